/* Weights from the data: u out of random pairs, m by expectation maximisation over pairs that share a date of
 * birth or a postcode, neither pass estimating what it blocked on (linkage.md §2).
 *
 * Takes records as sources sent them, so that true pairs are there to learn from.  The same records in the
 * same order and the same seed give the same model. */
#ifndef MATCH_TRAIN_H
#define MATCH_TRAIN_H

#include "match/match.h"
#include "match/model_file.h"

enum { TRAIN_RECORDS_LEAST = 2000, TRAIN_MATCHES_LEAST = 500, TRAIN_PAIRS_DEFAULT = 4000000 };

struct match_train;

/* `start` is what training leans on, borrowed until train_close; NULL: the shipped model.  FAULT_MEMORY. */
MUST_USE enum fault train_open(const struct model_file *start, struct match_train **ret_train);

/* One record.  FAULT_MEMORY. */
MUST_USE enum fault train_add(struct match_train *train, const struct person *person);

struct train_order {
    uint64_t seed;
    uint64_t pairs;  /* how many to look at in each pass, and how many random ones; 0: TRAIN_PAIRS_DEFAULT */
    struct str made; /* when and by what */
};

struct train_report {
    uint64_t records;
    uint64_t pairs;   /* compared, all passes */
    uint64_t matches; /* expected among them */
    unsigned rounds;
};

/* FAULT_INVALID, with a note, where the records are too few or hold too few pairs of one child to learn from;
 * FAULT_MEMORY.  The model is to be closed with model_file_close. */
MUST_USE enum fault train_run(struct match_train *train, const struct train_order *order,
                              struct model_file *ret_model, struct train_report *ret_report);

void train_close(struct match_train *train);

#endif
