/* What child_read.c and child_some.c share: opening what the store holds of a child; nobody else includes it.
 */
#ifndef REGISTRY_CHILD_OPEN_H
#define REGISTRY_CHILD_OPEN_H

#include "registry/child.h"

enum { CHILD_SEALED_BYTES_MAX = 64 * 1024 };

/* What ciphertexts are opened for, with what, and where the texts go. */
struct child_opening {
    struct vault_purpose purpose;
    struct arena *arena;
    struct buffer *scratch; /* holds CHILD_SEALED_BYTES_MAX */
};

/* What a row of the store says of a child, whichever statement gave it. */
struct child_row {
    int64_t state;
    int64_t shield;
    int64_t version;
    struct value authority;
    struct value merged_into;
    struct value parts;
    struct bytes linkage;
    struct bytes wrapped;
};

/* What stands in clear, and the key.  FAULT_CORRUPT, FAULT_MEMORY. */
MUST_USE enum fault child_take_standing(const struct child_row *row, struct arena *arena,
                                        struct child *child);

/* The linkage bundle, under the key that the child has by then.  FAULT_CORRUPT, FAULT_KEY. */
MUST_USE enum fault child_open_bundle(const struct child_opening *opening, struct bytes linkage,
                                      struct child *child);

/* The claims of one child while they are read: few as a rule, at most CHILD_CLAIMS_MAX. */
struct claim_list {
    struct claim *at;
    size_t count;
    size_t room;
};

/* Room for one more; of a full list there is none to ask for.  FAULT_MEMORY. */
MUST_USE enum fault claim_list_make_room(struct claim_list *list, struct arena *arena);

struct claim_row {
    struct bytes claim_id;
    struct value superseded_month;
    struct bytes sealed;
};

/* Adds a child's claim to a list that has room; one that does not open leaves it as it was.  FAULT_CORRUPT,
 * FAULT_KEY. */
MUST_USE enum fault claim_list_add(struct claim_list *list, const struct child_opening *opening,
                                   const struct child *child, const struct claim_row *row);

/* The child has the list from here on: which consents are in force is judged, and the oldest come first. */
void claim_list_give(struct claim_list *list, struct child *child);

#endif
