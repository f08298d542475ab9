/* What is hidden is absent: each cell of the matrix, and each group by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/disclose.h"

enum { CLAIMS = 6, MINE = 4, ENDED = 3, CLAIMS_MAX = 9 };

/* A child of whom everything is known: two sources' rows, a service, an ended one, the caller's own, a
 * former address. */
struct known {
    struct arena *arena;
    struct claim claims[CLAIMS_MAX]; /* CLAIMS of them are the child's, until a test adds sensitive ones */
    struct child child;
    struct caller caller;
    struct freshness freshness;
};

static const struct instant now = {INT64_C(1795200000) * 1000000}; /* 20 November 2026 */

static void say(struct claim *claim, enum column column, const char *text)
{
    claim->row.at[column] = str_of(text);
}

static struct claim claim_of(uint8_t id, enum row_kind kind, enum source source)
{
    return (struct claim){.claim = {{{id}}}, .kind = kind, .source = source, .recorded = {now.us - id}};
}

static struct claim service_of(uint8_t id, enum source source, const char *name)
{
    struct claim claim = claim_of(id, ROW_INVOLVEMENT, source);
    say(&claim, COLUMN_record, "r1");
    say(&claim, COLUMN_involvement, name);
    say(&claim, COLUMN_service_kind, "family_support");
    say(&claim, COLUMN_service, name);
    say(&claim, COLUMN_phone, "01632 960777");
    say(&claim, COLUMN_from, "2026-01-05");
    return claim;
}

static void fill_claims(struct known *known)
{
    known->claims[0] = claim_of(1, ROW_CHILD, SOURCE_health);
    struct claim *health = &known->claims[0];
    say(health, COLUMN_family, "Ap Huw");
    say(health, COLUMN_given, "Rhys");
    say(health, COLUMN_address_1, "7 Harbour Terrace");
    say(health, COLUMN_postcode, "TS24 7AA");
    say(health, COLUMN_carer1_family, "Ap Huw");
    say(health, COLUMN_carer1_given, "Ffion");
    say(health, COLUMN_gp_code, "A81001");
    say(health, COLUMN_gp_name, "Seaview Surgery");
    known->claims[1] = claim_of(2, ROW_CHILD, SOURCE_education);
    say(&known->claims[1], COLUMN_postcode, "LS1 4AB");
    say(&known->claims[1], COLUMN_school_code, "111555");
    say(&known->claims[1], COLUMN_school_name, "Northgate Primary School");
    known->claims[2] = service_of(3, SOURCE_social_care, "Riverside Team");
    known->claims[ENDED] = service_of(4, SOURCE_social_care, "Bridge House");
    say(&known->claims[ENDED], COLUMN_to, "2026-05-01");
    known->claims[MINE] = service_of(5, SOURCE_NONE, "My own service");
    known->claims[MINE].recorder.id.byte[0] = 77;
    known->claims[5] = service_of(6, SOURCE_NONE, "Somebody else's");
    known->claims[5].recorder.id.byte[0] = 78;
}

static int set_up(void **state)
{
    static struct known known;
    known = (struct known){.child = {.child = {{{9}}},
                                     .state = RECORD_LIVE,
                                     .authority = STR("E06000001"),
                                     .number = STR("7K4M2X9QRT5"),
                                     .claims = known.claims,
                                     .claim_count = CLAIMS}};
    fill_claims(&known);
    struct person *person = &known.child.person;
    person->names[0] = (struct person_name){NAME_CURRENT, STR("Ap Huw"), STR("Rhys"), STR("Emrys")};
    person->names[1] = (struct person_name){NAME_KNOWN_AS, STR(""), STR("Rhyso"), STR("")};
    person->names[2] = (struct person_name){NAME_FORMER, STR("Quillfeather"), STR("Rhys"), STR("")};
    person->names[3] = (struct person_name){NAME_VARIANT, STR("Ap Hugh"), STR("Rhys"), STR("")};
    person->name_count = 4;
    person->sex = SEX_MALE;
    person->birth = (struct day){2014, 3, 27, DAY_EXACT};
    person->numbers[0] = (struct person_number){NUMBER_nhs, STR("9434765919")};
    person->numbers[1] = (struct person_number){NUMBER_upn, STR("P207000016049")};
    person->numbers[2] = (struct person_number){NUMBER_contactpoint, STR("7K4M2X9QRT5")};
    person->number_count = 3;
    known.caller.account.account.id.byte[0] = 77;
    known.caller.organisation.body = BODY_HEALTH;
    known.caller.organisation.authority = STR("E06000002");
    if (arena_open(1024 * 1024, &known.arena) != FAULT_NONE)
        return -1;
    *state = &known;
    return 0;
}

