#include "service/lapses.h"

#include "access/organisations.h"
#include "service/staff_told.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, TEXT_BYTES_MAX = 1024, ORGANISATIONS_BYTES_MAX = 4 * 1024 * 1024 };

static const struct str told_until = {"lapses", 6}; /* in the table meta: the number of the last day */

/* A day's round. */
struct round {
    struct service *service;
    struct instant now;
    struct day today;
    struct day before; /* of the last round; DAY_UNKNOWN where there was none */
    struct buffer *organisations;
    struct organisation_id at; /* the one that is looked at; zero: those without one */
    struct arena *arena;
    struct account_list administrators; /* live in an arena of their own */
    bool sending;                       /* else it is only looked whether there is anything to tell */
    bool due;
};

/* Something that runs out. */
struct lapse {
    const struct account *account; /* NULL: an accreditation */
    struct str name;               /* of the check; empty: the account is unused */
    struct day until;              /* the first day on which it no longer counts */
    enum notice notice;
    int days_left;
    int64_t number; /* tells what is told of one account apart */
};

static enum fault read_day(struct db_tx *tx, void *context)
{
    struct round *round = context;
    struct value out[GIVES_meta_get];
    const struct value in[] = {[BIND_meta_get_name] = value_text(told_until)};
    int64_t number = 0;
    enum fault fault = db_one(tx, SQL_meta_get, in, round->arena, out);
    if (fault == FAULT_NONE &&
        str_to_int(str_of_bytes(out[GIVE_meta_get_content].bytes), 1, INT32_MAX, &number))
        round->before = day_of_number((int32_t)number);
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

static enum fault write_day(struct db_tx *tx, void *context)
{
    const struct round *round = context;
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    enum fault fault;
    buffer_put_int(&text, day_number(round->today));
    TRY(buffer_fault(&text));
    const struct value in[] = {[BIND_meta_put_name] = value_text(told_until),
                               [BIND_meta_put_content] = value_text(buffer_str(&text))};
    TRY(db_run(tx, SQL_meta_put, in, NULL));
done:
    buffer_close(&text);
    return fault;
}

/* Whether something has come a step nearer to its end since the last round. */
static bool is_news(const struct round *round, struct day until, struct lapse *lapse)
{
    int days;
    lapse->until = until;
    lapse->notice = lapse_notice(until, round->today, &lapse->days_left);
    if (lapse->notice == NOTICE_NONE)
        return false;
    return round->before.precision != DAY_EXACT || lapse_notice(until, round->before, &days) != lapse->notice;
}

/* "Criminal-record check: runs out on 3 May 2029. 30 days are left." */
static void put_words(struct buffer *text, const struct lapse *lapse)
{
    const bool over = lapse->notice == NOTICE_LAPSED;
    if (lapse->name.len > 0) {
        buffer_put(text, lapse->name);
        buffer_put(text, over ? STR(": ran out on ") : STR(": runs out on "));
        day_put_words(text, lapse->until);
    } else {
        buffer_put(text, STR("Disabled on "));
        day_put_words(text, lapse->until);
        buffer_put(text, STR(", because nobody had signed in with it for too long"));
    }
    buffer_put(text, STR("."));
    if (over)
        return;
    buffer_put(text, STR(" "));
    buffer_put_int(text, lapse->days_left);
    buffer_put(text, lapse->days_left == 1 ? STR(" day is left.") : STR(" days are left."));
}

static enum fault tell_holder(struct db_tx *tx, const struct round *round, const struct lapse *lapse)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    enum fault fault;
    put_words(&text, lapse);
    TRY(buffer_fault(&text));
    const struct message message = {.recipient = lapse->account->account,
                                    .kind =
                                        lapse->notice == NOTICE_LAPSED ? MESSAGE_STOPPED : MESSAGE_CHECK_ENDS,
                                    .sent = round->now,
                                    .cause = lapse->account->account.id,
                                    .number = lapse->number,
                                    .text = buffer_str(&text)};
    TRY(message_send(tx, &round->service->messages, &message));
done:
    buffer_close(&text);
    return fault;
}

static enum fault tell_managers(struct db_tx *tx, const struct round *round, const struct lapse *lapse,
                                const struct account_list *colleagues)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    struct managers managers;
    enum fault fault;
    buffer_put(&text, lapse->account->full_name);
    buffer_put(&text, STR(" ("));
    buffer_put(&text, lapse->account->user_name);
    buffer_put(&text, STR("). "));
    put_words(&text, lapse);
    TRY(buffer_fault(&text));
    managers_choose(round->service->access, lapse->account, colleagues, &round->administrators, &managers);
    const struct staff_news news = {.kind = lapse->notice == NOTICE_LAPSED ? MESSAGE_STAFF_STOPPED
                                                                           : MESSAGE_STAFF_CHECK_ENDS,
                                    .cause = lapse->account->account.id,
                                    .number = lapse->number,
                                    .at = round->now,
                                    .text = buffer_str(&text)};
    TRY(managers_tell(tx, round->service, &managers, &news));
done:
    buffer_close(&text);
    return fault;
}

static enum fault tell(struct db_tx *tx, struct round *round, const struct lapse *lapse,
                       const struct account_list *colleagues)
{
    enum fault fault = FAULT_NONE;
    round->due = true;
    if (!round->sending)
        return FAULT_NONE;
    TRY(tell_holder(tx, round, lapse));
    TRY(tell_managers(tx, round, lapse, colleagues));
done:
    return fault;
}

