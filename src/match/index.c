#include "match/index.h"

#include <sodium.h>
#include <stdlib.h>

#include "match/ready.h"

enum fault match_open(struct match_index **ret_index)
{
    return match_open_with(NULL, ret_index);
}

enum fault match_open_with(const struct model_file *model, struct match_index **ret_index)
{
    if (sodium_init() < 0)
        return FAULT_SYSTEM;
    struct match_index *index = calloc(1, sizeof(*index));
    if (index == NULL)
        return FAULT_MEMORY;
    enum fault fault = postings_open(&index->pool, &index->postings);
    if (fault == FAULT_NONE)
        fault = pairs_open(&index->pairs);
    if (fault == FAULT_NONE && gate_open(&index->lock) != 0)
        fault = FAULT_SYSTEM;
    if (fault != FAULT_NONE) {
        pairs_close(index->pairs);
        postings_close(index->postings);
        free(index);
        return fault;
    }
    randombytes_buf(index->key, sizeof(index->key));
    /* Opens the transliterator now: it takes milliseconds, which no search should wait for. */
    struct name warm;
    normalise_name(STR("\xC3\xA9"), PART_GIVEN, &warm);
    intern_open(&index->vocabulary, &index->pool, index->key);
    index->trained = model;
    index->model = model == NULL ? &match_model_shipped : &model->weights;
    index->slot_next = 1;
    *ret_index = index;
    return FAULT_NONE;
}

void match_close(struct match_index *index)
{
    if (index == NULL)
        return;
    gate_close(&index->lock);
    pairs_close(index->pairs);
    postings_close(index->postings);
    intern_close(&index->vocabulary);
    match_pool_close(&index->pool);
    region_close(&index->slots);
    table_close(&index->ids);
    sodium_memzero(index, sizeof(*index));
    free(index);
}

static struct slot *slot_at(struct match_index *index, uint32_t slot)
{
    return (struct slot *)(void *)index->slots.at + slot;
}

uint64_t index_hash(const struct match_index *index, struct child_id child)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, child.id.byte, sizeof(child.id.byte), index->key);
    return hash;
}

/* The child's slot, or 0; in *ret_at its place in the table. */
static uint32_t find_child(const struct match_index *index, uint64_t hash, struct child_id child,
                           size_t *ret_at)
{
    if (table_room(&index->ids) == 0)
        return 0;
    size_t at = table_home(&index->ids, hash);
    uint32_t slot;
    while ((slot = table_next(&index->ids, hash, &at)) != 0 &&
           !id_equal(index_child(index, slot).id, child.id))
        at++;
    *ret_at = at;
    return slot;
}

/* At most four fifths full, so that every slot fits the table's bits. */
static enum fault make_ids_room(struct match_index *index)
{
    if ((index->people + 1) * 5 < table_room(&index->ids) * 4)
        return FAULT_NONE;
    struct table grown;
    enum fault fault = table_twice(&index->ids, &grown);
    if (fault != FAULT_NONE)
        return fault;
    for (uint32_t slot = 1; slot < index->slot_next; slot++) {
        if (index_slot(index, slot)->words != 0)
            table_put(&grown, index_hash(index, index_child(index, slot)), slot);
    }
    table_close(&index->ids);
    index->ids = grown;
    return FAULT_NONE;
}

static void drop_id(struct match_index *index, size_t at)
{
    uint32_t moved;
    (void)table_take(&index->ids, at);
    while ((moved = table_take(&index->ids, ++at)) != 0)
        table_put(&index->ids, index_hash(index, index_child(index, moved)), moved);
}

struct evidence_view index_view(const struct match_index *index, uint32_t slot)
{
    const struct slot *held = index_slot(index, slot);
    const uint32_t *words = match_pool_at(&index->pool, held->words);
    const uint32_t counts = words[EVIDENCE_COUNTS];
    struct evidence_view view = {
        .name_count = counts & 15,
        .place_count = counts >> 4 & 15,
        .present_count = counts >> 8 & 15,
        .number_count = counts >> 12 & 31,
        .carer_count = counts >> 17 & 15,
        .phone_count = counts >> 21 & 15,
        .birth = sketch_birth(held->sketch.facts),
        .sex = sketch_sex(held->sketch.facts),
        .slot = held,
    };
    view.names = words + EVIDENCE_NAMES;
    view.places = view.names + (view.name_count == 0 ? 0 : view.name_count * 3 - 2);
    view.numbers = view.places + view.place_count * 3;
    view.carers = view.numbers + view.number_count + (view.number_count + 1) / 2;
    view.phones = view.carers + view.carer_count * 2;
    return view;
}

