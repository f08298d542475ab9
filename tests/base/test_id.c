#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/id.h"

static void assert_put(struct id id, const char *text)
{
    struct buffer buffer = buffer_open(100);
    id_put(&buffer, id);
    buffer_put_char(&buffer, '\0');
    assert_string_equal(buffer.at, text);
    buffer_close(&buffer);
}

static void known_texts(void **state)
{
    (void)state;
    struct id zero = {{0}};
    struct id one = {{[15] = 1}};
    struct id all;
    memset(&all, 0xFF, sizeof all);
    assert_put(zero, "00000000000000000000000000");
    assert_put(one, "00000000000000000000000001");
    assert_put(all, "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    assert_true(id_is_zero(zero));
    assert_false(id_is_zero(one));
}

static void a_thousand_come_back(void **state)
{
    (void)state;
    struct stream stream = stream_of(1);
    struct entropy entropy = entropy_of_stream(&stream);
    struct id before = {{0}};
    for (int i = 0; i < 1000; i++) {
        struct id id = id_new(entropy);
        assert_false(id_equal(id, before));
        struct buffer buffer = buffer_open(100);
        id_put(&buffer, id);
        assert_int_equal(buffer.len, ID_TEXT_LEN);
        struct id read;
        assert_true(id_parse(buffer_str(&buffer), &read));
        assert_true(id_equal(id, read));
        buffer_close(&buffer);
        assert_true(id_of_bytes(id_bytes(&id), &read));
        assert_true(id_equal(id, read));
        before = id;
    }
}

static void other_texts_are_no_ids(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "0000000000000000000000000",   /* 25 */
        "000000000000000000000000000", /* 27 */
        "80000000000000000000000000",  /* beyond 128 bits */
        "zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "0000000000000000000000000A", /* capitals */
        "0000000000000000000000000i", /* not in the alphabet */
        "0000000000000000000000000l",
        "0000000000000000000000000o",
        "0000000000000000000000000u",
        "0000000000000000000000000-",
        "0000000000000000000000000\xC3",
    };
    struct id id = {{[0] = 9}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(id_parse(str_of(texts[i]), &id));
    assert_false(id_parse((struct str){"0000000000000000000000000\0", 26}, &id));
    assert_false(id_parse((struct str){NULL, 0}, &id));
    assert_int_equal(id.byte[0], 9);
    assert_false(id_of_bytes((struct bytes){id.byte, 15}, &id));
}

static void order_is_bytewise(void **state)
{
    (void)state;
    struct id low = {{[0] = 1, [15] = 0xFF}};
    struct id high = {{[0] = 2}};
    assert_true(id_compare(low, high) < 0);
    assert_true(id_compare(high, low) > 0);
    assert_int_equal(id_compare(low, low), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts),
        cmocka_unit_test(a_thousand_come_back),
        cmocka_unit_test(other_texts_are_no_ids),
        cmocka_unit_test(order_is_bytewise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
