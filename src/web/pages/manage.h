/* What the pages of officers share. */
#ifndef WEB_PAGES_MANAGE_H
#define WEB_PAGES_MANAGE_H

#include "web/pages/parts.h"

/* As radios, the one that was typed checked; `count` items, or NULL and the fault remembered. */
const struct template_radios_items *page_choices(struct page *page, const char *field,
                                                 const struct choice_view *choices, size_t count);

/* Who did what. */
const struct template_timeline *page_timeline(struct page *page, const struct matter_view *matter);

/* "14 minutes ago" */
struct str page_time_since(struct page *page, int64_t minutes);

/* "/manage/shields/ID" and what follows. */
struct template_path page_matter_path(struct page *page, const char *before, struct id matter,
                                      const char *rest);

#endif
