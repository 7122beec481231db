/* Least absolute deviations: medians, stackloss, enumeration of vertices, duality. */
#include "scene.h"

#include "fit/lad_solve.h"

#include <float.h>

/* ---- known answers ---------------------------------------------------------------------------- */

/* Brownlee's stack loss data: air flow, water temperature, acid concentration, loss. */
static const double stackloss[21][4] = {
    {80, 27, 89, 42}, {80, 27, 88, 37}, {75, 25, 90, 37}, {62, 24, 87, 28}, {62, 22, 87, 18},
    {62, 23, 87, 18}, {62, 24, 93, 19}, {62, 24, 93, 20}, {58, 23, 87, 15}, {58, 18, 80, 14},
    {58, 18, 89, 14}, {58, 17, 88, 13}, {58, 18, 82, 11}, {58, 19, 93, 12}, {50, 18, 89, 8},
    {50, 18, 86, 7},  {50, 19, 72, 8},  {50, 19, 79, 8},  {50, 20, 80, 9},  {56, 20, 82, 15},
    {70, 20, 91, 15}};

static struct scene stackloss_scene(void)
{
    struct scene s = scene("laplace", 21, 3);

    for (size_t i = 0; i < 21; i++) {
        for (size_t j = 0; j < 3; j++)
            s.x[j][i] = stackloss[i][j];
        s.y[i] = stackloss[i][3];
    }
    return s;
}

static double sd_of(const struct scene *s, size_t term)
{
    return mxp_posterior_term(s->posterior, term).sd;
}

/* Coefficients: R 4, quantreg's rq(stack.loss ~ stack.x, 0.5), eight decimals, as in its help.  The
 * noise is the mean absolute residual there, in rational arithmetic on the four rows that are fitted
 * exactly; sds are it times the root of diag (X'X)^-1 (numpy, eight digits). */
static void test_stackloss(void **state)
{
    (void)state;
    static const double coefficient[4] = {-39.68985507, 0.83188406, 0.57391304, -0.06086957};
    static const double sd[4] = {7.34976684, 0.08332015, 0.22737838, 0.09656398};
    struct scene s = stackloss_scene();
    assert_converged(&s);
    const mxp_fit_info info = mxp_solution_info(s.solution);
    assert_string_equal(info.method, "lad");
    assert_false(info.not_unique);
    assert_true(info.kkt < 1e-12);
    for (size_t j = 0; j < 4; j++) {
        const mxp_term term = mxp_posterior_term(s.posterior, j);
        assert_close(term.estimate, coefficient[j], 0.0, 6e-9, "coefficient", (double)j);
        assert_close(term.sd, sd[j], 1e-7, 0.0, "sd", (double)j);
    }
    assert_close(estimate(&s, "noise_scale"), 2.003864734299517, 1e-14, 0.0, "noise_scale", 0.0);
    const double v = 1.0 / 21.0, mean = estimate(&s, "noise_scale") * exp(0.5 * v);
    assert_close(sd_of(&s, 4), mean * sqrt(expm1(v)), 1e-12, 0.0, "sd of the noise", 0.0);
    assert_string_equal(mxp_posterior_get_info(s.posterior).curvature, "expected");
    scene_free(&s);
}

/* An odd number of rows has one median; between the middle ones of an even number all are. */
static void test_medians(void **state)
{
    (void)state;
    for (size_t n = 5; n < 7; n++) {
        struct scene s = scene("laplace", n, 0);
        const double y[6] = {3.0, -1.0, 10.0, 4.0, 1e6, 5.0};
        memcpy(s.y, y, sizeof y);
        assert_converged(&s);
        const double median = estimate(&s, "(Intercept)");
        if (n == 5)
            assert_true(median == 4.0);
        else
            assert_true(median >= 4.0 && median <= 5.0);
        assert_int_equal(mxp_solution_info(s.solution).not_unique, n == 6);
        scene_free(&s);
    }
}

