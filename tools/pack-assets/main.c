/* pack-assets NODE_MODULES ASSETS HEADER SOURCE DEPENDENCIES
 *
 * Packs govuk-frontend's style sheet and script, stripped of what only gov.uk may use, and our own files from
 * ASSETS into C arrays, each under a path that carries a hash of its content.  Takes govuk-frontend's inline
 * script from its page template and computes the hash by which the Content-Security-Policy allows it.
 * DEPENDENCIES is a file for ninja that names what was read. */
#include "pack.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Our own colour, where gov.uk's brand colour stood. */
static const char our_colour[] = "#0d5257";

struct asset {
    const char *name;
    const char *content_type;
    struct text content;
    char path[128];
};

struct pack {
    struct asset assets[8];
    size_t count;
    struct text read; /* the files that were read, a blank before each */
};

void give_up(const char *path, const char *what)
{
    fprintf(stderr, "pack-assets: %s %s\n", path, what);
    exit(1);
}

void text_add(struct text *text, const char *piece, size_t len)
{
    if (text->len + len + 1 > text->room) {
        text->room = 2 * (text->len + len + 1);
        text->at = realloc(text->at, text->room);
        if (text->at == NULL)
            give_up("memory", "is exhausted");
    }
    memcpy(text->at + text->len, piece, len);
    text->len += len;
    text->at[text->len] = '\0';
}

void text_add_string(struct text *text, const char *piece)
{
    text_add(text, piece, strlen(piece));
}

struct text text_replaced(const struct text *text, const char *old, const char *with)
{
    struct text result = {0};
    const char *at = text->at;
    for (const char *found = strstr(at, old); found != NULL; found = strstr(at, old)) {
        text_add(&result, at, (size_t)(found - at));
        text_add_string(&result, with);
        at = found + strlen(old);
    }
    text_add_string(&result, at);
    return result;
}

static struct text read_file(struct pack *pack, const char *folder, const char *name, const char *complaint)
{
    struct text path = {0};
    text_add_string(&path, folder);
    text_add_string(&path, name);
    FILE *file = fopen(path.at, "rb");
    if (file == NULL)
        give_up(path.at, complaint);
    struct text content = {0};
    char piece[8192];
    text_add(&content, "", 0);
    for (size_t got = fread(piece, 1, sizeof piece, file); got > 0; got = fread(piece, 1, sizeof piece, file))
        text_add(&content, piece, got);
    if (ferror(file) != 0 || content.len == 0 || strlen(content.at) != content.len)
        give_up(path.at, "cannot be read, is empty or holds a NUL");
    fclose(file);
    text_add_string(&pack->read, " ");
    text_add_string(&pack->read, path.at);
    return content;
}

/* "contactpoint.css" becomes "/assets/contactpoint-<16 hex digits of SHA-256>.css". */
static void name_by_content(struct asset *asset)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[17];
    crypto_hash_sha256(hash, (const unsigned char *)asset->content.at, asset->content.len);
    sodium_bin2hex(hex, sizeof hex, hash, 8);
    const char *dot = strrchr(asset->name, '.');
    int len = snprintf(asset->path, sizeof asset->path, "/assets/%.*s-%s%s", (int)(dot - asset->name),
                       asset->name, hex, dot);
    if (len < 0 || (size_t)len >= sizeof asset->path)
        give_up(asset->name, "has too long a name");
}

/* Adds one asset; "/assets/NAME" of an asset that was added before becomes its path. */
static void add(struct pack *pack, const char *name, const char *content_type, struct text content)
{
    for (size_t i = 0; i < pack->count; i++) {
        char plain[128];
        (void)snprintf(plain, sizeof plain, "/assets/%s", pack->assets[i].name);
        content = text_replaced(&content, plain, pack->assets[i].path);
    }
    check_nothing_of_govuk(&content, name);
    struct asset *asset = &pack->assets[pack->count++];
    *asset = (struct asset){.name = name, .content_type = content_type, .content = content};
    name_by_content(asset);
}

