#include "linkage/table_reader.h"

#include <stdlib.h>

#include "linkage/cut.h"

enum {
    ROOM_FIRST = 256,
    CACHE_LINE = 64,
    ID_BYTES_MAX = 255,
    MEMOS = 4096,           /* a column */
    MEMO_BYTES = 19,        /* so that a memo is half a line of the cache */
    MEMO_ROWS_LEAST = 4096, /* a small table is read without */
    MEMO_LOOKS = 8192,      /* after which a column is known to repeat itself, or not */
};

/* What a typed value was made into when it was last met in its column: most are met again. */
struct reader_memo {
    uint64_t key; /* what it adds to the row's key */
    uint32_t id;
    uint8_t len; /* 0: nothing yet */
    char typed[MEMO_BYTES];
};

_Static_assert(sizeof(struct reader_memo) == CACHE_LINE / 2, "no memo lies across two lines");

struct table_reader *table_reader_open(const struct plan *plan, const struct linkage_rows *rows,
                                       unsigned threads)
{
    struct table_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NULL;
    reader->plan = plan;
    reader->rows = rows;
    reader->threads = threads;
    for (size_t i = 0; i < VALUES_SLOTS; i++)
        reader->values[i] = (struct values){.dates = rows->values[i].dates, .names = rows->values[i].names};
    return reader;
}

static void close_parcel(struct parcel *parcel)
{
    if (parcel->id_bytes != NULL)
        explicit_bzero(parcel->id_bytes, parcel->id_byte_room);
    free(parcel->cells);
    free(parcel->keys);
    free(parcel->id_lens);
    free(parcel->id_bytes);
    free(parcel->truth);
}

void table_reader_close(struct table_reader *reader)
{
    if (reader == NULL)
        return;
    for (size_t i = 0; i < VALUES_SLOTS; i++)
        values_close(&reader->values[i]);
    if (reader->memos != NULL)
        explicit_bzero(reader->memos, reader->plan->spec->column_count * MEMOS * sizeof *reader->memos);
    free(reader->memos);
    close_parcel(&reader->parcel);
    shelf_close(&reader->shelf, false);
    shelf_close(&reader->texts, true);
    piece_close(&reader->piece);
    explicit_bzero(reader->batch.cells, sizeof reader->batch.cells);
    free(reader);
}

static bool grow(void **array, size_t room, size_t size_bytes)
{
    void *larger = realloc(*array, room * size_bytes);
    if (larger != NULL)
        *array = larger;
    return larger != NULL;
}

static enum fault make_room(struct table_reader *reader, uint32_t more)
{
    struct parcel *parcel = &reader->parcel;
    if (parcel->count + more <= parcel->room)
        return FAULT_NONE;
    uint32_t room = parcel->room == 0 ? ROOM_FIRST : parcel->room * 2;
    bool truth = reader->plan->spec->truth[0] != '\0';
    if (!grow((void **)&parcel->cells, room, reader->rows->field_count * sizeof *parcel->cells) ||
        !grow((void **)&parcel->keys, room, sizeof *parcel->keys) ||
        !grow((void **)&parcel->id_lens, room, sizeof *parcel->id_lens) ||
        (truth && !grow((void **)&parcel->truth, room, sizeof *parcel->truth)))
        return FAULT_MEMORY;
    parcel->room = room;
    return FAULT_NONE;
}

static void set_problem(struct parcel *parcel, uint64_t record, const char *problem)
{
    if (parcel->problem != NULL && parcel->problem_record <= record)
        return;
    parcel->problem = problem;
    parcel->problem_record = record;
}

static uint32_t *cells_of(const struct table_reader *reader, uint32_t in_batch)
{
    return reader->parcel.cells + (size_t)(reader->parcel.count + in_batch) * reader->rows->field_count;
}

static struct values *values_of(struct table_reader *reader, size_t field)
{
    return &reader->values[reader->rows->fields[field].values];
}

/* What a value in a field adds to a row's key. */
static uint64_t key_of(struct str text, size_t field)
{
    return values_mix(values_hash(text, field + 1));
}

/* What of the truth column tells one person from another; empty where nothing is known. */
static struct str truth_of(enum linkage_truth form, struct str typed)
{
    if (form == LINKAGE_TRUTH_WHOLE)
        return typed;
    size_t from = 0;
    while (from < typed.len && (typed.at[from] < '0' || typed.at[from] > '9'))
        from++;
    size_t to = from;
    while (to < typed.len && typed.at[to] >= '0' && typed.at[to] <= '9')
        to++;
    struct str digits = {typed.at + from, to - from};
    if (form == LINKAGE_TRUTH_TENS && digits.len == 1)
        return STR("0");
    if (form == LINKAGE_TRUTH_TENS && digits.len > 1)
        digits.len--;
    return digits;
}

