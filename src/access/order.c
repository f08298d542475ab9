/* What an order for an account must satisfy before anything is hashed (R2, R3). */
#include "access/inside.h"

enum { TEXT_BYTES_MAX = 200, EMAIL_BYTES_MAX = 254, UNIX_USER_BYTES_MAX = 32 };

static bool is_line(struct str text, size_t bytes_max)
{
    if (text.len > bytes_max || !str_is_utf8(text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
            return false;
    }
    return true;
}

static enum fault check_texts(const struct account_order *order)
{
    if (str_trim(order->full_name).len == 0 || !is_line(order->full_name, TEXT_BYTES_MAX))
        return fault_note(FAULT_INVALID, "give the person's full name, at most 200 bytes on one line");
    if (!is_line(order->job, TEXT_BYTES_MAX))
        return fault_note(FAULT_INVALID, "give the job title on one line of at most 200 bytes");
    if (!is_line(order->phone, TEXT_BYTES_MAX))
        return fault_note(FAULT_INVALID, "give the telephone number on one line of at most 200 bytes");
    if (!is_line(order->email, EMAIL_BYTES_MAX) ||
        (order->email.len > 0 && memchr(order->email.at, '@', order->email.len) == NULL))
        return fault_note(FAULT_INVALID, "give the email address as name@example.org, or leave it out");
    return FAULT_NONE;
}

static bool orders(const struct account_order *order, enum role role)
{
    for (size_t i = 0; i < order->role_count; i++) {
        if (order->roles[i] == role)
            return true;
    }
    return false;
}

static bool roles_are_known(const struct account_order *order)
{
    for (size_t i = 0; i < order->role_count; i++) {
        if (order->roles[i] <= ROLE_NONE || order->roles[i] >= ROLES_END ||
            order->roles[i] == ROLE_calling_system)
            return false;
        for (size_t j = 0; j < i; j++) {
            if (order->roles[i] == order->roles[j])
                return false;
        }
    }
    return true;
}

/* R2: an audit reviewer holds no other management role; an operator holds no account that can see a child. */
static enum fault check_roles(const struct account_order *order)
{
    static const enum role management[] = {ROLE_user_manager, ROLE_shielding_officer, ROLE_data_officer,
                                           ROLE_rights_officer, ROLE_national_administrator};
    if (order->role_count == 0 || order->role_count > ACCOUNT_ROLES_MAX || !roles_are_known(order))
        return fault_note(FAULT_INVALID,
                          "give at least one role, each once; a calling system has no such account");
    if (orders(order, ROLE_operator) && order->role_count > 1)
        return fault_note(FAULT_INVALID, "an operator's account has no other role: make a second account");
    for (size_t i = 0; i < sizeof management / sizeof management[0]; i++) {
        if (orders(order, ROLE_audit_reviewer) && orders(order, management[i]))
            return fault_note(FAULT_INVALID,
                              "an audit reviewer holds no other management role: choose one of them");
    }
    return FAULT_NONE;
}

static enum fault check_organisation(const struct account_order *order)
{
    bool machine = orders(order, ROLE_operator);
    bool national = orders(order, ROLE_national_administrator);
    if ((machine || national) != id_is_zero(order->organisation.id))
        return fault_note(FAULT_INVALID,
                          "operators and national administrators have no organisation, all others do");
    if (national && order->role_count > 1)
        return fault_note(FAULT_INVALID,
                          "a national administrator's account has no other role: make a second account");
    return FAULT_NONE;
}

static bool is_unix_user(struct str name)
{
    if (name.len == 0 || name.len > UNIX_USER_BYTES_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || c == '_';
        bool other = (c >= '0' && c <= '9') || c == '-';
        if (!letter && (!other || i == 0))
            return false;
    }
    return true;
}

static enum fault check_unix_user(const struct account_order *order)
{
    if (orders(order, ROLE_operator) && !is_unix_user(order->unix_user))
        return fault_note(FAULT_INVALID, "an operator needs the name of a login of this machine");
    if (!orders(order, ROLE_operator) && order->unix_user.len > 0)
        return fault_note(FAULT_INVALID, "only an operator is known by a login of the machine");
    return FAULT_NONE;
}

enum fault order_check(const struct account_order *order)
{
    enum fault fault;
    TRY(user_name_allowed(order->user_name));
    TRY(check_texts(order));
    TRY(check_roles(order));
    TRY(check_organisation(order));
    TRY(check_unix_user(order));
done:
    return fault;
}