static int tear_down(void **state)
{
    arena_close(((struct known *)*state)->arena);
    return 0;
}

static struct child_view *view_with(struct known *known, field_mask mask)
{
    struct child_view *view = NULL;
    field_mask sight[RECORD_STATES + 1] = {0};
    sight[known->child.state] = mask;
    const struct disclosure disclosure = {&known->caller, sight, &known->freshness, now, known->arena};
    assert_int_equal(disclose_child(&disclosure, &known->child, &view), FAULT_NONE);
    return view;
}

static bool has_service(const struct contact_view *services, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(services[i].organisation, str_of(name)))
            return true;
    return false;
}

static bool has_number(const struct child_view *view, const char *label)
{
    for (size_t i = 0; i < view->number_count; i++)
        if (str_equal(view->numbers[i].label, str_of(label)))
            return true;
    return false;
}

/* Everything in a view follows from the mask, and from nothing else. */
static void assert_shows(const struct child_view *view, field_mask mask)
{
    bool services = (mask & MASK(SERVICES)) != 0, own = (mask & MASK(OWN_SERVICES)) != 0;
    bool own_numbers = (mask & (MASK(OWN_NUMBERS) | MASK(NUMBERS))) != 0;
    assert_int_equal(view->name.text.len, 17);
    assert_int_equal(view->former_name_count, (mask & MASK(FORMER_NAMES)) != 0);
    assert_int_equal(view->address_presence, mask & MASK(WHEREABOUTS) ? PRESENCE_VALUE : PRESENCE_HIDDEN);
    assert_int_equal(view->address.text.len > 0, (mask & MASK(WHEREABOUTS)) != 0);
    assert_int_equal(view->former_address_count, (mask & MASK(WHEREABOUTS)) != 0);
    assert_int_equal(view->carers_presence, mask & MASK(CARERS) ? PRESENCE_VALUE : PRESENCE_HIDDEN);
    assert_int_equal(view->carer_count, (mask & MASK(CARERS)) != 0);
    assert_int_equal(view->school_presence, mask & MASK(EDUCATION) ? PRESENCE_VALUE : PRESENCE_HIDDEN);
    assert_int_equal(view->school.organisation.len > 0, (mask & MASK(EDUCATION)) != 0);
    assert_int_equal(view->gp_presence, mask & MASK(PRIMARY_CARE) ? PRESENCE_VALUE : PRESENCE_HIDDEN);
    assert_int_equal(view->gp.organisation.len > 0, (mask & MASK(PRIMARY_CARE)) != 0);
    assert_int_equal(has_service(view->services, view->service_count, "Riverside Team"), services);
    assert_int_equal(has_service(view->services, view->service_count, "Somebody else's"), services);
    assert_int_equal(has_service(view->services, view->service_count, "My own service"), services || own);
    assert_int_equal(view->service_count, services ? 3 : own ? 1 : 0);
    assert_int_equal(view->services_presence, services || own ? PRESENCE_VALUE : PRESENCE_HIDDEN);
    assert_int_equal(view->past_service_count, (mask & MASK(PAST_SERVICES)) != 0);
    assert_int_equal(has_number(view, "NHS number"), own_numbers);
    assert_int_equal(has_number(view, "Unique pupil number"), (mask & MASK(NUMBERS)) != 0);
    assert_int_equal(view->authority.len > 0, (mask & MASK(AUTHORITY)) != 0);
    assert_false(view->sensitive_mark); /* nothing sensitive is recorded of them */
    assert_int_equal(view->custody != NULL, (mask & MASK(CUSTODY)) != 0);
    for (size_t i = 0; i < view->service_count; i++) {
        bool mine = own && str_equal(view->services[i].organisation, STR("My own service"));
        assert_int_equal(view->services[i].own, mine);
        assert_int_equal(!id_is_zero(view->services[i].claim.id), mine);
    }
}

