/* The files of a fit: terms.csv, covariance.npy and, last, fit.json. */
#include "app/report_path.h"
#include "app/text_csv.h"
#include "base/mem.h"
#include "io/file.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mxp_status write_file(const struct mxp_run *run, const char *name, const void *bytes,
                             size_t length, mxp_error *error)
{
    struct str path = {0};
    mxp_status status;

    str_format(&path, "%s/%s", run->output_directory, name);
    TRY(status = str_check(&path, error));
    TRY(status = file_write(path.text, bytes, length, error));
out:
    str_free(&path);
    return status;
}

static mxp_status write_terms(const struct report *report, mxp_error *error)
{
    struct str out = {0};
    mxp_status status;

    str_add(&out, "term,estimate,std_error,conf_low,conf_high,prior\n");
    for (size_t j = 0; j < report->count; j++) {
        const mxp_term *const term = &report->term[j];
        text_csv_field(&out, term->name);
        str_add(&out, ",");
        text_csv_number(&out, term->estimate);
        str_add(&out, ",");
        text_csv_number(&out, term->sd);
        str_add(&out, ",");
        text_csv_number(&out, term->lower);
        str_add(&out, ",");
        text_csv_number(&out, term->upper);
        str_add(&out, ",");
        text_csv_field(&out, term->prior);
        str_add(&out, "\n");
    }
    TRY(status = str_check(&out, error));
    TRY(status = write_file(report->run, "terms.csv", out.text, out.length, error));
out:
    str_free(&out);
    return status;
}

/* NumPy's format, version 1.0: the header is padded so that the data start at a multiple of 64. */
static void put_npy_header(struct str *out, size_t order)
{
    static const char magic[] = "\x93NUMPY\x01";
    const uint16_t one = 1;
    unsigned char first;
    char text[128];

    memcpy(&first, &one, 1);
    const int used = snprintf(text, sizeof text,
                              "{'descr': '%cf8', 'fortran_order': True, 'shape': (%zu, %zu), }",
                              first ? '<' : '>', order, order);
    const size_t length = (10 + (size_t)used + 1 + 63) / 64 * 64 - 10;
    const char head[3] = {0, (char)(length & 0xFF), (char)(length >> 8)};
    str_add_n(out, magic, sizeof magic - 1);
    str_add_n(out, head, sizeof head);
    str_format(out, "%-*s\n", (int)length - 1, text);
}

/* A square matrix as NAME; NULL: none. */
static mxp_status write_square(const struct report *report, const char *name,
                               const double *covariance, size_t k, mxp_error *error)
{
    struct str out = {0};
    mxp_status status = MXP_OK;

    if (!covariance)
        return MXP_OK;
    put_npy_header(&out, k);
    for (size_t j = 0; j < k; j++)
        str_add_n(&out, (const char *)(covariance + j * k), k * sizeof *covariance);
    TRY(status = str_check(&out, error));
    TRY(status = write_file(report->run, name, out.text, out.length, error));
out:
    str_free(&out);
    return status;
}

static mxp_status write_covariances(const struct report *report, mxp_error *error)
{
    const mxp_posterior *const posterior = report->run->posterior;
    size_t count;
    const size_t *terms;
    mxp_status status;

    TRY(status = write_square(report, "covariance.npy", mxp_posterior_covariance(posterior),
                              report->count, error));
    const double *const chosen = mxp_posterior_chosen(&count, &terms, posterior);
    TRY(status = write_square(report, "covariance-terms.npy", chosen, count, error));
out:
    return status;
}

static mxp_status write_text(const struct mxp_run *run, const char *name, const struct str *text,
                             mxp_error *error)
{
    return text->length ? write_file(run, name, text->text, text->length, error) : MXP_OK;
}

static mxp_status write_path(const struct report *report, const struct path_files *files,
                             mxp_error *error)
{
    const struct mxp_run *const run = report->run;
    mxp_status status;

    TRY(status = write_text(run, "path-coefficients.csv", &files->coefficients, error));
    TRY(status = write_text(run, "path.svg", &files->picture, error));
    TRY(status = write_text(run, "cv.svg", &files->cv_picture, error));
    TRY(status = write_text(run, "held_out.csv", &files->held_out, error));
    TRY(status = write_text(run, "path.csv", &files->points, error));
out:
    return status;
}

static mxp_status write_fit(const struct report *report, const char *document, mxp_error *error)
{
    mxp_status status = MXP_OK;

    if (report_writes(report, "csv"))
        TRY(status = write_terms(report, error));
    if (report_writes(report, "json")) {
        if (report->has_posterior)
            TRY(status = write_covariances(report, error));
        TRY(status = write_file(report->run, "fit.json", document, strlen(document), error));
    }
out:
    return status;
}

/* Makes the texts of the path and of fit.json before anything is written. */
static mxp_status write_all(const struct report *report, mxp_error *error)
{
    struct path_files files = {0};
    char *text = NULL;
    mxp_status status;

    if (report->run->followed)
        TRY(status = report_path_files(&files, report, error));
    if (report->term)
        TRY(status = mxp_run_json(&text, report->run, error));
    TRY(status = file_make_directory(report->run->output_directory, error));
    if (report->run->followed)
        TRY(status = write_path(report, &files, error));
    if (report->term)
        TRY(status = write_fit(report, text, error));
out:
    report_path_files_clear(&files);
    free(text);
    return status;
}

mxp_status mxp_run_write(mxp_run *run, mxp_error *error)
{
    const struct report *report = NULL;
    mxp_status status;

    TRY(status = report_of(&report, run, error));
    TRY(status = write_all(report, error));
    run->written = true;
out:
    return status;
}
