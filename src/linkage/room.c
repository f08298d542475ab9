#include "linkage/room.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fault.h"

/* Spans of whole large pages, by address; those that are free and touch are one. */
enum { SPANS_MAX = 512, LARGE_BYTES = 1 << 20 };
static const size_t PAGE_BYTES = (size_t)2 << 20;

struct span {
    char *at;
    size_t bytes;
    bool used;
};

/* Shared by all threads, under the lock. */
static struct {
    pthread_mutex_t lock;
    struct span spans[SPANS_MAX];
    size_t count;
    size_t used;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Under a tool that watches memory nothing is kept: it would see no mistake. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool KEEPS = false;
#else
static const bool KEEPS = true;
#endif

static void put_span(size_t place, struct span span)
{
    memmove(&kept.spans[place + 1], &kept.spans[place], (kept.count - place) * sizeof span);
    kept.spans[place] = span;
    kept.count++;
}

static void drop_span(size_t place)
{
    kept.count--;
    memmove(&kept.spans[place], &kept.spans[place + 1], (kept.count - place) * sizeof kept.spans[0]);
}

/* The number of the first span that does not lie before `at`. */
static size_t place_of(const char *at)
{
    size_t place = 0;
    while (place < kept.count && kept.spans[place].at < at)
        place++;
    return place;
}

/* The smallest free span that is large enough, or kept.count. */
static size_t find_free(size_t bytes)
{
    size_t best = kept.count;
    for (size_t i = 0; i < kept.count; i++) {
        const struct span *span = &kept.spans[i];
        if (!span->used && span->bytes >= bytes &&
            (best == kept.count || span->bytes < kept.spans[best].bytes))
            best = i;
    }
    return best;
}

static char *map(char *at, size_t bytes)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (at == NULL ? 0 : MAP_FIXED);
    char *mapped = mmap(at, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    return mapped == MAP_FAILED ? NULL : mapped;
}

/* Fresh memory at a multiple of a large page; what lies around it goes back. */
static char *fetch(size_t bytes)
{
    char *at = map(NULL, bytes + PAGE_BYTES);
    if (at == NULL)
        return NULL;
    size_t before = (PAGE_BYTES - (uintptr_t)at % PAGE_BYTES) % PAGE_BYTES;
    if (before > 0)
        (void)munmap(at, before);
    if (before < PAGE_BYTES)
        (void)munmap(at + before + bytes, PAGE_BYTES - before);
    (void)madvise(at + before, bytes, MADV_HUGEPAGE); /* good, not needed */
    return at + before;
}

/* Moves the pages of free spans to the beginning of a fresh one, which needs fewer new ones then.  False
 * where it has a hole in the end. */
static bool move_pages(char *to, size_t bytes)
{
    for (size_t i = 0; i < kept.count && bytes > 0;) {
        struct span *span = &kept.spans[i];
        size_t some = span->bytes < bytes ? span->bytes : bytes;
        if (span->used) {
            i++;
            continue;
        }
        if (mremap(span->at, some, some, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
            return map(to, some) != NULL; /* what was there may be gone */
        to += some;
        bytes -= some;
        span->at += some;
        span->bytes -= some;
        if (span->bytes == 0)
            drop_span(i);
    }
    return true;
}

/* A span of so many bytes, no single free one being large enough; NULL: no memory. */
static char *gather_span(size_t bytes)
{
    char *at = fetch(bytes);
    if (at != NULL && !move_pages(at, bytes)) {
        (void)munmap(at, bytes);
        at = NULL;
    }
    if (at != NULL)
        put_span(place_of(at), (struct span){at, bytes, true});
    return at;
}

static void *take_span(size_t bytes)
{
    char *at = NULL;
    (void)pthread_mutex_lock(&kept.lock);
    size_t place = find_free(bytes);
    if (place < kept.count && (kept.spans[place].bytes == bytes || kept.count < SPANS_MAX)) {
        struct span *span = &kept.spans[place];
        struct span rest = {span->at + bytes, span->bytes - bytes, false};
        at = span->at;
        span->used = true;
        span->bytes = bytes;
        if (rest.bytes > 0)
            put_span(place + 1, rest);
    } else if (kept.count < SPANS_MAX) {
        at = gather_span(bytes);
    }
    kept.used += at != NULL;
    (void)pthread_mutex_unlock(&kept.lock);
    return at;
}

void *room_take(size_t count, size_t size_bytes)
{
    if (count > SIZE_MAX / 4 / size_bytes)
        return NULL;
    size_t bytes = count * size_bytes;
    void *room = NULL;
    if (KEEPS && bytes >= LARGE_BYTES)
        room = take_span((bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
    return room != NULL ? room : malloc(bytes + 1);
}

void *room_lasting(size_t count, size_t size_bytes)
{
    if (count > SIZE_MAX / 4 / size_bytes)
        return NULL;
    size_t bytes = count * size_bytes;
    if (bytes < LARGE_BYTES)
        return malloc(bytes + 1);
    bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    void *room = aligned_alloc(PAGE_BYTES, bytes);
    if (room != NULL)
        (void)madvise(room, bytes, MADV_HUGEPAGE);
    return room;
}

static void unite_spans(size_t place)
{
    struct span *span = &kept.spans[place];
    if (place + 1 < kept.count && !span[1].used && span->at + span->bytes == span[1].at) {
        span->bytes += span[1].bytes;
        drop_span(place + 1);
    }
    if (place > 0 && !span[-1].used && span[-1].at + span[-1].bytes == span->at) {
        span[-1].bytes += span->bytes;
        drop_span(place);
    }
}

/* False: it is no span's. */
static bool give_span(void *room)
{
    (void)pthread_mutex_lock(&kept.lock);
    size_t place = place_of(room);
    bool found = place < kept.count && kept.spans[place].at == room;
    if (found) {
        must(kept.spans[place].used);
        kept.spans[place].used = false;
        unite_spans(place);
        kept.used--;
    }
    for (size_t i = 0; found && kept.used == 0 && i < kept.count; i++)
        (void)munmap(kept.spans[i].at, kept.spans[i].bytes);
    if (found && kept.used == 0)
        kept.count = 0;
    (void)pthread_mutex_unlock(&kept.lock);
    return found;
}

void room_give(void *room)
{
    if (room != NULL && ((uintptr_t)room % PAGE_BYTES != 0 || !give_span(room)))
        free(room);
}

void *room_larger(void *room, size_t used_bytes, size_t count, size_t size_bytes)
{
    void *larger = room_take(count, size_bytes);
    if (larger != NULL && used_bytes > 0)
        memcpy(larger, room, used_bytes);
    if (larger != NULL)
        room_give(room);
    return larger;
}
