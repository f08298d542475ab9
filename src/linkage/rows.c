#include "linkage/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "linkage/cell.h"
#include "linkage/inside.h"
#include "linkage/reader.h"

enum { ROOM_FIRST = 1024, NOWHERE = UINT16_MAX };

/* A small table is read without. */
enum { MEMOS = 4096, MEMO_BYTES = 27, MEMO_ROWS_LEAST = 4096 };

/* What a typed value was made into when it was last met in its column: most are met again. */
struct memo {
    uint64_t key; /* what it adds to the row's key */
    uint32_t id;
    uint8_t len; /* 0: nothing yet */
    char typed[MEMO_BYTES];
};

/* Where the spec's columns are in the file that is being read. */
struct loading {
    const struct linkage_spec *spec;
    struct linkage_rows *rows;
    struct linkage_error *error;
    unsigned file;
    bool opened; /* the columns are known */
    uint16_t places[LINKAGE_COLUMNS_MAX];
    uint16_t id;
    uint16_t truth;
    uint8_t column_fields[LINKAGE_COLUMNS_MAX]; /* the field that a column fills; not for LINKAGE_NAME */
    uint8_t given;                              /* fields; UINT8_MAX: none */
    uint8_t family;
    uint8_t other;
    uint32_t file_rows;
    struct memo *memos; /* MEMOS a column; NULL: the table is small as yet */
};

static bool shares_values(enum linkage_kind kind, enum linkage_kind other)
{
    bool names = kind == LINKAGE_GIVEN || kind == LINKAGE_FAMILY || kind == LINKAGE_OTHER;
    bool other_names = other == LINKAGE_GIVEN || other == LINKAGE_FAMILY || other == LINKAGE_OTHER;
    return (names && other_names) || (kind == LINKAGE_ADDRESS && other == LINKAGE_ADDRESS);
}

/* The field of a part of a name, made where there is none, or a new field of another kind. */
static enum fault take_field(struct loading *loading, enum linkage_kind kind, uint8_t *ret_field)
{
    struct linkage_rows *rows = loading->rows;
    bool part = kind == LINKAGE_GIVEN || kind == LINKAGE_FAMILY || kind == LINKAGE_OTHER;
    size_t found = part ? rows_field(rows, kind, SIZE_MAX) : SIZE_MAX;
    if (found == SIZE_MAX) {
        if (rows->field_count == FIELDS_MAX)
            return linkage_error_set(loading->error, 0, 0, STR(""),
                                     "There are more than 16 things to compare; ignore some columns.");
        found = rows->field_count++;
        rows->fields[found] = (struct field){.kind = kind, .values = (uint8_t)found};
        rows->values[found].dates = kind == LINKAGE_BIRTH;
        for (size_t i = 0; i < found; i++) {
            if (shares_values(rows->fields[i].kind, kind)) {
                rows->fields[found].values = rows->fields[i].values;
                break;
            }
        }
    }
    *ret_field = (uint8_t)found;
    return FAULT_NONE;
}

static enum fault plan_fields(struct loading *loading)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_spec *spec = loading->spec;
    loading->given = loading->family = loading->other = UINT8_MAX;
    for (size_t i = 0; i < spec->column_count && fault == FAULT_NONE; i++) {
        enum linkage_kind kind = spec->columns[i].kind;
        if (spec->columns[i].ignored)
            continue;
        if (kind == LINKAGE_NAME || kind == LINKAGE_GIVEN)
            TRY(take_field(loading, LINKAGE_GIVEN, &loading->given));
        if (kind == LINKAGE_NAME || kind == LINKAGE_FAMILY)
            TRY(take_field(loading, LINKAGE_FAMILY, &loading->family));
        if (kind == LINKAGE_NAME || kind == LINKAGE_OTHER)
            TRY(take_field(loading, LINKAGE_OTHER, &loading->other));
        if (kind != LINKAGE_NAME)
            TRY(take_field(loading, kind, &loading->column_fields[i]));
    }
done:
    return fault;
}

static struct str field_at(const struct csv_record *record, uint16_t place)
{
    return place < record->field_count ? str_trim(record->fields[place]) : STR("");
}

