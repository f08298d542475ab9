/* A client that sends bytes as they are: what no proper HTTP client can be made to send. */
#ifndef TESTS_WEB_RAW_H
#define TESTS_WEB_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RAW_BYTES_MAX = 2 * 1024 * 1024 };

/* What came back for one request. */
struct raw_answer {
    int status;  /* 0: the connection ended without an answer */
    bool closed; /* the server ended the connection after it */
    size_t len;
    char text[RAW_BYTES_MAX]; /* status line, headers and body; NUL behind */
    const char *body;
};

/* A connected socket to 127.0.0.1. */
int raw_connect(uint16_t port);
int raw_connect_local(const char *path);

/* All bytes, in pieces of piece_bytes (0: at once). A reset by the server is no failure. */
void raw_send(int fd, const char *bytes, size_t len, size_t piece_bytes);

/* One answer, by its Content-Length.  `closed` tells whether the server then ends the connection within half
 * a second; without_body for answers to HEAD. */
void raw_receive(int fd, bool without_body, struct raw_answer *ret_answer);

/* Connects, sends, receives, closes. */
void raw_ask(uint16_t port, const char *bytes, size_t len, size_t piece_bytes, struct raw_answer *ret_answer);

/* The value of the header field of that name, into ret_value; false where it is absent.  `nth` counts from 0.
 */
bool raw_header(const struct raw_answer *answer, const char *name, int nth, char *ret_value, size_t size);

#endif
