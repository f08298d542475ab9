#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/guard.h"

static const char *const hosts[] = {"localhost:8080", "[::1]:8080", NULL};

static struct http_request request_of(const char *method, const char *target)
{
    struct http_request request = {
        .method = str_of(method), .target = str_of(target), .version = STR("HTTP/1.1"), .header_count = 1};
    request.headers[0] = (struct http_header){STR("host"), STR("localhost:8080")};
    return request;
}

static int with_header(const char *name, const char *value)
{
    struct http_request request = request_of("POST", "/");
    request.headers[request.header_count++] = (struct http_header){str_of(name), str_of(value)};
    return guard_head(&request, hosts);
}

static int target(const char *text)
{
    struct http_request request = request_of("GET", text);
    return guard_head(&request, hosts);
}

static void ordinary_requests_pass(void **state)
{
    (void)state;
    assert_int_equal(target("/"), 0);
    assert_int_equal(target("/find/0123"), 0);
    assert_int_equal(target("/a/...b/.c/d..?x=../.."), 0);
    assert_int_equal(target("/a%20b"), 0);
    assert_int_equal(with_header("Content-Length", "12"), 0);
    assert_int_equal(with_header("X-Tab", "a\tb"), 0);
    assert_int_equal(with_header("X-Latin", "caf\xe9"), 0);
    assert_int_equal(with_header("X-Empty", ""), 0);
}

static void framing_that_can_be_read_twice_is_refused(void **state)
{
    (void)state;
    static const char *const lengths[] = {"+1", "-1", "1x", " 1", "1,1", "", "0x1", "1 "};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        assert_int_equal(with_header("Content-Length", lengths[i]), 400);
    assert_int_equal(with_header("transfer-encoding", "chunked"), 411);
    assert_int_equal(with_header("Transfer-Encoding", ""), 411);
    struct http_request request = request_of("POST", "/");
    request.headers[1] = (struct http_header){STR("Content-Length"), STR("1")};
    request.headers[2] = (struct http_header){STR("content-length"), STR("1")};
    request.header_count = 3;
    assert_int_equal(guard_head(&request, hosts), 400);
    request.headers[2] = (struct http_header){STR("Transfer-Encoding"), STR("chunked")};
    assert_int_equal(guard_head(&request, hosts), 400);
}

static void hosts_that_are_not_ours_are_refused(void **state)
{
    (void)state;
    static const char *const others[] = {
        "localhost", "localhost:80", "localhost:8080.", "evil.example", "localhost:8080@evil.example", ""};
    struct http_request request = request_of("GET", "/");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        request.headers[0].value = str_of(others[i]);
        assert_int_equal(guard_head(&request, hosts), 421);
    }
    request.headers[0].value = STR("LocalHost:8080");
    assert_int_equal(guard_head(&request, hosts), 0);
    request.header_count = 0;
    assert_int_equal(guard_head(&request, hosts), 400);
    request = request_of("GET", "/");
    request.headers[1] = request.headers[0];
    request.header_count = 2;
    assert_int_equal(guard_head(&request, hosts), 400);
}

