/* A vault and a database in a folder of their own, a clock and a randomness that the test holds. */
#ifndef TESTS_ACCESS_FIXTURE_H
#define TESTS_ACCESS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* after the four that it needs */
#include <cmocka.h>

#include "access/inside.h"

struct fixture {
    char folder[64];
    char db_path[96];
    struct stream stream;
    struct instant now;
    struct db *db;
    struct vault *vault;
    struct access *access;
    struct arena *arena;
    struct organisation_id organisation;
};

/* cmocka's setup and teardown: *state is a struct fixture with one organisation; Argon2 at its lowest cost.
 */
int fixture_open(void **state);
int fixture_close(void **state);

/* What a test does in a transaction of its own. */
struct step {
    struct fixture *fixture;
    enum fault fault; /* what the function answered, where the test commits in spite of it */
    struct str user_name;
    struct str text;
    struct str cookie;
    enum role role;
    const struct password_verdict *password;
    const struct code_verdict *code;
    const struct account_prepared *prepared;
    struct ticket_offer offer;
    struct caller caller;
    struct account account;
    struct str codes[2];
    int64_t number;
};

void fixture_write(struct fixture *fixture, db_job job, struct step *step);
void fixture_read(struct fixture *fixture, db_job job, struct step *step);

/* A practitioner with this name and password "four plain words here", PIN 402957. */
struct account_secrets fixture_account(struct fixture *fixture, const char *user_name);
struct account_secrets fixture_account_with(struct fixture *fixture, const struct account_order *order);
struct account_order fixture_order(struct fixture *fixture, const char *user_name);
extern const struct str fixture_password;
extern const struct str fixture_pin;

/* The pieces of signing in; each in transactions of its own. */
struct str fixture_ticket(struct fixture *fixture, struct str user_name, struct str password);
struct str fixture_code(struct fixture *fixture, const struct account_secrets *secrets, int64_t steps_away);
enum fault fixture_start(struct fixture *fixture, struct str ticket, struct str pin, struct str code,
                         struct str *ret_cookie);

/* All of it; must succeed. */
struct str fixture_sign_in(struct fixture *fixture, const char *user_name,
                           const struct account_secrets *secrets);
struct caller fixture_caller(struct fixture *fixture, struct str cookie);
struct account fixture_find(struct fixture *fixture, const char *user_name);

void fixture_wait(struct fixture *fixture, int64_t wait_seconds);

#endif
