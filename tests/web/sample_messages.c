/* Views of messages and of questions to a team, made by hand. */
#include "sample_views.h"

static struct id id_of(uint8_t first)
{
    return (struct id){{first, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
}

static const struct instant at = {1795000000000000};

static struct sample *add(struct samples *samples, const char *name, enum operation operation, enum role role,
                          const struct sample_texts *texts)
{
    must(samples->count < sizeof samples->at / sizeof samples->at[0]);
    struct sample *sample = &samples->at[samples->count++];
    *sample = (struct sample){.name = name, .operation = operation, .status = 200};
    sample->answer.signed_in = true;
    sample->answer.role = role;
    sample->answer.caller_name = texts->person;
    sample->answer.form_token = STR("abc123");
    sample->answer.unread = 2;
    sample->ask = (struct ask){.operation = operation, .path_ids = {id_of(7)}, .path_id_count = 1};
    return sample;
}

static void with_errors(struct samples *samples, struct sample *sample, const char *const *fields)
{
    sample->status = 422;
    sample->answer.fault = FAULT_INVALID;
    for (size_t i = 0; fields[i] != NULL; i++)
        sample->answer.errors[sample->answer.error_count++] = (struct field_error){fields[i], "Say this"};
    sample->ask.fields = samples->fields;
    sample->ask.field_count = samples->field_count;
}

static void add_questions(struct samples *samples, struct message_samples *s,
                          const struct sample_texts *texts)
{
    static const char *const wrong[] = {"text", "named", NULL};
    s->checks = (struct ask_view){.checks = true};
    s->asked = (struct ask_view){
        .asked = true, .reference = STR("7K4M-2X9Q"), .at = at, .reply_by = day_of_instant(at)};
    const struct {
        const char *name;
        enum operation operation;
        struct ask_view *view;
        bool wrong;
    } pages[] = {{"ask", OP_ask_page, &s->fresh, false},
                 {"ask-errors", OP_ask_send, &s->fresh, true},
                 {"ask-check", OP_ask_send, &s->checks, false},
                 {"ask-sent", OP_ask_page, &s->asked, false}};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct sample *sample = add(samples, pages[i].name, pages[i].operation, ROLE_practitioner, texts);
        sample->answer.child = i % 2 == 0 ? &samples->shielded : &samples->child;
        sample->answer.question = pages[i].view;
        if (pages[i].wrong)
            with_errors(samples, sample, wrong);
        sample->ask.fields = samples->fields;
        sample->ask.field_count = samples->field_count;
    }
}

static void add_messages(struct samples *samples, struct message_samples *s, const struct sample_texts *texts)
{
    static const char *const wrong[] = {"answer", "young_person", "text", NULL};
    for (int i = 0; i < 2; i++)
        s->lines[i] = (struct message_line){.message = id_of((uint8_t)(i + 1)),
                                            .title = STR("A further service is involved"),
                                            .sent = at,
                                            .unread = i == 0};
    s->several = (struct messages_view){.lines = s->lines, .count = 2, .more = true};
    s->question = (struct message_view){.message = id_of(4),
                                        .title = STR("Somebody asks to be put in touch with you"),
                                        .sent = at,
                                        .words = STR("Your local team passes on a question."),
                                        .text = texts->typed,
                                        .who = texts->person,
                                        .child = {id_of(5)},
                                        .to_answer = true};
    s->read = s->question;
    s->read.to_answer = false;
    s->read.child = (struct child_id){{{0}}};
    add(samples, "messages", OP_message_list, ROLE_practitioner, texts)->answer.messages = &s->several;
    add(samples, "messages-none", OP_message_list, ROLE_audit_reviewer, texts)->answer.messages = &s->none;
    add(samples, "message", OP_message_view, ROLE_practitioner, texts)->answer.message = &s->read;
    add(samples, "message-question", OP_message_view, ROLE_practitioner, texts)->answer.message =
        &s->question;
    struct sample *sample = add(samples, "message-errors", OP_message_answer, ROLE_practitioner, texts);
    sample->answer.message = &s->question;
    with_errors(samples, sample, wrong);
}

static void add_requests(struct samples *samples, struct message_samples *s, const struct sample_texts *texts,
                         struct matter_view *matter)
{
    static const char *const wrong[] = {"service", "pass_text", "outcome", "text", NULL};
    const struct contact_view contact = {.kind = STR("Mental health"),
                                         .organisation = texts->organisation,
                                         .person = texts->person,
                                         .job = texts->typed,
                                         .phone = STR("01632 960456"),
                                         .sensitive = true};
    s->services[0] = (struct request_service_view){.claim = id_of(1), .contact = contact};
    s->services[1] = (struct request_service_view){
        .claim = id_of(2), .contact = contact, .hindrance = STR("The consent does not reach so far.")};
    s->waits = (struct request_view){.reference = STR("7K4M-2X9Q"),
                                     .open = true,
                                     .services = s->services,
                                     .service_count = 2,
                                     .may_pass = true,
                                     .may_reach = true,
                                     .question = texts->typed,
                                     .reached = texts->typed};
    s->over = (struct request_view){.reference = STR("7K4M-2X9Q"), .question = texts->typed};
    add(samples, "requests", OP_request_list, ROLE_shielding_officer, texts)->answer.matters =
        &samples->manage.several;
    struct sample *sample = add(samples, "request", OP_request_view, ROLE_shielding_officer, texts);
    sample->answer.matter = matter;
    sample->answer.request = &s->waits;
    sample = add(samples, "request-errors", OP_request_pass, ROLE_shielding_officer, texts);
    sample->answer.matter = matter;
    sample->answer.request = &s->waits;
    with_errors(samples, sample, wrong);
    sample = add(samples, "request-over", OP_request_view, ROLE_shielding_officer, texts);
    sample->answer.matter = &samples->manage.over;
    sample->answer.request = &s->over;
}

void samples_add_messages(struct samples *samples, struct message_samples *s,
                          const struct sample_texts *texts)
{
    add_questions(samples, s, texts);
    add_messages(samples, s, texts);
    add_requests(samples, s, texts, &samples->manage.asked);
}
