/* What the files of webauthn share; nobody else includes it, tests excepted. */
#ifndef ACCESS_WEBAUTHN_INSIDE_H
#define ACCESS_WEBAUTHN_INSIDE_H

#include "access/webauthn.h"

enum { SHA256_BYTES = 32, RP_ID_BYTES_MAX = 255 };

/* WebAuthn §6.1 */
enum {
    FLAG_USER_PRESENT = 0x01,
    FLAG_USER_VERIFIED = 0x04,
    FLAG_BACKUP_ELIGIBLE = 0x08,
    FLAG_BACKED_UP = 0x10,
    FLAG_ATTESTED = 0x40,
    FLAG_EXTENSIONS = 0x80,
};

/* The client data of §5.8.1: type, challenge, origin, and no frame of another site around. */
MUST_USE enum webauthn_flaw webauthn_client_check(struct bytes client_data, const char *type,
                                                  struct str origin,
                                                  uint8_t ret_challenge[WEBAUTHN_CHALLENGE_BYTES]);

/* The authenticator data of §6.1, in its parts; what points, points into it. */
struct authenticator_data {
    struct bytes rp_id_hash;
    uint8_t flags;
    uint32_t counter;
    struct bytes model;      /* of attested credential data, or empty */
    struct bytes credential; /* likewise */
    struct bytes key;        /* COSE_Key, likewise */
};

/* `attested`: whether attested credential data must, or must not, be there. */
MUST_USE enum webauthn_flaw webauthn_data_read(struct bytes data, bool attested,
                                               struct authenticator_data *ret_data);
MUST_USE enum webauthn_flaw webauthn_data_check(const struct authenticator_data *data, struct str origin);

/* Passes over one item of CBOR as security keys write it (CTAP 2.1 §8: definite lengths, at most four levels,
 * no tags), so that libcbor never reads a length that is not there.  False where it is malformed. */
bool webauthn_cbor_skip(struct reader *reader);

/* An attestation object (§6.5.4) in its parts. */
struct attestation {
    struct str format;
    struct bytes data;
    int64_t algorithm; /* of a packed statement; 0: none */
    struct bytes signature;
    struct bytes certificates[4]; /* the key's own first */
    size_t certificate_count;
    size_t statement_size; /* members of the statement */
};

/* Reads it; *ret_root holds the memory and is given to webauthn_attestation_forget. */
MUST_USE enum webauthn_flaw webauthn_attestation_read(struct bytes object,
                                                      struct attestation *ret_attestation, void **ret_root);
void webauthn_attestation_forget(void *root);

/* Format, signature over data ‖ hash of the client data, certificate and chain. */
MUST_USE enum webauthn_flaw webauthn_attestation_check(const struct webauthn_site *site,
                                                       const struct attestation *attestation,
                                                       struct bytes model,
                                                       const uint8_t client_hash[SHA256_BYTES]);

/* Does this certificate lead to an accepted root at that time? */
struct chain {
    const struct bytes *certificates;
    size_t count;
    struct instant now;
};
bool webauthn_roots_accept(const struct webauthn_roots *roots, const struct chain *chain);

#endif
