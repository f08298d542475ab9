/* Argon2id (RFC 9106) in a bounded pool: one thread per processor at the lowest priority, each with memory
 * that stays mapped while there is work, so that a flood of sign-ins neither fills the memory nor slows those
 * who are signed in.
 *
 * A hash carries its own parameters, so that the cost may be raised without making anybody's password
 * invalid. */
#ifndef ACCESS_ARGON_H
#define ACCESS_ARGON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/str.h"

enum { ARGON_SALT_BYTES = 16, ARGON_DIGEST_BYTES = 32, ARGON_WAITING_MAX = 64 };

struct argon_cost {
    uint32_t passes;
    uint32_t memory_kib;
};

struct argon_hash {
    struct argon_cost cost;
    uint8_t salt[ARGON_SALT_BYTES];
    uint8_t digest[ARGON_DIGEST_BYTES];
};

struct argon;

/* Starts the threads.  FAULT_MEMORY, FAULT_SYSTEM. */
MUST_USE enum fault argon_open(struct argon **ret_argon);

/* Ends them; nobody may be waiting for a hash.  argon_close(NULL) does nothing. */
void argon_close(struct argon *argon);

/* Hashes a secret at today's cost with a fresh salt.  Both wait for a free thread: FAULT_BUSY where
 * ARGON_WAITING_MAX already do, FAULT_MEMORY where there is none. */
MUST_USE enum fault argon_make(struct argon *argon, struct bytes secret, const uint8_t salt[ARGON_SALT_BYTES],
                               struct argon_hash *ret_hash);
MUST_USE enum fault argon_verify(struct argon *argon, struct bytes secret, const struct argon_hash *hash,
                                 bool *ret_right);

/* FAULT_BUSY where whoever came now would be turned away: to be asked before anything is read for a hash, so
 * that a storm of sign-ins costs those who are signed in next to nothing. */
MUST_USE enum fault argon_admits(struct argon *argon);

/* The form in which a hash is sealed.  A cost that we would never have chosen makes argon_take answer false.
 */
void argon_put(struct buffer *buffer, const struct argon_hash *hash);
bool argon_take(struct reader *reader, struct argon_hash *ret_hash);

/* How many hashes were computed. */
uint64_t argon_runs(struct argon *argon);

/* For tests and benchmarks only, and reachable from no configuration: the cost of hashes made from now on in
 * this process.  Zero passes restore the cost of production. */
void argon_cost_for_tests(struct argon_cost cost);

#endif
