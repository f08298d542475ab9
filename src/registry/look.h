/* How much somebody looks (R5.7): different children opened in an hour and in a day, searches in an hour, ids
 * guessed.
 *
 * Counted by account, over all its sessions and servers, as keyed hashes that tell nobody whose child was
 * opened. */
#ifndef REGISTRY_LOOK_H
#define REGISTRY_LOOK_H

#include "base/arena.h"
#include "base/time.h"
#include "policy/policy.h"
#include "store/db.h"
#include "vault/vault.h"

/* [cfg] 0: none. */
struct look_limits {
    int64_t children_per_hour;
    int64_t children_per_day;
    int64_t searches_per_hour;
    int64_t guesses_per_day; /* ids that lead nowhere; then the account is locked (case 39) */
};

enum {
    LOOK_CHILDREN_PER_HOUR = 60,
    LOOK_CHILDREN_PER_DAY = 200,
    LOOK_SEARCHES_PER_HOUR = 200,
    LOOK_GUESSES_PER_DAY = 20,
};

/* Numbers in the database: append, never renumber. */
enum look_kind { LOOK_CHILD = 1, LOOK_GUESS, LOOK_OWN /* a child of one's own: who must know was told */ };

/* Whose looks, of what, when. */
struct look {
    struct account_id account;
    enum look_kind kind;
    struct child_id child; /* or the id that was guessed */
    struct instant at;
};

/* What stands in the place of an account in these tables. */
struct tag look_account_tag(struct vault *vault, struct account_id account);

/* Whether this look would be one too many; `many`: it is from half of a limit on.  Who counts it asks again
 * in that transaction, or requests at one instant would pass together. */
struct look_answer {
    bool too_many;
    bool many;
};
MUST_USE enum fault look_ask(struct db_tx *tx, struct vault *vault, const struct look_limits *limits,
                             const struct look *look, struct arena *arena, struct look_answer *ret_answer);

/* The same of one more search. */
MUST_USE enum fault look_ask_search(struct db_tx *tx, struct vault *vault, const struct look_limits *limits,
                                    const struct look *look, struct arena *arena,
                                    struct look_answer *ret_answer);

/* Whether this very look was counted within a day. */
MUST_USE enum fault look_seen(struct db_tx *tx, struct vault *vault, const struct look *look,
                              struct arena *arena, bool *ret_seen);

/* Counts it. */
MUST_USE enum fault look_count(struct db_tx *tx, struct vault *vault, const struct look *look);

/* Forgets what no limit counts any more. */
MUST_USE enum fault look_sweep(struct db_tx *tx, struct instant now);

/* Who has asked a second person for more: the matter, and from when until when counting begins anew (0:
 * never). FAULT_ABSENT where they never asked. */
struct allowance {
    struct id matter;
    struct instant from;
    struct instant until;
};
MUST_USE enum fault allowance_get(struct db_tx *tx, struct vault *vault, struct account_id account,
                                  struct arena *arena, struct allowance *ret_allowance);
MUST_USE enum fault allowance_ask(struct db_tx *tx, struct vault *vault, struct account_id account,
                                  struct id matter);

/* FAULT_CONFLICT where another matter has taken that one's place. */
MUST_USE enum fault allowance_give(struct db_tx *tx, struct vault *vault, struct account_id account,
                                   const struct allowance *allowance);

#endif
