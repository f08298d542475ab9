/* What a caller sees of a child: views, never records.  access/disclose fills them; what is hidden is absent.
 * All texts live in the request's arena. */
#ifndef ACCESS_VIEW_H
#define ACCESS_VIEW_H

#include "access/key_view.h"
#include "base/time.h"
#include "policy/policy.h"

struct name_view {
    struct str text;     /* "Given Other Family" */
    struct str known_as; /* given name used; empty where none */
};

/* Three different answers to "which one?" (R1.3), and two values that are not gaps. */
enum presence {
    PRESENCE_HIDDEN = 0, /* not part of this view at all */
    PRESENCE_NONE,       /* none recorded */
    PRESENCE_SILENT,     /* the source has not answered since `since` */
    PRESENCE_VALUE,
    PRESENCE_HOME,         /* educated at home */
    PRESENCE_UNREGISTERED, /* not registered with a practice */
    PRESENCE_NO_ADDRESS,   /* no known address */
};

/* Who to ring: a school, practice or service. */
struct contact_view {
    struct str kind;         /* "School or other education" */
    struct str organisation; /* name of school, practice, service */
    struct str person;
    struct str job;
    struct str phone;
    struct str email;
    struct day from;
    struct day to;            /* unknown while it lasts */
    struct instant confirmed; /* last confirmed by its source */
    struct str source;        /* "School census", or "a practitioner" */
    bool lead;
    bool assessment;       /* holds a common assessment */
    bool own;              /* the caller's own: may be ended */
    bool sensitive;        /* a sensitive service: one's own, one's colleagues', or an officer looks (R8.3) */
    struct claim_id claim; /* set where own, and of a sensitive service where an officer looks */
};

struct carer_view {
    struct str name;
    struct str relationship;
    struct str phone;
    struct str source;
};

struct address_view {
    struct str text; /* lines joined with ", ", postcode last */
    struct day from;
    bool present;
    struct str source;
};

struct labelled_view {
    struct str label;
    struct str text;
    struct str source;
};

/* One thing that was said of a child, and by whom. */
struct history_view {
    struct instant recorded;
    struct str what; /* "Record", "Involvement" */
    struct str source;
    struct instant confirmed;
    bool superseded;
};

/* For the officer of a case alone. */
struct custody_view {
    struct str shield;            /* "None", "Provisional", "Decided" */
    struct history_view *history; /* newest first */
    size_t history_count;
};

struct child_view {
    struct child_id child;
    enum record_state state; /* SHIELDED, or LIVE, DEAD */
    struct name_view name;
    struct str sex; /* "Girl", "Boy", "Not specified", "Not known" */
    struct day birth;
    int age_years;     /* -1 where not known */
    struct str number; /* CP-… */
    enum presence address_presence;
    struct address_view address;
    struct address_view *former_addresses;
    size_t former_address_count;
    struct str *former_names;
    size_t former_name_count;
    enum presence carers_presence;
    struct carer_view *carers;
    size_t carer_count;
    enum presence school_presence;
    struct contact_view school;
    struct instant school_since; /* with PRESENCE_SILENT */
    enum presence gp_presence;
    struct contact_view gp;
    struct instant gp_since;
    enum presence services_presence;
    struct contact_view *services; /* current, newest first */
    size_t service_count;
    struct contact_view *past_services;
    size_t past_service_count;
    bool sensitive_mark; /* one or more sensitive services are involved, with consent */
    bool opened; /* a shielded record of which more is shown: overridden (R10), or an officer's case */
    struct labelled_view *numbers;
    size_t number_count;
    struct str authority;         /* the responsible authority's name; empty where hidden or none */
    struct custody_view *custody; /* NULL where hidden */
    struct str local_team;        /* whom the asker turns to: always the asker's own authority */
};

struct result_view {
    struct child_id child;
    enum record_state state;
    struct name_view name;
    struct str sex;
    struct day birth;
    int age_years;
    struct str area; /* the authority's name, or "Shielded" */
    struct str why;  /* "Same name and date of birth" … */
    bool exact;
};

struct results_view {
    struct search_id search;
    struct result_view rows[10];
    size_t count;
    bool too_many;
    struct str asked; /* the criteria in words, for the page only */
    bool similar;     /* similar names were asked for */
};

/* A local authority to choose in a search. */
struct authority_view {
    struct str code; /* GSS: "E06000001" */
    struct str name;
};

struct look_view {
    struct instant at;
    struct str what;
    struct str reason;
    struct str child; /* name, where the caller may still see it; else empty */
};

struct account_view {
    struct str full_name;
    struct str user_name;
    struct str job;
    struct str organisation;
    struct str role;
    struct instant signed_in;
    struct look_view *looks;
    size_t look_count;
    bool facts_given; /* what misuse detection must know (R3.8) */
};

/* One thing that a row or a record says: a column of feeds (layout.def) and its text. */
struct said_view {
    struct str name;
    struct str text;
};

/* Why two are alike. */
struct likeness_view {
    struct str about;     /* "name", "date of birth" ... */
    struct str agreement; /* "exact", "close" ... */
    int32_t weight;       /* 1/1024 bit */
};

/* A record beside which a case is looked at; of a sealed one nothing is said. */
struct case_card {
    struct child_id child;
    enum record_state state;
    struct str number; /* ContactPoint number */
    struct said_view *said;
    size_t said_count;
    int32_t weight; /* how like the case, 1/1024 bit, the prior included */
    struct likeness_view *evidence;
    size_t evidence_count;
};

/* What waits for an officer: a row of a feed, or two records that may be one child's. */
struct case_view {
    struct str ref; /* as forms name it */
    bool pair;
    struct str source;      /* of the row */
    struct str why;         /* what the supplier was told, or for whom it waits */
    struct said_view *said; /* by the row */
    size_t said_count;
    struct case_card *cards; /* whom the row is like, best first; or the two records */
    size_t card_count;
    bool second; /* of a pair: somebody has said "the same" already, and another must */
};

struct cases_view {
    struct case_view *cases; /* without what they say */
    size_t count;
    struct str next; /* where to go on; empty at the end */
};

/* What a decision has come to. */
enum case_state {
    CASE_SETTLED = 1, /* and `opened` of the answer is the child's record */
    CASE_WAITS,       /* it is like others too: look again */
    CASE_SECOND,      /* another officer must say so too (R14.4) */
};

struct involvement_view {
    struct child_view child; /* identity bar */
    struct contact_view contact;
    const struct consent_choices *consent; /* a sensitive service is to be recorded: who has agreed? (R8.1) */
    bool offers_sensitive;                 /* the caller's organisation may record sensitive services */
};

#endif
