/* Messages: what people are told, each in a list of their own (R7.4, R8.5, R9).
 *
 * A message says by its kind what has happened, in words that name nobody; what somebody wrote stands beside
 * it, and is sealed under the child's key where it is about a child: erasing the child leaves nothing of it.
 * Every other fact of it is sealed too; a keyed hash of the account finds whose it is. */
#ifndef REGISTRY_MESSAGE_H
#define REGISTRY_MESSAGE_H

#include "base/arena.h"
#include "base/time.h"
#include "policy/policy.h"
#include "store/db.h"
#include "vault/vault.h"

/* Numbers in the database: append, never renumber. */
enum message_kind {
    MESSAGE_FURTHER_SERVICE = 1, /* a further service is involved (R7.4) */
    MESSAGE_QUESTION,            /* somebody wants to reach this service; `about` is the matter (R8.5) */
    MESSAGE_REACHED,             /* the answer to a question: how the service may be reached */
    MESSAGE_TEAM_WORDS,          /* the answer to a question: in the team's own words */
    MESSAGE_NO_CONTACT,          /* the answer to a question: nobody */
    MESSAGE_SHIELD_KEPT,         /* what became of a shield that somebody asked for (R9.2) */
    MESSAGE_SHIELD_REFUSED,
    MESSAGE_SHIELD_LIFTED,
    MESSAGE_OVERRIDE_CLOSED,  /* what became of the investigation of one's override (R10) */
    MESSAGE_ACCOUNT,          /* something about one's own account was changed; the words say what */
    MESSAGE_CHECK_ENDS,       /* a check of one's own account runs out (R3.1) */
    MESSAGE_STAFF_CHECK_ENDS, /* one of somebody whom one manages */
    MESSAGE_STOPPED,          /* one's own account has stopped by itself */
    MESSAGE_STAFF_STOPPED,    /* that of somebody whom one manages has stopped, or was suspended */
    MESSAGE_ACCREDITATION,    /* an organisation's accreditation runs out (R3.5) */
    MESSAGE_FROZEN,           /* too many failures have frozen what one signs in with (R3.2) */
    MESSAGE_STAFF_FROZEN,     /* the same of somebody whom one manages */
    MESSAGE_KINDS_END
};

/* Texts are borrowed when it is sent, and live in the arena when it is read. */
struct message {
    struct id message; /* made of cause, number, kind and recipient; need not be set when it is sent */
    struct account_id recipient;
    enum message_kind kind;
    struct instant sent;
    bool unread;
    struct child_id child;   /* whom it is about; zero: nobody */
    enum record_state state; /* of the child's record when it was sent */
    struct id cause;         /* the matter, claim or account that it comes from */
    int64_t number;          /* tells apart what comes from one cause */
    struct id about;         /* a claim whose consent it leans on; zero: none */
    struct str text;         /* as somebody wrote it; empty where it could not be opened any more */
    struct str more;         /* a second text of the kind's own: who asks */
};
enum {
    MESSAGE_TEXT_BYTES_MAX = 4 * 1024,
    MESSAGE_LIST_MAX = 50,
    MESSAGES_KEPT_MAX = 200,
    MESSAGES_KEPT_DAYS = 365, /* once they have been read */
};

/* What messages are read and written with; the key of the house is `message`. */
struct messages {
    struct vault *vault;
    struct wrapped_key key;
};

/* A write of its own where the key is not there yet: never inside a job. */
MUST_USE enum fault messages_open(struct db *db, struct vault *vault, struct messages *ret_messages);

/* Tells somebody, inside the transaction of the audit entry of what it comes from.  The same cause, number
 * and kind tell the same person once.  More than MESSAGES_KEPT_MAX are not kept: the oldest go.  FAULT_ABSENT
 * where there is no such child. */
MUST_USE enum fault message_send(struct db_tx *tx, const struct messages *messages,
                                 const struct message *message);

/* The newest of somebody's, at most MESSAGE_LIST_MAX, without their texts. */
MUST_USE enum fault message_list(struct db_tx *tx, const struct messages *messages,
                                 struct account_id recipient, struct arena *arena,
                                 struct message *ret_messages, size_t *ret_count);

/* One of somebody's own, with its texts.  FAULT_ABSENT where it is another's, or nobody's. */
MUST_USE enum fault message_read(struct db_tx *tx, const struct messages *messages,
                                 struct account_id recipient, struct id id, struct arena *arena,
                                 struct message *ret_message);

/* Forgets some of the messages that were read and are older than MESSAGES_KEPT_DAYS; *ret_more: there may be
 * others. */
MUST_USE enum fault message_sweep(struct db_tx *tx, struct instant now, bool *ret_more);

/* How many of the MESSAGE_LIST_MAX newest are unread; and that one is so no longer. */
MUST_USE enum fault message_unread(struct db_tx *tx, const struct messages *messages,
                                   struct account_id recipient, struct arena *arena, int64_t *ret_count);
MUST_USE enum fault message_opened(struct db_tx *tx, const struct messages *messages,
                                   const struct message *message);

#endif
