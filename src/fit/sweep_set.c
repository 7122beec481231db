#include "base/mem.h"
#include "fit/sweep_parts.h"
#include "model/product.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
    MEMBER_ARRAYS = 14,
    CAPACITY_FIRST = 64,
    ROOM_LEAST = 300,
    COLUMNS_LEAST = 400,
    COLUMNS_GAIN = 4
};

static void point_arrays(struct sweep *s, double *storage, size_t capacity)
{
    double **arrays[MEMBER_ARRAYS] = {&s->m_l1,     &s->m_l2,     &s->m_centre,   &s->m_lower,
                                      &s->m_upper,  &s->m_t,      &s->m_q,        &s->m_base,
                                      &s->m_from,   &s->m_delta,  &s->m_gradient, &s->m_h,
                                      &s->m_scaled, &s->m_scaled2};

    for (size_t i = 0; i < MEMBER_ARRAYS; i++) {
        if (s->m_storage)
            memcpy(storage + i * capacity, *arrays[i], s->count * sizeof *storage);
        *arrays[i] = storage + i * capacity;
    }
    free(s->m_storage);
    s->m_storage = storage;
}

/* Room for twice as many members. */
static mxp_status grow(struct sweep *s, mxp_error *error)
{
    const size_t capacity = s->capacity ? 2 * s->capacity : CAPACITY_FIRST;
    double *storage = NULL;
    size_t *set = NULL, *list = NULL;
    mxp_status status;

    TRY(status = mem_doubles(&storage, capacity, MEMBER_ARRAYS, error));
    TRY(status = MEM_NEW(&set, capacity, error));
    TRY(status = MEM_NEW(&list, 2 * capacity, error));
    if (s->count)
        memcpy(set, s->set, s->count * sizeof *set);
    point_arrays(s, storage, capacity);
    free(s->set);
    free(s->m_list);
    s->set = set;
    s->m_list = list;
    s->capacity = capacity;
    return MXP_OK;
out:
    free(list);
    free(set);
    free(storage);
    return status;
}

mxp_status sweep_add(struct sweep *s, size_t j, mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (s->is_in[j])
        return MXP_OK;
    if (s->count == s->capacity)
        status = grow(s, error);
    if (status != MXP_OK)
        return status;
    s->is_in[j] = 1;
    s->set[s->count] = j;
    s->m_centre[s->count] = s->centre[j];
    s->m_lower[s->count] = s->lower[j];
    s->m_upper[s->count] = s->upper[j];
    s->m_base[s->count] = s->base_gradient[j];
    s->m_q[s->count] = s->at_hand[j];
    s->count++;
    return MXP_OK;
}

