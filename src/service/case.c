/* What waits for an officer, as it stands now: rows that may be somebody's, records that may be one child's
 * (R9.6, R14.3, R14.4). */
#include "service/case.h"

#include "match/duplicates.h"

enum { REF_BYTES_MAX = 80, LIST_MAX = 32, EXAMINED_MAX = 512 };

/* A row's id: kind, source, the mark, then sequence and row number in six bytes each. */
enum { ROW_KIND = 0, ROW_SOURCE = 1, ROW_MARK = 2, ROW_SEQUENCE = 4, ROW_NUMBER = 10, ROW_DIGITS = 6 };

static void put_number(uint8_t at[ROW_DIGITS], int64_t number)
{
    for (int i = 0; i < ROW_DIGITS; i++)
        at[i] = (uint8_t)((uint64_t)number >> (8 * (ROW_DIGITS - 1 - i)));
}

static int64_t take_number(const uint8_t at[ROW_DIGITS])
{
    uint64_t number = 0;
    for (int i = 0; i < ROW_DIGITS; i++)
        number = number << 8 | at[i];
    return (int64_t)number;
}

struct id case_ref_id(const struct case_ref *ref)
{
    struct id id = {{0}};
    if (ref->kind == CASE_PAIR) {
        _Static_assert(sizeof id.byte == TAG_BYTES, "a pair's tag is an id");
        memcpy(id.byte, ref->tag.byte, TAG_BYTES);
        return id;
    }
    id.byte[ROW_KIND] = (uint8_t)ref->kind;
    id.byte[ROW_SOURCE] = (uint8_t)ref->place.source;
    put_number(id.byte + ROW_SEQUENCE, ref->place.sequence);
    put_number(id.byte + ROW_NUMBER, ref->place.row_number);
    return id;
}

static bool is_row(struct id id)
{
    const uint8_t kind = id.byte[ROW_KIND], source = id.byte[ROW_SOURCE];
    return (kind == CASE_ROW || kind == CASE_SEEN) && source > SOURCE_NONE && source < SOURCES_END &&
           id.byte[ROW_MARK] == 0 && id.byte[ROW_MARK + 1] == 0;
}

bool case_ref_of(struct id id, struct case_ref *ret_ref)
{
    struct case_ref ref = {.kind = CASE_PAIR};
    if (id_is_zero(id))
        return false;
    if (is_row(id)) {
        ref.kind = (enum case_kind)id.byte[ROW_KIND];
        ref.place =
            (struct waiting_place){(enum source)id.byte[ROW_SOURCE], take_number(id.byte + ROW_SEQUENCE),
                                   take_number(id.byte + ROW_NUMBER)};
    } else {
        memcpy(ref.tag.byte, id.byte, TAG_BYTES);
    }
    *ret_ref = ref;
    return true;
}

enum fault case_ref_text(const struct case_ref *ref, struct arena *arena, struct str *ret_text)
{
    struct buffer text = buffer_open(REF_BYTES_MAX);
    enum fault fault;
    id_put(&text, case_ref_id(ref));
    TRY(buffer_fault(&text));
    TRY(arena_copy(arena, buffer_str(&text), ret_text));
done:
    buffer_close(&text);
    return fault;
}

bool case_is_responsible(const struct conduct *conduct, struct str authority)
{
    return authority.len == 0 || str_equal(authority, conduct->caller.organisation.authority);
}

static bool is_hidden(enum record_state state)
{
    return state == RECORD_SHIELDED || state == RECORD_SEALED;
}

/* Where a candidate is gone meanwhile, or was taken in by another, it is as the store has it now. */
static enum fault add_candidate(struct db_tx *tx, struct conduct *conduct,
                                const struct match_candidate *match, struct officer_case *held)
{
    struct case_candidate *candidate = &held->candidates[held->candidate_count];
    enum fault fault = family_standing(tx, match->child, conduct->arena, &candidate->standing);
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    if (fault == FAULT_NONE) {
        candidate->match = *match;
        held->candidate_count++;
    }
    return fault;
}

/* Links the row again: who is like it now, whatever was so when it came. */
static enum fault relink(struct db_tx *tx, struct conduct *conduct, const struct identity *identity,
                         struct officer_case *held)
{
    const struct child_id *apart = NULL;
    size_t apart_count = decisions_apart(identity->decisions, &held->row.record.tag, &apart);
    struct person person = {0};
    struct match_outcome outcome;
    enum fault fault;
    TRY(row_to_person(&held->row.row, conduct->arena, &person));
    TRY(match_link_apart(conduct->service->index, &person, apart, apart_count, &outcome));
    held->outcome = outcome.kind;
    for (size_t i = 0; i < outcome.count; i++)
        TRY(add_candidate(tx, conduct, &outcome.best[i], held));
done:
    return fault;
}

static bool any_hidden(const struct officer_case *held)
{
    for (size_t i = 0; i < held->candidate_count; i++)
        if (is_hidden(held->candidates[i].standing.state))
            return true;
    return false;
}

