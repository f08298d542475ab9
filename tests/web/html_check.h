/* Reads a page as strictly as its tests need: tags balanced, attributes quoted, nothing inline. */
#ifndef TESTS_WEB_HTML_CHECK_H
#define TESTS_WEB_HTML_CHECK_H

#include <stdbool.h>

#include "base/str.h"

/* Fails the test with a message unless: every tag that opens closes in order, ids are unique, attributes
 * stand in double quotes, there is no style element, style or on… attribute, `inline_script` is the only
 * inline script, every form that posts holds a form_token, and every href, action and src is a path of ours:
 * "/…", "#…" with that id in the page, or "tel:…". */
void html_check(struct str page, struct str inline_script, const char *name);

/* True where `needle` stands in an href, action or src. */
bool html_links_hold(struct str page, struct str needle);

/* How often `needle` stands in the page. */
size_t html_count(struct str page, struct str needle);

#endif
