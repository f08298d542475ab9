/* The table tests itself: every operation that is not public is refused to whoever may not do it, shows
 * nothing, and leaves one entry that says why. */
#include "house.h"

/* Everything that a refusal needs: one child, and the form of no operation filled in. */
struct asking {
    struct house *house;
    struct child_id child;
};

static struct child_id add_child(struct house *house)
{
    const struct row row = house_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    (void)house_load(house, SOURCE_health, &row, 1);
    return house_child_id(house, "Ap Huw", "Rhys");
}

static bool is_tested(enum operation operation)
{
    const struct operation_row *row = policy_operation(operation);
    return row->door == DOOR_WEB && row->strength != STRENGTH_PUBLIC;
}

static struct request request_of(const struct asking *asking, enum operation operation)
{
    return (struct request){
        .operation = operation, .path_ids = {asking->child.id, {{7}}}, .path_id_count = 2};
}

static void assert_nothing_shown(const struct answer *answer)
{
    assert_null(answer->results);
    assert_null(answer->child);
    assert_null(answer->account);
    assert_null(answer->involvement);
    assert_false(answer->recorded);
    assert_true(id_is_zero(answer->search.id));
    assert_true(id_is_zero(answer->opened.id));
    assert_int_equal(answer->cookie.len, 0);
}

/* Asks, and demands that refusal, that fault and one entry. */
static void assert_refused(const struct seat *seat, const struct request *request, enum refusal refusal,
                           enum fault fault)
{
    struct house *house = seat->house;
    const char *name = policy_operation(request->operation)->name;
    int64_t before = house_entries(house);
    const struct answer *answer = house_ask(seat, request);
    if (answer->refusal != refusal || answer->fault != fault)
        fail_msg("%s: refusal %d, %s instead of %d, %s", name, (int)answer->refusal,
                 fault_name(answer->fault), (int)refusal, fault_name(fault));
    assert_nothing_shown(answer);
    int64_t after = house_entries(house);
    if (after != before + 1)
        fail_msg("%s: %d entries instead of one", name, (int)(after - before));
    size_t count;
    const struct audit_event *event = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(event->event, EVENT_REFUSED);
    assert_int_equal(event->operation, request->operation);
    assert_int_equal(event->refusal, refusal);
    assert_int_equal(event->fault, fault);
    assert_int_equal(event->shown.len, 0);
    assert_true(id_equal(event->act, answer->reference));
    assert_true(id_is_zero(event->child.id)); /* what was refused names nobody */
}

/* Somebody of each role. */
struct seats {
    struct seat of[ROLES_END];
};

static struct seats sign_in_all(struct house *house)
{
    static const struct {
        const char *user_name;
        enum role role;
    } everybody[] = {{"teacher", ROLE_practitioner},    {"worker", ROLE_override_practitioner},
                     {"manager", ROLE_user_manager},    {"shielder", ROLE_shielding_officer},
                     {"data", ROLE_data_officer},       {"rights", ROLE_rights_officer},
                     {"reviewer", ROLE_audit_reviewer}, {"administrator", ROLE_national_administrator}};
    struct seats seats = {0};
    for (size_t i = 0; i < sizeof everybody / sizeof everybody[0]; i++)
        seats.of[everybody[i].role] = house_sign_in(house, everybody[i].user_name, everybody[i].role);
    return seats;
}

/* The first whose role may do it. */
static const struct seat *seat_for(const struct seats *seats, enum operation operation)
{
    for (enum role role = ROLE_NONE + 1; role < ROLES_END; role++)
        if (policy_may(role, operation) && seats->of[role].house != NULL)
            return &seats->of[role];
    fail_msg("nobody may %s", policy_operation(operation)->name);
    return NULL;
}

static void case_02_no_session(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    const struct seat nobody = {asking.house, {"", 0}};
    const struct seat stranger = {asking.house, STR("00000000000000000000000000")};
    for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
        if (!is_tested(operation))
            continue;
        const struct request request = request_of(&asking, operation);
        assert_refused(&nobody, &request, REFUSAL_NOT_SIGNED_IN, FAULT_SIGN_IN);
        assert_refused(&stranger, &request, REFUSAL_NOT_SIGNED_IN, FAULT_SIGN_IN);
    }
    house_check_log(asking.house);
}

