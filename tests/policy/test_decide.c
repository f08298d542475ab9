#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "policy/reference.h"

/* A wheel of an odometer: a flag, or a code from `first` to below `end`. */
struct wheel {
    bool *flag;
    int *code;
    int first, end;
};

/* The next combination, as an odometer turns; false after the last, when all stand at their first again. */
static bool turn(const struct wheel *wheels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (wheels[i].flag != NULL) {
            *wheels[i].flag = !*wheels[i].flag;
            if (*wheels[i].flag)
                return true;
        } else {
            if (++*wheels[i].code < wheels[i].end)
                return true;
            *wheels[i].code = wheels[i].first;
        }
    }
    return false;
}

/* The codes of facts, as wheels turn them. */
struct codes {
    int operation, role, other_role, strength, reason, state;
};

static struct facts facts_with(const struct facts *flags, const struct codes *codes)
{
    struct facts facts = *flags;
    facts.operation = (enum operation)codes->operation;
    facts.role = (enum role)codes->role;
    facts.other_role = (enum role)codes->other_role;
    facts.strength = (enum strength)codes->strength;
    facts.reason = (enum reason)codes->reason;
    facts.state = (enum record_state)codes->state;
    return facts;
}

/* Decides every combination of the wheels both ways; how many rows that were. */
static uint64_t compare(struct facts *flags, struct codes *codes, const struct wheel *wheels, size_t count)
{
    uint64_t rows = 0, permitted = 0;
    do {
        struct facts facts = facts_with(flags, codes);
        struct decision decision = decide(&facts), expected = reference_decide(&facts);
        rows++;
        permitted += decision.permitted;
        if (!decisions_equal(&decision, &expected))
            fail_msg("%s as role %d: refusal %d, the reference says %d",
                     policy_operation(facts.operation)->name, (int)facts.role, (int)decision.refusal,
                     (int)expected.refusal);
    } while (turn(wheels, count));
    print_message("rows %ju, permitted %ju\n", (uintmax_t)rows, (uintmax_t)permitted);
    return rows;
}

#define CODES_START                                                                                          \
    {                                                                                                        \
        .operation = OP_NONE + 1, .strength = STRENGTH_PUBLIC                                                \
    }
#define OPERATION_WHEEL(codes)                                                                               \
    {                                                                                                        \
        .code = &(codes).operation, .first = OP_NONE + 1, .end = OPERATIONS_END                              \
    }
#define ROLE_WHEEL(codes)                                                                                    \
    {                                                                                                        \
        .code = &(codes).role, .first = ROLE_NONE, .end = ROLES_END                                          \
    }
#define OTHER_WHEEL(codes)                                                                                   \
    {                                                                                                        \
        .code = &(codes).other_role, .first = ROLE_NONE, .end = ROLES_END                                    \
    }
#define REASON_WHEEL(codes)                                                                                  \
    {                                                                                                        \
        .code = &(codes).reason, .first = REASON_NONE, .end = REASONS_END                                    \
    }
#define STATE_WHEEL(codes)                                                                                   \
    {                                                                                                        \
        .code = &(codes).state, .first = 0, .end = RECORD_STATES + 1                                         \
    }
#define STRENGTH_WHEEL(codes)                                                                                \
    {                                                                                                        \
        .code = &(codes).strength, .first = STRENGTH_PUBLIC, .end = STRENGTH_LOCAL + 1                       \
    }

/* All that is known of caller, form, reason and record. */
static void the_whole_product_equals_the_reference(void **state)
{
    (void)state;
    struct facts flags = {.capability_held = true, .sensitive_held = true, .second_given = true};
    struct codes codes = CODES_START;
    const struct wheel wheels[] = {{.flag = &flags.signed_in},
                                   {.flag = &flags.role_held},
                                   {.flag = &flags.account_active},
                                   {.flag = &flags.organisation_active},
                                   {.flag = &flags.form_token_valid},
                                   {.flag = &flags.reason_text_given},
                                   {.flag = &flags.reason_live},
                                   STATE_WHEEL(codes),
                                   REASON_WHEEL(codes),
                                   STRENGTH_WHEEL(codes),
                                   ROLE_WHEEL(codes),
                                   OPERATION_WHEEL(codes)};
    uint64_t rows = compare(&flags, &codes, wheels, sizeof wheels / sizeof *wheels);
    assert_true(rows ==
                UINT64_C(128) * (RECORD_STATES + 1) * REASONS_END * 4 * ROLES_END * (OPERATIONS_END - 1));
}

