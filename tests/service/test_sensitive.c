/* Sensitive services and consent (R8): one line for others, and without consent nothing, anywhere. */
#include "house.h"

#define SERVICE                                                                                              \
    "service", "Moorings", "kind", "sexual_health", "job", "Nurse", "phone", "01632 960456", "email", "",    \
        "from_day", "1", "from_month", "10", "from_year", "2026"
#define CONSENT                                                                                              \
    "consent", "asked", "consent_giver", "child", "consent_name", "Mari Tudur", "agreed_day", "1",           \
        "agreed_month", "10", "agreed_year", "2026", "consent_way", "person", "consent_because",             \
        "She explained back what it means", "consent_scope", "mark"

static struct child_id settle(struct house *house)
{
    struct row row = house_child("h1", "Tudur", "Mari", "2010-04-02");
    row.at[COLUMN_postcode] = STR("TS24 7AA");
    row.at[COLUMN_authority] = STR("E06000001");
    assert_int_equal(house_load(house, SOURCE_health, &row, 1).created, 1);
    return house_child_id(house, "Tudur", "Mari");
}

static struct answer *about(const struct seat *seat, enum operation operation, struct child_id child,
                            const char *const *fields)
{
    return house_ask(
        seat, &(struct request){
                  .operation = operation, .path_ids = {child.id}, .path_id_count = 1, .fields = fields});
}

static struct answer *withdraw(const struct seat *seat, struct child_id child, struct claim_id claim)
{
    return house_ask(seat, &(struct request){.operation = OP_consent_withdraw,
                                             .path_ids = {child.id, claim.id},
                                             .path_id_count = 2});
}

static struct child_view *open_child(const struct seat *seat, struct child_id child)
{
    assert_int_equal(about(seat, OP_child_reason, child, FIELDS("reason", "working"))->fault, FAULT_NONE);
    struct answer *answer = house_view(seat, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->child;
}

static struct answer *record(const struct seat *seat, struct child_id child, const char *const *fields)
{
    (void)open_child(seat, child);
    return about(seat, OP_involvement_record, child, fields);
}

/* R8.1: the first form leads to the question who has agreed; nothing is recorded until it is answered whole.
 */
static void consent_is_asked_first(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    struct answer *answer = record(&visitor, mari, FIELDS(SERVICE));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_false(answer->recorded);
    assert_non_null(answer->involvement->consent);
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), 1);
    answer = record(&visitor, mari, FIELDS(SERVICE, "consent", "asked"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_non_null(answer->involvement->consent);
    static const char *const wrong[] = {"consent_giver", "consent_name",    "agreed",
                                        "consent_way",   "consent_because", "consent_scope"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_true(house_has_error(answer, wrong[i]));
    answer = record(&visitor, mari,
                    FIELDS(SERVICE, "consent", "asked", "consent_giver", "child", "consent_name", "Mari",
                           "agreed_day", "1", "agreed_month", "10", "agreed_year", "2031", "consent_way",
                           "person", "consent_because", "aaaaaaaaaaaaaa", "consent_scope", "everything"));
    assert_true(house_has_error(answer, "agreed"));
    assert_true(house_has_error(answer, "consent_because"));
    assert_true(house_has_error(answer, "consent_scope"));
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), 1);
    house_check_log(house);
}

/* R8.3: one line for others, whatever the number; the service itself sees its own. */
static void others_see_one_line(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_false(open_child(&teacher, mari)->sensitive_mark);
    struct answer *answer = record(&visitor, mari, FIELDS(SERVICE, CONSENT));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    for (int services = 1; services <= 2; services++) {
        const struct child_view *view = open_child(&teacher, mari);
        assert_true(view->sensitive_mark);
        assert_int_equal(view->service_count, 0);
        assert_int_equal(view->past_service_count, 0);
        const struct seat worker = house_sign_in(house, "worker", ROLE_practitioner);
        if (services == 1)
            assert_true(
                record(&worker, mari,
                       FIELDS("service", "Sandbank", "kind", "substance_misuse", "job", "Adviser", "phone",
                              "01632 960111", "from_day", "2", "from_month", "10", "from_year", "2026",
                              "consent", "asked", "consent_giver", "harm", "agreed_day", "2", "agreed_month",
                              "10", "agreed_year", "2026", "consent_way", "writing", "consent_because",
                              "An overdose on the first of October", "consent_scope", "contact"))
                    ->recorded);
    }
    const struct child_view *own = open_child(&visitor, mari);
    assert_true(own->sensitive_mark);
    assert_int_equal(own->service_count, 1);
    assert_true(own->services[0].own);
    assert_true(own->services[0].sensitive);
    assert_str(own->services[0].organisation, "Moorings");
    house_check_log(house);
}

