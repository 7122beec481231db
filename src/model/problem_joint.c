/* The priors on several coefficients and the linear constraints of a problem. */
#include "base/mem.h"
#include "base/str.h"
#include "model/group_matrix.h"
#include "model/problem.h"
#include "num/factor.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double log_2pi = 1.83787706640934548356;

/* ---- groups ---- */

static mxp_status fail_no_term(const struct mxp_problem *problem, const struct named *term,
                               mxp_error *error)
{
    const char *near = str_nearest(term->name, problem->design->name, problem->design->columns);

    return FAIL_AT(error, term->place, MXP_CONFIG,
                   "\"%s\" matches no coefficient of this model%s%s%s", term->name,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* Whether some selector of the group fits coefficient j; notes which have fitted. */
static bool belongs(const struct model_group *group, const struct mxp_problem *problem, size_t j,
                    bool *fitted)
{
    bool found = false;

    for (size_t t = 0; t < group->count; t++)
        if (problem_selector_fit(group->term[t].name, problem, j) > 0)
            found = fitted[t] = true;
    return found;
}

/* A coefficient has one prior. */
static mxp_status check_free(const struct mxp_problem *problem, const struct model_group *group,
                             size_t j, mxp_error *error)
{
    const struct parameter *p = &problem->parameter[j];
    const struct mxp_model *model = problem->model;

    if (p->group != PROBLEM_ALONE)
        return FAIL_AT(error, group->place, MXP_CONFIG, "\"%s\" is in the groups %s and %s",
                       p->name, problem->joint_name[p->group], group->name);
    for (size_t i = 0; i < model->rule_count; i++)
        if (strcmp(model->rules[i].selector, p->name) == 0)
            return FAIL_AT(error, model->rules[i].selector_place, MXP_CONFIG,
                           "\"%s\" has a prior of its own and one in the group %s", p->name,
                           group->name);
    return MXP_OK;
}

static mxp_status name_joint(struct mxp_problem *problem, const char *name, size_t j,
                             mxp_error *error)
{
    const char *class_name = problem->parameter[j].class_name;
    struct str text = {0};
    mxp_status status;

    str_format(&text, "%s%s%s%s", name, class_name ? "[" : "", class_name ? class_name : "",
               class_name ? "]" : "");
    TRY(status = str_check(&text, error));
    problem->joint_name[problem->joints] = text.text;
    return MXP_OK;
out:
    str_free(&text);
    return status;
}

static mxp_status add_group(struct mxp_problem *problem, const struct model_group *group,
                            const size_t *set, size_t count, mxp_error *error)
{
    struct joint_matrix matrix = {group->matrix, group->precision};
    const struct place file = {group->source, 0, 0};
    double *ordered = NULL;
    mxp_status status;

    if (group->matrix && group->order != count)
        return FAIL_AT(error, group->place, MXP_CONFIG,
                       "the matrix of group %s has order %zu, but %zu coefficients belong to it",
                       group->name, group->order, count);
    for (size_t i = 0; i < count; i++)
        TRY(status = check_free(problem, group, set[i], error));
    if (group->matrix_name)
        TRY(status = group_matrix_order(&ordered, problem, group, set, error));
    matrix.values = ordered ? ordered : group->matrix;
    TRY(status = name_joint(problem, group->name, set[0], error));
    problem->joints++;
    TRY(status =
            joint_new(&problem->joint[problem->joints - 1], &group->spec, count, set, NULL,
                      group->matrix ? &matrix : NULL, group->source ? file : group->place, error));
    for (size_t i = 0; i < count; i++) {
        struct parameter *p = &problem->parameter[set[i]];
        p->prior = (struct prior){.row = prior_find("flat")};
        p->stated = true;
        p->group = problem->joints - 1;
    }
    problem->groups = problem->joints;
    problem->grouped = problem->grouped || joint_kinked(problem->joint[problem->joints - 1]);
    if (group->spec.row->flags & JOINT_IMPROPER)
        problem->not_normalised = "a random walk prior is improper, so the evidence is known up to "
                                  "a constant only";
out:
    free(ordered);
    return status;
}

/* One joint prior for each eta column that the terms enter. */
static mxp_status add_groups(struct mxp_problem *problem, const struct model_group *group,
                             mxp_error *error)
{
    size_t *set = NULL;
    bool *fitted = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&set, problem->k, error));
    TRY(status = MEM_NEW(&fitted, group->count, error));
    for (size_t slot = 0; slot <= problem->q; slot++) {
        size_t count = 0;
        for (size_t j = 0; j < problem->k; j++)
            if (problem->parameter[j].slot == slot && !problem_is_intercept(problem, j) &&
                belongs(group, problem, j, fitted))
                set[count++] = j;
        if (count > 0)
            TRY(status = add_group(problem, group, set, count, error));
    }
    for (size_t t = 0; t < group->count; t++)
        if (!fitted[t]) {
            status = fail_no_term(problem, &group->term[t], error);
            goto out;
        }
out:
    free(fitted);
    free(set);
    return status;
}

