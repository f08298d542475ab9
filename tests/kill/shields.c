/* R9.5 and case 58: kill -9 while shields are asked for, decided and lifted.  Afterwards no shield that was
 * acknowledged is weaker, none was lowered but by two, and each has somebody who reviews it.
 * CONTACTPOINT_SHIELD_KILLS says how often (30), CONTACTPOINT_SEED which moments. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "kill.h"
#include "registry/shield.h"

enum {
    KILLS_DEFAULT = 30,
    KILLS_PER_HOUSE = 10,
    SEED_DEFAULT = 20261121,
    LIVES_MS_MAX = 600, /* signing in takes some of it */
    ARENA_BYTES = 16 * 1024 * 1024,
    SQL_BYTES_MAX = 512,
    SHIELDS = SHIELD_DECIDED + 1, /* in a report's number: child, then the shield that it comes to */
};

#define WORDS "drawn by the one who is killed"

static const char *const nobody[] = {NULL};

/* Who works on shields, and which there are. */
struct work {
    struct house *house;
    struct victim *victim;
    struct arena *arena;
    struct seat teacher, first, second;
    int64_t shields[KILL_CHILDREN];
};

static int64_t shield_of(struct house *house, struct child_id child)
{
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql, "SELECT shield FROM child WHERE child_id = %s",
                   engine_literal(child.id.byte, sizeof child.id.byte));
    return house_count(house, sql);
}

static struct answer *ask(struct work *work, const struct seat *seat, enum operation operation, struct id id,
                          const char *const *fields)
{
    const struct request request = {
        .operation = operation, .path_ids = {id}, .path_id_count = 1, .fields = fields};
    struct answer *answer = house_ask_in(seat, &request, work->arena);
    if (answer->fault != FAULT_NONE && answer->fault != FAULT_BUSY) {
        (void)fprintf(stderr, "%s is answered %s %s\n", policy_operation(operation)->name,
                      fault_name(answer->fault), fault_last_note());
        _exit(4);
    }
    return answer;
}

struct seeking {
    struct work *work;
    struct child_id child;
    struct matter matter;
};

static enum fault find_matter(struct db_tx *tx, void *context)
{
    struct seeking *seeking = context;
    return matter_of_child(tx, &seeking->work->house->service->matters, MATTER_SHIELD, seeking->child,
                           seeking->work->arena, &seeking->matter);
}

static struct matter matter_about(struct work *work, struct child_id child)
{
    struct seeking seeking = {.work = work, .child = child};
    if (db_read(work->house->service->db, find_matter, &seeking) != FAULT_NONE)
        _exit(5); /* a shield without a matter */
    return seeking.matter;
}

static const char *const said[] = {"ground", "harm",    "text",    WORDS,    "advice", WORDS, "lift_reason",
                                   WORDS,    "outcome", "confirm", "answer", "agree",  NULL};

/* The next step of one child's shield; what it comes to. */
static struct answer *advance(struct work *work, size_t child)
{
    static const char *const why[] = {"reason", "worried", NULL};
    const struct child_id id = work->victim->children[child];
    if (work->shields[child] == SHIELD_NONE) {
        (void)ask(work, &work->teacher, OP_child_reason, id.id, why);
        return ask(work, &work->teacher, OP_shield_request, id.id, said);
    }
    const struct matter matter = matter_about(work, id);
    if (matter.state == MATTER_OPEN && matter.wanted == SHIELD_ASKED)
        return ask(work, &work->first, OP_shield_decide, matter.matter.id, said);
    if (matter.state == MATTER_OPEN)
        return ask(work, &work->first, OP_shield_lift, matter.matter.id, said);
    return ask(work, &work->second, OP_shield_second, matter.matter.id, said);
}

/* What the store will hold once that step is done. */
static int64_t comes_to(struct work *work, size_t child)
{
    if (work->shields[child] == SHIELD_NONE)
        return SHIELD_PROVISIONAL;
    const struct matter matter = matter_about(work, work->victim->children[child]);
    return matter.state == MATTER_SECOND ? SHIELD_NONE : SHIELD_DECIDED;
}

static struct seat officer(struct work *work, const char *user_name, enum role role)
{
    struct seat seat = house_sign_in(work->house, user_name, role);
    if (house_past(work->house, "UPDATE session SET strength = 3 WHERE ended_us IS NULL") < 1)
        _exit(7);
    return seat;
}

static void work_on(struct victim *victim)
{
    struct work work = {.house = victim->house, .victim = victim};
    struct stream stream = stream_of(victim->seed);
    if (arena_open(ARENA_BYTES, &work.arena) != FAULT_NONE)
        _exit(7);
    for (size_t i = 0; i < KILL_CHILDREN; i++)
        work.shields[i] = shield_of(work.house, victim->children[i]);
    work.teacher = officer(&work, "teacher", ROLE_practitioner);
    work.first = officer(&work, "shielder", ROLE_shielding_officer);
    work.second = officer(&work, "second.shielder", ROLE_shielding_officer);
    while (!victim_is_to_be_quiet()) {
        const size_t child = stream_below(&stream, KILL_CHILDREN);
        const int64_t then = comes_to(&work, child);
        struct report report = {.kind = REPORT_DECIDING, .number = child * SHIELDS + (uint64_t)then};
        victim_tell(victim, &report);
        const struct answer *answer = advance(&work, child);
        if (answer->fault == FAULT_BUSY)
            continue;
        victim_tell(victim, &(struct report){.kind = REPORT_SHOWN, .act = answer->reference});
        report.kind = REPORT_DECIDED;
        victim_tell(victim, &report);
        work.shields[child] = then;
        arena_reset(work.arena);
    }
}

