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

enum { BITS = 10, PLACES = 1 << BITS };

/* By `digits` of BITS each, from the uppermost down. */
static void order_digits(uint64_t **at, uint64_t **spare, size_t count, unsigned digits)
{
    enum { DIGITS_MAX = 4 };
    uint32_t starts[DIGITS_MAX][PLACES] = {0};
    unsigned low = 64 - BITS * digits;
    must(digits <= DIGITS_MAX);
    for (size_t i = 0; i < count; i++) {
        for (unsigned digit = 0; digit < digits; digit++)
            starts[digit][(*at)[i] >> (low + BITS * digit) & (PLACES - 1)]++;
    }
    for (unsigned digit = 0; digit < digits; digit++) {
        unsigned shift = low + BITS * digit;
        uint32_t sum = 0;
        for (size_t i = 0; i < PLACES; i++) {
            uint32_t here = starts[digit][i];
            starts[digit][i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            (*spare)[starts[digit][(*at)[i] >> shift & (PLACES - 1)]++] = (*at)[i];
        uint64_t *swap = *at;
        *at = *spare;
        *spare = swap;
    }
}

/* Three digits leave hardly two words in each other's place: those are moved one by one. */
void order_words(uint64_t **at, uint64_t **spare, size_t count)
{
    enum { SORTED = 3, SHIFT = 64 - BITS * SORTED, MOVES_PER_WORD = 4 };
    size_t moves = 0;
    order_digits(at, spare, count, SORTED);
    for (size_t i = 1; i < count && moves <= count * MOVES_PER_WORD; i++) {
        uint64_t moved = (*at)[i];
        size_t to = i;
        for (; to > 0 && (*at)[to - 1] >> ORDER_LOW_BITS > moved >> ORDER_LOW_BITS; to--)
            (*at)[to] = (*at)[to - 1];
        (*at)[to] = moved;
        moves += i - to;
    }
    if (moves > count * MOVES_PER_WORD)
        order_digits(at, spare, count, SORTED + 1);
}

void order_words_nearly(uint64_t **at, uint64_t **spare, size_t count)
{
    order_digits(at, spare, count, 2);
}
