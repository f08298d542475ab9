#include "linkage/cut.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What has to be looked at: it ends a field or a record, or is no ordinary text. */
struct marks {
    char part;  /* between fields */
    char other; /* ends a record beside the newline */
    char quote;
};

static const struct marks COMMA_MARKS = {',', '\r', '"'};
static const struct marks TAB_MARKS = {'\t', '\n', '\n'};

/* A bit for each of PIECES_BEHIND bytes: those that are marks, and those that are not ASCII. */
struct found {
    uint32_t marks;
    uint32_t high;
};

#ifdef __SSE2__
static inline struct found find_marks(const char *at, const struct marks *marks)
{
    __m128i bytes = _mm_loadu_si128((const void *)at);
    __m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(marks->part));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(marks->other)));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(marks->quote)));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_setzero_si128()));
    return (struct found){(uint32_t)_mm_movemask_epi8(found), (uint32_t)_mm_movemask_epi8(bytes)};
}
#else
static inline struct found find_marks(const char *at, const struct marks *marks)
{
    struct found found = {0, 0};
    for (unsigned i = 0; i < PIECES_BEHIND; i++) {
        char c = at[i];
        bool mark = c == marks->part || c == '\n' || c == marks->other || c == marks->quote || c == 0;
        found.marks |= (uint32_t)mark << i;
        found.high |= (uint32_t)((uint8_t)c >> 7) << i;
    }
    return found;
}
#endif

struct cutting {
    struct pieces *pieces;
    struct piece *piece;
    const struct marks *marks;
    csv_on_record on_record;
    void *context;
    struct csv_reader *csv; /* NULL: not needed as yet */
    uint64_t number;
    bool given; /* csv has given the record */
    bool ended; /* it had a problem */
    char *room; /* where its fields go */
    struct str fields[CSV_FIELDS_MAX];
};

/* A record as it lies in the piece. */
struct line {
    size_t from;
    size_t to;
    size_t fields;
    bool high; /* has bytes that are not ASCII */
    bool nul;
    bool quotes;
    bool long_one; /* the longest record ends before it does */
};

static enum fault give(struct cutting *cutting, const struct csv_record *record)
{
    cutting->ended = record->problem != CSV_FINE;
    return cutting->on_record(cutting->context, record);
}

static enum fault give_problem(struct cutting *cutting, enum csv_problem problem)
{
    const struct csv_record record = {++cutting->number, problem, NULL, 0};
    return give(cutting, &record);
}

/* The fields that csv has, end to end where the record was: they are no longer than it. */
static enum fault on_parsed(void *context, const struct csv_record *parsed)
{
    struct cutting *cutting = context;
    char *at = cutting->room;
    cutting->given = true;
    for (size_t i = 0; i < parsed->field_count; i++) {
        if (parsed->fields[i].len > 0)
            memcpy(at, parsed->fields[i].at, parsed->fields[i].len);
        cutting->fields[i] = (struct str){at, parsed->fields[i].len};
        at += parsed->fields[i].len;
    }
    const struct csv_record record = {++cutting->number, parsed->problem, cutting->fields,
                                      parsed->field_count};
    return give(cutting, &record);
}

static enum fault parse(struct cutting *cutting, const struct line *line)
{
    enum fault fault = FAULT_NONE;
    if (line->long_one)
        return give_problem(cutting, CSV_TOO_LONG);
    if (cutting->csv == NULL)
        TRY(csv_open(on_parsed, cutting, &cutting->csv));
    cutting->given = false;
    cutting->room = cutting->piece->bytes + line->from;
    TRY(csv_feed(cutting->csv, bytes_of((struct str){cutting->room, line->to - line->from})));
    TRY(csv_feed(cutting->csv, bytes_of(STR("\n"))));
    if (!cutting->given) /* quotes that are never closed */
        TRY(csv_finish(cutting->csv));
done:
    return fault == FAULT_MALFORMED ? FAULT_NONE : fault; /* the callback has had it */
}

/* The end of a record with quotes: the first line's end that is not between any. */
static enum fault find_end(struct cutting *cutting, struct line *line)
{
    struct piece *piece = cutting->piece;
    bool inside = false;
    bool more = true;
    size_t at = line->from;
    for (;; at++) {
        if (at - line->from > PIECES_RECORD_BYTES_MAX)
            break;
        if (at == piece->len) {
            enum fault fault = pieces_fetch_more(cutting->pieces, piece, &more);
            if (fault != FAULT_NONE)
                return fault;
            if (!more)
                break;
        }
        char c = piece->bytes[at];
        if (c == '"')
            inside = !inside;
        if (!inside && (c == '\n' || c == '\r'))
            break;
    }
    line->long_one = at - line->from > PIECES_RECORD_BYTES_MAX || (!more && !piece->ended);
    line->to = at;
    return FAULT_NONE;
}

/* Cuts at a mark; false where the line ends there, or has quotes. */
static inline bool cut_mark(struct cutting *cutting, struct line *line, size_t at, size_t *begin)
{
    char c = cutting->piece->bytes[at];
    line->nul |= c == 0;
    line->quotes |= c == '"' && cutting->marks->quote == '"';
    if (line->quotes)
        return false;
    if (c == 0)
        return true;
    if (line->fields < CSV_FIELDS_MAX)
        cutting->fields[line->fields] = (struct str){cutting->piece->bytes + *begin, at - *begin};
    line->fields++;
    line->to = at;
    *begin = at + 1;
    return c == cutting->marks->part;
}

