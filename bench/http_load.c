/* Audited searches through HTTP, as a browser makes them: POST /find, follow the redirect, read the list of
 * results.
 *
 *     http_load PORT USER PASSWORD PIN CODE QUERIES CONNECTIONS SECONDS
 *
 * Signs in once, then CONNECTIONS threads search for SECONDS on kept-alive connections; each line of QUERIES
 * is "family,given,YYYY-MM-DD".  Prints `name value unit` lines.  Sends to 127.0.0.1 alone. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/time.h"

enum {
    RESPONSE_BYTES_MAX = 512 * 1024,
    REQUEST_BYTES_MAX = 8192,
    QUERIES_MAX = 20000,
    SAMPLES_MAX = 2000000
};

struct connection {
    int socket;
    uint16_t port;
    char response[RESPONSE_BYTES_MAX];
    size_t len;
    int status;
    const char *body;
};

struct query {
    char family[128];
    char given[128];
    int year, month, day;
};

static uint16_t port;
static char cookie[128];
static char form_token[128];
static struct query queries[QUERIES_MAX];
static size_t query_count;
static int64_t deadline_us;
static atomic_uint next_query;
static atomic_size_t sample_count;
static atomic_size_t failures;
static atomic_size_t shown;
static uint32_t samples[SAMPLES_MAX];

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "http_load: %s\n", what);
    exit(1);
}

/* A server that has just been started may still be filling its index. */
static void dial(struct connection *connection)
{
    enum { TRIES_MAX = 600, PAUSE_US = 100000 };
    int tries = 0;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (;;) {
        connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection->socket >= 0 &&
            connect(connection->socket, (struct sockaddr *)&address, sizeof address) == 0)
            return;
        if (connection->socket >= 0)
            (void)close(connection->socket);
        if (++tries == TRIES_MAX)
            fail("cannot connect: is the server running?");
        (void)usleep(PAUSE_US);
    }
}

static void send_all(struct connection *connection, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(connection->socket, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            fail("the server closed the connection");
        at += sent;
        len -= (size_t)sent;
    }
}

static const char *header(const struct connection *connection, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *line = strstr(connection->response, "\r\n"); line != NULL && line + 2 < connection->body;
         line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, name_len) == 0 && line[2 + name_len] == ':')
            return line + 2 + name_len + 1 + (line[2 + name_len + 1] == ' ');
    return NULL;
}

/* Reads one response with Content-Length. */
static void receive(struct connection *connection)
{
    size_t need = 0;
    connection->len = 0;
    connection->body = NULL;
    for (;;) {
        if (connection->len + 1 >= RESPONSE_BYTES_MAX)
            fail("a response is too large");
        ssize_t got = recv(connection->socket, connection->response + connection->len,
                           RESPONSE_BYTES_MAX - 1 - connection->len, 0);
        if (got <= 0)
            fail("the server closed the connection");
        connection->len += (size_t)got;
        connection->response[connection->len] = '\0';
        if (connection->body == NULL) {
            const char *end = strstr(connection->response, "\r\n\r\n");
            if (end == NULL)
                continue;
            connection->body = end + 4;
            const char *length = header(connection, "Content-Length");
            need = (size_t)(connection->body - connection->response) +
                   (length == NULL ? 0 : (size_t)strtoul(length, NULL, 10));
        }
        if (connection->len >= need)
            break;
    }
    connection->status = (int)strtol(connection->response + 9, NULL, 10);
}

static void get(struct connection *connection, const char *path)
{
    char request[REQUEST_BYTES_MAX];
    int len =
        snprintf(request, sizeof request,
                 "GET %s HTTP/1.1\r\nHost: localhost:%u\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\n\r\n",
                 path, port, cookie);
    send_all(connection, request, (size_t)len);
    receive(connection);
}

static void post(struct connection *connection, const char *path, const char *body)
{
    char request[REQUEST_BYTES_MAX];
    int len =
        snprintf(request, sizeof request,
                 "POST %s HTTP/1.1\r\nHost: localhost:%u\r\nCookie: %s\r\nOrigin: http://localhost:%u\r\n"
                 "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                 "Content-Length: %zu\r\n\r\n%s",
                 path, port, cookie, port, strlen(body), body);
    send_all(connection, request, (size_t)len);
    receive(connection);
}

static void take_token(const struct connection *connection)
{
    const char *at = strstr(connection->body, "name=\"form_token\" value=\"");
    if (at == NULL || strlen(at) < 25 + 64)
        fail("a page has no form token");
    (void)snprintf(form_token, sizeof form_token, "%.64s", at + 25);
}

static void take_cookie(const struct connection *connection, const char *name)
{
    const char *at = strstr(connection->response, name);
    size_t len = at == NULL ? 0 : strcspn(at, ";\r");
    if (len == 0 || len >= sizeof cookie)
        fail("signing in failed: is the code the current one?");
    (void)snprintf(cookie, sizeof cookie, "%.*s", (int)len, at);
}

