/* Binding secrets to an account by a second person (R3.2): the first time, after a loss, and when they are
 * forgotten.  One mechanism for all three.
 *
 * The holder asks with their user name and is shown a code; a user manager copies the code onto the account's
 * page; only then may the holder, and nobody else, choose a password and a PIN, see the token's secret and
 * register security keys.  The manager sees none of it; the holder is told of it on their account's page. */
#ifndef ACCESS_ENROLMENT_H
#define ACCESS_ENROLMENT_H

#include "access/security_key.h"

/* A request in somebody's browser.  One for a further key alone belongs to whoever is signed in there:
 * without them it is none, and with them nothing else is. */
struct enrolment_at {
    struct str ticket;
    struct account_id holder; /* zero: whoever has the browser, for everything that one signs in with */
};

/* A request, for names that nobody has too; *ret_ticket goes into the holder's browser. */
MUST_USE enum fault access_enrolment_ask(struct access *access, struct db_tx *tx, struct str user_name,
                                         struct arena *arena, struct str *ret_ticket);

/* A request for one more security key, of somebody who has proved one; the rest of how they sign in stays.
 * FAULT_INVALID with a note where they have KEYS_MAX. */
MUST_USE enum fault access_enrolment_ask_key(struct access *access, struct db_tx *tx,
                                             const struct account *account, struct arena *arena,
                                             struct str *ret_ticket);

/* How far a request is.  FAULT_SIGN_IN where there is none, or its time is over. */
MUST_USE enum fault access_enrolment_view(struct access *access, struct db_tx *tx,
                                          const struct enrolment_at *at, struct arena *arena,
                                          struct enrolment_view *ret_view);

/* By a second person: another account than the one that it is for.  FAULT_INVALID with a note where the code
 * is not one that this account is shown now; FAULT_REFUSED where the approver is its holder. */
MUST_USE enum fault access_enrolment_approve(struct access *access, struct db_tx *tx,
                                             const struct account *account, struct str code,
                                             const struct account *approver, struct arena *arena);

/* What the holder chooses; checked and hashed outside any transaction.  FAULT_INVALID with a note, and the
 * field that it is about. */
struct enrolment_choice {
    struct str password;
    struct str again;
    struct str pin;
    struct str code; /* that the token shows now */
};
struct enrolment_prepared;
MUST_USE enum fault access_enrolment_prepare(struct access *access, struct str ticket,
                                             const struct enrolment_choice *choice, struct arena *arena,
                                             struct enrolment_prepared **ret_prepared,
                                             const char **ret_field);

/* Replaces what the account had: password, PIN, token; retires its keys, ends its sessions, forgets its
 * failures.  FAULT_SIGN_IN where the request may not choose now. */
MUST_USE enum fault access_enrolment_choose(struct access *access, struct db_tx *tx, struct str ticket,
                                            const struct enrolment_prepared *prepared, struct arena *arena);

/* Security keys: as many as KEYS_MAX while the request lives, or the one that was approved. */
MUST_USE enum fault access_enrolment_key_offer(struct access *access, struct db_tx *tx,
                                               const struct enrolment_at *at, struct str origin,
                                               struct arena *arena, struct key_view *ret_view);

struct enrolment_key; /* a key that was made, checked */
MUST_USE enum fault access_enrolment_key_check(struct access *access, struct str origin,
                                               const struct key_answer *answer, struct arena *arena,
                                               struct enrolment_key **ret_key);

/* Inside the transaction: burns the challenge, keeps the key.  The caller commits in all these cases:
 * FAULT_SIGN_IN where a check failed, FAULT_DUPLICATE where the credential is known (case 10), FAULT_INVALID
 * where there are KEYS_MAX of them. */
MUST_USE enum fault access_enrolment_key_add(struct access *access, struct db_tx *tx,
                                             const struct enrolment_at *at, const struct enrolment_key *key,
                                             struct arena *arena);

/* A key of an account that was lost opens nothing from here on; the others do.  Every session of the account
 * ends, whichever key began it.  FAULT_ABSENT where the account has no such key. */
MUST_USE enum fault access_key_remove(struct access *access, struct db_tx *tx, const struct account *account,
                                      struct id key);

/* For whom a request is, for the entries; zero where for nobody. */
MUST_USE enum fault access_enrolment_account(struct access *access, struct db_tx *tx, struct str ticket,
                                             struct arena *arena, struct account_id *ret_account);

#endif
