/* The web door in front of a conductor that answers as the test says. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "raw.h"
#include "web/assets.h"
#include "web/serve.h"

#define ID       "0123456789abcdefghjkmnpqrs"
#define OTHER_ID "1123456789abcdefghjkmnpqrs"

/* What the conductor was asked last, and what it answers. */
static struct ask asked;
static struct ask_field asked_fields[ASK_FIELDS_MAX];
static char asked_texts[4][256];
static struct answer scripted;
static atomic_int conducted;

static pthread_t thread;
static volatile sig_atomic_t stop_now;
static atomic_int port;
static int log_fd;
static struct raw_answer answer;

static struct str kept(size_t slot, struct str text)
{
    must(text.len < sizeof asked_texts[slot]);
    memcpy(asked_texts[slot], text.at, text.len);
    return (struct str){asked_texts[slot], text.len};
}

enum fault service_conduct(struct service *service, const struct ask *ask, struct arena *arena,
                           struct answer **ret_answer)
{
    (void)service;
    asked = *ask;
    asked.cookie = kept(0, ask->cookie);
    asked.ticket = kept(1, ask->ticket);
    asked.form_token = kept(2, ask->form_token);
    asked.source = kept(3, ask->source);
    memcpy(asked_fields, ask->fields, ask->field_count * sizeof asked_fields[0]);
    struct answer *copy = arena_take(arena, sizeof *copy);
    must(copy != NULL);
    *copy = scripted;
    *ret_answer = copy;
    atomic_fetch_add(&conducted, 1);
    return copy->fault;
}

bool service_is_demonstration(const struct service *service)
{
    (void)service;
    return false;
}

static void on_ready(void *context, uint16_t its_port)
{
    (void)context;
    atomic_store(&port, its_port);
}

static void *run(void *context)
{
    (void)context;
    struct web_settings settings = {.listen = "localhost:0", .ready = on_ready};
    must(web_serve(NULL, &settings, &stop_now) == FAULT_NONE);
    return NULL;
}

static int start(void **state)
{
    (void)state;
    log_fd = memfd_create("log", MFD_CLOEXEC);
    log_to(log_fd);
    if (pthread_create(&thread, NULL, run, NULL) != 0)
        return -1;
    while (atomic_load(&port) == 0)
        (void)poll(NULL, 0, 1);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    stop_now = 1;
    return pthread_join(thread, NULL);
}

static int fresh(void **state)
{
    (void)state;
    scripted = (struct answer){.fault = FAULT_NONE, .caller_name = STR("")};
    must(id_parse(STR(ID), &scripted.reference));
    return 0;
}

/* "GET /path" or "POST /path", more headers each ended by CRLF, and a body; Host is ours. */
static void ask(const char *line, const char *headers, const char *body)
{
    static char request[8192];
    int len = snprintf(
        request, sizeof request, "%s HTTP/1.1\r\nHost: localhost:%d\r\n%s%sContent-Length: %zu\r\n\r\n%s",
        line, atomic_load(&port), headers,
        body[0] != '\0' ? "Content-Type: application/x-www-form-urlencoded\r\n" : "", strlen(body), body);
    must(len > 0 && (size_t)len < sizeof request);
    raw_ask((uint16_t)atomic_load(&port), request, (size_t)len, 0, &answer);
}

static const char *header_nth(const char *name, int nth)
{
    static char value[1024];
    return raw_header(&answer, name, nth, value, sizeof value) ? value : "";
}

static const char *header(const char *name)
{
    return header_nth(name, 0);
}

static void assert_goes_to(const char *location)
{
    assert_int_equal(answer.status, 303);
    assert_string_equal(header("Location"), location);
    assert_string_equal(header("Cache-Control"), "no-store");
}

static void a_page_is_asked_for_and_shown(void **state)
{
    (void)state;
    ask("GET /", "Cookie: __Host-contactpoint=abc; __Host-contactpoint-sign-in=def\r\n", "");
    assert_int_equal(answer.status, 200);
    assert_int_equal(asked.operation, OP_home);
    assert_true(str_equal(asked.cookie, STR("abc")));
    assert_true(str_equal(asked.ticket, STR("def")));
    assert_true(str_equal(asked.source, STR("127.0.0.1")));
    assert_true(asked.same_site);
    assert_non_null(strstr(answer.body, "<!DOCTYPE html>"));
    assert_non_null(strstr(answer.body, asset_path("govuk-frontend.min.css")));
    assert_non_null(strstr(answer.body, asset_path("contactpoint.css")));
    /* the inline script that the policy allows is the one that stands in the page */
    struct str script = assets_inline_script();
    assert_non_null(memmem(answer.body, strlen(answer.body), script.at, script.len));
}

