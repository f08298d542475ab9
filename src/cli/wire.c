#include "cli/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_BYTES = 5, FILES_MAX = 4, FIELD_BYTES_MAX = 4096 };

/* Waits until the socket is ready or the instant has come. */
static bool wait_ready(int socket, short events, int64_t until_us)
{
    for (;;) {
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0)
            return false;
        struct pollfd poll_fd = {.fd = socket, .events = events};
        int ready = poll(&poll_fd, 1, (int)(left_us / 1000) + 1);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

static int64_t seconds_from_now(int seconds)
{
    return clock_monotonic_us() + (int64_t)seconds * 1000000;
}

static ssize_t send_some(int socket, struct bytes bytes, int fd)
{
    struct iovec part = {(void *)(uintptr_t)bytes.at, bytes.len};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    if (fd >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static enum fault send_all(int socket, struct bytes bytes, int fd)
{
    int64_t until_us = seconds_from_now(FRAME_SECONDS_MAX);
    while (bytes.len > 0) {
        ssize_t sent = send_some(socket, bytes, fd);
        if (sent > 0) {
            fd = -1;
            bytes = (struct bytes){bytes.at + sent, bytes.len - (size_t)sent};
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || !wait_ready(socket, POLLOUT, until_us))
            return FAULT_CANCELLED;
    }
    return FAULT_NONE;
}

enum fault wire_send(int socket, enum frame_type type, struct bytes content, int fd)
{
    struct buffer frame = buffer_open(FRAME_BYTES_MAX + HEAD_BYTES);
    enum fault fault;
    buffer_put_u32(&frame, (uint32_t)content.len);
    buffer_put_u8(&frame, (uint8_t)type);
    buffer_put_bytes(&frame, content);
    TRY(buffer_fault(&frame));
    TRY(send_all(socket, buffer_bytes(&frame), fd));
done:
    buffer_close(&frame);
    return fault;
}

/* Keeps the first file that ever comes, closes all others. */
static void keep_files(struct msghdr *message, int *fd)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int came;
            memcpy(&came, CMSG_DATA(head) + i * sizeof came, sizeof came);
            if (*fd < 0)
                *fd = came;
            else
                (void)close(came);
        }
    }
}

