/* Page 30: organisations, reasons and policy, for the national administrator. */
#include "web/pages/staff_parts.h"

static const struct {
    const char *value;
    const char *text;
} shows[] = {{"", "All"}, {"attention", "Wanting attention"}, {"suspended", "Suspended or run out"}};
enum { SHOWS = sizeof shows / sizeof shows[0] };

static const struct template_select_items *show_choices(struct page *page)
{
    struct template_select_items *items = page_take(page, SHOWS, sizeof *items);
    struct str typed = page_typed(page, "show");
    for (size_t i = 0; items != NULL && i < SHOWS; i++)
        items[i] = (struct template_select_items){.value = str_of(shows[i].value),
                                                  .text = str_of(shows[i].text),
                                                  .selected = str_equal(typed, str_of(shows[i].value))};
    return items;
}

static struct str accounts_words(struct page *page, const struct organisation_row *row)
{
    buffer_put_int(&page->words, row->accounts);
    buffer_put(&page->words, STR(" of "));
    buffer_put_int(&page->words, row->organisation.users_max);
    return page_words(page);
}

/* R3.7: users against staff. */
static struct str share_words(struct page *page, const struct organisation_row *row)
{
    if (row->organisation.staff == 0)
        return (struct str){NULL, 0};
    const int64_t staff = row->organisation.staff;
    buffer_put_int(&page->words, ((int64_t)row->accounts * 100 + staff / 2) / staff);
    buffer_put(&page->words, STR(" %"));
    return page_words(page);
}

static void put_row(struct page *page, const struct organisation_row *row,
                    struct template_organisations_rows *ret_row)
{
    struct state_words state = staff_organisation(page, row);
    bool full = row->accounts >= row->organisation.users_max;
    *ret_row = (struct template_organisations_rows){
        .href = staff_organisation_path(page, row->organisation.organisation),
        .name = row->organisation.name,
        .area = row->area,
        .accounts = accounts_words(page, row),
        .staff =
            row->organisation.staff == 0 ? STR("Not known") : staff_number(page, row->organisation.staff),
        .share = share_words(page, row),
        .until = page_day(page, row->organisation.accredited_until),
        .status = state.text,
        .status_classes = state.classes,
        .note = full ? STR("No account is left") : STR("")};
}

static struct str total_words(struct page *page, int64_t total)
{
    buffer_put_int(&page->words, total);
    buffer_put(&page->words,
               total == 1 ? STR(" organisation uses the index.") : STR(" organisations use the index."));
    return page_words(page);
}

