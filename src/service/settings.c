#include "service/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "access/access.h"
#include "base/str.h"

enum { PATH_BYTES_MAX = 4096, PIECE_BYTES = 150, SECOND_US = 1000000 };
enum {
    CONNECTIONS_LEAST = 2,
    CONNECTIONS_MOST = 64,
    SECONDS_MOST = 3600,
    DAYS_MOST = 3650,
    LOOKS_MOST = 100000
};

struct reading {
    struct settings *settings;
    const char *wrong; /* what is wrong with the file; NULL: nothing */
};

static bool path_of(const char *state, const char *file, char at[PATH_BYTES_MAX])
{
    int len = snprintf(at, PATH_BYTES_MAX, "%s/%s", state, file);
    return len > 0 && len < PATH_BYTES_MAX;
}

/* A long connection goes on in indented lines, each of which comes here by itself. */
static bool add_database(struct settings *settings, const char *value)
{
    size_t len = strlen(settings->database), more = strlen(value);
    if (len + more >= sizeof settings->database)
        return false;
    memcpy(settings->database + len, value, more + 1);
    return true;
}

static bool read_number(const char *value, int64_t least, int64_t most, int64_t *ret_number)
{
    return str_to_int(str_of(value), least, most, ret_number);
}

static const char *take(struct settings *settings, const char *name, const char *value)
{
    int64_t number = 0;
    if (strcmp(name, "database") == 0)
        return add_database(settings, value) ? NULL : "contactpoint.conf: the database is too long";
    if (strcmp(name, "connections") == 0) {
        if (!read_number(value, CONNECTIONS_LEAST, CONNECTIONS_MOST, &number))
            return "contactpoint.conf: connections is a number from 2 to 64";
        settings->connections = (int)number;
        return NULL;
    }
    if (strcmp(name, "patience_seconds") == 0) {
        if (!read_number(value, 1, SECONDS_MOST, &number))
            return "contactpoint.conf: patience_seconds is a number from 1 to 3600";
        settings->patience_us = number * SECOND_US;
        return NULL;
    }
    if (strcmp(name, "lease_seconds") == 0) {
        if (!read_number(value, 2, SECONDS_MOST, &number))
            return "contactpoint.conf: lease_seconds is a number from 2 to 3600";
        settings->lease_us = number * SECOND_US;
        return NULL;
    }
    if (strcmp(name, "snapshot") == 0) {
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
            return "contactpoint.conf: snapshot is yes or no";
        settings->snapshot = strcmp(value, "yes") == 0;
        return NULL;
    }
    return "contactpoint.conf has a name that is not known: database, connections, patience_seconds, "
           "lease_seconds and snapshot are, under [store]";
}

static const char *take_accounts(struct settings *settings, const char *name, const char *value)
{
    int64_t number = 0;
    if (strcmp(name, "unused_days") != 0)
        return "contactpoint.conf has a name that is not known: unused_days is, under [accounts]";
    if (!read_number(value, 0, DAYS_MOST, &number))
        return "contactpoint.conf: unused_days is a number from 0 to 3650";
    settings->unused_days = (int)number;
    return NULL;
}

static const char *take_limits(struct settings *settings, const char *name, const char *value)
{
    const struct {
        const char *name;
        int64_t *limit;
    } limits[] = {{"children_per_hour", &settings->looks.children_per_hour},
                  {"children_per_day", &settings->looks.children_per_day},
                  {"searches_per_hour", &settings->looks.searches_per_hour},
                  {"guesses_per_day", &settings->looks.guesses_per_day}};
    if (strcmp(name, "own_child") == 0) {
        if (strcmp(value, "refused") != 0 && strcmp(value, "alarmed") != 0)
            return "contactpoint.conf: own_child is refused or alarmed";
        settings->refuses_own_child = strcmp(value, "refused") == 0;
        return NULL;
    }
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (strcmp(name, limits[i].name) == 0)
            return read_number(value, 0, LOOKS_MOST, limits[i].limit)
                       ? NULL
                       : "contactpoint.conf: a limit is a number from 0, which is none, to 100000";
    return "contactpoint.conf has a name that is not known: children_per_hour, children_per_day, "
           "searches_per_hour, guesses_per_day and own_child are, under [limits]";
}

