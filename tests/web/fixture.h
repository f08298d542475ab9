/* One of the option-to-HTML fixtures that govuk-frontend ships, as our partials' tests read it.  Texts live
 * until the next fixture. */
#ifndef TESTS_WEB_FIXTURE_H
#define TESTS_WEB_FIXTURE_H

#include <jansson.h>

#include "base/arena.h"
#include "web/template.h"

struct fixture {
    const json_t *options;
    struct arena *arena;
    const char *unsupported; /* why our partial does not give this; NULL where it should */
};

/* The first option that stands in none of the declared, such as "items[].html"; NULL where all are known.
 * `known` is a list separated by spaces, in which "values.*" covers all beneath. */
const char *fixture_unknown_option(const json_t *options, const char *known);

/* The value at a path such as "label.text", or NULL. */
const json_t *fixture_at(const json_t *from, const char *path);

/* As text: strings as they are, numbers as digits; empty where absent. */
struct str fixture_text(struct fixture *fixture, const json_t *from, const char *path);
bool fixture_flag(const json_t *from, const char *path);

/* A link that our templates accept; else the fixture is unsupported. */
struct template_path fixture_path(struct fixture *fixture, const json_t *from, const char *path);

/* Rows for a list, zeroed. */
void *fixture_take(struct fixture *fixture, size_t count, size_t size_bytes);

/* The first of the two that says something. */
struct str fixture_or(struct str given, struct str otherwise);

/* a, separator, b. */
struct str fixture_join(struct fixture *fixture, struct str a, const char *separator, struct str b);

/* HTML without the white space that says nothing: beside tags, and more than one in a row. */
char *fixture_normal(struct str html);

#endif
