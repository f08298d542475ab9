#include "base/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

struct csv_reader {
    struct csv_parser parser;
    csv_on_record on_record;
    void *context;
    struct buffer text; /* the fields of the record so far, end to end */
    size_t ends[CSV_FIELDS_MAX];
    size_t field_count;
    uint64_t record_number;
    enum csv_problem problem;
    enum fault fault;
};

enum fault csv_open(csv_on_record on_record, void *context, struct csv_reader **ret_reader)
{
    struct csv_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return FAULT_MEMORY;
    if (csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        free(reader);
        return FAULT_MEMORY;
    }
    reader->on_record = on_record;
    reader->context = context;
    reader->text = buffer_open(CSV_RECORD_BYTES_MAX);
    *ret_reader = reader;
    return FAULT_NONE;
}

void csv_close(struct csv_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->parser.entry_buf != NULL)
        explicit_bzero(reader->parser.entry_buf, reader->parser.entry_size);
    csv_free(&reader->parser);
    buffer_close(&reader->text);
    free(reader);
}

static void note_problem(struct csv_reader *reader, enum csv_problem problem)
{
    if (reader->problem == CSV_FINE)
        reader->problem = problem;
}

static void on_field(void *at, size_t len, void *context)
{
    struct csv_reader *reader = context;
    struct str field = {at, len};
    if (reader->field_count == CSV_FIELDS_MAX) {
        note_problem(reader, CSV_FIELDS);
        return;
    }
    if (len > 0 && memchr(field.at, '\0', len) != NULL)
        note_problem(reader, CSV_NUL);
    else if (!str_is_utf8(field))
        note_problem(reader, CSV_UTF8);
    buffer_put(&reader->text, field);
    if (buffer_fault(&reader->text) == FAULT_TOO_LARGE)
        note_problem(reader, CSV_TOO_LONG);
    else if (buffer_fault(&reader->text) != FAULT_NONE && reader->fault == FAULT_NONE)
        reader->fault = buffer_fault(&reader->text);
    reader->ends[reader->field_count++] = reader->text.len;
}

static void deliver(struct csv_reader *reader)
{
    struct str fields[CSV_FIELDS_MAX];
    size_t from = 0;
    size_t count = reader->problem == CSV_FINE ? reader->field_count : 0;
    for (size_t i = 0; i < count; i++) {
        fields[i] =
            (struct str){reader->text.at == NULL ? "" : reader->text.at + from, reader->ends[i] - from};
        from = reader->ends[i];
    }
    struct csv_record record = {++reader->record_number, reader->problem, fields, count};
    if (reader->fault == FAULT_NONE)
        reader->fault = reader->on_record(reader->context, &record);
    buffer_clear(&reader->text);
    reader->field_count = 0;
    reader->problem = CSV_FINE;
}

static void on_row(int terminator, void *context)
{
    (void)terminator;
    deliver(context);
}

static enum fault check(struct csv_reader *reader, bool parsed)
{
    if (reader->fault != FAULT_NONE)
        return reader->fault;
    if (parsed)
        return FAULT_NONE;
    if (csv_error(&reader->parser) != CSV_EPARSE)
        return FAULT_MEMORY;
    note_problem(reader, CSV_QUOTES);
    deliver(reader);
    return reader->fault != FAULT_NONE ? reader->fault : FAULT_MALFORMED;
}

enum fault csv_feed(struct csv_reader *reader, struct bytes piece)
{
    /* libcsv grows its buffer with the field, so that a 10 MB field is bounded here, piece by piece. */
    enum { STEP_BYTES = 16 * 1024 };
    while (piece.len > 0) {
        size_t step = piece.len < STEP_BYTES ? piece.len : STEP_BYTES;
        bool parsed = csv_parse(&reader->parser, piece.at, step, on_field, on_row, reader) == step;
        enum fault fault = check(reader, parsed);
        if (fault != FAULT_NONE)
            return fault;
        if (reader->parser.entry_pos > CSV_RECORD_BYTES_MAX) {
            /* One byte stays: libcsv takes a closing quote off again when the field ends. */
            reader->parser.entry_pos = 1;
            reader->parser.spaces = 0;
            note_problem(reader, CSV_TOO_LONG);
        }
        piece = (struct bytes){piece.at + step, piece.len - step};
    }
    return FAULT_NONE;
}

enum fault csv_finish(struct csv_reader *reader)
{
    bool parsed = csv_fini(&reader->parser, on_field, on_row, reader) == 0;
    return check(reader, parsed);
}

void csv_put(struct buffer *buffer, struct str field, bool first)
{
    if (!first)
        buffer_put_char(buffer, ',');
    bool quote = false;
    for (size_t i = 0; i < field.len && !quote; i++)
        quote = field.at[i] == ',' || field.at[i] == '"' || field.at[i] == '\n' || field.at[i] == '\r';
    quote = quote || str_trim(field).len != field.len; /* libcsv drops blanks around a plain field */
    if (!quote) {
        buffer_put(buffer, field);
        return;
    }
    buffer_put_char(buffer, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.at[i] == '"')
            buffer_put_char(buffer, '"');
        buffer_put_char(buffer, field.at[i]);
    }
    buffer_put_char(buffer, '"');
}

void csv_put_export(struct buffer *buffer, struct str field, bool first)
{
    if (field.len > 0 && memchr("=+-@\t\r", field.at[0], 6) != NULL) {
        struct buffer guarded = buffer_open(field.len + 1);
        buffer_put_char(&guarded, '\'');
        buffer_put(&guarded, field);
        if (buffer_fault(&guarded) == FAULT_NONE)
            csv_put(buffer, buffer_str(&guarded), first);
        else
            buffer->fault = buffer_fault(&guarded);
        buffer_close(&guarded);
        return;
    }
    csv_put(buffer, field, first);
}
