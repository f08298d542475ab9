#include "generate/names.h"

#include <stdlib.h>

#include "generate/lottery.h"
#include "generate/reference.h"

enum { YEAR_FIRST = 2006, YEAR_LAST = 2027, YEARS = YEAR_LAST - YEAR_FIRST + 1, ONS_YEAR_LAST = 2024 };

/* A word of the built-in tables and who uses it. */
struct known {
    struct str word;
    enum origin origin;
};

struct names {
    struct lottery given[ORIGINS_END][3][YEARS];
    struct lottery ons[3][YEARS]; /* the English of the reference folder; empty without one */
    struct lottery family[ORIGINS_END];
    struct lottery grown_up[3];
    struct lottery national; /* family names of the reference folder; empty without one */
    struct lottery tail_first;
    struct lottery tail_joint;
    struct lottery tail_last;
    struct arena *arena;
    struct known *known; /* sorted by word */
    size_t known_count;
};

enum trend { TREND_FALLING = 1, TREND_STEADY, TREND_RISING };

static const struct given_list {
    enum origin origin;
    enum sex sex;
    enum trend trend;
    const char *list;
} given_lists[] = {
#define GIVEN(origin, sex, trend, list) {ORIGIN_##origin, SEX_##sex, TREND_##trend, list},
#define GROWN_UP(sex, list)
#define NICKNAME(given, list)
#include "generate/given.def"
#undef GIVEN
#undef GROWN_UP
#undef NICKNAME
};

static const char *const grown_up_lists[3] = {
#define GIVEN(origin, sex, trend, list)
#define GROWN_UP(sex, list) [SEX_##sex] = list,
#define NICKNAME(given, list)
#include "generate/given.def"
#undef GIVEN
#undef GROWN_UP
#undef NICKNAME
};

static const struct {
    const char *given;
    const char *list;
} nicknames[] = {
#define GIVEN(origin, sex, trend, list)
#define GROWN_UP(sex, list)
#define NICKNAME(given, list) {given, list},
#include "generate/given.def"
#undef GIVEN
#undef GROWN_UP
#undef NICKNAME
};

static const struct {
    enum origin origin;
    const char *list;
} family_lists[] = {
#define FAMILY(origin, list) {ORIGIN_##origin, list},
#define TAIL_FIRST(list)
#define TAIL_JOINT(list)
#define TAIL_LAST(list)
#include "generate/family.def"
#undef FAMILY
#undef TAIL_FIRST
#undef TAIL_JOINT
#undef TAIL_LAST
};

static const char *const tail_lists[] = {
#define FAMILY(origin, list)
#define TAIL_FIRST(list) list,
#define TAIL_JOINT(list) list,
#define TAIL_LAST(list)  list,
#include "generate/family.def"
#undef FAMILY
#undef TAIL_FIRST
#undef TAIL_JOINT
#undef TAIL_LAST
};

static const char *const origin_names[ORIGINS_END] = {
#define ORIGIN(name) [ORIGIN_##name] = #name,
#define MIX(...)
#include "generate/origins.def"
#undef ORIGIN
#undef MIX
};

static const uint16_t mixes[AREAS_END][ORIGINS_END - 1] = {
#define ORIGIN(name)
#define MIX(kind, ...) [AREA_##kind] = {__VA_ARGS__},
#include "generate/origins.def"
#undef ORIGIN
#undef MIX
};

const char *origin_name(enum origin origin)
{
    must(origin > ORIGIN_NONE && origin < ORIGINS_END);
    return origin_names[origin];
}

enum origin origin_draw(enum area_kind kind, struct stream *stream)
{
    must(kind > AREA_NONE && kind < AREAS_END);
    uint64_t ticket = stream_below(stream, 1000);
    for (int i = 0; i < ORIGINS_END - 1; i++) {
        if (ticket < mixes[kind][i])
            return (enum origin)(i + 1);
        ticket -= mixes[kind][i];
    }
    return ORIGIN_english;
}

static uint64_t trend_weight(enum trend trend, int year)
{
    uint64_t since = (uint64_t)(year - YEAR_FIRST);
    switch (trend) {
    case TREND_FALLING:
        return YEARS + 3 - since;
    case TREND_STEADY:
        return 12;
    case TREND_RISING:
        return 2 + since;
    }
    return 0;
}

static enum fault load_built_in(struct names *names)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < sizeof given_lists / sizeof given_lists[0]; i++) {
        const struct given_list *list = &given_lists[i];
        for (int year = YEAR_FIRST; year <= YEAR_LAST; year++)
            TRY(lottery_add_list(&names->given[list->origin][list->sex][year - YEAR_FIRST], names->arena,
                                 list->list, trend_weight(list->trend, year)));
    }
    for (size_t i = 0; i < sizeof family_lists / sizeof family_lists[0]; i++)
        TRY(lottery_add_list(&names->family[family_lists[i].origin], names->arena, family_lists[i].list, 12));
    for (enum sex sex = SEX_FEMALE; sex <= SEX_MALE; sex++)
        TRY(lottery_add_list(&names->grown_up[sex], names->arena, grown_up_lists[sex], 12));
    TRY(lottery_add_list(&names->tail_first, names->arena, tail_lists[0], 1));
    TRY(lottery_add_list(&names->tail_joint, names->arena, tail_lists[1], 1));
    TRY(lottery_add_list(&names->tail_last, names->arena, tail_lists[2], 1));
