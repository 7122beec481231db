/* mxp_run_check: the model as understood, one line a parameter. */
#include "app/path.h"
#include "app/report_groups.h"
#include "app/report_penalty.h"
#include "app/run.h"
#include "app/text_table.h"
#include "model/problem.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 100, LABEL = 14 };

static void put_label(struct str *out, const char *label)
{
    str_format(out, "  %-*s", LABEL, label);
}

static void put_line(struct str *out, const char *label, const char *text)
{
    put_label(out, label);
    str_format(out, "%s\n", text);
}

static void put_family(struct str *out, const struct mxp_model *model)
{
    const struct family *family = model->family;

    put_label(out, "family");
    str_format(out, "%s, link %s", family->name, family->links[model->link]);
    for (size_t i = 0; i < family->auxiliary_count; i++) {
        str_format(out, ", %s ", family->auxiliary[i].name);
        if (isnan(model->auxiliary[i]))
            str_format(out, "estimated (mode on the %s scale)",
                       model->mode_natural ? "natural" : "log");
        else
            str_format(out, "= %.15g", model->auxiliary[i]);
    }
    if (family->response == RESPONSE_CLASS)
        str_format(out, ", coding %s", spec_codings[model->symmetric]);
    if (family->response == RESPONSE_CLASS && !model->symmetric)
        str_format(out, " (%s)", model->reference.name ? model->reference.name : "the first class");
    str_add(out, "\n");
    if (model->trials.name)
        put_line(out, "trials", model->trials.name);
    if (model->failures.name)
        put_line(out, "failures", model->failures.name);
}

/* The classes, the levels and the contrasts that are stated. */
static void put_factors(struct str *out, const mxp_run *run)
{
    const struct mxp_model *const model = run->model;
    const struct design *const design = run->problem ? run->problem->design : NULL;

    if (design && design->label) {
        put_label(out, "classes");
        for (size_t c = 0; c < design->classes; c++)
            str_format(out, "%s%s", c ? ", " : "", design->label[c]);
        str_add(out, "\n");
    }
    for (size_t i = 0; i < model->level_count; i++) {
        put_label(out, "levels");
        str_format(out, "%s: ", model->levels[i].column.name);
        for (size_t l = 0; l < model->levels[i].count; l++)
            str_format(out, "%s%s", l ? ", " : "", model->levels[i].level[l].name);
        str_add(out, "\n");
    }
    for (size_t i = 0; i < model->contrast_count; i++) {
        put_label(out, "contrasts");
        str_format(out, "%s: %s\n", model->contrasts[i].column.name,
                   contrast_names[model->contrasts[i].contrast]);
    }
}

static void put_predictors(struct str *out, const mxp_run *run)
{
    const struct mxp_model *model = run->model;

    if (model->formula)
        put_line(out, "formula", model->formula->text);
    put_label(out, "predictors");
    if (run->problem)
        str_format(out, "%zu column%s", run->problem->design->columns,
                   run->problem->design->columns == 1 ? "" : "s");
    else if (model->formula)
        str_add(out, "those of the formula");
    else if (model->predictor_count == 0)
        str_add(out, "all other columns");
    for (size_t i = 0; !run->problem && i < model->predictor_count; i++)
        str_format(out, "%s%s", i ? ", " : "", model->predictors[i].name);
    str_add(out, model->family->response == RESPONSE_ORDERED ? ", and cutpoints\n"
                 : model->intercept                          ? ", and an intercept\n"
                                                             : ", no intercept\n");
    put_line(out, "priors about",
             model->standardize ? model->intercept ? "columns centred and divided by their sd"
                                                   : "columns divided by their sd"
                                : "columns as they are in the file");
    if (model->scale_by_noise)
        put_line(out, "", "gaussian and laplace scales are multiples of noise_sd");
}

static void put_data(struct str *out, const mxp_run *run, const char *unread)
{
    const struct data_spec *data = &run->spec.data;

    if (run->is_model)
        return;
    put_label(out, "data");
    str_add(out, strcmp(data->file, "-") == 0 ? "standard input" : data->file);
    if (run->problem) {
        const struct design *design = run->problem->design;
        str_format(out, ": %zu rows", design->rows);
        if (design->rows_dropped)
            str_format(out, " (%zu with missing values dropped)", design->rows_dropped);
    } else {
        str_format(out, " (%s; what follows is not checked against its columns)", unread);
    }
    str_add(out, "\n");
    if (data->weights)
        put_line(out, "row weights", data->weights);
    if (data->offset)
        put_line(out, "offset", data->offset);
    put_line(out, "output", run->output_directory);
}

static void put_prior(struct str *out, const struct prior *prior, bool stated, const char *unless)
{
    if (stated)
        prior_format(out, prior);
    else
        str_add(out, unless);
}

