/* A path as a document and as files. */
#include "app/report_path.h"
#include "app/path.h"
#include "app/picture_path.h"
#include "app/text_csv.h"
#include "base/mem.h"
#include "data/design.h"

#include <math.h>
#include <string.h>

static const char *status_text(mxp_convergence status)
{
    return status == MXP_CONVERGED ? "converged" : "stalled";
}

/* Room for a point's coefficients. */
struct room {
    size_t *index;
    double *beta;
};

static mxp_status make_room(struct room *room, const struct report *report, mxp_error *error)
{
    mxp_status status;

    TRY(status = MEM_NEW(&room->index, report->problem->k, error));
    TRY(status = mem_doubles(&room->beta, report->problem->k, 1, error));
out:
    return status;
}

static void clear_room(struct room *room)
{
    free(room->index);
    free(room->beta);
}

/* ---- the document ---- */

static void put_terms(struct json *json, const struct report *report, const struct room *room,
                      size_t i)
{
    const mxp_path *const path = report->run->followed;
    const size_t count = path_away(room->index, path, i);

    mxp_path_estimates(room->beta, path, i);
    json_open_object(json, "terms");
    for (size_t a = 0; a < count; a++) {
        const size_t j = room->index[a];
        json_add_number(json, report->problem->parameter[j].name, room->beta[j], NULL);
    }
    json_close(json);
}

static void put_point(struct json *json, const struct report *report, const struct room *room,
                      size_t i)
{
    const mxp_path *const path = report->run->followed;
    const mxp_path_point point = mxp_path_at(path, i);
    const struct prior prior = path_prior(path, i);
    const char *const no_folds = "there was no cross-validation";
    struct str text = {0};

    prior_format(&text, &prior);
    json->out->failed |= text.failed;
    json_open_object(json, NULL);
    json_add_integer(json, "point", (int64_t)i + 1);
    json_add_number(json, "lambda", point.lambda, NULL);
    json_add_number(json, "scale", point.scale, NULL);
    json_add_text(json, "prior", text.text);
    json_add_number(json, "noise_sd", point.noise_sd, "the family has no noise sd");
    json_add_number(json, "objective", point.objective, NULL);
    json_add_number(json, "log_likelihood", point.log_likelihood, NULL);
    json_add_number(json, "log_prior", point.log_prior, NULL);
    json_add_number(json, "kkt", point.kkt, NULL);
    json_add_number(json, "duality_gap", point.gap, "not dual in closed form");
    json_add_number(json, "deviance_explained", point.deviance_explained,
                    "the empty model leaves nothing to explain");
    json_add_integer(json, "nonzeros", (int64_t)point.nonzeros);
    json_add_integer(json, "iterations", (int64_t)point.iterations);
    json_add_integer(json, "passes", (int64_t)point.passes);
    json_add_text(json, "status", status_text(point.status));
    json_add_number(json, "cv_loss", point.cv_loss, no_folds);
    json_add_number(json, "cv_se", point.cv_se, no_folds);
    put_terms(json, report, room, i);
    json_close(json);
    str_free(&text);
}

static void put_number_of(struct json *json, const char *name, const mxp_path *path, size_t i)
{
    if (i < mxp_path_points(path))
        json_add_integer(json, name, (int64_t)i + 1);
    else
        json_add_null(json, name, "there was no cross-validation");
}

mxp_status report_path_json(struct json *json, const struct report *report, mxp_error *error)
{
    const mxp_path *const path = report->run->followed;
    struct room room = {0};
    mxp_status status;

    if (!path)
        return MXP_OK;
    TRY(status = make_room(&room, report, error));
    json_open_object(json, "path");
    json_add_text(json, "penalty", path_penalty(path));
    json_add_number(json, "mix", path->setup->mix1, NULL);
    json_add_integer(json, "moving", (int64_t)path->setup->moving);
    json_add_text(json, "rule", spec_rules[report->run->spec.path.rule]);
    json_add_integer(json, "folds", (int64_t)path_folds(report->run));
    json_add_text(json, "groups", report->run->spec.data.groups);
    json_add_text(json, "loss", report_path_loss(report));
    json_add_boolean(json, "interrupted", report->run->interrupted);
    put_number_of(json, "chosen", path, mxp_path_chosen(path));
    put_number_of(json, "min", path, mxp_path_min(path));
    json_open_array(json, "points");
    for (size_t i = 0; i < mxp_path_points(path); i++)
        put_point(json, report, &room, i);
    json_close(json);
    json_close(json);
out:
    clear_room(&room);
    return status;
}

