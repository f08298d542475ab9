/* contactpoint demonstration: an instance for showing, and people of every role who use it.  What they sign
 * in with is drawn for this instance alone and kept in a file of its state folder, so that it can be printed
 * again. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/say.h"
#include "service/staff.h"

enum { DEMONSTRATION_ARENA_BYTES = 4 * 1024 * 1024, PATH_BYTES_MAX = 4096, ACCOUNTS_BYTES_MAX = 64 * 1024 };

enum team {
    TEAM_none,
#define TEAM(key, name, phone, authority, body, service, staff, capabilities) TEAM_##key,
#define PERSON(user_name, full_name, job, phone, team, roles, checks)
#include "cli/demonstration.def"
#undef TEAM
#undef PERSON
    TEAMS_END
};

struct team_row {
    const char *name, *phone, *authority, *body, *service, *staff, *capabilities;
};

static const struct team_row teams[TEAMS_END] = {
#define TEAM(key, name, phone, authority, body, service, staff, capabilities)                                \
    [TEAM_##key] = {name, phone, authority, body, service, staff, capabilities},
#define PERSON(user_name, full_name, job, phone, team, roles, checks)
#include "cli/demonstration.def"
#undef TEAM
#undef PERSON
};

struct demonstrator {
    const char *user_name, *full_name, *job, *phone;
    enum team team;
    const char *roles, *checks;
};

static const struct demonstrator people[] = {
#define TEAM(key, name, phone, authority, body, service, staff, capabilities)
#define PERSON(user_name, full_name, job, phone, team, roles, checks)                                        \
    {user_name, full_name, job, phone, TEAM_##team, roles, checks},
#include "cli/demonstration.def"
#undef TEAM
#undef PERSON
};

/* A team is made with the first of its people; `made` has its id from then on. */
static struct work work_of(const struct demonstrator *person, struct str made)
{
    const struct team_row *team = &teams[person->team];
    struct work work = {.kind = WORK_DEMONSTRATION_ACCOUNT, .fd = -1};
    work.field[FIELD_USER_NAME] = str_of(person->user_name);
    work.field[FIELD_FULL_NAME] = str_of(person->full_name);
    work.field[FIELD_JOB] = str_of(person->job);
    work.field[FIELD_PHONE] = str_of(person->phone);
    work.field[FIELD_ROLES] = str_of(person->roles);
    work.field[FIELD_CHECKED] = str_of(person->checks);
    work.field[FIELD_ORGANISATION] = made;
    if (person->team == TEAM_none || made.len > 0)
        return work;
    work.field[FIELD_ORGANISATION_NAME] = str_of(team->name);
    work.field[FIELD_ORGANISATION_PHONE] = str_of(team->phone);
    work.field[FIELD_ORGANISATION_AUTHORITY] = str_of(team->authority);
    work.field[FIELD_ORGANISATION_BODY] = str_of(team->body);
    work.field[FIELD_ORGANISATION_SERVICE] = str_of(team->service);
    work.field[FIELD_ORGANISATION_STAFF] = str_of(team->staff);
    work.field[FIELD_ORGANISATION_CAPABILITIES] = str_of(team->capabilities);
    return work;
}

static void put_person(struct buffer *text, const struct demonstrator *person,
                       const struct work_result *result)
{
    buffer_put(text, str_of(person->job));
    if (person->team != TEAM_none) {
        buffer_put(text, STR(" at "));
        buffer_put(text, str_of(teams[person->team].name));
    }
    if (strcmp(person->checks, "asked") == 0)
        buffer_put(text, STR(" (asked for; the user manager has not admitted it)"));
    buffer_put(text, STR("\n    user name  "));
    buffer_put(text, str_of(person->user_name));
    buffer_put(text, STR("\n    password   "));
    buffer_put(text, result->text[TEXT_PASSWORD]);
    buffer_put(text, STR("\n    PIN        "));
    buffer_put(text, result->text[TEXT_PIN]);
    buffer_put(text, STR("\n    code       contactpoint token "));
    buffer_put(text, str_of(person->user_name));
    buffer_put(text, STR("\n\n"));
}

static enum fault make_people(const char *state, struct arena *arena, struct buffer *text,
                              struct str *ret_message)
{
    const struct work_listener deaf = instance_deaf();
    struct instance *instance = NULL;
    struct str made[TEAMS_END] = {{NULL, 0}};
    enum fault fault;
    TRY(instance_open(state, NULL, &instance));
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
        struct work work = work_of(&people[i], made[people[i].team]);
        struct work_result result;
        instance_do(instance, &work, &deaf, arena, &result);
        *ret_message = result.text[TEXT_MESSAGE];
        if (result.fault == FAULT_DUPLICATE)
            *ret_message =
                STR("the demonstration was begun and not finished: make demo-reset begins it anew");
        TRY(result.fault);
        if (result.text[TEXT_ORGANISATION].len > 0)
            made[people[i].team] = result.text[TEXT_ORGANISATION];
        put_person(text, &people[i], &result);
    }
    TRY(buffer_fault(text));
done:
    instance_close(instance);
    return fault;
}

static enum fault write_file(const char *path, struct str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    if (written)
        return FAULT_NONE;
    if (fd >= 0)
        (void)unlink(path);
    return fault_note(FAULT_STORAGE,
                      "the list of accounts cannot be written into the state folder: check the room on "
                      "its disk");
}

/* False where there is no such file. */
static bool print_file(const char *path)
{
    char piece[4096];
    size_t len;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        (void)fwrite(piece, 1, len, stdout);
    (void)fclose(file);
    return true;
}

/* The instance, and beside it the word that it may be thrown away. */
static enum fault begin(const char *state, const char *database, struct arena *arena)
{
    const struct init_order order = {.state = state,
                                     .database = database,
                                     .unix_user = say_login(),
                                     .demonstration = true,
                                     .clock = clock_system(),
                                     .entropy = entropy_system()};
    struct str codes[2];
    char path[PATH_BYTES_MAX];
    enum fault fault;
    TRY(service_init(&order, arena, codes));
    int len = snprintf(path, sizeof path, "%s/demonstration-begun", state);
    must(len > 0 && (size_t)len < sizeof path);
    TRY(write_file(path, STR("made by contactpoint demonstration\n")));
done:
    return fault;
}

static enum fault make(const struct args *args, const char *path, struct arena *arena,
                       struct str *ret_message)
{
    const char *state = say_state(args);
    struct buffer text = buffer_open(ACCOUNTS_BYTES_MAX);
    struct stat status;
    enum fault fault = FAULT_NONE;
    if (stat(state, &status) != 0)
        TRY(begin(state, say_database(args), arena));
    TRY(make_people(state, arena, &text, ret_message));
    TRY(write_file(path, buffer_str(&text)));
    (void)fwrite(text.at, 1, text.len, stdout);
done:
    buffer_close(&text);
    return fault;
}

int command_demonstration(const struct args *args)
{
    const char *state = say_state(args);
    char path[PATH_BYTES_MAX];
    struct arena *arena = NULL;
    struct str message = STR("");
    int len = snprintf(path, sizeof path, "%s/demonstration-accounts", state);
    if (len < 0 || (size_t)len >= sizeof path)
        return say_fault(FAULT_INVALID, STR("the path of the state folder is too long"));
    if (print_file(path))
        return 0;
    enum fault fault = arena_open(DEMONSTRATION_ARENA_BYTES, &arena);
    if (fault == FAULT_NONE)
        fault = make(args, path, arena, &message);
    int status = fault == FAULT_NONE ? 0 : say_fault(fault, message);
    arena_close(arena);
    return status;
}
