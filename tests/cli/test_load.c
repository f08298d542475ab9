/* Feeds from files into an instance and nothing else in between (R14). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/csv.h"
#include "yard.h"

enum { CHILDREN = 300, ROWS_BYTES_MAX = 4 * 1024 * 1024 };

/* All that a feed can change, ciphertexts included. */
static const char *const everything[] = {
    "SELECT * FROM child ORDER BY child_id",
    "SELECT * FROM child_key ORDER BY child_id",
    "SELECT * FROM claim ORDER BY child_id, claim_id",
    "SELECT * FROM identifier_owner ORDER BY tag",
    "SELECT * FROM source_record ORDER BY source, number",
    "SELECT * FROM batch ORDER BY source, sequence",
    "SELECT * FROM batch_plan ORDER BY source, sequence, row_number",
    "SELECT * FROM batch_waiting ORDER BY source, sequence, row_number",
};
enum { TABLES = sizeof everything / sizeof everything[0] };

struct snapshot {
    uint8_t digest[TABLES][32];
};

static struct snapshot take(const struct yard *yard)
{
    struct snapshot snapshot;
    for (size_t i = 0; i < TABLES; i++)
        yard_digest(yard, everything[i], snapshot.digest[i]);
    return snapshot;
}

static void check_same(const struct yard *yard, const struct snapshot *before)
{
    struct snapshot after = take(yard);
    for (size_t i = 0; i < TABLES; i++)
        if (memcmp(before->digest[i], after.digest[i], 32) != 0)
            fail_msg("changed: %s", everything[i]);
}

static void load_all(const struct yard *yard, enum fault expected)
{
    struct service *service = yard_service(yard);
    for (size_t i = 0; i < YARD_FEEDS; i++) {
        struct work_result result = yard_load(yard, service, yard_feed(yard, yard_feeds[i]), NULL);
        if (result.fault != expected)
            fail_msg("%s: %s %.*s", yard_feeds[i], fault_name(result.fault),
                     (int)result.text[TEXT_MESSAGE].len, result.text[TEXT_MESSAGE].at);
        struct batch_counts counts = result.counts;
        int64_t sum =
            counts.created + counts.updated + counts.unchanged + counts.waiting + counts.quarantined;
        assert_int_equal(sum, expected == FAULT_NONE ? result.rows : 0);
    }
    service_close(service);
}

static int set_up(void **state)
{
    static struct yard yard;
    yard_open(&yard, CHILDREN, false);
    load_all(&yard, FAULT_NONE);
    *state = &yard;
    return 0;
}

static int tear_down(void **state)
{
    yard_close(*state);
    return 0;
}

static int64_t entries(const struct yard *yard)
{
    return yard_count(yard, "SELECT count(*) FROM audit_entry");
}

/* R14.2: loading the same batch twice changes nothing; that it was tried is entered. */
static void test_the_same_again(void **state)
{
    const struct yard *yard = *state;
    struct snapshot before = take(yard);
    int64_t entered = entries(yard);
    assert_in_range(yard_count(yard, "SELECT count(*) FROM child"), CHILDREN * 8 / 10, CHILDREN * 12 / 10);
    assert_int_equal(yard_count(yard, "SELECT count(*) FROM batch WHERE state = 3"), YARD_FEEDS);
    load_all(yard, FAULT_DUPLICATE);
    check_same(yard, &before);
    assert_int_equal(entries(yard), entered + YARD_FEEDS);
}

static void add(struct buffer *rows, const char *record, const char *family, const char *birth)
{
    for (int i = 0; i < COLUMNS_END; i++) {
        const char *value = i == COLUMN_type         ? "child"
                            : i == COLUMN_record     ? record
                            : i == COLUMN_family     ? family
                            : i == COLUMN_given      ? "Testine"
                            : i == COLUMN_birth_date ? birth
                                                     : "";
        csv_put(rows, str_of(value), i == 0);
    }
    buffer_put_char(rows, '\n');
}

