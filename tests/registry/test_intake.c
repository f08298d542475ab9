/* Batches of feeds (R14): taken in whole or not at all, once, in order; rows that wait; what a crash leaves.
 */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "registry/plan.h"
#include "store/house_key.h"

static struct row rhys(void)
{
    struct row row = ground_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    row = row_with(row_with(row, COLUMN_postcode, "TS24 7AA"), COLUMN_authority, "E06000001");
    return row_with(row, COLUMN_nhs_number, "943 476 5919");
}

static struct row carys(void)
{
    struct row row = ground_child("r2", "Bevan", "Carys", "2012-08-02");
    row = row_with(row_with(row, COLUMN_postcode, "LS1 4AB"), COLUMN_authority, "E08000035");
    return row_with(row, COLUMN_nhs_number, "999 000 0018");
}

#define DELTA(feed_source, feed_sequence, feed_rows)                                                         \
    (&(struct feed){.source = SOURCE_##feed_source,                                                          \
                    .sequence = (feed_sequence),                                                             \
                    .mode = BATCH_DELTA,                                                                     \
                    .rows = (feed_rows),                                                                     \
                    .row_count = sizeof(feed_rows) / sizeof(feed_rows)[0]})

static int64_t children(struct ground *ground)
{
    return ground_count(ground, "SELECT count(*) FROM child");
}

static void assert_counts(struct batch_counts counts, int64_t created, int64_t updated, int64_t unchanged)
{
    assert_int_equal(counts.created, created);
    assert_int_equal(counts.updated, updated);
    assert_int_equal(counts.unchanged, unchanged);
}

static void created_updated_unchanged(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    struct row rows[] = {rhys(), carys(), ground_involvement("r1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_NONE);
    assert_counts(counts, 3, 0, 0);
    assert_int_equal(children(ground), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM source_record"), 3);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(match_counts(ground->index).people, 2);
    assert_int_equal(match_counts(ground->index).pending, 0);
    rows[1] = row_with(rows[1], COLUMN_gp_name, "Seaview Surgery");
    rows[2] = row_with(rows[2], COLUMN_to, "2026-11-01");
    assert_int_equal(ground_feed(ground, DELTA(health, 2, rows), &counts), FAULT_NONE);
    assert_counts(counts, 0, 2, 1);
    assert_int_equal(children(ground), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), 5);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 3);
}

/* Another source's word of the same child joins the record, by number or by name, date and address. */
static void sources_meet(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row health[] = {rhys()};
    const struct row school[] = {
        row_with(row_with(rhys(), COLUMN_nhs_number, ""), COLUMN_upn, "P207000016049")};
    const struct row benefit[] = {row_with(rhys(), COLUMN_postcode, "YO31 9XQ")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), &counts), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, school), &counts), FAULT_NONE);
    assert_counts(counts, 0, 1, 0);
    assert_int_equal(ground_feed(ground, DELTA(child_benefit, 1, benefit), &counts), FAULT_NONE);
    assert_counts(counts, 0, 1, 0);
    const struct child *child = ground_read(ground, ground_only_child(ground));
    assert_int_equal(child->claim_count, 3);
    assert_int_equal(child->person.number_count, 3); /* NHS, UPN and ours, each once */
    assert_int_equal(child->number.len, 11);
    assert_int_equal(child->person.place_count, 2);
    const struct claim *address = child_authoritative(child, GROUP_WHEREABOUTS, COLUMN_postcode);
    assert_int_equal(address->source, SOURCE_child_benefit); /* ranked first for addresses */
    assert_int_equal(child_authoritative(child, GROUP_IDENTITY, COLUMN_family)->source, SOURCE_health);
    assert_null(child_authoritative(child, GROUP_EDUCATION, COLUMN_school_code));
}

