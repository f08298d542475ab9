#include "yard.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "access/argon.h"
#include "base/csv.h"
#include "base/log.h"
#include "engine.h"
#include "generate/generate.h"
#include "service/staff.h"

const char *const yard_feeds[YARD_FEEDS] = {"child_benefit.csv", "health.csv", "education.csv",
                                            "social_care.csv", "youth_justice.csv"};

static struct instant november(void *context)
{
    (void)context;
    return (struct instant){INT64_C(1795200000) * 1000000 + clock_monotonic_us() % 1000000000};
}

static struct clock yard_clock(void)
{
    return (struct clock){november, NULL};
}

/* Where an SQLite file would be; engine_is_postgres says whether there is another. */
static const char *file_of(const struct yard *yard)
{
    static char path[2 * YARD_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/contactpoint.db", yard->state);
    return path;
}

const char *yard_database(const struct yard *yard)
{
    return engine_is_postgres() ? engine_connection(file_of(yard)) : NULL;
}

/* No more connections than these tests need, which are many. */
static void need_few_connections(const struct yard *yard)
{
    char path[2 * YARD_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/contactpoint.conf", yard->state);
    FILE *file = engine_is_postgres() ? fopen(path, "ae") : NULL;
    if (file == NULL)
        return;
    assert_true(fputs("connections = 4\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void yard_open(struct yard *ret_yard, uint32_t children, bool demonstration)
{
    struct yard yard = {.folder = "/tmp/yard-XXXXXX"};
    assert_non_null(mkdtemp(yard.folder));
    (void)snprintf(yard.state, sizeof yard.state, "%s/state", yard.folder);
    (void)snprintf(yard.population, sizeof yard.population, "%s/population", yard.folder);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    log_to(-1);
    assert_int_equal(arena_open(1024 * 1024, &yard.arena), FAULT_NONE);
    const struct init_order order = {.state = yard.state,
                                     .database = yard_database(&yard),
                                     .unix_user = "operator",
                                     .demonstration = demonstration,
                                     .clock = yard_clock(),
                                     .entropy = entropy_system()};
    assert_int_equal(service_init(&order, yard.arena, yard.codes), FAULT_NONE);
    need_few_connections(&yard);
    if (children > 0) {
        const struct generate_order population = {.children = children, .seed = 7, .out = yard.population};
        struct generate_report report;
        assert_int_equal(generate_population(&population, &report), FAULT_NONE);
    }
    *ret_yard = yard;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status, (void)kind, (void)at;
    return remove(path);
}

void yard_close(struct yard *yard)
{
    arena_close(yard->arena);
    engine_forget(file_of(yard));
    (void)snprintf(yard->state, sizeof yard->state, "%s/state", yard->folder);
    engine_forget(file_of(yard));
    assert_int_equal(nftw(yard->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *yard_feed(const struct yard *yard, const char *name)
{
    static char path[2 * YARD_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", yard->population, name);
    return path;
}

struct service *yard_service(const struct yard *yard)
{
    const struct service_settings settings = {
        .state = yard->state, .clock = yard_clock(), .entropy = entropy_system(), .readers = 2};
    struct service *service = NULL;
    enum fault fault = service_open(&settings, &service);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    return service;
}

static void on_progress(void *context, enum work_phase phase, int64_t done, int64_t of)
{
    struct told *told = context;
    assert_in_range(done, 0, of);
    told->planning += phase == PHASE_PLANNING;
    told->applying += phase == PHASE_APPLYING;
}

static void on_problem(void *context, uint64_t line, enum row_problem problem)
{
    struct told *told = context;
    told->reasons[problem]++;
    if (told->first_line == 0)
        told->first_line = line;
}

static bool is_gone(void *context)
{
    return ((const struct told *)context)->gone;
}

struct work_listener told_listener(struct told *told)
{
    return (struct work_listener){on_progress, on_problem, is_gone, told};
}

struct work_result yard_load(const struct yard *yard, struct service *service, const char *path,
                             struct told *told)
{
    struct told unheard = {0};
    const struct work_listener listener = told_listener(told == NULL ? &unheard : told);
    struct work work = {.kind = WORK_FEED_LOAD, .fd = open(path, O_RDONLY | O_CLOEXEC)};
    struct work_result result;
    assert_true(work.fd >= 0);
    work_do(service, STR("operator"), &work, &listener, yard->arena, &result);
    (void)close(work.fd);
    return result;
}

const char *yard_draft(const struct yard *yard, const struct draft *draft)
{
    static char path[2 * YARD_PATH_BYTES];
    struct buffer body = buffer_open(16 * 1024 * 1024);
    uint8_t digest[crypto_hash_sha256_BYTES];
    char text[2 * sizeof digest + 1];
    for (int i = 0; i < COLUMNS_END; i++)
        csv_put(&body, str_of(row_column((enum column)i)->name), i == 0);
    buffer_put_char(&body, '\n');
    buffer_put(&body, draft->rows);
    assert_int_equal(buffer_fault(&body), FAULT_NONE);
    (void)crypto_hash_sha256(digest, buffer_bytes(&body).at, body.len);
    (void)sodium_bin2hex(text, sizeof text, digest, sizeof digest);
    (void)snprintf(path, sizeof path, "%s/draft.csv", yard->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file,
                  "#contactpoint-feed,version=1,source=%s,sequence=%" PRId64
                  ",mode=%s,as-of=2026-11-01,rows=%" PRId64 ",removals=%" PRId64 ",sha256=%s\n",
                  draft->source, draft->sequence, draft->mode, draft->count, draft->removals, text);
    assert_int_equal(fwrite(body.at, 1, body.len, file), body.len);
    assert_int_equal(fclose(file), 0);
    buffer_close(&body);
    return path;
}

int64_t yard_count(const struct yard *yard, const char *sql)
{
    return engine_number(file_of(yard), sql);
}

void yard_digest(const struct yard *yard, const char *sql, uint8_t ret_digest[32])
{
    size_t size_bytes;
    uint8_t *rows = engine_rows(file_of(yard), sql, &size_bytes);
    (void)crypto_hash_sha256(ret_digest, rows, size_bytes);
    free(rows);
}

struct bytes yard_resting(const struct yard *yard)
{
    size_t size_bytes;
    const uint8_t *resting = engine_resting(file_of(yard), &size_bytes);
    return (struct bytes){resting, size_bytes};
}

int64_t yard_past(const struct yard *yard, const char *sql)
{
    return engine_run(file_of(yard), sql);
}
