#include "app/fit_file.h"

#include "app/report_encoding.h"
#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char *const at_kinks_names[] = {"none", "kink", "active", NULL};
static const char *const scale_names[] = {"none", "natural", "log", NULL};
static const char *const missing_names[] = {"error", "drop", NULL};

void fit_file_free(struct fit_file *fit)
{
    if (!fit)
        return;
    encoding_free(fit->encoding);
    free(fit->parameter);
    free(fit->covariance);
    free(fit->shift);
    free(fit->scale);
    free(fit->response.label);
    free(fit->na);
    document_free(fit->document);
    free(fit);
}

/* ---- the document ---- */

static mxp_status check_version(const struct document_node *root, mxp_error *error)
{
    double version = NAN;
    mxp_status status;

    if (!document_has(root, "maxpost"))
        return document_fail(root, error,
                             "is no saved fit: there is no \"maxpost\", the version of the format");
    TRY(status = document_number(&version, root, "maxpost", false, error));
    if (version > REPORT_FORMAT)
        status = document_fail(root, error,
                               "is written in version %.10g of the format, and maxpost " MXP_VERSION
                               " reads version %d: a newer maxpost reads it",
                               version, REPORT_FORMAT);
    else if (version != REPORT_FORMAT)
        status = document_fail(root, error, "maxpost = %.10g is no version of the format", version);
out:
    return status;
}

/* ---- model ---- */

static mxp_status take_family(struct fit_file *fit, const struct document_node *model,
                              mxp_error *error)
{
    const char *family = NULL, *link = NULL;
    mxp_status status;

    TRY(status = document_text(&family, model, "family", false, error));
    TRY(status = document_text(&link, model, "link", false, error));
    fit->family = family_find(family);
    if (!fit->family) {
        status = document_fail(model, error, "this version has no family \"%.80s\"", family);
        goto out;
    }
    const int index = family_link(fit->family, link);
    if (index < 0)
        status = document_fail(model, error, "family %s has no link \"%.80s\"", family, link);
    else
        fit->link = (size_t)index;
out:
    return status;
}

static mxp_status take_model(struct fit_file *fit, mxp_error *error)
{
    struct document_node model = {0}, auxiliary = {0};
    mxp_status status;

    TRY(status = document_member(&model, &fit->document->node, "model", DOCUMENT_OBJECT, error));
    TRY(status = document_text(&fit->model, &model, "name", false, error));
    TRY(status = take_family(fit, &model, error));
    TRY(status = document_member(&auxiliary, &model, "auxiliary", DOCUMENT_OBJECT, error));
    for (size_t i = 0; i < fit->family->auxiliary_count; i++) {
        const char *const name = fit->family->auxiliary[i].name;
        TRY(status = document_number(&fit->psi[i], &auxiliary, name, false, error));
        if (!(fit->psi[i] > 0.0)) {
            status = document_fail(&auxiliary, error, "%s = %g is not above 0", name, fit->psi[i]);
            goto out;
        }
    }
out:
    return status;
}

/* ---- encoding ---- */

static mxp_status take_classes(struct fit_response *response, const struct document_node *node,
                               mxp_error *error)
{
    const char *reference = NULL;
    struct column_text known = {0};
    mxp_status status;

    response->reference = SIZE_MAX;
    TRY(status =
            document_texts(&response->label, &response->classes, node, "classes", false, error));
    TRY(status = document_text(&reference, node, "reference", true, error));
    for (size_t i = 0; i < response->classes; i++) {
        const char *const label = response->label[i];
        TRY(status = column_text_add(&known, i, label, strlen(label), error));
        if (known.count <= i) {
            status = document_fail(node, error, "the class \"%.80s\" is there twice", label);
            goto out;
        }
        if (reference && strcmp(label, reference) == 0)
            response->reference = i;
    }
    if (reference && response->reference == SIZE_MAX)
        status =
            document_fail(node, error, "reference \"%.80s\" is none of the classes", reference);
    else if (response->kind == FIT_CLASS ? response->classes < 2 : response->classes > 0)
        status = document_fail(node, error, "has %zu classes", response->classes);
out:
    column_text_free(&known);
    return status;
}

static mxp_status take_response(struct fit_file *fit, const struct document_node *encoding,
                                mxp_error *error)
{
    struct fit_response *const response = &fit->response;
    struct document_node node = {0};
    size_t kind = 0;
    mxp_status status;

    TRY(status = document_member(&node, encoding, "response", DOCUMENT_OBJECT, error));
    TRY(status = document_text(&response->column, &node, "column", false, error));
    TRY(status = document_choice(&kind, &node, "kind", report_responses, error));
    response->kind = (enum fit_response_kind)kind;
    TRY(status = document_text(&response->trials, &node, "trials", true, error));
    TRY(status = document_text(&response->failures, &node, "failures", true, error));
    if (!!response->trials + !!response->failures != (response->kind == FIT_TRIALS)) {
        status =
            document_fail(&node, error, "trials or failures, one of them, belong to kind trials");
        goto out;
    }
    TRY(status = take_classes(response, &node, error));
    if ((fit->family->response >= RESPONSE_CLASS) != (response->kind == FIT_CLASS) ||
        (response->kind == FIT_TRIALS && fit->family->response != RESPONSE_TRIALS))
        status = document_fail(&node, error, "kind %s does not fit the family %s",
                               report_responses[kind], fit->family->name);
out:
    return status;
}

