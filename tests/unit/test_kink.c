/* kink_one and kink_sample against numerical integration. */
#include "infer/kink.h"
#include "numeric.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <string.h>

/* ---- one coordinate by quadrature ---- */

struct side {
    double x, a, z, about;
    int power;
};

static double peak_of(const struct side *s)
{
    return s->z > 0.0 ? s->z : 0.0;
}

static double side_log(const struct side *s, double y)
{
    const long double off = (long double)y - s->x;
    return (double)(-0.5L * off * off - (long double)s->a * y);
}

/* side_log(y) - side_log(peak), as a product: nothing cancels. */
static double side_integrand(double y, void *context)
{
    const struct side *s = context;
    const double peak = peak_of(s);
    return pow(y - s->about, s->power) * exp(-(y - peak) * (0.5 * (y + peak) - s->z));
}

/* Integral over y > 0 of (y - about)^power exp(-(y - x)^2/2 - a y), over its largest value. */
static double side_integral(double x, double a, double about, int power)
{
    struct side s = {.x = x, .a = a, .z = x - a, .about = about, .power = power};
    gsl_function f = {.function = side_integrand, .params = &s};
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(2000);
    const double high = s.z > 0.0 ? s.z + 12.0 : 45.0 / (1.0 - s.z) + (s.z > -4.0 ? 6.0 : 0.0);
    double value, error;
    gsl_integration_qag(&f, fmax(0.0, s.z - 12.0), high, 0.0, 1e-11, 2000, GSL_INTEG_GAUSS61, w,
                        &value, &error);
    gsl_integration_workspace_free(w);
    return value;
}

static void quadrature(double *log_z, double *mean, double *sd, double x, double a)
{
    const struct side right = {.x = x, .a = a, .z = x - a}, left = {.x = -x, .a = a, .z = -x - a};
    const double top_r = side_log(&right, peak_of(&right)), top_l = side_log(&left, peak_of(&left));
    const double top = fmax(top_r, top_l), r = exp(top_r - top), l = exp(top_l - top);
    const double z = r * side_integral(x, a, 0.0, 0) + l * side_integral(-x, a, 0.0, 0);
    *log_z = top + log(z);
    *mean = (r * side_integral(x, a, 0.0, 1) - l * side_integral(-x, a, 0.0, 1)) / z;
    *sd = sqrt((r * side_integral(x, a, *mean, 2) + l * side_integral(-x, a, -*mean, 2)) / z);
}

static void test_one_quadrature(void **context)
{
    static const double us[] = {-40.0, -3.0, -0.2, 0.0, 1e-3, 0.7, 2.0, 9.0, 200.0};
    static const double ss[] = {0.03, 0.5, 1.0, 4.0, 50.0}, ms[] = {0.0, 1.3};
    static const double bs[] = {0.02, 0.1, 0.3, 1.0, 4.0, 100.0, 1e6};
    (void)context;
    for (size_t i = 0; i < 9 * 5 * 2 * 7; i++) {
        const double u = us[i % 9], s = ss[i / 9 % 5], m = ms[i / 45 % 2], b = bs[i / 90];
        double want[3], got[3];
        quadrature(&want[0], &want[1], &want[2], (u - m) / s, s / b);
        kink_one(&got[0], &got[1], &got[2], u, s, m, b);
        const double size = fabs((u - m) / s) + s / b;
        assert_close(got[0], want[0] + log(s), 1e-10, 1e-10, "log z", (double)i);
        assert_close(got[1], m + s * want[1], 1e-10, 1e-13 * s * (1.0 + size), "mean", (double)i);
        assert_close(got[2], s * want[2], 1e-9, 0.0, "sd", (double)i);
    }
}

