/* R9.5: no order of feeds, claims, requests, decisions, lifts, merges, splits, overrides and restarts weakens
 * a shield, or shows what one hides, or finds anybody by it.
 *
 * Steps are drawn from a table: whoever adds something that can happen to a child adds a row.  After each
 * step every record's shield is compared with what it was, and one child is looked at and sought by all that
 * was ever said of it.
 *
 *     CONTACTPOINT_SHIELD_STEPS=20000 CONTACTPOINT_SEED=7 test_service_shield_invariant */
#include "house.h"

#include <stdio.h>
#include <stdlib.h>

#include "registry/family.h"
#include "registry/shield.h"
#include "service/manage.h"

#define WORDS "drawn from the table of steps"

enum {
    CHILDREN = 5,
    PLACES = 4,
    STEPS = 150,
    TEXT_BYTES = 32,
    SEATS = 5,
    ARENA_BYTES = 64 * 1024 * 1024,
    DAYS_MAX = 600 /* staff's checks last for longer */
};

/* Whom the steps happen to; what shields hide of them is theirs alone. */
static const struct person_told {
    const char *family, *given, *birth, *day, *month, *year, *former, *nhs, *spelling;
} people[CHILDREN] = {
    {"Ap Huw", "Rhys", "2014-03-27", "27", "3", "2014", "Quillfeather", "943 476 5919", "Vantongeren"},
    {"Okonkwo", "Ada", "2013-08-09", "9", "8", "2013", "Underhill", "401 023 2137", "Quisenberry"},
    {"Fairweather", "Tom", "2009-01-02", "2", "1", "2009", "Ravenscroft", "592 370 8418", "Blatherwick"},
    {"Greenhalgh", "Meg", "2008-11-30", "30", "11", "2008", "Thistlewood", "614 806 2798", "Zuckerkandl"},
    {"Iwanowska", "Zofia", "2016-05-17", "17", "5", "2016", "Loxley", "720 915 4604", "Dragomirov"},
};

static const char *const postcodes[CHILDREN][PLACES] = {
    {"TS24 7AA", "TS24 7AB", "TS25 1AA", "TS25 1AB"}, {"YO31 9XQ", "YO31 9XR", "YO30 1AA", "YO30 1AB"},
    {"NE1 1AA", "NE1 1AB", "NE2 1AA", "NE2 1AB"},     {"LS1 1AA", "LS1 1AB", "LS2 1AA", "LS2 1AB"},
    {"DH1 1AA", "DH1 1AB", "DH2 1AA", "DH2 1AB"},
};

struct world {
    struct house *house;
    struct stream stream;
    struct child_id ids[CHILDREN];
    int64_t shields[CHILDREN];
    bool may_lower;   /* this step is the second of two who lift */
    int at[CHILDREN]; /* which of its places each is said to live in */
    int records;      /* of other sources, so far */
    int64_t waited_days;
    struct seat teacher, visitor, worker, shielder, second;
    struct arena *arena; /* of one step */
    const char *step;
    int64_t shielded_looks, overridden_looks, lifted;
};

static uint32_t draw(struct world *world, uint32_t below)
{
    uint32_t number;
    const struct entropy entropy = entropy_of_stream(&world->stream);
    entropy.fill(entropy.context, &number, sizeof number);
    return number % below;
}

static struct seat sign_in(struct world *world, const char *user_name, enum role role)
{
    const struct seat seat = house_sign_in(world->house, user_name, role);
    assert_true(house_past(world->house, "UPDATE session SET strength = 3 WHERE ended_us IS NULL") > 0);
    return seat;
}

static void sign_in_all(struct world *world)
{
    world->teacher = sign_in(world, "teacher", ROLE_practitioner);
    world->visitor = sign_in(world, "visitor", ROLE_practitioner);
    world->worker = sign_in(world, "worker", ROLE_override_practitioner);
    world->shielder = sign_in(world, "shielder", ROLE_shielding_officer);
    world->second = sign_in(world, "second.shielder", ROLE_shielding_officer);
}

