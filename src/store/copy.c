/* A copy from its first look at both databases to the fact that it is whole. */
#include "store/copy.h"

#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/copy_rows.h"
#include "store/raw.h"

enum {
    META_ARENA_BYTES = 1024 * 1024,
    META_ROWS_MAX = 1000,
    SQL_BYTES_MAX = 256,
    PATH_BYTES_MAX = 4096,
    PATIENCE_US = 60 * 1000 * 1000, /* an engine may have to sort a table before its first row */
};

static const char copying_name[] = "copying";

/* What the source's lanes have committed, without our own; and the source's facts. */
struct source {
    struct copy_digest lanes;
    struct arena *arena;
    struct value (*facts)[GIVES_copy_read_meta];
    size_t fact_count;
    struct str instance;
};

struct work {
    const struct copy_order *order;
    struct copying copying;
    struct copy_report *report;
    struct source source;
    struct arena *scratch; /* of one job; reset by it */
};

static const char *path_of(const char *connection)
{
    static const char prefix[] = "sqlite:";
    return strncmp(connection, prefix, strlen(prefix)) == 0 ? connection + strlen(prefix) : connection;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;
    if (raw_is_postgres(a) || raw_is_postgres(b))
        return strcmp(a, b) == 0;
    return strcmp(path_of(a), path_of(b)) == 0 ||
           (stat(path_of(a), &first) == 0 && stat(path_of(b), &second) == 0 &&
            first.st_dev == second.st_dev && first.st_ino == second.st_ino);
}

/* A new file lasts when its folder knows it. */
static enum fault sync_folder(const char *connection)
{
    char path[PATH_BYTES_MAX];
    if (raw_is_postgres(connection))
        return FAULT_NONE;
    (void)snprintf(path, sizeof path, "%s", path_of(connection));
    int folder = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        (void)close(folder);
    return synced ? FAULT_NONE
                  : fault_note(FAULT_STORAGE, "the folder of the target cannot be synced: check its disk");
}

static enum fault refuse_same(void)
{
    return fault_note(FAULT_INVALID, "both are the same database: name two");
}

/* A number in a database that is not opened yet, since that would bring it up to date; 0 where it cannot be
 * looked into, of which db_open says why. */
static int64_t look(const char *connection, const char *sql)
{
    struct raw *raw = NULL;
    int64_t number = 0;
    if (raw_open(connection, false, &raw) == FAULT_NONE && raw_number(raw, sql, &number) != FAULT_NONE)
        number = 0;
    raw_close(raw);
    return number;
}

static enum fault refuse_older(const char *connection)
{
    int64_t missing = 0;
    static const char newest[] = "SELECT max(number) FROM migration";
    static const char none[] = "SELECT count(*) FROM migration";
    if (look(connection, none) > 0)
        missing = sql_migrations[sql_migration_count - 1].number - look(connection, newest);
    return missing <= 0
               ? FAULT_NONE
               : fault_note(FAULT_SCHEMA, "this database is of an older version: start this program's "
                                          "contactpoint serve on it once, which brings it up to date, then "
                                          "stop it");
}

static enum fault refuse_index(const char *connection)
{
    return look(connection, "SELECT count(*) FROM meta WHERE name <> 'copying'") == 0
               ? FAULT_NONE
               : fault_note(FAULT_DUPLICATE,
                            "this database holds an index already: give an empty one to copy "
                            "to");
}

static enum fault open_one(const struct copy_order *order, const char *connection, bool create,
                           struct db **ret_db)
{
    const struct db_settings settings = {.connection = connection,
                                         .create = create,
                                         .readers = 2,
                                         .connections = 3,
                                         .patience_us = PATIENCE_US,
                                         .lease_us = order->lease_us};
    return db_open(&settings, ret_db);
}

/* Whether our opening of the source stands among the target's servers, by whichever name that is reached. */
static enum fault refuse_same_server(struct work *work)
{
    char sql[SQL_BYTES_MAX], hex[2 * sizeof(struct id) + 1];
    const struct id id = db_server_id(work->copying.from);
    if (!db_is_shared(work->copying.from) || !raw_is_postgres(work->order->to))
        return FAULT_NONE;
    (void)sodium_bin2hex(hex, sizeof hex, id.byte, sizeof id.byte);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM server WHERE server_id = decode('%s', 'hex')", hex);
    return look(work->order->to, sql) == 0 ? FAULT_NONE : refuse_same();
}

