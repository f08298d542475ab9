/* How much one may look (R5.7), and what happens beyond: a second person, an alarm, a lock. */
#include "second.h"

#include <stdio.h>
#include <stdlib.h>

#include "access/approval_view.h"
#include "access/manage_view.h"
#include "access/staff_fact.h"
#include "engine.h"
#include "registry/alarm.h"
#include "service/manage.h"

enum { CHILDREN = 6, MINUTE_S = 60, HOUR_S = 3600 };

/* Children of the school's authority, and small limits. */
struct class
{
    struct house *house;
    struct child_id children[CHILDREN];
};

static struct class settle(struct house *house)
{
    struct class class = {.house = house};
    struct row rows[CHILDREN];
    static const char *const names[CHILDREN] = {"Ash", "Birch", "Cedar", "Elm", "Hazel", "Rowan"};
    for (size_t i = 0; i < CHILDREN; i++) {
        rows[i] = house_child(names[i], "Limitrove", names[i], "2014-03-27");
        rows[i].at[COLUMN_authority] = STR("E06000001");
    }
    (void)house_load(house, SOURCE_health, rows, CHILDREN);
    for (size_t i = 0; i < CHILDREN; i++)
        class.children[i] = house_child_id(house, "Limitrove", names[i]);
    house->service->looks = (struct look_limits){
        .children_per_hour = 3, .children_per_day = 5, .searches_per_hour = 100, .guesses_per_day = 4};
    return class;
}

/* A reason for this one record, and the record. */
static struct answer *ask_plain(const struct seat *seat, enum operation operation)
{
    return house_ask(seat, &(struct request){.operation = operation});
}

static struct answer *ask_more(const struct seat *seat)
{
    return house_ask(seat,
                     &(struct request){.operation = OP_more_ask,
                                       .fields = FIELDS("text", "The whole of year three moves school")});
}

static struct answer *decide_on(const struct seat *seat, struct id matter, const char *verdict)
{
    return house_ask(seat, &(struct request){.operation = OP_approval_decide,
                                             .path_ids = {matter},
                                             .path_id_count = 1,
                                             .fields = FIELDS("verdict", verdict, "text",
                                                              "I asked the head of the school")});
}

static void open_all_that_one_may(const struct class *class, const struct seat *seat)
{
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(house_look(seat, class->children[i])->fault, FAULT_NONE);
    struct answer *answer = house_look(seat, class->children[3]);
    assert_int_equal(answer->fault, FAULT_TOO_MANY);
    assert_int_equal(answer->refusal, REFUSAL_LIMIT);
    assert_null(answer->child);
}

/* Over all sessions of one account; somebody else's looks are their own. */
static void case_45_one_child_too_many(void **state)
{
    const struct class class = settle(*state);
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    open_all_that_one_may(&class, &teacher);
    assert_int_equal(house_look(&teacher, class.children[1])->fault, FAULT_NONE); /* again */
    const struct seat again = house_sign_in(class.house, "teacher", ROLE_practitioner);
    assert_int_equal(house_look(&again, class.children[3])->refusal, REFUSAL_LIMIT);
    const struct seat visitor = house_sign_in(class.house, "visitor", ROLE_practitioner);
    assert_int_equal(house_look(&visitor, class.children[3])->fault, FAULT_NONE);
    house_stop(class.house);
    house_start(class.house);
    class.house->service->looks = (struct look_limits){.children_per_hour = 3};
    assert_int_equal(house_look(&again, class.children[3])->refusal, REFUSAL_LIMIT);
    house_wait(class.house, HOUR_S);
    const struct seat later = house_sign_in(class.house, "teacher", ROLE_practitioner);
    assert_int_equal(house_look(&later, class.children[3])->fault, FAULT_NONE);
    house_check_log(class.house);
}

/* One of several sessions that open a child each, at one instant. */
struct opener {
    pthread_t thread;
    struct seat seat;
    struct arena *arena;
    struct child_id child;
    enum fault fault;
};

static void *open_at_once(void *argument)
{
    struct opener *opener = argument;
    const struct request request = {
        .operation = OP_child_view, .path_ids = {opener->child.id}, .path_id_count = 1};
    do
        opener->fault = house_ask_in(&opener->seat, &request, opener->arena)->fault;
    while (opener->fault == FAULT_BUSY);
    return NULL;
}

