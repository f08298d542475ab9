#include "match/table.h"

enum { BITS_LEAST = 10, BITS_MOST = 31 };

/* What a place is left with: a number of none, under some tag. */
static uint32_t left_behind(const struct table *table)
{
    return (uint32_t)1 << table->bits;
}

void table_put(struct table *table, uint64_t hash, uint32_t number)
{
    _Atomic uint32_t *places = table_places(table);
    size_t mask = table_room(table) - 1;
    size_t at = hash & mask;
    uint32_t place;
    must(number != 0 && number <= mask);
    while (((place = atomic_load_explicit(&places[at], memory_order_relaxed)) & (uint32_t)mask) != 0)
        at = (at + 1) & mask;
    table->left -= place != 0;
    atomic_store_explicit(&places[at], table_tag(hash) << table->bits | number, memory_order_release);
}

void table_take(struct table *table, size_t at)
{
    _Atomic uint32_t *places = table_places(table);
    size_t mask = table_room(table) - 1;
    bool last = atomic_load_explicit(&places[(at + 1) & mask], memory_order_relaxed) == 0;
    table->left += !last;
    atomic_store_explicit(&places[at & mask], last ? 0 : left_behind(table), memory_order_release);
}

enum fault table_renew(const struct table *table, size_t numbers, struct table *ret_table)
{
    bool crowded = (numbers + 1) * 2 > table_room(table);
    struct table renewed = {.bits = table->bits == 0 ? BITS_LEAST : table->bits + crowded};
    if (renewed.bits > BITS_MOST)
        return FAULT_MEMORY;
    enum fault fault = region_extend(&renewed.region, table_room(&renewed) * sizeof(uint32_t));
    if (fault == FAULT_NONE)
        *ret_table = renewed;
    return fault;
}

void table_close(struct table *table)
{
    region_close(&table->region);
    *table = (struct table){0};
}

static void drop_region(void *at, uint64_t used_bytes, uint64_t mapped_bytes)
{
    struct region region = {at, used_bytes, mapped_bytes};
    region_close(&region);
}

void table_retire(struct table *table, struct retired *retired)
{
    if (table->region.at != NULL)
        retire(retired, drop_region, table->region.at, table->region.used_bytes, table->region.mapped_bytes);
    *table = (struct table){0};
}