/* A penalty's prior where the noise is not known: in terms of noise_sd. */
static void put_open_penalty(struct str *out, double lambda1, double lambda2)
{
    if (lambda1 > 0.0 && lambda2 > 0.0)
        str_format(out, "elastic_net(0, %.6g/noise_sd^2, %.6g/noise_sd^2)", lambda1, lambda2);
    else if (lambda1 > 0.0)
        str_format(out, "laplace(0, noise_sd^2/%.6g)", lambda1);
    else if (lambda2 > 0.0)
        str_format(out, "gaussian(0, noise_sd/%.6g)", sqrt(lambda2));
    else
        str_add(out, "flat");
}

static void put_parameter_prior(struct str *out, const struct mxp_problem *problem, size_t j)
{
    const struct parameter *p = &problem->parameter[j];

    if (problem->plugged_in && j < problem->k && !problem_is_intercept(problem, j))
        put_open_penalty(out, problem->lambda1, problem->lambda2);
    else if (p->group != PROBLEM_ALONE)
        problem_put_prior(out, problem, j);
    else if (j >= problem->k)
        put_prior(out, &p->prior, p->stated, "flat on its log");
    else
        prior_format(out, &p->prior);
    if (p->scaled)
        str_add(out, " times noise_sd");
}

static const char *origin(const struct mxp_problem *problem, size_t j)
{
    if (problem->model->has_penalty && j < problem->k && !problem_is_intercept(problem, j))
        return "from the penalty";
    return problem->parameter[j].stated ? "" : "not stated";
}

/* One line a parameter of the problem. */
static void put_parameters(struct str *out, const struct mxp_problem *problem)
{
    struct text_table table = {
        .columns = 3, .column = {{"parameter", TEXT_LEFT}, {"prior", TEXT_LEFT}, {"", TEXT_LEFT}}};

    for (size_t j = 0; j < problem->d; j++) {
        struct str prior = {0};
        put_parameter_prior(&prior, problem, j);
        out->failed |= prior.failed;
        if (!out->failed) {
            const char *cells[] = {problem->parameter[j].name, prior.text, origin(problem, j)};
            text_table_add(&table, cells, false);
        }
        str_free(&prior);
    }
    text_table_print(out, &table, false);
    text_table_free(&table);
}

static void add_rule(struct text_table *table, struct str *out, const char *name,
                     const struct prior *prior, bool stated, const char *unless)
{
    struct str text = {0};

    put_prior(&text, prior, stated, unless);
    out->failed |= text.failed;
    if (!out->failed) {
        const char *cells[] = {name, text.text, stated ? "" : "not stated"};
        text_table_add(table, cells, false);
    }
    str_free(&text);
}

/* The rules as they are stated, where no columns are known. */
static void put_rules(struct str *out, const struct mxp_model *model)
{
    const struct stated_prior *weights = &model->weights_prior;
    struct text_table table = {
        .columns = 3, .column = {{"parameters", TEXT_LEFT}, {"prior", TEXT_LEFT}, {"", TEXT_LEFT}}};

    if (model->intercept)
        add_rule(&table, out,
                 model->family->response == RESPONSE_ORDERED ? "cutpoints" : "(Intercept)",
                 &model->intercept_prior.prior, model->intercept_prior.stated, "flat");
    for (size_t i = 0; i < model->rule_count; i++)
        add_rule(&table, out, model->rules[i].selector, &model->rules[i].prior, true, "");
    if (!model->has_penalty)
        add_rule(&table, out, model->rule_count ? "other weights" : "weights", &weights->prior,
                 weights->stated, "flat");
    for (size_t i = 0; i < model->family->auxiliary_count; i++)
        if (isnan(model->auxiliary[i]))
            add_rule(&table, out, model->family->auxiliary[i].name,
                     &model->auxiliary_prior[i].prior, model->auxiliary_prior[i].stated,
                     "flat on its log");
    text_table_print(out, &table, false);
    text_table_free(&table);
}

/* phi of the mathematics, or NAN while the noise is not known. */
static double known_phi(const struct mxp_model *model)
{
    if (model->family->phi == PHI_ONE)
        return 1.0;
    return model->family->phi == PHI_NOISE_VARIANCE ? model->auxiliary[0] * model->auxiliary[0]
                                                    : NAN;
}

static struct penalty_facts facts_of(const mxp_run *run)
{
    struct penalty_facts facts = {.family = run->model->family,
                                  .link = run->model->link,
                                  .reference = run->model->family->response == RESPONSE_CLASS &&
                                               !run->model->symmetric,
                                  .weight_sum = NAN,
                                  .response_sd = NAN};

    if (run->problem)
        facts = problem_penalty_facts(run->problem);
    facts.phi = known_phi(run->model);
    return facts;
}

