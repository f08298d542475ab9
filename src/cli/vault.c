/* contactpoint vault ask, give, take: how the keys reach a second server. */
#include "vault/transfer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/prompt.h"
#include "cli/say.h"

enum { VAULT_ARENA_BYTES = 1024 * 1024 };

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

/* A file that another machine made: plain, and not longer than such files are. */
static enum fault read_file(const char *path, struct buffer *text)
{
    char piece[TRANSFER_BYTES_MAX + 1];
    struct stat status;
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return fault_note(FAULT_ABSENT, "there is no such file: give the path of the one that was sent");
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        do
            got = read(fd, piece, sizeof piece);
        while (got < 0 && errno == EINTR);
    if (fd >= 0)
        (void)close(fd);
    if (got < 0)
        return fault_note(FAULT_INVALID, "the file cannot be read: check what it is, and whose");
    if (got > TRANSFER_BYTES_MAX)
        return fault_note(FAULT_INVALID, "the file is too long: give the one that was sent");
    buffer_put_bytes(text, (struct bytes){(const uint8_t *)piece, (size_t)got});
    return buffer_fault(text);
}

static enum fault refuse_taken(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0
               ? fault_note(FAULT_DUPLICATE, "there is a file of that name already: choose another")
               : FAULT_NONE;
}

/* Not linked into place as the vault does: people carry these on disks that know no links. */
static enum fault write_file(const char *path, struct str text)
{
    enum fault fault = FAULT_NONE;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST
                   ? refuse_taken(path)
                   : fault_note(FAULT_STORAGE, "the file cannot be made: check that its folder exists "
                                               "and is writable");
    while (text.len > 0 && fault == FAULT_NONE) {
        ssize_t wrote = write(fd, text.at, text.len);
        if (wrote > 0)
            text = (struct str){text.at + wrote, text.len - (size_t)wrote};
        else if (wrote == 0 || errno != EINTR)
            fault = FAULT_STORAGE;
    }
    if (fsync(fd) != 0)
        fault = FAULT_STORAGE;
    (void)close(fd);
    if (fault == FAULT_NONE)
        return FAULT_NONE;
    (void)unlink(path);
    return fault_note(fault, "the file cannot be written: check the room on its disk");
}

static void put_fingerprint(const char *heading, struct str text)
{
    char digits[TRANSFER_FINGERPRINT_BYTES];
    transfer_fingerprint(text, digits);
    (void)printf("%s\n\n    %s\n", heading, digits);
}

/* On a fault nothing of it stays. */
static enum fault ask(const char *state, const char *file)
{
    struct buffer request = buffer_open(TRANSFER_BYTES_MAX);
    struct place place;
    bool made = false, drawn = false;
    enum fault fault;
    TRY(place_of(state, &place));
    TRY(refuse_taken(file));
    TRY(make_folder(state, &place, &made));
    bool again = access(place.asking, F_OK) == 0;
    TRY(transfer_ask(place.asking, clock_now(clock_system()), entropy_system(), &request));
    drawn = true;
    TRY(write_file(file, buffer_str(&request)));
    (void)printf(
        "%sThe request for keys is %s.  Take it to the machine that has them; within 24 hours its operator\n"
        "says there: contactpoint vault give %s FILE\n\n",
        again ? "The earlier request of this folder is void.\n" : "", file, file);
    put_fingerprint("Read this fingerprint of the request out to that operator:", buffer_str(&request));
done:
    if (fault != FAULT_NONE) {
        const char *note = fault_last_note();
        if (drawn && transfer_forget(place.asking) != FAULT_NONE)
            note = fault_last_note();
        if (made)
            (void)rmdir(state);
        (void)fault_note(fault, note);
    }
    buffer_close(&request);
    return fault;
}

int command_vault_ask(const struct args *args)
{
    enum fault fault = ask(say_state(args), args->plain[0]);
    return fault == FAULT_NONE ? 0 : say_fault(fault, STR(""));
}

/* The fingerprint is not shown before: it is to come from the other operator, not from this screen. */
static enum fault give(struct instance *instance, const char *file, struct str request, struct arena *arena,
                       struct work_result *result)
{
    struct work work = {.kind = WORK_VAULT_GIVE, .fd = -1, .field[FIELD_REQUEST] = request};
    const struct work_listener deaf = instance_deaf();
    enum fault fault;
    TRY(prompt_text("The fingerprint of the request, as the other operator reads it out", arena,
                    &work.field[FIELD_FINGERPRINT]));
    instance_do(instance, &work, &deaf, arena, result);
    TRY(result->fault);
    TRY(write_file(file, result->text[TEXT_SEALED]));
    (void)printf(
        "The keys are sealed for that request, and nobody else can open them: %s.  Take it to the machine\n"
        "that asked; its operator says there: contactpoint vault take %s\n\n",
        file, file);
    put_fingerprint("Read this fingerprint of the sealed keys out to that operator:",
                    result->text[TEXT_SEALED]);
done:
    return fault;
}

int command_vault_give(const struct args *args)
{
    const char *file = args->plain[1];
    struct buffer request = buffer_open(TRANSFER_BYTES_MAX + 1);
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    int status = 0;
    TRY(arena_open(VAULT_ARENA_BYTES, &arena));
    TRY(read_file(args->plain[0], &request));
    TRY(transfer_request_check(buffer_str(&request), clock_now(clock_system())));
    TRY(refuse_taken(file));
    TRY(instance_open(say_state(args), NULL, &instance));
    TRY(give(instance, file, buffer_str(&request), arena, &result));
done:
    if (fault != FAULT_NONE)
        status = say_fault(fault, result.text[TEXT_MESSAGE]);
    instance_close(instance);
    buffer_close(&request);
    arena_close(arena);
    return status;
}

int command_vault_take(const struct args *args)
{
    struct buffer sealed = buffer_open(TRANSFER_BYTES_MAX + 1);
    struct arena *arena = NULL;
    struct place place;
    struct str typed;
    enum fault fault;
    TRY(arena_open(VAULT_ARENA_BYTES, &arena));
    TRY(place_of(say_state(args), &place));
    TRY(read_file(args->plain[0], &sealed));
    TRY(transfer_check(place.asking, place.keys, buffer_str(&sealed), clock_now(clock_system())));
    TRY(prompt_text("The fingerprint of the sealed keys, as the other operator reads it out", arena, &typed));
    TRY(transfer_take(place.asking, place.keys, buffer_str(&sealed), typed, clock_now(clock_system())));
    (void)printf("The keys are in their place: %s.  What opened them is destroyed; both files that were\n"
                 "carried are of no use any more.\n",
                 place.keys);
done:
    buffer_close(&sealed);
    arena_close(arena);
    return fault == FAULT_NONE ? 0 : say_fault(fault, STR(""));
}
