/* What somebody is told about how they sign in, and the yearly reminder of the terms. */
#include "access/keys_inside.h"

static enum fault put_notices(struct access *access, struct db_tx *tx, struct id account, struct arena *arena,
                              struct security_view *view)
{
    const struct value in[] = {[BIND_enrolments_done_account_id] = value_id(account),
                               [BIND_enrolments_done_done] = value_int(ENROLMENT_DONE),
                               [BIND_enrolments_done_key_done] = value_int(ENROLMENT_KEY_DONE),
                               [BIND_enrolments_done_most] = value_int(NOTICES_MAX)};
    struct value out[GIVES_enrolments_done];
    struct db_rows *rows = NULL;
    enum fault fault = FAULT_NONE;
    TRY(access_count(access, db_query(tx, SQL_enrolments_done, in, &rows)));
    while (view->notice_count < NOTICES_MAX && db_next(rows, out)) {
        struct notice_view *notice = &view->notices[view->notice_count++];
        notice->at.us = out[GIVE_enrolments_done_done_us].number;
        notice->key_alone = out[GIVE_enrolments_done_state].number == ENROLMENT_KEY_DONE;
        TRY(enrolment_approver(access, out[GIVE_enrolments_done_tag].bytes,
                               out[GIVE_enrolments_done_sealed].bytes, arena, &notice->by));
    }
done:
    return db_rows_end(rows, fault);
}

static enum fault read_terms(struct access *access, struct db_tx *tx, struct id account, struct arena *arena,
                             struct instant *ret_accepted)
{
    const struct value in[] = {[BIND_terms_get_account_id] = value_id(account)};
    struct value out[GIVES_terms_get];
    enum fault fault = access_count(access, db_one(tx, SQL_terms_get, in, arena, out));
    if (fault == FAULT_NONE)
        ret_accepted->us = out[GIVE_terms_get_accepted_us].number;
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

enum fault access_security_view(struct access *access, struct db_tx *tx, const struct caller *caller,
                                struct arena *arena, struct security_view *ret_view)
{
    struct security_view view = {.strength = caller->strength == STRENGTH_KEY
                                                 ? STR("Password and security key")
                                                 : STR("Password, PIN and code")};
    struct id account = caller->account.account.id;
    enum fault fault;
    TRY(held_keys(access, tx, account, arena, view.keys, &view.key_count));
    TRY(put_notices(access, tx, account, arena, &view));
    TRY(read_terms(access, tx, account, arena, &view.terms));
    *ret_view = view;
done:
    return fault;
}

enum fault access_terms_due(struct access *access, struct db_tx *tx, struct account_id account,
                            struct arena *arena, bool *ret_due)
{
    struct instant accepted = {0};
    enum fault fault = read_terms(access, tx, account.id, arena, &accepted);
    int64_t age_s = seconds_between(accepted.us, access_now(access).us);
    if (fault == FAULT_NONE)
        *ret_due = age_s >= INT64_C(86400) * TERMS_DAYS;
    return fault;
}

enum fault access_terms_accept(struct access *access, struct db_tx *tx, struct account_id account)
{
    const struct value in[] = {[BIND_terms_put_account_id] = value_id(account.id),
                               [BIND_terms_put_accepted_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_terms_put, in, NULL));
}