static void put_equivalents(struct str *out, const mxp_run *run)
{
    const struct mxp_model *model = run->model;
    const struct penalty_facts facts = facts_of(run);
    struct prior prior = model->weights_prior.prior;

    if (model->has_penalty) {
        str_add(out, "\nDeclared penalty: ");
        penalty_format(out, &model->penalty, model->family);
        str_add(out, "\n");
    }
    if (model->has_penalty || !model->weights_prior.stated || prior.selected ||
        (prior.row->flags & PRIOR_IMPROPER))
        return;
    str_add(out, model->standardize
                     ? "\nThe prior on the weights as a penalty, columns standardised"
                     : "\nThe prior on the weights as a penalty");
    if (model->family->phi == PHI_NONE) {
        str_add(out,
                ": does not fit this family; no tool here has its log-likelihood as a loss.\n");
        return;
    }
    if (isnan(facts.phi)) {
        str_add(out, ": depends on noise_sd; maxpost fit reports it.\n");
        return;
    }
    if (model->scale_by_noise && prior.row->scale >= 0)
        prior.a[prior.row->scale] *= sqrt(facts.phi);
    str_add(out, "\n");
    report_penalty_text(out, &prior, &facts, false, WIDTH);
}

static void put_points(struct str *out, const struct path_spec *path)
{
    put_label(out, "points");
    if (path->lambdas)
        str_format(out, "%zu, lambda from %.6g to %.6g\n", path->lambda_count, path->lambdas[0],
                   path->lambdas[path->lambda_count - 1]);
    else if (isnan(path->ratio))
        str_format(out,
                   "%d; the last penalty 1e-4 of the first, 1e-2 with more coefficients than "
                   "rows\n",
                   (int)path->points);
    else
        str_format(out, "%d; the last penalty %.6g of the first\n", (int)path->points, path->ratio);
}

static void put_folds(struct str *out, const mxp_run *run)
{
    const size_t folds = path_folds(run);

    put_label(out, "folds");
    if (folds < 2) {
        str_add(out, "none, so that no point is chosen\n");
        return;
    }
    str_format(out, "%zu, rule %s", folds, spec_rules[run->spec.path.rule]);
    if (run->spec.data.groups)
        str_format(out, "; rows of the same %s together", run->spec.data.groups);
    str_add(out, run->spec.path.held_out ? "; held_out.csv is written\n" : "\n");
}

/* The path that `maxpost path` would follow, where the run speaks of one. */
static mxp_status put_path(struct str *out, mxp_run *run, mxp_error *error)
{
    const struct path_spec *const path = &run->spec.path;
    const char *penalty = path->penalty_place.source ? spec_penalties[path->penalty] : NULL;
    size_t moving = 0;

    if (run->is_model || (!path->stated && !path_selects(run)))
        return MXP_OK;
    if (run->problem) {
        const mxp_status status = path_try(&moving, &penalty, run, error);
        if (status != MXP_OK)
            return status;
    }
    str_add(out, "\nThe path:\n");
    put_label(out, "penalty");
    str_add(out, penalty ? penalty : "as the priors say");
    if (!isnan(path->mix))
        str_format(out, ", mix %.6g", path->mix);
    if (run->problem)
        str_format(out, "; %zu coefficient%s move%s", moving, moving == 1 ? "" : "s",
                   moving == 1 ? "s" : "");
    str_add(out, "\n");
    put_points(out, path);
    put_folds(out, run);
    return MXP_OK;
}

/* Reads the data where there is a file to read; the reason in words where not. */
static mxp_status read_data(const char **unread, mxp_run *run, mxp_error *error)
{
    *unread = NULL;
    if (run->is_model)
        return MXP_OK;
    if (strcmp(run->spec.data.file, "-") == 0) {
        *unread = "not read by check";
        return MXP_OK;
    }
    const mxp_status status = run_problem(run, error);
    if (status != MXP_NO_INPUT)
        return status;
    *unread = "cannot be opened";
    return MXP_OK;
}

mxp_status mxp_run_check(char **text, mxp_run *run, mxp_error *error)
{
    struct str out = {0};
    const char *unread;

    mxp_status status = read_data(&unread, run, error);
    if (status != MXP_OK)
        return status;
    str_format(&out, "%s is a valid %s.\n\n", run->path, run->is_model ? "model" : "run");
    put_line(&out, "model", run->model->name);
    put_line(&out, "response", run->model->response.name);
    put_family(&out, run->model);
    put_predictors(&out, run);
    put_factors(&out, run);
    put_data(&out, run, unread);
    str_add(&out, "\n");
    if (run->problem)
        put_parameters(&out, run->problem);
    else
        put_rules(&out, run->model);
    report_groups_check(&out, run);
    put_equivalents(&out, run);
    status = put_path(&out, run, error);
    if (status == MXP_OK)
        status = str_check(&out, error);
    if (status != MXP_OK) {
        str_free(&out);
        return status;
    }
    *text = out.text;
    return MXP_OK;
}
