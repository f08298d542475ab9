#include "service/approvals.h"

#include "access/approval_view.h"
#include "registry/alarm.h"
#include "service/manage.h"

enum { HOUR_S = 3600, MATTER_DUE_S = 24 * HOUR_S, ALARM_DUE_S = HOUR_S, DETAIL_BYTES_MAX = 256 };

/* For how long an approval may hold, in hours: the outcome of its step. */
static const struct {
    const char *name;
    uint8_t hours;
} durations[] = {{"1", 1}, {"4", 4}, {"8", 8}};
enum { DURATIONS = sizeof durations / sizeof *durations };

static bool is_about_an_approval(const struct conduct *conduct)
{
    enum operation operation = conduct->ask->operation;
    return operation == OP_approval_view || operation == OP_approval_decide;
}

/* A user manager answers for their organisation, a shielding officer for their authority. */
static enum fault is_theirs(struct db_tx *tx, const struct conduct *conduct, const struct matter *matter,
                            bool *ret_theirs)
{
    struct account asker;
    bool theirs = matter->kind == MATTER_APPROVAL &&
                  str_equal(matter->authority, conduct->caller.organisation.authority);
    enum fault fault = FAULT_NONE;
    if (theirs && conduct->caller.role == ROLE_user_manager) {
        TRY(access_account_get(conduct->service->access, tx, matter->about, conduct->arena, &asker));
        theirs = id_equal(asker.organisation.id, conduct->caller.organisation.organisation.id);
    }
    *ret_theirs = theirs;
done:
    return fault;
}

/* FAULT_ABSENT where there is none, or it is not this caller's to answer. */
static enum fault read_matter(struct db_tx *tx, const struct conduct *conduct, struct matter *ret_matter)
{
    const struct matter_id id = {conduct->ask->path_ids[0]};
    struct matter matter;
    bool theirs = false;
    enum fault fault;
    TRY(matter_read(tx, &conduct->service->matters, id, conduct->arena, &matter));
    TRY(is_theirs(tx, conduct, &matter, &theirs));
    if (!theirs)
        return FAULT_ABSENT;
    *ret_matter = matter;
done:
    return fault;
}

enum fault approvals_read(struct db_tx *tx, struct conduct *conduct)
{
    if (!is_about_an_approval(conduct) || !conduct->caller.signed_in)
        return FAULT_NONE;
    enum fault fault = read_matter(tx, conduct, &conduct->matter);
    conduct->matter_held = fault == FAULT_NONE;
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

void approvals_facts(const struct conduct *conduct, struct facts *facts)
{
    if (!is_about_an_approval(conduct))
        return;
    facts->state = conduct->matter_held ? 0 : RECORD_SEALED; /* absent and another's alike */
    facts->second_given =
        !conduct->matter_held || !id_equal(conduct->matter.asker.id, conduct->caller.account.account.id);
}

static struct matter_step step_of(const struct conduct *conduct, enum step_verb verb)
{
    return (struct matter_step){.at = conduct->now,
                                .verb = verb,
                                .account = conduct->caller.account.account,
                                .role = conduct->caller.role,
                                .name = conduct->caller.account.full_name,
                                .text = conduct_field(conduct, "text")};
}

/* The alarm of a matter, so that whoever answers the one acknowledges the other. */
static struct id alarm_of(const struct conduct *conduct, const struct matter *matter)
{
    struct id id;
    vault_derive(conduct->service->vault, "alarm of an approval", id_bytes(&matter->matter.id), id.byte,
                 sizeof id.byte);
    return id;
}

/* What has been asked before, and what became of it. */
static enum fault read_standing(struct db_tx *tx, const struct conduct *conduct, struct more_view *ret_view)
{
    const struct service *service = conduct->service;
    struct more_view view = {.state = MORE_FREE,
                             .children_per_hour = service->looks.children_per_hour,
                             .children_per_day = service->looks.children_per_day};
    struct allowance allowance;
    struct matter matter;
    enum fault fault =
        allowance_get(tx, service->vault, conduct->caller.account.account, conduct->arena, &allowance);
    if (fault == FAULT_ABSENT) {
        *ret_view = view;
        return FAULT_NONE;
    }
    TRY(fault);
    TRY(matter_read(tx, &service->matters, (struct matter_id){allowance.matter}, conduct->arena, &matter));
    if (matter.state != MATTER_CLOSED) {
        view.state = MORE_ASKED;
        view.asked = matter.opened;
    } else if (allowance.until.us > conduct->now.us) {
        view.state = MORE_GIVEN;
        view.until = allowance.until;
    }
    *ret_view = view;
done:
    return fault;
}

struct standing {
    const struct conduct *conduct;
    struct more_view *view;
};

static enum fault read_own(struct db_tx *tx, void *context)
{
    const struct standing *standing = context;
    return read_standing(tx, standing->conduct, standing->view);
}

static enum fault show_own(struct conduct *conduct)
{
    struct standing standing = {conduct, arena_take(conduct->arena, sizeof *standing.view)};
    enum fault fault;
    if (standing.view == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_own, &standing));
    TRY(conduct_enter(conduct, EVENT_FORM_SHOWN, NULL, NULL));
    conduct->answer->more = standing.view;
done:
    return fault;
}

