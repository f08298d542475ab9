/* Every page, from views made by hand.  With PAGES_OUT set to a folder, each is also written there, with what
 * it links to, to be looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "html_check.h"
#include "sample_views.h"
#include "web/assets.h"
#include "web/page.h"
#include "web/template.h"

static const struct sample_texts plain = {
    .child = {"Małgorzata Siân O’Connor-Wiśniewska", sizeof "Małgorzata Siân O’Connor-Wiśniewska" - 1},
    .known_as = {"Gosia", 5},
    .person = {"Asha Patel", 10},
    .organisation = {"Eastmere Health Centre", 22},
    .typed = {"asha.patel@health.example", 25},
};

static struct buffer render(const struct sample *sample)
{
    struct buffer html = buffer_open(4 * 1024 * 1024);
    struct page_request request = {sample->operation, &sample->ask, sample->status};
    assert_int_equal(page_render(&request, &sample->answer, &html), FAULT_NONE);
    return html;
}

static void write_out(const char *name, struct str content)
{
    const char *folder = getenv("PAGES_OUT");
    char path[512];
    if (folder == NULL)
        return;
    assert_in_range(snprintf(path, sizeof path, "%s/%s", folder, name), 1, sizeof path - 1);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.at, 1, content.len, file), content.len);
    fclose(file);
}

static void every_page_is_well_formed_and_holds_nothing_inline(void **state)
{
    static struct samples samples;
    (void)state;
    samples_make(&samples, &plain);
    for (size_t i = 0; i < samples.count; i++) {
        struct buffer html = render(&samples.at[i]);
        char name[100];
        html_check(buffer_str(&html), assets_inline_script(), samples.at[i].name);
        snprintf(name, sizeof name, "%s.html", samples.at[i].name);
        write_out(name, buffer_str(&html));
        bool erroneous = samples.at[i].answer.error_count > 0;
        assert_int_equal(html_count(buffer_str(&html), STR("<title>Error: ")), erroneous);
        assert_int_equal(html_count(buffer_str(&html), STR("<h1")), 1);
        buffer_close(&html);
    }
}

static void a_name_stands_in_no_link_and_no_title(void **state)
{
    static struct samples samples;
    struct sample_texts texts = plain;
    (void)state;
    texts.child = texts.known_as = texts.person = STR("Zebedee");
    texts.organisation = texts.typed = STR("Quillfeather");
    samples_make(&samples, &texts);
    for (size_t i = 0; i < samples.count; i++) {
        struct buffer html = render(&samples.at[i]);
        assert_false(html_links_hold(buffer_str(&html), STR("Zebedee")));
        assert_false(html_links_hold(buffer_str(&html), STR("Quillfeather")));
        size_t head = 0;
        while (memcmp(html.at + head, "</head>", 7) != 0)
            head++;
        assert_int_equal(html_count((struct str){html.at, head}, STR("Zebedee")), 0);
        buffer_close(&html);
    }
}

/* Things that have become markup or script somewhere. */
static const char *const corpus[] = {
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</option></select><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example/",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "<scr<script>ipt>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}",
    "{{{raw}}}",
    "${alert(1)}",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<style>*{background:url(//evil.example)}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0>",
    "`onload=alert(1)`",
    "tel:01632 960000\" onclick=\"alert(1)",
    "01632 960000<script>",
    "x\x01\x02\x1b[31m\x7f",
    "\xc2\x85\xc2\x9b",
    "\xe2\x80\xae gnp.exe \xe2\x81\xa6",
    "\xef\xbc\x9cscript\xef\xbc\x9e",
    "\r\nSet-Cookie: a=b",
};

static void case_26_a_hostile_name_is_shown_as_text_in_every_position(void **state)
{
    static struct samples samples, usual;
    (void)state;
    samples_make(&usual, &plain);
    for (size_t c = 0; c < sizeof corpus / sizeof corpus[0]; c++) {
        struct str hostile = str_of(corpus[c]);
        samples_make(&samples, &(struct sample_texts){hostile, hostile, hostile, hostile, hostile});
        struct buffer escaped = buffer_open(4096);
        template_put_text(&escaped, hostile);
        for (size_t i = 0; i < samples.count; i++) {
            struct buffer html = render(&samples.at[i]);
            struct buffer other = render(&usual.at[i]);
            html_check(buffer_str(&html), assets_inline_script(), samples.at[i].name);
            assert_int_equal(html_count(buffer_str(&html), STR("<script")),
                             html_count(buffer_str(&other), STR("<script")));
            for (size_t j = 0; j < html.len; j++)
                assert_true((unsigned char)html.at[j] >= ' ' || html.at[j] == '\n');
            assert_false(html_links_hold(buffer_str(&html), STR("alert")));
            assert_false(html_links_hold(buffer_str(&html), STR("evil")));
            if (samples.at[i].answer.child != NULL)
                assert_true(html_count(buffer_str(&html), buffer_str(&escaped)) > 0);
            buffer_close(&html);
            buffer_close(&other);
        }
        buffer_close(&escaped);
    }
}

static void names_of_every_script_are_shown_and_isolated(void **state)
{
    static struct samples samples;
    static const char *const names[] = {
        "ليلى عبد الرحمن", "Gwenllïan ap Rhŷs", "Łucja Ździebło", "Baby", "Seán O'Brien", "李小龙"};
    (void)state;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        struct sample_texts texts = plain;
        texts.child = texts.known_as = str_of(names[n]);
        samples_make(&samples, &texts);
        struct buffer isolated = buffer_open(4096);
        buffer_put(&isolated, STR("<bdi>"));
        template_put_text(&isolated, texts.child);
        buffer_put(&isolated, STR("</bdi>"));
        for (size_t i = 0; i < samples.count; i++) {
            struct buffer html = render(&samples.at[i]);
            if (samples.at[i].answer.child != NULL || samples.at[i].answer.involvement != NULL)
                assert_true(html_count(buffer_str(&html), buffer_str(&isolated)) > 0);
            char name[100];
            snprintf(name, sizeof name, "arabic-%s.html", samples.at[i].name);
            if (n == 0 && samples.at[i].answer.signed_in && samples.at[i].status == 200)
                write_out(name, buffer_str(&html));
            buffer_close(&html);
        }
        buffer_close(&isolated);
    }
}

