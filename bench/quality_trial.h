/* A trial of linkage: the feeds of an invented population, row by row, through match_link, with records kept
 * as the registry keeps them.  What is sure updates a record, what is nobody's makes one; what waits is put
 * right by the truth at once, as an officer would. */
#ifndef BENCH_QUALITY_TRIAL_H
#define BENCH_QUALITY_TRIAL_H

#include "match/match.h"
#include "match/model_file.h"
#include "quality_people.h"

struct trial_record {
    uint32_t truth; /* the child whose row made it */
    uint32_t last;  /* 1 + its last row in people->rows; the one before stands in trial->before */
    uint32_t rows;
    bool shielded;
};

/* What came of one row, or of one look-alike of a shielded child. */
struct trial_event {
    const struct kept_row *row;
    uint8_t errors; /* of a look-alike: how many were made; 0: a row of a feed */
    bool bare;      /* a look-alike with nothing but name, sex, date and postcode */
    bool known;     /* the child has a record already */
    bool shielded;  /* and that record is shielded */
    uint32_t meant; /* the child of the record that was linked to, or of the best candidate; 0: none */
    const struct person *person;
    const struct match_outcome *outcome;
};

struct trial {
    const struct people *people;
    struct match_index *index;
    struct trial_record *records; /* 0 is unused */
    uint32_t record_count;
    uint32_t *record_of; /* by child: the first of its records, or 0 */
    uint32_t *before;    /* by row, 1 + the row of the same record that came before */
    uint32_t *assigned;  /* by row: the record that it was linked to without anybody's help; 0: waited */
    struct arena *arena;
    void (*tell)(void *judge, const struct trial_event *event);
    void *judge;
};

enum { TRIAL_SHIELDED_PER_MILLE = 5, TRIAL_LOOKALIKES = 6 };

/* `model` is borrowed; NULL: the shipped one.  FAULT_MEMORY. */
MUST_USE enum fault trial_open(const struct people *people, const struct model_file *model,
                               struct trial *ret_trial);
void trial_close(struct trial *trial);

/* All feeds; after the first source's, some records are shielded.  Then look-alikes of these, with one to
 * three errors, which leave no trace. */
MUST_USE enum fault trial_feed(struct trial *trial);
MUST_USE enum fault trial_probe(struct trial *trial, uint64_t seed);

struct child_id trial_id(uint32_t record);
uint32_t trial_record_of(struct child_id child);

#endif
