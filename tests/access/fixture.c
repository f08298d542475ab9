#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"

const struct str fixture_password = {"four plain words here", 21};
const struct str fixture_pin = {"402957", 6};

static struct instant tell(void *context)
{
    return ((struct fixture *)context)->now;
}

static enum fault insert_organisation(struct db_tx *tx, void *context)
{
    struct fixture *fixture = context;
    const struct organisation organisation = {.organisation = fixture->organisation,
                                              .capabilities = UINT32_MAX,
                                              .accredited_until = {2030, 1, 1, DAY_EXACT},
                                              .name = STR("Northgate Surgery"),
                                              .phone = STR("01632 960123"),
                                              .authority = STR("E06000001"),
                                              .body = BODY_HEALTH,
                                              .service = SERVICE_gp};
    return access_organisation_insert(fixture->access, tx, &organisation);
}

int fixture_open(void **state)
{
    char path[128];
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    (void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/access-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    fixture->stream = stream_of(20261121);
    fixture->now = (struct instant){INT64_C(1795200000) * 1000000};
    struct entropy entropy = entropy_of_stream(&fixture->stream);
    (void)snprintf(path, sizeof path, "%s/vault.key", fixture->folder);
    assert_int_equal(vault_create(path, entropy), FAULT_NONE);
    assert_int_equal(vault_open(path, &fixture->vault), FAULT_NONE);
    (void)snprintf(fixture->db_path, sizeof fixture->db_path, "%s/contactpoint.db", fixture->folder);
    assert_int_equal(db_open(&(struct db_settings){.connection = engine_connection(fixture->db_path),
                                                   .create = true,
                                                   .readers = 2,
                                                   .connections = 3},
                             &fixture->db),
                     FAULT_NONE);
    assert_int_equal(arena_open(16 * 1024 * 1024, &fixture->arena), FAULT_NONE);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    const struct clock clock = {.now = tell, .context = fixture};
    assert_int_equal(access_open(fixture->db, fixture->vault, clock, entropy, &fixture->access), FAULT_NONE);
    fixture->organisation.id = id_new(entropy);
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, insert_organisation, fixture), FAULT_NONE);
    *state = fixture;
    return 0;
}

