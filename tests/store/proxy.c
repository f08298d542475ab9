#include "proxy.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINKS_MAX = 256, PIECE_BYTES = 65536, TICK_MS = 5, CONNECTION_BYTES_MAX = 1024 };

/* One connection of the driver's, and its own to the server. */
struct link {
    struct proxy *proxy;
    pthread_t thread;
    int client;
    int server;
    bool writes; /* in a transaction that writes; what only reads commits too, and waits for no answer */
    bool heard;  /* something of the server's */
};

struct proxy {
    char folder[64];
    char connection[CONNECTION_BYTES_MAX];
    struct sockaddr_un here;
    struct sockaddr_un there;
    int listening;
    atomic_int mood;
    atomic_bool closing;
    pthread_t thread;
    struct link links[LINKS_MAX];
    size_t link_count;
};

enum proxy_mood proxy_get(struct proxy *proxy)
{
    return (enum proxy_mood)atomic_load(&proxy->mood);
}

void proxy_set(struct proxy *proxy, enum proxy_mood mood)
{
    atomic_store(&proxy->mood, (int)mood);
}

static bool pass(int to, const char *piece, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t sent = send(to, piece + done, size - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        done += (size_t)sent;
    }
    return true;
}

/* Bind of a prepared statement, by its name. */
static bool names(const char *piece, size_t size, const char *statement)
{
    const char *at = piece;
    while ((at = memmem(at, size - (size_t)(at - piece), statement, strlen(statement) + 1)) != NULL) {
        if (at > piece && at[-1] == '\0')
            return true;
        at++;
    }
    return false;
}

/* A COMMIT of what has begun in an earlier piece. */
static bool commits(struct link *link, const char *piece, size_t size)
{
    const bool ends = link->writes && names(piece, size, "commit");
    if (ends)
        link->writes = false;
    if (names(piece, size, "begin write"))
        link->writes = true;
    return ends;
}

/* Until the server has said that it has committed. */
static void hear_commit(int server)
{
    static _Thread_local char piece[PIECE_BYTES];
    ssize_t size;
    while ((size = recv(server, piece, sizeof piece, 0)) > 0 &&
           memmem(piece, (size_t)size, "COMMIT\0", 7) == NULL) {
    }
}

/* False where the connection is cut. */
static bool pass_to_server(struct link *link, const char *piece, size_t size)
{
    int mood = atomic_load(&link->proxy->mood);
    const bool before = mood == PROXY_CUT_BEFORE_COMMIT || mood == PROXY_SHUT_BEFORE_COMMIT;
    const bool after = mood == PROXY_CUT_AFTER_COMMIT || mood == PROXY_SHUT_AFTER_COMMIT;
    const bool shuts = mood == PROXY_SHUT_BEFORE_COMMIT || mood == PROXY_SHUT_AFTER_COMMIT;
    if (!commits(link, piece, size) || !(before || after) ||
        !atomic_compare_exchange_strong(&link->proxy->mood, &mood, shuts ? PROXY_SHUT : PROXY_PASS))
        return pass(link->server, piece, size);
    if (after && pass(link->server, piece, size))
        hear_commit(link->server);
    return false;
}

static bool pass_to_client(struct link *link, char *piece, size_t size)
{
    static const char said[] = "server_version\0"; /* and what follows: "15.20 (Debian …)" */
    char *at = memmem(piece, size, said, sizeof said - 1);
    if (proxy_get(link->proxy) == PROXY_OLD && at != NULL)
        memcpy(at + sizeof said - 1, "14", 2);
    if (proxy_get(link->proxy) == PROXY_SLOW && !link->heard)
        usleep(PROXY_SLOW_US);
    link->heard = true;
    return pass(link->client, piece, size);
}

static bool pass_some(struct link *link, struct pollfd ends[2])
{
    static _Thread_local char piece[PIECE_BYTES];
    for (int i = 0; i < 2; i++) {
        if (ends[i].revents == 0)
            continue;
        ssize_t size = recv(ends[i].fd, piece, sizeof piece, 0);
        if (size <= 0)
            return false;
        if (!(i == 0 ? pass_to_server(link, piece, (size_t)size) : pass_to_client(link, piece, (size_t)size)))
            return false;
    }
    return true;
}