static void case_18_forged_forms(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    const struct seats seats = sign_in_all(asking.house);
    for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
        if (!is_tested(operation) || policy_operation(operation)->method != METHOD_POST)
            continue;
        struct request request = request_of(&asking, operation);
        const struct seat *seat = seat_for(&seats, operation);
        request.stale = true;
        assert_refused(seat, &request, REFUSAL_FORM_TOKEN, FAULT_STALE_FORM);
        request.stale = false;
        request.foreign = true;
        assert_refused(seat, &request, REFUSAL_FORM_TOKEN, FAULT_STALE_FORM);
    }
    house_check_log(asking.house);
}

/* A token that is right for somebody else's session is wrong for mine. */
static void case_18_token_of_another_session(void **state)
{
    struct house *house = *state;
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    struct ask ask = {
        .operation = OP_sign_out, .cookie = teacher.cookie, .source = STR("192.0.2.7"), .same_site = true};
    struct answer *answer = NULL;
    assert_int_equal(access_form_token(house->service->access, visitor.cookie, house->arena, &ask.form_token),
                     FAULT_NONE);
    assert_int_equal(service_conduct(house->service, &ask, house->arena, &answer), FAULT_STALE_FORM);
    assert_int_equal(house_ask(&teacher, &(struct request){.operation = OP_account_view})->fault, FAULT_NONE);
}

static void no_reason(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    const struct seats seats = sign_in_all(asking.house);
    static const char *const no[] = {"reason", "", NULL};
    static const char *const unknown[] = {"reason", "curious", NULL};
    static const char *const thin[] = {"reason", "other", "reason_text", "a", NULL};
    static const char *const repeated[] = {"reason", "other", "reason_text", "aaaaaaaaaaaaaaaaaaaa", NULL};
    static const char *const *const forms[] = {NULL, no, unknown, thin, repeated};
    for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
        struct request request = request_of(&asking, operation);
        if (!is_tested(operation))
            continue;
        const struct seat *seat = seat_for(&seats, operation);
        if (policy_operation(operation)->reason == REASON_NEED_LIVE)
            assert_refused(seat, &request, REFUSAL_NO_LIVE_REASON, FAULT_REASON);
        for (size_t i = 0;
             policy_operation(operation)->reason == REASON_NEED_STATED && i < sizeof forms / sizeof forms[0];
             i++) {
            request.fields = forms[i];
            assert_refused(seat, &request, REFUSAL_REASON, FAULT_REASON);
        }
    }
    house_check_log(asking.house);
}

static void wrong_role(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    static const struct {
        const char *user_name;
        enum role role;
    } others[] = {{"manager", ROLE_user_manager},    {"shielder", ROLE_shielding_officer},
                  {"data", ROLE_data_officer},       {"rights", ROLE_rights_officer},
                  {"reviewer", ROLE_audit_reviewer}, {"administrator", ROLE_national_administrator}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct seat seat = house_sign_in(asking.house, others[i].user_name, others[i].role);
        for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
            const struct request request = request_of(&asking, operation);
            if (is_tested(operation) && !policy_may(others[i].role, operation))
                assert_refused(&seat, &request, REFUSAL_ROLE, FAULT_REFUSED);
        }
    }
    house_check_log(asking.house);
}

/* A session whose role the account no longer holds may do nothing, not even leave. */
static void role_not_held(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    const struct seat teacher = house_sign_in(asking.house, "teacher", ROLE_practitioner);
    assert_int_equal(house_past(asking.house, "UPDATE session SET role = 2"), 1);
    for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
        const struct request request = request_of(&asking, operation);
        if (is_tested(operation))
            assert_refused(&teacher, &request, REFUSAL_ROLE, FAULT_REFUSED);
    }
    house_check_log(asking.house);
}

struct suspension {
    struct house *house;
    const char *user_name;
};

static enum fault suspend(struct db_tx *tx, void *context)
{
    const struct suspension *suspension = context;
    struct account account;
    enum fault fault;
    TRY(access_account_find(suspension->house->service->access, tx, str_of(suspension->user_name),
                            suspension->house->arena, &account));
    TRY(access_account_suspend(suspension->house->service->access, tx, &account));
done:
    return fault;
}