/* R14.3: a name and a date of birth alone make no match; the row waits. */
static void possible_waits(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    enum row_problem problems[2];
    const struct row health[] = {rhys()};
    const struct row social[] = {ground_child("s1", "Ap Huw", "Rhys", "2014-03-27"),
                                 ground_involvement("s1", "i1")};
    struct feed feed = *DELTA(social_care, 1, social);
    feed.problems = problems;
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, &feed, &counts), FAULT_NONE);
    assert_counts(counts, 0, 0, 0);
    assert_int_equal(counts.waiting, 2);
    assert_int_equal(problems[0], ROW_POSSIBLE);
    assert_int_equal(problems[1], ROW_POSSIBLE); /* with its child */
    assert_int_equal(children(ground), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting WHERE queue = 2"), 2);
    assert_int_equal(ground_read(ground, ground_only_child(ground))->claim_count, 1);
}

static void quarantine(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    enum row_problem problems[5];
    const struct row rows[] = {
        rhys(), row_with(carys(), COLUMN_birth_date, "2012-02-30"), rhys(), ground_involvement("r9", "i1"),
        row_with(ground_involvement("r1", "i1"), COLUMN_service_kind, "mental_health")};
    struct feed feed = *DELTA(health, 1, rows);
    feed.problems = problems;
    assert_int_equal(ground_feed(ground, &feed, &counts), FAULT_NONE);
    assert_counts(counts, 1, 0, 0);
    assert_int_equal(counts.quarantined, 4);
    assert_int_equal(problems[0], ROW_FINE);
    assert_int_equal(problems[1], ROW_BIRTH_IMPOSSIBLE);
    assert_int_equal(problems[2], ROW_DUPLICATE_ROW);
    assert_int_equal(problems[3], ROW_CHILD_UNKNOWN);
    assert_int_equal(problems[4], ROW_SERVICE_SENSITIVE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting WHERE queue = 1"), 4);
}

static void sequence_rules(void **state)
{
    struct ground *ground = *state;
    const struct row rows[] = {rhys()}, others[] = {carys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 2, rows), NULL), FAULT_CONFLICT); /* a gap */
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_DUPLICATE);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, others), NULL), FAULT_CONFLICT);
    assert_int_equal(ground_feed(ground, DELTA(health, 3, others), NULL), FAULT_CONFLICT);
    assert_int_equal(ground_feed(ground, DELTA(education, 2, others), NULL), FAULT_CONFLICT);
    struct feed full = *DELTA(health, 7, rows);
    full.mode = BATCH_FULL; /* needs nothing before it */
    assert_int_equal(ground_feed(ground, &full, NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(health, 5, others), NULL), FAULT_CONFLICT);
    assert_int_equal(ground_feed(ground, DELTA(health, 8, others), NULL), FAULT_NONE);
    assert_int_equal(children(ground), 2);
}

/* In a full batch absence ends what the source said; in a delta it says nothing (R14.2). */
static void absence(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row both[] = {rhys(), carys(), ground_involvement("r1", "i1")};
    const struct row one[] = {rhys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, both), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(health, 2, one), &counts), FAULT_NONE);
    assert_int_equal(counts.ended, 0);
    struct feed full = *DELTA(health, 3, one);
    full.mode = BATCH_FULL;
    assert_int_equal(ground_feed(ground, &full, NULL), FAULT_REFUSED); /* more than announced (R14.5) */
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch"), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 3);
    full.removals = 2;
    assert_int_equal(ground_feed(ground, &full, &counts), FAULT_NONE);
    assert_int_equal(counts.ended, 2);
    assert_int_equal(counts.unchanged, 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM source_record"), 1);
    assert_int_equal(children(ground), 2); /* nobody is forgotten by it */
    ground_reopen(ground);
    assert_int_equal(match_counts(ground->index).people, 2);
    /* Said again later, it is the same child's once more: who it is was not forgotten. */
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child WHERE authority IS NULL"), 0);
    const struct row again[] = {carys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 4, again), &counts), FAULT_NONE);
    assert_counts(counts, 0, 1, 0);
    assert_int_equal(children(ground), 2);
}

