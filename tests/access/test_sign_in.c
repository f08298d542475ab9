#include "fixture.h"

#include <pthread.h>
#include <stdio.h>

static const struct str wrong_password = {"some other plain words", 22};

static enum fault read_offer(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_ticket_offer(step->fixture->access, tx, step->text, &step->offer);
}

static struct ticket_offer offer_of(struct fixture *fixture, struct str ticket)
{
    struct step step = {.text = ticket};
    fixture_read(fixture, read_offer, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    return step.offer;
}

static enum fault read_token(struct db_tx *tx, void *context)
{
    struct step *step = context;
    struct authenticator token;
    const struct value in[] = {[BIND_authenticator_get_account_id] = value_id(step->account.account.id),
                               [BIND_authenticator_get_kind] = value_int(AUTHENTICATOR_TOKEN)};
    struct value out[GIVES_authenticator_get];
    enum fault fault = authenticator_read(step->fixture->access, tx, step->account.account.id,
                                          AUTHENTICATOR_TOKEN, step->fixture->arena, &token);
    if (fault == FAULT_NONE)
        fault = db_one(tx, SQL_authenticator_get, in, step->fixture->arena, out);
    if (fault == FAULT_NONE)
        step->number = out[GIVE_authenticator_get_failures].number * 10 + token.state;
    return fault;
}

/* failures × 10 + state of the second step's authenticator */
static int64_t token_of(struct fixture *fixture, const struct account_secrets *secrets)
{
    struct step step = {.account.account = secrets->account};
    fixture_read(fixture, read_token, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    return step.number;
}

static enum fault read_failures(struct db_tx *tx, void *context)
{
    struct step *step = context;
    struct account_found found;
    enum fault fault =
        account_read(step->fixture->access, tx, step->account.account.id, step->fixture->arena, &found);
    if (fault == FAULT_NONE)
        step->number = found.failures;
    return fault;
}

static int64_t password_failures_of(struct fixture *fixture, const struct account_secrets *secrets)
{
    struct step step = {.account.account = secrets->account};
    fixture_read(fixture, read_failures, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    return step.number;
}

static void expect_refused(struct fixture *fixture, struct str ticket, struct str pin, struct str code)
{
    struct str cookie = {0};
    assert_int_equal(fixture_start(fixture, ticket, pin, code, &cookie), FAULT_SIGN_IN);
    assert_int_equal(cookie.len, 0);
}

static void all_four_are_needed(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    struct caller caller = fixture_caller(fixture, cookie);
    assert_true(caller.signed_in);
    assert_int_equal(caller.strength, STRENGTH_TOKEN);
    assert_int_equal(caller.role, ROLE_practitioner);
    assert_true(caller.role_held && caller.account_active && caller.organisation_active);
    assert_true(str_equal(caller.account.full_name, STR("Sioned Example")));
    assert_true(str_equal(caller.organisation.name, STR("Northgate Surgery")));
}

static void case_01_right_password_and_pin_without_token(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str right = fixture_ticket(fixture, STR("s.example"), secrets.password);
    struct str code = fixture_code(fixture, &secrets, 0);
    expect_refused(fixture, right, secrets.pin, STR(""));
    expect_refused(fixture, right, secrets.pin, STR("000000"));
    expect_refused(fixture, right, STR(""), code);
    expect_refused(fixture, right, STR("402958"), code);
    struct str wrong = fixture_ticket(fixture, STR("s.example"), wrong_password);
    expect_refused(fixture, wrong, secrets.pin, code);
    expect_refused(fixture, STR(""), secrets.pin, code);
    expect_refused(fixture, STR("0123456789abcdefghjkmnpqrs"), secrets.pin, code);
}

/* Whatever is wrong, the same work is done. */
static void case_01_refusals_cost_the_same(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct access *access = fixture->access;
    struct str code = fixture_code(fixture, &secrets, 0);
    struct str tickets[3];
    uint64_t statements[3];
    uint64_t openings[3];
    uint64_t runs[3];
    tickets[0] = fixture_ticket(fixture, STR("s.example"), secrets.password);
    tickets[1] = fixture_ticket(fixture, STR("s.example"), wrong_password);
    tickets[2] = fixture_ticket(fixture, STR("nobody.here"), wrong_password);
    for (size_t i = 0; i < 3; i++) {
        statements[i] = access->statements;
        openings[i] = access->openings;
        runs[i] = argon_runs(access->argon);
        expect_refused(fixture, tickets[i], secrets.pin, i == 0 ? STR("000000") : code);
        statements[i] = access->statements - statements[i];
        openings[i] = access->openings - openings[i];
        runs[i] = argon_runs(access->argon) - runs[i];
        assert_int_equal(runs[i], 1);
        assert_int_equal(statements[i], statements[0]);
        assert_int_equal(openings[i], openings[0]);
    }
}

struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    struct fixture *fixture;
    struct arena *arena;
    struct code_verdict verdict;
    struct str ticket;
    enum fault fault;
};

static enum fault race_job(struct db_tx *tx, void *context)
{
    struct racer *racer = context;
    struct str cookie;
    racer->fault = access_session_start(racer->fixture->access, tx, &racer->verdict, racer->ticket,
                                        ROLE_practitioner, racer->arena, &cookie);
    return racer->fault == FAULT_SIGN_IN ? FAULT_NONE : racer->fault;
}

static void *race(void *context)
{
    struct racer *racer = context;
    (void)pthread_barrier_wait(racer->start);
    if (db_write(racer->fixture->db, DB_FOREGROUND, race_job, racer) != FAULT_NONE)
        racer->fault = FAULT_SYSTEM;
    return NULL;
}

/* `tickets` of one account, one code, as many threads at once as there are tickets. */
static size_t race_all(struct fixture *fixture, const struct account_secrets *secrets,
                       const struct str *tickets, size_t count)
{
    struct racer racers[8] = {0};
    pthread_barrier_t start;
    size_t successes = 0;
    struct str code = fixture_code(fixture, secrets, 0);
    assert_int_equal(pthread_barrier_init(&start, NULL, (unsigned)count), 0);
    for (size_t i = 0; i < count; i++) {
        racers[i] = (struct racer){.start = &start, .fixture = fixture, .ticket = tickets[i]};
        assert_int_equal(arena_open(1024 * 1024, &racers[i].arena), FAULT_NONE);
        assert_int_equal(
            access_code_check(fixture->access, tickets[i], secrets->pin, code, &racers[i].verdict),
            FAULT_NONE);
        assert_true(racers[i].verdict.right);
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        assert_true(racers[i].fault == FAULT_NONE || racers[i].fault == FAULT_SIGN_IN);
        successes += racers[i].fault == FAULT_NONE ? 1 : 0;
        arena_close(racers[i].arena);
    }
    (void)pthread_barrier_destroy(&start);
    return successes;
}

static void case_04_one_code_twice_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    for (int round = 0; round < 20; round++) {
        struct str first = fixture_ticket(fixture, STR("s.example"), secrets.password);
        struct str second = fixture_ticket(fixture, STR("s.example"), secrets.password);
        const struct str different[2] = {first, second};
        assert_int_equal(race_all(fixture, &secrets, different, 2), 1);
        fixture_wait(fixture, TOTP_PERIOD_SECONDS);
        struct str third = fixture_ticket(fixture, STR("s.example"), secrets.password);
        const struct str same[4] = {third, third, third, third};
        assert_int_equal(race_all(fixture, &secrets, same, 4), 1);
        fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    }
}

static void case_05_earlier_code_after_a_later(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str earlier = fixture_code(fixture, &secrets, 0);
    struct str ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    /* one step late, and one step early */
    fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    expect_refused(fixture, ticket, secrets.pin, earlier);
    expect_refused(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 1));
    (void)fixture_sign_in(fixture, "s.example", &secrets);
    expect_refused(fixture, ticket, secrets.pin, earlier);
}

