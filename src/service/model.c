#include "service/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { PATH_BYTES_MAX = 4096 };

static bool path_of(const char *state, const char *file, char at[PATH_BYTES_MAX])
{
    int len = snprintf(at, PATH_BYTES_MAX, "%s/%s", state, file);
    return len > 0 && len < PATH_BYTES_MAX;
}

static enum fault read_text(int fd, char **ret_text, size_t *ret_len)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return fault_note(FAULT_STORAGE, "match.model is no file");
    if (status.st_size > MODEL_TEXT_BYTES_MAX)
        return fault_note(FAULT_MALFORMED, "match.model is larger than a model can be: 64 MiB");
    size_t size = (size_t)status.st_size;
    size_t len = 0;
    char *text = malloc(size + 1);
    if (text == NULL)
        return FAULT_MEMORY;
    for (ssize_t got = 1; len < size && got > 0; len += (size_t)got) {
        got = read(fd, text + len, size - len);
        if (got < 0) {
            free(text);
            return fault_note(FAULT_STORAGE, "match.model cannot be read");
        }
    }
    *ret_text = text;
    *ret_len = len;
    return FAULT_NONE;
}

enum fault model_load(const char *state, struct model_file *ret_file, bool *ret_own)
{
    char path[PATH_BYTES_MAX];
    char *text = NULL;
    size_t len = 0;
    uint32_t line = 0;
    if (!path_of(state, "match.model", path))
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        *ret_own = false;
        return FAULT_NONE;
    }
    if (fd < 0)
        return fault_note(FAULT_STORAGE, "match.model cannot be read: check who owns it");
    enum fault fault = read_text(fd, &text, &len);
    (void)close(fd);
    if (fault == FAULT_NONE) {
        fault = model_file_read((struct str){text, len}, ret_file, &line);
        if (fault == FAULT_MALFORMED) {
            log_event("model.refused", LOG_INT("line", line));
            (void)fault_note(fault, "match.model in the state folder is broken, or of another version; the "
                                    "log names the line: put the right one back, or remove it to link by "
                                    "the shipped one");
        }
    }
    free(text);
    *ret_own = fault == FAULT_NONE;
    return fault;
}

static bool put_durably(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.at, text.len);
        if (put <= 0)
            return false;
        text = (struct str){text.at + put, text.len - (size_t)put};
    }
    return fsync(fd) == 0;
}

enum fault model_keep(const char *state, const struct model_file *file)
{
    char path[PATH_BYTES_MAX], fresh[PATH_BYTES_MAX];
    struct buffer buffer = buffer_open(MODEL_TEXT_BYTES_MAX);
    enum fault fault = FAULT_NONE;
    int fd = -1, folder = -1;
    model_file_write(&buffer, file);
    TRY(buffer_fault(&buffer));
    if (!path_of(state, "match.model", path) || !path_of(state, "match.model.new", fresh))
        TRY(fault_note(FAULT_INVALID, "the path of the state folder is too long"));
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || folder < 0 || !put_durably(fd, buffer_str(&buffer)) || rename(fresh, path) != 0 ||
        fsync(folder) != 0)
        fault =
            fault_note(FAULT_STORAGE, "match.model cannot be written: check the state folder and its disk");
done:
    if (fd >= 0)
        (void)close(fd);
    if (folder >= 0)
        (void)close(folder);
    buffer_close(&buffer);
    return fault;
}
