#include "vault/asking.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>

#include "vault/transfer_text.h"
#include "vault/vault_struct.h"

enum fault vault_lost(void)
{
    return fault_note(FAULT_CLOSED, "the keeper, which has the keys, is gone: restart the server");
}

/* Case 75: without the keeper no record is shown. */
void vault_lose(struct vault *vault)
{
    atomic_store(&vault->gone, true);
    remembered_forget(vault->remembered);
}

bool vault_is_lost(const struct vault *vault)
{
    return atomic_load(&vault->gone);
}

/* A channel hangs up when nobody holds its other end any more. */
bool vault_is_alive(struct vault *vault)
{
    struct pollfd hung = {.fd = vault->channels[0].fd};
    if (!vault_is_lost(vault) && poll(&hung, 1, 0) > 0)
        vault_lose(vault);
    return !vault_is_lost(vault);
}

static struct channel *take_channel(struct vault *vault)
{
    (void)pthread_mutex_lock(&vault->lock);
    while (vault->idle_count == 0)
        (void)pthread_cond_wait(&vault->given_back, &vault->lock);
    struct channel *channel = vault->idle[--vault->idle_count];
    (void)pthread_mutex_unlock(&vault->lock);
    return channel;
}

static void give_back(struct vault *vault, struct channel *channel)
{
    (void)pthread_mutex_lock(&vault->lock);
    vault->idle[vault->idle_count++] = channel;
    (void)pthread_cond_signal(&vault->given_back);
    (void)pthread_mutex_unlock(&vault->lock);
}

enum fault asking_open(struct vault *vault, enum keeper_ask ask, uint32_t count, uint64_t number,
                       struct asking *ret_asking)
{
    const struct ask_head head = {.ask = ask, .count = count, .number = number};
    *ret_asking = (struct asking){.vault = vault};
    if (atomic_load(&vault->gone))
        return vault_lost();
    ret_asking->channel = take_channel(vault);
    must(asking_put(ret_asking, &head, sizeof head));
    return FAULT_NONE;
}

bool asking_put(struct asking *asking, const void *at, size_t len)
{
    if (len > MESSAGE_BYTES_MAX - asking->len)
        return false;
    if (len > 0)
        memcpy(asking->channel->message + asking->len, at, len);
    asking->len += len;
    return true;
}

void asking_count(struct asking *asking, uint32_t count)
{
    struct ask_head head;
    memcpy(&head, asking->channel->message, sizeof head);
    head.count = count;
    memcpy(asking->channel->message, &head, sizeof head);
}

/* The answer stands where the question stood; how long it is, less than a head where none came. */
static size_t exchange(struct asking *asking)
{
    const struct channel *channel = asking->channel;
    ssize_t sent, got;
    do
        sent = send(channel->fd, channel->message, asking->len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != (ssize_t)asking->len)
        return 0;
    do
        got = recv(channel->fd, channel->message, MESSAGE_BYTES_MAX, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 ? 0 : (size_t)got;
}

enum fault asking_send(struct asking *asking)
{
    struct answer_head head;
    size_t len = exchange(asking);
    asking->len_max = len > asking->len ? len : asking->len;
    if (len < sizeof head) {
        vault_lose(asking->vault);
        return vault_lost();
    }
    memcpy(&head, asking->channel->message, sizeof head);
    asking->answer = asking->channel->message + sizeof head;
    asking->answer_len = len - sizeof head;
    asking->count = head.count;
    return head.fault == FAULT_NONE ? FAULT_NONE : fault_note((enum fault)head.fault, head.note);
}

const char *asking_note(const struct asking *asking)
{
    struct answer_head head;
    memcpy(&head, asking->channel->message, sizeof head);
    return head.note;
}

void asking_close(struct asking *asking)
{
    if (asking->channel == NULL)
        return;
    sodium_memzero(asking->channel->message, asking->len_max > asking->len ? asking->len_max : asking->len);
    give_back(asking->vault, asking->channel);
    asking->channel = NULL;
}

enum fault asking_short(struct vault *vault, enum keeper_ask ask, uint64_t number, void *ret_at, size_t len)
{
    struct asking asking;
    enum fault fault;
    TRY(asking_open(vault, ask, 0, number, &asking));
    TRY(asking_send(&asking));
    must(asking.answer_len == len);
    if (len > 0)
        memcpy(ret_at, asking.answer, len);
done:
    asking_close(&asking);
    return fault;
}

enum fault vault_give(struct vault *vault, const uint8_t *public, const uint8_t *name, uint8_t *ret_box,
                      size_t room, size_t *ret_len)
{
    struct asking asking;
    enum fault fault;
    TRY(asking_open(vault, ASK_GIVE, 0, 0, &asking));
    must(asking_put(&asking, public, HASH_BYTES) && asking_put(&asking, name, HASH_BYTES));
    TRY(asking_send(&asking));
    must(asking.answer_len <= room);
    memcpy(ret_box, asking.answer, asking.answer_len);
    *ret_len = asking.answer_len;
done:
    asking_close(&asking);
    return fault;
}
