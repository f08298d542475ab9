#include "feeding.h"

#include <sodium.h>

#include "expect.h"

enum { PACKED_BYTES_MAX = 1024 * 1024 };

struct row row_with(struct row row, enum column column, const char *text)
{
    row.at[column] = str_of(text);
    return row;
}

struct permit_feed_load feed_permit(void)
{
    const struct facts facts = {.operation = OP_feed_load,
                                .signed_in = true,
                                .strength = STRENGTH_LOCAL,
                                .role = ROLE_operator,
                                .role_held = true,
                                .account_active = true,
                                .organisation_active = true,
                                .form_token_valid = true};
    struct decision decision = decide(&facts);
    assert_true(decision.permitted);
    return permit_issue_feed_load(&decision, ROLE_operator, (struct account_id){{{1}}});
}

struct batch_header feed_header(const struct feed *feed, struct day today)
{
    struct batch_header header = {.source = feed->source,
                                  .sequence = feed->sequence,
                                  .mode = feed->mode,
                                  .as_of = today,
                                  .rows = (int64_t)feed->row_count,
                                  .removals = feed->removals};
    if (feed->as_of != NULL)
        assert_true(day_parse(str_of(feed->as_of), &header.as_of));
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    struct buffer packed = buffer_open(PACKED_BYTES_MAX);
    for (size_t i = 0; i < feed->row_count; i++) {
        buffer_clear(&packed);
        row_pack(&packed, &feed->rows[i]);
        crypto_hash_sha256_update(&state, buffer_bytes(&packed).at, packed.len);
    }
    assert_int_equal(buffer_fault(&packed), FAULT_NONE);
    buffer_close(&packed);
    crypto_hash_sha256_final(&state, header.digest);
    return header;
}

static enum fault nothing_more(struct db_tx *tx, void *context)
{
    (void)tx;
    (void)context;
    return FAULT_NONE;
}

static void note_problem(void *context, int64_t row_number, enum row_problem problem)
{
    enum row_problem *problems = context;
    problems[row_number - 1] = problem;
}

static enum fault hand_over(struct intake *intake, const struct feed *feed)
{
    enum fault fault = FAULT_NONE;
    if (feed->problems != NULL)
        intake_listen(intake, &(struct intake_listener){note_problem, feed->problems});
    for (size_t i = 0; i < feed->row_count; i++) {
        if (feed->problems != NULL)
            feed->problems[i] = ROW_FINE;
        TRY(intake_row(intake, (int64_t)i + 1, &feed->rows[i], ROW_FINE));
    }
done:
    return fault;
}

enum fault feed_take_in(const struct intake_house *house, const struct batch_header *header,
                        const struct feed *feed, enum feed_end end, struct batch_counts *ret_counts)
{
    const struct permit_feed_load permit = feed_permit();
    struct intake *intake = NULL;
    enum fault fault;
    TRY(intake_open(house, &permit, header, &intake));
    TRY(hand_over(intake, feed));
    TRY(intake_plan(intake));
    if (end >= FEED_DECIDED)
        TRY(intake_decide(intake, nothing_more, NULL));
    if (end == FEED_APPLIED)
        TRY(intake_apply(intake, NULL, NULL));
    if (ret_counts != NULL)
        *ret_counts = intake_counts(intake);
done:
    intake_close(intake);
    return fault;
}
