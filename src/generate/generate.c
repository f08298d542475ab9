#include "generate/generate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "generate/directory.h"
#include "generate/sheet.h"
#include "generate/staff.h"
#include "generate/walk.h"

struct generation {
    const struct generate_order *order;
    struct walk walk;
    struct sheet *feeds[SOURCES_END];
    struct sheet *truth;
    struct record record;
    struct generate_report report;
    bool led; /* the child in hand has a lead professional */
};

static enum fault put_row(struct generation *generation, enum source source)
{
    struct sheet *sheet = generation->feeds[source];
    for (int i = 0; i < COLUMNS; i++)
        sheet_put(sheet, text_str(&generation->record.columns[i]), i == 0);
    return sheet_end_row(sheet);
}

static void put_number(struct sheet *sheet, uint64_t number, bool first)
{
    struct text text = {0};
    text_put_number(&text, number, 1);
    sheet_put(sheet, text_str(&text), first);
}

static enum fault put_truth(struct generation *generation)
{
    const struct record *record = &generation->record;
    struct sheet *sheet = generation->truth;
    struct text errors = {0};
    for (int slip = 1; slip < SLIPS_END; slip++) {
        if ((record->slips & (slip_set)1 << slip) == 0)
            continue;
        text_put_literal(&errors, errors.len > 0 ? " " : "");
        text_put_literal(&errors, slip_name((enum slip)slip));
    }
    sheet_put(sheet, str_of(policy_source_name(record->source)), true);
    sheet_put(sheet, text_str(&record->columns[COLUMN_record]), false);
    put_number(sheet, record->child->number, false);
    put_number(sheet, record->household->number, false);
    if (record->child->twin != 0)
        put_number(sheet, record->child->twin, false);
    else
        sheet_put(sheet, STR(""), false);
    sheet_put(sheet, text_str(&errors), false);
    sheet_put(sheet, str_of(origin_name(record->household->origin)), false);
    return sheet_end_row(sheet);
}

/* When it began and, for some, ended. */
static void fill_period(struct generation *generation, struct stream *stream)
{
    struct record *record = &generation->record;
    int32_t today = day_number(generation->walk.order.today);
    int32_t days = today - record->child->born;
    int32_t longest = days < 900 ? days : 900;
    int32_t from = today - (int32_t)stream_below(stream, (uint64_t)longest + 1);
    text_put_day(&record->columns[COLUMN_from], day_of_number(from));
    if (stream_below(stream, 100) < 30) {
        int32_t to = from + (int32_t)stream_below(stream, (uint64_t)(today - from) + 1);
        text_put_day(&record->columns[COLUMN_to], day_of_number(to));
    }
}

static void fill_involvement(struct generation *generation, const struct service_offer *offer,
                             struct stream *stream)
{
    struct record *record = &generation->record;
    struct text *columns = record->columns;
    struct text identifier = columns[COLUMN_record];
    struct practitioner practitioner;
    uint32_t home = record->household->dwellings[0].home;
    uint32_t authority = places_authority(generation->walk.places, home);
    uint32_t size = staff_team_size(generation->walk.places, authority, offer);
    struct staff_post post = {authority, (uint32_t)(text_mix(home / 256, (uint64_t)offer->service, 0) % size),
                              generation->order->seed};
    staff_draw(generation->walk.names, generation->walk.places, offer, &post, &practitioner);
    for (int i = COLUMN_record + 1; i < COLUMNS; i++)
        columns[i].len = 0;
    text_set(&columns[COLUMN_type], STR("involvement"));
    text_put_literal(&identifier, "-");
    text_put_number(&identifier, (uint64_t)offer->service, 2);
    columns[COLUMN_involvement] = identifier;
    text_set(&columns[COLUMN_service_kind], str_of(policy_service_name(offer->service)));
    text_set(&columns[COLUMN_service], text_str(&practitioner.organisation));
    text_set(&columns[COLUMN_practitioner], text_str(&practitioner.name));
    text_set(&columns[COLUMN_job], str_of(offer->job));
    text_set(&columns[COLUMN_phone], text_str(&practitioner.phone));
    text_set(&columns[COLUMN_email], text_str(&practitioner.email));
    fill_period(generation, stream);
    bool lasts = columns[COLUMN_to].len == 0;
    if (lasts && !generation->led && stream_below(stream, 1000) < offer->lead_per_thousand) {
        text_set(&columns[COLUMN_lead], STR("yes"));
        generation->led = true;
    }
    if (stream_below(stream, 1000) < offer->assessment_per_thousand)
        text_set(&columns[COLUMN_assessment], STR("yes"));
}

