#include "fixture.h"

struct order {
    struct fixture *fixture;
    struct organisation organisation;
    struct organisation read;
};

static enum fault insert(struct db_tx *tx, void *context)
{
    struct order *order = context;
    return access_organisation_insert(order->fixture->access, tx, &order->organisation);
}

static enum fault get(struct db_tx *tx, void *context)
{
    struct order *order = context;
    return access_organisation_get(order->fixture->access, tx, order->organisation.organisation,
                                   order->fixture->arena, &order->read);
}

static struct order order_of(struct fixture *fixture)
{
    return (struct order){.fixture = fixture,
                          .organisation = {.organisation.id = {{1, 2, 3}},
                                           .capabilities = 1u << CAPABILITY_query | 1u << CAPABILITY_override,
                                           .accredited_until = {2027, 11, 1, DAY_EXACT},
                                           .users_max = 12,
                                           .staff = 80,
                                           .name = STR("Ysgol Example"),
                                           .phone = STR("01632 960789"),
                                           .authority = STR("E06000002"),
                                           .body = BODY_EDUCATION,
                                           .service = SERVICE_school}};
}

static void organisation_is_read_as_it_was_written(void **state)
{
    struct fixture *fixture = *state;
    struct order order = order_of(fixture);
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, insert, &order), FAULT_NONE);
    assert_int_equal(db_read(fixture->db, get, &order), FAULT_NONE);
    assert_true(id_equal(order.read.organisation.id, order.organisation.organisation.id));
    assert_true(order.read.active);
    assert_int_equal(order.read.version, 1);
    assert_true(str_equal(order.read.name, order.organisation.name));
    assert_true(str_equal(order.read.phone, order.organisation.phone));
    assert_true(str_equal(order.read.authority, order.organisation.authority));
    assert_int_equal(order.read.body, BODY_EDUCATION);
    assert_int_equal(order.read.capabilities, order.organisation.capabilities);
    assert_true(day_equal(order.read.accredited_until, order.organisation.accredited_until));
    assert_int_equal(order.read.users_max, 12);
    assert_int_equal(order.read.staff, 80);
    assert_int_equal(order.read.service, SERVICE_school);
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, insert, &order), FAULT_DUPLICATE);
}

static void organisation_that_does_not_exist_is_absent(void **state)
{
    struct fixture *fixture = *state;
    struct order order = order_of(fixture);
    assert_int_equal(db_read(fixture->db, get, &order), FAULT_ABSENT);
    assert_int_equal(order.read.name.len, 0);
}

static void organisation_without_name_or_body_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct order order = order_of(fixture);
    order.organisation.name = STR("");
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, insert, &order), FAULT_INVALID);
    order = order_of(fixture);
    order.organisation.body = BODY_OURS + 1;
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, insert, &order), FAULT_INVALID);
    order = order_of(fixture);
    order.organisation.service = SERVICES_END;
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, insert, &order), FAULT_INVALID);
    order = order_of(fixture);
    order.organisation.service = SERVICE_NONE;
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, insert, &order), FAULT_NONE);
    assert_int_equal(db_read(fixture->db, get, &order), FAULT_NONE);
    assert_int_equal(order.read.service, SERVICE_NONE);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(organisation_is_read_as_it_was_written),
        IN_A_HOUSE(organisation_that_does_not_exist_is_absent),
        IN_A_HOUSE(organisation_without_name_or_body_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
