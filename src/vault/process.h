/* The keeper's process: started as a copy of this one, confined, it answers what wire.h has until nobody is
 * left to ask.  Only src/vault/ includes this. */
#ifndef VAULT_PROCESS_H
#define VAULT_PROCESS_H

#include <sys/types.h>

#include "base/fault.h"

enum { CHANNELS_MAX = 8 };

/* How to reach it; each channel carries one question at a time. */
struct keeper_process {
    pid_t pid;
    int channels;
    int fd[CHANNELS_MAX];
};

/* The keeper tells by ASK_HELLO whether it could begin.  FAULT_SYSTEM. */
MUST_USE enum fault process_start(const char *key_path, int channels, struct keeper_process *ret_process);

/* Hangs up, and waits until it has ended. */
void process_end(struct keeper_process *process);

#endif
