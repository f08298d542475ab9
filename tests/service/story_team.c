/* The steps of a story in which somebody asks the team, and a hidden service answers (R8). */
#include "story.h"

static void ask(struct story *story, enum operation operation, struct id id, const char *const *fields)
{
    story->answer = house_ask(
        &story->seat,
        &(struct request){.operation = operation, .path_ids = {id}, .path_id_count = 1, .fields = fields});
}

/* consent KIND SERVICE to mark|contact: one's own sensitive involvement, which the child has agreed to */
void story_act_consent(struct story *story)
{
    const char *kind = story_take_text(story), *service = story_take_text(story);
    if (!story_accept(story, "to"))
        STORY_FAIL(story, "consent to mark, or to contact");
    const char *scope = story_take_text(story);
    ask(story, OP_involvement_record, story->child.id,
        FIELDS("kind", kind, "service", service, "job", "Practitioner", "phone", "01632 960456", "from_day",
               "1", "from_month", "10", "from_year", "2026", "consent", "asked", "consent_giver", "child",
               "consent_name", "Themselves", "agreed_day", "1", "agreed_month", "10", "agreed_year", "2026",
               "consent_way", "person", "consent_because", "Explained back what it means", "consent_scope",
               scope));
}

/* withdraw SERVICE: the consent to one's own is taken back */
void story_act_withdraw(struct story *story)
{
    const struct str service = story_take(story);
    struct claim_id claim = {{{0}}};
    const struct answer *page = house_view(&story->seat, story->child);
    for (size_t i = 0; page->child != NULL && i < page->child->service_count; i++)
        if (page->child->services[i].own && str_equal(page->child->services[i].organisation, service))
            claim = page->child->services[i].claim;
    story->mark = house_entries(story->house);
    story->answer = house_ask(&story->seat, &(struct request){.operation = OP_consent_withdraw,
                                                              .path_ids = {story->child.id, claim.id},
                                                              .path_id_count = 2});
}

/* question TEXT: to the team, about the child, without saying who asks */
void story_act_question(struct story *story)
{
    ask(story, OP_ask_send, story->child.id,
        FIELDS("text", story_take_text(story), "named", "no", "sure", "yes"));
}

/* The only one that waits. */
static struct id only(struct story *story)
{
    const struct answer *answer = house_ask(&story->seat, &(struct request){.operation = OP_request_list});
    if (answer->matters == NULL || answer->matters->count != 1)
        STORY_FAIL(story, "one question should wait, %zu do",
                   answer->matters == NULL ? 0 : answer->matters->count);
    return answer->matters->lines[0].matter;
}

/* team passes TEXT: to the first service that may be asked; team answers contact|words|none TEXT */
void story_act_team(struct story *story)
{
    const struct id matter = only(story);
    if (story_accept(story, "passes")) {
        const struct answer *page = house_ask(
            &story->seat,
            &(struct request){.operation = OP_request_view, .path_ids = {matter}, .path_id_count = 1});
        if (page->request == NULL || !page->request->may_pass)
            STORY_FAIL(story, "no service may be asked");
        struct buffer text = buffer_open(64);
        struct str id;
        id_put(&text, page->request->services[0].claim);
        buffer_put_char(&text, '\0');
        assert_int_equal(arena_copy(story->house->arena, buffer_str(&text), &id), FAULT_NONE);
        buffer_close(&text);
        story->mark = house_entries(story->house);
        ask(story, OP_request_pass, matter, FIELDS("service", id.at, "pass_text", story_take_text(story)));
        return;
    }
    if (!story_accept(story, "answers"))
        STORY_FAIL(story, "the team passes or answers");
    const char *outcome = story_take_text(story);
    story->mark = house_entries(story->house);
    ask(story, OP_request_answer, matter, FIELDS("outcome", outcome, "text", story_take_text(story)));
}

static const struct message_view *newest(struct story *story)
{
    const struct answer *list = house_ask(&story->seat, &(struct request){.operation = OP_message_list});
    if (list->messages == NULL || list->messages->count == 0)
        STORY_FAIL(story, "there is no message");
    const struct id id = list->messages->lines[0].message;
    const struct answer *answer = house_ask(
        &story->seat, &(struct request){.operation = OP_message_view, .path_ids = {id}, .path_id_count = 1});
    if (answer->message == NULL)
        STORY_FAIL(story, "the message does not open: %s", fault_name(answer->fault));
    return answer->message;
}

/* reply contact|none by agreed|declined|not_asked TEXT: to the newest message */
void story_act_reply(struct story *story)
{
    const struct id message = newest(story)->message;
    const char *answer = story_take_text(story);
    if (!story_accept(story, "by"))
        STORY_FAIL(story, "what does the young person say?");
    const char *young_person = story_take_text(story);
    story->mark = house_entries(story->house);
    ask(story, OP_message_answer, message,
        FIELDS("answer", answer, "young_person", young_person, "text", story_take_text(story)));
}

void story_expect_message(struct story *story)
{
    const struct message_view *message = newest(story);
    const struct str wanted = story_take(story);
    if (!str_equal(message->text, wanted))
        STORY_FAIL(story, "it says \"%.*s\"", (int)message->text.len, message->text.at);
}

void story_expect_messages(struct story *story)
{
    const struct answer *list = house_ask(&story->seat, &(struct request){.operation = OP_message_list});
    const int64_t wanted = story_take_number(story);
    if (list->messages == NULL || (int64_t)list->messages->count != wanted)
        STORY_FAIL(story, "there are %zu messages", list->messages == NULL ? 0 : list->messages->count);
}

void story_expect_sensitive(struct story *story)
{
    const bool none = story_accept(story, "none");
    if (story->view == NULL || story->view->sensitive_mark == none)
        STORY_FAIL(story, "the line about sensitive services is %s", none ? "there" : "not there");
}
