#include "web/page.h"

#include "web/assets.h"
#include "web/pages/parts.h"

enum { PAGE_ARENA_BYTES_MAX = 2 * 1024 * 1024, PAGE_WORDS_BYTES_MAX = 64 * 1024 };

static bool is_about(enum operation operation, const char *section)
{
    return operation != OP_NONE && str_starts(str_of(policy_operation(operation)->path), str_of(section));
}

/* All under /manage but what has an item of its own. */
static bool is_teams_work(enum operation operation)
{
    return is_about(operation, "/manage") && !is_about(operation, "/manage/users");
}

/* "Messages (2)" */
static struct str messages_words(struct page *page)
{
    if (page->answer->unread <= 0)
        return STR("Messages");
    buffer_put(&page->words, STR("Messages ("));
    buffer_put_int(&page->words, page->answer->unread);
    buffer_put_char(&page->words, ')');
    return page_words(page);
}

void page_begin(struct page *page, const struct frame *frame)
{
    struct template_service_navigation_items *items = page->navigation;
    const struct answer *answer = page->answer;
    enum operation operation = page->request->operation;
    size_t count = 0;
    if (answer->signed_in && policy_may(answer->role, OP_find_page)) {
        bool here = operation == OP_find_page || operation == OP_child_find || operation == OP_child_results;
        items[count++] = (struct template_service_navigation_items){.text = STR("Find a child"),
                                                                    .href = TEMPLATE_PATH("/find"),
                                                                    .selected = here,
                                                                    .current = operation == OP_find_page};
    }
    if (answer->signed_in && policy_may(answer->role, OP_manage_home))
        items[count++] = (struct template_service_navigation_items){.text = STR("Team"),
                                                                    .href = TEMPLATE_PATH("/manage"),
                                                                    .selected = is_teams_work(operation),
                                                                    .current = operation == OP_manage_home};
    if (answer->signed_in && policy_may(answer->role, OP_user_list))
        items[count++] =
            (struct template_service_navigation_items){.text = STR("Users"),
                                                       .href = TEMPLATE_PATH("/manage/users"),
                                                       .selected = is_about(operation, "/manage/users"),
                                                       .current = operation == OP_user_list};
    if (answer->signed_in && policy_may(answer->role, OP_organisation_list))
        items[count++] = (struct template_service_navigation_items){
            .text = STR("Organisations"),
            .href = TEMPLATE_PATH("/admin/organisations"),
            .selected = is_about(operation, "/admin/organisations"),
            .current = operation == OP_organisation_list};
    if (answer->signed_in && policy_may(answer->role, OP_policy_view))
        items[count++] = (struct template_service_navigation_items){.text = STR("Policy"),
                                                                    .href = TEMPLATE_PATH("/admin/policy"),
                                                                    .selected = operation == OP_policy_view,
                                                                    .current = operation == OP_policy_view};
    if (answer->signed_in && policy_may(answer->role, OP_message_list))
        items[count++] =
            (struct template_service_navigation_items){.text = messages_words(page),
                                                       .href = TEMPLATE_PATH("/messages"),
                                                       .selected = is_about(operation, "/messages"),
                                                       .current = operation == OP_message_list};
    bool account = operation == OP_account_view;
    items[count++] = (struct template_service_navigation_items){.text = STR("My account"),
                                                                .href = TEMPLATE_PATH("/account"),
                                                                .selected = account,
                                                                .current = account};
    page->layout = (struct template_layout){
        .title = str_of(frame->title),
        .error = answer->error_count > 0,
        .frontend_css = {str_of(asset_path("govuk-frontend.min.css"))},
        .css = {str_of(asset_path("contactpoint.css"))},
        .js = {str_of(asset_path("contactpoint.js"))},
        .icon = {str_of(asset_path("icon.svg"))},
        .back = frame->back,
        .back_text = str_of(frame->back_text),
        .demonstration = answer->demonstration,
        .signed_in = answer->signed_in,
        .caller = answer->caller_name,
        .mediated = answer->mediated_for,
        .form_token = answer->form_token,
        .items = items,
        .items_count = count,
    };
    template_layout_begin(page->html, &page->layout);
}

void page_end(struct page *page)
{
    template_layout_end(page->html, &page->layout);
}

