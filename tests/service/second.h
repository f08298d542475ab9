/* More servers on the database of a house: each has a folder, a clock and a service of its own, and the
 * house's staff.  PostgreSQL only. */
#ifndef TESTS_SERVICE_SECOND_H
#define TESTS_SERVICE_SECOND_H

#include "house.h"

/* Leases of the house and of its further servers last so long, from the next start on. */
void second_lease(struct house *house, int lease_s);

/* A further server, not started: house_start, house_stop and all that asks take it as a house. */
struct house *second_make(struct house *first);
void second_forget(struct house *second);

/* Waits until it is so, and fails after that many seconds.  A round of 10 ms counts as at most ROUND_US: what
 * the machine gives to others meanwhile is not held against the servers. */
enum { ROUND_US = 20000 };
#define WAIT_UNTIL(condition, most_s)                                                                        \
    do {                                                                                                     \
        int64_t waited_us = 0, from_us = clock_monotonic_us();                                               \
        while (!(condition)) {                                                                               \
            if (waited_us > (int64_t)(most_s)*1000000)                                                       \
                fail_msg("%s:%d: not so in %d s: %s", __FILE__, __LINE__, (int)(most_s), #condition);        \
            (void)poll(NULL, 0, 10);                                                                         \
            int64_t now_us = clock_monotonic_us(), round_us = now_us - from_us;                              \
            waited_us += round_us < ROUND_US ? round_us : ROUND_US;                                          \
            from_us = now_us;                                                                                \
        }                                                                                                    \
    } while (0)

/* The first one's key file in the second's place, as vault ask, give and take bring it. */
void second_copy_keys(struct house *first, struct house *second);

#endif
