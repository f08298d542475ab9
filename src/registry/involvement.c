#include "registry/involvement.h"

#include "registry/family.h"

enum { CLAIM_BYTES_MAX = 64 * 1024 };

/* Beside the claim that it supersedes, or in the child's own record. */
static enum fault insert(struct db_tx *tx, struct noting *noting, const struct child *child,
                         const struct claim *claim)
{
    const struct child_part *part = family_part(child, claim);
    struct buffer clear = buffer_open(CLAIM_BYTES_MAX), sealed = buffer_open(2 * CLAIM_BYTES_MAX);
    struct seal_place place = claim_place(&claim->claim);
    enum fault fault;
    claim_pack(&clear, claim);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(noting->changes->vault, &part->key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_claim_insert_child_id] = value_id(part->child.id),
                               [BIND_claim_insert_claim_id] = value_id(claim->claim.id),
                               [BIND_claim_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_claim_insert, in, NULL));
    const struct value touch_in[] = {[BIND_child_touch_child_id] = value_id(child->child.id)};
    TRY(db_run(tx, SQL_child_touch, touch_in, NULL));
    TRY(change_note(tx, noting, &child->child, 1));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

static struct claim claim_of(const struct involvement_order *order)
{
    return (struct claim){.claim = order->claim,
                          .kind = ROW_INVOLVEMENT,
                          .source = SOURCE_NONE,
                          .recorder = order->recorder,
                          .recorded = order->at,
                          .organisation = order->organisation,
                          .consent = order->consent,
                          .row = order->row};
}

static bool is_own(const struct claim *claim, struct account_id recorder)
{
    return !claim->superseded && claim->kind == ROW_INVOLVEMENT && claim->source == SOURCE_NONE &&
           id_equal(claim->recorder.id, recorder.id);
}

/* The very form that is being taken was taken before: nothing is left to do. */
static bool is_taken(const struct child *child, const struct involvement_order *order)
{
    for (size_t i = 0; i < child->claim_count; i++)
        if (id_equal(child->claims[i].claim.id, order->claim.id))
            return true;
    return false;
}

static struct tag recorder_tag(struct vault *vault, struct account_id recorder)
{
    return vault_tag(vault, "recorder", id_bytes(&recorder.id));
}

static enum fault put_open(struct db_tx *tx, struct vault *vault, const struct claim *claim,
                           struct child_id child)
{
    struct tag tag = recorder_tag(vault, claim->recorder);
    const struct value in[] = {[BIND_open_involvement_put_recorder_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte}),
                               [BIND_open_involvement_put_claim_id] = value_id(claim->claim.id),
                               [BIND_open_involvement_put_child_id] = value_id(child.id)};
    return db_run(tx, SQL_open_involvement_put, in, NULL);
}

static enum fault end_open(struct db_tx *tx, struct vault *vault, struct account_id recorder,
                           struct claim_id claim)
{
    struct tag tag = recorder_tag(vault, recorder);
    const struct value in[] = {[BIND_open_involvement_end_recorder_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte}),
                               [BIND_open_involvement_end_claim_id] = value_id(claim.id)};
    return db_run(tx, SQL_open_involvement_end, in, NULL);
}

enum fault involvement_open_of(struct db_tx *tx, struct vault *vault, struct account_id recorder, size_t most,
                               struct arena *arena, struct open_involvement **ret_open, size_t *ret_count)
{
    struct open_involvement *open = arena_take_array(arena, most + 1, sizeof *open);
    struct tag tag = recorder_tag(vault, recorder);
    const struct value in[] = {[BIND_open_involvement_of_recorder_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte}),
                               [BIND_open_involvement_of_most] = value_int((int64_t)most)};
    struct value out[GIVES_open_involvement_of];
    struct db_rows *rows = NULL;
    size_t count = 0;
    if (open == NULL)
        return FAULT_MEMORY;
    enum fault fault = db_query(tx, SQL_open_involvement_of, in, &rows);
    while (fault == FAULT_NONE && count < most && db_next(rows, out)) {
        if (id_of_bytes(out[GIVE_open_involvement_of_claim_id].bytes, &open[count].claim.id) &&
            id_of_bytes(out[GIVE_open_involvement_of_child_id].bytes, &open[count].child.id))
            count++;
        else
            fault = fault_note(FAULT_CORRUPT, "an involvement's id has a wrong length");
    }
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE) {
        *ret_open = open;
        *ret_count = count;
    }
    return fault;
}

