/* What the reports say of a path. */
#ifndef MAXPOST_REPORT_PATH_H
#define MAXPOST_REPORT_PATH_H

#include "app/report_page.h"
#include "io/json.h"
#include "select/path.h"

/* Warnings about the path; none where there is no path.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status report_path_warn(struct report *report, mxp_error *error);
/* A table of some of the points, and how one was chosen; nothing where there is no path. */
void report_path_text(const struct page *page);
/* The member path; nothing where there is no path. */
MXP_MUST_CHECK mxp_status report_path_json(struct json *json, const struct report *report,
                                           mxp_error *error);

/* The files of a path as texts. */
struct path_files {
    struct str points, coefficients;
    struct str held_out;            /* empty: not wanted, or no point is chosen */
    struct str picture, cv_picture; /* empty: nothing to draw */
};
/* Makes them from a run with a path; clear after success and failure.  Errors: MEMORY. */
MXP_MUST_CHECK mxp_status report_path_files(struct path_files *files, const struct report *report,
                                            mxp_error *error);
void report_path_files_clear(struct path_files *files);

/* "chosen" or "min" where point i is that, else "". */
const char *report_path_mark(const mxp_path *path, size_t i);
/* Which loss cross-validation takes: "squared error" or "deviance"; static. */
const char *report_path_loss(const struct report *report);

#endif
