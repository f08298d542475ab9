#include "access/argon.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* security.md §3: 64 MiB, two passes, one lane (libsodium has no other). */
static const struct argon_cost production = {.passes = 2, .memory_kib = 64 * 1024};
static const struct argon_cost highest = {.passes = 16, .memory_kib = 1024 * 1024};
static struct argon_cost chosen = {.passes = 2, .memory_kib = 64 * 1024};

enum { THREADS_MAX = 64, FORMAT = 1 };

/* One hash to compute; lives on the stack of the thread that waits for it. */
struct task {
    struct bytes secret;
    const uint8_t *salt;
    struct argon_cost cost;
    uint8_t digest[ARGON_DIGEST_BYTES];
    bool failed;
    bool done;
    struct task *next;
};

struct argon {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    pthread_cond_t finished;
    struct task *first;
    struct task *last;
    size_t waiting;
    uint64_t runs;
    bool ending;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
};

static struct task *task_next(struct argon *argon)
{
    while (argon->first == NULL && !argon->ending)
        (void)pthread_cond_wait(&argon->work, &argon->lock);
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
    task->failed = crypto_pwhash(task->digest, sizeof task->digest, (const char *)task->secret.at,
                                 task->secret.len, task->salt, task->cost.passes,
                                 (size_t)task->cost.memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0;
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
        task->done = true;
        (void)pthread_cond_broadcast(&argon->finished);
    }
    (void)pthread_mutex_unlock(&argon->lock);
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
    must(pthread_mutex_init(&argon->lock, NULL) == 0);
    must(pthread_cond_init(&argon->work, NULL) == 0);
    must(pthread_cond_init(&argon->finished, NULL) == 0);
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
    (void)pthread_cond_destroy(&argon->finished);
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

static enum fault perform(struct argon *argon, struct task *task)
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
        while (!task->done)
            (void)pthread_cond_wait(&argon->finished, &argon->lock);
        if (task->failed)
            fault = fault_note(FAULT_MEMORY, "no memory for checking a password");
    }
    (void)pthread_mutex_unlock(&argon->lock);
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
