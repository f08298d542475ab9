/* Looking for a child: the form, the search, its results, and a reason for one more record (R5). */
#include <stdio.h>

#include "match/number.h"
#include "registry/alarm.h"
#include "registry/authority.h"
#include "registry/family.h"
#include "service/looks.h"
#include "service/operations.h"

enum {
    ASKED_BYTES_MAX = 4096,
    AGE_MAX = 25,
    FIELD_NAME_BYTES_MAX = 64,
    WORDS_BYTES_MAX = 1024,
    COPIED_DUE_S = 24 * 3600
};

static struct str part_of(struct conduct *conduct, const char *prefix, const char *part)
{
    char name[FIELD_NAME_BYTES_MAX];
    int len = snprintf(name, sizeof name, "%s_%s", prefix, part);
    must(len > 0 && (size_t)len < sizeof name);
    return conduct_field(conduct, name);
}

struct day form_day(struct conduct *conduct, const char *prefix, bool partial)
{
    struct str day = part_of(conduct, prefix, "day"), month = part_of(conduct, prefix, "month"),
               year = part_of(conduct, prefix, "year");
    struct day read = {.precision = DAY_UNKNOWN};
    int64_t day_value = 0, year_value = 0;
    if (day.len == 0 && month.len == 0 && year.len == 0)
        return read;
    int month_value = month.len == 0 ? 0 : day_month_of(month);
    bool right = str_to_int(year, 1900, 2199, &year_value) && (month.len == 0) == (month_value == 0) &&
                 (day.len == 0 || str_to_int(day, 1, 31, &day_value)) && (day.len == 0 || month.len > 0);
    read = (struct day){(uint16_t)year_value, (uint8_t)month_value, (uint8_t)day_value,
                        day_value > 0     ? DAY_EXACT
                        : month_value > 0 ? DAY_MONTH
                                          : DAY_YEAR};
    if (!right || !day_is_valid(read) || (!partial && read.precision != DAY_EXACT)) {
        conduct_error(conduct, prefix,
                      partial ? "Enter a real date, such as 27 3 2012, or a year alone"
                              : "Enter a real date, such as 27 3 2012");
        return (struct day){.precision = DAY_UNKNOWN};
    }
    return read;
}

/* "Aged 8" today means born within a year's days. */
static void read_age(struct conduct *conduct, struct match_query *query)
{
    struct str text = conduct_field(conduct, "age");
    int64_t age;
    if (text.len == 0)
        return;
    if (!str_to_int(text, 0, AGE_MAX, &age)) {
        conduct_error(conduct, "age", "Enter an age in whole years, from 0 to 25");
        return;
    }
    struct day today = day_of_instant(conduct->now);
    struct day latest = {(uint16_t)(today.year - age), today.month, today.day, DAY_EXACT};
    struct day earliest = {(uint16_t)(today.year - age - 1), today.month, today.day, DAY_EXACT};
    if (!day_is_valid(latest)) /* 29 February */
        latest.day = 28;
    if (!day_is_valid(earliest))
        earliest.day = 28;
    query->birth_latest = latest;
    query->birth_earliest = day_of_number(day_number(earliest) + 1);
}

static void read_number(struct conduct *conduct, struct match_query *query)
{
    struct str typed = conduct_field(conduct, "number");
    char number[NUMBER_BYTES_MAX];
    size_t len;
    if (typed.len == 0)
        return;
    query->number_scheme = number_recognise(typed, number, &len);
    if (query->number_scheme == NUMBER_NONE ||
        arena_copy(conduct->arena, (struct str){number, len}, &query->number) != FAULT_NONE)
        conduct_error(conduct, "number",
                      "Check the number: it is not one that this service knows, or a digit is wrong");
}

static void read_sex(struct conduct *conduct, struct match_query *query)
{
    struct str sex = conduct_field(conduct, "sex");
    if (str_equal(sex, STR("female")))
        query->sex = SEX_FEMALE;
    else if (str_equal(sex, STR("male")))
        query->sex = SEX_MALE;
}

/* R5.2 */
static void check_enough(struct conduct *conduct, const struct match_query *query, uint8_t errors_before)
{
    bool named = query->family.len > 0 || query->given.len > 0;
    bool second = query->birth.precision != DAY_UNKNOWN || query->birth_latest.precision != DAY_UNKNOWN ||
                  query->postcode.len > 0 || query->authority.len > 0;
    if (conduct->answer->error_count > errors_before || query->number.len > 0)
        return;
    if (!named)
        conduct_error(conduct, "family", "Enter a family name or a given name, or a number");
    else if (!second)
        conduct_error(conduct, "birth", "Add a date of birth, an age, a postcode or an area to the name");
}

