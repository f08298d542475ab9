/* What compiled templates write with (tools/compile-templates): every value is escaped by its position.
 *
 * Characters that no name holds (controls, and marks that turn the direction of the text around them) are
 * shown as U+FFFD, so that a value cannot disturb what stands beside it. */
#ifndef WEB_TEMPLATE_H
#define WEB_TEMPLATE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/str.h"

/* A path that this program made of its own routes and ids, never of what somebody typed. */
struct template_path {
    struct str text;
};

/* Between tags. */
void template_put_text(struct buffer *html, struct str text);

/* In a quoted attribute. */
void template_put_attribute(struct buffer *html, struct str text);

/* A whole URL attribute, or its beginning: must() be "#…", "/…" (never "//") or "tel:…", of letters, digits
 * and
 * - _ . / # ? = + & : only. */
void template_put_path(struct buffer *html, struct template_path path);

/* A piece of a URL attribute: must() be letters, digits, - and _. */
void template_put_token(struct buffer *html, struct str token);

/* A path of literal text: TEMPLATE_PATH("/find"). */
#define TEMPLATE_PATH(literal) ((struct template_path){STR(literal)})

#endif
