#include "web/incoming.h"

#include "web/cookie.h"

enum { ADDRESS_BYTES_MAX = 45 };

static bool is_get(const struct http_request *request)
{
    return str_equal(request->method, STR("GET"));
}

/* RFC 6454 §6.2: scheme, host and port, in lower case as browsers write them. */
static bool origin_is_ours(const struct http_request *request, struct str origin, bool https)
{
    struct str scheme = https ? STR("https://") : STR("http://");
    struct str host = http_header_one(request, "Host");
    return host.at != NULL && str_starts(origin, scheme) &&
           str_equal((struct str){origin.at + scheme.len, origin.len - scheme.len}, host);
}

bool incoming_is_ours(const struct http_request *request, bool https)
{
    struct str origin = http_header_one(request, "Origin");
    struct str site = http_header_one(request, "Sec-Fetch-Site");
    if (http_header_count(request, "Origin") > 1 || http_header_count(request, "Sec-Fetch-Site") > 1)
        return false;
    bool same = site.at != NULL && str_equal(site, STR("same-origin"));
    bool typed = is_get(request) && (site.at == NULL || str_equal(site, STR("none")));
    if (site.at != NULL && !same && !typed)
        return false;
    if (origin.at != NULL)
        return origin_is_ours(request, origin, https);
    return same || typed;
}

/* Where the request comes from: behind a Unix socket the proxy says it, overwriting what the client sent. */
static struct str source_of(const struct http_request *request)
{
    struct str forwarded = http_header_one(request, "X-Forwarded-For");
    if (!str_equal(request->peer, STR("local")) || forwarded.at == NULL || forwarded.len == 0 ||
        forwarded.len > ADDRESS_BYTES_MAX)
        return request->peer;
    for (size_t i = 0; i < forwarded.len; i++)
        if (forwarded.at[i] == '\0' || strchr("0123456789abcdefABCDEF.:", forwarded.at[i]) == NULL)
            return request->peer;
    return forwarded;
}

/* The origin that a browser which reaches us as this Host writes; a guard has found that the Host is ours. */
static struct str origin_of(const struct http_request *request, bool https)
{
    struct str scheme = https ? STR("https://") : STR("http://");
    struct str host = http_header_one(request, "Host");
    char *text = arena_take(request->arena, scheme.len + host.len + 1);
    if (text == NULL || host.at == NULL)
        return STR("");
    memcpy(text, scheme.at, scheme.len);
    memcpy(text + scheme.len, host.at, host.len);
    return (struct str){text, scheme.len + host.len};
}

int incoming_ask(const struct http_request *request, const struct route *route, bool https, struct form *form,
                 struct ask *ret_ask)
{
    *form = (struct form){.token = STR("")};
    if (!is_get(request)) {
        int status = form_read(route->operation, http_header_one(request, "Content-Type"), request->body,
                               request->arena, form);
        if (status != 0)
            return status;
    }
    *ret_ask = (struct ask){
        .operation = route->operation,
        .cookie = cookie_read(request, COOKIE_SESSION),
        .ticket = cookie_read(request, COOKIE_TICKET),
        .unix_user = STR(""),
        .source = source_of(request),
        .origin = origin_of(request, https),
        .form_token = form->token.at == NULL ? STR("") : form->token,
        .same_site = incoming_is_ours(request, https),
        .path_id_count = route->id_count,
        .fields = form->fields,
        .field_count = form->field_count,
    };
    memcpy(ret_ask->path_ids, route->ids, sizeof route->ids);
    return 0;
}
