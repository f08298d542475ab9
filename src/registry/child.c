#include "registry/child.h"

#include <stdlib.h>

#include "registry/family.h"

/* A claim with a consent has a format of its own; those of earlier versions do not say whose service it is.
 */
enum {
    CLAIM_FORMAT = 1,
    CLAIM_FORMAT_CONSENT,
    CLAIM_FORMAT_SERVICE,
    SEALED_BYTES_MAX = 64 * 1024,
    CLAIMS_USUAL = 16
};

enum record_state child_record_state(int64_t state, int64_t shield)
{
    if (state == CHILD_SEALED)
        return RECORD_SEALED;
    if (state == CHILD_ARCHIVED)
        return RECORD_ARCHIVED;
    if (shield != SHIELD_NONE)
        return RECORD_SHIELDED;
    return state == CHILD_DEAD ? RECORD_DEAD : RECORD_LIVE;
}

/* A claim is never rewritten, and a bundle carries no secret that an older one did not: both are bound to
 * their row. */
struct seal_place claim_place(const struct claim_id *claim)
{
    return (struct seal_place){"claim", "sealed", id_bytes(&claim->id), 1};
}

struct seal_place linkage_place(const struct child_id *child)
{
    return (struct seal_place){"child", "linkage", id_bytes(&child->id), 1};
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

static enum fault claim_unpack(struct bytes packed, struct claim *claim)
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

/* Opens one ciphertext into the arena. */
static enum fault unseal_copy(struct vault_purpose purpose, const struct wrapped_key *key,
                              const struct seal_place *place, struct bytes sealed, struct arena *arena,
                              struct buffer *scratch, struct bytes *ret)
{
    struct str copy;
    enum fault fault;
    TRY(vault_unseal(purpose, key, place, sealed, scratch));
    TRY(arena_copy(arena, buffer_str(scratch), &copy));
    *ret = bytes_of(copy);
done:
    return fault;
}

static struct str contactpoint_number(const struct person *person)
{
    for (size_t i = 0; i < person->number_count; i++)
        if (person->numbers[i].scheme == NUMBER_contactpoint)
            return person->numbers[i].value;
    return (struct str){"", 0};
}

/* What a row of the store says of a child, whichever statement gave it. */
struct head_row {
    int64_t state;
    int64_t shield;
    int64_t version;
    struct value authority;
    struct value merged_into;
    struct value parts;
    struct bytes linkage;
    struct bytes wrapped;
};

static enum fault take_columns(const struct head_row *row, struct child_columns *columns)
{
    columns->state = row->state;
    columns->shield = row->shield;
    columns->parts = row->parts.kind == VALUE_INT ? row->parts.number : 0;
    if (row->merged_into.kind == VALUE_BYTES &&
        !id_of_bytes(row->merged_into.bytes, &columns->merged_into.id))
        return FAULT_CORRUPT;
    return FAULT_NONE;
}

/* What stands in clear, and the key. */
static enum fault take_standing(const struct head_row *row, struct arena *arena, struct child *child)
{
    enum fault fault;
    if (row->wrapped.len != sizeof child->key.byte)
        return FAULT_CORRUPT;
    memcpy(child->key.byte, row->wrapped.at, row->wrapped.len);
    child->state = child_record_state(row->state, row->shield);
    child->version = (uint32_t)row->version;
    TRY(take_columns(row, &child->columns));
    if (row->authority.kind == VALUE_TEXT)
        TRY(arena_copy(arena, str_of_bytes(row->authority.bytes), &child->authority));
done:
    return fault;
}

static enum fault open_bundle(struct vault_purpose purpose, struct bytes sealed, struct arena *arena,
                              struct buffer *scratch, struct child *child)
{
    const struct seal_place place = linkage_place(&child->child);
    struct bytes linkage;
    enum fault fault;
    TRY(unseal_copy(purpose, &child->key, &place, sealed, arena, scratch, &linkage));
    TRY(person_unpack(linkage, &child->person));
    child->number = contactpoint_number(&child->person);
    child->opened = true;
done:
    return fault;
}

/* How a record is read. */
struct reading {
    struct db_tx *tx;
    struct vault_purpose purpose;
    struct arena *arena;
    bool shut;    /* nothing is opened */
    bool whole;   /* with its claims */
    bool follows; /* one that another has taken in need not be opened: that other will be */
    struct buffer scratch;
};

/* The state in which the family stands is that of each of its records. */
static void take_state(struct reading *reading, const struct child *child)
{
    if (reading->purpose.state == 0)
        reading->purpose = vault_for_record(reading->purpose, child->state);
}

static bool is_led_away(const struct reading *reading, const struct child *child)
{
    return reading->follows && !id_is_zero(child->columns.merged_into.id);
}

static enum fault read_head(struct reading *reading, struct child *child)
{
    enum fault fault;
    const struct value in[] = {[BIND_child_get_child_id] = value_id(child->child.id)};
    struct value out[GIVES_child_get];
    TRY(db_one(reading->tx, SQL_child_get, in, reading->arena, out));
    const struct head_row row = {
        .state = out[GIVE_child_get_state].number,
        .shield = out[GIVE_child_get_shield].number,
        .version = out[GIVE_child_get_version].number,
        .authority = out[GIVE_child_get_authority],
        .merged_into = out[GIVE_child_get_merged_into],
        .parts = out[GIVE_child_get_parts],
        .linkage = out[GIVE_child_get_linkage].bytes,
        .wrapped = out[GIVE_child_get_wrapped].bytes,
    };
    TRY(take_standing(&row, reading->arena, child));
    if (reading->shut || is_led_away(reading, child))
        goto done;
    if (reading->purpose.purpose == PURPOSE_NONE)
        return fault_note(FAULT_SYSTEM, "a record is read for no purpose");
    take_state(reading, child);
    if (vault_opens_record(&reading->purpose))
        TRY(open_bundle(reading->purpose, row.linkage, reading->arena, &reading->scratch, child));
done:
    return fault;
}

struct claim_row {
    struct bytes claim_id;
    struct value superseded_month;
    struct bytes sealed;
};

static enum fault take_claim(struct vault_purpose purpose, const struct claim_row *row, struct arena *arena,
                             struct buffer *scratch, const struct child *child, struct claim *claim)
{
    struct bytes packed;
    enum fault fault = FAULT_CORRUPT;
    if (!id_of_bytes(row->claim_id, &claim->claim.id))
        goto done;
    claim->superseded = row->superseded_month.kind == VALUE_INT;
    if (claim->superseded)
        claim->superseded_month = (int32_t)row->superseded_month.number;
    struct seal_place place = claim_place(&claim->claim);
    TRY(unseal_copy(purpose, &child->key, &place, row->sealed, arena, scratch, &packed));
    TRY(claim_unpack(packed, claim));
done:
    return fault;
}

static int oldest_first(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    if (x->recorded.us != y->recorded.us)
        return x->recorded.us < y->recorded.us ? -1 : 1;
    return id_compare(x->claim.id, y->claim.id);
}

void child_sort_claims(struct claim *claims, size_t count)
{
    if (count > 0)
        qsort(claims, count, sizeof *claims, oldest_first);
}

/* The claims of one child while they are read: few as a rule, at most CHILD_CLAIMS_MAX. */
struct claim_list {
    struct claim *at;
    size_t count;
    size_t room;
};

static enum fault make_room(struct claim_list *list, struct arena *arena)
{
    if (list->count < list->room)
        return FAULT_NONE;
    size_t room = list->room == 0 ? CLAIMS_USUAL : CHILD_CLAIMS_MAX;
    struct claim *more = arena_take_array(arena, room, sizeof *more);
    if (more == NULL)
        return FAULT_MEMORY;
    if (list->count > 0)
        memcpy(more, list->at, list->count * sizeof *more);
    list->at = more;
    list->room = room;
    return FAULT_NONE;
}

/* R8.2: what one of an involvement's claims withdraws, is withdrawn from all of them. */
static void judge_consents(const struct claim_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct claim *claim = &list->at[i];
        claim->consented = !id_is_zero(claim->consent.id);
        for (size_t k = 0; claim->consented && k < list->count; k++)
            if (list->at[k].consent.withdrawn && id_equal(list->at[k].consent.id, claim->consent.id))
                claim->consented = false;
    }
}

