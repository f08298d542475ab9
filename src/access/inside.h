/* What the files of access/ share among themselves; nobody else includes this, tests excepted. */
#ifndef ACCESS_INSIDE_H
#define ACCESS_INSIDE_H

#include <stdatomic.h>

#include "access/access.h"
#include "access/argon.h"
#include "access/password.h"
#include "access/totp.h"

/* Numbers in the database: append, never renumber. */
enum authenticator_kind {
    AUTHENTICATOR_PASSWORD = 1, /* last_step: until when (microseconds) no password is judged */
    AUTHENTICATOR_TOKEN = 2,    /* PIN and TOTP; last_step: the TOTP step that was last accepted */
};
enum authenticator_state { AUTHENTICATOR_ACTIVE = 1, AUTHENTICATOR_DISABLED = 2 };
enum organisation_state { ORGANISATION_ACTIVE = 1, ORGANISATION_SUSPENDED = 2 };
enum code_purpose { CODE_FIRST_ADMINISTRATOR = 1 };

enum {
    TOKEN_FAILURES_MAX = 10,     /* then the authenticator is disabled */
    PASSWORD_FAILURES_FREE = 5,  /* from here on each wrong password makes the next one wait */
    PASSWORD_FAILURES_MAX = 100, /* from here on none is right until a manager acts */
    PASSWORD_WAIT_SECONDS_MAX = 900,
    TICKET_SECONDS = 600,
    SESSION_IDLE_SECONDS = 15 * 60,
    SESSION_SECONDS = 12 * 3600,
    SESSION_TOUCH_SECONDS = 30,
    CLOCK_STEP_SECONDS = 120, /* how far the clock may step back before sessions and tickets end */
    CLEAN_SECONDS = 60,
    FIRST_CODE_SECONDS = 7 * 24 * 3600,
    SCRATCH_BYTES = 512 * 1024,
    CLEAR_BYTES_MAX = 64 * 1024,
};

/* What is opened in the place of an absent user's, so that the work is the same. */
struct decoy {
    struct id row;
    struct bytes account;
    struct bytes password;
    struct bytes token;
};

struct access {
    struct db *db;
    struct vault *vault;
    struct clock clock;
    struct entropy entropy;
    struct argon *argon;
    struct blocklist *blocklist;
    struct wrapped_key staff; /* the house's key for all about staff */
    struct arena *arena;      /* holds the decoys; not used after opening */
    struct decoy decoy;
    _Atomic int64_t cleaned_us;  /* when dead tickets and sessions were last removed */
    _Atomic uint64_t statements; /* counters for tests: statements run, ciphertexts opened */
    _Atomic uint64_t openings;
};

/* Passes a statement's fault on and counts the statement: `TRY(access_count(access, db_run(…)))`. */
static inline enum fault access_count(struct access *access, enum fault fault)
{
    (void)atomic_fetch_add_explicit(&access->statements, 1, memory_order_relaxed);
    return fault;
}

static inline struct instant access_now(const struct access *access)
{
    return clock_now(access->clock);
}

static inline int64_t seconds_between(int64_t from_us, int64_t to_us)
{
    return (to_us - from_us) / 1000000;
}

/* Seals under the staff key; the ciphertext lies in the arena. */
MUST_USE enum fault access_seal(struct access *access, const struct seal_place *place,
                                const struct buffer *clear, struct arena *arena, struct bytes *ret_sealed);

/* Opens into the arena.  FAULT_CORRUPT, FAULT_KEY. */
MUST_USE enum fault access_unseal(struct access *access, const struct seal_place *place, struct bytes sealed,
                                  struct arena *arena, struct bytes *ret_clear);

/* The tag of a user name as typed: spaces around it and upper case do not matter. */
MUST_USE enum fault access_name_tag(struct access *access, struct str user_name, struct tag *ret_tag);

/* `count` random characters of Crockford's base 32, lower case, in the arena. */
MUST_USE enum fault access_draw(struct access *access, size_t count, struct arena *arena,
                                struct str *ret_text);

/* What stands sealed in an authenticator's row.  `row` must outlive the place. */
struct authenticator_row {
    uint8_t byte[17];
};
struct seal_place authenticator_place(struct authenticator_row *row, struct id account,
                                      enum authenticator_kind kind, uint64_t version);
struct token_secrets {
    uint8_t secret[TOTP_SECRET_BYTES];
    struct argon_hash pin;
};
void token_secrets_put(struct buffer *buffer, const struct token_secrets *secrets);
bool token_secrets_take(struct bytes clear, struct token_secrets *ret_secrets);

/* One authenticator as it was read, or the decoy where the account has none; opened in either case. */
struct authenticator {
    bool found;
    enum authenticator_state state;
    int64_t last_step;
    struct bytes clear;
};
MUST_USE enum fault authenticator_read(struct access *access, struct db_tx *tx, struct id account,
                                       enum authenticator_kind kind, struct arena *arena,
                                       struct authenticator *ret_authenticator);

struct account_found {
    bool found;
    int64_t failures;
    struct account account;
};

/* Accounts. `account_read` opens the decoy where nobody has that id, and gives found = false. */
struct seal_place account_place(const struct id *account, uint64_t version);
MUST_USE enum fault account_put(struct buffer *buffer, const struct account *account);
MUST_USE enum fault account_take(struct bytes clear, struct account *account);
MUST_USE enum fault account_open(struct access *access, struct bytes sealed, struct arena *arena,
                                 struct account *account); /* whose id and version are set */
MUST_USE enum fault account_read(struct access *access, struct db_tx *tx, struct id id, struct arena *arena,
                                 struct account_found *ret_found);
bool account_holds(const struct account *account, enum role role);

/* Opens what stands of an organisation whose id and version are set. */
MUST_USE enum fault organisation_open(struct access *access, int64_t state, struct bytes sealed,
                                      struct arena *arena, struct organisation *organisation);

/* Is there an account with this role among those without an organisation?  FAULT_ABSENT where none. */
MUST_USE enum fault account_of_machine(struct access *access, struct db_tx *tx, enum role role,
                                       struct str unix_user, struct arena *arena,
                                       struct account *ret_account);

/* Checks everything about an order but what needs the database.  FAULT_INVALID with a note. */
MUST_USE enum fault order_check(const struct account_order *order);

/* The ticket between the two steps, opened. */
struct ticket {
    bool live;
    struct tag tag;
    struct id account; /* zero for a decoy */
    bool password_right;
    enum role roles[ACCOUNT_ROLES_MAX];
    uint8_t role_count;
};
MUST_USE enum fault ticket_read(struct access *access, struct db_tx *tx, struct str text, struct arena *arena,
                                struct ticket *ret_ticket);

/* An account id that nobody has, the same each time for the same tag: what is looked for in an absent user's
 * place. */
struct id decoy_account(struct access *access, const struct tag *tag);

#endif