enum fault involvement_open_count(struct db_tx *tx, struct vault *vault, struct account_id recorder,
                                  int64_t *ret_count)
{
    enum { COUNT_ARENA_BYTES = 16 * 1024 };
    struct arena *arena = NULL;
    struct tag tag = recorder_tag(vault, recorder);
    const struct value in[] = {[BIND_open_involvement_count_recorder_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte})};
    struct value out[GIVES_open_involvement_count];
    enum fault fault;
    TRY(arena_open(COUNT_ARENA_BYTES, &arena));
    TRY(db_one(tx, SQL_open_involvement_count, in, arena, out));
    *ret_count = out[GIVE_open_involvement_count_involvements].number;
done:
    arena_close(arena);
    return fault;
}

/* R8.1: a sensitive service with consent, any other without. */
static bool may_be_recorded(const struct involvement_order *order)
{
    enum service_kind kind = policy_service_of(order->row.at[COLUMN_service_kind]);
    if (kind == SERVICE_NONE)
        return false;
    return policy_service_sensitive(kind)
               ? consent_is_whole(&order->consent, day_of_instant(order->at)) && !order->consent.withdrawn
               : id_is_zero(order->consent.id);
}

enum fault involvement_record(struct db_tx *tx, struct noting *noting,
                              const struct permit_involvement_record *permit, const struct child *child,
                              const struct involvement_order *order)
{
    must(permit->permit.operation == OP_involvement_record);
    if (!may_be_recorded(order))
        return fault_note(FAULT_INVALID, "this kind of service cannot be recorded so");
    if (is_taken(child, order))
        return FAULT_NONE;
    for (size_t i = 0; i < child->claim_count; i++)
        if (is_own(&child->claims[i], order->recorder) && child->claims[i].row.at[COLUMN_to].len == 0 &&
            str_equal(child->claims[i].row.at[COLUMN_service], order->row.at[COLUMN_service]))
            return FAULT_DUPLICATE;
    struct claim claim = claim_of(order);
    enum fault fault;
    TRY(insert(tx, noting, child, &claim));
    TRY(put_open(tx, noting->changes->vault, &claim, child->child));
done:
    return fault;
}

const struct claim *involvement_own(const struct child *child, struct account_id recorder,
                                    struct claim_id claim)
{
    for (size_t i = 0; i < child->claim_count; i++)
        if (id_equal(child->claims[i].claim.id, claim.id) && is_own(&child->claims[i], recorder) &&
            child->claims[i].row.at[COLUMN_to].len == 0)
            return &child->claims[i];
    return NULL;
}

/* A claim that has ended takes the place of one in force. */
static enum fault take_place(struct db_tx *tx, struct noting *noting, const struct child *child,
                             const struct claim *own, const struct claim *ended)
{
    enum fault fault;
    const struct value in[] = {[BIND_claim_supersede_child_id] = value_id(family_part(child, own)->child.id),
                               [BIND_claim_supersede_claim_id] = value_id(own->claim.id),
                               [BIND_claim_supersede_superseded_month] =
                                   value_int(month_of_instant(ended->recorded))};
    TRY(db_run(tx, SQL_claim_supersede, in, NULL));
    TRY(insert(tx, noting, child, ended));
    TRY(end_open(tx, noting->changes->vault, own->recorder, own->claim));
done:
    return fault;
}