enum fault do_more_page(struct conduct *conduct)
{
    const struct permit_more_page permit =
        permit_issue_more_page(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_more_page);
    return show_own(conduct);
}

static enum fault raise(struct db_tx *tx, const struct conduct *conduct, const struct matter *matter)
{
    struct service *service = conduct->service;
    struct buffer detail = buffer_open(DETAIL_BYTES_MAX);
    enum fault fault;
    buffer_put(&detail, STR("somebody asks to open more records; matter "));
    id_put(&detail, matter->matter.id);
    TRY(buffer_fault(&detail));
    const struct alarm alarm = {.id = alarm_of(conduct, matter),
                                .kind = ALARM_LOOKS,
                                .addressed = ROLE_user_manager,
                                .authority = matter->authority,
                                .due_in = seconds(ALARM_DUE_S),
                                .account = matter->about,
                                .detail = buffer_str(&detail)};
    TRY(alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, conduct->now, &alarm));
done:
    buffer_close(&detail);
    return fault;
}

struct asking {
    struct conduct *conduct;
    struct matter matter;
};

/* FAULT_DUPLICATE where an earlier request of theirs still waits. */
static enum fault ask(struct db_tx *tx, void *context)
{
    const struct asking *asking = context;
    struct conduct *conduct = asking->conduct;
    const struct matter_step step = step_of(conduct, STEP_ASKED);
    struct more_view standing;
    enum fault fault;
    TRY(read_standing(tx, conduct, &standing));
    if (standing.state == MORE_ASKED)
        return FAULT_DUPLICATE;
    TRY(matter_open(tx, &conduct->service->matters, &asking->matter, &step));
    TRY(allowance_ask(tx, conduct->service->vault, conduct->caller.account.account,
                      asking->matter.matter.id));
    TRY(raise(tx, conduct, &asking->matter));
done:
    return fault;
}

