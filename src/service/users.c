/* Accounts as a user manager or a national administrator sees them (R3, page 19). */
#include "service/users.h"

#include <stdlib.h>

#include "access/held.h"
#include "registry/involvement.h"

enum { SAID_BYTES_MAX = 1024, ROLES_BYTES_MAX = 1024 };

bool users_is_practice(enum role role)
{
    return role == ROLE_practitioner || role == ROLE_override_practitioner;
}

bool users_governs(const struct caller *caller, const struct account *account)
{
    bool above = false;
    if (id_equal(caller->account.account.id, account->account.id))
        return false;
    for (size_t i = 0; i < account->role_count; i++)
        above = above || !users_is_practice(account->roles[i]);
    if (caller->role == ROLE_national_administrator)
        return above;
    return caller->role == ROLE_user_manager && !above &&
           id_equal(account->organisation.id, caller->account.organisation.id);
}

bool users_may_give(const struct caller *caller, const struct organisation *organisation, enum role role)
{
    enum capability needed = organisation_role_needs(role);
    bool none = id_is_zero(organisation->organisation.id);
    if (role == ROLE_NONE || role == ROLE_operator || role == ROLE_calling_system)
        return false;
    if (needed != CAPABILITY_NONE && (organisation->capabilities >> needed & 1) == 0)
        return false;
    if (caller->role == ROLE_user_manager)
        return users_is_practice(role);
    if (caller->role != ROLE_national_administrator || users_is_practice(role))
        return false;
    return (role == ROLE_national_administrator) == none;
}

uint8_t users_offer(const struct caller *caller, const struct organisation *organisation,
                    enum role offered[ACCOUNT_ROLES_MAX])
{
    uint8_t count = 0;
    for (int role = 1; role < ROLES_END && count < ACCOUNT_ROLES_MAX; role++)
        if (users_may_give(caller, organisation, (enum role)role))
            offered[count++] = (enum role)role;
    return count;
}

uint8_t users_form_roles(const struct conduct *conduct, enum role roles[ACCOUNT_ROLES_MAX])
{
    static const struct str prefix = {"role_", 5};
    uint8_t count = 0;
    for (size_t i = 0; i < conduct->ask->field_count && count < ACCOUNT_ROLES_MAX; i++) {
        const struct ask_field *field = &conduct->ask->fields[i];
        if (!str_starts(field->name, prefix) || !str_equal(str_trim(field->value), STR("yes")))
            continue;
        enum role role =
            policy_role_of((struct str){field->name.at + prefix.len, field->name.len - prefix.len});
        if (role != ROLE_NONE)
            roles[count++] = role;
    }
    return count;
}

uint64_t users_form_version(const struct conduct *conduct)
{
    int64_t version = 0;
    return str_to_int(conduct_field(conduct, "version"), 1, INT64_MAX, &version) ? (uint64_t)version : 0;
}

void users_form_number(struct conduct *conduct, const char *field, int64_t most, uint32_t *ret)
{
    int64_t number;
    struct str text = conduct_field(conduct, field);
    if (text.len == 0)
        return;
    if (str_to_int(text, 0, most, &number))
        *ret = (uint32_t)number;
    else
        conduct_error(conduct, field, "Enter a whole number that is not larger than the service accepts");
}

enum fault users_say(struct conduct *conduct, const struct str *pieces, size_t count)
{
    struct buffer text = buffer_open(SAID_BYTES_MAX);
    enum fault fault;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_put(&text, STR(" "));
        buffer_put(&text, pieces[i]);
    }
    TRY(buffer_fault(&text));
    TRY(arena_copy(conduct->arena, buffer_str(&text), &conduct->asked));
done:
    buffer_close(&text);
    return fault;
}

