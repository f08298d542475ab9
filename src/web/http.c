#include "web/http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "web/listen.h"

enum {
    CONNECTIONS_MAX = 1000,
    STACK_BYTES = 512 * 1024,
    POOL_BYTES = 32 * 1024,
    INCOMPLETE_SECONDS_MAX = 30,
    INACTIVE_SECONDS_MAX = 15,
    SENDING_SECONDS_MAX = 60,
    REAPER_PAUSE_MS = 500,
    DRAIN_PAUSE_MS = 10,
    LINGER_MS_MAX = 1000,
    LINGER_BYTES_MAX = 4 * 1024 * 1024,
    BODY_KEPT_BYTES_MAX = 256 * 1024,
};

enum phase {
    PHASE_WAITING = 1, /* no request line yet */
    PHASE_READING,     /* head or body are arriving */
    PHASE_WORKING,     /* the door has it */
    PHASE_SENDING,
};

/* One connection.  The list, phase and since_us are shared under the server's lock; the rest belongs to the
 * connection's thread. */
struct visit {
    struct visit *next;
    struct visit *previous;
    enum phase phase;
    int64_t since_us; /* when this phase began; reading goes on from waiting */
    int fd;
    struct http_server *server;
    bool head_read;
    bool linger; /* refused while its body was still arriving */
    char peer[INET6_ADDRSTRLEN];
    struct buffer body;
    struct http_request request;
    struct http_response response;
};

struct http_server {
    struct http_door door;
    int64_t incomplete_us_max;
    struct MHD_Daemon *daemon;
    char *listen;
    uint16_t port;
    pthread_t reaper;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct visit *visits;
    bool draining;
    bool stopping;
};

static void enter(struct visit *visit, enum phase phase)
{
    struct http_server *server = visit->server;
    (void)pthread_mutex_lock(&server->lock);
    if (phase != PHASE_READING)
        visit->since_us = clock_monotonic_us();
    visit->phase = phase;
    (void)pthread_mutex_unlock(&server->lock);
}

/* Ends connections whose request is incomplete, or whose reader is asleep: libmicrohttpd's own time-out
 * starts anew with every byte. */
static void reap(struct http_server *server)
{
    int64_t now_us = clock_monotonic_us();
    for (struct visit *visit = server->visits; visit != NULL; visit = visit->next) {
        bool reading = visit->phase == PHASE_WAITING || visit->phase == PHASE_READING;
        int64_t allowed_us = reading ? server->incomplete_us_max : seconds(SENDING_SECONDS_MAX).us;
        if (visit->phase != PHASE_WORKING && now_us - visit->since_us > allowed_us)
            (void)shutdown(visit->fd, SHUT_RDWR);
    }
}

static void *run_reaper(void *context)
{
    struct http_server *server = context;
    (void)pthread_mutex_lock(&server->lock);
    while (!server->stopping) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += REAPER_PAUSE_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_cond_timedwait(&server->wake, &server->lock, &until);
        reap(server);
    }
    (void)pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void read_peer(struct MHD_Connection *connection, char *ret_text, socklen_t size)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const void *address = NULL;
    if (info != NULL && info->client_addr != NULL && info->client_addr->sa_family == AF_INET)
        address = &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr;
    if (info != NULL && info->client_addr != NULL && info->client_addr->sa_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr;
    if (address == NULL || inet_ntop(info->client_addr->sa_family, address, ret_text, size) == NULL)
        memcpy(ret_text, "local", sizeof "local");
}

static struct visit *visit_open(struct http_server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct visit *visit = info == NULL ? NULL : calloc(1, sizeof *visit);
    if (visit == NULL)
        return NULL;
    if (arena_open(HTTP_ARENA_BYTES_MAX, &visit->request.arena) != FAULT_NONE) {
        free(visit);
        return NULL;
    }
    visit->server = server;
    visit->fd = info->connect_fd;
    visit->phase = PHASE_WAITING;
    visit->since_us = clock_monotonic_us();
    visit->response.body = buffer_open(HTTP_RESPONSE_BYTES_MAX);
    read_peer(connection, visit->peer, sizeof visit->peer);
    (void)pthread_mutex_lock(&server->lock);
    visit->next = server->visits;
    if (visit->next != NULL)
        visit->next->previous = visit;
    server->visits = visit;
    (void)pthread_mutex_unlock(&server->lock);
    return visit;
}

static void visit_close(struct visit *visit)
{
    if (visit == NULL)
        return;
    struct http_server *server = visit->server;
    (void)pthread_mutex_lock(&server->lock);
    if (visit->next != NULL)
        visit->next->previous = visit->previous;
    if (visit->previous != NULL)
        visit->previous->next = visit->next;
    else
        server->visits = visit->next;
    (void)pthread_mutex_unlock(&server->lock);
    arena_close(visit->request.arena);
    buffer_close(&visit->body);
    buffer_close(&visit->response.body);
    explicit_bzero(visit, sizeof *visit);
    free(visit);
}

