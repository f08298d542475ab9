/* match/index.c, fill.c, ready.c, block.c, intern.c: putting, replacing, removing; what is hidden is as if
 * never held (R5.5). */
#include <pthread.h>

#include "population.h"

enum { CHILDREN = 400 };

static struct match_index *opened(void)
{
    struct match_index *index;
    assert_int_equal(match_open(&index), FAULT_NONE);
    return index;
}

static void fill(struct match_index *index, uint64_t first, uint64_t count, uint64_t step)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t number = first + i * step % count;
        struct synthetic child;
        population_child(number, &child);
        struct person person = population_person(&child, true);
        put(index, number + 1, number % 9 == 0 ? RECORD_SHIELDED : RECORD_LIVE, &person);
    }
}

static void assert_same_candidate(const struct match_candidate *a, const struct match_candidate *b)
{
    assert_int_equal(number_of(a->child), number_of(b->child));
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->weight, b->weight);
    assert_int_equal(a->exact, b->exact);
    assert_int_equal(a->reason_count, b->reason_count);
    for (size_t i = 0; i < a->reason_count; i++) {
        assert_int_equal(a->reasons[i].evidence, b->reasons[i].evidence);
        assert_int_equal(a->reasons[i].agreement, b->reasons[i].agreement);
        assert_int_equal(a->reasons[i].weight, b->reasons[i].weight);
    }
}

static void assert_same_results(const struct match_results *a, const struct match_results *b)
{
    assert_int_equal(a->too_many, b->too_many);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        assert_same_candidate(&a->found[i], &b->found[i]);
}

/* Many questions of every shape, answered alike; links too where asked. */
static void assert_alike(struct match_index *a, struct match_index *b, bool links)
{
    struct stream stream = stream_of(31);
    for (uint64_t i = 0; i < 600; i++) {
        struct synthetic child;
        population_child(stream_below(&stream, CHILDREN), &child);
        if (i % 3 == 0)
            population_spoil(&stream, child.family);
        if (i % 5 == 0)
            population_spoil(&stream, child.given);
        struct match_query query = {.family = str_of(child.family), .similar = i % 2 == 0};
        if (i % 4 != 3)
            query.given = str_of(child.given);
        if (i % 6 < 3)
            query.birth = child.birth;
        else if (i % 6 == 3)
            query.birth = (struct day){.year = child.birth.year, .precision = DAY_YEAR};
        if (i % 6 == 4)
            query.postcode = str_of(child.postcode);
        if (i % 6 == 5 || i % 12 == 0)
            query.authority = STR("E08000035");
        struct match_results from_a = search_for(a, &query);
        struct match_results from_b = search_for(b, &query);
        assert_same_results(&from_a, &from_b);
        if (!links)
            continue;
        struct person person = population_person(&child, i % 2 == 0);
        struct match_outcome outcome_a = link_of(a, &person);
        struct match_outcome outcome_b = link_of(b, &person);
        assert_int_equal(outcome_a.kind, outcome_b.kind);
        assert_int_equal(outcome_a.count, outcome_b.count);
        for (size_t j = 0; j < outcome_a.count; j++)
            assert_same_candidate(&outcome_a.best[j], &outcome_b.best[j]);
    }
}

static void order_of_arrival_does_not_matter(void **state)
{
    (void)state;
    struct match_index *a = opened();
    struct match_index *b = opened();
    fill(a, 0, CHILDREN, 1);
    fill(b, 0, CHILDREN, 173);
    assert_alike(a, b, true);
    match_close(a);
    match_close(b);
}

static void removed_is_never_added(void **state)
{
    (void)state;
    struct match_index *a = opened();
    struct match_index *b = opened();
    fill(a, 0, CHILDREN, 1);
    fill(b, 0, CHILDREN * 3, 7);
    for (uint64_t i = CHILDREN * 3; i > CHILDREN; i--)
        match_remove(b, child_of(i));
    match_remove(b, child_of(999999));
    assert_int_equal(match_counts(b).people, CHILDREN);
    assert_alike(a, b, true);
    for (uint64_t i = 1; i <= CHILDREN; i++)
        match_remove(b, child_of(i));
    assert_int_equal(match_counts(b).people, 0);
    fill(b, 0, CHILDREN, 1);
    assert_alike(a, b, true);
    match_close(a);
    match_close(b);
}

