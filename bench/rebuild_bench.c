/* Where the time of a rebuild goes: one thread, stage by stage, in microseconds of processor time per child.
 *
 *     rebuild_bench STATE
 *
 * The same steps as src/registry/rebuild.c takes, a few hundred children at a time, into an index of its own.
 * No server may run. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "service/inside.h"

enum { ROWS = 256, SEALED_BYTES_MAX = 16 * 1024, CLEAR_BYTES_MAX = 64 * 1024 };
enum stage { STAGE_READ = 0, STAGE_UNSEAL, STAGE_UNPACK, STAGE_PUT, STAGES };

struct held_row {
    struct child_id child;
    struct wrapped_key key;
    enum record_state state;
    uint32_t version;
    size_t sealed_len;
    uint8_t sealed[SEALED_BYTES_MAX];
    struct buffer clear;
    struct person person;
};

struct run {
    struct service *service;
    struct match_index *index;
    struct match_filler *filler;
    struct held_row *rows;
    size_t count;
    size_t children;
    size_t left_out; /* longer than SEALED_BYTES_MAX, or broken */
    int64_t spent_ns[STAGES];
    int64_t since_ns;
};

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "rebuild_bench: %s %s\n", what, fault_last_note());
    exit(1);
}

static int64_t processor_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void spend(struct run *run, enum stage stage)
{
    int64_t now_ns = processor_ns();
    run->spent_ns[stage] += now_ns - run->since_ns;
    run->since_ns = now_ns;
}

static void work(struct run *run)
{
    size_t kept = 0;
    spend(run, STAGE_READ);
    for (size_t i = 0; i < run->count; i++) {
        struct held_row *row = &run->rows[i];
        const struct seal_place place = linkage_place(&row->child);
        if (vault_unseal(vault_for_linkage(run->service->vault).purpose, &row->key, &place,
                         (struct bytes){row->sealed, row->sealed_len}, &row->clear) != FAULT_NONE)
            buffer_clear(&row->clear);
    }
    spend(run, STAGE_UNSEAL);
    for (size_t i = 0; i < run->count; i++) {
        struct held_row *row = &run->rows[i];
        if (person_unpack(buffer_bytes(&row->clear), &row->person) != FAULT_NONE)
            row->version = 0;
    }
    spend(run, STAGE_UNPACK);
    for (size_t i = 0; i < run->count; i++) {
        const struct held_row *row = &run->rows[i];
        if (row->version == 0)
            continue;
        if (match_fill_put(run->filler, row->child, row->state, row->version, &row->person) != FAULT_NONE)
            fail("no memory for the index");
        kept++;
    }
    if (match_fill_end(run->filler) != FAULT_NONE)
        fail("no memory for the index");
    spend(run, STAGE_PUT);
    run->children += kept;
    run->left_out += run->count - kept;
    run->count = 0;
}

static void hold(struct run *run, const struct value *out)
{
    struct held_row *row = &run->rows[run->count];
    struct bytes sealed = out[GIVE_child_all_linkage].bytes;
    struct bytes wrapped = out[GIVE_child_all_wrapped].bytes;
    if (sealed.len > SEALED_BYTES_MAX || wrapped.len != sizeof row->key.byte ||
        !id_of_bytes(out[GIVE_child_all_child_id].bytes, &row->child.id)) {
        run->left_out++;
        return;
    }
    memcpy(row->sealed, sealed.at, sealed.len);
    row->sealed_len = sealed.len;
    memcpy(row->key.byte, wrapped.at, wrapped.len);
    row->state = child_record_state(out[GIVE_child_all_state].number, out[GIVE_child_all_shield].number);
    row->version = (uint32_t)out[GIVE_child_all_version].number;
    if (++run->count == ROWS)
        work(run);
}

static enum fault read_all(struct db_tx *tx, void *context)
{
    static const uint8_t first[16];
    static const uint8_t beyond[17] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                       0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    struct run *run = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_child_all];
    enum fault fault;
    const struct value in[] = {[BIND_child_all_first] = value_bytes((struct bytes){first, sizeof first}),
                               [BIND_child_all_beyond] = value_bytes((struct bytes){beyond, sizeof beyond})};
    run->since_ns = processor_ns();
    TRY(db_query(tx, SQL_child_all, in, &rows));
    while (db_next(rows, out))
        hold(run, out);
    work(run);
done:
    return rows == NULL ? fault : db_rows_close(rows);
}

int main(int argc, char **argv)
{
    static const char *const names[STAGES] = {"read", "unseal", "unpack", "put"};
    struct run run = {0};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: rebuild_bench STATE\n");
        return 2;
    }
    const struct service_settings settings = {
        .state = argv[1], .clock = clock_system(), .entropy = entropy_system()};
    log_to(-1);
    if (service_open(&settings, &run.service) != FAULT_NONE)
        fail("cannot open the state folder:");
    run.rows = calloc(ROWS, sizeof run.rows[0]);
    if (run.rows == NULL || match_open(&run.index) != FAULT_NONE ||
        match_fill_open(run.index, &run.filler) != FAULT_NONE)
        fail("no memory");
    for (size_t i = 0; i < ROWS; i++)
        run.rows[i].clear = buffer_open(CLEAR_BYTES_MAX);
    if (db_read(run.service->db, read_all, &run) != FAULT_NONE)
        fail("cannot read the children:");
    (void)printf("rebuild.children %zu children\n", run.children);
    for (enum stage stage = 0; stage < STAGES; stage++)
        (void)printf("rebuild.%s %.2f us\n", names[stage],
                     (double)run.spent_ns[stage] / 1000 / (double)(run.children == 0 ? 1 : run.children));
    if (run.left_out > 0)
        (void)printf("rebuild.left_out %zu children\n", run.left_out);
    for (size_t i = 0; i < ROWS; i++)
        buffer_close(&run.rows[i].clear);
    free(run.rows);
    match_fill_close(run.filler);
    match_close(run.index);
    service_close(run.service);
    return 0;
}