/* The socket is still open when libmicrohttpd tells of CLOSED, so the reaper never touches another's. */
static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = visit_open(context, connection);
        return;
    }
    visit_close(*socket_context);
    *socket_context = NULL;
}

/* The request line is here: the one moment at which the target can be seen undecoded. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct visit *visit = info == NULL ? NULL : info->socket_context;
    if (visit == NULL)
        return NULL;
    enter(visit, PHASE_READING);
    visit->head_read = false;
    visit->linger = false;
    if (arena_copy(visit->request.arena, str_of(target), &visit->request.target) != FAULT_NONE)
        return NULL;
    return visit;
}

static enum MHD_Result on_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                 const char *value, size_t value_len)
{
    (void)kind;
    struct http_request *request = context;
    if (request->header_count < HTTP_HEADERS_MAX)
        request->headers[request->header_count] =
            (struct http_header){.name = {name, name_len}, .value = {value, value == NULL ? 0 : value_len}};
    request->header_count++;
    return MHD_YES;
}

static struct MHD_Response *make_response(const struct http_response *answer)
{
    struct str body = answer->still.at != NULL ? answer->still : buffer_str(&answer->body);
    /* libmicrohttpd only reads it; the visit keeps it until the answer is sent. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.at, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return NULL;
    bool fine = true;
    for (size_t i = 0; i < answer->field_count && fine; i++)
        fine = MHD_add_response_header(response, answer->fields[i].name, answer->fields[i].value) == MHD_YES;
    if (fine && answer->close)
        fine = MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    if (!fine) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

static enum MHD_Result send_answer(struct visit *visit, struct MHD_Connection *connection)
{
    struct http_response *answer = &visit->response;
    (void)pthread_mutex_lock(&visit->server->lock);
    answer->close |= visit->server->draining;
    (void)pthread_mutex_unlock(&visit->server->lock);
    struct MHD_Response *response = make_response(answer);
    if (response == NULL)
        return MHD_NO;
    enter(visit, PHASE_SENDING);
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned int)answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

static void empty_response(struct http_response *response)
{
    struct buffer body = response->body;
    buffer_clear(&body);
    *response = (struct http_response){.body = body};
}

static enum MHD_Result refuse(struct visit *visit, struct MHD_Connection *connection, int status)
{
    const struct http_door *door = &visit->server->door;
    empty_response(&visit->response);
    door->refuse(door->context, &visit->request, status, &visit->response);
    visit->response.close = true;
    if (buffer_fault(&visit->response.body) != FAULT_NONE)
        buffer_clear(&visit->response.body);
    return send_answer(visit, connection);
}

static enum MHD_Result on_head(struct visit *visit, struct MHD_Connection *connection, const char *method,
                               const char *version)
{
    struct http_request *request = &visit->request;
    const struct http_door *door = &visit->server->door;
    visit->head_read = true;
    request->method = str_of(method);
    request->version = str_of(version);
    request->peer = str_of(visit->peer);
    request->body = (struct str){NULL, 0};
    request->header_count = 0;
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_header, request);
    size_t body_bytes_max = 0;
    int status = door->admit(door->context, request, &body_bytes_max);
    if (status != 0) {
        visit->linger = http_header_count(request, "Content-Length") > 0 ||
                        http_header_count(request, "Transfer-Encoding") > 0;
        return refuse(visit, connection, status);
    }
    visit->body.cap_bytes = body_bytes_max;
    return MHD_YES;
}

static enum MHD_Result on_whole(struct visit *visit, struct MHD_Connection *connection)
{
    const struct http_door *door = &visit->server->door;
    enter(visit, PHASE_WORKING);
    visit->request.body = buffer_str(&visit->body);
    empty_response(&visit->response);
    enum fault fault = door->handle(door->context, &visit->request, &visit->response);
    if (fault == FAULT_NONE)
        fault = buffer_fault(&visit->response.body);
    if (fault != FAULT_NONE)
        return refuse(visit, connection, fault_status(fault));
    return send_answer(visit, connection);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **request_context)
{
    (void)context;
    (void)path;
    struct visit *visit = *request_context;
    if (visit == NULL)
        return MHD_NO;
    if (!visit->head_read)
        return on_head(visit, connection, method, version);
    if (*upload_bytes == 0)
        return on_whole(visit, connection);
    buffer_put(&visit->body, (struct str){upload, *upload_bytes});
    *upload_bytes = 0;
    return buffer_fault(&visit->body) == FAULT_NONE ? MHD_YES : MHD_NO;
}

/* Takes what the client is still sending, for a moment: closing over unread bytes would reset the connection,
 * and the refusal would be lost before it is read. */
