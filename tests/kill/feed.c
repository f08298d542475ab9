/* The people of the kill tests: some who are there before, and a feed of more. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "kill.h"
#include "service/load.h"

enum { TEXT_BYTES = 48 };

struct line {
    char record[TEXT_BYTES], family[TEXT_BYTES], given[TEXT_BYTES], birth[TEXT_BYTES], number[TEXT_BYTES],
        postcode[TEXT_BYTES];
};

struct source_rows {
    struct batch_header header;
    struct line lines[FEED_CHILDREN];
    struct row rows[FEED_ROWS];
};

/* The nth NHS number of a range that is never given out, with its check digit; false where it would be ten.
 */
static bool put_nhs_number(char at[TEXT_BYTES], int nth)
{
    int digits = 999000000 + nth, sum = 0;
    (void)snprintf(at, TEXT_BYTES, "%d", digits);
    for (int i = 0; i < 9; i++)
        sum += (at[i] - '0') * (10 - i);
    int check = 11 - sum % 11;
    if (check == 10)
        return false;
    (void)snprintf(at + 9, TEXT_BYTES - 9, "%d", check == 11 ? 0 : check);
    return true;
}

static void put_word(char at[TEXT_BYTES], struct stream *stream)
{
    static const char *const syllables[] = {"ban", "dor", "fel", "gim", "hul", "kas", "lem", "mor", "nip",
                                            "pol", "ras", "sut", "tev", "vim", "wox", "yed", "zar", "cul"};
    enum { COUNT = sizeof syllables / sizeof syllables[0] };
    (void)snprintf(at, TEXT_BYTES, "%s%s%s", syllables[stream_below(stream, COUNT)],
                   syllables[stream_below(stream, COUNT)], syllables[stream_below(stream, COUNT)]);
    at[0] = (char)(at[0] - 'a' + 'A');
}

static struct row put_child(struct line *line, struct stream *stream, int nth)
{
    int next_number;
    (void)snprintf(line->record, TEXT_BYTES, "k%d", nth);
    put_word(line->family, stream);
    put_word(line->given, stream);
    (void)snprintf(line->birth, TEXT_BYTES, "20%02d-%02d-%02d", 10 + (int)stream_below(stream, 12),
                   1 + (int)stream_below(stream, 12), 1 + (int)stream_below(stream, 28));
    (void)snprintf(line->postcode, TEXT_BYTES, "%c%d %d%c%c", 'A' + (char)stream_below(stream, 20),
                   1 + (int)stream_below(stream, 90), 1 + (int)stream_below(stream, 9),
                   'A' + (char)stream_below(stream, 20), 'A' + (char)stream_below(stream, 20));
    next_number = nth * 2;
    while (!put_nhs_number(line->number, next_number))
        next_number++;
    struct row row = house_child(line->record, line->family, line->given, line->birth);
    row.at[COLUMN_nhs_number] = str_of(line->number);
    row.at[COLUMN_postcode] = str_of(line->postcode);
    return row;
}

struct house *kill_house(struct child_id children[KILL_CHILDREN])
{
    struct house *house = house_open();
    struct stream stream = stream_of(1);
    struct line lines[KILL_CHILDREN];
    struct row rows[KILL_CHILDREN];
    for (int i = 0; i < KILL_CHILDREN; i++)
        rows[i] = put_child(&lines[i], &stream, i + 1);
    struct batch_counts counts = house_load(house, SOURCE_health, rows, KILL_CHILDREN);
    assert_int_equal(counts.created, KILL_CHILDREN);
    for (int i = 0; i < KILL_CHILDREN; i++)
        children[i] = house_child_id(house, lines[i].family, lines[i].given);
    return house;
}

void kill_service_name(char text[64], uint64_t number)
{
    (void)snprintf(text, 64, "Service %llu", (unsigned long long)number);
}

/* Children of a batch begin with those who are there already, with news of them; the others are new. */
static void put_children(struct source_rows *source, int64_t sequence)
{
    struct stream old = stream_of(1), fresh = stream_of((uint64_t)sequence);
    for (int i = 0; i < FEED_CHILDREN; i++) {
        bool known = i < KILL_CHILDREN;
        source->rows[i] = put_child(&source->lines[i], known ? &old : &fresh,
                                    known ? i + 1 : 1000 * ((int)sequence - 1) + i);
    }
}

