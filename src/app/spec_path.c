/* The section path: of a run. */
#include "app/spec_parts.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

static mxp_status read_lambda(struct path_spec *path, const struct yaml_node *node,
                              mxp_error *error)
{
    const size_t i = path->lambda_count;
    double value;

    mxp_status status =
        spec_expect(node, YAML_SCALAR, "path.lambdas", "a list of falling numbers", error);
    if (status == MXP_OK)
        status = yaml_number(&value, node, error);
    if (status != MXP_OK)
        return status;
    if (!(value > 0.0) || isinf(value))
        return FAIL_AT(error, node->place, MXP_CONFIG, "path.lambdas: %s is not a number above 0",
                       node->text);
    if (i > 0 && value >= path->lambdas[i - 1])
        return FAIL_AT(error, node->place, MXP_CONFIG,
                       "path.lambdas: %s after %.15g: penalties have to fall", node->text,
                       path->lambdas[i - 1]);
    path->lambdas[path->lambda_count++] = value;
    return MXP_OK;
}

static mxp_status read_lambdas(struct path_spec *path, const struct yaml_node *node,
                               mxp_error *error)
{
    mxp_status status;

    TRY(status = spec_expect(node, YAML_SEQUENCE, "path.lambdas",
                             "a list of falling numbers, as in [10, 1, 0.1]", error));
    path->lambdas_place = node->place;
    if (node->count == 0) {
        status = FAIL_AT(error, node->place, MXP_CONFIG, "path.lambdas is empty");
        goto out;
    }
    TRY(status = mem_doubles(&path->lambdas, node->count, 1, error));
    for (size_t i = 0; i < node->count; i++)
        TRY(status = read_lambda(path, node->child[i], error));
out:
    return status;
}

/* Keys that exclude each other. */
static mxp_status check_together(const struct path_spec *path, mxp_error *error)
{
    const bool mixed = path->mix_place.source, given = path->penalty_place.source;
    const char *const penalty = spec_penalties[path->penalty];

    if (given && mixed && strcmp(penalty, "elastic_net") != 0 &&
        !(strcmp(penalty, "l1") == 0 && path->mix == 1.0))
        return FAIL_AT(error, path->mix_place, MXP_CONFIG,
                       "path.mix does not go with path.penalty %s: take elastic_net", penalty);
    if (path->lambdas && path->points_place.source)
        return FAIL_AT(error, path->points_place, MXP_CONFIG,
                       "path.points and path.lambdas say both which points there are; leave one "
                       "of them out");
    if (path->lambdas && path->ratio_place.source)
        return FAIL_AT(error, path->ratio_place, MXP_CONFIG,
                       "path.ratio and path.lambdas say both how far the path goes; leave one of "
                       "them out");
    return MXP_OK;
}

mxp_status spec_read_path(struct path_spec *path, const struct yaml_node *root, mxp_error *error)
{
    const struct yaml_node *const section = spec_find(root, "path");
    const struct yaml_node *const lambdas = spec_find(root, "path.lambdas");
    mxp_status status = MXP_OK;

    if (!path->mix_place.source)
        path->mix = NAN;
    if (!path->ratio_place.source)
        path->ratio = NAN;
    if (!section)
        return MXP_OK;
    path->stated = true;
    path->place = section->key_place;
    if (lambdas)
        TRY(status = read_lambdas(path, lambdas, error));
    TRY(status = check_together(path, error));
out:
    return status;
}
