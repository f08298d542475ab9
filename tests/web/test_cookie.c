#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/cookie.h"

static struct str session_of(const char *header)
{
    struct http_request request = {.header_count = 1};
    request.headers[0] = (struct http_header){STR("cookie"), str_of(header)};
    return cookie_read(&request, COOKIE_SESSION);
}

static void ours_is_read(void **state)
{
    (void)state;
    assert_true(str_equal(session_of("__Host-contactpoint=abc-DEF_019"), STR("abc-DEF_019")));
    assert_true(str_equal(session_of("a=b; __Host-contactpoint=x; c=\"d\""), STR("x")));
    assert_true(str_equal(session_of("__Host-contactpoint-sign-in=t;__Host-contactpoint=x"), STR("x")));
    struct http_request request = {.header_count = 1};
    request.headers[0] = (struct http_header){STR("Cookie"), STR("__Host-contactpoint-sign-in=t")};
    assert_true(str_equal(cookie_read(&request, COOKIE_TICKET), STR("t")));
    assert_int_equal(cookie_read(&request, COOKIE_SESSION).len, 0);
}

static void what_is_doubtful_is_none(void **state)
{
    (void)state;
    static const char *const doubtful[] = {
        "",
        ";",
        "=",
        "__Host-contactpoint",
        "__Host-contactpoint=",
        "__Host-contactpoint=a b",
        "__Host-contactpoint=\"a\"",
        "__Host-contactpoint=a=b",
        "__Host-contactpoint=a,b",
        "__Host-contactpoint=\xc3\xa9",
        "__Host-contactpoint=a; __Host-contactpoint=b",
        "__Host-contactpoint=a; __Host-contactpoint=",
        "__host-contactpoint=a",
        "contactpoint=a",
        "__Host-contactpoint =a",
        "__Host-contactpoint=0123456789012345678901234567890123456789012345678901234567890123456789"
        "01234567890123456789012345678901234567890123456789012345678"};
    for (size_t i = 0; i < sizeof doubtful / sizeof doubtful[0]; i++)
        if (session_of(doubtful[i]).len != 0)
            fail_msg("%s", doubtful[i]);
    struct http_request request = {.header_count = 2};
    request.headers[0] = (struct http_header){STR("Cookie"), STR("__Host-contactpoint=a")};
    request.headers[1] = (struct http_header){STR("Cookie"), STR("b=c")};
    assert_int_equal(cookie_read(&request, COOKIE_SESSION).len, 0);
    request.header_count = 0;
    assert_int_equal(cookie_read(&request, COOKIE_SESSION).len, 0);
}

static void set_cookies_are_for_this_host_and_for_http_alone(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    struct http_response response = {.status = 303};
    assert_int_equal(arena_open(4096, &arena), FAULT_NONE);
    assert_int_equal(cookie_set(&response, COOKIE_SESSION, STR("abc"), arena), FAULT_NONE);
    cookie_clear_session(&response);
    cookie_clear_ticket(&response);
    assert_int_equal(response.field_count, 3);
    for (size_t i = 0; i < response.field_count; i++)
        assert_string_equal(response.fields[i].name, "Set-Cookie");
    assert_string_equal(response.fields[0].value,
                        "__Host-contactpoint=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
    assert_string_equal(response.fields[1].value,
                        "__Host-contactpoint=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    assert_string_equal(response.fields[2].value,
                        "__Host-contactpoint-sign-in=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    arena_close(arena);
    assert_int_equal(arena_open(64, &arena), FAULT_NONE);
    assert_int_equal(cookie_set(&response, COOKIE_SESSION, STR("abc"), arena), FAULT_MEMORY);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours_is_read),
        cmocka_unit_test(what_is_doubtful_is_none),
        cmocka_unit_test(set_cookies_are_for_this_host_and_for_http_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
