/* Whether values come back as they went in, and stand in the order of their bytes. */
#include <stdlib.h>
#include <string.h>

#include "store/check_inside.h"

enum {
    LARGE_BYTES = 1024 * 1024,
    LONG_BYTES = 64 * 1024,
    PAGE_BYTES = 8192,
    SORTED_MAX = 64,
    SINGLE_BYTES = 256,
};

/* Keys that engines like to order, or to take for the same, by something else than their bytes: case, accents
 * in two forms, blanks at the end, punctuation, lengths, code points beyond 16 bits. */
static const char *const texts[] = {
    "",
    "a",
    "A",
    "b",
    "B",
    "Z",
    "_",
    "aa",
    "a a",
    "a-a",
    "a ",
    " a",
    "a.a",
    "10",
    "9",
    "\t",
    "~",
    "e",
    "\xc3\xa9",
    "e\xcc\x81",
    "\xc3\x9f",
    "ss",
    "\xef\xbf\xbf",
    "\xf0\x9f\x98\x80",
    "I",
    "i",
    "\xc4\xb1",
    "\xc4\xb0",
    "\xe2\x80\x8d",
    "%_",
};

static const struct bytes keys[] = {
#define KEY(literal)                                                                                         \
    {                                                                                                        \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                      \
    }
    KEY("\x00"),     KEY("\x00\x00"), KEY("\x01"),         KEY("\x7f"),     KEY("\x80"),
    KEY("\xff"),     KEY("\xff\x00"), KEY("\x7f\xff"),     KEY("\x80\x00"), KEY("\\x00"),
    KEY("\xff\xff"), KEY("'"),        KEY("\xc3\xa9"),     KEY("a"),        KEY("A"),
    KEY("\x00\x01"), KEY(""),         KEY("\x00\xff\x00"), KEY("a\x00"),    KEY("a\x00z"),
#undef KEY
};

static const int64_t numbers[] = {
    INT64_MIN, INT64_MIN + 1, -9007199254740993, -4294967297,      -2147483649,   -1,        0,
    1,         2147483648,    4294967296,        9007199254740993, INT64_MAX - 1, INT64_MAX,
};

enum {
    TEXTS = sizeof texts / sizeof texts[0],
    KEYS = sizeof keys / sizeof keys[0],
    NUMBERS = sizeof numbers / sizeof numbers[0],
};
_Static_assert((int)TEXTS <= SORTED_MAX && (int)KEYS <= SORTED_MAX, "both are sorted in one place");

static int by_bytes(const void *a, const void *b)
{
    return str_compare(str_of_bytes(((const struct value *)a)->bytes),
                       str_of_bytes(((const struct value *)b)->bytes));
}

/* One table with one row for each value as its key. */
struct ordering {
    struct check *check;
    const char *what;
    enum statement write;
    enum statement read;
    size_t count;
    struct value sorted[SORTED_MAX];
    size_t key_at;      /* among what is bound and given: where the key's last column stands */
    struct value rest;  /* of every row */
    bool second_of_two; /* the key is (1, number) */
};

static void fill_row(const struct ordering *ordering, size_t i, struct value *row)
{
    row[0] = ordering->second_of_two ? value_int(1) : ordering->sorted[i];
    if (ordering->second_of_two)
        row[1] = ordering->sorted[i];
    row[ordering->key_at + 1] = ordering->rest;
}

static bool same_value(const struct value *a, const struct value *b)
{
    return a->kind == b->kind &&
           (a->kind == VALUE_INT ? a->number == b->number
                                 : str_equal(str_of_bytes(a->bytes), str_of_bytes(b->bytes)));
}

/* All rows from the one numbered `from` on, in their order. */
static enum fault read_from(struct db_tx *tx, const struct ordering *ordering, size_t from)
{
    struct value in[2], row[CHECK_COLUMNS_MAX];
    struct db_rows *rows = NULL;
    size_t at = from;
    bool wrong = false;
    enum fault fault;
    in[0] = ordering->second_of_two ? value_int(1) : ordering->sorted[from];
    in[1] = ordering->sorted[from];
    TRY(db_query(tx, ordering->read, in, &rows));
    for (; db_next(rows, row); at++)
        wrong = wrong || at >= ordering->count || !same_value(&row[ordering->key_at], &ordering->sorted[at]);
    TRY(db_rows_close(rows));
    if (wrong || at != ordering->count)
        check_say(ordering->check, CHECK_FAILS,
                  "%s: from number %zu on, of %zu in the order of their bytes, %zu came%s", ordering->what,
                  from + 1, ordering->count, at - from, wrong ? ", in another order" : "");
done:
    return fault;
}

