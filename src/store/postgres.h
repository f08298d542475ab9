/* Inside the PostgreSQL driver: connections, their pipelines and lanes, the pool.  Only src/store and its
 * tests include this.
 *
 * A connection belongs to one caller at a time, who runs his job in his own thread.  What a job asks is put
 * into libpq's pipeline and not waited for; results are taken, in order, when a job needs one, and at COMMIT.
 * Nothing waits for the server but postgres_wait, which has an end. */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include <libpq-fe.h>
#include <pthread.h>

#include "base/buffer.h"
#include "store/driver.h"
#include "store/statement.h"

enum {
    POSTGRES_VERSION_LEAST = 150000,
    POSTGRES_WAITERS_MAX = 4096,            /* callers that wait for a connection */
    POSTGRES_BACKGROUND_MAX = 2,            /* connections that feeds have at a time */
    POSTGRES_GRANTS_BEFORE_BACKGROUND = 16, /* so that feeds go on, slowly, when people never pause */
    POSTGRES_RETRY_US = 100000,             /* between attempts to reach a database that is down */
    POSTGRES_AWAITED_MAX = 256,             /* results of one pipeline that nobody has taken yet */
    POSTGRES_COLUMNS_MAX = 64,
    POSTGRES_OPTIONS_MAX = 64,
    POSTGRES_HOSTS_MAX = 16,
    POSTGRES_DRAIN_BYTES_MAX = 256 << 20, /* rows kept while another statement runs */
};

/* The connection's own statements. */
enum own { OWN_BEGIN_WRITE, OWN_BEGIN_READ, OWN_BEGIN_PLAIN, OWN_COMMIT, OWN_ROLLBACK, OWN_END };

/* What became of a transaction that failed. */
enum setback {
    SETBACK_NONE = 0,
    SETBACK_FAULT,     /* it would fail again */
    SETBACK_DENIED,    /* likewise, for want of rights */
    SETBACK_RACE,      /* another transaction was in the way: run it again */
    SETBACK_DUPLICATE, /* a unique key: perhaps a race that was lost, so once more */
    SETBACK_LOST,      /* the connection is gone */
    SETBACK_ENDED,     /* likewise, since the job took too long */
};

struct failure {
    enum setback setback;
    enum fault fault;
    const char *note; /* a literal */
};

enum awaited_kind {
    AWAIT_PREPARE = 1,
    AWAIT_RUN,  /* nobody asks how many rows it changed */
    AWAIT_LANE, /* must change one row, or the lane has been ended */
    AWAIT_COMMIT,
    AWAIT_END,    /* COMMIT of a reader, ROLLBACK: nobody waits */
    AWAIT_ANSWER, /* somebody waits: for rows, or how many were changed */
    AWAIT_SYNC,
};

struct awaited {
    enum awaited_kind kind;
    enum statement statement;
};

struct wire;
struct postgres_db;

struct postgres_tx {
    struct db_tx base;
    struct wire *wire;
    int64_t until_us; /* when the caller's patience ends */
    bool reads;       /* on a snapshot that begins with its first statement */
    bool begun;       /* BEGIN has been put into the pipeline */
    bool delivered;   /* the job has seen something of the snapshot */
    int open_rows;
};

enum rows_state {
    ROWS_ENDED = 0,
    ROWS_STREAM, /* one PGresult a row */
    ROWS_COPY,   /* one message of COPY a row */
    ROWS_KEPT,   /* the rest stands in `kept`, as COPY would have sent it */
};

/* Rows of one statement under way; `fault` is what ended them. */
struct postgres_rows {
    struct db_rows base;
    struct postgres_tx *tx;
    enum statement statement;
    enum rows_state state;
    bool open;
    PGresult *given;   /* the row given last, which its reader may still look at */
    PGresult *next;    /* ROWS_STREAM: the row to give */
    char *message;     /* ROWS_COPY: with the row given last */
    struct bytes rest; /* of it, or of `kept`: what has not been given */
    bool header_seen;  /* ROWS_COPY */
    struct buffer kept;
    enum fault fault;
    const char *note;
};

