#include "match/index.h"

#include <sodium.h>
#include <stdlib.h>

#include "match/block.h"

enum {
    IDS_ROOM_LEAST = 1024,
    EVIDENCE_WORDS_MAX = 2 + PERSON_NAMES_MAX * 3 + PERSON_PLACES_MAX * 3 + PERSON_NUMBERS_MAX * 2 +
                         PERSON_CARERS_MAX * 2 + PERSON_PHONES_MAX
};

enum fault match_open(struct match_index **ret_index)
{
    if (sodium_init() < 0)
        return FAULT_SYSTEM;
    struct match_index *index = calloc(1, sizeof(*index));
    if (index == NULL)
        return FAULT_MEMORY;
    enum fault fault = postings_open(&index->pool, &index->postings);
    if (fault == FAULT_NONE && pthread_rwlock_init(&index->lock, NULL) != 0)
        fault = FAULT_SYSTEM;
    if (fault != FAULT_NONE) {
        postings_close(index->postings);
        free(index);
        return fault;
    }
    randombytes_buf(index->key, sizeof(index->key));
    /* Opens the transliterator now: it takes milliseconds, which no search should wait for. */
    struct name warm;
    normalise_name(STR("\xC3\xA9"), PART_GIVEN, &warm);
    intern_open(&index->vocabulary, &index->pool, index->key);
    index->slot_next = 1;
    *ret_index = index;
    return FAULT_NONE;
}

void match_close(struct match_index *index)
{
    if (index == NULL)
        return;
    (void)pthread_rwlock_destroy(&index->lock);
    postings_close(index->postings);
    intern_close(&index->vocabulary);
    pool_close(&index->pool);
    region_close(&index->slots);
    region_close(&index->ids);
    sodium_memzero(index, sizeof(*index));
    free(index);
}

static struct slot *slot_at(struct match_index *index, uint32_t slot)
{
    return (struct slot *)(void *)index->slots.at + slot;
}

static uint32_t *ids_of(struct match_index *index)
{
    return (uint32_t *)(void *)index->ids.at;
}

static size_t ids_room(const struct match_index *index)
{
    return index->ids.used_bytes / sizeof(uint32_t);
}

/* Where the child's slot stands in the table of ids, or the empty place for it. */
static size_t id_place(struct match_index *index, struct child_id child)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, child.id.byte, sizeof(child.id.byte), index->key);
    size_t mask = ids_room(index) - 1;
    size_t at = hash & mask;
    while (ids_of(index)[at] != 0 && !id_equal(slot_at(index, ids_of(index)[at])->child.id, child.id))
        at = (at + 1) & mask;
    return at;
}

static enum fault make_ids_room(struct match_index *index)
{
    size_t room = ids_room(index);
    if (room > 0 && (index->people + 1) * 5 < room * 4)
        return FAULT_NONE;
    struct region grown = {0};
    enum fault fault = region_extend(&grown, (room == 0 ? IDS_ROOM_LEAST : room * 2) * sizeof(uint32_t));
    if (fault != FAULT_NONE)
        return fault;
    struct region old = index->ids;
    index->ids = grown;
    for (size_t i = 0; i < room; i++) {
        uint32_t slot = ((const uint32_t *)(const void *)old.at)[i];
        if (slot != 0)
            ids_of(index)[id_place(index, slot_at(index, slot)->child)] = slot;
    }
    region_close(&old);
    return FAULT_NONE;
}

static void drop_id(struct match_index *index, size_t at)
{
    size_t mask = ids_room(index) - 1;
    ids_of(index)[at] = 0;
    for (size_t next = (at + 1) & mask; ids_of(index)[next] != 0; next = (next + 1) & mask) {
        uint32_t slot = ids_of(index)[next];
        ids_of(index)[next] = 0;
        ids_of(index)[id_place(index, slot_at(index, slot)->child)] = slot;
    }
}

