#include "feed/feed_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/csv.h"
#include "file.h"

enum { TOLD_BYTES_MAX = 1024 * 1024 };

/* The rows of a signed body must be told like this. */
static void check_rows(const struct buffer *body, int64_t rows, const char *expected)
{
    struct buffer told = buffer_open(TOLD_BYTES_MAX);
    int fd = file_signed(body, rows, 1);
    struct str got = rows_of(fd, &told);
    if (!str_equal(got, str_of(expected)))
        fail_msg("told: %.*s", (int)got.len, got.at);
    (void)close(fd);
    buffer_close(&told);
}

/* A signed body must be refused whole, at that line, with these words. */
static void check_refused(const struct buffer *body, int64_t rows, uint64_t line, const char *says)
{
    struct feed_trouble trouble = {0};
    int fd = file_signed(body, rows, 1);
    assert_int_equal(open_trouble(fd, &trouble), FAULT_MALFORMED);
    if (strstr(trouble.text, says) == NULL || trouble.line != line)
        fail_msg("line %llu: %s", (unsigned long long)trouble.line, trouble.text);
    (void)close(fd);
}

static void test_people_of_every_name(void **state)
{
    (void)state;
    struct buffer body = body_open();
    body_row(&body, CHILD("given", "Cher"));
    body_row(&body, CHILD("family", "O'Brien", "given", "Niamh"));
    body_row(&body, CHILD("family", "Smith-Jones", "given", "Anne-Marie"));
    body_row(&body, CHILD("family", "Llywelyn", "given", "Siôn Llŷr"));
    body_row(&body, CHILD("family", "Wiśniewski", "given", "Łukasz"));
    body_row(&body, CHILD("family", "الحسن", "given", "محمد"));
    body_row(&body, CHILD("family", "  Blanks  ", "given", "\tTabs\t"));
    body_row(&body, CHILD("family", "Decomposed", "given", "Zoe\xCC\x88"));
    body_row(&body, CHILD("family", "A \"quoted\" name", "given", "with, comma"));
    check_rows(&body, 9,
               "3 FINE Cher|;4 FINE Niamh|O'Brien;5 FINE Anne-Marie|Smith-Jones;6 FINE Siôn Llŷr|Llywelyn;"
               "7 FINE Łukasz|Wiśniewski;8 FINE محمد|الحسن;9 FINE Tabs|Blanks;10 FINE Zo\xC3\xAB|Decomposed;"
               "11 FINE with, comma|A \"quoted\" name;");
    buffer_close(&body);
}

/* What is wrong with one row leaves the others whole, and every row its line. */
static void test_bad_rows_keep_their_lines(void **state)
{
    (void)state;
    struct buffer body = body_open();
    body_row(&body, CHILD("given", "First"));
    buffer_put(&body, STR("child,too,few\n"));
    buffer_put(&body, STR("\n\n"));
    body_row(&body, CHILD("given", "\xFF\xFE"));
    buffer_put(&body, (struct str){"child,nul\0here\n", 15});
    body_row(&body, CHILD("given", "On\ntwo lines"));
    body_row(&body, CHILD("given", "Last"));
    check_rows(&body, 6, "3 FINE First|;4 FIELDS |;7 UTF8 |;8 NUL |;9 FINE On\ntwo lines|;11 FINE Last|;");
    buffer_close(&body);
}

static void test_line_ends_of_either_kind(void **state)
{
    (void)state;
    struct buffer lf = body_open(), body = buffer_open(TOLD_BYTES_MAX);
    body_row(&lf, CHILD("given", "One"));
    body_row(&lf, CHILD("given", "Two"));
    for (size_t i = 0; i < lf.len; i++) {
        if (lf.at[i] == '\n')
            buffer_put_char(&body, '\r');
        buffer_put_char(&body, lf.at[i]);
    }
    check_rows(&body, 2, "3 FINE One|;4 FINE Two|;");
    lf.len--; /* no end of line at the end of the file */
    check_rows(&lf, 2, "3 FINE One|;4 FINE Two|;");
    buffer_close(&lf);
    buffer_close(&body);
}

static void test_a_row_of_ten_megabytes(void **state)
{
    (void)state;
    enum { LONG_BYTES = 10 * 1024 * 1024 };
    struct buffer body = body_open();
    body_row(&body, CHILD("given", "Before"));
    for (int quoted = 0; quoted < 2; quoted++) {
        buffer_put(&body, quoted ? STR("\"") : STR("child,"));
        for (size_t i = 0; i < LONG_BYTES; i++)
            buffer_put_char(&body, 'x');
        buffer_put(&body, quoted ? STR("\"\n") : STR("\n"));
    }
    body_row(&body, CHILD("given", "After"));
    check_rows(&body, 4, "3 FINE Before|;4 RECORD_TOO_LONG |;5 RECORD_TOO_LONG |;6 FINE After|;");
    buffer_close(&body);
}

