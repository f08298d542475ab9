/* Who is told of what runs out and of what is changed about an account (R3.1, R3.3, R3.5, R3.6, page 17). */
#include <stdio.h>

#include "access/account_life.h"
#include "house.h"
#include "service/lapses.h"

enum { DAY_S = 86400, CHECKS_THAT_END = 4 };

static int64_t told(struct house *house)
{
    return house_count(house, "SELECT count(*) FROM message");
}

static struct messages_view *messages_of(const struct seat *seat)
{
    struct answer *answer = house_ask(seat, &(struct request){.operation = OP_message_list});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->messages;
}

static struct message_view *open_message(const struct seat *seat, size_t place)
{
    const struct message_line *line = &messages_of(seat)->lines[place];
    struct answer *answer = house_ask(
        seat,
        &(struct request){.operation = OP_message_view, .path_ids = {line->message}, .path_id_count = 1});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->message;
}

/* How many of somebody's messages say so. */
static size_t count_titles(const struct seat *seat, const char *title)
{
    const struct messages_view *view = messages_of(seat);
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += str_equal(view->lines[i].title, str_of(title)) ? 1 : 0;
    return count;
}

static bool says(struct str text, const char *piece)
{
    return memmem(text.at, text.len, piece, strlen(piece)) != NULL;
}

static struct day day_of_end(const struct house *house)
{
    return check_until(CHECK_clearance, house_today(house));
}

static void wait_until(struct house *house, struct day end, int days_before)
{
    const int64_t days = day_number(end) - days_before - day_number(house_today(house));
    assert_true(days > 0);
    house_wait(house, days * DAY_S);
}

static void round_of_today(struct house *house)
{
    assert_int_equal(lapses_keep(house->service), FAULT_NONE);
}

static const char own[] = "A check of your account runs out",
                  staff[] = "A check of somebody you manage runs out",
                  left[] = "An account that you manage has stopped";

/* 60, 30 and 7 days before, and on the day: each once, to the holder and to whoever manages them. */
static void what_runs_out_is_told_in_time(void **state)
{
    struct house *house = *state;
    const struct day end = day_of_end(house);
    /* Each has four checks that run out; nobody manages the one administrator, and the operator needs none.
     */
    const int64_t step = CHECKS_THAT_END * (2 * ((int64_t)house->staff_count - 1) - 1);
    round_of_today(house);
    assert_int_equal(told(house), 0);
    wait_until(house, end, 61);
    round_of_today(house);
    assert_int_equal(told(house), 0);
    static const int days_before[] = {60, 30, 7, 0};
    for (int i = 0; i < 4; i++) {
        wait_until(house, end, days_before[i]);
        round_of_today(house);
        assert_int_equal(told(house), step * (i + 1));
        round_of_today(house);
        assert_int_equal(told(house), step * (i + 1));
    }
    house_wait(house, DAY_S);
    round_of_today(house);
    assert_int_equal(told(house), step * 4);
}

