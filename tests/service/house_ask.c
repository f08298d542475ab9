/* Signing in and asking. */
#include "house.h"

#include "access/totp.h"

struct str house_code(struct house *house, const struct staff *staff)
{
    struct buffer code = buffer_open(64);
    struct str copy;
    assert_int_equal(totp_put_code(&code, (struct bytes){staff->totp_secret, TOTP_SECRET_BYTES},
                                   totp_step((struct instant){atomic_load(&house->now_us)})),
                     FAULT_NONE);
    assert_int_equal(arena_copy(house->arena, buffer_str(&code), &copy), FAULT_NONE);
    buffer_close(&code);
    return copy;
}

/* One step of signing in, with the form token of its page. */
static struct answer *sign_in_step(struct house *house, struct ask *ask, struct str token_key)
{
    struct answer *answer = NULL;
    assert_int_equal(access_form_token(house->service->access, token_key, house->arena, &ask->form_token),
                     FAULT_NONE);
    ask->source = STR("192.0.2.7");
    ask->same_site = true;
    (void)service_conduct(house->service, ask, house->arena, &answer);
    return answer;
}

/* A new period, and never its last moments: the clock moves as it is read, and a code would be over as it is
 * looked at. */
static void wait_for_code(struct house *house)
{
    enum { LAST_S = 2 };
    house_wait(house, TOTP_PERIOD_SECONDS);
    if (atomic_load(&house->now_us) / 1000000 % TOTP_PERIOD_SECONDS >= TOTP_PERIOD_SECONDS - LAST_S)
        house_wait(house, LAST_S);
}

struct seat house_sign_in(struct house *house, const char *user_name, enum role role)
{
    wait_for_code(house);
    const struct ask_field first[] = {{STR("user_name"), str_of(user_name)},
                                      {STR("password"), house_password}};
    struct ask password = {.operation = OP_sign_in_password, .fields = first, .field_count = 2};
    struct answer *answer = sign_in_step(house, &password, (struct str){"", 0});
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->ticket.len, ID_TEXT_LEN);
    const struct ask_field second[] = {{STR("pin"), house_pin},
                                       {STR("code"), house_code(house, house_staff(house, user_name))},
                                       {STR("role"), str_of(policy_role_name(role))}};
    struct ask code = {
        .operation = OP_sign_in_code, .ticket = answer->ticket, .fields = second, .field_count = 3};
    answer = sign_in_step(house, &code, code.ticket);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->cookie.len, ID_TEXT_LEN);
    return (struct seat){house, answer->cookie};
}

struct seat house_officer(struct house *house, const char *user_name, enum role role)
{
    struct seat seat = house_sign_in(house, user_name, role);
    assert_true(house_past(house, "UPDATE session SET strength = 3 WHERE role > 1 AND ended_us IS NULL") > 0);
    return seat;
}

struct answer *house_ask_in(const struct seat *seat, const struct request *request, struct arena *arena)
{
    struct ask_field fields[HOUSE_FIELDS_MAX];
    struct ask ask = {.operation = request->operation,
                      .cookie = seat->cookie,
                      .source = STR("192.0.2.7"),
                      .same_site = !request->foreign,
                      .path_id_count = request->path_id_count,
                      .fields = fields};
    struct answer *answer = NULL;
    memcpy(ask.path_ids, request->path_ids, sizeof ask.path_ids);
    for (const char *const *at = request->fields; at != NULL && at[0] != NULL; at += 2) {
        assert_true(ask.field_count < HOUSE_FIELDS_MAX);
        fields[ask.field_count++] = (struct ask_field){str_of(at[0]), str_of(at[1])};
    }
    ask.form_token = request->form_token;
    if (policy_operation(request->operation)->method == METHOD_POST && !request->stale &&
        request->form_token.len == 0)
        assert_int_equal(
            access_form_token(seat->house->service->access, seat->cookie, arena, &ask.form_token),
            FAULT_NONE);
    enum fault fault = service_conduct(seat->house->service, &ask, arena, &answer);
    assert_non_null(answer);
    assert_int_equal(fault, answer->fault);
    return answer;
}

struct answer *house_ask(const struct seat *seat, const struct request *request)
{
    return house_ask_in(seat, request, seat->house->arena);
}

struct answer *house_ask_of(const struct seat *seat, enum operation operation, struct id id,
                            const char *const *fields)
{
    return house_ask(
        seat,
        &(struct request){.operation = operation, .path_ids = {id}, .path_id_count = 1, .fields = fields});
}

struct answer *house_find(const struct seat *seat, const char *const *fields)
{
    return house_ask(seat, &(struct request){.operation = OP_child_find, .fields = fields});
}

struct answer *house_results(const struct seat *seat, struct search_id search)
{
    return house_ask_of(seat, OP_child_results, search.id, NULL);
}

struct answer *house_view(const struct seat *seat, struct child_id child)
{
    return house_ask_of(seat, OP_child_view, child.id, NULL);
}

struct answer *house_look(const struct seat *seat, struct child_id child)
{
    struct answer *answer = house_ask_of(seat, OP_child_reason, child.id, FIELDS("reason", "working"));
    return answer->fault != FAULT_NONE ? answer : house_view(seat, child);
}

struct results_view *house_list(const struct seat *seat, const char *const *fields)
{
    struct answer *found = house_find(seat, fields);
    if (found->fault != FAULT_NONE)
        fail_msg("find: %s %s", fault_name(found->fault),
                 found->error_count > 0 ? found->errors[0].text : "");
    struct answer *listed = house_results(seat, found->search);
    if (listed->fault != FAULT_NONE)
        fail_msg("results: %s", fault_name(listed->fault));
    assert_non_null(listed->results);
    return listed->results;
}

bool house_has_error(const struct answer *answer, const char *field)
{
    for (size_t i = 0; i < answer->error_count; i++)
        if (strcmp(answer->errors[i].field, field) == 0)
            return true;
    return false;
}
