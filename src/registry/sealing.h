/* Sealed identities (R9.8): the old record is closed, found by nobody and linked to nothing.
 *
 * Who somebody was stands in one entry, sealed under a key of its own, that two people open; the matter names
 * the old record alone. */
#ifndef REGISTRY_SEALING_H
#define REGISTRY_SEALING_H

#include "policy/permit.h"
#include "registry/shield.h"

/* How far a matter of MATTER_SEALING is: its `wanted`. */
enum sealing_phase {
    SEALING_ASKED = 1, /* one officer asks that the record be closed: another must say so too */
    SEALING_SEALED,    /* it is closed; the matter stays, so that its entry can be opened */
    SEALING_OPENING,   /* one officer asks to open the entry: another must say so too */
};

/* The key of the house is `new identity`: matters cannot open what it seals. */
struct sealing_key {
    struct wrapped_key key;
};
MUST_USE enum fault sealing_key_open(struct db *db, struct vault *vault, struct sealing_key *ret_key);

/* Asks that a shielded record be closed; `new` is the record of the new identity.  FAULT_REFUSED with a note
 * where the two are one, or the old one's shield is not decided; FAULT_DUPLICATE where that was asked. */
struct sealing_ask {
    struct matter_id id;
    struct id entry;
    struct child_id old;
    struct child_id new;
};
MUST_USE enum fault sealing_ask(struct db_tx *tx, const struct permit_seal_ask *permit,
                                const struct shield_order *order, const struct sealing_key *key,
                                const struct sealing_ask *ask);

/* The second of two people agrees, or does not.  Where they agree, all records that are the old child's are
 * closed for good and their shields' matters too.  Where the entry was to be opened, *ret_old and *ret_new
 * say what stands in it; zero in every other case. */
struct sealing_outcome {
    bool sealed; /* just now: to be confirmed everywhere (shield_confirm) */
    struct child_id old;
    struct child_id new;
};
MUST_USE enum fault sealing_second(struct db_tx *tx, struct noting *noting,
                                   const struct permit_seal_second *permit, const struct shield_order *order,
                                   const struct sealing_key *key, struct matter *matter, bool agreed,
                                   struct sealing_outcome *ret_outcome);

/* Asks that its entry be opened. */
MUST_USE enum fault sealing_open(struct db_tx *tx, const struct permit_seal_open *permit,
                                 const struct shield_order *order, struct matter *matter);

#endif
