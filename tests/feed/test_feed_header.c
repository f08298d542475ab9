#include <stdio.h>

#include "feed/feed_header.h"
#include "file.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char right[] =
    "#contactpoint-feed,version=1,source=social_care,sequence=0012,mode=delta,as-of=2026-11-01,"
    "rows=0000000345,removals=007,sha256=" DIGEST;

static void test_reads_every_key(void **state)
{
    (void)state;
    struct batch_header header;
    struct feed_trouble trouble = {0};
    assert_int_equal(feed_header_read(str_of(right), &header, &trouble), FAULT_NONE);
    assert_int_equal(header.source, SOURCE_social_care);
    assert_int_equal(header.sequence, 12);
    assert_int_equal(header.mode, BATCH_DELTA);
    assert_true(day_equal(header.as_of, (struct day){2026, 11, 1, DAY_EXACT}));
    assert_int_equal(header.rows, 345);
    assert_int_equal(header.removals, 7);
    for (size_t i = 0; i < sizeof header.digest; i++)
        assert_int_equal(header.digest[i], (i % 16) * 0x11);
}

/* The first place where `from` stands becomes `to`; the message must hold `says`, and nothing is returned. */
struct spoiled {
    const char *from;
    const char *to;
    const char *says;
};

static void test_names_what_is_wrong(void **state)
{
    (void)state;
    static const struct spoiled all[] = {
        {"#contactpoint-feed", "child", "this is no feed"},
        {"#contactpoint-feed", "\xEF\xBB\xBF#contactpoint-feed", "byte order mark"},
        {"version=1", "version=2", "`version` must be 1"},
        {"version=1,", "", "`version=` is missing"},
        {"source=social_care", "source=police", "`source` is not one that is known"},
        {"source=", "sauce=", "`source=` is missing"},
        {"sequence=0012", "sequence=0", "`sequence` must be a whole number from 1"},
        {"sequence=0012", "sequence=-3", "`sequence`"},
        {"sequence=0012", "sequence=99999999999999999999", "`sequence`"},
        {"sequence=0012", "sequence=", "`sequence`"},
        {"mode=delta", "mode=Delta", "`mode` must be full or delta"},
        {"as-of=2026-11-01", "as-of=2026-02-30", "`as-of` must be a day"},
        {"as-of=2026-11-01", "as-of=2026-11", "`as-of` must be a day"},
        {"rows=0000000345", "rows=many", "`rows` must be a whole number from 0"},
        {"removals=007", "removals=1.5", "`removals`"},
        {"removals=007,", "", "`removals=` is missing"},
        {"sha256=0", "sha256=G", "`sha256` must be 64"},
        {"sha256=00112233445566778899aa", "sha256=00112233445566778899AA", "`sha256`"},
        {"eeff00112233445566778899aabbccddeeff", "eeff", "`sha256` must be 64"},
        {"mode=delta,as-of", "as-of=2026-11-01,mode", "`mode=` is missing"},
        {",version", ", version", "`version=` is missing"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char line[512];
        struct batch_header header = {.rows = 77};
        struct feed_trouble trouble = {0};
        const char *at = strstr(right, all[i].from);
        assert_non_null(at);
        (void)snprintf(line, sizeof line, "%.*s%s%s", (int)(at - right), right, all[i].to,
                       at + strlen(all[i].from));
        assert_int_equal(feed_header_read(str_of(line), &header, &trouble), FAULT_MALFORMED);
        assert_int_equal(header.rows, 77);
        assert_int_equal(trouble.line, 1);
        if (strstr(trouble.text, all[i].says) == NULL)
            fail_msg("%s -> %s: %s", all[i].from, all[i].to, trouble.text);
    }
}

static void test_takes_nothing_behind_the_digest(void **state)
{
    (void)state;
    static const char *const tails[] = {",", ",extra=1", "\r", " "};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char line[512];
        struct batch_header header;
        struct feed_trouble trouble = {0};
        (void)snprintf(line, sizeof line, "%s%s", right, tails[i]);
        assert_int_equal(feed_header_read(str_of(line), &header, &trouble), FAULT_MALFORMED);
        assert_non_null(strstr(trouble.text, "sha256"));
    }
}

/* No prefix of a header is a header, and none makes the reader read beyond it. */
static void test_every_prefix_is_refused(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof right - 1; len++) {
        struct batch_header header;
        struct feed_trouble trouble = {0};
        struct str line = {right, len};
        assert_int_equal(feed_header_read(line, &header, &trouble), FAULT_MALFORMED);
        assert_true(trouble.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_every_key),
        cmocka_unit_test(test_names_what_is_wrong),
        cmocka_unit_test(test_takes_nothing_behind_the_digest),
        cmocka_unit_test(test_every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
