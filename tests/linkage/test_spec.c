/* linkage/spec.c: what a spec may say, and that every wrong line is named. */
#include "table.h"

static void whole(void **state)
{
    (void)state;
    struct linkage_spec spec = table_spec("# a table\r\n"
                                          "[table]\n"
                                          "delimiter = tab\n"
                                          "id = rec_id\n"
                                          "truth = the truth digits\n"
                                          "\n"
                                          "[columns]\n"
                                          "  given name =  given  \n"
                                          "a=b = family\n"
                                          "born = birth DD/MM/YYYY optional\n"
                                          "born = token\n");
    assert_int_equal(spec.column_count, 4);
    assert_int_equal(spec.delimiter, '\t');
    assert_true(spec.header);
    assert_string_equal(spec.id, "rec_id");
    assert_string_equal(spec.truth, "the truth");
    assert_int_equal(spec.truth_form, LINKAGE_TRUTH_DIGITS);
    assert_string_equal(spec.columns[0].name, "given name");
    assert_int_equal(spec.columns[0].kind, LINKAGE_GIVEN);
    assert_string_equal(spec.columns[1].name, "a=b");
    assert_int_equal(spec.columns[2].date, LINKAGE_DATE_DAY_FIRST);
    assert_true(spec.columns[2].optional);
    assert_int_equal(spec.columns[3].kind, LINKAGE_TOKEN);
}

static void expect_wrong(const char *text, uint64_t line, const char *word)
{
    struct linkage_spec spec;
    struct linkage_error error;
    assert_int_equal(linkage_spec_parse(str_of(text), &spec, &error), FAULT_INVALID);
    assert_non_null(error.message);
    assert_int_equal(error.file, 0);
    assert_int_equal(error.line, line);
    assert_string_equal(error.word, word);
}

static void wrong_lines(void **state)
{
    (void)state;
    expect_wrong("", 0, "");
    expect_wrong("[table]\n", 0, "");
    expect_wrong("a = given\n", 1, "a");
    expect_wrong("[columns]\n\na = gven\n", 3, "gven");
    expect_wrong("[columns]\na\n", 2, "a");
    expect_wrong("[columns]\n = given\n", 2, "");
    expect_wrong("[columns]\na = given\na = given\n", 3, "a");
    expect_wrong("[columns]\na = given\nb = given\n", 3, "given");
    expect_wrong("[columns]\na = given YYYY\n", 2, "YYYY");
    expect_wrong("[columns]\na = birth YY\n", 2, "YY");
    expect_wrong("[table]\ndelimiter = ;\n", 2, ";");
    expect_wrong("[table]\nheader = maybe\n", 2, "maybe");
    expect_wrong("[table]\nid = a\nheader = no\n", 3, "header");
    expect_wrong("[table]\nheader = no\n[columns]\nname = given\n", 4, "name");
    expect_wrong("[table]\nheader = no\n[columns]\n0 = given\n", 4, "0");
    expect_wrong("[table]\nheader = no\n[columns]\n129 = given\n", 4, "129");
    expect_wrong("[table]\ncolour = red\n", 2, "colour");
    expect_wrong("[columns]\na\xFF = given\n", 0, "");
}

static void too_much(void **state)
{
    (void)state;
    char text[2048] = "[columns]\n";
    size_t len = 10;
    for (char c = 'a'; c < 'h'; c++) {
        memcpy(text + len, "x = token\n", 10);
        text[len] = c;
        len += 10;
    }
    expect_wrong(text, 8, "token");
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "[columns]\n", 10);
    memcpy(text + 100, " = given", 9);
    struct linkage_spec spec;
    struct linkage_error error;
    assert_int_equal(linkage_spec_parse(str_of(text), &spec, &error), FAULT_INVALID);
    assert_int_equal(strlen(error.word), LINKAGE_WORD_MAX - 1);
    char *large = malloc(LINKAGE_SPEC_BYTES_MAX + 1);
    assert_non_null(large);
    memset(large, '#', LINKAGE_SPEC_BYTES_MAX + 1);
    assert_int_equal(linkage_spec_parse((struct str){large, LINKAGE_SPEC_BYTES_MAX + 1}, &spec, &error),
                     FAULT_INVALID);
    free(large);
}

static void ignoring(void **state)
{
    (void)state;
    struct linkage_error error;
    struct linkage_spec spec = table_spec("[columns]\na = given\na = token\nb = family\n");
    assert_int_equal(linkage_spec_ignore(&spec, STR("c"), &error), FAULT_INVALID);
    assert_string_equal(error.word, "c");
    assert_int_equal(linkage_spec_ignore(&spec, STR("a"), &error), FAULT_NONE);
    assert_true(spec.columns[0].ignored && spec.columns[1].ignored && !spec.columns[2].ignored);
    assert_int_equal(linkage_spec_ignore(&spec, STR("b"), &error), FAULT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(wrong_lines),
        cmocka_unit_test(too_much),
        cmocka_unit_test(ignoring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
