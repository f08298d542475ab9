/* The settings of one server: contactpoint.conf in its state folder. */
#ifndef SERVICE_SETTINGS_H
#define SERVICE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "registry/look.h"

enum { SETTINGS_CONNECTION_BYTES = 4096 };

struct settings {
    char database[SETTINGS_CONNECTION_BYTES]; /* a connection as db_open takes it */
    int connections;                          /* to PostgreSQL; 0: as the store has it */
    int64_t patience_us;                      /* likewise */
    int64_t lease_us;
    bool snapshot;            /* keeps the index, sealed, from one run to the next */
    struct look_limits looks; /* how much somebody may open and search without a second person (R5.7) */
    bool refuses_own_child;   /* a child of one's own is refused; otherwise an alarm is raised (R17.3) */
    int unused_days;          /* after which an account that nobody uses is disabled (R3.6); 0: never */
};

/* Reads the file where there is one; `database` (may be NULL) goes before what it names, and without either
 * it is the state folder's contactpoint.db.  FAULT_INVALID with a note where a line is wrong; FAULT_STORAGE
 * where the file cannot be read. */
MUST_USE enum fault settings_read(const char *state, const char *database, struct settings *ret_settings);

/* Writes the file of a new instance, whole or not at all.  FAULT_STORAGE. */
MUST_USE enum fault settings_write(const char *state, const char *database);

#endif
