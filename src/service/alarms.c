/* Alarms outside matters: what has raised one is looked into by the audit reviewer of that authority, and
 * closed with what was found out (R17.2, R17.7).  No child is named here: the log says whom it concerned. */
#include "registry/alarm.h"

#include "access/account_life.h"
#include "access/organisations.h"
#include "service/manage.h"

static const int64_t MINUTE_US = INT64_C(60) * 1000000;

static struct alarm_reader reader_for(const struct conduct *conduct)
{
    return (struct alarm_reader){conduct->service->vault, &conduct->service->alarm_key, conduct->arena};
}

/* R2: nobody reviews their own, nor learns that there is something to review. */
static bool is_own(const struct conduct *conduct, const struct raised_alarm *alarm)
{
    return id_equal(alarm->alarm.account.id, conduct->caller.account.account.id);
}

static bool is_overdue(const struct conduct *conduct, const struct raised_alarm *alarm)
{
    return !alarm->closed && alarm->due.us <= conduct->now.us;
}

struct listing {
    struct conduct *conduct;
    struct raised_alarm found[ALARM_LIST_MAX];
    size_t count;
    bool more;
};

static enum fault read_list(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    const struct conduct *conduct = listing->conduct;
    const struct alarm_reader reader = reader_for(conduct);
    size_t count = 0;
    enum fault fault;
    listing->count = 0;
    TRY(alarm_list(tx, &reader, conduct->caller.organisation.authority, listing->found, &count));
    for (size_t i = 0; i < count; i++)
        if (!is_own(conduct, &listing->found[i]))
            listing->found[listing->count++] = listing->found[i];
    listing->more = count == ALARM_LIST_MAX;
done:
    return fault;
}

enum fault alarms_waiting(struct db_tx *tx, struct conduct *conduct, struct matter_counts *ret_counts)
{
    struct listing *listing = arena_take(conduct->arena, sizeof *listing);
    enum fault fault;
    if (listing == NULL)
        return FAULT_MEMORY;
    listing->conduct = conduct;
    TRY(read_list(tx, listing));
    *ret_counts = (struct matter_counts){.open = (int64_t)listing->count};
    for (size_t i = 0; i < listing->count; i++)
        ret_counts->overdue += is_overdue(conduct, &listing->found[i]);
done:
    return fault;
}

static struct alarm_line line_of(const struct conduct *conduct, const struct raised_alarm *alarm)
{
    return (struct alarm_line){.alarm = alarm->alarm.id,
                               .title = str_of(alarm_title(alarm->alarm.kind)),
                               .addressed = str_of(policy_role_label(alarm->alarm.addressed)),
                               .raised = alarm->raised,
                               .due = alarm->due,
                               .age_minutes = (conduct->now.us - alarm->raised.us) / MINUTE_US,
                               .overdue = is_overdue(conduct, alarm)};
}

enum fault do_alarm_list(struct conduct *conduct)
{
    const struct permit_alarm_list permit =
        permit_issue_alarm_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_alarm_list);
    struct listing *listing = arena_take(conduct->arena, sizeof *listing);
    struct alarms_view *view = arena_take(conduct->arena, sizeof *view);
    enum fault fault;
    if (listing == NULL || view == NULL)
        return FAULT_MEMORY;
    listing->conduct = conduct;
    TRY(db_read(conduct->service->db, read_list, listing));
    view->lines = arena_take_array(conduct->arena, listing->count + 1, sizeof *view->lines);
    if (view->lines == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < listing->count; i++)
        view->lines[i] = line_of(conduct, &listing->found[i]);
    view->count = listing->count;
    view->more = listing->more;
    TRY(conduct_enter(conduct, EVENT_ALARMS_LISTED, NULL, NULL));
    conduct->answer->alarms = view;
done:
    return fault;
}

/* One of them, with whoever raised it. */
struct looking {
    struct conduct *conduct;
    struct raised_alarm alarm;
    bool known; /* the account is there */
    struct account account;
    struct organisation organisation;
};

