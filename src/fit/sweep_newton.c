#include "base/mem.h"
#include "fit/descent.h"
#include "fit/sweep_parts.h"
#include "model/product.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Curvature is known up to the last step only: residuals are brought below half the tolerance. */
static const double aim = 0.5;
static const double ratio_least = 0.25;
/* Without a Gram: what is left of a residual, before and after a step made it as small as `near`. */
static const double near = 0.3, near_share = 0.05, far_share = 0.15;
/* A scale below this share of that where the set was chosen is far from there. */
static const double far_scale = 0.5;

enum { HALVINGS_MAX = 40, IDLE_MAX = 30, AIMS_MAX = 5 };

/* The penalties at the scale of the members from `from` on, and where they are. */
static void load_members(struct sweep *s, size_t from)
{
    for (size_t a = from; a < s->count; a++) {
        const size_t j = s->set[a];
        s->m_l1[a] = s->scale * s->l1[j];
        s->m_l2[a] = s->scale * s->l2[j] + s->fixed[j];
        s->m_t[a] = s->theta[j];
    }
}

struct descent sweep_members(struct sweep *s)
{
    return (struct descent){.c = s->count,
                            .ld = s->gram_ld,
                            .G = s->by_columns ? NULL : s->gram,
                            .H = s->m_h,
                            .l1 = s->m_l1,
                            .l2 = s->m_l2,
                            .m = s->m_centre,
                            .lower = s->m_lower,
                            .upper = s->m_upper,
                            .t = s->m_t,
                            .q = s->m_q,
                            .list = s->m_list,
                            .space = &s->space};
}

double sweep_penalty_at(const struct sweep *s, const double *t)
{
    double sum = 0.0;

    for (size_t a = 0; a < s->count; a++) {
        const double by = t[a] - s->m_centre[a];
        sum += s->m_l1[a] * fabs(by) + 0.5 * s->m_l2[a] * by * by;
    }
    return sum;
}

