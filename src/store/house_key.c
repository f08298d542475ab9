#include "store/house_key.h"

#include "store/wrapping.h"

struct house_key_job {
    struct vault *vault;
    struct str name;
    struct wrapped_key key;
};

static enum fault read_key(struct db_tx *tx, void *context)
{
    struct house_key_job *job = context;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(4096, &arena));
    const struct value in[] = {[BIND_house_key_get_name] = value_text(job->name)};
    struct value out[GIVES_house_key_get];
    TRY(db_one(tx, SQL_house_key_get, in, arena, out));
    struct bytes wrapped = out[GIVE_house_key_get_wrapped].bytes;
    if (wrapped.len != sizeof job->key.byte) {
        fault = fault_note(FAULT_CORRUPT, "a key of the house has a wrong length: restore the database");
        goto done;
    }
    memcpy(job->key.byte, wrapped.at, wrapped.len);
done:
    arena_close(arena);
    return fault;
}

/* Whoever comes first makes it; everybody then reads what stands. */
static enum fault make_key(struct db_tx *tx, void *context)
{
    struct house_key_job *job = context;
    struct wrapped_key fresh;
    enum fault fault = read_key(tx, job);
    if (fault != FAULT_ABSENT)
        return fault;
    TRY(vault_key_new(job->vault, &fresh));
    TRY(wrapping_agree(tx, job->vault, &fresh, 1));
    const struct value in[] = {[BIND_house_key_add_name] = value_text(job->name),
                               [BIND_house_key_add_wrapped] =
                                   value_bytes((struct bytes){fresh.byte, sizeof fresh.byte})};
    TRY(db_run(tx, SQL_house_key_add, in, NULL));
    job->key = fresh;
done:
    return fault;
}

enum fault house_key_get(struct db *db, struct vault *vault, struct str name, struct wrapped_key *ret_key)
{
    struct house_key_job job = {.vault = vault, .name = name};
    enum fault fault = db_read(db, read_key, &job);
    if (fault == FAULT_ABSENT)
        fault = db_write(db, DB_FOREGROUND, make_key, &job);
    if (fault == FAULT_NONE)
        *ret_key = job.key;
    return fault;
}
