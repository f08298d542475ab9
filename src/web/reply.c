#include "web/reply.h"

#include "web/cookie.h"
#include "web/headers.h"
#include "web/page.h"
#include "web/reply_access.h"

/* "/children/" and the id, in the arena. */
static enum fault put_location(struct http_response *response, const char *prefix, struct id id,
                               struct arena *arena)
{
    struct buffer text = buffer_open(128);
    struct str copy;
    buffer_put(&text, str_of(prefix));
    id_put(&text, id);
    enum fault fault = buffer_fault(&text);
    TRY(fault);
    TRY(arena_copy(arena, buffer_str(&text), &copy));
    http_put(response, "Location", copy.at);
done:
    buffer_close(&text);
    return fault;
}

/* What cannot be answered now may be asked again: a standby has taken over, or a store has room, within
 * seconds. */
static void put_retry(struct http_response *response)
{
    if (response->status == 503)
        http_put(response, "Retry-After", "5"); /* RFC 9110 §10.2.3, in seconds */
}

static void see_other(struct http_response *response)
{
    response->status = 303; /* RFC 9110 §15.4.4: go there with GET */
    headers_page(response);
}

static enum fault reply_password_taken(const struct answer *answer, struct arena *arena,
                                       struct http_response *response)
{
    see_other(response);
    http_put(response, "Location", "/sign-in/code");
    return cookie_set(response, COOKIE_TICKET, answer->ticket, arena);
}

static enum fault reply_found(const struct answer *answer, struct arena *arena,
                              struct http_response *response)
{
    see_other(response);
    if (!id_is_zero(answer->opened.id))
        return put_location(response, "/children/", answer->opened.id, arena);
    return put_location(response, "/find/", answer->search.id, arena);
}

static enum fault reply_signed_out(struct http_response *response)
{
    see_other(response);
    http_put(response, "Location", "/");
    headers_signed_out(response);
    cookie_clear_session(response);
    cookie_clear_ticket(response);
    return FAULT_NONE;
}

static enum fault reply_sign_in_first(const struct ask *ask, struct http_response *response)
{
    see_other(response);
    http_put(response, "Location", ask->operation == OP_enrol_status ? "/enrol" : "/sign-in");
    if (ask->cookie.len > 0)
        cookie_clear_session(response);
    return FAULT_NONE;
}

static enum fault reply_page(const struct ask *ask, const struct answer *answer,
                             struct http_response *response);

/* What was done to an account or an organisation leads to its page; a filtered list is a page of its own. */
static bool reply_staff(const struct ask *ask, const struct answer *answer, struct arena *arena,
                        struct http_response *response, enum fault *ret_fault)
{
    enum operation operation = ask->operation;
    bool organisation = operation == OP_organisation_create || operation == OP_organisation_change;
    if (operation == OP_user_filter || operation == OP_organisation_filter) {
        *ret_fault = reply_page(ask, answer, response);
        return true;
    }
    if (operation == OP_staff_facts_give) {
        see_other(response);
        http_put(response, "Location", "/account");
        return true;
    }
    if (id_is_zero(answer->made))
        return false;
    see_other(response);
    *ret_fault = put_location(response, organisation ? "/admin/organisations/" : "/manage/users/",
                              answer->made, arena);
    return true;
}

static enum fault reply_page(const struct ask *ask, const struct answer *answer,
                             struct http_response *response)
{
    struct page_request request = {
        .operation = ask->operation, .ask = ask, .status = fault_status(answer->fault)};
    response->status = request.status;
    headers_page(response);
    put_retry(response);
    return page_render(&request, answer, &response->body);
}

/* Back to what the form was about: the first id of its path, "/children/ID", "/manage/shields/ID"; or to the
 * page of the form, where its path has none. */
