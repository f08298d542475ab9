#include "cli/control_server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/wire.h"

enum {
    BACKLOG = 8,
    POLL_MS = 200,
    LOGIN_BYTES = 256,
    WORK_ARENA_BYTES = 8 * 1024 * 1024,
    PROGRESS_US = 100000
};

struct control_server {
    struct service *service;
    struct sockaddr_un address;
    int fd;
    pthread_t thread;
    _Atomic bool stopping;
    _Atomic int connections;
};

/* One command that is being answered. */
struct connection {
    struct control_server *server;
    int fd;
    bool gone;
    int64_t told_us; /* when progress was last sent */
    char login[LOGIN_BYTES];
};

static void tell(struct connection *connection, enum frame_type type, const struct buffer *content)
{
    if (!connection->gone && wire_send(connection->fd, type, buffer_bytes(content), -1) != FAULT_NONE)
        connection->gone = true;
}

static void on_progress(void *context, enum work_phase phase, int64_t done, int64_t of)
{
    struct connection *connection = context;
    int64_t now_us = clock_monotonic_us();
    struct buffer content = buffer_open(64);
    if (now_us - connection->told_us < PROGRESS_US && done < of)
        return;
    connection->told_us = now_us;
    buffer_put_u8(&content, (uint8_t)phase);
    buffer_put_u64(&content, (uint64_t)done);
    buffer_put_u64(&content, (uint64_t)of);
    if (buffer_fault(&content) == FAULT_NONE)
        tell(connection, FRAME_PROGRESS, &content);
    buffer_close(&content);
}

static void on_problem(void *context, uint64_t line, enum row_problem problem)
{
    struct connection *connection = context;
    struct buffer content = buffer_open(64);
    buffer_put_u64(&content, line);
    buffer_put_u8(&content, (uint8_t)problem);
    if (buffer_fault(&content) == FAULT_NONE)
        tell(connection, FRAME_PROBLEM, &content);
    buffer_close(&content);
}

/* Has the peer hung up?  What it might send now is never read. */
static bool is_gone(void *context)
{
    struct connection *connection = context;
    char c;
    if (atomic_load(&connection->server->stopping))
        return true;
    ssize_t got = recv(connection->fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        connection->gone = true;
    return connection->gone;
}

static void answer(struct connection *connection, const struct work_result *result)
{
    struct buffer content = buffer_open(FRAME_BYTES_MAX);
    wire_put_result(&content, result);
    if (buffer_fault(&content) == FAULT_NONE)
        tell(connection, FRAME_RESULT, &content);
    buffer_close(&content);
}

static void work(struct connection *connection, const struct frame *frame)
{
    struct work asked;
    struct arena *arena = NULL;
    struct work_result result = {0};
    const struct work_listener listener = {on_progress, on_problem, is_gone, connection};
    enum fault fault = frame->type == FRAME_WORK ? wire_take_work(frame->content, &asked) : FAULT_MALFORMED;
    if (fault == FAULT_NONE && (asked.kind == WORK_FEED_LOAD) != (frame->fd >= 0))
        fault = FAULT_MALFORMED;
    if (fault == FAULT_NONE)
        fault = arena_open(WORK_ARENA_BYTES, &arena);
    if (fault == FAULT_NONE) {
        asked.fd = frame->fd;
        work_do(connection->server->service, str_of(connection->login), &asked, &listener, arena, &result);
    } else {
        log_event("control.refused", LOG_FAULT("fault", fault));
        result.fault = fault;
        result.text[TEXT_MESSAGE] = str_of(fault_last_note());
    }
    answer(connection, &result);
    arena_close(arena);
}

/* Who it is, as the kernel says; root and our own user alone. */
static bool know_peer(struct connection *connection)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    struct passwd entry, *found = NULL;
    char space[4096];
    if (getsockopt(connection->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        (peer.uid != 0 && peer.uid != geteuid()) ||
        getpwuid_r(peer.uid, &entry, space, sizeof space, &found) != 0 || found == NULL)
        return false;
    size_t len = strlen(found->pw_name);
    if (len >= sizeof connection->login)
        return false;
    memcpy(connection->login, found->pw_name, len + 1);
    return true;
}

static void *serve(void *argument)
{
    struct connection *connection = argument;
    struct control_server *server = connection->server;
    struct buffer content = buffer_open(FRAME_BYTES_MAX);
    struct frame frame;
    fault_clear_note();
    if (!know_peer(connection)) {
        log_event("control.refused", LOG_FAULT("fault", FAULT_REFUSED));
    } else if (wire_receive(connection->fd, FRAME_SECONDS_MAX, &content, &frame) == FAULT_NONE) {
        work(connection, &frame);
        if (frame.fd >= 0)
            (void)close(frame.fd);
    }
    buffer_close(&content);
    (void)close(connection->fd);
    free(connection);
    (void)atomic_fetch_sub(&server->connections, 1);
    return NULL;
}

static void receive(struct control_server *server, int fd)
{
    pthread_t thread;
    pthread_attr_t detached;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || atomic_load(&server->connections) >= CONTROL_CONNECTIONS_MAX) {
        free(connection);
        (void)close(fd);
        return;
    }
    connection->server = server;
    connection->fd = fd;
    (void)atomic_fetch_add(&server->connections, 1);
    (void)pthread_attr_init(&detached);
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &detached, serve, connection) != 0) {
        (void)atomic_fetch_sub(&server->connections, 1);
        free(connection);
        (void)close(fd);
    }
    (void)pthread_attr_destroy(&detached);
}

