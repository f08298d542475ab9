#include "vault/answer.h"

#include <sodium.h>
#include <string.h>

#include "vault/masters.h"
#include "vault/rotation.h"
#include "vault/transfer_text.h"

/* A question that is being answered: what is still to be read, and where to write. */
struct turn {
    struct keep *keep;
    struct ask_head head;
    struct bytes rest;
    uint8_t *at; /* behind the answer's head */
    size_t len;
    uint32_t count;
};

static enum fault malformed(void)
{
    return fault_note(FAULT_MALFORMED, "the keeper was asked something that it does not know");
}

/* `size_bytes` from the front of the question; NULL where there are not as many. */
static const uint8_t *take(struct turn *turn, size_t size_bytes)
{
    const uint8_t *at = turn->rest.at;
    if (turn->rest.len < size_bytes)
        return NULL;
    turn->rest = (struct bytes){at + size_bytes, turn->rest.len - size_bytes};
    return at;
}

/* Room for one more thing in the answer; NULL where there is none. */
static void *room(struct turn *turn, size_t size_bytes)
{
    uint8_t *at = turn->at + turn->len;
    if (sizeof(struct answer_head) + turn->len + size_bytes > MESSAGE_BYTES_MAX)
        return NULL;
    turn->len += size_bytes;
    return at;
}

static enum fault unwrap(struct turn *turn)
{
    struct wrapped_key key;
    struct unwrapped out;
    if (turn->head.count > UNWRAP_MAX || turn->rest.len != turn->head.count * sizeof key ||
        turn->head.number <= PURPOSE_NONE || turn->head.number >= PURPOSES_END)
        return malformed();
    (void)atomic_fetch_add(&turn->keep->unwrapped[turn->head.number], turn->head.count);
    for (uint32_t i = 0; i < turn->head.count; i++) {
        memcpy(&key, take(turn, sizeof key), sizeof key);
        out.fault = ring_unwrap(turn->keep->ring, &key, out.key);
        if (out.fault != FAULT_NONE)
            memset(out.key, 0, sizeof out.key);
        memcpy(room(turn, sizeof out), &out, sizeof out);
    }
    sodium_memzero(&out, sizeof out);
    turn->count = turn->head.count;
    return FAULT_NONE;
}

static enum fault mint(struct turn *turn)
{
    struct minted out;
    if (turn->head.count > MINT_MAX || turn->rest.len != 0)
        return malformed();
    for (uint32_t i = 0; i < turn->head.count; i++) {
        randombytes_buf(out.key, sizeof out.key);
        ring_wrap(turn->keep->ring, out.key, &out.wrapped);
        memcpy(room(turn, sizeof out), &out, sizeof out);
    }
    sodium_memzero(&out, sizeof out);
    turn->count = turn->head.count;
    return FAULT_NONE;
}

static enum fault hash_one(struct turn *turn)
{
    struct hash_head head;
    const uint8_t *at = take(turn, sizeof head);
    if (at == NULL)
        return malformed();
    memcpy(&head, at, sizeof head);
    const bool is_tag = head.kind == RING_TAG;
    const uint8_t *scheme = take(turn, head.scheme_len);
    const uint8_t *value = scheme == NULL ? NULL : take(turn, head.value_len);
    const size_t size = is_tag ? (size_t)TAG_BYTES : (size_t)HASH_BYTES_MAX;
    uint8_t *out = room(turn, size);
    if (value == NULL || out == NULL || (!is_tag && head.kind != RING_DERIVE))
        return malformed();
    ring_hash(turn->keep->ring, (enum ring_hash)head.kind,
              (struct str){(const char *)scheme, head.scheme_len}, (struct bytes){value, head.value_len}, out,
              size);
    turn->count++;
    return FAULT_NONE;
}

static enum fault hash(struct turn *turn)
{
    enum fault fault = FAULT_NONE;
    while (turn->count < turn->head.count)
        TRY(hash_one(turn));
    if (turn->rest.len != 0)
        TRY(malformed());
done:
    return fault;
}

static enum fault rewrap(struct turn *turn)
{
    const struct ring *ring = turn->keep->ring;
    uint8_t key[KEY_BYTES] = {0};
    struct rewrapped out;
    if (turn->head.count > REWRAP_MAX || turn->rest.len != turn->head.count * sizeof out.wrapped)
        return malformed();
    for (uint32_t i = 0; i < turn->head.count; i++) {
        memcpy(&out.wrapped, take(turn, sizeof out.wrapped), sizeof out.wrapped);
        out.fate = FATE_BROKEN;
        if (ring_unwrap(ring, &out.wrapped, key) == FAULT_NONE) {
            out.fate = FATE_CURRENT;
            if (ring_number_of(&out.wrapped) != ring->number[ring->wrapping]) {
                ring_wrap(ring, key, &out.wrapped);
                out.fate = FATE_REWRAPPED;
            }
        }
        memcpy(room(turn, sizeof out), &out, sizeof out);
    }
    sodium_memzero(key, sizeof key);
    turn->count = turn->head.count;
    return FAULT_NONE;
}

