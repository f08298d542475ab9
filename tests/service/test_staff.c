/* Making and suspending accounts from the command line (R2, R3), and the first steps of an instance. */
#include "service/staff.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/argon.h"
#include "house.h"

enum { TOTP_PERIOD_S = 30 };

static struct ask ask_of(enum operation operation, const char *unix_user)
{
    return (struct ask){.operation = operation, .unix_user = str_of(unix_user), .source = STR("local")};
}

/* Signs in with all that is right, a fresh code included. */
static struct sponsor sponsor_of(struct house *house, const char *user_name, enum role role)
{
    house_wait(house, TOTP_PERIOD_S);
    return (struct sponsor){.user_name = str_of(user_name),
                            .password = house_password,
                            .pin = house_pin,
                            .code = house_code(house, house_staff(house, user_name)),
                            .role = role};
}

static struct account_order order_of(const char *user_name, enum role role)
{
    return (struct account_order){.user_name = str_of(user_name),
                                  .full_name = STR("Łucja O'Neill-Hughes"),
                                  .job = STR("School nurse"),
                                  .phone = STR("01632 960777"),
                                  .email = STR("lucja@example.org"),
                                  .roles = {role},
                                  .role_count = 1};
}

static enum fault create(struct house *house, const struct sponsor *sponsor,
                         const struct organisation *organisation, const struct account_order *order)
{
    const struct ask ask = ask_of(OP_account_create, "");
    return service_account_create(house->service, &ask, sponsor, organisation, order, house->arena);
}

static enum fault suspend(struct house *house, const struct sponsor *sponsor, const char *user_name)
{
    const struct ask ask = ask_of(OP_account_suspend, "");
    return service_account_suspend(house->service, &ask, sponsor, str_of(user_name), house->arena);
}

/* The last entry of all. */
static const struct audit_event *last_event(struct house *house)
{
    size_t count;
    const struct audit_event *events = house_events(house, house_entries(house) - 1, &count);
    assert_int_equal(count, 1);
    return events;
}

static int64_t open_sessions(struct house *house)
{
    return house_count(house, "SELECT count(*) FROM session WHERE ended_us IS NULL");
}

struct seeking {
    struct house *house;
    struct str user_name;
    struct account account;
};

static enum fault find_account(struct db_tx *tx, void *context)
{
    struct seeking *seeking = context;
    return access_account_find(seeking->house->service->access, tx, seeking->user_name, seeking->house->arena,
                               &seeking->account);
}

static enum fault find(struct house *house, const char *user_name, struct account *ret_account)
{
    struct seeking seeking = {.house = house, .user_name = str_of(user_name)};
    enum fault fault = db_read(house->service->db, find_account, &seeking);
    *ret_account = seeking.account;
    return fault;
}

static void test_a_user_manager_makes_its_own_people(void **state)
{
    struct house *house = *state;
    struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
    struct account_order order = order_of("new.nurse", ROLE_practitioner);
    struct account account;
    order.organisation = house->organisations[2].organisation; /* is not asked: its own it is */
    int64_t before = house_entries(house);
    const int64_t secrets = house_count(house, "SELECT count(*) FROM authenticator");
    assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_NONE);
    assert_int_equal(house_entries(house), before + 3); /* password, sign-in, account */
    const struct audit_event *event = last_event(house);
    assert_int_equal(event->event, EVENT_ACCOUNT_CREATED);
    assert_int_equal(event->operation, OP_account_create);
    assert_int_equal(event->role, ROLE_user_manager);
    assert_true(id_equal(event->actor.id, house_staff(house, "manager")->account.id));
    assert_str(event->asked, "account new.nurse as practitioner");
    assert_int_equal(find(house, "new.nurse", &account), FAULT_NONE);
    assert_true(id_equal(account.organisation.id, house->organisations[0].organisation.id));
    /* Case 19: there is no secret that its sponsor could have seen. */
    assert_int_equal(house_count(house, "SELECT count(*) FROM authenticator"), secrets);
    assert_int_equal(open_sessions(house), 0);
    house_check_log(house);
}

