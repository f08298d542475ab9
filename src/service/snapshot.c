#include "service/snapshot.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "registry/resume.h"
#include "service/inside.h"
#include "service/snapshot_file.h"
#include "store/raw.h"

enum { SQLITE_HEAD_BYTES = 100 };

static bool path_of(const char *state, const char *file, char at[STATE_PATH_BYTES])
{
    int len = snprintf(at, STATE_PATH_BYTES, "%s/%s", state, file);
    return len > 0 && len < STATE_PATH_BYTES;
}

/* A log beside the file that is not empty has what the file has not. */
static bool is_at_rest(const char *path)
{
    char log[STATE_PATH_BYTES];
    struct stat status;
    int len = snprintf(log, sizeof log, "%s-wal", path);
    return len > 0 && len < (int)sizeof log && (stat(log, &status) != 0 || status.st_size == 0);
}

static void put_moment(struct buffer *place, const struct timespec *moment)
{
    buffer_put_u64(place, (uint64_t)moment->tv_sec);
    buffer_put_u64(place, (uint64_t)moment->tv_nsec);
}

/* Which file, and when it was last written: a copy that was put in its place, or put back, is another one, as
 * nobody sets the time of a file's last change of status. */
void snapshot_place(const char *connection, struct buffer *place)
{
    static const char prefix[] = "sqlite:";
    uint8_t head[SQLITE_HEAD_BYTES];
    struct stat status;
    if (raw_is_postgres(connection))
        return;
    if (strncmp(connection, prefix, strlen(prefix)) == 0)
        connection += strlen(prefix);
    int fd = open(connection, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (is_at_rest(connection) && fstat(fd, &status) == 0 &&
        pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head) {
        buffer_put_u64(place, status.st_dev);
        buffer_put_u64(place, status.st_ino);
        buffer_put_u64(place, (uint64_t)status.st_size);
        put_moment(place, &status.st_mtim);
        put_moment(place, &status.st_ctim);
        buffer_put_bytes(place, (struct bytes){head, sizeof head});
    }
    (void)close(fd);
}

static enum fault file_of(struct service *service, char path[STATE_PATH_BYTES], struct snapshot_file *file)
{
    struct model_file shipped;
    if (!path_of(service->state, "match.snapshot", path))
        return FAULT_INVALID;
    *file = (struct snapshot_file){.path = path, .vault = service->vault, .index = service->index};
    model_file_ship(&shipped);
    return model_file_digest(service->own_model ? &service->model : &shipped, file->digest);
}

bool snapshot_use(struct service *service, struct bytes place)
{
    char path[STATE_PATH_BYTES];
    struct snapshot_file file;
    struct buffer position = buffer_open(2 * SNAPSHOT_POSITION_BYTES_MAX);
    const int64_t started_us = clock_monotonic_us();
    const bool shared = db_is_shared(service->db);
    enum fault fault = FAULT_ABSENT;
    if (!shared && place.len == 0)
        goto done;
    TRY(file_of(service, path, &file));
    TRY(snapshot_file_read(&file, place, &position));
    if (shared)
        TRY(resume_from(service->follow, buffer_bytes(&position)));
    log_event("snapshot.used", LOG_INT("children", match_counts(service->index).people),
              LOG_INT("us", clock_monotonic_us() - started_us));
done:
    if (fault != FAULT_NONE)
        log_event("snapshot.unused", LOG_FAULT("fault", fault));
    buffer_close(&position);
    return fault == FAULT_NONE;
}

static bool forget(const char *state, const char *file)
{
    char path[STATE_PATH_BYTES];
    return path_of(state, file, path) && unlink(path) == 0;
}

void snapshot_forget(const char *state)
{
    const bool unfinished = forget(state, "match.snapshot.new"); /* of a process that was killed */
    if (forget(state, "match.snapshot") || unfinished) {
        int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder >= 0) {
            (void)fsync(folder);
            (void)close(folder);
        }
    }
}

/* Who is pending belongs to a batch that the next start finishes or undoes. */
bool snapshot_begin(struct service *service, struct buffer *position)
{
    enum fault fault = FAULT_NONE;
    if (!service->keeps_snapshot || !service->whole || atomic_load(&service->fenced) ||
        match_counts(service->index).pending > 0)
        return false;
    if (db_is_shared(service->db))
        fault = resume_put(service->follow, position);
    if (fault != FAULT_NONE)
        log_event("snapshot.unwritten", LOG_FAULT("fault", fault));
    return fault == FAULT_NONE;
}

void snapshot_end(struct service *service, struct buffer *position)
{
    char path[STATE_PATH_BYTES];
    struct snapshot_file file;
    const int64_t started_us = clock_monotonic_us();
    enum fault fault = FAULT_NONE;
    if (position->len == 0)
        snapshot_place(service->database, position);
    if (position->len == 0)
        fault = FAULT_BUSY;
    TRY(fault);
    TRY(file_of(service, path, &file));
    TRY(snapshot_file_write(&file, buffer_bytes(position)));
    log_event("snapshot.written", LOG_INT("children", match_counts(service->index).people),
              LOG_INT("us", clock_monotonic_us() - started_us));
done:
    if (fault != FAULT_NONE)
        log_event("snapshot.unwritten", LOG_FAULT("fault", fault));
}
