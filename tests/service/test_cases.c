/* What waits for officers, from end to end (R9.6, R14.3, R14.4): who sees it, what a decision does, what is
 * entered. */
#include "house.h"

#include <stdio.h>

#include "service/seek.h"

static struct row rhys(void)
{
    struct row row = house_child("h1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_nhs_number, "943 476 5919");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    return row_with(row, COLUMN_authority, "E06000001");
}

/* Of the same name and birthday, living elsewhere. */
static struct row alike(const char *record)
{
    return row_with(house_child(record, "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "YO31 9XQ");
}

/* The field `case` stands for the id in the path. */
static struct answer *ask_case(const struct seat *seat, enum operation operation, const char *const *fields)
{
    struct request request = {.operation = operation, .fields = fields};
    for (const char *const *at = fields; at[0] != NULL; at += 2)
        if (strcmp(at[0], "case") == 0) {
            (void)id_parse(str_of(at[1]), &request.path_ids[0]);
            request.path_id_count = 1;
        }
    return house_ask(seat, &request);
}

static struct cases_view *list(const struct seat *seat)
{
    struct answer *answer = ask_case(seat, OP_case_list, FIELDS("after", ""));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->cases->next.len, 0);
    return answer->cases;
}

/* The text of a ref, as C has it. */
static const char *ref_of(const struct case_view *view)
{
    return view->ref.at; /* in an arena, with a NUL behind */
}

static const char *text_of(struct house *house, struct id id)
{
    struct buffer text = buffer_open(64);
    struct str copy;
    id_put(&text, id);
    assert_int_equal(arena_copy(house->arena, buffer_str(&text), &copy), FAULT_NONE);
    buffer_close(&text);
    return copy.at;
}

static bool says(const struct said_view *said, size_t count, const char *name, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(said[i].name, str_of(name)) && str_equal(said[i].text, str_of(text)))
            return true;
    return false;
}

static struct child_id hold_one(struct house *house)
{
    const struct row health[] = {rhys()};
    const struct row school[] = {alike("e1"),
                                 house_involvement("e1", "i1", "family_support", "Bridge House")};
    (void)house_load(house, SOURCE_health, health, 1);
    struct child_id child = house_child_id(house, "Ap Huw", "Rhys");
    house_set_state(house, child, 1, 2);
    (void)house_load(house, SOURCE_education, school, 2);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 1);
    return child;
}

static void only_the_shielding_officer_sees_the_hidden_queue(void **state)
{
    struct house *house = *state;
    assert_int_equal(house_past(house, "UPDATE meta SET content = 'no' WHERE name = 'demonstration'"), 1);
    struct child_id child = hold_one(house); /* starts anew: on a demonstration a token would do */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    struct answer *answer = ask_case(&teacher, OP_case_list, FIELDS("after", ""));
    assert_int_equal(answer->refusal, REFUSAL_ROLE);
    const struct seat data = house_officer(house, "data", ROLE_data_officer);
    assert_int_equal(list(&data)->count, 0);
    const struct seat shielder = house_officer(house, "shielder", ROLE_shielding_officer);
    int64_t before = house_entries(house);
    const struct cases_view *cases = list(&shielder);
    assert_int_equal(cases->count, 1); /* the involvement waits with its child */
    assert_false(cases->cases[0].pair);
    assert_int_equal(house_entries(house), before + 1);
    const char *ref = ref_of(&cases->cases[0]);
    assert_int_equal(ask_case(&data, OP_case_view, FIELDS("case", ref))->fault, FAULT_ABSENT);
    assert_int_equal(ask_case(&data, OP_case_decide,
                              FIELDS("case", ref, "verdict", "same", "child", text_of(house, child.id)))
                         ->fault,
                     FAULT_ABSENT);
    assert_int_equal(ask_case(&shielder, OP_case_view, FIELDS("case", "row-3-1-77"))->fault, FAULT_ABSENT);
    assert_int_equal(ask_case(&shielder, OP_case_view, FIELDS("case", "nonsense"))->fault, FAULT_ABSENT);
    assert_int_equal(ask_case(&shielder, OP_case_more, FIELDS("after", "row-"))->fault, FAULT_INVALID);
    house_check_log(house);
}

