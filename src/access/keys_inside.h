/* What the files about security keys share; nobody else includes it, tests excepted. */
#ifndef ACCESS_KEYS_INSIDE_H
#define ACCESS_KEYS_INSIDE_H

#include "access/inside.h"
#include "access/security_key.h"

/* Numbers in the database: append, never renumber. */
enum key_state {
    KEY_ACTIVE = 1,
    KEY_FROZEN = 2,   /* there may be a copy of it */
    KEY_DISABLED = 3, /* after too many failures, of which nobody has been told yet */
    KEY_RETIRED = 4,
    KEY_TOLD = 5, /* disabled, and they have been told */
};

enum { CHALLENGE_SECONDS = 300, KEY_FAILURES_MAX = 10, TERMS_DAYS = 365, BASE64_BYTES_MAX = 16 * 1024 };

/* A key as it rests, opened. */
struct security_key {
    struct tag tag;
    struct id account;
    enum key_state state;
    int64_t counter;
    struct bytes credential;
    struct webauthn_key key;
    uint8_t model[WEBAUTHN_MODEL_BYTES];
    struct str rp_id;
    struct instant made;
    struct day used; /* DAY_UNKNOWN where never, or not read */
};

MUST_USE enum fault key_seal(struct access *access, const struct security_key *key, struct arena *arena,
                             struct bytes *ret_sealed);

/* Opens; tag, account, state and counter are the row's. */
MUST_USE enum fault key_open(struct access *access, struct bytes sealed, struct arena *arena,
                             struct security_key *key);
MUST_USE enum fault key_insert(struct access *access, struct db_tx *tx, const struct security_key *key,
                               struct arena *arena);

/* The key of that credential id, or the decoy at the same cost: found = false. */
MUST_USE enum fault key_read(struct access *access, struct db_tx *tx, const struct tag *tag,
                             struct arena *arena, struct security_key *ret_key, bool *ret_found);

/* At most KEYS_MAX keys of an account, opened; the oldest registered stand in no order. */
MUST_USE enum fault keys_of_account(struct access *access, struct db_tx *tx, struct id account,
                                    struct arena *arena, struct security_key *ret_keys, size_t *ret_count);

/* The same for pages, the oldest first; ret_keys has room for KEYS_MAX. */
MUST_USE enum fault held_keys(struct access *access, struct db_tx *tx, struct id account, struct arena *arena,
                              struct held_key_view *ret_keys, size_t *ret_count);

struct tag credential_tag(struct access *access, struct bytes credential);

/* What a key is called in a form of its holder's. */
struct id key_id(const struct tag *tag);

/* The handle under which keys know an account. */
void key_handle(struct access *access, struct id account, uint8_t handle[WEBAUTHN_HANDLE_BYTES]);

/* A new challenge, as base64url in the arena. */
MUST_USE enum fault challenge_give(struct access *access, struct db_tx *tx,
                                   const struct challenge_owner *owner, struct arena *arena,
                                   struct str *ret_text);

/* Burns a challenge; *ret_valid: it was this owner's, for this purpose, and not too old. */
MUST_USE enum fault challenge_use(struct access *access, struct db_tx *tx,
                                  const struct challenge_owner *owner,
                                  const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES], struct arena *arena,
                                  bool *ret_valid);

/* Offers to make a key. */
struct new_key {
    struct challenge_owner owner;
    struct str origin;
    const struct account *account;
};
MUST_USE enum fault key_offer_new(struct access *access, struct db_tx *tx, const struct new_key *order,
                                  struct arena *arena, struct key_view *ret_view);

/* Who approved an enrolment that is done, from its row. */
MUST_USE enum fault enrolment_approver(struct access *access, struct bytes tag, struct bytes sealed,
                                       struct arena *arena, struct str *ret_name);

/* Where keys are used, for the checks of webauthn.h. */
struct webauthn_site key_site(const struct access *access, struct str origin);

/* base64url without padding, both ways.  Decoding is empty where it is malformed or longer than most. */
MUST_USE enum fault base64_text(struct bytes bytes, struct arena *arena, struct str *ret_text);
MUST_USE enum fault base64_bytes(struct str text, size_t most, struct arena *arena, struct bytes *ret_bytes);

#endif
