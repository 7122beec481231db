/* libyaml's complaints in plain words, and its places as ours. */
#ifndef MAXPOST_YAML_PROBLEM_H
#define MAXPOST_YAML_PROBLEM_H

#include "base/err.h"

#include <yaml.h>

/* What a parser that failed has to say.
 *   source  that it reads, from byte `start` on */
mxp_status yaml_problem(const yaml_parser_t *parser, const struct source *source, size_t start,
                        mxp_error *error);

/* A place of libyaml's (0-based, from byte `start` of the first line) as one of ours. */
struct place yaml_problem_place(yaml_mark_t mark, const struct source *source, size_t start);

/* The place of the value behind the anchor that is at `place` and at `text`: libyaml gives the
 * anchor's. */
struct place yaml_problem_behind_anchor(struct place place, const char *text);

#endif
