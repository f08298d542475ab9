/* An instance with invented people, and `contactpoint serve` as a process that can be troubled. */
#ifndef TESTS_TROUBLE_SITE_H
#define TESTS_TROUBLE_SITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* after the four that it needs */
#include <cmocka.h>

#include "client.h"

enum {
    SITE_USERS = 3,
    SITE_CHILDREN_MAX = 400,
    SITE_FEEDS_MAX = 8,
    SITE_SERVERS = 2,
    SITE_PATH_BYTES = 128,
    SITE_SAID_BYTES = 16 * 1024,
};

/* How somebody of the demonstration signs in. */
struct user {
    char user_name[32];
    char password[32];
    char pin[16];
};

/* Of the health feed, and found by name and date alone. */
struct sought {
    char family[48];
    char given[48];
    int year, month, day;
};

/* One server of the instance: its own state folder, one process at a time. */
struct server {
    char state[SITE_PATH_BYTES];
    pid_t process; /* 0: none */
    uint16_t port;
    int number;
};

struct site {
    const char *program;
    char folder[64];
    char database[1024]; /* a connection, or "" where it is the file in the state folder */
    char db_path[2 * SITE_PATH_BYTES];
    struct user users[SITE_USERS];
    struct sought sought[SITE_CHILDREN_MAX];
    int sought_count;
    struct server servers[SITE_SERVERS];
    const char *preload; /* a library that servers are started with; NULL: none */
};

/* What a command said and how it ended. */
struct said {
    int status; /* of exit; -1: a signal */
    char out[SITE_SAID_BYTES];
    char err[SITE_SAID_BYTES];
};

struct site_order {
    const char *program;
    int children;
    int patience_s; /* 0: as the service has it */
    int lease_s;
};

/* Makes the instance on the engine of this run of the test and loads the first health feed.  The second
 * server's folder has a copy of the keys. */
void site_open(struct site *ret_site, const struct site_order *order);

/* Kills what still runs and removes everything. */
void site_close(struct site *site);

/* A command with arguments cut at blanks, for the first server's state folder unless it names one; borrowed
 * until the next. */
const struct said *site_run(const struct site *site, const char *command);

/* The same in two parts, so that things can happen meanwhile. */
struct running {
    pid_t process;
    int out;
    int err;
};
struct running site_run_begin(const struct site *site, const char *command);
const struct said *site_run_end(const struct running *running);

/* Starts a server and waits until it listens, always on the port that it found first.  False where it ended
 * before that. */
bool server_start(struct site *site, int number);

/* SIGTERM, or kill -9: the exit status, or minus the signal. */
int server_stop(struct server *server);
int server_kill(struct server *server);

/* True while the process lives; else *ret_status is as from server_stop. */
bool server_lives(struct server *server, int *ret_status);

/* Resident memory, in KiB. */
int64_t server_memory_kib(const struct server *server);

/* What it has logged, borrowed until the next call; its last `most` bytes. */
const char *server_log(const struct server *server);

/* Signs in; waits for the next code where this one was used.  False where it does not succeed within a
 * minute. */
bool site_sign_in(const struct site *site, int server, int person, struct client *client);

/* A feed of the health service with its next sequence: so many children who were never heard of, with one
 * involvement each.  Gives the path, borrowed until the next call. */
const char *site_feed(struct site *site, int sequence, int children);

/* Opens the instance once more, while nobody else has it: every entry of the log is there and whole, no batch
 * is left in the middle, and an index that is made anew holds every child. */
void site_check(const struct site *site);

/* One number, past the program. */
int64_t site_count(const struct site *site, const char *sql);

#endif