enum fault find_read_form(struct conduct *conduct, struct match_query *query)
{
    uint8_t errors_before = conduct->answer->error_count;
    *query = (struct match_query){.family = conduct_field(conduct, "family"),
                                  .given = conduct_field(conduct, "given"),
                                  .postcode = conduct_field(conduct, "postcode"),
                                  .authority = conduct_field(conduct, "authority"),
                                  .similar = str_equal(conduct_field(conduct, "similar"), STR("yes"))};
    query->birth = form_day(conduct, "birth", true);
    if (query->birth.precision == DAY_UNKNOWN)
        read_age(conduct, query);
    read_number(conduct, query);
    read_sex(conduct, query);
    if (query->authority.len > 0 && authority_name(query->authority) == NULL)
        conduct_error(conduct, "authority", "Choose an area from the list");
    check_enough(conduct, query, errors_before);
    return conduct->answer->error_count > 0 ? FAULT_INVALID : FAULT_NONE;
}

static void begin_criterion(struct buffer *text, const char *name)
{
    if (text->len > 0)
        buffer_put(text, STR(", "));
    buffer_put(text, str_of(name));
    buffer_put(text, STR(" "));
}

static void put_criterion(struct buffer *text, const char *name, struct str value)
{
    if (value.len == 0)
        return;
    begin_criterion(text, name);
    buffer_put(text, value);
}

static void put_day_criterion(struct buffer *text, const char *name, struct day day)
{
    if (day.precision == DAY_UNKNOWN)
        return;
    begin_criterion(text, name);
    day_put_words(text, day);
}

/* The criteria in words: for the page, and sealed with each entry (R5.6). */
static enum fault words_of_query(const struct match_query *query, struct arena *arena, struct str *ret_words)
{
    struct buffer text = buffer_open(ASKED_BYTES_MAX);
    put_criterion(&text, "family name", query->family);
    put_criterion(&text, "given name", query->given);
    put_day_criterion(&text, "born", query->birth);
    put_day_criterion(&text, "born from", query->birth_earliest);
    put_day_criterion(&text, "to", query->birth_latest);
    put_criterion(&text, "postcode", query->postcode);
    put_criterion(&text, "area", str_of(authority_name(query->authority)));
    if (query->number.len > 0)
        put_criterion(&text, policy_number_label(query->number_scheme), query->number);
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = arena_copy(arena, buffer_str(&text), ret_words);
    buffer_close(&text);
    return fault;
}

enum fault do_find_page(struct conduct *conduct)
{
    enum fault fault;
    TRY(conduct_enter(conduct, EVENT_FORM_SHOWN, NULL, NULL));
done:
    return fault;
}

static struct disclosure disclosure_of(struct conduct *conduct, const struct freshness *freshness)
{
    return (struct disclosure){&conduct->caller, conduct->decision.sight, freshness, conduct->now,
                               conduct->arena};
}

bool find_finds(struct conduct *conduct, const struct match_query *query, struct child_id child)
{
    field_mask sight[RECORD_STATES + 1] = {0};
    struct match_results results;
    for (int state = 1; state <= RECORD_STATES; state++)
        sight[state] = policy_sight(conduct->caller.role, (enum record_state)state);
    const struct disclosure disclosure = {&conduct->caller, sight, NULL, conduct->now, conduct->arena};
    struct match_sight match_sight = disclose_match_sight(&disclosure);
    if (match_search(conduct->service->index, query, &match_sight, &results) != FAULT_NONE)
        return false;
    for (size_t i = 0; i < results.count; i++)
        if (id_equal(results.found[i].child.id, child.id))
            return true;
    return false;
}

/* Runs the criteria against the index, with what this caller may see and no more. */
static enum fault search(struct conduct *conduct, const struct permit *permit,
                         const struct match_query *query, struct match_results *results)
{
    must(policy_operation(permit->operation)->subject == SUBJECT_CHILD);
    struct disclosure disclosure = disclosure_of(conduct, NULL);
    struct match_sight sight = disclose_match_sight(&disclosure);
    return match_search(conduct->service->index, query, &sight, results);
}

