#include "crowd.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/time.h"

enum { BODY_BYTES = 1024, PATH_BYTES = 256, RETRY_MS = 100, CHILD_PATH_BYTES = 64 };

struct worker {
    struct crowd *crowd;
    struct client *client;
    const char *form_token;
    struct stream stream;
};

static void note_wrong(struct crowd *crowd, const char *what, const struct reply *reply)
{
    struct seen *seen = &crowd->seen;
    if (seen->wrong++ > 0)
        return;
    const char *main = strstr(reply->body, "<h1");
    (void)snprintf(seen->first_wrong, sizeof seen->first_wrong,
                   "%s: outcome %d, status %d, Retry-After %d, to %s, %zu bytes: %.200s", what,
                   (int)reply->outcome, reply->status, reply->retry_after_s, reply->location, reply->body_len,
                   main != NULL ? main : reply->body);
}

/* Counts one reply; true where it is a definite answer that `fine` says is right. */
static bool count(struct crowd *crowd, const char *what, const struct reply *reply, bool fine)
{
    bool right = reply->outcome == OUTCOME_ANSWERED && fine && reply_is_ours(reply);
    struct seen *seen = &crowd->seen;
    (void)pthread_mutex_lock(&crowd->lock);
    if (reply->took_us > seen->longest_us)
        seen->longest_us = reply->took_us;
    if (right)
        seen->answered++;
    else if (reply->outcome == OUTCOME_UNREACHED)
        seen->unreached++;
    else if (reply->outcome == OUTCOME_CUT)
        seen->cut++;
    else if (reply->outcome == OUTCOME_HUNG)
        seen->hung++;
    else if (reply->status == 503 && reply->retry_after_s > 0 && reply_is_ours(reply))
        seen->busy++;
    else
        note_wrong(crowd, what, reply);
    (void)pthread_mutex_unlock(&crowd->lock);
    return right;
}

/* The paths of the children in a list of results, in its order; false where the page is of another kind. */
static bool read_links(const struct reply *reply, char ret_links[CROWD_LINKS_BYTES])
{
    static const char mark[] = "href=\"/children/";
    size_t len = 0;
    ret_links[0] = '\0';
    for (const char *at = strstr(reply->body, mark); at != NULL; at = strstr(at + 1, mark)) {
        const char *path = at + strlen("href=\"");
        int path_len = (int)strcspn(path, "\"");
        if (len + (size_t)path_len + 2 > CROWD_LINKS_BYTES)
            return false;
        len += (size_t)snprintf(ret_links + len, CROWD_LINKS_BYTES - len, "%.*s ", path_len, path);
    }
    return reply->outcome == OUTCOME_ANSWERED && reply->status == 200 &&
           strstr(reply->body, "You searched for") != NULL;
}

static void put_search(char body[BODY_BYTES], const struct sought *known, const char *form_token)
{
    (void)snprintf(
        body, BODY_BYTES,
        "form_token=%s&reason=working&family=%s&given=%s&birth_day=%d&birth_month=%d&birth_year=%d",
        form_token, known->family, known->given, known->day, known->month, known->year);
}

/* One search and its list; false where it came to no list. */
static bool search(struct worker *worker, int nth, char ret_links[CROWD_LINKS_BYTES])
{
    struct crowd *crowd = worker->crowd;
    char body[BODY_BYTES];
    put_search(body, &crowd->site->sought[nth], worker->form_token);
    struct reply found = client_post(worker->client, "/find", body);
    if (!count(crowd, "search", &found, found.status == 303 && strncmp(found.location, "/find/", 6) == 0))
        return false;
    struct reply list = client_get(worker->client, found.location);
    bool is_list = read_links(&list, ret_links);
    bool same = is_list && (crowd->links[nth][0] == '\0' || strcmp(ret_links, crowd->links[nth]) == 0);
    return count(crowd, "list", &list, same);
}

static void pause_ms(int wait_ms)
{
    (void)poll(NULL, 0, wait_ms);
}

