/* The server and the guard behind real sockets: security.md §7, the column "serve alone". */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "raw.h"
#include "web/guard.h"
#include "web/http.h"

enum { BODY_BYTES_MAX = 1024 * 1024 };

static const char *const hosts[] = {"localhost:1", "[::1]:1", NULL};
static atomic_int handled;
static atomic_int slow_started;
static struct http_server *server;
static struct raw_answer answer;

static int admit(void *context, const struct http_request *request, size_t *ret_body_bytes_max)
{
    (void)context;
    *ret_body_bytes_max = BODY_BYTES_MAX;
    int status = guard_head(request, hosts);
    return status != 0 ? status : guard_body(request, BODY_BYTES_MAX);
}

/* Echoes the body; "/peer" tells who asks, "/slow" takes its time, "/still" sends a literal. */
static enum fault handle(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    atomic_fetch_add(&handled, 1);
    response->status = 200;
    if (str_equal(request->target, STR("/fault")))
        return FAULT_STORAGE;
    if (str_equal(request->target, STR("/slow"))) {
        atomic_fetch_add(&slow_started, 1);
        (void)poll(NULL, 0, 300);
    }
    if (str_equal(request->target, STR("/still")))
        response->still = STR("still");
    buffer_put(&response->body, str_equal(request->target, STR("/peer")) ? request->peer : request->body);
    http_put(response, "X-Seen", "yes");
    return FAULT_NONE;
}

static void refuse(void *context, const struct http_request *request, int status,
                   struct http_response *response)
{
    (void)context;
    (void)request;
    response->status = status;
    buffer_put(&response->body, STR("refused"));
}

static struct http_settings settings_at(const char *listen)
{
    return (struct http_settings){.listen = listen,
                                  .door = {.admit = admit, .handle = handle, .refuse = refuse}};
}

static int start(void **state)
{
    (void)state;
    struct http_settings settings = settings_at("localhost:0");
    return http_start(&settings, &server) == FAULT_NONE ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    http_stop(server, 5);
    return 0;
}

static void ask(const char *text)
{
    raw_ask(http_port(server), text, strlen(text), 0, &answer);
}

static void answers_and_keeps_the_connection(void **state)
{
    (void)state;
    static const char get[] = "GET /a HTTP/1.1\r\nHost: localhost:1\r\n\r\n";
    static const char post[] = "POST /b HTTP/1.1\r\nHost: LOCALHOST:1\r\nContent-Length: 5\r\n\r\nhello";
    char seen[8];
    int fd = raw_connect(http_port(server));
    for (int i = 0; i < 3; i++) {
        raw_send(fd, get, strlen(get), 0);
        raw_receive(fd, false, &answer);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, "");
        assert_false(answer.closed);
        raw_send(fd, post, strlen(post), 1);
        raw_receive(fd, false, &answer);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, "hello");
        assert_true(raw_header(&answer, "X-Seen", 0, seen, sizeof seen));
        assert_false(answer.closed);
    }
    (void)close(fd);
    ask("GET /peer HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
    assert_string_equal(answer.body, "127.0.0.1");
    ask("GET /still HTTP/1.1\r\nHost: [::1]:1\r\n\r\n");
    assert_string_equal(answer.body, "still");
    ask("GET /fault HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
    assert_int_equal(answer.status, 503);
    assert_true(answer.closed);
}

static void a_large_body_comes_back_whole(void **state)
{
    (void)state;
    enum { LEN = 300 * 1024 };
    char *request = malloc(LEN + 128);
    assert_non_null(request);
    int head =
        snprintf(request, 128, "POST / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: %d\r\n\r\n", LEN);
    memset(request + head, 'x', LEN);
    raw_ask(http_port(server), request, (size_t)head + LEN, 0, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(strlen(answer.body), LEN);
    free(request);
}

#define H "Host: localhost:1\r\n"

struct malformed {
    const char *request;
    int status;
};

static const struct malformed table[] = {
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\nx", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\nx", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1x\r\n\r\nx", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\nx", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\nx", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: \r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 411},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 411},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", 411},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H H "\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
    {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 421},
    {"GET / HTTP/1.1\r\nHost: \r\n\r\n", 421},
    {"GET / HTTP/1.1\r\n" H "X-A : b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X-A: b\rc\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X(A): b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X\xc3\xa9: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "no colon\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X-A: b\x01\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X-A: b\x7f\r\n\r\n", 400},
    {"GET /a%00b HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a%0ab HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a%zzb HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a% HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a%2fb HTTP/1.1\r\n" H "\r\n", 404},
    {"GET /a%2Fb HTTP/1.1\r\n" H "\r\n", 404},
    {"GET /a%5cb HTTP/1.1\r\n" H "\r\n", 404},
    {"GET /a\\b HTTP/1.1\r\n" H "\r\n", 404},
    {"GET /../etc/passwd HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a/..;/b/.. HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a/%2e%2E/b HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a/./b HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /..%2f..%2fetc/passwd HTTP/1.1\r\n" H "\r\n", 404},
    {"GET /a\x01 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /a#b HTTP/1.1\r\n" H "\r\n", 400},
    {"GET http://localhost:1/ HTTP/1.1\r\n" H "\r\n", 404},
    {"GET http://evil.example/ HTTP/1.1\r\n" H "\r\n", 404},
    {"TRACE / HTTP/1.1\r\n" H "\r\n", 405},
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 405},
    {"CONNECT localhost:1 HTTP/1.1\r\n" H "\r\n", 405},
    {"DELETE / HTTP/1.1\r\n" H "\r\n", 405},
    {"get / HTTP/1.1\r\n" H "\r\n", 405},
    {"GET /\r\n\r\n", 400},
    {"GET / HTTP/1.0\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\n" H "\r\n", 505},
    {"GET / HTPT/1.1\r\n" H "\r\n", 400},
    {"GET /a b HTTP/1.1\r\n" H "\r\n", 0}, /* the library ends it without an answer */
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1048577\r\n\r\n", 413},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999999\r\n\r\n", 413},
};

