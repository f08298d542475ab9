#include "quality_trial.h"

#include <stdlib.h>

#include "generate/text.h"
#include "quality_spoil.h"
#include "registry/child.h"

enum { ARENA_BYTES_MAX = 1 << 22, CLAIMS_MAX = CENSUS_ROWS_MAX };

enum fault trial_open(const struct people *people, const struct model_file *model, struct trial *ret_trial)
{
    struct trial trial = {.people = people};
    enum fault fault;
    TRY(match_open_with(model, &trial.index));
    TRY(arena_open(ARENA_BYTES_MAX, &trial.arena));
    trial.records = calloc(people->row_count + 1, sizeof(trial.records[0]));
    trial.record_of = calloc((size_t)people->child_count + 1, sizeof(trial.record_of[0]));
    trial.before = calloc(people->row_count, sizeof(trial.before[0]));
    trial.assigned = calloc(people->row_count, sizeof(trial.assigned[0]));
    if (trial.records == NULL || trial.record_of == NULL || trial.before == NULL || trial.assigned == NULL)
        fault = FAULT_MEMORY;
    *ret_trial = trial;
done:
    if (fault != FAULT_NONE)
        trial_close(&trial);
    return fault;
}

void trial_close(struct trial *trial)
{
    match_close(trial->index);
    arena_close(trial->arena);
    free(trial->records);
    free(trial->record_of);
    free(trial->before);
    free(trial->assigned);
}

/* Random to look at, so that ties are broken by nothing that means something. */
struct child_id trial_id(uint32_t record)
{
    struct child_id child;
    uint64_t mixed = text_mix(record, 1, 0x71);
    memcpy(child.id.byte, &mixed, sizeof(mixed));
    memset(child.id.byte + sizeof(mixed), 0, sizeof(child.id.byte) - sizeof(mixed));
    memcpy(child.id.byte + sizeof(mixed), &record, sizeof(record));
    return child;
}

uint32_t trial_record_of(struct child_id child)
{
    uint32_t record;
    memcpy(&record, child.id.byte + sizeof(uint64_t), sizeof(record));
    return record;
}

/* The person of a record, from its claims, as the registry makes one. */
static enum fault describe(struct trial *trial, const struct trial_record *record, struct person *ret_person)
{
    struct claim claims[CLAIMS_MAX];
    size_t count = record->rows < CLAIMS_MAX ? record->rows : CLAIMS_MAX;
    uint32_t row = record->last;
    memset(claims, 0, sizeof(claims));
    for (size_t i = count; i-- > 0; row = trial->before[row - 1]) {
        const struct kept_row *kept = &trial->people->rows[row - 1];
        claims[i].kind = ROW_CHILD;
        claims[i].source = kept->source;
        claims[i].row = people_row(trial->people, kept);
    }
    struct child child = {.claims = claims, .claim_count = count};
    return child_person(&child, trial->arena, ret_person);
}

static enum fault update(struct trial *trial, uint32_t number)
{
    struct trial_record *record = &trial->records[number];
    struct person person;
    enum fault fault;
    TRY(describe(trial, record, &person));
    TRY(match_put(trial->index, trial_id(number), record->shielded ? RECORD_SHIELDED : RECORD_LIVE,
                  record->rows, false, &person));
done:
    return fault;
}

/* The row becomes one of the record's claims. */
static enum fault take(struct trial *trial, const struct kept_row *row, uint32_t number)
{
    struct trial_record *record = &trial->records[number];
    uint32_t at = (uint32_t)(row - trial->people->rows) + 1;
    trial->before[at - 1] = record->last;
    record->last = at;
    record->rows++;
    return update(trial, number);
}

static uint32_t create(struct trial *trial, const struct kept_row *row)
{
    uint32_t number = ++trial->record_count;
    trial->records[number].truth = row->child;
    if (trial->record_of[row->child] == 0)
        trial->record_of[row->child] = number;
    return number;
}

static struct trial_event event_of(const struct trial *trial, const struct kept_row *row,
                                   const struct person *person, const struct match_outcome *outcome)
{
    struct trial_event event = {
        .row = row, .known = trial->record_of[row->child] != 0, .person = person, .outcome = outcome};
    event.shielded = trial->records[trial->record_of[row->child]].shielded;
    if (outcome->count > 0)
        event.meant = trial->records[trial_record_of(outcome->best[0].child)].truth;
    return event;
}

