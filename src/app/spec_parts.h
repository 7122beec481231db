/* Parts of spec_read_model that have a file of their own. */
#ifndef MAXPOST_SPEC_PARTS_H
#define MAXPOST_SPEC_PARTS_H

#include "app/spec_tree.h"

/* family: a name, or a mapping of the name, auxiliary parameters, trials, failures, coding and
 * reference.  Errors: CONFIG at the place, MEMORY. */
MXP_MUST_CHECK mxp_status spec_read_family(struct mxp_model *model, const struct yaml_node *node,
                                           mxp_error *error);
/* link: one of the family's. */
MXP_MUST_CHECK mxp_status spec_read_link(struct mxp_model *model, const struct yaml_node *node,
                                         mxp_error *error);
/* levels: {site: [a, b, c]} and contrasts: {site: sum}. */
MXP_MUST_CHECK mxp_status spec_read_levels(struct mxp_model *model, const struct yaml_node *node,
                                           mxp_error *error);
MXP_MUST_CHECK mxp_status spec_read_contrasts(struct mxp_model *model, const struct yaml_node *node,
                                              mxp_error *error);
/* prior.groups: a list of priors on several terms, and constraints: a list of texts.
 * Errors also: NO_INPUT and DATA, of the file of a matrix. */
MXP_MUST_CHECK mxp_status spec_read_groups(struct mxp_model *model, const struct yaml_node *node,
                                           mxp_error *error);
MXP_MUST_CHECK mxp_status spec_read_constraints(struct mxp_model *model,
                                                const struct yaml_node *node, mxp_error *error);
/* What path: says beside its options, which have been read: lambdas, and which keys were given.
 * root NULL: nothing.  Errors: CONFIG at the place, MEMORY. */
MXP_MUST_CHECK mxp_status spec_read_path(struct path_spec *path, const struct yaml_node *root,
                                         mxp_error *error);
/* types: {site: categorical} of a run. */
MXP_MUST_CHECK mxp_status spec_read_types(struct data_spec *data, const struct yaml_node *node,
                                          mxp_error *error);

#endif
