/* What an account and an organisation need before they may be used, and when it runs out (R3.1, R3.5, R3.6).
 *
 * Nothing here is stored as a state: whether something has lapsed follows from its day at each request, so
 * that an account stops at midnight (UTC) whether or not a program runs then. */
#ifndef ACCESS_LAPSE_H
#define ACCESS_LAPSE_H

#include "base/time.h"

enum account_check {
    CHECK_NONE = 0,
#define CHECK(name, label, months, hint) CHECK_##name,
#include "access/checks.def"
#undef CHECK
    CHECKS_END
};

const char *check_name(enum account_check check);
const char *check_label(enum account_check check);
const char *check_hint(enum account_check check);
enum account_check check_of(struct str name); /* CHECK_NONE where unknown */

/* The first day on which a check of `done` no longer counts; DAY_UNKNOWN where it counts for good, or was
 * never done. */
struct day check_until(enum account_check check, struct day done);

/* How near something is to its end. */
enum notice {
    NOTICE_NONE = 1,
    NOTICE_60, /* at most 60 days are left */
    NOTICE_30,
    NOTICE_7,
    NOTICE_LAPSED,
    NOTICE_MISSING, /* never done */
};

/* `until` is the first day on which it no longer counts; *ret_days are left, today included, 0 where it has
 * lapsed. */
enum notice lapse_notice(struct day until, struct day today, int *ret_days);

/* Of a check: NOTICE_MISSING where it was never done. */
enum notice check_notice(enum account_check check, struct day done, struct day today, int *ret_days);

/* What keeps an account from being used. */
enum hindrance {
    HINDRANCE_NONE = 1,
    HINDRANCE_REQUESTED, /* not admitted yet */
    HINDRANCE_SUSPENDED,
    HINDRANCE_CLOSED,
    HINDRANCE_MISSING, /* a check that was never recorded */
    HINDRANCE_LAPSED,  /* a check whose time is over */
    HINDRANCE_UNUSED,  /* for too long */
};

struct account_standing {
    enum hindrance hindrance;
    enum account_check check; /* with MISSING and LAPSED: the first such */
};

/* `months` later: the same day of the month, or the month's last. */
struct day day_after_months(struct day day, int months);

#endif
