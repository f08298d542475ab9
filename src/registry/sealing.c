#include "registry/sealing.h"

#include "registry/family.h"
#include "store/house_key.h"

enum { FORMAT = 1, CLEAR_BYTES_MAX = 4096, SEALED_BYTES_MAX = 2 * CLEAR_BYTES_MAX };

/* 1 January 2150: a sealed identity is never reviewed and never overdue. */
enum { NEVER_YEAR = 2150 };

enum fault sealing_key_open(struct db *db, struct vault *vault, struct sealing_key *ret_key)
{
    struct sealing_key key;
    enum fault fault = house_key_get(db, vault, STR("new identity"), &key.key);
    if (fault == FAULT_NONE)
        *ret_key = key;
    return fault;
}

static struct seal_place place_of(const struct id *entry)
{
    return (struct seal_place){"new_identity", "sealed", id_bytes(entry), 1};
}

static enum fault insert_entry(struct db_tx *tx, const struct shield_order *order,
                               const struct sealing_key *key, const struct sealing_ask *ask)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(SEALED_BYTES_MAX);
    const struct seal_place place = place_of(&ask->entry);
    enum fault fault;
    buffer_put_u8(&clear, FORMAT);
    buffer_put_bytes(&clear, id_bytes(&ask->old.id));
    buffer_put_bytes(&clear, id_bytes(&ask->new.id));
    TRY(buffer_fault(&clear));
    TRY(vault_seal(order->matters->vault, &key->key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_new_identity_insert_entry_id] = value_id(ask->entry),
                               [BIND_new_identity_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_new_identity_insert, in, NULL));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

/* An entry that is opened, and what with. */
struct opening {
    struct vault_purpose purpose;
    const struct sealing_key *key;
    struct id entry;
    struct arena *arena;
};

static enum fault read_entry(struct db_tx *tx, const struct opening *opening, struct sealing_outcome *outcome)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    const struct seal_place place = place_of(&opening->entry);
    const struct value in[] = {[BIND_new_identity_get_entry_id] = value_id(opening->entry)};
    struct value out[GIVES_new_identity_get];
    enum fault fault;
    TRY(db_one(tx, SQL_new_identity_get, in, opening->arena, out));
    TRY(vault_unseal(opening->purpose, &opening->key->key, &place, out[GIVE_new_identity_get_sealed].bytes,
                     &clear));
    struct reader reader = reader_of(buffer_bytes(&clear));
    if (reader_take_u8(&reader) != FORMAT ||
        !id_of_bytes(reader_take_bytes(&reader, sizeof outcome->old.id.byte), &outcome->old.id) ||
        !id_of_bytes(reader_take_bytes(&reader, sizeof outcome->new.id.byte), &outcome->new.id))
        fault = FAULT_CORRUPT;
done:
    buffer_close(&clear);
    return fault;
}

static struct matter_step step_of(const struct shield_order *order, enum step_verb verb,
                                  enum sealing_phase phase)
{
    return (struct matter_step){.at = order->now,
                                .verb = verb,
                                .account = order->account,
                                .role = order->role,
                                .name = order->name,
                                .outcome = (uint8_t)phase,
                                .text = order->text,
                                .more = order->more};
}

static struct instant never(void)
{
    return instant_of_day((struct day){NEVER_YEAR, 1, 1, DAY_EXACT});
}

static enum fault check_both(struct db_tx *tx, const struct shield_order *order,
                             const struct sealing_ask *ask, struct child_standing *old)
{
    struct child_standing new;
    struct matter before;
    enum fault fault;
    TRY(family_standing(tx, ask->old, order->arena, old));
    TRY(family_standing(tx, ask->new, order->arena, &new));
    if (id_equal(old->child.id, new.child.id))
        return fault_note(FAULT_REFUSED, "these are one record: split them before one is closed");
    if (old->state != RECORD_SHIELDED || old->columns.shield != SHIELD_DECIDED)
        return fault_note(FAULT_REFUSED, "only a record whose shield is decided is closed");
    if (new.state != RECORD_LIVE &&new.state != RECORD_SHIELDED)
        return fault_note(FAULT_REFUSED, "the record of the new identity is closed itself");
    fault = matter_of_child(tx, order->matters, MATTER_SEALING, old->child, order->arena, &before);
    if (fault == FAULT_NONE)
        return fault_note(FAULT_DUPLICATE, "that was asked before");
    if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
done:
    return fault;
}

