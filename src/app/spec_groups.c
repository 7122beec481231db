/* What a model file says of several terms at once: prior.groups and constraints. */
#include "app/run.h"
#include "app/spec_parts.h"
#include "base/mem.h"
#include "data/matrix.h"
#include "model/arguments.h"
#include "model/constraint.h"

#include <assert.h>
#include <string.h>

enum { NAMES_LIMIT = 32 };

static const char *const group_keys[] = {"name", "terms", "prior", "covariance", "precision"};
enum { GROUP_KEYS = sizeof group_keys / sizeof *group_keys };

static const char *const example = "a mapping such as {name: sera, terms: [\"s*\"], prior: "
                                   "\"group_laplace(0.5)\"}";

/* A group as it is read. */
struct reading {
    struct joint_spec spec;
    const struct yaml_node *matrix; /* the file of a covariance or a precision, or NULL */
};

/* ---- its prior ---- */

/* Notes the file of a matrix: a prior has one. */
static mxp_status take_file(struct reading *reading, const struct yaml_node *node, mxp_error *error)
{
    const char *path;

    if (reading->matrix)
        return FAIL_AT(error, node->key_place, MXP_CONFIG,
                       "%s beside %s: a gaussian prior has one matrix", node->key,
                       reading->matrix->key);
    reading->matrix = node;
    return spec_name(&path, node, node->key, error);
}

static bool is_matrix(const struct yaml_node *node)
{
    return strcmp(node->key, "covariance") == 0 || strcmp(node->key, "precision") == 0;
}

static mxp_status unknown_prior(const struct yaml_node *node, mxp_error *error)
{
    const char *known[NAMES_LIMIT];
    size_t count = 0;

    for (size_t i = 0; joint_table[i] && count < NAMES_LIMIT; i++)
        if (!(joint_table[i]->flags & JOINT_FACTOR))
            known[count++] = joint_table[i]->name;
    return spec_unknown(node->key_place, "prior on several terms", node->key, known, count, error);
}

/* {group_laplace: {scale: 0.5}}; the file of a gaussian may be among its arguments. */
static mxp_status read_long(struct reading *reading, const struct yaml_node *mapping,
                            mxp_error *error)
{
    struct arguments written = {0};
    mxp_status status;

    if (mapping->count != 1)
        return FAIL_AT(error, mapping->place, MXP_CONFIG,
                       "a prior is one name with its arguments, as in {group_laplace: {scale: "
                       "0.5}}");
    const struct yaml_node *node = mapping->child[0];
    const struct joint_row *row = joint_find(node->key);
    if (!row)
        return unknown_prior(node, error);
    TRY(status = spec_expect(node, YAML_MAPPING, node->key,
                             "a mapping of arguments, as in {scale: 0.5}", error));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *one = node->child[i];
        if ((row->flags & JOINT_MATRIX) && is_matrix(one)) {
            TRY(status = take_file(reading, one, error));
            continue;
        }
        TRY(status = spec_expect(one, YAML_SCALAR, one->key, "a number", error));
        TRY(status =
                arguments_add(&written, one->key, one->key_place, one->text, one->place, error));
    }
    status = joint_fill(&reading->spec, row, &written, node->key_place, error);
out:
    return status;
}

static mxp_status read_prior(struct reading *reading, const struct yaml_node *node,
                             mxp_error *error)
{
    if (node->kind == YAML_MAPPING)
        return read_long(reading, node, error);
    if (node->kind == YAML_SEQUENCE)
        return FAIL_AT(
            error, node->place, MXP_CONFIG,
            "expected a prior on several terms such as group_laplace(0.5), found a list");
    return joint_parse(&reading->spec, node->text, yaml_place_in(node, 0), error);
}

/* ---- its matrix ---- */

static mxp_status check_matrix(const struct reading *reading, const struct yaml_node *prior,
                               mxp_error *error)
{
    const struct joint_row *row = reading->spec.row;

    assert(row);
    if ((row->flags & JOINT_MATRIX) && !reading->matrix)
        return FAIL_AT(error, prior->place, MXP_CONFIG,
                       "%s on several terms needs covariance: FILE or precision: FILE beside it",
                       row->name);
    if (!(row->flags & JOINT_MATRIX) && reading->matrix)
        return FAIL_AT(error, reading->matrix->key_place, MXP_CONFIG,
                       "%s: only a gaussian prior takes a matrix, not %s", reading->matrix->key,
                       row->name);
    return MXP_OK;
}

