/* How fast searches are and whom they find: search_bench CHILDREN [REFERENCE FOLDER] [SEED].
 *
 * An index of generated children, as their sources' rows describe them, spelling errors included; questions
 * are made from what is true of a child, with errors of their own.  Prints `name value unit` lines.  A child
 * counts as found by its place in the answer; "too many" is a miss.  Times are processor time of one thread.
 *
 * In the environment: KIND, names of the kinds to be asked; WORST, from how many
 * microseconds on a question's work is told. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "generate/census.h"
#include "generate/slip.h"
#include "generate/text.h"
#include "match/match.h"
#include "registry/row.h"

enum {
    THREADS = 2,
    QUESTIONS = 500,
    SHIELDED_OF = 200,
    ARENA_BYTES = 256 * 1024,
    KINDS_MAX = 16,
    LIMIT = 20
};

enum kind {
    ONE_ERROR,
    TWO_ERRORS,
    YEAR_AREA,
    YEAR_AREA_MISSPELT,
    POSTCODE_MISSPELT,
    AREA_MISSPELT,
    FAMILY_YEAR,
    FAMILY_AREA,
    GIVEN_YEAR,
    FAMILY_AGE,
    FAMILY_RANGE,
    GIVEN_RANGE,
    DATE_EXACT,
    KINDS
};

static const char *const NAMES[KINDS] = {
    "date.one_error",     "date.two_errors",   "year_area",   "year_area.misspelt", "postcode.misspelt",
    "area.misspelt",      "family_year",       "family_area", "given_year",         "family_age",
    "family_forty_years", "given_forty_years", "date.right"};

struct question {
    uint32_t child;
    struct text family;
    struct text given;
    struct text postcode;
    struct text authority;
    struct day birth;
};

struct share {
    struct match_index *index;
    uint32_t children;
    uint32_t part;
    uint64_t seed;
    const char *reference;
    struct question *questions; /* QUESTIONS of them */
    size_t question_count;
    size_t people;
};

static _Noreturn void give_up(const char *what)
{
    (void)fprintf(stderr, "search_bench: %s: %s\n", what, fault_last_note());
    exit(1);
}

static struct child_id id_of(uint32_t number)
{
    struct child_id child = {0};
    uint64_t mixed[2] = {text_mix(number, 1, 0), text_mix(number, 2, 0)};
    memcpy(child.id.byte, mixed, sizeof(mixed));
    return child;
}

static void put_child(const struct census_child *child, struct arena *arena, struct match_filler *filler)
{
    static const enum source ORDER[] = {SOURCE_health, SOURCE_child_benefit, SOURCE_education,
                                        SOURCE_social_care, SOURCE_youth_justice};
    struct person person = {0};
    arena_reset(arena);
    for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++) {
        for (size_t k = 0; k < child->row_count; k++) {
            struct row row;
            if (child->rows[k].source != ORDER[i])
                continue;
            memcpy(row.at, child->rows[k].at, sizeof(row.at));
            if (row_to_person(&row, arena, &person) != FAULT_NONE)
                give_up("a row");
        }
    }
    enum record_state state = child->number % SHIELDED_OF == 0 ? RECORD_SHIELDED : RECORD_LIVE;
    if (person.name_count > 0 &&
        match_fill_put(filler, id_of(child->number), state, 1, &person) != FAULT_NONE)
        give_up("the index");
}

static void *fill(void *argument)
{
    struct share *share = argument;
    struct census *census;
    struct match_filler *filler;
    struct arena *arena;
    const struct census_child *child;
    const struct census_order order = {.children = share->children,
                                       .seed = share->seed,
                                       .reference = share->reference,
                                       .part = share->part,
                                       .parts = THREADS};
    if (census_open(&order, &census) != FAULT_NONE || arena_open(ARENA_BYTES, &arena) != FAULT_NONE ||
        match_fill_open(share->index, &filler) != FAULT_NONE)
        give_up("memory");
    uint32_t every = share->children / THREADS / QUESTIONS;
    while ((child = census_next(census)) != NULL) {
        put_child(child, arena, filler);
        share->people++;
        if (share->people % (every == 0 ? 1 : every) != 0 || share->question_count == QUESTIONS ||
            child->number % SHIELDED_OF == 0 || child->family.len == 0 || child->given.len == 0)
            continue;
        struct question *question = &share->questions[share->question_count++];
        *question = (struct question){.child = child->number, .birth = child->birth};
        text_set(&question->family, child->family);
        text_set(&question->given, child->given);
        text_set(&question->postcode, child->postcode);
        text_set(&question->authority, child->authority);
    }
    if (match_fill_end(filler) != FAULT_NONE)
        give_up("the index");
    match_fill_close(filler);
    arena_close(arena);
    census_close(census);
    return NULL;
}

