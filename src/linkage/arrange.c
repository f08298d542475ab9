#include "linkage/arrange.h"

#include <stdlib.h>

#include "linkage/keys.h"
#include "linkage/order.h"
#include "linkage/room.h"
#include "linkage/team.h"

enum { ROWS_LEAST = 100 * 1000, ROWS_AT_ONCE = 16 * 1024 };

static const struct key_rule RULE = {{KEY_DATE, KEY_FAMILY}, 0};

struct arranging {
    const struct linkage_rows *rows;
    struct key_maker keys;
    struct linkage_rows *copy;
    uint64_t *words; /* key and row */
    uint32_t *numbers;
};

static size_t end_of(const struct arranging *arranging, size_t task)
{
    size_t end = (task + 1) * ROWS_AT_ONCE;
    return end < arranging->rows->count ? end : arranging->rows->count;
}

/* Those of the first file stay before the others. */
static enum fault make_words(void *context, size_t task, unsigned member)
{
    (void)member;
    struct arranging *arranging = context;
    for (size_t row = task * ROWS_AT_ONCE; row < end_of(arranging, task); row++) {
        uint64_t key = keys_of(&arranging->keys, &RULE, rows_cells(arranging->rows, (uint32_t)row));
        if (key == 0)
            key = arranging->rows->keys[row];
        key = key >> 1 | (uint64_t)(row >= arranging->rows->first) << 63;
        arranging->words[row] = key >> ORDER_LOW_BITS << ORDER_LOW_BITS | row;
    }
    return FAULT_NONE;
}

static enum fault copy_rows(void *context, size_t task, unsigned member)
{
    enum { AHEAD = 16 };
    (void)member;
    struct arranging *arranging = context;
    const struct linkage_rows *rows = arranging->rows;
    const uint64_t mask = ((uint64_t)1 << ORDER_LOW_BITS) - 1;
    for (size_t to = task * ROWS_AT_ONCE; to < end_of(arranging, task); to++) {
        uint32_t row = (uint32_t)(arranging->words[to] & mask);
        if (to + AHEAD < rows->count) {
            uint32_t later = (uint32_t)(arranging->words[to + AHEAD] & mask);
            __builtin_prefetch(rows_cells(rows, later));
            __builtin_prefetch(rows_cells(rows, later) + rows->field_count - 1);
        }
        memcpy(arranging->copy->cells + to * rows->field_count, rows_cells(rows, row),
               rows->field_count * sizeof *rows->cells);
        arranging->copy->keys[to] = rows->keys[row];
        arranging->copy->order_keys[to] = rows->order_keys[row];
        arranging->numbers[to] = row;
    }
    return FAULT_NONE;
}

static enum fault arrange(struct arranging *arranging, unsigned threads)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_rows *rows = arranging->rows;
    struct linkage_rows *copy = arranging->copy;
    size_t count = (size_t)rows->count + 1;
    size_t tasks = (rows->count + (size_t)ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
    uint64_t *spare = room_take(count, sizeof *spare);
    arranging->words = room_take(count, sizeof *arranging->words);
    arranging->numbers = room_take(count, sizeof *arranging->numbers);
    copy->cells = room_take(count * rows->field_count, sizeof *copy->cells);
    copy->keys = room_take(count, sizeof *copy->keys);
    copy->order_keys = room_take(count, sizeof *copy->order_keys);
    if (spare == NULL || arranging->words == NULL || arranging->numbers == NULL || copy->cells == NULL ||
        copy->keys == NULL || copy->order_keys == NULL)
        TRY(FAULT_MEMORY);
    TRY(team_run(threads, tasks, make_words, arranging));
    order_words_nearly(&arranging->words, &spare, rows->count);
    TRY(team_run(threads, tasks, copy_rows, arranging));
done:
    room_give(spare);
    room_give(arranging->words);
    return fault;
}

/* The copy's arrays become the rows'. */
static void take_over(struct linkage_rows *rows, struct linkage_rows *copy, uint32_t *numbers)
{
    room_give(rows->cells);
    room_give(rows->order_keys);
    rows->row_keys = rows->keys;
    rows->cells = copy->cells;
    rows->keys = copy->keys;
    rows->order_keys = copy->order_keys;
    rows->numbers = numbers;
}

enum fault rows_arrange(struct linkage_rows *rows, unsigned threads)
{
    enum fault fault = FAULT_NONE;
    struct linkage_rows copy = {.count = rows->count};
    struct arranging arranging = {.rows = rows, .copy = &copy};
    if (rows->count < ROWS_LEAST)
        return FAULT_NONE;
    TRY(keys_open(rows, false, &arranging.keys));
    if (arranging.keys.birth == SIZE_MAX || arranging.keys.family == SIZE_MAX)
        goto done;
    fault = arrange(&arranging, threads);
    if (fault == FAULT_NONE) {
        take_over(rows, &copy, arranging.numbers);
        goto done;
    }
    room_give(copy.cells);
    room_give(copy.keys);
    room_give(copy.order_keys);
    room_give(arranging.numbers);
done:
    keys_close(&arranging.keys);
    return fault;
}