/* One connection.  It is a lane too: what the lane has kept outlives a lost connection. */
struct wire {
    struct postgres_db *db;
    PGconn *pq; /* NULL while there is none */
    int lane;
    bool lost;                                    /* to be closed */
    struct failure failure;                       /* the first of this transaction */
    struct awaited awaited[POSTGRES_AWAITED_MAX]; /* a ring */
    unsigned awaited_first;
    unsigned awaited_count;
    bool unasked;                  /* something stands in the pipeline that no Sync has followed */
    bool prepared[STATEMENTS_END]; /* or that has been put into the pipeline */
    int64_t wait_until_us; /* when a caller's patience ends: for the first wait; 0: the later ones have it
                              whole */
    struct postgres_rows rows[STATEMENTS_END];
    struct postgres_rows *streaming;
    /* The lane. */
    bool settled;     /* nothing of it is under way in a connection that was lost */
    bool unknown;     /* COMMIT was sent, and its answer has not come */
    bool lane_seen;   /* in this transaction: its row is locked */
    bool committed;   /* this transaction */
    uint64_t commits; /* kept */
    uint64_t numbers[DB_SERIES_END];
    uint64_t unknown_numbers[DB_SERIES_END];
};

struct waiter {
    pthread_cond_t granted;
    struct wire *wire;
    enum db_urgency urgency;
    struct waiter *next;
};

struct waiters {
    struct waiter *first;
    struct waiter *last;
};

/* Shared by all threads under `lock`. */
struct pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;          /* connections given back while closing; the turn to connect */
    struct wire *free[DB_LANES_MAX]; /* the last given back is taken first */
    int free_count;
    struct waiters foreground;
    struct waiters background;
    int waiting;
    int waiting_max;
    int background_busy;
    int background_max;
    int grants_since_background;
    bool closing;
    bool connecting;
    int64_t retry_at_us;
    struct db_counts counts;
};

/* Where to connect: what the URI said, and one host after the other. */
struct target {
    const char *keywords[POSTGRES_OPTIONS_MAX];
    char *values[POSTGRES_OPTIONS_MAX];
    size_t count;
    char *hosts[POSTGRES_HOSTS_MAX];
    char *addresses[POSTGRES_HOSTS_MAX];
    char *ports[POSTGRES_HOSTS_MAX];
    size_t host_count;  /* 0: what libpq has by itself */
    int64_t timeout_us; /* of one host; 0: its share of the time there is */
};

struct postgres_db {
    struct db base;
    struct target target;
    int64_t patience_us;
    int64_t lease_us;
    bool entered; /* among the servers */
    struct pool pool;
    struct wire *wires; /* base.lane_count of them */
};

/* postgres_target.c */
MUST_USE enum fault target_parse(const char *uri, int64_t patience_us, struct target *ret_target);
void target_forget(struct target *target);

/* postgres_connect.c.  Tries each host once until one that may be written answers, at the latest at until_us;
 * the fault's note says what to do. */
MUST_USE enum fault target_connect(const struct target *target, int64_t until_us, PGconn **ret_pq);

/* postgres_fault.c */
struct failure failure_of_code(const char *code);
struct failure failure_of_result(const PGresult *result);

/* The type of parameters and columns of a kind, as the server numbers it. */
Oid postgres_type(enum value_kind kind);

/* postgres_wire.c.  What gives a bool gives false where the transaction has failed: `failure` says how.
 *
 * Keeps the first failure of a transaction; postgres_fault gives it with its note. */
void postgres_fail(struct wire *wire, struct failure failure);
bool postgres_lose(struct wire *wire); /* always false */
enum fault postgres_fault(const struct wire *wire);

/* Waits until the socket can be read (or written), for as long as patience lasts, and takes in what it
 * brings. */
bool postgres_wait(struct wire *wire, short events);
bool postgres_flush(struct wire *wire);

/* Puts a statement into the pipeline; where that is full, results are taken first. */
bool postgres_send_own(struct wire *wire, enum own own, enum awaited_kind kind);
bool postgres_send(struct wire *wire, enum statement statement, const struct value *in,
                   enum awaited_kind kind);

/* Asks for the results of all that stands in the pipeline; does not wait for them. */
bool postgres_ask(struct wire *wire);

/* Asks, and takes all results, or those up to the answer, which is the caller's to clear. */
bool postgres_take_all(struct wire *wire);
bool postgres_take_answer(struct wire *wire, PGresult **ret_result);

/* Asks, and takes what comes before the answer, which postgres_next_result then gives row by row; NULL at its
 * end. */
bool postgres_reach_answer(struct wire *wire);
bool postgres_next_result(struct wire *wire, PGresult **ret_result);

/* Without an answer to take any more: its end has been given. */
void postgres_end_answer(struct wire *wire);

bool postgres_prepare(struct wire *wire, enum statement statement);
bool postgres_prepare_own(struct wire *wire);

/* For what was put into the pipeline by hand. */
void postgres_await(struct wire *wire, enum awaited_kind kind, enum statement statement);

