/* TOUR 2: every request passes here, in this order and no other: caller, form, permit, finding, view held,
 * entry committed, view released. */
#include <time.h>

#include "base/log.h"
#include "registry/authority.h"
#include "service/gather.h"
#include "service/looks.h"
#include "service/manage.h"
#include "service/operations.h"

struct str conduct_field(const struct conduct *conduct, const char *name)
{
    for (size_t i = 0; i < conduct->ask->field_count; i++)
        if (str_equal(conduct->ask->fields[i].name, str_of(name)))
            return str_trim(conduct->ask->fields[i].value);
    return (struct str){"", 0};
}

void conduct_error(struct conduct *conduct, const char *field, const char *text)
{
    struct answer *answer = conduct->answer;
    for (uint8_t i = 0; i < answer->error_count; i++)
        if (strcmp(answer->errors[i].field, field) == 0)
            return; /* one message a field is enough */
    if (answer->error_count < FIELD_ERRORS_MAX)
        answer->errors[answer->error_count++] = (struct field_error){field, text};
}

bool conduct_says_something(struct str text)
{
    enum { CODE_POINTS_MIN = 10 };
    if (str_code_points(text) < CODE_POINTS_MIN)
        return false;
    size_t same = 0;
    for (size_t i = 1; i < text.len; i++)
        same += text.at[i] == text.at[0];
    return same + 1 < text.len;
}

/* Declared longest and required fields; what a type means is checked where it is read. */
static void check_form(struct conduct *conduct)
{
    size_t count;
    const struct input_row *inputs = policy_inputs(conduct->ask->operation, &count);
    for (size_t i = 0; i < count; i++) {
        struct str value = conduct_field(conduct, inputs[i].field);
        if (value.len > inputs[i].bytes_max)
            conduct_error(conduct, inputs[i].field, "Shorten this: it is longer than the service accepts");
        else if (inputs[i].required && value.len == 0)
            conduct_error(conduct, inputs[i].field, "Enter this: it is needed");
    }
}

void conduct_display(struct conduct *conduct, const struct permit *permit)
{
    conduct->display = vault_for_display(conduct->service->vault, permit);
}

enum fault entries_add(struct conduct *conduct, struct entries *entries, enum event event,
                       struct child_id child, const struct wrapped_key *child_key, field_mask shown)
{
    struct audit_event entry = {.event = event,
                                .operation = conduct->ask->operation,
                                .role = conduct->caller.role,
                                .actor = conduct->caller.account.account,
                                .on_behalf_of = conduct->caller.other.account,
                                .source = conduct->ask->source,
                                .at = conduct->now,
                                .act = conduct->act,
                                .reason = conduct->reason,
                                .reason_text = conduct->reason_text,
                                .asked = conduct->asked,
                                .child = child,
                                .refusal = conduct->answer->refusal,
                                .fault = conduct->answer->fault};
    enum fault fault;
    must(entries->count < ENTRIES_MAX);
    TRY(disclose_shown(shown, conduct->arena, &entry.shown));
    TRY(audit_seal(conduct->service->audit, &entry, child_key, conduct->arena,
                   &entries->sealed[entries->count]));
    entries->count++;
done:
    return fault;
}

enum fault entries_append(struct conduct *conduct, struct entries *entries, struct db_tx *tx)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < entries->count; i++)
        if (entries->sealed[i] != NULL)
            TRY(audit_append(conduct->service->audit, tx, entries->sealed[i], &entries->last));
    if (conduct->caller.signed_in && conduct->caller.touch_due)
        TRY(access_session_touch(conduct->service->access, tx, &conduct->caller));
done:
    return fault;
}

struct commit_job {
    struct conduct *conduct;
    struct entries *entries;
    db_job work;
    void *context;
};

static enum fault commit(struct db_tx *tx, void *context)
{
    const struct commit_job *job = context;
    enum fault fault = FAULT_NONE;
    job->entries->last = (struct audit_place){0};
    job->conduct->noting = (struct noting){.changes = &job->conduct->service->changes};
    if (job->work != NULL)
        TRY(job->work(tx, job->context));
    TRY(access_session_wrote(job->conduct->service->access, tx, &job->conduct->caller,
                             &job->conduct->noting.mark));
    TRY(entries_append(job->conduct, job->entries, tx));
done:
    return fault;
}

