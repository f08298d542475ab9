#include "linkage/shelf.h"

#include <string.h>

#include "linkage/room.h"

/* The first board is as large as what is put there: a small table takes little.  Others are so large that
 * what is taken and given back meanwhile lies together and can be used for something larger. */
static const size_t BOARD_BYTES = (size_t)32 << 20;

static char *add_board(struct shelf *shelf, size_t bytes)
{
    size_t board = shelf->count == 0 || bytes > BOARD_BYTES ? bytes : BOARD_BYTES;
    if (shelf->count == SHELF_BOARDS_MAX)
        return NULL;
    char *at = room_take(board, 1);
    if (at == NULL)
        return NULL;
    shelf->boards[shelf->count] = at;
    shelf->bytes[shelf->count++] = board;
    shelf->used = 0;
    return at;
}

void *shelf_put(struct shelf *shelf, const void *array, size_t bytes)
{
    size_t whole = (bytes + 7) / 8 * 8;
    size_t last = shelf->count - 1;
    if (shelf->count == 0 || shelf->bytes[last] - shelf->used < whole) {
        if (add_board(shelf, whole) == NULL)
            return NULL;
        last = shelf->count - 1;
    }
    char *at = shelf->boards[last] + shelf->used;
    if (bytes > 0)
        memcpy(at, array, bytes);
    shelf->used += whole;
    return at;
}

void shelf_close(struct shelf *shelf, bool wiped)
{
    for (size_t i = 0; i < shelf->count; i++) {
        if (wiped)
            explicit_bzero(shelf->boards[i], i + 1 < shelf->count ? shelf->bytes[i] : shelf->used);
        room_give(shelf->boards[i]);
    }
    shelf->count = shelf->used = 0;
}
