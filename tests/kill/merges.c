/* Case 58 for merges: kill -9 while an officer merges records and takes merges back.  Afterwards each pair is
 * one whole or two, nothing that was acknowledged is lost, and a split gives back the same bytes.
 * CONTACTPOINT_MERGE_KILLS says how often (40), CONTACTPOINT_SEED which moments. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "kill.h"

enum {
    KILLS_DEFAULT = 40,
    KILLS_PER_HOUSE = 10,
    SEED_DEFAULT = 20261121,
    LIVES_MS_MAX = 400, /* signing in takes some of it */
    PAIRS = KILL_CHILDREN / 2,
    TRIES_MAX = 400,
    ARENA_BYTES = 16 * 1024 * 1024,
    PICTURE_BYTES_MAX = 16 * 1024 * 1024,
    SQL_BYTES_MAX = 512,
};

static const char *const nobody[] = {NULL};

/* An officer with a security key, and what they know of the pairs. */
struct officer {
    struct seat seat;
    const struct child_id *children;
    struct arena *arena;
    bool merged[PAIRS];
    struct child_id part[PAIRS]; /* of a merged one: the record that was taken in */
};

static int64_t count_of_child(struct house *house, const char *what, struct child_id child)
{
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s = %s", what,
                   engine_literal(child.id.byte, sizeof child.id.byte));
    return house_count(house, sql);
}

static struct officer officer_of(struct house *house, const struct child_id *children)
{
    struct officer officer = {.seat = house_sign_in(house, "data", ROLE_data_officer), .children = children};
    if (house_past(house, "UPDATE session SET strength = 3 WHERE role = 5 AND ended_us IS NULL") < 1 ||
        arena_open(ARENA_BYTES, &officer.arena) != FAULT_NONE)
        _exit(7);
    for (size_t i = 0; i < KILL_CHILDREN; i++) {
        if (count_of_child(house, "child WHERE merged_into IS NOT NULL AND child_id", children[i]) == 0)
            continue;
        officer.merged[i / 2] = true;
        officer.part[i / 2] = children[i];
    }
    return officer;
}

/* Merges the pair, or takes the merge back; *ret_act is that of the answer. */
static enum fault decide_pair(struct officer *officer, size_t pair, struct id *ret_act)
{
    const struct child_id *both = &officer->children[2 * pair];
    struct request request = {
        .operation = OP_child_merge, .path_ids = {both[0].id, both[1].id}, .path_id_count = 2};
    if (officer->merged[pair])
        request = (struct request){
            .operation = OP_child_split, .path_ids = {officer->part[pair].id}, .path_id_count = 1};
    arena_reset(officer->arena);
    const struct answer *answer = house_ask_in(&officer->seat, &request, officer->arena);
    if (answer->fault != FAULT_NONE)
        return answer->fault;
    if (!officer->merged[pair])
        officer->part[pair] = id_equal(answer->opened.id, both[0].id) ? both[1] : both[0];
    officer->merged[pair] = !officer->merged[pair];
    *ret_act = answer->reference;
    return FAULT_NONE;
}

static void decide_on(struct victim *victim)
{
    struct officer officer = officer_of(victim->house, victim->children);
    struct stream stream = stream_of(victim->seed);
    while (!victim_is_to_be_quiet()) {
        size_t pair = stream_below(&stream, PAIRS);
        struct report report = {.kind = REPORT_DECIDING, .number = 2 * pair + !officer.merged[pair]};
        struct id act;
        victim_tell(victim, &report);
        enum fault fault = decide_pair(&officer, pair, &act);
        if (fault == FAULT_BUSY)
            continue;
        if (fault != FAULT_NONE) {
            (void)fprintf(stderr, "a decision is answered %s %s\n", fault_name(fault), fault_last_note());
            _exit(4);
        }
        victim_tell(victim, &(struct report){.kind = REPORT_SHOWN, .act = act});
        report.kind = REPORT_DECIDED;
        victim_tell(victim, &report);
    }
}

struct reading {
    struct house *house;
    struct child_id id;
    struct arena *arena;
    struct child *child;
};

static enum fault read_child(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    return child_read_whole(tx, vault_for_linkage(reading->house->service->vault).purpose, reading->id,
                            reading->arena, &reading->child);
}

