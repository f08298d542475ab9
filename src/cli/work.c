#include "cli/work.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "feed/feed_file.h"
#include "service/explain.h"
#include "service/keys.h"
#include "service/rotate.h"
#include "service/seek.h"
#include "service/staff.h"
#include "service/train.h"

enum { MESSAGE_BYTES_MAX = 512, EXPLAINED_BYTES_MAX = 4096 };

static enum fault invalid(const char *note)
{
    return fault_note(FAULT_INVALID, note);
}

static struct ask ask_of(enum operation operation, struct str unix_user)
{
    return (struct ask){.operation = operation, .unix_user = unix_user, .source = STR("local")};
}

/* A feed on its way through service_load. */
struct feed_work {
    const struct work *work;
    const struct work_listener *listener;
    struct feed_file *feed;
    struct feed_trouble trouble;
    load_take take;
    void *take_context;
    uint64_t lines[INTAKE_BEHIND_MAX]; /* of the last rows, by their number: what is wrong is told later */
};

static enum fault open_feed(void *context, const struct batch_header **ret_header)
{
    struct feed_work *feed = context;
    enum fault fault = feed_open(feed->work->fd, &feed->feed, &feed->trouble);
    if (fault == FAULT_NONE)
        *ret_header = feed_header(feed->feed);
    return fault;
}

/* Where nobody waits any more the plan is undone: it is short of its promise. */
static enum fault take_row(void *context, int64_t row_number, const struct row *row, enum row_problem problem)
{
    enum { ASK_ROWS = 1024 };
    struct feed_work *feed = context;
    if (row_number % ASK_ROWS == 0 && feed->listener->gone(feed->listener->context))
        return fault_note(FAULT_CANCELLED, "nobody waits for this load any more: it was undone");
    feed->lines[row_number % INTAKE_BEHIND_MAX] = feed_line(feed->feed);
    return feed->take(feed->take_context, row_number, row, problem);
}

static enum fault each_row(void *context, load_take take, void *take_context)
{
    struct feed_work *feed = context;
    feed->take = take;
    feed->take_context = take_context;
    return feed_each(feed->feed, take_row, feed, &feed->trouble);
}

static void tell_progress(void *context, const char *phase, int64_t done, int64_t of)
{
    const struct feed_work *feed = context;
    feed->listener->progress(feed->listener->context,
                             strcmp(phase, "planning") == 0 ? PHASE_PLANNING : PHASE_APPLYING, done, of);
}

static void tell_problem(void *context, int64_t row_number, enum row_problem problem)
{
    const struct feed_work *feed = context;
    feed->listener->problem(feed->listener->context, feed->lines[row_number % INTAKE_BEHIND_MAX], problem);
}

static enum fault say_trouble(const struct feed_trouble *trouble, struct arena *arena, struct str *ret_text)
{
    char text[MESSAGE_BYTES_MAX];
    int len = trouble->line == 0
                  ? snprintf(text, sizeof text, "%s", trouble->text)
                  : snprintf(text, sizeof text, "line %" PRIu64 ": %s", trouble->line, trouble->text);
    must(len > 0 && (size_t)len < sizeof text);
    return arena_copy(arena, (struct str){text, (size_t)len}, ret_text);
}

static enum fault load_feed(struct service *service, struct str unix_user, const struct work *work,
                            const struct work_listener *listener, struct arena *arena,
                            struct work_result *result)
{
    struct feed_work feed = {.work = work, .listener = listener};
    const struct load_source source = {.open = open_feed,
                                       .each = each_row,
                                       .progress = tell_progress,
                                       .problem = tell_problem,
                                       .context = &feed};
    const struct ask ask = ask_of(OP_feed_load, unix_user);
    enum fault fault = service_load(service, &ask, &source, &result->counts);
    if (feed.trouble.text[0] != '\0' && fault != FAULT_NONE &&
        say_trouble(&feed.trouble, arena, &result->text[TEXT_MESSAGE]) != FAULT_NONE)
        fault = FAULT_MEMORY;
    if (feed.feed != NULL) {
        const struct batch_header *header = feed_header(feed.feed);
        result->source = header->source;
        result->sequence = header->sequence;
        result->rows = header->rows;
    }
    feed_close(feed.feed);
    return fault;
}

