/* A person made ready to be put: all that can be done beforehand, in the form that the index keeps. */
#ifndef MATCH_READY_H
#define MATCH_READY_H

#include "match/block.h"
#include "match/index.h"

enum {
    READY_NAMES_MAX = PERSON_NAMES_MAX * 3 + PERSON_CARERS_MAX * 2,
    READY_WORDS_MAX =
        EVIDENCE_NAMES + READY_NAMES_MAX + PERSON_PLACES_MAX * 3 + PERSON_NUMBERS_MAX * 2 + PERSON_PHONES_MAX
};

/* A name, and where its id belongs: among the words, or in the slot. */
enum { READY_FAMILY = 255, READY_GIVEN = 254 };

struct ready_name {
    struct intern_name name;
    uint8_t word;
    uint8_t use_class;
};

struct ready {
    struct slot slot; /* without words, and what the vocabulary gives */
    struct child_id child;
    uint64_t hash; /* of the child's id */
    uint32_t word_count;
    uint32_t name_count;
    uint32_t words[READY_WORDS_MAX]; /* the evidence; names that are not missing still want their ids */
    struct ready_name names[READY_NAMES_MAX];
    struct keys keys;
};

void ready_make(const struct match_index *index, struct child_id child, const struct slot *slot,
                const struct description *description, struct ready *ret_ready);

/* Wipes what ready_make wrote. */
void ready_wipe(struct ready *ready);

#endif
