/* Two who act at once on one matter: one of them is first, and the other is told to look at it again.  On
 * SQLite both come to one server, on PostgreSQL each to a server of their own. */
#include <stdlib.h>

#include "engine.h"
#include "registry/alarm.h"
#include "registry/broker.h"
#include "registry/shield.h"
#include "second.h"

#define WORDS "the father has found the last address"
#define REPLY "Ring Ann on 01632 960456, mornings"

enum { ROUNDS = 3, LEASE_S = 2, ARENA_BYTES = 32 * 1024 * 1024 };

struct pair {
    struct house *first;
    struct house *second; /* the first again where there is one server */
};

static int set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    pair->first = pair->second = house_open();
    if (engine_is_postgres()) {
        house_stop(pair->first);
        second_lease(pair->first, LEASE_S);
        house_start(pair->first);
        pair->second = second_make(pair->first);
        house_start(pair->second);
    }
    *state = pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    if (pair->second != pair->first)
        second_forget(pair->second);
    house_close(pair->first);
    free(pair);
    return 0;
}
#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* One request, asked by a thread of its own. */
struct acting {
    struct seat seat;
    struct request request;
    struct arena *arena;
    pthread_barrier_t *start;
    pthread_t thread;
    enum fault fault;
    bool recorded;
};

static void *act(void *argument)
{
    struct acting *acting = argument;
    (void)pthread_barrier_wait(acting->start);
    const struct answer *answer = house_ask_in(&acting->seat, &acting->request, acting->arena);
    acting->fault = answer->fault;
    acting->recorded = answer->recorded;
    return NULL;
}

/* Both at once, the second at the second server. */
static void together(struct pair *pair, struct acting both[2])
{
    pthread_barrier_t start;
    atomic_store(&pair->second->now_us, atomic_load(&pair->first->now_us));
    assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
    both[1].seat.house = pair->second;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(arena_open(ARENA_BYTES, &both[i].arena), FAULT_NONE);
        both[i].start = &start;
        assert_int_equal(pthread_create(&both[i].thread, NULL, act, &both[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(both[i].thread, NULL), 0);
        arena_close(both[i].arena);
    }
    (void)pthread_barrier_destroy(&start);
    if (pair->second != pair->first)
        atomic_store(&pair->first->now_us, atomic_load(&pair->second->now_us) + 1000000);
}

/* Which of them was taken; exactly one was, and the other was in conflict. */
static int taken(const struct acting both[2])
{
    const int first = both[0].fault == FAULT_NONE ? 0 : 1;
    assert_int_equal(both[first].fault, FAULT_NONE);
    assert_int_equal(both[1 - first].fault, FAULT_CONFLICT);
    return first;
}

static struct request about(enum operation operation, struct id id, const char *const *fields)
{
    return (struct request){.operation = operation, .path_ids = {id}, .path_id_count = 1, .fields = fields};
}

static struct answer *ask(const struct seat *seat, enum operation operation, struct id id,
                          const char *const *fields)
{
    const struct request request = about(operation, id, fields);
    return house_ask(seat, &request);
}

static struct child_id settle(struct pair *pair, int round)
{
    /* No two alike: a row that resembles a shielded child would wait for an officer (R9.6). */
    static const char *const families[ROUNDS] = {"Tudur", "Rowlands", "Prosser"};
    static const char *const givens[ROUNDS] = {"Mari", "Emrys", "Catrin"};
    static const char *const births[ROUNDS] = {"2010-04-02", "2013-11-25", "2008-07-16"};
    const char record[] = {'h', (char)('1' + round), 0};
    struct row row = house_child(record, families[round], givens[round], births[round]);
    row.at[COLUMN_authority] = STR("E06000001");
    assert_int_equal(house_load(pair->first, SOURCE_health, &row, 1).created, 1);
    return house_child_id(pair->first, families[round], givens[round]);
}

static void open_child(const struct seat *seat, struct child_id child)
{
    assert_int_equal(ask(seat, OP_child_reason, child.id, FIELDS("reason", "working"))->fault, FAULT_NONE);
    assert_int_equal(house_view(seat, child)->fault, FAULT_NONE);
}

/* The one that was opened last. */
static struct id waiting(const struct seat *seat, enum operation operation)
{
    const struct answer *answer = house_ask(seat, &(struct request){.operation = operation});
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->matters->count > 0);
    size_t newest = 0;
    for (size_t i = 1; i < answer->matters->count; i++)
        if (answer->matters->lines[i].opened.us > answer->matters->lines[newest].opened.us)
            newest = i;
    return answer->matters->lines[newest].matter;
}

