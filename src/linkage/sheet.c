#include "linkage/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024, LINE_BYTES_MAX = 256 * 1024 };

/* The file's mode is what an ordinary new file gets; mkostemp's is for the owner alone. */
static void open_mode(int fd)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    (void)fchmod(fd, 0666 & ~mask);
}

enum fault sheet_open(struct sheet *sheet, const char *path, struct str header)
{
    struct stat seen;
    *sheet = (struct sheet){.fd = -1, .path = path, .buffer = buffer_open(PIECE_BYTES + LINE_BYTES_MAX)};
    if (stat(path, &seen) == 0 && !S_ISREG(seen.st_mode))
        return fault_note(FAULT_STORAGE, "is no plain file: name another");
    int len = snprintf(sheet->fresh, sizeof sheet->fresh, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof sheet->fresh)
        return fault_note(FAULT_STORAGE, "the path is too long");
    sheet->fd = mkostemp(sheet->fresh, O_CLOEXEC);
    if (sheet->fd < 0)
        return fault_note(FAULT_STORAGE, errno == ENOENT ? "cannot be written: its folder does not exist"
                                                         : "cannot be written: check its folder");
    open_mode(sheet->fd);
    buffer_put(&sheet->buffer, header);
    buffer_put_char(&sheet->buffer, '\n');
    return FAULT_NONE;
}

static void flush(struct sheet *sheet)
{
    struct str text = buffer_str(&sheet->buffer);
    if (sheet->fault == FAULT_NONE)
        sheet->fault = buffer_fault(&sheet->buffer);
    while (sheet->fault == FAULT_NONE && text.len > 0) {
        ssize_t written = write(sheet->fd, text.at, text.len);
        if (written < 0 && errno != EINTR)
            sheet->fault = fault_note(FAULT_STORAGE, "cannot be written: check the room on its disk");
        if (written > 0)
            text = (struct str){text.at + written, text.len - (size_t)written};
    }
    buffer_clear(&sheet->buffer);
}

void sheet_line(struct sheet *sheet)
{
    buffer_put_char(&sheet->buffer, '\n');
    if (sheet->buffer.len >= PIECE_BYTES)
        flush(sheet);
}

enum fault sheet_close(struct sheet *sheet)
{
    if (sheet->fd < 0) {
        buffer_close(&sheet->buffer);
        return FAULT_STORAGE;
    }
    flush(sheet);
    if (sheet->fault == FAULT_NONE && fsync(sheet->fd) != 0)
        sheet->fault = fault_note(FAULT_STORAGE, "cannot be written: check the room on its disk");
    (void)close(sheet->fd);
    if (sheet->fault == FAULT_NONE && rename(sheet->fresh, sheet->path) != 0)
        sheet->fault = fault_note(FAULT_STORAGE, "cannot be put in its place: check its folder");
    if (sheet->fault != FAULT_NONE)
        (void)unlink(sheet->fresh);
    buffer_close(&sheet->buffer);
    return sheet->fault;
}