static void the_same_child(void **state)
{
    struct house *house = *state;
    struct child_id child = hold_one(house);
    const struct seat shielder = house_officer(house, "shielder", ROLE_shielding_officer);
    const char *ref = ref_of(&list(&shielder)->cases[0]);
    int64_t before = house_entries(house);
    struct answer *answer = ask_case(&shielder, OP_case_view, FIELDS("case", ref));
    assert_int_equal(answer->fault, FAULT_NONE);
    const struct case_view *view = answer->one_case;
    assert_true(says(view->said, view->said_count, "postcode", "YO31 9XQ"));
    assert_int_equal(view->card_count, 1);
    assert_int_equal(view->cards[0].state, RECORD_SHIELDED);
    assert_memory_equal(&view->cards[0].child, &child, sizeof child);
    assert_true(says(view->cards[0].said, view->cards[0].said_count, "postcode", "TS24 7AA"));
    assert_true(view->cards[0].evidence_count >= 2);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_CASE_VIEWED);
    assert_memory_equal(&events[0].child, &child, sizeof child);
    before = house_entries(house);
    answer = ask_case(&shielder, OP_case_decide,
                      FIELDS("case", ref, "verdict", "same", "child", text_of(house, child.id)));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->case_state, CASE_SETTLED);
    assert_memory_equal(&answer->opened, &child, sizeof child);
    events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_CASE_DECIDED);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 1);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), 3);
    assert_int_equal(house_count(house, "SELECT shield FROM child"), 2);
    assert_int_equal(list(&shielder)->count, 0);
    assert_int_equal(ask_case(&shielder, OP_case_view, FIELDS("case", ref))->fault, FAULT_ABSENT);
    house_check_log(house);
}

static void a_different_child(void **state)
{
    struct house *house = *state;
    struct child_id child = hold_one(house);
    const struct seat shielder = house_officer(house, "shielder", ROLE_shielding_officer);
    const char *ref = ref_of(&list(&shielder)->cases[0]);
    /* Whoever is not ruled out by name keeps it waiting (R6.1). */
    struct answer *answer =
        ask_case(&shielder, OP_case_decide, FIELDS("case", ref, "verdict", "different", "other_1", ""));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->case_state, CASE_WAITS);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 1);
    answer = ask_case(&shielder, OP_case_decide,
                      FIELDS("case", ref, "verdict", "different", "other_1", text_of(house, child.id)));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->case_state, CASE_SETTLED);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 2);
    assert_int_equal(list(&shielder)->count, 0);
    /* Found like anybody, at once. */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct results_view *results = house_list(
        &teacher, FIELDS("reason", "working", "family", "Ap Huw", "given", "Rhys", "postcode", "YO31 9XQ"));
    assert_int_equal(results->count, 1);
    assert_memory_equal(&results->rows[0].child, &answer->opened, sizeof answer->opened);
    /* Never because of the same child again: neither held nor proposed. */
    struct duplicates_counts counts;
    const struct ask seek = {
        .operation = OP_duplicates_seek, .unix_user = STR("operator"), .source = STR("local")};
    assert_int_equal(service_duplicates_seek(house->service, &seek, house->arena, &counts), FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM proposal"), 0);
    house_check_log(house);
}

