#include "match/model_file.h"

#include <sodium.h>
#include <stdlib.h>

enum { BIT = 1024, MILLION = 1000000, WEIGHT_BITS_MAX = 64, TENTHS = 10000, WORDS_MAX = 8 };

static const char *const WEIGHT_NAMES[] = {
#define WEIGHT(name, bits) [MODEL_WEIGHT_##name] = #name,
#include "match/model.def"
#undef WEIGHT
};

_Static_assert(sizeof(struct match_model) == MODEL_WEIGHTS * sizeof(int32_t), "nothing but weights");

static int32_t *weight_at(struct match_model *model, size_t weight)
{
    return (int32_t *)(void *)model + weight;
}

static int32_t weight_of(const struct match_model *model, size_t weight)
{
    return ((const int32_t *)(const void *)model)[weight];
}

void model_file_ship(struct model_file *ret_file)
{
    *ret_file = (struct model_file){.weights = match_model_shipped};
    memcpy(ret_file->made, "shipped", sizeof("shipped"));
}

void model_file_close(struct model_file *file)
{
    free(file->shares);
    free(file->texts);
    *file = (struct model_file){0};
}

/* A decimal as so many parts of one, rounded to nearest; at most nine digits before the point and six behind.
 * Needs no locale and knows no infinity. */
static bool read_decimal(struct str text, int64_t parts, int64_t most, int64_t *ret)
{
    bool minus = text.len > 0 && text.at[0] == '-';
    struct str rest = {text.at + minus, text.len - minus};
    struct str whole;
    int64_t units;
    int64_t millionths = 0;
    if (text.len == 0 || !str_split(&rest, '.', &whole) || whole.len == 0 || whole.at[0] == '-' ||
        !str_to_int(whole, 0, 999999999, &units))
        return false;
    if (rest.at != NULL) {
        if (rest.len == 0 || rest.len > 6 || rest.at[0] == '-' ||
            !str_to_int(rest, 0, MILLION - 1, &millionths))
            return false;
        for (size_t i = rest.len; i < 6; i++)
            millionths *= 10;
    }
    int64_t value = units * parts + (millionths * parts + MILLION / 2) / MILLION;
    if (value > most)
        return false;
    *ret = minus ? -value : value;
    return true;
}

struct words {
    struct str at[WORDS_MAX];
    size_t count;
};

static bool split_words(struct str line, struct words *ret_words)
{
    ret_words->count = 0;
    struct str word;
    while (str_split(&line, ' ', &word)) {
        if (word.len == 0)
            continue;
        if (ret_words->count == WORDS_MAX)
            return false;
        ret_words->at[ret_words->count++] = word;
    }
    return true;
}

struct reading {
    struct model_file file;
    bool has[MODEL_WEIGHTS];
    bool ended;
};

static enum fault wrong(const char *note)
{
    return fault_note(FAULT_MALFORMED, note);
}

static bool find_weight(struct str name, size_t *ret_weight)
{
    for (size_t i = 0; i < MODEL_WEIGHTS; i++) {
        if (str_equal(name, str_of(WEIGHT_NAMES[i]))) {
            *ret_weight = i;
            return true;
        }
    }
    return false;
}

/* weight NAME BITS [m SHARE u SHARE] */
static enum fault read_weight(struct reading *reading, const struct words *words)
{
    size_t weight;
    int64_t bits;
    int64_t m = 0;
    int64_t u = 0;
    if (words->count != 3 && words->count != 7)
        return wrong("a weight line is: weight NAME BITS, or weight NAME BITS m SHARE u SHARE");
    if (!find_weight(words->at[1], &weight))
        return wrong("no weight of that name is known: the model is of another version, train a new one");
    if (reading->has[weight])
        return wrong("this weight stands twice");
    if (!read_decimal(words->at[2], BIT, (int64_t)WEIGHT_BITS_MAX * BIT, &bits))
        return wrong("a weight is a decimal number of bits between -64 and 64");
    if (words->count == 7 && (!str_equal(words->at[3], STR("m")) || !str_equal(words->at[5], STR("u")) ||
                              !read_decimal(words->at[4], MILLION, MILLION, &m) || m < 0 ||
                              !read_decimal(words->at[6], MILLION, MILLION, &u) || u < 0))
        return wrong("m and u are shares between 0 and 1");
    *weight_at(&reading->file.weights, weight) = (int32_t)bits;
    reading->file.m[weight] = (int32_t)m;
    reading->file.u[weight] = (int32_t)u;
    reading->has[weight] = true;
    return FAULT_NONE;
}

