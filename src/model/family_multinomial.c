/* y is one of several classes: p_a proportional to exp(eta_a).  Without symmetry the reference
 * class, numbered q, has eta = 0. */
#include "model/family_parts.h"
#include "num/rng.h"

#include <math.h>

static const char *const links[] = {"softmax", NULL};

/* A row's eta columns, stride apart. */
struct row {
    const double *eta;
    size_t stride, q;
    bool symmetric;
    double high, sum; /* largest eta, and the sum over classes of exp(eta - high) */
};

static double eta_of(const struct row *row, size_t a)
{
    return a < row->q ? row->eta[a * row->stride] : 0.0;
}

static size_t class_count(const struct row *row)
{
    return row->symmetric ? row->q : row->q + 1;
}

static struct row row_of(const double *eta, size_t stride, size_t q, bool symmetric)
{
    struct row row = {eta, stride, q, symmetric, -INFINITY, 0.0};
    const size_t classes = class_count(&row);

    for (size_t a = 0; a < classes; a++)
        row.high = fmax(row.high, eta_of(&row, a));
    for (size_t a = 0; a < classes; a++)
        row.sum += exp(eta_of(&row, a) - row.high);
    return row;
}

static double probability(const struct row *row, size_t a)
{
    return exp(eta_of(row, a) - row->high) / row->sum;
}

/* The sum of exp(eta - high) without class a, where that is not a difference of near numbers. */
static double others(const struct row *row, size_t a)
{
    const double own = exp(eta_of(row, a) - row->high);
    const size_t classes = class_count(row);
    double sum = 0.0;

    if (own < 0.5 * row->sum)
        return row->sum - own;
    for (size_t b = 0; b < classes; b++)
        if (b != a)
            sum += exp(eta_of(row, b) - row->high);
    return sum;
}

static double log_probability(const struct row *row, size_t y)
{
    const double eta = eta_of(row, y);
    return eta == row->high ? -log1p(others(row, y)) : eta - row->high - log(row->sum);
}

static void second(double *d2, size_t i, size_t m, const struct row *row)
{
    const size_t q = row->q;

    for (size_t a = 0; a < q; a++)
        d2[i + m * (a + q * a)] = probability(row, a);
    for (size_t a = 0; a < q; a++)
        for (size_t b = 0; b < a; b++)
            d2[i + m * (a + q * b)] = d2[i + m * (b + q * a)] =
                d2[i + m * (a + q * a)] * d2[i + m * (b + q * b)];
    for (size_t a = 0; a < q; a++)
        d2[i + m * (a + q * a)] *= -(others(row, a) / row->sum);
}

static void eval_row(struct family_out *out, size_t i, size_t m, size_t y, const struct row *row,
                     unsigned want)
{
    if (want & FAMILY_VALUE) {
        const double value = log_probability(row, y);
        out->value[i] = isnan(value) ? -INFINITY : value;
    }
    if (want & FAMILY_D1)
        for (size_t a = 0; a < row->q; a++)
            out->d1[i + m * a] = a == y ? others(row, a) / row->sum : -probability(row, a);
    if (want & FAMILY_D2)
        second(out->d2, i, m, row);
    if ((want & FAMILY_D3) && row->q == 1) {
        const double p = probability(row, 0), rest = others(row, 0) / row->sum;
        out->d3[i] = -p * rest * (rest - p);
    }
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    (void)link;
    (void)psi;
    (void)error;
    for (size_t i = 0; i < m; i++) {
        const struct row row = row_of(eta + i, m, response->q, response->symmetric);
        eval_row(out, i, m, (size_t)response->y[i], &row, want);
    }
    return MXP_OK;
}

static bool concave(size_t link)
{
    (void)link;
    return true;
}

static void probabilities(double *p, size_t link, const double *eta, size_t q, bool symmetric)
{
    const struct row row = row_of(eta, 1, q, symmetric);
    const size_t classes = class_count(&row);

    (void)link;
    for (size_t a = 0; a < classes; a++)
        p[a] = probability(&row, a);
}

static double saturated(double y, double trials, const double *psi)
{
    (void)y;
    (void)trials;
    (void)psi;
    return 0.0;
}

/* The class must gain on every other one, or stay level with it. */
static int recession(size_t link, double y, double trials, const double *direction, size_t q,
                     bool symmetric, double tolerance)
{
    const size_t own = (size_t)y, classes = symmetric ? q : q + 1;
    const double mine = own < q ? direction[own] : 0.0;
    bool rises = false;

    (void)link;
    (void)trials;
    for (size_t a = 0; a < classes; a++) {
        const double gain = mine - (a < q ? direction[a] : 0.0);
        if (gain < -tolerance)
            return -1;
        rises = rises || gain > tolerance;
    }
    return rises ? 1 : 0;
}

/* The largest of eta plus Gumbel noise. */
static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    const size_t classes = symmetric ? q : q + 1;
    double best = -INFINITY;
    size_t found = 0;

    (void)link;
    (void)trials;
    (void)psi;
    for (size_t a = 0; a < classes; a++) {
        const double score = (a < q ? eta[a] : 0.0) - log(rng_exponential(rng));
        if (score > best) {
            best = score;
            found = a;
        }
    }
    return (double)found;
}

const struct family family_multinomial = {
    .name = "multinomial",
    .help = "response one of several classes",
    .links = links,
    .response = RESPONSE_CLASS,
    .phi = PHI_ONE,
    .concave = concave,
    .eval = eval,
    .probabilities = probabilities,
    .saturated = saturated,
    .recession = recession,
    .draw = draw,
};
