#include "house.h"

#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "access/argon.h"
#include "access/totp.h"
#include "audit/inside.h"
#include "engine.h"
#include "store/lease.h"

enum {
    ARENA_BYTES = 256 * 1024 * 1024,
    SQL_BYTES_MAX = 1024,
    HOUSE_CONNECTIONS = 4,
    STARTS_MAX = 5,
    TRIES_MAX = 1000
};

const struct str house_password = {"four plain words here", 21};
const struct str house_pin = {"402957", 6};

static struct instant tell(void *context)
{
    struct house *house = context;
    return (struct instant){atomic_fetch_add(&house->now_us, 1000)};
}

static void fill(void *context, void *memory, size_t size_bytes)
{
    struct house *house = context;
    (void)pthread_mutex_lock(&house->lock);
    struct entropy entropy = entropy_of_stream(&house->stream);
    entropy.fill(entropy.context, memory, size_bytes);
    (void)pthread_mutex_unlock(&house->lock);
}

static struct clock clock_of(struct house *house)
{
    return (struct clock){tell, house};
}

static struct entropy entropy_of(struct house *house)
{
    return (struct entropy){fill, house};
}

struct service_settings house_settings(struct house *house)
{
    return (struct service_settings){.state = house->folder,
                                     .database = engine_connection(house->db_path),
                                     .clock = clock_of(house),
                                     .entropy = entropy_of(house),
                                     .readers = 3};
}

void house_start(struct house *house)
{
    struct service_settings settings = house_settings(house);
    enum fault fault = service_open(&settings, &house->service);
    /* A busy machine may be slower than patience, or than the lease. */
    for (int i = 1; i < STARTS_MAX && (fault == FAULT_BUSY || fault == FAULT_FENCED) && engine_is_postgres();
         i++)
        fault = service_open(&settings, &house->service);
    if (fault != FAULT_NONE)
        fail_msg("service_open: %s %s", fault_name(fault), fault_last_note());
}

void house_stop(struct house *house)
{
    service_close(house->service);
    house->service = NULL;
}

static enum fault mark_demonstration(struct db_tx *tx, void *context)
{
    (void)context;
    const struct value in[] = {[BIND_meta_put_name] = value_text(STR("demonstration")),
                               [BIND_meta_put_content] = value_text(STR("yes"))};
    return db_run(tx, SQL_meta_put, in, NULL);
}

/* No more connections than these tests need, which are many. */
static void write_settings(const struct house *house)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/contactpoint.conf", house->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    /* Stories let years pass without anybody signing in, and others look all day.  Tests may add to the
     * store's settings, which come last. */
    assert_true(fprintf(file,
                        "[accounts]\nunused_days = 0\n[limits]\nchildren_per_hour = 0\nchildren_per_day = "
                        "0\nsearches_per_hour = 0\n"
                        "[store]\nconnections = %d\n",
                        (int)HOUSE_CONNECTIONS) > 0);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(struct house *house)
{
    char path[128];
    struct db *db = NULL;
    (void)snprintf(house->folder, sizeof house->folder, "/tmp/contactpoint-house-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    (void)snprintf(house->db_path, sizeof house->db_path, "%s/contactpoint.db", house->folder);
    (void)snprintf(path, sizeof path, "%s/vault.key", house->folder);
    assert_int_equal(vault_create(path, entropy_of(house)), FAULT_NONE);
    write_settings(house);
    assert_int_equal(db_open(&(struct db_settings){.connection = engine_connection(house->db_path),
                                                   .create = true,
                                                   .readers = 1,
                                                   .connections = 2},
                             &db),
                     FAULT_NONE);
    assert_int_equal(db_write(db, DB_FOREGROUND, mark_demonstration, NULL), FAULT_NONE);
    db_close(db);
}

static enum fault insert_organisations(struct db_tx *tx, void *context)
{
    struct house *house = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < HOUSE_ORGANISATIONS; i++)
        TRY(access_organisation_insert(house->service->access, tx, &house->organisations[i]));
done:
    return fault;
}

