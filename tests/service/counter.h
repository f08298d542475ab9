/* How many entries the log has, asked hundreds of times a second. */
#ifndef TESTS_SERVICE_COUNTER_H
#define TESTS_SERVICE_COUNTER_H

#include <stdint.h>

struct counter;

/* Of the database at that path, which stays open; `path` is borrowed.  Fails the test where it cannot. */
struct counter *counter_open(const char *path);
void counter_close(struct counter *counter);

/* The sum of the highest numbers: entries are numbered densely from 1. */
int64_t counter_read(struct counter *counter);

#endif
