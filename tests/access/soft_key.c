#include "soft_key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct bytes keep(struct arena *arena, struct buffer *buffer)
{
    struct str copy;
    assert_int_equal(buffer_fault(buffer), FAULT_NONE);
    assert_int_equal(arena_copy(arena, buffer_str(buffer), &copy), FAULT_NONE);
    buffer_close(buffer);
    return bytes_of(copy);
}

/* CBOR (RFC 8949), as little of it as is needed. */
static void put_head(struct buffer *out, unsigned major, size_t value)
{
    if (value < 24) {
        buffer_put_u8(out, (uint8_t)(major << 5 | value));
    } else if (value < 256) {
        buffer_put_u8(out, (uint8_t)(major << 5 | 24));
        buffer_put_u8(out, (uint8_t)value);
    } else {
        buffer_put_u8(out, (uint8_t)(major << 5 | 25));
        buffer_put_u16(out, (uint16_t)value);
    }
}

static void put_text(struct buffer *out, const char *text)
{
    put_head(out, 3, strlen(text));
    buffer_put(out, str_of(text));
}

static void put_bytes(struct buffer *out, struct bytes bytes)
{
    put_head(out, 2, bytes.len);
    buffer_put_bytes(out, bytes);
}

/* COSE_Key of ES256, or with an algorithm that nobody was offered. */
static void put_cose(struct buffer *out, const struct soft_key *key, unsigned wrong)
{
    put_head(out, 5, 5);
    put_head(out, 0, 1);
    put_head(out, 0, 2); /* EC2 */
    put_head(out, 0, 3);
    put_head(out, 1, (wrong & WRONG_ALGORITHM) != 0 ? 34 : 6); /* -35: ES384, else -7 */
    put_head(out, 1, 0);
    put_head(out, 0, 1); /* P-256 */
    put_head(out, 1, 1);
    put_bytes(out, (struct bytes){key->point, 32});
    put_head(out, 1, 2);
    put_bytes(out, (struct bytes){key->point + 32, 32});
}

static struct bytes client_data(const struct soft_question *question, const char *type)
{
    struct buffer out = buffer_open(4096);
    char challenge[64];
    size_t len = (question->wrong & WRONG_CHALLENGE) != 0 ? 16 : question->challenge.len;
    (void)sodium_bin2base64(challenge, sizeof challenge, question->challenge.at, len,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buffer_put(&out, STR("{\"type\":\""));
    buffer_put(&out, (question->wrong & WRONG_TYPE) != 0 ? STR("payment.get") : str_of(type));
    buffer_put(&out, STR("\",\"challenge\":\""));
    buffer_put(&out, str_of(challenge));
    buffer_put(&out, STR("\",\"origin\":\""));
    buffer_put(&out,
               (question->wrong & WRONG_ORIGIN) != 0 ? STR("https://elsewhere.example") : question->origin);
    buffer_put(&out, STR("\",\"crossOrigin\":"));
    buffer_put(&out, (question->wrong & WRONG_CROSS_ORIGIN) != 0 ? STR("true") : STR("false"));
    if ((question->wrong & WRONG_TOP_ORIGIN) != 0)
        buffer_put(&out, STR(",\"topOrigin\":\"https://elsewhere.example\""));
    if ((question->wrong & WRONG_TWICE) != 0)
        buffer_put(&out, STR(",\"crossOrigin\":false"));
    buffer_put(&out, STR(",\"other_keys_can_be_added_here\":\"yes\"}"));
    return keep(question->arena, &out);
}

static void put_attested(struct buffer *out, const struct soft_key *key, unsigned wrong)
{
    static const uint8_t long_id[CREDENTIAL_ID_BYTES_MAX + 1] = {7};
    struct bytes id = (wrong & WRONG_ID_BYTES) != 0 ? (struct bytes){long_id, sizeof long_id} : key->id;
    buffer_put_bytes(out, (struct bytes){key->model, sizeof key->model});
    buffer_put_u16(out, (uint16_t)id.len);
    buffer_put_bytes(out, id);
    put_cose(out, key, wrong);
}

static struct bytes authenticator_data(const struct soft_key *key, const struct soft_question *question,
                                       bool make)
{
    struct buffer out = buffer_open(8192);
    uint8_t hash[32];
    unsigned wrong = question->wrong;
    struct str rp_id =
        (wrong & WRONG_RP_ID) != 0 ? STR("elsewhere.example") : webauthn_rp_id(question->origin);
    bool attested = make != ((wrong & WRONG_ATTESTED) != 0);
    unsigned flags = FLAG_USER_PRESENT | FLAG_USER_VERIFIED;
    if ((wrong & WRONG_PRESENT) != 0)
        flags &= ~(unsigned)FLAG_USER_PRESENT;
    if ((wrong & WRONG_VERIFIED) != 0)
        flags &= ~(unsigned)FLAG_USER_VERIFIED;
    flags |= (wrong & WRONG_ELIGIBLE) != 0 ? FLAG_BACKUP_ELIGIBLE : 0;
    flags |= (wrong & WRONG_BACKED_UP) != 0 ? FLAG_BACKED_UP : 0;
    flags |= attested ? FLAG_ATTESTED : 0;
    (void)crypto_hash_sha256(hash, (const uint8_t *)rp_id.at, rp_id.len);
    buffer_put_bytes(&out, (struct bytes){hash, sizeof hash});
    buffer_put_u8(&out, (uint8_t)flags);
    buffer_put_u32(&out, key->counter);
    if (attested)
        put_attested(&out, key, wrong);
    if ((wrong & WRONG_TRAILING) != 0)
        buffer_put_u8(&out, 0xa0);
    return keep(question->arena, &out);
}

/* ECDSA with SHA-256 over data ‖ hash of the client data, or over something else. */
static struct bytes sign(EVP_PKEY *key, struct bytes data, struct bytes client,
                         const struct soft_question *question)
{
    struct buffer to_sign = buffer_open(16384);
    uint8_t hash[32];
    uint8_t signature[128];
    size_t len = sizeof signature;
    (void)crypto_hash_sha256(hash, client.at, client.len);
    buffer_put_bytes(&to_sign, data);
    buffer_put_bytes(&to_sign, (struct bytes){hash, sizeof hash});
    if ((question->wrong & WRONG_SIGNATURE) != 0)
        buffer_put_u8(&to_sign, 0);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(digest, signature, &len, (const uint8_t *)to_sign.at, to_sign.len), 1);
    EVP_MD_CTX_free(digest);
    buffer_close(&to_sign);
    struct buffer out = buffer_open(256);
    buffer_put_bytes(&out, (struct bytes){signature, len});
    return keep(question->arena, &out);
}

