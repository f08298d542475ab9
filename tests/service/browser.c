#include "browser.h"

#include "access/enrolment_inside.h"

const char browser_site[] = "http://localhost:8080";

struct browser browser_of(struct house *house)
{
    return (struct browser){house, {"", 0}, {"", 0}, STR("192.0.2.7")};
}

static bool is_before_sign_in(enum operation operation)
{
    return operation == OP_sign_in_password || operation == OP_enrol_ask;
}

/* One form or page; names and values in turn, NULL at the end. */
struct answer *browser_ask(struct browser *browser, enum operation operation, const char *const *fields)
{
    struct ask_field sent[HOUSE_FIELDS_MAX];
    struct house *house = browser->house;
    struct answer *answer = NULL;
    struct ask asked = {.operation = operation,
                        .cookie = browser->cookie,
                        .ticket = browser->ticket,
                        .source = browser->source,
                        .origin = str_of(browser_site),
                        .same_site = true,
                        .fields = sent};
    for (; fields != NULL && fields[0] != NULL; fields += 2)
        sent[asked.field_count++] = (struct ask_field){str_of(fields[0]), str_of(fields[1])};
    struct str key = policy_operation(operation)->strength != STRENGTH_PUBLIC ? browser->cookie
                     : is_before_sign_in(operation)                           ? (struct str){"", 0}
                                                                              : browser->ticket;
    assert_int_equal(access_form_token(house->service->access, key, house->arena, &asked.form_token),
                     FAULT_NONE);
    (void)service_conduct(house->service, &asked, house->arena, &answer);
    if (answer->ticket.len > 0)
        browser->ticket = answer->ticket;
    if (answer->cookie.len > 0)
        browser->cookie = answer->cookie;
    return answer;
}

const char *browser_text(struct house *house, struct str text)
{
    struct str copy;
    assert_int_equal(arena_copy(house->arena, text, &copy), FAULT_NONE);
    return copy.at;
}

struct answer *browser_offer_password(struct browser *browser, const char *user_name, const char *password)
{
    struct answer *answer =
        browser_ask(browser, OP_sign_in_password, FIELDS("user_name", user_name, "password", password));
    return answer;
}

const char *browser_code(struct house *house, const uint8_t *secret)
{
    struct buffer code = buffer_open(64);
    assert_int_equal(totp_put_code(&code, (struct bytes){secret, TOTP_SECRET_BYTES},
                                   totp_step((struct instant){atomic_load(&house->now_us)})),
                     FAULT_NONE);
    const char *text = browser_text(house, buffer_str(&code));
    buffer_close(&code);
    return text;
}

/* A request to bind anew, up to where the holder may choose. */
void browser_ask_and_approve(struct browser *holder, const char *user_name, const char *manager,
                             enum role role)
{
    struct house *house = holder->house;
    assert_int_equal(browser_ask(holder, OP_enrol_ask, FIELDS("user_name", user_name))->fault, FAULT_NONE);
    const struct answer *waits = browser_ask(holder, OP_enrol_status, NULL);
    assert_int_equal(waits->fault, FAULT_NONE);
    assert_int_equal(waits->enrolment->stage, ENROLMENT_WAITS);
    const struct seat seat = house_sign_in(house, manager, role);
    const struct answer *approved = house_ask(
        &seat, &(struct request){.operation = OP_enrolment_approve,
                                 .path_ids = {house_staff(house, user_name)->account.id},
                                 .path_id_count = 1,
                                 .fields = FIELDS("code", browser_text(house, waits->enrolment->code))});
    assert_int_equal(approved->fault, FAULT_NONE);
    assert_null(approved->enrolment); /* case 19: nothing of what is bound reaches the second person */
    assert_null(approved->key);
    assert_int_equal(browser_ask(holder, OP_enrol_status, NULL)->enrolment->stage, ENROLMENT_MAY_CHOOSE);
}

void browser_secret(const struct browser *holder, uint8_t secret[TOTP_SECRET_BYTES])
{
    struct id id;
    assert_true(id_parse(holder->ticket, &id));
    enrolment_secret(holder->house->service->access, &id, secret);
}

