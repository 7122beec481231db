/* y is one of the ordered classes 0..q: P(y <= c) = F(eta_c), c = 0..q-1, with increasing eta. */
#include "model/family_parts.h"
#include "num/rng.h"

#include <math.h>

static const char *const links[] = {"logit", "probit", "cloglog", NULL};
static const enum link kinds[] = {LINK_LOGIT, LINK_PROBIT, LINK_CLOGLOG};

/* log P(y = c) and its derivatives in the eta above (b) and below (a) the class; the two end
 * classes have one only.  d3: of the end classes. */
struct cell {
    struct link_interval at;
    double d3;
};

static struct cell cell_of(enum link kind, size_t c, size_t q, const double *eta, size_t stride)
{
    struct cell cell = {0};
    struct link_side yes, no;

    if (c > 0 && c < q) {
        link_interval(&cell.at, kind, eta[(c - 1) * stride], eta[c * stride]);
        return cell;
    }
    link_sides(&yes, &no, kind, eta[c == 0 ? 0 : (c - 1) * stride]);
    if (c == 0)
        cell.at = (struct link_interval){.value = yes.value, .db = yes.d1, .dbb = yes.d2};
    else
        cell.at = (struct link_interval){.value = no.value, .da = no.d1, .daa = no.d2};
    cell.d3 = c == 0 ? yes.d3 : no.d3;
    if (!isfinite(cell.at.value))
        cell = (struct cell){.at = {.value = -INFINITY}};
    return cell;
}

static bool increasing(const double *eta, size_t stride, size_t q)
{
    for (size_t c = 1; c < q; c++)
        if (!(eta[(c - 1) * stride] < eta[c * stride]))
            return false;
    return true;
}

static void put_derivatives(struct family_out *out, size_t i, size_t m, size_t q, size_t c,
                            const struct cell *cell, unsigned want)
{
    const struct link_interval *at = &cell->at;
    const bool below = c > 0, above = c < q;

    if (want & FAMILY_D1) {
        for (size_t a = 0; a < q; a++)
            out->d1[i + m * a] = 0.0;
        if (below)
            out->d1[i + m * (c - 1)] = at->da;
        if (above)
            out->d1[i + m * c] = at->db;
    }
    if (want & FAMILY_D2) {
        for (size_t a = 0; a < q * q; a++)
            out->d2[i + m * a] = 0.0;
        if (below)
            out->d2[i + m * (c - 1 + q * (c - 1))] = at->daa;
        if (above)
            out->d2[i + m * (c + q * c)] = at->dbb;
        if (below && above)
            out->d2[i + m * (c - 1 + q * c)] = out->d2[i + m * (c + q * (c - 1))] = at->dab;
    }
    if ((want & FAMILY_D3) && q == 1)
        out->d3[i] = cell->d3;
}

static mxp_status eval(struct family_out *out, size_t link, const struct response *response,
                       const double *eta, size_t m, const double *psi, unsigned want,
                       mxp_error *error)
{
    const size_t q = response->q;

    (void)psi;
    (void)error;
    for (size_t i = 0; i < m; i++) {
        const size_t c = (size_t)response->y[i];
        struct cell cell = {.at = {.value = -INFINITY}};
        if (increasing(eta + i, m, q))
            cell = cell_of(kinds[link], c, q, eta + i, m);
        if (want & FAMILY_VALUE)
            out->value[i] = cell.at.value;
        put_derivatives(out, i, m, q, c, &cell, want);
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
    (void)symmetric;
    for (size_t c = 0; c <= q; c++)
        p[c] = exp(cell_of(kinds[link], c, q, eta, 1).at.value);
}

static double saturated(double y, double trials, const double *psi)
{
    (void)y;
    (void)trials;
    (void)psi;
    return 0.0;
}

/* The class widens where its upper eta rises and its lower one falls; the order of all eta must
 * not break. */
static int recession(size_t link, double y, double trials, const double *direction, size_t q,
                     bool symmetric, double tolerance)
{
    const size_t c = (size_t)y;
    const double up = c < q ? direction[c] : 0.0, down = c > 0 ? direction[c - 1] : 0.0;

    (void)link;
    (void)trials;
    (void)symmetric;
    for (size_t a = 1; a < q; a++)
        if (direction[a] - direction[a - 1] < -tolerance)
            return -1;
    if (up < -tolerance || down > tolerance)
        return -1;
    return up > tolerance || down < -tolerance ? 1 : 0;
}

/* The first class whose P(y <= c) reaches a uniform number. */
static double draw(struct rng *rng, size_t link, const double *eta, size_t q, bool symmetric,
                   double trials, const double *psi)
{
    const double u = rng_uniform(rng);
    size_t c = 0;

    (void)symmetric;
    (void)trials;
    (void)psi;
    while (c < q && link_inverse(kinds[link], eta[c]) < u)
        c++;
    return (double)c;
}

const struct family family_ordinal = {
    .name = "ordinal",
    .help = "response one of several classes in order",
    .links = links,
    .response = RESPONSE_ORDERED,
    .phi = PHI_NONE,
    .concave = concave,
    .eval = eval,
    .probabilities = probabilities,
    .saturated = saturated,
    .recession = recession,
    .draw = draw,
};
