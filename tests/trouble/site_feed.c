/* Feeds of children who were never heard of. */
#include <sodium.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/random.h"
#include "registry/row.h"
#include "site.h"

enum { FEED_BYTES_MAX = 4 * 1024 * 1024 };

static void put_row(struct buffer *body, const struct row *row)
{
    for (int i = 0; i < COLUMNS_END; i++)
        csv_put(body, row->at[i], i == 0);
    buffer_put_char(body, '\n');
}

static void put_word(char at[32], struct stream *stream)
{
    static const char *const syllables[] = {"bal", "cor", "den", "fis", "gur", "hem", "jol", "kam",
                                            "lir", "mun", "nev", "pok", "rud", "sel", "tov", "wim"};
    enum { COUNT = sizeof syllables / sizeof syllables[0] };
    (void)snprintf(at, 32, "%s%s%s", syllables[stream_below(stream, COUNT)],
                   syllables[stream_below(stream, COUNT)], syllables[stream_below(stream, COUNT)]);
    at[0] = (char)(at[0] - 'a' + 'A');
}

/* A child and who works with it. */
static void put_pair(struct buffer *body, struct stream *stream, int sequence, int nth)
{
    char record[32], family[32], given[32], birth[32];
    struct row child = {0}, involvement = {0};
    (void)snprintf(record, sizeof record, "t%d-%d", sequence, nth);
    (void)snprintf(birth, sizeof birth, "20%02d-%02d-%02d", 10 + (int)stream_below(stream, 12),
                   1 + (int)stream_below(stream, 12), 1 + (int)stream_below(stream, 28));
    put_word(family, stream);
    put_word(given, stream);
    child.at[COLUMN_type] = STR("child");
    child.at[COLUMN_record] = involvement.at[COLUMN_record] = str_of(record);
    child.at[COLUMN_family] = str_of(family);
    child.at[COLUMN_given] = str_of(given);
    child.at[COLUMN_birth_date] = str_of(birth);
    child.at[COLUMN_sex] = STR("F");
    involvement.at[COLUMN_type] = STR("involvement");
    involvement.at[COLUMN_involvement] = str_of(record);
    involvement.at[COLUMN_service_kind] = STR("health_visiting");
    involvement.at[COLUMN_service] = STR("Seaview Clinic");
    involvement.at[COLUMN_practitioner] = STR("Morgan Sample");
    involvement.at[COLUMN_phone] = STR("01632 960777");
    involvement.at[COLUMN_from] = STR("2026-01-05");
    put_row(body, &child);
    put_row(body, &involvement);
}

const char *site_feed(struct site *site, int sequence, int children)
{
    static char path[2 * SITE_PATH_BYTES];
    struct buffer body = buffer_open(FEED_BYTES_MAX);
    struct stream stream = stream_of((uint64_t)sequence * 7919);
    uint8_t digest[crypto_hash_sha256_BYTES];
    char text[2 * sizeof digest + 1];
    for (int i = 0; i < COLUMNS_END; i++)
        csv_put(&body, str_of(row_column((enum column)i)->name), i == 0);
    buffer_put_char(&body, '\n');
    for (int i = 0; i < children; i++)
        put_pair(&body, &stream, sequence, i);
    assert_int_equal(buffer_fault(&body), FAULT_NONE);
    (void)crypto_hash_sha256(digest, buffer_bytes(&body).at, body.len);
    (void)sodium_bin2hex(text, sizeof text, digest, sizeof digest);
    (void)snprintf(path, sizeof path, "%s/feed-%d.csv", site->folder, sequence);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file,
                  "#contactpoint-feed,version=1,source=health,sequence=%d,mode=delta,as-of=2026-11-01,"
                  "rows=%d,removals=0,sha256=%s\n",
                  sequence, 2 * children, text);
    assert_int_equal(fwrite(body.at, 1, body.len, file), body.len);
    assert_int_equal(fclose(file), 0);
    buffer_close(&body);
    return path;
}
