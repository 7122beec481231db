#include "app/spec_tree.h"

#include <math.h>
#include <string.h>

enum { NAMES_LIMIT = 64 };

static mxp_status unknown_prior(const struct yaml_node *node, mxp_error *error)
{
    const char *known[NAMES_LIMIT];
    size_t count = 0;

    for (size_t i = 0; prior_table[i] && count + 1 < NAMES_LIMIT; i++) {
        known[count++] = prior_table[i]->name;
        if (prior_table[i]->alias)
            known[count++] = prior_table[i]->alias;
    }
    return spec_unknown(node->key_place, "prior", node->key, known, count, error);
}

/* What the long form has said so far. */
struct reading {
    struct prior prior;
    bool given[PRIOR_ARGUMENTS];
    double bounds[PRIOR_BOUNDS];
    struct place place; /* of the last number */
};

/* One argument of the long form, "scale: 0.5" or "lower: 0". */
static mxp_status read_argument(struct reading *reading, const struct yaml_node *node,
                                mxp_error *error)
{
    const struct prior_row *row = reading->prior.row;
    const char *known[PRIOR_ARGUMENTS + PRIOR_BOUNDS] = {0};
    size_t count = 0;
    mxp_status status = MXP_OK;

    reading->place = node->place;
    for (size_t i = 0; i < row->argument_count; i++) {
        double *value = &reading->prior.a[i];
        known[count++] = row->arguments[i].name;
        if (strcmp(known[i], node->key) != 0)
            continue;
        reading->given[i] = true;
        if (node->kind == YAML_SCALAR && prior_asks_selection(node->text))
            return prior_select(&reading->prior, i, node->text, node->place, error);
        TRY(status = yaml_number(value, node, error));
        TRY(status = prior_check_argument(row, i, *value, node->place, error));
        return MXP_OK;
    }
    for (size_t i = 0; i < PRIOR_BOUNDS; i++) {
        if (prior_takes_bounds(row))
            known[count++] = prior_bound_names[i];
        if (strcmp(prior_bound_names[i], node->key) != 0)
            continue;
        if (!prior_takes_bounds(row))
            return prior_refuse_bounds(row, node->key_place, error);
        TRY(status = yaml_number(&reading->bounds[i], node, error));
        TRY(status = prior_check_bound(row, i, reading->bounds[i], node->place, error));
        return MXP_OK;
    }
    return spec_unknown(node->key_place, "argument", node->key, known, count, error);
out:
    return status;
}

/* Arguments that were left out get their fallback. */
static mxp_status complete(struct prior *prior, const bool *given, struct place place,
                           mxp_error *error)
{
    struct str signature = {0};

    for (size_t i = 0; i < prior->row->argument_count; i++) {
        const struct prior_argument *argument = &prior->row->arguments[i];
        if (given[i])
            continue;
        prior->a[i] = argument->fallback;
        if (!isnan(argument->fallback))
            continue;
        prior_signature(&signature, prior->row);
        const mxp_status status =
            FAIL_AT(error, place, MXP_CONFIG, "%s: %s is missing; its arguments are %s",
                    prior->row->name, argument->name, signature.text ? signature.text : "");
        str_free(&signature);
        return status;
    }
    return MXP_OK;
}

static mxp_status read_long(struct prior *prior, const struct yaml_node *mapping, mxp_error *error)
{
    struct reading fresh = {.bounds = {-INFINITY, INFINITY}};

    if (mapping->count != 1)
        return FAIL_AT(error, mapping->place, MXP_CONFIG,
                       "a prior is one name with its arguments, as in {laplace: {scale: 0.5}}");
    const struct yaml_node *node = mapping->child[0];
    fresh.prior.row = prior_find(node->key);
    fresh.place = node->place;
    if (!fresh.prior.row)
        return unknown_prior(node, error);
    mxp_status status = spec_expect(node, YAML_MAPPING, node->key,
                                    "a mapping of arguments, as in {scale: 0.5}", error);
    for (size_t i = 0; status == MXP_OK && i < node->count; i++)
        status = read_argument(&fresh, node->child[i], error);
    if (status == MXP_OK)
        status = complete(&fresh.prior, fresh.given, node->key_place, error);
    if (status == MXP_OK)
        status = prior_check_selected(&fresh.prior, node->key_place, error);
    if (status == MXP_OK)
        status = prior_bound(&fresh.prior, fresh.bounds[PRIOR_LOWER], fresh.bounds[PRIOR_UPPER],
                             fresh.place, error);
    if (status == MXP_OK)
        *prior = fresh.prior;
    return status;
}

mxp_status spec_read_prior(struct prior *prior, const struct yaml_node *node, mxp_error *error)
{
    if (node->kind == YAML_MAPPING)
        return read_long(prior, node, error);
    if (node->kind == YAML_SEQUENCE)
        return FAIL_AT(error, node->place, MXP_CONFIG,
                       "expected a prior such as laplace(0, 0.5), found a list");
    return prior_parse(prior, node->text, yaml_place_in(node, 0), error);
}
