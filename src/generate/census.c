#include "generate/census.h"

#include <stdlib.h>

#include "generate/walk.h"

_Static_assert((int)CENSUS_COLUMNS == (int)COLUMNS, "both count layout.def");

struct census {
    struct walk walk;
    int next; /* child of the household under way */
    struct address home;
    struct text authority;
    struct census_child child;
    struct record records[CENSUS_ROWS_MAX];
};

enum fault census_open(const struct census_order *order, struct census **ret_census)
{
    const struct walk_order walk = {.children = order->children,
                                    .seed = order->seed,
                                    .reference = order->reference,
                                    .today = order->today,
                                    .part = order->part,
                                    .parts = order->parts};
    struct census *census = calloc(1, sizeof *census);
    if (census == NULL)
        return FAULT_MEMORY;
    enum fault fault = walk_open(&walk, &census->walk);
    if (fault != FAULT_NONE) {
        free(census);
        return fault;
    }
    *ret_census = census;
    return FAULT_NONE;
}

void census_close(struct census *census)
{
    if (census == NULL)
        return;
    walk_close(&census->walk);
    free(census);
}

static void tell_truth(struct census *census, const struct child *child)
{
    const struct household *household = &census->walk.household;
    const struct places *places = census->walk.places;
    const uint32_t home = household->dwellings[0].home;
    const struct authority *authority = &places->authorities[places_authority(places, home)];
    places_address(places, home, &census->home);
    census->child = (struct census_child){.number = child->number,
                                          .household = household->number,
                                          .origin = origin_name(household->origin),
                                          .twin = child->twin,
                                          .sex = child->sex,
                                          .birth = day_of_number(child->born),
                                          .family = text_str(&child->family),
                                          .given = text_str(&child->given),
                                          .other = text_str(&child->other),
                                          .known_as = text_str(&child->known_as),
                                          .former_family = text_str(&child->former_family),
                                          .address = text_str(&census->home.line_1),
                                          .postcode = text_str(&census->home.postcode),
                                          .authority = {authority->code, sizeof authority->code}};
}

static void gather_rows(struct census *census, const struct child *child, uint64_t year)
{
    struct record *record = &census->records[0];
    walk_child(&census->walk, child, record);
    record->year = year;
    while (walk_record(&census->walk, record)) {
        must(census->child.row_count + 1 < CENSUS_ROWS_MAX);
        struct census_row *row = &census->child.rows[census->child.row_count++];
        row->source = record->source;
        row->second = record->second;
        row->slips = record->slips;
        for (int i = 0; i < COLUMNS; i++)
            row->at[i] = text_str(&record->columns[i]);
        struct record *next = record + 1;
        walk_child(&census->walk, child, next);
        next->source = record->source;
        next->second = record->second;
        next->year = year;
        record = next;
    }
}

const struct census_child *census_next(struct census *census)
{
    if (census->next == census->walk.household.child_count) {
        if (!walk_household(&census->walk)) {
            census->walk.household.child_count = 0;
            census->next = 0;
            return NULL;
        }
        census->next = 0;
    }
    const struct child *child = &census->walk.household.children[census->next++];
    tell_truth(census, child);
    gather_rows(census, child, 0);
    return &census->child;
}

const struct census_child *census_again(struct census *census, uint64_t year)
{
    must(census->next > 0);
    const struct child *child = &census->walk.household.children[census->next - 1];
    tell_truth(census, child);
    gather_rows(census, child, year);
    return &census->child;
}
