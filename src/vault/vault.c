#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "vault/vault_struct.h"

/* The purposes of sub-keys: crypto_kdf's numbers and contexts, which never change. */
enum { PURPOSE_WRAP = 1, PURPOSE_TAG = 2, PURPOSE_DERIVE = 3 };
static const char context_master[] = "CPmaster";
static const char context_hash[] = "CPhashes";

_Static_assert(sizeof context_master == crypto_kdf_CONTEXTBYTES + 1, "eight characters");
_Static_assert(sizeof context_hash == crypto_kdf_CONTEXTBYTES + 1, "eight characters");
_Static_assert((int)KEY_BYTES == (int)crypto_kdf_KEYBYTES, "one size of key");

enum fault vault_create(const char *path, struct entropy entropy)
{
    return keys_create(path, entropy);
}

static void derive_all(struct vault *vault, const struct key_file *keys)
{
    vault->count = keys->count;
    for (uint32_t i = 0; i < keys->count; i++) {
        vault->number[i] = keys->number[i];
        crypto_kdf_derive_from_key(vault->wrap[i], KEY_BYTES, PURPOSE_WRAP, context_master, keys->master[i]);
    }
    crypto_kdf_derive_from_key(vault->tag, KEY_BYTES, PURPOSE_TAG, context_hash, keys->hash);
    crypto_kdf_derive_from_key(vault->derive, KEY_BYTES, PURPOSE_DERIVE, context_hash, keys->hash);
}

enum fault vault_open(const char *path, struct vault **ret_vault)
{
    enum fault fault = FAULT_NONE;
    void *keys = NULL;
    void *memory = NULL;
    struct vault *vault = NULL;
    char state_path[PATH_MAX];
    int len = snprintf(state_path, sizeof state_path, "%s.state", path);
    if (len < 0 || (size_t)len >= sizeof state_path)
        return fault_note(FAULT_ABSENT, "the path of the key file is too long");
    TRY(keys_memory(sizeof(struct key_file), &keys));
    TRY(keys_read(path, keys));
    TRY(keys_memory(sizeof(struct vault), &memory));
    vault = memory;
    derive_all(vault, keys);
    TRY(keeper_open(state_path, &vault->keeper));
    sodium_mprotect_readonly(vault);
    *ret_vault = vault;
    memory = NULL;
done:
    sodium_free(memory);
    sodium_free(keys);
    return fault;
}

void vault_close(struct vault *vault)
{
    if (vault == NULL)
        return;
    keeper_close(vault->keeper);
    sodium_free(vault);
}

void vault_keeper_begin(struct vault *vault, struct id incarnation)
{
    /* the number first: a process killed in between leaves nothing that could be taken for a loss */
    atomic_store(&vault->keeper->number, 0);
    vault->keeper->incarnation = incarnation;
}

void vault_keeper_tell(struct vault *vault, uint64_t number)
{
    uint64_t highest = atomic_load(&vault->keeper->number);
    while (highest < number && !atomic_compare_exchange_weak(&vault->keeper->number, &highest, number))
        continue;
}

bool vault_keeper_last(struct vault *vault, struct id *ret_incarnation, uint64_t *ret_number)
{
    if (id_is_zero(vault->keeper->incarnation))
        return false;
    *ret_incarnation = vault->keeper->incarnation;
    *ret_number = atomic_load(&vault->keeper->number);
    return true;
}
