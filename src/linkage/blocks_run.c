#include "linkage/blocks.h"

#include <stdlib.h>

enum { ROWS_AHEAD = 8, FOUND_MAX = BLOCK_PASSES_MAX * BLOCK_ROWS_MAX, FEW = 48 };

struct batch {
    const struct blocks *blocks;
    const struct block_sample *sample;
    size_t pass_count; /* those that are looked at */
    struct row_pair *pairs;
    size_t count;
    uint32_t *found; /* rows that share a block with the one in work */
    blocks_on_pairs on_pairs;
    void *context;
};

static bool may_pair(const struct linkage_rows *rows, uint32_t a, uint32_t b)
{
    return rows->file_count == 1 || (a < rows->first) != (b < rows->first);
}

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

static bool is_drawn(const struct block_sample *sample, uint32_t row)
{
    return sample == NULL || sample->rows == NULL || (sample->rows[row / 64] >> row % 64 & 1) != 0;
}

/* Of pairs one in 2^skip, drawn by what the rows hold. */
static bool is_pair_drawn(const struct batch *batch, uint32_t a, uint32_t b)
{
    const uint64_t *keys = batch->blocks->rows->order_keys;
    unsigned skip = batch->sample == NULL ? 0 : batch->sample->skip;
    return skip == 0 || values_mix(keys[a] + keys[b]) >> (64 - skip) == 0;
}

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static void sort_found(uint32_t *found, size_t count)
{
    if (count > FEW) {
        qsort(found, count, sizeof *found, by_number);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint32_t moved = found[i];
        size_t to = i;
        for (; to > 0 && found[to - 1] > moved; to--)
            found[to] = found[to - 1];
        found[to] = moved;
    }
}

/* The later rows of a row's blocks, which are in order; some several times. */
static size_t find_others(struct batch *batch, uint32_t row)
{
    const struct blocks *blocks = batch->blocks;
    size_t count = 0;
    for (size_t i = 0; i < batch->pass_count; i++) {
        const struct block_pass *pass = &blocks->passes[i];
        uint32_t at = pass->later[row];
        uint32_t other = at == 0 ? BLOCK_END : 0;
        while ((other & BLOCK_END) == 0) {
            other = pass->rows[at++];
            batch->found[count] = other & ~BLOCK_END;
            count += is_drawn(batch->sample, other & ~BLOCK_END);
        }
    }
    return count;
}

/* Blocks lie anywhere: what will be read soon is fetched beforehand. */
static inline void fetch_others(const struct batch *batch, uint32_t row)
{
    for (size_t i = 0; i < batch->pass_count; i++) {
        const struct block_pass *pass = &batch->blocks->passes[i];
        if (pass->later[row] != 0)
            __builtin_prefetch(&pass->rows[pass->later[row]]);
    }
}

static inline void fetch_cells(const struct linkage_rows *rows, uint32_t row)
{
    __builtin_prefetch(rows_cells(rows, row));
    __builtin_prefetch(rows_cells(rows, row) + rows->field_count - 1);
}

static enum fault run_row(struct batch *batch, uint32_t row)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_rows *rows = batch->blocks->rows;
    size_t count = find_others(batch, row);
    sort_found(batch->found, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t other = batch->found[i];
        if ((i > 0 && other == batch->found[i - 1]) || !may_pair(rows, row, other) ||
            !is_pair_drawn(batch, row, other))
            continue;
        fetch_cells(rows, other);
        TRY(put_pair(batch, row, other));
    }
done:
    return fault;
}

static enum fault run_rows(struct batch *batch, const struct block_unit *unit)
{
    enum fault fault = FAULT_NONE;
    for (uint32_t row = unit->from; row < unit->to; row++) {
        if (row + ROWS_AHEAD < unit->to && is_drawn(batch->sample, row + ROWS_AHEAD))
            fetch_others(batch, row + ROWS_AHEAD);
        if (is_drawn(batch->sample, row))
            TRY(run_row(batch, row));
    }
done:
    return fault;
}

/* Of a table that is compared whole. */
static enum fault run_whole(struct batch *batch, const struct block_unit *unit)
{
    enum fault fault = FAULT_NONE;
    const struct blocks *blocks = batch->blocks;
    for (uint32_t row = unit->from; row < unit->to; row++) {
        for (uint32_t b = row + 1; b < blocks->rows->count && !blocks_repeated(blocks, row); b++) {
            if (may_pair(blocks->rows, row, b) && !blocks_repeated(blocks, b))
                TRY(put_pair(batch, row, b));
        }
    }
done:
    return fault;
}

enum fault blocks_run(const struct blocks *blocks, size_t unit, const struct block_sample *sample,
                      blocks_on_pairs on_pairs, void *context)
{
    enum fault fault = FAULT_NONE;
    struct batch batch = {.blocks = blocks,
                          .sample = sample,
                          .pass_count = sample == NULL ? blocks->lessons : blocks->pass_count,
                          .pairs = malloc(BLOCK_BATCH * sizeof *batch.pairs),
                          .found = malloc(FOUND_MAX * sizeof *batch.found),
                          .on_pairs = on_pairs,
                          .context = context};
    if (batch.pairs == NULL || batch.found == NULL)
        TRY(FAULT_MEMORY);
    if (blocks->pass_count == 0)
        TRY(run_whole(&batch, &blocks->units[unit]));
    else
        TRY(run_rows(&batch, &blocks->units[unit]));
    TRY(flush(&batch));
done:
    free(batch.pairs);
    free(batch.found);
    return fault;
}
