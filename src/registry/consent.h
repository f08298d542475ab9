/* Consent to recording a sensitive service (R8.1, R8.2).
 *
 * A consent rests inside the claim of the involvement that it allows, sealed with it: neither a row nor a
 * count of the database tells that a child has one.  Claims of one involvement carry the same consent, each
 * newer one instead of the older; one among them that says "withdrawn" takes it from them all. */
#ifndef REGISTRY_CONSENT_H
#define REGISTRY_CONSENT_H

#include "base/buffer.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/str.h"
#include "base/time.h"

/* Numbers in the database: append, never renumber. */
enum consent_giver {
    CONSENT_CHILD = 1, /* who can understand what is asked */
    CONSENT_CARER,     /* for a child who cannot */
    CONSENT_HARM,      /* nobody: reasonable cause to suspect significant harm */
    CONSENT_GIVERS_END
};
enum consent_way { CONSENT_IN_PERSON = 1, CONSENT_BY_TELEPHONE, CONSENT_IN_WRITING, CONSENT_WAYS_END };
enum consent_scope {
    CONSENT_TO_MARK = 1, /* that a sensitive service is involved */
    CONSENT_TO_CONTACT,  /* and that the service may be asked for a contact (R8.5) */
    CONSENT_SCOPES_END
};

enum { CONSENT_NAME_BYTES_MAX = 200, CONSENT_TEXT_BYTES_MAX = 1000 };

struct consent {
    struct id id; /* zero: none is needed, or none was given */
    bool withdrawn;
    enum consent_giver giver;
    enum consent_way way;
    enum consent_scope scope;
    struct day given;   /* or, of CONSENT_HARM, decided */
    struct str name;    /* of who agreed */
    struct str because; /* why they were judged able to; of CONSENT_HARM, the cause */
};

/* The words of forms, "child", and of pages, "The child"; NULL and 0 where unknown. */
const char *consent_giver_name(enum consent_giver giver);
const char *consent_giver_label(enum consent_giver giver);
enum consent_giver consent_giver_of(struct str name);
const char *consent_way_name(enum consent_way way);
const char *consent_way_label(enum consent_way way);
enum consent_way consent_way_of(struct str name);
const char *consent_scope_name(enum consent_scope scope);
const char *consent_scope_label(enum consent_scope scope);
enum consent_scope consent_scope_of(struct str name);

/* Whether everything about it has been said.  `today` bounds its day. */
bool consent_is_whole(const struct consent *consent, struct day today);

/* The packed form, a part of a claim's; texts stay borrowed from what is read.  FAULT_CORRUPT. */
void consent_pack(struct buffer *buffer, const struct consent *consent);
MUST_USE enum fault consent_unpack(struct reader *reader, struct consent *ret_consent);

#endif