static void *run_searcher(void *argument)
{
    struct worker *worker = argument;
    char links[CROWD_LINKS_BYTES];
    while (!atomic_load(&worker->crowd->leaving))
        if (!search(worker, (int)stream_below(&worker->stream, (uint64_t)worker->crowd->site->sought_count),
                    links))
            pause_ms(RETRY_MS);
    client_close(worker->client);
    free(worker);
    return NULL;
}

/* The first child of a list. */
static void child_path(const struct crowd *crowd, int nth, char ret_path[CHILD_PATH_BYTES])
{
    (void)snprintf(ret_path, CHILD_PATH_BYTES, "%.*s", (int)strcspn(crowd->links[nth], " "),
                   crowd->links[nth]);
}

/* Opens the record with a reason, and the form; false where it came to no form. */
static bool open_form(struct worker *worker, const char *child, char ret_token[FORM_TOKEN_BYTES])
{
    char path[PATH_BYTES], body[BODY_BYTES];
    (void)snprintf(path, sizeof path, "%s/reason", child);
    (void)snprintf(body, sizeof body, "form_token=%s&reason=working", worker->form_token);
    struct reply reply = client_post(worker->client, path, body);
    if (!count(worker->crowd, "reason", &reply, reply.status == 303 && strcmp(reply.location, child) == 0))
        return false;
    (void)snprintf(path, sizeof path, "%s/involvements/new", child);
    reply = client_get(worker->client, path);
    if (!count(worker->crowd, "form", &reply, reply.status == 200))
        return false;
    reply_form_token(&reply, ret_token);
    return true;
}

/* Sends one form until there is a definite answer, which is that of the first time. */
static bool send_form(struct worker *worker, const char *path, const char *body)
{
    struct crowd *crowd = worker->crowd;
    for (;;) {
        struct reply reply = client_post(worker->client, path, body);
        int64_t wrong = crowd_look(crowd).wrong;
        bool right = count(crowd, "record", &reply, reply.status == 303);
        if (right || crowd_look(crowd).wrong > wrong)
            return right;
        (void)pthread_mutex_lock(&crowd->lock);
        crowd->seen.again++;
        (void)pthread_mutex_unlock(&crowd->lock);
        pause_ms(RETRY_MS);
    }
}

static int occurrences(const char *text, const char *what)
{
    int found = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        found++;
    return found;
}

/* Records one involvement, and looks whether it is shown, once. */
static void record(struct worker *worker, int nth)
{
    struct crowd *crowd = worker->crowd;
    char child[CHILD_PATH_BYTES], path[PATH_BYTES], body[BODY_BYTES], token[FORM_TOKEN_BYTES], service[64];
    child_path(crowd, nth, child);
    if (!open_form(worker, child, token)) {
        pause_ms(RETRY_MS);
        return;
    }
    (void)pthread_mutex_lock(&crowd->lock);
    (void)snprintf(service, sizeof service, "Service+%" PRId64 "x", crowd->next_service++);
    (void)pthread_mutex_unlock(&crowd->lock);
    (void)snprintf(path, sizeof path, "%s/involvements/new", child);
    (void)snprintf(body, sizeof body,
                   "form_token=%s&service=%s&kind=youth_work&job=Worker&phone=01632+960456&from_day=1&"
                   "from_month=3&from_year=2020",
                   token, service);
    if (!send_form(worker, path, body))
        return;
    *strchr(service, '+') = ' ';
    struct reply page = client_get(worker->client, child);
    (void)count(crowd, "own record", &page, page.status == 200 && occurrences(page.body, service) == 1);
    (void)pthread_mutex_lock(&crowd->lock);
    crowd->seen.recorded++;
    (void)pthread_mutex_unlock(&crowd->lock);
}

static void *run_recorder(void *argument)
{
    struct worker *worker = argument;
    while (!atomic_load(&worker->crowd->leaving))
        record(worker, (int)stream_below(&worker->stream, (uint64_t)worker->crowd->site->sought_count));
    free(worker);
    return NULL;
}