/* What is told of one account about one check, one day and one step has a number of its own. */
static int64_t number_of(int check, const struct lapse *lapse)
{
    enum { STEPS = 16, CHECKS_MOST = 64 };
    _Static_assert((int)NOTICE_MISSING < STEPS && (int)CHECKS_END < CHECKS_MOST, "they fit");
    return ((int64_t)day_number(lapse->until) * CHECKS_MOST + check) * STEPS + (int)lapse->notice;
}

static bool is_concerned(const struct account *account)
{
    if (account->state != ACCOUNT_ACTIVE)
        return false;
    for (size_t i = 0; i < account->role_count; i++)
        if (account->roles[i] == ROLE_operator) /* needs no checks */
            return false;
    return true;
}

static enum fault look_at_account(struct db_tx *tx, struct round *round, const struct account *account,
                                  const struct account_list *colleagues)
{
    struct lapse lapse = {.account = account};
    enum fault fault = FAULT_NONE;
    for (int number = 1; number < CHECKS_END; number++) {
        const enum account_check check = (enum account_check)number;
        if (!is_news(round, check_until(check, account->checks[check]), &lapse))
            continue;
        lapse.name = str_of(check_label(check));
        lapse.number = number_of(number, &lapse);
        TRY(tell(tx, round, &lapse, colleagues));
    }
    lapse.name = STR("");
    if (is_news(round, access_account_unused_from(round->service->access, account), &lapse) &&
        lapse.notice == NOTICE_LAPSED) { /* signing in would have been enough: nobody is warned */
        lapse.number = number_of(0, &lapse);
        TRY(tell(tx, round, &lapse, colleagues));
    }
done:
    return fault;
}

static enum fault look_at_accreditation(struct db_tx *tx, struct round *round,
                                        const struct account_list *colleagues)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    struct organisation organisation;
    struct lapse lapse = {.name = STR("Accreditation")};
    struct managers managers;
    enum fault fault;
    TRY(access_organisation_get(round->service->access, tx, round->at, round->arena, &organisation));
    if (organisation.suspended || !is_news(round, organisation.accredited_until, &lapse))
        goto done;
    round->due = true;
    if (!round->sending)
        goto done;
    buffer_put(&text, organisation.name);
    buffer_put(&text, STR(". "));
    put_words(&text, &lapse);
    TRY(buffer_fault(&text));
    managers_choose(round->service->access, NULL, colleagues, &round->administrators, &managers);
    const struct staff_news news = {.kind = MESSAGE_ACCREDITATION,
                                    .cause = round->at.id,
                                    .number = number_of(0, &lapse),
                                    .at = round->now,
                                    .text = buffer_str(&text)};
    TRY(managers_tell(tx, round->service, &managers, &news));
done:
    buffer_close(&text);
    return fault;
}

static enum fault look_at_organisation(struct db_tx *tx, void *context)
{
    struct round *round = context;
    struct account_list list;
    enum fault fault;
    round->due = false;
    arena_reset(round->arena);
    TRY(access_account_list(round->service->access, tx, round->at, false, round->arena, &list));
    for (size_t i = 0; i < list.count; i++)
        if (is_concerned(&list.accounts[i]))
            TRY(look_at_account(tx, round, &list.accounts[i], &list));
    if (!id_is_zero(round->at.id))
        TRY(look_at_accreditation(tx, round, &list));
done:
    return fault;
}

/* First only read, since on most days there is nothing to tell. */
static enum fault do_organisation(struct round *round)
{
    enum fault fault;
    round->sending = false;
    TRY(db_read(round->service->db, look_at_organisation, round));
    round->sending = round->due;
    if (round->sending)
        TRY(db_write(round->service->db, DB_BACKGROUND, look_at_organisation, round));
done:
    return fault;
}

static enum fault note_organisation(void *context, const struct organisation *organisation, int64_t accounts)
{
    struct round *round = context;
    (void)accounts;
    buffer_put_bytes(round->organisations, id_bytes(&organisation->organisation.id));
    return buffer_fault(round->organisations);
}

struct beginning {
    struct round *round;
    struct arena *arena;
};

static enum fault begin(struct db_tx *tx, void *context)
{
    struct beginning *beginning = context;
    struct round *round = beginning->round;
    struct access *access = round->service->access;
    enum fault fault;
    buffer_clear(round->organisations);
    TRY(access_organisation_walk(access, tx, note_organisation, round));
    TRY(access_account_list(access, tx, (struct organisation_id){{{0}}}, false, beginning->arena,
                            &round->administrators));
done:
    return fault;
}

static enum fault go_round(struct round *round)
{
    struct beginning beginning = {.round = round};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &beginning.arena));
    TRY(db_read(round->service->db, begin, &beginning));
    const struct bytes all = buffer_bytes(round->organisations);
    for (size_t from = 0; from < all.len; from += sizeof round->at.id.byte) {
        memcpy(round->at.id.byte, all.at + from, sizeof round->at.id.byte);
        TRY(do_organisation(round));
    }
    round->at = (struct organisation_id){{{0}}};
    TRY(do_organisation(round));
    TRY(db_write(round->service->db, DB_BACKGROUND, write_day, round));
done:
    arena_close(beginning.arena);
    return fault;
}

enum fault lapses_keep(struct service *service)
{
    struct buffer organisations = buffer_open(ORGANISATIONS_BYTES_MAX);
    struct round round = {
        .service = service, .now = clock_now(service->clock), .organisations = &organisations};
    enum fault fault;
    round.today = day_of_instant(round.now);
    TRY(arena_open(ARENA_BYTES, &round.arena));
    TRY(db_read(service->db, read_day, &round));
    if (round.before.precision != DAY_EXACT || day_number(round.before) < day_number(round.today))
        TRY(go_round(&round));
done:
    arena_close(round.arena);
    buffer_close(&organisations);
    return fault;
}