static void spoil(struct question *question, size_t which, struct stream *stream)
{
    if (which == 0)
        (void)slip_typing(&question->family, stream);
    else if (which == 1)
        (void)slip_typing(&question->given, stream);
    else
        (void)slip_date(&question->birth, (struct day){2026, 11, 1, DAY_EXACT}, stream);
}

static struct match_query query_of(enum kind kind, struct question *q, struct stream *stream)
{
    struct match_query query = {.similar = true, .limit = LIMIT};
    struct day year = {.year = q->birth.year, .precision = DAY_YEAR};
    if (kind == ONE_ERROR || kind == TWO_ERRORS)
        spoil(q, stream_below(stream, 3), stream);
    if (kind == TWO_ERRORS)
        spoil(q, stream_below(stream, 3), stream);
    if (kind == YEAR_AREA_MISSPELT || kind == POSTCODE_MISSPELT || kind == AREA_MISSPELT)
        spoil(q, stream_below(stream, 2), stream);
    if (kind == FAMILY_YEAR || kind == FAMILY_AREA || kind == FAMILY_AGE || kind == FAMILY_RANGE)
        spoil(q, 0, stream);
    if (kind == GIVEN_YEAR || kind == GIVEN_RANGE)
        spoil(q, 1, stream);
    if (kind != GIVEN_YEAR && kind != GIVEN_RANGE)
        query.family = text_str(&q->family);
    if (kind != FAMILY_YEAR && kind != FAMILY_AREA && kind != FAMILY_AGE && kind != FAMILY_RANGE)
        query.given = text_str(&q->given);
    if (kind == ONE_ERROR || kind == TWO_ERRORS || kind == DATE_EXACT)
        query.birth = q->birth;
    if (kind == YEAR_AREA || kind == YEAR_AREA_MISSPELT || kind == FAMILY_YEAR || kind == GIVEN_YEAR)
        query.birth = year;
    if (kind == FAMILY_AGE || kind == FAMILY_RANGE || kind == GIVEN_RANGE) {
        uint16_t by = kind == FAMILY_AGE ? 1 : 20;
        query.birth_earliest = (struct day){(uint16_t)(year.year - by), 5, 1, DAY_EXACT};
        query.birth_latest = (struct day){(uint16_t)(year.year + by), 4, 30, DAY_EXACT};
    }
    if (kind == YEAR_AREA || kind == YEAR_AREA_MISSPELT || kind == AREA_MISSPELT || kind == FAMILY_AREA)
        query.authority = text_str(&q->authority);
    if (kind == POSTCODE_MISSPELT)
        query.postcode = text_str(&q->postcode);
    return query;
}