static void the_words(void **state)
{
    struct house *house = *state;
    const struct day end = day_of_end(house);
    round_of_today(house);
    wait_until(house, end, 30);
    round_of_today(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(count_titles(&teacher, own), CHECKS_THAT_END);
    assert_int_equal(messages_of(&teacher)->count, CHECKS_THAT_END);
    const struct message_view *message = open_message(&teacher, 0);
    assert_true(says(message->text, ": runs out on "));
    assert_true(says(message->text, " 30 days are left."));
    struct buffer day = buffer_open(64);
    day_put_words(&day, end);
    buffer_put_u8(&day, 0);
    assert_true(says(message->text, (const char *)day.at));
    buffer_close(&day);
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    assert_int_equal(count_titles(&manager, own), CHECKS_THAT_END);
    assert_int_equal(count_titles(&manager, staff), 2 * CHECKS_THAT_END); /* two teachers */
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_int_equal(count_titles(&visitor, staff), 0);
    /* Whose organisation has no user manager, and who is no practitioner, is the administrator's. */
    const struct seat administrator = house_sign_in(house, "administrator", ROLE_national_administrator);
    assert_true(count_titles(&administrator, staff) > 2 * CHECKS_THAT_END);
    house_check_log(house);
}

/* Interrupted before the day was noted, or begun anew: nobody is told twice. */
static void a_round_that_broke_off(void **state)
{
    struct house *house = *state;
    round_of_today(house);
    wait_until(house, day_of_end(house), 7);
    round_of_today(house);
    const int64_t once = told(house);
    assert_true(once > 0);
    assert_int_equal(house_past(house, "DELETE FROM meta WHERE name = 'lapses'"), 1);
    round_of_today(house);
    assert_int_equal(told(house), once);
}

/* A check that was renewed is told of no more. */
static void what_was_renewed(void **state)
{
    struct house *house = *state;
    const struct day end = day_of_end(house);
    round_of_today(house);
    wait_until(house, end, 60);
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    static const char *const checks[] = {"clearance", "training_contactpoint", "training_sharing",
                                         "agreement"};
    const struct day today = house_today(house);
    char day[8], month[8], year[8], version[8];
    (void)snprintf(day, sizeof day, "%d", today.day);
    (void)snprintf(month, sizeof month, "%d", today.month);
    (void)snprintf(year, sizeof year, "%d", today.year);
    for (int i = 0; i < CHECKS_THAT_END; i++) {
        (void)snprintf(version, sizeof version, "%d", i + 1);
        const struct answer *answer = house_ask(
            &manager, &(struct request){.operation = OP_user_check,
                                        .path_ids = {house_staff(house, "teacher")->account.id},
                                        .path_id_count = 1,
                                        .fields = FIELDS("check", checks[i], "done_day", day, "done_month",
                                                         month, "done_year", year, "version", version)});
        assert_int_equal(answer->fault, FAULT_NONE);
    }
    round_of_today(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(messages_of(&teacher)->count, 0);
    assert_int_equal(count_titles(&manager, staff), CHECKS_THAT_END); /* of the other teacher */
}

static void an_account_that_nobody_uses(void **state)
{
    struct house *house = *state;
    access_set_limits(house->service->access, &(struct access_limits){.unused_days_max = 90});
    round_of_today(house);
    house_wait(house, INT64_C(80) * DAY_S);
    (void)house_sign_in(house, "manager", ROLE_user_manager);
    house_wait(house, INT64_C(9) * DAY_S);
    round_of_today(house);
    assert_int_equal(told(house), 0);
    house_wait(house, DAY_S);
    round_of_today(house);
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    assert_int_equal(count_titles(&manager, left), 2);
    const struct message_view *message = open_message(&manager, 0);
    assert_true(says(message->text, "Sample ("));
    assert_true(says(message->text, "because nobody had signed in with it for too long"));
    house_wait(house, DAY_S);
    const int64_t before = told(house);
    round_of_today(house);
    assert_int_equal(told(house), before);
}

/* R3.5 */
static void an_accreditation(void **state)
{
    struct house *house = *state;
    struct organisation organisation = house_organisation(house, 0);
    organisation.accredited_until = day_of_number(day_number(house_today(house)) + 100);
    house_change_organisation(house, organisation);
    round_of_today(house);
    assert_int_equal(told(house), 0);
    wait_until(house, organisation.accredited_until, 60);
    round_of_today(house);
    assert_int_equal(told(house), 2); /* the user manager, the administrator */
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    const struct message_view *message = open_message(&manager, 0);
    assert_str(message->title, "An organisation's accreditation runs out");
    assert_true(says(message->text, "60 days are left."));
}

static struct answer *change(const struct seat *seat, enum operation operation, const char *user_name,
                             const char *const *fields)
{
    struct house *house = seat->house;
    return house_ask(seat, &(struct request){.operation = operation,
                                             .path_ids = {house_staff(house, user_name)->account.id},
                                             .path_id_count = 1,
                                             .fields = fields});
}

/* What a manager does to an account stands among its holder's messages, and the other managers hear of a
 * suspension (R3.3). */
static void changes_of_ones_account(void **state)
{
    struct house *house = *state;
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    assert_int_equal(change(&manager, OP_user_roles, "teacher",
                            FIELDS("role_practitioner", "yes", "role_user_manager", "yes", "version", "1"))
                         ->fault,
                     FAULT_INVALID); /* is not theirs to give: nobody is told */
    assert_int_equal(told(house), 0);
    assert_int_equal(
        change(&manager, OP_user_roles, "teacher", FIELDS("role_practitioner", "yes", "version", "1"))->fault,
        FAULT_NONE);
    assert_int_equal(
        change(&manager, OP_user_suspend, "teacher", FIELDS("suspend_why", "Left a screen open"))->fault,
        FAULT_NONE);
    assert_int_equal(change(&manager, OP_user_reinstate, "teacher", FIELDS("version", "3"))->fault,
                     FAULT_NONE);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(messages_of(&teacher)->count, 3);
    assert_int_equal(count_titles(&teacher, "Your account was changed"), 3);
    assert_true(says(open_message(&teacher, 0)->text, "reinstated"));
    assert_true(says(open_message(&teacher, 1)->text, "was suspended"));
    assert_false(says(open_message(&teacher, 1)->text, "Left a screen open"));
    assert_true(says(open_message(&teacher, 2)->text, "You hold now: Practitioner."));
    assert_true(says(open_message(&teacher, 2)->text, "This was done by Ines Pattern."));
    assert_int_equal(told(house), 3); /* the one who did it is the only manager */
    const struct seat administrator = house_sign_in(house, "administrator", ROLE_national_administrator);
    assert_int_equal(
        change(&administrator, OP_user_suspend, "manager", FIELDS("suspend_why", "Suspected"))->fault,
        FAULT_NONE);
    assert_int_equal(told(house), 4);
    assert_int_equal(count_titles(&administrator, left), 0);
}

struct sweeping {
    struct house *house;
    bool more;
};

static enum fault sweep(struct db_tx *tx, void *context)
{
    struct sweeping *sweeping = context;
    return message_sweep(tx, (struct instant){atomic_load(&sweeping->house->now_us)}, &sweeping->more);
}

static void send(struct house *house, int64_t number)
{
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    char version[16];
    (void)snprintf(version, sizeof version, "%d", (int)number);
    assert_int_equal(
        change(&manager, OP_user_roles, "teacher", FIELDS("role_practitioner", "yes", "version", version))
            ->fault,
        FAULT_NONE);
}

/* Read, and a year old: forgotten; unread: kept. */
static void old_messages_are_forgotten(void **state)
{
    struct house *house = *state;
    struct sweeping sweeping = {house, false};
    send(house, 1);
    send(house, 2);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)open_message(&teacher, 0);
    house_wait(house, (int64_t)(MESSAGES_KEPT_DAYS - 1) * DAY_S);
    assert_int_equal(db_write(house->service->db, DB_BACKGROUND, sweep, &sweeping), FAULT_NONE);
    assert_int_equal(told(house), 2);
    house_wait(house, INT64_C(2) * DAY_S);
    assert_int_equal(db_write(house->service->db, DB_BACKGROUND, sweep, &sweeping), FAULT_NONE);
    assert_false(sweeping.more);
    assert_int_equal(told(house), 1);
    assert_int_equal(house_count(house, "SELECT count(*) FROM message WHERE unread = 1"), 1);
}

enum { MANY = 450, EACH = 150 };

/* Past the bound of what one person keeps: three people's, one instant after the other. */
static enum fault send_many(struct db_tx *tx, void *context)
{
    static const char *const people[] = {"teacher", "visitor", "worker"};
    struct house *house = context;
    enum fault fault = FAULT_NONE;
    for (int i = 0; i < MANY; i++) {
        const struct message message = {.recipient = house_staff(house, people[i / EACH])->account,
                                        .kind = MESSAGE_ACCOUNT,
                                        .sent = {atomic_load(&house->now_us) + i},
                                        .cause = house_staff(house, "manager")->account.id,
                                        .number = i,
                                        .text = STR("something was changed")};
        TRY(message_send(tx, &house->service->messages, &message));
    }
done:
    return fault;
}

/* A lot at a time, and none of them stays. */
static void old_messages_go_in_lots(void **state)
{
    struct house *house = *state;
    struct sweeping sweeping = {house, true};
    int lots = 0;
    assert_int_equal(db_write(house->service->db, DB_BACKGROUND, send_many, house), FAULT_NONE);
    assert_int_equal(house_past(house, "UPDATE message SET unread = 0"), MANY);
    house_wait(house, (int64_t)(MESSAGES_KEPT_DAYS + 1) * DAY_S);
    for (; sweeping.more; lots++)
        assert_int_equal(db_write(house->service->db, DB_BACKGROUND, sweep, &sweeping), FAULT_NONE);
    assert_int_equal(lots, 3);
    assert_int_equal(told(house), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(what_runs_out_is_told_in_time), WITH_HOUSE(the_words),
        WITH_HOUSE(a_round_that_broke_off),        WITH_HOUSE(what_was_renewed),
        WITH_HOUSE(an_account_that_nobody_uses),   WITH_HOUSE(an_accreditation),
        WITH_HOUSE(changes_of_ones_account),       WITH_HOUSE(old_messages_are_forgotten),
        WITH_HOUSE(old_messages_go_in_lots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
