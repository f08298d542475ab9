#include "match/train.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "match/em.h"
#include "match/score.h"

/* Fields of a pattern. */
enum field {
    FIELD_FAMILY,
    FIELD_GIVEN,
    FIELD_BIRTH,
    FIELD_SEX,
    FIELD_POSTCODE,
    FIELD_CARER,
    FIELD_PHONE,
    FIELD_NUMBER,
    FIELDS
};

enum { LEVELS_MAX = 12, BIT = 1024, MILLION = 1000000, BEARERS_LEAST = 20, SHARE_ONE_IN = 100000 };

/* How many true pairs what is shipped counts for, and the least share of a level. */
static const double STRENGTH = 200.0;
static const double LEAST_SHARE = 1e-7;

/* Levels of a field, best first; of all but names as rows of default.model. */
static const struct {
    size_t count;
    enum model_weight rows[LEVELS_MAX];
    bool household;
} FIELD_LEVELS[FIELDS] = {
    [FIELD_FAMILY] = {.count = PART_NOT, .household = true},
    [FIELD_GIVEN] = {.count = PART_NOT},
    [FIELD_BIRTH] = {.count = 12,
                     .rows = {MODEL_WEIGHT_birth_exact, MODEL_WEIGHT_birth_first_january,
                              MODEL_WEIGHT_birth_swapped, MODEL_WEIGHT_birth_part_month,
                              MODEL_WEIGHT_birth_one_digit, MODEL_WEIGHT_birth_part_year,
                              MODEL_WEIGHT_birth_part_about, MODEL_WEIGHT_birth_two_parts,
                              MODEL_WEIGHT_birth_near, MODEL_WEIGHT_birth_same_year,
                              MODEL_WEIGHT_birth_part_not, MODEL_WEIGHT_birth_not}},
    [FIELD_SEX] = {.count = 2, .rows = {MODEL_WEIGHT_sex_same, MODEL_WEIGHT_sex_not}},
    [FIELD_POSTCODE] = {.count = 7,
                        .rows = {MODEL_WEIGHT_postcode_same, MODEL_WEIGHT_postcode_past,
                                 MODEL_WEIGHT_postcode_one_letter, MODEL_WEIGHT_postcode_sector,
                                 MODEL_WEIGHT_postcode_district, MODEL_WEIGHT_postcode_area,
                                 MODEL_WEIGHT_postcode_not},
                        .household = true},
    [FIELD_CARER] = {.count = 3,
                     .rows = {MODEL_WEIGHT_carer_same, MODEL_WEIGHT_carer_close, MODEL_WEIGHT_carer_not},
                     .household = true},
    [FIELD_PHONE] = {.count = 2,
                     .rows = {MODEL_WEIGHT_phone_same, MODEL_WEIGHT_phone_not},
                     .household = true},
    [FIELD_NUMBER] = {.count = 2, .rows = {MODEL_WEIGHT_number_same, MODEL_WEIGHT_number_not}},
};

/* Names: what a pair of one child is expected to show before anything is learnt, and two children. */
static const double NAME_M[PART_NOT + 1] = {0, 0.86, 0.02, 0.05, 0.03, 0.015, 0.005, 0.02};
static const double NAME_U[PART_NOT + 1] = {0, 0.003, 0.002, 0.002, 0.01, 0.01, 0.02, 0.953};

struct match_train {
    const struct model_file *start; /* NULL: the shipped one */
    struct model_file probe; /* its weights, no two of a field equal: they tell which level was reached */
    struct match_index *index;
    uint32_t records; /* record n is in slot n */
};

static int32_t *weight_at(struct match_model *model, enum model_weight row)
{
    return (int32_t *)(void *)model + row;
}

static int32_t weight_of(const struct match_model *model, enum model_weight row)
{
    return ((const int32_t *)(const void *)model)[row];
}

static bool is_taken(const struct match_model *model, enum field field, size_t level)
{
    for (size_t i = 0; i < level; i++) {
        if (weight_of(model, FIELD_LEVELS[field].rows[i]) ==
            weight_of(model, FIELD_LEVELS[field].rows[level]))
            return true;
    }
    return false;
}