/* Limits: no kink in sight, no kink, no normal, all mass pressed against the kink. */
static void test_one_limits(void **context)
{
    double z, mean, sd;
    (void)context;
    kink_one(&z, &mean, &sd, 1e8, 1.0, 0.0, 0.5);
    assert_close(mean, 1e8 - 2.0, 1e-15, 0.0, "mean far from the kink", 1e8);
    assert_close(sd, 1.0, 1e-14, 0.0, "sd far from the kink", 1e8);
    assert_close(z, 0.5 * log(2.0 * M_PI) - 2e8 + 2.0, 1e-15, 0.0, "log z far", 1e8);
    kink_one(&z, &mean, &sd, -3.0, 2.0, 1.0, INFINITY);
    assert_close(mean, -3.0, 1e-15, 1e-15, "mean of a normal", 0.0);
    assert_close(sd, 2.0, 1e-14, 0.0, "sd of a normal", 0.0);
    assert_close(z, log(2.0) + 0.5 * log(2.0 * M_PI), 1e-14, 0.0, "log z of a normal", 0.0);
    kink_one(&z, &mean, &sd, 0.0, 1e9, 2.0, 0.7);
    assert_close(mean, 2.0, 1e-14, 0.0, "mean of a laplace", 0.0);
    assert_close(sd, 0.7 * sqrt(2.0), 1e-14, 0.0, "sd of a laplace", 0.0);
    assert_close(z, log(1.4), 1e-14, 1e-14, "log z of a laplace", 0.0);
    kink_one(&z, &mean, &sd, 50.0, 1.0, 0.0, 1e-7);
    assert_close(sd, 1e-7 * sqrt(2.0), 1e-10, 0.0, "sd at the kink", 1e-7);
    assert_close(mean, 2.0 * 50.0 * 1e-14, 0.0, 1e-12 * sd, "mean at the kink", 1e-7);
}

/* ---- kink_sample in up to four dimensions by a product of Gauss-Legendre rules ---- */

enum { NODES = 40, AXES = 4 };

struct answer {
    double mean[AXES], sd[AXES], positive[AXES];
};

struct axis {
    double point[2 * NODES], weight[2 * NODES];
};

static void axis_fill(struct axis *axis, double low, double middle, double high)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(NODES);
    for (size_t i = 0; i < NODES; i++) {
        gsl_integration_glfixed_point(low, middle, i, &axis->point[i], &axis->weight[i], table);
        gsl_integration_glfixed_point(middle, high, i, &axis->point[NODES + i],
                                      &axis->weight[NODES + i], table);
    }
    gsl_integration_glfixed_table_free(table);
}

/* log q as kink.h words it; x holds t and, if free, sigma. */
static double log_q(const struct kink_target *q, const double *x)
{
    const double sigma = q->sigma_free ? x[q->k] : q->sigma, unit = q->scaled ? sigma : 1.0;
    double rss = q->rss, value = 0.0;
    for (size_t j = 0; j < q->k; j++) {
        rss += 2.0 * q->g[j] * (x[j] - q->t0[j]);
        for (size_t i = 0; i < q->k; i++)
            rss += (x[i] - q->t0[i]) * q->G[i + j * q->k] * (x[j] - q->t0[j]);
        const double off = (x[j] - q->m[j]) / unit;
        value -= 0.5 * q->lambda[j] * off * off + q->l1[j] * fabs(off);
        if (q->scaled && q->lambda[j] + q->l1[j] > 0.0)
            value -= log(sigma);
    }
    value -= 0.5 * rss / (sigma * sigma) + (q->sigma_free ? q->weight_sum * log(sigma) : 0.0);
    if (q->sigma_prior) /* a density on sigma: its Jacobian to log sigma */
        value += q->sigma_prior->row->log_density(q->sigma_prior->a, sigma) + log(sigma);
    return value;
}

/* Moments by summing q over the product of the axes, dlog(sigma) for sigma. */
static struct answer integrate(const struct kink_target *q, const struct axis *axes)
{
    const size_t columns = q->k + q->sigma_free;
    size_t total = 1;
    double sum = 0.0, first[AXES] = {0.0}, second[AXES] = {0.0}, x[AXES];
    struct answer answer = {{0.0}, {0.0}, {0.0}};
    for (size_t j = 0; j < columns; j++)
        total *= 2 * NODES;
    const double top = log_q(q, (double[AXES]){q->t0[0], q->k > 1 ? q->t0[1] : q->sigma,
                                               q->k > 2 ? q->t0[2] : q->sigma, q->sigma});
    for (size_t l = 0; l < total; l++) {
        double weight = 1.0;
        for (size_t j = 0, rest = l; j < columns; j++, rest /= 2 * NODES) {
            x[j] = axes[j].point[rest % (2 * NODES)];
            weight *= axes[j].weight[rest % (2 * NODES)];
            if (j == q->k)
                x[j] = exp(x[j]);
        }
        weight *= exp(log_q(q, x) - top);
        sum += weight;
        for (size_t j = 0; j < columns; j++) {
            first[j] += weight * x[j];
            second[j] += weight * x[j] * x[j];
            answer.positive[j] += x[j] > 0.0 ? weight : 0.0;
        }
    }
    for (size_t j = 0; j < columns; j++) {
        answer.mean[j] = first[j] / sum;
        answer.sd[j] = sqrt(second[j] / sum - answer.mean[j] * answer.mean[j]);
        answer.positive[j] /= sum;
    }
    return answer;
}

