/* One child as the store holds it: state, and the claims of every source (R1.2).  Records stay below access/:
 * doors see views. */
#ifndef REGISTRY_CHILD_H
#define REGISTRY_CHILD_H

#include "base/arena.h"
#include "registry/claim.h"
#include "store/db.h"

enum { CHILD_CLAIMS_MAX = 512 };

/* One record of a family: the child's own, or one that it has taken in (merge.h). */
struct child_part {
    struct child_id child;
    struct wrapped_key key;
    struct str number; /* ContactPoint number */
};

/* What the columns of a child's row say of its standing. */
struct child_columns {
    int64_t state;
    int64_t shield;
    struct child_id merged_into; /* zero: a record of its own */
    int64_t parts;               /* how many records it has taken in itself */
};

struct child {
    struct child_id child;
    enum record_state state;
    uint32_t version;
    struct str authority; /* GSS code; empty where none is responsible */
    struct str number;    /* ContactPoint number, normalised */
    struct person person; /* the linkage bundle */
    struct wrapped_key key;
    bool opened; /* false: the purpose shows nothing of a record in this state, and no field was opened */
    const struct claim *claims; /* oldest first, superseded ones included */
    size_t claim_count;
    struct child_columns columns;
    const struct child_part
        *parts; /* the own record first, then those it has taken in; NULL: no claims read */
    size_t part_count;
};

/* Values of the state column. */
enum child_state { CHILD_LIVE = 1, CHILD_ARCHIVED = 2, CHILD_DEAD = 3, CHILD_SEALED = 4 };

/* What the state and shield columns mean together. */
enum record_state child_record_state(int64_t state, int64_t shield);

/* Values of the shield column (R9): the most restrictive wins. */
enum shield { SHIELD_NONE = 0, SHIELD_PROVISIONAL = 1, SHIELD_DECIDED = 2 };

/* Reads state, key and linkage bundle, no claims.  Texts live in the arena.  The id of a record that another
 * has taken in leads to that one.  Of a record in a state of which the purpose opens nothing
 * (vault/purpose.h) there are state, version, authority and key alone.  FAULT_ABSENT, FAULT_CORRUPT,
 * FAULT_KEY. */
MUST_USE enum fault child_read(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                               struct arena *arena, struct child **ret_child);

/* The same with all claims, those of records that it has taken in too; of each record the oldest are left out
 * beyond CHILD_CLAIMS_MAX. */
MUST_USE enum fault child_read_whole(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                                     struct arena *arena, struct child **ret_child);

/* State, version, authority and key, and nothing opened: for who names a child in an entry and shows nothing.
 * `alone`: of that very record, whoever has taken it in. */
MUST_USE enum fault child_read_shut(struct db_tx *tx, struct child_id id, bool alone, struct arena *arena,
                                    struct child **ret_child);

/* One record alone, as it stands: neither what it has taken in, nor what has taken it in. */
MUST_USE enum fault child_read_alone(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                                     struct arena *arena, struct child **ret_child);

/* Several at once, for linkage, in few round trips: fills what was found of each read, whose texts live in
 * the arena.  The function's own fault is that of the store or of memory; a child that is absent or broken
 * has its own, and only it. */
struct child_read {
    struct child_id id;
    bool whole;          /* with all claims of the record alone */
    bool part;           /* also where another record has taken it in; else it is absent then */
    enum fault fault;    /* FAULT_NONE, FAULT_ABSENT, FAULT_CORRUPT, FAULT_KEY */
    struct child *child; /* NULL on a fault */
};
MUST_USE enum fault child_read_some(struct db_tx *tx, struct vault_linkage linkage, struct child_read *reads,
                                    size_t count, struct arena *arena);

/* Oldest first, as struct child has them. */
void child_sort_claims(struct claim *claims, size_t count);

/* The rank of a source for a field group, 1 first; practitioners' claims rank after all feeds. */
int child_rank(enum field_group group, enum source source);

/* The claim whose word counts for a group among those in force where `column` says something; NULL where
 * none. */
const struct claim *child_authoritative(const struct child *child, enum field_group group,
                                        enum column column);

/* The place that the ciphertext of a linkage bundle is bound to. */
struct seal_place linkage_place(const struct child_id *child);

/* The linkage bundle from all claims in force, most authoritative for IDENTITY first, with the ContactPoint
 * numbers, the own one first; where none is in force, from the one said last.  Texts stay borrowed from the
 * claims. */
MUST_USE enum fault child_person(const struct child *child, struct arena *arena, struct person *ret_person);

#endif
