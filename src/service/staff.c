#include "service/staff.h"

#include <stdio.h>

#include "service/signing.h"
#include "service/staff_told.h"
#include "service/users.h"

enum { ASKED_BYTES_MAX = 1024 };

/* One change of staff on its way: who asks, what for, and the job that does it. */
struct staffing {
    struct conduct conduct;
    struct answer answer;
    struct ask ask;
    const struct organisation *organisation; /* a new one, or NULL */
    const struct account_order *order;
    const struct account_prepared *prepared; /* a demonstration's, which is given its secrets */
    bool first;                              /* national administrator: with `codes` */
    struct str user_name;                    /* of the account to suspend */
    struct str codes[2];
    struct account account; /* as read inside the transaction */
    struct account_id made;
};

static struct child_id nobody(void)
{
    return (struct child_id){{{0}}};
}

static void begin(struct staffing *staffing, struct service *service, const struct ask *ask,
                  struct arena *arena)
{
    *staffing = (struct staffing){.ask = *ask};
    staffing->conduct = (struct conduct){.service = service,
                                         .ask = &staffing->ask,
                                         .arena = arena,
                                         .answer = &staffing->answer,
                                         .now = clock_now(service->clock),
                                         .act = id_new(service->entropy)};
}

/* R3.2: a sponsor at the machine signs in like anybody on the page, by the same two operations. */
static enum fault sign_in(struct staffing *staffing, const struct sponsor *sponsor)
{
    struct service *service = staffing->conduct.service;
    struct arena *arena = staffing->conduct.arena;
    struct answer *answer = NULL;
    enum fault fault;
    const struct ask_field first[] = {{STR("user_name"), sponsor->user_name},
                                      {STR("password"), sponsor->password}};
    struct ask ask = {.operation = OP_sign_in_password,
                      .source = staffing->ask.source,
                      .same_site = true,
                      .fields = first,
                      .field_count = sizeof first / sizeof first[0]};
    TRY(access_form_token(service->access, ask.cookie, arena, &ask.form_token));
    TRY(service_conduct(service, &ask, arena, &answer));
    const struct ask_field second[] = {
        {STR("pin"), sponsor->pin},
        {STR("code"), sponsor->code},
        {STR("role"), str_of(policy_role_name(sponsor->role))},
    };
    ask.operation = OP_sign_in_code;
    ask.ticket = answer->ticket;
    ask.fields = second;
    ask.field_count = sizeof second / sizeof second[0];
    TRY(access_form_token(service->access, ask.ticket, arena, &ask.form_token));
    TRY(service_conduct(service, &ask, arena, &answer));
    staffing->ask.cookie = answer->cookie;
done:
    return fault;
}

static enum fault read_caller(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_caller(conduct->service->access, tx, conduct->ask->cookie, conduct->arena,
                         &conduct->caller);
}

static enum fault read_operator(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_operator(conduct->service->access, tx, conduct->ask->unix_user, conduct->arena,
                           &conduct->caller);
}

static enum fault refuse(struct staffing *staffing, enum refusal refusal, enum fault why)
{
    const char *note = fault_last_note();
    enum fault fault = conduct_refuse(&staffing->conduct, refusal, why);
    return fault == why ? fault_note(why, note) : fault;
}

/* Facts in, decision out; a refusal is entered. */
static enum fault permit(struct staffing *staffing, const char *note)
{
    struct conduct *conduct = &staffing->conduct;
    const struct facts facts = facts_of(conduct->ask->operation, &conduct->caller);
    conduct->decision = decide(&facts);
    if (conduct->decision.permitted)
        return FAULT_NONE;
    (void)fault_note(conduct->decision.fault, note);
    return refuse(staffing, conduct->decision.refusal, conduct->decision.fault);
}

/* Its session lasts for this one command. */
static enum fault leave(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_session_end(conduct->service->access, tx, &conduct->caller);
}

