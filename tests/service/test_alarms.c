/* Alarms that are nobody's case (R2, R17.2, R17.7): listed, looked into and closed by the audit reviewer. */
#include <stdio.h>

#include "access/staff_fact.h"
#include "engine.h"
#include "house.h"
#include "registry/alarm.h"
#include "service/manage.h"

#define WORDS "spoke with her manager on Friday"

enum { HOUR_S = 3600 };

struct raising {
    struct house *house;
    struct alarm alarm;
};

static enum fault raise(struct db_tx *tx, void *context)
{
    const struct raising *raising = context;
    struct service *service = raising->house->service;
    return alarm_raise(tx, service->vault, &service->alarm_key, service->entropy,
                       (struct instant){atomic_load(&raising->house->now_us)}, &raising->alarm);
}

static void raise_of(struct house *house, enum alarm_kind kind, const char *authority, const char *user_name)
{
    struct raising raising = {.house = house,
                              .alarm = {.kind = kind,
                                        .addressed = ROLE_audit_reviewer,
                                        .authority = str_of(authority),
                                        .due_in = seconds(HOUR_S),
                                        .detail = STR("Rhys Ap Huw's mother rang")}};
    if (user_name != NULL)
        raising.alarm.account = house_staff(house, user_name)->account;
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, raise, &raising), FAULT_NONE);
}

static struct seat reviewer(struct house *house)
{
    return house_sign_in(house, "reviewer", ROLE_audit_reviewer);
}

static struct alarms_view *list(const struct seat *seat)
{
    struct answer *answer = house_ask(seat, &(struct request){.operation = OP_alarm_list});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->alarms;
}

static struct answer *look(const struct seat *seat, struct id alarm)
{
    return house_ask(seat,
                     &(struct request){.operation = OP_alarm_view, .path_ids = {alarm}, .path_id_count = 1});
}

static struct answer *close_it(const struct seat *seat, struct id alarm, const char *outcome,
                               const char *text)
{
    return house_ask(seat, &(struct request){.operation = OP_alarm_close,
                                             .path_ids = {alarm},
                                             .path_id_count = 1,
                                             .fields = FIELDS("outcome", outcome, "text", text)});
}

/* A number out of the table, as a superuser sees it. */
static int64_t unanswered(struct house *house)
{
    return house_count(house, "SELECT count(*) FROM alarm WHERE acknowledged_us IS NULL");
}

static bool holds(struct str text, const char *words)
{
    return text.len > 0 && memmem(text.at, text.len, words, strlen(words)) != NULL;
}

static void an_alarm_is_closed_with_what_was_found_out(void **state)
{
    struct house *house = *state;
    raise_of(house, ALARM_REASON_COPIED, "E06000001", "teacher");
    const struct seat seat = reviewer(house);
    const int64_t before = house_entries(house);
    const struct alarms_view *view = list(&seat);
    assert_int_equal(view->count, 1);
    assert_str(view->lines[0].title, "The same reason again and again");
    assert_str(view->lines[0].addressed, "Audit reviewer");
    const struct id alarm = view->lines[0].alarm;
    struct answer *answer = look(&seat, alarm);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->alarm->person, "Gwen Sample");
    assert_str(answer->alarm->user_name, "teacher");
    assert_str(answer->alarm->state, "In use");
    assert_false(answer->alarm->closed);
    assert_int_equal(answer->choice_count, FINDINGS_END - 1);
    answer = close_it(&seat, alarm, "", "short");
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "outcome"));
    assert_true(house_has_error(answer, "text"));
    assert_non_null(answer->alarm); /* the page again */
    assert_true(close_it(&seat, alarm, "explained", WORDS)->recorded);
    assert_int_equal(list(&seat)->count, 0);
    assert_int_equal(unanswered(house), 0);
    answer = look(&seat, alarm);
    assert_true(answer->alarm->closed);
    assert_str(answer->alarm->finding.text, WORDS);
    assert_str(answer->alarm->finding.who, "Noor Pattern");
    assert_str(answer->alarm->finding.ground, "Explained: nothing was wrong");
    answer = close_it(&seat, alarm, "suspend", WORDS);
    assert_int_equal(answer->fault, FAULT_CONFLICT); /* once */
    static const enum event events[] = {EVENT_ALARMS_LISTED, EVENT_ALARM_VIEWED,  EVENT_ALARM_VIEWED,
                                        EVENT_ALARM_CLOSED,  EVENT_ALARMS_LISTED, EVENT_ALARM_VIEWED,
                                        EVENT_REFUSED};
    size_t count;
    const struct audit_event *entered = house_events(house, before, &count);
    assert_int_equal(count, sizeof events / sizeof events[0]);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(entered[i].event, events[i]);
    assert_int_equal(entered[3].asked.len, ID_TEXT_LEN);                            /* which one it was */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner); /* not suspended */
    assert_int_equal(house_ask(&teacher, &(struct request){.operation = OP_account_view})->fault, FAULT_NONE);
    house_check_log(house);
}

