/* Faults: how every function says that it could not do its work.
 *
 * 0 is success.  Lower floors return a fault and may annotate it; only the service logs.  An outside error is
 * a fault; must() is for our own mistakes, stays on in production and stops the process. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

enum fault {
    FAULT_NONE = 0,
#define FAULT(name, status, text) FAULT_##name,
#include "base/faults.def"
#undef FAULT
};

#define MUST_USE __attribute__((warn_unused_result))

/* Run an expression that yields a fault; on a fault keep it in the local `fault` and go to the local `done:`.
 */
#define TRY(x)                                                                                               \
    do {                                                                                                     \
        fault = (x);                                                                                         \
        if (fault != FAULT_NONE)                                                                             \
            goto done;                                                                                       \
    } while (0)

/* An assertion about our own code.  Prints place and expression, never values, then aborts. */
#define must(x) ((x) ? (void)0 : fault_abort(#x, __FILE__, __LINE__))

_Noreturn void fault_abort(const char *expression, const char *file, int line);

/* HTTP status, user's text and catalogue name of a fault; FAULT_NONE gives 200, "" and "NONE". */
int fault_status(enum fault fault);
const char *fault_text(enum fault fault);
const char *fault_name(enum fault fault);

/* A note about the last fault of this thread for operators: literal text only, so that no name can be in it.
 * fault_note returns its argument `fault`, so that `return fault_note(FAULT_KEY, "...")` reads well.
 * fault_last_note never returns NULL. */
enum fault fault_note(enum fault fault, const char *literal);
const char *fault_last_note(void);
void fault_clear_note(void);

#endif
