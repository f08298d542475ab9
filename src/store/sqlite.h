/* Inside the SQLite driver: connections, the writer's queue, the pool of readers.  Only src/store and its
 * tests include this. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>

#include "store/driver.h"

enum {
    DB_PATH_BYTES_MAX = 4096,
    DB_READERS_MAX = 256,
    DB_QUEUE_MAX = 4096,              /* waiting jobs of both urgencies */
    DB_GROUP_JOBS_MAX = 64,           /* of one commit */
    DB_GROUP_US_MAX = 5000,           /* after which no further job joins a group */
    DB_GROUPS_BEFORE_BACKGROUND = 16, /* so that feeds go on, slowly, when people never pause */
    DB_PAGE_BYTES = 8192,
    DB_WAL_PAGES_IDLE = 128,  /* copied back when nobody waits */
    DB_WAL_PAGES_BUSY = 512,  /* copied back although somebody waits */
    DB_WAL_PAGES_BULK = 4000, /* copied back while feeds load and no person has written for DB_ALONE_US */
    DB_ALONE_US = 1000000,
    DB_WAL_PAGES_MAX =
        16000, /* 125 MiB: readers are asked to pause, so that the file starts again from its head */
    DB_PAUSE_MS_MAX = 50,
    DB_EXIT_STORAGE = 70, /* EX_SOFTWARE: the state of the file is unknown */
};

/* Rows of one statement under way; `fault` is what ended them. */
struct sqlite_rows {
    struct db_rows base;
    struct sqlite_tx *tx;
    sqlite3_stmt *prepared;
    enum statement statement;
    bool open;
    bool first; /* the first row has been stepped to and not yet given */
    bool ended;
    enum fault fault;
};

/* One connection and its prepared statements; used by one thread at a time. */
struct connection {
    sqlite3 *sqlite;
    bool writes;
    sqlite3_stmt *prepared[STATEMENTS_END];
    struct sqlite_rows rows[STATEMENTS_END];
    sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *undo;
    int wal_pages; /* as of the last commit; writer only */
};

struct sqlite_tx {
    struct db_tx base;
    struct connection *connection;
    int rows_open;
};

/* One caller of db_write, on its own stack until `done` is posted. */
struct ticket {
    db_job job;
    void *context;
    enum fault fault;
    const char *note;
    struct ticket *next;
    sem_t done;
};

struct queue {
    struct ticket *first;
    struct ticket *last;
};

/* Shared by all threads under `lock`. */
struct writer {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct queue foreground;
    struct queue background;
    int waiting;
    int waiting_max;
    bool closing;
    struct db_counts counts;
    pthread_t thread;
    bool started;
    /* The writer thread's own. */
    struct connection connection;
    uint64_t numbers[DB_SERIES_END]; /* the last of each series that is durable */
    int groups_since_background;
    int64_t foreground_us; /* when somebody last waited */
    int wal_pages_max;     /* DB_WAL_PAGES_MAX; less in tests */
    int wal_pages_tried;   /* how long the log was when readers were last asked to pause */
};

/* Shared under `lock`. */
struct readers {
    pthread_mutex_t lock;
    pthread_cond_t free;
    struct connection *connections;
    bool *taken;
    int count;
    int taken_count;
    bool paused;
};

struct sqlite_db {
    struct db base;
    int lock_file;
    struct writer writer;
    struct readers readers;
};

/* connection.c.  A fault leaves *connection closed. */
MUST_USE enum fault connection_open(const char *path, bool writes, struct connection *connection);
void connection_close(struct connection *connection);

/* What an SQLite result code means to the caller; annotates it. */
enum fault connection_fault(int code);

/* Steps one of the connection's own statements (BEGIN and the like) to its end. */
int connection_step(sqlite3_stmt *prepared);

/* lock.c.  Takes `path`.lock for as long as the descriptor is open. */
MUST_USE enum fault lock_take(const char *path, int *ret_lock_file);

/* migrate.c.  Applies what is missing, each in a transaction of its own. */
MUST_USE enum fault migrate(struct connection *connection);

/* writer.c */
MUST_USE enum fault writer_start(struct sqlite_db *db);
void writer_stop(struct sqlite_db *db);

enum fault sqlite_write(struct db *db, enum db_urgency urgency, db_job job, void *context);
struct db_counts sqlite_counts(struct db *db);

/* statement.c; db_sqlite.c makes them the driver. */
enum fault sqlite_run(struct db_tx *tx, enum statement statement, const struct value *in,
                      int64_t *ret_changes);
enum fault sqlite_run_many(struct db_tx *tx, enum statement statement, const struct value *in, size_t count);
enum fault sqlite_one(struct db_tx *tx, enum statement statement, const struct value *in, struct arena *arena,
                      struct value *out);
enum fault sqlite_query(struct db_tx *tx, enum statement statement, const struct value *in,
                        struct db_rows **ret_rows);
bool sqlite_next(struct db_rows *rows, struct value *out);
enum fault sqlite_rows_close(struct db_rows *rows);

extern const struct db_driver sqlite_driver;

/* A transaction of this connection, as jobs see it. */
struct sqlite_tx sqlite_tx_of(struct connection *connection, int lane);

/* reader.c */
enum fault sqlite_read(struct db *db, db_job job, void *context);
MUST_USE enum fault readers_open(struct readers *readers, const char *path, int count);
void readers_close(struct readers *readers);

/* Lets no new reader begin and waits, at most DB_PAUSE_MS_MAX, until none is at work; always end with
 * readers_resume. */
bool readers_pause(struct readers *readers);
void readers_resume(struct readers *readers);

#endif