/* The piece's end was reached, not the line's. */
static enum fault take_more(struct cutting *cutting, struct line *line, bool *ret_more)
{
    enum fault fault = pieces_fetch_more(cutting->pieces, cutting->piece, ret_more);
    line->long_one = fault == FAULT_NONE && !*ret_more && !cutting->piece->ended;
    return fault;
}

/* Cuts at every mark.  Where the record has quotes, it is not cut to its end. */
static enum fault cut_line(struct cutting *cutting, struct line *line)
{
    const struct piece *piece = cutting->piece;
    size_t begin = line->from;
    size_t at = line->from;
    for (bool goes_on = true; goes_on;) {
        struct found found = find_marks(piece->bytes + at, cutting->marks);
        size_t next = at + PIECES_BEHIND;
        uint32_t seen = UINT32_MAX;
        for (; found.marks != 0 && goes_on; found.marks &= found.marks - 1) {
            unsigned bit = (unsigned)__builtin_ctz(found.marks);
            seen = ((uint32_t)1 << bit) - 1;
            if (at + bit == piece->len) { /* the newline behind it */
                bool more;
                enum fault fault = take_more(cutting, line, &more);
                if (fault != FAULT_NONE)
                    return fault;
                if (more) {
                    next = at + bit;
                    break;
                }
            }
            goes_on = cut_mark(cutting, line, at + bit, &begin);
            seen = goes_on ? UINT32_MAX : seen;
        }
        line->high |= (found.high & seen) != 0;
        at = next;
    }
    return FAULT_NONE;
}

static bool is_blank(const struct cutting *cutting, const struct line *line)
{
    struct str text = {cutting->piece->bytes + line->from, line->to - line->from};
    return (line->fields == 1 || cutting->pieces->delimiter == '\t') && !line->long_one &&
           str_trim(text).len == 0;
}

static enum csv_problem problem_of(const struct cutting *cutting, const struct line *line)
{
    struct str text = {cutting->piece->bytes + line->from, line->to - line->from};
    if (line->long_one || text.len > CSV_RECORD_BYTES_MAX)
        return CSV_TOO_LONG;
    if (line->nul)
        return CSV_NUL;
    if (line->high && !str_is_utf8(text))
        return CSV_UTF8;
    return line->fields > CSV_FIELDS_MAX ? CSV_FIELDS : CSV_FINE;
}

/* The record from `from` on, given unless it is blank; *ret_next is behind it. */
static enum fault cut_record(struct cutting *cutting, size_t from, size_t *ret_next)
{
    struct line line = {.from = from};
    enum fault fault = cut_line(cutting, &line);
    TRY(fault);
    bool comma = cutting->pieces->delimiter != '\t';
    if (line.quotes)
        TRY(find_end(cutting, &line));
    if (line.quotes || (comma && line.to - line.from > CSV_RECORD_BYTES_MAX)) {
        TRY(parse(cutting, &line));
    } else if (!is_blank(cutting, &line)) {
        enum csv_problem problem = problem_of(cutting, &line);
        const struct csv_record record = {++cutting->number, problem, cutting->fields,
                                          problem == CSV_FINE ? line.fields : 0};
        TRY(give(cutting, &record));
    }
    *ret_next = line.to + 1;
done:
    return fault;
}

static bool ends_line(const struct pieces *pieces, char c)
{
    return c == '\n' || (c == '\r' && pieces->delimiter != '\t');
}

/* Where the first record of a piece begins, whose first byte is the last before it. */
static size_t find_first(const struct pieces *pieces, const struct piece *piece)
{
    bool inside = piece->inside;
    size_t at = 0;
    while (at < piece->limit && (inside || !ends_line(pieces, piece->bytes[at]))) {
        at++;
        if (pieces->delimiter != '\t' && at < piece->limit && piece->bytes[at] == '"')
            inside = !inside;
    }
    return at + 1;
}

enum fault cut_piece(struct pieces *pieces, struct piece *piece, csv_on_record on_record, void *context)
{
    enum fault fault = FAULT_NONE;
    struct cutting cutting = {.pieces = pieces,
                              .piece = piece,
                              .marks = pieces->delimiter == '\t' ? &TAB_MARKS : &COMMA_MARKS,
                              .on_record = on_record,
                              .context = context};
    size_t at = piece->at == pieces->start ? 0 : find_first(pieces, piece);
    while (at < piece->limit && !cutting.ended)
        TRY(cut_record(&cutting, at, &at));
done:
    csv_close(cutting.csv);
    return fault;
}

enum fault cut_first(struct pieces *pieces, struct piece *piece, csv_on_record on_record, void *context,
                     uint64_t *ret_behind)
{
    enum fault fault = FAULT_NONE;
    struct cutting cutting = {.pieces = pieces,
                              .piece = piece,
                              .marks = pieces->delimiter == '\t' ? &TAB_MARKS : &COMMA_MARKS,
                              .on_record = on_record,
                              .context = context};
    uint64_t behind = 0;
    while (behind < pieces->size && cutting.number == 0) {
        size_t at = 0;
        TRY(pieces_fetch_at(pieces, behind, piece));
        if (piece->len == 0)
            break;
        while (at < piece->limit && cutting.number == 0)
            TRY(cut_record(&cutting, at, &at));
        behind += at;
    }
    *ret_behind = behind < pieces->size ? behind : pieces->size;
done:
    csv_close(cutting.csv);
    return fault;
}