/* A number as one writes it tells people apart by itself; 0: it is none, and gets a number among the texts.
 */
static uint32_t truth_of_number(struct str text)
{
    enum { DIGITS_MAX = 9 };
    uint32_t number = 0;
    if (text.len == 0 || text.len > DIGITS_MAX || (text.at[0] == '0' && text.len > 1))
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        number = number * 10 + (uint32_t)(text.at[i] - '0');
    }
    return TRUTH_NUMBERS + number;
}

static enum fault take_truths(struct table_reader *reader)
{
    struct parcel *parcel = &reader->parcel;
    struct reader_batch *batch = &reader->batch;
    struct values *values = &reader->values[TRUTHS_SLOT];
    enum fault fault = FAULT_NONE;
    if (parcel->truth == NULL)
        return FAULT_NONE;
    for (uint32_t i = 0; i < batch->count; i++) {
        batch->truths[i] = truth_of(reader->plan->spec->truth_form, batch->truths[i]);
        if (batch->truths[i].len > VALUE_BYTES_MAX) {
            set_problem(parcel, batch->records[i], "The truth is longer than 96 bytes.");
            batch->truths[i].len = 0;
        }
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        uint32_t *id = &parcel->truth[parcel->count + i];
        *id = truth_of_number(batch->truths[i]);
        if (*id == 0 && batch->truths[i].len > 0)
            TRY(values_take(values, batch->truths[i], 0, id));
    }
done:
    return fault;
}

static enum fault take_id(struct table_reader *reader, uint32_t i)
{
    struct parcel *parcel = &reader->parcel;
    struct str id = reader->batch.ids[i];
    if (id.len > ID_BYTES_MAX) {
        set_problem(parcel, reader->batch.records[i], "The row's id is longer than 255 bytes.");
        id.len = 0;
    }
    if (parcel->id_byte_count + id.len > parcel->id_byte_room) {
        size_t room = parcel->id_byte_room == 0 ? 1 << 12 : parcel->id_byte_room * 2;
        if (!grow((void **)&parcel->id_bytes, room, 1))
            return FAULT_MEMORY;
        parcel->id_byte_room = room;
    }
    if (id.len > 0)
        memcpy(parcel->id_bytes + parcel->id_byte_count, id.at, id.len);
    parcel->id_lens[parcel->count + i] = (uint8_t)id.len;
    parcel->id_byte_count += id.len;
    return FAULT_NONE;
}

/* A part of a full name. */
static enum fault take_part(struct table_reader *reader, uint32_t row, size_t field, const struct cell *cell)
{
    struct str text = {cell->text, cell->len};
    if (cell->len == 0)
        return FAULT_NONE;
    reader->parcel.keys[reader->parcel.count + row] += key_of(text, field);
    return values_take(values_of(reader, field), text, cell->number, &cells_of(reader, row)[field]);
}

/* The parts of a full name go before columns of their own: such columns are often made from it, titles and
 * all. One word alone stays in the part whose column has it. */
static enum fault take_name(struct table_reader *reader, uint32_t row, struct str typed)
{
    enum fault fault = FAULT_NONE;
    const struct plan *plan = reader->plan;
    uint32_t *at = cells_of(reader, row);
    uint32_t family = at[plan->family];
    struct cell_names names;
    cell_split_name(typed, &names);
    if (names.given.len == 0 && names.family.len == 0)
        return FAULT_NONE;
    at[plan->given] = at[plan->family] = 0;
    TRY(take_part(reader, row, plan->given, &names.given));
    TRY(take_part(reader, row, plan->family, &names.family));
    if (family != 0 && family == at[plan->given]) {
        at[plan->given] = 0;
        at[plan->family] = family;
    }
    if (at[plan->other] == 0)
        TRY(take_part(reader, row, plan->other, &names.other));
    reader->parcel.keys[reader->parcel.count + row] += values_mix(values_hash(typed, 0));
done:
    return fault;
}

static bool use_memos(const struct table_reader *reader, size_t column)
{
    return reader->memos != NULL &&
           (reader->looked[column] < MEMO_LOOKS || reader->found[column] >= reader->looked[column] / 4);
}

static void fetch_memos(struct table_reader *reader, size_t column, const struct reader_memo *memos)
{
    struct reader_batch *batch = &reader->batch;
    for (uint32_t i = 0; i < batch->count; i++) {
        batch->hashes[i] = values_hash(batch->typed[column][i], 0);
        __builtin_prefetch(&memos[batch->hashes[i] % MEMOS]);
    }
}

