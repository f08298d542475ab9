/* Who is asking: accounts, credentials, sessions (R3, security.md §3).
 *
 * Nothing here decides what may be done; it proves who the caller is and states facts for decide(). Functions
 * that take a transaction run inside the caller's, so that what they change commits with its audit entry. */
#ifndef ACCESS_ACCESS_H
#define ACCESS_ACCESS_H

#include "access/lapse.h"
#include "base/arena.h"
#include "base/time.h"
#include "policy/policy.h"
#include "registry/change.h"
#include "store/db.h"
#include "vault/vault.h"

struct access;

enum {
    ACCOUNT_ROLES_MAX = 10,
    PASSWORD_CODE_POINTS_MIN = 12,
    PASSWORD_CODE_POINTS_MAX = 256,
    SESSION_TOKEN_BYTES = 16, /* 128 random bits */
    TOTP_SECRET_BYTES = 20,
};

/* Numbers in the database: append, never renumber. */
enum account_state { ACCOUNT_ACTIVE = 1, ACCOUNT_SUSPENDED = 2, ACCOUNT_CLOSED = 3, ACCOUNT_REQUESTED = 4 };

/* A member of staff, opened.  Texts live in the arena that it was read into. */
struct account {
    struct account_id account;
    struct organisation_id organisation; /* zero for operators and national administrators */
    enum account_state state;
    uint64_t version;
    struct str user_name;
    struct str full_name;
    struct str job;
    struct str phone;
    struct str email;
    struct str unix_user; /* operators: the login that the local socket proves */
    enum role roles[ACCOUNT_ROLES_MAX];
    uint8_t role_count;
    struct day checks[CHECKS_END]; /* when each was done; DAY_UNKNOWN where never */
    struct day admitted;           /* when it was last made active */
    struct day used;               /* when it was last signed in with; DAY_UNKNOWN where never, or not read */
    struct str why;                /* it was suspended or closed */
};

enum { ORGANISATION_USERS_MAX = 2000, ORGANISATION_STAFF_MAX = 1000000 };

struct organisation {
    struct organisation_id organisation;
    bool active;    /* neither suspended nor lapsed: its people may act today */
    bool suspended; /* by the national administrator */
    uint64_t version;
    struct str name;
    struct str phone;
    struct str authority; /* GSS code */
    enum body body;
    enum service_kind service;   /* its usual kind */
    uint32_t capabilities;       /* bits (1 << CAPABILITY_x): what it is accredited for (R3.5) */
    struct day accredited_until; /* the first day on which it no longer is */
    uint32_t users_max;          /* accounts that are not closed (R3.7) */
    uint32_t staff;              /* how many people work there, as it says; 0: not known */
};

MUST_USE enum fault access_open(struct db *db, struct vault *vault, struct clock clock,
                                struct entropy entropy, struct access **ret_access);
void access_close(struct access *access);

/* What a deployment may set. */
struct access_limits {
    int unused_days_max; /* R3.6; 0: accounts are not disabled for being unused */
};
enum { ACCESS_UNUSED_DAYS = 90 };
void access_set_limits(struct access *access, const struct access_limits *limits); /* before it is used */
struct access_limits access_get_limits(const struct access *access);

/* Whether an account may be used now, and if not why (R3.1, R3.6). */
struct account_standing access_account_standing(const struct access *access, const struct account *account);

/* The caller of a request, re-read from the store every time: session, account, organisation, role. */
struct caller {
    bool signed_in;
    enum strength strength;
    enum role role;
    bool role_held;
    bool account_active;
    bool organisation_active;
    struct account account;
    struct organisation organisation;
    struct tag session; /* of the session, for rows that belong to it: the same after a step-up */
    struct tag cookie;  /* of the id that stands in the browser now */
    struct instant started;
    struct instant seen;
    bool touch_due;           /* seen_us is old enough to be written again */
    struct change_mark wrote; /* the last change that this session made, on whichever server; or number 0 */
    bool mediated;            /* for a colleague, who signed in beside the caller (R4.1) */
    struct account other;     /* that colleague; what they may not do any more, the caller may not either */
    enum role other_role;
};

/* From the cookie's text; an unknown, idle (15 minutes), old (12 hours) or ended one gives a caller who is
 * not signed in, and no fault. */