static void render_named(const struct samples *samples, const char *name, struct buffer *ret_html)
{
    for (size_t i = 0; i < samples->count; i++)
        if (strcmp(samples->at[i].name, name) == 0) {
            *ret_html = render(&samples->at[i]);
            return;
        }
    fail_msg("no sample %s", name);
}

/* R9.3: hidden means absent, whatever a view that was filled too generously may hold. */
static void a_shielded_child_shows_four_fields_and_the_asker_s_team(void **state)
{
    static struct samples samples;
    struct buffer html;
    (void)state;
    samples_make(&samples, &plain);
    samples.shielded.services = samples.services;
    samples.shielded.service_count = 3; /* not one's own */
    samples.shielded.past_services = samples.past;
    samples.shielded.past_service_count = 1;
    samples.shielded.authority = STR("Hidden-authority");
    samples.shielded.sensitive_mark = true;
    static const char *const pages[] = {"shielded", "details-shielded"};
    for (size_t i = 0; i < 2; i++) {
        render_named(&samples, pages[i], &html);
        struct str page = buffer_str(&html);
        assert_int_equal(html_count(page, STR("CP-7K4M2-X9QRT-5")), 1);
        assert_int_equal(html_count(page, STR("about 2010")), 1);
        assert_int_equal(html_count(page, STR("Eastmere ContactPoint team")), 1);
        assert_int_equal(html_count(page, STR("Hidden-authority")), 0);
        assert_int_equal(html_count(page, STR("govuk-summary-card")), 0);
        assert_int_equal(html_count(page, STR("sensitive")), 0);
        assert_int_equal(html_count(page, STR("app-subnavigation")), 0);
        assert_int_equal(html_count(page, STR("/details")), 0);
        assert_int_equal(html_count(page, STR("/involvements")), 0);
        assert_int_equal(html_count(page, STR("Health")), 0);
        buffer_close(&html);
    }
}

/* R1.3, R7.7, R8.3 */
static void contacts_say_which_kind_of_nothing(void **state)
{
    static struct samples samples;
    struct buffer html;
    (void)state;
    samples_make(&samples, &plain);
    render_named(&samples, "contacts", &html);
    struct str page = buffer_str(&html);
    assert_int_equal(html_count(page, STR("This source has not answered since 3 May 2026")), 1);
    assert_int_equal(html_count(page, STR("One or more sensitive services are involved.")), 1);
    assert_int_equal(
        html_count(
            page,
            STR("Talk to the family and ask before you contact others, unless a child may be in danger.")),
        1);
    assert_int_equal(html_count(page, STR("href=\"tel:01632960123\"")), 1);
    assert_int_equal(html_count(page, STR("01632 960456 ext 7")), 1);
    assert_int_equal(html_count(page, STR("Record that I work with this child")), 1);
    buffer_close(&html);
    render_named(&samples, "contacts-bare", &html);
    page = buffer_str(&html);
    assert_int_equal(html_count(page, STR("Educated at home")), 1);
    assert_int_equal(html_count(page, STR("Not registered with a practice")), 1);
    assert_int_equal(html_count(page, STR("None recorded")), 2);
    assert_int_equal(html_count(page, STR("sensitive")), 0);
    assert_int_equal(html_count(page, STR("Past involvements")), 0);
    buffer_close(&html);
}

