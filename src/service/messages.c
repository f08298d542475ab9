/* One's own messages: the list, one of them, and the answer to a question (service.md, page 17). */
#include "service/messages.h"

#include "registry/family.h"
#include "service/requests.h"

/* What each kind says, in words that name nobody. */
struct wording {
    const char *title;
    const char *words;
};

static const char answered[] = "Your question was answered";
static const struct wording wordings[MESSAGE_KINDS_END] = {
    [MESSAGE_FURTHER_SERVICE] = {"A further service is involved",
                                 "A further service is now recorded as working with a child you work with. "
                                 "The record says which."},
    [MESSAGE_QUESTION] = {"Somebody asks to be put in touch with you",
                          "Your local team passes on a question about a child you work with. You and the "
                          "young person decide whether you may be reached."},
    [MESSAGE_REACHED] = {answered, "You asked your local team about a child. This is how somebody who works "
                                   "with them may be reached."},
    [MESSAGE_TEAM_WORDS] = {answered, "You asked your local team about a child. This is their answer."},
    [MESSAGE_NO_CONTACT] = {answered,
                            "You asked your local team about a child. There is nobody whom they can put you "
                            "in touch with. This does not say whether anybody else works with the child."},
    [MESSAGE_SHIELD_KEPT] = {"A shield you asked for was decided",
                             "The shielding officer has agreed: the record stays shielded."},
    [MESSAGE_SHIELD_REFUSED] = {"A shield you asked for was decided",
                                "Two officers have refused the request: the record is not shielded because "
                                "of it."},
    [MESSAGE_SHIELD_LIFTED] = {"A shield you asked for was lifted",
                               "Two officers have lifted the shield: it is no longer needed."},
    [MESSAGE_OVERRIDE_CLOSED] = {"An investigation is closed",
                                 "You overrode a shield. The investigation of it has come to this."},
    [MESSAGE_ACCOUNT] = {"Your account was changed",
                         "If you did not expect this, tell your manager at once."},
    [MESSAGE_CHECK_ENDS] = {"A check of your account runs out",
                            "Have it done anew in time; your user manager records it. From the day on which "
                            "it runs out you cannot sign in."},
    [MESSAGE_STAFF_CHECK_ENDS] = {"A check of somebody you manage runs out",
                                  "Record the new one on the page of their account. From the day on which it "
                                  "runs out they cannot sign in."},
    [MESSAGE_STOPPED] = {"Your account had stopped", "From that day on it could not be used."},
    [MESSAGE_STAFF_STOPPED] = {"An account that you manage has stopped",
                               "Its holder cannot sign in. The page of the account says what it needs."},
    [MESSAGE_ACCREDITATION] = {"An organisation's accreditation runs out",
                               "From that day on none of its people can sign in. A national administrator "
                               "renews it."},
    [MESSAGE_FROZEN] = {"Somebody failed to sign in as you",
                        "They gave your password, and then failed ten times in a row. If it was not you, "
                        "somebody knows your password: tell your user manager at once."},
    [MESSAGE_STAFF_FROZEN] = {"Somebody you manage may be locked out",
                              "Their password was given, and then ten attempts failed in a row. Ask them "
                              "whether that was they. If it was not, somebody knows their password."},
};

static const char withheld[] = "What this message said about a child is not shown any more, because of the "
                               "state of the record. Your local team can help you.";

enum fault messages_count(struct db_tx *tx, struct conduct *conduct)
{
    return message_unread(tx, &conduct->service->messages, conduct->caller.account.account, conduct->arena,
                          &conduct->answer->unread);
}

struct listing {
    struct conduct *conduct;
    struct message found[MESSAGE_LIST_MAX];
    size_t count;
};

static enum fault read_list(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    const struct conduct *conduct = listing->conduct;
    return message_list(tx, &conduct->service->messages, conduct->caller.account.account, conduct->arena,
                        listing->found, &listing->count);
}

enum fault do_message_list(struct conduct *conduct)
{
    const struct permit_message_list permit =
        permit_issue_message_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_message_list);
    struct listing *listing = arena_take(conduct->arena, sizeof *listing);
    struct messages_view *view = arena_take(conduct->arena, sizeof *view);
    enum fault fault;
    if (listing == NULL || view == NULL)
        return FAULT_MEMORY;
    listing->conduct = conduct;
    TRY(db_read(conduct->service->db, read_list, listing));
    view->lines = arena_take_array(conduct->arena, listing->count + 1, sizeof *view->lines);
    if (view->lines == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < listing->count; i++) {
        const struct message *message = &listing->found[i];
        view->lines[i] = (struct message_line){.message = message->message,
                                               .title = str_of(wordings[message->kind].title),
                                               .sent = message->sent,
                                               .unread = message->unread};
    }
    view->count = listing->count;
    view->more = listing->count == MESSAGE_LIST_MAX;
    TRY(conduct_enter(conduct, EVENT_MESSAGES_LISTED, NULL, NULL));
    conduct->answer->messages = view;
