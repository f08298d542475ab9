#include "registry/queue.h"

#include "registry/plan.h"
#include "store/house_key.h"

enum { CLEAR_BYTES_MAX = 64 * 1024, FOLLOWERS_MAX = 256 };

enum fault queue_keys_open(struct db *db, struct vault *vault, struct queue_keys *ret_keys)
{
    struct queue_keys keys = {.vault = vault};
    enum fault fault = house_key_get(db, vault, STR("feed"), &keys.feed_key);
    if (fault == FAULT_NONE)
        *ret_keys = keys;
    return fault;
}

static enum fault open_row(const struct queue_keys *keys, struct bytes sealed, struct arena *arena,
                           struct waiting_row *row)
{
    struct buffer clear = buffer_open(2 * CLEAR_BYTES_MAX);
    uint8_t at[WAITING_PLACE_BYTES];
    const struct seal_place place =
        waiting_place(row->place.source, row->place.sequence, row->place.row_number, at);
    struct str packed;
    enum fault fault;
    TRY(vault_unseal(keys->purpose, &keys->feed_key, &place, sealed, &clear));
    TRY(arena_copy(arena, buffer_str(&clear), &packed));
    TRY(row_unpack(bytes_of(packed), &row->row));
done:
    buffer_close(&clear);
    return fault;
}

/* FAULT_ABSENT where the record stands for a child by now, or its source no longer says it. */
static enum fault read_record(struct db_tx *tx, const struct queue_keys *keys, enum source source,
                              int64_t number, struct arena *arena, struct record *ret_record)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct record record = {.number = number};
    struct value out[GIVES_source_record_get];
    enum fault fault;
    const struct value in[] = {[BIND_source_record_get_source] = value_int(source),
                               [BIND_source_record_get_number] = value_int(number)};
    TRY(db_one(tx, SQL_source_record_get, in, arena, out));
    TRY(record_unseal(keys->vault, &keys->feed_key, source, out[GIVE_source_record_get_sealed].bytes, &clear,
                      &record));
    if (record.fate == RECORD_KNOWN)
        fault = FAULT_ABSENT;
    else
        *ret_record = record;
done:
    buffer_close(&clear);
    return fault;
}

/* Rows as the store gives them, before the records behind them are read. */
struct found_rows {
    struct waiting_row *at;
    size_t count;
};

static enum fault take_listed(const struct queue_keys *keys, enum waiting_queue queue,
                              const struct value *out, struct arena *arena, struct waiting_row *row)
{
    *row = (struct waiting_row){.place = {(enum source)out[GIVE_batch_waiting_list_source].number,
                                          out[GIVE_batch_waiting_list_sequence].number,
                                          out[GIVE_batch_waiting_list_row_number].number},
                                .queue = queue,
                                .reason = (enum row_problem)out[GIVE_batch_waiting_list_reason].number,
                                .record = {.number = out[GIVE_batch_waiting_list_record].number}};
    return open_row(keys, out[GIVE_batch_waiting_list_sealed].bytes, arena, row);
}

enum fault queue_list(struct db_tx *tx, const struct queue_keys *keys, enum waiting_queue queue,
                      const struct waiting_place *after, size_t most, struct arena *arena,
                      struct waiting_row *ret_rows, size_t *ret_count)
{
    const struct value in[] = {[BIND_batch_waiting_list_queue] = value_int(queue),
                               [BIND_batch_waiting_list_source] = value_int(after->source),
                               [BIND_batch_waiting_list_sequence] = value_int(after->sequence),
                               [BIND_batch_waiting_list_row_number] = value_int(after->row_number),
                               [BIND_batch_waiting_list_planning_state] = value_int(BATCH_PLANNING),
                               [BIND_batch_waiting_list_most] = value_int((int64_t)most)};
    struct value out[GIVES_batch_waiting_list];
    struct db_rows *rows = NULL;
    size_t count = 0;
    enum fault fault;
    must(most <= QUEUE_ROWS_MAX);
    TRY(db_query(tx, SQL_batch_waiting_list, in, &rows));
    while (count < most && db_next(rows, out))
        TRY(take_listed(keys, queue, out, arena, &ret_rows[count++]));
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}

/* A batch that is planned, and may be undone, shows nothing yet. */
static enum fault check_decided(struct db_tx *tx, const struct waiting_place *place, struct arena *arena)
{
    const struct value in[] = {[BIND_batch_get_source] = value_int(place->source),
                               [BIND_batch_get_sequence] = value_int(place->sequence)};
    struct value out[GIVES_batch_get];
    enum fault fault = db_one(tx, SQL_batch_get, in, arena, out);
    if (fault == FAULT_NONE && out[GIVE_batch_get_state].number == BATCH_PLANNING)
        return FAULT_ABSENT;
    return fault;
}

