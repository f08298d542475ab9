/* A small interpreter of plain-text scenarios: one line, one step; a step acts or expects.  The language is
 * described in tests/stories/README.md. */
#ifndef TESTS_SERVICE_STORY_H
#define TESTS_SERVICE_STORY_H

#include "house.h"

enum { STORY_WORDS_MAX = 48, STORY_CHILDREN_MAX = 64 };

/* A child as some source knows it. */
struct known_child {
    struct str given;
    struct str family;
    struct str record;
    enum source source;
};

struct story {
    const char *path;
    int line;
    struct house *house;
    struct str words[STORY_WORDS_MAX];
    size_t word_count;
    size_t next;
    struct known_child children[STORY_CHILDREN_MAX];
    size_t child_count;
    struct seat seat;
    struct search_id search;
    struct child_id child; /* the one that the last step was about */
    const struct answer *answer;
    const struct results_view *results;
    const struct child_view *view;
    int64_t mark; /* entries before the last step that acted */
};

#define STORY_FAIL(story, ...)                                                                               \
    do {                                                                                                     \
        print_error("%s:%d: ", (story)->path, (story)->line);                                                \
        fail_msg(__VA_ARGS__);                                                                               \
    } while (0)

/* The next word of the line; fails where there is none. */
struct str story_take(struct story *story);

/* True, and the word is taken, where it comes next. */
bool story_accept(struct story *story, const char *word);
bool story_is_over(const struct story *story);
int64_t story_take_number(struct story *story);
const char *story_take_text(struct story *story); /* with a NUL behind it */

/* request GROUND saying TEXT, override saying TEXT, officer …: story_officer.c */
void story_act_request(struct story *story);
void story_act_override(struct story *story);
void story_act_officer(struct story *story);

/* consent, withdraw, question, team, reply, and what they lead to: story_team.c */
void story_act_consent(struct story *story);
void story_act_withdraw(struct story *story);
void story_act_question(struct story *story);
void story_act_team(struct story *story);
void story_act_reply(struct story *story);
void story_expect_message(struct story *story);
void story_expect_messages(struct story *story);
void story_expect_sensitive(struct story *story);

/* manager …: story_staff.c */
void story_act_manager(struct story *story);

/* One step whose first word was taken already; false where that is none of these. */
bool story_act(struct story *story, struct str verb);
void story_expect(struct story *story);

#endif
