/* Who is told of what happens to an account: its holder, and those who manage it (R3.1, R3.3). */
#ifndef SERVICE_STAFF_TOLD_H
#define SERVICE_STAFF_TOLD_H

#include "access/account_life.h"
#include "service/inside.h"

enum { MANAGERS_TOLD_MAX = 64 };

/* Those who manage an account. */
struct managers {
    struct account_id at[MANAGERS_TOLD_MAX];
    size_t count;
};

/* Chooses them: a practitioner's user managers, as long as one of them may act; for everybody else, and where
 * none may, the national administrators.  An `account` of NULL is an organisation's own: both. */
void managers_choose(const struct access *access, const struct account *account,
                     const struct account_list *colleagues, const struct account_list *administrators,
                     struct managers *ret_managers);

/* One thing that is told, to each of them once for the same cause and number. */
struct staff_news {
    enum message_kind kind;
    struct id cause;
    int64_t number;
    struct instant at;
    struct str text;
};
MUST_USE enum fault managers_tell(struct db_tx *tx, const struct service *service,
                                  const struct managers *managers, const struct staff_news *news);

/* An account was suspended in this request: its holder is told, and whoever manages it, the caller excepted.
 */
MUST_USE enum fault staff_told_suspended(struct db_tx *tx, struct conduct *conduct,
                                         const struct account *account);

#endif
