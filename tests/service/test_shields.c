/* Shields from end to end (R9, R10): asked for, decided, reviewed, lifted by two, overridden. */
#include "house.h"

#include <stdio.h>

#include "access/organisations.h"
#include "registry/override.h"
#include "registry/shield.h"
#include "service/manage.h"

#define WORDS "the father has found the last address"

enum { DAY_S = 24 * 3600 };

static struct child_id load_rhys(struct house *house)
{
    struct row row = house_child("h1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_nhs_number, "943 476 5919");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    row = row_with(row, COLUMN_address_1, "7 Harbour Terrace");
    row = row_with(row, COLUMN_former_family, "Quillfeather");
    row = row_with(row, COLUMN_authority, "E06000001");
    (void)house_load(house, SOURCE_health, &row, 1);
    return house_child_id(house, "Ap Huw", "Rhys");
}

static struct seat shielder(struct house *house)
{
    return house_officer(house, "shielder", ROLE_shielding_officer);
}

static struct seat second_shielder(struct house *house)
{
    return house_officer(house, "second.shielder", ROLE_shielding_officer);
}

/* Looks by name and date of birth, which finds a shielded child too, and opens it. */
static struct child_view *look(const struct seat *seat, struct child_id child)
{
    (void)house_list(seat, FIELDS("reason", "working", "family", "Ap Huw", "given", "Rhys", "birth_day", "27",
                                  "birth_month", "3", "birth_year", "2014"));
    struct answer *answer = house_view(seat, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->child;
}

static size_t found_by_postcode(const struct seat *seat)
{
    return house_list(seat, FIELDS("reason", "working", "family", "Ap Huw", "postcode", "TS24 7AA"))->count;
}

static struct answer *request(const struct seat *seat, struct child_id child)
{
    (void)look(seat, child);
    return house_ask_of(seat, OP_shield_request, child.id, FIELDS("ground", "harm", "text", WORDS));
}

static struct matters_view *list(const struct seat *seat, enum operation operation)
{
    struct answer *answer = house_ask(seat, &(struct request){.operation = operation});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->matters;
}

static struct id first_of(const struct seat *seat, enum operation operation)
{
    const struct matters_view *view = list(seat, operation);
    assert_int_equal(view->count, 1);
    return view->lines[0].matter;
}

struct accrediting {
    struct house *house;
    size_t organisation;
    uint32_t capabilities;
};

static enum fault accredit(struct db_tx *tx, void *context)
{
    const struct accrediting *accrediting = context;
    struct access *access = accrediting->house->service->access;
    struct organisation organisation;
    enum fault fault;
    TRY(access_organisation_get(access, tx,
                                accrediting->house->organisations[accrediting->organisation].organisation,
                                accrediting->house->arena, &organisation));
    organisation.capabilities = accrediting->capabilities;
    TRY(access_organisation_change(access, tx, &organisation));
done:
    return fault;
}

static void house_set_capabilities(struct house *house, size_t organisation, uint32_t capabilities)
{
    struct accrediting accrediting = {house, organisation, capabilities};
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, accredit, &accrediting), FAULT_NONE);
}

static int64_t shield_of(struct house *house)
{
    return house_count(house, "SELECT shield FROM child");
}

static void keep(struct house *house)
{
    assert_int_equal(manage_keep(house->service), FAULT_NONE);
}

/* A shield that a teacher has asked for and an officer has decided. */
static struct id decided(struct house *house, struct child_id child)
{
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(request(&teacher, child)->fault, FAULT_NONE);
    const struct seat seat = shielder(house);
    const struct id matter = first_of(&seat, OP_shield_list);
    const struct answer *answer = house_ask_of(&seat, OP_shield_decide, matter,
                                               FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS,
                                                      "advice", "police, Inspector Sample, 20 November"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    return matter;
}

static void a_request_hides_at_once(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(look(&teacher, child)->state, RECORD_LIVE);
    assert_int_equal(found_by_postcode(&teacher), 1);
    (void)look(&teacher, child);
    int64_t before = house_entries(house);
    const struct answer *answer =
        house_ask_of(&teacher, OP_shield_request, child.id, FIELDS("ground", "harm", "text", WORDS));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    assert_int_equal(shield_of(house), SHIELD_PROVISIONAL);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_SHIELD_REQUESTED);
    assert_memory_equal(&events[0].child, &child, sizeof child);
    /* R9.3, R9.4 */
    assert_int_equal(found_by_postcode(&teacher), 0);
    const struct child_view *view = look(&teacher, child);
    assert_int_equal(view->state, RECORD_SHIELDED);
    assert_false(view->opened);
    assert_int_equal(view->address_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->authority.len, 0);
    house_check_log(house);
}

