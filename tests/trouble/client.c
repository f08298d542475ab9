#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/time.h"

enum { RESPONSE_BYTES_MAX = 512 * 1024, REQUEST_BYTES_MAX = 8192, COOKIE_BYTES = 128, COOKIES = 2 };

/* As the service names them; each is cleared by an empty value. */
static const char *const cookie_names[COOKIES] = {"__Host-contactpoint=", "__Host-contactpoint-sign-in="};

struct client {
    uint16_t port;
    int64_t patience_us;
    int fd; /* -1: not connected */
    char cookies[COOKIES][COOKIE_BYTES];
    char response[RESPONSE_BYTES_MAX];
    size_t len;
};

struct client *client_open(uint16_t port, int64_t patience_us)
{
    struct client *client = calloc(1, sizeof *client);
    must(client != NULL);
    client->port = port;
    client->patience_us = patience_us;
    client->fd = -1;
    return client;
}

static void hang_up(struct client *client)
{
    if (client->fd >= 0)
        (void)close(client->fd);
    client->fd = -1;
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    hang_up(client);
    free(client);
}

struct client *client_share(const struct client *from)
{
    struct client *client = client_open(from->port, from->patience_us);
    memcpy(client->cookies, from->cookies, sizeof client->cookies);
    return client;
}

void client_move(struct client *client, uint16_t port)
{
    hang_up(client);
    client->port = port;
}

