/* One's own involvement with a child (R7): recorded, ended, and still seen whatever happens to the record. */
#include "settled.h"

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

static void form_is_filled_in(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
    const struct answer *answer = house_ask_of(&visitor, OP_involvement_page, rhys.id, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->involvement->child.name.text, "Rhys Emrys Ap Huw");
    assert_str(answer->involvement->contact.organisation, "Harbour Health Visiting");
    assert_str(answer->involvement->contact.kind, "health_visiting");
    assert_str(answer->involvement->contact.phone, "01632 960456");
}

static void recording(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
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
    const struct child_view *theirs = settled_open(&teacher, rhys);
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
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
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
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    struct request request = {
        .operation = OP_involvement_record, .path_ids = {rhys.id}, .path_id_count = 1, .fields = MINE};
    (void)settled_open(&visitor, rhys);
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
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
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
    struct child_id rhys = settled_rhys(house);
    struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
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
    view = settled_open(&visitor, rhys);
    assert_int_equal(view->past_service_count, 1); /* that which ended in May is gone */
    house_wait(house, INT64_C(3) * 86400);
    visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_int_equal(settled_open(&visitor, rhys)->past_service_count, 0);
    house_check_log(house);
}

/* R7.6: whatever happens to the record, one's own involvement stays visible to oneself. */
static void own_involvement_of_a_shielded_child(void **state)
{
    struct house *house = *state;
    struct child_id rhys = settled_rhys(house);
    struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
    assert_int_equal(record(&visitor, rhys, MINE)->fault, FAULT_NONE);
    house_set_state(house, rhys, CHILD_LIVE, SHIELD_DECIDED);
    visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct child_view *view = settled_open(&visitor, rhys);
    assert_int_equal(view->service_count, 1);
    assert_true(view->services[0].own);
    assert_str(view->services[0].organisation, "Harbour Health Visiting");
    settled_hides(view);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    view = settled_open(&teacher, rhys);
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
    struct child_id rhys = settled_rhys(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)settled_open(&visitor, rhys);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(form_is_filled_in),
        WITH_HOUSE(recording),
        WITH_HOUSE(recording_twice),
        WITH_HOUSE(case_65_the_same_form_again_is_the_same_record),
        WITH_HOUSE(recording_nonsense),
        WITH_HOUSE(ending),
        WITH_HOUSE(own_involvement_of_a_shielded_child),
        WITH_HOUSE(concurrent_endings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
