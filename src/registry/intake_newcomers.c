#include "registry/intake_newcomers.h"

#include <stdlib.h>

#include "match/gather.h"

_Static_assert((int)NEWCOMERS_MAX <= (int)GATHER_BLOCK_MAX, "all of a block are candidates");

/* A new index now and then, for what is removed leaves its words behind. */
enum { FORGOTTEN_MOST = 64 * NEWCOMERS_MAX };

struct newcomers {
    struct match_index *index;
    struct child_id children[NEWCOMERS_MAX];
    size_t count;
    size_t forgotten;
};

enum fault newcomers_open(struct newcomers **ret_newcomers)
{
    struct newcomers *newcomers = calloc(1, sizeof *newcomers);
    if (newcomers == NULL)
        return FAULT_MEMORY;
    enum fault fault = match_open(&newcomers->index);
    if (fault != FAULT_NONE) {
        free(newcomers);
        return fault;
    }
    *ret_newcomers = newcomers;
    return FAULT_NONE;
}

void newcomers_close(struct newcomers *newcomers)
{
    if (newcomers == NULL)
        return;
    match_close(newcomers->index);
    free(newcomers);
}

enum fault newcomers_add(struct newcomers *newcomers, struct child_id child, const struct person *person)
{
    must(newcomers->count < NEWCOMERS_MAX);
    enum fault fault = match_put(newcomers->index, child, RECORD_LIVE, 1, true, person);
    if (fault == FAULT_NONE)
        newcomers->children[newcomers->count++] = child;
    return fault;
}

size_t newcomers_count(const struct newcomers *newcomers)
{
    return newcomers->count;
}

enum fault newcomers_meet(struct newcomers *newcomers, const struct person *person, bool *ret_meet)
{
    struct match_outcome outcome;
    enum fault fault = match_link(newcomers->index, person, &outcome);
    if (fault == FAULT_NONE)
        *ret_meet = outcome.compared > 0;
    return fault;
}

enum fault newcomers_forget(struct newcomers *newcomers)
{
    struct match_index *fresh = NULL;
    newcomers->forgotten += newcomers->count;
    if (newcomers->forgotten < FORGOTTEN_MOST) {
        while (newcomers->count > 0)
            match_remove(newcomers->index, newcomers->children[--newcomers->count]);
        return FAULT_NONE;
    }
    enum fault fault = match_open(&fresh);
    if (fault != FAULT_NONE)
        return fault;
    match_close(newcomers->index);
    newcomers->index = fresh;
    newcomers->count = newcomers->forgotten = 0;
    return FAULT_NONE;
}