/* What another source or a practitioner says is not ended by one source's absence (R6.3). */
static void absence_ends_own_words_alone(void **state)
{
    struct ground *ground = *state;
    const struct row health[] = {rhys(), carys()}, school[] = {rhys()};
    const struct row rest[] = {carys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, school), NULL), FAULT_NONE);
    struct feed full = *DELTA(health, 2, rest);
    full.mode = BATCH_FULL;
    full.removals = 1;
    assert_int_equal(ground_feed(ground, &full, NULL), FAULT_NONE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM source_record WHERE source = 3"), 1);
}

/* Left before it is decided, a batch leaves no trace, and can come again. */
static void undone_when_left(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row rows[] = {rhys(), carys(), row_with(carys(), COLUMN_birth_date, "never")};
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_PLANNED, &counts), FAULT_NONE);
    assert_counts(counts, 2, 0, 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting"), 0);
    assert_int_equal(children(ground), 0);
    assert_int_equal(match_counts(ground->index).people, 0);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_NONE);
    assert_counts(counts, 2, 0, 0);
    assert_int_equal(match_counts(ground->index).people, 2);
}

/* A crash after the decision: the next start finishes what was promised. */
static void finished_at_the_next_start(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row rows[] = {rhys(), carys(), ground_involvement("r1", "i1")};
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, &counts), FAULT_NONE);
    assert_int_equal(children(ground), 0);
    ground_reopen(ground);
    assert_int_equal(ground->finished, 1);
    assert_int_equal(ground->undone, 0);
    assert_int_equal(children(ground), 2);
    assert_int_equal(match_counts(ground->index).people, 2);
    assert_int_equal(match_counts(ground->index).pending, 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_DUPLICATE);
    ground_reopen(ground);
    assert_int_equal(ground->finished + ground->undone, 0);
}

/* A crash while planning, and one more while that is being undone. */
static void undone_at_the_next_start(void **state)
{
    enum { MANY = 700 };
    struct ground *ground = *state;
    static struct row rows[MANY];
    static char records[MANY][12];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(records[i], sizeof records[i], "i%d", i);
        rows[i] = i == 0 ? rhys() : ground_involvement("r1", records[i]);
    }
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, NULL), FAULT_NONE);
    /* As if it had been killed while it planned, and the start after it while it cleared up. */
    assert_int_equal(ground_past(ground, "UPDATE batch SET state = 1", NULL), 1);
    assert_int_equal(ground_past(ground, "DELETE FROM batch_plan WHERE row_number <= 256", NULL), 256);
    ground_reopen(ground);
    assert_int_equal(ground->finished, 0);
    assert_int_equal(ground->undone, 1);
    assert_int_equal(children(ground), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_NONE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), MANY);
}

/* A crash while the plan that was carried out is cleared, twice. */
static void cleared_at_the_next_start(void **state)
{
    enum { MANY = 700 };
    struct ground *ground = *state;
    static struct row rows[MANY];
    static char records[MANY][12];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(records[i], sizeof records[i], "i%d", i);
        rows[i] = i == 0 ? rhys() : ground_involvement("r1", records[i]);
    }
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, NULL), FAULT_NONE);
    (void)ground_past(ground, "CREATE TABLE kept AS SELECT * FROM batch_plan", NULL);
    ground_reopen(ground);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), MANY);
    assert_int_equal(
        ground_past(ground, "INSERT INTO batch_plan SELECT * FROM kept WHERE row_number > 300", NULL),
        MANY - 300);
    (void)ground_past(ground, "DROP TABLE kept", NULL);
    assert_int_equal(ground_past(ground, "UPDATE batch SET state = 4", NULL), 1);
    ground_reopen(ground);
    assert_int_equal(ground->finished, 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), MANY);
}