enum fault conduct_commit(struct conduct *conduct, struct entries *entries, db_job work, void *context)
{
    struct commit_job job = {conduct, entries, work, context};
    enum fault fault = db_write(conduct->service->db, DB_FOREGROUND, commit, &job);
    if (fault == FAULT_NONE && entries->last.number > 0) {
        audit_released(conduct->service->audit, entries->last);
        conduct->entered = true;
    }
    return fault;
}

enum fault conduct_enter(struct conduct *conduct, enum event event, db_job work, void *context)
{
    struct entries entries = {0};
    enum fault fault = entries_add(conduct, &entries, event, (struct child_id){{{0}}}, NULL, 0);
    return fault == FAULT_NONE ? conduct_commit(conduct, &entries, work, context) : fault;
}

enum fault conduct_refuse(struct conduct *conduct, enum refusal refusal, enum fault why)
{
    struct entries entries = {0};
    enum fault fault;
    conduct->answer->refusal = refusal;
    conduct->answer->fault = why;
    if (conduct->asked.len == 0 && conduct->ask->path_id_count > 0) {
        struct buffer id =
            buffer_open(64); /* which record or search was asked for, whether it exists or not */
        id_put(&id, conduct->ask->path_ids[0]);
        fault = buffer_fault(&id);
        if (fault == FAULT_NONE)
            fault = arena_copy(conduct->arena, buffer_str(&id), &conduct->asked);
        buffer_close(&id);
        TRY(fault);
    }
    TRY(entries_add(conduct, &entries, EVENT_REFUSED, (struct child_id){{{0}}}, NULL, 0));
    TRY(conduct_commit(conduct, &entries, looks_guessed(conduct, refusal) ? looks_count_guess : NULL,
                       conduct));
    fault = why;
done:
    return fault;
}

