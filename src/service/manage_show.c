/* Pages about one matter, and lists of them. */
#include "registry/family.h"
#include "registry/freshness.h"
#include "service/manage.h"

struct showing {
    struct conduct *conduct;
    const struct matter_page *page;
    struct matter matter;
    struct matter_step *steps;
    size_t step_count;
    struct child *child;
    struct freshness freshness;
};

static enum fault read_all(struct db_tx *tx, void *context)
{
    struct showing *showing = context;
    struct conduct *conduct = showing->conduct;
    const struct matters *matters = &conduct->service->matters;
    enum fault fault;
    TRY(manage_matter(tx, conduct, &showing->matter));
    TRY(matter_steps(tx, matters, &showing->matter, conduct->arena, &showing->steps, &showing->step_count));
    TRY(child_read_whole(tx, conduct->display, showing->matter.child, conduct->arena, &showing->child));
    TRY(freshness_read(tx, conduct->arena, &showing->freshness));
done:
    return fault;
}

static enum fault disclose(const struct showing *showing, const field_mask *sight,
                           struct child_view **ret_view)
{
    const struct conduct *conduct = showing->conduct;
    const struct disclosure disclosure = {&conduct->caller, sight, &showing->freshness, conduct->now,
                                          conduct->arena};
    return disclose_child(&disclosure, showing->child, ret_view);
}

/* The four fields that a shield leaves to everybody (R9.3), whatever the record's state is now. */
static enum fault disclose_to_others(const struct showing *showing, struct child_view **ret_view)
{
    field_mask sight[RECORD_STATES + 1] = {0};
    sight[showing->child->state] = policy_sight_of(VIEWER_practitioner, RECORD_SHIELDED);
    return disclose(showing, sight, ret_view);
}

static void say_step(const struct matter_page *page, const struct matter_step *step, struct step_view *view)
{
    *view = (struct step_view){.at = step->at,
                               .what = str_of(step_verb_words(step->verb)),
                               .who = step->name,
                               .ground = page->outcome_words(step),
                               .text = step->text,
                               .more = step->more};
    if (step->role != ROLE_NONE)
        view->role = str_of(policy_role_label(step->role));
}

static bool is_overdue(const struct conduct *conduct, const struct matter *matter)
{
    return matter->state != MATTER_CLOSED && matter->due.us <= conduct->now.us;
}

static enum fault say_matter(const struct showing *showing, struct matter_view *view)
{
    const struct conduct *conduct = showing->conduct;
    view->matter = showing->matter.matter.id;
    view->opened = showing->matter.opened;
    view->due = showing->matter.due;
    view->overdue = is_overdue(conduct, &showing->matter);
    view->steps = arena_take_array(conduct->arena, showing->step_count + 1, sizeof *view->steps);
    if (view->steps == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < showing->step_count; i++)
        say_step(showing->page, &showing->steps[i], &view->steps[i]);
    view->step_count = showing->step_count;
    if (showing->step_count > 0)
        view->asker = showing->steps[0].name;
    showing->page->describe(conduct, &showing->matter, view);
    return FAULT_NONE;
}

/* What of the record this caller sees, because it is their case; 0 where nothing. */
static field_mask sight_of(const struct showing *showing)
{
    return showing->page->shows_child ? showing->conduct->decision.sight[showing->child->state] : 0;
}

/* Inside the entry's transaction: it is still this officer's, and the record is in the state that was
 * disclosed. */
static enum fault confirm(struct db_tx *tx, void *context)
{
    const struct showing *showing = context;
    struct child_standing now;
    struct matter matter;
    enum fault fault;
    TRY(manage_matter(tx, showing->conduct, &matter));
    TRY(family_standing(tx, showing->matter.child, showing->conduct->arena, &now));
    if (now.state != showing->child->state || !id_equal(now.child.id, showing->child->child.id))
        fault = FAULT_CONFLICT;
done:
    return fault;
}

enum fault manage_show(struct conduct *conduct, const struct matter_page *page)
{
    struct showing *showing = arena_take(conduct->arena, sizeof *showing);
    struct matter_view *view = arena_take(conduct->arena, sizeof *view);
    struct entries entries = {0};
    enum fault fault;
    if (showing == NULL || view == NULL)
        return FAULT_MEMORY;
    *showing = (struct showing){.conduct = conduct, .page = page};
    TRY(db_read(conduct->service->db, read_all, showing));
    TRY(say_matter(showing, view));
    if (sight_of(showing) != 0) {
        TRY(disclose(showing, conduct->decision.sight, &view->child));
        TRY(disclose_to_others(showing, &view->others));
    }
    TRY(entries_add(conduct, &entries, page->event, showing->child->child, &showing->child->key,
                    sight_of(showing)));
    TRY(conduct_commit(conduct, &entries, confirm, showing));
    conduct->answer->matter = view;
done:
    return fault;
}

struct listing {
    struct conduct *conduct;
    const struct matters_page *page;
    struct matter found[MATTER_LIST_MAX];
    struct str who[MATTER_LIST_MAX];
    size_t count;
    bool more;
};

/* Who asked stands in its first step, sealed with it. */
static enum fault read_who(struct db_tx *tx, struct listing *listing, size_t at)
{
    const struct conduct *conduct = listing->conduct;
    struct matter_step *steps = NULL;
    size_t count = 0;
    enum fault fault;
    TRY(matter_steps(tx, &conduct->service->matters, &listing->found[at], conduct->arena, &steps, &count));
    if (count > 0)
        listing->who[at] = steps[0].name;
done:
    return fault;
}

static enum fault read_list(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    struct conduct *conduct = listing->conduct;
    enum fault fault;
    TRY(matter_list(tx, &conduct->service->matters, listing->page->kind,
                    conduct->caller.organisation.authority, NULL, conduct->arena, listing->found,
                    &listing->count));
    for (size_t i = 0; i < listing->count; i++)
        TRY(read_who(tx, listing, i));
done:
    return fault;
}

static struct matter_line line_of(const struct listing *listing, size_t at)
{
    const struct matter *matter = &listing->found[at];
    const struct conduct *conduct = listing->conduct;
    return (struct matter_line){.matter = matter->matter.id,
                                .state = listing->page->state_words(matter),
                                .who = listing->who[at],
                                .opened = matter->opened,
                                .due = matter->due,
                                .age_minutes = (conduct->now.us - matter->opened.us) / seconds(60).us,
                                .overdue = is_overdue(conduct, matter),
                                .second = matter->state == MATTER_SECOND};
}

enum fault manage_list(struct conduct *conduct, const struct matters_page *page)
{
    struct listing *listing = arena_take(conduct->arena, sizeof *listing);
    struct matters_view *view = arena_take(conduct->arena, sizeof *view);
    enum fault fault;
    if (listing == NULL || view == NULL)
        return FAULT_MEMORY;
    *listing = (struct listing){.conduct = conduct, .page = page};
    TRY(db_read(conduct->service->db, read_list, listing));
    view->lines = arena_take_array(conduct->arena, listing->count + 1, sizeof *view->lines);
    if (view->lines == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < listing->count; i++)
        view->lines[i] = line_of(listing, i);
    view->count = listing->count;
    view->more = listing->count == MATTER_LIST_MAX;
    TRY(conduct_enter(conduct, page->event, NULL, NULL));
    conduct->answer->matters = view;
done:
    return fault;
}
