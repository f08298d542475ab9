/* Mediated access (R4.1): two people at one screen, both proved, both entered, and no more seen than both may
 * see. */
#include "house.h"

#include <stdio.h>

#include "registry/look.h"

enum { PERIOD_S = 30 };

static struct child_id settle(struct house *house)
{
    struct row row = house_child("1", "Ap Huw", "Rhys", "2014-03-27");
    row.at[COLUMN_authority] = STR("E06000001");
    row.at[COLUMN_postcode] = STR("TS24 7AA");
    row.at[COLUMN_nhs_number] = STR("943 476 5919");
    (void)house_load(house, SOURCE_health, &row, 1);
    return house_child_id(house, "Ap Huw", "Rhys");
}

/* The colleague's turn at the screen. */
static struct answer *mediate_with(const struct seat *seat, const char *user_name, const char *password)
{
    struct house *house = seat->house;
    char pin[32] = {0}, code[32] = {0};
    house_wait(house, PERIOD_S);
    const struct str current = house_code(house, house_staff(house, user_name));
    memcpy(pin, house_pin.at, house_pin.len);
    memcpy(code, current.at, current.len);
    return house_ask(seat, &(struct request){.operation = OP_mediate,
                                             .fields = FIELDS("user_name", user_name, "password", password,
                                                              "pin", pin, "code", code)});
}

static const char *right_password(void)
{
    static char password[64];
    memcpy(password, house_password.at, house_password.len);
    return password;
}

/* The seat that goes on for both. */
static struct seat mediated(const struct seat *seat, const char *user_name)
{
    const struct answer *answer = mediate_with(seat, user_name, right_password());
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->cookie.len, ID_TEXT_LEN);
    return (struct seat){seat->house, answer->cookie};
}

static bool is_alive(const struct seat *seat)
{
    return house_ask(seat, &(struct request){.operation = OP_find_page})->fault == FAULT_NONE;
}

/* Both stand in every entry, and the session has another id. */
static void both_are_entered(void **state)
{
    struct house *house = *state;
    const struct child_id child = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_int_equal(house_look(&visitor, child)->fault, FAULT_NONE);
    const int64_t before = house_entries(house);
    const struct seat both = mediated(&visitor, "teacher");
    assert_false(is_alive(&visitor));
    assert_int_equal(house_view(&both, child)->refusal, REFUSAL_NO_LIVE_REASON); /* that was for one */
    const struct answer *answer = house_look(&both, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->mediated_for, "Gwen Sample");
    size_t count = 0;
    const struct audit_event *events = house_events(house, before, &count);
    const struct account_id visitor_id = house_staff(house, "visitor")->account,
                            teacher_id = house_staff(house, "teacher")->account;
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        if (events[i].event == EVENT_PASSWORD_OFFERED || events[i].refusal == REFUSAL_NOT_SIGNED_IN)
            continue;
        begun = begun || events[i].event == EVENT_MEDIATION_BEGUN;
        assert_true(id_equal(events[i].actor.id, visitor_id.id));
        assert_true(id_equal(events[i].on_behalf_of.id, teacher_id.id));
    }
    assert_true(begun);
    house_check_log(house);
}

/* A number of the looking one's body is not the asking one's; one's own involvement is not the other's. */
static void the_answer_is_what_both_may_see(void **state)
{
    struct house *house = *state;
    const struct child_id child = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_view *alone = house_look(&visitor, child)->child;
    assert_int_equal(alone->number_count, 1);
    const struct seat both = mediated(&visitor, "teacher");
    const struct child_view *together = house_look(&both, child)->child;
    assert_int_equal(together->number_count, 0);
    assert_str(together->address.text, "TS24 7AA");
    const struct request record = {
        .operation = OP_involvement_page, .path_ids = {child.id}, .path_id_count = 1};
    assert_int_equal(house_ask(&both, &record)->fault, FAULT_NONE);
    const struct request write = {.operation = OP_involvement_record,
                                  .path_ids = {child.id},
                                  .path_id_count = 1,
                                  .fields = FIELDS("service", "Harbour", "kind", "health_visiting", "job",
                                                   "Health visitor", "phone", "01632 960456", "from_day", "1",
                                                   "from_month", "9", "from_year", "2026")};
    assert_int_equal(house_ask(&both, &write)->refusal, REFUSAL_ROLE);
    const struct request override = {
        .operation = OP_override_page, .path_ids = {child.id}, .path_id_count = 1};
    assert_int_equal(house_ask(&both, &override)->refusal, REFUSAL_ROLE);
}

/* However strongly one has signed in, the two are as strong as the weaker. */
static void no_stronger_than_the_weaker(void **state)
{
    struct house *house = *state;
    const struct seat worker = house_sign_in(house, "worker", ROLE_override_practitioner);
    assert_int_equal(house_past(house, "UPDATE session SET strength = 3 WHERE role = 2"), 1);
    (void)mediated(&worker, "teacher");
    assert_int_equal(house_count(house, "SELECT strength FROM session WHERE other_account_id IS NOT NULL"),
                     STRENGTH_TOKEN);
}

