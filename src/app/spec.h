/* What a run file and a model file say, typed and checked: the tree of io/yaml.h becomes a
 * struct run_spec and a struct mxp_model.  One table of keys for each of the two drives the
 * defaults, the checks, --set and the JSON Schema. */
#ifndef MAXPOST_SPEC_H
#define MAXPOST_SPEC_H

#include "base/option.h"
#include "io/yaml.h"
#include "model/model.h"

enum { SPEC_VERSION = 1 }; /* of the language */

enum spec_missing { SPEC_MISSING_ERROR, SPEC_MISSING_DROP };

/* What a column is declared to be; type is an index into spec_types, a mxp_column_type. */
struct data_type {
    char *column; /* owned */
    struct place place;
    int type;
};

/* The section data: of a run. */
struct data_spec {
    char *file;                      /* as it can be opened from the working directory, or "-" */
    char *sql;                       /* query of a database, or NULL */
    char *cache;                     /* of a sparse file, as it can be opened, or NULL */
    char *weights, *offset, *groups; /* columns, or NULL */
    struct place file_place, sql_place, cache_place, weights_place, offset_place, groups_place;
    int missing; /* enum spec_missing */
    struct option_texts na;
    struct data_type *types; /* type_count of them, owned */
    size_t type_count;
};

/* The section fit:.  method is an index into spec_methods. */
struct fit_spec {
    int method;
    double tolerance;
    int64_t max_iterations, starts, seed, threads;
    char **start_names; /* start_count of them, owned */
    double *start_values;
    struct place *start_places;
    size_t start_count;
};

/* The section laplace:.  at_kinks is an index into spec_at_kinks. */
struct laplace_spec {
    int at_kinks, structure, curvature;
    int64_t samples, covariance_limit;
    double level;
    struct option_texts covariance_terms;
};

/* The section path:.  penalty is an index into spec_penalties, rule into spec_rules; what was not
 * given has a place without source. */
struct path_spec {
    int penalty, rule;
    double mix, ratio;
    int64_t points, folds;
    bool held_out;
    double *lambdas; /* lambda_count of them, owned */
    size_t lambda_count;
    bool stated; /* the run has the section */
    struct place place, penalty_place, mix_place, ratio_place, points_place, folds_place,
        lambdas_place, rule_place;
};

/* The section output:. */
struct output_spec {
    char *directory; /* as it can be opened from the working directory; NULL: out/NAME */
    struct option_texts formats; /* of spec_formats */
    bool json, csv;              /* formats holds them */
};

struct run_spec {
    struct data_spec data;
    struct fit_spec fit;
    struct laplace_spec laplace;
    struct path_spec path;
    struct output_spec output;
};

/* NULL-terminated. */
extern const char *const spec_methods[],
    *const spec_at_kinks[], *const spec_formats[], *const spec_types[], *const spec_codings[],
                                                                            *const spec_penalties[],
                                                                                *const spec_rules[];

/* How the value of a key is read. */
enum spec_shape {
    SPEC_OPTION,      /* by its option row alone */
    SPEC_COLUMN,      /* an option row of text that names a column */
    SPEC_PATH,        /* an option row of text that names a file or a directory */
    SPEC_SECTION,     /* a mapping of the keys below it */
    SPEC_LANGUAGE,    /* maxpost: 1 */
    SPEC_RESPONSE,    /* a column */
    SPEC_PREDICTORS,  /* all, or a list of columns */
    SPEC_FORMULA,     /* response ~ terms */
    SPEC_LEVELS,      /* a mapping of columns to lists of levels */
    SPEC_CONTRASTS,   /* a mapping of columns to contrasts */
    SPEC_TYPES,       /* a mapping of columns to types */
    SPEC_FAMILY,      /* a name, or a mapping with its settings */
    SPEC_LINK,        /* a link of the family */
    SPEC_COEFFICIENT, /* a prior on a coefficient */
    SPEC_AUXILIARY,   /* a prior on an auxiliary parameter */
    SPEC_GROUPS,      /* a list of priors on several terms */
    SPEC_CONSTRAINTS, /* a list of linear constraints */
    SPEC_TERMS,       /* a mapping of columns and globs to priors */
    SPEC_PENALTY,     /* a mapping in the words of a convention */
    SPEC_START,       /* a mapping of parameters to numbers */
    SPEC_LAMBDAS,     /* a list of falling numbers above 0 */
    SPEC_MODEL        /* a file, or a model */
};

/* One key of the language.  option.key is its whole path, option.help its line in the manual; the
 * rest of option counts for the first three shapes.  place: offset of a struct place in the target
 * that notes where the value was written; 0: none. */
struct spec_key {
    enum spec_shape shape;
    bool required;
    size_t place;
    struct option option;
};

/* The keys of one kind of document, those of a section behind the section. */
struct spec_table {
    const char *what; /* "run" */
    const struct spec_key *keys;
    size_t count;
};

/* The options of a model, as the rows of its table fill them. */
struct model_options {
    char *name;
    bool intercept, standardize, scale_by_noise;
    int mode_on;        /* 0: log, 1: natural */
    int constraints_on; /* 0: original, 1: standardized */
    struct place intercept_place, scale_by_noise_place;
};

/* Options of a run are offsets into struct run_spec, of a model into struct model_options. */
extern const struct spec_table spec_run_table, spec_model_table;

/* Reads a run without its model.  Paths are made openable: those of --set are relative to the
 * working directory, the others to the file that names them.
 * Errors: CONFIG at the place, USAGE where that is in --set, MEMORY. */
MXP_MUST_CHECK mxp_status spec_read_run(struct run_spec *spec, const struct yaml_node *root,
                                        mxp_error *error);
void spec_clear_run(struct run_spec *spec);

/* Reads a model and checks it (model_check).  The places inside the model point into the texts of
 * the tree, which must outlive it.  Errors: CONFIG at the place, USAGE, MEMORY. */
MXP_MUST_CHECK mxp_status spec_read_model(mxp_model **model, const struct yaml_node *root,
                                          mxp_error *error);

/* Reads a prior, "laplace(0, 0.5)" or {laplace: {scale: 0.5}}.  Errors: CONFIG. */
MXP_MUST_CHECK mxp_status spec_read_prior(struct prior *prior, const struct yaml_node *node,
                                          mxp_error *error);

#endif
