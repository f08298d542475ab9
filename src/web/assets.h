/* Style sheets, scripts and pictures, packed into the program by tools/pack-assets at build time and served
 * under names that carry a hash of their content.  govuk-frontend's are stripped of what only gov.uk may use:
 * font, crest, crown and brand colour (architecture.md §10). */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stddef.h>

#include "base/str.h"

struct asset {
    const char *name; /* "contactpoint.css" */
    const char *path; /* "/assets/contactpoint-0123456789abcdef.css" */
    const char *content_type;
    struct str content;
};

/* All of them, and how many. */
const struct asset *assets_all(size_t *ret_count);

/* The one at this path, or NULL. */
const struct asset *asset_at(struct str path);

/* The path of "govuk-frontend.min.css", "govuk-frontend.min.js", "contactpoint.css", "contactpoint.js" or
 * "icon.svg"; must() on others. */
const char *asset_path(const char *name);

/* govuk-frontend's one line of inline script, as it must stand between <script> and </script>, and its hash
 * as the Content-Security-Policy wants it: "sha256-…=".  Both come from the package at build time. */
struct str assets_inline_script(void);
const char *assets_inline_script_hash(void);

#endif