static void test_very_long_names_pass_to_their_check(void **state)
{
    (void)state;
    char name[3001];
    memset(name, 'n', sizeof name - 1);
    name[3000] = '\0';
    struct buffer body = body_open(), told = buffer_open(TOLD_BYTES_MAX);
    body_row(&body, CHILD("family", name));
    int fd = file_signed(&body, 1, 1);
    assert_int_equal(rows_of(fd, &told).len, strlen("3 FINE |;") + 3000);
    (void)close(fd);
    buffer_close(&told);
    buffer_close(&body);
}

static void test_broken_quotes_refuse_the_file(void **state)
{
    (void)state;
    struct buffer body = body_open();
    body_row(&body, CHILD("given", "Fine"));
    buffer_put(&body, STR("child,\"broken\"quote,x\n"));
    body_row(&body, CHILD("given", "Never"));
    check_refused(&body, 3, 4, "a quote stands where none may");
    buffer_close(&body);
    body = body_open();
    buffer_put(&body, STR("child,\"never closed\n"));
    check_refused(&body, 1, 3, "a quote stands where none may");
    buffer_close(&body);
}

static void test_counts_must_agree(void **state)
{
    (void)state;
    struct buffer body = body_open();
    body_row(&body, CHILD("given", "Only"));
    check_refused(&body, 2, 0, "announces 2 rows and 1 follow");
    check_refused(&body, 0, 0, "announces 0 rows and 1 follow");
    buffer_close(&body);
    body = body_open();
    check_rows(&body, 0, "");
    buffer_clear(&body);
    check_refused(&body, 0, 2, "the line of columns is missing");
    buffer_close(&body);
}

/* Each change of one byte behind the header is seen. */
static void test_checksum_sees_every_byte(void **state)
{
    (void)state;
    struct buffer body = body_open();
    body_row(&body, CHILD("family", "Smith", "given", "Ada"));
    const char *header = header_of(buffer_str(&body), "health", 1, 1, "full");
    size_t head = strlen(header) + 1;
    struct buffer text = buffer_open(TOLD_BYTES_MAX);
    buffer_put(&text, str_of(header));
    buffer_put_char(&text, '\n');
    buffer_put(&text, buffer_str(&body));
    struct feed_trouble trouble;
    int fd = file_of(buffer_str(&text));
    assert_int_equal(open_trouble(fd, &trouble), FAULT_NONE);
    for (size_t i = head; i < text.len; i++) {
        char spoiled = (char)(text.at[i] ^ 1);
        assert_int_equal(pwrite(fd, &spoiled, 1, (off_t)i), 1);
        assert_int_equal(open_trouble(fd, &trouble), FAULT_MALFORMED);
        assert_int_equal(pwrite(fd, &text.at[i], 1, (off_t)i), 1);
    }
    assert_int_equal(ftruncate(fd, (off_t)text.len - 1), 0);
    assert_int_equal(open_trouble(fd, &trouble), FAULT_MALFORMED);
    assert_non_null(strstr(trouble.text, "SHA-256"));
    (void)close(fd);
    buffer_close(&text);
    buffer_close(&body);
}

/* The line of columns with one name changed, left out or added. */
static struct buffer columns_without(const char *name, const char *instead)
{
    struct buffer body = buffer_open(TOLD_BYTES_MAX);
    for (int i = 0; i < COLUMNS_END; i++) {
        const char *column = row_column((enum column)i)->name;
        if (strcmp(column, name) == 0)
            column = instead;
        if (column != NULL)
            csv_put(&body, str_of(column), body.len == 0);
    }
    return body;
}

static void test_columns_are_named(void **state)
{
    (void)state;
    struct buffer body = columns_without("postcode", NULL);
    check_refused(&body, 0, 2, "the column `postcode` is missing");
    buffer_close(&body);
    body = columns_without("assessment", NULL);
    check_refused(&body, 0, 2, "the column `assessment` is missing");
    buffer_close(&body);
    body = columns_without("none", NULL);
    buffer_put(&body, STR(",nickname"));
    check_refused(&body, 0, 2, "the column `nickname` at place");
    buffer_clear(&body);
    buffer_put(&body, STR("O'Brien,Niamh\n"));
    check_refused(&body, 0, 2, "the column `type` is missing");
    buffer_close(&body);
    body = columns_without("none", NULL);
    buffer_put(&body, STR(",O'Brien"));
    check_refused(&body, 0, 2, "the column at place");
    buffer_close(&body);
    body = columns_without("family", "given");
    buffer_put(&body, STR(",family"));
    check_refused(&body, 0, 2, "`given` stands at place 3, where it should be family");
    buffer_close(&body);
}

