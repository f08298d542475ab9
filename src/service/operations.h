/* What each operation does once it is permitted: finds, writes its entries, and fills the answer after they
 * are durable. One function per operation that the conductor dispatches to. */
#ifndef SERVICE_OPERATIONS_H
#define SERVICE_OPERATIONS_H

#include "service/inside.h"

MUST_USE enum fault do_sign_in_password(struct conduct *conduct);
MUST_USE enum fault do_sign_in_code_page(struct conduct *conduct);
MUST_USE enum fault do_sign_in_code(struct conduct *conduct);
MUST_USE enum fault do_sign_out(struct conduct *conduct);
MUST_USE enum fault do_find_page(struct conduct *conduct);
MUST_USE enum fault do_child_find(struct conduct *conduct);
MUST_USE enum fault do_child_results(struct conduct *conduct);
MUST_USE enum fault do_child_reason(struct conduct *conduct);
MUST_USE enum fault do_child_view(struct conduct *conduct);
MUST_USE enum fault do_child_details(struct conduct *conduct);
MUST_USE enum fault do_involvement_page(struct conduct *conduct);
MUST_USE enum fault do_involvement_record(struct conduct *conduct);
MUST_USE enum fault do_involvement_view(struct conduct *conduct);
MUST_USE enum fault do_involvement_end(struct conduct *conduct);
MUST_USE enum fault do_account_view(struct conduct *conduct);
MUST_USE enum fault do_case_list(struct conduct *conduct);
MUST_USE enum fault do_case_view(struct conduct *conduct);
MUST_USE enum fault do_case_decide(struct conduct *conduct);
MUST_USE enum fault do_child_merge(struct conduct *conduct);
MUST_USE enum fault do_child_split(struct conduct *conduct);

/* Reads a search form into the criteria; notes errors in the answer.  FAULT_INVALID where there are any. */
MUST_USE enum fault find_read_form(struct conduct *conduct, struct match_query *query);

/* True where this search, by this caller, finds that child. */
bool find_finds(struct conduct *conduct, const struct match_query *query, struct child_id child);

/* Reads three date boxes `<prefix>_day` … into a day; notes an error under `prefix` where it is impossible.
 * With `partial` a year, or month and year, will do. */
struct day form_day(struct conduct *conduct, const char *prefix, bool partial);

/* Runs `work` (may be NULL) and writes the entries in one transaction; tells the keeper.  After FAULT_NONE
 * the answer may leave. */
MUST_USE enum fault conduct_commit(struct conduct *conduct, struct entries *entries, db_job work,
                                   void *context);

#endif
