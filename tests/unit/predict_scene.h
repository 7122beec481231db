/* Every family and link with auxiliary parameters and a linear predictor that suits them. */
#ifndef TESTS_PREDICT_SCENE_H
#define TESTS_PREDICT_SCENE_H

#include "infer/predict.h"
#include "numeric.h"

#include <string.h>

struct scene {
    const struct family *family;
    size_t link;
    double m, s, trials, psi[FAMILY_AUX_MAX];
};

/* New rows of the tables need no line here unless these values do not suit them. */
static inline struct scene scene_of(const struct family *family, size_t link)
{
    struct scene c = {family, link, 0.4, 0.3, 1, {4.5, 1.3}};
    if (strcmp(family->links[link], "sqrt") == 0 || strcmp(family->links[link], "inverse") == 0 ||
        strcmp(family->links[link], "identity") == 0)
        c.m = 3;
    if (family == &family_gaussian || family == &family_laplace)
        c.psi[0] = 0.7;
    if (family->response == RESPONSE_TRIALS)
        c.trials = 7;
    return c;
}

static inline void scene_each(void (*check)(struct scene))
{
    for (size_t f = 0; family_table[f]; f++)
        for (size_t link = 0; family_table[f]->kinds && family_table[f]->links[link]; link++)
            check(scene_of(family_table[f], link));
}

static inline struct predict *scene_predict(const struct scene *c, size_t samples)
{
    struct predict *predict = NULL;
    mxp_error error = {0};
    if (predict_new(&predict, c->family, c->link, 1, false, c->psi, 0.95, samples, &error))
        fail_msg("%s", error.message);
    return predict;
}

static inline struct predict_number scene_number(const struct scene *c)
{
    struct predict *predict = scene_predict(c, 0);
    struct predict_number n;
    const double variance = c->s * c->s;
    const struct predict_row row = {&c->m, isnan(c->s) ? NULL : &variance, c->trials};
    predict_number(&n, predict, &row);
    predict_free(predict);
    return n;
}

static inline struct predict_density scene_density(const struct scene *c, double y)
{
    struct predict *predict = scene_predict(c, 0);
    struct predict_density density;
    const double variance = c->s * c->s;
    const struct predict_row row = {&c->m, isnan(c->s) ? NULL : &variance, c->trials};
    predict_density(&density, predict, &row, y, NULL);
    predict_free(predict);
    return density;
}

#endif
