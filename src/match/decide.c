#include "match/decide.h"

static bool is_real(enum part_level level)
{
    return level == PART_EXACT || level == PART_NICKNAME || level == PART_TYPO;
}

static bool is_same_family_and_day(const struct score *score)
{
    return score->birth_exact && (score->household || score->family == PART_EXACT);
}

/* Two children of one household born on one day, each with a name of their own (R14.3). */
static bool is_twin(const struct score *score)
{
    return score->given == PART_NOT && is_same_family_and_day(score) && !score->number_same &&
           !is_real(score->other);
}

/* The given name is this child's.  Where it is only alike, a brother's, sister's or twin's may be alike too:
 * then the date must be the same, no middle name speak against it, and either the name be none that people
 * bear, or the middle names be the same. */
static bool is_named(const struct score *score)
{
    if (score->given == PART_EXACT)
        return true;
    if (score->sex_differs || !score->birth_exact || score->other == PART_NOT)
        return false;
    switch (score->given) {
    case PART_TYPO:
    case PART_NICKNAME:
        return !score->given_known || is_real(score->other);
    case PART_CLOSE:
        return is_real(score->other);
    case PART_PARTLY:
        return !score->given_known && is_real(score->other);
    case PART_EXACT:
    case PART_INITIAL:
    case PART_MISSING:
    case PART_NOT:
        break;
    }
    return false;
}

/* No guard objects: by a number of the child's own that name and date do not gainsay, or by name, date and
 * something else besides.  Name and date alone never are enough (R14.3). */
static bool is_certain(const struct score *score)
{
    if (score->number_conflict || score->given == PART_NOT || !score->birth_fits)
        return false;
    if (score->number_same)
        return is_real(score->given) || is_real(score->family);
    if (!is_named(score))
        return false;
    /* Families change their name; a given name, a date and a home together do not recur. */
    if (score->family == PART_NOT)
        return score->given == PART_EXACT && score->birth_exact && score->household;
    return score->support;
}

static bool goes_before(const struct match_candidate *a, const struct match_candidate *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    return id_compare(a->child.id, b->child.id) < 0;
}

static struct match_candidate candidate_of(const struct match_index *index, uint32_t number,
                                           const struct score *score)
{
    const struct slot *slot = index_slot(index, number);
    struct match_candidate candidate = {.child = index_child(index, number),
                                        .state = (enum record_state)slot->state,
                                        .version = slot->version,
                                        .weight = score->weight,
                                        .reason_count = score->reason_count};
    memcpy(candidate.reasons, score->reasons, sizeof(candidate.reasons));
    return candidate;
}

static void keep(struct linked *linked, const struct match_candidate *candidate, const struct score *score)
{
    size_t at = linked->count;
    while (at > 0 && goes_before(candidate, &linked->best[at - 1]))
        at--;
    if (at == MATCH_CANDIDATES_MAX)
        return;
    size_t last = linked->count < MATCH_CANDIDATES_MAX ? linked->count++ : MATCH_CANDIDATES_MAX - 1;
    for (size_t i = last; i > at; i--) {
        linked->best[i] = linked->best[i - 1];
        linked->traits[i] = linked->traits[i - 1];
    }
    linked->best[at] = *candidate;
    bool named = score->given == PART_EXACT;
    linked->traits[at].certain = is_certain(score);
    linked->traits[at].named = named;
    linked->traits[at].twinned = !named && score->given_known && is_same_family_and_day(score);
}

static bool is_hidden(enum record_state state)
{
    return state == RECORD_SHIELDED || state == RECORD_SEALED;
}

void decide_consider(const struct match_index *index, struct linked *linked, uint32_t slot,
                     struct score *score)
{
    const struct match_model *model = index->model;
    /* An agreeing number is never nothing, whatever else disagrees. */
    if (score->number_same && score->weight < model->possible)
        score->weight = model->possible;
    if (score->weight < model->held)
        return;
    struct match_candidate candidate = candidate_of(index, slot, score);
    if (is_hidden(candidate.state) && (!linked->any_hidden || goes_before(&candidate, &linked->hidden))) {
        linked->hidden = candidate;
        linked->any_hidden = true;
    }
    if (!is_twin(score) && score->weight >= model->possible - model->margin)
        keep(linked, &candidate, score);
}

static void give(const struct match_model *model, enum match_outcome_kind kind, const struct linked *linked,
                 struct match_outcome *outcome)
{
    *outcome = (struct match_outcome){.kind = kind};
    if (kind == MATCH_HELD)
        outcome->best[outcome->count++] = linked->hidden;
    for (size_t i = 0; i < linked->count && outcome->count < MATCH_CANDIDATES_MAX; i++) {
        if (linked->best[i].weight < model->possible ||
            (kind == MATCH_HELD && id_equal(linked->best[i].child.id, linked->hidden.child.id)))
            continue;
        outcome->best[outcome->count++] = linked->best[i];
    }
}

void decide_outcome(const struct match_model *model, const struct linked *linked, bool complete,
                    struct match_outcome *ret_outcome)
{
    const struct match_candidate *first = linked->count > 0 ? &linked->best[0] : NULL;
    const struct match_candidate *second = linked->count > 1 ? &linked->best[1] : NULL;
    bool rival = second != NULL && first->weight - second->weight < model->margin &&
                 !(linked->traits[0].named && linked->traits[1].twinned);
    bool possible = first != NULL && first->weight >= model->possible;
    /* R9.8: a sealed record never links. */
    if (possible && first->weight >= model->sure && linked->traits[0].certain && !rival &&
        first->state != RECORD_SEALED) {
        give(model, MATCH_SURE, linked, ret_outcome);
        return;
    }
    /* R9.6: what resembles a hidden child makes no new record and no proposal that shows it. */
    if (linked->any_hidden && (!possible || linked->hidden.weight >= model->possible)) {
        give(model, MATCH_HELD, linked, ret_outcome);
        return;
    }
    if (possible)
        give(model, rival && second->weight >= model->possible ? MATCH_MANY : MATCH_POSSIBLE, linked,
             ret_outcome);
    else
        give(model, complete ? MATCH_NONE : MATCH_POSSIBLE, linked, ret_outcome);
}

bool decide_is_beyond_doubt(const struct match_model *model, const struct score *score)
{
    return is_certain(score) && score->birth_exact && score->family == PART_EXACT &&
           (score->given == PART_EXACT || score->given == PART_NICKNAME) &&
           score->weight >= model->sure + model->margin;
}
