/* contactpoint account first, create, suspend */
#include <stdio.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/prompt.h"
#include "cli/say.h"

enum { ACCOUNT_ARENA_BYTES = 4 * 1024 * 1024 };

struct question {
    enum work_field field;
    const char *label;
    bool secret;
};

static const struct question sponsor_questions[] = {
    {FIELD_SPONSOR_ROLE, "Your role (user_manager or national_administrator)", false},
    {FIELD_SPONSOR_NAME, "Your user name", false},
    {FIELD_SPONSOR_PASSWORD, "Your password", true},
    {FIELD_SPONSOR_PIN, "Your PIN", true},
};
/* Last, because it lives for half a minute. */
static const struct question code_question = {FIELD_SPONSOR_CODE, "The code that your token shows now",
                                              false};

static const struct question first_questions[] = {
    {FIELD_CODE_ONE, "The first person's code", true},
    {FIELD_CODE_OTHER, "The second person's code", true},
};

static const struct question person_questions[] = {
    {FIELD_USER_NAME, "User name of the new account (a-z 0-9 . -)", false},
    {FIELD_FULL_NAME, "Full name", false},
    {FIELD_JOB, "Job title", false},
    {FIELD_PHONE, "Telephone", false},
    {FIELD_EMAIL, "Email address (may be empty)", false},
};

static const struct question roles_question = {
    FIELD_ROLES, "Roles, with commas between (an administrator: empty for user_manager)", false};
static const struct question organisation_question = {FIELD_ORGANISATION,
                                                      "Id of the organisation (empty for a new one)", false};
static const struct question organisation_questions[] = {
    {FIELD_ORGANISATION_NAME, "Name of the organisation", false},
    {FIELD_ORGANISATION_PHONE, "Its telephone", false},
    {FIELD_ORGANISATION_AUTHORITY, "GSS code of its local authority (E08000035)", false},
    {FIELD_ORGANISATION_BODY, "Its body (health, education, benefits, justice, social_care or other)", false},
    {FIELD_ORGANISATION_SERVICE, "Its usual kind of service (school, gp, health_visiting ...)", false},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static enum fault ask_all(const struct question *questions, size_t count, struct arena *arena,
                          struct work *work)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count; i++) {
        struct str *answer = &work->field[questions[i].field];
        TRY(questions[i].secret ? prompt_secret(questions[i].label, arena, answer)
                                : prompt_text(questions[i].label, arena, answer));
        if (!questions[i].secret)
            *answer = str_trim(*answer);
    }
done:
    return fault;
}

static enum fault ask_create(struct arena *arena, struct work *work)
{
    enum fault fault;
    TRY(ask_all(sponsor_questions, COUNT(sponsor_questions), arena, work));
    TRY(ask_all(person_questions, COUNT(person_questions), arena, work));
    TRY(ask_all(&roles_question, 1, arena, work));
    if (str_equal(work->field[FIELD_SPONSOR_ROLE], STR("national_administrator"))) {
        if (work->field[FIELD_ROLES].len == 0)
            work->field[FIELD_ROLES] = STR("user_manager");
        TRY(ask_all(&organisation_question, 1, arena, work));
        if (work->field[FIELD_ORGANISATION].len == 0)
            TRY(ask_all(organisation_questions, COUNT(organisation_questions), arena, work));
    }
    TRY(ask_all(&code_question, 1, arena, work));
done:
    return fault;
}

static enum fault ask_first(struct arena *arena, struct work *work)
{
    enum fault fault;
    TRY(ask_all(first_questions, COUNT(first_questions), arena, work));
    TRY(ask_all(person_questions, COUNT(person_questions), arena, work));
done:
    return fault;
}

static enum fault ask_suspend(struct arena *arena, struct work *work)
{
    enum fault fault;
    TRY(ask_all(sponsor_questions, COUNT(sponsor_questions), arena, work));
    TRY(ask_all(&code_question, 1, arena, work));
done:
    return fault;
}

