/* One's own account and one's own last looks (R3, R17.1); what one declares of one's family (R3.8). */
#include "access/staff_fact.h"
#include "match/number.h"
#include "service/users.h"

#include <stdio.h>

enum { LOOKS_MAX = 50 };

struct account_job {
    struct conduct *conduct;
    struct audit_event *events;
    size_t count;
    struct account_view *view;
    struct user_view *user;
};

/* A child's name stands in the list only where the caller would still see it on the child's page. */
static enum fault name_of(struct db_tx *tx, struct conduct *conduct, struct child_id id, struct str *ret_name)
{
    struct child *child = NULL;
    struct result_view row;
    const struct match_candidate none = {0};
    const struct disclosure disclosure = {&conduct->caller, conduct->decision.sight, NULL, conduct->now,
                                          conduct->arena};
    enum fault fault = child_read(tx, conduct->display, id, conduct->arena, &child);
    if (fault == FAULT_NONE)
        fault = disclose_result(&disclosure, child, &none, NULL, &row);
    if (fault == FAULT_NONE)
        *ret_name = row.name.text;
    return fault == FAULT_ABSENT || fault == FAULT_CORRUPT ? FAULT_NONE : fault;
}

static enum fault read_looks(struct db_tx *tx, void *context)
{
    struct account_job *job = context;
    struct conduct *conduct = job->conduct;
    enum fault fault;
    TRY(audit_own_looks(conduct->service->audit, tx, conduct->caller.account.account, LOOKS_MAX,
                        conduct->arena, &job->events, &job->count));
    job->view->looks = arena_take_array(conduct->arena, job->count + 1, sizeof *job->view->looks);
    if (job->view->looks == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < job->count; i++) {
        const struct audit_event *event = &job->events[i];
        struct look_view *look = &job->view->looks[i];
        look->at = event->at;
        look->what = str_of(policy_operation(event->operation)->help);
        if (event->reason != REASON_NONE)
            look->reason = str_of(policy_reason_label(event->reason));
        if (!id_is_zero(event->child.id))
            TRY(name_of(tx, conduct, event->child, &look->child));
    }
    job->view->look_count = job->count;
    TRY(access_staff_facts_given(conduct->service->access, tx, conduct->caller.account.account,
                                 &job->view->facts_given));
done:
    return fault;
}

/* Everything of the page, held until the entry is durable. */
static enum fault read_own(struct conduct *conduct, struct account_job *job)
{
    const struct caller *caller = &conduct->caller;
    job->view = arena_take(conduct->arena, sizeof *job->view);
    job->user = arena_take(conduct->arena, sizeof *job->user);
    if (job->view == NULL || job->user == NULL)
        return FAULT_MEMORY;
    *job->view = (struct account_view){.full_name = caller->account.full_name,
                                       .user_name = caller->account.user_name,
                                       .job = caller->account.job,
                                       .organisation = caller->organisation.name,
                                       .role = str_of(policy_role_label(caller->role)),
                                       .signed_in = caller->started};
    *job->user =
        (struct user_view){.account = caller->account,
                           .standing = access_account_standing(conduct->service->access, &caller->account)};
    for (int check = 1; check < CHECKS_END; check++)
        job->user->checks[check] =
            users_check(&caller->account, (enum account_check)check, day_of_instant(conduct->now));
    return db_read(conduct->service->db, read_looks, job);
}

enum fault do_account_view(struct conduct *conduct)
{
    const struct permit_account_view permit =
        permit_issue_account_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_account_view);
    conduct_display(conduct, &permit.permit);
    struct account_job job = {.conduct = conduct};
    enum fault fault;
    TRY(read_own(conduct, &job));
    TRY(conduct_enter(conduct, EVENT_OWN_ACCOUNT_VIEWED, NULL, NULL));
    conduct->answer->account = job.view;
    conduct->answer->user = job.user;
done:
    return fault;
}

enum { RELATIVE_FIELD_BYTES_MAX = 32, RELATIVES_ASKED = 4 };

/* A field of one of the children asked about, such as relative_2_given. */
static struct str relative_field(const struct conduct *conduct, int place, const char *what)
{
    char name[RELATIVE_FIELD_BYTES_MAX];
    int len = snprintf(name, sizeof name, "relative_%d_%s", place, what);
    must(len > 0 && (size_t)len < sizeof name);
    return conduct_field(conduct, name);
}