static enum fault read_person(struct db_tx *tx, struct looking *looking)
{
    const struct conduct *conduct = looking->conduct;
    struct access *access = conduct->service->access;
    enum fault fault;
    looking->known = false;
    looking->organisation = (struct organisation){.name = STR("")};
    if (id_is_zero(looking->alarm.alarm.account.id))
        return FAULT_NONE;
    fault = access_account_get(access, tx, looking->alarm.alarm.account, conduct->arena, &looking->account);
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    TRY(fault);
    looking->known = true;
    if (id_is_zero(looking->account.organisation.id))
        return FAULT_NONE;
    fault = access_organisation_get(access, tx, looking->account.organisation, conduct->arena,
                                    &looking->organisation);
    if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
done:
    return fault;
}

/* FAULT_ABSENT where it is another authority's, or the caller's own doing. */
static enum fault read_one(struct db_tx *tx, void *context)
{
    struct looking *looking = context;
    const struct conduct *conduct = looking->conduct;
    const struct alarm_reader reader = reader_for(conduct);
    enum fault fault;
    TRY(alarm_read(tx, &reader, conduct->ask->path_ids[0], &looking->alarm));
    if (!manage_is_responsible(conduct, looking->alarm.alarm.authority) || is_own(conduct, &looking->alarm))
        return FAULT_ABSENT;
    TRY(read_person(tx, looking));
done:
    return fault;
}

static struct str state_words(const struct account *account)
{
    switch (account->state) {
    case ACCOUNT_REQUESTED:
        return STR("Not admitted yet");
    case ACCOUNT_ACTIVE:
        return STR("In use");
    case ACCOUNT_SUSPENDED:
        return STR("Suspended");
    case ACCOUNT_CLOSED:
        return STR("Closed");
    }
    return (struct str){"", 0};
}

static bool may_be_suspended(const struct looking *looking)
{
    return looking->known && looking->account.state != ACCOUNT_CLOSED;
}

static void say_finding(const struct alarm_finding *finding, struct step_view *view)
{
    *view = (struct step_view){.at = finding->at,
                               .what = STR("Closed"),
                               .who = finding->name,
                               .ground = str_of(finding_label(finding->finding)),
                               .text = finding->text};
    if (finding->role != ROLE_NONE)
        view->role = str_of(policy_role_label(finding->role));
}

static void say(const struct looking *looking, struct alarm_view *view)
{
    const struct raised_alarm *alarm = &looking->alarm;
    *view = (struct alarm_view){.line = line_of(looking->conduct, alarm),
                                .words = str_of(alarm_words(alarm->alarm.kind)),
                                .closed = alarm->closed};
    if (looking->known) {
        view->person = looking->account.full_name;
        view->user_name = looking->account.user_name;
        view->job = looking->account.job;
        view->organisation = looking->organisation.name;
        view->state = state_words(&looking->account);
    }
    if (alarm->finding.finding != FINDING_NONE)
        say_finding(&alarm->finding, &view->finding);
}

static enum fault offer_findings(const struct looking *looking)
{
    struct answer *answer = looking->conduct->answer;
    struct choice_view *choices = arena_take_array(looking->conduct->arena, FINDINGS_END, sizeof *choices);
    size_t count = 0;
    if (choices == NULL)
        return FAULT_MEMORY;
    for (int finding = 1; finding < FINDINGS_END; finding++)
        if (finding != FINDING_suspend || may_be_suspended(looking))
            choices[count++] = (struct choice_view){finding_name((enum finding)finding),
                                                    finding_label((enum finding)finding)};
    answer->choices = choices;
    answer->choice_count = count;
    return FAULT_NONE;
}