/* A practitioner's column of the matrix, read from rules.md a second time. */
static void each_cell(void **state)
{
    struct known *known = *state;
    const field_mask live = MASK(IDENTITY) | MASK(FORMER_NAMES) | MASK(WHEREABOUTS) | MASK(CARERS) |
                            MASK(EDUCATION) | MASK(PRIMARY_CARE) | MASK(SERVICES) | MASK(PAST_SERVICES) |
                            MASK(OWN_SERVICES) | MASK(OWN_SENSITIVE) | MASK(SENSITIVE_MARK) |
                            MASK(OWN_NUMBERS) | MASK(AUTHORITY);
    const field_mask wanted[RECORD_STATES + 1] = {[RECORD_LIVE] = live,
                                                  [RECORD_SHIELDED] = MASK(IDENTITY) | MASK(OWN_SERVICES),
                                                  [RECORD_DEAD] = live & ~MASK(SERVICES)};
    for (int record = RECORD_LIVE; record <= RECORD_STATES; record++) {
        struct child_view *view = NULL;
        struct result_view row;
        const struct match_candidate candidate = {.exact = true};
        field_mask sight[RECORD_STATES + 1];
        for (int i = 0; i <= RECORD_STATES; i++)
            sight[i] = i == 0 ? 0 : policy_sight(ROLE_practitioner, (enum record_state)i);
        const struct disclosure disclosure = {&known->caller, sight, &known->freshness, now, known->arena};
        known->child.state = (enum record_state)record;
        enum fault fault = disclose_child(&disclosure, &known->child, &view);
        enum fault row_fault = disclose_result(&disclosure, &known->child, &candidate, NULL, &row);
        assert_int_equal(fault, wanted[record] == 0 ? FAULT_ABSENT : FAULT_NONE);
        assert_int_equal(row_fault, fault);
        if (fault == FAULT_NONE)
            assert_shows(view, wanted[record]);
        else
            assert_null(view);
    }
}

/* Each group alone, and all groups but one. */
static void each_group(void **state)
{
    struct known *known = *state;
    const field_mask all = ((field_mask)1 << GROUPS_END) - 2;
    for (int group = 1; group < GROUPS_END; group++) {
        const field_mask one = (field_mask)1 << group;
        assert_shows(view_with(known, MASK(IDENTITY) | one), MASK(IDENTITY) | one);
        if (group != GROUP_IDENTITY)
            assert_shows(view_with(known, all & ~one), all & ~one);
    }
}

/* Adds a sensitive involvement, in force, of somebody else's. */
static struct claim *add_sensitive(struct known *known, bool consented)
{
    struct claim *claim = &known->claims[known->child.claim_count++];
    *claim = service_of((uint8_t)(10 + known->child.claim_count), SOURCE_NONE, "Quiet House");
    say(claim, COLUMN_service_kind, "mental_health");
    claim->recorder.id.byte[0] = 78;
    claim->consented = consented;
    return claim;
}

static bool services_equal(const struct contact_view *a, const struct contact_view *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!str_equal(a[i].organisation, b[i].organisation) || !str_equal(a[i].kind, b[i].kind) ||
            a[i].sensitive != b[i].sensitive)
            return false;
    return true;
}

