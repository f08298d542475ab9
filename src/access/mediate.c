#include "access/inside.h"

/* Mediated access (R4.1): two people at one screen, both signed in, both named in every entry. */

enum fault mediate_read(struct access *access, struct db_tx *tx, struct arena *arena, struct caller *caller)
{
    struct account_found found;
    struct organisation organisation;
    enum fault fault;
    TRY(account_read(access, tx, caller->other.account.id, arena, &found));
    if (!found.found)
        TRY(fault_note(FAULT_CORRUPT, "a session looks for an account that does not exist"));
    caller->other = found.account;
    caller->account_active = caller->account_active && account_may_act(access, &found.account);
    caller->role_held = caller->role_held && account_holds(&found.account, caller->other_role);
    TRY(access_organisation_get(access, tx, found.account.organisation, arena, &organisation));
    caller->organisation_active = caller->organisation_active && organisation.active;
done:
    return fault;
}

/* The role in which the colleague looks. */
static enum role looking_role(const struct ticket *ticket)
{
    for (uint8_t i = 0; i < ticket->role_count; i++)
        if (ticket->roles[i] == ROLE_practitioner)
            return ROLE_practitioner;
    return ROLE_override_practitioner;
}

enum fault access_mediate(struct access *access, struct db_tx *tx, const struct caller *caller,
                          const struct code_verdict *verdict, struct str ticket, struct arena *arena,
                          struct str *ret_cookie)
{
    struct ticket read;
    enum fault fault;
    if (id_equal(verdict->account.id, caller->account.account.id))
        return fault_note(FAULT_INVALID, "this is the person who is signed in already");
    TRY(ticket_read(access, tx, ticket, arena, &read));
    const enum role other_role = looking_role(&read);
    TRY(session_prove(access, tx, verdict, ticket, other_role, arena, &read));
    const struct value burn[] = {[BIND_ticket_burn_tag] =
                                     value_bytes((struct bytes){read.tag.byte, sizeof read.tag.byte})};
    const struct value clear[] = {[BIND_account_failures_clear_account_id] = value_id(read.account)};
    TRY(access_count(access, db_run(tx, SQL_ticket_burn, burn, NULL)));
    TRY(access_count(access, db_run(tx, SQL_account_failures_clear, clear, NULL)));
    TRY(account_used(access, tx, read.account));
    /* The colleague has shown a code, no key; reasons that the caller gave alone do not cover the two. */
    const struct session_beginning beginning = {.account = caller->account.account.id,
                                                .role = caller->role,
                                                .strength = STRENGTH_TOKEN,
                                                .started = caller->started,
                                                .other = read.account,
                                                .other_role = other_role};
    TRY(session_go_on(access, tx, &beginning, caller, arena, ret_cookie));
done:
    return fault;
}

enum fault access_mediate_end(struct access *access, struct db_tx *tx, const struct caller *caller,
                              struct arena *arena, struct str *ret_cookie)
{
    const struct session_beginning beginning = {.account = caller->account.account.id,
                                                .role = caller->role,
                                                .strength = caller->strength,
                                                .started = caller->started};
    return session_go_on(access, tx, &beginning, caller, arena, ret_cookie);
}