static struct str share_name(const struct model_file *file, const struct model_share *share)
{
    return (struct str){file->texts + share->text, share->len};
}

/* One more place in an array that doubles. */
static enum fault make_room(void **array, size_t used, size_t more, size_t size)
{
    size_t room = 64;
    while (room < used)
        room *= 2;
    if (*array != NULL && used + more <= room)
        return FAULT_NONE;
    while (room < used + more)
        room *= 2;
    void *grown = realloc(*array, room * size);
    if (grown == NULL)
        return FAULT_MEMORY;
    *array = grown;
    return FAULT_NONE;
}

enum fault model_file_add(struct model_file *file, struct str name, uint16_t family, uint16_t given)
{
    must(name.len > 0 && name.len <= NAME_BYTES_MAX && file->share_count < MODEL_SHARES_MAX);
    must(file->share_count == 0 ||
         str_compare(share_name(file, &file->shares[file->share_count - 1]), name) < 0);
    void *shares = file->shares;
    void *texts = file->texts;
    enum fault fault = make_room(&shares, file->share_count, 1, sizeof(*file->shares));
    file->shares = shares;
    if (fault == FAULT_NONE)
        fault = make_room(&texts, file->texts_len, name.len, 1);
    file->texts = texts;
    if (fault != FAULT_NONE)
        return fault;
    memcpy(file->texts + file->texts_len, name.at, name.len);
    file->shares[file->share_count++] =
        (struct model_share){(uint32_t)file->texts_len, (uint8_t)name.len, family, given};
    file->texts_len += name.len;
    return FAULT_NONE;
}

/* share NAME FAMILY GIVEN, the name as normalised, `_` for its spaces; 0 for a part that is not listed. */
static enum fault read_share(struct reading *reading, const struct words *words)
{
    struct model_file *file = &reading->file;
    int64_t family;
    int64_t given;
    char name[NAME_BYTES_MAX];
    if (words->count != 4 || words->at[1].len > NAME_BYTES_MAX)
        return wrong("a share line is: share NAME FAMILY GIVEN");
    if (!read_decimal(words->at[2], BIT, (int64_t)UINT16_MAX, &family) || family < 0 ||
        !read_decimal(words->at[3], BIT, (int64_t)UINT16_MAX, &given) || given < 0 || family + given == 0)
        return wrong("a share is a number of bits between 0 and 63");
    size_t len = words->at[1].len;
    for (size_t i = 0; i < len; i++) {
        char c = words->at[1].at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '_' && i > 0 && i + 1 < len)))
            return wrong("a name in a share line is of a-z and 0-9, with _ for a space");
        name[i] = c == '_' ? ' ' : c;
    }
    if (file->share_count == MODEL_SHARES_MAX)
        return wrong("too many share lines: at most 1,000,000");
    struct str text = {name, len};
    if (file->share_count > 0 &&
        str_compare(share_name(file, &file->shares[file->share_count - 1]), text) >= 0)
        return wrong("share lines stand in ascending order, each name once");
    return model_file_add(file, text, (uint16_t)family, (uint16_t)given);
}