/* R8.2: taking it back removes the involvement from every view at once, its own service's and its past too.
 */
static void withdrawal_leaves_nothing(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_true(record(&visitor, mari, FIELDS(SERVICE, CONSENT))->recorded);
    struct claim_id claim = open_child(&visitor, mari)->services[0].claim;
    (void)open_child(&teacher, mari);
    assert_int_equal(withdraw(&teacher, mari, claim)->fault, FAULT_ABSENT); /* it is not theirs */
    assert_true(open_child(&teacher, mari)->sensitive_mark);
    (void)open_child(&visitor, mari);
    assert_true(withdraw(&visitor, mari, claim)->recorded);
    const struct seat seats[] = {visitor, teacher};
    for (size_t i = 0; i < 2; i++) {
        const struct child_view *view = open_child(&seats[i], mari);
        assert_false(view->sensitive_mark);
        assert_int_equal(view->service_count, 0);
        assert_int_equal(view->past_service_count, 0);
    }
    assert_int_equal(withdraw(&visitor, mari, claim)->fault, FAULT_ABSENT);
    assert_true(record(&visitor, mari, FIELDS(SERVICE, CONSENT))->recorded); /* agreed to anew */
    assert_true(open_child(&teacher, mari)->sensitive_mark);
    house_check_log(house);
}

/* One that has ended is no line any more, and in nobody's list of what is past but its own service's. */
static void ended_is_no_line(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_true(record(&visitor, mari, FIELDS(SERVICE, CONSENT))->recorded);
    struct claim_id claim = open_child(&visitor, mari)->services[0].claim;
    assert_true(house_ask(&visitor, &(struct request){.operation = OP_involvement_end,
                                                      .path_ids = {mari.id, claim.id},
                                                      .path_id_count = 2,
                                                      .fields = FIELDS("to_day", "1", "to_month", "11",
                                                                       "to_year", "2026")})
                    ->recorded);
    assert_int_equal(open_child(&visitor, mari)->past_service_count, 1);
    const struct child_view *view = open_child(&teacher, mari);
    assert_false(view->sensitive_mark);
    assert_int_equal(view->past_service_count, 0);
}

/* R3.5: an organisation that is not accredited for it is not offered it, and cannot send it. */
static void only_who_is_accredited(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house);
    struct organisation organisation = house_organisation(house, 1);
    organisation.capabilities &= ~(1U << CAPABILITY_sensitive_service);
    house_change_organisation(house, organisation);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    (void)open_child(&visitor, mari);
    assert_false(about(&visitor, OP_involvement_page, mari, NULL)->involvement->offers_sensitive);
    struct answer *answer = record(&visitor, mari, FIELDS(SERVICE, CONSENT));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "kind"));
    assert_int_equal(house_count(house, "SELECT count(*) FROM claim"), 1);
}

/* What the organisation of both teachers is from now on. */
static void make_school(struct house *house, enum service_kind service, uint32_t capabilities)
{
    struct organisation school = house_organisation(house, 0);
    school.service = service;
    school.capabilities = capabilities;
    house_change_organisation(house, school);
}

/* R8.3: its own service is an organisation with that kind of service: whoever works there sees it and may not
 * end it; nobody elsewhere, in another kind of service, or of an organisation that is accredited no more. */