void page_organisations(struct page *page)
{
    const struct organisations_view *view = page->answer->organisations;
    if (view == NULL) {
        page_error_page(page);
        return;
    }
    struct template_organisations_rows *rows = page_take(page, view->count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->count; i++)
        put_row(page, &view->rows[i], &rows[i]);
    struct template_organisations form = {
        .form_token = page->answer->form_token,
        .total = total_words(page, view->total),
        .name = page_typed(page, "name"),
        .shows = show_choices(page),
        .shows_count = SHOWS,
        .filtered = view->filtered,
        .some = view->count > 0,
        .left_out = staff_left_out(page, view->left_out),
        .rows = rows,
        .rows_count = view->count,
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Organisations"});
    template_organisations(page->html, &form);
    page_end(page);
}

/* What was typed; before a form was sent, what is known. */
static struct str typed_or(const struct page *page, const char *field, struct str known)
{
    return page->answer->error_count > 0 ? page_typed(page, field) : known;
}

static const struct template_select_items *authorities(struct page *page, struct str known, size_t *ret_count)
{
    size_t count = page->answer->authority_count;
    const struct authority_view *all = page->answer->authorities;
    struct template_select_items *items = page_take(page, count + 1, sizeof *items);
    struct str chosen = typed_or(page, "authority", known);
    *ret_count = 0;
    if (items == NULL)
        return NULL;
    items[0].text = STR("Choose");
    for (size_t i = 0; i < count; i++)
        items[i + 1] = (struct template_select_items){
            .value = all[i].code, .text = all[i].name, .selected = str_equal(chosen, all[i].code)};
    *ret_count = count + 1;
    return items;
}

static const struct template_select_items *bodies(struct page *page, enum body known, size_t *ret_count)
{
    static const struct {
        enum body body;
        const char *text;
    } all[] = {{BODY_HEALTH, "Health"},           {BODY_EDUCATION, "Education"},
               {BODY_BENEFITS, "Benefits"},       {BODY_JUSTICE, "Youth justice"},
               {BODY_SOCIAL_CARE, "Social care"}, {BODY_OTHER, "Another"}};
    enum { COUNT = sizeof all / sizeof all[0] };
    struct template_select_items *items = page_take(page, COUNT + 1, sizeof *items);
    struct str chosen = typed_or(page, "body", known == 0 ? STR("") : str_of(policy_body_name(known)));
    *ret_count = 0;
    if (items == NULL)
        return NULL;
    items[0].text = STR("Choose");
    for (size_t i = 0; i < COUNT; i++) {
        struct str name = str_of(policy_body_name(all[i].body));
        items[i + 1] = (struct template_select_items){
            .value = name, .text = str_of(all[i].text), .selected = str_equal(chosen, name)};
    }
    *ret_count = COUNT + 1;
    return items;
}

static const struct template_select_items *services(struct page *page, enum service_kind known,
                                                    size_t *ret_count)
{
    struct template_select_items *items = page_take(page, SERVICES_END, sizeof *items);
    struct str name = known == SERVICE_NONE ? STR("") : str_of(policy_service_name(known));
    struct str chosen = typed_or(page, "service_kind", name);
    *ret_count = 0;
    if (items == NULL)
        return NULL;
    items[0].text = STR("None of these");
    for (int kind = 1; kind < SERVICES_END; kind++) {
        struct str value = str_of(policy_service_name((enum service_kind)kind));
        items[kind] =
            (struct template_select_items){.value = value,
                                           .text = str_of(policy_service_label((enum service_kind)kind)),
                                           .selected = str_equal(chosen, value)};
    }
    *ret_count = SERVICES_END;
    return items;
}

static const struct template_organisation_capability_choices *capabilities(struct page *page, uint32_t known)
{
    struct template_organisation_capability_choices *rows = page_take(page, CAPABILITIES_END, sizeof *rows);
    for (int capability = 1; rows != NULL && capability < CAPABILITIES_END; capability++) {
        struct tick tick = {.prefix = "capability_",
                            .name = str_of(policy_capability_name((enum capability)capability)),
                            .label = str_of(policy_capability_label((enum capability)capability))};
        tick.checked = staff_is_ticked(page, &tick, (known >> capability & 1) != 0);
        rows[capability - 1] =
            (struct template_organisation_capability_choices){.id = staff_tick_name(page, &tick),
                                                              .name = staff_tick_name(page, &tick),
                                                              .items = staff_tick_items(page, &tick),
                                                              .items_count = 1};
    }
    return rows;
}

/* The boxes of the day until which it is accredited: what is known stands in them. */
static const struct template_date_input_items *until_boxes(struct page *page, struct day known)
{
    const struct template_date_input_items *boxes = page_date(page, "until");
    struct template_date_input_items *filled = page_take(page, 3, sizeof *filled);
    if (boxes == NULL || filled == NULL || page->answer->error_count > 0 || known.precision != DAY_EXACT)
        return boxes;
    memcpy(filled, boxes, 3 * sizeof *filled);
    filled[0].value = staff_number(page, known.day);
    filled[1].value = staff_number(page, known.month);
    filled[2].value = staff_number(page, known.year);
    return filled;
}

static const struct template_organisation_users *users(struct page *page, const struct users_view *view)
{
    struct template_organisation_users *rows = page_take(page, view->count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->count; i++) {
        struct state_words state = staff_standing(&view->rows[i]);
        rows[i] =
            (struct template_organisation_users){.href = staff_user_path(page, view->rows[i].account, ""),
                                                 .name = view->rows[i].full_name,
                                                 .user_name = view->rows[i].user_name,
                                                 .roles = view->rows[i].roles,
                                                 .status = state.text,
                                                 .status_classes = state.classes};
    }
    return rows;
}

static const struct template_organisation_role_choices *roles(struct page *page,
                                                              const struct organisation_view *view)
{
    struct template_organisation_role_choices *rows = page_take(page, view->offered_count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->offered_count; i++) {
        struct tick tick = {.prefix = "role_",
                            .name = str_of(policy_role_name(view->offered[i])),
                            .label = str_of(policy_role_label(view->offered[i]))};
        rows[i] = (struct template_organisation_role_choices){.id = staff_tick_name(page, &tick),
                                                              .name = staff_tick_name(page, &tick),
                                                              .items = staff_tick_items(page, &tick),
                                                              .items_count = 1};
    }
    return rows;
}

static const struct template_checkboxes_items *suspended(struct page *page, bool known)
{
    struct template_checkboxes_items *items = page_take(page, 1, sizeof *items);
    bool typed = str_equal(page_typed(page, "suspended"), STR("yes"));
    if (items != NULL)
        items[0] = (struct template_checkboxes_items){
            .id = STR("suspended"),
            .value = STR("yes"),
            .text = STR("Suspended: its people are refused from their next request on"),
            .checked = page->answer->error_count > 0 ? typed : known};
    return items;
}

static void put_texts(struct page *page, const struct organisation *known, struct template_organisation *form)
{
    form->name = typed_or(page, "name", known->name);
    form->name_error = page_error(page, "name");
    form->phone = typed_or(page, "phone", known->phone);
    form->phone_error = page_error(page, "phone");
    form->authorities = authorities(page, known->authority, &form->authorities_count);
    form->authority_error = page_error(page, "authority");
    form->bodies = bodies(page, known->body, &form->bodies_count);
    form->body_error = page_error(page, "body");
    form->services = services(page, known->service, &form->services_count);
    form->service_error = page_error(page, "service_kind");
    form->capability_choices = capabilities(page, known->capabilities);
    form->capability_choices_count = CAPABILITIES_END - 1;
    form->capabilities_error = page_error(page, "capabilities");
    form->until = until_boxes(page, known->accredited_until);
    form->until_count = 3;
    form->until_error = page_date_error(page, "until");
    form->users_max = typed_or(page, "users_max", staff_number(page, known->users_max));
    form->users_max_error = page_error(page, "users_max");
    form->staff = typed_or(page, "staff", known->staff == 0 ? STR("") : staff_number(page, known->staff));
    form->staff_error = page_error(page, "staff");
}

static void put_known(struct page *page, const struct organisation_view *view,
                      struct template_organisation *form)
{
    const struct organisation *known = &view->row.organisation;
    struct state_words state = staff_organisation(page, &view->row);
    form->heading = known->name;
    form->action = staff_organisation_path(page, known->organisation);
    form->version = staff_number(page, known->version);
    form->status = state.text;
    form->status_classes = state.classes;
    form->explanation = state.explanation;
    form->suspended = suspended(page, known->suspended);
    form->suspended_count = 1;
    form->room = staff_room(page, view->row.accounts, known->users_max);
    form->some = view->users.count > 0;
    form->users = users(page, &view->users);
    form->users_count = view->users.count;
    form->organisation_id = page_reference(page, known->organisation.id);
    form->role_choices = roles(page, view);
    form->role_choices_count = view->offered_count;
}

void page_organisation(struct page *page)
{
    const struct organisation_view *view = page->answer->organisation;
    if (view == NULL) {
        page_error_page(page);
        return;
    }
    struct template_organisation form = {.form_token = page->answer->form_token,
                                         .summary = page_summary(page),
                                         .heading = STR("Add an organisation"),
                                         .action = TEMPLATE_PATH("/admin/organisations/new"),
                                         .known = !id_is_zero(view->row.organisation.organisation.id)};
    struct organisation known = view->row.organisation;
    if (!form.known)
        known.users_max = ORGANISATION_USERS_USUAL;
    put_texts(page, &known, &form);
    if (form.known)
        put_known(page, view, &form);
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Organisation",
                                     .back = TEMPLATE_PATH("/admin/organisations"),
                                     .back_text = "Organisations"});
    template_organisation(page->html, &form);
    page_end(page);
}

