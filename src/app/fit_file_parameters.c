/* The parameters of fit.json: where each enters, and what it came to. */
#include "app/fit_file.h"
#include "app/report_encoding.h"
#include "base/mem.h"
#include "model/prior.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The lists of encoding.parameters, of one length. */
struct lists {
    const char **name, **role, **class_name;
    size_t *column, *eta;
    double *sign;
    size_t count;
};

static void lists_free(struct lists *lists)
{
    free(lists->name);
    free(lists->role);
    free(lists->class_name);
    free(lists->column);
    free(lists->eta);
    free(lists->sign);
}

static mxp_status lists_read(struct lists *lists, const struct document_node *node,
                             const struct fit_file *fit, mxp_error *error)
{
    size_t roles = 0, classes = 0, columns = 0, etas = 0;
    mxp_status status;

    TRY(status = document_texts(&lists->name, &lists->count, node, "name", false, error));
    TRY(status = document_texts(&lists->role, &roles, node, "role", false, error));
    TRY(status = document_texts(&lists->class_name, &classes, node, "class", true, error));
    TRY(status = document_indices(&lists->column, &columns, node, "column", fit->encoding->columns,
                                  true, error));
    TRY(status = document_indices(&lists->eta, &etas, node, "eta", fit->eta_columns, true, error));
    TRY(status = document_numbers(&lists->sign, node, "sign", lists->count, false, error));
    if (roles != lists->count || classes != lists->count || columns != lists->count ||
        etas != lists->count)
        status = document_fail(node, error, "the lists differ in length");
out:
    return status;
}

/* ---- one parameter ---- */

/* "bmi", or "bmi[class]". */
static bool is_named(const struct fit_parameter *p, const char *column)
{
    const size_t length = strlen(column);

    if (!p->class_name)
        return strcmp(p->name, column) == 0;
    const size_t inside = strlen(p->class_name);
    return strlen(p->name) == length + inside + 2 && strncmp(p->name, column, length) == 0 &&
           p->name[length] == '[' && strncmp(p->name + length + 1, p->class_name, inside) == 0 &&
           p->name[length + 1 + inside] == ']';
}

/* The class of an eta column, or NULL: the classes in order, without the reference. */
static const char *class_of(const struct fit_file *fit, size_t eta)
{
    const struct fit_response *const response = &fit->response;

    if (fit->family->response != RESPONSE_CLASS)
        return NULL;
    return response->label[eta >= response->reference ? eta + 1 : eta];
}

/* What is wrong with where a coefficient or an intercept enters; NULL: nothing. */
static const char *coefficient_fault(const struct fit_parameter *p, const struct fit_file *fit)
{
    const bool ordered = fit->family->response == RESPONSE_ORDERED;

    if (fit->coefficients < (size_t)(p - fit->parameter))
        return "stands behind an auxiliary parameter";
    if ((p->role == FIT_INTERCEPT) != (p->column == SIZE_MAX))
        return p->role == FIT_INTERCEPT ? "is an intercept with a column" : "has no column";
    if ((p->eta == FIT_EVERY_ETA) != (ordered && p->role == FIT_COEFFICIENT))
        return "does not enter the eta columns as the family has it";
    const char *const label = p->eta == FIT_EVERY_ETA ? NULL : class_of(fit, p->eta);
    if (label ? !p->class_name || strcmp(label, p->class_name) != 0 : p->class_name != NULL)
        return "has another class than its eta column";
    if (p->role == FIT_COEFFICIENT && !is_named(p, fit->encoding->name[p->column]))
        return "does not have the name of its column";
    return NULL;
}

static const char *auxiliary_fault(struct fit_parameter *p, const struct fit_file *fit)
{
    const struct family *const family = fit->family;
    size_t i = 0;

    while (i < family->auxiliary_count && strcmp(family->auxiliary[i].name, p->name) != 0)
        i++;
    if (i == family->auxiliary_count)
        return "is no auxiliary parameter of the family";
    if (p->column != SIZE_MAX || p->eta != FIT_EVERY_ETA || p->class_name)
        return "is auxiliary and yet enters the linear predictor";
    for (const struct fit_parameter *q = fit->parameter + fit->coefficients; q < p; q++)
        if (q->auxiliary == i)
            return "is there twice";
    p->auxiliary = i;
    return NULL;
}

static mxp_status take_parameter(struct fit_file *fit, const struct lists *lists, size_t j,
                                 const struct document_node *node, mxp_error *error)
{
    struct fit_parameter *const p = &fit->parameter[j];
    const char *fault = NULL;
    size_t role = 0;

    while (report_roles[role] && strcmp(report_roles[role], lists->role[j]) != 0)
        role++;
    if (!report_roles[role])
        return document_fail(node, error, "the role \"%.80s\" is not known to this version",
                             lists->role[j]);
    *p = (struct fit_parameter){.name = lists->name[j],
                                .class_name = lists->class_name[j],
                                .role = (enum fit_role)role,
                                .column = lists->column[j],
                                .eta = lists->eta[j],
                                .sign = lists->sign[j]};
    if (p->role == FIT_AUXILIARY) {
        fault = auxiliary_fault(p, fit);
    } else {
        fault = coefficient_fault(p, fit);
        fit->coefficients++;
    }
    if (!fault && fabs(p->sign) != 1.0)
        fault = "has a sign that is neither 1 nor -1";
    return fault ? document_fail(node, error, "\"%.80s\" %s", p->name, fault) : MXP_OK;
}

/* ---- all of them ---- */

