/* Case 63 without a door: allocation fails at the Nth call inside one request, for every N and every
 * operation; inside a feed and inside opening.  The answer is one of 503 or what it should be, and asking
 * again in calm gives what it should be.
 *
 * CONTACTPOINT_ALLOC_STEP says how many are left out between two N of what allocates much (97; soak: 1). */
#include <stdio.h>
#include <stdlib.h>

#include "access/access.h"
#include "alloc.h"
#include "base/log.h"
#include "engine.h"
#include "house.h"
#include "service/load.h"

enum {
    STEP_DEFAULT = 97,
    ARENA_BYTES = 16 * 1024 * 1024,
    CHILDREN = 6,
    KNOWN = 64,
    FIELDS_MAX = 24,
    CALM_TRIES = 4,
    MOST = 1000000
};

static struct house *house;
static struct child_id everybody[KNOWN], child; /* all; the one of this request */
static struct seat seat;
static struct arena *arena; /* of one request */
static struct ask ask;
static struct ask_field fields[FIELDS_MAX];
static struct answer *answer;
static struct search_id search;
static const char *family, *given, *birth; /* of the first child */
static int64_t step = STEP_DEFAULT;
static int64_t recorded;

static void begin_ask(enum operation operation)
{
    arena_reset(arena);
    ask = (struct ask){.operation = operation,
                       .cookie = seat.cookie,
                       .source = STR("192.0.2.7"),
                       .same_site = true,
                       .fields = fields};
    if (policy_operation(operation)->subject == SUBJECT_CHILD && operation != OP_child_find) {
        ask.path_ids[0] = operation == OP_child_results ? search.id : child.id;
        ask.path_id_count = 1;
    }
}

static void add_field(const char *name, struct str value)
{
    assert_true(ask.field_count < FIELDS_MAX);
    fields[ask.field_count++] = (struct ask_field){str_of(name), value};
}

static void add_token(struct str key)
{
    assert_int_equal(access_form_token(house->service->access, key, house->arena, &ask.form_token),
                     FAULT_NONE);
}

static enum fault conduct(void)
{
    return service_conduct(house->service, &ask, arena, &answer);
}

/* PostgreSQL: a connection of another thread's that the shortage stalled, in the midst of the server's
 * answer, is given up as patience ends; until then one may be told that the database is busy. */
static bool may_be_busy(enum fault fault, int tries)
{
    return fault == FAULT_BUSY && engine_is_postgres() && tries < CALM_TRIES;
}

static enum fault conduct_in_calm(void)
{
    enum fault fault = conduct();
    for (int tries = 1; may_be_busy(fault, tries); tries++)
        fault = conduct();
    return fault;
}

static void conduct_well(const char *what)
{
    if (conduct_in_calm() != FAULT_NONE)
        fail_msg("%s in calm: %s %s", what, fault_name(answer->fault), fault_last_note());
}

static void add_search(void)
{
    add_field("reason", STR("working"));
    add_field("family", str_of(family));
    add_field("given", str_of(given));
    add_field("birth_year", (struct str){birth, 4});
    add_token(seat.cookie);
}

static void prepare_get(enum operation operation)
{
    begin_ask(operation);
}

static void prepare_find(enum operation operation)
{
    begin_ask(operation);
    add_search();
}

static void prepare_results(enum operation operation)
{
    prepare_find(OP_child_find);
    conduct_well("find");
    search = answer->search;
    begin_ask(operation);
}

static void prepare_reason(enum operation operation)
{
    begin_ask(operation);
    add_field("reason", STR("working"));
    add_token(seat.cookie);
}

/* With a reason that covers the record. */
static void prepare_child(enum operation operation)
{
    prepare_reason(OP_child_reason);
    conduct_well("reason");
    begin_ask(operation);
}

static void prepare_record(enum operation operation)
{
    static char service[64];
    child = everybody[recorded % KNOWN]; /* so that none has many */
    prepare_child(operation);
    (void)snprintf(service, sizeof service, "Service %d", (int)recorded++);
    add_field("service", str_of(service));
    add_field("kind", STR("youth_work"));
    add_field("job", STR("Worker"));
    add_field("phone", STR("01632 960456"));
    add_field("from_day", STR("1"));
    add_field("from_month", STR("3"));
    add_field("from_year", STR("2026"));
    add_token(seat.cookie);
}

