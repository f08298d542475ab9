/* The steps of a story that look at what the last one gave. */
#include "story.h"

static void expect_text(struct story *story, struct str found)
{
    struct str wanted = story_take(story);
    if (!str_equal(found, wanted))
        STORY_FAIL(story, "found \"%.*s\" instead of \"%.*s\"", (int)found.len, found.at, (int)wanted.len,
                   wanted.at);
}

static void expect_count(struct story *story, size_t found)
{
    int64_t wanted = story_take_number(story);
    if ((int64_t)found != wanted)
        STORY_FAIL(story, "found %zu instead of %d", found, (int)wanted);
}

static const struct child_view *view_of(struct story *story)
{
    if (story->view == NULL)
        STORY_FAIL(story, "no child is open: %s",
                   story->answer == NULL ? "" : fault_name(story->answer->fault));
    return story->view;
}

static void expect_results(struct story *story)
{
    if (story->results == NULL)
        STORY_FAIL(story, "there is no list: %s", fault_name(story->answer->fault));
    expect_count(story, story->results->count);
}

/* row N NAME [area TEXT] [exact|similar] [why TEXT] */
static void expect_row(struct story *story)
{
    size_t nth = (size_t)story_take_number(story);
    if (story->results == NULL || nth < 1 || nth > story->results->count)
        STORY_FAIL(story, "the list has no such row");
    const struct result_view *row = &story->results->rows[nth - 1];
    expect_text(story, row->name.text);
    while (!story_is_over(story)) {
        if (story_accept(story, "area"))
            expect_text(story, row->area);
        else if (story_accept(story, "why"))
            expect_text(story, row->why);
        else if (story_accept(story, "exact") && !row->exact)
            STORY_FAIL(story, "the row is only similar");
        else if (story_accept(story, "similar") && row->exact)
            STORY_FAIL(story, "the row is exact");
    }
}

static void expect_too(struct story *story)
{
    if (!story_accept(story, "many") || story->results == NULL || !story->results->too_many)
        STORY_FAIL(story, "not too many were found");
}

static void expect_fault(struct story *story)
{
    expect_text(story, str_of(fault_name(story->answer->fault)));
}

static void expect_error(struct story *story)
{
    const char *field = story_take_text(story);
    if (!house_has_error(story->answer, field))
        STORY_FAIL(story, "nothing is wrong at %s", field);
}

static void expect_entries(struct story *story)
{
    expect_count(story, (size_t)(house_entries(story->house) - story->mark));
}

static void expect_event(struct story *story)
{
    size_t count;
    const struct audit_event *events = house_events(story->house, 0, &count);
    if (count == 0)
        STORY_FAIL(story, "the log is empty");
    expect_text(story, str_of(policy_event_name(events[count - 1].event)));
}

static void expect_presence(struct story *story, enum presence presence, struct str value)
{
    static const struct {
        const char *word;
        enum presence presence;
    } words[] = {{"hidden", PRESENCE_HIDDEN},
                 {"none", PRESENCE_NONE},
                 {"silent", PRESENCE_SILENT},
                 {"home", PRESENCE_HOME},
                 {"unregistered", PRESENCE_UNREGISTERED},
                 {"unknown", PRESENCE_NO_ADDRESS}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!story_accept(story, words[i].word))
            continue;
        if (presence != words[i].presence)
            STORY_FAIL(story, "found presence %d instead", (int)presence);
        return;
    }
    if (presence != PRESENCE_VALUE)
        STORY_FAIL(story, "found presence %d instead", (int)presence);
    expect_text(story, value);
}

static void expect_school(struct story *story)
{
    expect_presence(story, view_of(story)->school_presence, view_of(story)->school.organisation);
}

static void expect_gp(struct story *story)
{
    expect_presence(story, view_of(story)->gp_presence, view_of(story)->gp.organisation);
}

static void expect_address(struct story *story)
{
    expect_presence(story, view_of(story)->address_presence, view_of(story)->address.text);
}

static void expect_name(struct story *story)
{
    expect_text(story, view_of(story)->name.text);
}

