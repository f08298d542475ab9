/* Fills an instance with an invented population, without feeds and without linkage: every child as it would
 * stand there after all five feeds, so that an index of national size can be started in minutes.
 *
 *     seed STATE CHILDREN SEED [reference folder]
 *     seed STATE CHILDREN SEED bare        no claims and no owners of numbers: what an index is rebuilt from
 *
 * STATE is a demonstration's, without children; no server may run.  Rows are sealed as the registry seals
 * them.  There are no batches and no source records: a feed loaded afterwards is linked row by row.  Children
 * are written in the order of their ids, as a first feed is applied. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "generate/census.h"
#include "generate/text.h"
#include "match/number.h"
#include "service/inside.h"

enum {
    BLOCK = 8192, /* children of one transaction */
    SPARE_BLOCKS = 64,
    THREADS_MAX = 16,
    CLEAR_BYTES_MAX = 64 * 1024,
    SEALED_BYTES_MAX = 128 * 1024,
    ARENA_BYTES = 256 * 1024 * 1024,
    CHILD_ARENA_BYTES = 1024 * 1024,
    CLAIMS_MAX = CENSUS_ROWS_MAX,
    OWNERS_ROWS = 4096,
};

struct owner {
    struct tag tag;
    struct child_id child;
};

/* One child made ready; what its rows hold lives in the block's arena. */
struct sealed_child {
    struct child_id child;
    struct wrapped_key key;
    struct str authority;
    struct bytes linkage;
    size_t claim_count;
    struct claim_id claims[CLAIMS_MAX];
    struct bytes sealed[CLAIMS_MAX];
};

struct seeding {
    struct service *service;
    struct census_order order;
    bool bare;
    atomic_size_t children;
    atomic_size_t claims;
};

struct worker {
    struct seeding *seeding;
    uint32_t part;
    size_t blocks; /* written so far */
    struct stream stream;
    struct arena *arena;
    struct arena *child_arena;
    struct buffer clear;
    struct buffer sealed;
    struct sealed_child *children;
    size_t count;
    struct value *values;
    struct owner *owners;
    size_t owner_count;
    size_t owner_room;
};

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "seed: %s %s\n", what, fault_last_note());
    exit(1);
}

/* Ascending from block to block and random within: what is written together stands together. */
static struct child_id draw_id(struct worker *worker)
{
    const struct census_order *order = &worker->seeding->order;
    const uint64_t slots = (uint64_t)order->children / BLOCK + SPARE_BLOCKS;
    const uint64_t width = UINT64_MAX / slots;
    uint64_t slot = worker->blocks * order->parts + worker->part;
    uint64_t first = (slot < slots ? slot : slots - 1) * width + stream_below(&worker->stream, width);
    uint64_t second = stream_next(&worker->stream);
    struct child_id child;
    for (int i = 0; i < 8; i++) {
        child.id.byte[i] = (uint8_t)(first >> (56 - 8 * i));
        child.id.byte[8 + i] = (uint8_t)(second >> (56 - 8 * i));
    }
    return child;
}

static void seal(struct worker *worker, const struct wrapped_key *key, const struct seal_place *place,
                 struct bytes *ret_sealed)
{
    struct str copy;
    if (buffer_fault(&worker->clear) != FAULT_NONE ||
        vault_seal(worker->seeding->service->vault, key, place, buffer_bytes(&worker->clear),
                   &worker->sealed) != FAULT_NONE ||
        arena_copy(worker->arena, buffer_str(&worker->sealed), &copy) != FAULT_NONE)
        fail("sealing:");
    *ret_sealed = bytes_of(copy);
}

static void seal_claims(struct worker *worker, struct sealed_child *sealed, const struct child *child)
{
    for (size_t i = 0; i < child->claim_count && !worker->seeding->bare; i++) {
        const struct seal_place place = claim_place(&child->claims[i].claim);
        buffer_clear(&worker->clear);
        claim_pack(&worker->clear, &child->claims[i]);
        sealed->claims[i] = child->claims[i].claim;
        seal(worker, &sealed->key, &place, &sealed->sealed[i]);
        sealed->claim_count++;
    }
}

static void add_owners(struct worker *worker, const struct sealed_child *sealed, const struct person *person)
{
    if (worker->owner_count + person->number_count > worker->owner_room) {
        worker->owner_room = 2 * worker->owner_room + BLOCK;
        worker->owners = reallocarray(worker->owners, worker->owner_room, sizeof *worker->owners);
        if (worker->owners == NULL)
            fail("no memory");
    }
    for (size_t i = 0; i < person->number_count; i++)
        worker->owners[worker->owner_count++] = (struct owner){
            vault_tag(worker->seeding->service->vault, policy_number_name(person->numbers[i].scheme),
                      bytes_of(person->numbers[i].value)),
            sealed->child};
}

