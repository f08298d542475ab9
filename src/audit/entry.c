/* One entry: sealed in the asking thread, appended in the transaction, opened and verified again. */
#include <string.h>

#include "audit/inside.h"

struct audit_sealed {
    struct id entry;
    uint8_t commitment[AUDIT_COMMITMENT_BYTES];
    struct child_id child; /* zero where none is named */
    bool has_actor;
    struct tag actor;
    int64_t month;
    struct instant at;
    struct bytes sealed;
};

enum { ENTRY_VERSION = 1, EVENT_FIXED_BYTES_MAX = 1024 };

static struct seal_place place_of(struct bytes entry_id)
{
    return (struct seal_place){"audit_entry", "sealed", entry_id, ENTRY_VERSION};
}

struct tag audit_actor_tag(struct audit *audit, struct account_id actor)
{
    return vault_tag(audit->vault, "actor", id_bytes(&actor.id));
}

/* A buffer over memory of the arena: never grows, is never closed, costs no malloc. */
static enum fault borrow(struct arena *arena, size_t size_bytes, struct buffer *ret_buffer)
{
    char *at = arena_take(arena, size_bytes);
    if (at == NULL)
        return FAULT_MEMORY;
    *ret_buffer = (struct buffer){.at = at, .room = size_bytes, .cap_bytes = size_bytes};
    return FAULT_NONE;
}

/* Texts beyond the largest event count as one byte too many, so that the sum cannot overflow. */
static size_t texts_of(const struct audit_event *event)
{
    const size_t len[] = {event->source.len, event->reason_text.len, event->asked.len, event->shown.len};
    size_t sum = 0;
    for (size_t i = 0; i < sizeof len / sizeof *len; i++)
        sum += len[i] < AUDIT_EVENT_BYTES_MAX ? len[i] : AUDIT_EVENT_BYTES_MAX + 1;
    return sum;
}

/* The salt and the packed event, which `clear` borrows from the arena. */
static enum fault pack(struct audit *audit, const struct audit_event *event, struct arena *arena,
                       struct buffer *clear)
{
    enum fault fault = FAULT_NONE;
    size_t texts = texts_of(event);
    uint8_t salt[AUDIT_SALT_BYTES];
    if (texts > AUDIT_EVENT_BYTES_MAX)
        return FAULT_TOO_LARGE;
    TRY(borrow(arena, sizeof salt + EVENT_FIXED_BYTES_MAX + texts, clear));
    audit->entropy.fill(audit->entropy.context, salt, sizeof salt);
    buffer_put_bytes(clear, (struct bytes){salt, sizeof salt});
    explicit_bzero(salt, sizeof salt);
    audit_event_pack(clear, event);
    TRY(buffer_fault(clear));
    if (clear->len - sizeof salt > AUDIT_EVENT_BYTES_MAX)
        TRY(FAULT_TOO_LARGE);
done:
    return fault;
}

enum fault audit_seal(struct audit *audit, const struct audit_event *event,
                      const struct wrapped_key *child_key, struct arena *arena,
                      const struct audit_sealed **ret_sealed)
{
    enum fault fault = FAULT_NONE;
    struct buffer clear = buffer_open(0);
    struct buffer sealed = buffer_open(0);
    struct wrapped_key key;
    must((child_key == NULL) == id_is_zero(event->child.id));
    struct audit_sealed *entry = arena_take(arena, sizeof *entry);
    if (entry == NULL)
        return FAULT_MEMORY;
    *entry = (struct audit_sealed){.entry = id_new(audit->entropy),
                                   .child = event->child,
                                   .has_actor = !id_is_zero(event->actor.id),
                                   .month = audit_month_of(event->at),
                                   .at = event->at};
    if (child_key != NULL)
        key = *child_key;
    else
        TRY(audit_month_key(audit, entry->month, &key));
    entry->actor = audit_actor_tag(audit, event->actor); /* of nobody too: sealing takes as long (case 13) */
    TRY(pack(audit, event, arena, &clear));
    const uint8_t *salt = buffer_bytes(&clear).at;
    audit_commitment((struct bytes){salt + AUDIT_SALT_BYTES, clear.len - AUDIT_SALT_BYTES}, salt,
                     entry->commitment);
    struct seal_place place = place_of(id_bytes(&entry->entry));
    TRY(borrow(arena, vault_sealed_bytes(clear.len), &sealed));
    TRY(vault_seal(audit->vault, &key, &place, buffer_bytes(&clear), &sealed));
    entry->sealed = buffer_bytes(&sealed);
    *ret_sealed = entry;
done:
    if (clear.at != NULL)
        explicit_bzero(clear.at, clear.len);
    return fault;
}