static enum fault perform(struct conduct *conduct)
{
    switch (conduct->ask->operation) {
    case OP_home:
    case OP_sign_in_page:
    case OP_enrol_page:
        return FAULT_NONE;
    case OP_sign_in_password:
        return do_sign_in_password(conduct);
    case OP_sign_in_code_page:
        return do_sign_in_code_page(conduct);
    case OP_sign_in_code:
        return do_sign_in_code(conduct);
    case OP_sign_in_key_begin:
        return do_sign_in_key_begin(conduct);
    case OP_sign_in_key:
        return do_sign_in_key(conduct);
    case OP_enrol_ask:
        return do_enrol_ask(conduct);
    case OP_enrol_status:
        return do_enrol_status(conduct);
    case OP_enrol_choose:
        return do_enrol_choose(conduct);
    case OP_enrol_key_begin:
        return do_enrol_key_begin(conduct);
    case OP_enrol_key:
        return do_enrol_key(conduct);
    case OP_enrolment_approve:
        return do_enrolment_approve(conduct);
    case OP_sign_out_everywhere:
        return do_sign_out_everywhere(conduct);
    case OP_step_up_page:
        return do_step_up_page(conduct);
    case OP_step_up_begin:
        return do_step_up_begin(conduct);
    case OP_step_up:
        return do_step_up(conduct);
    case OP_security_view:
        return do_security_view(conduct);
    case OP_key_page:
        return do_key_page(conduct);
    case OP_key_ask:
        return do_key_ask(conduct);
    case OP_key_begin:
        return do_key_begin(conduct);
    case OP_key_add:
        return do_key_add(conduct);
    case OP_key_remove:
        return do_key_remove(conduct);
    case OP_role_change:
        return do_role_change(conduct);
    case OP_terms_page:
        return do_terms_page(conduct);
    case OP_terms_accept:
        return do_terms_accept(conduct);
    case OP_sign_out:
        return do_sign_out(conduct);
    case OP_find_page:
        return do_find_page(conduct);
    case OP_child_find:
        return do_child_find(conduct);
    case OP_child_results:
        return do_child_results(conduct);
    case OP_child_reason:
        return do_child_reason(conduct);
    case OP_child_view:
        return do_child_view(conduct);
    case OP_child_details:
        return do_child_details(conduct);
    case OP_involvement_page:
        return do_involvement_page(conduct);
    case OP_involvement_record:
        return do_involvement_record(conduct);
    case OP_involvement_view:
        return do_involvement_view(conduct);
    case OP_involvement_end:
        return do_involvement_end(conduct);
    case OP_consent_withdraw:
        return do_consent_withdraw(conduct);
    case OP_account_view:
        return do_account_view(conduct);
    case OP_staff_facts_give:
        return do_staff_facts_give(conduct);
    case OP_user_list:
        return do_user_list(conduct);
    case OP_user_filter:
        return do_user_filter(conduct);
    case OP_user_request_page:
        return do_user_request_page(conduct);
    case OP_user_request:
        return do_user_request(conduct);
    case OP_user_view:
        return do_user_view(conduct);
    case OP_user_check:
        return do_user_check(conduct);
    case OP_user_admit:
        return do_user_admit(conduct);
    case OP_user_suspend:
        return do_user_suspend(conduct);
    case OP_user_reinstate:
        return do_user_reinstate(conduct);
    case OP_user_roles:
        return do_user_roles(conduct);
    case OP_user_close:
        return do_user_close(conduct);
    case OP_user_key_page:
        return do_user_key_page(conduct);
    case OP_user_key_revoke:
        return do_user_key_revoke(conduct);
    case OP_organisation_list:
        return do_organisation_list(conduct);
    case OP_organisation_filter:
        return do_organisation_filter(conduct);
    case OP_organisation_create_page:
        return do_organisation_create_page(conduct);
    case OP_organisation_create:
        return do_organisation_create(conduct);
    case OP_organisation_view:
        return do_organisation_view(conduct);
    case OP_organisation_change:
        return do_organisation_change(conduct);
    case OP_reasons_view:
        return do_reasons_view(conduct);
    case OP_policy_view:
        return do_policy_view(conduct);
    case OP_mediate_page:
        return do_mediate_page(conduct);
    case OP_mediate:
        return do_mediate(conduct);
    case OP_mediate_end:
        return do_mediate_end(conduct);
    case OP_more_page:
        return do_more_page(conduct);
    case OP_more_ask:
        return do_more_ask(conduct);
    case OP_approval_list:
        return do_approval_list(conduct);
    case OP_approval_view:
        return do_approval_view(conduct);
    case OP_approval_decide:
        return do_approval_decide(conduct);
    case OP_shield_page:
        return do_shield_page(conduct);
    case OP_shield_request:
        return do_shield_request(conduct);
    case OP_override_page:
        return do_override_page(conduct);
    case OP_shield_override:
        return do_shield_override(conduct);
    case OP_override_end:
        return do_override_end(conduct);
    case OP_alarm_list:
        return do_alarm_list(conduct);
    case OP_alarm_view:
        return do_alarm_view(conduct);
    case OP_alarm_close:
        return do_alarm_close(conduct);
    case OP_manage_home:
        return do_manage_home(conduct);
    case OP_shield_list:
        return do_shield_list(conduct);
    case OP_shield_view:
        return do_shield_view(conduct);
    case OP_shield_decide:
        return do_shield_decide(conduct);
    case OP_shield_review:
        return do_shield_review(conduct);
    case OP_shield_lift:
        return do_shield_lift(conduct);
    case OP_shield_second:
        return do_shield_second(conduct);
    case OP_override_list:
        return do_override_list(conduct);
    case OP_override_view:
        return do_override_view(conduct);
    case OP_override_decide:
        return do_override_decide(conduct);
    case OP_seal_ask:
        return do_seal_ask(conduct);
    case OP_seal_list:
        return do_seal_list(conduct);
    case OP_seal_view:
        return do_seal_view(conduct);
    case OP_seal_second:
        return do_seal_second(conduct);
    case OP_seal_open:
        return do_seal_open(conduct);
    case OP_ask_page:
        return do_ask_page(conduct);
    case OP_ask_send:
        return do_ask_send(conduct);
    case OP_message_list:
        return do_message_list(conduct);
    case OP_message_view:
        return do_message_view(conduct);
    case OP_message_answer:
        return do_message_answer(conduct);
    case OP_request_list:
        return do_request_list(conduct);
    case OP_request_view:
        return do_request_view(conduct);
    case OP_request_pass:
        return do_request_pass(conduct);
    case OP_request_answer:
        return do_request_answer(conduct);
    case OP_case_list:
        return do_case_list(conduct);
    case OP_case_more:
        return do_case_more(conduct);
    case OP_case_view:
        return do_case_view(conduct);
    case OP_case_decide:
        return do_case_decide(conduct);
    case OP_child_merge:
        return do_child_merge(conduct);
    case OP_child_split:
        return do_child_split(conduct);
    case OP_administrator_first: /* commands of their own, in staff.c, load.c, duplicates.c and keys.c */
    case OP_administrator_codes:
    case OP_administrator_approve:
    case OP_account_create:
    case OP_account_suspend:
    case OP_feed_load:
    case OP_duplicates_seek:
    case OP_model_train:
    case OP_match_explain:
    case OP_vault_give:
    case OP_vault_rotate:
    case OP_NONE:
    case OPERATIONS_END:
        break;
    }
    return FAULT_MALFORMED;
}

