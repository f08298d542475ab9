/* Where in the HTML a template stands: what a slot may mean there. */
#ifndef COMPILE_TEMPLATES_HTML_H
#define COMPILE_TEMPLATES_HTML_H

#include <stdbool.h>

#include "program.h"

enum position {
    POSITION_TEXT = 1,
    POSITION_TAG_OPEN, /* behind < */
    POSITION_TAG_NAME,
    POSITION_DECLARATION, /* <!doctype … */
    POSITION_TAG_SPACE,   /* an attribute may begin */
    POSITION_ATTRIBUTE_NAME,
    POSITION_EQUALS, /* a quote must follow */
    POSITION_VALUE,
    POSITION_AFTER_ATTRIBUTE, /* white space or the end of the tag must follow */
    POSITION_SCRIPT,          /* static text only */
};

struct html {
    enum position position;
    char tag[32];
    char attribute[32];
    int tag_len;
    int attribute_len;
    bool closing;       /* </… */
    bool value_started; /* something stands before in this attribute's value */
    bool less_than;     /* in a script, behind < */
};

/* The next character of static text. */
void html_step(struct html *html, const struct cursor *cursor, char c);

/* Before a section begins or ends: positions are made comparable. */
void html_settle(struct html *html);
bool html_equal(const struct html *a, const struct html *b);

/* True where the attribute is one that browsers follow or load. */
bool html_in_url(const struct html *html);

/* Refuses a value of this type here, or notes that it stands here. */
void html_value(struct html *html, const struct cursor *cursor, const struct slot *slot);

#endif
