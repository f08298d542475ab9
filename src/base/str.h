/* Text as a borrowed piece of memory: valid UTF-8 from the door inwards, not NUL-terminated.
 * Also plain bytes (struct bytes), which hold anything. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/fault.h"

struct str {
    const char *at;
    size_t len;
};

struct bytes {
    const uint8_t *at;
    size_t len;
};

/* A literal as a str; str_of for NUL-terminated text (NULL gives the empty str). */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

static inline struct str str_of(const char *text)
{
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

static inline struct bytes bytes_of(struct str text)
{
    return (struct bytes){(const uint8_t *)text.at, text.len};
}

static inline struct str str_of_bytes(struct bytes bytes)
{
    return (struct str){(const char *)bytes.at, bytes.len};
}

bool str_equal(struct str a, struct str b);

/* Bytewise order: <0, 0, >0. */
int str_compare(struct str a, struct str b);
bool str_starts(struct str text, struct str prefix);

/* Without ASCII space, tab, CR and LF at both ends. */
struct str str_trim(struct str text);

/* The piece before the first `separator` becomes *ret_head, what follows stays in *text; false when *text was
 * exhausted (text->at == NULL).  "a,,b" gives "a", "", "b". */
bool str_split(struct str *text, char separator, struct str *ret_head);

/* True for well-formed UTF-8 (no surrogates, no overlong forms) without NUL. */
bool str_is_utf8(struct str text);

/* A whole decimal number within [least, most]: digits, with a minus before them at most; false otherwise and
 * *ret untouched. */
bool str_to_int(struct str text, int64_t least, int64_t most, int64_t *ret);

/* How many code points a valid UTF-8 text has. */
size_t str_code_points(struct str text);

/* Constant-time equality of equally long secrets; false where lengths differ. */
bool bytes_equal_secret(struct bytes a, struct bytes b);

#endif
