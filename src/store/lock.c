/* The lock file: one process has a database open at a time.
 *
 * SQLite 3.40.1, as Debian 12 has it, can damage its log when two connections write or checkpoint at the same
 * instant, so a second writer is kept out before it opens anything. */
#include "store/sqlite.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* For people who look into the file; nothing reads it. */
static void write_holder(int lock_file)
{
    char line[32];
    int len = snprintf(line, sizeof line, "%ld\n", (long)getpid());
    if (ftruncate(lock_file, 0) == 0 && pwrite(lock_file, line, (size_t)len, 0) == len)
        return;
    /* A full disk does not keep the lock from being held. */
}

enum fault lock_take(const char *path, int *ret_lock_file)
{
    char name[DB_PATH_BYTES_MAX];
    int len = snprintf(name, sizeof name, "%s.lock", path);
    if (len < 0 || (size_t)len >= sizeof name)
        return fault_note(FAULT_STORAGE, "the path is too long");
    int lock_file = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_file < 0)
        return fault_note(FAULT_STORAGE,
                          "the lock file beside the database cannot be made: let the service's user write "
                          "in that folder");
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(lock_file, F_OFD_SETLK, &whole) != 0) {
        close(lock_file);
        return fault_note(FAULT_BUSY, "another contactpoint process has this database open");
    }
    write_holder(lock_file);
    *ret_lock_file = lock_file;
    return FAULT_NONE;
}
