#include "linkage/blocks.h"

enum { FETCH_AHEAD = 24 };

static bool may_pair(const struct linkage_rows *rows, uint32_t a, uint32_t b)
{
    return rows->file_count == 1 || (a < rows->first) != (b < rows->first);
}

struct batch {
    struct row_pair pairs[BLOCK_BATCH];
    size_t count;
    uint64_t keys[BLOCK_ROWS_MAX]; /* of the block that is sampled */
    uint32_t wanted[BLOCK_ROWS_MAX];
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
    enum fault fault = FAULT_NONE;
    const struct block_pass *pass = &blocks->passes[unit->pass];
    const uint32_t *rows = pass->rows + pass->starts[block];
    uint32_t all = pass->starts[block + 1] - pass->starts[block];
    const struct block_sample *sample = batch->sample;
    uint64_t *keys = batch->keys;
    uint32_t *wanted = batch->wanted;
    uint32_t count = 0;
    must(all <= BLOCK_ROWS_MAX);
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
    if (blocks_repeated(blocks, row))
        return FAULT_NONE;
    for (uint32_t b = row + 1; b < blocks->rows->count; b++) {
        if (may_pair(blocks->rows, row, b) && !blocks_repeated(blocks, b))
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
