/* match/em.c: what is put in comes out again, bit for bit, and nothing reaches 0 or 1. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match/em.h"

enum { FIELDS = 4, LEVELS = 3, MATCHES = 20000, OTHERS = 2000000 };

static const double M[LEVELS + 1] = {0, 0.8, 0.15, 0.05};
static const double U[LEVELS + 1] = {0, 0.01, 0.04, 0.95};

/* Every pattern of FIELDS fields, as often as it is expected; the first two fields agree among `households`
 * pairs as they do among matches. */
static size_t invent(struct em_counter *counter, double households)
{
    for (unsigned number = 0; number < LEVELS * LEVELS * LEVELS * LEVELS; number++) {
        double match = MATCHES;
        double other = OTHERS;
        double household = households;
        uint64_t pattern = 0;
        for (unsigned field = 0, rest = number; field < FIELDS; field++, rest /= LEVELS) {
            unsigned level = 1 + rest % LEVELS;
            pattern = em_pattern_put(pattern, field, level);
            match *= M[level];
            other *= U[level];
            household *= field < 2 ? M[level] : U[level];
        }
        assert_int_equal(em_counter_add(counter, pattern, (uint64_t)llround(match + other + household)), 0);
    }
    return em_counter_sorted(counter);
}

static void set_fields(struct em_field fields[FIELDS])
{
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] =
            (struct em_field){.levels = LEVELS, .m = {0, 0.6, 0.2, 0.2}, .strength = 10, .household = i < 2};
        for (size_t j = 0; j <= LEVELS; j++)
            fields[i].u[j] = U[j];
    }
}

static void learns(void **state)
{
    (void)state;
    struct em_counter counter;
    struct em_field fields[FIELDS];
    struct em_model model;
    em_counter_open(&counter);
    size_t count = invent(&counter, 0);
    set_fields(fields);
    struct em_pass pass = {.counts = counter.places, .count = count, .prior = 0.001};
    assert_int_equal(em_train(fields, FIELDS, &pass, 1, &model), FAULT_NONE);
    for (size_t i = 0; i < FIELDS; i++) {
        for (unsigned level = 1; level <= LEVELS; level++)
            assert_true(fabs(model.m[i][level] - M[level]) < 0.005);
    }
    assert_true(fabs(model.matches - MATCHES) < MATCHES * 0.01);
    assert_true(em_probability(&model, 0, 0x1111) > 0.999);
    assert_true(em_probability(&model, 0, 0x3333) < 1e-6);
    assert_int_equal(em_weight(&model, 0, 0), 0);
    assert_true(em_weight(&model, 0, 1) > 6 * EM_BIT && em_weight(&model, 0, 3) < -4 * EM_BIT);
    em_counter_close(&counter);
}

/* The same counts in another order, by two counters. */
static void reproducible(void **state)
{
    (void)state;
    struct em_counter whole;
    struct em_counter half;
    struct em_field fields[FIELDS];
    struct em_model one;
    struct em_model other;
    em_counter_open(&whole);
    em_counter_open(&half);
    size_t count = invent(&whole, 0);
    struct em_counter merged;
    em_counter_open(&merged);
    for (size_t i = count; i-- > 0;)
        assert_int_equal(
            em_counter_add(i % 2 == 0 ? &half : &merged, whole.places[i].pattern, whole.places[i].pairs), 0);
    assert_int_equal(em_counter_merge(&merged, &half), FAULT_NONE);
    assert_int_equal(em_counter_sorted(&merged), count);
    assert_memory_equal(merged.places, whole.places, count * sizeof *whole.places);
    set_fields(fields);
    struct em_pass pass = {.counts = whole.places, .count = count, .prior = 0.001};
    assert_int_equal(em_train(fields, FIELDS, &pass, 1, &one), FAULT_NONE);
    pass.counts = merged.places;
    assert_int_equal(em_train(fields, FIELDS, &pass, 1, &other), FAULT_NONE);
    assert_memory_equal(one.m, other.m, sizeof one.m);
    assert_memory_equal(one.prior, other.prior, sizeof one.prior);
    em_counter_close(&whole);
    em_counter_close(&half);
    em_counter_close(&merged);
}

/* Five times as many pairs of a household as of one person: told apart where they may be. */
static void households(void **state)
{
    (void)state;
    struct em_counter counter;
    struct em_field fields[FIELDS];
    struct em_model model;
    em_counter_open(&counter);
    size_t count = invent(&counter, MATCHES * 5);
    set_fields(fields);
    struct em_pass pass = {.counts = counter.places, .count = count, .prior = 0.01, .household = 0.01};
    assert_int_equal(em_train(fields, FIELDS, &pass, 1, &model), FAULT_NONE);
    assert_true(fabs(model.matches - MATCHES) < MATCHES * 0.05);
    assert_true(fabs(model.m[3][1] - M[1]) < 0.02);
    assert_true(em_probability(&model, 0, 0x3311) < 0.01);
    assert_true(em_probability(&model, 0, 0x1111) > 0.99);
    int32_t house = em_household(&model, 0) + em_weight(&model, 0, 1) + em_weight(&model, 1, 1);
    assert_true(em_household_toll(house) > 5 * EM_BIT);
    assert_int_equal(em_household_toll(-100 * EM_BIT), 0);
    assert_int_equal(em_household_toll(0), EM_BIT);
    em_counter_close(&counter);
}

