/* What makes two houses different, and what is alike in both. */
#include "interference.h"

#include <stdio.h>

#include "engine.h"
#include "registry/shield.h"
#include "service/case.h"

enum { LONG_BYTES = 64 };

void say(struct row *row, enum column column, const char *text)
{
    row->at[column] = str_of(text);
}

static struct row child_row(const struct pair *pair, const struct hidden *hidden)
{
    struct row row = house_child(pair->record, pair->family, pair->given, pair->birth);
    say(&row, COLUMN_former_family, hidden->former);
    say(&row, COLUMN_former_given, pair->given);
    say(&row, COLUMN_nhs_number, hidden->nhs);
    say(&row, COLUMN_upn, hidden->upn);
    say(&row, COLUMN_address_1, hidden->street);
    say(&row, COLUMN_postcode, hidden->postcode);
    say(&row, COLUMN_authority, hidden->authority);
    say(&row, COLUMN_carer1_family, hidden->carer);
    say(&row, COLUMN_carer1_given, "Kim");
    say(&row, COLUMN_carer1_phone, "01632 960222");
    say(&row, COLUMN_school_name, hidden->school);
    say(&row, COLUMN_gp_name, hidden->doctor);
    return row;
}

static void load(const struct pair *pair, int twin, enum source source, const struct row *row)
{
    (void)house_load(pair->twins->house[twin], source, row, 1);
}

/* Whether the one row that was loaded last waits for an officer. */
static bool last_waits(const struct pair *pair, int twin, enum source source)
{
    struct house *house = pair->twins->house[twin];
    char count[2 * LONG_BYTES];
    (void)snprintf(count, sizeof count,
                   "SELECT count(*) FROM batch_waiting WHERE source = %d AND sequence = %jd", source,
                   (intmax_t)house->sequences[source]);
    return house_count(house, count) > 0;
}

/* The child in both, with its first version of what is hidden; false where it is drawn so like another of the
 * house that its row waits, in both. */
static bool settle(struct pair *pair)
{
    bool waits[TWINS];
    twins_step(pair->twins);
    for (int i = 0; i < TWINS; i++) {
        const struct row row = child_row(pair, &pair->hidden[i]);
        load(pair, i, SOURCE_health, &row);
        waits[i] = last_waits(pair, i, SOURCE_health);
    }
    assert_int_equal(waits[0], waits[1]);
    if (waits[0])
        return false;
    pair->child = house_child_id(pair->twins->house[0], pair->family, pair->given);
    const struct child_id other = house_child_id(pair->twins->house[1], pair->family, pair->given);
    assert_true(id_equal(pair->child.id, other.id));
    for (int i = 0; i < TWINS; i++) {
        for (uint64_t k = 0; k < pair->hidden[i].services; k++) {
            char number[LONG_BYTES];
            (void)snprintf(number, LONG_BYTES, "%s.%ju", pair->record, (uintmax_t)k);
            const struct row row =
                house_involvement(pair->record, number, "family_support", pair->hidden[i].service);
            load(pair, i, SOURCE_health, &row);
        }
    }
    return true;
}

struct answer *act(const struct seat *seat, enum operation operation, const struct id *ids, uint8_t count,
                   const char *const *fields)
{
    struct request request = {.operation = operation, .path_id_count = count, .fields = fields};
    if (count > 0)
        memcpy(request.path_ids, ids, count * sizeof *ids);
    return house_ask_in(seat, &request, seat->house->arena);
}

static struct seat opened_by(const struct pair *pair, struct seat seat)
{
    assert_int_equal(act(&seat, OP_child_reason, &pair->child.id, 1, FIELDS("reason", "working"))->fault,
                     FAULT_NONE);
    assert_int_equal(act(&seat, OP_child_view, &pair->child.id, 1, NULL)->fault, FAULT_NONE);
    return seat;
}

/* Somebody else, who works in one of the houses or in both. */
static struct seat other_worker(const struct pair *pair, int twin)
{
    return opened_by(pair, pair->street->worker.at[twin]);
}

static void shield(const struct pair *pair)
{
    twins_step(pair->twins);
    for (int i = 0; i < TWINS; i++) {
        const struct seat seat = other_worker(pair, i);
        assert_int_equal(act(&seat, OP_shield_request, &pair->child.id, 1,
                             FIELDS("ground", "harm", "text", "somebody has found the last address"))
                             ->fault,
                         FAULT_NONE);
    }
}