const char *users_sentence(const struct conduct *conduct, const char *note)
{
    struct str copy;
    if (arena_copy(conduct->arena, str_of(note), &copy) != FAULT_NONE || copy.len == 0)
        return note;
    char *first = (char *)(uintptr_t)copy.at; /* the arena's own copy */
    if (*first >= 'a' && *first <= 'z')
        *first = (char)(*first - 'a' + 'A');
    return copy.at;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool users_holds(struct str text, struct str piece)
{
    for (size_t at = 0; at + piece.len <= text.len; at++) {
        size_t same = 0;
        while (same < piece.len && lower(text.at[at + same]) == lower(piece.at[same]))
            same++;
        if (same == piece.len)
            return true;
    }
    return false;
}

enum fault users_read(struct db_tx *tx, struct conduct *conduct, struct account_id id,
                      struct account *ret_account)
{
    struct account account;
    enum fault fault = access_account_get(conduct->service->access, tx, id, conduct->arena, &account);
    if (fault != FAULT_NONE)
        return fault;
    if (!users_governs(&conduct->caller, &account))
        return FAULT_ABSENT;
    *ret_account = account;
    return FAULT_NONE;
}

static struct day today_of(const struct conduct *conduct)
{
    return day_of_instant(conduct->now);
}

struct check_view users_check(const struct account *account, enum account_check check, struct day today)
{
    struct check_view view = {.check = check, .done = account->checks[check]};
    view.until = check_until(check, view.done);
    view.notice = check_notice(check, view.done, today, &view.days_left);
    return view;
}

static enum fault put_roles(const struct conduct *conduct, const struct account *account,
                            struct str *ret_text)
{
    struct buffer text = buffer_open(ROLES_BYTES_MAX);
    enum fault fault;
    for (size_t i = 0; i < account->role_count; i++) {
        if (i > 0)
            buffer_put(&text, STR(", "));
        buffer_put(&text, str_of(policy_role_label(account->roles[i])));
    }
    TRY(buffer_fault(&text));
    TRY(arena_copy(conduct->arena, buffer_str(&text), ret_text));
done:
    buffer_close(&text);
    return fault;
}

/* Near its end: what lapses first, not what was never done. */
static bool is_nearer(const struct check_view *view, const struct check_view *than)
{
    bool near = view->notice >= NOTICE_60 && view->notice <= NOTICE_LAPSED;
    return near && (than->check == CHECK_NONE || view->days_left < than->days_left);
}

enum fault users_row(const struct conduct *conduct, const struct account *account, struct user_row *ret_row)
{
    struct user_row row = {.account = account->account,
                           .full_name = account->full_name,
                           .user_name = account->user_name,
                           .job = account->job,
                           .state = account->state,
                           .standing = access_account_standing(conduct->service->access, account)};
    for (int check = 1; check < CHECKS_END; check++) {
        struct check_view view = users_check(account, (enum account_check)check, today_of(conduct));
        row.checks_done += view.notice != NOTICE_MISSING && view.notice != NOTICE_LAPSED;
        if (is_nearer(&view, &row.nearest))
            row.nearest = view;
    }
    enum fault fault = put_roles(conduct, account, &row.roles);
    if (fault == FAULT_NONE)
        *ret_row = row;
    return fault;
}

static bool wants_attention(const struct user_row *row)
{
    return row->state != ACCOUNT_CLOSED &&
           (row->standing.hindrance != HINDRANCE_NONE || row->nearest.check != CHECK_NONE);
}

static bool fits(const struct users_filter *filter, const struct user_row *row)
{
    static const struct {
        const char *show;
        enum account_state state;
    } states[] = {{"requested", ACCOUNT_REQUESTED},
                  {"active", ACCOUNT_ACTIVE},
                  {"suspended", ACCOUNT_SUSPENDED},
                  {"closed", ACCOUNT_CLOSED}};
    if (!users_holds(row->full_name, filter->name) && !users_holds(row->user_name, filter->name))
        return false;
    if (str_equal(filter->show, STR("attention")))
        return wants_attention(row);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (str_equal(filter->show, str_of(states[i].show)))
            return row->state == states[i].state;
    return true;
}

/* Who may not act first, then whose check ends first, then by name. */
static int pressing(const void *one, const void *other)
{
    const struct user_row *a = one, *b = other;
    int wants = (int)wants_attention(b) - (int)wants_attention(a);
    if (wants != 0)
        return wants;
    int near_a = a->nearest.check == CHECK_NONE ? INT32_MAX : a->nearest.days_left;
    int near_b = b->nearest.check == CHECK_NONE ? INT32_MAX : b->nearest.days_left;
    if (near_a != near_b)
        return near_a < near_b ? -1 : 1;
    return str_compare(a->full_name, b->full_name);
}

enum fault users_list(struct db_tx *tx, struct conduct *conduct, struct organisation_id organisation,
                      const struct users_filter *filter, struct users_view *ret_view)
{
    struct users_view view = {.organisation = organisation,
                              .filtered = filter->name.len > 0 || filter->show.len > 0};
    bool closed = str_equal(filter->show, STR("closed"));
    struct account_list list;
    enum fault fault;
    TRY(access_account_list(conduct->service->access, tx, organisation, closed, conduct->arena, &list));
    view.rows = arena_take_array(conduct->arena, list.count + 1, sizeof *view.rows);
    if (view.rows == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < list.count; i++) {
        if (!users_governs(&conduct->caller, &list.accounts[i]))
            continue;
        TRY(users_row(conduct, &list.accounts[i], &view.rows[view.count]));
        view.count += fits(filter, &view.rows[view.count]);
    }
    qsort(view.rows, view.count, sizeof *view.rows, pressing);
    if (view.count > USERS_SHOWN_MAX) {
        view.left_out = view.count - USERS_SHOWN_MAX;
        view.count = USERS_SHOWN_MAX;
    }
    TRY(access_organisation_accounts(conduct->service->access, tx, organisation, &view.accounts));
    *ret_view = view;
done:
    return fault;
}

struct show_job {
    struct conduct *conduct;
    struct account_id account;
    struct users_filter filter;
    struct user_view *user;
    struct users_view *users;
};

static enum fault read_token(struct db_tx *tx, struct conduct *conduct, struct user_view *view)
{
    enum fault fault =
        access_account_has_token(conduct->service->access, tx, view->account.account, &view->has_token);
    if (fault == FAULT_NONE)
        fault = access_held(conduct->service->access, tx, view->account.account, conduct->arena, &view->held);
    if (fault == FAULT_NONE)
        fault = involvement_open_count(tx, conduct->service->vault, view->account.account,
                                       &view->open_involvements);
    return fault;
}

static enum fault read_user(struct db_tx *tx, void *context)
{
    struct show_job *job = context;
    struct conduct *conduct = job->conduct;
    struct user_view view = {0};
    struct organisation organisation = {0};
    enum fault fault;
    TRY(users_read(tx, conduct, job->account, &view.account));
    if (!id_is_zero(view.account.organisation.id))
        TRY(access_organisation_get(conduct->service->access, tx, view.account.organisation, conduct->arena,
                                    &organisation));
    view.organisation_name = organisation.name;
    view.standing = access_account_standing(conduct->service->access, &view.account);
    for (int check = 1; check < CHECKS_END; check++)
        view.checks[check] = users_check(&view.account, (enum account_check)check, today_of(conduct));
    view.offered_count = users_offer(&conduct->caller, &organisation, view.offered);
    TRY(read_token(tx, conduct, &view));
    *job->user = view;
done:
    return fault;
}

enum fault users_show(struct conduct *conduct, struct account_id id)
{
    struct user_view *view = arena_take(conduct->arena, sizeof *view);
    struct show_job job = {.conduct = conduct, .account = id, .user = view};
    if (view == NULL)
        return FAULT_MEMORY;
    enum fault fault = db_read(conduct->service->db, read_user, &job);
    if (fault == FAULT_NONE)
        conduct->answer->user = view;
    return fault;
}

enum fault do_user_view(struct conduct *conduct)
{
    const struct permit_user_view permit =
        permit_issue_user_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_view);
    enum fault fault;
    TRY(users_show(conduct, (struct account_id){conduct->ask->path_ids[0]}));
    struct user_view *view = conduct->answer->user;
    conduct->answer->user = NULL; /* held until the entry is durable */
    TRY(users_say(conduct, &view->account.user_name, 1));
    TRY(conduct_enter(conduct, EVENT_USER_VIEWED, NULL, NULL));
    conduct->answer->user = view;
done:
    return fault;
}

