/* Which files the serving process opens no more; what the last life was stopped for. */
#include "service/sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/sandbox_inside.h"
#include "vault/landlock.h"

enum { PATHS_MAX = 48, HELD_MAX = 24 };

/* What every program reads on its way: libraries, names of hosts and users, certificates, the clock's zone.
 */
static const char *const of_the_machine[] = {"/etc",
                                             "/usr",
                                             "/lib",
                                             "/lib64",
                                             "/run",
                                             "/proc/self",
                                             "/proc/stat",
                                             "/proc/meminfo",
                                             "/proc/cpuinfo",
                                             "/proc/sys/vm/overcommit_memory",
                                             "/sys/devices/system/cpu",
                                             "/dev/urandom"};

/* Files of the state folder that are read again while it serves; vault.key is none of them. */
static const char *const of_the_state[] = {"contactpoint.conf", "match.model",     "match.snapshot",
                                           "key-makers",        "vault.key.state", "stopped"};
static const char *const of_the_database[] = {"", "-wal", "-shm", ".lock"};

struct paths {
    struct landlock_path at[PATHS_MAX];
    size_t count;
    char held[HELD_MAX][PATH_MAX];
    size_t held_count;
};

static void add(struct paths *paths, const char *path, unsigned may)
{
    must(paths->count < PATHS_MAX);
    paths->at[paths->count++] = (struct landlock_path){path, may};
}

static const char *hold(struct paths *paths, const char *folder, const char *name, const char *end)
{
    must(paths->held_count < HELD_MAX);
    char *at = paths->held[paths->held_count++];
    int len = snprintf(at, PATH_MAX, "%s%s%s%s", folder, name[0] != '\0' ? "/" : "", name, end);
    return len > 0 && len < PATH_MAX ? at : "/nonexistent";
}

/* A rule is about the very file: those that SQLite would make are made before. */
static void touch(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        (void)close(fd);
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_postgres(const char *database)
{
    return starts(database, "postgresql:") || starts(database, "postgres:");
}

bool sandbox_is_remote(const char *database)
{
    return is_postgres(database) && strstr(database, "host=/") == NULL &&
           strstr(database, "host=%2F") == NULL && strstr(database, "host=%2f") == NULL;
}

/* The path of a file that the connection names, "passfile=/etc/…"; false where it names none. */
static bool path_in(const char *database, const char *name, char at[PATH_MAX])
{
    const char *from = strstr(database, name);
    if (from == NULL)
        return false;
    from += strlen(name);
    size_t len = strcspn(from, "&");
    size_t put = 0;
    for (size_t i = 0; i < len && put + 1 < PATH_MAX; i++) {
        char digits[3] = {0};
        if (from[i] == '%' && i + 2 < len) {
            memcpy(digits, from + i + 1, 2);
            at[put++] = (char)strtoul(digits, NULL, 16);
            i += 2;
        } else {
            at[put++] = from[i];
        }
    }
    at[put] = '\0';
    return put > 0;
}

static void add_postgres(struct paths *paths, const char *database)
{
    static const char *const names[] = {"passfile=", "sslrootcert=", "sslcert=", "sslkey=", "sslcrl="};
    const char *home = getenv("HOME");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (paths->held_count < HELD_MAX && path_in(database, names[i], paths->held[paths->held_count]))
            add(paths, paths->held[paths->held_count++], LANDLOCK_READ);
    if (home != NULL) {
        add(paths, hold(paths, home, ".postgresql", ""), LANDLOCK_READ);
        add(paths, hold(paths, home, ".pgpass", ""), LANDLOCK_READ);
    }
}

static void add_sqlite(struct paths *paths, const char *database)
{
    const char *path = starts(database, "sqlite:") ? database + sizeof "sqlite:" - 1 : database;
    char folder[PATH_MAX];
    for (size_t i = 0; i < sizeof of_the_database / sizeof of_the_database[0]; i++) {
        const char *one = hold(paths, path, "", of_the_database[i]);
        if (i > 0)
            touch(one);
        add(paths, one, LANDLOCK_READ | LANDLOCK_WRITE);
    }
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    add(paths,
        hold(paths,
             slash == NULL       ? "."
             : folder[0] == '\0' ? "/"
                                 : folder,
             "", ""),
        LANDLOCK_LIST | LANDLOCK_WRITE | LANDLOCK_ARRANGE);
}

/* The socket of the proxy is taken away when the server ends. */
static void add_listen(struct paths *paths, const char *listen)
{
    char folder[PATH_MAX];
    if (!starts(listen, "unix:"))
        return;
    (void)snprintf(folder, sizeof folder, "%s", listen + sizeof "unix:" - 1);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        return;
    *slash = '\0';
    add(paths, hold(paths, folder[0] == '\0' ? "/" : folder, "", ""), LANDLOCK_ARRANGE);
}

enum fault sandbox_files(const struct sandbox_order *order)
{
    if (sandbox_is_off)
        return FAULT_NONE;
    struct paths *paths = calloc(1, sizeof *paths);
    if (paths == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < sizeof of_the_machine / sizeof of_the_machine[0]; i++)
        add(paths, of_the_machine[i], LANDLOCK_READ);
    add(paths, "/dev/null", LANDLOCK_READ | LANDLOCK_WRITE);
    add(paths, order->state, LANDLOCK_LIST | LANDLOCK_WRITE | LANDLOCK_ARRANGE);
    for (size_t i = 0; i < sizeof of_the_state / sizeof of_the_state[0]; i++)
        add(paths, hold(paths, order->state, of_the_state[i], ""), LANDLOCK_READ | LANDLOCK_WRITE);
    if (is_postgres(order->database))
        add_postgres(paths, order->database);
    else
        add_sqlite(paths, order->database);
    add_listen(paths, order->listen);
    const struct landlock_order all = {
        .paths = paths->at, .count = paths->count, .listens_or_connects = true};
    bool held = landlock_hold(&all);
    free(paths);
    return held ? FAULT_NONE
                : fault_note(FAULT_SYSTEM,
                             "the sandbox could not be put around the server: Landlock refused it");
}

static bool stopped_path(const char *state, char at[PATH_MAX])
{
    int len = snprintf(at, PATH_MAX, "%s/stopped", state);
    return len > 0 && len < PATH_MAX;
}

enum fault sandbox_last(const char *state, char ret_text[SANDBOX_TEXT_BYTES])
{
    char path[PATH_MAX];
    ret_text[0] = '\0';
    if (!stopped_path(state, path))
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return FAULT_NONE;
    ssize_t len = read(fd, ret_text, SANDBOX_TEXT_BYTES - 1);
    (void)close(fd);
    ret_text[len > 0 ? len : 0] = '\0';
    return FAULT_NONE;
}

void sandbox_forget(const char *state, bool told)
{
    char path[PATH_MAX];
    struct stat status;
    if (stopped_path(state, path) && stat(path, &status) == 0 && (told || status.st_size == 0))
        (void)unlink(path);
}
