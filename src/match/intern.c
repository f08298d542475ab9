#include "match/intern.h"

#include <sodium.h>

enum fault intern_open(struct vocabulary *vocabulary, struct pool *pool, const uint8_t key[16])
{
    *vocabulary = (struct vocabulary){.pool = pool, .next_id = 1};
    memcpy(vocabulary->key, key, sizeof(vocabulary->key));
    return postings_open(pool, &vocabulary->spellings);
}

void intern_close(struct vocabulary *vocabulary)
{
    region_close(&vocabulary->words);
    region_close(&vocabulary->uses);
    table_close(&vocabulary->table);
    postings_close(vocabulary->spellings);
    vocabulary->spellings = NULL;
}

static struct word *word_at(struct vocabulary *vocabulary, uint32_t id)
{
    return (struct word *)(void *)vocabulary->words.at + id;
}

/* Keyed, so that nobody can send names that all fall on one place. */
static uint64_t hash_of(const uint8_t key[16], struct str text)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text.at, text.len, key);
    return hash;
}

/* The text's id, or 0; in *ret_at its place. */
static uint32_t find(const struct vocabulary *vocabulary, uint64_t hash, struct str text, size_t *ret_at)
{
    size_t at = table_home(&vocabulary->table, hash);
    uint32_t id;
    while ((id = table_next(&vocabulary->table, hash, &at)) != 0) {
        struct str held = intern_text(vocabulary, id);
        if (held.len == text.len && memcmp(held.at, text.at, text.len) == 0)
            break;
        at++;
    }
    *ret_at = at;
    return id;
}

/* At most three quarters full, so that every id fits the table's bits. */
static enum fault make_room(struct vocabulary *vocabulary)
{
    size_t room = table_room(&vocabulary->table);
    if (((size_t)vocabulary->count + vocabulary->table.left + 1) * 4 < room * 3)
        return FAULT_NONE;
    struct table renewed;
    enum fault fault = table_renew(&vocabulary->table, vocabulary->count, &renewed);
    if (fault != FAULT_NONE)
        return fault;
    for (uint32_t id = 1; id < vocabulary->next_id; id++) {
        const struct word *word = intern_word(vocabulary, id);
        if (word->text != 0 && !word->dropped)
            table_put(&renewed, hash_of(vocabulary->key, intern_text(vocabulary, id)), id);
    }
    table_close(&vocabulary->table);
    vocabulary->table = renewed;
    return FAULT_NONE;
}

static uint32_t text_class(size_t len)
{
    return match_pool_class_of((uint32_t)((len + 3) / 4));
}

static enum fault take_id(struct vocabulary *vocabulary, uint32_t *ret_id)
{
    if (vocabulary->free_id != 0) {
        *ret_id = vocabulary->free_id;
        vocabulary->free_id = word_at(vocabulary, *ret_id)->letters;
        return FAULT_NONE;
    }
    size_t ids = (size_t)vocabulary->next_id + 1;
    struct region *words = &vocabulary->words, *uses = &vocabulary->uses;
    if (vocabulary->next_id > INT32_MAX / 8)
        return FAULT_MEMORY; /* ids have 28 bits where they are stored */
    enum fault fault = region_extend(words, ids * sizeof(struct word) - words->used_bytes);
    if (fault == FAULT_NONE)
        fault = region_extend(uses, ids * sizeof(struct word_uses) - uses->used_bytes);
    if (fault == FAULT_NONE)
        *ret_id = vocabulary->next_id++;
    return fault;
}

static enum fault make_word(struct vocabulary *vocabulary, const struct intern_name *name, uint32_t *ret_id)
{
    uint32_t text;
    uint32_t id;
    enum fault fault = match_pool_take(vocabulary->pool, text_class(name->len), &text);
    if (fault != FAULT_NONE)
        return fault;
    fault = take_id(vocabulary, &id);
    if (fault != FAULT_NONE) {
        match_pool_give(vocabulary->pool, text_class(name->len), text);
        return fault;
    }
    memcpy(match_pool_at(vocabulary->pool, text), name->text, name->len);
    struct word *word = word_at(vocabulary, id);
    *word = (struct word){.text = text,
                          .letters = name->letters,
                          .code = name->code,
                          .family_weight = name->family_weight,
                          .given_weight = name->given_weight,
                          .len = name->len & 127u,
                          .placeholder = name->placeholder};
    const struct lexicon_word *known;
    struct str first = {name->text, name->len};
    const char *space = memchr(name->text, ' ', name->len);
    if (space != NULL) {
        first.len = (size_t)(space - name->text);
        word->spaced = 1;
    }
    known = lexicon_find(first);
    if (known != NULL)
        memcpy(word->roots, known->roots, sizeof(word->roots));
    *ret_id = id;
    return FAULT_NONE;
}

