/* Non-interference (R5.5, R6.4, R8.4, R9.3): pairs of instances that differ only in what a practitioner may
 * not see, asked all that a practitioner can ask.
 *
 *     CONTACTPOINT_PAIRS=20000 CONTACTPOINT_SEED=7 test_service_interference */
#include <stdio.h>
#include <stdlib.h>

#include "registry/shield.h"
#include "twins.h"

enum {
    PAIRS = 200,
    WORD_BYTES = 24,
    RECORD_BYTES = 40,
    LONG_BYTES = 64,
    NUMBER_BYTES = 16,
    PAIRS_A_SESSION = 40,
    SEALED_EVERY = 25
};

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What makes the two differ. */
enum difference {
    HIDDEN_FIELDS, /* of a shielded child: whereabouts, carers, school, doctor, former name, numbers, services
                    */
    HIDDEN_HISTORY,     /* of a shielded child: how much has been said of it, and by how many */
    CONSENT_MISSING,    /* a sensitive service whose consent was withdrawn, or none at all */
    CONSENT_DETAILS,    /* one sensitive service with consent, or two others */
    COLLEAGUES_SERVICE, /* the same, recorded by somebody of the viewer's organisation, which is of another
                         * kind
                         */
    SENSITIVE_SHIELD,   /* a shielded child with a sensitive service, or without */
    HELD_ROW,           /* a row that resembles a shielded child waits for an officer, or never came */
    DIFFERENCES_END,
    RECORD_CLOSED = DIFFERENCES_END, /* a record that is closed, or that never was; now and then */
};

/* A child as everybody may see it, and two versions of the rest. */
struct hidden {
    char former[WORD_BYTES], postcode[WORD_BYTES], street[WORD_BYTES], carer[WORD_BYTES], school[WORD_BYTES];
    char doctor[WORD_BYTES], nhs[NUMBER_BYTES], upn[NUMBER_BYTES], service[WORD_BYTES];
    const char *authority;
    uint64_t services; /* how many */
};

struct pair {
    struct twins *twins;
    struct stream stream;
    enum difference difference;
    char record[RECORD_BYTES], family[WORD_BYTES], given[WORD_BYTES], birth[WORD_BYTES];
    struct day born;
    struct hidden hidden[TWINS];
    struct child_id child;
};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* A word that could be a name. */
static void draw_word(struct stream *stream, char word[WORD_BYTES])
{
    static const char *const syllables[] = {"ba", "den", "fo",  "gri", "hal", "ku",  "lem", "mor",
                                            "ni", "por", "qua", "ros", "sti", "tun", "vel", "wy"};
    size_t len = 0;
    word[0] = '\0';
    for (uint64_t i = 0, count = 3 + stream_below(stream, 2); i < count; i++)
        len += (size_t)snprintf(word + len, WORD_BYTES - len, "%s", syllables[stream_below(stream, 16)]);
    word[0] = (char)(word[0] - 'a' + 'A');
}

/* service.md: the sum of digits by weights 10 to 2 and the check digit leaves 0 mod 11. */
static void draw_nhs(struct stream *stream, char number[NUMBER_BYTES])
{
    int sum = 0, check;
    do {
        sum = 0;
        for (int i = 0; i < 9; i++) {
            number[i] = (char)('0' + (i == 0 ? 9 : (int)stream_below(stream, 10)));
            sum += (number[i] - '0') * (10 - i);
        }
        check = (11 - sum % 11) % 11;
    } while (check == 10);
    number[9] = (char)('0' + check);
    number[10] = '\0';
}

/* Its first letter is the sum of position times value over positions 2 to 13, mod 23. */
static void draw_upn(struct stream *stream, char number[NUMBER_BYTES])
{
    int sum = 0;
    for (int i = 1; i <= 12; i++) {
        static const char authority[] = "805";
        number[i] = i <= 3 ? authority[i - 1] : (char)('0' + (int)stream_below(stream, 10));
        sum += (number[i] - '0') * (i + 1);
    }
    number[0] = "ABCDEFGHJKLMNPQRTUVWXYZ"[sum % 23];
    number[13] = '\0';
}

