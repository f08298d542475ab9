#include "generate/household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HOUSEHOLDS = 6000, WINDOW = 6574, SIXTHS = 6 };

struct country {
    struct arena *arena;
    struct names *names;
    struct places *places;
};

static struct country country;

static int open_country(void **state)
{
    (void)state;
    struct places_order order = {.children = 10000, .homes = 6000, .seed = 3};
    assert_int_equal(arena_open((size_t)1 << 28, &country.arena), FAULT_NONE);
    assert_int_equal(names_open(country.arena, NULL, &country.names), FAULT_NONE);
    assert_int_equal(places_open(country.arena, &order, &country.places), FAULT_NONE);
    return 0;
}

static int close_country(void **state)
{
    (void)state;
    arena_close(country.arena);
    return 0;
}

static struct household_order order_of(uint32_t number, uint32_t child)
{
    struct day today = {2026, 11, 1, DAY_EXACT};
    return (struct household_order){.names = country.names,
                                    .places = country.places,
                                    .seed = 3,
                                    .today = day_number(today),
                                    .window = WINDOW,
                                    .number = number,
                                    .child = child,
                                    .children_max = 100};
}

static void check_twins(const struct household *household, int i)
{
    const struct child *child = &household->children[i];
    if (child->twin_place != 2)
        return;
    const struct child *first = &household->children[i - 1];
    assert_int_equal(first->twin, child->number);
    assert_int_equal(child->twin, first->number);
    assert_int_equal(first->born, child->born);
    assert_true(str_equal(text_str(&first->family), text_str(&child->family)));
    assert_false(str_equal(text_str(&first->given), text_str(&child->given)));
}

static void check_siblings(const struct household *household)
{
    for (int i = 0; i < household->child_count; i++)
        for (int k = 0; k < i; k++) {
            const struct child *a = &household->children[i];
            const struct child *b = &household->children[k];
            int32_t apart = a->born > b->born ? a->born - b->born : b->born - a->born;
            assert_true(apart >= 300 || (apart == 0 && a->twin == b->number));
        }
}

static void households_hang_together(void **state)
{
    (void)state;
    uint32_t child = 1;
    uint32_t twins = 0;
    uint32_t ages[SIXTHS] = {0};
    for (uint32_t n = 1; n <= HOUSEHOLDS; n++) {
        struct household household;
        struct household_order order = order_of(n, child);
        household_draw(&order, &household);
        assert_in_range(household.child_count, 1, HOUSEHOLD_CHILDREN_MAX);
        assert_in_range(household.dwelling_count, 1, HOUSEHOLD_HOMES_MAX);
        for (int i = 0; i < household.child_count; i++) {
            const struct child *one = &household.children[i];
            assert_int_equal(one->number, child + (uint32_t)i);
            assert_true(one->given.len > 0 && one->family.len > 0);
            assert_true(one->born <= order.today && one->born > order.today - WINDOW);
            ages[(order.today - one->born) * SIXTHS / WINDOW]++;
            twins += one->twin != 0;
            check_twins(&household, i);
        }
        check_siblings(&household);
        child += (uint32_t)household.child_count;
    }
    uint32_t children = child - 1;
    assert_in_range(children, HOUSEHOLDS * 17 / 10, HOUSEHOLDS * 19 / 10);
    assert_in_range(twins, children * 2 / 100, children * 4 / 100);
    for (int i = 0; i < SIXTHS; i++) /* no age is rarer than another */
        assert_in_range(ages[i], children / SIXTHS * 90 / 100, children / SIXTHS * 110 / 100);
}

static void a_household_follows_from_its_number(void **state)
{
    (void)state;
    static struct household first;
    static struct household again;
    struct household_order order = order_of(77, 1000);
    household_draw(&order, &first);
    struct household_order other = order_of(78, 2000);
    household_draw(&other, &again);
    household_draw(&order, &again);
    assert_int_equal(first.child_count, again.child_count);
    for (int i = 0; i < first.child_count; i++) {
        assert_int_equal(first.children[i].born, again.children[i].born);
        assert_true(str_equal(text_str(&first.children[i].given), text_str(&again.children[i].given)));
        assert_true(str_equal(text_str(&first.children[i].family), text_str(&again.children[i].family)));
    }
}

static void homes_lie_in_one_authority_and_keep_their_address(void **state)
{
    (void)state;
    uint32_t before = 0;
    for (uint32_t home = 0; home < country.places->homes; home++) {
        uint32_t authority = places_authority(country.places, home);
        const struct authority *place = &country.places->authorities[authority];
        assert_true(home >= place->home_first && home - place->home_first < place->home_count);
        assert_true(authority >= before);
        before = authority;
        struct address address;
        struct address neighbour;
        places_address(country.places, home, &address);
        assert_true(address.line_1.len > 0 && address.town.len > 0);
        assert_in_range(address.postcode.len, 6, 8);
        uint32_t within = home - place->home_first;
        if (within % HOMES_PER_POSTCODE == 0)
            continue;
        places_address(country.places, home - 1, &neighbour);
        assert_true(str_equal(text_str(&address.postcode), text_str(&neighbour.postcode)));
    }
    assert_int_equal(before, country.places->authority_count - 1);
}

static void an_area_has_names_of_its_own(void **state)
{
    (void)state;
    struct stream stream = stream_of(11);
    uint32_t hyphens = 0;
    for (int i = 0; i < 5000; i++) {
        struct text family;
        names_family(country.names, ORIGIN_english, 4, &stream, &family);
        assert_true(str_is_utf8(text_str(&family)) && family.len > 1);
        hyphens += memchr(family.at, '-', family.len) != NULL;
    }
    assert_in_range(hyphens, 100, 350);
    struct text nickname;
    assert_true(names_nickname(STR("William"), &stream, &nickname));
    assert_false(names_nickname(STR("Nobody"), &stream, &nickname));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(households_hang_together),
        cmocka_unit_test(a_household_follows_from_its_number),
        cmocka_unit_test(homes_lie_in_one_authority_and_keep_their_address),
        cmocka_unit_test(an_area_has_names_of_its_own),
    };
    return cmocka_run_group_tests(tests, open_country, close_country);
}