/* The keys leave sealed for the machine that asked, and no other way. */
static enum fault give(struct turn *turn)
{
    enum fault fault = FAULT_NONE;
    void *clear = NULL;
    size_t len = 0;
    uint8_t public[HASH_BYTES], name[HASH_BYTES];
    if (turn->rest.len != 2 * HASH_BYTES)
        return malformed();
    memcpy(public, take(turn, HASH_BYTES), HASH_BYTES);
    memcpy(name, take(turn, HASH_BYTES), HASH_BYTES);
    TRY(keys_memory(BOX_CLEAR_BYTES_MAX + 1, &clear));
    size_t head = transfer_inner_put(name, clear);
    TRY(masters_text(turn->keep->path, turn->keep->ring, (char *)clear + head, &len));
    uint8_t *box = room(turn, crypto_box_SEALBYTES + head + len);
    if (box == NULL || crypto_box_seal(box, clear, head + len, public) != 0)
        TRY(transfer_request_broken()); /* a point of low order, which no honest machine draws */
done:
    sodium_free(clear);
    return fault;
}

static enum fault tell_masters(struct turn *turn)
{
    const struct ring *ring = turn->keep->ring;
    struct vault_masters *out = room(turn, sizeof *out);
    struct vault_masters masters = {.count = ring->count, .wrapping = ring->number[ring->wrapping]};
    memcpy(masters.number, ring->number, sizeof masters.number);
    for (uint32_t i = 0; i < ring->count; i++)
        ring_check(ring, i, masters.check[i]);
    memcpy(out, &masters, sizeof masters);
    return FAULT_NONE;
}

static enum fault tell_counts(struct turn *turn)
{
    struct vault_counts counts = {{0}};
    for (int purpose = PURPOSE_NONE + 1; purpose < PURPOSES_END; purpose++)
        counts.of[purpose] = atomic_load(&turn->keep->unwrapped[purpose]);
    memcpy(room(turn, sizeof counts), &counts, sizeof counts);
    return FAULT_NONE;
}

static enum fault add(struct turn *turn)
{
    uint32_t number = 0;
    enum fault fault;
    TRY(masters_add(turn->keep->path, turn->keep->ring, &number));
    memcpy(room(turn, sizeof number), &number, sizeof number);
done:
    return fault;
}

static enum fault wrap_under(struct turn *turn)
{
    struct ring *ring = turn->keep->ring;
    uint32_t at = turn->head.number > UINT32_MAX ? ring->count : ring_find(ring, (uint32_t)turn->head.number);
    if (at == ring->count)
        return fault_note(
            FAULT_KEY,
            "vault.key lacks the master key that this database is wrapped under: restore the copy of "
            "it that goes with this database; or, where other servers have it, bring it with "
            "contactpoint vault ask, give and take; then start again");
    ring->wrapping = at;
    return FAULT_NONE;
}

static enum fault drop(struct turn *turn)
{
    if (turn->head.number > UINT32_MAX)
        return malformed();
    return masters_drop(turn->keep->path, turn->keep->ring, (uint32_t)turn->head.number);
}

static enum fault hello(struct turn *turn)
{
    (void)turn;
    return FAULT_NONE;
}

static const struct {
    enum fault (*answer)(struct turn *turn);
    bool changes; /* the ring, which nobody else reads meanwhile */
} answers[] = {
    [ASK_HELLO] = {hello, false},
    [ASK_UNWRAP] = {unwrap, false},
    [ASK_NEW] = {mint, false},
    [ASK_HASH] = {hash, false},
    [ASK_REWRAP] = {rewrap, false},
    [ASK_GIVE] = {give, false},
    [ASK_MASTERS] = {tell_masters, false},
    [ASK_ADD] = {add, true},
    [ASK_WRAP] = {wrap_under, true},
    [ASK_DROP] = {drop, true},
    [ASK_COUNTS] = {tell_counts, false},
};

static enum fault answer_in_turn(struct turn *turn)
{
    struct keep *keep = turn->keep;
    const uint32_t ask = turn->head.ask;
    if (keep->ring == NULL)
        return fault_note(keep->begun, keep->note);
    if (ask < ASK_HELLO || ask >= ASKS_END)
        return malformed();
    const bool changes = answers[ask].changes;
    (void)(changes ? pthread_rwlock_wrlock(&keep->lock) : pthread_rwlock_rdlock(&keep->lock));
    if (changes)
        (void)sodium_mprotect_readwrite(keep->ring);
    enum fault fault = answers[ask].answer(turn);
    if (changes)
        (void)sodium_mprotect_readonly(keep->ring);
    (void)pthread_rwlock_unlock(&keep->lock);
    return fault;
}

size_t answer(struct keep *keep, const uint8_t *question, size_t len, uint8_t *ret_answer)
{
    struct turn turn = {.keep = keep, .at = ret_answer + sizeof(struct answer_head)};
    fault_clear_note();
    enum fault fault = FAULT_MALFORMED;
    if (len >= sizeof turn.head) {
        memcpy(&turn.head, question, sizeof turn.head);
        turn.rest = (struct bytes){question + sizeof turn.head, len - sizeof turn.head};
        fault = answer_in_turn(&turn);
    }
    const struct answer_head head = {.fault = fault, .count = turn.count, .note = fault_last_note()};
    memcpy(ret_answer, &head, sizeof head);
    return sizeof head + (fault == FAULT_NONE ? turn.len : 0);
}