static void give_claims(struct claim_list *list, struct child *child)
{
    judge_consents(list);
    child_sort_claims(list->at, list->count);
    child->claims = list->at;
    child->claim_count = list->count;
}

static enum fault read_claims(struct reading *reading, struct child *child)
{
    enum fault fault;
    struct db_rows *rows = NULL;
    const struct value in[] = {[BIND_claim_of_child_child_id] = value_id(child->child.id)};
    struct value out[GIVES_claim_of_child];
    struct claim_list list = {0};
    TRY(db_query(reading->tx, SQL_claim_of_child, in, &rows));
    while (list.count < CHILD_CLAIMS_MAX && db_next(rows, out)) {
        const struct claim_row row = {out[GIVE_claim_of_child_claim_id].bytes,
                                      out[GIVE_claim_of_child_superseded_month],
                                      out[GIVE_claim_of_child_sealed].bytes};
        TRY(make_room(&list, reading->arena));
        TRY(take_claim(reading->purpose, &row, reading->arena, &reading->scratch, child,
                       &list.at[list.count]));
        list.count++;
    }
    give_claims(&list, child);
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

/* The record alone is a family of one. */
static enum fault stand_alone(struct arena *arena, struct child *child)
{
    struct child_part *own = arena_take(arena, sizeof *own);
    if (own == NULL)
        return FAULT_MEMORY;
    *own = (struct child_part){child->child, child->key, child->number};
    child->parts = own;
    child->part_count = 1;
    return FAULT_NONE;
}

static enum fault read_record(struct reading reading, struct child_id id, struct child **ret_child)
{
    enum fault fault;
    struct child *child = arena_take(reading.arena, sizeof *child);
    if (child == NULL)
        return FAULT_MEMORY;
    child->child = id;
    reading.scratch = buffer_open(SEALED_BYTES_MAX);
    TRY(read_head(&reading, child));
    if (reading.whole) {
        if (child->opened)
            TRY(read_claims(&reading, child));
        TRY(stand_alone(reading.arena, child));
    }
    *ret_child = child;
done:
    buffer_close(&reading.scratch);
    return fault;
}

/* The record itself, or the one that shows it. */
static enum fault follow_record(struct reading reading, struct child_id id, struct child **ret_child)
{
    struct child *child = NULL;
    enum fault fault = read_record(reading, id, &child);
    for (int i = 0; fault == FAULT_NONE && !id_is_zero(child->columns.merged_into.id); i++)
        fault =
            i == FAMILY_DEPTH_MAX ? FAULT_CORRUPT : read_record(reading, child->columns.merged_into, &child);
    if (fault == FAULT_NONE)
        *ret_child = child;
    return fault;
}

enum fault child_read(struct db_tx *tx, struct vault_purpose purpose, struct child_id id, struct arena *arena,
                      struct child **ret_child)
{
    const struct reading reading = {.tx = tx, .purpose = purpose, .arena = arena, .follows = true};
    return follow_record(reading, id, ret_child);
}

enum fault child_read_shut(struct db_tx *tx, struct child_id id, bool alone, struct arena *arena,
                           struct child **ret_child)
{
    const struct reading reading = {.tx = tx, .shut = true, .arena = arena};
    return alone ? read_record(reading, id, ret_child) : follow_record(reading, id, ret_child);
}

enum fault child_read_alone(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                            struct arena *arena, struct child **ret_child)
{
    const struct reading reading = {.tx = tx, .purpose = purpose, .arena = arena, .whole = true};
    return read_record(reading, id, ret_child);
}

enum fault child_read_whole(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                            struct arena *arena, struct child **ret_child)
{
    struct child_standing standing;
    struct child *child = NULL;
    enum fault fault;
    TRY(family_standing(tx, id, arena, &standing));
    TRY(child_read_alone(tx, purpose, standing.child, arena, &child));
    if (child->opened && child->columns.parts > 0)
        TRY(family_gather(tx, vault_for_record(purpose, child->state), arena, child));
    *ret_child = child;
done:
    return fault;
}

/* Children being read at once: as many as one statement names. */
enum { CHILDREN_AT_ONCE = BINDS_child_some };

struct crowd {
    struct vault_linkage linkage;
    struct arena *arena;
    struct buffer *scratch;
    struct child_read *reads;
    size_t count;
    struct claim_list claims[CHILDREN_AT_ONCE];
};

/* What is wrong with one child is its own; what is wrong with the machine is everybody's. */
static enum fault keep_fault(struct child_read *read, enum fault fault)
{
    if (fault != FAULT_CORRUPT && fault != FAULT_KEY)
        return fault;
    read->fault = fault;
    read->child = NULL;
    return FAULT_NONE;
}

/* The ids of a statement that names CHILDREN_AT_ONCE: the last stands there for those that are missing. */
static void bind_ids(const struct crowd *crowd, bool whole, struct value in[CHILDREN_AT_ONCE],
                     size_t *ret_count)
{
    size_t count = 0;
    for (size_t i = 0; i < crowd->count; i++)
        if (!whole || (crowd->reads[i].whole && crowd->reads[i].child != NULL))
            in[count++] = value_id(crowd->reads[i].id.id);
    for (size_t i = count; count > 0 && i < CHILDREN_AT_ONCE; i++)
        in[i] = in[count - 1];
    *ret_count = count;
}

static bool is_of(const struct child_read *read, const struct value *child)
{
    return str_equal(str_of_bytes(id_bytes(&read->id.id)), str_of_bytes(child->bytes));
}

/* A head that was read and waits for its key: one question to the keeper is about many. */
struct waiting_head {
    struct child_read *read;
    struct head_row row;
};

static enum fault copy_bytes(struct arena *arena, struct bytes *bytes)
{
    struct str copy;
    enum fault fault = arena_copy(arena, str_of_bytes(*bytes), &copy);
    if (fault == FAULT_NONE)
        *bytes = bytes_of(copy);
    return fault;
}

/* Borrowed from the row before; kept from here on. */
static enum fault keep_head(const struct crowd *crowd, struct child_read *read, const struct value *out,
                            struct waiting_head *waiting)
{
    enum fault fault;
    *waiting = (struct waiting_head){.read = read,
                                     .row = {.state = out[GIVE_child_some_state].number,
                                             .shield = out[GIVE_child_some_shield].number,
                                             .version = out[GIVE_child_some_version].number,
                                             .authority = out[GIVE_child_some_authority],
                                             .merged_into = out[GIVE_child_some_merged_into],
                                             .parts = out[GIVE_child_some_parts],
                                             .linkage = out[GIVE_child_some_linkage].bytes,
                                             .wrapped = out[GIVE_child_some_wrapped].bytes}};
    struct head_row *row = &waiting->row;
    TRY(copy_bytes(crowd->arena, &row->linkage));
    TRY(copy_bytes(crowd->arena, &row->wrapped));
    if (row->authority.kind == VALUE_TEXT)
        TRY(copy_bytes(crowd->arena, &row->authority.bytes));
    if (row->merged_into.kind == VALUE_BYTES)
        TRY(copy_bytes(crowd->arena, &row->merged_into.bytes));
done:
    return fault;
}

static enum fault take_head_of(struct crowd *crowd, const struct waiting_head *waiting)
{
    struct child_read *read = waiting->read;
    struct child *child = arena_take(crowd->arena, sizeof *child);
    if (child == NULL)
        return FAULT_MEMORY;
    child->child = read->id;
    read->fault = FAULT_NONE;
    read->child = child;
    enum fault fault = take_standing(&waiting->row, crowd->arena, child);
    if (fault == FAULT_NONE)
        fault =
            open_bundle(crowd->linkage.purpose, waiting->row.linkage, crowd->arena, crowd->scratch, child);
    return keep_fault(read, fault);
}

static enum fault take_heads(struct crowd *crowd, const struct waiting_head *waiting, size_t count)
{
    struct wrapped_key keys[CHILDREN_AT_ONCE];
    size_t whole = 0;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count; i++)
        if (waiting[i].row.wrapped.len == sizeof keys[0].byte)
            memcpy(keys[whole++].byte, waiting[i].row.wrapped.at, sizeof keys[0].byte);
    if (whole > 1)
        TRY(vault_unwrap_ahead(crowd->linkage, keys, whole));
    for (size_t i = 0; i < count; i++)
        TRY(take_head_of(crowd, &waiting[i]));
done:
    return fault;
}