static void test_what_a_user_manager_may_not_make(void **state)
{
    struct house *house = *state;
    static const enum role refused[] = {ROLE_user_manager, ROLE_national_administrator, ROLE_operator};
    struct organisation organisation = house->organisations[1];
    struct account account;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
        struct account_order order = order_of("too.much", refused[i]);
        int64_t before = house_entries(house);
        assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_REFUSED);
        assert_int_equal(house_entries(house), before + 3);
        assert_int_equal(last_event(house)->event, EVENT_REFUSED);
        assert_int_equal(last_event(house)->fault, FAULT_REFUSED);
    }
    struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
    struct account_order order = order_of("too.much", ROLE_practitioner);
    organisation.organisation.id = id_new(house->service->entropy);
    assert_int_equal(create(house, &sponsor, &organisation, &order), FAULT_REFUSED);
    assert_int_equal(find(house, "too.much", &account), FAULT_ABSENT);
    assert_int_equal(open_sessions(house), 0);
}

static void test_an_administrator_makes_managers_with_organisations(void **state)
{
    struct house *house = *state;
    struct sponsor sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
    struct organisation organisation = house->organisations[1];
    struct account_order order = order_of("new.manager", ROLE_user_manager);
    struct account account;
    int64_t organisations = house_count(house, "SELECT count(*) FROM organisation");
    organisation.organisation.id = id_new(house->service->entropy);
    assert_int_equal(create(house, &sponsor, &organisation, &order), FAULT_NONE);
    assert_int_equal(find(house, "new.manager", &account), FAULT_NONE);
    assert_true(id_equal(account.organisation.id, organisation.organisation.id));
    assert_int_equal(house_count(house, "SELECT count(*) FROM organisation"), organisations + 1);
    sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
    order = order_of("other.manager", ROLE_user_manager);
    order.organisation = organisation.organisation;
    assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_NONE);
    sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
    order = order_of("new.teacher", ROLE_practitioner);
    order.organisation = organisation.organisation;
    assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_REFUSED);
}

/* Nothing half done: neither organisation nor account where the user name was used before (R3.4). */
static void test_a_name_is_used_once(void **state)
{
    struct house *house = *state;
    struct sponsor sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
    struct organisation organisation = house->organisations[1];
    struct account_order order = order_of("teacher", ROLE_user_manager);
    int64_t organisations = house_count(house, "SELECT count(*) FROM organisation");
    organisation.organisation.id = id_new(house->service->entropy);
    assert_int_equal(create(house, &sponsor, &organisation, &order), FAULT_DUPLICATE);
    assert_non_null(strstr(fault_last_note(), "used before"));
    assert_int_equal(house_count(house, "SELECT count(*) FROM organisation"), organisations);
    assert_int_equal(last_event(house)->fault, FAULT_DUPLICATE);
    assert_int_equal(open_sessions(house), 0);
}

/* R3.2: nothing less than all four ever works, and a code works once. */
static void test_a_sponsor_signs_in_wholly(void **state)
{
    struct house *house = *state;
    struct account_order order = order_of("never", ROLE_practitioner);
    struct account account;
    for (int wrong = 0; wrong < 5; wrong++) {
        struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
        if (wrong == 0)
            sponsor.user_name = STR("nobody");
        else if (wrong == 1)
            sponsor.password = STR("five plain words are here");
        else if (wrong == 2)
            sponsor.pin = STR("111222");
        else if (wrong == 3)
            sponsor.code = STR("000000");
        else
            sponsor.role = ROLE_national_administrator;
        int64_t before = house_entries(house);
        assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_SIGN_IN);
        assert_non_null(strstr(fault_last_note(), "signing in failed"));
        assert_int_equal(house_entries(house), before + 2);
    }
    struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
    struct account_order first = order_of("first.time", ROLE_practitioner);
    assert_int_equal(create(house, &sponsor, NULL, &first), FAULT_NONE);
    assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_SIGN_IN);
    assert_int_equal(find(house, "never", &account), FAULT_ABSENT);
    assert_int_equal(open_sessions(house), 0);
}

