#include "second.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_settings(const struct house *house, int lease_s)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/contactpoint.conf", house->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fprintf(file,
                        "[limits]\nchildren_per_hour = 0\nchildren_per_day = 0\nsearches_per_hour = 0\n"
                        "[store]\nconnections = 4\npatience_seconds = 5\nlease_seconds = %d\n",
                        lease_s) > 0);
    assert_int_equal(fclose(file), 0);
}

void second_lease(struct house *house, int lease_s)
{
    write_settings(house, lease_s);
}

static void copy_file(const struct house *from, const struct house *to, const char *name)
{
    char path[128], content[4096];
    (void)snprintf(path, sizeof path, "%s/%s", from->folder, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t len = fread(content, 1, sizeof content, file);
    assert_true(len > 0 && len < sizeof content);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(path, sizeof path, "%s/%s", to->folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fchmod(fileno(file), 0600), 0);
    assert_int_equal(fwrite(content, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

void second_copy_keys(struct house *first, struct house *second)
{
    copy_file(first, second, "vault.key");
}

struct house *second_make(struct house *first)
{
    static uint64_t made;
    struct house *second = calloc(1, sizeof *second);
    assert_non_null(second);
    (void)snprintf(second->folder, sizeof second->folder, "/tmp/contactpoint-house-XXXXXX");
    assert_non_null(mkdtemp(second->folder));
    memcpy(second->db_path, first->db_path, sizeof second->db_path);
    copy_file(first, second, "vault.key");
    copy_file(first, second, "contactpoint.conf");
    second->stream = stream_of(UINT64_C(0x7365636f6e64) << 16 | ++made | (uint64_t)getpid() << 32);
    (void)pthread_mutex_init(&second->lock, NULL);
    atomic_store(&second->now_us, atomic_load(&first->now_us));
    assert_int_equal(arena_open(256 * 1024 * 1024, &second->arena), FAULT_NONE);
    memcpy(second->organisations, first->organisations, sizeof second->organisations);
    memcpy(second->staff, first->staff, sizeof second->staff);
    second->staff_count = first->staff_count;
    memcpy(second->sequences, first->sequences, sizeof second->sequences);
    return second;
}

void second_forget(struct house *second)
{
    static const char *const names[] = {"vault.key", "vault.key.state", "contactpoint.conf"};
    char path[128];
    if (second->service != NULL)
        house_stop(second);
    arena_close(second->arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", second->folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(second->folder);
    (void)pthread_mutex_destroy(&second->lock);
    free(second);
}
