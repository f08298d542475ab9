/* Case 63 through the door: `contactpoint serve` while its Nth allocation fails.  Every request is answered
 * with 503 or as it should be, or not at all; no page is half; the server goes on.
 *
 * CONTACTPOINT_ALLOC_STEP says how many are left out between two N (7; soak: 1). */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "base/str.h"
#include "crowd.h"

enum { CHILDREN = 60, STEP_DEFAULT = 7, MOST = 100000, CLIENT_PATIENCE_US = 20 * 1000000, PATH_BYTES = 256 };

static const char *program, *library;
static struct site site;
static struct crowd crowd;
static struct client *client;
static int64_t step = STEP_DEFAULT;
static int64_t recorded;
static char child[64], search[64], token[FORM_TOKEN_BYTES], body[1024], path[PATH_BYTES];
static int restarts;

static struct reply get_home(void)
{
    return client_get(client, "/");
}

static struct reply get_find(void)
{
    return client_get(client, "/find");
}

static struct reply post_password(void)
{
    return client_post(client, "/sign-in", body);
}

static struct reply post_find(void)
{
    return client_post(client, "/find", body);
}

static struct reply get_list(void)
{
    return client_get(client, search);
}

static struct reply post_reason(void)
{
    (void)snprintf(path, sizeof path, "%s/reason", child);
    return client_post(client, path, body);
}

static struct reply get_child(void)
{
    return client_get(client, child);
}

static struct reply get_form(void)
{
    (void)snprintf(path, sizeof path, "%s/involvements/new", child);
    return client_get(client, path);
}

static struct reply post_record(void)
{
    (void)snprintf(path, sizeof path, "%s/involvements/new", child);
    return client_post(client, path, body);
}

static struct reply get_account(void)
{
    return client_get(client, "/account");
}

static struct reply get_asset(void)
{
    return client_get(client, "/assets/nothing");
}

static void prepare_nothing(void)
{
}

/* In calm; what it should be. */
static struct reply ask_well(struct reply (*ask)(void), int status)
{
    struct reply reply = ask();
    if (reply.outcome != OUTCOME_ANSWERED || reply.status != status)
        fail_msg("in calm: outcome %d, status %d, %.300s %s", (int)reply.outcome, reply.status, reply.body,
                 server_log(&site.servers[0]));
    return reply;
}

static struct reply get_sign_in(void)
{
    return client_get(client, "/sign-in");
}

static void prepare_password(void)
{
    char form_token[FORM_TOKEN_BYTES];
    struct reply page = ask_well(get_sign_in, 200);
    reply_form_token(&page, form_token);
    (void)snprintf(body, sizeof body, "form_token=%s&user_name=%s&password=%s", form_token,
                   site.users[1].user_name, site.users[1].password);
}

static void prepare_find(void)
{
    const struct sought *sought = &site.sought[0];
    (void)snprintf(
        body, sizeof body,
        "form_token=%s&reason=working&family=%s&given=%s&birth_day=%d&birth_month=%d&birth_year=%d", token,
        sought->family, sought->given, sought->day, sought->month, sought->year);
}

static void prepare_list(void)
{
    prepare_find();
    struct reply reply = ask_well(post_find, 303);
    (void)snprintf(search, sizeof search, "%.60s", reply.location);
}

static void prepare_reason(void)
{
    (void)snprintf(body, sizeof body, "form_token=%s&reason=working", token);
}

/* Another child each time, so that none has many services. */
static void prepare_child(void)
{
    const char *links = crowd.links[recorded % site.sought_count];
    (void)snprintf(child, sizeof child, "%.*s", (int)strcspn(links, " "), links);
    prepare_reason();
    (void)ask_well(post_reason, 303);
}

static void prepare_record(void)
{
    char form_token[FORM_TOKEN_BYTES];
    prepare_child();
    struct reply reply = ask_well(get_form, 200);
    reply_form_token(&reply, form_token);
    (void)snprintf(body, sizeof body,
                   "form_token=%s&service=Service+%" PRId64
                   "&kind=youth_work&job=Worker&phone=01632+960456&from_day=1&from_month=3&from_year=2020",
                   form_token, recorded++);
}

struct trial {
    const char *name;
    void (*prepare)(void);
    struct reply (*ask)(void);
    int status; /* in calm */
};

