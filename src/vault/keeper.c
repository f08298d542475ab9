#include "vault/keeper.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[] = "CPkeeps2"; /* the first 8 characters are written */

_Static_assert(sizeof(struct keeper_state) == 16 + 24 * KEEPER_LANES_MAX, "the state file has no gaps");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a number is stored whole or not at all");

/* The state file of one lane, as the first version wrote it: magic, incarnation, number. */
static const char magic_of_one[] = "CPkeeps1";
enum { STATE_OF_ONE_BYTES = 32 };

/* Its lane becomes the first; the magic is written last. */
static void enlarge(struct keeper_state *state)
{
    uint8_t one[STATE_OF_ONE_BYTES];
    uint64_t number;
    memcpy(one, state, sizeof one);
    memcpy(&number, one + 24, sizeof number);
    memcpy(&state->lanes[0].incarnation, one + 8, sizeof state->lanes[0].incarnation);
    atomic_store(&state->lanes[0].number, number);
    state->count = id_is_zero(state->lanes[0].incarnation) ? 0 : 1;
    memcpy(state->magic, magic, sizeof state->magic);
}

/* True for a state file, which a fresh or just enlarged file (all zeros) becomes. */
static bool recognise(struct keeper_state *state)
{
    static const struct keeper_state fresh;
    if (memcmp(state, &fresh, sizeof fresh) == 0)
        memcpy(state->magic, magic, sizeof state->magic);
    if (memcmp(state->magic, magic_of_one, sizeof state->magic) == 0)
        enlarge(state);
    return memcmp(state->magic, magic, sizeof state->magic) == 0 && state->count <= KEEPER_LANES_MAX;
}

static enum fault lock_file(int file)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_OFD_SETLK, &whole) == 0)
        return FAULT_NONE;
    return fault_note(FAULT_BUSY,
                      "another contactpoint process works in this state folder: stop it first, or give "
                      "another server a state folder of its own");
}

enum fault keeper_open(const char *path, struct keeper_state **ret_state, int *ret_file)
{
    enum fault fault = FAULT_NONE;
    struct stat status;
    void *memory = MAP_FAILED;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fault_note(FAULT_STORAGE,
                          "the keeper's state file cannot be opened: check the folder of the key file");
    TRY(lock_file(fd));
    if (fstat(fd, &status) != 0)
        TRY(fault_note(FAULT_STORAGE, "the keeper's state file cannot be examined"));
    if (status.st_size != 0 && status.st_size != STATE_OF_ONE_BYTES &&
        status.st_size != sizeof(struct keeper_state))
        TRY(fault_note(FAULT_KEY,
                       "the keeper's state file is broken: verify the audit log, then remove the file"));
    if (status.st_size < (off_t)sizeof(struct keeper_state) &&
        ftruncate(fd, sizeof(struct keeper_state)) != 0)
        TRY(fault_note(FAULT_STORAGE,
                       "the keeper's state file cannot be written: check the room on its disk"));
    memory = mmap(NULL, sizeof(struct keeper_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        TRY(FAULT_MEMORY);
    /* A keeper that is forked later would hold the lock with the mapping. */
    if (madvise(memory, sizeof(struct keeper_state), MADV_DONTFORK) != 0)
        TRY(fault_note(FAULT_SYSTEM, "the keeper's state file cannot be kept from other processes"));
    if (!recognise(memory))
        TRY(fault_note(FAULT_KEY,
                       "the keeper's state file is broken: verify the audit log, then remove the file"));
    *ret_state = memory;
    *ret_file = fd;
    return FAULT_NONE;
done:
    if (memory != MAP_FAILED)
        munmap(memory, sizeof(struct keeper_state));
    close(fd);
    return fault;
}

void keeper_close(struct keeper_state *state, int file)
{
    if (state == NULL)
        return;
    munmap(state, sizeof *state);
    close(file);
}
