/* A line on standard error that says what is under way. */
#ifndef MAXPOST_CLI_PROGRESS_H
#define MAXPOST_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Starts from {0}. */
struct progress {
    bool shown; /* there is a line to be cleared */
};

/* Whether there is somebody to tell: standard error is a terminal. */
bool progress_wanted(void);
/* Writes the line anew; told: struct progress.  As mxp_run_options wants it. */
void progress_tell(void *told, const char *what, size_t done, size_t all);
/* Clears the line. */
void progress_end(struct progress *progress);

#endif