static const struct child *read_one(struct house *house, struct child_id id, struct arena *arena)
{
    struct reading reading = {house, id, arena, NULL};
    enum fault fault = db_read(house->service->db, read_child, &reading);
    if (fault != FAULT_NONE)
        fail_msg("a child is answered %s", fault_name(fault));
    return reading.child;
}

/* One whole or two: every row that says so says the same. */
static bool is_whole(struct house *house, const struct child_id both[2], bool merged, struct arena *arena)
{
    int64_t taken_in = 0, parts = 0, taking = 0;
    for (int i = 0; i < 2; i++) {
        taken_in += count_of_child(house, "child WHERE merged_into IS NOT NULL AND child_id", both[i]);
        taking += count_of_child(house, "child WHERE parts = 1 AND child_id", both[i]);
        parts += count_of_child(house, "part WHERE part_id", both[i]);
    }
    const struct child *one = read_one(house, both[0], arena), *other = read_one(house, both[1], arena);
    bool same = id_equal(one->child.id, other->child.id);
    size_t claims = merged ? 2 : 1, numbers = merged ? 4 : 2; /* ours and the NHS's of each */
    bool indexed = (match_version(house->service->index, both[0]) != 0) +
                       (match_version(house->service->index, both[1]) != 0) ==
                   (merged ? 1 : 2);
    return taken_in == merged && parts == merged && taking == merged && same == merged && indexed &&
           one->claim_count == claims && other->claim_count == claims &&
           one->person.number_count == numbers && other->person.number_count == numbers;
}

/* What is expected of a pair by what was acknowledged; the last word may be unknown. */
struct expected {
    bool merged;
    bool open;
};

static void expect(const struct reports *reports, struct expected expected[PAIRS])
{
    for (size_t i = 0; i < reports->count; i++) {
        const struct report *report = &reports->all[i];
        if (report->kind != REPORT_DECIDING && report->kind != REPORT_DECIDED)
            continue;
        struct expected *pair = &expected[report->number / 2];
        pair->open = report->kind == REPORT_DECIDING;
        if (report->kind == REPORT_DECIDED)
            pair->merged = report->number % 2 == 1;
    }
}

/* What turned out stands from here on. */
static int check_pairs(struct hunt *hunt, struct expected expected[PAIRS])
{
    struct house *house = hunt->house;
    struct arena *arena = NULL;
    int failures = 0;
    expect(&hunt->reports, expected);
    assert_int_equal(arena_open(ARENA_BYTES, &arena), FAULT_NONE);
    for (size_t i = 0; i < PAIRS; i++) {
        const struct child_id *both = &hunt->children[2 * i];
        bool merged =
            id_equal(read_one(house, both[0], arena)->child.id, read_one(house, both[1], arena)->child.id);
        if (!is_whole(house, both, merged, arena) || (!expected[i].open && merged != expected[i].merged)) {
            (void)fprintf(stderr, "pair %d is %s, not whole or not as acknowledged\n", (int)i,
                          merged ? "one" : "two");
            failures++;
        }
        expected[i] = (struct expected){.merged = merged};
    }
    arena_close(arena);
    return failures;
}

/* All that rests of the children, opened where it is sealed anew each time. */
static struct buffer picture(struct hunt *hunt)
{
    static const char *const rows[] = {
        "SELECT child_id, state, shield, authority, merged_into, parts FROM child ORDER BY child_id",
        "SELECT child_id, wrapped FROM child_key ORDER BY child_id",
        "SELECT child_id, claim_id, superseded_month, sealed FROM claim ORDER BY child_id, claim_id",
        "SELECT tag, child_id FROM identifier_owner ORDER BY tag",
        "SELECT source, number, sealed FROM source_record ORDER BY source, number",
        "SELECT child_id, part_id FROM part ORDER BY child_id, part_id"};
    struct buffer all = buffer_open(PICTURE_BYTES_MAX);
    struct arena *arena = NULL;
    size_t size_bytes = 0;
    assert_int_equal(arena_open(ARENA_BYTES, &arena), FAULT_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        void *at = engine_rows(hunt->house->db_path, rows[i], &size_bytes);
        buffer_put_field(&all, (struct bytes){at, size_bytes});
        free(at);
    }
    for (size_t i = 0; i < KILL_CHILDREN; i++)
        person_pack(&all, &read_one(hunt->house, hunt->children[i], arena)->person);
    assert_int_equal(buffer_fault(&all), FAULT_NONE);
    arena_close(arena);
    return all;
}

