/* Binding secrets to an account: asked for, looked at, approved. */
#include "access/enrolment_inside.h"

#include <sodium.h>

#include "access/qr.h"

enum { CODE_CHARACTERS = 8, CODE_GROUP = 4, CODE_BYTES_MAX = 64 };

static struct tag tag_of(struct access *access, const struct id *id)
{
    return vault_tag(access->vault, "enrolment", id_bytes(id));
}

static struct tag tag_of_code(struct access *access, const char code[CODE_CHARACTERS])
{
    return vault_tag(access->vault, "enrolment code", (struct bytes){(const uint8_t *)code, CODE_CHARACTERS});
}

/* 40 bits that follow from the ticket, so that the page shows the same code whenever it is asked for. */
static void code_of(struct access *access, const struct id *id, char code[CODE_CHARACTERS])
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t random[CODE_CHARACTERS];
    vault_derive(access->vault, "enrolment code's characters", id_bytes(id), random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        code[i] = alphabet[random[i] & 31];
}

void enrolment_secret(struct access *access, const struct id *id, uint8_t secret[TOTP_SECRET_BYTES])
{
    vault_derive(access->vault, "enrolment token", id_bytes(id), secret, TOTP_SECRET_BYTES);
}

/* As people copy it: any case, hyphens and spaces between, and the letters that Crockford's base 32 leaves
 * out. */
static bool tidy(struct str typed, char code[CODE_CHARACTERS])
{
    size_t len = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.at[i];
        if (c == '-' || c == ' ')
            continue;
        if (len == CODE_CHARACTERS)
            return false;
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        c = c == 'o' ? '0' : c;
        c = c == 'i' || c == 'l' ? '1' : c;
        code[len++] = c;
    }
    return len == CODE_CHARACTERS;
}

static enum fault account_of_name(struct access *access, struct db_tx *tx, struct str user_name,
                                  struct arena *arena, struct id *ret_account)
{
    struct tag tag;
    struct value out[GIVES_account_by_name];
    enum fault fault;
    TRY(access_name_tag(access, user_name, &tag));
    const struct value in[] = {[BIND_account_by_name_name_tag] = value_tag(tag)};
    fault = access_count(access, db_one(tx, SQL_account_by_name, in, arena, out));
    if (fault == FAULT_ABSENT ||
        (fault == FAULT_NONE && !id_of_bytes(out[GIVE_account_by_name_account_id].bytes, ret_account))) {
        *ret_account = decoy_account(access, &tag);
        fault = FAULT_NONE;
    }
done:
    return fault;
}

enum fault enrolment_begin(struct access *access, struct db_tx *tx, struct id account,
                           enum enrolment_state state, struct arena *arena, struct str *ret_ticket)
{
    struct id id = id_new(access->entropy);
    struct tag tag = tag_of(access, &id);
    char code[CODE_CHARACTERS];
    enum fault fault;
    code_of(access, &id, code);
    struct tag code_tag = tag_of_code(access, code);
    int64_t expires_us = instant_after(access_now(access), seconds(ENROLMENT_WAIT_SECONDS)).us;
    const struct value in[] = {[BIND_enrolment_insert_tag] = value_tag(tag),
                               [BIND_enrolment_insert_account_id] = value_id(account),
                               [BIND_enrolment_insert_code_tag] = value_tag(code_tag),
                               [BIND_enrolment_insert_state] = value_int(state),
                               [BIND_enrolment_insert_expires_us] = value_int(expires_us)};
    TRY(access_count(access, db_run(tx, SQL_enrolment_insert, in, NULL)));
    TRY(access_id_text(id, arena, ret_ticket));
done:
    return fault;
}

enum fault access_enrolment_ask(struct access *access, struct db_tx *tx, struct str user_name,
                                struct arena *arena, struct str *ret_ticket)
{
    struct id account;
    enum fault fault;
    TRY(account_of_name(access, tx, user_name, arena, &account));
    TRY(enrolment_begin(access, tx, account, ENROLMENT_ASKED, arena, ret_ticket));
done:
    return fault;
}

/* Whether this is the kind of request that may be used there, and theirs. */
static bool belongs(const struct enrolment *enrolment, const struct enrolment_at *at)
{
    const bool key_alone = enrolment->state >= ENROLMENT_KEY_ASKED;
    if (id_is_zero(at->holder.id))
        return !key_alone;
    return key_alone && id_equal(enrolment->account, at->holder.id);
}

