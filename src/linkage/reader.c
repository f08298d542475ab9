#include "linkage/reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

struct reading {
    struct csv_reader *csv; /* NULL: tabs */
    struct buffer line;     /* the beginning of a line that is not whole yet */
    csv_on_record on_record;
    void *context;
    uint64_t record_number;
};

static enum csv_problem problem_of(struct str line, size_t fields)
{
    if (line.len > CSV_RECORD_BYTES_MAX)
        return CSV_TOO_LONG;
    if (memchr(line.at, '\0', line.len) != NULL)
        return CSV_NUL;
    if (!str_is_utf8(line))
        return CSV_UTF8;
    return fields > CSV_FIELDS_MAX ? CSV_FIELDS : CSV_FINE;
}

static enum fault deliver_line(struct reading *reading, struct str line)
{
    struct str fields[CSV_FIELDS_MAX];
    struct str rest = line;
    struct str field;
    size_t count = 0;
    if (str_trim(line).len == 0)
        return FAULT_NONE;
    for (; str_split(&rest, '\t', &field); count++) {
        if (count < CSV_FIELDS_MAX)
            fields[count] = str_trim(field);
    }
    struct csv_record record = {++reading->record_number, problem_of(line, count), fields, count};
    if (record.problem != CSV_FINE)
        record.field_count = 0;
    return reading->on_record(reading->context, &record);
}

/* What is over the bound is kept as one byte too many, not whole. */
static void keep(struct buffer *line, struct str piece)
{
    size_t room = CSV_RECORD_BYTES_MAX + 1 - line->len;
    buffer_put(line, (struct str){piece.at, piece.len < room ? piece.len : room});
}

static enum fault feed_lines(struct reading *reading, struct str piece)
{
    enum fault fault = FAULT_NONE;
    while (fault == FAULT_NONE && piece.len > 0) {
        const char *end = memchr(piece.at, '\n', piece.len);
        size_t len = end == NULL ? piece.len : (size_t)(end - piece.at);
        if (len > 0)
            keep(&reading->line, (struct str){piece.at, len});
        fault = buffer_fault(&reading->line);
        if (end == NULL || fault != FAULT_NONE)
            break;
        fault = deliver_line(reading, buffer_str(&reading->line));
        buffer_clear(&reading->line);
        piece = (struct str){end + 1, piece.len - len - 1};
    }
    return fault;
}

static enum fault feed(struct reading *reading, struct str piece)
{
    if (reading->csv != NULL)
        return csv_feed(reading->csv, bytes_of(piece));
    return feed_lines(reading, piece);
}

static enum fault finish(struct reading *reading)
{
    if (reading->csv != NULL)
        return csv_finish(reading->csv);
    return reading->line.len == 0 ? FAULT_NONE : deliver_line(reading, buffer_str(&reading->line));
}

static enum fault read_path(struct reading *reading, const char *path)
{
    enum fault fault = FAULT_NONE;
    char *piece = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fault_note(FAULT_STORAGE, "a table cannot be opened");
    piece = malloc(PIECE_BYTES);
    if (piece == NULL)
        TRY(FAULT_MEMORY);
    for (;;) {
        ssize_t len = read(file, piece, PIECE_BYTES);
        if (len < 0)
            TRY(fault_note(FAULT_STORAGE, "a table cannot be read"));
        if (len == 0)
            break;
        TRY(feed(reading, (struct str){piece, (size_t)len}));
    }
done:
    if (piece != NULL)
        explicit_bzero(piece, PIECE_BYTES);
    free(piece);
    (void)close(file);
    return fault;
}

enum fault reader_run(const struct linkage_file *file, char delimiter, csv_on_record on_record, void *context)
{
    enum fault fault = FAULT_NONE;
    struct reading reading = {
        .line = buffer_open(CSV_RECORD_BYTES_MAX + 1), .on_record = on_record, .context = context};
    if (delimiter == ',')
        TRY(csv_open(on_record, context, &reading.csv));
    TRY(file->path != NULL ? read_path(&reading, file->path) : feed(&reading, file->text));
    TRY(finish(&reading));
done:
    csv_close(reading.csv);
    buffer_close(&reading.line);
    return fault;
}
