/* The model as text: what is written reads back, what is broken is told with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "match/model_file.h"

static void write_shipped(struct buffer *buffer)
{
    struct model_file file;
    *buffer = buffer_open(MODEL_TEXT_BYTES_MAX);
    model_file_ship(&file);
    file.m[MODEL_WEIGHT_birth_exact] = 931200;
    file.u[MODEL_WEIGHT_birth_exact] = 151;
    file.records = 20000;
    assert_int_equal(model_file_add(&file, STR("de souza"), 12000, 0), FAULT_NONE);
    assert_int_equal(model_file_add(&file, STR("smith"), 6554, 15000), FAULT_NONE);
    model_file_write(buffer, &file);
    assert_int_equal(buffer_fault(buffer), FAULT_NONE);
    model_file_close(&file);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct buffer first, again = buffer_open(MODEL_TEXT_BYTES_MAX);
    struct model_file file;
    uint32_t line = 0;
    uint8_t digests[2][MODEL_DIGEST_BYTES];
    write_shipped(&first);
    assert_int_equal(model_file_read(buffer_str(&first), &file, &line), FAULT_NONE);
    assert_memory_equal(&file.weights, &match_model_shipped, sizeof(file.weights));
    assert_int_equal(file.m[MODEL_WEIGHT_birth_exact], 931200);
    assert_int_equal(file.u[MODEL_WEIGHT_birth_exact], 151);
    assert_int_equal(file.records, 20000);
    assert_int_equal(model_file_share(&file, STR("smith"), PART_FAMILY), 6554);
    assert_int_equal(model_file_share(&file, STR("smith"), PART_GIVEN), 15000);
    assert_int_equal(model_file_share(&file, STR("de souza"), PART_FAMILY), 12000);
    assert_int_equal(model_file_share(&file, STR("jones"), PART_FAMILY), 0);
    model_file_write(&again, &file);
    assert_true(str_equal(buffer_str(&first), buffer_str(&again)));
    assert_int_equal(model_file_digest(&file, digests[0]), FAULT_NONE);
    file.weights.prior++;
    assert_int_equal(model_file_digest(&file, digests[1]), FAULT_NONE);
    assert_memory_not_equal(digests[0], digests[1], MODEL_DIGEST_BYTES);
    model_file_close(&file);
    buffer_close(&first);
    buffer_close(&again);
}

/* The shipped model's text with the first `old` changed to `new`. */
static enum fault read_changed(const char *old, const char *new, uint32_t *ret_line)
{
    struct buffer text, changed = buffer_open(MODEL_TEXT_BYTES_MAX);
    struct model_file file = {0};
    write_shipped(&text);
    buffer_put_char(&text, '\0');
    const char *at = strstr(text.at, old);
    assert_non_null(at);
    buffer_put(&changed, (struct str){text.at, (size_t)(at - text.at)});
    buffer_put(&changed, str_of(new));
    buffer_put(&changed, str_of(at + strlen(old)));
    *ret_line = 999;
    enum fault fault = model_file_read(buffer_str(&changed), &file, ret_line);
    model_file_close(&file);
    buffer_close(&text);
    buffer_close(&changed);
    return fault;
}

static void what_is_broken_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new;
        uint32_t line;
    } CASES[] = {
        {"contactpoint model 1", "contactpoint model 2", 1},
        {"contactpoint model 1", "something else", 1},
        {"weight prior ", "weight priors ", 6},
        {"weight prior ", "wait prior ", 6},
        {"weight prior -", "weight prior --", 6},
        {"weight prior -", "weight prior nan", 6},
        {"weight prior -", "weight prior 1e", 6},
        {"weight prior -", "weight prior -9", 6},
        {"weight sure ", "weight prior ", 7},
        {"end\n", "", 0},
        {"end\n", "end\nweight prior 1\n", 104},
        {"records 20000", "records -1", 3},
        {"share smith", "share Smith", 0},
        {"share smith", "share aaa", 0},
        {"seed 0\n", "seed 0\nshare smith 0 0\n", 6},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint32_t line;
        fault_clear_note();
        assert_int_equal(read_changed(CASES[i].old, CASES[i].new, &line), FAULT_MALFORMED);
        assert_true(strlen(fault_last_note()) > 10);
        if (CASES[i].line != 0 && CASES[i].line < 100)
            assert_int_equal(line, CASES[i].line);
    }
}

static void a_weight_that_is_missing_or_out_of_order_is_refused(void **state)
{
    (void)state;
    uint32_t line;
    assert_int_equal(read_changed("weight margin 6.0000\n", "", &line), FAULT_MALFORMED);
    assert_int_equal(line, 0);
    assert_int_equal(read_changed("weight sure ", "weight sure -", &line), FAULT_MALFORMED);
    assert_int_equal(read_changed("weight margin ", "weight margin -", &line), FAULT_MALFORMED);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    struct buffer text;
    write_shipped(&text);
    struct str whole = buffer_str(&text);
    for (size_t len = 0; len + 2 < whole.len; len++) {
        struct model_file file;
        uint32_t line;
        assert_int_equal(model_file_read((struct str){whole.at, len}, &file, &line), FAULT_MALFORMED);
    }
    buffer_close(&text);
}

/* default.model is read by the build, and can be read by anybody. */
static void what_is_shipped_reads_as_the_program_has_it(void **state)
{
    struct buffer text = buffer_open(MODEL_TEXT_BYTES_MAX);
    struct model_file file;
    char piece[4096];
    uint32_t line = 0;
    size_t got;
    FILE *source = fopen(*state, "re");
    assert_non_null(source);
    while ((got = fread(piece, 1, sizeof piece, source)) > 0)
        buffer_put(&text, (struct str){piece, got});
    (void)fclose(source);
    assert_int_equal(model_file_read(buffer_str(&text), &file, &line), FAULT_NONE);
    assert_memory_equal(&file.weights, &match_model_shipped, sizeof file.weights);
    model_file_close(&file);
    buffer_close(&text);
}

int main(int count, char **words)
{
    if (count != 2)
        return 2;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(what_is_shipped_reads_as_the_program_has_it, words[1]),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(what_is_broken_is_told_with_its_line),
        cmocka_unit_test(a_weight_that_is_missing_or_out_of_order_is_refused),
        cmocka_unit_test(every_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