/* Whom a test needs, signed in once. */
struct people {
    struct seat teacher, visitor, shielder, second, third, reviewer, worker;
};

static struct people sign_in_all(struct pair *pair)
{
    struct house *house = pair->first;
    return (struct people){.teacher = house_sign_in(house, "teacher", ROLE_practitioner),
                           .visitor = house_sign_in(house, "visitor", ROLE_practitioner),
                           .shielder = house_sign_in(house, "shielder", ROLE_shielding_officer),
                           .second = house_sign_in(house, "second.shielder", ROLE_shielding_officer),
                           .third = house_sign_in(house, "second.shielder", ROLE_shielding_officer),
                           .reviewer = house_sign_in(house, "reviewer", ROLE_audit_reviewer),
                           .worker = house_sign_in(house, "worker", ROLE_override_practitioner)};
}

static struct id shield_asked(const struct people *people, struct child_id child)
{
    open_child(&people->teacher, child);
    assert_int_equal(
        ask(&people->teacher, OP_shield_request, child.id, FIELDS("ground", "harm", "text", WORDS))->fault,
        FAULT_NONE);
    return waiting(&people->shielder, OP_shield_list);
}

static int64_t shield_of(struct pair *pair, struct child_id child)
{
    return house_past_child(pair->first,
                            "UPDATE child SET shield = shield WHERE shield > 0 AND child_id = $1", child);
}

#define CONFIRM                                                                                              \
    FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS, "advice", "police, 20 November, in writing")

/* One keeps it, the other would refuse it: whichever it is, the child stays hidden. */
static void a_shield_is_decided_once(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    for (int round = 0; round < ROUNDS; round++) {
        const struct child_id child = settle(pair, round);
        const struct id matter = shield_asked(&people, child);
        struct acting both[2] = {
            {.seat = people.shielder, .request = about(OP_shield_decide, matter, CONFIRM)},
            {.seat = people.second,
             .request = about(OP_shield_decide, matter,
                              FIELDS("outcome", "refuse", "ground", "harm", "text", WORDS, "advice", ""))}};
        together(pair, both);
        const int first = taken(both);
        const struct matter_view *view = ask(&people.third, OP_shield_view, matter, NULL)->matter;
        assert_int_equal(view->step_count, first == 0 ? 3 : 2); /* who asked is told of a decision */
        assert_int_equal(view->to_review, first == 0);
        assert_int_equal(shield_of(pair, child), 1);
    }
    house_check_log(pair->first);
}

/* One officer asks for it to be lifted; the other agrees and declines in two windows at once. */
static void a_second_says_one_thing(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    for (int round = 0; round < ROUNDS; round++) {
        const struct child_id child = settle(pair, round);
        const struct id matter = shield_asked(&people, child);
        assert_int_equal(ask(&people.shielder, OP_shield_decide, matter, CONFIRM)->fault, FAULT_NONE);
        struct acting lift[2] = {
            {.seat = people.shielder,
             .request = about(OP_shield_lift, matter, FIELDS("lift_reason", "the danger has passed"))},
            {.seat = people.shielder,
             .request = about(OP_shield_review, matter, FIELDS("ground", "harm", "text", WORDS))}};
        together(pair, lift);
        assert_int_equal(lift[0].fault, FAULT_NONE); /* before the review or after it */
        assert_true(lift[1].fault == FAULT_NONE || lift[1].fault == FAULT_CONFLICT);
        struct acting both[2] = {
            {.seat = people.second,
             .request = about(OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))},
            {.seat = people.third,
             .request = about(OP_shield_second, matter, FIELDS("answer", "decline", "text", WORDS))}};
        together(pair, both);
        const int first = taken(both);
        assert_int_equal(shield_of(pair, child), first == 0 ? 0 : 1);
    }
    house_check_log(pair->first);
}

