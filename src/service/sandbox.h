/* The serving process can do nothing but serve (security.md §9): once its files and sockets are open it
 * starts no program, looks into no other process, opens no file outside its folders and speaks to nobody but
 * its database. Whoever makes it try has code in it: the try is stopped, noted, and an alarm at the next
 * start. */
#ifndef SERVICE_SANDBOX_H
#define SERVICE_SANDBOX_H

#include <stdbool.h>

#include "base/fault.h"

enum { SANDBOX_TEXT_BYTES = 256 };

struct sandbox_order {
    const char *state;    /* the folder */
    const char *database; /* its connection */
    const char *listen;   /* as web_serve takes it */
};

/* Before there are threads, and once the keeper has the key file: from here on the key file cannot be read,
 * and files elsewhere cannot be opened.  Where the kernel has no Landlock they still can, until
 * sandbox_calls. FAULT_SYSTEM, FAULT_STORAGE with a note. */
MUST_USE enum fault sandbox_files(const struct sandbox_order *order);

/* Once all sockets listen, for all threads.  FAULT_SYSTEM with a note. */
MUST_USE enum fault sandbox_calls(const struct sandbox_order *order);

/* What the last life in this folder was stopped for, "execve" or "openat PATH", in `ret_text`; an empty text
 * where nothing was. */
MUST_USE enum fault sandbox_last(const char *state, char ret_text[SANDBOX_TEXT_BYTES]);

/* When a life ends in order: forgotten, unless something is noted that was not `told` yet. */
void sandbox_forget(const char *state, bool told);

#endif
