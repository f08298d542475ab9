/* Closing an account: its open involvements are handed over or ended first (R3.4, R7.5).
 *
 * They are taken a few at a time, each lot with its entries in one transaction: a caseload of hundreds holds
 * nobody up, and what is left after a crash is left open, with the account. Whoever closes it sees how many
 * there are, and no child. */
#include "registry/family.h"
#include "registry/involvement.h"
#include "service/users.h"

enum { LOT_MAX = 8, LOTS_MAX = 400, DAY_BYTES_MAX = 16 };

struct closing {
    struct conduct *conduct;
    const struct permit_user_close *permit;
    struct account_id account;
    uint64_t version;
    struct str why;
    struct account leaver;
    struct account heir; /* zero: they are ended */
    bool hand_over;
    struct str heir_name;
    struct str day; /* today, as rows have it */
    int64_t open;
    struct open_involvement *lot;
    size_t lot_count;
    struct involvement_leaving leaving[LOT_MAX];
    struct entries entries;
};

static enum fault read_leaver(struct db_tx *tx, void *context)
{
    struct closing *closing = context;
    enum fault fault;
    TRY(users_read(tx, closing->conduct, closing->account, &closing->leaver));
    TRY(involvement_open_count(tx, closing->conduct->service->vault, closing->account, &closing->open));
done:
    return fault;
}

/* Whoever takes over works in the same organisation as a practitioner, and may act today. */
static enum fault read_heir(struct db_tx *tx, void *context)
{
    struct closing *closing = context;
    struct access *access = closing->conduct->service->access;
    struct account heir;
    bool practises = false;
    enum fault fault = access_account_find(access, tx, closing->heir_name, closing->conduct->arena, &heir);
    if (fault != FAULT_NONE)
        return fault;
    for (size_t i = 0; i < heir.role_count; i++)
        practises = practises || users_is_practice(heir.roles[i]);
    if (!practises || id_equal(heir.account.id, closing->account.id) ||
        !id_equal(heir.organisation.id, closing->leaver.organisation.id) ||
        access_account_standing(access, &heir).hindrance != HINDRANCE_NONE)
        return FAULT_ABSENT;
    closing->heir = heir;
    return FAULT_NONE;
}

static enum fault find_heir(struct closing *closing)
{
    enum fault fault = FAULT_ABSENT;
    if (closing->heir_name.len > 0)
        fault = db_read(closing->conduct->service->db, read_heir, closing);
    if (fault == FAULT_ABSENT || fault == FAULT_TOO_LARGE) {
        conduct_error(
            closing->conduct, "heir",
            "Enter the user name of a practitioner of the same organisation whose account is in use");
        fault = FAULT_NONE;
    }
    return fault;
}

/* The next few, and an entry for each record that is there. */
static enum fault read_lot(struct db_tx *tx, void *context)
{
    struct closing *closing = context;
    struct conduct *conduct = closing->conduct;
    struct vault *vault = conduct->service->vault;
    enum fault fault;
    closing->entries = (struct entries){0};
    TRY(involvement_open_of(tx, vault, closing->account, LOT_MAX, conduct->arena, &closing->lot,
                            &closing->lot_count));
    for (size_t i = 0; i < closing->lot_count; i++) {
        struct child *child = NULL;
        fault = child_read_shut(tx, closing->lot[i].child, false, conduct->arena, &child);
        if (fault == FAULT_ABSENT)
            continue;
        TRY(fault);
        TRY(entries_add(conduct, &closing->entries, EVENT_INVOLVEMENT_ENDED, child->child, &child->key, 0));
    }
    if (closing->entries.count == 0) /* none of them is there any more */
        TRY(entries_add(conduct, &closing->entries, EVENT_INVOLVEMENT_ENDED, (struct child_id){{{0}}}, NULL,
                        0));
    fault = FAULT_NONE;
done:
    return fault;
}

static struct involvement_leaving leaving_of(struct closing *closing, size_t place)
{
    struct entropy entropy = closing->conduct->service->entropy;
    const struct account *heir = &closing->heir;
    return (struct involvement_leaving){.leaver = closing->account,
                                        .claim = closing->lot[place].claim,
                                        .ended = {id_new(entropy)},
                                        .at = closing->conduct->now,
                                        .day = closing->day,
                                        .heir = heir->account,
                                        .begun = {id_new(entropy)},
                                        .practitioner = heir->full_name,
                                        .job = heir->job,
                                        .phone = heir->phone,
                                        .email = heir->email};
}

