#include "feed/feed_file.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"
#include "feed/feed_header.h"
#include "feed/normal.h"

enum { CHUNK_BYTES = 256 * 1024, ROW_ARENA_BYTES = 4 * 1024 * 1024, NAME_BYTES_MAX = 40 };

struct feed_file {
    int fd;
    struct batch_header header;
    off_t body;        /* where the second line begins */
    uint64_t line;     /* that is being read */
    uint64_t row_line; /* on which the record under way begins */
    bool line_begins;  /* the next byte is a line's first */
    int64_t rows;      /* read so far in this pass */
    struct feed_trouble *trouble;
    struct arena *arena; /* of one row */
    load_take take;      /* NULL in the first pass */
    void *take_context;
    char chunk[CHUNK_BYTES];
};

static enum fault refuse(struct feed_file *feed, uint64_t line, const char *text)
{
    feed->trouble->line = line;
    (void)snprintf(feed->trouble->text, sizeof feed->trouble->text, "%s", text);
    return FAULT_MALFORMED;
}

static int column_of(struct str name)
{
    for (int i = 0; i < COLUMNS_END; i++)
        if (str_equal(name, str_of(row_column((enum column)i)->name)))
            return i;
    return -1;
}

/* Only what looks like a column's name is quoted: anything may stand here. */
static bool is_quotable(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool letter = (name.at[i] >= 'a' && name.at[i] <= 'z') || (name.at[i] >= '0' && name.at[i] <= '9');
        if (!letter && name.at[i] != '_')
            return false;
    }
    return name.len > 0 && name.len <= NAME_BYTES_MAX;
}

static enum fault refuse_column(struct feed_file *feed, const struct csv_record *record, size_t at)
{
    struct feed_trouble *trouble = feed->trouble;
    const char *wanted = at < COLUMNS_END ? row_column((enum column)at)->name : NULL;
    struct str found = at < record->field_count ? record->fields[at] : STR("");
    trouble->line = feed->row_line;
    bool elsewhere = false;
    for (size_t i = 0; wanted != NULL && i < record->field_count; i++)
        elsewhere = elsewhere || str_equal(str_trim(record->fields[i]), str_of(wanted));
    if (wanted != NULL && !elsewhere)
        (void)snprintf(trouble->text, sizeof trouble->text,
                       "the column `%s` is missing; it belongs to place %zu (contactpoint feed schema lists "
                       "them all)",
                       wanted, at + 1);
    else if (column_of(found) >= 0)
        (void)snprintf(trouble->text, sizeof trouble->text,
                       "the column `%.*s` stands at place %zu%s%s: put the columns in the order of "
                       "contactpoint feed schema, each once",
                       (int)found.len, found.at, at + 1, wanted != NULL ? ", where it should be " : "",
                       wanted != NULL ? wanted : "");
    else
        (void)snprintf(trouble->text, sizeof trouble->text,
                       "the column %s%.*s%sat place %zu is not known: leave it out (contactpoint feed schema "
                       "lists them all)",
                       is_quotable(found) ? "`" : "", is_quotable(found) ? (int)found.len : 0,
                       found.at == NULL ? "" : found.at, is_quotable(found) ? "` " : "", at + 1);
    return FAULT_MALFORMED;
}

static enum fault check_columns(struct feed_file *feed, const struct csv_record *record)
{
    if (record->problem != CSV_FINE)
        return refuse(feed, feed->row_line,
                      "the line of columns is not UTF-8, or holds NUL bytes, or is far too long");
    for (size_t i = 0; i < record->field_count || i < COLUMNS_END; i++)
        if (i >= record->field_count || i >= COLUMNS_END ||
            !str_equal(str_trim(record->fields[i]), str_of(row_column((enum column)i)->name)))
            return refuse_column(feed, record, i);
    return FAULT_NONE;
}

