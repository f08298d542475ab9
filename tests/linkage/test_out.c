/* linkage/people.c and linkage/out.c: from pairs to people to files. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "linkage/out.h"
#include "linkage/people.h"

enum { TEXT_BYTES_MAX = 256 * 1024, CROWD = LINKAGE_OUT_WHOLE_MAX + 2 };

static char folder[] = "/tmp/contactpoint-out-XXXXXX";

static const char *get(const char *name)
{
    static char text[TEXT_BYTES_MAX];
    FILE *file = fopen(name, "re");
    text[0] = '\0';
    if (file != NULL) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        (void)fclose(file);
    }
    return text;
}

static struct linkage_rows *rows_of(const char *first, const char *second)
{
    struct linkage_spec spec;
    struct linkage_rows *rows = NULL;
    struct linkage_error error = {0};
    struct linkage_file files[2] = {{.text = str_of(first)}, {.text = str_of(second)}};
    assert_int_equal(linkage_spec_parse(STR("[table]\nid = ref\n[columns]\nname = family\n"), &spec, &error),
                     FAULT_NONE);
    assert_int_equal(linkage_rows_load(&spec, files, second == NULL ? 1 : 2, &rows, &error), FAULT_NONE);
    return rows;
}

static void test_pairs_of_one_table(void **state)
{
    (void)state;
    struct linkage_rows *rows = rows_of("ref,name\na,Ash\n\"b,1\",Beech\nc,Cedar\nd,Damson\n", NULL);
    struct linkage_pair weighed[] = {{0, 1, 10240, false}, {0, 3, -1024, true}, {1, 2, 9216, false}};
    struct linkage_pairs pairs = {weighed, 3};
    struct cluster_rule rule = cluster_rule();
    uint32_t cluster[4];
    uint64_t count = 0;
    rule.unscored = 0;
    assert_int_equal(linkage_people(rows, &pairs, &rule, cluster, NULL), FAULT_NONE);
    struct linkage_out out = {rows, &pairs, cluster, 1};
    assert_int_equal(linkage_out_pairs(&out, "pairs", &count), FAULT_NONE);
    assert_int_equal(count, 3);
    assert_string_equal(get("pairs"), "a,b,weight,probability\na,\"b,1\",10.000,0.999024\na,c,,\n"
                                      "\"b,1\",c,9.000,0.998051\n");
    assert_int_equal(linkage_out_clusters(&out, "people"), FAULT_NONE);
    assert_string_equal(get("people"), "file,id,cluster\n1,a,1\n1,\"b,1\",1\n1,c,1\n1,d,2\n");
    linkage_rows_close(rows);
}

/* What speaks against a pair counts where the pair is unlikely; else it is an error in a row. */
static void test_evidence_against(void **state)
{
    (void)state;
    struct linkage_rows *rows = rows_of("ref,name\na,Ash\nb,Beech\nc,Cedar\n", NULL);
    struct linkage_pair weighed[] = {{0, 1, 20480, false}, {0, 2, -10, true}, {1, 2, 15000, true}};
    struct linkage_pairs pairs = {weighed, 3};
    struct cluster_rule rule = cluster_rule();
    uint32_t cluster[3];
    assert_int_equal(linkage_people(rows, &pairs, &rule, cluster, NULL), FAULT_NONE);
    assert_int_equal(cluster[1], 0);
    assert_int_equal(cluster[2], 2);
    weighed[1].against = false;
    assert_int_equal(linkage_people(rows, &pairs, &rule, cluster, NULL), FAULT_NONE);
    assert_int_equal(cluster[2], 0);
    linkage_rows_close(rows);
}

