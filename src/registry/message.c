#include "registry/message.h"

#include "store/house_key.h"

enum { FORMAT = 1, VERSION = 1, CLEAR_BYTES_MAX = 16 * 1024, SEALED_BYTES_MAX = 2 * CLEAR_BYTES_MAX };
enum { ROW_BYTES = TAG_BYTES + 16 };

enum fault messages_open(struct db *db, struct vault *vault, struct messages *ret_messages)
{
    struct messages messages = {.vault = vault};
    enum fault fault = house_key_get(db, vault, STR("message"), &messages.key);
    if (fault == FAULT_NONE)
        *ret_messages = messages;
    return fault;
}

static struct tag recipient_tag(const struct messages *messages, struct account_id recipient)
{
    return vault_tag(messages->vault, "message", id_bytes(&recipient.id));
}

static struct bytes tag_bytes(const struct tag *tag)
{
    return (struct bytes){tag->byte, sizeof tag->byte};
}

/* The place of a row: whose it is, and its id. */
static struct bytes row_of(const struct tag *tag, const struct id *id, uint8_t at[ROW_BYTES])
{
    memcpy(at, tag->byte, sizeof tag->byte);
    memcpy(at + sizeof tag->byte, id->byte, sizeof id->byte);
    return (struct bytes){at, ROW_BYTES};
}

/* One message a cause: whoever causes it twice makes the same. */
static enum fault name_message(const struct messages *messages, const struct message *message,
                               struct id *ret_id)
{
    struct buffer cause = buffer_open(CLEAR_BYTES_MAX);
    buffer_put_bytes(&cause, id_bytes(&message->cause));
    buffer_put_u64(&cause, (uint64_t)message->number);
    buffer_put_u8(&cause, (uint8_t)message->kind);
    buffer_put_bytes(&cause, id_bytes(&message->recipient.id));
    enum fault fault = buffer_fault(&cause);
    if (fault == FAULT_NONE)
        vault_derive(messages->vault, "message of a cause", buffer_bytes(&cause), ret_id->byte,
                     sizeof ret_id->byte);
    buffer_close(&cause);
    return fault;
}

/* The key of the child's own.  FAULT_ABSENT where it is gone. */
static enum fault child_key(struct db_tx *tx, struct child_id child, struct wrapped_key *ret_key)
{
    enum { ARENA_BYTES = 4096 };
    struct arena *arena = NULL;
    struct value out[GIVES_matter_child_key];
    const struct value in[] = {[BIND_matter_child_key_child_id] = value_id(child.id)};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
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

static enum fault words_key(struct db_tx *tx, const struct messages *messages, const struct message *message,
                            struct wrapped_key *ret_key)
{
    if (!id_is_zero(message->child.id))
        return child_key(tx, message->child, ret_key);
    *ret_key = messages->key;
    return FAULT_NONE;
}

/* The words, sealed by themselves. */
static enum fault seal_words(struct db_tx *tx, const struct messages *messages, const struct message *message,
                             struct bytes row, struct buffer *sealed)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    const struct seal_place place = {"message", "words", row, VERSION};
    struct wrapped_key key;
    enum fault fault;
    TRY(words_key(tx, messages, message, &key));
    buffer_put_field(&clear, bytes_of(message->text));
    buffer_put_field(&clear, bytes_of(message->more));
    TRY(buffer_fault(&clear));
    TRY(vault_seal(messages->vault, &key, &place, buffer_bytes(&clear), sealed));
done:
    buffer_close(&clear);
    return fault;
}

static enum fault seal_message(const struct messages *messages, const struct message *message,
                               struct bytes row, struct bytes words, struct buffer *sealed)
{
    struct buffer clear = buffer_open(SEALED_BYTES_MAX);
    const struct seal_place place = {"message", "sealed", row, VERSION};
    enum fault fault;
    buffer_put_u8(&clear, FORMAT);
    buffer_put_u8(&clear, (uint8_t)message->kind);
    buffer_put_u8(&clear, (uint8_t)message->state);
    buffer_put_bytes(&clear, id_bytes(&message->child.id));
    buffer_put_bytes(&clear, id_bytes(&message->cause));
    buffer_put_u64(&clear, (uint64_t)message->number);
    buffer_put_bytes(&clear, id_bytes(&message->about));
    buffer_put_field(&clear, words);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(messages->vault, &messages->key, &place, buffer_bytes(&clear), sealed));
done:
    buffer_close(&clear);
    return fault;
}

