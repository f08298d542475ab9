#include "registry/decision.h"

#include <stdlib.h>

#include "store/house_key.h"

enum { WHO_BYTES = 17, CLEAR_BYTES = 2 * WHO_BYTES + 16 + 8, CLEAR_BYTES_MAX = 4096, ROOM_FIRST = 64 };

/* Merges nest; more often than this one cannot be taken in by another. */
enum { MERGES_MAX = 64 };

struct who who_record(const struct tag *tag)
{
    struct who who = {.kind = WHO_RECORD};
    memcpy(who.byte, tag->byte, sizeof who.byte);
    return who;
}

struct who who_child(struct child_id child)
{
    struct who who = {.kind = WHO_CHILD};
    memcpy(who.byte, child.id.byte, sizeof who.byte);
    return who;
}

enum fault decider_open(struct db *db, struct vault *vault, struct account_id account, struct instant at,
                        struct decider *ret_decider)
{
    struct decider decider = {.vault = vault, .account = account, .at = at};
    enum fault fault = house_key_get(db, vault, STR("decision"), &decider.key);
    if (fault == FAULT_NONE)
        *ret_decider = decider;
    return fault;
}

static int compare_who(const struct who *one, const struct who *other)
{
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    return memcmp(one->byte, other->byte, sizeof one->byte);
}

static void put_who(uint8_t at[WHO_BYTES], const struct who *who)
{
    at[0] = (uint8_t)who->kind;
    memcpy(at + 1, who->byte, sizeof who->byte);
}

static bool take_who(const char *at, struct who *who)
{
    who->kind = (enum who_kind)at[0];
    memcpy(who->byte, at + 1, sizeof who->byte);
    return who->kind == WHO_RECORD || who->kind == WHO_CHILD;
}

/* The two in one order, whichever came first. */
static struct tag put_pair(struct vault *vault, const struct who *one, const struct who *other,
                           uint8_t at[2 * WHO_BYTES])
{
    bool right = compare_who(one, other) <= 0;
    put_who(at, right ? one : other);
    put_who(at + WHO_BYTES, right ? other : one);
    return vault_tag(vault, "never same", (struct bytes){at, 2 * WHO_BYTES});
}

static struct seal_place place_of(struct bytes tag)
{
    return (struct seal_place){"never_same", "sealed", tag, 1};
}

static void put_big_endian(uint8_t at[8], int64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)((uint64_t)value >> (8 * (7 - i)));
}

enum fault decision_never_same(struct db_tx *tx, const struct decider *decider, struct who one,
                               struct who other)
{
    uint8_t clear[CLEAR_BYTES];
    struct buffer sealed = buffer_open(CLEAR_BYTES_MAX);
    const struct tag tag = put_pair(decider->vault, &one, &other, clear);
    const struct seal_place place = place_of((struct bytes){tag.byte, TAG_BYTES});
    enum fault fault;
    memcpy(clear + 2 * WHO_BYTES, decider->account.id.byte, 16);
    put_big_endian(clear + 2 * WHO_BYTES + 16, decider->at.us);
    TRY(vault_seal(decider->vault, &decider->key, &place, (struct bytes){clear, sizeof clear}, &sealed));
    const struct value in[] = {[BIND_never_same_put_tag] = value_bytes((struct bytes){tag.byte, TAG_BYTES}),
                               [BIND_never_same_put_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_never_same_put, in, NULL));
done:
    buffer_close(&sealed);
    return fault;
}

enum fault decision_forget(struct db_tx *tx, const struct decider *decider, struct who one, struct who other)
{
    uint8_t pair[2 * WHO_BYTES];
    const struct tag tag = put_pair(decider->vault, &one, &other, pair);
    const struct value in[] = {[BIND_never_same_remove_tag] =
                                   value_bytes((struct bytes){tag.byte, TAG_BYTES})};
    return db_run(tx, SQL_never_same_remove, in, NULL);
}

struct pair {
    struct who one;
    struct who other;
};

struct taken_in {
    struct child_id part;
    struct child_id into;
};

/* One list that grows. */
struct list {
    void *at;
    size_t count;
    size_t room;
};

struct decisions {
    struct list taken;       /* struct taken_in, by part */
    struct list pairs;       /* struct pair, each both ways, in order */
    struct child_id *others; /* of each pair, where it is a child: side by side for each record */
};

static enum fault add(struct list *list, const void *entry, size_t size_bytes)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? ROOM_FIRST : 2 * list->room;
        void *more = reallocarray(list->at, room, size_bytes);
        if (more == NULL)
            return FAULT_MEMORY;
        list->at = more;
        list->room = room;
    }
    memcpy((uint8_t *)list->at + list->count++ * size_bytes, entry, size_bytes);
    return FAULT_NONE;
}

static int by_part(const void *a, const void *b)
{
    const struct taken_in *one = a, *other = b;
    return id_compare(one->part.id, other->part.id);
}

static int by_who(const void *a, const void *b)
{
    const struct pair *one = a, *other = b;
    int first = compare_who(&one->one, &other->one);
    return first != 0 ? first : compare_who(&one->other, &other->other);
}

struct child_id decisions_survivor(const struct decisions *decisions, struct child_id child)
{
    for (int i = 0; i < MERGES_MAX && decisions->taken.count > 0; i++) {
        const struct taken_in wanted = {.part = child};
        const struct taken_in *found =
            bsearch(&wanted, decisions->taken.at, decisions->taken.count, sizeof wanted, by_part);
        if (found == NULL)
            break;
        child = found->into;
    }
    return child;
}

