/* What a manager changes of an account (R3): the checks, its state, its roles.
 *
 * Every form says which version of the account it was made from: of two managers at once, the second sees
 * what the first has done before anything is changed. */
#include "service/signing.h"
#include "service/staff_told.h"
#include "service/users.h"

enum { TOLD_BYTES_MAX = 2048 };

struct change {
    struct conduct *conduct;
    struct account_id account;
    uint64_t version;
    bool any_version;
    struct account read;
    const char *field; /* where what is wrong is shown */
    enum fault (*apply)(struct db_tx *tx, struct change *change);
    enum account_check check;
    struct day done;
    struct str why;
    enum role roles[ACCOUNT_ROLES_MAX];
    uint8_t role_count;
    uint8_t chosen; /* of them, by the form */
};

static struct access *access_of(const struct change *change)
{
    return change->conduct->service->access;
}

static struct change change_of(struct conduct *conduct, const char *field,
                               enum fault (*apply)(struct db_tx *, struct change *))
{
    return (struct change){.conduct = conduct,
                           .account = {conduct->ask->path_ids[0]},
                           .version = users_form_version(conduct),
                           .field = field,
                           .apply = apply};
}

static enum fault read_account(struct db_tx *tx, void *context)
{
    struct change *change = context;
    return users_read(tx, change->conduct, change->account, &change->read);
}

static enum fault apply(struct db_tx *tx, void *context)
{
    struct change *change = context;
    enum fault fault;
    TRY(users_read(tx, change->conduct, change->account, &change->read));
    if (!change->any_version && change->read.version != change->version)
        TRY(fault_note(FAULT_CONFLICT,
                       "this account was changed since you opened this page: look at it again"));
    TRY(change->apply(tx, change));
done:
    return fault;
}

/* The page again, with the account as it stands now and what is wrong; a refusal is entered. */
static enum fault show_again(struct change *change, enum fault why)
{
    enum fault fault = users_show(change->conduct, change->account);
    return fault == FAULT_NONE ? conduct_refuse(change->conduct, REFUSAL_NONE, why) : fault;
}

/* What a person can mend, as opposed to what broke. */
static bool is_theirs(enum fault fault)
{
    return fault == FAULT_INVALID || fault == FAULT_CONFLICT || fault == FAULT_DUPLICATE;
}

static enum fault carry_out(struct change *change, enum event event, const char *what)
{
    struct conduct *conduct = change->conduct;
    struct entries entries = {0};
    enum fault fault;
    TRY(db_read(conduct->service->db, read_account, change)); /* whose entry it is, or nobody's to see */
    if (conduct->answer->error_count > 0)
        return show_again(change, FAULT_INVALID);
    TRY(users_say(conduct, (const struct str[]){str_of(what), change->read.user_name, change->why}, 3));
    TRY(entries_add(conduct, &entries, event, (struct child_id){{{0}}}, NULL, 0));
    fault = conduct_commit(conduct, &entries, apply, change);
    if (is_theirs(fault)) {
        conduct_error(conduct, change->field, users_sentence(conduct, fault_last_note()));
        return show_again(change, fault);
    }
    TRY(fault);
    conduct->answer->recorded = true;
    conduct->answer->made = change->account.id;
done:
    return fault;
}

static enum fault apply_check(struct db_tx *tx, struct change *change)
{
    return access_account_check(access_of(change), tx, &change->read, change->check, change->done);
}

enum fault do_user_check(struct conduct *conduct)
{
    const struct permit_user_check permit =
        permit_issue_user_check(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_check);
    struct change change = change_of(conduct, "done", apply_check);
    change.check = check_of(conduct_field(conduct, "check"));
    if (change.check == CHECK_NONE)
        conduct_error(conduct, "check", "Choose what was done");
    change.done = form_day(conduct, "done", false);
    if (change.done.precision != DAY_EXACT)
        conduct_error(conduct, "done", "Enter the day on which it was done");
    return carry_out(&change, EVENT_USER_CHECKED,
                     change.check == CHECK_NONE ? "check" : check_name(change.check));
}

/* The holder is told, and by whom it was done. */
static enum fault tell_holder(struct db_tx *tx, const struct change *change, struct str what)
{
    struct conduct *conduct = change->conduct;
    struct buffer text = buffer_open(TOLD_BYTES_MAX);
    enum fault fault;
    buffer_put(&text, what);
    buffer_put(&text, STR(" This was done by "));
    buffer_put(&text, conduct->caller.account.full_name);
    buffer_put(&text, STR("."));
    TRY(buffer_fault(&text));
    TRY(signing_tell(conduct, tx, change->account, buffer_str(&text)));
done:
    buffer_close(&text);
    return fault;
}

