#include "generate/generate.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "generate/files.h"
#include "match/number.h"

enum { CHILDREN = 500, FEEDS = 5 };

static struct population population;

static int open_population(void **state)
{
    (void)state;
    population_open(CHILDREN, 1, NULL, &population);
    return 0;
}

static int close_population(void **state)
{
    (void)state;
    population_close(&population);
    return 0;
}

static void digest_of(const struct population *from, const char *name, char hex[65])
{
    uint8_t digest[32];
    struct bytes whole = file_read(from, name);
    crypto_hash_sha256(digest, whole.at, whole.len);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
    free((void *)whole.at);
}

/* 500 children from seed 1, without a reference folder.  A changed table changes these, and every
 * demonstration. */
static const char *const digests[FILES] = {
    "ba6dc82ab17bc828a9e13a7cbabb5998ef16a6bc703b96673d1b3f83dc935f5b",
    "4b380b55e8405c94626ec4274978b56d7ade51aec7a26d2cd650334dc62a2ea8",
    "60d33076d5f6d050a03bfe7ad0fbb70731d6a75822e244033f4a91c9124f22ae",
    "19802ed00b1b023072ee3a5bb0447394d4145a7f5013773650ce12b5c61a613d",
    "d2a881e7dbbe896f9051d20599d4769e2ad1b76cecbbf6ff5932f5e7bef747d9",
    "06ac5b4d751875456169dfb50b2e4bbbd5b861118de34cf874f5a5df78f19713",
    "6ecf6138124cebc6d15fa3f1a9fcc9cfecca2b0ed96ce4b2a45d457ef0f34ff3",
    "8e4b7deb7b65e234ee4a07677a4d6f227011a0ce51dc5c0ac4f191ec8bc4cf48",
};

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    char hex[65];
    for (int i = 0; i < FILES; i++) {
        digest_of(&population, file_names[i], hex);
        if (strcmp(hex, digests[i]) != 0)
            print_message("%s %s\n", file_names[i], hex);
    }
    for (int i = 0; i < FILES; i++) {
        digest_of(&population, file_names[i], hex);
        assert_string_equal(hex, digests[i]);
    }
}

static void another_seed_gives_other_children(void **state)
{
    (void)state;
    struct population other;
    population_open(CHILDREN, 2, NULL, &other);
    for (int i = 0; i < FILES; i++) {
        char hex[65];
        digest_of(&other, file_names[i], hex);
        if (strcmp(file_names[i], "organisations.csv") != 0)
            assert_string_not_equal(hex, digests[i]);
    }
    population_close(&other);
}

static void headers_tell_rows_and_digest(void **state)
{
    (void)state;
    for (int i = 0; i < FEEDS; i++) {
        struct bytes whole = file_read(&population, file_names[i]);
        const uint8_t *end = memchr(whole.at, '\n', whole.len);
        assert_non_null(end);
        size_t len = whole.len - (size_t)(end + 1 - whole.at);
        uint64_t lines = 0;
        for (size_t c = 0; c < len; c++)
            lines += end[1 + c] == '\n';
        uint8_t digest[32];
        char hex[65];
        char wanted[256];
        crypto_hash_sha256(digest, end + 1, len);
        sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
        snprintf(wanted, sizeof wanted,
                 "#contactpoint-feed,version=1,source=%.*s,sequence=1,mode=full,as-of=2026-11-01,"
                 "rows=%010llu,removals=0,sha256=%s",
                 (int)(strlen(file_names[i]) - 4), file_names[i], (unsigned long long)(lines - 1), hex);
        assert_int_equal(end - whole.at, strlen(wanted));
        assert_memory_equal(whole.at, wanted, strlen(wanted));
        free((void *)whole.at);
    }
}

static enum fault count_rows(void *context, const struct csv_record *record)
{
    uint64_t *counts = context; /* child rows, involvement rows */
    if (record->number == 1)
        return FAULT_NONE;
    if (str_equal(record->fields[0], STR("child"))) {
        counts[0]++;
        return FAULT_NONE;
    }
    assert_true(str_equal(record->fields[0], STR("involvement")));
    counts[1]++;
    return FAULT_NONE;
}

