/* What matter.c and matter_list.c share; nobody else includes it. */
#ifndef REGISTRY_MATTER_INSIDE_H
#define REGISTRY_MATTER_INSIDE_H

#include "registry/matter.h"

/* What every statement gives of a matter. */
struct matter_row {
    int64_t kind, state, opened_us, due_us, version;
    const struct value *authority;
    struct bytes sealed;
};
MUST_USE enum fault matter_open_row(const struct matters *matters, struct matter_id id,
                                    const struct matter_row *row, struct arena *arena,
                                    struct matter *ret_matter);

/* By which those about a child are found. */
struct tag matter_subject(const struct matters *matters, enum matter_kind kind, struct child_id child);

#endif
