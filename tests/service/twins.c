#include "twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "access/inside.h"
#include "counter.h"
#include "web/reply.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, STEP_US = 100000, SHOWN_BYTES = 160 };

void twins_open(struct twins *twins)
{
    *twins = (struct twins){.seed = 0};
    for (int i = 0; i < TWINS; i++) {
        assert_int_equal(arena_open(ARENA_BYTES, &twins->arena[i]), FAULT_NONE);
        twins->taken_ns[i] = calloc(TWINS_TAKEN_MAX, sizeof *twins->taken_ns[i]);
        assert_non_null(twins->taken_ns[i]);
    }
}

void twins_close(struct twins *twins)
{
    for (int i = 0; i < TWINS; i++) {
        counter_close(twins->entries[i]); /* where a test has failed */
        if (twins->house[i] != NULL)
            house_close(twins->house[i]);
        arena_close(twins->arena[i]);
        free(twins->taken_ns[i]);
    }
}

void twins_build(struct twins *twins)
{
    for (int i = 0; i < TWINS; i++) {
        twins->house[i] = house_open();
        house_quiet(twins->house[i]);
        twins->entries[i] = counter_open(twins->house[i]->db_path);
    }
}

/* The counter believes that entries are numbered densely: here it is seen. */
void twins_leave(struct twins *twins)
{
    for (int i = 0; i < TWINS; i++) {
        assert_int_equal(counter_read(twins->entries[i]), house_entries(twins->house[i]));
        counter_close(twins->entries[i]);
        twins->entries[i] = NULL;
        house_close(twins->house[i]);
        twins->house[i] = NULL;
    }
}

void twins_begin(struct twins *twins, uint64_t seed)
{
    twins->seed = seed;
    for (int i = 0; i < TWINS; i++) {
        arena_close(twins->arena[i]);
        assert_int_equal(arena_open(ARENA_BYTES, &twins->arena[i]), FAULT_NONE);
    }
}

static int64_t later(const struct twins *twins)
{
    int64_t one = atomic_load(&twins->house[0]->now_us), other = atomic_load(&twins->house[1]->now_us);
    return (one > other ? one : other) + STEP_US;
}

void twins_step(struct twins *twins)
{
    const int64_t now_us = later(twins);
    twins->step++;
    for (int i = 0; i < TWINS; i++) {
        struct house *house = twins->house[i];
        (void)pthread_mutex_lock(&house->lock);
        house->stream = stream_of(UINT64_C(0x7477696e73) << 20 ^ twins->step);
        (void)pthread_mutex_unlock(&house->lock);
        atomic_store(&house->now_us, now_us);
    }
}

/* Just behind the beginning of a token's period, so that none ends while somebody signs in. */
struct twins_seat twins_sign_in(struct twins *twins, const char *user_name, enum role role)
{
    const int64_t period_us = INT64_C(1000000) * TOTP_PERIOD_SECONDS;
    struct twins_seat seat = {.user_name = user_name, .role = role};
    twins_step(twins);
    const int64_t now_us = (atomic_load(&twins->house[0]->now_us) / period_us + 1) * period_us + STEP_US;
    for (int i = 0; i < TWINS; i++) {
        atomic_store(&twins->house[i]->now_us, now_us);
        seat.at[i] = (struct seat){.house = twins->house[i]};
        if (user_name != NULL)
            seat.at[i] = house_sign_in(twins->house[i], user_name, role);
    }
    return seat;
}

/* What one house has said. */
struct said {
    struct ask ask;
    struct ask_field fields[ASK_FIELDS_MAX];
    struct answer *answer;
    struct http_response response;
    int64_t entries;
    uint64_t statements;
};

static void build(struct said *said, const struct seat *seat, const struct request *request,
                  struct arena *arena)
{
    said->ask = (struct ask){.operation = request->operation,
                             .cookie = seat->cookie,
                             .source = STR("192.0.2.7"),
                             .same_site = true,
                             .path_id_count = request->path_id_count,
                             .fields = said->fields};
    memcpy(said->ask.path_ids, request->path_ids, sizeof said->ask.path_ids);
    for (const char *const *at = request->fields; at != NULL && at[0] != NULL; at += 2) {
        assert_true(said->ask.field_count < ASK_FIELDS_MAX);
        said->fields[said->ask.field_count++] = (struct ask_field){str_of(at[0]), str_of(at[1])};
    }
    if (policy_operation(request->operation)->method == METHOD_POST)
        assert_int_equal(
            access_form_token(seat->house->service->access, seat->cookie, arena, &said->ask.form_token),
            FAULT_NONE);
}

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void ask_one(struct twins *twins, int i, const struct request *request, struct said *said)
{
    const struct seat *seat = &twins->viewer->at[i];
    struct access *access = seat->house->service->access;
    const int64_t entries = counter_read(twins->entries[i]);
    build(said, seat, request, twins->arena[i]);
    const uint64_t statements = atomic_load(&access->statements);
    const int64_t began_ns = now_ns();
    (void)service_conduct(seat->house->service, &said->ask, twins->arena[i], &said->answer);
    twins->taken_ns[i][twins->asked % TWINS_TAKEN_MAX] = (uint32_t)(now_ns() - began_ns);
    said->statements = atomic_load(&access->statements) - statements;
    said->entries = counter_read(twins->entries[i]) - entries;
    said->response = (struct http_response){.body = buffer_open(HTTP_RESPONSE_BYTES_MAX)};
    assert_int_equal(reply_answer(&said->ask, said->answer, twins->arena[i], &said->response), FAULT_NONE);
}