static void only_who_asked_reads_what_became_of_it(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(request(&teacher, child)->fault, FAULT_NONE);
    (void)look(&teacher, child);
    assert_non_null(house_view(&teacher, child)->shield_line);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)look(&visitor, child);
    assert_null(house_view(&visitor, child)->shield_line);
}

/* Security.md, case 65: whoever has no answer sends the form again. */
static void the_same_form_again_is_the_same_request(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    struct str token;
    (void)look(&teacher, child);
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
    assert_int_equal(request(&visitor, child)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 1);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter_step"), 2);
    house_check_log(house);
}

static void a_request_without_ground_or_words_changes_nothing(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)look(&teacher, child);
    const struct answer *answer =
        house_ask_of(&teacher, OP_shield_request, child.id, FIELDS("ground", "dislike", "text", "no"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "ground"));
    assert_true(house_has_error(answer, "text"));
    assert_non_null(answer->child);
    assert_int_equal(answer->child->address_presence, PRESENCE_HIDDEN); /* the form shows who, no more */
    assert_int_equal(shield_of(house), SHIELD_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 0);
    house_check_log(house);
}

static void an_organisation_without_the_capability_cannot_ask(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)look(&teacher, child);
    house_set_capabilities(house, 0, ~((uint32_t)1 << CAPABILITY_shield_request));
    const struct answer *answer =
        house_ask_of(&teacher, OP_shield_request, child.id, FIELDS("ground", "harm", "text", WORDS));
    assert_int_equal(answer->refusal, REFUSAL_CAPABILITY);
    assert_int_equal(shield_of(house), SHIELD_NONE);
}

static void the_officer_sees_the_case_and_what_others_will_see(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(request(&teacher, child)->fault, FAULT_NONE);
    const struct seat seat = shielder(house);
    const struct id matter = first_of(&seat, OP_shield_list);
    int64_t before = house_entries(house);
    const struct answer *answer = house_ask_of(&seat, OP_shield_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    const struct matter_view *view = answer->matter;
    assert_true(view->to_decide);
    assert_int_equal(view->child->address_presence, PRESENCE_VALUE);
    assert_int_equal(view->child->former_name_count, 1);
    assert_int_equal(view->others->address_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->others->former_name_count, 0);
    assert_int_equal(view->others->authority.len, 0);
    assert_str(view->others->name.text, "Rhys Ap Huw");
    assert_int_equal(view->step_count, 1);
    assert_str(view->steps[0].text, WORDS);
    assert_str(view->asker, "Gwen Sample");
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_SHIELD_VIEWED);
    assert_memory_equal(&events[0].child, &child, sizeof child);
    assert_true(events[0].shown.len > 0);
    house_check_log(house);
}

/* R2: an authority's team works on its own; practitioners on none; an officer without a key on none (case 3).
 */
static void only_the_childs_own_team_reaches_the_case(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct id matter = decided(house, child);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_ask_of(&teacher, OP_shield_view, matter, NULL)->refusal, REFUSAL_ROLE);
    assert_int_equal(house_past(house, "UPDATE child SET authority = 'E06000003'"), 1);
    const struct seat seat = shielder(house);
    struct answer *answer = house_ask_of(&seat, OP_shield_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_ABSENT);
    assert_null(answer->matter);
    answer = house_ask_of(&seat, OP_shield_lift, matter, FIELDS("lift_reason", WORDS));
    assert_int_equal(answer->fault, FAULT_ABSENT);
    /* R11.2: and it travels there. */
    keep(house);
    assert_int_equal(list(&seat, OP_shield_list)->count, 0);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter WHERE authority = 'E06000003'"), 1);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    house_check_log(house);
}