struct evidence_view index_view(const struct match_index *index, uint32_t slot)
{
    const uint32_t *words = pool_at(&index->pool, index_slot(index, slot)->words);
    struct evidence_view view = {
        .name_count = words[0] & 15,
        .place_count = words[0] >> 4 & 15,
        .present_count = words[0] >> 8 & 15,
        .number_count = words[0] >> 12 & 31,
        .carer_count = words[0] >> 17 & 15,
        .phone_count = words[0] >> 21 & 15,
        .birth = {.year = words[1] & 4095,
                  .month = words[1] >> 12 & 15,
                  .day = words[1] >> 16 & 31,
                  .precision = (enum day_precision)(words[1] >> 21 & 7)},
        .sex = (enum sex)(words[1] >> 24 & 3),
    };
    view.names = words + 2;
    view.places = view.names + view.name_count * 3;
    view.numbers = view.places + view.place_count * 3;
    view.carers = view.numbers + view.number_count * 2;
    view.phones = view.carers + view.carer_count * 2;
    return view;
}

/* What a slot's names are visible by, for the vocabulary's counts. */
static uint32_t use_class(const struct slot *slot, enum name_kind kind)
{
    return block_veil(slot->pending ? 0 : slot->state, kind == NAME_FORMER ? NEED_FORMER : 0);
}

/* The description that the slot's keys were made from. */
static void recall(const struct match_index *index, uint32_t slot, struct description *ret_description)
{
    struct evidence_view view = index_view(index, slot);
    const struct vocabulary *vocabulary = &index->vocabulary;
    *ret_description = (struct description){.birth = view.birth, .sex = view.sex};
    struct description *d = ret_description;
    d->name_count = view.name_count;
    for (size_t i = 0; i < view.name_count; i++) {
        d->names[i].kind = view_name_kind(&view, i);
        if (view_family(&view, i) != 0)
            normalise_again(intern_text(vocabulary, view_family(&view, i)), PART_FAMILY, &d->names[i].family);
        if (view.names[i * 3 + 1] != 0)
            normalise_again(intern_text(vocabulary, view.names[i * 3 + 1]), PART_GIVEN, &d->names[i].given);
    }
    d->carer_count = view.carer_count;
    for (size_t i = 0; i < view.carer_count; i++) {
        if (view.carers[i * 2] != 0)
            normalise_again(intern_text(vocabulary, view.carers[i * 2]), PART_FAMILY, &d->carers[i].family);
        if (view.carers[i * 2 + 1] != 0)
            normalise_again(intern_text(vocabulary, view.carers[i * 2 + 1]), PART_GIVEN, &d->carers[i].given);
    }
    d->place_count = view.place_count;
    d->present_count = view.present_count;
    for (size_t i = 0; i < view.place_count; i++)
        d->places[i] =
            (struct described_place){view.places[i * 3], view.places[i * 3 + 1], view.places[i * 3 + 2]};
    d->number_count = view.number_count;
    for (size_t i = 0; i < view.number_count; i++)
        d->numbers[i] = view_number(&view, i);
    d->phone_count = view.phone_count;
    for (size_t i = 0; i < view.phone_count; i++)
        d->phones[i] = view.phones[i];
}

/* Takes the slot's postings, words and evidence back; postings that are not there do no harm. */
static void clear_slot(struct match_index *index, uint32_t slot)
{
    struct description description;
    struct keys keys;
    struct slot *held = slot_at(index, slot);
    recall(index, slot, &description);
    block_keys(index->key, held->pending ? 0 : held->state, &description, &keys);
    for (size_t i = 0; i < keys.count; i++)
        postings_remove(index->postings, keys.at[i], slot);
    struct evidence_view view = index_view(index, slot);
    for (size_t i = 0; i < view.name_count; i++) {
        uint32_t class = use_class(held, view_name_kind(&view, i));
        intern_drop(&index->vocabulary, view_family(&view, i), class);
        intern_drop(&index->vocabulary, view.names[i * 3 + 1], class);
        intern_drop(&index->vocabulary, view.names[i * 3 + 2], class);
    }
    for (size_t i = 0; i < view.carer_count * 2u; i++)
        intern_drop(&index->vocabulary, view.carers[i], INTERN_CLASS_LINKAGE);
    pool_give(&index->pool, held->size_class, held->words);
    index->people--;
    index->state_people[held->pending ? 0 : held->state]--;
    if (held->pending)
        index->pending--;
    held->words = 0;
    sodium_memzero(&description, sizeof(description));
}