static void case_22_malformed_requests_get_their_answer_and_the_connection_ends(void **state)
{
    (void)state;
    int failed = 0;
    int handled_before = atomic_load(&handled);
    for (size_t i = 0; i < 2 * sizeof table / sizeof table[0]; i++) {
        const struct malformed *row = &table[i / 2];
        raw_ask(http_port(server), row->request, strlen(row->request), i % 2, &answer);
        if (answer.status == row->status && answer.closed)
            continue;
        print_message("status %d closed %d, wanted %d closed: %s\n", answer.status, answer.closed,
                      row->status, row->request);
        failed++;
    }
    assert_int_equal(failed, 0);
    assert_int_equal(atomic_load(&handled), handled_before);
}

static void case_22_bare_line_feeds_are_one_request(void **state)
{
    (void)state;
    int before = atomic_load(&handled);
    ask("GET / HTTP/1.1\nHost: localhost:1\n\n");
    assert_int_equal(answer.status, 200);
    assert_int_equal(atomic_load(&handled), before + 1);
}

static void put_many(struct buffer *buffer, char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_put_char(buffer, c);
}

static void send_and_close(struct buffer *request)
{
    must(buffer_fault(request) == FAULT_NONE);
    raw_ask(http_port(server), request->at, request->len, 0, &answer);
    buffer_close(request);
}

/* A request with one header of header_bytes (name, colon, space and value), and `extra` more headers. */
static int ask_headers(size_t header_bytes, int extra)
{
    struct buffer request = buffer_open(1024 * 1024);
    buffer_put(&request, STR("GET / HTTP/1.1\r\n" H "X-Long: "));
    put_many(&request, 'a', header_bytes - strlen("X-Long: "));
    for (int i = 0; i < extra; i++) {
        buffer_put(&request, STR("\r\nX-"));
        buffer_put_int(&request, i);
        buffer_put(&request, STR(": a"));
    }
    buffer_put(&request, STR("\r\n\r\n"));
    send_and_close(&request);
    return answer.status;
}

/* A body of sent_bytes, of which Content-Length says that it has length_bytes. */
static int ask_body(size_t length_bytes, size_t sent_bytes)
{
    struct buffer request = buffer_open(2 * BODY_BYTES_MAX);
    buffer_put(&request, STR("POST / HTTP/1.1\r\n" H "Content-Length: "));
    buffer_put_int(&request, (int64_t)length_bytes);
    buffer_put(&request, STR("\r\n\r\n"));
    put_many(&request, 'x', sent_bytes);
    send_and_close(&request);
    return answer.status;
}

static void case_23_header_of_8_kib_and_one_101st_header_body_of_1_mib_and_one(void **state)
{
    (void)state;
    assert_int_equal(ask_headers(8 * 1024, 0), 200);
    assert_false(answer.closed);
    assert_int_equal(ask_headers(8 * 1024 + 1, 0), 431);
    assert_true(answer.closed);
    assert_int_equal(ask_headers(16, 98), 200); /* with Host and X-Long: the 100th */
    assert_int_equal(ask_headers(16, 99), 431);
    assert_true(answer.closed);
    assert_int_equal(ask_headers(40 * 1024, 0), 431); /* beyond the pool */
    assert_true(answer.closed);

    assert_int_equal(ask_body(BODY_BYTES_MAX, BODY_BYTES_MAX), 200);
    assert_int_equal(strlen(answer.body), BODY_BYTES_MAX);
    assert_int_equal(ask_body(BODY_BYTES_MAX + 1, BODY_BYTES_MAX + 1), 413);
    assert_true(answer.closed);
}

static void a_refused_body_is_still_answered(void **state)
{
    (void)state;
    assert_int_equal(ask_body(2 * BODY_BYTES_MAX, BODY_BYTES_MAX / 2), 413);
    assert_string_equal(answer.body, "refused");
    assert_true(answer.closed);
    /* nobody is told to go on with a body that is refused */
    ask("POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n");
    assert_int_equal(answer.status, 413);
}

