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

enum consent_giver {
    CONSENT_GIVER_NONE = 0,
#define GIVER(name, value, label) CONSENT_##name,
#define WAY(name, value, label)
#define SCOPE(name, value, label)
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
    CONSENT_GIVERS_END
};
enum consent_way {
    CONSENT_WAY_NONE = 0,
#define GIVER(name, value, label)
#define WAY(name, value, label) CONSENT_##name,
#define SCOPE(name, value, label)
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
    CONSENT_WAYS_END
};
enum consent_scope {
    CONSENT_SCOPE_NONE = 0,
#define GIVER(name, value, label)
#define WAY(name, value, label)
#define SCOPE(name, value, label) CONSENT_##name,
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
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

/* From the words of forms; 0 where unknown. */
enum consent_giver consent_giver_of(struct str value);
enum consent_way consent_way_of(struct str value);
enum consent_scope consent_scope_of(struct str value);

/* Whether everything about it has been said.  `today` bounds its day. */
bool consent_is_whole(const struct consent *consent, struct day today);

/* The packed form, a part of a claim's; texts stay borrowed from what is read.  FAULT_CORRUPT. */
void consent_pack(struct buffer *buffer, const struct consent *consent);
MUST_USE enum fault consent_unpack(struct reader *reader, struct consent *ret_consent);

#endif