/* R14.3, and what becomes hidden leaves the data officer's list. */
static void the_data_officers_rows(void **state)
{
    struct house *house = *state;
    const struct row health[] = {rhys()}, school[] = {alike("e1")};
    (void)house_load(house, SOURCE_health, health, 1);
    struct child_id child = house_child_id(house, "Ap Huw", "Rhys");
    (void)house_load(house, SOURCE_education, school, 1);
    const struct seat data = house_officer(house, "data", ROLE_data_officer);
    const struct seat other = house_officer(house, "second.data", ROLE_data_officer);
    const struct seat shielder = house_officer(house, "shielder", ROLE_shielding_officer);
    assert_int_equal(list(&data)->count, 1);
    assert_int_equal(list(&other)->count, 0); /* another authority's */
    assert_int_equal(list(&shielder)->count, 0);
    const char *ref = ref_of(&list(&data)->cases[0]);
    assert_int_equal(ask_case(&data, OP_case_view, FIELDS("case", ref))->one_case->card_count, 1);
    assert_int_equal(ask_case(&other, OP_case_view, FIELDS("case", ref))->fault, FAULT_ABSENT);
    assert_int_equal(ask_case(&data, OP_case_decide, FIELDS("case", ref, "verdict", "perhaps"))->fault,
                     FAULT_INVALID);
    assert_int_equal(ask_case(&data, OP_case_decide, FIELDS("case", ref, "verdict", "same"))->fault,
                     FAULT_INVALID);
    house_set_state(house, child, 1, 1);
    assert_int_equal(list(&data)->count, 0);
    assert_int_equal(ask_case(&data, OP_case_view, FIELDS("case", ref))->fault, FAULT_ABSENT);
    const struct cases_view *seen = list(&shielder);
    assert_int_equal(seen->count, 1);
    assert_string_not_equal(ref_of(&seen->cases[0]), ref);
    const struct answer *answer = ask_case(
        &shielder, OP_case_decide,
        FIELDS("case", ref_of(&seen->cases[0]), "verdict", "same", "child", text_of(house, child.id)));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), 2);
    assert_int_equal(house_count(house, "SELECT shield FROM child"), 1);
    house_check_log(house);
}

/* Two records of one child: the second was made before its source said who it is. */
static struct child_id make_double(struct house *house, const char *authority)
{
    const struct row wrong[] = {house_child("b1", "Nobody", "Else", "2009-01-02")};
    const struct row right[] = {row_with(
        row_with(row_with(rhys(), COLUMN_record, "b1"), COLUMN_authority, authority), COLUMN_nhs_number, "")};
    (void)house_load(house, SOURCE_child_benefit, wrong, 1);
    struct child_id child = house_child_id(house, "Nobody", "Else");
    (void)house_load(house, SOURCE_child_benefit, right, 1);
    return child;
}

static void seek(struct house *house, int64_t proposed)
{
    struct duplicates_counts counts;
    const struct ask ask = {
        .operation = OP_duplicates_seek, .unix_user = STR("operator"), .source = STR("local")};
    assert_int_equal(service_duplicates_seek(house->service, &ask, house->arena, &counts), FAULT_NONE);
    assert_int_equal(counts.people, 2);
    assert_int_equal(counts.proposed, proposed);
}

static void a_pair_becomes_one_and_two_again(void **state)
{
    struct house *house = *state;
    const struct row health[] = {rhys()};
    (void)house_load(house, SOURCE_health, health, 1);
    struct child_id rhys_id = house_child_id(house, "Ap Huw", "Rhys");
    struct child_id again = make_double(house, "E06000001");
    seek(house, 1);
    const struct seat data = house_officer(house, "data", ROLE_data_officer);
    const struct cases_view *cases = list(&data);
    assert_int_equal(cases->count, 1);
    assert_true(cases->cases[0].pair);
    const char *ref = ref_of(&cases->cases[0]);
    const struct case_view *view = ask_case(&data, OP_case_view, FIELDS("case", ref))->one_case;
    assert_int_equal(view->card_count, 2);
    assert_true(view->cards[1].weight > 0);
    int64_t before = house_entries(house);
    struct answer *answer = ask_case(&data, OP_case_decide, FIELDS("case", ref, "verdict", "same"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->case_state, CASE_SETTLED);
    assert_memory_equal(&answer->opened, &rhys_id, sizeof rhys_id);
    assert_int_equal(house_entries(house), before + 2); /* one under each child's key */
    assert_int_equal(list(&data)->count, 0);
    /* The old id leads to the one record. */
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct results_view *results =
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"));
    assert_int_equal(results->count, 1);
    answer = house_view(&visitor, again);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_memory_equal(&answer->child->child, &rhys_id, sizeof rhys_id);
    struct request split = {.operation = OP_child_split, .path_ids = {again.id}, .path_id_count = 1};
    answer = house_ask(&data, &split);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(house_ask(&data, &split)->fault, FAULT_ABSENT);
    results = house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "birth_year", "2014"));
    assert_int_equal(results->count, 2);
    seek(house, 0); /* known to be two */
    house_check_log(house);
}

