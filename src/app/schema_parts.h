/* The parts of the JSON Schema that come from the tables of families, priors and penalties. */
#ifndef MAXPOST_SCHEMA_PARTS_H
#define MAXPOST_SCHEMA_PARTS_H

#include "app/spec_tree.h"
#include "io/json.h"

/* Members of the open object: a name in YAML, which may look like a number or a truth value. */
void schema_scalar_types(struct json *json);
/* Members of the open object: the links of all families. */
void schema_links(struct json *json);

/* Whole definitions, an object of that name each.
 *   positive  priors on auxiliary parameters in place of priors on coefficients */
void schema_family(struct json *json, const char *name);
void schema_prior(struct json *json, const char *name, bool positive);
void schema_penalty(struct json *json, const char *name);

/* What prior.groups and constraints are, inside an open object. */
void schema_groups(struct json *json);
void schema_constraints(struct json *json);

#endif
