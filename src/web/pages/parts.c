#include "web/pages/parts.h"

#include <string.h>

void *page_take(struct page *page, size_t count, size_t size_bytes)
{
    void *taken = arena_take_array(page->arena, count, size_bytes);
    if (taken == NULL && count > 0)
        page->fault = FAULT_MEMORY;
    return taken;
}

struct str page_words(struct page *page)
{
    struct str copy = {NULL, 0};
    enum fault fault = buffer_fault(&page->words);
    if (fault == FAULT_NONE)
        fault = arena_copy(page->arena, buffer_str(&page->words), &copy);
    if (fault != FAULT_NONE)
        page->fault = fault;
    buffer_clear(&page->words);
    return copy;
}

struct str page_typed(const struct page *page, const char *field)
{
    const struct ask *ask = page->request->ask;
    for (uint8_t i = 0; ask != NULL && i < ask->field_count; i++)
        if (str_equal(ask->fields[i].name, str_of(field)))
            return ask->fields[i].value;
    return (struct str){NULL, 0};
}

struct str page_error(const struct page *page, const char *field)
{
    for (uint8_t i = 0; i < page->answer->error_count; i++)
        if (strcmp(page->answer->errors[i].field, field) == 0)
            return str_of(page->answer->errors[i].text);
    return (struct str){NULL, 0};
}

/* A field as the summary of errors speaks of it, and the element that it links to. */
struct spoken_field {
    const char *field;
    const char *label;
    const char *element;
};

static const struct spoken_field *spoken_of(const char *field)
{
    static const struct spoken_field table[] = {
        {"user_name", "User name", "user_name"},
        {"password", "Password", "password"},
        {"again", "Password again", "again"},
        {"pin", "PIN", "pin"},
        {"agree", "Terms", "agree"},
        {"code", "Code", "code"},
        {"role", "Role", "role"},
        {"reason", "Reason", "reason"},
        {"reason_text", "Reason", "reason_text"},
        {"family", "Name", "family"},
        {"given", "Given names", "given"},
        {"birth", "Date of birth", "birth_day"},
        {"age", "Age", "age"},
        {"postcode", "Postcode", "postcode"},
        {"authority", "Local authority", "authority"},
        {"number", "Number", "number"},
        {"kind", "Kind of service", "kind"},
        {"service", "Name of your service", "service"},
        {"job", "Your role", "job"},
        {"phone", "Telephone number", "phone"},
        {"email", "Email address", "email"},
        {"consent_giver", "Who has agreed", "consent_giver"},
        {"consent_name", "Their name", "consent_name"},
        {"agreed", "When it was agreed", "agreed_day"},
        {"consent_way", "How it was agreed", "consent_way"},
        {"consent_because", "Why they were able to agree", "consent_because"},
        {"consent_scope", "What was agreed to", "consent_scope"},
        {"from", "Start date", "from_day"},
        {"to", "End date", "to_day"},
        {"full_name", "Full name", "full_name"},
        {"roles", "Roles", "roles"},
        {"check", "What was done", "check"},
        {"done", "Day", "done_day"},
        {"admit", "Admit", "admit"},
        {"suspend_why", "Why", "suspend_why"},
        {"close_why", "Why is it closed", "close_why"},
        {"involvements", "Open involvements", "involvements"},
        {"heir", "Colleague", "heir"},
        {"name", "Name", "name"},
        {"body", "Body", "body"},
        {"service_kind", "Kind of service", "service_kind"},
        {"capabilities", "Accredited for", "capabilities"},
        {"until", "Accredited until", "until_day"},
        {"users_max", "Accounts at most", "users_max"},
        {"staff", "People who work there", "staff"},
        {"home_postcode", "Home postcode", "home_postcode"},
        {"surnames", "Surnames", "surnames"},
        {"relative_1", "First child", "relative_1_number"},
        {"relative_2", "Second child", "relative_2_number"},
        {"relative_3", "Third child", "relative_3_number"},
        {"relative_4", "Fourth child", "relative_4_number"},
        {"ground", "Ground", "ground"},
        {"text", "Your words", "text"},
        {"advice", "Advice", "advice"},
        {"outcome", "Decision", "outcome"},
        {"answer", "Answer", "answer"},
        {"lift_reason", "Reason", "lift_reason"},
        {"verdict", "Decision", "verdict"},
        {"child", "Child", "child"},
        {"seal_reason", "Reason", "seal_reason"},
        {"named", "Who asks", "named"},
        {"young_person", "Young person", "young_person"},
        {"pass_text", "Question", "pass_text"},
        {"key", "Security key", "key"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].field, field) == 0)
            return &table[i];
    return NULL;
}

