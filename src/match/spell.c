#include "match/spell.h"

#include <string.h>

/* Shorter words with two letters left out are too much like everything. */
enum { TWO_LEFT_OUT_LEAST = 7, BEGINNING = 2 };

/* No letter: what begins so is not what is spelt so. */
static const uint64_t AND_ON = 1;

/* splitmix64's finaliser: spreads every bit of the input. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

/* Seven letters are 56 bits: what they spell is its own hash, and is only keyed. */
static uint64_t pack(const char *letters, size_t len, size_t left_out, size_t left_out_too)
{
    uint64_t packed = 0;
    for (size_t i = 0; i < len; i++) {
        if (i != left_out && i != left_out_too)
            packed = packed << 8 | (uint8_t)letters[i];
    }
    return packed;
}

/* Of two equal neighbours it does not matter which is left out, so some come twice. */
static void add(struct spell_keys *keys, uint64_t packed)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->at[i] == packed)
            return;
    }
    if (packed != 0)
        keys->at[keys->count++] = packed;
}

void spell_keys(const uint8_t key[16], uint32_t use_class, struct str word, struct spell_keys *ret_keys)
{
    char letters[SPELL_LETTERS];
    size_t len = 0;
    size_t whole = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] == ' ')
            continue;
        if (len < SPELL_LETTERS)
            letters[len++] = word.at[i];
        whole++;
    }
    ret_keys->count = 0;
    add(ret_keys, pack(letters, len, len, len));
    for (size_t i = 0; i < len; i++)
        add(ret_keys, pack(letters, len, i, i));
    for (size_t i = 0; i < len && whole >= TWO_LEFT_OUT_LEAST; i++) {
        for (size_t j = i + 1; j < len; j++)
            add(ret_keys, pack(letters, len, i, j));
    }
    if (len > 0)
        add(ret_keys, pack(letters, len < BEGINNING ? len : BEGINNING, len, len) << 8 | AND_ON);
    uint64_t low;
    uint64_t high;
    memcpy(&low, key, sizeof(low));
    memcpy(&high, key + sizeof(low), sizeof(high));
    low = mix(low ^ use_class);
    for (size_t i = 0; i < ret_keys->count; i++)
        ret_keys->at[i] = mix(mix(low ^ ret_keys->at[i]) ^ high);
}

enum fault spell_add(struct postings *postings, const struct spell_keys *keys, uint32_t word)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < keys->count; i++)
        postings_fetch(postings, keys->at[i]);
    for (size_t i = 0; i < keys->count && fault == FAULT_NONE; i++)
        fault = postings_add(postings, keys->at[i], word);
    if (fault != FAULT_NONE)
        spell_remove(postings, keys, word);
    return fault;
}

void spell_remove(struct postings *postings, const struct spell_keys *keys, uint32_t word)
{
    for (size_t i = 0; i < keys->count; i++)
        postings_remove(postings, keys->at[i], word);
}
