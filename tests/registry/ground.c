#include "ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "registry/involvement.h"
#include "registry/rebuild.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, SQL_BYTES_MAX = 256, GROUND_CONNECTIONS = 3 };

static struct instant tell(void *context)
{
    struct ground *ground = context;
    ground->now_us += 1000;
    return (struct instant){ground->now_us};
}

struct clock ground_clock(struct ground *ground)
{
    return (struct clock){tell, ground};
}

struct intake_house ground_intake(struct ground *ground)
{
    return (struct intake_house){.db = ground->db,
                                 .vault = ground->vault,
                                 .index = ground->index,
                                 .clock = ground_clock(ground),
                                 .entropy = entropy_system()};
}

static void open_all(struct ground *ground, bool create)
{
    char key_path[96];
    int64_t children = 0, broken = 0;
    (void)snprintf(key_path, sizeof key_path, "%s/vault.key", ground->folder);
    if (create)
        assert_int_equal(vault_create(key_path, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(key_path, &ground->vault), FAULT_NONE);
    assert_int_equal(db_open(&(struct db_settings){.connection = engine_connection(ground->db_path),
                                                   .create = create,
                                                   .readers = 2,
                                                   .connections = GROUND_CONNECTIONS},
                             &ground->db),
                     FAULT_NONE);
    assert_int_equal(match_open(&ground->index), FAULT_NONE);
    assert_int_equal(rebuild_index(ground->db, ground->vault, ground->index, 2, &children, &broken),
                     FAULT_NONE);
    struct intake_house house = ground_intake(ground);
    assert_int_equal(intake_recover(&house, &ground->finished, &ground->undone), FAULT_NONE);
}

static void close_all(struct ground *ground)
{
    match_close(ground->index);
    db_close(ground->db);
    vault_close(ground->vault);
}

int ground_set_up(void **state)
{
    struct ground *ground = calloc(1, sizeof *ground);
    assert_non_null(ground);
    (void)snprintf(ground->folder, sizeof ground->folder, "/tmp/contactpoint-ground-XXXXXX");
    assert_non_null(mkdtemp(ground->folder));
    (void)snprintf(ground->db_path, sizeof ground->db_path, "%s/contactpoint.db", ground->folder);
    ground->now_us = INT64_C(1795200000) * 1000000; /* 20 November 2026 */
    assert_int_equal(arena_open(ARENA_BYTES, &ground->arena), FAULT_NONE);
    open_all(ground, true);
    *state = ground;
    return 0;
}

int ground_tear_down(void **state)
{
    static const char *const names[] = {"vault.key",           "vault.key.state",     "contactpoint.db",
                                        "contactpoint.db-wal", "contactpoint.db-shm", "contactpoint.db.lock"};
    struct ground *ground = *state;
    char path[128];
    arena_close(ground->arena);
    close_all(ground);
    engine_forget(ground->db_path);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", ground->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(ground->folder), 0);
    free(ground);
    return 0;
}

void ground_reopen(struct ground *ground)
{
    close_all(ground);
    open_all(ground, false);
}

struct row ground_child(const char *record, const char *family, const char *given, const char *birth)
{
    struct row row = {0};
    row = row_with(row, COLUMN_type, "child");
    row = row_with(row, COLUMN_record, record);
    row = row_with(row, COLUMN_family, family);
    row = row_with(row, COLUMN_given, given);
    row = row_with(row, COLUMN_sex, "F");
    return row_with(row, COLUMN_birth_date, birth);
}

struct row ground_involvement(const char *record, const char *involvement)
{
    struct row row = {0};
    row = row_with(row, COLUMN_type, "involvement");
    row = row_with(row, COLUMN_record, record);
    row = row_with(row, COLUMN_involvement, involvement);
    row = row_with(row, COLUMN_service_kind, "family_support");
    return row_with(row, COLUMN_service, "Bridge House");
}

struct row ground_rhys(void)
{
    struct row row = ground_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row_with(row, COLUMN_postcode, "TS24 7AA"), COLUMN_authority, "E06000001");
    return row_with(row, COLUMN_nhs_number, "943 476 5919");
}

struct row ground_reece(void)
{
    struct row row = ground_child("e1", "Huws", "Reece", "2014-03-28");
    row = row_with(row_with(row, COLUMN_postcode, "LS1 4AB"), COLUMN_authority, "E08000035");
    return row_with(row, COLUMN_upn, "P207000016049");
}

struct row ground_carys(void)
{
    struct row row = ground_child("r2", "Bevan", "Carys", "2012-08-02");
    row = row_with(row_with(row, COLUMN_postcode, "LS1 4AB"), COLUMN_authority, "E08000035");
    return row_with(row, COLUMN_nhs_number, "999 000 0018");
}

