/* Seeing behind a shield (R10): one record, for a while, told at once and answered for. */
#include "shielding.h"

static struct seat overrider(struct house *house)
{
    return house_officer(house, "worker", ROLE_override_practitioner);
}

static void case_42_an_override_shows_one_record_for_a_while(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)shielding_look(&teacher, child);
    assert_int_equal(house_ask_of(&teacher, OP_shield_override, child.id, FIELDS("text", WORDS))->refusal,
                     REFUSAL_ROLE);
    const struct seat worker = overrider(house);
    assert_false(shielding_look(&worker, child)->opened);
    const struct answer *page = house_ask_of(&worker, OP_override_page, child.id, NULL);
    assert_int_equal(page->fault, FAULT_NONE);
    assert_int_equal(page->child->address_presence, PRESENCE_HIDDEN);
    assert_true(
        house_has_error(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", "now")), "text"));
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    int64_t before = house_entries(house);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    /* Told at once: in the same transaction, a shielding officer and an audit reviewer of the authority. */
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 3 AND authority = "
                                        "'E06000001' AND addressed_role IN (4, 7)"),
                     2);
    const struct answer *opened = house_view(&worker, child);
    assert_true(opened->child->opened);
    assert_int_equal(opened->child->address_presence, PRESENCE_VALUE);
    assert_int_equal(opened->child->former_name_count, 1);
    assert_true(opened->overriding_until.us > 0);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(events[0].event, EVENT_SHIELD_OVERRIDDEN);
    assert_int_equal(events[1].event, EVENT_CHILD_VIEWED);
    /* Nothing more is found by it. */
    assert_int_equal(shielding_found(&worker), 0);
    /* And to search was to leave: each time again. */
    assert_false(shielding_look(&worker, child)->opened);
    house_check_log(house);
}

static void an_override_ends_after_a_quarter_of_an_hour(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    const struct seat worker = overrider(house);
    (void)shielding_look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    for (int i = 0; i < 2; i++) { /* the session goes on */
        house_wait(house, 7 * 60);
        assert_true(house_view(&worker, child)->child->opened);
    }
    house_wait(house, 61);
    assert_false(house_view(&worker, child)->child->opened);
    shielding_keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
}

/* Case 64: a clock that jumps lengthens no override, whichever way, and what was swept does not come back. */
static void case_64_no_override_is_lengthened(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    const struct seat worker = overrider(house);
    (void)shielding_look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    assert_true(house_view(&worker, child)->child->opened);
    house_wait(house, -50); /* a clock's everyday life, and that of two servers */
    assert_true(house_view(&worker, child)->child->opened);
    house_wait(house,
               -50); /* the session goes on still: by no more than such a step is anything lengthened */
    assert_false(house_view(&worker, child)->child->opened);
    house_wait(house, 100);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    house_wait(house, 14 * 60);
    assert_true(house_view(&worker, child)->child->opened);
    house_wait(house, 2 * 60);
    assert_false(house_view(&worker, child)->child->opened);
    house_wait(house, -2 * 60 + 1); /* and back: it had not run out, and nothing had noted that it had */
    shielding_keep(house);
    house_wait(house, DAY_S);
    shielding_keep(house);
    house_wait(house, -DAY_S);
    assert_false(house_view(&worker, child)->child->opened);
    assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
    house_check_log(house);
}

static void an_override_is_of_one_session(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    const struct seat worker = overrider(house);
    const struct seat other = overrider(house);
    (void)shielding_look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    assert_false(shielding_look(&other, child)->opened);
    assert_true(house_view(&worker, child)->child->opened);
    /* Its right gone, it is over at the next request. */
    shielding_set_capabilities(house, 2, ~((uint32_t)1 << CAPABILITY_override));
    assert_false(house_view(&worker, child)->child->opened);
}

