#include "linkage/keys.h"

#include "linkage/room.h"
#include "match/lexicon.h"
#include "match/normalise.h"

/* In the order of use.  A rule whose parts the table lacks is left out. */
static const struct key_rule RULES[] = {
    {{KEY_DATE, KEY_FAMILY}, 0},
    {{KEY_DATE, KEY_GIVEN}, 0},
    {{KEY_NAMES, KEY_YEAR}, 0},
    {{KEY_NAMES, KEY_PLACE}, 0},
    {{KEY_FAMILY, KEY_POSTCODE}, 0},
    {{KEY_GIVEN, KEY_POSTCODE, KEY_YEAR}, 0},
    {{KEY_ADDRESS, KEY_NUMBER}, 0},
    {{KEY_DATE, KEY_PLACE}, 0},
    {{KEY_FAMILY, KEY_DAY}, 0},
    {{KEY_FAMILY, KEY_PLACE}, 0},
    {{KEY_NAMES}, 0},
    {{KEY_FAMILY, KEY_NUMBER}, 0},
    {{KEY_FAMILY, KEY_YEAR}, 0},
    {{KEY_GIVEN, KEY_PLACE}, 0},
    {{KEY_DATE}, 0},
    {{KEY_ADDRESS}, 0},
    {{KEY_FAMILY}, 0},
};

/* For large tables that have names, birth dates and places: what two people hardly ever share. */
static const struct key_rule TIGHT_RULES[] = {
    {{KEY_DATE, KEY_FAMILY}, 0},    {{KEY_DATE, KEY_GIVEN}, 0},
    {{KEY_DATE, KEY_SECTOR}, 0},    {{KEY_NAMES, KEY_DAY}, 0},
    {{KEY_NAMES, KEY_SECTOR}, 0},   {{KEY_NAMES, KEY_ADDRESS}, 0},
    {{KEY_ADDRESS, KEY_NUMBER}, 0}, {{KEY_FAMILY, KEY_YEAR, KEY_SECTOR}, 0},
    {{KEY_NAMES, KEY_NUMBER}, 0},   {{KEY_GIVEN, KEY_YEAR, KEY_POSTCODE}, 0},
};

/* Households that agree in little else are no candidates, but training has to see them: without them it takes
 * twins for one person. */
static const struct key_rule LESSON_RULES[] = {
    {{KEY_FAMILY, KEY_POSTCODE}, 0},
    {{KEY_ADDRESS}, 0},
};

/* For tables that are small enough to look further. */
static const struct key_rule BROAD_RULES[] = {
    {{KEY_DATE}, 0},
    {{KEY_FAMILY}, 0},
    {{KEY_NAMES}, 0},
    {{KEY_GIVEN, KEY_YEAR}, 0},
    {{KEY_GIVEN, KEY_PLACE}, 0},
    {{KEY_POSTCODE}, 0},
    {{KEY_ADDRESS}, 0},
    {{KEY_PLACE, KEY_YEAR}, 0},
    {{KEY_GIVEN, KEY_SECTOR}, 0},
    {{KEY_HEAD, KEY_YEAR}, 0},
    {{KEY_HEAD, KEY_SECTOR}, 0},
    {{KEY_DAY, KEY_SECTOR}, 0},
    {{KEY_GIVEN, KEY_NUMBER}, 0},
    {{KEY_PLACE, KEY_NUMBER}, 0},
    {{KEY_YEAR, KEY_SECTOR}, 0},
    {{KEY_GIVEN, KEY_HEAD}, 0},
};

static const enum key_part CUTS[] = {KEY_YEAR, KEY_GIVEN, KEY_FAMILY, KEY_PLACE, KEY_POSTCODE};
enum { CUT_COUNT = sizeof CUTS / sizeof *CUTS };

static bool has_part(const struct key_maker *maker, enum key_part part)
{
    switch (part) {
    case KEY_END:
    case KEY_FIELD:
        return true;
    case KEY_NAMES:
        return maker->given != SIZE_MAX && maker->family != SIZE_MAX;
    case KEY_GIVEN:
        return maker->given != SIZE_MAX;
    case KEY_FAMILY:
    case KEY_HEAD:
        return maker->family != SIZE_MAX;
    case KEY_DATE:
    case KEY_YEAR:
    case KEY_DAY:
        return maker->birth != SIZE_MAX;
    case KEY_PLACE:
        return maker->locality != SIZE_MAX || maker->postcode != SIZE_MAX;
    case KEY_POSTCODE:
    case KEY_SECTOR:
        return maker->postcode != SIZE_MAX;
    case KEY_ADDRESS:
        return maker->address != SIZE_MAX;
    case KEY_NUMBER:
        return maker->number != SIZE_MAX;
    case KEY_PARTS_END:
        break;
    }
    return false;
}

static void add_rule(struct key_maker *maker, struct key_rule rule)
{
    if (maker->rule_count < BLOCK_PASSES_MAX)
        maker->rules[maker->rule_count++] = rule;
}

