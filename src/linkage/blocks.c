#include "linkage/blocks.h"

#include <stdlib.h>

#include "linkage/keys.h"

enum { REPEATS_MAX = 16, SMALL_TABLE = 100 * 1000, UNIT_PAIRS = 1 << 16, FETCH_AHEAD = 24 };

struct keyed {
    uint64_t key;
    uint32_t row;
};

/* Working memory while blocks are made. */
struct making {
    const struct linkage_rows *rows;
    const struct blocks_options *options;
    struct blocks *blocks;
    struct key_maker keys;
    struct keyed *keyed;
    struct keyed *spare;
};

/* Blocks are smaller in larger tables, so that all pairs together stay within reach. */
struct blocks_options blocks_options(const struct linkage_rows *rows)
{
    enum { ROWS = 30 * 1000, MOST = 512, LEAST = 32 };
    uint32_t most = rows->count <= ROWS ? MOST : (uint32_t)((uint64_t)MOST * ROWS / rows->count);
    return (struct blocks_options){.whole_pairs_max = 3u * 1000 * 1000,
                                   .block_max = most > LEAST ? most : LEAST,
                                   .broad = rows->count <= SMALL_TABLE};
}

/* Least significant digit first, 11 bits at a time. */
static void sort_keyed(struct keyed **at, struct keyed **spare, size_t count, unsigned bits)
{
    enum { DIGIT = 11, DIGITS = 1 << DIGIT };
    for (unsigned shift = 0; shift < bits; shift += DIGIT) {
        uint32_t starts[DIGITS] = {0};
        uint32_t sum = 0;
        for (size_t i = 0; i < count; i++)
            starts[(*at)[i].key >> shift & (DIGITS - 1)]++;
        for (size_t i = 0; i < DIGITS; i++) {
            uint32_t here = starts[i];
            starts[i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            (*spare)[starts[(*at)[i].key >> shift & (DIGITS - 1)]++] = (*at)[i];
        struct keyed *swap = *at;
        *at = *spare;
        *spare = swap;
    }
}

static bool is_repeated(const struct blocks *blocks, uint32_t row)
{
    return blocks->repeated != NULL && (blocks->repeated[row / 64] >> row % 64 & 1) != 0;
}

static bool may_pair(const struct linkage_rows *rows, uint32_t a, uint32_t b)
{
    return rows->file_count == 1 || (a < rows->first) != (b < rows->first);
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

/* Runs of more than REPEATS_MAX rows that are equal in all that is compared. */
static enum fault find_repeated(struct making *making)
{
    struct blocks *blocks = making->blocks;
    uint32_t count = making->rows->count;
    for (uint32_t row = 0; row < count; row++)
        making->keyed[row] = (struct keyed){making->rows->keys[row], row};
    sort_keyed(&making->keyed, &making->spare, count, 64);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && making->keyed[to].key == making->keyed[from].key; to++)
            continue;
        if (to - from <= REPEATS_MAX)
            continue;
        if (blocks->repeated == NULL) {
            blocks->repeated = calloc((size_t)count / 64 + 1, sizeof *blocks->repeated);
            blocks->stars = calloc(count, sizeof *blocks->stars);
            if (blocks->repeated == NULL || blocks->stars == NULL)
                return FAULT_MEMORY;
        }
        add_star(making, making->keyed + from, to - from);
    }
    return FAULT_NONE;
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

static void add_block(struct making *making, struct block_pass *pass, const struct keyed *run, size_t count)
{
    size_t number = (size_t)(pass - making->blocks->passes);
    uint32_t *rows = pass->rows + pass->starts[pass->block_count];
    for (size_t i = 0; i < count; i++)
        rows[i] = run[i].row;
    if (pairs_of(making->rows, rows, count) == 0)
        return;
    pass->block_count++;
    pass->starts[pass->block_count] = pass->starts[pass->block_count - 1] + (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        making->blocks->ids[(size_t)rows[i] * BLOCK_PASSES_MAX + number] = pass->block_count;
}

/* A run that is too large, by one value after the other: what is small enough becomes a block, the rest goes
 * to the front and on to the next step. */
static void cut_run(struct making *making, struct block_pass *pass, struct keyed *run, size_t count)
{
    size_t steps = keys_cut_steps(&making->keys);
    uint64_t group_salt = 0;
    for (size_t i = 0; i < count; i++)
        run[i].key = 0;
    making->blocks->refined++;
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
                add_block(making, pass, run + from, to - from);
            }
        }
        count = left;
    }
}