/* The place of a column; NOWHERE where the file has none. */
static uint16_t find_column(const struct loading *loading, const struct csv_record *first, const char *name)
{
    if (!loading->spec->header) {
        int64_t number = 0;
        bool is_number = str_to_int(str_of(name), 1, CSV_FIELDS_MAX, &number);
        return is_number && (size_t)number <= first->field_count ? (uint16_t)(number - 1) : NOWHERE;
    }
    for (size_t i = 0; i < first->field_count; i++) {
        struct str cell = first->fields[i];
        if (i == 0 && str_starts(cell, STR("\xEF\xBB\xBF"))) /* a byte order mark */
            cell = (struct str){cell.at + 3, cell.len - 3};
        if (str_equal(str_trim(cell), str_of(name)))
            return (uint16_t)i;
    }
    return NOWHERE;
}

static enum fault locate(const struct loading *loading, const struct csv_record *first, const char *name,
                         bool optional, uint16_t *ret_place)
{
    *ret_place = name[0] == '\0' ? NOWHERE : find_column(loading, first, name);
    if (*ret_place == NOWHERE && name[0] != '\0' && !optional)
        return linkage_error_set(
            loading->error, loading->file, first->number, str_of(name),
            "The file has no such column; mend the spec, or say optional after its kind.");
    return FAULT_NONE;
}

static enum fault open_columns(struct loading *loading, const struct csv_record *first)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_spec *spec = loading->spec;
    for (size_t i = 0; i < spec->column_count; i++)
        TRY(locate(loading, first, spec->columns[i].name, spec->columns[i].optional, &loading->places[i]));
    TRY(locate(loading, first, spec->id, false, &loading->id));
    TRY(locate(loading, first, spec->truth, false, &loading->truth));
    loading->opened = true;
done:
    return fault;
}

static bool grow(void **array, size_t room, size_t size_bytes)
{
    void *larger = realloc(*array, room * size_bytes);
    if (larger != NULL)
        *array = larger;
    return larger != NULL;
}

static enum fault make_room(struct linkage_rows *rows)
{
    if (rows->count < rows->room)
        return FAULT_NONE;
    uint32_t room = rows->room == 0 ? ROOM_FIRST : rows->room * 2;
    if (!grow((void **)&rows->cells, room, rows->field_count * sizeof *rows->cells) ||
        !grow((void **)&rows->keys, room, sizeof *rows->keys) ||
        !grow((void **)&rows->order_keys, room, sizeof *rows->order_keys) ||
        !grow((void **)&rows->ids, room, sizeof *rows->ids) ||
        (rows->truth != NULL && !grow((void **)&rows->truth, room, sizeof *rows->truth)))
        return FAULT_MEMORY;
    rows->room = room;
    return FAULT_NONE;
}

enum { ID_BYTES_MAX = 255 };