/* A sensitive service with consent; its claim. */
static struct claim_id record_sensitive_as(const struct pair *pair, struct seat seat, const char *kind,
                                           const char *name)
{
    const struct answer *answer =
        act(&seat, OP_involvement_record, &pair->child.id, 1,
            FIELDS("service", name, "kind", kind, "job", "Nurse", "phone", "01632 960456", "from_day", "1",
                   "from_month", "10", "from_year", "2026", "consent", "asked", "consent_giver", "child",
                   "consent_name", "Themselves", "agreed_day", "1", "agreed_month", "10", "agreed_year",
                   "2026", "consent_way", "person", "consent_because", "Explained back what it means",
                   "consent_scope", "mark"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    answer = act(&seat, OP_child_view, &pair->child.id, 1, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    for (size_t i = 0; i < answer->child->service_count; i++)
        if (answer->child->services[i].sensitive &&
            str_equal(answer->child->services[i].organisation, str_of(name)))
            return answer->child->services[i].claim;
    fail_msg("the sensitive service is not there");
    return (struct claim_id){{{0}}};
}

static struct claim_id record_sensitive(const struct pair *pair, int twin, const char *kind, const char *name)
{
    return record_sensitive_as(pair, other_worker(pair, twin), kind, name);
}

static void record_of_colleague(const struct pair *pair, int twin, const char *kind, const char *name)
{
    (void)record_sensitive_as(pair, opened_by(pair, pair->street->colleague.at[twin]), kind, name);
}

static void withdraw(const struct pair *pair, int twin, struct claim_id claim)
{
    const struct seat seat = other_worker(pair, twin);
    const struct id ids[] = {pair->child.id, claim.id};
    assert_int_equal(act(&seat, OP_consent_withdraw, ids, 2, NULL)->fault, FAULT_NONE);
}

/* More is said of the child in one house, some of it no longer. */
static void say_more(const struct pair *pair)
{
    struct hidden later = pair->hidden[0];
    struct stream stream = pair->stream;
    hidden_draw(&stream, &later, !pair->street->home);
    memcpy(later.nhs, pair->hidden[0].nhs, sizeof later.nhs);
    memcpy(later.upn, pair->hidden[0].upn, sizeof later.upn);
    const struct row moved = child_row(pair, &later);
    load(pair, 0, SOURCE_health, &moved);
    const struct row schools = child_row(pair, &pair->hidden[0]);
    load(pair, 0, SOURCE_education, &schools);
}

/* The row becomes the child's for sure, or waits. */
static void load_waiting(const struct pair *pair, const struct row *row, bool waiting)
{
    load(pair, 0, SOURCE_social_care, row);
    assert_int_equal(last_waits(pair, 0, SOURCE_social_care), waiting);
}

/* The child for sure, by its number. */
static void spell_otherwise(const struct pair *pair)
{
    char record[LONG_BYTES];
    (void)snprintf(record, sizeof record, "w%s", pair->record);
    struct row row = house_child(record, pair->spelling, pair->given, pair->birth);
    say(&row, COLUMN_nhs_number, pair->hidden[0].nhs);
    say(&row, COLUMN_postcode, pair->hidden[0].postcode);
    load_waiting(pair, &row, false);
}

/* One letter of the name is another, and the home too. */
static void hold_row(const struct pair *pair)
{
    struct pair alike = *pair;
    alike.family[1] = alike.family[1] == 'e' ? 'o' : 'e';
    char record[LONG_BYTES];
    (void)snprintf(record, sizeof record, "x%s", pair->record);
    struct row row = house_child(record, alike.family, alike.given, alike.birth);
    say(&row, COLUMN_postcode, "YO31 9XQ");
    load_waiting(pair, &row, true);
}

/* Living elsewhere: perhaps the same child, perhaps not. */
static void doubt_row(const struct pair *pair)
{
    char record[LONG_BYTES];
    (void)snprintf(record, sizeof record, "y%s", pair->record);
    struct row row = house_child(record, pair->family, pair->given, pair->birth);
    say(&row, COLUMN_postcode, "YO31 9XQ");
    load(pair, 0, SOURCE_social_care, &row);
}

static void ask_team(const struct pair *pair)
{
    twins_step(pair->twins);
    const struct seat seat = other_worker(pair, 0);
    assert_int_equal(
        act(&seat, OP_ask_send, &pair->child.id, 1,
            FIELDS("text", "Who else could be asked about this child?", "named", "no", "sure", "yes"))
            ->fault,
        FAULT_NONE);
}

/* Looks behind the shield, and leaves. */
static void break_shield(const struct seat *seat, struct child_id child)
{
    assert_int_equal(act(seat, OP_child_reason, &child.id, 1, FIELDS("reason", "worried"))->fault,
                     FAULT_NONE);
    assert_int_equal(
        act(seat, OP_shield_override, &child.id, 1, FIELDS("text", "A hospital asks who cares for them"))
            ->fault,
        FAULT_NONE);
    assert_int_equal(act(seat, OP_child_view, &child.id, 1, NULL)->fault, FAULT_NONE);
    assert_int_equal(act(seat, OP_find_page, NULL, 0, NULL)->fault, FAULT_NONE);
}

/* Once asked it stays so: the pairs behind it differ by the same. */
static void ask_more(const struct pair *pair)
{
    twins_step(pair->twins);
    const enum fault fault = act(&pair->street->worker.at[0], OP_more_ask, NULL, 0,
                                 FIELDS("text", "A ward of forty children moves"))
                                 ->fault;
    assert_true(fault == FAULT_NONE || fault == FAULT_DUPLICATE);
}

/* Nobody like that was ever in the other house. */
static void settle_closed(struct pair *pair)
{
    twins_step(pair->twins);
    const struct row row = child_row(pair, &pair->hidden[0]);
    load(pair, 0, SOURCE_health, &row);
    pair->child = house_child_id(pair->twins->house[0], pair->family, pair->given);
    house_set_state(pair->twins->house[0], pair->child, CHILD_SEALED, SHIELD_NONE); /* starts it anew */
    house_stop(pair->twins->house[1]);
    house_start(pair->twins->house[1]);
    for (int i = 0; i < TWINS; i++)
        house_quiet(pair->twins->house[i]);
}

static void suspend_elsewhere(const struct pair *pair)
{
    twins_step(pair->twins);
    const struct id colleague = house_staff(pair->twins->house[0], "second.data")->account.id;
    assert_int_equal(act(&pair->street->admin.at[0], OP_user_suspend, &colleague, 1,
                         FIELDS("suspend_why", "Looked for a neighbour"))
                         ->fault,
                     FAULT_NONE);
}

bool pair_is_seen_by(const struct pair *pair, enum looker looker)
{
    const bool team = looker >= MANAGER && looker <= REVIEWER;
    return (team && pair->street->home) || (pair->difference == STAFF_ELSEWHERE && looker == ADMINISTRATOR);
}

static void make_different(struct pair *pair)
{
    switch (pair->difference) {
    case HIDDEN_FIELDS:
        shield(pair);
        break;
    case HIDDEN_HISTORY:
        shield(pair);
        say_more(pair);
        break;
    case CONSENT_MISSING:
        withdraw(pair, 0, record_sensitive(pair, 0, "mental_health", "Quiet House"));
        break;
    case CONSENT_DETAILS:
        (void)record_sensitive(pair, 0, "mental_health", "Quiet House");
        (void)record_sensitive(pair, 1, "sexual_health", "Moorings");
        (void)record_sensitive(pair, 1, "substance_misuse", "Sandbank");
        break;
    case COLLEAGUES_SERVICE:
        record_of_colleague(pair, 0, "mental_health", "Quiet House");
        record_of_colleague(pair, 1, "sexual_health", "Moorings");
        break;
    case SENSITIVE_SHIELD:
        (void)record_sensitive(pair, 0, "mental_health", "Quiet House");
        shield(pair);
        break;
    case OTHER_SPELLING:
        shield(pair);
        spell_otherwise(pair);
        break;
    case HELD_ROW:
        shield(pair);
        hold_row(pair);
        break;
    case POSSIBLE_ROW:
        doubt_row(pair);
        break;
    case QUESTION_ASKED:
        ask_team(pair);
        break;
    case OVERRIDDEN:
        shield(pair);
        twins_step(pair->twins);
        break_shield(&pair->street->breaker.at[0], pair->child);
        break;
    case RISE_ASKED:
        ask_more(pair);
        break;
    case STAFF_ELSEWHERE:
        suspend_elsewhere(pair);
        break;
    case RECORD_CLOSED:
        break;
    }
}

/* The row that waits, or else the newest matter: what an officer's address would name. */
static struct id secret_of(const struct pair *pair)
{
    struct house *house = pair->twins->house[0];
    struct id id = {{0}};
    const bool row = pair->difference == HELD_ROW || pair->difference == POSSIBLE_ROW;
    if (row) {
        const struct case_ref ref = {.kind = CASE_ROW,
                                     .place = {SOURCE_social_care, house->sequences[SOURCE_social_care], 1}};
        return case_ref_id(&ref);
    }
    engine_value(house->db_path, "SELECT matter_id FROM matter ORDER BY opened_us DESC, matter_id LIMIT 1",
                 id.byte, sizeof id.byte);
    return id;
}

bool pair_differ(struct pair *pair)
{
    if (pair->difference == RECORD_CLOSED)
        settle_closed(pair);
    else if (!settle(pair))
        return false;
    make_different(pair);
    pair->secret = secret_of(pair);
    return true;
}

/* A child of the team's own, in both houses. */
static struct child_id furnish_child(struct twins *twins, const char *record, const char *family,
                                     const char *given)
{
    struct child_id child = {{{0}}};
    twins_step(twins);
    for (int i = 0; i < TWINS; i++) {
        struct row row = house_child(record, family, given, "2013-05-06");
        say(&row, COLUMN_authority, "E06000001");
        (void)house_load(twins->house[i], SOURCE_health, &row, 1);
        child = house_child_id(twins->house[i], family, given);
    }
    return child;
}

/* A row that is like one of them. */
static void furnish_row(struct house *house, const char *record, const char *family, const char *given)
{
    struct row row = house_child(record, family, given, "2013-05-06");
    say(&row, COLUMN_postcode, "YO31 9XQ");
    (void)house_load(house, SOURCE_social_care, &row, 1);
}

/* Something waits in every list of the team. */
static void furnish(struct street *street)
{
    struct twins *twins = &street->twins;
    const struct child_id hidden = furnish_child(twins, "own1", "Gwyntog", "Alys");
    const struct child_id seen = furnish_child(twins, "own2", "Heulog", "Mari");
    twins_step(twins);
    for (int i = 0; i < TWINS; i++) {
        const struct pair own = {.street = street, .twins = twins, .child = hidden};
        const struct seat seat = other_worker(&own, i);
        assert_int_equal(act(&seat, OP_shield_request, &hidden.id, 1,
                             FIELDS("ground", "harm", "text", "somebody has found the last address"))
                             ->fault,
                         FAULT_NONE);
        break_shield(&street->breaker.at[i], hidden);
        furnish_row(twins->house[i], "own3", "Gwentog", "Alys");
        furnish_row(twins->house[i], "own4", "Heulog", "Mari");
    }
    const struct pair own = {.street = street, .twins = twins, .child = seen};
    for (int i = 0; i < TWINS; i++) {
        const struct seat seat = other_worker(&own, i);
        assert_int_equal(
            act(&seat, OP_ask_send, &seen.id, 1,
                FIELDS("text", "Who else could be asked about this child?", "named", "no", "sure", "yes"))
                ->fault,
            FAULT_NONE);
        assert_int_equal(act(&street->seats[TEACHER].at[i], OP_more_ask, NULL, 0,
                             FIELDS("text", "A year group of ninety arrives"))
                             ->fault,
                         FAULT_NONE);
    }
}

void street_build(struct street *street, bool home)
{
    static const struct {
        const char *user_name;
        enum role role;
    } lookers[LOOKERS_END] = {
        [TEACHER] = {"teacher", ROLE_practitioner},
        [NOBODY] = {NULL, ROLE_NONE},
        [OVERRIDER] = {"worker", ROLE_override_practitioner},
        [MANAGER] = {"manager", ROLE_user_manager},
        [SHIELDER] = {"shielder", ROLE_shielding_officer},
        [DATA] = {"data", ROLE_data_officer},
        [RIGHTS] = {"rights", ROLE_rights_officer},
        [REVIEWER] = {"reviewer", ROLE_audit_reviewer},
        [ADMINISTRATOR] = {"administrator", ROLE_national_administrator},
    };
    static const struct newcomer second = {
        "second.worker", "Bryn Specimen", "Social worker", 2, {ROLE_override_practitioner}};
    static const struct newcomer leaver = {
        "leaver", "Elin Pattern", "Audit reviewer", 1, {ROLE_audit_reviewer}};
    struct twins *twins = &street->twins;
    street->home = home;
    twins_build(twins);
    twins_step(twins);
    for (int i = 0; i < TWINS; i++) {
        house_hire(twins->house[i], &second);
        house_hire(twins->house[i], &leaver);
    }
    for (size_t i = 0; i < LOOKERS_END; i++)
        street->seats[i] = twins_sign_in(twins, lookers[i].user_name, lookers[i].role);
    street->worker = twins_sign_in(twins, "visitor", ROLE_practitioner);
    street->colleague = twins_sign_in(twins, "second.teacher", ROLE_practitioner);
    street->breaker = twins_sign_in(twins, "second.worker", ROLE_override_practitioner);
    street->admin = twins_sign_in(twins, "administrator", ROLE_national_administrator);
    furnish(street);
}

void street_leave(struct street *street)
{
    twins_leave(&street->twins);
}