static enum fault make_pass(struct making *making, const struct key_rule *rule)
{
    struct blocks *blocks = making->blocks;
    struct block_pass *pass = &blocks->passes[blocks->pass_count++];
    uint32_t count = 0;
    for (uint32_t row = 0; row < making->rows->count; row++) {
        uint64_t key = keys_of(&making->keys, rule, rows_cells(making->rows, row));
        if (key != 0 && !is_repeated(blocks, row))
            making->keyed[count++] = (struct keyed){key, row};
    }
    pass->rows = calloc((size_t)count + 1, sizeof *pass->rows);
    pass->starts = calloc((size_t)count / 2 + 2, sizeof *pass->starts);
    if (pass->rows == NULL || pass->starts == NULL)
        return FAULT_MEMORY;
    sort_keyed(&making->keyed, &making->spare, count, 44);
    uint64_t mask = ((uint64_t)1 << 44) - 1;
    for (size_t from = 0, to; from < count; from = to) {
        uint64_t key = making->keyed[from].key & mask;
        for (to = from + 1; to < count && (making->keyed[to].key & mask) == key; to++)
            continue;
        if (to - from > making->options->block_max)
            cut_run(making, pass, making->keyed + from, to - from);
        else if (to - from > 1)
            add_block(making, pass, making->keyed + from, to - from);
    }
    return FAULT_NONE;
}

static enum fault add_unit(struct blocks *blocks, size_t *room, struct block_unit unit)
{
    if (blocks->unit_count == *room) {
        size_t larger = *room == 0 ? 256 : *room * 2;
        struct block_unit *units = realloc(blocks->units, larger * sizeof *units);
        if (units == NULL)
            return FAULT_MEMORY;
        blocks->units = units;
        *room = larger;
    }
    blocks->units[blocks->unit_count++] = unit;
    return FAULT_NONE;
}

static enum fault cut_units(struct blocks *blocks)
{
    enum fault fault = FAULT_NONE;
    size_t room = 0;
    for (uint32_t pass = 0; pass < blocks->pass_count; pass++) {
        const struct block_pass *at = &blocks->passes[pass];
        uint64_t pairs = 0;
        uint32_t from = 0;
        for (uint32_t block = 0; block < at->block_count; block++) {
            uint64_t rows = at->starts[block + 1] - at->starts[block];
            pairs += rows * (rows - 1) / 2;
            if (pairs < UNIT_PAIRS && block + 1 < at->block_count)
                continue;
            TRY(add_unit(blocks, &room, (struct block_unit){pass, from, block + 1}));
            from = block + 1;
            pairs = 0;
        }
    }
    uint32_t whole = blocks->pass_count > 0          ? 0
                     : blocks->rows->file_count == 1 ? blocks->rows->count
                                                     : blocks->rows->first;
    uint32_t step = 1 + UNIT_PAIRS / (blocks->rows->count + 1);
    for (uint32_t from = 0; from < whole; from += step)
        TRY(add_unit(blocks, &room, (struct block_unit){0, from, from + step < whole ? from + step : whole}));
done:
    return fault;
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
    enum fault fault = FAULT_NONE;
    size_t room = (size_t)making->rows->count * BLOCK_PASSES_MAX;
    TRY(keys_open(making->rows, making->options->broad, &making->keys));
    blocks->ids = aligned_alloc(64, (room + 16) * sizeof *blocks->ids);
    if (blocks->ids == NULL)
        TRY(FAULT_MEMORY);
    memset(blocks->ids, 0, (room + 16) * sizeof *blocks->ids);
    for (size_t i = 0; i < making->keys.rule_count; i++)
        TRY(make_pass(making, &making->keys.rules[i]));
    blocks->lessons = making->keys.lessons;
done:
    keys_close(&making->keys);
    return fault;
}

enum fault blocks_open(const struct linkage_rows *rows, const struct blocks_options *options,
                       struct blocks *ret_blocks)
{
    enum fault fault = FAULT_NONE;
    struct blocks blocks = {.rows = rows};
    struct making making = {.rows = rows, .options = options, .blocks = &blocks};
    making.keyed = calloc((size_t)rows->count + 1, sizeof *making.keyed);
    making.spare = calloc((size_t)rows->count + 1, sizeof *making.spare);
    if (making.keyed == NULL || making.spare == NULL)
        TRY(FAULT_MEMORY);
    TRY(find_repeated(&making));
    if (all_pairs(rows) > options->whole_pairs_max)
        TRY(make_passes(&making));
    TRY(cut_units(&blocks));
    *ret_blocks = blocks;
    blocks = (struct blocks){.rows = NULL};
done:
    free(making.keyed);
    free(making.spare);
    blocks_close(&blocks);
    return fault;
}

void blocks_close(struct blocks *blocks)
{
    for (size_t i = 0; i < BLOCK_PASSES_MAX; i++) {
        free(blocks->passes[i].rows);
        free(blocks->passes[i].starts);
    }
    free(blocks->ids);
    free(blocks->repeated);
    free(blocks->stars);
    free(blocks->units);
    *blocks = (struct blocks){.rows = NULL};
}

struct batch {
    struct row_pair pairs[BLOCK_BATCH];
    size_t count;
    const struct block_sample *sample;
    blocks_on_pairs on_pairs;
    void *context;
};

static enum fault flush(struct batch *batch)
{
    size_t count = batch->count;
    batch->count = 0;
    return count == 0 ? FAULT_NONE : batch->on_pairs(batch->context, batch->pairs, count);
}

static enum fault put_pair(struct batch *batch, uint32_t a, uint32_t b)
{
    batch->pairs[batch->count++] = (struct row_pair){a, b};
    return batch->count < BLOCK_BATCH ? FAULT_NONE : flush(batch);
}

