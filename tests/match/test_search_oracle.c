/* match/search.c, seek.c, visit.c, bound.c, near.c beside plain code that scores everybody, without keys,
 * bounds or a vocabulary: the best twenty must be the same for 99.9 % of questions (linkage.md §6). */
#include <stdlib.h>

#include "match/compare.h"
#include "match/search.h"
#include "population.h"

enum { CHILDREN = 4000, QUESTIONS = 3000, KINDS = 9 };

static const char *const AUTHORITIES[] = {"E08000035", "E08000032", "E09000007"};

static void put_children(struct match_index *index)
{
    for (uint64_t i = 0; i < CHILDREN; i++) {
        struct synthetic child;
        struct synthetic other;
        population_child(i, &child);
        population_child(i + 90000, &other);
        struct person person = population_person(&child, true);
        person.places[0].authority = str_of(AUTHORITIES[i % 3]);
        if (i % 11 == 0)
            add_name(&person, NAME_FORMER, other.family, "");
        if (i % 13 == 0)
            add_name(&person, NAME_KNOWN_AS, "", other.given);
        if (i % 17 == 0)
            person.birth = (struct day){.year = child.birth.year, .precision = DAY_YEAR};
        if (i % 29 == 0)
            add_place(&person, false, other.postcode, AUTHORITIES[1]);
        put(index, i + 1, i % 50 == 0 ? RECORD_SHIELDED : i % 70 == 0 ? RECORD_DEAD : RECORD_LIVE, &person);
    }
}

static int goes_before(const struct match_candidate *a, const struct match_candidate *b)
{
    if (a->exact != b->exact)
        return a->exact ? -1 : 1;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return id_compare(a->child.id, b->child.id);
}

static int compare_candidates(const void *a, const void *b)
{
    return goes_before(a, b);
}

/* What of a person may be seen by a caller. */
static struct score_sight sight_of(const struct match_sight *sight, enum record_state state)
{
    field_mask mask = sight->mask[state];
    return (struct score_sight){.former = score_sees(mask, EVIDENCE_FORMER_NAME),
                                .places = score_sees(mask, EVIDENCE_POSTCODE),
                                .authority = score_sees(mask, EVIDENCE_AUTHORITY),
                                .mask = mask,
                                .own_scheme = sight->own_scheme};
}

/* Everybody who may be found, scored; how many of them are exact. */
static size_t score_everybody(const struct match_index *index, const struct match_query *query,
                              struct match_candidate *everybody, size_t *ret_count)
{
    static struct scorer scorer;
    static struct description asked;
    const struct match_sight sight = practitioner();
    size_t exact = 0;
    *ret_count = 0;
    assert_true(search_describe(index, query, &asked));
    score_open(&scorer, index, &asked);
    scorer.earliest = query->birth_earliest;
    scorer.latest = query->birth_latest;
    int32_t least = search_least(index, query, &asked);
    for (uint32_t slot = 1; slot <= CHILDREN; slot++) {
        const struct slot *held = index_slot(index, slot);
        struct score score;
        scorer.sight = sight_of(&sight, (enum record_state)held->state);
        if (!score_sees(scorer.sight.mask, EVIDENCE_NAME) ||
            (query->postcode.len > 0 && !scorer.sight.places) ||
            (query->authority.len > 0 && !scorer.sight.authority))
            continue;
        score_candidate(&scorer, slot, &score);
        bool shown = score.weight >= least && search_shows(&asked, &score);
        if (!score.exact && !shown)
            continue;
        exact += score.exact;
        everybody[(*ret_count)++] =
            (struct match_candidate){.child = index_child(index, slot), .weight = score.weight, .exact = score.exact};
    }
    return exact;
}

static bool is_as_scored(const struct match_index *index, const struct match_query *query,
                         const struct match_results *results)
{
    static struct match_candidate everybody[CHILDREN];
    size_t count;
    size_t exact = score_everybody(index, query, everybody, &count);
    if (exact > query->limit || results->too_many)
        return exact > query->limit && results->too_many && results->count == 0;
    qsort(everybody, count, sizeof(everybody[0]), compare_candidates);
    if (exact > 0 && !query->similar)
        count = exact;
    if (count > query->limit)
        count = query->limit;
    if (results->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (goes_before(&everybody[i], &results->found[i]) != 0)
            return false;
    }
    return true;
}

/* Of nine kinds, most with an error. */
static struct match_query question(struct stream *stream, uint64_t i, struct synthetic *child)
{
    population_child(stream_below(stream, CHILDREN), child);
    if (i % 2 == 0)
        population_spoil(stream, child->family);
    if (i % 3 == 0)
        population_spoil(stream, child->given);
    if (i % 5 == 0)
        child->birth = population_slip(stream, child->birth);
    struct match_query query = {.limit = MATCH_LIMIT_MAX, .similar = i % 4 != 0};
    uint64_t kind = stream_below(stream, KINDS);
    if (kind != 7)
        query.family = str_of(child->family);
    if (kind != 5 && kind != 6)
        query.given = str_of(child->given);
    if (kind <= 1)
        query.birth = child->birth;
    if (kind == 2 || kind == 3 || kind == 5)
        query.birth = (struct day){.year = child->birth.year, .precision = DAY_YEAR};
    if (kind == 3 || kind == 6 || kind == 7)
        query.authority = str_of(AUTHORITIES[i % 3]);
    if (kind == 4 || kind == 1)
        query.postcode = str_of(child->postcode);
    if (kind == 8) {
        query.birth_earliest = (struct day){(uint16_t)(child->birth.year - 1), 5, 1, DAY_EXACT};
        query.birth_latest = (struct day){(uint16_t)(child->birth.year + 1), 4, 30, DAY_EXACT};
    }
    if (i % 7 == 0)
        query.sex = child->sex;
    return query;
}

static void the_best_twenty_are_those_of_everybody_scored(void **state)
{
    (void)state;
    struct match_index *index;
    struct stream stream = stream_of(41);
    size_t apart = 0;
    assert_int_equal(match_open(&index), FAULT_NONE);
    put_children(index);
    for (uint64_t i = 0; i < QUESTIONS; i++) {
        struct synthetic child;
        struct match_query query = question(&stream, i, &child);
        struct match_results results = search_for(index, &query);
        if (is_as_scored(index, &query, &results))
            continue;
        apart++;
        print_message("%s %s %d-%d-%d %.*s %.*s\n", child.family, child.given, query.birth.year,
                      query.birth.month, query.birth.day, (int)query.postcode.len, query.postcode.at,
                      (int)query.authority.len, query.authority.at);
    }
    print_message("%zu of %d are answered otherwise\n", apart, QUESTIONS);
    assert_true(apart * 1000 <= QUESTIONS);
    match_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_twenty_are_those_of_everybody_scored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
