#include "linkage/order.h"

#include <stdlib.h>
#include <string.h>

#include "linkage/room.h"

enum { DIGIT = 11, DIGITS = 1 << DIGIT, ROUNDS = (64 + DIGIT - 1) / DIGIT, FEW = 32 };

static void sort_few(struct ordered *at, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct ordered moved = at[i];
        size_t to = i;
        for (; to > 0 && at[to - 1].key > moved.key; to--)
            at[to] = at[to - 1];
        at[to] = moved;
    }
}

enum fault order_sort(struct ordered *at, size_t count)
{
    if (count <= FEW) {
        sort_few(at, count);
        return FAULT_NONE;
    }
    uint64_t some = 0; /* bits that are not the same in all keys */
    struct ordered *spare = room_take(count, sizeof *spare);
    if (spare == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < count; i++)
        some |= at[i].key ^ at[0].key;
    struct ordered *from = at, *to = spare;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned shift = round * DIGIT;
        size_t starts[DIGITS] = {0};
        size_t sum = 0;
        if ((some >> shift & (DIGITS - 1)) == 0)
            continue;
        for (size_t i = 0; i < count; i++)
            starts[from[i].key >> shift & (DIGITS - 1)]++;
        for (size_t i = 0; i < DIGITS; i++) {
            size_t here = starts[i];
            starts[i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            to[starts[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
        struct ordered *swap = from;
        from = to;
        to = swap;
    }
    if (from != at)
        memcpy(at, from, count * sizeof *at);
    room_give(spare);
    return FAULT_NONE;
}

void order_words(uint64_t **at, uint64_t **spare, size_t count)
{
    enum { BITS = 10, PLACES = 1 << BITS, PASSES = (64 - ORDER_LOW_BITS) / BITS };
    _Static_assert(ORDER_LOW_BITS + BITS * PASSES == 64, "all upper bits are sorted by");
    uint32_t starts[PASSES][PLACES] = {0};
    for (size_t i = 0; i < count; i++) {
        for (unsigned pass = 0; pass < PASSES; pass++)
            starts[pass][(*at)[i] >> (ORDER_LOW_BITS + BITS * pass) & (PLACES - 1)]++;
    }
    for (unsigned pass = 0; pass < PASSES; pass++) {
        unsigned shift = ORDER_LOW_BITS + BITS * pass;
        uint32_t sum = 0;
        for (size_t i = 0; i < PLACES; i++) {
            uint32_t here = starts[pass][i];
            starts[pass][i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            (*spare)[starts[pass][(*at)[i] >> shift & (PLACES - 1)]++] = (*at)[i];
        uint64_t *swap = *at;
        *at = *spare;
        *spare = swap;
    }
}