static enum fault read_roles(struct str names, struct account_order *order)
{
    struct str rest = names, name;
    while (str_split(&rest, ',', &name)) {
        enum role role = policy_role_of(str_trim(name));
        if (role == ROLE_NONE)
            return invalid(
                "a role is not one that is known: contactpoint help lists none, docs/operating.md does");
        if (order->role_count == ACCOUNT_ROLES_MAX)
            return invalid("an account holds at most ten roles");
        order->roles[order->role_count++] = role;
    }
    return FAULT_NONE;
}

static enum fault read_order(const struct work *work, struct account_order *ret_order)
{
    struct account_order order = {.user_name = work->field[FIELD_USER_NAME],
                                  .full_name = work->field[FIELD_FULL_NAME],
                                  .job = work->field[FIELD_JOB],
                                  .phone = work->field[FIELD_PHONE],
                                  .email = work->field[FIELD_EMAIL]};
    struct str organisation = work->field[FIELD_ORGANISATION];
    enum fault fault = FAULT_NONE;
    if (organisation.len > 0 && !id_parse(organisation, &order.organisation.id))
        return invalid(
            "an organisation's id has 26 letters and digits: copy it again, or leave it empty for a "
            "new organisation");
    if (work->field[FIELD_ROLES].len > 0)
        TRY(read_roles(work->field[FIELD_ROLES], &order));
    *ret_order = order;
done:
    return fault;
}

static enum fault read_sponsor(const struct work *work, struct sponsor *ret_sponsor)
{
    *ret_sponsor = (struct sponsor){.user_name = work->field[FIELD_SPONSOR_NAME],
                                    .password = work->field[FIELD_SPONSOR_PASSWORD],
                                    .pin = work->field[FIELD_SPONSOR_PIN],
                                    .code = work->field[FIELD_SPONSOR_CODE],
                                    .role = policy_role_of(work->field[FIELD_SPONSOR_ROLE])};
    if (ret_sponsor->role == ROLE_NONE)
        return invalid("your role must be user_manager or national_administrator");
    return FAULT_NONE;
}

/* R3.5: for three years, to look for children and to ask for shields; the administrator's page changes it. */
static struct day accredited_from_now(void)
{
    enum { ACCREDITED_MONTHS = 36 };
    return day_after_months(day_of_instant(clock_now(clock_system())), ACCREDITED_MONTHS);
}

static enum fault read_capabilities(struct str names, uint32_t *ret_held)
{
    struct str rest = names, name;
    uint32_t held = 0;
    while (str_split(&rest, ',', &name)) {
        enum capability capability = policy_capability_of(str_trim(name));
        if (capability == CAPABILITY_NONE)
            return invalid("what an organisation is to be accredited for is not known");
        held |= 1u << capability;
    }
    *ret_held = held;
    return FAULT_NONE;
}

/* What a demonstration says beyond what can be asked for. */
static enum fault read_shown(const struct work *work, struct organisation *organisation)
{
    int64_t staff = 0;
    if (work->kind != WORK_DEMONSTRATION_ACCOUNT || work->field[FIELD_ORGANISATION_CAPABILITIES].len == 0)
        return FAULT_NONE;
    (void)str_to_int(work->field[FIELD_ORGANISATION_STAFF], 0, ORGANISATION_STAFF_MAX, &staff);
    organisation->staff = (uint32_t)staff;
    return read_capabilities(work->field[FIELD_ORGANISATION_CAPABILITIES], &organisation->capabilities);
}

/* When the checks of somebody in a demonstration were done. */
static enum fault read_checked(const struct work *work, struct account_order *order)
{
    enum { DAYS_AGO_MOST = 3650 };
    struct str checked = work->field[FIELD_CHECKED];
    struct day today = day_of_instant(clock_now(clock_system()));
    int64_t days_ago = 0;
    if (checked.len == 0)
        return FAULT_NONE;
    if (str_equal(checked, STR("asked")))
        order->checks[CHECK_need] = today;
    else if (str_equal(checked, STR("today")) || str_to_int(checked, 0, DAYS_AGO_MOST, &days_ago))
        access_order_checked(order, day_of_number(day_number(today) - (int32_t)days_ago));
    else
        return invalid("say when the checks were done: today, days ago, or asked");
    return FAULT_NONE;
}