struct batch_header ground_header(struct ground *ground, const struct feed *feed)
{
    return feed_header(feed, day_of_instant((struct instant){ground->now_us}));
}

enum fault ground_feed_to(struct ground *ground, const struct feed *feed, enum feed_end end,
                          struct batch_counts *ret_counts)
{
    const struct intake_house house = ground_intake(ground);
    const struct batch_header header = ground_header(ground, feed);
    return feed_take_in(&house, &header, feed, end, ret_counts);
}

enum fault ground_feed(struct ground *ground, const struct feed *feed, struct batch_counts *ret_counts)
{
    return ground_feed_to(ground, feed, FEED_APPLIED, ret_counts);
}

void ground_assert_counts(struct batch_counts counts, int64_t created, int64_t updated, int64_t unchanged)
{
    assert_int_equal(counts.created, created);
    assert_int_equal(counts.updated, updated);
    assert_int_equal(counts.unchanged, unchanged);
}

int64_t ground_count(struct ground *ground, const char *sql)
{
    return engine_number(ground->db_path, sql);
}

int64_t ground_children(struct ground *ground)
{
    return ground_count(ground, "SELECT count(*) FROM child");
}

int64_t ground_past(struct ground *ground, const char *sql, const struct child_id *child)
{
    if (child == NULL)
        return engine_run(ground->db_path, sql);
    return engine_run_with(ground->db_path, sql, child->id.byte, sizeof child->id.byte);
}

struct child_id ground_only_child(struct ground *ground)
{
    struct child_id child;
    engine_value(ground->db_path, "SELECT child_id FROM child", child.id.byte, sizeof child.id.byte);
    return child;
}

struct read_job {
    struct ground *ground;
    struct child_id id;
    struct child *child;
};

static enum fault read_child(struct db_tx *tx, void *context)
{
    struct read_job *job = context;
    return child_read_whole(tx, vault_for_linkage(job->ground->vault).purpose, job->id, job->ground->arena,
                            &job->child);
}

struct child *ground_read(struct ground *ground, struct child_id child)
{
    struct read_job job = {.ground = ground, .id = child};
    assert_int_equal(db_read(ground->db, read_child, &job), FAULT_NONE);
    return job.child;
}

void ground_set_state(struct ground *ground, struct child_id child, int state, int shield)
{
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE child SET state = %d, shield = %d, version = version + 1 WHERE child_id = $1",
                   state, shield);
    assert_int_equal(ground_past(ground, sql, &child), 1);
    ground_reopen(ground);
}

static struct decision officer_may(enum operation operation, enum role role)
{
    const struct facts facts = {.operation = operation,
                                .signed_in = true,
                                .strength = STRENGTH_KEY,
                                .role = role,
                                .role_held = true,
                                .account_active = true,
                                .organisation_active = true,
                                .form_token_valid = true};
    struct decision decision = decide(&facts);
    assert_true(decision.permitted);
    return decision;
}

static const struct account_id officer = {{{2}}};

struct permit_case_decide ground_may_decide(enum role role)
{
    const struct decision decision = officer_may(OP_case_decide, role);
    return permit_issue_case_decide(&decision, role, officer);
}

struct permit_child_merge ground_may_merge(enum role role)
{
    const struct decision decision = officer_may(OP_child_merge, role);
    return permit_issue_child_merge(&decision, role, officer);
}

struct permit_child_split ground_may_split(enum role role)
{
    const struct decision decision = officer_may(OP_child_split, role);
    return permit_issue_child_split(&decision, role, officer);
}

/* What a practitioner says of a child. */
struct saying {
    struct ground *ground;
    struct child_id child;
    struct claim_id claim;
    struct changes changes;
};

static const struct account_id practitioner = {{{9}}};

static struct decision practitioner_may(enum operation operation)
{
    const struct facts facts = {.operation = operation,
                                .signed_in = true,
                                .strength = STRENGTH_TOKEN,
                                .role = ROLE_practitioner,
                                .role_held = true,
                                .account_active = true,
                                .organisation_active = true,
                                .form_token_valid = true,
                                .reason = REASON_working,
                                .reason_live = true};
    return decide(&facts);
}