static struct who survivor_of(const struct decisions *decisions, struct who who)
{
    struct child_id child;
    if (who.kind != WHO_CHILD)
        return who;
    memcpy(child.id.byte, who.byte, sizeof who.byte);
    return who_child(decisions_survivor(decisions, child));
}

static enum fault read_parts(struct db_tx *tx, struct decisions *decisions)
{
    struct db_rows *rows = NULL;
    struct value out[GIVES_part_all];
    enum fault fault;
    decisions->taken.count = 0;
    TRY(db_query(tx, SQL_part_all, NULL, &rows));
    while (db_next(rows, out)) {
        struct taken_in taken;
        if (!id_of_bytes(out[GIVE_part_all_part_id].bytes, &taken.part.id) ||
            !id_of_bytes(out[GIVE_part_all_child_id].bytes, &taken.into.id)) {
            fault = FAULT_CORRUPT;
            goto done;
        }
        TRY(add(&decisions->taken, &taken, sizeof taken));
    }
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE && decisions->taken.count > 0)
        qsort(decisions->taken.at, decisions->taken.count, sizeof(struct taken_in), by_part);
    return fault;
}

struct reading {
    struct vault *vault;
    const struct wrapped_key *key;
    struct decisions *decisions;
    struct buffer clear;
};

static enum fault take_pair(struct reading *reading, const struct value *out)
{
    const struct seal_place place = place_of(out[GIVE_never_same_all_tag].bytes);
    struct pair pair;
    enum fault fault;
    TRY(vault_unseal(vault_for_own(reading->vault), reading->key, &place,
                     out[GIVE_never_same_all_sealed].bytes, &reading->clear));
    if (reading->clear.len != CLEAR_BYTES || !take_who(reading->clear.at, &pair.one) ||
        !take_who(reading->clear.at + WHO_BYTES, &pair.other))
        return FAULT_CORRUPT;
    pair =
        (struct pair){survivor_of(reading->decisions, pair.one), survivor_of(reading->decisions, pair.other)};
    TRY(add(&reading->decisions->pairs, &pair, sizeof pair));
    pair = (struct pair){pair.other, pair.one};
    TRY(add(&reading->decisions->pairs, &pair, sizeof pair));
done:
    return fault;
}

static enum fault read_all(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_never_same_all];
    enum fault fault;
    TRY(read_parts(tx, reading->decisions));
    reading->decisions->pairs.count = 0;
    TRY(db_query(tx, SQL_never_same_all, NULL, &rows));
    while (db_next(rows, out))
        TRY(take_pair(reading, out));
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

/* In order, and beside it the children alone. */
static enum fault arrange(struct decisions *decisions)
{
    struct pair *pairs = decisions->pairs.at;
    size_t count = decisions->pairs.count;
    if (count == 0)
        return FAULT_NONE;
    qsort(pairs, count, sizeof *pairs, by_who);
    decisions->others = calloc(count, sizeof *decisions->others);
    if (decisions->others == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < count; i++)
        memcpy(decisions->others[i].id.byte, pairs[i].other.byte, sizeof pairs[i].other.byte);
    return FAULT_NONE;
}

enum fault decisions_read(struct db *db, struct vault *vault, struct decisions **ret_decisions)
{
    struct wrapped_key key;
    struct decisions *decisions = calloc(1, sizeof *decisions);
    struct reading reading = {vault, &key, decisions, buffer_open(CLEAR_BYTES_MAX)};
    enum fault fault = FAULT_MEMORY;
    if (decisions == NULL)
        goto done;
    TRY(house_key_get(db, vault, STR("decision"), &key));
    TRY(db_read(db, read_all, &reading));
    TRY(arrange(decisions));
    *ret_decisions = decisions;
    decisions = NULL;
done:
    decisions_close(decisions);
    buffer_close(&reading.clear);
    return fault;
}

void decisions_close(struct decisions *decisions)
{
    if (decisions == NULL)
        return;
    free(decisions->taken.at);
    free(decisions->pairs.at);
    free(decisions->others);
    free(decisions);
}

/* The first pair that does not stand before this one. */
static size_t find(const struct decisions *decisions, const struct pair *wanted)
{
    const struct pair *pairs = decisions->pairs.at;
    size_t low = 0, high = decisions->pairs.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_who(&pairs[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t decisions_apart(const struct decisions *decisions, const struct tag *record,
                       const struct child_id **ret_apart)
{
    const struct pair *pairs = decisions->pairs.at;
    const struct pair wanted = {.one = who_record(record), .other = {.kind = WHO_CHILD}};
    size_t from = find(decisions, &wanted), count = 0;
    while (from + count < decisions->pairs.count && compare_who(&pairs[from + count].one, &wanted.one) == 0 &&
           pairs[from + count].other.kind == WHO_CHILD)
        count++;
    *ret_apart = count > 0 ? decisions->others + from : NULL;
    return count;
}

bool decisions_are_two(const struct decisions *decisions, struct child_id one, struct child_id other)
{
    const struct pair wanted = {who_child(decisions_survivor(decisions, one)),
                                who_child(decisions_survivor(decisions, other))};
    size_t at = find(decisions, &wanted);
    const struct pair *pairs = decisions->pairs.at;
    return at < decisions->pairs.count && by_who(&pairs[at], &wanted) == 0;
}
