/* One case with all that it says, beside the records that it is like. */
#include "service/case.h"

static const char *const evidence_names[EVIDENCE_END] = {
    [EVIDENCE_NAME] = "name",
    [EVIDENCE_KNOWN_AS] = "known-as name",
    [EVIDENCE_FORMER_NAME] = "former name",
    [EVIDENCE_BIRTH] = "date of birth",
    [EVIDENCE_SEX] = "sex",
    [EVIDENCE_POSTCODE] = "postcode",
    [EVIDENCE_FORMER_POSTCODE] = "former postcode",
    [EVIDENCE_AUTHORITY] = "authority",
    [EVIDENCE_ADDRESS] = "address",
    [EVIDENCE_CARER] = "carer",
    [EVIDENCE_PHONE] = "telephone",
    [EVIDENCE_NUMBER] = "number",
};
static const char *const agreement_names[] = {[AGREE_EXACT] = "exact",
                                              [AGREE_CLOSE] = "close",
                                              [AGREE_PARTLY] = "in part",
                                              [AGREE_MISSING] = "not known",
                                              [AGREE_NOT] = "different"};

/* What officers see of a record in their own queue (the column C of rules.md). */
static field_mask shown(enum record_state state)
{
    if (state == RECORD_SEALED)
        return 0;
    return MASK(IDENTITY) | MASK(FORMER_NAMES) | MASK(WHEREABOUTS) | MASK(CARERS) | MASK(EDUCATION) |
           MASK(PRIMARY_CARE) | MASK(NUMBERS) | MASK(AUTHORITY);
}

static bool is_childs(enum column column)
{
    return (row_column(column)->rows & ROW_CHILD) != 0 && column != COLUMN_type && column != COLUMN_record;
}

struct saying {
    struct said_view *said;
    size_t count;
};

static void say(struct saying *saying, enum column column, struct str text)
{
    if (text.len > 0)
        saying->said[saying->count++] = (struct said_view){str_of(row_column(column)->name), text};
}

static enum fault say_row(const struct row *row, struct arena *arena, struct case_view *view)
{
    struct saying saying = {arena_take_array(arena, COLUMNS_END, sizeof *saying.said), 0};
    if (saying.said == NULL)
        return FAULT_MEMORY;
    for (int column = 0; column < COLUMNS_END; column++)
        if (is_childs((enum column)column))
            say(&saying, (enum column)column, row->at[column]);
    view->said = saying.said;
    view->said_count = saying.count;
    return FAULT_NONE;
}

static enum fault say_child(const struct child *child, struct arena *arena, struct case_card *card)
{
    struct saying saying = {arena_take_array(arena, COLUMNS_END, sizeof *saying.said), 0};
    if (saying.said == NULL)
        return FAULT_MEMORY;
    for (int column = 0; column < COLUMNS_END; column++) {
        const struct claim *claim = is_childs((enum column)column)
                                        ? child_authoritative(child, GROUP_IDENTITY, (enum column)column)
                                        : NULL;
        if (claim != NULL)
            say(&saying, (enum column)column, claim->row.at[column]);
    }
    card->said = saying.said;
    card->said_count = saying.count;
    card->number = child->number;
    return FAULT_NONE;
}

static enum fault say_likeness(const struct match_candidate *match, struct arena *arena,
                               struct case_card *card)
{
    card->weight = match->weight;
    card->evidence = arena_take_array(arena, MATCH_EVIDENCE_MAX, sizeof *card->evidence);
    if (card->evidence == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < match->reason_count; i++)
        card->evidence[i] = (struct likeness_view){str_of(evidence_names[match->reasons[i].evidence]),
                                                   str_of(agreement_names[match->reasons[i].agreement]),
                                                   match->reasons[i].weight};
    card->evidence_count = match->reason_count;
    return FAULT_NONE;
}

struct viewing {
    struct conduct *conduct;
    struct identity *identity;
    struct case_ref ref;
    struct officer_case held;
    struct child *children[CASE_CARDS_MAX];
};

