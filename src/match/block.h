/* Blocking keys (linkage.md §2): who is looked at at all.
 *
 * A key is a hash of its kind, its veil and its values.  The veil says what must be visible for the key to be
 * used: the record's state, and whether a former name, a place or an authority went into it.  So a hidden
 * value stands under keys that a search never asks for (R5.5), while linkage asks for all of them. */
#ifndef MATCH_BLOCK_H
#define MATCH_BLOCK_H

#include "match/describe.h"
#include "match/match.h"

enum key_kind {
    KEY_NUMBER = 1,
    KEY_DATE_FAMILY,       /* ~family, date */
    KEY_DATE_GIVEN,        /* ~given, date */
    KEY_NAMES_YEAR,        /* ~family, ~given, year */
    KEY_FAMILY_YEAR,       /* ~family, year: searches */
    KEY_GIVEN_YEAR,        /* ~given, year: searches */
    KEY_FAMILY_AUTHORITY,  /* ~family, authority: searches */
    KEY_GIVEN_AUTHORITY,   /* ~given, authority: searches */
    KEY_FAMILY_DISTRICT,   /* ~family, postcode district */
    KEY_POSTCODE,          /* unit */
    KEY_DATE,              /* searches */
    KEY_DATE_SEX_DISTRICT, /* linkage alone, as are those below */
    KEY_FAMILY_DAY,        /* ~family, sex, day and month */
    KEY_PHONE,
    KEY_CARER_DISTRICT,
    KEY_DISTRICT, /* of hidden records only: whoever resembles one is looked for far and wide */
};

/* States 0 (pending) to RECORD_STATES; NEED_ bits. */
enum { NEED_FORMER = 1, NEEDS = 2, VEIL_LINKAGE = 15 };

enum { BLOCK_KEYS_MAX = 1024 };

struct keys {
    uint64_t at[BLOCK_KEYS_MAX];
    size_t count;
};

/* One key; a and b are the values. */
uint64_t block_key(const uint8_t key[16], enum key_kind kind, unsigned veil, uint64_t a, uint64_t b);

static inline unsigned block_veil(unsigned state, unsigned needs)
{
    return state * NEEDS + needs;
}

static inline bool block_is_hidden(unsigned state)
{
    return state == RECORD_SHIELDED || state == RECORD_SEALED;
}

/* What must be seen to see a name of that kind: a hidden record is found only by what it shows (R9.4), so
 * that another source's spelling is in it as hidden as a former name. */
static inline unsigned block_name_needs(unsigned state, enum name_kind kind)
{
    return kind == NAME_FORMER || (kind == NAME_VARIANT && block_is_hidden(state)) ? NEED_FORMER : 0;
}

/* All keys under which a record stands, distinct, in ascending order.  `state` 0 for a pending one. */
void block_keys(const uint8_t key[16], unsigned state, const struct description *description,
                struct keys *ret_keys);

/* Those of them that linkage alone asks for, but for two kinds that are needless where very many share the
 * key: KEY_FAMILY_DAY, which KEY_DATE_FAMILY covers as far as the date agrees, and KEY_PHONE. */
void block_linkage_keys(const uint8_t key[16], const struct description *description, struct keys *ret_keys);
void block_day_keys(const uint8_t key[16], const struct description *description, struct keys *ret_keys);
void block_phone_keys(const uint8_t key[16], const struct description *description, struct keys *ret_keys);

#endif
