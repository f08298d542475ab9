/* Asking for a shield (R9.1, R9.3): it hides at once, whoever asks, and only they read what became of it. */
#include "shielding.h"

#include "registry/shield.h"

static void a_request_hides_at_once(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(shielding_look(&teacher, child)->state, RECORD_LIVE);
    assert_int_equal(shielding_found(&teacher), 1);
    (void)shielding_look(&teacher, child);
    int64_t before = house_entries(house);
    const struct answer *answer =
        house_ask_of(&teacher, OP_shield_request, child.id, FIELDS("ground", "harm", "text", WORDS));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    assert_int_equal(shielding_state(house), SHIELD_PROVISIONAL);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_SHIELD_REQUESTED);
    assert_memory_equal(&events[0].child, &child, sizeof child);
    /* R9.3, R9.4 */
    assert_int_equal(shielding_found(&teacher), 0);
    const struct child_view *view = shielding_look(&teacher, child);
    assert_int_equal(view->state, RECORD_SHIELDED);
    assert_false(view->opened);
    assert_int_equal(view->address_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->authority.len, 0);
    house_check_log(house);
}

static void only_who_asked_reads_what_became_of_it(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(shielding_ask(&teacher, child)->fault, FAULT_NONE);
    (void)shielding_look(&teacher, child);
    assert_non_null(house_view(&teacher, child)->shield_line);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)shielding_look(&visitor, child);
    assert_null(house_view(&visitor, child)->shield_line);
}

/* Security.md, case 65: whoever has no answer sends the form again. */
static void the_same_form_again_is_the_same_request(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    struct str token;
    (void)shielding_look(&teacher, child);
    assert_int_equal(access_form_token(house->service->access, teacher.cookie, house->arena, &token),
                     FAULT_NONE);
    for (int i = 0; i < 2; i++) {
        const struct request form = {.operation = OP_shield_request,
                                     .path_ids = {child.id},
                                     .path_id_count = 1,
                                     .fields = FIELDS("ground", "harm", "text", WORDS),
                                     .form_token = token};
        assert_int_equal(house_ask(&teacher, &form)->fault, FAULT_NONE);
    }
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 1);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter_step"), 1);
    /* Somebody else's is one more step of the same matter. */
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_int_equal(shielding_ask(&visitor, child)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 1);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter_step"), 2);
    house_check_log(house);
}

static void a_request_without_ground_or_words_changes_nothing(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)shielding_look(&teacher, child);
    const struct answer *answer =
        house_ask_of(&teacher, OP_shield_request, child.id, FIELDS("ground", "dislike", "text", "no"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "ground"));
    assert_true(house_has_error(answer, "text"));
    assert_non_null(answer->child);
    assert_int_equal(answer->child->address_presence, PRESENCE_HIDDEN); /* the form shows who, no more */
    assert_int_equal(shielding_state(house), SHIELD_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 0);
    house_check_log(house);
}

static void an_organisation_without_the_capability_cannot_ask(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)shielding_look(&teacher, child);
    shielding_set_capabilities(house, 0, ~((uint32_t)1 << CAPABILITY_shield_request));
    const struct answer *answer =
        house_ask_of(&teacher, OP_shield_request, child.id, FIELDS("ground", "harm", "text", WORDS));
    assert_int_equal(answer->refusal, REFUSAL_CAPABILITY);
    assert_int_equal(shielding_state(house), SHIELD_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_request_hides_at_once),
        WITH_HOUSE(only_who_asked_reads_what_became_of_it),
        WITH_HOUSE(the_same_form_again_is_the_same_request),
        WITH_HOUSE(a_request_without_ground_or_words_changes_nothing),
        WITH_HOUSE(an_organisation_without_the_capability_cannot_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