enum fault train_open(const struct model_file *start, struct match_train **ret_train)
{
    struct match_train *train = calloc(1, sizeof(*train));
    if (train == NULL)
        return FAULT_MEMORY;
    train->start = start;
    train->probe.weights = start == NULL ? match_model_shipped : start->weights;
    for (enum field field = FIELD_BIRTH; field < FIELDS; field++) {
        for (size_t level = 1; level < FIELD_LEVELS[field].count; level++) {
            while (is_taken(&train->probe.weights, field, level))
                --*weight_at(&train->probe.weights, FIELD_LEVELS[field].rows[level]);
        }
    }
    enum fault fault = match_open_with(&train->probe, &train->index);
    if (fault != FAULT_NONE) {
        free(train);
        return fault;
    }
    *ret_train = train;
    return FAULT_NONE;
}

void train_close(struct match_train *train)
{
    if (train == NULL)
        return;
    match_close(train->index);
    free(train);
}

enum fault train_add(struct match_train *train, const struct person *person)
{
    struct child_id child = {0};
    uint32_t number = train->records + 1;
    memcpy(child.id.byte, &number, sizeof(number));
    enum fault fault = match_put(train->index, child, RECORD_LIVE, 1, false, person);
    if (fault == FAULT_NONE)
        train->records = number;
    return fault;
}

/* The level of a field that a weight of the probe stands for; 0 where none does. */
static unsigned level_of(const struct match_train *train, enum field field, int32_t weight)
{
    for (size_t i = 0; i < FIELD_LEVELS[field].count; i++) {
        if (weight_of(&train->probe.weights, FIELD_LEVELS[field].rows[i]) == weight)
            return (unsigned)i + 1;
    }
    return 0;
}

static uint64_t pattern_of(const struct match_train *train, const struct score *score)
{
    static const enum field FIELD_OF[EVIDENCE_END] = {
        [EVIDENCE_BIRTH] = FIELD_BIRTH,       [EVIDENCE_SEX] = FIELD_SEX,
        [EVIDENCE_POSTCODE] = FIELD_POSTCODE, [EVIDENCE_FORMER_POSTCODE] = FIELD_POSTCODE,
        [EVIDENCE_CARER] = FIELD_CARER,       [EVIDENCE_PHONE] = FIELD_PHONE,
    };
    uint64_t pattern = em_pattern_put(0, FIELD_FAMILY, score->family);
    pattern = em_pattern_put(pattern, FIELD_GIVEN, score->given);
    if (score->number_same || score->number_conflict)
        pattern = em_pattern_put(pattern, FIELD_NUMBER, score->number_same ? 1 : 2);
    for (size_t i = 0; i < score->reason_count; i++) {
        enum field field = FIELD_OF[score->reasons[i].evidence];
        if (field != FIELD_FAMILY)
            pattern = em_pattern_put(pattern, field, level_of(train, field, score->reasons[i].weight));
    }
    return pattern;
}

/* Another record's number, below `below`, for every step of a stream of its own. */
static uint32_t draw(struct stream *stream, uint32_t below)
{
    return 1 + (uint32_t)stream_below(stream, below);
}