static void the_report_counts_the_rows(void **state)
{
    (void)state;
    uint64_t truth = 0;
    for (int i = 0; i < FEEDS; i++) {
        uint64_t counts[2] = {0, 0};
        file_records(&population, file_names[i], count_rows, counts);
        assert_int_equal(counts[0], population.report.child_rows[i + 1]);
        assert_int_equal(counts[1], population.report.involvement_rows[i + 1]);
        truth += counts[0];
    }
    assert_int_equal(truth, population.report.truth_rows);
    assert_int_equal(population.report.children, CHILDREN);
}

static void check_number(const struct csv_record *record, const char *column, enum number_scheme scheme,
                         uint64_t *count)
{
    char at[NUMBER_BYTES_MAX];
    size_t len;
    struct str number = record->fields[column_of(column)];
    if (number.len == 0)
        return;
    assert_true(number_normalise(scheme, number, at, &len));
    if (scheme == NUMBER_nhs)
        assert_int_equal(number.at[0], '9'); /* the range that no patient has */
    if (scheme == NUMBER_nhs || scheme == NUMBER_upn || scheme == NUMBER_uln)
        assert_int_equal(number_recognise(number, at, &len), scheme);
    (*count)++;
}

static enum fault check_numbers(void *context, const struct csv_record *record)
{
    uint64_t *counts = context;
    if (record->number == 1)
        return FAULT_NONE;
    check_number(record, "nhs_number", NUMBER_nhs, &counts[0]);
    check_number(record, "upn", NUMBER_upn, &counts[1]);
    check_number(record, "uln", NUMBER_uln, &counts[2]);
    check_number(record, "child_benefit", NUMBER_child_benefit, &counts[3]);
    check_number(record, "social_care", NUMBER_social_care, &counts[4]);
    check_number(record, "youth_justice", NUMBER_youth_justice, &counts[5]);
    return FAULT_NONE;
}

static void numbers_pass_their_checks(void **state)
{
    (void)state;
    uint64_t counts[6] = {0};
    for (int i = 0; i < FEEDS; i++)
        file_records(&population, file_names[i], check_numbers, counts);
    assert_in_range(counts[0], CHILDREN * 9 / 10, CHILDREN);
    assert_in_range(counts[1], CHILDREN * 6 / 10, CHILDREN);
    assert_in_range(counts[2], CHILDREN / 10, CHILDREN / 3);
    for (int i = 3; i < 6; i++)
        assert_true(counts[i] > 0);
}

/* Ofcom's numbers for drama, spaces aside. */
static void check_phone(struct str phone)
{
    char digits[16];
    size_t len = 0;
    if (phone.len == 0)
        return;
    for (size_t i = 0; i < phone.len; i++) {
        if (phone.at[i] == ' ')
            continue;
        assert_in_range(phone.at[i], '0', '9');
        assert_true(len < 11);
        digits[len++] = phone.at[i];
    }
    digits[len] = '\0';
    assert_int_equal(len, 11);
    assert_true(memcmp(digits, "01632960", 8) == 0 || memcmp(digits, "02079460", 8) == 0 ||
                memcmp(digits, "07700900", 8) == 0);
}

static void check_email(struct str email)
{
    if (email.len == 0)
        return;
    assert_true(email.len > 9 && memchr(email.at, '@', email.len) != NULL);
    assert_memory_equal(email.at + email.len - 8, ".example", 8); /* RFC 2606 */
    for (size_t i = 0; i < email.len; i++)
        assert_in_range(email.at[i], 0x21, 0x7E);
}

static enum fault check_contacts(void *context, const struct csv_record *record)
{
    static const char *const phones[] = {"carer1_phone", "carer2_phone", "school_phone", "gp_phone", "phone"};
    (void)context;
    if (record->number == 1)
        return FAULT_NONE;
    for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++)
        check_phone(record->fields[column_of(phones[i])]);
    check_email(record->fields[column_of("email")]);
    return FAULT_NONE;
}

