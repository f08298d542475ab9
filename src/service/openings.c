#include "service/openings.h"

#include <inttypes.h>
#include <stdio.h>

#include "service/inside.h"

enum { OPENINGS_ARENA_BYTES = 64 * 1024, TEXT_BYTES = 128 };

struct entering {
    struct audit *audit;
    const struct audit_sealed *sealed;
    struct audit_place place;
};

static enum fault append(struct db_tx *tx, void *context)
{
    struct entering *entering = context;
    return audit_append(entering->audit, tx, entering->sealed, &entering->place);
}

static enum fault enter(struct service *service, struct str text, struct arena *arena)
{
    struct entering entering = {.audit = service->audit};
    const struct audit_event event = {.event = EVENT_KEYS_OPENED,
                                      .source = STR("local"),
                                      .at = clock_now(service->clock),
                                      .act = id_new(service->entropy),
                                      .asked = text};
    enum fault fault;
    TRY(audit_seal(service->audit, &event, NULL, arena, &entering.sealed));
    TRY(db_write(service->db, DB_FOREGROUND, append, &entering));
    audit_released(service->audit, entering.place);
done:
    return fault;
}

enum fault openings_enter(struct service *service)
{
    struct arena *arena = NULL;
    struct vault_counts now, last = service->openings;
    char text[TEXT_BYTES];
    enum fault fault;
    TRY(vault_counts(service->vault, &now));
    if (now.linkage == last.linkage && now.single == last.single)
        return FAULT_NONE;
    TRY(arena_open(OPENINGS_ARENA_BYTES, &arena));
    int len = snprintf(text, sizeof text, "keys opened for linkage %" PRIu64 ", one by one %" PRIu64,
                       now.linkage - last.linkage, now.single - last.single);
    must(len > 0 && (size_t)len < sizeof text);
    TRY(enter(service, (struct str){text, (size_t)len}, arena));
    service->openings = now;
done:
    arena_close(arena);
    return fault;
}