/* Whoever has been idle for too long signs in again: a seat is one of the world's. */
static struct answer *conduct(struct world *world, const struct seat *seat, const struct request *request)
{
    struct answer *answer = house_ask_in(seat, request, world->arena);
    if (answer->fault != FAULT_SIGN_IN)
        return answer;
    sign_in_all(world);
    return house_ask_in(seat, request, world->arena);
}

static struct answer *ask(struct world *world, const struct seat *seat, enum operation operation,
                          struct id id, const char *const *fields)
{
    const struct request request = {
        .operation = operation, .path_ids = {id}, .path_id_count = 1, .fields = fields};
    return conduct(world, seat, &request);
}

static struct results_view *seek(struct world *world, const struct seat *seat, const char *const *fields)
{
    const struct request find = {.operation = OP_child_find, .fields = fields};
    const struct answer *found = conduct(world, seat, &find);
    if (found->fault != FAULT_NONE)
        fail_msg("%s: a search was answered %s", world->step, fault_name(found->fault));
    if (!id_is_zero(found->opened.id)) { /* by a number: one result, opened at once */
        struct results_view *one = arena_take(world->arena, sizeof *one);
        assert_non_null(one);
        one->count = 1;
        one->rows[0].child = found->opened;
        return one;
    }
    return ask(world, seat, OP_child_results, found->search.id, NULL)->results;
}

static bool holds(const struct results_view *results, struct child_id child)
{
    for (size_t i = 0; results != NULL && i < results->count; i++)
        if (id_equal(results->rows[i].child.id, child.id))
            return true;
    return false;
}

struct standing_job {
    struct world *world;
    struct child_id child;
    struct child_standing standing;
};

static enum fault read_standing(struct db_tx *tx, void *context)
{
    struct standing_job *job = context;
    return family_standing(tx, job->child, job->world->arena, &job->standing);
}

/* Of the record that shows a child now. */
static struct child_standing standing_of(struct world *world, size_t child)
{
    struct standing_job job = {.world = world, .child = world->ids[child]};
    assert_int_equal(db_read(world->house->service->db, read_standing, &job), FAULT_NONE);
    return job.standing;
}

/* By what everybody may know: name and date of birth. */
static struct answer *open(struct world *world, const struct seat *seat, size_t child)
{
    const struct person_told *told = &people[child];
    const struct child_id id = standing_of(world, child).child;
    (void)seek(world, seat,
               FIELDS("reason", "working", "family", told->family, "given", told->given, "birth_day",
                      told->day, "birth_month", told->month, "birth_year", told->year));
    return ask(world, seat, OP_child_view, id.id, NULL);
}

/* R9.3: four fields, and one's own involvement. */
static void assert_hidden(const struct world *world, const struct child_view *view)
{
    bool hidden = !view->opened && view->address_presence == PRESENCE_HIDDEN &&
                  view->former_name_count == 0 && view->former_address_count == 0 &&
                  view->carers_presence == PRESENCE_HIDDEN && view->school_presence == PRESENCE_HIDDEN &&
                  view->gp_presence == PRESENCE_HIDDEN && view->number_count == 0 &&
                  view->authority.len == 0 && !view->sensitive_mark;
    for (size_t i = 0; i < view->service_count; i++)
        hidden = hidden && view->services[i].own;
    for (size_t i = 0; i < view->past_service_count; i++)
        hidden = hidden && view->past_services[i].own;
    if (!hidden)
        fail_msg("%s: a shielded record shows more than it may", world->step);
}

/* By another source's name for it, unless that is the one that it shows. */
static bool is_found_by_spelling(struct world *world, size_t child, const struct child_view *view)
{
    const struct person_told *told = &people[child];
    const struct str shown = view->name.text;
    return memmem(shown.at, shown.len, told->spelling, strlen(told->spelling)) == NULL &&
           holds(seek(world, &world->teacher,
                      FIELDS("reason", "working", "family", told->spelling, "given", told->given,
                             "birth_year", told->year)),
                 view->child);
}

