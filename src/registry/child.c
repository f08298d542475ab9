#include "registry/child.h"

#include <stdlib.h>

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

/* A bundle carries no secret that an older one did not: it is bound to its row, not to a version. */
struct seal_place linkage_place(const struct child_id *child)
{
    return (struct seal_place){"child", "linkage", id_bytes(&child->id), 1};
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
