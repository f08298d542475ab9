#include "registry/epoch.h"

#include <stddef.h>

#include "base/fault.h"

void epoch_open(struct epoch *epoch)
{
    *epoch = (struct epoch){.number = 1};
    (void)pthread_mutex_init(&epoch->lock, NULL);
}

void epoch_close(struct epoch *epoch)
{
    must(epoch->oldest == NULL);
    (void)pthread_mutex_destroy(&epoch->lock);
}

void epoch_enter(struct epoch *epoch, struct epoch_guest *guest)
{
    (void)pthread_mutex_lock(&epoch->lock);
    *guest = (struct epoch_guest){.number = epoch->number, .previous = epoch->youngest};
    if (epoch->youngest == NULL)
        epoch->oldest = guest;
    else
        epoch->youngest->next = guest;
    epoch->youngest = guest;
    (void)pthread_mutex_unlock(&epoch->lock);
}

void epoch_leave(struct epoch *epoch, struct epoch_guest *guest)
{
    (void)pthread_mutex_lock(&epoch->lock);
    if (guest->previous == NULL)
        epoch->oldest = guest->next;
    else
        guest->previous->next = guest->next;
    if (guest->next == NULL)
        epoch->youngest = guest->previous;
    else
        guest->next->previous = guest->previous;
    (void)pthread_mutex_unlock(&epoch->lock);
}

uint64_t epoch_next(struct epoch *epoch)
{
    (void)pthread_mutex_lock(&epoch->lock);
    uint64_t number = ++epoch->number;
    (void)pthread_mutex_unlock(&epoch->lock);
    return number;
}

bool epoch_passed(struct epoch *epoch, uint64_t number)
{
    (void)pthread_mutex_lock(&epoch->lock);
    bool passed = epoch->oldest == NULL || epoch->oldest->number >= number;
    (void)pthread_mutex_unlock(&epoch->lock);
    return passed;
}
