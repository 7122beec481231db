#include "model/penalty.h"
#include "model/prior_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define L1                                                                                         \
    {                                                                                              \
        "l1", PENALTY_NOT_NEGATIVE, 0.0                                                            \
    }
#define L2                                                                                         \
    {                                                                                              \
        "l2", PENALTY_NOT_NEGATIVE, 0.0                                                            \
    }
#define ALPHA                                                                                      \
    {                                                                                              \
        "alpha", PENALTY_NOT_NEGATIVE, NAN                                                         \
    }
#define RATIO                                                                                      \
    {                                                                                              \
        "l1_ratio", PENALTY_SHARE, NAN                                                             \
    }
#define INVERSE                                                                                    \
    {                                                                                              \
        "C", PENALTY_ANY_ABOVE_ZERO, NAN                                                           \
    }

const struct penalty_row penalty_table[] = {
    {.convention = "sum",
     .help = "loss + l1 |b| + (l2/2) b^2, loss = RSS/2 or -log likelihood",
     .families = PENALTY_ALL,
     .suits = PENALTY_FLAT | PENALTY_L1 | PENALTY_L2 | PENALTY_BOTH,
     .form = PENALTY_PAIR,
     .parameters = {L1, L2},
     .parameter_count = 2},
    {.convention = "mean",
     .help = "loss / (sum of weights) + l1 |b| + (l2/2) b^2",
     .families = PENALTY_ALL,
     .suits = PENALTY_FLAT | PENALTY_L1 | PENALTY_L2 | PENALTY_BOTH,
     .form = PENALTY_PAIR,
     .parameters = {L1, L2},
     .parameter_count = 2,
     .per_row = true},
    {.convention = "glmnet",
     .key = "gaussian",
     .kind = "string",
     .fallback = true,
     .help = "R glmnet(..., family = \"gaussian\"), or another family",
     .families = PENALTY_ALL,
     .suits = PENALTY_FLAT | PENALTY_L1 | PENALTY_L2 | PENALTY_BOTH,
     .form = PENALTY_MIX,
     .parameters = {{"lambda", PENALTY_NOT_NEGATIVE, NAN}, {"alpha", PENALTY_SHARE, 1.0}},
     .parameter_count = 2,
     .per_row = true,
     .l2_over_sd = true},
    {.convention = "glmnet",
     .key = "gaussian",
     .kind = "object",
     .help = "R glmnet(..., family = gaussian())",
     .families = PENALTY_GAUSSIAN,
     .suits = PENALTY_L2 | PENALTY_BOTH, /* without an L2 part it is the row above */
     .form = PENALTY_MIX,
     .parameters = {{"lambda", PENALTY_NOT_NEGATIVE, NAN}, {"alpha", PENALTY_SHARE, 1.0}},
     .parameter_count = 2,
     .per_row = true},
    {.convention = "sklearn",
     .key = "kind",
     .kind = "ridge",
     .help = "Python sklearn.linear_model.Ridge",
     .families = PENALTY_GAUSSIAN,
     .suits = PENALTY_FLAT | PENALTY_L2,
     .form = PENALTY_ONLY_L2,
     .parameters = {ALPHA},
     .parameter_count = 1},
    {.convention = "sklearn",
     .key = "kind",
     .kind = "lasso",
     .help = "Python sklearn.linear_model.Lasso",
     .families = PENALTY_GAUSSIAN,
     .suits = PENALTY_L1,
     .form = PENALTY_ONLY_L1,
     .parameters = {ALPHA},
     .parameter_count = 1,
     .per_row = true},
    {.convention = "sklearn",
     .key = "kind",
     .kind = "elastic_net",
     .help = "Python sklearn.linear_model.ElasticNet",
     .families = PENALTY_GAUSSIAN,
     .suits = PENALTY_BOTH,
     .form = PENALTY_MIX,
     .parameters = {ALPHA, RATIO},
     .parameter_count = 2,
     .per_row = true},
    {.convention = "sklearn",
     .key = "kind",
     .kind = "poisson",
     .help = "Python sklearn.linear_model.PoissonRegressor",
     .families = PENALTY_POISSON,
     .suits = PENALTY_FLAT | PENALTY_L2,
     .form = PENALTY_ONLY_L2,
     .parameters = {ALPHA},
     .parameter_count = 1,
     .per_row = true},
    {.convention = "sklearn",
     .key = "kind",
     .kind = "logistic_l1",
     .help = "Python sklearn.linear_model.LogisticRegression, solver saga",
     .families = PENALTY_BERNOULLI,
     .suits = PENALTY_L1,
     .form = PENALTY_ONLY_L1,
     .parameters = {INVERSE},
     .parameter_count = 1,
     .inverse = true},
    {.convention = "sklearn",
     .key = "kind",
     .kind = "logistic_l2",
     .help = "Python sklearn.linear_model.LogisticRegression, any solver but liblinear",
     .families = PENALTY_BERNOULLI,
     .suits = PENALTY_L2,
     .form = PENALTY_ONLY_L2,
     .parameters = {INVERSE},
     .parameter_count = 1,
     .inverse = true},
    {.convention = "sklearn",
     .key = "kind",
     .kind = "logistic_elastic_net",
     .help = "Python sklearn.linear_model.LogisticRegression, solver saga",
     .families = PENALTY_BERNOULLI,
     .suits = PENALTY_BOTH,
     .form = PENALTY_MIX,
     .parameters = {INVERSE, RATIO},
     .parameter_count = 2,
     .inverse = true},
    {.convention = NULL},
};