static void unexplained_it_suspends_at_once(void **state)
{
    struct house *house = *state;
    raise_of(house, ALARM_OWN_CHILD, "E06000001", "teacher");
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat seat = reviewer(house);
    const struct id alarm = list(&seat)->lines[0].alarm;
    assert_true(close_it(&seat, alarm, "suspend", WORDS)->recorded);
    assert_int_equal(house_ask(&teacher, &(struct request){.operation = OP_find_page})->fault, FAULT_SIGN_IN);
    assert_str(look(&seat, alarm)->alarm->state, "Suspended");
    house_check_log(house);
}

/* What concerns nobody's account, and every authority. */
static void of_the_machine_nobody_is_suspended(void **state)
{
    struct house *house = *state;
    raise_of(house, ALARM_SANDBOX, "", NULL);
    const struct seat seat = reviewer(house);
    const struct id alarm = list(&seat)->lines[0].alarm;
    const struct answer *answer = look(&seat, alarm);
    assert_int_equal(answer->alarm->person.len, 0);
    assert_int_equal(answer->choice_count, FINDINGS_END - 2);
    answer = close_it(&seat, alarm, "suspend", WORDS);
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "outcome"));
    assert_true(close_it(&seat, alarm, "passed_on", WORDS)->recorded);
    house_check_log(house);
}

/* R2: the reviewer of that authority, and nobody about themselves; what a matter stands beside is answered
 * there. */
static void whose_it_is_not(void **state)
{
    struct house *house = *state;
    raise_of(house, ALARM_KEY_FROZEN, "E06000004", "visitor");
    raise_of(house, ALARM_GUESSING, "E06000001", "reviewer");
    raise_of(house, ALARM_OVERRIDE, "E06000001", "worker");
    raise_of(house, ALARM_OVERDUE, "E06000001", NULL);
    const struct seat seat = reviewer(house);
    assert_int_equal(list(&seat)->count, 0);
    const struct answer *home = house_ask(&seat, &(struct request){.operation = OP_manage_home});
    for (size_t i = 0; i < home->team->count; i++)
        if (str_equal(home->team->cards[i].title, STR("Alarms")))
            assert_int_equal(home->team->cards[i].open, 0);
    for (int kind = 0; kind < 4; kind++) {
        static const enum alarm_kind kinds[] = {ALARM_KEY_FROZEN, ALARM_GUESSING, ALARM_OVERRIDE,
                                                ALARM_OVERDUE};
        char sql[96];
        (void)snprintf(sql, sizeof sql, "SELECT alarm_id FROM alarm WHERE kind = %d", kinds[kind]);
        struct id alarm;
        engine_value(house->db_path, sql, &alarm, sizeof alarm);
        assert_int_equal(look(&seat, alarm)->fault, FAULT_ABSENT);
        assert_null(look(&seat, alarm)->alarm);
        assert_int_equal(close_it(&seat, alarm, "explained", WORDS)->fault, FAULT_ABSENT);
    }
    assert_int_equal(look(&seat, (struct id){{7}})->fault, FAULT_ABSENT);
    assert_int_equal(unanswered(house), 4);
    static const struct {
        const char *user_name;
        enum role role;
    } others[] = {{"teacher", ROLE_practitioner},
                  {"shielder", ROLE_shielding_officer},
                  {"manager", ROLE_user_manager},
                  {"data", ROLE_data_officer},
                  {"administrator", ROLE_national_administrator}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct seat other = house_sign_in(house, others[i].user_name, others[i].role);
        assert_int_equal(house_ask(&other, &(struct request){.operation = OP_alarm_list})->refusal,
                         REFUSAL_ROLE);
    }
    house_check_log(house);
}

