/* Who is told that too many failures have frozen what somebody signs in with: they, and those who manage
 * them (R3.2).
 *
 * It is found and told behind the scenes, not by the attempt that freezes it: that one costs what every other
 * failure costs, a guesser's of whom nobody is told too. */
#ifndef SERVICE_FREEZES_H
#define SERVICE_FREEZES_H

#include "service/inside.h"

/* Tells of what was frozen since the last round: each freeze once, whatever breaks a round off. */
MUST_USE enum fault freezes_keep(struct service *service);

#endif