/* What was acknowledged; the last word may be unknown. */
struct expected {
    int64_t shield;
    int64_t maybe; /* where a step was under way */
    bool open;
};

static void expect(const struct reports *reports, struct expected expected[KILL_CHILDREN])
{
    for (size_t i = 0; i < reports->count; i++) {
        const struct report *report = &reports->all[i];
        if (report->kind != REPORT_DECIDING && report->kind != REPORT_DECIDED)
            continue;
        struct expected *child = &expected[report->number / SHIELDS];
        child->open = report->kind == REPORT_DECIDING;
        child->maybe = (int64_t)(report->number % SHIELDS);
        if (!child->open)
            child->shield = child->maybe;
    }
}

static bool is_hidden_in_index(struct house *house, struct child_id child)
{
    return match_state(house->service->index, child) == RECORD_SHIELDED;
}

static int check_shields(struct hunt *hunt, struct expected expected[KILL_CHILDREN])
{
    int failures = 0;
    expect(&hunt->reports, expected);
    for (size_t i = 0; i < KILL_CHILDREN; i++) {
        const int64_t now = shield_of(hunt->house, hunt->children[i]);
        const bool right = now == expected[i].shield || (expected[i].open && now == expected[i].maybe);
        if (!right || is_hidden_in_index(hunt->house, hunt->children[i]) != (now != SHIELD_NONE)) {
            (void)fprintf(stderr, "the shield of child %d is %d, %d was acknowledged\n", (int)i, (int)now,
                          (int)expected[i].shield);
            failures++;
        }
        expected[i] = (struct expected){.shield = now};
    }
    const int64_t shielded = house_count(hunt->house, "SELECT count(*) FROM child WHERE shield > 0"),
                  matters = house_count(hunt->house, "SELECT count(*) FROM matter WHERE state <> 3");
    if (shielded != matters)
        (void)fprintf(stderr, "%d are shielded, %d are reviewed\n", (int)shielded, (int)matters);
    return failures + (shielded != matters);
}

static int check_house(struct hunt *hunt, struct expected expected[KILL_CHILDREN])
{
    struct audit_check check;
    hunt_let_lease_run_out(hunt->house);
    house_start(hunt->house);
    int failures = kill_check_acts(hunt->house, &hunt->reports) + check_shields(hunt, expected);
    assert_int_equal(audit_check_all(hunt->house->service->audit, &check), FAULT_NONE);
    if (check.broken + check.gaps == 0)
        return failures;
    (void)fprintf(stderr, "broken entries %d, gaps %d\n", (int)check.broken, (int)check.gaps);
    return failures + 1;
}

static int kill_in_house(struct hunt *hunt, int kills, uint64_t *seed, size_t *decided)
{
    struct expected expected[KILL_CHILDREN] = {{0}};
    int failures = 0;
    hunt->house = kill_house(hunt->children);
    (void)house_past(hunt->house, "UPDATE child SET authority = 'E06000001'");
    house_stop(hunt->house);
    hunt->reports.count = 0;
    for (int i = 0; i < kills && failures == 0; i++) {
        failures += hunt_kill(hunt, (*seed)++);
        if (failures > 0)
            continue;
        house_wait(hunt->house, 3600);
        failures += check_house(hunt, expected);
        for (size_t k = 0; k < hunt->reports.count; k++)
            *decided += hunt->reports.all[k].kind == REPORT_DECIDED;
        hunt->reports.count = 0;
        house_stop(hunt->house);
    }
    house_close(hunt->house);
    return failures;
}

int main(void)
{
    int64_t kills = kill_number_of("CONTACTPOINT_SHIELD_KILLS", KILLS_DEFAULT);
    int64_t seed_of_moments = kill_number_of("CONTACTPOINT_SEED", SEED_DEFAULT);
    struct stream stream = stream_of((uint64_t)seed_of_moments);
    struct hunt hunt = {.stream = &stream, .staff = nobody, .load = work_on, .lives_ms_max = LIVES_MS_MAX};
    uint64_t seed = 1;
    size_t decided = 0;
    int failures = 0;
    int64_t done = 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)printf("seed %d\n[ RUN      ] case_58_kills_of_shields\n", (int)seed_of_moments);
    while (done < kills && failures == 0) {
        int now = kills - done < KILLS_PER_HOUSE ? (int)(kills - done) : KILLS_PER_HOUSE;
        failures += kill_in_house(&hunt, now, &seed, &decided);
        done += now;
    }
    free(hunt.reports.all);
    (void)printf("%s case_58_kills_of_shields: %d kills, %d steps\n",
                 failures == 0 ? "[       OK ]" : "[  FAILED  ]", (int)done, (int)decided);
    return failures == 0 ? 0 : 1;
}
