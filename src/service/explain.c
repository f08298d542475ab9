#include "service/explain.h"

#include "match/number.h"
#include "service/operations.h"
#include "service/operator.h"

struct explaining {
    struct conduct conduct;
    struct answer answer;
    struct child_id children[2];
    struct wrapped_key keys[2];
    struct match_explained explained;
};

static enum fault absent(void)
{
    return fault_note(FAULT_ABSENT, "no open record has one of these ContactPoint numbers");
}

static enum fault find_children(struct explaining *explaining, const struct str numbers[2])
{
    struct conduct *conduct = &explaining->conduct;
    for (size_t i = 0; i < 2; i++) {
        char at[NUMBER_BYTES_MAX];
        size_t len;
        if (!number_normalise(NUMBER_contactpoint, numbers[i], at, &len) ||
            match_number_child(conduct->service->index, NUMBER_contactpoint, (struct str){at, len},
                               &explaining->children[i]) != FAULT_NONE)
            return absent();
    }
    return FAULT_NONE;
}

static enum fault read_keys(struct db_tx *tx, void *context)
{
    struct explaining *explaining = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < 2 && fault == FAULT_NONE; i++) {
        struct child *child;
        fault = child_read_shut(tx, explaining->children[i], false, explaining->conduct.arena, &child);
        if (fault == FAULT_NONE)
            explaining->keys[i] = child->key;
    }
    return fault;
}

static enum fault explain(struct explaining *explaining, const struct permit_match_explain *held)
{
    struct conduct *conduct = &explaining->conduct;
    struct entries entries = {0};
    enum fault fault;
    must(held->permit.operation == OP_match_explain);
    TRY(db_read(conduct->service->db, read_keys, explaining));
    fault = match_explain(conduct->service->index, explaining->children[0], explaining->children[1],
                          &explaining->explained);
    if (fault == FAULT_ABSENT)
        TRY(absent());
    TRY(fault);
    for (size_t i = 0; i < 2; i++)
        TRY(entries_add(conduct, &entries, EVENT_MATCH_EXPLAINED, explaining->children[i],
                        &explaining->keys[i], 0));
    TRY(conduct_commit(conduct, &entries, NULL, NULL));
done:
    return fault;
}

enum fault service_explain(struct service *service, const struct ask *ask, const struct str numbers[2],
                           struct arena *arena, struct match_explained *ret_explained)
{
    struct explaining *explaining = arena_take(arena, sizeof *explaining);
    enum fault fault;
    must(ask->operation == OP_match_explain);
    if (explaining == NULL)
        return FAULT_MEMORY;
    *explaining = (struct explaining){0};
    explaining->conduct = (struct conduct){.service = service,
                                           .ask = ask,
                                           .arena = arena,
                                           .answer = &explaining->answer,
                                           .now = clock_now(service->clock),
                                           .act = id_new(service->entropy)};
    TRY(operator_permit(&explaining->conduct, "this login is no operator's here: an operator asks why"));
    const struct permit_match_explain held =
        permit_issue_match_explain(&explaining->conduct.decision, explaining->conduct.caller.role,
                                   explaining->conduct.caller.account.account);
    fault = find_children(explaining, numbers);
    if (fault == FAULT_NONE)
        fault = explain(explaining, &held);
    if (fault != FAULT_NONE)
        return operator_refuse(&explaining->conduct, REFUSAL_NONE, fault);
    *ret_explained = explaining->explained;
done:
    return fault;
}
