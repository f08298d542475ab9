#include "match/seek.h"

#include "match/phonetic.h"

/* Years a date slip may be off; spellings tried where nothing but a thin fact stands beside the name. */
enum { YEAR_SLIP = 10, SPELLINGS_MAX = 12, LETTERS_APART_MAX = 4, LENGTHS_APART_MAX = 2, SPELT_LEAST = 820 };

void seek_open(struct seeker *seeker, const struct match_index *index, const struct match_query *query,
               const struct match_sight *sight, const struct description *asked)
{
    *seeker = (struct seeker){.index = index, .asked = asked, .query = query};
    for (unsigned state = RECORD_LIVE; state <= RECORD_STATES; state++) {
        field_mask mask = sight->mask[state];
        struct score_sight *open = &seeker->sight[state];
        *open = (struct score_sight){.former = score_sees(mask, EVIDENCE_FORMER_NAME),
                                     .places = score_sees(mask, EVIDENCE_POSTCODE),
                                     .authority = score_sees(mask, EVIDENCE_AUTHORITY),
                                     .mask = mask,
                                     .own_scheme = sight->own_scheme};
        /* A question that names a hidden field misses the record, whatever it holds. */
        seeker->eligible[state] = score_sees(mask, EVIDENCE_NAME) &&
                                  (query->postcode.len == 0 || open->places) &&
                                  (query->authority.len == 0 || open->authority) &&
                                  (query->number.len == 0 || score_sees_number(open, query->number_scheme));
    }
}

static void want(const struct seeker *seeker, struct keys *keys, enum key_kind kind, uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return;
    bool by_name = kind != KEY_NUMBER && kind != KEY_POSTCODE && kind != KEY_DATE;
    for (unsigned state = RECORD_LIVE; state <= RECORD_STATES; state++) {
        if (!seeker->eligible[state])
            continue;
        for (unsigned need = 0; need < NEEDS; need++) {
            if (need == NEED_FORMER && !(by_name && seeker->sight[state].former))
                continue;
            if (keys->count < BLOCK_KEYS_MAX)
                keys->at[keys->count++] = block_key(seeker->index->key, kind, block_veil(state, need), a, b);
        }
    }
}

void seek_years(const struct seeker *seeker, uint16_t by, uint16_t *ret_first, uint16_t *ret_last)
{
    const struct match_query *query = seeker->query;
    uint16_t first = query->birth.year;
    uint16_t last = query->birth.year;
    if (query->birth_earliest.precision == DAY_EXACT) {
        first = query->birth_earliest.year;
        last = query->birth_latest.year;
    } else if (query->birth.precision == DAY_ABOUT) {
        first--;
        last++;
    }
    *ret_first = first == 0 ? 1 : (uint16_t)(first - by);
    *ret_last = last == 0 ? 0 : (uint16_t)(last + by);
}

struct codes {
    uint32_t at[NAME_CODES_MAX + SPELLINGS_MAX];
    size_t count;
};

static void codes_of(const struct name *name, struct codes *ret_codes)
{
    ret_codes->count = name->placeholder ? 0 : name->code_count;
    memcpy(ret_codes->at, name->codes, ret_codes->count * sizeof(name->codes[0]));
}

static bool has_place(const struct seeker *seeker)
{
    return seeker->asked->place_count > 0;
}

static const struct described_place *place_of(const struct seeker *seeker)
{
    return &seeker->asked->places[0];
}

/* The one kind of key that the facts beside the name allow, the narrowest first. */
static void want_exact_name(const struct seeker *seeker, uint32_t family, uint32_t given, struct keys *keys)
{
    uint32_t date = describe_date(seeker->query->birth);
    uint16_t first;
    uint16_t last;
    seek_years(seeker, 0, &first, &last);
    if (date != 0) {
        want(seeker, keys, family != 0 ? KEY_DATE_FAMILY : KEY_DATE_GIVEN, family != 0 ? family : given,
             date);
    } else if (has_place(seeker) && place_of(seeker)->postcode != 0) {
        want(seeker, keys, KEY_POSTCODE, place_of(seeker)->postcode, 1);
    } else if (first <= last) {
        for (uint16_t year = first; year <= last; year++) {
            if (family != 0 && given != 0)
                want(seeker, keys, KEY_NAMES_YEAR, (uint64_t)family << 32 | given, year);
            else
                want(seeker, keys, family != 0 ? KEY_FAMILY_YEAR : KEY_GIVEN_YEAR,
                     family != 0 ? family : given, year);
        }
    } else if (has_place(seeker)) {
        want(seeker, keys, family != 0 ? KEY_FAMILY_AUTHORITY : KEY_GIVEN_AUTHORITY,
             family != 0 ? family : given, place_of(seeker)->authority);
    }
}