/* R14.2: rows that fail wait with a reason, the rest load. */
static void test_bad_rows_wait(void **state)
{
    const struct yard *yard = *state;
    struct buffer rows = buffer_open(ROWS_BYTES_MAX);
    add(&rows, "T-1", "Zebrowski", "2015-03-27");
    add(&rows, "T-2", "Quimby", "2015-02-29");
    add(&rows, "T-3", "Quimby", "2050-01-01");
    add(&rows, "T-4", "", "2015-03-27");
    add(&rows, "T-1", "Zebrowski", "2015-03-27");
    buffer_put(&rows, STR("child,T-5,short\n"));
    add(&rows, "T-6", "\xFF", "2015-03-27");
    add(&rows, "T-7", "Bell\ayard", "2015-03-27");
    const struct draft draft = {"youth_justice", 2, "delta", 0, buffer_str(&rows), 8};
    struct told told = {0};
    struct service *service = yard_service(yard);
    struct work_result result = yard_load(yard, service, yard_draft(yard, &draft), &told);
    service_close(service);
    assert_int_equal(result.fault, FAULT_NONE);
    assert_int_equal(result.counts.created, 2); /* T-4 has a given name, and one name is enough */
    assert_int_equal(result.counts.quarantined, 6);
    assert_int_equal(told.reasons[ROW_BIRTH_IMPOSSIBLE], 1);
    assert_int_equal(told.reasons[ROW_BIRTH_RANGE], 1);
    assert_int_equal(told.reasons[ROW_DUPLICATE_ROW], 1);
    assert_int_equal(told.reasons[ROW_FIELDS], 1);
    assert_int_equal(told.reasons[ROW_UTF8], 1);
    assert_int_equal(told.reasons[ROW_CONTROL], 1);
    assert_int_equal(told.first_line, 4);
    assert_true(told.applying > 0);
    buffer_close(&rows);
}

/* The rows of a feed of the population but for the first `left_out` children and all their involvements. */
static int64_t copy_without(const struct yard *yard, const char *name, int left_out, struct buffer *rows)
{
    FILE *file = fopen(yard_feed(yard, name), "re");
    char *line = NULL, **records = calloc((size_t)left_out, sizeof *records);
    size_t room = 0;
    int64_t count = 0;
    int dropped = 0;
    assert_non_null(file);
    assert_non_null(records);
    assert_true(getline(&line, &room, file) > 0);
    assert_true(getline(&line, &room, file) > 0);
    for (ssize_t len; (len = getline(&line, &room, file)) > 0;) {
        struct str rest = {line, (size_t)len}, type, record;
        assert_true(str_split(&rest, ',', &type) && str_split(&rest, ',', &record));
        bool drop = dropped < left_out && str_equal(type, STR("child"));
        if (drop)
            records[dropped++] = strndup(record.at, record.len);
        for (int i = 0; i < dropped && !drop; i++)
            drop = str_equal(record, str_of(records[i]));
        if (!drop) {
            buffer_put(rows, (struct str){line, (size_t)len});
            count++;
        }
    }
    for (int i = 0; i < dropped; i++)
        free(records[i]);
    free((void *)records);
    free(line);
    (void)fclose(file);
    return count;
}

/* R14.2, R14.5: in a full batch absence ends what the source said, but for no more than is announced or 1 %.
 */
static void test_absence(void **state)
{
    const struct yard *yard = *state;
    struct buffer rows = buffer_open(ROWS_BYTES_MAX);
    struct draft draft = {"child_benefit", 2, "full", 0, {NULL, 0}, 0};
    int64_t live = yard_count(yard, "SELECT count(*) FROM claim WHERE superseded_month IS NULL");
    struct snapshot before = take(yard);
    int64_t entered = entries(yard);
    draft.count = copy_without(yard, "child_benefit.csv", 20, &rows);
    draft.rows = buffer_str(&rows);
    struct service *service = yard_service(yard);
    struct work_result result = yard_load(yard, service, yard_draft(yard, &draft), NULL);
    service_close(service);
    assert_int_equal(result.fault, FAULT_REFUSED);
    assert_non_null(strstr(result.text[TEXT_MESSAGE].at, "would end more records than it announces"));
    check_same(yard, &before);
    assert_int_equal(entries(yard), entered + 1);
    draft.removals = 20;
    service = yard_service(yard);
    result = yard_load(yard, service, yard_draft(yard, &draft), NULL);
    service_close(service);
    assert_int_equal(result.fault, FAULT_NONE);
    assert_int_equal(result.counts.ended, 20 - result.counts.quarantined);
    assert_int_equal(result.counts.updated, 0);
    assert_int_equal(yard_count(yard, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"),
                     live - result.counts.ended);
    buffer_close(&rows);
}

/* A batch out of order, or another under the same number, is refused whole and entered. */
static void test_order_of_batches(void **state)
{
    const struct yard *yard = *state;
    struct buffer rows = buffer_open(ROWS_BYTES_MAX);
    add(&rows, "O-1", "Ordered", "2015-03-27");
    struct draft draft = {"education", 1, "full", 1000000, buffer_str(&rows), 1};
    struct snapshot before = take(yard);
    int64_t entered = entries(yard);
    struct service *service = yard_service(yard);
    struct work_result result = yard_load(yard, service, yard_draft(yard, &draft), NULL);
    assert_int_equal(result.fault, FAULT_CONFLICT);
    assert_non_null(strstr(result.text[TEXT_MESSAGE].at, "give the next sequence"));
    draft.mode = "delta";
    draft.sequence = 3;
    result = yard_load(yard, service, yard_draft(yard, &draft), NULL);
    assert_int_equal(result.fault, FAULT_CONFLICT);
    assert_non_null(strstr(result.text[TEXT_MESSAGE].at, "load that one first"));
    service_close(service);
    check_same(yard, &before);
    assert_int_equal(entries(yard), entered + 2);
    buffer_close(&rows);
}

/* A bad file is refused before anything is planned, and entered. */
static void test_bad_files(void **state)
{
    const struct yard *yard = *state;
    struct snapshot before = take(yard);
    int64_t entered = entries(yard);
    const struct draft draft = {"health", 2, "full", 0, STR("child,\"broken\"x\n"), 1};
    struct service *service = yard_service(yard);
    struct work_result result = yard_load(yard, service, yard_draft(yard, &draft), NULL);
    service_close(service);
    assert_int_equal(result.fault, FAULT_MALFORMED);
    assert_true(str_starts(result.text[TEXT_MESSAGE], STR("line 3: a quote stands where none may")));
    check_same(yard, &before);
    assert_int_equal(entries(yard), entered + 1);
}

/* Where nobody waits any more before the promise is made, the plan is undone. */
static void test_given_up_while_planned(void **state)
{
    const struct yard *yard = *state;
    struct buffer rows = buffer_open(ROWS_BYTES_MAX);
    for (int i = 0; i < 2000; i++) {
        char record[16];
        (void)snprintf(record, sizeof record, "G-%d", i);
        add(&rows, record, "Given", "2015-03-27");
    }
    const struct draft draft = {"health", 2, "delta", 0, buffer_str(&rows), 2000};
    struct told told = {.gone = true};
    struct snapshot before = take(yard);
    struct service *service = yard_service(yard);
    struct work_result result = yard_load(yard, service, yard_draft(yard, &draft), &told);
    service_close(service);
    assert_int_equal(result.fault, FAULT_CANCELLED);
    check_same(yard, &before);
    buffer_close(&rows);
}

/* The bytes of a file; free() them. */
static struct bytes slurp(const char *path)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long len = ftell(file);
    rewind(file);
    char *at = malloc((size_t)len + 1);
    assert_non_null(at);
    assert_int_equal(fread(at, 1, (size_t)len, file), (size_t)len);
    (void)fclose(file);
    return (struct bytes){(const uint8_t *)at, (size_t)len};
}