static uint32_t evidence_words(const struct match_index *index, const struct slot *held)
{
    struct evidence_view view = index_view(index, (uint32_t)(held - index_slot(index, 0)));
    const uint32_t *end = view.phones + view.phone_count;
    return (uint32_t)(end - match_pool_at(&index->pool, held->words));
}

void index_recall(const struct match_index *index, uint32_t slot, struct description *ret_description)
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
        if (view_given(&view, i) != 0)
            normalise_again(intern_text(vocabulary, view_given(&view, i)), PART_GIVEN, &d->names[i].given);
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
    index_recall(index, slot, &description);
    block_keys(index->key, held->pending ? 0 : held->state, &description, &keys);
    for (size_t i = 0; i < keys.count; i++)
        postings_remove(index->postings, keys.at[i], slot);
    struct evidence_view view = index_view(index, slot);
    uint32_t words_held = index->vocabulary.count;
    for (size_t i = 0; i < view.name_count; i++) {
        uint32_t class = index_use_class(held, view_name_kind(&view, i));
        intern_drop(&index->vocabulary, view_family(&view, i), class);
        intern_drop(&index->vocabulary, view_given(&view, i), class);
        intern_drop(&index->vocabulary, view_other(&view, i), class);
    }
    for (size_t i = 0; i < view.carer_count * 2u; i++)
        intern_drop(&index->vocabulary, view.carers[i], INTERN_CLASS_LINKAGE);
    if (index->vocabulary.count != words_held)
        pairs_forget(index->pairs);
    match_pool_give(&index->pool, match_pool_class_of(evidence_words(index, held)), held->words);
    index->people--;
    index->state_people[held->pending ? 0 : held->state]--;
    if (held->pending)
        index->pending--;
    held->words = 0;
    describe_wipe(&description);
}

static void free_slot(struct match_index *index, uint32_t slot)
{
    *slot_at(index, slot) = (struct slot){.version = index->slot_free & SLOT_VERSION_MAX};
    index->slot_free = slot;
}

/* `at` is its place in the table of ids. */
static void remove_slot(struct match_index *index, uint32_t slot, size_t at)
{
    drop_id(index, at);
    clear_slot(index, slot);
    free_slot(index, slot);
}

static enum fault take_slot(struct match_index *index, uint32_t *ret_slot)
{
    if (index->slot_free != 0) {
        *ret_slot = index->slot_free;
        index->slot_free = slot_at(index, *ret_slot)->version;
        return FAULT_NONE;
    }
    if (index->slot_next == SLOT_VERSION_MAX)
        return FAULT_MEMORY;
    size_t needed = ((size_t)index->slot_next + 1) * sizeof(struct slot);
    enum fault fault = region_extend(&index->slots, needed - index->slots.used_bytes);
    if (fault == FAULT_NONE)
        *ret_slot = index->slot_next++;
    return fault;
}

/* Takes the ids of all names.  On a fault those not taken stay 0, and the others can be given back by the
 * words. */
static enum fault intern_names(struct match_index *index, struct ready *ready)
{
    for (uint32_t i = 0; i < ready->name_count; i++) {
        const struct ready_name *name = &ready->names[i];
        uint32_t id;
        enum fault fault = intern_take(&index->vocabulary, &name->name, name->use_class, &id);
        if (fault != FAULT_NONE)
            return fault;
        if (name->word == READY_FAMILY)
            ready->slot.family = id & INTERN_ID_MAX;
        else if (name->word == READY_GIVEN)
            ready->slot.given = id & INTERN_ID_MAX;
        else
            ready->words[name->word] |= id;
    }
    return FAULT_NONE;
}

/* Fills an empty slot.  On a fault the slot is empty again. */
static enum fault fill_slot(struct match_index *index, uint32_t slot, struct ready *ready)
{
    struct slot *held = slot_at(index, slot);
    const struct keys *keys = &ready->keys;
    enum fault named = intern_names(index, ready);
    uint32_t size_class = match_pool_class_of(ready->word_count);
    uint32_t words = 0;
    enum fault fault = match_pool_take(&index->pool, size_class, &words);
    if (fault != FAULT_NONE)
        return fault; /* words of the vocabulary stay used: memory is at its end, nothing is found by them */
    memcpy(match_pool_at(&index->pool, words), ready->words, ready->word_count * sizeof(uint32_t));
    held->words = words;
    held->family = ready->slot.family;
    held->given = ready->slot.given;
    index->people++;
    index->state_people[held->pending ? 0 : held->state]++;
    if (held->pending)
        index->pending++;
    fault = named;
    for (size_t i = 0; i < keys->count && fault == FAULT_NONE; i++)
        fault = postings_add(index->postings, keys->at[i], slot);
    if (fault != FAULT_NONE)
        clear_slot(index, slot);
    return fault;
}