static struct id own_claim(void)
{
    for (size_t i = 0; i < answer->child->service_count; i++)
        if (answer->child->services[i].own)
            return answer->child->services[i].claim.id;
    fail_msg("what was recorded is not shown");
    return (struct id){{0}};
}

static void prepare_own(enum operation operation)
{
    prepare_record(OP_involvement_record);
    conduct_well("record");
    begin_ask(OP_child_view);
    conduct_well("view");
    struct id claim = own_claim();
    begin_ask(operation);
    ask.path_ids[1] = claim;
    ask.path_id_count = 2;
}

static void prepare_end(enum operation operation)
{
    prepare_own(operation);
    add_field("to_day", STR("4"));
    add_field("to_month", STR("5"));
    add_field("to_year", STR("2026"));
    add_token(seat.cookie);
    recorded++; /* one more claim, of the end */
}

static void prepare_password(enum operation operation)
{
    begin_ask(operation);
    ask.cookie = (struct str){"", 0};
    add_field("user_name", STR("visitor"));
    add_field("password", house_password);
    add_token((struct str){"", 0});
}

static void prepare_code(enum operation operation)
{
    struct str ticket;
    house_wait(house, 30); /* a code serves once */
    prepare_password(OP_sign_in_password);
    conduct_well("password");
    assert_int_equal(arena_copy(house->arena, answer->ticket, &ticket), FAULT_NONE);
    begin_ask(operation);
    ask.cookie = (struct str){"", 0};
    ask.ticket = ticket;
    add_field("pin", house_pin);
    add_field("code", house_code(house, house_staff(house, "visitor")));
    add_field("role", STR("practitioner"));
    add_token(ticket);
}

static void prepare_code_page(enum operation operation)
{
    prepare_password(OP_sign_in_password);
    conduct_well("password");
    struct str ticket;
    assert_int_equal(arena_copy(house->arena, answer->ticket, &ticket), FAULT_NONE);
    begin_ask(operation);
    ask.ticket = ticket;
}

struct trial {
    enum operation operation;
    void (*prepare)(enum operation operation);
    bool once; /* what it uses up may be used up although no answer came */
};

static const struct trial trials[] = {
    {OP_home, prepare_get, false},
    {OP_sign_in_page, prepare_get, false},
    {OP_sign_in_password, prepare_password, false},
    {OP_sign_in_code_page, prepare_code_page, false},
    {OP_sign_in_code, prepare_code, true},
    {OP_find_page, prepare_get, false},
    {OP_child_find, prepare_find, false},
    {OP_child_results, prepare_results, false},
    {OP_child_reason, prepare_reason, false},
    {OP_child_view, prepare_child, false},
    {OP_child_details, prepare_child, false},
    {OP_involvement_page, prepare_child, false},
    {OP_involvement_record, prepare_record, false},
    {OP_involvement_view, prepare_own, false},
    {OP_involvement_end, prepare_end, false},
    {OP_account_view, prepare_get, false},
};

/* One request with the nth allocation failing; false where it does not have so many. */
static bool try_one(const struct trial *trial, uint64_t nth, bool lasting)
{
    const char *name = policy_operation(trial->operation)->name;
    trial->prepare(trial->operation);
    alloc_arm(nth, lasting);
    enum fault fault = conduct();
    uint64_t failed = alloc_disarm();
    if (fault != FAULT_NONE && fault_status(fault) != 503)
        fail_msg("%s, allocation %d: %s %s", name, (int)nth, fault_name(fault), fault_last_note());
    if (fault != FAULT_NONE && failed == 0)
        fail_msg("%s: %s without need", name, fault_name(fault));
    if (fault != FAULT_NONE && conduct_in_calm() != FAULT_NONE && !trial->once)
        fail_msg("%s after allocation %d: %s %s", name, (int)nth, fault_name(answer->fault),
                 fault_last_note());
    return failed > 0;
}