struct example {
    const char *name;
    size_t k;
    double G[9], g[3], t0[3], lambda[3], l1[3], m[3];
    double sigma, weight_sum, rss;
    bool sigma_free, scaled, has_prior;
    double low[AXES], high[AXES]; /* of the integration; of log sigma last */
};

static const struct example examples[] = {
    {.name = "two kinks, correlated",
     .k = 2,
     .G = {4.0, 3.6, 3.6, 4.0},
     .g = {-1.0, 0.4},
     .t0 = {0.1, 0.0},
     .l1 = {1.0, 1.5},
     .sigma = 1.3,
     .low = {-7.0, -7.0},
     .high = {7.0, 7.0}},
    {.name = "flat, elastic net, laplace with a location",
     .k = 3,
     .G = {5.0, 2.0, -1.0, 2.0, 3.0, 1.0, -1.0, 1.0, 4.0},
     .g = {0.5, -2.0, 1.0},
     .t0 = {0.2, 0.1, 0.3},
     .lambda = {0.0, 0.7, 0.0},
     .l1 = {0.0, 0.9, 2.0},
     .m = {0.0, 0.0, 0.5},
     .sigma = 0.8,
     .low = {-4.0, -3.5, -3.0},
     .high = {4.0, 3.5, 3.5}},
    {.name = "free sigma",
     .k = 1,
     .G = {6.0},
     .g = {-3.0},
     .t0 = {0.2},
     .l1 = {1.2},
     .sigma = 1.0,
     .weight_sum = 12.0,
     .rss = 14.0,
     .sigma_free = true,
     .low = {-4.0, -1.6},
     .high = {5.0, 2.5}},
    {.name = "free sigma, kinks in units of the noise",
     .k = 2,
     .G = {6.0, 3.0, 3.0, 5.0},
     .g = {-3.0, 1.0},
     .t0 = {0.2, 0.0},
     .lambda = {0.5, 0.0},
     .l1 = {1.2, 2.0},
     .m = {0.0, -0.1},
     .sigma = 1.0,
     .weight_sum = 9.0,
     .rss = 11.0,
     .sigma_free = true,
     .scaled = true,
     .low = {-5.0, -5.0, -1.6},
     .high = {6.0, 5.0, 2.6}},
    {.name = "free sigma, gaussian priors in units of the noise, one flat",
     .k = 2,
     .G = {6.0, 3.0, 3.0, 5.0},
     .g = {-3.0, 1.0},
     .t0 = {0.2, 0.0},
     .lambda = {0.5, 0.0},
     .m = {0.4, 0.0},
     .sigma = 1.0,
     .weight_sum = 9.0,
     .rss = 11.0,
     .sigma_free = true,
     .scaled = true,
     .low = {-7.0, -7.0, -1.6},
     .high = {7.0, 7.0, 2.8}},
    {.name = "free sigma with a prior, smooth block at each sigma",
     .k = 2,
     .G = {6.0, 3.0, 3.0, 5.0},
     .g = {-3.0, 1.0},
     .t0 = {0.2, 0.0},
     .lambda = {0.8, 0.0},
     .l1 = {0.0, 1.0},
     .m = {0.1, 0.0},
     .sigma = 1.0,
     .weight_sum = 5.0,
     .rss = 6.0,
     .sigma_free = true,
     .has_prior = true,
     .low = {-6.0, -6.0, -2.5},
     .high = {7.0, 6.0, 3.5}},
};

static struct kink_target target_of(const struct example *e, const struct prior *prior)
{
    return (struct kink_target){.k = e->k,
                                .G = e->G,
                                .g = e->g,
                                .t0 = e->t0,
                                .rss = e->rss,
                                .lambda = e->lambda,
                                .l1 = e->l1,
                                .m = e->m,
                                .sigma = e->sigma,
                                .sigma_free = e->sigma_free,
                                .weight_sum = e->weight_sum,
                                .scaled = e->scaled,
                                .sigma_prior = e->has_prior ? prior : NULL};
}

static struct kink_posterior *sample(const struct kink_target *target, size_t samples,
                                     unsigned long long seed)
{
    const struct kink_options options = {.samples = samples, .seed = seed};
    struct kink_posterior *posterior = NULL;
    mxp_error error = {0};
    if (kink_sample(&posterior, target, &options, 0.9, &error) != MXP_OK)
        fail_msg("%s", error.message);
    return posterior;
}