static void assert_same_services(const struct child_view *a, const struct child_view *b)
{
    assert_int_equal(a->service_count, b->service_count);
    assert_int_equal(a->past_service_count, b->past_service_count);
    assert_int_equal(a->services_presence, b->services_presence);
    assert_int_equal(a->sensitive_mark, b->sensitive_mark);
    assert_true(services_equal(a->services, b->services, a->service_count));
    assert_true(services_equal(a->past_services, b->past_services, a->past_service_count));
}

static field_mask mask_of(enum viewer viewer, enum record_state record)
{
    return policy_sight_of(viewer, record);
}

/* R8.4: without consent every view is that of a child with no sensitive service; for all viewers, states. */
static void case_38_without_consent_nobody_sees_a_difference(void **state)
{
    struct known *known = *state;
    for (enum viewer viewer = VIEWER_NOBODY + 1; viewer < VIEWERS_END; viewer++) {
        for (int record = RECORD_LIVE; record <= RECORD_STATES; record++) {
            const field_mask mask = mask_of(viewer, (enum record_state)record);
            if (mask == 0)
                continue;
            known->child.state = (enum record_state)record;
            known->child.claim_count = CLAIMS;
            const struct child_view without = *view_with(known, mask);
            (void)add_sensitive(known, false);
            add_sensitive(known, false)->superseded = true;
            const struct child_view with = *view_with(known, mask);
            assert_same_services(&without, &with);
            if (with.custody != NULL)
                assert_int_equal(with.custody->history_count, without.custody->history_count);
        }
    }
}

/* R8.3: one line, whatever the number; the officer of a case sees which. */
static void one_line_stands_for_sensitive_services(void **state)
{
    struct known *known = *state;
    static const struct {
        enum viewer viewer;
        enum record_state record;
        bool mark, details;
    } cells[] = {
        {VIEWER_practitioner, RECORD_LIVE, true, false}, {VIEWER_practitioner, RECORD_SHIELDED, false, false},
        {VIEWER_practitioner, RECORD_DEAD, true, false}, {VIEWER_overrider, RECORD_SHIELDED, true, false},
        {VIEWER_officer, RECORD_SHIELDED, true, true},   {VIEWER_officer, RECORD_LIVE, true, true},
    };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        const field_mask mask = mask_of(cells[i].viewer, cells[i].record);
        known->child.state = cells[i].record;
        known->child.claim_count = CLAIMS;
        const struct child_view none = *view_with(known, mask);
        (void)add_sensitive(known, true);
        const struct child_view one = *view_with(known, mask);
        (void)add_sensitive(known, true);
        const struct child_view two = *view_with(known, mask);
        assert_false(none.sensitive_mark);
        assert_int_equal(one.sensitive_mark, cells[i].mark);
        assert_int_equal(two.sensitive_mark, cells[i].mark);
        assert_int_equal(one.service_count, none.service_count + (cells[i].details ? 1 : 0));
        assert_int_equal(two.service_count, none.service_count + (cells[i].details ? 2 : 0));
        assert_int_equal(has_service(two.services, two.service_count, "Quiet House"), cells[i].details);
        assert_int_equal(two.past_service_count, none.past_service_count);
    }
}

/* R7.6, R8.3: one's own is seen in any state, sensitive or not; R8.2: until consent is withdrawn. */
static void ones_own_is_always_seen(void **state)
{
    struct known *known = *state;
    const field_mask mask = mask_of(VIEWER_practitioner, RECORD_SHIELDED);
    struct claim *claim = add_sensitive(known, true);
    claim->recorder.id.byte[0] = 77;
    known->child.state = RECORD_SHIELDED;
    const struct child_view *view = view_with(known, mask);
    assert_int_equal(view->service_count, 2);
    assert_true(has_service(view->services, view->service_count, "Quiet House"));
    assert_false(view->sensitive_mark);
    assert_false(view->opened);
    claim->consented = false;
    view = view_with(known, mask);
    assert_false(has_service(view->services, view->service_count, "Quiet House"));
}