static unsigned family_bit(const struct family *family)
{
    if (family == &family_gaussian)
        return PENALTY_GAUSSIAN;
    if (family == &family_bernoulli)
        return PENALTY_BERNOULLI;
    if (family == &family_poisson)
        return PENALTY_POISSON;
    return family->phi == PHI_ONE ? PENALTY_OTHERS : 0;
}

static bool divides_by_sd(const struct penalty_row *row, const struct family *family)
{
    return row->l2_over_sd && family == &family_gaussian;
}

mxp_status penalty_weights(double *lambda1, double *lambda2, const struct penalty *penalty,
                           const struct penalty_facts *facts, mxp_error *error)
{
    const struct penalty_row *row = penalty->row;
    const double *v = penalty->value, strength = row->inverse ? 1.0 / v[0] : v[0];
    double l1 = 0.0, l2 = 0.0;

    if (row->per_row && !(facts->weight_sum > 0.0))
        return FAIL(error, MXP_DATA, "the row weights sum to %.15g: %s needs a sum above 0",
                    facts->weight_sum, row->convention);
    if (row->form == PENALTY_PAIR || row->form == PENALTY_MIX) {
        const bool mix = row->form == PENALTY_MIX;
        l1 = mix ? strength * v[1] : v[0];
        l2 = mix ? strength * (1.0 - v[1]) : v[1];
    } else if (row->form == PENALTY_ONLY_L1) {
        l1 = strength;
    } else {
        l2 = strength;
    }
    if (l2 > 0.0 && divides_by_sd(row, facts->family)) {
        if (!(facts->response_sd > 0.0))
            return FAIL(error, MXP_DATA,
                        "the sd of the response is %.15g: %s divides by it (gaussian: object does "
                        "not)",
                        facts->response_sd, row->convention);
        l2 /= facts->response_sd;
    }
    *lambda1 = row->per_row ? facts->weight_sum * l1 : l1;
    *lambda2 = row->per_row ? facts->weight_sum * l2 : l2;
    return MXP_OK;
}

void penalty_prior(struct prior *prior, double lambda1, double lambda2, double phi)
{
    if (lambda1 > 0.0 && lambda2 > 0.0)
        *prior =
            (struct prior){.row = &prior_elastic_net, .a = {0.0, lambda1 / phi, lambda2 / phi}};
    else if (lambda1 > 0.0)
        *prior = (struct prior){.row = &prior_laplace, .a = {0.0, phi / lambda1}};
    else if (lambda2 > 0.0)
        *prior = (struct prior){.row = &prior_gaussian, .a = {0.0, sqrt(phi / lambda2)}};
    else
        *prior = (struct prior){.row = &prior_flat};
}

/* lambda1 and lambda2 of a prior, its suit; 0 when it is no penalty. */
static unsigned prior_weights(double *lambda1, double *lambda2, const struct prior *prior,
                              double phi)
{
    const double *a = prior->a;

    *lambda1 = *lambda2 = 0.0;
    if (prior->row == &prior_flat)
        return PENALTY_FLAT;
    if (prior->row == &prior_gaussian) {
        *lambda2 = phi / a[1] / a[1];
        return PENALTY_L2;
    }
    if (prior->row == &prior_laplace) {
        *lambda1 = phi / a[1];
        return PENALTY_L1;
    }
    if (prior->row != &prior_elastic_net)
        return 0;
    *lambda1 = phi * a[1];
    *lambda2 = phi * a[2];
    return PENALTY_BOTH;
}

/* The row's parameters for a form that can hold both weights, l1 and l2 in the row's unit. */
static void row_values(double *v, const struct penalty_row *row, double l1, double l2)
{
    const double strength = row->form == PENALTY_ONLY_L1   ? l1
                            : row->form == PENALTY_ONLY_L2 ? l2
                                                           : l1 + l2;
    v[0] = row->inverse ? 1.0 / strength : strength;
    v[1] = l1 + l2 > 0.0 ? l1 / (l1 + l2) : 1.0; /* of no meaning without a penalty */
    if (row->form == PENALTY_PAIR) {
        v[0] = l1;
        v[1] = l2;
    }
    if (row->parameter_count < 2)
        v[1] = NAN;
}

