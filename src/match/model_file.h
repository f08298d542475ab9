/* The model as text that people can read and compare, a line for each weight:
 *
 *     contactpoint model 1
 *     made 2026-11-21 by contactpoint 0.1.0
 *     records 912910
 *     pairs 5000000
 *     seed 1
 *     weight prior -23.4000
 *     weight birth_exact 12.5996 m 0.931200 u 0.000151
 *     share family smith 6.4000
 *     end
 *
 * A weight is in bits; m and u, where training gave them, are the shares of pairs of one person and of two
 * that reach the level.  A share is -log2 of how many bear the name; names that few bear are never in it
 * (linkage.md §2).  Lines that begin with # are remarks.  Every weight of default.model stands in it once. */
#ifndef MATCH_MODEL_FILE_H
#define MATCH_MODEL_FILE_H

#include "base/buffer.h"
#include "match/model.h"
#include "match/normalise.h"

enum {
    MODEL_TEXT_BYTES_MAX = 64 * 1024 * 1024,
    MODEL_SHARES_MAX = 1000000,
    MODEL_MADE_BYTES_MAX = 80,
    MODEL_DIGEST_BYTES = 16,
};

/* How many bear a name, 1/1024 bit of -log2; 0: not listed. */
struct model_share {
    uint32_t text; /* in struct model_file's texts */
    uint8_t len;
    uint16_t family;
    uint16_t given;
};

struct model_file {
    struct match_model weights;
    int32_t m[MODEL_WEIGHTS]; /* millionths; 0 where not trained */
    int32_t u[MODEL_WEIGHTS];
    char made[MODEL_MADE_BYTES_MAX + 1]; /* when and by what */
    uint64_t records;
    uint64_t pairs;
    uint64_t seed;
    struct model_share *shares; /* ascending by name */
    size_t share_count;
    char *texts;
    size_t texts_len;
};

/* The shipped one: weights of default.model, no shares. */
void model_file_ship(struct model_file *ret_file);

/* FAULT_MALFORMED with a note that says what is wrong, and in *ret_line where (1 the first; 0: the whole);
 * FAULT_MEMORY.  *ret_file is untouched then. */
MUST_USE enum fault model_file_read(struct str text, struct model_file *ret_file, uint32_t *ret_line);

/* The same bytes for the same model. */
void model_file_write(struct buffer *buffer, const struct model_file *file);

/* Of what model_file_write writes: tells models apart in snapshots and benchmarks. */
MUST_USE enum fault model_file_digest(const struct model_file *file, uint8_t ret_digest[MODEL_DIGEST_BYTES]);

/* A name's share; 0 where it is not listed. */
uint16_t model_file_share(const struct model_file *file, struct str name, enum name_part part);

/* Adds a name's shares, in ascending order of names only.  FAULT_MEMORY. */
MUST_USE enum fault model_file_add(struct model_file *file, struct str name, uint16_t family, uint16_t given);

void model_file_close(struct model_file *file);

#endif