/* Whether an earlier pass has both rows in one block. */
static inline bool seen_before(const uint32_t *a, const uint32_t *b, uint32_t pass)
{
    bool same = false;
    for (uint32_t i = 0; i < pass; i++)
        same |= (a[i] == b[i]) & (a[i] != 0);
    return same;
}

/* Rows lie anywhere: what will be read soon is fetched beforehand. */
static inline void fetch_row(const struct blocks *blocks, uint32_t row)
{
    const uint32_t *cells = rows_cells(blocks->rows, row);
    __builtin_prefetch(blocks->ids + (size_t)row * BLOCK_PASSES_MAX);
    __builtin_prefetch(cells);
    __builtin_prefetch(cells + blocks->rows->field_count - 1);
}

/* A sample of a block's pairs, drawn by what the rows hold: few are looked at, so none is fetched. */
static enum fault run_sample(const struct blocks *blocks, const struct block_unit *unit, uint32_t block,
                             struct batch *batch)
{
    enum { KEYS = 512 };
    enum fault fault = FAULT_NONE;
    const struct block_pass *pass = &blocks->passes[unit->pass];
    const uint32_t *rows = pass->rows + pass->starts[block];
    uint32_t all = pass->starts[block + 1] - pass->starts[block];
    const struct block_sample *sample = batch->sample;
    uint64_t keys[KEYS];
    uint32_t wanted[KEYS];
    uint32_t count = 0;
    must(all <= KEYS);
    for (uint32_t i = 0; i < all; i++) {
        if (sample->rows == NULL || (sample->rows[rows[i] / 64] >> rows[i] % 64 & 1) != 0)
            wanted[count++] = rows[i];
    }
    for (uint32_t i = 0; i < count && sample->skip > 0 && count > 1; i++)
        keys[i] = blocks->rows->order_keys[wanted[i]];
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *ids = blocks->ids + (size_t)wanted[i] * BLOCK_PASSES_MAX;
        for (uint32_t j = i + 1; j < count; j++) {
            if ((sample->skip == 0 || values_mix(keys[i] + keys[j]) >> (64 - sample->skip) == 0) &&
                may_pair(blocks->rows, wanted[i], wanted[j]) &&
                !seen_before(ids, blocks->ids + (size_t)wanted[j] * BLOCK_PASSES_MAX, unit->pass))
                TRY(put_pair(batch, wanted[i], wanted[j]));
        }
    }
done:
    return fault;
}

static enum fault run_block(const struct blocks *blocks, const struct block_unit *unit, uint32_t block,
                            struct batch *batch)
{
    enum fault fault = FAULT_NONE;
    const struct block_pass *pass = &blocks->passes[unit->pass];
    const uint32_t *rows = pass->rows + pass->starts[block];
    uint32_t count = pass->starts[block + 1] - pass->starts[block];
    uint32_t end = pass->starts[pass->block_count] - pass->starts[block]; /* of the pass */
    for (uint32_t i = FETCH_AHEAD; i < FETCH_AHEAD + count && i < end; i++)
        fetch_row(blocks, rows[i]);
    uint32_t split = 0; /* of two files, where the second begins */
    while (blocks->rows->file_count == 2 && split < count && rows[split] < blocks->rows->first)
        split++;
    for (uint32_t i = 0; i < (blocks->rows->file_count == 2 ? split : count); i++) {
        const uint32_t *ids = blocks->ids + (size_t)rows[i] * BLOCK_PASSES_MAX;
        for (uint32_t j = split > i + 1 ? split : i + 1; j < count; j++) {
            if (!seen_before(ids, blocks->ids + (size_t)rows[j] * BLOCK_PASSES_MAX, unit->pass))
                TRY(put_pair(batch, rows[i], rows[j]));
        }
    }
done:
    return fault;
}

static enum fault run_rows(const struct blocks *blocks, uint32_t row, struct batch *batch)
{
    enum fault fault = FAULT_NONE;
    if (is_repeated(blocks, row))
        return FAULT_NONE;
    for (uint32_t b = row + 1; b < blocks->rows->count; b++) {
        if (may_pair(blocks->rows, row, b) && !is_repeated(blocks, b))
            TRY(put_pair(batch, row, b));
    }
done:
    return fault;
}

enum fault blocks_run(const struct blocks *blocks, size_t unit, const struct block_sample *sample,
                      blocks_on_pairs on_pairs, void *context)
{
    enum fault fault = FAULT_NONE;
    const struct block_unit *at = &blocks->units[unit];
    struct batch batch = {.count = 0, .sample = sample, .on_pairs = on_pairs, .context = context};
    bool some = sample != NULL && (sample->rows != NULL || sample->skip > 0);
    for (uint32_t i = at->from; i < at->to; i++) {
        if (blocks->pass_count == 0)
            TRY(run_rows(blocks, i, &batch));
        else
            TRY(some ? run_sample(blocks, at, i, &batch) : run_block(blocks, at, i, &batch));
    }
    TRY(flush(&batch));
done:
    return fault;
}
