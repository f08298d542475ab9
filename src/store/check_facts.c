/* Facts whose content is a number: the smallest thing that every engine can be tried with. */
#include "store/check_inside.h"

enum { FACT_ARENA_BYTES = 16 * 1024 };

struct fact_job {
    const char *name;
    int64_t number;
};

enum fault check_fact_read(struct db_tx *tx, const char *name, int64_t *ret_number)
{
    const struct value in[BINDS_meta_get] = {[BIND_meta_get_name] = value_text(str_of(name))};
    struct value out[GIVES_meta_get];
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(FACT_ARENA_BYTES, &arena));
    fault = db_one(tx, SQL_meta_get, in, arena, out);
    if (fault == FAULT_ABSENT) {
        *ret_number = 0;
        fault = FAULT_NONE;
    } else if (fault == FAULT_NONE && !str_to_int(str_of_bytes(out[GIVE_meta_get_content].bytes), INT64_MIN,
                                                  INT64_MAX, ret_number)) {
        fault = fault_note(FAULT_CORRUPT, "a fact that was written as a number is none when it is read");
    }
done:
    arena_close(arena);
    return fault;
}

enum fault check_fact_write(struct db_tx *tx, const char *name, int64_t number)
{
    struct buffer text = buffer_open(32);
    buffer_put_int(&text, number);
    const struct value in[BINDS_meta_put] = {[BIND_meta_put_name] = value_text(str_of(name)),
                                             [BIND_meta_put_content] = value_text(buffer_str(&text))};
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = db_run(tx, SQL_meta_put, in, NULL);
    buffer_close(&text);
    return fault;
}

static enum fault read_job(struct db_tx *tx, void *context)
{
    struct fact_job *job = context;
    return check_fact_read(tx, job->name, &job->number);
}

static enum fault write_job(struct db_tx *tx, void *context)
{
    const struct fact_job *job = context;
    return check_fact_write(tx, job->name, job->number);
}

enum fault check_fact_known(struct db *db, const char *name, int64_t *ret_number)
{
    struct fact_job job = {.name = name};
    enum fault fault = db_read(db, read_job, &job);
    if (fault == FAULT_NONE)
        *ret_number = job.number;
    return fault;
}

enum fault check_fact_set(struct db *db, const char *name, int64_t number)
{
    struct fact_job job = {name, number};
    return db_write(db, DB_FOREGROUND, write_job, &job);
}