/* A new organisation, where one is named. */
static enum fault read_organisation(const struct work *work, struct arena *arena,
                                    struct organisation *ret_organisation, bool *ret_named,
                                    struct work_result *result)
{
    struct str name = str_trim(work->field[FIELD_ORGANISATION_NAME]);
    struct str service = work->field[FIELD_ORGANISATION_SERVICE];
    struct buffer text = buffer_open(64);
    enum fault fault = FAULT_NONE;
    *ret_named = name.len > 0;
    if (name.len == 0)
        return FAULT_NONE;
    struct organisation organisation = {.capabilities =
                                            1u << CAPABILITY_query | 1u << CAPABILITY_shield_request,
                                        .accredited_until = accredited_from_now(),
                                        .name = name,
                                        .phone = work->field[FIELD_ORGANISATION_PHONE],
                                        .authority = work->field[FIELD_ORGANISATION_AUTHORITY],
                                        .body = policy_body_of(work->field[FIELD_ORGANISATION_BODY]),
                                        .service = policy_service_of(service)};
    organisation.organisation.id = id_new(entropy_system());
    TRY(read_shown(work, &organisation));
    bool sensitive = organisation.service != SERVICE_NONE && policy_service_sensitive(organisation.service);
    bool known = organisation.service != SERVICE_NONE || (service.len == 0 && organisation.staff > 0);
    if (organisation.body == 0)
        fault =
            invalid("the organisation's body must be health, education, benefits, justice, social_care or "
                    "other");
    else if (!known || (sensitive && (organisation.capabilities >> CAPABILITY_sensitive_service & 1) == 0))
        fault = invalid("the organisation's kind of service is not one that is known: see docs/feeds.md");
    TRY(fault);
    id_put(&text, organisation.organisation.id);
    TRY(buffer_fault(&text));
    TRY(arena_copy(arena, buffer_str(&text), &result->text[TEXT_ORGANISATION]));
    *ret_organisation = organisation;
done:
    buffer_close(&text);
    return fault;
}

static void keep_secrets(const struct account_secrets *secrets, struct work_result *result)
{
    result->text[TEXT_PASSWORD] = secrets->password;
    result->text[TEXT_PIN] = secrets->pin;
}

static enum fault make_account(struct service *service, struct str unix_user, const struct work *work,
                               struct arena *arena, struct work_result *result)
{
    struct account_order order;
    struct account_secrets secrets;
    struct organisation organisation;
    struct sponsor sponsor;
    bool named = false;
    enum fault fault;
    TRY(read_order(work, &order));
    TRY(read_organisation(work, arena, &organisation, &named, result));
    if (work->kind == WORK_DEMONSTRATION_ACCOUNT) {
        TRY(read_checked(work, &order));
        TRY(service_demonstration_account(service, named ? &organisation : NULL, &order, arena, &secrets));
        keep_secrets(&secrets, result);
    } else {
        const struct ask ask = ask_of(OP_account_create, unix_user);
        TRY(read_sponsor(work, &sponsor));
        TRY(service_account_create(service, &ask, &sponsor, named ? &organisation : NULL, &order, arena));
    }
done:
    return fault;
}

/* One to a line. */
static enum fault draw_codes(struct service *service, struct str unix_user, struct arena *arena,
                             struct work_result *result)
{
    const struct ask ask = ask_of(OP_administrator_codes, unix_user);
    struct buffer text = buffer_open(MESSAGE_BYTES_MAX);
    struct str codes[2];
    enum fault fault;
    TRY(service_administrator_codes(service, &ask, arena, codes));
    buffer_put(&text, codes[0]);
    buffer_put_char(&text, '\n');
    buffer_put(&text, codes[1]);
    TRY(buffer_fault(&text));
    TRY(arena_copy(arena, buffer_str(&text), &result->text[TEXT_CODE]));
done:
    buffer_close(&text);
    return fault;
}

