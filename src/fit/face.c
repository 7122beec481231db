#include "fit/face.h"
#include "base/mem.h"
#include "num/factor.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double least_rcond = 1e-13;

/* The free coordinates among those of the subproblem. */
struct face {
    size_t *place; /* d: where each slot of theta is among the free, SIZE_MAX: held */
    size_t *set;   /* count: coordinates of the subproblem */
    size_t count;
    double *gradient; /* d: of the groups off their kink */
    double *H, *v;
};

static void face_free(struct face *face)
{
    free(face->place);
    free(face->set);
    free(face->gradient);
    free(face->H);
}

/* Whether the gradient, by slots, takes a group off its kink. */
static bool group_leaves(const struct joint *joint, const double *g, const size_t *at)
{
    double norm = 0.0;

    for (size_t i = 0; i < joint->k; i++)
        norm = hypot(norm, g[at[joint->index[i]]]);
    return norm * joint->a[0] > 1.0;
}

/* Whether coordinate a is held, and if so whether it wants to leave. */
static bool is_held(bool *leaves, const struct quadratic *q, size_t a)
{
    const bool low = q->lower && q->t[a] <= q->lower[a], high = q->lower && q->t[a] >= q->upper[a];
    const bool kink = q->l1[a] > 0.0 && q->t[a] == q->m[a];
    const double l1 = q->l1[a];
    const double side = q->t[a] > q->m[a] ? l1 : q->t[a] < q->m[a] ? -l1 : 0.0;
    /* the slopes of J to the right and to the left */
    const double right = q->g[a] + (kink ? l1 : side), left = q->g[a] - (kink ? l1 : -side);

    *leaves = (kink || low || high) && ((right < 0.0 && !high) || (left > 0.0 && !low));
    return kink || low || high;
}

/* Finds the free coordinates; *usable false where a held one wants to leave. */
static mxp_status choose(struct face *face, bool *usable, const struct quadratic *q,
                         const size_t *columns, const struct mxp_problem *problem,
                         const double *theta, mxp_error *error)
{
    size_t *at = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&at, problem->d, error));
    TRY(status = MEM_NEW(&face->place, problem->d, error));
    TRY(status = MEM_NEW(&face->set, q->c, error));
    for (size_t j = 0; j < problem->d; j++)
        face->place[j] = SIZE_MAX;
    for (size_t a = 0; a < q->c; a++)
        at[columns[a]] = a;
    for (size_t a = 0; a < q->c && *usable; a++) {
        const size_t j = columns[a];
        const struct joint *group = j < problem->k ? problem_group(problem, j) : NULL;
        bool leaves = false, held = is_held(&leaves, q, a);
        if (group) {
            held = joint_at_kink(group, theta);
            leaves = held && group_leaves(group, q->g, at);
        }
        *usable = !leaves;
        if (held)
            continue;
        face->place[j] = face->count;
        face->set[face->count++] = a;
    }
out:
    free(at);
    return status;
}

/* Gradient and Hessian of J along the face. */
static mxp_status expand(struct face *face, const struct quadratic *q, const size_t *columns,
                         const struct mxp_problem *problem, const double *theta, mxp_error *error)
{
    const size_t f = face->count;
    mxp_status status;

    TRY(status = mem_doubles(&face->gradient, problem->d, 1, error));
    TRY(status = mem_doubles(&face->H, f + 1, f, error));
    face->v = face->H + f * f;
    for (size_t i = 0; i < problem->joints; i++)
        if (joint_kinked(problem->joint[i]))
            joint_add_gradient(face->gradient, problem->joint[i], theta);
    for (size_t i = 0; i < f; i++) {
        const size_t a = face->set[i];
        for (size_t j = 0; j < f; j++)
            face->H[j + i * f] = q->H[face->set[j] + a * q->c];
        face->v[i] =
            q->g[a] + (q->t[a] > q->m[a] ? q->l1[a] : -q->l1[a]) + face->gradient[columns[a]];
    }
    for (size_t i = 0; i < problem->joints; i++)
        if (joint_kinked(problem->joint[i]))
            joint_add_curvature(face->H, f, problem->joint[i], theta, face->place);
out:
    return status;
}

/* Whether a group ends on the other side of its mean. */
static bool group_crosses(const struct joint *joint, const double *theta, const double *target,
                          const struct face *face)
{
    double product = 0.0;

    for (size_t i = 0; i < joint->k; i++) {
        const size_t j = joint->index[i];
        const double to = target[face->set[face->place[j]]];
        product += (theta[j] - joint->mean[i]) * (to - joint->mean[i]);
    }
    return product <= 0.0;
}

/* Whether the step goes where the face ends. */
static bool crosses(const struct face *face, const double *target, const struct quadratic *q,
                    const struct mxp_problem *problem, const double *theta)
{
    for (size_t i = 0; i < face->count; i++) {
        const size_t a = face->set[i];
        if (q->l1[a] > 0.0 && (q->t[a] - q->m[a]) * (target[a] - q->m[a]) <= 0.0)
            return true;
        if (q->lower && (target[a] < q->lower[a] || target[a] > q->upper[a]))
            return true;
    }
    for (size_t i = 0; i < problem->joints; i++) {
        const struct joint *joint = problem->joint[i];
        if (joint_kinked(joint) && !joint_at_kink(joint, theta) &&
            group_crosses(joint, theta, target, face))
            return true;
    }
    return false;
}

mxp_status face_step(struct quadratic_answer *answer, bool *usable, const struct quadratic *q,
                     const size_t *columns, const struct mxp_problem *problem, const double *theta,
                     mxp_error *error)
{
    struct face face = {0};
    struct factor *factor = NULL;
    mxp_status status;

    *usable = true;
    TRY(status = choose(&face, usable, q, columns, problem, theta, error));
    *usable = *usable && face.count > 0;
    if (!*usable)
        goto out;
    TRY(status = expand(&face, q, columns, problem, theta, error));
    TRY(status = factor_cholesky(&factor, face.H, face.count, face.count, error));
    *usable = factor->rcond > least_rcond;
    if (!*usable)
        goto out;
    factor_solve(face.v, factor);
    memcpy(answer->target, q->t, q->c * sizeof *q->t);
    for (size_t i = 0; i < face.count; i++)
        answer->target[face.set[i]] -= face.v[i];
    *usable = !crosses(&face, answer->target, q, problem, theta);
    answer->rcond = factor->rcond;
    answer->exact = true;
out:
    factor_free(factor);
    face_free(&face);
    return status;
}

mxp_status face_equality(struct quadratic_answer *answer, const struct quadratic *q,
                         const struct equality *equality, mxp_error *error)
{
    const size_t d = equality->d, f = equality->free;
    double *H = NULL, *z;
    struct factor *factor = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&H, f + 1, f, error));
    z = H + f * f;
    TRY(status = equality_curvature(H, equality, q->H, d, error));
    TRY(status = factor_cholesky(&factor, H, f, f, error));
    answer->rcond = factor->rcond;
    memcpy(answer->target, q->t, d * sizeof *q->t);
    if (factor->rcond == 0.0)
        goto out;
    equality_gradient(z, equality, q->g);
    factor_solve(z, factor);
    for (size_t c = 0; c < f; c++)
        for (size_t j = 0; j < d; j++)
            answer->target[j] -= equality->N[j + c * d] * z[c];
out:
    factor_free(factor);
    free(H);
    return status;
}