/* The search form's list of areas. */
static enum fault offer_authorities(struct conduct *conduct)
{
    struct answer *answer = conduct->answer;
    size_t count;
    const struct authority *all = authority_all(&count);
    struct authority_view *choices = arena_take_array(conduct->arena, count, sizeof *choices);
    if (choices == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < count; i++)
        choices[i] = (struct authority_view){str_of(all[i].code), str_of(all[i].name)};
    answer->authorities = choices;
    answer->authority_count = count;
    return FAULT_NONE;
}

/* An operation that broke off shows nothing, and is entered too; not where the store or the machine is at its
 * end, for an entry would only make that worse. */
static enum fault enter_failure(struct conduct *conduct, enum fault why)
{
    bool at_its_end = why == FAULT_BUSY || why == FAULT_MEMORY || why == FAULT_STORAGE ||
                      why == FAULT_CANCELLED || why == FAULT_FENCED || why == FAULT_CLOSED;
    if (why == FAULT_NONE || at_its_end || conduct->entered ||
        policy_operation(conduct->ask->operation)->event == EVENT_UNRECORDED)
        return why;
    return conduct_refuse(conduct, REFUSAL_NONE, why);
}

/* What every page carries: who is signed in, the token of its forms. */
static enum fault dress(struct conduct *conduct)
{
    struct answer *answer = conduct->answer;
    answer->signed_in = conduct->caller.signed_in;
    if (conduct->caller.signed_in) {
        answer->role = conduct->caller.role;
        answer->caller_name = conduct->caller.account.full_name;
        answer->may_mediate = !conduct->caller.mediated && policy_may(conduct->caller.role, OP_mediate) &&
                              gather_capability_held(OP_mediate, &conduct->caller);
        if (conduct->caller.mediated)
            answer->mediated_for = conduct->caller.other.full_name;
    }
    if (conduct->caller.signed_in &&
        (conduct->ask->operation == OP_find_page || conduct->ask->operation == OP_child_find)) {
        enum fault fault = offer_authorities(conduct);
        if (fault != FAULT_NONE)
            return fault;
    }
    return access_form_token(conduct->service->access, gather_token_key(conduct), conduct->arena,
                             &answer->form_token);
}

/* A matter's page with what was wrong in one of its forms. */
static bool shows_its_matter(enum operation operation)
{
    const struct operation_row *row = policy_operation(operation);
    return row->subject == SUBJECT_MATTER && row->method == METHOD_POST;
}

/* Forms that come back with more than their fields read what is wrong with them themselves. */
static bool refuses_its_form(enum operation operation)
{
    const struct operation_row *row = policy_operation(operation);
    if (row->subject == SUBJECT_STAFF && row->door == DOOR_WEB)
        return operation != OP_enrolment_approve;
    return operation == OP_staff_facts_give || operation == OP_child_find || operation == OP_sign_in_code ||
           operation == OP_enrol_choose || operation == OP_involvement_record ||
           operation == OP_involvement_end || operation == OP_more_ask || operation == OP_ask_send ||
           operation == OP_message_answer || operation == OP_shield_request ||
           operation == OP_shield_override || shows_its_matter(operation);
}