static enum fault put_back(struct http_response *response, const struct ask *ask, struct arena *arena)
{
    const char *path = policy_operation(ask->operation)->path;
    const char *colon = strchr(path, ':');
    struct str before;
    if (colon == NULL) {
        http_put(response, "Location", path);
        return FAULT_NONE;
    }
    must(ask->path_id_count > 0);
    enum fault fault = arena_copy(arena, (struct str){path, (size_t)(colon - path)}, &before);
    return fault != FAULT_NONE ? fault : put_location(response, before.at, ask->path_ids[0], arena);
}

/* What was typed is looked at before it is sent; then the same address says how it stands. */
static enum fault reply_asked(const struct ask *ask, const struct answer *answer, struct arena *arena,
                              struct http_response *response)
{
    struct buffer text = buffer_open(128);
    struct str copy;
    enum fault fault;
    if (!answer->recorded) {
        buffer_close(&text);
        return reply_page(ask, answer, response);
    }
    see_other(response);
    buffer_put(&text, STR("/children/"));
    id_put(&text, answer->opened.id);
    buffer_put(&text, STR("/ask"));
    TRY(buffer_fault(&text));
    TRY(arena_copy(arena, buffer_str(&text), &copy));
    http_put(response, "Location", copy.at);
done:
    buffer_close(&text);
    return fault;
}

/* TOUR 8: the page is made from the answer alone. */
enum fault reply_answer(const struct ask *ask, const struct answer *answer, struct arena *arena,
                        struct http_response *response)
{
    /* Whoever is signed in with an account that may not be used is told so, and not sent to sign in again. */
    if (answer->fault == FAULT_SIGN_IN && answer->refusal != REFUSAL_ACCOUNT &&
        policy_operation(ask->operation)->method == METHOD_GET)
        return reply_sign_in_first(ask, response);
    if (answer->fault != FAULT_NONE)
        return reply_page(ask, answer, response);
    if (ask->operation == OP_sign_in_password)
        return reply_password_taken(answer, arena, response);
    enum fault fault = FAULT_NONE;
    if (reply_access(ask, answer, arena, response, &fault))
        return fault;
    if (answer->key != NULL)
        return reply_page(ask, answer, response); /* a challenge is shown once, and never at an address */
    if (ask->operation == OP_child_find)
        return reply_found(answer, arena, response);
    if (ask->operation == OP_sign_out)
        return reply_signed_out(response);
    if (ask->operation == OP_ask_send)
        return reply_asked(ask, answer, arena, response);
    if (answer->involvement != NULL && answer->involvement->consent != NULL)
        return reply_page(ask, answer, response); /* the next question of the same form */
    if (reply_staff(ask, answer, arena, response, &fault))
        return fault;
    if (policy_operation(ask->operation)->method == METHOD_POST) {
        if (ask->operation == OP_seal_second && answer->matter != NULL)
            return reply_page(ask, answer, response); /* what two have opened: no other page leads to it */
        if (ask->operation == OP_case_more)
            return reply_page(ask, answer, response);
        see_other(response);
        if (ask->operation == OP_case_decide && answer->case_state == CASE_SETTLED) { /* it waits no more */
            http_put(response, "Location", "/manage/held");
            return FAULT_NONE;
        }
        return put_back(response, ask, arena);
    }
    return reply_page(ask, answer, response);
}

static enum fault fault_of_status(int status)
{
    switch (status) {
    case 404:
        return FAULT_ABSENT;
    case 413:
        return FAULT_TOO_LARGE;
    case 500:
        return FAULT_SYSTEM;
    case 503:
        return FAULT_BUSY;
    default:
        return FAULT_MALFORMED;
    }
}

void reply_error(int status, struct id reference, struct http_response *response)
{
    struct answer answer = {.fault = fault_of_status(status), .reference = reference};
    struct page_request request = {.operation = OP_NONE, .status = status};
    response->status = status;
    response->field_count = 0;
    headers_page(response);
    put_retry(response);
    if (page_render(&request, &answer, &response->body) == FAULT_NONE)
        return;
    /* Memory is short: the sentence alone. */
    buffer_clear(&response->body);
    response->still = str_of(fault_text(answer.fault));
}