/* Every row twice, or with weight 2; a row without weight may be anything. */
static void test_weights(void **state)
{
    (void)state;
    struct scene twice = stackloss_scene(), heavy = stackloss_scene();
    twice.rows = 42;
    for (size_t i = 0; i < 21; i++) {
        for (size_t j = 0; j < 3; j++)
            twice.x[j][21 + i] = twice.x[j][i];
        twice.y[21 + i] = twice.y[i];
        twice.w[21 + i] = 1.0;
        heavy.w[i] = 2.0;
    }
    heavy.rows = 22;
    heavy.w[21] = 0.0;
    heavy.x[1][21] = heavy.y[21] = 1e5;
    assert_converged(&twice);
    assert_converged(&heavy);
    for (size_t j = 0; j < 5; j++) {
        const char *term[] = {"(Intercept)", "x1", "x2", "x3", "noise_scale"};
        assert_close(estimate(&heavy, term[j]), estimate(&twice, term[j]), 1e-11, 0.0, term[j],
                     0.0);
    }
    assert_close(mxp_solution_info(heavy.solution).objective,
                 mxp_solution_info(twice.solution).objective, 1e-13, 0.0, "objective", 0.0);
    scene_free(&twice);
    scene_free(&heavy);
}

/* In other units, and far from 0, the answer is the same. */
static void test_units(void **state)
{
    (void)state;
    struct scene plain = stackloss_scene(), s = stackloss_scene();
    for (size_t i = 0; i < 21; i++) {
        s.x[0][i] = ldexp(s.x[0][i], 30);
        s.x[1][i] = ldexp(s.x[1][i], -40);
        s.x[2][i] += 1048576.0;
        s.y[i] = ldexp(s.y[i], 10);
    }
    assert_converged(&plain);
    assert_converged(&s);
    assert_close(ldexp(estimate(&s, "x1"), 20), estimate(&plain, "x1"), 1e-12, 0.0, "x1", 0.0);
    assert_close(ldexp(estimate(&s, "x2"), -50), estimate(&plain, "x2"), 1e-12, 0.0, "x2", 0.0);
    assert_close(ldexp(estimate(&s, "x3"), -10), estimate(&plain, "x3"), 1e-12, 0.0, "x3", 0.0);
    assert_true(mxp_solution_info(s.solution).kkt < 1e-12);
    scene_free(&plain);
    scene_free(&s);
}

/* ---- priors and noise ------------------------------------------------------------------------- */

/* y = 4 and a little, a laplace prior at 0: while the noise is below n b the median holds, above it
 * the kink does, and sigma is the mean of |y - t| either way. */
static void test_both_modes(void **state)
{
    (void)state;
    struct scene s = scene("laplace", 7, 1);
    double near = 0.0, far = 0.0;
    for (size_t i = 0; i < 7; i++) {
        s.x[0][i] = 1.0;
        s.y[i] = 4.0 + 0.01 * ((double)i - 3.0);
        near += fabs(s.y[i] - 4.0) / 7.0;
        far += s.y[i] / 7.0;
    }
    s.no_intercept = true;
    s.prior[0] = "laplace(0, 0.4)";
    assert_converged(&s);
    double objective[2], noise[2];
    assert_int_equal(mxp_solution_info(s.solution).modes, 2);
    for (size_t i = 0; i < 2; i++)
        mxp_solution_mode(&objective[i], &noise[i], s.solution, i);
    assert_close(noise[0], near, 1e-12, 0.0, "near", 0.0);
    assert_close(noise[1], far, 1e-12, 0.0, "far", 0.0);
    const double prior = log(0.8);
    assert_close(objective[0], 7.0 * (log(2.0 * near) + 1.0) + prior + 10.0, 1e-12, 0.0, "J", 0.0);
    assert_close(objective[1], 7.0 * (log(2.0 * far) + 1.0) + prior, 1e-12, 0.0, "J", 1.0);
    assert_close(estimate(&s, "x1"), 4.0, 1e-15, 0.0, "x1", 0.0);
    scene_free(&s);
}

/* -log posterior of the stack loss model in one coefficient or the noise, the others as found. */
struct profile {
    struct scene *scene;
    double theta[5];
    size_t at;
};