static enum fault apply_admit(struct db_tx *tx, struct change *change)
{
    enum fault fault;
    TRY(access_account_admit(access_of(change), tx, &change->read));
    TRY(tell_holder(tx, change, STR("Your account was admitted: it may be used.")));
done:
    return fault;
}

enum fault do_user_admit(struct conduct *conduct)
{
    const struct permit_user_admit permit =
        permit_issue_user_admit(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_admit);
    struct change change = change_of(conduct, "admit", apply_admit);
    return carry_out(&change, EVENT_USER_ADMITTED, "admit");
}

static enum fault apply_suspend(struct db_tx *tx, struct change *change)
{
    enum fault fault;
    if (change->read.state == ACCOUNT_SUSPENDED)
        return fault_note(FAULT_CONFLICT, "this account is suspended already");
    change->read.why = change->why;
    TRY(access_account_suspend(access_of(change), tx, &change->read));
    TRY(staff_told_suspended(tx, change->conduct, &change->read));
done:
    return fault;
}

/* R3.3: a suspicion bites at once, whichever version was looked at. */
enum fault do_user_suspend(struct conduct *conduct)
{
    const struct permit_user_suspend permit =
        permit_issue_user_suspend(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_suspend);
    struct change change = change_of(conduct, "suspend_why", apply_suspend);
    change.why = conduct_field(conduct, "suspend_why");
    change.any_version = true;
    return carry_out(&change, EVENT_ACCOUNT_SUSPENDED, "suspend");
}

static enum fault apply_reinstate(struct db_tx *tx, struct change *change)
{
    enum fault fault;
    TRY(access_account_reinstate(access_of(change), tx, &change->read));
    TRY(tell_holder(tx, change, STR("Your account was reinstated: it may be used again.")));
done:
    return fault;
}

enum fault do_user_reinstate(struct conduct *conduct)
{
    const struct permit_user_reinstate permit = permit_issue_user_reinstate(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_reinstate);
    struct change change = change_of(conduct, "reinstate", apply_reinstate);
    return carry_out(&change, EVENT_USER_REINSTATED, "reinstate");
}

/* What a user manager has given stays beside what a national administrator gives. */
static void keep_practice(struct change *change)
{
    for (size_t i = 0; i < change->read.role_count; i++)
        if (users_is_practice(change->read.roles[i]) && change->role_count < ACCOUNT_ROLES_MAX)
            change->roles[change->role_count++] = change->read.roles[i];
}

static enum fault tell_roles(struct db_tx *tx, const struct change *change)
{
    struct buffer text = buffer_open(TOLD_BYTES_MAX);
    enum fault fault;
    buffer_put(&text, STR("Your roles were changed. You hold now: "));
    for (uint8_t i = 0; i < change->role_count; i++) {
        if (i > 0)
            buffer_put(&text, STR(", "));
        buffer_put(&text, str_of(policy_role_label(change->roles[i])));
    }
    buffer_put(&text, STR("."));
    TRY(buffer_fault(&text));
    TRY(tell_holder(tx, change, buffer_str(&text)));
done:
    buffer_close(&text);
    return fault;
}

static enum fault apply_roles(struct db_tx *tx, struct change *change)
{
    const struct caller *caller = &change->conduct->caller;
    struct organisation organisation = {0};
    enum fault fault = FAULT_NONE;
    change->role_count = change->chosen;
    if (!id_is_zero(change->read.organisation.id))
        TRY(access_organisation_get(access_of(change), tx, change->read.organisation, change->conduct->arena,
                                    &organisation));
    for (size_t i = 0; i < change->role_count; i++)
        if (!users_may_give(caller, &organisation, change->roles[i]))
            TRY(fault_note(FAULT_INVALID, "choose among the roles that are offered"));
    if (caller->role == ROLE_national_administrator)
        keep_practice(change);
    TRY(access_account_roles(access_of(change), tx, &change->read, change->roles, change->role_count));
    TRY(tell_roles(tx, change));
done:
    return fault;
}

enum fault do_user_roles(struct conduct *conduct)
{
    const struct permit_user_roles permit =
        permit_issue_user_roles(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_roles);
    struct change change = change_of(conduct, "roles", apply_roles);
    change.chosen = users_form_roles(conduct, change.roles);
    if (change.chosen == 0)
        conduct_error(conduct, "roles", "Choose at least one role");
    return carry_out(&change, EVENT_USER_ROLES_CHANGED, "roles");
}
