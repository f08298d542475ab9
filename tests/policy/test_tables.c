#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"

static void every_operation_is_whole_and_unlike_the_others(void **state)
{
    (void)state;
    for (enum operation a = OP_NONE + 1; a < OPERATIONS_END; a++) {
        const struct operation_row *one = policy_operation(a);
        assert_true(strlen(one->name) > 0 && strlen(one->help) > 0);
        assert_true(one->door != DOOR_WEB || one->path[0] == '/');
        assert_true(one->door != DOOR_CLI || one->path[0] != '/');
        for (enum operation b = a + 1; b < OPERATIONS_END; b++) {
            const struct operation_row *other = policy_operation(b);
            assert_string_not_equal(one->name, other->name);
            if (one->door == other->door && one->method == other->method)
                assert_string_not_equal(one->path, other->path);
        }
    }
}

static bool names_an_id(struct str part)
{
    static const char *const ids[] = {":search",       ":child", ":involvement", ":user",
                                      ":organisation", ":case",  ":message",     ":key"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (str_equal(part, str_of(ids[i])))
            return true;
    return false;
}

/* Names, dates and numbers of people travel in forms, never in an address. */
static void addresses_hold_ids_only(void **state)
{
    (void)state;
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        const struct operation_row *row = policy_operation(operation);
        if (row->door != DOOR_WEB)
            continue;
        assert_null(strpbrk(row->path, "?&=#%"));
        struct str path = str_of(row->path);
        struct str part;
        while (str_split(&path, '/', &part))
            if (part.len > 0 && part.at[0] == ':')
                assert_true(names_an_id(part));
        size_t count = 0;
        (void)policy_inputs(operation, &count);
        assert_true(row->method == METHOD_POST || count == 0);
    }
}

static void every_operation_has_somebody_who_may(void **state)
{
    (void)state;
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        int roles = 0;
        for (enum role role = ROLE_NONE + 1; role < ROLES_END; role++)
            roles += policy_may(role, operation);
        bool is_public = policy_operation(operation)->strength == STRENGTH_PUBLIC;
        assert_int_equal(is_public, roles == 0);
        assert_false(policy_may(ROLE_NONE, operation));
    }
}

static void inputs_are_bounded_and_stand_together(void **state)
{
    (void)state;
    size_t total = 0;
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        size_t count = 77;
        const struct input_row *rows = policy_inputs(operation, &count);
        assert_int_equal(rows == NULL, count == 0);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].operation, operation);
            assert_in_range(rows[i].bytes_max, 1, rows[i].type == INPUT_BLOB ? 16384 : 1024);
            assert_in_range(rows[i].type, INPUT_TEXT, INPUT_BLOB);
            for (size_t j = i + 1; j < count; j++)
                assert_string_not_equal(rows[i].field, rows[j].field);
        }
        total += count;
    }
    size_t declared = 0;
#define INPUT(operation, field, type, bytes_max, required) declared++;
#include "policy/forms.def"
#undef INPUT
    assert_int_equal(total, declared);
}

/* R5.1: what is stated now is asked for in the form.  The form does not require it: its absence is a refusal,
 * with an entry, and not a field to mend. */
static void a_reason_that_is_stated_is_an_input(void **state)
{
    (void)state;
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        size_t count = 0;
        const struct input_row *rows = policy_inputs(operation, &count);
        bool asked = false, text = false;
        for (size_t i = 0; i < count; i++) {
            asked = asked || (strcmp(rows[i].field, "reason") == 0 && !rows[i].required);
            text = text || (strcmp(rows[i].field, "reason_text") == 0 && !rows[i].required);
        }
        bool stated = policy_operation(operation)->reason == REASON_NEED_STATED;
        assert_int_equal(asked, stated);
        assert_int_equal(text, stated);
    }
}

/* Every value of a vocabulary has a name that leads back to it. */
#define COMES_BACK(type, first, end, name_of, value_of)                                                      \
    for (type value = (type)(first); value < (end); value++) {                                               \
        assert_true(strlen(name_of(value)) > 0);                                                             \
        assert_int_equal(value_of(str_of(name_of(value))), value);                                           \
    }                                                                                                        \
    assert_int_equal(value_of(STR("nonsense")), 0);                                                          \
    assert_int_equal(value_of(STR("")), 0)

static void names_lead_back(void **state)
{
    (void)state;
    COMES_BACK(enum role, 1, ROLES_END, policy_role_name, policy_role_of);
    COMES_BACK(enum reason, 1, REASONS_END, policy_reason_name, policy_reason_of);
    COMES_BACK(enum number_scheme, 1, NUMBERS_END, policy_number_name, policy_number_of);
    COMES_BACK(enum source, 1, SOURCES_END, policy_source_name, policy_source_of);
    COMES_BACK(enum service_kind, 1, SERVICES_END, policy_service_name, policy_service_of);
    COMES_BACK(enum capability, 1, CAPABILITIES_END, policy_capability_name, policy_capability_of);
    COMES_BACK(enum body, 1, BODY_OURS + 1, policy_body_name, policy_body_of);
    assert_int_equal(policy_role_of(STR("Practitioner")), ROLE_NONE);
    assert_int_equal(policy_role_of((struct str){"operator\0", 9}), ROLE_NONE);
}

