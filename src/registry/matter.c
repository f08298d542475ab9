#include "registry/matter_inside.h"

#include "registry/family.h"
#include "store/house_key.h"

enum {
    FORMAT = 1,
    CLEAR_BYTES_MAX = 32 * 1024,
    SEALED_BYTES_MAX = 2 * CLEAR_BYTES_MAX,
    ARENA_BYTES = 64 * 1024
};

/* The version of a step's place: its number is part of the row. */
enum { STEP_VERSION = 1, STEP_ROW_BYTES = 24 };

enum fault matters_open(struct db *db, struct vault *vault, struct matters *ret_matters)
{
    struct matters matters = {.vault = vault};
    enum fault fault = house_key_get(db, vault, STR("matter"), &matters.key);
    if (fault == FAULT_NONE)
        *ret_matters = matters;
    return fault;
}

static struct seal_place place_of(const struct matter_id *matter, uint64_t version)
{
    return (struct seal_place){"matter", "sealed", id_bytes(&matter->id), version};
}

struct tag matter_subject(const struct matters *matters, enum matter_kind kind, struct child_id child)
{
    uint8_t at[1 + sizeof child.id.byte];
    at[0] = (uint8_t)kind;
    memcpy(at + 1, child.id.byte, sizeof child.id.byte);
    return vault_tag(matters->vault, "matter", (struct bytes){at, sizeof at});
}

static void pack(struct buffer *clear, const struct matter *matter)
{
    buffer_put_u8(clear, FORMAT);
    buffer_put_bytes(clear, id_bytes(&matter->child.id));
    buffer_put_bytes(clear, id_bytes(&matter->asker.id));
    buffer_put_bytes(clear, id_bytes(&matter->first.id));
    buffer_put_bytes(clear, id_bytes(&matter->about.id));
    buffer_put_bytes(clear, id_bytes(&matter->other));
    buffer_put_u8(clear, matter->wanted);
}

static void take_id(struct reader *reader, struct id *id)
{
    reader->ok = reader->ok && id_of_bytes(reader_take_bytes(reader, sizeof id->byte), id);
}

static enum fault unpack(struct bytes clear, struct matter *matter)
{
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    take_id(&reader, &matter->child.id);
    take_id(&reader, &matter->asker.id);
    take_id(&reader, &matter->first.id);
    take_id(&reader, &matter->about.id);
    take_id(&reader, &matter->other);
    matter->wanted = reader_take_u8(&reader);
    return reader.ok && reader.rest.len == 0 && format == FORMAT ? FAULT_NONE : FAULT_CORRUPT;
}

static enum fault seal_matter(const struct matters *matters, const struct matter *matter, uint64_t version,
                              struct buffer *sealed)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    const struct seal_place place = place_of(&matter->matter, version);
    enum fault fault;
    pack(&clear, matter);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(matters->vault, &matters->key, &place, buffer_bytes(&clear), sealed));
done:
    buffer_close(&clear);
    return fault;
}

enum fault matter_open_row(const struct matters *matters, struct matter_id id, const struct matter_row *row,
                           struct arena *arena, struct matter *ret_matter)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct matter matter = {.matter = id,
                            .kind = (enum matter_kind)row->kind,
                            .state = (enum matter_state)row->state,
                            .opened = {row->opened_us},
                            .due = {row->due_us},
                            .version = (uint32_t)row->version};
    const struct seal_place place = place_of(&id, (uint64_t)row->version);
    enum fault fault = FAULT_CORRUPT;
    if (row->kind < MATTER_SHIELD || row->kind >= MATTER_KINDS_END || row->state < MATTER_OPEN ||
        row->state > MATTER_CLOSED)
        goto done;
    TRY(vault_unseal(vault_for_own(matters->vault), &matters->key, &place, row->sealed, &clear));
    TRY(unpack(buffer_bytes(&clear), &matter));
    if (row->authority->kind == VALUE_TEXT)
        TRY(arena_copy(arena, str_of_bytes(row->authority->bytes), &matter.authority));
    *ret_matter = matter;
