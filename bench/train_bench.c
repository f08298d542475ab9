/* How fast a model is trained, and the model itself: train_bench CHILDREN SEED "REFERENCE FOLDER" MODEL.
 *
 * Prints `name value unit` lines and writes the model, to be judged by quality_bench on people of another
 * seed. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "match/train.h"
#include "quality_people.h"

enum { ARENA_BYTES_MAX = 1 << 20 };

static enum fault add_all(struct match_train *train, const struct people *people)
{
    struct arena *arena;
    enum fault fault = arena_open(ARENA_BYTES_MAX, &arena);
    for (size_t i = 0; i < people->row_count && fault == FAULT_NONE; i++) {
        struct person person = {0};
        struct row row = people_row(people, &people->rows[i]);
        fault = row_to_person(&row, arena, &person);
        if (fault == FAULT_NONE)
            fault = train_add(train, &person);
        arena_reset(arena);
    }
    arena_close(arena);
    return fault;
}

static enum fault put_model(const char *path, const struct model_file *model)
{
    struct buffer text = buffer_open(MODEL_TEXT_BYTES_MAX);
    model_file_write(&text, model);
    FILE *file = fopen(path, "we");
    bool put =
        file != NULL && buffer_fault(&text) == FAULT_NONE && fwrite(text.at, 1, text.len, file) == text.len;
    if (file != NULL)
        put = fclose(file) == 0 && put;
    buffer_close(&text);
    return put ? FAULT_NONE : fault_note(FAULT_STORAGE, "the model cannot be written");
}

/* What all threads have worked, whoever else has used the machine meanwhile. */
static double worked(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum fault run(const struct people_order *order, const char *path)
{
    struct people people = {0};
    struct match_train *train = NULL;
    struct model_file model = {0};
    struct train_report report;
    enum fault fault;
    TRY(people_open(order, &people));
    int64_t from = clock_monotonic_us();
    double worked_from = worked();
    TRY(train_open(NULL, &train));
    TRY(add_all(train, &people));
    int64_t added = clock_monotonic_us();
    double worked_added = worked();
    TRY(train_run(train, &(struct train_order){.seed = order->seed, .made = STR("train_bench")}, &model,
                  &report));
    int64_t done = clock_monotonic_us();
    double worked_done = worked();
    TRY(put_model(path, &model));
    (void)printf("train.records %llu records\ntrain.pairs %llu pairs\ntrain.matches %llu pairs\ntrain.rounds "
                 "%u rounds\n",
                 (unsigned long long)report.records, (unsigned long long)report.pairs,
                 (unsigned long long)report.matches, report.rounds);
    (void)printf("train.fill %.2f s\ntrain.seconds %.2f s\n", (double)(added - from) / 1e6,
                 (double)(done - added) / 1e6);
    (void)printf("train.fill.processor %.2f s\ntrain.seconds.processor %.2f s\n", worked_added - worked_from,
                 worked_done - worked_added);
done:
    model_file_close(&model);
    train_close(train);
    people_close(&people);
    return fault;
}

int main(int count, char **words)
{
    if (count != 5) {
        (void)fputs("usage: train_bench CHILDREN SEED \"REFERENCE FOLDER\" MODEL\n", stderr);
        return 2;
    }
    struct people_order order = {.children = (uint32_t)strtoul(words[1], NULL, 10),
                                 .seed = strtoull(words[2], NULL, 10),
                                 .reference = words[3][0] == '\0' ? NULL : words[3]};
    if (run(&order, words[4]) != FAULT_NONE) {
        (void)fprintf(stderr, "train_bench: %s\n", fault_last_note());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
