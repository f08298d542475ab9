#include "vault/rotation.h"

#include <sodium.h>
#include <string.h>

#include "vault/asking.h"
#include "vault/ring.h"
#include "vault/vault_struct.h"

_Static_assert((int)VAULT_MASTERS_MAX == (int)MASTERS_MAX, "as many as a key file has");
_Static_assert((int)VAULT_REWRAP_MAX == (int)REWRAP_MAX, "in one question");

enum fault vault_masters(struct vault *vault, struct vault_masters *ret_masters)
{
    return asking_short(vault, ASK_MASTERS, 0, ret_masters, sizeof *ret_masters);
}

enum fault vault_master_add(struct vault *vault, uint32_t *ret_number)
{
    return asking_short(vault, ASK_ADD, 0, ret_number, sizeof *ret_number);
}

/* Keys made in advance were wrapped under the former one. */
enum fault vault_wrap_under(struct vault *vault, uint32_t number)
{
    (void)pthread_mutex_lock(&vault->mint_lock);
    enum fault fault = asking_short(vault, ASK_WRAP, number, NULL, 0);
    sodium_memzero(vault->mint, MINT_MAX * sizeof *vault->mint);
    vault->minted = 0;
    (void)pthread_mutex_unlock(&vault->mint_lock);
    return fault;
}

uint32_t vault_master_of(const struct wrapped_key *key)
{
    return ring_number_of(key);
}

enum fault vault_rewrap(struct vault *vault, struct wrapped_key *keys, enum vault_fate *ret_fates,
                        size_t count)
{
    struct asking asking;
    struct rewrapped out;
    enum fault fault;
    must(count <= REWRAP_MAX);
    TRY(asking_open(vault, ASK_REWRAP, (uint32_t)count, 0, &asking));
    must(asking_put(&asking, keys, count * sizeof *keys));
    TRY(asking_send(&asking));
    must(asking.answer_len == count * sizeof out);
    for (size_t i = 0; i < count; i++) {
        memcpy(&out, asking.answer + i * sizeof out, sizeof out);
        keys[i] = out.wrapped;
        ret_fates[i] = (enum vault_fate)out.fate;
    }
done:
    asking_close(&asking);
    return fault;
}

enum fault vault_masters_drop(struct vault *vault, uint32_t number)
{
    return asking_short(vault, ASK_DROP, number, NULL, 0);
}
