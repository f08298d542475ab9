#include "registry/plan.h"

enum { RECORD_CLEAR_BYTES = 16 + 16 + 2 * TAG_BYTES + 1, SHIFT_BITS = 32, STEP_BYTES_MAX = 64 * 1024 };

static void put_big_endian(uint8_t at[8], int64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)((uint64_t)value >> (8 * (7 - i)));
}

/* The ciphertext is bound to its batch and its row of the plan. */
static struct seal_place step_place(enum source source, int64_t sequence, int64_t row_number, uint8_t at[24])
{
    put_big_endian(at, source);
    put_big_endian(at + 8, sequence);
    put_big_endian(at + 16, row_number);
    return (struct seal_place){"batch_plan", "sealed", {at, 24}, 1};
}

static void pack(struct buffer *clear, const struct plan_step *step)
{
    buffer_put_u8(clear, (uint8_t)step->action);
    buffer_put_u8(clear, step->record.kind);
    buffer_put_u64(clear, (uint64_t)step->record.number);
    buffer_put_bytes(clear, (struct bytes){step->record.tag.byte, TAG_BYTES});
    buffer_put_bytes(clear, (struct bytes){step->record.digest.byte, TAG_BYTES});
    buffer_put_bytes(clear, id_bytes(&step->record.child.id));
    buffer_put_bytes(clear, id_bytes(&step->record.claim.id));
    buffer_put_bytes(clear, id_bytes(&step->old.id));
    if (step->action == PLAN_CREATE) {
        buffer_put_bytes(clear, (struct bytes){step->key.byte, sizeof step->key.byte});
        buffer_put(clear, (struct str){step->number, sizeof step->number});
    }
    if (step->action == PLAN_CREATE || step->action == PLAN_CLAIM)
        row_pack(clear, &step->row);
}

static void take(struct reader *reader, void *at, size_t size_bytes)
{
    struct bytes bytes = reader_take_bytes(reader, size_bytes);
    if (bytes.len == size_bytes)
        memcpy(at, bytes.at, size_bytes);
}

static enum fault unpack(struct bytes clear, struct plan_step *step)
{
    struct reader reader = reader_of(clear);
    step->action = (enum plan_action)reader_take_u8(&reader);
    step->record.kind = reader_take_u8(&reader);
    step->record.number = (int64_t)reader_take_u64(&reader);
    step->record.fate = RECORD_KNOWN;
    take(&reader, step->record.tag.byte, TAG_BYTES);
    take(&reader, step->record.digest.byte, TAG_BYTES);
    take(&reader, step->record.child.id.byte, sizeof step->record.child.id.byte);
    take(&reader, step->record.claim.id.byte, sizeof step->record.claim.id.byte);
    take(&reader, step->old.id.byte, sizeof step->old.id.byte);
    if (step->action == PLAN_CREATE) {
        take(&reader, step->key.byte, sizeof step->key.byte);
        take(&reader, step->number, sizeof step->number);
    }
    if (!reader.ok || step->action < PLAN_CREATE || step->action > PLAN_HOLD)
        return FAULT_CORRUPT;
    return row_unpack(reader.rest, &step->row);
}

enum fault plan_seal(struct vault *vault, const struct wrapped_key *feed_key, const struct plan_step *step,
                     int64_t row_number, struct buffer *clear, struct buffer *sealed)
{
    uint8_t at[24];
    struct seal_place place = step_place(step->source, step->sequence, row_number, at);
    buffer_clear(clear);
    pack(clear, step);
    if (buffer_fault(clear) != FAULT_NONE)
        return buffer_fault(clear);
    return vault_seal(vault, feed_key, &place, buffer_bytes(clear), sealed);
}

enum fault plan_unseal(struct vault *vault, const struct wrapped_key *feed_key, struct bytes sealed,
                       int64_t row_number, struct buffer *clear, struct plan_step *step)
{
    uint8_t at[24];
    struct seal_place place = step_place(step->source, step->sequence, row_number, at);
    enum fault fault = vault_unseal(vault, feed_key, &place, sealed, clear);
    return fault != FAULT_NONE ? fault : unpack(buffer_bytes(clear), step);
}

