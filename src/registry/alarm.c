#include "registry/alarm.h"

enum { DETAIL_BYTES_MAX = 16 * 1024 };

enum fault alarm_raise(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                       struct entropy entropy, struct instant now, const struct alarm *alarm)
{
    struct id id = id_is_zero(alarm->id) ? id_new(entropy) : alarm->id;
    struct seal_place place = {"alarm", "sealed", id_bytes(&id), 1};
    struct buffer sealed = buffer_open(DETAIL_BYTES_MAX);
    enum fault fault;
    TRY(vault_seal(vault, key, &place, bytes_of(alarm->detail), &sealed));
    const struct value in[] = {[BIND_alarm_insert_alarm_id] = value_id(id),
                               [BIND_alarm_insert_kind] = value_int(alarm->kind),
                               [BIND_alarm_insert_addressed_role] = value_int(alarm->addressed),
                               [BIND_alarm_insert_authority] =
                                   alarm->authority.len == 0 ? value_null() : value_text(alarm->authority),
                               [BIND_alarm_insert_raised_us] = value_int(now.us),
                               [BIND_alarm_insert_due_us] = value_int(instant_after(now, alarm->due_in).us),
                               [BIND_alarm_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_alarm_insert, in, NULL));
done:
    buffer_close(&sealed);
    return fault;
}

enum fault alarm_open_count(struct db_tx *tx, enum alarm_kind kind, struct arena *arena, int64_t *ret_count)
{
    const struct value in[] = {[BIND_alarm_open_count_kind] = value_int(kind)};
    struct value out[GIVES_alarm_open_count];
    enum fault fault = db_one(tx, SQL_alarm_open_count, in, arena, out);
    if (fault == FAULT_NONE)
        *ret_count = out[GIVE_alarm_open_count_count].number;
    return fault;
}

enum fault alarm_acknowledge(struct db_tx *tx, struct id alarm, struct instant now)
{
    int64_t changed = 0;
    const struct value in[] = {[BIND_alarm_acknowledge_alarm_id] = value_id(alarm),
                               [BIND_alarm_acknowledge_acknowledged_us] = value_int(now.us)};
    enum fault fault = db_run(tx, SQL_alarm_acknowledge, in, &changed);
    return fault != FAULT_NONE ? fault : changed == 1 ? FAULT_NONE : FAULT_ABSENT;
}

enum fault alarm_escalate(struct db_tx *tx, enum role from, enum role to, struct instant now,
                          struct duration due_in, int64_t *ret_count)
{
    const struct value in[] = {[BIND_alarm_escalate_addressed_role] = value_int(from),
                               [BIND_alarm_escalate_next_role] = value_int(to),
                               [BIND_alarm_escalate_now_us] = value_int(now.us),
                               [BIND_alarm_escalate_due_us] = value_int(instant_after(now, due_in).us)};
    return db_run(tx, SQL_alarm_escalate, in, ret_count);
}
