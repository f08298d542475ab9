#include "sample_views.h"

static struct id id_of(uint8_t number)
{
    struct id id = {{0x5a, 0x17, 0x3c}};
    id.byte[15] = number;
    return id;
}

static struct day day_of(uint16_t year, uint8_t month, uint8_t day)
{
    return (struct day){year, month, day, DAY_EXACT};
}

static struct instant instant_of(uint16_t year, uint8_t month, uint8_t day)
{
    struct instant at = instant_of_day(day_of(year, month, day));
    return instant_after(at, seconds(9 * 3600 + 42 * 60));
}

static struct contact_view contact_of(const struct sample_texts *texts, const char *kind, const char *job,
                                      const char *phone)
{
    return (struct contact_view){
        .kind = str_of(kind),
        .organisation = texts->organisation,
        .person = texts->person,
        .job = str_of(job),
        .phone = str_of(phone),
        .email = texts->typed,
        .from = day_of(2024, 5, 3),
        .confirmed = instant_of(2026, 9, 12),
        .source = STR("Health services"),
    };
}

static void make_services(struct samples *s, const struct sample_texts *texts)
{
    s->services[0] = contact_of(texts, "Children's social work", "Social worker", "01632 960123");
    s->services[0].lead = true;
    s->services[0].assessment = true;
    s->services[1] = contact_of(texts, "Speech and language therapy", "Therapist", "020 7946 0852");
    s->services[2] = contact_of(texts, "Family support", "Support worker", "");
    s->services[2].confirmed = (struct instant){0};
    s->services[2].email = (struct str){NULL, 0};
    s->services[3] = contact_of(texts, "Youth work", "Youth worker", "07700 900461");
    s->services[3].own = true;
    s->services[3].claim = (struct claim_id){id_of(9)};
    s->services[3].source = STR("a practitioner");
    s->past[0] = contact_of(texts, "Health visiting", "Health visitor", "01632 960456 ext 7");
    s->past[0].to = day_of(2026, 2, 28);
}

static void make_identity(struct samples *s, const struct sample_texts *texts)
{
    s->former[0] =
        (struct address_view){texts->organisation, day_of(2019, 1, 1), false, STR("Health services")};
    s->former_names[0] = texts->child;
    s->carers[0] =
        (struct carer_view){texts->person, STR("Mother"), STR("07700 900123"), STR("Child benefit")};
    s->carers[1] = (struct carer_view){texts->person, texts->typed, texts->typed, STR("School census")};
    s->numbers[0] = (struct labelled_view){STR("NHS number"), STR("943 476 5919"), STR("Health services")};
    s->numbers[1] = (struct labelled_view){STR("Local number"), texts->typed, texts->typed};
}

static void make_children(struct samples *s, const struct sample_texts *texts)
{
    struct child_view whole = {
        .child = {id_of(1)},
        .state = RECORD_LIVE,
        .name = {texts->child, texts->known_as},
        .sex = STR("Girl"),
        .birth = day_of(2012, 3, 27),
        .age_years = 14,
        .number = STR("CP-7K4M2-X9QRT-5"),
        .address_presence = PRESENCE_VALUE,
        .address = {texts->organisation, day_of(2021, 8, 1), true, STR("School census")},
        .former_addresses = s->former,
        .former_address_count = 1,
        .former_names = s->former_names,
        .former_name_count = 1,
        .carers_presence = PRESENCE_VALUE,
        .carers = s->carers,
        .carer_count = 2,
        .school_presence = PRESENCE_VALUE,
        .school = contact_of(texts, "School or other education", "", "01632 960789"),
        .gp_presence = PRESENCE_SILENT,
        .gp_since = instant_of(2026, 5, 3),
        .services_presence = PRESENCE_VALUE,
        .services = s->services,
        .service_count = 4,
        .past_services = s->past,
        .past_service_count = 1,
        .sensitive_mark = true,
        .numbers = s->numbers,
        .number_count = 2,
        .authority = STR("Eastmere"),
        .local_team = STR("Eastmere ContactPoint team, 01632 960555, Monday to Friday, 9am to 5pm"),
    };
    s->child = whole;
    s->bare = (struct child_view){
        .child = {id_of(2)},
        .state = RECORD_DEAD,
        .name = {texts->child, {NULL, 0}},
        .sex = STR("Not known"),
        .age_years = -1,
        .number = STR("CP-7K4M2-X9QRT-5"),
        .address_presence = PRESENCE_NO_ADDRESS,
        .carers_presence = PRESENCE_NONE,
        .school_presence = PRESENCE_HOME,
        .gp_presence = PRESENCE_UNREGISTERED,
        .services_presence = PRESENCE_NONE,
    };
    s->shielded = (struct child_view){
        .child = {id_of(3)},
        .state = RECORD_SHIELDED,
        .name = {texts->child, texts->known_as},
        .sex = STR("Boy"),
        .birth = {2010, 0, 0, DAY_ABOUT},
        .age_years = 16,
        .number = STR("CP-7K4M2-X9QRT-5"),
        .local_team = whole.local_team,
    };
}

