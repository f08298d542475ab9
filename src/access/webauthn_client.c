#include <jansson.h>
#include <sodium.h>

#include "access/webauthn_inside.h"

static bool is_text(const json_t *root, const char *name, struct str wanted)
{
    const json_t *member = json_object_get(root, name);
    return json_is_string(member) && json_string_length(member) == wanted.len &&
           memcmp(json_string_value(member), wanted.at, wanted.len) == 0;
}

static bool take_challenge(const json_t *root, uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES])
{
    const json_t *member = json_object_get(root, "challenge");
    size_t len = 0;
    if (!json_is_string(member))
        return false;
    return sodium_base642bin(challenge, WEBAUTHN_CHALLENGE_BYTES, json_string_value(member),
                             json_string_length(member), NULL, &len, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           len == WEBAUTHN_CHALLENGE_BYTES;
}

/* §7.1 steps 10 and 11, §7.2 steps 13 and 14: our pages stand in nobody's frame. */
static bool is_framed(const json_t *root)
{
    const json_t *cross = json_object_get(root, "crossOrigin");
    return (cross != NULL && !json_is_false(cross)) || json_object_get(root, "topOrigin") != NULL;
}

static enum webauthn_flaw check(const json_t *root, const char *type, struct str origin,
                                uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES])
{
    bool challenged = take_challenge(root, challenge);
    if (!is_text(root, "type", str_of(type)))
        return FLAW_TYPE;
    if (!challenged)
        return FLAW_CHALLENGE;
    if (!is_text(root, "origin", origin))
        return FLAW_ORIGIN;
    return is_framed(root) ? FLAW_CROSS_ORIGIN : FLAW_NONE;
}

enum webauthn_flaw webauthn_client_check(struct bytes client_data, const char *type, struct str origin,
                                         uint8_t ret_challenge[WEBAUTHN_CHALLENGE_BYTES])
{
    json_error_t error;
    enum webauthn_flaw flaw;
    if (client_data.len == 0 || client_data.len > CLIENT_DATA_BYTES_MAX || origin.len > ORIGIN_BYTES_MAX)
        return FLAW_SIZE;
    json_t *root = json_loadb((const char *)client_data.at, client_data.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return json_error_code(&error) == json_error_out_of_memory ? FLAW_MEMORY : FLAW_CLIENT_DATA;
    flaw = json_is_object(root) ? check(root, type, origin, ret_challenge) : FLAW_CLIENT_DATA;
    json_decref(root);
    return flaw;
}

/* The host of an origin: what stands between "://" and the port; the colons of an IPv6 address stand in
 * brackets. */
struct str webauthn_rp_id(struct str origin)
{
    size_t from = 0, to = origin.len;
    if (origin.len == 0)
        return origin;
    for (size_t i = 0; i + 2 < origin.len && from == 0; i++)
        if (origin.at[i] == ':' && origin.at[i + 1] == '/' && origin.at[i + 2] == '/')
            from = i + 3;
    for (size_t i = from; i < origin.len; i++) {
        if (origin.at[i] == ':')
            to = i < to ? i : to;
        else if (origin.at[i] == ']')
            to = origin.len;
    }
    return (struct str){origin.at + from, to - from};
}