/* As carry.c makes a child of the claims of all its sources. */
static void seal_child(struct worker *worker, const struct census_child *from)
{
    struct service *service = worker->seeding->service;
    struct sealed_child *sealed = &worker->children[worker->count];
    struct claim claims[CLAIMS_MAX];
    struct child child = {.claims = claims};
    struct person person;
    char number[CONTACTPOINT_NUMBER_LEN];
    number_contactpoint_new(service->entropy, number);
    child.number = (struct str){number, sizeof number};
    for (size_t i = 0; i < from->row_count; i++) {
        claims[i] = (struct claim){.claim = {id_new(service->entropy)},
                                   .kind = ROW_CHILD,
                                   .source = from->rows[i].source,
                                   .recorded = clock_now(service->clock)};
        memcpy(claims[i].row.at, from->rows[i].at, sizeof claims[i].row.at);
        child.claim_count++;
    }
    *sealed = (struct sealed_child){.child = draw_id(worker)};
    arena_reset(worker->child_arena);
    if (vault_key_new(service->vault, &sealed->key) != FAULT_NONE ||
        child_person(&child, worker->child_arena, &person) != FAULT_NONE)
        fail("making a child:");
    const struct claim *responsible = child_authoritative(&child, GROUP_WHEREABOUTS, COLUMN_authority);
    if (responsible != NULL &&
        arena_copy(worker->arena, responsible->row.at[COLUMN_authority], &sealed->authority) != FAULT_NONE)
        fail("no memory");
    const struct seal_place place = linkage_place(&sealed->child);
    buffer_clear(&worker->clear);
    person_pack(&worker->clear, &person);
    seal(worker, &sealed->key, &place, &sealed->linkage);
    seal_claims(worker, sealed, &child);
    if (!worker->seeding->bare)
        add_owners(worker, sealed, &person);
    worker->count++;
}

static int by_id(const void *a, const void *b)
{
    const struct sealed_child *x = a, *y = b;
    return id_compare(x->child.id, y->child.id);
}

static enum fault write_children(struct db_tx *tx, struct worker *worker)
{
    struct value *in = worker->values;
    for (size_t i = 0; i < worker->count; i++, in += BINDS_child_insert) {
        const struct sealed_child *child = &worker->children[i];
        in[BIND_child_insert_child_id] = value_id(child->child.id);
        in[BIND_child_insert_state] = value_int(RECORD_LIVE);
        in[BIND_child_insert_shield] = value_int(SHIELD_NONE);
        in[BIND_child_insert_authority] =
            child->authority.len == 0 ? value_null() : value_text(child->authority);
        in[BIND_child_insert_linkage] = value_bytes(child->linkage);
    }
    return db_run_many(tx, SQL_child_insert, worker->values, worker->count);
}

static enum fault write_keys(struct db_tx *tx, struct worker *worker)
{
    struct value *in = worker->values;
    for (size_t i = 0; i < worker->count; i++, in += BINDS_child_key_insert) {
        const struct sealed_child *child = &worker->children[i];
        in[BIND_child_key_insert_child_id] = value_id(child->child.id);
        in[BIND_child_key_insert_wrapped] =
            value_bytes((struct bytes){child->key.byte, sizeof child->key.byte});
    }
    return db_run_many(tx, SQL_child_key_insert, worker->values, worker->count);
}

static enum fault write_claims(struct db_tx *tx, struct worker *worker)
{
    struct value *in = worker->values;
    size_t count = 0;
    for (size_t i = 0; i < worker->count; i++) {
        const struct sealed_child *child = &worker->children[i];
        for (size_t k = 0; k < child->claim_count; k++, in += BINDS_claim_insert, count++) {
            in[BIND_claim_insert_child_id] = value_id(child->child.id);
            in[BIND_claim_insert_claim_id] = value_id(child->claims[k].id);
            in[BIND_claim_insert_sealed] = value_bytes(child->sealed[k]);
        }
    }
    atomic_fetch_add(&worker->seeding->claims, count);
    return db_run_many(tx, SQL_claim_insert, worker->values, count);
}

static enum fault write_block(struct db_tx *tx, void *context)
{
    struct worker *worker = context;
    enum fault fault;
    TRY(write_children(tx, worker));
    TRY(write_keys(tx, worker));
    if (!worker->seeding->bare)
        TRY(write_claims(tx, worker));
done:
    return fault;
}

