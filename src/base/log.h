/* The operator's log: one line per event, an event name and typed values.  No type holds free text, so a name
 * cannot be logged.  Lines go to standard error as `2026-11-21T06:41:51Z event key=value …`. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "base/fault.h"
#include "base/id.h"

struct log_value {
    const char *key; /* a literal */
    enum { LOG_INT = 1, LOG_ID, LOG_FAULT, LOG_LITERAL } kind;
    int64_t number;
    struct id id;
    const char *literal;
};

#define LOG_INT(k, v)   ((struct log_value){.key = (k), .kind = LOG_INT, .number = (int64_t)(v)})
#define LOG_ID(k, v)    ((struct log_value){.key = (k), .kind = LOG_ID, .id = (v)})
#define LOG_FAULT(k, v) ((struct log_value){.key = (k), .kind = LOG_FAULT, .number = (v)})
/* A string of the program's own, such as an operation's name. */
#define LOG_LITERAL(k, v) ((struct log_value){.key = (k), .kind = LOG_LITERAL, .literal = (v)})

/* log_event("feed.loaded", LOG_INT("rows", n), LOG_FAULT("fault", fault)); one write(2) per line. */
#define log_event(event, ...)                                                                                \
    log_write((event), (const struct log_value[]){__VA_ARGS__ __VA_OPT__(, ){.key = NULL}})

void log_write(const char *event, const struct log_value *values);

/* Where lines go: a file descriptor, 2 at first; -1 for nowhere. */
void log_to(int fd);

#endif
