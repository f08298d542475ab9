#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

struct buffer buffer_open(size_t cap_bytes)
{
    return (struct buffer){.cap_bytes = cap_bytes};
}

void buffer_close(struct buffer *buffer)
{
    if (buffer->at != NULL) {
        explicit_bzero(buffer->at, buffer->room);
        free(buffer->at);
    }
    *buffer = (struct buffer){.cap_bytes = buffer->cap_bytes};
}

void buffer_clear(struct buffer *buffer)
{
    if (buffer->at != NULL)
        explicit_bzero(buffer->at, buffer->len);
    buffer->len = 0;
    buffer->fault = FAULT_NONE;
}

/* Room for `more` bytes; old memory is wiped, so realloc is not used. */
static bool buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->fault != FAULT_NONE)
        return false;
    if (more > buffer->cap_bytes || buffer->len > buffer->cap_bytes - more) {
        buffer->fault = FAULT_TOO_LARGE;
        return false;
    }
    if (more <= buffer->room - buffer->len)
        return true;
    size_t room = buffer->room < 256 ? 256 : 2 * buffer->room;
    if (room < buffer->len + more)
        room = buffer->len + more;
    char *bigger = malloc(room);
    if (bigger == NULL) {
        buffer->fault = FAULT_MEMORY;
        return false;
    }
    if (buffer->at != NULL) {
        memcpy(bigger, buffer->at, buffer->len);
        explicit_bzero(buffer->at, buffer->len);
        free(buffer->at);
    }
    buffer->at = bigger;
    buffer->room = room;
    return true;
}

void buffer_put(struct buffer *buffer, struct str text)
{
    if (text.len == 0 || !buffer_reserve(buffer, text.len))
        return;
    memcpy(buffer->at + buffer->len, text.at, text.len);
    buffer->len += text.len;
}

void buffer_put_char(struct buffer *buffer, char c)
{
    buffer_put(buffer, (struct str){&c, 1});
}

void buffer_put_bytes(struct buffer *buffer, struct bytes bytes)
{
    buffer_put(buffer, str_of_bytes(bytes));
}

void buffer_put_int(struct buffer *buffer, int64_t value)
{
    if (value < 0)
        buffer_put_char(buffer, '-');
    buffer_put_padded(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void buffer_put_padded(struct buffer *buffer, uint64_t value, int digits)
{
    char text[24];
    int at = (int)sizeof text;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while ((int)sizeof text - at < digits && at > 0)
        text[--at] = '0';
    buffer_put(buffer, (struct str){text + at, sizeof text - (size_t)at});
}

void buffer_put_hex(struct buffer *buffer, struct bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        buffer_put_char(buffer, digits[bytes.at[i] >> 4]);
        buffer_put_char(buffer, digits[bytes.at[i] & 15]);
    }
}

static void put_big_endian(struct buffer *buffer, uint64_t value, size_t len)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
    buffer_put_bytes(buffer, (struct bytes){bytes, len});
}

void buffer_put_u8(struct buffer *buffer, uint8_t value)
{
    put_big_endian(buffer, value, 1);
}

void buffer_put_u16(struct buffer *buffer, uint16_t value)
{
    put_big_endian(buffer, value, 2);
}

void buffer_put_u32(struct buffer *buffer, uint32_t value)
{
    put_big_endian(buffer, value, 4);
}

void buffer_put_u64(struct buffer *buffer, uint64_t value)
{
    put_big_endian(buffer, value, 8);
}

void buffer_put_field(struct buffer *buffer, struct bytes bytes)
{
    must(bytes.len <= UINT32_MAX);
    buffer_put_u32(buffer, (uint32_t)bytes.len);
    buffer_put_bytes(buffer, bytes);
}

enum fault buffer_fault(const struct buffer *buffer)
{
    return buffer->fault;
}

struct str buffer_str(const struct buffer *buffer)
{
    return (struct str){buffer->at == NULL ? "" : buffer->at, buffer->len};
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
    return bytes_of(buffer_str(buffer));
}

struct reader reader_of(struct bytes bytes)
{
    return (struct reader){bytes, true};
}

struct bytes reader_take_bytes(struct reader *reader, size_t len)
{
    if (!reader->ok || len > reader->rest.len) {
        reader->ok = false;
        return (struct bytes){NULL, 0};
    }
    struct bytes taken = {reader->rest.at, len};
    if (len > 0) {
        reader->rest.at += len;
        reader->rest.len -= len;
    }
    return taken;
}

static uint64_t take_big_endian(struct reader *reader, size_t len)
{
    struct bytes bytes = reader_take_bytes(reader, len);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.at[i];
    return value;
}

uint8_t reader_take_u8(struct reader *reader)
{
    return (uint8_t)take_big_endian(reader, 1);
}

uint16_t reader_take_u16(struct reader *reader)
{
    return (uint16_t)take_big_endian(reader, 2);
}

uint32_t reader_take_u32(struct reader *reader)
{
    return (uint32_t)take_big_endian(reader, 4);
}

uint64_t reader_take_u64(struct reader *reader)
{
    return take_big_endian(reader, 8);
}

struct bytes reader_take_field(struct reader *reader)
{
    return reader_take_bytes(reader, reader_take_u32(reader));
}
