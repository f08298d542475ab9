/* What an open vault is made of, in the process that asks.  Only src/vault/ includes this. */
#ifndef VAULT_VAULT_STRUCT_H
#define VAULT_VAULT_STRUCT_H

#include <pthread.h>
#include <stdatomic.h>

#include "vault/keeper.h"
#include "vault/process.h"
#include "vault/remember.h"
#include "vault/vault.h"
#include "vault/wire.h"

/* A way to the keeper, for one question at a time; the message is in locked memory. */
struct channel {
    int fd;
    uint8_t *message;
};

struct vault {
    struct keeper_state *keeper;
    int keeper_file;
    struct keeper_process process;
    atomic_bool gone; /* the keeper: set once */

    pthread_mutex_t lock; /* guards the channels */
    pthread_cond_t given_back;
    struct channel channels[CHANNELS_MAX];
    struct channel *idle[CHANNELS_MAX]; /* the last used one on top: its thread in the keeper is warm */
    int idle_count;

    struct remembered *remembered;

    pthread_mutex_t mint_lock; /* guards the keys made in advance, which are in locked memory */
    struct minted *mint;       /* MINT_MAX */
    uint32_t minted;
};

#endif
