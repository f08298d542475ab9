/* Rows that stand for nobody: what is read for a name that nobody has, and where a wrong password, PIN,
 * code or answer of a security key is counted that is no account's, so that an attempt reads and writes as
 * much in either case (security.md §3, "Enumeration").  They belong to no organisation, are closed, and no
 * name and no key leads to them. */
#include "access/keys_inside.h"

struct rows_job {
    struct access *access;
    struct arena *arena;
};

struct id nobody_of(const struct access *access, const struct tag *tag)
{
    return access->decoy.nobodies[tag->byte[0] % NOBODIES];
}

struct tag nobody_name(const struct access *access, const struct tag *tag)
{
    return access->decoy.names[tag->byte[0] % NOBODIES];
}

bool is_nobody(const struct access *access, const struct id *account)
{
    bool is = false;
    for (size_t i = 0; i < NOBODIES; i++)
        is |= id_equal(access->decoy.nobodies[i], *account);
    return is;
}

/* What is sealed for the decoy, sealed for the row of `to`. */
static enum fault seal_anew(const struct rows_job *job, struct bytes sealed, const struct seal_place *from,
                            const struct seal_place *to, struct bytes *ret_sealed)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct bytes opened;
    enum fault fault;
    TRY(access_unseal(job->access, from, sealed, job->arena, &opened));
    buffer_put_bytes(&clear, opened);
    TRY(access_seal(job->access, to, &clear, job->arena, ret_sealed));
done:
    buffer_close(&clear);
    return fault;
}

static enum fault add_account(const struct rows_job *job, struct db_tx *tx, size_t at)
{
    struct access *access = job->access;
    const struct id id = access->decoy.nobodies[at];
    const struct seal_place from = account_place(&access->decoy.row, 1), to = account_place(&id, 1);
    struct bytes sealed;
    enum fault fault;
    TRY(seal_anew(job, access->decoy.account, &from, &to, &sealed));
    const struct value in[] = {[BIND_account_insert_account_id] = value_id(id),
                               [BIND_account_insert_name_tag] = value_tag(access->decoy.names[at]),
                               [BIND_account_insert_organisation_id] = value_id(id), /* which is none */
                               [BIND_account_insert_state] = value_int(ACCOUNT_CLOSED),
                               [BIND_account_insert_version] = value_int(1),
                               [BIND_account_insert_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_account_insert, in, NULL)));
done:
    return fault;
}

static enum fault add_authenticator(const struct rows_job *job, struct db_tx *tx, struct id id,
                                    enum authenticator_kind kind, struct bytes decoy)
{
    const struct authenticator_order order = {.account = id, .version = 1};
    struct authenticator_row of_decoy, of_nobody;
    const struct seal_place from = authenticator_place(&of_decoy, job->access->decoy.row, kind, 1),
                            to = authenticator_place(&of_nobody, id, kind, 1);
    struct bytes sealed;
    enum fault fault;
    TRY(seal_anew(job, decoy, &from, &to, &sealed));
    TRY(authenticator_insert(job->access, tx, &order, kind, sealed));
done:
    return fault;
}

/* What no key's credential id comes to. */
static struct tag key_tag_of(const struct rows_job *job, struct id id)
{
    return vault_tag(job->access->vault, "key of nobody", id_bytes(&id));
}

/* Its public key is that of the decoy: somebody would need the id before they need the key. */
static enum fault add_key(const struct rows_job *job, struct db_tx *tx, struct id id)
{
    struct access *access = job->access;
    struct security_key key = {.tag = access->decoy.key_tag};
    enum fault fault;
    TRY(key_open(access, access->decoy.key, job->arena, &key));
    key.tag = key_tag_of(job, id);
    key.account = id;
    key.counter = 0;
    TRY(key_insert(access, tx, &key, job->arena));
done:
    return fault;
}

/* FAULT_ABSENT where it is missing. */
static enum fault look_for_account(const struct rows_job *job, struct db_tx *tx, struct id id)
{
    const struct value in[] = {[BIND_account_get_account_id] = value_id(id)};
    struct value out[GIVES_account_get];
    return db_one(tx, SQL_account_get, in, job->arena, out);
}

static enum fault look_for_key(const struct rows_job *job, struct db_tx *tx, struct id id)
{
    const struct tag tag = key_tag_of(job, id);
    const struct value in[] = {[BIND_security_key_get_credential_tag] = value_tag(tag)};
    struct value out[GIVES_security_key_get];
    return db_one(tx, SQL_security_key_get, in, job->arena, out);
}

/* FAULT_ABSENT where one is missing. */
static enum fault look_for_rows(struct db_tx *tx, void *context)
{
    const struct rows_job *job = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < NOBODIES; i++) {
        TRY(look_for_account(job, tx, job->access->decoy.nobodies[i]));
        TRY(look_for_key(job, tx, job->access->decoy.nobodies[i]));
    }
done:
    return fault;
}

static enum fault add_nobody(const struct rows_job *job, struct db_tx *tx, size_t at)
{
    const struct decoy *decoy = &job->access->decoy;
    enum fault fault;
    TRY(add_account(job, tx, at));
    TRY(add_authenticator(job, tx, decoy->nobodies[at], AUTHENTICATOR_PASSWORD, decoy->password));
    TRY(add_authenticator(job, tx, decoy->nobodies[at], AUTHENTICATOR_TOKEN, decoy->token));
done:
    return fault;
}

/* An instance that was made before there were keys has the accounts alone. */
static enum fault add_rows(struct db_tx *tx, void *context)
{
    const struct rows_job *job = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < NOBODIES; i++) {
        fault = look_for_account(job, tx, job->access->decoy.nobodies[i]);
        if (fault == FAULT_ABSENT)
            fault = add_nobody(job, tx, i);
        TRY(fault);
        fault = look_for_key(job, tx, job->access->decoy.nobodies[i]);
        if (fault == FAULT_ABSENT)
            fault = add_key(job, tx, job->access->decoy.nobodies[i]);
        TRY(fault);
    }
done:
    return fault;
}

enum fault nobodies_make(struct access *access)
{
    struct rows_job job = {.access = access};
    enum fault fault;
    for (uint8_t i = 0; i < NOBODIES; i++) {
        struct id *id = &access->decoy.nobodies[i];
        vault_derive(access->vault, "account of nobody", (struct bytes){&i, 1}, id->byte, sizeof id->byte);
        access->decoy.names[i] = vault_tag(access->vault, "name of nobody", id_bytes(id));
    }
    TRY(arena_open(SCRATCH_BYTES, &job.arena));
    fault = db_read(access->db, look_for_rows, &job);
    if (fault == FAULT_ABSENT)
        fault = db_write(access->db, DB_FOREGROUND, add_rows, &job);
    if (fault == FAULT_DUPLICATE) /* another server was faster */
        fault = db_read(access->db, look_for_rows, &job);
done:
    arena_close(job.arena);
    return fault;
}
