/* A database that stands still for longer than every lease: nobody is ended for it, and all go on (case 63).
 * Beside a cluster of its own, PostgreSQL only. */
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "../postgres.h"
#include "engine.h"
#include "ground.h"
#include "registry/follow.h"

enum { SERVERS = 3, CONNECTIONS = 3, LEASE_US = 500000, STALL_MS = 2500, STALL_SOAK_MS = 30000 };

struct server {
    struct db *db;
    struct changes changes;
    struct match_index *index;
    struct follow *follow;
    atomic_int fenced;
};

static void on_fenced(void *context)
{
    struct server *server = context;
    atomic_fetch_add(&server->fenced, 1);
}

static void open_server(struct ground *ground, struct server *server)
{
    const struct db_settings settings = {.connection = engine_connection(ground->db_path),
                                         .connections = CONNECTIONS,
                                         .patience_us = 1000000,
                                         .lease_us = LEASE_US};
    assert_int_equal(db_open(&settings, &server->db), FAULT_NONE);
    assert_int_equal(changes_open(server->db, ground->vault, &server->changes), FAULT_NONE);
    assert_int_equal(match_open(&server->index), FAULT_NONE);
    const struct follow_house house = {server->index, &server->changes, LEASE_US, on_fenced, server};
    assert_int_equal(follow_open(&house, &server->follow), FAULT_NONE);
    assert_int_equal(follow_begin(server->follow), FAULT_NONE);
}

static void close_server(struct server *server)
{
    follow_close(server->follow);
    match_close(server->index);
    db_close(server->db);
}

struct note_job {
    struct noting noting;
    struct child_id child;
};

static enum fault note(struct db_tx *tx, void *context)
{
    struct note_job *job = context;
    return change_note(tx, &job->noting, &job->child, 1);
}

/* As a shield does: at once, while all leases have run out and hardly anybody has renewed. */
static void change_everywhere(struct server *server)
{
    struct note_job job = {{.changes = &server->changes}, {{{1}}}};
    enum fault fault;
    while ((fault = db_write(server->db, DB_FOREGROUND, note, &job)) == FAULT_BUSY)
        job.noting.mark.number = 0;
    assert_int_equal(fault, FAULT_NONE);
    assert_int_equal(follow_everywhere(server->follow, &job.noting.mark), FAULT_NONE);
}

static void case_63_nobody_is_ended_because_the_database_stood_still(void **state)
{
    struct ground *ground = *state;
    struct server servers[SERVERS] = {0};
    for (int i = 0; i < SERVERS; i++)
        open_server(ground, &servers[i]);
    change_everywhere(&servers[0]);
    while (!follow_is_steady(servers[0].follow))
        (void)poll(NULL, 0, 10);
    postgres_stall();
    (void)poll(NULL, 0, getenv("CONTACTPOINT_SOAK") == NULL ? STALL_MS : STALL_SOAK_MS);
    assert_false(follow_is_steady(servers[0].follow));
    postgres_resume();
    for (int i = 0; i < SERVERS; i++)
        change_everywhere(&servers[i]);
    for (int i = 0; i < SERVERS; i++)
        assert_int_equal(atomic_load(&servers[i].fenced), 0);
    assert_int_equal(engine_number(ground->db_path, "SELECT count(*) FROM server WHERE ended = 1"), 0);
    while (!follow_is_steady(servers[0].follow))
        (void)poll(NULL, 0, 10);
    for (int i = 0; i < SERVERS; i++)
        close_server(&servers[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(case_63_nobody_is_ended_because_the_database_stood_still),
    };
    postgres_or_skip();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
