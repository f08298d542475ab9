#include "linkage/pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MORE_BYTES = 32 * 1024 };

/* A pipe is taken into memory whole. */
static const size_t PIPE_BYTES_MAX = (size_t)8 << 30;

static enum fault read_pipe(struct pieces *pieces)
{
    enum { ROOM_FIRST = 1 << 20 };
    size_t room = 0;
    for (;;) {
        if (pieces->size == room) {
            room = room == 0 ? ROOM_FIRST : room * 2;
            if (room > PIPE_BYTES_MAX)
                return fault_note(FAULT_TOO_LARGE, "more than 8 GiB came: give a file in its place");
            char *larger = realloc(pieces->owned, room);
            if (larger == NULL)
                return FAULT_MEMORY;
            pieces->owned = larger;
        }
        ssize_t len = read(pieces->fd, pieces->owned + pieces->size, room - pieces->size);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return fault_note(FAULT_STORAGE, "a table cannot be read");
        if (len == 0)
            break;
        pieces->size += (uint64_t)len;
    }
    (void)close(pieces->fd);
    pieces->fd = -1;
    pieces->text = (struct str){pieces->owned, pieces->size};
    return FAULT_NONE;
}

enum fault pieces_open(const struct linkage_file *file, char delimiter, struct pieces *ret_pieces)
{
    struct stat seen;
    *ret_pieces =
        (struct pieces){.fd = -1, .text = file->text, .size = file->text.len, .delimiter = delimiter};
    (void)pthread_mutex_init(&ret_pieces->lock, NULL);
    (void)pthread_cond_init(&ret_pieces->told, NULL);
    if (file->path == NULL)
        return FAULT_NONE;
    ret_pieces->size = 0;
    ret_pieces->fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (ret_pieces->fd < 0 || fstat(ret_pieces->fd, &seen) != 0 || S_ISDIR(seen.st_mode))
        return fault_note(FAULT_STORAGE, "a table cannot be opened");
    if (!S_ISREG(seen.st_mode))
        return read_pipe(ret_pieces);
    ret_pieces->size = (uint64_t)seen.st_size;
    return FAULT_NONE;
}

void pieces_close(struct pieces *pieces)
{
    if (pieces->fd >= 0)
        (void)close(pieces->fd);
    if (pieces->owned != NULL)
        explicit_bzero(pieces->owned, pieces->size);
    free(pieces->owned);
    free(pieces->odd);
    (void)pthread_mutex_destroy(&pieces->lock);
    (void)pthread_cond_destroy(&pieces->told);
}

enum fault pieces_cut(struct pieces *pieces, uint64_t start)
{
    pieces->start = start;
    pieces->piece_count = (size_t)((pieces->size - start + PIECES_PIECE_BYTES - 1) / PIECES_PIECE_BYTES);
    pieces->counted = 0;
    free(pieces->odd);
    pieces->odd = calloc(pieces->piece_count + 1, sizeof *pieces->odd);
    return pieces->odd == NULL ? FAULT_MEMORY : FAULT_NONE;
}

void piece_close(struct piece *piece)
{
    if (piece->bytes != NULL)
        explicit_bzero(piece->bytes, piece->room);
    free(piece->bytes);
    *piece = (struct piece){.bytes = NULL};
}

/* Room for a piece, the byte before it, a record that goes beyond it, and a newline. */
static enum fault make_room(const struct pieces *pieces, struct piece *piece)
{
    uint64_t room = PIECES_PIECE_BYTES + PIECES_RECORD_BYTES_MAX + MORE_BYTES + 2;
    if (room > pieces->size + 2)
        room = pieces->size + 2;
    if (piece->room >= room)
        return FAULT_NONE;
    piece_close(piece);
    piece->bytes = calloc(1, room + PIECES_BEHIND);
    if (piece->bytes == NULL)
        return FAULT_MEMORY;
    piece->room = room;
    return FAULT_NONE;
}

