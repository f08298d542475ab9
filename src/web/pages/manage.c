/* A team's home, its lists, and what its pages share (service.md, pages 18, 20 and 21). */
#include "web/pages/manage.h"

const struct template_radios_items *page_choices(struct page *page, const char *field,
                                                 const struct choice_view *choices, size_t count)
{
    struct template_radios_items *items = page_take(page, count, sizeof *items);
    const struct str typed = page_typed(page, field);
    for (size_t i = 0; items != NULL && i < count; i++) {
        buffer_put(&page->words, str_of(field));
        if (i > 0) {
            buffer_put_char(&page->words, '-');
            buffer_put_int(&page->words, (int64_t)i + 1);
        }
        items[i] = (struct template_radios_items){
            .id = page_words(page),
            .value = str_of(choices[i].value),
            .text = str_of(choices[i].label),
            .checked = str_equal(typed, str_of(choices[i].value)),
        };
    }
    return items;
}

const struct template_timeline *page_timeline(struct page *page, const struct matter_view *matter)
{
    struct template_timeline *timeline = page_take(page, 1, sizeof *timeline);
    struct template_timeline_steps *steps = page_take(page, matter->step_count, sizeof *steps);
    if (timeline == NULL || steps == NULL)
        return NULL;
    for (size_t i = 0; i < matter->step_count; i++) {
        const struct step_view *step = &matter->steps[i];
        steps[i] = (struct template_timeline_steps){
            .at = page_instant(page, step->at),
            .what = step->what,
            .who = step->who,
            .role = step->role,
            .ground = step->ground,
            .text = step->text,
            .more = step->more,
        };
    }
    timeline->steps = steps;
    timeline->steps_count = matter->step_count;
    return timeline;
}

struct template_path page_matter_path(struct page *page, const char *before, struct id matter,
                                      const char *rest)
{
    buffer_put(&page->words, str_of(before));
    id_put(&page->words, matter);
    buffer_put(&page->words, str_of(rest));
    struct str text = page_words(page);
    return text.len > 0 ? (struct template_path){text} : TEMPLATE_PATH("/");
}

static struct str count_words(struct page *page, int64_t count, const char *one, const char *many)
{
    buffer_put_int(&page->words, count);
    buffer_put(&page->words, str_of(count == 1 ? one : many));
    return page_words(page);
}

void page_manage(struct page *page)
{
    const struct team_view *team = page->answer->team;
    must(team != NULL);
    struct template_manage_cards *cards = page_take(page, team->count, sizeof *cards);
    bool clear = true;
    for (size_t i = 0; cards != NULL && i < team->count; i++) {
        clear = clear && team->cards[i].open == 0;
        cards[i] = (struct template_manage_cards){
            .title = team->cards[i].title,
            .href = {team->cards[i].path},
            .open = team->cards[i].open < 0 ? STR("See what waits")
                                            : count_words(page, team->cards[i].open, " open", " open"),
        };
        if (team->cards[i].overdue > 0)
            cards[i].overdue = count_words(page, team->cards[i].overdue, " overdue", " overdue");
    }
    struct template_manage form = {
        .team = team->team, .clear = clear, .cards = cards, .cards_count = cards == NULL ? 0 : team->count};
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "What waits for your team"});
    template_manage(page->html, &form);
    page_end(page);
}

struct str page_time_since(struct page *page, int64_t minutes)
{
    enum { HOUR = 60, DAY = 24 * HOUR };
    if (minutes < 1)
        return STR("just now");
    if (minutes < 2 * HOUR)
        return count_words(page, minutes, " minute ago", " minutes ago");
    if (minutes < 2 * DAY)
        return count_words(page, minutes / HOUR, " hour ago", " hours ago");
    return count_words(page, minutes / DAY, " day ago", " days ago");
}

void page_waiting(struct page *page, const struct matters_words *words, const struct waiting_rows *rows)
{
    const struct str whose = str_of(words->whose == NULL ? "Asked by" : words->whose);
    const bool stated = words->subject == NULL;
    for (size_t i = 0; rows->at != NULL && i < rows->count; i++) {
        rows->at[i].stated = stated;
        rows->at[i].whose = whose;
    }
    struct template_matters form = {.heading = str_of(words->heading),
                                    .explain = str_of(words->explain),
                                    .some = rows->count > 0,
                                    .more = rows->more,
                                    .subject = str_of(stated ? "Case" : words->subject),
                                    .stated = stated,
                                    .whose = whose,
                                    .rows = rows->at,
                                    .rows_count = rows->at == NULL ? 0 : rows->count};
    if (rows->count == 0)
        form.none = str_of(words->none);
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = words->heading,
                                     .back = TEMPLATE_PATH("/manage"),
                                     .back_text = "What waits for your team"});
    template_matters(page->html, &form);
    page_end(page);
}

