/* Turning a plan into a promise, and keeping it. */
#include "registry/intake_struct.h"

struct decision_job {
    struct intake *intake;
    db_job decided;
    void *context;
};

static enum fault decide_batch(struct db_tx *tx, void *context)
{
    const struct decision_job *job = context;
    const struct intake *intake = job->intake;
    enum fault fault;
    const struct value in[] = {[BIND_batch_planned_source] = value_int(intake->header.source),
                               [BIND_batch_planned_sequence] = value_int(intake->header.sequence),
                               [BIND_batch_planned_state] = value_int(BATCH_APPLYING),
                               [BIND_batch_planned_created] = value_int(intake->counts.created),
                               [BIND_batch_planned_updated] = value_int(intake->counts.updated),
                               [BIND_batch_planned_unchanged] = value_int(intake->counts.unchanged),
                               [BIND_batch_planned_waiting] = value_int(intake->counts.waiting),
                               [BIND_batch_planned_quarantined] = value_int(intake->counts.quarantined),
                               [BIND_batch_planned_ended] = value_int(intake->counts.ended)};
    TRY(db_run(tx, SQL_batch_planned, in, NULL));
    TRY(job->decided(tx, job->context));
done:
    return fault;
}

enum fault intake_decide(struct intake *intake, db_job decided, void *context)
{
    struct decision_job job = {intake, decided, context};
    enum fault fault = intake_write(&intake->house, DB_FOREGROUND, decide_batch, &job);
    intake->decided = fault == FAULT_NONE;
    return fault;
}

enum fault intake_apply(struct intake *intake, void (*progress)(void *context, int64_t done), void *context)
{
    must(intake->decided);
    const struct batch batch = {intake->header.source, intake->header.sequence, 0};
    const struct teller teller = {progress, context};
    return apply_batch(&intake->house, &intake->feed_key, &batch, &intake->order, &teller);
}
