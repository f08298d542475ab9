/* One's own security keys: one more beside those that one has, and one less that was lost (R3.2).
 *
 * Adding one takes the proof of a key that one has, and a second person who approves it as they approve
 * whatever else one signs in with; the keys are equals then, and losing one ends that one alone. */
#include "service/signing.h"
#include "service/users.h"

static struct child_id nobody(void)
{
    return (struct child_id){{{0}}};
}

struct key_job {
    struct conduct *conduct;
    const struct enrolment_at *at;
    struct key_view view;
    const struct enrolment_key *key;
    enum fault added;
    struct entries right;
    struct entries wrong;
    struct audit_place last;
};

static enum fault offer(struct db_tx *tx, void *context)
{
    struct key_job *job = context;
    return access_enrolment_key_offer(job->conduct->service->access, tx, job->at, job->conduct->ask->origin,
                                      job->conduct->arena, &job->view);
}

enum fault signing_offer_new(struct conduct *conduct, const struct enrolment_at *at)
{
    struct key_job job = {.conduct = conduct, .at = at};
    struct entries entries = {0};
    enum fault fault;
    TRY(entries_add(conduct, &entries, EVENT_CHALLENGE_GIVEN, nobody(), NULL, 0));
    TRY(conduct_commit(conduct, &entries, offer, &job));
    TRY(signing_offer(conduct, &job.view));
done:
    return fault;
}

/* The challenge is burnt whatever comes of it, so that what is wrong is committed too. */
static enum fault add(struct db_tx *tx, void *context)
{
    struct key_job *job = context;
    struct conduct *conduct = job->conduct;
    enum fault fault;
    job->added = access_enrolment_key_add(conduct->service->access, tx, job->at, job->key, conduct->arena);
    if (job->added != FAULT_NONE && job->added != FAULT_SIGN_IN && job->added != FAULT_DUPLICATE &&
        job->added != FAULT_INVALID)
        return job->added;
    if (job->added == FAULT_NONE)
        TRY(signing_tell(
            conduct, tx, conduct->caller.account.account,
            STR("A security key was registered to your account. If this was not you, tell your user "
                "manager at once.")));
    struct entries *kept = job->added == FAULT_NONE ? &job->right : &job->wrong;
    TRY(entries_append(conduct, kept, tx));
    job->last = kept->last;
done:
    return fault;
}

enum fault signing_register(struct conduct *conduct, const struct enrolment_at *at)
{
    struct key_job job = {.conduct = conduct, .at = at};
    struct enrolment_key *key = NULL;
    const struct key_answer answer = signing_answer(conduct);
    enum fault fault;
    TRY(access_enrolment_key_check(conduct->service->access, conduct->ask->origin, &answer, conduct->arena,
                                   &key));
    job.key = key;
    TRY(entries_add(conduct, &job.right, EVENT_KEY_REGISTERED, nobody(), NULL, 0));
    conduct->answer->fault = FAULT_REFUSED;
    TRY(entries_add(conduct, &job.wrong, EVENT_REFUSED, nobody(), NULL, 0));
    TRY(db_write(conduct->service->db, DB_FOREGROUND, add, &job));
    audit_released(conduct->service->audit, job.last);
    conduct->entered = true;
    conduct->answer->fault = FAULT_NONE;
    conduct->answer->recorded = job.added == FAULT_NONE;
    fault = job.added == FAULT_SIGN_IN ? FAULT_REFUSED : job.added;
done:
    return fault;
}

/* The request of this browser for the caller's own account. */
static struct enrolment_at own_request(const struct conduct *conduct)
{
    return (struct enrolment_at){conduct->ask->ticket, conduct->caller.account.account};
}

static enum fault read_request(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    const struct enrolment_at at = own_request(conduct);
    struct enrolment_view *view = arena_take(conduct->arena, sizeof *view);
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    TRY(access_enrolment_view(conduct->service->access, tx, &at, conduct->arena, view));
    conduct->answer->enrolment = view;
done:
    return fault;
}

