#include "access/argon.h"

#include <argon2.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* security.md §3: 64 MiB, two passes, one lane. */
static const struct argon_cost production = {.passes = 2, .memory_kib = 64 * 1024};
static const struct argon_cost highest = {.passes = 16, .memory_kib = 1024 * 1024};
static struct argon_cost chosen = {.passes = 2, .memory_kib = 64 * 1024};

enum { THREADS_MAX = 64, FORMAT = 1, MEMORY_KEPT_SECONDS = 10 };

/* One hash to compute; lives on the stack of the thread that waits for it. */
struct task {
    struct bytes secret;
    const uint8_t *salt;
    struct argon_cost cost;
    uint8_t digest[ARGON_DIGEST_BYTES];
    bool failed;
    sem_t done; /* its own, so that nobody else is woken */
    struct task *next;
};

struct argon {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    struct task *first;
    struct task *last;
    size_t waiting;
    uint64_t runs;
    bool ending;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
};

/* What a thread of the pool fills while it hashes.  It stays mapped from one hash to the next: mapping and
 * filling 64 MiB keeps everybody else of this process from mapping anything meanwhile, which those who are
 * signed in would notice. */
struct memory {
    uint8_t *at;
    size_t bytes;
};

/* libargon2's callbacks are told of nothing else that would say whose it is. */
static _Thread_local struct memory kept;

static void forget_memory(void)
{
    if (kept.at != NULL)
        (void)munmap(kept.at, kept.bytes);
    kept = (struct memory){NULL, 0};
}

static int lend_memory(uint8_t **ret_at, size_t bytes)
{
    if (kept.bytes != bytes) {
        forget_memory();
        void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED)
            return ARGON2_MEMORY_ALLOCATION_ERROR;
        (void)madvise(at, bytes, MADV_HUGEPAGE); /* a courtesy too: fewer faults on the way */
        kept = (struct memory){at, bytes};
    }
    *ret_at = kept.at;
    return ARGON2_OK;
}

/* libargon2 has wiped it. */
static void take_memory_back(uint8_t *at, size_t bytes)
{
    must(at == kept.at && bytes == kept.bytes);
}

/* Under the lock.  Where nobody comes for a while the memory is given back. */
static struct task *task_next(struct argon *argon)
{
    while (argon->first == NULL && !argon->ending) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += MEMORY_KEPT_SECONDS;
        if (kept.at == NULL)
            (void)pthread_cond_wait(&argon->work, &argon->lock);
        else if (pthread_cond_timedwait(&argon->work, &argon->lock, &until) == ETIMEDOUT)
            forget_memory();
    }
    struct task *task = argon->first;
    if (task == NULL)
        return NULL;
    argon->first = task->next;
    if (argon->first == NULL)
        argon->last = NULL;
    argon->waiting -= 1;
    return task;
}

static void compute(struct task *task)
{
    argon2_context context = {
        .out = task->digest,
        .outlen = sizeof task->digest,
        .pwd = (uint8_t *)(uintptr_t)task->secret.at, /* only read: no flag asks to clear it */
        .pwdlen = (uint32_t)task->secret.len,
        .salt = (uint8_t *)(uintptr_t)task->salt,
        .saltlen = ARGON_SALT_BYTES,
        .t_cost = task->cost.passes,
        .m_cost = task->cost.memory_kib,
        .lanes = 1,
        .threads = 1,
        .version = ARGON2_VERSION_13,
        .allocate_cbk = lend_memory,
        .free_cbk = take_memory_back,
        .flags = ARGON2_DEFAULT_FLAGS,
    };
    task->failed = argon2id_ctx(&context) != ARGON2_OK;
}

static void *serve(void *context)
{
    struct argon *argon = context;
    /* On Linux a nice value belongs to the thread.  Where it cannot be set, only the courtesy is lost. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
    (void)pthread_mutex_lock(&argon->lock);
    for (struct task *task = task_next(argon); task != NULL; task = task_next(argon)) {
        (void)pthread_mutex_unlock(&argon->lock);
        compute(task);
        (void)pthread_mutex_lock(&argon->lock);
        argon->runs += 1;
        (void)sem_post(&task->done); /* from here on it is its waiter's alone */
    }
    (void)pthread_mutex_unlock(&argon->lock);
    forget_memory();
    return NULL;
}

static size_t processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1)
        return 1;
    return count > THREADS_MAX ? THREADS_MAX : (size_t)count;
}