static enum fault read_case(struct db_tx *tx, void *context)
{
    struct viewing *viewing = context;
    struct conduct *conduct = viewing->conduct;
    enum fault fault;
    TRY(case_read(tx, conduct, viewing->identity, &viewing->ref, &viewing->held));
    for (size_t i = 0; i < viewing->held.candidate_count; i++)
        TRY(child_read_whole(tx, conduct->display, viewing->held.candidates[i].standing.child, conduct->arena,
                             &viewing->children[i]));
done:
    return fault;
}

static enum fault show(const struct viewing *viewing, struct case_view *view)
{
    const struct officer_case *held = &viewing->held;
    struct arena *arena = viewing->conduct->arena;
    enum fault fault;
    TRY(case_ref_text(&held->ref, arena, &view->ref));
    view->pair = held->ref.kind == CASE_PAIR;
    view->second = !id_is_zero(held->proposal.first.id);
    if (!view->pair) {
        view->source = str_of(policy_source_label(held->row.place.source));
        view->why = str_of(row_problem_text(held->row.reason));
        TRY(say_row(&held->row.row, arena, view));
    }
    view->cards = arena_take_array(arena, held->candidate_count + 1, sizeof *view->cards);
    if (view->cards == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < held->candidate_count; i++) {
        struct case_card *card = &view->cards[i];
        card->child = viewing->children[i]->child;
        card->state = viewing->children[i]->state;
        if (shown(card->state) != 0)
            TRY(say_child(viewing->children[i], arena, card));
        TRY(say_likeness(&held->candidates[i].match, arena, card));
    }
    view->card_count = held->candidate_count;
done:
    return fault;
}

/* One entry for each child who is shown; one where nobody is. */
static enum fault enter(const struct viewing *viewing, struct entries *entries)
{
    struct conduct *conduct = viewing->conduct;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < viewing->held.candidate_count; i++)
        TRY(entries_add(conduct, entries, EVENT_CASE_VIEWED, viewing->children[i]->child,
                        &viewing->children[i]->key, shown(viewing->children[i]->state)));
    if (viewing->held.candidate_count == 0)
        TRY(entries_add(conduct, entries, EVENT_CASE_VIEWED, (struct child_id){{{0}}}, NULL, 0));
done:
    return fault;
}

/* architecture.md §6: who has become hidden since is not shown; the case is another officer's then. */
static enum fault confirm(struct db_tx *tx, void *context)
{
    const struct viewing *viewing = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < viewing->held.candidate_count; i++) {
        const struct child *child = viewing->children[i];
        struct child_standing standing;
        TRY(family_standing(tx, child->child, viewing->conduct->arena, &standing));
        if (standing.state != child->state || !id_equal(standing.child.id, child->child.id))
            return FAULT_CONFLICT;
    }
done:
    return fault;
}

enum fault case_show(struct conduct *conduct)
{
    struct viewing *viewing = arena_take(conduct->arena, sizeof *viewing);
    struct case_view *view = arena_take(conduct->arena, sizeof *view);
    struct identity identity = {0};
    struct entries entries = {0};
    enum fault fault;
    if (viewing == NULL || view == NULL)
        return FAULT_MEMORY;
    *viewing = (struct viewing){.conduct = conduct, .identity = &identity};
    if (!case_ref_of(conduct->ask->path_ids[0], &viewing->ref))
        return FAULT_ABSENT;
    TRY(case_ref_text(&viewing->ref, conduct->arena, &conduct->asked));
    TRY(identity_look(conduct->service, conduct->caller.account.account, &identity));
    identity.keys.purpose = conduct->display;
    TRY(db_read(conduct->service->db, read_case, viewing));
    TRY(show(viewing, view));
    TRY(enter(viewing, &entries));
    TRY(conduct_commit(conduct, &entries, confirm, viewing));
    conduct->answer->one_case = view;
done:
    identity_leave(&identity);
    return fault;
}

enum fault do_case_view(struct conduct *conduct)
{
    const struct permit_case_view permit =
        permit_issue_case_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct->display = vault_for_case(conduct->service->vault, &permit.permit);
    return case_show(conduct);
}
