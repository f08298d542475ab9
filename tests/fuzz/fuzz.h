/* One fuzz target: libFuzzer drives it where the compiler is clang, replay.c elsewhere. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Must survive any bytes; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Inputs to start from, NULL at the end. */
extern const char *const fuzz_seeds[];

#endif
