/* Randomness, passed in: the system's for production, a seeded stream for tests and the generator. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills memory with random bytes; never fails (the system's source is waited for). */
struct entropy {
    void (*fill)(void *context, void *memory, size_t size_bytes);
    void *context;
};

/* The kernel's generator through libsodium; safe from any thread. */
struct entropy entropy_system(void);

/* xoshiro256**: a fast, repeatable stream of numbers for synthetic data and tests; never for secrets. */
struct stream {
    uint64_t state[4];
};

struct stream stream_of(uint64_t seed);
uint64_t stream_next(struct stream *stream);

/* Even over [0, below); below > 0. */
uint64_t stream_below(struct stream *stream, uint64_t below);

/* Even over [0, 1). */
double stream_unit(struct stream *stream);

/* An entropy that draws from the stream, for tests; the stream must outlive it and stay on one thread. */
struct entropy entropy_of_stream(struct stream *stream);

#endif
