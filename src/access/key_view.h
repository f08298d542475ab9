/* What pages about signing in, security keys and enrolment are made of. */
#ifndef ACCESS_KEY_VIEW_H
#define ACCESS_KEY_VIEW_H

#include "base/id.h"
#include "base/str.h"
#include "base/time.h"

enum { KEYS_MAX = 8, NOTICES_MAX = 10 };

/* What the browser is asked to have a security key sign; base64url throughout. */
struct key_view {
    struct str challenge;
    struct str rp_id;
    struct str credentials; /* with spaces between */
    struct str handle;      /* making a key: of its user */
    struct str user_name;   /* likewise */
    bool attested;          /* likewise: the key's maker is asked for */
    struct str back;        /* a step-up: where it leads */
    bool none;              /* a step-up of somebody who has no key */
};

enum enrolment_stage {
    ENROLMENT_WAITS = 1,
    ENROLMENT_MAY_CHOOSE,
    ENROLMENT_MAY_ADD_KEYS,
    ENROLMENT_MAY_ADD_ONE, /* one more key, to those that are there */
    ENROLMENT_ONE_ADDED,
};

struct enrolment_view {
    enum enrolment_stage stage;
    struct str code;        /* waiting: what the second person copies */
    struct instant until;   /* this request ends */
    struct str totp_secret; /* choosing: base 32 */
    struct str qr_path;     /* choosing: the code's dark modules as an SVG path, and its width in modules */
    struct str qr_width;
    int key_count; /* adding keys: registered so far */
};

struct notice_view {
    struct instant at;
    struct str by;  /* who approved it */
    bool key_alone; /* one more key was registered; else everything was set up anew */
};

enum held_kind { HELD_KEY = 1, HELD_APP };

/* Something that one signs in with beside the password. */
struct held_key_view {
    struct id key; /* what it is called in a form: made of a keyed hash */
    enum held_kind kind;
    int number;          /* of a key, among those that the account has: the oldest is 1 */
    struct instant made; /* 0: with the account */
    struct day used; /* when it was last signed in with; DAY_UNKNOWN where never, or before that was noted */
    struct str standing; /* "In use" … */
    bool in_use;
};

struct held_view {
    struct held_key_view at[KEYS_MAX + 1]; /* keys, the oldest first, then the app */
    size_t count;
    size_t usable;
};

/* How one signs in, and what was changed about it. */
struct security_view {
    struct held_key_view keys[KEYS_MAX];
    size_t key_count;
    struct notice_view notices[NOTICES_MAX];
    size_t notice_count;
    struct str strength;  /* of this session */
    struct instant terms; /* last accepted; 0: never */
};

#endif