static void what_was_typed_comes_back_with_what_is_wrong(void **state)
{
    static struct samples samples;
    struct buffer html;
    (void)state;
    samples_make(&samples, &plain);
    render_named(&samples, "find-errors", &html);
    struct str page = buffer_str(&html);
    assert_int_equal(
        html_count(
            page,
            STR("name=\"family\" type=\"text\" spellcheck=\"false\" value=\"asha.patel@health.example\"")),
        1);
    assert_int_equal(html_count(page, STR("value=\"other\" checked")), 1);
    assert_int_equal(html_count(page, STR("value=\"yes\" checked")), 1);
    assert_int_equal(
        html_count(
            page,
            STR("<a href=\"#birth_day\">Date of birth: Enter a date that exists, such as 27 3 2007</a>")),
        1);
    assert_int_equal(html_count(page, STR("govuk-date-input__input govuk-input--error")), 3);
    buffer_close(&html);
    render_named(&samples, "involvement-errors", &html);
    page = buffer_str(&html);
    assert_int_equal(html_count(page, STR("<a href=\"#to_day\">End date: Enter this: it is needed</a>")), 1);
    assert_int_equal(html_count(page, STR("id=\"to-error\"")), 1);
    assert_int_equal(html_count(page, STR("govuk-date-input__input govuk-input--error")), 2);
    buffer_close(&html);
    render_named(&samples, "sign-in-errors", &html);
    page = buffer_str(&html);
    assert_int_equal(html_count(page, STR("value=\"asha.patel@health.example\"")),
                     1); /* never the password */
    buffer_close(&html);
}

static void no_reason_is_chosen_by_itself(void **state)
{
    static struct samples samples;
    struct buffer html;
    (void)state;
    samples_make(&samples, &plain);
    static const char *const pages[] = {"find", "reason"};
    for (size_t i = 0; i < 2; i++) {
        render_named(&samples, pages[i], &html);
        assert_int_equal(html_count(buffer_str(&html), STR(" checked")), 0); /* R5.1 */
        assert_int_equal(html_count(buffer_str(&html), STR("type=\"radio\"")), 6);
        buffer_close(&html);
    }
}

static void error_pages_name_nobody_and_give_a_reference(void **state)
{
    static struct samples samples;
    (void)state;
    samples_make(&samples, &plain);
    for (size_t i = 0; i < samples.count; i++) {
        if (!str_starts(str_of(samples.at[i].name), STR("error-")))
            continue;
        struct buffer html = render(&samples.at[i]);
        assert_int_equal(html_count(buffer_str(&html), STR("Reference: ")), 1);
        assert_int_equal(html_count(buffer_str(&html), plain.child), 0);
        buffer_close(&html);
    }
}

static void a_page_beyond_its_cap_is_a_fault(void **state)
{
    static struct samples samples;
    (void)state;
    samples_make(&samples, &plain);
    struct buffer html = buffer_open(1000);
    struct page_request request = {samples.at[0].operation, &samples.at[0].ask, 200};
    assert_int_equal(page_render(&request, &samples.at[0].answer, &html), FAULT_TOO_LARGE);
    buffer_close(&html);
}

static void write_assets(void)
{
    size_t count;
    const struct asset *assets = assets_all(&count);
    for (size_t i = 0; i < count; i++)
        write_out(assets[i].path + 1, assets[i].content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_well_formed_and_holds_nothing_inline),
        cmocka_unit_test(a_name_stands_in_no_link_and_no_title),
        cmocka_unit_test(case_26_a_hostile_name_is_shown_as_text_in_every_position),
        cmocka_unit_test(names_of_every_script_are_shown_and_isolated),
        cmocka_unit_test(a_shielded_child_shows_four_fields_and_the_asker_s_team),
        cmocka_unit_test(contacts_say_which_kind_of_nothing),
        cmocka_unit_test(what_was_typed_comes_back_with_what_is_wrong),
        cmocka_unit_test(no_reason_is_chosen_by_itself),
        cmocka_unit_test(error_pages_name_nobody_and_give_a_reference),
        cmocka_unit_test(a_page_beyond_its_cap_is_a_fault),
    };
    if (getenv("PAGES_OUT") != NULL)
        write_assets();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
