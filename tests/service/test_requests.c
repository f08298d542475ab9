/* Asking the team, which asks a hidden service, and messages to both sides (R7.4, R8.4, R8.5). */
#include "access/account_life.h"
#include "access/organisations.h"
#include "house.h"
#include "registry/broker.h"

#define QUESTION "Who else helps her with sleeping?"
#define REPLY    "Ring Ann on 01632 960456, mornings"
#define CONSENT(scope)                                                                                       \
    "consent", "asked", "consent_giver", "child", "consent_name", "Themselves", "agreed_day", "1",           \
        "agreed_month", "10", "agreed_year", "2026", "consent_way", "person", "consent_because",             \
        "Explained back what it means", "consent_scope", scope
#define SERVICE(name, kind)                                                                                  \
    "service", name, "kind", kind, "job", "Nurse", "phone", "01632 960456", "from_day", "1", "from_month",   \
        "10", "from_year", "2026"

/* Two children of one authority and of the same make, told apart by their names alone. */
static struct child_id settle(struct house *house, const char *record, const char *family)
{
    struct row row = house_child(record, family, "Mari", "2010-04-02");
    row.at[COLUMN_authority] = STR("E06000001");
    assert_int_equal(house_load(house, SOURCE_health, &row, 1).created, 1);
    return house_child_id(house, family, "Mari");
}

static void open_child(const struct seat *seat, struct child_id child)
{
    assert_int_equal(house_ask_of(seat, OP_child_reason, child.id, FIELDS("reason", "working"))->fault,
                     FAULT_NONE);
    assert_int_equal(house_view(seat, child)->fault, FAULT_NONE);
}

static struct seat shielder(struct house *house)
{
    return house_sign_in(house, "shielder", ROLE_shielding_officer);
}

/* A sensitive service's involvement with consent; its claim. */
static struct claim_id record(const struct seat *seat, struct child_id child, const char *const *fields)
{
    open_child(seat, child);
    const struct answer *answer = house_ask_of(seat, OP_involvement_record, child.id, fields);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    const struct child_view *view = house_view(seat, child)->child;
    for (size_t i = 0; i < view->service_count; i++)
        if (view->services[i].own)
            return view->services[i].claim;
    fail_msg("the involvement is not there");
    return (struct claim_id){{{0}}};
}

static void withdraw(const struct seat *seat, struct child_id child, struct claim_id claim)
{
    open_child(seat, child);
    assert_true(house_ask(seat, &(struct request){.operation = OP_consent_withdraw,
                                                  .path_ids = {child.id, claim.id},
                                                  .path_id_count = 2})
                    ->recorded);
}