static enum row_problem problem_of(const struct csv_record *record)
{
    switch (record->problem) {
    case CSV_FINE:
        return record->field_count == COLUMNS_END ? ROW_FINE : ROW_FIELDS;
    case CSV_QUOTES: /* refused before */
    case CSV_FIELDS:
        return ROW_FIELDS;
    case CSV_NUL:
        return ROW_NUL;
    case CSV_UTF8:
        return ROW_UTF8;
    case CSV_TOO_LONG:
        return ROW_RECORD_TOO_LONG;
    }
    return ROW_FIELDS;
}

static enum fault give_row(struct feed_file *feed, const struct csv_record *record)
{
    struct row row = {0};
    enum row_problem problem = problem_of(record);
    if (arena_used_bytes(feed->arena) > 0)
        arena_reset(feed->arena);
    for (size_t i = 0; i < COLUMNS_END; i++)
        row.at[i] = STR("");
    for (size_t i = 0; i < COLUMNS_END && problem == ROW_FINE; i++) {
        enum fault fault = feed_normal(str_trim(record->fields[i]), feed->arena, &row.at[i]);
        if (fault != FAULT_NONE)
            return fault;
    }
    return feed->take(feed->take_context, feed->rows, &row, problem);
}

static enum fault on_record(void *context, const struct csv_record *record)
{
    struct feed_file *feed = context;
    enum fault fault = FAULT_NONE;
    if (record->problem == CSV_QUOTES)
        return refuse(
            feed, feed->row_line,
            "a quote stands where none may: put the field into quotes and double those inside, then "
            "count and sign the file again");
    if (record->number == 1) {
        fault = check_columns(feed, record);
    } else {
        feed->rows++;
        if (feed->take != NULL)
            fault = give_row(feed, record);
    }
    feed->row_line = feed->line + 1;
    return fault;
}

/* Does the piece end a line that has nothing on it, between records? */
static bool is_empty_line(const struct feed_file *feed, struct bytes line)
{
    return feed->line_begins && feed->row_line == feed->line &&
           (line.len == 1 || (line.len == 2 && line.at[0] == '\r'));
}

/* Line by line, so that every record knows where it stands. */
static enum fault feed_lines(struct feed_file *feed, struct csv_reader *csv, struct bytes piece)
{
    enum fault fault = FAULT_NONE;
    while (piece.len > 0) {
        const uint8_t *end = memchr(piece.at, '\n', piece.len);
        struct bytes line = {piece.at, end == NULL ? piece.len : (size_t)(end - piece.at) + 1};
        TRY(csv_feed(csv, line));
        if (end != NULL && is_empty_line(feed, line))
            feed->row_line++;
        feed->line_begins = end != NULL;
        feed->line += end != NULL ? 1 : 0;
        piece = (struct bytes){piece.at + line.len, piece.len - line.len};
    }
done:
    return fault;
}

static enum fault read_body(struct feed_file *feed, struct csv_reader *csv, uint8_t digest[32])
{
    crypto_hash_sha256_state hash;
    enum fault fault = FAULT_NONE;
    off_t at = feed->body;
    (void)crypto_hash_sha256_init(&hash);
    for (;;) {
        ssize_t got = pread(feed->fd, feed->chunk, sizeof feed->chunk, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            (void)refuse(feed, 0, "the file cannot be read to its end: check its disk");
            return FAULT_STORAGE;
        }
        if (got == 0)
            break;
        struct bytes piece = {(const uint8_t *)feed->chunk, (size_t)got};
        (void)crypto_hash_sha256_update(&hash, piece.at, piece.len);
        TRY(feed_lines(feed, csv, piece));
        at += got;
    }
    TRY(csv_finish(csv));
    (void)crypto_hash_sha256_final(&hash, digest);
done:
    return fault;
}

/* One pass over all that follows the header line. */
static enum fault pass(struct feed_file *feed, uint8_t digest[32])
{
    struct csv_reader *csv = NULL;
    feed->rows = 0;
    feed->line = 2;
    feed->row_line = 2;
    feed->line_begins = true;
    enum fault fault = csv_open(on_record, feed, &csv);
    if (fault != FAULT_NONE)
        return fault;
    fault = read_body(feed, csv, digest);
    csv_close(csv);
    return fault;
}

