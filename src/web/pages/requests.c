/* The officer's page of a question to the team (service.md, page 22). */
#include "web/pages/manage.h"

/* Those that may be asked, as radios: the first has the field's own id. */
static void fill_choices(struct page *page, const struct request_view *view, struct template_request *form)
{
    struct choice_view *choices = page_take(page, view->service_count, sizeof *choices);
    size_t count = 0;
    for (size_t i = 0; choices != NULL && i < view->service_count; i++) {
        const struct request_service_view *service = &view->services[i];
        if (service->hindrance.len > 0)
            continue;
        const struct str value = page_reference(page, service->claim);
        buffer_put(&page->words, service->contact.kind);
        buffer_put(&page->words, STR(": "));
        buffer_put(&page->words, service->contact.organisation);
        const struct str label = page_words(page);
        if (page->fault == FAULT_NONE)
            choices[count++] = (struct choice_view){value.at, label.at};
    }
    form->choices = page_choices(page, "service", choices, count);
    form->choices_count = count;
}

static void fill_services(struct page *page, const struct request_view *view, struct template_request *form)
{
    struct template_request_services *services = page_take(page, view->service_count, sizeof *services);
    for (size_t i = 0; services != NULL && i < view->service_count; i++) {
        const struct contact_view *contact = &view->services[i].contact;
        services[i] = (struct template_request_services){
            .kind = contact->kind,
            .organisation = contact->organisation,
            .person = contact->person,
            .job = contact->job,
            .phone = contact->phone,
            .tel = page_tel(page, contact->phone),
            .hindrance = view->services[i].hindrance,
        };
    }
    form->services = services;
    form->services_count = services == NULL ? 0 : view->service_count;
    form->some = view->service_count > 0;
    form->none = view->service_count == 0;
    form->may_pass = view->may_pass;
    fill_choices(page, view, form);
}

static struct str typed_or(const struct page *page, const char *field, struct str otherwise)
{
    const struct str typed = page_typed(page, field);
    return typed.at != NULL ? typed : otherwise;
}

static void fill_answer(struct page *page, const struct request_view *view, struct template_request *form)
{
    static const struct choice_view outcomes[] = {
        {"contact", "How the service may be reached"}, {"words", "Our own words"}, {"none", "No contact"}};
    enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };
    const size_t first = view->may_reach ? 0 : 1;
    form->may_reach = view->may_reach;
    form->outcomes = page_choices(page, "outcome", outcomes + first, OUTCOMES - first);
    form->outcomes_count = OUTCOMES - first;
    form->outcome_error = page_error(page, "outcome");
    form->text = typed_or(page, "text", view->reached);
    form->text_error = page_error(page, "text");
    form->service_error = page_error(page, "service");
    form->pass_text = typed_or(page, "pass_text", view->question);
    form->pass_text_error = page_error(page, "pass_text");
}

void page_request(struct page *page)
{
    const struct matter_view *matter = page->answer->matter;
    const struct request_view *view = page->answer->request;
    must(matter != NULL && view != NULL);
    struct template_request form = {
        .summary = page_summary(page),
        .identity = page_identity(page, matter->child),
        .form_token = page->answer->form_token,
        .reference = view->reference,
        .state = matter->state,
        .asker = matter->asker,
        .opened = page_instant(page, matter->opened),
        .due = page_day(page, day_of_instant(matter->due)),
        .overdue = matter->overdue,
        .question = view->question,
        .open = view->open,
        .closed_record = matter->child == NULL,
        .pass = page_matter_path(page, "/manage/requests/", matter->matter, "/pass"),
        .answer = page_matter_path(page, "/manage/requests/", matter->matter, ""),
        .timeline = page_timeline(page, matter),
    };
    fill_services(page, view, &form);
    fill_answer(page, view, &form);
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "A question to the team",
                                     .back = TEMPLATE_PATH("/manage/requests"),
                                     .back_text = "All questions"});
    template_request(page->html, &form);
    page_end(page);
}
