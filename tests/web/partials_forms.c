/* What a form is made of. */
#include <stdio.h>

#include "partials.h"
#include "web/templates.h"

/* Shorter names for what stands on every line below. */
#define TEXT(path) fixture_text(f, f->options, path)
#define ITEM(path) fixture_text(f, item, path)

void partial_button(struct fixture *f, struct buffer *html)
{
    if (json_is_false(fixture_at(f->options, "preventDoubleClick")))
        f->unsupported = "preventDoubleClick that is false: it is left out";
    template_button(html, &(struct template_button){
                              .text = TEXT("text"),
                              .classes = TEXT("classes"),
                              .id = TEXT("id"),
                              .name = TEXT("name"),
                              .value = TEXT("value"),
                              .type = TEXT("type"),
                              .href = fixture_path(f, f->options, "href"),
                              .disabled = fixture_flag(f->options, "disabled"),
                              .prevent_double_click = fixture_flag(f->options, "preventDoubleClick"),
                              .start = fixture_flag(f->options, "isStartButton"),
                          });
}

void partial_error_message(struct fixture *f, struct buffer *html)
{
    const json_t *hidden = fixture_at(f->options, "visuallyHiddenText");
    bool plain = hidden != NULL && TEXT("visuallyHiddenText").len == 0;
    template_error_message(html, &(struct template_error_message){.id = TEXT("id"),
                                                                  .classes = TEXT("classes"),
                                                                  .text = TEXT("text"),
                                                                  .plain = plain,
                                                                  .hidden_text = TEXT("visuallyHiddenText")});
}

void partial_error_summary(struct fixture *f, struct buffer *html)
{
    const json_t *errors = fixture_at(f->options, "errorList");
    size_t count = json_array_size(errors);
    struct template_error_summary_items *items = fixture_take(f, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(errors, i);
        struct str href = ITEM("href");
        items[i].text = ITEM("text");
        if (href.len > 0 && href.at[0] != '#')
            f->unsupported = "an error that links to another page";
        else if (href.len > 0)
            items[i].of = (struct str){href.at + 1, href.len - 1};
    }
    if (count == 0)
        f->unsupported = "a summary without errors";
    if (json_is_false(fixture_at(f->options, "disableAutoFocus")))
        f->unsupported = "disableAutoFocus that is false: it is left out";
    template_error_summary(html, &(struct template_error_summary){
                                     .title = TEXT("titleText"),
                                     .description = TEXT("descriptionText"),
                                     .classes = TEXT("classes"),
                                     .no_focus = fixture_flag(f->options, "disableAutoFocus"),
                                     .items = items,
                                     .items_count = count,
                                 });
}

void partial_hint(struct fixture *f, struct buffer *html)
{
    template_hint(
        html, &(struct template_hint){.id = TEXT("id"), .classes = TEXT("classes"), .text = TEXT("text")});
}

static struct str id_of(struct fixture *f)
{
    struct str id = TEXT("id");
    if (id.len == 0)
        f->unsupported = "no id: ours is always given";
    return id;
}

void partial_input(struct fixture *f, struct buffer *html)
{
    const json_t *spellcheck = fixture_at(f->options, "spellcheck");
    struct str checked = json_is_true(spellcheck) ? STR("true") : STR("false");
    template_input(html, &(struct template_input){
                             .id = id_of(f),
                             .name = TEXT("name"),
                             .type = TEXT("type"),
                             .label = TEXT("label.text"),
                             .label_classes = TEXT("label.classes"),
                             .label_heading = fixture_flag(f->options, "label.isPageHeading"),
                             .hint = TEXT("hint.text"),
                             .error = TEXT("errorMessage.text"),
                             .value = TEXT("value"),
                             .classes = TEXT("classes"),
                             .group_classes = TEXT("formGroup.classes"),
                             .described_by = TEXT("describedBy"),
                             .spellcheck = spellcheck == NULL ? (struct str){NULL, 0} : checked,
                             .autocomplete = TEXT("autocomplete"),
                             .autocapitalize = TEXT("autocapitalize"),
                             .pattern = TEXT("pattern"),
                             .inputmode = TEXT("inputmode"),
                             .disabled = fixture_flag(f->options, "disabled"),
                             .prefix = TEXT("prefix.text"),
                             .prefix_classes = TEXT("prefix.classes"),
                             .suffix = TEXT("suffix.text"),
                             .suffix_classes = TEXT("suffix.classes"),
                             .wrapped = TEXT("prefix.text").len > 0 || TEXT("suffix.text").len > 0,
                         });
}

void partial_label(struct fixture *f, struct buffer *html)
{
    template_label(html, &(struct template_label){.text = TEXT("text"),
                                                  .classes = TEXT("classes"),
                                                  .of = TEXT("for"),
                                                  .page_heading = fixture_flag(f->options, "isPageHeading")});
}

