/* Many matters at once: lists and counts, those that are past their day, those that travel with their child.
 */
#include "registry/family.h"
#include "registry/matter_inside.h"

enum { ARENA_BYTES_EACH = 32 * 1024 };

static enum fault take_listed(const struct matters *matters, const struct value *out, struct arena *arena,
                              struct matter *matter)
{
    struct matter_id id;
    if (!id_of_bytes(out[GIVE_matter_list_matter_id].bytes, &id.id))
        return FAULT_CORRUPT;
    const struct matter_row row = {.kind = out[GIVE_matter_list_kind].number,
                                   .state = out[GIVE_matter_list_state].number,
                                   .opened_us = out[GIVE_matter_list_opened_us].number,
                                   .due_us = out[GIVE_matter_list_due_us].number,
                                   .version = out[GIVE_matter_list_version].number,
                                   .authority = &out[GIVE_matter_list_authority],
                                   .sealed = out[GIVE_matter_list_sealed].bytes};
    return matter_open_row(matters, id, &row, arena, matter);
}

/* All statements that list matters give the same columns in the same order. */
_Static_assert((int)GIVE_matter_list_sealed == (int)GIVE_matter_open_all_sealed &&
                   (int)GIVE_matter_list_sealed == (int)GIVE_matter_overdue_sealed &&
                   (int)GIVE_matter_list_sealed == (int)GIVE_matter_open_about_sealed &&
                   (int)GIVES_matter_list == (int)GIVES_matter_open_all &&
                   (int)GIVES_matter_list == (int)GIVES_matter_open_about &&
                   (int)GIVES_matter_list == (int)GIVES_matter_overdue,
               "matters are listed alike");

static enum fault list(struct db_tx *tx, const struct matters *matters, enum statement statement,
                       const struct value *in, struct arena *arena, struct matter *ret_matters,
                       size_t *ret_count)
{
    struct value out[GIVES_matter_list];
    struct db_rows *rows = NULL;
    size_t count = 0;
    enum fault fault;
    TRY(db_query(tx, statement, in, &rows));
    while (count < MATTER_LIST_MAX && db_next(rows, out))
        TRY(take_listed(matters, out, arena, &ret_matters[count++]));
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}

enum fault matter_list(struct db_tx *tx, const struct matters *matters, enum matter_kind kind,
                       struct str authority, const struct matter_place *after, struct arena *arena,
                       struct matter *ret_matters, size_t *ret_count)
{
    const struct matter_place first = {.due = {INT64_MIN}};
    const struct matter_place *from = after == NULL ? &first : after;
    const struct value in[] = {[BIND_matter_list_kind] = value_int(kind),
                               [BIND_matter_list_closed] = value_int(MATTER_CLOSED),
                               [BIND_matter_list_authority] = value_text(authority),
                               [BIND_matter_list_due_us] = value_int(from->due.us),
                               [BIND_matter_list_matter_id] = value_id(from->matter.id),
                               [BIND_matter_list_most] = value_int(MATTER_LIST_MAX)};
    return list(tx, matters, SQL_matter_list, in, arena, ret_matters, ret_count);
}

enum fault matter_open_about(struct db_tx *tx, const struct matters *matters,
                             const struct matter_search *search, struct arena *arena,
                             struct matter *ret_matters, size_t *ret_count)
{
    const struct tag subject = matter_subject(matters, search->kind, search->record);
    const struct value in[] = {[BIND_matter_open_about_subject] =
                                   value_bytes((struct bytes){subject.byte, TAG_BYTES}),
                               [BIND_matter_open_about_closed] = value_int(MATTER_CLOSED),
                               [BIND_matter_open_about_after] = value_id(search->after.id),
                               [BIND_matter_open_about_most] = value_int(MATTER_LIST_MAX)};
    return list(tx, matters, SQL_matter_open_about, in, arena, ret_matters, ret_count);
}

enum fault matter_list_overdue(struct db_tx *tx, const struct matters *matters, struct instant now,
                               struct arena *arena, struct matter *ret_matters, size_t *ret_count)
{
    const struct value in[] = {[BIND_matter_overdue_closed] = value_int(MATTER_CLOSED),
                               [BIND_matter_overdue_now_us] = value_int(now.us),
                               [BIND_matter_overdue_most] = value_int(MATTER_LIST_MAX)};
    return list(tx, matters, SQL_matter_overdue, in, arena, ret_matters, ret_count);
}

enum fault matter_alarmed(struct db_tx *tx, struct matter_id matter, struct instant now)
{
    int64_t changed = 0;
    const struct value in[] = {[BIND_matter_alarmed_matter_id] = value_id(matter.id),
                               [BIND_matter_alarmed_alarmed_us] = value_int(now.us)};
    enum fault fault = db_run(tx, SQL_matter_alarmed, in, &changed);
    return fault != FAULT_NONE ? fault : changed == 1 ? FAULT_NONE : FAULT_ABSENT;
}

enum fault matter_count(struct db_tx *tx, enum matter_kind kind, struct str authority, struct instant now,
                        struct arena *arena, struct matter_counts *ret_counts)
{
    const struct value in[] = {[BIND_matter_count_kind] = value_int(kind),
                               [BIND_matter_count_closed] = value_int(MATTER_CLOSED),
                               [BIND_matter_count_authority] = value_text(authority),
                               [BIND_matter_count_now_us] = value_int(now.us)};
    struct value out[GIVES_matter_count];
    enum fault fault;
    TRY(db_one(tx, SQL_matter_count, in, arena, out));
    *ret_counts =
        (struct matter_counts){out[GIVE_matter_count_open].number, out[GIVE_matter_count_overdue].number};
done:
    return fault;
}

/* A matter whose child's record is another authority's by now; the service itself takes it there. */
static enum fault travel(struct db_tx *tx, const struct matters *matters, struct instant now,
                         struct arena *arena, struct matter *matter, int64_t *moved)
{
    struct child_standing standing;
    const struct matter_step step = {.at = now, .verb = STEP_TRAVELLED};
    enum fault fault = family_standing(tx, matter->child, arena, &standing);
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    TRY(fault);
    if (str_equal(standing.authority, matter->authority))
        return FAULT_NONE;
    matter->authority = standing.authority;
    TRY(matter_advance(tx, matters, matter, &step));
    (*moved)++;
done:
    return fault;
}

enum fault matter_travel(struct db_tx *tx, const struct matters *matters, struct instant now,
                         struct matter_id *from, int64_t *ret_moved)
{
    struct arena *arena = NULL;
    struct matter found[MATTER_LIST_MAX];
    size_t count = 0;
    int64_t moved = 0;
    const struct value in[] = {[BIND_matter_open_all_closed] = value_int(MATTER_CLOSED),
                               [BIND_matter_open_all_after] = value_id(from->id),
                               [BIND_matter_open_all_most] = value_int(MATTER_LIST_MAX)};
    enum fault fault;
    TRY(arena_open((size_t)ARENA_BYTES_EACH * MATTER_LIST_MAX, &arena));
    TRY(list(tx, matters, SQL_matter_open_all, in, arena, found, &count));
    for (size_t i = 0; i < count; i++)
        if (!id_is_zero(found[i].child.id))
            TRY(travel(tx, matters, now, arena, &found[i], &moved));
    *from = count == MATTER_LIST_MAX ? found[count - 1].matter : (struct matter_id){{{0}}};
    *ret_moved = moved;
done:
    arena_close(arena);
    return fault;
}