static void case_3_a_token_is_not_enough(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct id matter = decided(house, child);
    assert_int_equal(house_past(house, "UPDATE meta SET content = 'no' WHERE name = 'demonstration'"), 1);
    house_stop(house);
    house_start(house);
    const struct seat weak = house_sign_in(house, "shielder", ROLE_shielding_officer);
    struct answer *answer = house_ask_of(&weak, OP_shield_view, matter, NULL);
    assert_int_equal(answer->refusal, REFUSAL_STRENGTH);
    assert_null(answer->matter);
    assert_int_equal(house_ask(&weak, &(struct request){.operation = OP_shield_list})->refusal,
                     REFUSAL_STRENGTH);
    const struct seat worker = house_sign_in(house, "worker", ROLE_override_practitioner);
    (void)look(&worker, child);
    answer = house_ask_of(&worker, OP_override_page, child.id, NULL);
    assert_int_equal(answer->refusal, REFUSAL_STRENGTH);
    assert_null(answer->child);
    answer = house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS));
    assert_int_equal(answer->refusal, REFUSAL_STRENGTH);
    assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
    assert_false(look(&worker, child)->opened);
    house_check_log(house);
}

static void a_decision_takes_grounds_evidence_and_advice(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(request(&teacher, child)->fault, FAULT_NONE);
    const struct seat seat = shielder(house);
    const struct id matter = first_of(&seat, OP_shield_list);
    struct answer *answer = house_ask_of(&seat, OP_shield_decide, matter, FIELDS("outcome", "confirm"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "ground"));
    assert_true(house_has_error(answer, "text"));
    assert_non_null(answer->matter); /* the page again */
    answer = house_ask_of(&seat, OP_shield_decide, matter,
                          FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS));
    assert_true(house_has_error(answer, "advice"));
    assert_int_equal(shield_of(house), SHIELD_PROVISIONAL);
    answer = house_ask_of(&seat, OP_shield_decide, matter, FIELDS("text", WORDS));
    assert_true(house_has_error(answer, "outcome"));
    house_check_log(house);
}

/* R9.2 */
static void an_overdue_review_keeps_the_shield_and_raises_an_alarm(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct id matter = decided(house, child);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    house_wait(house, (SHIELD_REVIEW_DAYS - 1) * (int64_t)DAY_S);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    house_wait(house, 2 * DAY_S);
    keep(house);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4"), 1);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    /* R17.7: what nobody answers goes to the next person, and then to the next. */
    house_wait(house, 2 * DAY_S);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4 AND addressed_role = 7"),
                     1);
    house_wait(house, 2 * 3600);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4 AND addressed_role = 8"),
                     1);
    const struct seat seat = shielder(house);
    assert_true(list(&seat, OP_shield_list)->lines[0].overdue);
    const struct answer *home = house_ask(&seat, &(struct request){.operation = OP_manage_home});
    assert_int_equal(home->team->cards[0].overdue, 1);
    /* The review answers it. */
    assert_int_equal(
        house_ask_of(&seat, OP_shield_review, matter, FIELDS("ground", "harm", "text", WORDS))->fault,
        FAULT_NONE);
    assert_false(list(&seat, OP_shield_list)->lines[0].overdue);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE acknowledged_us IS NULL"), 0);
    house_check_log(house);
}

