/* What the pages of accounts and organisations share. */
#ifndef WEB_PAGES_STAFF_PARTS_H
#define WEB_PAGES_STAFF_PARTS_H

#include "web/pages/parts.h"

/* A state in a word or two, and the colour of its tag. */
struct state_words {
    struct str text;
    struct str classes;
    struct str explanation; /* a sentence; may be empty */
};
struct state_words staff_standing(const struct user_row *row);
struct state_words staff_check(struct page *page, const struct check_view *check);
struct state_words staff_organisation(struct page *page, const struct organisation_row *row);

/* One checkbox of its own field, PREFIX and a name: the row of a list of checkboxes.  `first_id` is that of
 * the first, so that an error can link to it. */
struct tick {
    const char *prefix;
    struct str name;
    struct str label;
    bool checked;
};
struct str staff_tick_name(struct page *page, const struct tick *tick);
struct template_checkboxes_items *staff_tick_items(struct page *page, const struct tick *tick);

/* Whether a tick was typed; before a form was sent, what is known. */
bool staff_is_ticked(const struct page *page, const struct tick *tick, bool known);

/* "/manage/users/ID" and what follows; "/admin/organisations/ID". */
struct template_path staff_user_path(struct page *page, struct account_id account, const char *rest);
struct template_path staff_organisation_path(struct page *page, struct organisation_id organisation);

/* The form that lets them set up how they sign in. */
const struct template_user_enrol *staff_enrolling(struct page *page, const struct user_view *view);

/* What somebody signs in with beside their password; NULL where there is nothing of it. */
const struct template_user_held *staff_held(struct page *page, const struct user_view *view);

/* A number in words. */
struct str staff_number(struct page *page, uint64_t number);

/* "12 of 50 accounts are in use." */
struct str staff_room(struct page *page, int64_t accounts, uint32_t users_max);

/* "17 more are like this: filter to find them."; empty for none. */
struct str staff_left_out(struct page *page, size_t left_out);

#endif
