/* Penalties in the words of other tools, and the priors that they equal.
 *
 * Every convention comes down to the penalised form
 *
 *     minimise  L(beta) + lambda1 sum |beta_j| + (lambda2 / 2) sum beta_j^2
 *
 * with L = RSS/2 for the gaussian family (rows weighted) and L = -log likelihood for the others, so
 * that with phi = noise variance, or 1, the prior is laplace with scale phi/lambda1, gaussian with
 * sd sqrt(phi/lambda2), or elastic_net(0, lambda1/phi, lambda2/phi).
 *
 * A new convention is one line in penalty.c, or one line a kind. */
#ifndef MAXPOST_PENALTY_H
#define MAXPOST_PENALTY_H

#include "model/arguments.h"
#include "model/family.h"
#include "model/prior.h"

enum { PENALTY_PARAMETERS = 2, PENALTY_ROWS_MAX = 64 };

/* Families that a row fits. */
enum penalty_family {
    PENALTY_GAUSSIAN = 1,
    PENALTY_BERNOULLI = 2,
    PENALTY_POISSON = 4,
    PENALTY_OTHERS = 8, /* every other family whose phi is 1 */
    PENALTY_ALL = 15
};

/* Priors that a row is the natural word for. */
enum penalty_suit { PENALTY_FLAT = 1, PENALTY_L1 = 2, PENALTY_L2 = 4, PENALTY_BOTH = 8 };

/* What a row's parameters mean. */
enum penalty_form {
    PENALTY_PAIR, /* l1 and l2 */
    PENALTY_ONLY_L1,
    PENALTY_ONLY_L2,
    PENALTY_MIX /* strength and mix: l1 = strength mix, l2 = strength (1 - mix) */
};

enum penalty_range { PENALTY_ANY_ABOVE_ZERO, PENALTY_NOT_NEGATIVE, PENALTY_SHARE };

struct penalty_parameter {
    const char *name;
    enum penalty_range range;
    double fallback; /* NAN: must be given */
};

struct penalty_row {
    const char *convention;
    const char *key, *kind; /* what tells rows of one convention apart: kind = lasso; or NULL */
    bool fallback;          /* the row that is meant when the key is left out */
    const char *help;       /* what to call in that tool */
    unsigned families, suits;
    enum penalty_form form;
    struct penalty_parameter parameters[PENALTY_PARAMETERS];
    size_t parameter_count;
    bool inverse;    /* the strength is 1 / the first parameter */
    bool per_row;    /* the strength is multiplied by the sum of the row weights */
    bool l2_over_sd; /* for the gaussian family the L2 part is divided by the sd of the response */
};

extern const struct penalty_row penalty_table[]; /* ends with a row whose convention is NULL */

/* A declared penalty. */
struct penalty {
    const struct penalty_row *row;
    double value[PENALTY_PARAMETERS];
};

/* What the translation depends on. */
struct penalty_facts {
    const struct family *family;
    double phi;         /* noise variance for the gaussian family, otherwise 1 */
    double weight_sum;  /* sum of the row weights; the number of rows without them; a trial of a
                         * binomial row counts as a row; NAN: unknown */
    double response_sd; /* weighted population sd (denominator weight_sum) of response - offset; the
                         * root mean square in a model without intercept; NAN: unknown */
    size_t link;        /* of the family's */
    bool reference;     /* of classes, one has no coefficients */
};

/* Reads "lambda=0.1, alpha=1, gaussian=string"; place is where settings starts, for a fault in the
 * convention too.  Does not look at the family.
 * Errors: CONFIG at the token: an unknown convention, kind or name (with the nearest known one),
 * a missing or repeated name, a value out of range. */
MXP_MUST_CHECK mxp_status penalty_parse(struct penalty *penalty, const char *convention,
                                        const char *settings, struct place place, mxp_error *error);
/* The same with settings that are split already, each with its place; all must be named. */
MXP_MUST_CHECK mxp_status penalty_fill(struct penalty *penalty, const char *convention,
                                       struct place convention_at, const struct arguments *settings,
                                       mxp_error *error);
/* Fails with CONFIG where the convention does not fit the family, its link, or its coding. */
MXP_MUST_CHECK mxp_status penalty_check_family(const struct penalty *penalty,
                                               const struct penalty_facts *facts,
                                               struct place place, mxp_error *error);
/* lambda1 and lambda2 of the penalised form.  phi is not needed.
 * Errors: DATA where the sum of weights or the sd of the response is needed and is not above 0. */
MXP_MUST_CHECK mxp_status penalty_weights(double *lambda1, double *lambda2,
                                          const struct penalty *penalty,
                                          const struct penalty_facts *facts, mxp_error *error);
/* The prior that lambda1, lambda2 >= 0 are at phi > 0: flat, gaussian, laplace or elastic_net. */
void penalty_prior(struct prior *prior, double lambda1, double lambda2, double phi);

/* A prior on every weight in the words of a tool. */
struct penalty_equivalent {
    struct penalty penalty; /* values are NAN where they cannot be told */
    bool exact;
    char why[160]; /* why it is not exact; empty when it is */
};

/* The prior in the words of one row, whether it fits or not. */
void penalty_equivalent(struct penalty_equivalent *out, const struct penalty_row *row,
                        const struct prior *prior, const struct penalty_facts *facts);
/* The prior in every row that fits the family and is the natural word for the prior (lasso for a
 * laplace prior, and so on).  list has room for PENALTY_ROWS_MAX; returns how many. */
size_t penalty_equivalents(struct penalty_equivalent *list, const struct prior *prior,
                           const struct penalty_facts *facts);
/* The row's kind where it matters for the family ("lasso", "string"), else NULL. */
const char *penalty_kind(const struct penalty_row *row, const struct family *family);
/* "sklearn: kind = lasso, alpha = 0.7", 6 significant digits. */
void penalty_format(struct str *out, const struct penalty *penalty, const struct family *family);

#endif
