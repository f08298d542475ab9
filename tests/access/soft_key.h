/* A security key in software, for tests: makes credentials and assertions byte by byte, right ones and ones
 * with anything wrong that is asked for. */
#ifndef TESTS_ACCESS_SOFT_KEY_H
#define TESTS_ACCESS_SOFT_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "access/webauthn_inside.h"
#include "base/arena.h"

/* What is wrong with an answer; any number of them at once. */
enum wrong {
    WRONG_TYPE = 1 << 0,
    WRONG_CHALLENGE = 1 << 1, /* shorter than ours */
    WRONG_ORIGIN = 1 << 2,
    WRONG_CROSS_ORIGIN = 1 << 3,
    WRONG_TOP_ORIGIN = 1 << 4,
    WRONG_TWICE = 1 << 5, /* a member of the client data twice */
    WRONG_RP_ID = 1 << 6,
    WRONG_PRESENT = 1 << 7,
    WRONG_VERIFIED = 1 << 8,
    WRONG_ELIGIBLE = 1 << 9, /* for backup: a synced passkey */
    WRONG_BACKED_UP = 1 << 10,
    WRONG_TRAILING = 1 << 11, /* bytes behind the authenticator data */
    WRONG_ATTESTED =
        1 << 12, /* assertion: credential data where none belong; registration: none where they do */
    WRONG_SIGNATURE = 1 << 13, /* of something else */
    WRONG_HANDLE = 1 << 14,    /* assertion: another user's */
    /* registrations alone */
    WRONG_ALGORITHM = 1 << 15, /* of a curve that we do not offer */
    WRONG_ID_BYTES = 1 << 16,  /* a credential id that is too long */
    WRONG_FORMAT = 1 << 17,
    WRONG_STATEMENT = 1 << 18, /* none: with something in it; packed: without a certificate */
    WRONG_UNIT = 1 << 19,      /* the certificate is no authenticator's */
    WRONG_MODEL = 1 << 20,     /* the certificate names another model */
    WRONG_ISSUER = 1 << 21,    /* signed by a maker whom nobody accepted */
    WRONG_AGE = 1 << 22,       /* it has run out */
};

struct soft_maker {
    EVP_PKEY *root_key;
    X509 *root;
    EVP_PKEY *stranger_key; /* a maker whom nobody accepted */
    X509 *stranger;
};

struct soft_key {
    EVP_PKEY *key;
    uint8_t point[64];
    struct bytes id;
    uint8_t model[WEBAUTHN_MODEL_BYTES];
    uint32_t counter;
    struct bytes handle; /* as it was made for; assertions send it where it is not empty */
};

/* Everything lies in the arena but the keys and certificates of libcrypto. */
void soft_maker_open(struct soft_maker *maker, struct instant now);
void soft_maker_close(struct soft_maker *maker);
void soft_maker_save(const struct soft_maker *maker, const char *path);

void soft_key_open(struct soft_key *key, uint8_t number, struct arena *arena);
void soft_key_close(struct soft_key *key);

struct soft_question {
    struct str origin;
    struct bytes challenge;
    unsigned wrong; /* enum wrong */
    struct arena *arena;
};

/* Answers; an assertion counts one further first. */
struct webauthn_assertion soft_key_assert(struct soft_key *key, const struct soft_question *question);

/* `maker` NULL: without an attestation. */
struct webauthn_registration soft_key_make(const struct soft_key *key, const struct soft_maker *maker,
                                           const struct soft_question *question);

#endif