static void compare(const struct example *e, const struct kink_posterior *p, struct answer want)
{
    for (size_t j = 0; j < p->columns; j++) {
        const struct kink_summary s = p->summary[j];
        const double share = want.positive[j];
        const double share_error = sqrt(share * (1.0 - share) / s.ess_bulk);
        assert_true(s.mean_error < 0.02 * s.sd && s.ess_bulk > 1000.0 && s.r_hat < 1.02);
        assert_close(s.mean, want.mean[j], 2e-5, 4.5 * s.mean_error, e->name, (double)j);
        assert_close(s.sd, want.sd[j], 0.03, 0.0, e->name, (double)j);
        if (j == p->k || e->m[j] == 0.0) /* else 0 is inside a piece of the rule */
            assert_close(s.probability_positive, share, 0.0, 4.5 * share_error + 1e-4, e->name,
                         (double)j);
    }
}

static void test_sample_integration(void **context)
{
    struct prior half = {.row = prior_find("half_normal"), .a = {1.5}};
    (void)context;
    assert_non_null(half.row);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *e = &examples[i];
        const struct kink_target target = target_of(e, &half);
        struct axis axes[AXES];
        for (size_t j = 0; j < e->k + e->sigma_free; j++)
            axis_fill(&axes[j], e->low[j], j < e->k ? e->m[j] : 0.0, e->high[j]);
        const struct answer want = integrate(&target, axes);
        for (unsigned long long seed = 1; seed <= 3; seed++) {
            struct kink_posterior *p = sample(&target, 20000, seed);
            compare(e, p, want);
            kink_free(p);
        }
    }
}

/* ---- one dimension ---- */

struct one {
    double u, s, m, b;
};

/* The distribution function of exp(-(t-u)^2/(2 s^2) - |t-m|/b). */
static double one_cdf(double t, const void *context)
{
    const struct one *o = context;
    const double x = (o->u - o->m) / o->s, a = o->s / o->b, y = (t - o->m) / o->s;
    const double right = exp(0.5 * (x - a) * (x - a)), left = exp(0.5 * (x + a) * (x + a));
    const double all = right * gsl_cdf_ugaussian_P(x - a) + left * gsl_cdf_ugaussian_Q(x + a);
    if (y <= 0.0)
        return left * gsl_cdf_ugaussian_P(y - x - a) / all;
    return 1.0 - right * gsl_cdf_ugaussian_Q(y - x + a) / all;
}

static void test_sample_one(void **context)
{
    static const struct one cases[] = {
        {0.3, 0.6, 0.0, 0.4}, {-2.0, 1.0, 0.0, 0.5}, {1.0, 1.0, 0.8, 0.2}, {5.0, 1.0, 0.0, 1.0}};
    (void)context;
    for (size_t i = 0; i < 4 * 5; i++) {
        const struct one o = cases[i % 4];
        const double G = 1.0 / (o.s * o.s), zero = 0.0, start = 0.2, g = G * (start - o.u);
        const double l1 = 1.0 / o.b;
        const struct kink_target target = {.k = 1,
                                           .G = &G,
                                           .g = &g,
                                           .t0 = &start,
                                           .lambda = &zero,
                                           .l1 = &l1,
                                           .m = &o.m,
                                           .sigma = 1.0};
        struct kink_posterior *p = sample(&target, 4001, i / 4 + 1);
        const double n = (double)p->samples, positive = 1.0 - one_cdf(0.0, &o);
        const struct kink_summary s = p->summary[0];
        double log_z, mean, sd, sum = 0.0;
        assert_true(p->samples == 4004);
        kink_one(&log_z, &mean, &sd, o.u, o.s, o.m, o.b);
        for (size_t l = 0; l < p->samples; l++)
            sum += p->draws[l];
        assert_close(s.mean, mean, 1e-12, 1e-14, "mean", (double)i);
        assert_close(s.sd, sd, 1e-11, 0.0, "sd", (double)i);
        assert_close(sum / n, mean, 0.0, 4.5 * sd / sqrt(n), "mean of the draws", (double)i);
        assert_close(s.probability_positive, positive, 0.0,
                     4.5 * sqrt(positive * (1.0 - positive) / n), "P(> 0)", (double)i);
        assert_close(one_cdf(s.lower, &o), 0.05, 0.0, 0.016, "lower", (double)i);
        assert_close(one_cdf(s.upper, &o), 0.95, 0.0, 0.016, "upper", (double)i);
        assert_true(numeric_ks(p->draws, p->samples, one_cdf, &o) < 1.95);
        kink_free(p);
    }
}

/* ---- many smooth coordinates, drawn one by one; and what is refused ---- */