/* ---- constraints ---- */

/* Coefficient c of parameter j's value on the scale of the data, in solver coordinates. */
static void add_term(double *row, const struct mxp_problem *problem, size_t j, double c)
{
    const struct parameter *p = &problem->parameter[j];

    if (problem->model->constraints_standardized && problem->model->standardize) {
        row[j] += c;
        return;
    }
    row[j] += c / p->scale;
    for (size_t i = 0; problem_is_intercept(problem, j) && i < problem->k; i++) {
        const struct parameter *w = &problem->parameter[i];
        if (!problem_is_intercept(problem, i) && (w->slot == p->slot || w->slot == problem->q))
            row[i] -= c * w->sign * w->shift / w->scale;
    }
}

/* The constraint in solver coordinates: its terms are coordinates.  The arrays are new. */
static mxp_status take_row(struct constraint *solver, const struct mxp_problem *problem,
                           const struct constraint *read, mxp_error *error)
{
    double *row = NULL;
    mxp_status status;

    *solver = *read;
    solver->count = 0;
    solver->term = NULL;
    solver->coefficient = NULL;
    TRY(status = mem_doubles(&row, problem->k, 1, error));
    TRY(status = mem_doubles(&solver->coefficient, problem->k, 1, error));
    TRY(status = MEM_NEW(&solver->term, problem->k, error));
    for (size_t i = 0; i < read->count; i++)
        add_term(row, problem, read->term[i], read->coefficient[i]);
    for (size_t j = 0; j < problem->k; j++)
        if (row[j] != 0.0) {
            solver->term[solver->count] = j;
            solver->coefficient[solver->count++] = row[j];
        }
out:
    free(row);
    return status;
}

/* The soft constraints so far, with the priors of the coefficients in them, for log Z. */
struct product {
    double *C, *offset, *variance; /* s x k row-major; s: m - C mean; s: s^2 */
    size_t count;
    bool gaussian; /* all priors of the coefficients in them */
};

static void note_factor(struct product *product, const struct mxp_problem *problem,
                        const struct constraint *c)
{
    double *row = product->C + product->count * problem->k, mean = 0.0;

    for (size_t i = 0; i < c->count; i++) {
        const struct parameter *p = &problem->parameter[c->term[i]];
        product->gaussian = product->gaussian && strcmp(p->prior.row->name, "gaussian") == 0 &&
                            !p->prior.bounded && p->group == PROBLEM_ALONE;
        row[c->term[i]] = c->coefficient[i] * p->prior.a[1];
        mean += c->coefficient[i] * p->prior.a[0];
    }
    product->offset[product->count] = c->mean - mean;
    product->variance[product->count++] = c->sd * c->sd;
}

/* log of the integral of gaussian priors times the soft factors: log N(m; C mean, S + C V C'). */
static mxp_status renormalise(struct mxp_problem *problem, struct product *product,
                              mxp_error *error)
{
    const size_t s = product->count, k = problem->k;
    double *V = NULL;
    struct factor *factor = NULL;
    mxp_status status = MXP_OK;

    if (s == 0)
        return MXP_OK;
    if (!product->gaussian) {
        problem->not_normalised = "a soft constraint on coefficients whose priors are not all "
                                  "gaussian leaves the prior's constant unknown";
        return MXP_OK;
    }
    TRY(status = mem_doubles(&V, s + 1, s, error));
    for (size_t b = 0; b < s; b++)
        for (size_t a = 0; a < s; a++) {
            double sum = a == b ? product->variance[a] : 0.0;
            for (size_t j = 0; j < k; j++)
                sum += product->C[a * k + j] * product->C[b * k + j];
            V[a + b * s] = sum;
        }
    TRY(status = factor_cholesky(&factor, V, s, s, error));
    double *solved = V + s * s, square = 0.0;
    memcpy(solved, product->offset, s * sizeof *solved);
    factor_solve(solved, factor);
    for (size_t a = 0; a < s; a++)
        square += solved[a] * product->offset[a];
    problem->log_renormaliser = -0.5 * ((double)s * log_2pi + factor_log_det(factor) + square);
out:
    factor_free(factor);
    free(V);
    return status;
}

