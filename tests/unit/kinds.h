/* Every family with an eta column of its own and every link: data made by each, as specimens. */
#ifndef MAXPOST_TEST_KINDS_H
#define MAXPOST_TEST_KINDS_H

#include "chance.h"
#include "oracle.h"

/* One family with a link, and data that suit both. */
struct kind {
    const char *family, *link;
    double intercept, slope[2]; /* the truth */
    const char *aux[2];
    double fixed[2], truth[2];
};

static const struct kind kinds[] = {
    {"gaussian", "identity", 1.0, {0.7, -0.4}, {"noise_sd"}, {0}, {0.8}},
    {"gaussian", "log", 1.0, {0.3, -0.2}, {"noise_sd"}, {0}, {0.5}},
    {"gaussian", "inverse", 0.8, {0.1, -0.1}, {"noise_sd"}, {0}, {0.1}},
    {"gaussian", "log", 1.0, {0.3, -0.2}, {"noise_sd"}, {0.5}, {0.5}},
    {"bernoulli", "logit", 0.3, {0.8, -0.5}, {NULL}, {0}, {0}},
    {"bernoulli", "probit", 0.3, {0.6, -0.4}, {NULL}, {0}, {0}},
    {"bernoulli", "cloglog", -0.4, {0.6, -0.4}, {NULL}, {0}, {0}},
    {"bernoulli", "cauchit", 0.3, {0.8, -0.6}, {NULL}, {0}, {0}},
    {"poisson", "log", 0.7, {0.5, -0.3}, {NULL}, {0}, {0}},
    {"poisson", "identity", 5.0, {0.8, -0.6}, {NULL}, {0}, {0}},
    {"poisson", "sqrt", 2.0, {0.3, -0.2}, {NULL}, {0}, {0}},
    {"negative_binomial", "log", 0.9, {0.5, -0.3}, {"size"}, {0}, {1.5}},
    {"negative_binomial", "identity", 5.0, {0.8, -0.6}, {"size"}, {0}, {1.5}},
    {"negative_binomial", "sqrt", 2.0, {0.3, -0.2}, {"size"}, {0}, {1.5}},
    {"negative_binomial", "log", 0.9, {0.5, -0.3}, {"size"}, {2.0}, {1.5}},
    {"gamma", "log", 0.9, {0.5, -0.3}, {"shape"}, {0}, {2.5}},
    {"gamma", "inverse", 1.2, {0.15, -0.1}, {"shape"}, {0}, {2.5}},
    {"gamma", "identity", 4.0, {0.5, -0.4}, {"shape"}, {0}, {2.5}},
    {"gamma", "inverse", 1.2, {0.15, -0.1}, {"shape"}, {2.0}, {2.5}},
    {"beta", "logit", 0.2, {0.6, -0.4}, {"precision"}, {0}, {6.0}},
    {"beta", "probit", 0.2, {0.4, -0.3}, {"precision"}, {0}, {6.0}},
    {"beta", "cloglog", -0.3, {0.4, -0.3}, {"precision"}, {0}, {6.0}},
    {"beta", "logit", 0.2, {0.6, -0.4}, {"precision"}, {9.0}, {6.0}},
    {"student_t", "identity", 1.0, {0.7, -0.4}, {"df", "noise_scale"}, {4.0, 0}, {2.5, 0.7}},
    {"student_t", "identity", 1.0, {0.7, -0.4}, {"df", "noise_scale"}, {0, 0}, {2.5, 0.7}},
    {"student_t", "identity", 1.0, {0.7, -0.4}, {"df", "noise_scale"}, {3.0, 0.5}, {2.5, 0.7}},
    {"student_t", "identity", 1.0, {0.7, -0.4}, {"df", "noise_scale"}, {0, 0.6}, {2.5, 0.7}},
    {"student_t", "log", 1.5, {0.3, -0.2}, {"df", "noise_scale"}, {0, 0}, {2.5, 0.3}},
    {"student_t", "inverse", 0.8, {0.1, -0.1}, {"df", "noise_scale"}, {4.0, 0}, {2.5, 0.05}},
    {"huber", "identity", 1.0, {0.7, -0.4}, {"noise_scale", "k"}, {0, 1.345}, {0.7, 0}},
    {"huber", "identity", 1.0, {0.7, -0.4}, {"noise_scale", "k"}, {0, 0.6}, {0.7, 0}},
    {"huber", "identity", 1.0, {0.7, -0.4}, {"noise_scale", "k"}, {0.5, 1.345}, {0.7, 0}},
};
enum { KINDS = sizeof kinds / sizeof *kinds, KIND_ROWS = 100 };

static inline double respond(struct chance *c, const struct kind *kind, double mu)
{
    const double t = kind->truth[0];
    switch (kind->family[0]) {
    case 'g':
        return strcmp(kind->family, "gamma") == 0 ? mu * chance_gamma(c, t) / t
                                                  : mu + t * chance_normal(c);
    case 'p':
        return chance_poisson(c, mu);
    case 'n':
        return chance_poisson(c, mu * chance_gamma(c, t) / t);
    case 's':
        return mu + kind->truth[1] * chance_student(c, t);
    case 'h':
        return mu + t * chance_student(c, 3.0);
    default:
        return strcmp(kind->family, "beta") == 0 ? chance_beta(c, mu * t, (1.0 - mu) * t)
                                                 : chance_uniform(c) < mu;
    }
}

static inline struct specimen of_kind(const struct kind *kind, uint64_t seed)
{
    struct specimen s = specimen_new(kind->family, KIND_ROWS, 2);
    struct chance c = {seed};
    for (size_t k = 0; k < 2; k++) {
        s.aux[k] = kind->aux[k];
        s.fixed[k] = kind->fixed[k];
    }
    s.link = kind->link;
    for (size_t i = 0; i < KIND_ROWS; i++) {
        double eta = kind->intercept;
        for (size_t j = 0; j < 2; j++) {
            s.x[j][i] = chance_between(&c, -1.7, 1.7);
            eta += kind->slope[j] * s.x[j][i];
        }
        s.y[i] = respond(&c, kind, oracle_mean(kind->link, eta));
    }
    return s;
}

#endif