done:
    return fault;
}

/* One message, with what decides how much of it its reader may see now. */
struct reading {
    struct conduct *conduct;
    struct message message;
    struct child *child;       /* NULL: none, or it is gone */
    const struct claim *claim; /* whose consent the message leans on; NULL where that is not in force */
    struct matter matter;      /* of a question */
    bool waits;                /* that question waits for the reader's answer */
};

static enum fault read_child(struct db_tx *tx, struct reading *reading)
{
    const struct conduct *conduct = reading->conduct;
    enum fault fault;
    reading->child = NULL;
    reading->claim = NULL;
    if (id_is_zero(reading->message.child.id))
        return FAULT_NONE;
    fault = child_read_whole(tx, conduct->display, reading->message.child, conduct->arena, &reading->child);
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    TRY(fault);
    if (!id_is_zero(reading->message.about))
        reading->claim = broker_claim(reading->child, reading->message.about);
done:
    return fault;
}

/* A shield that came later, or a record that is closed, hides what was said before. */
static bool is_hidden(const struct reading *reading)
{
    const struct message *message = &reading->message;
    if (id_is_zero(message->child.id))
        return false;
    if (reading->child == NULL)
        return true;
    const enum record_state now = reading->child->state;
    return now == RECORD_ARCHIVED || now == RECORD_SEALED ||
           (now == RECORD_SHIELDED && message->state != RECORD_SHIELDED);
}

static bool waits_for_reader(const struct reading *reading)
{
    const struct matter *matter = &reading->matter;
    return matter->state == MATTER_OPEN && matter->wanted == BROKER_PASSED &&
           id_equal(matter->about.id, reading->message.recipient.id) &&
           id_equal(matter->other, reading->message.about) && reading->claim != NULL &&
           broker_may_ask(reading->claim) && !is_hidden(reading);
}

static enum fault read_question(struct db_tx *tx, struct reading *reading)
{
    const struct conduct *conduct = reading->conduct;
    const struct matter_id id = {reading->message.cause};
    enum fault fault;
    reading->waits = false;
    if (reading->message.kind != MESSAGE_QUESTION)
        return FAULT_NONE;
    fault = matter_read(tx, &conduct->service->matters, id, conduct->arena, &reading->matter);
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    TRY(fault);
    reading->waits = waits_for_reader(reading);
done:
    return fault;
}

static enum fault read_message(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    const struct conduct *conduct = reading->conduct;
    enum fault fault;
    TRY(message_read(tx, &conduct->service->messages, conduct->caller.account.account,
                     conduct->ask->path_ids[0], conduct->arena, &reading->message));
    TRY(read_child(tx, reading));
    TRY(read_question(tx, reading));
done:
    return fault;
}

/* R8.2: a contact whose consent has been taken back was never one. */
static enum message_kind kind_now(const struct reading *reading)
{
    bool taken_back = reading->message.kind == MESSAGE_REACHED && reading->claim == NULL;
    return taken_back && !is_hidden(reading) ? MESSAGE_NO_CONTACT : reading->message.kind;
}

static bool leads_to_record(const struct reading *reading)
{
    return reading->child != NULL && policy_may(reading->conduct->caller.role, OP_child_view) &&
           reading->conduct->decision.sight[reading->child->state] != 0;
}

/* Why a question does not wait any more; the service itself is told where consent was withdrawn (R8.2). */
static struct str ended_words(const struct matter *matter, const struct message *message)
{
    const bool withdrawn = matter->state == MATTER_CLOSED && matter->wanted == BROKER_WITHDRAWN &&
                           id_equal(matter->other, message->about);
    return withdrawn ? STR("Consent was withdrawn, and this question ended with it. Whoever asked was told "
                           "that there is no contact.")
                     : STR("This question has been answered, or does not wait any more.");
}

static void say(const struct reading *reading, struct message_view *view)
{
    const struct message *message = &reading->message;
    const enum message_kind kind = kind_now(reading);
    const bool of_question = kind == MESSAGE_QUESTION;
    *view = (struct message_view){.message = message->message,
                                  .title = str_of(wordings[kind].title),
                                  .sent = message->sent,
                                  .words = str_of(wordings[kind].words),
                                  .to_answer = reading->waits};
    if (leads_to_record(reading))
        view->child = reading->child->child;
    if (is_hidden(reading)) {
        if (message->text.len > 0 || of_question || kind == MESSAGE_NO_CONTACT || reading->child == NULL)
            view->words = str_of(withheld);
        return;
    }
    if (of_question && !reading->waits) {
        view->words = ended_words(&reading->matter, message);
        return;
    }
    view->text = kind == MESSAGE_NO_CONTACT ? (struct str){"", 0} : message->text;
    view->who = of_question ? message->more : (struct str){"", 0};
}

