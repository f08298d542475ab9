/* linkage/rows.c, reader.c and cell.c: what becomes of a table, and of one that is wrong. */
#include <stdio.h>

#include "linkage/inside.h"
#include "table.h"

static struct str text_at(const struct linkage_rows *rows, uint32_t row, enum linkage_kind kind)
{
    size_t field = rows_field(rows, kind, SIZE_MAX);
    assert_int_not_equal(field, SIZE_MAX);
    uint32_t id = rows_cells(rows, row)[field];
    return id == 0 ? STR("") : values_text(&rows->values[rows->fields[field].values], id);
}

static void expect_cell(const struct linkage_rows *rows, uint32_t row, enum linkage_kind kind,
                        const char *text)
{
    struct str found = text_at(rows, row, kind);
    assert_int_equal(found.len, strlen(text));
    assert_memory_equal(found.at, text, found.len);
}

static const char PEOPLE[] = "[table]\nid = id\ntruth = id digits\n[columns]\nfirst = given\nlast = family\n"
                             "born = birth\ntown = locality\n";

static void cells(void **state)
{
    (void)state;
    struct linkage_rows *rows = table_load(
        PEOPLE,
        STR("\xEF\xBB\xBFid, first,last , born,town\nrec-7-org, Zo\xC3\xAB ,O'Neil, 19801231,  LEEDS \n"
            "rec-7-dup-0,Zoe,o neil,1980-12-31,\nrec-8-org,unknown,,1980,nan\n"),
        NULL);
    assert_int_equal(linkage_rows_count(rows), 3);
    assert_int_equal(linkage_rows_first(rows), 3);
    expect_cell(rows, 0, LINKAGE_GIVEN, "zoe");
    expect_cell(rows, 0, LINKAGE_FAMILY, "o neil");
    expect_cell(rows, 0, LINKAGE_BIRTH, "19801231");
    expect_cell(rows, 0, LINKAGE_LOCALITY, "leeds");
    expect_cell(rows, 1, LINKAGE_BIRTH, "19801231");
    expect_cell(rows, 1, LINKAGE_LOCALITY, "");
    expect_cell(rows, 2, LINKAGE_GIVEN, "");
    expect_cell(rows, 2, LINKAGE_BIRTH, "19800000");
    expect_cell(rows, 2, LINKAGE_LOCALITY, "");
    assert_true(linkage_rows_has_truth(rows));
    assert_int_equal(linkage_rows_truth(rows, 0), linkage_rows_truth(rows, 1));
    assert_int_not_equal(linkage_rows_truth(rows, 0), linkage_rows_truth(rows, 2));
    struct str id = linkage_rows_id(rows, 2);
    assert_int_equal(id.len, 9);
    assert_memory_equal(id.at, "rec-8-org", 9);
    linkage_rows_close(rows);
}

static void full_names(void **state)
{
    (void)state;
    struct linkage_rows *rows =
        table_load("[columns]\nname = name\nfirst = given\nlast = family\n",
                   STR("name,first,last\n\"Sir Ernest John Swan\",sir,swan\n"
                       "\"Smith, Robert\",,\n\"Jane Poe, 2nd baronet\",,\nPoe,,poe\n,Ann,Lee\n"),
                   NULL);
    static const char *const expected[][3] = {{"ernest", "swan", "john"},
                                              {"robert", "smith", ""},
                                              {"jane", "poe", ""},
                                              {"", "poe", ""},
                                              {"ann", "lee", ""}};
    for (uint32_t i = 0; i < 5; i++) {
        expect_cell(rows, i, LINKAGE_GIVEN, expected[i][0]);
        expect_cell(rows, i, LINKAGE_FAMILY, expected[i][1]);
        expect_cell(rows, i, LINKAGE_OTHER, expected[i][2]);
    }
    linkage_rows_close(rows);
}

static void dates(void **state)
{
    (void)state;
    static const char *const typed[] = {"31/12/1980", "1/2/80", "1980-12-31", "31.12.05",
                                        "1980",       "no",     "45/13/1980"};
    static const char *const expected[] = {"19801231", "19800201", "19801231", "20051231",
                                           "19800000", "",         "19801345"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        char file[64] = "born,a\n";
        strncat(file, typed[i], 32);
        strncat(file, ",x\n", 4);
        struct linkage_rows *rows =
            table_load("[columns]\nborn = birth DD/MM/YYYY\na = token\n", str_of(file), NULL);
        expect_cell(rows, 0, LINKAGE_BIRTH, expected[i]);
        linkage_rows_close(rows);
    }
}

