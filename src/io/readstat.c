#include "io/readstat.h"

#include <string.h>
#include <strings.h>

static const char *const endings[] = {".dta", ".sav", ".zsav", ".por", ".sas7bdat", ".xpt"};

bool readstat_reads(const char *ending)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(ending, endings[i]) == 0)
            return true;
    return false;
}

#ifdef MAXPOST_READSTAT

#include "io/filler.h"

#include <limits.h>
#include <math.h>
#include <readstat.h>
#include <stdint.h>
#include <stdio.h>

const bool readstat_built_in = true;

/* What the handlers work on. */
struct reading {
    const struct bytes *input;
    size_t at; /* in the input */
    struct filler filler;
    size_t cells;     /* taken */
    char detail[200]; /* what the library says besides its error code */
    mxp_error *error;
    mxp_status status; /* not OK: a handler failed, and wrote error */
};

/* ---- the input, in memory ---- */

static int open_input(const char *path, void *context)
{
    (void)path;
    ((struct reading *)context)->at = 0;
    return 0;
}

static int close_input(void *context)
{
    (void)context;
    return 0;
}

static readstat_off_t seek_input(readstat_off_t offset, readstat_io_flags_t whence, void *context)
{
    struct reading *reading = context;
    const readstat_off_t size = (readstat_off_t)reading->input->size;
    const readstat_off_t from = whence == READSTAT_SEEK_SET   ? 0
                                : whence == READSTAT_SEEK_END ? size
                                                              : (readstat_off_t)reading->at;

    if (offset > size - from || offset < -from)
        return -1;
    reading->at = (size_t)(from + offset);
    return from + offset;
}

static ssize_t read_input(void *bytes, size_t count, void *context)
{
    struct reading *reading = context;
    const size_t left = reading->input->size - reading->at;
    const size_t given = count < left ? count : left;

    memcpy(bytes, reading->input->data + reading->at, given);
    reading->at += given;
    return (ssize_t)given;
}

static readstat_error_t update_input(long size, readstat_progress_handler progress, void *user,
                                     void *context)
{
    (void)size;
    (void)progress;
    (void)user;
    (void)context;
    return READSTAT_OK;
}

/* ---- what is read ---- */

static void take_message(const char *message, void *context)
{
    struct reading *reading = context;

    (void)snprintf(reading->detail, sizeof reading->detail, "%s", message);
    reading->detail[strcspn(reading->detail, "\r\n")] = '\0';
}

static int take_variable(int index, readstat_variable_t *variable, const char *labels,
                         void *context)
{
    struct reading *reading = context;

    (void)index;
    (void)labels;
    reading->status =
        filler_column(&reading->filler, readstat_variable_get_name(variable), reading->error);
    return reading->status == MXP_OK ? READSTAT_HANDLER_OK : READSTAT_HANDLER_ABORT;
}

static mxp_status take_cell(struct reading *reading, int row, readstat_variable_t *variable,
                            readstat_value_t value)
{
    struct filler *filler = &reading->filler;
    const size_t column = (size_t)readstat_variable_get_index(variable);
    mxp_status status;

    if (row < 0 || column >= filler->columns.count)
        return FAIL(reading->error, MXP_DATA, "%s: a cell outside the table", filler->name);
    if ((size_t)row >= filler->columns.rows) {
        status = filler_row(filler, reading->error);
        if (status != MXP_OK)
            return status;
    }
    reading->cells++;
    if (readstat_value_is_missing(value, variable)) {
        filler_missing(filler, column);
        return MXP_OK;
    }
    if (readstat_value_type_class(value) == READSTAT_TYPE_CLASS_NUMERIC)
        return filler_number(filler, column, readstat_double_value(value), reading->error);
    const char *text = readstat_string_value(value);
    text = text ? text : "";
    return filler_text(filler, column, text, strlen(text), reading->error);
}

static int take_value(int row, readstat_variable_t *variable, readstat_value_t value, void *context)
{
    struct reading *reading = context;

    reading->status = take_cell(reading, row, variable, value);
    return reading->status == MXP_OK ? READSTAT_HANDLER_OK : READSTAT_HANDLER_ABORT;
}

/* ---- the whole ---- */

static readstat_error_t parse(readstat_parser_t *parser, const char *ending,
                              struct reading *reading)
{
    const char *name = reading->filler.name;

    (void)readstat_set_open_handler(parser, open_input);
    (void)readstat_set_close_handler(parser, close_input);
    (void)readstat_set_seek_handler(parser, seek_input);
    (void)readstat_set_read_handler(parser, read_input);
    (void)readstat_set_update_handler(parser, update_input);
    (void)readstat_set_io_ctx(parser, reading);
    (void)readstat_set_error_handler(parser, take_message);
    (void)readstat_set_variable_handler(parser, take_variable);
    (void)readstat_set_value_handler(parser, take_value);
    if (strcasecmp(ending, ".dta") == 0)
        return readstat_parse_dta(parser, name, reading);
    if (strcasecmp(ending, ".por") == 0)
        return readstat_parse_por(parser, name, reading);
    if (strcasecmp(ending, ".sas7bdat") == 0)
        return readstat_parse_sas7bdat(parser, name, reading);
    if (strcasecmp(ending, ".xpt") == 0)
        return readstat_parse_xport(parser, name, reading);
    return readstat_parse_sav(parser, name, reading);
}

static mxp_status judge(readstat_error_t problem, const struct reading *reading)
{
    if (reading->status != MXP_OK)
        return reading->status;
    if (problem == READSTAT_OK)
        return MXP_OK;
    if (problem == READSTAT_ERROR_MALLOC)
        return FAIL(reading->error, MXP_MEMORY, "%s: out of memory", reading->filler.name);
    return FAIL(reading->error, MXP_DATA, "%s: cannot be read: %s%s%s", reading->filler.name,
                readstat_error_message(problem), *reading->detail ? ": " : "", reading->detail);
}

mxp_status readstat_columns(struct columns *columns, const struct bytes *input, const char *ending,
                            const char *const *na, size_t na_count, const char *name,
                            mxp_error *error)
{
    struct reading reading = {.input = input, .error = error};
    readstat_parser_t *parser = NULL;
    mxp_status status;

    TRY(status = filler_start(&reading.filler, name, na, na_count, error));
    parser = readstat_parser_init();
    if (!parser) {
        status = FAIL(error, MXP_MEMORY, "%s: out of memory", name);
        goto out;
    }
    TRY(status = judge(parse(parser, ending, &reading), &reading));
    if (reading.cells != reading.filler.columns.rows * reading.filler.columns.count) {
        status = FAIL(error, MXP_DATA, "%s: damaged: some rows lack cells", name);
        goto out;
    }
    status = filler_finish(columns, &reading.filler, error);
out:
    if (parser)
        readstat_parser_free(parser);
    filler_free(&reading.filler);
    return status;
}

#else

const bool readstat_built_in = false;

mxp_status readstat_columns(struct columns *columns, const struct bytes *input, const char *ending,
                            const char *const *na, size_t na_count, const char *name,
                            mxp_error *error)
{
    (void)columns;
    (void)input;
    (void)na;
    (void)na_count;
    return FAIL(error, MXP_UNAVAILABLE,
                "%s: this build cannot read %s files: it lacks libreadstat (Debian: "
                "libreadstat-dev; then build again), or convert the file to .csv",
                name, ending);
}

#endif