static void a_service_sees_its_own(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house);
    const struct seat recorder = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat colleague = house_sign_in(house, "second.teacher", ROLE_practitioner);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_true(record(&recorder, mari, FIELDS(SERVICE, CONSENT))->recorded);
    const struct claim_id claim = open_child(&recorder, mari)->services[0].claim;
    assert_int_equal(open_child(&colleague, mari)->service_count, 0); /* it is a school */
    make_school(house, SERVICE_sexual_health, UINT32_MAX);
    const struct child_view *view = open_child(&colleague, mari);
    assert_int_equal(view->service_count, 1);
    assert_str(view->services[0].organisation, "Moorings");
    assert_true(view->services[0].sensitive);
    assert_false(view->services[0].own);
    assert_true(view->sensitive_mark);
    assert_int_equal(withdraw(&colleague, mari, claim)->fault, FAULT_ABSENT);
    assert_int_equal(open_child(&visitor, mari)->service_count, 0);
    assert_true(open_child(&visitor, mari)->sensitive_mark);
    make_school(house, SERVICE_sexual_health, ~(1U << CAPABILITY_sensitive_service));
    assert_int_equal(open_child(&colleague, mari)->service_count, 0);
    assert_int_equal(open_child(&recorder, mari)->service_count, 1); /* R7.6: one's own */
    make_school(house, SERVICE_mental_health, UINT32_MAX);
    assert_int_equal(open_child(&colleague, mari)->service_count, 0);
    make_school(house, SERVICE_sexual_health, UINT32_MAX);
    house_set_state(house, mari, CHILD_LIVE, SHIELD_DECIDED); /* R9.3 */
    assert_int_equal(open_child(&colleague, mari)->service_count, 0);
    house_set_state(house, mari, CHILD_LIVE, SHIELD_NONE);
    assert_int_equal(open_child(&colleague, mari)->service_count, 1);
    (void)open_child(&recorder, mari);
    assert_true(withdraw(&recorder, mari, claim)->recorded);
    view = open_child(&colleague, mari);
    assert_int_equal(view->service_count, 0);
    assert_int_equal(view->past_service_count, 0);
    assert_false(view->sensitive_mark);
    house_check_log(house);
}

/* Case 38: to everybody else a child whose consent was withdrawn is as one that never had such a service. */
static void case_38_without_consent_as_none(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct child_view before = *open_child(&teacher, mari);
    assert_true(record(&visitor, mari, FIELDS(SERVICE, CONSENT))->recorded);
    struct claim_id claim = open_child(&visitor, mari)->services[0].claim;
    assert_true(withdraw(&visitor, mari, claim)->recorded);
    const struct child_view after = *open_child(&teacher, mari);
    assert_int_equal(after.services_presence, before.services_presence);
    assert_int_equal(after.service_count, before.service_count);
    assert_int_equal(after.past_service_count, before.past_service_count);
    assert_int_equal(after.sensitive_mark, before.sensitive_mark);
    assert_int_equal(after.number_count, before.number_count);
    assert_int_equal(after.state, before.state);
}

/* Case 64: a consent is in force or withdrawn whatever the clock says. */
static void case_64_a_withdrawal_outlives_the_clock(void **state)
{
    enum { DAYS_S = 60 * 24 * 3600 };
    struct house *house = *state;
    struct child_id mari = settle(house);
    struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_true(record(&visitor, mari, FIELDS(SERVICE, CONSENT))->recorded);
    house_wait(house, -DAYS_S); /* before the day on which it was agreed to */
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_true(open_child(&teacher, mari)->sensitive_mark);
    assert_int_equal(open_child(&teacher, mari)->service_count, 0);
    struct answer *answer = record(&teacher, mari, FIELDS(SERVICE, CONSENT));
    assert_int_equal(answer->fault, FAULT_INVALID); /* a day in the future is none */
    house_wait(house, 2 * (int64_t)DAYS_S);
    visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct claim_id claim = open_child(&visitor, mari)->services[0].claim;
    assert_true(withdraw(&visitor, mari, claim)->recorded);
    house_wait(house, -2 * (int64_t)DAYS_S + 3600);
    const struct seat worker = house_sign_in(house, "worker", ROLE_practitioner);
    const struct child_view *view = open_child(&worker, mari);
    assert_false(view->sensitive_mark);
    assert_int_equal(view->service_count, 0);
    assert_int_equal(view->past_service_count, 0);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(consent_is_asked_first),    WITH_HOUSE(others_see_one_line),
        WITH_HOUSE(withdrawal_leaves_nothing), WITH_HOUSE(ended_is_no_line),
        WITH_HOUSE(only_who_is_accredited),    WITH_HOUSE(case_38_without_consent_as_none),
        WITH_HOUSE(a_service_sees_its_own),    WITH_HOUSE(case_64_a_withdrawal_outlives_the_clock),
    };
    return cmocka_run_group_tests_name("service/sensitive", tests, NULL, NULL);
}