/* R8.3: a sensitive service is its organisation and kind: colleagues of another kind or elsewhere see a line,
 * whoever is of it sees what it is, until it is shielded. */
static void ones_own_service_is_seen(void **state)
{
    struct known *known = *state;
    static const struct {
        uint8_t organisation;
        enum service_kind service;
        bool seen;
    } callers[] = {{5, SERVICE_mental_health, true},
                   {5, SERVICE_sexual_health, false},
                   {5, SERVICE_NONE, false},
                   {6, SERVICE_mental_health, false},
                   {0, SERVICE_mental_health, false}};
    const field_mask live = mask_of(VIEWER_practitioner, RECORD_LIVE);
    struct claim *claim = add_sensitive(known, true);
    claim->organisation.id.byte[0] = 5;
    for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++) {
        known->caller.organisation.organisation.id.byte[0] = callers[i].organisation;
        known->caller.organisation.service = callers[i].service;
        known->child.state = RECORD_LIVE;
        const struct child_view *view = view_with(known, live);
        assert_true(view->sensitive_mark);
        assert_int_equal(has_service(view->services, view->service_count, "Quiet House"), callers[i].seen);
        for (size_t k = 0; k < view->service_count; k++) { /* theirs, and not the caller's own to end */
            assert_false(view->services[k].sensitive && view->services[k].own);
            assert_false(view->services[k].sensitive && !id_is_zero(view->services[k].claim.id));
        }
        view = view_with(known, live & ~MASK(OWN_SENSITIVE)); /* accredited for it no more */
        assert_false(has_service(view->services, view->service_count, "Quiet House"));
        known->child.state = RECORD_SHIELDED;
        view = view_with(known, mask_of(VIEWER_practitioner, RECORD_SHIELDED));
        assert_false(has_service(view->services, view->service_count, "Quiet House"));
    }
    known->caller.organisation.organisation.id.byte[0] = 5;
    known->caller.organisation.service = SERVICE_mental_health;
    known->child.state = RECORD_LIVE;
    claim->organisation.id.byte[0] = 0; /* as earlier versions wrote it: the recorder's alone */
    const struct child_view *view = view_with(known, live);
    assert_false(has_service(view->services, view->service_count, "Quiet House"));
    claim->organisation.id.byte[0] = 5;
    claim->consented = false; /* R8.2 */
    view = view_with(known, live);
    assert_false(has_service(view->services, view->service_count, "Quiet House"));
    assert_false(view->sensitive_mark);
}

/* R8.2: a sensitive involvement that has ended is no line any more. */
static void an_ended_sensitive_service_leaves_no_line(void **state)
{
    struct known *known = *state;
    struct claim *claim = add_sensitive(known, true);
    const field_mask mask = mask_of(VIEWER_practitioner, RECORD_LIVE);
    say(claim, COLUMN_to, "2026-11-20");
    const struct child_view *view = view_with(known, mask);
    assert_false(view->sensitive_mark);
    assert_int_equal(view->past_service_count, 1);
}

/* R10, R9: what an override and an officer's case open, and that the view says so. */
static void a_shielded_record_that_is_opened(void **state)
{
    struct known *known = *state;
    known->child.state = RECORD_SHIELDED;
    known->child.columns.shield = SHIELD_PROVISIONAL;
    const field_mask over = mask_of(VIEWER_overrider, RECORD_SHIELDED),
                     officer = mask_of(VIEWER_officer, RECORD_SHIELDED);
    const struct child_view *view = view_with(known, over);
    assert_shows(view, over);
    assert_true(view->opened);
    assert_int_equal(view->numbers[0].source.len, 0);
    view = view_with(known, officer);
    assert_true(view->opened);
    assert_true(str_equal(view->custody->shield, STR("Provisional")));
    assert_int_equal(view->custody->history_count, CLAIMS);
    assert_true(str_equal(view->numbers[1].source, STR("Education")));
    assert_int_equal(view->service_count, 3);
    assert_false(view->services[0].own);
    known->child.state = RECORD_LIVE;
    assert_false(view_with(known, mask_of(VIEWER_officer, RECORD_LIVE))->opened);
}