void partial_textarea(struct fixture *f, struct buffer *html)
{
    const json_t *spellcheck = fixture_at(f->options, "spellcheck");
    struct str checked = json_is_true(spellcheck) ? STR("true") : STR("false");
    template_textarea(html, &(struct template_textarea){
                                .id = id_of(f),
                                .name = TEXT("name"),
                                .label = TEXT("label.text"),
                                .label_classes = TEXT("label.classes"),
                                .label_heading = fixture_flag(f->options, "label.isPageHeading"),
                                .hint = TEXT("hint.text"),
                                .error = TEXT("errorMessage.text"),
                                .value = TEXT("value"),
                                .classes = TEXT("classes"),
                                .group_classes = TEXT("formGroup.classes"),
                                .described_by = TEXT("describedBy"),
                                .spellcheck = spellcheck == NULL ? (struct str){NULL, 0} : checked,
                                .autocomplete = TEXT("autocomplete"),
                                .rows = TEXT("rows"),
                                .disabled = fixture_flag(f->options, "disabled"),
                            });
}

/* id, id-2, id-3 … as govuk-frontend numbers choices. */
static struct str choice_id(struct fixture *f, const json_t *item, size_t index)
{
    struct str number = {NULL, 0};
    char digits[32];
    snprintf(digits, sizeof digits, "%zu", index + 1);
    if (index > 0)
        must(arena_copy(f->arena, str_of(digits), &number) == FAULT_NONE);
    struct str prefix = fixture_or(TEXT("idPrefix"), TEXT("name"));
    return fixture_or(ITEM("id"), fixture_join(f, prefix, "-", number));
}

static bool is_chosen(struct fixture *f, const json_t *item)
{
    const json_t *checked = fixture_at(item, "checked");
    struct str value = ITEM("value");
    if (checked != NULL)
        return json_is_true(checked);
    const json_t *values = fixture_at(f->options, "values");
    for (size_t i = 0; i < json_array_size(values); i++)
        if (str_equal(str_of(json_string_value(json_array_get(values, i))), value))
            return true;
    return TEXT("value").len > 0 && str_equal(TEXT("value"), value);
}

/* Radios and checkboxes have the same slots. */
#define CHOICES(kind)                                                                                        \
    const json_t *given = fixture_at(f->options, "items");                                                   \
    size_t count = json_array_size(given);                                                                   \
    struct template_##kind##_items *items = fixture_take(f, count, sizeof *items);                           \
    for (size_t i = 0; i < count; i++) {                                                                     \
        const json_t *item = json_array_get(given, i);                                                       \
        items[i] = (struct template_##kind##_items){.id = choice_id(f, item, i),                             \
                                                    .value = ITEM("value"),                                  \
                                                    .text = ITEM("text"),                                    \
                                                    .hint = ITEM("hint.text"),                               \
                                                    .checked = is_chosen(f, item),                           \
                                                    .disabled = fixture_flag(item, "disabled"),              \
                                                    .divider = ITEM("divider")};                             \
        if (!json_is_object(item))                                                                           \
            f->unsupported = "an item that is not there";                                                    \
    }                                                                                                        \
    if (fixture_at(f->options, "fieldset") != NULL && TEXT("fieldset.legend.text").len == 0)                 \
        f->unsupported = "a fieldset without a legend";                                                      \
    template_##kind(html, &(struct template_##kind){                                                         \
                              .id = fixture_or(TEXT("idPrefix"), TEXT("name")),                              \
                              .name = TEXT("name"),                                                          \
                              .legend = TEXT("fieldset.legend.text"),                                        \
                              .legend_classes = TEXT("fieldset.legend.classes"),                             \
                              .legend_heading = fixture_flag(f->options, "fieldset.legend.isPageHeading"),   \
                              .fieldset_classes = TEXT("fieldset.classes"),                                  \
                              .hint = TEXT("hint.text"),                                                     \
                              .error = TEXT("errorMessage.text"),                                            \
                              .classes = TEXT("classes"),                                                    \
                              .group_classes = TEXT("formGroup.classes"),                                    \
                              .described_by = TEXT("fieldset.describedBy"),                                  \
                              .items = items,                                                                \
                              .items_count = count,                                                          \
                          })

void partial_radios(struct fixture *f, struct buffer *html)
{
    CHOICES(radios);
}

void partial_checkboxes(struct fixture *f, struct buffer *html)
{
    bool described = TEXT("hint.text").len > 0 || TEXT("errorMessage.text").len > 0;
    if (fixture_at(f->options, "fieldset") == NULL && described)
        f->unsupported = "a hint or error for choices without a fieldset";
    CHOICES(checkboxes);
}

