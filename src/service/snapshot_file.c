#include "service/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/snapshot_ahead.h"

enum {
    FORMAT = 1,
    PATH_BYTES_MAX = 4096,
    HEAD_CLEAR_BYTES_MAX = 56 * 1024,
    HEAD_SEALED_BYTES_MAX = 64 * 1024,
    START_BYTES = 8 + 4 + WRAPPED_KEY_BYTES + 4,
    BUFFER_BYTES_MAX = 128 * 1024,
};

static const char magic[] = "CPINDEX\n";
_Static_assert(sizeof magic - 1 == 8, "eight bytes");

/* One reading or writing of a file. */
struct run {
    const struct snapshot_file *file;
    FILE *stream;
    struct wrapped_key key;
    uint64_t pieces;
    uint64_t bytes;
    uint64_t number; /* of the next piece */
    struct buffer clear;
    struct buffer sealed;
    struct ahead *ahead; /* of a reading */
    struct bytes piece;  /* what is left of the piece that is being read */
};

struct head {
    struct bytes program;
    struct bytes digest;
    struct bytes position;
    uint64_t people;
    uint64_t pieces;
    uint64_t bytes;
};

static void run_open(struct run *run, const struct snapshot_file *file)
{
    *run = (struct run){
        .file = file, .clear = buffer_open(BUFFER_BYTES_MAX), .sealed = buffer_open(BUFFER_BYTES_MAX)};
}

static void run_close(struct run *run)
{
    ahead_close(run->ahead);
    if (run->stream != NULL)
        (void)fclose(run->stream);
    buffer_close(&run->clear);
    buffer_close(&run->sealed);
}

static const struct seal_place head_place = {"snapshot", "head", {NULL, 0}, FORMAT};

static uint64_t pieces_of(uint64_t bytes)
{
    return (bytes + SNAPSHOT_PIECE_BYTES - 1) / SNAPSHOT_PIECE_BYTES;
}

static enum fault put(struct run *run, struct bytes bytes)
{
    if (fwrite(bytes.at, 1, bytes.len, run->stream) != bytes.len)
        return fault_note(FAULT_STORAGE, "match.snapshot cannot be written: check the room on its disk");
    return FAULT_NONE;
}

static enum fault put_piece(struct run *run)
{
    uint8_t row[PIECE_ROW_BYTES];
    const struct seal_place place = piece_place(run->number, run->pieces, row);
    enum fault fault;
    TRY(buffer_fault(&run->clear));
    TRY(vault_seal(run->file->vault, &run->key, &place, buffer_bytes(&run->clear), &run->sealed));
    TRY(put(run, buffer_bytes(&run->sealed)));
    run->number++;
    buffer_clear(&run->clear);
done:
    return fault;
}

static enum fault count_bytes(void *context, struct bytes piece)
{
    struct run *run = context;
    run->bytes += piece.len;
    return FAULT_NONE;
}

static enum fault write_bytes(void *context, struct bytes piece)
{
    struct run *run = context;
    enum fault fault = FAULT_NONE;
    while (piece.len > 0) {
        size_t room = SNAPSHOT_PIECE_BYTES - run->clear.len;
        size_t some = piece.len < room ? piece.len : room;
        buffer_put_bytes(&run->clear, (struct bytes){piece.at, some});
        piece = (struct bytes){piece.at + some, piece.len - some};
        if (run->clear.len == SNAPSHOT_PIECE_BYTES)
            TRY(put_piece(run));
    }
done:
    return fault;
}

static enum fault put_head(struct run *run, struct bytes position)
{
    struct buffer start = buffer_open(START_BYTES);
    enum fault fault;
    if (position.len > SNAPSHOT_POSITION_BYTES_MAX)
        return FAULT_TOO_LARGE;
    buffer_put_field(&run->clear, bytes_of(STR(CONTACTPOINT_VERSION)));
    buffer_put_field(&run->clear, (struct bytes){run->file->digest, MODEL_DIGEST_BYTES});
    buffer_put_field(&run->clear, position);
    buffer_put_u64(&run->clear, match_counts(run->file->index).people);
    buffer_put_u64(&run->clear, run->pieces);
    buffer_put_u64(&run->clear, run->bytes);
    TRY(buffer_fault(&run->clear));
    TRY(vault_seal(run->file->vault, &run->key, &head_place, buffer_bytes(&run->clear), &run->sealed));
    buffer_put(&start, str_of(magic));
    buffer_put_u32(&start, FORMAT);
    buffer_put_bytes(&start, (struct bytes){run->key.byte, sizeof run->key.byte});
    buffer_put_u32(&start, (uint32_t)run->sealed.len);
    TRY(buffer_fault(&start));
    TRY(put(run, buffer_bytes(&start)));
    TRY(put(run, buffer_bytes(&run->sealed)));
    buffer_clear(&run->clear);
done:
    buffer_close(&start);
    return fault;
}

