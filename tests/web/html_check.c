#include "html_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { DEPTH_MAX = 64, IDS_MAX = 256, FRAGMENTS_MAX = 64 };

struct reading {
    struct str rest;
    const char *name;
    struct str inline_script;
    struct str open[DEPTH_MAX];
    int depth;
    struct str ids[IDS_MAX];
    int id_count;
    struct str fragments[FRAGMENTS_MAX];
    int fragment_count;
    bool script_has_src;
    bool form_posts;
    bool form_has_token;
};

#define EXPECT(reading, condition, ...)                                                                      \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            print_error("%s: ", (reading)->name);                                                            \
            print_error(__VA_ARGS__);                                                                        \
            print_error("\n  before: %.120s\n", (reading)->rest.at);                                         \
            fail();                                                                                          \
        }                                                                                                    \
    } while (0)

size_t html_count(struct str page, struct str needle)
{
    size_t count = 0;
    for (size_t i = 0; i + needle.len <= page.len; i++)
        count += memcmp(page.at + i, needle.at, needle.len) == 0;
    return count;
}

static bool is_void(struct str tag)
{
    static const char *const names[] = {"meta", "link", "input", "br", "hr", "img", "path"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_equal(tag, str_of(names[i])))
            return true;
    return false;
}

static struct str take_until(struct reading *r, const char *stops)
{
    size_t len = 0;
    while (len < r->rest.len && strchr(stops, r->rest.at[len]) == NULL)
        len++;
    struct str taken = {r->rest.at, len};
    r->rest = (struct str){r->rest.at + len, r->rest.len - len};
    return taken;
}

static void step_over(struct reading *r, size_t len)
{
    EXPECT(r, len <= r->rest.len, "the page ends too early");
    r->rest = (struct str){r->rest.at + len, r->rest.len - len};
}

static void read_link(struct reading *r, struct str value)
{
    bool ours = str_starts(value, STR("/")) && !str_starts(value, STR("//"));
    EXPECT(r, ours || str_starts(value, STR("#")) || str_starts(value, STR("tel:")), "a link leads to %.*s",
           (int)value.len, value.at);
    if (str_starts(value, STR("#")) && r->fragment_count < FRAGMENTS_MAX)
        r->fragments[r->fragment_count++] = (struct str){value.at + 1, value.len - 1};
}

static void read_attribute(struct reading *r, struct str tag)
{
    struct str name = take_until(r, " \n=>/");
    EXPECT(r, name.len > 0, "an attribute without a name in %.*s", (int)tag.len, tag.at);
    EXPECT(r, !str_starts(name, STR("on")) && !str_equal(name, STR("style")), "attribute %.*s", (int)name.len,
           name.at);
    struct str value = {NULL, 0};
    if (r->rest.at[0] == '=') {
        EXPECT(r, r->rest.at[1] == '"', "attribute %.*s is not quoted", (int)name.len, name.at);
        step_over(r, 2);
        value = take_until(r, "\"");
        step_over(r, 1);
        EXPECT(r, html_count(value, STR("<")) == 0, "< in attribute %.*s", (int)name.len, name.at);
    }
    if (str_equal(name, STR("href")) || str_equal(name, STR("action")) || str_equal(name, STR("src")))
        read_link(r, value);
    if (str_equal(name, STR("src")))
        r->script_has_src = true;
    if (str_equal(name, STR("method")) && str_equal(value, STR("post")))
        r->form_posts = true;
    if (str_equal(name, STR("name")) && str_equal(value, STR("form_token")))
        r->form_has_token = true;
    if (str_equal(name, STR("id"))) {
        for (int i = 0; i < r->id_count; i++)
            EXPECT(r, !str_equal(r->ids[i], value), "id %.*s stands twice", (int)value.len, value.at);
        EXPECT(r, r->id_count < IDS_MAX, "too many ids");
        r->ids[r->id_count++] = value;
    }
}

