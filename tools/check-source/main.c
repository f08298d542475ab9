/* Polices the tree.  Reads paths, one a line, from standard input; prints `file:line: message` and ends with
 * 1 where something is wrong.
 *
 *     git ls-files | check-source ROOT */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floors.h"
#include "rules.h"
#include "scan.h"

enum { PATH_BYTES_MAX = 4096 };

struct source {
    const char *path;
    char *text;
    size_t len;
};

static struct rules rules;
static int findings;

__attribute__((format(printf, 3, 4))) static void find(const char *path, int line, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)printf("%s:%d: ", path, line);
    (void)vprintf(format, values);
    (void)putchar('\n');
    va_end(values);
    findings++;
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends(const char *text, const char *suffix)
{
    size_t len = strlen(text), tail = strlen(suffix);
    return len >= tail && strcmp(text + len - tail, suffix) == 0;
}

static bool piece_is(const struct piece *piece, const char *word)
{
    return piece->len == strlen(word) && memcmp(piece->at, word, piece->len) == 0;
}

/* What has a safer way in base/, or none at all. */
static void check_call(const char *path, const struct piece *piece)
{
    static const char *const banned[] = {"strcpy", "strcat", "sprintf", "vsprintf", "strtok", "alloca",
                                         "gets",   "system", "popen",   "atoi",     "rand"};
    for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
        if (piece->is_called && !piece->is_member && piece_is(piece, banned[i]))
            find(path, piece->line, "%s() is banned", banned[i]);
}

/* Permits are made by the conductor alone. */
static void check_permit(const char *path, const struct piece *piece)
{
    static const char prefix[] = "permit_issue_";
    if (piece->len < sizeof prefix - 1 || memcmp(piece->at, prefix, sizeof prefix - 1) != 0)
        return;
    if (starts(path, "src/service/") || starts(path, "src/policy/permit.") || starts(path, "tests/"))
        return;
    find(path, piece->line, "only src/service/ issues permits");
}

/* Who may say what something sealed is opened for (vault/purpose.h): paths, or how they begin. */
static const struct {
    const char *word;
    const char *refusal;
    const char *sayers[8];
} purposes[] = {
    {"vault_for_display", "only src/service/ opens records to show them", {"src/service/"}},
    {"vault_for_case", "only src/service/ opens records to lay them side by side", {"src/service/"}},
    {"vault_for_writing",
     "only src/service/ and merging, splitting and closing records open them to write",
     {"src/service/", "src/registry/merge.c", "src/registry/split.c", "src/registry/sealing.c"}},
    {"vault_for_misuse",
     "only the question about one's own child opens records against misuse",
     {"src/service/own_child.c", "src/access/staff_fact.c"}},
    {"vault_for_linkage",
     "only feeds, training, the index and its snapshot open records for linkage",
     {"src/registry/plan.c", "src/registry/carry.c", "src/registry/follow_step.c", "src/registry/rebuild.c",
      "src/registry/teach.c", "src/service/snapshot_file.c", "src/service/snapshot_ahead.c", "bench/"}},
    {"vault_for_audit", "only src/audit/ opens entries of the log", {"src/audit/"}},
    {"vault_for_own",
     "only src/access/ and src/registry/ open what the service keeps for itself",
     {"src/access/", "src/registry/"}},
};

static bool is_said_by(const char *path, const char *const *sayers, size_t count)
{
    for (size_t i = 0; i < count && sayers[i] != NULL; i++)
        if (starts(path, sayers[i]))
            return true;
    return starts(path, "src/vault/") || starts(path, "tests/");
}

static void check_purpose(const char *path, const struct piece *piece)
{
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (piece_is(piece, purposes[i].word) &&
            !is_said_by(path, purposes[i].sayers, sizeof purposes[i].sayers / sizeof purposes[i].sayers[0]))
            find(path, piece->line, "%s", purposes[i].refusal);
}