/* How far the caller's request is; without one the page says how to ask. */
static enum fault show(struct conduct *conduct)
{
    enum fault fault = db_read(conduct->service->db, read_request, conduct);
    return fault == FAULT_SIGN_IN ? FAULT_NONE : fault;
}

enum fault do_key_page(struct conduct *conduct)
{
    enum fault fault;
    TRY(show(conduct));
    const struct enrolment_view *view = conduct->answer->enrolment;
    conduct->answer->enrolment = NULL; /* held until the entry is durable */
    TRY(signing_show(conduct, EVENT_FORM_SHOWN));
    conduct->answer->enrolment = view;
done:
    return fault;
}

struct ask_job {
    struct conduct *conduct;
    struct str ticket;
};

static enum fault ask(struct db_tx *tx, void *context)
{
    struct ask_job *job = context;
    return access_enrolment_ask_key(job->conduct->service->access, tx, &job->conduct->caller.account,
                                    job->conduct->arena, &job->ticket);
}

enum fault do_key_ask(struct conduct *conduct)
{
    struct ask_job job = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    TRY(entries_add(conduct, &entries, EVENT_ENROLMENT_ASKED, nobody(), NULL, 0));
    fault = conduct_commit(conduct, &entries, ask, &job);
    if (fault == FAULT_INVALID) {
        conduct_error(conduct, "keys", users_sentence(conduct, fault_last_note()));
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    }
    TRY(fault);
    conduct->answer->ticket = job.ticket;
done:
    return fault;
}

/* FAULT_ABSENT where nobody lets the caller add a key now. */
static enum fault may_add(struct conduct *conduct)
{
    enum fault fault = show(conduct);
    const struct enrolment_view *view = conduct->answer->enrolment;
    if (fault == FAULT_NONE && (view == NULL || view->stage != ENROLMENT_MAY_ADD_ONE))
        fault = conduct_refuse(conduct, REFUSAL_NONE, FAULT_ABSENT);
    return fault;
}

enum fault do_key_begin(struct conduct *conduct)
{
    const struct enrolment_at at = own_request(conduct);
    enum fault fault;
    TRY(may_add(conduct));
    TRY(signing_offer_new(conduct, &at));
done:
    return fault;
}

enum fault do_key_add(struct conduct *conduct)
{
    const struct enrolment_at at = own_request(conduct);
    enum fault fault;
    TRY(may_add(conduct));
    TRY(signing_register(conduct, &at));
done:
    return fault;
}

struct removing {
    struct conduct *conduct;
    struct id key;
};

static enum fault take_away(struct db_tx *tx, void *context)
{
    const struct removing *removing = context;
    struct conduct *conduct = removing->conduct;
    enum fault fault;
    TRY(access_key_remove(conduct->service->access, tx, &conduct->caller.account, removing->key));
    TRY(signing_tell(conduct, tx, conduct->caller.account.account,
                     STR("A security key of yours was removed: nobody can sign in with it any more. If this "
                         "was not you, tell your user manager at once.")));
done:
    return fault;
}

/* The page again, with what is wrong. */
static enum fault refuse_removal(struct conduct *conduct)
{
    conduct_error(conduct, "key", "Choose which of your security keys is lost");
    const enum fault fault = signing_security(conduct);
    return fault == FAULT_NONE ? conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID) : fault;
}

/* Whoever has the key may be signed in with it, so that every session ends. */
enum fault do_key_remove(struct conduct *conduct)
{
    struct removing removing = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    if (!id_parse(conduct_field(conduct, "key"), &removing.key))
        return refuse_removal(conduct);
    TRY(entries_add(conduct, &entries, EVENT_KEY_REMOVED, nobody(), NULL, 0));
    conduct->caller.touch_due = false;
    fault = conduct_commit(conduct, &entries, take_away, &removing);
    if (fault == FAULT_ABSENT)
        return refuse_removal(conduct);
    TRY(fault);
    conduct->answer->signed_in = false;
    conduct->answer->recorded = true;
done:
    return fault;
}