static enum fault try_order(struct db_tx *tx, void *context)
{
    const struct ordering *ordering = context;
    struct value rows[SORTED_MAX][3];
    struct value flat[SORTED_MAX * 3];
    const size_t width = ordering->key_at + 2;
    enum fault fault;
    /* In an order that is none. */
    for (size_t i = 0; i < ordering->count; i++) {
        fill_row(ordering, (i * 7 + 3) % ordering->count, rows[i]);
        memcpy(flat + i * width, rows[i], width * sizeof flat[0]);
    }
    TRY(db_run_many(tx, ordering->write, flat, ordering->count));
    for (size_t i = 0; i < ordering->count; i++)
        TRY(read_from(tx, ordering, i));
    fault = FAULT_CANCELLED; /* nothing is to be kept */
done:
    return fault;
}

static enum fault run_order(struct check *check, struct db *db, struct ordering *ordering)
{
    ordering->check = check;
    enum fault fault = db_write(db, DB_FOREGROUND, try_order, ordering);
    if (fault == FAULT_DUPLICATE || fault == FAULT_INVALID)
        check_say(check, CHECK_FAILS, "%s: different keys are taken for the same, or not taken",
                  ordering->what);
    return fault == FAULT_CANCELLED || fault == FAULT_DUPLICATE || fault == FAULT_INVALID ? FAULT_NONE
                                                                                          : fault;
}

enum fault check_order(struct check *check)
{
    static const uint8_t something[1] = {7};
    const struct value rest = value_bytes((struct bytes){something, 1});
    struct ordering of_texts = {.what = "texts",
                                .write = SQL_copy_write_house_key,
                                .read = SQL_copy_read_house_key,
                                .count = TEXTS,
                                .rest = rest};
    struct ordering of_keys = {.what = "bytes",
                               .write = SQL_copy_write_child_key,
                               .read = SQL_copy_read_child_key,
                               .count = KEYS,
                               .rest = rest};
    struct ordering of_numbers = {.what = "numbers",
                                  .write = SQL_copy_write_source_record,
                                  .read = SQL_copy_read_source_record,
                                  .count = NUMBERS,
                                  .key_at = 1,
                                  .rest = rest,
                                  .second_of_two = true};
    struct db *db = NULL;
    enum fault fault;
    for (size_t i = 0; i < TEXTS; i++)
        of_texts.sorted[i] = value_text(str_of(texts[i]));
    for (size_t i = 0; i < KEYS; i++)
        of_keys.sorted[i] = value_bytes(keys[i]);
    for (size_t i = 0; i < NUMBERS; i++)
        of_numbers.sorted[i] = value_int(numbers[i]);
    qsort(of_texts.sorted, TEXTS, sizeof of_texts.sorted[0], by_bytes);
    qsort(of_keys.sorted, KEYS, sizeof of_keys.sorted[0], by_bytes);
    TRY(check_open(check, 1, 0, &db));
    TRY(run_order(check, db, &of_texts));
    TRY(run_order(check, db, &of_keys));
    TRY(run_order(check, db, &of_numbers));
done:
    db_close(db);
    return fault;
}

/* What is written as a child's key and claim, and read back in another transaction. */
struct sample {
    struct check *check;
    struct value wrapped;
    struct value authority;
    struct value number;
    const char *what;
    bool many; /* written as feeds are */
};

static struct id sample_id(void)
{
    return (struct id){.byte = {'s', 'a', 'm', 'p', 'l', 'e'}};
}

static enum fault write_sample(struct db_tx *tx, void *context)
{
    const struct sample *sample = context;
    const struct id id = sample_id();
    const struct value key[] = {value_id(id), sample->wrapped};
    const struct value child[BINDS_copy_write_child] = {
        [BIND_copy_write_child_child_id] = value_id(id),
        [BIND_copy_write_child_state] = sample->number,
        [BIND_copy_write_child_shield] = value_int(0),
        [BIND_copy_write_child_authority] = sample->authority,
        [BIND_copy_write_child_version] = sample->number,
        [BIND_copy_write_child_linkage] = sample->wrapped,
        [BIND_copy_write_child_merged_into] = value_null(),
        [BIND_copy_write_child_parts] = value_null(),
    };
    enum fault fault;
    if (sample->many) {
        TRY(db_run_many(tx, SQL_copy_write_child_key, key, 1));
        TRY(db_run_many(tx, SQL_copy_write_child, child, 1));
    } else {
        TRY(db_run(tx, SQL_child_key_insert, key, NULL));
        TRY(db_run(tx, SQL_copy_write_child, child, NULL));
    }
done:
    return fault;
}

