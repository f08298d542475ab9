/* One's own account and one's own last looks (R3, R17.1). */
#include "service/operations.h"

enum { LOOKS_MAX = 50 };

struct account_job {
    struct conduct *conduct;
    struct audit_event *events;
    size_t count;
    struct account_view *view;
};

/* A child's name stands in the list only where the caller would still see it on the child's page. */
static enum fault name_of(struct db_tx *tx, struct conduct *conduct, struct child_id id, struct str *ret_name)
{
    struct child *child = NULL;
    struct result_view row;
    const struct match_candidate none = {0};
    const struct disclosure disclosure = {&conduct->caller, conduct->decision.sight, NULL, conduct->now,
                                          conduct->arena};
    enum fault fault = child_read(tx, conduct->service->vault, id, conduct->arena, &child);
    if (fault == FAULT_NONE)
        fault = disclose_result(&disclosure, child, &none, &row);
    if (fault == FAULT_NONE)
        *ret_name = row.name.text;
    return fault == FAULT_ABSENT || fault == FAULT_CORRUPT ? FAULT_NONE : fault;
}

static enum fault read_looks(struct db_tx *tx, void *context)
{
    struct account_job *job = context;
    struct conduct *conduct = job->conduct;
    enum fault fault;
    TRY(audit_own_looks(conduct->service->audit, tx, conduct->caller.account.account, LOOKS_MAX,
                        conduct->arena, &job->events, &job->count));
    job->view->looks = arena_take_array(conduct->arena, job->count + 1, sizeof *job->view->looks);
    if (job->view->looks == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < job->count; i++) {
        const struct audit_event *event = &job->events[i];
        struct look_view *look = &job->view->looks[i];
        look->at = event->at;
        look->what = str_of(policy_operation(event->operation)->help);
        if (event->reason != REASON_NONE)
            look->reason = str_of(policy_reason_label(event->reason));
        if (!id_is_zero(event->child.id))
            TRY(name_of(tx, conduct, event->child, &look->child));
    }
    job->view->look_count = job->count;
done:
    return fault;
}

enum fault do_account_view(struct conduct *conduct)
{
    const struct permit_account_view permit =
        permit_issue_account_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_account_view);
    const struct caller *caller = &conduct->caller;
    struct account_view *view = arena_take(conduct->arena, sizeof *view);
    struct account_job job = {.conduct = conduct, .view = view};
    struct entries entries = {0};
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    *view = (struct account_view){.full_name = caller->account.full_name,
                                  .user_name = caller->account.user_name,
                                  .job = caller->account.job,
                                  .organisation = caller->organisation.name,
                                  .role = str_of(policy_role_label(caller->role)),
                                  .signed_in = caller->started};
    TRY(db_read(conduct->service->db, read_looks, &job));
    TRY(entries_add(conduct, &entries, EVENT_OWN_ACCOUNT_VIEWED, (struct child_id){{{0}}}, NULL, 0));
    TRY(conduct_commit(conduct, &entries, NULL, NULL));
    conduct->answer->account = view;
done:
    return fault;
}
