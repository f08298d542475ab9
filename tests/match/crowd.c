#include "crowd.h"

enum { ARENA_BYTES_MAX = 1 << 22 };

void crowd_open(struct crowd *crowd, uint32_t children, uint64_t seed)
{
    struct people_order order = {.children = children, .seed = seed};
    assert_int_equal(people_open(&order, &crowd->people), FAULT_NONE);
    assert_int_equal(arena_open(ARENA_BYTES_MAX, &crowd->arena), FAULT_NONE);
}

void crowd_close(struct crowd *crowd)
{
    people_close(&crowd->people);
    arena_close(crowd->arena);
}

bool crowd_is_held(const struct crowd *crowd, size_t row)
{
    return crowd->people.rows[row].source == SOURCE_health || row % 8 == 0;
}

struct person crowd_person(const struct crowd *crowd, size_t row, struct arena *arena)
{
    struct row text = people_row(&crowd->people, &crowd->people.rows[row]);
    struct person person = {0};
    arena_reset(arena);
    assert_int_equal(row_to_person(&text, arena, &person), FAULT_NONE);
    return person;
}

enum record_state crowd_state(size_t row)
{
    return row % 40 == 1 ? RECORD_SHIELDED : row % 80 == 2 ? RECORD_ARCHIVED : RECORD_LIVE;
}

static void assert_same_candidate(const struct match_candidate *a, const struct match_candidate *b)
{
    assert_int_equal(number_of(a->child), number_of(b->child));
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->weight, b->weight);
    assert_int_equal(a->reason_count, b->reason_count);
    for (size_t i = 0; i < a->reason_count; i++) {
        assert_int_equal(a->reasons[i].evidence, b->reasons[i].evidence);
        assert_int_equal(a->reasons[i].agreement, b->reasons[i].agreement);
        assert_int_equal(a->reasons[i].weight, b->reasons[i].weight);
    }
}

void crowd_assert_same_outcome(const struct match_outcome *a, const struct match_outcome *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->compared, b->compared);
    for (size_t i = 0; i < a->count; i++)
        assert_same_candidate(&a->best[i], &b->best[i]);
}