static void compare(const struct sample *sample, const struct value *is, const struct value *was,
                    const char *how)
{
    if (!same_value(is, was) && !(is->kind == VALUE_NULL && was->kind == VALUE_NULL))
        check_say(sample->check, CHECK_FAILS, "%s, %s: other than they went in", sample->what, how);
}

static enum fault read_sample(struct db_tx *tx, void *context)
{
    const struct sample *sample = context;
    const struct id id = sample_id();
    const struct value in[] = {value_id(id)};
    struct value out[GIVES_child_get], row[GIVES_copy_read_child];
    struct db_rows *rows = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(CHECK_ARENA_BYTES, &arena));
    TRY(db_one(tx, SQL_child_get, in, arena, out));
    compare(sample, &out[GIVE_child_get_wrapped], &sample->wrapped, "one by one");
    compare(sample, &out[GIVE_child_get_linkage], &sample->wrapped, "one by one");
    compare(sample, &out[GIVE_child_get_authority], &sample->authority, "one by one");
    compare(sample, &out[GIVE_child_get_version], &sample->number, "one by one");
    TRY(db_query(tx, SQL_copy_read_child, in, &rows));
    while (db_next(rows, row)) {
        compare(sample, &row[GIVE_copy_read_child_linkage], &sample->wrapped, "many at once");
        compare(sample, &row[GIVE_copy_read_child_authority], &sample->authority, "many at once");
        compare(sample, &row[GIVE_copy_read_child_version], &sample->number, "many at once");
    }
    fault = db_rows_close(rows);
done:
    arena_close(arena);
    return fault;
}

/* Opened anew, so that nothing comes from a memory. */
static enum fault try_sample(struct check *check, struct sample *sample)
{
    struct db *db = NULL;
    enum fault fault;
    sample->check = check;
    TRY(check_clear(check));
    TRY(check_open(check, 1, 0, &db));
    fault = db_write(db, DB_FOREGROUND, write_sample, sample);
    if (fault == FAULT_INVALID || fault == FAULT_DUPLICATE) {
        check_say(check, CHECK_FAILS, "%s are refused: %s", sample->what, fault_last_note());
        fault = FAULT_NONE;
    } else {
        TRY(fault);
        TRY(db_read(db, read_sample, sample));
    }
done:
    db_close(db);
    return fault;
}

static enum fault try_bytes(struct check *check, uint8_t *memory, size_t len, const char *what)
{
    enum fault fault = FAULT_NONE;
    for (int many = 0; many < 2; many++) {
        struct sample sample = {.wrapped = value_bytes((struct bytes){memory, len}),
                                .authority = value_null(),
                                .number = value_int(1),
                                .what = what,
                                .many = many == 1};
        TRY(try_sample(check, &sample));
    }
done:
    return fault;
}

static enum fault try_numbers_and_texts(struct check *check)
{
    static const char *const more[] = {"", " ", "\xf4\x8f\xbf\xbf", "\xc3\xa9 e\xcc\x81", "'; --\\", "NULL"};
    static const uint8_t nothing[1] = {0};
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < NUMBERS; i++) {
        const char *text = more[i % (sizeof more / sizeof more[0])];
        struct sample sample = {.wrapped = value_bytes((struct bytes){nothing, 0}),
                                .authority = i == 0 ? value_null() : value_text(str_of(text)),
                                .number = value_int(numbers[i]),
                                .what = "numbers and texts",
                                .many = i % 2 == 1};
        TRY(try_sample(check, &sample));
        if (check_stopped(check))
            TRY(FAULT_CANCELLED);
    }
done:
    return fault;
}

enum fault check_values(struct check *check)
{
    static const size_t sizes[] = {0, 1, PAGE_BYTES - 1, PAGE_BYTES, LONG_BYTES, LARGE_BYTES};
    uint8_t *memory = malloc(LARGE_BYTES);
    enum fault fault = memory == NULL ? FAULT_MEMORY : FAULT_NONE;
    TRY(fault);
    for (size_t i = 0; i < LARGE_BYTES; i++) /* every byte, beside every other now and then */
        memory[i] = (uint8_t)(i + i / SINGLE_BYTES);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        TRY(try_bytes(check, memory, sizes[i], "bytes of all values"));
    TRY(try_bytes(check, memory, SINGLE_BYTES, "the bytes 0 to 255"));
    memset(memory, 0, LONG_BYTES);
    TRY(try_bytes(check, memory, LONG_BYTES, "64 KiB of zero bytes"));
    TRY(try_numbers_and_texts(check));
done:
    free(memory);
    return fault;
}
