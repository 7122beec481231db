/* The inside of mxp_prediction: a saved fit, the rows of a table, and what the first says about the
 * second. */
#ifndef MAXPOST_PREDICTION_H
#define MAXPOST_PREDICTION_H

#include "app/fit_file.h"
#include "infer/predict.h"
#include "infer/scores.h"
#include "maxpost/run.h"

struct str;

/* The columns before those of the classes. */
enum prediction_columns {
    PREDICTION_ROW,
    PREDICTION_MEAN,
    PREDICTION_SD_ETA,
    PREDICTION_LOWER,
    PREDICTION_UPPER,
    PREDICTION_SD_PREDICTIVE,
    PREDICTION_COLUMNS
};

enum prediction_kind { PREDICTION_PLUG_IN, PREDICTION_AVERAGED, PREDICTION_MONTE_CARLO };
extern const char *const prediction_kinds[]; /* NULL-terminated */

struct prediction_column {
    char *name;
    double *values;
};

/* What the table says about the response, for each row. */
struct prediction_observed {
    const char *column;    /* NULL: it is not there, or misses in all rows */
    double *y;             /* as families take it; 0 where it is missing */
    double *weight;        /* 0 where a row is not scored */
    double *trials;        /* NAN: not known; 1 of families without */
    bool unweighted;       /* the fit had weights, and the table has none */
    bool no_trials;        /* it has no trials either */
    size_t rows;           /* that are scored */
    double *plug_in;       /* log densities of the scored rows, 0 in others */
    double *expected, *se; /* averaged over the posterior, and its Monte Carlo error */
};

/* NAN: does not apply. */
struct prediction_scores {
    double weight;
    double log_predictive_density, log_predictive_density_error; /* sums over rows */
    double log_likelihood;                                       /* the same, plugged in */
    double rmse, brier, accuracy, auc;
    bool binary; /* the next two are there */
    struct scores_bin bin[SCORES_BINS];
    double calibration_error;
};

struct mxp_prediction {
    struct fit_file *fit;
    mxp_table *table;
    struct encoded *encoded;
    char *data; /* the file, as the user named it */
    size_t rows;
    double level;
    enum prediction_kind kind;
    unsigned long long seed;
    struct predict *model;

    struct prediction_column *column; /* PREDICTION_COLUMNS + classes */
    size_t columns, classes;
    double *p;         /* rows x classes, in the order of the family */
    double *deviation; /* likewise, of monte_carlo: standard errors */
    double outside;    /* largest share of draws left out */
    /* how many rows lack a value of a column (the last: of probabilities), by reason */
    size_t lacking[PREDICTION_COLUMNS + 1][PREDICT_REASONS];
    struct prediction_observed observed;
    struct prediction_scores scores;
};

/* The linear predictors of rows; room for one row. */
struct prediction_eta {
    const struct fit_file *fit;
    const struct encoded *encoded;
    double *z;            /* coefficients */
    long double *product; /* coefficients */
    double *mode, *mean;  /* eta_columns: at the mode, and at the posterior mean */
    double *covariance;   /* eta_columns squared; NULL: not known */
};

MXP_MUST_CHECK mxp_status prediction_eta_new(struct prediction_eta *eta, const struct fit_file *fit,
                                             const struct encoded *encoded, mxp_error *error);
void prediction_eta_free(struct prediction_eta *eta);
/* Row i into mode, mean and covariance.  Where the posterior is one of draws (a kink posterior) the
 * mean is theirs, else it is the mode. */
void prediction_eta_row(struct prediction_eta *eta, size_t i);

/* Reads response, trials and weights.  Errors: DATA, MEMORY. */
MXP_MUST_CHECK mxp_status prediction_observe(mxp_prediction *prediction, mxp_error *error);
void prediction_observed_free(struct prediction_observed *observed);
/* Scores what was predicted.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status prediction_score(mxp_prediction *prediction, mxp_error *error);

/* The label of class c of the family's order; and the index of it among the labels. */
size_t prediction_label(const mxp_prediction *prediction, size_t c);

/* What the reader should know, a line each without its end; `put` gets them one by one, NULL for one
 * that memory did not suffice for. */
void prediction_each_note(const mxp_prediction *prediction,
                          void (*put)(void *context, const char *note), void *context);

/* Reads the fit that the user named: fit.json, or the directory of one. */
MXP_MUST_CHECK mxp_status prediction_read_fit(struct fit_file **fit, const char *path,
                                              mxp_error *error);

#endif
