#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

#include <cmocka.h>
#include <sodium.h>

#include "web/assets.h"

static bool holds(struct str text, const char *mark)
{
    size_t len = strlen(mark);
    for (size_t i = 0; i + len <= text.len; i++)
        if (strncasecmp(text.at + i, mark, len) == 0)
            return true;
    return false;
}

/* service.md, Branding: font, crest, crown and the brand blue belong to gov.uk. */
static void nothing_that_only_gov_uk_may_use_is_served(void **state)
{
    (void)state;
    static const char *const marks[] = {"GDS Transport", "@font-face",      ".woff", "crest",
                                        "crown",         "#1d70b8",         "url(",  "opengraph",
                                        "logotype",      "sourceMappingURL"};
    size_t count = 0;
    const struct asset *assets = assets_all(&count);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++)
        for (size_t mark = 0; mark < sizeof marks / sizeof marks[0]; mark++)
            if (holds(assets[i].content, marks[mark]))
                fail_msg("%s holds %s", assets[i].name, marks[mark]);
    assert_true(holds(asset_at(str_of(asset_path("govuk-frontend.min.css")))->content,
                      "font-family:arial,sans-serif"));
}

/* What is left of the style sheet is still whole: every brace is closed and the components that we use are
 * there. */
static void the_style_sheet_is_whole(void **state)
{
    (void)state;
    static const char *const parts[] = {
        ".govuk-generic-header", ".govuk-button",    ".govuk-summary-card",          ".govuk-error-summary",
        ".govuk-date-input",     ".govuk-skip-link", ".govuk-\\!-width-one-quarter", "@media print"};
    struct str css = asset_at(str_of(asset_path("govuk-frontend.min.css")))->content;
    int depth = 0;
    for (size_t i = 0; i < css.len; i++) {
        depth += (css.at[i] == '{') - (css.at[i] == '}');
        assert_true(depth >= 0);
    }
    assert_int_equal(depth, 0);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!holds(css, parts[i]))
            fail_msg("%s", parts[i]);
}

static void paths_carry_a_hash_of_the_content(void **state)
{
    (void)state;
    size_t count = 0;
    const struct asset *assets = assets_all(&count);
    for (size_t i = 0; i < count; i++) {
        unsigned char hash[crypto_hash_sha256_BYTES];
        char hex[17];
        crypto_hash_sha256(hash, (const unsigned char *)assets[i].content.at, assets[i].content.len);
        sodium_bin2hex(hex, sizeof hex, hash, 8);
        assert_non_null(strstr(assets[i].path, hex));
        assert_ptr_equal(asset_at(str_of(assets[i].path)), &assets[i]);
        assert_string_equal(asset_path(assets[i].name), assets[i].path);
    }
    assert_null(asset_at(STR("/assets/")));
    assert_null(asset_at(STR("/assets/contactpoint.css")));
    /* our script loads govuk-frontend's by that path */
    assert_true(
        holds(asset_at(str_of(asset_path("contactpoint.js")))->content, asset_path("govuk-frontend.min.js")));
}

static void the_inline_script_can_stand_in_a_page(void **state)
{
    (void)state;
    assert_true(holds(assets_inline_script(), "js-enabled"));
    assert_false(holds(assets_inline_script(), "<"));
    assert_int_equal(strlen(assets_inline_script_hash()), strlen("sha256-") + 44);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_only_gov_uk_may_use_is_served),
        cmocka_unit_test(the_style_sheet_is_whole),
        cmocka_unit_test(paths_carry_a_hash_of_the_content),
        cmocka_unit_test(the_inline_script_can_stand_in_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