int fixture_close(void **state)
{
    static const char *const names[] = {"vault.key",           "vault.key.state",     "contactpoint.db",
                                        "contactpoint.db-wal", "contactpoint.db-shm", "contactpoint.db.lock"};
    struct fixture *fixture = *state;
    char path[128];
    access_close(fixture->access);
    db_close(fixture->db);
    engine_forget(fixture->db_path);
    vault_close(fixture->vault);
    arena_close(fixture->arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

void fixture_write(struct fixture *fixture, db_job job, struct step *step)
{
    step->fixture = fixture;
    enum fault fault = db_write(fixture->db, DB_FOREGROUND, job, step);
    if (fault != FAULT_NONE)
        step->fault = fault;
}

void fixture_read(struct fixture *fixture, db_job job, struct step *step)
{
    step->fixture = fixture;
    enum fault fault = db_read(fixture->db, job, step);
    if (fault != FAULT_NONE)
        step->fault = fault;
}

struct account_order fixture_order(struct fixture *fixture, const char *user_name)
{
    struct account_order order = {.user_name = str_of(user_name),
                                  .full_name = STR("Sioned Example"),
                                  .job = STR("Health visitor"),
                                  .phone = STR("01632 960456"),
                                  .email = STR("sioned@example.org"),
                                  .organisation = fixture->organisation,
                                  .roles = {ROLE_practitioner},
                                  .role_count = 1,
                                  .password = fixture_password,
                                  .pin = fixture_pin};
    access_order_checked(&order, day_of_instant(fixture->now));
    return order;
}

static enum fault insert_account(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_account_insert(step->fixture->access, tx, step->prepared);
}

struct account_secrets fixture_account_with(struct fixture *fixture, const struct account_order *order)
{
    struct account_secrets secrets;
    struct account_prepared *prepared = NULL;
    assert_int_equal(access_account_prepare(fixture->access, order, fixture->arena, &prepared, &secrets),
                     FAULT_NONE);
    struct step step = {.prepared = prepared};
    fixture_write(fixture, insert_account, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    return secrets;
}

struct account_secrets fixture_account(struct fixture *fixture, const char *user_name)
{
    struct account_order order = fixture_order(fixture, user_name);
    return fixture_account_with(fixture, &order);
}

static enum fault issue_ticket(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_ticket_issue(step->fixture->access, tx, step->password, step->fixture->arena, &step->text);
}

struct str fixture_ticket(struct fixture *fixture, struct str user_name, struct str password)
{
    struct password_verdict verdict;
    assert_int_equal(access_password_check(fixture->access, user_name, password, &verdict), FAULT_NONE);
    struct step step = {.password = &verdict};
    fixture_write(fixture, issue_ticket, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    assert_int_equal(step.text.len, ID_TEXT_LEN);
    return step.text;
}

struct str fixture_code(struct fixture *fixture, const struct account_secrets *secrets, int64_t steps_away)
{
    struct buffer code = buffer_open(64);
    struct str copy;
    assert_int_equal(totp_put_code(&code, (struct bytes){secrets->totp_secret, TOTP_SECRET_BYTES},
                                   totp_step(fixture->now) + steps_away),
                     FAULT_NONE);
    assert_int_equal(arena_copy(fixture->arena, buffer_str(&code), &copy), FAULT_NONE);
    buffer_close(&code);
    return copy;
}

/* A refused attempt is committed as well: the service does the same. */
static enum fault start_session(struct db_tx *tx, void *context)
{
    struct step *step = context;
    step->fault = access_session_start(step->fixture->access, tx, step->code, step->text, step->role,
                                       step->fixture->arena, &step->cookie);
    return step->fault == FAULT_SIGN_IN ? FAULT_NONE : step->fault;
}

enum fault fixture_start(struct fixture *fixture, struct str ticket, struct str pin, struct str code,
                         struct str *ret_cookie)
{
    struct code_verdict verdict;
    assert_int_equal(access_code_check(fixture->access, ticket, pin, code, &verdict), FAULT_NONE);
    struct step step = {.code = &verdict, .text = ticket, .role = ROLE_practitioner};
    fixture_write(fixture, start_session, &step);
    if (step.fault == FAULT_NONE)
        *ret_cookie = step.cookie;
    return step.fault;
}

struct str fixture_sign_in(struct fixture *fixture, const char *user_name,
                           const struct account_secrets *secrets)
{
    struct str cookie = {0};
    struct str ticket = fixture_ticket(fixture, str_of(user_name), secrets->password);
    struct str code = fixture_code(fixture, secrets, 0);
    assert_int_equal(fixture_start(fixture, ticket, secrets->pin, code, &cookie), FAULT_NONE);
    assert_int_equal(cookie.len, ID_TEXT_LEN);
    return cookie;
}

static enum fault read_caller(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_caller(step->fixture->access, tx, step->cookie, step->fixture->arena, &step->caller);
}

struct caller fixture_caller(struct fixture *fixture, struct str cookie)
{
    struct step step = {.cookie = cookie};
    fixture_read(fixture, read_caller, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    return step.caller;
}

static enum fault find_account(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_account_find(step->fixture->access, tx, step->user_name, step->fixture->arena,
                               &step->account);
}

struct account fixture_find(struct fixture *fixture, const char *user_name)
{
    struct step step = {.user_name = str_of(user_name)};
    fixture_read(fixture, find_account, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    return step.account;
}

void fixture_wait(struct fixture *fixture, int64_t wait_seconds)
{
    fixture->now = instant_after(fixture->now, seconds(wait_seconds));
}
