/* Exchanging the master key beside those who come late (store/wrapping.h): keys made before the switch and
 * written after it, transactions that stay open across it, plans, other operators, two servers that both
 * drew. After each the service starts again, and its keeper then has the new master alone. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "rotating.h"
#include "second.h"
#include "store/house_key.h"
#include "store/lease.h"
#include "store/wrapping.h"

enum { SHORTLY_US = 200000, PEOPLE = 12, MASTERS_IN_A_LIFE = 12, PATIENCE_S = 30 };

/* One who writes a key of the house that was made before. */
struct writer {
    struct house *house;
    pthread_t thread;
    struct wrapped_key key;
    bool holds_first;      /* to the master, and then waits; else the other way round */
    _Atomic bool in;       /* its transaction has begun, and holds where it is to */
    _Atomic bool go;       /* it need not wait any more */
    _Atomic bool inserted; /* all but the commit is done */
    int runs;
    enum fault fault;
};

static void await(_Atomic bool *flag)
{
    WAIT_UNTIL(*flag, PATIENCE_S);
}

static enum fault write_key(struct db_tx *tx, void *context)
{
    struct writer *writer = context;
    struct vault *vault = writer->house->service->vault;
    struct arena *arena = NULL;
    struct wrapping wrapping;
    enum fault fault;
    writer->runs++;
    TRY(arena_open(4096, &arena));
    TRY(wrapping_get(tx, arena, &wrapping)); /* so that its snapshot is from before */
    if (writer->holds_first)
        TRY(wrapping_agree(tx, vault, &writer->key, 1));
    writer->in = true;
    await(&writer->go);
    if (!writer->holds_first)
        TRY(wrapping_agree(tx, vault, &writer->key, 1));
    const struct value in[] = {[BIND_house_key_add_name] = value_text(STR("late")),
                               [BIND_house_key_add_wrapped] =
                                   value_bytes((struct bytes){writer->key.byte, sizeof writer->key.byte})};
    TRY(db_run(tx, SQL_house_key_add, in, NULL));
    writer->inserted = true;
done:
    arena_close(arena);
    return fault;
}

static void *go_on_writing(void *argument)
{
    struct writer *writer = argument;
    writer->fault = db_write(writer->house->service->db, DB_FOREGROUND, write_key, writer);
    return NULL;
}

/* Something is sealed with it before, which must open after. */
static struct buffer seal_with(struct house *house, const struct wrapped_key *key)
{
    const struct seal_place place = {"matter", "sealed", {NULL, 0}, 1};
    struct buffer sealed = buffer_open(4096);
    assert_int_equal(vault_seal(house->service->vault, key, &place, bytes_of(STR("said before")), &sealed),
                     FAULT_NONE);
    return sealed;
}

static void check_opens(struct house *house, struct buffer *sealed)
{
    const struct seal_place place = {"matter", "sealed", {NULL, 0}, 1};
    struct buffer clear = buffer_open(4096);
    struct wrapped_key key;
    unsigned newest = 0;
    house_stop(house);
    house_start(house);
    assert_int_equal(masters_in_file(house, &newest), 1);
    assert_int_equal(newest, 2);
    assert_int_equal(house_key_get(house->service->db, house->service->vault, STR("late"), &key), FAULT_NONE);
    assert_int_equal(vault_master_of(&key), 2);
    assert_int_equal(
        vault_unseal(vault_for_own(house->service->vault), &key, &place, buffer_bytes(sealed), &clear),
        FAULT_NONE);
    assert_true(str_equal(buffer_str(&clear), STR("said before")));
    buffer_close(&clear);
    buffer_close(sealed);
}

static struct writer writer_of(struct house *house)
{
    struct writer writer = {.house = house};
    assert_int_equal(vault_key_new(house->service->vault, &writer.key), FAULT_NONE);
    assert_int_equal(vault_master_of(&writer.key), 1);
    return writer;
}

