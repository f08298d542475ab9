/* A storm of sign-ins, and what somebody who is signed in notices of it (security.md, case 20).
 *
 *     signin_storm STATE USER PASSWORD PIN SECONDS
 *
 * STATE is a demonstration's folder; no server may run on it.  For SECONDS a signed-in user reads their own
 * account over and over; then the same while 500 passwords a second are offered, each from an address of its
 * own, for names that nobody has.  Prints `name value unit` lines. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "service/inside.h"
#include "service/staff.h"

enum {
    RATE = 500,
    STORMERS = 160,
    SAMPLES_MAX = 1000000,
    ARENA_BYTES = 8 * 1024 * 1024,
    STACK_BYTES = 512 * 1024,
    CODE_SECONDS = 30,
    FORGOTTEN_SECONDS = 11 /* then the memory of the hashes of signing in is given back */
};

static struct service *service;
static struct str cookie;
static uint32_t samples[SAMPLES_MAX];
static atomic_llong offered, judged, turned_away, other;
static atomic_bool over;
static int64_t storm_started_us;

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "signin_storm: %s %s\n", what, fault_last_note());
    exit(1);
}

static struct arena *arena_new(void)
{
    struct arena *arena = NULL;
    if (arena_open(ARENA_BYTES, &arena) != FAULT_NONE)
        fail("no memory");
    return arena;
}

static struct answer *conduct(struct ask *ask, struct str key, struct arena *arena)
{
    struct answer *answer = NULL;
    ask->same_site = true;
    if (access_form_token(service->access, key, arena, &ask->form_token) != FAULT_NONE)
        fail("no form token");
    (void)service_conduct(service, ask, arena, &answer);
    return answer;
}

