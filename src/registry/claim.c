#include "registry/claim.h"

/* A claim with a consent has a format of its own; those of earlier versions do not say whose service it is.
 */
enum { CLAIM_FORMAT = 1, CLAIM_FORMAT_CONSENT, CLAIM_FORMAT_SERVICE };

/* A claim is never rewritten: its ciphertext is bound to its row. */
struct seal_place claim_place(const struct claim_id *claim)
{
    return (struct seal_place){"claim", "sealed", id_bytes(&claim->id), 1};
}

void claim_pack(struct buffer *buffer, const struct claim *claim)
{
    bool consent = !id_is_zero(claim->consent.id);
    buffer_put_u8(buffer, consent ? CLAIM_FORMAT_SERVICE : CLAIM_FORMAT);
    buffer_put_u8(buffer, (uint8_t)claim->kind);
    buffer_put_u8(buffer, (uint8_t)claim->source);
    buffer_put_bytes(buffer, id_bytes(&claim->recorder.id));
    buffer_put_u64(buffer, (uint64_t)claim->recorded.us);
    if (consent) {
        buffer_put_bytes(buffer, id_bytes(&claim->organisation.id));
        consent_pack(buffer, &claim->consent);
    }
    row_pack(buffer, &claim->row);
}

enum fault claim_unpack(struct bytes packed, struct claim *claim)
{
    struct reader reader = reader_of(packed);
    uint8_t format = reader_take_u8(&reader);
    uint8_t kind = reader_take_u8(&reader);
    uint8_t source = reader_take_u8(&reader);
    struct bytes recorder = reader_take_bytes(&reader, sizeof claim->recorder.id.byte);
    uint64_t recorded_us = reader_take_u64(&reader);
    if (!reader.ok || format < CLAIM_FORMAT || format > CLAIM_FORMAT_SERVICE ||
        (kind != ROW_CHILD && kind != ROW_INVOLVEMENT) || source >= SOURCES_END ||
        !id_of_bytes(recorder, &claim->recorder.id))
        return FAULT_CORRUPT;
    claim->kind = (enum row_kind)kind;
    claim->source = (enum source)source;
    claim->recorded.us = (int64_t)recorded_us;
    if (format == CLAIM_FORMAT_SERVICE &&
        !id_of_bytes(reader_take_bytes(&reader, sizeof claim->organisation.id.byte), &claim->organisation.id))
        return FAULT_CORRUPT;
    if (format != CLAIM_FORMAT && consent_unpack(&reader, &claim->consent) != FAULT_NONE)
        return FAULT_CORRUPT;
    return row_unpack(reader.rest, &claim->row);
}
