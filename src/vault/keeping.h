/* What the keeper does all its life: answer.  Only src/vault/process.c includes this. */
#ifndef VAULT_KEEPING_H
#define VAULT_KEEPING_H

/* Reads the key file, confines this process, and answers on the channels `first`, `first` + 1, … until all
 * are hung up.  What it could not begin with it tells whoever says hello.  The result is an exit status. */
struct confinement;
int keeping(const char *key_path, int first, int count, const struct confinement *confinement);

#endif