static void put_line(const char *label, struct str text)
{
    if (text.len > 0)
        (void)printf("%-14s %.*s\n", label, (int)text.len, text.at);
}

/* What its holder does next: nobody else ever sees what they sign in with (case 19). */
static void put_made(const struct work *work, const struct work_result *result)
{
    const struct str user_name = work->field[FIELD_USER_NAME];
    put_line("user name", user_name);
    put_line("organisation", result->text[TEXT_ORGANISATION]);
    if (work->kind == WORK_ACCOUNT_CREATE)
        (void)printf(
            "\nThe account is asked for.  Its holder opens /enrol, gives this user name and is shown a "
            "code;\n"
            "whoever manages them enters it on the page of users, and there records the checks and admits\n"
            "the account.\n");
    else
        (void)printf(
            "\nThe account is made.  The administrator opens /enrol, gives this user name and is shown\n"
            "a code.  Then, on this machine: contactpoint account approve %.*s\n",
            (int)user_name.len, user_name.at);
}

static void put_codes(const struct work_result *result)
{
    (void)printf(
        "Give one code to each of two people; with both of them contactpoint account first makes the\n"
        "national administrator.  They are valid for 7 days, and shown this once.\n\n%.*s\n",
        (int)result->text[TEXT_CODE].len, result->text[TEXT_CODE].at);
}

typedef enum fault (*asking)(struct arena *arena, struct work *work);

static int conduct(const struct args *args, struct work *work, asking ask)
{
    const struct work_listener deaf = instance_deaf();
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    int status = 0;
    TRY(arena_open(ACCOUNT_ARENA_BYTES, &arena));
    TRY(instance_open(say_state(args), say_database(args), &instance));
    TRY(ask(arena, work));
    instance_do(instance, work, &deaf, arena, &result);
    TRY(result.fault);
    if (work->kind == WORK_ADMINISTRATOR_FIRST || work->kind == WORK_ACCOUNT_CREATE)
        put_made(work, &result);
    else if (result.text[TEXT_CODE].len > 0)
        put_codes(&result);
    else if (work->kind == WORK_ADMINISTRATOR_APPROVE)
        (void)printf("They can go on where they were shown the code.\n");
    else
        (void)printf("The account is suspended, and every session of it has ended.\n");
done:
    if (fault != FAULT_NONE)
        status = say_fault(fault, result.text[TEXT_MESSAGE]);
    instance_close(instance);
    arena_close(arena);
    return status;
}

int command_account_first(const struct args *args)
{
    struct work work = {.kind = WORK_ADMINISTRATOR_FIRST, .fd = -1};
    return conduct(args, &work, ask_first);
}

static enum fault ask_nothing(struct arena *arena, struct work *work)
{
    (void)arena, (void)work;
    return FAULT_NONE;
}

int command_account_codes(const struct args *args)
{
    struct work work = {.kind = WORK_ADMINISTRATOR_CODES, .fd = -1};
    return conduct(args, &work, ask_nothing);
}

static const struct question shown_code_question = {FIELD_CODE_ONE, "The code that they are shown at /enrol",
                                                    false};

static enum fault ask_shown_code(struct arena *arena, struct work *work)
{
    return ask_all(&shown_code_question, 1, arena, work);
}

int command_account_approve(const struct args *args)
{
    struct work work = {.kind = WORK_ADMINISTRATOR_APPROVE, .fd = -1};
    work.field[FIELD_USER_NAME] = str_of(args->plain[0]);
    return conduct(args, &work, ask_shown_code);
}

int command_account_create(const struct args *args)
{
    struct work work = {.kind = WORK_ACCOUNT_CREATE, .fd = -1};
    return conduct(args, &work, ask_create);
}

int command_account_suspend(const struct args *args)
{
    struct work work = {.kind = WORK_ACCOUNT_SUSPEND, .fd = -1};
    work.field[FIELD_USER_NAME] = str_of(args->plain[0]);
    return conduct(args, &work, ask_suspend);
}