/* R14.4 */
static void across_authorities_two_people_decide(void **state)
{
    struct house *house = *state;
    const struct row health[] = {rhys()};
    (void)house_load(house, SOURCE_health, health, 1);
    struct child_id again = make_double(house, "E06000003");
    seek(house, 1);
    const struct seat data = house_officer(house, "data", ROLE_data_officer);
    const struct seat other = house_officer(house, "second.data", ROLE_data_officer);
    const char *ref = ref_of(&list(&data)->cases[0]);
    for (int i = 0; i < 2; i++) { /* the same person twice is one person */
        const struct answer *answer = ask_case(&data, OP_case_decide, FIELDS("case", ref, "verdict", "same"));
        assert_int_equal(answer->fault, FAULT_NONE);
        assert_int_equal(answer->case_state, CASE_SECOND);
        assert_int_equal(house_count(house, "SELECT count(*) FROM part"), 0);
    }
    seek(house, 1); /* looked for again, it is not forgotten who has said so */
    assert_true(list(&other)->cases[0].second);
    const struct answer *answer = ask_case(&other, OP_case_decide, FIELDS("case", ref, "verdict", "same"));
    assert_int_equal(answer->case_state, CASE_SETTLED);
    assert_int_equal(house_count(house, "SELECT count(*) FROM part"), 1);
    (void)again;
    house_check_log(house);
}