/* Counted first: every piece says how many there are. */
static enum fault write_index(struct run *run, struct bytes position)
{
    const struct match_writer counts = {run, count_bytes}, writes = {run, write_bytes};
    enum fault fault;
    TRY(match_save(run->file->index, &counts));
    run->pieces = pieces_of(run->bytes);
    TRY(vault_key_new(run->file->vault, &run->key));
    TRY(put_head(run, position));
    TRY(match_save(run->file->index, &writes));
    if (run->clear.len > 0)
        TRY(put_piece(run));
    if (run->number != run->pieces)
        fault = fault_note(FAULT_CONFLICT, "the index was changed while its snapshot was written");
done:
    return fault;
}

static bool sync_folder(const char *path)
{
    char copy[PATH_BYTES_MAX];
    (void)snprintf(copy, sizeof copy, "%s", path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        (void)close(folder);
    return synced;
}

static enum fault open_fresh(struct run *run, const char *fresh)
{
    (void)unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    run->stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (run->stream != NULL)
        return FAULT_NONE;
    if (fd >= 0)
        (void)close(fd);
    return fault_note(FAULT_STORAGE, "match.snapshot cannot be written: check the state folder");
}

enum fault snapshot_file_write(const struct snapshot_file *file, struct bytes position)
{
    char fresh[PATH_BYTES_MAX];
    struct run run;
    enum fault fault;
    int len = snprintf(fresh, sizeof fresh, "%s.new", file->path);
    if (len < 0 || len >= (int)sizeof fresh)
        return fault_note(FAULT_INVALID, "the path of the state folder is too long");
    run_open(&run, file);
    TRY(open_fresh(&run, fresh));
    TRY(write_index(&run, position));
    if (fflush(run.stream) != 0 || fsync(fileno(run.stream)) != 0 || rename(fresh, file->path) != 0 ||
        !sync_folder(file->path))
        fault = fault_note(FAULT_STORAGE, "match.snapshot cannot be written: check the room on its disk");
done:
    run_close(&run);
    if (fault != FAULT_NONE)
        (void)unlink(fresh);
    return fault;
}

/* `len` bytes of the file replace the content of `sealed`. */
static enum fault get(struct run *run, size_t len)
{
    uint8_t part[4096];
    buffer_clear(&run->sealed);
    while (run->sealed.len < len && buffer_fault(&run->sealed) == FAULT_NONE) {
        size_t left = len - run->sealed.len;
        size_t some = left < sizeof part ? left : sizeof part;
        if (fread(part, 1, some, run->stream) != some)
            return FAULT_CORRUPT;
        buffer_put_bytes(&run->sealed, (struct bytes){part, some});
    }
    return buffer_fault(&run->sealed);
}

static enum fault read_bytes(void *context, uint8_t *at, size_t len)
{
    struct run *run = context;
    enum fault fault = FAULT_NONE;
    while (len > 0) {
        if (run->piece.len == 0) {
            TRY(ahead_next(run->ahead, &run->piece));
            run->number++;
        }
        const size_t some = len < run->piece.len ? len : run->piece.len;
        memcpy(at, run->piece.at, some);
        run->piece = (struct bytes){run->piece.at + some, run->piece.len - some};
        at += some;
        len -= some;
    }
done:
    return fault;
}

static bool take_head(struct bytes clear, struct head *ret_head)
{
    struct reader reader = reader_of(clear);
    struct head head = {.program = reader_take_field(&reader),
                        .digest = reader_take_field(&reader),
                        .position = reader_take_field(&reader)};
    head.people = reader_take_u64(&reader);
    head.pieces = reader_take_u64(&reader);
    head.bytes = reader_take_u64(&reader);
    *ret_head = head;
    return reader.ok && reader.rest.len == 0 && head.bytes < UINT64_MAX / 2 &&
           head.pieces == pieces_of(head.bytes);
}

/* Everything but the position, which `expected` may leave open. */
static bool head_fits(const struct head *head, const struct snapshot_file *file, struct bytes expected)
{
    const struct bytes digest = {file->digest, MODEL_DIGEST_BYTES};
    return str_equal(str_of_bytes(head->program), STR(CONTACTPOINT_VERSION)) &&
           str_equal(str_of_bytes(head->digest), str_of_bytes(digest)) &&
           (expected.len == 0 || str_equal(str_of_bytes(head->position), str_of_bytes(expected)));
}

static enum fault get_start(struct run *run, size_t *ret_head_bytes)
{
    enum fault fault;
    TRY(get(run, START_BYTES));
    struct reader reader = reader_of(buffer_bytes(&run->sealed));
    bool right = str_equal(str_of_bytes(reader_take_bytes(&reader, sizeof magic - 1)), str_of(magic)) &&
                 reader_take_u32(&reader) == FORMAT;
    const struct bytes key = reader_take_bytes(&reader, WRAPPED_KEY_BYTES);
    const uint32_t len = reader_take_u32(&reader);
    if (!right || !reader.ok || len > HEAD_SEALED_BYTES_MAX)
        return FAULT_CORRUPT;
    memcpy(run->key.byte, key.at, sizeof run->key.byte);
    *ret_head_bytes = len;
done:
    return fault;
}

/* Nothing but the pieces stands behind the head. */
static enum fault open_ahead(struct run *run, const struct head *head)
{
    struct ahead_order order = {.vault = run->file->vault,
                                .key = run->key,
                                .file = fileno(run->stream),
                                .pieces = head->pieces,
                                .bytes = head->bytes};
    struct stat status;
    const off_t at = ftello(run->stream);
    if (at < 0 || fstat(order.file, &status) != 0)
        return FAULT_STORAGE;
    order.from_bytes = (uint64_t)at;
    const uint64_t last = head->bytes % SNAPSHOT_PIECE_BYTES;
    uint64_t sealed = head->bytes / SNAPSHOT_PIECE_BYTES * vault_sealed_bytes(SNAPSHOT_PIECE_BYTES);
    if (last > 0)
        sealed += vault_sealed_bytes((size_t)last);
    if ((uint64_t)status.st_size != order.from_bytes + sealed)
        return FAULT_CORRUPT;
    return ahead_open(&order, &run->ahead);
}

static enum fault read_index(struct run *run, struct bytes expected, struct buffer *position)
{
    const struct match_reader reads = {run, read_bytes};
    struct head head;
    size_t head_bytes = 0;
    enum fault fault;
    TRY(get_start(run, &head_bytes));
    TRY(get(run, head_bytes));
    TRY(vault_unseal(vault_for_linkage(run->file->vault).purpose, &run->key, &head_place,
                     buffer_bytes(&run->sealed), &run->clear));
    if (!take_head(buffer_bytes(&run->clear), &head) || !head_fits(&head, run->file, expected))
        return FAULT_CORRUPT;
    run->pieces = head.pieces;
    run->bytes = head.bytes;
    buffer_clear(position);
    buffer_put_bytes(position, head.position);
    TRY(buffer_fault(position));
    TRY(open_ahead(run, &head));
    TRY(match_load(run->file->index, &reads));
    if (run->number != run->pieces || run->piece.len > 0 ||
        match_counts(run->file->index).people != head.people)
        fault = FAULT_CORRUPT;
done:
    return fault;
}

enum fault snapshot_file_read(const struct snapshot_file *file, struct bytes expected,
                              struct buffer *position)
{
    struct run run;
    struct stat status;
    enum fault fault;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? FAULT_ABSENT : FAULT_STORAGE;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(fd);
        return FAULT_CORRUPT;
    }
    run_open(&run, file);
    run.stream = fdopen(fd, "r");
    if (run.stream == NULL) {
        (void)close(fd);
        fault = FAULT_MEMORY;
        goto done;
    }
    fault = read_index(&run, expected, position);
done:
    run_close(&run);
    return fault;
}
