/* One child's page, its details, and one's own involvement (R7), in every state that a record can have. */
#include "house.h"

#include <stdio.h>

enum { STATE_LIVE = 1, STATE_ARCHIVED = 2, STATE_DEAD = 3, STATE_SEALED = 4 };

static struct row rhys_of_health(void)
{
    struct row row = house_child("h1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_other, "Emrys");
    row = row_with(row, COLUMN_known_as, "Rhyso");
    row = row_with(row, COLUMN_former_family, "Quillfeather");
    row = row_with(row, COLUMN_nhs_number, "943 476 5919");
    row = row_with(row, COLUMN_upn, "");
    row = row_with(row, COLUMN_address_1, "7 Harbour Terrace");
    row = row_with(row, COLUMN_town, "Hartlepool");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    row = row_with(row, COLUMN_authority, "E06000001");
    row = row_with(row, COLUMN_carer1_family, "Ap Huw");
    row = row_with(row, COLUMN_carer1_given, "Ffion");
    row = row_with(row, COLUMN_carer1_relationship, "mother");
    row = row_with(row, COLUMN_carer1_phone, "07700 900123");
    row = row_with(row, COLUMN_gp_code, "A81001");
    row = row_with(row, COLUMN_gp_name, "Seaview Surgery");
    return row_with(row, COLUMN_gp_phone, "01632 960200");
}

static struct row rhys_of_school(void)
{
    struct row row = house_child("e1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row, COLUMN_upn, "P207000016049");
    row = row_with(row, COLUMN_postcode, "TS24 7AA");
    row = row_with(row, COLUMN_carer1_family, "Ap Huw");
    row = row_with(row, COLUMN_carer1_given, "Ffion");
    row = row_with(row, COLUMN_school_code, "111555");
    row = row_with(row, COLUMN_school_name, "Northgate Primary School");
    row = row_with(row, COLUMN_school_phone, "01632 960101");
    return row_with(row, COLUMN_school_from, "2018-09-03");
}

/* Rhys as three sources know him. */
static struct child_id settle(struct house *house)
{
    const struct row health[] = {
        rhys_of_health(),
        row_with(row_with(house_child("h2", "Ó Briain", "Niamh", "2016-02-29"), COLUMN_postcode, "LS1 4AB"),
                 COLUMN_authority, "E08000035")};
    const struct row school[] = {rhys_of_school()};
    const struct row social[] = {
        row_with(row_with(house_child("s1", "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "TS24 7AA"),
                 COLUMN_nhs_number, "943 476 5919"),
        row_with(house_involvement("s1", "i1", "social_work", "Riverside Children's Team"), COLUMN_lead,
                 "yes"),
        row_with(house_involvement("s1", "i2", "family_support", "Bridge House"), COLUMN_to, "2026-05-01")};
    assert_int_equal(house_load(house, SOURCE_health, health, 2).created, 2);
    assert_int_equal(house_load(house, SOURCE_education, school, 1).updated, 1);
    assert_int_equal(house_load(house, SOURCE_social_care, social, 3).updated, 1);
    return house_child_id(house, "Ap Huw", "Rhys");
}

static struct answer *give_reason(const struct seat *seat, struct child_id child)
{
    return house_ask(seat, &(struct request){.operation = OP_child_reason,
                                             .path_ids = {child.id},
                                             .path_id_count = 1,
                                             .fields = FIELDS("reason", "working")});
}

/* The page, with a reason given for it; must succeed. */
static struct child_view *open_child(const struct seat *seat, struct child_id child)
{
    assert_int_equal(give_reason(seat, child)->fault, FAULT_NONE);
    struct answer *answer = house_view(seat, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_non_null(answer->child);
    return answer->child;
}

static struct answer *about(const struct seat *seat, enum operation operation, struct child_id child)
{
    return house_ask(seat,
                     &(struct request){.operation = operation, .path_ids = {child.id}, .path_id_count = 1});
}

static struct answer *record(const struct seat *seat, struct child_id child, const char *const *fields)
{
    return house_ask(seat, &(struct request){.operation = OP_involvement_record,
                                             .path_ids = {child.id},
                                             .path_id_count = 1,
                                             .fields = fields});
}

static struct answer *end(const struct seat *seat, struct child_id child, struct claim_id claim,
                          const char *const *fields)
{
    return house_ask(seat, &(struct request){.operation = OP_involvement_end,
                                             .path_ids = {child.id, claim.id},
                                             .path_id_count = 2,
                                             .fields = fields});
}

#define MINE                                                                                                 \
    FIELDS("service", "Harbour Health Visiting", "kind", "health_visiting", "job", "Health visitor",         \
           "phone", "01632 960456", "email", "staff@example.org", "from_day", "1", "from_month", "10",       \
           "from_year", "2026")

static const struct contact_view *own_of(const struct child_view *view)
{
    for (size_t i = 0; i < view->service_count; i++)
        if (view->services[i].own)
            return &view->services[i];
    return NULL;
}

static void live_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    int64_t before = house_entries(house);
    const struct child_view *view = open_child(&visitor, rhys);
    assert_int_equal(view->state, RECORD_LIVE);
    assert_str(view->name.text, "Rhys Emrys Ap Huw");
    assert_str(view->name.known_as, "Rhyso");
    assert_int_equal(view->age_years, 12);
    assert_int_equal(view->number.len, 16);
    assert_memory_equal(view->number.at, "CP-", 3);
    assert_int_equal(view->former_name_count, 1);
    assert_str(view->former_names[0], "Rhys Quillfeather");
    assert_int_equal(view->address_presence, PRESENCE_VALUE);
    assert_str(view->address.text, "7 Harbour Terrace, Hartlepool, TS24 7AA");
    assert_str(view->address.source, "Health services");
    assert_int_equal(view->carer_count, 1);
    assert_str(view->carers[0].name, "Ffion Ap Huw");
    assert_str(view->carers[0].phone, "07700 900123");
    assert_int_equal(view->school_presence, PRESENCE_VALUE);
    assert_str(view->school.organisation, "Northgate Primary School");
    assert_str(view->school.phone, "01632 960101");
    assert_str(view->school.source, "School census");
    assert_int_equal(view->gp_presence, PRESENCE_VALUE);
    assert_str(view->gp.organisation, "Seaview Surgery");
    assert_int_equal(view->service_count, 1);
    assert_str(view->services[0].organisation, "Riverside Children's Team");
    assert_str(view->services[0].kind, "Children's social work");
    assert_str(view->services[0].phone, "01632 960777");
    assert_true(view->services[0].lead);
    assert_false(view->services[0].own);
    assert_int_equal(view->past_service_count, 1);
    assert_str(view->past_services[0].organisation, "Bridge House");
    assert_int_equal(view->past_services[0].to.month, 5);
    assert_str(view->authority, "Hartlepool");
    assert_str(view->local_team, "Middlesbrough ContactPoint team"); /* the asker's */
    assert_false(view->sensitive_mark);
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 2);
    assert_int_equal(events[0].event, EVENT_REASON_STATED);
    assert_int_equal(events[1].event, EVENT_CHILD_VIEWED);
    assert_true(id_equal(events[1].child.id, rhys.id));
    assert_str(events[1].shown,
               "IDENTITY FORMER_NAMES WHEREABOUTS CARERS EDUCATION PRIMARY_CARE SERVICES "
               "PAST_SERVICES OWN_SERVICES OWN_SENSITIVE SENSITIVE_MARK OWN_NUMBERS AUTHORITY");
    house_check_log(house);
}

/* security.md §6: what is shown was opened for display, under a permit, and nothing for linkage. */
static void a_look_is_opened_for_display(void **state)
{
    struct house *house = *state;
    const struct child_id child = settle(house);
    const struct seat seat = house_sign_in(house, "visitor", ROLE_practitioner);
    struct vault_counts before, after;
    assert_int_equal(give_reason(&seat, child)->fault, FAULT_NONE);
    assert_int_equal(vault_counts(house->service->vault, &before), FAULT_NONE);
    assert_int_equal(house_view(&seat, child)->fault, FAULT_NONE);
    assert_int_equal(vault_counts(house->service->vault, &after), FAULT_NONE);
    assert_int_equal(after.of[PURPOSE_DISPLAY] - before.of[PURPOSE_DISPLAY], 1);
    assert_int_equal(after.of[PURPOSE_LINKAGE], before.of[PURPOSE_LINKAGE]);
    assert_int_equal(after.of[PURPOSE_CASE] + after.of[PURPOSE_MISUSE], 0);
}

static void details(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    int64_t before = house_entries(house);
    const struct answer *answer = about(&visitor, OP_child_details, rhys);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->child->former_names[0], "Rhys Quillfeather");
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_CHILD_DETAILS_VIEWED);
}

/* Numbers go to the body that gave them, and to nobody else. */
static void own_numbers(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat worker = house_sign_in(house, "worker", ROLE_practitioner);
    const struct child_view *view = open_child(&visitor, rhys);
    assert_int_equal(view->number_count, 1);
    assert_str(view->numbers[0].label, "NHS number");
    assert_str(view->numbers[0].text, "943 476 5919");
    view = open_child(&teacher, rhys);
    assert_int_equal(view->number_count, 1);
    assert_str(view->numbers[0].text, "P207000016049");
    assert_int_equal(open_child(&worker, rhys)->number_count, 0);
}

/* Three answers to "which school?" that never look alike, and two that are not gaps (R1.3). */
static void none_known_and_silent(void **state)
{
    struct house *house = *state;
    const struct row school[] = {
        row_with(row_with(house_child("e1", "Wick", "Ada", "2014-01-01"), COLUMN_school_code, "HOME"),
                 COLUMN_postcode, "TS24 7AA"),
        row_with(house_child("e2", "Moor", "Ben", "2013-02-02"), COLUMN_postcode, "LS1 4AB"),
    };
    const struct row health[] = {
        row_with(row_with(house_child("h1", "Fenn", "Cai", "2012-03-03"), COLUMN_gp_code, "NONE"),
                 COLUMN_postcode, "YO31 9XQ"),
        row_with(row_with(house_child("h2", "Dale", "Dot", "2011-04-04"), COLUMN_address_1, "NONE"),
                 COLUMN_authority, "E06000014"),
    };
    const struct feed census = {.source = SOURCE_education,
                                .mode = BATCH_FULL,
                                .rows = school,
                                .row_count = 2,
                                .as_of = "2026-09-01"};
    assert_int_equal(house_feed(house, &census, NULL), FAULT_NONE);
    assert_int_equal(house_load(house, SOURCE_health, health, 2).created, 2);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct child_view *view = open_child(&teacher, house_child_id(house, "Wick", "Ada"));
    assert_int_equal(view->school_presence, PRESENCE_HOME);
    assert_int_equal(view->gp_presence, PRESENCE_NONE);
    assert_int_equal(view->carers_presence, PRESENCE_NONE);
    assert_int_equal(view->services_presence, PRESENCE_NONE);
    view = open_child(&teacher, house_child_id(house, "Moor", "Ben"));
    assert_int_equal(view->school_presence, PRESENCE_SILENT); /* no census for more than 40 days */
    assert_int_equal(view->school_since.us, instant_of_day((struct day){2026, 9, 1, DAY_EXACT}).us);
    view = open_child(&teacher, house_child_id(house, "Fenn", "Cai"));
    assert_int_equal(view->gp_presence, PRESENCE_UNREGISTERED);
    view = open_child(&teacher, house_child_id(house, "Dale", "Dot"));
    assert_int_equal(view->address_presence, PRESENCE_NO_ADDRESS);
    assert_int_equal(view->gp_presence, PRESENCE_NONE);
}

static void assert_hidden(const struct child_view *view)
{
    assert_int_equal(view->former_name_count, 0);
    assert_int_equal(view->address_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->address.text.len, 0);
    assert_int_equal(view->former_address_count, 0);
    assert_int_equal(view->carers_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->carer_count, 0);
    assert_int_equal(view->school_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->school.organisation.len, 0);
    assert_int_equal(view->gp_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->gp.organisation.len, 0);
    assert_int_equal(view->past_service_count, 0);
    assert_false(view->sensitive_mark);
    assert_int_equal(view->number_count, 0);
    assert_int_equal(view->authority.len, 0);
    assert_int_equal(view->school_since.us, 0);
    assert_int_equal(view->gp_since.us, 0);
}

/* R9.3 */
static void shielded_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    house_set_state(house, rhys, STATE_LIVE, SHIELD_PROVISIONAL);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_view *view = open_child(&visitor, rhys);
    assert_int_equal(view->state, RECORD_SHIELDED);
    assert_str(view->name.text, "Rhys Emrys Ap Huw");
    assert_str(view->sex, "Boy");
    assert_int_equal(view->birth.day, 27);
    assert_int_equal(view->number.len, 16);
    assert_str(view->local_team, "Middlesbrough ContactPoint team");
    assert_int_equal(view->services_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->service_count, 0);
    assert_hidden(view);
    const struct answer *answer = about(&visitor, OP_child_details, rhys);
    assert_hidden(answer->child);
    house_check_log(house);
}