static void a_hidden_pair_is_the_shielding_officers(void **state)
{
    struct house *house = *state;
    const struct row health[] = {rhys()};
    (void)house_load(house, SOURCE_health, health, 1);
    struct child_id rhys_id = house_child_id(house, "Ap Huw", "Rhys");
    struct child_id again = make_double(house, "E06000001");
    house_set_state(house, again, 1, 2);
    seek(house, 0);
    const struct seat data = house_officer(house, "data", ROLE_data_officer);
    const struct seat shielder = house_officer(house, "shielder", ROLE_shielding_officer);
    assert_int_equal(list(&data)->count, 0);
    const struct cases_view *cases = list(&shielder);
    assert_int_equal(cases->count, 1);
    const char *ref = ref_of(&cases->cases[0]);
    assert_int_equal(ask_case(&data, OP_case_decide, FIELDS("case", ref, "verdict", "same"))->fault,
                     FAULT_ABSENT);
    struct request merge = {
        .operation = OP_child_merge, .path_ids = {rhys_id.id, again.id}, .path_id_count = 2};
    assert_int_equal(house_ask(&data, &merge)->fault, FAULT_ABSENT);
    assert_int_equal(house_ask(&shielder, &merge)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE shield = 2"), 2);
    assert_int_equal(list(&shielder)->count, 0);
    /* R9.5: split again both stay hidden, and the shield of each is reviewed. */
    struct request split = {.operation = OP_child_split, .path_ids = {again.id}, .path_id_count = 1};
    assert_int_equal(house_ask(&data, &split)->fault, FAULT_ABSENT);
    assert_int_equal(house_ask(&shielder, &split)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE shield = 2"), 2);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 2);
    /* Hidden from now on, in the index too: by what a shield hides nobody finds him. */
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct results_view *results =
        house_list(&visitor, FIELDS("reason", "working", "family", "Ap Huw", "postcode", "TS24 7AA"));
    assert_int_equal(results->count, 0);
    house_check_log(house);
}

struct reading {
    struct house *house;
    struct child_id child;
    struct claim_id claim; /* of the school, in force */
};

static enum fault find_claim(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct child *child = NULL;
    enum fault fault = child_read_whole(tx, vault_for_linkage(reading->house->service->vault).purpose,
                                        reading->child, reading->house->arena, &child);
    for (size_t i = 0; fault == FAULT_NONE && i < child->claim_count; i++)
        if (child->claims[i].source == SOURCE_education && !child->claims[i].superseded)
            reading->claim = child->claims[i].claim;
    return fault;
}

/* A school has sent Rhys's particulars for another child, and says so later. */
static void what_was_mixed_up_is_parted(void **state)
{
    struct house *house = *state;
    const struct row health[] = {rhys()}, wrong[] = {row_with(rhys(), COLUMN_record, "e1")};
    const struct row right[] = {
        row_with(house_child("e1", "Huws", "Reece", "2013-04-28"), COLUMN_postcode, "LS1 4AB")};
    (void)house_load(house, SOURCE_health, health, 1);
    (void)house_load(house, SOURCE_education, wrong, 1);
    (void)house_load(house, SOURCE_education, right, 1);
    struct reading reading = {.house = house, .child = house_child_id(house, "Ap Huw", "Rhys")};
    assert_int_equal(db_read(house->service->db, find_claim, &reading), FAULT_NONE);
    const char *const *fields = FIELDS("records", text_of(house, reading.claim.id));
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat data = house_officer(house, "data", ROLE_data_officer);
    const struct seat other = house_officer(house, "second.data", ROLE_data_officer);
    struct request split = {
        .operation = OP_child_split, .path_ids = {reading.child.id}, .path_id_count = 1, .fields = fields};
    assert_int_equal(house_ask(&teacher, &split)->refusal, REFUSAL_ROLE);
    assert_int_equal(house_ask(&other, &split)->fault, FAULT_ABSENT); /* another authority's */
    split.fields = FIELDS("records", "nonsense");
    assert_int_equal(house_ask(&data, &split)->fault, FAULT_ABSENT);
    split.fields = fields;
    int64_t before = house_entries(house);
    const struct answer *answer = house_ask(&data, &split);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->case_state, CASE_SETTLED);
    assert_memory_not_equal(&answer->opened, &reading.child, sizeof answer->opened);
    assert_int_equal(house_entries(house), before + 2); /* one under each child's key */
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct results_view *results =
        house_list(&visitor, FIELDS("reason", "working", "family", "Huws", "postcode", "LS1 4AB"));
    assert_int_equal(results->count, 1);
    assert_memory_equal(&results->rows[0].child, &answer->opened, sizeof answer->opened);
    assert_int_equal(house_ask(&data, &split)->fault, FAULT_ABSENT); /* it is not there any more */
    house_check_log(house);
}

/* Who is whom is not decided while a feed decides it. */
static void a_feed_comes_first(void **state)
{
    struct house *house = *state;
    struct child_id child = hold_one(house);
    const struct seat shielder = house_officer(house, "shielder", ROLE_shielding_officer);
    const char *ref = ref_of(&list(&shielder)->cases[0]);
    assert_int_equal(pthread_mutex_lock(&house->service->loading), 0);
    const char *const *fields = FIELDS("case", ref, "verdict", "same", "child", text_of(house, child.id));
    assert_int_equal(ask_case(&shielder, OP_case_decide, fields)->fault, FAULT_BUSY);
    assert_int_equal(pthread_mutex_unlock(&house->service->loading), 0);
    assert_int_equal(ask_case(&shielder, OP_case_decide, fields)->fault, FAULT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(only_the_shielding_officer_sees_the_hidden_queue),
        WITH_HOUSE(the_same_child),
        WITH_HOUSE(a_different_child),
        WITH_HOUSE(the_data_officers_rows),
        WITH_HOUSE(a_pair_becomes_one_and_two_again),
        WITH_HOUSE(across_authorities_two_people_decide),
        WITH_HOUSE(a_hidden_pair_is_the_shielding_officers),
        WITH_HOUSE(what_was_mixed_up_is_parted),
        WITH_HOUSE(a_feed_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