static struct worker *worker_of(struct crowd *crowd, int person, uint64_t seed)
{
    struct worker *worker = calloc(1, sizeof *worker);
    assert_non_null(worker);
    worker->crowd = crowd;
    worker->client = crowd->people[person];
    worker->form_token = crowd->form_tokens[person];
    worker->stream = stream_of(seed);
    return worker;
}

void crowd_open(struct crowd *crowd, struct site *site, int server, int64_t patience_us)
{
    *crowd = (struct crowd){.site = site, .server = server, .patience_us = patience_us};
    (void)pthread_mutex_init(&crowd->lock, NULL);
    for (int i = 0; i < SITE_USERS; i++) {
        crowd->people[i] = client_open(site->servers[server].port, patience_us);
        if (!site_sign_in(site, server, i, crowd->people[i]))
            fail_msg("%s cannot sign in: %s", site->users[i].user_name, server_log(&site->servers[server]));
        struct reply page = client_get(crowd->people[i], "/find");
        reply_form_token(&page, crowd->form_tokens[i]);
        assert_int_equal(strlen(crowd->form_tokens[i]), FORM_TOKEN_BYTES - 1);
    }
    crowd_check_lists(crowd);
    assert_int_equal(crowd->seen.busy, 0);
}

void crowd_close(struct crowd *crowd)
{
    for (int i = 0; i < SITE_USERS; i++)
        client_close(crowd->people[i]);
    (void)pthread_mutex_destroy(&crowd->lock);
}

void crowd_move(struct crowd *crowd, int server)
{
    crowd->server = server;
    for (int i = 0; i < SITE_USERS; i++)
        client_move(crowd->people[i], crowd->site->servers[server].port);
}

void crowd_check_lists(struct crowd *crowd)
{
    struct worker *worker = worker_of(crowd, 0, 1);
    for (int i = 0; i < crowd->site->sought_count; i++) {
        char links[CROWD_LINKS_BYTES] = "";
        if (!search(worker, i, links) || links[0] == '\0')
            fail_msg("%s %s is not found: %s %s", crowd->site->sought[i].given, crowd->site->sought[i].family,
                     crowd->seen.first_wrong, server_log(&crowd->site->servers[crowd->server]));
        memcpy(crowd->links[i], links, sizeof links);
    }
    free(worker);
}

void crowd_begin(struct crowd *crowd, int searchers)
{
    crowd->seen = (struct seen){0};
    crowd->thread_count = 0;
    atomic_store(&crowd->leaving, false);
    for (int i = 0; i < searchers; i++) {
        struct worker *worker = worker_of(crowd, 0, (uint64_t)i + 10);
        worker->client = client_share(crowd->people[0]);
        assert_int_equal(pthread_create(&crowd->threads[crowd->thread_count++], NULL, run_searcher, worker),
                         0);
    }
    for (int i = 0; i < CROWD_RECORDERS; i++)
        assert_int_equal(pthread_create(&crowd->threads[crowd->thread_count++], NULL, run_recorder,
                                        worker_of(crowd, i + 1, (uint64_t)i + 100)),
                         0);
}

struct seen crowd_end(struct crowd *crowd)
{
    atomic_store(&crowd->leaving, true);
    for (int i = 0; i < crowd->thread_count; i++)
        (void)pthread_join(crowd->threads[i], NULL);
    return crowd->seen;
}

struct seen crowd_look(struct crowd *crowd)
{
    (void)pthread_mutex_lock(&crowd->lock);
    struct seen seen = crowd->seen;
    (void)pthread_mutex_unlock(&crowd->lock);
    return seen;
}

void seen_print(const char *when, const struct seen *seen)
{
    print_message("%s: answered %" PRId64 ", busy %" PRId64 ", cut %" PRId64 ", unreached %" PRId64
                  ", hung %" PRId64 ", wrong %" PRId64 ", recorded %" PRId64 ", sent again %" PRId64
                  ", longest %" PRId64 " ms\n",
                  when, seen->answered, seen->busy, seen->cut, seen->unreached, seen->hung, seen->wrong,
                  seen->recorded, seen->again, seen->longest_us / 1000);
    if (seen->wrong > 0)
        print_message("first wrong: %s\n", seen->first_wrong);
}
