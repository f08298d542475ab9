/* Splits C source into the pieces that the checks look at. */
#ifndef CHECK_SOURCE_SCAN_H
#define CHECK_SOURCE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum piece_kind {
    PIECE_WORD = 1,       /* an identifier or keyword */
    PIECE_STRING,         /* between the quotes of a string literal */
    PIECE_COMMENT,        /* without its marks */
    PIECE_INCLUDE,        /* the path of #include "..." */
    PIECE_INCLUDE_SYSTEM, /* the path of #include <...> */
};

struct piece {
    enum piece_kind kind;
    const char *at; /* borrowed from the source */
    size_t len;
    int line;       /* where it begins, from 1 */
    bool is_called; /* a word: an opening parenthesis follows */
    bool is_member; /* a word: a dot or an arrow stands before */
};

struct scanner {
    const char *at;
    const char *end;
    const char *before; /* the last character that was neither blank nor comment, or NULL */
    int line;
    bool after_include;
};

struct scanner scanner_of(const char *source, size_t len);

/* The next piece, or false at the end. */
bool scanner_next(struct scanner *scanner, struct piece *ret_piece);

#endif
