#include "registry/plan.h"

enum { RECORD_CLEAR_BYTES = 16 + 16 + 2 * TAG_BYTES + 1, KIND_WAITS = 0x80 };

/* A record's kind, and whether it waits for the data officer: in one byte. */
static uint8_t kind_of(const struct record *record)
{
    return (uint8_t)(record->kind | (record->fate == RECORD_WAITS ? KIND_WAITS : 0));
}

static void take_kind(uint8_t kind, struct record *record)
{
    record->kind = kind & (uint8_t)~KIND_WAITS;
    record->fate = (kind & KIND_WAITS) != 0       ? RECORD_WAITS
                   : id_is_zero(record->child.id) ? RECORD_HELD
                                                  : RECORD_KNOWN;
}

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
    buffer_put_u8(clear, kind_of(&step->record));
    buffer_put_u64(clear, (uint64_t)step->record.number);
    buffer_put_bytes(clear, (struct bytes){step->record.tag.byte, TAG_BYTES});
    buffer_put_bytes(clear, (struct bytes){step->record.digest.byte, TAG_BYTES});
    buffer_put_bytes(clear, id_bytes(&step->record.child.id));
    buffer_put_bytes(clear, id_bytes(&step->record.claim.id));
    buffer_put_bytes(clear, id_bytes(&step->old.id));
    if (step->action == PLAN_CREATE)
        buffer_put(clear, (struct str){step->number, sizeof step->number});
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
    uint8_t kind = reader_take_u8(&reader);
    step->record.number = (int64_t)reader_take_u64(&reader);
    take(&reader, step->record.tag.byte, TAG_BYTES);
    take(&reader, step->record.digest.byte, TAG_BYTES);
    take(&reader, step->record.child.id.byte, sizeof step->record.child.id.byte);
    take_kind(kind, &step->record);
    take(&reader, step->record.claim.id.byte, sizeof step->record.claim.id.byte);
    take(&reader, step->old.id.byte, sizeof step->old.id.byte);
    if (step->action == PLAN_CREATE)
        take(&reader, step->number, sizeof step->number);
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
    enum fault fault = vault_unseal(vault_for_linkage(vault).purpose, feed_key, &place, sealed, clear);
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
    clear[32 + 2 * TAG_BYTES] = kind_of(record);
    struct seal_place place = record_place(source, record->number, at);
    return vault_seal(vault, feed_key, &place, (struct bytes){clear, sizeof clear}, sealed);
}

enum fault record_unseal(struct vault *vault, const struct wrapped_key *feed_key, enum source source,
                         struct bytes sealed, struct buffer *clear, struct record *record)
{
    uint8_t at[16];
    struct seal_place place = record_place(source, record->number, at);
    enum fault fault = vault_unseal(vault_for_own(vault), feed_key, &place, sealed, clear);
    if (fault != FAULT_NONE)
        return fault;
    if (clear->len != RECORD_CLEAR_BYTES)
        return FAULT_CORRUPT;
    const char *from = clear->at;
    memcpy(record->child.id.byte, from, 16);
    memcpy(record->claim.id.byte, from + 16, 16);
    memcpy(record->digest.byte, from + 32, TAG_BYTES);
    memcpy(record->tag.byte, from + 32 + TAG_BYTES, TAG_BYTES);
    take_kind((uint8_t)from[32 + 2 * TAG_BYTES], record);
    return FAULT_NONE;
}

struct seal_place waiting_place(enum source source, int64_t sequence, int64_t row_number,
                                uint8_t at[WAITING_PLACE_BYTES])
{
    put_big_endian(at, source);
    put_big_endian(at + 8, sequence);
    return (struct seal_place){"batch_waiting", "sealed", {at, WAITING_PLACE_BYTES}, (uint64_t)row_number};
}

enum fault plan_taggings(const struct plan_step *step, struct arena *arena,
                         struct vault_tagging ret_taggings[PLAN_TAGS_MAX], size_t *ret_count)
{
    struct person person = {0};
    size_t count = 0;
    enum fault fault = FAULT_NONE;
    if (step->action != PLAN_END && step->record.kind == ROW_CHILD)
        TRY(row_to_person(&step->row, arena, &person));
    if (step->action == PLAN_CREATE)
        person.numbers[person.number_count++] =
            (struct person_number){NUMBER_contactpoint, {step->number, sizeof step->number}};
    for (; count < person.number_count && count < PLAN_TAGS_MAX; count++)
        ret_taggings[count] =
            (struct vault_tagging){.scheme = policy_number_name(person.numbers[count].scheme),
                                   .value = bytes_of(person.numbers[count].value)};
    *ret_count = count;
done:
    return fault;
}

enum fault plan_tags(struct vault *vault, const struct plan_step *step, struct arena *arena,
                     struct tag ret_tags[PLAN_TAGS_MAX], size_t *ret_count)
{
    struct vault_tagging taggings[PLAN_TAGS_MAX];
    size_t count = 0;
    enum fault fault;
    TRY(plan_taggings(step, arena, taggings, &count));
    vault_tag_many(vault, taggings, count);
    for (size_t i = 0; i < count; i++)
        ret_tags[i] = taggings[i].tag;
    *ret_count = count;
done:
    return fault;
}