static struct ask_view *send_question(const struct seat *seat, struct child_id child, const char *named)
{
    open_child(seat, child);
    const struct answer *answer =
        house_ask_of(seat, OP_ask_send, child.id, FIELDS("text", QUESTION, "named", named, "sure", "yes"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    answer = house_ask_of(seat, OP_ask_page, child.id, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->question->asked);
    return answer->question;
}

/* The one question that waits for the team. */
static struct id waiting(const struct seat *officer)
{
    const struct answer *answer = house_ask(officer, &(struct request){.operation = OP_request_list});
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->matters->count, 1);
    return answer->matters->lines[0].matter;
}

static struct answer *look(const struct seat *officer, struct id matter)
{
    struct answer *answer = house_ask_of(officer, OP_request_view, matter, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer;
}

static struct messages_view *messages(const struct seat *seat)
{
    const struct answer *answer = house_ask(seat, &(struct request){.operation = OP_message_list});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->messages;
}

static struct message_view *newest(const struct seat *seat)
{
    const struct messages_view *view = messages(seat);
    assert_true(view->count > 0);
    const struct answer *answer = house_ask_of(seat, OP_message_view, view->lines[0].message, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->message;
}

static char *id_text(struct house *house, struct id id)
{
    struct buffer text = buffer_open(64);
    struct str copy;
    id_put(&text, id);
    assert_int_equal(arena_copy(house->arena, buffer_str(&text), &copy), FAULT_NONE);
    buffer_close(&text);
    char *string = arena_take(house->arena, copy.len + 1);
    memcpy(string, copy.at, copy.len);
    return string;
}

static struct answer *pass(const struct seat *officer, struct id matter, struct id claim)
{
    return house_ask_of(officer, OP_request_pass, matter,
                        FIELDS("service", id_text(officer->house, claim), "pass_text", QUESTION));
}

static struct answer *reply(const struct seat *seat, struct id message, const char *answer,
                            const char *young_person, const char *text)
{
    return house_ask_of(seat, OP_message_answer, message,
                        FIELDS("answer", answer, "young_person", young_person, "text", text));
}

static struct answer *pass_back(const struct seat *officer, struct id matter, const char *outcome,
                                const char *text)
{
    return house_ask_of(officer, OP_request_answer, matter, FIELDS("outcome", outcome, "text", text));
}

static bool holds(struct str text, const char *words)
{
    return text.len > 0 && memmem(text.at, text.len, words, strlen(words)) != NULL;
}

/* The whole way: asked, passed on, answered, passed back; nobody learns more than they are told. */
static void a_contact_is_passed_back(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    struct claim_id claim =
        record(&visitor, mari, FIELDS(SERVICE("Moorings", "sexual_health"), CONSENT("contact")));
    (void)send_question(&teacher, mari, "no");
    struct id matter = waiting(&officer);
    struct answer *answer = look(&officer, matter);
    assert_int_equal(answer->request->service_count, 1);
    assert_true(answer->request->may_pass);
    assert_false(answer->request->may_reach);
    assert_str(answer->request->services[0].contact.organisation, "Moorings");
    assert_str(answer->request->question, QUESTION);
    assert_int_equal(answer->matter->child->school_presence, PRESENCE_HIDDEN); /* no more than is needed */
    assert_int_equal(pass(&officer, matter, claim.id)->fault, FAULT_NONE);
    /* The service: it does not learn who asks. */
    const struct message_view *message = newest(&visitor);
    assert_true(message->to_answer);
    assert_str(message->text, QUESTION);
    assert_int_equal(message->who.len, 0);
    struct id question = message->message;
    assert_int_equal(reply(&visitor, question, "contact", "declined", REPLY)->fault, FAULT_INVALID);
    assert_int_equal(reply(&visitor, question, "contact", "", REPLY)->fault, FAULT_INVALID);
    assert_int_equal(reply(&visitor, question, "contact", "agreed", "")->fault, FAULT_INVALID);
    assert_int_equal(reply(&teacher, question, "contact", "agreed", REPLY)->fault,
                     FAULT_ABSENT); /* not theirs */
    assert_int_equal(reply(&visitor, question, "contact", "agreed", REPLY)->fault, FAULT_NONE);
    assert_int_equal(reply(&visitor, question, "none", "agreed", "")->fault, FAULT_CONFLICT);
    assert_false(newest(&visitor)->to_answer);
    /* The team passes it back. */
    answer = look(&officer, matter);
    assert_true(answer->request->may_reach);
    assert_str(answer->request->reached, REPLY);
    assert_int_equal(pass_back(&officer, matter, "contact", REPLY)->fault, FAULT_NONE);
    assert_int_equal(pass_back(&officer, matter, "none", "once more, by mistake")->fault, FAULT_CONFLICT);
    message = newest(&teacher);
    assert_str(message->text, REPLY);
    assert_false(holds(message->words, "Moorings"));
    assert_true(id_equal(message->child.id, mari.id));
    house_check_log(house);
}

/* Who allows it is named to the service. */
static void who_allows_it_is_named(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    struct claim_id claim =
        record(&visitor, mari, FIELDS(SERVICE("Moorings", "sexual_health"), CONSENT("contact")));
    (void)send_question(&teacher, mari, "yes");
    assert_int_equal(pass(&officer, waiting(&officer), claim.id)->fault, FAULT_NONE);
    assert_true(newest(&visitor)->who.len > 0);
    house_check_log(house);
}

/* The form: what is wrong, what is looked at before it is sent, and that one question at a time is enough. */
static void one_question_at_a_time(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    open_child(&teacher, mari);
    struct answer *answer =
        house_ask_of(&teacher, OP_ask_send, mari.id, FIELDS("text", "who?", "named", "perhaps"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "text"));
    assert_true(house_has_error(answer, "named"));
    answer = house_ask_of(&teacher, OP_ask_send, mari.id, FIELDS("text", QUESTION, "named", "no"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->question->checks);
    assert_false(answer->recorded);
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 0);
    const struct str first = send_question(&teacher, mari, "no")->reference;
    const struct str second = send_question(&teacher, mari, "yes")->reference;
    assert_true(str_equal(first, second));
    assert_int_equal(house_count(house, "SELECT count(*) FROM matter"), 1);
    const struct id matter = waiting(&officer);
    assert_true(str_equal(look(&officer, matter)->request->reference, first));
    assert_int_equal(pass_back(&officer, matter, "words", "Speak to her school nurse first")->fault,
                     FAULT_NONE);
    assert_str(newest(&teacher)->text, "Speak to her school nurse first");
    assert_false(str_equal(send_question(&teacher, mari, "no")->reference, first)); /* another one */
    house_check_log(house);
}

/* R8.4, case 38: one child has never had a sensitive service, another had one whose consent was withdrawn, a
 * third has one that nobody may be told of, a fourth is shielded: whoever asks gets the same. */
static void case_38_every_child_is_asked_about_alike(void **state)
{
    struct house *house = *state;
    static const char *const families[] = {"Tudur", "Rowlands", "Prosser", "Gethin"};
    enum { CHILDREN = sizeof families / sizeof families[0] };
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    struct message_view *answers[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        const char number[] = {'h', (char)('1' + i), 0};
        struct child_id child = settle(house, number, families[i]);
        if (i == 1)
            withdraw(
                &visitor, child,
                record(&visitor, child, FIELDS(SERVICE("Moorings", "sexual_health"), CONSENT("contact"))));
        if (i == 2)
            (void)record(&visitor, child, FIELDS(SERVICE("Quiet House", "mental_health"), CONSENT("mark")));
        if (i == 3)
            house_set_state(house, child, CHILD_LIVE, SHIELD_DECIDED);
        open_child(&teacher, child);
        const int64_t before = house_entries(house);
        const struct answer *page = house_ask_of(&teacher, OP_ask_page, child.id, NULL);
        assert_int_equal(page->fault, FAULT_NONE);
        assert_false(page->question->asked);
        assert_int_equal(page->child->services_presence, PRESENCE_HIDDEN);
        assert_false(page->child->sensitive_mark);
        assert_int_equal(page->child->authority.len, 0);
        const struct ask_view *asked = send_question(&teacher, child, "no");
        assert_int_equal(asked->reference.len, 9);
        assert_int_equal(house_entries(house) - before, 5);
        const struct id matter = waiting(&officer);
        const struct request_view *request = look(&officer, matter)->request;
        assert_int_equal(request->service_count, i == 2 ? 1 : 0);
        assert_false(request->may_pass); /* consent to the mark alone does not reach so far */
        assert_int_equal(pass_back(&officer, matter, "contact", REPLY)->fault, FAULT_INVALID);
        assert_int_equal(pass_back(&officer, matter, "none", "nobody can be asked")->fault, FAULT_NONE);
        answers[i] = newest(&teacher);
        assert_true(str_equal(answers[i]->words, answers[0]->words));
        assert_true(str_equal(answers[i]->title, answers[0]->title));
        assert_int_equal(answers[i]->text.len, 0);
        assert_int_equal(answers[i]->who.len, 0);
    }
    house_check_log(house);
}

/* What a question leads to where the consent is taken back before it was answered: whoever asked reads what
 * is read of every child, the team and the service that it was withdrawn. */
static void ends_in_no_contact(const struct seat *teacher, const struct seat *visitor,
                               const struct seat *officer, struct id matter)
{
    const struct message_view *message = newest(teacher);
    assert_int_equal(message->text.len, 0);
    assert_true(holds(message->words, "nobody whom they can put you in touch with"));
    assert_false(holds(message->words, "onsent"));
    message = newest(visitor);
    assert_false(message->to_answer);
    assert_int_equal(message->text.len, 0);
    assert_true(holds(message->words, "Consent was withdrawn"));
    assert_int_equal(reply(visitor, message->message, "contact", "agreed", REPLY)->fault, FAULT_CONFLICT);
    const struct answer *list = house_ask(officer, &(struct request){.operation = OP_request_list});
    assert_int_equal(list->matters->count, 0);
    const struct answer *answer = look(officer, matter);
    assert_true(holds(answer->matter->state, "consent was withdrawn"));
    assert_false(answer->request->open);
    assert_int_equal(answer->request->service_count, 0);
    for (size_t i = 0; i < answer->matter->step_count; i++) {
        assert_false(holds(answer->matter->steps[i].text, "Ann"));
        assert_false(holds(answer->matter->steps[i].who, "Sioned"));
    }
    assert_int_equal(pass_back(officer, matter, "none", "consent was taken back")->fault, FAULT_CONFLICT);
}

/* R8.2: consent that is taken back ends the question that leans on it, in the same transaction. */
static void withdrawn_on_the_way(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    for (int answered = 0; answered <= 1; answered++) { /* before the service has answered, and after */
        const struct claim_id claim =
            record(&visitor, mari, FIELDS(SERVICE("Moorings", "sexual_health"), CONSENT("contact")));
        (void)send_question(&teacher, mari, "no");
        const struct id matter = waiting(&officer);
        assert_int_equal(pass(&officer, matter, claim.id)->fault, FAULT_NONE);
        if (answered == 1)
            assert_int_equal(reply(&visitor, newest(&visitor)->message, "contact", "agreed", REPLY)->fault,
                             FAULT_NONE);
        const size_t before = messages(&teacher)->count;
        withdraw(&visitor, mari, claim);
        assert_int_equal(messages(&teacher)->count, before + 1);
        ends_in_no_contact(&teacher, &visitor, &officer, matter);
    }
    assert_int_equal(house_count(house, "SELECT count(*) FROM alarm WHERE acknowledged_us IS NULL"), 0);
    house_check_log(house);
}

/* What was told already is told no longer, and then reads as "no contact" from the first. */
static void withdrawn_afterwards(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    (void)send_question(&teacher, mari, "no");
    assert_int_equal(pass_back(&officer, waiting(&officer), "none", "nobody can be asked")->fault,
                     FAULT_NONE);
    const struct str words = newest(&teacher)->words;
    const struct claim_id claim =
        record(&visitor, mari, FIELDS(SERVICE("Moorings", "sexual_health"), CONSENT("contact")));
    (void)send_question(&teacher, mari, "no");
    const struct id matter = waiting(&officer);
    assert_int_equal(pass(&officer, matter, claim.id)->fault, FAULT_NONE);
    assert_int_equal(reply(&visitor, newest(&visitor)->message, "contact", "agreed", REPLY)->fault,
                     FAULT_NONE);
    assert_int_equal(pass_back(&officer, matter, "contact", REPLY)->fault, FAULT_NONE);
    assert_str(newest(&teacher)->text, REPLY);
    const size_t before = messages(&teacher)->count;
    withdraw(&visitor, mari, claim);
    assert_int_equal(messages(&teacher)->count, before);
    const struct message_view *message = newest(&teacher);
    assert_int_equal(message->text.len, 0);
    assert_true(str_equal(message->words, words));
    house_check_log(house);
}

/* A question that another service was asked, or none yet, goes on; so it does for another child. */
static void withdrawal_ends_what_leans_on_it_alone(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur"), nia = settle(house, "h2", "Rowlands");
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat worker = house_sign_in(house, "worker", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat colleague = house_sign_in(house, "second.teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    const struct claim_id moorings =
        record(&visitor, mari, FIELDS(SERVICE("Moorings", "sexual_health"), CONSENT("contact")));
    const struct claim_id sandbank =
        record(&worker, mari, FIELDS(SERVICE("Sandbank", "substance_misuse"), CONSENT("contact")));
    (void)send_question(&teacher, mari, "no");
    const struct id asked = waiting(&officer);
    assert_int_equal(pass(&officer, asked, moorings.id)->fault, FAULT_NONE);
    assert_int_equal(pass(&officer, asked, sandbank.id)->fault, FAULT_NONE); /* the other one, in the end */
    (void)send_question(&colleague, mari, "no");
    (void)send_question(&teacher, nia, "no");
    withdraw(&visitor, mari, moorings);
    assert_int_equal(messages(&teacher)->count, 0);
    assert_int_equal(messages(&colleague)->count, 0);
    assert_true(newest(&worker)->to_answer);
    const struct answer *list = house_ask(&officer, &(struct request){.operation = OP_request_list});
    assert_int_equal(list->matters->count, 3);
    withdraw(&worker, mari, sandbank);
    assert_int_equal(messages(&teacher)->count, 1);
    assert_int_equal(messages(&colleague)->count, 0);
    list = house_ask(&officer, &(struct request){.operation = OP_request_list});
    assert_int_equal(list->matters->count, 2);
    house_check_log(house);
}

static enum fault suspend_visitor(struct db_tx *tx, void *context)
{
    struct house *house = context;
    struct account account;
    enum fault fault;
    TRY(access_account_find(house->service->access, tx, STR("visitor"), house->arena, &account));
    TRY(access_account_suspend(house->service->access, tx, &account));
done:
    return fault;
}

/* Whoever may not sign in, or whose organisation is accredited no more, is not asked. */
static void nobody_is_there_to_be_asked(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    struct claim_id claim =
        record(&visitor, mari, FIELDS(SERVICE("Moorings", "sexual_health"), CONSENT("contact")));
    (void)send_question(&teacher, mari, "no");
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, suspend_visitor, house), FAULT_NONE);
    const struct id matter = waiting(&officer);
    const struct answer *answer = look(&officer, matter);
    assert_int_equal(answer->request->service_count, 1);
    assert_true(answer->request->services[0].hindrance.len > 0);
    assert_false(answer->request->may_pass);
    assert_int_equal(pass(&officer, matter, claim.id)->fault, FAULT_INVALID);
    assert_int_equal(pass_back(&officer, matter, "none", "nobody can be reached")->fault, FAULT_NONE);
    house_check_log(house);
}

/* The question is the responsible authority's officer's; others do not see that it is there. */
static void the_responsible_team_alone(void **state)
{
    struct house *house = *state;
    struct row row = house_child("h9", "Tudur", "Mari", "2010-04-02");
    row.at[COLUMN_authority] = STR("E06000004");
    assert_int_equal(house_load(house, SOURCE_health, &row, 1).created, 1);
    struct child_id mari = house_child_id(house, "Tudur", "Mari");
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    (void)send_question(&teacher, mari, "no");
    const struct answer *answer = house_ask(&officer, &(struct request){.operation = OP_request_list});
    assert_int_equal(answer->matters->count, 0);
    assert_int_equal(house_ask_of(&officer, OP_request_view, (struct id){{9}}, NULL)->fault, FAULT_ABSENT);
    house_check_log(house);
}

/* R7.4: those who work with the child openly are told, once, and nobody else; R7.6: never of shielded records
 * and sensitive services. */
static void a_further_service_is_told(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat worker = house_sign_in(house, "worker", ROLE_practitioner);
    (void)record(&teacher, mari, FIELDS(SERVICE("Northgate", "school")));
    assert_int_equal(messages(&teacher)->count, 0);
    (void)record(&visitor, mari, FIELDS(SERVICE("Quiet House", "mental_health"), CONSENT("mark")));
    assert_int_equal(messages(&teacher)->count, 0);
    (void)record(&worker, mari, FIELDS(SERVICE("Harbour", "family_support")));
    assert_int_equal(messages(&visitor)->count, 0); /* a sensitive service's */
    const struct messages_view *list = messages(&teacher);
    assert_int_equal(list->count, 1);
    assert_true(list->lines[0].unread);
    const struct answer *page = house_ask(&teacher, &(struct request){.operation = OP_account_view});
    assert_int_equal(page->unread, 1);
    page = house_ask_of(&teacher, OP_message_view, list->lines[0].message, NULL);
    assert_int_equal(page->unread, 0);
    assert_int_equal(page->message->text.len, 0);
    assert_false(messages(&teacher)->lines[0].unread);
    assert_int_equal(house_ask_of(&worker, OP_message_view, list->lines[0].message, NULL)->fault,
                     FAULT_ABSENT);
    house_set_state(house, mari, CHILD_LIVE, SHIELD_DECIDED);
    (void)record(&visitor, mari, FIELDS(SERVICE("Harbour Health", "health_visiting")));
    assert_int_equal(messages(&teacher)->count, 1);
    house_check_log(house);
}

/* What a message said before a shield came is not said behind it. */
static void a_shield_hides_what_was_said(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    (void)send_question(&teacher, mari, "no");
    assert_int_equal(pass_back(&officer, waiting(&officer), "words", "Her aunt in Fold Street knows")->fault,
                     FAULT_NONE);
    assert_str(newest(&teacher)->text, "Her aunt in Fold Street knows");
    house_set_state(house, mari, CHILD_LIVE, SHIELD_PROVISIONAL);
    assert_int_equal(newest(&teacher)->text.len, 0);
    assert_true(id_equal(newest(&teacher)->child.id, mari.id)); /* it asks for a reason */
    house_set_state(house, mari, CHILD_SEALED, SHIELD_NONE);
    assert_int_equal(newest(&teacher)->text.len, 0);
    assert_true(id_is_zero(newest(&teacher)->child.id));
    house_check_log(house);
}

/* Erasing a child is destroying its key: nothing that was said is left. */
static void nothing_is_left_of_an_erased_child(void **state)
{
    struct house *house = *state;
    struct child_id mari = settle(house, "h1", "Tudur");
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat officer = shielder(house);
    (void)send_question(&teacher, mari, "no");
    assert_int_equal(pass_back(&officer, waiting(&officer), "words", "Her aunt in Fold Street knows")->fault,
                     FAULT_NONE);
    (void)house_past_child(house, "DELETE FROM child_key WHERE child_id = $1", mari);
    const struct message_view *message = newest(&teacher);
    assert_int_equal(message->text.len, 0);
    assert_true(id_is_zero(message->child.id));
}

static enum fault send_many(struct db_tx *tx, void *context)
{
    struct house *house = context;
    enum fault fault = FAULT_NONE;
    for (int64_t i = 0; i < MESSAGES_KEPT_MAX + 20; i++) {
        const struct message message = {.recipient = house_staff(house, "teacher")->account,
                                        .kind = MESSAGE_ACCOUNT,
                                        .sent = {house->now_us + i},
                                        .cause = {{1}},
                                        .number = i,
                                        .text = STR("Your telephone number was changed.")};
        TRY(message_send(tx, &house->service->messages, &message));
        TRY(message_send(tx, &house->service->messages, &message)); /* the same cause tells once */
    }
done:
    return fault;
}

static void a_list_has_an_end(void **state)
{
    struct house *house = *state;
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, send_many, house), FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM message"), MESSAGES_KEPT_MAX);
    const struct messages_view *list = messages(&teacher);
    assert_int_equal(list->count, MESSAGE_LIST_MAX);
    assert_true(list->more);
    for (size_t i = 1; i < list->count; i++)
        assert_true(list->lines[i - 1].sent.us > list->lines[i].sent.us);
    assert_str(newest(&teacher)->text, "Your telephone number was changed.");
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_contact_is_passed_back),
        WITH_HOUSE(who_allows_it_is_named),
        WITH_HOUSE(one_question_at_a_time),
        WITH_HOUSE(case_38_every_child_is_asked_about_alike),
        WITH_HOUSE(withdrawn_on_the_way),
        WITH_HOUSE(withdrawn_afterwards),
        WITH_HOUSE(withdrawal_ends_what_leans_on_it_alone),
        WITH_HOUSE(nobody_is_there_to_be_asked),
        WITH_HOUSE(the_responsible_team_alone),
        WITH_HOUSE(a_further_service_is_told),
        WITH_HOUSE(a_shield_hides_what_was_said),
        WITH_HOUSE(nothing_is_left_of_an_erased_child),
        WITH_HOUSE(a_list_has_an_end),
    };
    return cmocka_run_group_tests_name("service/requests", tests, NULL, NULL);
}