static void suspended_account(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    const struct seat teacher = house_sign_in(asking.house, "teacher", ROLE_practitioner);
    struct suspension suspension = {asking.house, "teacher"};
    assert_int_equal(house_ask(&teacher, &(struct request){.operation = OP_account_view})->fault, FAULT_NONE);
    assert_int_equal(db_write(asking.house->service->db, DB_FOREGROUND, suspend, &suspension), FAULT_NONE);
    for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
        const struct request request = request_of(&asking, operation);
        if (is_tested(operation))
            assert_refused(&teacher, &request, REFUSAL_NOT_SIGNED_IN, FAULT_SIGN_IN);
    }
    house_check_log(asking.house);
}

/* Were its session to live on, a suspended account would still be refused. */
static void suspended_account_with_a_session(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    const struct seat teacher = house_sign_in(asking.house, "teacher", ROLE_practitioner);
    struct suspension suspension = {asking.house, "teacher"};
    assert_int_equal(db_write(asking.house->service->db, DB_FOREGROUND, suspend, &suspension), FAULT_NONE);
    assert_int_equal(house_past(asking.house, "UPDATE session SET ended_us = NULL"), 1);
    for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
        const struct request request = request_of(&asking, operation);
        if (is_tested(operation))
            assert_refused(&teacher, &request, REFUSAL_ACCOUNT, FAULT_SIGN_IN);
    }
    house_check_log(asking.house);
}

/* Commands of the machine have a way in of their own: as a request they are nothing. */
static void commands_are_no_requests(void **state)
{
    struct house *house = *state;
    const struct seat administrator = house_sign_in(house, "administrator", ROLE_national_administrator);
    for (enum operation operation = 1; operation < OPERATIONS_END; operation++) {
        if (policy_operation(operation)->door != DOOR_CLI)
            continue;
        const struct answer *answer = house_ask(&administrator, &(struct request){.operation = operation});
        assert_int_not_equal(answer->fault, FAULT_NONE);
        assert_nothing_shown(answer);
    }
}

static void too_long_and_missing_fields(void **state)
{
    struct asking asking = {*state, add_child(*state)};
    const struct seat teacher = house_sign_in(asking.house, "teacher", ROLE_practitioner);
    static char long_text[601];
    memset(long_text, 'x', sizeof long_text - 1);
    const char *const find[] = {"reason", "working", "family", long_text, "birth_year", "2014", NULL};
    const struct request request = {.operation = OP_child_find, .fields = find};
    assert_refused(&teacher, &request, REFUSAL_NONE, FAULT_INVALID);
    assert_true(house_has_error(house_find(&teacher, find), "family"));
    const char *const record[] = {"service", "Northgate", NULL};
    assert_int_equal(house_find(&teacher, (const char *const[]){"reason", "working", "family", "Ap Huw",
                                                                "birth_year", "2014", NULL})
                         ->fault,
                     FAULT_NONE);
    struct request form = request_of(&asking, OP_involvement_record);
    form.fields = record;
    /* This form comes back with its child, whom its one entry names. */
    int64_t before = house_entries(asking.house);
    const struct answer *answer = house_ask(&teacher, &form);
    size_t count;
    const struct audit_event *events = house_events(asking.house, before, &count);
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_false(answer->recorded);
    assert_true(house_has_error(answer, "phone"));
    assert_non_null(answer->involvement);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_FORM_SHOWN);
    assert_int_equal(events[0].fault, FAULT_INVALID);
    assert_true(id_equal(events[0].child.id, asking.child.id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(case_02_no_session),
        WITH_HOUSE(case_18_forged_forms),
        WITH_HOUSE(case_18_token_of_another_session),
        WITH_HOUSE(no_reason),
        WITH_HOUSE(wrong_role),
        WITH_HOUSE(role_not_held),
        WITH_HOUSE(suspended_account),
        WITH_HOUSE(suspended_account_with_a_session),
        WITH_HOUSE(commands_are_no_requests),
        WITH_HOUSE(too_long_and_missing_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
