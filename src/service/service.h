/* The one conductor that every door must use (architecture.md §3):
 *
 *     request → caller → form → permit → finding → view (held) → audit entry, commit → view released → page
 *
 * A door turns what it received into an ask; service_conduct answers with a view that its entries allow. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "access/approval_view.h"
#include "access/manage_view.h"
#include "access/message_view.h"
#include "access/staff_view.h"
#include "access/view.h"
#include "base/arena.h"
#include "policy/policy.h"

struct service;

struct service_settings {
    const char *state;    /* folder with vault.key, control socket, settings, and contactpoint.db */
    const char *database; /* as db_open takes it; NULL: as the folder's settings have it */
    struct clock clock;
    struct entropy entropy;
    int readers; /* connections to SQLite that read; 0: as many as there are processors, plus 2 */

    /* Where a door will listen, as web_serve takes it: from here on files elsewhere cannot be opened
     * (sandbox.h). There are no threads yet.  NULL: nothing is confined. */
    const char *listen;

    /* May be NULL: told once, from another thread, when another server has ended this one, which answers
     * FAULT_FENCED from then on: start it again. */
    void (*fenced)(void *context);
    void *fenced_context;
};

/* Opens vault, store, audit, access; rebuilds the index; finishes or undoes a batch left by a crash.
 * The note says what to do on a fault. */
MUST_USE enum fault service_open(const struct service_settings *settings, struct service **ret_service);
void service_close(struct service *service);

/* Once all doors listen, where `listen` was given: what is no part of serving is stopped from here on (case
 * 76). FAULT_SYSTEM, FAULT_STORAGE with a note. */
MUST_USE enum fault service_confine(struct service *service);

enum { ASK_FIELDS_MAX = 64, ASK_PATH_IDS_MAX = 3 };

struct ask_field {
    struct str name;
    struct str value;
};

/* What a door received. */
struct ask {
    enum operation operation;
    struct str cookie;                    /* the session cookie; empty where none */
    struct str ticket;                    /* the cookie between the two sign-in pages */
    struct str unix_user;                 /* doors on the machine: who the local socket proves */
    struct str source;                    /* the peer's address, or "local" */
    struct str origin;                    /* as the browser knows us: "https://host"; WEB only */
    struct str form_token;                /* of the form; WEB POST only */
    bool same_site;                       /* Origin and Sec-Fetch-Site are ours */
    struct id path_ids[ASK_PATH_IDS_MAX]; /* ids of the route, in order */
    uint8_t path_id_count;
    const struct ask_field *fields;
    uint8_t field_count;
};

/* What is wrong with one field of a form. */
struct field_error {
    const char *field; /* its declared name, or a group: "birth" */
    const char *text;  /* how to mend it */
};
enum { FIELD_ERRORS_MAX = 16 };

/* What the door may now show.  Only the part that belongs to the operation is set. */
struct answer {
    enum fault fault;
    enum refusal refusal;
    struct id reference; /* of this request: stands in the log and on error pages */
    bool signed_in;
    enum role role;
    struct str caller_name;  /* for the header of every page */
    struct str mediated_for; /* the colleague for whom the caller looks (R4.1); empty: none */
    bool may_mediate;
    struct str form_token; /* for the next form */
    struct field_error errors[FIELD_ERRORS_MAX];
    uint8_t error_count;

    struct results_view *results;
    struct child_view *child;
    struct account_view *account;
    struct user_view *user;
    struct users_view *users;
    struct organisation_view *organisation;
    struct organisations_view *organisations;
    struct setting_view *settings; /* of this instance */
    size_t setting_count;
    struct id made; /* the user or organisation that was made or changed */
    struct involvement_view *involvement;
    struct cases_view *cases;
    struct case_view *one_case;
    struct team_view *team;
    struct matters_view *matters;
    struct alarms_view *alarms;
    struct alarm_view *alarm;
    struct matter_view *matter;
    struct request_view *request; /* beside the matter, where that is a question to the team */
    struct ask_view *question;    /* of the caller's own, about the child */
    struct messages_view *messages;
    struct message_view *message;
    int64_t unread;                    /* messages of the caller's */
    struct more_view *more;            /* how one's request to open more records stands */
    const struct choice_view *choices; /* of a form: the grounds of a shield, outcomes of an investigation */
    size_t choice_count;
    struct shield_line_view *shield_line; /* what became of the shield that the caller has asked for */
    struct instant overriding_until;      /* this record's shield is overridden until then; 0: it is not */
    int64_t overriding_minutes;           /* so many more, begun ones counted */
    bool may_shield;                      /* the caller may ask that this record be shielded */
    bool may_override;                    /* or override its shield */
    enum case_state case_state;           /* of a decision */
    const struct authority_view *authorities; /* to choose from in a search; none: the field is left out */
    size_t authority_count;

    const struct key_view *key;             /* what a security key is asked to sign */
    const struct enrolment_view *enrolment; /* how far binding new secrets is */
    const struct security_view *security;   /* how one signs in */
    bool terms_due;                         /* the yearly reminder comes first */

    struct str cookie;   /* a session that has begun */
    struct str ticket;   /* step one is done, right or wrong */
    enum role roles[10]; /* step two: to choose from */
    uint8_t role_count;
    struct search_id search; /* child_find: where the results are … */
    struct child_id opened;  /* … or the one child whom a number names (zero: none) */
    bool recorded;           /* a write was done */
    bool demonstration;      /* every page says so */
};

/* Conducts one request.  The answer lives in the arena, is always given, and its fault is returned too. */
enum fault service_conduct(struct service *service, const struct ask *ask, struct arena *arena,
                           struct answer **ret_answer);

bool service_is_demonstration(const struct service *service);

#endif
