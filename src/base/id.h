/* 128-bit identifiers made by the program.  Wrapped by noun where they are used, so that one cannot pass for
 * another. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/random.h"
#include "base/str.h"

struct id {
    uint8_t byte[16];
};

/* 26 characters of Crockford's base 32, lower case: what stands in a URL. */
enum { ID_TEXT_LEN = 26 };

struct id id_new(struct entropy entropy);
bool id_equal(struct id a, struct id b);
bool id_is_zero(struct id id);
int id_compare(struct id a, struct id b);
struct bytes id_bytes(const struct id *id);

/* False unless exactly 16 bytes. */
bool id_of_bytes(struct bytes bytes, struct id *ret_id);
void id_put(struct buffer *buffer, struct id id);

/* Reads ID_TEXT_LEN characters, lower case only; false for anything else. */
bool id_parse(struct str text, struct id *ret_id);

#endif
