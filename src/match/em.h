/* Expectation maximisation after Fellegi and Sunter (linkage.md §2): what agreement is worth, out of counts.
 *
 * Pairs are described by patterns of agreement and counted first, in integers; the rest works on counts, in a
 * fixed order, so that the result depends neither on threads nor on the order of rows.  Knows nothing of
 * rows, names or fields: a field is a number, a level is a number.
 *
 * Fields are not independent among pairs of two people: who shares a surname often shares an address.  So
 * such pairs may be a class of their own, in which the household's fields agree as they do in one person and
 * the others as they do at random; without it, training settles on households.
 *
 *     em_counter_open, em_counter_add for every pair (one counter per thread), em_counter_merge,
 *     em_counter_sorted, em_train, em_weight. */
#ifndef MATCH_EM_H
#define MATCH_EM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { EM_FIELDS_MAX = 16, EM_LEVELS_MAX = 16, EM_PASSES_MAX = 32 };

/* Weights and priors: log2 in 1/1024 bit. */
enum { EM_BIT = 1024 };

/* The level that field number `field` reached stands in bits 4 × field to 4 × field + 3 of a pattern: 0 where
 * either side is missing, else 1 (best) to EM_LEVELS_MAX - 1. */
static inline uint64_t em_pattern_put(uint64_t pattern, size_t field, unsigned level)
{
    return pattern | (uint64_t)level << (4 * field);
}

static inline unsigned em_pattern_level(uint64_t pattern, size_t field)
{
    return (unsigned)(pattern >> (4 * field) & 15);
}

struct em_count {
    uint64_t pattern;
    uint64_t pairs;
};

/* Counts pairs by pattern. */
struct em_counter {
    struct em_count *places; /* open addressing; pairs 0 is empty */
    size_t room;             /* a power of two, or 0 */
    size_t used;
};

/* An empty counter takes no memory; em_counter_close wipes it empty again. */
void em_counter_open(struct em_counter *counter);
void em_counter_close(struct em_counter *counter);

/* FAULT_MEMORY: nothing was added. */
MUST_USE enum fault em_counter_add(struct em_counter *counter, uint64_t pattern, uint64_t pairs);
MUST_USE enum fault em_counter_merge(struct em_counter *counter, const struct em_counter *other);

/* Moves all counts to the front in ascending order of pattern and returns how many there are: places[0..].
 * Nothing may be added afterwards. */
size_t em_counter_sorted(struct em_counter *counter);

/* What is known of a field beforehand.  Levels are 1 to `levels`; entry 0 of the arrays is not used. */
struct em_field {
    unsigned levels;
    double m[EM_LEVELS_MAX]; /* what is expected of true pairs; where training starts and what it leans on */
    double u[EM_LEVELS_MAX]; /* of random pairs; stays as it is.  Need not sum to 1: a level that says nothing
                                by itself has m / u near 1 */
    double strength;         /* as how many true pairs `m` counts; more holds small tables in place */
    bool fixed;              /* m is not learnt */
    bool household;          /* agrees among people of one household too: surname, address */
    bool ordered;            /* a better level never weighs less than the next: where it would, both share */
};

/* Pairs of one blocking pass, or of all passes together. */
struct em_pass {
    const struct em_count *counts; /* ascending by pattern, distinct */
    size_t count;
    uint32_t
        blocked; /* bit n: field n is what the pass blocked on: it says nothing here, and is not learnt */
    uint64_t population; /* how many pairs the pass stands for, compared or not, those not compared being no
                            matches: 0 for the sum of its counts */
    double prior;        /* where the share of matches among the population starts; 0 < prior < 1 */
    double household;    /* the same for pairs of one household who are two people; 0: there are none */
};

struct em_model {
    size_t field_count;
    unsigned levels[EM_FIELDS_MAX];
    double m[EM_FIELDS_MAX][EM_LEVELS_MAX];
    double u[EM_FIELDS_MAX][EM_LEVELS_MAX];
    bool in_household[EM_FIELDS_MAX];
    double prior[EM_PASSES_MAX];     /* share of matches in each pass's population */
    double household[EM_PASSES_MAX]; /* share of pairs of one household */
    double matches;                  /* expected number of true pairs, all passes together */
    unsigned rounds;                 /* until nothing moved, or the bound was reached */
};

/* Learns m of all fields together over all passes, and the prior of each.  Neither m nor u of a level reaches
 * 0 or 1.  Counts of 0 pairs are allowed, and no counts at all: m stays what it was.  FAULT_INVALID for more
 * fields, levels or passes than there may be or a prior out of range. */
MUST_USE enum fault em_train(const struct em_field *fields, size_t field_count, const struct em_pass *passes,
                             size_t pass_count, struct em_model *ret_model);

/* log2(m / u) of a level in 1/1024 bit, 0 for level 0. */
int32_t em_weight(const struct em_model *model, size_t field, unsigned level);

/* log2 of the odds of the prior of a pass, 1/1024 bit. */
int32_t em_prior(const struct em_model *model, size_t pass);

/* The log2 of the odds of one household against none, the household's fields aside; INT32_MIN where there are
 * no households.  With H, what the household's fields weigh, and S, what all do, a pair's weight is prior + S
 * - log2(1 + 2^(household + H)); the last is em_household_toll(household + H). */
int32_t em_household(const struct em_model *model, size_t pass);
int32_t em_household_toll(int32_t weight);

/* The probability that a pattern in that pass is of one person, 0 to 1. */
double em_probability(const struct em_model *model, size_t pass, uint64_t pattern);

/* Takes expected matches out of what random pairs were seen to do, so that duplicates in a small table do not
 * make agreement look common: u[l] = (seen[l] - prior × m[l]) / (1 - prior), at least 1 in `least_of`, then
 * scaled to sum to 1 over 1 to `levels`. */
void em_without_matches(double u[EM_LEVELS_MAX], unsigned levels, const double m[EM_LEVELS_MAX], double prior,
                        double least_of);

#endif
