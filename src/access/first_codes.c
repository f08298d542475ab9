/* The first national administrator is made on the machine by two people with one-time codes (R2). */
#include "access/account_life.h"
#include "access/enrolment.h"
#include "access/inside.h"
#include "access/keys_inside.h"

enum { CODE_CHARACTERS = 20 };

static struct tag tag_of(struct access *access, struct str code)
{
    return vault_tag(access->vault, "one-time code", bytes_of(code));
}

/* One who may act: where all of them have been suspended, or a check of theirs has lapsed, nobody else could
 * mend it. */
static enum fault refuse_where_one_exists(struct access *access, struct db_tx *tx)
{
    struct arena *arena = NULL;
    struct account_list list;
    enum fault fault;
    TRY(arena_open(16 * (size_t)SCRATCH_BYTES, &arena));
    TRY(access_account_list(access, tx, (struct organisation_id){{{0}}}, false, arena, &list));
    for (size_t i = 0; i < list.count; i++)
        if (account_holds(&list.accounts[i], ROLE_national_administrator) &&
            account_may_act(access, &list.accounts[i]))
            TRY(fault_note(FAULT_REFUSED,
                           "there is a national administrator already: ask them to make the account"));
done:
    arena_close(arena);
    return fault;
}

static enum fault insert_code(struct access *access, struct db_tx *tx, struct str code)
{
    struct tag tag = tag_of(access, code);
    int64_t expires_us = instant_after(access_now(access), seconds(FIRST_CODE_SECONDS)).us;
    const struct value in[] = {[BIND_code_insert_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte}),
                               [BIND_code_insert_purpose] = value_int(CODE_FIRST_ADMINISTRATOR),
                               [BIND_code_insert_expires_us] = value_int(expires_us)};
    return access_count(access, db_run(tx, SQL_code_insert, in, NULL));
}

enum fault access_first_codes(struct access *access, struct db_tx *tx, struct arena *arena,
                              struct str ret_codes[2])
{
    struct str codes[2];
    enum fault fault;
    TRY(refuse_where_one_exists(access, tx));
    const struct value in[] = {[BIND_code_withdraw_purpose] = value_int(CODE_FIRST_ADMINISTRATOR)};
    TRY(access_count(access, db_run(tx, SQL_code_withdraw, in, NULL)));
    for (int i = 0; i < 2; i++) {
        TRY(access_draw(access, CODE_CHARACTERS, arena, &codes[i]));
        TRY(insert_code(access, tx, codes[i]));
    }
    ret_codes[0] = codes[0];
    ret_codes[1] = codes[1];
done:
    return fault;
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

static enum fault use_code(struct access *access, struct db_tx *tx, const char code[CODE_CHARACTERS])
{
    struct tag tag = tag_of(access, (struct str){code, CODE_CHARACTERS});
    int64_t changes = 0;
    const struct value in[] = {[BIND_code_use_tag] = value_bytes((struct bytes){tag.byte, sizeof tag.byte}),
                               [BIND_code_use_purpose] = value_int(CODE_FIRST_ADMINISTRATOR),
                               [BIND_code_use_now_us] = value_int(access_now(access).us)};
    enum fault fault = access_count(access, db_run(tx, SQL_code_use, in, &changes));
    if (fault == FAULT_NONE && changes != 1)
        fault = fault_note(FAULT_REFUSED,
                           "a code is wrong, used or expired: both people copy theirs again, or ask "
                           "for new ones");
    return fault;
}

enum fault access_first_codes_use(struct access *access, struct db_tx *tx, struct str one, struct str other)
{
    char codes[2][CODE_CHARACTERS];
    enum fault fault;
    TRY(refuse_where_one_exists(access, tx));
    if (!tidy(one, codes[0]) || !tidy(other, codes[1])) {
        fault = fault_note(FAULT_INVALID, "a code has 20 letters and digits: copy both again");
        goto done;
    }
    if (memcmp(codes[0], codes[1], CODE_CHARACTERS) == 0) {
        fault = fault_note(FAULT_REFUSED, "two different codes are needed, one from each person");
        goto done;
    }
    TRY(use_code(access, tx, codes[0]));
    TRY(use_code(access, tx, codes[1]));
done:
    return fault;
}

static enum fault has_key(struct access *access, struct db_tx *tx, const struct account *account,
                          bool *ret_has)
{
    struct db_rows *rows = NULL;
    struct value out[GIVES_security_key_of_account];
    const struct value in[] = {[BIND_security_key_of_account_account_id] = value_id(account->account.id)};
    enum fault fault = access_count(access, db_query(tx, SQL_security_key_of_account, in, &rows));
    while (fault == FAULT_NONE && db_next(rows, out))
        *ret_has = *ret_has || out[GIVE_security_key_of_account_state].number == KEY_ACTIVE;
    return db_rows_end(rows, fault);
}

/* As long as nobody can do it on the page. */
static enum fault refuse_where_one_has_a_key(struct access *access, struct db_tx *tx)
{
    struct arena *arena = NULL;
    struct account_list list;
    bool has = false;
    enum fault fault;
    TRY(arena_open(16 * (size_t)SCRATCH_BYTES, &arena));
    TRY(access_account_list(access, tx, (struct organisation_id){{{0}}}, false, arena, &list));
    for (size_t i = 0; i < list.count; i++)
        if (account_holds(&list.accounts[i], ROLE_national_administrator) &&
            account_may_act(access, &list.accounts[i]))
            TRY(has_key(access, tx, &list.accounts[i], &has));
    if (has)
        fault =
            fault_note(FAULT_REFUSED, "a national administrator has a security key: they let others set up "
                                      "theirs, on the page of users");
done:
    arena_close(arena);
    return fault;
}

enum fault access_first_key_approve(struct access *access, struct db_tx *tx, struct str user_name,
                                    struct str code, const struct account *approver, struct arena *arena)
{
    struct account account;
    enum fault fault;
    TRY(refuse_where_one_has_a_key(access, tx));
    TRY(access_account_find(access, tx, user_name, arena, &account));
    if (!account_holds(&account, ROLE_national_administrator) || account.state == ACCOUNT_CLOSED)
        TRY(FAULT_ABSENT);
    TRY(access_enrolment_approve(access, tx, &account, code, approver, arena));
done:
    return fault;
}