/* An override practitioner sees no more before overriding (R10). */
static void shielded_child_for_an_override_practitioner(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    house_set_state(house, rhys, STATE_LIVE, SHIELD_DECIDED);
    const struct seat worker = house_sign_in(house, "worker", ROLE_override_practitioner);
    const struct child_view *view = open_child(&worker, rhys);
    assert_int_equal(view->state, RECORD_SHIELDED);
    assert_int_equal(view->service_count, 0);
    assert_hidden(view);
}

/* R9.4: found by name, date, sex and ContactPoint number alone; R5.4: its row says no more. */
static void shielded_child_in_results(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat before = house_sign_in(house, "visitor", ROLE_practitioner);
    char number[32];
    const struct child_view *open = open_child(&before, rhys);
    (void)snprintf(number, sizeof number, "%.*s", (int)open->number.len, open->number.at);
    house_set_state(house, rhys, STATE_LIVE, SHIELD_DECIDED);
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
    struct child_id rhys = settle(house);
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
    assert_hidden(open_child(&visitor, rhys));
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
    struct child_id rhys = settle(house), absent = {{{0x51}}};
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
    assert_as_absent(*state, STATE_ARCHIVED);
}

static void sealed_child(void **state)
{
    assert_as_absent(*state, STATE_SEALED);
}

