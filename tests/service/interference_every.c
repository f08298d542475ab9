/* Every operation of the table, in every role that has it: with what is hidden as the subject, with forms
 * that are empty and forms that are filled. */
#include "interference.h"

#include <stdio.h>

enum { TEXT_BYTES = 64, NAMES_MAX = 2 * ASK_FIELDS_MAX + 1, OWN_MAX = 3 };

/* Operations that end a session or change its role: asked last of all. */
static bool leaves(enum operation operation)
{
    return operation == OP_sign_out || operation == OP_sign_out_everywhere || operation == OP_role_change ||
           operation == OP_mediate_end;
}

/* What is never asked with a form that is filled, and why. */
static const struct {
    enum operation operation;
    const char *reason;
} unfilled[] = {
    {OP_shield_override, "shows what is hidden, by right (R10)"},
};

static bool is_unfilled(enum operation operation)
{
    for (size_t i = 0; i < sizeof unfilled / sizeof unfilled[0]; i++)
        if (unfilled[i].operation == operation)
            return true;
    return false;
}

/* Forms are filled with what would do something, were it there to be done to; empty: left out. */
static const struct {
    const char *field;
    const char *value;
} values[] = {
    {"agree", "yes"},
    {"answer", "agree"},
    {"authority", "E06000002"},
    {"body", "health"},
    {"check", "identity"},
    {"consent", ""},
    {"ground", "harm"},
    {"involvements", "end"},
    {"kind", "school"},
    {"named", "no"},
    {"outcome", "confirm"},
    {"reason", "working"},
    {"service_kind", "school"},
    {"sex", "male"},
    {"show", "attention"},
    {"suspended", ""},
    {"user_name", "second.data"},
    {"heir", "second.data"},
    {"users_max", "30"},
    {"staff", "90"},
    {"until_year", "2031"},
    {"verdict", "same"},
    {"after", ""},
    {"again", ""},
};

static const char *date_part(const char *field)
{
    const char *part = strrchr(field, '_');
    if (part != NULL && strcmp(part, "_year") == 0)
        return "2026";
    return part != NULL && strcmp(part, "_month") == 0 ? "10" : "2";
}

static const char *text_of(const struct pair *pair, struct id id)
{
    struct buffer text = buffer_open(TEXT_BYTES);
    struct str copy;
    id_put(&text, id);
    assert_int_equal(arena_copy(pair->twins->arena[0], buffer_str(&text), &copy), FAULT_NONE);
    buffer_close(&text);
    return copy.at; /* with a NUL behind */
}

static const char *value_of(const struct pair *pair, const struct input_row *input, enum role role)
{
    if (strcmp(input->field, "role") == 0)
        return policy_role_name(role == ROLE_NONE ? ROLE_practitioner : role);
    if (strstr(input->field, "postcode") != NULL)
        return pair->hidden[0].postcode;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strcmp(values[i].field, input->field) == 0)
            return values[i].value;
    switch (input->type) {
    case INPUT_TEXT:
        return "Harbour Health Visiting";
    case INPUT_PARAGRAPH:
        return "Somebody has thought about this for a while";
    case INPUT_SECRET:
        return "000000";
    case INPUT_NAME:
        return strstr(input->field, "given") != NULL ? pair->given : pair->family;
    case INPUT_NUMBER:
        return pair->hidden[0].nhs;
    case INPUT_DIGITS:
        return "1";
    case INPUT_CODE:
        return "yes";
    case INPUT_DATE_PART:
        return date_part(input->field);
    case INPUT_ID:
        return text_of(pair, pair->child.id);
    case INPUT_BLOB:
        return "AAAA";
    }
    fail_msg("%s: a type that is not known here", input->field);
    return NULL;
}

static void fill(const struct pair *pair, enum operation operation, enum role role,
                 const char *fields[NAMES_MAX])
{
    size_t count = 0, at = 0;
    const struct input_row *inputs = policy_inputs(operation, &count);
    assert_true(count <= ASK_FIELDS_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(pair, &inputs[i], role);
        if (value[0] == '\0')
            continue;
        fields[at++] = inputs[i].field;
        fields[at++] = value;
    }
    fields[at] = NULL;
}

/* Ids of the path by their names: of what is hidden, of a colleague elsewhere. */
static struct id id_of(const struct pair *pair, const char *name, enum looker looker)
{
    struct house *house = pair->twins->house[0];
    if (strncmp(name, ":case", 5) == 0 || strncmp(name, ":message", 8) == 0)
        return pair->secret;
    if (strncmp(name, ":user", 5) == 0)
        return house_staff(house, looker == ADMINISTRATOR ? "leaver" : "second.data")->account.id;
    if (strncmp(name, ":organisation", 13) == 0)
        return house->organisations[1].organisation.id;
    return pair->child.id;
}

static struct request request_of(const struct pair *pair, enum operation operation, enum looker looker)
{
    struct request request = {.operation = operation};
    const char *path = policy_operation(operation)->path;
    for (const char *at = strchr(path, ':'); at != NULL; at = strchr(at + 1, ':'))
        request.path_ids[request.path_id_count++] = id_of(pair, at, looker);
    return request;
}

