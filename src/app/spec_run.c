#include "app/spec_parts.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

static mxp_status read_start_value(struct fit_spec *fit, const struct yaml_node *node,
                                   mxp_error *error)
{
    const size_t i = fit->start_count;
    double value;

    mxp_status status = yaml_number(&value, node, error);
    if (status == MXP_OK && !isfinite(value))
        status = FAIL_AT(error, node->place, MXP_CONFIG, "fit.start: %s = %s is not finite",
                         node->key, node->text);
    if (status == MXP_OK)
        status = mem_text(&fit->start_names[i], node->key, error);
    if (status != MXP_OK)
        return status;
    fit->start_values[i] = value;
    fit->start_places[i] = node->key_place;
    fit->start_count++;
    return MXP_OK;
}

static mxp_status read_start(struct fit_spec *fit, const struct yaml_node *node, mxp_error *error)
{
    mxp_status status;

    TRY(status = spec_expect(node, YAML_MAPPING, "fit.start",
                             "a mapping of parameters to numbers, as in {bmi: 0.5}", error));
    TRY(status = MEM_NEW(&fit->start_names, node->count, error));
    TRY(status = MEM_NEW(&fit->start_values, node->count, error));
    TRY(status = MEM_NEW(&fit->start_places, node->count, error));
    for (size_t i = 0; i < node->count; i++)
        TRY(status = read_start_value(fit, node->child[i], error));
out:
    return status;
}

static struct place format_place(const struct yaml_node *node, size_t i)
{
    if (!node)
        return (struct place){NULL, 0, 0};
    return node->kind == YAML_SEQUENCE ? node->child[i]->place : node->place;
}

static mxp_status read_formats(struct output_spec *output, const struct yaml_node *node,
                               mxp_error *error)
{
    size_t known = 0;

    while (spec_formats[known])
        known++;
    output->json = output->csv = false;
    for (size_t i = 0; i < output->formats.count; i++) {
        const char *name = output->formats.text[i];
        if (strcmp(name, "json") == 0)
            output->json = true;
        else if (strcmp(name, "csv") == 0)
            output->csv = true;
        else
            return spec_unknown(format_place(node, i), "output format", name, spec_formats, known,
                                error);
    }
    return MXP_OK;
}

/* The keys that a run cannot do without. */
static mxp_status check_required(const struct yaml_node *root, mxp_error *error)
{
    for (size_t i = 0; i < spec_run_table.count; i++) {
        const struct spec_key *key = &spec_run_table.keys[i];
        if (!key->required || spec_find(root, key->option.key))
            continue;
        return FAIL_AT(error, root->place, MXP_CONFIG, "the run has no %s (%s)", key->option.key,
                       key->option.help);
    }
    return MXP_OK;
}

mxp_status spec_read_run(struct run_spec *spec, const struct yaml_node *root, mxp_error *error)
{
    mxp_status status;
    struct run_spec fresh = {0};

    if (root) {
        TRY(status = spec_check_keys(&spec_run_table, root, error));
        TRY(status = spec_check_language(root, error));
        TRY(status = check_required(root, error));
    }
    TRY(status = spec_read_options(&fresh, &spec_run_table, root, error));
    TRY(status = read_formats(&fresh.output, spec_find(root, "output.formats"), error));
    const struct yaml_node *start = spec_find(root, "fit.start");
    if (start)
        TRY(status = read_start(&fresh.fit, start, error));
    const struct yaml_node *types = spec_find(root, "data.types");
    if (types)
        TRY(status = spec_read_types(&fresh.data, types, error));
    TRY(status = spec_read_path(&fresh.path, root, error));
    *spec = fresh;
    fresh = (struct run_spec){0};
out:
    spec_clear_run(&fresh);
    return status;
}

void spec_clear_run(struct run_spec *spec)
{
    spec_clear_options(spec, &spec_run_table);
    for (size_t i = 0; i < spec->fit.start_count; i++)
        free(spec->fit.start_names[i]);
    for (size_t i = 0; i < spec->data.type_count; i++)
        free(spec->data.types[i].column);
    free(spec->data.types);
    free(spec->path.lambdas);
    free(spec->fit.start_names);
    free(spec->fit.start_values);
    free(spec->fit.start_places);
    *spec = (struct run_spec){0};
}
