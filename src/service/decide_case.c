/* Deciding a case: the same child or a different one; merging two records, taking that back, and parting what
 * was never merged (R9.6, R14.4). */
#include "registry/settle.h"
#include "registry/split.h"
#include "service/case.h"
#include "service/manage.h"

enum { OTHERS_MAX = CASE_CARDS_MAX, CHANGED_MAX = 2 };

enum verdict { VERDICT_SAME = 1, VERDICT_DIFFERENT = 2 };

/* A decision on its way. */
struct deciding {
    struct conduct *conduct;
    struct identity identity;
    struct permit_case_decide permit;
    struct case_ref ref;
    enum verdict verdict;
    struct child_id child; /* of the form */
    struct child_id others[OTHERS_MAX];
    size_t other_count;
    struct child_id pair[2];                  /* child_merge: by hand */
    struct claim_id chosen[SPLIT_CHOSEN_MAX]; /* child_split: the other child's; none: a merge goes back */
    size_t chosen_count;
    struct split split;
    struct id watch[CHANGED_MAX]; /* of the matters that shields get which nobody reviews */
    struct entries entries;
    struct child_id entered[CASE_CARDS_MAX]; /* whom the entries name */
    size_t entered_count;
    enum event event;
    /* What became of it, of the run that was kept. */
    enum case_state state;
    struct child_id changed[CHANGED_MAX];
    size_t changed_count;
    struct child_id became;
    bool newly_hidden;
};

static struct str next_part(struct str *rest)
{
    const char *comma = memchr(rest->at, ',', rest->len);
    size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->at);
    struct str part = {rest->at, len};
    *rest = comma == NULL ? (struct str){"", 0} : (struct str){comma + 1, rest->len - len - 1};
    return str_trim(part);
}

/* Ids with commas between them, at most so many. */
static bool read_ids(struct str text, size_t most, struct id *ids, size_t *count)
{
    while (text.len > 0) {
        if (*count == most || !id_parse(next_part(&text), &ids[*count]))
            return false;
        (*count)++;
    }
    return true;
}

/* Who is ruled out by name (R6.1): one field for each. */
static bool read_others(const struct conduct *conduct, struct deciding *deciding)
{
    static const char *const fields[OTHERS_MAX] = {"other_1", "other_2", "other_3", "other_4", "other_5"};
    for (size_t i = 0; i < OTHERS_MAX; i++) {
        const struct str other = conduct_field(conduct, fields[i]);
        if (other.len == 0)
            continue;
        if (!id_parse(other, &deciding->others[deciding->other_count].id))
            return false;
        deciding->other_count++;
    }
    return true;
}

static enum fault read_form(struct conduct *conduct, struct deciding *deciding)
{
    struct str verdict = conduct_field(conduct, "verdict"), child = conduct_field(conduct, "child");
    if (!case_ref_of(conduct->ask->path_ids[0], &deciding->ref))
        return FAULT_ABSENT;
    enum fault fault = case_ref_text(&deciding->ref, conduct->arena, &conduct->asked);
    if (fault != FAULT_NONE)
        return fault;
    if (str_equal(verdict, STR("same")))
        deciding->verdict = VERDICT_SAME;
    else if (str_equal(verdict, STR("different")))
        deciding->verdict = VERDICT_DIFFERENT;
    else
        conduct_error(conduct, "verdict", "Choose whether it is the same child or a different one");
    if (child.len > 0 && !id_parse(child, &deciding->child.id))
        return FAULT_ABSENT;
    if (deciding->verdict == VERDICT_SAME && deciding->ref.kind != CASE_PAIR && child.len == 0)
        conduct_error(conduct, "child", "Choose which child it is");
    if (!read_others(conduct, deciding))
        return FAULT_ABSENT;
    return conduct->answer->error_count > 0 ? FAULT_INVALID : FAULT_NONE;
}

static void change(struct deciding *deciding, struct child_id child)
{
    must(deciding->changed_count < CHANGED_MAX);
    deciding->changed[deciding->changed_count++] = child;
}

static bool is_candidate(const struct officer_case *held, struct child_id child)
{
    for (size_t i = 0; i < held->candidate_count; i++)
        if (id_equal(held->candidates[i].standing.child.id, child.id))
            return true;
    return false;
}

