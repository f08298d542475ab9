/* decide() against the reference on random facts, most of which let a request through:
 *
 *     CONTACTPOINT_POLICY_CASES=100000000 CONTACTPOINT_SEED=7 test_policy_random */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/reference.h"

enum { CASES = 10000000 };

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* A code below `end`, from the next 16 bits. */
static int code_of(uint64_t *bits, int end)
{
    int code = (int)((*bits & 0xffff) * (uint64_t)end >> 16);
    *bits >>= 16;
    return code;
}

/* True in seven of eight cases. */
static bool mostly(uint64_t *bits)
{
    bool flag = (*bits & 7) != 0;
    *bits >>= 3;
    return flag;
}

static bool half(uint64_t *bits)
{
    bool flag = *bits & 1;
    *bits >>= 1;
    return flag;
}

static struct facts facts_of(uint64_t *state)
{
    uint64_t codes = draw(state), more = draw(state), flags = draw(state);
    struct facts facts = {.operation = (enum operation)(1 + code_of(&codes, OPERATIONS_END - 1))};
    facts.role = (enum role)code_of(&codes, ROLES_END);
    facts.strength = (enum strength)(STRENGTH_PUBLIC + code_of(&codes, STRENGTH_LOCAL));
    facts.reason = (enum reason)code_of(&codes, REASONS_END);
    facts.state = (enum record_state)code_of(&more, RECORD_STATES + 1);
    facts.other_role = (enum role)code_of(&more, ROLES_END);
    facts.signed_in = mostly(&flags);
    facts.role_held = mostly(&flags);
    facts.account_active = mostly(&flags);
    facts.organisation_active = mostly(&flags);
    facts.form_token_valid = mostly(&flags);
    facts.reason_text_given = mostly(&flags);
    facts.reason_live = mostly(&flags);
    facts.capability_held = mostly(&flags);
    facts.second_given = mostly(&flags);
    facts.limit_reached = !mostly(&flags);
    facts.own_child = !mostly(&flags);
    facts.demonstration = half(&flags);
    facts.sensitive_held = half(&flags);
    facts.case_held = half(&flags);
    facts.overriding = half(&flags);
    facts.mediated = half(&flags);
    return facts;
}

static void random_facts_equal_the_reference(void **state)
{
    (void)state;
    const uint64_t cases = number_of("CONTACTPOINT_POLICY_CASES", CASES);
    uint64_t seed = number_of("CONTACTPOINT_SEED", 1), permitted = 0;
    print_message("cases %ju, seed %ju\n", (uintmax_t)cases, (uintmax_t)seed);
    for (uint64_t i = 0; i < cases; i++) {
        const struct facts facts = facts_of(&seed);
        const struct decision decision = decide(&facts), expected = reference_decide(&facts);
        permitted += decision.permitted;
        if (!decisions_equal(&decision, &expected))
            fail_msg("case %ju, %s as role %d: refusal %d, the reference says %d", (uintmax_t)i,
                     policy_operation(facts.operation)->name, (int)facts.role, (int)decision.refusal,
                     (int)expected.refusal);
    }
    print_message("permitted %ju\n", (uintmax_t)permitted);
    assert_true(permitted > cases / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_facts_equal_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
