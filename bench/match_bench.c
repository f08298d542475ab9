/* How fast and how large the index is: match_bench [children] [seed].
 *
 * Synthetic children with names drawn by Zipf's law; prints `name value unit` lines.  Searches carry one
 * error each. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "match/match.h"

enum { QUESTIONS = 4000, FAMILIES = 30000, GIVENS = 4000, TEXT_MAX = 24 };

struct child {
    uint32_t family;
    uint32_t given;
    uint32_t carer;
    uint32_t household;
    struct day birth;
    enum sex sex;
};

static char families[FAMILIES][TEXT_MAX];
static char givens[GIVENS][TEXT_MAX];

/* A pronounceable word of its own for every number. */
static void make_word(struct stream *stream, char at[TEXT_MAX], unsigned syllables)
{
    static const char *const HEADS[] = {"b", "br", "c", "ch", "d", "f",  "g",  "h", "j",  "k", "l",
                                        "m", "n",  "p", "r",  "s", "sh", "st", "t", "th", "v", "w"};
    static const char *const VOWELS[] = {"a", "e", "i", "o", "u", "ai", "ee", "ow"};
    static const char *const TAILS[] = {"", "n", "r", "l", "s", "ck", "ng", "t", "m"};
    int len = 0;
    for (unsigned i = 0; i < syllables; i++)
        len += snprintf(at + len, TEXT_MAX - (size_t)len, "%s%s%s", HEADS[stream_below(stream, 22)],
                        VOWELS[stream_below(stream, 8)], TAILS[stream_below(stream, 9)]);
}

/* A rank by Zipf's law, roughly: each doubling of ranks is as likely as the others; the commonest names have
 * 1 % each, as Smith has. */
static uint32_t rank_of(struct stream *stream, uint32_t most)
{
    double unit = stream_unit(stream);
    unsigned doublings = 3;
    while ((uint32_t)1 << doublings < most)
        doublings++;
    uint32_t octave = 3 + (uint32_t)(unit * (doublings - 3));
    uint32_t rank = (uint32_t)1 << octave;
    rank += (uint32_t)stream_below(stream, rank);
    return rank > most ? most : rank;
}

static struct child make_child(struct stream *stream)
{
    struct day birth = day_of_number(13514 + (int32_t)stream_below(stream, 6570));
    return (struct child){.family = rank_of(stream, FAMILIES) - 1,
                          .given = rank_of(stream, GIVENS) - 1,
                          .carer = rank_of(stream, GIVENS) - 1,
                          .household = (uint32_t)stream_below(stream, 1u << 30),
                          .birth = birth,
                          .sex = stream_below(stream, 2) == 0 ? SEX_FEMALE : SEX_MALE};
}

struct texts {
    char postcode[16];
    char past[16];
    char line[32];
    char authority[16];
    char nhs[16];
    char upn[16];
    char own[16];
    char benefit[16];
    char phone[16];
};

static void describe(const struct child *child, uint64_t id, struct texts *texts, struct person *ret_person)
{
    uint64_t unit = child->household % 200000;
    (void)snprintf(texts->postcode, sizeof(texts->postcode), "%c%c%u %u%c%c", (char)('A' + unit % 20),
                   (char)('A' + unit / 20 % 10), (unsigned)(unit / 200 % 30), (unsigned)(unit / 6000 % 10),
                   (char)('A' + child->household % 7), (char)('A' + unit / 60000 % 20));
    (void)snprintf(texts->past, sizeof(texts->past), "WF%u %uAB", (unsigned)(id / 7 % 99),
                   (unsigned)(id / 693 % 10));
    (void)snprintf(texts->line, sizeof(texts->line), "%u High Street", child->household % 90);
    (void)snprintf(texts->authority, sizeof(texts->authority), "E08%06u", (unsigned)(unit % 150));
    (void)snprintf(texts->nhs, sizeof(texts->nhs), "%010u", (unsigned)(4000000000u + id));
    (void)snprintf(texts->upn, sizeof(texts->upn), "A%012u", (unsigned)id);
    (void)snprintf(texts->own, sizeof(texts->own), "%011u", (unsigned)id);
    (void)snprintf(texts->benefit, sizeof(texts->benefit), "CHB%08uAA", (unsigned)(id % 100000000));
    (void)snprintf(texts->phone, sizeof(texts->phone), "07700 %06u", (unsigned)(child->household % 1000000));
    *ret_person = (struct person){.sex = child->sex, .birth = child->birth};
    ret_person->names[0] = (struct person_name){
        NAME_CURRENT, str_of(families[child->family]), str_of(givens[child->given]), {NULL, 0}};
    ret_person->names[1] = (struct person_name){
        NAME_FORMER, str_of(families[child->carer % FAMILIES]), str_of(givens[child->given]), {NULL, 0}};
    ret_person->name_count = id % 20 == 0 ? 2 : 1;
    ret_person->places[0] =
        (struct person_place){true, str_of(texts->postcode), str_of(texts->line), str_of(texts->authority)};
    ret_person->places[1] =
        (struct person_place){false, str_of(texts->past), STR("1 Old Road"), STR("E08000001")};
    ret_person->place_count = id % 4 == 0 ? 2 : 1;
    ret_person->numbers[0] = (struct person_number){NUMBER_contactpoint, str_of(texts->own)};
    ret_person->numbers[1] = (struct person_number){NUMBER_nhs, str_of(texts->nhs)};
    ret_person->numbers[2] = (struct person_number){NUMBER_upn, str_of(texts->upn)};
    ret_person->numbers[3] = (struct person_number){NUMBER_child_benefit, str_of(texts->benefit)};
    ret_person->number_count = 4;
    ret_person->carers[0] = (struct person_name){
        NAME_CURRENT, str_of(families[child->family]), str_of(givens[child->carer]), {NULL, 0}};
    ret_person->carer_count = 1;
    ret_person->phones[0] = str_of(texts->phone);
    ret_person->phone_count = 1;
}