static mxp_status add_soft(struct mxp_problem *problem, struct product *product,
                           const struct constraint *c, mxp_error *error)
{
    mxp_status status;

    TRY(status = joint_new_constraint(&problem->joint[problem->joints], c->count, c->term,
                                      c->coefficient, c->mean, c->sd, c->place, error));
    problem->joints++;
    note_factor(product, problem, c);
out:
    return status;
}

/* What hard constraints do not go with. */
static mxp_status check_hard(const struct mxp_problem *problem, const struct constraint *c,
                             mxp_error *error)
{
    for (size_t j = 0; j < problem->k; j++) {
        const struct parameter *p = &problem->parameter[j];
        const char *why = p->prior.row->kink_weight || problem_group(problem, j) ? "has a kink"
                          : p->prior.bounded                                     ? "has bounds"
                                                                                 : NULL;
        if (why)
            return FAIL_AT(error, c->place, MXP_CONFIG,
                           "a hard constraint needs smooth priors without bounds, but that of "
                           "\"%s\" %s; a soft one, ~ gaussian(0, sd), goes with any",
                           p->name, why);
    }
    return MXP_OK;
}

/* The constraint in coefficients, which the problem keeps, and in solver coordinates. */
static mxp_status read_constraint(struct constraint *solver, struct mxp_problem *problem,
                                  const struct model_constraint *written, const char **names,
                                  mxp_error *error)
{
    const bool alias = problem->q == 1 && problem->first_column == 1;
    struct constraint *read = NULL;
    mxp_status status;

    for (size_t j = 0; j < problem->k; j++)
        names[j] = problem->parameter[j].name;
    names[problem->k] = "intercept";
    TRY(status = constraint_parse(&read, written->text, names, problem->k + (alias ? 1 : 0),
                                  written->place, error));
    for (size_t i = 0; i < read->count; i++) /* the last name is another one for the first */
        read->term[i] = read->term[i] < problem->k ? read->term[i] : 0;
    TRY(status = take_row(solver, problem, read, error));
    solver->text = written->text; /* borrowed */
    problem->constraint[problem->constraints++] = read;
    read = NULL;
out:
    constraint_free(read);
    return status;
}

static mxp_status add_constraints(struct mxp_problem *problem, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    const size_t count = model->constraint_count;
    struct constraint *solver = NULL;
    const struct constraint **hard = NULL;
    const char **names = NULL;
    struct product product = {.gaussian = true};
    size_t hards = 0;
    mxp_status status;

    TRY(status = MEM_NEW(&problem->constraint, count, error));
    TRY(status = MEM_NEW(&solver, count, error));
    TRY(status = MEM_NEW(&hard, count, error));
    TRY(status = MEM_NEW(&names, problem->k + 1, error));
    TRY(status = mem_doubles(&product.C, count, problem->k + 2, error));
    product.offset = product.C + count * problem->k;
    product.variance = product.offset + count;
    for (size_t i = 0; i < count; i++) {
        TRY(status = read_constraint(&solver[i], problem, &model->constraints[i], names, error));
        if (!solver[i].hard) {
            TRY(status = add_soft(problem, &product, &solver[i], error));
            continue;
        }
        TRY(status = check_hard(problem, &solver[i], error));
        hard[hards++] = &solver[i];
    }
    TRY(status = renormalise(problem, &product, error));
    if (hards > 0) {
        problem->not_normalised = "hard constraints restrict the priors to a subspace";
        TRY(status = equality_new(&problem->equality, hard, hards, NULL, problem->d, error));
    }
out:
    for (size_t i = 0; solver && i < count; i++) {
        free(solver[i].term);
        free(solver[i].coefficient);
    }
    free(product.C);
    free(names);
    free(hard);
    free(solver);
    return status;
}

