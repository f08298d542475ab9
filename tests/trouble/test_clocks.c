/* Case 64: a server whose clock is a day ahead, or behind, beside one with the right time, on one database.
 * No session lasts longer for it, no code serves twice, nobody is ended, and entries keep their order. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "pair.h"

enum { DAY_S = 86400, FEED_ROUNDS = 2 };

static struct pair pair;
static struct stream stream;
static struct house *right, *wrong; /* clocks */

static int set_up_with(int64_t off_s)
{
    stream = stream_of(64);
    pair = (struct pair){.stream = &stream};
    pair_open(&pair, &stream);
    right = pair.members[0].house;
    wrong = pair.members[1].house;
    house_wait(wrong, off_s);
    house_start(right);
    house_start(wrong);
    return 0;
}

static int set_up_ahead(void **state)
{
    (void)state;
    return set_up_with(DAY_S);
}

static int set_up_behind(void **state)
{
    (void)state;
    return set_up_with(-DAY_S);
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(wrong);
    house_stop(right);
    pair_close(&pair);
    free(pair.reports.all);
    return 0;
}

static enum fault look(struct house *at, const struct seat *seat)
{
    const struct seat here = {at, seat->cookie};
    return house_ask(&here, &(struct request){.operation = OP_account_view})->fault;
}

/* A session is good where it began, and nowhere longer: elsewhere it is over, or as long as here. */
static void case_64_no_session_is_lengthened(void **state)
{
    (void)state;
    const struct seat of_right = house_sign_in(right, "teacher", ROLE_practitioner);
    const struct seat of_wrong = house_sign_in(wrong, "worker", ROLE_practitioner);
    assert_int_equal(look(right, &of_right), FAULT_NONE);
    assert_int_equal(look(wrong, &of_wrong), FAULT_NONE);
    assert_int_equal(look(wrong, &of_right), FAULT_SIGN_IN);
    assert_int_equal(look(right, &of_wrong), FAULT_SIGN_IN);
    /* Twelve hours of the clock where it began, in steps that keep it from resting. */
    const struct seat seat = house_sign_in(right, "visitor", ROLE_practitioner);
    int64_t lasted_s = 0;
    while (look(right, &seat) == FAULT_NONE && lasted_s < 13 * 3600) {
        (void)look(wrong, &seat);
        house_wait(right, 600);
        house_wait(wrong, 600);
        lasted_s += 600;
    }
    assert_in_range(lasted_s, 1, 12 * 3600 + 600);
}

static enum fault offer(struct house *house, const char *user_name, struct str code)
{
    struct answer *answer = NULL;
    const struct ask_field first[] = {{STR("user_name"), str_of(user_name)},
                                      {STR("password"), house_password}};
    struct ask ask = {.operation = OP_sign_in_password,
                      .source = STR("192.0.2.7"),
                      .same_site = true,
                      .fields = first,
                      .field_count = 2};
    assert_int_equal(
        access_form_token(house->service->access, (struct str){"", 0}, house->arena, &ask.form_token),
        FAULT_NONE);
    assert_int_equal(service_conduct(house->service, &ask, house->arena, &answer), FAULT_NONE);
    const struct ask_field second[] = {
        {STR("pin"), house_pin}, {STR("code"), code}, {STR("role"), STR("practitioner")}};
    ask = (struct ask){.operation = OP_sign_in_code,
                       .ticket = answer->ticket,
                       .source = STR("192.0.2.7"),
                       .same_site = true,
                       .fields = second,
                       .field_count = 3};
    assert_int_equal(access_form_token(house->service->access, ask.ticket, house->arena, &ask.form_token),
                     FAULT_NONE);
    return service_conduct(house->service, &ask, house->arena, &answer);
}

/* A code that one server has taken serves at no other, whatever time that one thinks it is. */
static void case_64_no_code_serves_twice(void **state)
{
    (void)state;
    struct house *first[] = {right, wrong}, *second[] = {wrong, right};
    for (int i = 0; i < 2; i++) {
        const char *user_name = i == 0 ? "teacher" : "visitor";
        house_wait(first[i], 30);
        struct str code = house_code(first[i], house_staff(first[i], user_name));
        assert_int_equal(offer(first[i], user_name, code), FAULT_NONE);
        assert_int_not_equal(offer(first[i], user_name, code), FAULT_NONE);
        assert_int_not_equal(offer(second[i], user_name, code), FAULT_NONE);
        /* Nor when its own clock has come to that moment. */
        int64_t now_us = atomic_load(&second[i]->now_us);
        atomic_store(&second[i]->now_us, atomic_load(&first[i]->now_us));
        assert_int_not_equal(offer(second[i], user_name, code), FAULT_NONE);
        atomic_store(&second[i]->now_us, now_us);
    }
}

/* Leases are the database's time: nobody is ended, and whoever is next may load. */
static void case_64_nobody_is_ended(void **state)
{
    (void)state;
    struct house *loaders[] = {right, wrong};
    struct batch_counts counts;
    int64_t sequence = FEED_SEQUENCE_FIRST;
    for (int round = 0; round < FEED_ROUNDS; round++)
        for (int i = 0; i < 2; i++) {
            enum fault fault = kill_load(loaders[i], sequence++, &counts);
            if (fault != FAULT_NONE)
                fail_msg("load %d: %s %s", (int)sequence - 1, fault_name(fault), fault_last_note());
        }
    (void)poll(NULL, 0, 2 * PAIR_LEASE_MS);
    assert_int_equal(house_count(right, "SELECT count(*) FROM server WHERE ended = 1"), 0);
    for (int i = 0; i < 2; i++)
        (void)house_sign_in(loaders[i], i == 0 ? "second.teacher" : "worker", ROLE_practitioner);
    struct tally found = kill_tally(right, pair.children), clean = pair_clean_tally(sequence - 1);
    assert_memory_equal(&found, &clean, sizeof found);
    assert_true(id_equal(kill_index_digest(right), kill_index_digest(wrong)));
}

static void afterwards_the_log_is_whole(void **state)
{
    (void)state;
    struct audit_check check;
    const struct seat seat = house_sign_in(wrong, "worker", ROLE_practitioner);
    assert_int_equal(look(wrong, &seat), FAULT_NONE);
    assert_int_equal(audit_check_all(right->service->audit, &check), FAULT_NONE);
    assert_int_equal(check.gaps + check.broken + check.unreadable, 0);
}

#define WITH_CLOCKS(test, name)                                                                              \
    {                                                                                                        \
#test " " #name, test, set_up_##name, tear_down, NULL                                                \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CLOCKS(case_64_no_session_is_lengthened, ahead),
        WITH_CLOCKS(case_64_no_session_is_lengthened, behind),
        WITH_CLOCKS(case_64_no_code_serves_twice, ahead),
        WITH_CLOCKS(case_64_no_code_serves_twice, behind),
        WITH_CLOCKS(case_64_nobody_is_ended, ahead),
        WITH_CLOCKS(case_64_nobody_is_ended, behind),
        WITH_CLOCKS(afterwards_the_log_is_whole, ahead),
        WITH_CLOCKS(afterwards_the_log_is_whole, behind),
    };
    if (!engine_is_postgres()) {
        (void)printf("skipped: two servers need a database that they can share\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