/* R9.6: whatever is like a hidden child is the shielding officer's, and only that. */
static bool is_officers_row(const struct conduct *conduct, const struct officer_case *held)
{
    bool hidden = held->outcome == MATCH_HELD || any_hidden(held);
    struct str authority = held->candidate_count > 0 ? held->candidates[0].standing.authority
                                                     : held->row.row.at[COLUMN_authority];
    if (!case_is_responsible(conduct, authority))
        return false;
    if (!case_hidden_matter(conduct))
        return held->ref.kind == CASE_ROW && !hidden;
    return held->ref.kind == CASE_ROW || hidden;
}

static enum waiting_queue queue_of(const struct conduct *conduct, enum case_kind kind)
{
    return case_hidden_matter(conduct) && kind == CASE_ROW ? QUEUE_SHIELDING_OFFICER : QUEUE_DATA_OFFICER;
}

/* Completes a row that was read. */
static enum fault complete_row(struct db_tx *tx, struct conduct *conduct, const struct identity *identity,
                               struct officer_case *held)
{
    enum fault fault;
    if (held->row.queue != queue_of(conduct, held->ref.kind))
        return FAULT_ABSENT;
    TRY(relink(tx, conduct, identity, held));
    if (!is_officers_row(conduct, held))
        fault = FAULT_ABSENT;
done:
    return fault;
}

/* The two records of a pair as they are now. */
static enum fault complete_pair(struct db_tx *tx, struct conduct *conduct, const struct identity *identity,
                                struct officer_case *held)
{
    const struct proposal *proposal = &held->proposal;
    const struct match_candidate one = {.child = proposal->one}, other = {.child = proposal->other};
    enum fault fault;
    held->ref.tag = proposal->tag;
    TRY(add_candidate(tx, conduct, &one, held));
    TRY(add_candidate(tx, conduct, &other, held));
    if (held->candidate_count < 2)
        return FAULT_ABSENT;
    const struct child_standing *first = &held->candidates[0].standing,
                                *second = &held->candidates[1].standing;
    bool hidden = first->state == RECORD_SHIELDED || second->state == RECORD_SHIELDED;
    bool closed = first->state == RECORD_SEALED || second->state == RECORD_SEALED;
    if (closed || id_equal(first->child.id, second->child.id) || hidden != case_hidden_matter(conduct) ||
        decisions_are_two(identity->decisions, first->child, second->child) ||
        !(case_is_responsible(conduct, first->authority) || case_is_responsible(conduct, second->authority)))
        return FAULT_ABSENT;
    held->apart_authorities = first->authority.len > 0 && second->authority.len > 0 &&
                              !str_equal(first->authority, second->authority);
    fault =
        match_pair_weigh(conduct->service->index, first->child, second->child, &held->candidates[1].match);
    held->candidates[1].match.child = second->child;
    if (fault == FAULT_ABSENT) /* the index is behind */
        fault = FAULT_NONE;
done:
    return fault;
}

enum fault case_read(struct db_tx *tx, struct conduct *conduct, const struct identity *identity,
                     const struct case_ref *ref, struct officer_case *ret_case)
{
    struct officer_case held = {.ref = *ref};
    enum fault fault;
    if (ref->kind == CASE_PAIR) {
        TRY(duplicates_get(tx, &identity->decider, &ref->tag, conduct->arena, &held.proposal));
        TRY(complete_pair(tx, conduct, identity, &held));
    } else {
        TRY(queue_read(tx, &identity->keys, &ref->place, conduct->arena, &held.row));
        TRY(complete_row(tx, conduct, identity, &held));
    }
    *ret_case = held;
done:
    return fault;
}

/* One look through what waits, from a place on. */
struct listing {
    struct conduct *conduct;
    struct identity *identity;
    struct case_ref at; /* behind this one */
    struct officer_case found[LIST_MAX];
    size_t count;
    size_t examined;
    bool more;
};

static enum fault list_rows(struct db_tx *tx, struct listing *listing)
{
    struct waiting_row *rows = arena_take_array(listing->conduct->arena, QUEUE_ROWS_MAX, sizeof *rows);
    size_t count = 0;
    enum fault fault;
    if (rows == NULL)
        return FAULT_MEMORY;
    TRY(queue_list(tx, &listing->identity->keys, queue_of(listing->conduct, listing->at.kind),
                   &listing->at.place, QUEUE_ROWS_MAX, listing->conduct->arena, rows, &count));
    for (size_t i = 0; i < count && listing->count < LIST_MAX; i++) {
        struct officer_case held = {.ref = {.kind = listing->at.kind, .place = rows[i].place},
                                    .row = rows[i]};
        listing->at.place = rows[i].place;
        listing->examined++;
        fault = queue_read(tx, &listing->identity->keys, &rows[i].place, listing->conduct->arena, &held.row);
        if (fault == FAULT_NONE)
            fault = complete_row(tx, listing->conduct, listing->identity, &held);
        if (fault == FAULT_NONE)
            listing->found[listing->count++] = held;
        if (fault != FAULT_NONE && fault != FAULT_ABSENT)
            return fault;
    }
    listing->more = count == QUEUE_ROWS_MAX || listing->count == LIST_MAX;
    fault = FAULT_NONE;
done:
    return fault;
}

