#include "registry/records.h"

#include <stdlib.h>

struct records {
    struct record *slots;
    size_t room; /* a power of two, at most half full */
    size_t count;
};

enum { ROOM_FIRST = 1024 };

/* Tags are keyed hashes already: their first bytes spread evenly. */
static size_t slot_of(const struct tag *tag, size_t room)
{
    uint64_t start;
    memcpy(&start, tag->byte, sizeof start);
    return (size_t)start & (room - 1);
}

static struct record *place_of(struct record *slots, size_t room, const struct tag *tag)
{
    size_t at = slot_of(tag, room);
    while (slots[at].fate != 0 && memcmp(slots[at].tag.byte, tag->byte, TAG_BYTES) != 0)
        at = (at + 1) & (room - 1);
    return &slots[at];
}

enum fault records_open(struct records **ret_records)
{
    struct records *records = calloc(1, sizeof *records);
    if (records == NULL)
        return FAULT_MEMORY;
    records->room = ROOM_FIRST;
    records->slots = calloc(records->room, sizeof *records->slots);
    if (records->slots == NULL) {
        free(records);
        return FAULT_MEMORY;
    }
    *ret_records = records;
    return FAULT_NONE;
}

void records_close(struct records *records)
{
    if (records == NULL)
        return;
    free(records->slots);
    free(records);
}

struct record *records_find(struct records *records, const struct tag *tag)
{
    struct record *place = place_of(records->slots, records->room, tag);
    return place->fate == 0 ? NULL : place;
}

static enum fault grow(struct records *records)
{
    size_t room = records->room * 2;
    struct record *slots = calloc(room, sizeof *slots);
    if (slots == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < records->room; i++)
        if (records->slots[i].fate != 0)
            *place_of(slots, room, &records->slots[i].tag) = records->slots[i];
    free(records->slots);
    records->slots = slots;
    records->room = room;
    return FAULT_NONE;
}

enum fault records_add(struct records *records, const struct record *record)
{
    must(record->fate != 0);
    if (records->count * 2 >= records->room) {
        enum fault fault = grow(records);
        if (fault != FAULT_NONE)
            return fault;
    }
    struct record *place = place_of(records->slots, records->room, &record->tag);
    must(place->fate == 0);
    *place = *record;
    records->count++;
    return FAULT_NONE;
}

const struct record *records_next(const struct records *records, size_t *cursor)
{
    while (*cursor < records->room) {
        const struct record *record = &records->slots[(*cursor)++];
        if (record->fate != 0)
            return record;
    }
    return NULL;
}

size_t records_count(const struct records *records)
{
    return records->count;
}
