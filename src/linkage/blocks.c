#include "linkage/blocks.h"

#include <stdlib.h>

#include "linkage/keys.h"
#include "linkage/order.h"
#include "linkage/room.h"
#include "linkage/team.h"

enum { REPEATS_MAX = 16, SMALL_TABLE = 100 * 1000, UNIT_PAIRS = 1 << 16, UNITS = 256, UNIT_ROWS = 4096 };

/* The rows of a run that is cut, by what it is cut. */
struct keyed {
    uint64_t key;
    uint32_t row;
};

/* A key's upper bits and a row's number in one word. */
enum { ROW_BITS = ORDER_LOW_BITS };
_Static_assert(LINKAGE_ROWS_MAX < 1 << ROW_BITS, "a row's number fits");

/* Working memory of one thread. */
struct bench {
    uint64_t *at;
    uint64_t *spare;
    struct keyed *run;
    size_t run_room;
};

/* While blocks are made. */
struct making {
    const struct linkage_rows *rows;
    const struct blocks_options *options;
    struct blocks *blocks;
    struct key_maker keys;
    struct bench benches[TEAM_THREADS_MAX];
    uint32_t refined[BLOCK_PASSES_MAX];
};

static uint64_t key_bits(uint64_t item)
{
    return item >> ROW_BITS;
}

static uint32_t row_of(uint64_t item)
{
    return (uint32_t)(item & ((1u << ROW_BITS) - 1));
}

/* Blocks are smaller in larger tables, so that all pairs together stay within reach. */
struct blocks_options blocks_options(const struct linkage_rows *rows)
{
    enum { ROWS = 30 * 1000, MOST = BLOCK_ROWS_MAX, LEAST = 32 };
    uint32_t most = rows->count <= ROWS ? MOST : (uint32_t)((uint64_t)MOST * ROWS / rows->count);
    return (struct blocks_options){.whole_pairs_max = 3u * 1000 * 1000,
                                   .block_max = most > LEAST ? most : LEAST,
                                   .broad = rows->count <= SMALL_TABLE,
                                   .threads = 1};
}

/* One thread's, made when it is first needed. */
static enum fault open_bench(struct making *making, struct bench *bench)
{
    size_t room = (size_t)making->rows->count + 1;
    if (bench->at != NULL)
        return FAULT_NONE;
    bench->at = room_take(room, sizeof *bench->at);
    bench->spare = room_take(room, sizeof *bench->spare);
    return bench->at == NULL || bench->spare == NULL ? FAULT_MEMORY : FAULT_NONE;
}

static enum fault open_run(struct bench *bench, const uint64_t *items, size_t count)
{
    if (count > bench->run_room) {
        room_give(bench->run);
        bench->run_room = count;
        bench->run = room_take(count, sizeof *bench->run);
        if (bench->run == NULL) {
            bench->run_room = 0;
            return FAULT_MEMORY;
        }
    }
    for (size_t i = 0; i < count; i++)
        bench->run[i] = (struct keyed){0, row_of(items[i])};
    return FAULT_NONE;
}

static void close_bench(struct bench *bench)
{
    room_give(bench->at);
    room_give(bench->spare);
    room_give(bench->run);
}

static int by_order(const void *a, const void *b)
{
    const struct keyed *left = a;
    const struct keyed *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return left->row < right->row ? -1 : left->row > right->row;
}

/* Every row of a run of equal ones with the first, of two files with the first of the other file. */
static void add_star(struct making *making, struct keyed *run, size_t count)
{
    struct blocks *blocks = making->blocks;
    uint32_t first[LINKAGE_FILES_MAX] = {UINT32_MAX, UINT32_MAX};
    for (size_t i = 0; i < count; i++)
        run[i].key = making->rows->order_keys[run[i].row];
    qsort(run, count, sizeof *run, by_order);
    for (size_t i = 0; i < count; i++) {
        size_t file = run[i].row >= making->rows->first;
        if (first[file] == UINT32_MAX)
            first[file] = run[i].row;
        else
            blocks->repeated[run[i].row / 64] |= (uint64_t)1 << run[i].row % 64;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t row = run[i].row;
        size_t file = row >= making->rows->first;
        uint32_t hub = making->rows->file_count == 1 ? first[0] : first[1 - file];
        if (hub != UINT32_MAX && hub != row)
            blocks->stars[blocks->star_count++] =
                (struct row_pair){row < hub ? row : hub, row < hub ? hub : row};
    }
}