static struct seal_place record_place(enum source source, int64_t number, uint8_t at[16])
{
    put_big_endian(at, source);
    put_big_endian(at + 8, number);
    return (struct seal_place){"source_record", "sealed", {at, 16}, 1};
}

enum fault record_seal(struct vault *vault, const struct wrapped_key *feed_key, enum source source,
                       const struct record *record, struct buffer *sealed)
{
    uint8_t at[16], clear[RECORD_CLEAR_BYTES];
    memcpy(clear, record->child.id.byte, 16);
    memcpy(clear + 16, record->claim.id.byte, 16);
    memcpy(clear + 32, record->digest.byte, TAG_BYTES);
    memcpy(clear + 32 + TAG_BYTES, record->tag.byte, TAG_BYTES);
    clear[32 + 2 * TAG_BYTES] = record->kind;
    struct seal_place place = record_place(source, record->number, at);
    return vault_seal(vault, feed_key, &place, (struct bytes){clear, sizeof clear}, sealed);
}

enum fault record_unseal(struct vault *vault, const struct wrapped_key *feed_key, enum source source,
                         struct bytes sealed, struct buffer *clear, struct record *record)
{
    uint8_t at[16];
    struct seal_place place = record_place(source, record->number, at);
    enum fault fault = vault_unseal(vault, feed_key, &place, sealed, clear);
    if (fault != FAULT_NONE)
        return fault;
    if (clear->len != RECORD_CLEAR_BYTES)
        return FAULT_CORRUPT;
    const char *from = clear->at;
    memcpy(record->child.id.byte, from, 16);
    memcpy(record->claim.id.byte, from + 16, 16);
    memcpy(record->digest.byte, from + 32, TAG_BYTES);
    memcpy(record->tag.byte, from + 32 + TAG_BYTES, TAG_BYTES);
    record->kind = (uint8_t)from[32 + 2 * TAG_BYTES];
    record->fate = id_is_zero(record->child.id) ? RECORD_HELD : RECORD_KNOWN;
    return FAULT_NONE;
}

enum fault plan_tags(struct vault *vault, const struct plan_step *step, struct arena *arena,
                     struct tag ret_tags[PLAN_TAGS_MAX], size_t *ret_count)
{
    struct person person = {0};
    size_t count = 0;
    enum fault fault = FAULT_NONE;
    if (step->action != PLAN_END && step->record.kind == ROW_CHILD)
        TRY(row_to_person(&step->row, arena, &person));
    if (step->action == PLAN_CREATE)
        person.numbers[person.number_count++] =
            (struct person_number){NUMBER_contactpoint, {step->number, sizeof step->number}};
    for (size_t i = 0; i < person.number_count && count < PLAN_TAGS_MAX; i++)
        ret_tags[count++] =
            vault_tag(vault, policy_number_name(person.numbers[i].scheme), bytes_of(person.numbers[i].value));
    *ret_count = count;
done:
    return fault;
}

/* Everything that one step needs, so that its parts stay small. */
struct applying {
    struct db_tx *tx;
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    const struct plan_step *step;
    struct arena *arena;
    struct buffer clear;
    struct buffer sealed;
};

static enum fault insert_claim(struct applying *applying, const struct wrapped_key *key,
                               const struct claim *claim)
{
    enum fault fault;
    struct seal_place place = claim_place(&claim->claim);
    buffer_clear(&applying->clear);
    claim_pack(&applying->clear, claim);
    TRY(buffer_fault(&applying->clear));
    TRY(vault_seal(applying->house->vault, key, &place, buffer_bytes(&applying->clear), &applying->sealed));
    const struct value in[] = {[BIND_claim_insert_child_id] = value_id(applying->step->record.child.id),
                               [BIND_claim_insert_claim_id] = value_id(claim->claim.id),
                               [BIND_claim_insert_sealed] = value_bytes(buffer_bytes(&applying->sealed))};
    TRY(db_run(applying->tx, SQL_claim_insert, in, NULL));
done:
    return fault;
}

