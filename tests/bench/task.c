#include "task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { FIT, COVARIANCE, PATH, FOLDS, READ };

/* What a workload is.  The objective is the loss summed over the rows plus the penalty; a laplace
 * prior of scale 1/l is l |b|_1, a gaussian one of sd 1/sqrt(t) is t |b|^2 / 2. */
struct workload {
    const char *name, *data, *family;
    enum kind kind;
    int l1;
};

static const struct workload workloads[] = {
    {"w1", "w1", "gaussian", FIT, 0},          {"w2", "w2", "gaussian", PATH, 1},
    {"w3", "w3", "gaussian", PATH, 1},         {"w4", "w4", "bernoulli", FIT, 0},
    {"w4c", "w4", "bernoulli", COVARIANCE, 0}, {"w4cov", "w4", "bernoulli", COVARIANCE, 0},
    {"w5", "w5", "bernoulli", PATH, 1},        {"w6", "w6", "bernoulli", PATH, 1},
    {"w6s", "w6", "bernoulli", FIT, 1},        {"w7s", "w7", "bernoulli", FIT, 1},
    {"w7r", "w7", "bernoulli", FIT, 0},        {"w8", "w8", "poisson", FIT, 0},
    {"w10", "w10", "gaussian", FOLDS, 1},      {"w11", "w11", NULL, READ, 0},
    {"w11full", "w11full", NULL, READ, 0},
};

enum { FOLD_COUNT = 10 };

struct task {
    const struct workload *workload;
    char data[512]; /* directory and name of the set, to which endings are added */
    int threads;
    double tolerance;
    mxp_table *table;
    mxp_model *model;
    double *lambda; /* beside a summed loss, falling */
    size_t lambdas;
    mxp_problem *problem;
    mxp_solution *solution;
    mxp_posterior *posterior;
    mxp_path *path;
    char note[160];
};

static mxp_status fail(mxp_error *error, mxp_status status, const char *what, const char *name)
{
    error->status = status;
    snprintf(error->message, sizeof error->message, "%s: %s", name, what);
    return status;
}

static const struct workload *find(const char *name)
{
    const size_t length = strcspn(name, "-");

    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (strlen(workloads[i].name) == length && strncmp(workloads[i].name, name, length) == 0)
            return &workloads[i];
    return NULL;
}

static mxp_status read_part(mxp_table **table, const struct task *task, const char *ending,
                            mxp_error *error)
{
    mxp_read_options options;
    char path[640];

    mxp_read_options_init(&options);
    options.threads = task->threads;
    snprintf(path, sizeof path, "%s%s", task->data, ending);
    return mxp_table_read(table, path, &options, error);
}

/* The doubles of a one-dimensional .npy file, version 1: ten bytes, of which the last two are the
 * length of the header, the header, the numbers. */
static mxp_status read_vector(double **values, size_t *count, const struct task *task,
                              const char *ending, mxp_error *error)
{
    unsigned char head[10];
    char path[640];
    mxp_status status = MXP_OK;
    double *read = NULL;

    snprintf(path, sizeof path, "%s%s", task->data, ending);
    FILE *in = fopen(path, "rb");
    if (!in)
        return fail(error, MXP_NO_INPUT, "cannot be opened", path);
    if (fread(head, 1, sizeof head, in) != sizeof head || fseek(in, 0, SEEK_END) != 0)
        goto damaged;
    const long start = 10 + head[8] + 256 * head[9], end = ftell(in);
    if (end <= start || fseek(in, start, SEEK_SET) != 0)
        goto damaged;
    *count = (size_t)(end - start) / sizeof *read;
    read = malloc(*count * sizeof *read);
    if (!read || fread(read, sizeof *read, *count, in) != *count)
        goto damaged;
    *values = read;
    fclose(in);
    return status;
damaged:
    free(read);
    fclose(in);
    return fail(error, MXP_IO, "cannot be read", path);
}

/* A number of the set's description, {"n": 200000, "tau": 1.0, ...}; NAN where it has none. */
static double describe(const struct task *task, const char *key)
{
    char path[640], text[2048], quoted[64];
    size_t length = 0;
    FILE *in;

    snprintf(path, sizeof path, "%s_meta.json", task->data);
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    in = fopen(path, "r");
    if (in) {
        length = fread(text, 1, sizeof text - 1, in);
        fclose(in);
    }
    text[length] = '\0';
    const char *found = strstr(text, quoted);
    return found ? strtod(found + strlen(quoted), NULL) : NAN;
}

