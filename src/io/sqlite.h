/* The answer of an SQLite database to a query, as columns; where the build has libsqlite3. */
#ifndef MAXPOST_SQLITE_H
#define MAXPOST_SQLITE_H

#include "io/columns.h"

extern const bool sqlite_built_in;

/* Whether the ending, as in ".sqlite", is of a database; built in or not. */
bool sqlite_reads(const char *ending);

/* Opens the database read-only and runs the query, one SELECT.  Integers beyond 2^53 are rounded.
 * NULL is missing, text that spells a number is that number, a blob is an error.
 *   columns  written on success only; release with columns_free
 *   sql      NULL: an error that names the tables
 *   na       na_count spellings of a missing cell, besides NULL
 *   name     what errors call the file
 * Errors: NO_INPUT (cannot be opened), CONFIG (the query), DATA (not a database, damaged; no rows;
 * evaluating the query failed), IO (locked, reading failed), MEMORY, UNAVAILABLE (not built in).
 * Cost: the query. */
MXP_MUST_CHECK mxp_status sqlite_columns(struct columns *columns, const char *path, const char *sql,
                                         const char *const *na, size_t na_count, const char *name,
                                         mxp_error *error);

#endif