/* A key would prove one of the two alone: refused in so many words, entered with both, and nothing has ended.
 */
static void one_of_two_does_not_step_up(void **state)
{
    struct house *house = *state;
    const struct seat worker = house_sign_in(house, "worker", ROLE_override_practitioner);
    const struct seat both = mediated(&worker, "teacher");
    const char *const said[] = {"credential", "AAAA",      "client_data", "AAAA", "authenticator_data",
                                "AAAA",       "signature", "AAAA",        NULL};
    const struct request begun = {.operation = OP_step_up_begin},
                         done = {.operation = OP_step_up, .fields = said};
    const int64_t before = house_entries(house);
    const struct answer *answer = house_ask(&both, &begun);
    assert_int_equal(answer->fault, FAULT_REFUSED);
    assert_null(answer->key);
    assert_int_equal(house_ask(&both, &done)->fault, FAULT_REFUSED);
    size_t count = 0;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].event, EVENT_REFUSED);
        assert_true(id_equal(events[i].actor.id, house_staff(house, "worker")->account.id));
        assert_true(id_equal(events[i].on_behalf_of.id, house_staff(house, "teacher")->account.id));
    }
    assert_str(house_ask(&both, &(struct request){.operation = OP_find_page})->mediated_for, "Gwen Sample");
    house_check_log(house);
}

static void the_colleague_is_proved(void **state)
{
    struct house *house = *state;
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const char *const nobody[] = {"teacher", "worker"};
    for (size_t i = 0; i < 2; i++) {
        const struct answer *answer = mediate_with(&visitor, nobody[i], "not the password of anybody");
        assert_int_equal(answer->fault, FAULT_INVALID);
        assert_true(house_has_error(answer, "user_name"));
    }
    assert_true(house_has_error(mediate_with(&visitor, "visitor", right_password()), "user_name"));
    assert_true(house_has_error(mediate_with(&visitor, "manager", right_password()), "user_name"));
    assert_true(is_alive(&visitor));
    assert_int_equal(house_count(house, "SELECT count(*) FROM session WHERE other_account_id IS NOT NULL"),
                     0);
    house_check_log(house);
}

/* R3.3: what ends one of them ends both, on the very next request. */
static void suspending_the_colleague_bites_at_once(void **state)
{
    struct house *house = *state;
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat both = mediated(&visitor, "teacher");
    assert_true(is_alive(&both));
    const struct child_id teacher = {house_staff(house, "teacher")->account.id};
    assert_int_equal(house_past_child(house, "UPDATE account SET state = 2 WHERE account_id = $1", teacher),
                     1);
    const struct answer *answer = house_ask(&both, &(struct request){.operation = OP_find_page});
    assert_int_equal(answer->refusal, REFUSAL_ACCOUNT);
}

static void stopping(void **state)
{
    struct house *house = *state;
    const struct child_id child = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat both = mediated(&visitor, "teacher");
    assert_int_equal(house_look(&both, child)->fault, FAULT_NONE);
    const struct answer *answer = house_ask(&both, &(struct request){.operation = OP_mediate_end});
    assert_int_equal(answer->fault, FAULT_NONE);
    const struct seat alone = {house, answer->cookie};
    assert_false(is_alive(&both));
    assert_int_equal(house_view(&alone, child)->refusal, REFUSAL_NO_LIVE_REASON);
    answer = house_look(&alone, child);
    assert_int_equal(answer->child->number_count, 1);
    assert_int_equal(answer->mediated_for.len, 0);
}

/* R5.7: nobody goes beyond their limit through a colleague. */
static void limits_of_both_count(void **state)
{
    struct house *house = *state;
    const struct child_id child = settle(house);
    struct row row = house_child("2", "Ap Huw", "Sioned", "2012-01-02");
    (void)house_load(house, SOURCE_health, &row, 1);
    const struct child_id sister = house_child_id(house, "Ap Huw", "Sioned");
    house->service->looks = (struct look_limits){.children_per_hour = 1};
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_look(&teacher, child)->fault, FAULT_NONE);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat both = mediated(&visitor, "teacher");
    assert_int_equal(house_look(&both, sister)->refusal, REFUSAL_LIMIT);
    assert_int_equal(house_look(&both, child)->fault, FAULT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(both_are_entered),
        WITH_HOUSE(the_answer_is_what_both_may_see),
        WITH_HOUSE(no_stronger_than_the_weaker),
        WITH_HOUSE(one_of_two_does_not_step_up),
        WITH_HOUSE(the_colleague_is_proved),
        WITH_HOUSE(suspending_the_colleague_bites_at_once),
        WITH_HOUSE(stopping),
        WITH_HOUSE(limits_of_both_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
