#include "base/random.h"

#include <sodium.h>
#include <string.h>

static void system_fill(void *context, void *memory, size_t size_bytes)
{
    (void)context;
    randombytes_buf(memory, size_bytes);
}

struct entropy entropy_system(void)
{
    return (struct entropy){system_fill, NULL};
}

static uint64_t split_mix(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

struct stream stream_of(uint64_t seed)
{
    struct stream stream;
    for (int i = 0; i < 4; i++)
        stream.state[i] = split_mix(&seed);
    return stream;
}

static uint64_t rotate_left(uint64_t value, int by)
{
    return value << by | value >> (64 - by);
}

uint64_t stream_next(struct stream *stream)
{
    uint64_t *state = stream->state;
    uint64_t result = rotate_left(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return result;
}

uint64_t stream_below(struct stream *stream, uint64_t below)
{
    return (uint64_t)((unsigned __int128)stream_next(stream) * below >> 64);
}

double stream_unit(struct stream *stream)
{
    return (double)(stream_next(stream) >> 11) * 0x1.0p-53;
}

static void stream_fill(void *context, void *memory, size_t size_bytes)
{
    uint8_t *at = memory;
    while (size_bytes > 0) {
        uint64_t value = stream_next(context);
        size_t part = size_bytes < sizeof value ? size_bytes : sizeof value;
        memcpy(at, &value, part);
        at += part;
        size_bytes -= part;
    }
}

struct entropy entropy_of_stream(struct stream *stream)
{
    return (struct entropy){stream_fill, stream};
}