static bool sign_in(char **argv, struct arena *arena)
{
    struct str code;
    const struct ask_field first[] = {{STR("user_name"), str_of(argv[2])},
                                      {STR("password"), str_of(argv[3])}};
    struct ask ask = {
        .operation = OP_sign_in_password, .source = STR("192.0.2.1"), .fields = first, .field_count = 2};
    const struct answer *answer = conduct(&ask, STR(""), arena);
    if (service_demonstration_code(service, str_of(argv[2]), arena, &code) != FAULT_NONE)
        fail("no code:");
    const struct ask_field second[] = {
        {STR("pin"), str_of(argv[4])}, {STR("code"), code}, {STR("role"), STR("practitioner")}};
    ask = (struct ask){.operation = OP_sign_in_code,
                       .source = STR("192.0.2.1"),
                       .ticket = answer->ticket,
                       .fields = second,
                       .field_count = 3};
    answer = conduct(&ask, ask.ticket, arena);
    cookie = answer->cookie;
    return answer->fault == FAULT_NONE;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Reads one's account for so long; the 99th percentile in microseconds. */
static uint32_t work(int64_t work_s, struct arena *arena)
{
    size_t count = 0;
    int64_t until_us = clock_monotonic_us() + work_s * 1000000;
    while (clock_monotonic_us() < until_us && count < SAMPLES_MAX) {
        struct ask ask = {.operation = OP_account_view, .source = STR("192.0.2.1"), .cookie = cookie};
        int64_t started_us = clock_monotonic_us();
        if (conduct(&ask, cookie, arena)->fault != FAULT_NONE)
            fail("a signed-in user was refused:");
        samples[count++] = (uint32_t)(clock_monotonic_us() - started_us);
        arena_reset(arena);
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    qsort(samples, count, sizeof samples[0], ascending);
    return samples[count * 99 / 100];
}

static void offer(long long number, struct arena *arena)
{
    char name[32], source[32];
    (void)snprintf(name, sizeof name, "stormer-%lld", number);
    (void)snprintf(source, sizeof source, "10.%lld.%lld.%lld", number >> 16 & 255, number >> 8 & 255,
                   number & 255);
    const struct ask_field fields[] = {{STR("user_name"), str_of(name)},
                                       {STR("password"), STR("not the password")}};
    struct ask ask = {
        .operation = OP_sign_in_password, .source = str_of(source), .fields = fields, .field_count = 2};
    enum fault fault = conduct(&ask, STR(""), arena)->fault;
    if (fault == FAULT_NONE || fault == FAULT_SIGN_IN)
        (void)atomic_fetch_add(&judged, 1);
    else if (fault == FAULT_BUSY)
        (void)atomic_fetch_add(&turned_away, 1);
    else
        (void)atomic_fetch_add(&other, 1);
    arena_reset(arena);
}

static void *storm(void *context)
{
    struct arena *arena = arena_new();
    (void)context;
    while (!atomic_load(&over)) {
        long long number = atomic_fetch_add(&offered, 1);
        int64_t wait_us = storm_started_us + number * 1000000 / RATE - clock_monotonic_us();
        if (wait_us > 0)
            (void)nanosleep(&(struct timespec){wait_us / 1000000, wait_us % 1000000 * 1000}, NULL);
        offer(number, arena);
    }
    arena_close(arena);
    return NULL;
}

/* Resident memory, and its highest, in KiB: from /proc/self/status. */
static long status_kib(const char *name)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            (void)sscanf(line + strlen(name), ": %ld", &kib);
    if (file != NULL)
        (void)fclose(file);
    return kib;
}

int main(int argc, char **argv)
{
    static pthread_t threads[STORMERS];
    pthread_attr_t attributes;
    if (argc != 6)
        fail("usage: signin_storm STATE USER PASSWORD PIN SECONDS");
    const struct service_settings settings = {
        .state = argv[1], .clock = clock_system(), .entropy = entropy_system()};
    struct arena *kept = arena_new(), *arena = arena_new();
    int64_t work_s = strtol(argv[5], NULL, 10);
    log_to(-1); /* what is turned away is counted below */
    if (service_open(&settings, &service) != FAULT_NONE)
        fail("cannot open the state folder:");
    if (!sign_in(argv, kept)) { /* this code may have been used: the next one, then */
        (void)nanosleep(&(struct timespec){.tv_sec = CODE_SECONDS}, NULL);
        if (!sign_in(argv, kept))
            fail("signing in failed");
    }
    (void)nanosleep(&(struct timespec){.tv_sec = FORGOTTEN_SECONDS}, NULL);
    long before_kib = status_kib("VmRSS");
    uint32_t alone_us = work(work_s, arena);
    storm_started_us = clock_monotonic_us();
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (size_t i = 0; i < STORMERS; i++)
        if (pthread_create(&threads[i], &attributes, storm, NULL) != 0)
            fail("no thread");
    uint32_t storm_us = work(work_s, arena);
    double stormed_s = (double)(clock_monotonic_us() - storm_started_us) / 1e6;
    atomic_store(&over, true);
    for (size_t i = 0; i < STORMERS; i++)
        (void)pthread_join(threads[i], NULL);
    long most_kib = status_kib("VmHWM");
    (void)printf("signin.storm.offered %.0f /s\n", (double)(judged + turned_away + other) / stormed_s);
    (void)printf("signin.storm.judged %.1f /s\n", (double)judged / stormed_s);
    (void)printf("signin.storm.turned_away %.4f share\n",
                 (double)turned_away / (double)(judged + turned_away + other));
    (void)printf("signin.storm.other %lld answers\n", (long long)other);
    (void)printf("signin.storm.p99_alone %.2f ms\n", alone_us / 1000.0);
    (void)printf("signin.storm.p99 %.2f ms\n", storm_us / 1000.0);
    (void)printf("signin.storm.ratio %.2f times\n", (double)storm_us / (double)alone_us);
    (void)printf("signin.storm.memory %.0f MiB more\n", (double)(most_kib - before_kib) / 1024);
    service_close(service);
    arena_close(arena);
    arena_close(kept);
    return 0;
}