/* Its key may have been destroyed; and a record that another has taken in is not read alone. */
static bool is_head_of(const struct child_read *read, const struct value *out)
{
    return is_of(read, &out[GIVE_child_some_child_id]) && out[GIVE_child_some_wrapped].kind != VALUE_NULL &&
           (read->part || out[GIVE_child_some_merged_into].kind == VALUE_NULL);
}

static enum fault read_heads(struct db_tx *tx, struct crowd *crowd)
{
    struct value in[CHILDREN_AT_ONCE], out[GIVES_child_some];
    struct waiting_head waiting[CHILDREN_AT_ONCE];
    struct db_rows *rows = NULL;
    size_t count, found = 0;
    enum fault fault;
    bind_ids(crowd, false, in, &count);
    TRY(db_query(tx, SQL_child_some, in, &rows));
    while (db_next(rows, out))
        for (size_t i = 0; i < crowd->count; i++)
            if (found < CHILDREN_AT_ONCE && is_head_of(&crowd->reads[i], out))
                TRY(keep_head(crowd, &crowd->reads[i], out, &waiting[found++]));
    TRY(take_heads(crowd, waiting, found));
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault take_claim_of(struct crowd *crowd, size_t at, const struct value *out)
{
    struct child_read *read = &crowd->reads[at];
    struct claim_list *list = &crowd->claims[at];
    const struct claim_row row = {out[GIVE_claim_some_claim_id].bytes, out[GIVE_claim_some_superseded_month],
                                  out[GIVE_claim_some_sealed].bytes};
    enum fault fault = FAULT_NONE;
    if (!read->whole || read->child == NULL || list->count == CHILD_CLAIMS_MAX)
        return FAULT_NONE;
    TRY(make_room(list, crowd->arena));
    fault = take_claim(crowd->linkage.purpose, &row, crowd->arena, crowd->scratch, read->child,
                       &list->at[list->count]);
    list->count += fault == FAULT_NONE;
    fault = keep_fault(read, fault);
done:
    return fault;
}

static enum fault read_claims_of_all(struct db_tx *tx, struct crowd *crowd)
{
    struct value in[CHILDREN_AT_ONCE], out[GIVES_claim_some];
    struct db_rows *rows = NULL;
    size_t count;
    enum fault fault = FAULT_NONE;
    bind_ids(crowd, true, in, &count);
    if (count == 0)
        return FAULT_NONE;
    TRY(db_query(tx, SQL_claim_some, in, &rows));
    while (db_next(rows, out))
        for (size_t i = 0; i < crowd->count; i++)
            if (is_of(&crowd->reads[i], &out[GIVE_claim_some_child_id]))
                TRY(take_claim_of(crowd, i, out));
    for (size_t i = 0; i < crowd->count; i++)
        if (crowd->reads[i].child != NULL)
            give_claims(&crowd->claims[i], crowd->reads[i].child);
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

enum fault child_read_some(struct db_tx *tx, struct vault_linkage linkage, struct child_read *reads,
                           size_t count, struct arena *arena)
{
    struct buffer scratch = buffer_open(SEALED_BYTES_MAX);
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count; i++) {
        reads[i].fault = FAULT_ABSENT;
        reads[i].child = NULL;
    }
    for (size_t done = 0; done < count; done += CHILDREN_AT_ONCE) {
        size_t left = count - done;
        struct crowd crowd = {.linkage = linkage,
                              .arena = arena,
                              .scratch = &scratch,
                              .reads = reads + done,
                              .count = left < CHILDREN_AT_ONCE ? left : CHILDREN_AT_ONCE};
        TRY(read_heads(tx, &crowd));
        TRY(read_claims_of_all(tx, &crowd));
    }
done:
    buffer_close(&scratch);
    return fault;
}

int child_rank(enum field_group group, enum source source)
{
    static const uint8_t ranks[GROUPS_END][SOURCES_END] = {
#define RANK(group, source, rank) [GROUP_##group][SOURCE_##source] = rank,
#include "registry/ranks.def"
#undef RANK
    };
    uint8_t rank = ranks[group][source];
    return rank == 0 ? SOURCES_END : rank;
}

const struct claim *child_authoritative(const struct child *child, enum field_group group, enum column column)
{
    const struct claim *best = NULL;
    for (size_t i = 0; i < child->claim_count; i++) {
        const struct claim *claim = &child->claims[i];
        if (claim->superseded || claim->kind != ROW_CHILD || claim->row.at[column].len == 0)
            continue;
        int better = best == NULL ? -1 : child_rank(group, claim->source) - child_rank(group, best->source);
        if (better < 0 || (better == 0 && claim->recorded.us >= best->recorded.us))
            best = claim;
    }
    return best;
}

/* Where no source names the child any more: who it is, as was said last; an address then is a former one. */
static enum fault person_said_last(const struct child *child, struct arena *arena, struct person *person)
{
    for (size_t i = child->claim_count; i-- > 0;) {
        if (child->claims[i].kind != ROW_CHILD)
            continue;
        enum fault fault = row_to_person(&child->claims[i].row, arena, person);
        for (size_t k = 0; k < person->place_count; k++)
            person->places[k].present = false;
        return fault;
    }
    return FAULT_NONE;
}

/* The own number first: it is the one that the record shows. */
static void add_contactpoint_numbers(const struct child *child, struct person *person)
{
    if (child->number.len > 0)
        person->numbers[person->number_count++] = (struct person_number){NUMBER_contactpoint, child->number};
    for (size_t i = 1; i < child->part_count && person->number_count < PERSON_NUMBERS_MAX; i++)
        if (child->parts[i].number.len > 0)
            person->numbers[person->number_count++] =
                (struct person_number){NUMBER_contactpoint, child->parts[i].number};
}

enum fault child_person(const struct child *child, struct arena *arena, struct person *ret_person)
{
    struct person person = {0};
    enum fault fault = FAULT_NONE;
    add_contactpoint_numbers(child, &person);
    for (int rank = 1; rank <= SOURCES_END; rank++)
        for (size_t i = child->claim_count; i-- > 0;) {
            const struct claim *claim = &child->claims[i];
            if (!claim->superseded && claim->kind == ROW_CHILD &&
                child_rank(GROUP_IDENTITY, claim->source) == rank)
                TRY(row_to_person(&claim->row, arena, &person));
        }
    if (person.name_count == 0)
        TRY(person_said_last(child, arena, &person));
    *ret_person = person;
done:
    return fault;
}