/* Case 64 at this floor: with the clock set back, an old step is current again, and still refused. */
static void case_64_clock_set_back_replays_no_code(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    (void)fixture_sign_in(fixture, "s.example", &secrets);
    fixture_wait(fixture, -24 * 3600);
    struct str ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    expect_refused(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0));
    fixture_wait(fixture, 24 * 3600);
    ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    expect_refused(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0));
    fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    (void)fixture_sign_in(fixture, "s.example", &secrets);
}

static void case_11_ten_failures_disable_the_token(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    for (int i = 0; i < 9; i++)
        expect_refused(fixture, ticket, secrets.pin, STR("000000"));
    assert_int_equal(token_of(fixture, &secrets), 90 + AUTHENTICATOR_ACTIVE);
    /* one success counts anew: ten *consecutive* ones */
    (void)fixture_sign_in(fixture, "s.example", &secrets);
    assert_int_equal(token_of(fixture, &secrets), AUTHENTICATOR_ACTIVE);
    ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    for (int i = 0; i < 10; i++)
        expect_refused(fixture, ticket, STR("999999"), STR("000000"));
    assert_int_equal(token_of(fixture, &secrets), 100 + AUTHENTICATOR_DISABLED);
    fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    expect_refused(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0));
}

static void failures_without_the_password_disable_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str ticket = fixture_ticket(fixture, STR("s.example"), wrong_password);
    for (int i = 0; i < 12; i++)
        expect_refused(fixture, ticket, STR("999999"), STR("000000"));
    assert_int_equal(token_of(fixture, &secrets), AUTHENTICATOR_ACTIVE);
}

