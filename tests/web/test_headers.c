#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "web/assets.h"
#include "web/headers.h"
#include "web/reply.h"

static const char *field(const struct http_response *response, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < response->field_count; i++)
        if (strcmp(response->fields[i].name, name) == 0) {
            assert_null(value);
            value = response->fields[i].value;
        }
    assert_non_null(value);
    return value;
}

static void case_21_pages_are_not_stored_and_run_nothing_of_others(void **state)
{
    (void)state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char base64[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
    struct str script = assets_inline_script();
    crypto_hash_sha256(hash, (const unsigned char *)script.at, script.len);
    sodium_bin2base64(base64, sizeof base64, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    struct buffer policy = buffer_open(1024);
    buffer_put(&policy, STR("default-src 'none'; script-src 'self' 'sha256-"));
    buffer_put(&policy, str_of(base64));
    buffer_put(&policy, STR("'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
                            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"));
    struct http_response response = {.status = 200};
    headers_page(&response);
    assert_true(str_equal(str_of(field(&response, "Content-Security-Policy")), buffer_str(&policy)));
    buffer_close(&policy);
    assert_string_equal(field(&response, "Cache-Control"), "no-store");
    assert_string_equal(field(&response, "Content-Type"), "text/html; charset=utf-8");
    assert_string_equal(field(&response, "Strict-Transport-Security"), "max-age=31536000");
    assert_string_equal(field(&response, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(field(&response, "Cross-Origin-Opener-Policy"), "same-origin");
    assert_string_equal(field(&response, "Cross-Origin-Resource-Policy"), "same-origin");
    assert_string_equal(field(&response, "Referrer-Policy"), "same-origin");
    assert_string_equal(field(&response, "X-Frame-Options"), "DENY");
    assert_non_null(strstr(field(&response, "Permissions-Policy"), "geolocation=()"));
    headers_signed_out(&response);
    assert_string_equal(field(&response, "Clear-Site-Data"), "\"cache\", \"cookies\", \"storage\"");
}

static void case_65_what_is_busy_says_when_to_come_again(void **state)
{
    (void)state;
    struct http_response response = {.body = buffer_open(HTTP_RESPONSE_BYTES_MAX)};
    reply_error(503, (struct id){{1}}, &response);
    assert_int_equal(response.status, 503);
    assert_string_equal(field(&response, "Retry-After"), "5");
    assert_string_equal(field(&response, "Cache-Control"), "no-store");
    buffer_clear(&response.body);
    reply_error(500, (struct id){{1}}, &response);
    for (size_t i = 0; i < response.field_count; i++)
        assert_string_not_equal(response.fields[i].name, "Retry-After");
    buffer_close(&response.body);
}

static void assets_may_be_kept(void **state)
{
    (void)state;
    struct http_response response = {.status = 200};
    headers_asset(&response, "text/css");
    assert_string_equal(field(&response, "Cache-Control"), "public, max-age=31536000, immutable");
    assert_string_equal(field(&response, "Content-Type"), "text/css");
    assert_string_equal(field(&response, "X-Content-Type-Options"), "nosniff");
}

/* The whole response of a signing-out has to fit. */
static void there_is_room_for_all_fields(void **state)
{
    (void)state;
    struct http_response response = {.status = 303};
    headers_page(&response);
    headers_signed_out(&response);
    assert_true(response.field_count + 4 <= HTTP_FIELDS_MAX); /* Location, two cookies, Allow */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_21_pages_are_not_stored_and_run_nothing_of_others),
        cmocka_unit_test(assets_may_be_kept),
        cmocka_unit_test(case_65_what_is_busy_says_when_to_come_again),
        cmocka_unit_test(there_is_room_for_all_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
