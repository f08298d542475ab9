#include <sodium.h>

#include "match/compare.h"
#include "match/model.h"
#include "match/seek.h"

/* A similar one is shown from this share of what full agreement would weigh. */
enum { SHOWN_LEAST_PERCENT = 30, RANGE_YEARS_MAX = 40 };

static bool birth_asked(const struct match_query *query)
{
    return query->birth.precision != DAY_UNKNOWN || query->birth_earliest.precision != DAY_UNKNOWN;
}

/* What is asked, as a description; false where R5.2 is not met or a field cannot be read. */
static bool describe_query(const struct match_query *query, const uint8_t key[16],
                           struct description *ret_asked)
{
    struct person person = {.birth = query->birth, .sex = query->sex};
    person.names[0] = (struct person_name){NAME_CURRENT, query->family, query->given, {NULL, 0}};
    person.name_count = 1;
    person.places[0] =
        (struct person_place){.present = true, .postcode = query->postcode, .authority = query->authority};
    person.place_count = 1;
    if (query->number.len > 0) {
        person.numbers[0] = (struct person_number){query->number_scheme, query->number};
        person.number_count = 1;
    }
    describe_person(&person, key, ret_asked);
    const struct described_place *place = &ret_asked->places[0];
    bool has_place = ret_asked->place_count > 0;
    if ((query->postcode.len > 0 && !(has_place && place->postcode != 0)) ||
        (query->authority.len > 0 && !(has_place && place->authority != 0)) ||
        (query->number.len > 0 && ret_asked->number_count == 0))
        return false;
    if (!day_is_valid(query->birth) || !day_equal(query->birth, ret_asked->birth))
        return false;
    struct day earliest = query->birth_earliest;
    struct day latest = query->birth_latest;
    if (earliest.precision != latest.precision || !day_is_valid(earliest) || !day_is_valid(latest))
        return false;
    if (earliest.precision != DAY_UNKNOWN &&
        (earliest.precision != DAY_EXACT || day_number(earliest) > day_number(latest) ||
         latest.year - earliest.year > RANGE_YEARS_MAX))
        return false;
    return ret_asked->number_count > 0 || (ret_asked->name_count > 0 && (birth_asked(query) || has_place));
}

struct searcher {
    struct seeker seeker;
    struct scorer scorer;
    struct match_results *results;
    size_t exact_count;
    size_t limit;
};

static bool goes_before(const struct match_candidate *a, const struct match_candidate *b)
{
    if (a->exact != b->exact)
        return a->exact;
    if (a->weight != b->weight)
        return a->weight > b->weight;
    return id_compare(a->child.id, b->child.id) < 0;
}

static void keep(struct match_results *results, size_t limit, const struct match_candidate *candidate)
{
    size_t at = results->count;
    while (at > 0 && goes_before(candidate, &results->found[at - 1]))
        at--;
    if (at == limit)
        return;
    size_t last = results->count < limit ? results->count++ : limit - 1u;
    memmove(&results->found[at + 1], &results->found[at], (last - at) * sizeof(results->found[0]));
    results->found[at] = *candidate;
}

/* Scores one whom the caller may find, by what the caller may see of that state. */
static void score_slot(struct searcher *searcher, uint32_t slot, struct score *ret_score)
{
    searcher->scorer.sight = searcher->seeker.sight[index_slot(searcher->seeker.index, slot)->state];
    score_candidate(&searcher->scorer, slot, ret_score);
}

static void keep_slot(struct searcher *searcher, uint32_t slot, const struct score *score)
{
    const struct slot *held = index_slot(searcher->seeker.index, slot);
    struct match_candidate candidate = {.child = held->child,
                                        .state = (enum record_state)held->state,
                                        .version = held->version,
                                        .weight = score->weight,
                                        .exact = score->exact,
                                        .reason_count = score->reason_count};
    memcpy(candidate.reasons, score->reasons, sizeof(candidate.reasons));
    keep(searcher->results, searcher->limit, &candidate);
}

/* A tag of the postings may, very rarely, cover two keys: what must not be found is passed over here too. */
static bool may_find(const struct searcher *searcher, uint32_t slot)
{
    const struct slot *held = index_slot(searcher->seeker.index, slot);
    return !held->pending && searcher->seeker.eligible[held->state];
}