static enum fault seal_linkage(struct applying *applying, const struct wrapped_key *key,
                               const struct person *person)
{
    struct seal_place place = linkage_place(&applying->step->record.child);
    buffer_clear(&applying->clear);
    person_pack(&applying->clear, person);
    if (buffer_fault(&applying->clear) != FAULT_NONE)
        return buffer_fault(&applying->clear);
    return vault_seal(applying->house->vault, key, &place, buffer_bytes(&applying->clear), &applying->sealed);
}

/* A record that is new gets the number of its place in the batch. */
static enum fault put_record(struct applying *applying)
{
    const struct plan_step *step = applying->step;
    struct record record = step->record;
    enum fault fault;
    if (record.number == 0)
        record.number = step->sequence << SHIFT_BITS | step->position;
    TRY(record_seal(applying->house->vault, applying->feed_key, step->source, &record, &applying->sealed));
    const struct value in[] = {[BIND_source_record_put_source] = value_int(step->source),
                               [BIND_source_record_put_number] = value_int(record.number),
                               [BIND_source_record_put_sealed] =
                                   value_bytes(buffer_bytes(&applying->sealed))};
    TRY(db_run(applying->tx, SQL_source_record_put, in, NULL));
done:
    return fault;
}

static struct claim claim_of_step(const struct applying *applying)
{
    const struct plan_step *step = applying->step;
    return (struct claim){.claim = step->record.claim,
                          .kind = (enum row_kind)step->record.kind,
                          .source = step->source,
                          .recorded = clock_now(applying->house->clock),
                          .row = step->row};
}

/* R11.1: where nobody says it any more, the one that was responsible stays so. */
static struct str responsible_authority(const struct child *child)
{
    const struct claim *claim = child_authoritative(child, GROUP_WHEREABOUTS, COLUMN_authority);
    return claim == NULL ? child->authority : claim->row.at[COLUMN_authority];
}

static struct value text_or_null(struct str text)
{
    return text.len == 0 ? value_null() : value_text(text);
}

static enum fault create(struct applying *applying, struct plan_effect *effect)
{
    const struct plan_step *step = applying->step;
    enum fault fault;
    struct claim claim = claim_of_step(applying);
    struct child child = {.child = step->record.child, .claims = &claim, .claim_count = 1};
    /* The effect outlives the step. */
    TRY(arena_copy(applying->arena, (struct str){step->number, sizeof step->number}, &child.number));
    TRY(child_person(&child, applying->arena, &effect->person));
    TRY(seal_linkage(applying, &step->key, &effect->person));
    const struct value in[] = {[BIND_child_insert_child_id] = value_id(step->record.child.id),
                               [BIND_child_insert_state] = value_int(RECORD_LIVE),
                               [BIND_child_insert_shield] = value_int(SHIELD_NONE),
                               [BIND_child_insert_authority] = text_or_null(responsible_authority(&child)),
                               [BIND_child_insert_linkage] = value_bytes(buffer_bytes(&applying->sealed))};
    TRY(db_run(applying->tx, SQL_child_insert, in, NULL));
    const struct value key_in[] = {[BIND_child_key_insert_child_id] = value_id(step->record.child.id),
                                   [BIND_child_key_insert_wrapped] =
                                       value_bytes((struct bytes){step->key.byte, sizeof step->key.byte})};
    TRY(db_run(applying->tx, SQL_child_key_insert, key_in, NULL));
    TRY(insert_claim(applying, &step->key, &claim));
    TRY(put_record(applying));
    effect->state = RECORD_LIVE;
    effect->version = 1;
    effect->reindex = true;
done:
    return fault;
}

static enum fault supersede(struct applying *applying)
{
    const struct value in[] = {[BIND_claim_supersede_child_id] = value_id(applying->step->record.child.id),
                               [BIND_claim_supersede_claim_id] = value_id(applying->step->old.id),
                               [BIND_claim_supersede_superseded_month] =
                                   value_int(month_of_instant(clock_now(applying->house->clock)))};
    return db_run(applying->tx, SQL_claim_supersede, in, NULL);
}

