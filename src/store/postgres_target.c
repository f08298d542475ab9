/* Where to connect: the URI taken apart by libpq, with what this program asks of every connection. */
#include "store/postgres.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum fault set(struct target *target, const char *keyword, const char *value)
{
    size_t i = 0;
    while (i < target->count && strcmp(target->keywords[i], keyword) != 0)
        i++;
    must(i < POSTGRES_OPTIONS_MAX - 1); /* the last is the end */
    char *copy = strdup(value);
    if (copy == NULL)
        return FAULT_MEMORY;
    free(target->values[i]);
    target->keywords[i] = keyword;
    target->values[i] = copy;
    if (i == target->count)
        target->count++;
    return FAULT_NONE;
}

static const char *get(const struct target *target, const char *keyword)
{
    for (size_t i = 0; i < target->count; i++) {
        if (strcmp(target->keywords[i], keyword) == 0)
            return target->values[i];
    }
    return NULL;
}

/* libpq's own names, which outlive what PQconninfoParse gives. */
static const char *keyword_of(const char *name)
{
    static const char *const keywords[] = {
        "service",
        "user",
        "passfile",
        "channel_binding",
        "connect_timeout",
        "dbname",
        "host",
        "hostaddr",
        "port",
        "client_encoding",
        "options",
        "application_name",
        "fallback_application_name",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "sslmode",
        "sslcompression",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslcrl",
        "sslcrldir",
        "sslsni",
        "requirepeer",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "gssencmode",
        "krbsrvname",
        "gsslib",
        "target_session_attrs",
    };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strcmp(keywords[i], name) == 0)
            return keywords[i];
    }
    return NULL;
}

static enum fault take_options(struct target *target, const PQconninfoOption *options)
{
    enum fault fault = FAULT_NONE;
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (option->val == NULL)
            continue;
        if (strcmp(option->keyword, "password") == 0 || strcmp(option->keyword, "sslpassword") == 0)
            return fault_note(FAULT_INVALID,
                              "a password stands in the connection, where others can read it in the list of "
                              "processes: write it to a file and name that with passfile=PATH");
        const char *keyword = keyword_of(option->keyword);
        if (keyword == NULL)
            return fault_note(FAULT_INVALID,
                              "the connection sets something that this program does not pass on");
        TRY(set(target, keyword, option->val));
    }
done:
    return fault;
}

static enum fault set_where_absent(struct target *target, const char *keyword, const char *value)
{
    return get(target, keyword) == NULL ? set(target, keyword, value) : FAULT_NONE;
}

static enum fault add_ours(struct target *target, int64_t patience_us)
{
    char patience_ms[24];
    enum fault fault;
    snprintf(patience_ms, sizeof patience_ms, "%lld", (long long)(patience_us / 1000));
    /* Which host may be written is asked here (postgres_connect.c), so that it is known why one is not. */
    TRY(set(target, "target_session_attrs", "any"));
    TRY(set(target, "client_encoding", "UTF8"));
    TRY(set_where_absent(target, "application_name", "contactpoint"));
    TRY(set_where_absent(target, "keepalives_idle", "10"));
    TRY(set_where_absent(target, "keepalives_interval", "5"));
    TRY(set_where_absent(target, "keepalives_count", "3"));
    TRY(set_where_absent(target, "tcp_user_timeout", patience_ms));
done:
    return fault;
}

/* libpq takes no password from a file that others may read, and says so to nobody who would know what to do.
 */
static enum fault check_passfile(const char *path)
{
    struct stat status;
    if (path == NULL)
        return FAULT_NONE;
    if (stat(path, &status) != 0)
        return fault_note(FAULT_INVALID, errno == EACCES ? "the passfile may not be read: check who owns it"
                                                         : "there is no passfile at this path: check it");
    if (!S_ISREG(status.st_mode))
        return fault_note(FAULT_INVALID, "the passfile is not a file: check its path");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fault_note(FAULT_REFUSED,
                          "others may read the passfile: chmod 600 it, and change the password");
    return FAULT_NONE;
}

/* "a,b,c" into its pieces; as many as ret_pieces may hold. */
static enum fault split(const char *text, char **ret_pieces, size_t *ret_count)
{
    struct str rest = str_of(text);
    struct str head;
    size_t count = 0;
    while (str_split(&rest, ',', &head)) {
        if (count == POSTGRES_HOSTS_MAX)
            return fault_note(FAULT_INVALID, "the connection names too many hosts: at most 16");
        ret_pieces[count] = strndup(head.at, head.len);
        if (ret_pieces[count] == NULL)
            return FAULT_MEMORY;
        count++;
    }
    *ret_count = count;
    return FAULT_NONE;
}

static enum fault split_hosts(struct target *target)
{
    const char *hosts = get(target, "host");
    const char *addresses = get(target, "hostaddr");
    const char *ports = get(target, "port");
    size_t host_count = 0;
    size_t address_count = 0;
    size_t port_count = 0;
    enum fault fault = FAULT_NONE;
    if (hosts != NULL)
        TRY(split(hosts, target->hosts, &host_count));
    if (addresses != NULL)
        TRY(split(addresses, target->addresses, &address_count));
    if (ports != NULL)
        TRY(split(ports, target->ports, &port_count));
    target->host_count = host_count > address_count ? host_count : address_count;
    if (host_count > 0 && address_count > 0 && host_count != address_count)
        return fault_note(FAULT_INVALID, "the connection has not as many hostaddr as host");
    if (port_count > 1 && port_count != target->host_count)
        return fault_note(FAULT_INVALID, "the connection has not as many ports as hosts");
    for (size_t i = 1; port_count == 1 && i < target->host_count; i++) {
        target->ports[i] = strdup(target->ports[0]);
        if (target->ports[i] == NULL)
            return FAULT_MEMORY;
    }
done:
    return fault;
}

static enum fault read_timeout(struct target *target)
{
    const char *text = get(target, "connect_timeout");
    int64_t timeout_s = 0;
    if (text != NULL && !str_to_int(str_of(text), 0, 3600, &timeout_s))
        return fault_note(FAULT_INVALID, "connect_timeout is not a number of seconds");
    target->timeout_us = timeout_s * 1000000;
    return FAULT_NONE;
}

enum fault target_parse(const char *uri, int64_t patience_us, struct target *ret_target)
{
    struct target target = {.count = 0};
    char *message = NULL;
    enum fault fault;
    PQconninfoOption *options = PQconninfoParse(uri, &message);
    PQfreemem(message);
    if (options == NULL)
        return fault_note(
            FAULT_INVALID,
            "the connection is not a PostgreSQL URI: give postgresql://USER@HOST:PORT/NAME?KEY=VALUE");
    TRY(take_options(&target, options));
    TRY(add_ours(&target, patience_us));
    TRY(check_passfile(get(&target, "passfile")));
    TRY(read_timeout(&target));
    TRY(split_hosts(&target));
    *ret_target = target;
done:
    PQconninfoFree(options);
    if (fault != FAULT_NONE)
        target_forget(&target);
    return fault;
}

void target_forget(struct target *target)
{
    for (size_t i = 0; i < target->count; i++)
        free(target->values[i]);
    for (size_t i = 0; i < POSTGRES_HOSTS_MAX; i++) {
        free(target->hosts[i]);
        free(target->addresses[i]);
        free(target->ports[i]);
    }
    *target = (struct target){.count = 0};
}
