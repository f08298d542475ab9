#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "policy/reference.h"

/* The next combination of facts, as an odometer turns; false after the last. */
static bool turn(struct facts *facts)
{
    bool *const flags[] = {&facts->signed_in,           &facts->role_held,        &facts->account_active,
                           &facts->organisation_active, &facts->form_token_valid, &facts->reason_text_given,
                           &facts->reason_live};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        *flags[i] = !*flags[i];
        if (*flags[i])
            return true;
    }
    if ((int)++facts->state <= RECORD_STATES)
        return true;
    facts->state = 0;
    if (++facts->reason < REASONS_END)
        return true;
    facts->reason = REASON_NONE;
    if (++facts->strength <= STRENGTH_LOCAL)
        return true;
    facts->strength = STRENGTH_PUBLIC;
    if (++facts->role < ROLES_END)
        return true;
    facts->role = ROLE_NONE;
    return ++facts->operation < OPERATIONS_END;
}

static bool same(const struct decision *a, const struct decision *b)
{
    return a->operation == b->operation && a->permitted == b->permitted && a->refusal == b->refusal &&
           a->fault == b->fault && memcmp(a->sight, b->sight, sizeof a->sight) == 0;
}

static void the_whole_product_equals_the_reference(void **state)
{
    (void)state;
    struct facts facts = {.operation = OP_NONE + 1, .strength = STRENGTH_PUBLIC};
    uint64_t rows = 0, permitted = 0;
    do {
        struct decision decision = decide(&facts);
        struct decision expected = reference_decide(&facts);
        rows++;
        permitted += decision.permitted;
        if (!same(&decision, &expected))
            fail_msg("%s as role %d: refusal %d, the reference says %d",
                     policy_operation(facts.operation)->name, (int)facts.role, (int)decision.refusal,
                     (int)expected.refusal);
    } while (turn(&facts));
    print_message("rows %ju, permitted %ju\n", (uintmax_t)rows, (uintmax_t)permitted);
    assert_true(rows ==
                UINT64_C(128) * (RECORD_STATES + 1) * REASONS_END * 4 * ROLES_END * (OPERATIONS_END - 1));
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
        cmocka_unit_test(the_whole_product_equals_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
