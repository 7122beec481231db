/* A problem: a model on a design.  Knows every parameter's home: its name, its prior and the map
 * between the scale of the data and the coordinates in which it is solved.
 *
 * Solver coordinates theta: k coefficients, then u = log psi for each estimated auxiliary
 * parameter.  A coefficient's column is z = (x - shift) / scale; an intercept's column is 1.  It
 * enters one of the q eta columns (its slot), or all of them (slot q, the slopes of an ordinal
 * model, with sign -1).  The order: by eta column its intercept then its weights; an ordinal model
 * has its q cutpoints first, then the slopes.
 *
 * With standardize these are the coordinates on which the priors speak.  Without it scale is 1, and
 * columns are still centred where the intercepts are flat: that changes only the meaning of the
 * intercepts, has Jacobian 1 and keeps the Hessian well conditioned. */
#ifndef MAXPOST_PROBLEM_H
#define MAXPOST_PROBLEM_H

#include "data/design.h"
#include "model/equality.h"
#include "model/model.h"

#include <math.h>

#define PROBLEM_INTERCEPT ((size_t)-1)
#define PROBLEM_ALONE ((size_t)-1)

struct parameter {
    const char *name;       /* "bmi", "(Intercept)", "bmi[class]" */
    const char *class_name; /* of class families; NULL otherwise */
    size_t column;          /* of the design; PROBLEM_INTERCEPT: the column of ones */
    size_t slot;            /* eta column, or q: all of them */
    double sign;            /* with which it enters eta */
    double shift, scale;
    struct prior prior; /* row flat where nothing was stated */
    bool stated;        /* somebody stated it */
    bool scaled;        /* its scale is a multiple of the noise sd */
    size_t group;       /* the joint prior that it has in place of its own; PROBLEM_ALONE: none */
};

/* A coefficient's share of the problem's penalty; both 0: its prior is its own. */
struct relative {
    double l1, l2;
};

struct mxp_problem {
    const struct mxp_model *model; /* borrowed */
    struct design *design;         /* owned */
    const struct family *family;
    size_t link;
    size_t n;            /* rows */
    size_t q;            /* eta columns */
    size_t k, r, d;      /* coefficients, estimated auxiliary parameters, k + r */
    size_t first_column; /* intercepts at the front: 1 with one eta column and an intercept, q of
                             * an ordinal model, else 0 */
    bool quadratic;      /* log-likelihood quadratic in the coefficients at each noise */
    bool concave;        /* log-likelihood concave in the coefficients, nothing else is free */
    bool centred;        /* shift != 0 although the priors speak about raw columns */
    bool kinked;         /* some coefficient's prior has a kink */
    bool heavy;          /* some coefficient's prior is not log-concave: not quadratic either */
    bool bounded;        /* some coefficient's prior has bounds */
    bool plugged_in;     /* psi[0] was estimated from the penalised fit and is held there */
    struct parameter *parameter; /* d */
    const double *y;             /* n: the design's, or class_y */
    double *class_y;             /* n, owned: the eta column of each row's class; q: reference */
    char **names;                /* k, owned: names made of a term and a class; NULL: none */
    struct joint **joint;        /* owned: the priors of groups, then soft constraints */
    char **joint_name;           /* owned: their groups' names; NULL: a constraint */
    size_t joints, groups;
    struct constraint **constraint; /* owned: of the model, as they are written: of coefficients */
    size_t constraints;
    bool grouped;               /* some joint prior has a kink */
    struct equality *equality;  /* owned: the hard constraints on theta; NULL: none */
    double log_renormaliser;    /* of the product of gaussian priors and soft constraints */
    const char *not_normalised; /* why the priors' product is none of 1; NULL: it is, or is flat */
    size_t auxiliary[FAMILY_AUX_MAX]; /* r: the family's index of each estimated one */
    double psi[FAMILY_AUX_MAX];       /* fixed values; NAN where estimated */
    double lambda1, lambda2;          /* of the declared penalty, L + lambda1 |b| + lambda2 b^2/2 */
    struct relative *relative;        /* k, owned: what multiplies them; NULL: 1 for all weights */
};

