/* A batch is planned the same, however many of its rows are linked at once. */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "registry/plan.h"
#include "store/house_key.h"

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
        WITH_GROUND(a_handful_is_planned_as_row_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