static enum fault refuse_written(struct work *work)
{
    struct copy_digest now;
    enum fault fault;
    TRY(copy_digest_lanes(work->copying.from, &now));
    if (memcmp(&now, &work->source.lanes, sizeof now) != 0)
        fault = fault_note(FAULT_CONFLICT, "somebody wrote to the source meanwhile: stop every contactpoint "
                                           "serve on it, empty the target, then copy again");
done:
    return fault;
}

static enum fault keep_fact(struct source *source, const struct value *row)
{
    struct value *fact = source->facts[source->fact_count];
    struct str name, content;
    enum fault fault;
    if (source->fact_count == META_ROWS_MAX)
        return fault_note(FAULT_CORRUPT, "the source has more facts than an index has: it is none");
    TRY(arena_copy(source->arena, str_of_bytes(row[GIVE_copy_read_meta_name].bytes), &name));
    TRY(arena_copy(source->arena, str_of_bytes(row[GIVE_copy_read_meta_content].bytes), &content));
    fact[GIVE_copy_read_meta_name] = value_text(name);
    fact[GIVE_copy_read_meta_content] = value_text(content);
    source->fact_count++;
done:
    return fault;
}

static enum fault read_facts(struct db_tx *tx, void *context)
{
    struct source *source = context;
    struct value row[GIVES_copy_read_meta];
    struct db_rows *rows = NULL;
    enum fault fault = FAULT_NONE;
    arena_reset(source->arena);
    source->fact_count = 0;
    source->facts = arena_take_array(source->arena, META_ROWS_MAX, sizeof source->facts[0]);
    if (source->facts == NULL)
        return FAULT_MEMORY;
    const struct value least[] = {[BIND_copy_read_meta_name] = value_text(STR(""))};
    TRY(db_query(tx, SQL_copy_read_meta, least, &rows));
    while (db_next(rows, row))
        TRY(keep_fact(source, row));
done:;
    enum fault ended = db_rows_close(rows);
    return fault == FAULT_NONE ? ended : fault;
}

/* Empty where there is no such fact. */
static struct str fact_of(const struct source *source, const char *name)
{
    for (size_t i = 0; i < source->fact_count; i++) {
        if (str_equal(str_of_bytes(source->facts[i][GIVE_copy_read_meta_name].bytes), str_of(name)))
            return str_of_bytes(source->facts[i][GIVE_copy_read_meta_content].bytes);
    }
    return STR("");
}

static enum fault check_source(struct work *work)
{
    struct source *source = &work->source;
    enum fault fault;
    TRY(copy_await_silence(&work->copying));
    TRY(copy_digest_lanes(work->copying.from, &source->lanes));
    TRY(db_read(work->copying.from, read_facts, source));
    if (fact_of(source, copying_name).len > 0)
        TRY(fault_note(FAULT_CONFLICT, "this database is itself an unfinished copy: finish that first, with "
                                       "the same contactpoint store copy again"));
    if (fact_of(source, "demonstration").len == 0 || fact_of(source, "instance").len == 0)
        TRY(fault_note(FAULT_ABSENT, "there is no index in this database: check which is to be copied"));
    source->instance = fact_of(source, "instance");
done:
    return fault;
}

static enum fault put_fact(struct db_tx *tx, struct value name, struct value content)
{
    const struct value in[BINDS_meta_put] = {[BIND_meta_put_name] = name, [BIND_meta_put_content] = content};
    return db_run(tx, SQL_meta_put, in, NULL);
}

/* FAULT_DUPLICATE unless no row stands in any table that would be written. */
static enum fault check_empty(struct db_tx *tx, struct work *work)
{
    struct value out[COPY_COLUMNS_MAX];
    for (size_t i = 0; i < copy_table_count; i++) {
        if (copy_tables[i].last == SQL_NONE)
            continue;
        enum fault fault = db_one(tx, copy_tables[i].last, NULL, work->scratch, out);
        if (fault == FAULT_NONE)
            return fault_note(FAULT_DUPLICATE, "this database is not empty: give an empty one to copy to");
        if (fault != FAULT_ABSENT)
            return fault;
    }
    return FAULT_NONE;
}

