#include "app/picture_path.h"
#include "app/report_path.h"
#include "app/run.h"
#include "app/svg.h"
#include "base/mem.h"
#include "data/design.h"
#include "select/path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINES_MAX = 60, NAMED_MAX = 10 };

/* The page, and the frame that the data fill. */
static const double page_width = 860.0, page_height = 500.0;
static const double frame_left = 76.0, frame_right = 700.0, frame_top = 84.0, frame_bottom = 436.0;
static const double line_height = 14.0;

/* A coefficient that is drawn. */
struct curve {
    size_t j;
    double size, last; /* the largest |value|, and the value at the last point */
    double *y;         /* points: values, then places */
};

struct picture {
    const struct report *report;
    const mxp_path *path;
    size_t points, curves;
    double *lambda, *x; /* points */
    double *value;      /* LINES_MAX x points */
    struct curve curve[LINES_MAX];
    struct svg_axis across, up;
};

static void clear(struct picture *p)
{
    free(p->lambda);
    free(p->value);
}

static mxp_status start(struct picture *p, const struct report *report, mxp_error *error)
{
    mxp_status status;

    *p = (struct picture){.report = report, .path = report->run->followed};
    p->points = mxp_path_points(p->path);
    TRY(status = mem_doubles(&p->lambda, p->points, 2, error));
    TRY(status = mem_doubles(&p->value, p->points, LINES_MAX, error));
    p->x = p->lambda + p->points;
    for (size_t i = 0; i < p->points; i++)
        p->lambda[i] = mxp_path_at(p->path, i).lambda;
    p->across = (struct svg_axis){.low = p->lambda[0],
                                  .high = p->lambda[p->points - 1],
                                  .from = frame_left,
                                  .to = frame_right,
                                  .log = true};
    for (size_t i = 0; i < p->points; i++)
        p->x[i] = svg_place(&p->across, p->lambda[i]);
out:
    return status;
}

/* Numbers of coefficients off their centres, along the top. */
static void put_counts(struct str *out, const struct picture *p)
{
    enum { COUNTS = 8 };
    const size_t shown = p->points < COUNTS ? p->points : COUNTS;
    char text[32];

    for (size_t n = 0; n < shown; n++) {
        const size_t i = shown == 1 ? 0 : n * (p->points - 1) / (shown - 1);
        (void)snprintf(text, sizeof text, "%zu", mxp_path_at(p->path, i).nonzeros);
        svg_line(out, "tick", p->x[i], frame_top - 5.0, p->x[i], frame_top);
        svg_text(out, p->x[i], frame_top - 9.0, SVG_MIDDLE, "small", text);
    }
    svg_line(out, "axis", frame_left, frame_top, frame_right, frame_top);
    svg_text(out, frame_left, frame_top - 26.0, SVG_START, "small",
             "coefficients away from their prior's centre");
}

/* A dashed line at point i, named at the foot of the frame. */
static void put_mark(struct str *out, const struct picture *p, size_t i, const char *name,
                     bool left)
{
    if (i >= p->points)
        return;
    svg_line(out, "mark", p->x[i], frame_top, p->x[i], frame_bottom);
    svg_text(out, p->x[i] + (left ? -5.0 : 5.0), frame_bottom - 7.0, left ? SVG_END : SVG_START,
             "small", name);
}

static void put_marks(struct str *out, const struct picture *p)
{
    const size_t chosen = mxp_path_chosen(p->path), min = mxp_path_min(p->path);

    put_mark(out, p, chosen, chosen == min ? "chosen (min)" : "chosen", true);
    if (min != chosen)
        put_mark(out, p, min, "min", false);
}

static void put_frame(struct str *out, const struct picture *p, const char *up)
{
    double tick[SVG_TICKS_MAX];
    const size_t count = svg_ticks(tick, &p->up);

    for (size_t i = 0; i < count; i++)
        svg_line(out, "grid", frame_left, svg_place(&p->up, tick[i]), frame_right,
                 svg_place(&p->up, tick[i]));
    put_counts(out, p);
    svg_axis_bottom(out, &p->across, frame_bottom,
                    "penalty lambda, falling: the prior gets wider to the right");
    svg_axis_left(out, &p->up, frame_left, up);
}

