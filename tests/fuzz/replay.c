/* Where there is no libFuzzer: every seed, every prefix of it, and seeds changed by a repeatable stream. */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "fuzz.h"

enum { ROUNDS = 20000, BYTES_MAX = 4096, CHANGES_MAX = 8 };

static void change(struct stream *stream, uint8_t *data, size_t *size)
{
    static const char telling[] = "%&=;+\r\n\t: /.\\?#\0\xff\xc3";
    size_t at = stream_below(stream, *size + 1);
    uint8_t byte = (uint8_t)(stream_below(stream, 2) == 0 ? telling[stream_below(stream, sizeof telling)]
                                                          : (char)stream_below(stream, 256));
    switch (stream_below(stream, 4)) {
    case 0:
        *size = at;
        return;
    case 1:
        if (at < *size)
            data[at] = byte;
        return;
    case 2:
        if (*size == BYTES_MAX)
            return;
        memmove(data + at + 1, data + at, *size - at);
        data[at] = byte;
        (*size)++;
        return;
    default: {
        size_t len = stream_below(stream, *size - at + 1);
        if (len > BYTES_MAX - *size)
            len = BYTES_MAX - *size;
        memmove(data + *size, data + at, len);
        *size += len;
        return;
    }
    }
}

int main(void)
{
    uint8_t data[BYTES_MAX];
    size_t seeds = 0;
    struct stream stream = stream_of(1);
    for (; fuzz_seeds[seeds] != NULL; seeds++)
        for (size_t len = 0; len <= strlen(fuzz_seeds[seeds]); len++)
            (void)LLVMFuzzerTestOneInput((const uint8_t *)fuzz_seeds[seeds], len);
    for (int round = 0; round < ROUNDS; round++) {
        const char *seed = fuzz_seeds[stream_below(&stream, seeds)];
        size_t size = strlen(seed) < BYTES_MAX ? strlen(seed) : BYTES_MAX;
        memcpy(data, seed, size);
        for (uint64_t changes = 1 + stream_below(&stream, CHANGES_MAX); changes > 0; changes--)
            change(&stream, data, &size);
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    printf("%d inputs\n", ROUNDS);
    return 0;
}