static void case_21_every_answer_is_kept_by_nobody(void **state)
{
    (void)state;
    static const char *const lines[] = {"GET /",     "GET /sign-in", "GET /nothing",
                                        "GET /find", "TRACE /",      "GET /%00"};
    static const enum fault faults[] = {FAULT_NONE, FAULT_SYSTEM, FAULT_SIGN_IN, FAULT_REFUSED, FAULT_ABSENT};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        for (size_t fault = 0; fault < sizeof faults / sizeof faults[0]; fault++) {
            scripted.fault = faults[fault];
            ask(lines[i], "", "");
            assert_string_equal(header("Cache-Control"), "no-store");
            assert_non_null(strstr(header("Content-Security-Policy"), assets_inline_script_hash()));
            assert_non_null(strstr(header("Strict-Transport-Security"), "max-age=31536000"));
            assert_string_equal(header("X-Content-Type-Options"), "nosniff");
        }
}

static void case_18_where_a_form_comes_from_is_told_to_the_conductor(void **state)
{
    (void)state;
    static const struct {
        const char *headers; /* %d is the port */
        bool ours;
    } rows[] = {
        {"", false},
        {"Origin: http://localhost:%d\r\n", true},
        {"Origin: http://localhost:%d\r\nSec-Fetch-Site: same-origin\r\n", true},
        {"Sec-Fetch-Site: same-origin\r\n", true},
        {"Sec-Fetch-Site: none\r\n", false},
        {"Sec-Fetch-Site: same-site\r\n", false},
        {"Sec-Fetch-Site: cross-site\r\n", false},
        {"Origin: http://localhost:%d\r\nSec-Fetch-Site: cross-site\r\n", false},
        {"Origin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n", false},
        {"Origin: http://evil.example\r\n", false},
        {"Origin: https://localhost:%d\r\n", false},
        {"Origin: http://localhost\r\n", false},
        {"Origin: http://localhost:%d.evil.example\r\n", false},
        {"Origin: null\r\n", false},
        {"Origin: \r\n", false},
        {"Origin: http://localhost:%d\r\nOrigin: http://evil.example\r\n", false},
        {"Origin: http://127.0.0.1:%d\r\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char headers[256] = "";
        const char *at = strstr(rows[i].headers, "%d");
        if (at != NULL)
            (void)snprintf(headers, sizeof headers, "%.*s%d%s", (int)(at - rows[i].headers), rows[i].headers,
                           atomic_load(&port), at + 2);
        else
            (void)snprintf(headers, sizeof headers, "%s", rows[i].headers);
        scripted.fault = FAULT_STALE_FORM;
        ask("POST /sign-out", headers, "form_token=0123");
        assert_int_equal(answer.status, 403);
        assert_true(str_equal(asked.form_token, STR("0123")));
        if (asked.same_site != rows[i].ours)
            fail_msg("%s", headers);
    }
}

static void signing_in_leads_on_with_its_cookies(void **state)
{
    (void)state;
    scripted.ticket = STR("0123456789abcdefghjkmnpqrs");
    ask("POST /sign-in", "", "user_name=mair&password=a+long+password&form_token=1");
    assert_goes_to("/sign-in/code");
    assert_string_equal(header("Set-Cookie"),
                        "__Host-contactpoint-sign-in=0123456789abcdefghjkmnpqrs; Path=/; "
                        "Secure; HttpOnly; SameSite=Strict");
    assert_int_equal(asked.field_count, 2);
    assert_true(str_equal(asked_fields[0].name, STR("user_name")));

    scripted.cookie = STR("abcdef");
    scripted.role = ROLE_practitioner;
    ask("POST /sign-in/code", "", "pin=1&code=2&role=practitioner&form_token=1");
    assert_goes_to("/find");
    assert_string_equal(header_nth("Set-Cookie", 0),
                        "__Host-contactpoint-sign-in=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    assert_string_equal(header_nth("Set-Cookie", 1),
                        "__Host-contactpoint=abcdef; Path=/; Secure; HttpOnly; SameSite=Strict");
    scripted.role = ROLE_user_manager;
    ask("POST /sign-in/code", "", "pin=1&code=2&role=user_manager&form_token=1");
    assert_goes_to("/manage");

    scripted.fault = FAULT_SIGN_IN;
    ask("POST /sign-in", "", "user_name=mair&password=wrong&form_token=1");
    assert_int_equal(answer.status, 401);
    assert_null(strstr(answer.text, "Set-Cookie"));
    assert_null(strstr(answer.body, "wrong"));
}

static void who_is_not_signed_in_is_led_to_the_sign_in(void **state)
{
    (void)state;
    scripted.fault = FAULT_SIGN_IN;
    ask("GET /find", "", "");
    assert_goes_to("/sign-in");
    assert_null(strstr(answer.text, "Set-Cookie"));
    ask("GET /children/" ID, "Cookie: __Host-contactpoint=old\r\n", "");
    assert_goes_to("/sign-in");
    assert_non_null(strstr(header("Set-Cookie"), "__Host-contactpoint=; "));
    ask("POST /find", "", "family=a");
    assert_int_equal(answer.status, 401);
}

static void writing_and_finding_lead_to_the_next_page(void **state)
{
    (void)state;
    must(id_parse(STR(OTHER_ID), &scripted.search.id));
    ask("POST /find", "", "family=a&reason=working");
    assert_goes_to("/find/" OTHER_ID);
    must(id_parse(STR(ID), &scripted.opened.id));
    ask("POST /find", "", "number=1&reason=working");
    assert_goes_to("/children/" ID);
    ask("POST /children/" OTHER_ID "/reason", "", "reason=working");
    assert_goes_to("/children/" OTHER_ID);
    ask("POST /children/" OTHER_ID "/involvements/new", "", "service=a");
    assert_goes_to("/children/" OTHER_ID);
    ask("POST /children/" OTHER_ID "/involvements/" ID, "", "to_day=1");
    assert_goes_to("/children/" OTHER_ID);
    assert_int_equal(asked.path_id_count, 2);
}

static void signing_out_leaves_nothing(void **state)
{
    (void)state;
    ask("POST /sign-out", "Cookie: __Host-contactpoint=abc\r\n", "form_token=1");
    assert_goes_to("/");
    assert_string_equal(header("Clear-Site-Data"), "\"cache\", \"cookies\", \"storage\"");
    assert_non_null(strstr(header_nth("Set-Cookie", 0), "__Host-contactpoint=; "));
    assert_non_null(strstr(header_nth("Set-Cookie", 1), "__Host-contactpoint-sign-in=; "));
}

static void case_31_an_error_tells_a_general_sentence_and_the_reference(void **state)
{
    (void)state;
    scripted.fault = FAULT_CORRUPT;
    ask("GET /children/" OTHER_ID, "Cookie: __Host-contactpoint=secretcookie\r\n", "");
    assert_int_equal(answer.status, 500);
    assert_non_null(strstr(answer.body, fault_text(FAULT_CORRUPT)));
    assert_non_null(strstr(answer.body, ID)); /* the reference */
    assert_null(strstr(answer.body, OTHER_ID));
    assert_null(strstr(answer.body, "secretcookie"));
    /* refused before the conductor: nothing of the request comes back */
    int before = atomic_load(&conducted);
    ask("GET /wheretolook?family=Abercrombie", "", "");
    assert_int_equal(answer.status, 404);
    assert_non_null(strstr(answer.body, fault_text(FAULT_ABSENT)));
    assert_null(strstr(answer.body, "Abercrombie"));
    assert_null(strstr(answer.body, "wheretolook"));
    ask("POST /find", "", "family=Abercrombie&surprise=1");
    assert_int_equal(answer.status, 400);
    assert_null(strstr(answer.body, "Abercrombie"));
    assert_int_equal(atomic_load(&conducted), before);
}

static void case_30_refusals_have_their_status_and_close(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *headers;
        int status;
        const char *allow;
    } rows[] = {
        {"GET /../etc/passwd", "", 400, ""},
        {"GET /a%2fb", "", 404, ""},
        {"GET /assets/../find", "", 400, ""},
        {"GET /assets/nothing.css", "", 404, ""},
        {"TRACE /find", "", 405, "GET, POST"},
        {"DELETE /sign-out", "", 405, "POST"},
        {"GET /sign-out", "", 405, "POST"},
        {"POST /", "", 405, "GET"},
        {"OPTIONS *", "", 405, "GET"},
        {"POST /find", "", 415, ""},
        {"GET /find", "Content-Length: 1\r\n", 400, ""}, /* a second one */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(rows[i].line, rows[i].headers, "");
        assert_int_equal(answer.status, rows[i].status);
        assert_string_equal(header("Allow"), rows[i].allow);
        assert_true(answer.closed);
    }
    ask("HEAD /", "", "");
    assert_int_equal(answer.status, 405);
    ask("GET /find", "", "a=b"); /* a GET has no body */
    assert_int_equal(answer.status, 413);
}

