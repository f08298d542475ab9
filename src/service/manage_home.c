/* The team's home: what waits, by the work that each role does (service.md, page 18). */
#include <stdlib.h>

#include "registry/alarm.h"
#include "registry/authority.h"
#include "service/manage.h"
#include "service/users.h"

enum { CARDS_MAX = 8, WORDS_BYTES_MAX = 256 };

/* A kind of work, for whoever may do the operation that lists it. */
static const struct work {
    enum operation list;
    enum matter_kind kind;
    const char *title;
} works[] = {
    {OP_override_list, MATTER_OVERRIDE, "Overridden shields"},
    {OP_shield_list, MATTER_SHIELD, "Shields"},
    {OP_seal_list, MATTER_SEALING, "New identities"},
    {OP_approval_list, MATTER_APPROVAL, "Approvals"},
    {OP_case_list, 0, "Who is whom"}, /* no matters: each would have to be linked anew to be counted */
    {OP_request_list, MATTER_BROKERING, "Questions to the team"},
    {OP_alarm_list, 0, "Alarms"},
    {OP_user_list, 0, "Users"}, /* who is asked for, may not act, or has a check that runs out */
};
enum { WORKS = sizeof works / sizeof *works };
_Static_assert((int)WORKS <= (int)CARDS_MAX, "a card for each kind of work");

static enum fault count_users(struct db_tx *tx, struct conduct *conduct, int64_t *ret_count)
{
    const struct users_filter filter = {.show = STR("attention")};
    struct users_view view;
    const enum fault fault = users_list(tx, conduct, conduct->caller.account.organisation, &filter, &view);
    if (fault == FAULT_NONE)
        *ret_count = (int64_t)view.count;
    return fault;
}

struct counting {
    struct conduct *conduct;
    struct team_view *view;
};

static enum fault count(struct db_tx *tx, void *context)
{
    struct counting *counting = context;
    struct conduct *conduct = counting->conduct;
    struct team_view *view = counting->view;
    enum fault fault = FAULT_NONE;
    view->count = 0;
    for (size_t i = 0; i < WORKS; i++) {
        struct matter_counts counts = {.open = -1};
        if (!policy_may(conduct->caller.role, works[i].list))
            continue;
        if (works[i].kind != 0)
            TRY(matter_count(tx, works[i].kind, conduct->caller.organisation.authority, conduct->now,
                             conduct->arena, &counts));
        if (works[i].list == OP_alarm_list)
            TRY(alarms_waiting(tx, conduct, &counts));
        if (works[i].list == OP_user_list)
            TRY(count_users(tx, conduct, &counts.open));
        if (works[i].kind == MATTER_SEALING) /* those that are closed stay, to be opened */
            counts.open = -1;
        view->cards[view->count++] = (struct team_card){.title = str_of(works[i].title),
                                                        .path = str_of(policy_operation(works[i].list)->path),
                                                        .open = counts.open,
                                                        .overdue = counts.overdue};
    }
done:
    return fault;
}

static int overdue_first(const void *a, const void *b)
{
    const struct team_card *one = a, *other = b;
    if ((one->overdue > 0) != (other->overdue > 0))
        return one->overdue > 0 ? -1 : 1;
    return str_compare(one->title, other->title);
}

/* User managers work for their own organisation, all others for an authority's team. */
static enum fault name_team(struct conduct *conduct, struct team_view *view)
{
    const struct str authority = str_of(authority_name(conduct->caller.organisation.authority));
    struct buffer text = buffer_open(WORDS_BYTES_MAX);
    if (conduct->caller.role == ROLE_user_manager) {
        buffer_put(&text, conduct->caller.organisation.name);
    } else {
        buffer_put(&text, authority.len > 0 ? authority : STR("Your"));
        buffer_put(&text, STR(" ContactPoint team"));
    }
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = arena_copy(conduct->arena, buffer_str(&text), &view->team);
    buffer_close(&text);
    return fault;
}

enum fault do_manage_home(struct conduct *conduct)
{
    const struct permit_manage_home permit =
        permit_issue_manage_home(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_manage_home);
    struct counting counting = {.conduct = conduct,
                                .view = arena_take(conduct->arena, sizeof *counting.view)};
    enum fault fault;
    if (counting.view == NULL)
        return FAULT_MEMORY;
    counting.view->cards = arena_take_array(conduct->arena, CARDS_MAX, sizeof *counting.view->cards);
    if (counting.view->cards == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, count, &counting));
    qsort(counting.view->cards, counting.view->count, sizeof *counting.view->cards, overdue_first);
    TRY(name_team(conduct, counting.view));
    TRY(conduct_enter(conduct, EVENT_TEAM_VIEWED, NULL, NULL));
    conduct->answer->team = counting.view;
done:
    return fault;
}
