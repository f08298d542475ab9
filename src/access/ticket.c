#include "access/inside.h"

/* The ticket leads from step one to step two, right or wrong; what it stands for is sealed in its row. */
enum { FORMAT = 2 };

static struct seal_place place_of(const struct tag *tag)
{
    return (struct seal_place){
        .table = "sign_in_ticket", .column = "sealed", .row = {tag->byte, sizeof tag->byte}, .version = 1};
}

static void put(struct buffer *buffer, const struct ticket *ticket)
{
    buffer_put_u8(buffer, FORMAT);
    buffer_put_bytes(buffer, id_bytes(&ticket->account));
    buffer_put_bytes(buffer, (struct bytes){ticket->user_name.byte, sizeof ticket->user_name.byte});
    buffer_put_u8(buffer, ticket->password_right ? 1 : 0);
    buffer_put_u8(buffer, ticket->role_count);
    /* A fixed number of them, so that the size tells nothing. */
    for (size_t i = 0; i < ACCOUNT_ROLES_MAX; i++)
        buffer_put_u8(buffer, (uint8_t)ticket->roles[i]);
}

static enum fault take(struct bytes clear, struct ticket *ticket)
{
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    struct bytes account = reader_take_bytes(&reader, sizeof ticket->account.byte);
    struct bytes user_name = reader_take_bytes(&reader, sizeof ticket->user_name.byte);
    ticket->password_right = reader_take_u8(&reader) == 1;
    ticket->role_count = reader_take_u8(&reader);
    for (size_t i = 0; i < ACCOUNT_ROLES_MAX; i++)
        ticket->roles[i] = (enum role)reader_take_u8(&reader);
    if (!reader.ok || format != FORMAT || ticket->role_count > ACCOUNT_ROLES_MAX ||
        !id_of_bytes(account, &ticket->account))
        return fault_note(FAULT_CORRUPT, "a sign-in ticket is not in a form that this program knows");
    memcpy(ticket->user_name.byte, user_name.at, user_name.len);
    return FAULT_NONE;
}

/* An absent user's roles: always the same, spread as those of a real organisation's people. */
static void choose_decoy_roles(struct access *access, const struct tag *user_name, struct ticket *ticket)
{
    uint8_t random = 0;
    vault_derive(access->vault, "decoy roles", (struct bytes){user_name->byte, sizeof user_name->byte},
                 &random, 1);
    ticket->role_count = 0;
    if (random < 224)
        ticket->roles[ticket->role_count++] = ROLE_practitioner;
    if (random >= 192 && random < 208)
        ticket->roles[ticket->role_count++] = ROLE_override_practitioner;
    if (random >= 208 && random < 240)
        ticket->roles[ticket->role_count++] = ROLE_user_manager;
    if (random >= 240 && random < 248)
        ticket->roles[ticket->role_count++] = ROLE_data_officer;
    if (random >= 248)
        ticket->roles[ticket->role_count++] = ROLE_shielding_officer;
}

static int64_t wait_seconds(int64_t failures)
{
    if (failures < PASSWORD_FAILURES_FREE)
        return 0;
    int64_t doublings = failures - PASSWORD_FAILURES_FREE;
    int64_t wait = doublings >= 10 ? PASSWORD_WAIT_SECONDS_MAX : INT64_C(1) << doublings;
    return wait > PASSWORD_WAIT_SECONDS_MAX ? PASSWORD_WAIT_SECONDS_MAX : wait;
}

/* One attempt as it is judged inside the transaction, where attempts stand in line. */
struct attempt {
    struct id account; /* nobody's where nobody has that name */
    bool right;
    bool wrong;       /* neither where it came too early: it is not judged, and looks as wrong as any */
    int64_t until_us; /* where wrong: none is judged before */
};

static void judge(struct access *access, const struct password_verdict *verdict,
                  const struct account_found *found, const struct authenticator *password,
                  struct attempt *attempt)
{
    int64_t now_us = access_now(access).us;
    int64_t ahead = seconds_between(now_us, password->last_step);
    /* A clock that was set back must not lock anybody out for longer than the rule says. */
    bool early = now_us < password->last_step && ahead <= PASSWORD_WAIT_SECONDS_MAX;
    bool judged = found->found && !early && !verdict->held && found->failures < PASSWORD_FAILURES_MAX;
    attempt->right = judged && verdict->right;
    attempt->wrong = judged && !verdict->right;
    attempt->until_us = now_us + seconds(wait_seconds(found->failures + 1)).us;
}

/* A right password, one that came too early and one for nobody change as much as a wrong one: nobody's rows.
 */
static enum fault record(struct access *access, struct db_tx *tx, const struct tag *user_name,
                         const struct attempt *attempt)
{
    const struct id counted = attempt->wrong ? attempt->account : nobody_of(access, user_name);
    const int64_t until_us = attempt->wrong ? attempt->until_us : access_now(access).us;
    const struct value failures[] = {[BIND_account_failures_add_account_id] = value_id(counted)};
    const struct value wait[] = {[BIND_authenticator_wait_account_id] = value_id(counted),
                                 [BIND_authenticator_wait_kind] = value_int(AUTHENTICATOR_PASSWORD),
                                 [BIND_authenticator_wait_until_us] = value_int(until_us)};
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_account_failures_add, failures, NULL)));
    TRY(access_count(access, db_run(tx, SQL_authenticator_wait, wait, NULL)));
done:
    return fault;
}

