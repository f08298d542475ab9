#include "match/ready.h"

#include <sodium.h>

_Static_assert(sizeof(struct child_id) == EVIDENCE_COUNTS * sizeof(uint32_t), "an id takes four words");

static void write_word(struct ready *ready, uint32_t word)
{
    must(ready->word_count < READY_WORDS_MAX);
    ready->words[ready->word_count++] = word;
}

/* `word` is where its id belongs. */
static void want_id(struct ready *ready, const struct match_index *index, const struct name *name,
                    uint32_t use_class, uint32_t word)
{
    if (name->len == 0)
        return;
    must(ready->name_count < READY_NAMES_MAX);
    struct ready_name *held = &ready->names[ready->name_count++];
    intern_prepare(name, index->key, &held->name);
    held->word = (uint8_t)word;
    held->use_class = (uint8_t)use_class;
}

/* `kind` goes into the word's high bits. */
static void write_name(struct ready *ready, const struct match_index *index, const struct name *name,
                       uint32_t use_class, uint32_t kind)
{
    want_id(ready, index, name, use_class, ready->word_count);
    write_word(ready, kind << 28);
}

static void write_names(struct ready *ready, const struct match_index *index, const struct description *d)
{
    for (size_t i = 0; i < d->name_count; i++) {
        enum name_kind kind = d->names[i].kind;
        uint32_t use_class = index_use_class(&ready->slot, kind);
        if (i == 0) {
            want_id(ready, index, &d->names[i].family, use_class, READY_FAMILY);
            want_id(ready, index, &d->names[i].given, use_class, READY_GIVEN);
            write_name(ready, index, &d->names[i].other, use_class, (uint32_t)kind);
            continue;
        }
        write_name(ready, index, &d->names[i].family, use_class, (uint32_t)kind);
        write_name(ready, index, &d->names[i].given, use_class, 0);
        write_name(ready, index, &d->names[i].other, use_class, 0);
    }
}

static bool same_text(const struct name *a, const struct name *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static uint32_t others_of(const struct description *d)
{
    uint32_t others = 0;
    for (size_t i = 0; i < d->name_count; i++) {
        const struct described_name *first = &d->names[0], *name = &d->names[i];
        bool family = same_text(&name->family, &first->family),
             given = same_text(&name->given, &first->given);
        if (name->other.len > 0)
            others |= OTHERS_MIDDLE;
        if (i > 0 && (name->family.len == 0 || name->given.len == 0 || !(family || given)))
            others |= OTHERS_APART;
        else if (!family || !given)
            others |= family ? OTHERS_GIVEN : OTHERS_FAMILY;
    }
    return others;
}

_Static_assert((int)READY_WORDS_MAX < (int)READY_GIVEN, "a word's number is none of the slot's");

/* As struct evidence_view reads it. */
static void write_evidence(struct ready *ready, const struct match_index *index, const struct description *d)
{
    memcpy(ready->words, &ready->child, sizeof(ready->child));
    ready->word_count = EVIDENCE_COUNTS;
    write_word(ready, d->name_count | (uint32_t)d->place_count << 4 | (uint32_t)d->present_count << 8 |
                          (uint32_t)d->number_count << 12 | (uint32_t)d->carer_count << 17 |
                          (uint32_t)d->phone_count << 21);
    write_names(ready, index, d);
    for (size_t i = 0; i < d->place_count; i++) {
        write_word(ready, d->places[i].postcode);
        write_word(ready, d->places[i].authority);
        write_word(ready, d->places[i].line);
    }
    for (size_t i = 0; i < d->number_count; i++)
        write_word(ready, (uint32_t)(d->numbers[i] >> 32));
    for (size_t i = 0; i < d->number_count; i += 2) {
        uint32_t more = i + 1 < d->number_count ? (uint32_t)d->numbers[i + 1] : 0;
        write_word(ready, (uint32_t)d->numbers[i] >> 16 | (more & 0xFFFF0000));
    }
    for (size_t i = 0; i < d->carer_count; i++) {
        write_name(ready, index, &d->carers[i].family, INTERN_CLASS_LINKAGE, 0);
        write_name(ready, index, &d->carers[i].given, INTERN_CLASS_LINKAGE, 0);
    }
    for (size_t i = 0; i < d->phone_count; i++)
        write_word(ready, d->phones[i]);
}

void ready_make(const struct match_index *index, struct child_id child, const struct slot *slot,
                const struct description *description, struct ready *ret_ready)
{
    ret_ready->slot = *slot;
    sketch_make(description, &ret_ready->slot.sketch);
    ret_ready->slot.others = others_of(description) & 15u;
    ret_ready->child = child;
    ret_ready->hash = index_hash(index, child);
    ret_ready->name_count = 0;
    write_evidence(ret_ready, index, description);
    block_keys(index->key, slot->pending ? 0 : slot->state, description, &ret_ready->keys);
}

void ready_wipe(struct ready *ready)
{
    sodium_memzero(ready->words, ready->word_count * sizeof(ready->words[0]));
    for (size_t i = 0; i < ready->name_count; i++)
        sodium_memzero(&ready->names[i].name, offsetof(struct intern_name, text) + ready->names[i].name.len);
    ready->word_count = 0;
    ready->name_count = 0;
}