/* An operation's own page; NULL where it has none: its answer leads elsewhere. */
static void (*page_of(enum operation operation))(struct page *)
{
    switch (operation) {
    case OP_home:
        return page_home;
    case OP_sign_in_page:
    case OP_sign_in_password:
        return page_sign_in;
    case OP_sign_in_code_page:
    case OP_sign_in_code:
        return page_sign_in_code;
    case OP_sign_in_key_begin:
        return page_sign_in_key;
    case OP_sign_in_key: /* what a browser without script sends */
        return page_sign_in;
    case OP_step_up_begin:
        return page_step_up_key;
    case OP_step_up_page:
    case OP_step_up:
        return page_step_up;
    case OP_enrol_page:
    case OP_enrol_ask:
        return page_enrol;
    case OP_enrol_status:
    case OP_enrol_choose:
    case OP_enrol_key:
        return page_enrol_status;
    case OP_enrol_key_begin:
        return page_enrol_key;
    case OP_security_view:
    case OP_role_change:
        return page_security;
    case OP_key_page:
    case OP_key_ask:
    case OP_key_add:
        return page_own_key;
    case OP_key_begin:
        return page_own_key_new;
    case OP_key_remove:
        return page_security;
    case OP_terms_page:
    case OP_terms_accept:
        return page_terms;
    case OP_find_page:
    case OP_child_find:
        return page_find;
    case OP_child_results:
        return page_results;
    case OP_child_reason:
        return page_reason;
    case OP_child_view:
        return page_contacts;
    case OP_child_details:
        return page_child_details;
    case OP_involvement_page:
    case OP_involvement_record:
        return page_involvement_new;
    case OP_involvement_view:
    case OP_involvement_end:
    case OP_consent_withdraw:
        return page_involvement;
    case OP_account_view:
    case OP_staff_facts_give:
        return page_account;
    case OP_user_list:
    case OP_user_filter:
        return page_users;
    case OP_user_request_page:
    case OP_user_request:
        return page_user_new;
    case OP_user_view:
    case OP_user_check:
    case OP_user_admit:
    case OP_user_suspend:
    case OP_user_reinstate:
    case OP_user_roles:
    case OP_user_close:
    case OP_enrolment_approve:
        return page_user;
    case OP_user_key_page:
    case OP_user_key_revoke:
        return page_user_key;
    case OP_organisation_list:
    case OP_organisation_filter:
        return page_organisations;
    case OP_organisation_create_page:
    case OP_organisation_create:
    case OP_organisation_view:
    case OP_organisation_change:
        return page_organisation;
    case OP_reasons_view:
        return page_admin_reasons;
    case OP_policy_view:
        return page_policy;
    case OP_shield_page:
    case OP_shield_request:
        return page_shield_new;
    case OP_override_page:
    case OP_shield_override:
        return page_override;
    case OP_mediate_page:
    case OP_mediate:
        return page_mediate;
    case OP_more_page:
    case OP_more_ask:
        return page_more;
    case OP_alarm_list:
        return page_alarms;
    case OP_alarm_view:
    case OP_alarm_close:
        return page_alarm;
    case OP_approval_list:
        return page_approvals;
    case OP_approval_view:
    case OP_approval_decide:
        return page_approval;
    case OP_ask_page:
    case OP_ask_send:
        return page_ask;
    case OP_message_list:
        return page_messages;
    case OP_message_view:
    case OP_message_answer:
        return page_message;
    case OP_request_list:
        return page_requests;
    case OP_request_view:
    case OP_request_pass:
    case OP_request_answer:
        return page_request;
    case OP_manage_home:
        return page_manage;
    case OP_shield_list:
        return page_shields;
    case OP_case_list:
    case OP_case_more:
        return page_held;
    case OP_case_view:
    case OP_case_decide:
        return page_held_case;
    case OP_shield_view:
    case OP_shield_decide:
    case OP_shield_review:
    case OP_shield_lift:
    case OP_shield_second:
    case OP_seal_ask:
        return page_shield;
    case OP_override_list:
        return page_overrides;
    case OP_override_view:
    case OP_override_decide:
        return page_overriding;
    case OP_seal_list:
        return page_sealings;
    case OP_seal_view:
    case OP_seal_second:
    case OP_seal_open:
        return page_sealing;
    case OP_NONE:
    case OP_override_end:
    case OP_sign_out:
    case OP_mediate_end:
    case OP_sign_out_everywhere:
    case OP_administrator_first:
    case OP_administrator_codes:
    case OP_administrator_approve:
    case OP_account_create:
    case OP_account_suspend:
    case OP_feed_load:
    case OP_vault_give:
    case OP_vault_rotate:
    case OP_child_merge:
    case OP_child_split:
    case OP_duplicates_seek:
    case OP_model_train:
    case OP_match_explain:
    case OPERATIONS_END:
        break;
    }
    return page_error_page;
}

static bool asks_for_reason(const struct page_request *request, const struct answer *answer)
{
    const struct ask *ask = request->ask;
    return answer->refusal == REFUSAL_NO_LIVE_REASON && request->operation != OP_child_results &&
           ask != NULL && ask->path_id_count > 0;
}

/* A key that was not accepted: the page from which it is offered again. */
static bool says_why_it_failed(enum operation operation, enum fault fault)
{
    return (operation == OP_step_up || operation == OP_enrol_key || operation == OP_key_add) &&
           (fault == FAULT_REFUSED || fault == FAULT_DUPLICATE || fault == FAULT_INVALID);
}

static void (*choose(const struct page_request *request, const struct answer *answer))(struct page *)
{
    if (asks_for_reason(request, answer))
        return page_reason; /* R5.1: one more record needs a reason of its own */
    if (answer->fault == FAULT_NONE && request->status == 200)
        return page_of(request->operation);
    if (answer->error_count > 0 && request->operation != OP_NONE &&
        policy_operation(request->operation)->method == METHOD_POST)
        return page_of(request->operation); /* the form again, with what was typed */
    if (answer->refusal == REFUSAL_STRENGTH)
        return page_step_up;
    if (request->operation == OP_step_up_begin && answer->fault == FAULT_REFUSED)
        return page_step_up; /* which says why no key is asked for */
    if (answer->refusal == REFUSAL_NONE && says_why_it_failed(request->operation, answer->fault))
        return page_of(request->operation);
    if ((request->operation == OP_sign_in_code || request->operation == OP_sign_in_key) &&
        answer->refusal == REFUSAL_NONE && (answer->fault == FAULT_SIGN_IN || answer->fault == FAULT_INVALID))
        return page_sign_in;
    return page_error_page;
}

enum fault page_render(const struct page_request *request, const struct answer *answer, struct buffer *html)
{
    enum fault fault = FAULT_NONE;
    struct page page = {
        .request = request,
        .answer = answer,
        .html = html,
        .words = buffer_open(PAGE_WORDS_BYTES_MAX),
    };
    TRY(arena_open(PAGE_ARENA_BYTES_MAX, &page.arena));
    choose(request, answer)(&page);
    fault = page.fault != FAULT_NONE ? page.fault : buffer_fault(html);
done:
    buffer_close(&page.words);
    arena_close(page.arena);
    return fault;
}
