#include "access/organisations.h"

#include "access/inside.h"

enum fault access_organisation_walk(struct access *access, struct db_tx *tx, organisation_each each,
                                    void *context)
{
    const struct value in[] = {[BIND_organisation_all_closed] = value_int(ACCOUNT_CLOSED)};
    struct value out[GIVES_organisation_all];
    struct db_rows *rows = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(access_count(access, db_query(tx, SQL_organisation_all, in, &rows)));
    while (fault == FAULT_NONE && db_next(rows, out)) {
        struct organisation organisation = {0};
        arena_reset(arena);
        if (!id_of_bytes(out[GIVE_organisation_all_organisation_id].bytes, &organisation.organisation.id))
            TRY(fault_note(FAULT_CORRUPT, "an organisation's id has a wrong length"));
        organisation.version = (uint64_t)out[GIVE_organisation_all_version].number;
        TRY(organisation_open(access, out[GIVE_organisation_all_state].number,
                              out[GIVE_organisation_all_sealed].bytes, arena, &organisation));
        fault = each(context, &organisation, out[GIVE_organisation_all_accounts].number);
    }
done:
    fault = db_rows_end(rows, fault);
    arena_close(arena);
    return fault;
}

enum capability organisation_role_needs(enum role role)
{
    switch (role) {
    case ROLE_practitioner:
        return CAPABILITY_query;
    case ROLE_override_practitioner:
        return CAPABILITY_override;
    case ROLE_calling_system:
        return CAPABILITY_query;
    case ROLE_NONE:
    case ROLE_user_manager:
    case ROLE_shielding_officer:
    case ROLE_data_officer:
    case ROLE_rights_officer:
    case ROLE_audit_reviewer:
    case ROLE_national_administrator:
    case ROLE_operator:
    case ROLES_END:
        break;
    }
    return CAPABILITY_NONE;
}

static enum fault read_organisation(struct access *access, struct db_tx *tx, struct organisation_id id,
                                    struct arena *arena, struct organisation *ret_organisation)
{
    enum fault fault = access_organisation_get(access, tx, id, arena, ret_organisation);
    if (fault == FAULT_ABSENT)
        return fault_note(FAULT_INVALID, "there is no such organisation: make it first");
    return fault;
}

enum fault access_organisation_allows(struct access *access, struct db_tx *tx,
                                      struct organisation_id organisation, const enum role *roles,
                                      size_t role_count)
{
    struct organisation read;
    struct arena *arena = NULL;
    enum fault fault;
    if (id_is_zero(organisation.id))
        return FAULT_NONE;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(read_organisation(access, tx, organisation, arena, &read));
    for (size_t i = 0; i < role_count; i++) {
        enum capability needed = organisation_role_needs(roles[i]);
        if (needed == CAPABILITY_query && (read.capabilities & (1u << needed)) == 0)
            fault = fault_note(
                FAULT_INVALID,
                "the organisation is not accredited to look for children: it has no practitioners");
        else if (needed != CAPABILITY_NONE && (read.capabilities & (1u << needed)) == 0)
            fault = fault_note(
                FAULT_INVALID,
                "the organisation is not accredited to override shields: nobody in it may hold that role");
    }
done:
    arena_close(arena);
    return fault;
}

enum fault access_organisation_accounts(struct access *access, struct db_tx *tx,
                                        struct organisation_id organisation, int64_t *ret_count)
{
    struct arena *arena = NULL;
    struct value out[GIVES_account_count_of];
    const struct value in[] = {[BIND_account_count_of_organisation_id] = value_id(organisation.id),
                               [BIND_account_count_of_closed] = value_int(ACCOUNT_CLOSED)};
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(access_count(access, db_one(tx, SQL_account_count_of, in, arena, out)));
    *ret_count = out[GIVE_account_count_of_accounts].number;
done:
    arena_close(arena);
    return fault;
}

enum fault access_organisation_room(struct access *access, struct db_tx *tx,
                                    struct organisation_id organisation)
{
    struct organisation read;
    struct arena *arena = NULL;
    int64_t accounts = 0;
    enum fault fault;
    if (id_is_zero(organisation.id))
        return FAULT_NONE;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(read_organisation(access, tx, organisation, arena, &read));
    TRY(access_organisation_accounts(access, tx, organisation, &accounts));
    if (accounts >= read.users_max)
        fault = fault_note(FAULT_INVALID,
                           "the organisation has as many accounts as it may: close one, or ask the national "
                           "administrator to raise its number");
done:
    arena_close(arena);
    return fault;
}
