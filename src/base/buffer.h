/* A growing piece of memory for what is written: text, sealed records, HTML.
 *
 * Writing never fails at once: a buffer that could not grow, or passed its cap, remembers it, and
 * buffer_fault tells at the end.  Wiped when closed. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdint.h>

#include "base/fault.h"
#include "base/str.h"

struct buffer {
    char *at;
    size_t len;
    size_t room;
    size_t cap_bytes;
    enum fault fault;
};

/* An empty buffer that may grow to cap_bytes; takes no memory yet. */
struct buffer buffer_open(size_t cap_bytes);
void buffer_close(struct buffer *buffer);

/* Forgets (and wipes) the content, keeps the memory. */
void buffer_clear(struct buffer *buffer);

void buffer_put(struct buffer *buffer, struct str text);
void buffer_put_char(struct buffer *buffer, char c);
void buffer_put_bytes(struct buffer *buffer, struct bytes bytes);
void buffer_put_int(struct buffer *buffer, int64_t value);

/* Zero-padded decimal of at least `digits` digits. */
void buffer_put_padded(struct buffer *buffer, uint64_t value, int digits);

/* Lower-case hexadecimal. */
void buffer_put_hex(struct buffer *buffer, struct bytes bytes);

/* Big-endian numbers. */
void buffer_put_u8(struct buffer *buffer, uint8_t value);
void buffer_put_u16(struct buffer *buffer, uint16_t value);
void buffer_put_u32(struct buffer *buffer, uint32_t value);
void buffer_put_u64(struct buffer *buffer, uint64_t value);

/* A 32-bit big-endian length, then the bytes: the field form of audit events and of sealed records. */
void buffer_put_field(struct buffer *buffer, struct bytes bytes);

/* FAULT_NONE, FAULT_MEMORY or FAULT_TOO_LARGE. */
enum fault buffer_fault(const struct buffer *buffer);
struct str buffer_str(const struct buffer *buffer);
struct bytes buffer_bytes(const struct buffer *buffer);

/* Reading back what the functions above wrote.  Every take is bounded; after one failed, all fail (`ok`
 * false) and give zero or empty. */
struct reader {
    struct bytes rest;
    bool ok;
};

struct reader reader_of(struct bytes bytes);
uint8_t reader_take_u8(struct reader *reader);
uint16_t reader_take_u16(struct reader *reader);
uint32_t reader_take_u32(struct reader *reader);
uint64_t reader_take_u64(struct reader *reader);
struct bytes reader_take_bytes(struct reader *reader, size_t len);
struct bytes reader_take_field(struct reader *reader);

#endif