/* R9.4: by nothing that anybody has ever said of it, but what it shows. */
static void assert_not_found(struct world *world, size_t child, struct child_id id)
{
    const struct person_told *told = &people[child];
    bool found = holds(seek(world, &world->visitor, FIELDS("reason", "working", "number", told->nhs)), id) ||
                 holds(seek(world, &world->teacher,
                            FIELDS("reason", "working", "family", told->former, "birth_day", told->day,
                                   "birth_month", told->month, "birth_year", told->year)),
                       id) ||
                 holds(seek(world, &world->teacher,
                            FIELDS("reason", "working", "family", told->family, "given", told->given,
                                   "authority", "E06000001")),
                       id);
    const char *postcode = postcodes[child][draw(world, PLACES)];
    found = found || holds(seek(world, &world->teacher,
                                FIELDS("reason", "working", "family", told->family, "postcode", postcode)),
                           id);
    if (found)
        fail_msg("%s: a shielded child is found by what is hidden", world->step);
}

static void check_one(struct world *world, size_t child)
{
    const struct child_standing standing = standing_of(world, child);
    if (standing.state != RECORD_SHIELDED)
        return;
    const struct seat *seat = draw(world, 2) == 0 ? &world->teacher : &world->visitor;
    const struct answer *answer = open(world, seat, child);
    if (answer->fault == FAULT_NONE) {
        assert_hidden(world, answer->child);
        if (is_found_by_spelling(world, child, answer->child))
            fail_msg("%s: a shielded child is found by a name that it does not show", world->step);
    }
    assert_not_found(world, child, standing.child);
    world->shielded_looks++;
}

/* A shield goes down in one way alone. */
static void check_shields(struct world *world)
{
    for (size_t i = 0; i < CHILDREN; i++) {
        const int64_t now = standing_of(world, i).columns.shield;
        if (now < world->shields[i] && !world->may_lower)
            fail_msg("%s: a shield fell from %d to %d", world->step, (int)world->shields[i], (int)now);
        world->lifted += now < world->shields[i];
        world->shields[i] = now;
    }
}

static struct row row_of(const struct world *world, size_t child, const char *record)
{
    const struct person_told *told = &people[child];
    struct row row = house_child(record, told->family, told->given, told->birth);
    row.at[COLUMN_former_family] = str_of(told->former);
    row.at[COLUMN_nhs_number] = str_of(told->nhs);
    row.at[COLUMN_postcode] = str_of(postcodes[child][world->at[child]]);
    row.at[COLUMN_address_1] = STR("7 Harbour Terrace");
    row.at[COLUMN_authority] = STR("E06000001");
    row.at[COLUMN_gp_code] = STR("A81001");
    row.at[COLUMN_gp_name] = STR("Seaview Surgery");
    return row;
}

/* Moves, and says so. */
static void step_feed(struct world *world)
{
    const size_t child = draw(world, CHILDREN);
    char record[TEXT_BYTES];
    world->at[child] = (int)draw(world, PLACES);
    (void)snprintf(record, sizeof record, "h%zu", child);
    const struct row row = row_of(world, child, record);
    (void)house_load(world->house, SOURCE_health, &row, 1);
}

/* Another source names somebody who is like one of them, well or badly spelt. */
static void step_look_alike(struct world *world)
{
    static const enum source sources[] = {SOURCE_education, SOURCE_child_benefit, SOURCE_social_care};
    const size_t child = draw(world, CHILDREN);
    char record[TEXT_BYTES];
    (void)snprintf(record, sizeof record, "r%d", world->records++);
    struct row row = row_of(world, child, record);
    if (draw(world, 2) == 0)
        row.at[COLUMN_nhs_number] = (struct str){"", 0};
    else if (draw(world, 3) == 0)
        row.at[COLUMN_family] = str_of(people[child].spelling);
    if (draw(world, 2) == 0)
        row.at[COLUMN_postcode] = STR("PL1 1AA");
    if (draw(world, 3) == 0)
        row.at[COLUMN_given] = (struct str){row.at[COLUMN_given].at, row.at[COLUMN_given].len - 1};
    (void)house_load(world->house, sources[draw(world, 3)], &row, 1);
}

