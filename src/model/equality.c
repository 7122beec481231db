#include "model/equality.h"
#include "base/mem.h"
#include "num/la.h"
#include "num/null_space.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* A row of norm 1 whose rest is below this depends on those before it; then right sides that differ
 * by more than the other, in relative terms, contradict. */
static const double dependent = 1e-10, disagreement = 1e-9;

/* The equalities that are kept, one a column, over the m coordinates that are named. */
struct kept {
    size_t m, r, most;
    size_t *named; /* m: their slots, ascending */
    double *C, *a; /* m x most, columns of norm 1; most: right sides */
    double *Q, *y; /* Gram and Schmidt's: m x most, and the point of least norm, Q y */
    double *row, *rest, *share;
};

static void kept_free(struct kept *kept)
{
    free(kept->named);
    free(kept->C);
    free(kept->Q);
    free(kept->a);
    free(kept->y);
    free(kept->row);
    free(kept->rest);
    free(kept->share);
}

static size_t slot_of(const size_t *slot, size_t term)
{
    return slot ? slot[term] : term;
}

/* Who is named; *place: for each slot its number among them, or SIZE_MAX. */
static mxp_status find_named(struct kept *kept, size_t **place,
                             const struct constraint *const *list, size_t count, const size_t *slot,
                             size_t d, mxp_error *error)
{
    mxp_status status;

    TRY(status = MEM_NEW(place, d, error));
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; list[c]->hard && i < list[c]->count; i++)
            (*place)[slot_of(slot, list[c]->term[i])] = 1;
    TRY(status = MEM_NEW(&kept->named, d, error));
    for (size_t j = 0; j < d; j++) {
        if ((*place)[j])
            kept->named[kept->m++] = j;
        (*place)[j] = (*place)[j] ? kept->m - 1 : SIZE_MAX;
    }
out:
    return status;
}

static mxp_status kept_room(struct kept *kept, size_t count, mxp_error *error)
{
    mxp_status status;

    kept->most = count < kept->m ? count : kept->m;
    TRY(status = mem_doubles(&kept->C, kept->m, kept->most, error));
    TRY(status = mem_doubles(&kept->Q, kept->m, kept->most, error));
    TRY(status = mem_doubles(&kept->a, kept->most, 1, error));
    TRY(status = mem_doubles(&kept->y, kept->most, 1, error));
    TRY(status = mem_doubles(&kept->row, kept->m, 1, error));
    TRY(status = mem_doubles(&kept->rest, kept->m, 1, error));
    TRY(status = mem_doubles(&kept->share, kept->most, 1, error));
out:
    return status;
}

static double norm_of(const double *x, size_t k)
{
    return sqrt(la_dot(x, x, k));
}

/* rest = row - Q share, share = Q'row, twice, which is enough. */
static void split(struct kept *kept)
{
    memcpy(kept->rest, kept->row, kept->m * sizeof *kept->row);
    memset(kept->share, 0, kept->most * sizeof *kept->share);
    for (int pass = 0; pass < 2; pass++)
        for (size_t q = 0; q < kept->r; q++) {
            const double *column = kept->Q + q * kept->m;
            const double part = la_dot(column, kept->rest, kept->m);
            kept->share[q] += part;
            for (size_t i = 0; i < kept->m; i++)
                kept->rest[i] -= part * column[i];
        }
}

/* The constraint's row over the named coordinates, scaled to norm 1; its norm before. */
static double take_row(struct kept *kept, const struct constraint *c, const size_t *slot,
                       const size_t *place)
{
    double largest = 0.0;

    memset(kept->row, 0, kept->m * sizeof *kept->row);
    for (size_t i = 0; i < c->count; i++)
        kept->row[place[slot_of(slot, c->term[i])]] += c->coefficient[i];
    for (size_t i = 0; i < kept->m; i++)
        largest = fmax(largest, fabs(kept->row[i]));
    if (largest == 0.0)
        return 0.0;
    for (size_t i = 0; i < kept->m; i++)
        kept->row[i] /= largest;
    const double norm = norm_of(kept->row, kept->m);
    for (size_t i = 0; i < kept->m; i++)
        kept->row[i] /= norm;
    return largest * norm;
}

/* Keeps one equality, or finds that it follows from those before it. */
static mxp_status add(bool *redundant, struct kept *kept, const struct constraint *c,
                      const size_t *slot, const size_t *place, mxp_error *error)
{
    const double norm = take_row(kept, c, slot, place);

    if (norm == 0.0)
        return FAIL_AT(error, c->place, MXP_CONFIG,
                       "constraint \"%s\": no coefficient is left, its terms cancel", c->text);
    const double side = c->mean / norm;
    split(kept);
    const double rest = norm_of(kept->rest, kept->m);
    const double implied = kept->r ? la_dot(kept->share, kept->y, kept->r) : 0.0;
    if (kept->r == kept->most || rest <= dependent) {
        const double size = fabs(side) + (kept->r ? norm_of(kept->y, kept->r) : 0.0);
        if (fabs(side - implied) > disagreement * size)
            return FAIL_AT(error, c->place, MXP_CONFIG,
                           "constraint \"%s\" contradicts those before it: they make its left side "
                           "%.15g where %.15g is wanted",
                           c->text, implied * norm, c->mean);
        *redundant = true;
        return MXP_OK;
    }
    memcpy(kept->C + kept->r * kept->m, kept->row, kept->m * sizeof *kept->row);
    for (size_t i = 0; i < kept->m; i++)
        kept->Q[i + kept->r * kept->m] = kept->rest[i] / rest;
    kept->a[kept->r] = side;
    kept->y[kept->r++] = (side - implied) / rest;
    return MXP_OK;
}