struct webauthn_assertion soft_key_assert(struct soft_key *key, const struct soft_question *question)
{
    static const uint8_t other[WEBAUTHN_HANDLE_BYTES] = {1};
    key->counter += 1;
    struct webauthn_assertion assertion = {.client_data = client_data(question, "webauthn.get"),
                                           .authenticator_data = authenticator_data(key, question, false),
                                           .user_handle = key->handle};
    if ((question->wrong & WRONG_HANDLE) != 0)
        assertion.user_handle = (struct bytes){other, sizeof other};
    assertion.signature = sign(key->key, assertion.authenticator_data, assertion.client_data, question);
    return assertion;
}

void soft_key_open(struct soft_key *key, uint8_t number, struct arena *arena)
{
    uint8_t point[65];
    size_t len = 0;
    uint8_t *id = arena_take(arena, 48);
    assert_non_null(id);
    memset(id, number, 48);
    *key = (struct soft_key){.key = EVP_EC_gen("P-256"), .id = {id, 48}};
    assert_non_null(key->key);
    memset(key->model, 0xa0 + number % 16, sizeof key->model);
    assert_int_equal(
        EVP_PKEY_get_octet_string_param(key->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len), 1);
    assert_int_equal(len, sizeof point);
    memcpy(key->point, point + 1, sizeof key->point);
}

void soft_key_close(struct soft_key *key)
{
    EVP_PKEY_free(key->key);
}

static void name(X509 *certificate, const char *unit, const char *common)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    const struct {
        const char *field;
        const char *text;
    } parts[] = {{"C", "GB"}, {"O", "Keys of Tests"}, {"OU", unit}, {"CN", common}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_int_equal(X509_NAME_add_entry_by_txt(subject, parts[i].field, MBSTRING_ASC,
                                                    (const unsigned char *)parts[i].text, -1, -1, 0),
                         1);
}

static void add_extension(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_model(X509 *certificate, const uint8_t model[WEBAUTHN_MODEL_BYTES])
{
    uint8_t inner[2 + WEBAUTHN_MODEL_BYTES] = {V_ASN1_OCTET_STRING, WEBAUTHN_MODEL_BYTES};
    memcpy(inner + 2, model, WEBAUTHN_MODEL_BYTES);
    ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    assert_int_equal(ASN1_OCTET_STRING_set(value, inner, sizeof inner), 1);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, id, 0, value);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(id);
}

static X509 *begin_certificate(EVP_PKEY *key, int64_t from_s, int64_t to_s)
{
    X509 *certificate = X509_new();
    assert_non_null(certificate);
    assert_int_equal(X509_set_version(certificate, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)from_s));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)to_s));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    return certificate;
}