/* R9.8: closed once, and one entry tells who somebody was. */
static void a_record_is_sealed_once(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    const struct child_id old = settle(pair, 0), fresh = settle(pair, 1);
    const struct id shielded = shield_asked(&people, old);
    assert_int_equal(ask(&people.shielder, OP_shield_decide, shielded, CONFIRM)->fault, FAULT_NONE);
    open_child(&people.visitor, fresh);
    const char *number = house_view(&people.visitor, fresh)->child->number.at;
    assert_int_equal(
        ask(&people.shielder, OP_seal_ask, shielded, FIELDS("number", number, "seal_reason", WORDS))->fault,
        FAULT_NONE);
    const struct id matter = waiting(&people.second, OP_seal_list);
    struct acting both[2] = {
        {.seat = people.second,
         .request = about(OP_seal_second, matter, FIELDS("answer", "agree", "text", WORDS))},
        {.seat = people.third,
         .request = about(OP_seal_second, matter, FIELDS("answer", "agree", "text", WORDS))}};
    together(pair, both);
    for (int i = 0; i < 2; i++) /* one of them may find the record's identity taken at that moment */
        assert_true(both[i].fault == FAULT_NONE || both[i].fault == FAULT_CONFLICT ||
                    both[i].fault == FAULT_BUSY);
    assert_int_equal((both[0].fault == FAULT_NONE) + (both[1].fault == FAULT_NONE), 1);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM child WHERE state = 4"), 1);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM new_identity"), 1);
    house_check_log(pair->first);
}

