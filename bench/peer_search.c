/* The people and the questions of match_bench as two files for other programs, and how fast and how well this
 * one answers the same questions.
 *
 *     peer_search CHILDREN SEED OUT [reference folder]
 *
 * OUT/people.csv      id,family,given,birth,postcode,authority      who is in the index, by the first of
 * their names OUT/questions.csv   number,kind,child,family,given,birth,year,postcode,authority      what is
 * not asked is empty
 *
 * Prints `name value unit` lines; one thread, wall time, the second time that each question is asked. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/crowd.h"

enum { QUESTIONS = 5000, ARENA_BYTES = 256 * 1024, PATH_BYTES_MAX = 4096 };

static FILE *open_file(const char *folder, const char *name)
{
    char path[PATH_BYTES_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "we") : NULL;
    if (file == NULL)
        crowd_fail("cannot write into the folder");
    return file;
}

static void close_file(FILE *file)
{
    if (ferror(file) != 0 || fclose(file) != 0)
        crowd_fail("cannot write: is the disk full?");
}

/* No field of the population holds a quote or a comma. */
static void put_field(FILE *file, struct str field, char end)
{
    (void)fwrite(field.at, 1, field.len, file);
    (void)fputc(end, file);
}

static void put_day(FILE *file, struct day day, char end)
{
    struct text text = {0};
    if (day.precision == DAY_EXACT)
        text_put_day(&text, day);
    put_field(file, text_str(&text), end);
}

static void put_person(FILE *file, uint32_t child, const struct person *person)
{
    const struct person_place *place = person->place_count > 0 ? &person->places[0] : NULL;
    (void)fprintf(file, "%u,", child);
    put_field(file, person->names[0].family, ',');
    put_field(file, person->names[0].given, ',');
    put_day(file, person->birth, ',');
    put_field(file, place == NULL ? STR("") : place->postcode, ',');
    put_field(file, place == NULL ? STR("") : place->authority, '\n');
}

static void write_people(const struct crowd_order *order, const char *folder)
{
    const struct census_order all = {
        .children = order->children, .seed = order->seed, .reference = order->reference};
    FILE *file = open_file(folder, "people.csv");
    struct census *census;
    struct arena *arena;
    const struct census_child *child;
    if (census_open(&all, &census) != FAULT_NONE || arena_open(ARENA_BYTES, &arena) != FAULT_NONE)
        crowd_fail("cannot begin");
    while ((child = census_next(census)) != NULL) {
        struct person person;
        arena_reset(arena);
        if (!crowd_has(child->number))
            continue;
        if (crowd_person(child, arena, &person) != FAULT_NONE)
            crowd_fail("no memory");
        if (person.name_count > 0)
            put_person(file, child->number, &person);
    }
    arena_close(arena);
    census_close(census);
    close_file(file);
}

static void write_questions(const struct crowd *crowd, const char *folder)
{
    FILE *file = open_file(folder, "questions.csv");
    for (size_t i = 0; i < crowd->question_count; i++) {
        const struct question *question = &crowd->questions[i];
        (void)fprintf(file, "%zu,%d,%u,", i + 1, (int)question->kind, question->child);
        put_field(file, text_str(&question->family), ',');
        put_field(file, text_str(&question->given), ',');
        put_day(file, question->birth, ',');
        if (question->birth.precision == DAY_YEAR)
            (void)fprintf(file, "%u", question->birth.year);
        (void)fputc(',', file);
        put_field(file, text_str(&question->postcode), ',');
        put_field(file, text_str(&question->authority), '\n');
    }
    close_file(file);
}

static int64_t now_ns(void)
{
    struct timespec at;
    if (clock_gettime(CLOCK_MONOTONIC, &at) != 0)
        abort();
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool ask(struct match_index *index, const struct question *question, int64_t *ret_ns)
{
    const struct match_sight sight = crowd_sight();
    struct match_results results;
    const struct match_query query = crowd_query(question);
    int64_t from = now_ns();
    if (match_search(index, &query, &sight, &results) != FAULT_NONE)
        crowd_fail("searching");
    *ret_ns = now_ns() - from;
    for (size_t i = 0; i < results.count; i++)
        if (id_equal(results.found[i].child.id, crowd_id(question->child).id))
            return true;
    return false;
}

static void measure(struct match_index *index, const struct crowd *crowd)
{
    size_t count = crowd->question_count, found = 0;
    int64_t *times_ns = calloc(count + 1, sizeof *times_ns);
    if (times_ns == NULL)
        crowd_fail("no memory");
    for (int turn = 0; turn < 2; turn++) {
        found = 0;
        for (size_t i = 0; i < count; i++)
            found += ask(index, &crowd->questions[i], &times_ns[i]);
    }
    double total_ns = 0;
    for (size_t i = 0; i < count; i++)
        total_ns += (double)times_ns[i];
    qsort(times_ns, count, sizeof times_ns[0], ascending);
    (void)printf("own.search.p50 %.3f ms\n", (double)times_ns[count / 2] / 1e6);
    (void)printf("own.search.p99 %.3f ms\n", (double)times_ns[count * 99 / 100] / 1e6);
    (void)printf("own.search.mean %.3f ms\n", total_ns / 1e6 / (double)(count == 0 ? 1 : count));
    (void)printf("own.search.found %.4f share\n", (double)found / (double)(count == 0 ? 1 : count));
    free(times_ns);
}

int main(int argc, char **argv)
{
    int64_t children, seed;
    struct match_index *index;
    struct crowd crowd;
    if (argc < 4 || argc > 5 || !str_to_int(str_of(argv[1]), 1, 20000000, &children) ||
        !str_to_int(str_of(argv[2]), 0, INT64_MAX, &seed)) {
        (void)fputs("usage: peer_search CHILDREN SEED OUT [reference folder]\n", stderr);
        return 2;
    }
    const struct crowd_order order = {.children = (uint32_t)children,
                                      .seed = (uint64_t)seed,
                                      .reference = argc == 5 ? argv[4] : NULL,
                                      .questions = QUESTIONS,
                                      .threads = 2};
    if (match_open(&index) != FAULT_NONE)
        crowd_fail("no index");
    crowd_fill(&order, index, &crowd);
    write_people(&order, argv[3]);
    write_questions(&crowd, argv[3]);
    measure(index, &crowd);
    match_close(index);
    crowd_close(&crowd);
    return 0;
}
