#include "service/facts.h"

enum { FACTS_ARENA_BYTES = 64 * 1024 };

struct facts_job {
    struct vault *vault;
    struct arena *arena;
    struct str print; /* this vault's */
    bool demonstration;
};

/* An empty text where there is no such fact. */
static enum fault fact_get(struct db_tx *tx, struct facts_job *job, struct str name, struct str *ret_content)
{
    const struct value in[] = {[BIND_meta_get_name] = value_text(name)};
    struct value out[GIVES_meta_get];
    enum fault fault = db_one(tx, SQL_meta_get, in, job->arena, out);
    if (fault == FAULT_NONE)
        *ret_content = str_of_bytes(out[GIVE_meta_get_content].bytes);
    else if (fault == FAULT_ABSENT)
        *ret_content = (struct str){"", 0};
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

enum fault fact_put(struct db_tx *tx, struct str name, struct str content)
{
    const struct value in[] = {
        [BIND_meta_put_name] = value_text(name), [BIND_meta_put_content] = value_text(content)};
    return db_run(tx, SQL_meta_put, in, NULL);
}

static enum fault check(struct db_tx *tx, void *context)
{
    struct facts_job *job = context;
    struct str copying, print, demonstration;
    enum fault fault;
    TRY(fact_get(tx, job, STR("copying"), &copying));
    TRY(fact_get(tx, job, STR("vault"), &print));
    TRY(fact_get(tx, job, STR("demonstration"), &demonstration));
    if (copying.len > 0)
        TRY(fault_note(FAULT_CONFLICT,
                       "this database is an unfinished copy: run the same contactpoint store copy "
                       "again, which goes on where it was"));
    /* Instances of the first version have no print. */
    if (print.len > 0 && !str_equal(print, job->print))
        TRY(fault_note(FAULT_KEY,
                       "vault.key does not belong to this database: take its keys from the other server "
                       "with contactpoint vault ask, or name another database"));
    if (demonstration.len == 0)
        TRY(fault_note(FAULT_ABSENT,
                       "this instance was never made to the end: run contactpoint init on a new state "
                       "folder, and on an empty database"));
    job->demonstration = str_equal(demonstration, STR("yes"));
done:
    return fault;
}

static enum fault claim(struct db_tx *tx, void *context)
{
    struct facts_job *job = context;
    struct str copying, print, demonstration;
    enum fault fault;
    TRY(fact_get(tx, job, STR("copying"), &copying));
    TRY(fact_get(tx, job, STR("vault"), &print));
    TRY(fact_get(tx, job, STR("demonstration"), &demonstration));
    if (copying.len > 0)
        TRY(fault_note(FAULT_DUPLICATE,
                       "this database is an unfinished copy: run the same contactpoint store copy again, "
                       "or give an empty database"));
    if (demonstration.len > 0)
        TRY(fault_note(FAULT_DUPLICATE,
                       "this database holds an instance already: to serve it from here too, take its "
                       "keys with contactpoint vault ask, then run contactpoint join"));
    if (print.len > 0)
        TRY(fault_note(FAULT_DUPLICATE,
                       "another contactpoint init has begun in this database and did not end: empty "
                       "the database, then run this again"));
    TRY(fact_put(tx, STR("vault"), job->print));
done:
    return fault;
}

static enum fault job_open(struct facts_job *job)
{
    struct tag tag;
    struct buffer text = buffer_open(64);
    enum fault fault;
    TRY(arena_open(FACTS_ARENA_BYTES, &job->arena));
    vault_fingerprint(job->vault, &tag);
    buffer_put_hex(&text, (struct bytes){tag.byte, sizeof tag.byte});
    TRY(buffer_fault(&text));
    TRY(arena_copy(job->arena, buffer_str(&text), &job->print));
done:
    buffer_close(&text);
    return fault;
}

enum fault facts_check(struct db *db, struct vault *vault, bool *ret_demonstration)
{
    struct facts_job job = {.vault = vault};
    enum fault fault;
    TRY(job_open(&job));
    TRY(db_read(db, check, &job));
    *ret_demonstration = job.demonstration;
done:
    arena_close(job.arena);
    return fault;
}

enum fault facts_claim(struct db *db, struct vault *vault)
{
    struct facts_job job = {.vault = vault};
    enum fault fault;
    TRY(job_open(&job));
    TRY(db_write(db, DB_FOREGROUND, claim, &job));
done:
    arena_close(job.arena);
    return fault;
}