/* Two look into one override, one of whom would suspend: what the first says stands. */
static void an_override_is_explained_once(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    const struct child_id child = settle(pair, 0);
    const struct id shield = shield_asked(&people, child);
    assert_int_equal(ask(&people.shielder, OP_shield_decide, shield, CONFIRM)->fault, FAULT_NONE);
    open_child(&people.worker, child);
    assert_int_equal(ask(&people.worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    const struct id matter = waiting(&people.reviewer, OP_override_list);
    struct acting both[2] = {
        {.seat = people.reviewer,
         .request = about(OP_override_decide, matter, FIELDS("outcome", "explained", "text", WORDS))},
        {.seat = people.shielder,
         .request = about(OP_override_decide, matter, FIELDS("outcome", "suspend", "text", WORDS))}};
    together(pair, both);
    const int first = taken(both);
    assert_int_equal(house_view(&people.worker, child)->fault, first == 0 ? FAULT_NONE : FAULT_SIGN_IN);
    house_check_log(pair->first);
}

static enum fault raise(struct db_tx *tx, void *context)
{
    const struct house *house = context;
    struct service *service = house->service;
    const struct alarm alarm = {.kind = ALARM_GUESSING,
                                .addressed = ROLE_audit_reviewer,
                                .authority = STR("E06000001"),
                                .due_in = seconds(3600),
                                .account = house_staff(context, "visitor")->account,
                                .detail = STR("guessed")};
    return alarm_raise(tx, service->vault, &service->alarm_key, service->entropy,
                       (struct instant){atomic_load(&house->now_us)}, &alarm);
}

static void an_alarm_is_closed_once(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    const struct seat again = house_sign_in(pair->first, "reviewer", ROLE_audit_reviewer);
    for (int round = 0; round < ROUNDS; round++) {
        assert_int_equal(db_write(pair->first->service->db, DB_FOREGROUND, raise, pair->first), FAULT_NONE);
        const struct answer *list =
            house_ask(&people.reviewer, &(struct request){.operation = OP_alarm_list});
        assert_int_equal(list->alarms->count, 1);
        const struct id alarm = list->alarms->lines[0].alarm;
        struct acting both[2] = {
            {.seat = people.reviewer,
             .request = about(OP_alarm_close, alarm, FIELDS("outcome", "explained", "text", WORDS))},
            {.seat = again,
             .request = about(OP_alarm_close, alarm, FIELDS("outcome", "training", "text", WORDS))}};
        together(pair, both);
        const int first = taken(both);
        const struct alarm_view *view = ask(&people.reviewer, OP_alarm_view, alarm, NULL)->alarm;
        assert_true(str_equal(view->finding.ground,
                              str_of(finding_label(first == 0 ? FINDING_explained : FINDING_training))));
    }
    house_check_log(pair->first);
}

static struct claim_id record(const struct people *people, struct child_id child)
{
    open_child(&people->visitor, child);
    assert_true(
        ask(&people->visitor, OP_involvement_record, child.id,
            FIELDS("service", "Moorings", "kind", "sexual_health", "job", "Nurse", "phone", "01632 960456",
                   "from_day", "1", "from_month", "10", "from_year", "2026", "consent", "asked",
                   "consent_giver", "child", "consent_name", "Themselves", "agreed_day", "1", "agreed_month",
                   "10", "agreed_year", "2026", "consent_way", "person", "consent_because",
                   "Explained back what it means", "consent_scope", "contact"))
            ->recorded);
    const struct child_view *view = house_view(&people->visitor, child)->child;
    assert_int_equal(view->service_count, 1);
    return view->services[0].claim;
}

static char *id_text(struct house *house, struct id id)
{
    struct buffer text = buffer_open(64);
    char *string = arena_take(house->arena, ID_TEXT_LEN + 1);
    id_put(&text, id);
    memcpy(string, buffer_str(&text).at, ID_TEXT_LEN);
    buffer_close(&text);
    return string;
}

/* The teacher's question about a child, passed on to the visitor's service. */
static struct id question(struct pair *pair, const struct people *people, struct child_id child,
                          struct claim_id claim)
{
    open_child(&people->teacher, child);
    assert_true(ask(&people->teacher, OP_ask_send, child.id,
                    FIELDS("text", "Who else helps her?", "named", "no", "sure", "yes"))
                    ->recorded);
    const struct id matter = waiting(&people->shielder, OP_request_list);
    assert_int_equal(ask(&people->shielder, OP_request_pass, matter,
                         FIELDS("service", id_text(pair->first, claim.id), "pass_text", "Who else helps?"))
                         ->fault,
                     FAULT_NONE);
    return matter;
}

static struct id newest(const struct seat *seat)
{
    const struct answer *answer = house_ask(seat, &(struct request){.operation = OP_message_list});
    assert_true(answer->messages->count > 0);
    return answer->messages->lines[0].message;
}

static size_t messages(const struct seat *seat)
{
    return house_ask(seat, &(struct request){.operation = OP_message_list})->messages->count;
}

/* Whichever was first: the question is over, and whoever asked reads "no contact", once. */
static void reads_no_contact(const struct people *people, struct id matter, size_t before)
{
    const struct message_view *message =
        ask(&people->teacher, OP_message_view, newest(&people->teacher), NULL)->message;
    assert_int_equal(messages(&people->teacher), before + 1);
    assert_int_equal(message->text.len, 0);
    assert_non_null(memmem(message->words.at, message->words.len, "nobody whom they can put", 24));
    const struct request_view *view = ask(&people->shielder, OP_request_view, matter, NULL)->request;
    assert_false(view->open);
    assert_int_equal(view->reached.len, 0);
}

static struct request withdrawal(struct child_id child, struct claim_id claim)
{
    return (struct request){
        .operation = OP_consent_withdraw, .path_ids = {child.id, claim.id}, .path_id_count = 2};
}

/* R8.2: the consent is taken back while the service answers. */
static void withdrawn_as_the_service_answers(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    const struct seat window = house_sign_in(pair->first, "visitor", ROLE_practitioner);
    for (int round = 0; round < ROUNDS; round++) {
        const struct child_id child = settle(pair, round);
        const struct claim_id claim = record(&people, child);
        const struct id matter = question(pair, &people, child, claim);
        const struct id asked = newest(&people.visitor);
        const size_t before = messages(&people.teacher);
        open_child(&people.visitor, child);
        struct acting both[2] = {
            {.seat = people.visitor, .request = withdrawal(child, claim)},
            {.seat = window,
             .request = about(OP_message_answer, asked,
                              FIELDS("answer", "contact", "young_person", "agreed", "text", REPLY))}};
        together(pair, both);
        assert_int_equal(both[0].fault, FAULT_NONE); /* it is never in anybody's way */
        assert_true(both[1].fault == FAULT_NONE || both[1].fault == FAULT_CONFLICT);
        reads_no_contact(&people, matter, before);
    }
    house_check_log(pair->first);
}

/* And while the officer passes a contact back. */
static void withdrawn_as_the_officer_answers(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    for (int round = 0; round < ROUNDS; round++) {
        const struct child_id child = settle(pair, round);
        const struct claim_id claim = record(&people, child);
        const struct id matter = question(pair, &people, child, claim);
        const size_t before = messages(&people.teacher);
        assert_int_equal(ask(&people.visitor, OP_message_answer, newest(&people.visitor),
                             FIELDS("answer", "contact", "young_person", "agreed", "text", REPLY))
                             ->fault,
                         FAULT_NONE);
        open_child(&people.visitor, child);
        struct acting both[2] = {
            {.seat = people.visitor, .request = withdrawal(child, claim)},
            {.seat = people.shielder,
             .request = about(OP_request_answer, matter, FIELDS("outcome", "contact", "text", REPLY))}};
        together(pair, both);
        assert_int_equal(both[0].fault, FAULT_NONE);
        assert_true(both[1].fault == FAULT_NONE || both[1].fault == FAULT_CONFLICT ||
                    both[1].fault == FAULT_INVALID);
        reads_no_contact(&people, matter, before);
    }
    house_check_log(pair->first);
}

/* Two officers answer one question, and one asker asks in two windows. */
static void a_question_is_asked_and_answered_once(void **state)
{
    struct pair *pair = *state;
    const struct people people = sign_in_all(pair);
    const struct seat window = house_sign_in(pair->first, "teacher", ROLE_practitioner);
    static const char *const sure[] = {"text", "Who else helps her?", "named", "no", "sure", "yes", NULL};
    for (int round = 0; round < ROUNDS; round++) {
        const struct child_id child = settle(pair, round);
        open_child(&people.teacher, child);
        open_child(&window, child);
        struct acting asking[2] = {{.seat = people.teacher, .request = about(OP_ask_send, child.id, sure)},
                                   {.seat = window, .request = about(OP_ask_send, child.id, sure)}};
        together(pair, asking);
        assert_true(asking[0].recorded && asking[1].recorded);
        assert_int_equal(house_count(pair->first, "SELECT count(*) FROM matter"), round + 1);
        const struct id matter = waiting(&people.shielder, OP_request_list);
        const size_t before = messages(&people.teacher);
        struct acting both[2] = {
            {.seat = people.shielder,
             .request = about(OP_request_answer, matter, FIELDS("outcome", "none", "text", WORDS))},
            {.seat = people.second,
             .request = about(OP_request_answer, matter, FIELDS("outcome", "words", "text", WORDS))}};
        together(pair, both);
        (void)taken(both);
        assert_int_equal(messages(&people.teacher), before + 1);
    }
    house_check_log(pair->first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(a_shield_is_decided_once),         WITH_PAIR(a_second_says_one_thing),
        WITH_PAIR(a_record_is_sealed_once),          WITH_PAIR(an_override_is_explained_once),
        WITH_PAIR(an_alarm_is_closed_once),          WITH_PAIR(withdrawn_as_the_service_answers),
        WITH_PAIR(withdrawn_as_the_officer_answers), WITH_PAIR(a_question_is_asked_and_answered_once),
    };
    return cmocka_run_group_tests_name("service/officers", tests, NULL, NULL);
}