static void wrong_passwords_make_the_next_one_wait(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    for (int i = 0; i < 6; i++)
        (void)fixture_ticket(fixture, STR("s.example"), wrong_password);
    /* the sixth came within the second that follows the fifth: not judged, not counted */
    assert_int_equal(password_failures_of(fixture, &secrets), 5);
    struct str early = fixture_ticket(fixture, STR("s.example"), secrets.password);
    expect_refused(fixture, early, secrets.pin, fixture_code(fixture, &secrets, 0));
    assert_int_equal(token_of(fixture, &secrets), AUTHENTICATOR_ACTIVE);
    fixture_wait(fixture, 1);
    (void)fixture_ticket(fixture, STR("s.example"), wrong_password);
    assert_int_equal(password_failures_of(fixture, &secrets), 6);
    fixture_wait(fixture, 1);
    (void)fixture_ticket(fixture, STR("s.example"), wrong_password);
    assert_int_equal(password_failures_of(fixture, &secrets), 6);
    fixture_wait(fixture, 1);
    (void)fixture_sign_in(fixture, "s.example", &secrets);
    assert_int_equal(password_failures_of(fixture, &secrets), 0);
}

static void a_hundred_wrong_passwords_end_it(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    for (int i = 0; i < PASSWORD_FAILURES_MAX; i++) {
        (void)fixture_ticket(fixture, STR("s.example"), wrong_password);
        fixture_wait(fixture, PASSWORD_WAIT_SECONDS_MAX);
    }
    assert_int_equal(password_failures_of(fixture, &secrets), PASSWORD_FAILURES_MAX);
    struct str ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    assert_true(offer_of(fixture, ticket).live);
    expect_refused(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0));
    assert_int_equal(password_failures_of(fixture, &secrets), PASSWORD_FAILURES_MAX);
}

static void case_13_absent_user_costs_the_same(void **state)
{
    struct fixture *fixture = *state;
    (void)fixture_account(fixture, "s.example");
    struct access *access = fixture->access;
    static const struct {
        struct str user_name;
        struct str password;
    } tries[] = {{STR("s.example"), STR("some other plain words")},
                 {STR("nobody.here"), STR("some other plain words")},
                 {STR("s.example"), STR("four plain words here")},
                 {STR("not even a name!"), STR("")}};
    uint64_t first[3] = {0};
    (void)fixture_ticket(fixture, STR("nobody.else"), wrong_password); /* the sweep of the minute */
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        uint64_t before[3] = {access->statements, access->openings, argon_runs(access->argon)};
        (void)offer_of(fixture, fixture_ticket(fixture, tries[i].user_name, tries[i].password));
        uint64_t spent[3] = {access->statements - before[0], access->openings - before[1],
                             argon_runs(access->argon) - before[2]};
        assert_int_equal(spent[2], 1);
        if (i == 0)
            memcpy(first, spent, sizeof first);
        assert_memory_equal(spent, first, sizeof first);
    }
}

