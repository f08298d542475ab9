/* Looking for a child (R5): what is found, what is asked again, what the log then says. */
#include "house.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "registry/alarm.h"

static struct row living(struct row row, const char *postcode, const char *authority)
{
    return row_with(row_with(row, COLUMN_postcode, postcode), COLUMN_authority, authority);
}

/* A small town. */
static struct seat settle(struct house *house)
{
    const struct row rows[] = {
        row_with(living(house_child("1", "Ap Huw", "Rhys", "2014-03-27"), "TS24 7AA", "E06000001"),
                 COLUMN_nhs_number, "943 476 5919"),
        living(house_child("2", "Ó Súilleabháin", "Aoife", "2013-11-02"), "TS24 7AB", "E06000001"),
        living(house_child("3", "Wiśniewska", "Łucja", "2012-06-30"), "TS1 1AA", "E06000002"),
        living(house_child("4", "الحسن", "يوسف", "2015-01-15"), "TS1 1AB", "E06000002"),
        living(house_child("5", "Smith-Jones", "Amelia", "2011-09-09"), "TS1 1AC", "E06000002"),
        living(house_child("6", "O'Brien", "Niamh", "2016-02-29"), "TS24 7AD", "E06000001"),
        living(house_child("7", "", "Aurangzeb", "2010-05-05"), "TS24 7AE", "E06000001"),
        living(house_child("8", "Llewellyn", "Siân", "2014-07-01"), "TS24 7AF", "E06000001"),
    };
    struct batch_counts counts = house_load(house, SOURCE_health, rows, sizeof rows / sizeof rows[0]);
    assert_int_equal(counts.created, sizeof rows / sizeof rows[0]);
    return house_sign_in(house, "visitor", ROLE_practitioner);
}

static void assert_one(const struct results_view *results, const char *name)
{
    if (results->count != 1)
        fail_msg("%d results instead of %s", (int)results->count, name);
    assert_str(results->rows[0].name.text, name);
    assert_false(results->too_many);
}

static void by_name_and_date(void **state)
{
    const struct seat visitor = settle(*state);
    const struct results_view *results =
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "given", "Rhys", "birth_day",
                                    "27", "birth_month", "3", "birth_year", "2014"));
    assert_one(results, "Rhys Ap Huw");
    assert_true(results->rows[0].exact);
    assert_str(results->rows[0].area, "Hartlepool");
    assert_str(results->rows[0].sex, "Boy");
    assert_int_equal(results->rows[0].age_years, 12);
    assert_int_equal(results->rows[0].state, RECORD_LIVE);
    assert_str(results->rows[0].why, "Same name, same date of birth");
    assert_str(results->asked, "family name Ap Huw, given name Rhys, born 27 March 2014");
}

static void month_in_words_and_a_year_alone(void **state)
{
    const struct seat visitor = settle(*state);
    assert_one(house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_day", "27",
                                           "birth_month", "march", "birth_year", "2014")),
               "Rhys Ap Huw");
    assert_one(house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014")),
               "Rhys Ap Huw");
    assert_one(house_list(&visitor, FIELDS("reason", "working", "given", "Rhys", "birth_month", "03",
                                           "birth_year", "2014")),
               "Rhys Ap Huw");
}

static void misspelt(void **state)
{
    const struct seat visitor = settle(*state);
    const struct results_view *results =
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Hugh", "given", "Rhys", "birth_day",
                                    "27", "birth_month", "3", "birth_year", "2014"));
    assert_one(results, "Rhys Ap Huw");
    assert_false(results->rows[0].exact);
    results = house_list(&visitor, FIELDS("reason", "working", "family", "Lewellin", "given", "Shan",
                                          "birth_day", "1", "birth_month", "7", "birth_year", "2014"));
    assert_one(results, "Siân Llewellyn");
}

