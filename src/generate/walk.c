#include "generate/walk.h"

#include "generate/generate.h"

/* Reference tables of the whole country take some 150 MB. */
#define ARENA_BYTES_MAX ((size_t)1 << 30)

/* Neighbouring households that one walk has. */
enum { STRETCH = 1024 };

/* Everybody who has not turned 18 by today: the oldest birth date is the day after today's, 18 years ago. */
static int32_t window_days(struct day today)
{
    struct day past = today;
    past.year = (uint16_t)(past.year - 18);
    if (!day_is_valid(past)) { /* 29 February */
        past.month = 3;
        past.day = 1;
        return day_number(today) - day_number(past) + 1;
    }
    return day_number(today) - day_number(past);
}

static enum fault check_order(const struct walk_order *order)
{
    if (order->children == 0 || order->children > GENERATE_CHILDREN_MAX)
        return fault_note(FAULT_INVALID, "--children must be from 1 to 20000000");
    if (order->today.precision != DAY_EXACT || !day_is_valid(order->today) || order->today.year < 2024 ||
        order->today.year > 2099)
        return fault_note(FAULT_INVALID,
                          "--today must be a day from 2024-01-01 to 2099-12-31, as 2026-11-01");
    return FAULT_NONE;
}

static enum fault open_tables(struct walk *walk)
{
    const struct walk_order *order = &walk->order;
    const struct places_order places = {
        .reference = order->reference,
        .children = order->children,
        .homes = order->children / 9 * 5 + 200, /* 1.8 children in each, seven in a postcode */
        .seed = order->seed,
    };
    enum fault fault;
    TRY(arena_open(ARENA_BYTES_MAX, &walk->arena));
    TRY(names_open(walk->arena, order->reference, &walk->names));
    TRY(places_open(walk->arena, &places, &walk->places));
done:
    return fault;
}

enum fault walk_open(const struct walk_order *order, struct walk *ret_walk)
{
    *ret_walk = (struct walk){.order = *order};
    if (order->today.precision == DAY_UNKNOWN)
        ret_walk->order.today = GENERATE_TODAY;
    enum fault fault;
    TRY(check_order(&ret_walk->order));
    TRY(open_tables(ret_walk));
    ret_walk->next = (struct household_order){
        .names = ret_walk->names,
        .places = ret_walk->places,
        .seed = order->seed,
        .today = day_number(ret_walk->order.today),
        .window = window_days(ret_walk->order.today),
        .number = 1,
        .child = 1,
    };
done:
    if (fault != FAULT_NONE)
        walk_close(ret_walk);
    return fault;
}

void walk_close(struct walk *walk)
{
    arena_close(walk->arena);
    walk->arena = NULL;
}

static bool is_own(const struct walk *walk)
{
    return walk->order.parts <= 1 ||
           (walk->next.number - 1) / STRETCH % walk->order.parts == walk->order.part;
}

bool walk_household(struct walk *walk)
{
    while (walk->next.child <= walk->order.children) {
        walk->next.children_max = walk->order.children - walk->next.child + 1;
        bool own = is_own(walk);
        if (own)
            household_draw(&walk->next, &walk->household);
        else
            (void)household_count(&walk->next, &walk->household);
        walk->next.number++;
        walk->next.child += (uint32_t)walk->household.child_count;
        if (own)
            return true;
    }
    return false;
}

void walk_child(const struct walk *walk, const struct child *child, struct record *ret_record)
{
    ret_record->source = SOURCE_NONE;
    ret_record->year = 0;
    ret_record->second = false;
    ret_record->household = &walk->household;
    ret_record->child = child;
    ret_record->today = walk->order.today;
    ret_record->age = day_age_years(day_of_number(child->born), walk->order.today);
}

static bool has_second(const struct record *record)
{
    return record->source != SOURCE_NONE && !record->second &&
           text_mix(record->child->key, (uint64_t)record->source, 0x326E64) % 1000 <
               profile_of(record->source)->second_records;
}

bool walk_record(struct walk *walk, struct record *record)
{
    if (has_second(record)) {
        record->second = true;
        record_fill(record, walk->places, walk->order.seed);
        return true;
    }
    for (enum source source = record->source + 1; source < SOURCES_END; source++) {
        if (!record_is_held(source, record->household, record->child, record->age))
            continue;
        record->source = source;
        record->second = false;
        record_fill(record, walk->places, walk->order.seed);
        return true;
    }
    return false;
}