static void sign_out(struct staffing *staffing)
{
    struct conduct *conduct = &staffing->conduct;
    const char *note = fault_last_note();
    /* What cannot be written now ends by itself after 15 minutes; nobody has its cookie. */
    (void)!db_write(conduct->service->db, DB_FOREGROUND, leave, conduct);
    (void)fault_note(FAULT_NONE, note);
}

static enum fault enter_sponsor(struct staffing *staffing, const struct sponsor *sponsor)
{
    enum fault fault = sign_in(staffing, sponsor);
    if (fault == FAULT_SIGN_IN)
        return fault_note(FAULT_SIGN_IN,
                          "signing in failed: check user name, password, PIN, code and role, and "
                          "use each code once");
    if (fault != FAULT_NONE)
        return fault;
    staffing->conduct.now = clock_now(staffing->conduct.service->clock); /* after the sign-in's own entries */
    return db_read(staffing->conduct.service->db, read_caller, &staffing->conduct);
}

static enum fault say_asked(struct staffing *staffing, const char *what, struct str user_name,
                            const struct account_order *order)
{
    struct buffer text = buffer_open(ASKED_BYTES_MAX);
    enum fault fault;
    buffer_put(&text, str_of(what));
    buffer_put(&text, STR(" "));
    buffer_put(&text, user_name);
    for (size_t i = 0; order != NULL && i < order->role_count && i < ACCOUNT_ROLES_MAX; i++) {
        buffer_put(&text, i == 0 ? STR(" as ") : STR(", "));
        if (order->roles[i] > ROLE_NONE && order->roles[i] < ROLES_END)
            buffer_put(&text, str_of(policy_role_name(order->roles[i])));
    }
    TRY(buffer_fault(&text));
    TRY(arena_copy(staffing->conduct.arena, buffer_str(&text), &staffing->conduct.asked));
done:
    buffer_close(&text);
    return fault;
}

/* Case 19: without anything to sign in with, which its holder alone will choose. */
static enum fault request_account(struct db_tx *tx, void *context)
{
    struct staffing *staffing = context;
    struct access *access = staffing->conduct.service->access;
    struct arena *arena = staffing->conduct.arena;
    enum fault fault = FAULT_NONE;
    if (staffing->first) {
        TRY(access_first_codes_use(access, tx, staffing->codes[0], staffing->codes[1]));
        TRY(access_account_first(access, tx, staffing->order, arena, &staffing->made));
        goto done;
    }
    if (staffing->organisation != NULL)
        TRY(access_organisation_insert(access, tx, staffing->organisation));
    TRY(access_account_request(access, tx, staffing->order, arena, &staffing->made));
done:
    return fault;
}

/* Writes the account and its entry together; what fails is entered. */
static enum fault ask_for_account(struct staffing *staffing, const struct account_order *order)
{
    struct conduct *conduct = &staffing->conduct;
    struct entries entries = {0};
    enum fault fault;
    TRY(say_asked(staffing, "account", order->user_name, order));
    staffing->order = order;
    TRY(entries_add(conduct, &entries, EVENT_ACCOUNT_CREATED, nobody(), NULL, 0));
    fault = conduct_commit(conduct, &entries, request_account, staffing);
    if (fault != FAULT_NONE)
        return refuse(staffing, REFUSAL_NONE, fault);
done:
    return fault;
}

static enum fault insert_account(struct db_tx *tx, void *context)
{
    struct staffing *staffing = context;
    struct access *access = staffing->conduct.service->access;
    enum fault fault = FAULT_NONE;
    if (staffing->organisation != NULL)
        TRY(access_organisation_insert(access, tx, staffing->organisation));
    TRY(access_organisation_allows(access, tx, staffing->order->organisation, staffing->order->roles,
                                   staffing->order->role_count));
    TRY(access_organisation_room(access, tx, staffing->order->organisation));
    TRY(access_account_insert(access, tx, staffing->prepared));
done:
    return fault;
}

