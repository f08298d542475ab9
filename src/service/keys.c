#include "service/keys.h"

#include "service/operations.h"
#include "service/operator.h"
#include "vault/transfer.h"

enum { ASKED_BYTES_MAX = 128 };

/* One act on its way. */
struct giving {
    struct conduct conduct;
    struct answer answer;
    struct str request;
    struct str typed;
};

/* Which request it was: people compare it with what they read out. */
static enum fault say_asked(struct giving *giving)
{
    char digits[TRANSFER_FINGERPRINT_BYTES];
    struct buffer text = buffer_open(ASKED_BYTES_MAX);
    enum fault fault;
    transfer_fingerprint(giving->request, digits);
    buffer_put(&text, STR("keys for the request "));
    buffer_put(&text, str_of(digits));
    TRY(buffer_fault(&text));
    TRY(arena_copy(giving->conduct.arena, buffer_str(&text), &giving->conduct.asked));
done:
    buffer_close(&text);
    return fault;
}

static enum fault give(struct giving *giving, const struct permit_vault_give *held, struct buffer *sealed)
{
    struct conduct *conduct = &giving->conduct;
    enum fault fault;
    must(held->permit.operation == OP_vault_give);
    fault = transfer_give(conduct->service->vault, giving->request, giving->typed, conduct->now, sealed);
    if (fault != FAULT_NONE)
        return operator_refuse(&giving->conduct, REFUSAL_NONE, fault);
    TRY(conduct_enter(conduct, EVENT_VAULT_GIVEN, NULL, NULL));
done:
    return fault;
}

enum fault service_vault_give(struct service *service, const struct ask *ask, struct str request,
                              struct str typed, struct arena *arena, struct str *ret_sealed)
{
    struct giving giving = {.request = request, .typed = typed};
    struct buffer sealed = buffer_open(TRANSFER_BYTES_MAX);
    enum fault fault;
    must(ask->operation == OP_vault_give);
    giving.conduct = (struct conduct){.service = service,
                                      .ask = ask,
                                      .arena = arena,
                                      .answer = &giving.answer,
                                      .now = clock_now(service->clock),
                                      .act = id_new(service->entropy)};
    TRY(say_asked(&giving));
    TRY(operator_permit(&giving.conduct, "this login is no operator's here: an operator gives keys"));
    const struct permit_vault_give held = permit_issue_vault_give(
        &giving.conduct.decision, giving.conduct.caller.role, giving.conduct.caller.account.account);
    TRY(give(&giving, &held, &sealed));
    TRY(arena_copy(arena, buffer_str(&sealed), ret_sealed));
done:
    buffer_close(&sealed);
    return fault;
}
