#include "match/save.h"

#include "match/index.h"

/* Another number for every change of what is written: another layout is not read. */
static const uint64_t LAYOUT = 0x314D684300000008;

/* Everything of an index but its arrays. */
struct saved_head {
    uint64_t layout;
    uint32_t slot_bytes; /* sizes, so that nothing is read as what it is not */
    uint32_t word_bytes;
    uint8_t key[16];
    struct match_model model;
    uint32_t state_people[RECORD_STATES + 1];
    uint64_t people;
    uint64_t pending;
    uint32_t slot_next;
    uint32_t slot_free;
    uint32_t reserve[INDEX_RESERVE];
    uint32_t reserve_count;
    uint32_t free_head[POOL_CLASSES];
    uint32_t id_bits;
    uint32_t ids_left;
    uint32_t word_bits;
    uint32_t words_left;
    uint32_t word_count;
    uint32_t word_next;
    uint32_t word_free;
};

enum fault save_bytes(const struct match_writer *writer, const void *at, size_t len)
{
    const uint8_t *bytes = at;
    for (size_t done = 0; done < len;) {
        size_t some = len - done < SAVE_PIECE_BYTES ? len - done : SAVE_PIECE_BYTES;
        enum fault fault = writer->write(writer->context, (struct bytes){bytes + done, some});
        if (fault != FAULT_NONE)
            return fault;
        done += some;
    }
    return FAULT_NONE;
}

enum fault load_bytes(const struct match_reader *reader, void *at, size_t len)
{
    uint8_t *bytes = at;
    for (size_t done = 0; done < len;) {
        size_t some = len - done < SAVE_PIECE_BYTES ? len - done : SAVE_PIECE_BYTES;
        enum fault fault = reader->read(reader->context, bytes + done, some);
        if (fault != FAULT_NONE)
            return fault;
        done += some;
    }
    return FAULT_NONE;
}

enum fault save_region(const struct match_writer *writer, const struct region *region)
{
    uint64_t used_bytes = region->used_bytes;
    enum fault fault = save_bytes(writer, &used_bytes, sizeof(used_bytes));
    return fault != FAULT_NONE ? fault : save_bytes(writer, region->at, region->used_bytes);
}

enum fault load_region(const struct match_reader *reader, struct region *region)
{
    uint64_t used_bytes;
    enum fault fault = load_bytes(reader, &used_bytes, sizeof(used_bytes));
    if (fault != FAULT_NONE)
        return fault;
    if (used_bytes > REGION_MOST_BYTES || region->used_bytes != 0)
        return FAULT_CORRUPT;
    fault = region_extend(region, used_bytes);
    return fault != FAULT_NONE ? fault : load_bytes(reader, region->at, used_bytes);
}

static struct saved_head head_of(const struct match_index *index)
{
    struct saved_head head;
    memset(&head, 0, sizeof(head)); /* what lies between the fields too */
    head.layout = LAYOUT;
    head.slot_bytes = sizeof(struct slot);
    head.word_bytes = sizeof(struct word);
    head.model = *index->model;
    head.people = index->people;
    head.pending = index->pending;
    head.slot_next = index->slot_next;
    head.slot_free = index->slot_free;
    head.id_bits = index->ids.bits;
    head.word_bits = index->vocabulary.table.bits;
    head.word_count = index->vocabulary.count;
    head.word_next = index->vocabulary.next_id;
    head.word_free = index->vocabulary.free_id;
    head.ids_left = index->ids.left;
    head.words_left = index->vocabulary.table.left;
    head.reserve_count = index->reserve_count;
    memcpy(head.reserve, index->reserve, sizeof(head.reserve));
    memcpy(head.key, index->key, sizeof(head.key));
    memcpy(head.state_people, index->state_people, sizeof(head.state_people));
    memcpy(head.free_head, index->pool.free_head, sizeof(head.free_head));
    return head;
}

