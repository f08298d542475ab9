/* What a command asks of an instance: the same whether a server runs, which then does it, or not. */
#ifndef CLI_WORK_H
#define CLI_WORK_H

#include "base/arena.h"
#include "service/load.h"

enum work_kind {
    WORK_FEED_LOAD = 1,
    WORK_ADMINISTRATOR_FIRST,
    WORK_ACCOUNT_CREATE,
    WORK_ACCOUNT_SUSPEND,
    WORK_ADMINISTRATOR_CODES,
    WORK_ADMINISTRATOR_APPROVE,
    WORK_DEMONSTRATION_ACCOUNT,
    WORK_TOKEN,
    WORK_VAULT_GIVE,
    WORK_DUPLICATES,
    WORK_TRAIN,
    WORK_EXPLAIN,
    WORK_VAULT_ROTATE,
    WORKS_END
};

enum work_field {
    FIELD_SPONSOR_NAME,
    FIELD_SPONSOR_PASSWORD,
    FIELD_SPONSOR_PIN,
    FIELD_SPONSOR_CODE,
    FIELD_SPONSOR_ROLE,
    FIELD_CODE_ONE,
    FIELD_CODE_OTHER,
    FIELD_USER_NAME,
    FIELD_FULL_NAME,
    FIELD_JOB,
    FIELD_PHONE,
    FIELD_EMAIL,
    FIELD_ROLES,        /* names with commas between */
    FIELD_ORGANISATION, /* the id of one that exists; or a new one: */
    FIELD_ORGANISATION_NAME,
    FIELD_ORGANISATION_PHONE,
    FIELD_ORGANISATION_AUTHORITY,
    FIELD_ORGANISATION_BODY,
    FIELD_ORGANISATION_SERVICE,
    FIELD_ORGANISATION_STAFF,        /* demonstrations: how many work there, what it is accredited for */
    FIELD_ORGANISATION_CAPABILITIES, /* (names with commas between), and when the account's checks were done:
                                      */
    FIELD_CHECKED,                   /* "today", days ago, or "asked" */
    FIELD_REQUEST, /* for keys: the text of its file, and its fingerprint as somebody typed it */
    FIELD_FINGERPRINT,
    FIELD_ONE, /* ContactPoint numbers of two records */
    FIELD_OTHER,
    FIELD_SEED, /* of training: decimal, or empty */
    WORK_FIELDS_END
};

struct work {
    enum work_kind kind;
    struct str field[WORK_FIELDS_END];
    int fd; /* WORK_FEED_LOAD: the file, open for reading; -1 elsewhere */
};

enum work_phase { PHASE_PLANNING = 1, PHASE_APPLYING = 2, PHASES_END };

/* Told while the work goes on; `gone` says that nobody waits any more, so that what can be undone is. */
struct work_listener {
    void (*progress)(void *context, enum work_phase phase, int64_t done, int64_t of);
    void (*problem)(void *context, uint64_t line, enum row_problem problem);
    bool (*gone)(void *context);
    void *context;
};

enum work_text {
    TEXT_MESSAGE, /* what went wrong and what to do; empty where the fault's own text says it */
    TEXT_PASSWORD,
    TEXT_PIN,
    TEXT_ORGANISATION,
    TEXT_CODE,
    TEXT_SEALED, /* keys, for whoever asked */
    TEXT_REPORT, /* lines */
    WORK_TEXTS_END
};

struct work_result {
    enum fault fault;
    struct str text[WORK_TEXTS_END]; /* in the arena */
    enum source source;              /* of the feed; SOURCE_NONE where its header was not read */
    int64_t sequence;
    int64_t rows;               /* of the feed; WORK_DUPLICATES: records compared; WORK_TRAIN: learnt from */
    struct batch_counts counts; /* WORK_DUPLICATES: `waiting` pairs; WORK_TRAIN: `created` pairs, of them
                                   `updated` of one child */
};

/* Does it, in the name of a login of this machine.  The result is always filled. */
void work_do(struct service *service, struct str unix_user, const struct work *work,
             const struct work_listener *listener, struct arena *arena, struct work_result *ret_result);

#endif