/* All of them at once, as one account: three may open one, at whichever server. */
static void open_all_at_once(const struct class *class, struct house *second)
{
    struct opener openers[CHILDREN];
    size_t opened = 0, refused = 0;
    for (size_t i = 0; i < CHILDREN; i++) {
        openers[i] = (struct opener){.seat = house_sign_in(class->house, "teacher", ROLE_practitioner),
                                     .child = class->children[i]};
        assert_int_equal(arena_open(16 * 1024 * 1024, &openers[i].arena), FAULT_NONE);
        assert_int_equal(house_ask_of(&openers[i].seat, OP_child_reason, class->children[i].id,
                                      FIELDS("reason", "working"))
                             ->fault,
                         FAULT_NONE);
        if (i % 2 == 1)
            openers[i].seat.house = second;
    }
    atomic_store(&second->now_us, atomic_load(&class->house->now_us));
    for (size_t i = 0; i < CHILDREN; i++)
        assert_int_equal(pthread_create(&openers[i].thread, NULL, open_at_once, &openers[i]), 0);
    for (size_t i = 0; i < CHILDREN; i++) {
        assert_int_equal(pthread_join(openers[i].thread, NULL), 0);
        opened += openers[i].fault == FAULT_NONE;
        refused += openers[i].fault == FAULT_TOO_MANY;
        arena_close(openers[i].arena);
    }
    assert_int_equal(opened, 3);
    assert_int_equal(refused, CHILDREN - 3);
    house_check_log(class->house);
}

static void case_45_nobody_slips_through_beside_another(void **state)
{
    const struct class class = settle(*state);
    open_all_at_once(&class, class.house);
}

/* What was opened at one server counts at the other. */
static void case_45_nor_at_another_server(void **state)
{
    if (!engine_is_postgres())
        return; /* on SQLite there is one */
    const struct class class = settle(*state);
    struct house *second = second_make(class.house);
    house_start(second);
    second->service->looks = class.house->service->looks;
    open_all_at_once(&class, second);
    struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    teacher.house = second;
    size_t again = 0;
    for (size_t i = 0; i < CHILDREN; i++)
        again += house_look(&teacher, class.children[i])->fault == FAULT_NONE;
    assert_int_equal(again, 3); /* those that have been opened */
    second_forget(second);
}

/* A record that is not there, and one that is, answer alike to somebody who may open no more. */
static void case_45_the_limit_tells_nothing_of_records(void **state)
{
    const struct class class = settle(*state);
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    open_all_that_one_may(&class, &teacher);
    const struct child_id nobody = {{{1, 2, 3}}};
    const struct answer *there = house_look(&teacher, class.children[4]),
                        *absent = house_look(&teacher, nobody);
    assert_int_equal(there->fault, absent->fault);
    assert_int_equal(there->refusal, absent->refusal);
    assert_int_equal(absent->refusal, REFUSAL_LIMIT);
}

static void case_45_a_second_person_approves(void **state)
{
    const struct class class = settle(*state);
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    open_all_that_one_may(&class, &teacher);
    assert_int_equal(ask_plain(&teacher, OP_more_page)->more->state, MORE_FREE);
    assert_true(ask_more(&teacher)->recorded);
    assert_int_equal(ask_more(&teacher)->fault, FAULT_DUPLICATE);
    assert_int_equal(ask_plain(&teacher, OP_more_page)->more->state, MORE_ASKED);
    assert_int_equal(house_look(&teacher, class.children[3])->refusal, REFUSAL_LIMIT);
    const struct seat manager = house_sign_in(class.house, "manager", ROLE_user_manager);
    const struct matters_view *list = ask_plain(&manager, OP_approval_list)->matters;
    assert_int_equal(list->count, 1);
    const struct id matter = list->lines[0].matter;
    const struct answer *one = house_ask(
        &manager, &(struct request){.operation = OP_approval_view, .path_ids = {matter}, .path_id_count = 1});
    assert_true(one->matter->to_decide);
    assert_str(one->matter->steps[0].text, "The whole of year three moves school");
    assert_true(house_has_error(decide_on(&manager, matter, "perhaps"), "verdict"));
    assert_true(decide_on(&manager, matter, "1")->recorded);
    assert_int_equal(decide_on(&manager, matter, "8")->fault, FAULT_CONFLICT);
    const struct more_view *more = ask_plain(&teacher, OP_more_page)->more;
    assert_int_equal(more->state, MORE_GIVEN);
    for (size_t i = 3; i < 6; i++)
        assert_int_equal(house_look(&teacher, class.children[i])->fault, FAULT_NONE);
    assert_int_equal(house_look(&teacher, class.children[0])->refusal, REFUSAL_LIMIT);
    assert_int_equal(house_count(class.house, "SELECT count(*) FROM alarm WHERE acknowledged_us IS NULL"), 0);
    house_check_log(class.house);
}

static void case_45_refused_and_asked_again(void **state)
{
    const struct class class = settle(*state);
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    open_all_that_one_may(&class, &teacher);
    assert_true(ask_more(&teacher)->recorded);
    const struct seat shielder = house_sign_in(class.house, "shielder", ROLE_shielding_officer);
    const struct id matter = ask_plain(&shielder, OP_approval_list)->matters->lines[0].matter;
    assert_true(decide_on(&shielder, matter, "refuse")->recorded);
    assert_int_equal(house_look(&teacher, class.children[3])->refusal, REFUSAL_LIMIT);
    assert_int_equal(ask_plain(&teacher, OP_more_page)->more->state, MORE_FREE);
    assert_true(ask_more(&teacher)->recorded);
}

