/* The instance's model of linkage: STATE/match.model where it is, otherwise the shipped one. */
#ifndef SERVICE_MODEL_H
#define SERVICE_MODEL_H

#include "match/model_file.h"

/* False in *ret_own, and *ret_file untouched, where the state folder has none.  FAULT_MALFORMED (logged with
 * the line), FAULT_STORAGE, FAULT_MEMORY; the note says what to do. */
MUST_USE enum fault model_load(const char *state, struct model_file *ret_file, bool *ret_own);

/* Beside the old one, then renamed over it; durable on return.  FAULT_STORAGE, FAULT_MEMORY. */
MUST_USE enum fault model_keep(const char *state, const struct model_file *file);

#endif