static void step_service(struct world *world)
{
    char record[TEXT_BYTES], name[TEXT_BYTES];
    (void)snprintf(record, sizeof record, "h%u", draw(world, CHILDREN));
    (void)snprintf(name, sizeof name, "i%d", world->records++);
    const struct row row = house_involvement(record, name, "family_support", "Bridge House");
    (void)house_load(world->house, SOURCE_health, &row, 1);
}

static void step_claim(struct world *world)
{
    const size_t child = draw(world, CHILDREN);
    const struct answer *answer = open(world, &world->teacher, child);
    if (answer->fault == FAULT_NONE)
        (void)ask(world, &world->teacher, OP_involvement_record, answer->child->child.id,
                  FIELDS("kind", "school", "service", "Northgate", "job", "Teacher", "phone", "01632 960111",
                         "from_day", "1", "from_month", "9", "from_year", "2026"));
}

static void step_request(struct world *world)
{
    const struct seat *seat = draw(world, 2) == 0 ? &world->teacher : &world->visitor;
    const struct answer *answer = open(world, seat, draw(world, CHILDREN));
    if (answer->fault == FAULT_NONE)
        (void)ask(world, seat, OP_shield_request, answer->child->child.id,
                  FIELDS("ground", "harm", "text", WORDS));
}

/* One of the matters that wait; zero where none does. */
static struct id any_matter(struct world *world, const struct seat *seat)
{
    const struct request list = {.operation = OP_shield_list};
    const struct matters_view *view = conduct(world, seat, &list)->matters;
    assert_non_null(view);
    return view->count == 0 ? (struct id){{0}} : view->lines[draw(world, (uint32_t)view->count)].matter;
}

static void step_decide(struct world *world)
{
    (void)ask(world, &world->shielder, OP_shield_decide, any_matter(world, &world->shielder),
              FIELDS("outcome", draw(world, 3) == 0 ? "refuse" : "confirm", "ground", "harm", "text", WORDS,
                     "advice", WORDS));
}

static void step_review(struct world *world)
{
    if (world->waited_days < DAYS_MAX) {
        const int64_t days = draw(world, 200);
        house_wait(world->house, days * 24 * 3600);
        world->waited_days += days;
    }
    (void)ask(world, &world->second, OP_shield_review, any_matter(world, &world->second),
              FIELDS("ground", "crime", "text", WORDS));
}

static void step_lift(struct world *world)
{
    (void)ask(world, &world->shielder, OP_shield_lift, any_matter(world, &world->shielder),
              FIELDS("lift_reason", WORDS));
}

/* By the first, who may not, or by another. */
static void step_second(struct world *world)
{
    const struct seat *seat = draw(world, 2) == 0 ? &world->shielder : &world->second;
    const bool agrees = draw(world, 3) > 0;
    const struct answer *answer = ask(world, seat, OP_shield_second, any_matter(world, seat),
                                      FIELDS("answer", agrees ? "agree" : "decline", "text", WORDS));
    world->may_lower = answer->fault == FAULT_NONE && agrees;
}

static void step_merge(struct world *world)
{
    const struct request merge = {
        .operation = OP_child_merge,
        .path_ids = {world->ids[draw(world, CHILDREN)].id, world->ids[draw(world, CHILDREN)].id},
        .path_id_count = 2};
    (void)conduct(world, &world->shielder, &merge);
}

static void step_split(struct world *world)
{
    (void)ask(world, &world->second, OP_child_split, world->ids[draw(world, CHILDREN)].id, NULL);
}

