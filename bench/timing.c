/* What a stopwatch tells somebody who may not see (R5.5, R8.4, R9.3; security.md, "absent user").
 *
 *     timing [ROUNDS [SIGN_INS [SIGN_INS_IN_EARNEST]]]
 *
 * Two instances, each with two children: in the one instance the first child has much to hide and the second
 * little, in the other the reverse.  A practitioner asks the same of all four, in a drawn order, ROUNDS
 * times. Within each instance the times for whoever has much to hide are set against those for whoever has
 * little: the chance that the former takes longer (Mann and Whitney), 0.5 where nothing can be told.  The
 * mean over both instances is printed, so that neither what is peculiar to an instance nor to a child counts.
 *
 * Then passwords are offered for somebody who is there and for somebody who is not: SIGN_INS times where
 * hashing them costs next to nothing, so that nothing hides the rest, and SIGN_INS_IN_EARNEST times as it
 * is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "earnest.h"

enum {
    HOUSES = 2,
    CHILDREN = 2,
    CELLS = HOUSES * CHILDREN,
    ROUNDS = 300,
    VERSIONS = 8,
    FORGIVEN_EVERY = 100,
    SIGN_INS = 2000,
    SIGN_INS_IN_EARNEST = 100,
    SAMPLES_MAX = 200000,
    ARENA_BYTES = 8 * 1024 * 1024,
    HOUR_S = 3600,
    TEXT_BYTES = 24
};

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What the two differ by. */
enum scene {
    SHIELDED,    /* a shielded child of whom much is hidden, or next to nothing */
    UNCONSENTED, /* a sensitive service whose consent was withdrawn, or none */
    HINTED,      /* behind the line about sensitive services: one, or three */
    CLOSED,      /* a record behind a new identity, or nobody ever */
    SCENES_END
};

enum act { SEARCH, OPEN, FORM, ACTS_END };

static const char *const scene_names[SCENES_END] = {"shielded", "unconsented", "hinted", "closed"};
static const char *const act_names[ACTS_END] = {"search", "open", "form"};

/* Names as long as each other and like nobody else's. */
struct person_seen {
    const char *family, *given, *day, *month, *year, *birth;
};

static const struct person_seen people[SCENES_END][CHILDREN] = {
    {{"Baldenmor", "Robin", "4", "3", "2013", "2013-03-04"},
     {"Quastivel", "Casey", "7", "8", "2014", "2014-08-07"}},
    {{"Fogrihalt", "Jamie", "6", "5", "2012", "2012-05-06"},
     {"Kulempori", "Sandy", "9", "2", "2015", "2015-02-09"}},
    {{"Wymorbads", "Perry", "3", "1", "2011", "2011-01-03"},
     {"Nivelstun", "Avery", "8", "6", "2016", "2016-06-08"}},
    {{"Rosthaldu", "Morgan", "2", "4", "2010", "2010-04-02"},
     {"Tunbaquel", "Hadley", "5", "7", "2017", "2017-07-05"}},
};

/* Absent, and there. */
static const char *const sign_in_names[][2] = {
    {"toucher", "teacher"}, {"vasiter", "visitor"}, {"warkor", "worker"}};

static struct house *houses[HOUSES];
static struct seat teachers[HOUSES], visitors[HOUSES];
static struct child_id children[HOUSES][CHILDREN];
static struct arena *arena;

/* [house][0: little to hide, 1: much] */
struct samples {
    uint32_t *ns[HOUSES][2];
    size_t count[HOUSES][2];
};

static struct samples taken[ACTS_END];

