/* What officers work on: whose matter it is, how it is shown, how a step on it is written (R2). */
#ifndef SERVICE_MANAGE_H
#define SERVICE_MANAGE_H

#include "registry/sealing.h"
#include "registry/shield.h"
#include "service/operations.h"

/* Reads, with the request, the matter of its path and the override that is live; fills the facts. */
MUST_USE enum fault manage_read(struct db_tx *tx, struct conduct *conduct);
void manage_facts(const struct conduct *conduct, struct facts *facts);

/* A session that asks for anything but the record whose shield it has overridden has left it (R10). */
MUST_USE enum fault manage_leave_override(struct conduct *conduct);

/* What the pages of a child offer this caller beside its contacts, and what became of a shield that they have
 * asked for themselves; for those pages alone. */
MUST_USE enum fault manage_offer(struct conduct *conduct);

/* Whether a matter about a record of that authority is this caller's to work on. */
bool manage_is_responsible(const struct conduct *conduct, struct str authority);

/* The matter of the path as it stands now, inside a job.  FAULT_ABSENT where it is gone, or not this
 * caller's. */
MUST_USE enum fault manage_matter(struct db_tx *tx, const struct conduct *conduct, struct matter *ret_matter);

/* An id that the same form makes again, whichever server takes it (security.md, case 65). */
MUST_USE enum fault manage_form_id(const struct conduct *conduct, const char *scheme, struct id *ret_id);

/* Who acts, with the texts of the form. */
struct shield_order manage_order(const struct conduct *conduct);

/* R9.7: what the second of two people answers; an error is noted where they have chosen nothing. */
bool manage_agrees(struct conduct *conduct);

/* One matter with its timeline and its child, read, disclosed and entered: what every such page does.
 * `describe` fills what is the kind's own. */
struct matter_page {
    enum event event;
    void (*describe)(const struct conduct *conduct, const struct matter *matter, struct matter_view *view);
    struct str (*outcome_words)(const struct matter_step *step);
    bool shows_child; /* to whom sees records of cases; never to others */
};
MUST_USE enum fault manage_show(struct conduct *conduct, const struct matter_page *page);

/* The open ones of a kind. */
struct matters_page {
    enum event event;
    enum matter_kind kind;
    struct str (*state_words)(const struct matter *matter);
};
MUST_USE enum fault manage_list(struct conduct *conduct, const struct matters_page *page);

/* Enters and runs a write on the matter of the path; `job` finds the conduct and what it needs in `context`.
 * FAULT_CONFLICT, FAULT_REFUSED and FAULT_ABSENT are entered as refusals. */
MUST_USE enum fault manage_write(struct conduct *conduct, enum event event, db_job job, void *context);

/* Inside the entry's transaction of a request about the child of the path: its state is what was decided on,
 * and the reason covers it from now on (R5.1).  `context` is the conduct. */
MUST_USE enum fault manage_cover(struct db_tx *tx, void *context);

/* The page of the shield of the path, once more, with what was wrong in a form of it. */
MUST_USE enum fault manage_shield_again(struct conduct *conduct);

/* How many alarms outside matters wait for the caller, at most ALARM_LIST_MAX. */
MUST_USE enum fault alarms_waiting(struct db_tx *tx, struct conduct *conduct,
                                   struct matter_counts *ret_counts);

/* Each minute, by one server: what is overdue, whose time has run out, what travels with its child. */
MUST_USE enum fault manage_keep(struct service *service);

#endif
