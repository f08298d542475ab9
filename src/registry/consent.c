#include "registry/consent.h"

/* A word of forms and its words on pages. */
struct word {
    const char *name;
    const char *label;
};

static const struct word givers[] = {
    [CONSENT_CHILD] = {"child", "The child, who understands what this means"},
    [CONSENT_CARER] = {"carer", "A parent or carer, for a child who cannot understand it"},
    [CONSENT_HARM] = {"harm", "Nobody: there is reasonable cause to suspect significant harm"},
};
static const struct word ways[] = {
    [CONSENT_IN_PERSON] = {"person", "In person"},
    [CONSENT_BY_TELEPHONE] = {"telephone", "By telephone"},
    [CONSENT_IN_WRITING] = {"writing", "In writing"},
};
static const struct word scopes[] = {
    [CONSENT_TO_MARK] = {"mark",
                         "Others see that one or more sensitive services are involved, and nothing more"},
    [CONSENT_TO_CONTACT] =
        {"contact", "The same, and the local team may ask the service whether it wants to be reached"},
};

static int find(const struct word *words, int end, struct str name)
{
    for (int i = 1; i < end; i++)
        if (str_equal(name, str_of(words[i].name)))
            return i;
    return 0;
}

const char *consent_giver_name(enum consent_giver giver)
{
    return giver > 0 && giver < CONSENT_GIVERS_END ? givers[giver].name : NULL;
}

const char *consent_giver_label(enum consent_giver giver)
{
    return giver > 0 && giver < CONSENT_GIVERS_END ? givers[giver].label : NULL;
}

enum consent_giver consent_giver_of(struct str name)
{
    return (enum consent_giver)find(givers, CONSENT_GIVERS_END, name);
}

const char *consent_way_name(enum consent_way way)
{
    return way > 0 && way < CONSENT_WAYS_END ? ways[way].name : NULL;
}

const char *consent_way_label(enum consent_way way)
{
    return way > 0 && way < CONSENT_WAYS_END ? ways[way].label : NULL;
}

enum consent_way consent_way_of(struct str name)
{
    return (enum consent_way)find(ways, CONSENT_WAYS_END, name);
}

const char *consent_scope_name(enum consent_scope scope)
{
    return scope > 0 && scope < CONSENT_SCOPES_END ? scopes[scope].name : NULL;
}

const char *consent_scope_label(enum consent_scope scope)
{
    return scope > 0 && scope < CONSENT_SCOPES_END ? scopes[scope].label : NULL;
}

enum consent_scope consent_scope_of(struct str name)
{
    return (enum consent_scope)find(scopes, CONSENT_SCOPES_END, name);
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