static ssize_t receive_some(int socket, uint8_t *at, size_t room, int *fd)
{
    struct iovec part = {at, room};
    union {
        char space[CMSG_SPACE(FILES_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof control.space};
    ssize_t got = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got >= 0)
        keep_files(&message, fd);
    return got;
}

static enum fault receive_all(int socket, uint8_t *at, size_t len, int64_t until_us, int *fd)
{
    while (len > 0) {
        ssize_t got = receive_some(socket, at, len, fd);
        if (got > 0) {
            at += got;
            len -= (size_t)got;
            continue;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || !wait_ready(socket, POLLIN, until_us))
            return FAULT_CANCELLED;
    }
    return FAULT_NONE;
}

/* The rest of a frame whose head has come, in pieces, so that a length alone takes no memory. */
static enum fault receive_content(int socket, size_t len, struct buffer *content, int *fd)
{
    uint8_t piece[4096];
    int64_t until_us = seconds_from_now(FRAME_SECONDS_MAX);
    enum fault fault = FAULT_NONE;
    while (len > 0) {
        size_t part = len < sizeof piece ? len : sizeof piece;
        TRY(receive_all(socket, piece, part, until_us, fd));
        buffer_put_bytes(content, (struct bytes){piece, part});
        TRY(buffer_fault(content));
        len -= part;
    }
done:
    explicit_bzero(piece, sizeof piece);
    return fault;
}

enum fault wire_receive(int socket, int seconds_max, struct buffer *content, struct frame *ret_frame)
{
    uint8_t head[HEAD_BYTES];
    int fd = -1;
    enum fault fault;
    buffer_clear(content);
    TRY(receive_all(socket, head, 1, seconds_from_now(seconds_max), &fd));
    TRY(receive_all(socket, head + 1, HEAD_BYTES - 1, seconds_from_now(FRAME_SECONDS_MAX), &fd));
    struct reader reader = reader_of((struct bytes){head, sizeof head});
    uint32_t len = reader_take_u32(&reader);
    uint8_t type = reader_take_u8(&reader);
    if (len > FRAME_BYTES_MAX || type < FRAME_WORK || type > FRAME_RESULT) {
        fault = FAULT_MALFORMED;
        goto done;
    }
    TRY(receive_content(socket, len, content, &fd));
    *ret_frame = (struct frame){(enum frame_type)type, buffer_bytes(content), fd};
    return FAULT_NONE;
done:
    if (fd >= 0)
        (void)close(fd);
    return fault;
}

void wire_put_work(struct buffer *buffer, const struct work *work)
{
    buffer_put_u8(buffer, WIRE_VERSION);
    buffer_put_u8(buffer, (uint8_t)work->kind);
    buffer_put_u8(buffer, WORK_FIELDS_END);
    for (size_t i = 0; i < WORK_FIELDS_END; i++)
        buffer_put_field(buffer, bytes_of(work->field[i]));
}

static bool take_texts(struct reader *reader, struct str *texts, size_t count, size_t bytes_max)
{
    for (size_t i = 0; i < count; i++) {
        texts[i] = str_of_bytes(reader_take_field(reader));
        if (texts[i].len > bytes_max || (texts[i].len > 0 && !str_is_utf8(texts[i])))
            return false;
    }
    return reader->ok && reader->rest.len == 0;
}

enum fault wire_take_work(struct bytes bytes, struct work *ret_work)
{
    struct reader reader = reader_of(bytes);
    struct work work = {.fd = -1};
    uint8_t version = reader_take_u8(&reader);
    if (!reader.ok)
        return FAULT_MALFORMED;
    if (version != WIRE_VERSION)
        return fault_note(FAULT_SCHEMA,
                          "the server is of another version than this command: use the same program");
    uint8_t kind = reader_take_u8(&reader);
    if (kind < WORK_FEED_LOAD || kind >= WORKS_END || reader_take_u8(&reader) != WORK_FIELDS_END ||
        !take_texts(&reader, work.field, WORK_FIELDS_END, FIELD_BYTES_MAX))
        return FAULT_MALFORMED;
    work.kind = (enum work_kind)kind;
    *ret_work = work;
    return FAULT_NONE;
}

void wire_put_result(struct buffer *buffer, const struct work_result *result)
{
    const struct batch_counts *counts = &result->counts;
    const int64_t numbers[] = {result->sequence,  result->rows,    counts->created,     counts->updated,
                               counts->unchanged, counts->waiting, counts->quarantined, counts->ended};
    buffer_put_u8(buffer, WIRE_VERSION);
    buffer_put_field(buffer, bytes_of(str_of(fault_name(result->fault))));
    buffer_put_u8(buffer, (uint8_t)result->source);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        buffer_put_u64(buffer, (uint64_t)numbers[i]);
    for (size_t i = 0; i < WORK_TEXTS_END; i++)
        buffer_put_field(buffer, bytes_of(result->text[i]));
}

static bool fault_of_name(struct str name, enum fault *ret_fault)
{
    static const enum fault faults[] = {
        FAULT_NONE,
#define FAULT(name, status, text) FAULT_##name,
#include "base/faults.def"
#undef FAULT
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (str_equal(name, str_of(fault_name(faults[i])))) {
            *ret_fault = faults[i];
            return true;
        }
    return false;
}

enum fault wire_take_result(struct bytes bytes, struct work_result *ret_result)
{
    struct reader reader = reader_of(bytes);
    struct work_result result = {0};
    int64_t numbers[8];
    uint8_t version = reader_take_u8(&reader);
    if (version != WIRE_VERSION)
        return fault_note(FAULT_SCHEMA,
                          "the server is of another version than this command: use the same program");
    if (!fault_of_name(str_of_bytes(reader_take_field(&reader)), &result.fault))
        return FAULT_MALFORMED;
    uint8_t source = reader_take_u8(&reader);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        numbers[i] = (int64_t)reader_take_u64(&reader);
    if (source >= SOURCES_END || !take_texts(&reader, result.text, WORK_TEXTS_END, FIELD_BYTES_MAX))
        return FAULT_MALFORMED;
    result.source = (enum source)source;
    result.sequence = numbers[0];
    result.rows = numbers[1];
    result.counts =
        (struct batch_counts){numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7]};
    *ret_result = result;
    return FAULT_NONE;
}
