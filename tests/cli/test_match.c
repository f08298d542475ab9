/* `contactpoint match link` as people run it on tables of their own: what it writes, and the one clear line
 * that every wrong argument, spec and table gets. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "ran.h"

enum { PEOPLE = 60 };

static char program[PATH_MAX];
static char folder[64];

static const char spec[] = "[table]\nid = ref\ntruth = who\n[columns]\ngiven = given\nfamily = family\n"
                           "born = birth\ntown = locality\n";

/* `match link` in the test's folder. */
static const struct ran *run(const char *line)
{
    char words[RAN_LINE_BYTES];
    (void)snprintf(words, sizeof words, "match link %s", line);
    return ran_whole(ran_cut(program, words), NULL);
}

/* One line on standard error, that says this; nothing is written. */
static void fails(int status, const char *line, const char *says)
{
    const struct ran *ran = run(line);
    const char *end = strchr(ran->said, '\n');
    if (ran->status != status || strncmp(ran->said, "contactpoint: ", 14) != 0 ||
        strstr(ran->said, says) == NULL)
        fail_msg("%s: exit %d: %s%s", line, ran->status, ran->said, ran->wrote);
    if (status == 1 && (end == NULL || end[1] != '\0'))
        fail_msg("%s says more than one line: %s", line, ran->said);
    assert_int_not_equal(access("pairs.csv", F_OK), 0);
}

static const char *succeeds(const char *line)
{
    const struct ran *ran = run(line);
    if (ran->status != 0 || ran->said[0] != '\0')
        fail_msg("%s: exit %d: %s%s", line, ran->status, ran->said, ran->wrote);
    return ran->wrote;
}

/* Invented people, twice each, the second time with a letter lost. */
static void put_people(const char *first, const char *second)
{
    static const char *const given[] = {"Mair",  "Gareth", "Sioned", "Oluwaseun",
                                        "Priya", "Tomasz", "Freya",  "Idris"};
    static const char *const family[] = {"Abernathy", "Bevanson", "Chandrasekar",
                                         "Dlugosz",   "Eastwick", "Fairweather"};
    static const char *const towns[] = {"Caerphilly", "Ludlow",   "Thirsk", "Oban",
                                        "Wisbech",    "Nantwich", "Bude",   "Kelso"};
    struct stream stream = stream_of(8);
    FILE *files[2] = {fopen(first, "ae"), fopen(second, "ae")};
    assert_true(files[0] != NULL && files[1] != NULL);
    (void)fputs("ref,who,given,family,born,town\n", files[0]);
    if (strcmp(first, second) != 0)
        (void)fputs("ref,who,given,family,born,town\n", files[1]);
    (void)fflush(files[0]);
    for (int i = 0; i < PEOPLE; i++) {
        const char *name = given[stream_below(&stream, 8)], *surname = family[stream_below(&stream, 6)];
        uint64_t year = 1950 + stream_below(&stream, 50), month = 1 + stream_below(&stream, 12);
        uint64_t day = 1 + stream_below(&stream, 28);
        const char *town = towns[stream_below(&stream, 8)];
        for (int copy = 0; copy < 2; copy++) {
            (void)fprintf(files[copy], "%c%d,p%d,%s,%s,%d-%02d-%02d,%s\n", copy == 0 ? 'a' : 'b', i, i, name,
                          surname + copy, (int)year, (int)month, (int)day, town);
            (void)fflush(files[copy]);
        }
    }
    (void)fclose(files[0]);
    (void)fclose(files[1]);
}

static int enter(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/contactpoint-match-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    put_file("spec", spec);
    put_people("both.csv", "both.csv");
    put_people("a.csv", "b.csv");
    return 0;
}

static int leave(void **state)
{
    (void)state;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.')
            (void)remove(entry->d_name);
    (void)closedir(entries);
    return chdir("/") != 0 || rmdir(folder) != 0;
}

/* Nothing is left of a run: every file the test itself did not make is gone, whatever its name. */
static void assert_no_leavings(void)
{
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        assert_null(strstr(entry->d_name, ".csv."));
    (void)closedir(entries);
    (void)remove("pairs.csv");
    (void)remove("people.csv");
    (void)remove("curve.csv");
}

