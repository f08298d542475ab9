/* New identities (R9.8), and what feeds and merges leave of a shield (R9.5, R9.6, R6.4). */
#include "house.h"

#include <stdio.h>
#include <stdlib.h>

#include "registry/shield.h"

#define WORDS "adopted, and the family looks for the child"

/* Security.md, 11, case 32: as many as a soak asks for. */
enum { UPDATES = 100 };

static struct row rhys(void)
{
    struct row row = house_child("h1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_nhs_number, "943 476 5919");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    row = row_with(row, COLUMN_address_1, "7 Harbour Terrace");
    return row_with(row, COLUMN_authority, "E06000001");
}

/* Whom the adopters call by another name, living elsewhere. */
static struct row rowan(void)
{
    struct row row = house_child("h2", "Quillfeather", "Rowan", "2014-03-27");
    row = row_with(row, COLUMN_postcode, "YO31 9XQ");
    return row_with(row, COLUMN_authority, "E06000001");
}

static struct seat officer(struct house *house, const char *user_name)
{
    struct seat seat = house_sign_in(house, user_name, ROLE_shielding_officer);
    assert_true(house_past(house, "UPDATE session SET strength = 3 WHERE role > 1 AND ended_us IS NULL") > 0);
    return seat;
}

static struct id only(const struct seat *seat, enum operation operation)
{
    const struct answer *answer = house_ask(seat, &(struct request){.operation = operation});
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->matters->count, 1);
    return answer->matters->lines[0].matter;
}

static size_t found(const struct seat *seat, const char *family, const char *given)
{
    return house_list(seat, FIELDS("reason", "working", "family", family, "given", given, "birth_day", "27",
                                   "birth_month", "3", "birth_year", "2014"))
        ->count;
}

/* Shielded by request and decision. */
static struct id shield(struct house *house, struct child_id child)
{
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(found(&teacher, "Ap Huw", "Rhys"), 1);
    assert_int_equal(house_view(&teacher, child)->fault, FAULT_NONE);
    assert_int_equal(
        house_ask_of(&teacher, OP_shield_request, child.id, FIELDS("ground", "placement", "text", WORDS))
            ->fault,
        FAULT_NONE);
    const struct seat seat = officer(house, "shielder");
    const struct id matter = only(&seat, OP_shield_list);
    assert_int_equal(
        house_ask_of(&seat, OP_shield_decide, matter,
                     FIELDS("outcome", "confirm", "ground", "placement", "text", WORDS, "advice", WORDS))
            ->fault,
        FAULT_NONE);
    return matter;
}

