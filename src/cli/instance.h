/* An instance as a command reaches it: through the server that runs on it, or, where none does, opened by the
 * command itself. */
#ifndef CLI_INSTANCE_H
#define CLI_INSTANCE_H

#include "cli/work.h"

struct instance;

/* Where the control socket of a state folder is.  FAULT_INVALID where its path would be too long. */
enum { CONTROL_PATH_BYTES = 108 };
MUST_USE enum fault instance_control_path(const char *state, char ret_path[CONTROL_PATH_BYTES]);

/* FAULT_ABSENT where there is no instance; faults of service_open.  The note says what to do. */
MUST_USE enum fault instance_open(const char *state, const char *database, struct instance **ret_instance);
void instance_close(struct instance *instance);

/* As work_do; the result's texts live in the arena.  FAULT_CANCELLED in the result where the server went
 * away. */
void instance_do(struct instance *instance, const struct work *work, const struct work_listener *listener,
                 struct arena *arena, struct work_result *ret_result);

/* A listener that does not care. */
struct work_listener instance_deaf(void);

#endif