void page_admin_reasons(struct page *page)
{
    struct template_reasons_rows *rows = page_take(page, REASONS_END, sizeof *rows);
    for (int reason = 1; rows != NULL && reason < REASONS_END; reason++)
        rows[reason - 1] = (struct template_reasons_rows){
            .label = str_of(policy_reason_label((enum reason)reason)),
            .text =
                policy_reason_needs_text((enum reason)reason) ? STR("Must be given") : STR("May be given")};
    struct template_reasons form = {.rows = rows, .rows_count = REASONS_END - 1};
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Reasons"});
    template_reasons(page->html, &form);
    page_end(page);
}

static const struct template_policy_roles_operations *operations(struct page *page, enum role role,
                                                                 size_t *ret_count)
{
    struct template_policy_roles_operations *rows = page_take(page, OPERATIONS_END, sizeof *rows);
    size_t count = 0;
    for (int number = 1; rows != NULL && number < OPERATIONS_END; number++) {
        enum operation operation = (enum operation)number;
        if (!policy_may(role, operation))
            continue;
        rows[count++] = (struct template_policy_roles_operations){
            .help = str_of(policy_operation(operation)->help),
            .needs = policy_operation(operation)->strength == STRENGTH_KEY ? STR("security key") : STR("")};
    }
    *ret_count = count;
    return rows;
}

void page_policy(struct page *page)
{
    const struct answer *answer = page->answer;
    struct template_policy_roles *rows = page_take(page, ROLES_END, sizeof *rows);
    struct template_policy_settings *settings = page_take(page, answer->setting_count, sizeof *settings);
    for (int role = 1; rows != NULL && role < ROLES_END; role++) {
        rows[role - 1].label = str_of(policy_role_label((enum role)role));
        rows[role - 1].operations = operations(page, (enum role)role, &rows[role - 1].operations_count);
    }
    for (size_t i = 0; settings != NULL && i < answer->setting_count; i++)
        settings[i] =
            (struct template_policy_settings){str_of(answer->settings[i].name), answer->settings[i].value};
    struct template_policy form = {.settings = settings,
                                   .settings_count = answer->setting_count,
                                   .roles = rows,
                                   .roles_count = ROLES_END - 1};
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Policy"});
    template_policy(page->html, &form);
    page_end(page);
}
