/* Acts that an operator of this machine asks for on the command line: who it is, whether it may be, and the
 * entry of what was refused. */
#ifndef SERVICE_OPERATOR_H
#define SERVICE_OPERATOR_H

#include "service/inside.h"

/* Reads the caller by its login and decides.  Whoever may not is told so, in the words of `note`, a literal,
 * and entered. */
MUST_USE enum fault operator_permit(struct conduct *conduct, const char *note);

/* conduct_refuse; the fault's own note stays the last one. */
MUST_USE enum fault operator_refuse(struct conduct *conduct, enum refusal refusal, enum fault why);

#endif
