/* A CSV file in the making. */
#ifndef LINKAGE_SHEET_H
#define LINKAGE_SHEET_H

#include "base/buffer.h"

enum { SHEET_PATH_MAX = 4096 };

struct sheet {
    int fd;
    char fresh[SHEET_PATH_MAX];
    const char *path;
    struct buffer buffer;
    enum fault fault; /* the first; later lines are dropped */
};

/* FAULT_STORAGE with a note. */
MUST_USE enum fault sheet_open(struct sheet *sheet, const char *path, struct str header);

/* After each line has been put into the buffer. */
void sheet_line(struct sheet *sheet);

/* Puts the file in its place if all went well, else takes it away. */
MUST_USE enum fault sheet_close(struct sheet *sheet);

#endif