static enum fault count_random(struct match_train *train, const struct train_order *order, uint64_t pairs,
                               struct em_counter *counter)
{
    enum { PER_RECORD = 16 };
    struct stream stream = stream_of(order->seed);
    struct description asked;
    struct scorer scorer;
    struct score score;
    for (uint64_t i = 0; i < pairs; i++) {
        if (i % PER_RECORD == 0) {
            index_recall(train->index, draw(&stream, train->records), &asked);
            score_open(&scorer, train->index, &asked);
        }
        score_candidate(&scorer, draw(&stream, train->records), &score);
        enum fault fault = em_counter_add(counter, pattern_of(train, &score), 1);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

/* The block that a record stands in, by what the pass blocks on; empty where it says nothing of it. */
static size_t block_of(const struct match_train *train, enum field blocked, uint32_t record,
                       struct posted *ret_posted)
{
    const struct match_index *index = train->index;
    struct evidence_view view = index_view(index, record);
    uint64_t value = 0;
    if (blocked == FIELD_BIRTH)
        value = describe_date(view.birth);
    else if (view.present_count > 0)
        value = view.places[0];
    if (value == 0)
        return 0;
    enum key_kind kind = blocked == FIELD_BIRTH ? KEY_DATE : KEY_POSTCODE;
    return postings_find(index->postings, block_key(index->key, kind, block_veil(RECORD_LIVE, 0), value, 1),
                         ret_posted);
}

/* Which records are asked about, so that about so many pairs are looked at: by number, never by place. */
static bool is_asked(uint32_t record, uint64_t seed, uint64_t wanted, uint64_t all)
{
    struct stream stream = stream_of(seed ^ (uint64_t)record * 0x9e3779b97f4a7c15u);
    return all <= wanted || stream_below(&stream, all) < wanted;
}

static enum fault count_block(struct match_train *train, uint32_t record, const uint32_t *slots, size_t count,
                              struct em_counter *counter)
{
    struct description asked;
    struct scorer scorer;
    struct score score;
    enum fault fault = FAULT_NONE;
    index_recall(train->index, record, &asked);
    score_open(&scorer, train->index, &asked);
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        if (slots[i] <= record)
            continue; /* once a pair */
        score_candidate(&scorer, slots[i], &score);
        fault = em_counter_add(counter, pattern_of(train, &score), 1);
    }
    return fault;
}

static enum fault count_pass(struct match_train *train, enum field blocked, const struct train_order *order,
                             struct em_counter *counter)
{
    struct posted posted;
    uint64_t all = 0;
    for (uint32_t record = 1; record <= train->records; record++)
        all += block_of(train, blocked, record, &posted) / 2;
    enum fault fault = FAULT_NONE;
    for (uint32_t record = 1; record <= train->records && fault == FAULT_NONE; record++) {
        if (!is_asked(record, order->seed, order->pairs, all))
            continue;
        size_t count = block_of(train, blocked, record, &posted);
        fault = count_block(train, record, posted.slots, count, counter);
    }
    return fault;
}

static double share_of(double weight, double u)
{
    double m = u * exp2(weight / BIT);
    return m > 0.999 ? 0.999 : m;
}

/* What is known beforehand: u as random pairs show it, m as the weights that training starts from have it. */
static void prepare_field(const struct match_train *train, enum field field, const struct em_count *random,
                          size_t random_count, struct em_field *ret_field)
{
    double seen[EM_LEVELS_MAX] = {0};
    double all = 0;
    size_t levels = FIELD_LEVELS[field].count;
    for (size_t i = 0; i < random_count; i++) {
        unsigned level = em_pattern_level(random[i].pattern, field);
        if (level > 0) {
            seen[level] += (double)random[i].pairs;
            all += (double)random[i].pairs;
        }
    }
    *ret_field = (struct em_field){.levels = (unsigned)levels,
                                   .strength = STRENGTH,
                                   .fixed = field == FIELD_NUMBER,
                                   .household = FIELD_LEVELS[field].household,
                                   .ordered = field > FIELD_GIVEN};
    double sum = 0;
    for (size_t level = 1; level <= levels; level++) {
        bool named = field <= FIELD_GIVEN;
        double start = named ? NAME_U[level] : LEAST_SHARE * 10;
        double u = (seen[level] + start) / (all + 1);
        u = u < LEAST_SHARE ? LEAST_SHARE : u;
        ret_field->u[level] = u;
        enum model_weight row = named ? 0 : FIELD_LEVELS[field].rows[level - 1];
        ret_field->m[level] = named ? NAME_M[level] : share_of(weight_of(&train->probe.weights, row), u);
        sum += ret_field->m[level];
    }
    for (size_t level = 1; level <= levels; level++)
        ret_field->m[level] /= sum;
}

static uint64_t pairs_of(const struct em_count *counts, size_t count)
{
    uint64_t pairs = 0;
    for (size_t i = 0; i < count; i++)
        pairs += counts[i].pairs;
    return pairs;
}

static int32_t millionths(double share)
{
    int32_t value = (int32_t)lround(share * MILLION);
    return value < 1 ? 1 : value;
}

/* Into the new model: a weight moves by at most two bits from where training started, and never to the other
 * side of nothing: what speaks for a person cannot come to speak against one. */
static void move(struct model_file *model, enum model_weight row, double bits)
{
    enum { MOST = 2 * BIT };
    int32_t start = weight_of(&model->weights, row);
    int32_t value = (int32_t)lround(bits * BIT);
    value = value > start + MOST ? start + MOST : value;
    value = value < start - MOST ? start - MOST : value;
    if ((start > 0 && value < 0) || (start < 0 && value > 0))
        value = 0;
    *weight_at(&model->weights, row) = value;
}

/* Names: the frequency says what exact agreement is worth, so the weights of levels are changes to it:
 * log2(m) for agreement, less by as much as chance reaches the level oftener than equality. */
static void take_names(const struct em_model *em, struct model_file *model)
{
    static const struct {
        enum part_level level;
        enum model_weight row;
    } CHANGES[] = {{PART_EXACT, MODEL_WEIGHT_name_exact},
                   {PART_NICKNAME, MODEL_WEIGHT_name_nickname},
                   {PART_CLOSE, MODEL_WEIGHT_name_close},
                   {PART_PARTLY, MODEL_WEIGHT_name_partly}};
    for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
        enum part_level level = CHANGES[i].level;
        double bits = 0;
        for (enum field field = FIELD_FAMILY; field <= FIELD_GIVEN; field++)
            bits += log2(em->m[field][level]) - log2(em->u[field][level] / em->u[field][PART_EXACT]);
        move(model, CHANGES[i].row,
             level == PART_NICKNAME ? log2(em->m[FIELD_GIVEN][level]) -
                                          log2(em->u[FIELD_GIVEN][level] / em->u[FIELD_GIVEN][PART_EXACT])
                                    : bits / 2);
    }
    move(model, MODEL_WEIGHT_family_not, em_weight(em, FIELD_FAMILY, PART_NOT) / (double)BIT);
    move(model, MODEL_WEIGHT_given_not, em_weight(em, FIELD_GIVEN, PART_NOT) / (double)BIT);
}

