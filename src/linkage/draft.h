/* A CSV file in the making. */
#ifndef LINKAGE_DRAFT_H
#define LINKAGE_DRAFT_H

#include "base/buffer.h"

enum { DRAFT_PATH_MAX = 4096 };

struct draft {
    int fd;
    char fresh[DRAFT_PATH_MAX];
    const char *path;
    struct buffer buffer;
    enum fault fault; /* the first; later lines are dropped */
};

/* FAULT_STORAGE with a note. */
MUST_USE enum fault draft_open(struct draft *draft, const char *path, struct str header);

/* After each line has been put into the buffer. */
void draft_line(struct draft *draft);

/* Whole lines, with their ends. */
void draft_text(struct draft *draft, struct str text);

/* Puts the file in its place if all went well, else takes it away. */
MUST_USE enum fault draft_close(struct draft *draft);

#endif