static enum fault read_count(const struct words *words, uint64_t *ret_count)
{
    int64_t count;
    if (words->count != 2 || !str_to_int(words->at[1], 0, INT64_MAX, &count))
        return wrong("a whole number is wanted behind this word");
    *ret_count = (uint64_t)count;
    return FAULT_NONE;
}

static enum fault read_made(struct reading *reading, struct str line)
{
    struct str made = str_trim((struct str){line.at + 4, line.len - 4});
    if (made.len == 0 || made.len > MODEL_MADE_BYTES_MAX)
        return wrong("behind the word made stands when and by what, in at most 80 bytes");
    for (size_t i = 0; i < made.len; i++) {
        if ((uint8_t)made.at[i] < ' ')
            return wrong("behind the word made stand characters that nobody sees");
    }
    memcpy(reading->file.made, made.at, made.len);
    reading->file.made[made.len] = '\0';
    return FAULT_NONE;
}

static enum fault read_line(struct reading *reading, struct str line)
{
    struct words words;
    if (line.len == 0 || line.at[0] == '#')
        return FAULT_NONE;
    if (reading->ended)
        return wrong("something stands behind the line that ends the model");
    if (str_starts(line, STR("made ")))
        return read_made(reading, line);
    if (!split_words(line, &words) || words.count == 0)
        return wrong("this line cannot be read");
    if (str_equal(words.at[0], STR("weight")))
        return read_weight(reading, &words);
    if (str_equal(words.at[0], STR("share")))
        return read_share(reading, &words);
    if (str_equal(words.at[0], STR("records")))
        return read_count(&words, &reading->file.records);
    if (str_equal(words.at[0], STR("pairs")))
        return read_count(&words, &reading->file.pairs);
    if (str_equal(words.at[0], STR("seed")))
        return read_count(&words, &reading->file.seed);
    if (!str_equal(line, STR("end")))
        return wrong("this line cannot be read");
    reading->ended = true;
    return FAULT_NONE;
}

static enum fault check_whole(const struct reading *reading)
{
    const struct match_model *model = &reading->file.weights;
    if (!reading->ended)
        return wrong("the model is cut off: its last line, end, is not there");
    for (size_t i = 0; i < MODEL_WEIGHTS; i++) {
        if (!reading->has[i])
            return wrong("a weight is missing: the model is of another version, train a new one");
    }
    if (reading->file.made[0] == '\0')
        return wrong("a line is missing that says when and by what the model was made: made DATE by PROGRAM");
    /* R14.3: nothing is linked by itself beneath 0.95. */
    if (model->sure < match_model_shipped.possible || model->sure < (int32_t)(4.25 * BIT))
        return wrong("the threshold sure lies beneath 0.95");
    if (model->possible > model->sure || model->held > model->possible || model->margin < 0)
        return wrong("the thresholds are not in order: held, possible, sure");
    if (model->family_floor < 0 || model->given_floor < 0 || model->family_floor > UINT16_MAX ||
        model->given_floor > UINT16_MAX)
        return wrong("a floor of names lies between 0 and 63 bits");
    return FAULT_NONE;
}

enum fault model_file_read(struct str text, struct model_file *ret_file, uint32_t *ret_line)
{
    static const char HEAD[] = "contactpoint model ";
    struct reading *reading = calloc(1, sizeof(*reading));
    struct str rest = text;
    struct str line;
    uint32_t number = 1;
    enum fault fault = FAULT_NONE;
    if (reading == NULL)
        return FAULT_MEMORY;
    if (text.len > MODEL_TEXT_BYTES_MAX)
        fault = wrong("the file is larger than a model can be: 64 MiB");
    else if (!str_split(&rest, '\n', &line) || !str_starts(line, str_of(HEAD)))
        fault = wrong("this is no model: it does not begin with contactpoint model");
    else if (!str_equal(line, STR("contactpoint model 1")))
        fault = wrong("the model is of another version than 1: train a new one");
    while (fault == FAULT_NONE && str_split(&rest, '\n', &line)) {
        number++;
        fault = read_line(reading, line);
    }
    if (fault == FAULT_NONE) {
        fault = check_whole(reading);
        number = 0;
    }
    if (fault == FAULT_NONE) {
        *ret_file = reading->file;
        reading->file = (struct model_file){0};
    } else {
        *ret_line = number;
    }
    model_file_close(&reading->file);
    free(reading);
    return fault;
}

