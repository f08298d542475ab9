/* Alarms (R17.7): raised with their cause, taken once, passed on when their time has run out. */
#include "ground.h"

#include <stdlib.h>

#include "engine.h"
#include "registry/alarm.h"
#include "store/house_key.h"

struct alarm_job {
    struct ground *ground;
    struct wrapped_key key;
    struct alarm alarm;
    struct instant now;
    struct id id;
    int64_t count;
    struct raised_alarm found[ALARM_LIST_MAX];
    size_t found_count;
    enum fault then; /* what the job answers after its alarm */
};

static enum fault raise(struct db_tx *tx, void *context)
{
    struct alarm_job *job = context;
    enum fault fault =
        alarm_raise(tx, job->ground->vault, &job->key, entropy_system(), job->now, &job->alarm);
    return fault != FAULT_NONE ? fault : job->then;
}

static enum fault count(struct db_tx *tx, void *context)
{
    struct alarm_job *job = context;
    return alarm_open_count(tx, job->alarm.kind, job->ground->arena, &job->count);
}

static enum fault acknowledge(struct db_tx *tx, void *context)
{
    const struct alarm_job *job = context;
    return alarm_acknowledge(tx, job->id, job->now);
}

static enum fault escalate(struct db_tx *tx, void *context)
{
    struct alarm_job *job = context;
    return alarm_escalate(tx, ROLE_audit_reviewer, ROLE_national_administrator, job->now, seconds(60),
                          &job->count);
}

static struct alarm_job job_of(struct ground *ground)
{
    struct alarm_job job = {.ground = ground,
                            .alarm = {.kind = ALARM_REASON_COPIED,
                                      .addressed = ROLE_audit_reviewer,
                                      .authority = STR("E06000001"),
                                      .due_in = seconds(3600),
                                      .detail = STR("Quillfeather")},
                            .now = {ground->now_us}};
    assert_int_equal(house_key_get(ground->db, ground->vault, STR("alarm"), &job.key), FAULT_NONE);
    return job;
}

static int64_t open_count(struct alarm_job *job)
{
    assert_int_equal(db_read(job->ground->db, count, job), FAULT_NONE);
    return job->count;
}

static void raised_with_its_cause(void **state)
{
    struct alarm_job job = job_of(*state);
    job.then = FAULT_CONFLICT; /* what caused it is rolled back: so is the alarm */
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, raise, &job), FAULT_CONFLICT);
    assert_int_equal(open_count(&job), 0);
    job.then = FAULT_NONE;
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, raise, &job), FAULT_NONE);
    assert_int_equal(open_count(&job), 1);
    job.alarm.kind = ALARM_LOG_GAP;
    assert_int_equal(open_count(&job), 0);
    size_t size_bytes;
    char *resting = engine_resting(job.ground->db_path, &size_bytes);
    assert_null(memmem(resting, size_bytes, "Quillfeather", 12));
    free(resting);
}

static void taken_once(void **state)
{
    struct alarm_job job = job_of(*state);
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, acknowledge, &job), FAULT_ABSENT);
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, raise, &job), FAULT_NONE);
    assert_int_equal(ground_past(job.ground, "UPDATE alarm SET alarm_id = $1", &(struct child_id){0}), 1);
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, acknowledge, &job), FAULT_NONE);
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, acknowledge, &job), FAULT_ABSENT);
    assert_int_equal(open_count(&job), 0);
}

static void passed_on_when_late(void **state)
{
    struct alarm_job job = job_of(*state);
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, raise, &job), FAULT_NONE);
    job.now = instant_after(job.now, seconds(3599));
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, escalate, &job), FAULT_NONE);
    assert_int_equal(job.count, 0);
    job.now = instant_after(job.now, seconds(1));
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, escalate, &job), FAULT_NONE);
    assert_int_equal(job.count, 1);
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, escalate, &job), FAULT_NONE);
    assert_int_equal(job.count, 0); /* it is not the first person's any more */
}

static const struct alarm_reader *reader_of_job(const struct alarm_job *job)
{
    static struct alarm_reader reader;
    reader = (struct alarm_reader){job->ground->vault, &job->key, job->ground->arena};
    return &reader;
}

static enum fault list_open(struct db_tx *tx, void *context)
{
    struct alarm_job *job = context;
    return alarm_list(tx, reader_of_job(job), STR("E06000001"), job->found, &job->found_count);
}

static void whom_it_concerns_comes_back(void **state)
{
    struct alarm_job job = job_of(*state);
    job.alarm.account = (struct account_id){{{5}}};
    job.alarm.child = (struct child_id){{{6}}};
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, raise, &job), FAULT_NONE);
    job.alarm.authority = STR("E06000009"); /* another team's */
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, raise, &job), FAULT_NONE);
    job.alarm.kind = ALARM_OVERRIDE; /* a matter's */
    job.alarm.authority = STR("E06000001");
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, raise, &job), FAULT_NONE);
    assert_int_equal(db_read(job.ground->db, list_open, &job), FAULT_NONE);
    assert_int_equal(job.found_count, 1);
    assert_int_equal(job.found[0].alarm.account.id.byte[0], 5);
    assert_int_equal(job.found[0].alarm.child.id.byte[0], 6);
    assert_true(str_equal(job.found[0].alarm.detail, STR("Quillfeather")));
    assert_int_equal(job.found[0].alarm.kind, ALARM_REASON_COPIED);
    assert_false(job.found[0].closed);
}

static enum fault put_of_earlier_version(struct db_tx *tx, void *context)
{
    struct alarm_job *job = context;
    const struct id id = {{9}};
    const struct seal_place place = {"alarm", "sealed", id_bytes(&id), 1};
    struct buffer sealed = buffer_open(4096);
    enum fault fault;
    TRY(vault_seal(job->ground->vault, &job->key, &place, bytes_of(STR("a key is frozen")), &sealed));
    const struct value in[] = {[BIND_alarm_insert_alarm_id] = value_id(id),
                               [BIND_alarm_insert_kind] = value_int(ALARM_KEY_FROZEN),
                               [BIND_alarm_insert_addressed_role] = value_int(ROLE_user_manager),
                               [BIND_alarm_insert_authority] = value_null(),
                               [BIND_alarm_insert_raised_us] = value_int(1),
                               [BIND_alarm_insert_due_us] = value_int(2),
                               [BIND_alarm_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_alarm_insert, in, NULL));
done:
    buffer_close(&sealed);
    return fault;
}

static void one_of_an_earlier_version_is_read(void **state)
{
    struct alarm_job job = job_of(*state);
    assert_int_equal(db_write(job.ground->db, DB_FOREGROUND, put_of_earlier_version, &job), FAULT_NONE);
    assert_int_equal(db_read(job.ground->db, list_open, &job), FAULT_NONE);
    assert_int_equal(job.found_count, 1);
    assert_true(str_equal(job.found[0].alarm.detail, STR("a key is frozen")));
    assert_true(id_is_zero(job.found[0].alarm.account.id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(raised_with_its_cause), WITH_GROUND(taken_once), WITH_GROUND(passed_on_when_late),
        WITH_GROUND(whom_it_concerns_comes_back), WITH_GROUND(one_of_an_earlier_version_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
