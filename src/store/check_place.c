/* Where an engine is tried: a schema or a file that nobody else has, gone afterwards. */
#include "store/check_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"

enum { PLACE_BYTES_MAX = 8192 };

static const char sqlite_prefix[] = "sqlite:";

static void end_text(struct buffer *text)
{
    buffer_put_char(text, '\0');
}

const char *check_place_connection(const struct check_place *place)
{
    return place->connection.at;
}

const char *check_place_reference(const struct check_place *place)
{
    return place->reference.at;
}

static void name_place(struct check_place *place)
{
    uint64_t number = 0;
    const struct entropy entropy = entropy_system();
    entropy.fill(entropy.context, &number, sizeof number);
    (void)snprintf(place->name, sizeof place->name, "contactpoint_check_%016llx", (unsigned long long)number);
}

/* The value of a key among those behind the '?'; NULL where it is not there. */
static const char *find_key(const char *uri, const char *key)
{
    const char *at = strchr(uri, '?');
    while (at != NULL) {
        at++;
        if (strncmp(at, key, strlen(key)) == 0 && at[strlen(key)] == '=')
            return at + strlen(key) + 1;
        at = strchr(at, '&');
    }
    return NULL;
}

/* The given connection with our schema as the whole search_path, and our name, by which connections are found
 * that are to be ended. */
static void put_connection(struct buffer *to, const char *given, const char *name)
{
    const char *options = find_key(given, "options");
    const char *rest = given;
    if (options != NULL) { /* what stands there stays */
        size_t head = (size_t)(options - given) + strcspn(options, "&");
        buffer_put(to, (struct str){given, head});
        buffer_put(to, STR("%20-csearch_path%3D"));
        buffer_put(to, str_of(name));
        rest = given + head;
        buffer_put(to, str_of(rest));
    } else {
        buffer_put(to, str_of(given));
        buffer_put(to, strchr(given, '?') == NULL ? STR("?") : STR("&"));
        buffer_put(to, STR("options=-csearch_path%3D"));
        buffer_put(to, str_of(name));
    }
    buffer_put(to, STR("&application_name="));
    buffer_put(to, str_of(name));
    end_text(to);
}

/* CREATE SCHEMA or DROP SCHEMA, by the connection as it was given. */
static enum fault run_as_given(const char *given, const char *verb, const char *name, const char *behind)
{
    char sql[3 * CHECK_NAME_BYTES];
    struct raw *raw = NULL;
    enum fault fault = raw_open(given, true, &raw);
    if (fault != FAULT_NONE)
        return fault;
    (void)snprintf(sql, sizeof sql, "%s %s%s", verb, name, behind);
    fault = raw_script(raw, sql);
    raw_close(raw);
    if (fault == FAULT_REFUSED)
        return fault_note(fault, "this user may make no schema: give one who may (GRANT CREATE ON DATABASE)");
    return fault;
}

static enum fault make_schema(struct check_place *place, const char *given)
{
    enum fault fault = run_as_given(given, "CREATE SCHEMA", place->name, "");
    if (fault == FAULT_NONE)
        put_connection(&place->connection, given, place->name);
    return fault;
}

static enum fault name_file(struct check_place *place, const char *given)
{
    const char *path = given;
    if (strncmp(given, sqlite_prefix, strlen(sqlite_prefix)) == 0)
        path += strlen(sqlite_prefix);
    else if (strstr(given, "://") != NULL)
        return fault_note(FAULT_INVALID,
                          "the database is of no known kind: give sqlite:PATH or postgresql://HOST/NAME");
    if (path[0] == '\0')
        return fault_note(FAULT_INVALID, "the path of the database is empty: give sqlite:PATH");
    buffer_put(&place->connection, str_of(path));
    buffer_put_char(&place->connection, '.');
    buffer_put(&place->connection, str_of(place->name));
    end_text(&place->connection);
    return FAULT_NONE;
}

static enum fault make_reference(struct check_place *place)
{
    const char *where = getenv("TMPDIR");
    buffer_put(&place->folder, str_of(where == NULL || where[0] == '\0' ? "/tmp" : where));
    buffer_put(&place->folder, STR("/contactpoint-check-XXXXXX"));
    end_text(&place->folder);
    if (buffer_fault(&place->folder) != FAULT_NONE || mkdtemp(place->folder.at) == NULL) {
        buffer_clear(&place->folder);
        return fault_note(FAULT_STORAGE,
                          "no folder for small files can be made: set TMPDIR to one with room");
    }
    buffer_put(&place->reference, str_of(place->folder.at));
    buffer_put(&place->reference, STR("/reference.db"));
    end_text(&place->reference);
    return buffer_fault(&place->reference);
}

enum fault check_place_make(struct check_place *place, const char *given)
{
    enum fault fault;
    *place = (struct check_place){.postgres = raw_is_postgres(given)};
    place->connection = buffer_open(PLACE_BYTES_MAX);
    place->reference = buffer_open(PLACE_BYTES_MAX);
    place->folder = buffer_open(PLACE_BYTES_MAX);
    name_place(place);
    TRY(make_reference(place));
    TRY(place->postgres ? make_schema(place, given) : name_file(place, given));
    place->made = true;
    TRY(buffer_fault(&place->connection));
done:
    return fault;
}

/* True where the file is gone. */
static bool remove_files(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    bool gone = true;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char name[PLACE_BYTES_MAX + 16];
        int len = snprintf(name, sizeof name, "%s%s", path, endings[i]);
        gone = len > 0 && (size_t)len < sizeof name && (unlink(name) == 0 || errno == ENOENT) && gone;
    }
    return gone;
}

enum fault check_place_remove(struct check_place *place, const char *given)
{
    bool gone = true;
    enum fault fault = FAULT_NONE;
    if (place->reference.len > 0)
        gone = remove_files(place->reference.at) && rmdir(place->folder.at) == 0;
    if (place->made && !place->postgres)
        gone = remove_files(place->connection.at) && gone;
    if (place->made && place->postgres)
        fault = run_as_given(given, "DROP SCHEMA", place->name, " CASCADE");
    buffer_close(&place->connection);
    buffer_close(&place->reference);
    buffer_close(&place->folder);
    if (fault != FAULT_NONE)
        return fault_note(fault,
                          "the schema of this check stays behind: DROP SCHEMA contactpoint_check_… CASCADE "
                          "removes it");
    return gone ? FAULT_NONE
                : fault_note(FAULT_STORAGE,
                             "files of this check stay behind, with contactpoint_check_ in their "
                             "names: remove them");
}
