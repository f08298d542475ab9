#include "quality_people.h"

#include <stdlib.h>

#include "base/random.h"
#include "policy/policy.h"

_Static_assert((int)CENSUS_COLUMNS == (int)COLUMNS_END, "both count layout.def");

enum { ROWS_PER_CHILD = 4, PACKED_GIB_MAX = 16 };

static struct kept_row keep(struct people *people, const struct row *row)
{
    struct kept_row kept = {.at = people->packed.len};
    row_pack(&people->packed, row);
    kept.len = (uint32_t)(people->packed.len - kept.at);
    return kept;
}

static void keep_truth(struct people *people, const struct census_child *child)
{
    struct row row = {0};
    char born[16];
    struct buffer text = buffer_open(sizeof(born));
    day_put(&text, child->birth);
    row.at[COLUMN_family] = child->family;
    row.at[COLUMN_given] = child->given;
    row.at[COLUMN_other] = child->other;
    row.at[COLUMN_known_as] = child->known_as;
    row.at[COLUMN_former_family] = child->former_family;
    row.at[COLUMN_sex] = child->sex == SEX_FEMALE ? STR("F") : STR("M");
    row.at[COLUMN_birth_date] = buffer_str(&text);
    row.at[COLUMN_address_1] = child->address;
    row.at[COLUMN_postcode] = child->postcode;
    row.at[COLUMN_authority] = child->authority;
    people->children[child->number] =
        (struct kept_child){.household = child->household, .twin = child->twin, .origin = child->origin};
    people->children[child->number].truth = keep(people, &row);
    people->children[child->number].truth.child = child->number;
    buffer_close(&text);
}

static void keep_row(struct people *people, uint32_t child, const struct census_row *from)
{
    struct row row;
    memcpy(row.at, from->at, sizeof(row.at));
    struct kept_row *kept = &people->rows[people->row_count++];
    *kept = keep(people, &row);
    kept->child = child;
    kept->slips = from->slips;
    kept->source = (uint8_t)from->source;
    kept->second = from->second;
}

static enum fault make_room(struct people *people, size_t *room)
{
    if (people->row_count + CENSUS_ROWS_MAX <= *room)
        return FAULT_NONE;
    *room += *room / 2 + CENSUS_ROWS_MAX;
    struct kept_row *more = reallocarray(people->rows, *room, sizeof(people->rows[0]));
    if (more == NULL)
        return FAULT_MEMORY;
    people->rows = more;
    return FAULT_NONE;
}

static enum fault gather(struct census *census, struct people *people)
{
    size_t room = (size_t)people->child_count * ROWS_PER_CHILD;
    enum fault fault = FAULT_NONE;
    people->rows = calloc(room, sizeof(people->rows[0]));
    people->children = calloc((size_t)people->child_count + 1, sizeof(people->children[0]));
    if (people->rows == NULL || people->children == NULL)
        return FAULT_MEMORY;
    const struct census_child *child;
    while ((child = census_next(census)) != NULL) {
        TRY(make_room(people, &room));
        keep_truth(people, child);
        for (size_t i = 0; i < child->row_count; i++)
            keep_row(people, child->number, &child->rows[i]);
    }
    fault = buffer_fault(&people->packed);
done:
    return fault;
}

static int by_source(const void *a, const void *b)
{
    const struct kept_row *x = a;
    const struct kept_row *y = b;
    if (x->source != y->source)
        return x->source - y->source;
    return (x->at > y->at) - (x->at < y->at);
}

/* Feeds come source after source; inside one, brothers and sisters do not stand side by side. */
static void order_rows(struct people *people, uint64_t seed)
{
    qsort(people->rows, people->row_count, sizeof(people->rows[0]), by_source);
    struct stream stream = stream_of(seed);
    size_t from = 0;
    while (from < people->row_count) {
        size_t to = from;
        while (to < people->row_count && people->rows[to].source == people->rows[from].source)
            to++;
        for (size_t i = to - 1; i > from; i--) {
            size_t other = from + (size_t)stream_below(&stream, i - from + 1);
            struct kept_row held = people->rows[i];
            people->rows[i] = people->rows[other];
            people->rows[other] = held;
        }
        from = to;
    }
}

enum fault people_open(const struct people_order *order, struct people *ret_people)
{
    struct people people = {.child_count = order->children,
                            .packed = buffer_open((size_t)PACKED_GIB_MAX << 30)};
    struct census_order census_order = {
        .children = order->children, .seed = order->seed, .reference = order->reference};
    struct census *census = NULL;
    enum fault fault;
    TRY(census_open(&census_order, &census));
    TRY(gather(census, &people));
    order_rows(&people, order->seed);
    *ret_people = people;
done:
    if (fault != FAULT_NONE)
        people_close(&people);
    census_close(census);
    return fault;
}

void people_close(struct people *people)
{
    free(people->children);
    free(people->rows);
    buffer_close(&people->packed);
}

struct row people_row(const struct people *people, const struct kept_row *kept)
{
    struct row row;
    struct bytes packed = {(const uint8_t *)people->packed.at + kept->at, kept->len};
    must(row_unpack(packed, &row) == FAULT_NONE);
    return row;
}