static double norm(const double *v, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

double sweep_rounding(const struct sweep *s)
{
    double sum = 0.0;

    for (size_t i = 0; i < s->n; i++) {
        const double r = s->quadratic ? s->weight[i] * s->eta[i] : s->h[i] * s->eta[i];
        sum += r * r;
    }
    return 16.0 * DBL_EPSILON * (norm(s->d1, s->n) + sqrt(sum));
}

double sweep_threshold(const struct sweep *s, double scale)
{
    const double W = s->problem->design->weight_sum;
    double least = s->quadratic ? sqrt(2.0 * s->loss / W) : 1.0;

    for (size_t a = 0; a < s->seen; a++) {
        const double H = s->by_columns ? s->m_h[a] : s->gram[a + a * s->gram_ld];
        const double l1 = scale * s->l1[s->set[a]];
        if (l1 > 0.0 && H > 0.0)
            least = fmin(least, l1 / sqrt(H));
    }
    return fmax(aim * s->options.tolerance * least, s->quadratic ? s->rounding : sweep_rounding(s));
}

static void store(struct sweep *s)
{
    for (size_t a = 0; a < s->count; a++)
        s->theta[s->set[a]] = s->m_t[a];
}

/* Gaussian: everything is in the Gram. */
static mxp_status descend_quadratic(struct sweep *s, double scale, mxp_error *error)
{
    struct descent d;
    mxp_status status;

    memcpy(s->m_q, s->m_base, s->count * sizeof *s->m_q);
    for (size_t a = 0; a < s->count; a++)
        s->m_delta[a] = s->m_t[a] - s->m_centre[a];
    descent_add_all(s->m_q, s->gram, s->gram_ld, NULL, s->m_delta, s->count, s->count);
    d = sweep_members(s);
    for (int n = 0; n < AIMS_MAX; n++) { /* the tolerance falls with the loss */
        TRY(status = support_run(&s->support, &d, sweep_threshold(s, scale), error));
        TRY(status = descent_run(&d, sweep_threshold(s, scale), error));
        s->iterations += d.sweeps;
        s->loss = s->base_loss;
        for (size_t a = 0; a < s->count; a++)
            s->loss += 0.5 * (s->m_base[a] + s->m_q[a]) * (s->m_t[a] - s->m_centre[a]);
        s->loss = fmax(s->loss, 0.0);
        s->kkt = descent_residual(&d);
        if (s->kkt <= sweep_threshold(s, scale))
            break;
    }
    store(s);
out:
    return status;
}

/* How the Newton steps of one scale are going. */
struct progress {
    double kkt, before; /* residual now, and a step ago */
    bool fresh;         /* the Gram was taken at the point before the last step */
    size_t idle;
    double best;
};

/* Whether a new Gram costs less than the steps that the old one would still need: in units of n c,
 * a step reads the columns twice, and a Gram takes c flops that run fast. */
static bool should_renew(const struct sweep *s, const struct progress *p, double threshold)
{
    const double c = (double)s->count, step = 0.8 + 15.0 / c, gram = 0.4 + 0.02 * c;
    const double rate = isfinite(p->before) ? log(p->before / p->kkt) : INFINITY;

    if (p->fresh || isinf(rate))
        return false;
    if (p->idle > 1)
        return true;
    return rate <= 0.0 || step * log(p->kkt / threshold) / rate > gram + 2.0 * step;
}

/* From the point in work, along what descent found, halved until the objective falls; *moved: it
 * did. */
static mxp_status take_step(bool *moved, struct sweep *s, double predicted, mxp_error *error)
{
    const double before = s->loss + sweep_penalty_at(s, s->m_from);
    /* what rounding leaves of a sum over the rows */
    const double slack = (4.0 + sqrt((double)s->n)) * DBL_EPSILON * fabs(before);
    double *delta = s->m_delta, length = 1.0;
    mxp_status status;

    memcpy(s->keep_eta, s->eta, s->n * sizeof *s->eta);
    TRY(status = sweep_pass(s, delta, error));
    for (int n = 0; n < HALVINGS_MAX; n++) {
        *moved =
            s->loss + sweep_penalty_at(s, s->m_t) <= before + 1e-4 * length * predicted + slack;
        if (*moved)
            break;
        length *= 0.5;
        for (size_t a = 0; a < s->count; a++) {
            delta[a] *= 0.5;
            s->m_t[a] = s->m_from[a] + delta[a];
        }
        memcpy(s->eta, s->keep_eta, s->n * sizeof *s->eta);
        TRY(status = sweep_pass(s, delta, error));
    }
    if (!*moved) {
        memcpy(s->m_t, s->m_from, s->count * sizeof *delta);
        memset(delta, 0, s->count * sizeof *delta);
        memcpy(s->eta, s->keep_eta, s->n * sizeof *s->eta);
        TRY(status = sweep_pass(s, delta, error));
    }
out:
    return status;
}

/* The members' problem with the Gram times s->ratio, in units of that. */
static mxp_status descend_scaled(struct sweep *s, double tolerance, mxp_error *error)
{
    const double by = 1.0 / s->ratio;
    struct descent d = sweep_members(s);
    double *l1 = s->m_scaled, *l2 = l1 + s->capacity;

    for (size_t a = 0; a < s->count; a++) {
        l1[a] = by * s->m_l1[a];
        l2[a] = by * s->m_l2[a];
        s->m_q[a] *= by;
    }
    d.l1 = l1;
    d.l2 = l2;
    mxp_status status = support_run(&s->support, &d, by * tolerance, error);
    if (status == MXP_OK)
        status = descent_run(&d, by * tolerance, error);
    for (size_t a = 0; a < s->count; a++)
        s->m_q[a] *= s->ratio;
    return status;
}

/* Without a Gram: at the rows' curvatures as they are.  Digits are worth their sweeps where Newton's
 * method has begun to converge. */
static mxp_status descend_columns(struct sweep *s, const struct progress *p, double threshold,
                                  mxp_error *error)
{
    const double share = p->kkt < near * p->before && isfinite(p->before) ? near_share : far_share;
    const double tolerance = fmax(0.3 * threshold, share * p->kkt);
    struct descent d = sweep_members(s);

    s->ratio = 1.0;
    return sparse_descent_run(&d, s->columns, tolerance, s->options.threads, error);
}

/* With one: that of the steps before while it is good enough. */
static mxp_status descend_gram(struct sweep *s, struct progress *p, double threshold,
                               mxp_error *error)
{
    const bool renew = should_renew(s, p, threshold);
    mxp_status status;

    TRY(status = sweep_gram(s, renew, error));
    p->fresh = renew;
    if (renew)
        s->ratio = 1.0;
    TRY(status = descend_scaled(
            s, fmax(0.3 * threshold, p->kkt * (renew ? fmin(0.01, p->kkt) : 0.02)), error));
out:
    return status;
}

static double along(const struct sweep *s, const double *g)
{
    double sum = 0.0;

    for (size_t a = 0; a < s->count; a++)
        sum += s->m_delta[a] * (s->m_q[a] - g[a]);
    return sum;
}

/* One proximal Newton step; the members' gradient is in m_q. */
static mxp_status newton_step(bool *moved, struct sweep *s, struct progress *p, double threshold,
                              mxp_error *error)
{
    double *g = s->m_gradient, predicted, model;
    mxp_status status;

    memcpy(s->m_from, s->m_t, s->count * sizeof *g);
    memcpy(g, s->m_q, s->count * sizeof *g);
    TRY(status = s->by_columns ? descend_columns(s, p, threshold, error)
                               : descend_gram(s, p, threshold, error));
    predicted = sweep_penalty_at(s, s->m_t) - sweep_penalty_at(s, s->m_from);
    for (size_t a = 0; a < s->count; a++) {
        s->m_delta[a] = s->m_t[a] - s->m_from[a];
        predicted += g[a] * s->m_delta[a];
    }
    model = along(s, g);
    TRY(status = take_step(moved, s, fmin(predicted, 0.0), error));
    if (*moved && !s->by_columns &&
        model > 0.0) /* the curvature met along the step, over the Gram's */
        s->ratio *= fmin(fmax(along(s, g) / model, ratio_least), 1.0 / ratio_least);
    s->iterations++;
out:
    return status;
}

static mxp_status load_columns(struct sweep *s, mxp_error *error)
{
    return s->by_columns ? sparse_descent_load(s->m_h, s->columns, s->set, s->count, s->h, error)
                         : MXP_OK;
}

/* Where the set was chosen far from here, *far, a step shows who else belongs into it. */
static mxp_status invite_more(bool *far, struct sweep *s, mxp_error *error)
{
    const size_t before = s->count;
    mxp_status status;

    TRY(status = sweep_meet(s, error));
    load_members(s, before);
    s->seen = s->count;
    *far = s->count > before;
out:
    return status;
}

/* Where a Gram does not tell, the rows do: from all coefficients at their centres to where they are. */
static mxp_status start_quadratic(struct sweep *s, mxp_error *error)
{
    memcpy(s->eta, s->base_eta, s->n * sizeof *s->eta);
    for (size_t a = 0; a < s->count; a++)
        s->m_delta[a] = s->m_t[a] - s->m_centre[a];
    return sweep_pass(s, s->m_delta, error);
}

static mxp_status descend_newton(struct sweep *s, double scale, mxp_error *error)
{
    struct progress p = {.kkt = INFINITY, .before = INFINITY, .best = INFINITY};
    bool moved = true, far = scale < far_scale * s->certified;
    mxp_status status;

    if (s->quadratic)
        TRY(status = start_quadratic(s, error));
    TRY(status = load_columns(s, error));
    for (size_t n = 0; n < s->options.max_iterations; n++) {
        const struct descent d = sweep_members(s);
        const double threshold = sweep_threshold(s, scale);
        p.before = p.kkt;
        p.kkt = descent_residual(&d);
        p.idle = p.kkt < 0.5 * p.best ? 0 : p.idle + 1;
        p.best = fmin(p.best, p.kkt);
        if (p.kkt <= threshold || !moved || p.idle >= IDLE_MAX)
            break;
        TRY(status = newton_step(&moved, s, &p, threshold, error));
        if (s->by_columns && far)
            TRY(status = invite_more(&far, s, error));
        TRY(status = load_columns(s, error));
    }
    s->kkt = p.kkt;
    store(s);
out:
    return status;
}

mxp_status sweep_descend(struct sweep *s, double scale, mxp_error *error)
{
    mxp_status status = MXP_OK;

    s->scale = scale;
    s->kkt = 0.0;
    if (s->count == 0)
        return MXP_OK;
    load_members(s, 0);
    TRY(status = sweep_gram(s, false, error));
    status = s->quadratic && !s->by_columns ? descend_quadratic(s, scale, error)
                                            : descend_newton(s, scale, error);
out:
    return status;
}