/* What a record's state is by now; 0 where it is gone. */
static enum fault state_now(struct db_tx *tx, struct arena *arena, struct child_id child,
                            enum record_state *ret_state)
{
    struct child_standing standing = {.state = 0};
    enum fault fault = family_standing(tx, child, arena, &standing);
    if (fault == FAULT_NONE || fault == FAULT_ABSENT)
        *ret_state = standing.state;
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

struct stated_job {
    struct conduct *conduct;
    struct stated *stated;
    enum record_state found; /* the state in which `opened` was found by its number */
    bool copied;             /* the twentieth time that the caller gave these words */
};

/* architecture.md §6: whoever became hidden since they were found is not opened. */
static enum fault check_opened(struct db_tx *tx, const struct stated_job *job)
{
    enum record_state now = 0;
    enum fault fault = FAULT_NONE;
    if (job->found == 0)
        return FAULT_NONE;
    TRY(state_now(tx, job->conduct->arena, job->stated->opened, &now));
    if (now != job->found)
        job->stated->opened = (struct child_id){{{0}}};
done:
    return fault;
}

/* Words that are pasted again and again say nothing: an audit reviewer asks why (case 47). */
static enum fault count_words(const struct conduct *conduct, bool *ret_copied)
{
    struct buffer words = buffer_open(WORDS_BYTES_MAX);
    bool again = conduct->has_stated && conduct->ask->operation == OP_child_find; /* nothing was typed */
    if (conduct->reason_text.len == 0 || again)
        return FAULT_NONE;
    buffer_put_field(&words, id_bytes(&conduct->caller.account.account.id));
    buffer_put(&words, conduct->reason_text);
    enum fault fault = buffer_fault(&words);
    if (fault == FAULT_NONE) {
        const struct tag tag = vault_tag(conduct->service->vault, "reason", buffer_bytes(&words));
        *ret_copied = repeats_count(conduct->service->repeats, &tag, conduct->now);
    }
    buffer_close(&words);
    return fault;
}

static enum fault raise_copied(struct db_tx *tx, const struct conduct *conduct)
{
    struct service *service = conduct->service;
    struct buffer detail = buffer_open(WORDS_BYTES_MAX);
    buffer_put(&detail, STR("the same reason twenty times within a day: "));
    buffer_put(&detail, conduct->reason_text);
    const struct alarm alarm = {.kind = ALARM_REASON_COPIED,
                                .addressed = ROLE_audit_reviewer,
                                .authority = conduct->caller.organisation.authority,
                                .due_in = seconds(COPIED_DUE_S),
                                .account = conduct->caller.account.account,
                                .detail = buffer_str(&detail)};
    enum fault fault = buffer_fault(&detail);
    if (fault == FAULT_NONE)
        fault = alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, conduct->now, &alarm);
    buffer_close(&detail);
    return fault;
}

static enum fault keep_stated(struct db_tx *tx, void *context)
{
    const struct stated_job *job = context;
    struct service *service = job->conduct->service;
    enum fault fault;
    TRY(check_opened(tx, job));
    TRY(looks_check_search(tx, job->conduct));
    TRY(stated_insert(tx, service->vault, &service->search_key, job->stated));
    if (job->copied)
        TRY(raise_copied(tx, job->conduct));
done:
    return fault;
}

/* TOUR 4: the criteria are kept, sealed, and the entry is durable before anybody learns whether somebody was
 * found. */
