#include "bench/crowd.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "generate/slip.h"
#include "match/number.h"
#include "registry/row.h"

enum {
    ARENA_BYTES = 256 * 1024,
    PACKED_BYTES_MAX = 8 * 1024,
    NEW_OF = 20,       /* one child of so many is not in the index: the feed brings it */
    SHIELDED_OF = 200, /* one of so many is shielded */
    FEED_YEAR = 1,
};

_Static_assert((int)CENSUS_COLUMNS == (int)COLUMNS_END, "a census row is a row of a feed");

/* One thread's share. */
struct share {
    const struct crowd_order *order;
    struct match_index *index;
    uint32_t part;
    size_t indexed;
    struct feed_row *feed;
    size_t feed_count;
    size_t feed_room;
    uint8_t *packed;
    size_t packed_len;
    size_t packed_room;
    struct question *questions;
    size_t question_count;
    size_t question_room;
    struct buffer row;
};

_Noreturn void crowd_fail(const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, fault_last_note());
    exit(1);
}

static void *grow(void *at, size_t *room, size_t needed, size_t size_bytes)
{
    if (needed <= *room)
        return at;
    *room = needed < 1024 ? 1024 : needed + needed / 2;
    void *more = reallocarray(at, *room, size_bytes);
    if (more == NULL)
        crowd_fail("no memory");
    return more;
}

struct child_id crowd_id(uint32_t child)
{
    struct child_id id;
    struct stream stream = stream_of(child);
    for (size_t i = 0; i < sizeof id.id.byte; i += sizeof(uint64_t)) {
        uint64_t random = stream_next(&stream);
        memcpy(id.id.byte + i, &random, sizeof random);
    }
    return id;
}

bool crowd_has(uint32_t child)
{
    return child % NEW_OF != 0;
}

static enum fault add_own_number(uint32_t child, struct arena *arena, struct person *person)
{
    char number[CONTACTPOINT_NUMBER_LEN];
    struct stream stream = stream_of(text_mix(child, 0x6F776E, 0));
    number_contactpoint_new(entropy_of_stream(&stream), number);
    if (person->number_count == PERSON_NUMBERS_MAX)
        return FAULT_NONE;
    struct person_number *own = &person->numbers[person->number_count++];
    own->scheme = NUMBER_contactpoint;
    return arena_copy(arena, (struct str){number, sizeof number}, &own->value);
}

/* Identity ranks: health, child benefit, education, then the others (ranks.def). */
enum fault crowd_person(const struct census_child *child, struct arena *arena, struct person *ret_person)
{
    static const enum source order[] = {SOURCE_health, SOURCE_child_benefit, SOURCE_education,
                                        SOURCE_social_care, SOURCE_youth_justice};
    enum fault fault = FAULT_NONE;
    *ret_person = (struct person){0};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        for (size_t k = 0; k < child->row_count; k++) {
            struct row row;
            if (child->rows[k].source != order[i])
                continue;
            memcpy(row.at, child->rows[k].at, sizeof row.at);
            TRY(row_to_person(&row, arena, ret_person));
        }
    if (ret_person->name_count > 0)
        TRY(add_own_number(child->number, arena, ret_person));
done:
    return fault;
}

static void keep_feed_row(struct share *share, uint32_t child, const struct census_row *from,
                          struct arena *arena)
{
    struct person person = {0};
    struct row row;
    memcpy(row.at, from->at, sizeof row.at);
    buffer_clear(&share->row);
    if (row_to_person(&row, arena, &person) != FAULT_NONE)
        crowd_fail("no memory");
    person_pack(&share->row, &person);
    if (buffer_fault(&share->row) != FAULT_NONE)
        crowd_fail("a row is too long");
    share->packed = grow(share->packed, &share->packed_room, share->packed_len + share->row.len, 1);
    memcpy(share->packed + share->packed_len, share->row.at, share->row.len);
    share->feed = grow(share->feed, &share->feed_room, share->feed_count + 1, sizeof *share->feed);
    share->feed[share->feed_count++] =
        (struct feed_row){child, crowd_has(child), share->packed_len, share->row.len};
    share->packed_len += share->row.len;
}

