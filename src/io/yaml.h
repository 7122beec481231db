/* YAML as a tree that knows where everything was written.
 *
 * The subset: one document; mappings with scalar keys, each once; sequences; scalars, which stay
 * text; anchors and aliases, which are copied.  Tags, merge keys, nulls, depth over
 * YAML_DEPTH_MAX, and more than YAML_NODES_MAX nodes after copying are errors.
 * Errors: CONFIG at file:line:column, with the line and a caret. */
#ifndef MAXPOST_YAML_H
#define MAXPOST_YAML_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { YAML_DEPTH_MAX = 64, YAML_NODES_MAX = 100000 };

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    struct place place; /* of the value, behind its anchor; of a copy: of the original */
    char *key;          /* inside a mapping; otherwise NULL */
    struct place key_place;
    char *text;               /* scalar: the text without its quotes; otherwise NULL */
    bool quoted;              /* scalar: written in quotes or as a block (| or >) */
    struct yaml_node **child; /* sequence, mapping: count of them, in the order of the file */
    size_t count, capacity;
};

/* Owns its nodes and the texts that their places point into. */
struct yaml_document {
    struct yaml_node *root;
    struct yaml_source *sources;
    size_t nodes;
};

/* Reads a text of length bytes; name is what errors call it. The text is copied. */
MXP_MUST_CHECK mxp_status yaml_read(struct yaml_document **document, const char *name,
                                    const char *text, size_t length, mxp_error *error);
/* Reads a file.  Errors also: NO_INPUT, IO. */
MXP_MUST_CHECK mxp_status yaml_load(struct yaml_document **document, const char *path,
                                    mxp_error *error);
/* Named apart from yaml_free, which libyaml exports. */
void yaml_document_free(struct yaml_document *document);

/* Puts "key.path=value" into the tree; the value is YAML.  A part of the path may be quoted:
 * prior.terms."a.b"=flat.  Replaces what is there, makes missing mappings on the way; a path
 * through a scalar or a sequence is an error.  The key and the value point into a source named
 * `--set key.path=value` whose errors, now and later, have the status USAGE.
 * The tree is unchanged on failure. */
MXP_MUST_CHECK mxp_status yaml_set(struct yaml_document *document, const char *assignment,
                                   mxp_error *error);

/* The value of a key, or NULL; also NULL when the node is NULL or no mapping. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);

/* The node as what it must be, otherwise an error at the node's place.
 *   number   1, 1.5, 1e-9, inf, .inf, with a sign; not NaN
 *   boolean  true or false
 *   text     any scalar; borrowed */
MXP_MUST_CHECK mxp_status yaml_number(double *value, const struct yaml_node *node,
                                      mxp_error *error);
MXP_MUST_CHECK mxp_status yaml_integer(int64_t *value, const struct yaml_node *node,
                                       mxp_error *error);
MXP_MUST_CHECK mxp_status yaml_boolean(bool *value, const struct yaml_node *node, mxp_error *error);
MXP_MUST_CHECK mxp_status yaml_text(const char **text, const struct yaml_node *node,
                                    mxp_error *error);
/* An error unless the node is of that kind. */
MXP_MUST_CHECK mxp_status yaml_expect(const struct yaml_node *node, enum yaml_kind kind,
                                      mxp_error *error);

/* The place of a byte of a scalar's text; exact for plain and quoted scalars on one line without
 * escapes, otherwise the place of the scalar. */
struct place yaml_place_in(const struct yaml_node *scalar, size_t byte);

#endif