static void every_value_has_a_label(void **state)
{
    (void)state;
    for (enum role role = 1; role < ROLES_END; role++)
        assert_true(strlen(policy_role_label(role)) > 0);
    for (enum reason reason = 1; reason < REASONS_END; reason++)
        assert_true(strlen(policy_reason_label(reason)) > 0);
    for (enum field_group group = 1; group < GROUPS_END; group++)
        assert_true(strlen(policy_group_name(group)) > 0 && strlen(policy_group_help(group)) > 0);
    for (enum number_scheme scheme = 1; scheme < NUMBERS_END; scheme++) {
        assert_true(strlen(policy_number_label(scheme)) > 0);
        assert_in_range(policy_number_body(scheme), BODY_HEALTH, BODY_OURS);
    }
    for (enum source source = 1; source < SOURCES_END; source++) {
        assert_true(strlen(policy_source_label(source)) > 0);
        assert_in_range(policy_source_body(source), BODY_HEALTH, BODY_SOCIAL_CARE);
    }
    for (enum service_kind kind = 1; kind < SERVICES_END; kind++)
        assert_true(strlen(policy_service_label(kind)) > 0);
    for (enum capability capability = 1; capability < CAPABILITIES_END; capability++)
        assert_true(strlen(policy_capability_label(capability)) > 0);
    for (enum viewer viewer = 1; viewer < VIEWERS_END; viewer++)
        assert_true(strlen(policy_viewer_label(viewer)) > 0);
    for (enum event event = EVENT_UNRECORDED; event < EVENTS_END; event++) {
        assert_true(strlen(policy_event_name(event)) > 0);
        for (enum event other = event + 1; other < EVENTS_END; other++)
            assert_string_not_equal(policy_event_name(event), policy_event_name(other));
    }
}

/* R8: three kinds; R5.1: one reason wants words. */
static void what_is_marked(void **state)
{
    (void)state;
    for (enum service_kind kind = 1; kind < SERVICES_END; kind++)
        assert_int_equal(policy_service_sensitive(kind), kind == SERVICE_sexual_health ||
                                                             kind == SERVICE_mental_health ||
                                                             kind == SERVICE_substance_misuse);
    for (enum reason reason = 1; reason < REASONS_END; reason++)
        assert_int_equal(policy_reason_needs_text(reason), reason == REASON_other);
    assert_int_equal(policy_number_body(NUMBER_nhs), BODY_HEALTH);
    assert_int_equal(policy_number_body(NUMBER_contactpoint), BODY_OURS);
    assert_int_equal(policy_source_body(SOURCE_education), BODY_EDUCATION);
}

/* R9.4, R10: a shield hides from both kinds of practitioner alike; nobody else sees any record. */
static void sight_by_role(void **state)
{
    (void)state;
    for (enum record_state record = RECORD_LIVE; (int)record <= RECORD_STATES; record++) {
        assert_int_equal(policy_sight(ROLE_override_practitioner, record),
                         policy_sight(ROLE_practitioner, record));
        for (enum role role = ROLE_user_manager; role < ROLES_END; role++)
            assert_int_equal(policy_sight(role, record), 0);
        assert_int_equal(policy_sight(ROLE_NONE, record), 0);
        field_mask beyond_live =
            policy_sight(ROLE_practitioner, record) & ~policy_sight(ROLE_practitioner, RECORD_LIVE);
        assert_int_equal(beyond_live, 0);
    }
}

/* The matrix: an override shows what a live record would, sensitive services aside, an officer all that there
 * is but what is one's own.
 */
static void sight_by_viewer(void **state)
{
    (void)state;
    const field_mask all = ((field_mask)1 << GROUPS_END) - 2;
    for (enum record_state record = RECORD_LIVE; (int)record <= RECORD_STATES; record++) {
        assert_int_equal(policy_sight_of(VIEWER_NOBODY, record), 0);
        assert_int_equal(policy_sight_of(VIEWER_practitioner, record),
                         policy_sight(ROLE_practitioner, record));
        assert_int_equal(policy_sight_of(VIEWER_overrider, record),
                         record == RECORD_SHIELDED
                             ? policy_sight(ROLE_practitioner, RECORD_LIVE) & ~MASK(OWN_SENSITIVE)
                             : 0);
        bool worked_on = record == RECORD_SHIELDED || record == RECORD_LIVE;
        assert_int_equal(policy_sight_of(VIEWER_officer, record),
                         worked_on ? all & ~(MASK(OWN_SERVICES) | MASK(OWN_SENSITIVE) | MASK(OWN_NUMBERS))
                                   : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_is_whole_and_unlike_the_others),
        cmocka_unit_test(addresses_hold_ids_only),
        cmocka_unit_test(every_operation_has_somebody_who_may),
        cmocka_unit_test(inputs_are_bounded_and_stand_together),
        cmocka_unit_test(a_reason_that_is_stated_is_an_input),
        cmocka_unit_test(names_lead_back),
        cmocka_unit_test(every_value_has_a_label),
        cmocka_unit_test(what_is_marked),
        cmocka_unit_test(sight_by_role),
        cmocka_unit_test(sight_by_viewer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
