/* Asking the keeper.  Only src/vault/ includes this. */
#ifndef VAULT_ASKING_H
#define VAULT_ASKING_H

#include "vault/wire.h"

struct channel;

/* One question and then its answer, written and read in place. */
struct asking {
    struct vault *vault;
    struct channel *channel;
    size_t len;            /* of the question so far */
    size_t len_max;        /* of question and answer: what is to be wiped */
    const uint8_t *answer; /* behind its head */
    size_t answer_len;
    uint32_t count; /* as the answer has it */
};

/* Waits for a channel that is idle.  FAULT_CLOSED where the keeper is gone; asking_close does nothing then.
 */
MUST_USE enum fault asking_open(struct vault *vault, enum keeper_ask ask, uint32_t count, uint64_t number,
                                struct asking *ret_asking);

/* Appends to the question; false, and nothing appended, where it does not fit any more. */
bool asking_put(struct asking *asking, const void *at, size_t len);

/* Changes how many things are asked for. */
void asking_count(struct asking *asking, uint32_t count);

/* The answer's fault and note; FAULT_CLOSED where there is none. */
MUST_USE enum fault asking_send(struct asking *asking);

/* The note beside an answer; of a question about many things, of the last that failed. */
const char *asking_note(const struct asking *asking);

/* Wipes question and answer and gives the channel back. */
void asking_close(struct asking *asking);

/* A question without content, whose answer has `len` bytes. */
MUST_USE enum fault asking_short(struct vault *vault, enum keeper_ask ask, uint64_t number, void *ret_at,
                                 size_t len);

/* The key file, sealed for the public key of a request of that name. */
MUST_USE enum fault vault_give(struct vault *vault, const uint8_t *public, const uint8_t *name,
                               uint8_t *ret_box, size_t room, size_t *ret_len);

/* From here on everything answers FAULT_CLOSED. */
void vault_lose(struct vault *vault);
enum fault vault_lost(void);
bool vault_is_lost(const struct vault *vault);

#endif