MUST_USE enum fault access_caller(struct access *access, struct db_tx *tx, struct str cookie,
                                  struct arena *arena, struct caller *ret_caller);

/* The operator whose account names this login of the machine; not signed in where there is none. */
MUST_USE enum fault access_operator(struct access *access, struct db_tx *tx, struct str unix_user,
                                    struct arena *arena, struct caller *ret_caller);

/* Inside the request's writing transaction. */
MUST_USE enum fault access_session_touch(struct access *access, struct db_tx *tx,
                                         const struct caller *caller);
MUST_USE enum fault access_session_end(struct access *access, struct db_tx *tx, const struct caller *caller);

/* Remembers a change that this session makes, so that no server answers it from before. */
MUST_USE enum fault access_session_wrote(struct access *access, struct db_tx *tx, const struct caller *caller,
                                         const struct change_mark *mark);

/* Another role of the account (R2): a new session id, and nothing that belonged to the session before.
 * FAULT_INVALID where the account does not hold it. */
MUST_USE enum fault access_role_change(struct access *access, struct db_tx *tx, const struct caller *caller,
                                       enum role role, struct arena *arena, struct str *ret_cookie);

/* Ends every session of an account, on every server. */
MUST_USE enum fault access_sign_out_everywhere(struct access *access, struct db_tx *tx,
                                               const struct account *account);

/* The token that every form of this session carries, masked anew each time: 64 hex characters in the arena.
 */
MUST_USE enum fault access_form_token(struct access *access, struct str cookie, struct arena *arena,
                                      struct str *ret_token);
bool access_form_token_valid(struct access *access, struct str cookie, struct str token);

/* R4.1: the colleague whom this ticket belongs to has proved, beside the caller, who they are: the session
 * goes on under another id as one that looks for both, no stronger than the weaker of the two.  FAULT_SIGN_IN
 * after counting the failure, as access_session_start(): the caller of this commits in both cases;
 * FAULT_INVALID with a note where it is the same person. */
struct code_verdict;
MUST_USE enum fault access_mediate(struct access *access, struct db_tx *tx, const struct caller *caller,
                                   const struct code_verdict *verdict, struct str ticket, struct arena *arena,
                                   struct str *ret_cookie);

/* The caller goes on alone, under another id; so they do after a step-up and a change of role, whose entries
 * still name both. */
MUST_USE enum fault access_mediate_end(struct access *access, struct db_tx *tx, const struct caller *caller,
                                       struct arena *arena, struct str *ret_cookie);

/* Step one.  Does the Argon2 work in the bounded pool (FAULT_BUSY where it is full), outside any transaction;
 * an absent user costs the same.  The verdict is used inside the transaction that records the attempt. */
struct password_verdict {
    bool right;
    bool held;                           /* not judged: it came from where too many have failed */
    struct account_id account;           /* zero where nobody has that name */
    struct organisation_id organisation; /* whose the account is; zero where nobody's */
    struct tag user_name;                /* stable for absent names too */
};
MUST_USE enum fault access_password_check(struct access *access, struct str user_name, struct str password,
                                          struct password_verdict *ret_verdict);

/* Failures are remembered by where they come from and whose accounts they try (access/throttle.h, case 12).
 * access_password_offered counts a wrong password, and holds a verdict that is not to be judged now. */
bool access_source_waits(struct access *access, struct str source);
void access_password_offered(struct access *access, struct str source, struct password_verdict *verdict);
void access_sign_in_failed(struct access *access, struct str source, struct organisation_id organisation);

/* Counts the attempt and issues the ticket that leads to step two, right or wrong. `ret_ticket` is 26
 * characters. */
MUST_USE enum fault access_ticket_issue(struct access *access, struct db_tx *tx,
                                        const struct password_verdict *verdict, struct arena *arena,
                                        struct str *ret_ticket);

/* What step two shows: the roles to choose from; for an absent user, stable decoys.  A wrong password shows
 * what a right one would: were it otherwise, the roles would tell a guesser that the password is right. */
struct ticket_offer {
    bool live; /* the ticket exists and has not expired */
    enum role roles[ACCOUNT_ROLES_MAX];
    uint8_t role_count;
};
MUST_USE enum fault access_ticket_offer(struct access *access, struct db_tx *tx, struct str ticket,
                                        struct ticket_offer *ret_offer);

/* Step two, outside any transaction: checks the PIN (Argon2 pool) and finds the TOTP step that the code
 * belongs to. Every path costs the same. */
