/* The pool of connections that only read. */
#include "store/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum fault readers_open(struct readers *readers, const char *path, int count)
{
    must(count >= 1 && count <= DB_READERS_MAX);
    enum fault fault = FAULT_NONE;
    readers->connections = calloc((size_t)count, sizeof readers->connections[0]);
    readers->taken = calloc((size_t)count, sizeof readers->taken[0]);
    if (readers->connections == NULL || readers->taken == NULL)
        fault = FAULT_MEMORY;
    while (fault == FAULT_NONE && readers->count < count) {
        fault = connection_open(path, false, &readers->connections[readers->count]);
        if (fault == FAULT_NONE)
            readers->count++;
    }
    return fault;
}

void readers_close(struct readers *readers)
{
    must(readers->taken_count == 0);
    for (int i = 0; i < readers->count; i++)
        connection_close(&readers->connections[i]);
    free(readers->connections);
    free(readers->taken);
    readers->connections = NULL;
    readers->taken = NULL;
    readers->count = 0;
}

static struct connection *take(struct readers *readers)
{
    pthread_mutex_lock(&readers->lock);
    while (readers->paused || readers->taken_count == readers->count)
        pthread_cond_wait(&readers->free, &readers->lock);
    int i = 0;
    while (readers->taken[i])
        i++;
    readers->taken[i] = true;
    readers->taken_count++;
    pthread_mutex_unlock(&readers->lock);
    return &readers->connections[i];
}

static void give_back(struct readers *readers, const struct connection *connection)
{
    pthread_mutex_lock(&readers->lock);
    readers->taken[connection - readers->connections] = false;
    readers->taken_count--;
    bool paused = readers->paused;
    pthread_mutex_unlock(&readers->lock);
    /* The one who pauses waits on the same condition. */
    if (paused)
        pthread_cond_broadcast(&readers->free);
    else
        pthread_cond_signal(&readers->free);
}

bool readers_pause(struct readers *readers)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += DB_PAUSE_MS_MAX * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&readers->lock);
    readers->paused = true;
    int waited = 0;
    while (readers->taken_count > 0 && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&readers->free, &readers->lock, &until);
    bool idle = readers->taken_count == 0;
    pthread_mutex_unlock(&readers->lock);
    return idle;
}

void readers_resume(struct readers *readers)
{
    pthread_mutex_lock(&readers->lock);
    readers->paused = false;
    pthread_mutex_unlock(&readers->lock);
    pthread_cond_broadcast(&readers->free);
}

enum fault sqlite_read(struct db *base, db_job job, void *context)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    struct connection *connection = take(&db->readers);
    struct sqlite_tx tx = sqlite_tx_of(connection, -1);
    enum fault fault = connection_fault(connection_step(connection->begin));
    if (fault == FAULT_NONE) {
        fault = job(&tx.base, context);
        must(tx.rows_open == 0);
        connection_step(connection->rollback);
    }
    give_back(&db->readers, connection);
    return fault;
}