static void remove_slot(struct match_index *index, size_t id_at)
{
    uint32_t slot = ids_of(index)[id_at];
    clear_slot(index, slot);
    drop_id(index, id_at);
    *slot_at(index, slot) = (struct slot){.version = index->slot_free};
    index->slot_free = slot;
}

static enum fault take_slot(struct match_index *index, uint32_t *ret_slot)
{
    if (index->slot_free != 0) {
        *ret_slot = index->slot_free;
        index->slot_free = slot_at(index, *ret_slot)->version;
        return FAULT_NONE;
    }
    if (index->slot_next == INT32_MAX)
        return FAULT_MEMORY;
    size_t needed = ((size_t)index->slot_next + 1) * sizeof(struct slot);
    enum fault fault = region_extend(&index->slots, needed - index->slots.used_bytes);
    if (fault == FAULT_NONE)
        *ret_slot = index->slot_next++;
    return fault;
}

struct writer {
    struct match_index *index;
    uint32_t words[EVIDENCE_WORDS_MAX];
    uint32_t count;
    enum fault fault;
};

static void write_word(struct writer *writer, uint32_t word)
{
    must(writer->count < EVIDENCE_WORDS_MAX);
    writer->words[writer->count++] = word;
}

/* After a fault ids are 0, so that what was taken can be given back by the words written. */
static uint32_t write_name(struct writer *writer, const struct name *name, uint32_t class)
{
    uint32_t id = 0;
    if (writer->fault == FAULT_NONE)
        writer->fault = intern_take(&writer->index->vocabulary, name, class, &id);
    write_word(writer, id);
    return writer->count - 1;
}

static void write_evidence(struct writer *writer, const struct slot *slot, const struct description *d)
{
    write_word(writer, d->name_count | (uint32_t)d->place_count << 4 | (uint32_t)d->present_count << 8 |
                           (uint32_t)d->number_count << 12 | (uint32_t)d->carer_count << 17 |
                           (uint32_t)d->phone_count << 21);
    write_word(writer, d->birth.year | (uint32_t)d->birth.month << 12 | (uint32_t)d->birth.day << 16 |
                           (uint32_t)d->birth.precision << 21 | (uint32_t)d->sex << 24);
    for (size_t i = 0; i < d->name_count; i++) {
        uint32_t class = use_class(slot, d->names[i].kind);
        uint32_t family = write_name(writer, &d->names[i].family, class);
        writer->words[family] |= (uint32_t)d->names[i].kind << 28;
        (void)write_name(writer, &d->names[i].given, class);
        (void)write_name(writer, &d->names[i].other, class);
    }
    for (size_t i = 0; i < d->place_count; i++) {
        write_word(writer, d->places[i].postcode);
        write_word(writer, d->places[i].authority);
        write_word(writer, d->places[i].line);
    }
    for (size_t i = 0; i < d->number_count; i++) {
        write_word(writer, (uint32_t)(d->numbers[i] >> 32));
        write_word(writer, (uint32_t)d->numbers[i]);
    }
    for (size_t i = 0; i < d->carer_count; i++) {
        (void)write_name(writer, &d->carers[i].family, INTERN_CLASS_LINKAGE);
        (void)write_name(writer, &d->carers[i].given, INTERN_CLASS_LINKAGE);
    }
    for (size_t i = 0; i < d->phone_count; i++)
        write_word(writer, d->phones[i]);
}

