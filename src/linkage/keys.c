#include "linkage/keys.h"

#include <stdlib.h>

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
static enum fault make_codes(struct key_maker *maker)
{
    size_t field = maker->given != SIZE_MAX ? maker->given : maker->family;
    if (field == SIZE_MAX)
        return FAULT_NONE;
    const struct values *values = &maker->rows->values[maker->rows->fields[field].values];
    maker->codes = calloc((size_t)values->count + 1, sizeof *maker->codes);
    if (maker->codes == NULL)
        return FAULT_MEMORY;
    for (uint32_t id = 1; id <= values->count; id++) {
        const struct lexicon_word *known = lexicon_find(values_text(values, id));
        if (known != NULL && known->roots[0] != 0)
            maker->codes[id] = lexicon_root_code(known->roots[0]);
        else
            maker->codes[id] = values->signs[id].number;
        if (maker->codes[id] == 0)
            maker->codes[id] = (uint32_t)values_hash(values_text(values, id), 0) | 1;
    }
    return FAULT_NONE;
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
    enum fault fault = make_codes(&maker);
    if (fault != FAULT_NONE)
        return fault;
    choose_rules(&maker, broad);
    *ret_maker = maker;
    return FAULT_NONE;
}

void keys_close(struct key_maker *maker)
{
    free(maker->codes);
    maker->codes = NULL;
}

static uint64_t code_at(const struct key_maker *maker, size_t field, const uint32_t *cells)
{
    return field == SIZE_MAX || cells[field] == 0 ? 0 : maker->codes[cells[field]];
}

static uint64_t cell_at(size_t field, const uint32_t *cells)
{
    return field == SIZE_MAX ? 0 : cells[field];
}

static uint64_t date_part(const struct key_maker *maker, enum key_part part, const uint32_t *cells)
{
    uint64_t id = cell_at(maker->birth, cells);
    if (id == 0)
        return 0;
    uint32_t number = maker->rows->values[maker->rows->fields[maker->birth].values].signs[id].number;
    uint32_t month = number / 100 % 100;
    uint32_t day = number % 100;
    if (part == KEY_YEAR)
        return number / 10000;
    return month < day ? month * 100 + day : day * 100 + month;
}

static uint64_t unordered(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return 0;
    return values_mix(values_mix(a) + values_mix(b));
}

static uint64_t head_of(const struct key_maker *maker, const uint32_t *cells)
{
    enum { HEAD = 3 };
    uint32_t id = maker->family == SIZE_MAX ? 0 : cells[maker->family];
    if (id == 0)
        return 0;
    struct str text = values_text(&maker->rows->values[maker->rows->fields[maker->family].values], id);
    return values_hash((struct str){text.at, text.len < HEAD ? text.len : HEAD}, 1) | 1;
}

static uint64_t sector_of(const struct key_maker *maker, const uint32_t *cells)
{
    enum { HEAD = 3 };
    uint32_t id = maker->postcode == SIZE_MAX ? 0 : cells[maker->postcode];
    if (id == 0)
        return 0;
    const struct values *values = &maker->rows->values[maker->rows->fields[maker->postcode].values];
    if (values->signs[id].number != 0)
        return postcode_sector(values->signs[id].number) + (uint64_t)1;
    struct str text = values_text(values, id);
    return values_hash((struct str){text.at, text.len < HEAD ? text.len : HEAD}, 2) | (uint64_t)1 << 63;
}

static uint64_t part_of(const struct key_maker *maker, enum key_part part, uint8_t field,
                        const uint32_t *cells)
{
    switch (part) {
    case KEY_END:
        break;
    case KEY_NAMES:
        return unordered(code_at(maker, maker->given, cells), code_at(maker, maker->family, cells));
    case KEY_GIVEN:
        return code_at(maker, maker->given, cells);
    case KEY_FAMILY:
        return code_at(maker, maker->family, cells);
    case KEY_HEAD:
        return head_of(maker, cells);
    case KEY_DATE:
        return cell_at(maker->birth, cells);
    case KEY_YEAR:
    case KEY_DAY:
        return date_part(maker, part, cells);
    case KEY_PLACE:
        return cell_at(maker->locality != SIZE_MAX ? maker->locality : maker->postcode, cells);
    case KEY_POSTCODE:
        return cell_at(maker->postcode, cells);
    case KEY_SECTOR:
        return sector_of(maker, cells);
    case KEY_ADDRESS:
        return cell_at(maker->address, cells);
    case KEY_NUMBER:
        return cell_at(maker->number, cells);
    case KEY_FIELD:
        return cell_at(field, cells);
    }
    return 0;
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