/* The response as a column "y", 0 and 1 where the data have -1 and 1, and folds of neighbours. */
static mxp_status add_response(struct task *task, mxp_error *error)
{
    double *y = NULL;
    size_t rows = 0;
    mxp_status status;

    if (mxp_table_sparse_columns(task->table)) /* the labels of the file */
        return MXP_OK;
    status = read_vector(&y, &rows, task, "_y.npy", error);
    if (status != MXP_OK)
        return status;
    if (rows != mxp_table_rows(task->table)) {
        free(y);
        return fail(error, MXP_DATA, "response and columns differ in length", task->data);
    }
    if (strcmp(task->workload->family, "bernoulli") == 0)
        for (size_t i = 0; i < rows; i++)
            y[i] = y[i] > 0.0;
    status = mxp_table_add(task->table, "y", y, error);
    if (status == MXP_OK && task->workload->kind == FOLDS) {
        for (size_t i = 0; i < rows; i++)
            y[i] = (double)(i * FOLD_COUNT / rows);
        status = mxp_table_add(task->table, "fold", y, error);
    }
    free(y);
    return status;
}

/* The penalties of a path, or those that end in the one of a single fit. */
static mxp_status read_lambdas(struct task *task, mxp_error *error)
{
    const mxp_status status = read_vector(&task->lambda, &task->lambdas, task, "_lam.npy", error);
    const double rows = (double)mxp_table_rows(task->table);

    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < task->lambdas; i++)
        task->lambda[i] *= rows;
    return MXP_OK;
}

static void write_prior(char *prior, size_t size, const struct task *task)
{
    if (!task->workload->l1)
        snprintf(prior, size, "gaussian(0, %.17g)", 1.0 / sqrt(describe(task, "tau")));
    else if (task->workload->kind == FIT)
        snprintf(prior, size, "laplace(0, %.17g)", 1.0 / task->lambda[task->lambdas - 1]);
    else
        snprintf(prior, size, "laplace(0, 1)");
}

/* Every column of the data but the response and the folds. */
static mxp_status name_predictors(struct task *task, mxp_error *error)
{
    const size_t columns = mxp_table_columns(task->table);
    const char **names = malloc(columns * sizeof *names);
    size_t count = 0;

    if (!names)
        return fail(error, MXP_MEMORY, "out of memory", "predictors");
    for (size_t j = 0; j < columns; j++) {
        const char *name = mxp_table_name(task->table, j);
        if (strcmp(name, "y") != 0 && strcmp(name, "fold") != 0)
            names[count++] = name;
    }
    const mxp_status status = mxp_model_set_predictors(task->model, names, count, error);
    free(names);
    return status;
}

static mxp_status make_model(struct task *task, mxp_error *error)
{
    char prior[80];
    mxp_status status = mxp_model_new(&task->model, "y", error);

    if (status == MXP_OK)
        status = mxp_model_set_family(task->model, task->workload->family, error);
    if (status == MXP_OK && strcmp(task->workload->family, "gaussian") == 0)
        status = mxp_model_fix_auxiliary(task->model, "noise_sd", 1.0, error);
    if (status != MXP_OK)
        return status;
    mxp_model_set_intercept(task->model, 0);
    write_prior(prior, sizeof prior, task);
    status = mxp_model_set_prior(task->model, "weights", prior, error);
    return status == MXP_OK ? name_predictors(task, error) : status;
}

mxp_status task_new(struct task **result, const char *workload, const char *directory, int threads,
                    double tolerance, mxp_error *error)
{
    const struct workload *found = find(workload);
    mxp_status status = MXP_OK;

    if (!found)
        return fail(error, MXP_USAGE, "no such workload", workload);
    struct task *task = calloc(1, sizeof *task);
    if (!task)
        return fail(error, MXP_MEMORY, "out of memory", workload);
    *result = task;
    task->workload = found;
    task->threads = threads;
    task->tolerance = tolerance;
    snprintf(task->data, sizeof task->data, "%s/%s%s", directory, found->data,
             workload + strlen(found->name));
    if (found->kind == READ)
        return MXP_OK;
    status =
        read_part(&task->table, task, strcmp(found->data, "w7") == 0 ? ".svm" : "_X.npy", error);
    if (status == MXP_OK)
        status = add_response(task, error);
    if (status == MXP_OK && found->l1)
        status = read_lambdas(task, error);
    return status == MXP_OK ? make_model(task, error) : status;
}

void task_clear(struct task *task)
{
    mxp_path_free(task->path);
    mxp_posterior_free(task->posterior);
    mxp_solution_free(task->solution);
    mxp_problem_free(task->problem);
    task->path = NULL;
    task->posterior = NULL;
    task->solution = NULL;
    task->problem = NULL;
    if (task->workload->kind == READ) {
        mxp_table_free(task->table);
        task->table = NULL;
    }
}

void task_free(struct task *task)
{
    if (!task)
        return;
    task_clear(task);
    mxp_model_free(task->model);
    mxp_table_free(task->table);
    free(task->lambda);
    free(task);
}

