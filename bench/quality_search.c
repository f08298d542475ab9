#include "quality_search.h"

#include <stdio.h>

#include "generate/text.h"
#include "quality_spoil.h"

enum sort { NAME_AND_DATE = 1, NAME_YEAR_AREA, SORTS_END };

enum { ERRORS_MAX = 2 };

struct found {
    uint32_t asked;
    uint32_t at1;
    uint32_t at10;
    uint32_t at20;
    uint32_t too_many;
    double reciprocal; /* sum of 1 / rank */
};

/* What a practitioner sees. */
static struct match_sight sight_of_practitioner(void)
{
    struct match_sight sight = {0};
    field_mask live =
        MASK(IDENTITY) | MASK(FORMER_NAMES) | MASK(WHEREABOUTS) | MASK(OWN_NUMBERS) | MASK(AUTHORITY);
    sight.mask[RECORD_LIVE] = live;
    sight.mask[RECORD_DEAD] = live;
    sight.mask[RECORD_SHIELDED] = MASK(IDENTITY);
    return sight;
}

/* The places where a question of that sort is spoilt, one after another. */
static void spoil_question(struct spoiler *spoiler, enum sort sort, unsigned errors)
{
    static const enum spoilt WHERE[] = {SPOILT_FAMILY, SPOILT_GIVEN, SPOILT_BIRTH};
    enum { TRIES = 40 };
    size_t places = sort == NAME_AND_DATE ? 3 : 2;
    bool used[SPOILT_END] = {false};
    for (unsigned tries = 0; errors > 0 && tries < TRIES; tries++) {
        enum spoilt where = WHERE[stream_below(&spoiler->stream, places)];
        if (used[where] || !spoil(spoiler, where))
            continue;
        used[where] = true;
        errors--;
    }
}

static struct match_query query_of(const struct row *row, enum sort sort)
{
    struct match_query query = {
        .family = row->at[COLUMN_family], .given = row->at[COLUMN_given], .similar = true};
    (void)day_parse(row->at[COLUMN_birth_date], &query.birth);
    if (sort == NAME_YEAR_AREA) {
        query.birth = (struct day){.year = query.birth.year, .precision = DAY_YEAR};
        query.authority = row->at[COLUMN_authority];
    }
    return query;
}

static enum fault ask(const struct trial *trial, uint32_t child, struct spoiler *spoiler, enum sort sort,
                      struct found *found)
{
    struct match_query query = query_of(&spoiler->row, sort);
    struct match_sight sight = sight_of_practitioner();
    struct match_results results;
    enum fault fault;
    TRY(match_search(trial->index, &query, &sight, &results));
    found->asked++;
    found->too_many += results.too_many;
    for (size_t i = 0; i < results.count; i++) {
        if (trial->records[trial_record_of(results.found[i].child)].truth != child)
            continue;
        found->at1 += i == 0;
        found->at10 += i < 10;
        found->at20 += i < 20;
        found->reciprocal += 1 / (double)(i + 1);
        break;
    }
done:
    return fault;
}

/* The record holds the child's own name, date and authority. */
static bool is_fair(const struct trial *trial, const struct trial_record *record, const struct row *truth)
{
    static const enum column NEEDED[] = {COLUMN_family, COLUMN_given, COLUMN_birth_date, COLUMN_authority};
    if (record->shielded || record->last == 0)
        return false;
    for (size_t i = 0; i < sizeof(NEEDED) / sizeof(NEEDED[0]); i++) {
        bool held = false;
        for (uint32_t at = record->last; at != 0 && !held; at = trial->before[at - 1]) {
            struct row row = people_row(trial->people, &trial->people->rows[at - 1]);
            held = str_equal(row.at[NEEDED[i]], truth->at[NEEDED[i]]);
        }
        if (!held)
            return false;
    }
    return true;
}

static void print_found(const char *name, const struct found *found)
{
    if (found->asked == 0)
        return;
    double asked = found->asked;
    (void)printf(
        "%s.at1 %.4f\n%s.at10 %.4f\n%s.at20 %.4f\n%s.rank %.4f mean reciprocal\n%s.too_many %.4f of %u\n",
        name, found->at1 / asked, name, found->at10 / asked, name, found->at20 / asked, name,
        found->reciprocal / asked, name, found->too_many / asked, found->asked);
}

static void add(struct found *sum, const struct found *found)
{
    sum->asked += found->asked;
    sum->at1 += found->at1;
    sum->at10 += found->at10;
    sum->at20 += found->at20;
    sum->too_many += found->too_many;
    sum->reciprocal += found->reciprocal;
}

static void print_all(struct found found[SORTS_END][ERRORS_MAX + 1])
{
    struct found both = {0};
    add(&both, &found[NAME_AND_DATE][1]);
    add(&both, &found[NAME_AND_DATE][2]);
    print_found("recall", &both);
    print_found("recall.one_error", &found[NAME_AND_DATE][1]);
    print_found("recall.two_errors", &found[NAME_AND_DATE][2]);
    print_found("recall.area", &found[NAME_YEAR_AREA][0]);
    print_found("recall.area.one_error", &found[NAME_YEAR_AREA][1]);
}

enum fault search_print(const struct trial *trial, uint32_t questions, uint64_t seed)
{
    struct found found[SORTS_END][ERRORS_MAX + 1] = {0};
    enum fault fault = FAULT_NONE;
    struct stream stream = stream_of(seed);
    for (uint32_t i = 0; i < questions; i++) {
        uint32_t child = 1 + (uint32_t)stream_below(&stream, trial->people->child_count);
        struct row truth = people_row(trial->people, &trial->people->children[child].truth);
        if (!is_fair(trial, &trial->records[trial->record_of[child]], &truth))
            continue;
        for (enum sort sort = NAME_AND_DATE; sort < SORTS_END; sort++) {
            for (unsigned errors = sort == NAME_AND_DATE; errors <= (sort == NAME_AND_DATE ? 2 : 1);
                 errors++) {
                struct spoiler spoiler;
                spoil_open(&spoiler, &truth, text_mix(seed, i, errors));
                spoil_question(&spoiler, sort, errors);
                TRY(ask(trial, child, &spoiler, sort, &found[sort][errors]));
            }
        }
    }
    print_all(found);
done:
    return fault;
}
