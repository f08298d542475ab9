/* What the pages of officers share. */
#ifndef WEB_PAGES_MANAGE_H
#define WEB_PAGES_MANAGE_H

#include "web/pages/parts.h"

/* As radios, the one that was typed checked; `count` items, or NULL and the fault remembered. */
const struct template_radios_items *page_choices(struct page *page, const char *field,
                                                 const struct choice_view *choices, size_t count);

/* Who did what. */
const struct template_timeline *page_timeline(struct page *page, const struct matter_view *matter);

/* A list of what waits: what it is called, and where its lines lead. */
struct matters_words {
    const char *heading, *explain, *none;
    const char *path, *label; /* of matters, which are numbered */
    const char *subject;      /* what a line is; NULL: a case, which has a state */
    const char *whose;        /* NULL: who asked */
    bool ages;                /* minutes count */
};

/* NULL where there was no memory, and then the page remembers. */
struct waiting_rows {
    struct template_matters_rows *at;
    size_t count;
    bool more;
};
void page_waiting(struct page *page, const struct matters_words *words, const struct waiting_rows *rows);

/* "just now", "14 minutes ago" */
struct str page_time_since(struct page *page, int64_t minutes);

/* "/manage/shields/ID" and what follows. */
struct template_path page_matter_path(struct page *page, const char *before, struct id matter,
                                      const char *rest);

#endif
