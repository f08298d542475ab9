/* A child's contacts and details: who to ring comes first (service.md §3). */
#include "web/pages/parts.h"

/* "12 May 2026, School census" */
static struct str confirmed_words(struct page *page, struct instant at, struct str source)
{
    if (at.us == 0)
        return (struct str){NULL, 0};
    day_put_words(&page->words, day_of_instant(at));
    if (source.len > 0) {
        buffer_put(&page->words, STR(", "));
        buffer_put(&page->words, source);
    }
    return page_words(page);
}

static struct template_contact_card *card_of(struct page *page, const struct contact_view *contact,
                                             struct str title)
{
    struct template_contact_card *card = page_take(page, 1, sizeof *card);
    if (card == NULL)
        return NULL;
    *card = (struct template_contact_card){
        .title = title,
        .organisation = contact->organisation,
        .person = contact->person,
        .job = contact->job,
        .phone = contact->phone,
        .tel = page_tel(page, contact->phone),
        .email = contact->email,
        .since = page_day(page, contact->from),
        .until = page_day(page, contact->to),
        .confirmed = confirmed_words(page, contact->confirmed, contact->source),
        .assessment = contact->assessment,
        .own = contact->own,
    };
    if (contact->own)
        card->end = page_involvement_path(page, page->answer->child->child, contact->claim);
    return card;
}

/* A card for one place: whom to ring, or which of the answers of R1.3 stands instead.  NULL where hidden. */
static struct template_contact_card *place_card(struct page *page, enum presence presence,
                                                const struct contact_view *contact, struct instant since,
                                                struct str title)
{
    struct template_contact_card *card;
    switch (presence) {
    case PRESENCE_HIDDEN:
        return NULL;
    case PRESENCE_VALUE:
        return card_of(page, contact, title);
    case PRESENCE_NONE:
    case PRESENCE_SILENT:
    case PRESENCE_HOME:
    case PRESENCE_UNREGISTERED:
    case PRESENCE_NO_ADDRESS:
        break;
    }
    card = page_take(page, 1, sizeof *card);
    if (card == NULL)
        return NULL;
    card->title = title;
    card->missing = STR("None recorded");
    if (presence == PRESENCE_HOME)
        card->missing = STR("Educated at home");
    if (presence == PRESENCE_UNREGISTERED)
        card->missing = STR("Not registered with a practice");
    if (presence == PRESENCE_SILENT) {
        buffer_put(&page->words, STR("This source has not answered since "));
        day_put_words(&page->words, day_of_instant(since));
        card->missing = page_words(page);
    }
    return card;
}

struct cards {
    struct template_contacts_cards *at;
    size_t count;
    size_t room;
};

static void add_card(struct cards *cards, const struct template_contact_card *card)
{
    if (card == NULL)
        return;
    must(cards->count < cards->room);
    cards->at[cards->count++].card = card;
}

static const struct contact_view *lead_of(const struct child_view *child)
{
    for (size_t i = 0; i < child->service_count; i++)
        if (child->services[i].lead)
            return &child->services[i];
    return NULL;
}

/* Lead professional, education, doctor, then the services as they come: newest first. */
static struct cards current_cards(struct page *page, const struct child_view *child)
{
    struct cards cards = {.room = child->service_count + 4};
    cards.at = page_take(page, cards.room, sizeof *cards.at);
    if (cards.at == NULL)
        return cards;
    const struct contact_view *lead = lead_of(child);
    struct instant never = {0};
    enum presence lead_presence = lead != NULL ? PRESENCE_VALUE : PRESENCE_NONE;
    if (child->services_presence == PRESENCE_HIDDEN)
        lead_presence = PRESENCE_HIDDEN;
    if (lead != NULL) {
        buffer_put(&page->words, STR("Lead professional: "));
        buffer_put(&page->words, lead->kind);
    } else {
        buffer_put(&page->words, STR("Lead professional"));
    }
    add_card(&cards, place_card(page, lead_presence, lead, never, page_words(page)));
    add_card(&cards,
             place_card(page, child->school_presence, &child->school, child->school_since, STR("Education")));
    add_card(&cards, place_card(page, child->gp_presence, &child->gp, child->gp_since, STR("GP practice")));
    for (size_t i = 0; i < child->service_count; i++)
        if (&child->services[i] != lead)
            add_card(&cards, card_of(page, &child->services[i], child->services[i].kind));
    if (child->services_presence == PRESENCE_NONE)
        add_card(&cards, place_card(page, PRESENCE_NONE, NULL, never, STR("Other services")));
    return cards;
}

