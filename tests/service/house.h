/* A whole service in a folder of its own, without a door: key, database, three organisations, accounts whose
 * secrets the test knows, a clock and a randomness that the test holds. */
#ifndef TESTS_SERVICE_HOUSE_H
#define TESTS_SERVICE_HOUSE_H

#include "expect.h"
#include "feeding.h"
#include "service/inside.h"

enum { HOUSE_STAFF_MAX = 16, HOUSE_ORGANISATIONS = 3, HOUSE_FIELDS_MAX = 24 };

/* One who has an account. */
struct staff {
    const char *user_name;
    struct account_id account;
    uint8_t totp_secret[TOTP_SECRET_BYTES];
};

struct house {
    char folder[64];
    char db_path[96];
    struct stream stream;
    pthread_mutex_t lock; /* of the stream */
    _Atomic int64_t now_us;
    struct service *service;
    struct arena *arena;
    struct organisation organisations[HOUSE_ORGANISATIONS];
    struct staff staff[HOUSE_STAFF_MAX];
    size_t staff_count;
    int64_t sequences[SOURCES_END]; /* of the last batch that was fed */
};

/* cmocka's setup and teardown; *state is a struct house. */
int house_set_up(void **state);
int house_tear_down(void **state);
#define WITH_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_set_up, house_tear_down)

/* The same for programs that are no cmocka tests. */
struct house *house_open(void);
void house_close(struct house *house);

/* Stops and starts the service, as an operator would. */
void house_stop(struct house *house);
void house_start(struct house *house);

/* Ends what the service does each minute by itself, until it starts anew: its work and its random bytes would
 * come between a test's. */
void house_quiet(struct house *house);
struct service_settings house_settings(struct house *house);

/* Lets time pass.  Each reading of the clock is a millisecond later than the one before, too. */
void house_wait(struct house *house, int64_t wait_s);
struct day house_today(const struct house *house);

/* The staff: teacher (school, E06000001), visitor (health, E06000002), worker (social care, E06000003; an
 * override practitioner too), manager, shielder, data, rights, reviewer (of the school's authority),
 * administrator, operator, second.data (social care), second.shielder. */
struct staff *house_staff(struct house *house, const char *user_name);

/* One more of them, who may sign in at once. */
struct newcomer {
    const char *user_name;
    const char *full_name;
    const char *job;
    int organisation;   /* of the house's; -1: none */
    enum role roles[2]; /* ROLE_NONE behind a single one */
};
void house_hire(struct house *house, const struct newcomer *newcomer);

/* One of the organisations as it stands, and from now on. */
struct organisation house_organisation(struct house *house, size_t index);
void house_change_organisation(struct house *house, struct organisation organisation);

struct str house_code(struct house *house, const struct staff *staff);
extern const struct str house_password;
extern const struct str house_pin;

/* Somebody who is signed in, or nobody: a zero cookie. */
struct seat {
    struct house *house;
    struct str cookie;
};

/* Both steps, through the service; must succeed.  Waits one period first, so that the code is fresh. */
struct seat house_sign_in(struct house *house, const char *user_name, enum role role);

/* The same of an officer, who counts as one that has proved a security key. */
struct seat house_officer(struct house *house, const char *user_name, enum role role);

/* One request.  `fields` are names and values in turn, NULL at the end; ids follow the route. */
struct request {
    enum operation operation;
    struct id path_ids[ASK_PATH_IDS_MAX];
    uint8_t path_id_count;
    const char *const *fields;
    bool foreign;          /* from another site */
    bool stale;            /* without a valid form token */
    struct str form_token; /* of a form that was sent before; empty: of a new one */
};
struct answer *house_ask(const struct seat *seat, const struct request *request);
struct answer *house_ask_in(const struct seat *seat, const struct request *request, struct arena *arena);
#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* One request about what a single id names. */
struct answer *house_ask_of(const struct seat *seat, enum operation operation, struct id id,
                            const char *const *fields);

/* The usual journey.  Each gives the answer, whatever it is. */
struct answer *house_find(const struct seat *seat, const char *const *fields);
struct answer *house_results(const struct seat *seat, struct search_id search);
struct answer *house_view(const struct seat *seat, struct child_id child);

/* The child's page, with a reason given for it: what the first of the two that fails answers. */
struct answer *house_look(const struct seat *seat, struct child_id child);

/* Finds with a reason, and the list; both must succeed. */
struct results_view *house_list(const struct seat *seat, const char *const *fields);

/* True where the answer notes an error at that field. */
bool house_has_error(const struct answer *answer, const char *field);

/* Rows of feeds. */
struct row house_child(const char *record, const char *family, const char *given, const char *birth);
struct row house_involvement(const char *record, const char *involvement, const char *kind,
                             const char *service);

/* Loads a batch to the end, as feed_take_in; of a feed with the sequence 0, the next. */
enum fault house_feed(struct house *house, const struct feed *feed, struct batch_counts *ret_counts);

/* Loads rows as a delta that must succeed. */
struct batch_counts house_load(struct house *house, enum source source, const struct row *rows, size_t count);

/* What intake needs, and a header for a batch that is planned by hand. */
struct intake_house house_intake(struct house *house);
struct batch_header house_header(struct house *house, const struct feed *feed);

/* The child of that name, looked for past the service. */
struct child_id house_child_id(struct house *house, const char *family, const char *given);

/* As a superuser would, past the program: how many rows changed; one number. */
int64_t house_past(struct house *house, const char *sql);
int64_t house_count(struct house *house, const char *sql);

/* The same about one child: `sql` holds $1. */
int64_t house_past_child(struct house *house, const char *sql, struct child_id child);

/* Stops, changes state and shield, starts again, so that the index knows. */
void house_set_state(struct house *house, struct child_id child, int state, int shield);

int64_t house_entries(struct house *house);

/* Every entry from the one with that position on, 0 the oldest, opened. */
struct audit_event *house_events(struct house *house, int64_t from, size_t *ret_count);

/* Every entry opens, verifies, and none is missing. */
void house_check_log(struct house *house);

#endif
