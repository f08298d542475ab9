/* Signing in by two steps, and out (R3.2; security.md §3). */
#include "service/signing.h"

struct password_job {
    struct conduct *conduct;
    const struct password_verdict *verdict;
    struct str ticket;
};

static enum fault issue_ticket(struct db_tx *tx, void *context)
{
    struct password_job *job = context;
    return access_ticket_issue(job->conduct->service->access, tx, job->verdict, job->conduct->arena,
                               &job->ticket);
}

enum fault signing_wait(struct conduct *conduct)
{
    if (!access_source_waits(conduct->service->access, conduct->ask->source))
        return FAULT_NONE;
    return conduct_refuse(conduct, REFUSAL_NONE, FAULT_TOO_MANY);
}

/* Right or wrong, the same answer: a ticket to the second page. */
enum fault do_sign_in_password(struct conduct *conduct)
{
    struct password_verdict verdict = {0};
    struct password_job job = {conduct, &verdict, {NULL, 0}};
    struct str password = {"", 0};
    enum fault fault;
    for (size_t i = 0; i < conduct->ask->field_count; i++) /* a secret is kept as typed, blanks and all */
        if (str_equal(conduct->ask->fields[i].name, STR("password")))
            password = conduct->ask->fields[i].value;
    TRY(signing_wait(conduct));
    conduct->asked = conduct_field(conduct, "user_name");
    TRY(access_password_check(conduct->service->access, conduct->asked, password, &verdict));
    access_password_offered(conduct->service->access, conduct->ask->source, &verdict);
    conduct->caller.account.account = verdict.account;
    conduct->answer->fault = verdict.right ? FAULT_NONE : FAULT_SIGN_IN; /* for the entry alone */
    TRY(conduct_enter(conduct, EVENT_PASSWORD_OFFERED, issue_ticket, &job));
    conduct->answer->ticket = job.ticket;
done:
    return fault;
}

struct offer_job {
    struct conduct *conduct;
    struct ticket_offer offer;
};

static enum fault read_offer(struct db_tx *tx, void *context)
{
    struct offer_job *job = context;
    return access_ticket_offer(job->conduct->service->access, tx, job->conduct->ask->ticket, &job->offer);
}

static enum fault offer_roles(struct conduct *conduct)
{
    struct offer_job job = {.conduct = conduct};
    enum fault fault;
    TRY(db_read(conduct->service->db, read_offer, &job));
    if (!job.offer.live) {
        fault = FAULT_SIGN_IN;
        goto done;
    }
    memcpy(conduct->answer->roles, job.offer.roles, sizeof conduct->answer->roles);
    conduct->answer->role_count = job.offer.role_count;
done:
    return fault;
}

enum fault signing_roles(struct conduct *conduct)
{
    return offer_roles(conduct);
}

enum fault do_sign_in_code_page(struct conduct *conduct)
{
    return offer_roles(conduct);
}

struct code_job {
    struct conduct *conduct;
    const struct code_verdict *verdict;
    enum role role;
    struct str cookie;
    enum fault started;
};

/* A failure is counted, hence committed, like a success. */
static enum fault start_session(struct db_tx *tx, void *context)
{
    struct code_job *job = context;
    struct conduct *conduct = job->conduct;
    job->started = access_session_start(conduct->service->access, tx, job->verdict, conduct->ask->ticket,
                                        job->role, conduct->arena, &job->cookie);
    return job->started == FAULT_SIGN_IN ? FAULT_NONE : job->started;
}

/* Which of the two prepared entries is kept depends on what the transaction finds. */
struct sign_in_entries {
    struct code_job *job;
    struct entries right;
    struct entries wrong;
    struct audit_place last;
};

static enum fault start_and_enter(struct db_tx *tx, void *context)
{
    struct sign_in_entries *both = context;
    enum fault fault;
    TRY(start_session(tx, both->job));
    struct entries *kept = both->job->started == FAULT_NONE ? &both->right : &both->wrong;
    TRY(entries_append(both->job->conduct, kept, tx));
    both->last = kept->last;
done:
    return fault;
}

enum fault do_sign_in_code(struct conduct *conduct)
{
    struct code_verdict verdict = {0};
    struct code_job job = {.conduct = conduct, .verdict = &verdict};
    struct sign_in_entries both = {.job = &job};
    struct child_id nobody = {{{0}}};
    enum fault fault;
    if (conduct->answer->error_count > 0) {
        fault = conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
        return fault == FAULT_INVALID && offer_roles(conduct) != FAULT_NONE ? FAULT_SIGN_IN : fault;
    }
    TRY(signing_wait(conduct));
    TRY(access_code_check(conduct->service->access, conduct->ask->ticket, conduct_field(conduct, "pin"),
                          conduct_field(conduct, "code"), &verdict));
    job.role = policy_role_of(conduct_field(conduct, "role"));
    conduct->caller.account.account = verdict.account;
    conduct->caller.role = job.role;
    TRY(entries_add(conduct, &both.right, EVENT_SIGNED_IN, nobody, NULL, 0));
    conduct->answer->fault = FAULT_SIGN_IN;
    TRY(entries_add(conduct, &both.wrong, EVENT_REFUSED, nobody, NULL, 0));
    TRY(db_write(conduct->service->db, DB_FOREGROUND, start_and_enter, &both));
    audit_released(conduct->service->audit, both.last);
    conduct->entered = true;
    if (job.started == FAULT_NONE) {
        conduct->answer->cookie = job.cookie;
        conduct->answer->role = job.role;
        return signing_terms(conduct, verdict.account);
    }
    access_sign_in_failed(conduct->service->access, conduct->ask->source, (struct organisation_id){{{0}}});
    fault = offer_roles(conduct); /* the same page again, with one wording for every failure */
    if (fault == FAULT_NONE)
        fault = FAULT_SIGN_IN;
done:
    return fault;
}

static enum fault end_session(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_session_end(conduct->service->access, tx, &conduct->caller);
}

enum fault do_sign_out(struct conduct *conduct)
{
    struct entries entries = {0};
    enum fault fault;
    TRY(entries_add(conduct, &entries, EVENT_SIGNED_OUT, (struct child_id){{{0}}}, NULL, 0));
    conduct->caller.touch_due = false;
    TRY(conduct_commit(conduct, &entries, end_session, conduct));
    conduct->answer->signed_in = false;
    conduct->answer->recorded = true;
done:
    return fault;
}
