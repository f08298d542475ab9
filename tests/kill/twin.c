/* What two servers share and what they do not. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pair.h"

enum {
    TWIN_CONNECTIONS = 6,
    PATH_BYTES = 128,
    KEY_BYTES_MAX = 4096,
    LOAD_PAUSE_MS = 400,
    BUSY_PAUSE_MS = 20
};

static const char *const twin_files[] = {"vault.key", "vault.key.state", "vault.key.lock",
                                         "contactpoint.conf"};

static void path_of(const struct house *house, const char *file, char path[PATH_BYTES])
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", house->folder, file);
}

static void write_settings(const struct house *house)
{
    char path[PATH_BYTES];
    path_of(house, "contactpoint.conf", path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fprintf(file,
                        "[limits]\nchildren_per_hour = 0\nchildren_per_day = 0\nsearches_per_hour = 0\n"
                        "[store]\nconnections = %d\nlease_seconds = %d\n",
                        (int)TWIN_CONNECTIONS, PAIR_LEASE_MS / 1000) > 0);
    assert_int_equal(fclose(file), 0);
}

static void copy_keys(const struct house *from, const struct house *to)
{
    char path[PATH_BYTES], content[KEY_BYTES_MAX];
    path_of(from, "vault.key", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = read(fd, content, sizeof content);
    assert_true(len > 0 && len < (ssize_t)sizeof content);
    (void)close(fd);
    path_of(to, "vault.key", path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, content, (size_t)len), len);
    assert_int_equal(close(fd), 0);
}

static struct house *make_twin(const struct house *house)
{
    struct house *twin = calloc(1, sizeof *twin);
    assert_non_null(twin);
    memcpy(twin, house, sizeof *twin);
    twin->service = NULL;
    twin->stream = stream_of(UINT64_C(0x7477696e)); /* no id comes twice */
    (void)pthread_mutex_init(&twin->lock, NULL);
    (void)snprintf(twin->folder, sizeof twin->folder, "/tmp/contactpoint-house-XXXXXX");
    assert_non_null(mkdtemp(twin->folder));
    copy_keys(house, twin);
    write_settings(house);
    write_settings(twin);
    return twin;
}

static void remove_twin(struct house *twin)
{
    char path[PATH_BYTES];
    for (size_t i = 0; i < sizeof twin_files / sizeof twin_files[0]; i++) {
        path_of(twin, twin_files[i], path);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(twin->folder), 0);
    (void)pthread_mutex_destroy(&twin->lock);
    free(twin);
}

void pair_open(struct pair *pair, struct stream *stream)
{
    pair->stream = stream;
    pair->members[0] = (struct member){.house = kill_house(pair->children), .pipe = -1};
    house_stop(pair->members[0].house);
    pair->members[1] = (struct member){.house = make_twin(pair->members[0].house), .pipe = -1};
    pair->reports_all += pair->reports.count;
    pair->reports.count = 0;
}

void pair_close(struct pair *pair)
{
    remove_twin(pair->members[1].house);
    house_close(pair->members[0].house);
}

static enum fault read_newest(struct db_tx *tx, void *context)
{
    int64_t *sequence = context;
    struct arena *arena = NULL;
    struct value out[GIVES_batch_newest];
    const struct value in[] = {[BIND_batch_newest_source] = value_int(SOURCE_health),
                               [BIND_batch_newest_state] = value_int(BATCH_APPLIED)};
    enum fault fault;
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_batch_newest, in, arena, out));
    *sequence = out[GIVE_batch_newest_sequence].number;
done:
    arena_close(arena);
    return fault;
}

/* True for what a loader is told while another server has the feed, was faster, or has taken the feed over
 * from one that slept for longer than its lease: one clear line. */
static bool says_who_was_first(enum fault fault)
{
    const char *note = fault_last_note();
    if (fault == FAULT_FENCED)
        return strstr(note, "taken over") != NULL;
    if (fault == FAULT_BUSY)
        return strstr(note, "another server") != NULL || strstr(note, "another feed") != NULL;
    return fault == FAULT_CONFLICT && strstr(note, "newer batch") != NULL;
}

void pair_load(struct victim *victim)
{
    struct batch_counts counts;
    while (!victim_is_to_be_quiet()) {
        int64_t sequence = 0;
        enum fault fault = db_read(victim->house->service->db, read_newest, &sequence);
        if (fault != FAULT_NONE) {
            (void)fprintf(stderr, "the newest batch is answered %s %s\n", fault_name(fault),
                          fault_last_note());
            _exit(6);
        }
        if (sequence == FEED_SEQUENCE_MAX)
            return;
        fault_clear_note();
        fault = kill_load(victim->house, sequence + 1, &counts);
        if (fault == FAULT_NONE || fault == FAULT_DUPLICATE) {
            victim_tell(victim, &(struct report){.kind = REPORT_LOADED, .number = (uint64_t)sequence + 1});
        } else if (!says_who_was_first(fault)) {
            (void)fprintf(stderr, "the feed is answered %s %s\n", fault_name(fault), fault_last_note());
            _exit(6);
        }
        (void)poll(NULL, 0, fault == FAULT_NONE ? LOAD_PAUSE_MS : BUSY_PAUSE_MS);
    }
}

struct tally pair_clean_tally(int64_t sequence)
{
    static struct tally tallies[FEED_SEQUENCE_MAX + 1];
    static struct house *house;
    static struct child_id children[KILL_CHILDREN];
    static int64_t last = FEED_SEQUENCE_FIRST - 1;
    struct batch_counts counts;
    if (house == NULL) {
        house = kill_house(children);
        tallies[last] = kill_tally(house, children);
        house_stop(house);
    }
    if (last < sequence)
        house_start(house);
    while (last < sequence) {
        enum fault fault = kill_load(house, ++last, &counts);
        if (fault != FAULT_NONE)
            fail_msg("a clean load: %s %s", fault_name(fault), fault_last_note());
        tallies[last] = kill_tally(house, children);
    }
    if (house->service != NULL)
        house_stop(house);
    return tallies[sequence];
}
