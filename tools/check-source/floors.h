/* Which floor of the house may include what (docs: one way down, never up or across). */
#ifndef CHECK_SOURCE_FLOORS_H
#define CHECK_SOURCE_FLOORS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether `file`, a path such as "src/web/route.c", may include `included`, such as "policy/policy.h".  Files
 * outside src/ may include anything, and so may anybody include what lies on no floor. */
bool floors_allow(const char *file, const char *included);

#endif
