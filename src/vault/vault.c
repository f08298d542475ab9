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

bool vault_is_of(const struct vault *vault, const struct key_file *keys)
{
    uint8_t key[KEY_BYTES];
    crypto_kdf_derive_from_key(key, KEY_BYTES, PURPOSE_TAG, context_hash, keys->hash);
    bool same = keys->count == vault->count && sodium_memcmp(key, vault->tag, KEY_BYTES) == 0;
    for (uint32_t i = 0; same && i < keys->count; i++) {
        crypto_kdf_derive_from_key(key, KEY_BYTES, PURPOSE_WRAP, context_master, keys->master[i]);
        same = keys->number[i] == vault->number[i] && sodium_memcmp(key, vault->wrap[i], KEY_BYTES) == 0;
    }
    sodium_memzero(key, sizeof key);
    return same;
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
    memcpy(vault->path, path, strlen(path) + 1);
    TRY(keeper_open(state_path, &vault->keeper, &vault->keeper_file));
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
    keeper_close(vault->keeper, vault->keeper_file);
    sodium_free(vault);
}

void vault_keeper_begin(struct vault *vault, const struct id *incarnations, size_t count)
{
    struct keeper_state *keeper = vault->keeper;
    must(count >= 1 && count <= KEEPER_LANES_MAX);
    /* numbers first: a process killed in between leaves nothing that could be taken for a loss */
    for (size_t i = 0; i < KEEPER_LANES_MAX; i++)
        atomic_store(&keeper->lanes[i].number, 0);
    for (size_t i = 0; i < count; i++)
        keeper->lanes[i].incarnation = incarnations[i];
    keeper->count = count;
}

void vault_keeper_tell(struct vault *vault, size_t lane, uint64_t number)
{
    must(lane < vault->keeper->count);
    _Atomic uint64_t *at = &vault->keeper->lanes[lane].number;
    uint64_t highest = atomic_load(at);
    while (highest < number && !atomic_compare_exchange_weak(at, &highest, number))
        continue;
}

size_t vault_keeper_last(struct vault *vault, struct id *ret_incarnations, uint64_t *ret_numbers)
{
    size_t count = (size_t)vault->keeper->count;
    for (size_t i = 0; i < count; i++) {
        ret_incarnations[i] = vault->keeper->lanes[i].incarnation;
        ret_numbers[i] = atomic_load(&vault->keeper->lanes[i].number);
    }
    return count;
}
