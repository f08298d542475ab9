/* The readable entry as bytes, and what is committed to. */
#include <sodium.h>

#include "audit/audit.h"

_Static_assert((int)crypto_auth_hmacsha256_BYTES + 1 == (int)AUDIT_COMMITMENT_BYTES, "commitment");
_Static_assert((int)crypto_auth_hmacsha256_KEYBYTES == (int)AUDIT_SALT_BYTES, "salt");

static const char *refusal_name(enum refusal refusal)
{
    switch (refusal) {
    case REFUSAL_NONE:
        return "";
    case REFUSAL_NOT_SIGNED_IN:
        return "not_signed_in";
    case REFUSAL_STRENGTH:
        return "strength";
    case REFUSAL_ACCOUNT:
        return "account";
    case REFUSAL_ROLE:
        return "role";
    case REFUSAL_FORM_TOKEN:
        return "form_token";
    case REFUSAL_REASON:
        return "reason";
    case REFUSAL_NO_LIVE_REASON:
        return "no_live_reason";
    case REFUSAL_RECORD:
        return "record";
    case REFUSAL_CAPABILITY:
        return "capability";
    case REFUSAL_LIMIT:
        return "limit";
    case REFUSAL_SECOND:
        return "second";
    case REFUSAL_OWN:
        return "own";
    case REFUSALS_END:
        break;
    }
    fault_abort("a refusal has a name", __FILE__, __LINE__);
}

static const char *event_name(int code)
{
    return policy_event_name((enum event)code);
}

static const char *operation_name(int code)
{
    return policy_operation((enum operation)code)->name;
}

static const char *refusal_name_of(int code)
{
    return refusal_name((enum refusal)code);
}

static const char *fault_name_of(int code)
{
    return fault_name((enum fault)code);
}

typedef const char *(*code_name)(int code);

/* One past the last code of each catalogue. */
enum { FAULTS_END = FAULT_FENCED + 1 };

/* Empty text for 0. */
static void put_code(struct buffer *buffer, int code, code_name name)
{
    buffer_put_field(buffer, bytes_of(code == 0 ? STR("") : str_of(name(code))));
}

/* 0 for empty text; false where no code below `end` has that name. */
static bool take_code(struct reader *reader, code_name name, int end, int *ret_code)
{
    struct str text = str_of_bytes(reader_take_field(reader));
    *ret_code = 0;
    if (text.len == 0)
        return true;
    for (int code = 1; code < end; code++) {
        if (str_equal(text, str_of(name(code)))) {
            *ret_code = code;
            return true;
        }
    }
    return false;
}

static const char *role_name(int code)
{
    return policy_role_name((enum role)code);
}

static const char *reason_name(int code)
{
    return policy_reason_name((enum reason)code);
}

/* Empty for a zero id. */
static void put_id(struct buffer *buffer, struct id id)
{
    buffer_put_field(buffer, id_is_zero(id) ? (struct bytes){NULL, 0} : id_bytes(&id));
}

static bool take_id(struct reader *reader, struct id *ret_id)
{
    struct bytes bytes = reader_take_field(reader);
    *ret_id = (struct id){{0}};
    return bytes.len == 0 || id_of_bytes(bytes, ret_id);
}

static void put_instant(struct buffer *buffer, struct instant at)
{
    buffer_put_u32(buffer, 8);
    buffer_put_u64(buffer, (uint64_t)at.us);
}

static bool take_instant(struct reader *reader, struct instant *ret_at)
{
    struct bytes bytes = reader_take_field(reader);
    struct reader number = reader_of(bytes);
    ret_at->us = (int64_t)reader_take_u64(&number);
    return bytes.len == 8;
}

static void put_text(struct buffer *buffer, struct str text)
{
    buffer_put_field(buffer, bytes_of(text));
}

static bool take_text(struct reader *reader, struct str *ret_text)
{
    *ret_text = str_of_bytes(reader_take_field(reader));
    return true;
}

void audit_event_pack(struct buffer *buffer, const struct audit_event *event)
{
    put_code(buffer, (int)event->event, event_name);
    put_code(buffer, (int)event->operation, operation_name);
    put_code(buffer, (int)event->role, role_name);
    put_id(buffer, event->actor.id);
    put_id(buffer, event->on_behalf_of.id);
    put_text(buffer, event->source);
    put_instant(buffer, event->at);
    put_id(buffer, event->act);
    put_code(buffer, (int)event->reason, reason_name);
    put_text(buffer, event->reason_text);
    put_text(buffer, event->asked);
    put_text(buffer, event->shown);
    put_id(buffer, event->child.id);
    put_code(buffer, (int)event->refusal, refusal_name_of);
    put_code(buffer, (int)event->fault, fault_name_of);
}

enum fault audit_event_unpack(struct bytes packed, struct audit_event *ret_event)
{
    struct reader reader = reader_of(packed);
    struct audit_event event = {0};
    int code[6];
    bool known = take_code(&reader, event_name, EVENTS_END, &code[0]) &&
                 take_code(&reader, operation_name, OPERATIONS_END, &code[1]) &&
                 take_code(&reader, role_name, ROLES_END, &code[2]) && take_id(&reader, &event.actor.id) &&
                 take_id(&reader, &event.on_behalf_of.id) && take_text(&reader, &event.source) &&
                 take_instant(&reader, &event.at) && take_id(&reader, &event.act) &&
                 take_code(&reader, reason_name, REASONS_END, &code[3]) &&
                 take_text(&reader, &event.reason_text) && take_text(&reader, &event.asked) &&
                 take_text(&reader, &event.shown) && take_id(&reader, &event.child.id) &&
                 take_code(&reader, refusal_name_of, REFUSALS_END, &code[4]) &&
                 take_code(&reader, fault_name_of, FAULTS_END, &code[5]);
    if (!known || !reader.ok || reader.rest.len != 0)
        return fault_note(FAULT_CORRUPT, "an audit event is not in the form that this program writes");
    event.event = (enum event)code[0];
    event.operation = (enum operation)code[1];
    event.role = (enum role)code[2];
    event.reason = (enum reason)code[3];
    event.refusal = (enum refusal)code[4];
    event.fault = (enum fault)code[5];
    *ret_event = event;
    return FAULT_NONE;
}

void audit_commitment(struct bytes event, const uint8_t k[32], uint8_t ret_commitment[AUDIT_COMMITMENT_BYTES])
{
    ret_commitment[0] = 0x01;
    crypto_auth_hmacsha256(ret_commitment + 1, event.at, event.len, k);
}
