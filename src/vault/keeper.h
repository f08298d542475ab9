/* The keeper's state file: what each lane of this process has committed, in memory shared with a file, so
 * that it outlives a killed process.  Only src/vault/ includes this.
 *
 * Magic (8), how many lanes (8), then of each: incarnation (16), highest number (8).  Numbers are in this
 * machine's byte order. */
#ifndef VAULT_KEEPER_H
#define VAULT_KEEPER_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/id.h"
#include "vault/vault.h"

struct keeper_lane {
    struct id incarnation;
    _Atomic uint64_t number;
};

struct keeper_state {
    char magic[8];
    uint64_t count;
    struct keeper_lane lanes[KEEPER_LANES_MAX];
};

/* Maps the file at `path`, made (0600) where absent, and locks it for as long as it is open: two processes
 * would take each other's lanes for lost entries.  FAULT_BUSY where another has it; FAULT_KEY where it is not
 * a state file; FAULT_STORAGE. */
MUST_USE enum fault keeper_open(const char *path, struct keeper_state **ret_state, int *ret_file);
void keeper_close(struct keeper_state *state, int file);

#endif
