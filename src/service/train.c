#include "service/train.h"

#include <inttypes.h>
#include <stdio.h>

#include "registry/teach.h"
#include "service/model.h"
#include "service/operations.h"
#include "service/operator.h"

enum { ASKED_BYTES_MAX = 128 };

struct training {
    struct conduct conduct;
    struct answer answer;
    uint64_t seed;
    struct model_file model;
    struct train_report report;
};

static enum fault learn(struct training *training)
{
    struct service *service = training->conduct.service;
    struct match_train *train = NULL;
    struct buffer made = buffer_open(MODEL_MADE_BYTES_MAX);
    enum fault fault;
    day_put(&made, day_of_instant(training->conduct.now));
    buffer_put(&made, STR(" by contactpoint"));
    TRY(buffer_fault(&made));
    const struct train_order order = {.seed = training->seed, .made = buffer_str(&made)};
    TRY(train_open(NULL, &train));
    TRY(teach_records(service->db, service->vault, TEACH_CHILDREN_MAX, train));
    TRY(train_run(train, &order, &training->model, &training->report));
done:
    train_close(train);
    buffer_close(&made);
    return fault;
}

static enum fault say_asked(struct training *training)
{
    char text[ASKED_BYTES_MAX];
    int len = snprintf(text, sizeof text, "records %" PRIu64 ", pairs %" PRIu64, training->report.records,
                       training->report.pairs);
    must(len > 0 && (size_t)len < sizeof text);
    return arena_copy(training->conduct.arena, (struct str){text, (size_t)len}, &training->conduct.asked);
}

static enum fault train(struct training *training, const struct permit_model_train *held)
{
    struct conduct *conduct = &training->conduct;
    enum fault fault;
    must(held->permit.operation == OP_model_train);
    TRY(learn(training));
    TRY(say_asked(training));
    TRY(conduct_enter(conduct, EVENT_MODEL_TRAINED, NULL, NULL));
    TRY(model_keep(conduct->service->state, &training->model));
done:
    return fault;
}

enum fault service_train(struct service *service, const struct ask *ask, uint64_t seed, struct arena *arena,
                         struct train_report *ret_report)
{
    struct training *training = arena_take(arena, sizeof *training);
    enum fault fault;
    must(ask->operation == OP_model_train);
    if (training == NULL)
        return FAULT_MEMORY;
    *training = (struct training){.seed = seed};
    training->conduct = (struct conduct){.service = service,
                                         .ask = ask,
                                         .arena = arena,
                                         .answer = &training->answer,
                                         .now = clock_now(service->clock),
                                         .act = id_new(service->entropy)};
    TRY(operator_permit(&training->conduct, "this login is no operator's here: an operator trains linkage"));
    const struct permit_model_train held = permit_issue_model_train(
        &training->conduct.decision, training->conduct.caller.role, training->conduct.caller.account.account);
    fault = train(training, &held);
    model_file_close(&training->model);
    if (fault != FAULT_NONE)
        return operator_refuse(&training->conduct, REFUSAL_NONE, fault);
    *ret_report = training->report;
done:
    return fault;
}
