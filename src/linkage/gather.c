#include "linkage/gather.h"

#include <stdio.h>
#include <stdlib.h>

#include "linkage/room.h"
#include "linkage/team.h"

enum { NUMBER_BYTES = 10, COUNTING_GROUPS = 4 };

struct gathering {
    struct parcels *parcels;
    struct table_reader **readers;
    unsigned threads;
    struct linkage_rows *rows;
    uint32_t *ids[TEAM_THREADS_MAX][VALUES_SLOTS]; /* by a reader's id, ours; NULL: they are the same */
    uint32_t *first_rows;                          /* of each parcel */
    size_t *id_places;
};

enum fault parcels_expect(struct parcels *parcels, size_t more)
{
    size_t count = parcels->count + more;
    struct parcel *at = realloc(parcels->at, (count + 1) * sizeof *at);
    if (at == NULL)
        return FAULT_MEMORY;
    memset(at + parcels->count, 0, more * sizeof *at);
    parcels->at = at;
    parcels->count = count;
    return FAULT_NONE;
}

void parcels_close(struct parcels *parcels)
{
    free(parcels->at);
    *parcels = (struct parcels){NULL, 0};
}

/* A reader takes its pieces in the file's order, and so do we: a value is new where it is met first. */
static enum fault unite_slot(struct gathering *gathering, size_t slot)
{
    enum fault fault = FAULT_NONE;
    struct values *values = &gathering->rows->values[slot];
    uint32_t begin[TEAM_THREADS_MAX] = {0};
    uint64_t all = 0;
    for (unsigned i = 0; i < gathering->threads; i++) {
        uint32_t count = gathering->readers[i]->values[slot].count;
        gathering->ids[i][slot] = room_take((size_t)count + 1, sizeof(uint32_t));
        if (gathering->ids[i][slot] == NULL)
            return FAULT_MEMORY;
        gathering->ids[i][slot][0] = 0;
        all += count;
        begin[i] = 1;
    }
    TRY(values_expect(values, (uint32_t)(all * 3 / 4))); /* some are several readers' */
    for (size_t i = 0; i < gathering->parcels->count; i++) {
        const struct parcel *parcel = &gathering->parcels->at[i];
        uint32_t to = parcel->values_end[slot] + 1;
        if (to <= begin[parcel->reader])
            continue;
        TRY(values_take_range(values, &gathering->readers[parcel->reader]->values[slot],
                              begin[parcel->reader], to, gathering->ids[parcel->reader][slot]));
        begin[parcel->reader] = to;
    }
    for (unsigned i = 0; i < gathering->threads; i++)
        values_close(&gathering->readers[i]->values[slot]); /* its memory is wanted for the next */
done:
    return fault;
}

/* Nothing new is taken from now on. */
static enum fault gather_slot(void *context, size_t task, unsigned member)
{
    (void)member;
    struct gathering *gathering = context;
    struct values *values = &gathering->rows->values[task];
    unsigned used = 0, last = 0;
    for (unsigned i = 0; i < gathering->threads; i++) {
        if (gathering->readers[i]->values[task].count > 0) {
            used++;
            last = i;
        }
    }
    if (used == 0)
        return values_settle(values);
    enum fault fault = FAULT_NONE;
    if (used > 1) {
        fault = unite_slot(gathering, task);
    } else {
        values_close(values);
        *values = gathering->readers[last]->values[task];
        values_open(&gathering->readers[last]->values[task]);
    }
    if (task == TRUTHS_SLOT)
        values_close(values); /* who is who is known by number */
    else if (fault == FAULT_NONE)
        fault = values_settle(values);
    return fault;
}

static void copy_cells(const struct gathering *gathering, const struct parcel *parcel, uint32_t first)
{
    const struct linkage_rows *rows = gathering->rows;
    uint32_t *to = rows->cells + (size_t)first * rows->field_count;
    if (parcel->count > 0)
        memcpy(to, parcel->cells, (size_t)parcel->count * rows->field_count * sizeof *to);
    for (size_t field = 0; field < rows->field_count; field++) {
        const uint32_t *ids = gathering->ids[parcel->reader][rows->fields[field].values];
        if (ids == NULL)
            continue;
        uint32_t *cell = to + field;
        for (uint32_t i = 0; i < parcel->count; i++, cell += rows->field_count)
            *cell = ids[*cell];
    }
    const uint32_t *ids = gathering->ids[parcel->reader][TRUTHS_SLOT];
    for (uint32_t i = 0; i < parcel->count && rows->truth != NULL; i++)
        rows->truth[first + i] =
            ids == NULL || parcel->truth[i] >= TRUTH_NUMBERS ? parcel->truth[i] : ids[parcel->truth[i]];
}