static enum fault check_body(struct feed_file *feed)
{
    uint8_t digest[32];
    enum fault fault;
    TRY(pass(feed, digest));
    if (feed->line == 2 && feed->row_line == 2) {
        fault = refuse(feed, 2, "the line of columns is missing");
    } else if (feed->rows != feed->header.rows) {
        feed->trouble->line = 0;
        (void)snprintf(feed->trouble->text, sizeof feed->trouble->text,
                       "the header announces %" PRId64 " rows and %" PRId64
                       " follow: send the file again, whole",
                       feed->header.rows, feed->rows);
        fault = FAULT_MALFORMED;
    } else if (sodium_memcmp(digest, feed->header.digest, sizeof digest) != 0) {
        fault =
            refuse(feed, 0,
                   "the SHA-256 of what follows the first line is not the header's: the file was changed or "
                   "cut; send it again, whole");
    }
done:
    return fault;
}

static enum fault read_header(struct feed_file *feed)
{
    struct stat status;
    if (fstat(feed->fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)refuse(feed, 0, "this is no plain file: give the name of one, since a feed is read twice");
        return FAULT_INVALID;
    }
    ssize_t got;
    do
        got = pread(feed->fd, feed->chunk, FEED_HEADER_BYTES_MAX, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        (void)refuse(feed, 0, "the file cannot be read: check its disk");
        return FAULT_STORAGE;
    }
    if (got == 0)
        return refuse(feed, 0, "the file is empty");
    const char *end = memchr(feed->chunk, '\n', (size_t)got);
    if (end == NULL) /* says what the beginning is, where it is no feed at all */
        return str_starts((struct str){feed->chunk, (size_t)got}, STR("#contactpoint-feed"))
                   ? refuse(feed, 1, "the header line has no end within 4 KiB: it ends in LF")
                   : refuse(feed, 1,
                            "this is no feed: the first line must begin with #contactpoint-feed,version=1 "
                            "(docs/feeds.md)");
    size_t len = (size_t)(end - feed->chunk);
    feed->body = (off_t)len + 1;
    return feed_header_read((struct str){feed->chunk, len}, &feed->header, feed->trouble);
}

enum fault feed_open(int fd, struct feed_file **ret_feed, struct feed_trouble *trouble)
{
    struct feed_file *feed = calloc(1, sizeof *feed);
    enum fault fault;
    *trouble = (struct feed_trouble){0};
    if (feed == NULL)
        return FAULT_MEMORY;
    feed->fd = fd;
    feed->trouble = trouble;
    if (sodium_init() < 0) {
        fault = fault_note(FAULT_SYSTEM, "libsodium does not start");
        goto done;
    }
    TRY(arena_open(ROW_ARENA_BYTES, &feed->arena));
    TRY(read_header(feed));
    TRY(check_body(feed));
    *ret_feed = feed;
    return FAULT_NONE;
done:
    feed_close(feed);
    return fault;
}

void feed_close(struct feed_file *feed)
{
    if (feed == NULL)
        return;
    arena_close(feed->arena);
    explicit_bzero(feed->chunk, sizeof feed->chunk);
    free(feed);
}

const struct batch_header *feed_header(const struct feed_file *feed)
{
    return &feed->header;
}

uint64_t feed_line(const struct feed_file *feed)
{
    return feed->row_line;
}

enum fault feed_each(struct feed_file *feed, load_take take, void *take_context, struct feed_trouble *trouble)
{
    uint8_t digest[32];
    feed->take = take;
    feed->take_context = take_context;
    feed->trouble = trouble;
    enum fault fault = pass(feed, digest);
    feed->take = NULL;
    bool changed = fault == FAULT_MALFORMED && trouble->text[0] != '\0';
    if (fault == FAULT_NONE)
        changed =
            feed->rows != feed->header.rows || sodium_memcmp(digest, feed->header.digest, sizeof digest) != 0;
    if (changed) {
        (void)refuse(feed, 0, "the file was changed while it was read: nothing was loaded; load it again");
        return FAULT_CONFLICT;
    }
    return fault;
}