enum fault do_more_ask(struct conduct *conduct)
{
    const struct permit_more_ask permit =
        permit_issue_more_ask(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct asking asking = {.conduct = conduct,
                            .matter = {.kind = MATTER_APPROVAL,
                                       .state = MATTER_OPEN,
                                       .authority = conduct->caller.organisation.authority,
                                       .opened = conduct->now,
                                       .due = instant_after(conduct->now, seconds(MATTER_DUE_S)),
                                       .asker = conduct->caller.account.account,
                                       .about = conduct->caller.account.account}};
    struct entries entries = {0};
    enum fault fault;
    must(permit.permit.operation == OP_more_ask);
    if (!conduct_says_something(conduct_field(conduct, "text"))) {
        conduct_error(conduct, "text", "Say why, in at least 10 characters");
        conduct->answer->fault = FAULT_INVALID;
        TRY(show_own(conduct));
        return FAULT_INVALID;
    }
    TRY(manage_form_id(conduct, "approval of a form", &asking.matter.matter.id));
    TRY(entries_add(conduct, &entries, EVENT_MORE_ASKED, (struct child_id){{{0}}}, NULL, 0));
    fault = conduct_commit(conduct, &entries, ask, &asking);
    if (fault == FAULT_DUPLICATE)
        return conduct_refuse(conduct, REFUSAL_NONE, fault);
    TRY(fault);
    conduct->answer->recorded = true;
done:
    return fault;
}

static struct str state_words(const struct matter *matter)
{
    return matter->state == MATTER_CLOSED ? STR("Answered") : STR("To be answered");
}

static enum fault outcome_words(const struct conduct *conduct, const struct matter_step *step,
                                struct str *ret_words)
{
    struct buffer text = buffer_open(DETAIL_BYTES_MAX);
    if (step->verb == STEP_CONFIRMED) {
        buffer_put(&text, STR("counted anew, for hours: "));
        buffer_put_int(&text, step->outcome);
    }
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = arena_copy(conduct->arena, buffer_str(&text), ret_words);
    buffer_close(&text);
    return fault;
}

struct showing {
    struct conduct *conduct;
    struct matter matter;
    struct matter_step *steps;
    size_t step_count;
    struct matter_view *view;
};

static enum fault read_one(struct db_tx *tx, void *context)
{
    struct showing *showing = context;
    const struct conduct *conduct = showing->conduct;
    enum fault fault;
    TRY(read_matter(tx, conduct, &showing->matter));
    TRY(matter_steps(tx, &conduct->service->matters, &showing->matter, conduct->arena, &showing->steps,
                     &showing->step_count));
done:
    return fault;
}

static enum fault say_steps(const struct showing *showing)
{
    const struct conduct *conduct = showing->conduct;
    struct matter_view *view = showing->view;
    enum fault fault = FAULT_NONE;
    view->steps = arena_take_array(conduct->arena, showing->step_count + 1, sizeof *view->steps);
    if (view->steps == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < showing->step_count; i++) {
        const struct matter_step *step = &showing->steps[i];
        view->steps[i] = (struct step_view){.at = step->at,
                                            .what = str_of(step_verb_words(step->verb)),
                                            .who = step->name,
                                            .role = str_of(policy_role_label(step->role)),
                                            .text = step->text};
        TRY(outcome_words(conduct, step, &view->steps[i].ground));
    }
    view->step_count = showing->step_count;
    if (view->step_count > 0)
        view->asker = view->steps[0].who;
done:
    return fault;
}

static enum fault show_one(struct conduct *conduct)
{
    struct showing showing = {.conduct = conduct, .view = arena_take(conduct->arena, sizeof *showing.view)};
    enum fault fault;
    if (showing.view == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_one, &showing));
    const struct matter *matter = &showing.matter;
    const bool own = id_equal(matter->asker.id, conduct->caller.account.account.id);
    *showing.view =
        (struct matter_view){.matter = matter->matter.id,
                             .state = state_words(matter),
                             .opened = matter->opened,
                             .due = matter->due,
                             .overdue = matter->state != MATTER_CLOSED && matter->due.us <= conduct->now.us,
                             .own = own,
                             .to_decide = matter->state == MATTER_OPEN && !own};
    TRY(say_steps(&showing));
    TRY(conduct_enter(conduct, EVENT_APPROVAL_VIEWED, NULL, NULL));
    conduct->answer->matter = showing.view;
done:
    return fault;
}

enum fault do_approval_view(struct conduct *conduct)
{
    const struct permit_approval_view permit =
        permit_issue_approval_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_approval_view);
    return show_one(conduct);
}

struct deciding {
    struct conduct *conduct;
    uint8_t hours; /* 0: refused */
};

/* The matter is read anew, so that what is answered is what stands there now. */
static enum fault decide_it(struct db_tx *tx, void *context)
{
    const struct deciding *deciding = context;
    struct conduct *conduct = deciding->conduct;
    struct service *service = conduct->service;
    struct matter_step step = step_of(conduct, deciding->hours > 0 ? STEP_CONFIRMED : STEP_REFUSED);
    struct matter matter;
    enum fault fault;
    TRY(read_matter(tx, conduct, &matter));
    if (matter.state != MATTER_OPEN || matter.version != conduct->matter.version)
        return FAULT_CONFLICT;
    step.outcome = deciding->hours;
    matter.state = MATTER_CLOSED;
    TRY(matter_advance(tx, &service->matters, &matter, &step));
    const struct allowance allowance = {matter.matter.id, conduct->now,
                                        instant_after(conduct->now, seconds(deciding->hours * HOUR_S))};
    if (deciding->hours > 0)
        TRY(allowance_give(tx, service->vault, matter.about, &allowance));
    fault = alarm_acknowledge(tx, alarm_of(conduct, &matter), conduct->now);
    if (fault == FAULT_ABSENT) /* somebody has taken it already */
        fault = FAULT_NONE;
done:
    return fault;
}