static void test_other_roles_make_nobody(void **state)
{
    struct house *house = *state;
    static const struct {
        const char *user_name;
        enum role role;
    } all[] = {{"teacher", ROLE_practitioner},
               {"shielder", ROLE_shielding_officer},
               {"data", ROLE_data_officer},
               {"rights", ROLE_rights_officer},
               {"reviewer", ROLE_audit_reviewer}};
    struct account_order order = order_of("never", ROLE_practitioner);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct sponsor sponsor = sponsor_of(house, all[i].user_name, all[i].role);
        assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_REFUSED);
        assert_int_equal(last_event(house)->refusal, REFUSAL_ROLE);
        sponsor = sponsor_of(house, all[i].user_name, all[i].role);
        assert_int_equal(suspend(house, &sponsor, "teacher"), FAULT_REFUSED);
        assert_int_equal(last_event(house)->refusal, REFUSAL_ROLE);
    }
    assert_int_equal(open_sessions(house), 0);
}

/* R3.3: it bites on the very next request. */
static void test_suspending_ends_sessions(void **state)
{
    struct house *house = *state;
    const struct seat seat = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct request look = {.operation = OP_account_view};
    struct account account;
    assert_int_equal(house_ask(&seat, &look)->fault, FAULT_NONE);
    struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
    assert_int_equal(suspend(house, &sponsor, "teacher"), FAULT_NONE);
    assert_int_equal(last_event(house)->event, EVENT_ACCOUNT_SUSPENDED);
    assert_str(last_event(house)->asked, "suspend teacher");
    assert_int_equal(house_ask(&seat, &look)->fault, FAULT_SIGN_IN);
    assert_int_equal(find(house, "teacher", &account), FAULT_NONE);
    assert_int_equal(account.state, ACCOUNT_SUSPENDED);
    sponsor = sponsor_of(house, "manager", ROLE_user_manager);
    assert_int_equal(suspend(house, &sponsor, "teacher"), FAULT_DUPLICATE);
}

/* Somebody else's people and nobody at all are answered alike. */
static void test_whom_one_may_suspend(void **state)
{
    struct house *house = *state;
    static const char *const others[] = {"visitor", "administrator", "operator", "nobody"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
        assert_int_equal(suspend(house, &sponsor, others[i]), FAULT_ABSENT);
        assert_non_null(strstr(fault_last_note(), "you manage no account of this name"));
        assert_int_equal(last_event(house)->fault, FAULT_ABSENT);
    }
    struct sponsor sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
    assert_int_equal(suspend(house, &sponsor, "visitor"), FAULT_ABSENT);
    sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
    assert_int_equal(suspend(house, &sponsor, "operator"), FAULT_NONE);
    sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
    assert_int_equal(suspend(house, &sponsor, "manager"), FAULT_NONE);
    assert_int_equal(open_sessions(house), 0);
}

static void test_demonstrations_alone_tell_codes(void **state)
{
    struct house *house = *state;
    struct account_order order = order_of("shown", ROLE_practitioner);
    struct account_secrets secrets;
    struct str code;
    order.organisation = house->organisations[0].organisation;
    house->service->demonstration = false;
    assert_int_equal(service_demonstration_account(house->service, NULL, &order, house->arena, &secrets),
                     FAULT_REFUSED);
    assert_int_equal(service_demonstration_code(house->service, STR("teacher"), house->arena, &code),
                     FAULT_REFUSED);
    house->service->demonstration = true;
    assert_int_equal(service_demonstration_account(house->service, NULL, &order, house->arena, &secrets),
                     FAULT_NONE);
    assert_int_equal(service_demonstration_code(house->service, STR("teacher"), house->arena, &code),
                     FAULT_NONE);
    assert_true(str_equal(code, house_code(house, house_staff(house, "teacher"))));
}