static double profile_objective(double t, const void *context)
{
    const struct profile *p = context;
    double theta[5], sum = 0.0;
    memcpy(theta, p->theta, sizeof theta);
    theta[p->at] = t;
    for (size_t i = 0; i < 21; i++) {
        double r = p->scene->y[i] - theta[0];
        for (size_t j = 0; j < 3; j++)
            r -= theta[1 + j] * p->scene->x[j][i];
        sum += fabs(r) / theta[4] + log(2.0 * theta[4]);
    }
    sum += fabs(theta[1] - 0.5) / 0.05 + theta[2] * theta[2] / (2.0 * 0.09) + 3.0 * fabs(theta[3]) +
           theta[3] * theta[3];
    return sum + theta[4] / 0.3 - log(theta[4]); /* exponential(mean 0.3), its Jacobian */
}

/* All kinds of priors at once: the certificate closes and no coordinate alone does better. */
static void test_priors(void **state)
{
    (void)state;
    struct scene s = stackloss_scene();
    s.prior[0] = "laplace(0.5, 0.05)";
    s.prior[1] = "gaussian(0, 0.3)";
    s.prior[2] = "elastic_net(0, 3, 2)";
    s.noise_prior = "exponential(3.3333333333333335)";
    assert_converged(&s);
    assert_true(mxp_solution_info(s.solution).kkt < 1e-11);
    struct profile p = {&s, {0.0}, 0};
    for (size_t j = 0; j < 5; j++)
        p.theta[j] = mxp_posterior_term(s.posterior, j).estimate;
    for (p.at = 0; p.at < 5; p.at++) {
        const double t = p.theta[p.at], wide = 0.1 * fabs(t) + 0.01;
        const double best = numeric_argmin(profile_objective, &p, t - wide, t + wide);
        assert_close(best, t, 0.0, 1e-7 * (1.0 + fabs(t)), "coordinate", (double)p.at);
    }
    scene_free(&s);
}

/* More coefficients than rows, the noise fixed. */
static void test_wide(void **state)
{
    (void)state;
    struct scene s = scene("laplace", 5, 8);
    for (size_t i = 0; i < 5; i++) {
        s.y[i] = (double)(i * i) - 3.0;
        for (size_t j = 0; j < 8; j++)
            s.x[j][i] = sin((double)(3 * i + 7 * j * j + 1));
    }
    for (size_t j = 0; j < 8; j++)
        s.prior[j] = "laplace(0, 2)";
    s.noise = 0.5;
    assert_converged(&s);
    assert_true(mxp_solution_info(s.solution).kkt < 1e-12);
    size_t off = 0;
    for (size_t j = 0; j < 8; j++)
        off += estimate(&s, names[j]) != 0.0;
    assert_true(off >= 1 && off <= 5);
    scene_free(&s);
}

/* ---- no mode, no method ----------------------------------------------------------------------- */

static void test_no_mode(void **state)
{
    (void)state;
    struct scene dependent = stackloss_scene();
    for (size_t i = 0; i < 21; i++)
        dependent.x[2][i] = dependent.x[0][i] - dependent.x[1][i];
    assert_no_mode(&dependent, "linearly dependent");
    scene_free(&dependent);
    struct scene perfect = stackloss_scene();
    for (size_t i = 0; i < 21; i++)
        perfect.y[i] = 2.0 * perfect.x[0][i] - 3.0;
    assert_no_mode(&perfect, "runs to 0");
    scene_free(&perfect);
    struct scene held = stackloss_scene(); /* a prior that vanishes fast enough */
    memcpy(held.y, perfect.y, sizeof held.y);
    held.noise_prior = "inverse_gamma(30, 30)";
    assert_converged(&held);
    assert_close(estimate(&held, "x1"), 2.0, 1e-12, 0.0, "x1", 0.0);
    scene_free(&held);
}

static void assert_refused(struct scene *s, const char *words)
{
    const bool named =
        s->method != NULL; /* a method that is asked for, or a model that none fits */
    assert_int_equal(scene_fit(s), named ? MXP_USAGE : MXP_CONFIG);
    if (!strstr(s->error.message, words))
        fail_msg("\"%s\" is not in: %s", words, s->error.message);
    scene_free(s);
}