static inline bool problem_is_intercept(const struct mxp_problem *problem, size_t j)
{
    return j < problem->k && problem->parameter[j].column == PROBLEM_INTERCEPT;
}

/* The bounds of a parameter in solver coordinates; infinite where there is none. */
static inline double problem_lower(const struct mxp_problem *problem, size_t j)
{
    return j < problem->k ? prior_lower(&problem->parameter[j].prior) : -INFINITY;
}

static inline double problem_upper(const struct mxp_problem *problem, size_t j)
{
    return j < problem->k ? prior_upper(&problem->parameter[j].prior) : INFINITY;
}

static inline bool problem_at_bound(const struct mxp_problem *problem, size_t j, double t)
{
    return t <= problem_lower(problem, j) || t >= problem_upper(problem, j);
}

/* Whether the priors are one for each coefficient, log-concave and without bounds, as the direct
 * methods need. */
static inline bool problem_plain(const struct mxp_problem *problem)
{
    return !problem->heavy && !problem->bounded && problem->joints == 0 && !problem->equality;
}

/* Whether nothing keeps the parameter from running off, soft constraints apart. */
static inline bool problem_is_flat(const struct mxp_problem *problem, size_t j)
{
    const struct parameter *p = &problem->parameter[j];
    return prior_is_flat(&p->prior) &&
           (p->group == PROBLEM_ALONE || !joint_proper(problem->joint[p->group]));
}

/* The joint prior with a kink that the parameter has; NULL: none. */
static inline const struct joint *problem_group(const struct mxp_problem *problem, size_t j)
{
    const size_t g = problem->parameter[j].group;
    return g != PROBLEM_ALONE && joint_kinked(problem->joint[g]) ? problem->joint[g] : NULL;
}

/* What the smooth part of J = -log posterior is made of at a point; arrays owned by the caller. */
struct prior_sums {
    double log_prior;
    double *gradient; /* d: of the smooth part of -log prior, added to */
    double *diagonal; /* d: its second derivatives, added to */
    double *cross;    /* k x r: second derivatives in (t_j, u_s), added to; may be NULL */
};

/* The coefficient's kink: weight l1 (0: none) and location at the noise sd exp(u). */
void problem_kink(double *l1, double *location, const struct mxp_problem *problem, size_t j,
                  const double *theta);
/* The same at a given noise sd. */
void problem_kink_at(double *l1, double *location, const struct mxp_problem *problem, size_t j,
                     double noise);
/* Adds the coefficients' priors at a given noise sd, k gradient and diagonal entries; nothing in
 * the noise itself.  Cost: O(k). */
void problem_prior_at(struct prior_sums *sums, const struct mxp_problem *problem,
                      const double *coefficients, double noise);
/* Adds the priors' parts at theta; a coordinate at its kink contributes its smooth part only.
 * Cost: O(d). */
void problem_prior(struct prior_sums *sums, const struct mxp_problem *problem, const double *theta);
/* Adds the second derivatives of the joint priors to H, whose rows are the parameters of a set.
 *   with_kinks  those that have a kink too, off it; else the smooth ones alone
 * Errors: MEMORY.  Cost: as joint_add_curvature. */
MXP_MUST_CHECK mxp_status problem_joint_curvature(double *H, size_t ld,
                                                  const struct mxp_problem *problem,
                                                  const double *theta, const size_t *set,
                                                  size_t count, bool with_kinks, mxp_error *error);
/* The diagonal of the smooth ones, added to d values. */
void problem_joint_diagonal(double *diagonal, const struct mxp_problem *problem,
                            const double *theta);
/* Whether some joint prior or hard constraint keeps theta from running off along a direction (d
 * values). */