/* Names as people type them: without marks, in other letters, with or without hyphen and apostrophe. */
static void names_of_all_sorts(void **state)
{
    const struct seat visitor = settle(*state);
    static const struct {
        const char *family, *given, *year, *name;
    } asked[] = {
        {"O'Suilleabhain", "Aoife", "2013", NULL},
        {"Ó Súilleabháin", "Aoife", "2013", "Aoife Ó Súilleabháin"},
        {"o suilleabhain", "aoife", "2013", "Aoife Ó Súilleabháin"},
        {"Wisniewska", "Lucja", "2012", "Łucja Wiśniewska"},
        {"WIŚNIEWSKA", "ŁUCJA", "2012", "Łucja Wiśniewska"},
        {"الحسن", "يوسف", "2015", "يوسف الحسن"},
        {"Smith Jones", "Amelia", "2011", "Amelia Smith-Jones"},
        {"smith-jones", "amelia", "2011", "Amelia Smith-Jones"},
        {"OBrien", "Niamh", "2016", "Niamh O'Brien"},
        {"O\u2019Brien", "Niamh", "2016", "Niamh O'Brien"},
        {"", "Aurangzeb", "2010", "Aurangzeb"},
        {"Aurangzeb", "", "2010", "Aurangzeb"},
        {"Llewellyn", "Sian", "2014", "Siân Llewellyn"},
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        const struct results_view *results =
            house_list(&visitor, FIELDS("reason", "referral", "family", asked[i].family, "given",
                                        asked[i].given, "birth_year", asked[i].year));
        if (asked[i].name != NULL)
            assert_one(results, asked[i].name);
    }
}

static void by_age(void **state)
{
    const struct seat visitor = settle(*state); /* today is 20 November 2026 */
    assert_one(house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "age", "12")),
               "Rhys Ap Huw");
    assert_int_equal(
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "age", "14"))->count, 0);
    const struct answer *answer =
        house_find(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "age", "twelve"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "age"));
    answer = house_find(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "age", "26"));
    assert_true(house_has_error(answer, "age"));
}

static void by_postcode_and_by_area(void **state)
{
    const struct seat visitor = settle(*state);
    assert_one(house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "postcode", "ts247aa")),
               "Rhys Ap Huw");
    assert_one(
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "authority", "E06000001")),
        "Rhys Ap Huw");
    assert_int_equal(
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "authority", "E06000002"))
            ->count,
        0);
    const struct answer *answer =
        house_find(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "authority", "E99999999"));
    assert_true(house_has_error(answer, "authority"));
}

