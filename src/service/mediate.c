/* Mediated access (R4.1): somebody looks for a colleague who has no computer, and who signs in beside them.
 */
#include "service/signing.h"

enum fault do_mediate_page(struct conduct *conduct)
{
    const struct permit_mediate_page permit =
        permit_issue_mediate_page(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_mediate_page);
    return signing_show(conduct, EVENT_FORM_SHOWN);
}

struct mediating {
    struct conduct *conduct;
    struct password_verdict password;
    struct code_verdict code;
    struct str ticket;
    struct str cookie;
    enum fault begun;
    struct entries right, wrong; /* which is kept depends on what the transaction finds */
    struct audit_place last;
};

static enum fault issue(struct db_tx *tx, void *context)
{
    struct mediating *mediating = context;
    return access_ticket_issue(mediating->conduct->service->access, tx, &mediating->password,
                               mediating->conduct->arena, &mediating->ticket);
}

/* A secret is kept as typed, blanks and all. */
static struct str secret(const struct conduct *conduct, struct str name)
{
    for (size_t i = 0; i < conduct->ask->field_count; i++)
        if (str_equal(conduct->ask->fields[i].name, name))
            return conduct->ask->fields[i].value;
    return (struct str){"", 0};
}

/* Both steps of signing in, right or wrong: the same work, and one wording for every failure. */
static enum fault prove(struct mediating *mediating)
{
    struct conduct *conduct = mediating->conduct;
    struct access *access = conduct->service->access;
    enum fault fault;
    conduct->asked = conduct_field(conduct, "user_name");
    TRY(access_password_check(access, conduct->asked, secret(conduct, STR("password")),
                              &mediating->password));
    access_password_offered(access, conduct->ask->source, &mediating->password);
    TRY(conduct_enter(conduct, EVENT_PASSWORD_OFFERED, issue, mediating));
    TRY(access_code_check(access, mediating->ticket, conduct_field(conduct, "pin"),
                          conduct_field(conduct, "code"), &mediating->code));
done:
    return fault;
}

/* A failure is counted, hence committed, like a success. */
static enum fault begin(struct db_tx *tx, void *context)
{
    struct mediating *mediating = context;
    struct conduct *conduct = mediating->conduct;
    enum fault fault;
    mediating->begun = access_mediate(conduct->service->access, tx, &conduct->caller, &mediating->code,
                                      mediating->ticket, conduct->arena, &mediating->cookie);
    if (mediating->begun != FAULT_NONE && mediating->begun != FAULT_SIGN_IN &&
        mediating->begun != FAULT_INVALID)
        return mediating->begun;
    struct entries *kept = mediating->begun == FAULT_NONE ? &mediating->right : &mediating->wrong;
    conduct->caller.touch_due = false;
    TRY(entries_append(conduct, kept, tx));
    mediating->last = kept->last;
done:
    return fault;
}

/* The page again, with one wording for everything that may be wrong with them. */
static enum fault fail(struct conduct *conduct)
{
    conduct_error(conduct, "user_name",
                  "Your colleague could not be signed in. Check the user name, password, PIN and code");
    return FAULT_INVALID;
}

enum fault do_mediate(struct conduct *conduct)
{
    const struct permit_mediate permit =
        permit_issue_mediate(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct mediating mediating = {.conduct = conduct};
    const struct child_id nobody = {{{0}}};
    enum fault fault;
    must(permit.permit.operation == OP_mediate);
    if (conduct->answer->error_count > 0)
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_INVALID);
    TRY(signing_wait(conduct));
    TRY(prove(&mediating));
    conduct->caller.other.account = mediating.code.account;
    conduct->caller.mediated = true; /* for the entries: who asks, and for whom */
    TRY(entries_add(conduct, &mediating.right, EVENT_MEDIATION_BEGUN, nobody, NULL, 0));
    conduct->answer->fault = FAULT_SIGN_IN;
    TRY(entries_add(conduct, &mediating.wrong, EVENT_REFUSED, nobody, NULL, 0));
    TRY(db_write(conduct->service->db, DB_FOREGROUND, begin, &mediating));
    audit_released(conduct->service->audit, mediating.last);
    conduct->entered = true;
    if (mediating.begun != FAULT_NONE && mediating.password.right)
        access_sign_in_failed(conduct->service->access, conduct->ask->source,
                              (struct organisation_id){{{0}}});
    if (mediating.begun != FAULT_NONE)
        return fail(conduct);
    conduct->answer->cookie = mediating.cookie;
    conduct->answer->recorded = true;
done:
    return fault;
}

static enum fault end(struct db_tx *tx, void *context)
{
    struct mediating *mediating = context;
    struct conduct *conduct = mediating->conduct;
    return access_mediate_end(conduct->service->access, tx, &conduct->caller, conduct->arena,
                              &mediating->cookie);
}

enum fault do_mediate_end(struct conduct *conduct)
{
    const struct permit_mediate_end permit =
        permit_issue_mediate_end(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct mediating mediating = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    must(permit.permit.operation == OP_mediate_end);
    TRY(entries_add(conduct, &entries, EVENT_MEDIATION_ENDED, (struct child_id){{{0}}}, NULL, 0));
    conduct->caller.touch_due = false;
    TRY(conduct_commit(conduct, &entries, end, &mediating));
    conduct->answer->cookie = mediating.cookie;
    conduct->answer->recorded = true;
done:
    return fault;
}
