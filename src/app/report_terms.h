/* The table of estimates in the terminal report. */
#ifndef MAXPOST_REPORT_TERMS_H
#define MAXPOST_REPORT_TERMS_H

#include "app/report.h"

/* A heading that says what is shown and what the intervals surround, one line a term, and what was
 * left out.  width: of the terminal. */
MXP_MUST_CHECK mxp_status report_terms(struct str *out, const struct report *report, bool color,
                                       size_t width, mxp_error *error);

#endif