/* The number of one's own body opens the record at once; anybody else's finds nobody. */
static void by_number(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    struct child_id rhys = house_child_id(house, "Ap Huw", "Rhys");
    const struct answer *answer = house_find(&visitor, FIELDS("reason", "working", "number", "943 476 5919"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(id_equal(answer->opened.id, rhys.id));
    const struct answer *page = house_view(&visitor, answer->opened);
    assert_int_equal(page->fault, FAULT_NONE);
    assert_str(page->child->name.text, "Rhys Ap Huw");
    char number[32];
    (void)snprintf(number, sizeof number, "%.*s", (int)page->child->number.len, page->child->number.at);
    answer = house_find(&visitor, FIELDS("reason", "working", "number", number));
    assert_true(id_equal(answer->opened.id, rhys.id));

    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    answer = house_find(&teacher, FIELDS("reason", "working", "number", "9434765919"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(id_is_zero(answer->opened.id));
    answer = house_results(&teacher, answer->search);
    assert_int_equal(answer->results->count, 0);

    answer = house_find(&visitor, FIELDS("reason", "working", "number", "943 476 5917"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "number"));
    answer = house_find(&visitor, FIELDS("reason", "working", "number", "999 000 0018"));
    assert_true(answer->fault == FAULT_INVALID || id_is_zero(answer->opened.id));
}

/* Similar names a second time: the criteria come from the service, not from the browser. */
static void similar_again(void **state)
{
    struct house *house = *state;
    const struct row rows[] = {
        row_with(living(house_child("1", "Clarke", "Anna", "2014-03-27"), "TS24 7AA", "E06000001"),
                 COLUMN_nhs_number, "943 476 5919"),
        row_with(living(house_child("2", "Clark", "Anna", "2014-03-27"), "TS1 1AA", "E06000002"),
                 COLUMN_nhs_number, "999 000 0018"),
    };
    assert_int_equal(house_load(house, SOURCE_health, rows, 2).created, 2);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct answer *first =
        house_find(&visitor, FIELDS("reason", "worried", "family", "Clarke", "given", "Anna", "birth_day",
                                    "27", "birth_month", "3", "birth_year", "2014"));
    const struct results_view *results = house_results(&visitor, first->search)->results;
    assert_one(results, "Anna Clarke");
    assert_false(results->similar);
    struct buffer id = buffer_open(64);
    id_put(&id, first->search.id);
    buffer_put_u8(&id, 0);
    int64_t before = house_entries(house);
    const struct answer *again = house_find(&visitor, FIELDS("again", id.at, "similar", "yes"));
    assert_int_equal(again->fault, FAULT_NONE);
    assert_false(id_equal(again->search.id, first->search.id));
    results = house_results(&visitor, again->search)->results;
    assert_true(results->similar);
    assert_int_equal(results->count, 2);
    assert_true(results->rows[0].exact);
    assert_false(results->rows[1].exact);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 3);
    assert_int_equal(events[0].reason, REASON_worried); /* the reason of the search that is repeated */
    /* Another session cannot repeat it. */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct answer *foreign = house_find(&teacher, FIELDS("again", id.at, "similar", "yes"));
    assert_int_equal(foreign->fault, FAULT_REASON);
    buffer_close(&id);
}

/* Eleven of one name and one day: none is shown, and more is asked for (R5.3). */
static void too_many(void **state)
{
    static const char *const numbers[] = {"9990000018", "9990000026", "9990000034", "9990000042",
                                          "9990000050", "9990000069", "9990000077", "9990000085",
                                          "9990000093", "9990000107", "9990000115"};
    static const char *const postcodes[] = {"TS24 7AA", "LS1 4AB", "YO31 9XQ", "M14 6RT",
                                            "B29 3HD",  "SW4 8PL", "NE3 2JE",  "PL5 7DU",
                                            "CB1 9SN",  "DE7 5YW", "HX6 1ZF"};
    enum { NAMESAKES = sizeof numbers / sizeof numbers[0] };
    struct house *house = *state;
    struct row rows[NAMESAKES];
    for (int i = 0; i < NAMESAKES; i++) {
        rows[i] = living(house_child(numbers[i], "Jones", "David", "2014-03-27"), postcodes[i], "E06000001");
        rows[i].at[COLUMN_nhs_number] = str_of(numbers[i]);
    }
    assert_int_equal(house_load(house, SOURCE_health, rows, NAMESAKES - 1).created, NAMESAKES - 1);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const char *const *asked = FIELDS("reason", "working", "family", "Jones", "given", "David", "birth_day",
                                      "27", "birth_month", "3", "birth_year", "2014");
    const struct results_view *results = house_list(&visitor, asked);
    assert_false(results->too_many);
    assert_int_equal(results->count, NAMESAKES - 1);
    assert_int_equal(house_load(house, SOURCE_health, &rows[NAMESAKES - 1], 1).created, 1);
    int64_t before = house_entries(house);
    results = house_list(&visitor, asked);
    assert_true(results->too_many);
    assert_int_equal(results->count, 0);
    assert_int_equal(house_entries(house), before + 2);
    assert_one(house_list(&visitor, FIELDS("reason", "working", "family", "Jones", "postcode", "yo319xq")),
               "David Jones");
}

static void too_little(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    const struct {
        const char *const *fields;
        const char *field;
    } cases[] = {
        {FIELDS("reason", "working"), "family"},
        {FIELDS("reason", "working", "family", "Ap Huw"), "birth"},
        {FIELDS("reason", "working", "birth_year", "2014"), "family"},
        {FIELDS("reason", "working", "postcode", "TS24 7AA"), "family"},
        {FIELDS("reason", "working", "family", "   ", "birth_year", "2014"), "family"},
        {FIELDS("reason", "working", "family", "Ap Huw", "sex", "male"), "birth"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t before = house_entries(house);
        const struct answer *answer = house_find(&visitor, cases[i].fields);
        assert_int_equal(answer->fault, FAULT_INVALID);
        assert_true(house_has_error(answer, cases[i].field));
        assert_true(id_is_zero(answer->search.id));
        assert_int_equal(house_entries(house), before + 1);
    }
}

/* A form that is wrong in two ways says both at once, and a reason is never guessed. */
static void all_errors_at_once(void **state)
{
    const struct seat visitor = settle(*state);
    const struct answer *answer =
        house_find(&visitor, FIELDS("family", "Ap Huw", "birth_day", "30", "birth_month", "2", "birth_year",
                                    "2014", "number", "12"));
    assert_int_equal(answer->fault, FAULT_REASON);
    assert_true(house_has_error(answer, "reason"));
    assert_true(house_has_error(answer, "birth"));
    assert_true(house_has_error(answer, "number"));
}

static void impossible_dates(void **state)
{
    const struct seat visitor = settle(*state);
    static const char *const dates[][3] = {
        {"30", "2", "2014"}, {"29", "2", "2015"}, {"0", "3", "2014"},  {"27", "13", "2014"},
        {"27", "", "2014"},  {"27", "3", ""},     {"27", "3", "14"},   {"27", "3", "1899"},
        {"x", "3", "2014"},  {"27", "x", "2014"}, {"27", "3", "2200"}, {"32", "1", "2014"},
    };
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        const struct answer *answer =
            house_find(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_day", dates[i][0],
                                        "birth_month", dates[i][1], "birth_year", dates[i][2]));
        if (answer->fault != FAULT_INVALID || !house_has_error(answer, "birth"))
            fail_msg("%s-%s-%s was taken for a date", dates[i][0], dates[i][1], dates[i][2]);
    }
    /* A leap day that was. */
    assert_one(house_list(&visitor, FIELDS("reason", "working", "family", "O'Brien", "birth_day", "29",
                                           "birth_month", "2", "birth_year", "2016")),
               "Niamh O'Brien");
}

/* One entry per child shown, one act, criteria and fields inside (R5.6). */
static void entries_of_a_list(void **state)
{
    struct house *house = *state;
    const struct row rows[] = {
        living(house_child("1", "Ap Huw", "Rhys", "2014-03-27"), "TS24 7AA", "E06000001"),
        living(house_child("2", "Ap Huw", "Carys", "2012-01-11"), "TS24 7AA", "E06000001"),
    };
    assert_int_equal(house_load(house, SOURCE_health, rows, 2).created, 2);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    int64_t before = house_entries(house);
    const struct answer *found =
        house_find(&visitor, FIELDS("reason", "other", "reason_text", "Called by her aunt about school meals",
                                    "family", "Ap Huw", "postcode", "TS24 7AA"));
    assert_int_equal(house_entries(house), before + 1);
    const struct answer *listed = house_results(&visitor, found->search);
    assert_int_equal(listed->results->count, 2);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 3);
    assert_int_equal(events[0].event, EVENT_CHILD_SOUGHT);
    assert_true(id_is_zero(events[0].child.id));
    for (size_t i = 0; i < count; i++) {
        assert_str(events[i].asked, "family name Ap Huw, postcode TS24 7AA");
        assert_int_equal(events[i].reason, REASON_other);
        assert_str(events[i].reason_text, "Called by her aunt about school meals");
        assert_true(id_equal(events[i].actor.id, house_staff(house, "visitor")->account.id));
        assert_int_equal(events[i].role, ROLE_practitioner);
        assert_str(events[i].source, "192.0.2.7");
        if (i == 0)
            continue;
        assert_int_equal(events[i].event, EVENT_CHILD_LISTED);
        assert_str(events[i].shown, "IDENTITY AUTHORITY");
        assert_true(id_equal(events[i].act, listed->reference));
        assert_false(id_is_zero(events[i].child.id));
    }
    assert_false(id_equal(events[1].child.id, events[2].child.id));
    house_check_log(house);
}

static void entry_of_an_empty_list(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    const struct answer *found =
        house_find(&visitor, FIELDS("reason", "working", "family", "Nobody", "birth_year", "2014"));
    int64_t before = house_entries(house);
    const struct answer *listed = house_results(&visitor, found->search);
    assert_int_equal(listed->results->count, 0);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_CHILD_LISTED);
    assert_true(id_is_zero(events[0].child.id));
}

