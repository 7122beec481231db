/* The inside of mxp_draws: a saved fit and what was drawn. */
#ifndef MAXPOST_DRAWS_H
#define MAXPOST_DRAWS_H

#include "app/fit_file.h"
#include "maxpost/run.h"

enum draws_naming { DRAWS_DOTS, DRAWS_BRACKETS, DRAWS_TERMS };
extern const char *const draws_names[]; /* NULL-terminated */

struct mxp_draws {
    struct fit_file *fit;
    enum draws_naming names;
    size_t count;
    unsigned long long seed;
    size_t redrawn; /* draws that were replaced: cutpoints out of order */
    double *value;  /* count x fit->count, column-major, natural scale */
    double *log_q;  /* count: log density of the approximation, on its own scale */
};

#endif
