#include "io/sqlite.h"

#include <string.h>
#include <strings.h>

static const char *const endings[] = {".sqlite", ".sqlite3", ".db"};

bool sqlite_reads(const char *ending)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(ending, endings[i]) == 0)
            return true;
    return false;
}

#ifdef MAXPOST_SQLITE3

#include "base/number.h"
#include "io/filler.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const bool sqlite_built_in = true;

enum { WAIT = 2000 }; /* milliseconds for a writer's lock */

/* What SQLite's code means.  wrong: what a plain error is blamed on. */
static mxp_status status_of(int code, mxp_status wrong)
{
    switch (code & 0xFF) {
    case SQLITE_NOMEM:
        return MXP_MEMORY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return MXP_NO_INPUT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
        return MXP_IO;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
        return MXP_DATA;
    default:
        return wrong;
    }
}

static mxp_status fail(sqlite3 *base, mxp_status wrong, const char *name, mxp_error *error)
{
    return FAIL(error, status_of(sqlite3_errcode(base), wrong), "%s: SQLite: %s", name,
                sqlite3_errmsg(base));
}

/* ---- opening ---- */

/* The path as a URI; one that asks for reading alone. */
static mxp_status make_uri(struct str *uri, const char *path, mxp_error *error)
{
    str_add(uri, *path == '/' ? "file://" : "file:");
    for (const char *at = path; *at; at++)
        if (strchr("%?#", *at) || (unsigned char)*at <= ' ')
            str_format(uri, "%%%02X", (unsigned)(unsigned char)*at);
        else
            str_add_n(uri, at, 1);
    str_add(uri, "?mode=ro");
    return str_check(uri, error);
}

static mxp_status check_file(const char *path, const char *name, mxp_error *error)
{
    struct stat facts;

    if (stat(path, &facts) != 0 || access(path, R_OK) != 0)
        return FAIL(error, MXP_NO_INPUT, "%s: cannot be opened: %s", name, strerror(errno));
    if (S_ISDIR(facts.st_mode))
        return FAIL(error, MXP_NO_INPUT, "%s: is a directory, not a file", name);
    return MXP_OK;
}

static mxp_status open_base(sqlite3 **base, const char *path, const char *name, mxp_error *error)
{
    struct str uri = {0};
    mxp_status status;

    TRY(status = check_file(path, name, error));
    TRY(status = make_uri(&uri, path, error));
    if (sqlite3_open_v2(uri.text, base, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) !=
        SQLITE_OK) {
        status = *base ? fail(*base, MXP_NO_INPUT, name, error)
                       : FAIL(error, MXP_MEMORY, "%s: out of memory", name);
        goto out;
    }
    (void)sqlite3_busy_timeout(*base, WAIT);
    /* opening reads nothing yet, nor does a query without a table */
    if (sqlite3_exec(*base, "PRAGMA schema_version", NULL, NULL, NULL) != SQLITE_OK)
        status = fail(*base, MXP_DATA, name, error);
out:
    str_free(&uri);
    return status;
}

/* ---- the query ---- */

/* An error that says what could be asked for. */
static mxp_status miss_query(sqlite3 *base, const char *name, mxp_error *error)
{
    sqlite3_stmt *query = NULL;
    struct str tables = {0};
    mxp_status status;
    int step = SQLITE_DONE;

    if (sqlite3_prepare_v2(base,
                           "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                           "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT 8",
                           -1, &query, NULL) != SQLITE_OK) {
        status = fail(base, MXP_DATA, name, error);
        goto out;
    }
    while ((step = sqlite3_step(query)) == SQLITE_ROW)
        str_format(&tables, "%s%s", tables.length ? ", " : "",
                   (const char *)sqlite3_column_text(query, 0));
    TRY(status = step == SQLITE_DONE ? MXP_OK : fail(base, MXP_DATA, name, error));
    TRY(status = str_check(&tables, error));
    status =
        FAIL(error, MXP_CONFIG,
             "%s: a database needs a query (data.sql), as in SELECT * FROM TABLE; it has %s%s",
             name, tables.length ? "the tables " : "no tables", tables.length ? tables.text : "");
out:
    (void)sqlite3_finalize(query);
    str_free(&tables);
    return status;
}

/* Whether a text holds no statement, only blanks and comments. */
static bool is_blank(sqlite3 *base, const char *text)
{
    sqlite3_stmt *statement = NULL;
    const int code = sqlite3_prepare_v2(base, text, -1, &statement, NULL);

    (void)sqlite3_finalize(statement);
    return code == SQLITE_OK && !statement;
}