/* Nobody is like the row but those whom the officer has ruled out. */
static enum fault is_like_nobody_else(struct deciding *deciding, const struct officer_case *held,
                                      bool *ret_nobody)
{
    const struct child_id *apart = NULL;
    size_t known = decisions_apart(deciding->identity.decisions, &held->row.record.tag, &apart);
    struct child_id *all =
        arena_take_array(deciding->conduct->arena, known + deciding->other_count + 1, sizeof *all);
    struct person person = {0};
    struct match_outcome outcome;
    enum fault fault;
    if (all == NULL)
        return FAULT_MEMORY;
    if (known > 0)
        memcpy(all, apart, known * sizeof *all);
    memcpy(all + known, deciding->others, deciding->other_count * sizeof *all);
    TRY(row_to_person(&held->row.row, deciding->conduct->arena, &person));
    TRY(match_link_apart(deciding->conduct->service->index, &person, all, known + deciding->other_count,
                         &outcome));
    *ret_nobody = outcome.count == 0 && outcome.kind != MATCH_HELD;
done:
    return fault;
}

static enum fault settle_row(struct db_tx *tx, struct deciding *deciding, const struct officer_case *held)
{
    struct conduct *conduct = deciding->conduct;
    struct settlement settlement = {.permit = &deciding->permit,
                                    .house = &deciding->identity.house,
                                    .keys = &deciding->identity.keys,
                                    .decider = &deciding->identity.decider,
                                    .arena = conduct->arena,
                                    .hidden = case_hidden_matter(conduct)};
    bool nobody = false;
    enum fault fault;
    settlement.row =
        held->row; /* not above: gcc 12 clears more than the padding within (-ftrivial-auto-var-init) */
    if (deciding->verdict == VERDICT_SAME) {
        if (!is_candidate(held, deciding->child))
            return FAULT_ABSENT;
        TRY(settle_same(tx, &conduct->noting, &settlement, deciding->child, &deciding->became));
    } else {
        for (size_t i = 0; i < deciding->other_count; i++)
            if (!is_candidate(held, deciding->others[i]))
                return FAULT_ABSENT;
        TRY(is_like_nobody_else(deciding, held, &nobody));
        if (!nobody) {
            deciding->state = CASE_WAITS;
            return settle_apart(tx, &settlement, deciding->others, deciding->other_count);
        }
        TRY(settle_different(tx, &conduct->noting, &settlement, deciding->others, deciding->other_count,
                             &deciding->became));
    }
    deciding->state = CASE_SETTLED;
    change(deciding, deciding->became);
done:
    return fault;
}

static enum fault merge_pair(struct db_tx *tx, struct deciding *deciding, const struct permit *permit,
                             const struct proposal *proposal)
{
    struct conduct *conduct = deciding->conduct;
    const struct merge_order order = {.permit = permit,
                                      .decider = &deciding->identity.decider,
                                      .arena = conduct->arena,
                                      .hidden = case_hidden_matter(conduct)};
    struct merge_outcome outcome;
    enum fault fault;
    TRY(merge_children(tx, &conduct->noting, &order, proposal->one, proposal->other, &outcome));
    TRY(duplicates_drop(tx, &proposal->tag));
    deciding->state = CASE_SETTLED;
    deciding->became = outcome.survivor;
    deciding->newly_hidden = outcome.newly_hidden;
    change(deciding, outcome.survivor);
    change(deciding, outcome.other);
done:
    return fault;
}

/* R14.4: across authorities two people say so, one after the other. */
static enum fault same_pair(struct db_tx *tx, struct deciding *deciding, const struct permit *permit,
                            const struct officer_case *held)
{
    struct proposal proposal = held->proposal;
    const struct account_id account = deciding->conduct->caller.account.account;
    if (!held->apart_authorities ||
        (!id_is_zero(proposal.first.id) && !id_equal(proposal.first.id, account.id)))
        return merge_pair(tx, deciding, permit, &proposal);
    deciding->state = CASE_SECOND;
    proposal.first = account;
    return duplicates_put(tx, &deciding->identity.decider, &proposal);
}

