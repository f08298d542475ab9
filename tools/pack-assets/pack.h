/* pack-assets: what its files share.  Memory is never given back: the program lives for a moment. */
#ifndef PACK_ASSETS_PACK_H
#define PACK_ASSETS_PACK_H

#include <stddef.h>

/* Growing text, NUL behind it. */
struct text {
    char *at;
    size_t len;
    size_t room;
};

/* Tells on standard error and ends the build. */
_Noreturn void give_up(const char *path, const char *what);

void text_add(struct text *text, const char *piece, size_t len);
void text_add_string(struct text *text, const char *piece);

/* The text with every `old` replaced. */
struct text text_replaced(const struct text *text, const char *old, const char *with);

/* govuk-frontend's style sheet without what only gov.uk may use: font, crest, crown, brand colour.  `colour`
 * stands where the brand colour stood. */
struct text css_stripped(const struct text *css, const char *path, const char *colour);

/* The text without its comment that names a source map. */
struct text without_source_map(const struct text *text);

/* Ends the build where something that only gov.uk may use is still there. */
void check_nothing_of_govuk(const struct text *text, const char *path);

#endif
