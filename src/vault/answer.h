/* One question to the keeper and its answer.  Only src/vault/ includes this. */
#ifndef VAULT_ANSWER_H
#define VAULT_ANSWER_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "vault/ring.h"
#include "vault/wire.h"

/* What the keeper's threads share.  `begun` and `note` are set before there are threads. */
struct keep {
    pthread_rwlock_t lock; /* guards the ring; held for writing while masters change */
    struct ring *ring;     /* in locked memory; NULL where it could not begin */
    atomic_ullong unwrapped[PURPOSES_END];
    enum fault begun;
    const char *note;
    char path[PATH_MAX]; /* of the key file */
};

/* Reads a question of `len` bytes and writes the answer, both of them in locked memory of MESSAGE_BYTES_MAX;
 * how long it is.  Nothing that is asked wrongly is answered: FAULT_MALFORMED.  Takes no memory. */
size_t answer(struct keep *keep, const uint8_t *question, size_t len, uint8_t *ret_answer);

#endif
