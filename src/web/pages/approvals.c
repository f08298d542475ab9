/* Asking to open more records, and answering who asks (R5.7). */
#include "web/pages/manage.h"

static struct str count_text(struct page *page, int64_t count)
{
    buffer_put_int(&page->words, count);
    return page_words(page);
}

void page_more(struct page *page)
{
    const struct more_view *more = page->answer->more;
    must(more != NULL);
    struct template_more form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .hour = count_text(page, more->children_per_hour),
        .day = count_text(page, more->children_per_day),
        .free = more->state != MORE_ASKED,
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (more->state == MORE_ASKED)
        form.asked = page_instant(page, more->asked);
    if (more->state == MORE_GIVEN)
        form.given = page_instant(page, more->until);
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Ask to open more records"});
    template_more(page->html, &form);
    page_end(page);
}

void page_approval(struct page *page)
{
    static const struct choice_view verdicts[] = {
        {"1", "Yes, for 1 hour"}, {"4", "Yes, for 4 hours"}, {"8", "Yes, for 8 hours"}, {"refuse", "No"}};
    enum { VERDICTS = sizeof verdicts / sizeof *verdicts };
    const struct matter_view *matter = page->answer->matter;
    must(matter != NULL);
    struct template_approval form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .state = matter->state,
        .asker = matter->asker,
        .opened = page_instant(page, matter->opened),
        .due = page_day(page, day_of_instant(matter->due)),
        .overdue = matter->overdue,
        .timeline = page_timeline(page, matter),
        .own = matter->own,
        .to_decide = matter->to_decide,
        .decide = page_matter_path(page, "/manage/approvals/", matter->matter, ""),
        .verdicts = page_choices(page, "verdict", verdicts, VERDICTS),
        .verdicts_count = VERDICTS,
        .verdict_error = page_error(page, "verdict"),
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Somebody asks to open more records"});
    template_approval(page->html, &form);
    page_end(page);
}