static X509 *root_of(EVP_PKEY *key, const char *common, int64_t now_s)
{
    X509 *root = begin_certificate(key, now_s - 86400, now_s + INT64_C(86400) * 3650);
    name(root, "Makers", common);
    assert_int_equal(X509_set_issuer_name(root, X509_get_subject_name(root)), 1);
    add_extension(root, NID_basic_constraints, "critical,CA:TRUE");
    assert_int_not_equal(X509_sign(root, key, EVP_sha256()), 0);
    return root;
}

void soft_maker_open(struct soft_maker *maker, struct instant now)
{
    maker->root_key = EVP_EC_gen("P-256");
    maker->stranger_key = EVP_EC_gen("P-256");
    assert_non_null(maker->root_key);
    assert_non_null(maker->stranger_key);
    maker->root = root_of(maker->root_key, "Accepted Maker", now.us / 1000000);
    maker->stranger = root_of(maker->stranger_key, "Other Maker", now.us / 1000000);
}

void soft_maker_close(struct soft_maker *maker)
{
    X509_free(maker->root);
    X509_free(maker->stranger);
    EVP_PKEY_free(maker->root_key);
    EVP_PKEY_free(maker->stranger_key);
}

void soft_maker_save(const struct soft_maker *maker, const char *path)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, maker->root), 1);
    assert_int_equal(fclose(file), 0);
}

static X509 *leaf_of(const struct soft_key *key, const struct soft_maker *maker, EVP_PKEY *own,
                     const struct soft_question *question)
{
    static const uint8_t other_model[WEBAUTHN_MODEL_BYTES] = {0xff};
    unsigned wrong = question->wrong;
    X509 *issuer = (wrong & WRONG_ISSUER) != 0 ? maker->stranger : maker->root;
    EVP_PKEY *issuer_key = (wrong & WRONG_ISSUER) != 0 ? maker->stranger_key : maker->root_key;
    struct tm tm;
    assert_int_equal(ASN1_TIME_to_tm(X509_get0_notBefore(issuer), &tm), 1);
    int64_t from_s = timegm(&tm);
    X509 *leaf = begin_certificate(own, from_s, from_s + ((wrong & WRONG_AGE) != 0 ? 60 : 86400 * 365));
    name(leaf, (wrong & WRONG_UNIT) != 0 ? "Web Servers" : "Authenticator Attestation", "Key 1");
    assert_int_equal(X509_set_issuer_name(leaf, X509_get_subject_name(issuer)), 1);
    add_extension(leaf, NID_basic_constraints, "critical,CA:FALSE");
    add_model(leaf, (wrong & WRONG_MODEL) != 0 ? other_model : key->model);
    assert_int_not_equal(X509_sign(leaf, issuer_key, EVP_sha256()), 0);
    return leaf;
}

static void put_packed(struct buffer *out, const struct soft_key *key, const struct soft_maker *maker,
                       const struct soft_question *question, struct bytes data, struct bytes client)
{
    bool alone = (question->wrong & WRONG_STATEMENT) != 0;
    EVP_PKEY *own = EVP_EC_gen("P-256");
    X509 *leaf = leaf_of(key, maker, own, question);
    uint8_t *der = NULL;
    int len = i2d_X509(leaf, &der);
    assert_true(len > 0);
    put_head(out, 5, alone ? 2 : 3);
    put_text(out, "alg");
    put_head(out, 1, 6);
    put_text(out, "sig");
    put_bytes(out, sign(alone ? key->key : own, data, client, question));
    if (!alone) {
        put_text(out, "x5c");
        put_head(out, 4, 1);
        put_bytes(out, (struct bytes){der, (size_t)len});
    }
    OPENSSL_free(der);
    X509_free(leaf);
    EVP_PKEY_free(own);
}

struct webauthn_registration soft_key_make(const struct soft_key *key, const struct soft_maker *maker,
                                           const struct soft_question *question)
{
    struct webauthn_registration made = {.client_data = client_data(question, "webauthn.create")};
    struct bytes data = authenticator_data(key, question, true);
    struct buffer out = buffer_open(ATTESTATION_BYTES_MAX);
    put_head(&out, 5, 3);
    put_text(&out, "fmt");
    if ((question->wrong & WRONG_FORMAT) != 0)
        put_text(&out, "android-safetynet");
    else
        put_text(&out, maker != NULL ? "packed" : "none");
    put_text(&out, "attStmt");
    if (maker != NULL) {
        put_packed(&out, key, maker, question, data, made.client_data);
    } else {
        put_head(&out, 5, (question->wrong & WRONG_STATEMENT) != 0);
        if ((question->wrong & WRONG_STATEMENT) != 0) {
            put_text(&out, "alg");
            put_head(&out, 1, 6);
        }
    }
    put_text(&out, "authData");
    put_bytes(&out, data);
    made.attestation = keep(question->arena, &out);
    return made;
}
