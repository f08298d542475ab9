/* What runs out by itself, told in time: checks of accounts, accounts that nobody uses, accreditations. */
#ifndef SERVICE_LAPSES_H
#define SERVICE_LAPSES_H

#include "base/fault.h"

struct service;

/* Once a day, soon after midnight (UTC), by one server: 60, 30 and 7 days before a check or an accreditation
 * runs out, and on the day itself, its holder is told and whoever manages the account (R3.1, R3.5); on the
 * day on which an account is disabled for being unused, too (R3.6).  What is near its end when nobody was
 * told before is told at once.  Further calls on the same day do nothing.
 *
 * Interrupted anywhere, it begins the day anew and tells nobody twice. */
MUST_USE enum fault lapses_keep(struct service *service);

#endif