static void rotate_to(struct house *house, unsigned master)
{
    struct rotation_report report = {0};
    unsigned newest = 0;
    enum fault fault = rotate_as(house, "operator", NULL, &report);
    if (fault != FAULT_NONE)
        fail_msg("rotate: %s %s", fault_name(fault), fault_last_note());
    assert_int_equal(report.master, master);
    assert_int_equal(report.broken, 0);
    assert_int_equal(masters_in_file(house, &newest), 1);
}

static void a_key_made_before_is_written_after(void **state)
{
    struct house *house = *state;
    struct writer writer = writer_of(house);
    struct buffer sealed = seal_with(house, &writer.key);
    rotate_to(house, 2);
    writer.go = true;
    writer.runs = 1;
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, write_key, &writer), FAULT_NONE);
    check_opens(house, &sealed);
}

/* The rotation has been over for long when the transaction, begun before it, comes to write its key. */
static void a_transaction_from_before_writes_after(void **state)
{
    struct house *house = *state;
    if (!engine_is_postgres())
        skip(); /* one thread writes: nothing else is written meanwhile */
    struct writer writer = writer_of(house);
    struct buffer sealed = seal_with(house, &writer.key);
    assert_int_equal(pthread_create(&writer.thread, NULL, go_on_writing, &writer), 0);
    await(&writer.in);
    rotate_to(house, 2);
    writer.go = true;
    assert_int_equal(pthread_join(writer.thread, NULL), 0);
    assert_int_equal(writer.fault, FAULT_NONE);
    assert_int_equal(writer.runs, 2); /* the database sent it back */
    check_opens(house, &sealed);
}

/* What the writer had done at two steps of a rotation. */
struct watching {
    struct writer *writer;
    _Atomic bool drawn;
    bool inserted_when_drawn;
    bool inserted_when_switched;
};

static void watch(void *context, const char *step, int64_t done)
{
    struct watching *watching = context;
    (void)done;
    if (strcmp(step, "switched") == 0)
        watching->inserted_when_switched = watching->writer->inserted;
    if (strcmp(step, "drawn") == 0) {
        watching->inserted_when_drawn = watching->writer->inserted;
        watching->drawn = true;
    }
}

struct rotator {
    struct house *house;
    struct rotation_teller teller;
    struct rotation_report report;
    pthread_t thread;
    enum fault fault;
};

static void *go_on_rotating(void *argument)
{
    struct rotator *rotator = argument;
    rotator->fault = rotate_as(rotator->house, "operator", &rotator->teller, &rotator->report);
    return NULL;
}

/* The switch waits for a transaction that holds to the old master. */
static void the_switch_waits(void **state)
{
    struct house *house = *state;
    if (!engine_is_postgres())
        skip();
    struct writer writer = writer_of(house);
    struct watching watching = {.writer = &writer};
    struct rotator rotator = {.house = house, .teller = {watch, &watching}};
    struct buffer sealed = seal_with(house, &writer.key);
    writer.holds_first = true;
    assert_int_equal(pthread_create(&writer.thread, NULL, go_on_writing, &writer), 0);
    await(&writer.in);
    assert_int_equal(pthread_create(&rotator.thread, NULL, go_on_rotating, &rotator), 0);
    await(&watching.drawn);
    (void)poll(NULL, 0, 200); /* for it to come to the switch, where it would pass by */
    writer.go = true;
    assert_int_equal(pthread_join(writer.thread, NULL), 0);
    assert_int_equal(pthread_join(rotator.thread, NULL), 0);
    assert_int_equal(writer.fault, FAULT_NONE);
    assert_int_equal(rotator.fault, FAULT_NONE);
    assert_false(watching.inserted_when_drawn);
    assert_true(watching.inserted_when_switched);
    check_opens(house, &sealed);
}

static enum fault nothing_more(struct db_tx *tx, void *context)
{
    (void)tx;
    (void)context;
    return FAULT_NONE;
}