/* All that any attempt has counted: against an account, and against nobody. */
struct counted {
    int64_t account;
    int64_t nobody;
};

static enum fault read_counted(struct db_tx *tx, void *context)
{
    struct step *step = context;
    const struct value in[] = {[BIND_account_get_account_id] = value_id(step->account.account.id)};
    struct value out[GIVES_account_get];
    enum fault fault = db_one(tx, SQL_account_get, in, step->fixture->arena, out);
    if (fault == FAULT_NONE)
        step->number = out[GIVE_account_get_failures].number;
    return fault;
}

static int64_t counted_of(struct fixture *fixture, struct id account)
{
    struct step step = {.account.account.id = account};
    fixture_read(fixture, read_counted, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    return step.number;
}

static struct counted counted_now(struct fixture *fixture, const struct account_secrets *secrets)
{
    struct counted counted = {.account = counted_of(fixture, secrets->account.id)};
    for (size_t i = 0; i < NOBODIES; i++)
        counted.nobody += counted_of(fixture, fixture->access->decoy.nobodies[i]);
    return counted;
}

/* A row that is written over with itself is not written: so a right password, one that comes too early and
 * one for an absent user are counted too, against nobody. */
static void case_13_every_attempt_is_counted_once(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    const struct {
        struct str user_name;
        struct str password;
        struct counted more;
    } tries[] = {{STR("s.example"), wrong_password, {1, 0}},   {STR("nobody.here"), wrong_password, {0, 1}},
                 {STR("s.example"), secrets.password, {0, 1}}, {STR("s.example"), wrong_password, {1, 0}},
                 {STR("s.example"), wrong_password, {1, 0}},   {STR("s.example"), wrong_password, {1, 0}},
                 {STR("s.example"), wrong_password, {1, 0}},   {STR("s.example"), wrong_password, {0, 1}},
                 {STR("s.example"), secrets.password, {0, 1}}};
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        const struct counted before = counted_now(fixture, &secrets);
        (void)fixture_ticket(fixture, tries[i].user_name, tries[i].password);
        const struct counted after = counted_now(fixture, &secrets);
        assert_int_equal(after.account - before.account, tries[i].more.account);
        assert_int_equal(after.nobody - before.nobody, tries[i].more.nobody);
    }
}

static enum fault read_found(struct db_tx *tx, void *context)
{
    struct step *step = context;
    struct account_found found;
    struct authenticator password;
    const struct id id = step->account.account.id;
    enum fault fault;
    TRY(account_read(step->fixture->access, tx, id, step->fixture->arena, &found));
    TRY(authenticator_read(step->fixture->access, tx, id, AUTHENTICATOR_PASSWORD, step->fixture->arena,
                           &password));
    step->number = (found.found ? 1 : 0) + (password.found ? 1 : 0);
done:
    return fault;
}

/* The rows that stand for nobody are there, and nobody is found in them. */
static void case_13_nobody_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    assert_false(is_nobody(fixture->access, &secrets.account.id));
    for (size_t i = 0; i < NOBODIES; i++) {
        struct step step = {.account.account.id = fixture->access->decoy.nobodies[i]};
        assert_true(is_nobody(fixture->access, &step.account.account.id));
        assert_int_equal(counted_of(fixture, step.account.account.id), 0);
        fixture_read(fixture, read_found, &step);
        assert_int_equal(step.fault, FAULT_NONE);
        assert_int_equal(step.number, 0);
    }
}

static void case_13_absent_user_has_stable_roles(void **state)
{
    struct fixture *fixture = *state;
    char name[32];
    size_t practitioners = 0;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "absent.%d", i);
        struct ticket_offer first = offer_of(fixture, fixture_ticket(fixture, str_of(name), wrong_password));
        struct ticket_offer again =
            offer_of(fixture, fixture_ticket(fixture, str_of(name), fixture_password));
        assert_true(first.live && again.live);
        assert_in_range(first.role_count, 1, 3);
        assert_int_equal(first.role_count, again.role_count);
        assert_memory_equal(first.roles, again.roles, sizeof first.roles);
        practitioners += first.roles[0] == ROLE_practitioner ? 1 : 0;
    }
    assert_in_range(practitioners, 60, 99);
}

