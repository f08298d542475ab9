#include "service/repeats.h"

#include <pthread.h>
#include <stdlib.h>

enum { SETS = 1024, WAYS = 4 };

/* The last uses of one text by one account, as a ring. */
struct repeated {
    struct tag words;
    uint8_t count; /* uses kept, at most REPEATS_ALARMING */
    uint8_t next;  /* where the next use goes */
    int64_t used_us[REPEATS_ALARMING];
};

struct repeats {
    pthread_mutex_t lock; /* guards sets */
    struct repeated sets[SETS][WAYS];
};

enum fault repeats_open(struct repeats **ret_repeats)
{
    struct repeats *repeats = calloc(1, sizeof *repeats);
    if (repeats == NULL)
        return FAULT_MEMORY;
    (void)pthread_mutex_init(&repeats->lock, NULL);
    *ret_repeats = repeats;
    return FAULT_NONE;
}

void repeats_close(struct repeats *repeats)
{
    if (repeats == NULL)
        return;
    (void)pthread_mutex_destroy(&repeats->lock);
    free(repeats);
}

static int64_t last_used_us(const struct repeated *repeated)
{
    if (repeated->count == 0)
        return INT64_MIN;
    return repeated->used_us[(repeated->next + REPEATS_ALARMING - 1) % REPEATS_ALARMING];
}

/* The place of these words, emptied where others stood there.  Tags are keyed hashes: their first bytes
 * spread evenly. */
static struct repeated *place_of(struct repeats *repeats, const struct tag *words)
{
    uint32_t spread;
    memcpy(&spread, words->byte, sizeof spread);
    struct repeated *set = repeats->sets[spread % SETS], *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].count > 0 && memcmp(set[i].words.byte, words->byte, TAG_BYTES) == 0)
            return &set[i];
        if (last_used_us(&set[i]) < last_used_us(oldest))
            oldest = &set[i];
    }
    *oldest = (struct repeated){.words = *words};
    return oldest;
}

bool repeats_count(struct repeats *repeats, const struct tag *words, struct instant now)
{
    (void)pthread_mutex_lock(&repeats->lock);
    struct repeated *place = place_of(repeats, words);
    place->used_us[place->next] = now.us;
    place->next = (uint8_t)((place->next + 1) % REPEATS_ALARMING);
    place->count = (uint8_t)(place->count < REPEATS_ALARMING ? place->count + 1 : REPEATS_ALARMING);
    /* A full ring's next place holds the first of the last twenty. */
    bool alarming = place->count == REPEATS_ALARMING &&
                    now.us - place->used_us[place->next] <= INT64_C(1000000) * REPEATS_WITHIN_S;
    if (alarming)
        place->count = 0;
    (void)pthread_mutex_unlock(&repeats->lock);
    return alarming;
}