static int compare_places(const void *a, const void *b)
{
    const struct fit_parameter *const p = *(const struct fit_parameter *const *)a;
    const struct fit_parameter *const q = *(const struct fit_parameter *const *)b;

    if (p->column != q->column)
        return p->column < q->column ? -1 : 1;
    return p->eta < q->eta ? -1 : p->eta > q->eta;
}

/* Every column enters every eta column, or all at once, and the intercepts are all there or none. */
static mxp_status check_places(const struct fit_file *fit, const struct document_node *node,
                               mxp_error *error)
{
    const size_t blocks = fit->family->response == RESPONSE_ORDERED ? 1 : fit->eta_columns;
    const struct fit_parameter **sorted = NULL;
    size_t intercepts = 0;
    mxp_status status;

    if (fit->coefficients == 0)
        return document_fail(node, error, "there is no coefficient");
    TRY(status = mem_zeroed(&sorted, fit->coefficients, sizeof *sorted, error));
    for (size_t j = 0; j < fit->coefficients; j++) {
        sorted[j] = &fit->parameter[j];
        intercepts += sorted[j]->role == FIT_INTERCEPT;
    }
    qsort(sorted, fit->coefficients, sizeof *sorted, compare_places);
    for (size_t j = 1; j < fit->coefficients; j++)
        if (compare_places(&sorted[j - 1], &sorted[j]) == 0) {
            status = document_fail(node, error, "\"%.80s\" and \"%.80s\" are the same coefficient",
                                   sorted[j - 1]->name, sorted[j]->name);
            goto out;
        }
    const size_t weights = fit->coefficients - intercepts;
    if ((intercepts && intercepts != fit->eta_columns) || weights % blocks != 0 ||
        weights / blocks != fit->encoding->columns)
        status =
            document_fail(node, error, "%zu coefficients and %zu intercepts do not fit %zu columns",
                          weights, intercepts, fit->encoding->columns);
out:
    free(sorted);
    return status;
}

/* ---- their values ---- */

/* Bounds, from the text of the prior; members that older files do not have may be missing. */
static mxp_status take_bounds(struct fit_parameter *p, const struct document_node *node,
                              mxp_error *error)
{
    const char *text = NULL, *at_bound = NULL;
    struct prior prior = {0};
    mxp_status status = MXP_OK;

    if (document_has(node, "at_bound"))
        TRY(status = document_text(&at_bound, node, "at_bound", true, error));
    if (document_has(node, "prior"))
        TRY(status = document_text(&text, node, "prior", true, error));
    p->at_bound = at_bound != NULL;
    const mxp_status parsed = text ? prior_parse(&prior, text, (struct place){0}, NULL) : MXP_OK;
    if (parsed == MXP_MEMORY)
        return FAIL(error, MXP_MEMORY, "out of memory");
    if (parsed == MXP_OK)
        p->bounded = prior.bounded;
    else /* of a group, in words of its own */
        p->bounded = strstr(text, "lower=") || strstr(text, "upper=");
    p->bounded = p->bounded || p->at_bound;
out:
    return status;
}

static mxp_status take_value(struct fit_parameter *p, const struct fit_file *fit,
                             const struct document_node *node, mxp_error *error)
{
    const char *name = NULL;
    mxp_status status;

    TRY(status = document_text(&name, node, "term", false, error));
    if (strcmp(name, p->name) != 0) {
        status = document_fail(node, error, "is \"%.80s\", and the parameters have \"%.80s\" there",
                               name, p->name);
        goto out;
    }
    TRY(status = document_number(&p->estimate, node, "estimate", false, error));
    TRY(status = document_number(&p->mean, node, "mean", true, error));
    TRY(status = document_number(&p->sd, node, "sd", true, error));
    TRY(status = document_boolean(&p->at_kink, node, "at_kink", error));
    TRY(status = take_bounds(p, node, error));
    if (p->sd < 0.0)
        status = document_fail(node, error, "sd = %g is below 0", p->sd);
    else if (p->role == FIT_AUXILIARY && p->estimate != fit->psi[p->auxiliary])
        status = document_fail(node, error, "estimate is not what model.auxiliary says");
out:
    return status;
}

/* The items of a list in the root, for the parameters from the first on. */
static mxp_status take_values(struct fit_file *fit, const char *key, size_t first, size_t count,
                              mxp_error *error)
{
    struct document_node list = {0}, item = {0};
    mxp_status status;

    TRY(status = document_member(&list, &fit->document->node, key, DOCUMENT_ARRAY, error));
    for (size_t j = 0; j < count; j++) {
        TRY(status = document_item(&item, &list, j, DOCUMENT_OBJECT, error));
        TRY(status = take_value(&fit->parameter[first + j], fit, &item, error));
    }
    if (first == 0 && document_size(&list) != count)
        status = document_fail(&list, error, "has %zu items for %zu coefficients",
                               document_size(&list), count);
out:
    return status;
}

mxp_status fit_file_parameters(struct fit_file *fit, const struct document_node *encoding,
                               mxp_error *error)
{
    struct document_node node = {0};
    struct lists lists = {0};
    mxp_status status;

    TRY(status = document_member(&node, encoding, "parameters", DOCUMENT_OBJECT, error));
    TRY(status = lists_read(&lists, &node, fit, error));
    TRY(status = MEM_NEW(&fit->parameter, lists.count, error));
    fit->count = lists.count;
    for (size_t j = 0; j < lists.count; j++)
        TRY(status = take_parameter(fit, &lists, j, &node, error));
    TRY(status = check_places(fit, &node, error));
    TRY(status = take_values(fit, "terms", 0, fit->coefficients, error));
    status =
        take_values(fit, "auxiliary", fit->coefficients, fit->count - fit->coefficients, error);
out:
    lists_free(&lists);
    return status;
}
