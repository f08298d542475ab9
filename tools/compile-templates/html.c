#include "html.h"

#include <ctype.h>
#include <string.h>

static void tag_begins(struct html *html, const struct cursor *cursor, char c)
{
    html->tag_len = 0;
    html->closing = c == '/';
    if (c == '!') {
        if (cursor->at[1] == '-')
            fail(cursor, "HTML comments are refused; write {{! … }}");
        html->position = POSITION_DECLARATION;
        return;
    }
    if (c != '/' && !islower((unsigned char)c))
        fail(cursor, "< must begin a tag in lower case; write &lt;");
    html->position = POSITION_TAG_NAME;
    if (c != '/')
        html->tag[html->tag_len++] = c;
    html->tag[html->tag_len] = '\0';
}

static void tag_ends(struct html *html, const struct cursor *cursor)
{
    if (strcmp(html->tag, "style") == 0)
        fail(cursor, "a style element is refused: the content security policy forbids it");
    bool script = strcmp(html->tag, "script") == 0 && !html->closing;
    html->position = script ? POSITION_SCRIPT : POSITION_TEXT;
    html->less_than = false;
}

static void attribute_is_named(struct html *html, const struct cursor *cursor)
{
    html->attribute[html->attribute_len] = '\0';
    if (strncmp(html->attribute, "on", 2) == 0)
        fail(cursor, "attribute %s holds script, which is refused", html->attribute);
    if (strcmp(html->attribute, "style") == 0 || strcmp(html->attribute, "srcdoc") == 0)
        fail(cursor, "attribute %s is refused", html->attribute);
}

static void tag_name_step(struct html *html, const struct cursor *cursor, char c)
{
    if (c == '>')
        tag_ends(html, cursor);
    else if (isspace((unsigned char)c))
        html->position = POSITION_TAG_SPACE;
    else if (c == '/')
        html->position = POSITION_AFTER_ATTRIBUTE;
    else if (html->tag_len + 1 == (int)sizeof html->tag)
        fail(cursor, "the name of a tag is too long");
    else {
        html->tag[html->tag_len++] = c;
        html->tag[html->tag_len] = '\0';
    }
}

static void between_attributes_step(struct html *html, const struct cursor *cursor, char c)
{
    if (c == '>')
        tag_ends(html, cursor);
    else if (isspace((unsigned char)c))
        html->position = POSITION_TAG_SPACE;
    else if (c == '/')
        html->position = POSITION_AFTER_ATTRIBUTE;
    else if (html->position == POSITION_AFTER_ATTRIBUTE)
        fail(cursor, "white space must stand before the next attribute");
    else if (!isalpha((unsigned char)c))
        fail(cursor, "an attribute cannot begin with %c", c);
    else {
        html->position = POSITION_ATTRIBUTE_NAME;
        html->attribute[0] = c;
        html->attribute_len = 1;
    }
}

static void attribute_name_step(struct html *html, const struct cursor *cursor, char c)
{
    bool ends = c == '=' || c == '>' || c == '/' || isspace((unsigned char)c);
    if (!ends) {
        if (html->attribute_len + 1 == (int)sizeof html->attribute)
            fail(cursor, "the name of an attribute is too long");
        html->attribute[html->attribute_len++] = c;
        return;
    }
    attribute_is_named(html, cursor);
    html->position = c == '=' ? POSITION_EQUALS : POSITION_AFTER_ATTRIBUTE;
    html->value_started = false;
    if (c != '=')
        between_attributes_step(html, cursor, c);
}

static void script_step(struct html *html, const struct cursor *cursor, char c)
{
    if (html->less_than && c == '/')
        tag_begins(html, cursor, c);
    html->less_than = c == '<';
}

void html_step(struct html *html, const struct cursor *cursor, char c)
{
    switch (html->position) {
    case POSITION_TEXT:
        if (c == '<')
            html->position = POSITION_TAG_OPEN;
        break;
    case POSITION_TAG_OPEN:
        tag_begins(html, cursor, c);
        break;
    case POSITION_TAG_NAME:
        tag_name_step(html, cursor, c);
        break;
    case POSITION_DECLARATION:
        if (c == '>')
            html->position = POSITION_TEXT;
        break;
    case POSITION_TAG_SPACE:
    case POSITION_AFTER_ATTRIBUTE:
        between_attributes_step(html, cursor, c);
        break;
    case POSITION_ATTRIBUTE_NAME:
        attribute_name_step(html, cursor, c);
        break;
    case POSITION_EQUALS:
        if (c != '"')
            fail(cursor, "the value of attribute %s must stand in double quotes", html->attribute);
        html->position = POSITION_VALUE;
        break;
    case POSITION_VALUE:
        html->value_started = true;
        if (c == '"')
            html->position = POSITION_AFTER_ATTRIBUTE;
        break;
    case POSITION_SCRIPT:
        script_step(html, cursor, c);
        break;
    }
}

void html_settle(struct html *html)
{
    if (html->position == POSITION_TAG_NAME || html->position == POSITION_ATTRIBUTE_NAME)
        html->position = POSITION_AFTER_ATTRIBUTE;
}

bool html_equal(const struct html *a, const struct html *b)
{
    if (a->position != b->position)
        return false;
    bool in_tag = a->position != POSITION_TEXT;
    bool in_value = a->position == POSITION_VALUE;
    return (!in_tag || strcmp(a->tag, b->tag) == 0) &&
           (!in_value || strncmp(a->attribute, b->attribute, (size_t)a->attribute_len) == 0);
}

bool html_in_url(const struct html *html)
{
    static const char *const followed[] = {"href",   "src",  "action", "formaction", "poster",    "cite",
                                           "srcset", "data", "ping",   "manifest",   "background"};
    for (size_t i = 0; i < sizeof followed / sizeof followed[0]; i++)
        if (strcmp(html->attribute, followed[i]) == 0)
            return true;
    return strcmp(html->attribute, "xlink:href") == 0;
}

void html_value(struct html *html, const struct cursor *cursor, const struct slot *slot)
{
    switch (html->position) {
    case POSITION_TEXT:
        return;
    case POSITION_VALUE:
        if (html_in_url(html)) {
            if (slot->type == SLOT_TEXT)
                fail(cursor, "slot %s is text: attribute %s takes a path, or a token behind other text",
                     slot->name, html->attribute);
            if (slot->type == SLOT_TOKEN && !html->value_started)
                fail(cursor, "slot %s is a token: attribute %s must not begin with it", slot->name,
                     html->attribute);
            if (slot->type == SLOT_PATH && html->value_started)
                fail(cursor, "slot %s is a path: it must begin attribute %s", slot->name, html->attribute);
        }
        html->value_started = true;
        return;
    case POSITION_SCRIPT:
        fail(cursor, "slot %s stands in a script, where no value may stand", slot->name);
    case POSITION_EQUALS:
        fail(cursor, "slot %s is the unquoted value of attribute %s", slot->name, html->attribute);
    case POSITION_TAG_OPEN:
    case POSITION_TAG_NAME:
    case POSITION_DECLARATION:
    case POSITION_TAG_SPACE:
    case POSITION_ATTRIBUTE_NAME:
    case POSITION_AFTER_ATTRIBUTE:
        fail(cursor, "slot %s stands inside a tag, but not in an attribute's value", slot->name);
    }
}