done:
    buffer_close(&clear);
    return fault;
}

static struct value authority_value(struct str authority)
{
    return authority.len == 0 ? value_null() : value_text(authority);
}

/* Under which key steps are sealed: the child's, or the matters' own.  FAULT_ABSENT where the child's is
 * gone. */
static enum fault step_key(struct db_tx *tx, const struct matters *matters, const struct matter *matter,
                           struct wrapped_key *ret_key)
{
    struct arena *arena = NULL;
    struct value out[GIVES_matter_child_key];
    enum fault fault = FAULT_NONE;
    if (id_is_zero(matter->child.id)) {
        *ret_key = matters->key;
        return FAULT_NONE;
    }
    const struct value in[] = {[BIND_matter_child_key_child_id] = value_id(matter->child.id)};
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_matter_child_key, in, arena, out));
    const struct bytes wrapped = out[GIVE_matter_child_key_wrapped].bytes;
    if (wrapped.len != sizeof ret_key->byte)
        fault = FAULT_CORRUPT;
    else
        memcpy(ret_key->byte, wrapped.at, wrapped.len);
done:
    arena_close(arena);
    return fault;
}

static struct seal_place step_place(const struct matter_id *matter, int64_t number,
                                    uint8_t at[STEP_ROW_BYTES])
{
    memcpy(at, matter->id.byte, 16);
    for (int i = 0; i < 8; i++)
        at[16 + i] = (uint8_t)((uint64_t)number >> (8 * (7 - i)));
    return (struct seal_place){"matter_step", "sealed", {at, STEP_ROW_BYTES}, STEP_VERSION};
}

static void pack_step(struct buffer *clear, const struct matter_step *step)
{
    buffer_put_u8(clear, FORMAT);
    buffer_put_u64(clear, (uint64_t)step->at.us);
    buffer_put_u8(clear, (uint8_t)step->verb);
    buffer_put_bytes(clear, id_bytes(&step->account.id));
    buffer_put_u8(clear, (uint8_t)step->role);
    buffer_put_u8(clear, step->outcome);
    buffer_put_field(clear, bytes_of(step->name));
    buffer_put_field(clear, bytes_of(step->text));
    buffer_put_field(clear, bytes_of(step->more));
}

static enum fault take_text(struct reader *reader, struct arena *arena, struct str *ret)
{
    return arena_copy(arena, str_of_bytes(reader_take_field(reader)), ret);
}

static enum fault unpack_step(struct bytes clear, struct arena *arena, struct matter_step *step)
{
    struct reader reader = reader_of(clear);
    enum fault fault;
    uint8_t format = reader_take_u8(&reader);
    step->at.us = (int64_t)reader_take_u64(&reader);
    step->verb = (enum step_verb)reader_take_u8(&reader);
    take_id(&reader, &step->account.id);
    step->role = (enum role)reader_take_u8(&reader);
    step->outcome = reader_take_u8(&reader);
    TRY(take_text(&reader, arena, &step->name));
    TRY(take_text(&reader, arena, &step->text));
    TRY(take_text(&reader, arena, &step->more));
    if (!reader.ok || reader.rest.len > 0 || format != FORMAT || step->verb < STEP_ASKED ||
        step->verb >= STEP_VERBS_END || step->role >= ROLES_END)
        fault = FAULT_CORRUPT;
done:
    return fault;
}

/* Steps are numbered by the version of the matter that they made: nobody has the same twice. */
static enum fault insert_step(struct db_tx *tx, const struct matters *matters, const struct matter *matter,
                              const struct matter_step *step)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(SEALED_BYTES_MAX);
    const int64_t number = matter->version;
    struct wrapped_key key;
    uint8_t at[STEP_ROW_BYTES];
    const struct seal_place place = step_place(&matter->matter, number, at);
    enum fault fault;
    must(step->text.len <= MATTER_TEXT_BYTES_MAX && step->more.len <= MATTER_TEXT_BYTES_MAX);
    TRY(step_key(tx, matters, matter, &key));
    pack_step(&clear, step);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(matters->vault, &key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_matter_step_insert_matter_id] = value_id(matter->matter.id),
                               [BIND_matter_step_insert_number] = value_int(number),
                               [BIND_matter_step_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_matter_step_insert, in, NULL));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