static void linger(int fd)
{
    static _Thread_local char scrap[16 * 1024];
    int64_t end_us = clock_monotonic_us() + LINGER_MS_MAX * 1000LL;
    size_t taken = 0;
    (void)shutdown(fd, SHUT_WR);
    while (taken < LINGER_BYTES_MAX) {
        int64_t left_us = end_us - clock_monotonic_us();
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (left_us <= 0 || poll(&readable, 1, (int)(left_us / 1000)) <= 0)
            break;
        ssize_t got = recv(fd, scrap, sizeof scrap, MSG_DONTWAIT);
        if (got <= 0)
            break;
        taken += (size_t)got;
    }
    explicit_bzero(scrap, sizeof scrap);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    struct visit *visit = *request_context;
    *request_context = NULL;
    if (visit == NULL)
        return;
    if (visit->linger && code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        linger(visit->fd);
    visit->linger = false;
    empty_response(&visit->response);
    if (visit->response.body.room > BODY_KEPT_BYTES_MAX)
        buffer_close(&visit->response.body);
    buffer_close(&visit->body);
    struct arena *arena = visit->request.arena;
    arena_reset(arena);
    visit->request = (struct http_request){.arena = arena};
    visit->head_read = false;
    enter(visit, PHASE_WAITING);
}

static enum fault start_daemon(struct http_server *server, const struct http_settings *settings, int fd)
{
    unsigned int inactive = (unsigned int)(settings->inactive_seconds_max > 0 ? settings->inactive_seconds_max
                                                                              : INACTIVE_SECONDS_MAX);
    server->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL,
        NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned int)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, inactive,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_END);
    if (server->daemon == NULL)
        return fault_note(FAULT_SYSTEM,
                          "the HTTP server could not start: are threads or descriptors exhausted?");
    return FAULT_NONE;
}

static enum fault start_threads(struct http_server *server, const struct http_settings *settings, int fd)
{
    /* Signals are for the thread that called us; those that are made here inherit the mask. */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)sigdelset(&all, SIGSYS); /* the sandbox's, which each thread answers itself (service/sandbox.h) */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    enum fault fault = FAULT_NONE;
    if (pthread_create(&server->reaper, NULL, run_reaper, server) != 0)
        fault = fault_note(FAULT_SYSTEM, "no thread could be made");
    if (fault == FAULT_NONE) {
        fault = start_daemon(server, settings, fd);
        if (fault != FAULT_NONE) {
            (void)pthread_mutex_lock(&server->lock);
            server->stopping = true;
            (void)pthread_cond_signal(&server->wake);
            (void)pthread_mutex_unlock(&server->lock);
            (void)pthread_join(server->reaper, NULL);
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return fault;
}

static void server_free(struct http_server *server)
{
    (void)pthread_cond_destroy(&server->wake);
    (void)pthread_mutex_destroy(&server->lock);
    free(server->listen);
    free(server);
}

enum fault http_start(const struct http_settings *settings, struct http_server **ret_server)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return FAULT_MEMORY;
    int allowed =
        settings->incomplete_seconds_max > 0 ? settings->incomplete_seconds_max : INCOMPLETE_SECONDS_MAX;
    server->door = settings->door;
    server->incomplete_us_max = seconds(allowed).us;
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_cond_init(&server->wake, NULL);
    int fd = -1;
    enum fault fault = FAULT_NONE;
    server->listen = strdup(settings->listen);
    if (server->listen == NULL)
        fault = FAULT_MEMORY;
    TRY(fault);
    TRY(listen_open(settings->listen, &fd, &server->port));
    if (settings->bound != NULL)
        settings->bound(settings->door.context, server->port);
    TRY(start_threads(server, settings, fd));
    *ret_server = server;
done:
    if (fault != FAULT_NONE) {
        if (fd >= 0) {
            (void)close(fd);
            listen_forget(settings->listen);
        }
        server_free(server);
    }
    return fault;
}

uint16_t http_port(const struct http_server *server)
{
    return server->port;
}

static bool is_busy(struct http_server *server)
{
    bool busy = false;
    (void)pthread_mutex_lock(&server->lock);
    for (const struct visit *visit = server->visits; visit != NULL && !busy; visit = visit->next)
        busy = visit->phase != PHASE_WAITING;
    (void)pthread_mutex_unlock(&server->lock);
    return busy;
}

void http_stop(struct http_server *server, int drain_seconds_max)
{
    if (server == NULL)
        return;
    (void)pthread_mutex_lock(&server->lock);
    server->draining = true;
    (void)pthread_mutex_unlock(&server->lock);
    int fd = MHD_quiesce_daemon(server->daemon);
    int64_t end_us = clock_monotonic_us() + seconds(drain_seconds_max).us;
    while (is_busy(server) && clock_monotonic_us() < end_us)
        (void)poll(NULL, 0, DRAIN_PAUSE_MS);
    MHD_stop_daemon(server->daemon);
    if (fd >= 0)
        (void)close(fd);
    listen_forget(server->listen);
    (void)pthread_mutex_lock(&server->lock);
    server->stopping = true;
    (void)pthread_cond_signal(&server->wake);
    (void)pthread_mutex_unlock(&server->lock);
    (void)pthread_join(server->reaper, NULL);
    server_free(server);
}