static void make_organisations(struct house *house)
{
    static const struct organisation made[HOUSE_ORGANISATIONS] = {
        {.name = {"Northgate Primary School", 24},
         .phone = {"01632 960101", 12},
         .authority = {"E06000001", 9},
         .body = BODY_EDUCATION,
         .service = SERVICE_school},
        {.name = {"Harbour Health Visiting", 23},
         .phone = {"01632 960102", 12},
         .authority = {"E06000002", 9},
         .body = BODY_HEALTH,
         .service = SERVICE_health_visiting},
        {.name = {"Riverside Children's Team", 25},
         .phone = {"01632 960103", 12},
         .authority = {"E06000003", 9},
         .body = BODY_SOCIAL_CARE,
         .service = SERVICE_social_work},
    };
    for (size_t i = 0; i < HOUSE_ORGANISATIONS; i++) {
        house->organisations[i] = made[i];
        house->organisations[i].capabilities = UINT32_MAX;
        house->organisations[i].accredited_until = (struct day){2040, 1, 1, DAY_EXACT};
        house->organisations[i].organisation.id = id_new(entropy_of(house));
    }
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, insert_organisations, house), FAULT_NONE);
}

struct staff_job {
    struct house *house;
    const struct account_prepared *prepared;
};

static enum fault insert_account(struct db_tx *tx, void *context)
{
    struct staff_job *job = context;
    return access_account_insert(job->house->service->access, tx, job->prepared);
}

static void make_account(struct house *house, const struct account_order *order)
{
    struct account_secrets secrets;
    struct account_prepared *prepared = NULL;
    enum fault fault =
        access_account_prepare(house->service->access, order, house->arena, &prepared, &secrets);
    if (fault != FAULT_NONE)
        fail_msg("account %s: %s %s", order->user_name.at, fault_name(fault), fault_last_note());
    struct staff_job job = {house, prepared};
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, insert_account, &job), FAULT_NONE);
    struct staff *staff = &house->staff[house->staff_count++];
    staff->user_name = order->user_name.at;
    staff->account = secrets.account;
    memcpy(staff->totp_secret, secrets.totp_secret, sizeof staff->totp_secret);
}

static void make_staff(struct house *house)
{
    static const struct {
        const char *user_name;
        const char *full_name;
        const char *job;
        int organisation; /* -1: none */
        enum role roles[2];
    } made[] = {
        {"teacher", "Gwen Sample", "Class teacher", 0, {ROLE_practitioner}},
        {"second.teacher", "Owain Sample", "Head of year", 0, {ROLE_practitioner}},
        {"visitor", "Sioned Example", "Health visitor", 1, {ROLE_practitioner}},
        {"worker", "Tariq Specimen", "Social worker", 2, {ROLE_practitioner, ROLE_override_practitioner}},
        {"manager", "Ines Pattern", "User manager", 0, {ROLE_user_manager}},
        {"shielder", "Rosa Pattern", "Shielding officer", 0, {ROLE_shielding_officer}},
        {"data", "Jan Pattern", "Data officer", 0, {ROLE_data_officer}},
        {"rights", "Ada Pattern", "Rights officer", 0, {ROLE_rights_officer}},
        {"reviewer", "Noor Pattern", "Audit reviewer", 0, {ROLE_audit_reviewer}},
        {"administrator", "Femi Pattern", "Administrator", -1, {ROLE_national_administrator}},
        {"operator", "Kit Pattern", "Operator", -1, {ROLE_operator}},
        {"second.data", "Lena Pattern", "Data officer", 2, {ROLE_data_officer}},
        {"second.shielder",
         "Cai Pattern",
         "Shielding officer",
         0,
         {ROLE_shielding_officer, ROLE_practitioner}},
    };
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        struct account_order order = {.user_name = str_of(made[i].user_name),
                                      .full_name = str_of(made[i].full_name),
                                      .job = str_of(made[i].job),
                                      .phone = STR("01632 960456"),
                                      .email = STR("staff@example.org"),
                                      .role_count = made[i].roles[1] == ROLE_NONE ? 1 : 2,
                                      .password = house_password,
                                      .pin = house_pin};
        memcpy(order.roles, made[i].roles, sizeof made[i].roles);
        if (made[i].organisation >= 0)
            order.organisation = house->organisations[made[i].organisation].organisation;
        if (made[i].roles[0] == ROLE_operator)
            order.unix_user = STR("operator");
        access_order_checked(&order, house_today(house));
        make_account(house, &order);
    }
}