static void heading(struct str *title, const struct report *report, const char *what)
{
    str_format(title, "%s: %s", report->model->name, what);
}

/* ---- coefficients ---- */

/* The value of coefficient j at a point, times the sd of its column. */
static double scaled(const struct picture *p, const double *beta, size_t j)
{
    const struct parameter *parameter = &p->report->problem->parameter[j];
    return beta[j] * p->report->design->sd[parameter->column];
}

/* Keeps the largest coefficients; a pass over the path for their sizes. */
static mxp_status choose_curves(struct picture *p, mxp_error *error)
{
    const struct mxp_problem *problem = p->report->problem;
    double *beta = NULL, *size;
    mxp_status status;

    TRY(status = mem_doubles(&beta, problem->k, 2, error));
    size = beta + problem->k;
    for (size_t i = 0; i < p->points; i++) {
        mxp_path_estimates(beta, p->path, i);
        for (size_t j = 0; j < problem->k; j++)
            if (!problem_is_intercept(problem, j))
                size[j] = fmax(size[j], fabs(scaled(p, beta, j)));
    }
    for (size_t j = 0; j < problem->k; j++) {
        if (!(size[j] > 0.0) || (p->curves == LINES_MAX && size[j] <= p->curve[LINES_MAX - 1].size))
            continue;
        size_t at = p->curves < LINES_MAX ? p->curves++ : LINES_MAX - 1;
        for (; at > 0 && p->curve[at - 1].size < size[j]; at--)
            p->curve[at] = p->curve[at - 1];
        p->curve[at] = (struct curve){.j = j, .size = size[j]};
    }
    for (size_t c = 0; c < p->curves; c++)
        p->curve[c].y = p->value + c * p->points;
    for (size_t i = 0; i < p->points; i++) {
        mxp_path_estimates(beta, p->path, i);
        for (size_t c = 0; c < p->curves; c++)
            p->curve[c].y[i] = scaled(p, beta, p->curve[c].j);
    }
out:
    free(beta);
    return status;
}

static void place_curves(struct picture *p)
{
    double low = 0.0, high = 0.0;

    for (size_t c = 0; c < p->curves; c++)
        for (size_t i = 0; i < p->points; i++) {
            low = fmin(low, p->curve[c].y[i]);
            high = fmax(high, p->curve[c].y[i]);
        }
    const double margin = 0.04 * (high - low);
    p->up = (struct svg_axis){
        .low = low - margin, .high = high + margin, .from = frame_bottom, .to = frame_top};
    for (size_t c = 0; c < p->curves; c++) {
        p->curve[c].last = p->curve[c].y[p->points - 1];
        for (size_t i = 0; i < p->points; i++)
            p->curve[c].y[i] = svg_place(&p->up, p->curve[c].y[i]);
    }
}

static int by_place(const void *a, const void *b)
{
    const double x = ((const double *)a)[0], y = ((const double *)b)[0];
    return (x > y) - (x < y);
}

/* Names at the ends of the largest curves, pushed apart so that none covers another. */
static void put_names(struct str *out, const struct picture *p)
{
    const size_t count = p->curves < NAMED_MAX ? p->curves : NAMED_MAX;
    double end[NAMED_MAX][3]; /* place of the name, curve, place of the end */

    for (size_t c = 0; c < count; c++) {
        end[c][0] = end[c][2] = p->curve[c].y[p->points - 1];
        end[c][1] = (double)c;
    }
    qsort(end, count, sizeof *end, by_place);
    for (size_t c = 1; c < count; c++)
        end[c][0] = fmax(end[c][0], end[c - 1][0] + line_height);
    if (count && end[count - 1][0] > frame_bottom)
        end[count - 1][0] = frame_bottom;
    for (size_t c = count; c-- > 1;)
        end[c - 1][0] = fmin(end[c - 1][0], end[c][0] - line_height);
    for (size_t c = 0; c < count; c++) {
        const struct curve *curve = &p->curve[(size_t)end[c][1]];
        svg_line(out, "faint", frame_right + 2.0, end[c][2], frame_right + 12.0, end[c][0]);
        svg_text(out, frame_right + 15.0, end[c][0] + 4.0, SVG_START, "",
                 p->report->problem->parameter[curve->j].name);
    }
}

