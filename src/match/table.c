#include "match/table.h"

enum { BITS_LEAST = 10, BITS_MOST = 31 };

void table_put(struct table *table, uint64_t hash, uint32_t number)
{
    uint32_t *places = table_places(table);
    size_t mask = table_room(table) - 1;
    size_t at = hash & mask;
    must(number != 0 && number <= mask);
    while (places[at] != 0)
        at = (at + 1) & mask;
    places[at] = table_tag(hash) << table->bits | number;
}

uint32_t table_take(struct table *table, size_t at)
{
    size_t mask = table_room(table) - 1;
    uint32_t *place = &table_places(table)[at & mask];
    uint32_t number = *place & (uint32_t)mask;
    *place = 0;
    return number;
}

enum fault table_twice(const struct table *table, struct table *ret_table)
{
    struct table grown = {.bits = table->bits == 0 ? BITS_LEAST : table->bits + 1};
    if (grown.bits > BITS_MOST)
        return FAULT_MEMORY;
    enum fault fault = region_extend(&grown.region, table_room(&grown) * sizeof(uint32_t));
    if (fault == FAULT_NONE)
        *ret_table = grown;
    return fault;
}

void table_close(struct table *table)
{
    region_close(&table->region);
    *table = (struct table){0};
}
