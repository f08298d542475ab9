/* Following what other servers change: nothing is missed, whoever cannot follow is ended, and nobody is
 * waited for in vain (architecture.md §6).  What needs two servers is skipped on a database of one. */
#include "registry/follow.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>

#include "engine.h"
#include "ground.h"
#include "registry/epoch.h"
#include "registry/shield.h"
#include "registry/vector.h"

enum { LEASE_US = 300000, PEOPLE = 3, CONNECTIONS = 3 };

/* The ground's database, from which children change, and a server that follows. */
struct stage {
    struct ground *ground;
    struct changes changes; /* of the ground's own connections */
    struct db *db;          /* of the one that follows */
    struct changes follower_changes;
    struct match_index *index;
    struct follow *follow;
    atomic_int fenced;
};

static void on_fenced(void *context)
{
    struct stage *stage = context;
    atomic_fetch_add(&stage->fenced, 1);
}

static struct db *open_more(struct ground *ground)
{
    struct db *db = NULL;
    assert_int_equal(db_open(&(struct db_settings){.connection = engine_connection(ground->db_path),
                                                   .readers = 2,
                                                   .connections = CONNECTIONS,
                                                   .patience_us = 5000000,
                                                   .lease_us = LEASE_US},
                             &db),
                     FAULT_NONE);
    return db;
}

static bool begin(struct stage *stage, void **state)
{
    *stage = (struct stage){.ground = *state};
    if (!db_is_shared(stage->ground->db))
        return false;
    stage->db = open_more(stage->ground);
    assert_int_equal(changes_open(stage->ground->db, stage->ground->vault, &stage->changes), FAULT_NONE);
    assert_int_equal(changes_open(stage->db, stage->ground->vault, &stage->follower_changes), FAULT_NONE);
    assert_int_equal(match_open(&stage->index), FAULT_NONE);
    const struct follow_house house = {stage->index, &stage->follower_changes, LEASE_US, on_fenced, stage};
    assert_int_equal(follow_open(&house, &stage->follow), FAULT_NONE);
    return true;
}

static void end(struct stage *stage)
{
    follow_close(stage->follow);
    match_close(stage->index);
    db_close(stage->db);
}