/* Without identity there is nothing, whatever else the mask holds. */
static void nothing_without_identity(void **state)
{
    struct known *known = *state;
    struct child_view *view = NULL;
    const field_mask sight[RECORD_STATES + 1] = {[RECORD_LIVE] =
                                                     (((field_mask)1 << GROUPS_END) - 2) & ~MASK(IDENTITY)};
    const struct disclosure disclosure = {&known->caller, sight, &known->freshness, now, known->arena};
    assert_int_equal(disclose_child(&disclosure, &known->child, &view), FAULT_ABSENT);
    assert_null(view);
}

/* Two children who differ only in what is hidden give the same view, byte by byte of what it points to. */
static void hidden_facts_change_nothing(void **state)
{
    struct known *known = *state;
    known->child.state = RECORD_SHIELDED;
    const field_mask mask = policy_sight(ROLE_practitioner, RECORD_SHIELDED);
    const struct child_view full = *view_with(known, mask);
    known->child.claims = &known->claims[MINE];
    known->child.claim_count = 1;
    known->child.authority = STR("");
    known->child.person.name_count = 2;
    known->child.person.number_count = 0;
    known->freshness.as_of[SOURCE_education] = (struct day){2026, 1, 1, DAY_EXACT};
    struct child_view bare = *view_with(known, mask);
    assert_int_equal(full.service_count, bare.service_count);
    assert_true(str_equal(full.name.text, bare.name.text));
    assert_true(str_equal(full.number, bare.number));
    assert_true(str_equal(full.services[0].organisation, bare.services[0].organisation));
    assert_int_equal(full.services_presence, bare.services_presence);
    assert_shows(&full, mask);
    assert_shows(&bare, mask);
    assert_int_equal(bare.school_since.us, 0);
    assert_int_equal(full.school_since.us, 0);
}

