/* Wrapping all keys of the database anew, in short transactions between those of others. */
#ifndef SERVICE_REWRAP_H
#define SERVICE_REWRAP_H

#include "store/db.h"
#include "vault/rotation.h"

enum { REWRAP_CURSOR_BYTES = 8 };

/* How far a pass is: of children's ids, the first bytes of the last one that was seen. */
struct rewrap_place {
    bool begun;
    uint8_t after[REWRAP_CURSOR_BYTES];
};

struct rewrap_counts {
    int64_t seen;
    int64_t rewrapped;
    int64_t left;   /* under another master still: the keeper was told meanwhile to wrap under another */
    int64_t broken; /* they open under no master: left as they are */
};

struct rewrap {
    struct db *db;
    struct vault *vault;
    uint32_t master; /* under which all are to be; the one that wraps */
    struct rewrap_place place;
    struct rewrap_counts counts;
    /* Called inside each transaction that wrote children's keys, so that the place is kept with them; may be
     * NULL. */
    enum fault (*keep)(struct db_tx *tx, void *context, const struct rewrap_place *place);
    /* Called after it; may be NULL. */
    void (*told)(void *context, int64_t seen);
    void *context;
};

/* Keys of the house, then children's from the place on. */
MUST_USE enum fault rewrap_pass(struct rewrap *rewrap);

#endif