static const char *skip_blanks(const char *at)
{
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

/* Whether the type that ends at `at` is filled in by hand: "(struct x){...}", or "struct x name = {...}". */
static bool is_filled_in(const char *at)
{
    at = skip_blanks(at);
    if (*at == ')')
        return *skip_blanks(at + 1) == '{';
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    at = skip_blanks(at);
    return *at == '=' && *skip_blanks(at + 1) == '{';
}

/* Permits and purposes are made by the functions that ask for what entitles to them, and by nothing else. The
 * text ends with a NUL, so that looking ahead does too. */
static void check_made(const char *path, const struct piece *piece, bool after_struct)
{
    static const char permit[] = "permit";
    const bool is_permit =
        piece->len >= sizeof permit - 1 && memcmp(piece->at, permit, sizeof permit - 1) == 0;
    const bool is_purpose = piece_is(piece, "vault_purpose") || piece_is(piece, "vault_linkage");
    if (!after_struct || !(is_permit || is_purpose) || !is_filled_in(piece->at + piece->len))
        return;
    if (starts(path, is_permit ? "src/policy/permit." : "src/vault/purpose.") || starts(path, "tests/"))
        return;
    find(path, piece->line,
         is_permit ? "a permit is issued, not filled in" : "a purpose is stated, not filled in");
}

/* SQL stands in src/store/sql/; tests, and the tools that pack it and look for it, may speak it too. */
static void check_sql(const char *path, const struct piece *piece)
{
    static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "BEGIN", "PRAGMA"};
    if (starts(path, "src/store/") || starts(path, "tests/") || starts(path, "tools/pack-sql/") ||
        starts(path, "tools/check-source/"))
        return;
    const char *at = piece->at;
    const char *end = piece->at + piece->len;
    while (at < end && (*at == ' ' || *at == '('))
        at++;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t len = strlen(verbs[i]);
        if ((size_t)(end - at) < len || memcmp(at, verbs[i], len) != 0)
            continue;
        if (at + len == end || at[len] == ' ' || at[len] == ';' || at[len] == '\\')
            find(path, piece->line, "SQL in C: %s belongs into src/store/sql/", verbs[i]);
    }
}

static void check_include(const char *path, const struct piece *piece)
{
    char included[PATH_BYTES_MAX];
    int len = snprintf(included, sizeof included, "%.*s", (int)piece->len, piece->at);
    if (len < 0 || (size_t)len >= sizeof included || !floors_allow(path, included))
        find(path, piece->line, "%s lies on no floor beneath this file's", included);
}

/* One file speaks HTTP, one folder speaks to databases. */
static void check_system_include(const char *path, const struct piece *piece)
{
    if (piece_is(piece, "microhttpd.h") && strcmp(path, "src/web/http.c") != 0)
        find(path, piece->line, "only src/web/http.c includes <microhttpd.h>");
    bool database = piece_is(piece, "sqlite3.h") || piece_is(piece, "libpq-fe.h");
    if (database && !starts(path, "src/store/") && !starts(path, "tests/") &&
        !starts(path, "tools/pack-sql/"))
        find(path, piece->line, "only src/store/ includes a database's header");
}

static void check_quotes(const char *path, const char *at, size_t len, int line)
{
    const char *end = at + len;
    const char *counted = at;
    struct quote quote;
    while (rules_next_quote(&at, end, &quote)) {
        for (; counted < quote.at; counted++)
            line += *counted == '\n';
        if (!rules_stand(&rules, &quote))
            find(path, line, "%.*s stands not in docs/rules.md", (int)quote.len, quote.at);
    }
}

/* Wrapped keys are inserted under the master that is agreed on (store/wrapping.h).  `store check` makes up
 * its own, in a database of its own. */
static void check_wrapped(const struct source *source)
{
    struct scanner scanner = scanner_of(source->text, source->len);
    struct piece piece;
    int inserted = 0;
    bool agrees = false;
    if (!starts(source->path, "src/") || starts(source->path, "src/store/check"))
        return;
    while (scanner_next(&scanner, &piece)) {
        if (piece.kind != PIECE_WORD)
            continue;
        agrees = agrees || (piece_is(&piece, "wrapping_agree") && piece.is_called);
        if (inserted == 0 &&
            (piece_is(&piece, "SQL_child_key_insert") || piece_is(&piece, "SQL_house_key_add")))
            inserted = piece.line;
    }
    if (inserted != 0 && !agrees)
        find(source->path, inserted, "whoever inserts a wrapped key calls wrapping_agree before");
}

