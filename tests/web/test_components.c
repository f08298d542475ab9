/* Our partials against the fixtures that govuk-frontend ships: the same options must give the same HTML,
 * white space apart.  What we do not offer stands in components/unsupported.txt, each with its reason, and
 * nothing stands there that we do offer.
 *
 * Usage: test_components COMPONENTS-FOLDER UNSUPPORTED-LIST   (--list prints what the list should hold) */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fixture.h"
#include "web/templates.h"

static const char *components_folder, *list_path;
static bool listing;

/* Shorter names for what stands on every line below. */
#define TEXT(path) fixture_text(f, f->options, path)
#define ITEM(path) fixture_text(f, item, path)

static struct str or_else(struct str given, struct str otherwise)
{
    return given.len > 0 ? given : otherwise;
}

static void back_link(struct fixture *f, struct buffer *html)
{
    template_back_link(html, &(struct template_back_link){.text = TEXT("text"),
                                                          .href = fixture_path(f, f->options, "href"),
                                                          .classes = TEXT("classes")});
}

static void button(struct fixture *f, struct buffer *html)
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

static void details(struct fixture *f, struct buffer *html)
{
    struct template_details part = {.id = TEXT("id"),
                                    .classes = TEXT("classes"),
                                    .summary = TEXT("summaryText"),
                                    .text = TEXT("text"),
                                    .open = fixture_flag(f->options, "open")};
    template_details_begin(html, &part);
    template_details_end(html, &part);
}

static void error_message(struct fixture *f, struct buffer *html)
{
    const json_t *hidden = fixture_at(f->options, "visuallyHiddenText");
    bool plain = hidden != NULL && TEXT("visuallyHiddenText").len == 0;
    template_error_message(html, &(struct template_error_message){.id = TEXT("id"),
                                                                  .classes = TEXT("classes"),
                                                                  .text = TEXT("text"),
                                                                  .plain = plain,
                                                                  .hidden_text = TEXT("visuallyHiddenText")});
}

static void error_summary(struct fixture *f, struct buffer *html)
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

static void generic_header(struct fixture *f, struct buffer *html)
{
    template_generic_header(html,
                            &(struct template_generic_header){.text = TEXT("logoText"),
                                                              .href = fixture_path(f, f->options, "url"),
                                                              .classes = TEXT("classes"),
                                                              .container_classes = TEXT("containerClasses")});
}

static void hint(struct fixture *f, struct buffer *html)
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

static void input(struct fixture *f, struct buffer *html)
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

static void inset_text(struct fixture *f, struct buffer *html)
{
    struct template_inset_text part = {.id = TEXT("id"), .text = TEXT("text"), .classes = TEXT("classes")};
    template_inset_text_begin(html, &part);
    template_inset_text_end(html, &part);
}

static void label(struct fixture *f, struct buffer *html)
{
    template_label(html, &(struct template_label){.text = TEXT("text"),
                                                  .classes = TEXT("classes"),
                                                  .of = TEXT("for"),
                                                  .page_heading = fixture_flag(f->options, "isPageHeading")});
}

static void phase_banner(struct fixture *f, struct buffer *html)
{
    template_phase_banner(html, &(struct template_phase_banner){.tag = TEXT("tag.text"),
                                                                .tag_classes = TEXT("tag.classes"),
                                                                .text = TEXT("text"),
                                                                .classes = TEXT("classes")});
}

/* id, id-2, id-3 … as govuk-frontend numbers choices. */
static struct str choice_id(struct fixture *f, const json_t *item, size_t index)
{
    struct str number = {NULL, 0};
    char digits[32];
    snprintf(digits, sizeof digits, "%zu", index + 1);
    if (index > 0)
        must(arena_copy(f->arena, str_of(digits), &number) == FAULT_NONE);
    struct str prefix = or_else(TEXT("idPrefix"), TEXT("name"));
    return or_else(ITEM("id"), fixture_join(f, prefix, "-", number));
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
                              .id = or_else(TEXT("idPrefix"), TEXT("name")),                                 \
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

static void radios(struct fixture *f, struct buffer *html)
{
    CHOICES(radios);
}

static void checkboxes(struct fixture *f, struct buffer *html)
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
        .id = or_else(ITEM("id"), fixture_join(f, TEXT("id"), "-", name)),
        .name = whole,
        .label = or_else(ITEM("label"), label_text),
        .value = or_else(ITEM("value"), TEXT(path)),
        .classes = box_classes(f, item, name, any_wrong),
        .autocomplete = ITEM("autocomplete"),
        .pattern = ITEM("pattern"),
        .inputmode = ITEM("inputmode"),
    };
}