static enum fault approve_first_key(struct service *service, struct str unix_user, const struct work *work,
                                    struct arena *arena)
{
    const struct ask ask = ask_of(OP_administrator_approve, unix_user);
    return service_administrator_approve(service, &ask, work->field[FIELD_USER_NAME],
                                         work->field[FIELD_CODE_ONE], arena);
}

static enum fault make_first(struct service *service, struct str unix_user, const struct work *work,
                             struct arena *arena)
{
    const struct ask ask = ask_of(OP_administrator_first, unix_user);
    struct account_order order;
    enum fault fault;
    TRY(read_order(work, &order));
    TRY(service_administrator_first(service, &ask, work->field[FIELD_CODE_ONE], work->field[FIELD_CODE_OTHER],
                                    &order, arena));
done:
    return fault;
}

static enum fault suspend_account(struct service *service, struct str unix_user, const struct work *work,
                                  struct arena *arena)
{
    const struct ask ask = ask_of(OP_account_suspend, unix_user);
    struct sponsor sponsor;
    enum fault fault;
    TRY(read_sponsor(work, &sponsor));
    TRY(service_account_suspend(service, &ask, &sponsor, work->field[FIELD_USER_NAME], arena));
done:
    return fault;
}

static enum fault give_keys(struct service *service, struct str unix_user, const struct work *work,
                            struct arena *arena, struct work_result *result)
{
    const struct ask ask = ask_of(OP_vault_give, unix_user);
    return service_vault_give(service, &ask, work->field[FIELD_REQUEST], work->field[FIELD_FINGERPRINT],
                              arena, &result->text[TEXT_SEALED]);
}

static enum fault rotate_keys(struct service *service, struct str unix_user, struct arena *arena,
                              struct work_result *result)
{
    const struct ask ask = ask_of(OP_vault_rotate, unix_user);
    struct rotation_report report = {0};
    enum fault fault = service_vault_rotate(service, &ask, NULL, arena, &report);
    result->sequence = report.master;
    result->rows = report.seen;
    result->counts.updated = report.rewrapped;
    result->counts.quarantined = report.broken;
    return fault;
}

static enum fault seek_duplicates(struct service *service, struct str unix_user, struct arena *arena,
                                  struct work_result *result)
{
    const struct ask ask = ask_of(OP_duplicates_seek, unix_user);
    struct duplicates_counts counts = {0};
    enum fault fault = service_duplicates_seek(service, &ask, arena, &counts);
    result->rows = counts.people;
    result->counts.waiting = counts.proposed;
    return fault;
}

static enum fault train_model(struct service *service, struct str unix_user, const struct work *work,
                              struct arena *arena, struct work_result *result)
{
    const struct ask ask = ask_of(OP_model_train, unix_user);
    struct train_report report = {0};
    int64_t seed = 1;
    if (work->field[FIELD_SEED].len > 0 && !str_to_int(work->field[FIELD_SEED], 0, INT64_MAX, &seed))
        return fault_note(FAULT_INVALID, "--seed must be a whole number from 0");
    enum fault fault = service_train(service, &ask, (uint64_t)seed, arena, &report);
    result->rows = (int64_t)report.records;
    result->counts.created = (int64_t)report.pairs;
    result->counts.updated = (int64_t)report.matches;
    return fault;
}

static void put_bits(struct buffer *text, const char *what, int32_t weight)
{
    char line[96];
    (void)snprintf(line, sizeof line, "  %-38s %+8.2f\n", what, weight / 1024.0);
    buffer_put(text, str_of(line));
}

/* What would become of a feed's row that said of one what is said of the other. */
static const char *outcome_words(enum match_outcome_kind kind)
{
    switch (kind) {
    case MATCH_SURE:
        return "one child: a feed that said this would be taken to mean the same";
    case MATCH_POSSIBLE:
    case MATCH_MANY:
    case MATCH_HELD:
        return "perhaps one child: an officer would be asked";
    case MATCH_NONE:
        return "two children";
    }
    return "";
}