static void an_incomplete_request_ends(void **state)
{
    (void)state;
    struct http_server *strict = NULL;
    struct http_settings settings = settings_at("127.0.0.1:0");
    settings.incomplete_seconds_max = 1;
    assert_int_equal(http_start(&settings, &strict), FAULT_NONE);
    static const char *const parts[] = {"GET / HT", "GET / HTTP/1.1\r\nHost: loc",
                                        "POST / HTTP/1.1\r\n" H "Content-Length: 10000\r\n\r\nx"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int fd = raw_connect(http_port(strict));
        raw_send(fd, parts[i], strlen(parts[i]), 0);
        /* a byte now and then does not help */
        for (int tick = 0; tick < 8; tick++) {
            (void)poll(NULL, 0, 100);
            raw_send(fd, "x", 1, 0);
        }
        raw_receive(fd, false, &answer);
        assert_int_equal(answer.status, 0);
        assert_true(answer.closed);
        (void)close(fd);
    }
    http_stop(strict, 1);
}

static void *ask_slowly(void *context)
{
    static const char slow[] = "GET /slow HTTP/1.1\r\n" H "\r\n";
    int fd = *(const int *)context;
    raw_send(fd, slow, strlen(slow), 0);
    return NULL;
}

static void stopping_lets_running_requests_finish(void **state)
{
    (void)state;
    struct http_server *short_lived = NULL;
    struct http_settings settings = settings_at("127.0.0.1:0");
    assert_int_equal(http_start(&settings, &short_lived), FAULT_NONE);
    int fds[8];
    int before = atomic_load(&slow_started);
    for (size_t i = 0; i < 8; i++) {
        fds[i] = raw_connect(http_port(short_lived));
        (void)ask_slowly(&fds[i]);
    }
    while (atomic_load(&slow_started) < before + 8)
        (void)poll(NULL, 0, 1);
    http_stop(short_lived, 30);
    for (size_t i = 0; i < 8; i++) {
        raw_receive(fds[i], false, &answer);
        assert_int_equal(answer.status, 200);
        assert_true(answer.closed);
        (void)close(fds[i]);
    }
}

static void listens_on_loopback_and_unix_sockets_only(void **state)
{
    (void)state;
    static const char *const refused[] = {"0.0.0.0:0",      "[::]:0", "192.0.2.1:80",    "localhost",
                                          "localhost:",     ":8080",  "localhost:65536", "localhost:-1",
                                          "example.org:80", "unix:",  "unix:relative",   "",
                                          "127.0.0.2:80",   "8080"};
    struct http_server *never = NULL;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct http_settings settings = settings_at(refused[i]);
        assert_int_equal(http_start(&settings, &never), FAULT_INVALID);
        assert_non_null(strstr(fault_last_note(), "unix:/"));
    }
    assert_null(never);
}

static void a_taken_port_is_said_in_one_line(void **state)
{
    (void)state;
    char address[32];
    struct http_server *never = NULL;
    (void)snprintf(address, sizeof address, "localhost:%u", (unsigned)http_port(server));
    struct http_settings settings = settings_at(address);
    assert_int_equal(http_start(&settings, &never), FAULT_CONFLICT);
    assert_string_equal(fault_last_note(),
                        "the port is taken: stop the other program or choose another port");
    assert_null(never);
}

static void a_unix_socket_serves_and_leaves_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/contactpoint-http-XXXXXX";
    char path[64];
    char address[80];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/web", folder);
    (void)snprintf(address, sizeof address, "unix:%s", path);
    struct http_settings settings = settings_at(address);
    struct http_server *local = NULL;
    struct http_server *second = NULL;
    assert_int_equal(http_start(&settings, &local), FAULT_NONE);
    assert_int_equal(http_port(local), 0);
    assert_int_equal(http_start(&settings, &second), FAULT_CONFLICT);
    int fd = raw_connect_local(path);
    static const char get[] = "GET /peer HTTP/1.1\r\n" H "\r\n";
    raw_send(fd, get, strlen(get), 0);
    raw_receive(fd, false, &answer);
    assert_string_equal(answer.body, "local");
    (void)close(fd);
    http_stop(local, 1);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_client_that_leaves_early_harms_nobody(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        int fd = raw_connect(http_port(server));
        raw_send(fd, "POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc", (size_t)(30 + i % 20), 0);
        (void)close(fd);
    }
    ask("GET / HTTP/1.1\r\n" H "\r\n");
    assert_int_equal(answer.status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_keeps_the_connection),
        cmocka_unit_test(a_large_body_comes_back_whole),
        cmocka_unit_test(case_22_malformed_requests_get_their_answer_and_the_connection_ends),
        cmocka_unit_test(case_22_bare_line_feeds_are_one_request),
        cmocka_unit_test(case_23_header_of_8_kib_and_one_101st_header_body_of_1_mib_and_one),
        cmocka_unit_test(a_refused_body_is_still_answered),
        cmocka_unit_test(an_incomplete_request_ends),
        cmocka_unit_test(stopping_lets_running_requests_finish),
        cmocka_unit_test(listens_on_loopback_and_unix_sockets_only),
        cmocka_unit_test(a_taken_port_is_said_in_one_line),
        cmocka_unit_test(a_unix_socket_serves_and_leaves_nothing),
        cmocka_unit_test(a_client_that_leaves_early_harms_nobody),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
