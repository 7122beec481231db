/* What predict reads back from fit.json; docs/fit-file.md has the layout, fit_file.h the reader. */
#ifndef MAXPOST_REPORT_ENCODING_H
#define MAXPOST_REPORT_ENCODING_H

#include "app/report.h"
#include "io/json.h"

/* NULL-terminated: number, binary, trials, class; intercept, coefficient, auxiliary. */
extern const char *const report_responses[], *const report_roles[];

/* The object `encoding`: the response, the recipe of the columns, where the parameters go. */
void report_encoding(struct json *json, const struct report *report);
/* The object `scaling`: a column of the solver is (x - shift) / scale. */
void report_scaling(struct json *json, const struct report *report);
/* The object `auxiliary` of the family's auxiliary parameters at the mode, fixed ones too. */
void report_auxiliary(struct json *json, const struct report *report);

/* The class without coefficients, or NULL; borrowed. */
const char *report_reference(const struct report *report);

/* The members intercept, variables, terms, offsets, columns: all of a recipe. */
void report_recipe(struct json *json, const struct encoding *encoding);

#endif
