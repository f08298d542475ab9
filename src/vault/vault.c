#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vault/asking.h"
#include "vault/vault_struct.h"

enum { CHANNELS_MIN = 4, CHANNELS_MORE = 2 };

_Static_assert((int)CHANNELS_MIN <= (int)CHANNELS_MAX, "a range");

enum fault vault_create(const char *path, struct entropy entropy)
{
    return keys_create(path, entropy);
}

/* A few more than can be answered at once.  AddressSanitizer does not let a copy of a process with threads
 * allocate, as starting threads does: there the keeper has none. */
static int channels_wanted(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return 1;
#else
    long wanted = sysconf(_SC_NPROCESSORS_ONLN) + CHANNELS_MORE;
    return wanted < CHANNELS_MIN ? CHANNELS_MIN : wanted > CHANNELS_MAX ? CHANNELS_MAX : (int)wanted;
#endif
}

static enum fault open_channels(struct vault *vault)
{
    enum fault fault = FAULT_NONE;
    for (int i = 0; i < vault->process.channels; i++) {
        void *message = NULL;
        TRY(keys_memory(MESSAGE_BYTES_MAX, &message));
        vault->channels[i] = (struct channel){vault->process.fd[i], message};
        vault->idle[vault->idle_count++] = &vault->channels[vault->process.channels - 1 - i];
    }
done:
    return fault;
}

/* The first channel is the first that is used: a keeper that could not begin answers on no other. */
static enum fault greet(struct vault *vault)
{
    enum fault fault;
    TRY(asking_short(vault, ASK_HELLO, 0, NULL, 0));
done:
    return fault == FAULT_CLOSED
               ? fault_note(FAULT_SYSTEM,
                            "the keeper ended before it began: look for what stopped it (limits, "
                            "another sandbox)")
               : fault;
}

static enum fault open_parts(struct vault *vault, const char *path, const char *state_path)
{
    enum fault fault;
    void *mint = NULL;
    TRY(remembered_open(&vault->remembered));
    TRY(keys_memory(MINT_MAX * sizeof *vault->mint, &mint));
    vault->mint = mint;
    TRY(process_start(path, channels_wanted(), &vault->process));
    TRY(open_channels(vault));
    TRY(greet(vault));
    TRY(keeper_open(state_path, &vault->keeper, &vault->keeper_file));
done:
    return fault;
}

enum fault vault_open(const char *path, struct vault **ret_vault)
{
    char state_path[PATH_MAX];
    int len = snprintf(state_path, sizeof state_path, "%s.state", path);
    if (len < 0 || (size_t)len >= sizeof state_path)
        return fault_note(FAULT_ABSENT, "the path of the key file is too long");
    struct vault *vault = calloc(1, sizeof *vault);
    if (vault == NULL)
        return FAULT_MEMORY;
    (void)pthread_mutex_init(&vault->lock, NULL);
    (void)pthread_cond_init(&vault->given_back, NULL);
    (void)pthread_mutex_init(&vault->mint_lock, NULL);
    enum fault fault = open_parts(vault, path, state_path);
    if (fault != FAULT_NONE) {
        const char *note = fault_last_note();
        vault_close(vault);
        return fault_note(fault, note);
    }
    *ret_vault = vault;
    return FAULT_NONE;
}

void vault_close(struct vault *vault)
{
    if (vault == NULL)
        return;
    keeper_close(vault->keeper, vault->keeper_file);
    if (vault->process.channels > 0)
        process_end(&vault->process);
    for (int i = 0; i < vault->process.channels; i++)
        sodium_free(vault->channels[i].message);
    sodium_free(vault->mint);
    remembered_close(vault->remembered);
    (void)pthread_mutex_destroy(&vault->lock);
    (void)pthread_cond_destroy(&vault->given_back);
    (void)pthread_mutex_destroy(&vault->mint_lock);
    free(vault);
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
