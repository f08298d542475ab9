/* Records that are one child's: one that has taken others in, which keep their rows (merge.h).
 *
 * The id of each of them leads to the one that is shown, the survivor. */
#ifndef REGISTRY_FAMILY_H
#define REGISTRY_FAMILY_H

#include "registry/child.h"

/* A record takes in at most so many others, all told: each brings a number that its bundle must hold. */
enum { FAMILY_MAX = 9, FAMILY_DEPTH_MAX = FAMILY_MAX };

/* What decides about a child, whichever of its ids was asked for. */
struct child_standing {
    struct child_id child; /* the survivor */
    enum record_state state;
    uint32_t version;
    struct str authority;
    struct child_columns columns;
};

/* Text lives in the arena.  FAULT_ABSENT, FAULT_CORRUPT. */
MUST_USE enum fault family_standing(struct db_tx *tx, struct child_id id, struct arena *arena,
                                    struct child_standing *ret_standing);

/* The same of that very record, whoever has taken it in. */
MUST_USE enum fault family_standing_alone(struct db_tx *tx, struct child_id id, struct arena *arena,
                                          struct child_standing *ret_standing);

/* The ids of a record and all that it has taken in, itself first. */
struct family {
    struct child_id ids[FAMILY_MAX];
    size_t count;
};
MUST_USE enum fault family_read(struct db_tx *tx, struct child_id survivor, struct family *ret_family);

/* Adds the ids of what a record has taken in itself. */
MUST_USE enum fault family_add_parts(struct db_tx *tx, struct child_id of, struct family *family);

/* Adds to a record that was read alone what it has taken in: parts and claims. */
MUST_USE enum fault family_gather(struct db_tx *tx, struct vault_purpose purpose, struct arena *arena,
                                  struct child *child);

/* The record that a claim stands with. */
const struct child_part *family_part(const struct child *child, const struct claim *claim);

/* The authority that answers for a child by its claims, as the store has it; R11.1: where nobody says it any
 * more, the one that was responsible stays so. */
struct value family_authority(const struct child *child);

/* Writes the survivor's linkage bundle and responsible authority anew, from the claims of the whole family;
 * *ret_child is the family as read, and its person as written.  Everything it leans on has been written in
 * this transaction before. */
MUST_USE enum fault family_rebundle(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                                    struct arena *arena, struct child **ret_child);

#endif