enum fault matter_open(struct db_tx *tx, const struct matters *matters, const struct matter *matter,
                       const struct matter_step *step)
{
    struct matter fresh = *matter;
    struct buffer sealed = buffer_open(SEALED_BYTES_MAX);
    const struct tag subject = matter_subject(matters, matter->kind, matter->child);
    int64_t changes = 0;
    enum fault fault;
    fresh.version = 1;
    TRY(seal_matter(matters, &fresh, fresh.version, &sealed));
    const struct value in[] = {
        [BIND_matter_insert_matter_id] = value_id(fresh.matter.id),
        [BIND_matter_insert_kind] = value_int(fresh.kind),
        [BIND_matter_insert_state] = value_int(fresh.state),
        [BIND_matter_insert_authority] = authority_value(fresh.authority),
        [BIND_matter_insert_opened_us] = value_int(fresh.opened.us),
        [BIND_matter_insert_due_us] = value_int(fresh.due.us),
        [BIND_matter_insert_subject] =
            id_is_zero(fresh.child.id) ? value_null() : value_bytes((struct bytes){subject.byte, TAG_BYTES}),
        [BIND_matter_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_matter_insert, in, &changes));
    TRY(insert_step(tx, matters, &fresh, step));
done:
    buffer_close(&sealed);
    return fault;
}

enum fault matter_read(struct db_tx *tx, const struct matters *matters, struct matter_id id,
                       struct arena *arena, struct matter *ret_matter)
{
    const struct value in[] = {[BIND_matter_get_matter_id] = value_id(id.id)};
    struct value out[GIVES_matter_get];
    enum fault fault;
    TRY(db_one(tx, SQL_matter_get, in, arena, out));
    const struct matter_row row = {.kind = out[GIVE_matter_get_kind].number,
                                   .state = out[GIVE_matter_get_state].number,
                                   .opened_us = out[GIVE_matter_get_opened_us].number,
                                   .due_us = out[GIVE_matter_get_due_us].number,
                                   .version = out[GIVE_matter_get_version].number,
                                   .authority = &out[GIVE_matter_get_authority],
                                   .sealed = out[GIVE_matter_get_sealed].bytes};
    TRY(matter_open_row(matters, id, &row, arena, ret_matter));
done:
    return fault;
}

/* What is looked for about a child. */
struct wanted {
    enum matter_kind kind;
    int64_t not_in; /* a state; 0: any will do */
};

/* The newest about that very record.  FAULT_ABSENT. */
static enum fault matter_of_record(struct db_tx *tx, const struct matters *matters, struct wanted wanted,
                                   struct child_id record, struct arena *arena, struct matter *ret_matter)
{
    const struct tag subject = matter_subject(matters, wanted.kind, record);
    const struct value in[] = {[BIND_matter_of_subject_subject] =
                                   value_bytes((struct bytes){subject.byte, TAG_BYTES}),
                               [BIND_matter_of_subject_closed] = value_int(wanted.not_in)};
    struct value out[GIVES_matter_of_subject];
    struct matter_id id;
    enum fault fault;
    TRY(db_one(tx, SQL_matter_of_subject, in, arena, out));
    if (!id_of_bytes(out[GIVE_matter_of_subject_matter_id].bytes, &id.id))
        return FAULT_CORRUPT;
    TRY(matter_read(tx, matters, id, arena, ret_matter));
done:
    return fault;
}