void seek_exact(const struct seeker *seeker, struct keys *ret_keys)
{
    const struct description *asked = seeker->asked;
    ret_keys->count = 0;
    if (asked->number_count > 0) {
        want(seeker, ret_keys, KEY_NUMBER, asked->numbers[0], 1);
        return;
    }
    const struct described_name *name = &asked->names[0];
    uint32_t family = name->family.placeholder ? 0 : name->family.codes[0];
    uint32_t given = name->given.placeholder ? 0 : name->given.codes[0];
    if (family == 0 && given == 0) {
        /* "Baby" alone: whoever was born that day, or lives there. */
        want(seeker, ret_keys, KEY_DATE, describe_date(seeker->query->birth), 1);
        if (has_place(seeker))
            want(seeker, ret_keys, KEY_POSTCODE, place_of(seeker)->postcode, 1);
        return;
    }
    want_exact_name(seeker, family, given, ret_keys);
    /* One name asked for may be the only name of somebody, held as the other part. */
    if ((family == 0) != (given == 0) && (name->family.len == 0 || name->given.len == 0))
        want_exact_name(seeker, given, family, ret_keys);
}

static uint32_t swapped_date(struct day day)
{
    if (day.precision != DAY_EXACT || day.day > 12 || day.day == day.month)
        return 0;
    return (uint32_t)day.year * 10000 + (uint32_t)day.day * 100 + day.month;
}

static void take(const struct seeker *seeker, struct keys *keys, struct gathered *gathered)
{
    for (size_t i = 0; i < keys->count; i++)
        postings_fetch(seeker->index->postings, keys->at[i]);
    for (size_t i = 0; i < keys->count; i++)
        gather_block(seeker->index, keys->at[i], GATHER_SLOTS_MAX / 2, describe_date(seeker->query->birth),
                     gathered);
    keys->count = 0;
}

/* How many of those whom the caller may see bear the word. */
static bool is_seen(const struct seeker *seeker, const struct word *word)
{
    for (unsigned state = RECORD_LIVE; state <= RECORD_STATES; state++) {
        if (!seeker->eligible[state])
            continue;
        if (word->uses[block_veil(state, 0)] > 0)
            return true;
        if (seeker->sight[state].former && word->uses[block_veil(state, NEED_FORMER)] > 0)
            return true;
    }
    return false;
}

struct spelling {
    unsigned similarity;
    uint32_t code;
};

/* Keeps the best codes; equal similarity: the smaller code, so that order does not hang on arrival. */
static void keep_spelling(struct spelling *kept, size_t *count, struct spelling spelling)
{
    for (size_t i = 0; i < *count; i++) {
        if (kept[i].code != spelling.code)
            continue;
        if (kept[i].similarity >= spelling.similarity)
            return;
        memmove(&kept[i], &kept[i + 1], (*count - i - 1) * sizeof(kept[0]));
        (*count)--;
        break;
    }
    size_t at = *count;
    while (at > 0 && (kept[at - 1].similarity < spelling.similarity ||
                      (kept[at - 1].similarity == spelling.similarity && kept[at - 1].code > spelling.code)))
        at--;
    if (at == SPELLINGS_MAX)
        return;
    size_t last = *count < SPELLINGS_MAX ? (*count)++ : SPELLINGS_MAX - 1;
    memmove(&kept[at + 1], &kept[at], (last - at) * sizeof(kept[0]));
    kept[at] = spelling;
}

/* The sounds of names in the visible vocabulary that are written much like the one asked for. */
static void add_spellings(const struct seeker *seeker, const struct name *name, struct codes *codes)
{
    const struct vocabulary *vocabulary = &seeker->index->vocabulary;
    struct str asked = {name->text, name->len};
    struct spelling kept[SPELLINGS_MAX];
    size_t count = 0;
    if (name->placeholder || name->len < 3)
        return;
    for (uint32_t id = 1; id < vocabulary->next_id; id++) {
        const struct word *word = intern_word(vocabulary, id);
        if (word->text == 0 || __builtin_popcount(word->letters ^ name->letters) > LETTERS_APART_MAX ||
            word->len + LENGTHS_APART_MAX < name->len || name->len + LENGTHS_APART_MAX < word->len)
            continue;
        struct str text = intern_text(vocabulary, id);
        unsigned similarity = phonetic_similarity(asked, text);
        if (similarity >= SPELT_LEAST && is_seen(seeker, word))
            keep_spelling(kept, &count, (struct spelling){similarity, word->code});
    }
    for (size_t i = 0; i < count; i++) {
        bool held = kept[i].code == 0;
        for (size_t j = 0; j < codes->count; j++)
            held = held || codes->at[j] == kept[i].code;
        if (!held)
            codes->at[codes->count++] = kept[i].code;
    }
}

