/* What the files of access/disclose share; nobody else includes it. */
#ifndef ACCESS_DISCLOSE_PARTS_H
#define ACCESS_DISCLOSE_PARTS_H

#include "access/disclose.h"

static inline bool mask_sees(field_mask mask, enum field_group group)
{
    return (mask & ((field_mask)1 << group)) != 0;
}

/* What a buffer holds, moved into the arena; the buffer is closed. */
MUST_USE enum fault disclosed_text(struct buffer *text, struct arena *arena, struct str *ret);

/* Who says it: "School census", "A practitioner". */
struct str disclosed_source(const struct claim *claim);

/* When its source last confirmed it. */
struct instant disclosed_confirmed(const struct disclosure *disclosure, const struct claim *claim);

struct day disclosed_day(const struct row *row, enum column column);

/* Current and past involvements, as far as the mask shows them, and the one line that stands for sensitive
 * ones. */
MUST_USE enum fault disclose_services(const struct disclosure *disclosure, const struct child *child,
                                      field_mask mask, struct child_view *view);

/* Shield, sources and history, for whoever has the record in their care. */
MUST_USE enum fault disclose_custody(const struct disclosure *disclosure, const struct child *child,
                                     struct child_view *view);

#endif
