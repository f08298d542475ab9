#include "registry/intake_newcomers.h"

#include <stdlib.h>

#include "base/random.h"
#include "match/candidates.h"

/* Twice as many as there can be keys, a power of two. */
enum { TABLE_ROOM = 2 * NEWCOMERS_MAX * NEWCOMER_OWN_MAX };
_Static_assert((TABLE_ROOM & (TABLE_ROOM - 1)) == 0, "places are masked");

struct newcomers {
    uint8_t key[16];
    struct moment moment; /* in which there is somebody pending, and nobody else */
    size_t count;
    bool unknown; /* the keys of one of them are not known, or did not fit: anybody might meet it */
    size_t used;  /* of the table */
    uint64_t table[TABLE_ROOM]; /* 0: empty */
};

enum fault newcomers_open(struct newcomers **ret_newcomers)
{
    struct newcomers *newcomers = calloc(1, sizeof *newcomers);
    if (newcomers == NULL)
        return FAULT_MEMORY;
    const struct entropy entropy = entropy_system();
    entropy.fill(entropy.context, newcomers->key, sizeof newcomers->key);
    moment_begin(&newcomers->moment, 0);
    newcomers->moment.state_people[0] = 1;
    *ret_newcomers = newcomers;
    return FAULT_NONE;
}

void newcomers_close(struct newcomers *newcomers)
{
    free(newcomers);
}

static bool take_keys(const struct keys *from, size_t most, uint64_t *at, uint16_t *ret_count)
{
    *ret_count = (uint16_t)(from->count < most ? from->count : most);
    memcpy(at, from->at, *ret_count * sizeof *at);
    return from->count <= most;
}

void newcomers_keys(const struct newcomers *newcomers, const struct person *person,
                    struct newcomer_keys *ret_keys)
{
    struct description description;
    struct linker linker __attribute__((uninitialized)); /* too large to be zeroed for nothing */
    struct keys own;
    describe_person(person, newcomers->key, NULL, &description);
    linker.key = newcomers->key;
    linker.moment = &newcomers->moment;
    linker.asked = &description;
    linker.keys.count = 0;
    linker.dated = linker.usable = false;
    candidates_want_near(&linker);
    candidates_want_rest(&linker);
    block_keys(newcomers->key, 0, &description, &own);
    ret_keys->whole = take_keys(&linker.keys, NEWCOMER_ASKED_MAX, ret_keys->asked, &ret_keys->asked_count) &
                      take_keys(&own, NEWCOMER_OWN_MAX, ret_keys->own, &ret_keys->own_count);
    describe_wipe(&description);
}

/* Where a key stands, or the empty place for it. */
static size_t place_of(const struct newcomers *newcomers, uint64_t key)
{
    size_t at = key & (TABLE_ROOM - 1);
    while (newcomers->table[at] != 0 && newcomers->table[at] != key)
        at = (at + 1) & (TABLE_ROOM - 1);
    return at;
}

void newcomers_add(struct newcomers *newcomers, const struct newcomer_keys *keys)
{
    must(newcomers->count < NEWCOMERS_MAX);
    newcomers->count++;
    newcomers->unknown = newcomers->unknown || keys == NULL || !keys->whole;
    for (size_t i = 0; keys != NULL && i < keys->own_count; i++) {
        size_t at = place_of(newcomers, keys->own[i]);
        newcomers->used += newcomers->table[at] == 0;
        newcomers->table[at] = keys->own[i];
    }
}

size_t newcomers_count(const struct newcomers *newcomers)
{
    return newcomers->count;
}

bool newcomers_meet(const struct newcomers *newcomers, const struct newcomer_keys *keys)
{
    if (newcomers->count == 0)
        return false;
    if (newcomers->unknown || !keys->whole)
        return true;
    for (size_t i = 0; i < keys->asked_count; i++)
        if (keys->asked[i] != 0 && newcomers->table[place_of(newcomers, keys->asked[i])] == keys->asked[i])
            return true;
    return false;
}

void newcomers_forget(struct newcomers *newcomers)
{
    if (newcomers->used > 0)
        memset(newcomers->table, 0, sizeof newcomers->table);
    newcomers->count = newcomers->used = 0;
    newcomers->unknown = false;
}
