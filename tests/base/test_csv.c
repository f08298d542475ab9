#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"

/* What the reader delivered, written down as text: "1:[a][b]" per record, "2!3" for record 2 with problem 3.
 */
struct heard {
    struct buffer text;
    enum fault answer;
};

static enum fault hear(void *context, const struct csv_record *record)
{
    struct heard *heard = context;
    buffer_put_int(&heard->text, (int64_t)record->number);
    if (record->problem != CSV_FINE) {
        assert_int_equal(record->field_count, 0);
        buffer_put_char(&heard->text, '!');
        buffer_put_int(&heard->text, (int64_t)record->problem);
    } else {
        buffer_put_char(&heard->text, ':');
    }
    for (size_t i = 0; i < record->field_count; i++) {
        buffer_put_char(&heard->text, '[');
        buffer_put(&heard->text, record->fields[i]);
        buffer_put_char(&heard->text, ']');
    }
    buffer_put_char(&heard->text, ' ');
    return heard->answer;
}

/* Feeds `text` in pieces of `step` bytes and expects both the records and the fault. */
static void expect(struct str text, size_t step, const char *records, enum fault expected)
{
    struct heard heard = {buffer_open(1 << 20), FAULT_NONE};
    struct csv_reader *reader = NULL;
    assert_int_equal(csv_open(hear, &heard, &reader), FAULT_NONE);
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < text.len && fault == FAULT_NONE; i += step) {
        size_t len = text.len - i < step ? text.len - i : step;
        fault = csv_feed(reader, bytes_of((struct str){text.at + i, len}));
    }
    if (fault == FAULT_NONE)
        fault = csv_finish(reader);
    assert_int_equal(fault, expected);
    buffer_put_char(&heard.text, '\0');
    assert_string_equal(heard.text.at, records);
    csv_close(reader);
    buffer_close(&heard.text);
}

static void records_come_whole_however_the_file_is_cut(void **state)
{
    (void)state;
    struct str text = STR("type,record\r\nchild,\"Smith, Jo\"\r\n\"say \"\"hi\"\"\",\"two\nlines\"\nlast,");
    for (size_t step = 1; step <= text.len; step++)
        expect(text, step, "1:[type][record] 2:[child][Smith, Jo] 3:[say \"hi\"][two\nlines] 4:[last][] ",
               FAULT_NONE);
    expect(STR(""), 1, "", FAULT_NONE);
}

static void broken_quotes_end_reading(void **state)
{
    (void)state;
    expect(STR("a,b\nc\"d,e\nf,g\n"), 100, "1:[a][b] 2!1 ", FAULT_MALFORMED);
    expect(STR("a,\"b\"c\n"), 100, "1!1 ", FAULT_MALFORMED);
    expect(STR("a,\"never closed\n"), 100, "1!1 ", FAULT_MALFORMED);
}

static void nul_and_bad_utf8_cost_one_record(void **state)
{
    (void)state;
    expect(STR("a,b\nc\0c,d\ne,f\n"), 100, "1:[a][b] 2!2 3:[e][f] ", FAULT_NONE);
    expect(STR("a,b\n\xFF,d\ne,f\n"), 100, "1:[a][b] 2!3 3:[e][f] ", FAULT_NONE);
    expect(STR("\xED\xA0\x80\nM\xC3\xA9gane\n"), 1, "1!3 2:[M\xC3\xA9gane] ", FAULT_NONE);
}

static void too_many_fields_cost_one_record(void **state)
{
    (void)state;
    struct buffer text = buffer_open(4096);
    for (int i = 0; i < CSV_FIELDS_MAX; i++)
        buffer_put(&text, STR(","));
    buffer_put(&text, STR("\nnext\n"));
    expect(buffer_str(&text), 50, "1!4 2:[next] ", FAULT_NONE);
    buffer_close(&text);
}

