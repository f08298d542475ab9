/* The local authorities: each minds a section of the index (R11.1). */
#ifndef REGISTRY_AUTHORITY_H
#define REGISTRY_AUTHORITY_H

#include "base/str.h"

struct authority {
    const char *code; /* GSS */
    const char *name;
};

/* All, in order of their names; *ret_count of them. */
const struct authority *authority_all(size_t *ret_count);

/* The name for a GSS code, or NULL where there is no such authority. */
const char *authority_name(struct str code);

#endif
