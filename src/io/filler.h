/* Columns whose cells arrive one by one, for formats that do not say how many rows there are. */
#ifndef MAXPOST_FILLER_H
#define MAXPOST_FILLER_H

#include "base/str.h"
#include "io/columns.h"

/* Zero-initialised, then filler_start. */
struct filler {
    const char *name;
    const char *const *na;
    size_t na_count;
    double *marker; /* those of na that are numbers */
    size_t markers;
    struct columns columns; /* as far as it has come; rows: the one being filled counts */
    size_t room;            /* rows that every column has memory for */
    struct str label;       /* scratch */
};

/* The texts are borrowed.
 *   name  what errors call the file
 *   na    na_count spellings of a missing cell; one that is a number marks cells of that number
 * Errors: MEMORY. */
MXP_MUST_CHECK mxp_status filler_start(struct filler *filler, const char *name,
                                       const char *const *na, size_t na_count, mxp_error *error);
/* Adds a column, before the first row.  Errors: DATA (a second one of that name, no name, a name
 * that is not UTF-8), MEMORY. */
MXP_MUST_CHECK mxp_status filler_column(struct filler *filler, const char *name, mxp_error *error);
/* Begins a row, whose cells then come in any order, each once: all of them must. */
MXP_MUST_CHECK mxp_status filler_row(struct filler *filler, mxp_error *error);
void filler_missing(struct filler *filler, size_t column);
/* A NaN is missing; infinities are faults.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status filler_number(struct filler *filler, size_t column, double value,
                                        mxp_error *error);
/* Errors: DATA (not UTF-8), MEMORY. */
MXP_MUST_CHECK mxp_status filler_text(struct filler *filler, size_t column, const char *text,
                                      size_t length, mxp_error *error);
/* Hands the columns over, with their types inferred.  Errors: DATA (no rows, no columns), MEMORY. */
MXP_MUST_CHECK mxp_status filler_finish(struct columns *columns, struct filler *filler,
                                        mxp_error *error);
void filler_free(struct filler *filler);

#endif