static void expect_team(struct story *story)
{
    expect_text(story, view_of(story)->local_team);
}

static const struct contact_view *find_service(const struct contact_view *services, size_t count,
                                               struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(services[i].organisation, name))
            return &services[i];
    return NULL;
}

/* service NAME [phone TEXT] [own|lead] */
static void expect_service(struct story *story)
{
    const struct child_view *view = view_of(story);
    const struct contact_view *service = find_service(view->services, view->service_count, story_take(story));
    if (service == NULL)
        STORY_FAIL(story, "no such service works with the child");
    while (!story_is_over(story)) {
        if (story_accept(story, "phone"))
            expect_text(story, service->phone);
        else if (story_accept(story, "own")    ? !service->own
                 : story_accept(story, "lead") ? !service->lead
                                               : true)
            STORY_FAIL(story, "the service is not that");
    }
}

static void expect_past(struct story *story)
{
    const struct child_view *view = view_of(story);
    if (find_service(view->past_services, view->past_service_count, story_take(story)) == NULL)
        STORY_FAIL(story, "no such service ended");
}

/* services N; past services are `pasts N` */
static void expect_services(struct story *story)
{
    expect_count(story, view_of(story)->service_count);
}

static void expect_pasts(struct story *story)
{
    expect_count(story, view_of(story)->past_service_count);
}

static void expect_numbers(struct story *story)
{
    expect_count(story, view_of(story)->number_count);
}

static void expect_number(struct story *story)
{
    if (view_of(story)->number_count == 0)
        STORY_FAIL(story, "no number is shown");
    expect_text(story, view_of(story)->numbers[0].text);
}

static void expect_shielded(struct story *story)
{
    const struct child_view *view = view_of(story);
    if (view->state != RECORD_SHIELDED || view->address.text.len > 0 || view->carer_count > 0 ||
        view->former_name_count > 0 || view->former_address_count > 0 || view->number_count > 0 ||
        view->school_presence != PRESENCE_HIDDEN || view->gp_presence != PRESENCE_HIDDEN ||
        view->past_service_count > 0 || view->authority.len > 0)
        STORY_FAIL(story, "more is shown than a shield allows");
}

static void expect_nothing(struct story *story)
{
    if (story->answer->child != NULL || story->answer->results != NULL || story->answer->account != NULL)
        STORY_FAIL(story, "something is shown");
}

static void expect_looks(struct story *story)
{
    if (story->answer->account == NULL)
        STORY_FAIL(story, "no account is shown");
    expect_count(story, story->answer->account->look_count);
}

static void expect_children(struct story *story)
{
    expect_count(story, (size_t)house_count(story->house, "SELECT count(*) FROM child"));
}

static void expect_waiting(struct story *story)
{
    expect_count(story, (size_t)house_count(story->house, "SELECT count(*) FROM batch_waiting"));
}

void story_expect(struct story *story)
{
    static const struct {
        const char *word;
        void (*expect)(struct story *story);
    } expectations[] = {
        {"results", expect_results},
        {"row", expect_row},
        {"too", expect_too},
        {"fault", expect_fault},
        {"error", expect_error},
        {"entries", expect_entries},
        {"event", expect_event},
        {"school", expect_school},
        {"gp", expect_gp},
        {"address", expect_address},
        {"name", expect_name},
        {"team", expect_team},
        {"service", expect_service},
        {"past", expect_past},
        {"services", expect_services},
        {"pasts", expect_pasts},
        {"numbers", expect_numbers},
        {"number", expect_number},
        {"shielded", expect_shielded},
        {"nothing", expect_nothing},
        {"looks", expect_looks},
        {"children", expect_children},
        {"waiting", expect_waiting},
        {"message", story_expect_message},
        {"messages", story_expect_messages},
        {"sensitive", story_expect_sensitive},
    };
    struct str word = story_take(story);
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        if (str_equal(word, str_of(expectations[i].word))) {
            expectations[i].expect(story);
            return;
        }
    STORY_FAIL(story, "nothing can be expected of %.*s", (int)word.len, word.at);
}