static void *run_link(void *context)
{
    struct link *link = context;
    struct pollfd ends[2] = {{.fd = link->client, .events = POLLIN}, {.fd = link->server, .events = POLLIN}};
    bool open = true;
    while (open && !atomic_load(&link->proxy->closing) && proxy_get(link->proxy) != PROXY_SHUT) {
        if (proxy_get(link->proxy) == PROXY_HUSH)
            usleep(TICK_MS * 1000);
        else if (poll(ends, 2, TICK_MS) > 0)
            open = pass_some(link, ends);
    }
    close(link->client);
    close(link->server);
    return NULL;
}

static void take_in(struct proxy *proxy)
{
    int client = accept4(proxy->listening, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct link *link = &proxy->links[proxy->link_count];
    if (client < 0 || server < 0 || proxy->link_count == LINKS_MAX)
        abort();
    if (proxy_get(proxy) == PROXY_SHUT ||
        connect(server, (const struct sockaddr *)&proxy->there, sizeof proxy->there) != 0) {
        close(client);
        close(server);
        return;
    }
    *link = (struct link){.proxy = proxy, .client = client, .server = server};
    if (pthread_create(&link->thread, NULL, run_link, link) != 0)
        abort();
    proxy->link_count++;
}

static void *run(void *context)
{
    struct proxy *proxy = context;
    struct pollfd end = {.fd = proxy->listening, .events = POLLIN};
    while (!atomic_load(&proxy->closing)) {
        if (poll(&end, 1, TICK_MS) > 0)
            take_in(proxy);
    }
    for (size_t i = 0; i < proxy->link_count; i++)
        pthread_join(proxy->links[i].thread, NULL);
    return NULL;
}

/* "…?host=FOLDER&port=PORT…" */
static const char *part_of(const char *connection, const char *key, size_t *ret_len)
{
    const char *at = strstr(connection, key);
    assert_non_null(at);
    at += strlen(key);
    *ret_len = strcspn(at, "&");
    return at;
}

struct proxy *proxy_open(const char *connection)
{
    struct proxy *proxy = calloc(1, sizeof *proxy);
    size_t folder_len, port_len;
    assert_non_null(proxy);
    const char *folder = part_of(connection, "host=", &folder_len);
    const char *port = part_of(connection, "port=", &port_len);
    (void)snprintf(proxy->folder, sizeof proxy->folder, "/tmp/contactpoint-proxy-XXXXXX");
    assert_non_null(mkdtemp(proxy->folder));
    proxy->here.sun_family = proxy->there.sun_family = AF_UNIX;
    (void)snprintf(proxy->here.sun_path, sizeof proxy->here.sun_path, "%s/.s.PGSQL.%.*s", proxy->folder,
                   (int)port_len, port);
    (void)snprintf(proxy->there.sun_path, sizeof proxy->there.sun_path, "%.*s/.s.PGSQL.%.*s", (int)folder_len,
                   folder, (int)port_len, port);
    (void)snprintf(proxy->connection, sizeof proxy->connection, "%.*s%s%s", (int)(folder - connection),
                   connection, proxy->folder, folder + folder_len);
    proxy->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(proxy->listening >= 0);
    assert_int_equal(bind(proxy->listening, (const struct sockaddr *)&proxy->here, sizeof proxy->here), 0);
    assert_int_equal(listen(proxy->listening, 64), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, run, proxy), 0);
    return proxy;
}

void proxy_close(struct proxy *proxy)
{
    atomic_store(&proxy->closing, true);
    pthread_join(proxy->thread, NULL);
    close(proxy->listening);
    unlink(proxy->here.sun_path);
    rmdir(proxy->folder);
    free(proxy);
}

const char *proxy_connection(const struct proxy *proxy)
{
    return proxy->connection;
}
