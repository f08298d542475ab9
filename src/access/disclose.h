/* Turns a finding into the view that this caller may see: the one function that screens, lists and doors
 * share. What is hidden is absent: no count, no order, nothing that says that it is there (R5.5, R8.3, R9.3).
 */
#ifndef ACCESS_DISCLOSE_H
#define ACCESS_DISCLOSE_H

#include "access/access.h"
#include "access/view.h"
#include "match/match.h"
#include "registry/child.h"
#include "registry/freshness.h"

struct disclosure {
    const struct caller *caller;
    const field_mask *sight; /* of the permit: by record state */
    const struct freshness *freshness;
    struct instant now;
    struct arena *arena;
};

/* The whole record.  FAULT_ABSENT where the caller may see nothing of a record in this state; FAULT_MEMORY.
 */
MUST_USE enum fault disclose_child(const struct disclosure *disclosure, const struct child *child,
                                   struct child_view **ret_view);

/* A row of a list of results, from the linkage bundle alone; `asked` is what it answers, NULL: nothing. */
MUST_USE enum fault disclose_result(const struct disclosure *disclosure, const struct child *child,
                                    const struct match_candidate *candidate, const struct match_query *asked,
                                    struct result_view *ret_row);

/* Which groups a view shows, for the audit entry: "IDENTITY WHEREABOUTS …". */
MUST_USE enum fault disclose_shown(field_mask mask, struct arena *arena, struct str *ret_text);

/* What the caller may search by: the permit's sight and the numbers of the caller's own body. */
struct match_sight disclose_match_sight(const struct disclosure *disclosure);

#endif
