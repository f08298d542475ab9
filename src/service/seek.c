#include "service/seek.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "service/identity.h"
#include "service/operations.h"
#include "service/operator.h"

enum { ASKED_BYTES_MAX = 128 };

struct seeking {
    struct conduct conduct;
    struct answer answer;
    struct identity identity;
    struct duplicates_counts counts;
};

static enum fault say_asked(struct seeking *seeking)
{
    char text[ASKED_BYTES_MAX];
    int len = snprintf(text, sizeof text, "people %" PRId64 ", pairs for the data officer %" PRId64,
                       seeking->counts.people, seeking->counts.proposed);
    must(len > 0 && (size_t)len < sizeof text);
    return arena_copy(seeking->conduct.arena, (struct str){text, (size_t)len}, &seeking->conduct.asked);
}

static enum fault seek(struct seeking *seeking, const struct permit_duplicates_seek *held)
{
    struct conduct *conduct = &seeking->conduct;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    enum fault fault;
    must(held->permit.operation == OP_duplicates_seek);
    TRY(duplicates_seek(&seeking->identity.house, &seeking->identity.decider,
                        processors < 1 ? 1 : (int)processors, &seeking->counts));
    TRY(say_asked(seeking));
    TRY(conduct_enter(conduct, EVENT_DUPLICATES_SOUGHT, NULL, NULL));
done:
    return fault;
}

enum fault service_duplicates_seek(struct service *service, const struct ask *ask, struct arena *arena,
                                   struct duplicates_counts *ret_counts)
{
    struct seeking *seeking = arena_take(arena, sizeof *seeking);
    enum fault fault;
    must(ask->operation == OP_duplicates_seek);
    if (seeking == NULL)
        return FAULT_MEMORY;
    seeking->conduct = (struct conduct){.service = service,
                                        .ask = ask,
                                        .arena = arena,
                                        .answer = &seeking->answer,
                                        .now = clock_now(service->clock),
                                        .act = id_new(service->entropy)};
    TRY(operator_permit(&seeking->conduct,
                        "this login is no operator's here: an operator looks for duplicates"));
    const struct permit_duplicates_seek held = permit_issue_duplicates_seek(
        &seeking->conduct.decision, seeking->conduct.caller.role, seeking->conduct.caller.account.account);
    fault = identity_take(service, seeking->conduct.caller.account.account, &seeking->identity);
    if (fault == FAULT_NONE) {
        fault = seek(seeking, &held);
        identity_leave(&seeking->identity);
    }
    if (fault != FAULT_NONE)
        return operator_refuse(&seeking->conduct, REFUSAL_NONE, fault);
    *ret_counts = seeking->counts;
done:
    return fault;
}