/* G = I + c 11', g = -1: precision P = G + lambda I, mean and variance in closed form. */
static void test_many_smooth(void **context)
{
    enum { K = 210 };
    const double c = 0.05, lambda = 0.5, d = 1.0 + lambda;
    double *G = calloc(K * K, sizeof *G), g[K], zeros[K] = {0.0}, lambdas[K];
    (void)context;
    for (size_t j = 0; j < K; j++) {
        g[j] = -1.0;
        lambdas[j] = lambda;
        for (size_t i = 0; i < K; i++)
            G[i + j * K] = c + (i == j ? 1.0 : 0.0);
    }
    const struct kink_target target = {.k = K,
                                       .G = G,
                                       .g = g,
                                       .t0 = zeros,
                                       .lambda = lambdas,
                                       .l1 = zeros,
                                       .m = zeros,
                                       .sigma = 1.0};
    struct kink_posterior *p = sample(&target, 1000, 3);
    const double mean = 1.0 / (d + c * K), variance = (1.0 - c / (d + c * K)) / d;
    for (size_t j = 0; j < K; j++) {
        assert_close(p->summary[j].mean, mean, 0.0, 5.0 * p->summary[j].mean_error, "mean", 0.0);
        assert_close(p->summary[j].sd, sqrt(variance), 0.1, 0.0, "sd", (double)j);
    }
    kink_free(p);
    free(G);
}

static void test_no_curvature(void **context)
{
    const double G[] = {2.0, 0.0, 0.0, 0.0}, g[] = {0.5, 0.0}, t0[] = {0.0, 1.0};
    const double lambda[] = {0.0, 0.0}, l1[] = {0.0, 4.0}, m[] = {0.0, 1.0};
    const struct kink_target target = {
        .k = 2, .G = G, .g = g, .t0 = t0, .lambda = lambda, .l1 = l1, .m = m, .sigma = 1.0};
    struct kink_posterior *p = sample(&target, 1000, 3);
    (void)context;
    assert_close(p->summary[0].mean, -0.25, 1e-12, 0.0, "mean", 0.0);
    assert_close(p->summary[0].sd, sqrt(0.5), 1e-12, 0.0, "sd", 0.0);
    assert_close(p->summary[1].mean, 1.0, 1e-12, 0.0, "mean", 1.0);
    assert_close(p->summary[1].sd, sqrt(2.0) / 4.0, 1e-12, 0.0, "sd", 1.0);
    kink_free(p);
}

static void refuse(const struct kink_target *target, const char *words)
{
    const struct kink_options options = {.samples = 100, .seed = 1};
    struct kink_posterior *posterior = NULL;
    mxp_error error = {0};
    assert_int_equal(kink_sample(&posterior, target, &options, 0.9, &error), MXP_NUMERIC);
    assert_null(posterior);
    assert_non_null(strstr(error.message, words));
}

static void test_improper(void **context)
{
    const double G[] = {1.0, 1.0, 1.0, 1.0}, g[2] = {0.0}, zero[2] = {0.0}, l1[] = {1.0, 1.0};
    struct kink_target target = {.k = 2,
                                 .G = G,
                                 .g = g,
                                 .t0 = zero,
                                 .lambda = zero,
                                 .l1 = zero,
                                 .m = zero,
                                 .sigma = 1.0,
                                 .rss = 1.0,
                                 .weight_sum = 2.0};
    (void)context;
    refuse(&target, "singular");
    target.sigma_free = true;
    refuse(&target, "total weight");
    target.l1 = l1;
    target.rss = 0.0;
    target.G = zero;
    target.k = 1;
    refuse(&target, "residual");
    const double slope = 3.0;
    target.g = &slope;
    target.sigma_free = false;
    refuse(&target, "improper");
}

static void test_same_bits(void **context)
{
    const struct kink_target target = target_of(&examples[3], NULL);
    struct kink_posterior *a = sample(&target, 400, 7), *b = sample(&target, 400, 7);
    struct kink_posterior *other = sample(&target, 400, 8);
    (void)context;
    assert_memory_equal(a->draws, b->draws, a->samples * a->columns * sizeof *a->draws);
    assert_memory_equal(a->summary, b->summary, a->columns * sizeof *a->summary);
    assert_true(a->draws[0] != other->draws[0]);
    kink_free(a);
    kink_free(b);
    kink_free(other);
    kink_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_quadrature),     cmocka_unit_test(test_one_limits),
        cmocka_unit_test(test_sample_integration), cmocka_unit_test(test_sample_one),
        cmocka_unit_test(test_many_smooth),        cmocka_unit_test(test_no_curvature),
        cmocka_unit_test(test_improper),           cmocka_unit_test(test_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
