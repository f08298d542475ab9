/* Binding secrets to an account, by its holder and a second person (R3.2, cases 11 and 19). */
#include "service/signing.h"
#include "service/users.h"

static struct child_id nobody(void)
{
    return (struct child_id){{{0}}};
}

struct ask_job {
    struct conduct *conduct;
    struct str ticket;
};

static enum fault ask(struct db_tx *tx, void *context)
{
    struct ask_job *job = context;
    return access_enrolment_ask(job->conduct->service->access, tx, job->conduct->asked, job->conduct->arena,
                                &job->ticket);
}

/* Whoever is asked for, the answer is a ticket to the page that shows a code. */
enum fault do_enrol_ask(struct conduct *conduct)
{
    struct ask_job job = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    TRY(signing_wait(conduct));
    conduct->asked = conduct_field(conduct, "user_name");
    TRY(entries_add(conduct, &entries, EVENT_ENROLMENT_ASKED, nobody(), NULL, 0));
    TRY(conduct_commit(conduct, &entries, ask, &job));
    access_sign_in_failed(conduct->service->access, conduct->ask->source, (struct organisation_id){0});
    conduct->answer->ticket = job.ticket;
done:
    return fault;
}

struct view_job {
    struct conduct *conduct;
    struct enrolment_view view;
    struct account_id account;
};

static enum fault read_view(struct db_tx *tx, void *context)
{
    struct view_job *job = context;
    struct conduct *conduct = job->conduct;
    struct access *access = conduct->service->access;
    const struct enrolment_at at = {.ticket = conduct->ask->ticket};
    enum fault fault;
    TRY(access_enrolment_view(access, tx, &at, conduct->arena, &job->view));
    TRY(access_enrolment_account(access, tx, conduct->ask->ticket, conduct->arena, &job->account));
done:
    return fault;
}

/* What the page shows; entries name the account that it is for. */
static enum fault show(struct conduct *conduct)
{
    struct view_job job = {.conduct = conduct};
    struct enrolment_view *view = arena_take(conduct->arena, sizeof *view);
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_view, &job));
    *view = job.view;
    conduct->caller.account.account = job.account;
    conduct->answer->enrolment = view;
done:
    return fault;
}

enum fault do_enrol_status(struct conduct *conduct)
{
    return show(conduct);
}

struct choose_job {
    struct conduct *conduct;
    const struct enrolment_prepared *prepared;
};

static enum fault choose(struct db_tx *tx, void *context)
{
    const struct choose_job *job = context;
    struct conduct *conduct = job->conduct;
    enum fault fault;
    TRY(access_enrolment_choose(conduct->service->access, tx, conduct->ask->ticket, job->prepared,
                                conduct->arena));
    TRY(signing_tell(
        conduct, tx, conduct->caller.account.account,
        STR("How you sign in was set up anew: password, PIN and token. What you had before, security "
            "keys too, works no longer. If this was not you, tell your user manager at once.")));
done:
    return fault;
}

/* A secret is taken as typed, blanks and all. */
static struct str secret(const struct conduct *conduct, const char *name)
{
    for (size_t i = 0; i < conduct->ask->field_count; i++)
        if (str_equal(conduct->ask->fields[i].name, str_of(name)))
            return conduct->ask->fields[i].value;
    return (struct str){"", 0};
}

static enum fault prepare(struct conduct *conduct, struct enrolment_prepared **ret_prepared)
{
    const struct enrolment_choice choice = {.password = secret(conduct, "password"),
                                            .again = secret(conduct, "again"),
                                            .pin = secret(conduct, "pin"),
                                            .code = secret(conduct, "code")};
    const char *field = NULL;
    enum fault fault = access_enrolment_prepare(conduct->service->access, conduct->ask->ticket, &choice,
                                                conduct->arena, ret_prepared, &field);
    if (fault == FAULT_INVALID && field != NULL) {
        conduct_error(conduct, field, users_sentence(conduct, fault_last_note()));
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    }
    return fault;
}

enum fault do_enrol_choose(struct conduct *conduct)
{
    struct enrolment_prepared *prepared = NULL;
    struct choose_job job = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    TRY(show(conduct)); /* the page again, where something is wrong */
    if (conduct->answer->error_count > 0)
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    TRY(prepare(conduct, &prepared));
    job.prepared = prepared;
    TRY(entries_add(conduct, &entries, EVENT_SECRETS_CHOSEN, nobody(), NULL, 0));
    TRY(conduct_commit(conduct, &entries, choose, &job));
    conduct->answer->recorded = true;
done:
    return fault;
}

enum fault do_enrol_key_begin(struct conduct *conduct)
{
    const struct enrolment_at at = {.ticket = conduct->ask->ticket};
    enum fault fault;
    TRY(show(conduct));
    TRY(signing_offer_new(conduct, &at));
done:
    return fault;
}

enum fault do_enrol_key(struct conduct *conduct)
{
    const struct enrolment_at at = {.ticket = conduct->ask->ticket};
    enum fault fault;
    TRY(show(conduct));
    TRY(signing_register(conduct, &at));
done:
    return fault;
}

struct approve_job {
    struct conduct *conduct;
    struct str code;
};

static enum fault approve(struct db_tx *tx, void *context)
{
    const struct approve_job *job = context;
    struct conduct *conduct = job->conduct;
    const struct account_id asked = {conduct->ask->path_ids[0]};
    struct account account;
    enum fault fault;
    TRY(users_read(tx, conduct, asked, &account));
    if (account.state == ACCOUNT_CLOSED)
        TRY(FAULT_ABSENT);
    TRY(access_enrolment_approve(conduct->service->access, tx, &account, job->code, &conduct->caller.account,
                                 conduct->arena));
    TRY(signing_tell_approved(conduct, tx, account.account));
done:
    return fault;
}

enum fault do_enrolment_approve(struct conduct *conduct)
{
    struct approve_job job = {conduct, conduct_field(conduct, "code")};
    struct entries entries = {0};
    enum fault fault;
    TRY(signing_wait(conduct));
    TRY(entries_add(conduct, &entries, EVENT_ENROLMENT_APPROVED, nobody(), NULL, 0));
    fault = conduct_commit(conduct, &entries, approve, &job);
    if (fault == FAULT_INVALID) {
        conduct_error(conduct, "code", users_sentence(conduct, fault_last_note()));
        access_sign_in_failed(conduct->service->access, conduct->ask->source,
                              conduct->caller.account.organisation);
        TRY(users_show(conduct, (struct account_id){conduct->ask->path_ids[0]}));
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    }
    if (fault == FAULT_NONE)
        conduct->answer->recorded = true;
done:
    return fault;
}
