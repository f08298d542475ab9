/* match/sketch.c, sift.c, bound.c: what a slot tells of somebody never weighs less than all that is known. */
#include <stdlib.h>

#include "match/bound.h"
#include "match/compare.h"
#include "match/sift.h"
#include "population.h"

enum { CHILDREN = 700, QUESTIONS = 300, ROWS_MAX = 8 };

/* Texts that a person borrows. */
struct row {
    struct synthetic own;
    struct synthetic other;
    char phone[POPULATION_TEXT_MAX];
    char line[POPULATION_TEXT_MAX];
};

static void write_digits(char *text, const char *head, uint64_t number)
{
    size_t len = strlen(head);
    memcpy(text, head, len);
    for (size_t i = 0; i < 3; i++, number /= 10)
        text[len + 2 - i] = (char)('0' + number % 10);
    text[len + 3] = '\0';
}

/* Child `number`, with more or less known of it, and with slips where `spoilt`. */
static struct person describe(uint64_t number, uint64_t draw, bool spoilt, struct row *row)
{
    struct stream stream = stream_of(draw);
    population_child(number, &row->own);
    population_child(stream_below(&stream, CHILDREN), &row->other);
    write_digits(row->phone, "07700 900", number % 40);
    write_digits(row->line, "1 Mill Lane ", number % 90);
    if (spoilt && draw % 2 == 0)
        population_spoil(&stream, draw % 4 == 0 ? row->own.family : row->own.given);
    struct person person = population_person(&row->own, draw % 5 == 0);
    if (spoilt && draw % 3 == 0)
        person.birth = population_slip(&stream, person.birth);
    if (draw % 3 == 1)
        person.names[0].other = str_of(row->other.given);
    if (draw % 4 == 1)
        person.places[0].line = str_of(row->line);
    if (draw % 6 == 2)
        person.places[0].postcode = (struct str){NULL, 0};
    if (draw % 7 == 1)
        add_place(&person, false, row->other.postcode, "E08000032");
    if (draw % 3 != 0)
        person.phones[person.phone_count++] = str_of(row->phone);
    if (draw % 8 == 3)
        add_name(&person, draw % 16 == 3 ? NAME_FORMER : NAME_KNOWN_AS, row->other.family, row->other.given);
    if (draw % 5 == 2) /* another spelling of one part, or none of it */
        add_name(&person, draw % 10 == 2 ? NAME_VARIANT : NAME_FORMER,
                 draw % 15 == 2 ? row->other.family : row->own.family,
                 draw % 15 == 7 ? row->other.given : row->own.given);
    if (draw % 10 == 7)
        person.names[person.name_count - 1].other = str_of(row->other.given);
    if (draw % 9 == 4)
        person.names[0].family = (struct str){NULL, 0};
    if (draw % 10 == 5)
        person.names[0] =
            (struct person_name){NAME_CURRENT, str_of(row->own.given), str_of(row->own.family), {NULL, 0}};
    if (draw % 11 == 6)
        person.carer_count = 0;
    if (draw % 13 == 7)
        person.birth = (struct day){.year = person.birth.year, .precision = DAY_YEAR};
    if (draw % 14 == 8)
        person.sex = SEX_NOT_SPECIFIED;
    for (uint64_t i = 0; draw % 41 == 9 && i < ROWS_MAX; i++)
        person.places[person.place_count++] =
            (struct person_place){false, str_of(row->other.postcode), STR("2 Mill Lane"), {NULL, 0}};
    return person;
}

static struct match_index *filled(void)
{
    struct match_index *index;
    assert_int_equal(match_open(&index), FAULT_NONE);
    for (uint64_t i = 0; i < CHILDREN; i++) {
        struct row row;
        struct person person = describe(i, i * 7 + 3, false, &row);
        put(index, i + 1, RECORD_LIVE, &person);
    }
    return index;
}

static void linkage_refuses_nobody_who_counts(void **state)
{
    (void)state;
    static struct description asked;
    static struct scorer scorer;
    struct match_index *index = filled();
    size_t told = 0, by_letters = 0;
    for (uint64_t i = 0; i < QUESTIONS; i++) {
        struct row row;
        struct sift sift;
        struct person person = describe(i * 2, i, true, &row);
        describe_person(&person, index->key, index->trained, &asked);
        score_open(&scorer, index, &asked);
        sift_open(&sift, &scorer);
        for (uint32_t slot = 1; slot < index->slot_next; slot++) {
            struct evidence_view view = index_view(index, slot);
            struct score score;
            if (compare_numbers(&asked, &view).same != 0)
                continue;
            score_candidate(&scorer, slot, &score);
            const struct slot *held = index_slot(index, slot);
            bool home;
            int32_t most = sift_facts(&sift, held, &home);
            assert_true(most >= score.weight);
            int32_t lettered = sift_letters(&sift, held, most, home);
            assert_true(lettered >= score.weight);
            by_letters += lettered < index->model->held;
            int32_t named = sift_names(&sift, held, most, home);
            assert_true(named >= score.weight);
            told += named < index->model->held;
        }
        describe_wipe(&asked);
    }
    assert_true(by_letters > (size_t)QUESTIONS * CHILDREN / 2); /* and refuses most */
    assert_true(told > by_letters);
    match_close(index);
}

static void searches_pass_over_nobody_who_counts(void **state)
{
    (void)state;
    static struct description asked;
    static struct scorer scorer;
    static struct bound bound;
    struct match_index *index = filled();
    for (uint64_t i = 0; i < QUESTIONS; i++) {
        struct row row;
        struct sketch_asked sketched;
        struct person person = describe(i * 2, i, true, &row);
        person.name_count = 1;
        person.place_count = i % 3 == 0 ? 0 : 1;
        describe_person(&person, index->key, index->trained, &asked);
        score_open(&scorer, index, &asked);
        scorer.sight = (struct score_sight){.former = i % 2 == 0, .places = true, .authority = true};
        bound_open(&bound, &scorer);
        sketch_ask(&asked, &sketched);
        for (uint32_t slot = 1; slot < index->slot_next; slot++) {
            struct evidence_view view = index_view(index, slot);
            const struct slot *held = index_slot(index, slot);
            assert_true(bound_sketched_facts(&scorer, held, &sketched) >= bound_facts(&scorer, &view));
            if (asked.name_count > 0 && (held->sketch.facts & SKETCH_ONE_NAME) != 0)
                assert_true(bound_first_name(&bound, held) >= bound_names(&bound, &view));
        }
        describe_wipe(&asked);
    }
    match_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linkage_refuses_nobody_who_counts),
        cmocka_unit_test(searches_pass_over_nobody_who_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