static struct child_id id_of_child(uint64_t number)
{
    struct child_id child = {0};
    struct stream stream = stream_of(number);
    for (size_t i = 0; i < 16; i += 8) {
        uint64_t random = stream_next(&stream);
        memcpy(child.id.byte + i, &random, sizeof(random));
    }
    return child;
}

/* Processor time of this thread: what others do on the machine does not count. */
static int64_t now_us(void)
{
    struct timespec at;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at) != 0)
        abort();
    return at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, int64_t *times_us, size_t count)
{
    qsort(times_us, count, sizeof(times_us[0]), compare_times);
    (void)printf("%s.p50 %lld us\n", name, (long long)times_us[count / 2]);
    (void)printf("%s.p99 %lld us\n", name, (long long)times_us[count * 99 / 100]);
    (void)printf("%s.worst %lld us\n", name, (long long)times_us[count - 1]);
}

static void spoil(struct stream *stream, const char *text, char at[TEXT_MAX])
{
    (void)snprintf(at, TEXT_MAX, "%s", text);
    size_t len = strlen(at);
    at[stream_below(stream, len)] = (char)('a' + stream_below(stream, 26));
}

static bool found_within(const struct match_results *results, struct child_id child)
{
    for (size_t i = 0; i < results->count; i++) {
        if (id_equal(results->found[i].child.id, child.id))
            return true;
    }
    return false;
}

enum question {
    BY_DATE,
    BY_YEAR_AND_AUTHORITY,
    BY_AUTHORITY,
    BY_POSTCODE,
    BY_FAMILY_AND_YEAR,
    QUESTION_KINDS
};

static void bench_search(struct match_index *index, const struct child *children, uint64_t count,
                         enum question kind)
{
    static const char *const NAMES[] = {"search.date", "search.year_authority", "search.authority",
                                        "search.postcode", "search.family_year"};
    static int64_t times[QUESTIONS];
    struct stream stream = stream_of(99 + (uint64_t)kind);
    struct match_sight sight = {0};
    sight.mask[RECORD_LIVE] = MASK(IDENTITY) | MASK(WHEREABOUTS) | MASK(AUTHORITY) | MASK(FORMER_NAMES);
    sight.mask[RECORD_SHIELDED] = MASK(IDENTITY);
    sight.mask[RECORD_DEAD] = sight.mask[RECORD_LIVE];
    size_t found = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        uint64_t id = stream_below(&stream, count);
        struct texts texts;
        struct person person;
        char spoilt[2][TEXT_MAX];
        describe(&children[id], id, &texts, &person);
        spoil(&stream, families[children[id].family], spoilt[0]);
        (void)snprintf(spoilt[1], TEXT_MAX, "%s", givens[children[id].given]);
        struct match_query query = {
            .family = str_of(spoilt[0]), .given = str_of(spoilt[1]), .similar = i % 2 == 0};
        if (kind == BY_DATE)
            query.birth = person.birth;
        if (kind == BY_YEAR_AND_AUTHORITY || kind == BY_FAMILY_AND_YEAR)
            query.birth = (struct day){.year = person.birth.year, .precision = DAY_YEAR};
        if (kind == BY_YEAR_AND_AUTHORITY || kind == BY_AUTHORITY)
            query.authority = str_of(texts.authority);
        if (kind == BY_POSTCODE)
            query.postcode = str_of(texts.postcode);
        if (kind == BY_FAMILY_AND_YEAR)
            query.given = STR("");
        struct match_results results;
        int64_t from = now_us();
        if (match_search(index, &query, &sight, &results) != FAULT_NONE)
            abort();
        times[i] = now_us() - from;
        found += found_within(&results, id_of_child(id)) ? 1 : 0;
    }
    print_times(NAMES[kind], times, QUESTIONS);
    (void)printf("%s.recall10 %.4f share\n", NAMES[kind], (double)found / QUESTIONS);
}

