/* A comma- or tab-separated file in pieces, which threads can read at the same time. */
#ifndef LINKAGE_PIECES_H
#define LINKAGE_PIECES_H

#include <pthread.h>
#include <stdint.h>

#include "linkage/rows.h"

/* How a file is cut does not hang on threads.  A record may have so many bytes with its quotes and blanks. */
/* So many bytes behind a piece may be looked at. */
enum { PIECES_BEHIND = 16 };

enum { PIECES_PIECE_BYTES = 1 << 20, PIECES_RECORD_BYTES_MAX = 256 * 1024 };

struct pieces {
    int fd;          /* -1: `text` is the file */
    struct str text; /* the caller's, or `owned` */
    char *owned;     /* what came from a pipe */
    uint64_t size;
    uint64_t start; /* where its first piece begins; the beginning of a record */
    char delimiter;
    size_t piece_count;
    uint8_t *odd; /* of each piece whose quotes were counted, and of the first that was not: whether they, or
                     those before it, are odd in number */
    size_t counted;
    pthread_mutex_t lock; /* of odd and counted */
    pthread_cond_t told;
};

/* The bytes of one piece; one per thread, used again for the next. */
struct piece {
    char *bytes; /* a newline behind them; may be written on */
    size_t len;
    size_t room;
    uint64_t at;  /* of the first byte in the file */
    size_t first; /* where its first record may begin ... */
    size_t limit; /* ... and those of the next piece */
    bool inside;  /* the byte before `first` is within quotes */
    bool ended;   /* nothing of the file is left */
};

/* FAULT_STORAGE where the file cannot be read; FAULT_MEMORY; FAULT_TOO_LARGE for a pipe without end.  To be
 * closed, whatever became of opening it. */
MUST_USE enum fault pieces_open(const struct linkage_file *file, char delimiter, struct pieces *ret_pieces);
void pieces_close(struct pieces *pieces);

/* Cuts what is from `start` on into pieces. */
MUST_USE enum fault pieces_cut(struct pieces *pieces, uint64_t start);

/* Fetches a piece.  Waits until all before it were fetched, by other threads, for only then it is known
 * whether it begins within quotes. */
MUST_USE enum fault pieces_fetch(struct pieces *pieces, size_t number, struct piece *piece);

/* Fetches what is at `at`, the beginning of a record, up to a piece's length. */
MUST_USE enum fault pieces_fetch_at(struct pieces *pieces, uint64_t at, struct piece *piece);

/* Fetches more behind the piece.  *ret_more: false where the file has ended or the longest record fits. */
MUST_USE enum fault pieces_fetch_more(struct pieces *pieces, struct piece *piece, bool *ret_more);

/* An empty piece takes no memory; wiped when closed. */
void piece_close(struct piece *piece);

#endif