/* The same with secrets that are drawn and hashed first. */
static enum fault make_account(struct staffing *staffing, const struct account_order *order,
                               struct account_secrets *ret_secrets)
{
    struct conduct *conduct = &staffing->conduct;
    struct account_prepared *prepared = NULL;
    struct account_secrets secrets;
    struct entries entries = {0};
    enum fault fault;
    TRY(say_asked(staffing, "account", order->user_name, order));
    fault = access_account_prepare(conduct->service->access, order, conduct->arena, &prepared, &secrets);
    if (fault != FAULT_NONE)
        return refuse(staffing, REFUSAL_NONE, fault);
    staffing->order = order;
    staffing->prepared = prepared;
    TRY(entries_add(conduct, &entries, EVENT_ACCOUNT_CREATED, nobody(), NULL, 0));
    fault = conduct_commit(conduct, &entries, insert_account, staffing);
    if (fault != FAULT_NONE)
        return refuse(staffing, REFUSAL_NONE, fault);
    *ret_secrets = secrets;
done:
    return fault;
}

static bool orders(const struct account_order *order, enum role role)
{
    for (size_t i = 0; i < order->role_count && i < ACCOUNT_ROLES_MAX; i++)
        if (order->roles[i] == role)
            return true;
    return false;
}

static bool orders_practice(const struct account_order *order)
{
    for (size_t i = 0; i < order->role_count && i < ACCOUNT_ROLES_MAX; i++)
        if (!users_is_practice(order->roles[i]))
            return false;
    return true;
}

/* R2: whom this caller may make.  The organisation of a user manager's people is its own. */
static enum fault bound_order(struct staffing *staffing, struct account_order *order)
{
    const struct caller *caller = &staffing->conduct.caller;
    if (caller->role == ROLE_national_administrator) {
        if (orders(order, ROLE_practitioner) || orders(order, ROLE_override_practitioner) ||
            orders(order, ROLE_national_administrator) || orders(order, ROLE_operator))
            return fault_note(FAULT_REFUSED,
                              "a national administrator makes user managers and officers: user "
                              "managers make practitioners");
        if (staffing->organisation != NULL)
            order->organisation = staffing->organisation->organisation;
        return FAULT_NONE;
    }
    if (staffing->organisation != NULL)
        return fault_note(FAULT_REFUSED, "only a national administrator makes organisations");
    if (!orders_practice(order))
        return fault_note(FAULT_REFUSED, "a user manager makes practitioners: a national administrator makes "
                                         "user managers and officers");
    order->organisation = caller->account.organisation;
    return FAULT_NONE;
}

enum fault service_account_create(struct service *service, const struct ask *ask,
                                  const struct sponsor *sponsor, const struct organisation *organisation,
                                  const struct account_order *order, struct arena *arena)
{
    struct staffing staffing;
    struct account_order bounded = *order;
    enum fault fault;
    must(ask->operation == OP_account_create);
    begin(&staffing, service, ask, arena);
    TRY(enter_sponsor(&staffing, sponsor));
    staffing.organisation = organisation;
    fault = permit(&staffing, "this role may not make accounts: sign in as user manager or national "
                              "administrator");
    if (fault == FAULT_NONE) {
        const struct permit_account_create held =
            permit_issue_account_create(&staffing.conduct.decision, staffing.conduct.caller.role,
                                        staffing.conduct.caller.account.account);
        must(held.permit.operation == OP_account_create);
        fault = bound_order(&staffing, &bounded);
        if (fault != FAULT_NONE)
            fault = refuse(&staffing, REFUSAL_NONE, fault);
        else
            fault = ask_for_account(&staffing, &bounded);
    }
    sign_out(&staffing);
done:
    return fault;
}

static enum fault suspend(struct db_tx *tx, void *context)
{
    struct staffing *staffing = context;
    struct conduct *conduct = &staffing->conduct;
    struct access *access = conduct->service->access;
    enum fault fault;
    TRY(access_account_find(access, tx, staffing->user_name, conduct->arena, &staffing->account));
    if (!users_governs(&conduct->caller, &staffing->account)) {
        fault = FAULT_ABSENT;
        goto done;
    }
    if (staffing->account.state == ACCOUNT_SUSPENDED || staffing->account.state == ACCOUNT_CLOSED) {
        fault = fault_note(FAULT_DUPLICATE, "this account is suspended or closed already");
        goto done;
    }
    TRY(access_account_suspend(access, tx, &staffing->account));
    TRY(staff_told_suspended(tx, conduct, &staffing->account));
done:
    return fault;
}

