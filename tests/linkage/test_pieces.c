/* linkage/pieces.c, cut.c, table_reader.c, gather.c: a file that several threads read is the same as one that
 * one thread read, wherever pieces meet: within quotes, between CR and LF, in the middle of a record. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "linkage/inside.h"
#include "linkage/pieces.h"
#include "table.h"

enum { ROWS = 60 * 1000, TEXT_BYTES_MAX = 64 << 20 };

static const char SPEC[] =
    "[table]\nid = id\ntruth = who\n[columns]\nfirst = given\nlast = family\nborn = birth\n"
    "street = address\nnhs = identifier\n";
static const char HEADER[] = "id,who,first,last,born,street,nhs\n";

/* Repeatable. */
static uint32_t number_of(uint32_t row, uint32_t salt)
{
    return (uint32_t)(values_mix(row * (uint64_t)31 + salt) >> 33);
}

/* Quotes, commas, line ends of both kinds within and between records, empty lines, rows without an id. */
static void put_row(struct buffer *text, uint32_t row)
{
    char line[256];
    static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\r\n \t\r\n"};
    static const char *const names[] = {"Ann", "\"Zo\xC3\xAB\"", "Jos\xC3\xA9", " Mary ",
                                        "\"Anna, \"\"Nan\"\"\""};
    if (row % 7 != 0)
        buffer_put_int(text, row);
    (void)snprintf(line, sizeof line, ",%u,%s,\"Fam\nily %u\",19%02u-0%u-1%u,", row / 3,
                   names[number_of(row, 1) % 5], number_of(row, 2) % 997, 10 + number_of(row, 3) % 90,
                   1 + number_of(row, 4) % 9, number_of(row, 5) % 10);
    buffer_put(text, str_of(line));
    if (row % 5 == 0)
        (void)snprintf(line, sizeof line, "\"%u, High \"\"Street\"\"\r\nFlat %u\"", number_of(row, 6) % 90,
                       row);
    else
        (void)snprintf(line, sizeof line, "%u Low Road", number_of(row, 6) % 900);
    buffer_put(text, str_of(line));
    (void)snprintf(line, sizeof line, ",%u%s", 100000 + number_of(row, 7) % 50000,
                   ends[number_of(row, 8) % 5]);
    buffer_put(text, str_of(line));
}

static struct buffer make_text(uint32_t rows)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    buffer_put(&text, str_of(HEADER));
    for (uint32_t i = 0; i < rows; i++)
        put_row(&text, i);
    assert_int_equal(buffer_fault(&text), FAULT_NONE);
    assert_true(text.len > 3 * PIECES_PIECE_BYTES);
    return text;
}

static enum fault read_by(const char *spec_text, const struct linkage_file *files, size_t count,
                          unsigned threads, struct linkage_rows **ret_rows, struct linkage_error *ret_error)
{
    struct linkage_spec spec = table_spec(spec_text);
    const struct linkage_source source = {
        .spec = &spec, .files = files, .file_count = count, .threads = threads};
    return linkage_rows_read(&source, ret_rows, ret_error);
}

static struct linkage_rows *load_by(const struct linkage_file *files, size_t count, unsigned threads)
{
    struct linkage_rows *rows = NULL;
    struct linkage_error error;
    assert_int_equal(read_by(SPEC, files, count, threads, &rows, &error), FAULT_NONE);
    return rows;
}

/* Ids of values, too. */
static void assert_same(const struct linkage_rows *a, const struct linkage_rows *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->first, b->first);
    assert_memory_equal(a->cells, b->cells, (size_t)a->count * a->field_count * sizeof *a->cells);
    assert_memory_equal(a->keys, b->keys, a->count * sizeof *a->keys);
    assert_memory_equal(a->order_keys, b->order_keys, a->count * sizeof *a->order_keys);
    assert_memory_equal(a->truth, b->truth, a->count * sizeof *a->truth);
    for (uint32_t i = 0; i < a->count; i++)
        assert_true(str_equal(linkage_rows_id(a, i), linkage_rows_id(b, i)));
    for (size_t i = 0; i < a->field_count; i++) {
        const struct values *left = &a->values[a->fields[i].values], *right = &b->values[b->fields[i].values];
        assert_int_equal(left->count, right->count);
        assert_int_equal(a->fields[i].filled, b->fields[i].filled);
        assert_memory_equal(a->fields[i].counts, b->fields[i].counts,
                            (left->count + 1) * sizeof *a->fields[i].counts);
        for (uint32_t id = 1; id <= left->count; id++)
            assert_true(str_equal(values_text(left, id), values_text(right, id)));
    }
}

