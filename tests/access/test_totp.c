#include "fixture.h"

#include "access/qr.h"

static const uint8_t rfc_secret[20] = "12345678901234567890";

static void totp_gives_the_values_of_rfc_6238(void **state)
{
    (void)state;
    /* RFC 6238, appendix B, SHA-1: seconds since 1970 and the last eight digits. */
    static const struct {
        int64_t at_seconds;
        uint32_t code;
    } vectors[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                   {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        int64_t step = totp_step((struct instant){vectors[i].at_seconds * 1000000});
        uint32_t value = 0;
        assert_int_equal(totp_value((struct bytes){rfc_secret, sizeof rfc_secret}, step, &value), FAULT_NONE);
        assert_int_equal(value % 100000000, vectors[i].code);
    }
}

static bool is_right(struct bytes secret, int64_t step, struct str code)
{
    bool right = false;
    assert_int_equal(totp_check_code(secret, step, code, &right), FAULT_NONE);
    return right;
}

static void totp_gives_the_values_of_rfc_4226(void **state)
{
    (void)state;
    /* RFC 4226, appendix D. */
    static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
                                        "254676", "287922", "162583", "399871", "520489"};
    struct bytes secret = {rfc_secret, sizeof rfc_secret};
    for (int64_t counter = 0; counter < 10; counter++) {
        assert_true(is_right(secret, counter, str_of(codes[counter])));
        assert_false(is_right(secret, counter + 1, str_of(codes[counter])));
    }
}

static void totp_accepts_six_digits_and_spaces_only(void **state)
{
    (void)state;
    struct bytes secret = {rfc_secret, sizeof rfc_secret};
    assert_true(is_right(secret, 0, STR("755 224")));
    assert_true(is_right(secret, 0, STR(" 755224 ")));
    assert_false(is_right(secret, 0, STR("75522")));
    assert_false(is_right(secret, 0, STR("7552244")));
    assert_false(is_right(secret, 0, STR("755224755224")));
    assert_false(is_right(secret, 0, STR("")));
    assert_int_equal(totp_step((struct instant){-1}), 0);
}

static void expect_base32(const char *clear, const char *expected)
{
    struct buffer buffer = buffer_open(256);
    base32_put(&buffer, bytes_of(str_of(clear)));
    assert_int_equal(buffer_fault(&buffer), FAULT_NONE);
    assert_true(str_equal(buffer_str(&buffer), str_of(expected)));
    buffer_close(&buffer);
}

static void base32_gives_the_values_of_rfc_4648(void **state)
{
    (void)state;
    /* RFC 4648 §10, without padding. */
    expect_base32("", "");
    expect_base32("f", "MY");
    expect_base32("fo", "MZXQ");
    expect_base32("foo", "MZXW6");
    expect_base32("foob", "MZXW6YQ");
    expect_base32("fooba", "MZXW6YTB");
    expect_base32("foobar", "MZXW6YTBOI");
}

static void uri_is_what_apps_read(void **state)
{
    (void)state;
    struct buffer buffer = buffer_open(512);
    totp_put_uri(&buffer, (struct bytes){rfc_secret, sizeof rfc_secret}, STR("s.example"));
    assert_true(str_equal(buffer_str(&buffer),
                          STR("otpauth://totp/ContactPoint:s.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                              "&issuer=ContactPoint&algorithm=SHA1&digits=6&period=30")));
    buffer_close(&buffer);
}

static void qr_is_an_image_without_script_or_style(void **state)
{
    (void)state;
    struct buffer svg = buffer_open(64 * 1024);
    assert_int_equal(access_qr_put(&svg, STR("otpauth://totp/ContactPoint:s.example?secret=MZXW6YTBOI")),
                     FAULT_NONE);
    struct str text = buffer_str(&svg);
    assert_true(str_starts(text, STR("<svg ")));
    assert_null(memmem(text.at, text.len, "style", 5));
    assert_null(memmem(text.at, text.len, "script", 6));
    assert_null(memmem(text.at, text.len, "secret", 6));
    /* the corner's finder pattern: a dark run of seven at the quiet zone's edge */
    assert_non_null(memmem(text.at, text.len, "M4 4h7v1h-7z", 12));
    buffer_close(&svg);
}

static void qr_refuses_what_it_cannot_hold(void **state)
{
    (void)state;
    static const char zeros[QR_TEXT_BYTES_MAX + 1];
    struct buffer svg = buffer_open(64 * 1024);
    assert_int_equal(access_qr_put(&svg, (struct str){zeros, sizeof zeros}), FAULT_TOO_LARGE);
    assert_int_equal(access_qr_put(&svg, (struct str){zeros, 4}), FAULT_INVALID);
    assert_int_equal(access_qr_put(&svg, STR("")), FAULT_INVALID);
    assert_int_equal(svg.len, 0);
    struct buffer small = buffer_open(16);
    assert_int_equal(access_qr_put(&small, STR("hello")), FAULT_TOO_LARGE);
    buffer_close(&small);
    buffer_close(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totp_gives_the_values_of_rfc_6238),
        cmocka_unit_test(totp_gives_the_values_of_rfc_4226),
        cmocka_unit_test(totp_accepts_six_digits_and_spaces_only),
        cmocka_unit_test(base32_gives_the_values_of_rfc_4648),
        cmocka_unit_test(uri_is_what_apps_read),
        cmocka_unit_test(qr_is_an_image_without_script_or_style),
        cmocka_unit_test(qr_refuses_what_it_cannot_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