static const struct trial trials[] = {
    {"home", prepare_nothing, get_home, 200},
    {"an asset that is not there", prepare_nothing, get_asset, 404},
    {"search form", prepare_nothing, get_find, 200},
    {"password", prepare_password, post_password, 303},
    {"search", prepare_find, post_find, 303},
    {"list", prepare_list, get_list, 200},
    {"reason", prepare_child, post_reason, 303},
    {"child", prepare_child, get_child, 200},
    {"form", prepare_child, get_form, 200},
    {"record", prepare_record, post_record, 303},
    {"account", prepare_nothing, get_account, 200},
};

/* It may end, but as it ends by itself: no signal. */
static void check_alive(const char *name, uint64_t nth)
{
    int status;
    if (server_lives(&site.servers[0], &status))
        return;
    if (status < 0)
        fail_msg("%s, allocation %d: signal %d: %s", name, (int)nth, -status, server_log(&site.servers[0]));
    restarts++;
    assert_true(server_start(&site, 0));
}

static void check_reply(const struct trial *trial, uint64_t nth, const struct reply *reply)
{
    /* A refusal for which no page can be made is a sentence. */
    bool right = reply->outcome == OUTCOME_ANSWERED && reply->status == trial->status &&
                 (reply_is_ours(reply) || reply->status >= 400);
    bool busy = reply->outcome == OUTCOME_ANSWERED && reply->status == 503 && reply->retry_after_s > 0;
    bool nothing = reply->outcome == OUTCOME_CUT && reply->body_len == 0;
    if (right || busy || nothing)
        return;
    const char *log = server_log(&site.servers[0]);
    size_t len = strlen(log);
    print_message("%s\n", log + (len > 500 ? len - 500 : 0));
    fail_msg("%s, allocation %d: outcome %d, status %d, Retry-After %d, %zu bytes: %.300s", trial->name,
             (int)nth, (int)reply->outcome, reply->status, reply->retry_after_s, reply->body_len,
             reply->body);
}

/* False where there are not so many allocations. */
static bool try_one(const struct trial *trial, uint64_t nth, bool lasting)
{
    trial->prepare();
    alloc_arm(nth, lasting);
    struct reply reply = trial->ask();
    uint64_t failed = alloc_disarm();
    check_reply(trial, nth, &reply);
    check_alive(trial->name, nth);
    (void)ask_well(trial->ask, trial->status);
    return failed > 0;
}

static void case_63_in_every_request(void **state)
{
    (void)state;
    int64_t before = site_count(&site, "SELECT count(*) FROM claim");
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        uint64_t nth = 1, lasting = 1;
        for (; try_one(&trials[i], nth, false); nth += (uint64_t)step * (step > 1 && nth > 300 ? 12 : 1))
            if (nth >= lasting) {
                (void)try_one(&trials[i], nth, true);
                lasting = nth + 4 * (uint64_t)step;
            }
        print_message("%s: about %d allocations\n", trials[i].name, (int)nth);
    }
    print_message("the server ended by itself %d times\n", restarts);
    assert_int_equal(site_count(&site, "SELECT count(*) FROM claim"), before + recorded);
}

static void afterwards_all_is_there(void **state)
{
    (void)state;
    crowd_check_lists(&crowd);
    assert_int_equal(server_stop(&site.servers[0]), 0);
    site_check(&site);
}

static int set_up(void **state)
{
    (void)state;
    alloc_open();
    site_open(&site, &(struct site_order){.program = program, .children = CHILDREN, .patience_s = 2});
    site.preload = library;
    assert_true(server_start(&site, 0));
    crowd_open(&crowd, &site, 0, CLIENT_PATIENCE_US);
    client = crowd.people[0];
    (void)snprintf(token, sizeof token, "%s", crowd.form_tokens[0]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    crowd_close(&crowd);
    site_close(&site);
    alloc_close();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_63_in_every_request),
        cmocka_unit_test(afterwards_all_is_there),
    };
    const char *text = getenv("CONTACTPOINT_ALLOC_STEP");
    if (argc != 3 || (text != NULL && !str_to_int(str_of(text), 1, MOST, &step))) {
        (void)fprintf(stderr,
                      "usage: [CONTACTPOINT_ALLOC_STEP=N] test_alloc_http CONTACTPOINT FAIL_ALLOC_LIBRARY\n");
        return 2;
    }
    program = argv[1];
    library = argv[2];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
