/* The keeper's state file: what this incarnation has committed, in memory shared with a file, so that it
 * outlives a killed process.  Only src/vault/ includes this.
 *
 * 32 bytes: magic (8), incarnation (16), highest number (8, this machine's byte order). */
#ifndef VAULT_KEEPER_H
#define VAULT_KEEPER_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/id.h"

struct keeper_state {
    char magic[8];
    struct id incarnation;
    _Atomic uint64_t number;
};

/* Maps the file at `path`, made (0600) where absent.  FAULT_KEY where it is not a state file; FAULT_STORAGE.
 */
MUST_USE enum fault keeper_open(const char *path, struct keeper_state **ret_state);
void keeper_close(struct keeper_state *state);

#endif
