/* The page that the summary is written on, and its parts. */
#ifndef MAXPOST_REPORT_PAGE_H
#define MAXPOST_REPORT_PAGE_H

#include "app/report.h"

/* Where a report is written, and how. */
struct page {
    struct str *out;
    const struct report *report;
    bool color;
    size_t width;
};

/* An empty line and a title. */
void page_title(const struct page *page, const char *title);
/* A label in its own column, then the text, wrapped; nothing when it is empty.  Frees the text. */
void page_fact(const struct page *page, const char *label, struct str *text);

/* What the fit came to: parts of the log posterior, how well it describes the rows, penalties. */
void page_results(const struct page *page);
/* Warnings, files, and what to try next. */
void page_end(const struct page *page);

#endif