/* Ends a transaction that failed or is not wanted; `failure` is kept, and is that of the connection where it
 * got lost. */
void postgres_roll_back(struct wire *wire);

/* postgres_session.c.  wire_open connects, at the latest at until_us; wire_close forgets the connection and
 * keeps the lane. */
MUST_USE enum fault wire_open(struct wire *wire, int64_t until_us);
void wire_close(struct wire *wire);

/* Outside the pipeline, for COPY and migrations.  postgres_run_text gives the last result, or the one that
 * COPY begins with; it takes only texts of the program's own. */
bool postgres_leave_pipeline(struct wire *wire);
bool postgres_enter_pipeline(struct wire *wire);
bool postgres_run_text(struct wire *wire, const char *text, PGresult **ret_result);

/* postgres_value.c.  One row of columns as a statement declares them, borrowed from the result, or from the
 * front of `tuples`, which stand as COPY sends them. */
MUST_USE enum fault row_of_result(const PGresult *result, enum statement statement, struct value *out);
MUST_USE enum fault row_of_tuple(struct bytes *tuples, enum statement statement, struct value *out);

/* The first row of a result in COPY's form, for row_of_tuple. */
void tuple_put(struct buffer *buffer, const PGresult *result);

/* postgres_statement.c.  Before each statement: reads begin, and rows of another statement are moved out of
 * the way. */
MUST_USE enum fault tx_ready(struct postgres_tx *tx);

/* What to answer where a statement failed: a read goes on with a new snapshot where only a page is damaged.
 */
MUST_USE enum fault tx_failed(struct postgres_tx *tx);

/* Whether a read that lost its connection may be asked again: nothing of its snapshot has been seen. */
bool tx_again(struct postgres_tx *tx);

/* postgres_rows.c */
void rows_move_away(struct wire *wire);
enum fault rows_open(struct db_tx *tx, enum statement statement, const struct value *in,
                     struct db_rows **ret_rows);
bool rows_next(struct db_rows *rows, struct value *out);
enum fault rows_close(struct db_rows *rows);

/* postgres_copy.c.  copy_out_begin leaves the pipeline; copy_out_next gives messages until NULL, when it has
 * returned to it. */
bool copy_out_begin(struct wire *wire, enum statement statement, const struct value *in, bool reads);
bool copy_out_next(struct wire *wire, char **ret_message, size_t *ret_len);
bool copy_in(struct wire *wire, enum statement statement, const struct value *in, size_t count);

/* postgres_transaction.c */
struct postgres_tx postgres_tx_of(struct wire *wire, int lane);

/* Runs a job in a transaction of no lane: what the driver writes for itself.  A connection that got lost is
 * closed. */
MUST_USE enum fault run_plain(struct wire *wire, db_job job, void *context);

/* Connected: as it is, or again. */
MUST_USE enum fault postgres_ready(struct wire *wire, int64_t until_us);
enum fault postgres_read(struct db *db, db_job job, void *context);
enum fault postgres_write(struct db *db, enum db_urgency urgency, db_job job, void *context);

/* postgres_pool.c.  FAULT_BUSY where none is free until until_us; FAULT_CANCELLED while closing. */
MUST_USE enum fault pool_take(struct postgres_db *db, enum db_urgency urgency, int64_t until_us,
                              struct wire **ret_wire);
void pool_give_back(struct postgres_db *db, enum db_urgency urgency, struct wire *wire,
                    const struct db_counts *counted);
void pool_open(struct postgres_db *db);

/* Lets nobody in any more, and waits until everybody has left. */
void pool_close(struct postgres_db *db);

/* The turn to connect: one caller at a time, with pauses after failures.  FAULT_BUSY where it does not come.
 */
MUST_USE enum fault pool_connect(struct wire *wire, int64_t until_us);

/* postgres_migrate.c */
MUST_USE enum fault postgres_migrate(struct wire *wire, bool create, int64_t until_us);

/* postgres_check.c.  That statements and tables are as packed, and that their use is granted. */
MUST_USE enum fault postgres_check(struct wire *wire);

/* Also postgres_statement.c; db_postgres.c makes them the driver. */
enum fault tx_run(struct db_tx *tx, enum statement statement, const struct value *in, int64_t *ret_changes);
enum fault tx_run_many(struct db_tx *tx, enum statement statement, const struct value *in, size_t count);
enum fault tx_one(struct db_tx *tx, enum statement statement, const struct value *in, struct arena *arena,
                  struct value *out);

extern const struct db_driver postgres_driver;

#endif
