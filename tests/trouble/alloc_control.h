/* What tells fail_alloc.c which allocation fails, in a file that the test and the troubled process both map.
 */
#ifndef TESTS_TROUBLE_ALLOC_CONTROL_H
#define TESTS_TROUBLE_ALLOC_CONTROL_H

#include <stdatomic.h>
#include <stdint.h>

/* The file's path; without it nothing fails. */
#define ALLOC_CONTROL_VARIABLE "CONTACTPOINT_ALLOC_CONTROL"

struct alloc_control {
    atomic_bool armed;
    atomic_bool lasting;      /* from fail_at on every one fails, not that one alone */
    _Atomic uint64_t fail_at; /* from 1 */
    _Atomic uint64_t count;   /* since it was armed */
    _Atomic uint64_t failed;
};

#endif