enum fault enrolment_read(struct access *access, struct db_tx *tx, const struct enrolment_at *at,
                          struct arena *arena, struct enrolment *ret_enrolment)
{
    struct enrolment enrolment = {0};
    bool formed = id_parse(at->ticket, &enrolment.id);
    enrolment.tag = tag_of(access, &enrolment.id);
    const struct value in[] = {[BIND_enrolment_get_tag] = value_tag(enrolment.tag)};
    struct value out[GIVES_enrolment_get];
    enum fault fault = access_count(access, db_one(tx, SQL_enrolment_get, in, arena, out));
    if (fault == FAULT_ABSENT || !formed)
        return FAULT_SIGN_IN;
    TRY(fault);
    enrolment.state = (enum enrolment_state)out[GIVE_enrolment_get_state].number;
    enrolment.until.us = out[GIVE_enrolment_get_expires_us].number;
    int64_t left_us = enrolment.until.us - access_now(access).us;
    bool live = left_us > 0 && left_us <= seconds(ENROLMENT_WAIT_SECONDS + CLOCK_STEP_SECONDS).us;
    if (!live || !id_of_bytes(out[GIVE_enrolment_get_account_id].bytes, &enrolment.account) ||
        !belongs(&enrolment, at))
        return FAULT_SIGN_IN;
    *ret_enrolment = enrolment;
done:
    return fault;
}

static enum fault put_code(struct access *access, const struct enrolment *enrolment, struct arena *arena,
                           struct str *ret_code)
{
    char code[CODE_CHARACTERS];
    char *text = arena_take(arena, CODE_CHARACTERS + 2);
    if (text == NULL)
        return FAULT_MEMORY;
    code_of(access, &enrolment->id, code);
    size_t len = 0;
    for (size_t i = 0; i < CODE_CHARACTERS; i++) {
        if (i == CODE_GROUP)
            text[len++] = '-';
        text[len++] = code[i] >= 'a' ? (char)(code[i] - 'a' + 'A') : code[i];
    }
    *ret_code = (struct str){text, len};
    return FAULT_NONE;
}

/* The token's secret, to scan and to type. */
static enum fault put_token(struct access *access, const struct enrolment *enrolment,
                            const struct account *account, struct arena *arena, struct enrolment_view *view)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    struct buffer text = buffer_open(QR_TEXT_BYTES_MAX);
    struct buffer uri = buffer_open(QR_TEXT_BYTES_MAX);
    struct buffer path = buffer_open(CLEAR_BYTES_MAX);
    struct buffer width = buffer_open(64);
    const struct bytes bytes = {secret, sizeof secret};
    int modules = 0;
    enum fault fault;
    enrolment_secret(access, &enrolment->id, secret);
    base32_put(&text, bytes);
    totp_put_uri(&uri, bytes, account->user_name);
    TRY(buffer_fault(&uri));
    TRY(access_qr_path(&path, buffer_str(&uri), &modules));
    buffer_put_int(&width, modules);
    TRY(buffer_fault(&text));
    TRY(buffer_fault(&path));
    TRY(arena_copy(arena, buffer_str(&text), &view->totp_secret));
    TRY(arena_copy(arena, buffer_str(&path), &view->qr_path));
    TRY(arena_copy(arena, buffer_str(&width), &view->qr_width));
done:
    sodium_memzero(secret, sizeof secret);
    buffer_close(&width);
    buffer_close(&path);
    buffer_close(&uri);
    buffer_close(&text);
    return fault;
}

static enum fault count_keys(struct access *access, struct db_tx *tx, const struct enrolment *enrolment,
                             struct arena *arena, struct enrolment_view *view)
{
    struct security_key keys[KEYS_MAX];
    size_t count = 0;
    enum fault fault = keys_of_account(access, tx, enrolment->account, arena, keys, &count);
    if (fault == FAULT_NONE)
        view->key_count = (int)count;
    return fault;
}

enum fault access_enrolment_view(struct access *access, struct db_tx *tx, const struct enrolment_at *at,
                                 struct arena *arena, struct enrolment_view *ret_view)
{
    struct enrolment_view view = {0};
    struct enrolment enrolment;
    struct account_found found;
    enum fault fault;
    TRY(enrolment_read(access, tx, at, arena, &enrolment));
    TRY(account_read(access, tx, enrolment.account, arena, &found));
    view.until = enrolment.until;
    switch (enrolment.state) {
    case ENROLMENT_ASKED:
    case ENROLMENT_KEY_ASKED:
        view.stage = ENROLMENT_WAITS;
        TRY(put_code(access, &enrolment, arena, &view.code));
        break;
    case ENROLMENT_APPROVED:
        view.stage = ENROLMENT_MAY_CHOOSE;
        TRY(put_token(access, &enrolment, &found.account, arena, &view));
        break;
    case ENROLMENT_DONE:
        view.stage = ENROLMENT_MAY_ADD_KEYS;
        TRY(count_keys(access, tx, &enrolment, arena, &view));
        break;
    case ENROLMENT_KEY_APPROVED:
        view.stage = ENROLMENT_MAY_ADD_ONE;
        break;
    case ENROLMENT_KEY_DONE:
        view.stage = ENROLMENT_ONE_ADDED;
        break;
    }
    *ret_view = view;
done:
    return fault;
}

