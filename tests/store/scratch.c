#include "scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine.h"

struct scratch scratch_make(void)
{
    struct scratch scratch;
    const char *where = getenv("TMPDIR");
    snprintf(scratch.folder, sizeof scratch.folder, "%s/contactpoint-XXXXXX", where == NULL ? "/tmp" : where);
    assert_non_null(mkdtemp(scratch.folder));
    snprintf(scratch.database, sizeof scratch.database, "%s/test.db", scratch.folder);
    return scratch;
}

const char *scratch_path(const struct scratch *scratch, const char *name)
{
    static char path[2 * SCRATCH_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
    return path;
}

void scratch_remove(const struct scratch *scratch)
{
    engine_forget(scratch->database);
    DIR *folder = opendir(scratch->folder);
    assert_non_null(folder);
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(scratch_path(scratch, entry->d_name));
    }
    closedir(folder);
    rmdir(scratch->folder);
}

void scratch_write(const struct scratch *scratch, const char *name, const char *content)
{
    FILE *file = fopen(scratch_path(scratch, name), "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

struct db *scratch_open(const struct scratch *scratch)
{
    struct db *db = NULL;
    enum fault fault = db_open(&(struct db_settings){.connection = engine_connection(scratch->database),
                                                     .create = true,
                                                     .readers = 2,
                                                     .connections = 4},
                               &db);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    return db;
}

enum fault scratch_open_again(const struct db_settings *settings, struct db **ret_db)
{
    enum { TRIES_MAX = 40 };
    enum fault fault = FAULT_BUSY;
    for (int i = 0; i < TRIES_MAX && fault == FAULT_BUSY; i++)
        fault = db_open(settings, ret_db);
    return fault;
}

struct fact fact_of(const char *noun, long number)
{
    struct fact fact = {.answer = FAULT_NONE};
    snprintf(fact.name, sizeof fact.name, "%s-%ld", noun, number);
    return fact;
}

enum fault fact_put(struct db_tx *tx, void *context)
{
    struct fact *fact = context;
    const struct value in[BINDS_meta_put] = {
        [BIND_meta_put_name] = value_text(str_of(fact->name)),
        [BIND_meta_put_content] = value_text(STR("content")),
    };
    enum fault fault = db_run(tx, SQL_meta_put, in, NULL);
    return fault == FAULT_NONE ? fact->answer : fault;
}

enum fault fact_get(struct db_tx *tx, void *context)
{
    struct fact *fact = context;
    const struct value in[BINDS_meta_get] = {[BIND_meta_get_name] = value_text(str_of(fact->name))};
    struct value out[GIVES_meta_get];
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_meta_get, in, arena, out));
    assert_true(str_equal(str_of_bytes(out[GIVE_meta_get_content].bytes), STR("content")));
done:
    arena_close(arena);
    return fault;
}

bool fact_is_kept(struct db *db, struct fact fact)
{
    enum { TRIES_MAX = 40 };
    enum fault fault = FAULT_BUSY;
    for (int i = 0; i < TRIES_MAX && fault == FAULT_BUSY; i++)
        fault = db_read(db, fact_get, &fact);
    assert_true(fault == FAULT_NONE || fault == FAULT_ABSENT);
    return fault == FAULT_NONE;
}
