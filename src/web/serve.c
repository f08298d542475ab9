#include "web/serve.h"

#include <poll.h>
#include <stdio.h>

#include "base/log.h"
#include "base/random.h"
#include "web/assets.h"
#include "web/guard.h"
#include "web/headers.h"
#include "web/http.h"
#include "web/incoming.h"
#include "web/reply.h"
#include "web/route.h"

enum { DRAIN_SECONDS_MAX = 30, STOP_PAUSE_MS = 100, HOSTS = 3, HOST_BYTES = 24 };

/* What every request shares; written before the first one only. */
struct web {
    struct service *service;
    const char *const *hosts;
    bool https;
    char own_texts[HOSTS][HOST_BYTES];
    const char *own_hosts[HOSTS + 1];
};

static bool is_asset_target(struct str target)
{
    return str_starts(target, STR("/assets/"));
}

static int admit_asset(const struct http_request *request)
{
    if (asset_at(request->target) == NULL)
        return 404;
    return str_equal(request->method, STR("GET")) ? 0 : 405;
}

/* TOUR 1: a request's head is judged here, before anything of its body is read. */
static int admit(void *context, const struct http_request *request, size_t *ret_body_bytes_max)
{
    const struct web *web = context;
    int status = guard_head(request, web->hosts);
    if (status != 0)
        return status;
    status = is_asset_target(request->target) ? admit_asset(request)
                                              : route_find(request->method, request->target).status;
    if (status != 0)
        return status;
    size_t body_bytes_max = str_equal(request->method, STR("POST")) ? FORM_BYTES_MAX : 0;
    status = guard_body(request, body_bytes_max);
    if (status == 0)
        *ret_body_bytes_max = body_bytes_max;
    return status;
}

/* What the log says of a method: never the client's own word. */
static const char *method_literal(const struct http_request *request)
{
    if (str_equal(request->method, STR("GET")))
        return "GET";
    return str_equal(request->method, STR("POST")) ? "POST" : "other";
}

static void refuse(void *context, const struct http_request *request, int status,
                   struct http_response *response)
{
    (void)context;
    struct id reference = id_new(entropy_system());
    reply_error(status, reference, response);
    response->close = true;
    if (status == 405) {
        struct route route = route_find(request->method, request->target);
        http_put(response, "Allow", route.allow != NULL ? route.allow : "GET");
    }
    log_event("http.refused", LOG_LITERAL("method", method_literal(request)), LOG_INT("status", status),
              LOG_ID("reference", reference));
}

static enum fault handle_asset(const struct http_request *request, struct http_response *response)
{
    const struct asset *asset = asset_at(request->target);
    if (asset == NULL)
        return FAULT_ABSENT;
    response->status = 200;
    response->still = asset->content;
    headers_asset(response, asset->content_type);
    return FAULT_NONE;
}

/* TOUR 1: a request that the guard has passed becomes an ask. */
static enum fault handle(void *context, const struct http_request *request, struct http_response *response)
{
    const struct web *web = context;
    int64_t start_us = clock_monotonic_us();
    if (is_asset_target(request->target))
        return handle_asset(request, response);
    struct route route = route_find(request->method, request->target);
    struct form form;
    struct ask ask;
    int status = incoming_ask(request, &route, web->https, &form, &ask);
    if (status != 0) {
        refuse(context, request, status, response);
        return FAULT_NONE;
    }
    struct answer *answer = NULL;
    enum fault fault = service_conduct(web->service, &ask, request->arena, &answer);
    if (answer == NULL)
        return fault != FAULT_NONE ? fault : FAULT_SYSTEM;
    fault = reply_answer(&ask, answer, request->arena, response);
    log_event("http", LOG_LITERAL("method", method_literal(request)),
              LOG_LITERAL("operation", policy_operation(ask.operation)->name),
              LOG_INT("status", fault == FAULT_NONE ? response->status : fault_status(fault)),
              LOG_ID("reference", answer->reference), LOG_INT("us", clock_monotonic_us() - start_us));
    return fault;
}

/* A Unix socket stands behind a proxy, whose Host values are given; a loopback address answers to its own
 * names. */
static void bound(void *context, uint16_t port)
{
    static const char *const names[HOSTS] = {"localhost", "127.0.0.1", "[::1]"};
    struct web *web = context;
    for (size_t i = 0; i < HOSTS; i++) {
        int len = snprintf(web->own_texts[i], HOST_BYTES, "%s:%u", names[i], (unsigned)port);
        must(len > 0 && len < HOST_BYTES);
        web->own_hosts[i] = web->own_texts[i];
    }
    if (web->hosts == NULL)
        web->hosts = web->own_hosts;
}

enum fault web_serve(struct service *service, const struct web_settings *settings,
                     const volatile sig_atomic_t *stop)
{
    struct web web = {.service = service, .hosts = settings->hosts, .https = settings->https};
    struct http_settings http = {
        .listen = settings->listen,
        .door = {.context = &web, .admit = admit, .handle = handle, .refuse = refuse},
        .bound = bound,
    };
    if (settings->hosts == NULL && str_starts(str_of(settings->listen), STR("unix:")))
        return fault_note(FAULT_INVALID,
                          "a Unix socket needs the names under which the proxy is reached: set hosts");
    struct http_server *server = NULL;
    enum fault fault = http_start(&http, &server);
    if (fault != FAULT_NONE)
        return fault;
    if (settings->ready != NULL)
        settings->ready(settings->ready_context, http_port(server));
    while (*stop == 0)
        (void)poll(NULL, 0, STOP_PAUSE_MS);
    log_event("http.stopping");
    http_stop(server, DRAIN_SECONDS_MAX);
    return FAULT_NONE;
}