/* What is said last of an involvement: the row and the consent of the claim that it supersedes. */
static struct claim last_of(const struct involvement_order *order, const struct claim *own)
{
    struct claim claim = claim_of(order);
    claim.row = own->row;
    claim.organisation = own->organisation;
    claim.consent = own->consent;
    claim.part = own->part;
    claim.row.at[COLUMN_to] = order->row.at[COLUMN_to];
    return claim;
}

enum fault involvement_end(struct db_tx *tx, struct noting *noting,
                           const struct permit_involvement_end *permit, const struct child *child,
                           const struct involvement_order *order, struct claim_id old)
{
    must(permit->permit.operation == OP_involvement_end);
    const struct claim *own = involvement_own(child, order->recorder, old);
    if (is_taken(child, order))
        return FAULT_NONE;
    if (own == NULL)
        return FAULT_ABSENT;
    struct day from = {0}, to = {0};
    if (!day_parse(own->row.at[COLUMN_from], &from) || !day_parse(order->row.at[COLUMN_to], &to) ||
        to.precision != DAY_EXACT || (from.precision == DAY_EXACT && day_number(to) < day_number(from)))
        return FAULT_INVALID;
    const struct claim claim = last_of(order, own);
    return take_place(tx, noting, child, own, &claim);
}

enum fault involvement_withdraw(struct db_tx *tx, struct noting *noting,
                                const struct permit_consent_withdraw *permit, const struct child *child,
                                const struct involvement_order *order, struct claim_id old)
{
    must(permit->permit.operation == OP_consent_withdraw);
    const struct claim *own = involvement_own(child, order->recorder, old);
    if (is_taken(child, order))
        return FAULT_NONE;
    if (own == NULL || id_is_zero(own->consent.id))
        return FAULT_ABSENT;
    struct claim claim = last_of(order, own);
    claim.consent.withdrawn = true;
    return take_place(tx, noting, child, own, &claim);
}

/* What stays of an involvement that goes on with somebody else. */
static struct claim claim_of_heir(const struct claim *own, const struct involvement_leaving *leaving)
{
    struct claim claim = *own;
    claim.claim = leaving->begun;
    claim.recorder = leaving->heir;
    claim.recorded = leaving->at;
    claim.row.at[COLUMN_practitioner] = leaving->practitioner;
    claim.row.at[COLUMN_job] = leaving->job;
    claim.row.at[COLUMN_phone] = leaving->phone;
    claim.row.at[COLUMN_email] = leaving->email;
    claim.row.at[COLUMN_from] = leaving->day;
    return claim;
}

/* R7.6: an heir who works with the child already keeps what they have. */
static bool has_heir_own(const struct child *child, const struct claim *own, struct account_id heir)
{
    for (size_t i = 0; i < child->claim_count; i++)
        if (is_own(&child->claims[i], heir) && child->claims[i].row.at[COLUMN_to].len == 0 &&
            str_equal(child->claims[i].row.at[COLUMN_service], own->row.at[COLUMN_service]))
            return true;
    return false;
}

enum fault involvement_leave(struct db_tx *tx, struct noting *noting, const struct permit_user_close *permit,
                             const struct child *child, const struct involvement_leaving *leaving)
{
    must(permit->permit.operation == OP_user_close);
    const struct claim *own = child == NULL ? NULL : involvement_own(child, leaving->leaver, leaving->claim);
    enum fault fault;
    if (own == NULL)
        return end_open(tx, noting->changes->vault, leaving->leaver, leaving->claim);
    struct claim ended = *own;
    ended.claim = leaving->ended;
    ended.recorded = leaving->at;
    ended.row.at[COLUMN_to] = leaving->day;
    TRY(take_place(tx, noting, child, own, &ended));
    if (!id_is_zero(leaving->heir.id) && !has_heir_own(child, own, leaving->heir)) {
        struct claim begun = claim_of_heir(own, leaving);
        TRY(insert(tx, noting, child, &begun));
        TRY(put_open(tx, noting->changes->vault, &begun, child->child));
    }
done:
    return fault;
}