/* Facts that refuse nobody by themselves, but for what the wheels turn. */
static struct facts welcome(void)
{
    return (struct facts){.signed_in = true,
                          .role_held = true,
                          .account_active = true,
                          .organisation_active = true,
                          .form_token_valid = true,
                          .reason_text_given = true,
                          .reason_live = true,
                          .capability_held = true,
                          .sensitive_held = true,
                          .second_given = true};
}

/* All that sight hangs on: override, case, the role of somebody else, demonstration. */
static void every_sight_equals_the_reference(void **state)
{
    (void)state;
    struct facts flags = welcome();
    struct codes codes = CODES_START;
    codes.reason = REASON_working;
    flags.sensitive_held = false;
    const struct wheel wheels[] = {{.flag = &flags.demonstration},
                                   {.flag = &flags.case_held},
                                   {.flag = &flags.overriding},
                                   {.flag = &flags.sensitive_held},
                                   {.flag = &flags.mediated},
                                   OTHER_WHEEL(codes),
                                   STATE_WHEEL(codes),
                                   STRENGTH_WHEEL(codes),
                                   ROLE_WHEEL(codes),
                                   OPERATION_WHEEL(codes)};
    uint64_t rows = compare(&flags, &codes, wheels, sizeof wheels / sizeof *wheels);
    assert_true(rows ==
                UINT64_C(32) * ROLES_END * (RECORD_STATES + 1) * 4 * ROLES_END * (OPERATIONS_END - 1));
}

/* All that stands in the way beside caller, form and reason, in every mixture. */
static void every_obstacle_equals_the_reference(void **state)
{
    (void)state;
    struct facts flags = welcome();
    struct codes codes = CODES_START;
    codes.other_role = ROLE_practitioner;
    codes.strength = STRENGTH_KEY;
    flags.capability_held = flags.second_given = flags.reason_live = false;
    const struct wheel wheels[] = {{.flag = &flags.capability_held},
                                   {.flag = &flags.second_given},
                                   {.flag = &flags.limit_reached},
                                   {.flag = &flags.own_child},
                                   {.flag = &flags.reason_live},
                                   {.flag = &flags.case_held},
                                   {.flag = &flags.overriding},
                                   {.flag = &flags.mediated},
                                   REASON_WHEEL(codes),
                                   STATE_WHEEL(codes),
                                   ROLE_WHEEL(codes),
                                   OPERATION_WHEEL(codes)};
    uint64_t rows = compare(&flags, &codes, wheels, sizeof wheels / sizeof *wheels);
    assert_true(rows == UINT64_C(256) * REASONS_END * (RECORD_STATES + 1) * ROLES_END * (OPERATIONS_END - 1));
}

/* R5.5: a list that is filtered by one decision shows and hides what single decisions would. */
static void deciding_one_equals_filtering_many(void **state)
{
    (void)state;
    uint64_t lists = 0;
    struct facts flags = welcome();
    struct codes codes = CODES_START;
    codes.reason = REASON_working;
    flags.sensitive_held = false;
    const struct wheel wheels[] = {{.flag = &flags.demonstration}, {.flag = &flags.sensitive_held},
                                   {.flag = &flags.mediated},      OTHER_WHEEL(codes),
                                   STRENGTH_WHEEL(codes),          ROLE_WHEEL(codes),
                                   OPERATION_WHEEL(codes)};
    do {
        struct facts facts = facts_with(&flags, &codes);
        const struct decision many = decide(&facts);
        if (!many.permitted)
            continue;
        lists++;
        for (int record = 1; record <= RECORD_STATES; record++) {
            facts.state = (enum record_state)record;
            const struct decision one = decide(&facts);
            assert_int_equal(one.permitted, many.sight[record] != 0);
            assert_int_equal(one.sight[record], many.sight[record]);
        }
    } while (turn(wheels, sizeof wheels / sizeof *wheels));
    assert_true(lists > 0);
}

/* Facts under which a practitioner may open a live record. */
static struct facts opening(void)
{
    return (struct facts){.operation = OP_child_view,
                          .signed_in = true,
                          .strength = STRENGTH_TOKEN,
                          .role = ROLE_practitioner,
                          .role_held = true,
                          .account_active = true,
                          .organisation_active = true,
                          .form_token_valid = true,
                          .reason_live = true,
                          .capability_held = true,
                          .state = RECORD_LIVE};
}

static void refuses(struct facts facts, enum refusal refusal, enum fault fault)
{
    struct decision decision = decide(&facts);
    assert_false(decision.permitted);
    assert_int_equal(decision.refusal, refusal);
    assert_int_equal(decision.fault, fault);
    for (int i = 0; i <= RECORD_STATES; i++)
        assert_int_equal(decision.sight[i], 0);
}

