/* A session's own affairs: leaving everywhere, another role, what one's sign-in is made of, the terms. */
#include "registry/message.h"
#include "service/signing.h"

enum { TOLD_BYTES_MAX = 1024 };

static struct child_id nobody(void)
{
    return (struct child_id){{{0}}};
}

enum fault signing_show(struct conduct *conduct, enum event event)
{
    struct entries entries = {0};
    enum fault fault;
    TRY(entries_add(conduct, &entries, event, nobody(), NULL, 0));
    TRY(conduct_commit(conduct, &entries, NULL, NULL));
done:
    return fault;
}

enum fault signing_tell(struct conduct *conduct, struct db_tx *tx, struct account_id account, struct str text)
{
    const struct message message = {.recipient = account,
                                    .kind = MESSAGE_ACCOUNT,
                                    .sent = conduct->now,
                                    .cause = account.id,
                                    .number = conduct->now.us,
                                    .text = text};
    return message_send(tx, &conduct->service->messages, &message);
}

enum fault signing_tell_approved(struct conduct *conduct, struct db_tx *tx, struct account_id account)
{
    struct buffer text = buffer_open(TOLD_BYTES_MAX);
    enum fault fault;
    buffer_put(&text, conduct->caller.account.full_name);
    buffer_put(&text,
               STR(" has approved that you change what you sign in with. If you did not ask for it, somebody "
                   "else did: tell your user manager at once."));
    TRY(buffer_fault(&text));
    TRY(signing_tell(conduct, tx, account, buffer_str(&text)));
done:
    buffer_close(&text);
    return fault;
}

static enum fault end_all(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_sign_out_everywhere(conduct->service->access, tx, &conduct->caller.account);
}

enum fault do_sign_out_everywhere(struct conduct *conduct)
{
    struct entries entries = {0};
    enum fault fault;
    TRY(entries_add(conduct, &entries, EVENT_SIGNED_OUT, nobody(), NULL, 0));
    conduct->caller.touch_due = false;
    TRY(conduct_commit(conduct, &entries, end_all, conduct));
    conduct->answer->signed_in = false;
    conduct->answer->recorded = true;
done:
    return fault;
}

struct role_job {
    struct conduct *conduct;
    enum role role;
    struct str cookie;
};

static enum fault change_role(struct db_tx *tx, void *context)
{
    struct role_job *job = context;
    return access_role_change(job->conduct->service->access, tx, &job->conduct->caller, job->role,
                              job->conduct->arena, &job->cookie);
}

/* R2: one acts in one role at a time. */
enum fault do_role_change(struct conduct *conduct)
{
    struct role_job job = {.conduct = conduct, .role = policy_role_of(conduct_field(conduct, "role"))};
    struct entries entries = {0};
    enum fault fault;
    conduct->asked = conduct_field(conduct, "role");
    TRY(entries_add(conduct, &entries, EVENT_ROLE_CHANGED, nobody(), NULL, 0));
    conduct->caller.touch_due = false;
    TRY(conduct_commit(conduct, &entries, change_role, &job));
    conduct->answer->cookie = job.cookie;
    conduct->answer->role = job.role;
done:
    return fault;
}

struct security_job {
    struct conduct *conduct;
    struct security_view *view;
};

static enum fault read_security(struct db_tx *tx, void *context)
{
    struct security_job *job = context;
    return access_security_view(job->conduct->service->access, tx, &job->conduct->caller, job->conduct->arena,
                                job->view);
}

enum fault signing_security(struct conduct *conduct)
{
    const struct account *account = &conduct->caller.account;
    struct security_job job = {conduct, arena_take(conduct->arena, sizeof *job.view)};
    enum fault fault;
    if (job.view == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_security, &job));
    memcpy(conduct->answer->roles, account->roles, sizeof account->roles);
    conduct->answer->role_count = account->role_count;
    conduct->answer->security = job.view;
done:
    return fault;
}

enum fault do_security_view(struct conduct *conduct)
{
    enum fault fault;
    TRY(signing_security(conduct));
    const struct security_view *view = conduct->answer->security;
    conduct->answer->security = NULL; /* held until the entry is durable */
    TRY(signing_show(conduct, EVENT_OWN_ACCOUNT_VIEWED));
    conduct->answer->security = view;
done:
    return fault;
}

struct terms_job {
    struct conduct *conduct;
    struct account_id account;
    bool due;
};

static enum fault read_terms(struct db_tx *tx, void *context)
{
    struct terms_job *job = context;
    return access_terms_due(job->conduct->service->access, tx, job->account, job->conduct->arena, &job->due);
}

enum fault signing_terms(struct conduct *conduct, struct account_id account)
{
    struct terms_job job = {.conduct = conduct, .account = account};
    enum fault fault = db_read(conduct->service->db, read_terms, &job);
    if (fault == FAULT_NONE)
        conduct->answer->terms_due = job.due;
    return fault;
}

enum fault do_terms_page(struct conduct *conduct)
{
    return signing_show(conduct, EVENT_FORM_SHOWN);
}

static enum fault accept_terms(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_terms_accept(conduct->service->access, tx, conduct->caller.account.account);
}

enum fault do_terms_accept(struct conduct *conduct)
{
    struct entries entries = {0};
    enum fault fault;
    if (!str_equal(conduct_field(conduct, "agree"), STR("yes"))) {
        conduct_error(conduct, "agree", "Confirm that you have read this");
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    }
    TRY(entries_add(conduct, &entries, EVENT_TERMS_ACCEPTED, nobody(), NULL, 0));
    TRY(conduct_commit(conduct, &entries, accept_terms, conduct));
    conduct->answer->recorded = true;
done:
    return fault;
}