static void bench_link(struct match_index *index, const struct child *children, uint64_t count)
{
    static int64_t times[QUESTIONS];
    struct stream stream = stream_of(7);
    size_t kinds[MATCH_HELD + 1] = {0};
    int64_t total = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        uint64_t id = stream_below(&stream, count);
        struct texts texts;
        struct person person;
        char spoilt[TEXT_MAX];
        struct child stranger = make_child(&stream);
        describe(i % 4 == 0 ? &stranger : &children[id], i % 4 == 0 ? count + i : id, &texts, &person);
        if (i % 4 != 0)
            person.number_count = i % 2 == 0 ? 0 : 3;
        if (i % 3 == 0) {
            spoil(&stream, person.names[0].given.at, spoilt);
            person.names[0].given = str_of(spoilt);
        }
        struct match_outcome outcome;
        int64_t from = now_us();
        if (match_link(index, &person, &outcome) != FAULT_NONE)
            abort();
        times[i] = now_us() - from;
        total += times[i];
        kinds[outcome.kind]++;
    }
    (void)printf("link.mean %lld us\n", (long long)(total / QUESTIONS));
    print_times("link", times, QUESTIONS);
    (void)printf("link.sure %zu of %d\nlink.possible %zu of %d\nlink.many %zu of %d\nlink.none %zu of %d\n",
                 kinds[MATCH_SURE], QUESTIONS, kinds[MATCH_POSSIBLE], QUESTIONS, kinds[MATCH_MANY], QUESTIONS,
                 kinds[MATCH_NONE], QUESTIONS);
}

int main(int argc, char **argv)
{
    int64_t count = 200000;
    int64_t seed = 1;
    if ((argc > 1 && !str_to_int(str_of(argv[1]), 1, 20000000, &count)) ||
        (argc > 2 && !str_to_int(str_of(argv[2]), 0, INT64_MAX, &seed)) || argc > 3) {
        (void)fputs("usage: match_bench [children] [seed]\n", stderr);
        return 2;
    }
    struct stream stream = stream_of((uint64_t)seed);
    for (size_t i = 0; i < FAMILIES; i++)
        make_word(&stream, families[i], i % 3 == 0 ? 3 : 2);
    for (size_t i = 0; i < GIVENS; i++)
        make_word(&stream, givens[i], i % 4 == 0 ? 3 : 2);
    struct child *children = calloc((size_t)count, sizeof(*children));
    struct match_index *index;
    if (children == NULL || match_open(&index) != FAULT_NONE)
        return 1;
    int64_t put_us = 0;
    for (int64_t i = 0; i < count; i++) {
        struct texts texts;
        struct person person;
        children[i] = make_child(&stream);
        describe(&children[i], (uint64_t)i, &texts, &person);
        enum record_state state = i % 200 == 0 ? RECORD_SHIELDED : RECORD_LIVE;
        int64_t from = now_us();
        if (match_put(index, id_of_child((uint64_t)i), state, 1, false, &person) != FAULT_NONE)
            return 1;
        put_us += now_us() - from;
    }
    struct match_counts counts = match_counts(index);
    (void)printf("index.children %lld children\n", (long long)count);
    (void)printf("put.mean %.2f us\n", (double)put_us / (double)count);
    (void)printf("index.bytes_per_child %.0f B\n", (double)counts.bytes / (double)count);
    for (enum question kind = BY_DATE; kind < QUESTION_KINDS; kind++)
        bench_search(index, children, (uint64_t)count, kind);
    bench_link(index, children, (uint64_t)count);
    match_close(index);
    free(children);
    return 0;
}
