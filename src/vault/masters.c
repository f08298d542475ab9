#include "vault/masters.h"

#include <sodium.h>
#include <string.h>

static const char changed_note[] =
    "the key file was changed since it was opened: restart the server, or restore the file";

enum fault masters_text(const char *path, const struct ring *ring, char *at, size_t *ret_len)
{
    enum fault fault = FAULT_NONE;
    void *keys = NULL;
    TRY(keys_memory(sizeof(struct key_file), &keys));
    TRY(keys_read_text(path, at, ret_len));
    TRY(keys_parse((struct str){at, *ret_len}, keys));
    if (!ring_is_of(ring, keys))
        TRY(fault_note(FAULT_KEY, changed_note));
done:
    sodium_free(keys);
    return fault;
}

/* The key file as it is now, parsed; both in locked memory. */
static enum fault read_current(const char *path, const struct ring *ring, char *text, struct key_file *keys)
{
    size_t len = 0;
    enum fault fault;
    TRY(masters_text(path, ring, text, &len));
    TRY(keys_parse((struct str){text, len}, keys));
done:
    return fault;
}

/* Takes masters into the ring that the file has and the ring has not; what wraps stays. */
static enum fault take_newer(const struct key_file *keys, struct ring *ring)
{
    enum fault fault = FAULT_NONE;
    void *memory = NULL;
    TRY(keys_memory(sizeof(struct ring), &memory));
    struct ring *newer = memory;
    ring_derive(keys, newer);
    for (uint32_t i = 0; i < newer->count; i++) {
        if (ring_find(ring, newer->number[i]) < ring->count)
            continue;
        if (ring->count == MASTERS_MAX)
            TRY(fault_note(FAULT_TOO_MANY, "this server remembers too many old keys: start it again"));
        memcpy(ring->wrap[ring->count], newer->wrap[i], KEY_BYTES);
        ring->number[ring->count++] = newer->number[i];
    }
done:
    sodium_free(memory);
    return fault;
}

/* Draws a master into `keys` and puts the file in its place. */
static enum fault draw(const char *path, struct key_file *keys, char *text)
{
    const uint32_t newest = keys->number[keys->count - 1];
    if (keys->count == MASTERS_MAX || newest == UINT32_MAX)
        return fault_note(FAULT_TOO_MANY,
                          "the key file is full of master keys: finish a rotation, which takes "
                          "old ones out of it");
    randombytes_buf(keys->master[keys->count], KEY_BYTES);
    keys->number[keys->count++] = newest + 1;
    return keys_replace_text(path, (struct str){text, keys_write_text(keys, text)});
}

enum fault masters_add(const char *path, struct ring *ring, uint32_t *ret_number)
{
    enum fault fault = FAULT_NONE;
    void *text = NULL, *memory = NULL;
    TRY(keys_memory(KEY_TEXT_BYTES, &text));
    TRY(keys_memory(sizeof(struct key_file), &memory));
    struct key_file *keys = memory;
    TRY(read_current(path, ring, text, keys));
    if (keys->number[keys->count - 1] == ring->number[ring->count - 1])
        TRY(draw(path, keys, text));
    TRY(take_newer(keys, ring));
    *ret_number = ring->number[ring->count - 1];
done:
    sodium_free(memory);
    sodium_free(text);
    return fault;
}

enum fault masters_drop(const char *path, const struct ring *ring, uint32_t number)
{
    enum fault fault = FAULT_NONE;
    void *text = NULL, *memory = NULL;
    uint32_t kept = 0;
    TRY(keys_memory(KEY_TEXT_BYTES, &text));
    TRY(keys_memory(sizeof(struct key_file), &memory));
    struct key_file *keys = memory;
    TRY(read_current(path, ring, text, keys));
    for (uint32_t i = 0; i < keys->count; i++) {
        if (keys->number[i] < number)
            continue;
        memmove(keys->master[kept], keys->master[i], KEY_BYTES);
        keys->number[kept++] = keys->number[i];
    }
    if (kept == keys->count || kept == 0)
        goto done; /* there is nothing to take out; or everything, which nobody means */
    keys->count = kept;
    TRY(keys_replace_text(path, (struct str){text, keys_write_text(keys, text)}));
done:
    sodium_free(memory);
    sodium_free(text);
    return fault;
}