static void draw_hidden(struct stream *stream, struct hidden *hidden)
{
    static const char *const authorities[] = {"E06000001", "E06000002", "E06000003", "E06000004"};
    draw_word(stream, hidden->former);
    draw_word(stream, hidden->street);
    draw_word(stream, hidden->carer);
    draw_word(stream, hidden->school);
    draw_word(stream, hidden->doctor);
    draw_word(stream, hidden->service);
    draw_nhs(stream, hidden->nhs);
    draw_upn(stream, hidden->upn);
    (void)snprintf(hidden->postcode, WORD_BYTES, "TS%d %dA%c", (int)(1 + stream_below(stream, 29)),
                   (int)(1 + stream_below(stream, 9)), "BDEFG"[stream_below(stream, 5)]);
    hidden->authority = authorities[stream_below(stream, 4)];
    hidden->services = stream_below(stream, 3);
}

static struct pair draw_pair(struct twins *twins, uint64_t seed)
{
    struct pair pair = {.twins = twins, .stream = stream_of(seed)};
    struct stream *stream = &pair.stream;
    pair.difference = seed % SEALED_EVERY == SEALED_EVERY - 1
                          ? RECORD_CLOSED
                          : (enum difference)stream_below(stream, DIFFERENCES_END);
    draw_word(stream, pair.family);
    draw_word(stream, pair.given);
    pair.born =
        (struct day){(uint16_t)(2010 + stream_below(stream, 14)), (uint8_t)(1 + stream_below(stream, 12)),
                     (uint8_t)(1 + stream_below(stream, 28)), DAY_EXACT};
    (void)snprintf(pair.record, RECORD_BYTES, "p%ju", (uintmax_t)seed);
    (void)snprintf(pair.birth, WORD_BYTES, "%04d-%02d-%02d", pair.born.year, pair.born.month, pair.born.day);
    draw_hidden(stream, &pair.hidden[0]);
    draw_hidden(stream, &pair.hidden[1]);
    bool alike = pair.difference != HIDDEN_FIELDS;
    if (alike)
        pair.hidden[1] = pair.hidden[0];
    return pair;
}

static void say(struct row *row, enum column column, const char *text)
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

/* The child in both, with its first version of what is hidden. */
static void settle(struct pair *pair)
{
    twins_step(pair->twins);
    for (int i = 0; i < TWINS; i++) {
        const struct row row = child_row(pair, &pair->hidden[i]);
        load(pair, i, SOURCE_health, &row);
    }
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
}

static struct answer *act(const struct seat *seat, enum operation operation, const struct id *ids,
                          uint8_t count, const char *const *fields)
{
    struct request request = {.operation = operation, .path_id_count = count, .fields = fields};
    memcpy(request.path_ids, ids, count * sizeof *ids);
    struct answer *answer = house_ask_in(seat, &request, seat->house->arena);
    return answer;
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
    return opened_by(pair, pair->twins->worker[twin]);
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
    (void)record_sensitive_as(pair, opened_by(pair, pair->twins->colleague[twin]), kind, name);
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
    draw_hidden(&stream, &later);
    memcpy(later.nhs, pair->hidden[0].nhs, sizeof later.nhs);
    memcpy(later.upn, pair->hidden[0].upn, sizeof later.upn);
    const struct row moved = child_row(pair, &later);
    load(pair, 0, SOURCE_health, &moved);
    const struct row schools = child_row(pair, &pair->hidden[0]);
    load(pair, 0, SOURCE_education, &schools);
}

/* One letter of the name is another. */
static void hold_row(const struct pair *pair)
{
    struct pair alike = *pair;
    alike.family[1] = alike.family[1] == 'e' ? 'o' : 'e';
    char record[LONG_BYTES];
    (void)snprintf(record, sizeof record, "x%s", pair->record);
    struct row row = house_child(record, alike.family, alike.given, alike.birth);
    say(&row, COLUMN_postcode, pair->hidden[0].postcode);
    load(pair, 0, SOURCE_social_care, &row);
}

