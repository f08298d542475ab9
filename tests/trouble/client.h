/* One browser with one connection, which never waits for ever: what a request came to is always one of four
 * outcomes. */
#ifndef TESTS_TROUBLE_CLIENT_H
#define TESTS_TROUBLE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum outcome {
    OUTCOME_ANSWERED = 1,
    OUTCOME_UNREACHED, /* nobody listens */
    OUTCOME_CUT,       /* the connection ended before the whole answer */
    OUTCOME_HUNG,      /* no whole answer within the client's patience */
};

struct reply {
    enum outcome outcome;
    int status;
    int retry_after_s; /* -1: none */
    char location[128];
    const char *body; /* with a NUL behind it; borrowed until the client's next request.  Where there is no
                       * whole answer: what came of it, head and all */
    size_t body_len;
    int64_t took_us;
};

struct client;

/* For 127.0.0.1:port; connects when it has something to ask. */
struct client *client_open(uint16_t port, int64_t patience_us);
void client_close(struct client *client);

/* Another connection with the same cookies. */
struct client *client_share(const struct client *from);

/* The server may have come back on another port. */
void client_move(struct client *client, uint16_t port);

/* Follows no redirection.  The cookies of answers are kept and sent. */
struct reply client_get(struct client *client, const char *path);
struct reply client_post(struct client *client, const char *path, const char *body);

/* The value of the first form token in a page, as long as it is; "" where there is none. */
enum { FORM_TOKEN_BYTES = 65 };
void reply_form_token(const struct reply *reply, char ret_token[FORM_TOKEN_BYTES]);

/* True for a whole page of ContactPoint, or the redirection to one. */
bool reply_is_ours(const struct reply *reply);

#endif
