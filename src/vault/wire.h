/* What a process and its keeper say to each other: one datagram asks, one answers (unix(7), SOCK_SEQPACKET).
 * Only src/vault/ includes this.
 *
 *     ask       count, number; then                         answer, after fault and count
 *     HELLO                                                 whether the keeper could begin
 *     UNWRAP    count wrapped keys, number enum purpose     count struct unwrapped
 *     NEW       how many                                    count struct minted
 *     HASH      count times struct hash_head, scheme, value count times TAG_BYTES, or HASH_BYTES_MAX
 *     REWRAP    count wrapped keys                          count struct rewrapped
 *     GIVE      the request's public key, its name          the sealed box
 *     MASTERS                                               struct vault_masters
 *     COUNTS                                                struct vault_counts
 *     ADD                                                   a new master stands in the key file
 *     WRAP      number                                      that master wraps from now on
 *     DROP      number                                      the key file holds it, and newer ones, alone
 *
 * Both are one program: numbers are in this machine's order, and a note is where it stands in it. */
#ifndef VAULT_WIRE_H
#define VAULT_WIRE_H

#include <stdint.h>

#include "vault/keys.h"
#include "vault/vault.h"

enum {
    MESSAGE_BYTES_MAX = 96 * 1024,
    UNWRAP_MAX = 512, /* keys in one question */
    MINT_MAX = 64,
    REWRAP_MAX = 512,
    HASHED_BYTES_MAX = 72 * 1024, /* of one value */
    TAG_SCHEME_BYTES_MAX = 64,
    HASH_BYTES_MAX = 64,
};

enum keeper_ask {
    ASK_HELLO = 1,
    ASK_UNWRAP,
    ASK_NEW,
    ASK_HASH,
    ASK_REWRAP,
    ASK_GIVE,
    ASK_MASTERS,
    ASK_ADD,
    ASK_WRAP,
    ASK_DROP,
    ASK_COUNTS,
    ASKS_END
};

struct ask_head {
    uint32_t ask;
    uint32_t count;
    uint64_t number;
};

struct answer_head {
    uint32_t fault;
    uint32_t count;
    const char *note; /* a literal of the program, which both have at the same place */
};

struct unwrapped {
    uint32_t fault;
    uint8_t key[KEY_BYTES];
};

struct minted {
    struct wrapped_key wrapped;
    uint8_t key[KEY_BYTES];
};

struct hash_head {
    uint32_t kind; /* enum ring_hash */
    uint32_t scheme_len;
    uint32_t value_len;
};

struct rewrapped {
    uint32_t fate; /* enum vault_fate */
    struct wrapped_key wrapped;
};

_Static_assert(sizeof(struct ask_head) + UNWRAP_MAX * WRAPPED_KEY_BYTES <= MESSAGE_BYTES_MAX, "keys fit");
_Static_assert(sizeof(struct answer_head) + REWRAP_MAX * sizeof(struct rewrapped) <= MESSAGE_BYTES_MAX,
               "keys fit");

#endif
