#include "linkage/draft.h"

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

enum fault draft_open(struct draft *draft, const char *path, struct str header)
{
    struct stat seen;
    *draft = (struct draft){.fd = -1, .path = path, .buffer = buffer_open(PIECE_BYTES + LINE_BYTES_MAX)};
    if (stat(path, &seen) == 0 && !S_ISREG(seen.st_mode))
        return fault_note(FAULT_STORAGE, "is no plain file: name another");
    int len = snprintf(draft->fresh, sizeof draft->fresh, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof draft->fresh)
        return fault_note(FAULT_STORAGE, "the path is too long");
    draft->fd = mkostemp(draft->fresh, O_CLOEXEC);
    if (draft->fd < 0)
        return fault_note(FAULT_STORAGE, errno == ENOENT ? "cannot be written: its folder does not exist"
                                                         : "cannot be written: check its folder");
    open_mode(draft->fd);
    buffer_put(&draft->buffer, header);
    buffer_put_char(&draft->buffer, '\n');
    return FAULT_NONE;
}

static void write_all(struct draft *draft, struct str text)
{
    while (draft->fault == FAULT_NONE && text.len > 0) {
        ssize_t written = write(draft->fd, text.at, text.len);
        if (written < 0 && errno != EINTR)
            draft->fault = fault_note(FAULT_STORAGE, "cannot be written: check the room on its disk");
        if (written > 0)
            text = (struct str){text.at + written, text.len - (size_t)written};
    }
}

static void flush(struct draft *draft)
{
    if (draft->fault == FAULT_NONE)
        draft->fault = buffer_fault(&draft->buffer);
    write_all(draft, buffer_str(&draft->buffer));
    buffer_clear(&draft->buffer);
}

void draft_line(struct draft *draft)
{
    buffer_put_char(&draft->buffer, '\n');
    if (draft->buffer.len >= PIECE_BYTES)
        flush(draft);
}

void draft_text(struct draft *draft, struct str text)
{
    flush(draft);
    write_all(draft, text);
}

enum fault draft_close(struct draft *draft)
{
    if (draft->fd < 0) {
        buffer_close(&draft->buffer);
        return FAULT_STORAGE;
    }
    flush(draft);
    if (draft->fault == FAULT_NONE && fsync(draft->fd) != 0)
        draft->fault = fault_note(FAULT_STORAGE, "cannot be written: check the room on its disk");
    (void)close(draft->fd);
    if (draft->fault == FAULT_NONE && rename(draft->fresh, draft->path) != 0)
        draft->fault = fault_note(FAULT_STORAGE, "cannot be put in its place: check its folder");
    if (draft->fault != FAULT_NONE)
        (void)unlink(draft->fresh);
    buffer_close(&draft->buffer);
    return draft->fault;
}