static void check_c(const struct source *source)
{
    struct scanner scanner = scanner_of(source->text, source->len);
    struct piece piece;
    bool after_struct = false;
    while (scanner_next(&scanner, &piece)) {
        switch (piece.kind) {
        case PIECE_WORD:
            check_call(source->path, &piece);
            check_permit(source->path, &piece);
            check_purpose(source->path, &piece);
            check_made(source->path, &piece, after_struct);
            break;
        case PIECE_STRING:
            check_sql(source->path, &piece);
            break;
        case PIECE_COMMENT:
            check_quotes(source->path, piece.at, piece.len, piece.line);
            break;
        case PIECE_INCLUDE:
            check_include(source->path, &piece);
            break;
        case PIECE_INCLUDE_SYSTEM:
            check_system_include(source->path, &piece);
            break;
        }
        after_struct = piece.kind == PIECE_WORD && piece_is(&piece, "struct");
    }
    check_wrapped(source);
}

/* Traces of the machine that something was written on.  The literals are cut so that this file passes. */
static void check_traces(const struct source *source)
{
    static const char *const traces[] = {
        "/"
        "work/",
        "/"
        "home/",
        "/"
        "root/",
        "/"
        "Users/",
        "/"
        "tmp/b-",
        /* where packages come from: hosts by their first word, and what lock files say of it */
        ":"
        "//registry.",
        ":"
        "//deb.",
        ":"
        "//security.",
        ":"
        "//pypi.",
        ":"
        "//files.",
        ":"
        "//crates.",
        ":"
        "//proxy.",
        ":"
        "//repo.",
        "\"resolved\""
        ":",
    };
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        const char *at = source->text;
        size_t left = source->len;
        const char *found;
        while ((found = memmem(at, left, traces[i], strlen(traces[i]))) != NULL) {
            /* "social/work/" is another folder, "//home/" a server's. */
            char before = found == source->text ? '\n' : found[-1];
            bool inside =
                traces[i][0] == '/' && (isalnum((unsigned char)before) || strchr("/._-", before) != NULL);
            int line = 1;
            for (const char *c = source->text; c < found; c++)
                line += *c == '\n';
            if (!inside)
                find(source->path, line, "%s names a machine or a package registry", traces[i]);
            left -= (size_t)(found + 1 - at);
            at = found + 1;
        }
    }
}

/* The whole file, NUL-terminated; false where it cannot be read. */
static bool read_file(const char *root, const char *path, struct source *ret_source)
{
    char whole[PATH_BYTES_MAX];
    int path_len = snprintf(whole, sizeof whole, "%s/%s", root, path);
    FILE *file = path_len > 0 && (size_t)path_len < sizeof whole ? fopen(whole, "rb") : NULL;
    if (file == NULL)
        return false;
    struct source source = {.path = path};
    bool read = fseek(file, 0, SEEK_END) == 0;
    long size = ftell(file);
    read = read && size >= 0 && fseek(file, 0, SEEK_SET) == 0;
    source.text = read ? malloc((size_t)size + 1) : NULL;
    if (source.text != NULL) {
        source.len = fread(source.text, 1, (size_t)size, file);
        source.text[source.len] = '\0';
    }
    (void)fclose(file);
    if (source.text == NULL)
        return false;
    *ret_source = source;
    return true;
}

static void check_file(const char *root, const char *path)
{
    struct source source;
    if (!read_file(root, path, &source))
        return; /* deleted, or a link to nowhere */
    bool is_text = memchr(source.text, '\0', source.len) == NULL;
    if (is_text) {
        check_traces(&source);
        if (ends(path, ".c") || ends(path, ".h") || ends(path, ".def"))
            check_c(&source);
        else if (ends(path, ".sql"))
            check_quotes(path, source.text, source.len, 1);
    }
    free(source.text);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: git ls-files | check-source ROOT\n");
        return 2;
    }
    struct source declared;
    if (!read_file(argv[1], "docs/rules.md", &declared)) {
        (void)fprintf(stderr, "check-source: %s/docs/rules.md cannot be read\n", argv[1]);
        return 2;
    }
    rules_read(&rules, declared.text, declared.len);
    free(declared.text);
    char path[PATH_BYTES_MAX];
    int files = 0;
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        check_file(argv[1], path);
        files++;
    }
    if (findings == 0)
        (void)printf("%d files are in order\n", files);
    return findings == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