static void what_is_permitted_carries_its_sight(void **state)
{
    (void)state;
    struct facts facts = opening();
    struct decision decision = decide(&facts);
    assert_true(decision.permitted);
    assert_int_equal(decision.fault, FAULT_NONE);
    assert_int_equal(decision.sight[RECORD_SHIELDED], MASK(IDENTITY) | MASK(OWN_SERVICES));
    assert_true(decision.sight[RECORD_LIVE] & MASK(WHEREABOUTS));
    assert_false(decision.sight[RECORD_LIVE] & MASK(SENSITIVE));
    assert_int_equal(decision.sight[RECORD_ARCHIVED], 0);
    assert_int_equal(decision.sight[RECORD_SEALED], 0);
}

static void each_missing_fact_refuses(void **state)
{
    (void)state;
    struct facts facts = opening();
    facts.signed_in = false;
    refuses(facts, REFUSAL_NOT_SIGNED_IN, FAULT_SIGN_IN);
    facts = opening();
    facts.account_active = false;
    refuses(facts, REFUSAL_ACCOUNT, FAULT_SIGN_IN);
    facts = opening();
    facts.organisation_active = false;
    refuses(facts, REFUSAL_ACCOUNT, FAULT_SIGN_IN);
    facts = opening();
    facts.role_held = false;
    refuses(facts, REFUSAL_ROLE, FAULT_REFUSED);
    facts = opening();
    facts.role = ROLE_shielding_officer;
    refuses(facts, REFUSAL_ROLE, FAULT_REFUSED);
    facts = opening();
    facts.capability_held = false; /* R3.5 */
    refuses(facts, REFUSAL_CAPABILITY, FAULT_REFUSED);
    facts = opening();
    facts.strength = STRENGTH_LOCAL;
    refuses(facts, REFUSAL_STRENGTH, FAULT_REFUSED);
    facts = opening();
    facts.reason_live = false;
    refuses(facts, REFUSAL_NO_LIVE_REASON, FAULT_REASON);
    facts = opening();
    facts.state = RECORD_SEALED;
    refuses(facts, REFUSAL_RECORD, FAULT_ABSENT);
    facts = opening();
    facts.operation = OP_child_find;
    facts.form_token_valid = false;
    refuses(facts, REFUSAL_FORM_TOKEN, FAULT_STALE_FORM);
}

/* R10: the hidden fields of that one record; what is searched by, and every other record, stay as they were.
 */
static void case_42_an_override_opens_one_record(void **state)
{
    (void)state;
    struct facts facts = opening();
    facts.role = ROLE_override_practitioner;
    facts.state = RECORD_SHIELDED;
    facts.strength = STRENGTH_KEY;
    const field_mask narrow = decide(&facts).sight[RECORD_SHIELDED];
    facts.overriding = true;
    const field_mask wide = decide(&facts).sight[RECORD_SHIELDED];
    assert_int_equal(narrow, MASK(IDENTITY) | MASK(OWN_SERVICES));
    assert_int_equal(wide, policy_sight(ROLE_practitioner, RECORD_LIVE) & ~MASK(OWN_SENSITIVE));
    assert_false(wide & MASK(SENSITIVE));
    facts.state = RECORD_LIVE;
    assert_int_equal(decide(&facts).sight[RECORD_SHIELDED], narrow);
    facts.operation = OP_child_results;
    facts.state = 0;
    assert_int_equal(decide(&facts).sight[RECORD_SHIELDED], narrow);
    facts = opening();
    facts.state = RECORD_SHIELDED;
    facts.strength = STRENGTH_KEY;
    facts.overriding = true; /* without the right to */
    assert_int_equal(decide(&facts).sight[RECORD_SHIELDED], narrow);
}

/* R8.3: a service's own, where its organisation is accredited for it; behind a shield nobody's but one's own.
 */
static void case_38_ones_own_service_is_seen(void **state)
{
    (void)state;
    struct facts facts = opening();
    assert_false(decide(&facts).sight[RECORD_LIVE] & MASK(OWN_SENSITIVE));
    facts.sensitive_held = true;
    assert_true(decide(&facts).sight[RECORD_LIVE] & MASK(OWN_SENSITIVE));
    assert_true(decide(&facts).sight[RECORD_DEAD] & MASK(OWN_SENSITIVE));
    assert_false(decide(&facts).sight[RECORD_SHIELDED] & MASK(OWN_SENSITIVE));
    facts.mediated = true;
    facts.other_role = ROLE_practitioner;
    assert_false(decide(&facts).sight[RECORD_LIVE] & MASK(OWN_SENSITIVE));
}