static void make_results(struct samples *s, const struct sample_texts *texts)
{
    static const char *const why[] = {"Same name and date of birth", "Same date of birth, similar name",
                                      "Same name, former address"};
    for (uint8_t i = 0; i < 3; i++)
        s->several.rows[i] = (struct result_view){
            .child = {id_of((uint8_t)(i + 1))},
            .state = i == 2 ? RECORD_SHIELDED : RECORD_LIVE,
            .name = {texts->child, i == 0 ? texts->known_as : (struct str){NULL, 0}},
            .sex = i == 1 ? STR("Boy") : STR("Girl"),
            .birth = day_of(2012, 3, (uint8_t)(27 + i)),
            .age_years = i == 1 ? 0 : 14,
            .area = i == 2 ? STR("Shielded") : STR("Eastmere"),
            .why = str_of(why[i]),
        };
    s->several.count = 3;
    s->several.asked = texts->typed;
    s->one = s->several;
    s->one.count = 1;
    s->nobody.asked = texts->typed;
    s->many = s->several;
    s->many.too_many = true;
}

static void make_accounts(struct samples *s, const struct sample_texts *texts)
{
    for (uint8_t i = 0; i < 3; i++)
        s->looks[i] = (struct look_view){instant_of(2026, 11, (uint8_t)(20 - i)), STR("Contacts of a child"),
                                         texts->typed, i == 1 ? (struct str){NULL, 0} : texts->child};
    s->account = (struct account_view){
        .full_name = texts->person,
        .user_name = texts->typed,
        .job = STR("Health visitor"),
        .organisation = texts->organisation,
        .role = STR("Practitioner"),
        .signed_in = instant_of(2026, 11, 20),
        .looks = s->looks,
        .look_count = 3,
    };
    s->fresh = s->account;
    s->fresh.look_count = 0;
    s->involvement = (struct involvement_view){.child = s->child, .contact = s->services[3]};
    s->authorities[0] = (struct authority_view){STR("E06000901"), STR("Eastmere")};
    s->authorities[1] = (struct authority_view){STR("E06000902"), STR("Northwold")};
    s->authorities[2] = (struct authority_view){STR("E06000903"), STR("St. Osyth's & District")};
}

static struct sample *add(struct samples *s, const char *name, enum operation operation)
{
    must(s->count < sizeof s->at / sizeof s->at[0]);
    struct sample *sample = &s->at[s->count++];
    *sample = (struct sample){.name = name, .operation = operation, .status = 200};
    sample->answer.demonstration = true;
    sample->answer.form_token = STR("0123456789abcdef0123456789abcdef");
    sample->answer.reference = id_of(200);
    sample->ask = (struct ask){.operation = operation, .path_ids = {id_of(1), id_of(9)}, .path_id_count = 2};
    return sample;
}

static struct sample *add_signed_in(struct samples *s, const char *name, enum operation operation,
                                    struct str caller)
{
    struct sample *sample = add(s, name, operation);
    sample->answer.signed_in = true;
    sample->answer.role = ROLE_practitioner;
    sample->answer.caller_name = caller;
    return sample;
}

/* A form that comes back: everything typed, and these fields wrong. */
static void add_errors(struct samples *s, struct sample *sample, const struct field_error *errors,
                       uint8_t count)
{
    sample->status = 422;
    sample->answer.fault = FAULT_INVALID;
    for (uint8_t i = 0; i < count; i++)
        sample->answer.errors[i] = errors[i];
    sample->answer.error_count = count;
    sample->ask.fields = s->fields;
    sample->ask.field_count = s->field_count;
}