/* R10: sooner than the time is over, by whoever has overridden; entered, and nothing is left of it. */
static void an_override_is_ended_early(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    const struct seat worker = overrider(house);
    (void)shielding_look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    const struct answer *opened = house_view(&worker, child);
    assert_int_equal(opened->overriding_minutes, 15);
    house_wait(house, 5 * 60);
    assert_int_equal(house_view(&worker, child)->overriding_minutes, 10);
    const int64_t before = house_entries(house);
    struct answer *answer = house_ask_of(&worker, OP_override_end, child.id, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_OVERRIDE_ENDED);
    assert_memory_equal(&events[0].child, &child, sizeof child);
    answer = house_view(&worker, child);
    assert_false(answer->child->opened);
    assert_int_equal(answer->overriding_until.us, 0);
    assert_int_equal(house_ask_of(&worker, OP_override_end, child.id, NULL)->fault,
                     FAULT_NONE); /* again does no harm */
    /* The investigation goes on, and to override again begins another. */
    const struct seat seat = shielding_first(house);
    assert_int_equal(shielding_list(&seat, OP_override_list)->count, 1);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    assert_true(house_view(&worker, child)->child->opened);
    assert_int_equal(shielding_list(&seat, OP_override_list)->count, 2);
    house_check_log(house);
}

/* Leaving ends it: this machine's session, all sessions, or the role. */
static void an_override_ends_with_its_session(void **state)
{
    static const enum operation leaving[] = {OP_sign_out, OP_sign_out_everywhere, OP_role_change};
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++) {
        const struct seat worker = overrider(house);
        (void)shielding_look(&worker, child);
        assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                         FAULT_NONE);
        assert_true(house_view(&worker, child)->child->opened);
        const struct request leave = {.operation = leaving[i], .fields = FIELDS("role", "practitioner")};
        struct answer *answer = house_ask(&worker, &leave);
        assert_int_equal(answer->fault, FAULT_NONE);
        assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
        assert_int_equal(house_view(&worker, child)->fault, FAULT_SIGN_IN);
        if (answer->cookie.len > 0) {
            const struct seat changed = {house, answer->cookie};
            assert_false(shielding_look(&changed, child)->opened);
        }
    }
    house_check_log(house);
}

static void nothing_but_a_shield_is_overridden(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    const struct seat worker = overrider(house);
    (void)shielding_look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_override_page, child.id, NULL)->fault, FAULT_ABSENT);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_ABSENT);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    house_check_log(house);
}

/* R10: unexplained, the account is suspended; the reviewer sees nothing of the child. */
static void what_is_not_explained_suspends(void **state)
{
    struct house *house = *state;
    const struct child_id child = shielding_rhys(house);
    (void)shielding_decided(house, child);
    const struct seat worker = overrider(house);
    (void)shielding_look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    const struct seat reviewer = house_officer(house, "reviewer", ROLE_audit_reviewer);
    const struct id matter = shielding_only(&reviewer, OP_override_list);
    const struct answer *answer = house_ask_of(&reviewer, OP_override_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_null(answer->matter->child);
    assert_str(answer->matter->asker, "Tariq Specimen");
    assert_str(answer->matter->steps[0].text, WORDS);
    const struct seat seat = shielding_first(house);
    assert_non_null(house_ask_of(&seat, OP_override_view, matter, NULL)->matter->child);
    answer = house_ask_of(&reviewer, OP_override_decide, matter, FIELDS("outcome", "suspend", "text", "no"));
    assert_true(house_has_error(answer, "text"));
    answer = house_ask_of(&reviewer, OP_override_decide, matter, FIELDS("outcome", "suspend", "text", WORDS));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(house_view(&worker, child)->fault, FAULT_SIGN_IN);
    assert_int_equal(
        house_ask_of(&seat, OP_override_decide, matter, FIELDS("outcome", "explained", "text", WORDS))->fault,
        FAULT_CONFLICT);
    assert_int_equal(shielding_list(&seat, OP_override_list)->count, 0);
    /* And both alarms are answered by it. */
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE acknowledged_us IS NULL"), 0);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(case_42_an_override_shows_one_record_for_a_while),
        WITH_HOUSE(an_override_ends_after_a_quarter_of_an_hour),
        WITH_HOUSE(an_override_is_of_one_session),
        WITH_HOUSE(case_64_no_override_is_lengthened),
        WITH_HOUSE(an_override_is_ended_early),
        WITH_HOUSE(an_override_ends_with_its_session),
        WITH_HOUSE(nothing_but_a_shield_is_overridden),
        WITH_HOUSE(what_is_not_explained_suspends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
