/* Alarms that are nobody's case (R17.7): the list, and one of them. */
#include "web/pages/manage.h"

void page_alarms(struct page *page)
{
    const struct alarms_view *view = page->answer->alarms;
    must(view != NULL);
    struct template_matters_rows *rows = page_take(page, view->count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->count; i++) {
        const struct alarm_line *line = &view->lines[i];
        rows[i] = (struct template_matters_rows){
            .label = line->title,
            .href = page_matter_path(page, "/manage/alarms/", line->alarm, ""),
            .who = line->addressed,
            .opened = page_instant(page, line->raised),
            .age = page_time_since(page, line->age_minutes),
            .due = page_instant(page, line->due),
            .overdue = line->overdue,
        };
    }
    page_waiting(page,
                 &(struct matters_words){.heading = "Alarms",
                                         .explain =
                                             "What was noticed and is nobody's case yet. Each is looked "
                                             "into, and closed with what was found out.",
                                         .none = "No alarm waits.",
                                         .subject = "Alarm",
                                         .whose = "For"},
                 &(struct waiting_rows){rows, view->count, view->more});
}

void page_alarm(struct page *page)
{
    const struct alarm_view *view = page->answer->alarm;
    must(view != NULL);
    struct step_view finding = view->finding;
    const struct matter_view steps = {.steps = &finding, .step_count = finding.at.us != 0 ? 1 : 0};
    struct template_alarm form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .title = view->line.title,
        .words = view->words,
        .raised = page_instant(page, view->line.raised),
        .due = page_instant(page, view->line.due),
        .overdue = view->line.overdue,
        .addressed = view->line.addressed,
        .person = view->person,
        .user_name = view->user_name,
        .job = view->job,
        .organisation = view->organisation,
        .account_state = view->state,
        .closed = view->closed,
        .timeline = page_timeline(page, &steps),
        .to_close = !view->closed,
        .close = page_matter_path(page, "/manage/alarms/", view->line.alarm, ""),
        .outcomes = page_choices(page, "outcome", page->answer->choices, page->answer->choice_count),
        .outcomes_count = page->answer->choice_count,
        .outcome_error = page_error(page, "outcome"),
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "An alarm"});
    template_alarm(page->html, &form);
    page_end(page);
}
