/* Asking for a shield, and the officer's page of one (service.md, pages 8 and 20). */
#include "web/pages/manage.h"

static struct child_id asked_child(const struct page *page)
{
    const struct ask *ask = page->request->ask;
    return (struct child_id){ask != NULL && ask->path_id_count > 0 ? ask->path_ids[0] : (struct id){{0}}};
}

static const struct template_radios_items *grounds(struct page *page)
{
    return page_choices(page, "ground", page->answer->choices, page->answer->choice_count);
}

void page_shield_new(struct page *page)
{
    struct template_shield_new form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .identity = page_identity(page, page->answer->child),
        .action = page_child_path(page, asked_child(page), "/shield"),
        .contacts = page_child_path(page, asked_child(page), ""),
        .grounds = grounds(page),
        .grounds_count = page->answer->choice_count,
        .ground_error = page_error(page, "ground"),
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Ask that this record be shielded",
                                     .back = form.contacts,
                                     .back_text = "Back"});
    template_shield_new(page->html, &form);
    page_end(page);
}

void page_override(struct page *page)
{
    struct template_override form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .identity = page_identity(page, page->answer->child),
        .action = page_child_path(page, asked_child(page), "/override"),
        .contacts = page_child_path(page, asked_child(page), ""),
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page,
               &(struct frame){.title = "Override a shield", .back = form.contacts, .back_text = "Back"});
    template_override(page->html, &form);
    page_end(page);
}

/* A place in one line: its name and telephone, or which of the answers of R1.3 stands instead. */
static struct str place_words(struct page *page, enum presence presence, const struct contact_view *place)
{
    switch (presence) {
    case PRESENCE_VALUE:
        buffer_put(&page->words, place->organisation);
        if (place->phone.len > 0) {
            buffer_put(&page->words, STR(", "));
            buffer_put(&page->words, place->phone);
        }
        return page_words(page);
    case PRESENCE_HOME:
        return STR("Educated at home");
    case PRESENCE_UNREGISTERED:
        return STR("Not registered with a practice");
    case PRESENCE_NO_ADDRESS:
        return STR("No known address");
    case PRESENCE_HIDDEN:
    case PRESENCE_NONE:
    case PRESENCE_SILENT:
        break;
    }
    return STR("None recorded");
}

static void fill_lists(struct page *page, const struct child_view *child,
                       struct template_shield_record *record)
{
    struct template_shield_record_former_names *names =
        page_take(page, child->former_name_count, sizeof *names);
    struct template_shield_record_carers *carers = page_take(page, child->carer_count, sizeof *carers);
    struct template_shield_record_services *services =
        page_take(page, child->service_count, sizeof *services);
    for (size_t i = 0; names != NULL && i < child->former_name_count; i++)
        names[i].text = child->former_names[i];
    for (size_t i = 0; carers != NULL && i < child->carer_count; i++)
        carers[i].text = child->carers[i].name;
    for (size_t i = 0; services != NULL && i < child->service_count; i++)
        services[i].text = place_words(page, PRESENCE_VALUE, &child->services[i]);
    record->former_names = names;
    record->former_names_count = names == NULL ? 0 : child->former_name_count;
    record->carers = carers;
    record->carers_count = carers == NULL ? 0 : child->carer_count;
    record->services = services;
    record->services_count = services == NULL ? 0 : child->service_count;
}

static const struct template_shield_record *record_of(struct page *page, const struct child_view *child)
{
    struct template_shield_record *record = child == NULL ? NULL : page_take(page, 1, sizeof *record);
    if (record == NULL)
        return NULL;
    record->address =
        child->address_presence == PRESENCE_VALUE ? child->address.text : STR("No known address");
    record->school = place_words(page, child->school_presence, &child->school);
    record->gp = place_words(page, child->gp_presence, &child->gp);
    record->authority = child->authority;
    if (child->sensitive_mark)
        record->sensitive = STR("One or more are involved");
    fill_lists(page, child, record);
    return record;
}

static const struct template_shield_others *others_of(struct page *page, const struct child_view *child)
{
    const struct template_identity *identity = page_identity(page, child);
    struct template_shield_others *others = identity == NULL ? NULL : page_take(page, 1, sizeof *others);
    if (others == NULL)
        return NULL;
    *others = (struct template_shield_others){
        .name = identity->name, .birth = identity->birth, .sex = identity->sex, .number = identity->number};
    return others;
}

/* What was typed, and what is wrong with it. */
static void fill_typed(struct page *page, struct template_shield_forms *forms)
{
    forms->outcome_error = page_error(page, "outcome");
    forms->answer_error = page_error(page, "answer");
    forms->ground_error = page_error(page, "ground");
    forms->text = page_typed(page, "text");
    forms->text_error = page_error(page, "text");
    forms->advice = page_typed(page, "advice");
    forms->advice_error = page_error(page, "advice");
    forms->lift_reason = page_typed(page, "lift_reason");
    forms->lift_reason_error = page_error(page, "lift_reason");
    forms->seal_reason = page_typed(page, "seal_reason");
    forms->seal_reason_error = page_error(page, "seal_reason");
    forms->number = page_typed(page, "number");
    forms->number_error = page_error(page, "number");
}

static const struct template_shield_forms *forms_of(struct page *page, const struct matter_view *matter)
{
    static const struct choice_view outcomes[] = {{"confirm", "Yes: it stays shielded"},
                                                  {"refuse", "No: ask a second person to agree"}};
    static const struct choice_view answers[] = {{"agree", "Yes, I agree"},
                                                 {"decline", "No, I do not agree"}};
    struct template_shield_forms *forms = page_take(page, 1, sizeof *forms);
    if (forms == NULL)
        return NULL;
    *forms = (struct template_shield_forms){
        .form_token = page->answer->form_token,
        .to_decide = matter->to_decide,
        .to_review = matter->to_review,
        .to_second = matter->to_second,
        .own = matter->own,
        .wanted = matter->wanted,
        .decide = page_matter_path(page, "/manage/shields/", matter->matter, ""),
        .review = page_matter_path(page, "/manage/shields/", matter->matter, "/review"),
        .lift = page_matter_path(page, "/manage/shields/", matter->matter, "/lift"),
        .second = page_matter_path(page, "/manage/shields/", matter->matter, "/second"),
        .seal = page_matter_path(page, "/manage/shields/", matter->matter, "/seal"),
        .grounds = grounds(page),
        .grounds_count = page->answer->choice_count,
        .outcomes = page_choices(page, "outcome", outcomes, 2),
        .outcomes_count = 2,
        .answers = page_choices(page, "answer", answers, 2),
        .answers_count = 2,
    };
    fill_typed(page, forms);
    return forms;
}

void page_shield(struct page *page)
{
    const struct matter_view *matter = page->answer->matter;
    must(matter != NULL);
    struct template_shield form = {
        .summary = page_summary(page),
        .identity = page_identity(page, matter->child),
        .state = matter->state,
        .asker = matter->asker,
        .opened = page_instant(page, matter->opened),
        .due = page_day(page, day_of_instant(matter->due)),
        .overdue = matter->overdue,
        .record = record_of(page, matter->child),
        .others = others_of(page, matter->others),
        .timeline = page_timeline(page, matter),
        .forms = forms_of(page, matter),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Shield"});
    template_shield(page->html, &form);
    page_end(page);
}
