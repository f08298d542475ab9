/* A generated population in a folder of its own, and its files read back. */
#ifndef TESTS_GENERATE_FILES_H
#define TESTS_GENERATE_FILES_H

#include "base/csv.h"
#include "generate/generate.h"

struct population {
    char folder[64];
    struct generate_report report;
};

/* Makes a folder and fills it; the test fails where that fails. */
void population_open(uint32_t children, uint64_t seed, const char *reference,
                     struct population *ret_population);

/* Removes the folder and what the generator puts there. */
void population_close(struct population *population);

enum { FILES = 8 };
extern const char *const file_names[FILES]; /* the five feeds first, in the order of sources.def */

/* The whole file; free() it. */
struct bytes file_read(const struct population *population, const char *name);

/* All records after a feed's first line, strictly: the heading is record 1.  Ends the test on any problem. */
void file_records(const struct population *population, const char *name, csv_on_record on_record,
                  void *context);

/* Where a column stands in a feed. */
size_t column_of(const char *name);

#endif