static void case_35_a_shield_is_lifted_by_two(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct id matter = decided(house, child);
    const struct seat first = shielder(house);
    assert_true(house_has_error(house_ask_of(&first, OP_shield_lift, matter, FIELDS("lift_reason", "so")),
                                "lift_reason"));
    int64_t before = house_entries(house);
    assert_int_equal(
        house_ask_of(&first, OP_shield_lift, matter, FIELDS("lift_reason", "the danger has passed"))->fault,
        FAULT_NONE);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    /* Neither the first, in whichever session. */
    const struct seat again = shielder(house);
    assert_int_equal(
        house_ask_of(&first, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->refusal,
        REFUSAL_SECOND);
    assert_int_equal(
        house_ask_of(&again, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->refusal,
        REFUSAL_SECOND);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    const struct seat second = second_shielder(house);
    assert_true(house_ask_of(&second, OP_shield_view, matter, NULL)->matter->to_second);
    assert_int_equal(house_ask_of(&second, OP_shield_second, matter,
                                  FIELDS("answer", "agree", "text", "I have seen it too"))
                         ->fault,
                     FAULT_NONE);
    assert_int_equal(shield_of(house), SHIELD_NONE);
    size_t count, steps = 0;
    const struct audit_event *events = house_events(house, before, &count);
    for (size_t i = 0; i < count; i++)
        steps += events[i].event == EVENT_SHIELD_LIFT_ASKED || events[i].event == EVENT_SHIELD_SECOND_GIVEN;
    assert_int_equal(steps, 2);
    /* Everybody sees it again, and who asked is told. */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(found_by_postcode(&teacher), 1);
    assert_int_equal(look(&teacher, child)->state, RECORD_LIVE);
    const struct answer *told = house_view(&teacher, child);
    assert_non_null(told->shield_line);
    assert_str(told->shield_line->state, "Two officers have lifted the shield since.");
    /* The officer's sight of the record has ended with the matter. */
    const struct answer *closed = house_ask_of(&second, OP_shield_view, matter, NULL);
    assert_int_equal(closed->fault, FAULT_NONE);
    assert_null(closed->matter->child);
    assert_int_equal(closed->matter->step_count, 6); /* who asked was told of both */
    assert_int_equal(list(&second, OP_shield_list)->count, 0);
    house_check_log(house);
}

static void a_second_who_declines_keeps_it(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct id matter = decided(house, child);
    const struct seat first = shielder(house);
    assert_int_equal(house_ask_of(&first, OP_shield_lift, matter, FIELDS("lift_reason", WORDS))->fault,
                     FAULT_NONE);
    const struct seat second = second_shielder(house);
    assert_int_equal(
        house_ask_of(&second, OP_shield_second, matter, FIELDS("answer", "decline", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    /* And what is over cannot be agreed to. */
    assert_int_equal(
        house_ask_of(&second, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->fault,
        FAULT_CONFLICT);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    house_check_log(house);
}

/* R9.7: a request is not refused by one alone either. */
static void refusing_a_request_takes_two(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(request(&teacher, child)->fault, FAULT_NONE);
    const struct seat first = shielder(house);
    const struct id matter = first_of(&first, OP_shield_list);
    assert_int_equal(
        house_ask_of(&first, OP_shield_decide, matter, FIELDS("outcome", "refuse", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(shield_of(house), SHIELD_PROVISIONAL);
    /* Two officers at once: the second decides on what is no longer so. */
    assert_int_equal(
        house_ask_of(&first, OP_shield_decide, matter,
                     FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS, "advice", WORDS))
            ->fault,
        FAULT_CONFLICT);
    const struct seat second = second_shielder(house);
    assert_int_equal(
        house_ask_of(&second, OP_shield_second, matter, FIELDS("answer", "agree", "text", WORDS))->fault,
        FAULT_NONE);
    assert_int_equal(shield_of(house), SHIELD_NONE);
    const struct seat later = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)look(&later, child);
    assert_str(house_view(&later, child)->shield_line->state,
               "Two officers have refused this: the record is not shielded because of it.");
    house_check_log(house);
}

/* R2: nor does anybody decide on what they have asked for in another of their roles. */
static void nobody_decides_on_what_they_asked_for(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat asking = house_sign_in(house, "second.shielder", ROLE_practitioner);
    assert_int_equal(request(&asking, child)->fault, FAULT_NONE);
    const char *const *form = FIELDS("outcome", "confirm", "ground", "harm", "text", WORDS, "advice", WORDS);
    const struct seat own = second_shielder(house);
    const struct id matter = first_of(&own, OP_shield_list);
    const struct answer *answer = house_ask_of(&own, OP_shield_view, matter, NULL);
    assert_false(answer->matter->to_decide);
    assert_true(answer->matter->own);
    assert_int_equal(house_ask_of(&own, OP_shield_decide, matter, form)->fault, FAULT_REFUSED);
    assert_int_equal(shield_of(house), SHIELD_PROVISIONAL);
    const struct seat other = shielder(house);
    assert_int_equal(house_ask_of(&other, OP_shield_decide, matter, form)->fault, FAULT_NONE);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    house_check_log(house);
}

static struct seat overrider(struct house *house)
{
    return house_officer(house, "worker", ROLE_override_practitioner);
}

static void case_42_an_override_shows_one_record_for_a_while(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    (void)look(&teacher, child);
    assert_int_equal(house_ask_of(&teacher, OP_shield_override, child.id, FIELDS("text", WORDS))->refusal,
                     REFUSAL_ROLE);
    const struct seat worker = overrider(house);
    assert_false(look(&worker, child)->opened);
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
    assert_int_equal(found_by_postcode(&worker), 0);
    /* And to search was to leave: each time again. */
    assert_false(look(&worker, child)->opened);
    house_check_log(house);
}

static void an_override_ends_after_a_quarter_of_an_hour(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    const struct seat worker = overrider(house);
    (void)look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    for (int i = 0; i < 2; i++) { /* the session goes on */
        house_wait(house, 7 * 60);
        assert_true(house_view(&worker, child)->child->opened);
    }
    house_wait(house, 61);
    assert_false(house_view(&worker, child)->child->opened);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
}

/* Case 64: a clock that jumps lengthens no override, whichever way, and what was swept does not come back. */
static void case_64_no_override_is_lengthened(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    const struct seat worker = overrider(house);
    (void)look(&worker, child);
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
    keep(house);
    house_wait(house, DAY_S);
    keep(house);
    house_wait(house, -DAY_S);
    assert_false(house_view(&worker, child)->child->opened);
    assert_int_equal(house_count(house, "SELECT count(*) FROM overriding"), 0);
    house_check_log(house);
}

/* Case 64: a review is due by its day.  A clock that is ahead tells of it too early, one that is behind too
 * late; neither takes the shield away, nor the alarm, once the clock is right again. */
static void case_64_no_review_is_lost(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    house_wait(house, -365 * (int64_t)DAY_S);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm"), 0);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    house_wait(house, (365 + SHIELD_REVIEW_DAYS + 1) * (int64_t)DAY_S);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4"), 1);
    house_wait(house, -2 * SHIELD_REVIEW_DAYS * (int64_t)DAY_S);
    keep(house);
    keep(house);
    assert_int_equal(
        house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4 AND acknowledged_us IS NULL"), 1);
    house_wait(house, 2 * SHIELD_REVIEW_DAYS * (int64_t)DAY_S);
    keep(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE kind = 4"), 1);
    assert_int_equal(shield_of(house), SHIELD_DECIDED);
    house_check_log(house);
}

static void an_override_is_of_one_session(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    const struct seat worker = overrider(house);
    const struct seat other = overrider(house);
    (void)look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    assert_false(look(&other, child)->opened);
    assert_true(house_view(&worker, child)->child->opened);
    /* Its right gone, it is over at the next request. */
    house_set_capabilities(house, 2, ~((uint32_t)1 << CAPABILITY_override));
    assert_false(house_view(&worker, child)->child->opened);
}

/* R10: sooner than the time is over, by whoever has overridden; entered, and nothing is left of it. */
static void an_override_is_ended_early(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    const struct seat worker = overrider(house);
    (void)look(&worker, child);
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
    const struct seat seat = shielder(house);
    assert_int_equal(list(&seat, OP_override_list)->count, 1);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    assert_true(house_view(&worker, child)->child->opened);
    assert_int_equal(list(&seat, OP_override_list)->count, 2);
    house_check_log(house);
}

/* Leaving ends it: this machine's session, all sessions, or the role. */
static void an_override_ends_with_its_session(void **state)
{
    static const enum operation leaving[] = {OP_sign_out, OP_sign_out_everywhere, OP_role_change};
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++) {
        const struct seat worker = overrider(house);
        (void)look(&worker, child);
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
            assert_false(look(&changed, child)->opened);
        }
    }
    house_check_log(house);
}

static void nothing_but_a_shield_is_overridden(void **state)
{
    struct house *house = *state;
    const struct child_id child = load_rhys(house);
    const struct seat worker = overrider(house);
    (void)look(&worker, child);
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
    const struct child_id child = load_rhys(house);
    (void)decided(house, child);
    const struct seat worker = overrider(house);
    (void)look(&worker, child);
    assert_int_equal(house_ask_of(&worker, OP_shield_override, child.id, FIELDS("text", WORDS))->fault,
                     FAULT_NONE);
    const struct seat reviewer = house_officer(house, "reviewer", ROLE_audit_reviewer);
    const struct id matter = first_of(&reviewer, OP_override_list);
    const struct answer *answer = house_ask_of(&reviewer, OP_override_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_null(answer->matter->child);
    assert_str(answer->matter->asker, "Tariq Specimen");
    assert_str(answer->matter->steps[0].text, WORDS);
    const struct seat seat = shielder(house);
    assert_non_null(house_ask_of(&seat, OP_override_view, matter, NULL)->matter->child);
    answer = house_ask_of(&reviewer, OP_override_decide, matter, FIELDS("outcome", "suspend", "text", "no"));
    assert_true(house_has_error(answer, "text"));
    answer = house_ask_of(&reviewer, OP_override_decide, matter, FIELDS("outcome", "suspend", "text", WORDS));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(house_view(&worker, child)->fault, FAULT_SIGN_IN);
    assert_int_equal(
        house_ask_of(&seat, OP_override_decide, matter, FIELDS("outcome", "explained", "text", WORDS))->fault,
        FAULT_CONFLICT);
    assert_int_equal(list(&seat, OP_override_list)->count, 0);
    /* And both alarms are answered by it. */
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE acknowledged_us IS NULL"), 0);
    house_check_log(house);
}

static void team_homes(void **state)
{
    struct house *house = *state;
    (void)decided(house, load_rhys(house));
    const struct seat seat = shielder(house);
    const struct answer *answer = house_ask(&seat, &(struct request){.operation = OP_manage_home});
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->team->team, "Hartlepool ContactPoint team");
    assert_true(answer->team->count >= 3);
    const struct seat rights = house_sign_in(house, "rights", ROLE_rights_officer);
    answer = house_ask(&rights, &(struct request){.operation = OP_manage_home});
    assert_int_equal(answer->fault, FAULT_NONE);
    for (size_t i = 0; i < answer->team->count; i++)
        assert_false(str_equal(answer->team->cards[i].title, STR("Shields")));
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_ask(&teacher, &(struct request){.operation = OP_manage_home})->refusal,
                     REFUSAL_ROLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_request_hides_at_once),
        WITH_HOUSE(only_who_asked_reads_what_became_of_it),
        WITH_HOUSE(the_same_form_again_is_the_same_request),
        WITH_HOUSE(a_request_without_ground_or_words_changes_nothing),
        WITH_HOUSE(an_organisation_without_the_capability_cannot_ask),
        WITH_HOUSE(the_officer_sees_the_case_and_what_others_will_see),
        WITH_HOUSE(only_the_childs_own_team_reaches_the_case),
        WITH_HOUSE(case_3_a_token_is_not_enough),
        WITH_HOUSE(a_decision_takes_grounds_evidence_and_advice),
        WITH_HOUSE(an_overdue_review_keeps_the_shield_and_raises_an_alarm),
        WITH_HOUSE(case_35_a_shield_is_lifted_by_two),
        WITH_HOUSE(a_second_who_declines_keeps_it),
        WITH_HOUSE(refusing_a_request_takes_two),
        WITH_HOUSE(nobody_decides_on_what_they_asked_for),
        WITH_HOUSE(case_42_an_override_shows_one_record_for_a_while),
        WITH_HOUSE(an_override_ends_after_a_quarter_of_an_hour),
        WITH_HOUSE(an_override_is_of_one_session),
        WITH_HOUSE(case_64_no_override_is_lengthened),
        WITH_HOUSE(case_64_no_review_is_lost),
        WITH_HOUSE(an_override_is_ended_early),
        WITH_HOUSE(an_override_ends_with_its_session),
        WITH_HOUSE(nothing_but_a_shield_is_overridden),
        WITH_HOUSE(what_is_not_explained_suspends),
        WITH_HOUSE(team_homes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
