/* Rows of feeds: what is wrong with one, how it is packed, whom it describes. */
#include "ground.h"

#include <stdio.h>

static const struct day today = {2026, 11, 20, DAY_EXACT};

static struct row fine(void)
{
    return ground_child("r1", "Ap Huw", "Rhys", "2014-03-27");
}

static void assert_problem(const struct row *row, enum row_problem problem)
{
    enum row_problem found = row_check(row, today);
    if (found != problem)
        fail_msg("%s instead of %s", row_problem_name(found), row_problem_name(problem));
}

static void each_problem_of_a_child(void **state)
{
    (void)state;
    static const struct {
        enum column column;
        const char *text;
        enum row_problem problem;
    } cases[] = {
        {COLUMN_type, "", ROW_TYPE},
        {COLUMN_type, "adult", ROW_TYPE},
        {COLUMN_type, "Child", ROW_TYPE},
        {COLUMN_record, "", ROW_RECORD_MISSING},
        {COLUMN_birth_date, "", ROW_BIRTH_MISSING},
        {COLUMN_birth_date, "27/03/2014", ROW_BIRTH_IMPOSSIBLE},
        {COLUMN_birth_date, "2014-02-30", ROW_BIRTH_IMPOSSIBLE},
        {COLUMN_birth_date, "2014-13", ROW_BIRTH_IMPOSSIBLE},
        {COLUMN_birth_date, "2026-11-21", ROW_BIRTH_RANGE},
        {COLUMN_birth_date, "2000-11-19", ROW_BIRTH_RANGE},
        {COLUMN_birth_date, "1900", ROW_BIRTH_RANGE},
        {COLUMN_address_from, "yesterday", ROW_DATE_IMPOSSIBLE},
        {COLUMN_sex, "X", ROW_SEX},
        {COLUMN_sex, "f", ROW_SEX},
        {COLUMN_postcode, "12345", ROW_POSTCODE},
        {COLUMN_postcode, "TS24", ROW_POSTCODE},
        {COLUMN_postcode, "TS24 77A", ROW_POSTCODE},
        {COLUMN_postcode, "TS24-7AA", ROW_POSTCODE},
        {COLUMN_nhs_number, "943 476 5917", ROW_NUMBER_CHECK},
        {COLUMN_upn, "Q207000016049", ROW_NUMBER_CHECK},
        {COLUMN_family, "Ap\tHuw", ROW_CONTROL},
        {COLUMN_given, "Rhys\x7f", ROW_CONTROL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct row row = row_with(fine(), cases[i].column, cases[i].text);
        assert_problem(&row, cases[i].problem);
    }
    struct row nameless = row_with(row_with(fine(), COLUMN_family, ""), COLUMN_given, "");
    assert_problem(&nameless, ROW_NAME_MISSING);
}

static void each_problem_of_an_involvement(void **state)
{
    (void)state;
    static const struct {
        enum column column;
        const char *text;
        enum row_problem problem;
    } cases[] = {
        {COLUMN_record, "", ROW_RECORD_MISSING},
        {COLUMN_involvement, "", ROW_INVOLVEMENT_MISSING},
        {COLUMN_service_kind, "witchcraft", ROW_SERVICE_KIND},
        {COLUMN_service_kind, "", ROW_SERVICE_KIND},
        {COLUMN_service, "", ROW_SERVICE_MISSING},
        {COLUMN_lead, "si", ROW_YES_OR_NO},
        {COLUMN_assessment, "Yes", ROW_YES_OR_NO},
        {COLUMN_from, "2014-02-30", ROW_DATE_IMPOSSIBLE},
    };
    struct row row = ground_involvement("r1", "i1");
    assert_problem(&row, ROW_FINE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        row = row_with(ground_involvement("r1", "i1"), cases[i].column, cases[i].text);
        assert_problem(&row, cases[i].problem);
    }
    for (int kind = 1; kind < SERVICES_END; kind++) { /* R8.1 */
        row = row_with(ground_involvement("r1", "i1"), COLUMN_service_kind,
                       policy_service_name((enum service_kind)kind));
        assert_problem(&row,
                       policy_service_sensitive((enum service_kind)kind) ? ROW_SERVICE_SENSITIVE : ROW_FINE);
    }
}

static void what_is_fine(void **state)
{
    (void)state;
    static const struct {
        enum column column;
        const char *text;
    } cases[] = {
        {COLUMN_family, ""},
        {COLUMN_given, ""},
        {COLUMN_birth_date, "2014"},
        {COLUMN_birth_date, "2014-03"},
        {COLUMN_birth_date, "2026-11-20"},
        {COLUMN_birth_date, "2001-11-21"},
        {COLUMN_sex, ""},
        {COLUMN_sex, "U"},
        {COLUMN_postcode, "ts247aa"},
        {COLUMN_postcode, "EC1A 1BB"},
        {COLUMN_nhs_number, "943 476 5919"},
        {COLUMN_upn, "P207000016049"},
        {COLUMN_family, "الحسن"},
        {COLUMN_school_code, "HOME"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct row row = row_with(fine(), cases[i].column, cases[i].text);
        assert_problem(&row, ROW_FINE);
    }
}

/* Each column holds what its bound allows, and not one byte more. */
static void bounds_of_columns(void **state)
{
    (void)state;
    static char long_text[1024];
    memset(long_text, 'x', sizeof long_text);
    for (int column = 0; column < COLUMNS_END; column++) {
        struct row row = fine();
        row.at[column] = (struct str){long_text, row_column((enum column)column)->bytes_max + 1};
        if (column == COLUMN_type)
            continue;
        assert_problem(&row, ROW_TOO_LONG);
        if (row_column((enum column)column)->kind != COLUMN_TEXT &&
            row_column((enum column)column)->kind != COLUMN_NAME)
            continue;
        row.at[column].len--;
        assert_problem(&row, ROW_FINE);
    }
}

static void every_problem_says_what_to_do(void **state)
{
    (void)state;
    for (int problem = ROW_FINE + 1; problem < ROW_PROBLEMS_END; problem++) {
        assert_true(strlen(row_problem_name((enum row_problem)problem)) > 0);
        assert_true(strlen(row_problem_text((enum row_problem)problem)) > 10);
    }
}

static void packed_and_unpacked(void **state)
{
    (void)state;
    struct row row = {0}, back;
    struct buffer packed = buffer_open(1024 * 1024);
    for (int column = 0; column < COLUMNS_END; column += 2)
        row.at[column] = str_of(row_column((enum column)column)->name);
    row_pack(&packed, &row);
    assert_int_equal(row_unpack(buffer_bytes(&packed), &back), FAULT_NONE);
    for (int column = 0; column < COLUMNS_END; column++)
        assert_true(str_equal(row.at[column], back.at[column]));
    for (size_t len = 0; len < packed.len; len++) { /* cut anywhere: fewer columns or a fault, never more */
        struct row cut;
        if (row_unpack((struct bytes){buffer_bytes(&packed).at, len}, &cut) == FAULT_NONE)
            for (int column = 0; column < COLUMNS_END; column++)
                assert_true(cut.at[column].len == 0 || str_equal(cut.at[column], row.at[column]));
    }
    const uint8_t unknown_column[] = {COLUMNS_END, 0, 1, 'x'};
    assert_int_equal(row_unpack((struct bytes){unknown_column, sizeof unknown_column}, &back), FAULT_CORRUPT);
    const uint8_t cut_short[] = {0, 0, 9, 'x'};
    assert_int_equal(row_unpack((struct bytes){cut_short, sizeof cut_short}, &back), FAULT_CORRUPT);
    buffer_close(&packed);
}

/* The first row counts most: later names are variants, later addresses earlier ones. */
static void person_of_rows(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    struct person person = {0};
    assert_int_equal(arena_open(1024 * 1024, &arena), FAULT_NONE);
    struct row first =
        row_with(row_with(fine(), COLUMN_postcode, "TS24 7AA"), COLUMN_nhs_number, "943 476 5919");
    first = row_with(first, COLUMN_former_family, "Quillfeather");
    first = row_with(first, COLUMN_known_as, "Rhyso");
    struct row second = row_with(row_with(fine(), COLUMN_family, "Ap Hugh"), COLUMN_postcode, "LS1 4AB");
    second = row_with(row_with(second, COLUMN_nhs_number, "9434765919"), COLUMN_birth_date, "2014");
    second = row_with(second, COLUMN_known_as, "Bo");       /* one is displayed: this is a spelling of it */
    second = row_with(second, COLUMN_upn, "Q207000016049"); /* fails its check: it is left out */
    assert_int_equal(row_to_person(&first, arena, &person), FAULT_NONE);
    assert_int_equal(row_to_person(&second, arena, &person), FAULT_NONE);
    assert_int_equal(row_to_person(&second, arena, &person), FAULT_NONE);
    assert_int_equal(person.name_count, 5);
    assert_int_equal(person.names[0].kind, NAME_CURRENT);
    assert_int_equal(person.names[1].kind, NAME_KNOWN_AS);
    assert_int_equal(person.names[2].kind, NAME_FORMER);
    assert_str(person.names[2].family, "Quillfeather");
    assert_str(person.names[2].given, "Rhys");
    assert_int_equal(person.names[3].kind, NAME_VARIANT);
    assert_str(person.names[3].family, "Ap Hugh");
    assert_int_equal(person.names[4].kind, NAME_VARIANT);
    assert_str(person.names[4].given, "Bo");
    assert_int_equal(person.birth.precision, DAY_EXACT);
    assert_int_equal(person.place_count, 2);
    assert_true(person.places[0].present);
    assert_false(person.places[1].present);
    assert_int_equal(person.number_count, 1);
    assert_str(person.numbers[0].value, "9434765919");
    arena_close(arena);
}

/* More rows than a person has room for are left out, not written beyond. */
static void person_has_bounds(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    struct person person = {0};
    char family[40][16], postcode[40][16], phone[40][16];
    assert_int_equal(arena_open(1024 * 1024, &arena), FAULT_NONE);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(family[i], sizeof family[i], "Name%c%c", 'A' + i / 10, 'A' + i % 10);
        (void)snprintf(postcode[i], sizeof postcode[i], "TS%d 7AA", i + 1);
        (void)snprintf(phone[i], sizeof phone[i], "01632 9600%02d", i);
        struct row row = row_with(row_with(fine(), COLUMN_family, family[i]), COLUMN_postcode, postcode[i]);
        row = row_with(row_with(row, COLUMN_carer1_family, family[i]), COLUMN_carer1_phone, phone[i]);
        assert_int_equal(row_to_person(&row, arena, &person), FAULT_NONE);
    }
    assert_int_equal(person.name_count, PERSON_NAMES_MAX);
    /* one that is displayed has room all the same */
    const struct row last = row_with(fine(), COLUMN_known_as, "Bo");
    assert_int_equal(row_to_person(&last, arena, &person), FAULT_NONE);
    assert_int_equal(person.name_count, PERSON_NAMES_MAX);
    assert_int_equal(person.names[PERSON_NAMES_MAX - 1].kind, NAME_KNOWN_AS);
    assert_str(person.names[PERSON_NAMES_MAX - 1].given, "Bo");
    assert_int_equal(person.place_count, PERSON_PLACES_MAX);
    assert_int_equal(person.carer_count, PERSON_CARERS_MAX);
    assert_int_equal(person.phone_count, PERSON_PHONES_MAX);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_problem_of_a_child),
        cmocka_unit_test(each_problem_of_an_involvement),
        cmocka_unit_test(what_is_fine),
        cmocka_unit_test(bounds_of_columns),
        cmocka_unit_test(every_problem_says_what_to_do),
        cmocka_unit_test(packed_and_unpacked),
        cmocka_unit_test(person_of_rows),
        cmocka_unit_test(person_has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