static enum fault check_staff(void *context, const struct csv_record *record)
{
    (void)context;
    if (record->number == 1)
        return FAULT_NONE;
    for (size_t i = 0; i < 3; i++)
        assert_true(record->fields[i].len > 0);
    check_phone(record->fields[4]);
    assert_true(record->fields[5].len > 0);
    check_email(record->fields[5]);
    return FAULT_NONE;
}

static enum fault check_organisation(void *context, const struct csv_record *record)
{
    (void)context;
    if (record->number == 1)
        return FAULT_NONE;
    enum service_kind kind = policy_service_of(record->fields[0]);
    assert_int_not_equal(kind, SERVICE_NONE);
    assert_false(policy_service_sensitive(kind));
    assert_true(record->fields[3].len > 0);
    check_phone(record->fields[3]);
    return FAULT_NONE;
}

static void telephones_and_addresses_reach_nobody(void **state)
{
    (void)state;
    for (int i = 0; i < FEEDS; i++)
        file_records(&population, file_names[i], check_contacts, NULL);
    file_records(&population, "practitioners.csv", check_staff, NULL);
    file_records(&population, "organisations.csv", check_organisation, NULL);
}

/* Child rows come before their involvements, so that the last one seen is theirs. */
static enum fault check_row(void *context, const struct csv_record *record)
{
    char *last = context;
    if (record->number == 1) {
        for (size_t i = 0; i < record->field_count; i++) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)record->fields[i].len, record->fields[i].at);
            assert_int_equal(column_of(name), i);
        }
        return FAULT_NONE;
    }
    struct str own = record->fields[column_of("record")];
    struct str from = record->fields[column_of("from")];
    assert_in_range(own.len, 1, 63);
    struct day day;
    if (str_equal(record->fields[0], STR("child"))) {
        snprintf(last, 64, "%.*s", (int)own.len, own.at);
        assert_true(record->fields[column_of("family")].len > 0 ||
                    record->fields[column_of("given")].len > 0);
        assert_true(day_parse(record->fields[column_of("birth_date")], &day));
        if (day.precision != DAY_UNKNOWN)
            assert_in_range(day_age_years(day, GENERATE_TODAY), 0, 25);
        return FAULT_NONE;
    }
    assert_true(str_equal(own, str_of(last)));
    enum service_kind kind = policy_service_of(record->fields[column_of("service_kind")]);
    assert_int_not_equal(kind, SERVICE_NONE);
    assert_false(policy_service_sensitive(kind)); /* R8: not before consent can be recorded */
    assert_true(day_parse(from, &day) && day.precision == DAY_EXACT);
    return FAULT_NONE;
}

static void rows_are_what_a_loader_takes(void **state)
{
    (void)state;
    for (int i = 0; i < FEEDS; i++) {
        char last[64] = "";
        file_records(&population, file_names[i], check_row, last);
    }
}

struct twins {
    uint32_t household[CHILDREN + 1];
    uint32_t twin[CHILDREN + 1];
};

static uint32_t number_of(struct str text)
{
    int64_t number = 0;
    assert_true(text.len == 0 || str_to_int(text, 1, 1000000, &number));
    return (uint32_t)number;
}

static enum fault note_twins(void *context, const struct csv_record *record)
{
    struct twins *twins = context;
    if (record->number == 1)
        return FAULT_NONE;
    uint32_t child = number_of(record->fields[2]);
    assert_in_range(child, 1, CHILDREN);
    twins->household[child] = number_of(record->fields[3]);
    twins->twin[child] = number_of(record->fields[4]);
    return FAULT_NONE;
}

static void twins_share_their_household(void **state)
{
    (void)state;
    struct twins twins = {0};
    uint32_t count = 0;
    file_records(&population, "truth.csv", note_twins, &twins);
    for (uint32_t child = 1; child <= CHILDREN; child++) {
        uint32_t other = twins.twin[child];
        if (other == 0)
            continue;
        assert_in_range(other, 1, CHILDREN);
        assert_int_not_equal(other, child);
        count++;
        if (twins.household[other] == 0)
            continue; /* no source has the other one */
        assert_int_equal(twins.twin[other], child);
        assert_int_equal(twins.household[other], twins.household[child]);
    }
    assert_true(count > 0);
}