/* Takes every merge back that stands; then all is as if there had never been any. */
static int check_bytes(struct hunt *hunt, const struct buffer *before)
{
    struct officer officer = officer_of(hunt->house, hunt->children);
    struct id act;
    for (size_t i = 0; i < PAIRS; i++) {
        enum fault fault = officer.merged[i] ? decide_pair(&officer, i, &act) : FAULT_NONE;
        if (fault != FAULT_NONE)
            fail_msg("a merge is not taken back: %s %s", fault_name(fault), fault_last_note());
    }
    arena_close(officer.arena);
    struct buffer after = picture(hunt);
    bool same = after.len == before->len && memcmp(after.at, before->at, after.len) == 0;
    buffer_close(&after);
    if (!same)
        (void)fprintf(stderr, "a split has not given back the same bytes\n");
    return same ? 0 : 1;
}

static int check_house(struct hunt *hunt, struct expected expected[PAIRS])
{
    struct audit_check check;
    hunt_let_lease_run_out(hunt->house);
    house_start(hunt->house); /* by itself: nobody mends anything */
    int failures = kill_check_acts(hunt->house, &hunt->reports) + check_pairs(hunt, expected);
    assert_int_equal(audit_check_all(hunt->house->service->audit, &check), FAULT_NONE);
    if (check.broken + check.gaps == 0)
        return failures;
    (void)fprintf(stderr, "broken entries %d, gaps %d\n", (int)check.broken, (int)check.gaps);
    return failures + 1;
}

/* A house whose officers are killed one after another; looked at after most of them, and at the end. */
static int kill_in_house(struct hunt *hunt, int kills, uint64_t *seed, size_t *decided)
{
    struct expected expected[PAIRS] = {{false, false}};
    int failures = 0;
    hunt->house = kill_house(hunt->children);
    struct buffer before = picture(hunt);
    house_stop(hunt->house);
    hunt->reports.count = 0;
    for (int i = 0; i < kills && failures == 0; i++) {
        failures += hunt_kill(hunt, (*seed)++);
        bool unseen = stream_below(hunt->stream, 4) == 0; /* the next victim recovers, and may die of it */
        if (failures > 0 || (unseen && i + 1 < kills))
            continue;
        house_wait(hunt->house, 3600);
        failures += check_house(hunt, expected);
        for (size_t k = 0; k < hunt->reports.count; k++)
            *decided += hunt->reports.all[k].kind == REPORT_DECIDED;
        hunt->reports.count = 0;
        if (failures == 0 && i + 1 == kills)
            failures += check_bytes(hunt, &before);
        house_stop(hunt->house);
    }
    buffer_close(&before);
    house_close(hunt->house);
    return failures;
}

int main(void)
{
    int64_t kills = kill_number_of("CONTACTPOINT_MERGE_KILLS", KILLS_DEFAULT);
    int64_t seed_of_moments = kill_number_of("CONTACTPOINT_SEED", SEED_DEFAULT);
    struct stream stream = stream_of((uint64_t)seed_of_moments);
    struct hunt hunt = {.stream = &stream, .staff = nobody, .load = decide_on, .lives_ms_max = LIVES_MS_MAX};
    uint64_t seed = 1;
    size_t decided = 0;
    int failures = 0;
    int64_t done = 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)printf("seed %d\n[ RUN      ] case_58_kills_of_merges\n", (int)seed_of_moments);
    while (done < kills && failures == 0) {
        int now = kills - done < KILLS_PER_HOUSE ? (int)(kills - done) : KILLS_PER_HOUSE;
        failures += kill_in_house(&hunt, now, &seed, &decided);
        done += now;
    }
    free(hunt.reports.all);
    (void)printf("%s case_58_kills_of_merges: %d kills, %d merges and splits\n",
                 failures == 0 ? "[       OK ]" : "[  FAILED  ]", (int)done, (int)decided);
    return failures == 0 ? 0 : 1;
}