/* A feed that was planned under the old master and is carried out under the new one. */
static void a_plan_from_before_is_carried_out_after(void **state)
{
    static const char *const names[PEOPLE] = {"Abbot", "Benn",  "Cadby", "Dolan",  "Ellery", "Fenn",
                                              "Garth", "Hulme", "Ibbot", "Jarvis", "Kemble", "Lorne"};
    struct house *house = *state;
    struct feed feed = {.source = SOURCE_child_benefit, .mode = BATCH_DELTA};
    struct intake_house intake_house = house_intake(house);
    struct lease *lease = NULL;
    const struct permit_feed_load permit = feed_permit();
    const struct batch_header header = house_header(house, &feed);
    char records[PEOPLE][8];
    struct intake *intake = NULL;
    if (engine_is_postgres())
        assert_int_equal(lease_take(house->service->db, LEASE_FEED, house->service->lease_us, &lease),
                         FAULT_NONE);
    intake_house.lease = lease;
    assert_int_equal(intake_open(&intake_house, &permit, &header, &intake), FAULT_NONE);
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(records[i], sizeof records[i], "P-%d", i);
        const struct row row = house_child(records[i], names[i], "Gwen", "2015-03-09");
        assert_int_equal(intake_row(intake, i + 1, &row, ROW_FINE), FAULT_NONE);
    }
    assert_int_equal(intake_plan(intake), FAULT_NONE);
    rotate_to(house, 2);
    assert_int_equal(intake_decide(intake, nothing_more, NULL), FAULT_NONE);
    assert_int_equal(intake_apply(intake, NULL, NULL), FAULT_NONE);
    const int64_t created = intake_counts(intake).created;
    assert_true(created > PEOPLE / 2); /* some are alike */
    intake_close(intake);
    lease_leave(lease);
    house_stop(house);
    house_start(house);
    assert_int_equal(read_everybody(house, created, 2), 0);
}

struct feeding {
    struct house *house;
    pthread_t thread;
    struct batch_counts counts;
    enum fault fault;
    _Atomic bool ended;
};

static void *go_on_feeding(void *argument)
{
    struct feeding *feeding = argument;
    const struct feed feed = {.source = SOURCE_child_benefit,
                              .mode = BATCH_DELTA,
                              .rows = rotating_rows(),
                              .row_count = ROTATING_CHILDREN};
    feeding->fault = house_feed(feeding->house, &feed, &feeding->counts);
    feeding->ended = true;
    return NULL;
}

static void masters_change_while_a_feed_is_loaded(void **state)
{
    struct house *house = *state;
    struct feeding feeding = {.house = house};
    unsigned master = 1;
    assert_int_equal(pthread_create(&feeding.thread, NULL, go_on_feeding, &feeding), 0);
    do {
        rotate_to(house, ++master);
    } while (!feeding.ended && master < MASTERS_IN_A_LIFE);
    assert_int_equal(pthread_join(feeding.thread, NULL), 0);
    assert_int_equal(feeding.fault, FAULT_NONE);
    assert_true(feeding.counts.created > ROTATING_CHILDREN / 2);
    house_stop(house);
    house_start(house);
    assert_int_equal(read_everybody(house, feeding.counts.created, master), 0);
    house_check_log(house);
}

/* The keeper is told in the middle, by one who read it long ago, to wrap under the old master again. */
static void tell_old(void *context, const char *step, int64_t done)
{
    struct house *house = context;
    (void)done;
    if (strcmp(step, "switched") == 0 || strcmp(step, "wrapped") == 0)
        assert_int_equal(vault_wrap_under(house->service->vault, 1), FAULT_NONE);
}

static void a_keeper_that_falls_back(void **state)
{
    struct house *house = *state;
    const struct rotation_teller teller = {tell_old, house};
    const int64_t people =
        house_load(house, SOURCE_child_benefit, rotating_rows(), ROTATING_CHILDREN).created;
    struct rotation_report report = {0};
    unsigned newest = 0;
    assert_int_equal(rotate_as(house, "operator", &teller, &report), FAULT_NONE);
    assert_int_equal(masters_in_file(house, &newest), 1);
    assert_int_equal(newest, 2);
    house_stop(house);
    house_start(house);
    assert_int_equal(read_everybody(house, people, 2), 0);
}