static enum fault put_involvements(struct generation *generation, int age)
{
    struct record *record = &generation->record;
    size_t count;
    const struct service_offer *offers = staff_offers(&count);
    for (size_t i = 0; i < count; i++) {
        const struct service_offer *offer = &offers[i];
        if (offer->source != record->source || age < offer->age_from || age > offer->age_to)
            continue;
        struct stream stream = stream_of(text_mix(record->child->key, (uint64_t)offer->service, 0x696E76));
        if (stream_below(&stream, 1000) >= offer->per_thousand)
            continue;
        fill_involvement(generation, offer, &stream);
        enum fault fault = put_row(generation, record->source);
        if (fault != FAULT_NONE)
            return fault;
        generation->report.involvement_rows[record->source]++;
    }
    return FAULT_NONE;
}

static enum fault put_child(struct generation *generation, const struct child *child)
{
    struct record *record = &generation->record;
    generation->led = false;
    walk_child(&generation->walk, child, record);
    while (walk_record(&generation->walk, record)) {
        enum fault fault = put_row(generation, record->source);
        if (fault == FAULT_NONE)
            fault = put_truth(generation);
        generation->report.child_rows[record->source]++;
        if (fault == FAULT_NONE && !record->second)
            fault = put_involvements(generation, record->age);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

static enum fault put_households(struct generation *generation)
{
    struct walk *walk = &generation->walk;
    while (walk_household(walk)) {
        for (int i = 0; i < walk->household.child_count; i++) {
            enum fault fault = put_child(generation, &walk->household.children[i]);
            if (fault != FAULT_NONE)
                return fault;
            generation->report.twins += walk->household.children[i].twin != 0;
        }
    }
    generation->report.households = walk->household.number;
    generation->report.children = generation->order->children;
    return FAULT_NONE;
}

static enum fault put_headings(struct generation *generation)
{
    static const char *const truth[] = {"source", "record", "child", "household", "twin", "errors", "origin"};
    for (enum source source = SOURCE_NONE + 1; source < SOURCES_END; source++) {
        for (int i = 0; i < COLUMNS; i++)
            sheet_put(generation->feeds[source], str_of(column_name((enum column)i)), i == 0);
        enum fault fault = sheet_end_heading(generation->feeds[source]);
        if (fault != FAULT_NONE)
            return fault;
    }
    for (size_t i = 0; i < sizeof truth / sizeof truth[0]; i++)
        sheet_put(generation->truth, str_of(truth[i]), i == 0);
    return sheet_end_heading(generation->truth);
}

static enum fault open_sheets(struct generation *generation)
{
    enum fault fault = FAULT_NONE;
    struct sheet_order order = {.folder = generation->order->out, .as_of = generation->walk.order.today};
    if (mkdir(order.folder, 0755) != 0 && errno != EEXIST)
        return fault_note(FAULT_STORAGE,
                          "the folder of --out cannot be made: give one whose parent exists and is yours");
    for (enum source source = SOURCE_NONE + 1; source < SOURCES_END; source++) {
        struct text file = {0};
        text_put_literal(&file, policy_source_name(source));
        text_put(&file, (struct str){".csv", sizeof ".csv"}); /* its NUL too */
        order.file = file.at;
        order.source = source;
        TRY(sheet_open(&order, &generation->feeds[source]));
    }
    order.file = "truth.csv";
    order.source = SOURCE_NONE;
    TRY(sheet_open(&order, &generation->truth));
    fault = put_headings(generation);
done:
    return fault;
}

static enum fault finish_sheets(struct generation *generation)
{
    for (enum source source = SOURCE_NONE + 1; source < SOURCES_END; source++) {
        uint64_t rows;
        enum fault fault = sheet_finish(generation->feeds[source], &rows);
        if (fault != FAULT_NONE)
            return fault;
        must(rows == generation->report.child_rows[source] + generation->report.involvement_rows[source]);
    }
    return sheet_finish(generation->truth, &generation->report.truth_rows);
}

static enum fault put_directory(struct generation *generation)
{
    struct directory_order order = {generation->order->out, generation->walk.names, generation->walk.places,
                                    generation->order->seed};
    enum fault fault = directory_organisations(&order, &generation->report.organisations);
    return fault != FAULT_NONE ? fault : directory_practitioners(&order, &generation->report.practitioners);
}

enum fault generate_population(const struct generate_order *order, struct generate_report *ret_report)
{
    enum fault fault = FAULT_NONE;
    struct generation *generation = calloc(1, sizeof *generation);
    if (generation == NULL)
        return FAULT_MEMORY;
    const struct walk_order walk = {.children = order->children,
                                    .seed = order->seed,
                                    .reference = order->reference,
                                    .today = order->today};
    generation->order = order;
    if (order->out == NULL || order->out[0] == '\0')
        TRY(fault_note(FAULT_INVALID, "--out must name a folder"));
    TRY(walk_open(&walk, &generation->walk));
    TRY(open_sheets(generation));
    TRY(put_households(generation));
    TRY(finish_sheets(generation));
    TRY(put_directory(generation));
    *ret_report = generation->report;
done:
    for (enum source source = SOURCE_NONE + 1; source < SOURCES_END; source++)
        sheet_close(generation->feeds[source]);
    sheet_close(generation->truth);
    walk_close(&generation->walk);
    free(generation);
    return fault;
}
