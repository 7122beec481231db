#include "fit/lad_held.h"
#include "base/mem.h"
#include "num/factor.h"
#include "num/la.h"

#include <math.h>
#include <string.h>

/* A row is independent of others while this share of it is left. */
static const double dependent = 1e-11;

void held_free(struct held *x)
{
    free(x->storage);
    free(x->held_storage);
    free(x->indices);
}

mxp_status held_new(struct held *x, struct lad_answer *answer, const struct lad *lad,
                    mxp_error *error)
{
    const size_t k = lad->k, n = lad->n, N = n + lad->kinks;
    mxp_status status;

    *x = (struct held){.lad = lad, .answer = answer, .n = n, .k = k, .N = N};
    TRY(status = mem_doubles(&x->storage, 3 * k * k + 4 * k + 2 * N, 1, error));
    x->Q = x->storage;
    x->T = x->Q + k * k;
    x->S = x->T + k * k;
    x->step = x->S + k * k;
    x->slope = x->step + k;
    x->v = x->slope + k;
    x->values = x->v + k;
    x->along = x->values + k;
    x->when = x->along + N;
    TRY(status = MEM_NEW(&x->indices, 2 * k + n, error));
    x->free = x->indices;
    x->basis = x->free + k;
    x->held = x->basis + k;
out:
    return status;
}

mxp_status held_collect(struct held *x, mxp_error *error)
{
    const struct lad *lad = x->lad;
    const int *side = x->answer->side;
    size_t e = 0;
    mxp_status status;

    x->f = x->h = 0;
    for (size_t j = 0; j < x->k; j++) {
        const bool kinked = e < lad->kinks && lad->kink[e] == j;
        if (kinked && side[x->n + e] == 0)
            x->answer->d[j] = lad->y[x->n + e];
        else
            x->free[x->f++] = j;
        e += kinked;
    }
    for (size_t i = 0; i < x->n; i++)
        if (side[i] == 0)
            x->held[x->h++] = i;
    free(x->held_storage);
    x->held_storage = NULL;
    TRY(status = mem_doubles(&x->held_storage, 2 * x->h + 1, x->f + 1, error));
    x->rows = x->held_storage;
    for (size_t a = 0; a < x->f; a++)
        for (size_t b = 0; b < x->h; b++)
            x->rows[b + a * x->h] = lad->A[x->held[b] + x->free[a] * x->n];
out:
    return status;
}

/* v less its part in the first m columns of Q, twice. */
static void orthogonalise(double *v, const struct held *x, size_t m)
{
    for (int twice = 0; twice < 2; twice++)
        for (size_t c = 0; c < m; c++) {
            const double *q = x->Q + c * x->f, by = la_dot(q, v, x->f);
            for (size_t a = 0; a < x->f; a++)
                v[a] -= by * q[a];
        }
}

static void normalise(double *q, size_t f)
{
    const double norm = sqrt(la_dot(q, q, f));

    for (size_t a = 0; a < f; a++)
        q[a] /= norm;
}

/* Row b of `left` loses its part along q. */
static void remove_part(double *left, size_t h, size_t f, const double *q)
{
    for (size_t b = 0; b < h; b++) {
        double by = 0.0;
        for (size_t a = 0; a < f; a++)
            by += left[b + a * h] * q[a];
        for (size_t a = 0; a < f; a++)
            left[b + a * h] -= by * q[a];
    }
}

/* The row of which most is left, relative to its length; h: none. */
static size_t most_left(const double *left, const double *rows, size_t h, size_t f)
{
    double best = dependent * dependent;
    size_t row = h;

    for (size_t b = 0; b < h; b++) {
        double rest = 0.0, whole = 0.0;
        for (size_t a = 0; a < f; a++) {
            rest += left[b + a * h] * left[b + a * h];
            whole += rows[b + a * h] * rows[b + a * h];
        }
        if (whole > 0.0 && rest > best * whole) {
            best = rest / whole;
            row = b;
        }
    }
    return row;
}

void held_basis(struct held *x)
{
    const size_t h = x->h, f = x->f;
    double *left = x->held_storage + h * f;

    memcpy(left, x->rows, h * f * sizeof *left);
    for (x->m = 0; x->m < f && h > 0; x->m++) {
        const size_t b = most_left(left, x->rows, h, f);
        if (b == h)
            break;
        double *q = x->Q + x->m * f;
        for (size_t a = 0; a < f; a++)
            q[a] = left[b + a * h];
        normalise(q, f);
        orthogonalise(q, x, x->m);
        normalise(q, f);
        x->basis[x->m] = b;
        remove_part(left, h, f, q);
    }
    for (size_t c = 0; c < x->m; c++)
        for (size_t s = 0; s < x->m; s++) {
            double sum = 0.0;
            for (size_t a = 0; a < f; a++)
                sum += x->Q[a + s * f] * x->rows[x->basis[c] + a * h];
            x->T[s + c * x->m] = s <= c ? sum : 0.0;
        }
}