#define WAIT_UNTIL(condition)                                                                                \
    do {                                                                                                     \
        int64_t until_us = clock_monotonic_us() + 10000000;                                                  \
        while (!(condition)) {                                                                               \
            if (clock_monotonic_us() > until_us)                                                             \
                fail_msg("not so in 10 s: %s", #condition);                                                  \
            (void)poll(NULL, 0, 5);                                                                          \
        }                                                                                                    \
    } while (0)

/* Three children whom nobody has noted. */
static void settle(struct ground *ground)
{
    const struct row rows[PEOPLE] = {ground_child("r1", "Bandorf", "Rhys", "2014-03-27"),
                                     ground_child("r2", "Wimunna", "Zofia", "2011-07-02"),
                                     ground_child("r3", "Quenigge", "Tomos", "2017-11-30")};
    const struct feed feed = {
        .source = SOURCE_health, .sequence = 1, .mode = BATCH_DELTA, .rows = rows, .row_count = PEOPLE};
    assert_int_equal(ground_feed(ground, &feed, NULL), FAULT_NONE);
    assert_int_equal(match_counts(ground->index).people, PEOPLE);
}

static struct child_id named(struct ground *ground, const char *family)
{
    struct match_results results;
    struct match_sight sight = {.own_scheme = {false}};
    const struct match_query query = {.family = str_of(family),
                                      .birth_earliest = {2000, 1, 1, DAY_EXACT},
                                      .birth_latest = {2030, 1, 1, DAY_EXACT}};
    for (int i = 1; i <= RECORD_STATES; i++)
        sight.mask[i] = MASK(IDENTITY);
    assert_int_equal(match_search(ground->index, &query, &sight, &results), FAULT_NONE);
    assert_int_equal(results.count, 1);
    return results.found[0].child;
}

struct note_job {
    struct noting noting;
    const struct child_id *children;
    size_t count;
    enum fault answer;
};

static enum fault note_some(struct db_tx *tx, void *context)
{
    struct note_job *job = context;
    enum fault fault;
    job->noting.mark = (struct change_mark){{{0}}, 0};
    TRY(change_note(tx, &job->noting, job->children, job->count));
    fault = job->answer;
done:
    return fault;
}

static struct change_mark note(const struct changes *changes, const struct child_id *children, size_t count)
{
    struct note_job job = {.noting = {.changes = changes}, .children = children, .count = count};
    assert_int_equal(db_write(changes->db, DB_FOREGROUND, note_some, &job), FAULT_NONE);
    return job.noting.mark;
}

static void marks_stand_in_rows(void **state)
{
    (void)state;
    const struct change_mark mark = {{{1, 2, 3}}, UINT64_C(0x0102030405060708)};
    struct change_mark back = {{{0}}, 0};
    uint8_t at[CHANGE_MARK_BYTES];
    change_mark_put(&mark, at);
    assert_int_equal(at[16], 1);
    assert_int_equal(at[23], 8);
    assert_true(change_mark_of_bytes((struct bytes){at, sizeof at}, &back));
    assert_true(id_equal(back.lane, mark.lane));
    assert_int_equal(back.number, mark.number);
    assert_false(change_mark_of_bytes((struct bytes){at, sizeof at - 1}, &back));
}

static void vectors_count_each_lane(void **state)
{
    (void)state;
    struct vector vector = {0}, copy = {0};
    struct buffer bytes = buffer_open(4096);
    for (uint8_t i = 0; i < 40; i++) {
        const struct change_mark mark = {{{i}}, (uint64_t)i + 1};
        assert_int_equal(vector_set(&vector, &mark), FAULT_NONE);
    }
    const struct change_mark higher = {{{7}}, 70};
    assert_int_equal(vector_copy(&copy, &vector), FAULT_NONE);
    assert_true(vector_equal(&vector, &copy));
    assert_int_equal(vector_set(&vector, &higher), FAULT_NONE);
    assert_false(vector_equal(&vector, &copy));
    assert_int_equal(vector_get(&vector, higher.lane), 70);
    assert_int_equal(vector_get(&vector, (struct id){{99}}), 0);
    vector_put(&bytes, &vector);
    assert_int_equal(bytes.len, 40 * CHANGE_MARK_BYTES);
    assert_int_equal(vector_seen(buffer_bytes(&bytes), higher.lane), 70);
    assert_int_equal(vector_seen(buffer_bytes(&bytes), (struct id){{39}}), 40);
    assert_int_equal(vector_seen(buffer_bytes(&bytes), (struct id){{99}}), 0);
    buffer_close(&bytes);
    vector_close(&vector);
    vector_close(&copy);
}

static void an_epoch_passes_when_its_guests_have_left(void **state)
{
    (void)state;
    struct epoch epoch;
    struct epoch_guest guests[3];
    epoch_open(&epoch);
    assert_true(epoch_passed(&epoch, epoch_next(&epoch)));
    epoch_enter(&epoch, &guests[0]);
    epoch_enter(&epoch, &guests[1]);
    uint64_t number = epoch_next(&epoch);
    epoch_enter(&epoch, &guests[2]);
    assert_false(epoch_passed(&epoch, number));
    epoch_leave(&epoch, &guests[1]);
    assert_false(epoch_passed(&epoch, number));
    epoch_leave(&epoch, &guests[0]);
    assert_true(epoch_passed(&epoch, number)); /* whoever came later does not matter */
    assert_false(epoch_passed(&epoch, epoch_next(&epoch)));
    epoch_leave(&epoch, &guests[2]);
    epoch_close(&epoch);
}

/* One process needs no notes. */
static void nothing_is_noted_where_nobody_follows(void **state)
{
    struct ground *ground = *state;
    struct changes changes;
    struct child_id child = {{{1}}};
    if (db_is_shared(ground->db))
        return;
    assert_int_equal(changes_open(ground->db, ground->vault, &changes), FAULT_NONE);
    assert_int_equal(note(&changes, &child, 1).number, 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM change"), 0);
}

/* Notes are numbered in the order of their lane's commits; what is not kept leaves no gap. */
static void notes_are_dense(void **state)
{
    struct ground *ground = *state;
    struct changes changes;
    const struct child_id children[2] = {{{{1}}}, {{{2}}}};
    if (!db_is_shared(ground->db))
        return;
    assert_int_equal(changes_open(ground->db, ground->vault, &changes), FAULT_NONE);
    struct note_job refused = {
        .noting = {.changes = &changes}, .children = children, .count = 2, .answer = FAULT_CONFLICT};
    for (uint64_t i = 1; i <= 5; i++) {
        assert_int_equal(note(&changes, children, 2).number, i); /* one caller: always the same lane */
        assert_int_equal(db_write(ground->db, DB_FOREGROUND, note_some, &refused), FAULT_CONFLICT);
    }
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM change"), 5);
    assert_int_equal(ground_count(ground, "SELECT max(number) FROM change"), 5);
    assert_int_equal(ground_count(ground, "SELECT max(changes) FROM lane"), 5);
}

static void what_others_change_is_read(void **state)
{
    struct stage stage;
    if (!begin(&stage, state))
        return;
    struct ground *ground = stage.ground;
    settle(ground);
    const struct child_id rhys = named(ground, "Bandorf"), zofia = named(ground, "Wimunna");
    const struct change_mark before = note(&stage.changes, &rhys, 1);
    assert_int_equal(before.number, 1);
    assert_int_equal(follow_begin(stage.follow), FAULT_NONE);
    assert_int_equal(match_counts(stage.index).people, 1);
    (void)note(&stage.changes, &zofia, 1);
    WAIT_UNTIL(match_counts(stage.index).people == 2);
    const struct child_id gone = {{{77}}};
    const struct change_mark last = note(&stage.changes, &gone, 1);
    assert_int_equal(follow_to(stage.follow, &last), FAULT_NONE);
    assert_int_equal(follow_counts(stage.follow).changes, 3);
    assert_int_equal(follow_counts(stage.follow).broken, 0);
    assert_int_equal(match_counts(stage.index).people, 2);
    end(&stage);
}

/* Who is gone, or does not open, is in the index no more (case 71). */
static void who_is_gone_or_broken_is_removed(void **state)
{
    struct stage stage;
    if (!begin(&stage, state))
        return;
    struct ground *ground = stage.ground;
    settle(ground);
    const struct child_id all[PEOPLE] = {named(ground, "Bandorf"), named(ground, "Wimunna"),
                                         named(ground, "Quenigge")};
    (void)note(&stage.changes, all, PEOPLE);
    assert_int_equal(follow_begin(stage.follow), FAULT_NONE);
    assert_int_equal(match_counts(stage.index).people, PEOPLE);
    assert_int_equal(ground_past(ground, "DELETE FROM child WHERE child_id = $1", &all[0]), 1);
    assert_int_equal(ground_past(ground, "UPDATE child SET linkage = child_id WHERE child_id = $1", &all[1]),
                     1);
    (void)note(&stage.changes, all, PEOPLE);
    WAIT_UNTIL(match_counts(stage.index).people == 1);
    assert_int_equal(follow_counts(stage.follow).broken, 1);
    end(&stage);
}

/* Changes that were forgotten before this server had them cannot be made up for. */
static void a_gap_ends_the_server(void **state)
{
    struct stage stage;
    if (!begin(&stage, state))
        return;
    const struct child_id child = {{{1}}};
    assert_int_equal(follow_begin(stage.follow), FAULT_NONE);
    (void)note(&stage.changes, &child, 1);
    WAIT_UNTIL(follow_counts(stage.follow).changes == 1);
    struct ground *ground = stage.ground;
    assert_int_equal(engine_run(ground->db_path, "UPDATE lane SET changes = changes + 3 WHERE changes > 0"),
                     1);
    WAIT_UNTIL(atomic_load(&stage.fenced) == 1);
    end(&stage);
}

/* A server that only has the database open: `seen` says that it answers. */
static struct db *mute_server(struct ground *ground, const char *until)
{
    struct db *db = open_more(ground);
    const struct id server = db_server_id(db);
    char sql[160];
    (void)snprintf(sql, sizeof sql, "UPDATE server SET seen = '\\x', until_us = %s WHERE server_id = $1",
                   until);
    assert_int_equal(engine_run_with(ground->db_path, sql, server.byte, sizeof server.byte), 1);
    return db;
}

static enum fault do_nothing(struct db_tx *tx, void *context)
{
    (void)tx;
    (void)context;
    return FAULT_NONE;
}

static void rest_steady(struct stage *stage)
{
    WAIT_UNTIL(follow_is_steady(stage->follow));
}

/* A server whose lease has run out is ended, and from then on keeps nothing. */
static void who_is_late_is_ended(void **state)
{
    struct stage stage;
    if (!begin(&stage, state))
        return;
    struct child_id child = {{{1}}};
    assert_int_equal(follow_begin(stage.follow), FAULT_NONE);
    struct db *late = mute_server(stage.ground, "0");
    assert_int_equal(db_write(late, DB_FOREGROUND, do_nothing, NULL), FAULT_NONE); /* late, and not ended */
    const struct change_mark mark = note(&stage.follower_changes, &child, 1);
    assert_int_equal(follow_everywhere(stage.follow, &mark), FAULT_NONE);
    assert_int_equal(db_write(late, DB_FOREGROUND, do_nothing, NULL), FAULT_FENCED);
    assert_int_equal(db_write(stage.db, DB_FOREGROUND, do_nothing, NULL), FAULT_NONE);
    db_close(late);
    end(&stage);
}

/* Whoever has renewed is waited for; a server that answers nothing yet is not. */
static void who_is_alive_is_not_ended(void **state)
{
    struct stage stage;
    bool ended = true;
    if (!begin(&stage, state))
        return;
    assert_int_equal(follow_begin(stage.follow), FAULT_NONE);
    struct db *alive = mute_server(stage.ground, "9000000000000000");
    rest_steady(&stage);
    assert_int_equal(follow_end_late(stage.db, db_server_id(alive), &ended), FAULT_NONE);
    assert_false(ended);
    assert_int_equal(db_write(alive, DB_FOREGROUND, do_nothing, NULL), FAULT_NONE);
    db_close(alive);
    struct db *starting = open_more(stage.ground);
    struct child_id child = {{{1}}};
    const struct change_mark mark = note(&stage.follower_changes, &child, 1);
    assert_int_equal(follow_everywhere(stage.follow, &mark), FAULT_NONE);
    db_close(starting);
    end(&stage);
}

/* A server that finds itself ended says so, once. */
static void who_is_ended_notices(void **state)
{
    struct stage stage;
    if (!begin(&stage, state))
        return;
    assert_int_equal(follow_begin(stage.follow), FAULT_NONE);
    assert_int_equal(engine_run(stage.ground->db_path, "UPDATE server SET ended = 1"), 2);
    WAIT_UNTIL(atomic_load(&stage.fenced) == 1);
    end(&stage);
}

struct waiting {
    struct stage *stage;
    struct change_mark mark;
    atomic_bool done;
    enum fault fault;
};

static void *wait_everywhere(void *argument)
{
    struct waiting *waiting = argument;
    waiting->fault = follow_everywhere(waiting->stage->follow, &waiting->mark);
    atomic_store(&waiting->done, true);
    return NULL;
}

/* A request that looked before is waited for, whichever server it is on. */
static void requests_under_way_are_waited_for(void **state)
{
    struct stage stage;
    struct epoch_guest guest;
    pthread_t thread;
    if (!begin(&stage, state))
        return;
    assert_int_equal(follow_begin(stage.follow), FAULT_NONE);
    struct waiting waiting = {.stage = &stage};
    follow_enter(stage.follow, &guest);
    assert_int_equal(pthread_create(&thread, NULL, wait_everywhere, &waiting), 0);
    (void)poll(NULL, 0, 100);
    assert_false(atomic_load(&waiting.done));
    follow_leave(stage.follow, &guest);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(waiting.fault, FAULT_NONE);
    /* What the other server has is not told before its guests have left. */
    struct child_id child = {{{1}}};
    follow_enter(stage.follow, &guest);
    const struct change_mark mark = note(&stage.changes, &child, 1);
    WAIT_UNTIL(follow_counts(stage.follow).changes == 1);
    (void)poll(NULL, 0, 200);
    assert_int_equal(ground_count(stage.ground, "SELECT max(length(seen)) FROM server"), 0);
    follow_leave(stage.follow, &guest);
    WAIT_UNTIL(ground_count(stage.ground, "SELECT max(length(seen)) FROM server") == CHANGE_MARK_BYTES);
    assert_int_equal(mark.number, 1);
    end(&stage);
}

struct shield_job {
    struct noting noting;
    struct child_id child;
};

static enum fault put(struct db_tx *tx, void *context)
{
    struct shield_job *job = context;
    return shield_put(tx, &job->noting, job->child, SHIELD_DECIDED);
}

/* On either engine a shield hides the child in this server's own index. */
static void a_shield_hides(void **state)
{
    struct ground *ground = *state;
    struct changes changes;
    struct follow *follow = NULL;
    struct match_results results;
    settle(ground);
    assert_int_equal(changes_open(ground->db, ground->vault, &changes), FAULT_NONE);
    const struct follow_house house = {ground->index, &changes, 10000000, NULL, NULL};
    assert_int_equal(follow_open(&house, &follow), FAULT_NONE);
    assert_int_equal(follow_begin(follow), FAULT_NONE);
    struct shield_job job = {{.changes = &changes}, named(ground, "Bandorf")};
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, put, &job), FAULT_NONE);
    assert_int_equal(shield_confirm(follow, job.child, &job.noting.mark), FAULT_NONE);
    struct match_sight sight = {.own_scheme = {false}};
    sight.mask[RECORD_LIVE] = MASK(IDENTITY);
    const struct match_query query = {.family = STR("Bandorf"), .birth = {2014, 3, 27, DAY_EXACT}};
    assert_int_equal(match_search(ground->index, &query, &sight, &results), FAULT_NONE);
    assert_int_equal(results.count, 0);
    sight.mask[RECORD_SHIELDED] = MASK(IDENTITY);
    assert_int_equal(match_search(ground->index, &query, &sight, &results), FAULT_NONE);
    assert_int_equal(results.count, 1);
    assert_int_equal(results.found[0].state, RECORD_SHIELDED);
    job.child = (struct child_id){{{77}}};
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, put, &job), FAULT_ABSENT);
    follow_close(follow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_stand_in_rows),
        cmocka_unit_test(vectors_count_each_lane),
        cmocka_unit_test(an_epoch_passes_when_its_guests_have_left),
        WITH_GROUND(nothing_is_noted_where_nobody_follows),
        WITH_GROUND(notes_are_dense),
        WITH_GROUND(what_others_change_is_read),
        WITH_GROUND(who_is_gone_or_broken_is_removed),
        WITH_GROUND(a_gap_ends_the_server),
        WITH_GROUND(who_is_late_is_ended),
        WITH_GROUND(who_is_alive_is_not_ended),
        WITH_GROUND(who_is_ended_notices),
        WITH_GROUND(requests_under_way_are_waited_for),
        WITH_GROUND(a_shield_hides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
