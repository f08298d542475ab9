#include "file.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/csv.h"

enum { BODY_BYTES_MAX = 32 * 1024 * 1024 };

struct buffer body_open(void)
{
    struct buffer body = buffer_open(BODY_BYTES_MAX);
    for (int i = 0; i < COLUMNS_END; i++)
        csv_put(&body, str_of(row_column((enum column)i)->name), i == 0);
    buffer_put_char(&body, '\n');
    return body;
}

void body_row(struct buffer *body, const char *const *fields)
{
    for (int i = 0; i < COLUMNS_END; i++) {
        struct str value = STR("");
        for (const char *const *at = fields; at[0] != NULL; at += 2)
            if (str_equal(str_of(at[0]), str_of(row_column((enum column)i)->name)))
                value = str_of(at[1]);
        csv_put(body, value, i == 0);
    }
    buffer_put_char(body, '\n');
    assert_int_equal(buffer_fault(body), FAULT_NONE);
}

int file_of(struct str text)
{
    int fd = memfd_create("feed", MFD_CLOEXEC);
    assert_true(fd >= 0);
    size_t done = 0;
    while (done < text.len) {
        ssize_t wrote = write(fd, text.at + done, text.len - done);
        assert_true(wrote > 0);
        done += (size_t)wrote;
    }
    return fd;
}

const char *header_of(struct str body, const char *source, int64_t rows, int64_t sequence, const char *mode)
{
    static char line[512];
    uint8_t digest[crypto_hash_sha256_BYTES];
    char text[2 * sizeof digest + 1];
    (void)crypto_hash_sha256(digest, (const uint8_t *)body.at, body.len);
    (void)sodium_bin2hex(text, sizeof text, digest, sizeof digest);
    int len = snprintf(line, sizeof line,
                       "#contactpoint-feed,version=1,source=%s,sequence=%" PRId64
                       ",mode=%s,as-of=2026-11-01,rows=%010" PRId64 ",removals=0,sha256=%s",
                       source, sequence, mode, rows, text);
    assert_true(len > 0 && (size_t)len < sizeof line);
    return line;
}

int file_signed(const struct buffer *body, int64_t rows, int64_t sequence)
{
    struct buffer text = buffer_open(BODY_BYTES_MAX + 512);
    buffer_put(&text, str_of(header_of(buffer_str(body), "health", rows, sequence, "full")));
    buffer_put_char(&text, '\n');
    buffer_put(&text, buffer_str(body));
    assert_int_equal(buffer_fault(&text), FAULT_NONE);
    int fd = file_of(buffer_str(&text));
    buffer_close(&text);
    return fd;
}

struct telling {
    struct buffer *text;
    const struct feed_file *feed;
};

static enum fault tell_row(void *context, int64_t row_number, const struct row *row, enum row_problem problem)
{
    const struct telling *telling = context;
    (void)row_number;
    buffer_put_int(telling->text, (int64_t)feed_line(telling->feed));
    buffer_put_char(telling->text, ' ');
    buffer_put(telling->text, str_of(row_problem_name(problem)));
    buffer_put_char(telling->text, ' ');
    buffer_put(telling->text, row->at[COLUMN_given]);
    buffer_put_char(telling->text, '|');
    buffer_put(telling->text, row->at[COLUMN_family]);
    buffer_put_char(telling->text, ';');
    return FAULT_NONE;
}

struct str rows_of(int fd, struct buffer *told)
{
    struct feed_file *feed = NULL;
    struct feed_trouble trouble = {0};
    struct telling telling = {.text = told};
    enum fault fault = feed_open(fd, &feed, &trouble);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), trouble.text);
    telling.feed = feed;
    assert_int_equal(feed_each(feed, tell_row, &telling, &trouble), FAULT_NONE);
    feed_close(feed);
    assert_int_equal(buffer_fault(told), FAULT_NONE);
    return buffer_str(told);
}

enum fault open_trouble(int fd, struct feed_trouble *trouble)
{
    struct feed_file *feed = NULL;
    enum fault fault = feed_open(fd, &feed, trouble);
    feed_close(feed);
    return fault;
}