static enum fault suspend_account(struct staffing *staffing)
{
    struct conduct *conduct = &staffing->conduct;
    struct entries entries = {0};
    const struct permit_account_suspend held = permit_issue_account_suspend(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(held.permit.operation == OP_account_suspend);
    enum fault fault;
    TRY(entries_add(conduct, &entries, EVENT_ACCOUNT_SUSPENDED, nobody(), NULL, 0));
    fault = conduct_commit(conduct, &entries, suspend, staffing);
    if (fault == FAULT_ABSENT)
        (void)fault_note(fault, "you manage no account of this name: check it");
    if (fault != FAULT_NONE)
        return refuse(staffing, REFUSAL_NONE, fault);
done:
    return fault;
}

enum fault service_account_suspend(struct service *service, const struct ask *ask,
                                   const struct sponsor *sponsor, struct str user_name, struct arena *arena)
{
    struct staffing staffing;
    enum fault fault;
    must(ask->operation == OP_account_suspend);
    begin(&staffing, service, ask, arena);
    staffing.user_name = user_name;
    TRY(enter_sponsor(&staffing, sponsor));
    fault = say_asked(&staffing, "suspend", user_name, NULL);
    if (fault == FAULT_NONE)
        fault = permit(&staffing, "this role may not suspend accounts: sign in as user manager or national "
                                  "administrator");
    if (fault == FAULT_NONE)
        fault = suspend_account(&staffing);
    sign_out(&staffing);
done:
    return fault;
}

enum fault service_administrator_first(struct service *service, const struct ask *ask, struct str one,
                                       struct str other, const struct account_order *order,
                                       struct arena *arena)
{
    struct staffing staffing;
    struct account_order national = *order;
    enum fault fault;
    must(ask->operation == OP_administrator_first);
    begin(&staffing, service, ask, arena);
    TRY(db_read(service->db, read_operator, &staffing.conduct));
    TRY(permit(&staffing, "this login is no operator's here: an operator starts this command"));
    const struct permit_administrator_first held = permit_issue_administrator_first(
        &staffing.conduct.decision, staffing.conduct.caller.role, staffing.conduct.caller.account.account);
    must(held.permit.operation == OP_administrator_first);
    if (one.len == 0 || other.len == 0) {
        (void)fault_note(FAULT_INVALID, "both codes are needed, one from each person");
        return refuse(&staffing, REFUSAL_NONE, FAULT_INVALID);
    }
    staffing.first = true;
    staffing.codes[0] = one;
    staffing.codes[1] = other;
    national.roles[0] = ROLE_national_administrator;
    national.role_count = 1;
    TRY(ask_for_account(&staffing, &national));
done:
    return fault;
}

static enum fault draw_codes(struct db_tx *tx, void *context)
{
    struct staffing *staffing = context;
    return access_first_codes(staffing->conduct.service->access, tx, staffing->conduct.arena,
                              staffing->codes);
}

enum fault service_administrator_codes(struct service *service, const struct ask *ask, struct arena *arena,
                                       struct str ret_codes[2])
{
    struct staffing staffing;
    struct entries entries = {0};
    enum fault fault;
    must(ask->operation == OP_administrator_codes);
    begin(&staffing, service, ask, arena);
    TRY(db_read(service->db, read_operator, &staffing.conduct));
    TRY(permit(&staffing, "this login is no operator's here: an operator starts this command"));
    const struct permit_administrator_codes held = permit_issue_administrator_codes(
        &staffing.conduct.decision, staffing.conduct.caller.role, staffing.conduct.caller.account.account);
    must(held.permit.operation == OP_administrator_codes);
    TRY(entries_add(&staffing.conduct, &entries, EVENT_CODES_DRAWN, nobody(), NULL, 0));
    fault = conduct_commit(&staffing.conduct, &entries, draw_codes, &staffing);
    if (fault != FAULT_NONE)
        return refuse(&staffing, REFUSAL_NONE, fault);
    ret_codes[0] = staffing.codes[0];
    ret_codes[1] = staffing.codes[1];
done:
    return fault;
}

static enum fault approve_first_key(struct db_tx *tx, void *context)
{
    struct staffing *staffing = context;
    struct conduct *conduct = &staffing->conduct;
    struct access *access = conduct->service->access;
    enum fault fault;
    TRY(access_first_key_approve(access, tx, staffing->user_name, staffing->codes[0],
                                 &conduct->caller.account, conduct->arena));
    TRY(access_account_find(access, tx, staffing->user_name, conduct->arena, &staffing->account));
    TRY(signing_tell_approved(conduct, tx, staffing->account.account));
done:
    return fault;
}

enum fault service_administrator_approve(struct service *service, const struct ask *ask, struct str user_name,
                                         struct str code, struct arena *arena)
{
    struct staffing staffing;
    struct entries entries = {0};
    enum fault fault;
    must(ask->operation == OP_administrator_approve);
    begin(&staffing, service, ask, arena);
    staffing.user_name = user_name;
    staffing.codes[0] = code;
    TRY(db_read(service->db, read_operator, &staffing.conduct));
    TRY(say_asked(&staffing, "approve", user_name, NULL));
    TRY(permit(&staffing, "this login is no operator's here: an operator starts this command"));
    const struct permit_administrator_approve held = permit_issue_administrator_approve(
        &staffing.conduct.decision, staffing.conduct.caller.role, staffing.conduct.caller.account.account);
    must(held.permit.operation == OP_administrator_approve);
    TRY(entries_add(&staffing.conduct, &entries, EVENT_ENROLMENT_APPROVED, nobody(), NULL, 0));
    fault = conduct_commit(&staffing.conduct, &entries, approve_first_key, &staffing);
    if (fault == FAULT_ABSENT)
        (void)fault_note(fault, "no national administrator has this user name: check it");
    if (fault != FAULT_NONE)
        return refuse(&staffing, REFUSAL_NONE, fault);
done:
    return fault;
}

static enum fault refuse_outside_demonstrations(const struct service *service)
{
    if (service->demonstration)
        return FAULT_NONE;
    return fault_note(FAULT_REFUSED, "this works on a demonstration only: contactpoint init --demonstration "
                                     "makes one");
}

enum fault service_demonstration_account(struct service *service, const struct organisation *organisation,
                                         const struct account_order *order, struct arena *arena,
                                         struct account_secrets *ret_secrets)
{
    struct staffing staffing;
    struct account_order bounded = *order;
    const struct ask ask = {.operation = OP_account_create, .source = STR("local")};
    enum fault fault;
    TRY(refuse_outside_demonstrations(service));
    begin(&staffing, service, &ask, arena);
    staffing.organisation = organisation;
    if (organisation != NULL)
        bounded.organisation = organisation->organisation;
    if (bounded.checks[CHECK_need].precision == DAY_UNKNOWN)
        access_order_checked(&bounded, day_of_instant(staffing.conduct.now));
    TRY(make_account(&staffing, &bounded, ret_secrets));
done:
    return fault;
}

struct code_question {
    struct service *service;
    struct str user_name;
    struct arena *arena;
    struct str code;
};

static enum fault read_code(struct db_tx *tx, void *context)
{
    struct code_question *question = context;
    return access_demonstration_code(question->service->access, tx, question->user_name, question->arena,
                                     &question->code);
}

enum fault service_demonstration_code(struct service *service, struct str user_name, struct arena *arena,
                                      struct str *ret_code)
{
    struct code_question question = {.service = service, .user_name = user_name, .arena = arena};
    enum fault fault;
    TRY(refuse_outside_demonstrations(service));
    fault = db_read(service->db, read_code, &question);
    if (fault == FAULT_ABSENT)
        (void)fault_note(fault, "nobody has this user name");
    TRY(fault);
    *ret_code = question.code;
done:
    return fault;
}