enum fault do_child_find(struct conduct *conduct)
{
    const struct permit_child_find permit =
        permit_issue_child_find(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct stated stated = {.search.id = id_new(conduct->service->entropy),
                            .session = conduct->caller.session,
                            .account = conduct->caller.account.account,
                            .at = conduct->now,
                            .reason = conduct->reason,
                            .reason_text = conduct->reason_text,
                            .has_query = true};
    struct stated_job job = {.conduct = conduct, .stated = &stated};
    struct match_results results;
    struct entries entries = {0};
    enum fault fault;
    if (conduct->has_stated) { /* the same search again, with similar names */
        stated.query = conduct->stated.query;
        stated.query.similar = true;
        conduct->answer->error_count = 0;
    } else if (find_read_form(conduct, &stated.query) != FAULT_NONE) {
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    }
    TRY(words_of_query(&stated.query, conduct->arena, &conduct->asked));
    if (stated.query.number.len > 0) { /* a number that fits one child opens it at once */
        TRY(search(conduct, &permit.permit, &stated.query, &results));
        if (results.count == 1 && results.found[0].exact) {
            stated.opened = results.found[0].child;
            job.found = results.found[0].state;
        }
    }
    TRY(entries_add(conduct, &entries, EVENT_CHILD_SOUGHT, (struct child_id){{{0}}}, NULL, 0));
    TRY(count_words(conduct, &job.copied));
    fault = conduct_commit(conduct, &entries, keep_stated, &job);
    if (fault == FAULT_TOO_MANY)
        return conduct_refuse(conduct, REFUSAL_LIMIT, fault);
    TRY(fault);
    conduct->answer->search = stated.search;
    conduct->answer->opened = stated.opened;
done:
    return fault;
}

/* A list being made: what was found, opened, disclosed and entered, one slot each. */
struct listing {
    struct conduct *conduct;
    const struct match_results *results;
    struct child *children[MATCH_RESULTS_MAX];
    const struct audit_sealed *sealed[MATCH_RESULTS_MAX];
    const struct audit_sealed *nobody; /* the entry of a list that shows nobody */
    struct entries entries;            /* those of the rows that are released */
    bool released[MATCH_RESULTS_MAX];
};

static enum fault read_found(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < listing->results->count; i++) {
        fault = child_read(tx, listing->conduct->display, listing->results->found[i].child,
                           listing->conduct->arena, &listing->children[i]);
        if (fault == FAULT_ABSENT || fault == FAULT_CORRUPT ||
            fault == FAULT_KEY) /* only that record is refused (case 71) */
            listing->children[i] = NULL;
        else if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

/* architecture.md §6: state is read again in the audit's transaction, and what has become hidden since it was
 * found is dropped. */
static enum fault check_found(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    enum fault fault = FAULT_NONE;
    listing->entries.count = 0;
    for (size_t i = 0; i < listing->results->count; i++) {
        const struct child *child = listing->children[i];
        enum record_state now = 0;
        if (child != NULL)
            TRY(state_now(tx, listing->conduct->arena, child->child, &now));
        listing->released[i] =
            child != NULL && now == child->state && now == listing->results->found[i].state;
        if (listing->released[i])
            listing->entries.sealed[listing->entries.count++] = listing->sealed[i];
    }
    if (listing->entries.count == 0)
        listing->entries.sealed[listing->entries.count++] = listing->nobody;
done:
    return fault;
}

static enum fault seal_row(struct conduct *conduct, const struct child *child,
                           const struct audit_sealed **ret_sealed)
{
    struct entries one = {0};
    enum fault fault;
    if (child == NULL)
        TRY(entries_add(conduct, &one, EVENT_CHILD_LISTED, (struct child_id){{{0}}}, NULL, 0));
    else
        TRY(entries_add(conduct, &one, EVENT_CHILD_LISTED, child->child, &child->key,
                        conduct->decision.sight[child->state] & (MASK(IDENTITY) | MASK(AUTHORITY))));
    *ret_sealed = one.sealed[0];
done:
    return fault;
}

static enum fault disclose_listing(struct listing *listing, struct results_view *view)
{
    struct conduct *conduct = listing->conduct;
    struct disclosure disclosure = disclosure_of(conduct, NULL);
    enum fault fault;
    TRY(seal_row(conduct, NULL, &listing->nobody));
    for (size_t i = 0; i < listing->results->count; i++) {
        struct child *child = listing->children[i];
        fault = child == NULL ? FAULT_ABSENT
                              : disclose_result(&disclosure, child, &listing->results->found[i],
                                                &conduct->stated.query, &view->rows[i]);
        if (fault == FAULT_ABSENT) { /* shows and enters nothing */
            listing->children[i] = NULL;
            continue;
        }
        TRY(fault);
        TRY(seal_row(conduct, child, &listing->sealed[i]));
    }
    fault = FAULT_NONE;
done:
    return fault;
}

/* Rows that kept their right to be shown, closed up. */
static void release(const struct listing *listing, struct results_view *view)
{
    for (size_t i = 0; i < listing->results->count; i++)
        if (listing->released[i])
            view->rows[view->count++] = view->rows[i];
}

/* TOUR 7: one entry per child shown, durable before the list leaves. */
enum fault do_child_results(struct conduct *conduct)
{
    const struct permit_child_results permit =
        permit_issue_child_results(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct results_view *view = arena_take(conduct->arena, sizeof *view);
    struct match_results results;
    struct listing listing = {.conduct = conduct, .results = &results};
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    conduct_display(conduct, &permit.permit);
    TRY(words_of_query(&conduct->stated.query, conduct->arena, &conduct->asked));
    TRY(search(conduct, &permit.permit, &conduct->stated.query, &results));
    TRY(db_read(conduct->service->db, read_found, &listing));
    TRY(disclose_listing(&listing, view));
    TRY(conduct_commit(conduct, &listing.entries, check_found, &listing));
    release(&listing, view);
    view->search = conduct->stated.search;
    view->too_many = results.too_many;
    view->asked = conduct->asked;
    view->similar = conduct->stated.query.similar;
    conduct->answer->results = view;
done:
    return fault;
}

/* One more record needs a reason of its own (R5.1). */
enum fault do_child_reason(struct conduct *conduct)
{
    const struct permit_child_reason permit =
        permit_issue_child_reason(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_child_reason);
    struct stated stated = {.search.id = id_new(conduct->service->entropy),
                            .session = conduct->caller.session,
                            .account = conduct->caller.account.account,
                            .at = conduct->now,
                            .opened.id = conduct->ask->path_ids[0],
                            .reason = conduct->reason,
                            .reason_text = conduct->reason_text};
    struct stated_job job = {.conduct = conduct, .stated = &stated};
    enum fault fault;
    TRY(count_words(conduct, &job.copied));
    TRY(conduct_enter(conduct, EVENT_REASON_STATED, keep_stated, &job));
    conduct->answer->opened = stated.opened;
    conduct->answer->recorded = true;
done:
    return fault;
}
