/* Many readers or one writer, for writers that are done in microseconds and readers that must not fall asleep
 * for them.
 *
 * A reader waits only while a writer is at work, spinning.  A writer lets readers go first, until it has
 * waited so long (GATE_PATIENCE_US) that it asks new readers to wait for it: nobody reads for longer than a
 * search takes, and whoever must uses gate_hold. */
#ifndef MATCH_GATE_H
#define MATCH_GATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { GATE_PATIENCE_US = 2000 };

struct gate {
    _Atomic uint32_t state;  /* readers inside; WRITING and WANTED above them */
    pthread_mutex_t writers; /* one at a time */
};

/* 0, or pthread_mutex_init's error. */
int gate_open(struct gate *gate);
void gate_close(struct gate *gate);

void gate_read(struct gate *gate);
void gate_read_end(struct gate *gate);
void gate_write(struct gate *gate);
void gate_write_end(struct gate *gate);

/* Keeps writers out, for as long as it takes, and hinders no reader. */
void gate_hold(struct gate *gate);
void gate_hold_end(struct gate *gate);

#endif
