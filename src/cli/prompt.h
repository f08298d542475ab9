/* Questions: on a terminal with a label, secrets without echo; else lines of standard input, in the same
 * order. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "base/arena.h"

enum { PROMPT_BYTES_MAX = 1024 };

/* One answer without its line end, in the arena.  FAULT_INVALID with a note where the input ends or the
 * answer is longer than PROMPT_BYTES_MAX or is not UTF-8. */
MUST_USE enum fault prompt_text(const char *label, struct arena *arena, struct str *ret_answer);
MUST_USE enum fault prompt_secret(const char *label, struct arena *arena, struct str *ret_answer);

#endif