mxp_status problem_join(struct mxp_problem *problem, mxp_error *error)
{
    const struct mxp_model *model = problem->model;
    mxp_status status;

    if (model->group_count + model->constraint_count == 0)
        return MXP_OK;
    const size_t most = model->group_count * (problem->q + 1) + model->constraint_count;
    TRY(status = MEM_NEW(&problem->joint, most, error));
    TRY(status = MEM_NEW(&problem->joint_name, most, error));
    for (size_t i = 0; i < model->group_count; i++)
        TRY(status = add_groups(problem, &model->groups[i], error));
    if (model->constraint_count > 0)
        TRY(status = add_constraints(problem, error));
out:
    return status;
}

void problem_put_prior(struct str *out, const struct mxp_problem *problem, size_t j)
{
    const struct parameter *p = &problem->parameter[j];

    if (p->group == PROBLEM_ALONE) {
        prior_format(out, &p->prior);
    } else {
        joint_format(out, problem->joint[p->group]);
        str_format(out, " on %s", problem->joint_name[p->group]);
    }
    if (p->scaled)
        str_add(out, " x noise_sd");
}

/* ---- what the fit asks ---- */

void problem_joint_diagonal(double *diagonal, const struct mxp_problem *problem,
                            const double *theta)
{
    for (size_t i = 0; i < problem->joints; i++)
        if (!joint_kinked(problem->joint[i]))
            joint_add_diagonal(diagonal, problem->joint[i], theta);
}

mxp_status problem_joint_curvature(double *H, size_t ld, const struct mxp_problem *problem,
                                   const double *theta, const size_t *set, size_t count,
                                   bool with_kinks, mxp_error *error)
{
    size_t *place = NULL;
    mxp_status status = MXP_OK;

    if (problem->joints == 0)
        return MXP_OK;
    TRY(status = MEM_NEW(&place, problem->d, error));
    for (size_t j = 0; j < problem->d; j++)
        place[j] = SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        place[set[i]] = i;
    for (size_t i = 0; i < problem->joints; i++)
        if (with_kinks || !joint_kinked(problem->joint[i]))
            joint_add_curvature(H, ld, problem->joint[i], theta, place);
out:
    free(place);
    return status;
}

/* d'Q d, from second differences, against what it would be if Q were diagonal. */
static bool joint_resists(const struct joint *joint, const double *plus, const double *minus,
                          const double *zero, double *diagonal, size_t d)
{
    double independent = 0.0;

    if (joint_kinked(joint)) {
        for (size_t i = 0; i < joint->k; i++)
            if (plus[joint->index[i]] != 0.0)
                return true;
        return false;
    }
    memset(diagonal, 0, d * sizeof *diagonal);
    joint_add_diagonal(diagonal, joint, zero);
    for (size_t j = 0; j < d; j++)
        independent += diagonal[j] * plus[j] * plus[j];
    const double square =
        joint_value(joint, plus) + joint_value(joint, minus) - 2.0 * joint_value(joint, zero);
    return square > 1e-10 * independent;
}

static bool equality_resists(const struct mxp_problem *problem, const double *direction,
                             double *scratch)
{
    const struct equality *e = problem->equality;
    double outside = 0.0, size = 0.0;

    equality_gradient(scratch, e, direction); /* N'd */
    for (size_t j = 0; j < problem->d; j++) {
        double inside = 0.0;
        for (size_t c = 0; c < e->free; c++)
            inside += e->N[j + c * e->d] * scratch[c];
        outside += (direction[j] - inside) * (direction[j] - inside);
        size += direction[j] * direction[j];
    }
    return outside > 1e-16 * size;
}

bool problem_resists(const struct mxp_problem *problem, const double *direction)
{
    const size_t d = problem->d;
    double *plus = NULL, largest = 0.0;
    bool resists = false;

    if (problem->joints == 0 && !problem->equality)
        return false;
    if (mem_doubles(&plus, 4, d, NULL) != MXP_OK)
        return true; /* no claim */
    double *minus = plus + d, *zero = minus + d, *scratch = zero + d;
    for (size_t j = 0; j < d; j++)
        largest = fmax(largest, fabs(direction[j]));
    for (size_t j = 0; j < d && largest > 0.0; j++) {
        plus[j] = direction[j] / largest;
        minus[j] = -plus[j];
    }
    for (size_t i = 0; i < problem->joints && !resists; i++)
        resists = joint_resists(problem->joint[i], plus, minus, zero, scratch, d);
    if (problem->equality && !resists)
        resists = equality_resists(problem, plus, scratch);
    free(plus);
    return resists;
}
