/* Who is whom: rows and records that wait for an officer (R9.6, R14.3). */
#include "web/pages/manage.h"

static struct template_path case_path(struct page *page, struct str ref)
{
    buffer_put(&page->words, STR("/manage/held/"));
    buffer_put(&page->words, ref);
    const struct str text = page_words(page);
    return text.len > 0 ? (struct template_path){text} : TEMPLATE_PATH("/");
}

static struct str numbered(struct page *page, const char *word, size_t number)
{
    buffer_put(&page->words, str_of(word));
    buffer_put_int(&page->words, (int64_t)number);
    return page_words(page);
}

static struct str what_words(struct page *page, const struct case_view *one)
{
    if (one->pair)
        return one->second ? STR("Two records; somebody has said that they are one child's")
                           : STR("Two records");
    buffer_put(&page->words, STR("A row from "));
    buffer_put(&page->words, one->source);
    return page_words(page);
}

void page_held(struct page *page)
{
    const struct cases_view *view = page->answer->cases;
    must(view != NULL);
    struct template_held_rows *rows = page_take(page, view->count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->count; i++) {
        const struct case_view *one = &view->cases[i];
        rows[i].href = case_path(page, one->ref);
        rows[i].label = numbered(page, "Case ", i + 1);
        rows[i].what = what_words(page, one);
        rows[i].why = one->pair ? STR("They may be one child's") : one->why;
    }
    struct template_held form = {.some = view->count > 0,
                                 .hidden = page->answer->role == ROLE_shielding_officer,
                                 .form_token = page->answer->form_token,
                                 .next = view->next,
                                 .rows = rows,
                                 .rows_count = rows == NULL ? 0 : view->count};
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Who is whom",
                                     .back = TEMPLATE_PATH("/manage"),
                                     .back_text = "What waits for your team"});
    template_held(page->html, &form);
    page_end(page);
}

/* A column of feeds as people read it: "birth_date" is "Birth date". */
static struct str column_words(struct page *page, struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i] == '_' ? ' ' : name.at[i];
        if (i == 0 && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        buffer_put_char(&page->words, c);
    }
    return page_words(page);
}

static struct template_held_said *said(struct page *page, struct str title, const struct said_view *texts,
                                       size_t count)
{
    struct template_held_said *card = page_take(page, 1, sizeof *card);
    struct template_held_said_said *items = page_take(page, count, sizeof *items);
    if (card == NULL || (items == NULL && count > 0))
        return NULL;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct template_held_said_said){.name = column_words(page, texts[i].name),
                                                    .text = texts[i].text};
    card->title = title;
    card->said = items;
    card->said_count = count;
    return card;
}

/* "name exact, date of birth close" */
static struct str likeness_words(struct page *page, const struct case_card *card)
{
    for (size_t i = 0; i < card->evidence_count; i++) {
        if (i > 0)
            buffer_put(&page->words, STR(", "));
        buffer_put(&page->words, card->evidence[i].about);
        buffer_put_char(&page->words, ' ');
        buffer_put(&page->words, card->evidence[i].agreement);
    }
    return page_words(page);
}

static const struct template_held_said *card_of(struct page *page, const struct case_card *card,
                                                size_t number)
{
    struct template_held_said *shown =
        said(page, numbered(page, "Record ", number), card->said, card->said_count);
    if (shown == NULL)
        return NULL;
    shown->sealed = card->state == RECORD_SEALED;
    shown->likeness = likeness_words(page, card);
    return shown;
}

static void fill_cards(struct page *page, const struct case_view *one, struct template_held_case *form)
{
    struct template_held_case_cards *cards = page_take(page, one->card_count, sizeof *cards);
    struct template_radios_items *same = page_take(page, one->card_count, sizeof *same);
    struct template_held_case_others *others = page_take(page, one->card_count, sizeof *others);
    if (one->card_count == 0 || cards == NULL || same == NULL || others == NULL)
        return;
    for (size_t i = 0; i < one->card_count; i++) {
        const struct str child = page_reference(page, one->cards[i].child.id);
        cards[i].card = card_of(page, &one->cards[i], i + 1);
        same[i].id = i == 0 ? STR("child") : numbered(page, "child-", i + 1);
        same[i].value = child;
        same[i].text = numbered(page, "Record ", i + 1);
        others[i].id = others[i].name = numbered(page, "other_", i + 1);
        others[i].value = child;
        others[i].text = numbered(page, "It is not record ", i + 1);
    }
    form->cards = cards;
    form->cards_count = one->card_count;
    form->candidates_given = !one->pair;
    form->candidates = same;
    form->others = others;
    form->candidates_count = form->others_count = one->pair ? 0 : one->card_count;
}

void page_held_case(struct page *page)
{
    static const struct choice_view verdicts[] = {{"same", "The same child"},
                                                  {"different", "A different child"}};
    const struct case_view *one = page->answer->one_case;
    if (one == NULL) { /* it waits no more, or is somebody else's by now */
        page_error_page(page);
        return;
    }
    struct template_held_case form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .pair = one->pair,
        .why = one->why,
        .source = one->source,
        .second = one->second,
        .action = case_path(page, one->ref),
        .verdicts = page_choices(page, "verdict", verdicts, 2),
        .verdicts_count = 2,
        .verdict_error = page_error(page, "verdict"),
        .candidate_error = page_error(page, "child"),
    };
    if (!one->pair)
        form.row = said(page, STR("The row"), one->said, one->said_count);
    fill_cards(page, one, &form);
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = one->pair ? "Are these one child?" : "Who is this?"});
    template_held_case(page->html, &form);
    page_end(page);
}
