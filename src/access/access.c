#include "access/keys_inside.h"

#include <sodium.h>
#include <stdlib.h>

#include "store/house_key.h"

/* What Debian's cracklib-runtime installs. */
static const char words_path[] = "/usr/share/dict/cracklib-small";

enum { DECOY_ARENA_BYTES = 64 * 1024 };

enum fault access_seal(struct access *access, const struct seal_place *place, const struct buffer *clear,
                       struct arena *arena, struct bytes *ret_sealed)
{
    struct buffer sealed = buffer_open(CLEAR_BYTES_MAX + 4096);
    enum fault fault;
    TRY(buffer_fault(clear));
    TRY(vault_seal(access->vault, &access->staff, place, buffer_bytes(clear), &sealed));
    uint8_t *copy = arena_take(arena, sealed.len);
    if (copy == NULL) {
        fault = FAULT_MEMORY;
        goto done;
    }
    memcpy(copy, sealed.at, sealed.len);
    *ret_sealed = (struct bytes){copy, sealed.len};
done:
    buffer_close(&sealed);
    return fault;
}

enum fault access_unseal(struct access *access, const struct seal_place *place, struct bytes sealed,
                         struct arena *arena, struct bytes *ret_clear)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX + 4096);
    enum fault fault;
    (void)atomic_fetch_add_explicit(&access->openings, 1, memory_order_relaxed);
    TRY(vault_unseal(vault_for_own(access->vault), &access->staff, place, sealed, &clear));
    uint8_t *copy = arena_take(arena, clear.len + 1);
    if (copy == NULL) {
        fault = FAULT_MEMORY;
        goto done;
    }
    if (clear.len > 0)
        memcpy(copy, clear.at, clear.len);
    *ret_clear = (struct bytes){copy, clear.len};
done:
    buffer_close(&clear);
    return fault;
}

enum fault access_draw(struct access *access, size_t count, struct arena *arena, struct str *ret_text)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    char *text = arena_take(arena, count + 1);
    if (text == NULL)
        return FAULT_MEMORY;
    access->entropy.fill(access->entropy.context, text, count);
    for (size_t i = 0; i < count; i++)
        text[i] = alphabet[(uint8_t)text[i] & 31];
    *ret_text = (struct str){text, count};
    return FAULT_NONE;
}

enum fault access_id_text(struct id id, struct arena *arena, struct str *ret_text)
{
    struct buffer text = buffer_open(64);
    enum fault fault;
    id_put(&text, id);
    TRY(buffer_fault(&text));
    TRY(arena_copy(arena, buffer_str(&text), ret_text));
done:
    buffer_close(&text);
    return fault;
}

struct id decoy_account(struct access *access, const struct tag *tag)
{
    struct id id;
    vault_derive(access->vault, "decoy account", (struct bytes){tag->byte, sizeof tag->byte}, id.byte,
                 sizeof id.byte);
    return id;
}

static enum fault seal_decoy_token(struct access *access, const struct argon_hash *hash)
{
    struct authenticator_row row;
    struct token_secrets secrets = {.pin = *hash};
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    enum fault fault;
    access->entropy.fill(access->entropy.context, secrets.secret, sizeof secrets.secret);
    token_secrets_put(&clear, &secrets);
    struct seal_place place = authenticator_place(&row, access->decoy.row, AUTHENTICATOR_TOKEN, 1);
    TRY(access_seal(access, &place, &clear, access->arena, &access->decoy.token));
done:
    sodium_memzero(&secrets, sizeof secrets);
    buffer_close(&clear);
    return fault;
}

static enum fault seal_decoy_password(struct access *access, const struct argon_hash *hash)
{
    struct authenticator_row row;
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    enum fault fault;
    argon_put(&clear, hash);
    struct seal_place place = authenticator_place(&row, access->decoy.row, AUTHENTICATOR_PASSWORD, 1);
    TRY(access_seal(access, &place, &clear, access->arena, &access->decoy.password));
done:
    buffer_close(&clear);
    return fault;
}