static struct seal_place place_of(struct bytes tag)
{
    return (struct seal_place){.table = "enrolment", .column = "sealed", .row = tag, .version = 1};
}

enum fault enrolment_approver(struct access *access, struct bytes tag, struct bytes sealed,
                              struct arena *arena, struct str *ret_name)
{
    struct seal_place place = place_of(tag);
    struct bytes clear;
    enum fault fault;
    TRY(access_unseal(access, &place, sealed, arena, &clear));
    struct reader reader = reader_of(clear);
    struct str name = str_of_bytes(reader_take_field(&reader));
    if (!reader.ok)
        fault = fault_note(FAULT_CORRUPT, "an approval is not in a form that this program knows");
    else
        *ret_name = name;
done:
    return fault;
}

static enum fault set_approved(struct access *access, struct db_tx *tx, const struct value *row,
                               const struct account *approver, struct arena *arena)
{
    const struct bytes tag = row[GIVE_enrolment_by_code_tag].bytes;
    const int64_t asked = row[GIVE_enrolment_by_code_state].number;
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct seal_place place = place_of(tag);
    int64_t expires_us = instant_after(access_now(access), seconds(ENROLMENT_CHOOSE_SECONDS)).us;
    int64_t changes = 0;
    struct bytes sealed;
    enum fault fault;
    buffer_put_field(&clear, bytes_of(approver->full_name));
    buffer_put_bytes(&clear, id_bytes(&approver->account.id));
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    const struct value in[] = {
        [BIND_enrolment_approve_tag] = value_bytes(tag),
        [BIND_enrolment_approve_asked] = value_int(asked),
        [BIND_enrolment_approve_approved] =
            value_int(asked == ENROLMENT_KEY_ASKED ? ENROLMENT_KEY_APPROVED : ENROLMENT_APPROVED),
        [BIND_enrolment_approve_expires_us] = value_int(expires_us),
        [BIND_enrolment_approve_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_enrolment_approve, in, &changes)));
    if (changes != 1)
        fault = fault_note(FAULT_CONFLICT, "this request was approved at the same moment");
done:
    buffer_close(&clear);
    return fault;
}

enum fault access_enrolment_approve(struct access *access, struct db_tx *tx, const struct account *account,
                                    struct str code, const struct account *approver, struct arena *arena)
{
    static const char wrong[] = "this is no code that the person is shown now: ask them to read it out again";
    char tidied[CODE_CHARACTERS];
    struct value out[GIVES_enrolment_by_code];
    enum fault fault;
    if (id_equal(account->account.id, approver->account.id))
        return fault_note(FAULT_REFUSED, "nobody approves their own request: a second person does");
    if (code.len > CODE_BYTES_MAX || !tidy(code, tidied))
        return fault_note(FAULT_INVALID, wrong);
    struct tag tag = tag_of_code(access, tidied);
    const struct value in[] = {[BIND_enrolment_by_code_account_id] = value_id(account->account.id),
                               [BIND_enrolment_by_code_code_tag] = value_tag(tag),
                               [BIND_enrolment_by_code_asked] = value_int(ENROLMENT_ASKED),
                               [BIND_enrolment_by_code_key_asked] = value_int(ENROLMENT_KEY_ASKED),
                               [BIND_enrolment_by_code_now_us] = value_int(access_now(access).us)};
    fault = access_count(access, db_one(tx, SQL_enrolment_by_code, in, arena, out));
    if (fault == FAULT_ABSENT)
        fault = fault_note(FAULT_INVALID, wrong);
    TRY(fault);
    TRY(set_approved(access, tx, out, approver, arena));
done:
    return fault;
}

enum fault access_enrolment_account(struct access *access, struct db_tx *tx, struct str ticket,
                                    struct arena *arena, struct account_id *ret_account)
{
    const struct enrolment_at at = {.ticket = ticket};
    struct enrolment enrolment;
    struct account_found found;
    enum fault fault;
    TRY(enrolment_read(access, tx, &at, arena, &enrolment));
    TRY(account_read(access, tx, enrolment.account, arena, &found));
    ret_account->id = found.found ? enrolment.account : (struct id){{0}};
done:
    return fault;
}