const char browser_password[] = "wandering heron tin gate";

void browser_choose(struct browser *holder)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    browser_secret(holder, secret);
    const struct answer *chosen =
        browser_ask(holder, OP_enrol_choose,
                    FIELDS("password", browser_password, "again", browser_password, "pin", "860214", "code",
                           browser_code(holder->house, secret)));
    assert_int_equal(chosen->fault, FAULT_NONE);
    assert_int_equal(browser_ask(holder, OP_enrol_status, NULL)->enrolment->stage, ENROLMENT_MAY_ADD_KEYS);
}

struct bytes browser_decode(struct house *house, struct str text)
{
    struct bytes bytes;
    assert_int_equal(base64_bytes(text, 2048, house->arena, &bytes), FAULT_NONE);
    assert_true(bytes.len > 0);
    return bytes;
}

const char *browser_encode(struct house *house, struct bytes bytes)
{
    struct str text;
    assert_int_equal(base64_text(bytes, house->arena, &text), FAULT_NONE);
    return text.at;
}

struct soft_question browser_question(struct house *house, const struct key_view *view)
{
    return (struct soft_question){str_of(browser_site), browser_decode(house, view->challenge), 0,
                                  house->arena};
}

struct answer *browser_register_key(struct browser *holder, struct soft_key *key)
{
    struct house *house = holder->house;
    const struct answer *offered = browser_ask(holder, OP_enrol_key_begin, NULL);
    assert_int_equal(offered->fault, FAULT_NONE);
    const struct soft_question question = browser_question(house, offered->key);
    key->handle = browser_decode(house, offered->key->handle);
    const struct webauthn_registration made = soft_key_make(key, NULL, &question);
    return browser_ask(holder, OP_enrol_key,
                       FIELDS("client_data", browser_encode(house, made.client_data), "attestation",
                              browser_encode(house, made.attestation)));
}

/* A house where a practitioner has bound a security key. */
struct browser browser_with_key(struct house *house, const char *user_name, struct soft_key *key)
{
    static uint8_t number = 20;
    struct browser holder = browser_of(house);
    soft_key_open(key, number++, house->arena);
    browser_ask_and_approve(&holder, user_name, "manager", ROLE_user_manager);
    browser_choose(&holder);
    assert_int_equal(browser_register_key(&holder, key)->fault, FAULT_NONE);
    assert_int_equal(browser_ask(&holder, OP_enrol_status, NULL)->enrolment->key_count, 1);
    return browser_of(house);
}

const struct key_view *browser_offer_key(struct browser *browser, const char *user_name, const char *password)
{
    assert_int_equal(browser_offer_password(browser, user_name, password)->fault, FAULT_NONE);
    const struct answer *answer = browser_ask(browser, OP_sign_in_key_begin, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_non_null(answer->key);
    return answer->key;
}

struct answer *browser_answer_key(struct browser *browser, struct soft_key *key,
                                  const struct webauthn_assertion *said, enum operation operation)
{
    struct house *house = browser->house;
    const char *handle = said->user_handle.len > 0 ? browser_encode(house, said->user_handle) : "";
    const char *role = operation == OP_sign_in_key ? "role" : NULL;
    return browser_ask(browser, operation,
                       FIELDS("credential", browser_encode(house, key->id), "client_data",
                              browser_encode(house, said->client_data), "authenticator_data",
                              browser_encode(house, said->authenticator_data), "signature",
                              browser_encode(house, said->signature), "user_handle", handle, role,
                              "practitioner"));
}

struct answer *browser_sign_in_with(struct browser *browser, struct soft_key *key, const char *user_name)
{
    const struct key_view *view = browser_offer_key(browser, user_name, browser_password);
    const struct soft_question question = browser_question(browser->house, view);
    const struct webauthn_assertion said = soft_key_assert(key, &question);
    return browser_answer_key(browser, key, &said, OP_sign_in_key);
}