static void test_duplicates_of_one_table(void **state)
{
    (void)state;
    const char *wrote =
        succeeds("--spec spec both.csv --out pairs.csv --clusters people.csv --curve curve.csv");
    assert_says(wrote, "rows 120 rows\n");
    assert_says(wrote, "judged.pairs 60 pairs\n");
    assert_says(wrote, "\nprecision 1.000000 share\nrecall 1.000000 share\nf1 1.000000 share\n");
    assert_says(wrote, "\nbcubed.f1 1.000000 share\n");
    assert_int_equal(strncmp(get_file("pairs.csv"), "a,b,weight,probability\na0,b0,", 28), 0);
    assert_int_equal(strncmp(get_file("people.csv"), "file,id,cluster\n1,a0,1\n1,b0,1\n", 30), 0);
    assert_int_equal(strncmp(get_file("curve.csv"), "weight,probability,precision,recall,f1\n", 39), 0);
    assert_no_leavings();
}

static void test_two_tables(void **state)
{
    (void)state;
    const char *wrote = succeeds("--spec spec a.csv b.csv --out pairs.csv --clusters people.csv --threads 1");
    assert_says(wrote, "\nf1 1.000000 share\n");
    assert_says(wrote, "pairs.linked 60 pairs\n");
    assert_non_null(strstr(get_file("people.csv"), "\n2,b59,60\n"));
    assert_no_leavings();
}

static void test_threads_change_nothing(void **state)
{
    (void)state;
    static char one[RAN_TEXT_BYTES];
    (void)succeeds("--spec spec both.csv --out pairs.csv --threads 1");
    memcpy(one, get_file("pairs.csv"), sizeof one);
    (void)succeeds("--spec spec both.csv --out pairs.csv --threads 8");
    assert_string_equal(get_file("pairs.csv"), one);
    assert_no_leavings();
}

/* both.csv with its rows the other way round. */
static void put_reversed(const char *name)
{
    static char text[RAN_TEXT_BYTES];
    (void)snprintf(text, sizeof text, "%s", get_file("both.csv"));
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    char *rows = strchr(text, '\n');
    *rows++ = '\0';
    (void)fprintf(file, "%s\n", text);
    for (size_t len = strlen(rows); len > 0; len = strlen(rows)) {
        rows[len - 1] = '\0';
        char *last = strrchr(rows, '\n');
        (void)fprintf(file, "%s\n", last == NULL ? rows : last + 1);
        if (last == NULL)
            break;
        last[1] = '\0';
    }
    assert_int_equal(fclose(file), 0);
}

/* The number of the person of row a0 ... b59, by people.csv. */
static void read_people(unsigned people[2 * PEOPLE])
{
    const char *text = get_file("people.csv");
    memset(people, 0, 2 * PEOPLE * sizeof *people);
    for (const char *line = strchr(text, '\n'); line != NULL && line[1] != '\0';
         line = strchr(line + 1, '\n')) {
        char copy = '\0';
        unsigned number = 0, person = 0;
        assert_int_equal(sscanf(line, "\n1,%c%u,%u", &copy, &number, &person), 3);
        assert_true(number < PEOPLE && (copy == 'a' || copy == 'b'));
        people[number * 2 + (copy == 'b')] = person;
    }
}

static void test_order_changes_nothing(void **state)
{
    (void)state;
    unsigned forth[2 * PEOPLE], back[2 * PEOPLE];
    put_reversed("reversed.csv");
    (void)succeeds("--spec spec both.csv --out pairs.csv --clusters people.csv");
    read_people(forth);
    (void)succeeds("--spec spec reversed.csv --out pairs.csv --clusters people.csv");
    read_people(back);
    for (int i = 0; i < 2 * PEOPLE; i++) {
        assert_int_not_equal(forth[i], 0);
        for (int j = 0; j < i; j++)
            assert_int_equal(forth[i] == forth[j], back[i] == back[j]);
    }
    assert_no_leavings();
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    fails(2, "both.csv --out pairs.csv", "--spec FILE is missing");
    fails(2, "--spec spec both.csv", "--out PATH is missing");
    fails(2, "--spec spec --out pairs.csv", "A.csv");
    fails(2, "--spec spec a.csv b.csv both.csv --out pairs.csv", "both.csv");
    fails(2, "--spec spec both.csv --out pairs.csv --threads 0", "from 1 to 64");
    fails(2, "--spec spec both.csv --out pairs.csv --threads two", "from 1 to 64");
    fails(2, "--spec spec both.csv --out both.csv", "both.csv is named twice");
    fails(2, "--spec spec both.csv --out pairs.csv --clusters pairs.csv", "pairs.csv is named twice");
    fails(2, "--spec spec both.csv --out spec", "spec is named twice");
    fails(1, "--spec absent both.csv --out pairs.csv", "absent: No such file");
    fails(1, "--spec . both.csv --out pairs.csv", ".: Is a directory");
    fails(1, "--spec spec absent.csv --out pairs.csv", "absent.csv");
    fails(1, "--spec spec . --out pairs.csv", ".");
    fails(1, "--spec spec both.csv --out absent/pairs.csv", "its folder does not exist");
    fails(1, "--spec spec both.csv --out .", "no plain file");
    fails(1, "--spec spec both.csv --out pairs.csv --ignore absent", "absent");
    fails(1, "--spec spec both.csv --out pairs.csv --ignore given,family,born,town", "--ignore");
    assert_no_leavings();
}

