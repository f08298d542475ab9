/* linkage/link.c: which rows are linked; tables that are odd; the same for any order and number of threads.
 */
#include <stdio.h>

#include "base/buffer.h"
#include "table.h"

static const char PEOPLE[] = "[table]\nid = id\ntruth = person\n[columns]\nfirst = given\nlast = family\n"
                             "born = birth\ntown = locality\npost = postcode\n";

static struct linkage_pairs run_rows(const struct linkage_rows *rows, unsigned threads,
                                     struct linkage_report *report)
{
    struct linkage_options options = linkage_options();
    struct linkage_pairs pairs;
    options.threads = threads;
    assert_int_equal(linkage_run(rows, &options, &pairs, report), FAULT_NONE);
    for (size_t i = 0; i < pairs.count; i++) {
        assert_true(pairs.at[i].a < pairs.at[i].b);
        assert_true(i == 0 || pairs.at[i - 1].a < pairs.at[i].a ||
                    (pairs.at[i - 1].a == pairs.at[i].a && pairs.at[i - 1].b < pairs.at[i].b));
    }
    return pairs;
}

/* Repeatable numbers (Knuth's MMIX generator). */
static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % below;
}

static const char *const FIRST[] = {"anna",  "ben",   "clara", "david", "edith", "frank", "grace", "henry",
                                    "irene", "jacob", "kate",  "liam",  "mary",  "noah",  "olive", "peter"};
static const char *const LAST[] = {"abbot",  "barker", "cooper", "dawson", "ellis",  "fisher",
                                   "gibson", "harper", "ingram", "jarvis", "keller", "lawson",
                                   "mercer", "norton", "osborn", "parker", "quincy", "rogers",
                                   "sawyer", "tanner", "upton",  "vaughn", "walker", "yates"};
static const char *const TOWN[] = {"leeds", "york", "hull", "derby", "luton", "poole"};

enum { LINE_MAX_BYTES = 128 };

struct invented {
    char (*lines)[LINE_MAX_BYTES];
    size_t count;
};

/* People, and of each a copy with one slip. */
static struct invented invent(size_t people)
{
    struct invented invented = {calloc(people * 2, LINE_MAX_BYTES), 0};
    uint64_t state = 7;
    assert_non_null(invented.lines);
    for (size_t i = 0; i < people; i++) {
        char last[16];
        unsigned year = 1930 + draw(&state, 80);
        unsigned month = 1 + draw(&state, 12);
        unsigned day = 1 + draw(&state, 28);
        const char *first = FIRST[draw(&state, 16)];
        const char *town = TOWN[draw(&state, 6)];
        (void)snprintf(last, sizeof last, "%s%c", LAST[draw(&state, 24)], 'a' + (int)draw(&state, 20));
        unsigned post = draw(&state, 10);
        (void)snprintf(invented.lines[invented.count++], LINE_MAX_BYTES,
                       "%zua,%zu,%s,%s,%04u%02u%02u,%s,LS%u 1AB\n", i, i, first, last, year, month, day, town,
                       post);
        if (draw(&state, 2) == 0)
            last[2] = 'z';
        else
            day = day % 28 + 1;
        (void)snprintf(invented.lines[invented.count++], LINE_MAX_BYTES,
                       "%zub,%zu,%s,%s,%04u%02u%02u,%s,LS%u 1AB\n", i, i, first, last, year, month, day, town,
                       post);
    }
    return invented;
}

static struct linkage_rows *load(const struct invented *invented)
{
    static const char HEADER[] = "id,person,first,last,born,town,post\n";
    struct buffer text = buffer_open((size_t)64 << 20);
    buffer_put(&text, str_of(HEADER));
    for (size_t i = 0; i < invented->count; i++)
        buffer_put(&text, str_of(invented->lines[i]));
    assert_int_equal(buffer_fault(&text), FAULT_NONE);
    struct linkage_rows *rows = table_load(PEOPLE, buffer_str(&text), NULL);
    buffer_close(&text);
    return rows;
}

/* Of the pairs at even odds or better, and of the true ones, how many are both. */
static void expect_quality(const struct linkage_rows *rows, const struct linkage_pairs *pairs, double least)
{
    double claimed = 0;
    double right = 0;
    double all = (double)linkage_rows_count(rows) / 2;
    for (size_t i = 0; i < pairs->count; i++) {
        bool same = linkage_rows_truth(rows, pairs->at[i].a) == linkage_rows_truth(rows, pairs->at[i].b);
        claimed += pairs->at[i].weight >= 0;
        right += pairs->at[i].weight >= 0 && same;
    }
    assert_true(right / all >= least);
    assert_true(right / claimed >= least);
}

