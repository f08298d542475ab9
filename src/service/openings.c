#include "service/openings.h"

#include <inttypes.h>
#include <stdio.h>

#include "service/inside.h"

enum { OPENINGS_ARENA_BYTES = 64 * 1024, TEXT_BYTES = 512 };

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

/* "keys opened for display 12, for linkage 300": the purposes for which there were any. */
static size_t put_counts(char text[TEXT_BYTES], const struct vault_counts *last,
                         const struct vault_counts *now)
{
    size_t len = 0;
    for (int purpose = PURPOSE_NONE + 1; purpose < PURPOSES_END; purpose++) {
        if (now->of[purpose] == last->of[purpose])
            continue;
        int more = snprintf(text + len, TEXT_BYTES - len, "%s%s %" PRIu64, len == 0 ? "keys opened " : ", ",
                            vault_purpose_words((enum purpose)purpose), now->of[purpose] - last->of[purpose]);
        must(more > 0 && (size_t)more < TEXT_BYTES - len);
        len += (size_t)more;
    }
    return len;
}

enum fault openings_enter(struct service *service)
{
    struct arena *arena = NULL;
    struct vault_counts now, last = service->openings;
    char text[TEXT_BYTES];
    enum fault fault;
    TRY(vault_counts(service->vault, &now));
    const size_t len = put_counts(text, &last, &now);
    if (len == 0)
        return FAULT_NONE;
    TRY(arena_open(OPENINGS_ARENA_BYTES, &arena));
    TRY(enter(service, (struct str){text, len}, arena));
    service->openings = now;
done:
    arena_close(arena);
    return fault;
}
