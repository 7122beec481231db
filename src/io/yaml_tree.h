/* What the files of the YAML reader share: making nodes and sources, reading one value. */
#ifndef MAXPOST_YAML_TREE_H
#define MAXPOST_YAML_TREE_H

#include "io/yaml.h"

/* A text that places point into, in the list that a document owns. */
struct yaml_source {
    struct source source;
    char *name, *text;
    struct yaml_source *next;
};

/* Copies the name and the text.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status yaml_source_new(struct yaml_source **made, const char *name,
                                          const char *text, size_t length, mxp_status override,
                                          mxp_error *error);
void yaml_source_free(struct yaml_source *source);

MXP_MUST_CHECK mxp_status yaml_node_new(struct yaml_node **node, enum yaml_kind kind,
                                        struct place place, mxp_error *error);
void yaml_node_free(struct yaml_node *node);
/* Adds a child, which the parent owns from then on. */
MXP_MUST_CHECK mxp_status yaml_node_append(struct yaml_node *parent, struct yaml_node *child,
                                           mxp_error *error);

/* An error at the first key of the mapping that is there already. */
MXP_MUST_CHECK mxp_status yaml_check_keys(const struct yaml_node *mapping, mxp_error *error);

/* Whether length bytes can be YAML here: UTF-8, no control characters, no line breaks but LF and
 * CRLF; so that our lines and columns are also libyaml's. */
MXP_MUST_CHECK mxp_status yaml_check_text(const struct source *source, size_t length,
                                          mxp_error *error);

/* The value that the source's text holds from byte `start` (in its first line) on.
 *   depth  of the value in the tree that it is meant for, from 1
 *   nodes  in that tree; counted on */
MXP_MUST_CHECK mxp_status yaml_build(struct yaml_node **value, size_t *nodes,
                                     const struct source *source, size_t start, unsigned depth,
                                     mxp_error *error);

#endif
