/* What the files of access/ share among themselves; nobody else includes this, tests excepted. */
#ifndef ACCESS_INSIDE_H
#define ACCESS_INSIDE_H

#include <stdatomic.h>

#include "access/access.h"
#include "access/argon.h"
#include "access/password.h"
#include "access/throttle.h"
#include "access/totp.h"

/* Numbers in the database: append, never renumber. */
enum authenticator_kind {
    AUTHENTICATOR_PASSWORD = 1, /* last_step: until when (microseconds) no password is judged */
    AUTHENTICATOR_TOKEN = 2,    /* PIN and TOTP; last_step: the TOTP step that was last accepted */
};
enum authenticator_state {
    AUTHENTICATOR_ACTIVE = 1,
    AUTHENTICATOR_DISABLED = 2, /* after too many failures, of which nobody has been told yet */
    AUTHENTICATOR_TOLD = 3,     /* the same, and they have been told */
    AUTHENTICATOR_REVOKED = 4,  /* by somebody else */
};
enum enrolment_state {
    ENROLMENT_ASKED = 1,
    ENROLMENT_APPROVED = 2,
    ENROLMENT_DONE = 3,
    ENROLMENT_KEY_ASKED = 4, /* one more security key for somebody who is signed in, and nothing else */
    ENROLMENT_KEY_APPROVED = 5,
    ENROLMENT_KEY_DONE = 6
};
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

enum { NOBODIES = 16 };

/* What is opened in the place of an absent user's, so that the work is the same. */
struct decoy {
    struct id row;
    struct id nobodies[NOBODIES]; /* accounts of nobody's, whose rows are there (nobody.c) */
    struct tag names[NOBODIES];   /* and the tags of their names */
    struct bytes account;
    struct bytes password;
    struct bytes token;
    struct tag key_tag;
    struct bytes key; /* a security key that nobody has */
};

struct access {
    struct db *db;
    struct vault *vault;
    struct clock clock;
    struct entropy entropy;
    struct argon *argon;
    struct blocklist *blocklist;
    struct wrapped_key staff;       /* the house's key for all about staff */
    struct wrapped_key staff_facts; /* and for what misuse detection alone reads (R3.8) */
    struct arena *arena;            /* holds the decoys; not used after opening */
    struct decoy decoy;
    struct webauthn_roots *makers; /* of security keys that are accepted; may be NULL */
    bool unattested;               /* a demonstration: keys of any maker */
    struct throttle *throttle;
    struct access_limits limits;
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

/* A tag as a value; it must outlive the value. */
#define value_tag(lvalue) value_bytes((struct bytes){(lvalue).byte, sizeof(lvalue).byte})

/* An id as it stands in a cookie, in the arena. */
MUST_USE enum fault access_id_text(struct id id, struct arena *arena, struct str *ret_text);

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

/* New authenticators: the version goes into what seals them, so it must be one that the account never had. */
struct authenticator_order {
    struct id account;
    uint64_t version;
};
MUST_USE enum fault authenticator_seal_password(struct access *access,
                                                const struct authenticator_order *order, struct str password,
                                                struct arena *arena, struct bytes *ret_sealed);
MUST_USE enum fault authenticator_seal_token(struct access *access, const struct authenticator_order *order,
                                             const struct account_secrets *secrets, struct arena *arena,
                                             struct bytes *ret_sealed);
MUST_USE enum fault authenticator_insert(struct access *access, struct db_tx *tx,
                                         const struct authenticator_order *order,
                                         enum authenticator_kind kind, struct bytes sealed);

struct account_found {
    bool found;
    int64_t failures;
    struct account account;
};

/* Accounts. `account_read` opens the decoy where nobody has that id, and gives found = false; so it does of
 * nobody's (nobody.c). */
struct seal_place account_place(const struct id *account, uint64_t version);
MUST_USE enum fault account_put(struct buffer *buffer, const struct account *account);
MUST_USE enum fault account_take(struct bytes clear, struct account *account);
MUST_USE enum fault account_open(struct access *access, struct bytes sealed, struct arena *arena,
                                 struct account *account); /* whose id and version are set */
MUST_USE enum fault account_read(struct access *access, struct db_tx *tx, struct id id, struct arena *arena,
                                 struct account_found *ret_found);
bool account_holds(const struct account *account, enum role role);

/* Of a column used_day. */
static inline struct day account_used_day(const struct value *value)
{
    return value->kind == VALUE_INT ? day_of_number((int32_t)value->number) : (struct day){0};
}

/* Nothing hinders it (access_account_standing). */
bool account_may_act(const struct access *access, const struct account *account);

/* What an order comes to, its texts in the arena: active where every check is known, else requested. */
MUST_USE enum fault account_of_order(struct access *access, const struct account_order *order,
                                     struct arena *arena, struct account *ret_account);

/* Inside the transaction of a sign-in: the account is in use today (R3.6). */
MUST_USE enum fault account_used(struct access *access, struct db_tx *tx, struct id account);

/* Writes an account as it now is over what was read of it: its version is that of reading.  FAULT_CONFLICT
 * where somebody else was faster. */
MUST_USE enum fault account_write(struct access *access, struct db_tx *tx, const struct account *account);

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
    struct tag user_name;
    bool password_right;
    enum role roles[ACCOUNT_ROLES_MAX];
    uint8_t role_count;
};
MUST_USE enum fault ticket_read(struct access *access, struct db_tx *tx, struct str text, struct arena *arena,
                                struct ticket *ret_ticket);

