/* The process that is killed: it opens the service and works until then. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kill.h"

enum { ROUND_ARENA_BYTES = 16 * 1024 * 1024, NUMBERS_PER_THREAD = 1000000 };

struct worker {
    const struct victim *victim;
    struct seat seat;
    struct stream stream;
    struct arena *arena;
    uint64_t number; /* of the next involvement */
};

static void tell(const struct victim *victim, const struct report *report)
{
    ssize_t written;
    do
        written = write(victim->pipe, report, sizeof *report);
    while (written < 0 && errno == EINTR);
    if (written != (ssize_t)sizeof *report)
        _exit(3);
}

/* Every answer that came back counts as released: its entry must be there. */
static const struct answer *ask(struct worker *worker, const struct request *request)
{
    const struct answer *answer = house_ask_in(&worker->seat, request, worker->arena);
    if (answer->fault != FAULT_NONE && fault_status(answer->fault) >= 500) {
        (void)fprintf(stderr, "the service answers %s %s\n", fault_name(answer->fault), fault_last_note());
        _exit(4);
    }
    tell(worker->victim, &(struct report){.kind = REPORT_SHOWN, .act = answer->reference});
    return answer;
}

static const struct answer *about(struct worker *worker, enum operation operation, struct id child,
                                  struct id second, const char *const *fields)
{
    return ask(worker, &(struct request){.operation = operation,
                                         .path_ids = {child, second},
                                         .path_id_count = 2,
                                         .fields = fields});
}

static struct id own_claim(const struct child_view *view, const char *service)
{
    for (size_t i = 0; view != NULL && i < view->service_count; i++)
        if (view->services[i].own && str_equal(view->services[i].organisation, str_of(service)))
            return view->services[i].claim.id;
    return (struct id){{0}};
}

static void record_and_end(struct worker *worker, struct child_id child)
{
    char service[64];
    struct report report = {.child = child, .number = worker->number++};
    kill_service_name(service, report.number);
    const char *const fields[] = {"service",    service, "kind",         "youth_work", "job",
                                  "Worker",     "phone", "01632 960456", "from_day",   "1",
                                  "from_month", "3",     "from_year",    "2026",       NULL};
    if (about(worker, OP_involvement_record, child.id, (struct id){{0}}, fields)->fault != FAULT_NONE)
        return;
    report.kind = REPORT_RECORDED;
    tell(worker->victim, &report);
    const struct answer *page = about(worker, OP_child_view, child.id, (struct id){{0}}, NULL);
    struct id claim = own_claim(page->child, service);
    if (id_is_zero(claim)) {
        (void)fprintf(stderr, "what was recorded is not shown\n");
        _exit(5);
    }
    if (stream_below(&worker->stream, 2) == 0)
        return;
    const char *const end[] = {"to_day", "4", "to_month", "5", "to_year", "2026", NULL};
    if (about(worker, OP_involvement_end, child.id, claim, end)->fault != FAULT_NONE)
        return;
    report.kind = REPORT_ENDED;
    tell(worker->victim, &report);
}

static void *serve(void *argument)
{
    struct worker *worker = argument;
    for (;;) {
        arena_reset(worker->arena);
        struct child_id child = worker->victim->children[stream_below(&worker->stream, KILL_CHILDREN)];
        const char *const fields[] = {"reason", "working", "family", "Bandorfel", "birth_year", "2014", NULL};
        const struct answer *found =
            ask(worker, &(struct request){.operation = OP_child_find, .fields = fields});
        (void)about(worker, OP_child_results, found->search.id, (struct id){{0}}, NULL);
        (void)about(worker, OP_child_reason, child.id, (struct id){{0}}, fields);
        (void)about(worker, OP_child_view, child.id, (struct id){{0}}, NULL);
        if (stream_below(&worker->stream, 2) == 0)
            record_and_end(worker, child);
    }
    return NULL;
}

static void load(const struct victim *victim)
{
    struct batch_counts counts;
    enum fault fault = kill_load(victim->house, &counts);
    if (fault != FAULT_NONE && fault != FAULT_DUPLICATE) {
        (void)fprintf(stderr, "the feed is answered %s %s\n", fault_name(fault), fault_last_note());
        _exit(6);
    }
    tell(victim, &(struct report){.kind = REPORT_LOADED});
}

_Noreturn void victim_run(struct victim *victim)
{
    static const char *const names[SERVING_THREADS] = {"teacher", "visitor", "worker"};
    static struct worker workers[SERVING_THREADS];
    pthread_t thread;
    victim->house->stream = stream_of(UINT64_C(0x6b696c6c) << 32 | victim->seed); /* ids never come twice */
    house_start(victim->house);
    for (int i = 0; i < SERVING_THREADS; i++) {
        workers[i] =
            (struct worker){.victim = victim,
                            .seat = house_sign_in(victim->house, names[i], ROLE_practitioner),
                            .stream = stream_of(victim->seed + (uint64_t)i),
                            .number = (victim->seed * SERVING_THREADS + (uint64_t)i) * NUMBERS_PER_THREAD};
        if (arena_open(ROUND_ARENA_BYTES, &workers[i].arena) != FAULT_NONE ||
            pthread_create(&thread, NULL, serve, &workers[i]) != 0)
            _exit(7);
    }
    if (victim->loads)
        load(victim);
    for (;;)
        (void)pause();
}
