#include "service/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "service/operations.h"

enum { LOAD_ARENA_BYTES = 1024 * 1024, ASKED_BYTES_MAX = 512, PROGRESS_ROWS = 256, LOADER_NICE = 10 };

/* One load on its thread. */
struct load {
    struct conduct conduct;
    const struct load_source *source;
    const struct batch_header *header;
    struct permit_feed_load permit;
    struct lease *lease;
    struct intake *intake;
    struct entries entries;
    struct batch_counts counts;
    enum fault fault;
    const char *note; /* of the loader's thread */
};

static enum fault read_operator(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_operator(conduct->service->access, tx, conduct->ask->unix_user, conduct->arena,
                           &conduct->caller);
}

/* What the entry says was asked for: the header, and what came of it. */
static enum fault say_asked(struct load *load)
{
    const struct batch_header *header = load->header;
    const struct batch_counts *counts = &load->counts;
    char text[ASKED_BYTES_MAX];
    int len = snprintf(text, sizeof text,
                       "source %s, sequence %" PRId64 ", %s, rows %" PRId64 ", removals %" PRId64
                       "; created %" PRId64 ", updated %" PRId64 ", unchanged %" PRId64 ", waiting %" PRId64
                       ", quarantined %" PRId64 ", ended %" PRId64,
                       policy_source_name(header->source), header->sequence,
                       header->mode == BATCH_FULL ? "full" : "delta", header->rows, header->removals,
                       counts->created, counts->updated, counts->unchanged, counts->waiting,
                       counts->quarantined, counts->ended);
    must(len > 0 && (size_t)len < sizeof text);
    return arena_copy(load->conduct.arena, (struct str){text, (size_t)len}, &load->conduct.asked);
}

static void tell(const struct load *load, const char *phase, int64_t done, int64_t of)
{
    if (load->source->progress != NULL)
        load->source->progress(load->source->context, phase, done, of);
}

static enum fault take_row(void *context, int64_t row_number, const struct row *row, enum row_problem problem)
{
    struct load *load = context;
    enum fault fault;
    TRY(intake_row(load->intake, row_number, row, problem));
    if (row_number % PROGRESS_ROWS == 0)
        tell(load, "planning", row_number, load->header->rows);
done:
    return fault;
}

static enum fault enter_decision(struct db_tx *tx, void *context)
{
    struct load *load = context;
    load->entries.last = (struct audit_place){0};
    return entries_append(&load->conduct, &load->entries, tx);
}

static void tell_applied(void *context, int64_t done)
{
    const struct load *load = context;
    tell(load, "applying", done, intake_planned(load->intake));
}

/* R14.2: planned whole, decided with its entry, then applied between other people's work. */
static enum fault plan_and_apply(struct load *load)
{
    struct service *service = load->conduct.service;
    enum fault fault;
    const struct intake_listener listener = {load->source->problem, load->source->context};
    intake_listen(load->intake, &listener);
    TRY(load->source->each(load->source->context, take_row, load));
    TRY(intake_plan(load->intake));
    load->counts = intake_counts(load->intake);
    TRY(say_asked(load));
    TRY(entries_add(&load->conduct, &load->entries, EVENT_FEED_LOADED, (struct child_id){{{0}}}, NULL, 0));
    TRY(intake_decide(load->intake, enter_decision, load));
    audit_released(service->audit, load->entries.last);
    TRY(intake_apply(load->intake, tell_applied, load));
    tell(load, "applying", intake_planned(load->intake), intake_planned(load->intake));
done:
    return fault;
}

/* The same batch once more: an entry, and nothing else. */
static enum fault enter_duplicate(struct load *load)
{
    enum fault fault;
    TRY(say_asked(load));
    load->conduct.answer->fault = FAULT_DUPLICATE;
    TRY(entries_add(&load->conduct, &load->entries, EVENT_FEED_LOADED, (struct child_id){{{0}}}, NULL, 0));
    TRY(conduct_commit(&load->conduct, &load->entries, NULL, NULL));
    fault = fault_note(FAULT_DUPLICATE, "this batch was loaded before: nothing changed");
done:
    return fault;
}

