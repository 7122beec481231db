/* A saved fit, read back: fit.json and the covariance beside it, with all that prediction and draws
 * need.  docs/fit-file.md has the layout.
 *
 * The file is not trusted: every index is in range, every number that is not said to be NAN is
 * finite, the recipe makes just the columns that the parameters name. */
#ifndef MAXPOST_FIT_FILE_H
#define MAXPOST_FIT_FILE_H

#include "data/encode.h"
#include "io/document.h"
#include "model/family.h"

enum fit_role { FIT_INTERCEPT, FIT_COEFFICIENT, FIT_AUXILIARY };

/* The eta column of a coefficient that enters all of them (the slopes of an ordinal model). */
#define FIT_EVERY_ETA ((size_t)-1)

/* One parameter; the covariance has the same order.  eta of a row is the sum over parameters of
 * sign * estimate * (1, or the column), plus the offset. */
struct fit_parameter {
    const char *name, *class_name; /* class_name NULL: no class */
    enum fit_role role;
    size_t column;    /* COEFFICIENT: of the encoding */
    size_t eta;       /* not AUXILIARY: an eta column, or FIT_EVERY_ETA */
    double sign;      /* 1 or -1 */
    double estimate;  /* the mode, scale of the data; AUXILIARY: natural scale */
    double mean, sd;  /* NAN: not known */
    bool at_kink;     /* exactly there, and held there where at_kinks is FIT_ACTIVE */
    bool at_bound;    /* exactly on a bound: held there, its covariance is 0 */
    bool bounded;     /* its prior has bounds, or one */
    size_t auxiliary; /* AUXILIARY: which of the family's */
};

enum fit_response_kind { FIT_NUMBER, FIT_BINARY, FIT_TRIALS, FIT_CLASS };

struct fit_response {
    const char *column;
    enum fit_response_kind kind;
    const char *trials, *failures; /* columns; at most one, of FIT_TRIALS just one */
    const char **label;            /* FIT_CLASS: of the classes, in order; else NULL */
    size_t classes;
    size_t
        reference; /* the class without coefficients; SIZE_MAX: none, or not a matter of classes */
};

/* What the covariance is: of a Gaussian around the mode, with kinked coordinates exact or held, or
 * of the draws of the kink posterior. */
enum fit_at_kinks { FIT_SMOOTH, FIT_KINK, FIT_ACTIVE };

struct fit_file {
    struct document *document; /* owned; all texts are borrowed from it */
    const char *path, *model;
    const struct family *family;
    size_t link;
    double
        psi[FAMILY_AUX_MAX]; /* auxiliary parameters at the mode, natural scale; fixed ones too */
    struct fit_parameter *parameter;
    size_t count, coefficients; /* auxiliary ones last */
    size_t eta_columns;
    const char *convergence; /* converged, iteration limit, ... */

    bool has_posterior; /* else mean and sd are NAN, the rest below is empty */
    enum fit_at_kinks at_kinks;
    bool log_scale;      /* the approximation is Gaussian in the log of auxiliary parameters */
    double level;        /* of intervals */
    const char *verdict; /* NULL: none was given */
    double *covariance;  /* count x count, column-major, natural scale of auxiliary ones (to first
                         * order: divide by psi for log psi); NULL: was not saved */

    struct encoding *encoding;
    bool standardized;
    double *shift, *scale; /* of each column: the fit ran on (x - shift) / scale */
    struct fit_response response;
    const char *weights, *offset; /* columns, or NULL; the offset is in the encoding as well */
    const char **na;              /* na_count spellings of a missing cell */
    size_t na_count;
    bool drop_missing;
    unsigned long long seed;
};

/* Reads PATH and, where it names one, the covariance beside it; release with fit_file_free.
 * Errors: NO_INPUT (either cannot be opened), DATA (not a fit.json, damaged, of a newer format, of a
 * family that this version does not know, a covariance of another fit), IO, MEMORY. */
MXP_MUST_CHECK mxp_status fit_file_read(struct fit_file **fit, const char *path, mxp_error *error);
void fit_file_free(struct fit_file *fit);

/* Parts of fit_file_read: the recipe, from the object `encoding`; the parameters, which need it. */
MXP_MUST_CHECK mxp_status fit_file_recipe(struct encoding **encoding,
                                          const struct document_node *node, mxp_error *error);
MXP_MUST_CHECK mxp_status fit_file_parameters(struct fit_file *fit,
                                              const struct document_node *encoding,
                                              mxp_error *error);
MXP_MUST_CHECK mxp_status fit_file_covariance(struct fit_file *fit, const char *name,
                                              mxp_error *error);

#endif