/* R9.5: a thousand times news of a shielded child, and the shield stands. */
static void case_32_shield_outlives_a_thousand_updates(void **state)
{
    enum { RECORDS = 50, BATCHES = 20 };
    struct ground *ground = *state;
    struct batch_counts counts;
    char records[RECORDS][12], address[40];
    struct row rows[RECORDS];
    for (int i = 0; i < RECORDS; i++) {
        (void)snprintf(records[i], sizeof records[i], "r%d", i);
        rows[i] = row_with(rhys(), COLUMN_record, records[i]);
    }
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_NONE);
    struct child_id child = ground_only_child(ground);
    ground_set_state(ground, child, 1, SHIELD_DECIDED);
    for (int batch = 0; batch < BATCHES; batch++) {
        (void)snprintf(address, sizeof address, "%d Harbour Terrace", batch + 1);
        for (int i = 0; i < RECORDS; i++)
            rows[i].at[COLUMN_address_1] = str_of(address);
        assert_int_equal(ground_feed(ground, DELTA(health, batch + 2, rows), &counts), FAULT_NONE);
        assert_int_equal(counts.updated, RECORDS);
    }
    assert_int_equal(children(ground), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), RECORDS * (BATCHES + 1));
    assert_int_equal(ground_count(ground, "SELECT shield FROM child"), SHIELD_DECIDED);
    assert_int_equal(ground_count(ground, "SELECT state FROM child"), 1);
    struct match_outcome outcome;
    struct person person = {0};
    assert_int_equal(row_to_person(&rows[0], ground->arena, &person), FAULT_NONE);
    assert_int_equal(match_link(ground->index, &person, &outcome), FAULT_NONE);
    assert_int_equal(outcome.best[0].state, RECORD_SHIELDED); /* in the index too */
    ground_reopen(ground);
    const struct child *read = ground_read(ground, child);
    assert_int_equal(read->state, RECORD_SHIELDED);
    /* More claims than are read: those in force are among them. */
    assert_int_equal(read->claim_count, CHILD_CLAIMS_MAX);
    assert_str(child_authoritative(read, GROUP_WHEREABOUTS, COLUMN_address_1)->row.at[COLUMN_address_1],
               "20 Harbour Terrace");
}

