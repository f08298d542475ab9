/* Landlock (landlock(7)): from a call on, this thread and what it starts open nothing but what is named.
 * Where the kernel knows less of it, or nothing, as much as it knows is held. */
#ifndef VAULT_LANDLOCK_H
#define VAULT_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

enum landlock_may {
    LANDLOCK_READ = 1,    /* a file, or those below a folder, and what a folder lists */
    LANDLOCK_WRITE = 2,   /* a file, or those below a folder */
    LANDLOCK_ARRANGE = 4, /* make and remove files of a folder */
    LANDLOCK_LIST = 8,    /* what a folder holds, without reading it */
};

struct landlock_path {
    const char *path; /* one that is not there is left out */
    unsigned may;     /* of enum landlock_may */
};

/* False where the kernel has no Landlock.  *ret_held (may be NULL) tells whether it did what it can. */
bool landlock_is_there(void);

struct landlock_order {
    const struct landlock_path *paths;
    size_t count;
    bool listens_or_connects; /* TCP; else neither (from Linux 6.7) */
};

/* True where it holds, or the kernel has none.  Sets PR_SET_NO_NEW_PRIVS. */
bool landlock_hold(const struct landlock_order *order);

#endif
