#include <cbor.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "access/webauthn_inside.h"

/* COSE algorithms (RFC 9053) */
enum { COSE_ES256_ALGORITHM = -7, COSE_EDDSA_ALGORITHM = -8 };

static bool is_named(const cbor_item_t *key, const char *name)
{
    return cbor_isa_string(key) && cbor_string_length(key) == strlen(name) &&
           memcmp(cbor_string_handle(key), name, strlen(name)) == 0;
}

/* The one member of that name; NULL where there is none, or more. */
static cbor_item_t *member(const cbor_item_t *map, const char *name)
{
    cbor_item_t *found = NULL;
    const struct cbor_pair *pairs = cbor_map_handle(map);
    for (size_t i = 0; i < cbor_map_size(map); i++) {
        if (!is_named(pairs[i].key, name))
            continue;
        if (found != NULL)
            return NULL;
        found = pairs[i].value;
    }
    return found;
}

static struct bytes bytes_of_item(const cbor_item_t *item)
{
    if (item == NULL || !cbor_isa_bytestring(item))
        return (struct bytes){NULL, 0};
    return (struct bytes){cbor_bytestring_handle(item), cbor_bytestring_length(item)};
}

static int64_t number_of(const cbor_item_t *item)
{
    if (item == NULL || !cbor_is_int(item) || !cbor_isa_negint(item) || cbor_get_int(item) > INT32_MAX)
        return 0;
    return -1 - (int64_t)cbor_get_int(item);
}

static bool take_certificates(const cbor_item_t *list, struct attestation *attestation)
{
    enum { MOST = sizeof attestation->certificates / sizeof attestation->certificates[0] };
    if (!cbor_isa_array(list) || cbor_array_size(list) == 0 || cbor_array_size(list) > MOST)
        return false;
    cbor_item_t *const *items = cbor_array_handle(list);
    for (size_t i = 0; i < cbor_array_size(list); i++) {
        attestation->certificates[i] = bytes_of_item(items[i]);
        if (attestation->certificates[i].len == 0)
            return false;
    }
    attestation->certificate_count = cbor_array_size(list);
    return true;
}

/* §8.2 */
static bool take_statement(const cbor_item_t *statement, struct attestation *attestation)
{
    attestation->statement_size = cbor_map_size(statement);
    attestation->algorithm = number_of(member(statement, "alg"));
    attestation->signature = bytes_of_item(member(statement, "sig"));
    const cbor_item_t *certificates = member(statement, "x5c");
    return certificates == NULL || take_certificates(certificates, attestation);
}

static bool take_object(const cbor_item_t *root, struct attestation *attestation)
{
    if (!cbor_isa_map(root))
        return false;
    const cbor_item_t *format = member(root, "fmt");
    const cbor_item_t *statement = member(root, "attStmt");
    attestation->data = bytes_of_item(member(root, "authData"));
    if (format == NULL || !cbor_isa_string(format) || statement == NULL || !cbor_isa_map(statement) ||
        attestation->data.len == 0)
        return false;
    attestation->format = (struct str){(const char *)cbor_string_handle(format), cbor_string_length(format)};
    return take_statement(statement, attestation);
}

enum webauthn_flaw webauthn_attestation_read(struct bytes object, struct attestation *ret_attestation,
                                             void **ret_root)
{
    struct reader reader = reader_of(object);
    struct cbor_load_result result;
    if (object.len == 0 || object.len > ATTESTATION_BYTES_MAX)
        return FLAW_SIZE;
    if (!webauthn_cbor_skip(&reader) || reader.rest.len != 0)
        return FLAW_ATTESTATION;
    cbor_item_t *root = cbor_load(object.at, object.len, &result);
    if (root == NULL)
        return result.error.code == CBOR_ERR_MEMERROR ? FLAW_MEMORY : FLAW_ATTESTATION;
    *ret_root = root;
    return take_object(root, ret_attestation) ? FLAW_NONE : FLAW_ATTESTATION;
}

void webauthn_attestation_forget(void *root)
{
    cbor_item_t *item = root;
    if (item != NULL)
        cbor_decref(&item);
}