void held_complete(struct held *x)
{
    const size_t f = x->f;

    for (size_t a = 0; a < f; a++) {
        x->v[a] = 1.0;
        for (size_t c = 0; c < x->m; c++)
            x->v[a] -= x->Q[a + c * f] * x->Q[a + c * f];
    }
    for (size_t c = x->m; c < f; c++) {
        size_t best = 0;
        for (size_t a = 1; a < f; a++)
            if (x->v[a] > x->v[best])
                best = a;
        double *q = x->Q + c * f;
        memset(q, 0, f * sizeof *q);
        q[best] = 1.0;
        orthogonalise(q, x, c);
        normalise(q, f);
        for (size_t a = 0; a < f; a++)
            x->v[a] -= q[a] * q[a];
        x->v[best] = -1.0;
    }
}

void held_put(struct held *x)
{
    const struct lad *lad = x->lad;
    double *d = x->answer->d;

    x->reach = 0.0; /* rounding leaves a part of the largest in every coordinate */
    for (size_t j = 0; j < x->k; j++)
        x->reach = fmax(x->reach, fabs(d[j]));
    for (int n = 0; n < 3 && x->m > 0; n++) {
        for (size_t c = 0; c < x->m; c++) {
            const size_t i = x->held[x->basis[c]];
            long double r = lad->y[i];
            for (size_t j = 0; j < x->k; j++)
                r -= (long double)lad->A[i + j * x->n] * d[j];
            x->values[c] = (double)r;
        }
        la_triangle_solve(x->values, x->T, x->m, x->m, true);
        for (size_t c = 0; c < x->m; c++)
            for (size_t a = 0; a < x->f; a++)
                d[x->free[a]] += x->Q[a + c * x->f] * x->values[c];
    }
}

/* Held rows in the basis Q1, and M = sum of weight u u', weights by the room that the dual has. */
static void dual_normal(struct held *x, double *M)
{
    const size_t h = x->h, f = x->f, m = x->m;
    double *scaled = x->held_storage + h * f; /* h x m */

    la_matmul(x->u, h, x->rows, h, false, x->Q, f, false, h, m, f);
    for (size_t b = 0; b < h; b++) {
        const double c = x->lad->c[x->held[b]], a = x->answer->a[x->held[b]];
        const double room = fmax((1.0 - a / c) * (1.0 + a / c), 1e-6);
        x->when[b] = room * c * c;
        for (size_t s = 0; s < m; s++)
            scaled[b + s * h] = x->u[b + s * h] * sqrt(x->when[b]);
    }
    memset(M, 0, m * m * sizeof *M);
    la_gram_add(M, m, scaled, h, h, m);
}

/* v (m) = what the equations lack along Q1. */
static void dual_lack(struct held *x)
{
    for (size_t s = 0; s < x->m; s++) {
        x->v[s] = 0.0;
        for (size_t j = 0; j < x->f; j++)
            x->v[s] += x->Q[j + s * x->f] * x->slope[x->free[j]];
        for (size_t b = 0; b < x->h; b++)
            x->v[s] -= x->u[b + s * x->h] * x->answer->a[x->held[b]];
    }
}

mxp_status held_dual(struct held *x, mxp_error *error)
{
    const size_t h = x->h, m = x->m;
    double *a = x->answer->a;
    struct factor *factor = NULL;
    mxp_status status = MXP_OK;

    if (m == 0)
        return MXP_OK;
    TRY(status = mem_doubles(&x->u, h, m, error));
    dual_normal(x, x->S);
    TRY(status = factor_cholesky(&factor, x->S, m, m, error));
    for (int n = 0; n < 2 && h > m && factor->rcond > 1e-12; n++) {
        dual_lack(x);
        factor_solve(x->v, factor);
        for (size_t b = 0; b < h; b++)
            for (size_t s = 0; s < m; s++)
                a[x->held[b]] += x->when[b] * x->u[b + s * h] * x->v[s];
    }
    for (int n = 0; n < 2; n++) { /* the rest by the basis alone */
        dual_lack(x);
        la_triangle_solve(x->v, x->T, m, m, false);
        for (size_t c = 0; c < m; c++)
            a[x->held[x->basis[c]]] += x->v[c];
    }
out:
    factor_free(factor);
    free(x->u);
    x->u = NULL;
    return status;
}

void held_kink_dual(struct held *x)
{
    const struct lad *lad = x->lad;
    double *a = x->answer->a;

    memcpy(x->v, x->slope, x->k * sizeof *x->v);
    for (size_t i = 0; i < x->N; i++)
        x->along[i] = i < x->n && x->answer->side[i] == 0 ? -a[i] : 0.0;
    lad_transposed_add(x->v, lad, x->along);
    for (size_t e = 0; e < lad->kinks; e++)
        if (x->answer->side[x->n + e] == 0)
            a[x->n + e] = x->v[lad->kink[e]];
}
