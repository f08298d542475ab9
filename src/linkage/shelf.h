/* Many arrays whose sizes are known one after the other, given back together. */
#ifndef LINKAGE_SHELF_H
#define LINKAGE_SHELF_H

#include <stddef.h>

enum { SHELF_BOARDS_MAX = 4096 };

/* All zero: an empty one, which takes no memory. */
struct shelf {
    char *boards[SHELF_BOARDS_MAX];
    size_t bytes[SHELF_BOARDS_MAX]; /* of each board */
    size_t count;
    size_t used; /* of the last */
};

/* A copy of an array, at a multiple of 8 bytes.  NULL: no memory. */
void *shelf_put(struct shelf *shelf, const void *array, size_t bytes);

/* Gives all back; where it held something of people, wiped. */
void shelf_close(struct shelf *shelf);

#endif
