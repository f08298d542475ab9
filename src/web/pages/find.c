#include "web/pages/parts.h"

static const struct template_select_items *authorities(struct page *page)
{
    const struct answer *answer = page->answer;
    struct template_select_items *items = page_take(page, answer->authority_count + 1, sizeof *items);
    if (items == NULL)
        return NULL;
    struct str typed = page_typed(page, "authority");
    items[0].text = STR("Any");
    for (size_t i = 0; i < answer->authority_count; i++)
        items[i + 1] = (struct template_select_items){
            .value = answer->authorities[i].code,
            .text = answer->authorities[i].name,
            .selected = typed.len > 0 && str_equal(typed, answer->authorities[i].code),
        };
    return items;
}

void page_find(struct page *page)
{
    const struct answer *answer = page->answer;
    const struct template_checkboxes_items similar = {
        .id = STR("similar"),
        .value = STR("yes"),
        .text = STR("Include similar names"),
        .checked = str_equal(page_typed(page, "similar"), STR("yes")),
    };
    size_t reasons;
    const struct template_radios_items *reason_items = page_reasons(page, &reasons);
    struct template_find form = {
        .form_token = answer->form_token,
        .summary = page_summary(page),
        .may_mediate = answer->may_mediate,
        .reason_error = page_error(page, "reason"),
        .reasons = reason_items,
        .reasons_count = reasons,
        .family = page_typed(page, "family"),
        .family_error = page_error(page, "family"),
        .given = page_typed(page, "given"),
        .given_error = page_error(page, "given"),
        .birth = page_date(page, "birth"),
        .birth_count = 3,
        .birth_error = page_date_error(page, "birth"),
        .age = page_typed(page, "age"),
        .age_error = page_error(page, "age"),
        .postcode = page_typed(page, "postcode"),
        .postcode_error = page_error(page, "postcode"),
        .authority_error = page_error(page, "authority"),
        .number = page_typed(page, "number"),
        .number_error = page_error(page, "number"),
        .similar = &similar,
        .similar_count = 1,
    };
    if (answer->authority_count > 0) {
        form.authorities_given = true;
        form.authorities = authorities(page);
        form.authorities_count = form.authorities == NULL ? 0 : answer->authority_count + 1;
    }
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Find a child"});
    template_find(page->html, &form);
    page_end(page);
}

static struct str heading_of(struct page *page, const struct results_view *results)
{
    if (results->too_many)
        return STR("More than 10 children match");
    if (results->count == 0)
        return STR("No child found");
    if (results->count == 1)
        return STR("1 child found");
    buffer_put_int(&page->words, (int64_t)results->count);
    buffer_put(&page->words, STR(" children found"));
    return page_words(page);
}

void page_results(struct page *page)
{
    const struct results_view *results = page->answer->results;
    must(results != NULL);
    size_t count = results->too_many ? 0 : results->count;
    struct template_results_rows *rows = page_take(page, count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        const struct result_view *result = &results->rows[i];
        struct str birth = page_day(page, result->birth);
        rows[i] = (struct template_results_rows){
            .href = page_child_path(page, result->child, ""),
            .name = result->name.text,
            .known_as = result->name.known_as,
            .birth = birth.len > 0 ? birth : STR("Not known"),
            .age = page_age(page, result->age_years),
            .sex = result->sex,
            .area = result->area,
            .shielded = result->state == RECORD_SHIELDED,
            .why = result->why,
        };
    }
    struct str heading = heading_of(page, results);
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Search results"});
    template_results(page->html, &(struct template_results){
                                     .heading = heading,
                                     .asked = results->asked,
                                     .some = count > 0,
                                     .none = count == 0 && !results->too_many,
                                     .too_many = results->too_many,
                                     .similar = !results->similar && count > 0 && results->rows[0].exact,
                                     .form_token = page->answer->form_token,
                                     .search = page_reference(page, results->search.id),
                                     .rows = rows,
                                     .rows_count = count,
                                 });
    page_end(page);
}
