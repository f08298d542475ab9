/* A person as linkage and search know one: evidence, borrowed from whoever describes them.
 *
 * The same description is packed into the sealed linkage bundle that rebuilds read. */
#ifndef MATCH_PERSON_H
#define MATCH_PERSON_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/time.h"
#include "policy/ids.h"
#include "policy/policy.h"

enum {
    PERSON_NAMES_MAX = 12,
    PERSON_PLACES_MAX = 12,
    PERSON_NUMBERS_MAX = 16,
    PERSON_CARERS_MAX = 8,
    PERSON_PHONES_MAX = 8,
    PERSON_TEXT_BYTES_MAX = 400, /* of one name or address line */
};

enum name_kind {
    NAME_CURRENT = 1,
    NAME_KNOWN_AS = 2, /* family empty: the current one */
    NAME_FORMER = 3,
    NAME_VARIANT = 4, /* another source's spelling of the present name: never displayed, and so not found by
                         where the record is found only by what it shows (R9.4) */
};

/* Any part may be empty: one name is enough. */
struct person_name {
    enum name_kind kind;
    struct str family;
    struct str given;
    struct str other;
};

struct person_place {
    bool present;         /* the current address, not an earlier one */
    struct str postcode;  /* any spacing and case; empty where not known */
    struct str line;      /* the first address line */
    struct str authority; /* GSS code; empty where not known */
};

struct person_number {
    enum number_scheme scheme;
    struct str value; /* as normalised by number_normalise */
};

struct person {
    struct person_name names[PERSON_NAMES_MAX];
    uint8_t name_count;
    enum sex sex; /* 0 where nobody said */
    struct day birth;
    struct person_place places[PERSON_PLACES_MAX];
    uint8_t place_count;
    struct person_number numbers[PERSON_NUMBERS_MAX];
    uint8_t number_count;
    struct person_name carers[PERSON_CARERS_MAX]; /* kind is not read */
    uint8_t carer_count;
    struct str phones[PERSON_PHONES_MAX];
    uint8_t phone_count;
};

/* Appends the packed form (a format byte, then counted fields). */
void person_pack(struct buffer *buffer, const struct person *person);

/* Text stays borrowed from `packed`.  FAULT_CORRUPT for anything person_pack does not write. */
MUST_USE enum fault person_unpack(struct bytes packed, struct person *ret_person);

#endif
