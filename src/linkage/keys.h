/* Blocking keys: what of a row is put together, made from whatever a table has. */
#ifndef LINKAGE_KEYS_H
#define LINKAGE_KEYS_H

#include "linkage/blocks.h"

enum key_part {
    KEY_END = 0,
    KEY_NAMES,  /* the codes of given and family, whichever comes first */
    KEY_GIVEN,  /* its nickname's root, or how it sounds */
    KEY_FAMILY, /* how it sounds */
    KEY_HEAD,   /* the first three letters of the family name */
    KEY_DATE,
    KEY_YEAR,
    KEY_DAY,   /* and month, whichever comes first */
    KEY_PLACE, /* a locality, or a postcode where there is none */
    KEY_POSTCODE,
    KEY_SECTOR, /* of a British postcode, or its first three characters */
    KEY_ADDRESS,
    KEY_NUMBER,
    KEY_FIELD, /* a whole value; which one is said beside it */
    KEY_PARTS_END,
};

enum { KEY_PARTS_MAX = 3 };

struct key_rule {
    enum key_part parts[KEY_PARTS_MAX];
    uint8_t field; /* of KEY_FIELD */
};

/* How a part is made: worked out once for each value, then looked up. */
struct key_source {
    size_t field;          /* SIZE_MAX: none */
    size_t other;          /* a second field, for KEY_NAMES; else SIZE_MAX */
    const uint64_t *by_id; /* NULL: the id itself */
};

struct key_maker {
    const struct linkage_rows *rows;
    struct key_rule rules[BLOCK_PASSES_MAX];
    size_t rule_count;
    size_t lessons; /* rules from here on are for training alone */
    struct key_source sources[KEY_PARTS_END];
    uint64_t *tables[KEY_PARTS_END]; /* what the sources look up */
    size_t given;                    /* fields; SIZE_MAX: none */
    size_t family;
    size_t birth;
    size_t postcode;
    size_t locality;
    size_t address;
    size_t number;
};

/* The rules that the table's fields allow, most telling first; `broad` ones find more pairs, and more that
 * are nothing.  FAULT_MEMORY. */
MUST_USE enum fault keys_open(const struct linkage_rows *rows, bool broad, struct key_maker *ret_maker);
void keys_close(struct key_maker *maker);

/* 0: a part is missing, the row has no such key. */
uint64_t keys_of(const struct key_maker *maker, const struct key_rule *rule, const uint32_t *cells);

/* By what a block that is too large is cut, step by step; 0 where the value is missing.  Steps are numbered
 * from 0 to keys_cut_steps - 1; the last ones are all fields, whole. */
size_t keys_cut_steps(const struct key_maker *maker);
uint64_t keys_cut(const struct key_maker *maker, size_t step, const uint32_t *cells);

#endif