static void links(void **state)
{
    (void)state;
    struct invented invented = invent(400);
    struct linkage_rows *rows = load(&invented);
    struct linkage_report report;
    struct linkage_pairs pairs = run_rows(rows, 1, &report);
    expect_quality(rows, &pairs, 0.99);
    assert_int_equal(report.passes, 0);
    assert_int_equal(report.pairs_compared, 800 * 799 / 2);
    free(pairs.at);
    linkage_rows_close(rows);
    free(invented.lines);
}

struct named {
    uint64_t a;
    uint64_t b;
    int32_t weight;
};

static int by_name(const void *a, const void *b)
{
    const struct named *left = a;
    const struct named *right = b;
    if (left->a != right->a)
        return left->a < right->a ? -1 : 1;
    return left->b < right->b ? -1 : left->b > right->b;
}

/* Pairs by what the rows hold, not where they stand. */
static struct named *name_pairs(const struct linkage_rows *rows, const struct linkage_pairs *pairs)
{
    struct named *named = calloc(pairs->count + 1, sizeof *named);
    assert_non_null(named);
    for (size_t i = 0; i < pairs->count; i++) {
        uint64_t a = linkage_rows_key(rows, pairs->at[i].a);
        uint64_t b = linkage_rows_key(rows, pairs->at[i].b);
        named[i] = (struct named){a < b ? a : b, a < b ? b : a, pairs->at[i].weight};
    }
    qsort(named, pairs->count, sizeof *named, by_name);
    return named;
}

/* Blocked, for 3,000 rows have too many pairs to look at each. */
static void expect_same(size_t people, double least)
{
    struct invented invented = invent(people);
    struct linkage_rows *rows = load(&invented);
    struct linkage_report one;
    struct linkage_report two;
    struct linkage_pairs pairs = run_rows(rows, 1, &one);
    struct linkage_pairs threaded = run_rows(rows, 3, &two);
    assert_int_not_equal(one.passes, 0);
    expect_quality(rows, &pairs, least);
    assert_int_equal(pairs.count, threaded.count);
    assert_int_equal(one.pairs_compared, two.pairs_compared);
    for (size_t i = 0; i < pairs.count; i++) {
        assert_int_equal(pairs.at[i].a, threaded.at[i].a);
        assert_int_equal(pairs.at[i].b, threaded.at[i].b);
        assert_int_equal(pairs.at[i].weight, threaded.at[i].weight);
    }
    struct named *named = name_pairs(rows, &pairs);
    linkage_rows_close(rows);
    uint64_t shuffle = 3;
    for (size_t i = invented.count; i > 1; i--) {
        size_t other = draw(&shuffle, (uint32_t)i);
        char line[LINE_MAX_BYTES];
        memcpy(line, invented.lines[i - 1], sizeof line);
        memcpy(invented.lines[i - 1], invented.lines[other], sizeof line);
        memcpy(invented.lines[other], line, sizeof line);
    }
    rows = load(&invented);
    struct linkage_pairs shuffled = run_rows(rows, 2, &two);
    assert_int_equal(shuffled.count, pairs.count);
    assert_int_equal(one.pairs_compared, two.pairs_compared);
    struct named *again = name_pairs(rows, &shuffled);
    assert_memory_equal(named, again, pairs.count * sizeof *named);
    free(named);
    free(again);
    free(pairs.at);
    free(threaded.at);
    free(shuffled.at);
    linkage_rows_close(rows);
    free(invented.lines);
}

static void any_order_any_threads(void **state)
{
    (void)state;
    expect_same(1500, 0.98);
}

/* A large table has keys of its own, and learns from a sample of its rows. */
static void any_order_any_threads_large(void **state)
{
    (void)state;
    expect_same(50100, 0.90);
}

static void odd_tables(void **state)
{
    (void)state;
    static const char *const tables[] = {
        "id,person,first,last,born,town,post\n",
        "id,person,first,last,born,town,post\n1,1,ann,lee,1990,leeds,LS1 1AA\n",
        "id,person,first,last,born,town,post\n1,1,,,,,\n2,2,,,,,\n3,,,,,,\n",
        "id,person,first,last,born,town,post\n1,1,ann,,,,\n2,1,ann,,,,\n",
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct linkage_report report;
        struct linkage_rows *rows = table_load(PEOPLE, str_of(tables[i]), NULL);
        struct linkage_pairs pairs = run_rows(rows, 2, &report);
        assert_true(pairs.count <= 3);
        free(pairs.at);
        linkage_rows_close(rows);
    }
}