static X509 *certificate_of(struct bytes der)
{
    const unsigned char *at = der.at;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    if (certificate != NULL && at != der.at + der.len) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/* The extension that repeats the model, where it is there, names the model that the key says it is (§8.2.1).
 */
static bool model_fits(X509 *certificate, struct bytes model)
{
    bool fits = true;
    ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
    int at = id == NULL ? -1 : X509_get_ext_by_OBJ(certificate, id, -1);
    if (at >= 0) {
        X509_EXTENSION *extension = X509_get_ext(certificate, at);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
        const unsigned char *bytes = ASN1_STRING_get0_data(value);
        /* An octet string of 16 bytes within the extension's own. */
        fits = X509_EXTENSION_get_critical(extension) == 0 &&
               ASN1_STRING_length(value) == 2 + WEBAUTHN_MODEL_BYTES && bytes[0] == V_ASN1_OCTET_STRING &&
               bytes[1] == WEBAUTHN_MODEL_BYTES && memcmp(bytes + 2, model.at, model.len) == 0;
    }
    ASN1_OBJECT_free(id);
    return fits && id != NULL;
}

/* §8.2.1: version 3, of an authenticator's attestation, of nobody who signs others. */
static bool certificate_is_of_a_key(X509 *certificate)
{
    static const char unit[] = "Authenticator Attestation";
    char text[sizeof unit + 1] = {0};
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int len = X509_NAME_get_text_by_NID((X509_NAME *)(uintptr_t)subject, NID_organizationalUnitName, text,
                                        sizeof text);
    return X509_get_version(certificate) == 2 && len == (int)sizeof unit - 1 &&
           memcmp(text, unit, sizeof unit - 1) == 0 && X509_check_ca(certificate) == 0;
}

static bool signature_is_right(X509 *certificate, const struct attestation *attestation,
                               const uint8_t client_hash[SHA256_BYTES])
{
    uint8_t signed_bytes[AUTHENTICATOR_DATA_BYTES_MAX + SHA256_BYTES];
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    bool elliptic = attestation->algorithm == COSE_ES256_ALGORITHM;
    int wanted = elliptic ? EVP_PKEY_EC : EVP_PKEY_ED25519;
    if (key == NULL || EVP_PKEY_get_base_id(key) != wanted ||
        (!elliptic && attestation->algorithm != COSE_EDDSA_ALGORITHM) ||
        attestation->data.len > AUTHENTICATOR_DATA_BYTES_MAX)
        return false;
    memcpy(signed_bytes, attestation->data.at, attestation->data.len);
    memcpy(signed_bytes + attestation->data.len, client_hash, SHA256_BYTES);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool right = digest != NULL &&
                 EVP_DigestVerifyInit(digest, NULL, elliptic ? EVP_sha256() : NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(digest, attestation->signature.at, attestation->signature.len, signed_bytes,
                                  attestation->data.len + SHA256_BYTES) == 1;
    EVP_MD_CTX_free(digest);
    return right;
}

static enum webauthn_flaw check_packed(const struct webauthn_site *site,
                                       const struct attestation *attestation, struct bytes model,
                                       const uint8_t client_hash[SHA256_BYTES])
{
    /* A key that vouches for itself alone says nothing about who made it. */
    if (attestation->certificate_count == 0 || attestation->signature.len == 0)
        return FLAW_ATTESTATION;
    X509 *certificate = certificate_of(attestation->certificates[0]);
    if (certificate == NULL)
        return FLAW_ATTESTATION;
    bool fine = certificate_is_of_a_key(certificate) && model_fits(certificate, model) &&
                signature_is_right(certificate, attestation, client_hash);
    X509_free(certificate);
    const struct chain chain = {attestation->certificates, attestation->certificate_count, site->now};
    if (!fine)
        return FLAW_ATTESTATION;
    return webauthn_roots_accept(site->roots, &chain) ? FLAW_NONE : FLAW_CHAIN;
}

enum webauthn_flaw webauthn_attestation_check(const struct webauthn_site *site,
                                              const struct attestation *attestation, struct bytes model,
                                              const uint8_t client_hash[SHA256_BYTES])
{
    if (str_equal(attestation->format, STR("packed")))
        return check_packed(site, attestation, model, client_hash);
    if (str_equal(attestation->format, STR("none")) && site->unattested) /* §8.7 */
        return attestation->statement_size == 0 ? FLAW_NONE : FLAW_ATTESTATION;
    return FLAW_FORMAT;
}
