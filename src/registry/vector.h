/* How far somebody has followed: the last number of each lane (change.h).  A lane that does not stand there
 * is at 0. */
#ifndef REGISTRY_VECTOR_H
#define REGISTRY_VECTOR_H

#include "registry/change.h"

struct vector {
    struct change_mark *at;
    size_t count;
    size_t room;
};

void vector_close(struct vector *vector);

uint64_t vector_get(const struct vector *vector, struct id lane);

/* FAULT_MEMORY. */
MUST_USE enum fault vector_set(struct vector *vector, const struct change_mark *mark);
MUST_USE enum fault vector_copy(struct vector *to, const struct vector *from);

bool vector_equal(const struct vector *a, const struct vector *b);

/* As it stands in a server's row: one mark after the other. */
void vector_put(struct buffer *buffer, const struct vector *vector);

/* The number of a lane in such bytes. */
uint64_t vector_seen(struct bytes seen, struct id lane);

#endif
