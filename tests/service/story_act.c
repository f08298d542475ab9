/* The steps of a story that do something. */
#include <stdio.h>

#include "story.h"

enum { FORM_WORDS_MAX = 2 * HOUSE_FIELDS_MAX + 1, FORM_TEXT_BYTES = 16 };

/* A form being filled in. */
struct form {
    const char *words[FORM_WORDS_MAX];
    size_t count;
    char parts[6][FORM_TEXT_BYTES]; /* of dates */
    size_t part_count;
};

static void put(struct form *form, const char *field, const char *text)
{
    assert_true(form->count + 2 < FORM_WORDS_MAX);
    form->words[form->count++] = field;
    form->words[form->count++] = text;
}

/* Three boxes from 2014-03-27, 2014-03 or 2014; what is no date goes into the day's box as it is. */
static void put_date(struct story *story, struct form *form, const char *const fields[3])
{
    struct day day = {0};
    const char *text = story_take_text(story);
    if (!day_parse(str_of(text), &day)) {
        put(form, fields[0], text);
        put(form, fields[1], "1");
        put(form, fields[2], "2014");
        return;
    }
    const int parts[3] = {day.day, day.month, day.year};
    for (size_t i = 0; i < 3; i++) {
        char *part = form->parts[form->part_count++];
        (void)snprintf(part, FORM_TEXT_BYTES, "%d", parts[i]);
        put(form, fields[i], parts[i] == 0 ? "" : part);
    }
}

static struct known_child *child_known(struct story *story, struct str given, struct str family,
                                       enum source source)
{
    for (size_t i = 0; i < story->child_count; i++)
        if (str_equal(story->children[i].given, given) && str_equal(story->children[i].family, family) &&
            (source == SOURCE_NONE || story->children[i].source == source))
            return &story->children[i];
    return NULL;
}

static enum column take_column(struct story *story)
{
    struct str name = story_take(story);
    for (int column = 0; column < COLUMNS_END; column++)
        if (str_equal(name, str_of(row_column((enum column)column)->name)))
            return (enum column)column;
    STORY_FAIL(story, "feeds have no column %.*s", (int)name.len, name.at);
    return COLUMNS_END;
}

/* Pairs of column and text, then "from SOURCE". */
static enum source take_columns(struct story *story, struct row *row)
{
    while (!(story->next + 2 == story->word_count && story_accept(story, "from"))) {
        enum column column = take_column(story);
        row->at[column] = story_take(story);
    }
    enum source source = policy_source_of(story_take(story));
    if (source == SOURCE_NONE)
        STORY_FAIL(story, "no source has that name");
    return source;
}

/* child GIVEN FAMILY born DATE [COLUMN TEXT]… from SOURCE */
static void act_child(struct story *story)
{
    struct row row = house_child("", "", "", "");
    row.at[COLUMN_given] = story_take(story);
    row.at[COLUMN_family] = story_take(story);
    if (!story_accept(story, "born"))
        STORY_FAIL(story, "a child is born");
    row.at[COLUMN_birth_date] = story_take(story);
    enum source source = take_columns(story, &row);
    struct known_child *known = child_known(story, row.at[COLUMN_given], row.at[COLUMN_family], source);
    if (known == NULL) {
        char text[FORM_TEXT_BYTES];
        assert_true(story->child_count < STORY_CHILDREN_MAX);
        known = &story->children[story->child_count++];
        *known = (struct known_child){row.at[COLUMN_given], row.at[COLUMN_family], {"", 0}, source};
        (void)snprintf(text, sizeof text, "record-%zu", story->child_count);
        assert_int_equal(arena_copy(story->house->arena, str_of(text), &known->record), FAULT_NONE);
    }
    row.at[COLUMN_record] = known->record;
    (void)house_load(story->house, source, &row, 1);
}

/* empty SOURCE N: a full batch without a row, which announces N removals */
static void act_empty(struct story *story)
{
    struct feed feed = {.source = policy_source_of(story_take(story)), .mode = BATCH_FULL};
    feed.removals = story_take_number(story);
    enum fault fault = house_feed(story->house, &feed, NULL);
    if (fault != FAULT_NONE)
        STORY_FAIL(story, "the batch was answered %s: %s", fault_name(fault), fault_last_note());
}