/* Errors are noted under a literal name: that of the child. */
static const char *relative_name(int place)
{
    static const char *const names[RELATIVES_ASKED] = {"relative_1", "relative_2", "relative_3",
                                                       "relative_4"};
    must(place >= 1 && place <= RELATIVES_ASKED);
    return names[place - 1];
}

static enum fault read_relative(struct conduct *conduct, int place, struct staff_facts *facts)
{
    struct staff_relative relative = {.given = relative_field(conduct, place, "given"),
                                      .family = relative_field(conduct, place, "family"),
                                      .birth = form_day(conduct, relative_name(place), false)};
    struct str typed = relative_field(conduct, place, "number");
    char number[NUMBER_BYTES_MAX];
    size_t len;
    bool named = relative.given.len > 0 || relative.family.len > 0 || relative.birth.precision != DAY_UNKNOWN;
    if (typed.len == 0 && !named)
        return FAULT_NONE;
    if (typed.len > 0 && !number_normalise(NUMBER_contactpoint, typed, number, &len))
        conduct_error(conduct, relative_name(place), "Enter a ContactPoint number, such as CP-7K4M2-X9QRT-5");
    else if (typed.len > 0 &&
             arena_copy(conduct->arena, (struct str){number, len}, &relative.number) != FAULT_NONE)
        return FAULT_MEMORY;
    else if (typed.len == 0 &&
             (relative.given.len == 0 || relative.family.len == 0 || relative.birth.precision != DAY_EXACT))
        conduct_error(conduct, relative_name(place),
                      "Enter given names, family name and date of birth, or the ContactPoint number alone");
    facts->relatives[facts->relative_count++] = relative;
    return FAULT_NONE;
}

static enum fault read_facts(struct conduct *conduct, struct staff_facts *facts)
{
    struct str rest = conduct_field(conduct, "surnames"), name;
    enum fault fault = FAULT_NONE;
    facts->postcode = conduct_field(conduct, "home_postcode");
    while (rest.len > 0 && str_split(&rest, ',', &name)) {
        name = str_trim(name);
        if (name.len == 0)
            continue;
        if (facts->surname_count == STAFF_SURNAMES_MAX || name.len > STAFF_FACT_TEXT_BYTES_MAX) {
            conduct_error(conduct, "surnames", "Enter at most 6 surnames, with commas between");
            break;
        }
        facts->surnames[facts->surname_count++] = name;
    }
    for (int place = 1; place <= RELATIVES_ASKED; place++)
        TRY(read_relative(conduct, place, facts));
    if (facts->postcode.len + facts->surname_count + facts->relative_count == 0)
        conduct_error(conduct, "home_postcode", "Enter your home postcode, and your surnames");
done:
    return fault;
}

struct facts_job {
    struct conduct *conduct;
    struct staff_facts facts;
};

static enum fault give(struct db_tx *tx, void *context)
{
    struct facts_job *job = context;
    return access_staff_facts_give(job->conduct->service->access, tx, job->conduct->caller.account.account,
                                   &job->facts);
}

/* The page again, with what was typed: what rests is never shown. */
static enum fault show_again(struct conduct *conduct, enum fault why)
{
    struct account_job job = {.conduct = conduct};
    enum fault fault = read_own(conduct, &job);
    if (fault != FAULT_NONE)
        return fault;
    conduct->answer->account = job.view;
    conduct->answer->user = job.user;
    return conduct_refuse(conduct, REFUSAL_NONE, why);
}

/* R3.8: the entry says that something was given, and nothing of it. */
enum fault do_staff_facts_give(struct conduct *conduct)
{
    const struct permit_staff_facts_give permit = permit_issue_staff_facts_give(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_staff_facts_give);
    conduct_display(conduct, &permit.permit);
    struct facts_job job = {.conduct = conduct};
    enum fault fault;
    TRY(read_facts(conduct, &job.facts));
    if (conduct->answer->error_count > 0)
        return show_again(conduct, FAULT_INVALID);
    TRY(conduct_enter(conduct, EVENT_STAFF_FACTS_GIVEN, give, &job));
    conduct->answer->recorded = true;
done:
    return fault;
}