struct code_verdict {
    bool right;
    struct account_id account; /* zero for a decoy */
    int64_t step;
    bool password_right;
};
MUST_USE enum fault access_code_check(struct access *access, struct str ticket, struct str pin,
                                      struct str code, struct code_verdict *ret_verdict);

/* Inside the transaction: where the verdict is right, the account active and the role held, stores the TOTP
 * step by a conditional update, burns the ticket and starts a session whose cookie text is *ret_cookie.
 * FAULT_SIGN_IN otherwise, *after* counting the failure (ten disable the authenticator): the caller commits
 * in both cases. */
MUST_USE enum fault access_session_start(struct access *access, struct db_tx *tx,
                                         const struct code_verdict *verdict, struct str ticket,
                                         enum role role, struct arena *arena, struct str *ret_cookie);

/* What a new account is made of, and what its holder must be given, once. */
struct account_order {
    struct str user_name; /* 3-64 of a-z 0-9 . - */
    struct str full_name;
    struct str job;
    struct str phone;
    struct str email;
    struct str unix_user; /* operators only */
    struct organisation_id organisation;
    enum role roles[ACCOUNT_ROLES_MAX];
    uint8_t role_count;
    struct str password;           /* empty: one is drawn */
    struct str pin;                /* empty: one is drawn, six digits */
    struct day checks[CHECKS_END]; /* all known: the account is active; else it is requested (R3.1) */
};

/* Every check as done on this day: demonstrations, tests, and the first administrator, for whom two people
 * vouch. */
void access_order_checked(struct account_order *order, struct day day);
struct account_secrets {
    struct account_id account;
    struct str password;
    struct str pin;
    uint8_t totp_secret[TOTP_SECRET_BYTES];
};

/* Hashes and seals, outside any transaction (Argon2); then the row, inside one.  FAULT_INVALID with a note
 * that says what to change; FAULT_DUPLICATE where the user name was ever used. */
struct account_prepared;
MUST_USE enum fault access_account_prepare(struct access *access, const struct account_order *order,
                                           struct arena *arena, struct account_prepared **ret_prepared,
                                           struct account_secrets *ret_secrets);
MUST_USE enum fault access_account_insert(struct access *access, struct db_tx *tx,
                                          const struct account_prepared *prepared);
MUST_USE enum fault access_account_find(struct access *access, struct db_tx *tx, struct str user_name,
                                        struct arena *arena, struct account *ret_account);

/* FAULT_ABSENT. */
MUST_USE enum fault access_account_get(struct access *access, struct db_tx *tx, struct account_id id,
                                       struct arena *arena, struct account *ret_account);

/* Suspends, and ends every session of the account. */
MUST_USE enum fault access_account_suspend(struct access *access, struct db_tx *tx,
                                           const struct account *account);

/* FAULT_INVALID where it does not say until when it is accredited. */
MUST_USE enum fault access_organisation_insert(struct access *access, struct db_tx *tx,
                                               const struct organisation *organisation);
MUST_USE enum fault access_organisation_get(struct access *access, struct db_tx *tx,
                                            struct organisation_id id, struct arena *arena,
                                            struct organisation *ret_organisation);

/* Two codes for the two people who make the first national administrator; 20 characters each, stored hashed,
 * valid for 7 days, usable once and only while no national administrator may act. */
MUST_USE enum fault access_first_codes(struct access *access, struct db_tx *tx, struct arena *arena,
                                       struct str ret_codes[2]);
MUST_USE enum fault access_first_codes_use(struct access *access, struct db_tx *tx, struct str one,
                                           struct str other);

/* The first security key of a national administrator: an operator at the machine is the second person, as
 * long as no national administrator has a key, since from then on they are (R3.2).  FAULT_REFUSED;
 * FAULT_ABSENT where nobody has this name and role; FAULT_INVALID for a code that is not shown now. */
MUST_USE enum fault access_first_key_approve(struct access *access, struct db_tx *tx, struct str user_name,
                                             struct str code, const struct account *approver,
                                             struct arena *arena);

/* The current TOTP code of an account: demonstrations only; the caller has checked that this is one. */
MUST_USE enum fault access_demonstration_code(struct access *access, struct db_tx *tx, struct str user_name,
                                              struct arena *arena, struct str *ret_code);

#endif
