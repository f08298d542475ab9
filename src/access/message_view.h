/* What people see of their messages, and of questions to a team (R8.5): views, as in access/view.h. */
#ifndef ACCESS_MESSAGE_VIEW_H
#define ACCESS_MESSAGE_VIEW_H

#include "access/view.h"

/* One of a list: its kind says what it is about, and nobody is named before it is opened. */
struct message_line {
    struct id message;
    struct str title;
    struct instant sent;
    bool unread;
};

struct messages_view {
    struct message_line *lines; /* newest first */
    size_t count;
    bool more; /* there may be older ones, which are not shown */
};

struct message_view {
    struct id message;
    struct str title;
    struct instant sent;
    struct str words;      /* what has happened, in words that name nobody */
    struct str text;       /* as somebody wrote it; empty where there is none, or it may not be shown now */
    struct str who;        /* asks; empty where they do not want it said */
    struct child_id child; /* the record that it leads to; zero: none */
    bool to_answer;        /* a question that waits for the reader's answer */
};

/* A question to the team, as whoever asks it sees it. */
struct ask_view {
    bool checks;          /* what was typed, to be looked at before it is sent */
    bool asked;           /* it has been sent, and is not answered yet */
    struct str reference; /* "7K4M-2X9Q" */
    struct instant at;
    struct day reply_by;
};

/* A sensitive service beside a question, for the officer alone (R8.3). */
struct request_service_view {
    struct id claim;
    struct contact_view contact;
    struct str hindrance; /* why it cannot be asked; empty: it can */
};

/* What an officer sees of a question beside its timeline. */
struct request_view {
    struct str reference;
    bool open;
    struct request_service_view *services;
    size_t service_count;
    bool may_pass;       /* one of them can be asked */
    bool may_reach;      /* the service that was asked may be reached */
    struct str question; /* as it was asked */
    struct str reached;  /* how, as the service has said it */
};

#endif
