#include "rotating.h"

#include <stdio.h>

#include "registry/child.h"
#include "vault/rotation.h"

static struct row rows[ROTATING_CHILDREN];
static char texts[ROTATING_CHILDREN][3][32];

/* Unlike each other, so that few are taken for one child. */
static void invent(size_t i)
{
    static const char *const syllables[] = {"ba", "de",  "fi", "go",  "lu", "mo",
                                            "ri", "sta", "ve", "wyn", "ka", "pel"};
    struct stream stream = stream_of(77 + i);
    (void)snprintf(texts[i][0], sizeof texts[i][0], "R-%zu", i);
    (void)snprintf(texts[i][1], sizeof texts[i][1], "%s%s%s%s", syllables[stream_below(&stream, 12)],
                   syllables[stream_below(&stream, 12)], syllables[stream_below(&stream, 12)],
                   syllables[stream_below(&stream, 12)]);
    (void)snprintf(texts[i][2], sizeof texts[i][2], "20%02u-%02u-%02u",
                   10 + (unsigned)stream_below(&stream, 12), 1 + (unsigned)stream_below(&stream, 12),
                   1 + (unsigned)stream_below(&stream, 28));
    rows[i] = house_child(texts[i][0], texts[i][1], "Gwen", texts[i][2]);
}

const struct row *rotating_rows(void)
{
    for (size_t i = 0; i < ROTATING_CHILDREN; i++)
        invent(i);
    return rows;
}

enum fault rotate_as(struct house *house, const char *login, const struct rotation_teller *teller,
                     struct rotation_report *ret_report)
{
    const struct ask ask = {.operation = OP_vault_rotate, .unix_user = str_of(login), .source = STR("local")};
    fault_clear_note();
    return service_vault_rotate(house->service, &ask, teller, house->arena, ret_report);
}

int masters_in_file(const struct house *house, unsigned *ret_newest)
{
    char path[128], line[128];
    int count = 0;
    (void)snprintf(path, sizeof path, "%s/vault.key", house->folder);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += sscanf(line, "master %u ", ret_newest) == 1;
    assert_int_equal(fclose(file), 0);
    return count;
}

struct reading {
    struct house *house;
    int64_t opened;
    int64_t under; /* a master that must wrap all; 0: any */
    int64_t elsewhere;
};

static enum fault read_all(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct db_rows *found = NULL;
    struct value out[GIVES_child_all];
    struct buffer clear = buffer_open(64 * 1024);
    enum fault fault;
    const uint8_t beyond[17] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const struct value in[] = {[BIND_child_all_first] = value_bytes((struct bytes){beyond, 0}),
                               [BIND_child_all_beyond] = value_bytes((struct bytes){beyond, sizeof beyond})};
    reading->opened = reading->elsewhere = 0;
    TRY(db_query(tx, SQL_child_all, in, &found));
    while (db_next(found, out)) {
        struct wrapped_key key;
        struct child_id child;
        assert_int_equal(out[GIVE_child_all_wrapped].bytes.len, sizeof key.byte);
        memcpy(key.byte, out[GIVE_child_all_wrapped].bytes.at, sizeof key.byte);
        assert_true(id_of_bytes(out[GIVE_child_all_child_id].bytes, &child.id));
        const struct seal_place place = linkage_place(&child);
        TRY(vault_unseal(vault_for_linkage(reading->house->service->vault).purpose, &key, &place,
                         out[GIVE_child_all_linkage].bytes, &clear));
        reading->opened++;
        reading->elsewhere += vault_master_of(&key) != (uint32_t)reading->under;
    }
done:
    buffer_close(&clear);
    return db_rows_end(found, fault);
}

int64_t read_everybody(struct house *house, int64_t people, unsigned under)
{
    struct reading reading = {.house = house, .under = under};
    enum fault fault = db_read(house->service->db, read_all, &reading);
    if (fault != FAULT_NONE)
        fail_msg("a child does not open: %s %s", fault_name(fault), fault_last_note());
    assert_int_equal(reading.opened, people);
    return under == 0 ? 0 : reading.elsewhere;
}
