#include "house.h"

#include <unistd.h>

#include "engine.h"

struct instant tick(void *context)
{
    struct house *house = context;
    house->now_us += 1000;
    return (struct instant){house->now_us};
}

void open_all(struct house *house, bool create)
{
    assert_int_equal(vault_open(house->key_path, &house->vault), FAULT_NONE);
    assert_int_equal(db_open(&(struct db_settings){.connection = engine_connection(house->db_path),
                                                   .create = create,
                                                   .readers = 2,
                                                   .connections = 3},
                             &house->db),
                     FAULT_NONE);
    assert_int_equal(audit_open(house->db, house->vault, (struct clock){tick, house}, entropy_system(),
                                &house->audit, &house->missing),
                     FAULT_NONE);
}

void close_all(struct house *house)
{
    audit_close(house->audit);
    db_close(house->db);
    vault_close(house->vault);
}

static enum fault insert_child_key(struct db_tx *tx, void *context)
{
    struct house *house = context;
    const struct value in[] = {
        [BIND_child_key_insert_child_id] = value_id(house->child.id),
        [BIND_child_key_insert_wrapped] =
            value_bytes((struct bytes){house->child_key.byte, sizeof house->child_key.byte}),
    };
    return db_run(tx, SQL_child_key_insert, in, NULL);
}

int set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    snprintf(house->folder, sizeof house->folder, "/tmp/contactpoint-audit-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    snprintf(house->key_path, sizeof house->key_path, "%s/key", house->folder);
    snprintf(house->db_path, sizeof house->db_path, "%s/db", house->folder);
    house->now_us = INT64_C(1795243311000000); /* in November 2026 */
    house->child.id = id_new(entropy_system());
    house->actor.id = id_new(entropy_system());
    assert_int_equal(vault_create(house->key_path, entropy_system()), FAULT_NONE);
    open_all(house, true);
    assert_int_equal(house->missing, 0);
    assert_int_equal(vault_key_new(house->vault, &house->child_key), FAULT_NONE);
    assert_int_equal(db_write(house->db, DB_FOREGROUND, insert_child_key, house), FAULT_NONE);
    assert_int_equal(arena_open(8 << 20, &house->arena), FAULT_NONE);
    *state = house;
    return 0;
}

static void remove_file(const char *path, const char *suffix)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    unlink(name);
}

int tear_down(void **state)
{
    struct house *house = *state;
    arena_close(house->arena);
    close_all(house);
    engine_forget(house->db_path);
    remove_file(house->key_path, "");
    remove_file(house->key_path, ".state");
    remove_file(house->db_path, "");
    remove_file(house->db_path, "-wal");
    remove_file(house->db_path, "-shm");
    remove_file(house->db_path, ".lock");
    assert_int_equal(rmdir(house->folder), 0);
    free(house);
    return 0;
}

struct audit_event view_of(struct house *house)
{
    return (struct audit_event){.event = EVENT_CHILD_VIEWED,
                                .operation = OP_child_view,
                                .role = ROLE_practitioner,
                                .actor = house->actor,
                                .source = STR("192.0.2.7"),
                                .at = tick(house),
                                .reason = REASON_other,
                                .reason_text = STR("Asked to help\nwith school meals, Si\xc3\xa2n"),
                                .shown = STR("IDENTITY"),
                                .child = house->child};
}

struct audit_event refusal_of(struct house *house)
{
    return (struct audit_event){.event = EVENT_REFUSED,
                                .operation = OP_find_page,
                                .source = STR("192.0.2.7"),
                                .at = tick(house),
                                .refusal = REFUSAL_NOT_SIGNED_IN,
                                .fault = FAULT_SIGN_IN};
}

enum fault append(struct db_tx *tx, void *context)
{
    struct append_job *job = context;
    enum fault fault = audit_append(job->audit, tx, job->sealed, &job->place);
    return fault == FAULT_NONE ? job->then : fault;
}

const struct audit_sealed *seal(struct house *house, const struct audit_event *event)
{
    const struct audit_sealed *sealed = NULL;
    const struct wrapped_key *key = id_is_zero(event->child.id) ? NULL : &house->child_key;
    assert_int_equal(audit_seal(house->audit, event, key, house->arena, &sealed), FAULT_NONE);
    return sealed;
}

uint64_t write_entry(struct house *house, const struct audit_event *event)
{
    struct append_job job = {.audit = house->audit, .sealed = seal(house, event)};
    assert_int_equal(db_write(house->db, DB_FOREGROUND, append, &job), FAULT_NONE);
    audit_released(house->audit, job.place);
    return job.place.number;
}

struct audit_check check(struct house *house)
{
    struct audit_check found;
    assert_int_equal(audit_check_all(house->audit, &found), FAULT_NONE);
    return found;
}

int64_t past(struct house *house, const char *sql)
{
    return engine_run(house->db_path, sql);
}

void tamper(struct house *house, const char *sql)
{
    assert_true(past(house, sql) > 0);
}

void reopen(struct house *house)
{
    close_all(house);
    open_all(house, false);
}
