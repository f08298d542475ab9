/* What a practitioner does: searches by what everybody sees and by what nobody does, then all about the one
 * child. */
#include "interference.h"

#include <stdio.h>

static struct request about(const struct pair *pair, enum operation operation)
{
    return (struct request){.operation = operation, .path_ids = {pair->child.id}, .path_id_count = 1};
}

/* The form, the list, and similar names. */
static void find(const struct pair *pair, const char *const *fields)
{
    struct twins *twins = pair->twins;
    const struct answer *found =
        twins_ask(twins, &(struct request){.operation = OP_child_find, .fields = fields});
    if (found->fault != FAULT_NONE || !id_is_zero(found->opened.id))
        return;
    char again[ID_TEXT_LEN + 1] = {0};
    struct buffer text = buffer_open(64);
    id_put(&text, found->search.id);
    memcpy(again, buffer_str(&text).at, ID_TEXT_LEN);
    buffer_close(&text);
    (void)twins_ask(
        twins,
        &(struct request){.operation = OP_child_results, .path_ids = {found->search.id}, .path_id_count = 1});
    found = twins_ask(twins, &(struct request){.operation = OP_child_find,
                                               .fields = FIELDS("again", again, "similar", "yes")});
    if (found->fault == FAULT_NONE)
        (void)twins_ask(twins, &(struct request){.operation = OP_child_results,
                                                 .path_ids = {found->search.id},
                                                 .path_id_count = 1});
}

static void search_by(const struct pair *pair, const char *family, const char *postcode,
                      const char *authority)
{
    struct match_query query = {.family = str_of(family),
                                .given = str_of(pair->given),
                                .postcode = str_of(postcode),
                                .authority = str_of(authority),
                                .birth = pair->born};
    twins_search(pair->twins, &query, BODY_EDUCATION);
    query.similar = true;
    twins_search(pair->twins, &query, BODY_EDUCATION);
    find(pair, FIELDS("reason", "working", "family", family, "given", pair->given, "postcode", postcode,
                      "authority", authority));
}

/* By what everybody sees, and by each version of what nobody does. */
static void search_all(const struct pair *pair)
{
    char year[8], month[4], day[4];
    (void)snprintf(year, sizeof year, "%d", pair->born.year);
    (void)snprintf(month, sizeof month, "%d", pair->born.month);
    (void)snprintf(day, sizeof day, "%d", pair->born.day);
    find(pair, FIELDS("reason", "working", "family", pair->family, "given", pair->given, "birth_day", day,
                      "birth_month", month, "birth_year", year));
    for (int i = 0; i < TWINS; i++) {
        const struct hidden *hidden = &pair->hidden[i];
        search_by(pair, pair->family, hidden->postcode, "");
        search_by(pair, pair->family, "", hidden->authority);
        search_by(pair, hidden->former, hidden->postcode, hidden->authority);
        find(pair,
             FIELDS("reason", "worried", "family", hidden->former, "given", pair->given, "birth_year", year));
        find(pair, FIELDS("reason", "worried", "family", hidden->carer, "birth_year", year));
        find(pair, FIELDS("reason", "worried", "family", pair->spelling, "birth_year", year));
        find(pair,
             FIELDS("reason", "worried", "family", pair->spelling, "given", pair->given, "birth_year", year));
        find(pair, FIELDS("reason", "working", "number", hidden->nhs));
        find(pair, FIELDS("reason", "working", "number", hidden->upn));
        if (pair->difference != HIDDEN_FIELDS)
            break;
    }
}

/* Every page about the one child, and one's own involvement with it. */
static void look_at(const struct pair *pair)
{
    struct twins *twins = pair->twins;
    struct request request = about(pair, OP_child_reason);
    (void)twins_ask(twins, &(struct request){.operation = OP_child_view,
                                             .path_ids = {pair->child.id},
                                             .path_id_count = 1}); /* without a reason */
    request.fields = FIELDS("reason", "working");
    (void)twins_ask(twins, &request);
    static const enum operation pages[] = {OP_child_view, OP_child_details, OP_involvement_page,
                                           OP_shield_page, OP_ask_page};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        request = about(pair, pages[i]);
        (void)twins_ask(twins, &request);
    }
    request = about(pair, OP_ask_send); /* R8.4: the same receipt for every child */
    request.fields = FIELDS("text", "Who else works with this child?", "named", "no");
    (void)twins_ask(twins, &request);
    request.fields = FIELDS("text", "Who else works with this child?", "named", "no", "sure", "yes");
    (void)twins_ask(twins, &request);
    request = about(pair, OP_ask_page);
    (void)twins_ask(twins, &request);
    request = about(pair, OP_involvement_record);
    request.fields = FIELDS("service", "Northgate", "kind", "school", "job", "Class teacher", "phone",
                            "01632 960456", "from_day", "1", "from_month", "9", "from_year", "2026");
    (void)twins_ask(twins, &request);
    request = about(pair, OP_child_view);
    const struct answer *answer = twins_ask(twins, &request);
    for (size_t i = 0; answer->child != NULL && i < answer->child->service_count; i++) {
        if (!answer->child->services[i].own)
            continue;
        request = (struct request){.operation = OP_involvement_view,
                                   .path_ids = {pair->child.id, answer->child->services[i].claim.id},
                                   .path_id_count = 2};
        (void)twins_ask(twins, &request);
        request.operation = OP_involvement_end;
        request.fields = FIELDS("to_day", "2", "to_month", "9", "to_year", "2026");
        (void)twins_ask(twins, &request);
        break;
    }
    request = about(pair, OP_child_view);
    (void)twins_ask(twins, &request);
}

void look_all(const struct pair *pair)
{
    search_all(pair);
    look_at(pair);
}
