#include "web/guard.h"

#include "web/percent.h"

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* RFC 9110 §5.6.2 */
static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_letter_or_digit(text.at[i]) &&
            (text.at[i] == '\0' || strchr("!#$%&'*+-.^_`|~", text.at[i]) == NULL))
            return false;
    return text.len > 0;
}

/* RFC 9110 §5.5: tab is the only control character that may stand in a value. */
static bool is_value(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static int check_headers(const struct http_request *request)
{
    if (request->header_count > HTTP_HEADERS_MAX)
        return 431;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (header->name.len + STR(": ").len + header->value.len > GUARD_HEADER_BYTES_MAX)
            return 431;
        if (!is_token(header->name) || !is_value(header->value))
            return 400;
    }
    return 0;
}

/* RFC 9112 §6.3: lengths that two readers could understand differently are refused. */
static int check_framing(const struct http_request *request)
{
    size_t lengths = http_header_count(request, "Content-Length");
    size_t encodings = http_header_count(request, "Transfer-Encoding");
    if (lengths > 1 || (lengths > 0 && encodings > 0))
        return 400;
    if (encodings > 0)
        return 411;
    if (lengths == 0)
        return 0;
    struct str length = http_header_one(request, "Content-Length");
    for (size_t i = 0; i < length.len; i++)
        if (length.at[i] < '0' || length.at[i] > '9')
            return 400;
    return length.len > 0 ? 0 : 400;
}

static int check_host(const struct http_request *request, const char *const *hosts)
{
    if (http_header_count(request, "Host") != 1)
        return 400;
    struct str host = http_header_one(request, "Host");
    for (; *hosts != NULL; hosts++)
        if (http_name_equal(host, *hosts))
            return 0;
    return 421;
}

/* The byte at *at, decoded where it is written as %XX; moves *at behind it.  -1 where it may not stand in a
 * target. */
static int take_byte(struct str target, size_t *at)
{
    unsigned char c = (unsigned char)target.at[*at];
    if (c != '%') {
        (*at)++;
        return c <= ' ' || c >= 0x7f || c == '#' ? -1 : c;
    }
    int byte = percent_byte(target, *at);
    *at += 3;
    return byte < ' ' || byte == 0x7f ? -1 : byte;
}

/* True for "." and "..", however written. */
static bool is_climb(size_t dots, size_t bytes)
{
    return bytes == dots && (dots == 1 || dots == 2);
}

static int check_target(struct str target)
{
    if (target.len > GUARD_TARGET_BYTES_MAX)
        return 414;
    int status = 0;
    size_t dots = 0;
    size_t bytes = 0;
    bool in_path = true;
    for (size_t at = 0; at < target.len;) {
        bool encoded = target.at[at] == '%';
        int c = take_byte(target, &at);
        if (c < 0)
            return 400;
        if (!in_path)
            continue;
        if (c == '\\' || (encoded && c == '/'))
            status = 404;
        bool ends = !encoded && (c == '/' || c == '?');
        if (ends && is_climb(dots, bytes))
            return 400;
        in_path = encoded || c != '?';
        dots = ends ? 0 : dots + (c == '.');
        bytes = ends ? 0 : bytes + 1;
    }
    if (in_path && is_climb(dots, bytes))
        return 400;
    return target.len > 0 && target.at[0] == '/' ? status : 404;
}

int guard_head(const struct http_request *request, const char *const *hosts)
{
    if (!str_equal(request->version, STR("HTTP/1.1")) && !str_equal(request->version, STR("HTTP/1.0")))
        return 400;
    int status = check_headers(request);
    if (status == 0)
        status = check_framing(request);
    if (status == 0)
        status = check_host(request, hosts);
    if (status == 0 && !str_equal(request->method, STR("GET")) && !str_equal(request->method, STR("POST")))
        status = 405;
    return status == 0 ? check_target(request->target) : status;
}

int guard_body(const struct http_request *request, size_t body_bytes_max)
{
    int64_t length = 0;
    struct str text = http_header_one(request, "Content-Length");
    if (text.at != NULL && !str_to_int(text, 0, INT64_MAX, &length))
        return 413;
    return (uint64_t)length > body_bytes_max ? 413 : 0;
}
