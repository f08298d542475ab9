/* The template compiler refuses what could let a value out of its place, and what the runtime writes is
 * escaped. Usage: test_templates COMPILER */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/template.h"

static char *compiler;
static char folder[] = "/tmp/contactpoint-templates-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fclose(file);
}

/* Compiles one.html (and part.html, which is sound); what the compiler said, or "" where it was content. */
static void compile(const char *text, char said[400])
{
    write_file("part.html", "{{! slots: text text, href path, of token, open flag, rows list(name text) }}\n"
                            "<p>{{text}}</p>\n");
    write_file("block.html", "{{! slots: }}\n<div>{{content}}</div>\n");
    write_file("one.html", text);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(folder) == 0 && dup2(ends[1], 2) == 2)
            execl(compiler, compiler, "out.h", "out.c", "one.html", "part.html", "block.html", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    size_t len = 0;
    for (ssize_t got; len < 399 && (got = read(ends[0], said + len, 399 - len)) > 0;)
        len += (size_t)got;
    said[len] = '\0';
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), len == 0 ? 0 : 1);
}

static const struct {
    const char *text;
    const char *said;
} bad[] = {
    /* What is not declared. */
    {"<p>{{x}}</p>", "one.html:1: a template begins with {{! slots: … }}"},
    {"{{! slots: a text }}\n<p>\n{{b}}</p>", "one.html:3: slot b is not declared"},
    {"{{! slots: a text, a text }}\n", "one.html:1: slot a is declared twice"},
    {"{{! slots: a word }}\n", "one.html:1: slot a has the unknown type word"},
    {"{{! slots: A text }}\n", "one.html:1: a name of lower-case letters, digits and _ should stand here"},
    {"{{! slots: a text\n", "one.html:2: the slots should end with }}"},
    {"{{! slots: a list }}\n", "one.html:1: list needs its row in brackets"},
    {"{{! slots: a list(b text }}\n", "one.html:1: the bracket of list a is not closed"},
    {"{{! slots: a part(nobody) }}\n",
     "struct template_one: slot a needs struct template_nobody, which no template declares"},
    {"{{! slots: a list(b text) }}\n{{#a}}{{/a}}<p>{{b}}</p>", "one.html:2: slot b is not declared"},
    /* There is no way round the escaping. */
    {"{{! slots: a text }}\n<p>{{{a}}}</p>", "one.html:2: there is no raw slot: every value is escaped"},
    {"{{! slots: a text }}\n<p>{{&a}}</p>", "one.html:2: there is no raw slot: every value is escaped"},
    {"{{! slots: a text }}\n<p class={{a}}>x</p>",
     "one.html:2: slot a is the unquoted value of attribute class"},
    {"{{! slots: a text }}\n<p class=a>x</p>",
     "one.html:2: the value of attribute class must stand in double quotes"},
    {"{{! slots: a text }}\n<p class='{{a}}'>x</p>",
     "one.html:2: the value of attribute class must stand in double quotes"},
    {"{{! slots: a text }}\n<p {{a}}>x</p>",
     "one.html:2: slot a stands inside a tag, but not in an attribute's value"},
    {"{{! slots: a text }}\n<p {{a}}=\"x\">x</p>",
     "one.html:2: slot a stands inside a tag, but not in an attribute's value"},
    {"{{! slots: a text }}\n<{{a}}>x</p>",
     "one.html:2: slot a stands inside a tag, but not in an attribute's value"},
    {"{{! slots: a text }}\n<h{{a}}>x</p>",
     "one.html:2: slot a stands inside a tag, but not in an attribute's value"},
    {"{{! slots: a text }}\n<script>var a = \"{{a}}\"</script>",
     "one.html:2: slot a stands in a script, where no value may stand"},
    {"{{! slots: a text }}\n<style>p {}</style>",
     "one.html:2: a style element is refused: the content security policy forbids it"},
    {"{{! slots: a text }}\n<p style=\"color: red\">x</p>", "one.html:2: attribute style is refused"},
    {"{{! slots: a text }}\n<p onclick=\"{{a}}\">x</p>",
     "one.html:2: attribute onclick holds script, which is refused"},
    {"{{! slots: a text }}\n<iframe srcdoc=\"{{a}}\"></iframe>", "one.html:2: attribute srcdoc is refused"},
    {"{{! slots: a text }}\n<!-- {{a}} -->", "one.html:2: HTML comments are refused; write {{! … }}"},
    {"{{! slots: a text }}\n<P>{{a}}</P>", "one.html:2: < must begin a tag in lower case; write &lt;"},
    {"{{! slots: a text }}\n<p class=\"a\"id=\"b\">x</p>",
     "one.html:2: white space must stand before the next attribute"},
    /* Links are made by us. */
    {"{{! slots: a text }}\n<a href=\"{{a}}\">x</a>",
     "one.html:2: slot a is text: attribute href takes a path, or a token behind other text"},
    {"{{! slots: a text }}\n<a href=\"/find?{{a}}\">x</a>",
     "one.html:2: slot a is text: attribute href takes a path, or a token behind other text"},
    {"{{! slots: a token }}\n<a href=\"{{a}}\">x</a>",
     "one.html:2: slot a is a token: attribute href must not begin with it"},
    {"{{! slots: a path }}\n<a href=\"/find{{a}}\">x</a>",
     "one.html:2: slot a is a path: it must begin attribute href"},
    {"{{! slots: a text }}\n<form action=\"{{a}}\"></form>",
     "one.html:2: slot a is text: attribute action takes a path, or a token behind other text"},
    {"{{! slots: a text }}\n<button formaction=\"{{a}}\"></button>",
     "one.html:2: slot a is text: attribute formaction takes a path, or a token behind other text"},
    {"{{! slots: a text }}\n<img src=\"{{a}}\">",
     "one.html:2: slot a is text: attribute src takes a path, or a token behind other text"},
    {"{{! slots: }}\n{{> part href=\"//evil.example\"}}", "one.html:2: the literal does not fit slot href"},
    {"{{! slots: }}\n{{> part href=\"javascript:x\"}}", "one.html:2: the literal does not fit slot href"},
    {"{{! slots: }}\n{{> part of=\"a b\"}}", "one.html:2: the literal does not fit slot of"},
    /* Sections keep to one place. */
    {"{{! slots: a flag }}\n<p {{#a}}>{{/a}}x</p>",
     "one.html:2: section a ends at another place of the HTML than it began"},
    {"{{! slots: a flag }}\n<p class=\"{{#a}}\"{{/a}}>x</p>",
     "one.html:2: section a ends at another place of the HTML than it began"},
    {"{{! slots: a flag }}\n{{#a}}<p>", "one.html:2: section a is not closed"},
    {"{{! slots: a flag, b flag }}\n{{#a}}{{#b}}{{/a}}{{/b}}",
     "one.html:2: {{/a}} stands where {{/b}} should"},
    {"{{! slots: a flag }}\n{{/a}}", "one.html:2: nothing is open that {{/a}} could end"},
    {"{{! slots: a flag }}\n<p", "one.html:2: the template ends inside a tag"},
    {"{{! slots: a flag }}\n<p>{{a}}</p>", "one.html:2: slot a is no text, token or path"},
    {"{{! slots: }}\n<p>\t</p>", "one.html:2: a control character stands here; indent with spaces"},
    /* Other templates. */
    {"{{! slots: }}\n{{> nobody}}", "one.html:2: there is no template nobody"},
    {"{{! slots: }}\n{{> part colour=\"x\"}}", "one.html:2: template_part has no slot colour"},
    {"{{! slots: a flag }}\n{{> part text=a}}", "one.html:2: slot a does not fit slot text of template_part"},
    {"{{! slots: a text }}\n{{> part href=a}}", "one.html:2: slot a does not fit slot href of template_part"},
    {"{{! slots: a text }}\n{{> part text}}", "one.html:2: slot text is no flag and needs a value"},
    {"{{! slots: a list(name text) }}\n{{> part rows=a}}",
     "one.html:2: slot a does not fit slot rows of template_part"},
    {"{{! slots: }}\n<p class=\"{{> part}}\">",
     "one.html:2: another template can only stand between elements"},
    {"{{! slots: }}\n{{<part}}{{/part}}", "one.html:2: template part has no {{content}}"},
    {"{{! slots: }}\n{{<block}}<p>{{/block}}{{<block}}", "one.html:2: section block is not closed"},
    {"{{! slots: a flag }}\n{{#a}}{{content}}{{/a}}",
     "one.html:2: {{content}} can only stand between elements and outside sections"},
};

