/* Synthetic people for the tests of linkage: short ways to write one down. */
#ifndef TESTS_MATCH_PEOPLE_H
#define TESTS_MATCH_PEOPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match/match.h"
#include "match/number.h"

static inline struct child_id child_of(uint64_t number)
{
    struct child_id child = {0};
    for (size_t i = 0; i < 8; i++)
        child.id.byte[15 - i] = (uint8_t)(number >> (8 * i));
    return child;
}

static inline uint64_t number_of(struct child_id child)
{
    uint64_t number = 0;
    for (size_t i = 8; i < 16; i++)
        number = number << 8 | child.id.byte[i];
    return number;
}

static inline struct day day_of(const char *text)
{
    struct day day = {0};
    assert_true(day_parse(str_of(text), &day));
    return day;
}

/* A person with one current name, a birth date ("" for unknown) and a sex. */
static inline struct person person_of(const char *family, const char *given, const char *birth, enum sex sex)
{
    struct person person = {.sex = sex, .birth = day_of(birth), .name_count = 1};
    person.names[0] = (struct person_name){NAME_CURRENT, str_of(family), str_of(given), {NULL, 0}};
    return person;
}

static inline void add_name(struct person *person, enum name_kind kind, const char *family, const char *given)
{
    person->names[person->name_count++] =
        (struct person_name){kind, str_of(family), str_of(given), {NULL, 0}};
}

static inline void add_place(struct person *person, bool present, const char *postcode, const char *authority)
{
    person->places[person->place_count++] =
        (struct person_place){present, str_of(postcode), {NULL, 0}, str_of(authority)};
}

static inline void add_number(struct person *person, enum number_scheme scheme, const char *value)
{
    person->numbers[person->number_count++] = (struct person_number){scheme, str_of(value)};
}

static inline void put(struct match_index *index, uint64_t child, enum record_state state,
                       const struct person *person)
{
    assert_int_equal(match_put(index, child_of(child), state, 1, false, person), FAULT_NONE);
}

/* What a practitioner sees. */
static inline struct match_sight practitioner(void)
{
    struct match_sight sight = {0};
    field_mask live = MASK(IDENTITY) | MASK(FORMER_NAMES) | MASK(WHEREABOUTS) | MASK(CARERS) |
                      MASK(EDUCATION) | MASK(PRIMARY_CARE) | MASK(SERVICES) | MASK(OWN_NUMBERS) |
                      MASK(AUTHORITY);
    sight.mask[RECORD_LIVE] = live;
    sight.mask[RECORD_DEAD] = live;
    sight.mask[RECORD_SHIELDED] = MASK(IDENTITY) | MASK(OWN_SERVICES);
    sight.own_scheme[NUMBER_nhs] = true;
    return sight;
}

static inline struct match_results search_for(struct match_index *index, const struct match_query *query)
{
    struct match_sight sight = practitioner();
    struct match_results results;
    assert_int_equal(match_search(index, query, &sight, &results), FAULT_NONE);
    return results;
}

static inline struct match_query query_of(const char *family, const char *given, const char *birth)
{
    return (struct match_query){.family = str_of(family), .given = str_of(given), .birth = day_of(birth)};
}

static inline struct match_outcome link_of(struct match_index *index, const struct person *person)
{
    struct match_outcome outcome;
    assert_int_equal(match_link(index, person, &outcome), FAULT_NONE);
    return outcome;
}

#endif
