/* What a browser is given to have signed (security.md §3, "Enumeration"): an absent user, or one without a
 * key, has credential ids too, always the same. */
#include "access/keys_inside.h"

enum { DECOY_KEYS_MAX = 2, DECOY_BYTES_MAX = 64, TEXT_BYTES_MAX = 16 * 1024 };

static void put_credential(struct buffer *text, struct str credential)
{
    if (text->len > 0)
        buffer_put(text, STR(" "));
    buffer_put(text, credential);
}

/* Half of people have two keys, and makers differ in how long their ids are. */
static enum fault put_decoys(struct access *access, const struct tag *user_name, struct arena *arena,
                             struct buffer *text)
{
    uint8_t random[1 + DECOY_KEYS_MAX];
    uint8_t credential[DECOY_BYTES_MAX];
    struct bytes name = {user_name->byte, sizeof user_name->byte};
    enum fault fault = FAULT_NONE;
    vault_derive(access->vault, "decoy keys", name, random, sizeof random);
    size_t count = 1 + (random[0] & 1U);
    for (size_t i = 0; i < count; i++) {
        struct security_key key = {.tag = access->decoy.key_tag};
        struct str encoded;
        size_t bytes = (random[1 + i] & 1U) == 0 ? 48 : 64;
        TRY(key_open(access, access->decoy.key, arena, &key)); /* as a real one would be */
        vault_derive(access->vault, i == 0 ? "decoy credential" : "other decoy credential", name, credential,
                     sizeof credential);
        TRY(base64_text((struct bytes){credential, bytes}, arena, &encoded));
        put_credential(text, encoded);
    }
done:
    return fault;
}

static bool may_be_used(const struct security_key *key, struct str origin)
{
    return key->state == KEY_ACTIVE && str_equal(key->rp_id, webauthn_rp_id(origin));
}

static enum fault put_keys(struct access *access, struct db_tx *tx, struct id account, struct str origin,
                           struct arena *arena, struct buffer *text)
{
    struct security_key keys[KEYS_MAX];
    size_t count = 0;
    enum fault fault;
    TRY(keys_of_account(access, tx, account, arena, keys, &count));
    for (size_t i = 0; i < count; i++) {
        struct str encoded;
        if (!may_be_used(&keys[i], origin))
            continue;
        TRY(base64_text(keys[i].credential, arena, &encoded));
        put_credential(text, encoded);
    }
done:
    return fault;
}

struct offer {
    struct challenge_owner owner;
    struct str origin;
    struct buffer *credentials;
};

static enum fault finish(struct access *access, struct db_tx *tx, const struct offer *offer,
                         struct arena *arena, struct key_view *view)
{
    enum fault fault;
    TRY(buffer_fault(offer->credentials));
    TRY(arena_copy(arena, buffer_str(offer->credentials), &view->credentials));
    TRY(arena_copy(arena, webauthn_rp_id(offer->origin), &view->rp_id));
    TRY(challenge_give(access, tx, &offer->owner, arena, &view->challenge));
done:
    return fault;
}

enum fault access_key_offer(struct access *access, struct db_tx *tx, struct str ticket, struct str origin,
                            struct arena *arena, struct key_view *ret_view)
{
    struct buffer credentials = buffer_open(TEXT_BYTES_MAX);
    struct ticket read;
    struct key_view view = {0};
    enum fault fault;
    TRY(ticket_read(access, tx, ticket, arena, &read));
    if (!read.live) {
        fault = FAULT_SIGN_IN;
        goto done;
    }
    const struct offer offer = {{CHALLENGE_SIGN_IN, read.tag}, origin, &credentials};
    struct id account = id_is_zero(read.account) ? decoy_account(access, &read.tag) : read.account;
    TRY(put_keys(access, tx, account, origin, arena, &credentials));
    if (credentials.len == 0)
        TRY(put_decoys(access, &read.user_name, arena, &credentials));
    TRY(finish(access, tx, &offer, arena, &view));
    *ret_view = view;
done:
    buffer_close(&credentials);
    return fault;
}

/* Nobody is deceived who is signed in: without a key the page says so. */
enum fault access_step_up_offer(struct access *access, struct db_tx *tx, const struct caller *caller,
                                struct str origin, struct arena *arena, struct key_view *ret_view)
{
    struct buffer credentials = buffer_open(TEXT_BYTES_MAX);
    const struct offer offer = {{CHALLENGE_STEP_UP, caller->cookie}, origin, &credentials};
    struct key_view view = {0};
    enum fault fault;
    TRY(put_keys(access, tx, caller->account.account.id, origin, arena, &credentials));
    view.none = credentials.len == 0;
    TRY(finish(access, tx, &offer, arena, &view));
    *ret_view = view;
done:
    buffer_close(&credentials);
    return fault;
}

/* Keys that the account has already are named, so that none is made twice. */
enum fault key_offer_new(struct access *access, struct db_tx *tx, const struct new_key *order,
                         struct arena *arena, struct key_view *ret_view)
{
    struct buffer credentials = buffer_open(TEXT_BYTES_MAX);
    const struct offer offer = {order->owner, order->origin, &credentials};
    struct key_view view = {.attested = !access->unattested};
    uint8_t handle[WEBAUTHN_HANDLE_BYTES];
    enum fault fault;
    TRY(put_keys(access, tx, order->account->account.id, order->origin, arena, &credentials));
    TRY(finish(access, tx, &offer, arena, &view));
    key_handle(access, order->account->account.id, handle);
    TRY(base64_text((struct bytes){handle, sizeof handle}, arena, &view.handle));
    TRY(arena_copy(arena, order->account->user_name, &view.user_name));
    *ret_view = view;
done:
    buffer_close(&credentials);
    return fault;
}
