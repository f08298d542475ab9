/* What a security key says, checked without a database (W3C Web Authentication Level 3, §7.1 and §7.2;
 * security.md §3).
 *
 * Nothing here knows whether a challenge is ours: the checks give the challenge back, and the caller burns
 * it. The signature is libfido2's to verify, CBOR libcbor's to read, chains of certificates libcrypto's. */
#ifndef ACCESS_WEBAUTHN_H
#define ACCESS_WEBAUTHN_H

#include "base/buffer.h"
#include "base/str.h"
#include "base/time.h"

enum {
    WEBAUTHN_CHALLENGE_BYTES = 32,
    WEBAUTHN_HANDLE_BYTES = 32,
    WEBAUTHN_KEY_BYTES_MAX = 64,
    WEBAUTHN_MODEL_BYTES = 16, /* the AAGUID, which names the model of a key */
    CREDENTIAL_ID_BYTES_MAX = 1023,
    CLIENT_DATA_BYTES_MAX = 4 * 1024,
    AUTHENTICATOR_DATA_BYTES_MAX = 4 * 1024,
    ATTESTATION_BYTES_MAX = 12 * 1024,
    SIGNATURE_BYTES_MAX = 512,
    ORIGIN_BYTES_MAX = 300,
};

/* Which check failed: for tests and the log.  People read one wording for all. */
enum webauthn_flaw {
    FLAW_NONE = 0,
    FLAW_SIZE,
    FLAW_CLIENT_DATA, /* no JSON object, or a member twice */
    FLAW_TYPE,
    FLAW_CHALLENGE, /* not of the form of ours */
    FLAW_ORIGIN,
    FLAW_CROSS_ORIGIN,       /* inside another site's page */
    FLAW_AUTHENTICATOR_DATA, /* cut short, or more than it says */
    FLAW_RP_ID,
    FLAW_USER_PRESENT,
    FLAW_USER_VERIFIED,
    FLAW_BACKUP, /* it can leave the key: a synced passkey */
    FLAW_CREDENTIAL_ID,
    FLAW_ALGORITHM,
    FLAW_FORMAT,      /* of an attestation that is not accepted here */
    FLAW_ATTESTATION, /* its signature or its certificate */
    FLAW_CHAIN,       /* it does not lead to an accepted model's maker */
    FLAW_USER_HANDLE,
    FLAW_SIGNATURE,
    FLAW_MEMORY, /* none: try again */
    FLAWS_END
};

/* Numbers in the database: append, never renumber. */
enum webauthn_algorithm { WEBAUTHN_ES256 = 1, WEBAUTHN_EDDSA = 2 };

/* ES256: x and y, 32 bytes each; EdDSA: the 32 bytes of RFC 8032. */
struct webauthn_key {
    enum webauthn_algorithm algorithm;
    uint8_t at[WEBAUTHN_KEY_BYTES_MAX];
};

/* Makers whose keys are accepted: the certificates of a folder's .pem files. */
struct webauthn_roots;

/* A folder that is absent accepts nobody.  FAULT_MEMORY; FAULT_INVALID where a file holds no certificate. */
MUST_USE enum fault webauthn_roots_open(const char *folder, struct webauthn_roots **ret_roots);
void webauthn_roots_close(struct webauthn_roots *roots);

/* Where keys are used: the origin as the browser writes it, "https://host" or "http://localhost:8080".  The
 * relying party's id is its host. */
struct webauthn_site {
    struct str origin;
    const struct webauthn_roots *roots;
    bool unattested; /* keys without an attestation are accepted: demonstrations alone */
    struct instant now;
};
struct str webauthn_rp_id(struct str origin);

struct webauthn_assertion {
    struct bytes client_data;
    struct bytes authenticator_data;
    struct bytes signature;
    struct bytes user_handle; /* empty where the key sent none */
};

/* What was proved. */
struct webauthn_proof {
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    uint32_t counter;
};

/* `handle` is the account's.  The proof is set as far as it was read, also where a check failed. */
MUST_USE enum webauthn_flaw webauthn_assertion_check(const struct webauthn_site *site,
                                                     const struct webauthn_assertion *assertion,
                                                     const struct webauthn_key *key,
                                                     const uint8_t handle[WEBAUTHN_HANDLE_BYTES],
                                                     struct webauthn_proof *ret_proof);

struct webauthn_registration {
    struct bytes client_data;
    struct bytes attestation; /* the attestation object */
};

/* A key that was made; `credential` points into the attestation. */
struct webauthn_made {
    struct webauthn_proof proof;
    struct webauthn_key key;
    struct bytes credential;
    uint8_t model[WEBAUTHN_MODEL_BYTES];
};

/* As above: made.proof.challenge is set as soon as it was read. */
MUST_USE enum webauthn_flaw webauthn_registration_check(const struct webauthn_site *site,
                                                        const struct webauthn_registration *registration,
                                                        struct webauthn_made *ret_made);

#endif
