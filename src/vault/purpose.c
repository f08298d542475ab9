#include "vault/purpose.h"

#include <string.h>

#include "vault/purpose_inside.h"

enum kind {
    KIND_RECORD = 1,
    KIND_WAITING,
    KIND_FEED,
    KIND_LINK,
    KIND_STAFF,
    KIND_ENTRY,
    KIND_OWN,
    KINDS_END
};

static const bool opens[PURPOSES_END][KINDS_END] = {
    [PURPOSE_NONE] = {false},
#define PURPOSE(name, words)
#define OPENS(purpose, kind) [PURPOSE_##purpose][KIND_##kind] = true,
#include "vault/purposes.def"
#undef PURPOSE
#undef OPENS
};

/* Children's come first: they are opened by the million. */
static const struct {
    enum kind kind;
    const char *table;
    const char *column;
} places[] = {
#define PLACE(kind, table, column) {KIND_##kind, table, column},
#include "vault/places.def"
#undef PLACE
};

const char *vault_purpose_words(enum purpose purpose)
{
    static const char *const words[PURPOSES_END] = {
#define PURPOSE(name, words) [PURPOSE_##name] = words,
#define OPENS(purpose, kind)
#include "vault/purposes.def"
#undef PURPOSE
#undef OPENS
    };
    must(purpose > PURPOSE_NONE && purpose < PURPOSES_END);
    return words[purpose];
}

static struct vault_purpose bound_to_none(struct vault *vault, enum purpose purpose)
{
    struct vault_purpose made = {.vault = vault, .purpose = purpose};
    for (int state = 1; state <= RECORD_STATES; state++)
        made.sight[state] = ~(field_mask)0;
    return made;
}

struct vault_purpose vault_for_display(struct vault *vault, const struct permit *permit)
{
    struct vault_purpose made = {.vault = vault, .purpose = PURPOSE_DISPLAY};
    must(permit->operation != OP_NONE);
    memcpy(made.sight, permit->sight, sizeof made.sight);
    return made;
}

struct vault_purpose vault_for_case(struct vault *vault, const struct permit *permit)
{
    struct vault_purpose made = bound_to_none(vault, PURPOSE_CASE);
    must(policy_operation(permit->operation)->subject == SUBJECT_CASE);
    made.sight[RECORD_SEALED] = 0;
    return made;
}

struct vault_purpose vault_for_writing(struct vault *vault, const struct permit *permit)
{
    must(policy_operation(permit->operation)->effect == EFFECT_WRITES);
    return bound_to_none(vault, PURPOSE_WRITING);
}

struct vault_purpose vault_for_misuse(struct vault *vault, const struct permit_staff_facts *permit)
{
    must(permit->question == MISUSE_OWN_CHILD);
    return bound_to_none(vault, PURPOSE_MISUSE);
}

struct vault_purpose vault_for_audit(struct vault *vault)
{
    return bound_to_none(vault, PURPOSE_AUDIT);
}

struct vault_purpose vault_for_own(struct vault *vault)
{
    return bound_to_none(vault, PURPOSE_OWN);
}

struct vault_linkage vault_for_linkage(struct vault *vault)
{
    return (struct vault_linkage){bound_to_none(vault, PURPOSE_LINKAGE)};
}

struct vault_purpose vault_for_record(struct vault_purpose purpose, enum record_state state)
{
    must(state >= RECORD_LIVE && (int)state <= RECORD_STATES);
    purpose.state = state;
    return purpose;
}

/* Only linkage, which leaves no state out, may not say in which one a record is. */
bool vault_opens_record(const struct vault_purpose *purpose)
{
    must(purpose->purpose < PURPOSES_END);
    if (!opens[purpose->purpose][KIND_RECORD])
        return false;
    return purpose->purpose == PURPOSE_LINKAGE ||
           (purpose->state != 0 && purpose->sight[purpose->state] != 0);
}

enum fault purpose_check(const struct vault_purpose *purpose, const char *table, const char *column)
{
    must(purpose->purpose < PURPOSES_END);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(places[i].column, column) == 0 && strcmp(places[i].table, table) == 0) {
            bool may = places[i].kind == KIND_RECORD ? vault_opens_record(purpose)
                                                     : opens[purpose->purpose][places[i].kind];
            return may ? FAULT_NONE : fault_note(FAULT_SYSTEM, "this is opened for no such purpose");
        }
    return fault_note(FAULT_SYSTEM, "nothing is known to be sealed there");
}
