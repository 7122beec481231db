/* The inside of mxp_run: what a run was made from, and all that came out of it. */
#ifndef MAXPOST_RUN_INTERNAL_H
#define MAXPOST_RUN_INTERNAL_H

#include "app/spec.h"
#include "io/hash.h"
#include "maxpost/run.h"
#include "maxpost/select.h"

#include <stdbool.h>

/* A file that the result depends on. */
struct run_input {
    const char *role;           /* "run", "model", "data", "matrix"; static */
    char *path;                 /* owned; as it was opened, "-": standard input */
    char sha256[HASH_HEX_SIZE]; /* empty: not known */
    const char *reason;         /* why not: "standard input", "not read yet"; static */
};

/* Filled from top to bottom: mxp_run_load down to the output directory, mxp_run_fit the rest.
 * What is not there yet is NULL. */
struct mxp_run {
    char *path;    /* of the run file, or of the model file */
    bool is_model; /* the file is a model alone; spec holds the defaults */
    struct yaml_document *document, *model_document; /* the second: NULL when inline */
    struct run_spec spec;
    mxp_model *model;
    char *command;    /* as recorded under `reproduce`; NULL: not known */
    char **overrides; /* the assignments of --set, owned */
    size_t override_count;
    char *output_directory; /* where files go */

    struct run_input *inputs; /* owned */
    size_t input_count, input_capacity;
    mxp_table *table;
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_posterior *posterior;
    mxp_path *followed; /* NULL: none was asked for */
    bool follows;       /* the command is path */
    bool interrupted;   /* what is missing was stopped */
    const volatile int *stop;
    void (*progress)(void *told, const char *what, size_t done, size_t all);
    void *told;
    struct report *report; /* what the fit came to, gathered for its texts and files */
    bool written;          /* mxp_run_write has put its files there */
};

/* Notes a file that the result depends on; *input is good until the next one. */
MXP_MUST_CHECK mxp_status run_add_input(struct run_input **input, mxp_run *run, const char *role,
                                        const char *path, mxp_error *error);

/* Where a file that `key` names could not be opened: puts the key's place and excerpt to the error,
 * whose status stays.  Returns that status. */
mxp_status run_blame(struct place place, const char *key, mxp_status status, mxp_error *error);

/* Reads the table and sets up the problem; nothing when that is done already.
 * Errors: CONFIG (the file is a model; a name that is no column), NO_INPUT, DATA, IO, MEMORY. */
MXP_MUST_CHECK mxp_status run_problem(mxp_run *run, mxp_error *error);

#endif