/* What stands between <script …> and </script> in the page template, its one script. */
static struct text inline_script(const struct text *template)
{
    const char *open = strstr(template->at, "<script");
    const char *close = open == NULL ? NULL : strstr(open, "</script>");
    const char *start = close;
    while (start != NULL && start > open && start[-1] != '>')
        start--;
    if (start == NULL || start == open || start == close || strstr(close + 1, "<script") != NULL ||
        memchr(start, '{', (size_t)(close - start)) != NULL)
        give_up("govuk-frontend's template.njk", "does not hold the one inline script that is expected");
    struct text script = {0};
    text_add(&script, start, (size_t)(close - start));
    return script;
}

static FILE *open_output(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        give_up(path, "cannot be written");
    return file;
}

static void write_header(const char *path, const struct text *script)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char base64[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(hash, (const unsigned char *)script->at, script->len);
    sodium_bin2base64(base64, sizeof base64, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    FILE *file = open_output(path);
    fprintf(file, "/* Made by pack-assets. */\n#define WEB_INLINE_SCRIPT_HASH \"sha256-%s\"\n", base64);
    fprintf(file, "#define WEB_INLINE_SCRIPT \"");
    for (size_t i = 0; i < script->len; i++)
        fprintf(file, strchr("\"\\", script->at[i]) != NULL ? "\\%c" : "%c", script->at[i]);
    fprintf(file, "\"\n");
    if (fclose(file) != 0)
        give_up(path, "cannot be written");
}

static void write_source(const char *path, const struct pack *pack)
{
    FILE *file = open_output(path);
    fprintf(file, "/* Made by pack-assets. */\n#include \"web/assets_packed.h\"\n");
    for (size_t i = 0; i < pack->count; i++) {
        const struct text *content = &pack->assets[i].content;
        fprintf(file, "\nstatic const char content_%zu[] = {", i);
        for (size_t at = 0; at < content->len; at++)
            fprintf(file, "%s%d,", at % 24 == 0 ? "\n    " : "", (signed char)content->at[at]);
        fprintf(file, "\n};\n");
    }
    fprintf(file, "\nconst struct asset assets_packed[] = {\n");
    for (size_t i = 0; i < pack->count; i++)
        fprintf(file, "    {\"%s\", \"%s\", \"%s\", {content_%zu, sizeof content_%zu}},\n",
                pack->assets[i].name, pack->assets[i].path, pack->assets[i].content_type, i, i);
    fprintf(file, "};\nconst size_t assets_packed_count = %zu;\n", pack->count);
    if (fclose(file) != 0)
        give_up(path, "cannot be written");
}

int main(int count, char **arguments)
{
    static const char missing[] = "is missing: run make setup";
    if (count != 6 || sodium_init() < 0)
        give_up("usage:", "pack-assets NODE_MODULES ASSETS HEADER SOURCE DEPENDENCIES");
    static struct pack pack;
    const char *modules = arguments[1];
    const char *ours = arguments[2];
    struct text template = read_file(&pack, modules, "/govuk-frontend/dist/govuk/template.njk", missing);
    struct text css = read_file(&pack, modules, "/govuk-frontend/dist/govuk/govuk-frontend.min.css", missing);
    struct text js = read_file(&pack, modules, "/govuk-frontend/dist/govuk/govuk-frontend.min.js", missing);
    struct text script = inline_script(&template);

    add(&pack, "govuk-frontend.min.css", "text/css; charset=utf-8",
        css_stripped(&css, "govuk-frontend.min.css", our_colour));
    add(&pack, "govuk-frontend.min.js", "text/javascript; charset=utf-8", without_source_map(&js));
    add(&pack, "contactpoint.css", "text/css; charset=utf-8",
        read_file(&pack, ours, "/contactpoint.css", "is missing"));
    add(&pack, "contactpoint.js", "text/javascript; charset=utf-8",
        read_file(&pack, ours, "/contactpoint.js", "is missing"));
    add(&pack, "icon.svg", "image/svg+xml", read_file(&pack, ours, "/icon.svg", "is missing"));

    write_header(arguments[3], &script);
    write_source(arguments[4], &pack);
    FILE *dependencies = open_output(arguments[5]);
    fprintf(dependencies, "%s %s:%s\n", arguments[3], arguments[4], pack.read.at);
    return fclose(dependencies) == 0 ? 0 : 1;
}
