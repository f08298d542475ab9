/* What the files of service/ share; nobody else includes it. */
#ifndef SERVICE_INSIDE_H
#define SERVICE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "access/access.h"
#include "access/disclose.h"
#include "audit/audit.h"
#include "match/match.h"
#include "policy/permit.h"
#include "registry/child.h"
#include "registry/intake.h"
#include "registry/look.h"
#include "registry/matter.h"
#include "registry/message.h"
#include "registry/sealing.h"
#include "registry/stated.h"
#include "service/model.h"
#include "service/repeats.h"
#include "service/service.h"

enum { STATE_PATH_BYTES = 4096 };

enum { SERVICE_BEAT_US = 2000 };

struct service {
    struct db *db;
    struct vault *vault;
    struct audit *audit;
    struct access *access;
    struct match_index *index;
    char state[STATE_PATH_BYTES]; /* the state folder */
    struct model_file model;      /* where the instance has its own */
    bool own_model;
    char database[STATE_PATH_BYTES]; /* its connection */
    bool keeps_snapshot;
    bool from_snapshot; /* this process has not rebuilt the index */
    bool whole;         /* the index was filled, and no child left out */
    struct clock clock;
    struct entropy entropy;
    struct wrapped_key search_key; /* of stated reasons */
    struct wrapped_key alarm_key;
    struct matters matters;
    struct messages messages;
    struct sealing_key sealing_key;
    struct repeats *repeats; /* of words given as a reason */
    bool demonstration;
    struct look_limits looks;
    bool refuses_own_child;
    int64_t lease_us;
    struct changes changes;
    struct follow *follow;
    struct housekeeping *housekeeping; /* where the database is shared */
    pthread_mutex_t loading;           /* held by the one feed that is being loaded */
    const char *listen;                /* where this process is confined; else NULL */
    char stopped[256];                 /* what the last one was stopped for */
    struct vault_counts openings;      /* as they were entered last (openings.h) */
    pthread_mutex_t following;         /* of those who look which master wraps (rotate.h) */
    int64_t beat_us;                   /* answers about a record leave at whole multiples of it; 0: at once */
    int64_t await_others_us;           /* how long a rotation waits for other servers: two leases */
    uint32_t published;                /* the newest master, as other servers were told (rotate.h) */
    atomic_bool fenced;                /* another server has ended this one */
    void (*told)(void *context);       /* that it is so */
    void *told_context;
};

/* What a feed works with; the lease, of LEASE_FEED, is held. */
struct intake_house service_intake(struct service *service, const struct lease *lease);

/* Finishes or undoes a batch that is left, where nobody has the feed; otherwise leaves it to whoever has. */
MUST_USE enum fault service_recover(struct service *service);

/* This server has been ended: it answers nothing any more, and whoever started it is told, once. */
void service_fence(struct service *service);

/* One request on its way through the conductor. */
struct conduct {
    struct service *service;
    const struct ask *ask;
    struct arena *arena;
    struct answer *answer;
    struct instant now;
    struct caller caller;
    struct decision decision;
    struct vault_purpose display; /* made of the operation's permit: what may be opened to be shown */
    struct id act;                /* ties its entries together; also the reference on error pages */
    enum reason reason;
    struct str reason_text;
    struct stated stated; /* the live reason, where one covers this request */
    bool has_stated;
    enum record_state state; /* of the one record concerned; 0: there is no such child */
    struct look_answer look; /* whether this is one record or search too many */
    struct {
        bool shown; /* a child of the caller's own, by what they see of the record */
        bool known; /* or by anything that is known of it */
    } own;
    struct str asked;     /* for the entries */
    bool entered;         /* an entry of this request is durable */
    struct matter matter; /* of the path, where it is this caller's to work on */
    bool matter_held;
    enum record_state matter_state; /* of its child's record */
    struct child_id matter_record;  /* that shows its child, once a step on it is written */
    struct child_id overridden; /* the record whose shield this session has overridden; zero: none (R10) */
    struct instant overridden_until;
    struct noting noting;
    struct epoch_guest guest; /* of those who look at children */
    bool under_way;
};

/* The field of a form by its declared name; empty where it was not sent. */
struct str conduct_field(const struct conduct *conduct, const char *name);

/* R5.1: a text says something: ten characters that are not one repeated. */
bool conduct_says_something(struct str text);

/* What the request shows is opened under this permit from here on. */
void conduct_display(struct conduct *conduct, const struct permit *permit);

/* Notes what is wrong with a field; the page shows it.  At most FIELD_ERRORS_MAX are kept. */
void conduct_error(struct conduct *conduct, const char *field, const char *text);

/* R5.1: a text says something: ten characters that are not one repeated. */
bool conduct_says_something(struct str text);

/* From here on this request shows nothing that it found before, and nobody who hides a child waits for it: to
 * be called before it waits for others itself (follow_everywhere), or two such requests would wait for each
 * other.
 */
void conduct_leave(struct conduct *conduct);

/* Entries of one request, written in one transaction; the answer leaves after the last is durable. */
enum { ENTRIES_MAX = 12 };

struct entries {
    const struct audit_sealed *sealed[ENTRIES_MAX];
    size_t count;
    struct audit_place last;
};

/* Seals one more entry of this request.  child_key is that of `child`, or NULL where no child is named. */
MUST_USE enum fault entries_add(struct conduct *conduct, struct entries *entries, enum event event,
                                struct child_id child, const struct wrapped_key *child_key, field_mask shown);

/* Appends them inside a transaction, with the session's touch where it is due. */
MUST_USE enum fault entries_append(struct conduct *conduct, struct entries *entries, struct db_tx *tx);

/* The facts of a caller for decide(); the rest is filled by whoever knows, and until then hides and refuses.
 */
struct facts facts_of(enum operation operation, const struct caller *caller);

/* Writes one entry of a refusal or failure, durably. */
MUST_USE enum fault conduct_refuse(struct conduct *conduct, enum refusal refusal, enum fault why);

#endif
