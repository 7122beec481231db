/* From names to a recipe: the roles of the columns, the terms, how each variable is coded. */
#ifndef MAXPOST_DESIGN_RECIPE_H
#define MAXPOST_DESIGN_RECIPE_H

#include "data/design.h"

struct recipe {
    const mxp_table *table;
    const struct design_request *request;
    struct design_name response_name;
    size_t response, weights, trials, failures; /* columns of the table, or MXP_NO_COLUMN */
    const char **role;  /* of each column of the table, in words; NULL: none, or a predictor */
    unsigned char *use; /* of each column: flags of enum selection_use */
    struct formula_terms terms;
};

/* Finds every name and works out the terms; release with recipe_clear, also on failure.
 * Errors: CONFIG at the names' places, MEMORY. */
MXP_MUST_CHECK mxp_status recipe_start(struct recipe *recipe, const mxp_table *table,
                                       const struct design_request *request, mxp_error *error);
void recipe_clear(struct recipe *recipe);

/* Learns the levels and the polynomials from the selected rows.
 * Errors: DATA (a level that is not listed, a factor of one level, an expression that is no finite
 * number), CONFIG, MEMORY. */
MXP_MUST_CHECK mxp_status recipe_encode(struct encoding **encoding, const struct recipe *recipe,
                                        const struct selection *selection, mxp_error *error);

/* The levels that are listed for the column, or NULL. */
const struct design_levels *recipe_levels(const struct recipe *recipe, const char *column);

#endif