static void put_curve(struct str *out, const struct picture *p, size_t c)
{
    const struct curve *curve = &p->curve[c];
    struct str title = {0};
    char number[32];

    svg_number(number, curve->last);
    str_format(&title, "%s: %s at the last point", p->report->problem->parameter[curve->j].name,
               number);
    out->failed |= title.failed;
    svg_polyline(out, c < NAMED_MAX ? "path" : "faint", c < NAMED_MAX ? (int)(c % 4) : 0, p->x,
                 curve->y, p->points, title.text);
    str_free(&title);
}

mxp_status picture_path(struct str *svg, const struct report *report, mxp_error *error)
{
    struct picture p;
    struct str title = {0};
    mxp_status status;

    TRY(status = start(&p, report, error));
    TRY(status = choose_curves(&p, error));
    if (p.curves == 0 || p.points < 2)
        goto out;
    place_curves(&p);
    heading(&title, report, "coefficients along the path");
    svg_open(svg, page_width, page_height, title.text ? title.text : "",
             "Each coefficient times the standard deviation of its column, against the penalty.");
    svg_text(svg, frame_left, 28.0, SVG_START, "bold", title.text ? title.text : "");
    put_frame(svg, &p, "coefficient times sd of its column");
    for (size_t c = p.curves; c-- > 0;)
        put_curve(svg, &p, c);
    put_marks(svg, &p);
    put_names(svg, &p);
    svg_close(svg);
    svg->failed |= title.failed;
    status = str_check(svg, error);
out:
    str_free(&title);
    clear(&p);
    return status;
}

/* ---- cross-validation ---- */

static void place_losses(struct picture *p)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < p->points; i++) {
        const mxp_path_point point = mxp_path_at(p->path, i);
        if (!isfinite(point.cv_loss) || !isfinite(point.cv_se))
            continue;
        low = fmin(low, point.cv_loss - point.cv_se);
        high = fmax(high, point.cv_loss + point.cv_se);
    }
    const double margin = 0.06 * (high - low);
    p->up = (struct svg_axis){
        .low = low - margin, .high = high + margin, .from = frame_bottom, .to = frame_top};
}

static void put_loss(struct str *out, const struct picture *p, size_t i)
{
    const mxp_path_point point = mxp_path_at(p->path, i);
    char title[128];

    if (!isfinite(point.cv_loss) || !isfinite(point.cv_se))
        return;
    const double low = svg_place(&p->up, point.cv_loss - point.cv_se),
                 high = svg_place(&p->up, point.cv_loss + point.cv_se);
    svg_line(out, "bar", p->x[i], low, p->x[i], high);
    svg_line(out, "bar", p->x[i] - 2.0, low, p->x[i] + 2.0, low);
    svg_line(out, "bar", p->x[i] - 2.0, high, p->x[i] + 2.0, high);
    (void)snprintf(title, sizeof title, "point %zu: lambda %.4g, loss %.5g, standard error %.2g",
                   i + 1, point.lambda, point.cv_loss, point.cv_se);
    svg_dot(out, p->x[i], svg_place(&p->up, point.cv_loss), title);
}

mxp_status picture_cv(struct str *svg, const struct report *report, mxp_error *error)
{
    struct picture p;
    struct str title = {0}, up = {0};
    mxp_status status;

    TRY(status = start(&p, report, error));
    if (mxp_path_min(p.path) >= p.points || p.points < 2)
        goto out;
    place_losses(&p);
    heading(&title, report, "cross-validation");
    str_format(&up, "%s of rows held out", report_path_loss(report));
    svg_open(svg, page_width, page_height, title.text ? title.text : "",
             "The loss on rows held out, with a standard error to each side, against the penalty.");
    svg_text(svg, frame_left, 28.0, SVG_START, "bold", title.text ? title.text : "");
    put_frame(svg, &p, up.text ? up.text : "");
    put_marks(svg, &p);
    for (size_t i = 0; i < p.points; i++)
        put_loss(svg, &p, i);
    svg_close(svg);
    svg->failed |= title.failed || up.failed;
    status = str_check(svg, error);
out:
    str_free(&title);
    str_free(&up);
    clear(&p);
    return status;
}