static enum fault load_batch(struct load *load)
{
    struct service *service = load->conduct.service;
    int64_t finished = 0, undone = 0;
    enum fault fault;
    TRY(load->source->open(load->source->context, &load->header));
    fault = lease_take(service->db, LEASE_FEED, service->lease_us, &load->lease);
    if (fault == FAULT_BUSY)
        (void)fault_note(fault, "another server is loading a feed: wait for it to end");
    TRY(fault);
    const struct intake_house house = service_intake(service, load->lease);
    TRY(follow_now(service->follow)); /* identity is decided by an index that has everything */
    TRY(intake_recover(&house, &finished,
                       &undone)); /* what a full disk, or a server that is gone, has left */
    fault = intake_open(&house, &load->permit, load->header, &load->intake);
    if (fault == FAULT_DUPLICATE)
        return enter_duplicate(load);
    TRY(fault);
    TRY(plan_and_apply(load));
done:
    return fault;
}

/* Refused whole: entered with the fault, whose note stays the last one. */
static enum fault enter_refusal(struct load *load, enum refusal refusal, enum fault why)
{
    const char *note = fault_last_note();
    if (load->header != NULL && load->conduct.asked.len == 0 && say_asked(load) != FAULT_NONE)
        return FAULT_MEMORY;
    enum fault fault = conduct_refuse(&load->conduct, refusal, why);
    return fault == why ? fault_note(why, note) : fault;
}

static enum fault run_loader(struct load *load)
{
    struct conduct *conduct = &load->conduct;
    enum fault fault = db_read(conduct->service->db, read_operator, conduct);
    if (fault != FAULT_NONE)
        return fault;
    const struct facts facts = facts_of(OP_feed_load, &conduct->caller);
    conduct->decision = decide(&facts);
    if (!conduct->decision.permitted) {
        (void)fault_note(conduct->decision.fault,
                         "this login is no operator's here: an operator loads feeds");
        return enter_refusal(load, conduct->decision.refusal, conduct->decision.fault);
    }
    load->permit =
        permit_issue_feed_load(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    if (pthread_mutex_trylock(&conduct->service->loading) != 0) {
        (void)fault_note(FAULT_BUSY, "another feed is being loaded: wait for it to end");
        return enter_refusal(load, REFUSAL_NONE, FAULT_BUSY);
    }
    fault = load_batch(load);
    if (fault == FAULT_STORAGE && fault_last_note()[0] == '\0') /* the writer's note stays on its thread */
        (void)fault_note(
            fault, "the database's disk is full or does not write: make room on it, then load this again");
    if (fault == FAULT_FENCED)
        (void)fault_note(fault,
                         "another server has taken over from this one, and finishes or undoes this load: "
                         "load the file again to see which");
    if (fault != FAULT_NONE && fault != FAULT_DUPLICATE)
        fault = enter_refusal(load, REFUSAL_NONE, fault);
    const char *note = fault_last_note();
    intake_close(load->intake);
    lease_leave(load->lease);
    (void)pthread_mutex_unlock(&conduct->service->loading);
    return fault_note(fault, note);
}

/* Its threads yield to everybody who waits for an answer. */
static void *loader(void *argument)
{
    struct load *load = argument;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), LOADER_NICE);
    fault_clear_note();
    load->fault = run_loader(load);
    load->note = fault_last_note();
    return NULL;
}

enum fault service_load(struct service *service, const struct ask *ask, const struct load_source *source,
                        struct batch_counts *ret_counts)
{
    struct arena *arena = NULL;
    struct answer answer = {0};
    struct load load = {.source = source};
    pthread_t thread;
    enum fault fault;
    must(ask->operation == OP_feed_load);
    TRY(arena_open(LOAD_ARENA_BYTES, &arena));
    load.conduct = (struct conduct){.service = service,
                                    .ask = ask,
                                    .arena = arena,
                                    .answer = &answer,
                                    .now = clock_now(service->clock),
                                    .act = id_new(service->entropy)};
    if (pthread_create(&thread, NULL, loader, &load) != 0) {
        fault = fault_note(FAULT_SYSTEM, "no thread could be started: raise the limit on processes");
        goto done;
    }
    (void)pthread_join(thread, NULL);
    fault = fault_note(load.fault, load.note);
    if (fault == FAULT_NONE || fault == FAULT_DUPLICATE)
        *ret_counts = load.counts;
done:
    arena_close(arena);
    return fault;
}
