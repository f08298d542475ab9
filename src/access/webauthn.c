#include "access/webauthn.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <sodium.h>
#include <string.h>

#include "access/webauthn_inside.h"

enum { ES256_BYTES = 64, EDDSA_BYTES = 32 };

/* libfido2 takes it with a NUL behind it; its length was checked. */
static void copy_rp_id(struct str origin, char at[RP_ID_BYTES_MAX + 1])
{
    struct str rp_id = webauthn_rp_id(origin);
    must(rp_id.len <= RP_ID_BYTES_MAX);
    memcpy(at, rp_id.at, rp_id.len);
    at[rp_id.len] = '\0';
}

/* What libfido2 verifies with; `ret_key` is freed by forget_key. */
static bool make_key(const struct webauthn_key *key, void **ret_key)
{
    if (key->algorithm == WEBAUTHN_ES256) {
        es256_pk_t *made = es256_pk_new();
        *ret_key = made;
        return made != NULL && es256_pk_from_ptr(made, key->at, ES256_BYTES) == FIDO_OK;
    }
    eddsa_pk_t *made = eddsa_pk_new();
    *ret_key = made;
    return made != NULL && eddsa_pk_from_ptr(made, key->at, EDDSA_BYTES) == FIDO_OK;
}

static void forget_key(enum webauthn_algorithm algorithm, void *key)
{
    es256_pk_t *es256 = key;
    eddsa_pk_t *eddsa = key;
    if (algorithm == WEBAUTHN_ES256)
        es256_pk_free(&es256);
    else
        eddsa_pk_free(&eddsa);
}

static int cose_of(enum webauthn_algorithm algorithm)
{
    return algorithm == WEBAUTHN_ES256 ? COSE_ES256 : COSE_EDDSA;
}

static bool verify_with(fido_assert_t *assert, const char *rp_id, const struct webauthn_assertion *assertion,
                        int algorithm, const void *key)
{
    uint8_t hash[SHA256_BYTES];
    (void)crypto_hash_sha256(hash, assertion->client_data.at, assertion->client_data.len);
    return fido_assert_set_clientdata_hash(assert, hash, sizeof hash) == FIDO_OK &&
           fido_assert_set_rp(assert, rp_id) == FIDO_OK && fido_assert_set_count(assert, 1) == FIDO_OK &&
           fido_assert_set_authdata_raw(assert, 0, assertion->authenticator_data.at,
                                        assertion->authenticator_data.len) == FIDO_OK &&
           fido_assert_set_sig(assert, 0, assertion->signature.at, assertion->signature.len) == FIDO_OK &&
           fido_assert_set_up(assert, FIDO_OPT_TRUE) == FIDO_OK &&
           fido_assert_set_uv(assert, FIDO_OPT_TRUE) == FIDO_OK &&
           fido_assert_verify(assert, 0, algorithm, key) == FIDO_OK;
}

/* The signature over authenticator data ‖ hash of the client data (§7.2 step 24). */
static enum webauthn_flaw verify(const char *rp_id, const struct webauthn_assertion *assertion,
                                 const struct webauthn_key *key)
{
    void *made = NULL;
    fido_assert_t *assert = fido_assert_new();
    bool ready = make_key(key, &made) && assert != NULL;
    bool right = ready && verify_with(assert, rp_id, assertion, cose_of(key->algorithm), made);
    fido_assert_free(&assert);
    if (made != NULL)
        forget_key(key->algorithm, made);
    if (!ready)
        return FLAW_MEMORY;
    return right ? FLAW_NONE : FLAW_SIGNATURE;
}

enum webauthn_flaw webauthn_assertion_check(const struct webauthn_site *site,
                                            const struct webauthn_assertion *assertion,
                                            const struct webauthn_key *key,
                                            const uint8_t handle[WEBAUTHN_HANDLE_BYTES],
                                            struct webauthn_proof *ret_proof)
{
    struct authenticator_data data = {0};
    char rp_id[RP_ID_BYTES_MAX + 1];
    enum webauthn_flaw flaw =
        webauthn_client_check(assertion->client_data, "webauthn.get", site->origin, ret_proof->challenge);
    if (flaw == FLAW_NONE)
        flaw = webauthn_data_read(assertion->authenticator_data, false, &data);
    if (flaw == FLAW_NONE)
        flaw = webauthn_data_check(&data, site->origin);
    if (flaw != FLAW_NONE)
        return flaw;
    ret_proof->counter = data.counter;
    /* §7.2 step 6: where a key names a user, it is this one. */
    if (assertion->user_handle.len > 0 &&
        !bytes_equal_secret(assertion->user_handle, (struct bytes){handle, WEBAUTHN_HANDLE_BYTES}))
        return FLAW_USER_HANDLE;
    if (assertion->signature.len == 0 || assertion->signature.len > SIGNATURE_BYTES_MAX)
        return FLAW_SIZE;
    copy_rp_id(site->origin, rp_id);
    return verify(rp_id, assertion, key);
}