/* R12.2: what was, no current services. */
static void dead_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    house_set_state(house, rhys, STATE_DEAD, SHIELD_NONE);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_view *view = open_child(&visitor, rhys);
    assert_int_equal(view->state, RECORD_DEAD);
    assert_int_equal(view->address_presence, PRESENCE_VALUE);
    assert_int_equal(view->school_presence, PRESENCE_VALUE);
    assert_int_equal(view->service_count, 0);
    assert_int_equal(view->services_presence, PRESENCE_HIDDEN);
    assert_int_equal(view->past_service_count, 1);
    assert_int_equal(view->number_count, 1);
}

static void form_is_filled_in(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    const struct answer *answer = about(&visitor, OP_involvement_page, rhys);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->involvement->child.name.text, "Rhys Emrys Ap Huw");
    assert_str(answer->involvement->contact.organisation, "Harbour Health Visiting");
    assert_str(answer->involvement->contact.kind, "health_visiting");
    assert_str(answer->involvement->contact.phone, "01632 960456");
}

static void recording(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    int64_t before = house_entries(house);
    const struct answer *answer = record(&visitor, rhys, MINE);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    assert_true(id_equal(answer->opened.id, rhys.id));
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].event, EVENT_INVOLVEMENT_RECORDED);
    assert_true(id_equal(events[0].child.id, rhys.id));
    const struct child_view *view = house_view(&visitor, rhys)->child;
    assert_int_equal(view->service_count, 2);
    const struct contact_view *own = own_of(view);
    assert_ptr_equal(own, &view->services[0]); /* newest first */
    assert_str(own->organisation, "Harbour Health Visiting");
    assert_str(own->person, "Sioned Example");
    assert_str(own->job, "Health visitor");
    assert_str(own->source, "A practitioner");
    assert_false(id_is_zero(own->claim.id));
    /* Others see it, and may not end it. */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct child_view *theirs = open_child(&teacher, rhys);
    assert_int_equal(theirs->service_count, 2);
    assert_null(own_of(theirs));
    answer = end(&teacher, rhys, own->claim, FIELDS("to_day", "2", "to_month", "11", "to_year", "2026"));
    assert_int_equal(answer->fault, FAULT_ABSENT);
    answer = house_ask(&teacher, &(struct request){.operation = OP_involvement_view,
                                                   .path_ids = {rhys.id, own->claim.id},
                                                   .path_id_count = 2});
    assert_int_equal(answer->fault, FAULT_ABSENT);
    house_check_log(house);
}