static void replaced_is_as_put_once(void **state)
{
    (void)state;
    struct match_index *a = opened();
    struct match_index *b = opened();
    fill(a, 0, CHILDREN, 1);
    for (uint64_t i = 0; i < CHILDREN; i++) {
        struct synthetic child;
        population_child(i + 5000, &child);
        struct person person = population_person(&child, true);
        add_name(&person, NAME_FORMER, "Whitfield", "Zachary");
        assert_int_equal(match_put(b, child_of(i + 1), RECORD_DEAD, 1, i % 2 == 0, &person), FAULT_NONE);
    }
    assert_int_equal(match_counts(b).pending, CHILDREN / 2);
    fill(b, 0, CHILDREN, 3);
    assert_int_equal(match_counts(b).people, CHILDREN);
    assert_int_equal(match_counts(b).pending, 0);
    assert_alike(a, b, true);
    match_close(a);
    match_close(b);
}

/* Children first, first + step and so on, below CHILDREN; some twice, so that the second replaces the first.
 */
struct share {
    struct match_index *index;
    uint64_t first;
    uint64_t step;
    bool failed;
};

static void *fill_share(void *context)
{
    struct share *share = context;
    struct match_filler *filler = NULL;
    enum fault fault = match_fill_open(share->index, &filler);
    for (uint64_t i = share->first; i < CHILDREN && fault == FAULT_NONE; i += share->step) {
        struct synthetic child;
        population_child(i, &child);
        struct person person = population_person(&child, true);
        enum record_state state = i % 9 == 0 ? RECORD_SHIELDED : RECORD_LIVE;
        if (i % 5 == 0)
            fault = match_fill_put(filler, child_of(i + 1), RECORD_DEAD, 1, &person);
        if (fault == FAULT_NONE)
            fault = match_fill_put(filler, child_of(i + 1), state, 1, &person);
    }
    if (fault == FAULT_NONE)
        fault = match_fill_end(filler);
    share->failed = fault != FAULT_NONE;
    match_fill_close(filler);
    return NULL;
}

static void filled_is_as_put_one_by_one(void **state)
{
    (void)state;
    struct match_index *a = opened();
    fill(a, 0, CHILDREN, 1);
    for (size_t threads = 1; threads <= 3; threads += 2) {
        struct match_index *b = opened();
        struct share shares[3];
        pthread_t handles[3];
        for (size_t i = 0; i < threads; i++) {
            shares[i] = (struct share){b, i, threads, false};
            assert_int_equal(pthread_create(&handles[i], NULL, fill_share, &shares[i]), 0);
        }
        for (size_t i = 0; i < threads; i++) {
            assert_int_equal(pthread_join(handles[i], NULL), 0);
            assert_false(shares[i].failed);
        }
        assert_int_equal(match_counts(b).people, CHILDREN);
        assert_alike(a, b, true);
        for (uint64_t i = 1; i <= CHILDREN; i++)
            match_remove(b, child_of(i));
        assert_int_equal(match_counts(b).people, 0);
        match_close(b);
    }
    match_close(a);
}

static void what_is_not_ended_is_not_put(void **state)
{
    (void)state;
    struct match_index *index = opened();
    struct match_filler *filler;
    struct person person = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    assert_int_equal(match_fill_open(index, &filler), FAULT_NONE);
    assert_int_equal(match_fill_end(filler), FAULT_NONE);
    assert_int_equal(match_fill_put(filler, child_of(1), RECORD_LIVE, 1, &person), FAULT_NONE);
    match_fill_close(filler);
    match_fill_close(NULL);
    assert_int_equal(match_counts(index).people, 0);
    match_close(index);
}

static bool is_found(struct match_index *index, const char *family)
{
    struct match_query query = query_of(family, "Jessica", "2007-03-27");
    struct match_results results = search_for(index, &query);
    return results.count > 0 && results.found[0].exact;
}

/* Two servers: an own put that comes late undoes nothing newer that was followed meanwhile. */
static void a_late_put_undoes_no_newer_one(void **state)
{
    (void)state;
    struct match_index *index = opened();
    struct match_filler *filler;
    struct person older = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    struct person newer = person_of("Featherstone", "Jessica", "2007-03-27", SEX_FEMALE);
    assert_int_equal(match_version(index, child_of(1)), 0);
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 7, false, &newer), FAULT_NONE);
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 6, false, &older), FAULT_NONE);
    assert_int_equal(match_version(index, child_of(1)), 7);
    assert_true(is_found(index, "Featherstone"));
    assert_false(is_found(index, "Okonkwo"));
    /* nor one of many */
    assert_int_equal(match_fill_open(index, &filler), FAULT_NONE);
    assert_int_equal(match_fill_put(filler, child_of(1), RECORD_LIVE, 6, &older), FAULT_NONE);
    assert_int_equal(match_fill_end(filler), FAULT_NONE);
    match_fill_close(filler);
    assert_false(is_found(index, "Okonkwo"));
    /* an equal version replaces, and so does a higher one */
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 7, false, &older), FAULT_NONE);
    assert_true(is_found(index, "Okonkwo"));
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 9, false, &newer), FAULT_NONE);
    assert_true(is_found(index, "Featherstone"));
    assert_int_equal(match_version(index, child_of(1)), 9);
    /* once removed it is forgotten */
    match_remove(index, child_of(1));
    assert_int_equal(match_version(index, child_of(1)), 0);
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 1, false, &older), FAULT_NONE);
    assert_int_equal(match_version(index, child_of(1)), 1);
    assert_int_equal(match_counts(index).people, 1);
    match_close(index);
}