/* Everybody who equals all that is asked, at most eleven: more are not needed to say "too many". */
static void search_exactly(struct searcher *searcher)
{
    struct keys keys;
    uint32_t found[MATCH_LIMIT_MAX + 1];
    seek_exact(&searcher->seeker, &keys);
    for (size_t k = 0; k < keys.count && searcher->exact_count <= searcher->limit; k++) {
        const uint32_t *slots;
        size_t count = postings_find(searcher->seeker.index->postings, keys.at[k], &slots);
        for (size_t i = 0; i < count && searcher->exact_count <= searcher->limit; i++) {
            if (!may_find(searcher, slots[i]))
                continue;
            struct evidence_view view = index_view(searcher->seeker.index, slots[i]);
            searcher->scorer.sight =
                searcher->seeker.sight[index_slot(searcher->seeker.index, slots[i])->state];
            bool held = !compare_exactly(&searcher->scorer, &view);
            for (size_t j = 0; j < searcher->exact_count && !held; j++)
                held = found[j] == slots[i];
            if (!held)
                found[searcher->exact_count++] = slots[i];
        }
    }
    if (searcher->exact_count > searcher->limit)
        return;
    for (size_t i = 0; i < searcher->exact_count; i++) {
        struct score score;
        score_slot(searcher, found[i], &score);
        keep_slot(searcher, found[i], &score);
    }
}

/* What full agreement with the question would weigh, without the prior. */
static int32_t reachable(const struct searcher *searcher)
{
    const struct description *asked = searcher->seeker.asked;
    int32_t weight = 0;
    if (asked->name_count > 0) {
        const struct described_name *name = &asked->names[0];
        weight += name->family.len > 0 && !name->family.placeholder ? name->family.family_weight : 0;
        weight += name->given.len > 0 && !name->given.placeholder ? name->given.given_weight : 0;
    }
    if (describe_date(asked->birth) != 0)
        weight += searcher->scorer.model->birth_exact;
    else if (birth_asked(searcher->seeker.query))
        weight += searcher->scorer.model->birth_part_year;
    if (asked->place_count > 0 && asked->places[0].postcode != 0)
        weight += searcher->scorer.model->postcode_same;
    if (asked->place_count > 0 && asked->places[0].authority != 0)
        weight += searcher->scorer.model->authority_same;
    return weight;
}

static bool is_alike(enum part_level level)
{
    return level != PART_MISSING && level != PART_NOT;
}

static bool is_kept(const struct match_results *results, struct child_id child)
{
    for (size_t i = 0; i < results->count; i++) {
        if (id_equal(results->found[i].child.id, child.id))
            return true;
    }
    return false;
}

static void search_similar(struct searcher *searcher)
{
    struct gathered gathered;
    int32_t least = searcher->scorer.model->prior + reachable(searcher) / 100 * SHOWN_LEAST_PERCENT;
    gather_open(&gathered);
    seek_similar(&searcher->seeker, &gathered);
    for (size_t i = 0; i < gathered.count; i++) {
        if (!may_find(searcher, gathered.slots[i]))
            continue;
        struct score score;
        score_slot(searcher, gathered.slots[i], &score);
        bool shown = score.weight >= least && (is_alike(score.family) || is_alike(score.given));
        if (shown &&
            !is_kept(searcher->results, index_slot(searcher->seeker.index, gathered.slots[i])->child))
            keep_slot(searcher, gathered.slots[i], &score);
    }
}

static void search(struct match_index *index, const struct match_query *query,
                   const struct match_sight *sight, const struct description *asked,
                   struct match_results *ret_results)
{
    struct searcher searcher = {.results = ret_results, .limit = query->limit == 0 ? MATCH_RESULTS_MAX : query->limit};
    seek_open(&searcher.seeker, index, query, sight, asked);
    score_open(&searcher.scorer, index, asked);
    searcher.scorer.earliest = query->birth_earliest;
    searcher.scorer.latest = query->birth_latest;
    search_exactly(&searcher);
    if (searcher.exact_count > searcher.limit) {
        ret_results->too_many = true; /* R5.3 */
        return;
    }
    bool similar = query->similar || searcher.exact_count == 0;
    if (similar && asked->name_count > 0)
        search_similar(&searcher);
}

enum fault match_search(struct match_index *index, const struct match_query *query,
                        const struct match_sight *sight, struct match_results *ret_results)
{
    struct description asked;
    enum fault fault = FAULT_NONE;
    if (describe_query(query, index->key, &asked)) {
        *ret_results = (struct match_results){0};
        (void)pthread_rwlock_rdlock(&index->lock);
        search(index, query, sight, &asked, ret_results);
        (void)pthread_rwlock_unlock(&index->lock);
    } else {
        fault = FAULT_INVALID;
    }
    sodium_memzero(&asked, sizeof(asked));
    return fault;
}