static void bad_templates_are_refused_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char said[400], expected[400];
        compile(bad[i].text, said);
        snprintf(expected, sizeof expected, "%s\n", bad[i].said);
        assert_string_equal(said, expected);
    }
}

static void good_templates_are_compiled(void **state)
{
    static const char *const good[] = {
        "{{! slots: }}\n",
        "{{! slots: a text }}\n<p class=\"{{a}}\">{{a}}</p>",
        "{{! slots: a path, b token }}\n<a href=\"{{a}}/details\">x</a><a href=\"#{{b}}\">y</a>",
        "{{! slots: a list(of part.rows) }}\n{{> part "
        "rows=a}}{{#a}}<p>{{name}}</p>{{/a}}{{^a}}<p>none</p>{{/a}}",
        "{{! slots: a flag }}\n<input{{#a}} checked{{/a}}>{{<block}}<p>x</p>{{/block}}",
        "{{! slots: a part(part) }}\n{{#a}}<div>{{> @a}}</div>{{/a}}",
        "{{! slots: a text }}\n<textarea>{{a}}</textarea><svg viewBox=\"0 0 1 1\"><path d=\"M0 0h1\"/></svg>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char said[400];
        compile(good[i], said);
        assert_string_equal(said, "");
    }
}

static void expect_text(struct str text, const char *html)
{
    struct buffer buffer = buffer_open(4096);
    template_put_text(&buffer, text);
    template_put_attribute(&buffer, text);
    size_t len = strlen(html);
    assert_int_equal(buffer.len, 2 * len);
    if (len > 0) {
        assert_memory_equal(buffer.at, html, len);
        assert_memory_equal(buffer.at + len, html, len);
    }
    buffer_close(&buffer);
}

