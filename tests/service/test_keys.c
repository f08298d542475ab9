/* Keys for a second server through the service: who may give them, and what is entered (R2, R17.1). */
#include "service/keys.h"

#include <stdio.h>
#include <unistd.h>

#include "house.h"
#include "vault/transfer.h"

/* A request that another machine has made. */
struct asked {
    struct house *house;
    char asking[128];
    struct buffer request;
    char digits[TRANSFER_FINGERPRINT_BYTES];
};

static struct asked ask_for_keys(struct house *house)
{
    struct asked asked = {.house = house, .request = buffer_open(TRANSFER_BYTES_MAX)};
    (void)snprintf(asked.asking, sizeof asked.asking, "%s/asking", house->folder);
    assert_int_equal(
        transfer_ask(asked.asking, clock_now(house_settings(house).clock), entropy_system(), &asked.request),
        FAULT_NONE);
    transfer_fingerprint(buffer_str(&asked.request), asked.digits);
    return asked;
}

static void forget(struct asked *asked)
{
    assert_int_equal(transfer_forget(asked->asking), FAULT_NONE);
    buffer_close(&asked->request);
}

static enum fault give(const struct asked *asked, const char *login, struct str typed, struct str *ret_sealed)
{
    const struct ask ask = {.operation = OP_vault_give, .unix_user = str_of(login), .source = STR("local")};
    fault_clear_note();
    return service_vault_give(asked->house->service, &ask, buffer_str(&asked->request), typed,
                              asked->house->arena, ret_sealed);
}

static const struct audit_event *one_event(struct house *house, int64_t before)
{
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    return events;
}

static void test_an_operator_gives(void **state)
{
    struct house *house = *state;
    struct asked asked = ask_for_keys(house);
    struct str sealed = {NULL, 0};
    char old_keys[128], new_keys[128], expected[128];
    int64_t before = house_entries(house);
    assert_int_equal(give(&asked, "operator", str_of(asked.digits), &sealed), FAULT_NONE);
    const struct audit_event *event = one_event(house, before);
    assert_int_equal(event->event, EVENT_VAULT_GIVEN);
    assert_int_equal(event->operation, OP_vault_give);
    assert_int_equal(event->role, ROLE_operator);
    assert_int_equal(event->fault, FAULT_NONE);
    (void)snprintf(expected, sizeof expected, "keys for the request %s", asked.digits);
    assert_str(event->asked, expected);
    char digits[TRANSFER_FINGERPRINT_BYTES];
    transfer_fingerprint(sealed, digits);
    (void)snprintf(old_keys, sizeof old_keys, "%s/vault.key", house->folder);
    (void)snprintf(new_keys, sizeof new_keys, "%s/second.key", house->folder);
    assert_int_equal(
        transfer_take(asked.asking, new_keys, sealed, str_of(digits), clock_now(house_settings(house).clock)),
        FAULT_NONE);
    assert_int_equal(access(old_keys, F_OK), 0);
    assert_int_equal(unlink(new_keys), 0);
    forget(&asked);
    house_check_log(house);
}

static void test_nobody_else_does(void **state)
{
    struct house *house = *state;
    static const char *const logins[] = {"", "teacher", "administrator", "root", "Operator"};
    struct asked asked = ask_for_keys(house);
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        struct str sealed = {NULL, 0};
        int64_t before = house_entries(house);
        assert_int_equal(give(&asked, logins[i], str_of(asked.digits), &sealed), FAULT_SIGN_IN);
        assert_non_null(strstr(fault_last_note(), "no operator's here"));
        assert_null(sealed.at);
        const struct audit_event *event = one_event(house, before);
        assert_int_equal(event->event, EVENT_REFUSED);
        assert_int_equal(event->operation, OP_vault_give);
        assert_int_equal(event->refusal, REFUSAL_NOT_SIGNED_IN);
    }
    forget(&asked);
    house_check_log(house);
}

/* Somebody tried to slip in a request of their own: nothing leaves, and it is entered. */
static void test_a_wrong_fingerprint(void **state)
{
    struct house *house = *state;
    struct asked asked = ask_for_keys(house);
    struct str sealed = {NULL, 0};
    int64_t before = house_entries(house);
    assert_int_equal(give(&asked, "operator", STR("00000 00000 00000 00000 00000 00000"), &sealed),
                     FAULT_INVALID);
    assert_non_null(strstr(fault_last_note(), "not the fingerprint"));
    assert_null(sealed.at);
    assert_int_equal(one_event(house, before)->event, EVENT_REFUSED);
    assert_int_equal(one_event(house, before)->fault, FAULT_INVALID);
    house_wait(house, INT64_C(25) * 3600);
    before = house_entries(house);
    assert_int_equal(give(&asked, "operator", str_of(asked.digits), &sealed), FAULT_INVALID);
    assert_non_null(strstr(fault_last_note(), "older than 24 hours"));
    assert_int_equal(one_event(house, before)->fault, FAULT_INVALID);
    assert_null(sealed.at);
    forget(&asked);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(test_an_operator_gives),
        WITH_HOUSE(test_nobody_else_does),
        WITH_HOUSE(test_a_wrong_fingerprint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
