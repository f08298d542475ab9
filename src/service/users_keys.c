/* One of the things that somebody signs in with, taken away by whoever manages them: a security key or an app
 * that was lost, or is in the wrong hands (R3.2).
 *
 * It opens nothing from the next request on, on every server, and whatever session the account has ends.
 * What else they sign in with stays, and so does the account's state: it is what setting up anew leaves it.
 */
#include "access/held.h"
#include "service/signing.h"
#include "service/users.h"

enum { WORDS_BYTES_MAX = 1024 };

static const struct held_key_view *find(const struct held_view *held, struct id key)
{
    for (size_t i = 0; i < held->count; i++)
        if (id_equal(held->at[i].key, key))
            return &held->at[i];
    return NULL;
}

/* "security key 2, registered on 3 May 2029": the number is another one when an older key is gone. */
static void put_name(struct buffer *text, const struct held_key_view *held)
{
    buffer_put(text, held->kind == HELD_APP ? STR("authenticator app") : STR("security key "));
    if (held->kind == HELD_KEY)
        buffer_put_int(text, held->number);
    if (held->made.us > 0) {
        buffer_put(text, STR(", registered on "));
        day_put_words(text, day_of_instant(held->made));
    }
}

/* Reads the account, and which of the things that it holds the request is about.  FAULT_ABSENT where it holds
 * none such, exactly as where the caller does not manage it. */
static enum fault show(struct conduct *conduct)
{
    enum fault fault = users_show(conduct, (struct account_id){conduct->ask->path_ids[0]});
    struct user_view *view = conduct->answer->user;
    if (fault != FAULT_NONE)
        return fault;
    view->revoking = find(&view->held, conduct->ask->path_ids[1]);
    if (view->revoking != NULL && view->account.state != ACCOUNT_CLOSED)
        return FAULT_NONE;
    conduct->answer->user = NULL;
    return FAULT_ABSENT;
}

/* What the entry says: "TEXT teacher security key 2, registered on 3 May 2029". */
static enum fault say(struct conduct *conduct, struct str what, const struct user_view *view)
{
    struct buffer name = buffer_open(WORDS_BYTES_MAX);
    enum fault fault;
    put_name(&name, view->revoking);
    TRY(buffer_fault(&name));
    const struct str pieces[] = {what, view->account.user_name, buffer_str(&name)};
    TRY(users_say(conduct, what.len > 0 ? pieces : pieces + 1, what.len > 0 ? 3 : 2));
done:
    buffer_close(&name);
    return fault;
}

enum fault do_user_key_page(struct conduct *conduct)
{
    const struct permit_user_key_page permit =
        permit_issue_user_key_page(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_key_page);
    struct user_view *view;
    struct entries entries = {0};
    enum fault fault;
    TRY(show(conduct));
    view = conduct->answer->user;
    conduct->answer->user = NULL; /* held until the entry is durable */
    TRY(say(conduct, STR(""), view));
    TRY(entries_add(conduct, &entries, EVENT_FORM_SHOWN, (struct child_id){{{0}}}, NULL, 0));
    TRY(conduct_commit(conduct, &entries, NULL, NULL));
    conduct->answer->user = view;
done:
    return fault;
}

static enum fault tell_holder(struct conduct *conduct, struct db_tx *tx, const struct account *account,
                              const struct held_key_view *held, bool last)
{
    struct buffer text = buffer_open(WORDS_BYTES_MAX);
    enum fault fault;
    buffer_put(&text, STR("Your "));
    put_name(&text, held);
    buffer_put(&text, held->made.us > 0 ? STR(", was revoked") : STR(" was revoked"));
    buffer_put(&text, STR(": nobody can sign in with it any more."));
    if (last)
        buffer_put(&text,
                   STR(" Nothing else was left to sign in with, so that you had to set that up anew."));
    buffer_put(&text, STR(" This was done by "));
    buffer_put(&text, conduct->caller.account.full_name);
    buffer_put(&text, STR("."));
    TRY(buffer_fault(&text));
    TRY(signing_tell(conduct, tx, account->account, buffer_str(&text)));
done:
    buffer_close(&text);
    return fault;
}

/* Whatever has changed since the page was shown: what is revoked is the key that it named. */
static enum fault revoke(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    struct access *access = conduct->service->access;
    struct account account;
    struct held_view held;
    enum fault fault;
    TRY(users_read(tx, conduct, (struct account_id){conduct->ask->path_ids[0]}, &account));
    TRY(access_held(access, tx, account.account, conduct->arena, &held));
    const struct held_key_view *one = find(&held, conduct->ask->path_ids[1]);
    if (one == NULL || account.state == ACCOUNT_CLOSED)
        TRY(FAULT_ABSENT);
    TRY(access_held_revoke(access, tx, &account, one->key));
    TRY(tell_holder(conduct, tx, &account, one, held.usable == one->in_use));
done:
    return fault;
}

enum fault do_user_key_revoke(struct conduct *conduct)
{
    const struct permit_user_key_revoke permit = permit_issue_user_key_revoke(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_user_key_revoke);
    const struct user_view *view;
    struct entries entries = {0};
    enum fault fault;
    TRY(show(conduct));
    view = conduct->answer->user;
    conduct->answer->user = NULL; /* the answer leads to the account's page */
    TRY(say(conduct, STR("revoke"), view));
    TRY(entries_add(conduct, &entries, EVENT_KEY_REVOKED, (struct child_id){{{0}}}, NULL, 0));
    TRY(conduct_commit(conduct, &entries, revoke, conduct));
    conduct->answer->recorded = true;
    conduct->answer->made = view->account.account.id;
done:
    return fault;
}
