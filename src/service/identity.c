#include "service/identity.h"

enum fault identity_look(struct service *service, struct account_id account, struct identity *identity)
{
    enum fault fault;
    *identity = (struct identity){.service = service, .house = service_intake(service, NULL)};
    TRY(decider_open(service->db, service->vault, account, clock_now(service->clock), &identity->decider));
    TRY(queue_keys_open(service->db, service->vault, &identity->keys));
    TRY(decisions_read(service->db, service->vault, &identity->decisions));
done:
    return fault;
}

static enum fault take_lease(struct identity *identity)
{
    struct service *service = identity->service;
    int64_t finished = 0, undone = 0;
    enum fault fault = lease_take(service->db, LEASE_FEED, service->lease_us, &identity->lease);
    if (fault == FAULT_BUSY)
        return fault_note(fault, "a feed is being loaded, or another officer decides: try again in a moment");
    TRY(fault);
    identity->house = service_intake(service, identity->lease);
    TRY(follow_now(service->follow));
    TRY(intake_recover(&identity->house, &finished, &undone));
done:
    return fault;
}

enum fault identity_take(struct service *service, struct account_id account, struct identity *identity)
{
    enum fault fault;
    *identity = (struct identity){0};
    if (pthread_mutex_trylock(&service->loading) != 0)
        return fault_note(FAULT_BUSY,
                          "a feed is being loaded, or another officer decides: try again in a moment");
    fault = identity_look(service, account, identity);
    identity->taken = true;
    TRY(fault);
    TRY(take_lease(identity));
done:
    if (fault != FAULT_NONE)
        identity_leave(identity);
    return fault;
}

void identity_leave(struct identity *identity)
{
    const char *note = fault_last_note();
    decisions_close(identity->decisions);
    lease_leave(identity->lease);
    if (identity->taken)
        (void)pthread_mutex_unlock(&identity->service->loading);
    *identity = (struct identity){0};
    (void)fault_note(FAULT_NONE, note);
}

enum fault identity_index(struct identity *identity, const struct child_id *children, size_t count)
{
    return follow_refresh(identity->service->follow, children, count);
}