static void assert_none_rest(struct house *house, const char *const *needles)
{
    size_t size_bytes;
    char *resting = engine_resting(house->db_path, &size_bytes);
    for (; *needles != NULL; needles++)
        if (memmem(resting, size_bytes, *needles, strlen(*needles)) != NULL)
            fail_msg("%s stands in the database", *needles);
    free(resting);
}

static void nothing_in_clear(void **state)
{
    struct house *house = *state;
    static const char *const needles[] = {"Ap Huw",     "AP HUW",       "ap huw",    "Rhys",
                                          "9434765919", "Quillfeather", "TS24 7AA",  "TS247AA",
                                          "Sioned",     "school meals", "192.0.2.7", NULL};
    const struct seat visitor = settle(house);
    (void)house_list(&visitor, FIELDS("reason", "other", "reason_text", "asked about school meals", "family",
                                      "Ap Huw", "given", "Rhys", "birth_year", "2014"));
    (void)house_list(&visitor, FIELDS("reason", "working", "family", "Quillfeather", "birth_year", "2014"));
    (void)house_find(&visitor, FIELDS("reason", "working", "number", "9434765919"));
    assert_none_rest(house, needles);
    house_stop(house);
    assert_none_rest(house, needles);
    house_start(house);
}

static struct answer *give_reason(const struct seat *seat, struct child_id child, const char *const *fields)
{
    return house_ask(seat, &(struct request){.operation = OP_child_reason,
                                             .path_ids = {child.id},
                                             .path_id_count = 1,
                                             .fields = fields});
}