static enum fault put_explained(const struct match_explained *explained, struct arena *arena,
                                struct str *ret_report)
{
    struct buffer text = buffer_open(EXPLAINED_BYTES_MAX);
    enum fault fault;
    buffer_put(&text,
               STR("What speaks for one child (+) and for two (-), in bits; each bit doubles the odds.\n"));
    put_bits(&text, "any two children, nothing compared", explained->prior);
    for (size_t i = 0; i < explained->pair.reason_count; i++) {
        const struct match_reason *reason = &explained->pair.reasons[i];
        char what[64];
        (void)snprintf(what, sizeof what, "%s: %s", match_evidence_name(reason->evidence),
                       match_agreement_name(reason->agreement));
        put_bits(&text, what, reason->weight);
    }
    if (explained->rest != 0)
        put_bits(&text, "a home proves a family, not a child", explained->rest);
    put_bits(&text, "all together", explained->pair.weight);
    double odds = exp2(explained->pair.weight / 1024.0);
    char line[160];
    (void)snprintf(line, sizeof line, "Probability %.4f %%: %s (%s).\n", 100 * odds / (1 + odds),
                   outcome_words(explained->kind), match_outcome_name(explained->kind));
    buffer_put(&text, str_of(line));
    TRY(buffer_fault(&text));
    TRY(arena_copy(arena, buffer_str(&text), ret_report));
done:
    buffer_close(&text);
    return fault;
}

static enum fault explain_match(struct service *service, struct str unix_user, const struct work *work,
                                struct arena *arena, struct work_result *result)
{
    const struct ask ask = ask_of(OP_match_explain, unix_user);
    const struct str numbers[2] = {work->field[FIELD_ONE], work->field[FIELD_OTHER]};
    struct match_explained explained;
    enum fault fault = service_explain(service, &ask, numbers, arena, &explained);
    return fault == FAULT_NONE ? put_explained(&explained, arena, &result->text[TEXT_REPORT]) : fault;
}

void work_do(struct service *service, struct str unix_user, const struct work *work,
             const struct work_listener *listener, struct arena *arena, struct work_result *ret_result)
{
    struct work_result result = {0};
    enum fault fault = FAULT_MALFORMED;
    fault_clear_note();
    switch (work->kind) {
    case WORK_FEED_LOAD:
        fault = load_feed(service, unix_user, work, listener, arena, &result);
        break;
    case WORK_ADMINISTRATOR_FIRST:
        fault = make_first(service, unix_user, work, arena);
        break;
    case WORK_ACCOUNT_CREATE:
    case WORK_DEMONSTRATION_ACCOUNT:
        fault = make_account(service, unix_user, work, arena, &result);
        break;
    case WORK_ACCOUNT_SUSPEND:
        fault = suspend_account(service, unix_user, work, arena);
        break;
    case WORK_ADMINISTRATOR_CODES:
        fault = draw_codes(service, unix_user, arena, &result);
        break;
    case WORK_ADMINISTRATOR_APPROVE:
        fault = approve_first_key(service, unix_user, work, arena);
        break;
    case WORK_TOKEN:
        fault =
            service_demonstration_code(service, work->field[FIELD_USER_NAME], arena, &result.text[TEXT_CODE]);
        break;
    case WORK_VAULT_GIVE:
        fault = give_keys(service, unix_user, work, arena, &result);
        break;
    case WORK_DUPLICATES:
        fault = seek_duplicates(service, unix_user, arena, &result);
        break;
    case WORK_TRAIN:
        fault = train_model(service, unix_user, work, arena, &result);
        break;
    case WORK_VAULT_ROTATE:
        fault = rotate_keys(service, unix_user, arena, &result);
        break;
    case WORK_EXPLAIN:
        fault = explain_match(service, unix_user, work, arena, &result);
        break;
    case WORKS_END:
        break;
    }
    result.fault = fault;
    if (fault != FAULT_NONE && result.text[TEXT_MESSAGE].len == 0)
        result.text[TEXT_MESSAGE] = str_of(fault_last_note()); /* a literal */
    *ret_result = result;
}
