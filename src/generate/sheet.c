#include "generate/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/csv.h"

enum { PIECE_BYTES = 128 * 1024, SHEET_BUFFER_BYTES = 1024 * 1024 };

struct sheet {
    int fd;
    enum source source;
    struct day as_of;
    struct buffer piece;
    crypto_hash_sha256_state digest;
    uint64_t rows;
    size_t header_bytes;
};

static void put_header(struct buffer *buffer, const struct sheet *sheet, const uint8_t digest[32])
{
    buffer_put(buffer, STR("#contactpoint-feed,version=1,source="));
    buffer_put(buffer, str_of(policy_source_name(sheet->source)));
    buffer_put(buffer, STR(",sequence=1,mode=full,as-of="));
    day_put(buffer, sheet->as_of);
    buffer_put(buffer, STR(",rows="));
    buffer_put_padded(buffer, sheet->rows, 10);
    buffer_put(buffer, STR(",removals=0,sha256="));
    buffer_put_hex(buffer, (struct bytes){digest, 32});
    buffer_put_char(buffer, '\n');
}

static enum fault write_all(int fd, struct bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.at, bytes.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return fault_note(FAULT_STORAGE, "writing failed: is the disk of --out full?");
        bytes.at += wrote;
        bytes.len -= (size_t)wrote;
    }
    return FAULT_NONE;
}

enum fault sheet_open(const struct sheet_order *order, struct sheet **ret_sheet)
{
    enum fault fault = FAULT_NONE;
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", order->folder, order->file);
    if (len < 0 || (size_t)len >= sizeof path)
        return fault_note(FAULT_INVALID, "the path of --out is too long: choose a shorter one");
    struct sheet *sheet = calloc(1, sizeof *sheet);
    if (sheet == NULL)
        return FAULT_MEMORY;
    sheet->source = order->source;
    sheet->as_of = order->as_of;
    sheet->piece = buffer_open(SHEET_BUFFER_BYTES);
    crypto_hash_sha256_init(&sheet->digest);
    sheet->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (sheet->fd < 0) {
        fault = fault_note(FAULT_STORAGE,
                           "a file cannot be written in the folder of --out: give one that is yours");
        goto done;
    }
    if (sheet->source != SOURCE_NONE) {
        put_header(&sheet->piece, sheet, (const uint8_t[32]){0});
        TRY(buffer_fault(&sheet->piece));
        sheet->header_bytes = sheet->piece.len;
        TRY(write_all(sheet->fd, buffer_bytes(&sheet->piece)));
        buffer_clear(&sheet->piece);
    }
    *ret_sheet = sheet;
    sheet = NULL;
done:
    sheet_close(sheet);
    return fault;
}

void sheet_close(struct sheet *sheet)
{
    if (sheet == NULL)
        return;
    if (sheet->fd >= 0)
        (void)close(sheet->fd);
    buffer_close(&sheet->piece);
    free(sheet);
}

void sheet_put(struct sheet *sheet, struct str field, bool first)
{
    csv_put(&sheet->piece, field, first);
}

static enum fault flush(struct sheet *sheet)
{
    enum fault fault = buffer_fault(&sheet->piece);
    if (fault != FAULT_NONE)
        return fault;
    struct bytes bytes = buffer_bytes(&sheet->piece);
    if (sheet->source != SOURCE_NONE)
        crypto_hash_sha256_update(&sheet->digest, bytes.at, bytes.len);
    fault = write_all(sheet->fd, bytes);
    buffer_clear(&sheet->piece);
    return fault;
}

enum fault sheet_end_heading(struct sheet *sheet)
{
    buffer_put_char(&sheet->piece, '\n');
    return flush(sheet);
}

enum fault sheet_end_row(struct sheet *sheet)
{
    buffer_put_char(&sheet->piece, '\n');
    sheet->rows++;
    return sheet->piece.len < PIECE_BYTES ? buffer_fault(&sheet->piece) : flush(sheet);
}

enum fault sheet_finish(struct sheet *sheet, uint64_t *ret_rows)
{
    uint8_t digest[32];
    enum fault fault = flush(sheet);
    if (fault != FAULT_NONE)
        return fault;
    if (sheet->source != SOURCE_NONE) {
        crypto_hash_sha256_final(&sheet->digest, digest);
        put_header(&sheet->piece, sheet, digest);
        must(sheet->piece.len == sheet->header_bytes);
        if (lseek(sheet->fd, 0, SEEK_SET) != 0)
            return fault_note(FAULT_STORAGE, "the first line could not be written: --out must be on a disk");
        fault = write_all(sheet->fd, buffer_bytes(&sheet->piece));
        if (fault != FAULT_NONE)
            return fault;
    }
    *ret_rows = sheet->rows;
    return FAULT_NONE;
}
