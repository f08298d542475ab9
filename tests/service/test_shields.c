/* Shields before their officers (R9): seen, decided, reviewed, and lifted by two. */
#include "shielding.h"

#include "registry/shield.h"

static void the_officer_sees_the_case_and_what_others_will_see(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(shielding_ask(&teacher, child)->fault, FAULT_NONE);
    const struct seat seat = shielding_first(house);
    const struct id matter = shielding_only(&seat, OP_shield_list);
    int64_t before = house_entries(house);
    const struct answer *answer = house_ask_of(&seat, OP_shield_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    const struct matter_view *view = answer->matter;
    assert_true(view->to_decide);
    assert_int_equal(view->child->address_presence, PRESENCE_VALUE);
    assert_int_equal(view->child->former_name_count, 1);
    assert_int_equal(view->others->address_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->others->former_name_count, 0);
    assert_int_equal(view->others->authority.len, 0);
    assert_str(view->others->name.text, "Rhys Ap Huw");
    assert_int_equal(view->step_count, 1);
    assert_str(view->steps[0].text, WORDS);
    assert_str(view->asker, "Gwen Sample");
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_SHIELD_VIEWED);
    assert_memory_equal(&events[0].child, &child, sizeof child);
    assert_true(events[0].shown.len > 0);
    house_check_log(house);
}

/* R2: an authority's team works on its own; practitioners on none; an officer without a key on none (case 3).
 */
static void only_the_childs_own_team_reaches_the_case(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct id matter = shielding_decided(house, child);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_ask_of(&teacher, OP_shield_view, matter, NULL)->refusal, REFUSAL_ROLE);
    assert_int_equal(house_past(house, "UPDATE child SET authority = 'E06000003'"), 1);
    const struct seat seat = shielding_first(house);
    struct answer *answer = house_ask_of(&seat, OP_shield_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_ABSENT);
    assert_null(answer->matter);
    answer = house_ask_of(&seat, OP_shield_lift, matter, FIELDS("lift_reason", WORDS));
    assert_int_equal(answer->fault, FAULT_ABSENT);
    /* R11.2: and it travels there. */
    shielding_keep(house);
    assert_int_equal(shielding_list(&seat, OP_shield_list)->count, 0);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter WHERE authority = 'E06000003'"), 1);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    house_check_log(house);
}

static void case_3_a_token_is_not_enough(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct id matter = shielding_decided(house, child);
    assert_int_equal(house_past(house, "UPDATE meta SET content = 'no' WHERE name = 'demonstration'"), 1);
    house_stop(house);
    house_start(house);
    const struct seat weak = house_sign_in(house, "shielder", ROLE_shielding_officer);
    struct answer *answer = house_ask_of(&weak, OP_shield_view, matter, NULL);
    assert_int_equal(answer->refusal, REFUSAL_STRENGTH);
    assert_null(answer->matter);
    assert_int_equal(house_ask(&weak, &(struct request){.operation = OP_shield_list})->refusal,
                     REFUSAL_STRENGTH);
    const struct seat worker = house_sign_in(house, "worker", ROLE_override_practitioner);
    (void)shielding_look(&worker, child);
    answer = house_ask_of(&worker, OP_override_page, child.id, NULL);
    assert_int_equal(answer->refusal, REFUSAL_STRENGTH);
    assert_null(answer->child);
    answer = house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS));
    assert_int_equal(answer->refusal, REFUSAL_STRENGTH);
    assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
    assert_false(shielding_look(&worker, child)->opened);
    house_check_log(house);
}

static void a_decision_takes_grounds_evidence_and_advice(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(shielding_ask(&teacher, child)->fault, FAULT_NONE);
    const struct seat seat = shielding_first(house);
    const struct id matter = shielding_only(&seat, OP_shield_list);
    struct answer *answer = house_ask_of(&seat, OP_shield_decide, matter, FIELDS("outcome", "confirm"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "ground"));
    assert_true(house_has_error(answer, "text"));
    assert_non_null(answer->matter); /* the page again */
    answer = house_ask_of(&seat, OP_shield_decide, matter,
                          FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS));
    assert_true(house_has_error(answer, "advice"));
    assert_int_equal(shielding_state(house), SHIELD_PROVISIONAL);
    answer = house_ask_of(&seat, OP_shield_decide, matter, FIELDS("text", WORDS));
    assert_true(house_has_error(answer, "outcome"));
    house_check_log(house);
}

