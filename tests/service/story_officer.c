/* The steps of a story that ask for a shield, override one, and work on what waits for a team. */
#include "story.h"

enum { WORDS_MAX = 12 };

/* A form of few fields. */
struct few {
    const char *words[WORDS_MAX + 1];
    size_t count;
};

static void put(struct few *form, const char *field, const char *text)
{
    assert_true(form->count + 2 <= WORDS_MAX);
    form->words[form->count++] = field;
    form->words[form->count++] = text;
}

static void put_saying(struct story *story, struct few *form, const char *field)
{
    if (story_accept(story, "saying"))
        put(form, field, story_take_text(story));
}

static void ask(struct story *story, enum operation operation, struct id id, const struct few *form)
{
    story->answer =
        house_ask(&story->seat,
                  &(struct request){
                      .operation = operation, .path_ids = {id}, .path_id_count = 1, .fields = form->words});
}

void story_act_request(struct story *story)
{
    struct few form = {.count = 0};
    put(&form, "ground", story_take_text(story));
    put_saying(story, &form, "text");
    ask(story, OP_shield_request, story->child.id, &form);
}

void story_act_override(struct story *story)
{
    struct few form = {.count = 0};
    put_saying(story, &form, "text");
    ask(story, OP_shield_override, story->child.id, &form);
}

/* The only one that waits. */
static struct id only(struct story *story, enum operation list)
{
    const struct answer *answer = house_ask(&story->seat, &(struct request){.operation = list});
    if (answer->matters == NULL || answer->matters->count != 1)
        STORY_FAIL(story, "one matter should wait, %zu do",
                   answer->matters == NULL ? 0 : answer->matters->count);
    story->mark = house_entries(story->house);
    return answer->matters->lines[0].matter;
}

/* decide confirm GROUND saying TEXT taking ADVICE; decide refuse saying TEXT */
static void decide_shield(struct story *story)
{
    struct few form = {.count = 0};
    const struct id matter = only(story, OP_shield_list);
    put(&form, "outcome", story_take_text(story));
    if (!story_is_over(story) && strcmp(form.words[1], "confirm") == 0)
        put(&form, "ground", story_take_text(story));
    put_saying(story, &form, "text");
    if (story_accept(story, "taking"))
        put(&form, "advice", story_take_text(story));
    ask(story, OP_shield_decide, matter, &form);
}

static void lift(struct story *story)
{
    struct few form = {.count = 0};
    const struct id matter = only(story, OP_shield_list);
    put_saying(story, &form, "lift_reason");
    ask(story, OP_shield_lift, matter, &form);
}

static void second(struct story *story, const char *answer)
{
    struct few form = {.count = 0};
    const struct id matter = only(story, OP_shield_list);
    put(&form, "answer", answer);
    put_saying(story, &form, "text");
    ask(story, OP_shield_second, matter, &form);
}

static void explain(struct story *story)
{
    struct few form = {.count = 0};
    const struct id matter = only(story, OP_override_list);
    put(&form, "outcome", story_take_text(story));
    put_saying(story, &form, "text");
    ask(story, OP_override_decide, matter, &form);
}

void story_act_officer(struct story *story)
{
    if (story_accept(story, "decides"))
        decide_shield(story);
    else if (story_accept(story, "lifts"))
        lift(story);
    else if (story_accept(story, "agrees"))
        second(story, "agree");
    else if (story_accept(story, "declines"))
        second(story, "decline");
    else if (story_accept(story, "closes"))
        explain(story);
    else
        STORY_FAIL(story, "the officer decides, lifts, agrees, declines or closes");
}
