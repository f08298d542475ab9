/* Linking fast is linking the same: many at once as one by one, and nobody passed over who would count. */
#include <stdio.h>

#include "match/alike.h"
#include "match/normalise.h"
#include "match/score.h"
#include "population.h"

enum { CHILDREN = 3000, QUESTIONS = 400, STRANGERS = 100000 };

static int open_population(void **state)
{
    struct match_index *index;
    assert_int_equal(match_open(&index), FAULT_NONE);
    for (uint64_t i = 0; i < CHILDREN; i++) {
        struct synthetic child;
        population_child(i, &child);
        struct person person = population_person(&child, i % 3 != 0);
        put(index, i + 1, i % 10 == 0 ? RECORD_SHIELDED : RECORD_LIVE, &person);
    }
    *state = index;
    return 0;
}

static int close_population(void **state)
{
    match_close(*state);
    return 0;
}

/* Children that are held, some with a slip, and strangers. */
static void ask(uint64_t number, struct synthetic *ret_child, struct person *ret_person)
{
    struct stream stream = stream_of(number);
    population_child(number % 4 == 3 ? STRANGERS + number : stream_below(&stream, CHILDREN), ret_child);
    if (number % 4 == 1)
        population_spoil(&stream, ret_child->given);
    if (number % 4 == 2)
        ret_child->birth = population_slip(&stream, ret_child->birth);
    if (number % 8 == 2)
        population_spoil(&stream, ret_child->family);
    *ret_person = population_person(ret_child, number % 5 == 0);
}

static void assert_same_outcome(const struct match_outcome *a, const struct match_outcome *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_memory_equal(&a->best[i].child, &b->best[i].child, sizeof(a->best[i].child));
        assert_int_equal(a->best[i].weight, b->best[i].weight);
        assert_int_equal(a->best[i].reason_count, b->best[i].reason_count);
    }
}

static void many_are_linked_as_one_by_one(void **state)
{
    static struct synthetic children[QUESTIONS];
    static struct person persons[QUESTIONS];
    static struct match_outcome outcomes[QUESTIONS];
    for (size_t i = 0; i < QUESTIONS; i++)
        ask(i, &children[i], &persons[i]);
    assert_int_equal(match_link_many(*state, persons, QUESTIONS, outcomes), FAULT_NONE);
    size_t kinds[MATCH_HELD + 1] = {0};
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct match_outcome alone = link_of(*state, &persons[i]);
        assert_same_outcome(&alone, &outcomes[i]);
        kinds[alone.kind]++;
    }
    assert_true(kinds[MATCH_SURE] > 0 && kinds[MATCH_NONE] > 0);
    assert_int_equal(match_link_many(*state, persons, 0, outcomes), FAULT_NONE);
}

static void no_score_is_above_its_bound(void **state)
{
    const struct match_index *index = *state;
    size_t passed_over = 0;
    for (size_t i = 0; i < QUESTIONS / 4; i++) {
        struct synthetic child;
        struct person person;
        struct description asked;
        struct scorer scorer;
        ask(i, &child, &person);
        describe_person(&person, index->key, index->trained, &asked);
        score_open(&scorer, index, &asked);
        for (uint32_t slot = 1; slot < index->slot_next; slot++) {
            struct evidence_view view = index_view(index, slot);
            int32_t most = score_at_most(&scorer, &view);
            struct score score;
            score_candidate(&scorer, slot, &score);
            assert_true(score.weight <= most);
            assert_true(!score.number_same || most == INT32_MAX);
            passed_over += most < index->model->possible - index->model->margin;
        }
    }
    assert_true(passed_over > CHILDREN * (QUESTIONS / 4) / 2);
}

static struct alike alike_of(const struct name *name)
{
    return (struct alike){.text = {name->text, name->len},
                          .flat = {name->flat, name->flat_len},
                          .roots = name->roots,
                          .letters = name->letters,
                          .code = name->codes[0]};
}

/* A name, the same with slips, a double one, and the shapes that pass for one another. */
static void vary(struct stream *stream, uint64_t number, char at[POPULATION_TEXT_MAX])
{
    static const char *const SHAPES[] = {"rn", "m", "cl", "d", "li", "h", "ii", "u", "vv", "w", "ri", "n"};
    struct synthetic child;
    population_child(number / 4, &child);
    const char *name = number % 2 == 0 ? child.family : child.given;
    (void)snprintf(at, POPULATION_TEXT_MAX, "%s", name);
    for (uint64_t i = 0; i < number % 4; i++)
        population_spoil(stream, at);
    if (number % 7 == 0)
        (void)snprintf(at, POPULATION_TEXT_MAX, "%.8s %.8s", name, child.carer);
    if (number % 11 == 0)
        (void)snprintf(at, POPULATION_TEXT_MAX, "%s%.8s%s", SHAPES[stream_below(stream, 12)], name,
                       SHAPES[stream_below(stream, 12)]);
}

static void what_is_never_alike_is_not(void **state)
{
    enum { NAMES = 1000 };
    static struct name names[NAMES];
    struct stream stream = stream_of(3);
    size_t never = 0;
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        char text[POPULATION_TEXT_MAX];
        vary(&stream, i, text);
        normalise_name(str_of(text), PART_GIVEN, &names[i]);
    }
    for (size_t i = 0; i < NAMES; i++) {
        for (size_t j = 0; j < NAMES; j++) {
            struct alike a = alike_of(&names[i]);
            struct alike b = alike_of(&names[j]);
            if (names[i].len == 0 || names[j].len == 0 || names[j].len != names[j].flat_len ||
                !alike_never(&a, &b))
                continue;
            assert_int_equal(alike_level(&a, &b), PART_NOT);
            never++;
        }
    }
    assert_true(never > (size_t)NAMES * NAMES / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_are_linked_as_one_by_one),
        cmocka_unit_test(no_score_is_above_its_bound),
        cmocka_unit_test(what_is_never_alike_is_not),
    };
    return cmocka_run_group_tests(tests, open_population, close_population);
}
