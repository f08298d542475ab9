/* Many arrays whose sizes are known one after the other, given back together. */
#ifndef LINKAGE_SHELF_H
#define LINKAGE_SHELF_H

#include <stdbool.h>
#include <stddef.h>

enum { SHELF_BOARDS_MAX = 1024 };

/* All zero: an empty one, which takes no memory. */
struct shelf {
    char *boards[SHELF_BOARDS_MAX];
    size_t bytes[SHELF_BOARDS_MAX]; /* of each board */
    size_t count;
    size_t used; /* of the last */
};

/* A copy of an array, at a multiple of 8 bytes.  NULL: no memory. */
void *shelf_put(struct shelf *shelf, const void *array, size_t bytes);

/* Gives all back; wiped where it held something of people. */
void shelf_close(struct shelf *shelf, bool wiped);

#endif