void intern_prepare(const struct name *name, const uint8_t key[16], struct intern_name *ret_name)
{
    ret_name->len = name->len;
    if (name->len == 0)
        return;
    memcpy(ret_name->text, name->text, name->len);
    ret_name->hash = hash_of(key, (struct str){name->text, name->len});
    ret_name->letters = name->letters;
    ret_name->code = name->codes[0];
    ret_name->family_weight = name->family_weight;
    ret_name->given_weight = name->given_weight;
    ret_name->placeholder = name->placeholder;
}

void intern_fetch_place(const struct vocabulary *vocabulary, const struct intern_name *name)
{
    if (name->len > 0)
        table_fetch(&vocabulary->table, name->hash);
}

void intern_fetch_word(const struct vocabulary *vocabulary, const struct intern_name *name)
{
    if (name->len == 0 || table_room(&vocabulary->table) == 0)
        return;
    size_t at = table_home(&vocabulary->table, name->hash);
    uint32_t id = table_next(&vocabulary->table, name->hash, &at);
    if (id == 0)
        return;
    cache_fetch(intern_word(vocabulary, id));
    cache_fetch((const struct word_uses *)(const void *)vocabulary->uses.at + id);
}

static void drop_word(void *context, uint64_t id, uint64_t more)
{
    struct vocabulary *vocabulary = context;
    struct word *word = word_at(vocabulary, (uint32_t)id);
    (void)more;
    match_pool_give(vocabulary->pool, text_class(word->len), word->text);
    memset(word, 0, sizeof(*word));
    word->letters = vocabulary->free_id;
    vocabulary->free_id = (uint32_t)id;
    vocabulary->wiped++;
}

/* Takes a word that nobody bears out of the table, to be wiped. */
static void forget_where_unused(struct vocabulary *vocabulary, uint32_t id)
{
    struct word *word = word_at(vocabulary, id);
    size_t at;
    for (uint32_t i = 0; i < INTERN_CLASSES; i++) {
        if (intern_uses(vocabulary, id, i) > 0)
            return;
    }
    struct str text = intern_text(vocabulary, id);
    must(find(vocabulary, hash_of(vocabulary->key, text), text, &at) == id);
    table_take(&vocabulary->table, at);
    word->dropped = true;
    vocabulary->count--;
    retire(&vocabulary->pool->retired, drop_word, vocabulary, id, 0);
}

static void set_uses(struct vocabulary *vocabulary, uint32_t id, uint32_t use_class, uint32_t count)
{
    struct word_uses *uses = (struct word_uses *)(void *)vocabulary->uses.at + id;
    atomic_store_explicit(&uses->of[use_class], count, memory_order_relaxed);
}

/* Searches find nobody who is pending, and nothing that is for linkage alone. */
static bool is_searched(uint32_t use_class)
{
    return use_class >= INTERN_CLASS_SEARCHED && use_class != INTERN_CLASS_LINKAGE;
}

/* Puts a word among the spellings of a class that has not borne it so far. */
static enum fault spell_word(struct vocabulary *vocabulary, uint32_t id, uint32_t use_class)
{
    struct spell_keys keys;
    spell_keys(vocabulary->key, use_class, intern_text(vocabulary, id), &keys);
    return spell_add(vocabulary->spellings, &keys, id);
}

enum fault intern_take(struct vocabulary *vocabulary, const struct intern_name *name, uint32_t use_class,
                       uint32_t *ret_id)
{
    if (name->len == 0) {
        *ret_id = 0;
        return FAULT_NONE;
    }
    enum fault fault = make_room(vocabulary);
    if (fault != FAULT_NONE)
        return fault;
    size_t at;
    uint32_t id = find(vocabulary, name->hash, (struct str){name->text, name->len}, &at);
    if (id == 0) {
        fault = make_word(vocabulary, name, &id);
        if (fault != FAULT_NONE)
            return fault;
        table_put(&vocabulary->table, name->hash, id);
        vocabulary->count++;
    }
    const uint32_t uses = intern_uses(vocabulary, id, use_class);
    if (uses == 0 && is_searched(use_class))
        fault = spell_word(vocabulary, id, use_class);
    if (fault != FAULT_NONE) {
        forget_where_unused(vocabulary, id);
        return fault;
    }
    set_uses(vocabulary, id, use_class, uses + 1);
    *ret_id = id;
    return FAULT_NONE;
}

void intern_drop(struct vocabulary *vocabulary, uint32_t id, uint32_t use_class)
{
    if (id == 0)
        return;
    const uint32_t uses = intern_uses(vocabulary, id, use_class);
    must(uses > 0);
    set_uses(vocabulary, id, use_class, uses - 1);
    if (uses > 1)
        return;
    if (is_searched(use_class)) {
        struct spell_keys keys;
        spell_keys(vocabulary->key, use_class, intern_text(vocabulary, id), &keys);
        spell_remove(vocabulary->spellings, &keys, id);
    }
    forget_where_unused(vocabulary, id);
}

size_t intern_bytes(const struct vocabulary *vocabulary)
{
    return vocabulary->words.used_bytes + vocabulary->uses.used_bytes + vocabulary->table.region.used_bytes +
           postings_bytes(vocabulary->spellings);
}