static bool is_known(const struct reader_memo *memo, struct str typed)
{
    return memo->len == typed.len && memcmp(memo->typed, typed.at, typed.len) == 0;
}

static void put_value(struct table_reader *reader, size_t field, uint32_t row, const struct reader_memo *memo)
{
    reader->parcel.keys[reader->parcel.count + row] += memo->key;
    if (memo->id != 0)
        cells_of(reader, row)[field] = memo->id;
}

/* Which of a column's values have to be made; the others are put into their rows. */
static size_t find_missed(struct table_reader *reader, size_t column, const struct reader_memo *memos)
{
    struct reader_batch *batch = &reader->batch;
    size_t field = reader->plan->fields[column];
    size_t missed = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct str typed = batch->typed[column][i];
        if (typed.len == 0)
            continue;
        if (memos != NULL && is_known(&memos[batch->hashes[i] % MEMOS], typed))
            put_value(reader, field, i, &memos[batch->hashes[i] % MEMOS]);
        else
            batch->missed[missed++] = (uint8_t)i;
    }
    return missed;
}

static enum fault take_column(struct table_reader *reader, size_t column)
{
    const struct linkage_column *as = &reader->plan->spec->columns[column];
    struct reader_batch *batch = &reader->batch;
    size_t field = reader->plan->fields[column];
    struct values *values = values_of(reader, field);
    struct reader_memo *memos = use_memos(reader, column) ? reader->memos + column * MEMOS : NULL;
    uint64_t hashes[READER_BATCH];
    if (memos != NULL)
        fetch_memos(reader, column, memos);
    size_t missed = find_missed(reader, column, memos);
    reader->looked[column] += memos != NULL ? batch->count : 0;
    reader->found[column] += memos != NULL ? batch->count - (uint32_t)missed : 0;
    for (size_t i = 0; i < missed; i++) {
        struct cell *cell = &batch->cells[i];
        cell_normalise(as->kind, as->date, batch->typed[column][batch->missed[i]], cell);
        hashes[i] = values_hash((struct str){cell->text, cell->len}, 0);
    }
    values_fetch_all(values, hashes, missed);
    for (size_t i = 0; i < missed; i++) {
        const struct cell *cell = &batch->cells[i];
        struct str typed = batch->typed[column][batch->missed[i]];
        struct reader_memo fresh = {.len = typed.len <= MEMO_BYTES ? (uint8_t)typed.len : 0};
        if (cell->len > 0) {
            struct str text = {cell->text, cell->len};
            fresh.key = key_of(text, field);
            enum fault fault = values_take_hashed(values, text, hashes[i], cell->number, &fresh.id);
            if (fault != FAULT_NONE)
                return fault;
        }
        put_value(reader, field, batch->missed[i], &fresh);
        if (memos != NULL) {
            memcpy(fresh.typed, typed.at, fresh.len);
            memos[batch->hashes[batch->missed[i]] % MEMOS] = fresh;
        }
    }
    return FAULT_NONE;
}

static enum fault take_names(struct table_reader *reader, size_t column)
{
    enum fault fault = FAULT_NONE;
    struct reader_batch *batch = &reader->batch;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch->typed[column][i].len > 0)
            TRY(take_name(reader, i, batch->typed[column][i]));
    }
done:
    return fault;
}

/* Full names come last. */
static enum fault take_columns(struct table_reader *reader)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_spec *spec = reader->plan->spec;
    size_t name = SIZE_MAX;
    for (size_t i = 0; i < spec->column_count; i++) {
        if (spec->columns[i].ignored || reader->places->columns[i] == NOWHERE)
            continue;
        if (spec->columns[i].kind == LINKAGE_NAME)
            name = i;
        else
            TRY(take_column(reader, i));
    }
    if (name != SIZE_MAX)
        TRY(take_names(reader, name));
done:
    return fault;
}

static enum fault take_batch(struct table_reader *reader)
{
    enum fault fault = FAULT_NONE;
    struct parcel *parcel = &reader->parcel;
    uint32_t count = reader->batch.count;
    TRY(make_room(reader, READER_BATCH));
    if (reader->memos == NULL && reader->taken >= MEMO_ROWS_LEAST) {
        size_t bytes = reader->plan->spec->column_count * MEMOS * sizeof *reader->memos;
        reader->memos = aligned_alloc(CACHE_LINE, bytes);
        if (reader->memos == NULL)
            return FAULT_MEMORY;
        memset(reader->memos, 0, bytes);
    }
    memset(cells_of(reader, 0), 0, (size_t)count * reader->rows->field_count * sizeof *parcel->cells);
    memset(parcel->keys + parcel->count, 0, count * sizeof *parcel->keys);
    TRY(take_columns(reader));
    for (uint32_t i = 0; i < count; i++)
        TRY(take_id(reader, i));
    TRY(take_truths(reader));
    parcel->count += count;
    reader->taken += count;
    reader->batch.count = 0;
done:
    return fault;
}

