#include "web/pages/parts.h"

/* Refusals and faults: the next step and a reference, no name, and the same words for what is absent and what
 * is not the caller's to see. */
struct error_words {
    int status;
    const char *heading;
    const char *text; /* where the fault has none of its own */
    const char *next;
};

static const struct error_words *words_of(int status)
{
    static const struct error_words table[] = {
        {400, "There is a problem with this request", "The request could not be understood.",
         "Go back and try again."},
        {401, "Sign in to continue",
         "You are not signed in, or you have been signed out because nothing was done for a while.", NULL},
        {403, "You cannot do this", "You may not do this.",
         "If your work needs it, ask the user manager of your organisation."},
        {404, "Page not found", "There is nothing here, or you may not see it.",
         "If you typed the address, check that it is correct."},
        {405, "This cannot be done here", "The request could not be understood.", "Go back and try again."},
        {409, "Something else happened first", "Somebody changed this at the same moment.",
         "Go back, look again and try once more."},
        {413, "Too much was sent", "What was sent is larger than this service accepts.",
         "Go back, shorten what you entered and try again."},
        {422, "Something needs to be changed", "Something you entered needs to be changed.",
         "Go back, change it and try again."},
        {429, "Too many requests", "You have asked for more than the service allows at once.",
         "Wait a moment and try again. If you need to do more, ask your local team."},
        {500, "Sorry, there is a problem with the service", "Something went wrong.",
         "Try again later. If it happens again, tell your local support and quote the reference."},
        {503, "Sorry, the service is unavailable", "The service cannot answer at the moment.",
         "Try again in a moment. If a child may be in danger, do not wait: ring the police or your local "
         "team."},
    };
    size_t count = sizeof table / sizeof table[0];
    for (size_t i = 0; i < count; i++)
        if (table[i].status == status)
            return &table[i];
    return status >= 500 ? &table[count - 2] : &table[0];
}

/* R5.1: a search's reason lasts only so long. */
static const struct error_words expired = {422, "This search has ended",
                                           "What you found can no longer be shown.",
                                           "Search again and give your reason."};

/* R5.7 */
static const struct error_words limited = {
    429, "You have reached a limit",
    "Nobody opens or searches for more than so many records in an hour or a day without a second person's "
    "approval.",
    "Ask for approval, or wait until earlier looks are an hour ago. If a child may be in danger, do not "
    "wait: "
    "ring your local team or the police."};

/* R17.3 */
static const struct error_words own = {403, "You cannot open this record",
                                       "It may be of a child in your own family. Nobody opens such a record.",
                                       "Ask a colleague, or ask as a family what is held."};

/* R3.1, R3.5: whoever reads this has signed in. */
static const struct error_words stopped = {
    401, "Your account cannot be used now",
    "It was suspended, a check of yours has run out, or the accreditation of your organisation has.",
    "Ask the user manager of your organisation. If a child may be in danger, do not wait: ring your local "
    "team "
    "or the police."};

static const struct error_words *words_for(const struct answer *answer, int status)
{
    if (answer->refusal == REFUSAL_NO_LIVE_REASON)
        return &expired;
    if (answer->refusal == REFUSAL_LIMIT)
        return &limited;
    if (answer->refusal == REFUSAL_ACCOUNT)
        return &stopped;
    return answer->refusal == REFUSAL_OWN ? &own : words_of(status);
}

void page_error_page(struct page *page)
{
    const struct answer *answer = page->answer;
    const struct error_words *words = words_for(answer, page->request->status);
    bool own_text = answer->fault != FAULT_NONE && fault_status(answer->fault) == page->request->status &&
                    page->request->status != 401 && page->request->status != 429 && words != &expired &&
                    words != &own;
    struct template_error error = {
        .heading = str_of(words->heading),
        .text = str_of(own_text ? fault_text(answer->fault) : words->text),
        .next = answer->fault == FAULT_STALE_FORM ? (struct str){NULL, 0} : str_of(words->next),
        .reference = page_reference(page, answer->reference),
    };
    if (words == &stopped) {
        error.link = TEMPLATE_PATH("/");
        error.link_text = STR("Go to the start page");
    } else if (page->request->status == 401) {
        error.link = TEMPLATE_PATH("/sign-in");
        error.link_text = STR("Sign in");
    } else if (answer->refusal == REFUSAL_LIMIT) { /* R5.7 */
        error.link = TEMPLATE_PATH("/account/more");
        error.link_text = STR("Ask to open more records");
    } else if (answer->signed_in && policy_may(answer->role, OP_find_page)) {
        error.link = TEMPLATE_PATH("/find");
        error.link_text = STR("Find a child");
    } else {
        error.link = TEMPLATE_PATH("/");
        error.link_text = STR("Go to the start page");
    }
    page_begin(page, &(struct frame){.title = words->heading});
    template_error(page->html, &error);
    page_end(page);
}