static void date_input(struct fixture *f, struct buffer *html)
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

static void select_(struct fixture *f, struct buffer *html)
{
    const json_t *given = fixture_at(f->options, "items");
    size_t count = json_array_size(given);
    struct template_select_items *items = fixture_take(f, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(given, i);
        const json_t *selected = fixture_at(item, "selected");
        struct str effective = or_else(ITEM("value"), ITEM("text"));
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

static void service_navigation(struct fixture *f, struct buffer *html)
{
    const json_t *given = fixture_at(f->options, "navigation");
    const json_t *collapse = fixture_at(f->options, "collapseNavigationOnMobile");
    size_t count = json_array_size(given);
    struct template_service_navigation_items *items = fixture_take(f, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(given, i);
        bool current = fixture_flag(item, "current");
        items[i] =
            (struct template_service_navigation_items){.text = ITEM("text"),
                                                       .href = fixture_path(f, item, "href"),
                                                       .selected = current || fixture_flag(item, "active"),
                                                       .current = current};
        if (!json_is_object(item))
            f->unsupported = "an item that is not there";
    }
    struct str menu = or_else(TEXT("menuButtonText"), STR("Menu"));
    struct str menu_label = TEXT("menuButtonLabel");
    template_service_navigation(
        html, &(struct template_service_navigation){
                  .label = TEXT("ariaLabel"),
                  .service_name = TEXT("serviceName"),
                  .service_href = fixture_path(f, f->options, "serviceUrl"),
                  .classes = TEXT("classes"),
                  .menu_text = TEXT("menuButtonText"),
                  .menu_label = str_equal(menu, menu_label) ? (struct str){NULL, 0} : menu_label,
                  .navigation_label = TEXT("navigationLabel"),
                  .navigation_classes = TEXT("navigationClasses"),
                  .navigation_id = TEXT("navigationId"),
                  .items_given = count > 0,
                  .collapse = collapse != NULL ? json_is_true(collapse) : count > 1,
                  .items = items,
                  .items_count = count,
              });
}

static void skip_link(struct fixture *f, struct buffer *html)
{
    template_skip_link(html, &(struct template_skip_link){.text = TEXT("text"),
                                                          .href = fixture_path(f, f->options, "href"),
                                                          .classes = TEXT("classes")});
}

static void summary_row(struct fixture *f, const json_t *item, bool any_actions, struct buffer *html)
{
    const json_t *links = fixture_at(item, "actions.items");
    size_t count = json_array_size(links);
    struct template_summary_row_actions *actions = fixture_take(f, count, sizeof *actions);
    for (size_t i = 0; i < count; i++) {
        const json_t *link = json_array_get(links, i);
        actions[i] =
            (struct template_summary_row_actions){.text = fixture_text(f, link, "text"),
                                                  .hidden_text = fixture_text(f, link, "visuallyHiddenText"),
                                                  .href = fixture_path(f, link, "href"),
                                                  .classes = fixture_text(f, link, "classes")};
        if (actions[i].href.text.len == 0)
            f->unsupported = or_else(str_of(f->unsupported), STR("an action that leads nowhere")).at;
    }
    if (!json_is_object(item))
        f->unsupported = "a row that is not there";
    if (f->unsupported != NULL)
        return;
    template_summary_row(html, &(struct template_summary_row){
                                   .key = ITEM("key.text"),
                                   .value = ITEM("value.text"),
                                   .classes = ITEM("classes"),
                                   .key_classes = ITEM("key.classes"),
                                   .value_classes = ITEM("value.classes"),
                                   .no_actions = any_actions && count == 0 && links == NULL,
                                   .card_title = TEXT("card.title.text"),
                                   .has_actions = count > 0,
                                   .several = count > 1,
                                   .actions = actions,
                                   .actions_count = count,
                               });
}

static void summary_list(struct fixture *f, struct buffer *html)
{
    const json_t *rows = fixture_at(f->options, "rows");
    bool any_actions = false;
    struct template_summary_list part = {.classes = TEXT("classes"),
                                         .card_title = TEXT("card.title.text"),
                                         .card_classes = TEXT("card.classes")};
    if (fixture_at(f->options, "card") != NULL && part.card_title.len == 0)
        f->unsupported = "a card without a title";
    for (size_t i = 0; i < json_array_size(rows); i++)
        any_actions =
            any_actions || json_array_size(fixture_at(json_array_get(rows, i), "actions.items")) > 0;
    template_summary_list_begin(html, &part);
    for (size_t i = 0; i < json_array_size(rows) && f->unsupported == NULL; i++)
        summary_row(f, json_array_get(rows, i), any_actions, html);
    template_summary_list_end(html, &part);
}

static void table_cells(struct fixture *f, const json_t *row, bool first_is_header, struct buffer *html)
{
    if (!json_is_array(row))
        f->unsupported = "a row that is not there";
    buffer_put(html, STR("<tr class=\"govuk-table__row\">"));
    for (size_t i = 0; i < json_array_size(row); i++) {
        const json_t *item = json_array_get(row, i);
        template_table_cell(html, &(struct template_table_cell){.text = ITEM("text"),
                                                                .format = ITEM("format"),
                                                                .classes = ITEM("classes"),
                                                                .colspan = ITEM("colspan"),
                                                                .rowspan = ITEM("rowspan"),
                                                                .heads_row = first_is_header && i == 0});
    }
    buffer_put(html, STR("</tr>"));
}

static void table(struct fixture *f, struct buffer *html)
{
    struct template_table part = {
        .classes = TEXT("classes"), .caption = TEXT("caption"), .caption_classes = TEXT("captionClasses")};
    const json_t *head = fixture_at(f->options, "head"), *rows = fixture_at(f->options, "rows");
    template_table_begin(html, &part);
    if (head != NULL) {
        buffer_put(html, STR("<thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\">"));
        for (size_t i = 0; i < json_array_size(head); i++) {
            const json_t *item = json_array_get(head, i);
            template_table_head(html, &(struct template_table_head){.text = ITEM("text"),
                                                                    .format = ITEM("format"),
                                                                    .classes = ITEM("classes"),
                                                                    .colspan = ITEM("colspan"),
                                                                    .rowspan = ITEM("rowspan")});
        }
        buffer_put(html, STR("</tr></thead>"));
    }
    buffer_put(html, STR("<tbody class=\"govuk-table__body\">"));
    for (size_t i = 0; i < json_array_size(rows); i++)
        table_cells(f, json_array_get(rows, i), fixture_flag(f->options, "firstCellIsHeader"), html);
    buffer_put(html, STR("</tbody>"));
    template_table_end(html, &part);
}

static void tag(struct fixture *f, struct buffer *html)
{
    template_tag(html, &(struct template_tag){.text = TEXT("text"), .classes = TEXT("classes")});
}

static void textarea(struct fixture *f, struct buffer *html)
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

static void warning_text(struct fixture *f, struct buffer *html)
{
    template_warning_text(html, &(struct template_warning_text){.text = TEXT("text"),
                                                                .fallback = TEXT("iconFallbackText"),
                                                                .classes = TEXT("classes")});
}

#define FIELD                                                                                                \
    "id name label.text label.classes label.isPageHeading hint.text errorMessage.text classes describedBy "  \
    "formGroup.classes disabled value "
#define CHOICE                                                                                               \
    "idPrefix name fieldset.legend.text fieldset.legend.classes fieldset.legend.isPageHeading "              \
    "fieldset.classes fieldset.describedBy hint.text errorMessage.text classes formGroup.classes "           \
    "items[].id items[].value items[].text items[].hint.text items[].checked items[].disabled "              \
    "items[].divider "

/* The components that our pages use, and the options that their partials offer. */
static const struct component {
    const char *name;
    void (*render)(struct fixture *fixture, struct buffer *html);
    const char *options;
} components[] = {
    {"back-link", back_link, "text href classes"},
    {"button", button, "text classes id name value type href disabled preventDoubleClick isStartButton"},
    {"checkboxes", checkboxes, CHOICE "values[]"},
    {"date-input", date_input,
     "id namePrefix fieldset.legend.text fieldset.describedBy hint.text errorMessage.text classes "
     "formGroup.classes values.* items[].name items[].classes items[].id items[].value items[].label "
     "items[].autocomplete items[].pattern items[].inputmode"},
    {"details", details, "id classes summaryText text open"},
    {"error-message", error_message, "id classes text visuallyHiddenText"},
    {"error-summary", error_summary,
     "titleText descriptionText classes disableAutoFocus errorList[].text errorList[].href"},
    {"generic-header", generic_header, "logoText url classes containerClasses"},
    {"hint", hint, "id classes text"},
    {"input", input,
     FIELD "type spellcheck autocomplete autocapitalize pattern inputmode prefix.text prefix.classes "
           "suffix.text suffix.classes"},
    {"inset-text", inset_text, "id classes text"},
    {"label", label, "text classes for isPageHeading"},
    {"phase-banner", phase_banner, "tag.text tag.classes text classes"},
    {"radios", radios, CHOICE "value"},
    {"select", select_, FIELD "items[].value items[].text items[].selected items[].disabled"},
    {"service-navigation", service_navigation,
     "ariaLabel serviceName serviceUrl classes menuButtonText menuButtonLabel navigationLabel "
     "navigationClasses navigationId collapseNavigationOnMobile navigation[].text navigation[].href "
     "navigation[].active navigation[].current"},
    {"skip-link", skip_link, "text href classes"},
    {"summary-list", summary_list,
     "classes card.title.text card.classes rows[].classes rows[].key.text rows[].key.classes "
     "rows[].value.text rows[].value.classes rows[].actions.items[].text rows[].actions.items[].href "
     "rows[].actions.items[].visuallyHiddenText rows[].actions.items[].classes"},
    {"table", table,
     "classes caption captionClasses firstCellIsHeader head[].text head[].format head[].classes "
     "head[].colspan head[].rowspan rows[][].text rows[][].format rows[][].classes rows[][].colspan "
     "rows[][].rowspan"},
    {"tag", tag, "text classes"},
    {"textarea", textarea, FIELD "spellcheck autocomplete rows"},
    {"warning-text", warning_text, "text iconFallbackText classes"},
};

/* Why an option that a partial does not offer is not offered. */
static const char *reason_for(const char *option)
{
    static char reason[300];
    size_t len = strlen(option);
    const char *why = "an option that no page of ours needs";
    if (strstr(option, "html") != NULL || strstr(option, "Html") != NULL || strstr(option, "slots") != NULL)
        why = "raw HTML, which templates refuse";
    else if (strstr(option, "ttributes.") != NULL)
        why = "free attributes, which templates refuse";
    else if (len > 2 && strcmp(option + len - 2, "[]") == 0)
        why = "an item that is not there";
    snprintf(reason, sizeof reason, "%s: %s", option, why);
    return reason;
}

/* "component: fixture: …" at the start of a line of the list. */
static bool is_listed(const char *list, const char *component, const char *fixture)
{
    char start[300];
    snprintf(start, sizeof start, "\n%s: %s: ", component, fixture);
    return strstr(list, start) != NULL;
}

static size_t matched, unsupported, wrong;

static void judge(const struct component *component, const json_t *fixture, struct str html,
                  const char *reason, const char *list)
{
    const char *name = json_string_value(json_object_get(fixture, "name"));
    bool listed = is_listed(list, component->name, name);
    if (listing && reason != NULL)
        printf("%s: %s: %s\n", component->name, name, reason);
    if (reason != NULL) {
        unsupported++;
        if (!listed && !listing) {
            print_error("%s: %s is not offered (%s) and not listed\n", component->name, name, reason);
            wrong++;
        }
        return;
    }
    char *ours = fixture_normal(html);
    char *theirs = fixture_normal(str_of(json_string_value(json_object_get(fixture, "html"))));
    bool same = strcmp(ours, theirs) == 0;
    matched += same;
    if (!same || listed) {
        print_error("%s: %s %s\n  ours:   %s\n  theirs: %s\n", component->name, name,
                    listed ? "is listed as unsupported, but offered" : "differs", ours, theirs);
        wrong++;
    }
    free(ours);
    free(theirs);
}

static void check_component(const struct component *component, const char *list)
{
    char path[600];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s/fixtures.json", components_folder, component->name);
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(file);
    const json_t *fixtures = json_object_get(file, "fixtures");
    assert_true(json_array_size(fixtures) > 0);
    for (size_t i = 0; i < json_array_size(fixtures); i++) {
        const json_t *one = json_array_get(fixtures, i);
        struct fixture fixture = {.options = json_object_get(one, "options")};
        struct buffer html = buffer_open(1024 * 1024);
        assert_int_equal(arena_open(1024 * 1024, &fixture.arena), FAULT_NONE);
        const char *unknown = fixture_unknown_option(fixture.options, component->options);
        if (unknown == NULL)
            component->render(&fixture, &html);
        assert_int_equal(buffer_fault(&html), FAULT_NONE);
        judge(component, one, buffer_str(&html), unknown != NULL ? reason_for(unknown) : fixture.unsupported,
              list);
        buffer_close(&html);
        arena_close(fixture.arena);
    }
    json_decref(file);
}

/* A component that the package ships is checked, or listed as one that no page uses. */
static void check_unused(const char *list)
{
    DIR *folder = opendir(components_folder);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        bool ours = strchr(entry->d_name, '.') != NULL; /* not a component's folder */
        for (size_t i = 0; i < sizeof components / sizeof components[0]; i++)
            ours = ours || strcmp(components[i].name, entry->d_name) == 0;
        if (listing && !ours)
            printf("%s: *: no page uses it\n", entry->d_name);
        if (!listing && ours == is_listed(list, entry->d_name, "*")) {
            print_error("%s should be %s\n", entry->d_name, ours ? "no longer listed" : "listed as unused");
            wrong++;
        }
    }
    closedir(folder);
}

static char *read_list(void)
{
    FILE *file = fopen(list_path, "rb");
    char *list = calloc(1, 128 * 1024);
    assert_non_null(list);
    list[0] = '\n';
    if (file != NULL) {
        assert_true(fread(list + 1, 1, 128 * 1024 - 2, file) < 128 * 1024 - 2);
        fclose(file);
    } else {
        assert_true(listing);
    }
    return list;
}

static void every_partial_gives_govuk_frontend_s_html(void **state)
{
    struct stat there;
    (void)state;
    if (stat(components_folder, &there) != 0) {
        print_message("skipped: govuk-frontend is not installed (make setup)\n");
        skip();
    }
    char *list = read_list();
    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++)
        check_component(&components[i], list);
    check_unused(list);
    free(list);
    print_message("%zu fixtures match, %zu are listed as unsupported\n", matched, unsupported);
    if (!listing)
        assert_int_equal(wrong, 0);
    assert_true(matched > 200);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_partial_gives_govuk_frontend_s_html)};
    if (argc < 3) {
        fputs("usage: test_components COMPONENTS-FOLDER UNSUPPORTED-LIST [--list]\n", stderr);
        return 2;
    }
    components_folder = argv[1];
    list_path = argv[2];
    listing = argc > 3 && strcmp(argv[3], "--list") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
