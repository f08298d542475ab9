/* Where signing in, stepping up and enrolment lead: to addresses of ours, whatever a form says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/reply.h"

static const char cookie[] = "0123456789abcdefghjkmnpqrs";

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    return arena_open(4 * 1024 * 1024, &arena) == FAULT_NONE ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static struct http_response reply(const struct ask *ask, const struct answer *answer)
{
    struct http_response response = {.body = buffer_open(HTTP_RESPONSE_BYTES_MAX)};
    assert_int_equal(reply_answer(ask, answer, arena, &response), FAULT_NONE);
    return response;
}

static const char *field(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->field_count; i++)
        if (strcmp(response->fields[i].name, name) == 0)
            return response->fields[i].value;
    return "";
}

static void assert_leads(enum operation operation, const struct answer *answer, const char *location)
{
    const struct ask ask = {.operation = operation};
    struct http_response response = reply(&ask, answer);
    assert_int_equal(response.status, 303);
    assert_string_equal(field(&response, "Location"), location);
    buffer_close(&response.body);
}

static void a_session_begins_where_its_role_works(void **state)
{
    (void)state;
    struct answer answer = {.cookie = STR(cookie), .role = ROLE_practitioner};
    assert_leads(OP_sign_in_code, &answer, "/find");
    assert_leads(OP_sign_in_key, &answer, "/find");
    assert_leads(OP_role_change, &answer, "/find");
    answer.terms_due = true;
    assert_leads(OP_sign_in_key, &answer, "/terms");
    answer = (struct answer){.cookie = STR(cookie), .role = ROLE_audit_reviewer};
    const struct ask ask = {.operation = OP_sign_in_key};
    struct http_response response = reply(&ask, &answer);
    assert_string_not_equal(field(&response, "Location"), "/find");
    assert_non_null(strstr(field(&response, "Set-Cookie"), "__Host-"));
    buffer_close(&response.body);
}

static void stepping_up_leads_back_to_a_page_of_ours(void **state)
{
    static const char *const pairs[][2] = {
        {"/account", "/account"},
        {"/find", "/find"},
        {"/children/0123456789abcdefghjkmnpqrs", "/children/0123456789abcdefghjkmnpqrs"},
        {"//evil.example/find", "/account/security"},
        {"https://evil.example/", "/account/security"},
        {"/find?x", "/account/security"},
        {"/sign-out", "/account/security"}, /* no page: a form's address */
        {"/nothing", "/account/security"},
        {"/find\r\nSet-Cookie: a=b", "/account/security"},
        {"", "/account/security"},
    };
    (void)state;
    const struct answer answer = {.cookie = STR(cookie)};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct ask_field back = {STR("back"), str_of(pairs[i][0])};
        const struct ask ask = {.operation = OP_step_up, .fields = &back, .field_count = 1};
        struct http_response response = reply(&ask, &answer);
        assert_int_equal(response.status, 303);
        assert_string_equal(field(&response, "Location"), pairs[i][1]);
        buffer_close(&response.body);
    }
}

static void enrolment_goes_on_in_its_own_browser(void **state)
{
    (void)state;
    const struct answer asked = {.ticket = STR(cookie)};
    assert_leads(OP_enrol_ask, &asked, "/enrol/status");
    const struct answer done = {.recorded = true};
    assert_leads(OP_enrol_choose, &done, "/enrol/status");
    assert_leads(OP_enrol_key, &done, "/enrol/status");
    const struct answer over = {.fault = FAULT_SIGN_IN};
    assert_leads(OP_enrol_status, &over, "/enrol");
}

static void leaving_everywhere_clears_what_the_browser_has(void **state)
{
    (void)state;
    const struct ask ask = {.operation = OP_sign_out_everywhere};
    struct http_response response = reply(&ask, &(struct answer){.recorded = true});
    assert_string_equal(field(&response, "Location"), "/");
    assert_non_null(strstr(field(&response, "Clear-Site-Data"), "cookies"));
    buffer_close(&response.body);
}

#define IN_AN_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_AN_ARENA(a_session_begins_where_its_role_works),
        IN_AN_ARENA(stepping_up_leads_back_to_a_page_of_ours),
        IN_AN_ARENA(enrolment_goes_on_in_its_own_browser),
        IN_AN_ARENA(leaving_everywhere_clears_what_the_browser_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