/* Nobody of another authority or organisation, and never whoever asks. */
static void case_45_not_by_anybody(void **state)
{
    const struct class class = settle(*state);
    const struct seat visitor = house_sign_in(class.house, "visitor", ROLE_practitioner);
    assert_true(ask_more(&visitor)->recorded);
    const struct seat manager = house_sign_in(class.house, "manager", ROLE_user_manager);
    assert_int_equal(ask_plain(&manager, OP_approval_list)->matters->count, 0);
    struct id matter = {{0}};
    const int64_t count = house_count(class.house, "SELECT count(*) FROM matter");
    assert_int_equal(count, 1);
    matter.byte[0] = 1;
    assert_int_equal(decide_on(&manager, matter, "1")->fault, FAULT_ABSENT);
    assert_int_equal(decide_on(&visitor, matter, "1")->refusal, REFUSAL_ROLE);
}

/* Unanswered for an hour, it goes to the next person. */
static void case_45_unanswered_it_goes_further(void **state)
{
    const struct class class = settle(*state);
    char sql[96];
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    assert_true(ask_more(&teacher)->recorded);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM alarm WHERE kind = %d AND addressed_role = %d",
                   ALARM_LOOKS, ROLE_user_manager);
    assert_int_equal(house_count(class.house, sql), 1);
    house_wait(class.house, HOUR_S - MINUTE_S);
    assert_int_equal(manage_keep(class.house->service), FAULT_NONE);
    assert_int_equal(house_count(class.house, sql), 1);
    house_wait(class.house, MINUTE_S);
    assert_int_equal(manage_keep(class.house->service), FAULT_NONE);
    assert_int_equal(house_count(class.house, sql), 0);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM alarm WHERE kind = %d AND addressed_role = %d",
                   ALARM_LOOKS, ROLE_shielding_officer);
    assert_int_equal(house_count(class.house, sql), 1);
}

static void searches_have_a_limit_of_their_own(void **state)
{
    const struct class class = settle(*state);
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    const char *const *search = FIELDS("reason", "working", "family", "Limitrove", "birth_year", "2014");
    class.house->service->looks = (struct look_limits){.searches_per_hour = 3};
    for (int i = 0; i < 3; i++)
        assert_int_equal(house_find(&teacher, search)->fault, FAULT_NONE);
    assert_int_equal(house_find(&teacher, search)->refusal, REFUSAL_LIMIT);
    const struct seat visitor = house_sign_in(class.house, "visitor", ROLE_practitioner);
    assert_int_equal(house_find(&visitor, search)->fault, FAULT_NONE);
    house_wait(class.house, HOUR_S);
    const struct seat later = house_sign_in(class.house, "teacher", ROLE_practitioner);
    assert_int_equal(house_find(&later, search)->fault, FAULT_NONE);
}

/* Ids that lead nowhere and ids of hidden records: one answer; after so many the account is locked. */
static void case_39_ids_are_guessed(void **state)
{
    const struct class class = settle(*state);
    struct house *house = class.house;
    house->service->looks.children_per_hour = house->service->looks.children_per_day = 0;
    house_set_state(house, class.children[5], CHILD_SEALED, 0);
    house->service->looks = (struct look_limits){.guesses_per_day = 4};
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_look(&teacher, class.children[0])->fault, FAULT_NONE);
    for (uint8_t guess = 1; guess <= 4; guess++) {
        const struct child_id child = guess == 2 ? class.children[5] : (struct child_id){{{guess}}};
        const struct answer *answer = house_look(&teacher, child);
        assert_int_equal(answer->fault, FAULT_ABSENT);
        assert_int_equal(answer->refusal, REFUSAL_RECORD);
        assert_int_equal(house_look(&teacher, child)->fault, FAULT_ABSENT); /* the same guess again */
    }
    assert_int_equal(house_look(&teacher, class.children[1])->fault, FAULT_NONE);
    assert_int_equal(house_look(&teacher, (struct child_id){{{99}}})->fault, FAULT_ABSENT);
    assert_int_equal(house_look(&teacher, class.children[1])->fault, FAULT_SIGN_IN);
    char sql[96];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM alarm WHERE kind = %d AND addressed_role = %d",
                   ALARM_GUESSING, ROLE_audit_reviewer);
    assert_int_equal(house_count(house, sql), 1);
    house_check_log(house);
}