static enum fault newest_of_family(struct db_tx *tx, const struct matters *matters, struct wanted wanted,
                                   struct child_id child, struct arena *arena, struct matter *ret_matter)
{
    struct child_standing standing;
    struct family family;
    struct matter newest = {.opened = {INT64_MIN}}, found;
    bool any = false;
    enum fault fault;
    TRY(family_standing(tx, child, arena, &standing));
    TRY(family_read(tx, standing.child, &family));
    for (size_t i = 0; i < family.count; i++) {
        fault = matter_of_record(tx, matters, wanted, family.ids[i], arena, &found);
        if (fault == FAULT_ABSENT)
            continue;
        TRY(fault);
        if (!any || found.opened.us > newest.opened.us)
            newest = found;
        any = true;
    }
    fault = any ? FAULT_NONE : FAULT_ABSENT;
    if (any)
        *ret_matter = newest;
done:
    return fault;
}

enum fault matter_of_child(struct db_tx *tx, const struct matters *matters, enum matter_kind kind,
                           struct child_id child, struct arena *arena, struct matter *ret_matter)
{
    const struct wanted wanted = {kind, MATTER_CLOSED};
    return newest_of_family(tx, matters, wanted, child, arena, ret_matter);
}

enum fault matter_last_of_child(struct db_tx *tx, const struct matters *matters, enum matter_kind kind,
                                struct child_id child, struct arena *arena, struct matter *ret_matter)
{
    const struct wanted wanted = {kind, 0};
    return newest_of_family(tx, matters, wanted, child, arena, ret_matter);
}

struct id matter_alarm_id(const struct matters *matters, const struct matter *matter, enum alarm_kind kind,
                          enum role addressed)
{
    uint8_t at[sizeof matter->matter.id.byte + sizeof matter->due.us + 2];
    struct id id;
    memcpy(at, matter->matter.id.byte, sizeof matter->matter.id.byte);
    for (size_t i = 0; i < sizeof matter->due.us; i++)
        at[sizeof matter->matter.id.byte + i] = (uint8_t)((uint64_t)matter->due.us >> (8 * i));
    at[sizeof at - 2] = (uint8_t)kind;
    at[sizeof at - 1] = (uint8_t)addressed;
    vault_derive(matters->vault, "alarm of a matter", (struct bytes){at, sizeof at}, id.byte, sizeof id.byte);
    return id;
}

/* R17.7: whoever works on a matter has answered what was raised about it. */
static enum fault answer_alarms(struct db_tx *tx, const struct matters *matters, const struct matter *before,
                                struct instant now)
{
    static const enum alarm_kind kinds[] = {ALARM_OVERRIDE, ALARM_OVERDUE};
    static const enum role told[] = {ROLE_shielding_officer, ROLE_audit_reviewer, ROLE_user_manager};
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (size_t k = 0; k < sizeof told / sizeof told[0]; k++) {
            fault = alarm_acknowledge(tx, matter_alarm_id(matters, before, kinds[i], told[k]), now);
            if (fault != FAULT_NONE && fault != FAULT_ABSENT)
                return fault;
        }
    return FAULT_NONE;
}

/* What was due is done, or is due at another time. */
static enum fault answer_what_was_due(struct db_tx *tx, const struct matters *matters,
                                      const struct matter *next, struct instant now)
{
    struct arena *arena = NULL;
    struct matter before;
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    TRY(matter_read(tx, matters, next->matter, arena, &before));
    if (next->state == MATTER_CLOSED || next->due.us != before.due.us)
        TRY(answer_alarms(tx, matters, &before, now));
done:
    arena_close(arena);
    return fault;
}

enum fault matter_advance(struct db_tx *tx, const struct matters *matters, struct matter *matter,
                          const struct matter_step *step)
{
    struct matter next = *matter;
    struct buffer sealed = buffer_open(SEALED_BYTES_MAX);
    int64_t changed = 0;
    enum fault fault;
    next.version++;
    TRY(answer_what_was_due(tx, matters, &next, step->at));
    TRY(seal_matter(matters, &next, next.version, &sealed));
    const struct value in[] = {[BIND_matter_update_matter_id] = value_id(next.matter.id),
                               [BIND_matter_update_state] = value_int(next.state),
                               [BIND_matter_update_authority] = authority_value(next.authority),
                               [BIND_matter_update_due_us] = value_int(next.due.us),
                               [BIND_matter_update_sealed] = value_bytes(buffer_bytes(&sealed)),
                               [BIND_matter_update_version] = value_int(matter->version)};
    TRY(db_run(tx, SQL_matter_update, in, &changed));
    if (changed != 1) {
        fault = fault_note(FAULT_CONFLICT, "somebody else has worked on this: look at it again");
        goto done;
    }
    TRY(insert_step(tx, matters, &next, step));
    matter->version = next.version;
done:
    buffer_close(&sealed);
    return fault;
}