static void seek_by_date(const struct seeker *seeker, const struct codes *family, const struct codes *given,
                         struct gathered *gathered)
{
    struct keys keys = {.count = 0};
    uint32_t dates[2] = {describe_date(seeker->query->birth), swapped_date(seeker->query->birth)};
    for (size_t d = 0; d < 2; d++) {
        for (size_t i = 0; i < family->count; i++) {
            want(seeker, &keys, KEY_DATE_FAMILY, family->at[i], dates[d]);
            want(seeker, &keys, KEY_DATE_GIVEN, family->at[i], dates[d]);
        }
        for (size_t i = 0; i < given->count; i++) {
            want(seeker, &keys, KEY_DATE_GIVEN, given->at[i], dates[d]);
            want(seeker, &keys, KEY_DATE_FAMILY, given->at[i], dates[d]);
        }
    }
    take(seeker, &keys, gathered);
    want(seeker, &keys, KEY_DATE, dates[0], 1);
    take(seeker, &keys, gathered);
}

/* Both names, also the other way round, within the years asked for and `by` more. */
static void seek_names(const struct seeker *seeker, const struct codes *family, const struct codes *given,
                       uint16_t by, struct gathered *gathered)
{
    struct keys keys = {.count = 0};
    uint16_t first;
    uint16_t last;
    seek_years(seeker, by, &first, &last);
    for (uint16_t year = first; year <= last; year++) {
        for (size_t i = 0; i < family->count; i++) {
            for (size_t j = 0; j < given->count; j++) {
                want(seeker, &keys, KEY_NAMES_YEAR, (uint64_t)family->at[i] << 32 | given->at[j], year);
                want(seeker, &keys, KEY_NAMES_YEAR, (uint64_t)given->at[j] << 32 | family->at[i], year);
            }
            take(seeker, &keys, gathered);
        }
    }
}

/* One name alone within the years asked for. */
static void seek_one_name(const struct seeker *seeker, const struct codes *family, const struct codes *given,
                          struct gathered *gathered)
{
    struct keys keys = {.count = 0};
    uint16_t first;
    uint16_t last;
    seek_years(seeker, 0, &first, &last);
    for (uint16_t year = first; year <= last; year++) {
        for (size_t i = 0; i < family->count; i++)
            want(seeker, &keys, KEY_FAMILY_YEAR, family->at[i], year);
        for (size_t i = 0; i < given->count; i++)
            want(seeker, &keys, KEY_GIVEN_YEAR, given->at[i], year);
        take(seeker, &keys, gathered);
    }
}

static void seek_by_place(const struct seeker *seeker, const struct codes *family, const struct codes *given,
                          struct gathered *gathered)
{
    struct keys keys = {.count = 0};
    const struct described_place *place = place_of(seeker);
    want(seeker, &keys, KEY_POSTCODE, place->postcode, 1);
    for (size_t i = 0; i < family->count; i++) {
        if (place->postcode != 0)
            want(seeker, &keys, KEY_FAMILY_DISTRICT, family->at[i], postcode_district(place->postcode));
        want(seeker, &keys, KEY_FAMILY_AUTHORITY, family->at[i], place->authority);
    }
    for (size_t i = 0; i < given->count; i++)
        want(seeker, &keys, KEY_GIVEN_AUTHORITY, given->at[i], place->authority);
    take(seeker, &keys, gathered);
}

void seek_similar(const struct seeker *seeker, struct gathered *gathered)
{
    const struct described_name *name = &seeker->asked->names[0];
    struct codes family;
    struct codes given;
    codes_of(&name->family, &family);
    codes_of(&name->given, &given);
    uint32_t date = describe_date(seeker->query->birth);
    if (date != 0)
        seek_by_date(seeker, &family, &given, gathered);
    if (has_place(seeker))
        seek_by_place(seeker, &family, &given, gathered);
    bool one = (family.count == 0) != (given.count == 0);
    seek_names(seeker, &family, &given, date != 0 ? YEAR_SLIP : 1, gathered);
    if (date != 0 && given.count == 0)
        seek_one_name(seeker, &family, &given, gathered);
    if (date != 0 || (has_place(seeker) && place_of(seeker)->postcode != 0))
        return;
    /* A thin question: other spellings too, of one name at a time. */
    struct codes families = family;
    struct codes givens = given;
    add_spellings(seeker, &name->family, &families);
    add_spellings(seeker, &name->given, &givens);
    if (has_place(seeker))
        seek_by_place(seeker, &families, &givens, gathered);
    seek_names(seeker, &families, &given, 0, gathered);
    seek_names(seeker, &family, &givens, 0, gathered);
    if (one || !has_place(seeker))
        seek_one_name(seeker, &family, &given, gathered);
    if (one)
        seek_one_name(seeker, &families, &givens, gathered);
}
