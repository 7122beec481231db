#include "select/engine.h"

#include <math.h>

const struct engine *engine_choose(const struct mxp_problem *problem, const struct setup *setup)
{
    const struct engine *const table[] = {&engine_sweep, &engine_generic};
    const size_t rows = sizeof table / sizeof *table;

    for (size_t i = 0; i + 1 < rows; i++)
        if (table[i]->fits(problem, setup))
            return table[i];
    return table[rows - 1];
}

static bool fits(const struct mxp_problem *problem, const struct setup *setup)
{
    return problem->q == 1 && problem->family->conjugate && !setup->fixed_kinks;
}

/* The sweep measures residuals of gaussian models in sds at the noise that its own residuals show;
 * where the noise is fixed below that, they have to be so much smaller. */
static double tolerance_at(const struct mxp_problem *problem, const struct setup *setup,
                           double tolerance)
{
    const double spread = problem->design->y_offset_rms;

    return problem->quadratic && !setup->estimated && setup->noise < spread
               ? tolerance * setup->noise / spread
               : tolerance;
}

static mxp_status start(void **self, const struct mxp_problem *problem, const struct setup *setup,
                        const struct engine_options *options, mxp_error *error)
{
    const struct sweep_penalty penalty = {
        .l1 = setup->l1, .l2 = setup->l2, .centre = setup->centre, .fixed = setup->fixed};
    const struct sweep_options sweep_options = {
        .tolerance = tolerance_at(problem, setup, options->tolerance),
        .threads = options->threads,
        .max_iterations = options->max_iterations,
        .gram = options->gram};
    struct sweep *sweep = NULL;
    const mxp_status status = sweep_new(&sweep, problem, &penalty, &sweep_options, error);

    *self = sweep;
    return status;
}

static double largest(const void *self)
{
    return sweep_largest(self);
}

static mxp_status solve(struct sweep_point *points, size_t *done, void *self, const double *lambdas,
                        size_t count, const volatile int *stop, mxp_error *error)
{
    return sweep_solve(points, done, self, lambdas, count, stop, error);
}

static void finish(void *self)
{
    sweep_free(self);
}

const struct engine engine_sweep = {.name = "sweep",
                                    .fits = fits,
                                    .start = start,
                                    .largest = largest,
                                    .solve = solve,
                                    .free = finish};
