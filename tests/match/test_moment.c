/* Readers beside a writer (match/rcu.h, moment.h): each sees every person whole, once, and nobody twice or
 * missing, while names, slots, postings and words come and go under them. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "match/explain.h"
#include "match/rcu.h"
#include "people.h"

enum {
    HOUSE = 6,    /* people of one family name and authority: fewer than a search gives */
    FACES = 2,    /* what each of them is described as, in turn */
    OTHERS = 50,  /* people who come and go */
    ROUNDS = 400, /* of the writer */
    READERS = 3,
    READER_ROUNDS = 20, /* at least */
    OTHERS_FROM = 1000,
};

/* One of the house: the number and family name stay; the given name, the date and the postcode do not. */
static struct person face_of(unsigned member, unsigned face)
{
    static const char *const GIVEN[FACES][HOUSE] = {
        {"Ada", "Bryn", "Cara", "Dilys", "Emrys", "Flora"},
        {"Gwen", "Hari", "Ivor", "Jola", "Kofi", "Lowri"},
    };
    static const char *const BIRTH[FACES] = {"2014-03-05", "2016-11-20"};
    static const char *const NHS[HOUSE] = {"9990000018", "9990000026", "9990000034",
                                           "9990000042", "9990000050", "9990000069"};
    struct person person = person_of("Trevethan", GIVEN[face][member], BIRTH[face], SEX_FEMALE);
    add_place(&person, true, face == 0 ? "LS1 4AP" : "YO1 7HH", "E08000035");
    add_number(&person, NUMBER_nhs, NHS[member]);
    return person;
}

/* Names that nobody else bears, spelt alike, so that words, spellings and large blocks come and go too. */
static struct person other_of(unsigned number, char family[32], char given[32])
{
    (void)snprintf(family, 32, "Trevet%c%c", 'a' + (int)(number % 26), 'a' + (int)(number / 26 % 26));
    (void)snprintf(given, 32, "Mor%c%c", 'a' + (int)(number / 7 % 26), 'a' + (int)(number % 26));
    struct person person =
        person_of(family, given, number % 2 == 0 ? "2014-03-05" : "2016-11-20", SEX_FEMALE);
    add_place(&person, true, "LS1 4AP", "E08000035");
    return person;
}

struct reading {
    struct match_index *index;
    _Atomic bool *over;
    unsigned member; /* whom this one looks for first */
    _Atomic uint64_t rounds;
    const char *_Atomic wrong; /* what was seen that may not be; NULL */
};

static const char *look_up(const struct reading *reading, unsigned member)
{
    struct child_id child;
    const struct person person = face_of(member, 0);
    if (match_state(reading->index, child_of(member + 1)) != RECORD_LIVE)
        return "a child is not there";
    if (match_number_child(reading->index, NUMBER_nhs, person.numbers[0].value, &child) != FAULT_NONE)
        return "a number finds nobody";
    return number_of(child) == member + 1 ? NULL : "a number finds somebody else";
}

static const char *look_for_house(const struct reading *reading)
{
    const struct match_query query = {.family = STR("Trevethan"), .authority = STR("E08000035")};
    const struct match_sight sight = practitioner();
    struct match_results results;
    if (match_search(reading->index, &query, &sight, &results) != FAULT_NONE || results.too_many)
        return "a search fails";
    unsigned seen = 0, exact = 0;
    for (size_t i = 0; i < results.count && results.found[i].exact; i++) {
        exact++;
        seen |= 1u << number_of(results.found[i].child);
    }
    return exact == HOUSE && seen == ((1u << HOUSE) - 1) << 1 ? NULL : "a search does not give each once";
}

/* By its number each links to itself, in one of its faces and no mixture of them. */
static const char *link_member(const struct reading *reading, unsigned member)
{
    const struct person person = face_of(member, 0);
    struct match_outcome outcome;
    if (match_link(reading->index, &person, &outcome) != FAULT_NONE || outcome.count == 0)
        return "nobody is linked";
    unsigned times = 0, agreed = 0, told = 0;
    for (size_t i = 0; i < outcome.count; i++) {
        const struct match_candidate *best = &outcome.best[i];
        times += number_of(best->child) == member + 1;
        for (size_t j = 0; number_of(best->child) == member + 1 && j < best->reason_count; j++) {
            enum evidence evidence = best->reasons[j].evidence;
            if (evidence != EVIDENCE_NAME && evidence != EVIDENCE_BIRTH && evidence != EVIDENCE_POSTCODE)
                continue;
            told++;
            agreed += best->reasons[j].agreement == AGREE_EXACT;
        }
    }
    if (times != 1)
        return "one is linked twice or never";
    return told == 3 && (agreed == 3 || agreed == 0) ? NULL : "one is seen in parts";
}

