#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/time.h"

enum { LINE_BYTES_MAX = 1024 };

static int log_fd = STDERR_FILENO;

void log_to(int fd)
{
    log_fd = fd;
}

static void put_value(struct buffer *line, const struct log_value *value)
{
    buffer_put_char(line, ' ');
    buffer_put(line, str_of(value->key));
    buffer_put_char(line, '=');
    switch (value->kind) {
    case LOG_INT:
        buffer_put_int(line, value->number);
        break;
    case LOG_ID:
        id_put(line, value->id);
        break;
    case LOG_FAULT:
        buffer_put(line, str_of(fault_name((enum fault)value->number)));
        break;
    case LOG_LITERAL:
        buffer_put(line, str_of(value->literal));
        break;
    }
}

void log_write(const char *event, const struct log_value *values)
{
    if (log_fd < 0)
        return;
    struct buffer line = buffer_open(LINE_BYTES_MAX);
    instant_put(&line, clock_now(clock_system()));
    buffer_put_char(&line, ' ');
    buffer_put(&line, str_of(event));
    for (; values->key != NULL; values++)
        put_value(&line, values);
    buffer_put_char(&line, '\n');
    ssize_t written;
    do
        written = write(log_fd, line.at, line.len);
    while (written < 0 && errno == EINTR);
    buffer_close(&line);
}
