#include "linkage/found.h"

#include <stdlib.h>

#include "linkage/room.h"
#include "linkage/team.h"

enum { ROOM_FIRST = 4096, SHARES = 256 };

enum fault found_add(struct found_pairs *found, struct linkage_pair pair)
{
    if (found->count == FOUND_PAIRS_MAX)
        return FAULT_TOO_LARGE;
    if (found->count == found->room) {
        size_t room = found->room == 0 ? ROOM_FIRST : found->room * 2;
        struct linkage_pair *at = room_larger(found->at, found->count * sizeof *at, room, sizeof *at);
        if (at == NULL)
            return FAULT_MEMORY;
        found->at = at;
        found->room = room;
    }
    found->at[found->count++] = pair;
    return FAULT_NONE;
}

void found_close(struct found_pairs *found)
{
    room_give(found->at);
    *found = (struct found_pairs){NULL, 0, 0};
}

/* Pairs are put into shares by their first row, so many rows each; then every share is sorted. */
struct uniting {
    struct found_pairs *const *found;
    const struct linkage_rows *table;
    uint32_t rows;                      /* of a share */
    size_t (*places)[SHARES];           /* of each thread: how many pairs, then where they go */
    struct linkage_pair *at;            /* by share */
    size_t starts[SHARES + 1];          /* of the shares */
    size_t kept[SHARES];                /* pairs of a share, each once */
    uint32_t *counts[TEAM_THREADS_MAX]; /* of a share's rows */
    struct linkage_pair *spare[TEAM_THREADS_MAX];
    size_t room; /* of spare */
};

/* By the table's own rows, the lower first. */
static enum fault name_rows(void *context, size_t task, unsigned member)
{
    (void)member;
    struct uniting *uniting = context;
    struct found_pairs *found = uniting->found[task];
    for (size_t i = 0; i < found->count; i++) {
        struct linkage_pair *pair = &found->at[i];
        uint32_t a = rows_number(uniting->table, pair->a);
        uint32_t b = rows_number(uniting->table, pair->b);
        pair->a = a < b ? a : b;
        pair->b = a < b ? b : a;
        uniting->places[task][pair->a / uniting->rows]++;
    }
    return FAULT_NONE;
}

static enum fault share_out(void *context, size_t task, unsigned member)
{
    (void)member;
    struct uniting *uniting = context;
    const struct found_pairs *found = uniting->found[task];
    size_t *places = uniting->places[task];
    for (size_t i = 0; i < found->count; i++)
        uniting->at[places[found->at[i].a / uniting->rows]++] = found->at[i];
    return FAULT_NONE;
}

/* Those of one row, which are few, by the other. */
static void sort_row(struct linkage_pair *at, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct linkage_pair moved = at[i];
        size_t to = i;
        for (; to > 0 && at[to - 1].b > moved.b; to--)
            at[to] = at[to - 1];
        at[to] = moved;
    }
}

static int by_other(const void *a, const void *b)
{
    uint32_t left = ((const struct linkage_pair *)a)->b, right = ((const struct linkage_pair *)b)->b;
    return left < right ? -1 : left > right;
}

/* Puts a share in order, each pair once. */
static enum fault sort_share(void *context, size_t task, unsigned member)
{
    enum { FEW = 64 };
    struct uniting *uniting = context;
    struct linkage_pair *at = uniting->at + uniting->starts[task];
    size_t count = uniting->starts[task + 1] - uniting->starts[task], kept = 0;
    uint32_t first = (uint32_t)task * uniting->rows;
    if (uniting->spare[member] == NULL) {
        uniting->spare[member] = room_take(uniting->room + 1, sizeof *at);
        uniting->counts[member] = room_take((size_t)uniting->rows + 1, sizeof(uint32_t));
    }
    struct linkage_pair *sorted = uniting->spare[member];
    uint32_t *ends = uniting->counts[member];
    if (sorted == NULL || ends == NULL)
        return FAULT_MEMORY;
    memset(ends, 0, ((size_t)uniting->rows + 1) * sizeof *ends);
    for (size_t i = 0; i < count; i++)
        ends[at[i].a - first + 1]++;
    for (uint32_t i = 0; i < uniting->rows; i++)
        ends[i + 1] += ends[i];
    for (size_t i = 0; i < count; i++)
        sorted[ends[at[i].a - first]++] = at[i];
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && sorted[to].a == sorted[from].a; to++)
            continue;
        if (to - from <= FEW)
            sort_row(sorted + from, to - from);
        else
            qsort(sorted + from, to - from, sizeof *sorted, by_other);
        for (size_t i = from; i < to; i++) {
            if (i == from || sorted[i].b != sorted[i - 1].b)
                at[kept++] = sorted[i];
        }
    }
    uniting->kept[task] = kept;
    return FAULT_NONE;
}

/* Where each thread's pairs of each share go. */
static void place_shares(struct uniting *uniting, unsigned threads)
{
    size_t sum = 0;
    for (size_t share = 0; share < SHARES; share++) {
        uniting->starts[share] = sum;
        for (unsigned i = 0; i < threads; i++) {
            size_t here = uniting->places[i][share];
            uniting->places[i][share] = sum;
            sum += here;
        }
        size_t size = sum - uniting->starts[share];
        uniting->room = size > uniting->room ? size : uniting->room;
    }
    uniting->starts[SHARES] = sum;
}

/* Closes the gaps of what was there twice. */
static size_t close_gaps(struct uniting *uniting)
{
    size_t count = 0;
    for (size_t share = 0; share < SHARES; share++) {
        if (count != uniting->starts[share])
            memmove(uniting->at + count, uniting->at + uniting->starts[share],
                    uniting->kept[share] * sizeof *uniting->at);
        count += uniting->kept[share];
    }
    return count;
}

enum fault found_unite(struct found_pairs *const *found, unsigned threads, const struct linkage_rows *rows,
                       struct linkage_pairs *ret_pairs)
{
    enum fault fault = FAULT_NONE;
    size_t count = 0;
    for (unsigned i = 0; i < threads; i++)
        count += found[i]->count;
    if (count > FOUND_PAIRS_MAX)
        return FAULT_TOO_LARGE;
    struct uniting *uniting = calloc(1, sizeof *uniting);
    if (uniting == NULL)
        return FAULT_MEMORY;
    uniting->found = found;
    uniting->table = rows;
    uniting->rows = rows->count / SHARES + 1;
    uniting->places = calloc(threads, sizeof *uniting->places);
    uniting->at = room_lasting(count + 1, sizeof *uniting->at);
    if (uniting->places == NULL || uniting->at == NULL)
        TRY(FAULT_MEMORY);
    TRY(team_run(threads, threads, name_rows, uniting));
    place_shares(uniting, threads);
    TRY(team_run(threads, threads, share_out, uniting));
    TRY(team_run(threads, SHARES, sort_share, uniting));
    *ret_pairs = (struct linkage_pairs){uniting->at, close_gaps(uniting)};
    uniting->at = NULL;
done:
    for (unsigned i = 0; i < threads; i++) {
        room_give(uniting->spare[i]);
        room_give(uniting->counts[i]);
    }
    free(uniting->places);
    free(uniting->at);
    free(uniting);
    return fault;
}