/* R9.2 */
static void an_overdue_review_keeps_the_shield_and_raises_an_alarm(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct id matter = shielding_decided(house, child);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    house_wait(house, (SHIELD_REVIEW_DAYS - 1) * (int64_t)DAY_S);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    house_wait(house, 2 * DAY_S);
    shielding_keep(house);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4"), 1);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    /* R17.7: what nobody answers goes to the next person, and then to the next. */
    house_wait(house, 2 * DAY_S);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4 AND addressed_role = 7"),
                     1);
    house_wait(house, 2 * 3600);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4 AND addressed_role = 8"),
                     1);
    const struct seat seat = shielding_first(house);
    assert_true(shielding_list(&seat, OP_shield_list)->lines[0].overdue);
    const struct answer *home = house_ask(&seat, &(struct request){.operation = OP_manage_home});
    assert_int_equal(home->team->cards[0].overdue, 1);
    /* The review answers it. */
    assert_int_equal(
        house_ask_of(&seat, OP_shield_review, matter, FIELDS("ground", "harm", "text", WORDS))->fault,
        FAULT_NONE);
    assert_false(shielding_list(&seat, OP_shield_list)->lines[0].overdue);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE acknowledged_us IS NULL"), 0);
    house_check_log(house);
}

static void case_35_a_shield_is_lifted_by_two(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct id matter = shielding_decided(house, child);
    const struct seat first = shielding_first(house);
    assert_true(house_has_error(house_ask_of(&first, OP_shield_lift, matter, FIELDS("lift_reason", "so")),
                                "lift_reason"));
    int64_t before = house_entries(house);
    assert_int_equal(
        house_ask_of(&first, OP_shield_lift, matter, FIELDS("lift_reason", "the danger has passed"))->fault,
        FAULT_NONE);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    /* Neither the first, in whichever session. */
    const struct seat again = shielding_first(house);
    assert_int_equal(
        house_ask_of(&first, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->refusal,
        REFUSAL_SECOND);
    assert_int_equal(
        house_ask_of(&again, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->refusal,
        REFUSAL_SECOND);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    const struct seat second = shielding_second(house);
    assert_true(house_ask_of(&second, OP_shield_view, matter, NULL)->matter->to_second);
    assert_int_equal(house_ask_of(&second, OP_shield_second, matter,
                                  FIELDS("answer", "agree", "text", "I have seen it too"))
                         ->fault,
                     FAULT_NONE);
    assert_int_equal(shielding_state(house), SHIELD_NONE);
    size_t count, steps = 0;
    const struct audit_event *events = house_events(house, before, &count);
    for (size_t i = 0; i < count; i++)
        steps += events[i].event == EVENT_SHIELD_LIFT_ASKED || events[i].event == EVENT_SHIELD_SECOND_GIVEN;
    assert_int_equal(steps, 2);
    /* Everybody sees it again, and who asked is told. */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(shielding_found(&teacher), 1);
    assert_int_equal(shielding_look(&teacher, child)->state, RECORD_LIVE);
    const struct answer *told = house_view(&teacher, child);
    assert_non_null(told->shield_line);
    assert_str(told->shield_line->state, "Two officers have lifted the shield since.");
    /* The officer's sight of the record has ended with the matter. */
    const struct answer *closed = house_ask_of(&second, OP_shield_view, matter, NULL);
    assert_int_equal(closed->fault, FAULT_NONE);
    assert_null(closed->matter->child);
    assert_int_equal(closed->matter->step_count, 6); /* who asked was told of both */
    assert_int_equal(shielding_list(&second, OP_shield_list)->count, 0);
    house_check_log(house);
}

static void a_second_who_declines_keeps_it(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct id matter = shielding_decided(house, child);
    const struct seat first = shielding_first(house);
    assert_int_equal(house_ask_of(&first, OP_shield_lift, matter, FIELDS("lift_reason", WORDS))->fault,
                     FAULT_NONE);
    const struct seat second = shielding_second(house);
    assert_int_equal(
        house_ask_of(&second, OP_shield_second, matter, FIELDS("answer", "decline", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    /* And what is over cannot be agreed to. */
    assert_int_equal(
        house_ask_of(&second, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->fault,
        FAULT_CONFLICT);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    house_check_log(house);
}

/* R9.7: a request is not refused by one alone either. */
static void refusing_a_request_takes_two(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(shielding_ask(&teacher, child)->fault, FAULT_NONE);
    const struct seat first = shielding_first(house);
    const struct id matter = shielding_only(&first, OP_shield_list);
    assert_int_equal(
        house_ask_of(&first, OP_shield_decide, matter, FIELDS("outcome", "refuse", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(shielding_state(house), SHIELD_PROVISIONAL);
    /* Two officers at once: the second decides on what is no longer so. */
    assert_int_equal(
        house_ask_of(&first, OP_shield_decide, matter,
                     FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS, "advice", WORDS))
            ->fault,
        FAULT_CONFLICT);
    const struct seat second = shielding_second(house);
    assert_int_equal(
        house_ask_of(&second, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(shielding_state(house), SHIELD_NONE);
    const struct seat later = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)shielding_look(&later, child);
    assert_str(house_view(&later, child)->shield_line->state,
               "Two officers have refused this: the record is not shielded because of it.");
    house_check_log(house);
}

/* R2: nor does anybody decide on what they have asked for in another of their roles. */
static void nobody_decides_on_what_they_asked_for(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat asking = house_sign_in(house, "second.shielder", ROLE_practitioner);
    assert_int_equal(shielding_ask(&asking, child)->fault, FAULT_NONE);
    const char *const *form = FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS, "advice", WORDS);
    const struct seat own = shielding_second(house);
    const struct id matter = shielding_only(&own, OP_shield_list);
    const struct answer *answer = house_ask_of(&own, OP_shield_view, matter, NULL);
    assert_false(answer->matter->to_decide);
    assert_true(answer->matter->own);
    assert_int_equal(house_ask_of(&own, OP_shield_decide, matter, form)->fault, FAULT_REFUSED);
    assert_int_equal(shielding_state(house), SHIELD_PROVISIONAL);
    const struct seat other = shielding_first(house);
    assert_int_equal(house_ask_of(&other, OP_shield_decide, matter, form)->fault, FAULT_NONE);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    house_check_log(house);
}

/* Case 64: a review is due by its day.  A clock that is ahead tells of it too early, one that is behind too
 * late; neither takes the shield away, nor the alarm, once the clock is right again. */
static void case_64_no_review_is_lost(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    house_wait(house, -365 * (int64_t)DAY_S);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    house_wait(house, (365 + SHIELD_REVIEW_DAYS + 1) * (int64_t)DAY_S);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4"), 1);
    house_wait(house, -2 * SHIELD_REVIEW_DAYS * (int64_t)DAY_S);
    shielding_keep(house);
    shielding_keep(house);
    assert_int_equal(
        house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4 AND acknowledged_us IS NULL"), 1);
    house_wait(house, 2 * SHIELD_REVIEW_DAYS * (int64_t)DAY_S);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4"), 1);
    assert_int_equal(shielding_state(house), SHIELD_DECIDED);
    house_check_log(house);
}

static void team_homes(void **state)
{
    struct house *house = *state;
    (void)shielding_decided(house, shielding_rhys(house));
    const struct seat seat = shielding_first(house);
    const struct answer *answer = house_ask(&seat, &(struct request){.operation = OP_manage_home});
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->team->team, "Hartlepool ContactPoint team");
    assert_true(answer->team->count >= 3);
    const struct seat rights = house_sign_in(house, "rights", ROLE_rights_officer);
    answer = house_ask(&rights, &(struct request){.operation = OP_manage_home});
    assert_int_equal(answer->fault, FAULT_NONE);
    for (size_t i = 0; i < answer->team->count; i++)
        assert_false(str_equal(answer->team->cards[i].title, STR("Shields")));
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_ask(&teacher, &(struct request){.operation = OP_manage_home})->refusal,
                     REFUSAL_ROLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(the_officer_sees_the_case_and_what_others_will_see),
        WITH_HOUSE(only_the_childs_own_team_reaches_the_case),
        WITH_HOUSE(case_3_a_token_is_not_enough),
        WITH_HOUSE(a_decision_takes_grounds_evidence_and_advice),
        WITH_HOUSE(an_overdue_review_keeps_the_shield_and_raises_an_alarm),
        WITH_HOUSE(case_35_a_shield_is_lifted_by_two),
        WITH_HOUSE(a_second_who_declines_keeps_it),
        WITH_HOUSE(refusing_a_request_takes_two),
        WITH_HOUSE(nobody_decides_on_what_they_asked_for),
        WITH_HOUSE(case_64_no_review_is_lost),
        WITH_HOUSE(team_homes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
