/* Asking the team about a child (service.md, page 10). */
#include "web/pages/manage.h"

static const struct choice_view named[] = {{"yes", "Yes"}, {"no", "No: say only that a practitioner asks"}};
enum { NAMED = sizeof named / sizeof *named };

static struct child_id asked_child(const struct page *page)
{
    const struct ask *ask = page->request->ask;
    return (struct child_id){ask != NULL && ask->path_id_count > 0 ? ask->path_ids[0] : (struct id){{0}}};
}

void page_ask(struct page *page)
{
    const struct ask_view *question = page->answer->question;
    must(question != NULL);
    const bool says_who = str_equal(page_typed(page, "named"), STR("yes"));
    struct template_ask form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .identity = page_identity(page, page->answer->child),
        .action = page_child_path(page, asked_child(page), "/ask"),
        .contacts = page_child_path(page, asked_child(page), ""),
        .form = !question->asked && !question->checks,
        .checks = question->checks,
        .asked = question->asked,
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
        .named = page_choices(page, "named", named, NAMED),
        .named_count = NAMED,
        .named_error = page_error(page, "named"),
        .named_value = says_who ? STR("yes") : STR("no"),
        .named_words = says_who ? STR("Your name, work and telephone number may be told")
                                : STR("Only that a practitioner asks"),
        .reference = question->reference,
        .at = page_instant(page, question->at),
        .reply_by = page_day(page, question->reply_by),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = question->asked    ? "Your question has been sent"
                                              : question->checks ? "Check your question"
                                                                 : "Ask your local team",
                                     .back = form.contacts,
                                     .back_text = "Back"});
    template_ask(page->html, &form);
    page_end(page);
}