static enum fault list_pairs(struct db_tx *tx, struct listing *listing)
{
    struct proposal proposals[QUEUE_ROWS_MAX];
    size_t count = 0;
    enum fault fault;
    TRY(duplicates_list(tx, &listing->identity->decider, &listing->at.tag, QUEUE_ROWS_MAX, proposals,
                        &count));
    for (size_t i = 0; i < count && listing->count < LIST_MAX; i++) {
        struct officer_case held = {.ref = {.kind = CASE_PAIR}, .proposal = proposals[i]};
        listing->at.tag = proposals[i].tag;
        listing->examined++;
        fault = complete_pair(tx, listing->conduct, listing->identity, &held);
        if (fault == FAULT_NONE)
            listing->found[listing->count++] = held;
        if (fault != FAULT_NONE && fault != FAULT_ABSENT)
            return fault;
    }
    listing->more = count == QUEUE_ROWS_MAX || listing->count == LIST_MAX;
    fault = FAULT_NONE;
done:
    return fault;
}

/* Rows of the officer's own queue; for the shielding officer those of the other that have become a matter of
 * theirs; then pairs. */
static enum fault list_cases(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    const struct case_ref from = listing->at;
    enum fault fault = FAULT_NONE;
    listing->count = listing->examined = 0;
    listing->more = true;
    while (listing->more && listing->count < LIST_MAX && listing->examined < EXAMINED_MAX) {
        TRY(listing->at.kind == CASE_PAIR ? list_pairs(tx, listing) : list_rows(tx, listing));
        if (listing->more || listing->at.kind == CASE_PAIR)
            continue;
        bool also_seen = listing->at.kind == CASE_ROW && case_hidden_matter(listing->conduct);
        listing->at = (struct case_ref){.kind = also_seen ? CASE_SEEN : CASE_PAIR};
        listing->more = true;
    }
done:
    if (fault != FAULT_NONE)
        listing->at = from; /* the job may run again */
    return fault;
}

static enum fault say_case(const struct officer_case *held, struct arena *arena, struct case_view *view)
{
    enum fault fault = case_ref_text(&held->ref, arena, &view->ref);
    view->pair = held->ref.kind == CASE_PAIR;
    view->second = !id_is_zero(held->proposal.first.id);
    if (!view->pair) {
        view->source = str_of(policy_source_label(held->row.place.source));
        view->why = str_of(row_problem_text(held->row.reason));
    }
    return fault;
}

/* Where a list goes on: behind the one that the form names, or from the first. */
static bool read_after(const struct conduct *conduct, struct case_ref *at)
{
    const struct str after = conduct_field(conduct, "after");
    struct id id;
    *at = (struct case_ref){.kind = CASE_ROW};
    return after.len == 0 || (id_parse(after, &id) && case_ref_of(id, at));
}

static enum fault list_from(struct conduct *conduct)
{
    struct listing *listing = arena_take(conduct->arena, sizeof *listing);
    struct cases_view *view = arena_take(conduct->arena, sizeof *view);
    struct identity identity = {0};
    enum fault fault;
    if (listing == NULL || view == NULL)
        return FAULT_MEMORY;
    *listing = (struct listing){.conduct = conduct, .identity = &identity};
    if (!read_after(conduct, &listing->at))
        return FAULT_INVALID;
    TRY(identity_look(conduct->service, conduct->caller.account.account, &identity));
    identity.keys.purpose = conduct->display;
    TRY(db_read(conduct->service->db, list_cases, listing));
    view->cases = arena_take_array(conduct->arena, listing->count + 1, sizeof *view->cases);
    if (view->cases == NULL) {
        fault = FAULT_MEMORY;
        goto done;
    }
    for (size_t i = 0; i < listing->count; i++)
        TRY(say_case(&listing->found[i], conduct->arena, &view->cases[i]));
    view->count = listing->count;
    if (listing->more)
        TRY(case_ref_text(&listing->at, conduct->arena, &view->next));
    TRY(conduct_enter(conduct, EVENT_CASES_LISTED, NULL, NULL));
    conduct->answer->cases = view;
done:
    identity_leave(&identity);
    return fault;
}

enum fault do_case_list(struct conduct *conduct)
{
    const struct permit_case_list permit =
        permit_issue_case_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct->display = vault_for_case(conduct->service->vault, &permit.permit);
    return list_from(conduct);
}

enum fault do_case_more(struct conduct *conduct)
{
    const struct permit_case_more permit =
        permit_issue_case_more(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct->display = vault_for_case(conduct->service->vault, &permit.permit);
    return list_from(conduct);
}
