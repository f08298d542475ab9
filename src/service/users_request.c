/* A new account: asked for by whoever will manage it, who confirms the need with it (R3.1). */
#include "service/users.h"

struct request_job {
    struct conduct *conduct;
    struct account_order order;
    struct organisation organisation; /* zero: none */
    struct account_id made;
};

/* Whose the new account will be: the manager's own organisation, or the one that an administrator's form
 * names. */
static enum fault choose_organisation(struct conduct *conduct, struct organisation_id *ret_organisation)
{
    struct str text = conduct_field(conduct, "organisation");
    if (conduct->caller.role == ROLE_user_manager) {
        *ret_organisation = conduct->caller.account.organisation;
        return FAULT_NONE;
    }
    *ret_organisation = (struct organisation_id){{{0}}};
    if (text.len > 0 && !id_parse(text, &ret_organisation->id))
        return FAULT_ABSENT;
    return FAULT_NONE;
}

static enum fault read_organisation(struct db_tx *tx, void *context)
{
    struct request_job *job = context;
    struct organisation_id id = job->order.organisation;
    if (id_is_zero(id.id))
        return FAULT_NONE;
    return access_organisation_get(job->conduct->service->access, tx, id, job->conduct->arena,
                                   &job->organisation);
}

/* The form, with the roles that may be given there. */
static enum fault show_form(struct request_job *job)
{
    struct conduct *conduct = job->conduct;
    struct user_view *view = arena_take(conduct->arena, sizeof *view);
    if (view == NULL)
        return FAULT_MEMORY;
    view->account.organisation = job->order.organisation;
    view->organisation_name = job->organisation.name;
    view->offered_count = users_offer(&conduct->caller, &job->organisation, view->offered);
    conduct->answer->user = view;
    return FAULT_NONE;
}

static enum fault begin(struct conduct *conduct, struct request_job *job)
{
    enum fault fault;
    *job = (struct request_job){.conduct = conduct};
    TRY(choose_organisation(conduct, &job->order.organisation));
    TRY(db_read(conduct->service->db, read_organisation, job));
done:
    return fault;
}

enum fault do_user_request_page(struct conduct *conduct)
{
    const struct permit_user_request_page permit = permit_issue_user_request_page(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_request_page);
    struct request_job job;
    enum fault fault;
    TRY(begin(conduct, &job));
    TRY(conduct_enter(conduct, EVENT_FORM_SHOWN, NULL, NULL));
    TRY(show_form(&job));
done:
    return fault;
}

/* A user manager's asking confirms the need; everything else is still to be shown. */
static void read_order(struct request_job *job)
{
    struct conduct *conduct = job->conduct;
    struct account_order *order = &job->order;
    order->full_name = conduct_field(conduct, "full_name");
    order->user_name = conduct_field(conduct, "user_name");
    order->job = conduct_field(conduct, "job");
    order->phone = conduct_field(conduct, "phone");
    order->email = conduct_field(conduct, "email");
    order->role_count = users_form_roles(conduct, order->roles);
    order->checks[CHECK_need] = day_of_instant(conduct->now);
    if (order->role_count == 0)
        conduct_error(conduct, "roles", "Choose at least one role");
    for (size_t i = 0; i < order->role_count; i++)
        if (!users_may_give(&conduct->caller, &job->organisation, order->roles[i]))
            conduct_error(conduct, "roles", "Choose among the roles that are offered");
}

static enum fault insert(struct db_tx *tx, void *context)
{
    struct request_job *job = context;
    return access_account_request(job->conduct->service->access, tx, &job->order, job->conduct->arena,
                                  &job->made);
}

static enum fault refuse_form(struct request_job *job, enum fault why)
{
    enum fault fault = show_form(job);
    return fault == FAULT_NONE ? conduct_refuse(job->conduct, REFUSAL_NONE, why) : fault;
}

enum fault do_user_request(struct conduct *conduct)
{
    const struct permit_user_request permit =
        permit_issue_user_request(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_request);
    struct request_job job;
    struct entries entries = {0};
    enum fault fault;
    TRY(begin(conduct, &job));
    read_order(&job);
    TRY(users_say(conduct, (const struct str[]){STR("account"), job.order.user_name}, 2));
    if (conduct->answer->error_count > 0)
        return refuse_form(&job, FAULT_INVALID);
    TRY(entries_add(conduct, &entries, EVENT_ACCOUNT_REQUESTED, (struct child_id){{{0}}}, NULL, 0));
    fault = conduct_commit(conduct, &entries, insert, &job);
    if (fault == FAULT_INVALID || fault == FAULT_DUPLICATE) {
        conduct_error(conduct, fault == FAULT_DUPLICATE ? "user_name" : "order",
                      users_sentence(conduct, fault_last_note()));
        return refuse_form(&job, fault);
    }
    TRY(fault);
    conduct->answer->recorded = true;
    conduct->answer->made = job.made.id;
done:
    return fault;
}