static void test_refused(void **state)
{
    (void)state;
    struct scene s = stackloss_scene();
    s.method = "newton";
    assert_refused(&s, "curvature");
    s = stackloss_scene();
    s.family = "gaussian";
    s.method = "lad";
    assert_refused(&s, "laplace family");
    s = stackloss_scene();
    s.prior[1] = "student_t(3, 0, 1)";
    assert_refused(&s, "of single coefficients without bounds only");
    s = stackloss_scene();
    s.prior[0] = "gaussian(0, 1, lower=0)";
    assert_refused(&s, "of single coefficients without bounds only");
}

/* ---- the solver alone ------------------------------------------------------------------------- */

enum { N_MAX = 24, K_MAX = 6 };

struct sample {
    struct lad lad;
    double A[N_MAX * K_MAX], y[N_MAX + K_MAX], c[N_MAX + K_MAX], rounding[N_MAX + K_MAX];
    double g[K_MAX], lambda[K_MAX], d[K_MAX], a[N_MAX + K_MAX], r[N_MAX + K_MAX];
    size_t kink[K_MAX];
    int side[N_MAX + K_MAX];
    struct lad_answer answer;
    unsigned long long seed;
};

/* Uniform on 0..count-1 (Knuth's MMIX generator). */
static size_t pick(struct sample *s, size_t count)
{
    s->seed = s->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (size_t)((s->seed >> 33) % count);
}

static double uniform(struct sample *s)
{
    return ((double)pick(s, 1u << 30) + 0.5) / (double)(1u << 30) - 0.5;
}

/* Integers with ties and repeated rows, or numbers in general position. */
static void fill(struct sample *s, size_t n, size_t k, bool ties)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < k; j++)
            s->A[i + j * n] = j == 0 ? 1.0 : ties ? (double)pick(s, 3) - 1.0 : 4.0 * uniform(s);
        s->y[i] = ties ? (double)pick(s, 5) : 10.0 * uniform(s);
        s->c[i] = ties ? 1.0 + (double)pick(s, 3) : 1.1 + uniform(s);
    }
    for (size_t i = 1; ties && i < n; i += 4) {
        for (size_t j = 0; j < k; j++)
            s->A[i + j * n] = s->A[i - 1 + j * n];
        s->y[i] = s->y[i - 1];
    }
}

static void solve(struct sample *s, size_t n, size_t k, size_t kinks)
{
    for (size_t e = 0; e < kinks; e++) {
        s->kink[e] = k - kinks + e;
        s->y[n + e] = (double)pick(s, 3) - 1.0;
        s->c[n + e] = pow(10.0, 4.0 * uniform(s));
    }
    for (size_t i = 0; i < n + kinks; i++)
        s->rounding[i] = DBL_EPSILON * fabs(s->y[i]);
    s->lad = (struct lad){n, k, kinks, s->A, s->y, s->c, s->rounding, s->kink, s->g, s->lambda};
    s->answer = (struct lad_answer){.d = s->d, .a = s->a, .r = s->r, .side = s->side};
    assert_int_equal(lad_interior(&s->answer, &s->lad, NULL), MXP_OK);
    assert_int_equal(lad_finish(&s->answer, &s->lad, lad_rounds(&s->lad), NULL), MXP_OK);
    assert_true(s->answer.exact);
}

static double objective_at(const struct sample *s, const double *d)
{
    double r[N_MAX + K_MAX], sum = 0.0;
    lad_residuals(r, &s->lad, d);
    for (size_t i = 0; i < s->lad.n + s->lad.kinks; i++)
        sum += s->c[i] * fabs(r[i]);
    for (size_t j = 0; j < s->lad.k; j++)
        sum += s->g[j] * d[j] + 0.5 * s->lambda[j] * d[j] * d[j];
    return sum;
}

/* The dual is feasible, belongs to d, and leaves no gap: a proof that d is a minimum. */
static void assert_optimal(const struct sample *s)
{
    const size_t N = s->lad.n + s->lad.kinks;
    double lack[K_MAX] = {0.0}, gap = 0.0, size = 1.0;
    for (size_t i = 0; i < N; i++) {
        assert_true(fabs(s->a[i]) <= s->c[i]);
        gap += s->c[i] * fabs(s->r[i]) - s->a[i] * s->r[i];
        size += s->c[i] * (1.0 + fabs(s->y[i]));
    }
    assert_true(gap <= 1e-13 * size);
    lad_transposed_add(lack, &s->lad, s->a);
    for (size_t j = 0; j < s->lad.k; j++)
        assert_true(fabs(lack[j] - s->g[j] - s->lambda[j] * s->d[j]) <= 1e-12 * size);
}