/* R5.1: one search and one record; the next record asks again. */
static void reason_covers_one_record(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    struct child_id rhys = house_child_id(house, "Ap Huw", "Rhys");
    struct child_id niamh = house_child_id(house, "O'Brien", "Niamh");
    (void)house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"));
    assert_int_equal(house_view(&visitor, rhys)->fault, FAULT_NONE);
    assert_int_equal(house_view(&visitor, rhys)->fault, FAULT_NONE);
    const struct answer *answer = house_view(&visitor, niamh);
    assert_int_equal(answer->refusal, REFUSAL_NO_LIVE_REASON);
    assert_int_equal(answer->fault, FAULT_REASON);
    assert_null(answer->child);
    answer = give_reason(&visitor, niamh, FIELDS("reason", ""));
    assert_int_equal(answer->refusal, REFUSAL_REASON);
    answer = give_reason(&visitor, niamh, FIELDS("reason", "asked"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(id_equal(answer->opened.id, niamh.id));
    int64_t before = house_entries(house);
    answer = house_view(&visitor, niamh);
    assert_int_equal(answer->fault, FAULT_NONE);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_CHILD_VIEWED);
    assert_int_equal(events[0].reason, REASON_asked);
    assert_true(id_equal(events[0].child.id, niamh.id));
    /* The newest reason is that for Niamh: Rhys asks again. */
    assert_int_equal(house_view(&visitor, rhys)->refusal, REFUSAL_NO_LIVE_REASON);
}

/* A reason for one child does not open another, whose address was kept from before (R5.1). */
static void a_search_opens_only_whom_it_finds(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    struct child_id rhys = house_child_id(house, "Ap Huw", "Rhys");
    struct child_id niamh = house_child_id(house, "O'Brien", "Niamh");
    (void)house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"));
    const struct answer *answer = house_view(&visitor, niamh);
    assert_int_equal(answer->refusal, REFUSAL_NO_LIVE_REASON);
    assert_null(answer->child);
    assert_int_equal(house_view(&visitor, rhys)->fault, FAULT_NONE);
}

/* Another session's search is as absent as one that never was. */
static void search_of_another_session(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct answer *found =
        house_find(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"));
    int64_t before = house_entries(house);
    const struct answer *foreign = house_results(&teacher, found->search);
    int64_t between = house_entries(house);
    const struct answer *absent = house_results(&teacher, (struct search_id){{{9}}});
    assert_int_equal(foreign->fault, absent->fault);
    assert_int_equal(foreign->refusal, absent->refusal);
    assert_int_not_equal(foreign->fault, FAULT_NONE);
    assert_null(foreign->results);
    assert_int_equal(between - before, house_entries(house) - between);
    assert_int_equal(house_results(&visitor, found->search)->fault, FAULT_NONE);
}

/* A reason ends with its session. */
static void reason_ends_with_its_session(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    struct child_id rhys = house_child_id(house, "Ap Huw", "Rhys");
    (void)house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"));
    assert_int_equal(house_ask(&visitor, &(struct request){.operation = OP_sign_out})->fault, FAULT_NONE);
    assert_int_equal(house_view(&visitor, rhys)->refusal, REFUSAL_NOT_SIGNED_IN);
    const struct seat again = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_int_equal(house_view(&again, rhys)->refusal, REFUSAL_NO_LIVE_REASON);
}

struct alarm_question {
    struct house *house;
    int64_t count;
};

static enum fault count_alarms(struct db_tx *tx, void *context)
{
    struct alarm_question *question = context;
    return alarm_open_count(tx, ALARM_REASON_COPIED, question->house->arena, &question->count);
}

static int64_t alarms(struct house *house)
{
    struct alarm_question question = {.house = house};
    assert_int_equal(db_read(house->service->db, count_alarms, &question), FAULT_NONE);
    return question.count;
}

/* A reason that is empty, or one letter, is refused; one that is pasted twenty times raises an alarm. */
static void case_47_reason_copied(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    struct child_id rhys = house_child_id(house, "Ap Huw", "Rhys");
    const char *const *copied =
        FIELDS("reason", "other", "reason_text", "safeguarding enquiry", "family", "Ap Huw", "age", "12");
    assert_int_equal(
        house_find(&visitor, FIELDS("reason", "other", "reason_text", "", "family", "Ap Huw", "age", "12"))
            ->refusal,
        REFUSAL_REASON);
    assert_int_equal(
        house_find(&visitor, FIELDS("reason", "other", "reason_text", "x", "family", "Ap Huw", "age", "12"))
            ->refusal,
        REFUSAL_REASON);
    for (int i = 1; i <= REPEATS_ALARMING; i++) {
        const struct answer *answer =
            i % 2 == 0 ? house_find(&visitor, copied) : give_reason(&visitor, rhys, copied);
        assert_int_equal(answer->fault, FAULT_NONE); /* nobody is kept from a child by it */
        assert_int_equal(alarms(house), i == REPEATS_ALARMING);
    }
    assert_int_equal(house_find(&visitor, copied)->fault, FAULT_NONE);
    assert_int_equal(alarms(house), 1); /* the next after twenty more */
    /* The same words of somebody else, and coded reasons, are no repetition. */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    for (int i = 1; i < REPEATS_ALARMING; i++) {
        (void)house_find(&teacher, copied);
        (void)house_find(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "age", "12"));
    }
    assert_int_equal(alarms(house), 1);
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM alarm WHERE addressed_role = %d AND authority = '%s'",
                   (int)ROLE_audit_reviewer, "E06000002");
    assert_int_equal(house_count(house, sql), 1);
    house_check_log(house);
}

