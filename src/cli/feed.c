/* contactpoint feed load, contactpoint feed schema */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/csv.h"
#include "cli/command.h"
#include "cli/feed_report.h"
#include "cli/instance.h"
#include "cli/say.h"
#include "service/load.h"

enum { FEED_ARENA_BYTES = 1024 * 1024 };

static const char *open_trouble(int error)
{
    switch (error) {
    case ENOENT:
        return "there is no such file";
    case EACCES:
    case EPERM:
        return "you may not read it";
    default:
        return "it cannot be opened";
    }
}

/* The last part of a path: what the report calls the file. */
static const char *short_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

static bool load_file(struct instance *instance, const char *path)
{
    struct work work = {.kind = WORK_FEED_LOAD,
                        .fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    struct feed_report report = feed_report_open(short_name(path), stderr, isatty(STDERR_FILENO) != 0);
    const struct work_listener listener = feed_report_listener(&report);
    struct work_result result = {.fault = FAULT_MEMORY};
    struct arena *arena = NULL;
    if (work.fd < 0) {
        (void)fprintf(stderr, "contactpoint: %s: %s\n", path, open_trouble(errno));
        return false;
    }
    if (arena_open(FEED_ARENA_BYTES, &arena) == FAULT_NONE)
        instance_do(instance, &work, &listener, arena, &result);
    (void)close(work.fd);
    bool done = result.fault == FAULT_NONE || result.fault == FAULT_DUPLICATE;
    if (done) {
        feed_report_put(&report, &result, stdout);
        (void)fflush(stdout);
    } else {
        struct str message = result.text[TEXT_MESSAGE];
        feed_report_clear(&report);
        if (message.len == 0)
            message = str_of(fault_text(result.fault));
        (void)fprintf(stderr, "contactpoint: %s: %.*s\n", path, (int)message.len, message.at);
    }
    arena_close(arena);
    return done;
}

int command_feed_load(const struct args *args)
{
    struct instance *instance = NULL;
    enum fault fault = instance_open(say_state(args), say_database(args), &instance);
    if (fault != FAULT_NONE)
        return say_fault(fault, STR(""));
    bool done = true;
    for (int i = 0; i < args->plain_count && done; i++)
        done = load_file(instance, args->plain[i]);
    instance_close(instance);
    return done ? 0 : 1;
}

static const char *const kinds[] = {
    [COLUMN_TEXT] = "TEXT",     [COLUMN_NAME] = "NAME",   [COLUMN_DATE] = "DATE",  [COLUMN_CODE] = "CODE",
    [COLUMN_NUMBER] = "NUMBER", [COLUMN_PHONE] = "PHONE", [COLUMN_EMAIL] = "EMAIL"};
static const char *const rows[] = {
    [ROW_CHILD] = "CHILD", [ROW_INVOLVEMENT] = "INVOLVEMENT", [ROW_BOTH] = "BOTH"};

int command_feed_schema(const struct args *args)
{
    enum { SCHEMA_BYTES_MAX = 64 * 1024 };
    struct buffer text = buffer_open(SCHEMA_BYTES_MAX);
    (void)args;
    buffer_put(&text, STR("column,kind,longest,rows,help\n"));
    for (int i = 0; i < COLUMNS_END; i++) {
        const struct column_row *column = row_column((enum column)i);
        csv_put(&text, str_of(column->name), true);
        csv_put(&text, str_of(kinds[column->kind]), false);
        buffer_put_char(&text, ',');
        buffer_put_int(&text, (int64_t)column->bytes_max);
        csv_put(&text, str_of(rows[column->rows]), false);
        csv_put(&text, str_of(column->help), false);
        buffer_put_char(&text, '\n');
    }
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        (void)fwrite(text.at, 1, text.len, stdout);
    buffer_close(&text);
    return fault == FAULT_NONE ? 0 : say_fault(fault, STR(""));
}