/* Fills an empty slot.  On a fault the slot is empty again. */
static enum fault fill_slot(struct match_index *index, uint32_t slot, const struct description *description,
                            const struct keys *keys)
{
    struct slot *held = slot_at(index, slot);
    struct writer writer = {.index = index};
    write_evidence(&writer, held, description);
    uint32_t size_class = pool_class_of(writer.count);
    uint32_t words = 0;
    enum fault fault = pool_take(&index->pool, size_class, &words);
    if (fault != FAULT_NONE)
        return fault; /* words of the vocabulary stay used: memory is at its end, nothing is found by them */
    memcpy(pool_at(&index->pool, words), writer.words, writer.count * sizeof(uint32_t));
    held->words = words;
    held->size_class = (uint8_t)size_class;
    index->people++;
    index->state_people[held->pending ? 0 : held->state]++;
    if (held->pending)
        index->pending++;
    fault = writer.fault;
    for (size_t i = 0; i < keys->count && fault == FAULT_NONE; i++)
        fault = postings_add(index->postings, keys->at[i], slot);
    if (fault != FAULT_NONE)
        clear_slot(index, slot);
    return fault;
}

static enum fault put(struct match_index *index, const struct slot *wanted,
                      const struct description *description, const struct keys *keys)
{
    enum fault fault = make_ids_room(index);
    if (fault != FAULT_NONE)
        return fault;
    size_t at = id_place(index, wanted->child);
    if (ids_of(index)[at] != 0)
        remove_slot(index, at);
    uint32_t slot;
    fault = take_slot(index, &slot);
    if (fault != FAULT_NONE)
        return fault;
    *slot_at(index, slot) = *wanted;
    fault = fill_slot(index, slot, description, keys);
    if (fault != FAULT_NONE) {
        *slot_at(index, slot) = (struct slot){.version = index->slot_free};
        index->slot_free = slot;
        return fault;
    }
    ids_of(index)[id_place(index, wanted->child)] = slot;
    return FAULT_NONE;
}

enum fault match_put(struct match_index *index, struct child_id child, enum record_state state,
                     uint32_t version, bool pending, const struct person *person)
{
    must(state >= RECORD_LIVE && state <= RECORD_SEALED);
    struct description description;
    struct keys keys;
    describe_person(person, index->key, &description);
    block_keys(index->key, pending ? 0 : state, &description, &keys);
    struct slot wanted = {.child = child, .version = version, .state = (uint8_t)state, .pending = pending};
    (void)pthread_rwlock_wrlock(&index->lock);
    for (size_t i = 0; i < keys.count; i++)
        postings_fetch(index->postings, keys.at[i]);
    enum fault fault = put(index, &wanted, &description, &keys);
    (void)pthread_rwlock_unlock(&index->lock);
    sodium_memzero(&description, sizeof(description));
    return fault;
}

void match_remove(struct match_index *index, struct child_id child)
{
    (void)pthread_rwlock_wrlock(&index->lock);
    if (ids_room(index) > 0) {
        size_t at = id_place(index, child);
        if (ids_of(index)[at] != 0)
            remove_slot(index, at);
    }
    (void)pthread_rwlock_unlock(&index->lock);
}

struct match_counts match_counts(const struct match_index *index)
{
    pthread_rwlock_t *lock = (pthread_rwlock_t *)(uintptr_t)&index->lock;
    (void)pthread_rwlock_rdlock(lock);
    struct match_counts counts = {.people = index->people, .pending = index->pending};
    counts.bytes = sizeof(*index) + index->pool.words.used_bytes + index->slots.used_bytes +
                   index->ids.used_bytes + intern_bytes(&index->vocabulary) + postings_bytes(index->postings);
    (void)pthread_rwlock_unlock(lock);
    return counts;
}
