#include <stdlib.h>

#include "match/ready.h"

/* How many are put in one go, and by how many memory is fetched ahead of each of them. */
enum { PEOPLE = INDEX_BATCH_MAX, AHEAD = 2 };

struct match_filler {
    struct match_index *index;
    size_t count;
    struct ready people[PEOPLE];
    struct description description;
};

enum fault match_fill_open(struct match_index *index, struct match_filler **ret_filler)
{
    struct match_filler *filler = malloc(sizeof(*filler));
    if (filler == NULL)
        return FAULT_MEMORY;
    filler->index = index;
    filler->count = 0;
    *ret_filler = filler;
    return FAULT_NONE;
}

static void wipe(struct match_filler *filler)
{
    for (size_t i = 0; i < filler->count; i++)
        ready_wipe(&filler->people[i]);
    filler->count = 0;
}

void match_fill_close(struct match_filler *filler)
{
    if (filler == NULL)
        return;
    wipe(filler);
    free(filler);
}

static void fetch_places(const struct match_index *index, const struct ready *ready)
{
    table_fetch(&index->ids, ready->hash);
    for (size_t i = 0; i < ready->keys.count; i++)
        postings_fetch(index->postings, ready->keys.at[i]);
    for (size_t i = 0; i < ready->name_count; i++)
        intern_fetch_place(&index->vocabulary, &ready->names[i].name);
}

static void fetch_pieces(const struct match_index *index, const struct ready *ready)
{
    for (size_t i = 0; i < ready->keys.count; i++)
        postings_fetch_piece(index->postings, ready->keys.at[i]);
    for (size_t i = 0; i < ready->name_count; i++)
        intern_fetch_word(&index->vocabulary, &ready->names[i].name);
}

enum fault match_fill_end(struct match_filler *filler)
{
    struct match_index *index = filler->index;
    enum fault fault = FAULT_NONE;
    index_write(index);
    for (size_t i = 0; i < filler->count + 2 * AHEAD && fault == FAULT_NONE; i++) {
        if (i < filler->count)
            fetch_places(index, &filler->people[i]);
        if (i >= AHEAD && i - AHEAD < filler->count)
            fetch_pieces(index, &filler->people[i - AHEAD]);
        if (i >= 2 * AHEAD)
            fault = index_put(index, &filler->people[i - 2 * AHEAD]);
    }
    index_write_end(index);
    wipe(filler);
    return fault;
}

enum fault match_fill_put(struct match_filler *filler, struct child_id child, enum record_state state,
                          uint32_t version, const struct person *person)
{
    const struct slot slot = index_slot_of(state, version, false);
    describe_person(person, filler->index->key, filler->index->trained, &filler->description);
    ready_make(filler->index, child, &slot, &filler->description, &filler->people[filler->count++]);
    describe_wipe(&filler->description);
    return filler->count == PEOPLE ? match_fill_end(filler) : FAULT_NONE;
}
