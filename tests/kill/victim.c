/* The process that is killed: it opens the service and works until then. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kill.h"

enum { ROUND_ARENA_BYTES = 16 * 1024 * 1024, NUMBERS_PER_THREAD = 1000000, ASKS_MAX = 20 };

const char *const victim_staff[] = {"teacher", "visitor", "worker", NULL};

static volatile sig_atomic_t quiet;
static volatile sig_atomic_t told_to_end;

bool victim_is_to_be_quiet(void)
{
    return quiet != 0;
}

static void on_signal(int signal)
{
    if (signal == SIGUSR1)
        quiet = 1;
    else
        told_to_end = 1;
}

struct worker {
    const struct victim *victim;
    struct seat seat;
    struct stream stream;
    struct arena *arena;
    uint64_t number; /* of the next involvement */
};

void victim_tell(const struct victim *victim, const struct report *report)
{
    ssize_t written;
    do
        written = write(victim->pipe, report, sizeof *report);
    while (written < 0 && errno == EINTR);
    if (written != (ssize_t)sizeof *report)
        _exit(3);
}

/* What is only looked at may be asked for again; whether the other was kept is not known. */
static bool may_ask_again(enum operation operation)
{
    return operation != OP_involvement_record && operation != OP_involvement_end;
}

/* Every answer that came back counts as released: its entry must be there.  503 is a right answer of a busy
 * machine, and releases nothing. */
static const struct answer *ask(struct worker *worker, const struct request *request)
{
    const struct answer *answer = house_ask_in(&worker->seat, request, worker->arena);
    for (int i = 1; i < ASKS_MAX && answer->fault == FAULT_BUSY && may_ask_again(request->operation); i++)
        answer = house_ask_in(&worker->seat, request, worker->arena);
    if (answer->fault == FAULT_BUSY && !may_ask_again(request->operation))
        return answer;
    if (answer->fault != FAULT_NONE && fault_status(answer->fault) >= 500) {
        (void)fprintf(stderr, "the service answers %s %s\n", fault_name(answer->fault), fault_last_note());
        _exit(4);
    }
    victim_tell(worker->victim, &(struct report){.kind = REPORT_SHOWN, .act = answer->reference});
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
    victim_tell(worker->victim, &report);
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
    victim_tell(worker->victim, &report);
}

static void *serve(void *argument)
{
    struct worker *worker = argument;
    while (!victim_is_to_be_quiet()) {
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

/* What is left open ends with the process. */
static _Noreturn void end_when_told(const struct victim *victim)
{
    victim_tell(victim, &(struct report){.kind = REPORT_QUIET});
    while (told_to_end == 0)
        (void)usleep(5000);
    victim_tell(victim, &(struct report){.kind = REPORT_INDEX, .act = kill_index_digest(victim->house)});
    house_stop(victim->house);
    _exit(0);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGUSR1, &action, NULL);
    (void)sigaction(SIGUSR2, &action, NULL);
}

_Noreturn void victim_run(struct victim *victim)
{
    static struct worker workers[SERVING_THREADS_MAX];
    static pthread_t threads[SERVING_THREADS_MAX];
    int count = 0;
    catch_signals();
    victim->house->stream = stream_of(UINT64_C(0x6b696c6c) << 32 | victim->seed); /* ids never come twice */
    house_start(victim->house);
    victim_tell(victim,
                &(struct report){.kind = REPORT_BEGUN, .act = db_server_id(victim->house->service->db)});
    for (; victim->staff[count] != NULL; count++) {
        workers[count] = (struct worker){
            .victim = victim,
            .seat = house_sign_in(victim->house, victim->staff[count], ROLE_practitioner),
            .stream = stream_of(victim->seed + (uint64_t)count),
            .number = (victim->seed * SERVING_THREADS_MAX + (uint64_t)count) * NUMBERS_PER_THREAD};
        if (arena_open(ROUND_ARENA_BYTES, &workers[count].arena) != FAULT_NONE ||
            pthread_create(&threads[count], NULL, serve, &workers[count]) != 0)
            _exit(7);
    }
    if (victim->load != NULL)
        victim->load(victim);
    while (!victim_is_to_be_quiet())
        (void)usleep(5000);
    for (int i = 0; i < count; i++)
        (void)pthread_join(threads[i], NULL);
    end_when_told(victim);
}
