/* What stands around a form, and beside it. */
#include "partials.h"
#include "web/templates.h"

/* Shorter names for what stands on every line below. */
#define TEXT(path) fixture_text(f, f->options, path)
#define ITEM(path) fixture_text(f, item, path)

void partial_back_link(struct fixture *f, struct buffer *html)
{
    template_back_link(html, &(struct template_back_link){.text = TEXT("text"),
                                                          .href = fixture_path(f, f->options, "href"),
                                                          .classes = TEXT("classes")});
}

void partial_details(struct fixture *f, struct buffer *html)
{
    struct template_details part = {.id = TEXT("id"),
                                    .classes = TEXT("classes"),
                                    .summary = TEXT("summaryText"),
                                    .text = TEXT("text"),
                                    .open = fixture_flag(f->options, "open")};
    template_details_begin(html, &part);
    template_details_end(html, &part);
}

void partial_generic_header(struct fixture *f, struct buffer *html)
{
    template_generic_header(html,
                            &(struct template_generic_header){.text = TEXT("logoText"),
                                                              .href = fixture_path(f, f->options, "url"),
                                                              .classes = TEXT("classes"),
                                                              .container_classes = TEXT("containerClasses")});
}

void partial_inset_text(struct fixture *f, struct buffer *html)
{
    struct template_inset_text part = {.id = TEXT("id"), .text = TEXT("text"), .classes = TEXT("classes")};
    template_inset_text_begin(html, &part);
    template_inset_text_end(html, &part);
}

void partial_phase_banner(struct fixture *f, struct buffer *html)
{
    template_phase_banner(html, &(struct template_phase_banner){.tag = TEXT("tag.text"),
                                                                .tag_classes = TEXT("tag.classes"),
                                                                .text = TEXT("text"),
                                                                .classes = TEXT("classes")});
}

void partial_service_navigation(struct fixture *f, struct buffer *html)
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
    struct str menu = fixture_or(TEXT("menuButtonText"), STR("Menu"));
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

void partial_skip_link(struct fixture *f, struct buffer *html)
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
            f->unsupported = fixture_or(str_of(f->unsupported), STR("an action that leads nowhere")).at;
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

void partial_summary_list(struct fixture *f, struct buffer *html)
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

void partial_table(struct fixture *f, struct buffer *html)
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

void partial_tag(struct fixture *f, struct buffer *html)
{
    template_tag(html, &(struct template_tag){.text = TEXT("text"), .classes = TEXT("classes")});
}

void partial_warning_text(struct fixture *f, struct buffer *html)
{
    template_warning_text(html, &(struct template_warning_text){.text = TEXT("text"),
                                                                .fallback = TEXT("iconFallbackText"),
                                                                .classes = TEXT("classes")});
}