/* Up to `most` bytes more; fewer where the file ends. */
static enum fault append(struct pieces *pieces, struct piece *piece, size_t most)
{
    size_t room = piece->room - 1 - piece->len;
    most = most < room ? most : room;
    while (most > 0) {
        uint64_t at = piece->at + piece->len;
        ssize_t len;
        if (pieces->fd < 0) {
            uint64_t left = pieces->size - at;
            len = (ssize_t)(left < most ? left : most);
            if (len > 0)
                memcpy(piece->bytes + piece->len, pieces->text.at + at, (size_t)len);
        } else {
            len = pread(pieces->fd, piece->bytes + piece->len, most, (off_t)at);
        }
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return fault_note(FAULT_STORAGE, "a table cannot be read");
        if (len == 0)
            break;
        piece->len += (size_t)len;
        most -= (size_t)len;
    }
    piece->ended = piece->at + piece->len >= pieces->size || most > 0;
    piece->bytes[piece->len] = '\n';
    return FAULT_NONE;
}

enum fault pieces_fetch_at(struct pieces *pieces, uint64_t at, struct piece *piece)
{
    enum fault fault = FAULT_NONE;
    TRY(make_room(pieces, piece));
    piece->at = at;
    piece->len = piece->first = 0;
    piece->inside = false;
    TRY(append(pieces, piece, PIECES_PIECE_BYTES));
    piece->limit = piece->len;
done:
    return fault;
}

enum fault pieces_fetch_more(struct pieces *pieces, struct piece *piece, bool *ret_more)
{
    size_t before = piece->len;
    enum fault fault = piece->ended ? FAULT_NONE : append(pieces, piece, MORE_BYTES);
    *ret_more = piece->len > before;
    return fault;
}

static bool is_odd(const char *at, size_t len)
{
    bool odd = false;
    const char *end = at + len;
    while (at < end && (at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        odd = !odd;
        at++;
    }
    return odd;
}

enum { KNOWN = 2 };

/* Tells the others of a piece's quotes, and waits until those before it are known. */
static bool begins_inside(struct pieces *pieces, size_t number, bool odd)
{
    (void)pthread_mutex_lock(&pieces->lock);
    pieces->odd[number] |= (uint8_t)(KNOWN | odd);
    while (pieces->counted < pieces->piece_count && (pieces->odd[pieces->counted] & KNOWN) != 0) {
        /* From here on bit 2 says how it stands before the piece. */
        uint8_t before = pieces->odd[pieces->counted] >> 2 & 1;
        uint8_t after = before ^ (pieces->odd[pieces->counted] & 1);
        pieces->counted++;
        pieces->odd[pieces->counted] |= (uint8_t)(after << 2);
        (void)pthread_cond_broadcast(&pieces->told);
    }
    while (pieces->counted < number)
        (void)pthread_cond_wait(&pieces->told, &pieces->lock);
    bool inside = (pieces->odd[number] >> 2 & 1) != 0;
    (void)pthread_mutex_unlock(&pieces->lock);
    return inside;
}

enum fault pieces_fetch(struct pieces *pieces, size_t number, struct piece *piece)
{
    uint64_t begin = pieces->start + (uint64_t)number * PIECES_PIECE_BYTES;
    size_t before = number == 0 ? 0 : 1; /* the byte that may end the record before */
    enum fault fault = make_room(pieces, piece);
    bool odd = false;
    if (fault == FAULT_NONE) {
        piece->at = begin - before;
        piece->len = 0;
        fault = append(pieces, piece, PIECES_PIECE_BYTES + before);
    }
    if (fault == FAULT_NONE && pieces->delimiter != '\t' && piece->len > before)
        odd = is_odd(piece->bytes + before, piece->len - before);
    bool inside = begins_inside(pieces, number, odd); /* told in any case: others wait for it */
    if (fault != FAULT_NONE)
        return fault;
    piece->first = 0;
    piece->limit = piece->len;
    piece->inside = inside && pieces->delimiter != '\t';
    return FAULT_NONE;
}