static void past_for_twelve_months(void **state)
{
    struct known *known = *state;
    const field_mask mask = policy_sight(ROLE_practitioner, RECORD_LIVE);
    static const struct {
        const char *to;
        size_t current, past;
    } cases[] = {{"2026-11-21", 4, 0}, {"2026-11-20", 3, 1}, {"2025-11-20", 3, 1}, {"2025-11-19", 3, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        say(&known->claims[ENDED], COLUMN_to, cases[i].to);
        const struct child_view *view = view_with(known, mask);
        assert_int_equal(view->service_count, cases[i].current);
        assert_int_equal(view->past_service_count, cases[i].past);
    }
}

/* An ended involvement that a newer claim of the same speaks of is shown once. */
static void superseded_services_are_shown_once(void **state)
{
    struct known *known = *state;
    const field_mask mask = policy_sight(ROLE_practitioner, RECORD_LIVE);
    known->claims[5] = service_of(6, SOURCE_social_care, "Riverside Team");
    known->claims[5].recorded.us = now.us;
    known->claims[2].superseded = true;
    known->claims[2].superseded_month = month_of_instant(now);
    const struct child_view *view = view_with(known, mask);
    assert_int_equal(view->service_count, 2);
    assert_int_equal(view->past_service_count, 1);
    assert_true(has_service(view->services, view->service_count, "Riverside Team"));
    known->child.claim_count = 5; /* now nothing newer speaks of it: the source has ended it */
    view = view_with(known, mask);
    assert_int_equal(view->service_count, 1);
    assert_int_equal(view->past_service_count, 2);
}

static void rows_of_a_list(void **state)
{
    struct known *known = *state;
    const struct match_candidate candidate = {.exact = true,
                                              .reasons = {{EVIDENCE_NAME, AGREE_EXACT, 9},
                                                          {EVIDENCE_BIRTH, AGREE_CLOSE, 5},
                                                          {EVIDENCE_SEX, AGREE_EXACT, 1},
                                                          {EVIDENCE_POSTCODE, AGREE_NOT, -3}},
                                              .reason_count = 4};
    struct result_view row;
    field_mask sight[RECORD_STATES + 1] = {[RECORD_LIVE] = policy_sight(ROLE_practitioner, RECORD_LIVE),
                                           [RECORD_SHIELDED] =
                                               policy_sight(ROLE_practitioner, RECORD_SHIELDED)};
    const struct disclosure disclosure = {&known->caller, sight, NULL, now, known->arena};
    assert_int_equal(disclose_result(&disclosure, &known->child, &candidate, NULL, &row), FAULT_NONE);
    assert_true(str_equal(row.name.text, STR("Rhys Emrys Ap Huw")));
    assert_true(str_equal(row.name.known_as, STR("Rhyso")));
    assert_true(str_equal(row.area, STR("Hartlepool")));
    assert_true(str_equal(row.why, STR("Same name, similar date of birth")));
    static const struct {
        struct match_query asked;
        const char *why;
    } questions[] = {
        {{.birth = {2014, 0, 0, DAY_YEAR}}, "Same year of birth"},
        {{.birth = {2014, 5, 0, DAY_MONTH}}, "Same month of birth"},
        {{.birth = {2013, 0, 0, DAY_ABOUT}}, "Similar year of birth"},
        {{.birth_earliest = {2013, 11, 20, DAY_EXACT}, .birth_latest = {2014, 11, 19, DAY_EXACT}},
         "Same age"},
        {{.birth = {2014, 5, 9, DAY_EXACT}}, "Similar date of birth"},
    };
    const struct match_candidate partly = {.reasons = {{EVIDENCE_BIRTH, AGREE_PARTLY, 3}}, .reason_count = 1};
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        assert_int_equal(disclose_result(&disclosure, &known->child, &partly, &questions[i].asked, &row),
                         FAULT_NONE);
        assert_true(str_equal(row.why, str_of(questions[i].why)));
    }
    assert_int_equal(row.age_years, 12);
    known->child.state = RECORD_SHIELDED;
    assert_int_equal(disclose_result(&disclosure, &known->child, &candidate, NULL, &row), FAULT_NONE);
    assert_true(str_equal(row.area, STR("Shielded")));
}

static void what_was_shown_in_words(void **state)
{
    struct known *known = *state;
    struct str text;
    assert_int_equal(disclose_shown(0, known->arena, &text), FAULT_NONE);
    assert_int_equal(text.len, 0);
    assert_int_equal(disclose_shown(MASK(IDENTITY) | MASK(AUTHORITY), known->arena, &text), FAULT_NONE);
    assert_true(str_equal(text, STR("IDENTITY AUTHORITY")));
}

/* What a caller may not see, they cannot search by. */
static void sight_of_a_search(void **state)
{
    struct known *known = *state;
    field_mask sight[RECORD_STATES + 1] = {0};
    sight[RECORD_LIVE] = MASK(IDENTITY) | MASK(OWN_NUMBERS);
    const struct disclosure disclosure = {&known->caller, sight, NULL, now, known->arena};
    struct match_sight found = disclose_match_sight(&disclosure);
    assert_memory_equal(found.mask, sight, sizeof sight);
    for (int scheme = 1; scheme < NUMBERS_END; scheme++)
        assert_int_equal(found.own_scheme[scheme],
                         policy_number_body((enum number_scheme)scheme) == BODY_HEALTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_cell, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_38_without_consent_nobody_sees_a_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_line_stands_for_sensitive_services, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ones_own_is_always_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ones_own_service_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_ended_sensitive_service_leaves_no_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shielded_record_that_is_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_without_identity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hidden_facts_change_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(past_for_twelve_months, set_up, tear_down),
        cmocka_unit_test_setup_teardown(superseded_services_are_shown_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_of_a_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_shown_in_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sight_of_a_search, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