bool problem_resists(const struct mxp_problem *problem, const double *direction);
/* Makes the joint priors and constraints of the model; called by problem_lay_out.
 * Errors: CONFIG at their places, MEMORY, NUMERIC. */
MXP_MUST_CHECK mxp_status problem_join(struct mxp_problem *problem, mxp_error *error);
/* Writes the prior of parameter j: "laplace(0, 0.5)", "rw1(1) on sera"; scales in units of the noise
 * say so. */
void problem_put_prior(struct str *out, const struct mxp_problem *problem, size_t j);
/* How well a selector fits coefficient j: 0 not at all; an exact name beats a glob, a longer
 * literal part a shorter one. */
size_t problem_selector_fit(const char *selector, const struct mxp_problem *problem, size_t j);
/* The family's auxiliary parameters at theta, natural scale. */
void problem_psi(double *psi, const struct mxp_problem *problem, const double *theta);

/* Coefficients on the scale of the data from solver coordinates and back; k values each, the first
 * may be done in place (an intercept comes before its weights).  The intercept is summed in extended
 * precision. */
void problem_to_data(double *beta, const struct mxp_problem *problem, const double *theta);
void problem_from_data(double *theta, const struct mxp_problem *problem, const double *beta);
/* The share with which solver coordinate j enters coefficient `term` on the scale of the data. */
double problem_share(const struct mxp_problem *problem, size_t term, size_t j);
/* cov (count x count, column-major, both triangles, ld given) <- T cov T' with T the map of the
 * coefficients to the scale of the data (which = 0), or to the scale on which the priors speak
 * (which = 1).  count: k, or d with the auxiliary parameters, which stay as they are. */
enum problem_scale { PROBLEM_DATA, PROBLEM_PRIOR };
void problem_map_covariance(double *cov, size_t ld, size_t count, const struct mxp_problem *problem,
                            enum problem_scale which);
/* Whether solver and prior coordinates differ from those of the data. */
bool problem_standardized(const struct mxp_problem *problem);

/* Gaussian penalised models: gives the weights the priors that the penalty implies at this noise
 * sd and holds the noise there. */
void problem_plug_in(struct mxp_problem *problem, double noise_sd);

/* The responses from a row on. */
struct response problem_response(const struct mxp_problem *problem, size_t first);

/* Lays out names, priors and columns for the design that the problem holds; called once, by
 * mxp_problem_new.  Errors: CONFIG at the places of the model, MEMORY. */
MXP_MUST_CHECK mxp_status problem_lay_out(struct mxp_problem *problem, mxp_error *error);
/* Shifts and scales of the columns from the design's moments; called by problem_lay_out and for
 * views. */
void problem_place_columns(struct mxp_problem *problem);
/* What the priors make of the problem as a whole: kinked, bounded, heavy, concave. */
void problem_note_priors(struct mxp_problem *problem);
/* What the translation of penalties depends on, phi left NAN.  Cost: O(rows) with trials. */
struct penalty_facts problem_penalty_facts(const struct mxp_problem *problem);
/* The symmetric coding of classes is told apart by its priors alone: none may be flat.
 * Errors: CONFIG at the coding. */
MXP_MUST_CHECK mxp_status problem_check_symmetric(const struct mxp_problem *problem,
                                                  mxp_error *error);
/* Gives the weights of a penalised model their priors at this phi, about their locations and within
 * their bounds where there are relative penalties. */
void problem_set_penalty(struct mxp_problem *problem, double phi);

/* A penalty lambda1 |t - m| + lambda2 (t - m)^2 / 2 at phi becomes a coefficient's prior, about the
 * location and within the bounds that the prior has. */
void problem_penalise(struct prior *prior, double lambda1, double lambda2, double phi);

/* Names the nonzero coordinates of a direction, largest first, at most three: "a", "b" and "c". */
void problem_name_direction(struct str *out, const struct mxp_problem *problem,
                            const double *direction);
#endif