/* What a pass blocked on is not learnt from it. */
static void blocked(void **state)
{
    (void)state;
    struct em_field fields[FIELDS];
    struct em_model model;
    const struct em_count counts[] = {{0x1111, 100}, {0x3331, 100000}};
    struct em_pass passes[2] = {{.counts = counts, .count = 2, .blocked = 1, .prior = 0.01},
                                {.counts = NULL, .count = 0, .prior = 0.01}};
    set_fields(fields);
    assert_int_equal(em_train(fields, FIELDS, passes, 2, &model), FAULT_NONE);
    assert_true(fabs(model.m[0][1] - 0.6) < 1e-12);
    assert_true(model.m[1][1] > 0.9);
    assert_true(fabs(model.prior[0] - 0.001) < 0.0001);
}

static void never_certain(void **state)
{
    (void)state;
    struct em_field fields[1] = {{.levels = 2, .m = {0, 1, 0}, .u = {0, 0, 1}}};
    struct em_model model;
    const struct em_count counts[] = {{1, 1000}};
    struct em_pass pass = {.counts = counts, .count = 1, .prior = 0.5};
    assert_int_equal(em_train(fields, 1, &pass, 1, &model), FAULT_NONE);
    for (unsigned level = 1; level <= 2; level++) {
        assert_true(model.m[0][level] > 0 && model.m[0][level] < 1);
        assert_true(model.u[0][level] > 0 && model.u[0][level] < 1);
    }
    assert_true(model.prior[0] < 1);
    assert_true(isfinite(em_probability(&model, 0, 1)));
}

/* A slip is never better evidence than equality. */
static void ordered(void **state)
{
    (void)state;
    struct em_field fields[2] = {
        {.levels = 3, .m = {0, 0.5, 0.3, 0.2}, .u = {0, 0.1, 0.1, 0.8}, .ordered = true, .strength = 1},
        {.levels = 2, .m = {0, 0.9, 0.1}, .u = {0, 0.01, 0.99}, .fixed = true}};
    struct em_model model;
    const struct em_count counts[] = {{0x11, 100}, {0x12, 900}, {0x23, 100000}};
    struct em_pass pass = {.counts = counts, .count = 3, .prior = 0.01};
    assert_int_equal(em_train(fields, 2, &pass, 1, &model), FAULT_NONE);
    assert_int_equal(em_weight(&model, 0, 1), em_weight(&model, 0, 2));
    assert_true(em_weight(&model, 0, 2) >= em_weight(&model, 0, 3));
    assert_true(fabs(model.m[1][1] - 0.9) < 1e-12);
}

static void out_of_range(void **state)
{
    (void)state;
    struct em_field fields[1] = {{.levels = 16}};
    struct em_pass pass = {.prior = 0.5};
    struct em_model model;
    assert_int_equal(em_train(fields, 1, &pass, 1, &model), FAULT_INVALID);
    fields[0].levels = 2;
    assert_int_equal(em_train(fields, EM_FIELDS_MAX + 1, &pass, 1, &model), FAULT_INVALID);
    assert_int_equal(em_train(fields, 1, &pass, EM_PASSES_MAX + 1, &model), FAULT_INVALID);
    pass.prior = 0;
    assert_int_equal(em_train(fields, 1, &pass, 1, &model), FAULT_INVALID);
    pass.prior = NAN;
    assert_int_equal(em_train(fields, 1, &pass, 1, &model), FAULT_INVALID);
}

static void matches_taken_out(void **state)
{
    (void)state;
    const double m[EM_LEVELS_MAX] = {0, 0.9, 0.1};
    double u[EM_LEVELS_MAX] = {0, 0.0095, 0.9905};
    em_without_matches(u, 2, m, 0.01, 1e6);
    assert_true(u[1] > 0.0004 && u[1] < 0.0006);
    assert_true(fabs(u[1] + u[2] - 1) < 1e-9);
    em_without_matches(u, 2, m, 0.01, 1e6);
    assert_true(u[1] > 0 && u[1] < 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns),       cmocka_unit_test(reproducible),      cmocka_unit_test(households),
        cmocka_unit_test(blocked),      cmocka_unit_test(never_certain),     cmocka_unit_test(ordered),
        cmocka_unit_test(out_of_range), cmocka_unit_test(matches_taken_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
