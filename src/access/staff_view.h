/* What managers and administrators see of accounts and organisations; texts live in the request's arena. */
#ifndef ACCESS_STAFF_VIEW_H
#define ACCESS_STAFF_VIEW_H

#include "access/key_view.h"
#include "access/organisations.h"

enum { USERS_SHOWN_MAX = 200, ORGANISATIONS_SHOWN_MAX = 200 };

/* One check of an account. */
struct check_view {
    enum account_check check;
    struct day done;  /* DAY_UNKNOWN: never */
    struct day until; /* DAY_UNKNOWN: for good, or never done */
    enum notice notice;
    int days_left;
};

/* One line of a list of accounts. */
struct user_row {
    struct account_id account;
    struct str full_name;
    struct str user_name;
    struct str job;
    struct str roles; /* with commas between */
    enum account_state state;
    struct account_standing standing;
    struct check_view nearest; /* the check that ends first, where one is near its end; check 0: none */
    int checks_done;           /* of CHECKS_END - 1 */
};

struct users_view {
    struct organisation_id organisation;
    struct str organisation_name; /* empty: those without one */
    struct user_row *rows;
    size_t count;
    size_t left_out;  /* found, and not shown */
    int64_t accounts; /* that are not closed */
    uint32_t users_max;
    bool filtered;
    bool may_request;
};

/* One account, for whoever manages it. */
struct user_view {
    struct account account; /* as it stands */
    struct str organisation_name;
    struct account_standing standing;
    struct check_view checks[CHECKS_END];
    bool has_token;
    struct held_view held;
    const struct held_key_view *revoking; /* which of them it is about; NULL: none */
    int64_t open_involvements;
    enum role offered[ACCOUNT_ROLES_MAX]; /* that the caller may give in this organisation */
    uint8_t offered_count;
};

/* One line of the list of organisations (R3.7: its users against its staff). */
struct organisation_row {
    struct organisation organisation;
    struct str area;    /* its authority's name */
    enum notice notice; /* of its accreditation */
    int days_left;
    int64_t accounts;
};

struct organisations_view {
    struct organisation_row *rows;
    size_t count;
    size_t left_out;
    int64_t total;
    bool filtered;
};

struct organisation_view {
    struct organisation_row row;
    struct users_view users; /* those whom a national administrator manages */
    enum role offered[ACCOUNT_ROLES_MAX];
    uint8_t offered_count;
};

/* Something that is set on this instance, in words. */
struct setting_view {
    const char *name;
    struct str value;
};

#endif
