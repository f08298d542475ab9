/* Audited searches at the engine's level, without HTTP: a search is the form and its list, as the doors ask
 * for them, each durable before it is answered.
 *
 *     searches STATE QUERIES CALLERS SECONDS USER PASSWORD PIN
 *
 * Each line of QUERIES is "family,given,YYYY-MM-DD".  STATE is a demonstration's; no server need run. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "service/inside.h"
#include "service/staff.h"

enum { QUERIES_MAX = 20000, LINE_BYTES_MAX = 512, CALLERS_MAX = 256, SAMPLES_MAX = 2000000 };

struct query {
    char line[LINE_BYTES_MAX];
    struct str family, given, day, month, year;
};

static struct service *service;
static struct query queries[QUERIES_MAX];
static size_t query_count;
static char cookie[128];
static int64_t deadline_us;
static atomic_uint next_query;
static atomic_size_t sample_count, failures, shown;
static uint32_t samples[SAMPLES_MAX];

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "searches: %s %s\n", what, fault_last_note());
    exit(1);
}

static void read_queries(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail("cannot read the queries");
    while (query_count < QUERIES_MAX && fgets(queries[query_count].line, LINE_BYTES_MAX, file) != NULL) {
        struct query *query = &queries[query_count];
        struct str rest = str_trim(str_of(query->line));
        if (str_split(&rest, ',', &query->family) && str_split(&rest, ',', &query->given) &&
            str_split(&rest, '-', &query->year) && str_split(&rest, '-', &query->month)) {
            query->day = rest;
            query_count++;
        }
    }
    (void)fclose(file);
    if (query_count == 0)
        fail("the queries are empty");
}

static struct answer *conduct(struct ask *ask, struct str token_key, struct arena *arena)
{
    struct answer *answer = NULL;
    ask->source = STR("192.0.2.7");
    ask->same_site = true;
    if (access_form_token(service->access, token_key, arena, &ask->form_token) != FAULT_NONE)
        fail("no form token");
    (void)service_conduct(service, ask, arena, &answer);
    return answer;
}

static void sign_in(char **who, struct arena *arena)
{
    struct str totp;
    const struct ask_field first[] = {{STR("user_name"), str_of(who[0])}, {STR("password"), str_of(who[1])}};
    struct ask password = {.operation = OP_sign_in_password, .fields = first, .field_count = 2};
    struct answer *answer = conduct(&password, (struct str){"", 0}, arena);
    if (answer->fault != FAULT_NONE ||
        service_demonstration_code(service, str_of(who[0]), arena, &totp) != FAULT_NONE)
        fail("cannot sign in:");
    const struct ask_field second[] = {{STR("pin"), str_of(who[2])},
                                       {STR("code"), totp},
                                       {STR("role"), str_of(policy_role_name(ROLE_practitioner))}};
    struct ask code = {
        .operation = OP_sign_in_code, .ticket = answer->ticket, .fields = second, .field_count = 3};
    answer = conduct(&code, code.ticket, arena);
    if (answer->fault != FAULT_NONE || answer->cookie.len >= sizeof cookie)
        fail("cannot sign in: wrong password, PIN or code;");
    memcpy(cookie, answer->cookie.at, answer->cookie.len);
}

/* The form, then the list: both audited. */
static bool search(const struct query *query, struct arena *arena)
{
    const struct ask_field fields[] = {{STR("family"), query->family},
                                       {STR("given"), query->given},
                                       {STR("birth_day"), query->day},
                                       {STR("birth_month"), query->month},
                                       {STR("birth_year"), query->year},
                                       {STR("reason"), STR("other")},
                                       {STR("reason_text"), STR("measuring how long it takes")}};
    struct ask find = {.operation = OP_child_find,
                       .cookie = str_of(cookie),
                       .fields = fields,
                       .field_count = sizeof fields / sizeof fields[0]};
    struct answer *answer = conduct(&find, find.cookie, arena);
    if (answer->fault != FAULT_NONE)
        return false;
    struct ask list = {.operation = OP_child_results,
                       .cookie = str_of(cookie),
                       .path_ids = {answer->search.id},
                       .path_id_count = 1};
    answer = conduct(&list, list.cookie, arena);
    if (answer->fault == FAULT_NONE)
        atomic_fetch_add(&shown, answer->results->count);
    return answer->fault == FAULT_NONE;
}

static void *call(void *argument)
{
    struct arena *arena = argument;
    while (clock_monotonic_us() < deadline_us) {
        const struct query *query = &queries[atomic_fetch_add(&next_query, 1) % query_count];
        int64_t began_us = clock_monotonic_us();
        if (!search(query, arena))
            atomic_fetch_add(&failures, 1);
        size_t at = atomic_fetch_add(&sample_count, 1);
        if (at < SAMPLES_MAX)
            samples[at] = (uint32_t)(clock_monotonic_us() - began_us);
        arena_reset(arena);
    }
    arena_close(arena);
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void measure(int callers, int seconds)
{
    pthread_t threads[CALLERS_MAX];
    int64_t began_us = clock_monotonic_us();
    deadline_us = began_us + (int64_t)seconds * 1000000;
    for (int i = 0; i < callers; i++) {
        struct arena *arena = NULL;
        if (arena_open(16 * 1024 * 1024, &arena) != FAULT_NONE ||
            pthread_create(&threads[i], NULL, call, arena) != 0)
            fail("no thread");
    }
    for (int i = 0; i < callers; i++)
        (void)pthread_join(threads[i], NULL);
    double took_s = (double)(clock_monotonic_us() - began_us) / 1e6;
    size_t count = atomic_load(&sample_count) < SAMPLES_MAX ? atomic_load(&sample_count) : SAMPLES_MAX;
    struct db_counts counts = db_counts(service->db);
    qsort(samples, count, sizeof samples[0], ascending);
    (void)printf("search.rate %.0f searches/s\n", (double)atomic_load(&sample_count) / took_s);
    (void)printf("search.p50 %.2f ms\n", samples[count / 2] / 1000.0);
    (void)printf("search.p99 %.2f ms\n", samples[count * 99 / 100] / 1000.0);
    (void)printf("search.failed %zu searches\n", atomic_load(&failures));
    (void)printf("search.shown %.2f rows\n", (double)atomic_load(&shown) / (double)count);
    (void)printf("search.rerun %llu transactions\n", (unsigned long long)counts.rerun);
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        (void)fprintf(stderr, "usage: searches STATE QUERIES CALLERS SECONDS USER PASSWORD PIN\n");
        return 2;
    }
    const struct service_settings settings = {
        .state = argv[1], .clock = clock_system(), .entropy = entropy_system()};
    struct arena *arena = NULL;
    int64_t callers = 0, seconds = 0;
    if (!str_to_int(str_of(argv[3]), 1, CALLERS_MAX, &callers) ||
        !str_to_int(str_of(argv[4]), 1, 3600, &seconds))
        fail("CALLERS is a number from 1 to 256, SECONDS one from 1 to 3600");
    read_queries(argv[2]);
    log_to(-1);
    int64_t began_us = clock_monotonic_us();
    if (service_open(&settings, &service) != FAULT_NONE || arena_open(1 << 20, &arena) != FAULT_NONE)
        fail("cannot open the state folder:");
    (void)printf("index.start %.2f s\n", (double)(clock_monotonic_us() - began_us) / 1e6);
    sign_in(argv + 5, arena);
    arena_close(arena);
    measure((int)callers, (int)seconds);
    service_close(service);
    return 0;
}