static void put_list(struct page *page, const struct matters_words *words)
{
    const struct matters_view *view = page->answer->matters;
    must(view != NULL);
    struct template_matters_rows *rows = page_take(page, view->count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->count; i++) {
        const struct matter_line *line = &view->lines[i];
        buffer_put(&page->words, str_of(words->label));
        buffer_put_char(&page->words, ' ');
        buffer_put_int(&page->words, (int64_t)i + 1);
        const struct str label = page_words(page); /* before the next words begin */
        rows[i] = (struct template_matters_rows){
            .label = label,
            .href = page_matter_path(page, words->path, line->matter, ""),
            .state = line->state,
            .who = line->who,
            .opened = page_instant(page, line->opened),
            .due = page_day(page, day_of_instant(line->due)),
            .overdue = line->overdue,
        };
        if (words->ages)
            rows[i].age = page_time_since(page, line->age_minutes);
    }
    page_waiting(page, words, &(struct waiting_rows){rows, view->count, view->more});
}

void page_shields(struct page *page)
{
    put_list(page,
             &(struct matters_words){
                 .heading = "Shields",
                 .explain = "Requests to be decided, shields to be reviewed and lifted. Those that are due "
                            "come first. Whom a case is about is shown when you open it, and recorded.",
                 .none = "No record of your authority is shielded, and nobody has asked for it.",
                 .path = "/manage/shields/",
                 .label = "Shield"});
}

void page_overrides(struct page *page)
{
    put_list(page, &(struct matters_words){
                       .heading = "Overridden shields",
                       .explain = "Each is looked into at once, by somebody else than who did it.",
                       .none = "No override waits to be explained.",
                       .path = "/manage/overrides/",
                       .label = "Override",
                       .ages = true});
}

void page_approvals(struct page *page)
{
    put_list(page, &(struct matters_words){
                       .heading = "Approvals",
                       .explain = "People who have opened as many records as one may, and ask to open more.",
                       .none = "Nobody asks to open more records.",
                       .path = "/manage/approvals/",
                       .label = "Approval",
                       .ages = true});
}

void page_requests(struct page *page)
{
    put_list(page,
             &(struct matters_words){
                 .heading = "Questions to the team",
                 .explain = "Practitioners who want to be put in touch with whom a record does not show. "
                            "About whom they ask is shown when you open a question, and recorded.",
                 .none = "Nobody waits for an answer.",
                 .path = "/manage/requests/",
                 .label = "Question"});
}

void page_sealings(struct page *page)
{
    put_list(page,
             &(struct matters_words){
                 .heading = "New identities",
                 .explain = "Records that are closed for good. Who somebody was is opened by two people.",
                 .none = "No record of your authority is closed behind a new identity.",
                 .path = "/manage/sealings/",
                 .label = "Entry"});
}

void page_overriding(struct page *page)
{
    const struct matter_view *matter = page->answer->matter;
    must(matter != NULL);
    struct template_overriding form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .identity = page_identity(page, matter->child),
        .state = matter->state,
        .asker = matter->asker,
        .opened = page_instant(page, matter->opened),
        .due = page_day(page, day_of_instant(matter->due)),
        .overdue = matter->overdue,
        .timeline = page_timeline(page, matter),
        .to_decide = matter->to_decide,
        .own = matter->own,
        .decide = page_matter_path(page, "/manage/overrides/", matter->matter, ""),
        .outcomes = page_choices(page, "outcome", page->answer->choices, page->answer->choice_count),
        .outcomes_count = page->answer->choice_count,
        .outcome_error = page_error(page, "outcome"),
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "An overridden shield"});
    template_overriding(page->html, &form);
    page_end(page);
}

void page_sealing(struct page *page)
{
    static const struct choice_view answers[] = {{"agree", "Yes, I agree"},
                                                 {"decline", "No, I do not agree"}};
    const struct matter_view *matter = page->answer->matter;
    must(matter != NULL);
    struct template_sealing form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .state = matter->state,
        .asker = matter->asker,
        .opened = page_instant(page, matter->opened),
        .timeline = page_timeline(page, matter),
        .to_decide = matter->to_decide,
        .to_second = matter->to_second,
        .own = matter->own,
        .wanted = matter->wanted,
        .open = page_matter_path(page, "/manage/sealings/", matter->matter, "/open"),
        .second = page_matter_path(page, "/manage/sealings/", matter->matter, ""),
        .answers = page_choices(page, "answer", answers, 2),
        .answers_count = 2,
        .answer_error = page_error(page, "answer"),
        .text = page_typed(page, "text"),
        .text_error = page_error(page, "text"),
    };
    if (matter->link != NULL) {
        form.link_given = true;
        form.old_number = matter->link->old_number;
        form.new_number = matter->link->new_number;
    }
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "A new identity"});
    template_sealing(page->html, &form);
    page_end(page);
}
