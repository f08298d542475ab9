#include "match/explain.h"

#include "match/decide.h"

static bool is_open(const struct slot *slot)
{
    return slot->words != 0 && !slot->pending && slot->state != RECORD_SHIELDED &&
           slot->state != RECORD_SEALED;
}

/* Of an open record; 0 where it is not here. */
static uint32_t slot_of(const struct match_index *index, const struct moment *moment, struct child_id child)
{
    uint32_t slot = index_find(index, moment, child);
    return slot != 0 && is_open(index_slot(index, slot)) ? slot : 0;
}

static uint32_t slot_of_number(const struct match_index *index, const struct moment *moment, uint64_t number)
{
    for (unsigned state = RECORD_LIVE; state <= RECORD_STATES; state++) {
        struct posted posted;
        uint64_t key = block_key(index->key, KEY_NUMBER, block_veil(state, 0), number, 1);
        size_t count = postings_find(index->postings, key, &posted);
        for (size_t i = 0; i < count; i++) {
            const uint32_t slot = posted.slots[i];
            if (!moment_sees(moment, slot) || !is_open(index_slot(index, slot)))
                continue;
            struct evidence_view view = index_view(index, slot);
            for (size_t j = 0; j < view.number_count; j++) {
                if (view_number(&view, j) == number)
                    return slot;
            }
        }
    }
    return 0;
}

enum fault match_number_child(struct match_index *index, enum number_scheme scheme, struct str number,
                              struct child_id *ret_child)
{
    uint64_t hash = describe_number(scheme, number, index->key);
    const struct moment *moment = index_enter(index);
    uint32_t slot = slot_of_number(index, moment, hash);
    if (slot != 0)
        *ret_child = index_child(index, slot);
    index_leave(index, moment);
    return slot == 0 ? FAULT_ABSENT : FAULT_NONE;
}

/* Every record has a ContactPoint number of its own: two say nothing against one child. */
static void forget_own_number(struct description *asked)
{
    uint8_t kept = 0;
    for (size_t i = 0; i < asked->number_count; i++)
        if (number_scheme_of(asked->numbers[i]) != NUMBER_contactpoint)
            asked->numbers[kept++] = asked->numbers[i];
    asked->number_count = kept;
}

static void explain(const struct match_index *index, uint32_t one, uint32_t other,
                    struct match_explained *explained)
{
    struct description asked;
    struct scorer scorer;
    struct score score;
    struct linked linked = {.count = 0};
    struct match_outcome outcome;
    index_recall(index, one, &asked);
    forget_own_number(&asked);
    score_open(&scorer, index, &asked);
    score_candidate(&scorer, other, &score);
    explained->pair = (struct match_candidate){.child = index_child(index, other),
                                               .state = (enum record_state)index_slot(index, other)->state,
                                               .weight = score.weight,
                                               .reason_count = score.reason_count};
    memcpy(explained->pair.reasons, score.reasons, sizeof(score.reasons));
    explained->prior = index->model->prior;
    explained->rest = score.weight - explained->prior;
    for (size_t i = 0; i < score.reason_count; i++)
        explained->rest -= score.reasons[i].weight;
    decide_consider(index, &linked, other, &score);
    decide_outcome(index->model, &linked, true, &outcome);
    explained->kind = outcome.kind;
    describe_wipe(&asked);
}

enum fault match_explain(struct match_index *index, struct child_id one, struct child_id other,
                         struct match_explained *ret_explained)
{
    const struct moment *moment = index_enter(index);
    uint32_t first = slot_of(index, moment, one);
    uint32_t second = slot_of(index, moment, other);
    bool both = first != 0 && second != 0;
    if (both)
        explain(index, first, second, ret_explained);
    index_leave(index, moment);
    return both ? FAULT_NONE : FAULT_ABSENT;
}

const char *match_outcome_name(enum match_outcome_kind kind)
{
    static const char *const NAMES[] = {[MATCH_SURE] = "match",
                                        [MATCH_POSSIBLE] = "possible",
                                        [MATCH_MANY] = "many",
                                        [MATCH_NONE] = "none",
                                        [MATCH_HELD] = "held"};
    return NAMES[kind];
}

const char *match_evidence_name(enum evidence evidence)
{
    static const char *const NAMES[EVIDENCE_END] = {
        [EVIDENCE_NAME] = "name",
        [EVIDENCE_KNOWN_AS] = "known-as name",
        [EVIDENCE_FORMER_NAME] = "former name",
        [EVIDENCE_BIRTH] = "date of birth",
        [EVIDENCE_SEX] = "sex",
        [EVIDENCE_POSTCODE] = "postcode",
        [EVIDENCE_FORMER_POSTCODE] = "former postcode",
        [EVIDENCE_AUTHORITY] = "authority",
        [EVIDENCE_ADDRESS] = "address line",
        [EVIDENCE_CARER] = "carer",
        [EVIDENCE_PHONE] = "telephone",
        [EVIDENCE_NUMBER] = "number",
    };
    return NAMES[evidence];
}

const char *match_agreement_name(enum agreement agreement)
{
    static const char *const NAMES[] = {[AGREE_EXACT] = "same",
                                        [AGREE_CLOSE] = "close",
                                        [AGREE_PARTLY] = "partly",
                                        [AGREE_MISSING] = "missing",
                                        [AGREE_NOT] = "different"};
    return NAMES[agreement];
}