static void test_a_wrong_spec(void **state)
{
    (void)state;
    put_file("wrong", "");
    fails(1, "--spec wrong both.csv --out pairs.csv", "wrong: ");
    put_file("wrong", "[columns]\ngiven = given\nshoe_size = text\n");
    fails(1, "--spec wrong both.csv --out pairs.csv", "shoe_size");
    put_file("wrong", "[columns]\ngiven = colour\n");
    fails(1, "--spec wrong both.csv --out pairs.csv", "wrong: line 2");
    put_file("wrong", "[columns]\ngiven = given\n");
    fails(1, "--spec wrong both.csv --out pairs.csv --curve curve.csv", "truth");
}

static void test_poor_tables(void **state)
{
    (void)state;
    put_file("poor.csv", "");
    fails(1, "--spec spec poor.csv --out pairs.csv", "poor.csv: ");
    put_file("poor.csv", "ref\n1\n");
    fails(1, "--spec spec poor.csv --out pairs.csv", "poor.csv: ");
    put_file("poor.csv", "ref,who,given,family,born,town\n\"1,a\n");
    fails(1, "--spec spec poor.csv --out pairs.csv", "poor.csv: ");
    put_file("poor.csv", "ref,who,given,family,born,town\n1,a,\xff,b,2000-01-01,c\n");
    fails(1, "--spec spec poor.csv --out pairs.csv", "poor.csv: record 2");
}

static void test_small_tables(void **state)
{
    (void)state;
    put_file("small.csv", "ref,who,given,family,born,town\n1,a,Mair,Abernathy,2000-02-01,Town A\n");
    assert_says(succeeds("--spec spec small.csv --out pairs.csv"),
                "pairs.linked 0 pairs\nclusters 1 people\n");
    assert_string_equal(get_file("pairs.csv"), "a,b,weight,probability\n");
    put_file("one", "[columns]\ngiven = given\n");
    put_file("small.csv", "given\nMair\nGareth\nMair\n");
    assert_says(succeeds("--spec one small.csv --out pairs.csv"), "rows 3 rows\n");
    assert_no_leavings();
}

static void test_rows_all_equal(void **state)
{
    (void)state;
    enum { ROWS = 5000 };
    FILE *file = fopen("equal.csv", "we");
    assert_non_null(file);
    (void)fputs("ref,who,given,family,born,town\n", file);
    for (int i = 0; i < ROWS; i++)
        (void)fprintf(file, "%d,a,Mair,Abernathy,2000-02-01,Town A\n", i);
    assert_int_equal(fclose(file), 0);
    const char *wrote = succeeds("--spec spec equal.csv --out pairs.csv");
    assert_says(wrote, "rows 5000 rows\n");
    assert_true(strstr(wrote, "clusters 1 people\n") != NULL ||
                strstr(wrote, "clusters 5000 people\n") != NULL);
    assert_no_leavings();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duplicates_of_one_table),
        cmocka_unit_test(test_two_tables),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_order_changes_nothing),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_a_wrong_spec),
        cmocka_unit_test(test_poor_tables),
        cmocka_unit_test(test_small_tables),
        cmocka_unit_test(test_rows_all_equal),
    };
    if (argc != 2 || realpath(argv[1], program) == NULL) /* the tests go elsewhere */
        return 2;
    return cmocka_run_group_tests(tests, enter, leave);
}
