#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/incoming.h"

static struct arena *arena;

static int start(void **state)
{
    (void)state;
    return arena_open(64 * 1024, &arena) == FAULT_NONE ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static struct http_request request_of(const char *method, const char *peer)
{
    struct http_request request = {
        .method = str_of(method), .peer = str_of(peer), .header_count = 1, .arena = arena};
    request.headers[0] = (struct http_header){STR("Host"), STR("contactpoint.example")};
    return request;
}

static void add(struct http_request *request, const char *name, const char *value)
{
    request->headers[request->header_count++] = (struct http_header){str_of(name), str_of(value)};
}

static struct str source_of(const char *peer, const char *forwarded)
{
    static struct form form;
    struct ask ask;
    struct route route = {.operation = OP_home};
    struct http_request request = request_of("GET", peer);
    add(&request, "X-Forwarded-For", forwarded);
    must(incoming_ask(&request, &route, true, &form, &ask) == 0);
    return ask.source;
}

static void only_a_proxy_tells_where_a_request_comes_from(void **state)
{
    (void)state;
    assert_true(str_equal(source_of("local", "198.51.100.7"), STR("198.51.100.7")));
    assert_true(str_equal(source_of("local", "2001:db8::1"), STR("2001:db8::1")));
    assert_true(str_equal(source_of("127.0.0.1", "198.51.100.7"), STR("127.0.0.1")));
    assert_true(str_equal(source_of("local", ""), STR("local")));
    assert_true(str_equal(source_of("local", "198.51.100.7, 10.0.0.1"), STR("local")));
    assert_true(str_equal(source_of("local", "Abercrombie"), STR("local")));
    assert_true(
        str_equal(source_of("local", "1111111111111111111111111111111111111111111111"), STR("local")));
}

static void behind_tls_our_origin_is_https(void **state)
{
    (void)state;
    struct http_request request = request_of("POST", "local");
    add(&request, "Origin", "https://contactpoint.example");
    assert_true(incoming_is_ours(&request, true));
    assert_false(incoming_is_ours(&request, false));
}

static void an_address_that_was_typed_is_ours(void **state)
{
    (void)state;
    struct http_request request = request_of("GET", "local");
    assert_true(incoming_is_ours(&request, true));
    add(&request, "Sec-Fetch-Site", "none");
    assert_true(incoming_is_ours(&request, true));
    request.headers[1].value = STR("cross-site");
    assert_false(incoming_is_ours(&request, true));
    request.headers[1].value = STR("same-origin");
    add(&request, "Sec-Fetch-Site", "same-origin");
    assert_false(incoming_is_ours(&request, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_proxy_tells_where_a_request_comes_from),
        cmocka_unit_test(behind_tls_our_origin_is_https),
        cmocka_unit_test(an_address_that_was_typed_is_ours),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
