/* The model that would be written, tried on the data. */
#include "app/init.h"
#include "app/spec.h"
#include "maxpost/fit.h"
#include "model/family.h"

#include <string.h>

/* Proper priors give the plain families a mode whatever the data are; the others are looked at. */
static bool is_plain(const char *family)
{
    const struct family *row = family_find(family);
    return row && row->auxiliary_count == 0 && row->eta_columns == 1;
}

/* A problem of the model, and where that is asked for its mode. */
static mxp_status solve(const mxp_model *model, const mxp_table *table, bool fit, mxp_error *error)
{
    mxp_problem_options options;
    mxp_problem *problem = NULL;
    mxp_solution *solution = NULL;

    mxp_problem_options_init(&options);
    options.drop_missing = 1;
    mxp_status status = mxp_problem_new(&problem, model, table, &options, error);
    if (status == MXP_OK && fit)
        status = mxp_fit(&solution, problem, NULL, error);
    if (status == MXP_OK && fit && mxp_solution_info(solution).status != MXP_CONVERGED)
        status = FAIL(error, MXP_NUMERIC, "the fit does not converge");
    mxp_solution_free(solution);
    mxp_problem_free(problem);
    return status;
}

static mxp_status try_text(const struct init_guess *guess, const char *name, bool fit,
                           mxp_error *error)
{
    struct yaml_document *document = NULL;
    mxp_model *model = NULL;
    struct str text = {0};
    mxp_status status;

    init_write_model(&text, guess, name, "data");
    TRY(status = str_check(&text, error));
    TRY(status = yaml_read(&document, "the model", text.text, text.length, error));
    TRY(status = spec_read_model(&model, document->root, error));
    TRY(status = solve(model, guess->table, fit, error));
out:
    mxp_model_free(model);
    yaml_document_free(document);
    str_free(&text);
    return status;
}

/* Gaussian noise: a weak prior will do unless the columns fit the response perfectly. */
static mxp_status try_gaussian(struct init_guess *guess, const char *name, mxp_error *error)
{
    guess->firm = guess->coefficients + 1 >= guess->complete_rows;
    if (!guess->firm) {
        const mxp_status status = try_text(guess, name, true, error);
        if (status == MXP_OK || status == MXP_MEMORY)
            return status;
        guess->firm = true;
    }
    return try_text(guess, name, false, error);
}

mxp_status init_try(struct init_guess *guess, const char *name, mxp_error *error)
{
    mxp_error own = {0};
    mxp_status status = MXP_DATA;

    for (size_t i = 0; i < INIT_FAMILIES && guess->families[i]; i++) {
        const char *family = guess->families[i];
        if (!family_find(family))
            continue;
        guess->family = family;
        status = strcmp(family, "gaussian") == 0 ? try_gaussian(guess, name, &own)
                                                 : try_text(guess, name, !is_plain(family), &own);
        if (status == MXP_OK)
            return MXP_OK;
        if (status == MXP_MEMORY)
            break;
    }
    if (status != MXP_MEMORY && guess->answer == INIT_CLASSES)
        return FAIL(error, MXP_DATA,
                    "%s: column \"%s\" holds texts, and no family of this program explains them",
                    table_source_name(guess->table), mxp_table_name(guess->table, guess->response));
    return FAIL(error, status, "%s", own.message);
}
