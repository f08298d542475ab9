#include "registry/stated.h"

#include "registry/look.h"

enum { CLEAR_BYTES_MAX = 16 * 1024, FORMAT = 1 };

static struct seal_place place_of(const struct search_id *search)
{
    return (struct seal_place){"search", "sealed", id_bytes(&search->id), 1};
}

static struct value tag_value(const struct tag *tag)
{
    return value_bytes((struct bytes){tag->byte, sizeof tag->byte});
}

static void put_day(struct buffer *clear, struct day day)
{
    buffer_put_u16(clear, day.year);
    buffer_put_u8(clear, day.month);
    buffer_put_u8(clear, day.day);
    buffer_put_u8(clear, (uint8_t)day.precision);
}

static struct day take_day(struct reader *reader)
{
    struct day day;
    day.year = reader_take_u16(reader);
    day.month = reader_take_u8(reader);
    day.day = reader_take_u8(reader);
    day.precision = (enum day_precision)reader_take_u8(reader);
    reader->ok = reader->ok && day_is_valid(day);
    return day;
}

static void pack(struct buffer *clear, const struct stated *stated)
{
    const struct match_query *query = &stated->query;
    buffer_put_u8(clear, FORMAT);
    buffer_put_u8(clear, (uint8_t)stated->reason);
    buffer_put_field(clear, bytes_of(stated->reason_text));
    buffer_put_u8(clear, stated->has_query);
    buffer_put_field(clear, bytes_of(query->family));
    buffer_put_field(clear, bytes_of(query->given));
    put_day(clear, query->birth);
    put_day(clear, query->birth_earliest);
    put_day(clear, query->birth_latest);
    buffer_put_field(clear, bytes_of(query->postcode));
    buffer_put_field(clear, bytes_of(query->authority));
    buffer_put_u8(clear, (uint8_t)query->sex);
    buffer_put_u8(clear, (uint8_t)query->number_scheme);
    buffer_put_field(clear, bytes_of(query->number));
    buffer_put_u8(clear, query->similar);
}

static struct str take_text(struct reader *reader)
{
    return str_of_bytes(reader_take_field(reader));
}

static enum fault unpack(struct bytes clear, struct stated *stated)
{
    struct match_query *query = &stated->query;
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    stated->reason = (enum reason)reader_take_u8(&reader);
    stated->reason_text = take_text(&reader);
    stated->has_query = reader_take_u8(&reader) != 0;
    query->family = take_text(&reader);
    query->given = take_text(&reader);
    query->birth = take_day(&reader);
    query->birth_earliest = take_day(&reader);
    query->birth_latest = take_day(&reader);
    query->postcode = take_text(&reader);
    query->authority = take_text(&reader);
    query->sex = (enum sex)reader_take_u8(&reader);
    query->number_scheme = (enum number_scheme)reader_take_u8(&reader);
    query->number = take_text(&reader);
    query->similar = reader_take_u8(&reader) != 0;
    return reader.ok && reader.rest.len == 0 && format == FORMAT ? FAULT_NONE : FAULT_CORRUPT;
}

enum fault stated_insert(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                         const struct stated *stated)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(2 * CLEAR_BYTES_MAX);
    struct seal_place place = place_of(&stated->search);
    const struct tag account = look_account_tag(vault, stated->account);
    enum fault fault;
    pack(&clear, stated);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(vault, key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_search_insert_search_id] = value_id(stated->search.id),
                               [BIND_search_insert_session_tag] = tag_value(&stated->session),
                               [BIND_search_insert_account_tag] = tag_value(&account),
                               [BIND_search_insert_stated_us] = value_int(stated->at.us),
                               [BIND_search_insert_opened_child] =
                                   id_is_zero(stated->opened.id) ? value_null() : value_id(stated->opened.id),
                               [BIND_search_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_search_insert, in, NULL));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

/* Opens the ciphertext of `stated->search`, whose ids are set. */
static enum fault open_stated(struct vault *vault, const struct wrapped_key *key, struct bytes sealed,
                              struct arena *arena, struct stated *stated)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct seal_place place = place_of(&stated->search);
    struct str copy;
    enum fault fault;
    TRY(vault_unseal(vault_for_own(vault), key, &place, sealed, &clear));
    TRY(arena_copy(arena, buffer_str(&clear), &copy));
    TRY(unpack(bytes_of(copy), stated));
done:
    buffer_close(&clear);
    return fault;
}

static enum fault take_opened(const struct value *opened, struct stated *stated)
{
    if (opened->kind == VALUE_NULL)
        return FAULT_NONE;
    return id_of_bytes(opened->bytes, &stated->opened.id) ? FAULT_NONE : FAULT_CORRUPT;
}

enum fault stated_get(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                      struct search_id search, struct tag session, struct arena *arena,
                      struct stated *ret_stated)
{
    struct stated stated = {.search = search, .session = session};
    enum fault fault;
    const struct value in[] = {[BIND_search_get_search_id] = value_id(search.id),
                               [BIND_search_get_session_tag] = tag_value(&session)};
    struct value out[GIVES_search_get];
    TRY(db_one(tx, SQL_search_get, in, arena, out));
    stated.at.us = out[GIVE_search_get_stated_us].number;
    TRY(take_opened(&out[GIVE_search_get_opened_child], &stated));
    TRY(open_stated(vault, key, out[GIVE_search_get_sealed].bytes, arena, &stated));
    *ret_stated = stated;
done:
    return fault;
}

enum fault stated_newest(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                         struct tag session, struct arena *arena, struct stated *ret_stated)
{
    struct stated stated = {.session = session};
    enum fault fault;
    const struct value in[] = {[BIND_search_newest_session_tag] = tag_value(&session)};
    struct value out[GIVES_search_newest];
    TRY(db_one(tx, SQL_search_newest, in, arena, out));
    stated.at.us = out[GIVE_search_newest_stated_us].number;
    TRY(id_of_bytes(out[GIVE_search_newest_search_id].bytes, &stated.search.id) ? FAULT_NONE : FAULT_CORRUPT);
    TRY(take_opened(&out[GIVE_search_newest_opened_child], &stated));
    TRY(open_stated(vault, key, out[GIVE_search_newest_sealed].bytes, arena, &stated));
    *ret_stated = stated;
done:
    return fault;
}

enum fault stated_open(struct db_tx *tx, const struct stated *stated, struct child_id child)
{
    int64_t changed = 0;
    const struct value in[] = {[BIND_search_open_search_id] = value_id(stated->search.id),
                               [BIND_search_open_session_tag] = tag_value(&stated->session),
                               [BIND_search_open_opened_child] = value_id(child.id)};
    enum fault fault = db_run(tx, SQL_search_open, in, &changed);
    return fault != FAULT_NONE ? fault : changed == 1 ? FAULT_NONE : FAULT_REFUSED;
}

enum fault stated_sweep(struct db_tx *tx, struct instant now)
{
    const struct value in[] = {[BIND_search_sweep_before_us] =
                                   value_int(instant_after(now, seconds(-STATED_LIVES_S)).us)};
    return db_run(tx, SQL_search_sweep, in, NULL);
}