/* Were the roles to change with the password, they would tell that it is right. */
static void case_13_roles_do_not_tell_whether_the_password_is_right(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "s.example");
    order.roles[1] = ROLE_user_manager;
    order.role_count = 2;
    (void)fixture_account_with(fixture, &order);
    struct ticket_offer wrong = offer_of(fixture, fixture_ticket(fixture, STR("s.example"), wrong_password));
    struct ticket_offer right =
        offer_of(fixture, fixture_ticket(fixture, STR(" S.Example "), fixture_password));
    assert_int_equal(right.role_count, 2);
    assert_memory_equal(&wrong, &right, sizeof wrong);
}

static void ticket_is_burnt_and_expires(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie;
    struct str ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    assert_int_equal(fixture_start(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0), &cookie),
                     FAULT_NONE);
    assert_false(offer_of(fixture, ticket).live);
    fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    expect_refused(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0));
    ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    fixture_wait(fixture, TICKET_SECONDS - 1);
    assert_true(offer_of(fixture, ticket).live);
    fixture_wait(fixture, 1);
    assert_false(offer_of(fixture, ticket).live);
    expect_refused(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0));
    assert_int_equal(token_of(fixture, &secrets), AUTHENTICATOR_ACTIVE);
    assert_false(offer_of(fixture, STR("")).live);
    assert_false(offer_of(fixture, STR("00000000000000000000000000")).live);
}

static enum fault read_demonstration_code(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_demonstration_code(step->fixture->access, tx, STR("s.example"), step->fixture->arena,
                                     &step->text);
}

static void demonstration_code_is_the_current_one(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct step step = {0};
    fixture_read(fixture, read_demonstration_code, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    assert_true(str_equal(step.text, fixture_code(fixture, &secrets, 0)));
}

static void oversized_input_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char zeros[PASSWORD_BYTES_MAX + 1];
    struct password_verdict password;
    struct code_verdict code;
    assert_int_equal(access_password_check(fixture->access, STR("s.example"),
                                           (struct str){zeros, sizeof zeros}, &password),
                     FAULT_TOO_LARGE);
    assert_int_equal(
        access_password_check(fixture->access, (struct str){zeros, sizeof zeros}, wrong_password, &password),
        FAULT_TOO_LARGE);
    assert_int_equal(
        access_code_check(fixture->access, STR(""), (struct str){zeros, 65}, STR("000000"), &code),
        FAULT_TOO_LARGE);
    assert_int_equal(
        access_code_check(fixture->access, STR(""), STR("402957"), (struct str){zeros, 65}, &code),
        FAULT_TOO_LARGE);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(all_four_are_needed),
        IN_A_HOUSE(case_01_right_password_and_pin_without_token),
        IN_A_HOUSE(case_01_refusals_cost_the_same),
        IN_A_HOUSE(case_04_one_code_twice_at_once),
        IN_A_HOUSE(case_05_earlier_code_after_a_later),
        IN_A_HOUSE(case_64_clock_set_back_replays_no_code),
        IN_A_HOUSE(case_11_ten_failures_disable_the_token),
        IN_A_HOUSE(failures_without_the_password_disable_nothing),
        IN_A_HOUSE(wrong_passwords_make_the_next_one_wait),
        IN_A_HOUSE(a_hundred_wrong_passwords_end_it),
        IN_A_HOUSE(case_13_absent_user_costs_the_same),
        IN_A_HOUSE(case_13_every_attempt_is_counted_once),
        IN_A_HOUSE(case_13_nobody_is_not_found),
        IN_A_HOUSE(case_13_absent_user_has_stable_roles),
        IN_A_HOUSE(case_13_roles_do_not_tell_whether_the_password_is_right),
        IN_A_HOUSE(ticket_is_burnt_and_expires),
        IN_A_HOUSE(demonstration_code_is_the_current_one),
        IN_A_HOUSE(oversized_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
