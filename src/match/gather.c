#include "match/gather.h"

/* A table wide enough for most questions, widened to four times that, and that again. */
enum { TABLE_ROOM_FIRST = GATHER_TABLE_ROOM / 16 };

/* By how many slots memory is fetched ahead while a large block is looked through. */
enum { SLOTS_AHEAD = 16 };

void gather_open(struct gathered *gathered, const struct moment *moment)
{
    gathered->moment = moment;
    gathered->room = TABLE_ROOM_FIRST;
    memset(gathered->table, 0, TABLE_ROOM_FIRST * sizeof(gathered->table[0]));
    gathered->count = 0;
    gathered->numbered = 0;
    gathered->cut = false;
}

/* The slot's place in the table, empty where it is not there. */
static size_t place_of(const struct gathered *gathered, uint32_t slot)
{
    const size_t mask = gathered->room - 1;
    size_t at = (slot * 2654435761u >> 16) & mask;
    while (gathered->table[at] != 0 && gathered->slots[gathered->table[at] - 1] != slot)
        at = (at + 1) & mask;
    return at;
}

static void widen(struct gathered *gathered)
{
    gathered->room *= 4;
    memset(gathered->table, 0, gathered->room * sizeof(gathered->table[0]));
    for (size_t i = 0; i < gathered->count; i++)
        gathered->table[place_of(gathered, gathered->slots[i])] = (uint16_t)(i + 1);
}

static void add_slot(struct gathered *gathered, uint32_t slot)
{
    if (gathered->count * 2 == gathered->room)
        widen(gathered);
    size_t at = place_of(gathered, slot);
    if (gathered->table[at] != 0)
        return;
    must(gathered->count < GATHER_SLOTS_MAX);
    gathered->slots[gathered->count++] = slot;
    gathered->table[at] = (uint16_t)gathered->count;
}

static bool add_slots(struct gathered *gathered, const uint32_t *slots, size_t count)
{
    if (gathered->count + count > GATHER_SLOTS_MAX) {
        gathered->cut = true;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (moment_sees(gathered->moment, slots[i]))
            add_slot(gathered, slots[i]);
    }
    return true;
}

/* A large block, refined by the date of birth. */
static void add_refined(const struct match_index *index, const uint32_t *slots, size_t count, uint32_t date,
                        struct gathered *gathered)
{
    uint32_t fitting[GATHER_BLOCK_MAX];
    size_t fitting_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + SLOTS_AHEAD < count)
            index_fetch_slot(index, slots[i + SLOTS_AHEAD]);
        if (!moment_sees(gathered->moment, slots[i]) ||
            describe_date(sketch_birth(index_slot(index, slots[i])->sketch.facts)) != date)
            continue;
        if (fitting_count == GATHER_BLOCK_MAX) {
            gathered->cut = true;
            return;
        }
        fitting[fitting_count++] = slots[i];
    }
    (void)add_slots(gathered, fitting, fitting_count);
}

bool gather_block(const struct match_index *index, uint64_t key, enum gather_large large, uint32_t date,
                  struct gathered *gathered)
{
    struct posted posted;
    size_t count = postings_find(index->postings, key, &posted);
    if (count <= (large == LARGE_WEAK ? GATHER_WEAK_MAX : GATHER_BLOCK_MAX))
        return count == 0 || add_slots(gathered, posted.slots, count);
    if (date == 0 || (large == LARGE_REFINED && count > GATHER_SCAN_MAX))
        gathered->cut = true;
    else if (large == LARGE_REFINED)
        add_refined(index, posted.slots, count, date, gathered);
    return false;
}
