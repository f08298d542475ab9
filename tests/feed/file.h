/* Feed files made for a test: content in memory, header computed or given. */
#ifndef TESTS_FEED_FILE_H
#define TESTS_FEED_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* after the four that it needs */
#include <cmocka.h>

#include "base/buffer.h"
#include "feed/feed_file.h"

/* A body that begins with the right line of columns. */
struct buffer body_open(void);

/* One row of the columns given as name and value in turn, NULL at the end; the others stay empty. */
void body_row(struct buffer *body, const char *const *fields);

/* A plain file without a name that holds the text; close() it. */
int file_of(struct str text);

/* The same with a right header line for `rows` rows of a full health batch before the body. */
int file_signed(const struct buffer *body, int64_t rows, int64_t sequence);

/* The header line for a body, without LF; valid until the next call. */
const char *header_of(struct str body, const char *source, int64_t rows, int64_t sequence, const char *mode);

/* All that a second pass gives, in order: "1 FINE given|family;2 UTF8 |;" */
struct str rows_of(int fd, struct buffer *told);

/* The fault and trouble of opening. */
enum fault open_trouble(int fd, struct feed_trouble *trouble);

#define CHILD(...) ((const char *const[]){"type", "child", __VA_ARGS__, NULL})

#endif