/* "birth" for "birth_day"; anything else stays. */
static const char *group_of(const char *field)
{
    static const char *const groups[] = {"birth", "agreed", "from", "to", "done", "until"};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct str rest = str_of(field), head;
        if (str_split(&rest, '_', &head) && str_equal(head, str_of(groups[i])))
            return groups[i];
    }
    return field;
}

const struct template_error_summary *page_summary(struct page *page)
{
    const struct answer *answer = page->answer;
    if (answer->error_count == 0)
        return NULL;
    struct template_error_summary *summary = page_take(page, 1, sizeof *summary);
    struct template_error_summary_items *items = page_take(page, answer->error_count, sizeof *items);
    if (summary == NULL || items == NULL)
        return NULL;
    size_t count = 0;
    const char *before = "";
    for (uint8_t i = 0; i < answer->error_count; i++) {
        const char *group = group_of(answer->errors[i].field);
        if (strcmp(group, before) == 0)
            continue; /* a date is spoken of once */
        before = group;
        const struct spoken_field *spoken = spoken_of(group);
        if (spoken != NULL) {
            buffer_put(&page->words, str_of(spoken->label));
            buffer_put(&page->words, STR(": "));
            items[count].of = str_of(spoken->element);
        }
        buffer_put(&page->words, str_of(answer->errors[i].text));
        items[count++].text = page_words(page);
    }
    summary->title = STR("There is a problem");
    summary->items = items;
    summary->items_count = count;
    return summary;
}

struct str page_date_error(const struct page *page, const char *prefix)
{
    for (uint8_t i = 0; i < page->answer->error_count; i++)
        if (strcmp(group_of(page->answer->errors[i].field), prefix) == 0)
            return str_of(page->answer->errors[i].text);
    return (struct str){NULL, 0};
}

const struct template_date_input_items *page_date(struct page *page, const char *prefix)
{
    static const struct {
        const char *name, *label, *classes, *classes_wrong, *inputmode;
    } parts[3] = {
        {"day", "Day", "govuk-input--width-2", "govuk-input--error govuk-input--width-2", "numeric"},
        {"month", "Month", "govuk-input--width-4", "govuk-input--error govuk-input--width-4", "text"},
        {"year", "Year", "govuk-input--width-4", "govuk-input--error govuk-input--width-4", "numeric"},
    };
    struct template_date_input_items *items = page_take(page, 3, sizeof *items);
    bool group_wrong = page_error(page, prefix).len > 0;
    for (int i = 0; i < 3 && items != NULL; i++) {
        buffer_put(&page->words, str_of(prefix));
        buffer_put_char(&page->words, '_');
        buffer_put(&page->words, str_of(parts[i].name));
        struct str name = page_words(page);
        if (page->fault != FAULT_NONE)
            return items;
        bool wrong = group_wrong || page_error(page, name.at).len > 0;
        items[i] = (struct template_date_input_items){
            .id = name,
            .name = name,
            .label = str_of(parts[i].label),
            .value = page_typed(page, name.at),
            .classes = str_of(wrong ? parts[i].classes_wrong : parts[i].classes),
            .autocomplete = STR("off"),
            .inputmode = str_of(parts[i].inputmode),
        };
    }
    return items;
}

