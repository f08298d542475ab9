/* Opening and closing an SQLite database: the file, its lock, its schema, the writer and the readers. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"

static void initialise(void)
{
    /* Each connection has one thread at a time, and nobody asks SQLite what memory it uses. */
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

static enum fault open_fault(int error)
{
    switch (error) {
    case ENOENT:
        return fault_note(FAULT_ABSENT, "there is no database at this path: check it, or make one with init");
    case ENOSPC:
    case EDQUOT:
        return fault_note(FAULT_STORAGE, "the disk of the database is full: make room on it");
    case EACCES:
    case EPERM:
    case EROFS:
        return fault_note(
            FAULT_STORAGE,
            "the database or its folder may not be written: let the service's user write there");
    case EISDIR:
        return fault_note(FAULT_STORAGE, "the path is a folder: give the path of a file");
    case ENOTDIR:
        return fault_note(FAULT_STORAGE, "the path leads through a file: check it");
    case ENAMETOOLONG:
        return fault_note(FAULT_STORAGE, "the path is too long");
    default:
        return fault_note(FAULT_STORAGE,
                          "the database file cannot be opened: check the path and who owns it");
    }
}

/* The file is made here rather than by SQLite, so that nobody else may ever read it; -wal and -shm inherit
 * that. */
static enum fault prepare_file(const char *path, bool create)
{
    if (strlen(path) >= DB_PATH_BYTES_MAX)
        return open_fault(ENAMETOOLONG);
    int file = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
    if (file < 0 && errno == ENOENT && create)
        return fault_note(FAULT_STORAGE, "the folder of the database does not exist: make it");
    if (file < 0)
        return open_fault(errno);
    struct stat status;
    bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    close(file);
    if (!regular)
        return fault_note(FAULT_STORAGE, "the path is not a file: check it");
    if (status.st_size == 0 && !create)
        return fault_note(FAULT_ABSENT, "the file at this path is empty: make a database with init");
    return FAULT_NONE;
}

static enum fault open_parts(struct sqlite_db *db, const char *path, bool create, int readers)
{
    char *real_path = NULL;
    enum fault fault;
    TRY(prepare_file(path, create));
    real_path = realpath(path, NULL); /* one lock, by whichever link it is reached */
    if (real_path == NULL)
        TRY(open_fault(errno));
    TRY(lock_take(real_path, &db->lock_file));
    TRY(connection_open(real_path, true, &db->writer.connection));
    TRY(migrate(&db->writer.connection));
    TRY(readers_open(&db->readers, real_path, readers));
    TRY(writer_start(db));
done:
    free(real_path);
    return fault;
}

static void sqlite_close(struct db *base)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    writer_stop(db);
    /* The writer's connection is the last to close: it alone copies the log back and removes it. */
    readers_close(&db->readers);
    connection_close(&db->writer.connection);
    if (db->lock_file >= 0)
        close(db->lock_file);
    pthread_cond_destroy(&db->readers.free);
    pthread_mutex_destroy(&db->readers.lock);
    pthread_cond_destroy(&db->writer.work);
    pthread_mutex_destroy(&db->writer.lock);
    free(db);
}

const struct db_driver sqlite_driver = {
    .close = sqlite_close,
    .read = sqlite_read,
    .write = sqlite_write,
    .run = sqlite_run,
    .run_many = sqlite_run_many,
    .one = sqlite_one,
    .query = sqlite_query,
    .next = sqlite_next,
    .rows_close = sqlite_rows_close,
    .counts = sqlite_counts,
};

enum fault sqlite_open(const char *path, const struct db_settings *settings, struct db **ret_db)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialise);
    struct sqlite_db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return FAULT_MEMORY;
    db->base.driver = &sqlite_driver;
    db->base.server = id_new(entropy_system());
    db->base.lane_count = 1;
    db->base.lanes[0] = id_new(entropy_system());
    db->lock_file = -1;
    db->writer.waiting_max = DB_QUEUE_MAX;
    db->writer.wal_pages_max = DB_WAL_PAGES_MAX;
    pthread_mutex_init(&db->writer.lock, NULL);
    pthread_cond_init(&db->writer.work, NULL);
    pthread_mutex_init(&db->readers.lock, NULL);
    pthread_cond_init(&db->readers.free, NULL);
    enum fault fault = open_parts(db, path, settings->create, settings->readers);
    if (fault != FAULT_NONE) {
        sqlite_close(&db->base);
        return fault;
    }
    *ret_db = &db->base;
    return FAULT_NONE;
}