/* ---- the files ---- */

static void add_numbers(struct str *out, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str_add(out, ",");
        text_csv_number(out, values[i]);
    }
}

static void write_points(struct str *out, const mxp_path *path)
{
    str_add(out, "point,lambda,scale,noise_sd,objective,log_likelihood,log_prior,kkt,gap,"
                 "deviance_explained,nonzeros,iterations,passes,status,cv_loss,cv_se,chosen\n");
    for (size_t i = 0; i < mxp_path_points(path); i++) {
        const mxp_path_point p = mxp_path_at(path, i);
        const double first[] = {
            p.lambda,    p.scale, p.noise_sd, p.objective,         p.log_likelihood,
            p.log_prior, p.kkt,   p.gap,      p.deviance_explained};
        const double last[] = {p.cv_loss, p.cv_se};
        str_format(out, "%zu", i + 1);
        add_numbers(out, first, sizeof first / sizeof *first);
        str_format(out, ",%zu,%zu,%zu,%s", p.nonzeros, p.iterations, p.passes,
                   status_text(p.status));
        add_numbers(out, last, sizeof last / sizeof *last);
        str_format(out, ",%s\n", report_path_mark(path, i));
    }
}

static mxp_status write_coefficients(struct str *out, const struct report *report, mxp_error *error)
{
    const mxp_path *const path = report->run->followed;
    struct room room = {0};
    mxp_status status;

    TRY(status = make_room(&room, report, error));
    str_add(out, "point,lambda,scale,term,estimate\n");
    for (size_t i = 0; i < mxp_path_points(path); i++) {
        const mxp_path_point point = mxp_path_at(path, i);
        const double place[] = {point.lambda, point.scale};
        const size_t count = path_away(room.index, path, i);
        mxp_path_estimates(room.beta, path, i);
        for (size_t a = 0; a < count; a++) {
            str_format(out, "%zu", i + 1);
            add_numbers(out, place, 2);
            str_add(out, ",");
            text_csv_field(out, report->problem->parameter[room.index[a]].name);
            add_numbers(out, &room.beta[room.index[a]], 1);
            str_add(out, "\n");
        }
    }
out:
    clear_room(&room);
    return status;
}

/* The class of an eta column, or NULL where there is none. */
static const char *class_of(const struct mxp_problem *problem, size_t column)
{
    for (size_t j = 0; j < problem->k; j++)
        if (problem->parameter[j].slot == column)
            return problem->parameter[j].class_name;
    return NULL;
}

static void write_held_out(struct str *out, const struct report *report)
{
    const struct mxp_problem *const problem = report->problem;
    const double *const eta = mxp_path_held_out(report->run->followed);
    const unsigned *const fold = mxp_path_folds(report->run->followed);
    const size_t *const row = report->design->table_row;

    str_add(out, "row,fold");
    for (size_t c = 0; c < problem->q; c++) {
        struct str name = {0};
        const char *const class_name = class_of(problem, c);
        str_add(&name, "eta");
        if (class_name)
            str_format(&name, "[%s]", class_name);
        str_add(out, ",");
        text_csv_field(out, name.text ? name.text : "");
        out->failed |= name.failed;
        str_free(&name);
    }
    str_add(out, "\n");
    for (size_t i = 0; i < problem->n; i++) {
        str_format(out, "%zu,%u", (row ? row[i] : i) + 1, fold[i] + 1);
        for (size_t c = 0; c < problem->q; c++)
            add_numbers(out, &eta[c * problem->n + i], 1);
        str_add(out, "\n");
    }
}

mxp_status report_path_files(struct path_files *files, const struct report *report,
                             mxp_error *error)
{
    const mxp_path *const path = report->run->followed;
    mxp_status status;

    write_points(&files->points, path);
    TRY(status = write_coefficients(&files->coefficients, report, error));
    if (report->run->spec.path.held_out && mxp_path_held_out(path))
        write_held_out(&files->held_out, report);
    TRY(status = picture_path(&files->picture, report, error));
    TRY(status = picture_cv(&files->cv_picture, report, error));
    TRY(status = str_check(&files->points, error));
    TRY(status = str_check(&files->coefficients, error));
    TRY(status = str_check(&files->held_out, error));
out:
    return status;
}

void report_path_files_clear(struct path_files *files)
{
    str_free(&files->points);
    str_free(&files->picture);
    str_free(&files->cv_picture);
    str_free(&files->coefficients);
    str_free(&files->held_out);
}