/* Of rows whose keys agree in the bits that were sorted by, those that are equal. */
static enum fault star_run(struct making *making, struct bench *bench, const uint64_t *items, size_t count)
{
    enum fault fault = FAULT_NONE;
    struct blocks *blocks = making->blocks;
    TRY(open_run(bench, items, count));
    for (size_t i = 0; i < count; i++)
        bench->run[i].key = making->rows->keys[bench->run[i].row];
    qsort(bench->run, count, sizeof *bench->run, by_order);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && bench->run[to].key == bench->run[from].key; to++)
            continue;
        if (to - from <= REPEATS_MAX)
            continue;
        if (blocks->repeated == NULL) {
            blocks->repeated = calloc((size_t)making->rows->count / 64 + 1, sizeof *blocks->repeated);
            blocks->stars = calloc(making->rows->count, sizeof *blocks->stars);
            if (blocks->repeated == NULL || blocks->stars == NULL)
                return FAULT_MEMORY;
        }
        add_star(making, bench->run + from, to - from);
    }
done:
    return fault;
}

/* Runs of more than REPEATS_MAX rows that are equal in all that is compared. */
static enum fault find_repeated(struct making *making)
{
    enum fault fault = FAULT_NONE;
    struct bench *bench = &making->benches[0];
    uint32_t count = making->rows->count;
    TRY(open_bench(making, bench));
    for (uint32_t row = 0; row < count; row++)
        bench->at[row] = making->rows->keys[row] >> ROW_BITS << ROW_BITS | row;
    order_words(&bench->at, &bench->spare, count);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && key_bits(bench->at[to]) == key_bits(bench->at[from]); to++)
            continue;
        if (to - from > REPEATS_MAX)
            TRY(star_run(making, bench, bench->at + from, to - from));
    }
done:
    return fault;
}

/* How many pairs a block holds. */
static uint64_t pairs_of(const struct linkage_rows *rows, const uint32_t *block, size_t count)
{
    if (rows->file_count == 1)
        return (uint64_t)count * (count - 1) / 2;
    uint64_t first = 0;
    for (size_t i = 0; i < count; i++)
        first += block[i] < rows->first;
    return first * (count - first);
}

/* Makes a block of what was put behind the others. */
static void end_block(const struct making *making, struct block_pass *pass, size_t count)
{
    uint32_t *rows = pass->rows + pass->count;
    if (pairs_of(making->rows, rows, count) == 0)
        return;
    for (size_t i = 0; i + 1 < count; i++)
        pass->later[rows[i]] = pass->count + (uint32_t)i + 1;
    rows[count - 1] |= BLOCK_END;
    pass->count += (uint32_t)count;
    pass->pairs += (uint64_t)count * (count - 1) / 2;
}

static void add_run(struct making *making, struct block_pass *pass, const struct keyed *run, size_t count)
{
    uint32_t *rows = pass->rows + pass->count;
    for (size_t i = 0; i < count; i++)
        rows[i] = run[i].row;
    end_block(making, pass, count);
}

static void add_block(struct making *making, struct block_pass *pass, const uint64_t *items, size_t count)
{
    uint32_t *rows = pass->rows + pass->count;
    for (size_t i = 0; i < count; i++)
        rows[i] = row_of(items[i]);
    end_block(making, pass, count);
}

/* A run that is too large, by one value after the other: what is small enough becomes a block, the rest goes
 * to the front and on to the next step. */
static void cut_run(struct making *making, struct block_pass *pass, struct keyed *run, size_t count)
{
    size_t steps = keys_cut_steps(&making->keys);
    uint64_t group_salt = 0;
    making->refined[pass - making->blocks->passes]++;
    for (size_t step = 0; step < steps && count > 0; step++, group_salt++) {
        size_t left = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t cut = keys_cut(&making->keys, step, rows_cells(making->rows, run[i].row));
            run[i].key = values_mix(run[i].key + values_mix(cut + (group_salt << 32)));
        }
        qsort(run, count, sizeof *run, by_order);
        for (size_t from = 0, to; from < count; from = to) {
            for (to = from + 1; to < count && run[to].key == run[from].key; to++)
                continue;
            if (to - from > making->options->block_max) {
                memmove(run + left, run + from, (to - from) * sizeof *run);
                left += to - from;
            } else if (to - from > 1) {
                add_run(making, pass, run + from, to - from);
            }
        }
        count = left;
    }
}