static enum fault seal_decoy_account(struct access *access)
{
    const struct account nobody = {.user_name = STR("a.practitioner"),
                                   .full_name = STR("A Practitioner"),
                                   .job = STR("Practitioner"),
                                   .phone = STR("01632 960000"),
                                   .email = STR("a.practitioner@example.org"),
                                   .roles = {ROLE_practitioner},
                                   .role_count = 1};
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    enum fault fault;
    TRY(account_put(&clear, &nobody));
    struct seal_place place = account_place(&access->decoy.row, 1);
    TRY(access_seal(access, &place, &clear, access->arena, &access->decoy.account));
done:
    buffer_close(&clear);
    return fault;
}

/* The generator of P-256 (SEC 2 §2.4.2): a point as good as any, for a key that is nobody's. */
static enum fault seal_decoy_key(struct access *access)
{
    static const uint8_t point[WEBAUTHN_KEY_BYTES_MAX] = {
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
        0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
        0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
        0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    uint8_t credential[48];
    struct security_key key = {.key.algorithm = WEBAUTHN_ES256, .rp_id = STR("localhost")};
    access->entropy.fill(access->entropy.context, credential, sizeof credential);
    memcpy(key.key.at, point, sizeof point);
    key.credential = (struct bytes){credential, sizeof credential};
    key.tag = credential_tag(access, key.credential);
    access->decoy.key_tag = key.tag;
    return key_seal(access, &key, access->arena, &access->decoy.key);
}

/* A password that nobody knows, so that an absent user's is checked against something. */
static enum fault make_decoys(struct access *access)
{
    uint8_t random[ARGON_SALT_BYTES + 32];
    struct argon_hash hash;
    enum fault fault;
    access->decoy.row = id_new(access->entropy);
    access->entropy.fill(access->entropy.context, random, sizeof random);
    TRY(argon_make(access->argon, (struct bytes){random + ARGON_SALT_BYTES, 32}, random, &hash));
    TRY(seal_decoy_password(access, &hash));
    TRY(seal_decoy_token(access, &hash));
    TRY(seal_decoy_account(access));
    TRY(seal_decoy_key(access));
done:
    sodium_memzero(random, sizeof random);
    return fault;
}

enum fault access_open(struct db *db, struct vault *vault, struct clock clock, struct entropy entropy,
                       struct access **ret_access)
{
    enum fault fault;
    struct access *access = calloc(1, sizeof *access);
    if (access == NULL)
        return FAULT_MEMORY;
    access->db = db;
    access->vault = vault;
    access->clock = clock;
    access->entropy = entropy;
    access->limits = (struct access_limits){.unused_days_max = ACCESS_UNUSED_DAYS};
    TRY(arena_open(DECOY_ARENA_BYTES, &access->arena));
    TRY(blocklist_open(words_path, &access->blocklist));
    TRY(argon_open(&access->argon));
    TRY(throttle_open(entropy, &access->throttle));
    TRY(house_key_get(db, vault, STR("staff"), &access->staff));
    TRY(house_key_get(db, vault, STR("staff facts"), &access->staff_facts));
    TRY(make_decoys(access));
    TRY(nobodies_make(access));
    *ret_access = access;
    access = NULL;
done:
    access_close(access);
    return fault;
}

enum fault access_set_keys(struct access *access, const char *makers, bool demonstration)
{
    access->unattested = demonstration;
    return makers == NULL ? FAULT_NONE : webauthn_roots_open(makers, &access->makers);
}

void access_set_limits(struct access *access, const struct access_limits *limits)
{
    access->limits = *limits;
}

struct access_limits access_get_limits(const struct access *access)
{
    return access->limits;
}

void access_close(struct access *access)
{
    if (access == NULL)
        return;
    argon_close(access->argon);
    webauthn_roots_close(access->makers);
    throttle_close(access->throttle);
    blocklist_close(access->blocklist);
    arena_close(access->arena);
    sodium_memzero(access, sizeof *access);
    free(access);
}
