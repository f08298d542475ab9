#include <sodium.h>

#include "match/model.h"
#include "match/search.h"
#include "match/seek.h"

/* A similar one is shown from this share of what full agreement would weigh. */
enum { SHOWN_LEAST_PERCENT = 30, RANGE_YEARS_MAX = 40 };

static bool birth_asked(const struct match_query *query)
{
    return query->birth.precision != DAY_UNKNOWN || query->birth_earliest.precision != DAY_UNKNOWN;
}

bool search_describe(const struct match_index *index, const struct match_query *query,
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
    describe_person(&person, index->key, index->trained, ret_asked);
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

/* What full agreement with the question would weigh, without the prior. */
static int32_t reachable(const struct match_model *model, const struct match_query *query,
                         const struct description *asked)
{
    int32_t weight = 0;
    if (asked->name_count > 0) {
        const struct described_name *name = &asked->names[0];
        weight += name->family.len > 0 && !name->family.placeholder ? name->family.family_weight : 0;
        weight += name->given.len > 0 && !name->given.placeholder ? name->given.given_weight : 0;
    }
    if (describe_date(asked->birth) != 0)
        weight += model->birth_exact;
    else if (birth_asked(query))
        weight += model->birth_part_year;
    if (asked->place_count > 0 && asked->places[0].postcode != 0)
        weight += model->postcode_same;
    if (asked->place_count > 0 && asked->places[0].authority != 0)
        weight += model->authority_same;
    return weight;
}

int32_t search_least(const struct match_index *index, const struct match_query *query,
                     const struct description *asked)
{
    return index->model->prior + reachable(index->model, query, asked) / 100 * SHOWN_LEAST_PERCENT;
}

static bool is_alike(enum part_level level)
{
    return level != PART_MISSING && level != PART_NOT;
}

/* One name and one fact, and the fact is otherwise: somebody else of that name. */
static bool is_gainsaid(const struct description *asked, const struct score *score)
{
    if (asked->name_count > 0 && asked->names[0].family.len > 0 && asked->names[0].given.len > 0)
        return false;
    for (size_t i = 0; i < score->reason_count; i++) {
        enum evidence evidence = score->reasons[i].evidence;
        bool fact = evidence == EVIDENCE_BIRTH || evidence == EVIDENCE_POSTCODE ||
                    evidence == EVIDENCE_FORMER_POSTCODE || evidence == EVIDENCE_AUTHORITY;
        if (fact && score->reasons[i].agreement == AGREE_NOT)
            return true;
    }
    return false;
}

bool search_shows(const struct description *asked, const struct score *score)
{
    if (is_gainsaid(asked, score))
        return false;
    if (!is_alike(score->family) && !is_alike(score->given))
        return false;
    if (score->family != PART_NOT && score->given != PART_NOT)
        return true;
    for (size_t i = 0; i < score->reason_count; i++) {
        const struct match_reason *reason = &score->reasons[i];
        bool exact = reason->agreement == AGREE_EXACT;
        if (reason->evidence == EVIDENCE_BIRTH && describe_date(asked->birth) != 0 &&
            (exact || reason->agreement == AGREE_CLOSE))
            return true;
        if ((reason->evidence == EVIDENCE_POSTCODE || reason->evidence == EVIDENCE_FORMER_POSTCODE) && exact)
            return true;
    }
    return false;
}

static void search(struct visitor *visitor)
{
    struct seek_names names;
    struct match_results *results = visitor->results;
    visitor->least = search_least(visitor->index, visitor->query, visitor->asked);
    seek_open(visitor, &names);
    struct exact_search exact = {.family = &names.family, .given = &names.given};
    seek_exact(visitor, &exact);
    if (exact.count > visitor->limit) {
        results->too_many = true; /* R5.3 */
        return;
    }
    for (size_t i = 0; i < exact.count; i++)
        visit_keep_exact(visitor, exact.found[i]);
    bool similar = visitor->query->similar || exact.count == 0;
    if (similar && visitor->asked->name_count > 0)
        seek_similar(visitor, &names);
}

enum fault match_search(struct match_index *index, const struct match_query *query,
                        const struct match_sight *sight, struct match_results *ret_results)
{
    struct description asked;
    struct match_results results = {.count = 0};
    struct visitor visitor = {.results = &results};
    must(query->limit <= MATCH_LIMIT_MAX);
    enum fault fault = FAULT_NONE;
    if (!search_describe(index, query, &asked)) {
        fault = FAULT_INVALID;
        goto done;
    }
    visitor.moment = index_enter(index);
    fault = visit_open(&visitor, index, query, sight, &asked);
    if (fault == FAULT_NONE)
        search(&visitor);
    index_leave(index, visitor.moment);
    visit_close(&visitor);
    if (fault == FAULT_NONE)
        *ret_results = results;
done:
    sodium_memzero(&asked, sizeof(asked));
    return fault;
}