static void versions_of_pending_people_do_not_count(void **state)
{
    (void)state;
    struct match_index *index = opened();
    struct person person = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 5, true, &person), FAULT_NONE);
    assert_int_equal(match_version(index, child_of(1)), 0);
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 4, false, &person), FAULT_NONE);
    assert_int_equal(match_version(index, child_of(1)), 4);
    assert_int_equal(match_put(index, child_of(1), RECORD_LIVE, 3, true, &person), FAULT_NONE);
    assert_int_equal(match_version(index, child_of(1)), 0);
    assert_int_equal(match_counts(index).pending, 1);
    match_close(index);
}

/* Shielded children differ in everything that a shield hides. */
static void put_hidden(struct match_index *index, bool other)
{
    for (uint64_t i = 0; i < CHILDREN; i++) {
        struct synthetic child;
        population_child(i, &child);
        struct person person = population_person(&child, true);
        bool shielded = i % 9 == 0;
        struct synthetic secret;
        population_child(i + 20000, &secret);
        if (shielded && other) {
            person.places[0].postcode = str_of(secret.postcode);
            person.places[0].authority = STR("E09000007");
            person.numbers[0].value = str_of(secret.nhs);
            person.carer_count = 0;
            person.phones[0] = STR("07700 900456");
            person.phone_count = 1;
            /* a former name as a visible child bears it, and one nearly so */
            population_child(i + 1, &secret);
            add_name(&person, NAME_FORMER, secret.family, "");
            add_name(&person, NAME_FORMER, "Smithe", "Olliver");
            add_place(&person, false, secret.postcode, "E08000035");
        }
        put(index, i + 1, shielded ? RECORD_SHIELDED : RECORD_LIVE, &person);
        if (i % 40 == 0) {
            /* sealed and archived records, and pending ones, are nowhere at all */
            if (other) {
                put(index, 50000 + i, RECORD_SEALED, &person);
                put(index, 60000 + i, RECORD_ARCHIVED, &person);
                assert_int_equal(match_put(index, child_of(70000 + i), RECORD_LIVE, 1, true, &person),
                                 FAULT_NONE);
            }
        }
    }
}

static void hidden_values_change_no_answer(void **state)
{
    (void)state;
    struct match_index *a = opened();
    struct match_index *b = opened();
    put_hidden(a, false);
    put_hidden(b, true);
    assert_alike(a, b, false);
    match_close(a);
    match_close(b);
}

/* R9.4: found by what it shows, missed by a question that names anything else. */
static void a_shielded_child_is_found_only_by_what_it_shows(void **state)
{
    (void)state;
    struct match_index *index = opened();
    struct person person = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    add_name(&person, NAME_KNOWN_AS, "", "Jessie");
    add_name(&person, NAME_FORMER, "Whitfield", "");
    add_place(&person, true, "LS6 1AB", "E08000035");
    add_number(&person, NUMBER_nhs, "9434765919");
    add_number(&person, NUMBER_contactpoint, "7K4M2X9QRT5");
    put(index, 1, RECORD_SHIELDED, &person);
    struct match_query query = query_of("Okonkwo", "Jessie", "2007-03-27");
    assert_int_equal(search_for(index, &query).count, 1);
    query.postcode = STR("LS6 1AB");
    assert_int_equal(search_for(index, &query).count, 0);
    query.postcode = STR("");
    query.authority = STR("E08000035");
    assert_int_equal(search_for(index, &query).count, 0);
    query = query_of("Whitfield", "", "2007-03-27");
    assert_int_equal(search_for(index, &query).count, 0);
    query = query_of("Whitfield", "Jessica", "2007-03-27");
    struct match_results results = search_for(index, &query);
    for (size_t i = 0; i < results.count; i++) {
        assert_false(results.found[i].exact);
        for (size_t j = 0; j < results.found[i].reason_count; j++)
            assert_int_not_equal(results.found[i].reasons[j].evidence, EVIDENCE_FORMER_NAME);
    }
    query = (struct match_query){.number_scheme = NUMBER_nhs, .number = STR("9434765919")};
    assert_int_equal(search_for(index, &query).count, 0);
    query = (struct match_query){.number_scheme = NUMBER_contactpoint, .number = STR("7K4M2X9QRT5")};
    assert_int_equal(search_for(index, &query).count, 1);
    /* no sight at all: nothing */
    struct match_sight blind = {0};
    assert_int_equal(match_search(index, &query, &blind, &results), FAULT_NONE);
    assert_int_equal(results.count, 0);
    match_close(index);
}

