#include <stdlib.h>

#include "registry/intake_struct.h"

enum { ROOM_FIRST = 1024 };

enum fault plan_order_add(struct plan_order *order, struct child_id child, int64_t row_number)
{
    if (order->count == order->room) {
        size_t room = order->room == 0 ? ROOM_FIRST : 2 * order->room;
        struct order_entry *more = reallocarray(order->entries, room, sizeof *more);
        if (more == NULL)
            return FAULT_MEMORY;
        order->entries = more;
        order->room = room;
    }
    struct order_entry entry = {0, row_number};
    for (size_t i = 0; i < sizeof entry.child; i++)
        entry.child = entry.child << 8 | child.id.byte[i];
    order->entries[order->count++] = entry;
    return FAULT_NONE;
}

/* One child's steps keep their own order: it is created before anything else is said of it. */
static int by_child(const void *a, const void *b)
{
    const struct order_entry *x = a, *y = b;
    if (x->child != y->child)
        return x->child < y->child ? -1 : 1;
    return (x->row_number > y->row_number) - (x->row_number < y->row_number);
}

void plan_order_sort(struct plan_order *order)
{
    if (order->count > 0)
        qsort(order->entries, order->count, sizeof *order->entries, by_child);
}

void plan_order_close(struct plan_order *order)
{
    free(order->entries);
    *order = (struct plan_order){0};
}
