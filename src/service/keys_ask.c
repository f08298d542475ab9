/* The side of a transfer that has no keys yet: a state folder that asks for them and takes them. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/keys.h"
#include "vault/transfer.h"

_Static_assert((int)KEYS_TEXT_BYTES_MAX == (int)TRANSFER_BYTES_MAX, "as long as the vault writes them");

/* The two files of a state folder that a transfer touches. */
struct place {
    char keys[PATH_MAX];
    char asking[PATH_MAX];
};

static enum fault place_of(const char *state, struct place *ret_place)
{
    int keys = snprintf(ret_place->keys, PATH_MAX, "%s/vault.key", state);
    int asking = snprintf(ret_place->asking, PATH_MAX, "%s/vault.asking", state);
    if (keys < 0 || keys >= PATH_MAX || asking < 0 || asking >= PATH_MAX)
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    return FAULT_NONE;
}

/* Nothing in it but an earlier request's secret half. */
static bool is_empty(const char *path)
{
    static const char *const known[] = {".", "..", "vault.asking"};
    DIR *folder = opendir(path);
    bool empty = folder != NULL;
    for (const struct dirent *entry; empty && (entry = readdir(folder)) != NULL;) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is_known = is_known || strcmp(entry->d_name, known[i]) == 0;
        empty = is_known;
    }
    if (folder != NULL)
        (void)closedir(folder);
    return empty;
}

/* A new folder, or one that nothing else uses. */
static enum fault make_folder(const char *path, const struct place *place, bool *ret_made)
{
    struct stat status;
    if (mkdir(path, 0700) == 0) {
        *ret_made = true;
        return FAULT_NONE;
    }
    if (errno == ENOENT)
        return fault_note(FAULT_STORAGE, "the folder above the state folder does not exist: make it");
    if (errno != EEXIST)
        return fault_note(FAULT_STORAGE,
                          "the state folder cannot be made: check who owns the folder above it, "
                          "and the room on its disk");
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return fault_note(FAULT_INVALID, "the state is no folder: choose another path");
    if (access(place->keys, F_OK) == 0)
        return fault_note(FAULT_DUPLICATE, "this state folder has its keys already: it stays as it is");
    if (!is_empty(path))
        return fault_note(FAULT_DUPLICATE,
                          "the state folder is not empty, or cannot be read: keys are asked for "
                          "in a new one");
    if (chmod(path, 0700) != 0)
        return fault_note(FAULT_STORAGE, "the state folder belongs to somebody else: choose another");
    return FAULT_NONE;
}

enum fault service_keys_ask(const char *state, struct clock clock, struct entropy entropy,
                            struct arena *arena, struct keys_asked *ret_asked)
{
    struct buffer request = buffer_open(KEYS_TEXT_BYTES_MAX);
    struct keys_asked asked = {.again = false};
    struct place place;
    enum fault fault;
    TRY(place_of(state, &place));
    TRY(make_folder(state, &place, &asked.folder_made));
    asked.again = access(place.asking, F_OK) == 0;
    fault = transfer_ask(place.asking, clock_now(clock), entropy, &request);
    if (fault == FAULT_NONE)
        fault = arena_copy(arena, buffer_str(&request), &asked.request);
    if (fault != FAULT_NONE) {
        const char *note = fault_last_note();
        (void)!service_keys_unask(state, &asked);
        TRY(fault_note(fault, note));
    }
    *ret_asked = asked;
done:
    buffer_close(&request);
    return fault;
}

enum fault service_keys_unask(const char *state, const struct keys_asked *asked)
{
    struct place place;
    enum fault fault;
    TRY(place_of(state, &place));
    TRY(transfer_forget(place.asking));
    if (asked->folder_made)
        (void)rmdir(state);
done:
    return fault;
}

enum fault service_keys_fingerprint(struct str text, struct arena *arena, struct str *ret_digits)
{
    char digits[TRANSFER_FINGERPRINT_BYTES];
    transfer_fingerprint(text, digits);
    return arena_copy(arena, str_of(digits), ret_digits);
}

enum fault service_keys_request_check(struct str request, struct clock clock)
{
    return transfer_request_check(request, clock_now(clock));
}

enum fault service_keys_check(const char *state, struct str sealed, struct clock clock)
{
    struct place place;
    enum fault fault;
    TRY(place_of(state, &place));
    TRY(transfer_check(place.asking, place.keys, sealed, clock_now(clock)));
done:
    return fault;
}

enum fault service_keys_take(const char *state, struct str sealed, struct str typed, struct clock clock)
{
    struct place place;
    enum fault fault;
    TRY(place_of(state, &place));
    TRY(transfer_take(place.asking, place.keys, sealed, typed, clock_now(clock)));
done:
    return fault;
}