static void *listen_on(void *argument)
{
    struct control_server *server = argument;
    while (!atomic_load(&server->stopping)) {
        struct pollfd poll_fd = {.fd = server->fd, .events = POLLIN};
        if (poll(&poll_fd, 1, POLL_MS) <= 0)
            continue;
        int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            receive(server, fd);
        else
            (void)poll(NULL, 0, POLL_MS); /* out of descriptors: wait for some to be closed */
    }
    return NULL;
}

static enum fault listen_at(struct control_server *server, const char *path)
{
    size_t len = strlen(path);
    must(len < sizeof server->address.sun_path);
    server->address.sun_family = AF_UNIX;
    memcpy(server->address.sun_path, path, len);
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd < 0)
        return fault_note(FAULT_SYSTEM, "no control socket could be opened");
    (void)unlink(path);
    if (bind(server->fd, (const struct sockaddr *)&server->address, sizeof server->address) != 0 ||
        chmod(path, 0600) != 0 || listen(server->fd, BACKLOG) != 0)
        return fault_note(FAULT_STORAGE,
                          "the control socket cannot be made in the state folder: check who owns it, "
                          "and the room on its disk");
    return FAULT_NONE;
}

enum fault control_server_open(const char *path, struct service *service, struct control_server **ret_server)
{
    struct control_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return FAULT_MEMORY;
    server->service = service;
    enum fault fault = listen_at(server, path);
    if (fault == FAULT_NONE && pthread_create(&server->thread, NULL, listen_on, server) != 0)
        fault = fault_note(FAULT_SYSTEM, "no thread could be started: raise the limit on processes");
    if (fault != FAULT_NONE) {
        if (server->fd >= 0)
            (void)close(server->fd);
        free(server);
        return fault;
    }
    *ret_server = server;
    return FAULT_NONE;
}

bool control_server_close(struct control_server *server)
{
    if (server == NULL)
        return true;
    atomic_store(&server->stopping, true);
    (void)pthread_join(server->thread, NULL);
    (void)close(server->fd);
    (void)unlink(server->address.sun_path);
    int64_t until_us = clock_monotonic_us() + (int64_t)CONTROL_STOP_SECONDS_MAX * 1000000;
    while (atomic_load(&server->connections) > 0 && clock_monotonic_us() < until_us)
        (void)poll(NULL, 0, POLL_MS / 10);
    bool ended = atomic_load(&server->connections) == 0;
    if (ended)
        free(server);
    return ended;
}