/* Each N at first, then some. */
static uint64_t after(uint64_t nth, uint64_t first)
{
    uint64_t some = nth < 10 * first ? (uint64_t)step / 32 : (uint64_t)step;
    return nth < first || some == 0 ? 1 : some;
}

static void case_63_in_every_operation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        uint64_t nth = 1;
        seat = house_sign_in(house, "teacher", ROLE_practitioner);
        while (try_one(&trials[i], nth, false))
            nth += after(nth, 40);
        for (uint64_t first = 1; first < nth; first += 1 + 4 * after(first, 0))
            (void)try_one(&trials[i], first, true);
        print_message("%s: about %d allocations\n", policy_operation(trials[i].operation)->name, (int)nth);
    }
    house_check_log(house);
}

/* A batch of a few children. */
struct batch {
    struct batch_header header;
    struct row rows[CHILDREN];
    char texts[CHILDREN][4][32];
};

static enum fault open_batch(void *context, const struct batch_header **ret_header)
{
    *ret_header = &((struct batch *)context)->header;
    return FAULT_NONE;
}

static enum fault each_row(void *context, load_take take, void *take_context)
{
    const struct batch *batch = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < CHILDREN && fault == FAULT_NONE; i++)
        fault = take(take_context, (int64_t)i + 1, &batch->rows[i], ROW_FINE);
    return fault;
}

static void put_word(char at[32], struct stream *stream)
{
    static const char *const syllables[] = {"ban", "dor", "fel", "gim", "hul", "kas", "lem", "mor",
                                            "nip", "pol", "ras", "sut", "tev", "vim", "wox", "yed"};
    enum { COUNT = sizeof syllables / sizeof syllables[0] };
    (void)snprintf(at, 32, "%s%s%s", syllables[stream_below(stream, COUNT)],
                   syllables[stream_below(stream, COUNT)], syllables[stream_below(stream, COUNT)]);
}

static struct row put_child(char texts[4][32], struct stream *stream, int64_t sequence, int nth)
{
    (void)snprintf(texts[0], 32, "m%d-%d", (int)sequence, nth);
    put_word(texts[1], stream);
    put_word(texts[2], stream);
    (void)snprintf(texts[3], 32, "20%02d-%02d-%02d", 10 + (int)stream_below(stream, 12),
                   1 + (int)stream_below(stream, 12), 1 + (int)stream_below(stream, 28));
    return house_child(texts[0], texts[1], texts[2], texts[3]);
}

static void fill_batch(struct batch *batch, int64_t sequence)
{
    struct stream stream = stream_of(1000 + (uint64_t)sequence);
    for (int i = 0; i < CHILDREN; i++)
        batch->rows[i] = put_child(batch->texts[i], &stream, sequence, i);
    const struct feed feed = {.source = SOURCE_social_care,
                              .mode = BATCH_DELTA,
                              .rows = batch->rows,
                              .row_count = CHILDREN,
                              .sequence = sequence,
                              .as_of = "2026-11-20"};
    batch->header = house_header(house, &feed);
}

static enum fault load(struct batch *batch)
{
    const struct load_source source = {.open = open_batch, .each = each_row, .context = batch};
    const struct ask operator= {
        .operation = OP_feed_load, .unix_user = STR("operator"), .source = STR("local")};
    struct batch_counts counts;
    fault_clear_note();
    return service_load(house->service, &operator, & source, &counts);
}

/* Whatever came of it: loading it again makes it whole, once. */
static bool try_load(int64_t sequence, uint64_t nth, bool lasting)
{
    static struct batch batch;
    int64_t before = house_count(house, "SELECT count(*) FROM child");
    fill_batch(&batch, sequence);
    alloc_arm(nth, lasting);
    enum fault fault = load(&batch);
    uint64_t failed = alloc_disarm();
    if (fault != FAULT_NONE && fault_status(fault) != 503 &&
        fault != FAULT_SYSTEM) /* no thread can be started */
        fail_msg("load, allocation %d: %s %s", (int)nth, fault_name(fault), fault_last_note());
    if (fault != FAULT_NONE) {
        fault = load(&batch);
        for (int tries = 1; may_be_busy(fault, tries); tries++)
            fault = load(&batch);
        if (fault != FAULT_NONE && fault != FAULT_DUPLICATE)
            fail_msg("load after allocation %d: %s %s", (int)nth, fault_name(fault), fault_last_note());
    }
    int64_t there = house_count(house, "SELECT count(*) FROM child");
    if (there != before + CHILDREN)
        fail_msg("load, allocation %d%s: %d of %d children, then %s", (int)nth,
                 lasting ? " and all after" : "", (int)(there - before), (int)CHILDREN, fault_name(fault));
    assert_int_equal(house_count(house, "SELECT count(*) FROM batch WHERE state <> 3"), 0);
    assert_int_equal(house_count(house, "SELECT count(*) FROM batch_plan"), 0);
    return failed > 0;
}

