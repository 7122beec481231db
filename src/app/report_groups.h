/* What check and the reports say of priors on several terms and of constraints. */
#ifndef MAXPOST_REPORT_GROUPS_H
#define MAXPOST_REPORT_GROUPS_H

#include "app/report_page.h"
#include "io/json.h"

/* The groups and constraints as they are stated; nothing where there are none. */
void report_groups_check(struct str *out, const struct mxp_run *run);
/* Where the groups are, and how well the constraints hold; nothing where there are none. */
void report_groups_text(const struct page *page);
/* The members groups, constraints_on and constraints, where there are any. */
void report_groups_json(struct json *json, const struct report *report);

/* A factor of text levels whose order a prior along it (ar1, rw1, rw2) uses although nobody stated
 * one; NULL: there is none. */
const char *report_unordered(const struct report *report);

#endif
