#include "raw.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fault.h"

enum { PATIENCE_MS = 10000, STILL_OPEN_MS = 50 };

int raw_connect(uint16_t port)
{
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0);
    must(connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
    return fd;
}

int raw_connect_local(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    must(fd >= 0 && strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    must(connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

void raw_send(int fd, const char *bytes, size_t len, size_t piece_bytes)
{
    size_t step = piece_bytes == 0 ? len : piece_bytes;
    for (size_t at = 0; at < len;) {
        size_t piece = len - at < step ? len - at : step;
        ssize_t sent = send(fd, bytes + at, piece, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += (size_t)sent;
    }
}

/* More bytes into the answer within wait_ms; false where the connection has ended or nothing came. */
static bool receive_more(int fd, int wait_ms, struct raw_answer *answer)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    if (answer->len + 1 >= RAW_BYTES_MAX || poll(&readable, 1, wait_ms) <= 0)
        return false;
    ssize_t got = recv(fd, answer->text + answer->len, RAW_BYTES_MAX - 1 - answer->len, 0);
    if (got <= 0) {
        answer->closed = true;
        return false;
    }
    answer->len += (size_t)got;
    answer->text[answer->len] = '\0';
    return true;
}

bool raw_header(const struct raw_answer *answer, const char *name, int nth, char *ret_value, size_t size)
{
    for (const char *line = strstr(answer->text, "\r\n"); line != NULL && strncmp(line, "\r\n\r\n", 4) != 0;
         line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, strlen(name)) != 0 || line[2 + strlen(name)] != ':' || nth-- > 0)
            continue;
        const char *value = line + 2 + strlen(name) + 1;
        while (*value == ' ')
            value++;
        size_t len = strcspn(value, "\r");
        must(len < size);
        memcpy(ret_value, value, len);
        ret_value[len] = '\0';
        return true;
    }
    return false;
}

void raw_receive(int fd, bool without_body, struct raw_answer *answer)
{
    char length[32];
    answer->status = 0;
    answer->closed = false;
    answer->len = 0;
    answer->text[0] = '\0';
    answer->body = "";
    const char *head_end = NULL;
    while (head_end == NULL && receive_more(fd, PATIENCE_MS, answer))
        head_end = strstr(answer->text, "\r\n\r\n");
    if (head_end == NULL)
        return;
    must(sscanf(answer->text, "HTTP/1.1 %d", &answer->status) == 1);
    answer->body = head_end + 4;
    size_t wanted = (size_t)(answer->body - answer->text);
    if (!without_body && raw_header(answer, "Content-Length", 0, length, sizeof length))
        wanted += strtoul(length, NULL, 10);
    must(wanted < RAW_BYTES_MAX);
    while (answer->len < wanted && receive_more(fd, PATIENCE_MS, answer))
        continue;
    bool ends = raw_header(answer, "Connection", 0, length, sizeof length) && strcmp(length, "close") == 0;
    while (!answer->closed && receive_more(fd, ends ? PATIENCE_MS : STILL_OPEN_MS, answer))
        continue;
}

void raw_ask(uint16_t port, const char *bytes, size_t len, size_t piece_bytes, struct raw_answer *answer)
{
    int fd = raw_connect(port);
    raw_send(fd, bytes, len, piece_bytes);
    raw_receive(fd, false, answer);
    (void)close(fd);
}