static void test_no_feed_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } all[] = {{"", "the file is empty"},
               {"hello", "this is no feed"},
               {"family,given\nSmith,Ada\n", "this is no feed"},
               {"#contactpoint-feed,version=1", "no end within 4 KiB"}};
    struct feed_trouble trouble;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int fd = file_of(str_of(all[i].text));
        assert_int_equal(open_trouble(fd, &trouble), FAULT_MALFORMED);
        assert_non_null(strstr(trouble.text, all[i].says));
        (void)close(fd);
    }
    static char endless[1024 * 1024];
    memset(endless, 'x', sizeof endless);
    int fd = file_of((struct str){endless, sizeof endless});
    assert_int_equal(open_trouble(fd, &trouble), FAULT_MALFORMED);
    (void)close(fd);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(open_trouble(ends[0], &trouble), FAULT_INVALID);
    assert_non_null(strstr(trouble.text, "no plain file"));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Context of a taker that changes the file under the reader. */
struct meddler {
    int fd;
    off_t at;
    int64_t taken;
};

static enum fault meddle(void *context, int64_t row_number, const struct row *row, enum row_problem problem)
{
    struct meddler *meddler = context;
    (void)row, (void)problem;
    assert_int_equal(row_number, ++meddler->taken);
    if (row_number == 1)
        assert_int_equal(pwrite(meddler->fd, "X", 1, meddler->at), 1);
    return FAULT_NONE;
}

/* R14.2: what was checked is what is loaded. */
static void test_a_file_changed_in_between(void **state)
{
    (void)state;
    struct buffer body = body_open();
    for (int i = 0; i < 5000; i++)
        body_row(&body, CHILD("family", "Smith", "given", "Ada"));
    int fd = file_signed(&body, 5000, 1);
    struct feed_file *feed = NULL;
    struct feed_trouble trouble = {0};
    assert_int_equal(feed_open(fd, &feed, &trouble), FAULT_NONE);
    struct meddler meddler = {.fd = fd, .at = (off_t)body.len - 20};
    assert_int_equal(feed_each(feed, meddle, &meddler, &trouble), FAULT_CONFLICT);
    assert_non_null(strstr(trouble.text, "changed while it was read"));
    feed_close(feed);
    (void)close(fd);
    buffer_close(&body);
}

static enum fault give_up(void *context, int64_t row_number, const struct row *row, enum row_problem problem)
{
    int64_t *taken = context;
    (void)row, (void)problem;
    *taken = row_number;
    return row_number == 2 ? FAULT_STORAGE : FAULT_NONE;
}

static void test_the_takers_fault_ends_it(void **state)
{
    (void)state;
    struct buffer body = body_open();
    for (int i = 0; i < 4; i++)
        body_row(&body, CHILD("given", "Ada"));
    int fd = file_signed(&body, 4, 1);
    struct feed_file *feed = NULL;
    struct feed_trouble trouble = {0};
    int64_t taken = 0;
    assert_int_equal(feed_open(fd, &feed, &trouble), FAULT_NONE);
    assert_int_equal(feed_each(feed, give_up, &taken, &trouble), FAULT_STORAGE);
    assert_int_equal(taken, 2);
    assert_int_equal(trouble.text[0], '\0');
    assert_int_equal(feed_header(feed)->rows, 4);
    feed_close(feed);
    feed_close(NULL);
    (void)close(fd);
    buffer_close(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_of_every_name),
        cmocka_unit_test(test_bad_rows_keep_their_lines),
        cmocka_unit_test(test_line_ends_of_either_kind),
        cmocka_unit_test(test_a_row_of_ten_megabytes),
        cmocka_unit_test(test_very_long_names_pass_to_their_check),
        cmocka_unit_test(test_broken_quotes_refuse_the_file),
        cmocka_unit_test(test_counts_must_agree),
        cmocka_unit_test(test_checksum_sees_every_byte),
        cmocka_unit_test(test_columns_are_named),
        cmocka_unit_test(test_no_feed_at_all),
        cmocka_unit_test(test_a_file_changed_in_between),
        cmocka_unit_test(test_the_takers_fault_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