/* Parts of one as a decimal that reads back to the same. */
static void put_decimal(struct buffer *buffer, int64_t value, int64_t parts, int digits)
{
    int64_t unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    int64_t size = value < 0 ? -value : value;
    if (value < 0)
        buffer_put_char(buffer, '-');
    int64_t scaled = (size * unit + parts / 2) / parts;
    buffer_put_int(buffer, scaled / unit);
    buffer_put_char(buffer, '.');
    buffer_put_padded(buffer, (uint64_t)(scaled % unit), digits);
}

static void put_count(struct buffer *buffer, const char *word, uint64_t count)
{
    buffer_put(buffer, str_of(word));
    buffer_put_padded(buffer, count, 1);
    buffer_put_char(buffer, '\n');
}

static void put_share(struct buffer *buffer, const struct model_file *file, const struct model_share *share)
{
    struct str name = share_name(file, share);
    buffer_put(buffer, STR("share "));
    for (size_t i = 0; i < name.len; i++)
        buffer_put_char(buffer, name.at[i] == ' ' ? '_' : name.at[i]);
    buffer_put_char(buffer, ' ');
    put_decimal(buffer, share->family, BIT, 4);
    buffer_put_char(buffer, ' ');
    put_decimal(buffer, share->given, BIT, 4);
    buffer_put_char(buffer, '\n');
}

void model_file_write(struct buffer *buffer, const struct model_file *file)
{
    buffer_put(buffer, STR("contactpoint model 1\nmade "));
    buffer_put(buffer, str_of(file->made));
    buffer_put_char(buffer, '\n');
    put_count(buffer, "records ", file->records);
    put_count(buffer, "pairs ", file->pairs);
    put_count(buffer, "seed ", file->seed);
    for (size_t i = 0; i < MODEL_WEIGHTS; i++) {
        buffer_put(buffer, STR("weight "));
        buffer_put(buffer, str_of(WEIGHT_NAMES[i]));
        buffer_put_char(buffer, ' ');
        put_decimal(buffer, weight_of(&file->weights, i), BIT, 4);
        if (file->m[i] != 0 || file->u[i] != 0) {
            buffer_put(buffer, STR(" m "));
            put_decimal(buffer, file->m[i], MILLION, 6);
            buffer_put(buffer, STR(" u "));
            put_decimal(buffer, file->u[i], MILLION, 6);
        }
        buffer_put_char(buffer, '\n');
    }
    for (size_t i = 0; i < file->share_count; i++)
        put_share(buffer, file, &file->shares[i]);
    buffer_put(buffer, STR("end\n"));
}

enum fault model_file_digest(const struct model_file *file, uint8_t ret_digest[MODEL_DIGEST_BYTES])
{
    struct buffer buffer = buffer_open(MODEL_TEXT_BYTES_MAX);
    model_file_write(&buffer, file);
    enum fault fault = buffer_fault(&buffer);
    if (fault == FAULT_NONE)
        (void)crypto_generichash(ret_digest, MODEL_DIGEST_BYTES, buffer_bytes(&buffer).at,
                                 buffer_bytes(&buffer).len, NULL, 0);
    buffer_close(&buffer);
    return fault;
}

uint16_t model_file_share(const struct model_file *file, struct str name, enum name_part part)
{
    size_t first = 0;
    size_t end = file->share_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        const struct model_share *share = &file->shares[middle];
        int order = str_compare(share_name(file, share), name);
        if (order == 0)
            return part == PART_FAMILY ? share->family : share->given;
        if (order < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return 0;
}