static enum fault different_pair(struct db_tx *tx, struct deciding *deciding, const struct officer_case *held)
{
    enum fault fault;
    TRY(decision_never_same(tx, &deciding->identity.decider, who_child(held->candidates[0].standing.child),
                            who_child(held->candidates[1].standing.child)));
    TRY(duplicates_drop(tx, &held->proposal.tag));
    deciding->state = CASE_SETTLED;
done:
    return fault;
}

static enum fault begin_job(struct db_tx *tx, struct deciding *deciding)
{
    deciding->changed_count = 0;
    deciding->newly_hidden = false;
    deciding->became = (struct child_id){{{0}}};
    return lease_hold(tx, deciding->identity.lease);
}

/* Whom the entries name must be whom the decision is about. */
static bool names(const struct deciding *deciding, const struct officer_case *held)
{
    for (size_t i = 0; i < deciding->entered_count; i++)
        if (!is_candidate(held, deciding->entered[i]))
            return false;
    return deciding->entered_count == held->candidate_count;
}

/* The case is read again inside the transaction, so that what is decided on is what stands. */
static enum fault decide_now(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct officer_case held;
    enum fault fault;
    TRY(begin_job(tx, deciding));
    TRY(case_read(tx, deciding->conduct, &deciding->identity, &deciding->ref, &held));
    if (!names(deciding, &held))
        return fault_note(FAULT_CONFLICT, "others are like it by now: look at it again");
    if (deciding->ref.kind != CASE_PAIR)
        TRY(settle_row(tx, deciding, &held));
    else if (deciding->verdict == VERDICT_SAME)
        TRY(same_pair(tx, deciding, &deciding->permit.permit, &held));
    else
        TRY(different_pair(tx, deciding, &held));
done:
    return fault;
}

struct entering {
    struct deciding *deciding;
    const struct child_id *children;
    struct child *read[CASE_CARDS_MAX];
    size_t count;
    bool alone; /* the second is a record that the first has taken in */
};

static enum fault read_entered(struct db_tx *tx, void *context)
{
    struct entering *entering = context;
    struct conduct *conduct = entering->deciding->conduct;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < entering->count; i++)
        TRY(child_read_shut(tx, entering->children[i], entering->alone && i > 0, conduct->arena,
                            &entering->read[i]));
done:
    return fault;
}

/* One entry for each child whom the decision is about. */
static enum fault enter(struct deciding *deciding, const struct child_id *children, size_t count)
{
    struct conduct *conduct = deciding->conduct;
    struct entering entering = {.deciding = deciding,
                                .children = children,
                                .count = count,
                                .alone = deciding->event == EVENT_CHILD_SPLIT};
    enum fault fault;
    must(count <= CASE_CARDS_MAX);
    TRY(db_read(conduct->service->db, read_entered, &entering));
    for (size_t i = 0; i < count; i++) {
        deciding->entered[deciding->entered_count++] = entering.read[i]->child;
        TRY(entries_add(conduct, &deciding->entries, deciding->event, entering.read[i]->child,
                        &entering.read[i]->key, 0));
    }
    if (count == 0)
        TRY(entries_add(conduct, &deciding->entries, deciding->event, (struct child_id){{{0}}}, NULL, 0));
done:
    return fault;
}

/* After the commit: the index, and where somebody is hidden now, every server's (architecture.md §6). */
static enum fault finish(struct deciding *deciding)
{
    struct conduct *conduct = deciding->conduct;
    enum fault fault = FAULT_NONE;
    if (deciding->changed_count > 0)
        TRY(identity_index(&deciding->identity, deciding->changed, deciding->changed_count));
    if (deciding->newly_hidden) {
        conduct_leave(conduct);
        TRY(follow_everywhere(conduct->service->follow, &conduct->noting.mark));
    }
    conduct->answer->case_state = deciding->state;
    conduct->answer->opened = deciding->became;
done:
    return fault;
}

static enum fault commit(struct deciding *deciding, db_job job)
{
    enum fault fault;
    TRY(conduct_commit(deciding->conduct, &deciding->entries, job, deciding));
    TRY(finish(deciding));
done:
    return fault;
}

struct first_look {
    struct deciding *deciding;
    struct officer_case held;
};

static enum fault look(struct db_tx *tx, void *context)
{
    struct first_look *first = context;
    return case_read(tx, first->deciding->conduct, &first->deciding->identity, &first->deciding->ref,
                     &first->held);
}

