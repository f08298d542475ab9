/* Who works with a child: involvements that are one's own, anybody's, or a sensitive service's (R7, R8). */
#include <stdlib.h>

#include "access/disclose_parts.h"

enum { PAST_DAYS_MAX = 365 /* R7.2 */ };

static bool same_involvement(const struct claim *a, const struct claim *b)
{
    return a->source == b->source && str_equal(a->row.at[COLUMN_record], b->row.at[COLUMN_record]) &&
           str_equal(a->row.at[COLUMN_involvement], b->row.at[COLUMN_involvement]);
}

/* A superseded involvement is past only where nothing newer speaks of the same one. */
static bool is_replaced(const struct child *child, const struct claim *claim)
{
    for (size_t i = 0; i < child->claim_count; i++) {
        const struct claim *other = &child->claims[i];
        if (other != claim && other->kind == ROW_INVOLVEMENT && same_involvement(other, claim) &&
            (!other->superseded || other->recorded.us > claim->recorded.us))
            return true;
    }
    return false;
}

static bool is_sensitive(const struct claim *claim)
{
    enum service_kind kind = policy_service_of(claim->row.at[COLUMN_service_kind]);
    return kind != SERVICE_NONE && policy_service_sensitive(kind);
}

static struct contact_view contact_of(const struct disclosure *disclosure, const struct claim *claim,
                                      bool own)
{
    const struct row *row = &claim->row;
    enum service_kind kind = policy_service_of(row->at[COLUMN_service_kind]);
    struct contact_view view = {.kind = kind == SERVICE_NONE ? (struct str){"", 0}
                                                             : str_of(policy_service_label(kind)),
                                .organisation = row->at[COLUMN_service],
                                .person = row->at[COLUMN_practitioner],
                                .job = row->at[COLUMN_job],
                                .phone = row->at[COLUMN_phone],
                                .email = row->at[COLUMN_email],
                                .from = disclosed_day(row, COLUMN_from),
                                .to = disclosed_day(row, COLUMN_to),
                                .confirmed = disclosed_confirmed(disclosure, claim),
                                .source = disclosed_source(claim),
                                .lead = str_equal(row->at[COLUMN_lead], STR("yes")),
                                .assessment = str_equal(row->at[COLUMN_assessment], STR("yes")),
                                .own = own,
                                .sensitive = is_sensitive(claim)};
    if (own && !claim->superseded)
        view.claim = claim->claim;
    if (claim->superseded && view.to.precision == DAY_UNKNOWN)
        view.to = day_of_month(claim->superseded_month);
    return view;
}

static bool has_ended(struct day to, struct day today)
{
    if (to.precision == DAY_UNKNOWN)
        return false;
    return to.precision != DAY_EXACT ? to.year < today.year : day_number(to) <= day_number(today);
}

static int newest_first(const void *a, const void *b)
{
    const struct day *from_a = &((const struct contact_view *)a)->from,
                     *from_b = &((const struct contact_view *)b)->from;
    int key_a = from_a->year * 10000 + from_a->month * 100 + from_a->day;
    int key_b = from_b->year * 10000 + from_b->month * 100 + from_b->day;
    if (key_a != key_b)
        return key_b - key_a;
    return str_compare(((const struct contact_view *)a)->organisation,
                       ((const struct contact_view *)b)->organisation);
}

static bool is_own(const struct disclosure *disclosure, const struct claim *claim)
{
    struct account_id self = disclosure->caller->account.account;
    return !id_is_zero(self.id) && id_equal(claim->recorder.id, self.id);
}

/* R8.3: a service is an organisation and what kind of service that is.  Whoever works for the organisation in
 * another kind of service is none of its people. */
static bool is_of_own_service(const struct disclosure *disclosure, const struct claim *claim)
{
    const struct organisation *own = &disclosure->caller->organisation;
    return !id_is_zero(claim->organisation.id) && id_equal(claim->organisation.id, own->organisation.id) &&
           policy_service_of(claim->row.at[COLUMN_service_kind]) == own->service;
}

static bool shows(const struct disclosure *disclosure, const struct claim *claim, field_mask mask, bool ended)
{
    if (is_sensitive(claim))
        return mask_sees(mask, GROUP_SENSITIVE) ||
               (mask_sees(mask, GROUP_OWN_SENSITIVE) && is_of_own_service(disclosure, claim));
    return mask_sees(mask, ended ? GROUP_PAST_SERVICES : GROUP_SERVICES);
}

static bool is_forgotten(const struct contact_view *contact, struct day today)
{
    return contact->to.precision == DAY_EXACT && day_number(today) - day_number(contact->to) > PAST_DAYS_MAX;
}

static void disclose_service(const struct disclosure *disclosure, const struct claim *claim, field_mask mask,
                             struct child_view *view)
{
    struct day today = day_of_instant(disclosure->now);
    bool own = is_own(disclosure, claim) && mask_sees(mask, GROUP_OWN_SERVICES);
    struct contact_view contact = contact_of(disclosure, claim, own);
    bool ended = claim->superseded || has_ended(contact.to, today);
    if (contact.sensitive && !claim->superseded && mask_sees(mask, GROUP_SENSITIVE))
        contact.claim = claim->claim;  /* R8.5: which one the officer asks */
    if (is_sensitive(claim) && !ended) /* R8.3: one line, however many there are */
        view->sensitive_mark = mask_sees(mask, GROUP_SENSITIVE_MARK);
    if ((!own && !shows(disclosure, claim, mask, ended)) || (ended && is_forgotten(&contact, today)))
        return;
    if (ended)
        view->past_services[view->past_service_count++] = contact;
    else
        view->services[view->service_count++] = contact;
}

/* A sensitive involvement without consent, or whose consent was withdrawn, is in no view at all, its own
 * service's included (R8.2, R8.4). */
static bool counts(const struct child *child, const struct claim *claim)
{
    return claim->kind == ROW_INVOLVEMENT && (claim->consented || !is_sensitive(claim)) &&
           !(claim->superseded && is_replaced(child, claim));
}

enum fault disclose_services(const struct disclosure *disclosure, const struct child *child, field_mask mask,
                             struct child_view *view)
{
    view->services = arena_take_array(disclosure->arena, child->claim_count + 1, sizeof *view->services);
    view->past_services =
        arena_take_array(disclosure->arena, child->claim_count + 1, sizeof *view->past_services);
    if (view->services == NULL || view->past_services == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < child->claim_count; i++)
        if (counts(child, &child->claims[i]))
            disclose_service(disclosure, &child->claims[i], mask, view);
    qsort(view->services, view->service_count, sizeof *view->services, newest_first);
    qsort(view->past_services, view->past_service_count, sizeof *view->past_services, newest_first);
    if (mask_sees(mask, GROUP_SERVICES) || view->service_count > 0)
        view->services_presence = view->service_count == 0 ? PRESENCE_NONE : PRESENCE_VALUE;
    return FAULT_NONE;
}
