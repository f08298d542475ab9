/* One claim: what one source said of a child at one moment (R1.2); superseded one day, never rewritten. */
#ifndef REGISTRY_CLAIM_H
#define REGISTRY_CLAIM_H

#include "registry/consent.h"
#include "registry/row.h"
#include "vault/vault.h"

struct claim {
    struct claim_id claim;
    enum row_kind kind;
    enum source source;                  /* SOURCE_NONE: a practitioner */
    struct account_id recorder;          /* zero for feeds */
    struct organisation_id organisation; /* whose sensitive service it is (R8.3); else zero */
    struct instant recorded;
    bool superseded;
    int32_t superseded_month; /* as month_of_instant */
    struct consent consent;   /* of a sensitive involvement (R8.2) */
    bool consented;           /* and it is in force; without, nothing shows the involvement (R8.4) */
    uint8_t part; /* with which record of the family it stands: an index of struct child's `parts` */
    struct row row;
};

/* What a claim holds, packed for sealing, and the place that its ciphertext is bound to. */
void claim_pack(struct buffer *buffer, const struct claim *claim);
struct seal_place claim_place(const struct claim_id *claim);

/* Fills in what claim_pack wrote; the row's texts stay borrowed from `packed`.  FAULT_CORRUPT. */
MUST_USE enum fault claim_unpack(struct bytes packed, struct claim *claim);

#endif