const struct template_radios_items *page_reasons(struct page *page, size_t *ret_count)
{
    size_t count = REASONS_END - 1;
    struct template_radios_items *items = page_take(page, count, sizeof *items);
    struct template_textarea *reveal = page_take(page, 1, sizeof *reveal);
    *ret_count = 0;
    if (items == NULL || reveal == NULL)
        return NULL;
    struct str typed = page_typed(page, "reason");
    *reveal = (struct template_textarea){
        .id = STR("reason_text"),
        .name = STR("reason_text"),
        .label = STR("Say what"),
        .hint = STR("At least 10 characters. Do not write about the child or the family here."),
        .rows = STR("2"),
        .value = page_typed(page, "reason_text"),
        .error = page_error(page, "reason_text"),
    };
    for (size_t i = 0; i < count; i++) {
        enum reason reason = (enum reason)(i + 1);
        buffer_put(&page->words, STR("reason"));
        if (i > 0) {
            buffer_put_char(&page->words, '-');
            buffer_put_int(&page->words, (int64_t)i + 1);
        }
        items[i] = (struct template_radios_items){
            .id = page_words(page),
            .value = str_of(policy_reason_name(reason)),
            .text = str_of(policy_reason_label(reason)),
            .checked = str_equal(typed, str_of(policy_reason_name(reason))),
            .reveal = policy_reason_needs_text(reason) ? reveal : NULL,
        };
    }
    *ret_count = count;
    return items;
}

struct str page_day(struct page *page, struct day day)
{
    if (day.precision == DAY_UNKNOWN)
        return (struct str){NULL, 0};
    day_put_words(&page->words, day);
    return page_words(page);
}

struct str page_instant(struct page *page, struct instant at)
{
    if (at.us == 0)
        return (struct str){NULL, 0};
    instant_put_words(&page->words, at);
    return page_words(page);
}

struct str page_age(struct page *page, int years)
{
    if (years < 0)
        return (struct str){NULL, 0};
    if (years == 0)
        return STR("under 1 year");
    buffer_put_int(&page->words, years);
    buffer_put(&page->words, years == 1 ? STR(" year") : STR(" years"));
    return page_words(page);
}

struct str page_reference(struct page *page, struct id id)
{
    if (id_is_zero(id))
        return (struct str){NULL, 0};
    id_put(&page->words, id);
    return page_words(page);
}

/* A path whose making failed leads home, so that the page can still be written; page_render gives the fault.
 */
static struct template_path keep_path(struct page *page)
{
    struct str text = page_words(page);
    return text.len > 0 ? (struct template_path){text} : TEMPLATE_PATH("/");
}

struct template_path page_child_path(struct page *page, struct child_id child, const char *rest)
{
    buffer_put(&page->words, STR("/children/"));
    id_put(&page->words, child.id);
    buffer_put(&page->words, str_of(rest));
    return keep_path(page);
}

struct template_path page_involvement_path(struct page *page, struct child_id child, struct claim_id claim)
{
    buffer_put(&page->words, STR("/children/"));
    id_put(&page->words, child.id);
    buffer_put(&page->words, STR("/involvements/"));
    id_put(&page->words, claim.id);
    return keep_path(page);
}

struct template_path page_consent_path(struct page *page, struct child_id child, struct claim_id claim)
{
    struct template_path involvement = page_involvement_path(page, child, claim);
    buffer_put(&page->words, involvement.text);
    buffer_put(&page->words, STR("/consent"));
    return keep_path(page);
}

struct template_path page_tel(struct page *page, struct str phone)
{
    size_t digits = 0;
    for (size_t i = 0; i < phone.len; i++) {
        char c = phone.at[i];
        bool digit = c >= '0' && c <= '9';
        digits += digit;
        if (!digit && strchr(" ().-", c) == NULL && !(c == '+' && i == 0))
            digits = SIZE_MAX / 2;
        if (c == '\0')
            digits = SIZE_MAX / 2;
    }
    if (digits < 3 || digits > 20)
        return (struct template_path){{NULL, 0}};
    buffer_put(&page->words, STR("tel:"));
    for (size_t i = 0; i < phone.len; i++)
        if ((phone.at[i] >= '0' && phone.at[i] <= '9') || phone.at[i] == '+')
            buffer_put_char(&page->words, phone.at[i]);
    return keep_path(page);
}

const struct template_identity *page_identity(struct page *page, const struct child_view *child)
{
    if (child == NULL)
        return NULL;
    struct template_identity *identity = page_take(page, 1, sizeof *identity);
    if (identity == NULL)
        return NULL;
    struct str birth = page_day(page, child->birth);
    *identity = (struct template_identity){
        .name = child->name.text,
        .known_as = child->name.known_as,
        .birth = birth.len > 0 ? birth : STR("Not known"),
        .age = page_age(page, child->age_years),
        .sex = child->sex,
        .number = child->number,
    };
    return identity;
}