/* The entry says which alarm it was. */
static enum fault say_which(struct conduct *conduct)
{
    struct buffer id = buffer_open(64);
    id_put(&id, conduct->ask->path_ids[0]);
    enum fault fault = buffer_fault(&id);
    if (fault == FAULT_NONE)
        fault = arena_copy(conduct->arena, buffer_str(&id), &conduct->asked);
    buffer_close(&id);
    return fault;
}

static enum fault show_one(struct conduct *conduct, struct looking *looking)
{
    struct alarm_view *view = arena_take(conduct->arena, sizeof *view);
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    say(looking, view);
    TRY(offer_findings(looking));
    TRY(conduct_enter(conduct, EVENT_ALARM_VIEWED, NULL, NULL));
    conduct->answer->alarm = view;
done:
    return fault;
}

enum fault do_alarm_view(struct conduct *conduct)
{
    const struct permit_alarm_view permit =
        permit_issue_alarm_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_alarm_view);
    struct looking *looking = arena_take(conduct->arena, sizeof *looking);
    enum fault fault;
    if (looking == NULL)
        return FAULT_MEMORY;
    looking->conduct = conduct;
    TRY(say_which(conduct));
    TRY(db_read(conduct->service->db, read_one, looking));
    TRY(show_one(conduct, looking));
done:
    return fault;
}

struct closing {
    struct looking looking;
    const struct permit_alarm_close *permit;
    struct alarm_finding finding;
};

static enum fault suspend(struct db_tx *tx, struct looking *looking)
{
    if (!may_be_suspended(looking))
        return fault_note(FAULT_CONFLICT, "the account was closed meanwhile: look at it again");
    looking->account.why = STR("an alarm was not explained");
    return access_account_suspend(looking->conduct->service->access, tx, &looking->account);
}

/* Unexplained, the account is suspended in the same transaction, and its sessions end. */
static enum fault close_now(struct db_tx *tx, void *context)
{
    struct closing *closing = context;
    const struct alarm_reader reader = reader_for(closing->looking.conduct);
    enum fault fault;
    TRY(read_one(tx, &closing->looking));
    TRY(alarm_close(tx, closing->permit, &reader, &closing->looking.alarm, &closing->finding));
    if (closing->finding.finding == FINDING_suspend)
        TRY(suspend(tx, &closing->looking));
done:
    return fault;
}

static void read_form(struct closing *closing)
{
    struct conduct *conduct = closing->looking.conduct;
    closing->finding = (struct alarm_finding){.at = conduct->now,
                                              .account = conduct->caller.account.account,
                                              .role = conduct->caller.role,
                                              .name = conduct->caller.account.full_name,
                                              .finding = finding_of(conduct_field(conduct, "outcome")),
                                              .text = conduct_field(conduct, "text")};
    if (closing->finding.finding == FINDING_NONE)
        conduct_error(conduct, "outcome", "Choose what it has come to");
    if (closing->finding.finding == FINDING_suspend && !may_be_suspended(&closing->looking))
        conduct_error(conduct, "outcome", "Choose something else: there is no account to suspend");
    if (!conduct_says_something(closing->finding.text))
        conduct_error(conduct, "text", "Say what you found out, in at least 10 characters");
}

enum fault do_alarm_close(struct conduct *conduct)
{
    const struct permit_alarm_close permit =
        permit_issue_alarm_close(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct closing *closing = arena_take(conduct->arena, sizeof *closing);
    enum fault fault;
    if (closing == NULL)
        return FAULT_MEMORY;
    *closing = (struct closing){.looking = {.conduct = conduct}, .permit = &permit};
    TRY(say_which(conduct));
    TRY(db_read(conduct->service->db, read_one, &closing->looking));
    read_form(closing);
    if (conduct->answer->error_count > 0) {
        conduct->answer->fault = FAULT_INVALID;
        TRY(show_one(conduct, &closing->looking));
        return FAULT_INVALID;
    }
    TRY(conduct_enter(conduct, EVENT_ALARM_CLOSED, close_now, closing));
    conduct->answer->recorded = true;
done:
    return fault;
}
