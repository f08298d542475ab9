#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static void assert_text(const struct buffer *buffer, const char *text)
{
    assert_int_equal(buffer_fault(buffer), FAULT_NONE);
    assert_int_equal(buffer->len, strlen(text));
    assert_memory_equal(buffer_str(buffer).at, text, strlen(text));
}

static void an_empty_buffer_gives_empty_text(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(10);
    assert_text(&buffer, "");
    buffer_put(&buffer, (struct str){NULL, 0});
    assert_text(&buffer, "");
    buffer_close(&buffer);
}

static void numbers_are_written_as_text(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(1000);
    buffer_put_int(&buffer, 0);
    buffer_put_char(&buffer, ' ');
    buffer_put_int(&buffer, INT64_MIN);
    buffer_put_char(&buffer, ' ');
    buffer_put_int(&buffer, INT64_MAX);
    buffer_put_char(&buffer, ' ');
    buffer_put_padded(&buffer, 7, 3);
    buffer_put_padded(&buffer, 12345, 3);
    buffer_put_padded(&buffer, UINT64_MAX, 1);
    assert_text(&buffer, "0 -9223372036854775808 9223372036854775807 0071234518446744073709551615");
    buffer_clear(&buffer);
    buffer_put_hex(&buffer, (struct bytes){(const uint8_t *)"\x00\xFF\x1a", 3});
    assert_text(&buffer, "00ff1a");
    buffer_close(&buffer);
}

/* Also where the memory that was taken has more room than the cap allows. */
static void the_cap_holds_and_is_remembered(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(100);
    for (int i = 0; i < 100; i++)
        buffer_put_char(&buffer, 'a');
    assert_int_equal(buffer_fault(&buffer), FAULT_NONE);
    buffer_put_char(&buffer, 'b');
    assert_int_equal(buffer_fault(&buffer), FAULT_TOO_LARGE);
    assert_int_equal(buffer.len, 100);
    buffer_put(&buffer, (struct str){"", 0});
    assert_int_equal(buffer_fault(&buffer), FAULT_TOO_LARGE);
    buffer_clear(&buffer);
    assert_int_equal(buffer_fault(&buffer), FAULT_NONE);
    buffer_put(&buffer, STR("again"));
    assert_text(&buffer, "again");
    buffer_close(&buffer);
    assert_text(&buffer, "");
}

static void content_survives_growing(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(1 << 20);
    for (uint32_t i = 0; i < 50000; i++)
        buffer_put_u32(&buffer, i);
    assert_int_equal(buffer_fault(&buffer), FAULT_NONE);
    struct reader reader = reader_of(buffer_bytes(&buffer));
    for (uint32_t i = 0; i < 50000; i++)
        assert_int_equal(reader_take_u32(&reader), i);
    assert_true(reader.ok);
    assert_int_equal(reader.rest.len, 0);
    buffer_close(&buffer);
}

static void big_endian_bytes(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(1000);
    buffer_put_u8(&buffer, 0x01);
    buffer_put_u16(&buffer, 0x0203);
    buffer_put_u32(&buffer, 0x04050607);
    buffer_put_u64(&buffer, UINT64_C(0x08090A0B0C0D0E0F));
    buffer_put_field(&buffer, bytes_of(STR("hi")));
    static const uint8_t expected[] = {1,  2,  3,  4,  5, 6, 7, 8, 9,   10, 11,
                                       12, 13, 14, 15, 0, 0, 0, 2, 'h', 'i'};
    assert_int_equal(buffer.len, sizeof expected);
    assert_memory_equal(buffer.at, expected, sizeof expected);
    struct reader reader = reader_of(buffer_bytes(&buffer));
    assert_int_equal(reader_take_u8(&reader), 0x01);
    assert_int_equal(reader_take_u16(&reader), 0x0203);
    assert_int_equal(reader_take_u32(&reader), 0x04050607);
    assert_true(reader_take_u64(&reader) == UINT64_C(0x08090A0B0C0D0E0F));
    struct bytes field = reader_take_field(&reader);
    assert_int_equal(field.len, 2);
    assert_memory_equal(field.at, "hi", 2);
    assert_true(reader.ok);
    buffer_close(&buffer);
}

static void a_reader_never_passes_its_end(void **state)
{
    (void)state;
    static const uint8_t lying[] = {0xFF, 0xFF, 0xFF, 0xFF, 'x'};
    struct reader reader = reader_of((struct bytes){lying, sizeof lying});
    struct bytes field = reader_take_field(&reader);
    assert_false(reader.ok);
    assert_int_equal(field.len, 0);
    assert_int_equal(reader_take_u8(&reader), 0); /* one byte is left, but a failed reader stays failed */
    reader = reader_of((struct bytes){NULL, 0});
    assert_int_equal(reader_take_bytes(&reader, 0).len, 0);
    assert_true(reader.ok);
    assert_int_equal(reader_take_u64(&reader), 0);
    assert_false(reader.ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_gives_empty_text),
        cmocka_unit_test(numbers_are_written_as_text),
        cmocka_unit_test(the_cap_holds_and_is_remembered),
        cmocka_unit_test(content_survives_growing),
        cmocka_unit_test(big_endian_bytes),
        cmocka_unit_test(a_reader_never_passes_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
