/* LD_PRELOAD: the Nth allocation fails, counted over all threads from the moment at which it is armed
 * (security.md, 8).  Everything else goes on to whoever allocates otherwise, a sanitizer's allocator too. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc_control.h"

enum { EARLY_BYTES = 16 * 1024, EARLY_ALIGN = 16 };

typedef void *(*malloc_function)(size_t);
typedef void *(*calloc_function)(size_t, size_t);
typedef void *(*realloc_function)(void *, size_t);
typedef void *(*reallocarray_function)(void *, size_t, size_t);
typedef int (*memalign_function)(void **, size_t, size_t);
typedef void *(*aligned_function)(size_t, size_t);
typedef void (*free_function)(void *);
typedef int (*getattr_function)(pthread_t, pthread_attr_t *);

static malloc_function next_malloc;
static calloc_function next_calloc;
static realloc_function next_realloc;
static reallocarray_function next_reallocarray;
static memalign_function next_memalign;
static aligned_function next_aligned;
static free_function next_free;
static struct alloc_control *control;
static bool resolving;

/* A sanitizer looks for a new thread's stack, and ends the process where it cannot. */
static getattr_function next_getattr;
static _Thread_local bool spared __attribute__((tls_model("initial-exec")));

/* What dlsym itself may ask for. */
static _Alignas(EARLY_ALIGN) char early[EARLY_BYTES];
static size_t early_used;

static bool is_early(const void *at)
{
    return (const char *)at >= early && (const char *)at < early + EARLY_BYTES;
}

static void *take_early(size_t size)
{
    size_t need = (size + EARLY_ALIGN - 1) / EARLY_ALIGN * EARLY_ALIGN;
    if (need > EARLY_BYTES - early_used)
        return NULL;
    early_used += need;
    return early + early_used - need;
}

/* POSIX has a function's address come out of dlsym as a pointer to data. */
static void resolve_one(const char *name, void *ret_function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(ret_function, &found, sizeof found);
}

/* Not at the first allocation, which may come before there is an environment. */
__attribute__((constructor)) static void map_control(void)
{
    const char *path = getenv(ALLOC_CONTROL_VARIABLE);
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (at != MAP_FAILED)
        control = at;
}

static bool resolve(void)
{
    if (next_free != NULL)
        return true;
    if (resolving)
        return false;
    resolving = true;
    resolve_one("malloc", &next_malloc);
    resolve_one("calloc", &next_calloc);
    resolve_one("realloc", &next_realloc);
    resolve_one("reallocarray", &next_reallocarray);
    resolve_one("posix_memalign", &next_memalign);
    resolve_one("aligned_alloc", &next_aligned);
    resolve_one("pthread_getattr_np", &next_getattr);
    resolve_one("free", &next_free);
    resolving = false;
    return true;
}

/* Where a debugger stops to see who asked. */
void fail_alloc_failed(void);
__attribute__((noinline)) void fail_alloc_failed(void)
{
    errno = ENOMEM;
}

/* True where this one is to fail. */
static bool fails(void)
{
    if (control == NULL || spared || !atomic_load(&control->armed))
        return false;
    uint64_t nth = atomic_fetch_add(&control->count, 1) + 1, at = atomic_load(&control->fail_at);
    if (nth != at && !(nth > at && atomic_load(&control->lasting)))
        return false;
    atomic_fetch_add(&control->failed, 1);
    fail_alloc_failed();
    return true;
}

void *malloc(size_t size)
{
    if (!resolve())
        return take_early(size);
    return fails() ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (!resolve())
        return take_early(count * size);
    return fails() ? NULL : next_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    if (!resolve() || is_early(at))
        return NULL;
    return fails() ? NULL : next_realloc(at, size);
}

void *reallocarray(void *at, size_t count, size_t size)
{
    if (!resolve() || is_early(at))
        return NULL;
    return fails() ? NULL : next_reallocarray(at, count, size);
}

int posix_memalign(void **ret_at, size_t alignment, size_t size)
{
    if (!resolve())
        return ENOMEM;
    return fails() ? ENOMEM : next_memalign(ret_at, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (!resolve())
        return NULL;
    return fails() ? NULL : next_aligned(alignment, size);
}

void free(void *at)
{
    if (at != NULL && !is_early(at) && resolve())
        next_free(at);
}

int pthread_getattr_np(pthread_t thread, pthread_attr_t *ret_attributes)
{
    if (!resolve())
        return ENOMEM;
    spared = true;
    int status = next_getattr(thread, ret_attributes);
    spared = false;
    return status;
}
