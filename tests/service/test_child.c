/* One child's page and its details, and the page of one's own looks. */
#include "settled.h"

static void live_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    int64_t before = house_entries(house);
    const struct child_view *view = settled_open(&visitor, rhys);
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
    const struct child_id child = settled_rhys(house);
    const struct seat seat = house_sign_in(house, "visitor", ROLE_practitioner);
    struct vault_counts before, after;
    assert_int_equal(house_ask_of(&seat, OP_child_reason, child.id, FIELDS("reason", "working"))->fault,
                     FAULT_NONE);
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
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
    int64_t before = house_entries(house);
    const struct answer *answer = house_ask_of(&visitor, OP_child_details, rhys.id, NULL);
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
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat worker = house_sign_in(house, "worker", ROLE_practitioner);
    const struct child_view *view = settled_open(&visitor, rhys);
    assert_int_equal(view->number_count, 1);
    assert_str(view->numbers[0].label, "NHS number");
    assert_str(view->numbers[0].text, "943 476 5919");
    view = settled_open(&teacher, rhys);
    assert_int_equal(view->number_count, 1);
    assert_str(view->numbers[0].text, "P207000016049");
    assert_int_equal(settled_open(&worker, rhys)->number_count, 0);
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
    const struct child_view *view = settled_open(&teacher, house_child_id(house, "Wick", "Ada"));
    assert_int_equal(view->school_presence, PRESENCE_HOME);
    assert_int_equal(view->gp_presence, PRESENCE_NONE);
    assert_int_equal(view->carers_presence, PRESENCE_NONE);
    assert_int_equal(view->services_presence, PRESENCE_NONE);
    view = settled_open(&teacher, house_child_id(house, "Moor", "Ben"));
    assert_int_equal(view->school_presence, PRESENCE_SILENT); /* no census for more than 40 days */
    assert_int_equal(view->school_since.us, instant_of_day((struct day){2026, 9, 1, DAY_EXACT}).us);
    view = settled_open(&teacher, house_child_id(house, "Fenn", "Cai"));
    assert_int_equal(view->gp_presence, PRESENCE_UNREGISTERED);
    view = settled_open(&teacher, house_child_id(house, "Dale", "Dot"));
    assert_int_equal(view->address_presence, PRESENCE_NO_ADDRESS);
    assert_int_equal(view->gp_presence, PRESENCE_NONE);
}

/* The page of one's own account: the last looks, and no name that is hidden meanwhile. */
static void own_looks(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    struct child_id niamh = house_child_id(house, "Ó Briain", "Niamh");
    struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
    (void)settled_open(&visitor, niamh);
    house_set_state(house, niamh, CHILD_SEALED, SHIELD_NONE);
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
        WITH_HOUSE(live_child),  WITH_HOUSE(a_look_is_opened_for_display), WITH_HOUSE(details),
        WITH_HOUSE(own_numbers), WITH_HOUSE(none_known_and_silent),        WITH_HOUSE(own_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