static void one_column(void **state)
{
    (void)state;
    struct linkage_report report;
    struct linkage_rows *rows =
        table_load("[columns]\nname = text\n", STR("name\nacme stores\nacme store\nzebra works\n"), NULL);
    struct linkage_pairs pairs = run_rows(rows, 1, &report);
    assert_int_equal(report.pairs_compared, 3);
    free(pairs.at);
    linkage_rows_close(rows);
}

static void two_files(void **state)
{
    (void)state;
    static const char FIRST_FILE[] = "id,person,first,last,born,town,post\n"
                                     "1,1,anna,barker,19800203,leeds,LS1 1AA\n"
                                     "2,2,ben,cooper,19710304,york,YO1 2BB\n"
                                     "3,1,anna,barker,19800203,leeds,LS1 1AA\n";
    static const char SECOND_FILE[] = "id,person,first,last,born,town,post\n"
                                      "7,2,ben,cooper,19710304,york,YO1 2BB\n"
                                      "8,1,anna,barker,19800203,leeds,LS1 1AA\n";
    struct linkage_report report;
    struct linkage_rows *rows = table_load(PEOPLE, str_of(FIRST_FILE), SECOND_FILE);
    struct linkage_pairs pairs = run_rows(rows, 1, &report);
    assert_int_equal(report.pairs_possible, 6);
    for (size_t i = 0; i < pairs.count; i++) {
        assert_true(pairs.at[i].a < 3 && pairs.at[i].b >= 3);
        bool same = linkage_rows_truth(rows, pairs.at[i].a) == linkage_rows_truth(rows, pairs.at[i].b);
        assert_int_equal(pairs.at[i].weight > 0, same);
    }
    assert_true(pairs.count >= 3);
    free(pairs.at);
    linkage_rows_close(rows);
}

enum { MANY = 1000 * 1000 };

/* A million rows of one name, in `groups` of towns. */
static struct linkage_rows *crowd(uint32_t count, uint32_t groups)
{
    struct buffer text = buffer_open((size_t)64 << 20);
    buffer_put(&text, STR("name,town\n"));
    for (uint32_t i = 0; i < count; i++) {
        buffer_put(&text, STR("John Smith,"));
        buffer_put_int(&text, i % groups);
        buffer_put(&text, STR("\n"));
    }
    assert_int_equal(buffer_fault(&text), FAULT_NONE);
    struct linkage_rows *rows = table_load("[columns]\nname = name\ntown = token\n", buffer_str(&text), NULL);
    buffer_close(&text);
    return rows;
}

/* Rows that are equal are each paired with one of them alone: as many pairs as rows, and one component. */
static void a_million_equal_rows(void **state)
{
    (void)state;
    struct linkage_report report;
    struct linkage_rows *rows = crowd(MANY, 1);
    struct linkage_pairs pairs = run_rows(rows, 2, &report);
    assert_int_equal(report.pairs_compared, MANY - 1);
    assert_int_equal(report.rows_repeated, MANY - 1);
    assert_true(pairs.count == 0 || pairs.count == MANY - 1);
    free(pairs.at);
    linkage_rows_close(rows);
}

/* One block of a name's million bearers is cut by what else there is. */
static void a_block_of_many(void **state)
{
    (void)state;
    enum { ROWS = MANY, TOWNS = MANY / 4 };
    struct linkage_report report;
    struct linkage_rows *rows = crowd(ROWS, TOWNS);
    struct linkage_pairs pairs = run_rows(rows, 2, &report);
    assert_true(report.blocks_refined > 0);
    assert_true(report.pairs_compared <= (uint64_t)ROWS * 512);
    for (size_t i = 0; i < pairs.count; i++)
        assert_int_equal(linkage_rows_key(rows, pairs.at[i].a), linkage_rows_key(rows, pairs.at[i].b));
    free(pairs.at);
    linkage_rows_close(rows);
}

static void options_out_of_range(void **state)
{
    (void)state;
    struct linkage_rows *rows = table_load("[columns]\nname = text\n", STR("name\na\n"), NULL);
    struct linkage_options options = linkage_options();
    struct linkage_pairs pairs;
    struct linkage_report report;
    options.threads = 0;
    assert_int_equal(linkage_run(rows, &options, &pairs, &report), FAULT_INVALID);
    options.threads = LINKAGE_THREADS_MAX + 1;
    assert_int_equal(linkage_run(rows, &options, &pairs, &report), FAULT_INVALID);
    linkage_rows_close(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links),
        cmocka_unit_test(any_order_any_threads),
        cmocka_unit_test(any_order_any_threads_large),
        cmocka_unit_test(odd_tables),
        cmocka_unit_test(one_column),
        cmocka_unit_test(two_files),
        cmocka_unit_test(a_million_equal_rows),
        cmocka_unit_test(a_block_of_many),
        cmocka_unit_test(options_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
