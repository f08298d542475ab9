#include "pack.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char brand_colour[] = "#1d70b8";

/* Rules for what only gov.uk shows: its font, crest, crown and logo. */
static bool is_dropped(const char *prelude, size_t len)
{
    static const char *const marks[] = {"@font-face", "crown", "copyright-logo", "logotype", "logo-dot"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (memmem(prelude, len, marks[i], strlen(marks[i])) != NULL)
            return true;
    return false;
}

/* True for a block that holds rules rather than declarations. */
static bool is_group(const char *prelude, size_t len)
{
    static const char *const groups[] = {"@media", "@supports", "@layer"};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (len >= strlen(groups[i]) && memcmp(prelude, groups[i], strlen(groups[i])) == 0)
            return true;
    return false;
}

/* Minified style sheets only: no comments before rules, no braces in strings. */
static struct text without_rules(const struct text *css, const char *path)
{
    struct text kept = {0};
    const char *at = css->at;
    const char *end = css->at + css->len;
    while (at < end) {
        size_t prelude = strcspn(at, "{}");
        if (at + prelude >= end) {
            text_add(&kept, at, (size_t)(end - at));
            break;
        }
        if (at[prelude] == '}' || is_group(at, prelude)) {
            text_add(&kept, at, prelude + 1);
            at += prelude + 1;
            continue;
        }
        const char *close = strchr(at + prelude, '}');
        if (close == NULL)
            give_up(path, "has a rule that does not end");
        if (!is_dropped(at, prelude))
            text_add(&kept, at, (size_t)(close + 1 - at));
        at = close + 1;
    }
    return kept;
}

struct text css_stripped(const struct text *css, const char *path, const char *colour)
{
    struct text bare = without_source_map(css);
    struct text fewer = without_rules(&bare, path);
    struct text fontless = text_replaced(&fewer, "GDS Transport,", "");
    return text_replaced(&fontless, brand_colour, colour);
}

struct text without_source_map(const struct text *text)
{
    const char *mark = strstr(text->at, "sourceMappingURL=");
    struct text bare = {0};
    if (mark == NULL) {
        text_add(&bare, text->at, text->len);
        return bare;
    }
    while (mark > text->at && *mark != '/')
        mark--;
    while (mark > text->at && mark[-1] == '/')
        mark--;
    text_add(&bare, text->at, (size_t)(mark - text->at));
    text_add(&bare, "\n", 1);
    return bare;
}

void check_nothing_of_govuk(const struct text *text, const char *path)
{
    static const char *const marks[] = {"GDS Transport", "@font-face", "crest", "crown",
                                        brand_colour,    ".woff",      "url("};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        for (size_t at = 0; at + strlen(marks[i]) <= text->len; at++)
            if (strncasecmp(text->at + at, marks[i], strlen(marks[i])) == 0)
                give_up(path, "still holds a font, picture, crest, crown or colour that only gov.uk may use");
}