/* origin and N over all coordinates, from those over the named ones. */
static mxp_status spread(struct equality *e, const struct kept *kept, const size_t *place,
                         mxp_error *error)
{
    const size_t m = kept->m, inner = m - kept->r, outer = e->d - m;
    double *origin = NULL, *N = NULL;
    mxp_status status = MXP_OK;

    for (size_t j = 0, column = 0; j < e->d; j++)
        if (place[j] == SIZE_MAX)
            e->N[j + column++ * e->d] = 1.0;
    if (kept->r == 0)
        goto out;
    TRY(status = mem_doubles(&origin, m, 1, error));
    TRY(status = mem_doubles(&N, m, inner, error));
    TRY(status = null_space(origin, N, kept->C, kept->a, m, kept->r, error));
    for (size_t i = 0; i < m; i++) {
        e->origin[kept->named[i]] = origin[i];
        for (size_t z = 0; z < inner; z++)
            e->N[kept->named[i] + (outer + z) * e->d] = N[i + z * m];
    }
out:
    free(origin);
    free(N);
    return status;
}

mxp_status equality_new(struct equality **equality, const struct constraint *const *list,
                        size_t count, const size_t *slot, size_t d, mxp_error *error)
{
    struct kept kept = {0};
    struct equality *e = NULL;
    size_t *place = NULL;
    mxp_status status;

    TRY(status = find_named(&kept, &place, list, count, slot, d, error));
    TRY(status = kept_room(&kept, count, error));
    TRY(status = MEM_NEW(&e, 1, error));
    TRY(status = MEM_NEW(&e->redundant, count, error));
    for (size_t c = 0; c < count; c++)
        if (list[c]->hard)
            TRY(status = add(&e->redundant[c], &kept, list[c], slot, place, error));
    e->d = d;
    e->free = d - kept.r;
    TRY(status = mem_doubles(&e->origin, d, 1, error));
    TRY(status = mem_doubles(&e->N, d, e->free, error));
    TRY(status = spread(e, &kept, place, error));
    *equality = e;
    e = NULL;
out:
    free(place);
    kept_free(&kept);
    equality_free(e);
    return status;
}

void equality_free(struct equality *equality)
{
    if (!equality)
        return;
    free(equality->origin);
    free(equality->N);
    free(equality->redundant);
    free(equality);
}

/* ---- theta and z ---- */

void equality_expand(double *theta, const struct equality *equality, const double *z)
{
    memcpy(theta, equality->origin, equality->d * sizeof *theta);
    if (equality->free > 0)
        la_multiply_add(theta, 1.0, equality->N, equality->d, equality->d, equality->free, z);
}

void equality_gradient(double *reduced, const struct equality *equality, const double *gradient)
{
    memset(reduced, 0, equality->free * sizeof *reduced);
    if (equality->free > 0)
        la_multiply_transposed_add(reduced, 1.0, equality->N, equality->d, equality->d,
                                   equality->free, gradient);
}

void equality_reduce(double *z, const struct equality *equality, const double *theta)
{
    /* origin is orthogonal to the columns of N */
    equality_gradient(z, equality, theta);
}

mxp_status equality_curvature(double *reduced, const struct equality *equality, const double *H,
                              size_t ld, mxp_error *error)
{
    const size_t d = equality->d, free_count = equality->free;
    double *HN = NULL;
    mxp_status status = MXP_OK;

    if (free_count == 0)
        return MXP_OK;
    TRY(status = mem_doubles(&HN, d, free_count, error));
    la_matmul(HN, d, H, ld, false, equality->N, d, false, d, free_count, d);
    la_matmul(reduced, free_count, equality->N, d, true, HN, d, false, free_count, free_count, d);
    la_mirror(reduced, free_count, free_count);
out:
    free(HN);
    return status;
}

mxp_status equality_covariance(double *covariance, size_t ld, const struct equality *equality,
                               const double *S, mxp_error *error)
{
    const size_t d = equality->d, free_count = equality->free;
    double *NS = NULL;
    mxp_status status = MXP_OK;

    for (size_t j = 0; j < d; j++)
        memset(covariance + j * ld, 0, d * sizeof *covariance);
    if (free_count == 0)
        return MXP_OK;
    TRY(status = mem_doubles(&NS, d, free_count, error));
    la_matmul(NS, d, equality->N, d, false, S, free_count, false, d, free_count, free_count);
    la_matmul(covariance, ld, NS, d, false, equality->N, d, true, d, d, free_count);
    la_mirror(covariance, ld, d);
out:
    free(NS);
    return status;
}