enum fault sealing_ask(struct db_tx *tx, const struct permit_seal_ask *permit,
                       const struct shield_order *order, const struct sealing_key *key,
                       const struct sealing_ask *ask)
{
    must(permit->permit.operation == OP_seal_ask);
    const struct matter_step step = step_of(order, STEP_SECOND_ASKED, SEALING_ASKED);
    struct child_standing old;
    enum fault fault;
    TRY(check_both(tx, order, ask, &old));
    const struct matter matter = {.matter = ask->id,
                                  .kind = MATTER_SEALING,
                                  .state = MATTER_SECOND,
                                  .authority = old.authority,
                                  .opened = order->now,
                                  .due = order->now,
                                  .child = old.child,
                                  .asker = order->account,
                                  .first = order->account,
                                  .wanted = SEALING_ASKED,
                                  .other = ask->entry};
    TRY(insert_entry(tx, order, key, ask));
    TRY(matter_open(tx, order->matters, &matter, &step));
done:
    return fault;
}

/* Nothing of the old record's shield is left to decide. */
static enum fault close_shields(struct db_tx *tx, const struct shield_order *order, struct child_id old)
{
    const struct matter_step step = {.at = order->now,
                                     .verb = STEP_CLOSED,
                                     .account = order->account,
                                     .role = order->role,
                                     .name = order->name};
    struct matter shield;
    enum fault fault;
    for (;;) {
        fault = matter_of_child(tx, order->matters, MATTER_SHIELD, old, order->arena, &shield);
        if (fault == FAULT_ABSENT)
            return FAULT_NONE;
        TRY(fault);
        shield.state = MATTER_CLOSED;
        TRY(matter_advance(tx, order->matters, &shield, &step));
    }
done:
    return fault;
}

static enum fault seal_family(struct db_tx *tx, struct noting *noting, const struct shield_order *order,
                              struct child_id old)
{
    struct child_standing standing;
    struct family family;
    struct value out[GIVES_child_seal];
    enum fault fault;
    TRY(family_standing(tx, old, order->arena, &standing));
    TRY(family_read(tx, standing.child, &family));
    for (size_t i = 0; i < family.count; i++) {
        const struct value in[] = {[BIND_child_seal_child_id] = value_id(family.ids[i].id)};
        TRY(db_one(tx, SQL_child_seal, in, order->arena, out));
    }
    TRY(close_shields(tx, order, standing.child));
    TRY(change_note(tx, noting, &standing.child, 1));
done:
    return fault;
}

enum fault sealing_second(struct db_tx *tx, struct noting *noting, const struct permit_seal_second *permit,
                          const struct shield_order *order, const struct sealing_key *key,
                          struct matter *matter, bool agreed, struct sealing_outcome *ret_outcome)
{
    must(permit->permit.operation == OP_seal_second);
    const enum sealing_phase phase = (enum sealing_phase)matter->wanted;
    const struct matter_step step = step_of(order, agreed ? STEP_SECOND_GIVEN : STEP_SECOND_DECLINED, phase);
    struct sealing_outcome outcome = {.sealed = agreed && phase == SEALING_ASKED};
    enum fault fault;
    if (matter->kind != MATTER_SEALING || matter->state != MATTER_SECOND)
        return fault_note(FAULT_CONFLICT, "somebody else has decided this meanwhile: look at it again");
    if (id_equal(matter->first.id, order->account.id))
        return fault_note(FAULT_REFUSED, "a new identity takes two people");
    matter->first = (struct account_id){{{0}}};
    matter->state = phase == SEALING_ASKED && !agreed ? MATTER_CLOSED : MATTER_OPEN;
    matter->wanted = SEALING_SEALED;
    matter->due = never();
    TRY(matter_advance(tx, order->matters, matter, &step));
    if (outcome.sealed)
        TRY(seal_family(tx, noting, order, matter->child));
    const struct opening opening = {vault_for_writing(order->matters->vault, &permit->permit), key,
                                    matter->other, order->arena};
    if (agreed && phase == SEALING_OPENING)
        TRY(read_entry(tx, &opening, &outcome));
    *ret_outcome = outcome;
done:
    return fault;
}

enum fault sealing_open(struct db_tx *tx, const struct permit_seal_open *permit,
                        const struct shield_order *order, struct matter *matter)
{
    must(permit->permit.operation == OP_seal_open);
    const struct matter_step step = step_of(order, STEP_SECOND_ASKED, SEALING_OPENING);
    enum fault fault;
    if (matter->kind != MATTER_SEALING || matter->state != MATTER_OPEN || matter->wanted != SEALING_SEALED)
        return fault_note(FAULT_CONFLICT, "somebody else has decided this meanwhile: look at it again");
    matter->state = MATTER_SECOND;
    matter->wanted = SEALING_OPENING;
    matter->first = order->account;
    matter->due = order->now;
    TRY(matter_advance(tx, order->matters, matter, &step));
done:
    return fault;
}