/* The same without a reason: every guess is asked for one, whether the id leads anywhere or not. */
static void case_39_guesses_without_a_reason(void **state)
{
    const struct class class = settle(*state);
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    assert_int_equal(house_view(&teacher, class.children[0])->refusal, REFUSAL_NO_LIVE_REASON);
    for (uint8_t guess = 1; guess <= 5; guess++)
        assert_int_equal(house_view(&teacher, (struct child_id){{{guess}}})->refusal, REFUSAL_NO_LIVE_REASON);
    assert_int_equal(house_view(&teacher, class.children[0])->fault, FAULT_SIGN_IN);
}

struct declaring {
    struct house *house;
    struct account_id account;
    struct staff_facts facts;
};

static enum fault declare(struct db_tx *tx, void *context)
{
    struct declaring *declaring = context;
    return access_staff_facts_give(declaring->house->service->access, tx, declaring->account,
                                   &declaring->facts);
}

static void declare_child(struct house *house, const char *user_name, const char *family, const char *given)
{
    struct declaring declaring = {.house = house,
                                  .account = house_staff(house, user_name)->account,
                                  .facts = {.relatives = {{.family = str_of(family),
                                                           .given = str_of(given),
                                                           .birth = {2014, 3, 27, DAY_EXACT}}},
                                            .relative_count = 1}};
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, declare, &declaring), FAULT_NONE);
}

static int64_t own_alarms(struct house *house)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM alarm WHERE kind = %d AND addressed_role = %d",
                   ALARM_OWN_CHILD, ROLE_audit_reviewer);
    return house_count(house, sql);
}

static void case_41_ones_own_child_is_refused(void **state)
{
    const struct class class = settle(*state);
    declare_child(class.house, "teacher", "limitrove", "ROWAN");
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    const struct seat visitor = house_sign_in(class.house, "visitor", ROLE_practitioner);
    const struct answer *answer = house_look(&teacher, class.children[5]);
    assert_int_equal(answer->refusal, REFUSAL_OWN);
    assert_int_equal(answer->fault, FAULT_REFUSED);
    assert_null(answer->child);
    assert_int_equal(house_look(&teacher, class.children[0])->fault, FAULT_NONE);
    assert_int_equal(house_look(&visitor, class.children[5])->fault, FAULT_NONE);
    assert_int_equal(own_alarms(class.house), 0);
}

static void case_41_or_alarmed_as_configured(void **state)
{
    const struct class class = settle(*state);
    class.house->service->refuses_own_child = false;
    declare_child(class.house, "teacher", "Limitrove", "Rowan");
    const struct seat teacher = house_sign_in(class.house, "teacher", ROLE_practitioner);
    assert_int_equal(house_look(&teacher, class.children[0])->fault, FAULT_NONE);
    assert_int_equal(own_alarms(class.house), 0);
    assert_int_equal(house_look(&teacher, class.children[5])->fault, FAULT_NONE);
    assert_int_equal(house_look(&teacher, class.children[5])->fault, FAULT_NONE);
    assert_int_equal(own_alarms(class.house), 1); /* once a day */
}

/* A shielded child's former name is hidden: a refusal by it would tell it.  Only the reviewer is told. */
static void case_41_what_is_hidden_refuses_nobody(void **state)
{
    struct house *house = *state;
    struct row row = house_child("1", "Newname", "Robin", "2014-03-27");
    row.at[COLUMN_former_family] = STR("Oldname");
    row.at[COLUMN_former_given] = STR("Robin");
    row.at[COLUMN_authority] = STR("E06000001");
    (void)house_load(house, SOURCE_health, &row, 1);
    const struct child_id child = house_child_id(house, "Newname", "Robin");
    declare_child(house, "teacher", "Oldname", "Robin");
    struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_look(&teacher, child)->refusal, REFUSAL_OWN);
    house_set_state(house, child, CHILD_LIVE, SHIELD_DECIDED);
    teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_look(&teacher, child)->fault, FAULT_NONE);
    assert_int_equal(own_alarms(house), 1);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(case_45_one_child_too_many),
        WITH_HOUSE(case_45_nobody_slips_through_beside_another),
        WITH_HOUSE(case_45_nor_at_another_server),
        WITH_HOUSE(case_45_the_limit_tells_nothing_of_records),
        WITH_HOUSE(case_45_a_second_person_approves),
        WITH_HOUSE(case_45_refused_and_asked_again),
        WITH_HOUSE(case_45_not_by_anybody),
        WITH_HOUSE(case_45_unanswered_it_goes_further),
        WITH_HOUSE(searches_have_a_limit_of_their_own),
        WITH_HOUSE(case_39_ids_are_guessed),
        WITH_HOUSE(case_39_guesses_without_a_reason),
        WITH_HOUSE(case_41_ones_own_child_is_refused),
        WITH_HOUSE(case_41_or_alarmed_as_configured),
        WITH_HOUSE(case_41_what_is_hidden_refuses_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