static void two_files_of_tabs(void **state)
{
    (void)state;
    struct linkage_rows *rows = table_load(
        "[table]\ndelimiter = tab\nheader = no\ntruth = 1\n[columns]\n2 = family\n3 = number optional\n",
        STR("a\tSmith  \t12\r\n\r\nb\tJones\t3a"), "a\tSmith\n");
    assert_int_equal(linkage_rows_count(rows), 3);
    assert_int_equal(linkage_rows_first(rows), 2);
    expect_cell(rows, 0, LINKAGE_FAMILY, "smith");
    expect_cell(rows, 1, LINKAGE_NUMBER, "3a");
    expect_cell(rows, 2, LINKAGE_NUMBER, "");
    assert_int_equal(rows_cells(rows, 0)[0], rows_cells(rows, 2)[0]);
    assert_int_equal(linkage_rows_truth(rows, 0), linkage_rows_truth(rows, 2));
    struct str id = linkage_rows_id(rows, 1);
    assert_int_equal(id.len, 1);
    assert_memory_equal(id.at, "2", 1);
    linkage_rows_close(rows);
}

/* Numbers and texts, as they are written: "7" is not "07", and no text is a number's. */
static void truths(void **state)
{
    (void)state;
    static const char *const typed[] = {"7",          "07",        "7", "0", "1", "a",
                                        "4294967295", "999999999", "",  "a", "1a"};
    enum { TYPED = sizeof typed / sizeof *typed };
    char text[256] = "person,first\n";
    for (size_t i = 0; i < TYPED; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, "%s,ann\n", typed[i]);
    }
    struct linkage_rows *rows =
        table_load("[table]\ntruth = person\n[columns]\nfirst = given\n", str_of(text), NULL);
    assert_int_equal(linkage_rows_count(rows), TYPED);
    for (uint32_t i = 0; i < TYPED; i++) {
        assert_int_equal(linkage_rows_truth(rows, i) == 0, typed[i][0] == '\0');
        for (uint32_t j = 0; j < TYPED; j++)
            assert_int_equal(linkage_rows_truth(rows, i) == linkage_rows_truth(rows, j),
                             strcmp(typed[i], typed[j]) == 0);
    }
    linkage_rows_close(rows);
}

static void keys(void **state)
{
    (void)state;
    struct linkage_rows *rows = table_load(
        PEOPLE, STR("id,first,last,born,town\n1,Ann,Lee,,\n2,ann,LEE,,\n3,Lee,Ann,,\n4,,,,\n"), NULL);
    assert_int_equal(linkage_rows_key(rows, 0), linkage_rows_key(rows, 1));
    assert_int_not_equal(linkage_rows_key(rows, 0), linkage_rows_key(rows, 2));
    assert_int_not_equal(linkage_rows_key(rows, 0), linkage_rows_key(rows, 3));
    linkage_rows_close(rows);
}

static void expect_wrong(struct str first, const char *second, unsigned file, uint64_t record,
                         const char *word)
{
    struct linkage_rows *rows = NULL;
    struct linkage_error error;
    assert_int_equal(table_try(PEOPLE, first, second, &rows, &error), FAULT_INVALID);
    assert_null(rows);
    assert_non_null(error.message);
    assert_int_equal(error.file, file);
    assert_int_equal(error.line, record);
    assert_string_equal(error.word, word);
}

static void wrong_files(void **state)
{
    (void)state;
    expect_wrong(STR(""), NULL, 1, 0, "");
    expect_wrong(STR("\n\n"), NULL, 1, 0, "");
    expect_wrong(STR("id,first,last,born\n"), NULL, 1, 1, "town");
    expect_wrong(STR("id\n1\n"), NULL, 1, 1, "first");
    expect_wrong(STR("id,first,last,born,town\n1,a,b\n"), "id,first,last,town\n", 2, 1, "born");
    expect_wrong(STR("id,first,last,born,town\n1,\"a\"b,c,,\n"), NULL, 1, 2, "");
    expect_wrong(STR("id,first,last,born,town\n1,a\xFF,c,,\n"), NULL, 1, 2, "");
    expect_wrong(STR("id,first,last,born,town\n1,a\0b,c,,\n"), NULL, 1, 2, "");
    struct linkage_spec spec = table_spec(PEOPLE);
    struct linkage_file file = {.path = "/nonexistent/table.csv"};
    struct linkage_rows *rows = NULL;
    struct linkage_error error;
    assert_int_equal(linkage_rows_load(&spec, &file, 1, &rows, &error), FAULT_STORAGE);
    assert_non_null(error.message);
}

/* Longer than a record may be, in one line of tabs. */
static void long_line(void **state)
{
    (void)state;
    enum { LEN = 200 * 1024 };
    char *text = malloc(LEN);
    struct linkage_rows *rows = NULL;
    struct linkage_error error;
    assert_non_null(text);
    memset(text, 'a', LEN);
    memcpy(text, "x\ty\n", 4);
    assert_int_equal(table_try("[table]\ndelimiter = tab\n[columns]\nx = given\n", (struct str){text, LEN},
                               NULL, &rows, &error),
                     FAULT_INVALID);
    assert_int_equal(error.line, 2);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells),     cmocka_unit_test(full_names),
        cmocka_unit_test(dates),     cmocka_unit_test(two_files_of_tabs),
        cmocka_unit_test(keys),      cmocka_unit_test(wrong_files),
        cmocka_unit_test(long_line), cmocka_unit_test(truths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
