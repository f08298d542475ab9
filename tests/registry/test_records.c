/* The table of a source's records while a batch is planned. */
#include "ground.h"

#include "base/random.h"
#include "registry/records.h"

enum { MANY = 20000 };

static struct tag tag_of(struct stream *stream)
{
    struct tag tag;
    for (size_t i = 0; i < TAG_BYTES; i++)
        tag.byte[i] = (uint8_t)stream_next(stream);
    return tag;
}

static void many(void **state)
{
    (void)state;
    struct records *records = NULL;
    struct stream stream = stream_of(3), again = stream_of(3);
    assert_int_equal(records_open(&records), FAULT_NONE);
    for (int64_t i = 0; i < MANY; i++) {
        struct record record = {.number = i, .tag = tag_of(&stream), .fate = RECORD_KNOWN};
        assert_null(records_find(records, &record.tag));
        assert_int_equal(records_add(records, &record), FAULT_NONE);
    }
    assert_int_equal(records_count(records), MANY);
    for (int64_t i = 0; i < MANY; i++) {
        struct tag tag = tag_of(&again);
        struct record *record = records_find(records, &tag);
        assert_non_null(record);
        assert_int_equal(record->number, i);
        assert_false(record->seen);
        record->seen = true; /* each is met once below */
    }
    size_t cursor = 0, met = 0;
    const struct record *record;
    while ((record = records_next(records, &cursor)) != NULL)
        met += record->seen;
    assert_int_equal(met, MANY);
    records_close(records);
}

/* Tags that begin alike stand side by side. */
static void alike(void **state)
{
    (void)state;
    struct records *records = NULL;
    assert_int_equal(records_open(&records), FAULT_NONE);
    for (uint8_t i = 0; i < 200; i++) {
        struct record record = {.number = i, .tag = {{7, 7, 7, 7, 7, 7, 7, 7, i}}, .fate = RECORD_WAITS};
        assert_int_equal(records_add(records, &record), FAULT_NONE);
    }
    for (uint8_t i = 0; i < 200; i++) {
        struct tag tag = {{7, 7, 7, 7, 7, 7, 7, 7, i}};
        assert_int_equal(records_find(records, &tag)->number, i);
    }
    struct tag absent = {{7, 7, 7, 7, 7, 7, 7, 7, 200}};
    assert_null(records_find(records, &absent));
    records_close(records);
    records_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(many), cmocka_unit_test(alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
