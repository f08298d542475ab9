/* What is there once the trouble is over. */
#include <stdio.h>

#include "base/log.h"
#include "service/inside.h"
#include "site.h"

void site_check(const struct site *site)
{
    const struct service_settings settings = {
        .state = site->servers[0].state, .clock = clock_system(), .entropy = entropy_system(), .readers = 2};
    struct service *service = NULL;
    struct audit_check check;
    log_to(-1);
    enum fault fault = service_open(&settings, &service);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    assert_int_equal(audit_check_all(service->audit, &check), FAULT_NONE);
    assert_int_equal(check.broken, 0);
    assert_int_equal(check.gaps, 0);
    assert_int_equal(check.unreadable, 0);
    struct match_counts index = match_counts(service->index);
    assert_int_equal(index.people, site_count(site, "SELECT count(*) FROM child"));
    assert_int_equal(index.pending, 0);
    service_close(service);
    assert_int_equal(site_count(site, "SELECT count(*) FROM batch WHERE state <> 3"), 0);
    assert_int_equal(site_count(site, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(site_count(site, "SELECT count(*) FROM alarm WHERE kind = 1"), 0);
}