/* Status line, headers and body without the Date. */
static void assert_same_answer(const char *one, const char *other)
{
    static char first[64 * 1024];
    ask(one, "", "");
    char *date = strstr(answer.text, "\r\nDate: ");
    must(answer.len < sizeof first);
    if (date != NULL)
        memset(date + 2, 'x', strcspn(date + 2, "\r"));
    memcpy(first, answer.text, answer.len + 1);
    ask(other, "", "");
    date = strstr(answer.text, "\r\nDate: ");
    if (date != NULL)
        memset(date + 2, 'x', strcspn(date + 2, "\r"));
    assert_string_equal(first, answer.text);
}

static void a_malformed_id_is_answered_like_an_absent_one(void **state)
{
    (void)state;
    scripted.fault = FAULT_ABSENT;
    assert_same_answer("GET /children/" ID, "GET /children/x");
    assert_int_equal(answer.status, 404);
    assert_true(id_is_zero(asked.path_ids[0]));
    scripted.fault = FAULT_SIGN_IN;
    assert_same_answer("GET /children/" ID "/details", "GET /children/NOT-AN-ID/details");
    assert_same_answer("GET /find/" ID, "GET /find/0");
}

static void assets_are_served_by_their_hash(void **state)
{
    (void)state;
    size_t count = 0;
    const struct asset *assets = assets_all(&count);
    for (size_t i = 0; i < count; i++) {
        char line[256];
        (void)snprintf(line, sizeof line, "GET %s", assets[i].path);
        ask(line, "", "");
        assert_int_equal(answer.status, 200);
        assert_string_equal(header("Content-Type"), assets[i].content_type);
        assert_string_equal(header("Cache-Control"), "public, max-age=31536000, immutable");
        assert_true(str_equal(str_of(answer.body), assets[i].content));
    }
}