/* An instance of this test's own. */
struct founded {
    char folder[64];
    char path[96];
    struct arena *arena;
    struct str codes[2];
    struct service *service;
};

static void found(struct founded *founded)
{
    (void)snprintf(founded->folder, sizeof founded->folder, "/tmp/staff-test-XXXXXX");
    assert_non_null(mkdtemp(founded->folder));
    (void)snprintf(founded->path, sizeof founded->path, "%s/state", founded->folder);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    assert_int_equal(arena_open(1024 * 1024, &founded->arena), FAULT_NONE);
    const struct init_order order = {
        .state = founded->path, .unix_user = "_watch", .clock = clock_system(), .entropy = entropy_system()};
    assert_int_equal(service_init(&order, founded->arena, founded->codes), FAULT_NONE);
    const struct service_settings settings = {
        .state = founded->path, .clock = clock_system(), .entropy = entropy_system(), .readers = 2};
    assert_int_equal(service_open(&settings, &founded->service), FAULT_NONE);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status, (void)kind, (void)at;
    return remove(path);
}

static void abandon(struct founded *founded)
{
    service_close(founded->service);
    arena_close(founded->arena);
    assert_int_equal(nftw(founded->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* R2: two people, two codes, an operator's login; once. */
static void test_the_first_administrator(void **state)
{
    (void)state;
    struct founded founded;
    found(&founded);
    const struct account_order order = order_of("chief", ROLE_practitioner);
    struct str one = founded.codes[0], other = founded.codes[1];
    const struct ask stranger = ask_of(OP_administrator_first, "stranger");
    const struct ask ask = ask_of(OP_administrator_first, "_watch");
    struct service *service = founded.service;
    struct arena *arena = founded.arena;
    assert_int_equal(service_administrator_first(service, &stranger, one, other, &order, arena),
                     FAULT_SIGN_IN);
    assert_int_equal(service_administrator_first(service, &ask, one, one, &order, arena), FAULT_REFUSED);
    assert_int_equal(service_administrator_first(service, &ask, one, STR(""), &order, arena), FAULT_INVALID);
    assert_int_equal(
        service_administrator_first(service, &ask, one, STR("0123456789abcdefghjk"), &order, arena),
        FAULT_REFUSED);
    assert_int_equal(service_administrator_first(service, &ask, one, other, &order, arena), FAULT_NONE);
    assert_int_equal(service_administrator_first(service, &ask, one, other, &order, arena), FAULT_REFUSED);
    abandon(&founded);
}

static void test_what_init_makes(void **state)
{
    (void)state;
    struct founded founded;
    struct stat status;
    char path[128];
    struct str codes[2];
    found(&founded);
    assert_int_equal(founded.codes[0].len, 20);
    assert_int_equal(founded.codes[1].len, 20);
    assert_false(str_equal(founded.codes[0], founded.codes[1]));
    assert_false(service_is_demonstration(founded.service));
    assert_int_equal(stat(founded.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    (void)snprintf(path, sizeof path, "%s/vault.key", founded.path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    struct init_order again = {
        .state = founded.path, .unix_user = "_watch", .clock = clock_system(), .entropy = entropy_system()};
    assert_int_equal(service_init(&again, founded.arena, codes), FAULT_DUPLICATE);
    assert_non_null(strstr(fault_last_note(), "an instance in this state folder already"));
    again.state = founded.folder;
    assert_int_equal(service_init(&again, founded.arena, codes), FAULT_DUPLICATE);
    assert_non_null(strstr(fault_last_note(), "not empty"));
    (void)snprintf(path, sizeof path, "%s/no/such", founded.folder);
    again.state = path;
    assert_int_equal(service_init(&again, founded.arena, codes), FAULT_STORAGE);
    (void)snprintf(path, sizeof path, "%s/other", founded.folder);
    again.unix_user = "Not A Login";
    assert_int_equal(service_init(&again, founded.arena, codes), FAULT_INVALID);
    abandon(&founded);
}

/* Where nobody may act any more, an operator starts anew with two people; where somebody may, nobody does. */
static void new_codes_where_no_administrator_may_act(void **state)
{
    struct house *house = *state;
    const struct ask stranger = ask_of(OP_administrator_codes, "stranger"),
                     ask = ask_of(OP_administrator_codes, "operator");
    const struct ask first = ask_of(OP_administrator_first, "operator");
    struct account_order order = order_of("next.chief", ROLE_national_administrator);
    struct account account;
    struct str codes[2];
    struct service *service = house->service;
    assert_int_equal(service_administrator_codes(service, &stranger, house->arena, codes), FAULT_SIGN_IN);
    assert_int_equal(service_administrator_codes(service, &ask, house->arena, codes), FAULT_REFUSED);
    assert_non_null(strstr(fault_last_note(), "there is a national administrator already"));
    house_wait(house, INT64_C(4) * 366 * 86400); /* their checks have run out */
    assert_int_equal(service_administrator_codes(service, &ask, house->arena, codes), FAULT_NONE);
    assert_int_equal(last_event(house)->event, EVENT_CODES_DRAWN);
    assert_int_equal(last_event(house)->asked.len, 0);
    assert_int_equal(service_administrator_first(service, &first, codes[0], codes[1], &order, house->arena),
                     FAULT_NONE);
    assert_int_equal(find(house, "next.chief", &account), FAULT_NONE);
    assert_int_equal(account.state, ACCOUNT_ACTIVE);
    assert_int_equal(service_administrator_codes(service, &ask, house->arena, codes), FAULT_REFUSED);
}

/* R3.1, R3.5: what is made at the machine is asked for only, and within what the organisation may have. */
static void what_is_made_must_be_admitted(void **state)
{
    struct house *house = *state;
    struct sponsor sponsor = sponsor_of(house, "manager", ROLE_user_manager);
    struct account_order order = order_of("new.nurse", ROLE_practitioner);
    struct account account;
    assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_NONE);
    assert_int_equal(find(house, "new.nurse", &account), FAULT_NONE);
    assert_int_equal(account.state, ACCOUNT_REQUESTED);
    static const enum role officers[] = {ROLE_shielding_officer, ROLE_data_officer, ROLE_rights_officer,
                                         ROLE_audit_reviewer};
    for (size_t i = 0; i < sizeof officers / sizeof officers[0]; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "officer.%d", (int)i);
        order = order_of(name, officers[i]);
        order.organisation = house->organisations[1].organisation;
        sponsor = sponsor_of(house, "manager", ROLE_user_manager);
        assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_REFUSED);
        sponsor = sponsor_of(house, "administrator", ROLE_national_administrator);
        assert_int_equal(create(house, &sponsor, NULL, &order), FAULT_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(test_a_user_manager_makes_its_own_people),
        WITH_HOUSE(test_what_a_user_manager_may_not_make),
        WITH_HOUSE(test_an_administrator_makes_managers_with_organisations),
        WITH_HOUSE(test_a_name_is_used_once),
        WITH_HOUSE(test_a_sponsor_signs_in_wholly),
        WITH_HOUSE(test_other_roles_make_nobody),
        WITH_HOUSE(test_suspending_ends_sessions),
        WITH_HOUSE(test_whom_one_may_suspend),
        WITH_HOUSE(test_demonstrations_alone_tell_codes),
        WITH_HOUSE(new_codes_where_no_administrator_may_act),
        WITH_HOUSE(what_is_made_must_be_admitted),
        cmocka_unit_test(test_the_first_administrator),
        cmocka_unit_test(test_what_init_makes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
