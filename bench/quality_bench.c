/* How well linkage and search do on invented children: quality_bench [children] [seed]
 * [reference folder or ""] [model].
 *
 * Prints `name value unit` lines.  The truth is known, so every row is judged; see quality_trial.h for what
 * happens to rows, quality_judge.h for what is counted. */
#include <stdio.h>
#include <stdlib.h>

#include "quality_judge.h"
#include "quality_search.h"

enum { CHILDREN_STANDARD = 20000, QUESTIONS_MAX = 10000 };

/* A model trained before: what `match train` writes. */
static enum fault read_model(const char *path, struct model_file *ret_model)
{
    struct buffer text = buffer_open(MODEL_TEXT_BYTES_MAX);
    char piece[65536];
    uint32_t line = 0;
    size_t got;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fault_note(FAULT_ABSENT, "the model cannot be opened");
    while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
        buffer_put(&text, (struct str){piece, got});
    (void)fclose(file);
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = model_file_read(buffer_str(&text), ret_model, &line);
    buffer_close(&text);
    return fault;
}

static enum fault run(const struct people_order *order, const struct model_file *model)
{
    struct people people = {0};
    struct trial trial = {0};
    struct judge judge = {0};
    enum fault fault;
    TRY(people_open(order, &people));
    TRY(trial_open(&people, model, &trial));
    judge.people = &people;
    trial.judge = &judge;
    trial.tell = judge_event;
    TRY(trial_feed(&trial));
    TRY(trial_probe(&trial, order->seed));
    judge_print(&judge);
    TRY(judge_print_bcubed(&trial));
    TRY(search_print(&trial, order->children < QUESTIONS_MAX ? order->children : QUESTIONS_MAX, order->seed));
done:
    trial_close(&trial);
    people_close(&people);
    return fault;
}

int main(int count, char **words)
{
    struct people_order order = {.children = CHILDREN_STANDARD, .seed = 1};
    if (count > 1)
        order.children = (uint32_t)strtoul(words[1], NULL, 10);
    if (count > 2)
        order.seed = strtoull(words[2], NULL, 10);
    if (count > 3 && words[3][0] != '\0')
        order.reference = words[3];
    (void)printf("# quality of linkage: %u children, seed %llu, %s names\n", order.children,
                 (unsigned long long)order.seed, order.reference == NULL ? "built-in" : "reference");
    struct model_file model = {0};
    enum fault fault = count > 4 ? read_model(words[4], &model) : FAULT_NONE;
    if (fault == FAULT_NONE)
        fault = run(&order, count > 4 ? &model : NULL);
    model_file_close(&model);
    if (fault != FAULT_NONE) {
        (void)fprintf(stderr, "quality_bench: %s\n", fault_last_note());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
