#include "registry/child.h"

#include <stdlib.h>

enum {
    CLAIM_FORMAT = 1,
    SEALED_BYTES_MAX = 64 * 1024,
    ARCHIVED_STATE = 2,
    DEAD_STATE = 3,
    SEALED_STATE = 4,
    CLAIMS_USUAL = 16
};

enum record_state child_record_state(int64_t state, int64_t shield)
{
    if (state == SEALED_STATE)
        return RECORD_SEALED;
    if (state == ARCHIVED_STATE)
        return RECORD_ARCHIVED;
    if (shield != SHIELD_NONE)
        return RECORD_SHIELDED;
    return state == DEAD_STATE ? RECORD_DEAD : RECORD_LIVE;
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
    buffer_put_u8(buffer, CLAIM_FORMAT);
    buffer_put_u8(buffer, (uint8_t)claim->kind);
    buffer_put_u8(buffer, (uint8_t)claim->source);
    buffer_put_bytes(buffer, id_bytes(&claim->recorder.id));
    buffer_put_u64(buffer, (uint64_t)claim->recorded.us);
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
    if (!reader.ok || format != CLAIM_FORMAT || (kind != ROW_CHILD && kind != ROW_INVOLVEMENT) ||
        source >= SOURCES_END || !id_of_bytes(recorder, &claim->recorder.id))
        return FAULT_CORRUPT;
    claim->kind = (enum row_kind)kind;
    claim->source = (enum source)source;
    claim->recorded.us = (int64_t)recorded_us;
    return row_unpack(reader.rest, &claim->row);
}

/* Opens one ciphertext into the arena. */
static enum fault unseal_copy(struct vault *vault, const struct wrapped_key *key,
                              const struct seal_place *place, struct bytes sealed, struct arena *arena,
                              struct buffer *scratch, struct bytes *ret)
{
    struct str copy;
    enum fault fault;
    TRY(vault_unseal(vault, key, place, sealed, scratch));
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

static enum fault read_head(struct db_tx *tx, struct vault *vault, struct arena *arena,
                            struct buffer *scratch, struct child *child)
{
    enum fault fault;
    const struct value in[] = {[BIND_child_get_child_id] = value_id(child->child.id)};
    struct value out[GIVES_child_get];
    struct bytes linkage;
    TRY(db_one(tx, SQL_child_get, in, arena, out));
    struct bytes wrapped = out[GIVE_child_get_wrapped].bytes;
    if (wrapped.len != sizeof child->key.byte) {
        fault = FAULT_CORRUPT;
        goto done;
    }
    memcpy(child->key.byte, wrapped.at, wrapped.len);
    child->state = child_record_state(out[GIVE_child_get_state].number, out[GIVE_child_get_shield].number);
    child->version = (uint32_t)out[GIVE_child_get_version].number;
    if (out[GIVE_child_get_authority].kind == VALUE_TEXT)
        child->authority = str_of_bytes(out[GIVE_child_get_authority].bytes);
    struct seal_place place = linkage_place(&child->child);
    TRY(unseal_copy(vault, &child->key, &place, out[GIVE_child_get_linkage].bytes, arena, scratch, &linkage));
    TRY(person_unpack(linkage, &child->person));
    child->number = contactpoint_number(&child->person);
done:
    return fault;
}

static enum fault read_claim(struct vault *vault, const struct value *out, struct arena *arena,
                             struct buffer *scratch, const struct child *child, struct claim *claim)
{
    struct bytes packed;
    enum fault fault = FAULT_CORRUPT;
    if (!id_of_bytes(out[GIVE_claim_of_child_claim_id].bytes, &claim->claim.id))
        goto done;
    claim->superseded = out[GIVE_claim_of_child_superseded_month].kind == VALUE_INT;
    if (claim->superseded)
        claim->superseded_month = (int32_t)out[GIVE_claim_of_child_superseded_month].number;
    struct seal_place place = claim_place(&claim->claim);
    TRY(unseal_copy(vault, &child->key, &place, out[GIVE_claim_of_child_sealed].bytes, arena, scratch,
                    &packed));
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

static enum fault read_claims(struct db_tx *tx, struct vault *vault, struct arena *arena,
                              struct buffer *scratch, struct child *child)
{
    enum fault fault;
    struct db_rows *rows = NULL;
    const struct value in[] = {[BIND_claim_of_child_child_id] = value_id(child->child.id)};
    struct value out[GIVES_claim_of_child];
    size_t room = CLAIMS_USUAL, count = 0;
    struct claim *claims = arena_take_array(arena, room, sizeof *claims);
    if (claims == NULL)
        return FAULT_MEMORY;
    TRY(db_query(tx, SQL_claim_of_child, in, &rows));
    while (count < CHILD_CLAIMS_MAX && db_next(rows, out)) {
        if (count == room) {
            struct claim *more = arena_take_array(arena, CHILD_CLAIMS_MAX, sizeof *claims);
            if (more == NULL) {
                fault = FAULT_MEMORY;
                goto done;
            }
            memcpy(more, claims, count * sizeof *claims);
            claims = more;
            room = CHILD_CLAIMS_MAX;
        }
        TRY(read_claim(vault, out, arena, scratch, child, &claims[count]));
        count++;
    }
    qsort(claims, count, sizeof *claims, oldest_first);
    child->claims = claims;
    child->claim_count = count;
done:
    if (rows != NULL) {
        enum fault closed = db_rows_close(rows);
        if (fault == FAULT_NONE)
            fault = closed;
    }
    return fault;
}

static enum fault read_child(struct db_tx *tx, struct vault *vault, struct child_id id, struct arena *arena,
                             bool whole, struct child **ret_child)
{
    enum fault fault;
    struct buffer scratch = buffer_open(SEALED_BYTES_MAX);
    struct child *child = arena_take(arena, sizeof *child);
    if (child == NULL)
        return FAULT_MEMORY;
    child->child = id;
    TRY(read_head(tx, vault, arena, &scratch, child));
    if (whole)
        TRY(read_claims(tx, vault, arena, &scratch, child));
    *ret_child = child;
done:
    buffer_close(&scratch);
    return fault;
}

enum fault child_read(struct db_tx *tx, struct vault *vault, struct child_id id, struct arena *arena,
                      struct child **ret_child)
{
    return read_child(tx, vault, id, arena, false, ret_child);
}

enum fault child_read_whole(struct db_tx *tx, struct vault *vault, struct child_id id, struct arena *arena,
                            struct child **ret_child)
{
    return read_child(tx, vault, id, arena, true, ret_child);
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

enum fault child_person(const struct child *child, struct arena *arena, struct person *ret_person)
{
    struct person person = {0};
    enum fault fault = FAULT_NONE;
    for (int rank = 1; rank <= SOURCES_END; rank++)
        for (size_t i = child->claim_count; i-- > 0;) {
            const struct claim *claim = &child->claims[i];
            if (!claim->superseded && claim->kind == ROW_CHILD &&
                child_rank(GROUP_IDENTITY, claim->source) == rank)
                TRY(row_to_person(&claim->row, arena, &person));
        }
    if (person.name_count == 0)
        TRY(person_said_last(child, arena, &person));
    if (child->number.len > 0 && person.number_count < PERSON_NUMBERS_MAX)
        person.numbers[person.number_count++] = (struct person_number){NUMBER_contactpoint, child->number};
    *ret_person = person;
done:
    return fault;
}