/* Two servers: an own put that comes late must not undo what was followed meanwhile. */
static bool is_outdated(const struct slot *wanted, const struct slot *held)
{
    return !wanted->pending && !held->pending && wanted->version < held->version;
}

enum fault index_put(struct match_index *index, struct ready *ready)
{
    enum fault fault = make_ids_room(index);
    if (fault != FAULT_NONE)
        return fault;
    size_t at;
    uint32_t slot = find_child(index, ready->hash, ready->child, &at);
    if (slot != 0 && is_outdated(&ready->slot, index_slot(index, slot)))
        return FAULT_NONE;
    if (slot != 0)
        remove_slot(index, slot, at);
    fault = take_slot(index, &slot);
    if (fault != FAULT_NONE)
        return fault;
    *slot_at(index, slot) = ready->slot;
    fault = fill_slot(index, slot, ready);
    if (fault != FAULT_NONE) {
        free_slot(index, slot);
        return fault;
    }
    table_put(&index->ids, ready->hash, slot);
    return FAULT_NONE;
}

struct slot index_slot_of(enum record_state state, uint32_t version, bool pending)
{
    must(state >= RECORD_LIVE && state <= RECORD_SEALED && version <= SLOT_VERSION_MAX);
    return (struct slot){.version = version & SLOT_VERSION_MAX, .state = state & 7, .pending = pending};
}

enum fault match_put(struct match_index *index, struct child_id child, enum record_state state,
                     uint32_t version, bool pending, const struct person *person)
{
    struct description description;
    struct ready ready;
    const struct slot slot = index_slot_of(state, version, pending);
    describe_person(person, index->key, index->trained, &description);
    ready_make(index, child, &slot, &description, &ready);
    describe_wipe(&description);
    gate_write(&index->lock);
    for (size_t i = 0; i < ready.keys.count; i++)
        postings_fetch(index->postings, ready.keys.at[i]);
    enum fault fault = index_put(index, &ready);
    gate_write_end(&index->lock);
    ready_wipe(&ready);
    return fault;
}

void match_remove(struct match_index *index, struct child_id child)
{
    uint64_t hash = index_hash(index, child);
    size_t at;
    gate_write(&index->lock);
    uint32_t slot = find_child(index, hash, child, &at);
    if (slot != 0)
        remove_slot(index, slot, at);
    gate_write_end(&index->lock);
}

uint32_t index_find(const struct match_index *index, struct child_id child)
{
    size_t at;
    return find_child(index, index_hash(index, child), child, &at);
}

uint32_t match_version(struct match_index *index, struct child_id child)
{
    uint64_t hash = index_hash(index, child);
    size_t at;
    gate_read(&index->lock);
    uint32_t slot = find_child(index, hash, child, &at);
    bool known = slot != 0 && !index_slot(index, slot)->pending;
    uint32_t version = known ? index_slot(index, slot)->version : 0;
    gate_read_end(&index->lock);
    return version;
}

enum record_state match_state(struct match_index *index, struct child_id child)
{
    uint64_t hash = index_hash(index, child);
    size_t at;
    gate_read(&index->lock);
    uint32_t slot = find_child(index, hash, child, &at);
    bool known = slot != 0 && !index_slot(index, slot)->pending;
    enum record_state state =
        known ? (enum record_state)index_slot(index, slot)->state : (enum record_state)0;
    gate_read_end(&index->lock);
    return state;
}

struct match_counts match_counts(const struct match_index *index)
{
    struct gate *lock = (struct gate *)(uintptr_t)&index->lock;
    gate_read(lock);
    struct match_counts counts = {.people = index->people, .pending = index->pending};
    counts.bytes = sizeof(*index) + index->pool.words.used_bytes + index->slots.used_bytes +
                   index->ids.region.used_bytes + intern_bytes(&index->vocabulary) +
                   postings_bytes(index->postings) + pairs_bytes();
    gate_read_end(lock);
    return counts;
}
