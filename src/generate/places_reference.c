#include <stdlib.h>

#include "generate/places_load.h"
#include "generate/reference.h"

enum { AUTHORITIES_MAX = 400, POSTCODES_MAX = 3000000, SETTINGS_MAX = 200000 };

struct found {
    char postcode[8];
    uint16_t authority;
};

/* What is gathered while the tables are read. */
struct gathering {
    struct arena *arena;
    struct places *places;
    struct found *found;
    uint32_t found_count;
    uint32_t found_room;
    uint32_t setting_room[SETTING_KINDS];
};

static bool str_has(struct str text, const char *word)
{
    return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

static enum area_kind kind_of(struct str code, struct str region)
{
    uint64_t draw = text_mix((uint64_t)code.at[7], (uint64_t)code.at[8], (uint64_t)code.at[2]);
    if (str_equal(region, STR("London")))
        return AREA_LONDON;
    if (str_starts(code, STR("E08")))
        return draw % 3 == 0 ? AREA_MILL : AREA_CITY;
    if (str_starts(code, STR("E06")))
        return draw % 2 == 0 ? AREA_CITY : AREA_SHIRE;
    return AREA_SHIRE;
}

static enum fault on_authority(void *context, const struct csv_record *record)
{
    struct gathering *gathering = context;
    struct places *places = gathering->places;
    uint64_t population;
    if (record->fields[5].len == 0)
        return FAULT_NONE; /* abolished: its postcodes go to its successor */
    if (record->fields[0].len != 9 || !reference_millionths(record->fields[5], &population) ||
        places->authority_count == AUTHORITIES_MAX)
        return FAULT_MALFORMED;
    struct authority *authority = &places->authorities[places->authority_count];
    memcpy(authority->code, record->fields[0].at, 9);
    authority->kind = kind_of(record->fields[0], record->fields[4]);
    authority->weight = (uint32_t)(population / 1000000 / 1000 + 1);
    places->authority_count++;
    return arena_copy(gathering->arena, record->fields[1], &authority->name);
}

static int compare_authorities(const void *a, const void *b)
{
    const struct authority *x = a;
    const struct authority *y = b;
    return memcmp(x->code, y->code, sizeof x->code);
}

static struct authority *authority_of(const struct places *places, struct str code)
{
    struct authority key;
    if (code.len != sizeof key.code)
        return NULL;
    memcpy(key.code, code.at, sizeof key.code);
    return bsearch(&key, places->authorities, places->authority_count, sizeof key, compare_authorities);
}

/* Authorities that the postcodes still name, and who came after them. */
static struct str successor(struct str code)
{
    static const struct {
        const char *old;
        const char *new;
    } changes[] = {
        {"E06000028", "E06000058"}, /* Bournemouth */
        {"E06000029", "E06000058"}, /* Poole */
        {"E06000048", "E06000057"}, /* Northumberland */
        {"E08000020", "E08000037"}, /* Gateshead */
        {"E10000002", "E06000060"}, /* Buckinghamshire */
        {"E10000009", "E06000059"}, /* Dorset */
        {"E10000021", "E06000062"}, /* Northamptonshire, to its western half */
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (str_equal(code, str_of(changes[i].old)))
            return str_of(changes[i].new);
    return code;
}

static enum fault on_postcode(void *context, const struct csv_record *record)
{
    struct gathering *gathering = context;
    struct authority *authority = authority_of(gathering->places, successor(record->fields[3]));
    if (record->fields[0].len < 5 || record->fields[0].len > 8)
        return FAULT_MALFORMED;
    if (authority == NULL)
        return FAULT_NONE;
    if (gathering->found_count == gathering->found_room) {
        uint32_t room = gathering->found_room == 0 ? 65536 : gathering->found_room * 2;
        if (gathering->found_count >= POSTCODES_MAX)
            return FAULT_MALFORMED;
        struct found *found = realloc(gathering->found, room * sizeof *found);
        if (found == NULL)
            return FAULT_MEMORY;
        gathering->found = found;
        gathering->found_room = room;
    }
    struct found *found = &gathering->found[gathering->found_count++];
    places_sort_key(record->fields[0], found->postcode);
    found->authority = (uint16_t)(authority - gathering->places->authorities);
    authority->postcode_count++;
    return FAULT_NONE;
}

/* Keeps as many authorities as the population fills, spread over the country, and their postcodes. */
static enum fault choose(struct gathering *gathering, const struct places_order *order)
{
    struct places *places = gathering->places;
    uint32_t available = 0;
    uint32_t kept = 0;
    uint32_t postcodes = 0;
    uint32_t moved_to[AUTHORITIES_MAX];
    for (uint32_t i = 0; i < places->authority_count; i++)
        available += places->authorities[i].postcode_count > 0;
    uint32_t wanted = places_authorities_for(order->children, available);
    for (uint32_t i = 0, seen = 0; i < places->authority_count; i++) {
        struct authority authority = places->authorities[i];
        moved_to[i] = UINT32_MAX;
        if (authority.postcode_count == 0)
            continue;
        uint64_t turn = (uint64_t)seen++;
        if (kept == wanted || (turn + 1) * wanted / available == turn * wanted / available)
            continue;
        authority.postcode_first = postcodes;
        postcodes += authority.postcode_count;
        moved_to[i] = kept;
        places->authorities[kept++] = authority;
    }
    if (kept == 0)
        return fault_note(FAULT_MALFORMED, "the postcodes and authorities of the reference folder do not fit "
                                           "together: fetch it again");
    places->authority_count = kept;
    places->postcodes = arena_take_array(gathering->arena, postcodes, sizeof *places->postcodes);
    if (places->postcodes == NULL)
        return FAULT_MEMORY;
    uint32_t filled[AUTHORITIES_MAX] = {0};
    for (uint32_t i = 0; i < gathering->found_count; i++) {
        uint32_t to = moved_to[gathering->found[i].authority];
        if (to != UINT32_MAX)
            memcpy(places->postcodes[places->authorities[to].postcode_first + filled[to]++],
                   gathering->found[i].postcode, 8);
    }
    return FAULT_NONE;
}

struct described {
    struct str code;
    struct str name;
    struct str town;
    struct str postcode;
};

static enum fault add_setting(struct gathering *gathering, enum setting_kind kind,
                              const struct described *described)
{
    struct setting_list *list = &gathering->places->lists[kind];
    if (described->code.len == 0 || described->code.len > 12 || described->name.len == 0 ||
        described->name.len > TEXT_BYTES_MAX || described->town.len > 100 || list->count >= SETTINGS_MAX)
        return FAULT_MALFORMED;
    if (described->postcode.len < 5)
        return FAULT_NONE; /* nobody knows where it is */
    if (list->count == gathering->setting_room[kind]) {
        uint32_t room = list->count == 0 ? 4096 : list->count * 2;
        struct setting *settings = arena_take_array(gathering->arena, room, sizeof *settings);
        if (settings == NULL)
            return FAULT_MEMORY;
        if (list->count > 0)
            memcpy(settings, list->settings, list->count * sizeof *settings);
        list->settings = settings;
        gathering->setting_room[kind] = room;
    }
    struct setting *setting = &list->settings[list->count++];
    memcpy(setting->code, described->code.at, described->code.len);
    places_sort_key(described->postcode, setting->sort);
    enum fault fault = arena_copy(gathering->arena, described->name, &setting->name);
    return fault != FAULT_NONE ? fault : arena_copy(gathering->arena, described->town, &setting->town);
}

static bool has_any(struct str name, const char *const *words)
{
    for (; *words != NULL; words++)
        if (str_has(name, *words))
            return true;
    return false;
}

static enum fault on_school(void *context, const struct csv_record *record)
{
    static const char *const young[] = {"Primary", "Infant", "Junior", "First School", "Nursery", NULL};
    static const char *const old[] = {"High", "Secondary", "Grammar", "College", "Academy", "Upper", NULL};
    static const char *const single[] = {"Girls", "Boys", NULL}; /* siblings share schools here */
    struct described school = {record->fields[0], record->fields[1], record->fields[2], record->fields[3]};
    if (has_any(school.name, single))
        return FAULT_NONE;
    bool secondary = !has_any(school.name, young) && has_any(school.name, old);
    return add_setting(context, secondary ? SETTING_SECONDARY : SETTING_PRIMARY, &school);
}

static enum fault on_practice(void *context, const struct csv_record *record)
{
    struct described practice = {record->fields[0], record->fields[1], record->fields[4], record->fields[6]};
    return add_setting(context, SETTING_PRACTICE, &practice);
}

enum fault places_load_reference(struct arena *arena, const struct places_order *order, struct places *places)
{
    enum fault fault = FAULT_NONE;
    struct gathering gathering = {.arena = arena, .places = places};
    places->authorities = arena_take_array(arena, AUTHORITIES_MAX, sizeof *places->authorities);
    if (places->authorities == NULL)
        return FAULT_MEMORY;
    TRY(reference_read(&(struct reference_table){order->reference, "local_authorities.csv",
                                                 "gss_code,name,official_name,type,region,population_2020",
                                                 on_authority, &gathering}));
    qsort(places->authorities, places->authority_count, sizeof *places->authorities, compare_authorities);
    TRY(reference_read(&(struct reference_table){order->reference, "postcodes_england.csv.gz",
                                                 "postcode,easting,northing,la_gss", on_postcode,
                                                 &gathering}));
    TRY(choose(&gathering, order));
    TRY(reference_read(&(struct reference_table){order->reference, "schools.csv", "urn,name,town,postcode",
                                                 on_school, &gathering}));
    TRY(reference_read(&(struct reference_table){
        order->reference, "gp_practices.csv",
        "ods_code,name,address_1,address_2,town,county,postcode,telephone", on_practice, &gathering}));
    for (enum setting_kind kind = SETTING_PRIMARY; kind < SETTING_KINDS; kind++) {
        if (places->lists[kind].count == 0)
            fault =
                fault_note(FAULT_MALFORMED, "the reference folder has no primary schools, secondary schools "
                                            "or practices: fetch it again");
        else
            places_sort_settings(&places->lists[kind]);
    }
    if (fault == FAULT_NONE)
        places_share(places, order);
done:
    free(gathering.found);
    return fault;
}
