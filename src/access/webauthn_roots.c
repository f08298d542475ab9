#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>

#include "access/webauthn_inside.h"

enum { PATH_BYTES_MAX = 4096 };

struct webauthn_roots {
    X509_STORE *store;
};

static bool is_pem(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && strcmp(name + len - 4, ".pem") == 0;
}

static enum fault add_file(struct webauthn_roots *roots, const char *folder, const char *name)
{
    char path[PATH_BYTES_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return fault_note(FAULT_INVALID, "the path of the folder of accepted makers is too long");
    if (X509_STORE_load_file(roots->store, path) == 1)
        return FAULT_NONE;
    ERR_clear_error();
    return fault_note(FAULT_INVALID,
                      "a .pem file among the accepted makers of security keys holds no certificate");
}

static enum fault add_folder(struct webauthn_roots *roots, const char *folder)
{
    enum fault fault = FAULT_NONE;
    DIR *listing = opendir(folder);
    if (listing == NULL)
        return errno == ENOENT ? FAULT_NONE
                               : fault_note(FAULT_STORAGE,
                                            "the folder of accepted makers of security keys cannot be read");
    for (const struct dirent *entry = readdir(listing); entry != NULL && fault == FAULT_NONE;
         entry = readdir(listing))
        if (is_pem(entry->d_name))
            fault = add_file(roots, folder, entry->d_name);
    (void)closedir(listing);
    return fault;
}

enum fault webauthn_roots_open(const char *folder, struct webauthn_roots **ret_roots)
{
    enum fault fault;
    struct webauthn_roots *roots = calloc(1, sizeof *roots);
    if (roots == NULL)
        return FAULT_MEMORY;
    roots->store = X509_STORE_new();
    fault = roots->store == NULL ? FAULT_MEMORY : add_folder(roots, folder);
    if (fault != FAULT_NONE) {
        webauthn_roots_close(roots);
        return fault;
    }
    *ret_roots = roots;
    return FAULT_NONE;
}

void webauthn_roots_close(struct webauthn_roots *roots)
{
    if (roots == NULL)
        return;
    X509_STORE_free(roots->store);
    free(roots);
}

static X509 *certificate_of(struct bytes der)
{
    const unsigned char *at = der.at;
    return d2i_X509(NULL, &at, (long)der.len);
}

/* The certificates between; NULL where memory or one of them fails. */
static STACK_OF(X509) * between(const struct chain *chain)
{
    STACK_OF(X509) *others = sk_X509_new_null();
    for (size_t i = 1; others != NULL && i < chain->count; i++) {
        X509 *other = certificate_of(chain->certificates[i]);
        if (other == NULL || sk_X509_push(others, other) == 0) {
            X509_free(other);
            sk_X509_pop_free(others, X509_free);
            return NULL;
        }
    }
    return others;
}

static bool verify(const struct webauthn_roots *roots, X509 *leaf, STACK_OF(X509) * others,
                   struct instant now)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool accepted = context != NULL && X509_STORE_CTX_init(context, roots->store, leaf, others) == 1;
    if (accepted) {
        X509_STORE_CTX_set_time(context, 0, (time_t)(now.us / 1000000));
        accepted = X509_verify_cert(context) == 1;
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return accepted;
}

bool webauthn_roots_accept(const struct webauthn_roots *roots, const struct chain *chain)
{
    if (roots == NULL || chain->count == 0)
        return false;
    X509 *leaf = certificate_of(chain->certificates[0]);
    STACK_OF(X509) *others = between(chain);
    bool accepted = leaf != NULL && others != NULL && verify(roots, leaf, others, chain->now);
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    return accepted;
}