static const char *number_of(struct house *house, const char *family, const char *given)
{
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_id child = house_child_id(house, family, given);
    assert_int_equal(found(&visitor, family, given), 1);
    const struct answer *answer = house_view(&visitor, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->child->number.at;
}

/* Old and new, and one officer who has asked that the old record be closed. */
static struct id asked(struct house *house, struct child_id *ret_old)
{
    const struct row rows[] = {rhys(), rowan()};
    (void)house_load(house, SOURCE_health, rows, 2);
    const struct child_id old = house_child_id(house, "Ap Huw", "Rhys");
    const struct id shielded = shield(house, old);
    const char *number = number_of(house, "Quillfeather", "Rowan");
    const struct seat first = officer(house, "shielder");
    struct answer *answer =
        house_ask_of(&first, OP_seal_ask, shielded, FIELDS("number", "CP-1", "seal_reason", WORDS));
    assert_true(house_has_error(answer, "number"));
    answer = house_ask_of(&first, OP_seal_ask, shielded, FIELDS("number", number, "seal_reason", WORDS));
    assert_int_equal(answer->fault, FAULT_NONE);
    *ret_old = old;
    return only(&first, OP_seal_list);
}

static void agree(struct house *house, struct id matter)
{
    const struct seat second = officer(house, "second.shielder");
    assert_int_equal(
        house_ask_of(&second, OP_seal_second, matter, FIELDS("answer", "agree", "text", WORDS))->fault,
        FAULT_NONE);
}

static void case_34_nothing_leads_from_the_former_name(void **state)
{
    struct house *house = *state;
    struct child_id old;
    const struct id matter = asked(house, &old);
    const struct seat first = officer(house, "shielder");
    assert_int_equal(
        house_ask_of(&first, OP_seal_second, matter, FIELDS("answer", "agree", "text", WORDS))->refusal,
        REFUSAL_SECOND);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE state = 4"), 0);
    agree(house, matter);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE state = 4"), 1);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(found(&teacher, "Ap Huw", "Rhys"), 0);
    assert_int_equal(
        house_list(&teacher, FIELDS("reason", "working", "family", "Ap Huw", "postcode", "TS24 7AA"))->count,
        0);
    assert_int_equal(house_view(&teacher, old)->fault, FAULT_REASON); /* as for an id that nobody has */
    /* The new record says nothing of the old one. */
    assert_int_equal(found(&teacher, "Quillfeather", "Rowan"), 1);
    const struct answer *answer = house_view(&teacher, house_child_id(house, "Quillfeather", "Rowan"));
    assert_int_equal(answer->child->former_name_count, 0);
    /* Nor does any matter: the shield's is closed, and nothing of a closed record shows on its page. */
    const struct seat seat = officer(house, "shielder");
    assert_int_equal(house_ask(&seat, &(struct request){.operation = OP_shield_list})->matters->count, 0);
    answer = house_ask_of(&seat, OP_seal_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_null(answer->matter->child);
    assert_null(answer->matter->link);
    house_check_log(house);
}

static void a_sealed_entry_is_opened_by_two(void **state)
{
    struct house *house = *state;
    struct child_id old;
    const struct id matter = asked(house, &old);
    agree(house, matter);
    const struct seat first = officer(house, "shielder");
    assert_int_equal(house_ask_of(&first, OP_seal_open, matter, FIELDS("text", WORDS))->fault, FAULT_NONE);
    assert_int_equal(
        house_ask_of(&first, OP_seal_second, matter, FIELDS("answer", "agree", "text", WORDS))->refusal,
        REFUSAL_SECOND);
    const struct seat second = officer(house, "second.shielder");
    int64_t before = house_entries(house);
    const struct answer *answer =
        house_ask_of(&second, OP_seal_second, matter, FIELDS("answer", "agree", "text", WORDS));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_non_null(answer->matter->link);
    assert_true(answer->matter->link->old_number.len > 0);
    assert_true(answer->matter->link->new_number.len > 0);
    size_t count, opened = 0;
    const struct audit_event *events = house_events(house, before, &count);
    for (size_t i = 0; i < count; i++)
        opened += events[i].event == EVENT_SEALING_OPENED;
    assert_int_equal(opened, 2);
    /* Once: whoever looks again sees that it was opened, not what it says. */
    assert_null(house_ask_of(&second, OP_seal_view, matter, NULL)->matter->link);
    house_check_log(house);
}

static void a_second_who_declines_closes_nothing(void **state)
{
    struct house *house = *state;
    struct child_id old;
    const struct id matter = asked(house, &old);
    const struct seat second = officer(house, "second.shielder");
    assert_int_equal(
        house_ask_of(&second, OP_seal_second, matter, FIELDS("answer", "decline", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE state = 4"), 0);
    assert_int_equal(house_count(house, "SELECT shield FROM child WHERE shield > 0"), SHIELD_DECIDED);
    house_check_log(house);
}

/* R9.8: what its sources go on saying of the old identity is held, whether they named it before or not. */
static void feeds_of_the_old_identity_are_held(void **state)
{
    struct house *house = *state;
    struct child_id old;
    agree(house, asked(house, &old));
    const int64_t claims = house_count(house, "SELECT count(*) FROM claim");
    const struct row moved = row_with(rhys(), COLUMN_postcode, "TS25 1AA");
    const struct row school[] = {
        row_with(house_child("e1", "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "TS24 7AA"),
        house_involvement("e1", "i1", "family_support", "Bridge House")};
    const struct row service = house_involvement("h1", "i2", "health_visiting", "Harbour");
    struct batch_counts counts = house_load(house, SOURCE_health, &moved, 1);
    assert_int_equal(counts.updated, 1); /* the receipt of any row */
    counts = house_load(house, SOURCE_education, school, 2);
    assert_int_equal(counts.created, 2);
    counts = house_load(house, SOURCE_health, &service, 1);
    assert_int_equal(counts.created, 1);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 2);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), claims);
    assert_int_equal(house_count(house, "SELECT count(*) FROM batch_waiting WHERE queue = 3"), 4);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(found(&teacher, "Ap Huw", "Rhys"), 0);
    house_check_log(house);
}

static int updates(void)
{
    const char *more = getenv("CONTACTPOINT_SHIELD_UPDATES");
    int64_t count = UPDATES;
    if (more != NULL)
        assert_true(str_to_int(str_of(more), 1, 1000000, &count));
    return (int)count;
}

static void case_32_no_feed_weakens_a_shield(void **state)
{
    static const enum source sources[] = {SOURCE_health, SOURCE_education, SOURCE_child_benefit,
                                          SOURCE_social_care};
    struct house *house = *state;
    char postcode[16], number[16];
    (void)house_load(house, SOURCE_health, (const struct row[]){rhys()}, 1);
    (void)shield(house, house_child_id(house, "Ap Huw", "Rhys"));
    for (int i = 0; i < updates(); i++) {
        struct row row = rhys();
        (void)snprintf(postcode, sizeof postcode, "TS%d 7AA", 1 + i % 29);
        (void)snprintf(number, sizeof number, "u%d", i % 7);
        row.at[COLUMN_postcode] = str_of(postcode);
        row.at[COLUMN_record] = i % 3 == 0 ? STR("h1") : str_of(number);
        (void)house_load(house, sources[i % 4], &row, 1);
        assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE shield <> 2"), 0);
        assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 1);
    }
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(
        house_list(&teacher, FIELDS("reason", "working", "family", "Ap Huw", "postcode", postcode))->count,
        0);
    house_check_log(house);
}

/* A receipt says nothing of whether it was held (R6.4): a supplier's row that is like a hidden child, and one
 * that is like nobody. */
static void case_33_a_look_alike_is_held_and_its_receipt_says_nothing(void **state)
{
    struct house *house = *state;
    enum row_problem held_problem = ROW_FINE, free_problem = ROW_FINE;
    struct batch_counts held, free_counts;
    (void)house_load(house, SOURCE_health, (const struct row[]){rhys()}, 1);
    (void)shield(house, house_child_id(house, "Ap Huw", "Rhys"));
    const struct row like =
        row_with(house_child("e1", "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "YO31 9XQ");
    const struct row unlike =
        row_with(house_child("e2", "Okonkwo", "Ada", "2013-08-09"), COLUMN_postcode, "TS24 7AB");
    const struct feed first = {SOURCE_education, BATCH_DELTA, &like, 1, 0, 0, NULL, &held_problem};
    const struct feed second = {SOURCE_education, BATCH_DELTA, &unlike, 1, 0, 0, NULL, &free_problem};
    assert_int_equal(house_feed(house, &first, &held), FAULT_NONE);
    assert_int_equal(house_feed(house, &second, &free_counts), FAULT_NONE);
    assert_int_equal(held_problem, free_problem);
    assert_int_equal(held.created, free_counts.created);
    assert_int_equal(held.waiting, free_counts.waiting);
    assert_int_equal(held.quarantined, free_counts.quarantined);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 2);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(
        house_list(&teacher, FIELDS("reason", "working", "family", "Ap Huw", "postcode", "YO31 9XQ"))->count,
        0);
    house_check_log(house);
}

/* R6.4: a number that a hidden record has answers as one that nobody has. */
static void a_number_that_a_hidden_record_has_answers_as_any_other(void **state)
{
    struct house *house = *state;
    enum row_problem problems[2] = {ROW_FINE, ROW_FINE};
    struct batch_counts counts[2];
    (void)house_load(house, SOURCE_health, (const struct row[]){rhys()}, 1);
    (void)shield(house, house_child_id(house, "Ap Huw", "Rhys"));
    /* Under another name, with the number of the hidden child; and with a number that is new. */
    const struct row rows[] = {
        row_with(house_child("e1", "Fairweather", "Tom", "2009-01-02"), COLUMN_nhs_number, "943 476 5919"),
        row_with(house_child("e2", "Greenhalgh", "Meg", "2008-11-30"), COLUMN_nhs_number, "401 023 2137")};
    for (int i = 0; i < 2; i++) {
        const struct feed feed = {SOURCE_education, BATCH_DELTA, &rows[i], 1, 0, 0, NULL, &problems[i]};
        assert_int_equal(house_feed(house, &feed, &counts[i]), FAULT_NONE);
    }
    assert_int_equal(problems[0], problems[1]);
    assert_memory_equal(&counts[0], &counts[1], sizeof counts[0]);
    /* Nor does a search by it say anything: another body's number of a shielded child finds nobody. */
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct answer *answer = house_find(&visitor, FIELDS("reason", "working", "number", "943 476 5919"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(id_is_zero(answer->opened.id));
    assert_int_equal(house_results(&visitor, answer->search)->results->count, 0);
}

static void case_36_a_merge_hides_and_a_split_leaves_both_hidden(void **state)
{
    struct house *house = *state;
    struct row other = house_child("e1", "Okonkwo", "Ada", "2013-08-09");
    other = row_with(other, COLUMN_authority, "E06000001");
    (void)house_load(house, SOURCE_health, (const struct row[]){rhys()}, 1);
    (void)house_load(house, SOURCE_education, &other, 1);
    house_past(house, "UPDATE child SET authority = 'E06000001'");
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 2);
    const struct child_id first = house_child_id(house, "Ap Huw", "Rhys"),
                          second = house_child_id(house, "Okonkwo", "Ada");
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)house_list(
        &teacher, FIELDS("reason", "working", "family", "Ap Huw", "given", "Rhys", "postcode", "TS24 7AA"));
    assert_int_equal(house_view(&teacher, first)->fault, FAULT_NONE);
    assert_int_equal(
        house_ask_of(&teacher, OP_shield_request, first.id, FIELDS("ground", "harm", "text", WORDS))->fault,
        FAULT_NONE);
    const struct seat seat = officer(house, "shielder");
    const struct request merge = {
        .operation = OP_child_merge, .path_ids = {first.id, second.id}, .path_id_count = 2};
    assert_int_equal(house_ask(&seat, &merge)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE shield = 0"), 0);
    const struct request split = {.operation = OP_child_split, .path_ids = {second.id}, .path_id_count = 1};
    const struct answer *answer = house_ask(&seat, &split);
    if (answer->fault == FAULT_ABSENT) { /* the other was the one that was taken in */
        const struct request back = {.operation = OP_child_split, .path_ids = {first.id}, .path_id_count = 1};
        answer = house_ask(&seat, &back);
    }
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE shield = 0"), 0);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE merged_into IS NULL"), 2);
    /* Nobody's shield is without somebody who reviews it. */
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter WHERE kind = 1 AND state <> 3"), 2);
    house_check_log(house);
}

/* The matter names the record that was shielded, whichever shows the child by now. */
static void what_was_merged_is_lifted_as_one(void **state)
{
    struct house *house = *state;
    struct row other = house_child("e1", "Okonkwo", "Ada", "2013-08-09");
    other = row_with(other, COLUMN_authority, "E06000001");
    other = row_with(other, COLUMN_postcode, "YO31 9XQ");
    (void)house_load(house, SOURCE_education, &other, 1); /* the older record: it takes the other in */
    (void)house_load(house, SOURCE_health, (const struct row[]){rhys()}, 1);
    const struct child_id survivor = house_child_id(house, "Okonkwo", "Ada"),
                          shielded = house_child_id(house, "Ap Huw", "Rhys");
    const struct id matter = shield(house, shielded);
    const struct seat first = officer(house, "shielder");
    const struct request merge = {
        .operation = OP_child_merge, .path_ids = {survivor.id, shielded.id}, .path_id_count = 2};
    const struct answer *merged = house_ask(&first, &merge);
    assert_int_equal(merged->fault, FAULT_NONE);
    assert_memory_equal(&merged->opened, &survivor, sizeof survivor);
    assert_int_equal(match_state(house->service->index, survivor), RECORD_SHIELDED);
    assert_int_equal(house_ask_of(&first, OP_shield_lift, matter, FIELDS("lift_reason", WORDS))->fault,
                     FAULT_NONE);
    const struct seat second = officer(house, "second.shielder");
    assert_int_equal(
        house_ask_of(&second, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE shield > 0"), 0);
    assert_int_equal(match_state(house->service->index, survivor), RECORD_LIVE);
    assert_int_equal(match_state(house->service->index, shielded), 0);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(case_34_nothing_leads_from_the_former_name),
        WITH_HOUSE(a_sealed_entry_is_opened_by_two),
        WITH_HOUSE(a_second_who_declines_closes_nothing),
        WITH_HOUSE(feeds_of_the_old_identity_are_held),
        WITH_HOUSE(case_32_no_feed_weakens_a_shield),
        WITH_HOUSE(case_33_a_look_alike_is_held_and_its_receipt_says_nothing),
        WITH_HOUSE(a_number_that_a_hidden_record_has_answers_as_any_other),
        WITH_HOUSE(case_36_a_merge_hides_and_a_split_leaves_both_hidden),
        WITH_HOUSE(what_was_merged_is_lifted_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