/* Of a hundred searches forty have a typing error in one of the names and three a wrong date. */
static void misspell(struct question *question, struct stream *stream)
{
    uint64_t draw = stream_below(stream, 100);
    bool family = question->given.len == 0 || draw % 2 == 0;
    if (draw < 40)
        (void)slip_typing(family ? &question->family : &question->given, stream);
    if (question->kind == QUESTION_DATE && draw >= 97)
        (void)slip_date(&question->birth, (struct day){2026, 11, 1, DAY_EXACT}, stream);
}

static void keep_question(struct share *share, const struct census_child *child)
{
    struct stream stream = stream_of(text_mix(child->number, 0x61736B, share->order->seed));
    uint64_t draw = stream_below(&stream, 100);
    share->questions =
        grow(share->questions, &share->question_room, share->question_count + 1, sizeof *share->questions);
    struct question *question = &share->questions[share->question_count++];
    *question = (struct question){.child = child->number, .birth = child->birth};
    question->kind = draw < 55   ? QUESTION_DATE
                     : draw < 75 ? QUESTION_YEAR_AUTHORITY
                     : draw < 90 ? QUESTION_POSTCODE
                                 : QUESTION_FAMILY_YEAR;
    question->similar = stream_below(&stream, 3) == 0;
    text_set(&question->family, child->family);
    if (question->kind != QUESTION_FAMILY_YEAR)
        text_set(&question->given, child->given);
    if (question->kind == QUESTION_YEAR_AUTHORITY)
        text_set(&question->authority, child->authority);
    if (question->kind == QUESTION_POSTCODE)
        text_set(&question->postcode, child->postcode);
    misspell(question, &stream);
    if (question->kind == QUESTION_YEAR_AUTHORITY || question->kind == QUESTION_FAMILY_YEAR)
        question->birth = (struct day){.year = child->birth.year, .precision = DAY_YEAR};
    if (question->kind == QUESTION_POSTCODE)
        question->birth = (struct day){0};
}

static bool is_drawn(const struct share *share, uint32_t child, uint64_t purpose, uint32_t wanted)
{
    return text_mix(child, purpose, share->order->seed) % share->order->children < wanted;
}

static void take_child(struct share *share, struct census *census, const struct census_child *child,
                       struct match_filler *filler, struct arena *arena)
{
    struct person person;
    const uint32_t number = child->number;
    arena_reset(arena);
    if (crowd_has(number)) {
        enum record_state state = number % SHIELDED_OF == 1 ? RECORD_SHIELDED : RECORD_LIVE;
        if (crowd_person(child, arena, &person) != FAULT_NONE)
            crowd_fail("no memory");
        if (person.name_count > 0) {
            if (match_fill_put(filler, crowd_id(number), state, 1, &person) != FAULT_NONE)
                crowd_fail("no memory for the index");
            share->indexed++;
            if (state == RECORD_LIVE && is_drawn(share, number, 1, share->order->questions))
                keep_question(share, child);
        }
    }
    if (!is_drawn(share, number, 2, share->order->feed_rows / 5 * 2)) /* 2.7 rows each */
        return;
    child = census_again(census, FEED_YEAR);
    for (size_t i = 0; i < child->row_count; i++)
        keep_feed_row(share, number, &child->rows[i], arena);
}

static void *fill_share(void *argument)
{
    struct share *share = argument;
    struct census *census;
    struct match_filler *filler;
    struct arena *arena;
    const struct census_child *child;
    const struct census_order order = {.children = share->order->children,
                                       .seed = share->order->seed,
                                       .reference = share->order->reference,
                                       .part = share->part,
                                       .parts = share->order->threads};
    if (census_open(&order, &census) != FAULT_NONE || arena_open(ARENA_BYTES, &arena) != FAULT_NONE ||
        match_fill_open(share->index, &filler) != FAULT_NONE)
        crowd_fail("cannot begin");
    share->row = buffer_open(PACKED_BYTES_MAX);
    while ((child = census_next(census)) != NULL)
        take_child(share, census, child, filler, arena);
    if (match_fill_end(filler) != FAULT_NONE)
        crowd_fail("no memory for the index");
    match_fill_close(filler);
    buffer_close(&share->row);
    arena_close(arena);
    census_close(census);
    return NULL;
}

