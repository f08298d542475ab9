/* What passes over the control socket: frames of bounded length, each with a type, the first of a connection
 * with at most one open file.  Every wait has an end. */
#ifndef CLI_WIRE_H
#define CLI_WIRE_H

#include "cli/work.h"

enum { WIRE_VERSION = 2, FRAME_BYTES_MAX = 64 * 1024, FRAME_SECONDS_MAX = 5, ANSWER_SECONDS_MAX = 3600 };

enum frame_type { FRAME_WORK = 1, FRAME_PROGRESS = 2, FRAME_PROBLEM = 3, FRAME_RESULT = 4 };

struct frame {
    enum frame_type type;
    struct bytes content; /* in the receiver's buffer */
    int fd;               /* that came with it, -1: none; the receiver's to close */
};

/* Sends one frame, with a file where fd >= 0.  FAULT_CANCELLED where the peer is gone or takes nothing for
 * FRAME_SECONDS_MAX. */
MUST_USE enum fault wire_send(int socket, enum frame_type type, struct bytes content, int fd);

/* Receives one frame: waits seconds_max for its first byte and FRAME_SECONDS_MAX for the rest.
 * FAULT_CANCELLED: the peer is gone or silent; FAULT_MALFORMED: rubbish; FAULT_MEMORY. */
MUST_USE enum fault wire_receive(int socket, int seconds_max, struct buffer *content,
                                 struct frame *ret_frame);

/* Work and results as frames and back.  What is taken is borrowed from the bytes.  FAULT_MALFORMED;
 * FAULT_SCHEMA where the other side is of another version. */
void wire_put_work(struct buffer *buffer, const struct work *work);
MUST_USE enum fault wire_take_work(struct bytes bytes, struct work *ret_work);
void wire_put_result(struct buffer *buffer, const struct work_result *result);
MUST_USE enum fault wire_take_result(struct bytes bytes, struct work_result *ret_result);

#endif