/* Nobody's list grows without end. */
static enum fault forget_oldest(struct db_tx *tx, const struct tag *tag)
{
    enum { ARENA_BYTES = 4096 };
    struct arena *arena = NULL;
    struct value out[GIVES_message_place];
    const struct value in[] = {[BIND_message_place_recipient_tag] = value_bytes(tag_bytes(tag)),
                               [BIND_message_place_kept] = value_int(MESSAGES_KEPT_MAX - 1)};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    fault = db_one(tx, SQL_message_place, in, arena, out);
    if (fault == FAULT_NONE) {
        const struct value forget_in[] = {[BIND_message_forget_recipient_tag] = value_bytes(tag_bytes(tag)),
                                          [BIND_message_forget_before_us] =
                                              value_int(out[GIVE_message_place_sent_us].number)};
        fault = db_run(tx, SQL_message_forget, forget_in, NULL);
    }
    fault = fault == FAULT_ABSENT ? FAULT_NONE : fault;
done:
    arena_close(arena);
    return fault;
}

enum fault message_sweep(struct db_tx *tx, struct instant now, bool *ret_more)
{
    enum { ARENA_BYTES = 4096, LOT = 200 };
    const int64_t kept_s = INT64_C(86400) * MESSAGES_KEPT_DAYS;
    const int64_t before_us = instant_after(now, seconds(-kept_s)).us;
    struct arena *arena = NULL;
    struct value out[GIVES_message_old];
    const struct value in[] = {
        [BIND_message_old_before_us] = value_int(before_us), [BIND_message_old_lot] = value_int(LOT)};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    fault = db_one(tx, SQL_message_old, in, arena, out);
    const bool more = fault == FAULT_NONE;
    if (fault != FAULT_ABSENT)
        TRY(fault);
    /* Those of one instant go together, so that each lot makes way. */
    const int64_t until_us = more ? out[GIVE_message_old_sent_us].number + 1 : before_us;
    const struct value sweep[] = {[BIND_message_sweep_before_us] = value_int(until_us)};
    TRY(db_run(tx, SQL_message_sweep, sweep, NULL));
    *ret_more = more;
done:
    arena_close(arena);
    return fault;
}

enum fault message_send(struct db_tx *tx, const struct messages *messages, const struct message *message)
{
    struct buffer words = buffer_open(SEALED_BYTES_MAX), sealed = buffer_open(2 * SEALED_BYTES_MAX);
    const struct tag tag = recipient_tag(messages, message->recipient);
    uint8_t at[ROW_BYTES];
    struct id id;
    enum fault fault;
    must(message->kind > 0 && message->kind < MESSAGE_KINDS_END && !id_is_zero(message->recipient.id));
    must(message->text.len <= MESSAGE_TEXT_BYTES_MAX && message->more.len <= MESSAGE_TEXT_BYTES_MAX);
    TRY(name_message(messages, message, &id));
    const struct bytes row = row_of(&tag, &id, at);
    TRY(seal_words(tx, messages, message, row, &words));
    TRY(seal_message(messages, message, row, buffer_bytes(&words), &sealed));
    const struct value in[] = {[BIND_message_put_recipient_tag] = value_bytes(tag_bytes(&tag)),
                               [BIND_message_put_message_id] = value_id(id),
                               [BIND_message_put_sent_us] = value_int(message->sent.us),
                               [BIND_message_put_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_message_put, in, NULL));
    TRY(forget_oldest(tx, &tag));
done:
    buffer_close(&words);
    buffer_close(&sealed);
    return fault;
}

static void take_id(struct reader *reader, struct id *id)
{
    reader->ok = reader->ok && id_of_bytes(reader_take_bytes(reader, sizeof id->byte), id);
}

static enum fault unpack(struct bytes clear, struct message *message, struct bytes *ret_words)
{
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    message->kind = (enum message_kind)reader_take_u8(&reader);
    message->state = (enum record_state)reader_take_u8(&reader);
    take_id(&reader, &message->child.id);
    take_id(&reader, &message->cause);
    message->number = (int64_t)reader_take_u64(&reader);
    take_id(&reader, &message->about);
    *ret_words = reader_take_field(&reader);
    bool known =
        message->kind > 0 && message->kind < MESSAGE_KINDS_END && (int)message->state <= RECORD_STATES;
    return reader.ok && reader.rest.len == 0 && format == FORMAT && known ? FAULT_NONE : FAULT_CORRUPT;
}

/* Without the texts; where `ret_words` is given, they are in it, sealed, in the arena. */
static enum fault open_row(const struct messages *messages, const struct tag *tag, struct bytes sealed,
                           struct arena *arena, struct message *message, struct bytes *ret_words)
{
    struct buffer clear = buffer_open(SEALED_BYTES_MAX);
    uint8_t at[ROW_BYTES];
    const struct seal_place place = {"message", "sealed", row_of(tag, &message->message, at), VERSION};
    struct bytes words;
    struct str copy;
    enum fault fault;
    TRY(vault_unseal(vault_for_own(messages->vault), &messages->key, &place, sealed, &clear));
    TRY(unpack(buffer_bytes(&clear), message, &words));
    if (ret_words != NULL) {
        TRY(arena_copy(arena, str_of_bytes(words), &copy));
        *ret_words = bytes_of(copy);
    }
done:
    buffer_close(&clear);
    return fault;
}