static void end_block(struct worker *worker)
{
    if (worker->count == 0)
        return;
    qsort(worker->children, worker->count, sizeof worker->children[0], by_id);
    if (db_write(worker->seeding->service->db, DB_BACKGROUND, write_block, worker) != FAULT_NONE)
        fail("writing:");
    atomic_fetch_add(&worker->seeding->children, worker->count);
    worker->blocks++;
    worker->count = 0;
    arena_reset(worker->arena);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct census_order order = worker->seeding->order;
    struct census *census;
    const struct census_child *child;
    order.part = worker->part;
    if (census_open(&order, &census) != FAULT_NONE)
        fail("the population:");
    worker->stream = stream_of(text_mix(order.seed, worker->part, 0x7365656473));
    worker->children = calloc(BLOCK, sizeof *worker->children);
    worker->values = calloc((size_t)BLOCK * CLAIMS_MAX, BINDS_claim_insert * sizeof *worker->values);
    worker->clear = buffer_open(CLEAR_BYTES_MAX);
    worker->sealed = buffer_open(SEALED_BYTES_MAX);
    if (worker->children == NULL || worker->values == NULL ||
        arena_open(ARENA_BYTES, &worker->arena) != FAULT_NONE ||
        arena_open(CHILD_ARENA_BYTES, &worker->child_arena) != FAULT_NONE)
        fail("no memory");
    while ((child = census_next(census)) != NULL) {
        if (child->row_count == 0)
            continue;
        seal_child(worker, child);
        if (worker->count == BLOCK)
            end_block(worker);
    }
    end_block(worker);
    census_close(census);
    free(worker->children);
    free(worker->values);
    buffer_close(&worker->clear);
    buffer_close(&worker->sealed);
    arena_close(worker->arena);
    arena_close(worker->child_arena);
    return NULL;
}

struct owners_job {
    const struct owner *owners;
    size_t count;
};

static enum fault write_owners(struct db_tx *tx, void *context)
{
    const struct owners_job *job = context;
    static struct value values[OWNERS_ROWS * BINDS_identifier_owner_insert];
    struct value *in = values;
    for (size_t i = 0; i < job->count; i++, in += BINDS_identifier_owner_insert) {
        in[BIND_identifier_owner_insert_tag] =
            value_bytes((struct bytes){job->owners[i].tag.byte, TAG_BYTES});
        in[BIND_identifier_owner_insert_child_id] = value_id(job->owners[i].child.id);
    }
    return db_run_many(tx, SQL_identifier_owner_insert, values, job->count);
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct owner));
}

/* In the order of their hashes, as the registry writes them. */
static void seed_owners(struct seeding *seeding, struct worker *workers, uint32_t count)
{
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += workers[i].owner_count;
    struct owner *all = calloc(total + 1, sizeof *all);
    if (all == NULL)
        fail("no memory");
    total = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (workers[i].owner_count > 0)
            memcpy(all + total, workers[i].owners, workers[i].owner_count * sizeof *all);
        total += workers[i].owner_count;
        free(workers[i].owners);
    }
    qsort(all, total, sizeof *all, by_tag);
    for (size_t i = 0; i < total; i += OWNERS_ROWS) {
        struct owners_job job = {all + i, total - i < OWNERS_ROWS ? total - i : OWNERS_ROWS};
        if (db_write(seeding->service->db, DB_BACKGROUND, write_owners, &job) != FAULT_NONE)
            fail("writing owners of numbers:");
    }
    free(all);
}

static void seed_all(struct seeding *seeding)
{
    static struct worker workers[THREADS_MAX];
    pthread_t threads[THREADS_MAX];
    const uint32_t count = seeding->order.parts;
    for (uint32_t i = 0; i < count; i++) {
        workers[i] = (struct worker){.seeding = seeding, .part = i};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            fail("no thread");
    }
    for (uint32_t i = 0; i < count; i++)
        (void)pthread_join(threads[i], NULL);
    if (!seeding->bare)
        seed_owners(seeding, workers, count);
}

static bool read_arguments(int argc, char **argv, struct seeding *seeding)
{
    int64_t children, seed;
    if (argc < 4 || argc > 5 || !str_to_int(str_of(argv[2]), 1, 20000000, &children) ||
        !str_to_int(str_of(argv[3]), 0, INT64_MAX, &seed))
        return false;
    seeding->bare = argc == 5 && strcmp(argv[4], "bare") == 0;
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    seeding->order = (struct census_order){.children = (uint32_t)children,
                                           .seed = (uint64_t)seed,
                                           .reference = argc == 5 && !seeding->bare ? argv[4] : NULL,
                                           .parts = threads < 1             ? 1
                                                    : threads > THREADS_MAX ? THREADS_MAX
                                                                            : (uint32_t)threads};
    return true;
}

int main(int argc, char **argv)
{
    static struct seeding seeding;
    if (!read_arguments(argc, argv, &seeding)) {
        (void)fprintf(stderr, "usage: seed STATE CHILDREN SEED [reference folder | bare]\n");
        return 2;
    }
    const struct service_settings settings = {
        .state = argv[1], .clock = clock_system(), .entropy = entropy_system()};
    log_to(-1);
    if (service_open(&settings, &seeding.service) != FAULT_NONE)
        fail("cannot open the state folder:");
    if (!seeding.service->demonstration || match_counts(seeding.service->index).people > 0)
        fail("only a demonstration without children is seeded");
    int64_t started_us = clock_monotonic_us();
    seed_all(&seeding);
    double took_s = (double)(clock_monotonic_us() - started_us) / 1e6;
    size_t children = atomic_load(&seeding.children);
    service_close(seeding.service);
    (void)printf("seed.children %zu children\n", children);
    (void)printf("seed.claims %zu claims\n", atomic_load(&seeding.claims));
    (void)printf("seed.rate %.0f children/s\n", (double)children / took_s);
    return 0;
}