static void logs_hold_no_word_of_the_client(void **state)
{
    (void)state;
    static char text[256 * 1024];
    ask("POST /find", "User-Agent: Mozzarella\r\nX-Forwarded-For: 198.51.100.7\r\n",
        "family=Abercrombie&given=Mair&postcode=AB12+3CD");
    ask("GET /nothing/Abercrombie?x=Mair", "Referer: http://localhost/Abercrombie\r\n", "");
    ask("ABERCROMBIE /", "", "");
    ssize_t len = pread(log_fd, text, sizeof text - 1, 0);
    assert_true(len > 0);
    assert_non_null(strstr(text, " http method=POST operation=child_find status=303 reference="));
    assert_non_null(strstr(text, " http.refused method=other status=405 reference="));
    static const char *const words[] = {"bercrombie", "ABERCROMBIE", "Mair",   "AB12",
                                        "Mozzarella", "198.51",      "nothing"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_null(strstr(text, words[i]));
}

static void what_cannot_be_served_is_said(void **state)
{
    (void)state;
    char taken[32];
    (void)snprintf(taken, sizeof taken, "localhost:%d", atomic_load(&port));
    struct web_settings settings = {.listen = taken};
    assert_int_equal(web_serve(NULL, &settings, &stop_now), FAULT_CONFLICT);
    assert_non_null(strstr(fault_last_note(), "port is taken"));
    settings.listen = "0.0.0.0:80";
    assert_int_equal(web_serve(NULL, &settings, &stop_now), FAULT_INVALID);
    settings.listen = "unix:/tmp/never";
    assert_int_equal(web_serve(NULL, &settings, &stop_now), FAULT_INVALID);
    assert_non_null(strstr(fault_last_note(), "hosts"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_page_is_asked_for_and_shown, fresh),
        cmocka_unit_test_setup(case_21_every_answer_is_kept_by_nobody, fresh),
        cmocka_unit_test_setup(case_18_where_a_form_comes_from_is_told_to_the_conductor, fresh),
        cmocka_unit_test_setup(signing_in_leads_on_with_its_cookies, fresh),
        cmocka_unit_test_setup(who_is_not_signed_in_is_led_to_the_sign_in, fresh),
        cmocka_unit_test_setup(writing_and_finding_lead_to_the_next_page, fresh),
        cmocka_unit_test_setup(signing_out_leaves_nothing, fresh),
        cmocka_unit_test_setup(case_31_an_error_tells_a_general_sentence_and_the_reference, fresh),
        cmocka_unit_test_setup(case_30_refusals_have_their_status_and_close, fresh),
        cmocka_unit_test_setup(a_malformed_id_is_answered_like_an_absent_one, fresh),
        cmocka_unit_test_setup(assets_are_served_by_their_hash, fresh),
        cmocka_unit_test_setup(logs_hold_no_word_of_the_client, fresh),
        cmocka_unit_test_setup(what_cannot_be_served_is_said, fresh),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