static int64_t now_ns(clockid_t clock)
{
    struct timespec at;
    if (clock_gettime(clock, &at) != 0)
        abort();
    return at.tv_sec * 1000000000 + at.tv_nsec;
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void ask(struct match_index *index, const struct question *questions, size_t count, enum kind kind)
{
    static int64_t times[QUESTIONS * THREADS];
    struct stream stream = stream_of(300 + (uint64_t)kind);
    struct match_sight sight = {0};
    sight.mask[RECORD_LIVE] = MASK(IDENTITY) | MASK(WHEREABOUTS) | MASK(AUTHORITY) | MASK(FORMER_NAMES);
    sight.mask[RECORD_SHIELDED] = MASK(IDENTITY);
    sight.mask[RECORD_DEAD] = sight.mask[RECORD_LIVE];
    size_t within[3] = {0};
    size_t too_many = 0;
    size_t asked = 0;
    struct match_work work = {0};
    uint64_t shown = 0;
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        struct question question = questions[i];
        struct match_query query = query_of(kind, &question, &stream);
        struct match_results results;
        int64_t from = now_ns(CLOCK_THREAD_CPUTIME_ID);
        enum fault fault = match_search(index, &query, &sight, &results);
        if (fault != FAULT_NONE)
            continue;
        times[asked++] = now_ns(CLOCK_THREAD_CPUTIME_ID) - from;
        total += times[asked - 1];
        too_many += results.too_many;
        work.words += results.work.words;
        work.blocks += results.work.blocks;
        work.people += results.work.people;
        work.scored += results.work.scored;
        shown += results.count;
        for (size_t j = 0; j < results.count; j++) {
            if (!id_equal(results.found[j].child.id, id_of(questions[i].child).id))
                continue;
            within[0] += j == 0;
            within[1] += j < 10;
            within[2]++;
        }
        if (getenv("WORST") != NULL && times[asked - 1] > atol(getenv("WORST")) * 1000)
            (void)fprintf(stderr, "%s %lld us: scored %u people %u blocks %u words %u passed %u: %.*s %.*s\n",
                          NAMES[kind], (long long)(times[asked - 1] / 1000), results.work.scored,
                          results.work.people, results.work.blocks, results.work.words,
                          results.work.passed_over, (int)query.family.len, query.family.at,
                          (int)query.given.len, query.given.at);
    }
    qsort(times, asked, sizeof(times[0]), compare_times);
    (void)printf(
        "search.%s p50 %.1f p99 %.1f worst %.1f mean %.1f us, at1 %.4f at10 %.4f at20 %.4f, too many %.3f, "
        "words %.0f blocks %.0f people %.0f scored %.0f shown %.1f\n",
        NAMES[kind], (double)times[asked / 2] / 1e3, (double)times[asked * 99 / 100] / 1e3,
        (double)times[asked - 1] / 1e3, (double)total / 1e3 / (double)asked,
        (double)within[0] / (double)asked, (double)within[1] / (double)asked,
        (double)within[2] / (double)asked, (double)too_many / (double)asked,
        (double)work.words / (double)asked, (double)work.blocks / (double)asked,
        (double)work.people / (double)asked, (double)work.scored / (double)asked,
        (double)shown / (double)asked);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    int64_t children = 0;
    int64_t seed = 1;
    if (argc < 2 || argc > 4 || !str_to_int(str_of(argv[1]), 1, 20000000, &children) ||
        (argc > 3 && !str_to_int(str_of(argv[3]), 0, INT64_MAX, &seed))) {
        (void)fputs("usage: search_bench CHILDREN [REFERENCE FOLDER] [SEED]\n", stderr);
        return 2;
    }
    struct match_index *index;
    struct share shares[THREADS];
    pthread_t threads[THREADS];
    struct question *questions = calloc(QUESTIONS * THREADS, sizeof(*questions));
    if (questions == NULL || match_open(&index) != FAULT_NONE)
        give_up("memory");
    int64_t from = now_ns(CLOCK_MONOTONIC);
    for (uint32_t i = 0; i < THREADS; i++) {
        shares[i] = (struct share){.index = index,
                                   .children = (uint32_t)children,
                                   .part = i,
                                   .seed = (uint64_t)seed,
                                   .reference = argc > 2 ? argv[2] : NULL,
                                   .questions = questions + i * QUESTIONS};
        if (pthread_create(&threads[i], NULL, fill, &shares[i]) != 0)
            give_up("threads");
    }
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    size_t count = shares[0].question_count;
    for (size_t i = 1; i < THREADS; i++) {
        memmove(questions + count, shares[i].questions, shares[i].question_count * sizeof(*questions));
        count += shares[i].question_count;
    }
    struct match_counts counts = match_counts(index);
    (void)printf("index.children %llu children\nindex.fill %.1f s\nindex.bytes_per_child %.1f B\n",
                 (unsigned long long)counts.people, (double)(now_ns(CLOCK_MONOTONIC) - from) / 1e9,
                 (double)counts.bytes / (double)counts.people);
    for (enum kind kind = ONE_ERROR; kind < KINDS; kind++)
        if (getenv("KIND") == NULL || strstr(getenv("KIND"), NAMES[kind]) != NULL)
            ask(index, questions, count, kind);
    match_close(index);
    free(questions);
    return 0;
}
