/* Rows and batches. */
#include "house.h"

#include <poll.h>

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

struct batch_header house_header(struct house *house, const struct feed *feed)
{
    struct batch_header header = feed_header(feed, house_today(house));
    if (header.sequence == 0)
        header.sequence = house->sequences[feed->source] + 1;
    return header;
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

enum fault house_feed(struct house *house, const struct feed *feed, struct batch_counts *ret_counts)
{
    struct intake_house intake_house = house_intake(house);
    const struct batch_header header = house_header(house, feed);
    struct lease *lease = NULL;
    enum fault fault;
    TRY(take_feed(house, &lease));
    intake_house.lease = lease;
    TRY(feed_take_in(&intake_house, &header, feed, FEED_APPLIED, ret_counts));
    house->sequences[feed->source] = header.sequence;
done:
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
