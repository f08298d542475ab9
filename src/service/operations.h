/* What each operation does once it is permitted: finds, writes its entries, and fills the answer after they
 * are durable. One function per operation that the conductor dispatches to. */
#ifndef SERVICE_OPERATIONS_H
#define SERVICE_OPERATIONS_H

#include "service/inside.h"

MUST_USE enum fault do_sign_in_password(struct conduct *conduct);
MUST_USE enum fault do_sign_in_code_page(struct conduct *conduct);
MUST_USE enum fault do_sign_in_code(struct conduct *conduct);
MUST_USE enum fault do_sign_in_key_begin(struct conduct *conduct);
MUST_USE enum fault do_sign_in_key(struct conduct *conduct);
MUST_USE enum fault do_enrol_ask(struct conduct *conduct);
MUST_USE enum fault do_enrol_status(struct conduct *conduct);
MUST_USE enum fault do_enrol_choose(struct conduct *conduct);
MUST_USE enum fault do_enrol_key_begin(struct conduct *conduct);
MUST_USE enum fault do_enrol_key(struct conduct *conduct);
MUST_USE enum fault do_enrolment_approve(struct conduct *conduct);
MUST_USE enum fault do_sign_out_everywhere(struct conduct *conduct);
MUST_USE enum fault do_step_up_page(struct conduct *conduct);
MUST_USE enum fault do_step_up_begin(struct conduct *conduct);
MUST_USE enum fault do_step_up(struct conduct *conduct);
MUST_USE enum fault do_security_view(struct conduct *conduct);
MUST_USE enum fault do_key_page(struct conduct *conduct);
MUST_USE enum fault do_key_ask(struct conduct *conduct);
MUST_USE enum fault do_key_begin(struct conduct *conduct);
MUST_USE enum fault do_key_add(struct conduct *conduct);
MUST_USE enum fault do_key_remove(struct conduct *conduct);
MUST_USE enum fault do_role_change(struct conduct *conduct);
MUST_USE enum fault do_terms_page(struct conduct *conduct);
MUST_USE enum fault do_terms_accept(struct conduct *conduct);
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
MUST_USE enum fault do_consent_withdraw(struct conduct *conduct);
MUST_USE enum fault do_account_view(struct conduct *conduct);
MUST_USE enum fault do_staff_facts_give(struct conduct *conduct);
MUST_USE enum fault do_user_list(struct conduct *conduct);
MUST_USE enum fault do_user_filter(struct conduct *conduct);
MUST_USE enum fault do_user_request_page(struct conduct *conduct);
MUST_USE enum fault do_user_request(struct conduct *conduct);
MUST_USE enum fault do_user_view(struct conduct *conduct);
MUST_USE enum fault do_user_check(struct conduct *conduct);
MUST_USE enum fault do_user_admit(struct conduct *conduct);
MUST_USE enum fault do_user_suspend(struct conduct *conduct);
MUST_USE enum fault do_user_reinstate(struct conduct *conduct);
MUST_USE enum fault do_user_roles(struct conduct *conduct);
MUST_USE enum fault do_user_close(struct conduct *conduct);
MUST_USE enum fault do_user_key_page(struct conduct *conduct);
MUST_USE enum fault do_user_key_revoke(struct conduct *conduct);
MUST_USE enum fault do_organisation_list(struct conduct *conduct);
MUST_USE enum fault do_organisation_filter(struct conduct *conduct);
MUST_USE enum fault do_organisation_create_page(struct conduct *conduct);
MUST_USE enum fault do_organisation_create(struct conduct *conduct);
MUST_USE enum fault do_organisation_view(struct conduct *conduct);
MUST_USE enum fault do_organisation_change(struct conduct *conduct);
MUST_USE enum fault do_reasons_view(struct conduct *conduct);
MUST_USE enum fault do_policy_view(struct conduct *conduct);
MUST_USE enum fault do_mediate_page(struct conduct *conduct);
MUST_USE enum fault do_mediate(struct conduct *conduct);
MUST_USE enum fault do_mediate_end(struct conduct *conduct);
MUST_USE enum fault do_more_page(struct conduct *conduct);
MUST_USE enum fault do_more_ask(struct conduct *conduct);
MUST_USE enum fault do_approval_list(struct conduct *conduct);
MUST_USE enum fault do_approval_view(struct conduct *conduct);
MUST_USE enum fault do_approval_decide(struct conduct *conduct);
MUST_USE enum fault do_shield_page(struct conduct *conduct);
MUST_USE enum fault do_shield_request(struct conduct *conduct);
MUST_USE enum fault do_override_page(struct conduct *conduct);
MUST_USE enum fault do_shield_override(struct conduct *conduct);
MUST_USE enum fault do_override_end(struct conduct *conduct);
MUST_USE enum fault do_alarm_list(struct conduct *conduct);
MUST_USE enum fault do_alarm_view(struct conduct *conduct);
MUST_USE enum fault do_alarm_close(struct conduct *conduct);
MUST_USE enum fault do_manage_home(struct conduct *conduct);
MUST_USE enum fault do_shield_list(struct conduct *conduct);
MUST_USE enum fault do_shield_view(struct conduct *conduct);
MUST_USE enum fault do_shield_decide(struct conduct *conduct);
MUST_USE enum fault do_shield_review(struct conduct *conduct);
MUST_USE enum fault do_shield_lift(struct conduct *conduct);
MUST_USE enum fault do_shield_second(struct conduct *conduct);
MUST_USE enum fault do_override_list(struct conduct *conduct);
MUST_USE enum fault do_override_view(struct conduct *conduct);
MUST_USE enum fault do_override_decide(struct conduct *conduct);
MUST_USE enum fault do_seal_ask(struct conduct *conduct);
MUST_USE enum fault do_seal_list(struct conduct *conduct);
MUST_USE enum fault do_seal_view(struct conduct *conduct);
MUST_USE enum fault do_seal_second(struct conduct *conduct);
MUST_USE enum fault do_seal_open(struct conduct *conduct);
MUST_USE enum fault do_ask_page(struct conduct *conduct);
MUST_USE enum fault do_ask_send(struct conduct *conduct);
MUST_USE enum fault do_message_list(struct conduct *conduct);
MUST_USE enum fault do_message_view(struct conduct *conduct);
MUST_USE enum fault do_message_answer(struct conduct *conduct);
MUST_USE enum fault do_request_list(struct conduct *conduct);
MUST_USE enum fault do_request_view(struct conduct *conduct);
MUST_USE enum fault do_request_pass(struct conduct *conduct);
MUST_USE enum fault do_request_answer(struct conduct *conduct);
MUST_USE enum fault do_case_list(struct conduct *conduct);
MUST_USE enum fault do_case_more(struct conduct *conduct);
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

/* The same with one entry, which names no child. */
MUST_USE enum fault conduct_enter(struct conduct *conduct, enum event event, db_job work, void *context);

#endif