static mxp_status read_matrix(struct mxp_model *model, const struct yaml_node *node,
                              mxp_error *error)
{
    struct matrix *matrix = NULL;
    char *path = NULL;
    mxp_status status;

    TRY(status = spec_path(&path, node, node->text, error));
    status = matrix_read(&matrix, path, error);
    if (status == MXP_NO_INPUT)
        status = run_blame(node->place, node->key, status, error);
    TRY(status);
    TRY(status = model_set_group_matrix(model, matrix->values, matrix->order,
                                        strcmp(node->key, "precision") == 0, error));
    status = model_set_group_file(model, path, matrix->name, error);
out:
    matrix_free(matrix);
    free(path);
    return status;
}

/* ---- a group ---- */

static mxp_status read_group_terms(struct mxp_model *model, const struct yaml_node *node,
                                   mxp_error *error)
{
    const char *name;
    mxp_status status = spec_expect(node, YAML_SEQUENCE, "terms",
                                    "a list of names or globs, as in [age, \"s*\"]", error);

    if (status == MXP_OK && node->count == 0)
        status = FAIL_AT(error, node->place, MXP_CONFIG, "terms is an empty list");
    for (size_t i = 0; status == MXP_OK && i < node->count; i++) {
        status = spec_name(&name, node->child[i], "terms", error);
        if (status == MXP_OK)
            status = model_add_group_term(model, name, node->child[i]->place, error);
    }
    return status;
}

static mxp_status check_keys(const struct yaml_node *group, mxp_error *error)
{
    const mxp_status status = spec_expect(group, YAML_MAPPING, "prior.groups", example, error);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < group->count; i++) {
        size_t known = 0;
        while (known < GROUP_KEYS && strcmp(group->child[i]->key, group_keys[known]) != 0)
            known++;
        if (known == GROUP_KEYS)
            return spec_unknown(group->child[i]->key_place, "key of a group", group->child[i]->key,
                                group_keys, GROUP_KEYS, error);
    }
    for (size_t i = 0; i < 3; i++)
        if (!yaml_get(group, group_keys[i]))
            return FAIL_AT(error, group->place, MXP_CONFIG, "the group has no %s; expected %s",
                           group_keys[i], example);
    return MXP_OK;
}

static mxp_status read_group(struct mxp_model *model, const struct yaml_node *node,
                             mxp_error *error)
{
    struct reading reading = {0};
    const char *name;
    mxp_status status;

    TRY(status = check_keys(node, error));
    const struct yaml_node *named = yaml_get(node, "name"), *prior = yaml_get(node, "prior");
    TRY(status = spec_name(&name, named, "name", error));
    for (size_t i = 0; i < model->group_count; i++)
        if (strcmp(model->groups[i].name, name) == 0)
            return FAIL_AT(error, named->place, MXP_CONFIG, "a second group named \"%s\"", name);
    TRY(status = read_prior(&reading, prior, error));
    for (size_t i = 0; i < node->count; i++)
        if (is_matrix(node->child[i]))
            TRY(status = take_file(&reading, node->child[i], error));
    TRY(status = check_matrix(&reading, prior, error));
    TRY(status = model_add_group(model, name, &reading.spec, named->place, error));
    TRY(status = read_group_terms(model, yaml_get(node, "terms"), error));
    if (reading.matrix)
        status = read_matrix(model, reading.matrix, error);
out:
    return status;
}

mxp_status spec_read_groups(struct mxp_model *model, const struct yaml_node *node, mxp_error *error)
{
    mxp_status status = spec_expect(node, YAML_SEQUENCE, "prior.groups",
                                    "a list of groups, each {name, terms, prior}", error);

    for (size_t i = 0; status == MXP_OK && i < node->count; i++)
        status = read_group(model, node->child[i], error);
    return status;
}

/* ---- constraints ---- */

static mxp_status read_constraint(struct mxp_model *model, const struct yaml_node *node,
                                  mxp_error *error)
{
    const char *text;
    mxp_status status;

    TRY(status = spec_name(&text, node, "constraints", error));
    TRY(status = constraint_check(text, yaml_place_in(node, 0), error));
    status = model_add_constraint(model, text, yaml_place_in(node, 0), error);
out:
    return status;
}

mxp_status spec_read_constraints(struct mxp_model *model, const struct yaml_node *node,
                                 mxp_error *error)
{
    mxp_status status =
        spec_expect(node, YAML_SEQUENCE, "constraints",
                    "a list such as [\"a - b ~ gaussian(0, 1)\", \"a + b = 1\"]", error);

    for (size_t i = 0; status == MXP_OK && i < node->count; i++)
        status = read_constraint(model, node->child[i], error);
    return status;
}
