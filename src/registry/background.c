#include "registry/background.h"

#include <pthread.h>
#include <stdlib.h>

struct held_job {
    const struct lease *lease;
    db_job job;
    void *context;
};

static enum fault run_held(struct db_tx *tx, void *context)
{
    const struct held_job *held = context;
    enum fault fault;
    TRY(lease_hold(tx, held->lease));
    TRY(held->job(tx, held->context));
done:
    return fault;
}

enum fault intake_write(const struct intake_house *house, enum db_urgency urgency, db_job job, void *context)
{
    struct held_job held = {house->lease, job, context};
    return house->lease == NULL ? db_write(house->db, urgency, job, context)
                                : db_write(house->db, urgency, run_held, &held);
}

struct background {
    const struct intake_house *house;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    db_job job; /* NULL: idle */
    void *context;
    enum fault fault;
    bool ending;
};

static void *run(void *argument)
{
    struct background *background = argument;
    (void)pthread_mutex_lock(&background->lock);
    for (;;) {
        while (background->job == NULL && !background->ending)
            (void)pthread_cond_wait(&background->changed, &background->lock);
        if (background->job == NULL)
            break;
        db_job job = background->job;
        void *context = background->context;
        (void)pthread_mutex_unlock(&background->lock);
        enum fault fault = intake_write(background->house, DB_BACKGROUND, job, context);
        (void)pthread_mutex_lock(&background->lock);
        background->fault = fault;
        background->job = NULL;
        (void)pthread_cond_broadcast(&background->changed);
    }
    (void)pthread_mutex_unlock(&background->lock);
    return NULL;
}

enum fault background_open(const struct intake_house *house, struct background **ret_background)
{
    struct background *background = calloc(1, sizeof *background);
    if (background == NULL)
        return FAULT_MEMORY;
    background->house = house;
    (void)pthread_mutex_init(&background->lock, NULL);
    (void)pthread_cond_init(&background->changed, NULL);
    if (pthread_create(&background->thread, NULL, run, background) != 0) {
        (void)pthread_cond_destroy(&background->changed);
        (void)pthread_mutex_destroy(&background->lock);
        free(background);
        return FAULT_SYSTEM;
    }
    *ret_background = background;
    return FAULT_NONE;
}

static enum fault wait_locked(struct background *background)
{
    while (background->job != NULL)
        (void)pthread_cond_wait(&background->changed, &background->lock);
    enum fault fault = background->fault;
    background->fault = FAULT_NONE;
    return fault;
}

enum fault background_wait(struct background *background)
{
    (void)pthread_mutex_lock(&background->lock);
    enum fault fault = wait_locked(background);
    (void)pthread_mutex_unlock(&background->lock);
    return fault;
}

enum fault background_submit(struct background *background, db_job job, void *context)
{
    (void)pthread_mutex_lock(&background->lock);
    enum fault fault = wait_locked(background);
    if (fault == FAULT_NONE) {
        background->job = job;
        background->context = context;
        (void)pthread_cond_broadcast(&background->changed);
    }
    (void)pthread_mutex_unlock(&background->lock);
    return fault;
}

void background_close(struct background *background)
{
    if (background == NULL)
        return;
    (void)pthread_mutex_lock(&background->lock);
    (void)wait_locked(background);
    background->ending = true;
    (void)pthread_cond_broadcast(&background->changed);
    (void)pthread_mutex_unlock(&background->lock);
    (void)pthread_join(background->thread, NULL);
    (void)pthread_cond_destroy(&background->changed);
    (void)pthread_mutex_destroy(&background->lock);
    free(background);
}