struct house *house_open(void)
{
    struct house *house = calloc(1, sizeof *house);
    assert_non_null(house);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    house->stream = stream_of(20261121);
    (void)pthread_mutex_init(&house->lock, NULL);
    atomic_store(&house->now_us, INT64_C(1795200000) * 1000000); /* 20 November 2026 */
    assert_int_equal(arena_open(ARENA_BYTES, &house->arena), FAULT_NONE);
    make_folder(house);
    house_start(house);
    make_organisations(house);
    make_staff(house);
    return house;
}

void house_close(struct house *house)
{
    static const char *const names[] = {"vault.key",           "vault.key.state",     "contactpoint.db",
                                        "contactpoint.db-wal", "contactpoint.db-shm", "contactpoint.db.lock",
                                        "contactpoint.conf",   "match.snapshot"};
    char path[128];
    house_stop(house);
    engine_forget(house->db_path);
    arena_close(house->arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", house->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(house->folder), 0);
    (void)pthread_mutex_destroy(&house->lock);
    free(house);
}

int house_set_up(void **state)
{
    *state = house_open();
    return 0;
}

int house_tear_down(void **state)
{
    house_close(*state);
    return 0;
}

void house_wait(struct house *house, int64_t wait_s)
{
    atomic_fetch_add(&house->now_us, wait_s * 1000000);
}

struct day house_today(const struct house *house)
{
    return day_of_instant((struct instant){atomic_load(&house->now_us)});
}

struct staff *house_staff(struct house *house, const char *user_name)
{
    for (size_t i = 0; i < house->staff_count; i++)
        if (strcmp(house->staff[i].user_name, user_name) == 0)
            return &house->staff[i];
    fail_msg("nobody is called %s", user_name);
    return NULL;
}

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

struct seat house_sign_in(struct house *house, const char *user_name, enum role role)
{
    house_wait(house, TOTP_PERIOD_SECONDS);
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

struct answer *house_find(const struct seat *seat, const char *const *fields)
{
    return house_ask(seat, &(struct request){.operation = OP_child_find, .fields = fields});
}

struct answer *house_results(const struct seat *seat, struct search_id search)
{
    return house_ask(
        seat, &(struct request){.operation = OP_child_results, .path_ids = {search.id}, .path_id_count = 1});
}

struct answer *house_view(const struct seat *seat, struct child_id child)
{
    return house_ask(
        seat, &(struct request){.operation = OP_child_view, .path_ids = {child.id}, .path_id_count = 1});
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

struct row house_child(const char *record, const char *family, const char *given, const char *birth)
{
    struct row row = {0};
    row.at[COLUMN_type] = STR("child");
    row.at[COLUMN_record] = str_of(record);
    row.at[COLUMN_family] = str_of(family);
    row.at[COLUMN_given] = str_of(given);
    row.at[COLUMN_birth_date] = str_of(birth);
    row.at[COLUMN_sex] = STR("M");
    return row;
}

struct row house_involvement(const char *record, const char *involvement, const char *kind,
                             const char *service)
{
    struct row row = {0};
    row.at[COLUMN_type] = STR("involvement");
    row.at[COLUMN_record] = str_of(record);
    row.at[COLUMN_involvement] = str_of(involvement);
    row.at[COLUMN_service_kind] = str_of(kind);
    row.at[COLUMN_service] = str_of(service);
    row.at[COLUMN_practitioner] = STR("Morgan Sample");
    row.at[COLUMN_job] = STR("Case lead");
    row.at[COLUMN_phone] = STR("01632 960777");
    row.at[COLUMN_from] = STR("2026-01-05");
    return row;
}

struct intake_house house_intake(struct house *house)
{
    struct service *service = house->service;
    return (struct intake_house){.db = service->db,
                                 .vault = service->vault,
                                 .index = service->index,
                                 .clock = service->clock,
                                 .entropy = service->entropy};
}

struct permit_feed_load house_feed_permit(void)
{
    const struct facts facts = {.operation = OP_feed_load,
                                .signed_in = true,
                                .strength = STRENGTH_LOCAL,
                                .role = ROLE_operator,
                                .role_held = true,
                                .account_active = true,
                                .organisation_active = true,
                                .form_token_valid = true};
    struct decision decision = decide(&facts);
    assert_true(decision.permitted);
    return permit_issue_feed_load(&decision, ROLE_operator, (struct account_id){{{1}}});
}

struct batch_header house_header(struct house *house, const struct feed *feed)
{
    struct batch_header header = {.source = feed->source,
                                  .sequence = feed->sequence,
                                  .mode = feed->mode,
                                  .as_of = house_today(house),
                                  .rows = (int64_t)feed->row_count,
                                  .removals = feed->removals};
    if (feed->as_of != NULL)
        assert_true(day_parse(str_of(feed->as_of), &header.as_of));
    if (header.sequence == 0)
        header.sequence = house->sequences[feed->source] + 1;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    struct buffer packed = buffer_open(1024 * 1024);
    for (size_t i = 0; i < feed->row_count; i++) {
        buffer_clear(&packed);
        row_pack(&packed, &feed->rows[i]);
        crypto_hash_sha256_update(&state, buffer_bytes(&packed).at, packed.len);
    }
    buffer_close(&packed);
    crypto_hash_sha256_final(&state, header.digest);
    return header;
}

static enum fault nothing_more(struct db_tx *tx, void *context)
{
    (void)tx;
    (void)context;
    return FAULT_NONE;
}

/* Without it the service's own thread would take the batch under way for one that was left. */
static enum fault take_feed(struct house *house, struct lease **ret_lease)
{
    struct service *service = house->service;
    enum fault fault = db_is_shared(service->db) ? FAULT_BUSY : FAULT_NONE;
    for (int i = 0; i < TRIES_MAX && fault == FAULT_BUSY; i++) {
        fault = lease_take(service->db, LEASE_FEED, service->lease_us, ret_lease);
        if (fault == FAULT_BUSY)
            (void)poll(NULL, 0, 10);
    }
    return fault;
}

static void note_problem(void *context, int64_t row_number, enum row_problem problem)
{
    enum row_problem *problems = context;
    problems[row_number - 1] = problem;
}

enum fault house_feed(struct house *house, const struct feed *feed, struct batch_counts *ret_counts)
{
    struct intake_house intake_house = house_intake(house);
    struct lease *lease = NULL;
    struct permit_feed_load permit = house_feed_permit();
    struct batch_header header = house_header(house, feed);
    struct intake *intake = NULL;
    enum fault fault;
    TRY(take_feed(house, &lease));
    intake_house.lease = lease;
    TRY(intake_open(&intake_house, &permit, &header, &intake));
    if (feed->problems != NULL)
        intake_listen(intake, &(struct intake_listener){note_problem, feed->problems});
    for (size_t i = 0; i < feed->row_count; i++) {
        if (feed->problems != NULL)
            feed->problems[i] = ROW_FINE;
        TRY(intake_row(intake, (int64_t)i + 1, &feed->rows[i], ROW_FINE));
    }
    TRY(intake_plan(intake));
    TRY(intake_decide(intake, nothing_more, NULL));
    TRY(intake_apply(intake, NULL, NULL));
    house->sequences[feed->source] = header.sequence;
    if (ret_counts != NULL)
        *ret_counts = intake_counts(intake);
done:
    intake_close(intake);
    lease_leave(lease);
    return fault;
}

struct batch_counts house_load(struct house *house, enum source source, const struct row *rows, size_t count)
{
    struct batch_counts counts = {0};
    const struct feed feed = {.source = source, .mode = BATCH_DELTA, .rows = rows, .row_count = count};
    enum fault fault = house_feed(house, &feed, &counts);
    if (fault != FAULT_NONE)
        fail_msg("feed: %s %s", fault_name(fault), fault_last_note());
    return counts;
}

struct child_id house_child_id(struct house *house, const char *family, const char *given)
{
    struct match_results results;
    struct match_sight sight = {.own_scheme = {false}};
    const struct match_query query = {.family = str_of(family),
                                      .given = str_of(given),
                                      .birth_earliest = {2000, 1, 1, DAY_EXACT},
                                      .birth_latest = {2030, 1, 1, DAY_EXACT}};
    for (int state = 1; state <= RECORD_STATES; state++)
        sight.mask[state] = MASK(IDENTITY);
    assert_int_equal(match_search(house->service->index, &query, &sight, &results), FAULT_NONE);
    if (results.count == 0)
        fail_msg("no child %s %s", given, family);
    return results.found[0].child;
}

int64_t house_past(struct house *house, const char *sql)
{
    return engine_run(house->db_path, sql);
}

int64_t house_count(struct house *house, const char *sql)
{
    return engine_number(house->db_path, sql);
}

int64_t house_past_child(struct house *house, const char *sql, struct child_id child)
{
    return engine_run_with(house->db_path, sql, child.id.byte, sizeof child.id.byte);
}

void house_set_state(struct house *house, struct child_id child, int state, int shield)
{
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE child SET state = %d, shield = %d, version = version + 1 WHERE child_id = $1",
                   state, shield);
    house_stop(house);
    assert_int_equal(house_past_child(house, sql, child), 1);
    house_start(house);
}

int64_t house_entries(struct house *house)
{
    return house_count(house, "SELECT count(*) FROM audit_entry");
}

struct events_job {
    struct house *house;
    struct audit_event *events;
    size_t room;
    size_t count;
};

static struct bytes bytes_or_none(const struct value *value)
{
    return value->kind == VALUE_BYTES ? value->bytes : (struct bytes){NULL, 0};
}

static enum fault read_event(struct db_tx *tx, struct events_job *job, const struct value *out,
                             struct buffer *clear)
{
    const struct audit_row row = {.incarnation_id = out[GIVE_audit_entry_all_incarnation_id].bytes,
                                  .number = out[GIVE_audit_entry_all_number].number,
                                  .entry_id = out[GIVE_audit_entry_all_entry_id].bytes,
                                  .commitment = out[GIVE_audit_entry_all_commitment].bytes,
                                  .child_id = bytes_or_none(&out[GIVE_audit_entry_all_child_id]),
                                  .month = out[GIVE_audit_entry_all_month].number,
                                  .actor_tag = bytes_or_none(&out[GIVE_audit_entry_all_actor_tag]),
                                  .at_us = out[GIVE_audit_entry_all_at_us].number,
                                  .sealed = out[GIVE_audit_entry_all_sealed].bytes};
    struct audit *audit = job->house->service->audit;
    struct str copy;
    enum fault fault;
    TRY(audit_row_open(audit, tx, &row, clear));
    TRY(audit_row_verify(audit, &row, buffer_bytes(clear)));
    TRY(arena_copy(job->house->arena,
                   (struct str){clear->at + AUDIT_SALT_BYTES, clear->len - AUDIT_SALT_BYTES}, &copy));
    must(job->count < job->room);
    TRY(audit_event_unpack(bytes_of(copy), &job->events[job->count]));
    job->count++;
done:
    return fault;
}

static enum fault read_events(struct db_tx *tx, void *context)
{
    struct events_job *job = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_audit_entry_all];
    struct buffer clear = buffer_open(128 * 1024);
    enum fault fault;
    TRY(db_query(tx, SQL_audit_entry_all, NULL, &rows));
    while (fault == FAULT_NONE && db_next(rows, out))
        fault = read_event(tx, job, out, &clear);
    enum fault closed = db_rows_close(rows);
    TRY(fault);
    TRY(closed);
done:
    buffer_close(&clear);
    return fault;
}

static int older_first(const void *a, const void *b)
{
    int64_t left = ((const struct audit_event *)a)->at.us, right = ((const struct audit_event *)b)->at.us;
    return left < right ? -1 : left > right;
}

struct audit_event *house_events(struct house *house, int64_t from, size_t *ret_count)
{
    struct events_job job = {.house = house, .room = (size_t)house_entries(house) + 1};
    job.events = arena_take_array(house->arena, job.room, sizeof *job.events);
    assert_non_null(job.events);
    assert_int_equal(db_read(house->service->db, read_events, &job), FAULT_NONE);
    qsort(job.events, job.count, sizeof *job.events,
          older_first); /* incarnations have no order of their own */
    assert_true(from >= 0 && (size_t)from <= job.count);
    *ret_count = job.count - (size_t)from;
    return job.events + from;
}

void house_check_log(struct house *house)
{
    struct audit_check check;
    assert_int_equal(audit_check_all(house->service->audit, &check), FAULT_NONE);
    assert_int_equal(check.broken, 0);
    assert_int_equal(check.gaps, 0);
}