static enum fault record_involvement(struct db_tx *tx, void *context)
{
    struct saying *saying = context;
    struct noting noting = {.changes = &saying->changes};
    const struct decision decision = practitioner_may(OP_involvement_record);
    const struct permit_involvement_record permit =
        permit_issue_involvement_record(&decision, ROLE_practitioner, practitioner);
    const struct involvement_order order = {.recorder = practitioner,
                                            .claim = saying->claim,
                                            .at = {saying->ground->now_us},
                                            .row.at = {[COLUMN_service_kind] = STR("family_support"),
                                                       [COLUMN_service] = STR("Bridge House"),
                                                       [COLUMN_from] = STR("2026-11-01")}};
    struct read_job job = {.ground = saying->ground, .id = saying->child};
    enum fault fault;
    TRY(read_child(tx, &job));
    TRY(involvement_record(tx, &noting, &permit, job.child, &order));
done:
    return fault;
}

static enum fault end_involvement(struct db_tx *tx, void *context)
{
    struct saying *saying = context;
    struct noting noting = {.changes = &saying->changes};
    const struct decision decision = practitioner_may(OP_involvement_end);
    const struct permit_involvement_end permit =
        permit_issue_involvement_end(&decision, ROLE_practitioner, practitioner);
    const struct involvement_order order = {.recorder = practitioner,
                                            .claim = {{{11}}},
                                            .at = {saying->ground->now_us},
                                            .row.at[COLUMN_to] = STR("2026-11-20")};
    struct read_job job = {.ground = saying->ground, .id = saying->child};
    enum fault fault;
    TRY(read_child(tx, &job));
    TRY(involvement_end(tx, &noting, &permit, job.child, &order, saying->claim));
done:
    return fault;
}

static void say(struct saying *saying, enum fault (*how)(struct db_tx *tx, void *context))
{
    struct ground *ground = saying->ground;
    assert_int_equal(changes_open(ground->db, ground->vault, &saying->changes), FAULT_NONE);
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, how, saying), FAULT_NONE);
}

void ground_record_involvement(struct ground *ground, struct child_id child, struct claim_id claim)
{
    say(&(struct saying){.ground = ground, .child = child, .claim = claim}, record_involvement);
}

void ground_end_involvement(struct ground *ground, struct child_id child, struct claim_id claim)
{
    say(&(struct saying){.ground = ground, .child = child, .claim = claim}, end_involvement);
}

struct refresh_job {
    struct ground *ground;
    const struct child_id *children;
    size_t count;
};

static enum fault refresh(struct db_tx *tx, void *context)
{
    struct refresh_job *job = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < job->count; i++) {
        struct child_read read = {.id = job->children[i]};
        TRY(child_read_some(tx, vault_for_linkage(job->ground->vault), &read, 1, job->ground->arena));
        if (read.child == NULL)
            match_remove(job->ground->index, read.id);
        else
            TRY(match_put(job->ground->index, read.id, read.child->state, read.child->version, false,
                          &read.child->person));
    }
done:
    return fault;
}

void ground_refresh(struct ground *ground, const struct child_id *children, size_t count)
{
    struct refresh_job job = {ground, children, count};
    assert_int_equal(db_read(ground->db, refresh, &job), FAULT_NONE);
}

struct child_id ground_named(struct ground *ground, const char *family, const char *given)
{
    struct child_id found = {{{0}}};
    size_t size_bytes = 0, count = 0;
    uint8_t *rows =
        engine_rows(ground->db_path, "SELECT child_id FROM child WHERE merged_into IS NULL", &size_bytes);
    enum { LEN_BYTES = 8, ROW_BYTES = LEN_BYTES + sizeof found.id.byte };
    assert_int_equal(size_bytes % ROW_BYTES, 0);
    for (size_t at = 0; at < size_bytes; at += ROW_BYTES) {
        struct child_id child;
        memcpy(child.id.byte, rows + at + LEN_BYTES, sizeof child.id.byte);
        const struct person_name *name = &ground_read(ground, child)->person.names[0];
        if (!str_equal(name->family, str_of(family)) || !str_equal(name->given, str_of(given)))
            continue;
        found = child;
        count++;
    }
    free(rows);
    assert_int_equal(count, 1);
    return found;
}

struct child_id ground_find_number(struct ground *ground, enum number_scheme scheme, struct str number)
{
    const struct match_query query = {.number_scheme = scheme, .number = number};
    struct match_sight sight = {{0}, {0}};
    static struct match_results results;
    for (int state = 1; state <= RECORD_STATES; state++)
        sight.mask[state] = ~(field_mask)0;
    assert_int_equal(match_search(ground->index, &query, &sight, &results), FAULT_NONE);
    assert_int_equal(results.count, 1);
    return results.found[0].child;
}

void ground_assert_child(struct child_id one, struct child_id other)
{
    assert_memory_equal(one.id.byte, other.id.byte, sizeof one.id.byte);
}