enum fault audit_append(struct audit *audit, struct db_tx *tx, const struct audit_sealed *sealed,
                        struct audit_place *ret_place)
{
    const struct audit_place place = {db_lane(tx), db_number_next(tx, DB_SERIES_ENTRY)};
    const struct id incarnation = db_lane_id(audit->db, place.lane);
    const struct bytes tag = {sealed->actor.byte, sizeof sealed->actor.byte};
    const struct value in[] = {[BIND_audit_entry_insert_incarnation_id] = value_id(incarnation),
                               [BIND_audit_entry_insert_number] = value_int((int64_t)place.number),
                               [BIND_audit_entry_insert_entry_id] = value_id(sealed->entry),
                               [BIND_audit_entry_insert_commitment] =
                                   value_bytes((struct bytes){sealed->commitment, AUDIT_COMMITMENT_BYTES}),
                               [BIND_audit_entry_insert_child_id] =
                                   id_is_zero(sealed->child.id) ? value_null() : value_id(sealed->child.id),
                               [BIND_audit_entry_insert_month] = value_int(sealed->month),
                               [BIND_audit_entry_insert_actor_tag] =
                                   sealed->has_actor ? value_bytes(tag) : value_null(),
                               [BIND_audit_entry_insert_at_us] = value_int(sealed->at.us),
                               [BIND_audit_entry_insert_sealed] = value_bytes(sealed->sealed)};
    enum fault fault = db_run(tx, SQL_audit_entry_insert, in, NULL);
    if (fault == FAULT_NONE)
        *ret_place = place;
    return fault;
}

static enum fault child_key_read(struct db_tx *tx, struct bytes child_id, struct wrapped_key *ret_key)
{
    enum fault fault = FAULT_NONE;
    struct arena *arena = NULL;
    struct value out[GIVES_audit_child_key_get];
    const struct value in[] = {[BIND_audit_child_key_get_child_id] = value_bytes(child_id)};
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_audit_child_key_get, in, arena, out));
    struct bytes wrapped = out[GIVE_audit_child_key_get_wrapped].bytes;
    if (wrapped.len != sizeof ret_key->byte)
        TRY(FAULT_KEY);
    memcpy(ret_key->byte, wrapped.at, wrapped.len);
done:
    arena_close(arena);
    return fault;
}

enum fault audit_row_open(struct audit *audit, struct db_tx *tx, const struct audit_row *row,
                          struct buffer *clear)
{
    enum fault fault = FAULT_NONE;
    struct wrapped_key key;
    struct seal_place place = place_of(row->entry_id);
    if (row->entry_id.len != sizeof(struct id))
        return FAULT_CORRUPT;
    if (row->child_id.len > 0)
        TRY(child_key_read(tx, row->child_id, &key));
    else
        TRY(audit_month_key_read(audit, tx, row->month, &key));
    TRY(vault_unseal(vault_for_audit(audit->vault), &key, &place, row->sealed, clear));
    if (clear->len < AUDIT_SALT_BYTES)
        TRY(FAULT_CORRUPT);
done:
    return fault;
}

static bool same(struct bytes a, struct bytes b)
{
    return str_equal(str_of_bytes(a), str_of_bytes(b));
}

enum fault audit_row_verify(struct audit *audit, const struct audit_row *row, struct bytes clear)
{
    uint8_t commitment[AUDIT_COMMITMENT_BYTES];
    struct audit_event event;
    must(clear.len >= AUDIT_SALT_BYTES);
    struct bytes packed = {clear.at + AUDIT_SALT_BYTES, clear.len - AUDIT_SALT_BYTES};
    audit_commitment(packed, clear.at, commitment);
    if (!same(row->commitment, (struct bytes){commitment, sizeof commitment}) ||
        audit_event_unpack(packed, &event) != FAULT_NONE)
        return FAULT_CORRUPT;
    struct tag tag = audit_actor_tag(audit, event.actor);
    struct bytes actor = {tag.byte, id_is_zero(event.actor.id) ? 0 : sizeof tag.byte};
    struct bytes child = {event.child.id.byte, id_is_zero(event.child.id) ? 0 : sizeof event.child.id.byte};
    bool agree = same(row->actor_tag, actor) && same(row->child_id, child) && row->at_us == event.at.us &&
                 row->month == audit_month_of(event.at);
    return agree ? FAULT_NONE : FAULT_CORRUPT;
}
