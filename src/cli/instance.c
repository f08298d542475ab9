#include "cli/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/say.h"
#include "cli/wire.h"

struct instance {
    char control[CONTROL_PATH_BYTES];
    struct service *service; /* NULL: a server answers at the control socket */
};

enum fault instance_control_path(const char *state, char ret_path[CONTROL_PATH_BYTES])
{
    int len = snprintf(ret_path, CONTROL_PATH_BYTES, "%s/control.sock", state);
    if (len < 0 || len >= CONTROL_PATH_BYTES)
        return fault_note(FAULT_INVALID,
                          "the path of the state folder is too long for a control socket: give a "
                          "shorter one");
    return FAULT_NONE;
}

/* A connection to the server; -1 where none runs. */
static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static enum fault check_state(const char *state)
{
    struct stat status;
    if (stat(state, &status) != 0)
        return fault_note(FAULT_ABSENT,
                          "there is no state folder here: give --state, or run contactpoint init");
    if (!S_ISDIR(status.st_mode))
        return fault_note(FAULT_INVALID, "the state is no folder: give its path with --state");
    if (access(state, R_OK | W_OK | X_OK) != 0)
        return fault_note(FAULT_STORAGE,
                          "the state folder may not be read or written by you: run this as the "
                          "service's user");
    return FAULT_NONE;
}

enum fault instance_open(const char *state, const char *database, struct instance **ret_instance)
{
    const struct service_settings settings = {
        .state = state, .database = database, .clock = clock_system(), .entropy = entropy_system()};
    enum fault fault = check_state(state);
    if (fault != FAULT_NONE)
        return fault;
    struct instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL)
        return FAULT_MEMORY;
    TRY(instance_control_path(state, instance->control));
    int fd = dial(instance->control);
    if (fd >= 0) {
        (void)close(fd);
    } else {
        log_to(-1);
        TRY(service_open(&settings, &instance->service));
    }
    *ret_instance = instance;
    return FAULT_NONE;
done:
    instance_close(instance);
    return fault;
}

void instance_close(struct instance *instance)
{
    if (instance == NULL)
        return;
    service_close(instance->service);
    free(instance);
}

static void hear_progress(struct bytes content, const struct work_listener *listener)
{
    struct reader reader = reader_of(content);
    uint8_t phase = reader_take_u8(&reader);
    int64_t done = (int64_t)reader_take_u64(&reader);
    int64_t of = (int64_t)reader_take_u64(&reader);
    if (reader.ok && phase >= PHASE_PLANNING && phase < PHASES_END)
        listener->progress(listener->context, (enum work_phase)phase, done, of);
}

static void hear_problem(struct bytes content, const struct work_listener *listener)
{
    struct reader reader = reader_of(content);
    uint64_t line = reader_take_u64(&reader);
    uint8_t problem = reader_take_u8(&reader);
    if (reader.ok && problem < ROW_PROBLEMS_END)
        listener->problem(listener->context, line, (enum row_problem)problem);
}

static enum fault keep_texts(struct arena *arena, struct work_result *result)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < WORK_TEXTS_END; i++)
        TRY(arena_copy(arena, result->text[i], &result->text[i]));
done:
    return fault;
}

/* Listens until the result comes. */
static enum fault hear(int fd, const struct work_listener *listener, struct arena *arena,
                       struct work_result *result)
{
    struct buffer content = buffer_open(FRAME_BYTES_MAX);
    struct frame frame;
    enum fault fault;
    for (;;) {
        TRY(wire_receive(fd, ANSWER_SECONDS_MAX, &content, &frame));
        if (frame.fd >= 0)
            (void)close(frame.fd);
        if (frame.type == FRAME_PROGRESS)
            hear_progress(frame.content, listener);
        else if (frame.type == FRAME_PROBLEM)
            hear_problem(frame.content, listener);
        else
            break;
    }
    TRY(frame.type == FRAME_RESULT ? wire_take_result(frame.content, result) : FAULT_MALFORMED);
    TRY(keep_texts(arena, result));
done:
    buffer_close(&content);
    return fault;
}

static enum fault ask_server(const struct instance *instance, const struct work *work,
                             const struct work_listener *listener, struct arena *arena,
                             struct work_result *result)
{
    struct buffer content = buffer_open(FRAME_BYTES_MAX);
    enum fault fault;
    int fd = dial(instance->control);
    if (fd < 0) {
        fault = fault_note(FAULT_CANCELLED, "the server has stopped: run the command again");
        goto done;
    }
    wire_put_work(&content, work);
    TRY(buffer_fault(&content));
    TRY(wire_send(fd, FRAME_WORK, buffer_bytes(&content), work->fd));
    fault = hear(fd, listener, arena, result);
    if (fault == FAULT_CANCELLED)
        (void)fault_note(fault,
                         "the server went away before it answered: look at its log, then run the command "
                         "again; a feed that was taken in already changes nothing");
done:
    if (fd >= 0)
        (void)close(fd);
    buffer_close(&content);
    return fault;
}

void instance_do(struct instance *instance, const struct work *work, const struct work_listener *listener,
                 struct arena *arena, struct work_result *ret_result)
{
    struct work_result result = {0};
    fault_clear_note();
    if (instance->service != NULL) {
        work_do(instance->service, str_of(say_login()), work, listener, arena, ret_result);
        return;
    }
    enum fault fault = ask_server(instance, work, listener, arena, &result);
    if (fault != FAULT_NONE) {
        result = (struct work_result){.fault = fault};
        result.text[TEXT_MESSAGE] = str_of(fault_last_note());
    }
    *ret_result = result;
}

static void ignore_progress(void *context, enum work_phase phase, int64_t done, int64_t of)
{
    (void)context, (void)phase, (void)done, (void)of;
}

static void ignore_problem(void *context, uint64_t line, enum row_problem problem)
{
    (void)context, (void)line, (void)problem;
}

static bool stays(void *context)
{
    (void)context;
    return false;
}

struct work_listener instance_deaf(void)
{
    return (struct work_listener){ignore_progress, ignore_problem, stays, NULL};
}