/* Inside the entry's transaction: the record is as it was shown, and the message is read from now on. */
static enum fault mark_read(struct db_tx *tx, void *context)
{
    const struct reading *reading = context;
    struct reading now = {.conduct = reading->conduct};
    enum fault fault;
    TRY(read_message(tx, &now));
    if (is_hidden(&now) != is_hidden(reading) || (now.claim == NULL) != (reading->claim == NULL))
        fault = FAULT_CONFLICT;
    TRY(fault);
    TRY(message_opened(tx, &reading->conduct->service->messages, &reading->message));
done:
    return fault;
}

static enum fault show(struct conduct *conduct)
{
    struct reading reading = {.conduct = conduct};
    struct message_view *view = arena_take(conduct->arena, sizeof *view);
    struct entries entries = {0};
    const struct wrapped_key *key = NULL;
    struct child_id child = {{{0}}};
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    fault = db_read(conduct->service->db, read_message, &reading);
    if (fault == FAULT_ABSENT)
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_ABSENT);
    TRY(fault);
    say(&reading, view);
    if (reading.child != NULL) {
        child = reading.child->child;
        key = &reading.child->key;
    }
    TRY(entries_add(conduct, &entries, EVENT_MESSAGE_VIEWED, child, key, 0));
    TRY(conduct_commit(conduct, &entries, mark_read, &reading));
    conduct->answer->unread -= reading.message.unread && conduct->answer->unread > 0 ? 1 : 0;
    conduct->answer->message = view;
done:
    return fault;
}

enum fault do_message_view(struct conduct *conduct)
{
    const struct permit_message_view permit =
        permit_issue_message_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_message_view);
    conduct_display(conduct, &permit.permit);
    return show(conduct);
}

/* The answer of the service that was asked (R8.5). */
struct answering {
    struct reading reading;
    const struct permit_message_answer *permit;
    bool may_be_reached;
};

/* How the young person comes to it, as the timeline says. */
static struct str young_person_words(struct str value)
{
    static const struct choice_view words[] = {
        {"agreed", "The young person agrees"},
        {"declined", "The young person does not want it"},
        {"not_asked", "The young person could not be asked"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_equal(value, str_of(words[i].value)))
            return str_of(words[i].label);
    return (struct str){"", 0};
}

static enum fault reply(struct db_tx *tx, void *context)
{
    struct answering *answering = context;
    struct reading *reading = &answering->reading;
    struct conduct *conduct = reading->conduct;
    struct broker_order order = requests_order(conduct, conduct_field(conduct, "text"));
    enum fault fault;
    order.more = young_person_words(conduct_field(conduct, "young_person"));
    TRY(read_message(tx, reading));
    if (!reading->waits)
        return fault_note(FAULT_CONFLICT, "this question does not wait any more: look at it again");
    TRY(broker_reply(tx, answering->permit, &order, reading->message.about, answering->may_be_reached,
                     &reading->matter));
done:
    return fault;
}

/* R8.5: the young person and the service decide; what only one of them wants is "no contact". */
static void check_answer(struct conduct *conduct, struct answering *answering)
{
    const struct str answer = conduct_field(conduct, "answer");
    const struct str young_person = conduct_field(conduct, "young_person");
    answering->may_be_reached = str_equal(answer, STR("contact"));
    if (!answering->may_be_reached && !str_equal(answer, STR("none")))
        conduct_error(conduct, "answer", "Choose whether you may be reached");
    if (young_person_words(young_person).len == 0)
        conduct_error(conduct, "young_person", "Choose what the young person says");
    else if (answering->may_be_reached && !str_equal(young_person, STR("agreed")))
        conduct_error(conduct, "answer", "Answer \"no contact\": the young person has not agreed");
    if (answering->may_be_reached && !conduct_says_something(conduct_field(conduct, "text")))
        conduct_error(conduct, "text", "Say how you may be reached, in at least 10 characters");
}

enum fault do_message_answer(struct conduct *conduct)
{
    const struct permit_message_answer permit = permit_issue_message_answer(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct answering answering = {.reading = {.conduct = conduct}, .permit = &permit};
    struct entries entries = {0};
    enum fault fault;
    conduct_display(conduct, &permit.permit);
    fault = db_read(conduct->service->db, read_message, &answering.reading);
    if (fault == FAULT_ABSENT || (fault == FAULT_NONE && !answering.reading.waits))
        return conduct_refuse(conduct, REFUSAL_NONE, fault == FAULT_NONE ? FAULT_CONFLICT : FAULT_ABSENT);
    TRY(fault);
    check_answer(conduct, &answering);
    if (conduct->answer->error_count > 0) {
        conduct->answer->fault = FAULT_INVALID;
        TRY(show(conduct));
        return FAULT_INVALID;
    }
    TRY(entries_add(conduct, &entries, EVENT_MESSAGE_ANSWERED, answering.reading.child->child,
                    &answering.reading.child->key, 0));
    TRY(conduct_commit(conduct, &entries, reply, &answering));
    conduct->answer->recorded = true;
done:
    return fault;
}