/* Where two texts part, and a little of what follows in each. */
static void show_difference(struct str one, struct str other)
{
    size_t at = 0;
    while (at < one.len && at < other.len && one.at[at] == other.at[at])
        at++;
    const size_t from = at < SHOWN_BYTES / 2 ? 0 : at - SHOWN_BYTES / 2;
    for (int i = 0; i < TWINS; i++) {
        const struct str text = i == 0 ? one : other;
        const size_t len = text.len - from < SHOWN_BYTES ? text.len - from : SHOWN_BYTES;
        print_message("%s: ...%.*s\n", i == 0 ? "one" : "other", (int)len, text.at + from);
    }
}

static bool same_headers(const struct http_response *one, const struct http_response *other)
{
    if (one->status != other->status || one->field_count != other->field_count)
        return false;
    for (size_t i = 0; i < one->field_count; i++)
        if (strcmp(one->fields[i].name, other->fields[i].name) != 0 ||
            strcmp(one->fields[i].value, other->fields[i].value) != 0)
            return false;
    return true;
}

static const char *compare(const struct said said[TWINS])
{
    if (!str_equal(buffer_str(&said[0].response.body), buffer_str(&said[1].response.body)))
        return "pages differ";
    if (said[0].answer->fault != said[1].answer->fault || said[0].answer->refusal != said[1].answer->refusal)
        return "faults differ";
    if (!same_headers(&said[0].response, &said[1].response))
        return "headers differ";
    if (said[0].entries != said[1].entries)
        return "the number of entries differs";
    if (said[0].statements != said[1].statements)
        return "work on the caller differs";
    return NULL;
}

static const char *ask_both(struct twins *twins, const struct request *request, struct said said[TWINS])
{
    twins_step(twins);
    const int first = (int)(twins->asked % TWINS); /* whoever is asked second finds warmer memory */
    ask_one(twins, first, request, &said[first]);
    ask_one(twins, 1 - first, request, &said[1 - first]);
    twins->asked++;
    twins->asked_as[twins->viewer->role][request->operation]++;
    if (said[0].answer->fault == FAULT_NONE)
        twins->answered_as[twins->viewer->role][request->operation]++;
    return compare(said);
}

static void forget(struct said said[TWINS])
{
    for (int i = 0; i < TWINS; i++)
        buffer_close(&said[i].response.body);
}

const struct answer *twins_ask(struct twins *twins, const struct request *request)
{
    struct said said[TWINS] = {{.entries = 0}};
    const char *differs = ask_both(twins, request, said);
    if (differs != NULL) {
        show_difference(buffer_str(&said[0].response.body), buffer_str(&said[1].response.body));
        fail_msg("pair %ju, %s as %s: %s: faults %s %s, entries %jd %jd, work %ju %ju",
                 (uintmax_t)twins->seed, policy_operation(request->operation)->name,
                 twins->viewer->user_name == NULL ? "nobody" : twins->viewer->user_name, differs,
                 fault_name(said[0].answer->fault), fault_name(said[1].answer->fault),
                 (intmax_t)said[0].entries, (intmax_t)said[1].entries, (uintmax_t)said[0].statements,
                 (uintmax_t)said[1].statements);
    }
    forget(said);
    return said[0].answer;
}

const char *twins_differ(struct twins *twins, const struct request *request)
{
    struct said said[TWINS] = {{.entries = 0}};
    const char *differs = ask_both(twins, request, said);
    forget(said);
    return differs;
}

double twins_timing(const struct twins *twins)
{
    const size_t count = twins->asked < TWINS_TAKEN_MAX ? (size_t)twins->asked : TWINS_TAKEN_MAX;
    size_t halves = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t one = twins->taken_ns[0][i], other = twins->taken_ns[1][i];
        halves += one > other ? 2 : one == other ? 1 : 0;
    }
    return count == 0 ? 0.5 : (double)halves / 2 / (double)count;
}

static void search(const struct house *house, const struct match_query *query, enum body body,
                   struct match_results *ret_results)
{
    struct match_sight sight = {.own_scheme = {false}};
    for (int state = 1; state <= RECORD_STATES; state++)
        sight.mask[state] = policy_sight(ROLE_practitioner, (enum record_state)state);
    for (int scheme = 1; scheme < NUMBERS_END; scheme++)
        sight.own_scheme[scheme] = policy_number_body((enum number_scheme)scheme) == body;
    *ret_results = (struct match_results){.count = 0};
    assert_int_equal(match_search(house->service->index, query, &sight, ret_results), FAULT_NONE);
}

void twins_search(struct twins *twins, const struct match_query *query, enum body body)
{
    struct match_results one, other;
    search(twins->house[0], query, body, &one);
    search(twins->house[1], query, body, &other);
    bool same = one.count == other.count && one.too_many == other.too_many;
    for (size_t i = 0; same && i < one.count; i++)
        same = id_equal(one.found[i].child.id, other.found[i].child.id) &&
               one.found[i].exact == other.found[i].exact;
    if (!same)
        fail_msg("pair %ju: what is found differs", (uintmax_t)twins->seed);
    if (memcmp(&one.work, &other.work, sizeof one.work) != 0)
        fail_msg("pair %ju: work differs: words %u %u, blocks %u %u, people %u %u, scored %u %u, passed over "
                 "%u %u",
                 (uintmax_t)twins->seed, one.work.words, other.work.words, one.work.blocks, other.work.blocks,
                 one.work.people, other.work.people, one.work.scored, other.work.scored, one.work.passed_over,
                 other.work.passed_over);
}
