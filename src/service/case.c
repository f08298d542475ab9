/* What waits for an officer, as it stands now: rows that may be somebody's, records that may be one child's
 * (R9.6, R14.3, R14.4). */
#include "service/case.h"

#include <inttypes.h>
#include <stdio.h>

#include "match/duplicates.h"

enum { REF_BYTES_MAX = 80, LIST_MAX = 32, EXAMINED_MAX = 512 };

static const char *const kind_names[] = {[CASE_ROW] = "row-", [CASE_SEEN] = "seen-", [CASE_PAIR] = "pair-"};

static bool take_hex(struct str text, uint8_t *at, size_t size_bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (text.len != 2 * size_bytes)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = memchr(digits, text.at[i], 16);
        if (digit == NULL)
            return false;
        at[i / 2] = (uint8_t)(at[i / 2] << 4 | (digit - digits));
    }
    return true;
}

/* Three numbers with hyphens between. */
static bool take_place(struct str text, struct waiting_place *place)
{
    int64_t number[3];
    for (int i = 0; i < 3; i++) {
        const char *hyphen = i < 2 ? memchr(text.at, '-', text.len) : text.at + text.len;
        if (hyphen == NULL)
            return false;
        size_t len = (size_t)(hyphen - text.at);
        if (!str_to_int((struct str){text.at, len}, 1, i == 0 ? SOURCES_END - 1 : INT64_MAX, &number[i]))
            return false;
        text = i < 2 ? (struct str){hyphen + 1, text.len - len - 1} : text;
    }
    *place = (struct waiting_place){(enum source)number[0], number[1], number[2]};
    return true;
}

bool case_ref_parse(struct str text, struct case_ref *ret_ref)
{
    for (enum case_kind kind = CASE_ROW; kind <= CASE_PAIR; kind++) {
        size_t len = strlen(kind_names[kind]);
        struct case_ref ref = {.kind = kind};
        if (text.len < len || memcmp(text.at, kind_names[kind], len) != 0)
            continue;
        struct str rest = {text.at + len, text.len - len};
        bool right =
            kind == CASE_PAIR ? take_hex(rest, ref.tag.byte, TAG_BYTES) : take_place(rest, &ref.place);
        if (right)
            *ret_ref = ref;
        return right;
    }
    return false;
}

enum fault case_ref_text(const struct case_ref *ref, struct arena *arena, struct str *ret_text)
{
    struct buffer text = buffer_open(REF_BYTES_MAX);
    enum fault fault;
    buffer_put(&text, str_of(kind_names[ref->kind]));
    if (ref->kind == CASE_PAIR) {
        buffer_put_hex(&text, (struct bytes){ref->tag.byte, TAG_BYTES});
    } else {
        buffer_put_int(&text, ref->place.source);
        buffer_put_char(&text, '-');
        buffer_put_int(&text, ref->place.sequence);
        buffer_put_char(&text, '-');
        buffer_put_int(&text, ref->place.row_number);
    }
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

enum fault do_case_list(struct conduct *conduct)
{
    const struct permit_case_list permit =
        permit_issue_case_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_case_list);
    struct listing *listing = arena_take(conduct->arena, sizeof *listing);
    struct cases_view *view = arena_take(conduct->arena, sizeof *view);
    struct str after = conduct_field(conduct, "after");
    struct identity identity = {0};
    struct entries entries = {0};
    enum fault fault;
    if (listing == NULL || view == NULL)
        return FAULT_MEMORY;
    *listing = (struct listing){.conduct = conduct, .identity = &identity, .at = {.kind = CASE_ROW}};
    if (after.len > 0 && !case_ref_parse(after, &listing->at))
        return FAULT_INVALID;
    TRY(identity_look(conduct->service, conduct->caller.account.account, &identity));
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
    TRY(entries_add(conduct, &entries, EVENT_CASES_LISTED, (struct child_id){{{0}}}, NULL, 0));
    TRY(conduct_commit(conduct, &entries, NULL, NULL));
    conduct->answer->cases = view;
done:
    identity_leave(&identity);
    return fault;
}
