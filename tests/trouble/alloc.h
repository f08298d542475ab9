/* Arming fail_alloc.c, in this process or in one that it starts. */
#ifndef TESTS_TROUBLE_ALLOC_H
#define TESTS_TROUBLE_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* Makes the control file and names it in the environment, for this process where it has been started with the
 * library, and for those that it starts. */
void alloc_open(void);
void alloc_close(void);

/* From now on the nth allocation fails; where it lasts, all that follow too. */
void alloc_arm(uint64_t nth, bool lasting);

/* How many have failed since. */
uint64_t alloc_disarm(void);

/* Starts this program anew under the library, which is its first argument; returns in the second life. */
void alloc_live_under(char **argv);

#endif
