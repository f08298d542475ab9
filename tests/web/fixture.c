#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 200, DEPTH_MAX = 8 };

static bool is_known(const char *path, const char *known)
{
    struct str rest = str_of(known), word;
    while (str_split(&rest, ' ', &word)) {
        if (word.len > 2 && memcmp(word.at + word.len - 2, ".*", 2) == 0) {
            if (str_starts(str_of(path), (struct str){word.at, word.len - 1}))
                return true;
        } else if (str_equal(str_of(path), word)) {
            return true;
        }
    }
    return false;
}

/* Walks one value; recursion is bounded by DEPTH_MAX and the fixtures are a package's files. */
static const char *first_unknown(const json_t *value, const char *path, const char *known, int depth)
{
    static char found[PATH_BYTES];
    char inner[PATH_BYTES];
    const char *key, *unknown;
    json_t *member;
    size_t index;
    if (json_is_object(value) && depth < DEPTH_MAX) {
        json_object_foreach((json_t *)value, key, member)
        {
            snprintf(inner, sizeof inner, "%s%s%s", path, path[0] == '\0' ? "" : ".", key);
            if ((unknown = first_unknown(member, inner, known, depth + 1)) != NULL)
                return unknown;
        }
        return NULL;
    }
    if (json_is_array(value) && depth < DEPTH_MAX) {
        json_array_foreach(value, index, member)
        {
            snprintf(inner, sizeof inner, "%s[]", path);
            if ((unknown = first_unknown(member, inner, known, depth + 1)) != NULL)
                return unknown;
        }
        return NULL;
    }
    if (is_known(path, known))
        return NULL;
    snprintf(found, sizeof found, "%s", path);
    return found;
}

const char *fixture_unknown_option(const json_t *options, const char *known)
{
    return first_unknown(options, "", known, 0);
}

const json_t *fixture_at(const json_t *from, const char *path)
{
    struct str rest = str_of(path), part;
    while (from != NULL && str_split(&rest, '.', &part)) {
        char name[PATH_BYTES];
        snprintf(name, sizeof name, "%.*s", (int)part.len, part.at);
        from = json_object_get(from, name);
    }
    return from;
}

struct str fixture_text(struct fixture *fixture, const json_t *from, const char *path)
{
    const json_t *value = fixture_at(from, path);
    struct str text = {NULL, 0};
    char digits[32];
    if (json_is_string(value))
        return str_of(json_string_value(value));
    if (!json_is_integer(value))
        return text;
    snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
    must(arena_copy(fixture->arena, str_of(digits), &text) == FAULT_NONE);
    return text;
}

bool fixture_flag(const json_t *from, const char *path)
{
    return json_is_true(fixture_at(from, path));
}

struct template_path fixture_path(struct fixture *fixture, const json_t *from, const char *path)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./#?=+&:";
    struct str text = fixture_text(fixture, from, path);
    bool ours = text.len == 0 || text.at[0] == '#' || (text.at[0] == '/' && !str_starts(text, STR("//")));
    if (!ours || (text.len > 0 && strspn(text.at, allowed) != text.len)) {
        fixture->unsupported = "a link that is not a path of our own";
        return (struct template_path){{NULL, 0}};
    }
    return (struct template_path){text};
}

void *fixture_take(struct fixture *fixture, size_t count, size_t size_bytes)
{
    void *taken = arena_take_array(fixture->arena, count + 1, size_bytes);
    must(taken != NULL);
    return taken;
}

struct str fixture_or(struct str given, struct str otherwise)
{
    return given.len > 0 ? given : otherwise;
}

struct str fixture_join(struct fixture *fixture, struct str a, const char *separator, struct str b)
{
    char text[500];
    struct str copy = {NULL, 0};
    snprintf(text, sizeof text, "%.*s%s%.*s", (int)a.len, a.len > 0 ? a.at : "",
             a.len > 0 && b.len > 0 ? separator : "", (int)b.len, b.len > 0 ? b.at : "");
    must(arena_copy(fixture->arena, str_of(text), &copy) == FAULT_NONE);
    return copy;
}

char *fixture_normal(struct str html)
{
    char *normal = calloc(1, html.len + 1);
    must(normal != NULL);
    size_t len = 0;
    bool space = false;
    for (size_t i = 0; i < html.len; i++) {
        char c = html.at[i];
        if (c == ' ' || c == '\n') {
            space = true;
            continue;
        }
        bool beside_tag =
            len == 0 || c == '<' || c == '>' || normal[len - 1] == '>' || normal[len - 1] == '<';
        if (space && !beside_tag)
            normal[len++] = ' ';
        space = false;
        normal[len++] = c;
    }
    return normal;
}
