/* The files beside the feeds: organisations and their people. */
#ifndef GENERATE_DIRECTORY_H
#define GENERATE_DIRECTORY_H

#include "generate/names.h"
#include "generate/places.h"

struct directory_order {
    const char *folder;
    const struct names *names;
    const struct places *places; /* after all children were written: settings that are used say so */
    uint64_t seed;
};

/* organisations.csv: every team, and the schools and practices that have a child. */
MUST_USE enum fault directory_organisations(const struct directory_order *order, uint64_t *ret_rows);

/* practitioners.csv: everybody in every team. */
MUST_USE enum fault directory_practitioners(const struct directory_order *order, uint64_t *ret_rows);

#endif
