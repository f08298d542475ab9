/* What the pages are made with: the request at hand, and texts in its arena.
 *
 * A page's functions never fail at once: what could not be taken from the arena is remembered in `fault`, and
 * page_render tells at the end. */
#ifndef WEB_PAGES_PARTS_H
#define WEB_PAGES_PARTS_H

#include "base/arena.h"
#include "web/page.h"
#include "web/templates.h"

struct page {
    const struct page_request *request;
    const struct answer *answer;
    struct arena *arena;
    struct buffer *html;
    struct buffer words; /* for one text at a time */
    enum fault fault;
    struct template_layout layout; /* from page_begin to page_end */
    struct template_service_navigation_items navigation[8];
};

/* What stands around a page. */
struct frame {
    const char *title;
    struct template_path back; /* empty: no link back */
    const char *back_text;
};

void page_begin(struct page *page, const struct frame *frame);
void page_end(struct page *page);

/* count zeroed items of size_bytes, or NULL and the fault remembered. */
void *page_take(struct page *page, size_t count, size_t size_bytes);

/* What was typed into a field, and what is wrong with it; empty where nothing is. */
struct str page_typed(const struct page *page, const char *field);
struct str page_error(const struct page *page, const char *field);

/* What is wrong with a date, or with one of its boxes. */
struct str page_date_error(const struct page *page, const char *prefix);

/* The summary of all that is wrong, or NULL.  Each line names its field and links to it, a date's to its
 * first box. */
const struct template_error_summary *page_summary(struct page *page);

/* The three boxes of a date: PREFIX_day, PREFIX_month, PREFIX_year, with what was typed. */
const struct template_date_input_items *page_date(struct page *page, const char *prefix);

/* The reasons of policy/reasons.def as radios; none is chosen unless it was typed (R5.1). */
const struct template_radios_items *page_reasons(struct page *page, size_t *ret_count);

/* A copy of what has been written to page->words, which begins anew. */
struct str page_words(struct page *page);

/* Texts as people read them. */
struct str page_day(struct page *page, struct day day);
struct str page_instant(struct page *page, struct instant at);
struct str page_age(struct page *page, int years); /* "14 years"; empty where not known */
struct str page_reference(struct page *page, struct id id);

/* "/children/ID" and what follows: "", "/details". */
struct template_path page_child_path(struct page *page, struct child_id child, const char *rest);
struct template_path page_involvement_path(struct page *page, struct child_id child, struct claim_id claim);
struct template_path page_consent_path(struct page *page, struct child_id child, struct claim_id claim);

/* "tel:" and the digits of a telephone number; empty where it holds none or something else than digits,
 * spaces, brackets, dots, hyphens and a leading plus. */
struct template_path page_tel(struct page *page, struct str phone);

/* Who this is. */
const struct template_identity *page_identity(struct page *page, const struct child_view *child);

/* Each subject's pages. */
void page_home(struct page *page);
void page_sign_in(struct page *page);
void page_sign_in_code(struct page *page);
void page_sign_in_key(struct page *page);
void page_step_up(struct page *page);
void page_step_up_key(struct page *page);
void page_enrol(struct page *page);
void page_enrol_status(struct page *page);
void page_enrol_key(struct page *page);
void page_security(struct page *page);
void page_own_key(struct page *page);
void page_own_key_new(struct page *page);
void page_terms(struct page *page);
void page_find(struct page *page);
void page_results(struct page *page);
void page_contacts(struct page *page);
void page_child_details(struct page *page);
void page_reason(struct page *page);
void page_involvement_new(struct page *page);
void page_involvement(struct page *page);
void page_account(struct page *page);
void page_users(struct page *page);
void page_user(struct page *page);
void page_user_key(struct page *page);
void page_user_new(struct page *page);
void page_organisations(struct page *page);
void page_organisation(struct page *page);
void page_admin_reasons(struct page *page);
void page_policy(struct page *page);
void page_shield_new(struct page *page);
void page_override(struct page *page);
void page_manage(struct page *page);
void page_shields(struct page *page);
void page_shield(struct page *page);
void page_held(struct page *page);
void page_held_case(struct page *page);
void page_overrides(struct page *page);
void page_overriding(struct page *page);
void page_sealings(struct page *page);
void page_alarms(struct page *page);
void page_alarm(struct page *page);
void page_approvals(struct page *page);
void page_approval(struct page *page);
void page_more(struct page *page);
void page_mediate(struct page *page);
void page_sealing(struct page *page);
void page_ask(struct page *page);
void page_messages(struct page *page);
void page_message(struct page *page);
void page_requests(struct page *page);
void page_request(struct page *page);
void page_error_page(struct page *page);

#endif