static void recording_twice(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    assert_int_equal(record(&visitor, rhys, MINE)->fault, FAULT_NONE);
    int64_t before = house_entries(house);
    int64_t claims = house_count(house, "SELECT count(*) FROM claim");
    const struct answer *answer = record(&visitor, rhys, MINE);
    assert_int_not_equal(answer->fault, FAULT_NONE);
    assert_true(house_has_error(answer, "service"));
    assert_non_null(answer->involvement); /* the form again */
    assert_false(answer->recorded);
    assert_int_equal(house_entries(house), before + 1);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), claims);
}

static struct answer *send_again(const struct seat *seat, const struct request *first)
{
    struct answer *answer = house_ask(seat, first);
    assert_int_equal(answer->fault, FAULT_NONE);
    return house_ask(seat, first);
}

/* Whoever got no answer sends the same form again, with its token: it was taken once. */
static void case_65_the_same_form_again_is_the_same_record(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    struct request request = {
        .operation = OP_involvement_record, .path_ids = {rhys.id}, .path_id_count = 1, .fields = MINE};
    (void)open_child(&visitor, rhys);
    int64_t claims = house_count(house, "SELECT count(*) FROM claim");
    assert_int_equal(
        access_form_token(house->service->access, visitor.cookie, house->arena, &request.form_token),
        FAULT_NONE);
    assert_int_equal(send_again(&visitor, &request)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), claims + 1);
    /* Another form with this token is another one. */
    request.fields =
        FIELDS("service", "Harbour Health", "kind", "health_visiting", "job", "Health visitor", "phone",
               "01632 960456", "from_day", "1", "from_month", "10", "from_year", "2026");
    assert_int_equal(house_ask(&visitor, &request)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), claims + 2);
    request = (struct request){.operation = OP_involvement_end,
                               .path_ids = {rhys.id, own_of(house_view(&visitor, rhys)->child)->claim.id},
                               .path_id_count = 2,
                               .fields = FIELDS("to_day", "19", "to_month", "11", "to_year", "2026"),
                               .form_token = request.form_token};
    assert_int_equal(send_again(&visitor, &request)->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), claims + 3);
    house_check_log(house);
}

