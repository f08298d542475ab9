/* Heads of requests: guard, route, cookies, and where a request says it comes from. */
#include "fuzz.h"
#include "web/cookie.h"
#include "web/guard.h"
#include "web/incoming.h"

const char *const fuzz_seeds[] = {
    "GET\n/children/0123456789abcdefghjkmnpqrs/details\nHTTP/1.1\nHost: localhost:8080\n"
    "Cookie: a=b; __Host-contactpoint=abc; __Host-contactpoint-sign-in=def\nSec-Fetch-Site: same-origin",
    "POST\n/find\nHTTP/1.1\nHost: localhost:8080\nOrigin: http://localhost:8080\nContent-Length: 12\n"
    "Content-Type: application/x-www-form-urlencoded; charset=utf-8\nX-Forwarded-For: 198.51.100.7",
    "GET\n/a/%2e%2e/b?x=%41\nHTTP/1.0\nHost: localhost:8080\nTransfer-Encoding: chunked", NULL};

static void take_lines(struct str text, struct http_request *request)
{
    struct str line;
    struct str name;
    (void)(str_split(&text, '\n', &request->method) && str_split(&text, '\n', &request->target) &&
           str_split(&text, '\n', &request->version));
    while (str_split(&text, '\n', &line)) {
        if (!str_split(&line, ':', &name))
            name = (struct str){NULL, 0};
        if (request->header_count < HTTP_HEADERS_MAX)
            request->headers[request->header_count] = (struct http_header){name, str_trim(line)};
        request->header_count++;
    }
}

/* What the guard lets through has one reading only. */
static void check_let_through(const struct http_request *request)
{
    must(request->target.len > 0 && request->target.at[0] == '/');
    must(http_header_count(request, "Transfer-Encoding") == 0);
    must(http_header_count(request, "Content-Length") <= 1);
    must(http_header_count(request, "Host") == 1);
    must(request->header_count <= HTTP_HEADERS_MAX);
    for (size_t i = 0; i + 1 < request->target.len; i++)
        must(request->target.at[i] > ' ' && request->target.at[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const hosts[] = {"localhost:8080", NULL};
    static struct arena *arena;
    static struct form form;
    static struct http_request request;
    struct ask ask;
    if (arena == NULL)
        must(arena_open(1024 * 1024, &arena) == FAULT_NONE);
    arena_reset(arena);
    request = (struct http_request){.peer = STR("local"), .arena = arena};
    take_lines((struct str){(const char *)data, size}, &request);
    int status = guard_head(&request, hosts);
    must(status == 0 || (status >= 400 && status < 500));
    if (status != 0)
        return 0;
    check_let_through(&request);
    (void)guard_body(&request, 1000);
    struct route route = route_find(request.method, request.target);
    if (route.status == 0)
        (void)incoming_ask(&request, &route, false, &form, &ask);
    must(cookie_read(&request, COOKIE_SESSION).len <= COOKIE_VALUE_BYTES_MAX);
    return 0;
}