static void take_weights(const struct em_model *em, struct model_file *model)
{
    for (enum field field = FIELD_BIRTH; field < FIELD_NUMBER; field++) {
        for (size_t level = 1; level <= FIELD_LEVELS[field].count; level++) {
            enum model_weight row = FIELD_LEVELS[field].rows[level - 1];
            move(model, row, em_weight(em, field, (unsigned)level) / (double)BIT);
            model->m[row] = millionths(em->m[field][level]);
            model->u[row] = millionths(em->u[field][level]);
        }
    }
    take_names(em, model);
}

struct bearers {
    char flat[NAME_BYTES_MAX];
    uint8_t len;
    uint32_t family;
    uint32_t given;
};

static int compare_bearers(const void *a, const void *b)
{
    const struct bearers *x = a;
    const struct bearers *y = b;
    return str_compare((struct str){x->flat, x->len}, (struct str){y->flat, y->len});
}

static void count_names(const struct match_train *train, struct bearers *by_id)
{
    for (uint32_t record = 1; record <= train->records; record++) {
        struct evidence_view view = index_view(train->index, record);
        if (view.name_count == 0)
            continue;
        by_id[view_family(&view, 0)].family++;
        by_id[view_given(&view, 0)].given++;
    }
}

static uint16_t bits_of(uint32_t bearers, uint32_t records)
{
    bool listed = bearers >= BEARERS_LEAST && (uint64_t)bearers * SHARE_ONE_IN >= records;
    return listed ? (uint16_t)lround(-log2((double)bearers / records) * BIT) : 0;
}

/* How common names are; rarer ones stay out, they would be personal data. */
static enum fault take_shares(const struct match_train *train, struct model_file *model)
{
    const struct vocabulary *vocabulary = &train->index->vocabulary;
    struct bearers *by_id = calloc(vocabulary->next_id, sizeof(*by_id));
    enum fault fault = FAULT_NONE;
    if (by_id == NULL)
        return FAULT_MEMORY;
    count_names(train, by_id);
    size_t used = 0;
    for (uint32_t id = 1; id < vocabulary->next_id; id++) {
        struct bearers bearers = by_id[id];
        struct str text = intern_text(vocabulary, id);
        for (size_t i = 0; i < text.len; i++) {
            if (text.at[i] != ' ')
                bearers.flat[bearers.len++] = text.at[i];
        }
        if (!intern_word(vocabulary, id)->placeholder && bearers.len > 0 &&
            bearers.family + bearers.given > 0)
            by_id[used++] = bearers;
    }
    qsort(by_id, used, sizeof(*by_id), compare_bearers);
    for (size_t i = 0, next; i < used && fault == FAULT_NONE; i = next) {
        for (next = i + 1; next < used && compare_bearers(&by_id[i], &by_id[next]) == 0; next++) {
            by_id[i].family += by_id[next].family;
            by_id[i].given += by_id[next].given;
        }
        uint16_t family = bits_of(by_id[i].family, train->records);
        uint16_t given = bits_of(by_id[i].given, train->records);
        if (family + given > 0 && model->share_count < MODEL_SHARES_MAX)
            fault = model_file_add(model, (struct str){by_id[i].flat, by_id[i].len}, family, given);
    }
    free(by_id);
    return fault;
}