static void add_rules(struct key_maker *maker, const struct key_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool has = true;
        for (size_t j = 0; j < KEY_PARTS_MAX; j++)
            has = has && has_part(maker, rules[i].parts[j]);
        if (has)
            add_rule(maker, rules[i]);
    }
}

/* Numbers, telephones and mailboxes are of one person or nearly. */
static bool stands_alone(enum linkage_kind kind)
{
    return kind == LINKAGE_IDENTIFIER || kind == LINKAGE_PHONE || kind == LINKAGE_EMAIL;
}

static void choose_rules(struct key_maker *maker, bool broad)
{
    const struct linkage_rows *rows = maker->rows;
    bool tight =
        !broad && has_part(maker, KEY_NAMES) && has_part(maker, KEY_DATE) && has_part(maker, KEY_SECTOR);
    for (size_t i = 0; i < rows->field_count; i++) {
        if (!stands_alone(rows->fields[i].kind) || rows->fields[i].filled < 2)
            continue;
        if (!tight || rows->fields[i].kind == LINKAGE_IDENTIFIER) {
            add_rule(maker, (struct key_rule){{KEY_FIELD}, (uint8_t)i});
            continue;
        }
        /* A family may have one telephone, and strangers may: one that is nobody's own, or was mistyped. */
        add_rule(maker, (struct key_rule){{KEY_FIELD, KEY_YEAR, KEY_FAMILY}, (uint8_t)i});
        add_rule(maker, (struct key_rule){{KEY_FIELD, KEY_YEAR, KEY_SECTOR}, (uint8_t)i});
    }
    if (broad)
        add_rules(maker, BROAD_RULES, sizeof BROAD_RULES / sizeof *BROAD_RULES);
    else if (tight)
        add_rules(maker, TIGHT_RULES, sizeof TIGHT_RULES / sizeof *TIGHT_RULES);
    else
        add_rules(maker, RULES, sizeof RULES / sizeof *RULES);
    for (size_t i = 0; i < rows->field_count; i++) {
        if (rows->fields[i].kind == LINKAGE_TEXT)
            add_rule(maker, (struct key_rule){{KEY_FIELD}, (uint8_t)i});
    }
    for (size_t i = 0; i < rows->field_count && maker->rule_count == 0; i++)
        add_rule(maker, (struct key_rule){{KEY_FIELD}, (uint8_t)i});
    maker->lessons = maker->rule_count;
    if (tight)
        add_rules(maker, LESSON_RULES, sizeof LESSON_RULES / sizeof *LESSON_RULES);
}

/* A nickname's root stands for the name; what has no sound stands for itself. */
static uint64_t code_of(const struct values *values, uint32_t id)
{
    const struct lexicon_word *known = lexicon_find(values_text(values, id));
    uint32_t code = values->signs[id].number;
    if (known != NULL && known->roots[0] != 0)
        code = lexicon_root_code(known->roots[0]);
    return code != 0 ? code : (uint32_t)values_hash(values_text(values, id), 0) | 1;
}

static uint64_t head_of(const struct values *values, uint32_t id)
{
    enum { HEAD = 3 };
    struct str text = values_text(values, id);
    return values_hash((struct str){text.at, text.len < HEAD ? text.len : HEAD}, 1) | 1;
}

static uint64_t sector_of(const struct values *values, uint32_t id)
{
    enum { HEAD = 3 };
    if (values->signs[id].number != 0)
        return postcode_sector(values->signs[id].number) + (uint64_t)1;
    struct str text = values_text(values, id);
    return values_hash((struct str){text.at, text.len < HEAD ? text.len : HEAD}, 2) | (uint64_t)1 << 63;
}

static uint64_t year_of(const struct values *values, uint32_t id)
{
    return values->signs[id].number / 10000;
}

static uint64_t day_of(const struct values *values, uint32_t id)
{
    uint32_t month = values->signs[id].number / 100 % 100;
    uint32_t day = values->signs[id].number % 100;
    return month < day ? month * 100 + day : day * 100 + month;
}

static enum fault list_parts(struct key_maker *maker, enum key_part part, size_t field,
                             uint64_t (*part_of)(const struct values *values, uint32_t id))
{
    maker->sources[part] = (struct key_source){.field = field, .other = SIZE_MAX};
    if (field == SIZE_MAX || part_of == NULL)
        return FAULT_NONE;
    const struct values *values = &maker->rows->values[maker->rows->fields[field].values];
    uint64_t *table = room_take((size_t)values->count + 1, sizeof *table);
    if (table == NULL)
        return FAULT_MEMORY;
    table[0] = 0;
    for (uint32_t id = 1; id <= values->count; id++)
        table[id] = part_of(values, id);
    maker->tables[part] = table;
    maker->sources[part].by_id = table;
    return FAULT_NONE;
}

