/* contactpoint vault ask, give, take: how the keys reach a second server; rotate: a new master key. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/prompt.h"
#include "cli/say.h"
#include "service/keys.h"

enum { VAULT_ARENA_BYTES = 1024 * 1024 };

/* A file that another machine made: plain, and not longer than such files are. */
static enum fault read_file(const char *path, struct buffer *text)
{
    char piece[KEYS_TEXT_BYTES_MAX + 1];
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
    if (got > KEYS_TEXT_BYTES_MAX)
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

/* The heading, and what is to be read out, alone on a line. */
static enum fault put_fingerprint(const char *heading, struct str text, struct arena *arena)
{
    struct str digits;
    enum fault fault = service_keys_fingerprint(text, arena, &digits);
    if (fault == FAULT_NONE)
        (void)printf("%s\n\n    %.*s\n", heading, (int)digits.len, digits.at);
    return fault;
}

/* On a fault nothing of it stays. */
static enum fault ask(const char *state, const char *file, struct arena *arena)
{
    struct keys_asked asked;
    enum fault fault;
    TRY(refuse_taken(file));
    TRY(service_keys_ask(state, clock_system(), entropy_system(), arena, &asked));
    enum fault why = write_file(file, asked.request);
    if (why != FAULT_NONE) {
        const char *note = fault_last_note();
        TRY(service_keys_unask(state, &asked));
        TRY(fault_note(why, note));
    }
    (void)printf("%sThe request for keys is %s.  Take it to the machine that has them; within 24 hours its "
                 "operator\nsays there: contactpoint vault give REQUEST FILE\n\n",
                 asked.again ? "The earlier request of this folder is void.\n" : "", file);
    TRY(put_fingerprint("Read this fingerprint of the request out to that operator:", asked.request, arena));
done:
    return fault;
}

int command_vault_ask(const struct args *args)
{
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(VAULT_ARENA_BYTES, &arena));
    TRY(ask(say_state(args), args->plain[0], arena));
done:
    arena_close(arena);
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
        "The keys are sealed for that request, and nothing else can open them: %s.  Take the file to the "
        "machine\nthat asked; its operator says there: contactpoint vault take FILE\n\n",
        file);
    TRY(put_fingerprint(
        "Read this fingerprint of the sealed keys out to that operator:", result->text[TEXT_SEALED], arena));
done:
    return fault;
}

int command_vault_give(const struct args *args)
{
    const char *file = args->plain[1];
    struct buffer request = buffer_open(KEYS_TEXT_BYTES_MAX + 1);
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    int status = 0;
    TRY(arena_open(VAULT_ARENA_BYTES, &arena));
    TRY(read_file(args->plain[0], &request));
    TRY(service_keys_request_check(buffer_str(&request), clock_system()));
    TRY(refuse_taken(file));
    TRY(instance_open(say_state(args), say_database(args), &instance));
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
    const char *state = say_state(args);
    struct buffer sealed = buffer_open(KEYS_TEXT_BYTES_MAX + 1);
    struct arena *arena = NULL;
    struct str typed;
    enum fault fault;
    TRY(arena_open(VAULT_ARENA_BYTES, &arena));
    TRY(read_file(args->plain[0], &sealed));
    TRY(service_keys_check(state, buffer_str(&sealed), clock_system()));
    TRY(prompt_text("The fingerprint of the sealed keys, as the other operator reads it out", arena, &typed));
    TRY(service_keys_take(state, buffer_str(&sealed), typed, clock_system()));
    (void)printf(
        "The keys are in their place in %s.  What opened them is destroyed; the two files that were\n"
        "carried are of no use any more.  The machine becomes a server with contactpoint join.\n",
        state);
done:
    buffer_close(&sealed);
    arena_close(arena);
    return fault == FAULT_NONE ? 0 : say_fault(fault, STR(""));
}

int command_vault_rotate(const struct args *args)
{
    const struct work work = {.kind = WORK_VAULT_ROTATE, .fd = -1};
    const struct work_listener deaf = instance_deaf();
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    int status = 0;
    TRY(arena_open(VAULT_ARENA_BYTES, &arena));
    TRY(instance_open(say_state(args), say_database(args), &instance));
    instance_do(instance, &work, &deaf, arena, &result);
    TRY(result.fault);
    (void)printf(
        "Master key %" PRId64 " wraps all %" PRId64 " keys; %" PRId64
        " were wrapped anew.  The old master keys are no longer in vault.key.\n"
        "Replace the copy of vault.key that you keep apart; keep the old copy as long as copies of the "
        "database from before.\n",
        result.sequence, result.rows, result.counts.updated);
    if (result.counts.quarantined > 0)
        (void)printf("%" PRId64
                     " keys open under no master key and stay as they were: these records are damaged.\n",
                     result.counts.quarantined);
done:
    if (fault != FAULT_NONE)
        status = say_fault(fault, result.text[TEXT_MESSAGE]);
    instance_close(instance);
    arena_close(arena);
    return status;
}
