/* What the files of the sandbox share; nobody else includes it. */
#ifndef SERVICE_SANDBOX_INSIDE_H
#define SERVICE_SANDBOX_INSIDE_H

#include <stdbool.h>

#include "service/sandbox.h"

/* Answers SIGSYS: opens what Landlock lets it, notes and ends everything else.  `note` is open for writing;
 * where `lenient`, a file that may not be opened is noted, and this process goes on. */
MUST_USE enum fault sandbox_guard(int note, bool lenient);

/* A sanitizer looks for leaks, when a program ends, by means that the sandbox stops: its builds go without.
 */
#if defined(__SANITIZE_ADDRESS__)
static const bool sandbox_is_off = true;
#else
static const bool sandbox_is_off = false;
#endif

/* Does the connection lead over a network? */
bool sandbox_is_remote(const char *database);

#endif