static struct cards past_cards(struct page *page, const struct child_view *child)
{
    struct cards cards = {.room = child->past_service_count};
    cards.at = page_take(page, cards.room, sizeof *cards.at);
    for (size_t i = 0; cards.at != NULL && i < child->past_service_count; i++)
        add_card(&cards, card_of(page, &child->past_services[i], child->past_services[i].kind));
    return cards;
}

static struct str team_of(const struct child_view *child)
{
    return child->local_team.len > 0 ? child->local_team : STR("Your local ContactPoint team");
}

/* "You asked on 3 May 2026, 10:20 that this record be shielded. …" */
static struct str request_words(struct page *page)
{
    const struct shield_line_view *line = page->answer->shield_line;
    if (line == NULL)
        return (struct str){NULL, 0};
    buffer_put(&page->words, STR("You asked on "));
    instant_put_words(&page->words, line->asked);
    buffer_put(&page->words, STR(" that this record be shielded. "));
    buffer_put(&page->words, line->state);
    return page_words(page);
}

/* R10: until when; leaving the record ends it sooner. */
static struct str overriding_words(struct page *page)
{
    if (page->answer->overriding_until.us == 0)
        return (struct str){NULL, 0};
    buffer_put(&page->words,
               STR("You have overridden this record's shield, and an investigation has begun. You "
                   "see what is hidden until you leave the record, at the latest until "));
    instant_put_words(&page->words, page->answer->overriding_until);
    buffer_put(&page->words, STR(" (UTC), in "));
    buffer_put_int(&page->words, page->answer->overriding_minutes);
    buffer_put(&page->words, page->answer->overriding_minutes == 1 ? STR(" minute.") : STR(" minutes."));
    return page_words(page);
}

/* A shielded record: four fields and the asker's own team (R9.3); one's own involvement (R7.6). */
static void shielded_page(struct page *page, const struct child_view *child)
{
    struct cards cards = {.room = child->service_count};
    cards.at = page_take(page, cards.room, sizeof *cards.at);
    for (size_t i = 0; cards.at != NULL && i < child->service_count; i++)
        if (child->services[i].own)
            add_card(&cards, card_of(page, &child->services[i], child->services[i].kind));
    struct template_shielded form = {
        .identity = page_identity(page, child),
        .team = team_of(child),
        .cards_given = cards.count > 0,
        .cards = cards.at,
        .cards_count = cards.count,
        .ask = page_child_path(page, child->child, "/ask"),
        .request = request_words(page),
    };
    if (page->answer->may_override)
        form.override = page_child_path(page, child->child, "/override");
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Ask your local team"});
    template_shielded(page->html, &form);
    page_end(page);
}

void page_contacts(struct page *page)
{
    const struct child_view *child = page->answer->child;
    must(child != NULL);
    if (child->state == RECORD_SHIELDED && !child->opened) {
        shielded_page(page, child);
        return;
    }
    struct cards cards = current_cards(page, child);
    struct cards past = past_cards(page, child);
    struct template_contacts contacts = {
        .identity = page_identity(page, child),
        .contacts = page_child_path(page, child->child, ""),
        .details = page_child_path(page, child->child, "/details"),
        .record = page_child_path(page, child->child, "/involvements/new"),
        .sensitive = child->sensitive_mark,
        .ask = page_child_path(page, child->child, "/ask"),
        .team = team_of(child),
        .died = child->state == RECORD_DEAD,
        .cards = cards.at,
        .cards_count = cards.count,
        .past_given = past.count > 0,
        .past = past.at,
        .past_count = past.count,
        .overriding = overriding_words(page),
        .form_token = page->answer->form_token,
        .request = request_words(page),
    };
    if (page->answer->overriding_until.us != 0)
        contacts.leave = page_child_path(page, child->child, "/override/end");
    if (page->answer->may_shield && child->state == RECORD_LIVE)
        contacts.shield = page_child_path(page, child->child, "/shield");
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Who works with this child"});
    template_contacts(page->html, &contacts);
    page_end(page);
}