/* Compiles the query: one statement that only reads, and has columns. */
static mxp_status prepare(sqlite3_stmt **query, sqlite3 *base, const char *sql, const char *name,
                          mxp_error *error)
{
    const char *rest = NULL;

    if (sqlite3_prepare_v2(base, sql, -1, query, &rest) != SQLITE_OK)
        return fail(base, MXP_CONFIG, name, error);
    if (!*query)
        return FAIL(error, MXP_CONFIG, "%s: the query is empty", name);
    if (!is_blank(base, rest))
        return FAIL(error, MXP_CONFIG, "%s: the query is more than one statement", name);
    if (sqlite3_column_count(*query) == 0 || !sqlite3_stmt_readonly(*query) ||
        sqlite3_stmt_isexplain(*query))
        return FAIL(error, MXP_CONFIG, "%s: the query is no SELECT", name);
    if (sqlite3_bind_parameter_count(*query) > 0)
        return FAIL(
            error, MXP_CONFIG, "%s: the query has a parameter (%s), which has no value", name,
            sqlite3_bind_parameter_name(*query, 1) ? sqlite3_bind_parameter_name(*query, 1) : "?");
    return MXP_OK;
}

/* ---- the answer ---- */

static mxp_status take_columns(struct filler *filler, sqlite3_stmt *query, mxp_error *error)
{
    const int count = sqlite3_column_count(query);

    for (int j = 0; j < count; j++) {
        const char *column = sqlite3_column_name(query, j);
        if (!column)
            return FAIL(error, MXP_MEMORY, "%s: out of memory", filler->name);
        if (columns_find(&filler->columns, column, strlen(column)) != SIZE_MAX)
            return FAIL(error, MXP_CONFIG,
                        "%s: the query has two columns \"%s\"; rename one with AS", filler->name,
                        column);
        const mxp_status status = filler_column(filler, column, error);
        if (status != MXP_OK)
            return status;
    }
    return MXP_OK;
}

static mxp_status take_text(struct filler *filler, sqlite3_stmt *query, int j, mxp_error *error)
{
    const char *text = (const char *)sqlite3_column_text(query, j);
    double value;

    if (!text)
        return FAIL(error, MXP_MEMORY, "%s: out of memory", filler->name);
    if (!number_read(&value, text) && isfinite(value))
        return filler_number(filler, (size_t)j, value, error);
    return filler_text(filler, (size_t)j, text, strlen(text), error);
}

static mxp_status take_cell(struct filler *filler, sqlite3_stmt *query, int j, mxp_error *error)
{
    switch (sqlite3_column_type(query, j)) {
    case SQLITE_NULL:
        filler_missing(filler, (size_t)j);
        return MXP_OK;
    case SQLITE_TEXT:
        return take_text(filler, query, j, error);
    case SQLITE_BLOB:
        return FAIL(error, MXP_DATA,
                    "%s: row %zu: column \"%s\": a blob; leave it out of the query", filler->name,
                    filler->columns.rows, filler->columns.column[j].name);
    default:
        return filler_number(filler, (size_t)j, sqlite3_column_double(query, j), error);
    }
}

static mxp_status take_rows(struct filler *filler, sqlite3 *base, sqlite3_stmt *query,
                            mxp_error *error)
{
    const int count = sqlite3_column_count(query);
    mxp_status status = MXP_OK;
    int step;

    while ((step = sqlite3_step(query)) == SQLITE_ROW) {
        TRY(status = filler_row(filler, error));
        for (int j = 0; j < count; j++)
            TRY(status = take_cell(filler, query, j, error));
    }
    if (step != SQLITE_DONE)
        status = fail(base, MXP_DATA, filler->name, error);
    else if (filler->columns.rows == 0)
        status = FAIL(error, MXP_DATA, "%s: the query gives no rows", filler->name);
out:
    return status;
}

mxp_status sqlite_columns(struct columns *columns, const char *path, const char *sql,
                          const char *const *na, size_t na_count, const char *name,
                          mxp_error *error)
{
    struct filler filler = {0};
    sqlite3 *base = NULL;
    sqlite3_stmt *query = NULL;
    mxp_status status;

    TRY(status = filler_start(&filler, name, na, na_count, error));
    TRY(status = open_base(&base, path, name, error));
    TRY(status = sql ? prepare(&query, base, sql, name, error) : miss_query(base, name, error));
    TRY(status = take_columns(&filler, query, error));
    TRY(status = take_rows(&filler, base, query, error));
    status = filler_finish(columns, &filler, error);
out:
    (void)sqlite3_finalize(query);
    (void)sqlite3_close(base);
    filler_free(&filler);
    return status;
}

#else

const bool sqlite_built_in = false;

mxp_status sqlite_columns(struct columns *columns, const char *path, const char *sql,
                          const char *const *na, size_t na_count, const char *name,
                          mxp_error *error)
{
    (void)columns;
    (void)path;
    (void)sql;
    (void)na;
    (void)na_count;
    return FAIL(error, MXP_UNAVAILABLE,
                "%s: this build cannot read databases: it lacks libsqlite3 (Debian: "
                "libsqlite3-dev; then build again)",
                name);
}

#endif
