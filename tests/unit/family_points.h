/* Points at which every row of the family table with one eta column is tried: each link, numbers of
 * trials, auxiliary parameters from 1e-8 to 1e8. */
#ifndef MAXPOST_TEST_FAMILY_POINTS_H
#define MAXPOST_TEST_FAMILY_POINTS_H

#include "model/family.h"
#include "numeric.h"

static const double etas[] = {-40, -3, -0.2, 0.02, 0.5, 1.1, 2, 30};
static const double responses[] = {0,    1,   2,    7,     63,   64,  65,  1000,
                                   -1.3, 2.5, 1e-9, 0.023, 0.47, 0.9, 1e6, 0.999999};
static const double trials[] = {1, 0, 10, 1000};
enum { SCALES = 5, TRIALS = 4, ETAS = 8, RESPONSES = 16 };
static const double scales[SCALES][2] = {{0.7, 1.3}, {4, 0.3}, {30, 2}, {1e8, 1e-8}, {1e-8, 1e8}};

/* One row's evaluation at a point, and what to differentiate. */
struct point {
    const struct family *family;
    size_t link, aux;
    double y, trials, eta, psi[FAMILY_AUX_MAX];
    unsigned which; /* FAMILY_VALUE, FAMILY_D1, ...: which output */
    int in_psi;     /* the variable is log psi[aux], not eta */
};

struct result {
    double value, d1, d2, d3, dpsi[2], d2psi[4], mixed[2];
};

static inline struct result evaluate_as(const struct point *p, unsigned want)
{
    struct result r = {0};
    struct family_out out = {&r.value, &r.d1, &r.d2, &r.d3, r.dpsi, r.d2psi, r.mixed};
    const struct response response = {.y = &p->y, .trials = &p->trials, .q = 1};
    assert_int_equal(p->family->eval(&out, p->link, &response, &p->eta, 1, p->psi, want, NULL),
                     MXP_OK);
    return r;
}

static inline struct result evaluate(const struct point *p)
{
    return evaluate_as(p, FAMILY_VALUE | FAMILY_D1 | FAMILY_D2 | FAMILY_D3 | FAMILY_AUX);
}

static inline struct point moved(const struct point *at, double x)
{
    struct point p = *at;
    if (p.in_psi)
        p.psi[p.aux] *= exp(x);
    else
        p.eta += x;
    return p;
}

static inline size_t link_count(const struct family *family)
{
    size_t count = 0;
    while (family->links[count])
        count++;
    return count;
}

static inline int one_column(const struct family *family)
{
    return family->response == RESPONSE_NUMBER || family->response == RESPONSE_TRIALS;
}

/* Calls check for every row, link, number of trials and the first scales of its parameters. */
static inline void for_each(void (*check)(struct point), size_t scale_count)
{
    for (size_t f = 0; family_table[f]; f++) {
        const struct family *family = family_table[f];
        const size_t trial_count = family->response == RESPONSE_TRIALS ? TRIALS : 1;
        if (!one_column(family))
            continue;
        for (size_t link = 0; link < link_count(family); link++)
            for (size_t s = 0; s < (family->auxiliary_count ? scale_count : 1); s++) {
                if (s > 2 && link > 0)
                    break; /* too steep in eta for differences */
                for (size_t t = 0; t < trial_count; t++)
                    check((struct point){.family = family,
                                         .link = link,
                                         .trials = trials[t],
                                         .psi = {scales[s][0], scales[s][1]}});
            }
    }
}

static inline int is_discrete(const struct family *family)
{
    return family == &family_bernoulli || family->check(0.5, 1) != NULL;
}

#endif