enum fault matter_add(struct db_tx *tx, const struct matters *matters, struct matter *matter,
                      const struct matter_step *step)
{
    return matter_advance(tx, matters, matter, step);
}

static enum fault open_step(const struct matters *matters, const struct matter *matter,
                            const struct wrapped_key *key, const struct value *out, struct arena *arena,
                            struct matter_step *step)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    uint8_t at[STEP_ROW_BYTES];
    enum fault fault;
    step->number = out[GIVE_matter_step_list_number].number;
    const struct seal_place place = step_place(&matter->matter, step->number, at);
    TRY(vault_unseal(vault_for_own(matters->vault), key, &place, out[GIVE_matter_step_list_sealed].bytes,
                     &clear));
    TRY(unpack_step(buffer_bytes(&clear), arena, step));
done:
    buffer_close(&clear);
    return fault;
}

enum fault matter_steps(struct db_tx *tx, const struct matters *matters, const struct matter *matter,
                        struct arena *arena, struct matter_step **ret_steps, size_t *ret_count)
{
    struct matter_step *steps = arena_take_array(arena, MATTER_STEPS_MAX, sizeof *steps);
    const struct value in[] = {[BIND_matter_step_list_matter_id] = value_id(matter->matter.id),
                               [BIND_matter_step_list_most] = value_int(MATTER_STEPS_MAX)};
    struct value out[GIVES_matter_step_list];
    struct db_rows *rows = NULL;
    struct wrapped_key key;
    size_t count = 0;
    if (steps == NULL)
        return FAULT_MEMORY;
    enum fault fault = step_key(tx, matters, matter, &key);
    if (fault == FAULT_ABSENT) { /* erased */
        *ret_steps = steps;
        *ret_count = 0;
        return FAULT_NONE;
    }
    TRY(fault);
    TRY(db_query(tx, SQL_matter_step_list, in, &rows));
    while (count < MATTER_STEPS_MAX && db_next(rows, out))
        TRY(open_step(matters, matter, &key, out, arena, &steps[count++]));
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE) {
        *ret_steps = steps;
        *ret_count = count;
    }
    return fault;
}

const char *matter_kind_name(enum matter_kind kind)
{
    switch (kind) {
    case MATTER_SHIELD:
        return "shield";
    case MATTER_OVERRIDE:
        return "override";
    case MATTER_BROKERING:
        return "brokering";
    case MATTER_APPROVAL:
        return "approval";
    case MATTER_SEALING:
        return "sealing";
    case MATTER_KINDS_END:
        break;
    }
    return NULL;
}

const char *step_verb_words(enum step_verb verb)
{
    switch (verb) {
    case STEP_ASKED:
        return "Asked";
    case STEP_CONFIRMED:
        return "Confirmed";
    case STEP_REFUSED:
        return "Refused";
    case STEP_REVIEWED:
        return "Reviewed";
    case STEP_SECOND_ASKED:
        return "A second person was asked";
    case STEP_SECOND_GIVEN:
        return "The second person agreed";
    case STEP_SECOND_DECLINED:
        return "The second person declined";
    case STEP_PASSED_ON:
        return "Passed on";
    case STEP_ANSWERED:
        return "Answered";
    case STEP_TOLD:
        return "Told";
    case STEP_ESCALATED:
        return "Escalated";
    case STEP_CLOSED:
        return "Closed";
    case STEP_TRAVELLED:
        return "Moved to the authority that answers for the child now";
    case STEP_WITHDRAWN:
        return "Consent was withdrawn";
    case STEP_VERBS_END:
        break;
    }
    return NULL;
}