static void type_everything(struct samples *s, struct str typed)
{
    static const char *const names[] = {"user_name", "password",    "reason_text", "family", "given",
                                        "birth_day", "birth_month", "birth_year",  "age",    "postcode",
                                        "number",    "service",     "job",         "phone",  "email",
                                        "from_day",  "from_month",  "from_year",   "to_day"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        s->fields[s->field_count++] = (struct ask_field){str_of(names[i]), typed};
    s->fields[s->field_count++] = (struct ask_field){STR("reason"), STR("other")};
    s->fields[s->field_count++] = (struct ask_field){STR("kind"), STR("youth_work")};
    s->fields[s->field_count++] = (struct ask_field){STR("similar"), STR("yes")};
}

static void add_public(struct samples *s)
{
    add(s, "home", OP_home);
    add(s, "sign-in", OP_sign_in_page);
    add_errors(
        s, add(s, "sign-in-errors", OP_sign_in_password),
        (struct field_error[]){{"user_name", "Enter your user name"}, {"password", "Enter your password"}},
        2);
    struct sample *code = add(s, "sign-in-code", OP_sign_in_code_page);
    code->answer.role_count = 1;
    code->answer.roles[0] = ROLE_practitioner;
    code = add(s, "sign-in-roles", OP_sign_in_code);
    code->answer.role_count = 2;
    code->answer.roles[0] = ROLE_practitioner;
    code->answer.roles[1] = ROLE_user_manager;
    add_errors(s, code,
               (struct field_error[]){{"role", "Choose a role"},
                                      {"code", "Enter the 6 digits that your token shows"}},
               2);
    code = add(s, "sign-in-failed", OP_sign_in_code);
    code->status = 401;
    code->answer.fault = FAULT_SIGN_IN;
}

static void add_search(struct samples *s, struct str caller)
{
    add_signed_in(s, "home-signed-in", OP_home, caller);
    add_signed_in(s, "find", OP_find_page, caller);
    struct sample *find = add_signed_in(s, "find-errors", OP_child_find, caller);
    find->answer.authorities = s->authorities;
    find->answer.authority_count = 3;
    add_errors(s, find,
               (struct field_error[]){{"reason", "Choose why you are looking"},
                                      {"reason_text", "Say why, in at least 10 characters"},
                                      {"birth", "Enter a date that exists, such as 27 3 2007"},
                                      {"number", "Check the number: it is not one that we know"}},
               4);
    struct {
        const char *name;
        struct results_view *view;
    } const results[] = {{"results", &s->several},
                         {"results-one", &s->one},
                         {"results-none", &s->nobody},
                         {"results-many", &s->many}};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        add_signed_in(s, results[i].name, OP_child_results, caller)->answer.results = results[i].view;
}

static void add_child(struct samples *s, struct str caller)
{
    add_signed_in(s, "contacts", OP_child_view, caller)->answer.child = &s->child;
    add_signed_in(s, "contacts-bare", OP_child_view, caller)->answer.child = &s->bare;
    add_signed_in(s, "shielded", OP_child_view, caller)->answer.child = &s->shielded;
    add_signed_in(s, "details", OP_child_details, caller)->answer.child = &s->child;
    add_signed_in(s, "details-bare", OP_child_details, caller)->answer.child = &s->bare;
    add_signed_in(s, "details-shielded", OP_child_details, caller)->answer.child = &s->shielded;
    struct sample *ended = add_signed_in(s, "error-search-ended", OP_child_results, caller);
    ended->status = 422;
    ended->answer.fault = FAULT_REASON;
    ended->answer.refusal = REFUSAL_NO_LIVE_REASON;
    struct sample *reason = add_signed_in(s, "reason", OP_child_view, caller);
    reason->status = 422;
    reason->answer.fault = FAULT_REASON;
    reason->answer.refusal = REFUSAL_NO_LIVE_REASON;
    add_errors(s, add_signed_in(s, "reason-errors", OP_child_reason, caller),
               (struct field_error[]){{"reason", "Choose why you are opening this record"}}, 1);
    add_signed_in(s, "involvement-new", OP_involvement_page, caller)->answer.involvement = &s->involvement;
    struct sample *record = add_signed_in(s, "involvement-new-errors", OP_involvement_record, caller);
    record->answer.child = &s->child;
    add_errors(s, record,
               (struct field_error[]){{"phone", "Enter a telephone number, such as 01632 960 001"},
                                      {"from", "Enter a date that exists"}},
               2);
    add_signed_in(s, "involvement", OP_involvement_view, caller)->answer.involvement = &s->involvement;
    add_errors(s, add_signed_in(s, "involvement-errors", OP_involvement_end, caller),
               (struct field_error[]){{"to_day", "Enter this: it is needed"},
                                      {"to_month", "Enter this: it is needed"}},
               2);
    add_signed_in(s, "account", OP_account_view, caller)->answer.account = &s->account;
    add_signed_in(s, "account-fresh", OP_account_view, caller)->answer.account = &s->fresh;
}

static void make_keys(struct samples *s, const struct sample_texts *texts)
{
    s->key = (struct key_view){.challenge = STR("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
                               .rp_id = STR("contactpoint.example"),
                               .credentials = STR("c29tZQ b3RoZXI"),
                               .handle = STR("aGFuZGxl"),
                               .user_name = texts->typed,
                               .attested = true,
                               .back = STR("/account")};
    s->waiting = (struct enrolment_view){
        .stage = ENROLMENT_WAITS, .code = STR("7K4M-2X9Q"), .until = instant_of(2026, 11, 21)};
    s->choosing = (struct enrolment_view){.stage = ENROLMENT_MAY_CHOOSE,
                                          .until = instant_of(2026, 11, 21),
                                          .totp_secret = STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
                                          .qr_path = STR("M4 4h7v1h-7zM13 4h2v1h-2z"),
                                          .qr_width = STR("45")};
    s->adding = (struct enrolment_view){.stage = ENROLMENT_MAY_ADD_KEYS, .key_count = 2};
    s->one_more = (struct enrolment_view){.stage = ENROLMENT_MAY_ADD_ONE, .until = instant_of(2026, 11, 21)};
    s->one_added = (struct enrolment_view){.stage = ENROLMENT_ONE_ADDED, .until = instant_of(2026, 11, 21)};
    s->security = (struct security_view){.keys = {{.key = {{7}},
                                                   .kind = HELD_KEY,
                                                   .number = 1,
                                                   .made = instant_of(2026, 5, 3),
                                                   .used = {2026, 11, 3, DAY_EXACT},
                                                   .standing = STR("In use"),
                                                   .in_use = true},
                                                  {.key = {{8}},
                                                   .kind = HELD_KEY,
                                                   .number = 2,
                                                   .made = instant_of(2026, 1, 9),
                                                   .standing = STR("Frozen: there may be a copy of it")}},
                                         .key_count = 2,
                                         .notices = {{instant_of(2026, 5, 4), texts->person, true},
                                                     {instant_of(2026, 5, 3), texts->person, false}},
                                         .notice_count = 2,
                                         .strength = STR("Password and security key"),
                                         .terms = instant_of(2026, 5, 3)};
    s->bare_security = (struct security_view){.strength = STR("Password, PIN and code")};
}

static void offer_roles(struct sample *sample)
{
    sample->answer.role_count = 2;
    sample->answer.roles[0] = ROLE_practitioner;
    sample->answer.roles[1] = ROLE_user_manager;
}

static void add_enrolment(struct samples *s)
{
    add(s, "enrol", OP_enrol_page);
    add_errors(s, add(s, "enrol-errors", OP_enrol_ask),
               (struct field_error[]){{"user_name", "Enter this: it is needed"}}, 1);
    add(s, "enrol-wait", OP_enrol_status)->answer.enrolment = &s->waiting;
    add(s, "enrol-secrets", OP_enrol_status)->answer.enrolment = &s->choosing;
    struct sample *choosing = add(s, "enrol-secrets-errors", OP_enrol_choose);
    choosing->answer.enrolment = &s->choosing;
    add_errors(s, choosing,
               (struct field_error[]){{"password", "the password is too short: use at least 12 characters"},
                                      {"pin", "the PIN must be 6 to 12 digits"},
                                      {"code", "this is not the code that your token shows now"}},
               3);
    add(s, "enrol-keys", OP_enrol_status)->answer.enrolment = &s->adding;
    add(s, "enrol-key", OP_enrol_key_begin)->answer.key = &s->key;
    struct sample *failed = add(s, "enrol-key-failed", OP_enrol_key);
    failed->status = 403;
    failed->answer.fault = FAULT_REFUSED;
    failed->answer.enrolment = &s->adding;
}

static void add_own_keys(struct samples *s, struct str caller)
{
    add_signed_in(s, "own-key", OP_key_page, caller);
    add_signed_in(s, "own-key-wait", OP_key_page, caller)->answer.enrolment = &s->waiting;
    add_signed_in(s, "own-key-may", OP_key_page, caller)->answer.enrolment = &s->one_more;
    add_signed_in(s, "own-key-new", OP_key_begin, caller)->answer.key = &s->key;
    add_signed_in(s, "own-key-added", OP_key_page, caller)->answer.enrolment = &s->one_added;
    struct sample *failed = add_signed_in(s, "own-key-failed", OP_key_add, caller);
    failed->status = 403;
    failed->answer.fault = FAULT_REFUSED;
    failed->answer.enrolment = &s->one_more;
    add_errors(s, add_signed_in(s, "own-key-errors", OP_key_ask, caller),
               (struct field_error[]){{"keys", "You have as many security keys as one may have"}}, 1);
    struct sample *lost = add_signed_in(s, "security-errors", OP_key_remove, caller);
    lost->answer.security = &s->security;
    add_errors(s, lost, (struct field_error[]){{"key", "Choose which of your security keys is lost"}}, 1);
}

static void add_keys(struct samples *s, struct str caller)
{
    add_own_keys(s, caller);
    struct sample *key = add(s, "sign-in-key", OP_sign_in_key_begin);
    key->answer.key = &s->key;
    key->answer.role_count = 1;
    key->answer.roles[0] = ROLE_practitioner;
    key = add(s, "sign-in-key-roles", OP_sign_in_key_begin);
    key->answer.key = &s->key;
    offer_roles(key);
    key = add(s, "sign-in-key-failed", OP_sign_in_key);
    key->status = 401;
    key->answer.fault = FAULT_SIGN_IN;
    key = add_signed_in(s, "step-up-refused", OP_account_view, caller);
    key->status = 403;
    key->answer.fault = FAULT_REFUSED;
    key->answer.refusal = REFUSAL_STRENGTH;
    add_signed_in(s, "step-up", OP_step_up_page, caller);
    add_signed_in(s, "step-up-key", OP_step_up_begin, caller)->answer.key = &s->key;
    key = add_signed_in(s, "step-up-mediated", OP_step_up_page, caller);
    key->answer.mediated_for = caller;
    key = add_signed_in(s, "step-up-failed", OP_step_up, caller);
    key->status = 403;
    key->answer.fault = FAULT_REFUSED;
    key = add_signed_in(s, "security", OP_security_view, caller);
    key->answer.security = &s->security;
    offer_roles(key);
    add_signed_in(s, "security-bare", OP_security_view, caller)->answer.security = &s->bare_security;
    add_signed_in(s, "terms", OP_terms_page, caller);
    add_errors(s, add_signed_in(s, "terms-errors", OP_terms_accept, caller),
               (struct field_error[]){{"agree", "Confirm that you have read this"}}, 1);
}

static void add_faults(struct samples *s, struct str caller)
{
    static const struct {
        const char *name;
        int status;
        enum fault fault;
    } faults[] = {
        {"error-400", 400, FAULT_MALFORMED}, {"error-401", 401, FAULT_SIGN_IN},
        {"error-403", 403, FAULT_REFUSED},   {"error-403-form", 403, FAULT_STALE_FORM},
        {"error-404", 404, FAULT_ABSENT},    {"error-405", 405, FAULT_NONE},
        {"error-409", 409, FAULT_CONFLICT},  {"error-413", 413, FAULT_TOO_LARGE},
        {"error-422", 422, FAULT_INVALID},   {"error-429", 429, FAULT_TOO_MANY},
        {"error-500", 500, FAULT_SYSTEM},    {"error-503", 503, FAULT_BUSY},
        {"error-431", 431, FAULT_NONE},      {"error-505", 505, FAULT_NONE},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct sample *sample = i % 2 == 1 ? add(s, faults[i].name, OP_NONE)
                                           : add_signed_in(s, faults[i].name, OP_child_view, caller);
        sample->status = faults[i].status;
        sample->answer.fault = faults[i].fault;
    }
}

void samples_make(struct samples *samples, const struct sample_texts *texts)
{
    *samples = (struct samples){.count = 0};
    make_services(samples, texts);
    make_identity(samples, texts);
    make_children(samples, texts);
    make_results(samples, texts);
    make_accounts(samples, texts);
    make_keys(samples, texts);
    type_everything(samples, texts->typed);
    add_public(samples);
    add_enrolment(samples);
    add_keys(samples, texts->person);
    add_search(samples, texts->person);
    add_child(samples, texts->person);
    add_faults(samples, texts->person);
    samples_add_staff(samples, &samples->staff, texts);
    samples_add_manage(samples, &samples->manage, texts);
    samples_add_messages(samples, &samples->messages, texts);
}
