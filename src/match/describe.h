/* A person or a question, normalised once, as keys and scores are made from. */
#ifndef MATCH_DESCRIBE_H
#define MATCH_DESCRIBE_H

#include "match/model_file.h"
#include "match/normalise.h"
#include "match/person.h"

struct described_name {
    enum name_kind kind;
    struct name family;
    struct name given;
    struct name other;
};

struct described_place {
    uint32_t postcode;  /* 0: not known */
    uint32_t authority; /* 0: not known */
    uint32_t line;      /* a hash of the first address line; 0: not known */
};

struct described_carer {
    struct name family;
    struct name given;
};

struct description {
    struct described_name names[PERSON_NAMES_MAX];
    struct described_carer carers[PERSON_CARERS_MAX];
    struct described_place places[PERSON_PLACES_MAX]; /* present ones first */
    uint64_t numbers[PERSON_NUMBERS_MAX]; /* scheme in the top 4 bits, 44 bits of a hash, 16 of nothing */
    uint32_t phones[PERSON_PHONES_MAX];   /* hashes */
    struct day birth;
    enum sex sex; /* SEX_NOT_SPECIFIED is no evidence either way */
    uint8_t name_count;
    uint8_t carer_count;
    uint8_t place_count;
    uint8_t present_count;
    uint8_t number_count;
    uint8_t phone_count;
};

/* Hashes are keyed by the index's own key.  Repetitions are dropped.  What lies beyond a count is not set,
 * but for the first of each kind, which is empty then. */
void describe_person(const struct person *person, const uint8_t key[16], const struct model_file *model,
                     struct description *ret_description);

/* Wipes what describe_person wrote. */
void describe_wipe(struct description *description);

uint64_t describe_number(enum number_scheme scheme, struct str value, const uint8_t key[16]);
static inline enum number_scheme number_scheme_of(uint64_t number)
{
    return (enum number_scheme)(number >> 60);
}

/* A GSS code as a number, 0 where it is none. */
uint32_t describe_authority(struct str code);

/* yyyymmdd of an exact date, otherwise 0. */
uint32_t describe_date(struct day day);

#endif