static enum fault leave_lot(struct db_tx *tx, void *context)
{
    struct closing *closing = context;
    struct conduct *conduct = closing->conduct;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < closing->lot_count; i++) {
        const struct vault_purpose purpose =
            vault_for_writing(conduct->service->vault, &closing->permit->permit);
        struct child *child = NULL;
        fault = child_read_whole(tx, purpose, closing->lot[i].child, conduct->arena, &child);
        if (fault != FAULT_ABSENT)
            TRY(fault);
        TRY(involvement_leave(tx, &conduct->noting, closing->permit, child, &closing->leaving[i]));
    }
done:
    return fault;
}

static enum fault leave_all(struct closing *closing)
{
    struct conduct *conduct = closing->conduct;
    enum fault fault = FAULT_NONE;
    for (int lots = 0; lots < LOTS_MAX; lots++) {
        TRY(db_read(conduct->service->db, read_lot, closing));
        if (closing->lot_count == 0)
            break;
        for (size_t i = 0; i < closing->lot_count; i++)
            closing->leaving[i] = leaving_of(closing, i);
        TRY(conduct_commit(conduct, &closing->entries, leave_lot, closing));
    }
done:
    return fault;
}

static enum fault close_account(struct db_tx *tx, void *context)
{
    struct closing *closing = context;
    struct account leaver;
    enum fault fault;
    TRY(read_leaver(tx, closing));
    leaver = closing->leaver;
    if (leaver.version != closing->version)
        TRY(fault_note(FAULT_CONFLICT,
                       "this account was changed since you opened this page: look at it again"));
    if (closing->open > 0)
        TRY(fault_note(FAULT_CONFLICT,
                       "another involvement was recorded meanwhile: close the account once more"));
    leaver.why = closing->why;
    TRY(access_account_close(closing->conduct->service->access, tx, &leaver));
done:
    return fault;
}

static enum fault show_again(struct closing *closing, enum fault why)
{
    enum fault fault = users_show(closing->conduct, closing->account);
    return fault == FAULT_NONE ? conduct_refuse(closing->conduct, REFUSAL_NONE, why) : fault;
}

/* What becomes of the involvements: nothing is done before that is said. */
static enum fault read_form(struct closing *closing)
{
    struct conduct *conduct = closing->conduct;
    struct str choice = conduct_field(conduct, "involvements");
    struct buffer text = buffer_open(DAY_BYTES_MAX);
    enum fault fault = FAULT_NONE;
    closing->why = conduct_field(conduct, "close_why");
    closing->heir_name = conduct_field(conduct, "heir");
    closing->hand_over = str_equal(choice, STR("hand_over"));
    if (closing->leaver.version != closing->version)
        conduct_error(conduct, "close",
                      "This account was changed since you opened this page: look at it again");
    if (closing->open > 0 && !closing->hand_over && !str_equal(choice, STR("end")))
        conduct_error(conduct, "involvements",
                      "Choose what becomes of the open involvements: the account closes with them");
    if (closing->open > 0 && closing->hand_over)
        TRY(find_heir(closing));
    day_put(&text, day_of_instant(conduct->now));
    TRY(buffer_fault(&text));
    TRY(arena_copy(conduct->arena, buffer_str(&text), &closing->day));
done:
    buffer_close(&text);
    return fault;
}

static enum fault finish(struct closing *closing)
{
    struct conduct *conduct = closing->conduct;
    struct entries entries = {0};
    enum fault fault;
    TRY(entries_add(conduct, &entries, EVENT_USER_CLOSED, (struct child_id){{{0}}}, NULL, 0));
    fault = conduct_commit(conduct, &entries, close_account, closing);
    if (fault == FAULT_CONFLICT) {
        conduct_error(conduct, "close", users_sentence(conduct, fault_last_note()));
        return show_again(closing, fault);
    }
    TRY(fault);
    conduct->answer->recorded = true;
    conduct->answer->made = closing->account.id;
done:
    return fault;
}

enum fault do_user_close(struct conduct *conduct)
{
    const struct permit_user_close permit =
        permit_issue_user_close(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct closing closing = {.conduct = conduct,
                              .permit = &permit,
                              .account = {conduct->ask->path_ids[0]},
                              .version = users_form_version(conduct)};
    enum fault fault;
    TRY(db_read(conduct->service->db, read_leaver, &closing));
    TRY(read_form(&closing));
    TRY(users_say(conduct, (const struct str[]){STR("close"), closing.leaver.user_name, closing.why}, 3));
    if (conduct->answer->error_count > 0)
        return show_again(&closing, FAULT_INVALID);
    TRY(leave_all(&closing));
    TRY(finish(&closing));
done:
    return fault;
}