static enum fault keep_id(struct loading *loading, const struct csv_record *record, struct str id)
{
    struct linkage_rows *rows = loading->rows;
    char number[24];
    if (id.len == 0) {
        (void)snprintf(number, sizeof number, "%u", loading->file_rows + 1);
        id = str_of(number);
    }
    if (id.len > ID_BYTES_MAX)
        return linkage_error_set(loading->error, loading->file, record->number, STR(""),
                                 "The row's id is longer than 255 bytes.");
    if (rows->id_byte_count + id.len > rows->id_byte_room) {
        size_t room = rows->id_byte_room == 0 ? 1 << 16 : rows->id_byte_room * 2;
        if (!grow((void **)&rows->id_bytes, room, 1))
            return FAULT_MEMORY;
        rows->id_byte_room = room;
    }
    memcpy(rows->id_bytes + rows->id_byte_count, id.at, id.len);
    rows->ids[rows->count] = (uint64_t)rows->id_byte_count << 16 | id.len;
    rows->id_byte_count += id.len;
    return FAULT_NONE;
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

static enum fault keep_truth(struct loading *loading, const struct csv_record *record)
{
    struct linkage_rows *rows = loading->rows;
    uint32_t id = 0;
    if (rows->truth == NULL)
        return FAULT_NONE;
    struct str truth = truth_of(loading->spec->truth_form, field_at(record, loading->truth));
    if (truth.len > VALUE_BYTES_MAX)
        return linkage_error_set(loading->error, loading->file, record->number, STR(""),
                                 "The truth is longer than 96 bytes.");
    enum fault fault = truth.len == 0 ? FAULT_NONE : values_take(&rows->truths, truth, 0, &id);
    rows->truth[rows->count] = id;
    return fault;
}

static enum fault keep_cell(struct linkage_rows *rows, size_t number, const struct cell *cell)
{
    uint32_t *at = rows->cells + (size_t)rows->count * rows->field_count + number;
    struct str text = {cell->text, cell->len};
    if (cell->len == 0)
        return FAULT_NONE;
    rows->keys[rows->count] += values_mix(values_hash(text, number + 1));
    return values_take(&rows->values[rows->fields[number].values], text, cell->number, at);
}

/* The parts of a full name go before columns of their own: such columns are often made from it, titles and
 * all. One word alone stays in the part whose column has it. */
static enum fault keep_name(struct loading *loading, struct str typed)
{
    enum fault fault = FAULT_NONE;
    struct linkage_rows *rows = loading->rows;
    uint32_t *at = rows->cells + (size_t)rows->count * rows->field_count;
    uint32_t family = at[loading->family];
    struct cell_names names;
    cell_split_name(typed, &names);
    if (names.given.len == 0 && names.family.len == 0)
        return FAULT_NONE;
    at[loading->given] = at[loading->family] = 0;
    TRY(keep_cell(rows, loading->given, &names.given));
    TRY(keep_cell(rows, loading->family, &names.family));
    if (family != 0 && family == at[loading->given]) {
        at[loading->given] = 0;
        at[loading->family] = family;
    }
    if (at[loading->other] == 0)
        TRY(keep_cell(rows, loading->other, &names.other));
    rows->keys[rows->count] += values_mix(values_hash(typed, 0));
done:
    return fault;
}

static enum fault keep_typed(struct loading *loading, size_t column, struct str typed)
{
    struct linkage_rows *rows = loading->rows;
    const struct linkage_column *as = &loading->spec->columns[column];
    size_t field = loading->column_fields[column];
    uint32_t *at = rows->cells + (size_t)rows->count * rows->field_count + field;
    if (typed.len == 0)
        return FAULT_NONE;
    struct memo none = {.len = 0};
    struct memo *memo = &none;
    if (loading->memos != NULL)
        memo = &loading->memos[column * MEMOS + values_hash(typed, 0) % MEMOS];
    if (memo->len != typed.len || memcmp(memo->typed, typed.at, typed.len) != 0) {
        struct cell cell;
        struct memo fresh = {.len = typed.len <= MEMO_BYTES ? (uint8_t)typed.len : 0};
        memcpy(fresh.typed, typed.at, fresh.len);
        cell_normalise(as->kind, as->date, typed, &cell);
        struct str text = {cell.text, cell.len};
        if (cell.len > 0) {
            fresh.key = values_mix(values_hash(text, field + 1));
            enum fault fault =
                values_take(&rows->values[rows->fields[field].values], text, cell.number, &fresh.id);
            if (fault != FAULT_NONE)
                return fault;
        }
        *memo = fresh;
    }
    rows->keys[rows->count] += memo->key;
    if (memo->id != 0)
        *at = memo->id;
    return FAULT_NONE;
}

static enum fault keep_cells(struct loading *loading, const struct csv_record *record)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_spec *spec = loading->spec;
    struct linkage_rows *rows = loading->rows;
    if (rows->count == MEMO_ROWS_LEAST && loading->memos == NULL) {
        loading->memos = calloc(spec->column_count * MEMOS, sizeof *loading->memos);
        if (loading->memos == NULL)
            return FAULT_MEMORY;
    }
    const struct linkage_column *name = NULL;
    struct str full = STR("");
    memset(rows->cells + (size_t)rows->count * rows->field_count, 0, rows->field_count * sizeof *rows->cells);
    rows->keys[rows->count] = 0;
    for (size_t i = 0; i < spec->column_count; i++) {
        const struct linkage_column *column = &spec->columns[i];
        if (column->ignored)
            continue;
        if (column->kind == LINKAGE_NAME) {
            name = column;
            full = field_at(record, loading->places[i]);
            continue;
        }
        TRY(keep_typed(loading, i, field_at(record, loading->places[i])));
    }
    if (name != NULL && full.len > 0)
        TRY(keep_name(loading, full));
done:
    return fault;
}

