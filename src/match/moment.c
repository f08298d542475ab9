#include "match/moment.h"

#include <string.h>

#include "base/fault.h"

void moment_begin(struct moment *moment, uint32_t slot_end)
{
    memset(moment, 0, sizeof(*moment));
    moment->slot_end = slot_end;
}

void moment_hide(struct moment *moment, uint32_t slot)
{
    must(moment->unseen_count < MOMENT_UNSEEN_MAX);
    moment->unseen[moment->unseen_count++] = slot;
    moment->marks[slot >> 6 & (MOMENT_MARKS - 1)] |= (uint64_t)1 << (slot & 63);
}

bool moment_lists(const struct moment *moment, uint32_t slot)
{
    for (uint32_t i = 0; i < moment->unseen_count; i++) {
        if (moment->unseen[i] == slot)
            return true;
    }
    return false;
}