const char *record_problem_text(enum csv_problem problem)
{
    switch (problem) {
    case CSV_FINE:
        break;
    case CSV_QUOTES:
        return "A quote stands where none may.";
    case CSV_NUL:
        return "The record holds a NUL byte.";
    case CSV_UTF8:
        return "The record is not UTF-8.";
    case CSV_FIELDS:
        return "The record has more than 128 fields.";
    case CSV_TOO_LONG:
        return "The record is longer than 64 KiB.";
    }
    return "The record cannot be read.";
}

static struct str field_at(const struct csv_record *record, uint16_t place)
{
    struct str field = place < record->field_count ? record->fields[place] : STR("");
    if (field.len > 0 && field.at[0] > ' ' && field.at[field.len - 1] > ' ')
        return field; /* most have no blanks around them */
    return str_trim(field);
}

static enum fault on_record(void *context, const struct csv_record *record)
{
    struct table_reader *reader = context;
    struct reader_batch *batch = &reader->batch;
    const struct places *places = reader->places;
    reader->parcel.records = record->number;
    if (record->problem != CSV_FINE) {
        set_problem(&reader->parcel, record->number, record_problem_text(record->problem));
        return FAULT_NONE;
    }
    for (size_t i = 0; i < reader->plan->spec->column_count; i++)
        batch->typed[i][batch->count] = field_at(record, places->columns[i]);
    batch->ids[batch->count] = field_at(record, places->id);
    batch->truths[batch->count] = field_at(record, places->truth);
    batch->records[batch->count++] = record->number;
    return batch->count < READER_BATCH ? FAULT_NONE : take_batch(reader);
}

/* After a reader's first piece: a part of what would come if no value came twice; there is room for more when
 * more come. */
static enum fault expect_values(struct table_reader *reader, const struct pieces *pieces)
{
    enum fault fault = FAULT_NONE;
    uint64_t share = pieces->piece_count / reader->threads;
    for (size_t i = 0; i < VALUES_SLOTS && share > 1; i++) {
        uint64_t more = reader->values[i].count * share / 6;
        TRY(values_expect(&reader->values[i], (uint32_t)(more < VALUES_MAX ? more : VALUES_MAX)));
    }
done:
    return fault;
}

/* What the last piece needed is kept for the next. */
static void clear_parcel(struct parcel *parcel)
{
    parcel->count = 0;
    parcel->id_byte_count = 0;
    parcel->records = 0;
    parcel->problem = NULL;
}

static enum fault shelve(struct table_reader *reader, struct parcel *ret_parcel)
{
    struct parcel parcel = reader->parcel;
    struct shelf *shelf = &reader->shelf;
    size_t cells = parcel.count * reader->rows->field_count;
    bool truth = parcel.truth != NULL;
    parcel.cells = shelf_put(shelf, parcel.cells, cells * sizeof *parcel.cells);
    parcel.keys = shelf_put(shelf, parcel.keys, parcel.count * sizeof *parcel.keys);
    parcel.id_lens = shelf_put(shelf, parcel.id_lens, parcel.count);
    parcel.id_bytes = shelf_put(&reader->texts, parcel.id_bytes, parcel.id_byte_count);
    if (truth)
        parcel.truth = shelf_put(shelf, parcel.truth, parcel.count * sizeof *parcel.truth);
    bool all = parcel.cells != NULL && parcel.keys != NULL && parcel.id_lens != NULL &&
               parcel.id_bytes != NULL && (!truth || parcel.truth != NULL);
    if (all)
        *ret_parcel = parcel;
    return all ? FAULT_NONE : FAULT_MEMORY;
}

enum fault table_reader_piece(struct table_reader *reader, const struct places *places, struct pieces *pieces,
                              size_t number, struct parcel *ret_parcel)
{
    enum fault fault = FAULT_NONE;
    bool first = reader->taken == 0;
    reader->places = places;
    reader->batch.count = 0;
    clear_parcel(&reader->parcel);
    TRY(pieces_fetch(pieces, number, &reader->piece));
    TRY(cut_piece(pieces, &reader->piece, on_record, reader));
    if (reader->batch.count > 0)
        TRY(take_batch(reader));
    if (first)
        TRY(expect_values(reader, pieces));
    for (size_t i = 0; i < VALUES_SLOTS; i++)
        reader->parcel.values_end[i] = reader->values[i].count;
    fault = shelve(reader, ret_parcel);
done:
    return fault;
}