/* As many as the classes need, one otherwise. */
static mxp_status take_eta_columns(struct fit_file *fit, const struct document_node *encoding,
                                   mxp_error *error)
{
    const struct fit_response *const response = &fit->response;
    const bool less = fit->family->response == RESPONSE_ORDERED || response->reference != SIZE_MAX;
    const size_t wanted = response->kind == FIT_CLASS ? response->classes - (less ? 1 : 0) : 1;
    mxp_status status;

    TRY(status = document_count(&fit->eta_columns, encoding, "eta_columns", SIZE_MAX, error));
    if (fit->eta_columns != wanted)
        status = document_fail(encoding, error, "eta_columns = %zu, and the response needs %zu",
                               fit->eta_columns, wanted);
out:
    return status;
}

static mxp_status take_encoding(struct fit_file *fit, mxp_error *error)
{
    struct document_node node = {0};
    size_t missing = 0;
    mxp_status status;

    TRY(status = document_member(&node, &fit->document->node, "encoding", DOCUMENT_OBJECT, error));
    TRY(status = take_response(fit, &node, error));
    TRY(status = document_text(&fit->weights, &node, "weights", true, error));
    TRY(status = document_text(&fit->offset, &node, "offset", true, error));
    TRY(status = document_choice(&missing, &node, "missing", missing_names, error));
    fit->drop_missing = missing == 1;
    TRY(status = document_texts(&fit->na, &fit->na_count, &node, "na", false, error));
    if (document_has(&node, "sparse")) {
        status =
            FAIL(error, MXP_UNAVAILABLE,
                 "%s: predictions from fits to sparse files are not built in; its estimates are "
                 "in terms.csv",
                 fit->path);
        goto out;
    }
    TRY(status = fit_file_recipe(&fit->encoding, &node, error));
    TRY(status = take_eta_columns(fit, &node, error));
    status = fit_file_parameters(fit, &node, error);
out:
    return status;
}

static mxp_status take_scaling(struct fit_file *fit, mxp_error *error)
{
    const size_t columns = fit->encoding->columns;
    struct document_node node = {0};
    mxp_status status;

    TRY(status = document_member(&node, &fit->document->node, "scaling", DOCUMENT_OBJECT, error));
    TRY(status = document_boolean(&fit->standardized, &node, "standardize", error));
    TRY(status = document_numbers(&fit->shift, &node, "shift", columns, false, error));
    TRY(status = document_numbers(&fit->scale, &node, "scale", columns, false, error));
    for (size_t c = 0; c < columns; c++)
        if (!(fit->scale[c] > 0.0)) {
            status =
                document_fail(&node, error, "scale[%zu] = %g is not above 0", c, fit->scale[c]);
            goto out;
        }
out:
    return status;
}

/* ---- posterior ---- */

static mxp_status take_posterior(struct fit_file *fit, mxp_error *error)
{
    struct document_node node = {0};
    const char *covariance = NULL;
    size_t at_kinks = 0, scale = 0;
    mxp_status status;

    TRY(status = document_member(&node, &fit->document->node, "laplace",
                                 DOCUMENT_OBJECT | DOCUMENT_NULL, error));
    fit->has_posterior = !document_is_null(&node);
    if (!fit->has_posterior)
        goto out;
    TRY(status = document_choice(&at_kinks, &node, "at_kinks", at_kinks_names, error));
    fit->at_kinks = (enum fit_at_kinks)at_kinks;
    TRY(status = document_choice(&scale, &node, "scale", scale_names, error));
    fit->log_scale = scale == 2;
    TRY(status = document_number(&fit->level, &node, "level", false, error));
    TRY(status = document_text(&fit->verdict, &node, "verdict", true, error));
    TRY(status = document_text(&covariance, &node, "covariance", true, error));
    if (!(fit->level > 0.0 && fit->level < 1.0))
        status = document_fail(&node, error, "level = %g is not between 0 and 1", fit->level);
    else if ((scale == 0) != (fit->count == fit->coefficients))
        status = document_fail(&node, error, "scale %s does not fit %zu auxiliary parameters",
                               scale_names[scale], fit->count - fit->coefficients);
    else if (covariance)
        status = fit_file_covariance(fit, covariance, error);
out:
    return status;
}

static mxp_status take_rest(struct fit_file *fit, mxp_error *error)
{
    struct document_node node = {0};
    size_t seed = 0;
    mxp_status status;

    TRY(status =
            document_member(&node, &fit->document->node, "convergence", DOCUMENT_OBJECT, error));
    TRY(status = document_text(&fit->convergence, &node, "status", false, error));
    TRY(status = document_member(&node, &fit->document->node, "reproduce", DOCUMENT_OBJECT, error));
    TRY(status = document_count(&seed, &node, "seed", SIZE_MAX, error));
    fit->seed = seed;
out:
    return status;
}

mxp_status fit_file_read(struct fit_file **fit, const char *path, mxp_error *error)
{
    struct fit_file *f = NULL;
    mxp_status status;

    TRY(status = MEM_NEW(&f, 1, error));
    TRY(status = document_read(&f->document, path, error));
    f->path = f->document->file;
    TRY(status = check_version(&f->document->node, error));
    TRY(status = take_model(f, error));
    TRY(status = take_encoding(f, error));
    TRY(status = take_scaling(f, error));
    TRY(status = take_rest(f, error));
    TRY(status = take_posterior(f, error));
    *fit = f;
    f = NULL;
out:
    fit_file_free(f);
    return status;
}