/* The classes of a box as the macro works them out: ours are given whole. */
static struct str box_classes(struct fixture *f, const json_t *item, struct str name, bool any_wrong)
{
    struct str given = ITEM("classes"), classes = {NULL, 0};
    bool wrong = given.len > 0 && strstr(given.at, "govuk-input--error") != NULL;
    bool sized = given.len > 0 && strstr(given.at, "govuk-input--width-") != NULL;
    if (!wrong && !any_wrong && TEXT("errorMessage.text").len > 0)
        classes = STR("govuk-input--error");
    if (!sized)
        classes = fixture_join(f, classes, " ",
                               str_equal(name, STR("year")) ? STR("govuk-input--width-4")
                                                            : STR("govuk-input--width-2"));
    return fixture_join(f, classes, " ", given);
}

static struct template_date_input_items box(struct fixture *f, const json_t *item, struct str name,
                                            bool any_wrong)
{
    char capital[100] = "", path[200];
    struct str prefix = TEXT("namePrefix"), label_text;
    snprintf(capital, sizeof capital, "%.*s", (int)name.len, name.len > 0 ? name.at : "");
    if (capital[0] >= 'a' && capital[0] <= 'z')
        capital[0] = (char)(capital[0] - 'a' + 'A');
    must(arena_copy(f->arena, str_of(capital), &label_text) == FAULT_NONE);
    struct str whole = fixture_join(f, prefix, "-", name);
    snprintf(path, sizeof path, "values.%.*s", (int)whole.len, whole.at);
    return (struct template_date_input_items){
        .id = fixture_or(ITEM("id"), fixture_join(f, TEXT("id"), "-", name)),
        .name = whole,
        .label = fixture_or(ITEM("label"), label_text),
        .value = fixture_or(ITEM("value"), TEXT(path)),
        .classes = box_classes(f, item, name, any_wrong),
        .autocomplete = ITEM("autocomplete"),
        .pattern = ITEM("pattern"),
        .inputmode = ITEM("inputmode"),
    };
}

void partial_date_input(struct fixture *f, struct buffer *html)
{
    static const char *const usual[] = {"day", "month", "year"};
    const json_t *given = fixture_at(f->options, "items");
    size_t count = json_array_size(given) > 0 ? json_array_size(given) : 3;
    struct template_date_input_items *items = fixture_take(f, count, sizeof *items);
    bool any_wrong = false;
    for (size_t i = 0; i < count; i++) {
        struct str classes = fixture_text(f, json_array_get(given, i), "classes");
        any_wrong = any_wrong || (classes.len > 0 && strstr(classes.at, "govuk-input--error") != NULL);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(given, i);
        if (given != NULL && json_array_size(given) > 0 && !json_is_object(item))
            f->unsupported = "an item that is not there";
        items[i] = box(f, item, item != NULL ? ITEM("name") : str_of(usual[i % 3]), any_wrong);
    }
    if (fixture_at(f->options, "fieldset") != NULL && TEXT("fieldset.legend.text").len == 0)
        f->unsupported = "a fieldset without a legend";
    template_date_input(html, &(struct template_date_input){.id = TEXT("id"),
                                                            .legend = TEXT("fieldset.legend.text"),
                                                            .hint = TEXT("hint.text"),
                                                            .error = TEXT("errorMessage.text"),
                                                            .classes = TEXT("classes"),
                                                            .group_classes = TEXT("formGroup.classes"),
                                                            .described_by = TEXT("fieldset.describedBy"),
                                                            .items = items,
                                                            .items_count = count});
}

void partial_select(struct fixture *f, struct buffer *html)
{
    const json_t *given = fixture_at(f->options, "items");
    size_t count = json_array_size(given);
    struct template_select_items *items = fixture_take(f, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(given, i);
        const json_t *selected = fixture_at(item, "selected");
        struct str effective = fixture_or(ITEM("value"), ITEM("text"));
        items[i] = (struct template_select_items){
            .value = json_is_false(fixture_at(item, "value")) ? STR("false") : ITEM("value"),
            .text = ITEM("text"),
            .no_value = fixture_at(item, "value") == NULL,
            .selected = selected != NULL ? json_is_true(selected)
                                         : TEXT("value").len > 0 && str_equal(TEXT("value"), effective),
            .disabled = fixture_flag(item, "disabled"),
        };
        if (!json_is_object(item))
            f->unsupported = "an item that is not there";
    }
    template_select(
        html, &(struct template_select){.id = id_of(f),
                                        .name = TEXT("name"),
                                        .label = TEXT("label.text"),
                                        .label_classes = TEXT("label.classes"),
                                        .label_heading = fixture_flag(f->options, "label.isPageHeading"),
                                        .hint = TEXT("hint.text"),
                                        .error = TEXT("errorMessage.text"),
                                        .classes = TEXT("classes"),
                                        .group_classes = TEXT("formGroup.classes"),
                                        .described_by = TEXT("describedBy"),
                                        .disabled = fixture_flag(f->options, "disabled"),
                                        .items = items,
                                        .items_count = count});
}