/* Now and then, whoever comes next removes what nobody can use any more. */
static enum fault clean(struct access *access, struct db_tx *tx)
{
    int64_t now_us = access_now(access).us;
    int64_t cleaned_us = atomic_load(&access->cleaned_us);
    if (cleaned_us != 0 && now_us >= cleaned_us && seconds_between(cleaned_us, now_us) < CLEAN_SECONDS)
        return FAULT_NONE;
    atomic_store(&access->cleaned_us, now_us);
    const struct value tickets[] = {[BIND_ticket_clean_before_us] = value_int(now_us)};
    const struct value sessions[] = {[BIND_session_clean_before_us] =
                                         value_int(now_us - 2 * seconds(SESSION_SECONDS).us)};
    const struct value challenges[] = {[BIND_challenge_clean_before_us] = value_int(now_us)};
    const struct value enrolments[] = {[BIND_enrolment_clean_before_us] = value_int(now_us),
                                       [BIND_enrolment_clean_done] = value_int(ENROLMENT_DONE),
                                       [BIND_enrolment_clean_key_done] = value_int(ENROLMENT_KEY_DONE)};
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_ticket_clean, tickets, NULL)));
    TRY(access_count(access, db_run(tx, SQL_session_clean, sessions, NULL)));
    TRY(access_count(access, db_run(tx, SQL_challenge_clean, challenges, NULL)));
    TRY(access_count(access, db_run(tx, SQL_enrolment_clean, enrolments, NULL)));
done:
    return fault;
}

static enum fault insert(struct access *access, struct db_tx *tx, const struct ticket *ticket,
                         struct arena *arena)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct bytes sealed;
    enum fault fault;
    put(&clear, ticket);
    struct seal_place place = place_of(&ticket->tag);
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    int64_t expires_us = instant_after(access_now(access), seconds(TICKET_SECONDS)).us;
    const struct value in[] = {[BIND_ticket_insert_tag] =
                                   value_bytes((struct bytes){ticket->tag.byte, sizeof ticket->tag.byte}),
                               [BIND_ticket_insert_expires_us] = value_int(expires_us),
                               [BIND_ticket_insert_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_ticket_insert, in, NULL)));
done:
    buffer_close(&clear);
    return fault;
}

static struct tag tag_of(struct access *access, const struct id *id)
{
    return vault_tag(access->vault, "sign-in ticket", id_bytes(id));
}

enum fault access_ticket_issue(struct access *access, struct db_tx *tx,
                               const struct password_verdict *verdict, struct arena *arena,
                               struct str *ret_ticket)
{
    struct account_found found;
    struct authenticator password;
    struct ticket ticket = {0};
    struct attempt attempt = {.account = verdict->account.id};
    struct id id = id_new(access->entropy);
    enum fault fault;
    if (id_is_zero(attempt.account))
        attempt.account = nobody_of(access, &verdict->user_name);
    TRY(account_read(access, tx, attempt.account, arena, &found));
    TRY(authenticator_read(access, tx, attempt.account, AUTHENTICATOR_PASSWORD, arena, &password));
    judge(access, verdict, &found, &password, &attempt);
    TRY(record(access, tx, &verdict->user_name, &attempt));
    choose_decoy_roles(access, &verdict->user_name, &ticket);
    if (found.found) {
        memcpy(ticket.roles, found.account.roles, sizeof ticket.roles);
        ticket.role_count = found.account.role_count;
        ticket.account = attempt.account;
    }
    ticket.password_right = attempt.right;
    ticket.user_name = verdict->user_name;
    ticket.tag = tag_of(access, &id);
    TRY(insert(access, tx, &ticket, arena));
    TRY(clean(access, tx));
    TRY(access_id_text(id, arena, ret_ticket));
done:
    return fault;
}

enum fault ticket_read(struct access *access, struct db_tx *tx, struct str text, struct arena *arena,
                       struct ticket *ret_ticket)
{
    struct ticket ticket = {0};
    struct id id = {{0}};
    struct bytes clear;
    bool formed = id_parse(text, &id);
    struct tag tag = tag_of(access, &id);
    const struct value in[] = {[BIND_ticket_get_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte})};
    struct value out[GIVES_ticket_get];
    enum fault fault = access_count(access, db_one(tx, SQL_ticket_get, in, arena, out));
    if (!formed || fault == FAULT_ABSENT) {
        *ret_ticket = (struct ticket){.tag = tag};
        return FAULT_NONE;
    }
    TRY(fault);
    struct seal_place place = place_of(&tag);
    TRY(access_unseal(access, &place, out[GIVE_ticket_get_sealed].bytes, arena, &clear));
    TRY(take(clear, &ticket));
    ticket.tag = tag;
    int64_t left_us = out[GIVE_ticket_get_expires_us].number - access_now(access).us;
    ticket.live = left_us > 0 && left_us <= seconds(TICKET_SECONDS + CLOCK_STEP_SECONDS).us;
    *ret_ticket = ticket;
done:
    return fault;
}

enum fault access_ticket_offer(struct access *access, struct db_tx *tx, struct str ticket,
                               struct ticket_offer *ret_offer)
{
    struct arena *arena = NULL;
    struct ticket read;
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(ticket_read(access, tx, ticket, arena, &read));
    struct ticket_offer offer = {.live = read.live};
    if (read.live) {
        memcpy(offer.roles, read.roles, sizeof offer.roles);
        offer.role_count = read.role_count;
    }
    *ret_offer = offer;
done:
    arena_close(arena);
    return fault;
}