static void a_code_is_not_enough(void **state)
{
    struct house *house = *state;
    raise_of(house, ALARM_GUESSING, "E06000001", "teacher");
    assert_int_equal(house_past(house, "UPDATE meta SET content = 'no' WHERE name = 'demonstration'"), 1);
    house_stop(house);
    house_start(house);
    const struct seat seat = reviewer(house);
    assert_int_equal(house_ask(&seat, &(struct request){.operation = OP_alarm_list})->refusal,
                     REFUSAL_STRENGTH);
    house_check_log(house);
}

/* Unanswered it goes further, and the reviewer still sees it; answered it goes nowhere. */
static void answered_it_goes_no_further(void **state)
{
    struct house *house = *state;
    raise_of(house, ALARM_GUESSING, "E06000001", "teacher");
    raise_of(house, ALARM_KEY_FROZEN, "E06000001", "visitor");
    struct seat seat = reviewer(house);
    const struct alarms_view *view = list(&seat);
    assert_int_equal(view->count, 2);
    const struct id first = view->lines[0].alarm, second = view->lines[1].alarm;
    assert_true(close_it(&seat, first, "training", WORDS)->recorded);
    house_wait(house, HOUR_S);
    assert_int_equal(manage_keep(house->service), FAULT_NONE);
    seat = reviewer(house);
    view = list(&seat);
    assert_int_equal(view->count, 1);
    assert_true(id_equal(view->lines[0].alarm, second));
    assert_str(view->lines[0].addressed, "National administrator");
    assert_str(look(&seat, first)->alarm->line.addressed, "Audit reviewer");
    const struct answer *home = house_ask(&seat, &(struct request){.operation = OP_manage_home});
    bool counted = false;
    for (size_t i = 0; i < home->team->count; i++)
        counted = counted || (str_equal(home->team->cards[i].title, STR("Alarms")) &&
                              home->team->cards[i].open == 1 && home->team->cards[i].overdue == 0);
    assert_true(counted);
    house_check_log(house);
}

struct declaring {
    struct house *house;
    struct staff_facts facts;
};

static enum fault declare(struct db_tx *tx, void *context)
{
    const struct declaring *declaring = context;
    return access_staff_facts_give(declaring->house->service->access, tx,
                                   house_staff(declaring->house, "teacher")->account, &declaring->facts);
}

/* Case 41, to its end: no view of an alarm names a child, be it hidden or not, nor what somebody wrote of it.
 */
static void case_41_the_child_is_not_named(void **state)
{
    struct house *house = *state;
    struct declaring declaring = {
        .house = house,
        .facts = {
            .relatives = {{.family = STR("Ap Huw"), .given = STR("Rhys"), .birth = {2014, 3, 27, DAY_EXACT}}},
            .relative_count = 1}};
    const struct row row = house_child("h1", "Ap Huw", "Rhys", "2014-03-27");
    (void)house_load(house, SOURCE_health, &row, 1);
    const struct child_id child = house_child_id(house, "Ap Huw", "Rhys");
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, declare, &declaring), FAULT_NONE);
    house->service->refuses_own_child = false;
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_ask(&teacher, &(struct request){.operation = OP_child_reason,
                                                           .path_ids = {child.id},
                                                           .path_id_count = 1,
                                                           .fields = FIELDS("reason", "working")})
                         ->fault,
                     FAULT_NONE);
    assert_int_equal(house_view(&teacher, child)->fault, FAULT_NONE);
    raise_of(house, ALARM_REASON_COPIED, "E06000001", "teacher"); /* whose detail is what was typed */
    const struct seat seat = reviewer(house);
    const struct alarms_view *view = list(&seat);
    assert_int_equal(view->count, 2);
    for (size_t i = 0; i < view->count; i++) {
        const struct alarm_view *alarm = look(&seat, view->lines[i].alarm)->alarm;
        const struct str texts[] = {alarm->line.title, alarm->words, alarm->person,
                                    alarm->job,        alarm->state, alarm->organisation};
        assert_str(alarm->user_name, "teacher");
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            assert_false(holds(texts[k], "Rhys") || holds(texts[k], "Huw"));
    }
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(an_alarm_is_closed_with_what_was_found_out),
        WITH_HOUSE(unexplained_it_suspends_at_once),
        WITH_HOUSE(of_the_machine_nobody_is_suspended),
        WITH_HOUSE(whose_it_is_not),
        WITH_HOUSE(a_code_is_not_enough),
        WITH_HOUSE(answered_it_goes_no_further),
        WITH_HOUSE(case_41_the_child_is_not_named),
    };
    return cmocka_run_group_tests_name("service/alarms", tests, NULL, NULL);
}