static void case_63_in_a_feed(void **state)
{
    (void)state;
    int64_t sequence = 1;
    uint64_t nth = 1;
    while (try_load(sequence++, nth, false)) {
        (void)try_load(sequence++, nth, true);
        nth += after(nth, 20);
    }
    print_message("a feed of %d rows: about %d allocations\n", CHILDREN, (int)nth);
    house_check_log(house);
}

/* libpq 15 itself leaks the description of a statement for which memory is short. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:postgres_check\n";
}

static bool try_open(uint64_t nth, bool lasting)
{
    const struct service_settings settings = house_settings(house);
    fault_clear_note();
    alloc_arm(nth, lasting);
    enum fault fault = service_open(&settings, &house->service);
    uint64_t failed = alloc_disarm();
    if (fault != FAULT_NONE && failed == 0)
        fail_msg("opening: %s %s without need", fault_name(fault), fault_last_note());
    if (fault == FAULT_NONE)
        house_stop(house);
    return failed > 0;
}

/* It opens or says why not; and it opens afterwards. */
static void case_63_in_opening(void **state)
{
    (void)state;
    uint64_t nth = 1;
    house_stop(house);
    for (int tries = 0; try_open(nth, false); tries++) {
        if (step == 1 || tries % 8 == 0)
            (void)try_open(nth, true);
        nth += step == 1 || nth < 20 ? 1 : 8 * after(nth, 20);
    }
    print_message("opening: about %d allocations\n", (int)nth);
    house_start(house);
    assert_int_equal(match_counts(house->service->index).people,
                     house_count(house, "SELECT count(*) FROM child"));
    house_check_log(house);
}

static void afterwards_all_is_there(void **state)
{
    (void)state;
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"),
                     recorded + house_count(house, "SELECT count(*) FROM source_record"));
}

/* PostgreSQL is tried for again as long as patience lasts. */
static void have_little_patience(void)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/contactpoint.conf", house->folder);
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    assert_true(fputs("patience_seconds = 1\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    house_stop(house);
    house_start(house);
}

static int set_up(void **state)
{
    (void)state;
    static struct row rows[KNOWN];
    static char texts[KNOWN][4][32];
    struct stream stream = stream_of(63);
    alloc_open();
    house = house_open();
    have_little_patience();
    for (int i = 0; i < KNOWN; i++)
        rows[i] = put_child(texts[i], &stream, 0, i);
    assert_int_equal(house_load(house, SOURCE_health, rows, KNOWN).created, KNOWN);
    for (int i = 0; i < KNOWN; i++)
        everybody[i] = house_child_id(house, texts[i][1], texts[i][2]);
    child = everybody[0];
    family = texts[0][1];
    given = texts[0][2];
    birth = texts[0][3];
    log_to(-1);
    return arena_open(ARENA_BYTES, &arena) == FAULT_NONE ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    house_close(house);
    alloc_close();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_63_in_every_operation),
        cmocka_unit_test(case_63_in_a_feed),
        cmocka_unit_test(case_63_in_opening),
        cmocka_unit_test(afterwards_all_is_there),
    };
    const char *text = getenv("CONTACTPOINT_ALLOC_STEP");
    if (argc != 2 || (text != NULL && !str_to_int(str_of(text), 1, MOST, &step))) {
        (void)fprintf(stderr, "usage: [CONTACTPOINT_ALLOC_STEP=N] test_alloc_service FAIL_ALLOC_LIBRARY\n");
        return 2;
    }
    alloc_live_under(argv);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
