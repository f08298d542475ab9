/* Security keys: offered, answered, registered (security.md §3).
 *
 * An offer is made inside a transaction that writes, for it stores a challenge; the answer is checked outside
 * any transaction and used inside one, which burns the challenge whatever the verdict is. */
#ifndef ACCESS_SECURITY_KEY_H
#define ACCESS_SECURITY_KEY_H

#include "access/access.h"
#include "access/key_view.h"
#include "access/webauthn.h"

/* Numbers in the database: append, never renumber. */
enum challenge_purpose { CHALLENGE_SIGN_IN = 1, CHALLENGE_STEP_UP = 2, CHALLENGE_ENROLMENT = 3 };

/* To whom a challenge was given: the tag of a ticket, a session or an enrolment. */
struct challenge_owner {
    enum challenge_purpose purpose;
    struct tag tag;
};

/* What came back, base64url as the form holds it. */
struct key_answer {
    struct str credential;
    struct str client_data;
    struct str authenticator_data;
    struct str signature;
    struct str user_handle;
    struct str attestation;
};

/* What an assertion proves. */
struct key_verdict {
    bool right; /* all that needs no transaction */
    enum webauthn_flaw flaw;
    struct account_id account; /* whose key it is; zero for a decoy */
    struct tag credential;
    struct challenge_owner owner;
    struct webauthn_proof proof;
    bool password_right; /* sign-in: of the first step */
};

/* Step two of signing in: the keys of whoever the ticket is for, or stable decoys, at the same cost.
 * FAULT_SIGN_IN where the ticket is not live. */
MUST_USE enum fault access_key_offer(struct access *access, struct db_tx *tx, struct str ticket,
                                     struct str origin, struct arena *arena, struct key_view *ret_view);
MUST_USE enum fault access_key_check(struct access *access, struct str ticket, struct str origin,
                                     const struct key_answer *answer, struct key_verdict *ret_verdict);

/* What use of a verdict came to, beside the fault. */
struct key_use {
    struct str cookie; /* of the session that began */
    bool frozen;       /* the key's counter did not rise: it was frozen, and an alarm is due */
};

/* Inside the transaction: burns challenge and ticket, stores the counter, starts a session of strength KEY.
 * FAULT_SIGN_IN otherwise, *after* counting the failure (ten disable the account's keys) or freezing the key:
 * the caller commits in both cases. */
MUST_USE enum fault access_key_session_start(struct access *access, struct db_tx *tx,
                                             const struct key_verdict *verdict, struct str ticket,
                                             enum role role, struct arena *arena, struct key_use *ret_use);

/* The same for somebody who is signed in: their session becomes as strong as their key. */
MUST_USE enum fault access_step_up_offer(struct access *access, struct db_tx *tx, const struct caller *caller,
                                         struct str origin, struct arena *arena, struct key_view *ret_view);
MUST_USE enum fault access_step_up_check(struct access *access, const struct caller *caller,
                                         struct str origin, const struct key_answer *answer,
                                         struct key_verdict *ret_verdict);
MUST_USE enum fault access_step_up(struct access *access, struct db_tx *tx, const struct key_verdict *verdict,
                                   const struct caller *caller, struct arena *arena, struct key_use *ret_use);

/* The keys of an account, the frozen and retired ones too, and what was bound to it. */
MUST_USE enum fault access_security_view(struct access *access, struct db_tx *tx, const struct caller *caller,
                                         struct arena *arena, struct security_view *ret_view);

/* The yearly reminder of the terms. */
MUST_USE enum fault access_terms_due(struct access *access, struct db_tx *tx, struct account_id account,
                                     struct arena *arena, bool *ret_due);
MUST_USE enum fault access_terms_accept(struct access *access, struct db_tx *tx, struct account_id account);

/* Before the first request: the folder of accepted makers, or NULL, and whether this is a demonstration,
 * where keys without an attestation are accepted. */
MUST_USE enum fault access_set_keys(struct access *access, const char *makers, bool demonstration);

#endif
