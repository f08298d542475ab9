#include "registry/alarm.h"

/* What earlier versions sealed is the detail alone, which begins with a letter. */
enum { FORMAT_OPEN = 1, FORMAT_CLOSED, DETAIL_BYTES_MAX = 16 * 1024, CLEAR_BYTES_MAX = 32 * 1024 };

struct words {
    const char *title, *means;
    bool of_matter;
};
static const struct words words[ALARMS_END] = {
#define ALARM(name, of_matter, title, words) [ALARM_##name] = {title, words, of_matter},
#include "registry/alarms.def"
#undef ALARM
};
static const char *const finding_names[FINDINGS_END] = {
#define FINDING(name, label) [FINDING_##name] = #name,
#include "registry/findings.def"
#undef FINDING
};
static const char *const finding_labels[FINDINGS_END] = {
#define FINDING(name, label) [FINDING_##name] = label,
#include "registry/findings.def"
#undef FINDING
};

const char *alarm_title(enum alarm_kind kind)
{
    must(kind < ALARMS_END);
    return words[kind].title;
}

const char *alarm_words(enum alarm_kind kind)
{
    must(kind < ALARMS_END);
    return words[kind].means;
}

bool alarm_is_of_matter(enum alarm_kind kind)
{
    must(kind < ALARMS_END);
    return words[kind].of_matter;
}

const char *finding_name(enum finding finding)
{
    must(finding < FINDINGS_END);
    return finding_names[finding];
}

const char *finding_label(enum finding finding)
{
    must(finding < FINDINGS_END);
    return finding_labels[finding];
}

enum finding finding_of(struct str name)
{
    for (int finding = 1; finding < FINDINGS_END; finding++)
        if (str_equal(name, str_of(finding_names[finding])))
            return (enum finding)finding;
    return FINDING_NONE;
}

/* One that is closed carries no secret that it did not carry before: both are bound to their row. */
static struct seal_place place_of(const struct id *alarm)
{
    return (struct seal_place){"alarm", "sealed", id_bytes(alarm), 1};
}

static void pack(struct buffer *clear, const struct alarm *alarm, const struct alarm_finding *finding)
{
    buffer_put_u8(clear, finding == NULL ? FORMAT_OPEN : FORMAT_CLOSED);
    buffer_put_bytes(clear, id_bytes(&alarm->account.id));
    buffer_put_bytes(clear, id_bytes(&alarm->child.id));
    buffer_put_field(clear, bytes_of(alarm->detail));
    if (finding == NULL)
        return;
    buffer_put_u64(clear, (uint64_t)finding->at.us);
    buffer_put_bytes(clear, id_bytes(&finding->account.id));
    buffer_put_u8(clear, (uint8_t)finding->role);
    buffer_put_u8(clear, (uint8_t)finding->finding);
    buffer_put_field(clear, bytes_of(finding->name));
    buffer_put_field(clear, bytes_of(finding->text));
}

enum fault alarm_raise(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                       struct entropy entropy, struct instant now, const struct alarm *alarm)
{
    struct id id = id_is_zero(alarm->id) ? id_new(entropy) : alarm->id;
    struct seal_place place = place_of(&id);
    struct buffer clear = buffer_open(DETAIL_BYTES_MAX), sealed = buffer_open(2 * DETAIL_BYTES_MAX);
    enum fault fault;
    pack(&clear, alarm, NULL);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(vault, key, &place, buffer_bytes(&clear), &sealed));
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
    buffer_close(&clear);
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

static enum fault take_id(struct reader *reader, struct id *id)
{
    return id_of_bytes(reader_take_bytes(reader, sizeof id->byte), id) ? FAULT_NONE : FAULT_CORRUPT;
}

static enum fault take_finding(struct reader *reader, struct arena *arena, struct alarm_finding *finding)
{
    enum fault fault;
    finding->at.us = (int64_t)reader_take_u64(reader);
    TRY(take_id(reader, &finding->account.id));
    finding->role = (enum role)reader_take_u8(reader);
    finding->finding = (enum finding)reader_take_u8(reader);
    const struct str name = str_of_bytes(reader_take_field(reader));
    const struct str text = str_of_bytes(reader_take_field(reader));
    if (!reader->ok || finding->role >= ROLES_END || finding->finding == FINDING_NONE ||
        finding->finding >= FINDINGS_END)
        return FAULT_CORRUPT;
    TRY(arena_copy(arena, name, &finding->name));
    TRY(arena_copy(arena, text, &finding->text));
done:
    return fault;
}

static enum fault unpack(struct bytes clear, struct arena *arena, struct raised_alarm *alarm)
{
    struct reader reader = reader_of(clear);
    const uint8_t format = reader_take_u8(&reader);
    enum fault fault;
    if (format != FORMAT_OPEN && format != FORMAT_CLOSED)
        return arena_copy(arena, str_of_bytes(clear), &alarm->alarm.detail);
    TRY(take_id(&reader, &alarm->alarm.account.id));
    TRY(take_id(&reader, &alarm->alarm.child.id));
    const struct str detail = str_of_bytes(reader_take_field(&reader));
    if (format == FORMAT_CLOSED)
        TRY(take_finding(&reader, arena, &alarm->finding));
    if (!reader.ok || reader.rest.len > 0)
        return FAULT_CORRUPT;
    TRY(arena_copy(arena, detail, &alarm->alarm.detail));
done:
    return fault;
}

/* What every statement gives of an alarm. */
struct alarm_row {
    int64_t kind, addressed;
    const struct value *authority, *acknowledged;
    struct bytes sealed;
};