static bool has_much(int house, int child)
{
    return house == child;
}

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void note(struct samples *samples, int house, bool much, int64_t took_ns)
{
    size_t *count = &samples->count[house][much];
    if (*count < SAMPLES_MAX)
        samples->ns[house][much][(*count)++] = (uint32_t)took_ns;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The chance that one of `much` is greater than one of `little`, halves for equals; sorts both. */
static double auc_of(uint32_t *much, size_t much_count, uint32_t *little, size_t little_count)
{
    double halves = 0;
    size_t below = 0, up_to = 0;
    qsort(much, much_count, sizeof *much, ascending);
    qsort(little, little_count, sizeof *little, ascending);
    for (size_t i = 0; i < much_count; i++) {
        while (below < little_count && little[below] < much[i])
            below++;
        while (up_to < little_count && little[up_to] <= much[i])
            up_to++;
        halves += (double)(below + up_to);
    }
    return halves / 2 / (double)much_count / (double)little_count;
}

/* Samples are sorted and forgotten. */
static void print_auc(struct samples *samples, const char *act, const char *scene, int strata)
{
    double auc = 0, apart_us = 0;
    const size_t count = samples->count[0][1];
    for (int i = 0; i < strata; i++) {
        uint32_t *much = samples->ns[i][1], *little = samples->ns[i][0];
        const size_t much_count = samples->count[i][1], little_count = samples->count[i][0];
        if (much_count == 0 || little_count == 0)
            return;
        auc += auc_of(much, much_count, little, little_count) / strata;
        apart_us +=
            ((double)much[much_count / 2] - (double)little[little_count / 2]) / 1000.0 / (double)strata;
        samples->count[i][0] = samples->count[i][1] = 0;
    }
    (void)printf("%s.%s.auc %.3f chance of %zu\n%s.%s.apart %+.1f us between the medians\n", act, scene, auc,
                 count, act, scene, apart_us);
    (void)fflush(stdout);
}

static struct answer *act(const struct seat *seat, enum operation operation, const struct id *id,
                          const char *const *fields)
{
    struct request request = {.operation = operation, .fields = fields};
    if (id != NULL) {
        request.path_ids[0] = *id;
        request.path_id_count = 1;
    }
    return house_ask_in(seat, &request, arena);
}

static struct answer *must_act(const struct seat *seat, enum operation operation, const struct id *id,
                               const char *const *fields)
{
    struct answer *answer = act(seat, operation, id, fields);
    if (answer->fault != FAULT_NONE)
        fail_msg("%s failed", policy_operation(operation)->name);
    return answer;
}

static void say(struct row *row, enum column column, const char *text)
{
    row->at[column] = str_of(text);
}

/* Sources have said something else of a child before. */
static void load_child(int house, const char *record, const struct person_seen *who, bool much)
{
    for (int version = much ? 1 : VERSIONS; version <= VERSIONS; version++) {
        char street[TEXT_BYTES];
        struct row row = house_child(record, who->family, who->given, who->birth);
        (void)snprintf(street, sizeof street, "%d Quarry Terrace", 10 + version);
        if (much) {
            say(&row, COLUMN_former_family, "Harrowgate");
            say(&row, COLUMN_former_given, who->given);
            say(&row, COLUMN_address_1, street);
            say(&row, COLUMN_postcode, "TS5 4BD");
            say(&row, COLUMN_carer1_family, "Wetherell");
            say(&row, COLUMN_carer1_given, "Kim");
            say(&row, COLUMN_carer1_phone, "01632 960222");
            say(&row, COLUMN_school_name, "Bramley Primary");
            say(&row, COLUMN_gp_name, "Dr Alder");
        }
        (void)house_load(houses[house], SOURCE_health, &row, 1);
    }
    children[house][strcmp(record, "second") == 0] = house_child_id(houses[house], who->family, who->given);
}

static void load_services(int house, const char *record, int count)
{
    for (int i = 0; i < count; i++) {
        char number[TEXT_BYTES];
        (void)snprintf(number, sizeof number, "%s.%d", record, i);
        const struct row row = house_involvement(record, number, "family_support", "Harbour Team");
        (void)house_load(houses[house], SOURCE_health, &row, 1);
    }
}

static void open_as(const struct seat *seat, struct child_id child)
{
    (void)must_act(seat, OP_child_reason, &child.id, FIELDS("reason", "working"));
    (void)must_act(seat, OP_child_view, &child.id, NULL);
}

/* With consent, by somebody else; it is taken back where `withdrawn`. */
static void record_sensitive(int house, struct child_id child, const char *kind, bool withdrawn)
{
    const char *service = kind[0] == 'm' ? "Quiet House" : kind[1] == 'e' ? "Moorings" : "Sandbank";
    const struct seat *seat = &visitors[house];
    open_as(seat, child);
    (void)must_act(seat, OP_involvement_record, &child.id,
                   FIELDS("service", service, "kind", kind, "job", "Nurse", "phone", "01632 960456",
                          "from_day", "1", "from_month", "10", "from_year", "2026", "consent", "asked",
                          "consent_giver", "child", "consent_name", "Themselves", "agreed_day", "1",
                          "agreed_month", "10", "agreed_year", "2026", "consent_way", "person",
                          "consent_because", "Explained back what it means", "consent_scope", "mark"));
    const struct answer *answer = must_act(seat, OP_child_view, &child.id, NULL);
    for (size_t i = 0; withdrawn && i < answer->child->service_count; i++) {
        if (!answer->child->services[i].sensitive)
            continue;
        const struct request request = {.operation = OP_consent_withdraw,
                                        .path_ids = {child.id, answer->child->services[i].claim.id},
                                        .path_id_count = 2};
        assert_int_equal(house_ask_in(seat, &request, arena)->fault, FAULT_NONE);
        return;
    }
    assert_false(withdrawn);
}

static void make_different(enum scene scene, int house, struct child_id child, bool much)
{
    switch (scene) {
    case SHIELDED:
        if (much)
            record_sensitive(house, child, "mental_health", false);
        open_as(&visitors[house], child);
        (void)must_act(&visitors[house], OP_shield_request, &child.id,
                       FIELDS("ground", "harm", "text", "somebody has found the last address"));
        break;
    case UNCONSENTED:
        if (much)
            record_sensitive(house, child, "mental_health", true);
        break;
    case HINTED:
        record_sensitive(house, child, "mental_health", false);
        if (much) {
            record_sensitive(house, child, "sexual_health", false);
            record_sensitive(house, child, "substance_misuse", false);
        }
        break;
    case CLOSED:
        house_set_state(houses[house], child, CHILD_SEALED, SHIELD_NONE);
        break;
    case SCENES_END:
        break;
    }
    arena_reset(arena);
}

static void settle(enum scene scene)
{
    static const char *const records[CHILDREN] = {"first", "second"};
    for (int house = 0; house < HOUSES; house++)
        for (int child = 0; child < CHILDREN; child++) {
            const bool much = has_much(house, child);
            if (scene == CLOSED && !much)
                continue;
            load_child(house, records[child], &people[scene][child], much && scene == SHIELDED);
            load_services(house, records[child], much && scene == SHIELDED ? 3 : 0);
            make_different(scene, house, children[house][child], much);
        }
}

static void time_search(int house, bool much, const struct person_seen *who)
{
    const int64_t began_ns = now_ns();
    const struct answer *found =
        must_act(&teachers[house], OP_child_find, NULL,
                 FIELDS("reason", "working", "family", who->family, "given", who->given, "birth_day",
                        who->day, "birth_month", who->month, "birth_year", who->year));
    (void)must_act(&teachers[house], OP_child_results, &found->search.id, NULL);
    note(&taken[SEARCH], house, much, now_ns() - began_ns);
    arena_reset(arena);
}

static void time_pages(int house, int child)
{
    const struct seat *seat = &teachers[house];
    const struct id *id = &children[house][child].id;
    const bool much = has_much(house, child);
    (void)must_act(seat, OP_child_reason, id, FIELDS("reason", "working"));
    int64_t began_ns = now_ns();
    (void)must_act(seat, OP_child_view, id, NULL);
    (void)must_act(seat, OP_child_details, id, NULL);
    note(&taken[OPEN], house, much, now_ns() - began_ns);
    began_ns = now_ns();
    (void)must_act(seat, OP_involvement_page, id, NULL);
    (void)must_act(seat, OP_shield_page, id, NULL);
    note(&taken[FORM], house, much, now_ns() - began_ns);
    arena_reset(arena);
}

static void shuffle(struct stream *stream, int order[CELLS])
{
    for (int i = CELLS - 1; i > 0; i--) {
        const int other = (int)stream_below(stream, (uint64_t)i + 1), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

static void run_scene(enum scene scene, long rounds, struct stream *stream)
{
    int order[CELLS] = {0, 1, 2, 3};
    for (int house = 0; house < HOUSES; house++) {
        houses[house] = house_open();
        houses[house]->service->beat_us = SERVICE_BEAT_US; /* as in earnest */
        teachers[house] = house_sign_in(houses[house], "teacher", ROLE_practitioner);
        visitors[house] = house_sign_in(houses[house], "visitor", ROLE_practitioner);
    }
    settle(scene);
    for (long round = 0; round < rounds; round++) {
        shuffle(stream, order);
        for (int i = 0; i < CELLS; i++) {
            const int house = order[i] / CHILDREN, child = order[i] % CHILDREN;
            time_search(house, has_much(house, child), &people[scene][child]);
            if (scene != CLOSED)
                time_pages(house, child);
        }
    }
    for (enum act act = 0; act < ACTS_END; act++) {
        char name[TEXT_BYTES];
        (void)snprintf(name, sizeof name, "timing.%s", act_names[act]);
        print_auc(&taken[act], name, scene_names[scene], HOUSES);
    }
    for (int house = 0; house < HOUSES; house++)
        house_close(houses[house]);
}

/* A wrong password for somebody who is there, or who is not; each from an address of its own, hours apart, so
 * that nobody is being slowed down. */
static void offer_password(struct house *house, const char *user_name, bool present, int64_t number)
{
    char source[TEXT_BYTES];
    const struct ask_field fields[] = {{STR("user_name"), str_of(user_name)},
                                       {STR("password"), STR("not the password")}};
    (void)snprintf(source, sizeof source, "10.%d.%d.%d", (int)(number >> 16 & 255), (int)(number >> 8 & 255),
                   (int)(number & 255));
    struct ask ask = {.operation = OP_sign_in_password,
                      .source = str_of(source),
                      .same_site = true,
                      .fields = fields,
                      .field_count = 2};
    struct answer *answer = NULL;
    house_wait(house, HOUR_S);
    assert_int_equal(access_form_token(house->service->access, STR(""), arena, &ask.form_token), FAULT_NONE);
    const int64_t began_ns = now_ns();
    (void)service_conduct(house->service, &ask, arena, &answer);
    note(&taken[0], 0, present, now_ns() - began_ns);
    arena_reset(arena);
}

static void run_sign_ins(const char *name, long count, bool in_earnest, struct stream *stream)
{
    struct house *house = house_open();
    if (in_earnest)
        for (size_t i = 0; i < sizeof sign_in_names / sizeof sign_in_names[0]; i++)
            earnest_password(house, sign_in_names[i][1]);
    for (long i = 0; i < count; i++) {
        if (i % FORGIVEN_EVERY == FORGIVEN_EVERY - 1) /* so that wrong passwords go on being counted */
            earnest_forgive(house);
        const int first = (int)stream_below(stream, 2);
        const uint64_t who = stream_below(stream, sizeof sign_in_names / sizeof sign_in_names[0]);
        offer_password(house, sign_in_names[who][first], first == 1, i * 2);
        offer_password(house, sign_in_names[who][1 - first], first == 0, i * 2 + 1);
    }
    print_auc(&taken[0], "signin", name, 1);
    house_close(house);
}

static long number_of(int argc, char **argv, int at, long otherwise)
{
    return argc > at ? strtol(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    struct stream stream = stream_of(1);
    log_to(-1);
    assert_int_equal(arena_open(ARENA_BYTES, &arena), FAULT_NONE);
    for (int i = 0; i < ACTS_END * CELLS; i++) {
        uint32_t **at = &taken[i / CELLS].ns[i % CELLS / 2][i % 2];
        *at = calloc(SAMPLES_MAX, sizeof **at);
        assert_non_null(*at);
    }
    for (enum scene scene = 0; scene < SCENES_END; scene++)
        run_scene(scene, number_of(argc, argv, 1, ROUNDS), &stream);
    run_sign_ins("absent_unhashed", number_of(argc, argv, 2, SIGN_INS), false, &stream);
    run_sign_ins("absent", number_of(argc, argv, 3, SIGN_INS_IN_EARNEST), true, &stream);
    for (int i = 0; i < ACTS_END * CELLS; i++)
        free(taken[i / CELLS].ns[i % CELLS / 2][i % 2]);
    arena_close(arena);
    return 0;
}
