/* One group of tries after the other, and what is said of each. */
#include "store/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/check_inside.h"

enum { LINE_BYTES_MAX = 1000, SCRIPT_BYTES_MAX = 1024 * 1024 };

struct group {
    const char *title;
    const char *follows;
    enum fault (*run)(struct check *check);
};

static const struct group groups[] = {
#define CHECK(name, title, follows) {title, follows, check_##name},
#include "store/check.def"
#undef CHECK
};

void check_say(struct check *check, enum check_verdict verdict, const char *format, ...)
{
    char line[LINE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_put(&check->seen, str_of(line));
    buffer_put_char(&check->seen, '\n');
    if (verdict > check->verdict)
        check->verdict = verdict;
}

void check_say_fault(struct check *check, enum fault fault, const char *what)
{
    const char *note = fault_last_note();
    check_say(check, fault == FAULT_SCHEMA ? CHECK_LACKS : CHECK_FAILS, "%s: %s", what,
              note[0] == '\0' ? fault_name(fault) : note);
}

void check_figure(struct check *check, const char *name, double value, const char *unit)
{
    check->order->listener.figure(check->order->listener.context, name, value, unit);
}

bool check_stopped(const struct check *check)
{
    return check->order->listener.stop(check->order->listener.context);
}

enum fault check_open(struct check *check, int connections, int64_t lease_us, struct db **ret_db)
{
    if (connections > check->connections)
        connections = check->connections;
    const struct db_settings settings = {.connection = check_place_connection(&check->place),
                                         .create = true,
                                         .readers = connections,
                                         .connections = connections,
                                         .lease_us = lease_us};
    return db_open(&settings, ret_db);
}

/* Reads a script whole; NUL-terminated. */
static enum fault read_script(const char *path, struct buffer *text)
{
    char piece[4096];
    ssize_t len;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fault_note(FAULT_ABSENT, "the script of --placement cannot be read: check its path");
    while ((len = read(file, piece, sizeof piece)) > 0)
        buffer_put(text, (struct str){piece, (size_t)len});
    (void)close(file);
    buffer_put_char(text, '\0');
    return len < 0 ? fault_note(FAULT_STORAGE, "the script of --placement cannot be read: check its path")
                   : buffer_fault(text);
}

static enum fault place_tables(struct check *check)
{
    struct buffer text = buffer_open(SCRIPT_BYTES_MAX);
    struct raw *raw = NULL;
    enum fault fault;
    TRY(read_script(check->order->placement, &text));
    TRY(raw_open(check_place_connection(&check->place), true, &raw));
    if (raw_script(raw, text.at) != FAULT_NONE)
        check_say(check, CHECK_LACKS, "the script of --placement: %s", raw_says(raw));
done:
    raw_close(raw);
    buffer_close(&text);
    return fault;
}

/* Which statements the engine does not take, where opening said that it does not take one. */
static void list_refused(struct check *check)
{
    struct raw *raw = NULL;
    if (raw_open(check_place_connection(&check->place), true, &raw) != FAULT_NONE)
        return;
    for (size_t i = SQL_NONE + 1; i < STATEMENTS_END; i++) {
        const char *text = check->place.postgres ? sql_statements[i].postgres : sql_statements[i].sqlite;
        if (raw_prepare(raw, text) != FAULT_NONE)
            check_say(check, CHECK_LACKS, "%s: %s", sql_statements[i].name, raw_says(raw));
    }
    raw_close(raw);
}

enum fault check_tables(struct check *check)
{
    struct db *db = NULL;
    int64_t count = 0;
    struct raw *raw = NULL;
    enum fault fault = FAULT_NONE;
    for (int i = 0; i < 2; i++) {
        fault = check_open(check, 1, 0, &db);
        if (fault == FAULT_SCHEMA)
            list_refused(check);
        TRY(fault);
        db_close(db);
        db = NULL;
        if (i == 0 && check->order->placement != NULL)
            TRY(place_tables(check));
    }
    TRY(raw_open(check_place_connection(&check->place), false, &raw));
    TRY(raw_number(raw, "SELECT count(*) FROM migration", &count));
    if (count != (int64_t)sql_migration_count)
        check_say(check, CHECK_FAILS, "of %zu migrations it remembers %lld", sql_migration_count,
                  (long long)count);
done:
    raw_close(raw);
    return fault;
}

static void tell(const struct check *check, const struct group *group)
{
    const struct check_result result = {check->verdict, group->title,
                                        check->verdict > CHECK_PASSES ? group->follows : NULL,
                                        buffer_str(&check->seen)};
    check->order->listener.result(check->order->listener.context, &result);
}

static enum fault run_group(struct check *check, const struct group *group, enum check_verdict *worst)
{
    buffer_clear(&check->seen);
    check->verdict = CHECK_PASSES;
    fault_clear_note();
    enum fault fault = group == groups ? FAULT_NONE : check_clear(check);
    if (fault == FAULT_NONE)
        fault = group->run(check);
    if (fault == FAULT_CANCELLED || check_stopped(check))
        return fault_note(FAULT_CANCELLED, "stopped before its end: nothing is said of the engine");
    if (fault != FAULT_NONE && fault != FAULT_SCHEMA && group == groups)
        return fault; /* nothing can be tried at all */
    if (fault != FAULT_NONE)
        check_say_fault(check, fault, "it broke off");
    tell(check, group);
    *worst = check->verdict > *worst ? check->verdict : *worst;
    return FAULT_NONE;
}

static enum fault name_engine(const struct check *check)
{
    struct buffer text = buffer_open(LINE_BYTES_MAX);
    struct raw *raw = NULL;
    enum fault fault = FAULT_NONE;
    if (check->place.postgres) {
        TRY(raw_open(check_place_connection(&check->place), false, &raw));
        TRY(raw_ask(raw, "SELECT version()", &text));
    } else {
        buffer_put(&text, STR("SQLite "));
        buffer_put(&text, str_of(sqlite3_libversion()));
    }
    check->order->listener.engine(check->order->listener.context, buffer_str(&text));
done:
    raw_close(raw);
    buffer_close(&text);
    return fault;
}

static enum fault run_groups(struct check *check, enum check_verdict *worst)
{
    enum fault fault;
    TRY(name_engine(check));
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        TRY(run_group(check, &groups[i], worst));
        if (i == 0 && *worst > CHECK_WARNS)
            break; /* without tables there is nothing to try */
    }
done:
    return fault;
}

enum fault store_check(const struct check_order *order, enum check_verdict *ret_verdict)
{
    struct check check = {
        .order = order, .connections = CHECK_CONNECTIONS, .seen = buffer_open(CHECK_SEEN_BYTES_MAX)};
    enum check_verdict worst = CHECK_PASSES;
    enum fault fault = check_place_make(&check.place, order->connection);
    if (fault == FAULT_NONE)
        fault = run_groups(&check, &worst);
    const char *note = fault_last_note();
    enum fault removed = check_place_remove(&check.place, order->connection);
    buffer_close(&check.seen);
    if (fault != FAULT_NONE)
        return fault_note(fault, note);
    if (removed == FAULT_NONE)
        *ret_verdict = worst;
    return removed;
}