/* involvement GIVEN FAMILY KIND SERVICE [COLUMN TEXT]… from SOURCE */
static void act_involvement(struct story *story)
{
    struct str given = story_take(story), family = story_take(story);
    const char *kind = story_take_text(story), *service = story_take_text(story);
    struct row row = house_involvement("", service, kind, service);
    enum source source = take_columns(story, &row);
    const struct known_child *known = child_known(story, given, family, source);
    if (known == NULL)
        STORY_FAIL(story, "that source knows no such child");
    row.at[COLUMN_record] = known->record;
    (void)house_load(story->house, source, &row, 1);
}

static void act_sign(struct story *story)
{
    if (story_accept(story, "out")) {
        story->answer = house_ask(&story->seat, &(struct request){.operation = OP_sign_out});
        return;
    }
    if (!story_accept(story, "in"))
        STORY_FAIL(story, "sign in, or sign out");
    const char *user_name = story_take_text(story);
    enum role role = ROLE_practitioner;
    if (story_accept(story, "as"))
        role = policy_role_of(story_take(story));
    story->seat = house_sign_in(story->house, user_name, role);
}

static void put_reason(struct story *story, struct form *form)
{
    put(form, "reason", story_take_text(story));
    if (story_accept(story, "saying"))
        put(form, "reason_text", story_take_text(story));
}

static void list(struct story *story)
{
    story->search = story->answer->search;
    story->child = story->answer->opened;
    story->results = NULL;
    if (story->answer->fault != FAULT_NONE || !id_is_zero(story->child.id))
        return;
    story->answer = house_results(&story->seat, story->search);
    story->results = story->answer->results;
}

/* find [FIELD TEXT | born DATE]… [because REASON [saying TEXT]] */
static void act_find(struct story *story)
{
    static const char *const birth[] = {"birth_day", "birth_month", "birth_year"};
    struct form form = {.count = 0};
    while (!story_is_over(story)) {
        if (story_accept(story, "because"))
            put_reason(story, &form);
        else if (story_accept(story, "born"))
            put_date(story, &form, birth);
        else {
            const char *field = story_take_text(story);
            put(&form, field, story_take_text(story));
        }
    }
    story->answer = house_find(&story->seat, form.words);
    list(story);
}

/* similar: the last search again, with similar names */
static void act_similar(struct story *story)
{
    struct buffer id = buffer_open(64);
    struct str copy;
    id_put(&id, story->search.id);
    assert_int_equal(arena_copy(story->house->arena, buffer_str(&id), &copy), FAULT_NONE);
    buffer_close(&id);
    story->answer = house_find(&story->seat, (const char *const[]){"again", copy.at, "similar", "yes", NULL});
    list(story);
}

static void ask_about_child(struct story *story, enum operation operation, struct id second,
                            const struct form *form)
{
    story->answer = house_ask(&story->seat, &(struct request){.operation = operation,
                                                              .path_ids = {story->child.id, second},
                                                              .path_id_count = 2,
                                                              .fields = form == NULL ? NULL : form->words});
    story->view = story->answer->child;
}

/* open: the child found by its number, or seen last; open N: the Nth of the list; open GIVEN FAMILY: as if
 * its address was kept from earlier */
static void act_open(struct story *story)
{
    int64_t nth = 0;
    if (!story_is_over(story) && story->next + 1 == story->word_count) {
        nth = story_take_number(story);
        if (story->results == NULL || nth < 1 || (size_t)nth > story->results->count)
            STORY_FAIL(story, "the list has no such row");
        story->child = story->results->rows[nth - 1].child;
    } else if (!story_is_over(story)) {
        const char *given = story_take_text(story);
        story->child = house_child_id(story->house, story_take_text(story), given);
    }
    ask_about_child(story, OP_child_view, (struct id){{0}}, NULL);
}

static void act_reason(struct story *story)
{
    struct form form = {.count = 0};
    put_reason(story, &form);
    ask_about_child(story, OP_child_reason, (struct id){{0}}, &form);
}

static void act_details(struct story *story)
{
    ask_about_child(story, OP_child_details, (struct id){{0}}, NULL);
}

