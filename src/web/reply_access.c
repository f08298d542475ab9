#include "web/reply_access.h"

#include "web/cookie.h"
#include "web/headers.h"
#include "web/route.h"

static void see_other(struct http_response *response, const char *location)
{
    response->status = 303; /* RFC 9110 §15.4.4: go there with GET */
    headers_page(response);
    http_put(response, "Location", location);
}

/* Where a session that has begun goes first. */
static const char *first_page(const struct answer *answer)
{
    if (answer->terms_due)
        return "/terms";
    if (answer->role == ROLE_NONE || policy_may(answer->role, OP_find_page))
        return "/find";
    if (policy_may(answer->role, OP_manage_home))
        return "/manage";
    return policy_may(answer->role, OP_organisation_list) ? "/admin/organisations" : "/account";
}

static struct str field(const struct ask *ask, const char *name)
{
    for (size_t i = 0; i < ask->field_count; i++)
        if (str_equal(ask->fields[i].name, str_of(name)))
            return ask->fields[i].value;
    return STR("");
}

/* The page that asked for the key: one of our own addresses, whatever was sent. */
static const char *page_before(const struct ask *ask, struct arena *arena)
{
    struct str back = field(ask, "back");
    struct str copy;
    if (back.len == 0 || route_find(STR("GET"), back).status != 0 ||
        arena_copy(arena, back, &copy) != FAULT_NONE)
        return "/account/security";
    return copy.at;
}

static enum fault leave(struct http_response *response)
{
    see_other(response, "/");
    headers_signed_out(response);
    cookie_clear_session(response);
    cookie_clear_ticket(response);
    return FAULT_NONE;
}

bool reply_access(const struct ask *ask, const struct answer *answer, struct arena *arena,
                  struct http_response *response, enum fault *ret_fault)
{
    *ret_fault = FAULT_NONE;
    if (ask->operation == OP_sign_in_code || ask->operation == OP_sign_in_key) {
        see_other(response, first_page(answer));
        cookie_clear_ticket(response);
        *ret_fault = cookie_set(response, COOKIE_SESSION, answer->cookie, arena);
    } else if (ask->operation == OP_step_up) {
        see_other(response, page_before(ask, arena));
        *ret_fault = cookie_set(response, COOKIE_SESSION, answer->cookie, arena);
    } else if (ask->operation == OP_mediate || ask->operation == OP_mediate_end) {
        see_other(response, "/find");
        *ret_fault = cookie_set(response, COOKIE_SESSION, answer->cookie, arena);
    } else if (ask->operation == OP_role_change) {
        see_other(response, first_page(answer));
        *ret_fault = cookie_set(response, COOKIE_SESSION, answer->cookie, arena);
    } else if (ask->operation == OP_terms_accept) {
        see_other(response, first_page(answer));
    } else if (ask->operation == OP_enrol_ask) {
        see_other(response, "/enrol/status");
        *ret_fault = cookie_set(response, COOKIE_TICKET, answer->ticket, arena);
    } else if (ask->operation == OP_enrol_choose || ask->operation == OP_enrol_key) {
        see_other(response, "/enrol/status");
    } else if (ask->operation == OP_key_ask) {
        see_other(response, "/account/keys");
        *ret_fault = cookie_set(response, COOKIE_TICKET, answer->ticket, arena);
    } else if (ask->operation == OP_key_add) {
        see_other(response, "/account/keys");
    } else if (ask->operation == OP_sign_out_everywhere || ask->operation == OP_key_remove) {
        *ret_fault = leave(response);
    } else {
        return false;
    }
    return true;
}