/* Family and given share their values; KEY_NAMES adds up their codes, whichever comes first. */
static enum fault list_names(struct key_maker *maker)
{
    enum fault fault = FAULT_NONE;
    size_t field = maker->given != SIZE_MAX ? maker->given : maker->family;
    TRY(list_parts(maker, KEY_GIVEN, field, code_of));
    const uint64_t *codes = maker->sources[KEY_GIVEN].by_id;
    maker->sources[KEY_GIVEN].field = maker->given;
    maker->sources[KEY_FAMILY] = (struct key_source){maker->family, SIZE_MAX, codes};
    maker->sources[KEY_NAMES] = (struct key_source){SIZE_MAX, maker->family, NULL};
    if (maker->given == SIZE_MAX || maker->family == SIZE_MAX)
        goto done;
    uint32_t count = maker->rows->values[maker->rows->fields[field].values].count;
    uint64_t *mixed = room_take((size_t)count + 1, sizeof *mixed);
    maker->tables[KEY_NAMES] = mixed;
    if (mixed == NULL)
        TRY(FAULT_MEMORY);
    for (uint32_t id = 0; id <= count; id++)
        mixed[id] = values_mix(codes[id]);
    maker->sources[KEY_NAMES] = (struct key_source){maker->given, maker->family, mixed};
done:
    return fault;
}

static enum fault list_sources(struct key_maker *maker)
{
    enum fault fault = FAULT_NONE;
    TRY(list_names(maker));
    TRY(list_parts(maker, KEY_HEAD, maker->family, head_of));
    TRY(list_parts(maker, KEY_DATE, maker->birth, NULL));
    TRY(list_parts(maker, KEY_YEAR, maker->birth, year_of));
    TRY(list_parts(maker, KEY_DAY, maker->birth, day_of));
    TRY(list_parts(maker, KEY_PLACE, maker->locality != SIZE_MAX ? maker->locality : maker->postcode, NULL));
    TRY(list_parts(maker, KEY_POSTCODE, maker->postcode, NULL));
    TRY(list_parts(maker, KEY_SECTOR, maker->postcode, sector_of));
    TRY(list_parts(maker, KEY_ADDRESS, maker->address, NULL));
    TRY(list_parts(maker, KEY_NUMBER, maker->number, NULL));
done:
    return fault;
}

enum fault keys_open(const struct linkage_rows *rows, bool broad, struct key_maker *ret_maker)
{
    struct key_maker maker = {.rows = rows,
                              .given = rows_field(rows, LINKAGE_GIVEN, SIZE_MAX),
                              .family = rows_field(rows, LINKAGE_FAMILY, SIZE_MAX),
                              .birth = rows_field(rows, LINKAGE_BIRTH, SIZE_MAX),
                              .postcode = rows_field(rows, LINKAGE_POSTCODE, SIZE_MAX),
                              .locality = rows_field(rows, LINKAGE_LOCALITY, SIZE_MAX),
                              .address = rows_field(rows, LINKAGE_ADDRESS, SIZE_MAX),
                              .number = rows_field(rows, LINKAGE_NUMBER, SIZE_MAX)};
    enum fault fault = list_sources(&maker);
    if (fault != FAULT_NONE) {
        keys_close(&maker);
        return fault;
    }
    choose_rules(&maker, broad);
    *ret_maker = maker;
    return FAULT_NONE;
}

void keys_close(struct key_maker *maker)
{
    for (size_t i = 0; i < KEY_PARTS_END; i++) {
        room_give(maker->tables[i]);
        maker->tables[i] = NULL;
    }
}

static inline uint64_t look_up(const struct key_source *source, size_t field, const uint32_t *cells)
{
    uint32_t id = cells[field];
    return source->by_id == NULL ? id : source->by_id[id];
}

static inline uint64_t part_of(const struct key_maker *maker, enum key_part part, uint8_t field,
                               const uint32_t *cells)
{
    const struct key_source *source = &maker->sources[part];
    if (part == KEY_FIELD)
        return cells[field];
    if (source->field == SIZE_MAX)
        return 0;
    if (part != KEY_NAMES)
        return look_up(source, source->field, cells);
    if (cells[source->field] == 0 || cells[source->other] == 0)
        return 0;
    return values_mix(look_up(source, source->field, cells) + look_up(source, source->other, cells));
}

/* What the keys of one date have in common: their blocks lie together, as the rows do (arrange.h). */
static const uint64_t HEAD_MASK = (uint64_t)0xFFF << 52;

uint64_t keys_of(const struct key_maker *maker, const struct key_rule *rule, const uint32_t *cells)
{
    uint64_t key = 1;
    uint64_t first = 0;
    for (size_t i = 0; i < KEY_PARTS_MAX && rule->parts[i] != KEY_END; i++) {
        uint64_t part = part_of(maker, rule->parts[i], rule->field, cells);
        if (part == 0)
            return 0;
        key = values_mix(key * 0x9E3779B97F4A7C15u + part);
        if (i == 0)
            first = key;
    }
    if (rule->parts[0] == KEY_DATE)
        key = (first & HEAD_MASK) | (key & ~HEAD_MASK);
    return key | 1;
}

size_t keys_cut_steps(const struct key_maker *maker)
{
    return CUT_COUNT + maker->rows->field_count;
}

uint64_t keys_cut(const struct key_maker *maker, size_t step, const uint32_t *cells)
{
    if (step < CUT_COUNT)
        return part_of(maker, CUTS[step], 0, cells);
    return cells[step - CUT_COUNT];
}