struct hunt {
    struct bytes resting;
    int64_t sought;
};

static void seek(struct hunt *hunt, struct str text, size_t least)
{
    if (text.len < least)
        return;
    hunt->sought++;
    if (memmem(hunt->resting.at, hunt->resting.len, text.at, text.len) != NULL)
        fail_msg("in clear: a value of %zu bytes", text.len);
}

static enum fault hunt_record(void *context, const struct csv_record *record)
{
    struct hunt *hunt = context;
    if (record->number < 2 || record->field_count != COLUMNS_END)
        return FAULT_NONE;
    char both[512];
    int len = snprintf(both, sizeof both, "%.*s%.*s", (int)record->fields[COLUMN_family].len,
                       record->fields[COLUMN_family].at, (int)record->fields[COLUMN_given].len,
                       record->fields[COLUMN_given].at);
    seek(hunt, (struct str){both, (size_t)len}, 8);
    seek(hunt, record->fields[COLUMN_family], 6);
    seek(hunt, record->fields[COLUMN_given], 6);
    seek(hunt, record->fields[COLUMN_postcode], 5);
    seek(hunt, record->fields[COLUMN_nhs_number], 10);
    seek(hunt, record->fields[COLUMN_address_1], 6);
    seek(hunt, record->fields[COLUMN_record], 6);
    return FAULT_NONE;
}

/* Nothing of what was loaded rests in clear, neither in tables nor in a log. */
static void test_nothing_rests_in_clear(void **state)
{
    const struct yard *yard = *state;
    struct csv_reader *csv = NULL;
    struct service *service = yard_service(yard);
    struct hunt hunt = {.resting = yard_resting(yard)};
    struct bytes feed = slurp(yard_feed(yard, "health.csv"));
    const uint8_t *body = memchr(feed.at, '\n', feed.len);
    assert_non_null(body);
    assert_int_equal(csv_open(hunt_record, &hunt, &csv), FAULT_NONE);
    assert_int_equal(csv_feed(csv, (struct bytes){body + 1, feed.len - (size_t)(body + 1 - feed.at)}),
                     FAULT_NONE);
    csv_close(csv);
    assert_true(hunt.sought > CHILDREN);
    service_close(service);
    free((void *)(uintptr_t)feed.at);
    free((void *)(uintptr_t)hunt.resting.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_again),
        cmocka_unit_test(test_nothing_rests_in_clear),
        cmocka_unit_test(test_order_of_batches),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_given_up_while_planned),
        cmocka_unit_test(test_bad_rows_wait),
        cmocka_unit_test(test_absence),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