/* Puts the shares together; random order, so that one row's memory is no help for the next. */
static void join_shares(const struct share *shares, uint32_t count, struct crowd *crowd)
{
    size_t bytes = 0, feed_room = 0, question_room = 0, packed_room = 0;
    for (uint32_t i = 0; i < count; i++) {
        crowd->packed = grow(crowd->packed, &packed_room, bytes + shares[i].packed_len + 1, 1);
        if (shares[i].packed_len > 0)
            memcpy(crowd->packed + bytes, shares[i].packed, shares[i].packed_len);
        crowd->feed =
            grow(crowd->feed, &feed_room, crowd->feed_count + shares[i].feed_count + 1, sizeof *crowd->feed);
        for (size_t k = 0; k < shares[i].feed_count; k++) {
            crowd->feed[crowd->feed_count] = shares[i].feed[k];
            crowd->feed[crowd->feed_count++].from += bytes;
        }
        crowd->questions =
            grow(crowd->questions, &question_room, crowd->question_count + shares[i].question_count + 1,
                 sizeof *crowd->questions);
        for (size_t k = 0; k < shares[i].question_count; k++)
            crowd->questions[crowd->question_count++] = shares[i].questions[k];
        bytes += shares[i].packed_len;
        crowd->indexed += shares[i].indexed;
    }
    crowd->packed_bytes = bytes;
}

static void shuffle(struct crowd *crowd)
{
    struct stream stream = stream_of(17);
    for (size_t i = crowd->feed_count; i > 1; i--) {
        size_t k = stream_below(&stream, i);
        struct feed_row row = crowd->feed[k];
        crowd->feed[k] = crowd->feed[i - 1];
        crowd->feed[i - 1] = row;
    }
    for (size_t i = crowd->question_count; i > 1; i--) {
        size_t k = stream_below(&stream, i);
        struct question question = crowd->questions[k];
        crowd->questions[k] = crowd->questions[i - 1];
        crowd->questions[i - 1] = question;
    }
}

void crowd_fill(const struct crowd_order *order, struct match_index *index, struct crowd *ret_crowd)
{
    static struct share shares[CROWD_THREADS_MAX];
    pthread_t threads[CROWD_THREADS_MAX];
    int64_t started_us = clock_monotonic_us();
    must(order->threads > 0 && order->threads <= CROWD_THREADS_MAX);
    *ret_crowd = (struct crowd){0};
    for (uint32_t i = 0; i < order->threads; i++) {
        shares[i] = (struct share){.order = order, .index = index, .part = i};
        if (pthread_create(&threads[i], NULL, fill_share, &shares[i]) != 0)
            crowd_fail("no thread");
    }
    for (uint32_t i = 0; i < order->threads; i++)
        (void)pthread_join(threads[i], NULL);
    ret_crowd->fill_s = (double)(clock_monotonic_us() - started_us) / 1e6;
    join_shares(shares, order->threads, ret_crowd);
    for (uint32_t i = 0; i < order->threads; i++) {
        free(shares[i].feed);
        free(shares[i].packed);
        free(shares[i].questions);
    }
    shuffle(ret_crowd);
}

void crowd_close(struct crowd *crowd)
{
    free(crowd->feed);
    free(crowd->packed);
    free(crowd->questions);
}

void crowd_feed_person(const struct crowd *crowd, size_t row, bool numbered, struct person *ret_person)
{
    const struct feed_row *from = &crowd->feed[row];
    if (person_unpack((struct bytes){crowd->packed + from->from, from->len}, ret_person) != FAULT_NONE)
        crowd_fail("a row of the feed is broken");
    if (!numbered)
        ret_person->number_count = 0;
}

struct match_query crowd_query(const struct question *question)
{
    return (struct match_query){.family = text_str(&question->family),
                                .given = text_str(&question->given),
                                .birth = question->birth,
                                .postcode = text_str(&question->postcode),
                                .authority = text_str(&question->authority),
                                .similar = question->similar};
}

struct match_sight crowd_sight(void)
{
    struct match_sight sight = {0};
    for (int state = 1; state <= RECORD_STATES; state++)
        sight.mask[state] = policy_sight(ROLE_practitioner, (enum record_state)state);
    return sight;
}