enum fault argon_open(struct argon **ret_argon)
{
    if (sodium_init() < 0)
        return fault_note(FAULT_SYSTEM, "libsodium does not start");
    struct argon *argon = calloc(1, sizeof *argon);
    if (argon == NULL)
        return FAULT_MEMORY;
    pthread_condattr_t monotonic;
    must(pthread_mutex_init(&argon->lock, NULL) == 0);
    must(pthread_condattr_init(&monotonic) == 0);
    must(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    must(pthread_cond_init(&argon->work, &monotonic) == 0);
    must(pthread_condattr_destroy(&monotonic) == 0);
    for (size_t wanted = processors(); argon->thread_count < wanted; argon->thread_count += 1) {
        if (pthread_create(&argon->threads[argon->thread_count], NULL, serve, argon) != 0)
            break;
    }
    if (argon->thread_count == 0) {
        argon_close(argon);
        return fault_note(FAULT_SYSTEM, "no thread could be started for passwords");
    }
    *ret_argon = argon;
    return FAULT_NONE;
}

void argon_close(struct argon *argon)
{
    if (argon == NULL)
        return;
    (void)pthread_mutex_lock(&argon->lock);
    must(argon->first == NULL);
    argon->ending = true;
    (void)pthread_cond_broadcast(&argon->work);
    (void)pthread_mutex_unlock(&argon->lock);
    for (size_t i = 0; i < argon->thread_count; i++)
        (void)pthread_join(argon->threads[i], NULL);
    (void)pthread_cond_destroy(&argon->work);
    (void)pthread_mutex_destroy(&argon->lock);
    free(argon);
}

/* Under the lock. */
static enum fault admit(const struct argon *argon)
{
    return argon->waiting < ARGON_WAITING_MAX
               ? FAULT_NONE
               : fault_note(FAULT_BUSY, "too many people are signing in at once");
}

enum fault argon_admits(struct argon *argon)
{
    (void)pthread_mutex_lock(&argon->lock);
    enum fault fault = admit(argon);
    (void)pthread_mutex_unlock(&argon->lock);
    return fault;
}

static enum fault join_queue(struct argon *argon, struct task *task)
{
    (void)pthread_mutex_lock(&argon->lock);
    enum fault fault = admit(argon);
    if (fault == FAULT_NONE) {
        if (argon->last == NULL)
            argon->first = task;
        else
            argon->last->next = task;
        argon->last = task;
        argon->waiting += 1;
        (void)pthread_cond_signal(&argon->work);
    }
    (void)pthread_mutex_unlock(&argon->lock);
    return fault;
}

static enum fault perform(struct argon *argon, struct task *task)
{
    must(sem_init(&task->done, 0, 0) == 0);
    enum fault fault = join_queue(argon, task);
    if (fault == FAULT_NONE) {
        while (sem_wait(&task->done) != 0) {
            /* a signal */
        }
        if (task->failed)
            fault = fault_note(FAULT_MEMORY, "no memory for checking a password");
    }
    (void)sem_destroy(&task->done);
    return fault;
}

enum fault argon_make(struct argon *argon, struct bytes secret, const uint8_t salt[ARGON_SALT_BYTES],
                      struct argon_hash *ret_hash)
{
    struct task task = {.secret = secret, .salt = salt, .cost = chosen};
    enum fault fault = perform(argon, &task);
    if (fault == FAULT_NONE) {
        ret_hash->cost = task.cost;
        memcpy(ret_hash->salt, salt, ARGON_SALT_BYTES);
        memcpy(ret_hash->digest, task.digest, ARGON_DIGEST_BYTES);
    }
    sodium_memzero(&task, sizeof task);
    return fault;
}

enum fault argon_verify(struct argon *argon, struct bytes secret, const struct argon_hash *hash,
                        bool *ret_right)
{
    struct task task = {.secret = secret, .salt = hash->salt, .cost = hash->cost};
    enum fault fault = perform(argon, &task);
    if (fault == FAULT_NONE)
        *ret_right = sodium_memcmp(task.digest, hash->digest, ARGON_DIGEST_BYTES) == 0;
    sodium_memzero(&task, sizeof task);
    return fault;
}

void argon_put(struct buffer *buffer, const struct argon_hash *hash)
{
    buffer_put_u8(buffer, FORMAT);
    buffer_put_u32(buffer, hash->cost.passes);
    buffer_put_u32(buffer, hash->cost.memory_kib);
    buffer_put_bytes(buffer, (struct bytes){hash->salt, sizeof hash->salt});
    buffer_put_bytes(buffer, (struct bytes){hash->digest, sizeof hash->digest});
}

static bool cost_is_sane(struct argon_cost cost)
{
    return cost.passes >= 1 && cost.passes <= highest.passes && cost.memory_kib >= 8 &&
           cost.memory_kib <= highest.memory_kib;
}

bool argon_take(struct reader *reader, struct argon_hash *ret_hash)
{
    struct argon_hash hash = {0};
    uint8_t format = reader_take_u8(reader);
    hash.cost.passes = reader_take_u32(reader);
    hash.cost.memory_kib = reader_take_u32(reader);
    struct bytes salt = reader_take_bytes(reader, sizeof hash.salt);
    struct bytes digest = reader_take_bytes(reader, sizeof hash.digest);
    if (!reader->ok || format != FORMAT || !cost_is_sane(hash.cost))
        return false;
    memcpy(hash.salt, salt.at, sizeof hash.salt);
    memcpy(hash.digest, digest.at, sizeof hash.digest);
    *ret_hash = hash;
    return true;
}

uint64_t argon_runs(struct argon *argon)
{
    (void)pthread_mutex_lock(&argon->lock);
    uint64_t runs = argon->runs;
    (void)pthread_mutex_unlock(&argon->lock);
    return runs;
}

void argon_cost_for_tests(struct argon_cost cost)
{
    chosen = cost.passes == 0 ? production : cost;
}
