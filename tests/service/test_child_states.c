/* One child's page in every state that a record can have: shielded, archived, sealed, dead (R9, R12). */
#include "settled.h"

#include <stdio.h>

/* R9.3 */
static void shielded_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    house_set_state(house, rhys, CHILD_LIVE, SHIELD_PROVISIONAL);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_view *view = settled_open(&visitor, rhys);
    assert_int_equal(view->state, RECORD_SHIELDED);
    assert_str(view->name.text, "Rhys Emrys Ap Huw");
    assert_str(view->sex, "Boy");
    assert_int_equal(view->birth.day, 27);
    assert_int_equal(view->number.len, 16);
    assert_str(view->local_team, "Middlesbrough ContactPoint team");
    assert_int_equal(view->services_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->service_count, 0);
    settled_hides(view);
    const struct answer *answer = house_ask_of(&visitor, OP_child_details, rhys.id, NULL);
    settled_hides(answer->child);
    house_check_log(house);
}

/* An override practitioner sees no more before overriding (R10). */
static void shielded_child_for_an_override_practitioner(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    house_set_state(house, rhys, CHILD_LIVE, SHIELD_DECIDED);
    const struct seat worker = house_sign_in(house, "worker", ROLE_override_practitioner);
    const struct child_view *view = settled_open(&worker, rhys);
    assert_int_equal(view->state, RECORD_SHIELDED);
    assert_int_equal(view->service_count, 0);
    settled_hides(view);
}

/* R9.4: found by name, date, sex and ContactPoint number alone; R5.4: its row says no more. */
static void shielded_child_in_results(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    const struct seat before = house_sign_in(house, "visitor", ROLE_practitioner);
    char number[32];
    const struct child_view *open = settled_open(&before, rhys);
    (void)snprintf(number, sizeof number, "%.*s", (int)open->number.len, open->number.at);
    house_set_state(house, rhys, CHILD_LIVE, SHIELD_DECIDED);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct results_view *results =
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "given", "Rhys", "birth_day",
                                    "27", "birth_month", "3", "birth_year", "2014"));
    assert_int_equal(results->count, 1);
    const struct result_view *row = &results->rows[0];
    assert_int_equal(row->state, RECORD_SHIELDED);
    assert_str(row->area, "Shielded");
    assert_str(row->name.text, "Rhys Emrys Ap Huw");
    assert_str(row->sex, "Boy");
    assert_int_equal(row->birth.day, 27);
    assert_str(row->why, "Same name, same date of birth");
    const char *const *const misses[] = {
        (const char *const[]){"reason", "working", "family", "Ap Huw", "postcode", "TS24 7AA", NULL},
        (const char *const[]){"reason", "working", "family", "Ap Huw", "authority", "E06000001", NULL},
        (const char *const[]){"reason", "working", "family", "Ap Huw", "birth_year", "2014", "postcode",
                              "TS24 7AA", NULL},
        FIELDS("reason", "working", "family", "Quillfeather", "birth_year", "2014"),
        (const char *const[]){"reason", "working", "number", "9434765919", NULL},
    };
    for (size_t i = 0; i < sizeof misses / sizeof misses[0]; i++)
        assert_int_equal(house_list(&visitor, misses[i])->count, 0);
    const struct answer *answer = house_find(&visitor, FIELDS("reason", "working", "number", number));
    assert_true(id_equal(answer->opened.id, rhys.id));
}

/* What became hidden between the search and its entry is dropped, and not entered (architecture.md §6): the
 * store knows of the shield while this process's index does not yet. */
static void shield_between_search_and_entry(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct answer *found =
        house_find(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "postcode", "TS24 7AA"));
    assert_int_equal(house_past_child(house, "UPDATE child SET shield = 2 WHERE child_id = $1", rhys), 1);
    int64_t before = house_entries(house);
    const struct answer *listed = house_results(&visitor, found->search);
    assert_int_equal(listed->fault, FAULT_NONE);
    assert_int_equal(listed->results->count, 0);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_CHILD_LISTED);
    assert_true(id_is_zero(events[0].child.id));
    found = house_find(&visitor, FIELDS("reason", "working", "number", "9434765919"));
    assert_int_equal(found->fault, FAULT_NONE);
    assert_true(id_is_zero(found->opened.id));
    settled_hides(settled_open(&visitor, rhys));
}

static void assert_same_answer(const struct answer *a, const struct answer *b)
{
    assert_int_equal(a->fault, b->fault);
    assert_int_equal(a->refusal, b->refusal);
    assert_null(a->child);
    assert_null(b->child);
    assert_int_equal(a->error_count, b->error_count);
    assert_true(id_equal(a->opened.id, b->opened.id) || (!a->recorded && !b->recorded));
    assert_int_equal(a->recorded, b->recorded);
    assert_int_equal(a->signed_in, b->signed_in);
}

/* An archived or sealed child answers like an id that nobody ever had: same faults, same entries. */
static void assert_as_absent(struct house *house, int state)
{
    static const enum operation operations[] = {
        OP_child_reason,       OP_child_view,       OP_child_details,  OP_involvement_page,
        OP_involvement_record, OP_involvement_view, OP_involvement_end};
    struct child_id rhys = settled_rhys(house), absent = {{{0x51}}};
    house_set_state(house, rhys, state, SHIELD_NONE);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const char *const *fields =
        FIELDS("reason", "working", "service", "Harbour", "kind", "health_visiting", "job", "Visitor",
               "phone", "01632 960456", "from_day", "1", "from_month", "10", "from_year", "2026", "to_day",
               "2", "to_month", "10", "to_year", "2026");
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        struct request request = {
            .operation = operations[i], .path_ids = {rhys.id, {{3}}}, .path_id_count = 2, .fields = fields};
        int64_t before = house_entries(house);
        const struct answer *hidden = house_ask(&visitor, &request);
        int64_t between = house_entries(house);
        request.path_ids[0] = absent.id;
        const struct answer *nobody = house_ask(&visitor, &request);
        assert_same_answer(hidden, nobody);
        assert_int_equal(between - before, house_entries(house) - between);
        size_t count;
        const struct audit_event *events = house_events(house, before, &count);
        for (size_t k = 0; k < count; k++)
            assert_true(id_is_zero(events[k].child.id));
    }
    assert_int_equal(
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"))->count,
        0);
    assert_int_equal(house_list(&visitor, FIELDS("reason", "working", "number", "9434765919"))->count, 0);
    house_check_log(house);
}

static void archived_child(void **state)
{
    assert_as_absent(*state, CHILD_ARCHIVED);
}

static void sealed_child(void **state)
{
    assert_as_absent(*state, CHILD_SEALED);
}

/* R12.2: what was, no current services. */
static void dead_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    house_set_state(house, rhys, CHILD_DEAD, SHIELD_NONE);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_view *view = settled_open(&visitor, rhys);
    assert_int_equal(view->state, RECORD_DEAD);
    assert_int_equal(view->address_presence, PRESENCE_VALUE);
    assert_int_equal(view->school_presence, PRESENCE_VALUE);
    assert_int_equal(view->service_count, 0);
    assert_int_equal(view->services_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->past_service_count, 1);
    assert_int_equal(view->number_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(shielded_child),
        WITH_HOUSE(shielded_child_for_an_override_practitioner),
        WITH_HOUSE(shielded_child_in_results),
        WITH_HOUSE(shield_between_search_and_entry),
        WITH_HOUSE(archived_child),
        WITH_HOUSE(sealed_child),
        WITH_HOUSE(dead_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