static int falling(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* How many may join at once: as many again as are off their kinks, and a few; all, where a member costs
 * no more than its column. */
static size_t room(const struct sweep *s)
{
    size_t off = 0;

    if (s->problem->design->sparse && !s->whole)
        return s->k;

    for (size_t a = 0; a < s->count; a++)
        off += s->theta[s->set[a]] != s->centre[s->set[a]];
    return off < ROOM_LEAST ? ROOM_LEAST : off;
}

mxp_status sweep_invite(struct sweep *s, const double *g, const double *slope, double by,
                        double scale, mxp_error *error)
{
    const size_t most = room(s);
    double *excess = NULL, least = scale;
    size_t count = 0;
    mxp_status status;

    TRY(status = mem_doubles(&excess, s->k, 1, error));
    for (size_t j = 0; j < s->k; j++) {
        const double size = fabs(g[j] + (slope ? by * slope[j] : 0.0));
        if (!s->is_in[j] && size >= scale * s->l1[j])
            excess[count++] = size / s->l1[j];
    }
    if (count > most) {
        qsort(excess, count, sizeof *excess, falling);
        least = excess[most - 1];
    }
    for (size_t j = 0; count && j < s->k; j++)
        if (!s->is_in[j] && fabs(g[j] + (slope ? by * slope[j] : 0.0)) >= least * s->l1[j])
            TRY(status = sweep_add(s, j, error));
out:
    free(excess);
    return status;
}

/* Member `from` moves to place `to`, which is not behind it. */
static void move_member(struct sweep *s, size_t to, size_t from)
{
    s->set[to] = s->set[from];
    s->m_centre[to] = s->m_centre[from];
    s->m_lower[to] = s->m_lower[from];
    s->m_upper[to] = s->m_upper[from];
    s->m_base[to] = s->m_base[from];
    s->m_q[to] = s->m_q[from];
}

/* Of the Gram's members those listed, ascending, among all. */
static void keep_gram(struct sweep *s, const size_t *list, size_t kept)
{
    size_t count = 0;

    while (count < kept && list[count] < s->gram_count)
        count++;
    for (size_t i = 0; i < count; i++) {
        double *to = s->gram + i * s->gram_ld;
        const double *from = s->gram + list[i] * s->gram_ld;
        for (size_t k = 0; k < count; k++)
            to[k] = from[list[k]];
    }
    s->gram_count = count;
}

void sweep_drop(struct sweep *s, double scale, double reach)
{
    const double by = scale - s->certified;
    size_t kept = 0, *list = s->m_list, *new_of = list + s->capacity;

    for (size_t a = 0; a < s->seen; a++) {
        const size_t j = s->set[a];
        if (s->theta[j] != s->centre[j] ||
            fabs(s->gradient[j] + by * s->slope[j]) >= reach * s->l1[j])
            list[kept++] = a;
        else
            s->is_in[j] = 0;
    }
    if (kept == s->seen)
        return;
    keep_gram(s, list, kept);
    for (size_t a = 0; a < s->count; a++)
        new_of[a] = SIZE_MAX;
    for (size_t i = 0; i < kept; i++)
        new_of[list[i]] = i;
    support_renumber(&s->support, new_of);
    for (size_t i = 0; i < kept; i++)
        move_member(s, i, list[i]);
    for (size_t a = s->seen; a < s->count; a++)
        move_member(s, kept + a - s->seen, a);
    s->count -= s->seen - kept;
    s->seen = kept;
}

/* From the Gram of all columns that the caller has. */
static void copy_gram(struct sweep *s, size_t from)
{
    for (size_t b = from; b < s->count; b++)
        for (size_t a = 0; a < s->count; a++) {
            const double value = s->options.gram[s->set[a] + s->set[b] * s->k];
            s->gram[a + b * s->gram_ld] = value;
            s->gram[b + a * s->gram_ld] = value;
        }
}

/* The Gram grows with the room for members. */
static mxp_status reserve_gram(struct sweep *s, mxp_error *error)
{
    double *gram = NULL;
    mxp_status status = MXP_OK;

    if (s->gram_ld >= s->count)
        return MXP_OK;
    TRY(status = mem_doubles(&gram, s->capacity, s->capacity, error));
    for (size_t a = 0; a < s->gram_count; a++)
        memcpy(gram + a * s->capacity, s->gram + a * s->gram_ld, s->gram_count * sizeof *gram);
    free(s->gram);
    s->gram = gram;
    s->gram_ld = s->capacity;
out:
    return status;
}

/* Whether a sweep in a Gram reads more than one in the columns, by which its gain of being near is
 * lost too. */
static mxp_status choose_columns(struct sweep *s, mxp_error *error)
{
    const struct sparse *const sparse = s->problem->design->sparse;
    double values = 0.0;

    s->by_columns = false;
    if (!sparse || s->whole || s->count < COLUMNS_LEAST)
        return MXP_OK;
    for (size_t a = 0; a < s->count; a++) {
        const size_t c = s->problem->parameter[s->set[a]].column;
        values += c == PROBLEM_INTERCEPT ? 0.0 : (double)(sparse->start[c + 1] - sparse->start[c]);
    }
    s->by_columns = (double)s->count * (double)s->count > COLUMNS_GAIN * values;
    return s->by_columns && !s->columns ? sparse_descent_new(&s->columns, s->problem, error)
                                        : MXP_OK;
}

mxp_status sweep_gram(struct sweep *s, bool renew, mxp_error *error)
{
    const size_t from = renew ? 0 : s->gram_count;
    const int threads = s->options.threads;
    mxp_status status;

    s->seen = s->count;
    TRY(status = choose_columns(s, error));
    if (s->by_columns) {
        s->gram_count = 0;
        return MXP_OK;
    }
    if (from == s->count)
        return MXP_OK;
    TRY(status = reserve_gram(s, error));
    if (from == 0)
        support_forget(&s->support);
    if (from == 0)
        memcpy(s->gram_h, s->quadratic ? s->weight : s->h, s->n * sizeof *s->h);
    if (s->quadratic)
        product_transposed(s->m_base + from, s->problem, s->set + from, s->count - from, s->base_d1,
                           1, threads);
    if (s->whole && s->options.gram) {
        copy_gram(s, from);
        s->gram_count = s->count;
        return MXP_OK;
    }
    TRY(status = product_gram(s->gram, s->gram_ld, s->problem, s->set, from, s->count, s->gram_h,
                              threads, error));
    s->gram_count = s->count;
    s->passes++;
out:
    return status;
}
