#include "match/gather.h"

void gather_open(struct gathered *gathered)
{
    memset(gathered->table, 0, sizeof(gathered->table));
    gathered->count = 0;
    gathered->cut = false;
}

static void add_slot(struct gathered *gathered, uint32_t slot)
{
    size_t at = slot * 2654435761u % GATHER_TABLE_ROOM;
    while (gathered->table[at] != 0) {
        if (gathered->table[at] == slot)
            return;
        at = (at + 1) % GATHER_TABLE_ROOM;
    }
    must(gathered->count < GATHER_SLOTS_MAX);
    gathered->table[at] = slot;
    gathered->slots[gathered->count++] = slot;
}

/* A large block, refined by the date of birth. */
static void add_refined(const struct match_index *index, const uint32_t *slots, size_t count, uint32_t date,
                        struct gathered *gathered)
{
    uint32_t fitting[GATHER_BLOCK_MAX];
    size_t fitting_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (describe_date(index_view(index, slots[i]).birth) != date)
            continue;
        if (fitting_count == GATHER_BLOCK_MAX) {
            gathered->cut = true;
            return;
        }
        fitting[fitting_count++] = slots[i];
    }
    if (gathered->count + fitting_count > GATHER_SLOTS_MAX) {
        gathered->cut = true;
        return;
    }
    for (size_t i = 0; i < fitting_count; i++)
        add_slot(gathered, fitting[i]);
}

void gather_block(const struct match_index *index, uint64_t key, size_t block_max, uint32_t date,
                  struct gathered *gathered)
{
    const uint32_t *slots;
    size_t count = postings_find(index->postings, key, &slots);
    if (count == 0)
        return;
    if (count > block_max) {
        if (date != 0 && count <= GATHER_SCAN_MAX)
            add_refined(index, slots, count, date, gathered);
        else
            gathered->cut = true;
        return;
    }
    if (gathered->count + count > GATHER_SLOTS_MAX) {
        gathered->cut = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_slot(gathered, slots[i]);
}