static enum fault make_pass(void *context, size_t task, unsigned member)
{
    enum fault fault = FAULT_NONE;
    struct making *making = context;
    struct bench *bench = &making->benches[member];
    /* The last ones have the largest blocks, and take longest: they come first, so that threads end together.
     */
    size_t number = making->blocks->pass_count - 1 - task;
    struct block_pass *pass = &making->blocks->passes[number];
    uint32_t count = 0;
    TRY(open_bench(making, bench));
    for (uint32_t row = 0; row < making->rows->count; row++) {
        uint64_t key = keys_of(&making->keys, &making->keys.rules[number], rows_cells(making->rows, row));
        if (key != 0 && !blocks_repeated(making->blocks, row))
            bench->at[count++] = key >> ROW_BITS << ROW_BITS | row;
    }
    pass->later = room_take((size_t)making->rows->count + 1, sizeof *pass->later);
    if (pass->later == NULL)
        return FAULT_MEMORY;
    memset(pass->later, 0, (size_t)making->rows->count * sizeof *pass->later);
    order_words(&bench->at, &bench->spare, count);
    pass->rows = (uint32_t *)(void *)bench->spare; /* until it is known how many there are */
    for (size_t from = 0, to; from < count; from = to) {
        uint64_t key = key_bits(bench->at[from]);
        for (to = from + 1; to < count && key_bits(bench->at[to]) == key; to++)
            continue;
        if (to - from > making->options->block_max) {
            TRY(open_run(bench, bench->at + from, to - from));
            cut_run(making, pass, bench->run, to - from);
        } else if (to - from > 1) {
            add_block(making, pass, bench->at + from, to - from);
        }
    }
    pass->rows = room_take((size_t)pass->count + 1, sizeof *pass->rows);
    if (pass->rows == NULL)
        TRY(FAULT_MEMORY);
    memcpy(pass->rows, bench->spare, pass->count * sizeof *pass->rows);
done:
    if (fault != FAULT_NONE)
        pass->rows = NULL;
    return fault;
}

/* Small enough that threads end together, whatever rows have most pairs. */
static enum fault cut_units(struct blocks *blocks)
{
    uint32_t rows = blocks->rows->count;
    bool two = blocks->pass_count == 0 && blocks->rows->file_count == 2;
    uint32_t whole = two ? blocks->rows->first : rows;
    uint32_t step = blocks->pass_count == 0 ? 1 + UNIT_PAIRS / (rows + 1) : 1 + rows / UNITS;
    if (step > UNIT_ROWS)
        step = UNIT_ROWS;
    blocks->units = calloc((size_t)whole / step + 1, sizeof *blocks->units);
    if (blocks->units == NULL)
        return FAULT_MEMORY;
    for (uint32_t from = 0; from < whole; from += step)
        blocks->units[blocks->unit_count++] =
            (struct block_unit){from, whole - from > step ? from + step : whole};
    return FAULT_NONE;
}

static uint64_t all_pairs(const struct linkage_rows *rows)
{
    uint64_t count = rows->count;
    if (rows->file_count == 1)
        return count == 0 ? 0 : count * (count - 1) / 2;
    return (uint64_t)rows->first * (count - rows->first);
}

static enum fault make_passes(struct making *making)
{
    struct blocks *blocks = making->blocks;
    unsigned threads = making->options->threads;
    enum fault fault = FAULT_NONE;
    TRY(keys_open(making->rows, making->options->broad, &making->keys));
    blocks->pass_count = making->keys.rule_count;
    blocks->lessons = making->keys.lessons;
    TRY(team_run(threads, blocks->pass_count, make_pass, making));
    for (size_t i = 0; i < blocks->pass_count; i++)
        blocks->refined += making->refined[i];
done:
    keys_close(&making->keys);
    return fault;
}

static void close_making(struct making *making)
{
    for (size_t i = 0; i < TEAM_THREADS_MAX; i++)
        close_bench(&making->benches[i]);
    free(making);
}

enum fault blocks_open(const struct linkage_rows *rows, const struct blocks_options *options,
                       struct blocks *ret_blocks)
{
    enum fault fault = FAULT_NONE;
    struct blocks blocks = {.rows = rows};
    struct making *making = calloc(1, sizeof *making);
    if (making == NULL)
        return FAULT_MEMORY;
    making->rows = rows;
    making->options = options;
    making->blocks = &blocks;
    TRY(find_repeated(making));
    if (all_pairs(rows) > options->whole_pairs_max)
        TRY(make_passes(making));
    TRY(cut_units(&blocks));
    *ret_blocks = blocks;
    blocks = (struct blocks){.rows = NULL};
done:
    close_making(making);
    blocks_close(&blocks);
    return fault;
}

void blocks_close(struct blocks *blocks)
{
    for (size_t i = 0; i < BLOCK_PASSES_MAX; i++) {
        room_give(blocks->passes[i].rows);
        room_give(blocks->passes[i].later);
    }
    free(blocks->repeated);
    free(blocks->stars);
    free(blocks->units);
    *blocks = (struct blocks){.rows = NULL};
}