/* A row that has no id is named by its number in its file. */
static void copy_ids(const struct gathering *gathering, const struct parcel *parcel, uint32_t first,
                     size_t place)
{
    struct linkage_rows *rows = gathering->rows;
    const char *from = parcel->id_bytes;
    for (uint32_t i = 0; i < parcel->count; i++) {
        char *at = rows->id_bytes + place;
        size_t len = parcel->id_lens[i];
        uint32_t row = first + i;
        if (len > 0) {
            memcpy(at, from, len);
            from += len;
        } else {
            char number[NUMBER_BYTES + 2];
            int digits =
                snprintf(number, sizeof number, "%u", row < rows->first ? row + 1 : row - rows->first + 1);
            len = (size_t)digits;
            memcpy(at, number, len);
        }
        rows->ids[row] = (uint64_t)place << 16 | len;
        rows->keys[row] = parcel->keys[i];
        rows->order_keys[row] = values_hash((struct str){at, len}, parcel->keys[i]);
        place += len;
    }
}

static enum fault gather_parcel(void *context, size_t task, unsigned member)
{
    (void)member;
    struct gathering *gathering = context;
    const struct parcel *parcel = &gathering->parcels->at[task];
    copy_cells(gathering, parcel, gathering->first_rows[task]);
    copy_ids(gathering, parcel, gathering->first_rows[task], gathering->id_places[task]);
    return FAULT_NONE;
}

/* Every fourth field, so that rows are read four times and not once for each field. */
static enum fault count_fields(void *context, size_t task, unsigned member)
{
    (void)member;
    struct linkage_rows *rows = context;
    for (size_t i = task; i < rows->field_count; i += COUNTING_GROUPS) {
        struct field *field = &rows->fields[i];
        field->counts = calloc((size_t)rows->values[field->values].count + 1, sizeof *field->counts);
        if (field->counts == NULL)
            return FAULT_MEMORY;
    }
    for (uint32_t row = 0; row < rows->count; row++) {
        const uint32_t *cells = rows_cells(rows, row);
        for (size_t i = task; i < rows->field_count; i += COUNTING_GROUPS)
            rows->fields[i].counts[cells[i]]++;
    }
    for (size_t i = task; i < rows->field_count; i += COUNTING_GROUPS) {
        rows->fields[i].filled = rows->count - rows->fields[i].counts[0];
        rows->fields[i].counts[0] = 0;
    }
    return FAULT_NONE;
}

static enum fault take_memory(struct gathering *gathering, bool truth)
{
    struct linkage_rows *rows = gathering->rows;
    uint32_t row = 0;
    size_t bytes = 0;
    gathering->first_rows = calloc(gathering->parcels->count + 1, sizeof *gathering->first_rows);
    gathering->id_places = calloc(gathering->parcels->count + 1, sizeof *gathering->id_places);
    if (gathering->first_rows == NULL || gathering->id_places == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < gathering->parcels->count; i++) {
        const struct parcel *parcel = &gathering->parcels->at[i];
        gathering->first_rows[i] = row;
        gathering->id_places[i] = bytes;
        row += parcel->count;
        bytes += parcel->id_byte_count;
        for (uint32_t j = 0; j < parcel->count; j++)
            bytes += parcel->id_lens[j] == 0 ? NUMBER_BYTES : 0;
    }
    must(row == rows->count);
    rows->cells = room_take((size_t)row * rows->field_count + 1, sizeof *rows->cells);
    rows->keys = room_take((size_t)row + 1, sizeof *rows->keys);
    rows->order_keys = room_take((size_t)row + 1, sizeof *rows->order_keys);
    rows->ids = room_take((size_t)row + 1, sizeof *rows->ids);
    rows->id_bytes = room_take(bytes + 1, 1);
    rows->id_byte_count = rows->id_bytes == NULL ? 0 : bytes;
    if (truth)
        rows->truth = room_take((size_t)row + 1, sizeof *rows->truth);
    bool all = rows->cells != NULL && rows->keys != NULL && rows->order_keys != NULL && rows->ids != NULL &&
               rows->id_bytes != NULL && (!truth || rows->truth != NULL);
    return all ? FAULT_NONE : FAULT_MEMORY;
}

enum fault gather_rows(struct parcels *parcels, struct table_reader **readers, unsigned threads,
                       struct linkage_rows *rows)
{
    enum fault fault = FAULT_NONE;
    struct gathering *gathering = calloc(1, sizeof *gathering);
    if (gathering == NULL)
        return FAULT_MEMORY;
    gathering->parcels = parcels;
    gathering->readers = readers;
    gathering->threads = threads;
    gathering->rows = rows;
    TRY(team_run(threads, VALUES_SLOTS, gather_slot, gathering));
    TRY(take_memory(gathering, readers[0]->plan->spec->truth[0] != '\0'));
    TRY(team_run(threads, parcels->count, gather_parcel, gathering));
    TRY(team_run(threads, COUNTING_GROUPS, count_fields, rows));
done:
    for (unsigned i = 0; i < threads; i++) {
        for (size_t j = 0; j < VALUES_SLOTS; j++)
            room_give(gathering->ids[i][j]);
    }
    free(gathering->first_rows);
    free(gathering->id_places);
    free(gathering);
    return fault;
}
