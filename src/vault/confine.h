/* The keeper can do nothing but keep (security.md §9).  Only src/vault/ includes this. */
#ifndef VAULT_CONFINE_H
#define VAULT_CONFINE_H

#include "base/fault.h"

/* Before there are threads: it opens nothing but the folder of the key file.  FAULT_SYSTEM with a note. */
MUST_USE enum fault confine_files(const char *key_path);

/* What a filter of system calls looks like, made before the keeper is: a copy of a process with threads may
 * not allocate. */
struct sock_filter;
struct confinement {
    struct sock_filter *filter;
    unsigned short count;
};
MUST_USE enum fault confine_prepare(struct confinement *ret_confinement);
void confine_forget(struct confinement *confinement);

/* All threads: it asks the kernel for nothing but what it needs to answer and to change the key file;
 * anything else ends the process.  FAULT_SYSTEM with a note. */
MUST_USE enum fault confine_calls(const struct confinement *confinement);

#endif