/* The public key, where it is of this algorithm and a point of its curve. */
static bool take_key(fido_cred_t *made, enum webauthn_algorithm algorithm, struct bytes data,
                     struct webauthn_key *ret_key)
{
    struct webauthn_key key = {.algorithm = algorithm};
    size_t bytes = algorithm == WEBAUTHN_ES256 ? ES256_BYTES : EDDSA_BYTES;
    void *point = NULL;
    if (fido_cred_set_type(made, cose_of(algorithm)) != FIDO_OK ||
        fido_cred_set_authdata_raw(made, data.at, data.len) != FIDO_OK || fido_cred_pubkey_len(made) != bytes)
        return false;
    memcpy(key.at, fido_cred_pubkey_ptr(made), bytes);
    EVP_PKEY *checked = NULL;
    if (make_key(&key, &point))
        checked = algorithm == WEBAUTHN_ES256 ? es256_pk_to_EVP_PKEY(point) : eddsa_pk_to_EVP_PKEY(point);
    bool fine = checked != NULL;
    EVP_PKEY_free(checked);
    if (point != NULL)
        forget_key(algorithm, point);
    if (fine)
        *ret_key = key;
    return fine;
}

/* The algorithms that we offer, and no other (§7.1 step 20). */
static enum webauthn_flaw read_key(struct bytes data, struct webauthn_key *ret_key)
{
    static const enum webauthn_algorithm offered[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA};
    for (size_t i = 0; i < sizeof offered / sizeof offered[0]; i++) {
        fido_cred_t *made = fido_cred_new();
        if (made == NULL)
            return FLAW_MEMORY;
        bool taken = take_key(made, offered[i], data, ret_key);
        fido_cred_free(&made);
        if (taken)
            return FLAW_NONE;
    }
    return FLAW_ALGORITHM;
}

static enum webauthn_flaw check_made(const struct webauthn_site *site,
                                     const struct webauthn_registration *registration,
                                     const struct attestation *attestation, struct webauthn_made *made)
{
    struct authenticator_data data = {0};
    uint8_t hash[SHA256_BYTES];
    enum webauthn_flaw flaw = webauthn_data_read(attestation->data, true, &data);
    if (flaw == FLAW_NONE)
        flaw = webauthn_data_check(&data, site->origin);
    if (flaw == FLAW_NONE)
        flaw = read_key(attestation->data, &made->key);
    if (flaw != FLAW_NONE)
        return flaw;
    (void)crypto_hash_sha256(hash, registration->client_data.at, registration->client_data.len);
    flaw = webauthn_attestation_check(site, attestation, data.model, hash);
    if (flaw != FLAW_NONE)
        return flaw;
    made->proof.counter = data.counter;
    memcpy(made->model, data.model.at, sizeof made->model);
    /* The same bytes in the caller's own memory: libcbor's are given back. */
    const uint8_t *own = memmem(registration->attestation.at, registration->attestation.len,
                                data.credential.at, data.credential.len);
    must(own != NULL);
    made->credential = (struct bytes){own, data.credential.len};
    return FLAW_NONE;
}

enum webauthn_flaw webauthn_registration_check(const struct webauthn_site *site,
                                               const struct webauthn_registration *registration,
                                               struct webauthn_made *ret_made)
{
    struct attestation attestation = {0};
    void *root = NULL;
    enum webauthn_flaw flaw = webauthn_client_check(registration->client_data, "webauthn.create",
                                                    site->origin, ret_made->proof.challenge);
    if (flaw == FLAW_NONE)
        flaw = webauthn_attestation_read(registration->attestation, &attestation, &root);
    if (flaw == FLAW_NONE)
        flaw = check_made(site, registration, &attestation, ret_made);
    webauthn_attestation_forget(root);
    return flaw;
}