static void close_tag(struct reading *r, struct str tag)
{
    EXPECT(r, r->depth > 0 && str_equal(r->open[r->depth - 1], tag), "</%.*s> where </%.*s> should stand",
           (int)tag.len, tag.at, r->depth > 0 ? (int)r->open[r->depth - 1].len : 0,
           r->depth > 0 ? r->open[r->depth - 1].at : "");
    r->depth--;
    if (str_equal(tag, STR("form"))) {
        EXPECT(r, !r->form_posts || r->form_has_token, "a form that posts holds no form_token");
        r->form_posts = r->form_has_token = false;
    }
}

static void read_script(struct reading *r)
{
    size_t len = 0;
    while (len + 9 <= r->rest.len && memcmp(r->rest.at + len, "</script>", 9) != 0)
        len++;
    struct str script = {r->rest.at, len};
    EXPECT(r, len == 0 || str_equal(script, r->inline_script),
           "an inline script that is not govuk-frontend's");
    EXPECT(r, len > 0 || r->script_has_src, "an empty script");
    step_over(r, len);
}

static void open_tag(struct reading *r, struct str tag)
{
    r->script_has_src = false;
    EXPECT(r, !str_equal(tag, STR("style")), "a style element");
    for (;;) {
        while (r->rest.len > 0 && strchr(" \n", r->rest.at[0]) != NULL)
            step_over(r, 1);
        EXPECT(r, r->rest.len > 0, "the page ends inside <%.*s>", (int)tag.len, tag.at);
        if (r->rest.at[0] == '>' || r->rest.at[0] == '/')
            break;
        read_attribute(r, tag);
    }
    bool closed = r->rest.at[0] == '/';
    step_over(r, closed ? 2 : 1);
    if (closed || is_void(tag))
        return;
    EXPECT(r, r->depth < DEPTH_MAX, "tags are nested too deep");
    r->open[r->depth++] = tag;
    if (str_equal(tag, STR("script")))
        read_script(r);
}

static void check_fragments(struct reading *r)
{
    for (int i = 0; i < r->fragment_count; i++) {
        bool found = false;
        for (int j = 0; j < r->id_count; j++)
            found = found || str_equal(r->ids[j], r->fragments[i]);
        EXPECT(r, found, "nothing has the id %.*s", (int)r->fragments[i].len, r->fragments[i].at);
    }
}

static void read_page(struct str page, struct str inline_script, const char *name)
{
    struct reading r = {.rest = page, .name = name, .inline_script = inline_script};
    EXPECT(&r, str_starts(page, STR("<!DOCTYPE html>\n<html lang=\"en\"")),
           "it does not begin as a page in English");
    step_over(&r, sizeof "<!DOCTYPE html>" - 1);
    while (r.rest.len > 0) {
        take_until(&r, "<");
        if (r.rest.len == 0)
            break;
        step_over(&r, 1);
        bool closing = r.rest.at[0] == '/';
        if (closing)
            step_over(&r, 1);
        struct str tag = take_until(&r, " \n>/");
        EXPECT(&r, tag.len > 0 && ((tag.at[0] >= 'a' && tag.at[0] <= 'z')), "< that begins no tag");
        if (closing) {
            close_tag(&r, tag);
            step_over(&r, 1);
        } else {
            open_tag(&r, tag);
        }
    }
    EXPECT(&r, r.depth == 0, "%d tags are not closed", r.depth);
    check_fragments(&r);
}

/* Reads a copy that ends in NUL, so that looking one character ahead is safe. */
void html_check(struct str page, struct str inline_script, const char *name)
{
    char *copy = calloc(1, page.len + 1);
    assert_non_null(copy);
    memcpy(copy, page.at, page.len);
    read_page((struct str){copy, page.len}, inline_script, name);
    free(copy);
}

bool html_links_hold(struct str page, struct str needle)
{
    static const char *const links[] = {"href=\"", "action=\"", "src=\""};
    const char *end = page.at + page.len, *found;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        size_t len = strlen(links[i]);
        for (const char *at = page.at; (found = memmem(at, (size_t)(end - at), links[i], len)) != NULL;) {
            at = found + len;
            struct reading r = {.rest = {at, (size_t)(end - at)}};
            if (html_count(take_until(&r, "\""), needle) > 0)
                return true;
        }
    }
    return false;
}
