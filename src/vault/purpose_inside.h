/* Only src/vault/ includes this. */
#ifndef VAULT_PURPOSE_INSIDE_H
#define VAULT_PURPOSE_INSIDE_H

#include "vault/purpose.h"

/* FAULT_SYSTEM, with a note, where what stands in that column is not opened for this purpose: a mistake of
 * the program's own, which refuses one request and ends no server. */
MUST_USE enum fault purpose_check(const struct vault_purpose *purpose, const char *table, const char *column);

#endif