static void recording_nonsense(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    static const struct {
        const char *service, *kind, *phone, *day, *year, *field;
    } cases[] = {
        {"Harbour", "health_visiting", "01632 960456", "1", "2027", "from"},
        {"Harbour", "health_visiting", "01632 960456", "31", "2026", "from"}, /* of September */
        {"Harbour", "health_visiting", "01632 960456", "", "2026", "from"},
        {"Harbour", "witchcraft", "01632 960456", "1", "2026", "kind"},
        {"Harbour", "", "01632 960456", "1", "2026", "kind"},
        {"", "health_visiting", "01632 960456", "1", "2026", "service"},
        {"Harbour", "health_visiting", "", "1", "2026", "phone"},
    };
    int64_t claims = house_count(house, "SELECT count(*) FROM claim");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t before = house_entries(house);
        const struct answer *answer = record(
            &visitor, rhys,
            FIELDS("service", cases[i].service, "kind", cases[i].kind, "job", "Visitor", "phone",
                   cases[i].phone, "from_day", cases[i].day, "from_month", "9", "from_year", cases[i].year));
        if (answer->fault != FAULT_INVALID || answer->recorded)
            fail_msg("case %d: %s", (int)i, fault_name(answer->fault));
        assert_int_equal(house_entries(house), before + 1);
        if (cases[i].day[0] != 0 && strcmp(cases[i].field, "from") == 0)
            assert_true(house_has_error(answer, "from"));
        else if (cases[i].day[0] != 0)
            assert_true(house_has_error(answer, cases[i].field));
    }
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), claims);
}

