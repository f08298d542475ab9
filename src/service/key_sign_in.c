/* Signing in and stepping up with a security key (security.md §3). */
#include "access/account_life.h"
#include "registry/alarm.h"
#include "service/signing.h"

static const int64_t frozen_due_s = 3600;

static struct child_id nobody(void)
{
    return (struct child_id){{{0}}};
}

/* As it was sent: base64url has no blanks to trim. */
struct key_answer signing_answer(const struct conduct *conduct)
{
    return (struct key_answer){.credential = conduct_field(conduct, "credential"),
                               .client_data = conduct_field(conduct, "client_data"),
                               .authenticator_data = conduct_field(conduct, "authenticator_data"),
                               .signature = conduct_field(conduct, "signature"),
                               .user_handle = conduct_field(conduct, "user_handle"),
                               .attestation = conduct_field(conduct, "attestation")};
}

struct offer_job {
    struct conduct *conduct;
    struct key_view view;
};

static enum fault offer_sign_in(struct db_tx *tx, void *context)
{
    struct offer_job *job = context;
    const struct ask *ask = job->conduct->ask;
    return access_key_offer(job->conduct->service->access, tx, ask->ticket, ask->origin, job->conduct->arena,
                            &job->view);
}

static enum fault offer_step_up(struct db_tx *tx, void *context)
{
    struct offer_job *job = context;
    return access_step_up_offer(job->conduct->service->access, tx, &job->conduct->caller,
                                job->conduct->ask->origin, job->conduct->arena, &job->view);
}

enum fault signing_offer(struct conduct *conduct, const struct key_view *view)
{
    struct key_view *kept = arena_take(conduct->arena, sizeof *kept);
    if (kept == NULL)
        return FAULT_MEMORY;
    *kept = *view;
    conduct->answer->key = kept;
    return FAULT_NONE;
}

enum fault do_sign_in_key_begin(struct conduct *conduct)
{
    struct offer_job job = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    TRY(entries_add(conduct, &entries, EVENT_CHALLENGE_GIVEN, nobody(), NULL, 0));
    TRY(conduct_commit(conduct, &entries, offer_sign_in, &job));
    TRY(signing_offer(conduct, &job.view));
    TRY(signing_roles(conduct));
done:
    return fault;
}

/* What came of a key's answer: kept where right, entered as a refusal where not, both in one transaction. */
struct answer_job {
    struct conduct *conduct;
    const struct key_verdict *verdict;
    enum role role;
    bool step_up;
    struct key_use use;
    enum fault used;
    struct entries right;
    struct entries wrong;
    struct audit_place last;
};

/* Two of one key: somebody has copied it (case 8).  Whoever makes accounts of that organisation must look. */
static enum fault raise_frozen(struct db_tx *tx, const struct answer_job *job)
{
    struct service *service = job->conduct->service;
    struct arena *arena = job->conduct->arena;
    struct account account = {0};
    struct organisation organisation = {.authority = STR("")};
    enum fault fault = access_account_get(service->access, tx, job->verdict->account, arena, &account);
    if (fault == FAULT_NONE && !id_is_zero(account.organisation.id))
        fault = access_organisation_get(service->access, tx, account.organisation, arena, &organisation);
    if (fault != FAULT_NONE)
        return fault;
    const struct alarm alarm = {.kind = ALARM_KEY_FROZEN,
                                .addressed = ROLE_user_manager,
                                .authority = organisation.authority,
                                .due_in = seconds(frozen_due_s),
                                .account = job->verdict->account,
                                .detail = STR("A security key's counter did not rise: there may be a copy of "
                                              "it. The key is frozen.")};
    return alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, job->conduct->now, &alarm);
}

