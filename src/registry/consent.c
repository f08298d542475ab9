#include "registry/consent.h"

static const char *const givers[] = {
#define GIVER(name, value, label) [CONSENT_##name] = (value),
#define WAY(name, value, label)
#define SCOPE(name, value, label)
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
};
static const char *const ways[] = {
#define GIVER(name, value, label)
#define WAY(name, value, label) [CONSENT_##name] = (value),
#define SCOPE(name, value, label)
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
};
static const char *const scopes[] = {
#define GIVER(name, value, label)
#define WAY(name, value, label)
#define SCOPE(name, value, label) [CONSENT_##name] = (value),
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
};

static int find(const char *const *values, int end, struct str value)
{
    for (int i = 1; i < end; i++)
        if (str_equal(value, str_of(values[i])))
            return i;
    return 0;
}

enum consent_giver consent_giver_of(struct str value)
{
    return (enum consent_giver)find(givers, CONSENT_GIVERS_END, value);
}

enum consent_way consent_way_of(struct str value)
{
    return (enum consent_way)find(ways, CONSENT_WAYS_END, value);
}

enum consent_scope consent_scope_of(struct str value)
{
    return (enum consent_scope)find(scopes, CONSENT_SCOPES_END, value);
}

static bool is_known(const struct consent *consent)
{
    return consent->giver > 0 && consent->giver < CONSENT_GIVERS_END && consent->way > 0 &&
           consent->way < CONSENT_WAYS_END && consent->scope > 0 && consent->scope < CONSENT_SCOPES_END;
}

bool consent_is_whole(const struct consent *consent, struct day today)
{
    bool named = consent->giver == CONSENT_HARM || consent->name.len > 0;
    return is_known(consent) && !id_is_zero(consent->id) && named && consent->because.len > 0 &&
           consent->name.len <= CONSENT_NAME_BYTES_MAX && consent->because.len <= CONSENT_TEXT_BYTES_MAX &&
           consent->given.precision == DAY_EXACT && day_number(consent->given) <= day_number(today);
}

void consent_pack(struct buffer *buffer, const struct consent *consent)
{
    buffer_put_bytes(buffer, id_bytes(&consent->id));
    buffer_put_u8(buffer, consent->withdrawn ? 1 : 0);
    buffer_put_u8(buffer, (uint8_t)consent->giver);
    buffer_put_u8(buffer, (uint8_t)consent->way);
    buffer_put_u8(buffer, (uint8_t)consent->scope);
    buffer_put_u32(buffer, (uint32_t)day_number(consent->given));
    buffer_put_field(buffer, bytes_of(consent->name));
    buffer_put_field(buffer, bytes_of(consent->because));
}

enum fault consent_unpack(struct reader *reader, struct consent *ret_consent)
{
    struct consent consent = {0};
    struct bytes id = reader_take_bytes(reader, sizeof consent.id.byte);
    uint8_t withdrawn = reader_take_u8(reader);
    consent.giver = (enum consent_giver)reader_take_u8(reader);
    consent.way = (enum consent_way)reader_take_u8(reader);
    consent.scope = (enum consent_scope)reader_take_u8(reader);
    consent.given = day_of_number((int32_t)reader_take_u32(reader));
    consent.name = str_of_bytes(reader_take_field(reader));
    consent.because = str_of_bytes(reader_take_field(reader));
    if (!reader->ok || !id_of_bytes(id, &consent.id) || withdrawn > 1 || !is_known(&consent))
        return FAULT_CORRUPT;
    consent.withdrawn = withdrawn == 1;
    *ret_consent = consent;
    return FAULT_NONE;
}
