/* What the readers of runs and models share: walking a tree along a table of keys. */
#ifndef MAXPOST_SPEC_TREE_H
#define MAXPOST_SPEC_TREE_H

#include "app/spec.h"

/* The last part of a key ("tolerance") when it is directly in the section ("fit"; "": the top),
 * otherwise NULL; borrowed. */
const char *spec_inside(const char *key, const char *section);
/* Every key of the tree is in the table, every section is a mapping.
 * Errors: CONFIG at the key, with the nearest known name or the section where it belongs. */
MXP_MUST_CHECK mxp_status spec_check_keys(const struct spec_table *table,
                                          const struct yaml_node *root, mxp_error *error);
/* The value at a key's path, or NULL. */
const struct yaml_node *spec_find(const struct yaml_node *root, const char *path);
/* The row of that shape (its first), never NULL for a shape that the table has. */
const struct spec_key *spec_key_of(const struct spec_table *table, enum spec_shape shape);

/* Fills target from the option rows: defaults, then what the tree says.  root NULL: defaults.
 * On failure nothing is left to free. */
MXP_MUST_CHECK mxp_status spec_read_options(void *target, const struct spec_table *table,
                                            const struct yaml_node *root, mxp_error *error);
void spec_clear_options(void *target, const struct spec_table *table);

/* An error unless the node is of the kind: "KEY: expected EXPECTED, found a list". */
MXP_MUST_CHECK mxp_status spec_expect(const struct yaml_node *node, enum yaml_kind kind,
                                      const char *key, const char *expected, mxp_error *error);
/* The text of a scalar that is a name: not empty. */
MXP_MUST_CHECK mxp_status spec_name(const char **name, const struct yaml_node *node,
                                    const char *key, mxp_error *error);
/* FAIL_AT a name that is not among the known: unknown WHAT "NAME" (did you mean ...). */
mxp_status spec_unknown(struct place place, const char *what, const char *name,
                        const char *const *known, size_t count, mxp_error *error);
/* The language's version is one that this program reads. */
MXP_MUST_CHECK mxp_status spec_check_language(const struct yaml_node *root, mxp_error *error);
/* The path that a node's text stands for, seen from the working directory; release with free. */
MXP_MUST_CHECK mxp_status spec_path(char **path, const struct yaml_node *node, const char *text,
                                    mxp_error *error);

#endif
