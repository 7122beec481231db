/* What goes to standard output and to standard error, and how wide the terminal is. */
#ifndef MAXPOST_CLI_OUTPUT_H
#define MAXPOST_CLI_OUTPUT_H

#include "maxpost/base.h"

#include <stdbool.h>
#include <stddef.h>

#if defined(__GNUC__)
#define OUTPUT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define OUTPUT_PRINTF(text, first)
#endif

/* Makes sure that the three standard streams are open, so that no file of ours takes their
 * places: a stream that was closed fails when it is used.  Broken pipes become write errors. */
void output_start(void);
/* Closes standard output; returns code, or 74 when that failed and code is 0. */
int output_finish(int code);

/* The text on standard output, flushed.  Returns 0, or 74 after a complaint. */
int output_text(const char *text);
/* The lines of a text as a JSON document {"maxpost": 1, "command": ..., "lines": [...]}. */
int output_lines_json(const char *command, const char *text);

/* Each line of the text on standard error, as `maxpost: ...`. */
void output_notes(const char *text);
/* A library's error on standard error; returns its status. */
int output_error(const mxp_error *error);
/* `maxpost: ...` on standard error; returns the exit code. */
int output_failure(int code, const char *format, ...) OUTPUT_PRINTF(2, 3);
/* The same for a wrong command line; returns 64. */
#define output_usage(...) output_failure(MXP_USAGE, __VA_ARGS__)

/* Columns that reports may use: 60 to 100. */
size_t output_width(void);
/* Whether reports may be coloured: a terminal that can, and no NO_COLOR. */
bool output_color(void);

#endif
