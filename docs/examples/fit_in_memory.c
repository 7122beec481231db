/* Builds a table in memory, fits it, and prints the posterior.
 *
 *     cc fit_in_memory.c $(pkg-config --cflags --libs maxpost) -o fit_in_memory && ./fit_in_memory
 */
#include <maxpost/maxpost.h>

#include <stdio.h>

enum { ROWS = 10 };

/* Stopping distance (feet) of cars at a speed (miles an hour): Ezekiel (1930), ten of fifty rows. */
static const double speed[ROWS] = {4, 7, 8, 10, 12, 13, 15, 18, 20, 24};
static const double distance[ROWS] = {2, 22, 16, 26, 28, 34, 54, 56, 48, 92};

static void print_posterior(const mxp_solution *solution, const mxp_posterior *posterior)
{
    const mxp_fit_info fit = mxp_solution_info(solution);

    printf("%s by %s: KKT residual %.1e posterior sds\n", fit.status_text, fit.method, fit.kkt);
    printf("log-likelihood %.4f, log-prior %.4f\n", fit.log_likelihood, fit.log_prior);
    printf("%-12s %9s %9s %9s %9s  %s\n", "term", "mode", "sd", "lower", "upper", "prior");
    for (size_t i = 0; i < mxp_posterior_terms(posterior); i++) {
        const mxp_term term = mxp_posterior_term(posterior, i);
        printf("%-12s %9.4f %9.4f %9.4f %9.4f  %s\n", term.name, term.estimate, term.sd, term.lower,
               term.upper, term.prior);
    }
}

int main(void)
{
    mxp_error error = {0};
    mxp_table *table = NULL;
    mxp_model *model = NULL;
    mxp_problem *problem = NULL;
    mxp_solution *solution = NULL;
    mxp_posterior *posterior = NULL;

    /* A status that is not MXP_OK ends the chain; error says why. */
    const int failed = mxp_table_new(&table, ROWS, &error) ||
                       mxp_table_add(table, "speed", speed, &error) ||
                       mxp_table_add(table, "distance", distance, &error) ||
                       mxp_model_new(&model, "distance", &error) ||
                       mxp_model_set_prior(model, "speed", "gaussian(0, 5)", &error) ||
                       mxp_model_set_prior(model, "noise_sd", "half_normal(20)", &error) ||
                       mxp_problem_new(&problem, model, table, NULL, &error) ||
                       mxp_fit(&solution, problem, NULL, &error) ||
                       mxp_posterior_new(&posterior, problem, solution, NULL, &error);
    if (failed)
        fprintf(stderr, "%s\n", error.message);
    else
        print_posterior(solution, posterior);

    mxp_posterior_free(posterior);
    mxp_solution_free(solution);
    mxp_problem_free(problem);
    mxp_model_free(model);
    mxp_table_free(table);
    return failed ? (int)error.status : 0;
}