static mxp_status run_fit(struct task *task, mxp_error *error)
{
    mxp_fit_options options;
    mxp_status status;

    mxp_fit_options_init(&options);
    options.threads = task->threads;
    options.mode_only = task->workload->kind == FIT;
    if (task->tolerance > 0.0)
        options.tolerance = task->tolerance;
    status = mxp_fit(&task->solution, task->problem, &options, error);
    if (status == MXP_OK && task->workload->kind == COVARIANCE)
        status = mxp_posterior_new(&task->posterior, task->problem, task->solution, NULL, error);
    if (status != MXP_OK)
        return status;
    const mxp_fit_info info = mxp_solution_info(task->solution);
    snprintf(task->note, sizeof task->note, "%s, %s, %zu iterations, %zu passes, kkt %.1e",
             info.status_text, info.method, info.iterations, info.passes, info.kkt);
    return MXP_OK;
}

static mxp_status run_path(struct task *task, mxp_error *error)
{
    mxp_path_options options;
    mxp_status status;
    double kkt = 0.0;
    size_t passes = 0;

    mxp_path_options_init(&options);
    options.lambdas = task->lambda;
    options.lambda_count = task->lambdas;
    options.threads = task->threads;
    if (task->tolerance > 0.0)
        options.tolerance = task->tolerance;
    if (task->workload->kind == FOLDS) {
        options.folds = FOLD_COUNT;
        options.groups = "fold";
    }
    status = mxp_path_new(&task->path, task->problem, &options, error);
    if (status != MXP_OK)
        return status;
    for (size_t i = 0; i < mxp_path_points(task->path); i++) {
        const mxp_path_point point = mxp_path_at(task->path, i);
        kkt = fmax(kkt, point.kkt);
        passes += point.passes;
    }
    snprintf(task->note, sizeof task->note, "%zu points, %zu passes, worst kkt %.1e",
             mxp_path_points(task->path), passes, kkt);
    return MXP_OK;
}

mxp_status task_run(struct task *task, mxp_error *error)
{
    mxp_problem_options options;
    mxp_status status;

    if (task->workload->kind == READ)
        return read_part(&task->table, task, ".csv", error);
    mxp_problem_options_init(&options);
    options.threads = task->threads;
    status = mxp_problem_new(&task->problem, task->model, task->table, &options, error);
    if (status != MXP_OK)
        return status;
    return task->workload->kind == PATH || task->workload->kind == FOLDS ? run_path(task, error)
                                                                         : run_fit(task, error);
}

const char *task_note(const struct task *task)
{
    return task->note;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static int put(FILE *out, const double *values, size_t count)
{
    return fwrite(values, sizeof *values, count, out) == count;
}

/* A solution lists its modes, or is known by the names of its terms. */
static int save_fit(FILE *out, const struct task *task, mxp_error *error)
{
    const size_t terms = mxp_problem_parameters(task->problem);
    size_t column = 0;

    for (size_t j = 0; j < terms; j++, column++) {
        double value = mxp_solution_mode_estimate(task->solution, 0, j);
        const char *name = mxp_table_name(task->table, column);

        while (name && (strcmp(name, "y") == 0 || strcmp(name, "fold") == 0))
            name = mxp_table_name(task->table, ++column);
        if (isnan(value) && (!name || mxp_solution_estimate(&value, task->solution, name, error)))
            return 0;
        if (!put(out, &value, 1))
            return 0;
    }
    return !task->posterior || put(out, mxp_posterior_covariance(task->posterior), terms * terms);
}

static int save_path(FILE *out, const struct task *task)
{
    const size_t terms = mxp_problem_parameters(task->problem);
    const size_t points = mxp_path_points(task->path);
    double *beta = malloc(terms * sizeof *beta);
    int good = beta != NULL;

    for (size_t i = 0; good && i < points; i++) {
        if (task->workload->kind == FOLDS) {
            const double loss = mxp_path_at(task->path, i).cv_loss;
            good = put(out, &loss, 1);
            continue;
        }
        mxp_path_estimates(beta, task->path, i);
        good = put(out, beta, terms);
    }
    free(beta);
    return good;
}

static int save_table(FILE *out, const mxp_table *table)
{
    int good = 1;

    for (size_t j = 0; good && j < mxp_table_columns(table); j++)
        good = put(out, mxp_table_values(table, j), mxp_table_rows(table));
    return good;
}

mxp_status task_save(const struct task *task, const char *path, mxp_error *error)
{
    const int there =
        task->workload->kind == READ ? task->table != NULL : task->path || task->solution;
    FILE *out = there ? fopen(path, "wb") : NULL;
    int good;

    if (!there)
        return fail(error, MXP_USAGE, "there is no answer", task->workload->name);
    if (!out)
        return fail(error, MXP_CANNOT_CREATE, "cannot be created", path);
    if (task->workload->kind == READ)
        good = save_table(out, task->table);
    else
        good = task->path ? save_path(out, task) : save_fit(out, task, error);
    if (fclose(out) != 0 || !good)
        return error->status != MXP_OK ? error->status : fail(error, MXP_IO, "not written", path);
    return MXP_OK;
}