static enum fault run(struct conduct *conduct)
{
    struct facts facts;
    enum fault fault;
    if (conduct->ask->cookie.len > 0 && vault_is_alive(conduct->service->vault))
        TRY(db_read(conduct->service->db, gather_read, conduct));
    if (gather_looks_at_children(
            conduct)) /* never older than what this caller wrote last, wherever that was */
        TRY(follow_to(conduct->service->follow, &conduct->caller.wrote));
    TRY(manage_leave_override(conduct));
    check_form(conduct);
    facts = gather_facts(conduct);
    conduct->decision = decide(&facts);
    TRY(dress(conduct));
    if (!conduct->decision.permitted) {
        if (conduct->decision.refusal == REFUSAL_REASON)
            conduct_error(conduct, conduct->reason == REASON_NONE ? "reason" : "reason_text",
                          conduct->reason == REASON_NONE ? "Choose why you are looking"
                                                         : "Say in a few words why you are looking");
        if (conduct->ask->operation == OP_child_find && conduct->decision.refusal == REFUSAL_REASON) {
            struct match_query unused = {0};
            (void)!find_read_form(conduct, &unused); /* so that all errors show at once */
        }
        return conduct_refuse(conduct, conduct->decision.refusal, conduct->decision.fault);
    }
    if (conduct->answer->error_count > 0 && !refuses_its_form(conduct->ask->operation))
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    TRY(manage_offer(conduct));
    fault = enter_failure(conduct, perform(conduct));
done:
    return fault;
}

void conduct_leave(struct conduct *conduct)
{
    if (conduct->under_way)
        follow_leave(conduct->service->follow, &conduct->guest);
    conduct->under_way = false;
}

/* Case 75: without the keeper only those pages are shown that are the same for everybody. */
static bool needs_the_keeper(const struct conduct *conduct)
{
    const struct operation_row *row = policy_operation(conduct->ask->operation);
    return row->strength != STRENGTH_PUBLIC || row->event != EVENT_UNRECORDED;
}

/* architecture.md §6: whoever hides a child waits for those who may have found it before. */
static enum fault run_in_epoch(struct conduct *conduct)
{
    if (atomic_load(&conduct->service->fenced))
        return FAULT_FENCED;
    if (needs_the_keeper(conduct) && !vault_is_alive(conduct->service->vault))
        return FAULT_CLOSED;
    conduct->under_way = gather_looks_at_children(conduct);
    if (conduct->under_way)
        follow_enter(conduct->service->follow, &conduct->guest);
    enum fault fault = run(conduct);
    conduct_leave(conduct);
    return fault;
}

/* What a record holds and does not show takes time to read all the same, some tens of microseconds: its
 * answers leave at the next whole beat since they were asked for, so that a stopwatch does not tell how much
 * that is (R5.5). */
static void await_beat(const struct service *service, enum operation operation, int64_t asked_us)
{
    const struct operation_row *row = policy_operation(operation);
    if (service->beat_us == 0 || row->subject != SUBJECT_CHILD || row->door != DOOR_WEB)
        return;
    const int64_t left_us = service->beat_us - (clock_monotonic_us() - asked_us) % service->beat_us;
    const struct timespec left = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
    (void)nanosleep(&left, NULL);
}

enum fault service_conduct(struct service *service, const struct ask *ask, struct arena *arena,
                           struct answer **ret_answer)
{
    struct answer *answer = arena_take(arena, sizeof *answer);
    must(answer != NULL); /* a request's arena always has room for its answer */
    struct conduct conduct = {.service = service, .ask = ask, .arena = arena, .answer = answer};
    conduct.now = clock_now(service->clock);
    conduct.act = id_new(service->entropy);
    answer->reference = conduct.act;
    answer->demonstration = service->demonstration;
    const int64_t asked_us = clock_monotonic_us();
    enum fault fault = run_in_epoch(&conduct);
    await_beat(service, ask->operation, asked_us);
    if (fault == FAULT_FENCED)
        service_fence(service);
    answer->fault = fault;
    if (fault_status(fault) >= 500)
        log_event("failed", LOG_LITERAL("operation", policy_operation(ask->operation)->name),
                  LOG_FAULT("fault", fault), LOG_ID("reference", answer->reference));
    *ret_answer = answer;
    return fault;
}