/* Every row is there, and is itself. */
static void expect_rows(const struct linkage_rows *rows)
{
    size_t street = rows_field(rows, LINKAGE_ADDRESS, SIZE_MAX);
    size_t nhs = rows_field(rows, LINKAGE_IDENTIFIER, SIZE_MAX);
    assert_int_equal(rows->count, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        char expected[64];
        const uint32_t *cells = rows_cells(rows, i);
        (void)snprintf(expected, sizeof expected, "%u", i % 7 != 0 ? i : i + 1);
        assert_true(str_equal(linkage_rows_id(rows, i), str_of(expected)));
        (void)snprintf(expected, sizeof expected, "%u", 100000 + number_of(i, 7) % 50000);
        assert_true(
            str_equal(values_text(&rows->values[rows->fields[nhs].values], cells[nhs]), str_of(expected)));
        if (i % 5 == 0)
            (void)snprintf(expected, sizeof expected, "%u high street flat %u", number_of(i, 6) % 90, i);
        else
            (void)snprintf(expected, sizeof expected, "%u low road", number_of(i, 6) % 900);
        assert_true(str_equal(values_text(&rows->values[rows->fields[street].values], cells[street]),
                              str_of(expected)));
        assert_int_not_equal(linkage_rows_truth(rows, i), 0);
        assert_true(i == 0 ||
                    (linkage_rows_truth(rows, i) == linkage_rows_truth(rows, i - 1)) == (i % 3 != 0));
    }
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct buffer text = make_text(ROWS);
    const struct linkage_file file = {.text = buffer_str(&text)};
    struct linkage_rows *one = load_by(&file, 1, 1);
    expect_rows(one);
    static const unsigned threads[] = {2, 3, 7};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct linkage_rows *several = load_by(&file, 1, threads[i]);
        assert_same(one, several);
        linkage_rows_close(several);
    }
    linkage_rows_close(one);
    buffer_close(&text);
}

static void two_files(void **state)
{
    (void)state;
    struct buffer text = make_text(ROWS);
    const struct linkage_file files[] = {{.text = buffer_str(&text)}, {.text = buffer_str(&text)}};
    struct linkage_rows *one = load_by(files, 2, 1);
    struct linkage_rows *several = load_by(files, 2, 3);
    assert_int_equal(one->count, 2 * ROWS);
    assert_int_equal(one->first, ROWS);
    assert_same(one, several);
    assert_memory_equal(rows_cells(one, 0), rows_cells(one, ROWS),
                        (size_t)ROWS * one->field_count * sizeof *one->cells);
    linkage_rows_close(one);
    linkage_rows_close(several);
    buffer_close(&text);
}

/* What is written into a pipe. */
struct filling {
    int end;
    struct str text;
};

static void *fill(void *at)
{
    struct filling *filling = at;
    struct str left = filling->text;
    while (left.len > 0) {
        ssize_t written = write(filling->end, left.at, left.len);
        if (written <= 0)
            break;
        left = (struct str){left.at + written, left.len - (size_t)written};
    }
    (void)close(filling->end);
    return NULL;
}

static void files_and_pipes(void **state)
{
    (void)state;
    char path[] = "/tmp/contactpoint-pieces-XXXXXX";
    char pipe_path[32];
    int ends[2];
    pthread_t filler;
    struct buffer text = make_text(ROWS);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    struct filling filling = {fd, buffer_str(&text)};
    (void)fill(&filling);
    const struct linkage_file memory = {.text = buffer_str(&text)}, disk = {.path = path};
    struct linkage_rows *one = load_by(&memory, 1, 1);
    struct linkage_rows *read = load_by(&disk, 1, 3);
    assert_same(one, read);
    linkage_rows_close(read);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(pipe_path, sizeof pipe_path, "/dev/fd/%d", ends[0]);
    filling.end = ends[1];
    assert_int_equal(pthread_create(&filler, NULL, fill, &filling), 0);
    const struct linkage_file piped = {.path = pipe_path};
    read = load_by(&piped, 1, 2);
    assert_int_equal(pthread_join(filler, NULL), 0);
    assert_same(one, read);
    (void)close(ends[0]);
    linkage_rows_close(read);
    linkage_rows_close(one);
    buffer_close(&text);
}

/* The first record that is wrong is told, whoever met another first. */
static void expect_problem(struct str text, uint64_t record, const char *says)
{
    static const unsigned threads[] = {1, 2, 5};
    const struct linkage_file file = {.text = text};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct linkage_rows *rows = NULL;
        struct linkage_error error;
        assert_int_equal(read_by(SPEC, &file, 1, threads[i], &rows, &error), FAULT_INVALID);
        assert_null(rows);
        assert_int_equal(error.file, 1);
        assert_int_equal(error.line, record);
        assert_non_null(strstr(error.message, says));
    }
}