/* R9.6: a row too like a hidden child makes no visible record; its receipt is that of any row. */
static void look_alike_is_held(void **state)
{
    struct ground *ground = *state;
    struct batch_counts held_counts, plain_counts;
    enum row_problem held_problems[2], plain_problems[2];
    const struct row health[] = {rhys()};
    const struct row like[] = {
        row_with(ground_child("e1", "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "YO31 9XQ"),
        ground_involvement("e1", "i1")};
    const struct row unlike[] = {
        row_with(ground_child("s1", "Marlowe", "Tess", "2011-05-19"), COLUMN_postcode, "PL5 7DU"),
        ground_involvement("s1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    ground_set_state(ground, ground_only_child(ground), 1, SHIELD_PROVISIONAL);
    struct feed held = *DELTA(education, 1, like), plain = *DELTA(social_care, 1, unlike);
    held.problems = held_problems;
    plain.problems = plain_problems;
    assert_int_equal(ground_feed(ground, &held, &held_counts), FAULT_NONE);
    assert_int_equal(children(ground), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting WHERE queue = 3"), 2);
    assert_int_equal(ground_feed(ground, &plain, &plain_counts), FAULT_NONE);
    assert_memory_equal(&held_counts, &plain_counts, sizeof held_counts);
    assert_memory_equal(held_problems, plain_problems, sizeof held_problems);
    assert_int_equal(held_problems[0], ROW_FINE);
    /* Sent again, it is unchanged like any other. */
    held.sequence = plain.sequence = 2;
    held.mode = plain.mode = BATCH_FULL;
    assert_int_equal(ground_feed(ground, &held, &held_counts), FAULT_NONE);
    assert_int_equal(ground_feed(ground, &plain, &plain_counts), FAULT_NONE);
    assert_memory_equal(&held_counts, &plain_counts, sizeof held_counts);
    assert_memory_equal(held_problems, plain_problems, sizeof held_problems);
    assert_int_equal(children(ground), 2);
}

/* A child whom this very batch has made can be meant by its later rows, but is found by nobody before. */
static void rows_of_one_batch_meet(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row rows[] = {rhys(), row_with(rhys(), COLUMN_record, "another-record")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_NONE);
    assert_counts(counts, 1, 1, 0);
    assert_int_equal(ground_read(ground, ground_only_child(ground))->claim_count, 2);
}

/* Personal data of rows, planned, waiting or applied, rest nowhere in clear. */
static void nothing_in_clear(void **state)
{
    struct ground *ground = *state;
    static const char *const needles[] = {"Ap Huw",       "TS24 7AA",     "9434765919",
                                          "943 476 5919", "Bridge House", "2014-03-27"};
    const struct row rows[] = {rhys(), ground_involvement("r1", "i1"),
                               row_with(rhys(), COLUMN_birth_date, "2014-03-32")};
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, NULL), FAULT_NONE);
    for (int round = 0; round < 2; round++) {
        size_t size_bytes;
        char *resting = engine_resting(ground->db_path, &size_bytes);
        for (size_t i = 0; i < sizeof needles / sizeof needles[0]; i++)
            assert_null(memmem(resting, size_bytes, needles[i], strlen(needles[i])));
        free(resting);
        ground_reopen(ground);
    }
}

enum { CROWD = 900, EARLIER = 200, CROWD_TEXT = 24, HIDDEN = 6, PICTURE_BYTES_MAX = 16 * 1024 * 1024 };

struct crowd_row {
    char record[CROWD_TEXT], family[CROWD_TEXT], given[CROWD_TEXT], birth[CROWD_TEXT], postcode[CROWD_TEXT],
        phone[CROWD_TEXT], involvement[CROWD_TEXT];
};

static void put_name(char at[CROWD_TEXT], struct stream *stream)
{
    static const char *const syllables[] = {"ba", "do", "fe", "gi", "hul", "ka", "lem", "mor", "ni", "po"};
    (void)snprintf(at, CROWD_TEXT, "%s%s%s", syllables[stream_below(stream, 10)],
                   syllables[stream_below(stream, 10)], syllables[stream_below(stream, 10)]);
    at[0] = (char)(at[0] - 'a' + 'A');
}

static struct row crowd_child(const struct crowd_row *text)
{
    struct row row = ground_child(text->record, text->family, text->given, text->birth);
    row = row_with(row_with(row, COLUMN_postcode, text->postcode), COLUMN_authority, "E06000001");
    return row_with(row_with(row, COLUMN_carer1_family, text->family), COLUMN_carer1_phone, text->phone);
}

/* Somebody of a household of their own, a brother or sister of the one before, or their twin. */
static void put_child(struct crowd_row *text, int nth, struct stream *stream)
{
    *text = (struct crowd_row){0};
    (void)snprintf(text->record, CROWD_TEXT, "c%d", nth);
    (void)snprintf(text->birth, CROWD_TEXT, "201%d-%02d-%02d", (int)stream_below(stream, 6),
                   1 + (int)stream_below(stream, 12), 1 + (int)stream_below(stream, 28));
    put_name(text->given, stream);
    switch (nth == 0 ? 3 : stream_below(stream, 4)) {
    case 0: /* a twin */
        memcpy(text->birth, (text - 1)->birth, CROWD_TEXT);
        /* fall through */
    case 1: /* of the household */
        memcpy(text->family, (text - 1)->family, CROWD_TEXT);
        memcpy(text->postcode, (text - 1)->postcode, CROWD_TEXT);
        memcpy(text->phone, (text - 1)->phone, CROWD_TEXT);
        break;
    default:
        put_name(text->family, stream);
        (void)snprintf(text->postcode, CROWD_TEXT, "TS%d %dAA", 1 + (int)stream_below(stream, 20),
                       1 + (int)stream_below(stream, 9));
        (void)snprintf(text->phone, CROWD_TEXT, "01632 960%03d", (int)stream_below(stream, 1000));
        break;
    }
}

/* Somebody from among the `count` texts, under a record of their own, as others may spell them. */
static void put_again(struct crowd_row *text, int nth, const struct crowd_row *texts, size_t count,
                      struct stream *stream)
{
    *text = texts[stream_below(stream, count)];
    (void)snprintf(text->record, CROWD_TEXT, "c%d", nth);
    switch (stream_below(stream, 4)) {
    case 0:
        text->family[strlen(text->family) - 1] = 'x';
        break;
    case 1:
        text->birth[3] = '9';
        break;
    case 2:
        text->postcode[0] = text->phone[0] = '\0'; /* a name and a date alone */
        break;
    default: /* the very same */
        break;
    }
}

/* A batch of everything: children, the same children again, look-alikes, involvements, rows that fail. */
static void put_crowd(struct crowd_row texts[CROWD], struct row rows[CROWD], const struct crowd_row *earlier,
                      struct stream *stream)
{
    for (int i = 0; i < CROWD; i++) {
        uint64_t kind = i < 8 ? 9 : stream_below(stream, 12);
        size_t count = (size_t)i;
        put_child(&texts[i], i, stream);
        if (kind < 2)
            put_again(&texts[i], i, texts, count, stream);
        else if (kind < 5)
            put_again(&texts[i], i, earlier, EARLIER, stream);
        rows[i] = crowd_child(&texts[i]);
        if (kind == 5) { /* of somebody who was named, will be, or is not */
            (void)snprintf(texts[i].involvement, CROWD_TEXT, "i%d", i);
            (void)snprintf(texts[i].record, CROWD_TEXT, "c%d", i - 20 + (int)stream_below(stream, 30));
            rows[i] = ground_involvement(texts[i].record, texts[i].involvement);
        } else if (kind == 6 && stream_below(stream, 4) == 0) {
            rows[i] = row_with(rows[i], COLUMN_birth_date, "yesterday");
        } else if (kind == 7 && stream_below(stream, 4) == 0) {
            (void)snprintf(texts[i].record, CROWD_TEXT, "c%d", i - 5); /* named twice */
        }
    }
}

/* All that a plan says, opened. */
struct picture {
    struct ground *ground;
    struct wrapped_key feed_key;
    struct buffer clear;
    struct buffer all;
};

static enum fault add_step(struct picture *picture, const struct value *out)
{
    struct plan_step step = {.source = SOURCE_education, .sequence = 1};
    int64_t number = out[GIVE_batch_plan_all_row_number].number;
    enum fault fault = plan_unseal(picture->ground->vault, &picture->feed_key,
                                   out[GIVE_batch_plan_all_sealed].bytes, number, &picture->clear, &step);
    if (fault != FAULT_NONE)
        return fault;
    buffer_put_u64(&picture->all, (uint64_t)number);
    buffer_put_field(&picture->all, buffer_bytes(&picture->clear));
    return FAULT_NONE;
}

static enum fault picture_plan(struct db_tx *tx, void *context)
{
    struct picture *picture = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_batch_plan_all];
    enum fault fault;
    const struct value in[] = {[BIND_batch_plan_all_source] = value_int(SOURCE_education),
                               [BIND_batch_plan_all_sequence] = value_int(1)};
    buffer_clear(&picture->all);
    TRY(db_query(tx, SQL_batch_plan_all, in, &rows));
    while (db_next(rows, out))
        TRY(add_step(picture, out));
done:
    return db_rows_end(rows, fault);
}

static void count_problem(void *context, int64_t row_number, enum row_problem problem)
{
    struct buffer *told = context;
    buffer_put_u64(told, (uint64_t)row_number);
    buffer_put_u8(told, (uint8_t)problem);
}

/* Plans the batch at that pace, takes the picture of the plan and of who was told what, and undoes it. */
static struct buffer plan_at(struct ground *ground, const struct row *rows, const struct intake_pace *pace,
                             struct batch_counts *ret_counts)
{
    struct stream ids = stream_of(20261121);
    struct intake_house house = ground_intake(ground);
    const struct permit_feed_load permit = feed_permit();
    const struct feed feed = {
        .source = SOURCE_education, .sequence = 1, .mode = BATCH_FULL, .rows = rows, .row_count = CROWD};
    const struct batch_header header = ground_header(ground, &feed);
    struct picture picture = {
        .ground = ground, .clear = buffer_open(64 * 1024), .all = buffer_open(PICTURE_BYTES_MAX)};
    struct buffer told = buffer_open(PICTURE_BYTES_MAX);
    struct intake *intake = NULL;
    size_t size_bytes = 0;
    house.entropy = entropy_of_stream(&ids);
    house.pace = *pace;
    assert_int_equal(house_key_get(ground->db, ground->vault, STR("feed"), &picture.feed_key), FAULT_NONE);
    assert_int_equal(intake_open(&house, &permit, &header, &intake), FAULT_NONE);
    intake_listen(intake, &(struct intake_listener){count_problem, &told});
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(intake_row(intake, (int64_t)i + 1, &rows[i], ROW_FINE), FAULT_NONE);
    assert_int_equal(intake_plan(intake), FAULT_NONE);
    assert_int_equal(db_read(ground->db, picture_plan, &picture), FAULT_NONE);
    uint8_t *waiting =
        engine_rows(ground->db_path,
                    "SELECT source, row_number, queue, reason, record, follows FROM batch_waiting "
                    "ORDER BY source, sequence, row_number",
                    &size_bytes);
    *ret_counts = intake_counts(intake);
    intake_close(intake);
    buffer_put_field(&picture.all, (struct bytes){waiting, size_bytes});
    buffer_put_field(&picture.all, buffer_bytes(&told));
    assert_int_equal(buffer_fault(&picture.all), FAULT_NONE);
    free(waiting);
    buffer_close(&told);
    buffer_close(&picture.clear);
    return picture.all;
}

/* Rows that are linked many at once, by any number of threads, make the plan that they make one after the
 * other: every step, every row that waits, and the order in which they are told. */
static void a_handful_is_planned_as_row_by_row(void **state)
{
    static const struct intake_pace paces[] = {{1, 1}, {0, 1}, {0, 2}, {7, 2}, {200, 2}};
    static struct crowd_row earlier[EARLIER], texts[CROWD];
    static struct row rows[CROWD];
    struct ground *ground = *state;
    struct batch_counts first, counts;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct stream stream = stream_of(seed);
        for (int i = 0; i < EARLIER; i++) {
            put_child(&earlier[i], i, &stream);
            rows[i] = crowd_child(&earlier[i]);
        }
        const struct feed health = {.source = SOURCE_health,
                                    .sequence = (int64_t)seed,
                                    .mode = BATCH_DELTA,
                                    .rows = rows,
                                    .row_count = EARLIER};
        assert_int_equal(ground_feed(ground, &health, NULL), FAULT_NONE);
        for (int i = 0; i < HIDDEN; i++)
            ground_set_state(ground, ground_named(ground, earlier[30 * i].family, earlier[30 * i].given),
                             CHILD_LIVE, SHIELD_DECIDED);
        put_crowd(texts, rows, earlier, &stream);
        struct buffer alone = plan_at(ground, rows, &paces[0], &first);
        assert_true(first.created > 300 && first.updated > 50 && first.waiting > 10 &&
                    first.quarantined > 10);
        for (size_t i = 1; i < sizeof paces / sizeof paces[0]; i++) {
            struct buffer together = plan_at(ground, rows, &paces[i], &counts);
            assert_memory_equal(&counts, &first, sizeof first);
            assert_int_equal(together.len, alone.len);
            assert_memory_equal(together.at, alone.at, alone.len);
            buffer_close(&together);
        }
        buffer_close(&alone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(created_updated_unchanged),
        WITH_GROUND(sources_meet),
        WITH_GROUND(possible_waits),
        WITH_GROUND(quarantine),
        WITH_GROUND(sequence_rules),
        WITH_GROUND(absence),
        WITH_GROUND(absence_ends_own_words_alone),
        WITH_GROUND(undone_when_left),
        WITH_GROUND(finished_at_the_next_start),
        WITH_GROUND(undone_at_the_next_start),
        WITH_GROUND(cleared_at_the_next_start),
        WITH_GROUND(case_32_shield_outlives_a_thousand_updates),
        WITH_GROUND(look_alike_is_held),
        WITH_GROUND(rows_of_one_batch_meet),
        WITH_GROUND(nothing_in_clear),
        WITH_GROUND(a_handful_is_planned_as_row_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