static void *read_on_and_on(void *argument)
{
    struct reading *reading = argument;
    while (!atomic_load(reading->over) && reading->wrong == NULL) {
        unsigned member = (unsigned)((reading->member + reading->rounds++) % HOUSE);
        reading->wrong = look_up(reading, member);
        if (reading->wrong == NULL)
            reading->wrong = look_for_house(reading);
        if (reading->wrong == NULL)
            reading->wrong = link_member(reading, member);
    }
    return NULL;
}

static void come_and_go(struct match_index *index, unsigned round)
{
    char family[32], given[32];
    const unsigned number = round * 7 % OTHERS;
    const struct person other = other_of(number, family, given);
    if (round / OTHERS % 2 == 0)
        put(index, OTHERS_FROM + number, RECORD_LIVE, &other);
    else
        match_remove(index, child_of(OTHERS_FROM + number));
}

static void write_on_and_on(struct match_index *index)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        const unsigned member = round % HOUSE;
        const struct person person = face_of(member, round / HOUSE % FACES);
        put(index, member + 1, RECORD_LIVE, &person);
        come_and_go(index, round);
    }
}

/* Or has seen something wrong. */
static bool all_have_read(struct reading *readings)
{
    for (unsigned i = 0; i < READERS; i++)
        if (atomic_load(&readings[i].rounds) < READER_ROUNDS && readings[i].wrong == NULL)
            return false;
    return true;
}

static void a_reader_sees_everybody_whole(void **state)
{
    struct match_index *index;
    struct reading readings[READERS] = {0};
    pthread_t threads[READERS];
    _Atomic bool over = false;
    (void)state;
    assert_int_equal(match_open(&index), FAULT_NONE);
    for (unsigned member = 0; member < HOUSE; member++) {
        const struct person person = face_of(member, 0);
        put(index, member + 1, RECORD_LIVE, &person);
    }
    for (unsigned i = 0; i < READERS; i++) {
        readings[i].index = index;
        readings[i].over = &over;
        readings[i].member = i;
        assert_int_equal(pthread_create(&threads[i], NULL, read_on_and_on, &readings[i]), 0);
    }
    do
        write_on_and_on(index);
    while (!all_have_read(readings));
    atomic_store(&over, true);
    for (unsigned i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        if (readings[i].wrong != NULL)
            fail_msg("%s", readings[i].wrong);
    }
    assert_int_equal(match_counts(index).people, HOUSE + (ROUNDS / OTHERS % 2 == 0 ? 0 : OTHERS));
    match_close(index);
}

/* A reader who stays hinders nobody who comes later, and no turn but the one after the next. */
struct turning {
    struct rcu rcu;
    _Atomic int turns;
};

static void *turn_twice(void *argument)
{
    struct turning *turning = argument;
    for (int i = 0; i < 2; i++) {
        rcu_write(&turning->rcu);
        rcu_turn(&turning->rcu);
        (void)atomic_fetch_add(&turning->turns, 1);
        rcu_write_end(&turning->rcu);
    }
    return NULL;
}

static void a_writer_waits_and_readers_do_not(void **state)
{
    struct turning turning = {.turns = 0};
    pthread_t writer;
    (void)state;
    assert_int_equal(rcu_open(&turning.rcu), 0);
    const unsigned stays = rcu_enter(&turning.rcu);
    assert_int_equal(rcu_free_side(&turning.rcu), 1 - stays);
    assert_int_equal(pthread_create(&writer, NULL, turn_twice, &turning), 0);
    while (atomic_load(&turning.turns) == 0) {
    } /* the writer has turned; before the next turn it waits */
    for (int i = 0; i < 1000; i++) {
        const unsigned side = rcu_enter(&turning.rcu);
        assert_int_equal(side, 1 - stays);
        rcu_leave(&turning.rcu, side);
    }
    assert_int_equal(atomic_load(&turning.turns), 1);
    rcu_leave(&turning.rcu, stays);
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_int_equal(atomic_load(&turning.turns), 2);
    assert_int_equal(rcu_free_side(&turning.rcu), 1 - stays);
    rcu_close(&turning.rcu);
}

/* Slots that were left are taken again, and the number of places does not grow with the changes. */
static void what_was_left_is_taken_again(void **state)
{
    struct match_index *index;
    uint64_t bytes = 0;
    (void)state;
    assert_int_equal(match_open(&index), FAULT_NONE);
    for (unsigned round = 0; round < 40 * OTHERS; round++) {
        if (round == 8 * OTHERS)
            bytes = match_counts(index).bytes;
        come_and_go(index, round);
    }
    assert_int_equal(match_counts(index).people, 0);
    assert_in_range(match_counts(index).bytes, 1, bytes + bytes / 10);
    match_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_waits_and_readers_do_not),
        cmocka_unit_test(a_reader_sees_everybody_whole),
        cmocka_unit_test(what_was_left_is_taken_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
