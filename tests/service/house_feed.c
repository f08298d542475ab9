/* Rows and batches. */
#include "house.h"

#include <poll.h>
#include <sodium.h>

#include "store/lease.h"

enum { TRIES_MAX = 1000 };

struct row house_child(const char *record, const char *family, const char *given, const char *birth)
{
    struct row row = {0};
    row.at[COLUMN_type] = STR("child");
    row.at[COLUMN_record] = str_of(record);
    row.at[COLUMN_family] = str_of(family);
    row.at[COLUMN_given] = str_of(given);
    row.at[COLUMN_birth_date] = str_of(birth);
    row.at[COLUMN_sex] = STR("M");
    return row;
}

struct row house_involvement(const char *record, const char *involvement, const char *kind,
                             const char *service)
{
    struct row row = {0};
    row.at[COLUMN_type] = STR("involvement");
    row.at[COLUMN_record] = str_of(record);
    row.at[COLUMN_involvement] = str_of(involvement);
    row.at[COLUMN_service_kind] = str_of(kind);
    row.at[COLUMN_service] = str_of(service);
    row.at[COLUMN_practitioner] = STR("Morgan Sample");
    row.at[COLUMN_job] = STR("Case lead");
    row.at[COLUMN_phone] = STR("01632 960777");
    row.at[COLUMN_from] = STR("2026-01-05");
    return row;
}

struct intake_house house_intake(struct house *house)
{
    struct service *service = house->service;
    return (struct intake_house){.db = service->db,
                                 .vault = service->vault,
                                 .index = service->index,
                                 .clock = service->clock,
                                 .entropy = service->entropy};
}

struct permit_feed_load house_feed_permit(void)
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

struct batch_header house_header(struct house *house, const struct feed *feed)
{
    struct batch_header header = {.source = feed->source,
                                  .sequence = feed->sequence,
                                  .mode = feed->mode,
                                  .as_of = house_today(house),
                                  .rows = (int64_t)feed->row_count,
                                  .removals = feed->removals};
    if (feed->as_of != NULL)
        assert_true(day_parse(str_of(feed->as_of), &header.as_of));
    if (header.sequence == 0)
        header.sequence = house->sequences[feed->source] + 1;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    struct buffer packed = buffer_open(1024 * 1024);
    for (size_t i = 0; i < feed->row_count; i++) {
        buffer_clear(&packed);
        row_pack(&packed, &feed->rows[i]);
        crypto_hash_sha256_update(&state, buffer_bytes(&packed).at, packed.len);
    }
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

/* Without it the service's own thread would take the batch under way for one that was left. */
static enum fault take_feed(struct house *house, struct lease **ret_lease)
{
    struct service *service = house->service;
    enum fault fault = db_is_shared(service->db) ? FAULT_BUSY : FAULT_NONE;
    for (int i = 0; i < TRIES_MAX && fault == FAULT_BUSY; i++) {
        fault = lease_take(service->db, LEASE_FEED, service->lease_us, ret_lease);
        if (fault == FAULT_BUSY)
            (void)poll(NULL, 0, 10);
    }
    return fault;
}

static void note_problem(void *context, int64_t row_number, enum row_problem problem)
{
    enum row_problem *problems = context;
    problems[row_number - 1] = problem;
}

enum fault house_feed(struct house *house, const struct feed *feed, struct batch_counts *ret_counts)
{
    struct intake_house intake_house = house_intake(house);
    struct lease *lease = NULL;
    struct permit_feed_load permit = house_feed_permit();
    struct batch_header header = house_header(house, feed);
    struct intake *intake = NULL;
    enum fault fault;
    TRY(take_feed(house, &lease));
    intake_house.lease = lease;
    TRY(intake_open(&intake_house, &permit, &header, &intake));
    if (feed->problems != NULL)
        intake_listen(intake, &(struct intake_listener){note_problem, feed->problems});
    for (size_t i = 0; i < feed->row_count; i++) {
        if (feed->problems != NULL)
            feed->problems[i] = ROW_FINE;
        TRY(intake_row(intake, (int64_t)i + 1, &feed->rows[i], ROW_FINE));
    }
    TRY(intake_plan(intake));
    TRY(intake_decide(intake, nothing_more, NULL));
    TRY(intake_apply(intake, NULL, NULL));
    house->sequences[feed->source] = header.sequence;
    if (ret_counts != NULL)
        *ret_counts = intake_counts(intake);
done:
    intake_close(intake);
    lease_leave(lease);
    return fault;
}

struct batch_counts house_load(struct house *house, enum source source, const struct row *rows, size_t count)
{
    struct batch_counts counts = {0};
    const struct feed feed = {.source = source, .mode = BATCH_DELTA, .rows = rows, .row_count = count};
    enum fault fault = house_feed(house, &feed, &counts);
    if (fault != FAULT_NONE)
        fail_msg("feed: %s %s", fault_name(fault), fault_last_note());
    return counts;
}
