/* One's own messages (service.md, page 17). */
#include "web/pages/manage.h"

void page_messages(struct page *page)
{
    const struct messages_view *view = page->answer->messages;
    must(view != NULL);
    struct template_messages_rows *rows = page_take(page, view->count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->count; i++)
        rows[i] = (struct template_messages_rows){
            .href = page_matter_path(page, "/messages/", view->lines[i].message, ""),
            .title = view->lines[i].title,
            .sent = page_instant(page, view->lines[i].sent),
            .unread = view->lines[i].unread,
        };
    struct template_messages form = {.none = view->count == 0,
                                     .some = view->count > 0,
                                     .more = view->more,
                                     .rows = rows,
                                     .rows_count = rows == NULL ? 0 : view->count};
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Messages"});
    template_messages(page->html, &form);
    page_end(page);
}

void page_message(struct page *page)
{
    static const struct choice_view answers[] = {{"contact", "Yes, as I say below"}, {"none", "No contact"}};
    static const struct choice_view asked[] = {{"agreed", "Yes, and they agree"},
                                               {"declined", "Yes, and they do not want it"},
                                               {"not_asked", "They could not be asked"}};
    enum { ANSWERS = sizeof answers / sizeof *answers, ASKED = sizeof asked / sizeof *asked };
    const struct message_view *view = page->answer->message;
    must(view != NULL);
    struct template_message form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .title = view->title,
        .sent = page_instant(page, view->sent),
        .words = view->words,
        .text = view->text,
        .who = view->who,
        .to_answer = view->to_answer,
        .action = page_matter_path(page, "/messages/", view->message, ""),
        .answers = page_choices(page, "answer", answers, ANSWERS),
        .answers_count = ANSWERS,
        .answer_error = page_error(page, "answer"),
        .young_person = page_choices(page, "young_person", asked, ASKED),
        .young_person_count = ASKED,
        .young_person_error = page_error(page, "young_person"),
        .reply = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (!id_is_zero(view->child.id))
        form.record = page_child_path(page, view->child, "");
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){
                         .title = "Message", .back = TEMPLATE_PATH("/messages"), .back_text = "Messages"});
    template_message(page->html, &form);
    page_end(page);
}
