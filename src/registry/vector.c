#include "registry/vector.h"

#include <stdlib.h>

enum { ROOM_FIRST = 16 };

void vector_close(struct vector *vector)
{
    free(vector->at);
    *vector = (struct vector){0};
}

static struct change_mark *find(const struct vector *vector, struct id lane)
{
    for (size_t i = 0; i < vector->count; i++)
        if (id_equal(vector->at[i].lane, lane))
            return &vector->at[i];
    return NULL;
}

uint64_t vector_get(const struct vector *vector, struct id lane)
{
    const struct change_mark *mark = find(vector, lane);
    return mark == NULL ? 0 : mark->number;
}

enum fault vector_set(struct vector *vector, const struct change_mark *mark)
{
    struct change_mark *held = find(vector, mark->lane);
    if (held != NULL) {
        held->number = mark->number;
        return FAULT_NONE;
    }
    if (vector->count == vector->room) {
        size_t room = vector->room == 0 ? ROOM_FIRST : 2 * vector->room;
        struct change_mark *more = reallocarray(vector->at, room, sizeof *more);
        if (more == NULL)
            return FAULT_MEMORY;
        vector->at = more;
        vector->room = room;
    }
    vector->at[vector->count++] = *mark;
    return FAULT_NONE;
}

enum fault vector_copy(struct vector *to, const struct vector *from)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        enum fault fault = vector_set(to, &from->at[i]);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

bool vector_equal(const struct vector *a, const struct vector *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (vector_get(b, a->at[i].lane) != a->at[i].number)
            return false;
    return true;
}

void vector_put(struct buffer *buffer, const struct vector *vector)
{
    for (size_t i = 0; i < vector->count; i++) {
        uint8_t at[CHANGE_MARK_BYTES];
        change_mark_put(&vector->at[i], at);
        buffer_put_bytes(buffer, (struct bytes){at, sizeof at});
    }
}

uint64_t vector_seen(struct bytes seen, struct id lane)
{
    struct reader reader = reader_of(seen);
    while (reader.ok && reader.rest.len > 0) {
        struct change_mark mark;
        if (change_mark_of_bytes(reader_take_bytes(&reader, CHANGE_MARK_BYTES), &mark) &&
            id_equal(mark.lane, lane))
            return mark.number;
    }
    return 0;
}