static void names_and_values_are_checked(void **state)
{
    (void)state;
    static const char *const names[] = {"",    "a b",         "a\tb", "a(", "a\x7f",
                                        "a\"", "caf\xc3\xa9", "a/b",  "a{", "a,"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(with_header(names[i], "x"), 400);
    assert_int_equal(with_header("!#$%&'*+-.^_`|~09azAZ", "x"), 0);
    assert_int_equal(with_header("X", "a\rb"), 400);
    assert_int_equal(with_header("X", "a\nb"), 400);
    assert_int_equal(with_header("X", "a\x01"), 400);
    assert_int_equal(with_header("X", "a\x7f"), 400);
    struct http_request request = request_of("GET", "/");
    request.headers[1] = (struct http_header){STR("X\0Y"), STR("a")};
    request.header_count = 2;
    assert_int_equal(guard_head(&request, hosts), 400);
    request.headers[1] = (struct http_header){STR("X"), STR("a\0b")};
    assert_int_equal(guard_head(&request, hosts), 400);
}

static void case_30_paths_that_climb_or_hide(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int status;
    } rows[] = {
        {"/..", 400},         {"/../a", 400},    {"/a/..", 400},
        {"/a/../b", 400},     {"/.", 400},       {"/a/./b", 400},
        {"/%2e%2e/a", 400},   {"/.%2E", 400},    {"/a/..?x", 400},
        {"/a%00", 400},       {"/a%0d%0a", 400}, {"/a%7f", 400},
        {"/a%", 400},         {"/a%2", 400},     {"/a%g0", 400},
        {"/a b", 400},        {"/a\x01", 400},   {"/a\x7f", 400},
        {"/\xc3\xa9", 400},   {"/a#b", 400},     {"/?x=%00", 400},
        {"/a%2fb", 404},      {"/a%2Fb", 404},   {"/..%2fa", 404},
        {"/a%5cb", 404},      {"/..\\a", 404},   {"", 404},
        {"*", 404},           {"a", 404},        {"http://localhost:8080/", 404},
        {"/a%2f..%2fb", 404},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (target(rows[i].target) != rows[i].status)
            fail_msg("%s: %d", rows[i].target, target(rows[i].target));
    static const char *const methods[] = {"TRACE", "OPTIONS", "HEAD", "PUT", "get", "", "GETX"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct http_request request = request_of(methods[i], "/");
        assert_int_equal(guard_head(&request, hosts), 405);
    }
}

static void case_23_bounds_hold_exactly(void **state)
{
    (void)state;
    static char long_text[16 * 1024];
    memset(long_text, 'a', sizeof long_text);
    struct http_request request = request_of("POST", "/");
    request.header_count = 2;
    request.headers[1] = (struct http_header){STR("X"), {long_text, GUARD_HEADER_BYTES_MAX - 3}};
    assert_int_equal(guard_head(&request, hosts), 0);
    request.headers[1].value.len++;
    assert_int_equal(guard_head(&request, hosts), 431);
    request = request_of("POST", "/");
    for (size_t i = 1; i < HTTP_HEADERS_MAX; i++)
        request.headers[i] = (struct http_header){STR("X"), STR("y")};
    request.header_count = HTTP_HEADERS_MAX;
    assert_int_equal(guard_head(&request, hosts), 0);
    request.header_count = HTTP_HEADERS_MAX + 1;
    assert_int_equal(guard_head(&request, hosts), 431);

    long_text[0] = '/';
    request = request_of("GET", "/");
    request.target = (struct str){long_text, GUARD_TARGET_BYTES_MAX};
    assert_int_equal(guard_head(&request, hosts), 0);
    request.target.len++;
    assert_int_equal(guard_head(&request, hosts), 414);

    request = request_of("POST", "/");
    assert_int_equal(guard_body(&request, 0), 0);
    request.headers[1] = (struct http_header){STR("Content-Length"), STR("1048576")};
    request.header_count = 2;
    assert_int_equal(guard_body(&request, 1024 * 1024), 0);
    assert_int_equal(guard_body(&request, 1024 * 1024 - 1), 413);
    request.headers[1].value = STR("99999999999999999999999999");
    assert_int_equal(guard_body(&request, SIZE_MAX), 413);
}

static void other_versions_are_refused(void **state)
{
    (void)state;
    static const char *const versions[] = {"", "HTTP/0.9", "HTTP/2.0", "http/1.1"};
    struct http_request request = request_of("GET", "/");
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        request.version = str_of(versions[i]);
        assert_int_equal(guard_head(&request, hosts), 400);
    }
    request.version = STR("HTTP/1.0");
    assert_int_equal(guard_head(&request, hosts), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_requests_pass),
        cmocka_unit_test(framing_that_can_be_read_twice_is_refused),
        cmocka_unit_test(hosts_that_are_not_ours_are_refused),
        cmocka_unit_test(names_and_values_are_checked),
        cmocka_unit_test(case_30_paths_that_climb_or_hide),
        cmocka_unit_test(case_23_bounds_hold_exactly),
        cmocka_unit_test(other_versions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
