/* The web door: turns HTTP requests into asks, answers into pages (architecture.md §3). */
#ifndef WEB_SERVE_H
#define WEB_SERVE_H

#include <signal.h>
#include <stdint.h>

#include "service/service.h"

struct web_settings {
    const char *listen;       /* as http_settings.listen */
    const char *const *hosts; /* Host values that are ours, NULL at the end; NULL: localhost, 127.0.0.1, [::1]
                                 with the port */
    bool https;               /* a proxy before us speaks TLS: our origin is https://HOST */
    void (*ready)(void *context, uint16_t port); /* called once listening; may be NULL */
    void *ready_context;
};

/* Serves until *stop is set, then drains for at most 30 s.  Faults as http_start, with a note that says what
 * to change; FAULT_INVALID where a Unix socket is given without hosts. */
MUST_USE enum fault web_serve(struct service *service, const struct web_settings *settings,
                              const volatile sig_atomic_t *stop);

#endif