/* The page of one line of a list: its path goes on with :case. */
static enum operation page_of_line(enum operation list)
{
    const char *path = policy_operation(list)->path;
    const size_t len = strlen(path);
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        const struct operation_row *row = policy_operation(operation);
        if (row->door == DOOR_WEB && row->method == METHOD_GET && strncmp(row->path, path, len) == 0 &&
            strcmp(row->path + len, "/:case") == 0)
            return operation;
    }
    return OP_NONE;
}

static void ask_line(const struct pair *pair, enum operation list, struct id id)
{
    const struct request request = {.operation = page_of_line(list), .path_ids = {id}, .path_id_count = 1};
    if (request.operation == OP_NONE)
        return;
    const struct answer *answer = twins_ask(pair->twins, &request);
    assert_int_equal(answer->fault, FAULT_NONE); /* one's own work opens */
}

/* What waits for the looker's own team, in both houses: nothing of what is hidden shows there. */
static void ask_own(const struct pair *pair, enum operation list, const struct answer *answer)
{
    if (answer->fault != FAULT_NONE || policy_operation(list)->method != METHOD_GET)
        return;
    for (size_t i = 0; answer->matters != NULL && i < answer->matters->count && i < OWN_MAX; i++)
        ask_line(pair, list, answer->matters->lines[i].matter);
    for (size_t i = 0; answer->cases != NULL && i < answer->cases->count && i < OWN_MAX; i++) {
        struct id id;
        assert_true(id_parse(answer->cases->cases[i].ref, &id));
        ask_line(pair, list, id);
    }
}

static void ask_one(const struct pair *pair, enum operation operation, enum looker looker)
{
    const struct operation_row *row = policy_operation(operation);
    const enum role role = pair->street->seats[looker].role;
    const char *fields[NAMES_MAX] = {NULL};
    struct request request = request_of(pair, operation, looker);
    ask_own(pair, operation, twins_ask(pair->twins, &request));
    if (row->method != METHOD_POST || is_unfilled(operation))
        return;
    fill(pair, operation, role, fields);
    if (fields[0] == NULL)
        return;
    request.fields = fields;
    (void)twins_ask(pair->twins, &request);
}

static bool may(enum looker looker, enum role role, enum operation operation)
{
    if (policy_operation(operation)->door != DOOR_WEB)
        return false;
    return looker == NOBODY || policy_may(role, operation);
}

void ask_every(const struct pair *pair, enum looker looker)
{
    pair->twins->viewer = &pair->street->seats[looker];
    if (looker == OVERRIDER) { /* whose rights are about one record */
        const struct request reason = {.operation = OP_child_reason,
                                       .path_ids = {pair->child.id},
                                       .path_id_count = 1,
                                       .fields = FIELDS("reason", "worried")};
        (void)twins_ask(pair->twins, &reason);
    }
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++)
        if (may(looker, pair->twins->viewer->role, operation) && !leaves(operation))
            ask_one(pair, operation, looker);
}

void ask_last(struct street *street, enum looker looker)
{
    static const enum operation last[] = {OP_mediate_end, OP_role_change, OP_sign_out_everywhere,
                                          OP_sign_out};
    const struct twins_seat *seat = &street->seats[looker];
    street->twins.viewer = seat;
    for (size_t i = 0; i < sizeof last / sizeof last[0]; i++) {
        if (!may(looker, seat->role, last[i]))
            continue;
        const char *const role[] = {"role", seat->role == ROLE_NONE ? "" : policy_role_name(seat->role),
                                    NULL};
        (void)twins_ask(&street->twins, &(struct request){.operation = last[i],
                                                          .fields = last[i] == OP_role_change ? role : NULL});
    }
}

/* Doors that are no page's: an operator at the machine and the conductor itself, who are told counts and
 * show no record (R2). */
static bool is_elsewhere(enum operation operation)
{
    const enum door door = policy_operation(operation)->door;
    return door == DOOR_CLI || door == DOOR_INSIDE;
}

/* Pages that are about nothing in particular open, as do those of what waits for the team. */
static bool must_open(enum operation operation)
{
    static const enum operation lines[] = {OP_shield_view, OP_override_view, OP_approval_view,
                                           OP_request_view, OP_case_view};
    const struct operation_row *row = policy_operation(operation);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (lines[i] == operation)
            return true;
    return row->method == METHOD_GET && strchr(row->path, ':') == NULL;
}

static void assert_asked(const struct twins *twins, enum operation operation, enum role role)
{
    const char *name = role == ROLE_NONE ? "nobody" : policy_role_name(role);
    if (twins->asked_as[role][operation] == 0)
        fail_msg("%s was never asked as %s", policy_operation(operation)->name, name);
    if (role != ROLE_NONE && must_open(operation) && twins->answered_as[role][operation] == 0)
        fail_msg("%s was never answered as %s", policy_operation(operation)->name, name);
}

void assert_all_asked(const struct twins *twins)
{
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        if (is_elsewhere(operation))
            continue;
        assert_int_equal(policy_operation(operation)->door, DOOR_WEB);
        for (enum role role = ROLE_NONE; role < ROLES_END; role++)
            if (role == ROLE_NONE || policy_may(role, operation))
                assert_asked(twins, operation, role);
    }
}