static void fill(struct house *house, struct source_rows *source, const struct kill_batch *batch)
{
    put_children(source, batch->like);
    for (int i = 0; i < FEED_CHILDREN; i++) {
        source->rows[i].at[COLUMN_gp_name] = STR("Seaview Surgery");
        source->rows[i].at[COLUMN_gp_code] = STR("A81001");
    }
    for (int i = 0; i < FEED_INVOLVEMENTS; i++)
        source->rows[FEED_CHILDREN + i] = house_involvement(source->lines[i].record, source->lines[i].record,
                                                            "paediatrics", "Seaview Clinic");
    const struct feed feed = {.source = batch->source,
                              .mode = BATCH_DELTA,
                              .rows = source->rows,
                              .row_count = FEED_ROWS,
                              .sequence = batch->sequence,
                              .as_of = "2026-11-20"};
    source->header = house_header(house, &feed);
}

static enum fault open_source(void *context, const struct batch_header **ret_header)
{
    *ret_header = &((struct source_rows *)context)->header;
    return FAULT_NONE;
}

static enum fault each_row(void *context, load_take take, void *take_context)
{
    const struct source_rows *source = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < FEED_ROWS && fault == FAULT_NONE; i++)
        fault = take(take_context, (int64_t)i + 1, &source->rows[i], ROW_FINE);
    return fault;
}

enum fault kill_load_batch(struct house *house, const struct kill_batch *batch,
                           struct batch_counts *ret_counts)
{
    struct source_rows *source = calloc(1, sizeof *source);
    must(source != NULL && batch->like <= FEED_SEQUENCE_MAX);
    fill(house, source, batch);
    const struct load_source rows = {.open = open_source, .each = each_row, .context = source};
    const struct ask ask = {.operation = OP_feed_load, .unix_user = STR("operator"), .source = STR("local")};
    enum fault fault = service_load(house->service, &ask, &rows, ret_counts);
    const char *note = fault_last_note();
    free(source);
    return fault_note(fault, note);
}

enum fault kill_load(struct house *house, int64_t sequence, struct batch_counts *ret_counts)
{
    const struct kill_batch batch = {SOURCE_health, sequence, sequence};
    return kill_load_batch(house, &batch, ret_counts);
}

/* Everything is seen, so that everything counts. */
static void add_answer(crypto_generichash_state *digest, struct match_index *index, const struct row *row)
{
    struct match_sight sight = {.own_scheme = {false}};
    struct match_results results = {.count = 0};
    struct match_query query = {.family = row->at[COLUMN_family], .given = row->at[COLUMN_given]};
    for (int state = 1; state <= RECORD_STATES; state++)
        sight.mask[state] = (field_mask)-1;
    must(day_parse(row->at[COLUMN_birth_date], &query.birth));
    must(match_search(index, &query, &sight, &results) == FAULT_NONE);
    for (size_t i = 0; i < results.count; i++) {
        const struct match_candidate *found = &results.found[i];
        const int32_t facts[] = {(int32_t)found->state, found->weight, found->exact ? 1 : 0};
        crypto_generichash_update(digest, found->child.id.byte, sizeof found->child.id.byte);
        crypto_generichash_update(digest, (const uint8_t *)facts, sizeof facts);
    }
}

int64_t kill_sequence(struct house *house)
{
    return house_count(house, "SELECT coalesce(max(sequence), 1) FROM batch WHERE state = 3");
}

struct id kill_index_digest(struct house *house)
{
    const int64_t last_sequence = kill_sequence(house);
    struct match_index *index = house->service->index;
    struct source_rows *source = calloc(1, sizeof *source);
    crypto_generichash_state digest;
    struct id id;
    must(source != NULL);
    crypto_generichash_init(&digest, NULL, 0, sizeof id.byte);
    for (int64_t sequence = FEED_SEQUENCE_FIRST; sequence <= last_sequence; sequence++) {
        put_children(source, sequence);
        for (int i = 0; i < FEED_CHILDREN; i++)
            add_answer(&digest, index, &source->rows[i]);
    }
    struct match_counts counts = match_counts(index);
    crypto_generichash_update(&digest, (const uint8_t *)&counts.people, sizeof counts.people);
    crypto_generichash_final(&digest, id.byte, sizeof id.byte);
    free(source);
    return id;
}