static void close_record(const struct pair *pair)
{
    house_set_state(pair->twins->house[0], pair->child, CHILD_SEALED, SHIELD_NONE);
}

/* Nobody like that was ever in the other house. */
static void settle_closed(struct pair *pair)
{
    twins_step(pair->twins);
    const struct row row = child_row(pair, &pair->hidden[0]);
    load(pair, 0, SOURCE_health, &row);
    pair->child = house_child_id(pair->twins->house[0], pair->family, pair->given);
    close_record(pair);
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
    case HELD_ROW:
        shield(pair);
        hold_row(pair);
        break;
    case RECORD_CLOSED:
        break;
    }
}

static struct request about(const struct pair *pair, enum operation operation)
{
    return (struct request){.operation = operation, .path_ids = {pair->child.id}, .path_id_count = 1};
}

/* The form, the list, and similar names. */
static void find(const struct pair *pair, const char *const *fields)
{
    struct twins *twins = pair->twins;
    const struct answer *found =
        twins_ask(twins, &(struct request){.operation = OP_child_find, .fields = fields});
    if (found->fault != FAULT_NONE || !id_is_zero(found->opened.id))
        return;
    char again[ID_TEXT_LEN + 1] = {0};
    struct buffer text = buffer_open(64);
    id_put(&text, found->search.id);
    memcpy(again, buffer_str(&text).at, ID_TEXT_LEN);
    buffer_close(&text);
    (void)twins_ask(
        twins,
        &(struct request){.operation = OP_child_results, .path_ids = {found->search.id}, .path_id_count = 1});
    found = twins_ask(twins, &(struct request){.operation = OP_child_find,
                                               .fields = FIELDS("again", again, "similar", "yes")});
    if (found->fault == FAULT_NONE)
        (void)twins_ask(twins, &(struct request){.operation = OP_child_results,
                                                 .path_ids = {found->search.id},
                                                 .path_id_count = 1});
}

static void search_by(const struct pair *pair, const char *family, const char *postcode,
                      const char *authority)
{
    struct match_query query = {.family = str_of(family),
                                .given = str_of(pair->given),
                                .postcode = str_of(postcode),
                                .authority = str_of(authority),
                                .birth = pair->born};
    twins_search(pair->twins, &query, BODY_EDUCATION);
    query.similar = true;
    twins_search(pair->twins, &query, BODY_EDUCATION);
    find(pair, FIELDS("reason", "working", "family", family, "given", pair->given, "postcode", postcode,
                      "authority", authority));
}

/* By what everybody sees, and by each version of what nobody does. */
static void search_all(const struct pair *pair)
{
    char year[8], month[4], day[4];
    (void)snprintf(year, sizeof year, "%d", pair->born.year);
    (void)snprintf(month, sizeof month, "%d", pair->born.month);
    (void)snprintf(day, sizeof day, "%d", pair->born.day);
    find(pair, FIELDS("reason", "working", "family", pair->family, "given", pair->given, "birth_day", day,
                      "birth_month", month, "birth_year", year));
    for (int i = 0; i < TWINS; i++) {
        const struct hidden *hidden = &pair->hidden[i];
        search_by(pair, pair->family, hidden->postcode, "");
        search_by(pair, pair->family, "", hidden->authority);
        search_by(pair, hidden->former, hidden->postcode, hidden->authority);
        find(pair,
             FIELDS("reason", "worried", "family", hidden->former, "given", pair->given, "birth_year", year));
        find(pair, FIELDS("reason", "worried", "family", hidden->carer, "birth_year", year));
        find(pair, FIELDS("reason", "working", "number", hidden->nhs));
        find(pair, FIELDS("reason", "working", "number", hidden->upn));
        if (pair->difference != HIDDEN_FIELDS)
            break;
    }
}

