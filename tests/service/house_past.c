/* What a test does and sees past the service: the database and the log. */
#include "house.h"

#include <stdio.h>
#include <stdlib.h>

#include "access/organisations.h"
#include "audit/inside.h"
#include "engine.h"

enum { SQL_BYTES_MAX = 1024 };

struct child_id house_child_id(struct house *house, const char *family, const char *given)
{
    struct match_results results;
    struct match_sight sight = {.own_scheme = {false}};
    const struct match_query query = {.family = str_of(family),
                                      .given = str_of(given),
                                      .birth_earliest = {2000, 1, 1, DAY_EXACT},
                                      .birth_latest = {2030, 1, 1, DAY_EXACT}};
    for (int state = 1; state <= RECORD_STATES; state++)
        sight.mask[state] = MASK(IDENTITY);
    assert_int_equal(match_search(house->service->index, &query, &sight, &results), FAULT_NONE);
    if (results.count == 0)
        fail_msg("no child %s %s", given, family);
    return results.found[0].child;
}

int64_t house_past(struct house *house, const char *sql)
{
    return engine_run(house->db_path, sql);
}

int64_t house_count(struct house *house, const char *sql)
{
    return engine_number(house->db_path, sql);
}

int64_t house_past_child(struct house *house, const char *sql, struct child_id child)
{
    return engine_run_with(house->db_path, sql, child.id.byte, sizeof child.id.byte);
}

void house_set_state(struct house *house, struct child_id child, int state, int shield)
{
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE child SET state = %d, shield = %d, version = version + 1 WHERE child_id = $1",
                   state, shield);
    house_stop(house);
    assert_int_equal(house_past_child(house, sql, child), 1);
    house_start(house);
}

int64_t house_entries(struct house *house)
{
    return house_count(house, "SELECT count(*) FROM audit_entry");
}

struct events_job {
    struct house *house;
    struct audit_event *events;
    size_t room;
    size_t count;
};

static struct bytes bytes_or_none(const struct value *value)
{
    return value->kind == VALUE_BYTES ? value->bytes : (struct bytes){NULL, 0};
}

static enum fault read_event(struct db_tx *tx, struct events_job *job, const struct value *out,
                             struct buffer *clear)
{
    const struct audit_row row = {.incarnation_id = out[GIVE_audit_entry_all_incarnation_id].bytes,
                                  .number = out[GIVE_audit_entry_all_number].number,
                                  .entry_id = out[GIVE_audit_entry_all_entry_id].bytes,
                                  .commitment = out[GIVE_audit_entry_all_commitment].bytes,
                                  .child_id = bytes_or_none(&out[GIVE_audit_entry_all_child_id]),
                                  .month = out[GIVE_audit_entry_all_month].number,
                                  .actor_tag = bytes_or_none(&out[GIVE_audit_entry_all_actor_tag]),
                                  .at_us = out[GIVE_audit_entry_all_at_us].number,
                                  .sealed = out[GIVE_audit_entry_all_sealed].bytes};
    struct audit *audit = job->house->service->audit;
    struct str copy;
    enum fault fault;
    TRY(audit_row_open(audit, tx, &row, clear));
    TRY(audit_row_verify(audit, &row, buffer_bytes(clear)));
    TRY(arena_copy(job->house->arena,
                   (struct str){clear->at + AUDIT_SALT_BYTES, clear->len - AUDIT_SALT_BYTES}, &copy));
    must(job->count < job->room);
    TRY(audit_event_unpack(bytes_of(copy), &job->events[job->count]));
    job->count++;
done:
    return fault;
}

static enum fault read_events(struct db_tx *tx, void *context)
{
    struct events_job *job = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_audit_entry_all];
    struct buffer clear = buffer_open(128 * 1024);
    enum fault fault;
    TRY(db_query(tx, SQL_audit_entry_all, NULL, &rows));
    while (fault == FAULT_NONE && db_next(rows, out))
        fault = read_event(tx, job, out, &clear);
    enum fault closed = db_rows_close(rows);
    TRY(fault);
    TRY(closed);
done:
    buffer_close(&clear);
    return fault;
}

static int older_first(const void *a, const void *b)
{
    int64_t left = ((const struct audit_event *)a)->at.us, right = ((const struct audit_event *)b)->at.us;
    return left < right ? -1 : left > right;
}

struct audit_event *house_events(struct house *house, int64_t from, size_t *ret_count)
{
    struct events_job job = {.house = house, .room = (size_t)house_entries(house) + 1};
    job.events = arena_take_array(house->arena, job.room, sizeof *job.events);
    assert_non_null(job.events);
    assert_int_equal(db_read(house->service->db, read_events, &job), FAULT_NONE);
    qsort(job.events, job.count, sizeof *job.events,
          older_first); /* incarnations have no order of their own */
    assert_true(from >= 0 && (size_t)from <= job.count);
    *ret_count = job.count - (size_t)from;
    return job.events + from;
}

void house_check_log(struct house *house)
{
    struct audit_check check;
    assert_int_equal(audit_check_all(house->service->audit, &check), FAULT_NONE);
    assert_int_equal(check.broken, 0);
    assert_int_equal(check.gaps, 0);
}

struct organisation_job {
    struct house *house;
    struct organisation organisation;
};

static enum fault read_organisation(struct db_tx *tx, void *context)
{
    struct organisation_job *job = context;
    return access_organisation_get(job->house->service->access, tx, job->organisation.organisation,
                                   job->house->arena, &job->organisation);
}

static enum fault change_organisation(struct db_tx *tx, void *context)
{
    const struct organisation_job *job = context;
    return access_organisation_change(job->house->service->access, tx, &job->organisation);
}

struct organisation house_organisation(struct house *house, size_t index)
{
    struct organisation_job job = {house, house->organisations[index]};
    assert_int_equal(db_read(house->service->db, read_organisation, &job), FAULT_NONE);
    return job.organisation;
}

void house_change_organisation(struct house *house, struct organisation organisation)
{
    struct organisation_job job = {house, organisation};
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, change_organisation, &job), FAULT_NONE);
}