/* Both passes' counts, ready to be learnt from. */
static void prepare_pass(struct em_counter *counter, enum field blocked, struct em_pass *ret_pass)
{
    size_t count = em_counter_sorted(counter);
    *ret_pass = (struct em_pass){.counts = counter->places,
                                 .count = count,
                                 .blocked = 1u << blocked,
                                 .prior = blocked == FIELD_BIRTH ? 0.02 : 0.2,
                                 .household = blocked == FIELD_BIRTH ? 0.002 : 0.2};
}

static enum fault learn(struct match_train *train, const struct train_order *order,
                        struct em_counter counters[3], struct model_file *model, struct train_report *report)
{
    struct em_field fields[FIELDS];
    struct em_pass passes[2];
    struct em_model em;
    enum fault fault;
    TRY(count_random(train, order, order->pairs, &counters[0]));
    TRY(count_pass(train, FIELD_BIRTH, order, &counters[1]));
    TRY(count_pass(train, FIELD_POSTCODE, order, &counters[2]));
    size_t random_count = em_counter_sorted(&counters[0]);
    for (enum field field = 0; field < FIELDS; field++)
        prepare_field(train, field, counters[0].places, random_count, &fields[field]);
    prepare_pass(&counters[1], FIELD_BIRTH, &passes[0]);
    prepare_pass(&counters[2], FIELD_POSTCODE, &passes[1]);
    TRY(em_train(fields, FIELDS, passes, 2, &em));
    if (em.matches < TRAIN_MATCHES_LEAST)
        TRY(fault_note(FAULT_INVALID,
                       "there are too few pairs of records of one child to learn from: train when more "
                       "feeds have been loaded"));
    take_weights(&em, model);
    report->pairs = pairs_of(passes[0].counts, passes[0].count) +
                    pairs_of(passes[1].counts, passes[1].count) + pairs_of(counters[0].places, random_count);
    report->matches = (uint64_t)em.matches;
    report->rounds = em.rounds;
done:
    return fault;
}

enum fault train_run(struct match_train *train, const struct train_order *order, struct model_file *ret_model,
                     struct train_report *ret_report)
{
    struct train_order whole = *order;
    struct em_counter counters[3];
    struct model_file model;
    struct train_report report = {.records = train->records};
    if (train->records < TRAIN_RECORDS_LEAST)
        return fault_note(FAULT_INVALID, "training needs at least 2,000 records: load more feeds first");
    if (whole.pairs == 0)
        whole.pairs = TRAIN_PAIRS_DEFAULT;
    for (size_t i = 0; i < 3; i++)
        em_counter_open(&counters[i]);
    model_file_ship(&model);
    model.weights = train->start == NULL ? match_model_shipped : train->start->weights;
    size_t made = whole.made.len < MODEL_MADE_BYTES_MAX ? whole.made.len : MODEL_MADE_BYTES_MAX;
    memcpy(model.made, whole.made.at, made);
    model.made[made] = '\0';
    enum fault fault = learn(train, &whole, counters, &model, &report);
    if (fault == FAULT_NONE)
        fault = take_shares(train, &model);
    for (size_t i = 0; i < 3; i++)
        em_counter_close(&counters[i]);
    model.records = report.records;
    model.pairs = report.pairs;
    model.seed = whole.seed;
    if (fault == FAULT_NONE) {
        *ret_model = model;
        *ret_report = report;
    } else {
        model_file_close(&model);
    }
    return fault;
}
