#include "policy/reach.h"

static const char *door_name(enum door door)
{
    switch (door) {
    case DOOR_WEB:
        return "web";
    case DOOR_CLI:
        return "command line";
    case DOOR_INSIDE:
        return "none yet";
    }
    return NULL;
}

/* What stands before the path. */
static const char *method_name(const struct operation_row *row)
{
    switch (row->method) {
    case METHOD_NONE:
        return row->door == DOOR_CLI ? "contactpoint " : "";
    case METHOD_GET:
        return "GET ";
    case METHOD_POST:
        return "POST ";
    }
    return NULL;
}

static const char *effect_name(enum effect effect)
{
    return effect == EFFECT_READS ? "reads" : "writes";
}

static const char *strength_name(enum strength strength)
{
    switch (strength) {
    case STRENGTH_PUBLIC:
        return "no sign-in";
    case STRENGTH_TOKEN:
        return "password, PIN and token";
    case STRENGTH_KEY:
        return "password and security key";
    case STRENGTH_LOCAL:
        return "operator at the machine";
    }
    return NULL;
}

static const char *reason_name(enum reason_need need)
{
    switch (need) {
    case REASON_NEED_NONE:
        return "none";
    case REASON_NEED_STATED:
        return "stated now";
    case REASON_NEED_LIVE:
        return "stated before and still covering it";
    }
    return NULL;
}

static const char *state_name(enum record_state state)
{
    switch (state) {
    case RECORD_LIVE:
        return "live";
    case RECORD_SHIELDED:
        return "shielded";
    case RECORD_ARCHIVED:
        return "archived";
    case RECORD_DEAD:
        return "dead";
    case RECORD_SEALED:
        return "sealed";
    }
    return NULL;
}

static void put_text(struct buffer *buffer, const char *text)
{
    buffer_put(buffer, str_of(text));
}

/* `text`, and spaces up to `width` columns. */
static void put_column(struct buffer *buffer, const char *text, size_t width)
{
    put_text(buffer, text);
    for (size_t used = strlen(text); used < width; used++)
        buffer_put_char(buffer, ' ');
}

static void put_pair(struct buffer *buffer, const char *label, const char *text)
{
    put_text(buffer, "    ");
    put_column(buffer, label, 10);
    put_text(buffer, text);
    buffer_put_char(buffer, '\n');
}

static void put_operation(struct buffer *buffer, enum operation operation)
{
    const struct operation_row *row = policy_operation(operation);
    put_text(buffer, row->name);
    put_text(buffer, ": ");
    put_text(buffer, row->help);
    buffer_put_char(buffer, '\n');
    put_pair(buffer, "door", door_name(row->door));
    put_text(buffer, "    ");
    put_column(buffer, "path", 10);
    put_text(buffer, method_name(row));
    put_text(buffer, row->path);
    buffer_put_char(buffer, '\n');
    put_pair(buffer, "sign-in", strength_name(row->strength));
    if (policy_needs(operation) != CAPABILITY_NONE)
        put_pair(buffer, "needs", policy_capability_name(policy_needs(operation)));
    if (policy_takes_second(operation))
        put_pair(buffer, "second", "a person other than the one who asked");
    put_pair(buffer, "reason", reason_name(row->reason));
    put_pair(buffer, "effect", effect_name(row->effect));
    put_pair(buffer, "entry", policy_event_name(row->event));
    buffer_put_char(buffer, '\n');
}

static bool is_public(enum operation operation)
{
    return policy_operation(operation)->strength == STRENGTH_PUBLIC;
}

static void put_operations(struct buffer *buffer, enum role role)
{
    put_text(buffer, "May do\n------\n\n");
    bool any = false;
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        if (!policy_may(role, operation))
            continue;
        any = true;
        put_operation(buffer, operation);
    }
    if (!any)
        put_text(buffer, "Nothing.\n\n");
    put_text(buffer, "As everybody, signed in or not:");
    const char *before = " ";
    for (enum operation operation = OP_NONE + 1; operation < OPERATIONS_END; operation++) {
        if (!is_public(operation))
            continue;
        put_text(buffer, before);
        put_text(buffer, policy_operation(operation)->name);
        before = ", ";
    }
    put_text(buffer, "\n\n");
}

static void put_heading(struct buffer *buffer, const char *heading)
{
    put_text(buffer, heading);
    buffer_put_char(buffer, '\n');
    for (size_t i = 0; i < strlen(heading); i++)
        buffer_put_char(buffer, '-');
    put_text(buffer, "\n\n");
}

static void put_matrix(struct buffer *buffer, field_mask (*sight)(int, enum record_state), int who)
{
    enum { GROUP_COLUMNS = 16, STATE_COLUMNS = 10 };
    put_column(buffer, "", GROUP_COLUMNS);
    for (enum record_state state = RECORD_LIVE; (int)state < RECORD_STATES; state++)
        put_column(buffer, state_name(state), STATE_COLUMNS);
    put_text(buffer, state_name(RECORD_SEALED));
    buffer_put_char(buffer, '\n');
    for (enum field_group group = GROUP_NONE + 1; group < GROUPS_END; group++) {
        put_column(buffer, policy_group_name(group), GROUP_COLUMNS);
        for (enum record_state state = RECORD_LIVE; (int)state <= RECORD_STATES; state++) {
            const char *cell = sight(who, state) >> group & 1 ? "yes" : "-";
            put_column(buffer, cell, (int)state < RECORD_STATES ? STATE_COLUMNS : 0);
        }
        buffer_put_char(buffer, '\n');
    }
}

static field_mask sight_of_role(int role, enum record_state state)
{
    return policy_sight((enum role)role, state);
}

static field_mask sight_of_viewer(int viewer, enum record_state state)
{
    return policy_sight_of((enum viewer)viewer, state);
}

/* As whom a role sees one record more than any other. */
static enum viewer further_viewer(enum role role)
{
    if (role == ROLE_override_practitioner)
        return VIEWER_overrider;
    return role == ROLE_shielding_officer ? VIEWER_officer : VIEWER_NOBODY;
}

static void put_sight(struct buffer *buffer, enum role role)
{
    put_heading(buffer, "May see and search by");
    put_matrix(buffer, sight_of_role, (int)role);
    enum viewer viewer = further_viewer(role);
    if (viewer == VIEWER_NOBODY)
        return;
    buffer_put_char(buffer, '\n');
    put_heading(buffer, policy_viewer_label(viewer));
    put_matrix(buffer, sight_of_viewer, (int)viewer);
}

void policy_reach_put(struct buffer *buffer, enum role role)
{
    const char *label = policy_role_label(role);
    put_text(buffer, label);
    buffer_put_char(buffer, '\n');
    for (size_t i = 0; i < strlen(label); i++)
        buffer_put_char(buffer, '=');
    put_text(buffer,
             "\n\nWhat this role can do and see, from src/policy/*.def.  Written by `make reach`.\n\n");
    put_operations(buffer, role);
    put_sight(buffer, role);
}
