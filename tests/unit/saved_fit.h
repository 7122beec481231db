/* Fits in a directory of their own, saved: what the tests of reading them back share. */
#ifndef MAXPOST_TEST_SAVED_FIT_H
#define MAXPOST_TEST_SAVED_FIT_H

#include "numeric.h"

#include "app/fit_file.h"
#include "app/report.h"
#include "app/run.h"
#include "maxpost/maxpost.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The directory; fit.json and covariance.npy are in its out/. */
struct saved {
    char directory[64], json[128], covariance[128];
    mxp_run *run;
};

static inline void saved_write(const char *path, const char *bytes, size_t length)
{
    FILE *const out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

static inline char *saved_text(const char *path, size_t *length)
{
    FILE *const in = fopen(path, "rb");

    assert_non_null(in);
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    *length = (size_t)ftell(in);
    rewind(in);
    char *const text = malloc(*length + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, *length, in), *length);
    text[*length] = '\0';
    (void)fclose(in);
    return text;
}

/* Fits a run without the scores of its report, which do not know classes yet. */
static inline mxp_status saved_classes(mxp_run *run, mxp_error *error)
{
    struct report *const report = calloc(1, sizeof *report);
    mxp_status status = run_problem(run, error);

    assert_non_null(report);
    if (status == MXP_OK)
        status = mxp_fit(&run->solution, run->problem, NULL, error);
    if (status == MXP_OK)
        status = mxp_posterior_new(&run->posterior, run->problem, run->solution, NULL, error);
    if (status != MXP_OK) {
        free(report);
        return status;
    }
    *report = (struct report){.run = run,
                              .problem = run->problem,
                              .design = run->problem->design,
                              .model = run->problem->model,
                              .fit = mxp_solution_info(run->solution),
                              .has_posterior = true,
                              .posterior = mxp_posterior_get_info(run->posterior),
                              .level = 0.95,
                              .count = run->problem->d,
                              .coefficients = run->problem->k};
    report->term = calloc(report->count, sizeof *report->term);
    assert_non_null(report->term);
    for (size_t j = 0; j < report->count; j++)
        report->term[j] = mxp_posterior_term(run->posterior, j);
    run->report = report;
    return MXP_OK;
}

/* Fits a model, "response: y, ...", to rows of y, c, b, w, off, x, z, k made here; k is text. */
static inline struct saved saved_new(const char *model, const char *data, const char *laplace)
{
    struct saved s = {.directory = "/tmp/test_fit_file_XXXXXX"};
    char path[160], text[2048];
    mxp_error error = {0};
    mxp_run_options options;
    size_t used = 0;

    assert_non_null(mkdtemp(s.directory));
    used += (size_t)snprintf(text, sizeof text, "y,c,b,w,off,x,z,k\n");
    for (int i = 1; i <= 20; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%.4f,%d,%d,%d,%.3f,%.4f,%.4f,%s\n",
                             2.0 + sin(1.7 * i) + 0.1 * i, i * i % 7, i * 5 % 8 < 4, 1 + i % 3,
                             0.1 * (i % 5), 10.0 + cos(2.3 * i), sin(0.9 * i * i),
                             i * 3 % 7 < 2   ? "low"
                             : i * 3 % 7 < 5 ? "mid"
                                             : "high");
    (void)snprintf(path, sizeof path, "%s/data.csv", s.directory);
    saved_write(path, text, used);
    used = (size_t)snprintf(text, sizeof text,
                            "maxpost: 1\nmodel: {name: m, predictors: [x, z], %s}\n"
                            "data: {file: data.csv%s}\nlaplace: {samples: 40%s}\n",
                            model, data, laplace);
    (void)snprintf(path, sizeof path, "%s/run.yaml", s.directory);
    saved_write(path, text, used);
    (void)snprintf(s.json, sizeof s.json, "%s/out/fit.json", s.directory);
    (void)snprintf(s.covariance, sizeof s.covariance, "%s/out/covariance.npy", s.directory);

    mxp_run_options_init(&options);
    (void)snprintf(text, sizeof text, "%s/out", s.directory);
    options.output_directory = text;
    mxp_status status = mxp_run_load(&s.run, path, &options, &error);
    if (status == MXP_OK)
        status = strstr(model, "response: k") ? saved_classes(s.run, &error)
                                              : mxp_run_fit(s.run, &error);
    if (status == MXP_OK)
        status = mxp_run_write(s.run, &error);
    if (status != MXP_OK)
        fail_msg("%s", error.message);
    return s;
}

static inline void saved_free(struct saved *s)
{
    static const char *const files[] = {"out/fit.json", "out/terms.csv", "out/covariance.npy",
                                        "out",          "data.csv",      "run.yaml"};
    char path[160];

    mxp_run_free(s->run);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", s->directory, files[i]);
        (void)remove(path);
    }
    assert_int_equal(rmdir(s->directory), 0);
}

#endif
