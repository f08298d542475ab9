#include "service/snapshot_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "service/snapshot_file.h"

enum { THREADS_MAX = 8, SLOTS = 32, BUFFER_BYTES_MAX = 128 * 1024 };

/* A piece on its way.  Whoever took its number works on it without the lock, until it is ready. */
struct slot {
    struct buffer clear;
    uint8_t sealed[BUFFER_BYTES_MAX];
    enum fault fault;
    bool ready;
};

struct ahead {
    struct ahead_order order;
    pthread_mutex_t lock; /* of all that follows but the slots that are being worked on */
    pthread_cond_t room;  /* a slot is free, or the end has come */
    pthread_cond_t news;  /* a slot is ready */
    uint64_t begun;       /* pieces that a thread has taken */
    uint64_t taken;       /* pieces that the caller has asked for */
    bool closing;
    int threads;
    pthread_t thread[THREADS_MAX];
    struct slot slots[SLOTS];
};

static void put_u64(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (56 - 8 * i));
}

struct seal_place piece_place(uint64_t number, uint64_t pieces, uint8_t row[PIECE_ROW_BYTES])
{
    put_u64(row, number);
    put_u64(row + 8, pieces);
    return (struct seal_place){"snapshot", "piece", {row, PIECE_ROW_BYTES}, PIECE_FORMAT};
}

static enum fault read_at(int file, uint8_t *at, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t some = pread(file, at, len, (off_t)offset);
        if (some < 0 && errno == EINTR)
            continue;
        if (some < 0)
            return FAULT_STORAGE;
        if (some == 0)
            return FAULT_CORRUPT;
        at += some;
        len -= (size_t)some;
        offset += (uint64_t)some;
    }
    return FAULT_NONE;
}

static enum fault open_piece(const struct ahead_order *order, uint64_t number, struct slot *slot)
{
    uint8_t row[PIECE_ROW_BYTES];
    const struct seal_place place = piece_place(number, order->pieces, row);
    const uint64_t left = order->bytes - number * SNAPSHOT_PIECE_BYTES;
    const size_t len = left < SNAPSHOT_PIECE_BYTES ? (size_t)left : SNAPSHOT_PIECE_BYTES;
    const size_t sealed = vault_sealed_bytes(len);
    enum fault fault;
    must(sealed <= sizeof slot->sealed);
    TRY(read_at(order->file, slot->sealed, sealed,
                order->from_bytes + number * vault_sealed_bytes(SNAPSHOT_PIECE_BYTES)));
    TRY(vault_unseal(vault_for_linkage(order->vault).purpose, &order->key, &place,
                     (struct bytes){slot->sealed, sealed}, &slot->clear));
    if (slot->clear.len != len)
        fault = FAULT_CORRUPT;
done:
    return fault;
}

/* A slot is free once the caller has asked for the piece behind the one that it held. */
static bool has_room(const struct ahead *ahead)
{
    const uint64_t kept = ahead->taken == 0 ? 0 : ahead->taken - 1;
    return ahead->begun < ahead->order.pieces && ahead->begun < kept + SLOTS;
}

static void *work(void *context)
{
    struct ahead *ahead = context;
    (void)pthread_mutex_lock(&ahead->lock);
    for (;;) {
        while (!ahead->closing && ahead->begun < ahead->order.pieces && !has_room(ahead))
            (void)pthread_cond_wait(&ahead->room, &ahead->lock);
        if (ahead->closing || ahead->begun == ahead->order.pieces)
            break;
        const uint64_t number = ahead->begun++;
        struct slot *slot = &ahead->slots[number % SLOTS];
        slot->ready = false;
        (void)pthread_mutex_unlock(&ahead->lock);
        const enum fault fault = open_piece(&ahead->order, number, slot);
        (void)pthread_mutex_lock(&ahead->lock);
        slot->fault = fault;
        slot->ready = true;
        (void)pthread_cond_signal(&ahead->news);
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

static int threads_wanted(void)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (int)processors;
}

enum fault ahead_open(const struct ahead_order *order, struct ahead **ret_ahead)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    if (ahead == NULL)
        return FAULT_MEMORY;
    ahead->order = *order;
    (void)pthread_mutex_init(&ahead->lock, NULL);
    (void)pthread_cond_init(&ahead->room, NULL);
    (void)pthread_cond_init(&ahead->news, NULL);
    for (int i = 0; i < SLOTS; i++)
        ahead->slots[i].clear = buffer_open(BUFFER_BYTES_MAX);
    for (int i = 0; i < threads_wanted(); i++)
        if (pthread_create(&ahead->thread[ahead->threads], NULL, work, ahead) == 0)
            ahead->threads++;
    if (ahead->threads == 0) {
        ahead_close(ahead);
        return fault_note(FAULT_SYSTEM, "no thread can be started to read match.snapshot");
    }
    *ret_ahead = ahead;
    return FAULT_NONE;
}

void ahead_close(struct ahead *ahead)
{
    if (ahead == NULL)
        return;
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->closing = true;
    (void)pthread_cond_broadcast(&ahead->room);
    (void)pthread_mutex_unlock(&ahead->lock);
    for (int i = 0; i < ahead->threads; i++)
        (void)pthread_join(ahead->thread[i], NULL);
    for (int i = 0; i < SLOTS; i++)
        buffer_close(&ahead->slots[i].clear);
    (void)pthread_cond_destroy(&ahead->room);
    (void)pthread_cond_destroy(&ahead->news);
    (void)pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}

enum fault ahead_next(struct ahead *ahead, struct bytes *ret_clear)
{
    if (ahead->taken == ahead->order.pieces)
        return FAULT_CORRUPT;
    struct slot *slot = &ahead->slots[ahead->taken % SLOTS];
    (void)pthread_mutex_lock(&ahead->lock);
    const uint64_t number = ahead->taken++;
    (void)pthread_cond_broadcast(&ahead->room);
    while (ahead->begun <= number || !slot->ready)
        (void)pthread_cond_wait(&ahead->news, &ahead->lock);
    const enum fault fault = slot->fault;
    (void)pthread_mutex_unlock(&ahead->lock);
    if (fault == FAULT_NONE)
        *ret_clear = buffer_bytes(&slot->clear);
    return fault;
}