enum fault queue_read(struct db_tx *tx, const struct queue_keys *keys, const struct waiting_place *place,
                      struct arena *arena, struct waiting_row *ret_row)
{
    struct waiting_row row = {.place = *place};
    struct value out[GIVES_batch_waiting_get];
    enum fault fault;
    const struct value in[] = {[BIND_batch_waiting_get_source] = value_int(place->source),
                               [BIND_batch_waiting_get_sequence] = value_int(place->sequence),
                               [BIND_batch_waiting_get_row_number] = value_int(place->row_number)};
    TRY(db_one(tx, SQL_batch_waiting_get, in, arena, out));
    TRY(check_decided(tx, place, arena));
    if (out[GIVE_batch_waiting_get_record].kind != VALUE_INT)
        return FAULT_ABSENT;
    row.queue = (enum waiting_queue)out[GIVE_batch_waiting_get_queue].number;
    row.reason = (enum row_problem)out[GIVE_batch_waiting_get_reason].number;
    TRY(read_record(tx, keys, place->source, out[GIVE_batch_waiting_get_record].number, arena, &row.record));
    TRY(open_row(keys, out[GIVE_batch_waiting_get_sealed].bytes, arena, &row));
    *ret_row = row;
done:
    return fault;
}

static bool is_among(const struct waiting_row *rows, size_t count, int64_t record)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].record.number == record)
            return true;
    return false;
}

static enum fault take_follower(const struct queue_keys *keys, const struct waiting_row *child,
                                const struct value *out, struct arena *arena, struct waiting_row *row)
{
    *row =
        (struct waiting_row){.place = {child->place.source, out[GIVE_batch_waiting_following_sequence].number,
                                       out[GIVE_batch_waiting_following_row_number].number},
                             .queue = child->queue,
                             .record = {.number = out[GIVE_batch_waiting_following_record].number}};
    return open_row(keys, out[GIVE_batch_waiting_following_sealed].bytes, arena, row);
}

static enum fault read_followers(struct db_tx *tx, const struct queue_keys *keys,
                                 const struct waiting_row *child, struct arena *arena,
                                 struct found_rows *found)
{
    const struct value in[] = {[BIND_batch_waiting_following_source] = value_int(child->place.source),
                               [BIND_batch_waiting_following_follows] = value_int(child->record.number)};
    struct value out[GIVES_batch_waiting_following];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_batch_waiting_following, in, &rows));
    while (found->count < FOLLOWERS_MAX && db_next(rows, out))
        if (!is_among(found->at, found->count, out[GIVE_batch_waiting_following_record].number)) {
            TRY(take_follower(keys, child, out, arena, &found->at[found->count]));
            found->count++;
        }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

enum fault queue_followers(struct db_tx *tx, const struct queue_keys *keys, const struct waiting_row *child,
                           struct arena *arena, struct waiting_row **ret_rows, size_t *ret_count)
{
    struct found_rows found = {arena_take_array(arena, FOLLOWERS_MAX, sizeof *found.at), 0};
    size_t kept = 0;
    enum fault fault;
    if (found.at == NULL)
        return FAULT_MEMORY;
    TRY(read_followers(tx, keys, child, arena, &found));
    for (size_t i = 0; i < found.count; i++) {
        struct waiting_row *row = &found.at[i];
        fault = read_record(tx, keys, row->place.source, row->record.number, arena, &row->record);
        if (fault == FAULT_ABSENT) /* settled before */
            continue;
        TRY(fault);
        found.at[kept++] = *row;
    }
    *ret_rows = found.at;
    *ret_count = kept;
    fault = FAULT_NONE;
done:
    return fault;
}

enum fault queue_is_newest(struct db_tx *tx, const struct waiting_row *row, bool *ret_newest)
{
    const struct value in[] = {[BIND_batch_waiting_of_record_source] = value_int(row->place.source),
                               [BIND_batch_waiting_of_record_record] = value_int(row->record.number)};
    struct value out[GIVES_batch_waiting_of_record];
    struct db_rows *rows = NULL;
    bool newest = false;
    enum fault fault;
    TRY(db_query(tx, SQL_batch_waiting_of_record, in, &rows));
    if (db_next(rows, out))
        newest = out[GIVE_batch_waiting_of_record_sequence].number == row->place.sequence &&
                 out[GIVE_batch_waiting_of_record_row_number].number == row->place.row_number;
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_newest = newest;
    return fault;
}
