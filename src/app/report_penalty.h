/* A prior in the words of every tool, as text and as JSON; for reports and for convert. */
#ifndef MAXPOST_REPORT_PENALTY_H
#define MAXPOST_REPORT_PENALTY_H

#include "base/str.h"
#include "io/json.h"
#include "model/penalty.h"

/* One line a tool, at most `width` characters: what it is called, its parameters with 6
 * significant digits or why it cannot, and, when `calls` is set, the call that is meant. */
void report_penalty_text(struct str *out, const struct prior *prior,
                         const struct penalty_facts *facts, bool calls, size_t width);
/* The array `name` of {convention, kind, its parameters, exact: true or why not, call}. */
void report_penalty_json(struct json *json, const char *name, const struct prior *prior,
                         const struct penalty_facts *facts);

#endif
