/* What may be a password, a PIN or a user name (security.md §3; NIST SP 800-63B-4 §3.1.1: length and a
 * blocklist, no composition or expiry rules). */
#ifndef ACCESS_PASSWORD_H
#define ACCESS_PASSWORD_H

#include "base/arena.h"

enum {
    PASSWORD_BYTES_MAX = 4096, /* as typed, before normalisation */
    PIN_DIGITS_MIN = 6,
    PIN_DIGITS_MAX = 12,
    USER_NAME_CHARACTERS_MIN = 3,
    USER_NAME_CHARACTERS_MAX = 64,
};

/* Words that are guessed first.  Read-only once open. */
struct blocklist;

/* Debian's cracklib words from `words_path` where that file exists, and our own list always.  FAULT_MEMORY;
 * FAULT_TOO_LARGE where the file is absurdly large. */
MUST_USE enum fault blocklist_open(const char *words_path, struct blocklist **ret_blocklist);
void blocklist_close(struct blocklist *blocklist);
bool blocklist_has(const struct blocklist *blocklist, struct str folded);

/* Unicode normal form C, whole, in the arena: what is hashed.  FAULT_TOO_LARGE above PASSWORD_BYTES_MAX;
 * FAULT_INVALID where it is not UTF-8. */
MUST_USE enum fault password_normal(struct str typed, struct arena *arena, struct str *ret_normal);

/* The same, case-folded: what is compared with the blocklist. */
MUST_USE enum fault password_folded(struct str text, struct arena *arena, struct str *ret_folded);

/* May this be somebody's password?  FAULT_INVALID with a note that says what to do. `normal` is in normal
 * form C. */
MUST_USE enum fault password_allowed(const struct blocklist *blocklist, struct str normal,
                                     struct str user_name, struct arena *arena);

MUST_USE enum fault pin_allowed(struct str pin);
MUST_USE enum fault user_name_allowed(struct str user_name);

#endif