/* record KIND SERVICE since DATE */
static void act_record(struct story *story)
{
    static const char *const from[] = {"from_day", "from_month", "from_year"};
    struct form form = {.count = 0};
    put(&form, "kind", story_take_text(story));
    put(&form, "service", story_take_text(story));
    put(&form, "job", "Practitioner");
    put(&form, "phone", "01632 960456");
    if (!story_accept(story, "since"))
        STORY_FAIL(story, "since when?");
    put_date(story, &form, from);
    ask_about_child(story, OP_involvement_record, (struct id){{0}}, &form);
}

/* end SERVICE on DATE: an involvement of one's own, as the page shows it */
static void act_end(struct story *story)
{
    static const char *const to[] = {"to_day", "to_month", "to_year"};
    struct form form = {.count = 0};
    struct str service = story_take(story);
    struct claim_id claim = {{{0}}};
    if (!story_accept(story, "on"))
        STORY_FAIL(story, "on which day?");
    put_date(story, &form, to);
    const struct answer *page = house_view(&story->seat, story->child);
    for (size_t i = 0; page->child != NULL && i < page->child->service_count; i++)
        if (str_equal(page->child->services[i].organisation, service))
            claim = page->child->services[i].claim;
    story->mark = house_entries(story->house);
    ask_about_child(story, OP_involvement_end, claim.id, &form);
}

static void act_account(struct story *story)
{
    story->answer = house_ask(&story->seat, &(struct request){.operation = OP_account_view});
}

static void set_state(struct story *story, int state, int shield)
{
    const char *given = story_take_text(story);
    struct child_id child = house_child_id(story->house, story_take_text(story), given);
    house_set_state(story->house, child, state, shield);
}

static void act_shield(struct story *story)
{
    set_state(story, 1, SHIELD_DECIDED);
}

static void act_archive(struct story *story)
{
    set_state(story, 2, SHIELD_NONE);
}

static void act_mourn(struct story *story)
{
    set_state(story, 3, SHIELD_NONE);
}

static void act_seal(struct story *story)
{
    set_state(story, 4, SHIELD_NONE);
}

/* wait N minutes|hours|days */
static void act_wait(struct story *story)
{
    int64_t count = story_take_number(story);
    int64_t unit_s = story_accept(story, "minutes") ? 60
                     : story_accept(story, "hours") ? 3600
                     : story_accept(story, "days")  ? 86400
                                                    : 0;
    if (unit_s == 0)
        STORY_FAIL(story, "minutes, hours or days?");
    house_wait(story->house, count * unit_s);
}

static void act_restart(struct story *story)
{
    house_stop(story->house);
    house_start(story->house);
}

struct suspension {
    struct story *story;
    const char *user_name;
};

static enum fault suspend(struct db_tx *tx, void *context)
{
    const struct suspension *suspension = context;
    struct access *access = suspension->story->house->service->access;
    struct account account;
    enum fault fault;
    TRY(access_account_find(access, tx, str_of(suspension->user_name), suspension->story->house->arena,
                            &account));
    TRY(access_account_suspend(access, tx, &account));
done:
    return fault;
}

static void act_suspend(struct story *story)
{
    struct suspension suspension = {story, story_take_text(story)};
    assert_int_equal(db_write(story->house->service->db, DB_FOREGROUND, suspend, &suspension), FAULT_NONE);
}

bool story_act(struct story *story, struct str verb)
{
    static const struct {
        const char *verb;
        void (*act)(struct story *story);
    } acts[] = {
        {"child", act_child},
        {"empty", act_empty},
        {"involvement", act_involvement},
        {"sign", act_sign},
        {"find", act_find},
        {"similar", act_similar},
        {"open", act_open},
        {"reason", act_reason},
        {"details", act_details},
        {"record", act_record},
        {"end", act_end},
        {"account", act_account},
        {"shield", act_shield},
        {"archive", act_archive},
        {"mourn", act_mourn},
        {"seal", act_seal},
        {"wait", act_wait},
        {"restart", act_restart},
        {"suspend", act_suspend},
        {"request", story_act_request},
        {"override", story_act_override},
        {"officer", story_act_officer},
        {"manager", story_act_manager},
        {"consent", story_act_consent},
        {"withdraw", story_act_withdraw},
        {"question", story_act_question},
        {"team", story_act_team},
        {"reply", story_act_reply},
    };
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (!str_equal(verb, str_of(acts[i].verb)))
            continue;
        story->mark = house_entries(story->house);
        acts[i].act(story);
        return true;
    }
    return false;
}
