#include "web/pages/manage.h"

/* The child of the request's path: the first id. */
static struct child_id asked_child(const struct page *page)
{
    const struct ask *ask = page->request->ask;
    return (struct child_id){ask != NULL && ask->path_id_count > 0 ? ask->path_ids[0] : (struct id){{0}}};
}

static const struct template_identity *known_identity(struct page *page)
{
    const struct answer *answer = page->answer;
    const struct child_view *child = answer->child;
    if (answer->involvement != NULL)
        child = &answer->involvement->child;
    return page_identity(page, child);
}

void page_reason(struct page *page)
{
    size_t reasons;
    const struct template_radios_items *items = page_reasons(page, &reasons);
    struct template_reason form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .action = page_child_path(page, asked_child(page), "/reason"),
        .reason_error = page_error(page, "reason"),
        .reasons = items,
        .reasons_count = reasons,
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Why are you opening this record?"});
    template_reason(page->html, &form);
    page_end(page);
}

/* What was typed; before anything was, what is known of the caller already, so that nobody is asked twice. */
static struct str typed_or(const struct page *page, const char *field, struct str known)
{
    return page->request->operation == OP_involvement_record ? page_typed(page, field) : known;
}

/* Kinds that can be recorded here: sensitive ones by those whose organisation may (R3.5), with consent
 * (R8.1).
 */
static const struct template_select_items *kinds(struct page *page, struct str known, size_t *ret_count)
{
    const struct involvement_view *view = page->answer->involvement;
    bool sensitive_too = view != NULL && view->offers_sensitive;
    struct template_select_items *items = page_take(page, SERVICES_END, sizeof *items);
    struct str typed = typed_or(page, "kind", known);
    size_t count = 0;
    *ret_count = 0;
    if (items == NULL)
        return NULL;
    items[count++].text = STR("Choose one");
    for (int i = 1; i < SERVICES_END; i++) {
        enum service_kind kind = (enum service_kind)i;
        if (policy_service_sensitive(kind) && !sensitive_too)
            continue;
        items[count++] = (struct template_select_items){
            .value = str_of(policy_service_name(kind)),
            .text = str_of(policy_service_label(kind)),
            .selected = str_equal(typed, str_of(policy_service_name(kind))),
        };
    }
    *ret_count = count;
    return items;
}

static void page_consent(struct page *page)
{
    const struct consent_choices *ask = page->answer->involvement->consent;
    must(ask != NULL);
    const struct template_involvement_consent form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .identity = known_identity(page),
        .action = page_child_path(page, asked_child(page), "/involvements/new"),
        .contacts = page_child_path(page, asked_child(page), ""),
        .kind = page_typed(page, "kind"),
        .service = page_typed(page, "service"),
        .job = page_typed(page, "job"),
        .phone = page_typed(page, "phone"),
        .email = page_typed(page, "email"),
        .from_day = page_typed(page, "from_day"),
        .from_month = page_typed(page, "from_month"),
        .from_year = page_typed(page, "from_year"),
        .givers = page_choices(page, "consent_giver", ask->givers, ask->giver_count),
        .givers_count = ask->giver_count,
        .giver_error = page_error(page, "consent_giver"),
        .name = page_typed(page, "consent_name"),
        .name_error = page_error(page, "consent_name"),
        .given = page_date(page, "agreed"),
        .given_count = 3,
        .given_error = page_date_error(page, "agreed"),
        .ways = page_choices(page, "consent_way", ask->ways, ask->way_count),
        .ways_count = ask->way_count,
        .way_error = page_error(page, "consent_way"),
        .because = page_typed(page, "consent_because"),
        .because_error = page_error(page, "consent_because"),
        .scopes = page_choices(page, "consent_scope", ask->scopes, ask->scope_count),
        .scopes_count = ask->scope_count,
        .scope_error = page_error(page, "consent_scope"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){
                         .title = "Who has agreed to this?", .back = form.contacts, .back_text = "Back"});
    template_involvement_consent(page->html, &form);
    page_end(page);
}

void page_involvement_new(struct page *page)
{
    static const struct contact_view unknown;
    const struct involvement_view *view = page->answer->involvement;
    const struct contact_view *known = view != NULL ? &view->contact : &unknown;
    size_t kind_count;
    const struct template_select_items *kind_items = kinds(page, known->kind, &kind_count);
    struct template_involvement_new form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .identity = known_identity(page),
        .action = page_child_path(page, asked_child(page), "/involvements/new"),
        .contacts = page_child_path(page, asked_child(page), ""),
        .service = typed_or(page, "service", known->organisation),
        .service_error = page_error(page, "service"),
        .kinds = kind_items,
        .kinds_count = kind_count,
        .kind_error = page_error(page, "kind"),
        .job = typed_or(page, "job", known->job),
        .job_error = page_error(page, "job"),
        .phone = typed_or(page, "phone", known->phone),
        .phone_error = page_error(page, "phone"),
        .email = typed_or(page, "email", known->email),
        .email_error = page_error(page, "email"),
        .from = page_date(page, "from"),
        .from_count = 3,
        .from_error = page_date_error(page, "from"),
    };
    if (page->fault != FAULT_NONE)
        return;
    if (view != NULL && view->consent != NULL) {
        page_consent(page);
        return;
    }
    page_begin(page, &(struct frame){.title = "Record that you work with this child",
                                     .back = form.contacts,
                                     .back_text = "Back"});
    template_involvement_new(page->html, &form);
    page_end(page);
}

void page_involvement(struct page *page)
{
    const struct involvement_view *view = page->answer->involvement;
    const struct ask *ask = page->request->ask;
    struct claim_id claim = {ask != NULL && ask->path_id_count > 1 ? ask->path_ids[1] : (struct id){{0}}};
    struct template_involvement form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .identity = known_identity(page),
        .action = page_involvement_path(page, asked_child(page), claim),
        .contacts = page_child_path(page, asked_child(page), ""),
        .to = page_date(page, "to"),
        .to_count = 3,
        .to_error = page_date_error(page, "to"),
        .known = view != NULL,
    };
    if (view != NULL) {
        form.kind = view->contact.kind;
        form.organisation = view->contact.organisation;
        form.person = view->contact.person;
        form.job = view->contact.job;
        form.phone = view->contact.phone;
        form.email = view->contact.email;
        form.since = page_day(page, view->contact.from);
        form.until = page_day(page, view->contact.to);
        form.sensitive = view->contact.sensitive;
        form.withdraw = page_consent_path(page, asked_child(page), claim);
    }
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page,
               &(struct frame){.title = "Your involvement", .back = form.contacts, .back_text = "Back"});
    template_involvement(page->html, &form);
    page_end(page);
}
