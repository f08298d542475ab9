/* What an officer sees of the matters of their team (registry/matter.h): views, as in access/view.h. */
#ifndef ACCESS_MANAGE_VIEW_H
#define ACCESS_MANAGE_VIEW_H

#include "access/view.h"

/* One of a few answers to choose from in a form. */
struct choice_view {
    const char *value;
    const char *label;
};

/* What is asked about a consent (R8.2). */
struct consent_choices {
    const struct choice_view *givers, *ways, *scopes;
    size_t giver_count, way_count, scope_count;
};

/* One line of a matter's timeline. */
struct step_view {
    struct instant at;
    struct str what; /* "Asked", "A second person was asked: to lift the shield" */
    struct str who;  /* empty: the service itself */
    struct str role;
    struct str ground; /* or outcome, in words; empty where there is none */
    struct str text;
    struct str more; /* advice taken */
};

/* One of a list: no names before it is opened, for each opening is an entry of its own. */
struct matter_line {
    struct id matter;
    struct str state; /* "To be decided", "Waits for a second person" */
    struct str who;   /* who asked */
    struct instant opened;
    struct instant due; /* 0: never */
    int64_t age_minutes;
    bool overdue;
    bool second; /* somebody else must say so too */
};

struct matters_view {
    struct matter_line *lines; /* overdue ones first */
    size_t count;
    bool more; /* there are more than are shown */
};

/* Who somebody was, while two people have opened it (R9.8). */
struct identity_link_view {
    struct str old_number;
    struct str new_number;
    struct child_view *new;
};

struct matter_view {
    struct id matter;
    struct str state;
    struct instant opened;
    struct instant due;
    bool overdue;
    struct child_view *child;  /* as the officer sees it; NULL where they see nothing of it */
    struct child_view *others; /* as everybody else does */
    struct step_view *steps;
    size_t step_count;
    struct str asker; /* who did what is looked into */
    bool to_decide;   /* what may be done now, by whoever looks */
    bool to_review;
    bool to_second;    /* somebody has decided, and the one who looks may say so too */
    bool own;          /* the one who looks is the first, or it is their own doing: somebody else decides */
    struct str wanted; /* what the second would confirm: "lift the shield" */
    struct identity_link_view *link;
};

/* Alarms that are nobody's case (R17.7).  No view of one names a child. */
struct alarm_line {
    struct id alarm;
    struct str title;
    struct str addressed; /* the role whose turn it is */
    struct instant raised;
    struct instant due;
    int64_t age_minutes;
    bool overdue;
};
struct alarms_view {
    struct alarm_line *lines; /* due first */
    size_t count;
    bool more;
};
struct alarm_view {
    struct alarm_line line;
    struct str words;  /* what it means */
    struct str person; /* whose account raised it; empty where nobody's */
    struct str user_name;
    struct str job;
    struct str organisation;
    struct str state; /* of the account */
    bool closed;
    struct step_view finding; /* where closed */
};

/* What waits for a team, one card for each kind of work that the role does. */
struct team_card {
    struct str title;
    struct str path; /* a route of ours */
    int64_t open;    /* -1: not counted, since each would have to be looked at */
    int64_t overdue;
};

struct team_view {
    struct team_card *cards; /* with something overdue first */
    size_t count;
    struct str team;
};

/* What became of a shield that the one who looks has asked for (R9.7). */
struct shield_line_view {
    struct instant asked;
    struct str state; /* "It waits to be decided." */
};

#endif