static struct buffer wrong_text(const char *wrong)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    buffer_put(&text, str_of(HEADER));
    for (uint32_t i = 0; i < ROWS; i++) {
        if (i == ROWS / 2)
            buffer_put(&text, str_of(wrong));
        else if (i % (ROWS / 8) == 7 && i > ROWS / 2)
            buffer_put(&text, STR("9,9,\xFF,,,,\n"));
        else
            put_row(&text, i);
    }
    assert_int_equal(buffer_fault(&text), FAULT_NONE);
    return text;
}

static void the_first_problem(void **state)
{
    (void)state;
    char *wide = calloc(1, 300);
    assert_non_null(wide);
    memset(wide, ',', 200);
    memcpy(wide + 200, "\n", 2);
    const struct {
        const char *wrong;
        const char *says;
    } cases[] = {
        {"1,1,a\xC3(,b,,,\n", "not UTF-8"}, {"1,1,\"a\"b,c,,,\n", "quote"}, {"1,1,a\"b,c,,,\n", "quote"},
        {"1,1,\"a,b,,,\n\"x", "quote"},     {wide, "128 fields"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer text = wrong_text(cases[i].wrong);
        expect_problem(buffer_str(&text), ROWS / 2 + 2, cases[i].says);
        buffer_close(&text);
    }
    free(wide);
}

/* A quote that is never closed takes what is behind it for one record: no more than the longest is looked at.
 */
static void an_open_quote(void **state)
{
    (void)state;
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    buffer_put(&text, str_of(HEADER));
    buffer_put(&text, STR("1,1,\"ann,lee,,,\n"));
    for (uint32_t i = 0; i < 200 * 1000; i++)
        buffer_put(&text, STR("2,2,ben,poe,,,\n"));
    expect_problem(buffer_str(&text), 2, "64 KiB");
    buffer_close(&text);
    text = buffer_open(TEXT_BYTES_MAX);
    buffer_put(&text, str_of(HEADER));
    buffer_put(&text, STR("1,1,\"ann,lee,,,\n2,2,ben,poe,,,"));
    expect_problem(buffer_str(&text), 2, "quote");
    buffer_close(&text);
}

/* As long as it may be, or a little longer, across the place where pieces meet. */
static void long_records(void **state)
{
    (void)state;
    for (int quoted = 0; quoted < 2; quoted++) {
        for (int over = 0; over < 2; over++) {
            struct buffer text = buffer_open(TEXT_BYTES_MAX);
            uint32_t rows = 0;
            buffer_put(&text, str_of(HEADER));
            while (text.len < PIECES_PIECE_BYTES - 1000) {
                buffer_put(&text, STR("2,2,ben,poe,,,\n"));
                rows++;
            }
            buffer_put(&text, quoted ? STR("3,3,\"") : STR("3,3,"));
            for (uint32_t i = 0; i < 64 * 1024 - 20 + (over ? 200u : 0u); i++)
                buffer_put_char(&text, (char)('a' + i % 26));
            buffer_put(&text, quoted ? STR("\",b,,,\n4,4,ann,lee,,,\n") : STR(",b,,,\n4,4,ann,lee,,,\n"));
            if (over) {
                expect_problem(buffer_str(&text), rows + 2, "64 KiB");
            } else {
                const struct linkage_file file = {.text = buffer_str(&text)};
                struct linkage_rows *read = load_by(&file, 1, 2);
                assert_int_equal(read->count, rows + 2);
                linkage_rows_close(read);
            }
            buffer_close(&text);
        }
    }
}

static void a_late_header(void **state)
{
    (void)state;
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < PIECES_PIECE_BYTES; i++)
        buffer_put(&text, STR(" \r\n"));
    expect_problem(buffer_str(&text), 0, "empty");
    buffer_put(&text, str_of(HEADER));
    buffer_put(&text, STR("4,4,ann,lee,,,"));
    const struct linkage_file file = {.text = buffer_str(&text)};
    struct linkage_rows *rows = load_by(&file, 1, 2);
    assert_int_equal(rows->count, 1);
    linkage_rows_close(rows);
    buffer_close(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing), cmocka_unit_test(two_files),
        cmocka_unit_test(files_and_pipes),        cmocka_unit_test(the_first_problem),
        cmocka_unit_test(an_open_quote),          cmocka_unit_test(long_records),
        cmocka_unit_test(a_late_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