static enum fault use_answer(struct db_tx *tx, void *context)
{
    struct answer_job *job = context;
    struct conduct *conduct = job->conduct;
    struct access *access = conduct->service->access;
    enum fault fault;
    job->used = job->step_up
                    ? access_step_up(access, tx, job->verdict, &conduct->caller, conduct->arena, &job->use)
                    : access_key_session_start(access, tx, job->verdict, conduct->ask->ticket, job->role,
                                               conduct->arena, &job->use);
    if (job->used != FAULT_NONE && job->used != FAULT_SIGN_IN)
        return job->used;
    if (job->use.frozen) {
        TRY(raise_frozen(tx, job));
        TRY(signing_tell(
            conduct, tx, job->verdict->account,
            STR("A security key of yours was frozen: its counter did not rise, so there may be a copy of "
                "it. Tell your user manager, and set up anew how you sign in.")));
    }
    struct entries *kept = job->used == FAULT_NONE ? &job->right : &job->wrong;
    TRY(entries_append(conduct, kept, tx));
    job->last = kept->last;
done:
    return fault;
}

static enum fault commit_answer(struct answer_job *job)
{
    struct conduct *conduct = job->conduct;
    enum fault fault;
    TRY(entries_add(conduct, &job->right, job->step_up ? EVENT_STEPPED_UP : EVENT_SIGNED_IN, nobody(), NULL,
                    0));
    conduct->answer->fault = FAULT_SIGN_IN;
    TRY(entries_add(conduct, &job->wrong, EVENT_REFUSED, nobody(), NULL, 0));
    TRY(db_write(conduct->service->db, DB_FOREGROUND, use_answer, job));
    audit_released(conduct->service->audit, job->last);
    conduct->entered = true;
    conduct->answer->fault = FAULT_NONE;
    if (job->used == FAULT_NONE)
        conduct->answer->cookie = job->use.cookie;
    else
        access_sign_in_failed(conduct->service->access, conduct->ask->source, (struct organisation_id){0});
    fault = job->used;
done:
    return fault;
}

enum fault do_sign_in_key(struct conduct *conduct)
{
    struct key_verdict verdict = {.right = false};
    struct answer_job job = {.conduct = conduct, .verdict = &verdict};
    const struct key_answer answer = signing_answer(conduct);
    enum fault fault;
    TRY(signing_wait(conduct));
    TRY(access_key_check(conduct->service->access, conduct->ask->ticket, conduct->ask->origin, &answer,
                         &verdict));
    job.role = policy_role_of(conduct_field(conduct, "role"));
    conduct->caller.account.account = verdict.account;
    conduct->caller.role = job.role;
    TRY(commit_answer(&job));
    conduct->answer->role = job.role;
    TRY(signing_terms(conduct, verdict.account));
done:
    return fault;
}

enum fault do_step_up_page(struct conduct *conduct)
{
    return signing_show(conduct, EVENT_FORM_SHOWN);
}

/* R4.1: a key proves one of two people, and they are as strong as the weaker; the entry names both. */
static enum fault refuse_mediated(struct conduct *conduct)
{
    return conduct_refuse(conduct, REFUSAL_NONE, FAULT_REFUSED);
}

enum fault do_step_up_begin(struct conduct *conduct)
{
    struct offer_job job = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    if (conduct->caller.mediated)
        return refuse_mediated(conduct);
    TRY(entries_add(conduct, &entries, EVENT_CHALLENGE_GIVEN, nobody(), NULL, 0));
    TRY(conduct_commit(conduct, &entries, offer_step_up, &job));
    job.view.back = conduct_field(conduct, "back");
    TRY(signing_offer(conduct, &job.view));
done:
    return fault;
}

enum fault do_step_up(struct conduct *conduct)
{
    struct key_verdict verdict = {.right = false};
    struct answer_job job = {.conduct = conduct, .verdict = &verdict, .step_up = true};
    const struct key_answer answer = signing_answer(conduct);
    enum fault fault;
    if (conduct->caller.mediated)
        return refuse_mediated(conduct);
    TRY(signing_wait(conduct));
    TRY(access_step_up_check(conduct->service->access, &conduct->caller, conduct->ask->origin, &answer,
                             &verdict));
    conduct->caller.touch_due = false; /* the session goes on under another id */
    TRY(commit_answer(&job));
done:
    return fault == FAULT_SIGN_IN ? FAULT_REFUSED : fault;
}