static enum fault feed_row(struct trial *trial, const struct kept_row *kept)
{
    struct row row = people_row(trial->people, kept);
    struct person person = {0};
    struct match_outcome outcome;
    enum fault fault;
    arena_reset(trial->arena);
    TRY(row_to_person(&row, trial->arena, &person));
    TRY(match_link(trial->index, &person, &outcome));
    struct trial_event event = event_of(trial, kept, &person, &outcome);
    trial->tell(trial->judge, &event);
    uint32_t number = trial->record_of[kept->child]; /* an officer's choice */
    bool alone = outcome.kind == MATCH_SURE || outcome.kind == MATCH_NONE;
    if (outcome.kind == MATCH_SURE)
        number = trial_record_of(outcome.best[0].child);
    else if (outcome.kind == MATCH_NONE || number == 0)
        number = create(trial, kept);
    if (alone)
        trial->assigned[kept - trial->people->rows] = number;
    TRY(take(trial, kept, number));
done:
    return fault;
}

static enum fault shield_some(struct trial *trial)
{
    enum fault fault = FAULT_NONE;
    for (uint32_t i = 1; i <= trial->record_count; i++) {
        if (text_mix(trial->records[i].truth, 0, 0x73686C64) % 1000 >= TRIAL_SHIELDED_PER_MILLE)
            continue;
        trial->records[i].shielded = true;
        arena_reset(trial->arena);
        TRY(update(trial, i));
    }
done:
    return fault;
}

enum fault trial_feed(struct trial *trial)
{
    enum fault fault = FAULT_NONE;
    const struct kept_row *rows = trial->people->rows;
    bool shielded = false;
    for (size_t i = 0; i < trial->people->row_count; i++) {
        if (!shielded && rows[i].source != rows[0].source) {
            TRY(shield_some(trial));
            shielded = true;
        }
        TRY(feed_row(trial, &rows[i]));
    }
done:
    return fault;
}

/* Who the shielded child is, with its carers where they are told, and no number. */
static struct row likeness(const struct trial *trial, const struct trial_record *record, bool bare)
{
    struct row row = people_row(trial->people, &trial->people->children[record->truth].truth);
    uint32_t at = record->last;
    while (trial->before[at - 1] != 0)
        at = trial->before[at - 1];
    struct row first = people_row(trial->people, &trial->people->rows[at - 1]);
    for (enum column column = COLUMN_carer1_family; !bare && column <= COLUMN_carer2_phone; column++)
        row.at[column] = first.at[column];
    static const enum column BEYOND[] = {COLUMN_other, COLUMN_known_as, COLUMN_former_family,
                                         COLUMN_address_1};
    for (size_t i = 0; bare && i < sizeof(BEYOND) / sizeof(BEYOND[0]); i++)
        row.at[BEYOND[i]] = (struct str){"", 0};
    return row;
}

static enum fault probe(struct trial *trial, const struct trial_record *record, uint8_t errors, bool bare,
                        uint64_t seed)
{
    struct spoiler spoiler;
    struct row row = likeness(trial, record, bare);
    struct person person = {0};
    struct match_outcome outcome;
    enum fault fault;
    arena_reset(trial->arena);
    spoil_open(&spoiler, &row, seed);
    spoil_anywhere(&spoiler, errors);
    TRY(row_to_person(&spoiler.row, trial->arena, &person));
    TRY(match_link(trial->index, &person, &outcome));
    struct trial_event event =
        event_of(trial, &trial->people->children[record->truth].truth, &person, &outcome);
    event.errors = errors;
    event.bare = bare;
    trial->tell(trial->judge, &event);
done:
    return fault;
}

enum fault trial_probe(struct trial *trial, uint64_t seed)
{
    enum fault fault = FAULT_NONE;
    for (uint32_t i = 1; i <= trial->record_count; i++) {
        for (unsigned k = 0; trial->records[i].shielded && k < 2 * TRIAL_LOOKALIKES; k++)
            TRY(probe(trial, &trial->records[i], (uint8_t)(k % 3 + 1), k >= TRIAL_LOOKALIKES,
                      text_mix(seed, i, k)));
    }
done:
    return fault;
}