/* Another operator comes to the end of it, while this one is in the middle. */
struct overtaking {
    struct house *house;
    bool overtaken;
};

static void overtake(void *context, const char *step, int64_t done)
{
    struct overtaking *overtaking = context;
    (void)done;
    if (strcmp(step, "switched") != 0 || overtaking->overtaken)
        return;
    overtaking->overtaken = true;
    rotate_to(overtaking->house, 2);
}

static void one_operator_at_a_time(void **state)
{
    struct house *house = *state;
    struct overtaking overtaking = {.house = house};
    const struct rotation_teller teller = {overtake, &overtaking};
    struct rotation_report report = {0};
    assert_int_equal(rotate_as(house, "operator", &teller, &report), FAULT_CONFLICT);
    assert_non_null(strstr(fault_last_note(), "another operator"));
    assert_true(overtaking.overtaken);
    rotate_to(house, 3);
    house_stop(house);
    house_start(house);
    house_check_log(house);
}

/* The key file was put back, from a copy that is older than what was drawn: another is drawn. */
static void what_was_drawn_is_lost(void **state)
{
    struct house *house = *state;
    house_past(house, "INSERT INTO meta (name, content) VALUES "
                      "('rotation', 'add 00112233445566778899aabbccddeeff')");
    rotate_to(house, 2);
    house_stop(house);
    house_start(house);
    house_check_log(house);
}

/* Its master has the number that was agreed on, and is another: it does not begin. */
static void another_master_of_that_number(void **state)
{
    struct house *house = *state;
    struct service_settings settings = house_settings(house);
    rotate_to(house, 2);
    house_stop(house);
    assert_int_equal(
        house_past(house,
                   "UPDATE meta SET content = '2 00112233445566778899aabbccddeeff' WHERE name = 'master'"),
        1);
    assert_int_equal(service_open(&settings, &house->service), FAULT_KEY);
    assert_non_null(strstr(fault_last_note(), "vault ask"));
    house->service = NULL;
    assert_int_equal(house_past(house, "UPDATE meta SET content = '2' WHERE name = 'master'"), 1);
    house_start(house);
}

/* The first server draws a master, and is stopped; the second, which does not know it, leaves it alone for as
 * long as the first lives. */
static void two_servers_draw_one(void **state)
{
    struct house *house = *state;
    struct rotation_report report = {0};
    unsigned newest = 0;
    if (!engine_is_postgres())
        skip();
    struct house *second = second_make(house);
    house_start(second);
    house->service->await_others_us = SHORTLY_US;
    assert_int_equal(rotate_as(house, "operator", NULL, &report), FAULT_CONFLICT);
    assert_int_equal(masters_in_file(house, &newest), 2);
    assert_int_equal(rotate_as(second, "operator", NULL, &report), FAULT_CONFLICT);
    assert_non_null(strstr(fault_last_note(), "another server has drawn"));
    assert_int_equal(masters_in_file(second, &newest), 1);
    house_stop(house); /* for good, and with it what it drew */
    rotate_to(second, 2);
    struct service_settings settings = house_settings(house);
    assert_int_equal(service_open(&settings, &house->service), FAULT_KEY);
    house->service = NULL;
    second_copy_keys(second, house);
    house_start(house);
    second_forget(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_key_made_before_is_written_after),
        WITH_HOUSE(a_transaction_from_before_writes_after),
        WITH_HOUSE(the_switch_waits),
        WITH_HOUSE(a_plan_from_before_is_carried_out_after),
        WITH_HOUSE(masters_change_while_a_feed_is_loaded),
        WITH_HOUSE(a_keeper_that_falls_back),
        WITH_HOUSE(one_operator_at_a_time),
        WITH_HOUSE(what_was_drawn_is_lost),
        WITH_HOUSE(another_master_of_that_number),
        WITH_HOUSE(two_servers_draw_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
