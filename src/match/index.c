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
    randombytes_buf(index->key, sizeof(index->key));
    enum fault fault = postings_open(&index->pool, &index->postings);
    if (fault == FAULT_NONE)
        fault = pairs_open(&index->pairs);
    if (fault == FAULT_NONE)
        fault = intern_open(&index->vocabulary, &index->pool, index->key);
    if (fault == FAULT_NONE && rcu_open(&index->rcu) != 0)
        fault = FAULT_SYSTEM;
    if (fault != FAULT_NONE) {
        intern_close(&index->vocabulary);
        pairs_close(index->pairs);
        postings_close(index->postings);
        free(index);
        return fault;
    }
    /* Opens the transliterator now: it takes milliseconds, which no search should wait for. */
    struct name warm;
    normalise_name(STR("\xC3\xA9"), PART_GIVEN, &warm);
    index->trained = model;
    index->model = model == NULL ? &match_model_shipped : &model->weights;
    index->slot_next = 1;
    moment_begin(&index->moments[0], index->slot_next);
    *ret_index = index;
    return FAULT_NONE;
}

void match_close(struct match_index *index)
{
    if (index == NULL)
        return;
    rcu_close(&index->rcu);
    retire_drop(&index->pool.retired);
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

static bool is_gone(const struct match_index *index, uint32_t slot)
{
    for (uint32_t i = 0; i < index->gone_count; i++) {
        if (index->gone[i] == slot)
            return true;
    }
    return false;
}

/* The child's slot as the writer has it, or 0. */
static uint32_t find_child(const struct match_index *index, uint64_t hash, struct child_id child)
{
    if (table_room(&index->ids) == 0)
        return 0;
    size_t at = table_home(&index->ids, hash);
    uint32_t slot;
    while ((slot = table_next(&index->ids, hash, &at)) != 0 &&
           (!id_equal(index_child(index, slot).id, child.id) || is_gone(index, slot)))
        at++;
    return slot;
}

uint32_t index_find(const struct match_index *index, const struct moment *moment, struct child_id child)
{
    if (table_room(&moment->ids) == 0)
        return 0;
    const uint64_t hash = index_hash(index, child);
    size_t at = table_home(&moment->ids, hash);
    uint32_t slot;
    while ((slot = table_next(&moment->ids, hash, &at)) != 0 &&
           (!moment_sees(moment, slot) || !id_equal(index_child(index, slot).id, child.id)))
        at++;
    return slot;
}

/* At most four fifths full, so that every slot fits the table's bits. */
static enum fault make_ids_room(struct match_index *index)
{
    size_t held = index->slot_next;
    if ((held + index->ids.left + 1) * 5 < table_room(&index->ids) * 4)
        return FAULT_NONE;
    struct table renewed;
    enum fault fault = table_renew(&index->ids, held, &renewed);
    if (fault != FAULT_NONE)
        return fault;
    for (uint32_t slot = 1; slot < index->slot_next; slot++) {
        if (index_slot(index, slot)->words != 0)
            table_put(&renewed, index_hash(index, index_child(index, slot)), slot);
    }
    table_retire(&index->ids, &index->pool.retired);
    index->ids = renewed;
    return FAULT_NONE;
}

static void drop_id(struct match_index *index, uint32_t slot)
{
    const uint64_t hash = index_hash(index, index_child(index, slot));
    size_t at = table_home(&index->ids, hash);
    uint32_t found;
    while ((found = table_next(&index->ids, hash, &at)) != 0 && found != slot)
        at++;
    if (found == slot)
        table_take(&index->ids, at);
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

static void count_people(struct match_index *index, const struct slot *held, bool more)
{
    const uint32_t change = more ? 1 : UINT32_MAX;
    index->people += more ? 1 : UINT64_MAX;
    index->state_people[held->pending ? 0 : held->state] += change;
    if (held->pending)
        index->pending += more ? 1 : UINT64_MAX;
}

/* Takes the postings, words and evidence back of a slot that no moment sees; postings that are not there do
 * no harm. */
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
    for (size_t i = 0; i < view.name_count; i++) {
        uint32_t class = index_use_class(held, view_name_kind(&view, i));
        intern_drop(&index->vocabulary, view_family(&view, i), class);
        intern_drop(&index->vocabulary, view_given(&view, i), class);
        intern_drop(&index->vocabulary, view_other(&view, i), class);
    }
    for (size_t i = 0; i < view.carer_count * 2u; i++)
        intern_drop(&index->vocabulary, view.carers[i], INTERN_CLASS_LINKAGE);
    drop_id(index, slot);
    match_pool_give(&index->pool, match_pool_class_of(evidence_words(index, held)), held->words);
    describe_wipe(&description);
    *held = (struct slot){.version = index->slot_free & SLOT_VERSION_MAX};
    index->slot_free = slot;
}

/* Whoever is in the slot is not seen from the next turn on. */
static void hide_slot(struct match_index *index, uint32_t slot)
{
    must(index->gone_count < sizeof(index->gone) / sizeof(index->gone[0]));
    index->gone[index->gone_count++] = slot;
    count_people(index, index_slot(index, slot), false);
}

static enum fault take_slot(struct match_index *index, uint32_t *ret_slot)
{
    if (index->reserve_count > 0) {
        *ret_slot = index->reserve[--index->reserve_count];
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

/* Those who might look at what the last write replaced have left.  What is taken back of a slot, readers of
 * now may meet on their way: it is retired for the write after this one. */
void index_write(struct match_index *index)
{
    rcu_write(&index->rcu);
    retire_drop(&index->pool.retired);
    if (index->vocabulary.wiped > 0)
        pairs_forget(index->pairs);
    index->vocabulary.wiped = 0;
    for (; index->gone_count > 0; index->gone_count--)
        clear_slot(index, index->gone[index->gone_count - 1]);
}

/* Makes a moment of what is there now, for those who enter from now on. */
static void publish(struct match_index *index)
{
    struct moment *moment = &index->moments[rcu_free_side(&index->rcu)];
    while (index->reserve_count < INDEX_RESERVE && index->slot_free != 0) {
        const uint32_t slot = index->slot_free;
        index->slot_free = index_slot(index, slot)->version;
        slot_at(index, slot)->version = 0;
        index->reserve[index->reserve_count++] = slot;
    }
    moment_begin(moment, index->slot_next);
    for (uint32_t i = 0; i < index->gone_count; i++)
        moment_hide(moment, index->gone[i]);
    for (uint32_t i = 0; i < index->reserve_count; i++)
        moment_hide(moment, index->reserve[i]);
    memcpy(moment->state_people, index->state_people, sizeof(moment->state_people));
    moment->ids = index->ids;
    rcu_turn(&index->rcu);
    rcu_write_end(&index->rcu);
}

/* What was replaced may be hidden now: it is taken out of the postings at once, so that no later search works
 * more or less for it (R5.5). */
void index_write_end(struct match_index *index)
{
    const bool replaced = index->gone_count > 0;
    publish(index);
    if (replaced) {
        index_write(index);
        publish(index);
    }
}

void index_settle(struct match_index *index)
{
    index_write(index);
    publish(index);
}

const struct moment *index_enter(struct match_index *index)
{
    return &index->moments[rcu_enter(&index->rcu)];
}

void index_leave(struct match_index *index, const struct moment *moment)
{
    rcu_leave(&index->rcu, moment != index->moments);
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

/* Fills a slot that no moment sees.  On a fault it is free again. */
static enum fault fill_slot(struct match_index *index, uint32_t slot, struct ready *ready)
{
    struct slot *held = slot_at(index, slot);
    const struct keys *keys = &ready->keys;
    uint32_t size_class = match_pool_class_of(ready->word_count);
    uint32_t words = 0;
    enum fault fault = match_pool_take(&index->pool, size_class, &words);
    if (fault != FAULT_NONE) {
        index->reserve[index->reserve_count++] = slot;
        return fault;
    }
    fault = intern_names(index, ready);
    memcpy(match_pool_at(&index->pool, words), ready->words, ready->word_count * sizeof(uint32_t));
    *held = ready->slot;
    held->words = words;
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
    uint32_t held = find_child(index, ready->hash, ready->child), slot;
    if (held != 0 && is_outdated(&ready->slot, index_slot(index, held)))
        return FAULT_NONE;
    fault = take_slot(index, &slot);
    if (fault == FAULT_NONE)
        fault = fill_slot(index, slot, ready);
    if (fault != FAULT_NONE)
        return fault;
    if (held != 0)
        hide_slot(index, held);
    count_people(index, index_slot(index, slot), true);
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
    index_write(index);
    for (size_t i = 0; i < ready.keys.count; i++)
        postings_fetch(index->postings, ready.keys.at[i]);
    enum fault fault = index_put(index, &ready);
    index_write_end(index);
    ready_wipe(&ready);
    return fault;
}

void match_remove(struct match_index *index, struct child_id child)
{
    const uint64_t hash = index_hash(index, child);
    index_write(index);
    uint32_t slot = find_child(index, hash, child);
    if (slot != 0)
        hide_slot(index, slot);
    index_write_end(index);
    index_settle(index);
}

uint32_t match_version(struct match_index *index, struct child_id child)
{
    const struct moment *moment = index_enter(index);
    uint32_t slot = index_find(index, moment, child);
    bool known = slot != 0 && !index_slot(index, slot)->pending;
    uint32_t version = known ? index_slot(index, slot)->version : 0;
    index_leave(index, moment);
    return version;
}

enum record_state match_state(struct match_index *index, struct child_id child)
{
    const struct moment *moment = index_enter(index);
    uint32_t slot = index_find(index, moment, child);
    bool known = slot != 0 && !index_slot(index, slot)->pending;
    enum record_state state =
        known ? (enum record_state)index_slot(index, slot)->state : (enum record_state)0;
    index_leave(index, moment);
    return state;
}

struct match_counts match_counts(const struct match_index *index)
{
    struct rcu *rcu = (struct rcu *)(uintptr_t)&index->rcu;
    rcu_write(rcu);
    struct match_counts counts = {.people = index->people, .pending = index->pending};
    counts.bytes = sizeof(*index) + index->pool.words.used_bytes + index->slots.used_bytes +
                   index->ids.region.used_bytes + intern_bytes(&index->vocabulary) +
                   postings_bytes(index->postings) + pairs_bytes();
    rcu_write_end(rcu);
    return counts;
}
