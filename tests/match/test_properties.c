/* The answers of linkage depend on who is in the index, not on how they came there: in which order, by how
 * many threads, one by one or in a batch, and who came and went meanwhile (linkage.md §6, Invariance). */
#include <pthread.h>
#include <stdlib.h>

#include "base/random.h"
#include "crowd.h"

enum { CHILDREN = 1500, QUESTIONS_MAX = 700, THREADS_MAX = 8, SEED = 20 };

struct answers {
    struct match_outcome outcomes[QUESTIONS_MAX];
    size_t count;
};

static struct crowd crowd;
static struct answers expected;
static struct answers given;

static struct match_index *open_index(void)
{
    struct match_index *index;
    assert_int_equal(match_open(&index), FAULT_NONE);
    return index;
}

static void put_row(struct match_index *index, size_t row, uint32_t version)
{
    struct person person = crowd_person(&crowd, row, crowd.arena);
    assert_int_equal(match_put(index, child_of(row + 1), crowd_state(row), version, false, &person),
                     FAULT_NONE);
}

static void put_all(struct match_index *index)
{
    for (size_t row = 0; row < crowd.people.row_count; row++) {
        if (crowd_is_held(&crowd, row))
            put_row(index, row, 2);
    }
}

/* The question of that number; false where there is none any more. */
static bool question(size_t number, size_t *ret_row)
{
    size_t row = 0;
    for (size_t seen = 0; row < crowd.people.row_count; row++) {
        if (!crowd_is_held(&crowd, row) && seen++ == number)
            break;
    }
    *ret_row = row;
    return row < crowd.people.row_count;
}

static void ask_all(struct match_index *index, struct answers *answers)
{
    answers->count = 0;
    for (size_t row = 0; row < crowd.people.row_count && answers->count < QUESTIONS_MAX; row++) {
        if (crowd_is_held(&crowd, row))
            continue;
        struct person person = crowd_person(&crowd, row, crowd.arena);
        answers->outcomes[answers->count++] = link_of(index, &person);
    }
}

static void assert_as_expected(const struct answers *answers)
{
    assert_int_equal(answers->count, expected.count);
    for (size_t i = 0; i < answers->count; i++)
        crowd_assert_same_outcome(&answers->outcomes[i], &expected.outcomes[i]);
}

static void assert_answers(struct match_index *index)
{
    ask_all(index, &given);
    assert_as_expected(&given);
    match_close(index);
}

static int open_crowd(void **state)
{
    (void)state;
    crowd_open(&crowd, CHILDREN, SEED);
    struct match_index *index = open_index();
    put_all(index);
    ask_all(index, &expected);
    size_t kinds[MATCH_HELD + 1] = {0};
    for (size_t i = 0; i < expected.count; i++)
        kinds[expected.outcomes[i].kind]++;
    assert_true(kinds[MATCH_SURE] > 0 && kinds[MATCH_POSSIBLE] > 0 && kinds[MATCH_NONE] > 0);
    match_close(index);
    return 0;
}

static int close_crowd(void **state)
{
    (void)state;
    crowd_close(&crowd);
    return 0;
}

static void the_order_of_arrival_does_not_matter(void **state)
{
    (void)state;
    size_t count = crowd.people.row_count;
    size_t *order = calloc(count, sizeof(*order));
    assert_non_null(order);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct stream stream = stream_of(seed);
        for (size_t i = count - 1; i > 0; i--) {
            size_t other = (size_t)stream_below(&stream, i + 1);
            size_t row = order[i];
            order[i] = order[other];
            order[other] = row;
        }
        struct match_index *index = open_index();
        for (size_t i = 0; i < count; i++) {
            if (crowd_is_held(&crowd, order[i]))
                put_row(index, order[i], 2);
        }
        assert_answers(index);
    }
    free(order);
}

struct hand {
    struct match_index *index;
    size_t number;
    size_t hands;
    enum fault fault;
};

static struct arena *arena_of_hand(void)
{
    struct arena *arena;
    return arena_open(1 << 22, &arena) == FAULT_NONE ? arena : NULL;
}

