#include "service/rewrap.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 512, PAGE_ALONE = 128, NAME_BYTES_MAX = 64, ID_BYTES_MAX = sizeof(struct id) };

/* One row: a house key's name or a child's id, its key as it stands, and as it will. */
struct row {
    uint8_t name[NAME_BYTES_MAX];
    size_t name_len;
    struct wrapped_key old;
    struct wrapped_key fresh;
    enum vault_fate fate;
    bool fits; /* the fresh one is under the master that it is to be under */
};

struct page {
    struct rewrap *rewrap;
    bool children;
    size_t most;
    size_t count;
    size_t found; /* rows that were read, those too that are as they should be */
    uint8_t after[ID_BYTES_MAX];
    size_t after_len;
    struct id last;
    struct row rows[PAGE];
};

static enum fault take(struct page *page, struct bytes name, struct bytes wrapped)
{
    struct row *row = &page->rows[page->count];
    page->found++;
    if (wrapped.len != sizeof row->old.byte || name.len > sizeof row->name) {
        page->rewrap->counts.broken++;
        return FAULT_NONE;
    }
    memcpy(row->old.byte, wrapped.at, wrapped.len);
    if (vault_master_of(&row->old) == page->rewrap->master)
        return FAULT_NONE;
    memcpy(row->name, name.at, name.len);
    row->name_len = name.len;
    page->count++;
    return FAULT_NONE;
}

static enum fault read_children(struct db_tx *tx, void *context)
{
    struct page *page = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_child_key_some];
    enum fault fault;
    const struct value in[] = {[BIND_child_key_some_after] =
                                   value_bytes((struct bytes){page->after, page->after_len}),
                               [BIND_child_key_some_most] = value_int((int64_t)page->most)};
    page->count = page->found = 0; /* a job may run again */
    TRY(db_query(tx, SQL_child_key_some, in, &rows));
    while (db_next(rows, out)) {
        if (!id_of_bytes(out[GIVE_child_key_some_child_id].bytes, &page->last))
            TRY(FAULT_CORRUPT);
        TRY(take(page, out[GIVE_child_key_some_child_id].bytes, out[GIVE_child_key_some_wrapped].bytes));
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault read_house(struct db_tx *tx, void *context)
{
    struct page *page = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_house_key_all];
    enum fault fault;
    page->count = page->found = 0;
    TRY(db_query(tx, SQL_house_key_all, NULL, &rows));
    while (db_next(rows, out)) {
        if (page->count == page->most)
            TRY(fault_note(FAULT_TOO_MANY, "the house has too many keys: rotate with a newer program"));
        TRY(take(page, out[GIVE_house_key_all_name].bytes, out[GIVE_house_key_all_wrapped].bytes));
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

/* The keeper wraps them; no key is seen here.  How many could be opened, and are not under the right master.
 */
static enum fault ask_keeper(struct page *page, size_t *ret_unfit)
{
    struct wrapped_key keys[PAGE];
    enum vault_fate fates[PAGE];
    size_t unfit = 0;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < page->count; i++)
        keys[i] = page->rows[i].old;
    TRY(vault_rewrap(page->rewrap->vault, keys, fates, page->count));
    for (size_t i = 0; i < page->count; i++) {
        struct row *row = &page->rows[i];
        row->fresh = keys[i];
        row->fate = fates[i];
        row->fits = vault_master_of(&keys[i]) == page->rewrap->master;
        unfit += row->fate != FATE_BROKEN && !row->fits;
    }
    *ret_unfit = unfit;
done:
    return fault;
}

/* Once more where the keeper was told meanwhile, by another thread, to wrap under another. */
static enum fault wrap_page(struct page *page)
{
    const struct rewrap *rewrap = page->rewrap;
    size_t unfit = 0;
    enum fault fault = FAULT_NONE;
    if (page->count == 0)
        return FAULT_NONE;
    TRY(ask_keeper(page, &unfit));
    if (unfit > 0) {
        TRY(vault_wrap_under(rewrap->vault, rewrap->master));
        TRY(ask_keeper(page, &unfit));
    }
done:
    return fault;
}

static enum fault write_one(struct db_tx *tx, const struct page *page, const struct row *row)
{
    const struct bytes name = {row->name, row->name_len}, old = {row->old.byte, sizeof row->old.byte},
                       fresh = {row->fresh.byte, sizeof row->fresh.byte};
    if (page->children) {
        const struct value in[] = {[BIND_child_key_rewrap_child_id] = value_bytes(name),
                                   [BIND_child_key_rewrap_old] = value_bytes(old),
                                   [BIND_child_key_rewrap_wrapped] = value_bytes(fresh)};
        return db_run(tx, SQL_child_key_rewrap, in, NULL);
    }
    const struct value in[] = {[BIND_house_key_rewrap_name] = value_text(str_of_bytes(name)),
                               [BIND_house_key_rewrap_old] = value_bytes(old),
                               [BIND_house_key_rewrap_wrapped] = value_bytes(fresh)};
    return db_run(tx, SQL_house_key_rewrap, in, NULL);
}

static enum fault write_page(struct db_tx *tx, void *context)
{
    const struct page *page = context;
    const struct rewrap *rewrap = page->rewrap;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < page->count; i++)
        if (page->rows[i].fate == FATE_REWRAPPED && page->rows[i].fits)
            TRY(write_one(tx, page, &page->rows[i]));
    if (page->children && rewrap->keep != NULL) {
        struct rewrap_place place = {.begun = true};
        memcpy(place.after, page->last.byte, sizeof place.after);
        TRY(rewrap->keep(tx, rewrap->context, &place));
    }
done:
    return fault;
}

static void count_page(struct page *page)
{
    struct rewrap_counts *counts = &page->rewrap->counts;
    counts->seen += (int64_t)page->found;
    for (size_t i = 0; i < page->count; i++) {
        const struct row *row = &page->rows[i];
        counts->rewrapped += row->fate == FATE_REWRAPPED && row->fits;
        counts->left += row->fate != FATE_BROKEN && !row->fits;
        counts->broken += row->fate == FATE_BROKEN;
    }
}

/* A page on which every key is as it should be costs no transaction. */
static enum fault turn_page(struct page *page)
{
    const struct rewrap *rewrap = page->rewrap;
    enum fault fault;
    TRY(db_read(rewrap->db, page->children ? read_children : read_house, page));
    TRY(wrap_page(page));
    if (page->count > 0)
        TRY(db_write(rewrap->db, DB_BACKGROUND, write_page, page));
    count_page(page);
    if (rewrap->told != NULL && page->found > 0)
        rewrap->told(rewrap->context, rewrap->counts.seen);
done:
    return fault;
}

enum fault rewrap_pass(struct rewrap *rewrap)
{
    enum fault fault = FAULT_NONE;
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL)
        return FAULT_MEMORY;
    page->rewrap = rewrap;
    page->most = PAGE;
    TRY(turn_page(page));
    *page = (struct page){.rewrap = rewrap, .children = true};
    page->most = db_is_shared(rewrap->db) ? PAGE : PAGE_ALONE;
    if (rewrap->place.begun)
        page->after_len = sizeof rewrap->place.after;
    memcpy(page->after, rewrap->place.after, page->after_len);
    do {
        TRY(turn_page(page));
        memcpy(page->after, page->last.byte, sizeof page->last.byte);
        page->after_len = sizeof page->last.byte;
    } while (page->found == page->most);
done:
    free(page);
    return fault;
}
