/* match/save.c: an index that was written and read back is the one it was. */
#include <stdlib.h>

#include "population.h"

enum { CHILDREN = 1500, QUESTIONS = 300 };

struct tape {
    uint8_t *at;
    size_t len;
    size_t room;
    size_t read;
};

static enum fault write_tape(void *context, struct bytes piece)
{
    struct tape *tape = context;
    if (tape->len + piece.len > tape->room)
        return FAULT_STORAGE;
    memcpy(tape->at + tape->len, piece.at, piece.len);
    tape->len += piece.len;
    return FAULT_NONE;
}

static enum fault read_tape(void *context, uint8_t *at, size_t len)
{
    struct tape *tape = context;
    if (tape->len - tape->read < len)
        return FAULT_CORRUPT;
    memcpy(at, tape->at + tape->read, len);
    tape->read += len;
    return FAULT_NONE;
}

static void put_child(struct match_index *index, uint64_t number)
{
    struct synthetic child;
    population_child(number, &child);
    struct person person = population_person(&child, true);
    put(index, number + 1, number % 20 == 0 ? RECORD_SHIELDED : RECORD_LIVE, &person);
}

static struct match_index *open_index(void)
{
    struct match_index *index;
    assert_int_equal(match_open(&index), FAULT_NONE);
    return index;
}

static int open_tape(void **state)
{
    static struct tape tape;
    tape = (struct tape){.at = malloc((size_t)64 << 20), .room = (size_t)64 << 20};
    assert_non_null(tape.at);
    *state = &tape;
    return 0;
}

static int close_tape(void **state)
{
    free(((struct tape *)*state)->at);
    return 0;
}

static void save(struct match_index *index, struct tape *tape)
{
    const struct match_writer writer = {tape, write_tape};
    tape->len = 0;
    assert_int_equal(match_save(index, &writer), FAULT_NONE);
}

static enum fault load(struct match_index *index, struct tape *tape)
{
    const struct match_reader reader = {tape, read_tape};
    tape->read = 0;
    return match_load(index, &reader);
}

static void assert_same_answers(struct match_index *a, struct match_index *b)
{
    struct stream stream = stream_of(8);
    assert_int_equal(match_counts(a).people, match_counts(b).people);
    assert_int_equal(match_counts(a).bytes, match_counts(b).bytes);
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct synthetic child;
        population_child(stream_below(&stream, CHILDREN + 200), &child);
        if (i % 2 == 0)
            population_spoil(&stream, child.given);
        struct person person = population_person(&child, i % 3 == 0);
        struct match_outcome x = link_of(a, &person), y = link_of(b, &person);
        assert_int_equal(x.kind, y.kind);
        assert_int_equal(x.count, y.count);
        for (size_t j = 0; j < x.count; j++) {
            assert_memory_equal(&x.best[j].child, &y.best[j].child, sizeof(x.best[j].child));
            assert_int_equal(x.best[j].weight, y.best[j].weight);
        }
        struct match_query query = {
            .family = str_of(child.family), .given = str_of(child.given), .birth = child.birth};
        struct match_results s = search_for(a, &query), t = search_for(b, &query);
        assert_int_equal(s.count, t.count);
        for (size_t j = 0; j < s.count; j++)
            assert_memory_equal(&s.found[j].child, &t.found[j].child, sizeof(s.found[j].child));
    }
}

static void what_is_read_back_is_what_was_written(void **state)
{
    struct match_index *index = open_index(), *loaded = open_index();
    for (uint64_t i = 0; i < CHILDREN; i++)
        put_child(index, i);
    for (uint64_t i = 0; i < CHILDREN; i += 9)
        match_remove(index, child_of(i + 1));
    save(index, *state);
    assert_int_equal(load(loaded, *state), FAULT_NONE);
    assert_same_answers(index, loaded);
    /* and goes on as the other: free slots, words and pieces are those too */
    for (uint64_t i = 0; i < CHILDREN; i += 9) {
        put_child(index, i);
        put_child(loaded, i);
    }
    for (uint64_t i = 1; i < CHILDREN; i += 5) {
        match_remove(index, child_of(i + 1));
        match_remove(loaded, child_of(i + 1));
    }
    assert_same_answers(index, loaded);
    match_close(loaded);
    match_close(index);
}

static void an_empty_index_is_written_too(void **state)
{
    struct match_index *index = open_index(), *loaded = open_index();
    save(index, *state);
    assert_int_equal(load(loaded, *state), FAULT_NONE);
    put_child(loaded, 3);
    assert_int_equal(match_counts(loaded).people, 1);
    assert_int_equal(load(loaded, *state), FAULT_INVALID);
    match_close(loaded);
    match_close(index);
}

static void what_does_not_fit_is_not_read(void **state)
{
    struct tape *tape = *state;
    struct match_index *index = open_index();
    for (uint64_t i = 0; i < 50; i++)
        put_child(index, i);
    save(index, tape);
    size_t whole = tape->len;
    for (size_t cut = 0; cut < 40; cut++) {
        struct match_index *loaded = open_index();
        tape->len = whole / 40 * cut;
        assert_int_equal(load(loaded, tape), FAULT_CORRUPT);
        match_close(loaded);
    }
    tape->len = whole;
    /* the layout, a size, the model, the number of slots */
    const size_t places[] = {0, 8, 40};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct match_index *loaded = open_index();
        tape->at[places[i]] ^= 1;
        assert_int_equal(load(loaded, tape), FAULT_CORRUPT);
        tape->at[places[i]] ^= 1;
        match_close(loaded);
    }
    tape->room = whole / 2;
    tape->len = 0;
    const struct match_writer writer = {tape, write_tape};
    assert_int_equal(match_save(index, &writer), FAULT_STORAGE);
    match_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_read_back_is_what_was_written, open_tape, close_tape),
        cmocka_unit_test_setup_teardown(an_empty_index_is_written_too, open_tape, close_tape),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_not_read, open_tape, close_tape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