static const char *problem_text(enum csv_problem problem)
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

static enum fault on_record(void *context, const struct csv_record *record)
{
    enum fault fault = FAULT_NONE;
    struct loading *loading = context;
    struct linkage_rows *rows = loading->rows;
    if (record->problem != CSV_FINE)
        return linkage_error_set(loading->error, loading->file, record->number, STR(""),
                                 problem_text(record->problem));
    if (!loading->opened) {
        TRY(open_columns(loading, record));
        if (loading->spec->header)
            return FAULT_NONE;
    }
    if (rows->count == LINKAGE_ROWS_MAX)
        return linkage_error_set(loading->error, loading->file, record->number, STR(""),
                                 "There are more than 16 million rows.");
    TRY(make_room(rows));
    struct str id = field_at(record, loading->id);
    TRY(keep_cells(loading, record));
    TRY(keep_id(loading, record, id));
    TRY(keep_truth(loading, record));
    rows->order_keys[rows->count] = values_hash(id, rows->keys[rows->count]);
    loading->file_rows++;
    rows->count++;
done:
    return fault;
}

static enum fault load_file(struct loading *loading, const struct linkage_file *file)
{
    loading->opened = false;
    loading->file_rows = 0;
    loading->file++;
    enum fault fault = reader_run(file, loading->spec->delimiter, on_record, loading);
    if (fault == FAULT_NONE && !loading->opened)
        return linkage_error_set(loading->error, loading->file, 0, STR(""), "The file is empty.");
    if (fault == FAULT_STORAGE)
        (void)linkage_error_set(loading->error, loading->file, 0, STR(""), "The file cannot be read.");
    if (fault == FAULT_MALFORMED)
        fault = FAULT_INVALID; /* on_record has said what is wrong */
    return fault;
}

static enum fault count_values(struct linkage_rows *rows)
{
    for (size_t i = 0; i < rows->field_count; i++) {
        struct field *field = &rows->fields[i];
        field->counts = calloc((size_t)rows->values[field->values].count + 1, sizeof *field->counts);
        if (field->counts == NULL)
            return FAULT_MEMORY;
        for (uint32_t row = 0; row < rows->count; row++) {
            uint32_t id = rows_cells(rows, row)[i];
            field->counts[id] += id != 0;
            field->filled += id != 0;
        }
    }
    return FAULT_NONE;
}

enum fault linkage_rows_load(const struct linkage_spec *spec, const struct linkage_file *files,
                             size_t file_count, struct linkage_rows **ret_rows,
                             struct linkage_error *ret_error)
{
    enum fault fault = FAULT_NONE;
    must(file_count >= 1 && file_count <= LINKAGE_FILES_MAX);
    *ret_error = (struct linkage_error){.message = NULL};
    struct linkage_rows *rows = calloc(1, sizeof *rows);
    struct loading loading = {.spec = spec, .rows = rows, .error = ret_error};
    if (rows == NULL)
        return FAULT_MEMORY;
    rows->file_count = (uint32_t)file_count;
    TRY(plan_fields(&loading));
    if (spec->truth[0] != '\0' && (rows->truth = calloc(1, sizeof *rows->truth)) == NULL)
        TRY(FAULT_MEMORY);
    for (size_t i = 0; i < file_count; i++) {
        TRY(load_file(&loading, &files[i]));
        if (i == 0)
            rows->first = rows->count;
    }
    TRY(count_values(rows));
    *ret_rows = rows;
    rows = NULL;
done:
    if (loading.memos != NULL)
        explicit_bzero(loading.memos, spec->column_count * MEMOS * sizeof *loading.memos);
    free(loading.memos);
    linkage_rows_close(rows);
    return fault;
}

void linkage_rows_close(struct linkage_rows *rows)
{
    if (rows == NULL)
        return;
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        free(rows->fields[i].counts);
        values_close(&rows->values[i]);
    }
    values_close(&rows->truths);
    if (rows->id_bytes != NULL)
        explicit_bzero(rows->id_bytes, rows->id_byte_room);
    free(rows->cells);
    free(rows->keys);
    free(rows->order_keys);
    free(rows->ids);
    free(rows->id_bytes);
    free(rows->truth);
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
    return rows->keys[row];
}