static const char *take_in(struct settings *settings, const char *section, const char *name,
                           const char *value)
{
    if (strcmp(section, "store") == 0)
        return take(settings, name, value);
    if (strcmp(section, "accounts") == 0)
        return take_accounts(settings, name, value);
    if (strcmp(section, "limits") == 0)
        return take_limits(settings, name, value);
    return "contactpoint.conf has a section that is not known: [store], [accounts] and [limits] are";
}

static int take_line(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    const char *wrong = take_in(reading->settings, section, name, value);
    if (reading->wrong == NULL)
        reading->wrong = wrong;
    return wrong == NULL;
}

static enum fault read_file(const char *path, struct settings *settings)
{
    struct reading reading = {.settings = settings};
    FILE *file = fopen(path, "re");
    if (file == NULL && errno == ENOENT)
        return FAULT_NONE;
    if (file == NULL)
        return fault_note(FAULT_STORAGE, "contactpoint.conf cannot be read: check who owns it");
    int line = ini_parse_file(file, take_line, &reading);
    (void)fclose(file);
    if (reading.wrong != NULL)
        return fault_note(FAULT_INVALID, reading.wrong);
    if (line != 0)
        return fault_note(FAULT_INVALID,
                          "contactpoint.conf has a line that is no NAME = VALUE, or is longer than "
                          "199 characters: a long value goes on in indented lines");
    return FAULT_NONE;
}

enum fault settings_read(const char *state, const char *database, struct settings *ret_settings)
{
    struct settings settings = {.unused_days = ACCESS_UNUSED_DAYS,
                                .refuses_own_child = true,
                                .looks = {.children_per_hour = LOOK_CHILDREN_PER_HOUR,
                                          .children_per_day = LOOK_CHILDREN_PER_DAY,
                                          .searches_per_hour = LOOK_SEARCHES_PER_HOUR,
                                          .guesses_per_day = LOOK_GUESSES_PER_DAY}};
    char path[PATH_BYTES_MAX];
    enum fault fault = FAULT_NONE;
    if (!path_of(state, "contactpoint.conf", path))
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    TRY(read_file(path, &settings));
    if (database != NULL) {
        settings.database[0] = '\0';
        if (!add_database(&settings, database))
            TRY(fault_note(FAULT_INVALID, "the database's connection is too long"));
    }
    if (settings.database[0] == '\0' && !path_of(state, "contactpoint.db", settings.database))
        TRY(fault_note(FAULT_INVALID, "the path of the state folder is too long"));
    *ret_settings = settings;
done:
    return fault;
}

/* In pieces that the reader of the file takes. */
static bool put_database(FILE *file, const char *database)
{
    bool put =
        fputs("# What this server works on; docs/operating.md has the other settings.\n[store]\ndatabase = ",
              file) >= 0;
    for (size_t at = 0, len = strlen(database); put && at < len; at += PIECE_BYTES)
        put = fprintf(file, "%s%.*s\n", at == 0 ? "" : "    ", PIECE_BYTES, database + at) > 0;
    return put;
}

enum fault settings_write(const char *state, const char *database)
{
    char path[PATH_BYTES_MAX], fresh[PATH_BYTES_MAX];
    if (strpbrk(database, "\r\n;") != NULL || database[strspn(database, " \t")] == '\0')
        return fault_note(FAULT_INVALID, "the database's connection has a character that it may not have");
    if (!path_of(state, "contactpoint.conf", path) || !path_of(state, "contactpoint.conf.new", fresh))
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return fault_note(FAULT_STORAGE, "contactpoint.conf cannot be written: check the state folder");
    }
    bool kept = put_database(file, database) && fflush(file) == 0 && fsync(fd) == 0;
    kept = fclose(file) == 0 && kept;
    if (!kept || rename(fresh, path) != 0) {
        (void)unlink(fresh);
        return fault_note(FAULT_STORAGE, "contactpoint.conf cannot be written: check the room on its disk");
    }
    return FAULT_NONE;
}