static void take_row(double *row, double *y, const struct sample *s, size_t i)
{
    for (size_t j = 0; j < s->lad.k; j++)
        row[j] = i < s->lad.n ? s->A[i + j * s->lad.n] : s->kink[i - s->lad.n] == j;
    *y = s->y[i];
}

/* Gauss's elimination on k rows; false where they are dependent. */
static bool vertex(double *d, const struct sample *s, const size_t *set)
{
    const size_t k = s->lad.k;
    double M[K_MAX][K_MAX + 1];
    for (size_t a = 0; a < k; a++)
        take_row(M[a], &M[a][k], s, set[a]);
    for (size_t a = 0; a < k; a++) {
        size_t best = a;
        for (size_t b = a; b < k; b++)
            best = fabs(M[b][a]) > fabs(M[best][a]) ? b : best;
        if (fabs(M[best][a]) < 1e-9)
            return false;
        for (size_t j = 0; j <= k; j++) {
            const double swap = M[a][j];
            M[a][j] = M[best][j];
            M[best][j] = swap;
        }
        for (size_t b = 0; b < k; b++) {
            const double by = b == a ? 0.0 : M[b][a] / M[a][a];
            for (size_t j = a; j <= k; j++)
                M[b][j] -= by * M[a][j];
        }
    }
    for (size_t a = 0; a < k; a++)
        d[a] = M[a][k] / M[a][a];
    return true;
}

/* The lowest objective of all vertices; one of them is a minimum. */
static double lowest_vertex(const struct sample *s)
{
    const size_t N = s->lad.n + s->lad.kinks, k = s->lad.k;
    size_t set[K_MAX];
    double d[K_MAX], best = INFINITY;
    for (size_t a = 0; a < k; a++)
        set[a] = a;
    for (;;) {
        if (vertex(d, s, set))
            best = fmin(best, objective_at(s, d));
        size_t a = k;
        while (a > 0 && set[a - 1] == N - k + a - 1)
            a--;
        if (a == 0)
            return best;
        set[a - 1]++;
        for (; a < k; a++)
            set[a] = set[a - 1] + 1;
    }
}

static void test_vertices(void **state)
{
    (void)state;
    for (unsigned long long seed = 1; seed <= 200; seed++) {
        struct sample s = {.seed = seed};
        const size_t k = 1 + pick(&s, 3), n = k + 2 + pick(&s, 10);
        fill(&s, n, k, seed % 2);
        if (seed % 2) /* independent whatever the rest is */
            for (size_t j = 0; j < k; j++)
                for (size_t i = 0; i < k; i++)
                    s.A[i + j * n] = i == j || j == 0;
        solve(&s, n, k, seed % 3 == 0 ? 1 + pick(&s, k) : 0);
        assert_optimal(&s);
        assert_close(objective_at(&s, s.d), lowest_vertex(&s), 1e-12, 1e-12, "objective",
                     (double)seed);
    }
}

/* Fewer rows than columns with kinks everywhere; gaussian priors. */
static void test_duality(void **state)
{
    (void)state;
    for (unsigned long long seed = 1; seed <= 400; seed++) {
        struct sample s = {.seed = seed};
        const size_t k = 1 + pick(&s, K_MAX), n = 2 + pick(&s, N_MAX - 2);
        fill(&s, n, k, seed % 2);
        for (size_t j = 0; j < k; j++) {
            s.lambda[j] = seed % 4 < 2 ? pow(10.0, 4.0 * uniform(&s)) : 0.0;
            s.g[j] = s.lambda[j] * uniform(&s);
        }
        solve(&s, n, k, seed % 4 < 2 ? pick(&s, k + 1) : k);
        assert_optimal(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stackloss),  cmocka_unit_test(test_medians),
        cmocka_unit_test(test_weights),    cmocka_unit_test(test_units),
        cmocka_unit_test(test_both_modes), cmocka_unit_test(test_priors),
        cmocka_unit_test(test_wide),       cmocka_unit_test(test_no_mode),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_vertices),
        cmocka_unit_test(test_duality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
