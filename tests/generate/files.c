#include "generate/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const char *const file_names[FILES] = {"child_benefit.csv", "health.csv",        "education.csv",
                                       "social_care.csv",   "youth_justice.csv", "organisations.csv",
                                       "practitioners.csv", "truth.csv"};

static const char *const columns[] = {
#define COLUMN(name, kind, longest, rows, help) #name,
#include "registry/layout.def"
#undef COLUMN
};

size_t column_of(const char *name)
{
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (strcmp(columns[i], name) == 0)
            return i;
    fail_msg("no column %s", name);
    return 0;
}

void population_open(uint32_t children, uint64_t seed, const char *reference,
                     struct population *ret_population)
{
    snprintf(ret_population->folder, sizeof ret_population->folder, "/tmp/contactpoint-generate-XXXXXX");
    assert_non_null(mkdtemp(ret_population->folder));
    struct generate_order order = {
        .children = children, .seed = seed, .reference = reference, .out = ret_population->folder};
    enum fault fault = generate_population(&order, &ret_population->report);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
}

static void path_of(const struct population *population, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", population->folder, name);
}

void population_close(struct population *population)
{
    char path[128];
    for (int i = 0; i < FILES; i++) {
        path_of(population, file_names[i], path);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(population->folder), 0);
}

struct bytes file_read(const struct population *population, const char *name)
{
    char path[128];
    path_of(population, name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    uint8_t *at = malloc((size_t)size);
    assert_non_null(at);
    assert_int_equal(fread(at, 1, (size_t)size, file), size);
    fclose(file);
    return (struct bytes){at, (size_t)size};
}

struct strict {
    csv_on_record on_record;
    void *context;
    size_t fields;
};

static enum fault on_any_record(void *context, const struct csv_record *record)
{
    struct strict *strict = context;
    assert_int_equal(record->problem, CSV_FINE);
    if (record->number == 1)
        strict->fields = record->field_count;
    assert_int_equal(record->field_count, strict->fields);
    return strict->on_record(strict->context, record);
}

void file_records(const struct population *population, const char *name, csv_on_record on_record,
                  void *context)
{
    struct bytes whole = file_read(population, name);
    struct bytes rest = whole;
    if (whole.at[0] == '#') {
        const uint8_t *end = memchr(whole.at, '\n', whole.len);
        assert_non_null(end);
        rest = (struct bytes){end + 1, whole.len - (size_t)(end + 1 - whole.at)};
    }
    assert_null(memchr(rest.at, '\r', rest.len));
    struct strict strict = {on_record, context, 0};
    struct csv_reader *reader;
    assert_int_equal(csv_open(on_any_record, &strict, &reader), FAULT_NONE);
    assert_int_equal(csv_feed(reader, rest), FAULT_NONE);
    assert_int_equal(csv_finish(reader), FAULT_NONE);
    csv_close(reader);
    free((void *)whole.at);
}