static bool dial(struct client *client)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(client->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd >= 0 && connect(client->fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return true;
    hang_up(client);
    return false;
}

static bool send_all(const struct client *client, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(client->fd, at, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* The value of a header line in the head that ends at `body`; NULL where there is none. */
static const char *header(const struct client *client, const char *body, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *line = strstr(client->response, "\r\n"); line != NULL && line + 2 < body;
         line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, name_len) == 0 && line[2 + name_len] == ':')
            return line + 2 + name_len + 1 + (line[2 + name_len + 1] == ' ');
    return NULL;
}

/* The body's beginning once head and body are there whole; else NULL. */
static const char *whole(const struct client *client)
{
    const char *end = strstr(client->response, "\r\n\r\n");
    if (end == NULL)
        return NULL;
    const char *length = header(client, end + 4, "Content-Length");
    size_t need = length == NULL ? 0 : (size_t)strtoul(length, NULL, 10);
    return client->len - (size_t)(end + 4 - client->response) >= need ? end + 4 : NULL;
}

static enum outcome receive(struct client *client, int64_t until_us, const char **ret_body)
{
    while ((*ret_body = whole(client)) == NULL) {
        int64_t left_us = until_us - clock_monotonic_us();
        struct pollfd ready = {.fd = client->fd, .events = POLLIN};
        if (left_us <= 0 || client->len + 1 >= RESPONSE_BYTES_MAX)
            return OUTCOME_HUNG;
        if (poll(&ready, 1, (int)(left_us / 1000) + 1) <= 0)
            continue;
        ssize_t got =
            recv(client->fd, client->response + client->len, RESPONSE_BYTES_MAX - 1 - client->len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return OUTCOME_CUT;
        client->len += (size_t)got;
        client->response[client->len] = '\0';
    }
    return OUTCOME_ANSWERED;
}

static void take_cookie(struct client *client, const char *at)
{
    for (int i = 0; i < COOKIES; i++) {
        size_t name_len = strlen(cookie_names[i]), len = strcspn(at, ";\r");
        if (strncmp(at, cookie_names[i], name_len) == 0 && len < COOKIE_BYTES)
            (void)snprintf(client->cookies[i], COOKIE_BYTES, "%.*s", len > name_len ? (int)len : 0, at);
    }
}

static void take_head(struct client *client, const char *body, struct reply *reply)
{
    static const char set_cookie[] = "\r\nSet-Cookie: ";
    const char *location = header(client, body, "Location"), *retry = header(client, body, "Retry-After");
    const char *connection = header(client, body, "Connection");
    reply->status = client->len > 9 ? (int)strtol(client->response + 9, NULL, 10) : 0;
    reply->retry_after_s = retry == NULL ? -1 : (int)strtol(retry, NULL, 10);
    if (location != NULL)
        (void)snprintf(reply->location, sizeof reply->location, "%.*s", (int)strcspn(location, "\r"),
                       location);
    for (const char *at = strcasestr(client->response, set_cookie); at != NULL && at < body;
         at = strcasestr(at + 1, set_cookie))
        take_cookie(client, at + strlen(set_cookie));
    reply->body = body;
    reply->body_len = client->len - (size_t)(body - client->response);
    if (connection != NULL && strncasecmp(connection, "close", 5) == 0)
        hang_up(client);
}

/* A kept connection may have ended while nobody looked: then once more on a new one, for nothing was read. */
static struct reply ask(struct client *client, const char *request)
{
    struct reply reply = {.outcome = OUTCOME_UNREACHED, .retry_after_s = -1};
    const char *body = NULL;
    int64_t started_us = clock_monotonic_us();
    bool kept = client->fd >= 0;
    client->len = 0;
    client->response[0] = '\0';
    if (kept || dial(client))
        reply.outcome = send_all(client, request, strlen(request))
                            ? receive(client, started_us + client->patience_us, &body)
                            : OUTCOME_CUT;
    if (kept && reply.outcome == OUTCOME_CUT && client->len == 0) {
        hang_up(client);
        return ask(client, request);
    }
    if (reply.outcome == OUTCOME_ANSWERED) {
        take_head(client, body, &reply);
    } else {
        reply.body = client->response;
        reply.body_len = client->len;
        hang_up(client);
    }
    reply.took_us = clock_monotonic_us() - started_us;
    return reply;
}

static void put_cookies(const struct client *client, char text[2 * COOKIE_BYTES + 16])
{
    bool both = client->cookies[0][0] != '\0' && client->cookies[1][0] != '\0';
    (void)snprintf(text, 2 * COOKIE_BYTES + 16, "%s%s%s", client->cookies[0], both ? "; " : "",
                   client->cookies[1]);
}

struct reply client_get(struct client *client, const char *path)
{
    char request[REQUEST_BYTES_MAX], cookies[2 * COOKIE_BYTES + 16];
    put_cookies(client, cookies);
    (void)snprintf(
        request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: localhost:%u\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\n\r\n", path,
        client->port, cookies);
    return ask(client, request);
}

struct reply client_post(struct client *client, const char *path, const char *body)
{
    char request[REQUEST_BYTES_MAX], cookies[2 * COOKIE_BYTES + 16];
    put_cookies(client, cookies);
    int len = snprintf(request, sizeof request,
                       "POST %s HTTP/1.1\r\nHost: localhost:%u\r\nCookie: %s\r\n"
                       "Origin: http://localhost:%u\r\nSec-Fetch-Site: same-origin\r\n"
                       "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
                       path, client->port, cookies, client->port, strlen(body), body);
    must(len > 0 && len < REQUEST_BYTES_MAX);
    return ask(client, request);
}

void reply_form_token(const struct reply *reply, char ret_token[FORM_TOKEN_BYTES])
{
    static const char mark[] = "name=\"form_token\" value=\"";
    const char *at = strstr(reply->body, mark);
    ret_token[0] = '\0';
    if (at != NULL)
        (void)snprintf(ret_token, FORM_TOKEN_BYTES, "%.*s", (int)strcspn(at + strlen(mark), "\""),
                       at + strlen(mark));
}

bool reply_is_ours(const struct reply *reply)
{
    static const char first[] = "<!DOCTYPE html>", title[] = "ContactPoint</title>", last[] = "</html>\n";
    if (reply->outcome != OUTCOME_ANSWERED)
        return false;
    if (reply->status == 303)
        return reply->body_len == 0 && reply->location[0] == '/';
    return reply->body_len > strlen(last) && strncmp(reply->body, first, strlen(first)) == 0 &&
           strstr(reply->body, title) != NULL &&
           strcmp(reply->body + reply->body_len - strlen(last), last) == 0;
}