static enum fault begin(struct conduct *conduct, enum event event, struct deciding **ret_deciding)
{
    struct deciding *deciding = arena_take(conduct->arena, sizeof *deciding);
    if (deciding == NULL)
        return FAULT_MEMORY;
    deciding->conduct = conduct;
    deciding->event = event;
    *ret_deciding = deciding;
    return FAULT_NONE;
}

static enum fault decide_case(struct deciding *deciding)
{
    struct conduct *conduct = deciding->conduct;
    struct first_look *first = arena_take(conduct->arena, sizeof *first);
    struct child_id children[CASE_CARDS_MAX];
    enum fault fault;
    if (first == NULL)
        return FAULT_MEMORY;
    first->deciding = deciding;
    TRY(db_read(conduct->service->db, look, first));
    for (size_t i = 0; i < first->held.candidate_count; i++)
        children[i] = first->held.candidates[i].standing.child;
    TRY(enter(deciding, children, first->held.candidate_count));
    TRY(commit(deciding, decide_now));
done:
    return fault;
}

enum fault do_case_decide(struct conduct *conduct)
{
    struct deciding *deciding = NULL;
    enum fault fault;
    TRY(begin(conduct, EVENT_CASE_DECIDED, &deciding));
    deciding->permit =
        permit_issue_case_decide(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct->display = vault_for_case(conduct->service->vault, &deciding->permit.permit);
    fault = read_form(conduct, deciding);
    if (fault == FAULT_INVALID) {
        conduct->answer->fault = FAULT_INVALID;
        TRY(case_show(conduct));
        return FAULT_INVALID;
    }
    TRY(fault);
    TRY(identity_take(conduct->service, conduct->caller.account.account, &deciding->identity));
    deciding->identity.keys.purpose = vault_for_writing(conduct->service->vault, &deciding->permit.permit);
    fault = decide_case(deciding);
    identity_leave(&deciding->identity);
done:
    return fault;
}

/* Two records that an officer names, whether they were proposed or not. */
static enum fault read_pair(struct db_tx *tx, struct deciding *deciding, struct officer_case *held)
{
    struct conduct *conduct = deciding->conduct;
    struct child_standing standing[2];
    enum fault fault;
    for (int i = 0; i < 2; i++) {
        TRY(family_standing(tx, deciding->pair[i], conduct->arena, &standing[i]));
        if (standing[i].state == RECORD_SHIELDED && !case_hidden_matter(conduct))
            return FAULT_ABSENT;
    }
    if (!case_is_responsible(conduct, standing[0].authority) &&
        !case_is_responsible(conduct, standing[1].authority))
        return FAULT_ABSENT;
    held->proposal = (struct proposal){
        .tag = duplicates_tag(conduct->service->vault, standing[0].child, standing[1].child),
        .one = standing[0].child,
        .other = standing[1].child,
        .found = deciding->identity.decider.at};
    fault =
        duplicates_get(tx, &deciding->identity.decider, &held->proposal.tag, conduct->arena, &held->proposal);
    held->apart_authorities = standing[0].authority.len > 0 && standing[1].authority.len > 0 &&
                              !str_equal(standing[0].authority, standing[1].authority);
    if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
done:
    return fault;
}

static enum fault merge(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct conduct *conduct = deciding->conduct;
    const struct permit_child_merge permit =
        permit_issue_child_merge(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct officer_case held = {0};
    enum fault fault;
    TRY(begin_job(tx, deciding));
    TRY(read_pair(tx, deciding, &held));
    TRY(same_pair(tx, deciding, &permit.permit, &held));
done:
    return fault;
}

enum fault do_child_merge(struct conduct *conduct)
{
    struct deciding *deciding = NULL;
    enum fault fault;
    TRY(begin(conduct, EVENT_CHILDREN_MERGED, &deciding));
    for (int i = 0; i < 2; i++)
        deciding->pair[i].id = conduct->ask->path_ids[i];
    TRY(identity_take(conduct->service, conduct->caller.account.account, &deciding->identity));
    fault = enter(deciding, deciding->pair, 2);
    if (fault == FAULT_NONE)
        fault = commit(deciding, merge);
    identity_leave(&deciding->identity);
done:
    return fault;
}

/* R2: whose record it is answers for it. */
static enum fault check_responsible(struct db_tx *tx, const struct deciding *deciding)
{
    struct conduct *conduct = deciding->conduct;
    struct child_standing standing;
    enum fault fault = family_standing(tx, deciding->pair[0], conduct->arena, &standing);
    return fault == FAULT_NONE && !case_is_responsible(conduct, standing.authority) ? FAULT_ABSENT : fault;
}

/* R9.5: the shield that both keep is reviewed for both. */
static enum fault watch_shields(struct db_tx *tx, const struct deciding *deciding)
{
    const struct shield_order order = manage_order(deciding->conduct);
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < deciding->changed_count; i++)
        TRY(shield_watch(tx, &order, deciding->watch[i], deciding->changed[i]));
done:
    return fault;
}

static enum fault take_back(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct conduct *conduct = deciding->conduct;
    const struct permit_child_split permit =
        permit_issue_child_split(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    const struct merge_order order = {.permit = &permit.permit,
                                      .decider = &deciding->identity.decider,
                                      .arena = conduct->arena,
                                      .hidden = case_hidden_matter(conduct)};
    struct merge_outcome outcome;
    enum fault fault;
    TRY(begin_job(tx, deciding));
    TRY(check_responsible(tx, deciding));
    TRY(merge_undo(tx, &conduct->noting, &order, deciding->pair[0], &outcome));
    deciding->state = CASE_SETTLED;
    deciding->became = outcome.survivor;
    change(deciding, outcome.survivor);
    change(deciding, outcome.other);
    TRY(watch_shields(tx, deciding));
done:
    return fault;
}

static enum fault part(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct merge_outcome outcome;
    enum fault fault;
    TRY(begin_job(tx, deciding));
    TRY(check_responsible(tx, deciding));
    TRY(split_record(tx, &deciding->conduct->noting, &deciding->split, &outcome));
    deciding->state = CASE_SETTLED;
    deciding->became = outcome.other;
    change(deciding, outcome.survivor);
    change(deciding, outcome.other);
    TRY(watch_shields(tx, deciding));
done:
    return fault;
}

/* Each of the two records has an entry under its own key. */
static enum fault part_chosen(struct deciding *deciding)
{
    struct conduct *conduct = deciding->conduct;
    const struct permit_child_split permit =
        permit_issue_child_split(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    const struct split_order order = {.permit = &permit,
                                      .house = &deciding->identity.house,
                                      .decider = &deciding->identity.decider,
                                      .feed_key = &deciding->identity.keys.feed_key,
                                      .arena = conduct->arena,
                                      .hidden = case_hidden_matter(conduct),
                                      .child = deciding->pair[0],
                                      .chosen = deciding->chosen,
                                      .chosen_count = deciding->chosen_count};
    enum fault fault;
    TRY(split_look(&order, &deciding->split));
    TRY(enter(deciding, deciding->pair, 1));
    TRY(entries_add(conduct, &deciding->entries, EVENT_CHILD_SPLIT, deciding->split.fresh,
                    &deciding->split.key, 0));
    TRY(commit(deciding, part));
done:
    return fault;
}

enum fault do_child_split(struct conduct *conduct)
{
    struct deciding *deciding = NULL;
    struct id chosen[SPLIT_CHOSEN_MAX];
    enum fault fault;
    TRY(begin(conduct, EVENT_CHILD_SPLIT, &deciding));
    deciding->pair[0].id = deciding->pair[1].id = conduct->ask->path_ids[0];
    conduct->asked = conduct_field(conduct, "records");
    if (!read_ids(conduct->asked, SPLIT_CHOSEN_MAX, chosen, &deciding->chosen_count))
        return FAULT_ABSENT;
    for (size_t i = 0; i < deciding->chosen_count; i++)
        deciding->chosen[i].id = chosen[i];
    for (size_t i = 0; i < CHANGED_MAX; i++)
        deciding->watch[i] = id_new(conduct->service->entropy);
    TRY(identity_take(conduct->service, conduct->caller.account.account, &deciding->identity));
    fault = deciding->chosen_count > 0 ? part_chosen(deciding) : enter(deciding, deciding->pair, 2);
    if (fault == FAULT_NONE && deciding->chosen_count == 0)
        fault = commit(deciding, take_back);
    identity_leave(&deciding->identity);
done:
    return fault;
}
