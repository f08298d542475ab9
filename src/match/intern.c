#include "match/intern.h"

#include <sodium.h>

enum { TABLE_ROOM_LEAST = 1024 };

void intern_open(struct vocabulary *vocabulary, struct pool *pool, const uint8_t key[16])
{
    *vocabulary = (struct vocabulary){.pool = pool, .next_id = 1};
    memcpy(vocabulary->key, key, sizeof(vocabulary->key));
}

void intern_close(struct vocabulary *vocabulary)
{
    region_close(&vocabulary->words);
    region_close(&vocabulary->table);
}

static struct word *word_at(struct vocabulary *vocabulary, uint32_t id)
{
    return (struct word *)(void *)vocabulary->words.at + id;
}

static uint32_t *table_of(struct vocabulary *vocabulary)
{
    return (uint32_t *)(void *)vocabulary->table.at;
}

static size_t room_of(const struct vocabulary *vocabulary)
{
    return vocabulary->table.used_bytes / sizeof(uint32_t);
}

/* Keyed, so that nobody can send names that all fall on one place. */
static uint64_t hash_of(const struct vocabulary *vocabulary, struct str text)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text.at, text.len, vocabulary->key);
    return hash;
}

/* Where the text's id stands, or the empty place for it. */
static size_t place_of(struct vocabulary *vocabulary, struct str text)
{
    size_t room = room_of(vocabulary);
    size_t at = hash_of(vocabulary, text) & (room - 1);
    while (table_of(vocabulary)[at] != 0 &&
           !str_equal(intern_text(vocabulary, table_of(vocabulary)[at]), text))
        at = (at + 1) & (room - 1);
    return at;
}

static enum fault make_room(struct vocabulary *vocabulary)
{
    size_t room = room_of(vocabulary);
    if (room > 0 && (vocabulary->count + 1) * 4 < room * 3)
        return FAULT_NONE;
    size_t wanted = room == 0 ? TABLE_ROOM_LEAST : room * 2;
    struct region grown = {0};
    enum fault fault = region_extend(&grown, wanted * sizeof(uint32_t));
    if (fault != FAULT_NONE)
        return fault;
    struct region old = vocabulary->table;
    vocabulary->table = grown;
    for (size_t i = 0; i < room; i++) {
        uint32_t id = ((const uint32_t *)(const void *)old.at)[i];
        if (id != 0)
            table_of(vocabulary)[place_of(vocabulary, intern_text(vocabulary, id))] = id;
    }
    region_close(&old);
    return FAULT_NONE;
}

static uint32_t text_class(size_t len)
{
    return pool_class_of((uint32_t)((len + 3) / 4));
}

static enum fault take_id(struct vocabulary *vocabulary, uint32_t *ret_id)
{
    if (vocabulary->free_id != 0) {
        *ret_id = vocabulary->free_id;
        vocabulary->free_id = word_at(vocabulary, *ret_id)->letters;
        return FAULT_NONE;
    }
    size_t needed = ((size_t)vocabulary->next_id + 1) * sizeof(struct word);
    if (vocabulary->next_id > INT32_MAX / 8)
        return FAULT_MEMORY; /* ids have 28 bits where they are stored */
    enum fault fault = region_extend(&vocabulary->words, needed - vocabulary->words.used_bytes);
    if (fault == FAULT_NONE)
        *ret_id = vocabulary->next_id++;
    return fault;
}

static enum fault make_word(struct vocabulary *vocabulary, const struct name *name, uint32_t *ret_id)
{
    uint32_t text;
    uint32_t id;
    enum fault fault = pool_take(vocabulary->pool, text_class(name->len), &text);
    if (fault != FAULT_NONE)
        return fault;
    fault = take_id(vocabulary, &id);
    if (fault != FAULT_NONE) {
        pool_give(vocabulary->pool, text_class(name->len), text);
        return fault;
    }
    memcpy(pool_at(vocabulary->pool, text), name->text, name->len);
    struct word *word = word_at(vocabulary, id);
    *word = (struct word){.text = text,
                          .letters = name->letters,
                          .code = name->codes[0],
                          .family_weight = name->family_weight,
                          .given_weight = name->given_weight,
                          .len = name->len,
                          .placeholder = name->placeholder};
    const struct lexicon_word *known;
    struct str first = {name->text, name->len};
    const char *space = memchr(name->text, ' ', name->len);
    if (space != NULL)
        first.len = (size_t)(space - name->text);
    known = lexicon_find(first);
    if (known != NULL)
        memcpy(word->roots, known->roots, sizeof(word->roots));
    *ret_id = id;
    return FAULT_NONE;
}

enum fault intern_take(struct vocabulary *vocabulary, const struct name *name, uint32_t use_class,
                       uint32_t *ret_id)
{
    if (name->len == 0) {
        *ret_id = 0;
        return FAULT_NONE;
    }
    enum fault fault = make_room(vocabulary);
    if (fault != FAULT_NONE)
        return fault;
    size_t at = place_of(vocabulary, (struct str){name->text, name->len});
    uint32_t id = table_of(vocabulary)[at];
    if (id == 0) {
        fault = make_word(vocabulary, name, &id);
        if (fault != FAULT_NONE)
            return fault;
        table_of(vocabulary)[at] = id;
        vocabulary->count++;
    }
    word_at(vocabulary, id)->uses[use_class]++;
    *ret_id = id;
    return FAULT_NONE;
}

/* Empties a place of the table and moves up what had been pushed on from there. */
static void drop_place(struct vocabulary *vocabulary, size_t at)
{
    uint32_t *table = table_of(vocabulary);
    size_t mask = room_of(vocabulary) - 1;
    table[at] = 0;
    for (size_t next = (at + 1) & mask; table[next] != 0; next = (next + 1) & mask) {
        uint32_t id = table[next];
        table[next] = 0;
        table[place_of(vocabulary, intern_text(vocabulary, id))] = id;
    }
}

void intern_drop(struct vocabulary *vocabulary, uint32_t id, uint32_t use_class)
{
    if (id == 0)
        return;
    struct word *word = word_at(vocabulary, id);
    must(word->uses[use_class] > 0);
    word->uses[use_class]--;
    for (size_t i = 0; i < INTERN_CLASSES; i++) {
        if (word->uses[i] > 0)
            return;
    }
    drop_place(vocabulary, place_of(vocabulary, intern_text(vocabulary, id)));
    pool_give(vocabulary->pool, text_class(word->len), word->text);
    *word = (struct word){.letters = vocabulary->free_id};
    vocabulary->free_id = id;
    vocabulary->count--;
}

size_t intern_bytes(const struct vocabulary *vocabulary)
{
    return vocabulary->words.used_bytes + vocabulary->table.used_bytes;
}