done:
    return fault;
}

/* Letters in one case, so that "al-sayed" meets "Al-Sayed". */
static int compare_words(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < len; i++) {
        int x = a.at[i] >= 'A' && a.at[i] <= 'Z' ? a.at[i] - 'A' + 'a' : (unsigned char)a.at[i];
        int y = b.at[i] >= 'A' && b.at[i] <= 'Z' ? b.at[i] - 'A' + 'a' : (unsigned char)b.at[i];
        if (x != y)
            return x - y;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static int compare_known(const void *a, const void *b)
{
    const struct known *x = a;
    const struct known *y = b;
    int order = compare_words(x->word, y->word);
    return order != 0 ? order : (int)x->origin - (int)y->origin; /* English first */
}

static enum fault index_known(struct names *names)
{
    size_t room = 0;
    for (int o = 1; o < ORIGINS_END; o++)
        room += names->family[o].count + names->given[o][SEX_FEMALE][0].count +
                names->given[o][SEX_MALE][0].count;
    names->known = arena_take_array(names->arena, room, sizeof *names->known);
    if (names->known == NULL)
        return FAULT_MEMORY;
    for (int o = 1; o < ORIGINS_END; o++) {
        const struct lottery *lists[] = {&names->family[o], &names->given[o][SEX_FEMALE][0],
                                         &names->given[o][SEX_MALE][0]};
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
            for (uint32_t w = 0; w < lists[i]->count; w++)
                names->known[names->known_count++] = (struct known){lists[i]->words[w], (enum origin)o};
    }
    qsort(names->known, names->known_count, sizeof *names->known, compare_known);
    return FAULT_NONE;
}

/* True where the built-in tables give the word to families from abroad, and not to those of these islands. */
static bool is_foreign(const struct names *names, struct str word)
{
    size_t low = 0;
    size_t high = names->known_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_words(names->known[middle].word, word) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < names->known_count && compare_words(names->known[low].word, word) == 0 &&
           names->known[low].origin > ORIGIN_irish;
}

static enum fault on_baby_name(void *context, const struct csv_record *record)
{
    struct names *names = context;
    int64_t year;
    int64_t count;
    struct str word = record->fields[2];
    bool female = str_equal(record->fields[1], STR("F"));
    if (!str_to_int(record->fields[0], YEAR_FIRST, ONS_YEAR_LAST, &year) ||
        !str_to_int(record->fields[3], 1, 1000000, &count) || word.len == 0 || word.len > 60)
        return FAULT_MALFORMED;
    if (is_foreign(names, word))
        return FAULT_NONE;
    struct str copy;
    enum fault fault = arena_copy(names->arena, word, &copy);
    if (fault != FAULT_NONE)
        return fault;
    return lottery_add(&names->ons[female ? SEX_FEMALE : SEX_MALE][year - YEAR_FIRST], names->arena, copy,
                       (uint64_t)count);
}

static enum fault on_surname(void *context, const struct csv_record *record)
{
    struct names *names = context;
    uint64_t weight;
    if (record->fields[0].len == 0 || record->fields[0].len > 60 ||
        !reference_millionths(record->fields[1], &weight))
        return FAULT_MALFORMED;
    if (is_foreign(names, record->fields[0]))
        return FAULT_NONE;
    struct text name = {0};
    text_put(&name, record->fields[0]);
    text_capitalise(&name);
    struct str copy;
    enum fault fault = arena_copy(names->arena, text_str(&name), &copy);
    return fault != FAULT_NONE ? fault : lottery_add(&names->national, names->arena, copy, weight);
}

static enum fault load_reference(struct names *names, const char *folder)
{
    enum fault fault = reference_read(&(struct reference_table){folder, "baby_names_ew_2006_2024.csv.gz",
                                                                "year,sex,name,n", on_baby_name, names});
    if (fault != FAULT_NONE)
        return fault;
    fault = reference_read(
        &(struct reference_table){folder, "surnames_uk.csv", "surname,freq", on_surname, names});
    if (fault != FAULT_NONE)
        return fault;
    for (int year = YEAR_FIRST; year <= ONS_YEAR_LAST; year++)
        if (names->ons[SEX_FEMALE][year - YEAR_FIRST].count == 0 ||
            names->ons[SEX_MALE][year - YEAR_FIRST].count == 0)
            return fault_note(FAULT_MALFORMED, "baby_names_ew_2006_2024.csv.gz lacks a year: fetch it again");
    if (names->national.count == 0)
        return fault_note(FAULT_MALFORMED, "surnames_uk.csv is empty: fetch it again");
    return FAULT_NONE;
}

enum fault names_open(struct arena *arena, const char *reference, struct names **ret_names)
{
    enum fault fault = FAULT_NONE;
    struct names *names = arena_take(arena, sizeof *names);
    if (names == NULL)
        return FAULT_MEMORY;
    names->arena = arena;
    TRY(load_built_in(names));
    TRY(index_known(names));
    if (reference != NULL)
        TRY(load_reference(names, reference));
    *ret_names = names;
done:
    return fault;
}

static bool is_of_these_islands(enum origin origin)
{
    return origin == ORIGIN_english || origin == ORIGIN_welsh || origin == ORIGIN_irish;
}

void names_given(const struct names *names, struct given_wish wish, struct stream *stream,
                 struct text *ret_given)
{
    int year = wish.year < YEAR_FIRST ? YEAR_FIRST : wish.year > YEAR_LAST ? YEAR_LAST : wish.year;
    /* Families take names of the country as well as their own. */
    uint64_t own = is_of_these_islands(wish.origin) ? 350 : 780;
    enum origin origin = stream_below(stream, 1000) < own ? wish.origin : ORIGIN_english;
    const struct lottery *lottery = &names->given[origin][wish.sex][year - YEAR_FIRST];
    if (origin == ORIGIN_english && wish.year == GROWN_UP) {
        lottery = &names->grown_up[wish.sex];
    } else if (origin == ORIGIN_english) {
        int counted = year > ONS_YEAR_LAST ? ONS_YEAR_LAST : year;
        const struct lottery *ons = &names->ons[wish.sex][counted - YEAR_FIRST];
        lottery = ons->count > 0 ? ons : lottery;
    }
    text_set(ret_given, lottery_draw(lottery, stream));
}

/* A rank from 0 to 2^17 - 1, as rare names fall: each doubling of rank equally likely. */
static uint64_t draw_rank(struct stream *stream)
{
    uint64_t power = UINT64_C(1) << stream_below(stream, 17);
    return power - 1 + stream_below(stream, power);
}

/* A composed name: the same rank is another name in another area, so that rare names live somewhere. */
static void put_tail(const struct names *names, uint32_t area, struct stream *stream, struct text *ret_family)
{
    uint64_t code = text_mix(draw_rank(stream), area, 0x7461696C);
    struct str joint = names->tail_joint.words[code / 1000 % names->tail_joint.count];
    text_set(ret_family, names->tail_first.words[code % names->tail_first.count]);
    if (!str_equal(joint, STR("-")))
        text_put(ret_family, joint);
    text_put(ret_family, names->tail_last.words[code / 100000 % names->tail_last.count]);
    if (code >> 60 == 0)
        text_put_literal(ret_family, "e");
}

static void put_single(const struct names *names, enum origin origin, uint32_t area, struct stream *stream,
                       struct text *ret_family)
{
    const struct lottery *lottery = &names->family[origin];
    if (origin == ORIGIN_english) {
        if (stream_below(stream, 1000) < 130) {
            put_tail(names, area, stream, ret_family);
            return;
        }
        if (names->national.count > 0)
            lottery = &names->national;
    }
    if (stream_below(stream, 1000) < 250) {
        uint64_t local = text_mix(area, stream_below(stream, 40), 0x6E616D65);
        text_set(ret_family, lottery->words[local % lottery->count]);
        return;
    }
    text_set(ret_family, lottery_draw(lottery, stream));
}

void names_family(const struct names *names, enum origin origin, uint32_t area, struct stream *stream,
                  struct text *ret_family)
{
    put_single(names, origin, area, stream, ret_family);
    if (!is_of_these_islands(origin) || stream_below(stream, 1000) >= 45)
        return;
    struct text second = {0};
    put_single(names, origin, area, stream, &second);
    if (str_equal(text_str(&second), text_str(ret_family)))
        return;
    text_put_literal(ret_family, stream_below(stream, 10) < 8 ? "-" : " ");
    text_put(ret_family, text_str(&second));
}

bool names_nickname(struct str given, struct stream *stream, struct text *ret_nickname)
{
    for (size_t i = 0; i < sizeof nicknames / sizeof nicknames[0]; i++) {
        if (!str_equal(given, str_of(nicknames[i].given)))
            continue;
        struct str rest = str_of(nicknames[i].list);
        struct str piece = rest;
        uint64_t chosen = 1;
        for (size_t c = 0; c < rest.len; c++)
            chosen += rest.at[c] == ' ';
        chosen = stream_below(stream, chosen);
        for (uint64_t n = 0; n <= chosen; n++)
            if (!str_split(&rest, ' ', &piece))
                return false;
        text_set(ret_nickname, piece);
        return true;
    }
    return false;
}