/* Ended: past for twelve months, then gone (R7.2). */
static void ending(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    assert_int_equal(record(&visitor, rhys, MINE)->fault, FAULT_NONE);
    struct claim_id claim = own_of(house_view(&visitor, rhys)->child)->claim;
    const struct answer *answer = house_ask(&visitor, &(struct request){.operation = OP_involvement_view,
                                                                        .path_ids = {rhys.id, claim.id},
                                                                        .path_id_count = 2});
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->involvement->contact.organisation, "Harbour Health Visiting");
    answer = end(&visitor, rhys, claim, FIELDS("to_day", "30", "to_month", "9", "to_year", "2026"));
    assert_int_equal(answer->fault, FAULT_INVALID); /* before it began */
    assert_true(house_has_error(answer, "to"));
    answer = end(&visitor, rhys, claim, FIELDS("to_day", "30", "to_month", "11", "to_year", "2026"));
    assert_true(house_has_error(answer, "to")); /* not over yet */
    int64_t before = house_entries(house);
    answer = end(&visitor, rhys, claim, FIELDS("to_day", "19", "to_month", "11", "to_year", "2026"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(house_entries(house), before + 1);
    answer = end(&visitor, rhys, claim, FIELDS("to_day", "19", "to_month", "11", "to_year", "2026"));
    assert_int_equal(answer->fault, FAULT_ABSENT);
    const struct child_view *view = house_view(&visitor, rhys)->child;
    assert_int_equal(view->service_count, 1);
    assert_int_equal(view->past_service_count, 2);
    assert_str(view->past_services[0].organisation, "Harbour Health Visiting");
    assert_int_equal(view->past_services[0].to.day, 19);
    house_wait(house, INT64_C(364) * 86400);
    visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    view = open_child(&visitor, rhys);
    assert_int_equal(view->past_service_count, 1); /* that which ended in May is gone */
    house_wait(house, INT64_C(3) * 86400);
    visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_int_equal(open_child(&visitor, rhys)->past_service_count, 0);
    house_check_log(house);
}

/* R7.6: whatever happens to the record, one's own involvement stays visible to oneself. */
static void own_involvement_of_a_shielded_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    assert_int_equal(record(&visitor, rhys, MINE)->fault, FAULT_NONE);
    house_set_state(house, rhys, STATE_LIVE, SHIELD_DECIDED);
    visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_view *view = open_child(&visitor, rhys);
    assert_int_equal(view->service_count, 1);
    assert_true(view->services[0].own);
    assert_str(view->services[0].organisation, "Harbour Health Visiting");
    assert_hidden(view);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    view = open_child(&teacher, rhys);
    assert_int_equal(view->service_count, 0);
    assert_int_equal(view->services_presence, PRESENCE_HIDDEN);
}

struct ending_thread {
    struct seat seat;
    struct child_id child;
    struct claim_id claim;
    struct arena *arena;
    pthread_barrier_t *barrier;
    enum fault fault;
};

static void *end_at_once(void *argument)
{
    struct ending_thread *thread = argument;
    (void)pthread_barrier_wait(thread->barrier);
    const struct answer *answer =
        house_ask_in(&thread->seat,
                     &(struct request){.operation = OP_involvement_end,
                                       .path_ids = {thread->child.id, thread->claim.id},
                                       .path_id_count = 2,
                                       .fields = FIELDS("to_day", "19", "to_month", "11", "to_year", "2026")},
                     thread->arena);
    thread->fault = answer->fault;
    return NULL;
}

