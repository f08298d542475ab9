/* Through a population, household by household and record by record, in the order of the feeds: what the
 * files and the census are made from. */
#ifndef GENERATE_WALK_H
#define GENERATE_WALK_H

#include "generate/record.h"

struct walk_order {
    uint32_t children; /* 1 to GENERATE_CHILDREN_MAX */
    uint64_t seed;
    const char *reference; /* a folder of reference tables, or NULL for the small built-in ones */
    struct day today;      /* DAY_UNKNOWN stands for GENERATE_TODAY */
    uint32_t part;         /* of `parts` walks, which share the households between them */
    uint32_t parts;        /* 0: this one has all */
};

struct walk {
    struct walk_order order;
    struct arena *arena;
    struct names *names;
    struct places *places;
    struct household_order next;
    struct household household;
};

/* FAULT_INVALID (children, today), and the faults of names_open and places_open. */
MUST_USE enum fault walk_open(const struct walk_order *order, struct walk *ret_walk);
void walk_close(struct walk *walk);

/* Draws the next household into walk->household; false at the end. */
bool walk_household(struct walk *walk);

/* Before the first record of a child of walk->household. */
void walk_child(const struct walk *walk, const struct child *child, struct record *ret_record);

/* The child's next record; false where no source has another. */
bool walk_record(struct walk *walk, struct record *record);

#endif
