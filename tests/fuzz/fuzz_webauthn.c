/* What security keys send: whatever comes, it is refused or read within its bounds.  The first byte chooses.
 */
#include "access/webauthn_inside.h"
#include "fuzz.h"

const char *const fuzz_seeds[] = {
    "0{\"type\":\"webauthn.get\",\"challenge\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"origin\":"
    "\"http://localhost:8080\",\"crossOrigin\":false}",
    "1\xa3\x63"
    "fmt\x64none\x67"
    "attStmt\xa0\x68"
    "authData\x58\x25"
    "0123456789012345678901234567890123456789",
    "20123456789012345678901234567890123\x01\x01\x01\x01\xa0",
    "30123456789012345678901234567890123\x41\x01\x01\x01\x01", NULL};

static const struct webauthn_site site = {.origin = {"http://localhost:8080", 21}, .unattested = true};

static void read_client(struct bytes bytes)
{
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    enum webauthn_flaw flaw = webauthn_client_check(bytes, "webauthn.get", site.origin, challenge);
    must(flaw >= FLAW_NONE && flaw < FLAWS_END);
}

static void read_attestation(struct bytes bytes)
{
    static const char client[] = "{\"type\":\"webauthn.create\",\"challenge\":"
                                 "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"origin\":"
                                 "\"http://localhost:8080\"}";
    struct webauthn_made made = {.credential = {NULL, 0}};
    const struct webauthn_registration registration = {bytes_of(STR(client)), bytes};
    enum webauthn_flaw flaw = webauthn_registration_check(&site, &registration, &made);
    must(flaw != FLAW_NONE || (made.credential.len > 0 && made.credential.len <= CREDENTIAL_ID_BYTES_MAX));
}

static void read_data(struct bytes bytes, bool attested)
{
    struct authenticator_data data;
    if (webauthn_data_read(bytes, attested, &data) == FLAW_NONE)
        must(data.credential.len + data.key.len < bytes.len && (data.credential.len > 0) == attested);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct bytes rest = {data + 1, size - 1};
    switch (data[0] % 4) {
    case 0:
        read_client(rest);
        break;
    case 1:
        read_attestation(rest);
        break;
    default:
        read_data(rest, data[0] % 4 == 3);
    }
    return 0;
}