static void values_are_escaped(void **state)
{
    (void)state;
    expect_text(STR(""), "");
    expect_text(STR("Seán O'Brien"), "Seán O&#39;Brien");
    expect_text(STR("<b>\"a\" & 'b'</b>"), "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/b&gt;");
    expect_text(STR("a\tb\nc"), "a\tb\nc");
    expect_text(STR("a\x01\x1b[0m\x7f\r"), "a\xef\xbf\xbd\xef\xbf\xbd[0m\xef\xbf\xbd\xef\xbf\xbd");
    expect_text(STR("\xc2\x85 \xc2\xa0 \xc2\x9f"), "\xef\xbf\xbd \xc2\xa0 \xef\xbf\xbd");
    expect_text(STR("\xe2\x80\xaa \xe2\x80\xae \xe2\x80\xaf \xe2\x81\xa6 \xe2\x81\xaa"),
                "\xef\xbf\xbd \xef\xbf\xbd \xe2\x80\xaf \xef\xbf\xbd \xe2\x81\xaa");
    expect_text(STR("ليلى‏"), "ليلى‏"); /* a right-to-left mark disturbs nothing */
}

/* True where the path (or token) stops the process, as our own mistakes do. */
static bool stops(void (*put)(struct buffer *, struct str), struct str text)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct buffer buffer = buffer_open(4096);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        signal(SIGABRT, SIG_DFL);
        put(&buffer, text);
        buffer_close(&buffer);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void put_path(struct buffer *html, struct str text)
{
    template_put_path(html, (struct template_path){text});
}

static void a_link_that_is_not_ours_stops_the_process(void **state)
{
    static const char *const wrong[] = {
        "",    "find", "//evil.example", "javascript:alert(1)", "/a b", "/a\"b", "/é", "http://x", "/\\evil",
        "/a<", "?a"};
    static const char *const right[] = {"/", "/children/2t2wy0/details", "#main-content", "tel:+441632960001",
                                        "/assets/icon-0123.svg"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_true(stops(put_path, str_of(wrong[i])));
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_false(stops(put_path, str_of(right[i])));
    assert_true(stops(template_put_token, STR("a b")));
    assert_true(stops(template_put_token, STR("a\"")));
    assert_false(stops(template_put_token, STR("birth_day-2")));
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"one.html", "part.html", "block.html", "out.h", "out.c"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_templates_are_refused_with_their_place),
        cmocka_unit_test(good_templates_are_compiled),
        cmocka_unit_test(values_are_escaped),
        cmocka_unit_test(a_link_that_is_not_ours_stops_the_process),
    };
    if (argc != 2 || mkdtemp(folder) == NULL) {
        fputs("usage: test_templates COMPILER\n", stderr);
        return 2;
    }
    if ((compiler = realpath(argv[1], NULL)) == NULL) { /* the child runs in another folder */
        perror(argv[1]);
        return 2;
    }
    int failed = cmocka_run_group_tests(tests, NULL, remove_folder);
    free(compiler);
    return failed;
}