/* "since 3 May 2024, School census" */
static struct str address_note(struct page *page, const struct address_view *address)
{
    if (address->from.precision != DAY_UNKNOWN) {
        buffer_put(&page->words, STR("since "));
        day_put_words(&page->words, address->from);
        if (address->source.len > 0)
            buffer_put(&page->words, STR(", "));
    }
    buffer_put(&page->words, address->source);
    return page_words(page);
}

static void fill_addresses(struct page *page, const struct child_view *child,
                           struct template_child_details *details)
{
    details->address_given = child->address_presence != PRESENCE_HIDDEN;
    if (child->address_presence == PRESENCE_VALUE) {
        details->address = child->address.text;
        details->address_note = address_note(page, &child->address);
    } else {
        details->address =
            child->address_presence == PRESENCE_NO_ADDRESS ? STR("No known address") : STR("Not recorded");
    }
    struct template_child_details_former_addresses *former =
        page_take(page, child->former_address_count, sizeof *former);
    for (size_t i = 0; former != NULL && i < child->former_address_count; i++) {
        former[i].text = child->former_addresses[i].text;
        former[i].note = address_note(page, &child->former_addresses[i]);
    }
    details->former_addresses = former;
    details->former_addresses_count = former == NULL ? 0 : child->former_address_count;
}

static void fill_carers(struct page *page, const struct child_view *child,
                        struct template_child_details *details)
{
    details->carers_given = child->carers_presence != PRESENCE_HIDDEN;
    details->carers_none = child->carer_count == 0;
    struct template_child_details_carers *carers = page_take(page, child->carer_count, sizeof *carers);
    for (size_t i = 0; carers != NULL && i < child->carer_count; i++)
        carers[i] = (struct template_child_details_carers){
            .name = child->carers[i].name,
            .relationship = child->carers[i].relationship,
            .phone = child->carers[i].phone,
            .tel = page_tel(page, child->carers[i].phone),
            .source = child->carers[i].source,
        };
    details->carers = carers;
    details->carers_count = carers == NULL ? 0 : child->carer_count;
}

static void fill_names_and_numbers(struct page *page, const struct child_view *child,
                                   struct template_child_details *details)
{
    struct template_child_details_former_names *names =
        page_take(page, child->former_name_count, sizeof *names);
    struct template_child_details_numbers *numbers = page_take(page, child->number_count, sizeof *numbers);
    for (size_t i = 0; names != NULL && i < child->former_name_count; i++)
        names[i].text = child->former_names[i];
    for (size_t i = 0; numbers != NULL && i < child->number_count; i++)
        numbers[i] = (struct template_child_details_numbers){.label = child->numbers[i].label,
                                                             .text = child->numbers[i].text,
                                                             .source = child->numbers[i].source};
    details->former_names = names;
    details->former_names_count = names == NULL ? 0 : child->former_name_count;
    details->numbers = numbers;
    details->numbers_count = numbers == NULL ? 0 : child->number_count;
    details->numbers_given = child->number_count > 0;
}

void page_child_details(struct page *page)
{
    const struct child_view *child = page->answer->child;
    must(child != NULL);
    if (child->state == RECORD_SHIELDED && !child->opened) {
        shielded_page(page, child);
        return;
    }
    const struct template_identity *identity = page_identity(page, child);
    if (identity == NULL)
        return;
    struct template_child_details details = {
        .identity = identity,
        .contacts = page_child_path(page, child->child, ""),
        .details = page_child_path(page, child->child, "/details"),
        .name = child->name.text,
        .known_as = child->name.known_as,
        .birth = identity->birth,
        .sex = child->sex,
        .number = child->number,
        .authority = child->authority,
        .overriding = overriding_words(page),
    };
    fill_addresses(page, child, &details);
    fill_carers(page, child, &details);
    fill_names_and_numbers(page, child, &details);
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Details of this child"});
    template_child_details(page->html, &details);
    page_end(page);
}