/* The bundle again from every claim in force, so that the order of arrival leaves no trace in it. */
static enum fault rebundle(struct applying *applying, struct plan_effect *effect)
{
    enum fault fault;
    struct child *child = NULL;
    int64_t changed = 0;
    TRY(child_read_whole(applying->tx, applying->house->vault, applying->step->record.child, applying->arena,
                         &child));
    TRY(child_person(child, applying->arena, &effect->person));
    TRY(seal_linkage(applying, &child->key, &effect->person));
    const struct value in[] = {[BIND_child_update_child_id] = value_id(applying->step->record.child.id),
                               [BIND_child_update_authority] = text_or_null(responsible_authority(child)),
                               [BIND_child_update_linkage] = value_bytes(buffer_bytes(&applying->sealed)),
                               [BIND_child_update_version] = value_int(child->version)};
    TRY(db_run(applying->tx, SQL_child_update, in, &changed));
    if (changed != 1) {
        fault = FAULT_CONFLICT;
        goto done;
    }
    effect->state = child->state; /* R9.5: a feed leaves state and shield alone */
    effect->version = child->version + 1;
    effect->reindex = true;
done:
    return fault;
}

static enum fault touch(struct applying *applying)
{
    const struct value in[] = {[BIND_child_touch_child_id] = value_id(applying->step->record.child.id)};
    return db_run(applying->tx, SQL_child_touch, in, NULL);
}

static enum fault add_claim(struct applying *applying, struct plan_effect *effect)
{
    enum fault fault;
    struct child *child = NULL;
    struct claim claim = claim_of_step(applying);
    TRY(child_read(applying->tx, applying->house->vault, applying->step->record.child, applying->arena,
                   &child));
    if (!id_is_zero(applying->step->old.id))
        TRY(supersede(applying));
    TRY(insert_claim(applying, &child->key, &claim));
    TRY(put_record(applying));
    TRY(claim.kind == ROW_CHILD ? rebundle(applying, effect) : touch(applying));
done:
    return fault;
}

static enum fault end_claim(struct applying *applying, struct plan_effect *effect)
{
    enum fault fault;
    const struct value in[] = {[BIND_source_record_end_source] = value_int(applying->step->source),
                               [BIND_source_record_end_number] = value_int(applying->step->record.number)};
    TRY(db_run(applying->tx, SQL_source_record_end, in, NULL));
    if (id_is_zero(applying->step->record.child.id)) /* held: it stands for nobody */
        return FAULT_NONE;
    TRY(supersede(applying));
    TRY(applying->step->record.kind == ROW_CHILD ? rebundle(applying, effect) : touch(applying));
done:
    return fault;
}

enum fault plan_apply(struct db_tx *tx, const struct intake_house *house, const struct wrapped_key *feed_key,
                      const struct plan_step *step, struct arena *arena, struct plan_effect *ret_effect)
{
    struct applying applying = {.tx = tx,
                                .house = house,
                                .feed_key = feed_key,
                                .step = step,
                                .arena = arena,
                                .clear = buffer_open(STEP_BYTES_MAX),
                                .sealed = buffer_open(2 * STEP_BYTES_MAX)};
    struct plan_effect effect = {.child = step->record.child};
    enum fault fault = FAULT_CORRUPT;
    switch (step->action) {
    case PLAN_CREATE:
        fault = create(&applying, &effect);
        break;
    case PLAN_CLAIM:
        fault = add_claim(&applying, &effect);
        break;
    case PLAN_END:
        fault = end_claim(&applying, &effect);
        break;
    case PLAN_HOLD:
        fault = put_record(&applying);
        break;
    }
    buffer_close(&applying.clear);
    buffer_close(&applying.sealed);
    if (fault == FAULT_NONE)
        *ret_effect = effect;
    return fault;
}
