#include "linkage/rows.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "linkage/arrange.h"
#include "linkage/cut.h"
#include "linkage/gather.h"
#include "linkage/room.h"
#include "linkage/table_reader.h"
#include "linkage/team.h"

/* One or two files on their way into rows. */
struct loading {
    const struct linkage_source *source;
    struct linkage_rows *rows;
    struct linkage_error *error;
    struct plan plan;
    struct places places;  /* of the file that is being read */
    struct pieces *pieces; /* it */
    size_t before;         /* parcels of the file before */
    bool opened;           /* its first record was found */
    atomic_uint counted;   /* rows */
    struct table_reader *readers[TEAM_THREADS_MAX];
    struct parcels parcels;
};

static enum fault read_piece(void *context, size_t task, unsigned member)
{
    struct loading *loading = context;
    struct parcel *parcel = &loading->parcels.at[loading->before + task];
    if (atomic_load(&loading->counted) > LINKAGE_ROWS_MAX)
        return FAULT_TOO_LARGE; /* told when all are counted */
    enum fault fault =
        table_reader_piece(loading->readers[member], &loading->places, loading->pieces, task, parcel);
    parcel->reader = member;
    (void)atomic_fetch_add(&loading->counted, parcel->count);
    return fault;
}

static enum fault on_first(void *context, const struct csv_record *record)
{
    struct loading *loading = context;
    loading->opened = true;
    if (record->problem != CSV_FINE)
        return linkage_error_set(loading->error, loading->error->file, record->number, STR(""),
                                 record_problem_text(record->problem));
    return places_find(loading->source->spec, record, &loading->places, loading->error);
}

/* The columns' places, by the first record; the file is cut into pieces behind it, or before, where it is no
 * header. */
static enum fault open_file(struct loading *loading, const struct linkage_file *file)
{
    enum fault fault = FAULT_NONE;
    struct piece piece = {.bytes = NULL};
    uint64_t behind = 0;
    TRY(pieces_open(file, loading->source->spec->delimiter, loading->pieces));
    loading->places.id = loading->places.truth = NOWHERE;
    loading->opened = false;
    TRY(cut_first(loading->pieces, &piece, on_first, loading, &behind));
    if (!loading->opened)
        TRY(linkage_error_set(loading->error, loading->error->file, 0, STR(""), "The file is empty."));
    TRY(pieces_cut(loading->pieces, loading->source->spec->header ? behind : 0));
done:
    piece_close(&piece);
    return fault;
}

/* The first record that is wrong, or one row too many. */
static enum fault find_problem(struct loading *loading)
{
    struct parcels *parcels = &loading->parcels;
    uint64_t records = loading->source->spec->header ? 1 : 0;
    uint64_t rows = loading->rows->count;
    for (size_t i = loading->before; i < parcels->count; i++) {
        const struct parcel *parcel = &parcels->at[i];
        uint64_t left = LINKAGE_ROWS_MAX - rows;
        if (parcel->count > left && (parcel->problem == NULL || parcel->problem_record > left))
            return linkage_error_set(loading->error, loading->error->file, records + left + 1, STR(""),
                                     "There are more than 16 million rows.");
        if (parcel->problem != NULL)
            return linkage_error_set(loading->error, loading->error->file, records + parcel->problem_record,
                                     STR(""), parcel->problem);
        records += parcel->records;
        rows += parcel->count;
    }
    loading->rows->count = (uint32_t)rows;
    return FAULT_NONE;
}

static enum fault read_file(struct loading *loading, const struct linkage_file *file)
{
    struct pieces pieces;
    loading->pieces = &pieces;
    loading->before = loading->parcels.count;
    enum fault fault = open_file(loading, file);
    TRY(fault);
    TRY(parcels_expect(&loading->parcels, pieces.piece_count));
    fault = team_run(loading->source->threads, pieces.piece_count, read_piece, loading);
    if (fault == FAULT_NONE || fault == FAULT_TOO_LARGE)
        TRY(find_problem(loading));
    TRY(fault);
done:
    pieces_close(&pieces);
    if (fault == FAULT_STORAGE)
        (void)linkage_error_set(loading->error, loading->error->file, 0, STR(""), "The file cannot be read.");
    return fault;
}