/* Begins a copy in an empty target, or finds that one of the same source has begun. */
static enum fault begin(struct db_tx *tx, void *context)
{
    struct work *work = context;
    struct source target = {.arena = work->scratch};
    enum fault fault;
    TRY(read_facts(tx, &target));
    struct str of = fact_of(&target, copying_name);
    if (of.len == 0 && target.fact_count > 0)
        TRY(fault_note(FAULT_DUPLICATE,
                       "this database holds an index already: give an empty one to copy to"));
    if (of.len > 0 && !str_equal(of, work->source.instance))
        TRY(fault_note(FAULT_DUPLICATE, "this database holds the unfinished copy of another index: give an "
                                        "empty one to copy to"));
    TRY(copy_hold(tx, &work->copying));
    if (of.len > 0)
        goto done;
    TRY(check_empty(tx, work));
    TRY(put_fact(tx, value_text(STR("copying")), value_text(work->source.instance)));
done:
    return fault;
}

static const struct copy_table *meta_table(size_t *ret_at)
{
    size_t at = 0;
    while (copy_tables[at].write != SQL_NONE)
        at++;
    must(at < copy_table_count && copy_tables[at].read == SQL_copy_read_meta);
    *ret_at = at;
    return &copy_tables[at];
}

struct finish {
    struct work *work;
    struct db_tx *from;
};

/* The facts in one transaction, compared within it. */
static enum fault finish_to(struct db_tx *to, void *context)
{
    const struct finish *finish = context;
    struct work *work = finish->work;
    const struct value in[BINDS_copy_end] = {[BIND_copy_end_name] = value_text(STR("copying"))};
    size_t at;
    const struct copy_table *table = meta_table(&at);
    int64_t ended = 0;
    enum fault fault;
    TRY(copy_hold(to, &work->copying));
    TRY(db_run(to, SQL_copy_end, in, &ended));
    if (ended != 1)
        TRY(fault_note(FAULT_FENCED, "another contactpoint store copy has finished this one"));
    for (size_t i = 0; i < work->source.fact_count; i++)
        TRY(put_fact(to, work->source.facts[i][GIVE_copy_read_meta_name],
                     work->source.facts[i][GIVE_copy_read_meta_content]));
    work->report->tables[at].written = (int64_t)work->source.fact_count;
    TRY(copy_compare_table(finish->from, to, table, &work->copying, &work->report->tables[at]));
done:
    return fault;
}

static enum fault finish_from(struct db_tx *from, void *context)
{
    struct finish finish = {context, from};
    return db_write(finish.work->copying.to, DB_FOREGROUND, finish_to, &finish);
}

static enum fault open_both(struct work *work)
{
    const struct copy_order *order = work->order;
    struct copy_report *report = work->report;
    enum fault fault;
    if (is_same_file(order->from, order->to))
        TRY(refuse_same());
    report->about_the_source = true;
    TRY(refuse_older(order->from));
    TRY(open_one(order, order->from, false, &work->copying.from));
    TRY(check_source(work));
    report->about_the_source = false;
    TRY(refuse_same_server(work));
    report->about_the_target = true;
    TRY(refuse_index(order->to));
    TRY(open_one(order, order->to, true, &work->copying.to));
    TRY(copy_take_lease(&work->copying));
    TRY(db_write(work->copying.to, DB_FOREGROUND, begin, work));
    report->about_the_target = false;
done:
    return fault;
}

static enum fault carry_and_compare(struct work *work)
{
    enum fault fault;
    TRY(copy_carry(&work->copying));
    TRY(copy_compare(&work->copying));
    work->report->about_the_source = true;
    TRY(copy_await_silence(&work->copying));
    TRY(refuse_written(work));
    work->report->about_the_source = false;
    TRY(db_read(work->copying.from, finish_from, work));
    TRY(copy_leave_lease(&work->copying));
    TRY(sync_folder(work->order->to));
done:
    return fault;
}

enum fault store_copy(const struct copy_order *order, struct copy_report *ret_report)
{
    struct work work = {.order = order, .report = ret_report};
    enum fault fault;
    *ret_report = (struct copy_report){.count = copy_table_count};
    for (size_t i = 0; i < copy_table_count; i++)
        ret_report->tables[i].table = copy_tables[i].name;
    work.copying.listener = &order->listener;
    work.copying.report = ret_report;
    work.copying.lease_us = order->lease_us > 0 ? order->lease_us : (int64_t)DB_LEASE_S * 1000000;
    TRY(arena_open(META_ARENA_BYTES, &work.source.arena));
    TRY(arena_open(META_ARENA_BYTES, &work.scratch));
    TRY(open_both(&work));
    TRY(carry_and_compare(&work));
done:;
    const char *note = fault_last_note();
    db_close(work.copying.to);
    db_close(work.copying.from);
    arena_close(work.scratch);
    arena_close(work.source.arena);
    return fault == FAULT_NONE ? fault : fault_note(fault, note);
}