/* A session that begins with this ticket, which is burnt. */
struct session_order {
    const struct ticket *ticket;
    enum role role;
    enum strength strength;
};
MUST_USE enum fault session_begin(struct access *access, struct db_tx *tx, const struct session_order *order,
                                  struct arena *arena, struct str *ret_cookie);

/* Whether the ticket's account, as it is now, may begin a session in this role. */
MUST_USE enum fault session_may_begin(struct access *access, struct db_tx *tx, const struct ticket *ticket,
                                      enum role role, bool *ret_may);

/* R3.2: the ticket, where its password, PIN and code were right and the account may act in the role.
 * FAULT_SIGN_IN after counting a failure. */
MUST_USE enum fault session_prove(struct access *access, struct db_tx *tx, const struct code_verdict *verdict,
                                  struct str text, enum role role, struct arena *arena,
                                  struct ticket *ret_ticket);

/* A session that begins, or goes on under another id. */
struct session_beginning {
    struct id account;
    enum role role;
    enum strength strength;
    struct instant started;
    const struct caller *caller; /* whose session goes on, with the rows that belong to it; or NULL */
    struct change_mark wrote;    /* the last change of the session in whose place it comes */
    struct id other;             /* R4.1: for whom; zero: for nobody else */
    enum role other_role;
};

/* Reads the colleague for whom the caller looks: an account or organisation that may not act any more lets
 * neither act (R4.1). */
MUST_USE enum fault mediate_read(struct access *access, struct db_tx *tx, struct arena *arena,
                                 struct caller *caller);

/* In the place of the caller's, which ends. */
MUST_USE enum fault session_go_on(struct access *access, struct db_tx *tx,
                                  const struct session_beginning *beginning, const struct caller *caller,
                                  struct arena *arena, struct str *ret_cookie);

/* The same session as strong as a key, under a new id: its age and its rows stay. */
MUST_USE enum fault session_strengthen(struct access *access, struct db_tx *tx, const struct caller *caller,
                                       struct arena *arena, struct str *ret_cookie);

/* An account id that nobody has, the same each time for the same tag: what is looked for in an absent user's
 * place. */
struct id decoy_account(struct access *access, const struct tag *tag);

/* The account of nobody's whose rows are read and written where nothing of that tag is somebody's: one of
 * few, so that two attempts at once seldom wait for each other.  Reading it gives found = false. */
struct id nobody_of(const struct access *access, const struct tag *tag);
bool is_nobody(const struct access *access, const struct id *account);

/* The tag that stands for its name, which nobody can type. */
struct tag nobody_name(const struct access *access, const struct tag *tag);

/* Their rows, made once in an instance's life; after the decoys. */
MUST_USE enum fault nobodies_make(struct access *access);

#endif
