/* Steps of those who manage accounts: tests/stories/README.md. */
#include <stdio.h>

#include "story.h"

enum { FIELDS_MAX = 12, VERSION_BYTES_MAX = 32 };

struct staff_form {
    const char *words[FIELDS_MAX];
    size_t count;
    char version[VERSION_BYTES_MAX];
};

static void put(struct staff_form *form, const char *name, const char *value)
{
    assert_true(form->count + 2 < FIELDS_MAX); /* NULL stands behind the last */
    form->words[form->count++] = name;
    form->words[form->count++] = value;
}

/* The version that the account's page has now, as its forms do; nothing where it is not shown. */
static void put_version(const struct story *story, struct account_id user, struct staff_form *form)
{
    const struct request view = {.operation = OP_user_view, .path_ids = {user.id}, .path_id_count = 1};
    const struct answer *answer = house_ask(&story->seat, &view);
    if (answer->user == NULL)
        return;
    (void)snprintf(form->version, sizeof form->version, "%d", (int)answer->user->account.version);
    put(form, "version", form->version);
}

static void ask(struct story *story, enum operation operation, struct account_id user,
                struct staff_form *form)
{
    const struct request request = {
        .operation = operation, .path_ids = {user.id}, .path_id_count = 1, .fields = form->words};
    story->mark = house_entries(story->house);
    story->answer = house_ask(&story->seat, &request);
}

static void close_account(struct story *story, struct account_id user, struct staff_form *form)
{
    if (story_accept(story, "saying"))
        put(form, "close_why", story_take_text(story));
    if (story_accept(story, "ending"))
        put(form, "involvements", "end");
    else if (story_accept(story, "for")) {
        put(form, "involvements", "hand_over");
        put(form, "heir", story_take_text(story));
    }
    ask(story, OP_user_close, user, form);
}

void story_act_manager(struct story *story)
{
    const char *verb = story_take_text(story);
    const struct account_id user = house_staff(story->house, story_take_text(story))->account;
    struct staff_form form = {.count = 0};
    put_version(story, user, &form);
    if (strcmp(verb, "suspends") == 0) {
        if (story_accept(story, "saying"))
            put(&form, "suspend_why", story_take_text(story));
        ask(story, OP_user_suspend, user, &form);
    } else if (strcmp(verb, "reinstates") == 0)
        ask(story, OP_user_reinstate, user, &form);
    else if (strcmp(verb, "closes") == 0)
        close_account(story, user, &form);
    else
        STORY_FAIL(story, "the manager suspends, reinstates or closes");
}