/* One record that does not open is refused alone, with a general text and a reference. */
static void case_31_broken_record(void **state)
{
    struct house *house = *state;
    const struct seat visitor = settle(house);
    struct child_id rhys = house_child_id(house, "Ap Huw", "Rhys");
    struct child_id niamh = house_child_id(house, "O'Brien", "Niamh");
    (void)house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"));
    char where[80];
    (void)snprintf(where, sizeof where, "child_id = %s", engine_literal(rhys.id.byte, sizeof rhys.id.byte));
    engine_flip(house->db_path, &(struct engine_cell){"child", "linkage", where, 60});
    int64_t before = house_entries(house);
    const struct answer *answer = house_view(&visitor, rhys);
    assert_int_equal(answer->fault, FAULT_CORRUPT);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1); /* shown to nobody, and entered as that */
    assert_int_equal(events[0].event, EVENT_REFUSED);
    assert_int_equal(events[0].fault, FAULT_CORRUPT);
    assert_int_equal(events[0].shown.len, 0);
    assert_null(answer->child);
    assert_false(id_is_zero(answer->reference));
    assert_non_null(strstr(fault_text(answer->fault), "did not pass its check"));
    /* In a list it is left out; the others stand. */
    assert_int_equal(
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"))->count,
        0);
    assert_one(house_list(&visitor, FIELDS("reason", "working", "family", "O'Brien", "birth_year", "2016")),
               "Niamh O'Brien");
    assert_int_equal(house_view(&visitor, niamh)->fault, FAULT_NONE);
    house_stop(house);
    house_start(house); /* and the index is rebuilt without it */
    assert_int_equal(match_counts(house->service->index).people, 7);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(by_name_and_date),
        WITH_HOUSE(month_in_words_and_a_year_alone),
        WITH_HOUSE(misspelt),
        WITH_HOUSE(names_of_all_sorts),
        WITH_HOUSE(by_age),
        WITH_HOUSE(by_postcode_and_by_area),
        WITH_HOUSE(by_number),
        WITH_HOUSE(similar_again),
        WITH_HOUSE(too_many),
        WITH_HOUSE(too_little),
        WITH_HOUSE(all_errors_at_once),
        WITH_HOUSE(impossible_dates),
        WITH_HOUSE(entries_of_a_list),
        WITH_HOUSE(entry_of_an_empty_list),
        WITH_HOUSE(nothing_in_clear),
        WITH_HOUSE(reason_covers_one_record),
        WITH_HOUSE(a_search_opens_only_whom_it_finds),
        WITH_HOUSE(search_of_another_session),
        WITH_HOUSE(reason_ends_with_its_session),
        WITH_HOUSE(case_47_reason_copied),
        WITH_HOUSE(case_31_broken_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
