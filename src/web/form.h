/* The body of a form, application/x-www-form-urlencoded, read strictly: only what forms.def declares for the
 * operation, each field once, UTF-8 without NUL.  Anything else is no form of ours. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include "base/arena.h"
#include "service/service.h"

/* What one form may weigh.  A field that is longer than its declaration, but fits, is the conductor's to
 * complain of. */
enum { FORM_BYTES_MAX = 64 * 1024 };

struct form {
    struct str token; /* form_token; empty where none came */
    struct ask_field fields[ASK_FIELDS_MAX];
    uint8_t field_count;
};

/* 0, or the HTTP status that refuses: 415 another Content-Type, 413 too many fields or bytes, 400 malformed
 * or undeclared, 503 out of memory.  Values live in the arena, names are the declared ones.  content_type.at
 * may be NULL. */
int form_read(enum operation operation, struct str content_type, struct str body, struct arena *arena,
              struct form *ret_form);

#endif