static enum fault open_words(struct db_tx *tx, const struct messages *messages, const struct tag *tag,
                             struct bytes sealed, struct arena *arena, struct message *message)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    uint8_t at[ROW_BYTES];
    const struct seal_place place = {"message", "words", row_of(tag, &message->message, at), VERSION};
    struct wrapped_key key;
    enum fault fault = words_key(tx, messages, message, &key);
    if (fault == FAULT_ABSENT) { /* the child is erased */
        buffer_close(&clear);
        return FAULT_NONE;
    }
    TRY(fault);
    TRY(vault_unseal(vault_for_own(messages->vault), &key, &place, sealed, &clear));
    struct reader reader = reader_of(buffer_bytes(&clear));
    const struct str text = str_of_bytes(reader_take_field(&reader));
    const struct str more = str_of_bytes(reader_take_field(&reader));
    if (!reader.ok || reader.rest.len > 0)
        fault = FAULT_CORRUPT;
    TRY(fault);
    TRY(arena_copy(arena, text, &message->text));
    TRY(arena_copy(arena, more, &message->more));
done:
    buffer_close(&clear);
    return fault;
}

/* Both statements that give messages give the same columns. */
_Static_assert((int)GIVE_message_list_sealed == (int)GIVE_message_get_sealed &&
                   (int)GIVE_message_list_unread == (int)GIVE_message_get_unread &&
                   (int)GIVES_message_list == (int)GIVES_message_get,
               "messages are given alike");

static enum fault take_head(const struct value *out, struct account_id recipient, struct message *message)
{
    *message = (struct message){.recipient = recipient,
                                .sent = {out[GIVE_message_list_sent_us].number},
                                .unread = out[GIVE_message_list_unread].number != 0};
    return id_of_bytes(out[GIVE_message_list_message_id].bytes, &message->message) ? FAULT_NONE
                                                                                   : FAULT_CORRUPT;
}

enum fault message_list(struct db_tx *tx, const struct messages *messages, struct account_id recipient,
                        struct arena *arena, struct message *ret_messages, size_t *ret_count)
{
    const struct tag tag = recipient_tag(messages, recipient);
    const struct value in[] = {[BIND_message_list_recipient_tag] = value_bytes(tag_bytes(&tag)),
                               [BIND_message_list_most] = value_int(MESSAGE_LIST_MAX)};
    struct value out[GIVES_message_list];
    struct db_rows *rows = NULL;
    size_t count = 0;
    enum fault fault;
    TRY(db_query(tx, SQL_message_list, in, &rows));
    while (count < MESSAGE_LIST_MAX && db_next(rows, out)) {
        TRY(take_head(out, recipient, &ret_messages[count]));
        TRY(open_row(messages, &tag, out[GIVE_message_list_sealed].bytes, arena, &ret_messages[count], NULL));
        count++;
    }
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}

enum fault message_read(struct db_tx *tx, const struct messages *messages, struct account_id recipient,
                        struct id id, struct arena *arena, struct message *ret_message)
{
    const struct tag tag = recipient_tag(messages, recipient);
    const struct value in[] = {[BIND_message_get_recipient_tag] = value_bytes(tag_bytes(&tag)),
                               [BIND_message_get_message_id] = value_id(id)};
    struct value out[GIVES_message_get];
    struct message message;
    struct bytes words = {0};
    enum fault fault;
    TRY(db_one(tx, SQL_message_get, in, arena, out));
    TRY(take_head(out, recipient, &message));
    TRY(open_row(messages, &tag, out[GIVE_message_get_sealed].bytes, arena, &message, &words));
    TRY(open_words(tx, messages, &tag, words, arena, &message));
    *ret_message = message;
done:
    return fault;
}

enum fault message_unread(struct db_tx *tx, const struct messages *messages, struct account_id recipient,
                          struct arena *arena, int64_t *ret_count)
{
    const struct tag tag = recipient_tag(messages, recipient);
    const struct value in[] = {[BIND_message_unread_recipient_tag] = value_bytes(tag_bytes(&tag)),
                               [BIND_message_unread_most] = value_int(MESSAGE_LIST_MAX)};
    struct value out[GIVES_message_unread];
    enum fault fault;
    TRY(db_one(tx, SQL_message_unread, in, arena, out));
    *ret_count = out[GIVE_message_unread_unread].number;
done:
    return fault;
}

enum fault message_opened(struct db_tx *tx, const struct messages *messages, const struct message *message)
{
    const struct tag tag = recipient_tag(messages, message->recipient);
    const struct value in[] = {[BIND_message_read_recipient_tag] = value_bytes(tag_bytes(&tag)),
                               [BIND_message_read_message_id] = value_id(message->message)};
    return db_run(tx, SQL_message_read, in, NULL);
}
