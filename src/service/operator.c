#include "service/operator.h"

static enum fault read_operator(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    return access_operator(conduct->service->access, tx, conduct->ask->unix_user, conduct->arena,
                           &conduct->caller);
}

enum fault operator_refuse(struct conduct *conduct, enum refusal refusal, enum fault why)
{
    const char *note = fault_last_note();
    enum fault fault = conduct_refuse(conduct, refusal, why);
    return fault == why ? fault_note(why, note) : fault;
}

enum fault operator_permit(struct conduct *conduct, const char *note)
{
    enum fault fault = db_read(conduct->service->db, read_operator, conduct);
    if (fault != FAULT_NONE)
        return fault;
    const struct facts facts = facts_of(conduct->ask->operation, &conduct->caller);
    conduct->decision = decide(&facts);
    if (conduct->decision.permitted)
        return FAULT_NONE;
    (void)fault_note(conduct->decision.fault, note);
    return operator_refuse(conduct, conduct->decision.refusal, conduct->decision.fault);
}