/* Every page about the one child, and one's own involvement with it. */
static void look_all(const struct pair *pair)
{
    struct twins *twins = pair->twins;
    struct request request = about(pair, OP_child_reason);
    (void)twins_ask(twins, &(struct request){.operation = OP_child_view,
                                             .path_ids = {pair->child.id},
                                             .path_id_count = 1}); /* without a reason */
    request.fields = FIELDS("reason", "working");
    (void)twins_ask(twins, &request);
    static const enum operation pages[] = {OP_child_view, OP_child_details, OP_involvement_page,
                                           OP_shield_page, OP_ask_page};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        request = about(pair, pages[i]);
        (void)twins_ask(twins, &request);
    }
    request = about(pair, OP_ask_send); /* R8.4: the same receipt for every child */
    request.fields = FIELDS("text", "Who else works with this child?", "named", "no");
    (void)twins_ask(twins, &request);
    request.fields = FIELDS("text", "Who else works with this child?", "named", "no", "sure", "yes");
    (void)twins_ask(twins, &request);
    request = about(pair, OP_ask_page);
    (void)twins_ask(twins, &request);
    request = about(pair, OP_involvement_record);
    request.fields = FIELDS("service", "Northgate", "kind", "school", "job", "Class teacher", "phone",
                            "01632 960456", "from_day", "1", "from_month", "9", "from_year", "2026");
    (void)twins_ask(twins, &request);
    request = about(pair, OP_child_view);
    const struct answer *answer = twins_ask(twins, &request);
    for (size_t i = 0; answer->child != NULL && i < answer->child->service_count; i++) {
        if (!answer->child->services[i].own)
            continue;
        request = (struct request){.operation = OP_involvement_view,
                                   .path_ids = {pair->child.id, answer->child->services[i].claim.id},
                                   .path_id_count = 2};
        (void)twins_ask(twins, &request);
        request.operation = OP_involvement_end;
        request.fields = FIELDS("to_day", "2", "to_month", "9", "to_year", "2026");
        (void)twins_ask(twins, &request);
        break;
    }
    request = about(pair, OP_child_view);
    (void)twins_ask(twins, &request);
}

/* What would end the viewer's session, or change it. */
static bool leaves(enum operation operation)
{
    return operation == OP_sign_out || operation == OP_sign_out_everywhere || operation == OP_role_change ||
           operation == OP_mediate_end;
}

/* Every operation that a practitioner has, those of later days included: pages, and forms that are empty. */
static void ask_every(const struct pair *pair)
{
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        const struct operation_row *row = policy_operation(operation);
        if (row->door != DOOR_WEB || !policy_may(ROLE_practitioner, operation) || leaves(operation))
            continue;
        struct request request = about(pair, operation);
        request.path_id_count = 0;
        for (const char *at = strchr(row->path, ':'); at != NULL; at = strchr(at + 1, ':'))
            request.path_id_count++;
        request.path_ids[1] = pair->child.id;
        (void)twins_ask(pair->twins, &request);
    }
}

static void run_pair(struct twins *twins, uint64_t seed)
{
    twins_begin(twins, seed);
    struct pair pair = draw_pair(twins, seed);
    if (pair.difference == RECORD_CLOSED)
        settle_closed(&pair);
    else
        settle(&pair);
    make_different(&pair);
    search_all(&pair);
    look_all(&pair);
    ask_every(&pair);
}

static void case_37_38_what_is_hidden_changes_nothing(void **state)
{
    (void)state;
    const uint64_t pairs = number_of("CONTACTPOINT_PAIRS", PAIRS), seed = number_of("CONTACTPOINT_SEED", 1);
    struct twins twins;
    twins_open(&twins);
    for (uint64_t i = 0; i < pairs; i++) {
        if (i % PAIRS_A_SESSION == 0)
            twins_sign_in(&twins, &(struct twins_staff){"teacher", "visitor", "second.teacher"});
        run_pair(&twins, seed * 1000000 + i);
    }
    print_message("pairs %ju, requests %ju, seed %ju\n", (uintmax_t)pairs, (uintmax_t)twins.asked,
                  (uintmax_t)seed);
    print_message("timing.auc %.3f (0.5: nobody can tell by the time that an answer takes)\n",
                  twins_timing(&twins));
    twins_close(&twins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(case_37_38_what_is_hidden_changes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
