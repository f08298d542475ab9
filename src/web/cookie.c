#include "web/cookie.h"

/* RFC 6265bis: the prefix __Host- holds a browser to Secure, Path=/ and no Domain. */
#define ATTRIBUTES "; Path=/; Secure; HttpOnly; SameSite=Strict"

static bool is_value(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
              c == '_'))
            return false;
    }
    return text.len > 0 && text.len <= COOKIE_VALUE_BYTES_MAX;
}

struct str cookie_read(const struct http_request *request, const char *name)
{
    const struct str none = {"", 0};
    struct str rest = http_header_one(request, "Cookie");
    struct str found = none;
    struct str pair;
    while (str_split(&rest, ';', &pair)) {
        struct str pair_name;
        pair = str_trim(pair);
        if (!str_split(&pair, '=', &pair_name) || !str_equal(pair_name, str_of(name)))
            continue;
        if (found.len > 0 || pair.at == NULL || !is_value(pair))
            return none;
        found = pair;
    }
    return found;
}

enum fault cookie_set(struct http_response *response, const char *name, struct str value, struct arena *arena)
{
    must(is_value(value));
    struct str parts[] = {str_of(name), STR("="), value, STR(ATTRIBUTES)};
    size_t len = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        len += parts[i].len;
    char *text = arena_take(arena, len + 1);
    if (text == NULL)
        return FAULT_MEMORY;
    len = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        memcpy(text + len, parts[i].at, parts[i].len);
        len += parts[i].len;
    }
    http_put(response, "Set-Cookie", text);
    return FAULT_NONE;
}

void cookie_clear_session(struct http_response *response)
{
    http_put(response, "Set-Cookie", COOKIE_SESSION "=" ATTRIBUTES "; Max-Age=0");
}

void cookie_clear_ticket(struct http_response *response)
{
    http_put(response, "Set-Cookie", COOKIE_TICKET "=" ATTRIBUTES "; Max-Age=0");
}