static void case_3_a_code_opens_no_shield(void **state)
{
    (void)state;
    struct facts facts = opening();
    facts.role = ROLE_override_practitioner;
    facts.state = RECORD_SHIELDED;
    facts.overriding = true;
    assert_int_equal(decide(&facts).sight[RECORD_SHIELDED], MASK(IDENTITY) | MASK(OWN_SERVICES));
    facts.demonstration = true; /* where it says so on every page */
    assert_true(decide(&facts).sight[RECORD_SHIELDED] & MASK(WHEREABOUTS));
    facts = opening();
    facts.operation = OP_case_view;
    facts.role = ROLE_shielding_officer;
    facts.case_held = true;
    refuses(facts, REFUSAL_STRENGTH, FAULT_REFUSED);
    facts.strength = STRENGTH_KEY;
    assert_true(decide(&facts).sight[RECORD_LIVE] & MASK(SENSITIVE));
    facts.case_held = false; /* another authority's, or nobody's case */
    refuses(facts, REFUSAL_RECORD, FAULT_ABSENT);
}

/* R4.1 */
static void mediated_sight_is_what_both_may_see(void **state)
{
    (void)state;
    struct facts facts = opening();
    facts.mediated = true;
    facts.other_role = ROLE_practitioner;
    const field_mask both = decide(&facts).sight[RECORD_LIVE];
    assert_int_equal(both, policy_sight(ROLE_practitioner, RECORD_LIVE) &
                               ~(MASK(OWN_SERVICES) | MASK(OWN_SENSITIVE) | MASK(OWN_NUMBERS)));
    facts.role = ROLE_override_practitioner;
    facts.strength = STRENGTH_KEY;
    facts.overriding = true;
    facts.state = RECORD_SHIELDED;
    assert_int_equal(decide(&facts).sight[RECORD_SHIELDED], MASK(IDENTITY));
    facts.other_role = ROLE_user_manager;
    refuses(facts, REFUSAL_ROLE, FAULT_REFUSED);
    facts = opening();
    facts.mediated = true;
    facts.other_role = ROLE_practitioner;
    facts.operation = OP_involvement_record;
    refuses(facts, REFUSAL_ROLE, FAULT_REFUSED);
}

/* R5.7: whether a record is there is no answer to somebody who may open no more. */
static void case_45_a_limit_says_nothing_of_the_record(void **state)
{
    (void)state;
    struct facts facts = opening();
    facts.limit_reached = true;
    refuses(facts, REFUSAL_LIMIT, FAULT_TOO_MANY);
    facts.state = RECORD_SEALED;
    refuses(facts, REFUSAL_LIMIT, FAULT_TOO_MANY);
}

static void case_41_a_child_of_ones_own_is_refused(void **state)
{
    (void)state;
    struct facts facts = opening();
    facts.own_child = true;
    refuses(facts, REFUSAL_OWN, FAULT_REFUSED);
    facts.state = RECORD_SEALED; /* and of a hidden one that is no news */
    refuses(facts, REFUSAL_RECORD, FAULT_ABSENT);
}

static void case_47_a_thin_reason_is_none(void **state)
{
    (void)state;
    struct facts facts = opening();
    facts.operation = OP_child_find;
    facts.state = 0;
    refuses(facts, REFUSAL_REASON, FAULT_REASON);
    facts.reason = REASON_other;
    refuses(facts, REFUSAL_REASON, FAULT_REASON);
    facts.reason_text_given = true;
    assert_true(decide(&facts).permitted);
    facts.reason = REASON_working;
    facts.reason_text_given = false;
    assert_true(decide(&facts).permitted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_permitted_carries_its_sight),
        cmocka_unit_test(each_missing_fact_refuses),
        cmocka_unit_test(case_47_a_thin_reason_is_none),
        cmocka_unit_test(case_42_an_override_opens_one_record),
        cmocka_unit_test(case_38_ones_own_service_is_seen),
        cmocka_unit_test(case_3_a_code_opens_no_shield),
        cmocka_unit_test(mediated_sight_is_what_both_may_see),
        cmocka_unit_test(case_45_a_limit_says_nothing_of_the_record),
        cmocka_unit_test(case_41_a_child_of_ones_own_is_refused),
        cmocka_unit_test(deciding_one_equals_filtering_many),
        cmocka_unit_test(every_sight_equals_the_reference),
        cmocka_unit_test(every_obstacle_equals_the_reference),
        cmocka_unit_test(the_whole_product_equals_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