static enum fault open_sealed(const struct alarm_reader *reader, struct bytes sealed,
                              struct raised_alarm *alarm)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    const struct seal_place place = place_of(&alarm->alarm.id);
    enum fault fault;
    TRY(vault_unseal(vault_for_own(reader->vault), reader->key, &place, sealed, &clear));
    TRY(unpack(buffer_bytes(&clear), reader->arena, alarm));
done:
    buffer_close(&clear);
    return fault;
}

/* The id, and when it was raised and is due, are there already. */
static enum fault open_row(const struct alarm_reader *reader, const struct alarm_row *row,
                           struct raised_alarm *alarm)
{
    enum fault fault;
    if (row->kind <= ALARM_NONE || row->kind >= ALARMS_END || row->addressed < 0 ||
        row->addressed >= ROLES_END)
        return FAULT_CORRUPT;
    alarm->alarm.kind = (enum alarm_kind)row->kind;
    alarm->alarm.addressed = (enum role)row->addressed;
    alarm->closed = row->acknowledged->kind == VALUE_INT;
    if (row->authority->kind == VALUE_TEXT)
        TRY(arena_copy(reader->arena, str_of_bytes(row->authority->bytes), &alarm->alarm.authority));
    TRY(open_sealed(reader, row->sealed, alarm));
done:
    return fault;
}

static enum fault take_listed(const struct alarm_reader *reader, const struct value *out,
                              struct raised_alarm *alarm)
{
    const struct alarm_row row = {.kind = out[GIVE_alarm_list_kind].number,
                                  .addressed = out[GIVE_alarm_list_addressed_role].number,
                                  .authority = &out[GIVE_alarm_list_authority],
                                  .acknowledged = &out[GIVE_alarm_list_acknowledged_us],
                                  .sealed = out[GIVE_alarm_list_sealed].bytes};
    *alarm = (struct raised_alarm){.raised = {out[GIVE_alarm_list_raised_us].number},
                                   .due = {out[GIVE_alarm_list_due_us].number}};
    if (!id_of_bytes(out[GIVE_alarm_list_alarm_id].bytes, &alarm->alarm.id))
        return FAULT_CORRUPT;
    return open_row(reader, &row, alarm);
}

enum fault alarm_list(struct db_tx *tx, const struct alarm_reader *reader, struct str authority,
                      struct raised_alarm *ret_alarms, size_t *ret_count)
{
    const struct value in[] = {[BIND_alarm_list_of_override] = value_int(ALARM_OVERRIDE),
                               [BIND_alarm_list_of_overdue] = value_int(ALARM_OVERDUE),
                               [BIND_alarm_list_authority] = value_text(authority),
                               [BIND_alarm_list_most] = value_int(ALARM_LIST_MAX)};
    struct value out[GIVES_alarm_list];
    struct db_rows *rows = NULL;
    size_t count = 0;
    enum fault fault;
    TRY(db_query(tx, SQL_alarm_list, in, &rows));
    while (count < ALARM_LIST_MAX && db_next(rows, out))
        TRY(take_listed(reader, out, &ret_alarms[count++]));
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}

enum fault alarm_read(struct db_tx *tx, const struct alarm_reader *reader, struct id alarm,
                      struct raised_alarm *ret_alarm)
{
    const struct value in[] = {[BIND_alarm_get_alarm_id] = value_id(alarm)};
    struct value out[GIVES_alarm_get];
    enum fault fault;
    TRY(db_one(tx, SQL_alarm_get, in, reader->arena, out));
    const struct alarm_row row = {.kind = out[GIVE_alarm_get_kind].number,
                                  .addressed = out[GIVE_alarm_get_addressed_role].number,
                                  .authority = &out[GIVE_alarm_get_authority],
                                  .acknowledged = &out[GIVE_alarm_get_acknowledged_us],
                                  .sealed = out[GIVE_alarm_get_sealed].bytes};
    struct raised_alarm found = {.alarm = {.id = alarm},
                                 .raised = {out[GIVE_alarm_get_raised_us].number},
                                 .due = {out[GIVE_alarm_get_due_us].number}};
    TRY(open_row(reader, &row, &found));
    if (alarm_is_of_matter(found.alarm.kind))
        return FAULT_ABSENT;
    *ret_alarm = found;
done:
    return fault;
}

enum fault alarm_close(struct db_tx *tx, const struct permit_alarm_close *permit,
                       const struct alarm_reader *reader, const struct raised_alarm *alarm,
                       const struct alarm_finding *finding)
{
    must(permit->permit.operation == OP_alarm_close && finding->text.len <= FINDING_TEXT_BYTES_MAX);
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(2 * CLEAR_BYTES_MAX);
    const struct seal_place place = place_of(&alarm->alarm.id);
    int64_t changed = 0;
    enum fault fault;
    if (id_equal(alarm->alarm.account.id, finding->account.id)) {
        fault = fault_note(FAULT_REFUSED, "nobody reviews what they did themselves");
        goto done;
    }
    pack(&clear, &alarm->alarm, finding);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(reader->vault, reader->key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_alarm_close_alarm_id] = value_id(alarm->alarm.id),
                               [BIND_alarm_close_acknowledged_us] = value_int(finding->at.us),
                               [BIND_alarm_close_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_alarm_close, in, &changed));
    if (changed != 1)
        fault = fault_note(FAULT_CONFLICT, "somebody else has closed this meanwhile: look at it again");
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}
