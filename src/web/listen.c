#include "web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

enum { BACKLOG = 1024 };

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
        struct sockaddr_un local;
    };
    socklen_t size;
};

static bool parse_local(struct str path, struct address *ret)
{
    if (path.len == 0 || path.at[0] != '/' || path.len >= sizeof ret->local.sun_path)
        return false;
    *ret = (struct address){.size = sizeof ret->local};
    ret->local.sun_family = AF_UNIX;
    memcpy(ret->local.sun_path, path.at, path.len);
    return true;
}

static bool parse_loopback(struct str text, struct address *ret)
{
    static const char *const names[] = {"localhost:", "127.0.0.1:", "[::1]:"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct str name = str_of(names[i]);
        int64_t port;
        if (!str_starts(text, name) ||
            !str_to_int((struct str){text.at + name.len, text.len - name.len}, 0, UINT16_MAX, &port))
            continue;
        if (names[i][0] == '[') {
            *ret = (struct address){.six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT},
                                    .size = sizeof ret->six};
            ret->six.sin6_port = htons((uint16_t)port);
        } else {
            *ret = (struct address){.four = {.sin_family = AF_INET}, .size = sizeof ret->four};
            ret->four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            ret->four.sin_port = htons((uint16_t)port);
        }
        return true;
    }
    return false;
}

static enum fault parse(const char *address, struct address *ret)
{
    struct str text = str_of(address);
    struct str scheme = STR("unix:");
    if (str_starts(text, scheme)) {
        if (parse_local((struct str){text.at + scheme.len, text.len - scheme.len}, ret))
            return FAULT_NONE;
        return fault_note(FAULT_INVALID, "write a Unix socket as unix:/PATH, at most 107 characters");
    }
    if (parse_loopback(text, ret))
        return FAULT_NONE;
    return fault_note(FAULT_INVALID, "listening is refused on anything but localhost:PORT, 127.0.0.1:PORT, "
                                     "[::1]:PORT and unix:/PATH; put nginx before it");
}

/* True where nobody answers at a Unix socket whose file is there, so that it may be replaced. */
static bool is_left_over(const struct address *address)
{
    struct stat found;
    if (address->any.sa_family != AF_UNIX || lstat(address->local.sun_path, &found) != 0 ||
        !S_ISSOCK(found.st_mode))
        return false;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return false;
    bool dead = connect(probe, &address->any, address->size) != 0 && errno == ECONNREFUSED;
    (void)close(probe);
    return dead;
}

static enum fault bind_and_listen(int fd, const struct address *address)
{
    const int on = 1;
    bool local = address->any.sa_family == AF_UNIX;
    if (!local && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return fault_note(FAULT_SYSTEM, "the listening socket could not be set up");
    if (is_left_over(address))
        (void)unlink(address->local.sun_path);
    if (bind(fd, &address->any, address->size) != 0) {
        if (errno == EADDRINUSE)
            return fault_note(FAULT_CONFLICT,
                              local ? "the socket file is in use: stop the other server or choose "
                                      "another path"
                                    : "the port is taken: stop the other program or choose another "
                                      "port");
        if (errno == EACCES)
            return fault_note(FAULT_SYSTEM,
                              "no right to listen there: choose a port above 1023 or another folder");
        return fault_note(FAULT_SYSTEM, local ? "the socket file could not be made: does its folder exist?"
                                              : "the address could not be bound");
    }
    if (local && chmod(address->local.sun_path, 0660) != 0)
        return fault_note(FAULT_SYSTEM, "the socket file's rights could not be set");
    if (listen(fd, BACKLOG) != 0)
        return fault_note(FAULT_SYSTEM, "listening failed");
    return FAULT_NONE;
}

static uint16_t bound_port(int fd)
{
    struct address bound = {.size = sizeof(struct sockaddr_un)};
    if (getsockname(fd, &bound.any, &bound.size) != 0)
        return 0;
    if (bound.any.sa_family == AF_INET)
        return ntohs(bound.four.sin_port);
    return bound.any.sa_family == AF_INET6 ? ntohs(bound.six.sin6_port) : 0;
}

enum fault listen_open(const char *address, int *ret_fd, uint16_t *ret_port)
{
    struct address where;
    enum fault fault = parse(address, &where);
    if (fault != FAULT_NONE)
        return fault;
    int fd = socket(where.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fault_note(FAULT_SYSTEM, "no socket could be opened");
    fault = bind_and_listen(fd, &where);
    if (fault != FAULT_NONE) {
        (void)close(fd);
        return fault;
    }
    *ret_fd = fd;
    *ret_port = bound_port(fd);
    return FAULT_NONE;
}

void listen_forget(const char *address)
{
    struct address where;
    struct str text = str_of(address);
    if (str_starts(text, STR("unix:")) && parse_local((struct str){text.at + 5, text.len - 5}, &where))
        (void)unlink(where.local.sun_path);
}
