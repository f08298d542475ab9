#include "vault/keeping.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>

#include "vault/answer.h"
#include "vault/confine.h"
#include "vault/process.h"

enum { STACK_BYTES = 256 * 1024 };

/* One thread of the keeper, with the memory for one question and its answer. */
struct desk {
    struct keep *keep;
    int fd;
    uint8_t *question;
    uint8_t *answer;
    pthread_t thread;
    pthread_barrier_t *seated; /* all are, before calls are confined: threads that begin need more of them */
};

/* Until its channel is hung up. */
static void work(const struct desk *desk)
{
    for (;;) {
        ssize_t got = recv(desk->fd, desk->question, MESSAGE_BYTES_MAX, MSG_TRUNC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        size_t len =
            answer(desk->keep, desk->question, got > MESSAGE_BYTES_MAX ? 0 : (size_t)got, desk->answer);
        ssize_t sent;
        do
            sent = send(desk->fd, desk->answer, len, MSG_NOSIGNAL);
        while (sent < 0 && errno == EINTR);
        if (sent < 0)
            return;
    }
}

static void *sit(void *argument)
{
    const struct desk *desk = argument;
    (void)pthread_barrier_wait(desk->seated);
    work(desk);
    return NULL;
}

/* The ring is `*ret_memory`, in locked memory that is read-only from here on. */
static enum fault read_ring(const char *path, void **ret_memory)
{
    enum fault fault = FAULT_NONE;
    void *keys = NULL;
    keys_sweep(path);
    TRY(keys_memory(sizeof(struct key_file), &keys));
    TRY(keys_read(path, keys));
    TRY(keys_memory(sizeof(struct ring), ret_memory));
    ring_derive(keys, *ret_memory);
    (void)sodium_mprotect_readonly(*ret_memory);
done:
    sodium_free(keys);
    return fault;
}

static enum fault begin(struct keep *keep, const char *key_path)
{
    void *memory = NULL;
    enum fault fault = FAULT_NONE;
    (void)pthread_rwlock_init(&keep->lock, NULL);
    memcpy(keep->path, key_path, strlen(key_path) + 1);
    TRY(confine_files(key_path));
    TRY(read_ring(key_path, &memory));
    keep->ring = memory;
done:
    return fault;
}

/* The first desk is this thread's own. */
static enum fault open_desks(struct keep *keep, struct desk *desks, int first, int count)
{
    static pthread_barrier_t seated;
    pthread_attr_t small;
    enum fault fault = FAULT_NONE;
    (void)pthread_attr_init(&small);
    (void)pthread_attr_setstacksize(&small, STACK_BYTES);
    for (int i = 0; i < count && fault == FAULT_NONE; i++) {
        void *question = NULL, *answer = NULL;
        TRY(keys_memory(MESSAGE_BYTES_MAX, &question));
        TRY(keys_memory(MESSAGE_BYTES_MAX, &answer));
        desks[i] = (struct desk){
            .keep = keep, .fd = first + i, .question = question, .answer = answer, .seated = &seated};
    }
    (void)pthread_barrier_init(&seated, NULL, (unsigned)count);
    for (int i = 1; i < count; i++)
        if (pthread_create(&desks[i].thread, &small, sit, &desks[i]) != 0)
            TRY(fault_note(FAULT_SYSTEM, "the keeper could not be started: raise the limit of threads"));
    (void)pthread_barrier_wait(&seated);
done:
    (void)pthread_attr_destroy(&small);
    return fault;
}

/* Says why there is no keeper, to whoever says hello. */
static int apologise(struct keep *keep, enum fault why, int first)
{
    uint8_t question[sizeof(struct ask_head)], *said;
    static uint8_t excuse[sizeof(struct answer_head)];
    keep->note = fault_last_note();
    keep->begun = why;
    keep->ring = NULL;
    said = excuse;
    if (recv(first, question, sizeof question, 0) == (ssize_t)sizeof question)
        (void)!send(first, said, answer(keep, question, sizeof question, said), MSG_NOSIGNAL);
    return 1;
}

int keeping(const char *key_path, int first, int count, const struct confinement *confinement)
{
    static struct keep keep;
    static struct desk desks[CHANNELS_MAX];
    enum fault fault = begin(&keep, key_path);
    if (fault == FAULT_NONE)
        fault = open_desks(&keep, desks, first, count);
    if (fault == FAULT_NONE)
        fault = confine_calls(confinement);
    if (fault != FAULT_NONE)
        return apologise(&keep, fault, first);
    work(&desks[0]);
    for (int i = 1; i < count; i++)
        (void)pthread_join(desks[i].thread, NULL);
    return 0;
}