static void put_encoded(char *at, size_t room, const char *text)
{
    size_t len = 0;
    for (; *text != '\0' && len + 4 < room; text++)
        len += (size_t)snprintf(at + len, room - len, "%%%02X", (unsigned char)*text);
    at[len] = '\0';
}

static void sign_in(struct connection *connection, char **argv)
{
    char body[REQUEST_BYTES_MAX], password[1024];
    get(connection, "/sign-in");
    take_token(connection);
    put_encoded(password, sizeof password, argv[3]);
    (void)snprintf(body, sizeof body, "form_token=%s&user_name=%s&password=%s", form_token, argv[2],
                   password);
    post(connection, "/sign-in", body);
    take_cookie(connection, "__Host-contactpoint-sign-in=");
    get(connection, "/sign-in/code");
    take_token(connection);
    (void)snprintf(body, sizeof body, "form_token=%s&pin=%s&code=%s&role=practitioner", form_token, argv[4],
                   argv[5]);
    post(connection, "/sign-in/code", body);
    take_cookie(connection, "__Host-contactpoint=");
    get(connection, "/find");
    take_token(connection);
}

static void read_queries(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[512];
    if (file == NULL)
        fail("cannot read the queries");
    while (query_count < QUERIES_MAX && fgets(line, sizeof line, file) != NULL) {
        struct query *query = &queries[query_count];
        if (sscanf(line, "%127[^,],%127[^,],%d-%d-%d", query->family, query->given, &query->year,
                   &query->month, &query->day) == 5)
            query_count++;
    }
    (void)fclose(file);
    if (query_count == 0)
        fail("the queries are empty");
}

static void search(struct connection *connection)
{
    char body[REQUEST_BYTES_MAX], family[512], given[512], path[256];
    const struct query *query = &queries[atomic_fetch_add(&next_query, 1) % query_count];
    put_encoded(family, sizeof family, query->family);
    put_encoded(given, sizeof given, query->given);
    (void)snprintf(
        body, sizeof body,
        "form_token=%s&reason=working&family=%s&given=%s&birth_day=%d&birth_month=%d&birth_year=%d",
        form_token, family, given, query->day, query->month, query->year);
    int64_t started_us = clock_monotonic_us();
    post(connection, "/find", body);
    const char *location = header(connection, "Location");
    if (connection->status != 303 || location == NULL) {
        atomic_fetch_add(&failures, 1);
        return;
    }
    (void)snprintf(path, sizeof path, "%.*s", (int)strcspn(location, "\r"), location);
    get(connection, path);
    if (connection->status != 200)
        atomic_fetch_add(&failures, 1);
    atomic_fetch_add(&shown, strstr(connection->body, "/children/") != NULL);
    size_t at = atomic_fetch_add(&sample_count, 1);
    if (at < SAMPLES_MAX)
        samples[at] = (uint32_t)(clock_monotonic_us() - started_us);
}

static void *run(void *argument)
{
    struct connection *connection = argument;
    dial(connection);
    while (clock_monotonic_us() < deadline_us)
        search(connection);
    (void)close(connection->socket);
    free(connection);
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc != 9) {
        (void)fprintf(stderr, "usage: http_load PORT USER PASSWORD PIN CODE QUERIES CONNECTIONS SECONDS\n");
        return 2;
    }
    port = (uint16_t)strtoul(argv[1], NULL, 10);
    long connections = strtol(argv[7], NULL, 10), for_s = strtol(argv[8], NULL, 10);
    if (connections < 1 || connections > 256 || for_s < 1 || for_s > 600)
        fail("1 to 256 connections, 1 to 600 seconds");
    read_queries(argv[6]);
    struct connection *first = calloc(1, sizeof *first);
    pthread_t *threads = calloc((size_t)connections, sizeof *threads);
    if (first == NULL || threads == NULL)
        fail("out of memory");
    dial(first);
    sign_in(first, argv);
    (void)close(first->socket);
    free(first);
    int64_t started_us = clock_monotonic_us();
    deadline_us = started_us + for_s * 1000000;
    for (long i = 0; i < connections; i++) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL || pthread_create(&threads[i], NULL, run, connection) != 0)
            fail("cannot start a thread");
    }
    for (long i = 0; i < connections; i++)
        (void)pthread_join(threads[i], NULL);
    double took_s = (double)(clock_monotonic_us() - started_us) / 1e6;
    size_t count = atomic_load(&sample_count) < SAMPLES_MAX ? atomic_load(&sample_count) : SAMPLES_MAX;
    if (count == 0)
        fail("no search was answered");
    qsort(samples, count, sizeof samples[0], ascending);
    (void)printf("http.search.rate %.0f searches/s\n", (double)count / took_s);
    (void)printf("http.search.p50 %.2f ms\n", samples[count / 2] / 1000.0);
    (void)printf("http.search.p99 %.2f ms\n", samples[count * 99 / 100] / 1000.0);
    (void)printf("http.search.found %.4f share\n", (double)atomic_load(&shown) / (double)count);
    (void)printf("http.search.failures %zu\n", atomic_load(&failures));
    free(threads);
    return atomic_load(&failures) == 0 ? 0 : 1;
}