/* What the form says; notes errors in the answer. */
static uint8_t read_verdict(struct conduct *conduct)
{
    const struct str verdict = conduct_field(conduct, "verdict");
    uint8_t hours = 0;
    for (size_t i = 0; i < DURATIONS; i++)
        if (str_equal(verdict, str_of(durations[i].name)))
            hours = durations[i].hours;
    if (hours == 0 && !str_equal(verdict, STR("refuse")))
        conduct_error(conduct, "verdict", "Choose whether you approve, and for how long");
    if (!conduct_says_something(conduct_field(conduct, "text")))
        conduct_error(conduct, "text", "Say why, in at least 10 characters");
    return hours;
}

enum fault do_approval_decide(struct conduct *conduct)
{
    const struct permit_approval_decide permit = permit_issue_approval_decide(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct deciding deciding = {conduct, read_verdict(conduct)};
    struct entries entries = {0};
    enum fault fault;
    must(permit.permit.operation == OP_approval_decide);
    if (conduct->answer->error_count > 0) {
        conduct->answer->fault = FAULT_INVALID;
        TRY(show_one(conduct));
        return FAULT_INVALID;
    }
    TRY(entries_add(conduct, &entries, EVENT_APPROVAL_DECIDED, (struct child_id){{{0}}}, NULL, 0));
    fault = conduct_commit(conduct, &entries, decide_it, &deciding);
    if (fault == FAULT_CONFLICT || fault == FAULT_ABSENT)
        return conduct_refuse(conduct, REFUSAL_NONE, fault);
    TRY(fault);
    conduct->answer->recorded = true;
done:
    return fault;
}

struct listing {
    struct conduct *conduct;
    struct matters_view *view;
};

static enum fault add_line(struct db_tx *tx, const struct listing *listing, const struct matter *matter)
{
    const struct conduct *conduct = listing->conduct;
    struct matter_line *line = &listing->view->lines[listing->view->count];
    struct account asker;
    bool theirs = false;
    enum fault fault;
    TRY(is_theirs(tx, conduct, matter, &theirs));
    if (!theirs)
        return FAULT_NONE;
    TRY(access_account_get(conduct->service->access, tx, matter->about, conduct->arena, &asker));
    *line = (struct matter_line){.matter = matter->matter.id,
                                 .state = state_words(matter),
                                 .who = asker.full_name,
                                 .opened = matter->opened,
                                 .due = matter->due,
                                 .age_minutes = (conduct->now.us - matter->opened.us) / seconds(60).us,
                                 .overdue = matter->due.us <= conduct->now.us};
    listing->view->count++;
done:
    return fault;
}

static enum fault read_list(struct db_tx *tx, void *context)
{
    const struct listing *listing = context;
    const struct conduct *conduct = listing->conduct;
    struct matter found[MATTER_LIST_MAX];
    size_t count = 0;
    enum fault fault;
    listing->view->count = 0;
    TRY(matter_list(tx, &conduct->service->matters, MATTER_APPROVAL, conduct->caller.organisation.authority,
                    NULL, conduct->arena, found, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_line(tx, listing, &found[i]));
    listing->view->more = count == MATTER_LIST_MAX;
done:
    return fault;
}

enum fault do_approval_list(struct conduct *conduct)
{
    const struct permit_approval_list permit =
        permit_issue_approval_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct listing listing = {conduct, arena_take(conduct->arena, sizeof *listing.view)};
    enum fault fault;
    must(permit.permit.operation == OP_approval_list);
    if (listing.view == NULL)
        return FAULT_MEMORY;
    listing.view->lines = arena_take_array(conduct->arena, MATTER_LIST_MAX, sizeof *listing.view->lines);
    if (listing.view->lines == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_list, &listing));
    TRY(conduct_enter(conduct, EVENT_APPROVALS_LISTED, NULL, NULL));
    conduct->answer->matters = listing.view;
done:
    return fault;
}