/* How the tool's model differs from this one, in words that end with the family; NULL: it does not. */
static const char *misfit(const struct penalty_row *row, const struct penalty_facts *facts)
{
    const bool glmnet = strcmp(row->convention, "glmnet") == 0;

    if (!(row->families & family_bit(facts->family)))
        return "does not fit the family";
    if (facts->link != 0 &&
        (strcmp(row->convention, "sklearn") == 0 || divides_by_sd(row, facts->family)))
        return "knows nothing but the first link of the family";
    if (glmnet && facts->reference)
        return "has coefficients for every class and needs coding: symmetric in the family";
    return NULL;
}

/* Why the row cannot say the prior, into out->why; empty when it can. */
static void explain(struct penalty_equivalent *out, unsigned suit, const struct prior *prior,
                    const struct penalty_facts *facts)
{
    const struct penalty_row *row = out->penalty.row;
    const double mean = prior->row->location(prior->a);
    char *why = out->why;
    const size_t size = sizeof out->why;
    const bool holds = row->form == PENALTY_PAIR || row->form == PENALTY_MIX ||
                       suit == PENALTY_FLAT ||
                       suit == (row->form == PENALTY_ONLY_L1 ? PENALTY_L1 : PENALTY_L2);

    why[0] = '\0';
    if (!suit)
        (void)snprintf(why, size, "%s is no penalty on a weight", prior->row->name);
    else if (prior->bounded)
        (void)snprintf(why, size, "a penalty has no bounds");
    else if (misfit(row, facts))
        (void)snprintf(why, size, "%s %s", misfit(row, facts), facts->family->name);
    else if (!holds)
        (void)snprintf(why, size, "cannot hold %s", prior->row->name);
    else if (suit == PENALTY_FLAT && row->inverse)
        (void)snprintf(why, size, "no penalty is %s = infinity", row->parameters[0].name);
    else if (mean != 0.0)
        (void)snprintf(why, size, "shrinks towards 0, the prior towards %.6g", mean);
    else if (row->per_row && isnan(facts->weight_sum) && suit != PENALTY_FLAT)
        (void)snprintf(why, size, "needs the number of rows");
    else if (suit & (PENALTY_L2 | PENALTY_BOTH) && divides_by_sd(row, facts->family) &&
             isnan(facts->response_sd))
        (void)snprintf(why, size, "needs the sd of the response");
    else if (suit != PENALTY_FLAT && !(facts->phi > 0.0))
        (void)snprintf(why, size, "needs a noise sd above 0");
}

void penalty_equivalent(struct penalty_equivalent *out, const struct penalty_row *row,
                        const struct prior *prior, const struct penalty_facts *facts)
{
    double l1, l2;
    const unsigned suit = prior_weights(&l1, &l2, prior, facts->phi);

    *out = (struct penalty_equivalent){.penalty = {.row = row}};
    if (row->per_row && suit != PENALTY_FLAT) {
        l1 /= facts->weight_sum;
        l2 /= facts->weight_sum;
    }
    if (l2 > 0.0 && divides_by_sd(row, facts->family))
        l2 *= facts->response_sd;
    row_values(out->penalty.value, row, l1, l2);
    explain(out, suit, prior, facts);
    out->exact = out->why[0] == '\0';
}

size_t penalty_equivalents(struct penalty_equivalent *list, const struct prior *prior,
                           const struct penalty_facts *facts)
{
    size_t count = 0;
    double l1, l2;
    const unsigned suit = prior_weights(&l1, &l2, prior, facts->phi);

    for (const struct penalty_row *row = penalty_table; row->convention; row++)
        if ((row->suits & suit) && (row->families & family_bit(facts->family)))
            penalty_equivalent(&list[count++], row, prior, facts);
    return count;
}

const char *penalty_kind(const struct penalty_row *row, const struct family *family)
{
    return row->l2_over_sd && !divides_by_sd(row, family) ? NULL : row->kind;
}

void penalty_format(struct str *out, const struct penalty *penalty, const struct family *family)
{
    const struct penalty_row *row = penalty->row;
    const char *kind = penalty_kind(row, family);

    str_format(out, "%s: ", row->convention);
    if (kind)
        str_format(out, "%s = %s, ", row->key, kind);
    for (size_t i = 0; i < row->parameter_count; i++)
        str_format(out, "%s%s = %.6g", i == 0 ? "" : ", ", row->parameters[i].name,
                   penalty->value[i]);
}

mxp_status penalty_check_family(const struct penalty *penalty, const struct penalty_facts *facts,
                                struct place place, mxp_error *error)
{
    const struct penalty_row *row = penalty->row;
    const char *words = misfit(row, facts);

    if (!words)
        return MXP_OK;
    return FAIL_AT(error, place, MXP_CONFIG, "penalty %s%s%s %s %s", row->convention,
                   row->kind ? " " : "", row->kind ? row->kind : "", words, facts->family->name);
}