static void test_pairs_across_two_tables(void **state)
{
    (void)state;
    struct linkage_rows *rows = rows_of("ref,name\na,Ash\nb,Beech\n", "ref,name\nx,Ash\ny,Elm\n");
    struct linkage_pair weighed[] = {{0, 2, 1024, false}, {1, 2, 2048, false}};
    struct linkage_pairs pairs = {weighed, 2};
    const uint32_t cluster[4] = {0, 0, 0, 3};
    struct linkage_out out = {rows, &pairs, cluster, 1};
    uint64_t count = 0;
    assert_int_equal(linkage_out_pairs(&out, "pairs", &count), FAULT_NONE);
    assert_int_equal(count, 2);
    assert_string_equal(get("pairs"), "a,b,weight,probability\na,x,1.000,0.666667\nb,x,2.000,0.800000\n");
    assert_int_equal(linkage_out_clusters(&out, "people"), FAULT_NONE);
    assert_string_equal(get("people"), "file,id,cluster\n1,a,1\n1,b,1\n2,x,1\n2,y,2\n");
    linkage_rows_close(rows);
}

/* Half a million pairs would say no more than these: each with the first, and what was weighed. */
static void test_a_crowd(void **state)
{
    (void)state;
    static char text[TEXT_BYTES_MAX];
    static uint32_t cluster[CROWD];
    static struct linkage_pair weighed[CROWD];
    size_t len = (size_t)snprintf(text, sizeof text, "ref,name\n");
    for (uint32_t i = 0; i < CROWD; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%u,Ash\n", i);
        weighed[i] = (struct linkage_pair){i, i + 1, 10240, false};
    }
    struct linkage_rows *rows = rows_of(text, NULL);
    struct linkage_pairs pairs = {weighed, CROWD - 1};
    struct linkage_out out = {rows, &pairs, cluster, 1};
    uint64_t count = 0;
    assert_int_equal(linkage_out_pairs(&out, "pairs", &count), FAULT_NONE);
    assert_int_equal(count, CROWD - 1 + CROWD - 2);
    assert_non_null(
        strstr(get("pairs"), "\n0,1,10.000,0.999024\n1,2,10.000,0.999024\n0,2,,\n2,3,10.000,0.999024\n"));
    linkage_rows_close(rows);
}

static void test_a_file_is_whole_or_not_there(void **state)
{
    (void)state;
    const struct judge_point points[] = {{2048, {1, 0.5, 2.0 / 3}}, {0, {0.5, 1, 2.0 / 3}}};
    assert_int_equal(linkage_out_curve(points, 2, "curve"), FAULT_NONE);
    assert_string_equal(get("curve"), "weight,probability,precision,recall,f1\n"
                                      "2.000,0.800000,1.000000,0.500000,0.666667\n"
                                      "0.000,0.500000,0.500000,1.000000,0.666667\n");
    assert_int_equal(linkage_out_curve(points, 1, "curve"), FAULT_NONE); /* takes its place */
    assert_null(strstr(get("curve"), "\n0.000"));
    assert_int_equal(linkage_out_curve(points, 2, "absent/curve"), FAULT_STORAGE);
    assert_string_equal(fault_last_note(), "cannot be written: its folder does not exist");
    assert_int_equal(linkage_out_curve(points, 2, "."), FAULT_STORAGE);
    assert_int_equal(linkage_out_curve(points, 2, "/dev/full"), FAULT_STORAGE);
    DIR *entries = opendir(".");
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        assert_true(strchr(entry->d_name, '.') == NULL || entry->d_name[0] == '.');
    (void)closedir(entries);
}

static int enter(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    return chdir(folder);
}

static int leave(void **state)
{
    (void)state;
    (void)remove("pairs");
    (void)remove("people");
    (void)remove("curve");
    return chdir("/") != 0 || rmdir(folder) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_of_one_table), cmocka_unit_test(test_evidence_against),
        cmocka_unit_test(test_pairs_across_two_tables), cmocka_unit_test(test_a_crowd),
        cmocka_unit_test(test_a_file_is_whole_or_not_there)};
    return cmocka_run_group_tests(tests, enter, leave);
}