/* Two windows end the same involvement at once: one wins, the other learns that it is over. */
static void concurrent_endings(void **state)
{
    enum { WINDOWS = 4 };
    struct house *house = *state;
    struct child_id rhys = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    assert_int_equal(record(&visitor, rhys, MINE)->fault, FAULT_NONE);
    struct claim_id claim = own_of(house_view(&visitor, rhys)->child)->claim;
    int64_t before = house_entries(house);
    int64_t claims = house_count(house, "SELECT count(*) FROM claim");
    struct ending_thread threads[WINDOWS];
    pthread_t handles[WINDOWS];
    pthread_barrier_t barrier;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, WINDOWS), 0);
    for (int i = 0; i < WINDOWS; i++) {
        threads[i] = (struct ending_thread){visitor, rhys, claim, NULL, &barrier, FAULT_NONE};
        assert_int_equal(arena_open(16 * 1024 * 1024, &threads[i].arena), FAULT_NONE);
        assert_int_equal(pthread_create(&handles[i], NULL, end_at_once, &threads[i]), 0);
    }
    int won = 0;
    for (int i = 0; i < WINDOWS; i++) {
        assert_int_equal(pthread_join(handles[i], NULL), 0);
        won += threads[i].fault == FAULT_NONE;
        if (threads[i].fault != FAULT_NONE && threads[i].fault != FAULT_ABSENT &&
            threads[i].fault != FAULT_CONFLICT)
            fail_msg("a window was told %s", fault_name(threads[i].fault));
        arena_close(threads[i].arena);
    }
    (void)pthread_barrier_destroy(&barrier);
    assert_int_equal(won, 1);
    assert_int_equal(house_entries(house), before + WINDOWS);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), claims + 1);
    house_check_log(house);
}

/* The page of one's own account: the last looks, and no name that is hidden meanwhile. */
static void own_looks(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settle(house);
    struct child_id niamh = house_child_id(house, "Ó Briain", "Niamh");
    struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, rhys);
    (void)open_child(&visitor, niamh);
    house_set_state(house, niamh, STATE_SEALED, SHIELD_NONE);
    visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct answer *answer = house_ask(&visitor, &(struct request){.operation = OP_account_view});
    assert_int_equal(answer->fault, FAULT_NONE);
    const struct account_view *view = answer->account;
    assert_str(view->full_name, "Sioned Example");
    assert_str(view->organisation, "Harbour Health Visiting");
    assert_int_equal(view->look_count, 4);
    assert_str(view->looks[0].what, "See who works with a child");
    assert_int_equal(view->looks[0].child.len, 0);
    assert_str(view->looks[2].child, "Rhys Emrys Ap Huw");
    assert_str(view->looks[2].reason, "I am working with this child");
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    answer = house_ask(&teacher, &(struct request){.operation = OP_account_view});
    assert_int_equal(answer->account->look_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(live_child),
        WITH_HOUSE(a_look_is_opened_for_display),
        WITH_HOUSE(details),
        WITH_HOUSE(own_numbers),
        WITH_HOUSE(none_known_and_silent),
        WITH_HOUSE(shielded_child),
        WITH_HOUSE(shielded_child_for_an_override_practitioner),
        WITH_HOUSE(shielded_child_in_results),
        WITH_HOUSE(shield_between_search_and_entry),
        WITH_HOUSE(archived_child),
        WITH_HOUSE(sealed_child),
        WITH_HOUSE(dead_child),
        WITH_HOUSE(form_is_filled_in),
        WITH_HOUSE(recording),
        WITH_HOUSE(recording_twice),
        WITH_HOUSE(case_65_the_same_form_again_is_the_same_record),
        WITH_HOUSE(recording_nonsense),
        WITH_HOUSE(ending),
        WITH_HOUSE(own_involvement_of_a_shielded_child),
        WITH_HOUSE(concurrent_endings),
        WITH_HOUSE(own_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