/* A field of 10 MB, plain, quoted, of quotes and of blanks: one record is lost, and memory stays small. */
static void a_field_of_10_mb_is_bounded(void **state)
{
    (void)state;
    enum { TEN_MB = 10 * 1024 * 1024 };
    static const struct {
        struct str before;
        char filler;
        struct str after;
    } cases[] = {
        {STR("a,"), 'x', STR(",b\nnext\n")},        {STR("a,\""), 'x', STR("\",b\nnext\n")},
        {STR("a,\""), '"', STR("\",b\nnext\n")},    {STR("a,x"), ' ', STR(",b\nnext\n")},
        {STR("a,\"x\""), ' ', STR(",b\nnext\n")},   {STR("a,x"), ' ', STR("x,b\nnext\n")},
        {STR("a,\"x"), '\n', STR("\" ,b\nnext\n")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer text = buffer_open(TEN_MB + 100);
        buffer_put(&text, cases[i].before);
        char *filler = malloc(TEN_MB);
        assert_non_null(filler);
        memset(filler, cases[i].filler, TEN_MB);
        buffer_put(&text, (struct str){filler, TEN_MB});
        buffer_put(&text, cases[i].after);
        free(filler);
        expect(buffer_str(&text), 1 << 16, "1!5 2:[next] ", FAULT_NONE);
        buffer_close(&text);
    }
}

static void a_record_of_many_fields_is_bounded(void **state)
{
    (void)state;
    struct buffer text = buffer_open(1 << 20);
    for (int i = 0; i < 100; i++) {
        for (int j = 0; j < 1000; j++)
            buffer_put_char(&text, 'x');
        buffer_put_char(&text, ',');
    }
    buffer_put(&text, STR("\nnext\n"));
    expect(buffer_str(&text), 4096, "1!5 2:[next] ", FAULT_NONE);
    buffer_close(&text);
}

static void a_fault_of_the_callback_ends_reading(void **state)
{
    (void)state;
    struct heard heard = {buffer_open(1000), FAULT_CANCELLED};
    struct csv_reader *reader = NULL;
    assert_int_equal(csv_open(hear, &heard, &reader), FAULT_NONE);
    assert_int_equal(csv_feed(reader, bytes_of(STR("a\nb\nc\n"))), FAULT_CANCELLED);
    buffer_put_char(&heard.text, '\0');
    assert_string_equal(heard.text.at, "1:[a] ");
    csv_close(reader);
    csv_close(NULL);
    buffer_close(&heard.text);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const struct str fields[] = {STR("plain"), STR(""),       STR("a,b"),        STR("say \"hi\""),
                                        STR("x\ny"),  STR(" edge"),  STR("edge\t"),     STR("O'Neill"),
                                        STR("\""),    STR("a\r\nb"), STR("Ll\xC5\xB7r")};
    struct buffer text = buffer_open(1000);
    struct buffer expected = buffer_open(1000);
    buffer_put(&expected, STR("1:"));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        csv_put(&text, fields[i], i == 0);
        buffer_put_char(&expected, '[');
        buffer_put(&expected, fields[i]);
        buffer_put_char(&expected, ']');
    }
    buffer_put(&text, STR("\r\n"));
    buffer_put_char(&expected, ' ');
    buffer_put_char(&expected, '\0');
    expect(buffer_str(&text), 7, expected.at, FAULT_NONE);
    buffer_close(&text);
    buffer_close(&expected);
}

static void case_27_an_export_runs_no_formula(void **state)
{
    (void)state;
    struct buffer text = buffer_open(1000);
    static const struct str fields[] = {STR("=1+1"), STR("+1"),  STR("-1"), STR("@a"),
                                        STR("\tx"),  STR("\rx"), STR("1"),  STR("=\"a\",b")};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        csv_put_export(&text, fields[i], i == 0);
    buffer_put_char(&text, '\0');
    assert_string_equal(text.at, "'=1+1,'+1,'-1,'@a,'\tx,\"'\rx\",1,\"'=\"\"a\"\",b\"");
    buffer_close(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_whole_however_the_file_is_cut),
        cmocka_unit_test(broken_quotes_end_reading),
        cmocka_unit_test(nul_and_bad_utf8_cost_one_record),
        cmocka_unit_test(too_many_fields_cost_one_record),
        cmocka_unit_test(a_field_of_10_mb_is_bounded),
        cmocka_unit_test(a_record_of_many_fields_is_bounded),
        cmocka_unit_test(a_fault_of_the_callback_ends_reading),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(case_27_an_export_runs_no_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
