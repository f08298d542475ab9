/* What the parts of a view share, and what only a record's keeper sees. */
#include "access/disclose_parts.h"

enum fault disclosed_text(struct buffer *text, struct arena *arena, struct str *ret)
{
    enum fault fault = buffer_fault(text);
    if (fault == FAULT_NONE)
        fault = arena_copy(arena, buffer_str(text), ret);
    buffer_close(text);
    return fault;
}

struct str disclosed_source(const struct claim *claim)
{
    return claim->source == SOURCE_NONE ? STR("A practitioner") : str_of(policy_source_label(claim->source));
}

struct instant disclosed_confirmed(const struct disclosure *disclosure, const struct claim *claim)
{
    if (claim->source == SOURCE_NONE)
        return claim->recorded;
    struct day as_of = disclosure->freshness->as_of[claim->source];
    return as_of.precision == DAY_EXACT ? instant_of_day(as_of) : claim->recorded;
}

struct day disclosed_day(const struct row *row, enum column column)
{
    struct day day = {0};
    (void)day_parse(row->at[column], &day);
    return day;
}

static struct str shield_words(int64_t shield)
{
    if (shield == SHIELD_NONE)
        return STR("None");
    return shield == SHIELD_PROVISIONAL ? STR("Provisional") : STR("Decided");
}

static struct str kind_words(const struct claim *claim)
{
    return claim->kind == ROW_INVOLVEMENT ? STR("Involvement") : STR("Record");
}

/* A sensitive involvement that nobody consented to is in no history either (R8.4). */
static bool is_told(const struct claim *claim)
{
    enum service_kind kind = policy_service_of(claim->row.at[COLUMN_service_kind]);
    bool sensitive = claim->kind == ROW_INVOLVEMENT && kind != SERVICE_NONE && policy_service_sensitive(kind);
    return !sensitive || claim->consented;
}

enum fault disclose_custody(const struct disclosure *disclosure, const struct child *child,
                            struct child_view *view)
{
    struct custody_view *custody = arena_take(disclosure->arena, sizeof *custody);
    if (custody == NULL)
        return FAULT_MEMORY;
    custody->shield = shield_words(child->columns.shield);
    custody->history = arena_take_array(disclosure->arena, child->claim_count + 1, sizeof *custody->history);
    if (custody->history == NULL)
        return FAULT_MEMORY;
    for (size_t i = child->claim_count; i-- > 0;) {
        const struct claim *claim = &child->claims[i];
        if (!is_told(claim))
            continue;
        custody->history[custody->history_count++] = (struct history_view){
            .recorded = claim->recorded,
            .what = kind_words(claim),
            .source = disclosed_source(claim),
            .confirmed = disclosed_confirmed(disclosure, claim),
            .superseded = claim->superseded,
        };
    }
    view->custody = custody;
    return FAULT_NONE;
}