static void close_readers(struct loading *loading)
{
    for (size_t i = 0; i < TEAM_THREADS_MAX; i++) {
        table_reader_close(loading->readers[i]);
        loading->readers[i] = NULL;
    }
    parcels_close(&loading->parcels);
}

static void close_loading(struct loading *loading)
{
    close_readers(loading);
    linkage_rows_close(loading->rows);
    free(loading);
}

enum fault linkage_rows_read(const struct linkage_source *source, struct linkage_rows **ret_rows,
                             struct linkage_error *ret_error)
{
    enum fault fault = FAULT_NONE;
    must(source->file_count >= 1 && source->file_count <= LINKAGE_FILES_MAX);
    if (source->threads < 1 || source->threads > TEAM_THREADS_MAX)
        return FAULT_INVALID;
    *ret_error = (struct linkage_error){.message = NULL};
    struct loading *loading = calloc(1, sizeof *loading);
    if (loading == NULL)
        return FAULT_MEMORY;
    loading->source = source;
    loading->error = ret_error;
    loading->rows = calloc(1, sizeof *loading->rows);
    if (loading->rows == NULL)
        TRY(FAULT_MEMORY);
    loading->rows->file_count = (uint32_t)source->file_count;
    loading->rows->threads = source->threads;
    TRY(plan_open(source->spec, loading->rows, &loading->plan, ret_error));
    for (unsigned i = 0; i < source->threads; i++) {
        loading->readers[i] = table_reader_open(&loading->plan, loading->rows, source->threads);
        if (loading->readers[i] == NULL)
            TRY(FAULT_MEMORY);
    }
    for (size_t i = 0; i < source->file_count; i++) {
        ret_error->file = (unsigned)i + 1;
        TRY(read_file(loading, &source->files[i]));
        if (i == 0)
            loading->rows->first = loading->rows->count;
    }
    *ret_error = (struct linkage_error){.message = NULL};
    TRY(gather_rows(&loading->parcels, loading->readers, source->threads, loading->rows));
    close_readers(loading); /* its memory is wanted */
    TRY(rows_arrange(loading->rows, source->threads));
    *ret_rows = loading->rows;
    loading->rows = NULL;
done:
    close_loading(loading);
    return fault;
}

enum fault linkage_rows_load(const struct linkage_spec *spec, const struct linkage_file *files,
                             size_t file_count, struct linkage_rows **ret_rows,
                             struct linkage_error *ret_error)
{
    const struct linkage_source source = {
        .spec = spec, .files = files, .file_count = file_count, .threads = 1};
    return linkage_rows_read(&source, ret_rows, ret_error);
}

void linkage_rows_close(struct linkage_rows *rows)
{
    if (rows == NULL)
        return;
    for (size_t i = 0; i < FIELDS_MAX; i++)
        free(rows->fields[i].counts);
    for (size_t i = 0; i < VALUES_SLOTS; i++)
        values_close(&rows->values[i]);
    if (rows->id_bytes != NULL)
        explicit_bzero(rows->id_bytes, rows->id_byte_count);
    room_give(rows->numbers);
    room_give(rows->row_keys);
    room_give(rows->cells);
    room_give(rows->keys);
    room_give(rows->order_keys);
    room_give(rows->ids);
    room_give(rows->id_bytes);
    room_give(rows->truth);
    free(rows);
}

uint32_t linkage_rows_count(const struct linkage_rows *rows)
{
    return rows->count;
}

uint32_t linkage_rows_first(const struct linkage_rows *rows)
{
    return rows->first;
}

struct str linkage_rows_id(const struct linkage_rows *rows, uint32_t row)
{
    must(row < rows->count);
    return (struct str){rows->id_bytes + (rows->ids[row] >> 16), rows->ids[row] & 0xFFFF};
}

uint32_t linkage_rows_truth(const struct linkage_rows *rows, uint32_t row)
{
    must(row < rows->count);
    return rows->truth == NULL ? 0 : rows->truth[row];
}

bool linkage_rows_has_truth(const struct linkage_rows *rows)
{
    return rows->truth != NULL;
}

uint64_t linkage_rows_key(const struct linkage_rows *rows, uint32_t row)
{
    must(row < rows->count);
    return rows->row_keys == NULL ? rows->keys[row] : rows->row_keys[row];
}
