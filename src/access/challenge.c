/* Challenges: 32 random bytes that the browser alone holds; the database has their tag, until they are
 * answered or five minutes old. */
#include "access/keys_inside.h"

#include <sodium.h>

enum fault base64_text(struct bytes bytes, struct arena *arena, struct str *ret_text)
{
    size_t room = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *at = arena_take(arena, room);
    if (at == NULL)
        return FAULT_MEMORY;
    (void)sodium_bin2base64(at, room, bytes.at, bytes.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    *ret_text = (struct str){at, room - 1};
    return FAULT_NONE;
}

enum fault base64_bytes(struct str text, size_t most, struct arena *arena, struct bytes *ret_bytes)
{
    size_t len = 0;
    uint8_t *at = arena_take(arena, most + 1);
    if (at == NULL)
        return FAULT_MEMORY;
    *ret_bytes = (struct bytes){at, 0};
    if (text.len > 0 && text.len <= BASE64_BYTES_MAX &&
        sodium_base642bin(at, most, text.at, text.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0)
        ret_bytes->len = len;
    return FAULT_NONE;
}

static struct tag tag_of(struct access *access, const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES])
{
    return vault_tag(access->vault, "security key's challenge",
                     (struct bytes){challenge, WEBAUTHN_CHALLENGE_BYTES});
}

enum fault challenge_give(struct access *access, struct db_tx *tx, const struct challenge_owner *owner,
                          struct arena *arena, struct str *ret_text)
{
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    access->entropy.fill(access->entropy.context, challenge, sizeof challenge);
    struct tag tag = tag_of(access, challenge);
    int64_t expires_us = instant_after(access_now(access), seconds(CHALLENGE_SECONDS)).us;
    const struct value in[] = {[BIND_challenge_insert_tag] = value_tag(tag),
                               [BIND_challenge_insert_purpose] = value_int(owner->purpose),
                               [BIND_challenge_insert_owner_tag] = value_tag(owner->tag),
                               [BIND_challenge_insert_expires_us] = value_int(expires_us)};
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_challenge_insert, in, NULL)));
    TRY(base64_text((struct bytes){challenge, sizeof challenge}, arena, ret_text));
done:
    return fault;
}

enum fault challenge_use(struct access *access, struct db_tx *tx, const struct challenge_owner *owner,
                         const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES], struct arena *arena,
                         bool *ret_valid)
{
    struct tag tag = tag_of(access, challenge);
    const struct value in[] = {[BIND_challenge_get_tag] = value_tag(tag),
                               [BIND_challenge_get_purpose] = value_int(owner->purpose),
                               [BIND_challenge_get_owner_tag] = value_tag(owner->tag)};
    const struct value burn[] = {[BIND_challenge_burn_tag] = value_tag(tag)};
    struct value out[GIVES_challenge_get];
    int64_t burnt = 0;
    enum fault fault = access_count(access, db_one(tx, SQL_challenge_get, in, arena, out));
    bool found = fault == FAULT_NONE;
    if (fault != FAULT_ABSENT)
        TRY(fault);
    TRY(access_count(access, db_run(tx, SQL_challenge_burn, burn, &burnt)));
    int64_t left_us = found ? out[GIVE_challenge_get_expires_us].number - access_now(access).us : 0;
    /* A clock that was set back lengthens nothing by more than it may step. */
    *ret_valid =
        found && burnt == 1 && left_us > 0 && left_us <= seconds(CHALLENGE_SECONDS + CLOCK_STEP_SECONDS).us;
done:
    return fault;
}