static void anything_can_be_put(void **state)
{
    (void)state;
    struct match_index *index = opened();
    struct stream stream = stream_of(77);
    char text[PERSON_TEXT_BYTES_MAX];
    for (uint64_t i = 0; i < 600; i++) {
        uint8_t packed[900];
        struct person person = {0};
        size_t len = stream_below(&stream, sizeof(text));
        for (size_t j = 0; j < len; j++)
            text[j] = (char)(stream_below(&stream, 4) == 0 ? 1 + stream_below(&stream, 255) : 'a' + i % 26);
        for (size_t j = 0; j < sizeof(packed); j++)
            packed[j] = (uint8_t)stream_below(&stream, 5);
        packed[0] = 1;
        if (i % 2 == 0) {
            for (size_t j = 0; j < PERSON_NAMES_MAX; j++)
                person.names[person.name_count++] = (struct person_name){(enum name_kind)(j % 4 + 1),
                                                                         {text, len / (j + 1)},
                                                                         {text + len / 2, len / 2 / (j + 1)},
                                                                         {text, len}};
            for (size_t j = 0; j < PERSON_PLACES_MAX; j++)
                person.places[person.place_count++] =
                    (struct person_place){j % 2 == 0, {text, len}, {text, len}, {text, len}};
            for (size_t j = 0; j < PERSON_NUMBERS_MAX; j++)
                person.numbers[person.number_count++] =
                    (struct person_number){NUMBER_social_care, {text, len / (j + 1)}};
            for (size_t j = 0; j < PERSON_CARERS_MAX; j++)
                person.carers[person.carer_count++] = person.names[j];
            for (size_t j = 0; j < PERSON_PHONES_MAX; j++)
                person.phones[person.phone_count++] = (struct str){text, len};
        } else if (person_unpack((struct bytes){packed, 3 + stream_below(&stream, 60)}, &person) !=
                   FAULT_NONE) {
            person = (struct person){0};
        }
        put(index, i % 200, RECORD_LIVE, &person);
        (void)link_of(index, &person);
        struct match_query query = {
            .family = {text, len / 3}, .given = {text, len / 5}, .birth = day_of("2007-03-27")};
        struct match_sight sight = practitioner();
        struct match_results results;
        enum fault fault = match_search(index, &query, &sight, &results);
        assert_true(fault == FAULT_NONE || fault == FAULT_INVALID);
    }
    for (uint64_t i = 0; i < 200; i++)
        match_remove(index, child_of(i));
    assert_int_equal(match_counts(index).people, 0);
    match_close(index);
}

static void *search_on_and_on(void *context)
{
    struct match_query query = query_of("Smith", "Zo\xC3\xAB", "2010");
    for (int i = 0; i < 400; i++) {
        struct match_results results = search_for(context, &query);
        struct person person = person_of("\xC5\x81ukasz", "Zo\xC3\xAB", "2010-01-01", 0);
        struct match_outcome outcome = link_of(context, &person);
        if (results.count > MATCH_RESULTS_MAX || outcome.count > MATCH_CANDIDATES_MAX)
            return context;
    }
    return NULL;
}

static void readers_and_a_writer_at_once(void **state)
{
    (void)state;
    struct match_index *index = opened();
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, search_on_and_on, index), 0);
    fill(index, 0, CHILDREN, 1);
    for (uint64_t i = 1; i <= CHILDREN; i += 2)
        match_remove(index, child_of(i));
    for (size_t i = 0; i < 3; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(match_counts(index).people, CHILDREN / 2);
    match_close(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_arrival_does_not_matter),
        cmocka_unit_test(removed_is_never_added),
        cmocka_unit_test(replaced_is_as_put_once),
        cmocka_unit_test(filled_is_as_put_one_by_one),
        cmocka_unit_test(what_is_not_ended_is_not_put),
        cmocka_unit_test(a_late_put_undoes_no_newer_one),
        cmocka_unit_test(versions_of_pending_people_do_not_count),
        cmocka_unit_test(hidden_values_change_no_answer),
        cmocka_unit_test(a_shielded_child_is_found_only_by_what_it_shows),
        cmocka_unit_test(anything_can_be_put),
        cmocka_unit_test(readers_and_a_writer_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