static enum fault read_list(struct db_tx *tx, void *context)
{
    struct show_job *job = context;
    struct conduct *conduct = job->conduct;
    const struct caller *caller = &conduct->caller;
    enum fault fault = users_list(tx, conduct, caller->account.organisation, &job->filter, job->users);
    job->users->organisation_name = id_is_zero(caller->account.organisation.id)
                                        ? STR("National administrators and operators")
                                        : caller->organisation.name;
    job->users->users_max = caller->organisation.users_max;
    job->users->may_request = true;
    return fault;
}

static enum fault show_list(struct conduct *conduct, const struct users_filter *filter)
{
    struct users_view *view = arena_take(conduct->arena, sizeof *view);
    struct show_job job = {.conduct = conduct, .filter = *filter, .users = view};
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_list, &job));
    TRY(users_say(conduct, (const struct str[]){filter->show, filter->name}, 2));
    TRY(conduct_enter(conduct, EVENT_USERS_LISTED, NULL, NULL));
    conduct->answer->users = view;
done:
    return fault;
}

enum fault do_user_list(struct conduct *conduct)
{
    const struct permit_user_list permit =
        permit_issue_user_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_list);
    return show_list(conduct, &(struct users_filter){0});
}

enum fault do_user_filter(struct conduct *conduct)
{
    const struct permit_user_filter permit =
        permit_issue_user_filter(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_filter);
    const struct users_filter filter = {conduct_field(conduct, "name"), conduct_field(conduct, "show")};
    return show_list(conduct, &filter);
}