/* A thread fills its share of the rows: no assertions, which belong to cmocka's own thread. */
static void *fill_share(void *at)
{
    struct hand *hand = at;
    struct match_filler *filler = NULL;
    struct arena *arena = arena_of_hand();
    enum fault fault = arena == NULL ? FAULT_MEMORY : match_fill_open(hand->index, &filler);
    for (size_t row = hand->number; row < crowd.people.row_count && fault == FAULT_NONE; row += hand->hands) {
        if (!crowd_is_held(&crowd, row))
            continue;
        struct row text = people_row(&crowd.people, &crowd.people.rows[row]);
        struct person person = {0};
        arena_reset(arena);
        fault = row_to_person(&text, arena, &person);
        if (fault == FAULT_NONE)
            fault = match_fill_put(filler, child_of(row + 1), crowd_state(row), 2, &person);
    }
    if (fault == FAULT_NONE)
        fault = match_fill_end(filler);
    if (filler != NULL)
        match_fill_close(filler);
    arena_close(arena);
    hand->fault = fault;
    return NULL;
}

static void *ask_share(void *at)
{
    struct hand *hand = at;
    struct arena *arena = arena_of_hand();
    hand->fault = arena == NULL ? FAULT_MEMORY : FAULT_NONE;
    for (size_t i = hand->number; i < expected.count && hand->fault == FAULT_NONE; i += hand->hands) {
        size_t row;
        if (!question(i, &row))
            break;
        struct row text = people_row(&crowd.people, &crowd.people.rows[row]);
        struct person person = {0};
        arena_reset(arena);
        hand->fault = row_to_person(&text, arena, &person);
        if (hand->fault == FAULT_NONE)
            hand->fault = match_link(hand->index, &person, &given.outcomes[i]);
    }
    arena_close(arena);
    return NULL;
}

static void with_hands(struct match_index *index, size_t hands, void *(*work)(void *))
{
    pthread_t threads[THREADS_MAX];
    struct hand all[THREADS_MAX];
    for (size_t i = 0; i < hands; i++) {
        all[i] = (struct hand){index, i, hands, FAULT_NONE};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &all[i]), 0);
    }
    for (size_t i = 0; i < hands; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < hands; i++)
        assert_int_equal(all[i].fault, FAULT_NONE);
}

/* A batch by one, two or eight threads is what was put one by one. */
static void neither_batches_nor_threads_matter(void **state)
{
    static const size_t HANDS[] = {1, 2, 8};
    (void)state;
    for (size_t i = 0; i < sizeof(HANDS) / sizeof(HANDS[0]); i++) {
        struct match_index *index = open_index();
        with_hands(index, HANDS[i], fill_share);
        memset(&given, 0, sizeof(given));
        with_hands(index, HANDS[i], ask_share);
        given.count = expected.count;
        assert_as_expected(&given);
        match_close(index);
    }
}

/* Whoever was added and removed was never there; who was changed is as put last. */
static void who_has_left_leaves_no_trace(void **state)
{
    (void)state;
    struct match_index *index = open_index();
    for (size_t row = 0; row < crowd.people.row_count; row++)
        put_row(index, row, 1);
    for (size_t row = 0; row < crowd.people.row_count; row++) {
        if (!crowd_is_held(&crowd, row))
            match_remove(index, child_of(row + 1));
    }
    /* each in the place of the next one, then its own again */
    for (size_t row = 0; row + 1 < crowd.people.row_count; row++) {
        if (!crowd_is_held(&crowd, row))
            continue;
        struct person other = crowd_person(&crowd, row + 1, crowd.arena);
        assert_int_equal(match_put(index, child_of(row + 1), RECORD_SHIELDED, 1, false, &other), FAULT_NONE);
    }
    put_all(index);
    assert_answers(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_arrival_does_not_matter),
        cmocka_unit_test(neither_batches_nor_threads_matter),
        cmocka_unit_test(who_has_left_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, open_crowd, close_crowd);
}