static void sources_cover_what_they_should(void **state)
{
    (void)state;
    struct population larger;
    population_open(5000, 7, NULL, &larger);
    const struct generate_report *report = &larger.report;
    uint64_t all = 0;
    for (int i = 1; i < SOURCES_END; i++)
        all += report->child_rows[i] + report->involvement_rows[i];
    assert_in_range(all, 5000 * 15 / 10, 5000 * 32 / 10);
    assert_in_range(report->child_rows[SOURCE_health], 4800, 5000);
    assert_in_range(report->child_rows[SOURCE_child_benefit], 4450, 4750);
    assert_in_range(report->child_rows[SOURCE_education], 3500, 3900);
    assert_in_range(report->child_rows[SOURCE_social_care], 80, 250);
    assert_in_range(report->child_rows[SOURCE_youth_justice], 5, 50);
    assert_in_range(report->twins, 75, 230); /* 3 % */
    assert_in_range(report->households, 2500, 3100);
    population_close(&larger);
}

static void expect_refusal(struct generate_order order, enum fault wanted, const char *note)
{
    struct generate_report report = {.children = 4711};
    fault_clear_note();
    assert_int_equal(generate_population(&order, &report), wanted);
    assert_non_null(strstr(fault_last_note(), note));
    assert_int_equal(report.children, 4711);
}

static void bad_orders_say_what_to_do(void **state)
{
    (void)state;
    struct generate_order good = {.children = 10, .seed = 1, .out = population.folder};
    struct generate_order order = good;
    order.children = 0;
    expect_refusal(order, FAULT_INVALID, "--children must be from 1 to 20000000");
    order.children = GENERATE_CHILDREN_MAX + 1;
    expect_refusal(order, FAULT_INVALID, "--children must be from 1 to 20000000");
    order = good;
    order.out = NULL;
    expect_refusal(order, FAULT_INVALID, "--out must name a folder");
    order.out = "/proc/nowhere/at/all";
    expect_refusal(order, FAULT_STORAGE, "the folder of --out cannot be made");
    order.out = "/proc/self";
    expect_refusal(order, FAULT_STORAGE, "cannot be written in the folder of --out");
    order = good;
    order.reference = "/nonexistent/reference";
    expect_refusal(order, FAULT_ABSENT, "--reference needs a folder with");
    order = good;
    order.today = (struct day){.year = 1999, .month = 1, .day = 1, .precision = DAY_EXACT};
    expect_refusal(order, FAULT_INVALID, "--today must be a day from");
    order.today = (struct day){.year = 2026, .precision = DAY_YEAR};
    expect_refusal(order, FAULT_INVALID, "--today must be a day from");
}

static void one_child_is_a_population(void **state)
{
    (void)state;
    struct population one;
    population_open(1, 3, NULL, &one);
    assert_int_equal(one.report.children, 1);
    assert_int_equal(one.report.households, 1);
    population_close(&one);
}

static void a_leap_day_is_a_day(void **state)
{
    (void)state;
    struct generate_report report;
    struct generate_order order = {.children = 10, .seed = 1, .out = population.folder};
    order.today = (struct day){.year = 2028, .month = 2, .day = 29, .precision = DAY_EXACT};
    assert_int_equal(generate_population(&order, &report), FAULT_NONE);
    assert_int_equal(report.children, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(another_seed_gives_other_children),
        cmocka_unit_test(headers_tell_rows_and_digest),
        cmocka_unit_test(the_report_counts_the_rows),
        cmocka_unit_test(numbers_pass_their_checks),
        cmocka_unit_test(telephones_and_addresses_reach_nobody),
        cmocka_unit_test(rows_are_what_a_loader_takes),
        cmocka_unit_test(twins_share_their_household),
        cmocka_unit_test(sources_cover_what_they_should),
        cmocka_unit_test(bad_orders_say_what_to_do),
        cmocka_unit_test(one_child_is_a_population),
        cmocka_unit_test(a_leap_day_is_a_day), /* last: writes over the population */
    };
    return cmocka_run_group_tests(tests, open_population, close_population);
}