/* Shows that record to that session, and to no other, and no other record. */
static void step_override(struct world *world)
{
    const size_t child = draw(world, CHILDREN);
    const struct answer *answer = open(world, &world->worker, child);
    if (answer->fault != FAULT_NONE || answer->child->state != RECORD_SHIELDED)
        return;
    assert_hidden(world, answer->child);
    const struct id id = answer->child->child.id;
    if (ask(world, &world->worker, OP_shield_override, id, FIELDS("text", WORDS))->fault != FAULT_NONE)
        return;
    answer = ask(world, &world->worker, OP_child_view, id, NULL);
    assert_true(answer->fault == FAULT_NONE && answer->child->opened);
    world->overridden_looks++;
    const struct answer *others = open(world, &world->teacher, child);
    if (others->fault == FAULT_NONE)
        assert_hidden(world, others->child);
    answer = open(world, &world->worker, child); /* has left it, by searching */
    if (answer->fault == FAULT_NONE && answer->child->state == RECORD_SHIELDED)
        assert_hidden(world, answer->child);
}

/* The index is made anew; what is under way is lost. */
static void step_restart(struct world *world)
{
    house_stop(world->house);
    house_start(world->house);
}

static void step_housekeeping(struct world *world)
{
    assert_int_equal(manage_keep(world->house->service), FAULT_NONE);
}

/* What can happen, and how often. */
static const struct step {
    const char *name;
    void (*run)(struct world *world);
    uint32_t weight;
} steps[] = {
    {"a feed", step_feed, 6},       {"a look-alike", step_look_alike, 4},
    {"a service", step_service, 3}, {"a claim", step_claim, 3},
    {"a request", step_request, 6}, {"a decision", step_decide, 5},
    {"a review", step_review, 2},   {"a lift", step_lift, 3},
    {"a second", step_second, 5},   {"a merge", step_merge, 4},
    {"a split", step_split, 4},     {"an override", step_override, 4},
    {"a restart", step_restart, 1}, {"housekeeping", step_housekeeping, 2},
};
enum { STEP_KINDS = sizeof steps / sizeof steps[0] };

static const struct step *draw_step(struct world *world)
{
    uint32_t all = 0;
    for (size_t i = 0; i < STEP_KINDS; i++)
        all += steps[i].weight;
    uint32_t at = draw(world, all);
    size_t i = 0;
    while (at >= steps[i].weight)
        at -= steps[i++].weight;
    return &steps[i];
}

static int64_t number_of(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    int64_t number = otherwise;
    if (text != NULL)
        assert_true(str_to_int(str_of(text), 0, INT32_MAX, &number));
    return number;
}

static void populate(struct world *world)
{
    for (size_t i = 0; i < CHILDREN; i++) {
        char record[TEXT_BYTES];
        (void)snprintf(record, sizeof record, "h%zu", i);
        const struct row row = row_of(world, i, record);
        (void)house_load(world->house, SOURCE_health, &row, 1);
        world->ids[i] = house_child_id(world->house, people[i].family, people[i].given);
    }
}

static void no_order_of_steps_weakens_a_shield(void **state)
{
    struct house *house = *state;
    const int64_t seed = number_of("CONTACTPOINT_SEED", 20261122);
    const int64_t count = number_of("CONTACTPOINT_SHIELD_STEPS", STEPS);
    struct world world = {.house = house, .stream = stream_of((uint64_t)seed)};
    assert_int_equal(arena_open(ARENA_BYTES, &world.arena), FAULT_NONE);
    print_message("seed %d, steps %d\n", (int)seed, (int)count);
    populate(&world);
    sign_in_all(&world);
    for (int64_t i = 0; i < count; i++) {
        const struct step *step = draw_step(&world);
        world.step = step->name;
        world.may_lower = false;
        house_wait(house, 60 + draw(&world, 240));
        step->run(&world);
        check_shields(&world);
        check_one(&world, draw(&world, CHILDREN));
        arena_reset(world.arena);
    }
    print_message("looked at shielded records %d, overridden %d, lifted %d\n", (int)world.shielded_looks,
                  (int)world.overridden_looks, (int)world.lifted);
    assert_true(world.shielded_looks > count / 10);
    assert_true(count < 1000 || (world.overridden_looks > 0 && world.lifted > 0));
    house_check_log(house);
    arena_close(world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {WITH_HOUSE(no_order_of_steps_weakens_a_shield)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