static enum fault save_all(struct match_index *index, const struct match_writer *writer)
{
    const struct vocabulary *vocabulary = &index->vocabulary;
    const struct region *regions[] = {&index->pool.words, &index->slots,     &index->ids.region,
                                      &vocabulary->words, &vocabulary->uses, &vocabulary->table.region};
    const struct saved_head head = head_of(index);
    enum fault fault = save_bytes(writer, &head, sizeof(head));
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]) && fault == FAULT_NONE; i++)
        fault = save_region(writer, regions[i]);
    if (fault == FAULT_NONE)
        fault = postings_save(index->postings, writer);
    if (fault == FAULT_NONE)
        fault = postings_save(vocabulary->spellings, writer);
    return fault;
}

enum fault match_save(struct match_index *index, const struct match_writer *writer)
{
    index_settle(index);
    index_write(index);
    match_pool_tidy(&index->pool);
    enum fault fault = save_all(index, writer);
    index_write_end(index);
    return fault;
}

static void take_head(struct match_index *index, const struct saved_head *head)
{
    struct vocabulary *vocabulary = &index->vocabulary;
    index->people = head->people;
    index->pending = head->pending;
    index->slot_next = head->slot_next;
    index->slot_free = head->slot_free;
    index->reserve_count = head->reserve_count;
    memcpy(index->reserve, head->reserve, sizeof(index->reserve));
    index->ids.left = head->ids_left;
    vocabulary->table.left = head->words_left;
    index->ids.bits = head->id_bits;
    vocabulary->table.bits = head->word_bits;
    vocabulary->count = head->word_count;
    vocabulary->next_id = head->word_next;
    vocabulary->free_id = head->word_free;
    memcpy(index->key, head->key, sizeof(index->key));
    memcpy(vocabulary->key, head->key, sizeof(vocabulary->key));
    memcpy(index->state_people, head->state_people, sizeof(index->state_people));
    memcpy(index->pool.free_head, head->free_head, sizeof(index->pool.free_head));
    index->pool.free_most = POOL_CLASSES - 1;
}

/* The arrays are as long as the head says. */
static bool head_fits(const struct match_index *index, const struct saved_head *head)
{
    const struct vocabulary *vocabulary = &index->vocabulary;
    size_t slots = head->slot_next, words = head->word_next;
    size_t ids = index->ids.region.used_bytes, places = vocabulary->table.region.used_bytes;
    return head->reserve_count <= INDEX_RESERVE && head->id_bits < 32 && head->word_bits < 32 &&
           head->people < slots && head->word_count < words &&
           (slots == 1 || index->slots.used_bytes == slots * sizeof(struct slot)) &&
           (words == 1 || (vocabulary->words.used_bytes == words * sizeof(struct word) &&
                           vocabulary->uses.used_bytes == words * sizeof(struct word_uses))) &&
           ids == table_room(&index->ids) * sizeof(uint32_t) &&
           places == table_room(&vocabulary->table) * sizeof(uint32_t);
}

static enum fault load_all(struct match_index *index, const struct match_reader *reader)
{
    struct vocabulary *vocabulary = &index->vocabulary;
    struct region *regions[] = {&index->pool.words, &index->slots,     &index->ids.region,
                                &vocabulary->words, &vocabulary->uses, &vocabulary->table.region};
    struct saved_head head;
    enum fault fault = load_bytes(reader, &head, sizeof(head));
    if (fault != FAULT_NONE)
        return fault;
    if (head.layout != LAYOUT || head.slot_bytes != sizeof(struct slot) ||
        head.word_bytes != sizeof(struct word) || memcmp(&head.model, index->model, sizeof(head.model)) != 0)
        return FAULT_CORRUPT;
    take_head(index, &head);
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]) && fault == FAULT_NONE; i++)
        fault = load_region(reader, regions[i]);
    if (fault != FAULT_NONE || !head_fits(index, &head))
        return fault != FAULT_NONE ? fault : FAULT_CORRUPT;
    fault = postings_load(index->postings, reader);
    if (fault == FAULT_NONE)
        fault = postings_load(vocabulary->spellings, reader);
    return fault;
}

enum fault match_load(struct match_index *index, const struct match_reader *reader)
{
    index_write(index);
    bool empty = index->people == 0 && index->slot_next == 1;
    enum fault fault = empty ? load_all(index, reader) : FAULT_INVALID;
    index_write_end(index);
    return fault;
}
