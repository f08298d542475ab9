/* What is there after a kill, and what is not. */
#include <stdio.h>
#include <stdlib.h>

#include "kill.h"
#include "registry/alarm.h"

enum { CHECK_ARENA_BYTES = 64 * 1024 * 1024 };

static int compare_ids(const void *a, const void *b)
{
    return id_compare(*(const struct id *)a, *(const struct id *)b);
}

int kill_check_acts(struct house *house, const struct reports *reports)
{
    size_t count;
    int missing = 0;
    const struct audit_event *events = house_events(house, 0, &count);
    struct id *acts = calloc(count + 1, sizeof *acts);
    assert_non_null(acts);
    for (size_t i = 0; i < count; i++)
        acts[i] = events[i].act;
    qsort(acts, count, sizeof *acts, compare_ids);
    for (size_t i = 0; i < reports->count; i++)
        if (reports->all[i].kind == REPORT_SHOWN &&
            bsearch(&reports->all[i].act, acts, count, sizeof *acts, compare_ids) == NULL)
            missing++;
    free(acts);
    if (missing > 0)
        (void)fprintf(stderr, "%d answers were released without an entry\n", missing);
    return missing;
}

struct child_job {
    struct house *house;
    struct child_id id;
    struct arena *arena;
    struct child *child;
};

static enum fault read_child(struct db_tx *tx, void *context)
{
    struct child_job *job = context;
    return child_read_whole(tx, vault_for_linkage(job->house->service->vault).purpose, job->id, job->arena,
                            &job->child);
}

/* What practitioners recorded of the children who were there before. */
static int64_t practitioners_claims(struct house *house, const struct child_id *children)
{
    int64_t count = 0;
    struct child_job job = {.house = house};
    assert_int_equal(arena_open(CHECK_ARENA_BYTES, &job.arena), FAULT_NONE);
    for (int i = 0; i < KILL_CHILDREN; i++) {
        job.id = children[i];
        arena_reset(job.arena);
        assert_int_equal(db_read(house->service->db, read_child, &job), FAULT_NONE);
        for (size_t k = 0; k < job.child->claim_count; k++)
            count += job.child->claims[k].source == SOURCE_NONE;
    }
    arena_close(job.arena);
    return count;
}

struct tally kill_tally(struct house *house, const struct child_id children[KILL_CHILDREN])
{
    return (struct tally){house_count(house, "SELECT count(*) FROM child"),
                          house_count(house, "SELECT count(*) FROM claim") -
                              practitioners_claims(house, children),
                          house_count(house, "SELECT count(*) FROM source_record"),
                          house_count(house, "SELECT count(*) FROM identifier_owner"),
                          house_count(house, "SELECT count(*) FROM batch_waiting")};
}

void tally_print(const char *name, const struct tally *tally)
{
    (void)fprintf(stderr, "%s: %d children, %d claims, %d records, %d owners, %d waiting\n", name,
                  (int)tally->children, (int)tally->claims, (int)tally->records, (int)tally->owners,
                  (int)tally->waiting);
}

static bool holds(const struct child *child, const struct report *report)
{
    char service[64];
    kill_service_name(service, report->number);
    for (size_t i = 0; i < child->claim_count; i++) {
        const struct claim *claim = &child->claims[i];
        if (claim->kind == ROW_INVOLVEMENT && str_equal(claim->row.at[COLUMN_service], str_of(service)) &&
            (report->kind == REPORT_RECORDED || (!claim->superseded && claim->row.at[COLUMN_to].len > 0)))
            return true;
    }
    return false;
}

/* Every involvement and every end that was acknowledged is there. */
static int check_writes(struct house *house, const struct reports *reports)
{
    int missing = 0;
    struct child_job job = {.house = house};
    assert_int_equal(arena_open(CHECK_ARENA_BYTES, &job.arena), FAULT_NONE);
    for (size_t i = 0; i < reports->count; i++) {
        const struct report *report = &reports->all[i];
        if (report->kind != REPORT_RECORDED && report->kind != REPORT_ENDED)
            continue;
        job.id = report->child;
        arena_reset(job.arena);
        if (db_read(house->service->db, read_child, &job) != FAULT_NONE || !holds(job.child, report))
            missing++;
    }
    arena_close(job.arena);
    if (missing > 0)
        (void)fprintf(stderr, "%d acknowledged involvements are lost\n", missing);
    return missing;
}

struct alarm_job {
    struct house *house;
    int64_t count;
};

static enum fault count_gaps(struct db_tx *tx, void *context)
{
    struct alarm_job *job = context;
    return alarm_open_count(tx, ALARM_LOG_GAP, job->house->arena, &job->count);
}

/* The log is whole, nobody noticed a gap, nothing of a plan is left, and the index holds every child. */
static int check_house(struct house *house)
{
    struct audit_check check;
    struct alarm_job gaps = {.house = house};
    assert_int_equal(audit_check_all(house->service->audit, &check), FAULT_NONE);
    assert_int_equal(db_read(house->service->db, count_gaps, &gaps), FAULT_NONE);
    int64_t plan = house_count(house, "SELECT count(*) FROM batch_plan");
    int64_t open = house_count(house, "SELECT count(*) FROM batch WHERE state <> 3");
    int64_t children = house_count(house, "SELECT count(*) FROM child");
    struct match_counts index = match_counts(house->service->index);
    if (check.broken == 0 && check.gaps == 0 && gaps.count == 0 && plan == 0 && open == 0 &&
        (int64_t)index.people == children && index.pending == 0)
        return 0;
    (void)fprintf(
        stderr,
        "broken entries %d, gaps %d, alarms of gaps %d, steps left %d, open batches %d, children %d, "
        "indexed %d, pending %d\n",
        (int)check.broken, (int)check.gaps, (int)gaps.count, (int)plan, (int)open, (int)children,
        (int)index.people, (int)index.pending);
    return 1;
}

int kill_check(struct house *house, const struct reports *reports)
{
    return check_house(house) + kill_check_acts(house, reports) + check_writes(house, reports);
}
