/* The records of one source while a batch is planned: which child and claim each became, and whether this
 * batch has named it.  In memory, keyed by the keyed hash of the source's own identifier. */
#ifndef REGISTRY_RECORDS_H
#define REGISTRY_RECORDS_H

#include "policy/ids.h"
#include "registry/row.h"
#include "vault/vault.h"

enum record_fate {
    RECORD_KNOWN = 1, /* became a claim */
    RECORD_WAITS = 2, /* waits for the data officer, and is linked anew each time; so do its involvements */
    RECORD_HELD = 3,  /* waits for the shielding officer: so do its involvements (R9.6) */
};

struct record {
    int64_t number; /* in the store; 0: not there yet */
    struct tag tag;
    struct tag digest; /* of the row as last taken */
    struct child_id child;
    struct claim_id claim;
    uint8_t kind;    /* enum row_kind */
    uint8_t fate;    /* enum record_fate; 0: an empty slot */
    bool seen;    /* in this batch */
};

struct records;

MUST_USE enum fault records_open(struct records **ret_records);
void records_close(struct records *records);

/* The record of that tag, or NULL.  Borrowed until the next records_add. */
struct record *records_find(struct records *records, const struct tag *tag);

/* Adds a record whose tag is not there yet.  FAULT_MEMORY. */
MUST_USE enum fault records_add(struct records *records, const struct record *record);

/* A record that stands for no child yet gets its number when it is planned, above all that carrying out
 * gives: its waiting row names it. */
enum { RECORD_NUMBER_BITS = 32, RECORD_NUMBERS_WAITING = 0x40000000 };

/* One after the other from *cursor = 0, in an order of no meaning; NULL at the end. */
const struct record *records_next(const struct records *records, size_t *cursor);
size_t records_count(const struct records *records);

#endif
